//! Relevance, step by step from the last to the first.
//!
//! ```text
//! R_zn, R_zh = linear( (1 - z) * n, z * h; identity, out = h', R_h', N = 2 d )
//! R_n -> x, r * h = linear( [x, r * h]; w, u, b, out = preactivation, N = d + e )      reset before the product, or
//! R_n -> x, r * u = linear( [x, r_j u_j]; w, b, out = preactivation, N = e + 1 )       after it;
//! R_u -> h        = linear( h; u, c, out = u, N = d )
//! R_z, R_r -> x, h = linear( [x, h]; w, u, b, out = preactivation, N = d + e )
//! ```
//!
//! "identity" is a full d x d identity matrix, so what a unit spreads evenly reaches all 2 d lower units. The products
//! divide by the gate rule: 1 - z, z and r are gates, n, h and u are signals.

use super::{Gate, Gru};
use crate::engine::recurrence::linear::{Below, Lower};
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};
use crate::engine::rule::Kept;
use crate::engine::rule::Rule;

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// Relevance of z, by both products that it takes part in.
    z: Vec<f64>,
    /// Relevance of r.
    r: Vec<f64>,
    /// Relevance of n.
    n: Vec<f64>,
    /// Relevance of the product of the reset gate, then of its signal u.
    reset: Vec<f64>,
    /// Relevance of the previous hidden state.
    h_prev: Vec<f64>,
    /// Preactivations of a block, then their messages.
    block: Vec<f64>,
}

impl Scratch {
    fn new(d: usize) -> Self {
        let zeros = || vec![0.0; d];
        Self { z: zeros(), r: zeros(), n: zeros(), reset: zeros(), h_prev: zeros(), block: zeros() }
    }
}

impl Gru {
    /// Hands relevance from the outputs down to the inputs of every hour: `to_x(t, r)` receives hour `t`'s share
    /// `[n_inputs]`.
    pub fn relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        to_x: &mut dyn FnMut(usize, &[f64]),
    ) -> Shares {
        let mut scratch = Scratch::new(self.n_hidden);
        backward(self.sizes(), run.len, seed, to_x, |mut step, kept| {
            self.step_relevance(run, rule, kept, &mut step, &mut scratch);
        })
    }

    fn step_relevance(
        &self,
        run: &Run<'_>,
        rule: &Rule,
        kept: &mut Kept,
        step: &mut BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        self.divide_state(run, rule, kept, step, scratch);
        match &self.reset_after {
            Some(bias) => self.candidate_after(bias, run, rule, kept, step, scratch),
            None => self.candidate_before(run, rule, kept, step, scratch),
        }
        if rule.reaches_gates() {
            let (h_prev, _) = run.before(self.sizes(), step.k);
            let lower = Lower { x: run.x.row(step.t), h: h_prev, own: &[] };
            let Scratch { z, r, h_prev, block, .. } = scratch;
            let mut below = Below { x: step.x, h: h_prev, own: &mut [] };
            self.gate(Gate::Z).relevance(lower, z, rule, kept, &mut below, block);
            self.gate(Gate::R).relevance(lower, r, rule, kept, &mut below, block);
        }
        step.h.copy_from_slice(&scratch.h_prev);
    }

    /// `h' = (1 - z) * n + z * h`: what z, n and the previous hidden state receive.
    fn divide_state(
        &self,
        run: &Run<'_>,
        rule: &Rule,
        kept: &mut Kept,
        step: &BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        let hour = self.hour(run, step.t);
        let (h_prev, _) = run.before(self.sizes(), step.k);
        let value = |of: &[f32], j: usize| f64::from(of[j]);
        let (z, n) = (hour.gate(Gate::Z), hour.gate(Gate::N));
        let product = |j: usize| ((1.0 - value(z, j)) * value(n, j), value(z, j) * value(h_prev, j));

        let mut even = 0.0;
        for (j, scale) in scratch.block.iter_mut().enumerate() {
            let (zn, zh) = product(j);
            let message = rule.message(zn + zh, 0.0, 2 * self.n_hidden, step.h[j], kept);
            even += message.even;
            *scale = message.scale;
        }
        for (j, scale) in scratch.block.iter().enumerate() {
            let (zn, zh) = product(j);
            let (to_one_minus_z, to_n) = rule.divide(1.0 - value(z, j), value(n, j), zn * scale + even);
            let (to_z, to_h) = rule.divide(value(z, j), value(h_prev, j), zh * scale + even);
            // 1 - z is a function of z's preactivation, and relevance passes functions unchanged.
            scratch.z[j] = to_one_minus_z + to_z;
            scratch.n[j] = to_n;
            scratch.h_prev[j] = to_h;
        }
    }

    /// `n = candidate(x w + (r * h) u + b)`
    fn candidate_before(
        &self,
        run: &Run<'_>,
        rule: &Rule,
        kept: &mut Kept,
        step: &mut BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        let hour = self.hour(run, step.t);
        let (h_prev, _) = run.before(self.sizes(), step.k);
        let lower = Lower { x: run.x.row(step.t), h: hour.reset(), own: &[] };
        scratch.reset.fill(0.0);
        let mut below = Below { x: step.x, h: &mut scratch.reset, own: &mut [] };
        let block = self.candidate.block(0, self.n_hidden);
        block.relevance(lower, &scratch.n, rule, kept, &mut below, &mut scratch.block);
        for (j, r_product) in scratch.reset.iter().enumerate() {
            let (to_r, to_h) = rule.divide(f64::from(hour.gate(Gate::R)[j]), f64::from(h_prev[j]), *r_product);
            scratch.r[j] = to_r;
            scratch.h_prev[j] += to_h;
        }
    }

    /// `n = candidate(x w + r * u + b)` with `u = h u_n + c_n`
    fn candidate_after(
        &self,
        bias: &[f32],
        run: &Run<'_>,
        rule: &Rule,
        kept: &mut Kept,
        step: &mut BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        let hour = self.hour(run, step.t);
        let (h_prev, _) = run.before(self.sizes(), step.k);
        let (r, u) = (hour.gate(Gate::R), hour.reset());
        scratch.reset.fill(0.0);
        let lower = Lower { x: run.x.row(step.t), h: &[], own: u };
        let mut below = Below { x: step.x, h: &mut [], own: &mut scratch.reset };
        self.gated_candidate(r).relevance(lower, &scratch.n, rule, kept, &mut below, &mut scratch.block);
        for (j, r_product) in scratch.reset.iter_mut().enumerate() {
            (scratch.r[j], *r_product) = rule.divide(f64::from(r[j]), f64::from(u[j]), *r_product);
        }
        let lower = Lower { x: &[], h: h_prev, own: &[] };
        let mut below = Below { x: &mut [], h: &mut scratch.h_prev, own: &mut [] };
        self.recurrent_product(bias).relevance(lower, &scratch.reset, rule, kept, &mut below, &mut scratch.block);
    }
}
