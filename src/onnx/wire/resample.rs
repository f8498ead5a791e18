//! More or fewer numbers along axes: `Resize`, `Upsample`, and the convolution that spreads what it reads.
//!
//! Along each axis a number that is made is one of those that are there (`nearest`), or a mean of two (`linear`). Both
//! have fixed places and weights, so they become a `Gather` or a product of matrices, whose rules there are.
//!
//! | operator | read | refused |
//! |---|---|---|
//! | `Resize` | modes `nearest` and `linear`; coordinates `half_pixel`, `pytorch_half_pixel`, `align_corners`, `asymmetric` | `cubic`, `antialias`, crops, an aspect ratio that is kept |
//! | `Upsample` | the same modes, coordinates `asymmetric` | `cubic` |
//! | `ConvTranspose` | strides, dilations, pads, groups, output shape and padding | a kernel that is computed |

use tract_onnx::tract_hir::internal::*;

use super::compose::{whole_attribute, whole_attributes};
use super::wiring::{Builder, Wiring, check_volume};
use crate::engine::number::{real, signed, single, to_index, whole};

/// What reads `Resize`, `Upsample` and `ConvTranspose`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Resize" => Builder::new(1..=4, resize),
        "Upsample" => Builder::new(1..=2, upsample),
        "ConvTranspose" => Builder::new(2..=3, spread),
        _ => return None,
    })
}

/// From where along an axis each number is taken: of `from` elements become `to`.
struct Coordinates {
    /// How many elements there are.
    from: usize,
    /// How many are made.
    to: usize,
    /// How many numbers are made of one; not always `to / from`, which is rounded.
    scale: f64,
    /// ONNX's `coordinate_transformation_mode`.
    transformation: String,
}

impl Coordinates {
    /// Where element `k` of what is made stands in the original, in elements; it may lie outside. With n elements of
    /// which m are made, and s the scale:
    ///
    /// | `coordinate_transformation_mode` | place |
    /// |---|---|
    /// | `half_pixel` | `(k + 0.5) / s - 0.5` |
    /// | `pytorch_half_pixel` | the same; 0 where m is 1 |
    /// | `align_corners` | `k (n - 1) / (m - 1)`; 0 where m is 1 |
    /// | `asymmetric` | `k / s` |
    ///
    /// # Errors
    /// For `tf_crop_and_resize` and `half_pixel_symmetric`.
    fn of(&self, k: usize) -> TractResult<f64> {
        let (k, n, m) = (real(k), real(self.from), real(self.to));
        Ok(match self.transformation.as_str() {
            "half_pixel" => (k + 0.5) / self.scale - 0.5,
            "pytorch_half_pixel" if self.to == 1 => 0.0,
            "pytorch_half_pixel" => (k + 0.5) / self.scale - 0.5,
            "align_corners" if self.to == 1 => 0.0,
            "align_corners" => k * (n - 1.0) / (m - 1.0),
            "asymmetric" => k / self.scale,
            other => bail!("its coordinate_transformation_mode is {other}, which is not read"),
        })
    }

    /// The element of the original that is nearest to where element `k` stands, rounded as `mode` says, and clamped to
    /// the axis.
    fn nearest(&self, k: usize, mode: &str) -> TractResult<usize> {
        let at = self.of(k)?;
        let nearest = match mode {
            "round_prefer_floor" => (at - 0.5).ceil(),
            "round_prefer_ceil" => (at + 0.5).floor(),
            "floor" => at.floor(),
            "ceil" => at.ceil(),
            other => bail!("its nearest_mode is {other}, which is not read"),
        };
        Ok(whole(nearest.clamp(0.0, real(self.from - 1))))
    }

    /// `[from, to]`: each number that is made as a mean of the two beside its place, with weights that add up to 1.
    /// Beyond the first and the last element these count alone.
    fn linear(&self) -> TractResult<Vec<f32>> {
        let mut weights = vec![0.0; self.from * self.to];
        for k in 0..self.to {
            let at = self.of(k)?.clamp(0.0, real(self.from - 1));
            let low = whole(at.floor());
            let high = (low + 1).min(self.from - 1);
            weights[low * self.to + k] += single(1.0 - (at - at.floor()));
            weights[high * self.to + k] += single(at - at.floor());
        }
        Ok(weights)
    }
}

