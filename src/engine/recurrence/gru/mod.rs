//! One direction of a gated recurrent unit.
//!
//! With `x` the step's inputs `[n_inputs]` and `h` the previous hidden state `[n_hidden]`:
//!
//! ```text
//! z = gate(x w_z + h u_z + b_z)            r = gate(x w_r + h u_r + b_r)
//! n = candidate(x w_n + (r * h) u_n + b_n)                  the reset gate comes before the recurrent product, or
//! n = candidate(x w_n + r * (h u_n + c_n) + b_n)            after it (ONNX: linear_before_reset)
//! h' = (1 - z) * n + z * h
//! ```
//!
//! Source: ONNX operator specification, `GRU`, which calls the candidate `h`; here it is `n`. The gates come in the
//! order z, r, n in both.

mod forward;
mod gradient;
mod multiplier;
mod relevance;
mod tape;

pub use tape::TAPE_BLOCKS;

use super::Direction;
use super::linear::{Block, Linear};
use crate::engine::function::activation::Activation;

/// The activation functions of a direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activations {
    /// Of the gates z and r.
    pub gate: Activation,
    /// Of the candidate n.
    pub candidate: Activation,
}

/// The weights and settings of one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Gru {
    /// The order in which hours are read.
    pub direction: Direction,
    /// Length of a step's input.
    pub n_inputs: usize,
    /// Length of the hidden state.
    pub n_hidden: usize,
    /// To the gates z and r, `[.., 2 * n_hidden]`.
    pub gates: Linear,
    /// To the candidate n, `[.., n_hidden]`.
    pub candidate: Linear,
    /// The bias `c_n` `[n_hidden]`, where the reset gate multiplies after the recurrent product; before it, where there
    /// is none.
    pub reset_after: Option<Vec<f32>>,
    /// The activation functions.
    pub activations: Activations,
    /// Preactivations are limited to `[-clip, clip]`.
    pub clip: Option<f32>,
}

/// Blocks of a cell in the order z, r, n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Z,
    R,
    N,
}

impl Gru {
    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.gates.n_parameters() + self.candidate.n_parameters() + self.reset_after.as_ref().map_or(0, Vec::len)
    }

    /// The linear map to z or r.
    fn gate(&self, gate: Gate) -> Block<'_> {
        self.gates.block(gate as usize * self.n_hidden, self.n_hidden)
    }

    /// What the candidate reads beside x where the reset gate comes after the product: `r_j u_j` for its unit `j`.
    fn gated_candidate<'a>(&'a self, r: &'a [f32]) -> Block<'a> {
        Block { w_h: &[], own: Some(r), ..self.candidate.block(0, self.n_hidden) }
    }

    /// `u = h u_n + c_n`, which the reset gate multiplies.
    fn recurrent_product<'a>(&'a self, bias: &'a [f32]) -> Block<'a> {
        Block { w_x: &[], bias, ..self.candidate.block(0, self.n_hidden) }
    }
}
