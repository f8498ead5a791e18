//! A recurrent node: its directions, and where everything lies in its inputs and outputs.

use std::ops::Range;

use super::cell::Cell;
use super::lstm::few;
use super::mask::Unmasked;
use super::run::{Run, Seed, Shares};
use super::{Direction, Sequence};
use crate::engine::rule::Rule;

/// One or two directions that read the same batch of sequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The directions, all of the same kind and sizes.
    pub directions: Vec<Cell>,
    /// ONNX's attribute `layout` is 1: batch before time.
    pub batch_first: bool,
}

/// Sizes of one run, and where rows begin.
///
/// ```text
/// layout 0:  X [n_steps, n_batch, n_inputs]   Y [n_steps, n_directions, n_batch, n_hidden]   states [n_directions, n_batch, n_hidden or n_cell]
/// layout 1:  X [n_batch, n_steps, n_inputs]   Y [n_batch, n_steps, n_directions, n_hidden]   states [n_batch, n_directions, n_hidden or n_cell]
/// tape       [n_directions, n_batch, n_steps, tape_width]
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerLayout {
    /// Steps of the longest sequence.
    pub n_steps: usize,
    /// Sequences.
    pub n_batch: usize,
    n_directions: usize,
    n_inputs: usize,
    n_hidden: usize,
    n_cell: usize,
    tape_width: usize,
    batch_first: bool,
}

impl LayerLayout {
    /// Length of X.
    #[must_use]
    pub const fn x_len(&self) -> usize {
        self.n_steps * self.n_batch * self.n_inputs
    }

    /// Length of Y.
    #[must_use]
    pub const fn y_len(&self) -> usize {
        self.n_steps * self.state_len()
    }

    /// Length of a mask.
    #[must_use]
    pub const fn mask_len(&self) -> usize {
        self.n_steps * self.n_batch
    }

    /// Length of an initial or last hidden state.
    #[must_use]
    pub const fn state_len(&self) -> usize {
        self.n_directions * self.n_batch * self.n_hidden
    }

    /// Length of an initial or last cell state; 0 where the cells have none.
    #[must_use]
    pub const fn cell_len(&self) -> usize {
        self.n_directions * self.n_batch * self.n_cell
    }

    /// Length of a direction's hidden state.
    pub(super) const fn n_hidden(&self) -> usize {
        self.n_hidden
    }

    /// Length of what a direction records of one sequence.
    pub(super) const fn sequence_tape_len(&self) -> usize {
        self.n_steps * self.tape_width
    }

    /// Length of the tape.
    #[must_use]
    pub const fn tape_len(&self) -> usize {
        self.n_directions * self.n_batch * self.n_steps * self.tape_width
    }

    pub(super) fn x<'a, T>(&self, data: &'a [T], b: usize) -> Sequence<'a, T> {
        let (n, width) = (self.n_batch, self.n_inputs);
        if self.batch_first {
            Sequence { data, offset: b * self.n_steps * width, stride: width, width }
        } else {
            Sequence { data, offset: b * width, stride: n * width, width }
        }
    }

    /// An element an hour.
    fn mask<'a>(&self, data: &'a [f32], b: usize) -> Sequence<'a, f32> {
        let (offset, stride) = if self.batch_first { (b * self.n_steps, 1) } else { (b, self.n_batch) };
        Sequence { data, offset, stride, width: 1 }
    }

    fn y<'a, T>(&self, data: &'a [T], d: usize, b: usize) -> Sequence<'a, T> {
        let width = self.n_hidden;
        let stride = self.n_directions * width;
        if self.batch_first {
            Sequence { data, offset: (b * self.n_steps * self.n_directions + d) * width, stride, width }
        } else {
            Sequence { data, offset: (d * self.n_batch + b) * width, stride: stride * self.n_batch, width }
        }
    }

    /// Calls `each` with the index into Y of every element behind the end of its sequence.
    pub(crate) fn behind_ends(&self, lengths: &[usize], mut each: impl FnMut(usize)) {
        for (d, b) in (0..self.n_directions).flat_map(|d| (0..self.n_batch).map(move |b| (d, b))) {
            let rows = self.y(&[] as &[f32], d, b);
            for t in lengths[b]..self.n_steps {
                (0..rows.width).for_each(|k| each(rows.offset + t * rows.stride + k));
            }
        }
    }

    fn hidden(&self, d: usize, b: usize) -> Range<usize> {
        self.state(d, b, self.n_hidden)
    }

    fn cell(&self, d: usize, b: usize) -> Range<usize> {
        self.state(d, b, self.n_cell)
    }

    fn state(&self, d: usize, b: usize, width: usize) -> Range<usize> {
        let index = if self.batch_first { b * self.n_directions + d } else { d * self.n_batch + b };
        index * width..(index + 1) * width
    }

    fn tape(&self, d: usize, b: usize) -> Range<usize> {
        let len = self.n_steps * self.tape_width;
        (d * self.n_batch + b) * len..(d * self.n_batch + b + 1) * len
    }
}

