//! Element by element: arithmetic, comparison, choice, and functions of one number.
//!
//! Operators of two or more values broadcast as ONNX says: axes are matched from the last, and each value is repeated
//! along the axes where it has one element. Values of different types are cast to one that holds both.
//!
//! | operators | read of them |
//! |---|---|
//! | `Add`, `Sub`, `Mul`, `Div` | numbers; `Div` of whole numbers by constants without a 0 |
//! | `Pow` | numbers; the exponent of a computed base must be a constant |
//! | `Mod` | constants, also with `fmod` |
//! | `Sum`, `Mean`, `Max`, `Min` | any number of values, taken two at a time |
//! | `And`, `Or`, `Xor`, `Not` | truth values |
//! | `Equal`, `Greater`, `GreaterOrEqual`, `Less`, `LessOrEqual` | numbers, which give truth values |
//! | `Where` | a condition and two values |
//! | `Clip` | bounds as attributes (version 6) or inputs (11 and later), each of which may be left out |
//! | `Abs`, `Neg`, `Reciprocal`, `Sqrt`, `Exp`, `Log`, `Erf`, `Sigmoid`, `Tanh` | numbers |
//! | `Relu`, `LeakyRelu` (`alpha` 0.01), `HardSwish` | numbers |
//! | `Sign`, `IsNaN`, `IsInf` | numbers, by comparisons |
//! | `Ceil`, `Floor`, `Round` | constants |
//! | `Cast`, `CastLike` | numbers and truth values, not text |

use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::{cast, wire_cast};
use tract_onnx::tract_core::ops::change_axes::wire_rank_broadcast;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::logic::{Iff, and, comp_eq, comp_gt, comp_gte, comp_lt, comp_lte, not, or, xor};
use tract_onnx::tract_core::ops::math::{self, abs, div, max, min};
use tract_onnx::tract_core::ops::nn::{hard_swish, leaky_relu, sigmoid};
use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring};
use crate::engine::number::real32;

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    two(operator).or_else(|| one(operator)).or_else(|| several(operator))
}

/// Operators of two values. Bitwise ones and shifts are not read.
fn two(operator: &str) -> Option<Builder> {
    Some(Builder::new(
        2..=2,
        match operator {
            "Add" => |w| binary(w, math::add()),
            "Sub" => |w| binary(w, math::sub()),
            "Mul" => |w| binary(w, math::mul()),
            "Div" => divide,
            "And" => |w| binary(w, and()),
            "Or" => |w| binary(w, or()),
            "Xor" => |w| binary(w, xor()),
            "Equal" => |w| binary(w, TypedBinOp(comp_eq(), None)),
            "Greater" => |w| binary(w, TypedBinOp(comp_gt(), None)),
            "GreaterOrEqual" => |w| binary(w, TypedBinOp(comp_gte(), None)),
            "Less" => |w| binary(w, TypedBinOp(comp_lt(), None)),
            "LessOrEqual" => |w| binary(w, TypedBinOp(comp_lte(), None)),
            "Mod" => modulo,
            "SwiGLU" => gated,
            "Pow" => power,
            "CastLike" => |w| {
                let to = w.datum_type(w.input(1)?)?;
                let x = w.input(0)?;
                w.wire(cast(to), &[x])
            },
            _ => return None,
        },
    ))
}

/// Operators of one value that tract has as they are; those that it would take apart are in `function.rs`. Rounding is
/// read for constants, such as sizes: lowering has no rule for a computed value there.
fn one(operator: &str) -> Option<Builder> {
    Some(Builder::new(
        1..=1,
        match operator {
            "Abs" => |w| unary(w, abs()),
            "Ceil" => |w| unary(w, math::ceil()),
            "Erf" => |w| unary(w, math::erf()),
            "Exp" => |w| unary(w, math::exp()),
            "Floor" => |w| unary(w, math::floor()),
            "HardSwish" => |w| unary(w, hard_swish()),
            "Log" => |w| unary(w, math::ln()),
            "Neg" => |w| unary(w, math::neg()),
            "Not" => |w| unary(w, not()),
            "Reciprocal" => |w| unary(w, math::recip()),
            "Round" => |w| unary(w, math::round_half_to_even()),
            "Sigmoid" => |w| unary(w, sigmoid()),
            "Sign" => sign,
            "IsNaN" => is_no_number,
            "IsInf" => is_infinite,
            "Sqrt" => |w| unary(w, math::sqrt()),
            "Tanh" => |w| unary(w, math::tanh()),
            "Cast" => to_type,
            "LeakyRelu" => |w| {
                let alpha = w.node.get_attr_opt("alpha")?.unwrap_or(0.01);
                let x = w.input(0)?;
                w.wire(leaky_relu(alpha), &[x])
            },
            "Relu" => |w| {
                let x = w.input(0)?;
                let zero = w.number("zero", 0.0, x)?;
                w.spread("low", max(), x, zero).map(|outlet| tvec!(outlet))
            },
            _ => return None,
        },
    ))
}

