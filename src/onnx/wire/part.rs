//! What takes some of the numbers, or puts others around them: `Gather` and its kin, `Slice`, `Split`, `Pad`, `TopK`,
//! `Trilu`, `OneHot`, `ScatterElements`.
//!
//! Where the places are constant, lowering follows each number to where it came from. Where they are computed, as the
//! last step that was observed is, they are whole numbers made of comparisons, and lowering turns them into switches
//! (`lower/pick.rs`). An index beyond its data is refused here, because tract panics over it.
//!
//! | operator | read since version | places and bounds | refused |
//! |---|---|---|---|
//! | `Gather`, `GatherElements` | 1, 11 | constant or computed, negative ones from the end | a constant index beyond its data |
//! | `GatherND` | 11, `batch_dims` 12 | as above | a tuple longer than the data has axes |
//! | `ScatterElements`, until version 10 `Scatter` | 9 | constant or computed | a reduction but `add` |
//! | `ScatterND` | 11 | constant | a reduction but `add` |
//! | `ArgMax`, `ArgMin` | 1 | the first of equals | `select_last_index` |
//! | `Slice` | attributes up to 9, inputs since 10 | constant | a step of 0 |
//! | `Split` | `split` as attribute up to 12, as input since 13 | constant | parts that do not add up |
//! | `Pad` | `pads` as attribute up to 10, as input since 11 | constant | negative widths |
//! | `TopK` | `k` as attribute up to 9, as input since 10 | constant k | more than the axis has |
//! | `OneHot` | 9 | constant depth and numbers | a depth beyond 2^20 |
//! | `NonZero`, `Compress` | 9 | constant data, a constant condition | how many numbers they make must not depend on the input |
//! | `Trilu` | 14 | constant diagonal | fewer than two axes |

use std::sync::Arc;

use tract_onnx::tract_core::ops::array::{Pad, PadMode, Slice, StridedSlice, Topk, Trilu};
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::array::{Gather, Split};

use super::compose::whole_attribute;
use super::picked::{LookedUp, OneHot, PickTerm, Picked};
use super::wiring::{Builder, Wiring, axes, axis, check_volume, within};
use crate::engine::number::{signed, to_index};

/// Steps of a Slice of more than so many are refused: no axis is longer.
const MAX_STEP: i64 = 1 << 30;

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Gather" => Builder::new(2..=2, gather),
        "ScatterElements" | "Scatter" => Builder::new(3..=3, scatter_elements),
        "ScatterND" => Builder::new(3..=3, scatter_nd),
        "ArgMax" | "ArgMin" => Builder::new(1..=1, place_of_extreme),
        "OneHot" => Builder::new(3..=3, one_hot),
        "GatherElements" => Builder::new(2..=2, gather_elements),
        "GatherND" => Builder::new(2..=2, gather_nd),
        "Pad" => Builder::new(1..=4, pad),
        "Slice" => {
            Builder::new(1..=5, |w| if w.version >= 10 || w.version == 0 { slice(w) } else { slice_before_10(w) })
        }
        "Split" => Builder::new(1..=2, split),
        "TopK" => Builder::new(1..=2, sorted),
        "Trilu" => Builder::new(1..=2, triangle),
        "NonZero" => Builder::new(1..=1, non_zero),
        "Compress" => Builder::new(2..=2, compress),
        _ => return None,
    })
}

/// `Gather`: entries along `axis` (the first, where it is left out), at the places that the second input says. Constant
/// indices are taken at constant or computed data; computed ones at rows of a constant table, as words, or at any other
/// data.
fn gather(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let shape = w.shape(w.input(0)?)?;
    let along = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), shape.len())?;
    let is_constant = |slot: usize| Ok::<bool, TractError>(w.model.outlet_fact(w.input(slot)?)?.konst.is_some());
    if is_constant(1)? {
        for index in w.integers(1)?.unwrap_or_default() {
            ensure!(within(index, shape[along]).is_some(), "index {index} of {}", shape[along]);
        }
    } else if along > 0 || !is_constant(0)? || w.datum_type(w.input(0)?)? != f32::datum_type() {
        return gather_computed(w, along);
    } else {
        // Rows of a table: words.
        let inputs = w.present();
        return w.wire(LookedUp, &inputs);
    }
    w.expand(&Gather::new(signed(along)))
}