/// What a layer reads.
#[derive(Debug, Clone, Copy)]
pub struct LayerInput<'a> {
    /// X, see [`LayerLayout`].
    pub x: &'a [f32],
    /// Length of each sequence, `[n_batch]`; all full where there is none.
    pub lengths: Option<&'a [usize]>,
    /// Zero at the hours that are not read, `[n_steps, n_batch]` in layout 0, `[n_batch, n_steps]` in layout 1; all are
    /// read where there is none. See `mask.rs`.
    pub mask: Option<&'a [f32]>,
    /// Initial hidden states; zero where there are none.
    pub initial_h: Option<&'a [f32]>,
    /// Initial cell states; zero where there are none.
    pub initial_c: Option<&'a [f32]>,
}

/// What a layer computes, see [`LayerLayout`].
#[derive(Debug, Clone, PartialEq)]
pub struct LayerOutput {
    /// Hidden state of every step; zero in the padding.
    pub y: Vec<f32>,
    /// Last hidden states.
    pub y_h: Vec<f32>,
    /// Last cell states.
    pub y_c: Vec<f32>,
    /// Everything a backward pass needs.
    pub tape: Vec<f32>,
}

/// What enters a layer from above, each with the layout of the output that it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct LayerSeed<'a> {
    /// At Y.
    pub y: Option<&'a [f64]>,
    /// At the last hidden states.
    pub y_h: Option<&'a [f64]>,
    /// At the last cell states.
    pub y_c: Option<&'a [f64]>,
}

/// What a layer hands down.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerBelow {
    /// At X.
    pub x: Vec<f64>,
    /// At the initial hidden states.
    pub initial_h: Vec<f64>,
    /// At the initial cell states.
    pub initial_c: Vec<f64>,
    /// Relevance kept on the way; nothing for a derivative.
    pub kept: crate::engine::rule::Kept,
}

