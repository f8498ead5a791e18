//! What the forward pass records of every hour, and what a backward pass reads.

use super::{Gate, Lstm};
use crate::engine::recurrence::run::{Run, Sizes};

/// Numbers that a tape has an hour and a hidden unit.
pub const TAPE_BLOCKS: usize = 10;

/// One hour of a tape.
#[derive(Clone, Copy)]
pub(super) struct Hour<'a> {
    row: &'a [f32],
    n_hidden: usize,
}

impl<'a> Hour<'a> {
    /// Preactivations of a gate `[n_hidden]`, before clipping.
    pub(super) fn z(&self, gate: Gate) -> &'a [f32] {
        self.block(gate.index())
    }

    /// Activations of a gate `[n_hidden]`.
    pub(super) fn gate(&self, gate: Gate) -> &'a [f32] {
        self.block(4 + gate.index())
    }

    /// Cell state after this hour `[n_hidden]`.
    pub(super) fn c(&self) -> &'a [f32] {
        self.block(8)
    }

    fn block(&self, index: usize) -> &'a [f32] {
        &self.row[index * self.n_hidden..][..self.n_hidden]
    }
}

impl Lstm {
    /// Its sizes. An hour's record is four preactivations, four gates, cell state and hidden state of every unit.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        Sizes {
            direction: self.direction,
            n_inputs: self.n_inputs,
            n_hidden: self.n_hidden,
            n_cell: self.n_hidden,
            tape_width: TAPE_BLOCKS * self.n_hidden,
        }
    }

    pub(super) fn hour<'a>(&self, run: &Run<'a>, t: usize) -> Hour<'a> {
        Hour { row: run.row(self.sizes(), t), n_hidden: self.n_hidden }
    }
}