/// `Gather` at indices that are computed: in the shape of the data, the axis makes room for those of the indices.
fn gather_computed(w: &mut Wiring<'_>, along: usize) -> TractResult<TVec<OutletId>> {
    let (from, of_indices) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?);
    let lens: Vec<usize> = [&from[..along], &of_indices[..], &from[along + 1..]].concat();
    check_volume(lens.iter().map(|len| *len as u64))?;
    let (stride, n): (usize, usize) = (from[along + 1..].iter().product(), of_indices.iter().product());
    let len = from[along];
    let all = 0..lens.iter().product::<usize>();
    let base = all.clone().map(|k| k / (stride * n) * len * stride + k % stride).collect();
    let of = all.map(|k| k / stride % n).collect();
    picked(w, &lens, base, vec![PickTerm { stride, len, of }])
}

/// The node as [`Picked`], of the inputs that are there.
fn picked(w: &mut Wiring<'_>, lens: &[usize], base: Vec<usize>, terms: Vec<PickTerm>) -> TractResult<TVec<OutletId>> {
    let op = Picked { lens: Arc::new(lens.to_vec()), base: Arc::new(base), terms: Arc::new(terms) };
    let inputs = w.present();
    w.wire(op, &inputs)
}

/// Row-major strides: how many elements lie between neighbours along each axis.
fn strides(lens: &[usize]) -> Vec<usize> {
    (0..lens.len()).map(|axis| lens[axis + 1..].iter().product()).collect()
}

/// `GatherElements`: for three axes and `axis` = 1, `y[i, j, k] = x[i, indices[i, j, k], k]`.
///
/// # Errors
/// Where the indices have more entries than the data along another axis, and for a constant index beyond the data.
fn gather_elements(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (from, to) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?);
    let along = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), from.len())?;
    let fits = to.len() == from.len() && (0..to.len()).all(|k| k == along || to[k] <= from[k]);
    ensure!(fits, "its indices {to:?} do not fit its data {from:?}");
    if let Some(indices) = w.model.outlet_fact(w.input(1)?)?.konst.clone() {
        let indices = indices.cast_to::<i64>()?;
        let wrong = indices.try_as_plain_ram()?.as_slice::<i64>()?.iter().find(|k| within(**k, from[along]).is_none());
        ensure!(wrong.is_none(), "an index is beyond its data");
    }
    let (of_from, of_to) = (strides(&from), strides(&to));
    let all = 0..to.iter().product::<usize>();
    let place = |k: usize| {
        (0..to.len()).filter(|axis| *axis != along).map(|axis| k / of_to[axis] % to[axis] * of_from[axis]).sum()
    };
    let base = all.clone().map(place).collect();
    picked(w, &to, base, vec![PickTerm { stride: of_from[along], len: from[along], of: all.collect() }])
}

/// `GatherND`: the last axis of the indices holds tuples, one number for each of the first axes of the data behind
/// `batch_dims` axes that both share. Each tuple picks what is left of the axes.
///
/// # Errors
/// Where the batch axes differ, where a tuple is longer than the data has axes, and for a constant index beyond the
/// data.
fn gather_nd(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (shape, of_indices) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?);
    let batch_dims = w.node.get_attr_opt::<usize>("batch_dims")?.unwrap_or(0);
    let width = *of_indices.last().context("its indices have no axes")?;
    let is_alike = batch_dims < of_indices.len() && shape.get(..batch_dims) == of_indices.get(..batch_dims);
    ensure!(is_alike, "its {batch_dims} batch axes differ in {shape:?} and {of_indices:?}");
    let lens = shape.get(batch_dims..).and_then(|lens| lens.get(..width));
    let lens = lens.with_context(|| format!("its indices do not fit {} axes", shape.len()))?;
    let (of_from, of_indices_strides) = (strides(&shape), strides(&of_indices));
    let rest = &shape[batch_dims + width..];
    let made: Vec<usize> = [&of_indices[..of_indices.len() - 1], rest].concat();
    check_volume(made.iter().map(|len| *len as u64))?;
    let n_rest: usize = rest.iter().product();
    let all = 0..made.iter().product::<usize>();
    // Each tuple of indices belongs to the batch that it stands in, and picks all that is left of the axes.
    let batch = |k: usize| -> usize {
        let tuple = k / n_rest * width;
        (0..batch_dims).map(|axis| tuple / of_indices_strides[axis] % of_indices[axis] * of_from[axis]).sum()
    };
    let base = all.clone().map(|k| batch(k) + k % n_rest).collect();
    let term = |(at, len): (usize, &usize)| PickTerm {
        stride: of_from[batch_dims + at],
        len: *len,
        of: all.clone().map(|k| k / n_rest * width + at).collect(),
    };
    let terms: Vec<PickTerm> = lens.iter().enumerate().map(term).collect();
    if let Some(indices) = w.model.outlet_fact(w.input(1)?)?.konst.clone() {
        let indices = indices.cast_to::<i64>()?;
        let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
        terms.iter().try_for_each(|term| term.of.iter().try_for_each(|of| term.resolve(indices[*of]).map(|_| ())))?;
    }
    picked(w, &made, base, terms)
}

