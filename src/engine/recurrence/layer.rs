//! A recurrent node: its directions, and where everything lies in its inputs and outputs.

use std::ops::Range;
use std::sync::Arc;

use super::Sequence;
use super::cell::Cell;
use super::mask::Unmasked;
use super::packed::Packed;
use super::panels::PanelNumber;
use super::run::{Run, Seed, Shares};
use crate::engine::number::real32;
use crate::engine::rule::Kept;

/// One or two directions that read the same batch of sequences. Copies share the packed weights.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The cells, with their weights as the kernels read them.
    directions: Arc<[Packed]>,
    batch_first: bool,
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
    /// 1 or 2.
    n_directions: usize,
    /// Columns of X.
    n_inputs: usize,
    /// Length of a direction's hidden state.
    n_hidden: usize,
    /// Length of its cell state; 0 where it has none.
    n_cell: usize,
    /// Numbers of its tape an hour.
    tape_width: usize,
    batch_first: bool,
}

impl LayerLayout {
    /// Length of X.
    #[must_use]
    pub(crate) const fn x_len(&self) -> usize {
        self.n_steps * self.n_batch * self.n_inputs
    }

    /// Length of Y.
    #[must_use]
    pub(crate) const fn y_len(&self) -> usize {
        self.n_steps * self.state_len()
    }

    /// The step of an element of Y.
    #[must_use]
    pub const fn step_of(&self, index: usize) -> usize {
        if self.batch_first {
            index / (self.n_directions * self.n_hidden) % self.n_steps
        } else {
            index / self.state_len()
        }
    }

    /// The step of an element of X.
    #[must_use]
    pub const fn step_of_x(&self, index: usize) -> usize {
        let row = index / self.n_inputs;
        if self.batch_first { row % self.n_steps } else { row / self.n_batch }
    }

    /// The step of an element of a mask.
    #[must_use]
    pub const fn step_of_mask(&self, index: usize) -> usize {
        if self.batch_first { index % self.n_steps } else { index / self.n_batch }
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
    pub(crate) const fn cell_len(&self) -> usize {
        self.n_directions * self.n_batch * self.n_cell
    }

    /// Length of a direction's hidden state.
    pub(super) const fn n_hidden(&self) -> usize {
        self.n_hidden
    }

    /// Length of the tape.
    #[must_use]
    pub(crate) const fn tape_len(&self) -> usize {
        self.n_directions * self.n_batch * self.n_steps * self.tape_width
    }

    /// The inputs of sequence `b`, a row of `n_inputs` an hour.
    pub(super) fn x<'a, T>(&self, data: &'a [T], b: usize) -> Sequence<'a, T> {
        let (n, width) = (self.n_batch, self.n_inputs);
        if self.batch_first {
            Sequence { data, offset: b * self.n_steps * width, stride: width, width }
        } else {
            Sequence { data, offset: b * width, stride: n * width, width }
        }
    }

    /// The mask of sequence `b`, an element an hour.
    pub(super) fn mask<'a>(&self, data: &'a [f32], b: usize) -> Sequence<'a, f32> {
        let (offset, stride) = if self.batch_first { (b * self.n_steps, 1) } else { (b, self.n_batch) };
        Sequence { data, offset, stride, width: 1 }
    }

    /// The rows of Y that direction `d` computes of sequence `b`, `n_hidden` an hour.
    pub(super) fn y<'a, T>(&self, data: &'a [T], d: usize, b: usize) -> Sequence<'a, T> {
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

    /// Where the hidden state of direction `d` and sequence `b` lies among all.
    pub(super) fn hidden(&self, d: usize, b: usize) -> Range<usize> {
        self.state(d, b, self.n_hidden)
    }

    /// Where its cell state lies among all.
    pub(super) fn cell(&self, d: usize, b: usize) -> Range<usize> {
        self.state(d, b, self.n_cell)
    }

    /// Where a state of `width` numbers lies, in the order of the layout.
    fn state(&self, d: usize, b: usize, width: usize) -> Range<usize> {
        let index = if self.batch_first { b * self.n_directions + d } else { d * self.n_batch + b };
        index * width..(index + 1) * width
    }

    /// Where the tape of direction `d` and sequence `b` lies. The order is the same in both layouts.
    pub(super) fn tape(&self, d: usize, b: usize) -> Range<usize> {
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
    /// Steps of each sequence that are taken at most; every step where it says nothing. The last states are those after
    /// the steps that are taken, and Y is made up behind them.
    pub most: Option<usize>,
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
    /// Everything a backward pass needs; empty where it is not kept.
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
    /// At X; empty where what belongs there was handed down with another run's, see
    /// [`ExplainingLayer::joins`](super::bank::ExplainingLayer::joins).
    pub x: Vec<f64>,
    /// At the initial hidden states.
    pub initial_h: Vec<f64>,
    /// At the initial cell states.
    pub initial_c: Vec<f64>,
    /// Relevance kept on the way; nothing for a derivative.
    pub kept: Kept,
}

