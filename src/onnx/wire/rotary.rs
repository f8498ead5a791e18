//! ONNX's `RotaryEmbedding` (version 23), as the products and sums that it stands for.
//!
//! Pairs of numbers of each head are turned by an angle that depends on the step: with `x1` and `x2` the two halves of
//! the first `rotary_embedding_dim` numbers of a head, or where it is `interleaved` those at even and odd places,
//!
//! ```text
//! y1 = cos x1 - sin x2
//! y2 = sin x1 + cos x2            put where x1 and x2 stood; numbers behind them stay as they are
//! ```
//!
//! With constant cosines and sines that is an affine layer; where a step's place is computed, they are looked up, and
//! where they are computed themselves, each is a factor.

use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring};
use crate::engine::number::signed;

/// What reads `RotaryEmbedding`: X, cosines, sines, and optionally the places of the steps.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    (operator == "RotaryEmbedding").then(|| Builder::new(3..=4, wire))
}

/// X is `[batch, heads, steps, width]`, or `[batch, steps, heads * width]` of `num_heads` heads. Cosines and sines are
/// `[batch, steps, pairs]`, or with places `[batch, steps]` a table `[places, pairs]` of which each step reads a row.
///
/// # Errors
/// Where the numbers make no such heads or pairs.
fn wire(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let (apart, along) = match lens[..] {
        [_, _, _, _] => (x, 1),
        [batch, n_steps, width] => {
            let n: usize = w.node.get_attr("num_heads")?;
            ensure!(n > 0 && width % n == 0, "{width} numbers do not make {n} heads");
            (w.reshaped("heads", x, &[batch, n_steps, n, width / n])?, 2)
        }
        _ => bail!("its input has {} axes, 3 or 4 are read", lens.len()),
    };
    let width = w.shape(apart)?[3];
    let turned = w.node.get_attr_opt::<usize>("rotary_embedding_dim")?.filter(|n| *n > 0).unwrap_or(width);
    ensure!(turned <= width && turned.is_multiple_of(2), "{turned} of {width} numbers are no pairs");
    let [cos, sin] = [(1, "cos"), (2, "sin")].map(|(slot, part)| angles(w, slot, part, along));
    let (cos, sin) = (cos?, sin?);
    let is_interleaved = w.flag("interleaved")?;
    let (n, half) = (signed(turned), signed(turned / 2));
    let [first, second] = if is_interleaved { [[0, n, 2], [1, n, 2]] } else { [[0, half, 1], [half, n, 1]] };
    let (x1, x2) = (w.sliced("x1", apart, 3, first)?, w.sliced("x2", apart, 3, second)?);
    let mut product = |part: &str, a, b| w.inner(part, "Mul", &[a, b], vec![]);
    let (cos_x1, sin_x2) = (product("cos.x1", cos, x1)?, product("sin.x2", sin, x2)?);
    let (sin_x1, cos_x2) = (product("sin.x1", sin, x1)?, product("cos.x2", cos, x2)?);
    let y1 = w.inner("y1", "Sub", &[cos_x1, sin_x2], vec![])?;
    let y2 = w.inner("y2", "Add", &[sin_x1, cos_x2], vec![])?;
    let mut y = if is_interleaved { alternating(w, y1, y2)? } else { beside(w, "turned", &[y1, y2])? };
    if turned < width {
        let rest = w.sliced("rest", apart, 3, [n, signed(width), 1])?;
        y = beside(w, "whole", &[y, rest])?;
    }
    Ok(tvec!(if lens.len() == 3 { w.reshaped("flat", y, &lens)? } else { y }))
}

/// Cosines or sines as `[batch, steps, pairs]`, with an axis of one put in at `along` for the heads.
fn angles(w: &mut Wiring<'_>, slot: usize, part: &str, along: usize) -> TractResult<OutletId> {
    let mut angles = w.input(slot)?;
    if let Some(places) = w.optional(3) {
        angles = w.inner(part, "Gather", &[angles, places], vec![whole_attribute("axis", 0)])?;
    }
    let mut lens = w.shape(angles)?.to_vec();
    ensure!(lens.len() == 3, "its {part} has {} axes, batch, steps and pairs are read", lens.len());
    lens.insert(along, 1);
    w.reshaped(&format!("{part}.each"), angles, &lens)
}

/// Values side by side along the last axis.
fn beside(w: &mut Wiring<'_>, part: &str, values: &[OutletId]) -> TractResult<OutletId> {
    w.inner(part, "Concat", values, vec![whole_attribute("axis", -1)])
}

/// Two values number by number in turns, along the last axis.
fn alternating(w: &mut Wiring<'_>, a: OutletId, b: OutletId) -> TractResult<OutletId> {
    let lens = w.shape(a)?.to_vec();
    let each = [&lens[..], &[1]].concat();
    let (a, b) = (w.reshaped("first", a, &each)?, w.reshaped("second", b, &each)?);
    let both = beside(w, "pairs", &[a, b])?;
    let n = lens.len() - 1;
    w.reshaped("turned", both, &[&lens[..n], &[2 * lens[n]]].concat())
}
