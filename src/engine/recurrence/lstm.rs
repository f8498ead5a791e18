//! The equations of an LSTM, four units side by side.
//!
//! With `x` the step's inputs `[n_inputs]`, `h` and `c` the previous hidden and cell state `[n_hidden]`:
//!
//! ```text
//! i = gate(x w_i + h u_i + p_i * c + b_i)            f = gate(x w_f + h u_f + p_f * c + b_f)     (or 1 - i)
//! g = candidate(x w_g + h u_g + b_g)                 c' = f * c + i * g
//! o = gate(x w_o + h u_o + p_o * c' + b_o)           h' = o * cell(c')
//! ```
//!
//! Source: ONNX operator specification, `LSTM`. There the candidate is called `c` and the gates come in the order
//! i, o, f, c; here they are i, f, g, o everywhere, reordered once by [`iofc_to_ifgo`](super::cell::iofc_to_ifgo).

use super::cell::CellKind;
use super::lanes::{Functions, Lanes, WideLanes, lanes, lanes_mut, plus, times, wide};
use super::packed::Packed;
use super::slopes::Slopes;
use super::spread::{Division, LaneShares, SpreadShares};
use super::step::{StepRecord, fours, share_among};
use crate::engine::number::real;

/// The blocks in their order, which is that of the tape: the input gate.
const I: usize = 0;
/// The forget gate.
const F: usize = 1;
/// The candidate.
const G: usize = 2;
/// The output gate.
const O: usize = 3;

/// The peephole of each block among [`Packed::own`].
const PEEPHOLES: [Option<usize>; 4] = [Some(0), Some(1), None, Some(2)];

impl Packed {
    /// Weights from the cell state to a block, if it has them.
    #[inline(always)]
    fn peephole(&self, block: usize) -> Option<&[Lanes]> {
        let at = PEEPHOLES[block]? * self.sizes.n_lanes;
        self.own.get(at..at + self.sizes.n_lanes).map(lanes)
    }

    /// How many lower units a unit of a block has: the inputs, the hidden state, and its own cell state with a peephole.
    #[inline(always)]
    fn n_lower(&self, block: usize) -> f64 {
        real(self.sizes.n_inputs + self.sizes.n_hidden + usize::from(self.peephole(block).is_some()))
    }

    /// Whether the forget gate is 1 minus the input gate (ONNX: `input_forget`).
    #[inline(always)]
    fn is_coupled(&self) -> bool {
        matches!(self.cell.kind, CellKind::Lstm { input_forget: true, .. })
    }
}

/// One step. `hour` holds the sums `x w + h u + b`, and receives everything else.
#[inline(never)]
pub(super) fn forward<A: Functions>(it: &Packed, f: A, hour: &mut [f32], h: &mut [f32], c: &mut [f32]) {
    let (n, hour) = (it.sizes.n_lanes / 4, lanes_mut(hour));
    let hour = &mut hour[..11 * n];
    for (q, (c, h)) in lanes_mut(c).iter_mut().zip(lanes_mut(h)).enumerate() {
        if !A::IS_USUAL {
            for block in [I, F] {
                if let Some(p) = it.peephole(block) {
                    (0..4).for_each(|lane| hour[block * n + q][lane] += p[q][lane] * c[lane]);
                }
            }
        }
        let i = f.gate(&hour[q]);
        let is_coupled = !A::IS_USUAL && it.is_coupled();
        let forget = if is_coupled { i.map(|i| 1.0 - i) } else { f.gate(&hour[F * n + q]) };
        let g = f.candidate(&hour[G * n + q]);
        // Plain loops over a lane's index become vector code; arithmetic on arrays of four became scalar code
        // (docs/performance.md, "What did not help").
        let (mut c_next, mut h_next) = ([0.0; 4], [0.0; 4]);
        for lane in 0..4 {
            c_next[lane] = forget[lane] * c[lane] + i[lane] * g[lane];
        }
        if !A::IS_USUAL
            && let Some(p) = it.peephole(O)
        {
            (0..4).for_each(|lane| hour[O * n + q][lane] += p[q][lane] * c_next[lane]);
        }
        let (o, cell) = (f.gate(&hour[O * n + q]), f.cell(&c_next));
        for lane in 0..4 {
            h_next[lane] = o[lane] * cell[lane];
        }
        (*c, *h) = (c_next, h_next);
        for (block, values) in [i, forget, g, o, c_next, cell, h_next].into_iter().enumerate() {
            hour[(4 + block) * n + q] = values;
        }
    }
}

