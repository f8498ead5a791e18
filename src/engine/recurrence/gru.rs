//! The equations of a gated recurrent unit, four units side by side.
//!
//! With `x` the step's inputs `[n_inputs]` and `h` the previous hidden state `[n_hidden]`:
//!
//! ```text
//! z = gate(x w_z + h u_z + b_z)            r = gate(x w_r + h u_r + b_r)
//! n = candidate(x w_n + (r * h) u_n + b_n)                  the reset gate comes before the recurrent product, or
//! n = candidate(x w_n + r * (h u_n + c_n) + b_n)            after it (ONNX: linear_before_reset)
//! h' = (1 - z) * n + z * h
//! ```
//!
//! Source: ONNX operator specification, `GRU`, which calls the candidate `h`; here it is `n`. The gates come in the
//! order z, r, n in both.

use super::cell::CellKind;
use super::lanes::{Functions, WideLanes, lanes, lanes_mut, plus, times, wide};
use super::packed::Packed;
use super::slopes::Slopes;
use super::spread::{Division, LaneShares, SpreadShares};
use super::step::StepRecord;
use crate::engine::number::real;

/// The blocks in their order: the update gate.
pub(super) const Z: usize = 0;
/// The reset gate.
const R: usize = 1;
/// The candidate.
pub(super) const N: usize = 2;

impl Packed {
    /// Whether it is a GRU whose reset gate comes after the recurrent product.
    #[inline(always)]
    pub(super) const fn is_reset_after(&self) -> bool {
        matches!(self.cell.kind, CellKind::Gru { reset_after: Some(_) })
    }
}

/// The gates of a step, and what the reset gate makes. `hour` holds the gates' sums `x w + h u + b`, of the candidate what
/// comes from the inputs, and, where the reset gate comes after the recurrent product, that product.
#[inline(never)]
pub(super) fn gates<A: Functions>(it: &Packed, f: A, hour: &mut [f32], h: &[f32]) {
    let n_lanes = it.sizes.n_lanes;
    let n = n_lanes / 4;
    let (sums, rest) = hour.split_at_mut(3 * n_lanes);
    let (values, rest) = rest.split_at_mut(3 * n_lanes);
    let (values, sums, reset) = (lanes_mut(values), lanes_mut(sums), lanes_mut(&mut rest[..n_lanes]));
    for (q, reset) in reset.iter_mut().enumerate() {
        for block in [Z, R] {
            values[block * n + q] = f.gate(&sums[block * n + q]);
        }
        let r = values[R * n + q];
        if it.is_reset_after() {
            (0..4).for_each(|lane| sums[N * n + q][lane] += r[lane] * reset[lane]);
        } else {
            (0..4).for_each(|lane| reset[lane] = r[lane] * lanes(h)[q][lane]);
        }
    }
}

/// The candidate of a step and the hidden state after it. `hour` holds the gates, and the candidate's whole sum.
#[inline(never)]
pub(super) fn candidate<A: Functions>(it: &Packed, f: A, hour: &mut [f32], h: &mut [f32]) {
    let n_lanes = it.sizes.n_lanes;
    let n = n_lanes / 4;
    let (sums, rest) = hour.split_at_mut(3 * n_lanes);
    let (values, rest) = rest.split_at_mut(3 * n_lanes);
    let (values, sums, state) = (lanes_mut(values), lanes(sums), &mut rest[n_lanes..]);
    for (q, (h, state)) in lanes_mut(h).iter_mut().zip(lanes_mut(state)).enumerate() {
        let (z, candidate) = (values[Z * n + q], f.candidate(&sums[N * n + q]));
        values[N * n + q] = candidate;
        for lane in 0..4 {
            h[lane] = (1.0 - z[lane]) * candidate[lane] + z[lane] * h[lane];
        }
        *state = *h;
    }
}

/// Where the hour holds the product of the reset gate: its sum of the candidate, and what the gate makes or multiplies.
pub(super) fn reset_parts<'a>(it: &Packed, hour: &'a mut [f32]) -> (&'a mut [f32], &'a mut [f32]) {
    let n_lanes = it.sizes.n_lanes;
    let (sums, rest) = hour.split_at_mut(3 * n_lanes);
    (&mut sums[N * n_lanes..], &mut rest[3 * n_lanes..4 * n_lanes])
}

