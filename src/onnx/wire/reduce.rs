//! Over whole axes: sums, means, extrema, softmax, running sums.
//!
//! | operators | axes | |
//! |---|---|---|
//! | `ReduceSum`, `ReduceMean` | `axes` as attribute or constant input | affine |
//! | `ReduceMax`, `ReduceMin` | as above | an extremum: the relevance goes to the one that was taken |
//! | `ReduceSumSquare`, `ReduceL1`, `ReduceL2`, `ReduceLogSum`, `ReduceLogSumExp` | as above | tract writes them as functions and a sum |
//! | `ReduceProd` | as above | products of two, one after another |
//! | `Softmax`, `LogSoftmax` | `axis`; up to version 12 all axes from it on | |
//! | `CumSum` | a constant axis, `exclusive`, `reverse` | affine |
//! | `CumProd` | as above | products of two, one after another |

use tract_onnx::tract_core::ops::array::{CumSum, Slice, TypedConcat};
use tract_onnx::tract_core::ops::math::{ln, mul};
use tract_onnx::tract_core::ops::nn::Softmax;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::nn::{Reduce, Reducer};

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring, axes, axis};
use crate::engine::number::signed;

/// What reads the operators of this file. Lowering has rules for sums, means, mean squares, extrema and what is made of
/// them.
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
        "CumProd" => Builder::new(2..=2, running_product),
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
    let along = axes(&listed, w.rank(x)?)?;
    if matches!(reducer, Reducer::Prod) && w.model.outlet_fact(x)?.konst.is_none() {
        return multiplied(w, x, along, keep_dims);
    }
    Reduce::new(Some(listed).filter(|listed| !listed.is_empty()), keep_dims, reducer).wire(w.name, w.model, &[x])
}

/// Factors that one product over axes may have.
const MOST_FACTORS: usize = 256;

/// A product of computed values over axes, or over all where none is named: half of an axis times its other half, until
/// one element is left.
///
/// ```text
/// a b c d e      five factors along an axis
/// ac bd e        the first two times the next two, and what is left
/// acbd e
/// acbde
/// ```
///
/// # Errors
/// For more than [`MOST_FACTORS`] factors along one axis.
fn multiplied(w: &mut Wiring<'_>, x: OutletId, along: Vec<usize>, keep_dims: bool) -> TractResult<TVec<OutletId>> {
    let lens = w.shape(x)?;
    let along = if along.is_empty() { (0..lens.len()).collect() } else { along };
    let mut product = x;
    for axis in &along {
        let mut n = lens[*axis];
        ensure!((1..=MOST_FACTORS).contains(&n), "it multiplies {n} factors, from 1 to {MOST_FACTORS} are read");
        while n > 1 {
            let (name, half) = (format!("axis{axis}.of{n}"), n / 2);
            let mut part = |name: &str, range: std::ops::Range<usize>| {
                w.part(name, Slice::new(*axis, range.start, range.end), &[product])
            };
            let (first, second) =
                (part(&format!("{name}.first"), 0..half)?, part(&format!("{name}.second"), half..2 * half)?);
            let rest = if n % 2 == 1 { Some(part(&format!("{name}.rest"), n - 1..n)?) } else { None };
            product = w.part(&name, mul(), &[first, second])?;
            if let Some(rest) = rest {
                product = w.part(&format!("{name}.all"), TypedConcat { axis: *axis }, &[product, rest])?;
            }
            n = n.div_ceil(2);
        }
    }
    if keep_dims {
        return Ok(tvec!(product));
    }
    let left: Vec<usize> = (0..lens.len()).filter(|axis| !along.contains(axis)).map(|axis| lens[axis]).collect();
    Ok(tvec!(w.reshaped("product", product, &left)?))
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

/// `CumProd` along one constant axis: each number times all before it, or with `reverse` all behind it; with `exclusive`
/// without itself, which leaves 1 at the first.
///
/// ```text
/// a b c                a   ab   abc          exclusive        1   a    ab
///                      reverse               abc  bc   c      both   bc   c    1
/// ```
///
/// Survival is written so, as the product of what is left after each hour's hazard.
///
/// # Errors
/// For more than [`MOST_FACTORS`] numbers along the axis.
fn running_product(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let along = w.integers(1)?.and_then(|axes| axes.first().copied()).context("it needs an axis")?;
    let axis = axis(along, lens.len())?;
    let n = lens[axis];
    ensure!((1..=MOST_FACTORS).contains(&n), "it multiplies {n} factors, from 1 to {MOST_FACTORS} are read");
    let (exclusive, reverse) = (w.flag("exclusive")?, w.flag("reverse")?);
    let factor = |w: &mut Wiring<'_>, k: usize| {
        let at = if reverse { n - 1 - k } else { k };
        w.part(&format!("factor{k}"), Slice::new(axis, at, at + 1), &[x])
    };
    let mut of_one = lens.clone();
    of_one[axis] = 1;
    let mut products = tvec![];
    for k in 0..n {
        let product = match (products.last().copied(), exclusive) {
            (None, false) => factor(w, 0)?,
            (None, true) => w.numbers("one", &of_one, &vec![1.0; of_one.iter().product()])?,
            (Some(before), _) => {
                let factor = factor(w, if exclusive { k - 1 } else { k })?;
                w.part(&format!("product{k}"), mul(), &[before, factor])?
            }
        };
        products.push(product);
    }
    if reverse {
        products.reverse();
    }
    Ok(tvec!(w.inner("products", "Concat", &products, vec![whole_attribute("axis", signed(axis))])?))
}
