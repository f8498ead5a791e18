//! One direction over one sequence: what a backward pass reads, what enters it, and the walk from the last step to the
//! first, which is the same for every cell.

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
    /// Numbers recorded an hour. The last of them are the cell state and the hidden state after that hour.
    pub tape_width: usize,
}

/// Everything that one direction computed over one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The inputs, a row an hour.
    pub x: Sequence<'a, f32>,
    /// The tape, `[n_steps, tape_width]`.
    pub tape: &'a [f32],
    /// Initial hidden state `[n_hidden]`.
    pub h0: &'a [f32],
    /// Initial cell state `[n_cell]`.
    pub c0: &'a [f32],
    /// Hours that belong to the sequence; later ones are padding.
    pub len: usize,
}

impl<'a> Run<'a> {
    /// What was recorded at hour `t`.
    #[must_use]
    pub fn row(&self, sizes: Sizes, t: usize) -> &'a [f32] {
        &self.tape[t * sizes.tape_width..][..sizes.tape_width]
    }

    /// Hidden and cell state before step `k`.
    #[must_use]
    pub fn before(&self, sizes: Sizes, k: usize) -> (&'a [f32], &'a [f32]) {
        match k.checked_sub(1) {
            None => (self.h0, self.c0),
            Some(k) => sizes.states(self.row(sizes, sizes.direction.hour(k, self.len))),
        }
    }
}

impl Sizes {
    /// Hidden and cell state of a row of the tape.
    #[must_use]
    pub fn states(self, row: &[f32]) -> (&[f32], &[f32]) {
        let h_at = self.tape_width - self.n_hidden;
        (&row[h_at..], &row[h_at - self.n_cell..h_at])
    }
}

/// What enters a direction from above: relevance, or the derivative of the explained output.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    /// At the hidden state of every hour, if the sequence output is used.
    pub y: Option<Sequence<'a, f64>>,
    /// At the last hidden state `[n_hidden]`.
    pub h: Option<&'a [f64]>,
    /// At the last cell state `[n_cell]`.
    pub c: Option<&'a [f64]>,
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

/// What one direction's backward pass leaves at its lower end, beside what its inputs receive.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// At the initial hidden state `[n_hidden]`.
    pub h0: Vec<f64>,
    /// At the initial cell state `[n_cell]`.
    pub c0: Vec<f64>,
    /// Kept on the way; nothing for a derivative.
    pub kept: Kept,
}

/// One step of a backward pass: `h` and `c` hold what has arrived at its states, and afterwards what arrives at the
/// states before it.
pub(super) struct BackwardStep<'a> {
    /// Its place in the order of reading.
    pub(super) k: usize,
    /// The hour it reads.
    pub(super) t: usize,
    /// At the step's inputs `[n_inputs]`; zeros to begin with.
    pub(super) x: &'a mut [f64],
    /// At the hidden state `[n_hidden]`.
    pub(super) h: &'a mut [f64],
    /// At the cell state `[n_cell]`.
    pub(super) c: &'a mut [f64],
}

/// Walks from the last step to the first. `to_x(t, share)` receives what hour `t`'s inputs receive, `[n_inputs]`.
pub(super) fn backward(
    sizes: Sizes,
    len: usize,
    seed: &Seed<'_>,
    to_x: &mut dyn FnMut(usize, &[f64]),
    mut take: impl FnMut(BackwardStep<'_>, &mut Kept),
) -> Shares {
    let (mut h, mut c) = (vec![0.0; sizes.n_hidden], vec![0.0; sizes.n_cell]);
    let mut x = vec![0.0; sizes.n_inputs];
    let mut kept = Kept::default();
    if len == 0 {
        // Nothing was read: the last states are the initial ones.
        seed.add_last(&mut h, &mut c);
    }
    for k in (0..len).rev() {
        let t = sizes.direction.hour(k, len);
        seed.add_to(k, t, len, &mut h, &mut c);
        x.fill(0.0);
        take(BackwardStep { k, t, x: &mut x, h: &mut h, c: &mut c }, &mut kept);
        to_x(t, &x);
    }
    Shares { h0: h, c0: c, kept }
}
