//! Derivatives of cells of a few units, step by step together; the equations are those of `slopes.rs`.

use super::{Behind, C, F, G, Hours, I, O, UNITS, wide};
use crate::engine::function::exponential::tanh;
use crate::engine::recurrence::Sequence;
use crate::engine::recurrence::kernel::{multiply, transposed};
use crate::engine::recurrence::lstm::Lstm;
use crate::engine::recurrence::run::Shares;
use crate::engine::rule::Kept;

/// The derivatives at the preactivations of a step: of the gates i, f, g, o.
type Slopes = [[f64; UNITS]; 4];

/// A cell on the way back.
struct Walk<'a> {
    hours: Hours<'a>,
    y: Option<Sequence<'a, f64>>,
    /// From the hidden state before to the gates' units, transposed.
    u: &'a [Slopes; UNITS],
    d_z: &'a mut [Slopes],
    d_h: [f64; UNITS],
    d_c: [f64; UNITS],
}

/// As [`Lstm::gradient`] for each of them. `take` receives the number of a cell, what is left at the beginning of its
/// sequence, and the derivatives at its inputs, `[len, n_inputs]` in the order of its steps.
pub(in crate::engine::recurrence) fn gradient(cells: &[Behind<'_>], mut take: impl FnMut(usize, &Shares, &[f64])) {
    let mut d_z = vec![Slopes::default(); cells.iter().map(|it| it.run.len).sum()];
    let mut rest = &mut d_z[..];
    let us: Vec<_> = cells.iter().map(|it| transposed_in_quads(it.cell)).collect();
    let mut walks = Vec::with_capacity(cells.len());
    for (it, u) in cells.iter().zip(&us) {
        let own;
        (own, rest) = rest.split_at_mut(it.run.len);
        walks.extend(Walk::begin(it, u, own));
    }
    let len = walks.iter().map(|walk| walk.hours.len).max().unwrap_or_default();
    for k in (0..len).rev() {
        walks.iter_mut().filter(|walk| k < walk.hours.len).for_each(|walk| walk.step(k));
    }
    let mut d_x = Vec::new();
    for (place, (walk, it)) in walks.iter().zip(cells).enumerate() {
        hand_to_inputs(it.cell, walk.d_z, &mut d_x);
        let shares = Shares { h0: walk.d_h.to_vec(), c0: walk.d_c.to_vec(), kept: Kept::default() };
        take(place, &shares, &d_x);
    }
}

/// `d_x = d_z w` of every step.
fn hand_to_inputs(cell: &Lstm, d_z: &[Slopes], d_x: &mut Vec<f64>) {
    let w = transposed(&cell.w_x, 4 * UNITS, 0, 4 * UNITS);
    d_x.clear();
    d_x.resize(d_z.len() * cell.n_inputs, 0.0);
    multiply(d_z.as_flattened().as_flattened(), 4 * UNITS, &w, cell.n_inputs, d_x);
}

impl<'a> Walk<'a> {
    /// `None` for a cell of another kind.
    fn begin(it: &Behind<'a>, u: &'a [Slopes; UNITS], d_z: &'a mut [Slopes]) -> Option<Self> {
        let hours = Hours::of(it)?;
        let (mut d_h, mut d_c) = ([0.0; UNITS], [0.0; UNITS]);
        it.seed.add_last(&mut d_h, &mut d_c);
        Some(Self { hours, y: it.seed.y, u, d_z, d_h, d_c })
    }

    #[inline(always)]
    fn step(&mut self, k: usize) {
        let t = self.hours.hour(k);
        let hour = &self.hours.tape[t];
        let [_, c_prev] = self.hours.before(k).map(wide);
        let [i, f, g, o] = [I, F, G, O].map(|block| wide(&hour[block]));
        let cell = wide(&hour[C].map(tanh));
        let (mut d_h, mut d_c) = (self.d_h, self.d_c);
        if let Some(y) = self.y.and_then(|y| y.row(t).first_chunk::<UNITS>()) {
            (0..UNITS).for_each(|j| d_h[j] += y[j]);
        }
        let [mut d_zi, mut d_zf, mut d_zg, mut d_zo] = Slopes::default();
        for j in 0..UNITS {
            let d_cj = d_c[j] + d_h[j] * o[j] * (1.0 - cell[j] * cell[j]);
            d_zo[j] = d_h[j] * cell[j] * o[j] * (1.0 - o[j]);
            d_zf[j] = d_cj * c_prev[j] * f[j] * (1.0 - f[j]);
            d_zi[j] = d_cj * g[j] * i[j] * (1.0 - i[j]);
            d_zg[j] = d_cj * i[j] * (1.0 - g[j] * g[j]);
            d_c[j] = d_cj * f[j];
        }
        let d_z = [d_zi, d_zf, d_zg, d_zo];
        let mut sums = [0.0; UNITS];
        for (d_z, u) in d_z.as_flattened().iter().zip(self.u.as_flattened()) {
            (0..UNITS).for_each(|m| sums[m] += d_z * u[m]);
        }
        (self.d_h, self.d_c, self.d_z[k]) = (sums, d_c, d_z);
    }
}

/// The weights from the hidden state, `[gate][j][m]`.
fn transposed_in_quads(cell: &Lstm) -> [Slopes; UNITS] {
    let mut u = [Slopes::default(); UNITS];
    for (m, row) in cell.w_h.as_chunks::<UNITS>().0.as_chunks::<4>().0.iter().enumerate().take(UNITS) {
        for (gate, values) in row.iter().enumerate() {
            (0..UNITS).for_each(|j| u[gate][j][m] = f64::from(values[j]));
        }
    }
    u
}
