//! Multipliers against a reference run, step by step from the last to the first; see `recurrence/multiplier.rs`.

use super::{Gate, Lstm};
use crate::engine::function::Function;
use crate::engine::recurrence::linear::{Below, Lower};
use crate::engine::recurrence::multiplier::{gate_quotient, mean};
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// A gate's preactivations in the run and in the reference.
    z: [Vec<f64>; 2],
    /// Multipliers at a gate's preactivations.
    m_z: Vec<f64>,
    /// At the previous hidden state.
    h_prev: Vec<f64>,
    /// At the previous cell state.
    c_prev: Vec<f64>,
}

impl Lstm {
    /// Hands multipliers from the outputs down to the inputs of every hour: `to_x(t, m)` receives hour `t`'s
    /// `[n_inputs]`. `runs` are a run and its reference, of the same length.
    pub fn multipliers(&self, runs: [&Run<'_>; 2], seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let zeros = || vec![0.0; self.n_hidden];
        let mut scratch = Scratch { z: [zeros(), zeros()], m_z: zeros(), h_prev: zeros(), c_prev: zeros() };
        backward(self.sizes(), runs[0].len, seed, to_x, |mut step, _| {
            self.step_multipliers(runs, &mut step, &mut scratch);
        })
    }

    /// `c = f * c_prev + i * g`, after what `h = o * cell(c)` hands to c.
    fn step_multipliers(&self, runs: [&Run<'_>; 2], step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        scratch.h_prev.fill(0.0);
        self.output_multipliers(runs, step, scratch);
        let hours = runs.map(|run| self.hour(run, step.t));
        for (j, m_c_prev) in scratch.c_prev.iter_mut().enumerate() {
            *m_c_prev = step.c[j] * mean(hours.map(|hour| hour.gate(Gate::F)[j]));
        }
        for gate in [Gate::I, Gate::F, Gate::G] {
            // A coupled forget gate has handed its share to the input gate; it has no preactivation of its own.
            if gate == Gate::F && self.input_forget {
                continue;
            }
            self.cell_multipliers(runs, gate, step, scratch);
        }
        step.h.copy_from_slice(&scratch.h_prev);
        step.c.copy_from_slice(&scratch.c_prev);
    }

    /// `h = o * cell(c)`: o's preactivation, and c by way of the cell's function.
    fn output_multipliers(&self, runs: [&Run<'_>; 2], step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        let hours = runs.map(|run| self.hour(run, step.t));
        let cell = Function::from(self.activations.cell);
        let Scratch { z, m_z, h_prev, .. } = scratch;
        self.gate_sums(runs, step, Gate::O, z);
        for (j, m_z) in m_z.iter_mut().enumerate() {
            let [c, c0] = hours.map(|hour| f64::from(hour.c()[j]));
            let o = hours.map(|hour| hour.gate(Gate::O)[j]);
            let (y, y0) = (cell.value(c), cell.value(c0));
            let m_h = step.h[j];
            let z = [z[0][j], z[1][j]];
            *m_z = m_h * 0.5 * (y + y0) * gate_quotient(self.activations.gate, self.clip, z);
            step.c[j] += m_h * mean(o) * cell.quotient(c, c0);
        }
        let mut below = Below { x: step.x, h: h_prev, own: step.c };
        self.block(Gate::O).gradient(m_z, &mut below);
    }

    /// The preactivation of a gate of `c = f * c_prev + i * g`.
    fn cell_multipliers(&self, runs: [&Run<'_>; 2], gate: Gate, step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        let hours = runs.map(|run| self.hour(run, step.t));
        let c_prev = runs.map(|run| run.before(self.sizes(), step.k).1);
        let f = if gate == Gate::G { self.activations.candidate } else { self.activations.gate };
        self.gate_sums(runs, step, gate, &mut scratch.z);
        for j in 0..self.n_hidden {
            let value = |gate| mean(hours.map(|hour| hour.gate(gate)[j]));
            let c_prev = || mean(c_prev.map(|c| c[j]));
            let other = match gate {
                // f = 1 - i where the gates are coupled.
                Gate::I if self.input_forget => value(Gate::G) - c_prev(),
                Gate::I => value(Gate::G),
                Gate::F => c_prev(),
                Gate::G | Gate::O => value(Gate::I),
            };
            let z = [scratch.z[0][j], scratch.z[1][j]];
            scratch.m_z[j] = step.c[j] * other * gate_quotient(f, self.clip, z);
        }
        let mut below = Below { x: step.x, h: &mut scratch.h_prev, own: &mut scratch.c_prev };
        self.block(gate).gradient(&scratch.m_z, &mut below);
    }

    /// A gate's preactivations in both runs, in double precision from the recorded values.
    fn gate_sums(&self, runs: [&Run<'_>; 2], step: &BackwardStep<'_>, gate: Gate, sums: &mut [Vec<f64>; 2]) {
        for (run, z) in runs.into_iter().zip(sums) {
            let (h, c_prev) = run.before(self.sizes(), step.k);
            let own = if gate == Gate::O { self.hour(run, step.t).c() } else { c_prev };
            self.block(gate).preactivations(Lower { x: run.x.row(step.t), h, own }, z);
        }
    }
}