/// `Pad` with one number, the edge's, a reflection, or all again (`wrap`).
///
/// ```text
/// x 1 2 3, two before and four after
/// constant 0 0 1 2 3 0 0 0 0      edge 1 1 1 2 3 3 3 3 3      wrap 2 3 1 2 3 1 2 3 1
/// ```
///
/// # Errors
/// For a negative width, and where there is too little to be continued: a reflection does not go beyond the other edge.
fn pad(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let shape = w.shape(x)?;
    let pads = pads(w, shape.len())?;
    let sum = |(len, (before, after)): (&usize, &(usize, usize))| len.saturating_add(*before).saturating_add(*after);
    let lens: Vec<usize> = shape.iter().zip(&pads).map(sum).collect();
    check_volume(lens.iter().map(|len| *len as u64))?;
    let mode = pad_mode(w, x)?;
    let fits = |(len, (before, after)): (&usize, &(usize, usize))| match mode {
        Some(PadMode::Constant(_)) => true,
        Some(PadMode::Reflect) => before.max(after) < len || before.max(after) == &0,
        Some(PadMode::Edge) | None => *len > 0,
    };
    ensure!(shape.iter().zip(&pads).all(fits), "{shape:?} has too few numbers to be continued by {pads:?}");
    if let Some(mode) = mode {
        return w.wire(Pad { pads, mode }, &[x]);
    }
    let (from, to) = (strides(&shape), strides(&lens));
    // Counted from the first number that is there, round and round.
    let place = |k: usize, axis: usize| {
        let (at, before, len) = (k / to[axis] % lens[axis], pads[axis].0, shape[axis]);
        (at + len - before % len) % len * from[axis]
    };
    let base = (0..lens.iter().product()).map(|k| (0..lens.len()).map(|axis| place(k, axis)).sum()).collect();
    w.wire(Picked::fixed(&lens, base), &[x])
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

/// What `Pad` puts around: by default one number, 0 where none is given. It is an attribute up to version 10, and an
/// input since. `None` for `wrap`, which tract does not have.
fn pad_mode(w: &Wiring<'_>, x: OutletId) -> TractResult<Option<PadMode>> {
    let number = match w.constant(2)? {
        Some(number) => number,
        None => tensor0(w.node.get_attr_opt::<f32>("value")?.unwrap_or(0.0)).into(),
    };
    Ok(Some(match w.node.get_attr_opt::<&str>("mode")?.unwrap_or("constant") {
        "constant" => {
            ensure!(number.len() == 1, "it pads with {} numbers, one is read", number.len());
            PadMode::Constant(number.cast_to_dt(w.datum_type(x)?)?.into_owned().into_shape(&[])?.into())
        }
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        "wrap" => return Ok(None),
        other => bail!("its mode is {other}; constant, edge, reflect and wrap are read"),
    }))
}

/// `Slice` since version 10, whose bounds are inputs, all constant. Bounds beyond an axis are clamped, and negative
/// ones count from its end.
///
/// # Errors
/// Where starts, ends, axes and steps differ in number, and for a step of 0.
fn slice(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let rank = w.rank(w.input(0)?)?;
    let starts = w.integers(1)?.context("it needs starts")?;
    let ends = w.integers(2)?.context("it needs ends")?;
    let along = w.integers(3)?.unwrap_or_else(|| (0..signed(starts.len())).collect());
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
    if steps.iter().all(|step| *step == 1) {
        return w.wire(op, &inputs);
    }
    strided(w, &op, &inputs)
}

/// A slice that goes backwards or leaves numbers out, as [`Picked`]: tract moves such a slice up to axes that are not
/// there. Which elements it takes is found by running it once on indices.
fn strided(w: &mut Wiring<'_>, op: &StridedSlice, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let n: usize = lens.iter().product();
    let mut values = tvec!(Tensor::from_shape(&lens, &(0..signed(n)).collect::<Vec<_>>())?.into_tvalue());
    for input in &inputs[1..] {
        let bound = w.model.outlet_fact(*input)?.konst.clone().context("its bounds are computed from the input")?;
        values.push(bound.into_tvalue());
    }
    let moved = op.eval_out_of_plan(values)?.context("it cannot be evaluated on its own")?;
    let moved = moved.first().context("it makes nothing")?;
    let base = moved.try_as_plain_ram()?.as_slice::<i64>()?.iter().map(|index| to_index(*index)).collect();
    w.wire(Picked::fixed(moved.shape(), base), &[x])
}

/// `TopK`: the greatest or least `k` numbers along an axis (the last, where it is left out), and where they stand. `k`
/// is an attribute up to version 9, and a constant input since. They come sorted, also where the file does not ask for
/// it.
fn sorted(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let axis = axis(w.node.get_attr_opt("axis")?.unwrap_or(-1), lens.len())?;
    let k = match w.integers(1)? {
        Some(numbers) => numbers.first().copied().context("it needs a number")?,
        None => w.node.get_attr("k")?,
    };
    ensure!((1..=signed(lens[axis])).contains(&k), "it takes {k} of {}", lens[axis]);
    if lens[axis] == 1 {
        let places = w.model.add_const(format!("{}.places", w.name), Tensor::zero::<i64>(&lens)?)?;
        return Ok(tvec!(x, places));
    }
    let largest = w.node.get_attr_opt::<i64>("largest")?.unwrap_or(1) == 1;
    let number = w.model.add_const(format!("{}.k", w.name), tensor0(k))?;
    w.wire(Topk { axis, largest, fallback_k: k.to_dim() }, &[x, number])
}

/// `Slice` up to version 9: bounds are attributes, and there are no steps.
///
/// # Errors
/// Where starts, ends and axes differ in number, and where one starts behind its end.
fn slice_before_10(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let shape = w.shape(wire)?;
    let (starts, ends): (Vec<i64>, Vec<i64>) = (w.node.get_attr_vec("starts")?, w.node.get_attr_vec("ends")?);
    let along: Vec<i64> = w.node.get_attr_opt_vec("axes")?.unwrap_or_else(|| (0..signed(starts.len())).collect());
    ensure!(starts.len() == ends.len() && along.len() == ends.len(), "starts, ends and axes differ in number");
    for (index, axis) in axes(&along, shape.len())?.into_iter().enumerate() {
        let len = signed(shape[axis]);
        let at = |bound: i64| to_index((if bound < 0 { bound + len } else { bound }).clamp(0, len));
        let (start, end) = (at(starts[index]), at(ends[index]));
        ensure!(start <= end, "it starts at {start} and ends at {end}");
        wire = w.part(&format!("axis{index}"), Slice::new(axis, start, end), &[wire])?;
    }
    Ok(tvec!(wire))
}

/// `Split` along an axis (the first, where it is left out): into parts of given sizes, an attribute up to version 12
/// and an input since, or into as many equal parts as the node has outputs, the last of which may be smaller.
///
/// # Errors
/// Where the sizes are not as many as the outputs, and where they do not add up to the axis.
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
    Split::new(isize::try_from(at)?, n, sizes).wire(w.name, w.model, &[x])
}

