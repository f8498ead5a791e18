//! Usual cells (see [`usual`](super::usual)) of a few units, of whom a channel-wise network has dozens: all numbers of a
//! step fit registers, and the cells go step by step together, so that none waits for its own step before. Each number is
//! computed from the same numbers in the same order as by a cell on its own.

mod gradient;
mod relevance;

pub(in crate::engine::recurrence) use gradient::gradient;
pub(in crate::engine::recurrence) use relevance::relevance;

use super::signal;
use super::usual::{self, UNITS};
use super::{Gate, Lstm};
use crate::engine::recurrence::kernel::products;
use crate::engine::recurrence::run::{Run, Seed};
use crate::engine::recurrence::{Direction, Sequence};
use crate::engine::rule::Rule;

/// What is recorded of an hour: four preactivations, four gates, cell state and hidden state of every unit.
type Hour = [[f32; UNITS]; 10];

const F: usize = 4 + Gate::F.index();
const I: usize = 4 + Gate::I.index();
const G: usize = 4 + Gate::G.index();
const O: usize = 4 + Gate::O.index();
const C: usize = 8;
const H: usize = 9;

/// Whether a cell is such a one.
pub(in crate::engine::recurrence) fn takes(cell: &Lstm) -> bool {
    cell.n_hidden == UNITS && cell.is_usual()
}

/// Whether relevance by a rule can be handed back here.
pub(in crate::engine::recurrence) fn takes_rule(rule: &Rule) -> bool {
    signal::takes(rule)
}

/// A cell about to read a sequence.
pub(in crate::engine::recurrence) struct Forward<'a> {
    direction: Direction,
    len: usize,
    u: &'a [[[f32; UNITS]; 4]],
    tape: &'a mut [Hour],
    h: [f32; UNITS],
    c: [f32; UNITS],
}

impl<'a> Forward<'a> {
    /// `None` for a cell of another kind. What comes from the inputs is computed here; the tape's preactivations hold it
    /// until their step.
    pub(in crate::engine::recurrence) fn begin(
        cell: &'a Lstm,
        x: Sequence<'_, f32>,
        len: usize,
        [h0, c0]: [&[f32]; 2],
        tape: &'a mut [f32],
    ) -> Option<Self> {
        if !takes(cell) {
            return None;
        }
        let (h, c) = (*h0.first_chunk()?, *c0.first_chunk()?);
        products(x, len, &cell.w_x, &cell.bias, tape, cell.sizes().tape_width);
        let u = cell.w_h.as_chunks().0.as_chunks().0;
        Some(Self { direction: cell.direction, len, u, tape: tape.as_chunks_mut().0.as_chunks_mut().0, h, c })
    }

    /// As [`Lstm::forward`], for all of them.
    pub(in crate::engine::recurrence) fn run(mut walks: Vec<Self>) {
        let len = walks.iter().map(|walk| walk.len).max().unwrap_or_default();
        for k in 0..len {
            for walk in walks.iter_mut().filter(|walk| k < walk.len) {
                let hour = &mut walk.tape[walk.direction.hour(k, walk.len)];
                usual::step(walk.u, hour, &mut walk.h, &mut walk.c);
            }
        }
    }
}

/// Copies the hidden state of the first `len` hours of a tape to Y, where hour `t` begins at `offset + t * stride`.
pub(in crate::engine::recurrence) fn copy_hidden(
    tape: &[f32],
    len: usize,
    y: &mut [f32],
    offset: usize,
    stride: usize,
) {
    let hours: &[Hour] = tape.as_chunks().0.as_chunks().0;
    // Rows of a cell of so few units begin at whole quads.
    let (y, at, step) = (y.as_chunks_mut::<UNITS>().0, offset / UNITS, stride / UNITS);
    for (t, hour) in hours[..len].iter().enumerate() {
        y[at + t * step] = hour[H];
    }
}

/// A cell that has read a sequence, and what enters it from above.
#[derive(Clone, Copy)]
pub(in crate::engine::recurrence) struct Behind<'a> {
    pub(in crate::engine::recurrence) cell: &'a Lstm,
    pub(in crate::engine::recurrence) run: Run<'a>,
    pub(in crate::engine::recurrence) seed: Seed<'a>,
}

/// What a cell recorded, hour by hour.
struct Hours<'a> {
    direction: Direction,
    len: usize,
    tape: &'a [Hour],
    h0: &'a [f32; UNITS],
    c0: &'a [f32; UNITS],
}

impl<'a> Hours<'a> {
    /// `None` for a cell of another kind.
    fn of(it: &Behind<'a>) -> Option<Self> {
        if !takes(it.cell) {
            return None;
        }
        let (h0, c0) = (it.run.h0.first_chunk()?, it.run.c0.first_chunk()?);
        let tape = it.run.tape.as_chunks().0.as_chunks().0;
        Some(Self { direction: it.cell.direction, len: it.run.len, tape, h0, c0 })
    }

    /// The hour that step `k` reads.
    fn hour(&self, k: usize) -> usize {
        self.direction.hour(k, self.len)
    }

    /// Hidden and cell state before step `k`.
    fn before(&self, k: usize) -> [&'a [f32; UNITS]; 2] {
        match k.checked_sub(1) {
            None => [self.h0, self.c0],
            Some(k) => {
                let hour = &self.tape[self.hour(k)];
                [&hour[H], &hour[C]]
            }
        }
    }
}

/// A step's numbers in double precision.
#[inline(always)]
fn wide(values: &[f32; UNITS]) -> [f64; UNITS] {
    values.map(f64::from)
}
