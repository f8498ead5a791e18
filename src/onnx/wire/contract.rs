//! Products of matrices: `MatMul`, `Gemm` and `Einsum`.
//!
//! All become tract's `EinSum`. Shapes are compared here first, because tract panics over factors that do not fit.
//!
//! | operator | product |
//! |---|---|
//! | `MatMul` | `A B` of the last two axes, the others broadcast as numpy does |
//! | `Gemm` | `alpha A B + beta C`, A and B matrices, each as it is or transposed (`transA`, `transB`) |
//! | `Einsum` | as its equation says, dots included; an axis that a factor names twice is its diagonal |

use std::collections::HashMap;

use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::math::{add, mul};
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::matmul::MatMulInference;

use super::compose::whole_attribute;
use super::picked::Picked;
use super::wiring::{Builder, Wiring};
use crate::engine::number::signed;

/// Axes that a factor may have.
const MAX_RANK: usize = 8;

/// What reads `MatMul`, `Gemm` and `Einsum`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "MatMul" => Builder::new(2..=2, mat_mul),
        "Gemm" => Builder::new(2..=3, gemm),
        "Einsum" => Builder::new(1..=8, einsum),
        _ => return None,
    })
}

/// `MatMul`, as numpy's: the last two axes are multiplied, those before are broadcast, and a factor of one axis is a
/// row on the left and a column on the right.
///
/// # Errors
/// Where the inner sizes differ, where both factors have one axis, and for more than [`MAX_RANK`] axes.
fn mat_mul(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (a, b) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?);
    let ranks = [a.len(), b.len()];
    let is_sound = ranks.iter().all(|rank| (1..=MAX_RANK).contains(rank)) && ranks != [1, 1];
    ensure!(is_sound, "a product of matrices needs a matrix, its factors have {} and {} axes", a.len(), b.len());
    let inner = [a[a.len() - 1], b[b.len().saturating_sub(2)]];
    ensure!(inner[0] == inner[1], "the factors {a:?} and {b:?} do not fit together");
    let over = |shape: &[usize]| shape[..shape.len().saturating_sub(2)].to_vec();
    multi_broadcast(&[over(&a), over(&b)])
        .with_context(|| format!("the factors {a:?} and {b:?} do not fit together"))?;
    w.expand(&MatMulInference::default())
}

/// `Gemm`: `alpha A B + beta C`, with A and B matrices, each transposed where its attribute says so, and C broadcast to
/// the product.
fn gemm(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (a, b) = (w.input(0)?, w.input(1)?);
    let (of_a, of_b) = (w.shape(a)?, w.shape(b)?);
    ensure!(of_a.len() == 2 && of_b.len() == 2, "A and B must be matrices, they are {of_a:?} and {of_b:?}");
    let (trans_a, trans_b) = (w.flag("transA")?, w.flag("transB")?);
    let is_fit = of_a[usize::from(!trans_a)] == of_b[usize::from(trans_b)];
    ensure!(is_fit, "the factors {of_a:?} and {of_b:?} do not fit together");
    let axes = AxesMapping::for_numpy_matmul(2, trans_a, trans_b, false)?;
    let of = w.datum_type(a)?;
    let product = w.part("ab", EinSum::new(axes, of), &[a, b])?;
    let product = scaled(w, "alpha", product)?;
    let Some(c) = w.optional(2) else { return Ok(tvec!(product)) };
    let c = scaled(w, "beta", c)?;
    w.wire_spread(add(), &[product, c])
}

/// A value times an attribute that is 1 where it is left out; the value itself, where it is 1.
fn scaled(w: &mut Wiring<'_>, attribute: &str, x: OutletId) -> TractResult<OutletId> {
    let factor = w.node.get_attr_opt::<f32>(attribute)?.unwrap_or(1.0);
    if factor == 1.0 {
        return Ok(x);
    }
    let factor = tensor0(factor).cast_to_dt(w.datum_type(x)?)?.into_owned();
    let factor = w.model.add_const(format!("{}.{attribute}.cst", w.name), factor)?;
    w.spread(attribute, mul(), factor, x)
}