impl LayerInput<'_> {
    /// Hours of sequence `b` that are read.
    pub(super) fn len(&self, layout: &LayerLayout, b: usize) -> usize {
        self.whole_len(layout, b).min(self.most.unwrap_or(usize::MAX))
    }

    /// Hours that belong to sequence `b`.
    fn whole_len(&self, layout: &LayerLayout, b: usize) -> usize {
        self.lengths.map_or(layout.n_steps, |lengths| lengths[b])
    }

    /// Fills the hours of Y that [`LayerInput::most`] leaves out with what a layer may return: each number lies between
    /// those of the first and of the last hour that were read, and elsewhere than its neighbours.
    pub(super) fn make_up<N: PanelNumber>(&self, layout: &LayerLayout, y: &mut [N]) {
        let sequences = (0..layout.n_directions).flat_map(|d| (0..layout.n_batch).map(move |b| (d, b)));
        for (d, b) in sequences.filter(|_| self.most.is_some()) {
            let (len, rows) = (self.len(layout, b), layout.y(&[] as &[N], d, b));
            for (t, j) in (len..self.whole_len(layout, b)).flat_map(|t| (0..rows.width).map(move |j| (t, j))) {
                let at = |t: usize| rows.offset + t * rows.stride + j;
                let part = real32((at(t).wrapping_mul(0x9e37_79b1) >> 8) & 0xff_ffff) / real32(1 << 24);
                let mut between = y[at(0)] * N::from(1.0 - part);
                between += y[at(len.saturating_sub(1))] * N::from(part);
                y[at(t)] = between;
            }
        }
    }
}

impl Layer {
    /// A layer whose directions are all of the same kind and sizes; `batch_first` is ONNX's attribute `layout`. Their weights
    /// are packed for the kernels.
    #[must_use]
    pub fn new(directions: Vec<Cell>, batch_first: bool) -> Self {
        Self { directions: directions.into_iter().map(Packed::new).collect(), batch_first }
    }

    /// The directions as they were described.
    #[must_use]
    pub fn directions(&self) -> impl ExactSizeIterator<Item = &Cell> {
        self.directions.iter().map(|direction| &direction.cell)
    }

    /// Changes directions, and packs them again.
    pub fn edit(&mut self, mut change: impl FnMut(&mut Cell)) {
        let changed = self.directions().cloned().map(|mut cell| {
            change(&mut cell);
            Packed::new(cell)
        });
        self.directions = changed.collect();
    }

    /// The directions as the kernels read them.
    pub(super) fn packed(&self) -> &[Packed] {
        &self.directions
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.directions().map(Cell::n_parameters).sum()
    }

    /// Where everything lies for `n_batch` sequences of up to `n_steps` steps.
    #[must_use]
    pub fn layout(&self, n_steps: usize, n_batch: usize) -> LayerLayout {
        let sizes = self.directions().next().map(Cell::sizes);
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
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        self.batch_first == other.batch_first && self.directions().eq(other.directions())
    }
}

impl LayerOutput {
    /// Zeros, and no tape.
    pub(super) fn new(layout: &LayerLayout) -> Self {
        Self {
            y: vec![0.0; layout.y_len()],
            y_h: vec![0.0; layout.state_len()],
            y_c: vec![0.0; layout.cell_len()],
            tape: vec![],
        }
    }
}

impl LayerBelow {
    /// Zeros at the initial states, and nothing at X.
    pub(super) fn new(layout: &LayerLayout) -> Self {
        Self {
            x: vec![],
            initial_h: vec![0.0; layout.state_len()],
            initial_c: vec![0.0; layout.cell_len()],
            kept: Kept::default(),
        }
    }

    /// Takes what direction `d` leaves at the beginning of sequence `b`, and what masked hours add to its hidden state.
    pub(super) fn take(
        &mut self,
        layout: &LayerLayout,
        (d, b): (usize, usize),
        shares: Shares<'_>,
        masked: Option<&[f64]>,
    ) {
        let h = &mut self.initial_h[layout.hidden(d, b)];
        h.copy_from_slice(shares.h0);
        h.iter_mut().zip(masked.unwrap_or_default()).for_each(|(h, more)| *h += more);
        self.initial_c[layout.cell(d, b)].copy_from_slice(shares.c0);
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
    (d, b): (usize, usize),
    read: Option<&'a Unmasked>,
) -> Run<'a> {
    let tape = &tape[layout.tape(d, b)];
    match read {
        None => Run { x: layout.x(input.x, b), tape, len: input.len(layout, b) },
        Some(read) => Run { x: read.x(), tape, len: read.hours.len() },
    }
}

/// The hours of sequence `b` that are read, where some may be masked.
pub(super) fn unmasked(layout: &LayerLayout, input: &LayerInput<'_>, b: usize) -> Option<Unmasked> {
    let len = input.len(layout, b);
    input.mask.map(|mask| Unmasked::of(layout.x(input.x, b), layout.mask(mask, b), len))
}

/// The initial states of direction `d` and sequence `b`, `h` and `c`; of `zeros` where the layer has none.
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

/// Four numbers at a time where they are: in WebAssembly a copy of a length that is not known is a call.
pub(super) fn copy_quads(from: &[f32], to: &mut [f32]) {
    if !from.len().is_multiple_of(4) {
        return to.copy_from_slice(from);
    }
    for (from, to) in from.as_chunks::<4>().0.iter().zip(to.as_chunks_mut().0) {
        *to = *from;
    }
}