/// `Resize`: scales or sizes along all axes, or along those that `axes` names. Scales are the second input up to
/// version 10, the third since, and sizes the fourth.
///
/// # Errors
/// For `cubic`, `antialias`, an aspect ratio that is to be kept, and the modes that [`Coordinates`] does not read.
fn resize(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let lens = w.shape(w.input(0)?)?;
    let is_old = w.version < 11;
    let named: Option<Vec<i64>> = w.node.get_attr_opt_vec("axes")?;
    let along = match named {
        Some(axes) => super::wiring::axes(&axes, lens.len())?,
        None => (0..lens.len()).collect(),
    };
    let listed = |slot: usize| -> TractResult<Option<Vec<f64>>> {
        let Some(constant) = w.constant(slot)?.filter(|constant| constant.len() > 0) else { return Ok(None) };
        Ok(Some(constant.cast_to::<f64>()?.try_as_plain_ram()?.as_slice::<f64>()?.to_vec()))
    };
    let (scales, sizes) = (listed(if is_old { 1 } else { 2 })?, if is_old { None } else { listed(3)? });
    let policy = w.node.get_attr_opt::<&str>("keep_aspect_ratio_policy")?.unwrap_or("stretch");
    ensure!(policy == "stretch", "its keep_aspect_ratio_policy is {policy}, which is not read");
    ensure!(!w.flag("antialias")?, "it smooths what it makes smaller (antialias), which is not read");
    let transformation = if is_old { "asymmetric" } else { "half_pixel" };
    let transformation =
        w.node.get_attr_opt::<&str>("coordinate_transformation_mode")?.unwrap_or(transformation).to_owned();
    let numbers = scales.as_ref().or(sizes.as_ref()).context("it needs scales or sizes")?;
    ensure!(numbers.len() == along.len(), "it has {} numbers for {} axes", numbers.len(), along.len());
    let coordinates = along.iter().zip(numbers).map(|(axis, number)| {
        let from = lens[*axis];
        let to = if scales.is_some() { (real(from) * number).floor() } else { *number };
        let scale = if scales.is_some() { *number } else { number / real(from) };
        ensure!(from > 0 && to >= 1.0 && to <= f64::from(u32::MAX), "it makes {to} of {from}");
        Ok((*axis, Coordinates { from, to: whole(to), scale, transformation: transformation.clone() }))
    });
    let coordinates = coordinates.collect::<TractResult<Vec<_>>>()?;
    resampled(w, coordinates)
}

/// `Upsample`, which came before `Resize` (up to version 9): scales, and coordinates without a shift.
fn upsample(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let lens = w.shape(w.input(0)?)?;
    let scales: Vec<f64> = match w.constant(1)? {
        Some(scales) => scales.cast_to::<f64>()?.try_as_plain_ram()?.as_slice::<f64>()?.to_vec(),
        None => w.node.get_attr_vec::<f32>("scales")?.into_iter().map(f64::from).collect(),
    };
    ensure!(scales.len() == lens.len(), "it has {} scales for {} axes", scales.len(), lens.len());
    let coordinates = scales.iter().zip(&lens).enumerate().map(|(axis, (scale, from))| {
        let to = (real(*from) * scale).floor();
        ensure!(*from > 0 && (1.0..=f64::from(u32::MAX)).contains(&to), "it makes {to} of {from}");
        Ok((axis, Coordinates { from: *from, to: whole(to), scale: *scale, transformation: "asymmetric".into() }))
    });
    let coordinates = coordinates.collect::<TractResult<Vec<_>>>()?;
    resampled(w, coordinates)
}