/// `Trilu`: the part of a matrix on one side of its diagonal, zeros on the other. The second input moves the diagonal.
///
/// # Errors
/// For a value of fewer than two axes.
fn triangle(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let upper = w.node.get_attr_opt::<i64>("upper")?.unwrap_or(1) == 1;
    let x = w.input(0)?;
    ensure!(w.rank(x)? >= 2, "a triangle is one of a matrix");
    let most = i64::from(i32::MAX);
    let diagonal = w.integers(1)?.and_then(|numbers| numbers.first().copied()).unwrap_or(0).clamp(-most, most);
    let diagonal = w.model.add_const(format!("{}.k", w.name), tensor0(diagonal))?;
    w.wire(Trilu { upper }, &[x, diagonal])
}

/// Why places whose number depends on the input are refused.
const OPEN_NUMBER: &str = "it makes as many numbers as the input says, which no fixed network does; export with a mask of 0 and 1 in its place";

/// `NonZero` of a constant: where it is not 0, `[axes, places]` in row-major order.
///
/// # Errors
/// For data that is computed: how many places there are would differ from stay to stay.
fn non_zero(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let constant = w.constant(0).ok().flatten().context(OPEN_NUMBER)?;
    let numbers = constant.cast_to::<f32>()?;
    let lens = constant.shape();
    let of = strides(lens);
    let places = super::floats(&numbers)?.iter().enumerate().filter(|(_, x)| **x != 0.0);
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let at = (0..lens.len()).flat_map(|axis| places.iter().map(move |place| (axis, *place)));
    let at: Vec<i64> = at.map(|(axis, place)| signed(place / of[axis] % lens[axis])).collect();
    Ok(tvec!(w.model.add_const(w.name, Tensor::from_shape(&[lens.len(), places.len()], &at)?)?))
}

