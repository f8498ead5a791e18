//! The equation of a plain recurrent cell, four units side by side.
//!
//! With `x` the step's inputs `[n_inputs]` and `h` the previous hidden state `[n_hidden]`:
//!
//! ```text
//! h' = f(z),  z = x w + h u + b
//! ```
//!
//! Source: ONNX operator specification, `RNN`.

use super::lanes::{Functions, WideLanes, lanes, lanes_mut, times};
use super::packed::Packed;
use super::slopes::Slopes;
use super::spread::{Division, LaneShares, SpreadShares};
use super::step::{StepRecord, share_among};

/// One step. `hour` holds the sums z, and receives everything else.
#[inline(never)]
pub(super) fn forward<A: Functions>(it: &Packed, f: A, hour: &mut [f32], h: &mut [f32]) {
    let (z, state) = hour.split_at_mut(it.sizes.n_lanes);
    for ((z, state), h) in lanes(z).iter().zip(lanes_mut(state)).zip(lanes_mut(h)) {
        *h = f.candidate(z);
        *state = *h;
    }
}

/// `d_z = d_h f'(z)`, for a derivative or a multiplier; the product `d_h_prev = u d_z` follows.
#[inline(never)]
pub(super) fn slopes<S: Slopes>(s: S, h: &[WideLanes], z: &mut [WideLanes]) {
    h.iter().zip(z).enumerate().for_each(|(q, (h, z))| *z = times(*h, s.candidate_slope(0, q)));
}

/// Relevance: `R_x, R_h = linear( [x, h]; w, u, b, out = z, R_h', N = d + e )`. Returns what every lower unit receives
/// besides.
#[inline(never)]
pub(super) fn relevance<R: Division>(
    it: &Packed,
    rule: R,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    z: &mut [WideLanes],
    shares: &mut LaneShares,
) -> f64 {
    let mut spread = SpreadShares::NONE;
    for ((z, h), bias) in z.iter_mut().zip(&*h).zip(lanes(&it.bias)) {
        let message = rule.message(*z, Some(bias), *h, shares);
        spread.add(message.shares);
        *z = message.scale;
    }
    let even = rule.spread(spread) * it.part_of_lower;
    it.hand_to_hidden::<0>(0, z, h);
    share_among::<0>(lanes(&it.units), at.h_before(), even, h);
    even
}