/// Resamples one axis after the other, which is what `linear` of several axes means. Axes that stay as they are are
/// left alone.
fn resampled(w: &mut Wiring<'_>, coordinates: Vec<(usize, Coordinates)>) -> TractResult<TVec<OutletId>> {
    let mode = w.node.get_attr_opt::<&str>("mode")?.unwrap_or("nearest").to_owned();
    let default = if w.node.op_type == "Upsample" || w.version < 11 { "floor" } else { "round_prefer_floor" };
    let rounding = w.node.get_attr_opt::<&str>("nearest_mode")?.unwrap_or(default).to_owned();
    let mut wire = w.input(0)?;
    for (axis, coordinates) in coordinates.into_iter().filter(|(_, it)| it.from != it.to || it.scale != 1.0) {
        let shape = w.shape(wire)?;
        let made = shape.iter().enumerate().map(|(k, len)| if k == axis { coordinates.to } else { *len });
        check_volume(made.map(|len| len as u64))?;
        match mode.as_str() {
            "nearest" => {
                let places = (0..coordinates.to).map(|k| Ok(signed(coordinates.nearest(k, &rounding)?)));
                let places = places.collect::<TractResult<Vec<i64>>>()?;
                let places = w.whole(&format!("places{axis}"), &places)?;
                let along = whole_attribute("axis", signed(axis));
                wire = w.inner(&format!("along{axis}"), "Gather", &[wire, places], vec![along])?;
            }
            "linear" => {
                check_volume([coordinates.from as u64, coordinates.to as u64])?;
                let weights = coordinates.linear()?;
                let weights = w.numbers(&format!("weights{axis}"), &[coordinates.from, coordinates.to], &weights)?;
                let mut order: Vec<i64> = (0..signed(shape.len())).collect();
                order.swap(axis, shape.len() - 1);
                wire = w.transposed(&format!("last{axis}"), wire, &order)?;
                wire = w.inner(&format!("along{axis}"), "MatMul", &[wire, weights], vec![])?;
                wire = w.transposed(&format!("back{axis}"), wire, &order)?;
            }
            other => bail!("its mode is {other}; nearest and linear are read"),
        }
    }
    Ok(tvec!(wire))
}

/// `ConvTranspose`: a convolution over its input with zeros between the numbers (`strides`) and around them, by the
/// kernel turned round. Written so, it needs no rule of its own.
///
/// Along an axis of n numbers, with a kernel of K, stride s, dilation d, padding p on both sides together and output
/// padding q, it makes
///
/// ```text
/// m = (n - 1) s + (K - 1) d + 1 + q - p        numbers; output_shape and auto_pad give m, and p follows
/// ```
///
/// # Errors
/// For a kernel that is computed, that has other axes than the input, and for attributes that are negative or of
/// another number.
fn spread(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (x, kernel) = (w.input(0)?, w.constant(1)?.context("it needs a kernel")?);
    let (lens, of_kernel) = (w.shape(x)?, kernel.shape().to_vec());
    let n = lens.len().saturating_sub(2);
    ensure!(n > 0 && of_kernel.len() == n + 2, "its kernel has {} axes, its input {}", of_kernel.len(), lens.len());
    let list = |name: &str, default: i64, count: usize| -> TractResult<Vec<i64>> {
        let numbers = w.node.get_attr_opt_vec::<i64>(name)?.unwrap_or_else(|| vec![default; count]);
        ensure!(numbers.len() == count && numbers.iter().all(|k| (0..1 << 20).contains(k)), "{name} is {numbers:?}");
        Ok(numbers)
    };
    let (strides, dilations) = (list("strides", 1, n)?, list("dilations", 1, n)?);
    let (mut pads, further) = (list("pads", 0, 2 * n)?, list("output_padding", 0, n)?);
    ensure!(!strides.contains(&0) && !dilations.contains(&0), "a stride or dilation is 0");
    let group = w.node.get_attr_opt::<usize>("group")?.unwrap_or(1);
    let reach = |k: usize| (signed(of_kernel[2 + k]) - 1) * dilations[k];
    let full = |k: usize| (signed(lens[2 + k]) - 1) * strides[k] + reach(k) + 1 + further[k];
    let same = w.node.get_attr_opt::<&str>("auto_pad")?.unwrap_or("NOTSET").to_owned();
    let wanted: Option<Vec<i64>> = w.node.get_attr_opt_vec("output_shape")?;
    for k in 0..n {
        let to = match (&wanted, same.as_str()) {
            (Some(wanted), _) => wanted[wanted.len().saturating_sub(n) + k..].first().copied(),
            (None, "SAME_UPPER" | "SAME_LOWER") => Some(signed(lens[2 + k]) * strides[k]),
            _ => None,
        };
        if let Some(to) = to {
            let total = (full(k) - to).max(0);
            let (half, rest) = (total / 2, total - total / 2);
            (pads[k], pads[n + k]) = if same == "SAME_UPPER" { (half, rest) } else { (rest, half) };
        }
    }
    let mut wire = x;
    for k in 0..n {
        wire = apart(w, wire, k, to_index(strides[k]))?;
        let (before, after) = (reach(k) - pads[k], reach(k) - pads[n + k] + further[k]);
        wire = bordered(w, wire, 2 + k, [before, after])?;
    }
    let turned = turned(&kernel, group)?;
    let kernel = w.model.add_const(format!("{}.kernel", w.name), turned)?;
    let inputs: Vec<OutletId> = [wire, kernel].into_iter().chain(w.optional(2)).collect();
    let attributes = vec![whole_attribute("group", signed(group)), whole_attributes("dilations", &dilations)];
    Ok(tvec!(w.inner("convolution", "Conv", &inputs, attributes)?))
}