/// Derivatives, or multipliers against a reference run: from the states after a step to the sums of its blocks, `z`
/// `[4 * n_lanes]`, and to the cell state before it. What the hidden state before it receives is a product that follows.
///
/// ```text
/// d_zo = d_h cell(c') gate'(z_o)         d_c += d_h o cell'(c') + p_o d_zo
/// d_zf = d_c c gate'(z_f)                d_zi = d_c g gate'(z_i)            d_zg = d_c i candidate'(z_g)
/// d_c_prev = d_c f + p_i d_zi + p_f d_zf         d_h_prev = u d_z
/// ```
#[inline(never)]
pub(super) fn slopes<S: Slopes, const Q: usize>(
    it: &Packed,
    s: S,
    h: &[WideLanes],
    c: &mut [WideLanes],
    z: &mut [WideLanes],
) {
    let n = fours::<Q>(h.len());
    let (h, c, z) = (&h[..n], &mut c[..n], &mut z[..4 * n]);
    for q in 0..n {
        let to_o = times(times(h[q], s.cell(q)), s.gate_slope(O, q));
        let mut d_c = plus(c[q], times(times(h[q], s.value(O, q)), s.cell_slope(q)));
        if !S::IS_USUAL {
            add_own(it, O, q, to_o, &mut d_c);
        }
        let (mut of_i, mut of_f) = (s.value(G, q), s.c_before(q));
        if !S::IS_USUAL && it.is_coupled() {
            // f = 1 - i where the gates are coupled.
            (0..4).for_each(|lane| of_i[lane] -= of_f[lane]);
            of_f = [0.0; 4];
        }
        let to_i = times(times(d_c, of_i), s.gate_slope(I, q));
        let to_f = times(times(d_c, of_f), s.gate_slope(F, q));
        let to_g = times(times(d_c, s.value(I, q)), s.candidate_slope(G, q));
        let mut d_c_prev = times(d_c, s.value(F, q));
        if !S::IS_USUAL {
            add_own(it, I, q, to_i, &mut d_c_prev);
            add_own(it, F, q, to_f, &mut d_c_prev);
        }
        (c[q], z[q], z[n + q], z[2 * n + q], z[3 * n + q]) = (d_c_prev, to_i, to_f, to_g, to_o);
    }
}

/// Adds what a block's sums `z` hand to the cell state by a peephole, where the cell has one.
fn add_own(it: &Packed, block: usize, q: usize, z: WideLanes, to: &mut WideLanes) {
    if let Some(p) = it.peephole(block) {
        (0..4).for_each(|lane| to[lane] += f64::from(p[q][lane]) * z[lane]);
    }
}

/// Relevance: from the states after a step to the states before it, and to the scales of what the blocks read. Of the
/// blocks only the candidate receives any where the signal of every product takes all.
///
/// ```text
/// R_c += R_h (o's share aside)                                         h' = o * cell(c')
/// R_fc, R_ig = linear( f * c, i * g; identity, out = c', R_c, N = 2 d )
/// R_g, R_i, R_f, R_o -> x, h = linear( [x, h]; w, b, out = sum, N = d + e, and one more with a peephole )
/// ```
///
/// "identity" is a full d x d identity matrix, so what a unit spreads evenly reaches all 2 d lower units.
///
/// Returns what every input and every unit of the hidden state receives besides. `ig` is used on the way. `Q` is the number of
/// fours of units where it is known, see [`fours`].
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "only of its arguments does the compiler know that they do not overlap")]
pub(super) fn relevance<R: Division, const Q: usize>(
    it: &Packed,
    rule: R,
    at: StepRecord<'_>,
    h: &mut [WideLanes],
    c: &mut [WideLanes],
    z: &mut [WideLanes],
    ig: &mut [WideLanes],
    shares: &mut LaneShares,
) -> f64 {
    let n = fours::<Q>(at.n());
    let (h, c, ig) = (&mut h[..n], &mut c[..n], &mut ig[..n]);
    let [i, f, g] = [I, F, G].map(|block| &at.value(block)[..n]);
    let c_before = &at.c_before()[..n];
    let [mut to_gates, mut to_g, mut to_state] = [SpreadShares::NONE; 3];
    for q in 0..n {
        let r_c = if R::REACHES_GATES {
            divide_output(it, rule, at, q, [h[q], c[q]], z, shares, &mut to_gates)
        } else {
            plus(c[q], h[q])
        };
        let (old, new) = (times(wide(&f[q]), wide(&c_before[q])), times(wide(&i[q]), wide(&g[q])));
        let message = rule.message(plus(old, new), None, r_c, shares);
        to_state.add(message.shares);
        (c[q], ig[q]) = (times(old, message.scale), times(new, message.scale));
    }
    let each = rule.spread(to_state) * it.part_of_state;
    let (units, bias) = (&lanes(&it.units)[..n], &lanes(&it.bias)[G * n..][..n]);
    let candidate = if R::REACHES_GATES { G * n } else { 0 };
    for q in 0..n {
        let share = times([each; 4], units[q]);
        let (mut r_c, mut r_g) = (plus(c[q], share), plus(ig[q], share));
        if R::REACHES_GATES {
            [r_c, r_g] = divide_products(it, rule, at, q, [r_c, r_g], z, shares, &mut to_gates);
        }
        c[q] = r_c;
        let message = rule.message(z[candidate + q], Some(&bias[q]), r_g, shares);
        to_g.add(message.shares);
        z[candidate + q] = message.scale;
    }
    let mut even = rule.spread(to_g) * it.part_of_lower;
    if R::REACHES_GATES {
        even += rule.spread(to_gates) / it.n_lower(I);
    }
    let (first, len) = if R::REACHES_GATES { (I, 4 * n) } else { (G, n) };
    it.hand_to_hidden::<Q>(first, &z[..len], h);
    share_among::<Q>(units, at.h_before(), even, h);
    even
}