/// Derivatives, or multipliers against a reference run: from the hidden state after a step to the sums of its blocks, `z`
/// `[3 * n_lanes]`, and to the hidden state before it.
///
/// ```text
/// d_zn = d_h (1 - z) candidate'(z_n)      d_zz = d_h (h - n) gate'(z_z)      d_h_prev = d_h z
/// reset before the product:    d_q = u d_zn      d_zr = d_q h gate'(z_r)      d_h_prev += d_q r
/// reset after it:              d_u = d_zn r      d_zr = d_zn u gate'(z_r)     d_h_prev += u_n d_u
/// d_h_prev += u_z d_zz + u_r d_zr
/// ```
///
/// This is the first line, and what the reset's product is of, which `u` receives. The product of it follows, then
/// [`slopes_of_reset`], then that of the gates.
#[inline(never)]
pub(super) fn slopes<S: Slopes>(it: &Packed, s: S, h: &mut [WideLanes], z: &mut [WideLanes], u: &mut [WideLanes]) {
    let n = h.len();
    for (q, (h, u)) in h.iter_mut().zip(u).enumerate() {
        let (update, candidate, h_prev) = (s.value(Z, q), s.value(N, q), s.h_before(q));
        let (mut rest, mut difference) = ([0.0; 4], [0.0; 4]);
        for lane in 0..4 {
            rest[lane] = 1.0 - update[lane];
            difference[lane] = h_prev[lane] - candidate[lane];
        }
        let to_n = times(times(*h, rest), s.candidate_slope(N, q));
        z[N * n + q] = to_n;
        z[Z * n + q] = times(times(*h, difference), s.gate_slope(Z, q));
        *h = times(*h, update);
        *u = if it.is_reset_after() { times(to_n, s.value(R, q)) } else { to_n };
    }
}

/// The second and third line of [`slopes`]: `below` is what the reset's product made.
#[inline(never)]
pub(super) fn slopes_of_reset<S: Slopes>(
    it: &Packed,
    s: S,
    h: &mut [WideLanes],
    z: &mut [WideLanes],
    below: &[WideLanes],
) {
    let n = h.len();
    for (q, (h, below)) in h.iter_mut().zip(below).enumerate() {
        let (to_r, to_h) = if it.is_reset_after() {
            (times(z[N * n + q], s.reset(q)), *below)
        } else {
            (times(*below, s.h_before(q)), times(*below, s.value(R, q)))
        };
        z[R * n + q] = times(to_r, s.gate_slope(R, q));
        *h = plus(*h, to_h);
    }
}

/// Relevance: from the hidden state after a step to that before it, and to the scales of what the blocks read. Of the blocks
/// only the candidate receives any where the signal of every product takes all.
///
/// ```text
/// R_zn, R_zh = linear( (1 - z) * n, z * h; identity, out = h', R_h', N = 2 d )
/// R_n -> x, r * h = linear( [x, r * h]; w, u, b, out = sum, N = d + e )      reset before the product, or
/// R_n -> x, r * u = linear( [x, r_j u_j]; w, b, out = sum, N = e + 1 )       after it;
/// R_u -> h        = linear( h; u, c, out = u, N = d )
/// R_z, R_r -> x, h = linear( [x, h]; w, u, b, out = sum, N = d + e )
/// ```
///
/// "identity" is a full d x d identity matrix, so what a unit spreads evenly reaches all 2 d lower units. The products
/// divide by the gate rule: 1 - z, z and r are gates, n, h and u are signals. Behind the blocks of `z` stand the sums of u,
/// where the reset gate comes after the product.
/// Returns what every input receives besides.
#[inline(never)]
pub(super) fn relevance<D: Division>(
    it: &Packed,
    rule: D,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    z: &mut [WideLanes],
    spare: &mut [WideLanes],
    shares: &mut LaneShares,
) -> f64 {
    let n = at.n();
    let (below, held) = spare.split_at_mut(n);
    let (r_n, held) = held.split_at_mut(n);
    // Relevance of z and r; nothing where the signal takes all.
    let (r_z, r_r) = held.split_at_mut(n);
    divide_state(it, rule, at, h, r_n, r_z, shares);
    let (z_gates, z_n) = z.split_at_mut(if D::REACHES_GATES { N * n } else { 0 });
    let mut even = if it.is_reset_after() {
        candidate_after(it, rule, at, h, z_n, [r_n, r_r, below], shares)
    } else {
        candidate_before(it, rule, at, h, z_n, [r_n, r_r, below], shares)
    };
    if D::REACHES_GATES {
        let mut spread = SpreadShares::NONE;
        for (block, r) in [(Z, r_z), (R, r_r)] {
            for (q, r) in r[..n].iter().enumerate() {
                let z = &mut z_gates[block * n + q];
                let message = rule.message(*z, Some(&lanes(&it.bias)[block * n + q]), *r, shares);
                spread.add(message.shares);
                *z = message.scale;
            }
        }
        let each = rule.spread(spread) * it.part_of_lower;
        even += each;
        it.hand_to_hidden::<0>(Z, z_gates, below);
        add_shares(it, at, below, each, h);
    }
    even
}

