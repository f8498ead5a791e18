//! A direction that reads a sequence.
//!
//! What the inputs bring to the sums is computed for many hours at once, `x w + b`, and stands on the tape. A step then
//! adds what the hidden state brings, `h u`, applies the functions, and leaves the values and the states beside the
//! sums. Where the tape is not kept it has room for a few hours, which those that follow take.

use super::cell::CellKind;
use super::lanes::{Functions, OwnFunctions, Usual, lanes, lanes_mut};
use super::layer::{LayerLayout, LayerOutput, copy_quads};
use super::mask::Unmasked;
use super::packed::Packed;
use super::panels::{EACH, FEW_COLUMNS};
use super::run::Sizes;
use super::{Direction, Sequence, gru, lstm, rnn};

/// Hours of a tape that is not kept.
const FEW_HOURS: usize = 8;

/// A direction on its way from the first step to the last.
pub(super) struct Reader<'a> {
    /// Where it stands among all, for those who made it.
    pub(super) at: usize,
    /// The direction's weights.
    it: &'a Packed,
    /// What it reads.
    x: Sequence<'a, f32>,
    /// Hours that belong to the sequence.
    len: usize,
    /// The hidden state before the step that is next, `[n_lanes]`.
    h: &'a mut [f32],
    /// The cell state before it, `[n_lanes]`; not used by cells without one.
    c: &'a mut [f32],
    /// `[n_hours, tape_width]`, see `run.rs`.
    tape: &'a mut [f32],
    /// Hours that the tape has room for.
    n_hours: usize,
    /// The first of those that it has now.
    first: usize,
    /// The hidden state of every hour, `[len, n_lanes]`, where the tape is not kept; else empty.
    hidden: &'a mut [f32],
}

impl<'a> Reader<'a> {
    /// Numbers that [`Reader::begin`] needs for so many hours where the tape is not kept.
    pub(super) fn room(it: &Packed, len: usize) -> usize {
        FEW_HOURS.min(len) * it.sizes.tape_width + len * it.sizes.n_lanes
    }

    /// Begins with the states `h` and `c`, `[n_lanes]` each. `tape` is kept, or is [`Reader::room`].
    pub(super) fn begin(
        it: &'a Packed,
        x: Sequence<'a, f32>,
        len: usize,
        [h, c]: [&'a mut [f32]; 2],
        tape: &'a mut [f32],
        is_kept: bool,
        at: usize,
    ) -> Self {
        let n_hours = if is_kept { len } else { FEW_HOURS.min(len) };
        let (tape, hidden) = tape.split_at_mut(n_hours * it.sizes.tape_width);
        let hidden = if is_kept { &mut [] } else { hidden };
        Self { at, it, x, len, h, c, tape, n_hours, first: 0, hidden }
    }

    /// What comes from the inputs of the hours from step `k` on, as many as the tape has room for: it needs no order.
    fn bring_inputs(&mut self, k: usize) {
        let (it, n_hours) = (self.it, self.n_hours.min(self.len - k));
        self.first = match it.sizes.direction {
            Direction::Forward => k,
            Direction::Reverse => self.len - k - n_hours,
        };
        let x = Sequence { offset: self.x.offset + self.first * self.x.stride, ..self.x };
        let (width, bias) = (it.sizes.tape_width, &it.bias);
        // Those of many hours are one product, four hours to a weight; few columns are taken as they lie.
        if x.width < FEW_COLUMNS {
            for t in 0..n_hours {
                it.x.add_sparse_row(x.row(t), bias, &mut self.tape[t * width..]);
            }
        } else {
            it.x.add_rows::<f32, f32, 8>(0, 0..it.x.n_columns(), x, n_hours, Some(bias), self.tape, width);
        }
    }

    /// Copies what ONNX returns of sequence `b` and direction `d`: the hidden state of every hour, and both states after the
    /// last step. `h0` is the hidden state before the first; `read` are the hours, where some are masked.
    pub(super) fn copy_outputs(
        &self,
        layout: &LayerLayout,
        (d, b): (usize, usize),
        h0: &[f32],
        read: Option<&Unmasked>,
        LayerOutput { y, y_h, y_c, .. }: &mut LayerOutput,
    ) {
        let Sizes { n_hidden, n_cell, n_lanes, tape_width, direction, .. } = self.it.sizes;
        // The hidden state is the last that stands in an hour.
        let (data, stride) = if self.hidden.is_empty() { (&*self.tape, tape_width) } else { (&*self.hidden, n_lanes) };
        let hidden = Sequence { data, offset: stride - n_lanes, stride, width: n_hidden };
        let rows = layout.y(&[] as &[f32], d, b);
        let mut copy = |t: usize, h: &[f32]| copy_quads(h, &mut y[rows.offset + t * rows.stride..][..h.len()]);
        match read {
            None => (0..self.len).for_each(|t| copy(t, hidden.row(t))),
            Some(read) => read.copy_states(direction, hidden, h0, copy),
        }
        y_h[layout.hidden(d, b)].copy_from_slice(&self.h[..n_hidden]);
        y_c[layout.cell(d, b)].copy_from_slice(&self.c[..n_cell]);
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
        if k.is_multiple_of(readers[0].n_hours) {
            readers.iter_mut().for_each(|reader| reader.bring_inputs(k));
        }
        let mut at = readers.each_mut().map(|Self { len, h, c, tape, first, .. }| StepState {
            hour: &mut tape[(it.sizes.direction.hour(k, *len) - *first) * width..][..width],
            h,
            c,
        });
        it.h.add_row_each::<_, R, EACH>(0, None, at.each_mut().map(|at| (&at.h[..d], &mut *at.hour)));
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
        for Self { len, h, hidden, .. } in readers {
            let t = it.sizes.direction.hour(k, *len);
            if let Some(hour) = lanes_mut(hidden).get_mut(t * h.len() / 4..(t + 1) * h.len() / 4) {
                hour.iter_mut().zip(lanes(h)).for_each(|(hour, h)| *hour = *h);
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
        it.reset.add_row_each::<_, R, EACH>(0, Some(&it.own), rows);
    }
    at.each_mut().into_iter().for_each(|at| gru::gates(it, f, at.hour, at.h));
    if !it.is_reset_after() {
        let rows = at.each_mut().map(|at| {
            let (sum, reset) = gru::reset_parts(it, at.hour);
            (&reset[..d], sum)
        });
        it.reset.add_row_each::<_, R, EACH>(0, None, rows);
    }
    at.each_mut().into_iter().for_each(|at| gru::candidate(it, f, at.hour, at.h));
}