/// Operators of any number of values, and those with bounds or a condition.
fn several(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Sum" => Builder::new(1..=usize::MAX, |w| fold(w, &math::add(), false)),
        "Max" => Builder::new(1..=usize::MAX, |w| fold(w, &max(), false)),
        "Min" => Builder::new(1..=usize::MAX, |w| fold(w, &min(), false)),
        "Mean" => Builder::new(1..=usize::MAX, |w| fold(w, &math::add(), true)),
        "Clip" => Builder::new(1..=3, clip),
        "Where" => Builder::new(3..=3, choose),
        _ => return None,
    })
}

/// Refuses values of which one has so many entries along an axis and another so many others: tract leaves the size open.
fn check_fit(w: &Wiring<'_>) -> TractResult<()> {
    let shapes = w.present().into_iter().map(|outlet| Ok(w.shape(outlet)?.to_vec()));
    let shapes = shapes.collect::<TractResult<Vec<Vec<usize>>>>()?;
    let rank = shapes.iter().map(Vec::len).max().unwrap_or(0);
    let is_one_size = |from_end: usize| {
        let lens = shapes.iter().filter_map(|shape| shape.iter().rev().nth(from_end)).filter(|len| **len != 1);
        lens.clone().min() == lens.max()
    };
    ensure!(
        (0..rank).all(is_one_size),
        "what it reads, {}, does not fit together",
        shapes.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(" and ")
    );
    Ok(())
}

/// An operation of two values, of which each is repeated along the axes where it has one element. They are cast to the
/// type that tract computes it in, which holds both.
///
/// # Errors
/// Where there is no such type, and where an axis has two sizes.
fn binary(w: &mut Wiring<'_>, op: TypedBinOp) -> TractResult<TVec<OutletId>> {
    let (a, b) = (w.input(0)?, w.input(1)?);
    check_fit(w)?;
    let operating = op.0.operating_datum_type(w.datum_type(a)?, w.datum_type(b)?)?;
    let wires = wire_rank_broadcast(w.name, w.model, &[a, b])?;
    let wires = wire_cast(w.name, w.model, &wires, operating)?;
    w.wire(op, &wires)
}

/// `Div`. Floats follow IEEE 754. A whole number divided by 0 is none, and ends the engine; so whole numbers must be
/// divided by constants without a 0.
fn divide(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    if w.node.input.first() == w.node.input.get(1) && w.datum_type(w.input(0)?)? == f32::datum_type() {
        return by_itself(w);
    }
    let types = [w.datum_type(w.input(0)?)?, w.datum_type(w.input(1)?)?];
    if !types.iter().any(DatumType::is_float) {
        ensure!(!w.integers(1)?.unwrap_or_default().contains(&0), "it divides by 0");
    }
    binary(w, div())
}

/// `x / x`, as skl2onnx writes 1: exactly that where x is a number and not 0, and no number elsewhere. As a product with the
/// reciprocal it would be 1 to rounding, which a division by 0 behind it makes infinite.
fn by_itself(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let size = w.inner("size", "Abs", &[x], vec![])?;
    let above = compared(w, "above", "Greater", size, 0.0)?;
    let below = compared(w, "below", "Less", size, f32::INFINITY)?;
    let is = w.inner("is.one", "And", &[above, below], vec![])?;
    let (one, none) = (w.numbers("one", &[], &[1.0])?, w.numbers("none", &[], &[f32::NAN])?);
    Ok(tvec!(w.inner("quotient", "Where", &[is, one, none], vec![])?))
}