impl Layer {
    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.directions.iter().map(Cell::n_parameters).sum()
    }

    /// Where everything lies for `n_batch` sequences of up to `n_steps` steps.
    #[must_use]
    pub fn layout(&self, n_steps: usize, n_batch: usize) -> LayerLayout {
        let sizes = self.directions.first().map(Cell::sizes);
        LayerLayout {
            n_steps,
            n_batch,
            n_directions: self.directions.len(),
            n_inputs: sizes.map_or(0, |sizes| sizes.n_inputs),
            n_hidden: sizes.map_or(0, |sizes| sizes.n_hidden),
            n_cell: sizes.map_or(0, |sizes| sizes.n_cell),
            tape_width: sizes.map_or(0, |sizes| sizes.tape_width),
            batch_first: self.batch_first,
        }
    }

    /// Runs every direction over every sequence.
    #[must_use]
    pub fn forward(&self, layout: &LayerLayout, input: &LayerInput<'_>) -> LayerOutput {
        let mut out = LayerOutput::new(layout);
        let zeros = vec![0.0; layout.n_hidden];
        for (d, cell) in self.directions.iter().enumerate() {
            for b in 0..layout.n_batch {
                let len = input.lengths.map_or(layout.n_steps, |lengths| lengths[b]);
                let (h0, c0) = states(layout, input, &zeros, d, b);
                let tape = &mut out.tape[layout.tape(d, b)];
                let read = unmasked(layout, input, b);
                match &read {
                    None => cell.forward(layout.x(input.x, b), len, h0, c0, tape),
                    Some(read) => cell.forward(read.x(), read.hours.len(), h0, c0, tape),
                }
                copy_outputs(cell, layout, (d, b), len, read.as_ref(), (h0, c0), &mut out);
            }
        }
        out
    }

    /// Relevance of everything below, given that of everything above.
    #[must_use]
    pub fn relevance(
        &self,
        layout: &LayerLayout,
        input: &LayerInput<'_>,
        tape: &[f32],
        seed: &LayerSeed<'_>,
        rule: &Rule,
    ) -> LayerBelow {
        self.backward(layout, input, tape, seed, |cell, _, run, seed, to_x| cell.relevance(run, seed, rule, to_x))
    }

    /// Derivatives of everything below, given those of everything above.
    #[must_use]
    pub fn gradient(
        &self,
        layout: &LayerLayout,
        input: &LayerInput<'_>,
        tape: &[f32],
        seed: &LayerSeed<'_>,
    ) -> LayerBelow {
        self.backward(layout, input, tape, seed, |cell, _, run, seed, to_x| cell.gradient(run, seed, to_x))
    }

    /// Multipliers of everything below, given those of everything above; `inputs` and `tapes` are those of a run and of
    /// its reference, see `multiplier.rs`.
    #[must_use]
    pub fn multipliers(
        &self,
        layout: &LayerLayout,
        [input, input0]: [&LayerInput<'_>; 2],
        [tape, tape0]: [&[f32]; 2],
        seed: &LayerSeed<'_>,
    ) -> LayerBelow {
        let zeros = vec![0.0; layout.n_hidden];
        self.backward(layout, input, tape, seed, |cell, place, run, seed, to_x| {
            let read = unmasked(layout, input0, place.1);
            let reference = run_at(layout, input0, tape0, &zeros, place, read.as_ref());
            cell.multipliers([run, &reference], seed, to_x)
        })
    }

    fn backward(
        &self,
        layout: &LayerLayout,
        input: &LayerInput<'_>,
        tape: &[f32],
        seed: &LayerSeed<'_>,
        pass: impl Fn(&Cell, (usize, usize), &Run<'_>, &Seed<'_>, &mut dyn FnMut(usize, &[f64])) -> Shares,
    ) -> LayerBelow {
        let mut below = LayerBelow::new(layout);
        let zeros = vec![0.0; layout.n_hidden];
        for (d, cell) in self.directions.iter().enumerate() {
            for b in 0..layout.n_batch {
                let read = unmasked(layout, input, b);
                let run = run_at(layout, input, tape, &zeros, (d, b), read.as_ref());
                let mut seed = seed_at(layout, seed, (d, b));
                let y = seed.y;
                let gathered = read.as_ref().zip(y).map(|(read, y)| read.gather(cell.sizes().direction, y));
                let width = layout.n_hidden;
                let dense = |data| Sequence { data, offset: 0, stride: width, width };
                seed.y = gathered.as_ref().map_or(y, |(read, _)| Some(dense(read)));
                let mut shares = pass(cell, (d, b), &run, &seed, &mut |t, row| {
                    let t = read.as_ref().map_or(t, |read| read.hours[t]);
                    below.add(layout, b, t, row);
                });
                if let Some((_, initial)) = &gathered {
                    shares.h0.iter_mut().zip(initial).for_each(|(a, b)| *a += b);
                }
                below.take(layout, (d, b), &shares);
            }
        }
        below
    }
}

impl LayerOutput {
    /// Zeros.
    pub(super) fn new(layout: &LayerLayout) -> Self {
        Self {
            y: vec![0.0; layout.y_len()],
            y_h: vec![0.0; layout.state_len()],
            y_c: vec![0.0; layout.cell_len()],
            tape: vec![0.0; layout.tape_len()],
        }
    }
}

impl LayerBelow {
    /// Zeros.
    pub(super) fn new(layout: &LayerLayout) -> Self {
        Self {
            x: vec![0.0; layout.x_len()],
            initial_h: vec![0.0; layout.state_len()],
            initial_c: vec![0.0; layout.cell_len()],
            kept: Default::default(),
        }
    }

    /// Adds what sequence `b` receives at hour `t`.
    pub(super) fn add(&mut self, layout: &LayerLayout, b: usize, t: usize, row: &[f64]) {
        let rows = layout.x(&[] as &[f64], b);
        let to = &mut self.x[rows.offset + t * rows.stride..][..rows.width];
        to.iter_mut().zip(row).for_each(|(a, b)| *a += b);
    }

    /// Takes what direction `d` leaves at the beginning of sequence `b`.
    pub(super) fn take(&mut self, layout: &LayerLayout, (d, b): (usize, usize), shares: &Shares) {
        self.initial_h[layout.hidden(d, b)].copy_from_slice(&shares.h0);
        self.initial_c[layout.cell(d, b)].copy_from_slice(&shares.c0);
        self.kept += shares.kept;
    }
}

