//! The derivative of the cell that exporters write (see [`usual`](super::usual)): the derivatives at the preactivations
//! of all gates are kept until the walk is over, and handed to the inputs of all hours at once.

use super::{Gate, Lstm};
use crate::engine::function::exponential::tanh;
use crate::engine::recurrence::kernel::{multiply, transposed};
use crate::engine::recurrence::run::{Run, Seed, Shares};
use crate::engine::rule::Kept;

impl Lstm {
    /// As [`Lstm::gradient`].
    pub(super) fn usual_gradient(&self, run: &Run<'_>, seed: &Seed<'_>, to_x: &mut dyn FnMut(usize, &[f64])) -> Shares {
        let (d, n) = (self.n_hidden, self.n_inputs);
        let u = transposed(&self.w_h, 4 * d, 0, 4 * d);
        // At the preactivations of every step, `[len, 4 * n_hidden]`.
        let mut d_z = vec![0.0; run.len * 4 * d];
        let mut cell = vec![0.0; d];
        let (mut d_h, mut d_c) = (vec![0.0; d], vec![0.0; d]);
        if run.len == 0 {
            seed.add_last(&mut d_h, &mut d_c);
        }
        for k in (0..run.len).rev() {
            let t = self.direction.hour(k, run.len);
            seed.add_to(k, t, run.len, &mut d_h, &mut d_c);
            let d_z = &mut d_z[k * 4 * d..][..4 * d];
            self.usual_slopes(run, k, &mut cell, &d_h, &mut d_c, d_z);
            d_h.iter_mut().for_each(|d| *d = 0.0);
            multiply(d_z, 4 * d, &u, d, &mut d_h);
        }
        let w = transposed(&self.w_x, 4 * d, 0, 4 * d);
        let mut d_x = vec![0.0; run.len * n];
        multiply(&d_z, 4 * d, &w, n, &mut d_x);
        for k in 0..run.len {
            to_x(self.direction.hour(k, run.len), &d_x[k * n..][..n]);
        }
        Shares { h0: d_h, c0: d_c, kept: Kept::default() }
    }

    /// One step: `d_z` from `d_h` and `d_c`, and `d_c` of the step before.
    fn usual_slopes(&self, run: &Run<'_>, k: usize, cell: &mut [f32], d_h: &[f64], d_c: &mut [f64], d_z: &mut [f64]) {
        let hour = self.hour(run, self.direction.hour(k, run.len));
        let (_, c_prev) = run.before(self.sizes(), k);
        let [i, f, g, o] = [Gate::I, Gate::F, Gate::G, Gate::O].map(|gate| hour.gate(gate));
        for (cell, c) in cell.iter_mut().zip(hour.c()) {
            *cell = tanh(*c);
        }
        let (d_zi, rest) = d_z.split_at_mut(self.n_hidden);
        let (d_zf, rest) = rest.split_at_mut(self.n_hidden);
        let (d_zg, d_zo) = rest.split_at_mut(self.n_hidden);
        slopes([i, f, g, o, cell, c_prev], d_h, d_c, d_zi, d_zf, d_zg, d_zo);
    }
}

/// ```text
/// d_zo = d_h cell o (1 - o)       d_c += d_h o (1 - cell^2)       d_c_prev = d_c f
/// d_zf = d_c c_prev f (1 - f)     d_zi = d_c g i (1 - i)          d_zg = d_c i (1 - g^2)
/// ```
#[inline(never)]
fn slopes(
    values: [&[f32]; 6],
    d_h: &[f64],
    d_c: &mut [f64],
    d_zi: &mut [f64],
    d_zf: &mut [f64],
    d_zg: &mut [f64],
    d_zo: &mut [f64],
) {
    let d = d_c.len();
    let [i, f, g, o, cell, c_prev] = values.map(|values| &values[..d]);
    let (d_h, d_zi, d_zf, d_zg, d_zo) = (&d_h[..d], &mut d_zi[..d], &mut d_zf[..d], &mut d_zg[..d], &mut d_zo[..d]);
    for j in 0..d {
        let (i, f, g) = (f64::from(i[j]), f64::from(f[j]), f64::from(g[j]));
        let (o, cell, c_prev) = (f64::from(o[j]), f64::from(cell[j]), f64::from(c_prev[j]));
        let d_cj = d_c[j] + d_h[j] * o * (1.0 - cell * cell);
        d_zo[j] = d_h[j] * cell * o * (1.0 - o);
        d_zf[j] = d_cj * c_prev * f * (1.0 - f);
        d_zi[j] = d_cj * g * i * (1.0 - i);
        d_zg[j] = d_cj * i * (1.0 - g * g);
        d_c[j] = d_cj * f;
    }
}
