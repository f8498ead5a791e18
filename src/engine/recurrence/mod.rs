//! Recurrent layers: the forward pass with its tape, and what is replayed from the tape.
//!
//! A [`Layer`] is what ONNX calls an LSTM, GRU or RNN node: one or two directions, each a [`Cell`], over a batch of
//! sequences. The same forward pass runs inside tract (see `onnx/recurrent.rs`) and when a model is checked at load.

mod cell;
pub mod gru;
mod kernel;
mod layer;
mod linear;
pub mod lstm;
mod mask;
mod multiplier;
pub mod rnn;
pub mod run;
pub mod together;

pub use cell::Cell;
pub use gru::Gru;
pub use layer::{Layer, LayerBelow, LayerInput, LayerLayout, LayerOutput, LayerSeed};
pub use linear::{Linear, rows_to_columns};
pub use lstm::Lstm;
pub use rnn::Rnn;

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
    /// Row `t`.
    #[must_use]
    pub fn row(&self, t: usize) -> &'a [T] {
        &self.data[self.offset + t * self.stride..][..self.width]
    }
}