/// `Compress` by a constant condition: the entries along an axis for which it is true; of all numbers in one row, where
/// the axis is left out.
///
/// # Errors
/// For a condition that is computed.
fn compress(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let condition = w.constant(1).ok().flatten().context(OPEN_NUMBER)?.cast_to::<bool>()?.into_owned();
    let condition = condition.try_as_plain_ram()?.as_slice::<bool>()?.iter().enumerate();
    let places: Vec<i64> = condition.filter(|(_, is)| **is).map(|(place, _)| signed(place)).collect();
    let along: Option<i64> = w.node.get_attr_opt("axis")?;
    let n: usize = w.shape(x)?.iter().product();
    let x = if along.is_some() { x } else { w.reshaped("flat", x, &[n])? };
    let places = w.whole("places", &places)?;
    Ok(tvec!(w.inner("taken", "Gather", &[x, places], vec![whole_attribute("axis", along.unwrap_or(0))])?))
}

/// Whether numbers are added to what is at their places, or take its place.
///
/// # Errors
/// For another reduction.
fn is_added(w: &Wiring<'_>) -> TractResult<bool> {
    match w.node.get_attr_opt::<&str>("reduction")?.unwrap_or("none") {
        "none" => Ok(false),
        "add" => Ok(true),
        other => {
            bail!("its reduction is {other}; none and add are read, so export the model with torch.where in its place")
        }
    }
}

/// Puts numbers at constant places: number `k` of `updates` at element `places[k]` of the data, both counted row by
/// row. Of several at one place the last counts, or with `is_added` all are added, one layer of numbers after the other.
fn placed(w: &mut Wiring<'_>, places: &[usize], is_added: bool) -> TractResult<TVec<OutletId>> {
    let (data, updates) = (w.input(0)?, w.input(2)?);
    let lens = w.shape(data)?;
    let n: usize = lens.iter().product();
    let data_flat = w.reshaped("data", data, &[n])?;
    let updates = w.reshaped("updates", updates, &[places.len()])?;
    let first = whole_attribute("axis", 0);
    if !is_added {
        let mut base: Vec<usize> = (0..n).collect();
        places.iter().enumerate().for_each(|(k, place)| base[*place] = n + k);
        let both = w.inner("both", "Concat", &[data_flat, updates], vec![first])?;
        return w.wire(Picked::fixed(&lens, base), &[both]);
    }
    let zero = w.numbers("zero", &[1], &[0.0])?;
    let pool = w.inner("pool", "Concat", &[zero, updates], vec![first])?;
    let mut layers: Vec<Vec<usize>> = vec![];
    let mut depth = vec![0; n];
    for (k, place) in places.iter().enumerate() {
        if depth[*place] == layers.len() {
            layers.push(vec![0; n]);
        }
        layers[depth[*place]][*place] = k + 1;
        depth[*place] += 1;
    }
    ensure!(
        layers.len() <= MOST_PLACES,
        "it adds {} numbers at one place, at most {MOST_PLACES} are read",
        layers.len()
    );
    let mut sum = data;
    for (at, base) in layers.into_iter().enumerate() {
        let layer = w.part(&format!("layer{at}"), Picked::fixed(&lens, base), &[pool])?;
        sum = w.inner(&format!("sum{at}"), "Add", &[sum, layer], vec![])?;
    }
    Ok(tvec!(sum))
}

