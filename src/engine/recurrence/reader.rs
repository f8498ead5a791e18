//! A direction that reads a sequence.

use super::cell::CellKind;
use super::lanes::{Functions, OwnFunctions, Usual};
use super::packed::Packed;
use super::panels::FEW_COLUMNS;
use super::{Sequence, gru, lstm, rnn};

/// A direction on its way from the first step to the last.
pub(super) struct Reader<'a> {
    it: &'a Packed,
    len: usize,
    h: &'a mut [f32],
    c: &'a mut [f32],
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

    /// Takes step `k` and records it.
    #[inline]
    pub(super) fn step(&mut self, k: usize) {
        if self.it.is_usual { self.step_by(Usual, k) } else { self.step_by(OwnFunctions::of(&self.it.cell), k) }
    }

    #[inline(always)]
    fn step_by<A: Functions>(&mut self, f: A, k: usize) {
        let Self { it, len, h, c, tape } = self;
        let width = it.sizes.tape_width;
        let hour = &mut tape[it.sizes.direction.hour(k, *len) * width..][..width];
        match it.cell.kind {
            CellKind::Lstm { .. } => lstm::forward(it, f, hour, h, c),
            CellKind::Gru { .. } => gru::forward(it, f, hour, h),
            CellKind::Rnn => rnn::forward(it, f, hour, h),
        }
        if !A::IS_USUAL {
            // What the functions make of the lanes that are left may grow from step to step.
            let (d, n_lanes) = (it.sizes.n_hidden, it.sizes.n_lanes);
            let states = &mut hour[width - (width / n_lanes - 2 * it.cell.kind.n_blocks()).max(1) * n_lanes..];
            states.chunks_exact_mut(n_lanes).for_each(|state| state[d..].fill(0.0));
            [h, c].into_iter().for_each(|state| state[d..].fill(0.0));
        }
    }
}
