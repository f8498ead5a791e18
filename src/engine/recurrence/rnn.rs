//! One direction of a plain recurrent cell.
//!
//! With `x` the step's inputs `[n_inputs]` and `h` the previous hidden state `[n_hidden]`:
//!
//! ```text
//! h' = f(z),  z = x w + h u + b
//! ```
//!
//! Source: ONNX operator specification, `RNN`.

use super::kernel::accumulate;
use super::linear::{Below, Linear, Lower, clip};
use super::multiplier::gate_quotient;
use super::run::{Run, Seed, Shares, Sizes, backward};
use super::{Direction, Sequence};
use crate::engine::function::activation::Activation;
use crate::engine::rule::Rule;

/// The weights and settings of one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Rnn {
    /// The order in which hours are read.
    pub direction: Direction,
    /// Length of a step's input.
    pub n_inputs: usize,
    /// Length of the hidden state.
    pub n_hidden: usize,
    /// To the preactivations, `[.., n_hidden]`.
    pub linear: Linear,
    /// The activation function.
    pub activation: Activation,
    /// Preactivations are limited to `[-clip, clip]`.
    pub clip: Option<f32>,
}

/// Numbers that a tape has an hour and a hidden unit: preactivation and hidden state.
pub const TAPE_BLOCKS: usize = 2;

impl Rnn {
    /// Its sizes.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        Sizes {
            direction: self.direction,
            n_inputs: self.n_inputs,
            n_hidden: self.n_hidden,
            n_cell: 0,
            tape_width: TAPE_BLOCKS * self.n_hidden,
        }
    }

    /// Runs one sequence and records every hour on `tape`, `[n_steps, tape_width]`. Hours from `len` on are left as
    /// they are.
    pub fn forward(&self, x: Sequence<'_, f32>, len: usize, h0: &[f32], tape: &mut [f32]) {
        let (d, width) = (self.n_hidden, self.sizes().tape_width);
        let mut h = h0.to_vec();
        for k in 0..len {
            let t = self.direction.hour(k, len);
            let (z, state) = tape[t * width..][..width].split_at_mut(d);
            z.copy_from_slice(&self.linear.bias);
            accumulate(x.row(t), &self.linear.w_x, z);
            accumulate(&h, &self.linear.w_h, z);
            h.copy_from_slice(z);
            clip(self.clip, &mut h);
            self.activation.apply_all(&mut h);
            state.copy_from_slice(&h);
        }
    }

    /// Hands relevance from the outputs down to the inputs of every hour: `to_x(t, r)` receives hour `t`'s share
    /// `[n_inputs]`.
    ///
    /// ```text
    /// R_x, R_h = linear( [x, h]; w, u, b, out = z, R_h', N = d + e )
    /// ```
    pub fn relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        to_x: &mut dyn FnMut(usize, &[f64]),
    ) -> Shares {
        let (mut r_h, mut z) = (vec![0.0; self.n_hidden], vec![0.0; self.n_hidden]);
        backward(self.sizes(), run.len, seed, to_x, |step, kept| {
            let (h, _) = run.before(self.sizes(), step.k);
            r_h.fill(0.0);
            let lower = Lower { x: run.x.row(step.t), h, own: &[] };
            let mut below = Below { x: step.x, h: &mut r_h, own: &mut [] };
            self.linear.block(0, self.n_hidden).relevance(lower, step.h, rule, kept, &mut below, &mut z);
            step.h.copy_from_slice(&r_h);
        })
    }

    /// Hands multipliers from the outputs down to the inputs of every hour: `to_x(t, m)` receives hour `t`'s
    /// `[n_inputs]`. `runs` are a run and its reference, of the same length.
    ///
    /// ```text
    /// m_z = m_h' (f(z) - f(z0)) / (z - z0)      m_x = w m_z      m_h = u m_z
    /// ```
    pub fn multipliers(&self, runs: [&Run<'_>; 2], seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let zeros = || vec![0.0; self.n_hidden];
        let (mut sums, mut m_z) = ([zeros(), zeros()], zeros());
        let block = self.linear.block(0, self.n_hidden);
        backward(self.sizes(), runs[0].len, seed, to_x, |step, _| {
            for (run, z) in runs.into_iter().zip(&mut sums) {
                let (h, _) = run.before(self.sizes(), step.k);
                block.preactivations(Lower { x: run.x.row(step.t), h, own: &[] }, z);
            }
            for (j, m) in m_z.iter_mut().enumerate() {
                let z = [sums[0][j], sums[1][j]];
                *m = step.h[j] * gate_quotient(self.activation, self.clip, z);
            }
            step.h.fill(0.0);
            block.gradient(&m_z, &mut Below { x: step.x, h: step.h, own: &mut [] });
        })
    }

    /// Hands derivatives from the outputs down to the inputs of every hour: `to_x(t, d)` receives hour `t`'s
    /// derivatives `[n_inputs]`.
    ///
    /// ```text
    /// d_z = d_h' f'(z)    (0 where z is clipped)      d_x = w d_z      d_h = u d_z
    /// ```
    pub fn gradient(&self, run: &Run<'_>, seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let mut d_z = vec![0.0; self.n_hidden];
        backward(self.sizes(), run.len, seed, to_x, |step, _| {
            let (z, h) = run.row(self.sizes(), step.t).split_at(self.n_hidden);
            for (j, d) in d_z.iter_mut().enumerate() {
                *d = step.h[j] * self.activation.clipped_slope(self.clip, f64::from(z[j]), f64::from(h[j]));
            }
            step.h.fill(0.0);
            let mut below = Below { x: step.x, h: step.h, own: &mut [] };
            self.linear.block(0, self.n_hidden).gradient(&d_z, &mut below);
        })
    }
}
