//! Relevance, step by step from the last to the first.
//!
//! ```text
//! R_c += R_h (o's share aside)                                         h = o * cell(c)
//! R_fc, R_ig = linear( f * c_prev, i * g; identity, out = c, R_c, N = 2 d )
//! R_g, R_i, R_f, R_o -> x, h_prev = linear( [x, h_prev]; w, b, out = preactivation, N = d + e )
//! ```
//!
//! "identity" is a full d x d identity matrix, so what a unit spreads evenly reaches all 2 d lower units.

use super::linear::{Below, Lower};
use super::{Gate, Lstm, Run, Seed};
use crate::explain::relevance::Kept;
use crate::explain::rule::Rule;

/// What one direction's backward pass leaves at its lower end, beside what its inputs receive.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// At the initial hidden state `[n_hidden]`.
    pub h0: Vec<f64>,
    /// At the initial cell state `[n_hidden]`.
    pub c0: Vec<f64>,
    /// Kept on the way.
    pub kept: Kept,
}

/// The relevance of a step's four gates, `[n_hidden]` each in the order i, f, g, o.
type GateRelevance = [Vec<f64>; 4];

impl Lstm {
    /// Hands relevance from the outputs down to the inputs of every hour: `to_x(t, r)` receives hour `t`'s share
    /// `[n_inputs]`.
    pub fn relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        mut to_x: impl FnMut(usize, &[f64]),
    ) -> Shares {
        let d = self.n_hidden;
        let (mut r_h, mut r_c) = (vec![0.0; d], vec![0.0; d]);
        let mut kept = Kept::default();
        let mut r_x = vec![0.0; self.n_inputs];
        for k in (0..run.len).rev() {
            let t = self.direction.hour(k, run.len);
            seed.add_to(k, t, run.len, &mut r_h, &mut r_c);
            r_x.fill(0.0);
            self.step_relevance(run, k, rule, &mut kept, &mut r_x, &mut r_h, &mut r_c);
            to_x(t, &r_x);
        }
        Shares { h0: r_h, c0: r_c, kept }
    }

    /// One step: `r_h` and `r_c` hold the relevance of its states, and afterwards that of the states before it.
    #[expect(clippy::too_many_arguments, reason = "the three accumulators are the step's whole interface")]
    fn step_relevance(
        &self,
        run: &Run<'_>,
        k: usize,
        rule: &Rule,
        kept: &mut Kept,
        r_x: &mut [f64],
        r_h: &mut [f64],
        r_c: &mut [f64],
    ) {
        let t = self.direction.hour(k, run.len);
        let (h_prev, c_prev) = self.before(run, k);
        let (x, hour) = (run.x.row(t), self.hour(run, t));
        let mut r_h_prev = vec![0.0; self.n_hidden];

        let r_o = self.divide_output(run, t, rule, r_h, r_c);
        if r_o.iter().any(|r| *r != 0.0) {
            let lower = Lower { x, h: h_prev, c: hour.c() };
            let mut below = Below { x: r_x, h: &mut r_h_prev, c: r_c };
            self.gate_relevance(Gate::O, lower, &r_o, rule, kept, &mut below);
        }
        let (gates, mut r_c_prev) = self.divide_cell(run, k, rule, kept, r_c);
        for gate in [Gate::I, Gate::F, Gate::G] {
            let relevance = &gates[gate.index()];
            if gate == Gate::G || relevance.iter().any(|r| *r != 0.0) {
                let lower = Lower { x, h: h_prev, c: c_prev };
                let mut below = Below { x: r_x, h: &mut r_h_prev, c: &mut r_c_prev };
                self.gate_relevance(gate, lower, relevance, rule, kept, &mut below);
            }
        }
        r_h.copy_from_slice(&r_h_prev);
        r_c.copy_from_slice(&r_c_prev);
    }

    /// `h = o * cell(c)`: what o receives; the rest goes to c.
    fn divide_output(&self, run: &Run<'_>, t: usize, rule: &Rule, r_h: &[f64], r_c: &mut [f64]) -> Vec<f64> {
        let hour = self.hour(run, t);
        let mut r_o = vec![0.0; self.n_hidden];
        for j in 0..self.n_hidden {
            let signal = f64::from(self.activations.cell.apply(hour.c()[j]));
            let (to_gate, to_signal) = rule.divide(f64::from(hour.gate(Gate::O)[j]), signal, r_h[j]);
            r_o[j] = to_gate;
            r_c[j] += to_signal;
        }
        r_o
    }

    /// `c = f * c_prev + i * g`: what the gates and the previous cell state receive.
    fn divide_cell(
        &self,
        run: &Run<'_>,
        k: usize,
        rule: &Rule,
        kept: &mut Kept,
        r_c: &[f64],
    ) -> (GateRelevance, Vec<f64>) {
        let d = self.n_hidden;
        let hour = self.hour(run, self.direction.hour(k, run.len));
        let (_, c_prev) = self.before(run, k);
        let value = |of: &[f32], j: usize| f64::from(of[j]);
        let (i, f, g) = (hour.gate(Gate::I), hour.gate(Gate::F), hour.gate(Gate::G));

        let product = |j: usize| (value(f, j) * value(c_prev, j), value(i, j) * value(g, j));
        let messages: Vec<_> = (0..d)
            .map(|j| {
                let (fc, ig) = product(j);
                rule.message(fc + ig, 0.0, 2 * d, r_c[j], kept)
            })
            .collect();
        let even: f64 = messages.iter().map(|message| message.even).sum();

        let mut gates: GateRelevance = std::array::from_fn(|_| vec![0.0; d]);
        let mut r_c_prev = vec![0.0; d];
        for (j, message) in messages.iter().enumerate() {
            let (fc, ig) = product(j);
            let (r_f, r_cj) = rule.divide(value(f, j), value(c_prev, j), fc * message.scale + even);
            let (r_i, r_g) = rule.divide(value(i, j), value(g, j), ig * message.scale + even);
            r_c_prev[j] = r_cj;
            gates[Gate::G.index()][j] = r_g;
            // Coupled gates: f = 1 - i is a function of i's preactivation, and relevance passes functions unchanged.
            let (r_i, r_f) = if self.input_forget { (r_i + r_f, 0.0) } else { (r_i, r_f) };
            gates[Gate::I.index()][j] = r_i;
            gates[Gate::F.index()][j] = r_f;
        }
        (gates, r_c_prev)
    }
}
