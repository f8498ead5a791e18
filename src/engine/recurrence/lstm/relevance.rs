//! Relevance, step by step from the last to the first.
//!
//! ```text
//! R_c += R_h (o's share aside)                                         h = o * cell(c)
//! R_fc, R_ig = linear( f * c_prev, i * g; identity, out = c, R_c, N = 2 d )
//! R_g, R_i, R_f, R_o -> x, h_prev = linear( [x, h_prev]; w, b, out = preactivation, N = d + e )
//! ```
//!
//! "identity" is a full d x d identity matrix, so what a unit spreads evenly reaches all 2 d lower units.

use super::{Gate, Lstm, signal};
use crate::engine::recurrence::linear::{Below, Lower};
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};
use crate::engine::rule::Kept;
use crate::engine::rule::Rule;

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// Relevance of the gates, in the order i, f, g, o.
    gates: [Vec<f64>; 4],
    /// Relevance of the previous hidden state.
    h_prev: Vec<f64>,
    /// Relevance of the previous cell state.
    c_prev: Vec<f64>,
    /// Preactivations of a gate, then their messages.
    z: Vec<f64>,
}

impl Scratch {
    fn new(d: usize) -> Self {
        let zeros = || vec![0.0; d];
        Self { gates: [zeros(), zeros(), zeros(), zeros()], h_prev: zeros(), c_prev: zeros(), z: zeros() }
    }
}

impl Lstm {
    /// Hands relevance from the outputs down to the inputs of every hour: `to_x(t, r)` receives hour `t`'s share
    /// `[n_inputs]`.
    pub fn relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        to_x: &mut dyn FnMut(usize, &[f64]),
    ) -> Shares {
        if signal::takes(rule) {
            return self.signal_relevance(run, seed, rule, to_x);
        }
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
        r: &mut BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        let (k, t) = (r.k, r.t);
        let (h_prev, c_prev) = run.before(self.sizes(), k);
        let (x, hour) = (run.x.row(t), self.hour(run, t));

        self.divide_output(run, t, rule, r.h, r.c, scratch);
        scratch.h_prev.fill(0.0);
        if rule.reaches_gates() {
            let lower = Lower { x, h: h_prev, own: hour.c() };
            let mut below = Below { x: r.x, h: &mut scratch.h_prev, own: r.c };
            self.block(Gate::O).relevance(lower, &scratch.gates[3], rule, kept, &mut below, &mut scratch.z);
        }
        self.divide_cell(run, k, rule, kept, r.c, scratch);
        let gates: &[Gate] = if rule.reaches_gates() { &[Gate::I, Gate::F, Gate::G] } else { &[Gate::G] };
        for gate in gates {
            // A coupled forget gate has handed its share to the input gate; it has no preactivation of its own.
            if *gate == Gate::F && self.input_forget {
                continue;
            }
            let lower = Lower { x, h: h_prev, own: c_prev };
            let mut below = Below { x: r.x, h: &mut scratch.h_prev, own: &mut scratch.c_prev };
            let relevance = &scratch.gates[gate.index()];
            self.block(*gate).relevance(lower, relevance, rule, kept, &mut below, &mut scratch.z);
        }
        r.h.copy_from_slice(&scratch.h_prev);
        r.c.copy_from_slice(&scratch.c_prev);
    }

    /// `h = o * cell(c)`: what o receives; the rest goes to c.
    fn divide_output(&self, run: &Run<'_>, t: usize, rule: &Rule, r_h: &[f64], r_c: &mut [f64], scratch: &mut Scratch) {
        if !rule.reaches_gates() {
            r_c.iter_mut().zip(r_h).for_each(|(r_c, r_h)| *r_c += r_h);
            return;
        }
        let hour = self.hour(run, t);
        for j in 0..self.n_hidden {
            let signal = f64::from(self.activations.cell.apply(hour.c()[j]));
            let (to_gate, to_signal) = rule.divide(f64::from(hour.gate(Gate::O)[j]), signal, r_h[j]);
            scratch.gates[Gate::O.index()][j] = to_gate;
            r_c[j] += to_signal;
        }
    }

    /// `c = f * c_prev + i * g`: what the gates and the previous cell state receive.
    fn divide_cell(&self, run: &Run<'_>, k: usize, rule: &Rule, kept: &mut Kept, r_c: &[f64], scratch: &mut Scratch) {
        let d = self.n_hidden;
        let hour = self.hour(run, self.direction.hour(k, run.len));
        let (_, c_prev) = run.before(self.sizes(), k);
        let value = |of: &[f32], j: usize| f64::from(of[j]);
        let (i, f, g) = (hour.gate(Gate::I), hour.gate(Gate::F), hour.gate(Gate::G));
        let product = |j: usize| (value(f, j) * value(c_prev, j), value(i, j) * value(g, j));

        let mut even = 0.0;
        for (j, scale) in scratch.z.iter_mut().enumerate() {
            let (fc, ig) = product(j);
            let message = rule.message(fc + ig, 0.0, 2 * d, r_c[j], kept);
            even += message.even;
            *scale = message.scale;
        }
        let [r_i, r_f, r_g, _] = &mut scratch.gates;
        for (j, scale) in scratch.z.iter().enumerate() {
            let (fc, ig) = product(j);
            let (to_f, to_c) = rule.divide(value(f, j), value(c_prev, j), fc * scale + even);
            let (to_i, to_g) = rule.divide(value(i, j), value(g, j), ig * scale + even);
            scratch.c_prev[j] = to_c;
            r_g[j] = to_g;
            // Coupled gates: f = 1 - i is a function of i's preactivation, and relevance passes functions unchanged.
            (r_i[j], r_f[j]) = if self.input_forget { (to_i + to_f, 0.0) } else { (to_i, to_f) };
        }
    }
}
