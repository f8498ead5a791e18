//! Over whole axes: sums, means, extrema, softmax, running sums.
//!
//! | operators | axes | |
//! |---|---|---|
//! | `ReduceSum`, `ReduceMean` | `axes` as attribute or constant input | affine |
//! | `ReduceMax`, `ReduceMin` | as above | an extremum: the relevance goes to the one that was taken |
//! | `ReduceSumSquare`, `ReduceL1`, `ReduceL2`, `ReduceLogSum`, `ReduceLogSumExp` | as above | tract writes them as functions and a sum |
//! | `ReduceProd` | as above | of constants only, such as sizes |
//! | `Softmax`, `LogSoftmax` | `axis`; up to version 12 all axes from it on | |
//! | `CumSum` | a constant axis, `exclusive`, `reverse` | affine |

use tract_onnx::tract_core::ops::array::CumSum;
use tract_onnx::tract_core::ops::math::ln;
use tract_onnx::tract_core::ops::nn::Softmax;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::nn::{Reduce, Reducer};

use super::wiring::{Builder, Wiring, axes, axis};

/// What reads the operators of this file. Lowering has rules for sums, means, mean squares, extrema and what is made of
/// them; a computed product over an axis (`ReduceProd`) it refuses.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "ReduceL1" => Builder::new(1..=2, |w| reduce(w, Reducer::L1)),
        "ReduceL2" => Builder::new(1..=2, |w| reduce(w, Reducer::L2)),
        "ReduceLogSum" => Builder::new(1..=2, |w| reduce(w, Reducer::LogSum)),
        "ReduceLogSumExp" => Builder::new(1..=2, |w| reduce(w, Reducer::LogSumExp)),
        "ReduceMax" => Builder::new(1..=2, |w| reduce(w, Reducer::Max)),
        "ReduceMean" => Builder::new(1..=2, |w| reduce(w, Reducer::Mean)),
        "ReduceMin" => Builder::new(1..=2, |w| reduce(w, Reducer::Min)),
        "ReduceProd" => Builder::new(1..=2, |w| reduce(w, Reducer::Prod)),
        "ReduceSum" => Builder::new(1..=2, |w| reduce(w, Reducer::Sum)),
        "ReduceSumSquare" => Builder::new(1..=2, |w| reduce(w, Reducer::SumSquare)),
        "CumSum" => Builder::new(2..=2, running_sum),
        "Softmax" => Builder::new(1..=1, softmax),
        "LogSoftmax" => Builder::new(1..=1, |w| {
            let softmax = softmax(w)?;
            w.part("log", ln(), &softmax).map(|outlet| tvec!(outlet))
        }),
        _ => return None,
    })
}

/// A reduction over axes, which stay with one element each unless `keepdims` is 0. Axes are an attribute in old files
/// and an input in new ones, from a version on that differs by operator. No axes are all of them, or with
/// `noop_with_empty_axes` none.
fn reduce(w: &mut Wiring<'_>, reducer: Reducer) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let keep_dims = w.node.get_attr_opt::<i64>("keepdims")?.unwrap_or(1) == 1;
    let is_none_for_empty = w.node.get_attr_opt::<i64>("noop_with_empty_axes")?.unwrap_or(0) == 1;
    let listed = match w.integers(1)? {
        Some(listed) => listed,
        None => w.node.get_attr_opt_vec::<i64>("axes")?.unwrap_or_default(),
    };
    if listed.is_empty() && is_none_for_empty {
        return Ok(tvec!(x));
    }
    axes(&listed, w.rank(x)?)?;
    Reduce::new(Some(listed).filter(|listed| !listed.is_empty()), keep_dims, reducer).wire(w.name, w.model, &[x])
}

/// `Softmax` over one axis, the last where it is left out. Up to version 12 it goes over all axes from one on, axis 1
/// where it is left out.
fn softmax(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let rank = w.rank(x)?;
    let is_old = w.version < 13;
    let first = axis(w.node.get_attr_opt("axis")?.unwrap_or(if is_old { 1 } else { -1 }), rank)?;
    let axes = if is_old { (first..rank).collect() } else { tvec!(first) };
    w.wire(Softmax { axes, ..Softmax::default() }, &[x])
}

/// `CumSum` along one constant axis: each number with those before it, or with `reverse` those behind it; with
/// `exclusive` without itself.
fn running_sum(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let along = w.integers(1)?.and_then(|axes| axes.first().copied()).context("it needs an axis")?;
    let axis = axis(along, w.rank(x)?)?;
    let (exclusive, reverse) = (w.flag("exclusive")?, w.flag("reverse")?);
    w.wire(CumSum { axis, exclusive, reverse }, &[x])
}