/// Puts `stride - 1` zeros between the numbers along axis `2 + k`: each number becomes a row of itself and zeros, the
/// rows are joined, and the zeros behind the last number are cut off.
fn apart(w: &mut Wiring<'_>, x: OutletId, k: usize, stride: usize) -> TractResult<OutletId> {
    if stride == 1 {
        return Ok(x);
    }
    let (lens, axis) = (w.shape(x)?, 2 + k);
    let split: Vec<usize> = [&lens[..=axis], &[1], &lens[axis + 1..]].concat();
    let mut wire = w.reshaped(&format!("split{k}"), x, &split)?;
    wire = padded(w, &format!("zeros{k}"), wire, axis + 1, [0, signed(stride) - 1])?;
    let mut joined = lens.to_vec();
    joined[axis] *= stride;
    wire = w.reshaped(&format!("joined{k}"), wire, &joined)?;
    cut(w, &format!("last{k}"), wire, axis, [0, signed((lens[axis] - 1) * stride + 1)])
}

/// So many zeros before and after along an axis; where it is fewer than none, so many numbers less.
fn bordered(w: &mut Wiring<'_>, x: OutletId, axis: usize, [before, after]: [i64; 2]) -> TractResult<OutletId> {
    let wire = padded(w, &format!("border{axis}"), x, axis, [before.max(0), after.max(0)])?;
    let len = signed(w.shape(wire)?[axis]);
    cut(w, &format!("inside{axis}"), wire, axis, [(-before).max(0), len - (-after).max(0)])
}

/// So many zeros before and after along an axis; x itself, where there are none.
fn padded(w: &mut Wiring<'_>, part: &str, x: OutletId, axis: usize, sides: [i64; 2]) -> TractResult<OutletId> {
    if sides == [0, 0] {
        return Ok(x);
    }
    let rank = w.rank(x)?;
    let mut pads = vec![0; 2 * rank];
    (pads[axis], pads[rank + axis]) = (sides[0], sides[1]);
    let pads = w.whole(&format!("{part}.pads"), &pads)?;
    w.inner(part, "Pad", &[x, pads], vec![])
}

/// The elements from `start` up to `end` along an axis; x itself, where these are all.
fn cut(w: &mut Wiring<'_>, part: &str, x: OutletId, axis: usize, [start, end]: [i64; 2]) -> TractResult<OutletId> {
    if start == 0 && end == signed(w.shape(x)?[axis]) {
        return Ok(x);
    }
    ensure!(start < end, "it leaves nothing");
    let bounds = [("start", start), ("end", end), ("axis", signed(axis))];
    let bounds = bounds.map(|(bound, number)| w.whole(&format!("{part}.{bound}"), &[number]));
    let [start, end, axis] = bounds;
    w.inner(part, "Slice", &[x, start?, end?, axis?], vec![])
}

/// `[in, out / group, ...]` as `[out, in / group, ...]`, from the last number to the first along every axis that slides.
fn turned(kernel: &Tensor, group: usize) -> TractResult<Tensor> {
    let lens = kernel.shape();
    let (n_in, n_out, size) = (lens[0], lens[1], lens[2..].iter().product::<usize>());
    ensure!(group > 0 && n_in % group == 0, "{n_in} channels do not make {group} groups");
    let from = super::floats(kernel)?;
    let n_each = n_in / group;
    let at = |k: usize| {
        let (o, i, place) = (k / (n_each * size), k / size % n_each, k % size);
        let (of_group, within) = (o / n_out, o % n_out);
        from[((of_group * n_each + i) * n_out + within) * size + (size - 1 - place)]
    };
    let numbers: Vec<f32> = (0..n_in * n_out * size).map(at).collect();
    Tensor::from_shape(&[&[n_out * group, n_each], &lens[2..]].concat(), &numbers)
}
