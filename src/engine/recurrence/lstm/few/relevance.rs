//! Relevance of cells of a few units, step by step together; the equations are those of `signal.rs`.

use super::{Behind, F, G, Hours, I, UNITS, wide};
use crate::engine::recurrence::Sequence;
use crate::engine::recurrence::lstm::signal::Parts;
use crate::engine::recurrence::lstm::{Gate, Lstm};
use crate::engine::recurrence::run::Shares;
use crate::engine::rule::Kept;
use crate::engine::rule::Rule;

/// A cell on the way back.
pub(in crate::engine::recurrence) struct Walk<'a> {
    hours: Hours<'a>,
    x: Sequence<'a, f32>,
    y: Option<Sequence<'a, f64>>,
    /// Biases of the candidate.
    bias: &'a [f64; UNITS],
    /// From the hidden state before to the candidate's units.
    u: &'a [[f64; UNITS]; UNITS],
    /// The same, transposed.
    u_back: &'a [[f64; UNITS]; UNITS],
    /// From the inputs to the candidate's units.
    w: &'a [[f64; UNITS]],
    /// The candidate's preactivations of every step, which become its units' scales.
    z: &'a mut [[f64; UNITS]],
    /// What every lower unit of a step receives besides.
    even: &'a mut [f64],
    /// Number of lower units of the candidate.
    n_lower: f64,
    r_h: [f64; UNITS],
    r_c: [f64; UNITS],
    kept: Kept,
}

/// As [`Lstm::relevance`] for each of them. `take` receives the number of a cell and what its walk has found.
pub(in crate::engine::recurrence) fn relevance(
    cells: &[Behind<'_>],
    rule: &Rule,
    mut take: impl FnMut(usize, &Walk<'_>),
) {
    let parts = Parts::of(rule);
    // Of all cells together: an allocation for each would take as long as some of its steps.
    let mut weights = Vec::with_capacity(cells.iter().map(|it| n_weights(it.cell)).sum());
    cells.iter().for_each(|it| widen(it.cell, &mut weights));
    let n_steps = cells.iter().map(|it| it.run.len).sum();
    let (mut z, mut even) = (vec![[0.0; UNITS]; n_steps], vec![0.0; n_steps]);
    let (mut weights, mut z, mut even) = (&weights[..], &mut z[..], &mut even[..]);
    let mut walks = Vec::with_capacity(cells.len());
    for it in cells {
        let own = take_first(&mut z, it.run.len);
        let own_even = take_first(&mut even, it.run.len);
        let own_weights;
        (own_weights, weights) = weights.split_at(n_weights(it.cell));
        walks.extend(Walk::begin(it, own_weights, own, own_even));
    }
    let len = walks.iter().map(|walk| walk.hours.len).max().unwrap_or_default();
    for k in (0..len).rev() {
        for walk in walks.iter_mut().filter(|walk| k < walk.hours.len) {
            walk.step(k, parts);
        }
    }
    walks.iter().enumerate().for_each(|(place, walk)| take(place, walk));
}

/// Cuts the first `len` off.
fn take_first<'a, T>(from: &mut &'a mut [T], len: usize) -> &'a mut [T] {
    let (first, rest) = std::mem::take(from).split_at_mut(len);
    *from = rest;
    first
}

/// Rows of a cell's weights to the candidate: its biases, those from the hidden state, the same transposed, and those from
/// the inputs.
const fn n_weights(cell: &Lstm) -> usize {
    1 + 2 * UNITS + cell.n_inputs
}

/// Appends them in double precision.
fn widen(cell: &Lstm, to: &mut Vec<[f64; UNITS]>) {
    let candidate = |gates: &[[f32; UNITS]]| wide(&gates[Gate::G.index()]);
    let rows = |of: &[f32]| of.as_chunks::<UNITS>().0.chunks_exact(4).map(candidate).collect::<Vec<_>>();
    to.push(candidate(cell.bias.as_chunks().0));
    let u = rows(&cell.w_h);
    to.extend(&u);
    to.extend((0..UNITS).map(|j| std::array::from_fn::<_, UNITS, _>(|m| u[m][j])));
    to.extend(rows(&cell.w_x));
}

impl<'a> Walk<'a> {
    /// `None` for a cell of another kind.
    fn begin(
        it: &Behind<'a>,
        weights: &'a [[f64; UNITS]],
        z: &'a mut [[f64; UNITS]],
        even: &'a mut [f64],
    ) -> Option<Self> {
        let (bias, rest) = weights.split_first()?;
        let (u, rest) = rest.split_first_chunk()?;
        let (u_back, w) = rest.split_first_chunk()?;
        let n_lower = (w.len() + UNITS) as f64;
        let (mut r_h, mut r_c) = ([0.0; UNITS], [0.0; UNITS]);
        it.seed.add_last(&mut r_h, &mut r_c);
        let (hours, x, y, kept) = (Hours::of(it)?, it.run.x, it.seed.y, Kept::default());
        let walk = Self { hours, x, y, bias, u, u_back, w, z, even, n_lower, r_h, r_c, kept };
        (0..it.run.len).for_each(|k| walk.z[k] = walk.candidate(k));
        Some(walk)
    }

