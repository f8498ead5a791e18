//! A direction that reads a sequence.
//!
//! What the inputs bring to the sums is computed for all hours when it begins, `x w + b`, and stands on the tape. A
//! step then adds what the hidden state brings, `h u`, applies the functions, and leaves the values and the states
//! beside the sums.

use super::cell::CellKind;
use super::lanes::{Functions, OwnFunctions, Usual};
use super::packed::Packed;
use super::panels::FEW_COLUMNS;
use super::{Sequence, gru, lstm, rnn};

/// A direction on its way from the first step to the last.
pub(super) struct Reader<'a> {
    /// The direction's weights.
    it: &'a Packed,
    /// Hours that belong to the sequence.
    len: usize,
    /// The hidden state before the step that is next, `[n_lanes]`.
    h: &'a mut [f32],
    /// The cell state before it, `[n_lanes]`; not used by cells without one.
    c: &'a mut [f32],
    /// `[n_steps, tape_width]`, see `run.rs`.
    tape: &'a mut [f32],
}

impl<'a> Reader<'a> {
    /// Begins with the states `h` and `c`, `[n_lanes]` each. What comes from the inputs needs no order and is computed here;
    /// the tape's sums hold it until their step.
    pub(super) fn begin(
        it: &'a Packed,
        x: Sequence<'_, f32>,
        len: usize,
        [h, c]: [&'a mut [f32]; 2],
        tape: &'a mut [f32],
    ) -> Self {
        let (width, bias) = (it.sizes.tape_width, &it.bias);
        // Inputs need no order, so those of all hours are one product, four hours to a weight; few columns are taken as
        // they lie.
        if x.width < FEW_COLUMNS {
            for t in 0..len {
                it.x.add_sparse_row(x.row(t), bias, &mut tape[t * width..]);
            }
        } else {
            it.x.add_rows::<f32, f32, 8>(0, 0..it.x.n_columns(), x, len, Some(bias), tape, width);
        }
        Self { it, len, h, c, tape }
    }

    /// Steps of the sequence.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes of the weights that a step reads.
    pub(super) const fn step_bytes(&self) -> usize {
        self.it.step_bytes()
    }

    /// Whether another reads by the same weights for as long, so that both can take their steps together.
    pub(super) fn is_abreast_of(&self, other: &Self) -> bool {
        self.is_of_one_with(other) && self.len == other.len
    }

    /// Whether another reads by the same weights.
    pub(super) fn is_of_one_with(&self, other: &Self) -> bool {
        std::ptr::eq(self.it, other.it)
    }

    /// Where its weights lie: readers in this order have those of one direction beside each other.
    pub(super) fn place(&self) -> *const Packed {
        self.it
    }

    /// Takes step `k` of readers that are abreast, and records it.
    #[inline]
    pub(super) fn step<const R: usize>(readers: &mut [Self; R], k: usize) {
        let Some(it) = readers.first().map(|reader| reader.it) else { return };
        if it.is_usual {
            Self::step_by(readers, it, Usual, k);
        } else {
            Self::step_by(readers, it, OwnFunctions::of(&it.cell), k);
        }
    }

    /// Takes step `k` by the functions `f`. The hidden states of all readers are multiplied at once, and each then goes
    /// on by itself.
    #[inline(always)]
    fn step_by<A: Functions, const R: usize>(readers: &mut [Self; R], it: &Packed, f: A, k: usize) {
        let (d, width) = (it.sizes.n_hidden, it.sizes.tape_width);
        let mut at = readers.each_mut().map(|Self { len, h, c, tape, .. }| StepState {
            hour: &mut tape[it.sizes.direction.hour(k, *len) * width..][..width],
            h,
            c,
        });
        it.h.add_row_each(None, at.each_mut().map(|at| (&at.h[..d], &mut *at.hour)));
        match it.cell.kind {
            CellKind::Lstm { .. } => at.each_mut().into_iter().for_each(|at| lstm::forward(it, f, at.hour, at.h, at.c)),
            CellKind::Gru { .. } => gru_step(&mut at, it, f),
            CellKind::Rnn => at.each_mut().into_iter().for_each(|at| rnn::forward(it, f, at.hour, at.h)),
        }
        if !A::IS_USUAL {
            // What the functions make of the lanes that are left may grow from step to step.
            let n_lanes = it.sizes.n_lanes;
            let states = width - (width / n_lanes - 2 * it.cell.kind.n_blocks()).max(1) * n_lanes;
            for at in at {
                at.hour[states..].chunks_exact_mut(n_lanes).for_each(|state| state[d..].fill(0.0));
                [at.h, at.c].into_iter().for_each(|state| state[d..].fill(0.0));
            }
        }
    }
}

/// An hour of the tape, and the states before it.
struct StepState<'a> {
    /// `[tape_width]`, with the sums that have been computed.
    hour: &'a mut [f32],
    /// The hidden state, which becomes that after the step.
    h: &'a mut [f32],
    /// The cell state, likewise.
    c: &'a mut [f32],
}

/// A step of a GRU, whose second product either waits for the reset gate (`(r * h) u_n`) or is one of the hidden state
/// (`h u_n + c_n`), which the gate then multiplies.
#[inline(always)]
fn gru_step<A: Functions, const R: usize>(at: &mut [StepState<'_>; R], it: &Packed, f: A) {
    let d = it.sizes.n_hidden;
    if it.is_reset_after() {
        let rows = at.each_mut().map(|at| (&at.h[..d], gru::reset_parts(it, at.hour).1));
        it.reset.add_row_each(Some(&it.own), rows);
    }
    at.each_mut().into_iter().for_each(|at| gru::gates(it, f, at.hour, at.h));
    if !it.is_reset_after() {
        let rows = at.each_mut().map(|at| {
            let (sum, reset) = gru::reset_parts(it, at.hour);
            (&reset[..d], sum)
        });
        it.reset.add_row_each(None, rows);
    }
    at.each_mut().into_iter().for_each(|at| gru::candidate(it, f, at.hour, at.h));
}
