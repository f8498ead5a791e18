//! One direction over one sequence: its sizes, its tape, and what enters it from above.
//!
//! ```text
//! tape   [n_steps, tape_width]
//! hour   a sum and a value for each block (gate or candidate), then what the equations keep besides:
//!        LSTM   z_i z_f z_g z_o   i f g o   c y h      GRU   z_z z_r z_n   z r n   q h        RNN   z   h
//! ```
//!
//! Each of these is `n_lanes` numbers, of which the first `n_hidden` are the units' and the rest is zero or meaningless. The
//! sums are before clipping. An LSTM's y is what its function makes of c. A GRU's q is `r * h` where the reset gate comes before the recurrent product, and
//! `h u_n + c_n`, which the reset gate multiplies, where it comes after.

use super::panels::LANES;
use super::{Direction, Sequence};
use crate::engine::rule::Kept;

/// The sizes of one direction, and how it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The order in which hours are read.
    pub direction: Direction,
    /// Length of a step's input.
    pub n_inputs: usize,
    /// Length of the hidden state.
    pub n_hidden: usize,
    /// Length of the cell state; 0 where the cell has none.
    pub n_cell: usize,
    /// Units, and the lanes that are left of the last four.
    pub n_lanes: usize,
    /// Numbers recorded an hour.
    pub tape_width: usize,
    n_blocks: usize,
}

impl Sizes {
    pub(super) const fn new(
        direction: Direction,
        n_inputs: usize,
        n_hidden: usize,
        n_cell: usize,
        n_blocks: usize,
        n_states: usize,
    ) -> Self {
        let n_lanes = n_hidden.next_multiple_of(LANES);
        let tape_width = (2 * n_blocks + n_states) * n_lanes;
        Self { direction, n_inputs, n_hidden, n_cell, n_lanes, tape_width, n_blocks }
    }
}

/// Everything that one direction computed over one sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    /// The inputs, a row an hour.
    pub(super) x: Sequence<'a, f32>,
    /// The tape, `[n_steps, tape_width]`.
    pub(super) tape: &'a [f32],
    /// Hours that belong to the sequence; later ones are padding.
    pub(super) len: usize,
}

impl<'a> Run<'a> {
    /// What was recorded at hour `t`.
    pub(super) fn hour(&self, sizes: Sizes, t: usize) -> &'a [f32] {
        &self.tape[t * sizes.tape_width..][..sizes.tape_width]
    }
}

/// What enters a direction from above: relevance, or the derivative of the explained output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed<'a> {
    /// At the hidden state of every hour, if the sequence output is used.
    pub(super) y: Option<Sequence<'a, f64>>,
    /// At the last hidden state `[n_hidden]`.
    pub(super) h: Option<&'a [f64]>,
    /// At the last cell state `[n_cell]`.
    pub(super) c: Option<&'a [f64]>,
}

/// What one direction's way back leaves at its lower end, beside what its inputs receive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares<'a> {
    /// At the initial hidden state `[n_hidden]`.
    pub(super) h0: &'a [f64],
    /// At the initial cell state `[n_cell]`.
    pub(super) c0: &'a [f64],
    /// Kept on the way; nothing for a derivative.
    pub(super) kept: Kept,
}
