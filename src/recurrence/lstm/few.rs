//! Usual cells (see [`usual`](super::usual)) of a few units, of whom a channel-wise network has dozens: all numbers of a
//! step fit registers, and the cells go step by step together, so that none waits for its own step before. Each number is
//! computed from the same numbers in the same order as by a cell on its own.

use super::signal::{self, Parts};
use super::usual::{self, UNITS};
use super::{Gate, Lstm};
use crate::explain::relevance::Kept;
use crate::explain::rule::Rule;
use crate::recurrence::kernel::{products, sum};
use crate::recurrence::run::{Run, Seed, Shares};
use crate::recurrence::{Direction, Sequence};

/// What is recorded of an hour: four preactivations, four gates, cell state and hidden state of every unit.
type Hour = [[f32; UNITS]; 10];

const F: usize = 4 + Gate::F.index();
const I: usize = 4 + Gate::I.index();
const G: usize = 4 + Gate::G.index();
const C: usize = 8;
const H: usize = 9;

/// Whether a cell is such a one.
pub(in crate::recurrence) fn takes(cell: &Lstm) -> bool {
    cell.n_hidden == UNITS && cell.is_usual()
}

/// Whether relevance by a rule can be handed back here.
pub(in crate::recurrence) fn takes_rule(rule: &Rule) -> bool {
    signal::takes(rule)
}

/// A cell about to read a sequence.
pub(in crate::recurrence) struct Forward<'a> {
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
    pub(in crate::recurrence) fn begin(
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
    pub(in crate::recurrence) fn run(mut walks: Vec<Self>) {
        let len = walks.iter().map(|walk| walk.len).max().unwrap_or_default();
        for k in 0..len {
            for walk in walks.iter_mut().filter(|walk| k < walk.len) {
                let hour = &mut walk.tape[walk.direction.hour(k, walk.len)];
                usual::step(walk.u, hour, &mut walk.h, &mut walk.c);
            }
        }
    }
}

/// A cell about to hand relevance back through a sequence.
pub(in crate::recurrence) struct Backward<'a> {
    cell: &'a Lstm,
    x: Sequence<'a, f32>,
    len: usize,
    tape: &'a [Hour],
    h0: [f32; UNITS],
    c0: [f32; UNITS],
    y: Option<Sequence<'a, f64>>,
    /// Biases of the candidate.
    bias: [f64; UNITS],
    /// From the hidden state before to the candidate's units, transposed.
    u: [[f64; UNITS]; UNITS],
    /// From the inputs to the candidate's units.
    w: Vec<[f64; UNITS]>,
    /// The candidate's preactivations of every step, which become its units' scales.
    z: Vec<[f64; UNITS]>,
    /// What every lower unit of a step receives besides.
    even: Vec<f64>,
    r_h: [f64; UNITS],
    r_c: [f64; UNITS],
    kept: Kept,
}

impl<'a> Backward<'a> {
    /// `None` for a cell of another kind.
    pub(in crate::recurrence) fn begin(cell: &'a Lstm, run: &Run<'a>, seed: &Seed<'a>) -> Option<Self> {
        if !takes(cell) {
            return None;
        }
        let candidate = |row: &[[f32; UNITS]]| row[Gate::G.index()].map(f64::from);
        let rows = |of: &'a [f32]| of.as_chunks::<UNITS>().0.chunks_exact(4).map(candidate);
        let mut u = [[0.0; UNITS]; UNITS];
        for (m, row) in rows(&cell.w_h).enumerate().take(UNITS) {
            (0..UNITS).for_each(|j| u[j][m] = row[j]);
        }
        let (mut r_h, mut r_c) = ([0.0; UNITS], [0.0; UNITS]);
        seed.add_last(&mut r_h, &mut r_c);
        let mut walk = Self {
            cell,
            x: run.x,
            len: run.len,
            tape: run.tape.as_chunks().0.as_chunks().0,
            h0: *run.h0.first_chunk()?,
            c0: *run.c0.first_chunk()?,
            y: seed.y,
            bias: candidate(cell.bias.as_chunks().0),
            u,
            w: rows(&cell.w_x).collect(),
            z: Vec::new(),
            even: vec![0.0; run.len],
            r_h,
            r_c,
            kept: Kept::default(),
        };
        walk.z = (0..run.len).map(|k| walk.candidate(k)).collect();
        Some(walk)
    }

    /// As [`Lstm::relevance`], for all of them, but for what the inputs receive.
    pub(in crate::recurrence) fn run(walks: &mut [Self], rule: &Rule) {
        let parts = Parts::of(rule);
        let len = walks.iter().map(|walk| walk.len).max().unwrap_or_default();
        for k in (0..len).rev() {
            for walk in walks.iter_mut().filter(|walk| k < walk.len) {
                walk.step(k, parts);
            }
        }
    }

