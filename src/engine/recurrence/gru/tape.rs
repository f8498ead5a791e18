//! What the forward pass records of every hour, and what a backward pass reads.

use super::{Gate, Gru};
use crate::engine::recurrence::run::{Run, Sizes};

/// Numbers that a tape has an hour and a hidden unit: the preactivations of z, r and n, the three themselves, what the
/// reset gate makes or multiplies, and the hidden state.
pub const TAPE_BLOCKS: usize = 8;

/// One hour of a tape.
#[derive(Clone, Copy)]
pub(super) struct Hour<'a> {
    row: &'a [f32],
    n_hidden: usize,
}

impl<'a> Hour<'a> {
    /// Preactivations of a gate or of the candidate `[n_hidden]`, before clipping.
    pub(super) fn preactivation(&self, gate: Gate) -> &'a [f32] {
        self.block(gate as usize)
    }

    /// Activations of a gate or of the candidate `[n_hidden]`.
    pub(super) fn gate(&self, gate: Gate) -> &'a [f32] {
        self.block(3 + gate as usize)
    }

    /// `r * h` where the reset gate comes before the recurrent product, `u = h u_n + c_n` where it comes after,
    /// `[n_hidden]`.
    pub(super) fn reset(&self) -> &'a [f32] {
        self.block(6)
    }

    fn block(&self, index: usize) -> &'a [f32] {
        &self.row[index * self.n_hidden..][..self.n_hidden]
    }
}

impl Gru {
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

    pub(super) fn hour<'a>(&self, run: &Run<'a>, t: usize) -> Hour<'a> {
        Hour { row: run.row(self.sizes(), t), n_hidden: self.n_hidden }
    }
}
