//! The derivative, step by step from the last to the first.

use super::{Gate, Gru};
use crate::engine::recurrence::linear::Below;
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// Derivatives at the preactivations of z, r and n.
    pre: [Vec<f64>; 3],
    /// At `r * h`, or at u where the reset gate comes after the product.
    reset: Vec<f64>,
    /// At the previous hidden state.
    h_prev: Vec<f64>,
}

impl Scratch {
    fn new(d: usize) -> Self {
        let zeros = || vec![0.0; d];
        Self { pre: [zeros(), zeros(), zeros()], reset: zeros(), h_prev: zeros() }
    }
}

impl Gru {
    /// Hands derivatives from the outputs down to the inputs of every hour: `to_x(t, d)` receives hour `t`'s
    /// derivatives `[n_inputs]`.
    pub fn gradient(&self, run: &Run<'_>, seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let mut scratch = Scratch::new(self.n_hidden);
        backward(self.sizes(), run.len, seed, to_x, |mut step, _| self.step_gradient(run, &mut step, &mut scratch))
    }

    /// ```text
    /// d_n = d_h' (1 - z)       d_z = d_h' (h - n)       d_h = d_h' z
    /// d_pre = d_gate gate'(pre)    (0 where it is clipped)
    /// reset before the product:    d_q = u d_pre_n      d_r = d_q h         d_h += d_q r
    /// reset after it:              d_u = d_pre_n r      d_r = d_pre_n u     d_h += u_n d_u
    /// d_x, d_h += sum over z, r and n of w d_pre, u d_pre
    /// ```
    fn step_gradient(&self, run: &Run<'_>, step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        let hour = self.hour(run, step.t);
        let (h_prev, _) = run.before(self.sizes(), step.k);
        let value = |of: &[f32], j: usize| f64::from(of[j]);
        let [z, r, n] = [Gate::Z, Gate::R, Gate::N].map(|gate| hour.gate(gate));
        let act = &self.activations;
        let Scratch { pre: [d_z, d_r, d_n], reset: d_reset, h_prev: d_h } = scratch;
        for j in 0..self.n_hidden {
            let d_next = step.h[j];
            d_n[j] = d_next
                * (1.0 - value(z, j))
                * act.candidate.clipped_slope(self.clip, value(hour.preactivation(Gate::N), j), value(n, j));
            d_z[j] = d_next * (value(h_prev, j) - value(n, j));
            d_h[j] = d_next * value(z, j);
        }
        d_reset.fill(0.0);
        match &self.reset_after {
            None => {
                let mut below = Below { x: step.x, h: d_reset, own: &mut [] };
                self.candidate.block(0, self.n_hidden).gradient(d_n, &mut below);
                for j in 0..self.n_hidden {
                    d_r[j] = d_reset[j] * value(h_prev, j);
                    d_h[j] += d_reset[j] * value(r, j);
                }
            }
            Some(bias) => {
                self.gated_candidate(r).gradient(d_n, &mut Below { x: step.x, h: &mut [], own: d_reset });
                d_r.iter_mut().enumerate().for_each(|(j, d_r)| *d_r = d_n[j] * value(hour.reset(), j));
                self.recurrent_product(bias).gradient(d_reset, &mut Below { x: &mut [], h: d_h, own: &mut [] });
            }
        }
        for (gate, d_gate) in [(Gate::Z, d_z), (Gate::R, d_r)] {
            for (j, d) in d_gate.iter_mut().enumerate() {
                *d *= act.gate.clipped_slope(self.clip, value(hour.preactivation(gate), j), value(hour.gate(gate), j));
            }
            self.gate(gate).gradient(d_gate, &mut Below { x: step.x, h: d_h, own: &mut [] });
        }
        step.h.copy_from_slice(d_h);
    }
}