/// What enters direction `d` of sequence `b` from above.
pub(super) fn seed_at<'a>(layout: &LayerLayout, seed: &LayerSeed<'a>, (d, b): (usize, usize)) -> Seed<'a> {
    Seed {
        y: seed.y.map(|y| layout.y(y, d, b)),
        h: seed.y_h.map(|y_h| &y_h[layout.hidden(d, b)]),
        c: seed.y_c.map(|y_c| &y_c[layout.cell(d, b)]),
    }
}

/// What direction `d` computed over sequence `b`.
pub(super) fn run_at<'a>(
    layout: &LayerLayout,
    input: &LayerInput<'a>,
    tape: &'a [f32],
    zeros: &'a [f32],
    (d, b): (usize, usize),
    read: Option<&'a Unmasked>,
) -> Run<'a> {
    let len = input.lengths.map_or(layout.n_steps, |lengths| lengths[b]);
    let (h0, c0) = states(layout, input, zeros, d, b);
    let tape = &tape[layout.tape(d, b)];
    match read {
        None => Run { x: layout.x(input.x, b), tape, h0, c0, len },
        Some(read) => Run { x: read.x(), tape, h0, c0, len: read.hours.len() },
    }
}

/// The hours of sequence `b` that are read, where some may be masked.
fn unmasked(layout: &LayerLayout, input: &LayerInput<'_>, b: usize) -> Option<Unmasked> {
    let len = input.lengths.map_or(layout.n_steps, |lengths| lengths[b]);
    input.mask.map(|mask| Unmasked::of(layout.x(input.x, b), layout.mask(mask, b), len))
}

pub(super) fn states<'a>(
    layout: &LayerLayout,
    input: &LayerInput<'a>,
    zeros: &'a [f32],
    d: usize,
    b: usize,
) -> (&'a [f32], &'a [f32]) {
    let of = |initial: Option<&'a [f32]>, range: Range<usize>| match initial {
        Some(values) => &values[range],
        None => &zeros[..range.len()],
    };
    (of(input.initial_h, layout.hidden(d, b)), of(input.initial_c, layout.cell(d, b)))
}

/// Copies what ONNX returns from the tape: the hidden state of every hour, and both states after the last step.
pub(super) fn copy_outputs(
    cell: &Cell,
    layout: &LayerLayout,
    (d, b): (usize, usize),
    len: usize,
    read: Option<&Unmasked>,
    (h0, c0): (&[f32], &[f32]),
    out: &mut LayerOutput,
) {
    let sizes = cell.sizes();
    let (width, hidden) = (sizes.tape_width, sizes.n_hidden);
    let tape = &out.tape[layout.tape(d, b)];
    let rows = layout.y(&[] as &[f32], d, b);
    let y = &mut out.y;
    let mut copy = |t: usize, h: &[f32]| copy_quads(h, &mut y[rows.offset + t * rows.stride..][..hidden]);
    match read {
        None if matches!(cell, Cell::Lstm(lstm) if few::takes(lstm)) => {
            few::copy_hidden(tape, len, y, rows.offset, rows.stride);
        }
        None => (0..len).for_each(|t| copy(t, sizes.states(&tape[t * width..][..width]).0)),
        Some(read) => read.copy_states(&Run { x: read.x(), tape, h0, c0, len: read.hours.len() }, sizes, copy),
    }
    let n_read = read.map_or(len, |read| read.hours.len());
    let (h, c) = match n_read.checked_sub(1) {
        Some(k) => sizes.states(&tape[sizes.direction.hour(k, n_read) * width..][..width]),
        None => (h0, c0),
    };
    out.y_h[layout.hidden(d, b)].copy_from_slice(h);
    out.y_c[layout.cell(d, b)].copy_from_slice(c);
}

/// Four numbers at a time where they are: in WebAssembly a copy of a length that is not known is a call.
fn copy_quads(from: &[f32], to: &mut [f32]) {
    if !from.len().is_multiple_of(4) {
        return to.copy_from_slice(from);
    }
    for (from, to) in from.as_chunks::<4>().0.iter().zip(to.as_chunks_mut().0) {
        *to = *from;
    }
}

impl Direction {
    /// The directions that ONNX's attribute `direction` names; `None` for an unknown name.
    #[must_use]
    pub fn from_onnx(name: &str) -> Option<&'static [Self]> {
        match name {
            "forward" => Some(&[Self::Forward]),
            "reverse" => Some(&[Self::Reverse]),
            "bidirectional" => Some(&[Self::Forward, Self::Reverse]),
            _ => None,
        }
    }
}
