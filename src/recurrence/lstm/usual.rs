//! The cell that exporters write: gates by the sigmoid, candidate and cell state by tanh, no peepholes, no clip, gates
//! not coupled. Eight or four units side by side, so that no operation waits for the one before it.

use super::{Gate, Lstm};
use crate::recurrence::activation::Activation;
use crate::recurrence::exponential::{sigmoid, tanh};

impl Lstm {
    /// Whether this is such a cell.
    pub(super) fn is_usual(&self) -> bool {
        let act = &self.activations;
        let functions = (act.gate, act.candidate, act.cell);
        functions == (Activation::Sigmoid, Activation::Tanh, Activation::Tanh)
            && self.peephole.is_none()
            && self.clip.is_none()
            && !self.input_forget
    }

    /// Whether [`update`] takes all its units.
    pub(super) fn fills_lanes(&self) -> bool {
        self.n_hidden.is_multiple_of(4)
    }
}

/// The gates, `c = f * c + i * g` and `h = o * tanh(c)`. `z` and `gates` are `[4 * n_hidden]`, in the order i, f, g, o.
pub(super) fn update(z: &[f32], gates: &mut [f32], h: &mut [f32], c: &mut [f32]) {
    if c.len().is_multiple_of(8) { update_by::<8>(z, gates, h, c) } else { update_by::<4>(z, gates, h, c) }
}

/// The same, `N` units side by side.
fn update_by<const N: usize>(z: &[f32], gates: &mut [f32], h: &mut [f32], c: &mut [f32]) {
    let d = c.len();
    let mut blocks = gates.chunks_exact_mut(d).map(|gate| gate.as_chunks_mut::<N>().0);
    let [Some(i), Some(f), Some(g), Some(o)] = std::array::from_fn(|_| blocks.next()) else { return };
    let z = |gate: Gate| z[gate.index() * d..][..d].as_chunks::<N>().0;
    let (z_i, z_f, z_g, z_o) = (z(Gate::I), z(Gate::F), z(Gate::G), z(Gate::O));
    let (c, h) = (c.as_chunks_mut::<N>().0, h.as_chunks_mut::<N>().0);
    for q in 0..c.len() {
        apply(sigmoid, &z_i[q], &mut i[q]);
        apply(sigmoid, &z_f[q], &mut f[q]);
        apply(tanh, &z_g[q], &mut g[q]);
        apply(sigmoid, &z_o[q], &mut o[q]);
        states(&i[q], &f[q], &g[q], &o[q], &mut c[q], &mut h[q]);
    }
}

#[inline]
fn apply<const N: usize>(function: impl Fn(f32) -> f32, z: &[f32; N], y: &mut [f32; N]) {
    for lane in 0..N {
        y[lane] = function(z[lane]);
    }
}

#[inline]
fn states<const N: usize>(i: &[f32; N], f: &[f32; N], g: &[f32; N], o: &[f32; N], c: &mut [f32; N], h: &mut [f32; N]) {
    for lane in 0..N {
        c[lane] = f[lane] * c[lane] + i[lane] * g[lane];
    }
    for lane in 0..N {
        h[lane] = o[lane] * tanh(c[lane]);
    }
}
