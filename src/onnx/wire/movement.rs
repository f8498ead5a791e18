//! What hands every number on, in another shape or several times. Lowering runs these on indices, and none is left in
//! the graph that is explained.
//!
//! | operator | attributes and inputs | refused |
//! |---|---|---|
//! | `Identity`, `Dropout` | none that count | training mode |
//! | `Concat` | `axis` | an input left out, sizes that differ along another axis |
//! | `Reshape` | a constant shape, `allowzero` (version 14) | more than one size left open |
//! | `Flatten` | `axis`, 1 by default | |
//! | `Squeeze`, `Unsqueeze` | `axes`, as an attribute up to version 12, as a constant input since | an axis that is not of 1, or named twice |
//! | `Transpose` | `perm` | an axis named twice, or left out |
//! | `DepthToSpace`, `SpaceToDepth` | `blocksize`, `mode` | channels or sizes that make no whole blocks |
//! | `Expand`, `Tile` | a constant shape, a constant number of times an axis | sizes that do not broadcast |

use tract_onnx::tract_core::ops::array::{MultiBroadcastTo, Tile, TypedConcat};
use tract_onnx::tract_core::ops::change_axes::{AxisOp, perm_to_ops};
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array::{Concat, Flatten, Reshape};

use super::constant::sizes;
use super::wiring::{Builder, Wiring, axes, axis, check_volume};
use crate::engine::number::{signed, to_index};

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Identity" => Builder::new(1..=1, |w| Ok(tvec!(w.input(0)?))),
        "Dropout" => Builder::new(1..=3, dropout),
        "Concat" => Builder::new(1..=usize::MAX, concat),
        "DepthToSpace" => Builder::new(1..=1, depth_to_space),
        "SpaceToDepth" => Builder::new(1..=1, space_to_depth),
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

/// `Dropout` hands its input on: nothing is dropped where a model is not trained. Its second output, the mask, is not
/// computed.
///
/// # Errors
/// Where its third input asks for training mode.
fn dropout(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let is_training = w.constant(2)?.map(|flag| flag.cast_to_scalar::<bool>()).transpose()?.unwrap_or(false);
    ensure!(!is_training, "dropout in training mode is random; export the model in evaluation mode");
    Ok(tvec!(w.input(0)?))
}

/// `Concat` along an axis: the inputs must agree in all others. More than [`WIDEST`] of them are joined in parts.
///
/// # Errors
/// Where an input is left out, and where two differ along another axis.
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
    w.expand(&Concat::new(signed(along)))
}

/// Inputs that one concatenation of tract's may have: its time grows with the square of their number, and more.
const WIDEST: usize = 16;

/// A concatenation of more than [`WIDEST`] inputs, as concatenations of concatenations. tract would cast inputs of
/// different types to one another; there they must be of one.
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

/// `Expand`: repeated along axes of one element, to a constant shape. Broadcasting goes both ways, so that an axis that
/// is longer than the shape says keeps its length.
fn expand(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let from = w.shape(w.input(0)?)?;
    let to = sizes(&w.integers(1)?.context("it needs a shape")?)?;
    let lens = tract_core::broadcast::multi_broadcast(&[&from[..], &to[..]])?;
    check_volume(lens.iter().map(|len| *len as u64))?;
    // tract takes what is repeated before a sum over it for what is repeated behind.
    w.wire_like(&MultiBroadcastTo::new(lens.iter().map(ToDim::to_dim).collect::<TVec<TDim>>().into()))
}

/// `Tile`: repeated as a whole, a constant number of times along each axis.
fn tile(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let shape = w.shape(w.input(0)?)?;
    let times = sizes(&w.integers(1)?.context("it needs numbers of times")?)?;
    ensure!(times.len() == shape.len(), "it repeats {} axes of {}", times.len(), shape.len());
    check_volume(shape.iter().zip(&times).map(|(len, times)| (*len as u64).saturating_mul(*times as u64)))?;
    w.wire_like(&Tile::new(times.iter().map(ToDim::to_dim).collect()))
}

/// `DepthToSpace` of `[batch, channels, height, width]`: `b * b` channels (`blocksize`) become a block of pixels. In mode
/// `DCR` these channels lie a block's place after another, in `CRD` beside each other.
///
/// ```text
/// y[c, h b + i, w b + j] = x[(i b + j) n + c, h, w] in DCR, x[c b b + i b + j, h, w] in CRD, of n channels made
/// ```
///
/// # Errors
/// For another number of axes, and channels that are no multiple of `b * b`.
fn depth_to_space(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let ([n, depth, height, width], b) = blocks(w, x)?;
    ensure!(depth.is_multiple_of(b * b), "{depth} channels do not make blocks of {b} x {b}");
    let c = depth / (b * b);
    let mode = w.node.get_attr_opt::<String>("mode")?.unwrap_or_else(|| "DCR".into());
    let (apart, order) = match mode.as_str() {
        "DCR" => ([n, b, b, c, height, width], [0, 3, 4, 1, 5, 2]),
        "CRD" => ([n, c, b, b, height, width], [0, 1, 4, 2, 5, 3]),
        other => bail!("its mode is {other}; DCR and CRD are read"),
    };
    let x = w.reshaped("apart", x, &apart)?;
    let x = w.transposed("order", x, &order)?;
    Ok(tvec!(w.reshaped("space", x, &[n, c, height * b, width * b])?))
}

