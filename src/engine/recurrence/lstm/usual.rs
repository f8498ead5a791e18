//! The cell that exporters write: gates by the sigmoid, candidate and cell state by tanh, no peepholes, no clip, gates
//! not coupled. Eight or four units side by side, so that no operation waits for the one before it.

use super::Lstm;
use crate::engine::function::activation::Activation;
use crate::engine::function::exponential::{sigmoid, tanh};

impl Lstm {
    /// Whether this is such a cell.
    pub(in crate::engine::recurrence) fn is_usual(&self) -> bool {
        let act = &self.activations;
        let functions = (act.gate, act.candidate, act.cell);
        functions == (Activation::Sigmoid, Activation::Tanh, Activation::Tanh)
            && self.peephole.is_none()
            && self.clip.is_none()
            && !self.input_forget
    }

    /// Whether [`update`] takes all its units.
    pub(in crate::engine::recurrence) fn fills_lanes(&self) -> bool {
        self.n_hidden.is_multiple_of(4)
    }
}

/// The gates, `c = f * c + i * g` and `h = o * tanh(c)`. `z` is `[4 * n_hidden]`, in the order i, f, g, o; `record`
/// receives the gates in that order, c and h, `[6 * n_hidden]`.
pub(in crate::engine::recurrence) fn update(z: &[f32], record: &mut [f32], h: &mut [f32], c: &mut [f32]) {
    let n = c.len() / 4;
    let (z, record) = (z.as_chunks::<4>().0, record.as_chunks_mut::<4>().0);
    let (z, record) = (&z[..4 * n], &mut record[..6 * n]);
    for (q, (c, h)) in c.as_chunks_mut::<4>().0.iter_mut().zip(h.as_chunks_mut::<4>().0).enumerate() {
        let (i, f) = (apply(sigmoid, &z[q]), apply(sigmoid, &z[n + q]));
        let (g, o) = (apply(tanh, &z[2 * n + q]), apply(sigmoid, &z[3 * n + q]));
        [*c, *h] = states([&i, &f, &g, &o], c);
        for (block, values) in [i, f, g, o, *c, *h].into_iter().enumerate() {
            record[block * n + q] = values;
        }
    }
}

/// Units that fill a vector.
pub(super) const UNITS: usize = 4;

/// A step of a cell of so many units, all in registers. `hour` is of the tape and holds what comes from the inputs.
#[inline(always)]
pub(super) fn step(u: &[[[f32; UNITS]; 4]], hour: &mut [[f32; UNITS]; 10], h: &mut [f32; UNITS], c: &mut [f32; UNITS]) {
    let Some(u) = u.first_chunk::<UNITS>() else { return };
    let [mut z_i, mut z_f, mut z_g, mut z_o, ..] = *hour;
    for (h, [u_i, u_f, u_g, u_o]) in h.iter().zip(u) {
        for j in 0..UNITS {
            z_i[j] += h * u_i[j];
            z_f[j] += h * u_f[j];
            z_g[j] += h * u_g[j];
            z_o[j] += h * u_o[j];
        }
    }
    let (i, f) = (apply(sigmoid, &z_i), apply(sigmoid, &z_f));
    let (g, o) = (apply(tanh, &z_g), apply(sigmoid, &z_o));
    [*c, *h] = states([&i, &f, &g, &o], c);
    *hour = [z_i, z_f, z_g, z_o, i, f, g, o, *c, *h];
}

#[inline(always)]
fn apply(function: impl Fn(f32) -> f32, z: &[f32; 4]) -> [f32; 4] {
    let mut y = [0.0; 4];
    for lane in 0..4 {
        y[lane] = function(z[lane]);
    }
    y
}

#[inline(always)]
fn states([i, f, g, o]: [&[f32; 4]; 4], c: &[f32; 4]) -> [[f32; 4]; 2] {
    let (mut next, mut h) = ([0.0; 4], [0.0; 4]);
    for lane in 0..4 {
        next[lane] = f[lane] * c[lane] + i[lane] * g[lane];
    }
    for lane in 0..4 {
        h[lane] = o[lane] * tanh(next[lane]);
    }
    [next, h]
}
