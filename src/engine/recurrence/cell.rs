//! One direction of a recurrent layer, whatever its kind.

use super::Sequence;
use super::gru::Gru;
use super::lstm::Lstm;
use super::rnn::Rnn;
use super::run::{Run, Seed, Shares, Sizes};
use crate::engine::rule::Rule;

/// A direction, with its weights and settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Long short-term memory.
    Lstm(Lstm),
    /// A gated recurrent unit.
    Gru(Gru),
    /// A plain recurrent cell.
    Rnn(Rnn),
}

impl Cell {
    /// Its sizes, and how it reads.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        match self {
            Self::Lstm(cell) => cell.sizes(),
            Self::Gru(cell) => cell.sizes(),
            Self::Rnn(cell) => cell.sizes(),
        }
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        match self {
            Self::Lstm(cell) => cell.n_parameters(),
            Self::Gru(cell) => cell.n_parameters(),
            Self::Rnn(cell) => cell.linear.n_parameters(),
        }
    }

    /// Its weights and biases, a list a kind.
    pub fn weights_mut(&mut self) -> Vec<&mut Vec<f32>> {
        match self {
            Self::Lstm(cell) => {
                let peephole = cell.peephole.as_mut().map(|p| [&mut p.i, &mut p.f, &mut p.o]);
                [&mut cell.w_x, &mut cell.w_h, &mut cell.bias]
                    .into_iter()
                    .chain(peephole.into_iter().flatten())
                    .collect()
            }
            Self::Gru(cell) => {
                let linear = [&mut cell.gates, &mut cell.candidate];
                let lists = linear.into_iter().flat_map(|linear| [&mut linear.w_x, &mut linear.w_h, &mut linear.bias]);
                lists.chain(&mut cell.reset_after).collect()
            }
            Self::Rnn(cell) => vec![&mut cell.linear.w_x, &mut cell.linear.w_h, &mut cell.linear.bias],
        }
    }

    /// Runs one sequence and records every hour on `tape`, `[n_steps, tape_width]`. Hours from `len` on are left as
    /// they are.
    pub fn forward(&self, x: Sequence<'_, f32>, len: usize, h0: &[f32], c0: &[f32], tape: &mut [f32]) {
        match self {
            Self::Lstm(cell) => cell.forward(x, len, h0, c0, tape),
            Self::Gru(cell) => cell.forward(x, len, h0, tape),
            Self::Rnn(cell) => cell.forward(x, len, h0, tape),
        }
    }

    /// Hands relevance from the outputs down to the inputs of every hour: `to_x(t, r)` receives hour `t`'s share
    /// `[n_inputs]`.
    pub fn relevance(
        &self,
        run: &Run<'_>,
        seed: &Seed<'_>,
        rule: &Rule,
        to_x: &mut dyn FnMut(usize, &[f64]),
    ) -> Shares {
        match self {
            Self::Lstm(cell) => cell.relevance(run, seed, rule, to_x),
            Self::Gru(cell) => cell.relevance(run, seed, rule, to_x),
            Self::Rnn(cell) => cell.relevance(run, seed, rule, to_x),
        }
    }

    /// Hands derivatives from the outputs down to the inputs of every hour: `to_x(t, d)` receives hour `t`'s
    /// derivatives `[n_inputs]`.
    pub fn gradient(&self, run: &Run<'_>, seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        match self {
            Self::Lstm(cell) => cell.gradient(run, seed, to_x),
            Self::Gru(cell) => cell.gradient(run, seed, to_x),
            Self::Rnn(cell) => cell.gradient(run, seed, to_x),
        }
    }

    /// Hands multipliers between a run and its reference, of the same length, from the outputs down to the inputs of
    /// every hour: `to_x(t, m)` receives hour `t`'s `[n_inputs]`. See `multiplier.rs`.
    pub fn multipliers(&self, runs: [&Run<'_>; 2], seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        match self {
            Self::Lstm(cell) => cell.multipliers(runs, seed, to_x),
            Self::Gru(cell) => cell.multipliers(runs, seed, to_x),
            Self::Rnn(cell) => cell.multipliers(runs, seed, to_x),
        }
    }
}
