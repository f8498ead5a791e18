//! One direction of an LSTM.
//!
//! With `x` the step's inputs `[n_inputs]`, `h` and `c` the previous hidden and cell state `[n_hidden]`:
//!
//! ```text
//! i = gate(x w_i + h u_i + p_i * c + b_i)            f = gate(x w_f + h u_f + p_f * c + b_f)     (or 1 - i)
//! g = candidate(x w_g + h u_g + b_g)                 c' = f * c + i * g
//! o = gate(x w_o + h u_o + p_o * c' + b_o)           h' = o * cell(c')
//! ```
//!
//! Source: ONNX operator specification, `LSTM`. There the candidate is called `c` and the gates come in the order
//! i, o, f, c; here they are i, f, g, o everywhere, reordered once by [`iofc_to_ifgo`].

pub(in crate::engine::recurrence) mod few;
mod forward;
mod gradient;
mod multiplier;
mod relevance;
mod signal;
mod slopes;
mod tape;
mod usual;

pub use tape::TAPE_BLOCKS;

use super::Direction;
use super::linear::{Block, rows_to_columns};
use crate::engine::function::activation::Activation;

/// The activation functions of a direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activations {
    /// Of the gates i, f and o.
    pub gate: Activation,
    /// Of the candidate g.
    pub candidate: Activation,
    /// Of the cell state on its way to the hidden state.
    pub cell: Activation,
}

/// Weights from the cell state to the gates, each `[n_hidden]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Peephole {
    /// From the previous cell state to i.
    pub i: Vec<f32>,
    /// From the previous cell state to f.
    pub f: Vec<f32>,
    /// From the new cell state to o.
    pub o: Vec<f32>,
}

/// The weights and settings of one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Lstm {
    /// The order in which hours are read.
    pub direction: Direction,
    /// Length of a step's input.
    pub n_inputs: usize,
    /// Length of the hidden and of the cell state.
    pub n_hidden: usize,
    /// Input weights `[n_inputs, 4 * n_hidden]`, gates in the order i, f, g, o.
    pub w_x: Vec<f32>,
    /// Recurrent weights `[n_hidden, 4 * n_hidden]`, gates in the order i, f, g, o.
    pub w_h: Vec<f32>,
    /// Sum of both ONNX biases `[4 * n_hidden]`, gates in the order i, f, g, o.
    pub bias: Vec<f32>,
    /// Peephole weights, if the node has them.
    pub peephole: Option<Peephole>,
    /// The activation functions.
    pub activations: Activations,
    /// Preactivations are limited to `[-clip, clip]`.
    pub clip: Option<f32>,
    /// The forget gate is `1 - i`.
    pub input_forget: bool,
}

/// Rows of a gate in the order i, f, g, o.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    I,
    F,
    G,
    O,
}

impl Gate {
    const fn index(self) -> usize {
        self as usize
    }
}

impl Lstm {
    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        let peephole = if self.peephole.is_some() { 3 * self.n_hidden } else { 0 };
        self.w_x.len() + self.w_h.len() + self.bias.len() + peephole
    }

    /// The linear map to a gate's preactivations.
    fn block(&self, gate: Gate) -> Block<'_> {
        let column = gate.index() * self.n_hidden;
        Block {
            w_x: &self.w_x,
            w_h: &self.w_h,
            n_columns: 4 * self.n_hidden,
            column,
            bias: &self.bias[column..][..self.n_hidden],
            own: self.peephole.as_ref().and_then(|p| match gate {
                Gate::I => Some(&*p.i),
                Gate::F => Some(&*p.f),
                Gate::G => None,
                Gate::O => Some(&*p.o),
            }),
        }
    }
}

/// Reorders ONNX's gates i, o, f, c of one direction to i, f, g, o and turns the rows into columns.
///
/// `rows` is `[4 * n_hidden, width]`; the result is `[width, 4 * n_hidden]`, so that one input's weights to all gates
/// are contiguous.
///
/// # Panics
/// Where `rows` is not of that length.
#[must_use]
pub fn iofc_to_ifgo(rows: &[f32], n_hidden: usize, width: usize) -> Vec<f32> {
    let len = n_hidden * width;
    assert_eq!(rows.len(), 4 * len, "weights of four gates");
    let reordered: Vec<f32> = [0, 2, 3, 1].into_iter().flat_map(|block| &rows[block * len..][..len]).copied().collect();
    rows_to_columns(&reordered, width)
}

#[cfg(test)]
mod tests {
    use super::iofc_to_ifgo;

    #[test]
    fn gates_are_reordered_and_transposed() {
        // Two inputs, one hidden unit: rows i, o, f, c.
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(iofc_to_ifgo(&rows, 1, 2), [1.0, 5.0, 7.0, 3.0, 2.0, 6.0, 8.0, 4.0]);
    }
}