/// `Mod`: what a division leaves, of the divisor's sign, or with `fmod` of the dividend's. Both must be constants, such
/// as sizes: the remainder has no slope.
fn modulo(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (Some(a), Some(b)) = (w.model.outlet_fact(w.input(0)?)?.konst.clone(), w.constant(1)?) else {
        bail!(
            "it takes the rest of a division of computed values, which has steps and no slope; torch.bucketize and // are written so by dynamo=True: export with dynamo=False, and give the network a time of day as its sine and cosine"
        )
    };
    let of = a.datum_type();
    let lens = tract_core::broadcast::multi_broadcast(&[a.shape(), b.shape()])?;
    let [a, b] = [a, b].map(|tensor| tensor.cast_to::<f64>()?.broadcast_to_shape(&lens));
    let (a, b) = (a?, b?);
    let (a, b) = (a.try_as_plain_ram()?.as_slice::<f64>()?.to_vec(), b.try_as_plain_ram()?.as_slice::<f64>()?.to_vec());
    ensure!(of.is_float() || !b.contains(&0.0), "it divides by 0");
    let is_fmod = w.flag("fmod")?;
    let rest = |(a, b): (&f64, &f64)| if is_fmod || a % b == 0.0 { a % b } else { a - b * (a / b).floor() };
    let rests: Vec<f64> = a.iter().zip(&b).map(rest).collect();
    let rests = Tensor::from_shape(&lens, &rests)?;
    let rests = if of.is_float() { rests } else { rests.cast_to::<i64>()?.into_owned() };
    let rests = rests.cast_to_dt(of)?.into_owned();
    Ok(tvec!(w.model.add_const(w.name, rests)?))
}

/// `SwiGLU` (version 28): `a sigmoid(alpha a) b`.
fn gated(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (a, b) = (w.input(0)?, w.input(1)?);
    let alpha = w.number("alpha", w.node.get_attr_opt("alpha")?.unwrap_or(1.0), a)?;
    let scaled = w.inner("scaled", "Mul", &[a, alpha], vec![])?;
    let gate = w.inner("gate", "Sigmoid", &[scaled], vec![])?;
    let swish = w.inner("swish", "Mul", &[a, gate], vec![])?;
    Ok(tvec!(w.inner("gated", "Mul", &[swish, b], vec![])?))
}

/// A function of one number, in the type that tract computes it in.
fn unary(w: &mut Wiring<'_>, op: ElementWiseOp) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let operating = op.0.operating_datum_type(w.datum_type(x)?);
    let wires = wire_cast(w.name, w.model, &[x], operating)?;
    w.wire(op, &wires)
}

/// `Sign`: 1 where x is above 0, less 1 where it is below. Of whole numbers, such as sizes, tract's own.
///
/// Networks scale skewed values by `sign(x) log(1 + |x|)`: there it is a factor that is -1, 0 or 1, a switch.
fn sign(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    if w.datum_type(x)? != f32::datum_type() || w.model.outlet_fact(x)?.konst.is_some() {
        return unary(w, math::sign());
    }
    let (above, below) = (compared(w, "above", "Greater", x, 0.0)?, compared(w, "below", "Less", x, 0.0)?);
    let single = |w: &mut Wiring<'_>, part: &str, x| w.inner(part, "Cast", &[x], vec![whole_attribute("to", 1)]);
    let (above, below) = (single(w, "one", above)?, single(w, "other", below)?);
    Ok(tvec!(w.inner("sign", "Sub", &[above, below], vec![])?))
}

/// `IsNaN`: whether x is neither above minus infinity nor below infinity. Exporters guard a softmax so, of which
/// everything may be masked. Where an input of the network is asked, `refusal.rs` has refused it.
///
/// ```text
/// shares   softmax(scores)                           no numbers, where all scores are minus infinity
/// safe     Where(IsNaN(shares), 0, shares)           the switch has no share, and what was chosen has all
/// ```
fn is_no_number(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let above = compared(w, "above", "Greater", x, f32::NEG_INFINITY)?;
    let below = compared(w, "below", "Less", x, f32::INFINITY)?;
    let either = w.inner("number", "Or", &[above, below], vec![])?;
    Ok(tvec!(w.inner("none", "Not", &[either], vec![])?))
}

/// `IsInf`: infinity of either sign, or of the one that `detect_positive` and `detect_negative` leave.
fn is_infinite(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let is = |name: &str| Ok::<bool, TractError>(w.node.get_attr_opt::<i64>(name)?.unwrap_or(1) == 1);
    // Where a sign does not count, no number is above the greatest or below the least.
    let high = if is("detect_positive")? { f32::MAX } else { f32::INFINITY };
    let low = if is("detect_negative")? { f32::MIN } else { f32::NEG_INFINITY };
    let (above, below) = (compared(w, "above", "Greater", x, high)?, compared(w, "below", "Less", x, low)?);
    Ok(tvec!(w.inner("infinite", "Or", &[above, below], vec![])?))
}

