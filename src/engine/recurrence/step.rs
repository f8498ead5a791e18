//! One step as it is handed back: what was recorded of it, and what all kinds of cell do with it.

use super::lanes::{Lanes, WideLanes, plus, times, wide};
use super::packed::Packed;
use super::panels::EACH_WIDE;

/// What was recorded of a step, four units side by side.
#[derive(Clone, Copy)]
pub(super) struct StepRecord<'a> {
    /// An hour of the tape.
    pub(super) hour: &'a [Lanes],
    /// The hidden state before the step.
    pub(super) h: &'a [Lanes],
    /// The cell state before the step.
    pub(super) c: &'a [Lanes],
    pub(super) n_blocks: usize,
}

impl<'a> StepRecord<'a> {
    /// Fours of units.
    #[inline(always)]
    pub(super) const fn n(&self) -> usize {
        self.h.len()
    }

    /// Sums of a block, before clipping.
    #[inline(always)]
    pub(super) fn sum(&self, block: usize) -> &'a [Lanes] {
        self.part(block)
    }

    /// Values of a gate or the candidate.
    #[inline(always)]
    pub(super) fn value(&self, block: usize) -> &'a [Lanes] {
        self.part(self.n_blocks + block)
    }

    /// An LSTM's cell state after the step.
    #[inline(always)]
    pub(super) fn cell_state(&self) -> &'a [Lanes] {
        self.part(2 * self.n_blocks)
    }

    /// What its function makes of it.
    #[inline(always)]
    pub(super) fn cell_value(&self) -> &'a [Lanes] {
        self.part(2 * self.n_blocks + 1)
    }

    /// What a GRU's reset gate makes or multiplies.
    #[inline(always)]
    pub(super) fn reset(&self) -> &'a [Lanes] {
        self.part(2 * self.n_blocks)
    }

    /// The cell state before the step.
    #[inline(always)]
    pub(super) fn c_before(&self) -> &'a [Lanes] {
        self.c
    }

    /// The hidden state before the step.
    #[inline(always)]
    pub(super) fn h_before(&self) -> &'a [Lanes] {
        self.h
    }

    #[inline(always)]
    fn part(&self, at: usize) -> &'a [Lanes] {
        &self.hour[at * self.h.len()..][..self.h.len()]
    }
}

impl Packed {
    /// `h_m = sum over blocks from `first` on of u_mj z_j`
    #[inline(always)]
    pub(super) fn hand_to_hidden<const Q: usize>(&self, first: usize, z: &[WideLanes], h: &mut [WideLanes]) {
        let n = fours::<Q>(h.len());
        let h = &mut h[..n];
        h.fill([0.0; 4]);
        self.back()[1].add_row(first * 4 * n, z.as_flattened(), None, h.as_flattened_mut());
    }

    /// [`Packed::hand_to_hidden`] of `R` runs, `(z, h)` each: a weight is fetched once for all.
    #[inline(always)]
    pub(super) fn hand_to_hidden_each<const R: usize>(
        &self,
        first: usize,
        rows: [(&[WideLanes], &mut [WideLanes]); R],
    ) {
        let rows = rows.map(|(z, h)| {
            h.fill([0.0; 4]);
            (z.as_flattened(), h.as_flattened_mut())
        });
        self.back()[1].add_row_each::<f64, R, EACH_WIDE>(first * self.sizes.n_lanes, None, rows);
    }
}

/// Cuts the first `len` off.
pub(super) fn take_first<'a, T>(from: &mut &'a mut [T], len: usize) -> &'a mut [T] {
    let (first, rest) = std::mem::take(from).split_at_mut(len);
    *from = rest;
    first
}

/// The number of fours of units: a constant where a direction has so few that the loops over them are not worth their
/// counting, which is when `Q` is not 0.
#[inline(always)]
pub(super) const fn fours<const Q: usize>(n: usize) -> usize {
    if Q == 0 { n } else { Q }
}

/// `R_h = h sum + even`, where h holds the sums.
#[inline(always)]
pub(super) fn share_among<const Q: usize>(units: &[WideLanes], h_before: &[Lanes], even: f64, h: &mut [WideLanes]) {
    let n = fours::<Q>(h.len());
    let (h, units, h_before) = (&mut h[..n], &units[..n], &h_before[..n]);
    for ((h, unit), h_before) in h.iter_mut().zip(units).zip(h_before) {
        *h = plus(times(wide(h_before), *h), times([even; 4], *unit));
    }
}