/// `Einsum`: a sum of products as its equation says, such as `bij,bjk->bik`, of up to eight inputs. More than two are
/// multiplied from left to right. Of a factor that names an axis twice the diagonal is taken first.
fn einsum(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let equation: String = w.node.get_attr("equation")?;
    let mut inputs = w.present();
    let ranks = inputs.iter().map(|input| w.rank(*input)).collect::<TractResult<Vec<_>>>()?;
    let equation = diagonals(w, &spelled_out(&equation, &ranks)?, &mut inputs)?;
    let shapes = inputs.iter().map(|input| w.shape(*input)).collect::<TractResult<Vec<_>>>()?;
    check_equation(&equation, &shapes)?;
    let operating_dt = w.datum_type(w.input(0)?)?;
    let product = |equation: &str| -> TractResult<EinSum> {
        Ok(EinSum { axes: equation.parse()?, operating_dt, q_params: None })
    };
    let (left, right) = equation.split_once("->").context("its right side is left open; write it out")?;
    let mut terms: Vec<String> = left.split(',').map(str::to_owned).collect();
    if let [term] = &terms[..] {
        return summed(w, inputs[0], term, right);
    }
    while terms.len() > 2 {
        let pair: Vec<String> = terms.drain(..2).collect();
        // What a later factor or the result asks for stays.
        let is_asked = |letter: char| right.contains(letter) || terms.iter().any(|term| term.contains(letter));
        let mut kept: Vec<char> = pair.concat().chars().filter(|letter| is_asked(*letter)).collect();
        kept.sort_unstable();
        kept.dedup();
        let kept: String = kept.into_iter().collect();
        let both: TVec<OutletId> = inputs.drain(..2).collect();
        let product = product(&format!("{},{}->{kept}", pair[0], pair[1]))?;
        inputs.insert(0, w.part(&format!("product{}", terms.len()), product, &both)?);
        terms.insert(0, kept);
    }
    w.wire(product(&format!("{}->{right}", terms.join(",")))?, &inputs)
}

/// Puts the diagonal in the place of each input whose term names an axis twice, and returns the equation for these.
///
/// ```text
/// btt,td->bd    y[b, d] = sum over t of x[b, t, t] z[t, d]      becomes    bt,td->bd    of x[b, t, t]
/// ```
///
/// # Errors
/// Where axes of one name differ in length.
fn diagonals(w: &mut Wiring<'_>, equation: &str, inputs: &mut [OutletId]) -> TractResult<String> {
    let (left, right) = equation.split_once("->").context("its right side is left open; write it out")?;
    let mut terms: Vec<String> = left.split(',').map(str::to_owned).collect();
    for (at, (term, input)) in terms.iter_mut().zip(inputs).enumerate() {
        let lens = w.shape(*input)?;
        if is_each_once(term) || term.chars().count() != lens.len() {
            continue;
        }
        let mut once: Vec<(char, usize, usize)> = vec![];
        for (k, letter) in term.chars().enumerate() {
            let stride: usize = lens[k + 1..].iter().product();
            match once.iter_mut().find(|(known, ..)| *known == letter) {
                Some((_, len, along)) => {
                    ensure!(*len == lens[k], "axis {letter} of \"{equation}\" has two sizes");
                    *along += stride;
                }
                None => once.push((letter, lens[k], stride)),
            }
        }
        let made: Vec<usize> = once.iter().map(|(_, len, _)| *len).collect();
        let base = (0..made.iter().product()).map(|element: usize| {
            let place = |(rest, place): (usize, usize), (_, len, stride): &(char, usize, usize)| {
                (rest / len, place + rest % len * stride)
            };
            once.iter().rev().fold((element, 0), place).1
        });
        let base = base.collect();
        *input = w.part(&format!("diagonal{at}"), Picked::fixed(&made, base), &[*input])?;
        *term = once.iter().map(|(letter, ..)| letter).collect();
    }
    Ok(format!("{}->{right}", terms.join(",")))
}

/// An `Einsum` of one input: a sum over the axes that `right` leaves out, and the others in its order.
fn summed(w: &mut Wiring<'_>, x: OutletId, term: &str, right: &str) -> TractResult<TVec<OutletId>> {
    let over: Vec<i64> =
        (0..).zip(term.chars()).filter(|(_, letter)| !right.contains(*letter)).map(|it| it.0).collect();
    let left: Vec<char> = term.chars().filter(|letter| right.contains(*letter)).collect();
    let mut sum = x;
    if !over.is_empty() {
        let over = w.whole("over", &over)?;
        sum = w.inner("sum", "ReduceSum", &[x, over], vec![whole_attribute("keepdims", 0)])?;
    }
    let order = right.chars().map(|letter| left.iter().position(|other| *other == letter));
    let order: Option<Vec<i64>> = order.map(|at| at.map(signed)).collect();
    Ok(tvec!(w.transposed("order", sum, &order.context("an axis comes from nowhere")?)?))
}

