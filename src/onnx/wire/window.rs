//! Convolutions and pools, of data `[batch, channels, ...]`: `Conv`, `AveragePool`, `MaxPool`, `GlobalAveragePool`,
//! `GlobalMaxPool`.
//!
//! tract pads, counts and rounds them as ONNX says. What it does not look at is looked at here: windows that are larger
//! than their data, groups that do not fit, and outputs that would be too large.
//!
//! | attribute | read of it |
//! |---|---|
//! | `kernel_shape` | of pools; a convolution's is that of its kernel |
//! | `strides`, `dilations` | one number above 0 for each axis that slides, 1 by default |
//! | `pads` | numbers before, then numbers after each of these axes |
//! | `auto_pad` | `NOTSET`, `VALID`, `SAME_UPPER`, `SAME_LOWER` |
//! | `group` | of convolutions: divides the channels |
//! | `ceil_mode`, `count_include_pad` | of pools: a last window that is not full; whether padding counts in a mean |

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::cnn::{PaddingSpec, PoolSpec};
use tract_onnx::tract_core::ops::nn::DataFormat;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::cnn::{Conv, HirMaxPool, HirSumPool};
use tract_onnx::tract_hir::ops::nn::{GlobalAvgPool, GlobalMaxPool};

use super::wiring::{Builder, Wiring, check_volume};

/// Widest window that is centred over each number, however few there are.
const MAX_REACH: usize = 1 << 12;

/// What reads the operators of this file; `ConvTranspose` is in `resample.rs`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Conv" => Builder::new(2..=3, convolution),
        "AveragePool" => Builder::new(1..=1, average_pool),
        "MaxPool" => Builder::new(1..=1, max_pool),
        "GlobalAveragePool" => Builder::new(1..=1, |w| {
            spatial_rank(w)?;
            w.expand(&GlobalAvgPool)
        }),
        "GlobalMaxPool" => Builder::new(1..=1, |w| {
            spatial_rank(w)?;
            w.expand(&GlobalMaxPool)
        }),
        _ => return None,
    })
}

/// Axes of the first input beside batch and channels.
fn spatial_rank(w: &Wiring<'_>) -> TractResult<usize> {
    let rank = w.rank(w.input(0)?)?;
    ensure!(rank > 2, "its input has {rank} axes; batch, channels and at least one more are read");
    Ok(rank - 2)
}

/// `Conv` with a kernel `[channels, input channels / group, ...]`, and optionally a bias, one number a channel.
///
/// # Errors
/// For a kernel of other axes than the data's, an empty one, and groups that do not divide the channels.
fn convolution(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let n = spatial_rank(w)?;
    let kernel = w.shape(w.input(1)?)?;
    ensure!(kernel.len() == n + 2, "its kernel has {} axes, its input {}", kernel.len(), n + 2);
    ensure!(!kernel.contains(&0), "its kernel {kernel:?} is empty");
    let group = w.node.get_attr_opt::<usize>("group")?.unwrap_or(1);
    ensure!(group > 0 && kernel[0] % group == 0, "{} channels do not make {group} groups", kernel[0]);
    check_window(w, &kernel[2..], kernel[0])?;
    let mut op = Conv::default().padding(padding(w.node, n, false)?).group(group);
    if let Some(strides) = numbers(w.node, "strides", n)? {
        op = op.strides(strides);
    }
    if let Some(dilations) = numbers(w.node, "dilations", n)? {
        op = op.dilations(dilations);
    }
    if let Some(bias) = w.optional(2) {
        let shape = w.shape(bias)?;
        ensure!(shape[..] == kernel[..1], "its bias has the shape {shape:?}, its kernel {} channels", kernel[0]);
        op = op.bias_input(2);
    }
    w.expand(&op)
}

/// `AveragePool`: the mean of each window. Padding counts as zeros with `count_include_pad`, and not at all without.
fn average_pool(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let count_include_pad = w.node.get_attr_opt::<i64>("count_include_pad")?.unwrap_or(0) == 1;
    let pool = pool(w)?;
    w.expand(&HirSumPool::new(pool, count_include_pad, true))
}

