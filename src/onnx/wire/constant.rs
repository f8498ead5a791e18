//! What is known while a model is read: constants and sizes.
//!
//! Exporters compute shapes with these operators (`Shape`, then `Gather`, `Concat`, `Reshape`). The sizes of all inputs
//! are fixed, so that everything here becomes a constant, and nothing of it is left in the graph.

use tract_onnx::tract_core::ops::array::{MultiBroadcastTo, Range};
use tract_onnx::tract_core::ops::cast::wire_cast;
use tract_onnx::tract_hir::internal::*;

use super::super::limits::MAX_MADE;
use super::wiring::{Builder, Wiring, check_volume, load};
use crate::engine::number::{integer, signed, signed_real, to_index, whole};

/// What reads `Constant`, `ConstantOfShape`, `EyeLike`, `Range`, `Shape` and `Size`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Constant" => Builder::new(0..=0, constant),
        "ConstantOfShape" => Builder::new(1..=1, constant_of_shape),
        "EyeLike" => Builder::new(1..=1, eye),
        "Range" => Builder::new(3..=3, range),
        "Shape" => Builder::new(1..=1, shape),
        "Size" => Builder::new(1..=1, |w| {
            let n = w.shape(w.input(0)?)?.iter().product::<usize>();
            Ok(tvec!(w.model.add_const(w.name, tensor0(n.to_dim()))?))
        }),
        _ => return None,
    })
}

/// `Constant`: a tensor, a number or a list of numbers. Text and sparse tensors are refused.
fn constant(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let node = w.node;
    let value = if let Some(tensor) = node.get_attr_opt("value")? {
        load(tensor)?
    } else if let Some(number) = node.get_attr_opt::<i64>("value_int")? {
        tensor0(number)
    } else if let Some(number) = node.get_attr_opt::<f32>("value_float")? {
        tensor0(number)
    } else if let Some(numbers) = node.get_attr_opt_slice::<i64>("value_ints")? {
        tensor1(numbers)
    } else if let Some(numbers) = node.get_attr_opt_slice::<f32>("value_floats")? {
        tensor1(numbers)
    } else {
        bail!("it holds no numbers")
    };
    Ok(tvec!(w.model.add_const(w.name, value)?))
}

/// `ConstantOfShape`: a tensor of one number throughout, 0 in single precision where `value` is left out. The shape
/// must be constant.
fn constant_of_shape(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let value = w.node.get_attr_opt("value")?.map(load).transpose()?.unwrap_or_else(|| tensor0(0_f32));
    ensure!(value.len() == 1, "its value has {} numbers, it must be one", value.len());
    let lens = sizes(&w.integers(0)?.context("it needs a shape")?)?;
    let value = w.model.add_const(format!("{}.value", w.name), value.into_shape(&[])?)?;
    w.wire(MultiBroadcastTo::new(lens.iter().map(ToDim::to_dim).collect::<TVec<TDim>>().into()), &[value])
}

/// `EyeLike`: 1 on a diagonal, which `k` moves to the right, 0 elsewhere, in the sizes of its input.
fn eye(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let [_, width] = lens[..] else { bail!("its input has {} axes, 2 are read", lens.len()) };
    check_volume(lens.iter().map(|len| *len as u64))?;
    let (to, k) = (w.node.get_attr_opt::<DatumType>("dtype")?, w.node.get_attr_opt::<i64>("k")?.unwrap_or(0));
    let is_on = |at: usize| signed(at % width) == signed(at / width).saturating_add(k);
    let numbers: Vec<f32> = (0..lens.iter().product()).map(|at| f32::from(u8::from(is_on(at)))).collect();
    let eye = Tensor::from_shape(&lens, &numbers)?.cast_to_dt(to.unwrap_or(w.datum_type(x)?))?.into_owned();
    Ok(tvec!(w.model.add_const(w.name, eye)?))
}

/// Sizes of what a node makes, one an axis.
///
/// # Errors
/// For a negative size, and where their product is more than one node may make.
pub(super) fn sizes(numbers: &[i64]) -> TractResult<Vec<usize>> {
    let lens = numbers.iter().map(|len| usize::try_from(*len).with_context(|| format!("{len} is no size")));
    let lens = lens.collect::<TractResult<Vec<usize>>>()?;
    check_volume(lens.iter().map(|len| *len as u64))?;
    Ok(lens)
}

/// `Range`: `start, start + step, ...` up to `end`, which is left out. All three must be constant.
///
/// # Errors
/// For a range without an end, one that is empty, and one of more numbers than one node may make.
fn range(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut bounds = vec![];
    for slot in 0..3 {
        let bound = w.constant(slot)?.context("it needs start, end and step")?;
        ensure!(bound.len() == 1 && bound.rank() == 0, "input {slot} must be a single number");
        let is_size = bound.datum_type().is_tdim();
        bounds.push(if is_size { signed_real(bound.cast_to_scalar()?) } else { bound.cast_to_scalar::<f64>()? });
    }
    let n = ((bounds[1] - bounds[0]) / bounds[2]).ceil();
    ensure!(
        n.is_finite() && u64::try_from(integer(n)).unwrap_or(0) <= MAX_MADE,
        "from {} to {} by {}: it has no end",
        bounds[0],
        bounds[1],
        bounds[2]
    );
    ensure!(n > 0.0, "from {} to {} by {}: it is empty", bounds[0], bounds[1], bounds[2]);
    let types = (0..3).map(|slot| w.datum_type(w.input(slot)?)).collect::<TractResult<Vec<_>>>()?;
    let common = DatumType::super_type_for(&types).with_context(|| format!("{types:?} have no common type"))?;
    let common = if common.is_tdim() { i64::datum_type() } else { common };
    let inputs = wire_cast(w.name, w.model, &w.present(), common)?;
    w.wire(Range::new(whole(n).to_dim()), &inputs)
}

/// `Shape`: the sizes of a value, from axis `start` up to `end`, which is left out (version 15). As ONNX demands,
/// bounds beyond the axes are clamped, and negative ones count from the last axis.
fn shape(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let shape = w.model.outlet_fact(w.input(0)?)?.shape.to_tvec();
    let rank = signed(shape.len());
    let clamp = |axis: i64| to_index((if axis < 0 { axis + rank } else { axis }).clamp(0, rank));
    let start = clamp(w.node.get_attr_opt("start")?.unwrap_or(0));
    let end = w.node.get_attr_opt("end")?.map_or(shape.len(), clamp).max(start);
    Ok(tvec!(w.model.add_const(w.name, tensor1(&shape[start..end]))?))
}
