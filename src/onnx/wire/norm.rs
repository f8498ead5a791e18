//! Normalisations of one stay: layer, instance, group and root mean square.
//!
//! ```text
//! LayerNormalization      y = (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * scale + bias     over the axes from `axis` on
//! InstanceNormalization   the same, over the axes behind batch and channels
//! GroupNormalization      the same, over so many channels together and the axes behind them
//! MeanVarianceNormalization  the same without scale and bias, over `axes`; epsilon 1e-18, which keeps zero over zero a number
//! RMSNormalization        y = x / sqrt(mean(x^2) + epsilon) * scale                              over the axes from `axis` on
//! LpNormalization         y = x / norm(x)                                                        over `axis`
//! ```
//!
//! Each is wired as these steps, whose rules there are; epsilon is 1e-5 where the attribute is left out.

use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::math::{add, div, mul, rsqrt, square, sub};
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer};
use tract_onnx::tract_hir::internal::*;

use super::wiring::{Builder, Wiring, axes, axis, floats};
use crate::engine::number::real32;

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "LayerNormalization" => Builder::new(2..=3, layer),
        "InstanceNormalization" => Builder::new(3..=3, instance),
        "GroupNormalization" => Builder::new(3..=3, group),
        "MeanVarianceNormalization" => Builder::new(1..=1, mean_and_variance),
        "RMSNormalization" => Builder::new(2..=2, root_mean_square),
        "LpNormalization" => Builder::new(1..=1, of_length_one),
        _ => return None,
    })
}

/// `LayerNormalization` (version 17), over the axes from `axis` on, with a scale and a bias along them. The mean and
/// the deviation, its further outputs, are not computed.
fn layer(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let axes = last_axes(w, x)?;
    let centred = centred(w, x, &axes)?;
    let normal = unit(w, centred, &axes, epsilon(w)?)?;
    let (scale, bias) = (w.input(1)?, w.optional(2));
    scaled(w, normal, scale, bias)
}

/// `InstanceNormalization`, over all axes behind the channels, with a scale and a bias for each channel.
///
/// # Errors
/// For an input without axes behind the channels, and a scale or bias of another length.
fn instance(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let shape = w.shape(x)?;
    ensure!(shape.len() > 2, "its input has {} axes; batch, channels and at least one more are read", shape.len());
    let axes: TVec<usize> = (2..shape.len()).collect();
    let centred = centred(w, x, &axes)?;
    let normal = unit(w, centred, &axes, epsilon(w)?)?;
    let scale = along_channels(w, 1, &shape)?;
    let bias = along_channels(w, 2, &shape)?;
    scaled(w, normal, scale, Some(bias))
}

/// `GroupNormalization` (version 18), over the channels of a group and all axes behind them. A scale and a bias each
/// group has up to version 20, and each channel since.
///
/// # Errors
/// Where the channels make no such groups, and for a scale or bias of another length.
fn group(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let shape = w.shape(x)?;
    let n_groups: usize = w.node.get_attr("num_groups")?;
    ensure!(shape.len() > 1, "its input has {} axes; batch, channels and more are read", shape.len());
    let n_channels = shape[1];
    ensure!(n_groups > 0 && n_channels.is_multiple_of(n_groups), "{n_channels} channels do not make {n_groups} groups");
    let grouped = w.reshaped("groups", x, &[shape[0], n_groups, shape[1..].iter().product::<usize>() / n_groups])?;
    let axes = tvec!(2);
    let centred = centred(w, grouped, &axes)?;
    let normal = unit(w, centred, &axes, epsilon(w)?)?;
    let normal = w.reshaped("channels", normal, &shape)?;
    let repeated = if w.version < 21 { n_channels / n_groups } else { 1 };
    let scale = repeated_along_channels(w, 1, &shape, repeated)?;
    let bias = repeated_along_channels(w, 2, &shape, repeated)?;
    scaled(w, normal, scale, Some(bias))
}

/// A constant input with a number for each `times` channels, as `[channels, 1, ...]`.
fn repeated_along_channels(w: &mut Wiring<'_>, slot: usize, shape: &[usize], times: usize) -> TractResult<OutletId> {
    let numbers = w.constant(slot)?.context("it needs a scale and a bias")?.cast_to::<f32>()?.into_owned();
    let numbers: Vec<f32> = floats(&numbers)?.iter().flat_map(|x| std::iter::repeat_n(*x, times)).collect();
    ensure!(numbers.len() == shape[1], "input {slot} has numbers for {} of {} channels", numbers.len(), shape[1]);
    let lens: Vec<usize> = std::iter::once(shape[1]).chain(shape[2..].iter().map(|_| 1)).collect();
    w.numbers(&format!("along{slot}"), &lens, &numbers)
}