/// `ScatterND` at constant places, as torch writes `y[:, t] = x`: the last axis of the indices holds tuples, one
/// number for each of the first axes of the data.
///
/// # Errors
/// For places that are computed, for a tuple beyond the data, and for numbers that do not fit them.
fn scatter_nd(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (lens, of_indices, of_updates) = (w.shape(w.input(0)?)?, w.shape(w.input(1)?)?, w.shape(w.input(2)?)?);
    let indices = w.integers(1).ok().flatten().context(
        "it puts numbers at places that are computed from the input; export the model with torch.where in its place",
    )?;
    let width = *of_indices.last().context("its indices have no axes")?;
    ensure!(width <= lens.len(), "a tuple of {width} numbers is no place in {} axes", lens.len());
    let made: Vec<usize> = [&of_indices[..of_indices.len() - 1], &lens[width..]].concat();
    ensure!(made[..] == of_updates[..], "its numbers are {of_updates:?} where {made:?} have a place");
    let of_lens = strides(&lens);
    let n_rest: usize = lens[width..].iter().product();
    let mut places = vec![];
    for tuple in indices.chunks_exact(width.max(1)) {
        let mut first = 0;
        for (at, index) in tuple.iter().enumerate() {
            first += within(*index, lens[at]).with_context(|| format!("index {index} of {}", lens[at]))? * of_lens[at];
        }
        places.extend(first..first + n_rest);
    }
    let is_added = is_added(w)?;
    placed(w, &places, is_added)
}

/// `ArgMax` and `ArgMin`: where the greatest or least number along an axis (the first, where it is left out) stands, as
/// the place of a `TopK` of one.
///
/// # Errors
/// Where the last of equals is asked for.
fn place_of_extreme(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    ensure!(!w.flag("select_last_index")?, "it asks for the last of equals; the first is read");
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let axis = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), lens.len())?;
    let places = if lens[axis] == 1 {
        w.model.add_const(format!("{}.places", w.name), Tensor::zero::<i64>(&lens)?)?
    } else {
        let number = w.model.add_const(format!("{}.k", w.name), tensor0(1_i64))?;
        let largest = w.node.op_type == "ArgMax";
        w.parts("sorted", Box::new(Topk { axis, largest, fallback_k: 1.to_dim() }), &[x, number])?[1]
    };
    if w.node.get_attr_opt::<i64>("keepdims")?.unwrap_or(1) == 1 {
        return Ok(tvec!(places));
    }
    Ok(tvec!(w.part("place", AxisOp::Rm(axis), &[places])?))
}

