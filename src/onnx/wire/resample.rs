//! More or fewer numbers along axes: `Resize`, `Upsample`, and the convolution that spreads what it reads.
//!
//! Along each axis a number that is made is one of those that are there (`nearest`), or a mean of those around it
//! (`linear`, `cubic`). Places and weights are fixed, so they become a `Gather` or a product of matrices, whose rules
//! there are.
//!
//! | operator | read | refused |
//! |---|---|---|
//! | `Resize` | modes `nearest`, `linear`, `cubic`; `antialias`, `exclude_outside`, an aspect ratio that is kept; coordinates `half_pixel`, `half_pixel_symmetric`, `pytorch_half_pixel`, `align_corners`, `asymmetric` | crops (`tf_crop_and_resize`) |
//! | `Upsample` | modes `nearest` and `linear`, coordinates `asymmetric` | |
//! | `Col2Im` | patches put back and added up where they overlap: a transposed convolution | |
//! | `CenterCropPad` | constant sizes | |
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
        "Col2Im" => Builder::new(3..=3, patches),
        "CenterCropPad" => Builder::new(2..=2, centred),
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
    /// | `half_pixel_symmetric` | the same, shifted by `(n - m / s) / 2` |
    /// | `pytorch_half_pixel` | the same; 0 where m is 1 |
    /// | `align_corners` | `k (n - 1) / (m - 1)`; 0 where m is 1 |
    /// | `asymmetric` | `k / s` |
    ///
    /// # Errors
    /// For `tf_crop_and_resize`.
    fn of(&self, k: usize) -> TractResult<f64> {
        let (k, n, m) = (real(k), real(self.from), real(self.to));
        Ok(match self.transformation.as_str() {
            "half_pixel" => (k + 0.5) / self.scale - 0.5,
            "half_pixel_symmetric" => (k + 0.5) / self.scale - 0.5 + (n - m / self.scale) / 2.0,
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

    /// `[from, to]`: each number that is made as a mean of those around its place, with weights that add up to 1. Where
    /// elements are missing beyond an edge, the one at the edge counts for them.
    ///
    /// # Errors
    /// As [`Coordinates::of`].
    fn weights(&self, kernel: &Kernel) -> TractResult<Vec<f32>> {
        let last = real(self.from - 1);
        let narrow = if kernel.is_smoothed { self.scale.min(1.0) } else { 1.0 };
        let mut weights = vec![0.0; self.from * self.to];
        for k in 0..self.to {
            let at = self.of(k)?;
            let reach = kernel.reach() / narrow;
            let around = (0..=whole((2.0 * reach).ceil())).map(|i| (at - reach).ceil() + real(i));
            let around = around.map(|i| (i, kernel.at((i - at) * narrow)));
            let around = around.filter(|(i, _)| !kernel.is_inside || (0.0..=last).contains(i));
            let around: Vec<(f64, f64)> = around.collect();
            let sum: f64 = around.iter().map(|(_, weight)| weight).sum();
            for (i, weight) in around {
                weights[whole(i.clamp(0.0, last)) * self.to + k] += single(weight / sum);
            }
        }
        Ok(weights)
    }
}

/// How much the elements around a place count, by how far from it they are.
struct Kernel {
    /// The `cubic_coeff_a` of a cubic one; `None` for a linear one.
    cubic: Option<f64>,
    /// Whether it is as much wider as fewer numbers are made (`antialias`).
    is_smoothed: bool,
    /// Whether nothing stands for elements beyond an edge (`exclude_outside`).
    is_inside: bool,
}

impl Kernel {
    /// From how far on elements do not count.
    fn reach(&self) -> f64 {
        self.cubic.map_or(1.0, |_| 2.0)
    }

    /// The weight of an element x elements away (Keys 1981, of the cubic one):
    ///
    /// ```text
    /// linear   1 - |x|                                    up to 1
    /// cubic    (a + 2) |x|^3 - (a + 3) |x|^2 + 1          up to 1
    ///          a (|x|^3 - 5 |x|^2 + 8 |x| - 4)            up to 2
    /// ```
    fn at(&self, x: f64) -> f64 {
        let x = x.abs();
        match self.cubic {
            None => (1.0 - x).max(0.0),
            Some(a) if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Some(a) if x < 2.0 => a * (((x - 5.0) * x + 8.0) * x - 4.0),
            Some(_) => 0.0,
        }
    }
}

/// `Resize`: scales or sizes along all axes, or along those that `axes` names. Scales are the second input up to
/// version 10, the third since, and sizes the fourth.
///
/// # Errors
/// For the modes that [`Coordinates`] does not read.
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
    let transformation = if is_old { "asymmetric" } else { "half_pixel" };
    let transformation =
        w.node.get_attr_opt::<&str>("coordinate_transformation_mode")?.unwrap_or(transformation).to_owned();
    let numbers = scales.as_ref().or(sizes.as_ref()).context("it needs scales or sizes")?;
    ensure!(numbers.len() == along.len(), "it has {} numbers for {} axes", numbers.len(), along.len());
    // Of a kept aspect ratio the scale of all axes is the least or the greatest of theirs.
    let ratios = along.iter().zip(numbers).map(|(axis, size)| size / real(lens[*axis]));
    let common = match (policy, &scales) {
        (_, Some(_)) | ("stretch", None) => None,
        ("not_larger", None) => Some(ratios.fold(f64::INFINITY, f64::min)),
        ("not_smaller", None) => Some(ratios.fold(0.0, f64::max)),
        (other, None) => bail!("its keep_aspect_ratio_policy is {other}, which is not read"),
    };
    let coordinates = along.iter().zip(numbers).map(|(axis, number)| {
        let from = lens[*axis];
        let (to, scale) = match (&scales, common) {
            (Some(_), _) => ((real(from) * number).floor(), *number),
            (None, Some(scale)) => ((real(from) * scale + 0.5).floor(), scale),
            (None, None) => (*number, number / real(from)),
        };
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

/// Resamples one axis after the other, which is what `linear` and `cubic` of several axes mean. Axes that stay as they are are
/// left alone.
fn resampled(w: &mut Wiring<'_>, coordinates: Vec<(usize, Coordinates)>) -> TractResult<TVec<OutletId>> {
    let mode = w.node.get_attr_opt::<&str>("mode")?.unwrap_or("nearest").to_owned();
    let default = if w.node.op_type == "Upsample" || w.version < 11 { "floor" } else { "round_prefer_floor" };
    let rounding = w.node.get_attr_opt::<&str>("nearest_mode")?.unwrap_or(default).to_owned();
    let a = w.node.get_attr_opt::<f32>("cubic_coeff_a")?.unwrap_or(-0.75);
    let cubic = (mode == "cubic").then_some(f64::from(a));
    let kernel = Kernel { cubic, is_smoothed: w.flag("antialias")?, is_inside: w.flag("exclude_outside")? };
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
            "linear" | "cubic" => {
                check_volume([coordinates.from as u64, coordinates.to as u64])?;
                let weights = coordinates.weights(&kernel)?;
                let weights = w.numbers(&format!("weights{axis}"), &[coordinates.from, coordinates.to], &weights)?;
                let mut order: Vec<i64> = (0..signed(shape.len())).collect();
                order.swap(axis, shape.len() - 1);
                wire = w.transposed(&format!("last{axis}"), wire, &order)?;
                wire = w.inner(&format!("along{axis}"), "MatMul", &[wire, weights], vec![])?;
                wire = w.transposed(&format!("back{axis}"), wire, &order)?;
            }
            other => bail!("its mode is {other}; nearest, linear and cubic are read"),
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

/// `Col2Im` of `[batch, channels * block, places]`: each place's block is added to the picture where it stands. That is
/// `ConvTranspose` of a group a channel, whose kernel puts number `k` of a block at place `k`.
///
/// ```text
/// blocks of two, each one behind the one before      a b     c d     e f
/// added up where they stand                          a  b+c  d+e  f
/// ```
///
/// Numbers of the picture that no whole block reaches are left 0; they are as many as the strides leave over.
///
/// # Errors
/// For sizes that make no such places.
fn patches(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let lens = w.shape(w.input(0)?)?;
    let image = w.integers(1)?.context("it needs the sizes of the picture")?;
    let block = w.integers(2)?.context("it needs the sizes of a block")?;
    let n = image.len();
    let list = |name: &str, default: i64, count: usize| -> TractResult<Vec<i64>> {
        let numbers = w.node.get_attr_opt_vec::<i64>(name)?.unwrap_or_else(|| vec![default; count]);
        ensure!(numbers.len() == count && numbers.iter().all(|k| (0..1 << 20).contains(k)), "{name} is {numbers:?}");
        Ok(numbers)
    };
    let (strides, dilations, pads) = (list("strides", 1, n)?, list("dilations", 1, n)?, list("pads", 0, 2 * n)?);
    ensure!(n > 0 && block.len() == n && lens.len() == 3, "{block:?} are no blocks of {image:?}");
    ensure!(image.iter().chain(&block).all(|len| (1..1 << 20).contains(len)), "its sizes are {image:?}, {block:?}");
    ensure!(!strides.contains(&0), "a stride is 0");
    let size: usize = block.iter().map(|len| to_index(*len)).product();
    ensure!(lens[1].is_multiple_of(size), "{} numbers do not make blocks of {size}", lens[1]);
    let rest = |k: usize| image[k] + pads[k] + pads[n + k] - dilations[k] * (block[k] - 1) - 1;
    let grid: Vec<usize> = (0..n).map(|k| to_index(rest(k).div_euclid(strides[k]) + 1)).collect();
    let further: Vec<i64> = (0..n).map(|k| rest(k).rem_euclid(strides[k])).collect();
    ensure!(grid.iter().product::<usize>() == lens[2], "{} blocks do not make {image:?}", lens[2]);
    let group = lens[1] / size;
    let of_kernel: Vec<usize> = [lens[1], 1].into_iter().chain(block.iter().map(|len| to_index(*len))).collect();
    check_volume(of_kernel.iter().map(|len| *len as u64))?;
    let is_own = |k: usize| if k / size % size == k % size { 1.0 } else { 0.0 };
    let kernel: Vec<f32> = (0..lens[1] * size).map(is_own).collect();
    let kernel = w.numbers("kernel", &of_kernel, &kernel)?;
    let x = w.input(0)?;
    let x = w.reshaped("places", x, &[&lens[..2], &grid].concat())?;
    let attributes = [("strides", &strides), ("dilations", &dilations), ("pads", &pads), ("output_padding", &further)];
    let mut attributes: Vec<_> = attributes.iter().map(|(name, numbers)| whole_attributes(name, numbers)).collect();
    attributes.push(whole_attribute("group", signed(group)));
    Ok(tvec!(w.inner("picture", "ConvTranspose", &[x, kernel], attributes)?))
}

/// `CenterCropPad`: axes cut or filled up with zeros on both sides to constant sizes; of an odd number one more behind.
///
/// ```text
/// a b c d e to 2     b c          to 8     0 a b c d e 0 0
/// ```
///
/// # Errors
/// For a size of 0, and another number of sizes than axes.
fn centred(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut wire = w.input(0)?;
    let lens = w.shape(wire)?;
    let sizes = w.integers(1)?.context("it needs sizes")?;
    let along = match w.node.get_attr_opt_vec("axes")? {
        Some(axes) => super::wiring::axes(&axes, lens.len())?,
        None => (0..lens.len()).collect(),
    };
    ensure!(sizes.len() == along.len(), "it has {} sizes for {} axes", sizes.len(), along.len());
    for (axis, size) in along.into_iter().zip(sizes) {
        ensure!((1..=i64::from(u32::MAX)).contains(&size), "it makes {size}");
        let more = size - signed(lens[axis]);
        check_volume([lens[axis] as u64, size.unsigned_abs()])?;
        // Division goes towards zero: the smaller half is in front, of what is cut too.
        wire = bordered(w, wire, axis, [more / 2, more - more / 2])?;
    }
    Ok(tvec!(wire))
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
    w.sliced(part, x, axis, [start, end, 1])
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
