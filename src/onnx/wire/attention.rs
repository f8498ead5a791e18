//! ONNX's `Attention` (version 23 and later), as the products and the softmax that it stands for.
//!
//! With queries Q `[batch, heads, n_queries, width]`, keys K and values V `[batch, heads, n_keys, width]`:
//!
//! ```text
//! scores = scale Q K^T                    scale = 1 / sqrt(width), where the attribute is left out
//! scores = cap tanh(scores / cap)         where softcap is not 0, before any mask
//! Y      = softmax(scores + mask) V       over the keys
//! ```

use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring};
use crate::engine::number::{real32, signed};

/// What reads `Attention`: Q, K, V, and optionally a mask, and the keys and values of the past.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    (operator == "Attention").then(|| Builder::new(3..=6, wire))
}

/// `softmax(scale Q K^T + mask) V`, a head at a time. Returns Y, and the keys and values that it read, those of the
/// past first (`present_key` and `present_value`). Y has the axes of Q: three axes in, three out.
///
/// # Errors
/// For heads whose number does not fit. A fourth output (`qk_matmul_output`) is not computed.
fn wire(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let rank = w.rank(w.input(0)?)?;
    let q = heads(w, 0, "q_num_heads")?;
    let (k, v) = (heads(w, 1, "kv_num_heads")?, heads(w, 2, "kv_num_heads")?);
    let n_before = w.optional(4).map(|past| w.shape(past)).transpose()?.map_or(0, |shape| shape[2]);
    let (k, v) = (joined(w, "keys", 4, k)?, joined(w, "values", 5, v)?);
    let of_q = w.shape(q)?;
    let [_, n_heads, n_queries, width] = of_q[..] else { bail!("its queries have {} axes", of_q.len()) };
    let (keys, values) = (shared(w, "keys", k, n_heads)?, shared(w, "values", v, n_heads)?);
    let scale = w.node.get_attr_opt::<f32>("scale")?.unwrap_or(1.0 / real32(width).sqrt());
    let keys = w.transposed("turned", keys, &[0, 1, 3, 2])?;
    let scores = w.inner("scores", "MatMul", &[q, keys], vec![])?;
    let scale = w.numbers("scale", &[], &[scale])?;
    let mut scores = w.inner("scaled", "Mul", &[scores, scale], vec![])?;
    let is_causal = w.flag("is_causal")?;
    let cap = w.node.get_attr_opt::<f32>("softcap")?.unwrap_or(0.0);
    if cap != 0.0 {
        let cap = w.numbers("cap", &[], &[cap])?;
        scores = w.inner("part", "Div", &[scores, cap], vec![])?;
        scores = w.inner("bent", "Tanh", &[scores], vec![])?;
        scores = w.inner("capped", "Mul", &[scores, cap], vec![])?;
    }
    if let Some(mask) = w.optional(3) {
        scores = masked(w, scores, mask)?;
    }
    if is_causal {
        let n_keys = w.shape(scores)?[3];
        let at = |k: usize| if k % n_keys > k / n_keys + n_before { f32::NEG_INFINITY } else { 0.0 };
        let future: Vec<f32> = (0..n_queries * n_keys).map(at).collect();
        let future = w.numbers("future", &[n_queries, n_keys], &future)?;
        scores = w.inner("causal", "Add", &[scores, future], vec![])?;
    }
    let shares = w.inner("shares", "Softmax", &[scores], vec![whole_attribute("axis", -1)])?;
    let mut y = w.inner("read", "MatMul", &[shares, values], vec![])?;
    if rank == 3 {
        let lens = w.shape(y)?;
        y = w.transposed("back", y, &[0, 2, 1, 3])?;
        y = w.reshaped("flat", y, &[lens[0], lens[2], lens[1] * lens[3]])?;
    }
    Ok(tvec!(y, k, v))
}

/// An input as `[batch, heads, steps, width]`. One of three axes, `[batch, steps, heads * width]`, is divided into as
/// many heads as `attribute` says.
fn heads(w: &mut Wiring<'_>, slot: usize, attribute: &str) -> TractResult<OutletId> {
    let x = w.input(slot)?;
    let lens = w.shape(x)?;
    match lens[..] {
        [_, _, _, _] => Ok(x),
        [batch, n_steps, width] => {
            let n: usize = w.node.get_attr(attribute)?;
            ensure!(n > 0 && width % n == 0, "{width} numbers do not make {n} heads");
            let x = w.reshaped(&format!("heads{slot}"), x, &[batch, n_steps, n, width / n])?;
            w.transposed(&format!("first{slot}"), x, &[0, 2, 1, 3])
        }
        _ => bail!("input {slot} has {} axes, 3 or 4 are read", lens.len()),
    }
}

/// Keys or values of now behind those of the past, along the steps; those of now alone, where the input `slot` is left
/// out.
fn joined(w: &mut Wiring<'_>, part: &str, slot: usize, x: OutletId) -> TractResult<OutletId> {
    match w.optional(slot) {
        Some(past) => w.inner(part, "Concat", &[past, x], vec![whole_attribute("axis", 2)]),
        None => Ok(x),
    }
}

/// Keys or values of which each serves several heads, once for each (grouped-query attention): head `h` of `n_heads`
/// reads number `h / (n_heads / n)` of `n`.
fn shared(w: &mut Wiring<'_>, part: &str, x: OutletId, n_heads: usize) -> TractResult<OutletId> {
    let lens = w.shape(x)?;
    if lens[1] == n_heads {
        return Ok(x);
    }
    ensure!(lens[1] > 0 && n_heads.is_multiple_of(lens[1]), "{} heads cannot serve {n_heads}", lens[1]);
    let times = n_heads / lens[1];
    let x = w.reshaped(&format!("{part}.apart"), x, &[lens[0], lens[1], 1, lens[2], lens[3]])?;
    let to = w.whole(&format!("{part}.to"), &[lens[0], lens[1], times, lens[2], lens[3]].map(signed))?;
    let x = w.inner(&format!("{part}.each"), "Expand", &[x, to], vec![])?;
    w.reshaped(&format!("{part}.all"), x, &[lens[0], n_heads, lens[2], lens[3]])
}

/// The scores with a mask `[n_queries, n_keys]`, or with axes of batch and heads in front. A mask of truth values keeps
/// scores where it is true, and puts minus infinity elsewhere; one of numbers is added.
fn masked(w: &mut Wiring<'_>, scores: OutletId, mask: OutletId) -> TractResult<OutletId> {
    if w.datum_type(mask)? != bool::datum_type() {
        return w.inner("masked", "Add", &[scores, mask], vec![]);
    }
    let never = w.numbers("never", &[], &[f32::NEG_INFINITY])?;
    w.inner("masked", "Where", &[mask, scores, never], vec![])
}
