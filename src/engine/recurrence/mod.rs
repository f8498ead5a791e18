//! Recurrent layers: the forward pass with its tape, and what is handed back from the tape.
//!
//! A [`Layer`] is what ONNX calls an LSTM, GRU or RNN node: one or two directions, each a [`Cell`], over a batch of
//! sequences. All three go through the same steps. What their equations multiply by weights is done by `panels`, in
//! matrices that are packed when a model is read; what they do unit by unit stands in `lstm.rs`, `gru.rs` and `rnn.rs`, four
//! units side by side. `bank.rs` runs many directions, small ones step by step in turns. The same forward pass runs inside
//! tract (see `onnx/wire/recurrent.rs`) and in the graph's own runs; `witness.rs` is the plain second opinion that each model
//! is compared with.

pub mod bank;
mod cell;
mod descent;
mod gru;
mod lanes;
mod layer;
mod lstm;
mod mask;
mod packed;
mod panels;
mod reader;
mod rnn;
pub mod run;
mod slopes;
mod spread;
mod step;
pub mod witness;

pub use cell::{Activations, Cell, CellKind, Peephole, iofc_to_ifgo, rows_to_columns};
pub use layer::{Layer, LayerBelow, LayerInput, LayerLayout, LayerOutput, LayerSeed};

/// The order in which a layer reads its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Hour 0 first.
    Forward,
    /// The last hour first; what belongs to hour `t` is stored at hour `t` all the same.
    Reverse,
}

impl Direction {
    /// The hour read at step `k` of a sequence of `len` hours.
    #[must_use]
    pub fn hour(self, k: usize, len: usize) -> usize {
        match self {
            Self::Forward => k,
            Self::Reverse => len - 1 - k,
        }
    }

    /// The directions that ONNX's attribute `direction` names; `None` for an unknown name.
    #[must_use]
    pub fn from_onnx(name: &str) -> Option<&'static [Self]> {
        match name {
            "forward" => Some(&[Self::Forward]),
            "reverse" => Some(&[Self::Reverse]),
            "bidirectional" => Some(&[Self::Forward, Self::Reverse]),
            _ => None,
        }
    }
}

/// A sequence inside a larger buffer: row `t` is `data[offset + t * stride..][..width]`.
#[derive(Debug, Clone, Copy)]
pub struct Sequence<'a, T> {
    /// The buffer.
    pub data: &'a [T],
    /// Index of row 0.
    pub offset: usize,
    /// Distance between the starts of two rows.
    pub stride: usize,
    /// Length of a row.
    pub width: usize,
}

impl<'a, T> Sequence<'a, T> {
    /// Rows that stand one behind another.
    pub(self) const fn dense(data: &'a [T], width: usize) -> Self {
        Self { data, offset: 0, stride: width, width }
    }

    /// Row `t`.
    #[must_use]
    pub fn row(&self, t: usize) -> &'a [T] {
        &self.data[self.offset + t * self.stride..][..self.width]
    }
}

#[cfg(test)]
mod tests;