/// Refuses an equation that says something else than the shapes: another number of inputs or axes, one letter for two
/// sizes, an axis that no input has, or one that is made twice.
fn check_equation(equation: &str, shapes: &[TVec<usize>]) -> TractResult<()> {
    let (left, right) = equation.split_once("->").unwrap_or((equation, ""));
    let terms: Vec<&str> = left.split(',').collect();
    ensure!(terms.len() == shapes.len(), "\"{equation}\" does not speak of {} inputs", shapes.len());
    ensure!(terms.iter().chain([&right]).all(|term| is_each_once(term)), "\"{equation}\" names an axis twice");
    let mut lens = HashMap::new();
    for (term, shape) in terms.iter().zip(shapes) {
        ensure!(
            term.chars().count() == shape.len(),
            "\"{equation}\" does not fit the {} axes of \"{term}\"",
            shape.len()
        );
        for (letter, len) in term.chars().zip(shape).filter(|(_, len)| **len != 1) {
            ensure!(
                lens.insert(letter, *len).is_none_or(|known| known == *len),
                "axis {letter} of \"{equation}\" has two sizes"
            );
        }
    }
    ensure!(right.chars().all(|letter| left.contains(letter)), "\"{equation}\" makes an axis that no input has");
    Ok(())
}

/// Whether a term consists of letters, none of them twice.
fn is_each_once(term: &str) -> bool {
    term.chars().all(|letter| letter.is_ascii_alphabetic() && term.matches(letter).count() == 1)
}

/// An equation with letters in place of its dots. Inputs may hide different numbers of axes behind them; as shapes are
/// broadcast from the right, the last letters are given to the last axes.
///
/// # Errors
/// Where the right side is left open, where an input has fewer axes than its term has letters, and where the letters
/// run out.
fn spelled_out(equation: &str, ranks: &[usize]) -> TractResult<String> {
    let equation: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    if !equation.contains("...") {
        return Ok(equation);
    }
    let (left, right) = equation.split_once("->").context("an equation with dots needs its right side written out")?;
    let hidden = |(term, rank): (&str, &usize)| {
        if term.contains("...") { (rank + 3).checked_sub(term.len()) } else { Some(0) }
    };
    let terms: Vec<&str> = left.split(',').collect();
    ensure!(terms.len() == ranks.len(), "\"{equation}\" does not speak of {} inputs", ranks.len());
    let hidden: Option<Vec<usize>> = terms.iter().copied().zip(ranks).map(hidden).collect();
    let hidden = hidden.with_context(|| format!("\"{equation}\" does not fit its inputs"))?;
    let most = hidden.iter().copied().max().unwrap_or(0);
    let letters: Vec<char> = ('A'..='Z').filter(|letter| !equation.contains(*letter)).take(most).collect();
    ensure!(letters.len() == most, "\"{equation}\" has too many axes");
    let last = |n: usize| letters[most - n..].iter().collect::<String>();
    let terms: Vec<String> = terms.iter().zip(&hidden).map(|(term, n)| term.replace("...", &last(*n))).collect();
    Ok(format!("{}->{}", terms.join(","), right.replace("...", &last(most))))
}

#[cfg(test)]
mod tests {
    use super::spelled_out;

    #[test]
    fn dots_stand_for_the_axes_that_are_left() {
        let check = |equation, ranks: &[usize], want: &str| assert_eq!(spelled_out(equation, ranks).unwrap(), want);
        check("bij,bjk->bik", &[3, 3], "bij,bjk->bik");
        check("...ij, ...jk -> ...ik", &[4, 4], "ABij,ABjk->ABik");
        check("...ij,...jk->...ik", &[4, 3], "ABij,Bjk->ABik");
        assert!(spelled_out("...ij,jk->ik", &[1, 2]).is_err());
    }
}