/// `MaxPool`. The places of the maxima, its second output, are not computed.
fn max_pool(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let pool = pool(w)?;
    w.expand(&HirMaxPool::new(pool, None))
}

/// The windows of a pool: `kernel_shape`, and optionally `strides`, `dilations`, `pads` or `auto_pad`, and `ceil_mode`.
fn pool(w: &Wiring<'_>) -> TractResult<PoolSpec> {
    let n = spatial_rank(w)?;
    let kernel = numbers(w.node, "kernel_shape", n)?.context("it needs a kernel_shape")?;
    check_window(w, &kernel, w.shape(w.input(0)?)?[1])?;
    let (strides, dilations) = (numbers(w.node, "strides", n)?, numbers(w.node, "dilations", n)?);
    Ok(PoolSpec::new(DataFormat::NCHW, kernel, padding(w.node, n, true)?, dilations, strides, 0, 0))
}

/// Refuses a window that is larger than what it moves over, and one that makes more numbers than one node may make.
fn check_window(w: &Wiring<'_>, kernel: &[usize], n_channels: usize) -> TractResult<()> {
    let shape = w.shape(w.input(0)?)?;
    ensure!(!shape.contains(&0), "its input {shape:?} is empty");
    let n = kernel.len();
    check_volume(kernel.iter().map(|len| *len as u64))?;
    let pads: TVec<usize> = w.node.get_attr_opt_tvec("pads")?.unwrap_or_else(|| tvec!(0; 2 * n));
    ensure!(pads.len() == 2 * n, "pads must be {} numbers, they are {pads:?}", 2 * n);
    let dilations = numbers(w.node, "dilations", n)?.unwrap_or_else(|| tvec!(1; n));
    let is_same = w.node.get_attr_opt::<&str>("auto_pad")?.is_some_and(|mode| mode.starts_with("SAME"));
    let padded = (0..n).map(|k| shape[2 + k].saturating_add(pads[k]).saturating_add(pads[n + k]));
    for ((len, padded), dilation) in kernel.iter().zip(padded.clone()).zip(dilations) {
        let reach = (len - 1).saturating_mul(dilation).saturating_add(1);
        ensure!(reach <= padded || is_same && reach <= MAX_REACH, "a window of {reach} does not fit into {padded}");
    }
    check_volume([shape[0], n_channels].into_iter().chain(padded).map(|len| len as u64))
}

/// An attribute with one number above 0 for each of `n` axes.
fn numbers(node: &NodeProto, name: &str, n: usize) -> TractResult<Option<TVec<usize>>> {
    let numbers: Option<TVec<usize>> = node.get_attr_opt_tvec(name)?;
    if let Some(numbers) = &numbers {
        ensure!(numbers.len() == n && !numbers.contains(&0), "{name} must be {n} numbers above 0, it is {numbers:?}");
    }
    Ok(numbers)
}

/// How data is padded: by `pads` before and after each axis, by none (`VALID`), or by as much as keeps the size
/// (`SAME_UPPER`, `SAME_LOWER`). `ceil_mode`, of a pool only, makes room for a last window that is not full.
fn padding(node: &NodeProto, n: usize, is_pool: bool) -> TractResult<PaddingSpec> {
    match node.get_attr_opt::<&str>("auto_pad")? {
        None | Some("NOTSET") => {}
        Some("VALID") => return Ok(PaddingSpec::Valid),
        Some("SAME_UPPER") => return Ok(PaddingSpec::SameUpper),
        Some("SAME_LOWER") => return Ok(PaddingSpec::SameLower),
        Some(other) => bail!("auto_pad is {other}, which is not read"),
    }
    let pads: TVec<usize> = node.get_attr_opt_tvec("pads")?.unwrap_or_else(|| tvec!(0; 2 * n));
    let (before, after): (TVec<usize>, TVec<usize>) = (pads[..n].into(), pads[n..].into());
    let is_rounded_up = node.get_attr_opt::<i64>("ceil_mode")?.unwrap_or(0) == 1;
    Ok(if is_pool {
        PaddingSpec::ExplicitOnnxPool(before, after, is_rounded_up)
    } else {
        PaddingSpec::Explicit(before, after)
    })
}