/// A comparison of x with one number.
fn compared(w: &mut Wiring<'_>, part: &str, operator: &str, x: OutletId, number: f32) -> TractResult<OutletId> {
    let number = w.number(&format!("{part}.number"), number, x)?;
    w.inner(part, operator, &[x, number], vec![])
}

/// `Sum`, `Max`, `Min` and `Mean`: `op` of all inputs, one after the other; divided by their number for the mean.
fn fold(w: &mut Wiring<'_>, op: &TypedBinOp, is_mean: bool) -> TractResult<TVec<OutletId>> {
    let inputs = w.present();
    let types = inputs.iter().map(|input| w.datum_type(*input)).collect::<TractResult<Vec<_>>>()?;
    let common = DatumType::super_type_for(&types).with_context(|| format!("{types:?} have no common type"))?;
    let inputs = wire_cast(w.name, w.model, &inputs, op.0.operating_datum_type(common, common)?)?;
    let (first, rest) = inputs.split_first().context("it needs an input")?;
    let mut wire = *first;
    for (index, input) in rest.iter().enumerate() {
        wire = w.spread(&index.to_string(), op.clone(), wire, *input)?;
    }
    if is_mean {
        let n = w.number("n", real32(inputs.len()), wire)?;
        wire = w.spread("mean", div(), wire, n)?;
    }
    Ok(tvec!(wire))
}

/// `Cast`. ONNX's integers of 64 bits are sizes more often than numbers; tract computes with sizes in a type of their
/// own, so a constant becomes one. To text and from text is refused.
fn to_type(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let to: DatumType = w.node.get_attr("to")?;
    let x = w.input(0)?;
    let is_constant = w.model.outlet_fact(x)?.konst.is_some();
    let to = if to == i64::datum_type() && is_constant { TDim::datum_type() } else { to };
    ensure!(w.datum_type(x)? != String::datum_type() && to != String::datum_type(), "text is not turned into numbers");
    w.wire(cast(to), &[x])
}

/// `Pow`. Two floats, or two whole numbers, are computed in the type that holds both; else in the base's, where that is
/// a float, or in double precision and cast back to the base's.
fn power(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (a, b) = (w.input(0)?, w.input(1)?);
    let (of_a, of_b) = (w.datum_type(a)?, w.datum_type(b)?);
    let wires = wire_rank_broadcast(w.name, w.model, &[a, b])?;
    if of_a.is_integer() == of_b.is_integer() {
        let common =
            of_a.common_super_type(of_b).with_context(|| format!("{of_a:?} and {of_b:?} have no common type"))?;
        let wires = wire_cast(w.name, w.model, &wires, common)?;
        return w.wire(math::pow(), &wires);
    }
    let operating = if of_a.is_integer() { f64::datum_type() } else { of_a };
    let wires = wire_cast(w.name, w.model, &wires, operating)?;
    let power = w.part("pow", math::pow(), &wires)?;
    w.wire(cast(of_a), &[power])
}

/// `Clip`: at least `min` and at most `max`, each of which may be left out. Bounds are attributes up to version 10, and
/// inputs since.
fn clip(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let of = w.datum_type(wire)?;
    let (mut low, mut high) = (w.optional(1), w.optional(2));
    if w.version < 11 {
        let (least, most) = (w.node.get_attr_opt::<f32>("min")?, w.node.get_attr_opt::<f32>("max")?);
        low = least.map(|least| w.number("low", least, wire)).transpose()?;
        high = most.map(|most| w.number("high", most, wire)).transpose()?;
    }
    for (part, op, limit) in [("min", max(), low), ("max", min(), high)] {
        let Some(limit) = limit else { continue };
        let limit = wire_cast(format!("{}.{part}", w.name), w.model, &[limit], of)?[0];
        wire = w.spread(part, op, wire, limit)?;
    }
    Ok(tvec!(wire))
}

/// `Where`: the second value where the condition is true, the third elsewhere.
fn choose(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (condition, a, b) = (w.input(0)?, w.input(1)?, w.input(2)?);
    check_fit(w)?;
    let (of_a, of_b) = (w.datum_type(a)?, w.datum_type(b)?);
    let common = of_a.common_super_type(of_b).with_context(|| format!("{of_a:?} and {of_b:?} have no common type"))?;
    let values = wire_cast(w.name, w.model, &[a, b], common)?;
    w.wire_spread(Iff, &[condition, values[0], values[1]])
}
