//! Relevance where the signal of every product takes all, the paper's rule: no gate receives any, so that nothing but the
//! candidate's preactivations is looked at. What needs no order is done for all hours at once, before and after the walk
//! from the last step to the first.

use super::{Gate, Lstm};
use crate::engine::recurrence::kernel::{multiply, sum, transposed};
use crate::engine::recurrence::run::{Run, Seed, Shares};
use crate::engine::rule::Kept;
use crate::engine::rule::{Form, Rule};

/// What the walk computes with. Each is `[n_hidden]`.
struct Scratch {
    /// Relevance of `f * c_prev`, aside from what is spread evenly.
    fc: Vec<f64>,
    /// Relevance of `i * g`, likewise.
    ig: Vec<f64>,
    /// Each unit's epsilon times its scale.
    epsilon: Vec<f64>,
    /// Each unit's bias times its scale.
    bias: Vec<f64>,
}

/// The part of the stabiliser's relevance that is spread and that is kept, and the same of the bias.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) epsilon: f64,
    spread: f64,
    kept: f64,
    bias_spread: f64,
}

impl Parts {
    pub(super) fn of(rule: &Rule) -> Self {
        let delta = rule.bias_factor;
        let (spread, kept) = match rule.form {
            Form::Arras2017 => (1.0, 0.0),
            Form::Arras2019 => (delta, 1.0 - delta),
        };
        Self { epsilon: rule.epsilon, spread, kept, bias_spread: delta }
    }

    /// Of the shares of the stabiliser and of the bias, what is spread evenly over lower units; the rest is kept.
    #[inline]
    pub(super) fn keep(self, epsilon: f64, bias: f64, kept: &mut Kept) -> f64 {
        kept.epsilon += self.kept * epsilon;
        kept.biases += (1.0 - self.bias_spread) * bias;
        self.bias_spread * bias + self.spread * epsilon
    }
}

/// Whether a rule can be replayed here. Without a stabiliser a sum may be zero, which [`Rule::message`] sees to.
pub(super) fn takes(rule: &Rule) -> bool {
    !rule.reaches_gates() && rule.epsilon > 0.0
}

impl Lstm {
    /// As [`Lstm::relevance`].
    pub(super) fn signal_relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        to_x: &mut dyn FnMut(usize, &[f64]),
    ) -> Shares {
        let d = self.n_hidden;
        let parts = Parts::of(rule);
        let u = transposed(&self.w_h, 4 * d, Gate::G.index() * d, d);
        // z of every step; in the walk, each becomes its unit's scale.
        let mut scales = self.candidates(run);
        let mut even = vec![0.0; run.len];
        let mut scratch = Scratch { fc: vec![0.0; d], ig: vec![0.0; d], epsilon: vec![0.0; d], bias: vec![0.0; d] };
        let mut shares = Shares { h0: vec![0.0; d], c0: vec![0.0; d], kept: Kept::default() };
        if run.len == 0 {
            seed.add_last(&mut shares.h0, &mut shares.c0);
        }
        for k in (0..run.len).rev() {
            let t = self.direction.hour(k, run.len);
            seed.add_to(k, t, run.len, &mut shares.h0, &mut shares.c0);
            even[k] = self.signal_step(run, k, parts, &u, &mut scales[k * d..][..d], &mut shares, &mut scratch);
        }
        self.hand_to_inputs(run, &scales, &even, to_x);
        shares
    }

    /// `z = x w_g + h u_g + b_g` of every step, `[len, n_hidden]`, in double precision.
    fn candidates(&self, run: &Run<'_>) -> Vec<f64> {
        let (d, n) = (self.n_hidden, self.n_inputs + self.n_hidden);
        let block = self.block(Gate::G);
        let mut lower = Vec::with_capacity(run.len * n);
        let mut z = Vec::with_capacity(run.len * d);
        for k in 0..run.len {
            let (h, _) = run.before(self.sizes(), k);
            widen(run.x.row(self.direction.hour(k, run.len)), &mut lower);
            widen(h, &mut lower);
            widen(block.bias, &mut z);
        }
        let mut weights = Vec::with_capacity(n * d);
        let rows = [&self.w_x, &self.w_h].into_iter().flat_map(|w| w.chunks_exact(4 * d));
        rows.for_each(|row| widen(&row[block.column..][..d], &mut weights));
        multiply(&lower, n, &weights, d, &mut z);
        z
    }

    /// One step: `z` becomes the scales of its units, and `shares` what arrives at the states before it. Returns what
    /// every lower unit of the candidate receives besides.
    #[expect(clippy::too_many_arguments, reason = "a rule, what it reads and where it writes")]
    fn signal_step(
        &self,
        run: &Run<'_>,
        k: usize,
        parts: Parts,
        u: &[f64],
        z: &mut [f64],
        shares: &mut Shares,
        scratch: &mut Scratch,
    ) -> f64 {
        let hour = self.hour(run, self.direction.hour(k, run.len));
        let (h_prev, c_prev) = run.before(self.sizes(), k);
        let Shares { h0: r_h, c0: r_c, kept } = shares;
        let (f, i, g) = (hour.gate(Gate::F), hour.gate(Gate::I), hour.gate(Gate::G));
        let Scratch { fc, ig, epsilon: to_epsilon, bias: to_bias } = scratch;
        divide_cell(parts.epsilon, [f, c_prev, i, g], r_h, r_c, fc, ig, to_epsilon);
        let even = parts.keep(sum(to_epsilon), 0.0, kept) / (2 * self.n_hidden) as f64;

        candidate_scales(parts.epsilon, even, self.block(Gate::G).bias, fc, ig, z, r_c, to_epsilon, to_bias);
        let spread = parts.keep(sum(to_epsilon), sum(to_bias), kept);
        let even = spread / (self.n_inputs + self.n_hidden) as f64;
        hand_to_hidden(even, u, h_prev, z, r_h);
        even
    }

    /// `R_k = x_k sum_j w_kj scale_j + even` of every hour.
    fn hand_to_inputs(&self, run: &Run<'_>, scales: &[f64], even: &[f64], to_x: &mut dyn FnMut(usize, &[f64])) {
        let (d, n) = (self.n_hidden, self.n_inputs);
        let w = transposed(&self.w_x, 4 * d, Gate::G.index() * d, d);
        let mut below = vec![0.0; run.len * n];
        multiply(scales, d, &w, n, &mut below);
        for (k, even) in even.iter().enumerate() {
            let (t, row) = (self.direction.hour(k, run.len), &mut below[k * n..][..n]);
            for (r, x) in row.iter_mut().zip(run.x.row(t)) {
                *r = *r * f64::from(*x) + even;
            }
            to_x(t, row);
        }
    }
}

