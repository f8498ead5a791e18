//! The derivative, step by step from the last to the first.

use super::{Gate, Lstm};
use crate::engine::function::activation::Activation;
use crate::engine::recurrence::linear::Below;
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// Derivatives at a gate's preactivations.
    z: Vec<f64>,
    /// At the previous hidden state.
    h_prev: Vec<f64>,
    /// At the previous cell state.
    c_prev: Vec<f64>,
}

impl Scratch {
    fn new(d: usize) -> Self {
        Self { z: vec![0.0; d], h_prev: vec![0.0; d], c_prev: vec![0.0; d] }
    }
}

impl Lstm {
    /// Hands derivatives from the outputs down to the inputs of every hour: `to_x(t, d)` receives hour `t`'s
    /// derivatives `[n_inputs]`.
    pub fn gradient(&self, run: &Run<'_>, seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        if self.is_usual() {
            return self.usual_gradient(run, seed, to_x);
        }
        let mut scratch = Scratch::new(self.n_hidden);
        backward(self.sizes(), run.len, seed, to_x, |step, _| self.step_gradient(run, step, &mut scratch))
    }

    /// ```text
    /// d_o = d_h cell(c)        d_c += d_h o cell'(c) + p_o d_zo
    /// d_f = d_c c_prev         d_i = d_c g        d_g = d_c i        d_c_prev = d_c f + p_i d_zi + p_f d_zf
    /// d_z = d_gate gate'(z)    (0 where z is clipped)
    /// d_x, d_h_prev = sum over the gates of w d_z, u d_z
    /// ```
    fn step_gradient(&self, run: &Run<'_>, step: BackwardStep<'_>, scratch: &mut Scratch) {
        let BackwardStep { k, t, x: d_x, h: d_h, c: d_c } = step;
        let d = self.n_hidden;
        let hour = self.hour(run, t);
        let (_, c_prev) = run.before(self.sizes(), k);
        let act = &self.activations;
        let value = |of: &[f32], j: usize| f64::from(of[j]);
        let slope = |gate: Gate, f: Activation, j: usize| {
            f.clipped_slope(self.clip, value(hour.z(gate), j), value(hour.gate(gate), j))
        };
        let Scratch { z: d_z, h_prev: d_h_prev, c_prev: d_c_prev } = scratch;
        d_h_prev.fill(0.0);

        for j in 0..d {
            let (c, cell) = (value(hour.c(), j), f64::from(act.cell.apply(hour.c()[j])));
            d_z[j] = d_h[j] * cell * slope(Gate::O, act.gate, j);
            d_c[j] += d_h[j] * value(hour.gate(Gate::O), j) * act.cell.slope(c, cell);
        }
        self.block(Gate::O).gradient(d_z, &mut Below { x: d_x, h: d_h_prev, own: d_c });

        let (i, f, g) = (hour.gate(Gate::I), hour.gate(Gate::F), hour.gate(Gate::G));
        d_c_prev.iter_mut().enumerate().for_each(|(j, d_cj)| *d_cj = d_c[j] * value(f, j));
        for gate in [Gate::I, Gate::F, Gate::G] {
            for (j, d_zj) in d_z.iter_mut().enumerate() {
                let (d_i, d_f) = (d_c[j] * value(g, j), d_c[j] * value(c_prev, j));
                *d_zj = match gate {
                    // f = 1 - i where the gates are coupled.
                    Gate::I if self.input_forget => (d_i - d_f) * slope(gate, act.gate, j),
                    Gate::F if self.input_forget => 0.0,
                    Gate::I => d_i * slope(gate, act.gate, j),
                    Gate::F => d_f * slope(gate, act.gate, j),
                    Gate::G | Gate::O => d_c[j] * value(i, j) * slope(gate, act.candidate, j),
                };
            }
            self.block(gate).gradient(d_z, &mut Below { x: d_x, h: d_h_prev, own: d_c_prev });
        }
        d_h.copy_from_slice(d_h_prev);
        d_c.copy_from_slice(d_c_prev);
    }
}
