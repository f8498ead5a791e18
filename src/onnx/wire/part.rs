//! What takes some of the numbers, or puts others around them.

use tract_onnx::tract_core::ops::array::{GatherNd, Pad, PadMode, Slice, StridedSlice, Trilu};
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array::{Gather, Split};

use super::wiring::{Builder, Wiring, axes, axis, check_volume, within};

/// Steps of a Slice of more than so many are refused: no axis is longer.
const MAX_STEP: i64 = 1 << 30;

pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Gather" => Builder::new(2..=2, gather),
        "GatherND" => Builder::new(2..=2, gather_nd),
        "Pad" => Builder::new(1..=4, pad),
        "Slice" => {
            Builder::new(1..=5, |w| if w.version >= 10 || w.version == 0 { slice(w) } else { slice_before_10(w) })
        }
        "Split" => Builder::new(1..=2, split),
        "Trilu" => Builder::new(1..=2, triangle),
        _ => return None,
    })
}

fn gather(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let shape = w.shape(w.input(0)?)?;
    let along = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), shape.len())?;
    // Where they are computed, they are words, and looked up in the engine's own graph first.
    if w.model.outlet_fact(w.input(1)?)?.konst.is_some() {
        for index in w.integers(1)?.unwrap_or_default() {
            ensure!(within(index, shape[along]).is_some(), "index {index} of {}", shape[along]);
        }
    }
    w.expand(&Gather::new(along as i64))
}

fn gather_nd(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (shape, of_indices) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?);
    let batch_dims = w.node.get_attr_opt::<usize>("batch_dims")?.unwrap_or(0);
    let width = *of_indices.last().context("its indices have no axes")?;
    let is_alike = batch_dims < of_indices.len() && shape.get(..batch_dims) == of_indices.get(..batch_dims);
    ensure!(is_alike, "its {batch_dims} batch axes differ in {shape:?} and {of_indices:?}");
    let lens = shape.get(batch_dims..).and_then(|lens| lens.get(..width));
    let lens = lens.with_context(|| format!("its indices do not fit {} axes", shape.len()))?;
    let indices = w.integers(1)?.context("it needs indices")?;
    let mut each = indices.iter().zip(lens.iter().cycle());
    // tract counts from the start only.
    let wrong = each.find(|(index, len)| usize::try_from(**index).map_or(true, |index| index >= **len));
    ensure!(wrong.is_none(), "an index is beyond its data, or counts from the end");
    let inputs = w.present();
    w.wire(GatherNd { batch_dims }, &inputs)
}

fn pad(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let shape = w.shape(x)?;
    let pads = pads(w, shape.len())?;
    let sum = |(len, (before, after)): (&usize, &(usize, usize))| len.saturating_add(*before).saturating_add(*after);
    check_volume(shape.iter().zip(&pads).map(sum).map(|len| len as u64))?;
    let mode = pad_mode(w, x)?;
    // An edge is repeated where there is one, and a reflection does not go beyond the other.
    let fits = |(len, (before, after)): (&usize, &(usize, usize))| match mode {
        PadMode::Reflect => before.max(after) < len || before.max(after) == &0,
        PadMode::Edge => *len > 0,
        _ => true,
    };
    ensure!(shape.iter().zip(&pads).all(fits), "{shape:?} has too few numbers to be continued by {pads:?}");
    w.wire(Pad { pads, mode }, &[x])
}

/// How many numbers are put before and after each axis: an attribute up to version 10, and an input since.
fn pads(w: &Wiring<'_>, rank: usize) -> TractResult<Vec<(usize, usize)>> {
    let widths = match w.integers(1)? {
        Some(widths) => widths,
        None => w.node.get_attr_vec("pads")?,
    };
    let along = match w.integers(3)? {
        Some(numbers) => axes(&numbers, rank)?,
        None => (0..rank).collect(),
    };
    ensure!(widths.len() == 2 * along.len(), "it has {} widths for {} axes", widths.len(), along.len());
    let width = |index: usize| usize::try_from(widths[index]).context("a width is negative; use Slice to cut");
    let mut pads = vec![(0, 0); rank];
    for (index, axis) in along.iter().enumerate() {
        pads[*axis] = (width(index)?, width(index + along.len())?);
    }
    Ok(pads)
}