/// `RMSNormalization` (version 23): `x / sqrt(mean(x^2) + epsilon) * scale`, over the axes from `axis` on.
fn root_mean_square(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let axes = last_axes(w, x)?;
    let normal = unit(w, x, &axes, epsilon(w)?)?;
    let scale = w.input(1)?;
    scaled(w, normal, scale, None)
}

/// `MeanVarianceNormalization`: `(x - mean) / (deviation + 1e-9)` over `axes`, which are 0, 2 and 3 where they are left out.
/// The square of what ONNX adds to the deviation is added to the variance here: both keep zero over zero a number.
fn mean_and_variance(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let listed = w.node.get_attr_opt_vec("axes")?.unwrap_or_else(|| vec![0, 2, 3]);
    let axes = axes(&listed, w.rank(x)?)?;
    let centred = centred(w, x, &axes)?;
    Ok(tvec!(unit(w, centred, &axes, 1e-18)?))
}

/// `LpNormalization`: x divided by its length (`p` = 2) or its sum of magnitudes (1) along an axis, the last where it is
/// left out.
fn of_length_one(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let operator = match w.node.get_attr_opt::<i64>("p")?.unwrap_or(2) {
        1 => "ReduceL1",
        2 => "ReduceL2",
        other => bail!("its p is {other}; 1 and 2 are read"),
    };
    let along = w.whole("along", &[w.node.get_attr_opt("axis")?.unwrap_or(-1)])?;
    let norm = w.inner("norm", operator, &[x, along], vec![])?;
    Ok(tvec!(w.inner("unit", "Div", &[x, norm], vec![])?))
}

/// The attribute, 1e-5 where it is left out.
fn epsilon(w: &Wiring<'_>) -> TractResult<f32> {
    Ok(w.node.get_attr_opt("epsilon")?.unwrap_or(1e-5))
}

/// The axes from the attribute `axis` on, which is the last one where it is left out.
fn last_axes(w: &Wiring<'_>, x: OutletId) -> TractResult<TVec<usize>> {
    let rank = w.rank(x)?;
    Ok((axis(w.node.get_attr_opt("axis")?.unwrap_or(-1), rank)?..rank).collect())
}

/// `x - mean(x)`
fn centred(w: &mut Wiring<'_>, x: OutletId, axes: &[usize]) -> TractResult<OutletId> {
    let mean = mean(w, "mean", x, axes)?;
    w.part("centred", sub(), &[x, mean])
}

/// `x / sqrt(mean(x^2) + epsilon)`
/// The reciprocal root is an operator of its own, which lowering takes for a gate.
fn unit(w: &mut Wiring<'_>, x: OutletId, axes: &[usize], epsilon: f32) -> TractResult<OutletId> {
    let squares = w.part("squares", square(), &[x])?;
    let variance = mean(w, "variance", squares, axes)?;
    let epsilon = w.number("epsilon", epsilon, x)?;
    let stable = w.spread("stable", add(), variance, epsilon)?;
    let inverse = w.part("inverse", rsqrt(), &[stable])?;
    w.part("normal", mul(), &[x, inverse])
}

/// The mean over axes, which stay, with one element each.
fn mean(w: &mut Wiring<'_>, part: &str, x: OutletId, axes: &[usize]) -> TractResult<OutletId> {
    let shape = w.shape(x)?;
    let n: usize = axes.iter().map(|axis| shape[*axis]).product();
    let sum = w.part(&format!("{part}.sum"), Reduce { axes: axes.into(), reducer: Reducer::Sum }, &[x])?;
    let n = w.number(&format!("{part}.n"), real32(n), x)?;
    w.spread(part, div(), sum, n)
}

/// `normal * scale + bias`, each broadcast from the last axis.
fn scaled(
    w: &mut Wiring<'_>,
    normal: OutletId,
    scale: OutletId,
    bias: Option<OutletId>,
) -> TractResult<TVec<OutletId>> {
    let scaled = w.spread("scaled", mul(), normal, scale)?;
    Ok(tvec!(match bias {
        Some(bias) => w.spread("biased", add(), scaled, bias)?,
        None => scaled,
    }))
}

/// An input `[channels]` as `[channels, 1, ...]`, which stands beside the last axes of `shape`.
fn along_channels(w: &mut Wiring<'_>, slot: usize, shape: &[usize]) -> TractResult<OutletId> {
    let mut wire = w.input(slot)?;
    let of = w.shape(wire)?;
    ensure!(of[..] == shape[1..2], "input {slot} has the shape {of:?}, the data {} channels", shape[1]);
    for axis in 1..shape.len() - 1 {
        wire = w.part(&format!("along{slot}.{axis}"), AxisOp::Add(axis), &[wire])?;
    }
    Ok(wire)
}