/// `h' = o * cell(c')`: what o receives goes to what its sum reads, and the rest to c', which is returned.
#[expect(clippy::too_many_arguments, reason = "four units of a step, what they hold and where it goes")]
fn divide_output<R: Division>(
    it: &Packed,
    rule: R,
    at: StepRecord<'_>,
    q: usize,
    [r_h, r_c]: [WideLanes; 2],
    z: &mut [WideLanes],
    shares: &mut LaneShares,
    to_gates: &mut SpreadShares,
) -> WideLanes {
    let [to_o, to_c] = rule.divide(wide(&at.value(O)[q]), wide(&at.cell_value()[q]), r_h);
    let mut r_c = plus(r_c, to_c);
    hand_to_gate(it, rule, (O, q), wide(&at.cell_state()[q]), to_o, z, shares, (to_gates, &mut r_c));
    r_c
}

/// `f * c` and `i * g`, which hold `r`: what the gates receive goes to what their sums read, and the rest to c and g, which
/// are returned.
#[expect(clippy::too_many_arguments, reason = "four units of a step, what they hold and where it goes")]
fn divide_products<R: Division>(
    it: &Packed,
    rule: R,
    at: StepRecord<'_>,
    q: usize,
    r: [WideLanes; 2],
    z: &mut [WideLanes],
    shares: &mut LaneShares,
    to_gates: &mut SpreadShares,
) -> [WideLanes; 2] {
    let [i, f, g] = [I, F, G].map(|block| wide(&at.value(block)[q]));
    let c = wide(&at.c_before()[q]);
    let [mut to_f, mut to_c] = rule.divide(f, c, r[0]);
    let [mut to_i, to_g] = rule.divide(i, g, r[1]);
    if it.is_coupled() {
        // f = 1 - i is a function of i's sum, and relevance passes functions unchanged; f has no sum of its own.
        (to_i, to_f) = (plus(to_i, to_f), [0.0; 4]);
    }
    for (block, to_gate) in [(I, to_i), (F, to_f)] {
        hand_to_gate(it, rule, (block, q), c, to_gate, z, shares, (to_gates, &mut to_c));
    }
    [to_c, to_g]
}

/// The message of four units of a gate, which hold `r`: their scales take the place of their sums, what they spread is
/// added to `to_gates`, and what their peepholes read of the cell state `c` to `to`.
#[expect(clippy::too_many_arguments, reason = "four units of a gate, what they hold and where it goes")]
fn hand_to_gate<R: Division>(
    it: &Packed,
    rule: R,
    (block, q): (usize, usize),
    c: WideLanes,
    r: WideLanes,
    z: &mut [WideLanes],
    shares: &mut LaneShares,
    (to_gates, to): (&mut SpreadShares, &mut WideLanes),
) {
    let at = block * it.sizes.n_lanes / 4 + q;
    let message = rule.message(z[at], Some(&lanes(&it.bias)[at]), r, shares);
    to_gates.add(message.shares);
    if let Some(p) = it.peephole(block) {
        let (spread, part) = (rule.spread_each(message.shares), 1.0 / it.n_lower(block));
        *to = plus(*to, plus(times(times(wide(&p[q]), c), message.scale), times(spread, [part; 4])));
    }
    z[at] = message.scale;
}