/// `h' = (1 - z) * n + z * h`: what n, z and the previous hidden state receive.
#[inline(never)]
fn divide_state<D: Division>(
    it: &Packed,
    rule: D,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    r_n: &mut [WideLanes],
    r_z: &mut [WideLanes],
    shares: &mut LaneShares,
) {
    let n = h.len();
    let mut spread = SpreadShares::NONE;
    let factors = |q: usize| {
        let (update, mut rest) = (wide(&at.value(Z)[q]), [0.0; 4]);
        (0..4).for_each(|lane| rest[lane] = 1.0 - update[lane]);
        (update, rest, wide(&at.value(N)[q]), wide(&at.h_before()[q]))
    };
    for q in 0..n {
        let (update, rest, candidate, h_prev) = factors(q);
        let (new, old) = (times(rest, candidate), times(update, h_prev));
        let message = rule.message(plus(new, old), None, h[q], shares);
        spread.add(message.shares);
        (r_n[q], h[q]) = (times(new, message.scale), times(old, message.scale));
    }
    let each = rule.spread(spread) * it.part_of_state;
    for q in 0..n {
        let share = times([each; 4], lanes(&it.units)[q]);
        (r_n[q], h[q]) = (plus(r_n[q], share), plus(h[q], share));
        if D::REACHES_GATES {
            let (update, rest, candidate, h_prev) = factors(q);
            // 1 - z is a function of z's sum, and relevance passes functions unchanged.
            let [to_rest, to_n] = rule.divide(rest, candidate, r_n[q]);
            let [to_z, to_h] = rule.divide(update, h_prev, h[q]);
            (r_n[q], h[q], r_z[q]) = (to_n, to_h, plus(to_rest, to_z));
        }
    }
}

/// `n = candidate(x w + r * u + b)` with `u = h u_n + c_n`, whose sums stand behind those of n.
#[inline(never)]
fn candidate_after<D: Division>(
    it: &Packed,
    rule: D,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    z: &mut [WideLanes],
    [r_n, r_r, below]: [&mut [WideLanes]; 3],
    shares: &mut LaneShares,
) -> f64 {
    let (n, n_lower) = (at.n(), real(it.sizes.n_inputs + 1));
    let (z_n, z_u) = z.split_at_mut(n);
    let [mut to_n, mut to_u] = [SpreadShares::NONE; 2];
    for q in 0..n {
        let message = rule.message(z_n[q], Some(&lanes(&it.bias)[N * n + q]), r_n[q], shares);
        to_n.add(message.shares);
        let (r, u) = (wide(&at.value(R)[q]), wide(&at.reset()[q]));
        let spread = times(rule.spread_each(message.shares), [1.0 / n_lower; 4]);
        let product = plus(times(times(r, u), message.scale), spread);
        let [to_r, to_signal] = rule.divide(r, u, product);
        (z_n[q], r_r[q]) = (message.scale, to_r);
        let message = rule.message(z_u[q], Some(&lanes(&it.own)[q]), to_signal, shares);
        to_u.add(message.shares);
        z_u[q] = message.scale;
    }
    let even = rule.spread(to_n) / n_lower;
    let each = rule.spread(to_u) / real(it.sizes.n_hidden);
    it.hand_to_hidden::<0>(N, &z_u[..n], below);
    add_shares(it, at, below, each, h);
    even
}

/// `n = candidate(x w + (r * h) u + b)`
#[inline(never)]
fn candidate_before<D: Division>(
    it: &Packed,
    rule: D,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    z: &mut [WideLanes],
    [r_n, r_r, below]: [&mut [WideLanes]; 3],
    shares: &mut LaneShares,
) -> f64 {
    let (n, mut spread) = (at.n(), SpreadShares::NONE);
    for q in 0..n {
        let message = rule.message(z[q], Some(&lanes(&it.bias)[N * n + q]), r_n[q], shares);
        spread.add(message.shares);
        z[q] = message.scale;
    }
    let even = rule.spread(spread) * it.part_of_lower;
    it.hand_to_hidden::<0>(N, &z[..n], below);
    for q in 0..n {
        let share = times([even; 4], lanes(&it.units)[q]);
        let product = plus(times(wide(&at.reset()[q]), below[q]), share);
        let [to_r, to_h] = rule.divide(wide(&at.value(R)[q]), wide(&at.h_before()[q]), product);
        (r_r[q], h[q]) = (to_r, plus(h[q], to_h));
    }
    even
}

/// `R_h += h * below + each`
#[inline(always)]
fn add_shares(it: &Packed, at: StepRecord<'_>, below: &[WideLanes], each: f64, h: &mut [WideLanes]) {
    for (q, h) in h.iter_mut().enumerate() {
        let share = times([each; 4], lanes(&it.units)[q]);
        *h = plus(*h, plus(times(wide(&at.h_before()[q]), below[q]), share));
    }
}