fn pad_mode(w: &Wiring<'_>, x: OutletId) -> TractResult<PadMode> {
    let number = match w.constant(2)? {
        Some(number) => number,
        None => tensor0(w.node.get_attr_opt::<f32>("value")?.unwrap_or(0.0)).into(),
    };
    Ok(match w.node.get_attr_opt::<&str>("mode")?.unwrap_or("constant") {
        "constant" => {
            ensure!(number.len() == 1, "it pads with {} numbers, one is read", number.len());
            PadMode::Constant(number.cast_to_dt(w.datum_type(x)?)?.into_owned().into_shape(&[])?.into())
        }
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        other => bail!("its mode is {other}; constant, edge and reflect are read"),
    })
}

fn slice(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let rank = w.rank(w.input(0)?)?;
    let starts = w.integers(1)?.context("it needs starts")?;
    let ends = w.integers(2)?.context("it needs ends")?;
    let along = w.integers(3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = w.integers(4)?.unwrap_or_else(|| vec![1; starts.len()]);
    let n = starts.len();
    ensure!([ends.len(), along.len(), steps.len()] == [n; 3], "starts, ends, axes and steps differ in number");
    axes(&along, rank)?;
    let step = steps.iter().find(|step| **step == 0 || step.unsigned_abs() > MAX_STEP.unsigned_abs());
    ensure!(step.is_none(), "it takes steps of {}", step.copied().unwrap_or_default());
    let optional_axes_input = w.optional(3).map(|_| 3);
    let optional_steps_input = w.optional(4).map(|_| 3 + usize::from(optional_axes_input.is_some()));
    let op =
        StridedSlice { begin_mask: 0, end_mask: 0, shrink_axis_mask: 0, optional_axes_input, optional_steps_input };
    let inputs = w.present();
    w.wire(op, &inputs)
}

/// Bounds are attributes up to version 9.
fn slice_before_10(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let shape = w.shape(wire)?;
    let (starts, ends): (Vec<i64>, Vec<i64>) = (w.node.get_attr_vec("starts")?, w.node.get_attr_vec("ends")?);
    let along: Vec<i64> = w.node.get_attr_opt_vec("axes")?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    ensure!(starts.len() == ends.len() && along.len() == ends.len(), "starts, ends and axes differ in number");
    for (index, axis) in axes(&along, shape.len())?.into_iter().enumerate() {
        let len = shape[axis] as i64;
        let at = |bound: i64| (if bound < 0 { bound + len } else { bound }).clamp(0, len) as usize;
        let (start, end) = (at(starts[index]), at(ends[index]));
        ensure!(start <= end, "it starts at {start} and ends at {end}");
        wire = w.part(&format!("axis{index}"), Slice::new(axis, start, end), &[wire])?;
    }
    Ok(tvec!(wire))
}

fn split(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let shape = w.shape(x)?;
    let at = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), shape.len())?;
    let (n, len) = (w.node.output.len(), shape[at]);
    let sizes = match w.integers(1)? {
        Some(sizes) => Some(sizes.into_iter().map(usize::try_from).collect::<Result<Vec<_>, _>>()?),
        None => w.node.get_attr_opt_vec("split")?,
    };
    match &sizes {
        Some(sizes) => {
            ensure!(sizes.len() == n, "it has {n} outputs for {} parts", sizes.len());
            let sum = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
            ensure!(sum == Some(len), "parts of {sizes:?} do not add up to {len}");
        }
        None => ensure!(n > 0 && len.div_ceil(n) * (n - 1) <= len, "{len} do not make {n} parts"),
    }
    Split::new(at as isize, n, sizes).wire(w.name, w.model, &[x])
}

/// The part of a matrix on one side of its diagonal.
fn triangle(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let upper = w.node.get_attr_opt::<i64>("upper")?.unwrap_or(1) == 1;
    let x = w.input(0)?;
    ensure!(w.rank(x)? >= 2, "a triangle is one of a matrix");
    let most = i64::from(i32::MAX);
    let diagonal = w.integers(1)?.and_then(|numbers| numbers.first().copied()).unwrap_or(0).clamp(-most, most);
    let diagonal = w.model.add_const(format!("{}.k", w.name), tensor0(diagonal))?;
    w.wire(Trilu { upper }, &[x, diagonal])
}
