//! Multipliers against a reference run, step by step from the last to the first; see `recurrence/multiplier.rs`.

use super::{Gate, Gru};
use crate::engine::recurrence::linear::{Below, Block, Lower};
use crate::engine::recurrence::multiplier::{gate_quotient, mean};
use crate::engine::recurrence::run::{BackwardStep, Run, Seed, Shares, backward};

/// What one step computes with, reused from step to step. Each is `[n_hidden]`.
struct Scratch {
    /// Preactivations of a block in the run and in the reference.
    sums: [Vec<f64>; 2],
    /// Multipliers at the gates and their preactivations.
    z: Vec<f64>,
    r: Vec<f64>,
    n: Vec<f64>,
    /// At `r * h`, or at u where the reset gate comes after the product.
    reset: Vec<f64>,
    /// At the previous hidden state.
    h_prev: Vec<f64>,
}

impl Gru {
    /// Hands multipliers from the outputs down to the inputs of every hour: `to_x(t, m)` receives hour `t`'s
    /// `[n_inputs]`. `runs` are a run and its reference, of the same length.
    pub fn multipliers(&self, runs: [&Run<'_>; 2], seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let zeros = || vec![0.0; self.n_hidden];
        let mut scratch =
            Scratch { sums: [zeros(), zeros()], z: zeros(), r: zeros(), n: zeros(), reset: zeros(), h_prev: zeros() };
        backward(self.sizes(), runs[0].len, seed, to_x, |mut step, _| {
            self.state_multipliers(runs, &step, &mut scratch);
            match &self.reset_after {
                None => self.candidate_before_multipliers(runs, &mut step, &mut scratch),
                Some(bias) => self.candidate_after_multipliers(bias, runs, &mut step, &mut scratch),
            }
            for gate in [Gate::Z, Gate::R] {
                self.gate_multipliers(runs, gate, &mut step, &mut scratch);
            }
            step.h.copy_from_slice(&scratch.h_prev);
        })
    }

    /// `h' = (1 - z) * n + z * h`: z, n and the previous hidden state.
    fn state_multipliers(&self, runs: [&Run<'_>; 2], step: &BackwardStep<'_>, scratch: &mut Scratch) {
        let hours = runs.map(|run| self.hour(run, step.t));
        let h_prev = runs.map(|run| run.before(self.sizes(), step.k).0);
        for (j, m) in step.h.iter().enumerate() {
            let values = |gate| hours.map(|hour| hour.gate(gate)[j]);
            let (z, n, h_prev) = (values(Gate::Z), values(Gate::N), h_prev.map(|h| h[j]));
            scratch.n[j] = m * (1.0 - mean(z));
            scratch.z[j] = m * (mean(h_prev) - mean(n));
            scratch.h_prev[j] = m * mean(z);
        }
    }

    /// `n = candidate(x w + (r * h) u + b)`
    fn candidate_before_multipliers(&self, runs: [&Run<'_>; 2], step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        let hours = runs.map(|run| self.hour(run, step.t));
        let h_prev = runs.map(|run| run.before(self.sizes(), step.k).0);
        let block = self.candidate.block(0, self.n_hidden);
        let lower = [0, 1].map(|run| Lower { x: runs[run].x.row(step.t), h: hours[run].reset(), own: &[] });
        self.to_preactivations([block, block], lower, Gate::N, scratch);
        scratch.reset.fill(0.0);
        block.gradient(&scratch.n, &mut Below { x: step.x, h: &mut scratch.reset, own: &mut [] });
        for j in 0..self.n_hidden {
            scratch.r[j] = scratch.reset[j] * mean(h_prev.map(|h| h[j]));
            scratch.h_prev[j] += scratch.reset[j] * mean(hours.map(|hour| hour.gate(Gate::R)[j]));
        }
    }

    /// `n = candidate(x w + r * u + b)` with `u = h u_n + c_n`
    fn candidate_after_multipliers(
        &self,
        bias: &[f32],
        runs: [&Run<'_>; 2],
        step: &mut BackwardStep<'_>,
        scratch: &mut Scratch,
    ) {
        let hours = runs.map(|run| self.hour(run, step.t));
        let blocks = hours.map(|hour| self.gated_candidate(hour.gate(Gate::R)));
        let lower = [0, 1].map(|run| Lower { x: runs[run].x.row(step.t), h: &[], own: hours[run].reset() });
        self.to_preactivations(blocks, lower, Gate::N, scratch);
        let to_x = Block { own: None, ..blocks[0] };
        to_x.gradient(&scratch.n, &mut Below { x: step.x, h: &mut [], own: &mut [] });
        for j in 0..self.n_hidden {
            scratch.r[j] = scratch.n[j] * mean(hours.map(|hour| hour.reset()[j]));
            scratch.reset[j] = scratch.n[j] * mean(hours.map(|hour| hour.gate(Gate::R)[j]));
        }
        let mut below = Below { x: &mut [], h: &mut scratch.h_prev, own: &mut [] };
        self.recurrent_product(bias).gradient(&scratch.reset, &mut below);
    }

    fn gate_multipliers(&self, runs: [&Run<'_>; 2], gate: Gate, step: &mut BackwardStep<'_>, scratch: &mut Scratch) {
        let block = self.gate(gate);
        let lower = runs.map(|run| Lower { x: run.x.row(step.t), h: run.before(self.sizes(), step.k).0, own: &[] });
        self.to_preactivations([block, block], lower, gate, scratch);
        let Scratch { z, r, h_prev, .. } = scratch;
        let m = if gate == Gate::Z { z } else { r };
        block.gradient(m, &mut Below { x: step.x, h: h_prev, own: &mut [] });
    }

    /// From the multipliers at a gate or the candidate to those at its preactivations, in place.
    fn to_preactivations(&self, blocks: [Block<'_>; 2], lower: [Lower<'_>; 2], gate: Gate, scratch: &mut Scratch) {
        let f = if gate == Gate::N { self.activations.candidate } else { self.activations.gate };
        let Scratch { sums, z, r, n, .. } = scratch;
        for ((block, lower), sums) in blocks.iter().zip(lower).zip(sums.iter_mut()) {
            block.preactivations(lower, sums);
        }
        let m = match gate {
            Gate::Z => z,
            Gate::R => r,
            Gate::N => n,
        };
        for (j, m) in m.iter_mut().enumerate() {
            *m *= gate_quotient(f, self.clip, [sums[0][j], sums[1][j]]);
        }
    }
}
