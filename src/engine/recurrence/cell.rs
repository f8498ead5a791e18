//! One direction of a recurrent layer as the model's file describes it.

use super::Direction;
use super::run::Sizes;
use crate::engine::function::activation::Activation;

/// A direction, with its weights and settings. Its blocks, `n_hidden` columns each, are the gates and the candidate in the
/// order that its kind has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Which equations, with what only these have.
    pub kind: CellKind,
    /// The order in which hours are read.
    pub direction: Direction,
    /// Length of a step's input.
    pub n_inputs: usize,
    /// Length of the hidden state.
    pub n_hidden: usize,
    /// Input weights `[n_inputs, n_blocks * n_hidden]`.
    pub w_x: Vec<f32>,
    /// Recurrent weights `[n_hidden, n_blocks * n_hidden]`.
    pub w_h: Vec<f32>,
    /// Biases `[n_blocks * n_hidden]`: the sums of ONNX's two, but for a reset gate that comes after the product.
    pub bias: Vec<f32>,
    /// The activation functions.
    pub activations: Activations,
    /// Preactivations are limited to `[-clip, clip]`.
    pub clip: Option<f32>,
}

/// The equations of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellKind {
    /// Long short-term memory, blocks i, f, g, o; see `lstm.rs`.
    Lstm {
        /// Weights from the cell state to the gates, if the node has them.
        peephole: Option<Peephole>,
        /// The forget gate is `1 - i`.
        input_forget: bool,
    },
    /// A gated recurrent unit, blocks z, r, n; see `gru.rs`.
    Gru {
        /// The bias `c_n` `[n_hidden]`, where the reset gate multiplies after the recurrent product; before it, where there
        /// is none.
        reset_after: Option<Vec<f32>>,
    },
    /// A plain recurrent cell of one block; see `rnn.rs`.
    Rnn,
}

/// The activation functions of a direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activations {
    /// Of the gates; a plain cell has none.
    pub gate: Activation,
    /// Of the candidate, which of a plain cell is its hidden state.
    pub candidate: Activation,
    /// Of an LSTM's cell state on its way to the hidden state.
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

impl Activations {
    /// Those that exporters write.
    pub const USUAL: Self = Self { gate: Activation::Sigmoid, candidate: Activation::Tanh, cell: Activation::Tanh };
}

impl CellKind {
    /// Gates and candidate.
    #[must_use]
    pub(crate) const fn n_blocks(&self) -> usize {
        match self {
            Self::Lstm { .. } => 4,
            Self::Gru { .. } => 3,
            Self::Rnn => 1,
        }
    }

    /// What is recorded beside the blocks' sums and values: an LSTM's cell state and its function's value, or what a GRU's
    /// reset gate makes, and the hidden state, which of a plain cell is the value of its block.
    const fn n_states(&self) -> usize {
        match self {
            Self::Lstm { .. } => 3,
            Self::Gru { .. } => 2,
            Self::Rnn => 0,
        }
    }
}

impl Cell {
    /// Its sizes, and how it reads.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        let n_cell = if matches!(self.kind, CellKind::Lstm { .. }) { self.n_hidden } else { 0 };
        let (n_blocks, n_states) = (self.kind.n_blocks(), self.kind.n_states());
        Sizes::new(self.direction, self.n_inputs, self.n_hidden, n_cell, n_blocks, n_states)
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        let own = match &self.kind {
            CellKind::Lstm { peephole: Some(_), .. } => 3 * self.n_hidden,
            CellKind::Gru { reset_after: Some(bias) } => bias.len(),
            CellKind::Lstm { .. } | CellKind::Gru { .. } | CellKind::Rnn => 0,
        };
        self.w_x.len() + self.w_h.len() + self.bias.len() + own
    }

    /// Its weights and biases, a list a kind; those from the inputs first.
    pub(crate) fn weights_mut(&mut self) -> Vec<&mut Vec<f32>> {
        let mut lists = vec![&mut self.w_x, &mut self.w_h, &mut self.bias];
        match &mut self.kind {
            CellKind::Lstm { peephole: Some(p), .. } => lists.extend([&mut p.i, &mut p.f, &mut p.o]),
            CellKind::Gru { reset_after } => lists.extend(reset_after),
            CellKind::Lstm { .. } | CellKind::Rnn => {}
        }
        lists
    }

    /// Whether nothing about it is out of the ordinary, so that it is computed by the code for [`Activations::USUAL`].
    pub(super) fn is_usual(&self) -> bool {
        let plain =
            !matches!(self.kind, CellKind::Lstm { peephole: Some(_), .. } | CellKind::Lstm { input_forget: true, .. });
        plain && self.clip.is_none() && self.activations == Activations::USUAL
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
    let mut columns = vec![0.0; 4 * len];
    for (to, from) in [0, 2, 3, 1].into_iter().enumerate() {
        transpose(&rows[from * len..][..len], width, &mut columns, 4 * n_hidden, to * n_hidden);
    }
    columns
}

/// Turns rows `[n_units, width]`, as ONNX stores weights, into columns `[width, n_units]`, so that one lower unit's
/// weights to all upper units are contiguous.
#[must_use]
pub fn rows_to_columns(rows: &[f32], width: usize) -> Vec<f32> {
    let mut columns = vec![0.0; rows.len()];
    transpose(rows, width, &mut columns, rows.len().checked_div(width).unwrap_or_default(), 0);
    columns
}

/// Rows of `width` numbers as columns `first` and after of rows of `stride` numbers. In squares: of a whole column each
/// number lies in another line of the processor's memory.
fn transpose(rows: &[f32], width: usize, to: &mut [f32], stride: usize, first: usize) {
    /// Numbers of a square's side: half a line.
    const SIDE: usize = 8;
    let n = rows.len().checked_div(width).unwrap_or_default();
    for (j, k) in (0..n).step_by(SIDE).flat_map(|j| (0..width).step_by(SIDE).map(move |k| (j, k))) {
        let (columns, square) = (k..width.min(k + SIDE), j..n.min(j + SIDE));
        for k in columns {
            let row = &mut to[k * stride + first..][square.clone()];
            row.iter_mut().zip(square.clone()).for_each(|(to, j)| *to = rows[j * width + k]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{iofc_to_ifgo, rows_to_columns};
    use crate::engine::number::real32;

    #[test]
    fn gates_are_reordered_and_transposed() {
        // Two inputs, one hidden unit: rows i, o, f, c.
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(iofc_to_ifgo(&rows, 1, 2), [1.0, 5.0, 7.0, 3.0, 2.0, 6.0, 8.0, 4.0]);
    }

    #[test]
    fn any_size_is_transposed_number_by_number() {
        for (n, width) in [(0, 3), (3, 0), (1, 9), (8, 8), (17, 20), (33, 7)] {
            let rows: Vec<f32> = (0..n * width).map(real32).collect();
            let columns = rows_to_columns(&rows, width);
            let plain = (0..width).flat_map(|k| (0..n).map(move |j| real32(j * width + k)));
            assert_eq!(columns, plain.collect::<Vec<_>>(), "{n} x {width}");
        }
    }
}