/// Appends numbers in double precision.
fn widen(from: &[f32], to: &mut Vec<f64>) {
    to.extend(from.iter().map(|value| f64::from(*value)));
}

/// `c = f * c_prev + i * g` with `R = R_h + R_c` at c: each product receives `product R / (c + epsilon s)`, and its share of
/// what is spread evenly later.
#[inline(never)]
fn divide_cell(
    epsilon: f64,
    values: [&[f32]; 4],
    r_h: &[f64],
    r_c: &[f64],
    fc: &mut [f64],
    ig: &mut [f64],
    to_epsilon: &mut [f64],
) {
    let d = r_c.len();
    let [f, c, i, g] = values.map(|values| &values[..d]);
    let (r_h, fc, ig, to_epsilon) = (&r_h[..d], &mut fc[..d], &mut ig[..d], &mut to_epsilon[..d]);
    for j in 0..d {
        let (fc_j, ig_j) = (f64::from(f[j]) * f64::from(c[j]), f64::from(i[j]) * f64::from(g[j]));
        let z = fc_j + ig_j;
        let stabiliser = if z >= 0.0 { epsilon } else { -epsilon };
        let scale = (r_h[j] + r_c[j]) / (z + stabiliser);
        fc[j] = fc_j * scale;
        ig[j] = ig_j * scale;
        to_epsilon[j] = stabiliser * scale;
    }
}

/// `R_g = R_ig + even` and `scale = R_g / (z + epsilon s)`, written over z; the rest of the cell's relevance is that of the
/// state before it.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "only of its arguments does the compiler know that they do not overlap")]
fn candidate_scales(
    epsilon: f64,
    even: f64,
    bias: &[f32],
    fc: &[f64],
    ig: &[f64],
    z: &mut [f64],
    r_c: &mut [f64],
    to_epsilon: &mut [f64],
    to_bias: &mut [f64],
) {
    let d = z.len();
    let (bias, r_c, fc, ig) = (&bias[..d], &mut r_c[..d], &fc[..d], &ig[..d]);
    let (to_epsilon, to_bias) = (&mut to_epsilon[..d], &mut to_bias[..d]);
    for j in 0..d {
        let stabiliser = if z[j] >= 0.0 { epsilon } else { -epsilon };
        let scale = (ig[j] + even) / (z[j] + stabiliser);
        z[j] = scale;
        r_c[j] = fc[j] + even;
        to_epsilon[j] = stabiliser * scale;
        to_bias[j] = f64::from(bias[j]) * scale;
    }
}

/// `R_m = h_m sum_j u_jm scale_j + even`
fn hand_to_hidden(even: f64, u: &[f64], h: &[f32], scales: &[f64], r: &mut [f64]) {
    let mut at = 0;
    while at + 8 <= h.len() {
        hand_to_block::<8>(even, u, h, scales, at, r);
        at += 8;
    }
    while at < h.len() {
        hand_to_block::<1>(even, u, h, scales, at, r);
        at += 1;
    }
}

#[inline]
fn hand_to_block<const N: usize>(even: f64, u: &[f64], h: &[f32], scales: &[f64], at: usize, r: &mut [f64]) {
    let mut sums = [0.0; N];
    for (scale, u) in scales.iter().zip(u.chunks_exact(h.len())) {
        let Some(u) = u[at..].first_chunk::<N>() else { return };
        for m in 0..N {
            sums[m] += scale * u[m];
        }
    }
    for (m, sum) in sums.iter().enumerate() {
        r[at + m] = f64::from(h[at + m]) * sum + even;
    }
}