/// `ScatterElements`: puts numbers at places along an axis. Computed places are taken one after the other, each as a
/// choice between the number and what is there, so that of two numbers at one place the later counts.
///
/// # Errors
/// For a reduction but `add`, and that at constant places alone. For computed places also for indices that leave out
/// entries of another axis, and for more than [`MOST_PLACES`] numbers along the axis.
fn scatter_elements(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let is_added = is_added(w)?;
    let (mut data, indices, updates) = (w.input(0)?, w.input(1)?, w.input(2)?);
    let (lens, of_indices) = (w.shape(data)?, w.shape(indices)?);
    let along = axis(w.node.get_attr_opt("axis")?.unwrap_or(0), lens.len())?;
    if let Ok(Some(numbers)) = w.integers(1) {
        let is_within =
            of_indices.len() == lens.len() && (0..lens.len()).all(|k| k == along || of_indices[k] <= lens[k]);
        ensure!(
            is_within && of_indices == w.shape(updates)?,
            "its indices {of_indices:?} do not fit its data {lens:?}"
        );
        let (of_lens, of_own) = (strides(&lens), strides(&of_indices));
        let mut places = vec![];
        for (k, index) in numbers.iter().enumerate() {
            let at = within(*index, lens[along]).with_context(|| format!("index {index} of {}", lens[along]))?;
            let other = (0..lens.len()).filter(|axis| *axis != along);
            let rest: usize = other.map(|axis| k / of_own[axis] % of_indices[axis] * of_lens[axis]).sum();
            places.push(rest + at * of_lens[along]);
        }
        return placed(w, &places, is_added);
    }
    ensure!(
        !is_added,
        "it adds numbers at places that are computed from the input; export the model without scatter_add"
    );
    let fits = of_indices.len() == lens.len() && (0..lens.len()).all(|k| k == along || of_indices[k] == lens[k]);
    ensure!(fits && of_indices == w.shape(updates)?, "its indices {of_indices:?} do not cover its data {lens:?}");
    ensure!(
        of_indices[along] <= MOST_PLACES,
        "it puts {} numbers along an axis, at most {MOST_PLACES} are read",
        of_indices[along]
    );
    let mut beside = vec![1; lens.len()];
    beside[along] = lens[along];
    let places = places(w, &beside)?;
    let indices = from_start(w, indices, lens[along])?;
    let along_axis = whole_attribute("axis", signed(along));
    for k in 0..of_indices[along] {
        let at = w.whole(&format!("at{k}"), &[signed(k)])?;
        let own = w.inner(&format!("index{k}"), "Gather", &[indices, at], vec![along_axis.clone()])?;
        let number = w.inner(&format!("number{k}"), "Gather", &[updates, at], vec![along_axis.clone()])?;
        let is = w.inner(&format!("is{k}"), "Equal", &[own, places], vec![])?;
        data = w.inner(&format!("with{k}"), "Where", &[is, number, data], vec![])?;
    }
    Ok(tvec!(data))
}

/// Numbers that one node may put at places that are computed.
const MOST_PLACES: usize = 256;

/// `0, 1, ...` along the one axis of `lens` that is longer than 1.
fn places(w: &mut Wiring<'_>, lens: &[usize]) -> TractResult<OutletId> {
    let numbers: Vec<i64> = (0..signed(lens.iter().product::<usize>())).collect();
    w.model.add_const(format!("{}.places", w.name), Tensor::from_shape(lens, &numbers)?)
}

/// Whole numbers of 64 bits, counted from the start: `len` is added to those below 0.
fn from_start(w: &mut Wiring<'_>, indices: OutletId, len: usize) -> TractResult<OutletId> {
    let indices = w.inner("whole", "Cast", &[indices], vec![whole_attribute("to", 7)])?;
    let zero = w.model.add_const(format!("{}.zero", w.name), tensor0(0_i64))?;
    let len = w.model.add_const(format!("{}.len", w.name), tensor0(signed(len)))?;
    let is_before = w.inner("before", "Less", &[indices, zero], vec![])?;
    let turned = w.inner("turned", "Add", &[indices, len], vec![])?;
    w.inner("from_start", "Where", &[is_before, turned, indices], vec![])
}

/// `OneHot`: a new axis of `depth` elements (the last, where `axis` is left out), `on` at the index and `off`
/// elsewhere. Codes of the input are looked up in a table of such rows, see [`OneHot`].
///
/// # Errors
/// Where the depth or the two numbers are computed, and for a depth beyond 2^20.
fn one_hot(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let depth = w.integers(1)?.and_then(|depth| depth.first().copied()).context("it needs a depth")?;
    let values = w.constant(2)?.context("it needs two numbers")?.cast_to::<f32>()?.into_owned();
    let [off, on] = super::floats(&values)?[..] else { bail!("it needs two numbers, off and on") };
    ensure!((1..=1 << 20).contains(&depth), "its depth is {depth}");
    let indices = w.input(0)?;
    let rank = w.rank(indices)? + 1;
    let along = axis(w.node.get_attr_opt("axis")?.unwrap_or(-1), rank)?;
    let hot = w.part("hot", OneHot { depth: to_index(depth), on: on.to_bits(), off: off.to_bits() }, &[indices])?;
    let mut order: Vec<i64> = (0..signed(rank) - 1).collect();
    order.insert(along, signed(rank) - 1);
    Ok(tvec!(w.transposed("order", hot, &order)?))
}
