//! What hands every number on, in another shape or several times.

use tract_onnx::tract_core::ops::array::{MultiBroadcastTo, Tile, TypedConcat};
use tract_onnx::tract_core::ops::change_axes::{AxisOp, perm_to_ops};
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array::{Concat, Flatten, Reshape};

use super::constant::sizes;
use super::wiring::{Builder, Wiring, axes, axis, check_volume};

pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Identity" => Builder::new(1..=1, |w| Ok(tvec!(w.input(0)?))),
        "Dropout" => Builder::new(1..=3, dropout),
        "Concat" => Builder::new(1..=usize::MAX, concat),
        "Expand" => Builder::new(2..=2, expand),
        "Flatten" => Builder::new(1..=1, flatten),
        "Reshape" => Builder::new(2..=2, reshape),
        "Squeeze" => Builder::new(1..=2, squeeze),
        "Tile" => Builder::new(2..=2, tile),
        "Transpose" => Builder::new(1..=1, transpose),
        "Unsqueeze" => Builder::new(1..=2, unsqueeze),
        _ => return None,
    })
}

/// Nothing is dropped where a model is not trained.
fn dropout(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let is_training = w.constant(2)?.map(|flag| flag.cast_to_scalar::<bool>()).transpose()?.unwrap_or(false);
    ensure!(!is_training, "dropout in training mode is random; export the model in evaluation mode");
    Ok(tvec!(w.input(0)?))
}

fn concat(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let inputs = w.present();
    ensure!(inputs.len() == w.inputs.len(), "one of its inputs is left out");
    let first = w.shape(inputs[0])?;
    let along = axis(w.node.get_attr("axis")?, first.len())?;
    for input in &inputs[1..] {
        let shape = w.shape(*input)?;
        let is_alike = shape.len() == first.len() && (0..shape.len()).all(|k| k == along || shape[k] == first[k]);
        ensure!(is_alike, "shapes {first:?} and {shape:?} differ beside axis {along}");
    }
    if inputs.len() > WIDEST {
        return gathered(w, along, inputs);
    }
    w.expand(&Concat::new(along as i64))
}

/// tract's time for a concatenation grows with the square of its parts, and more.
const WIDEST: usize = 16;

/// A concatenation of concatenations.
fn gathered(w: &mut Wiring<'_>, axis: usize, inputs: TVec<OutletId>) -> TractResult<TVec<OutletId>> {
    let types = inputs.iter().map(|input| w.datum_type(*input)).collect::<TractResult<Vec<_>>>()?;
    ensure!(types.iter().all(|other| *other == types[0]), "its inputs are of several types");
    let (mut parts, mut n_joined) = (inputs, 0);
    while parts.len() > WIDEST {
        let mut joined = tvec![];
        for some in parts.chunks(WIDEST) {
            joined.push(w.part(&format!("part{n_joined}"), TypedConcat { axis }, some)?);
            n_joined += 1;
        }
        parts = joined;
    }
    w.wire(TypedConcat { axis }, &parts)
}

fn expand(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let from = w.shape(w.input(0)?)?;
    let to = sizes(&w.integers(1)?.context("it needs a shape")?)?;
    let lens = tract_core::broadcast::multi_broadcast(&[&from[..], &to[..]])?;
    check_volume(lens.iter().map(|len| *len as u64))?;
    // tract takes what is repeated before a sum over it for what is repeated behind.
    w.wire_like(&MultiBroadcastTo::new(lens.iter().map(ToDim::to_dim).collect::<TVec<TDim>>().into()))
}

fn tile(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let shape = w.shape(w.input(0)?)?;
    let times = sizes(&w.integers(1)?.context("it needs numbers of times")?)?;
    ensure!(times.len() == shape.len(), "it repeats {} axes of {}", times.len(), shape.len());
    check_volume(shape.iter().zip(&times).map(|(len, times)| (*len as u64).saturating_mul(*times as u64)))?;
    w.wire_like(&Tile::new(times.iter().map(ToDim::to_dim).collect()))
}

fn flatten(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let at = w.node.get_attr_opt::<i64>("axis")?.unwrap_or(1);
    let rank = w.rank(w.input(0)?)? as i64;
    ensure!((-rank..=rank).contains(&at), "there is no axis {at} where there are {rank}");
    w.expand(&Flatten::new(at))
}

fn reshape(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (from, to) = (w.shape(w.input(0)?)?, w.integers(1)?.context("it needs a shape")?);
    ensure!(to.iter().all(|len| *len >= -1), "{to:?} is no shape");
    ensure!(to.iter().filter(|len| **len == -1).count() <= 1, "{to:?} leaves more than one size open");
    check_volume(to.iter().map(|len| (*len).max(1) as u64))?;
    let allowzero = w.flag("allowzero")?;
    w.expand(&Reshape { allowzero }).with_context(|| format!("{from:?} does not fit into {to:?}"))
}

/// Axes are an attribute up to version 12, and an input since.
fn listed(w: &Wiring<'_>) -> TractResult<Option<Vec<i64>>> {
    match w.integers(1)? {
        Some(axes) => Ok(Some(axes)),
        None => w.node.get_attr_opt_vec("axes"),
    }
}

fn squeeze(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let shape = w.shape(wire)?;
    let mut removed = match listed(w)? {
        Some(numbers) => axes(&numbers, shape.len())?,
        None => (0..shape.len()).filter(|along| shape[*along] == 1).collect(),
    };
    removed.sort_unstable();
    for along in removed.into_iter().rev() {
        ensure!(shape[along] == 1, "axis {along} has {} elements, only one of 1 can be removed", shape[along]);
        wire = w.part(&format!("axis{along}"), AxisOp::Rm(along), &[wire])?;
    }
    Ok(tvec!(wire))
}

fn unsqueeze(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let numbers = listed(w)?.context("it needs axes")?;
    let mut added = axes(&numbers, w.rank(wire)? + numbers.len())?;
    added.sort_unstable();
    for along in added {
        wire = w.part(&format!("axis{along}"), AxisOp::Add(along), &[wire])?;
    }
    Ok(tvec!(wire))
}

fn transpose(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let rank = w.rank(wire)?;
    let order: Vec<i64> = w.node.get_attr_opt_vec("perm")?.unwrap_or_else(|| (0..rank as i64).rev().collect());
    let mut sorted = order.clone();
    sorted.sort_unstable();
    ensure!(sorted.into_iter().eq(0..rank as i64), "perm {order:?} does not name each of {rank} axes once");
    let order: Vec<usize> = order.into_iter().map(|axis| axis as usize).collect();
    for (index, op) in perm_to_ops(&order).into_iter().enumerate() {
        wire = w.part(&format!("{index}"), op, &[wire])?;
    }
    Ok(tvec!(wire))
}