    /// What is left at the beginning of the sequence.
    pub(in crate::recurrence) fn shares(&self) -> Shares {
        Shares { h0: self.r_h.to_vec(), c0: self.r_c.to_vec(), kept: self.kept }
    }

    fn hour(&self, k: usize) -> usize {
        self.cell.direction.hour(k, self.len)
    }

    /// Hidden and cell state before step `k`.
    fn before(&self, k: usize) -> [[f32; UNITS]; 2] {
        match k.checked_sub(1) {
            None => [self.h0, self.c0],
            Some(k) => {
                let hour = &self.tape[self.hour(k)];
                [hour[H], hour[C]]
            }
        }
    }

    /// `z = x w_g + h u_g + b_g` of a step, in double precision.
    fn candidate(&self, k: usize) -> [f64; UNITS] {
        let mut z = self.bias;
        for (x, w) in self.x.row(self.hour(k)).iter().zip(&self.w) {
            // Most columns of a one-hot channel are zero.
            if *x != 0.0 {
                let x = f64::from(*x);
                (0..UNITS).for_each(|j| z[j] += x * w[j]);
            }
        }
        let h = self.before(k)[0].map(f64::from);
        for (m, h) in h.iter().enumerate() {
            (0..UNITS).for_each(|j| z[j] += h * self.u[j][m]);
        }
        z
    }

    /// As `signal.rs` says it.
    #[inline(always)]
    fn step(&mut self, k: usize, parts: Parts) {
        let t = self.hour(k);
        let [h, c] = self.before(k).map(|state| state.map(f64::from));
        let [i, f, g] = [I, F, G].map(|block| self.tape[t][block].map(f64::from));
        if let Some(y) = self.y.and_then(|y| y.row(t).first_chunk::<UNITS>()) {
            (0..UNITS).for_each(|j| self.r_h[j] += y[j]);
        }
        let (mut fc, mut ig, mut to_epsilon) = ([0.0; UNITS], [0.0; UNITS], [0.0; UNITS]);
        for j in 0..UNITS {
            fc[j] = f[j] * c[j];
            ig[j] = i[j] * g[j];
            let z = fc[j] + ig[j];
            let stabiliser = if z >= 0.0 { parts.epsilon } else { -parts.epsilon };
            let scale = (self.r_h[j] + self.r_c[j]) / (z + stabiliser);
            fc[j] *= scale;
            ig[j] *= scale;
            to_epsilon[j] = stabiliser * scale;
        }
        let even = parts.keep(sum(&to_epsilon), 0.0, &mut self.kept) / (2 * UNITS) as f64;
        let (z, mut scale, mut to_bias) = (self.z[k], [0.0; UNITS], [0.0; UNITS]);
        for j in 0..UNITS {
            let stabiliser = if z[j] >= 0.0 { parts.epsilon } else { -parts.epsilon };
            scale[j] = (ig[j] + even) / (z[j] + stabiliser);
            self.r_c[j] = fc[j] + even;
            to_epsilon[j] = stabiliser * scale[j];
            to_bias[j] = self.bias[j] * scale[j];
        }
        let spread = parts.keep(sum(&to_epsilon), sum(&to_bias), &mut self.kept);
        let even = spread / (self.w.len() + UNITS) as f64;
        let mut sums = [0.0; UNITS];
        for (scale, u) in scale.iter().zip(&self.u) {
            (0..UNITS).for_each(|m| sums[m] += scale * u[m]);
        }
        (0..UNITS).for_each(|m| self.r_h[m] = h[m] * sums[m] + even);
        self.z[k] = scale;
        self.even[k] = even;
    }

    /// `R_k = x_k sum_j w_kj scale_j + even` of every hour, added to `to`, where hour `t`'s inputs begin at
    /// `offset + t * stride`.
    pub(in crate::recurrence) fn hand_to_inputs(&self, to: &mut [f64], offset: usize, stride: usize) {
        for (k, (scale, even)) in self.z.iter().zip(&self.even).enumerate() {
            let t = self.hour(k);
            let to = &mut to[offset + t * stride..][..self.w.len()];
            for ((r, x), w) in to.iter_mut().zip(self.x.row(t)).zip(&self.w) {
                let sum = scale[0] * w[0] + scale[1] * w[1] + scale[2] * w[2] + scale[3] * w[3];
                *r += f64::from(*x) * sum + even;
            }
        }
    }
}