/// `SpaceToDepth` of `[batch, channels, height, width]`: a block of `b * b` pixels becomes as many channels.
///
/// # Errors
/// For another number of axes, and a height or width that is no multiple of `b`.
fn space_to_depth(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let ([n, c, height, width], b) = blocks(w, x)?;
    ensure!(height.is_multiple_of(b) && width.is_multiple_of(b), "{height} x {width} make no blocks of {b} x {b}");
    let x = w.reshaped("apart", x, &[n, c, height / b, b, width / b, b])?;
    let x = w.transposed("order", x, &[0, 3, 5, 1, 2, 4])?;
    Ok(tvec!(w.reshaped("depth", x, &[n, c * b * b, height / b, width / b])?))
}

/// The four sizes of what such an operator reads, and its `blocksize`.
fn blocks(w: &Wiring<'_>, x: OutletId) -> TractResult<([usize; 4], usize)> {
    let lens = w.shape(x)?;
    let b: usize = w.node.get_attr("blocksize")?;
    let [n, c, height, width] = lens[..] else { bail!("its input has {} axes, 4 are read", lens.len()) };
    ensure!((1..=1 << 15).contains(&b), "its blocks are of {b}");
    Ok(([n, c, height, width], b))
}

/// `Flatten`: two axes, of which the first holds those before `axis` (1 where it is left out), and the second the rest.
fn flatten(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let at = w.node.get_attr_opt::<i64>("axis")?.unwrap_or(1);
    let rank = signed(w.rank(w.input(0)?)?);
    ensure!((-rank..=rank).contains(&at), "there is no axis {at} where there are {rank}");
    w.expand(&Flatten::new(at))
}

/// `Reshape` to a constant shape. One size may be -1, and follows from the others; 0 is that of the input, or with
/// `allowzero` none.
///
/// # Errors
/// For a size below -1, for two that are left open, and for a shape of another number of elements.
fn reshape(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (from, to) = (w.shape(w.input(0)?)?, w.integers(1)?.context("it needs a shape")?);
    ensure!(to.iter().all(|len| *len >= -1), "{to:?} is no shape");
    ensure!(to.iter().filter(|len| **len == -1).count() <= 1, "{to:?} leaves more than one size open");
    check_volume(to.iter().map(|len| (*len).max(1).unsigned_abs()))?;
    let allowzero = w.flag("allowzero")?;
    let made = to.iter().enumerate().map(|(axis, len)| match usize::try_from(*len) {
        Ok(0) if !allowzero => from.get(axis).copied(),
        len => len.ok(),
    });
    let rest = made.clone().flatten().product::<usize>();
    let whole = from.iter().product::<usize>();
    let is_whole = if made.flatten().count() == to.len() { rest == whole } else { rest > 0 && whole % rest == 0 };
    ensure!(is_whole, "{from:?} does not fit into {to:?}");
    w.expand(&Reshape { allowzero })
}

/// The axes of a Squeeze or Unsqueeze: an attribute up to version 12, and an input since; `None` where they are left
/// out.
fn listed(w: &Wiring<'_>) -> TractResult<Option<Vec<i64>>> {
    match w.integers(1)? {
        Some(axes) => Ok(Some(axes)),
        None => w.node.get_attr_opt_vec("axes"),
    }
}

/// `Squeeze`: without the axes that are named, each of one element; without all such axes, where none is named. Axes
/// are removed from the last to the first, so that the numbers of those still to be removed stay right.
///
/// # Errors
/// For an axis of more than one element, one that is not there, and one that is named twice.
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

/// `Unsqueeze`: with new axes of one element, numbered as they stand in what is made.
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

/// `Transpose`: axes in another order, the reverse one where `perm` is left out.
fn transpose(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let rank = w.rank(wire)?;
    let order: Vec<i64> = w.node.get_attr_opt_vec("perm")?.unwrap_or_else(|| (0..signed(rank)).rev().collect());
    let mut sorted = order.clone();
    sorted.sort_unstable();
    ensure!(sorted.into_iter().eq(0..signed(rank)), "perm {order:?} does not name each of {rank} axes once");
    let order: Vec<usize> = order.into_iter().map(to_index).collect();
    for (index, op) in perm_to_ops(&order).into_iter().enumerate() {
        wire = w.part(&format!("{index}"), op, &[wire])?;
    }
    Ok(tvec!(wire))
}
