//! What the forward pass records of every hour, and what a backward pass reads.

use super::{Gate, Lstm};
use crate::recurrence::Sequence;

/// Everything that one direction computed over one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The inputs, a row an hour.
    pub x: Sequence<'a, f32>,
    /// The tape, `[n_steps, 10 * n_hidden]`; see [`Lstm::tape_width`].
    pub tape: &'a [f32],
    /// Initial hidden state `[n_hidden]`.
    pub h0: &'a [f32],
    /// Initial cell state `[n_hidden]`.
    pub c0: &'a [f32],
    /// Hours that belong to the sequence; later ones are padding.
    pub len: usize,
}

/// What enters a direction from above: relevance, or the derivative of the explained output.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    /// At the hidden state of every hour, if the sequence output is used.
    pub y: Option<Sequence<'a, f64>>,
    /// At the last hidden state `[n_hidden]`.
    pub h: Option<&'a [f64]>,
    /// At the last cell state `[n_hidden]`.
    pub c: Option<&'a [f64]>,
}

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

    /// Hidden state after this hour `[n_hidden]`.
    pub(super) fn h(&self) -> &'a [f32] {
        self.block(9)
    }

    fn block(&self, index: usize) -> &'a [f32] {
        &self.row[index * self.n_hidden..][..self.n_hidden]
    }
}

impl Lstm {
    /// Numbers recorded an hour: four preactivations, four gates, cell state and hidden state of every unit.
    #[must_use]
    pub const fn tape_width(&self) -> usize {
        10 * self.n_hidden
    }

    pub(super) fn hour<'a>(&self, run: &Run<'a>, t: usize) -> Hour<'a> {
        Hour { row: &run.tape[t * self.tape_width()..][..self.tape_width()], n_hidden: self.n_hidden }
    }

    /// Hidden and cell state before step `k`.
    pub(super) fn before<'a>(&self, run: &Run<'a>, k: usize) -> (&'a [f32], &'a [f32]) {
        if k == 0 {
            return (run.h0, run.c0);
        }
        let previous = self.hour(run, self.direction.hour(k - 1, run.len));
        (previous.h(), previous.c())
    }
}

impl Seed<'_> {
    /// Adds what enters at step `k`, which reads hour `t`, to what came back from the step after it.
    pub(super) fn add_to(&self, k: usize, t: usize, len: usize, h: &mut [f64], c: &mut [f64]) {
        if let Some(y) = &self.y {
            add(h, y.row(t));
        }
        if k + 1 == len {
            self.add_last(h, c);
        }
    }

    /// Adds what enters at the last states.
    pub(super) fn add_last(&self, h: &mut [f64], c: &mut [f64]) {
        if let Some(seed) = self.h {
            add(h, seed);
        }
        if let Some(seed) = self.c {
            add(c, seed);
        }
    }
}

fn add(to: &mut [f64], from: &[f64]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += b;
    }
}