    /// What is left at the beginning of the sequence.
    pub(in crate::engine::recurrence) fn shares(&self) -> Shares {
        Shares { h0: self.r_h.to_vec(), c0: self.r_c.to_vec(), kept: self.kept }
    }

    /// `z = x w_g + h u_g + b_g` of a step, in double precision.
    fn candidate(&self, k: usize) -> [f64; UNITS] {
        let mut z = *self.bias;
        for (x, w) in self.x.row(self.hours.hour(k)).iter().zip(self.w) {
            // Most columns of a one-hot channel are zero.
            if *x != 0.0 {
                let x = f64::from(*x);
                (0..UNITS).for_each(|j| z[j] += x * w[j]);
            }
        }
        let [h, _] = self.hours.before(k);
        for (h, u) in wide(h).iter().zip(self.u) {
            (0..UNITS).for_each(|j| z[j] += h * u[j]);
        }
        z
    }

    #[inline(always)]
    fn step(&mut self, k: usize, parts: Parts) {
        let t = self.hours.hour(k);
        let [h, c] = self.hours.before(k).map(wide);
        let hour = &self.hours.tape[t];
        let [i, f, g] = [I, F, G].map(|block| wide(&hour[block]));
        let mut r = self.r_h;
        if let Some(y) = self.y.and_then(|y| y.row(t).first_chunk::<UNITS>()) {
            (0..UNITS).for_each(|j| r[j] += y[j]);
        }
        let (mut fc, mut ig, mut to_epsilon) = ([0.0; UNITS], [0.0; UNITS], [0.0; UNITS]);
        for j in 0..UNITS {
            fc[j] = f[j] * c[j];
            ig[j] = i[j] * g[j];
            let z = fc[j] + ig[j];
            let stabiliser = with_sign_of(parts.epsilon, z);
            let scale = (r[j] + self.r_c[j]) / (z + stabiliser);
            fc[j] *= scale;
            ig[j] *= scale;
            to_epsilon[j] = stabiliser * scale;
        }
        let even = parts.keep(sum(to_epsilon), 0.0, &mut self.kept) / (2 * UNITS) as f64;
        let (z, mut scale, mut to_bias) = (self.z[k], [0.0; UNITS], [0.0; UNITS]);
        for j in 0..UNITS {
            let stabiliser = with_sign_of(parts.epsilon, z[j]);
            scale[j] = (ig[j] + even) / (z[j] + stabiliser);
            fc[j] += even;
            to_epsilon[j] = stabiliser * scale[j];
            to_bias[j] = self.bias[j] * scale[j];
        }
        let even = parts.keep(sum(to_epsilon), sum(to_bias), &mut self.kept) / self.n_lower;
        let mut sums = [0.0; UNITS];
        for (scale, u) in scale.iter().zip(self.u_back) {
            (0..UNITS).for_each(|m| sums[m] += scale * u[m]);
        }
        (0..UNITS).for_each(|m| sums[m] = h[m] * sums[m] + even);
        (self.r_h, self.r_c, self.z[k], self.even[k]) = (sums, fc, scale, even);
    }

    /// `R_k = x_k sum_j w_kj scale_j + even` of every hour, added to `to`, where hour `t`'s inputs begin at
    /// `offset + t * stride`.
    pub(in crate::engine::recurrence) fn hand_to_inputs(&self, to: &mut [f64], offset: usize, stride: usize) {
        for (k, (scale, even)) in self.z.iter().zip(&*self.even).enumerate() {
            let t = self.hours.hour(k);
            let to = &mut to[offset + t * stride..][..self.w.len()];
            for ((r, x), w) in to.iter_mut().zip(self.x.row(t)).zip(self.w) {
                let sum = scale[0] * w[0] + scale[1] * w[1] + scale[2] * w[2] + scale[3] * w[3];
                *r += f64::from(*x) * sum + even;
            }
        }
    }
}

/// Epsilon where `z >= 0`, else minus epsilon. By its bits: a choice becomes code for one number at a time.
#[inline(always)]
fn with_sign_of(epsilon: f64, z: f64) -> f64 {
    let is_below = 0_u64.wrapping_sub(u64::from(z < 0.0));
    f64::from_bits(epsilon.to_bits() ^ (is_below & (1 << 63)))
}

#[inline(always)]
fn sum(values: [f64; UNITS]) -> f64 {
    (values[0] + values[2]) + (values[1] + values[3])
}
