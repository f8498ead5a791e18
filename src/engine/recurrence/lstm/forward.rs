//! The forward pass, in single precision as the model was exported.

use super::{Gate, Lstm, usual};
use crate::engine::recurrence::Sequence;
use crate::engine::recurrence::kernel::{accumulate, products};
use crate::engine::recurrence::linear::clip;

impl Lstm {
    /// Runs one sequence and records every hour on `tape`, `[n_steps, tape_width]`. Hours from `len` on are left as
    /// they are.
    pub fn forward(&self, x: Sequence<'_, f32>, len: usize, h0: &[f32], c0: &[f32], tape: &mut [f32]) {
        let (d, width) = (self.n_hidden, self.sizes().tape_width);
        let (mut h, mut c) = (h0.to_vec(), c0.to_vec());
        // What comes from the inputs needs no order; the tape's preactivations hold it until their step.
        products(x, len, &self.w_x, &self.bias, tape, width);
        let is_usual = self.is_usual() && self.fills_lanes();
        for k in 0..len {
            let t = self.direction.hour(k, len);
            let (z, rest) = tape[t * width..][..width].split_at_mut(4 * d);
            self.preactivate(&h, &c, z);
            if is_usual {
                usual::update(z, rest, &mut h, &mut c);
                continue;
            }
            let (gates, states) = rest.split_at_mut(4 * d);
            self.update(z, gates, &mut h, &mut c);
            states[..d].copy_from_slice(&c);
            states[d..].copy_from_slice(&h);
        }
    }

    /// z += h u, and the peepholes of i and f.
    fn preactivate(&self, h: &[f32], c: &[f32], z: &mut [f32]) {
        let d = self.n_hidden;
        accumulate(h, &self.w_h, z);
        if let Some(p) = &self.peephole {
            for j in 0..d {
                z[Gate::I.index() * d + j] += p.i[j] * c[j];
                z[Gate::F.index() * d + j] += p.f[j] * c[j];
            }
        }
    }

    /// The gates, `c = f * c + i * g` and `h = o * cell(c)`.
    fn update(&self, z: &mut [f32], gates: &mut [f32], h: &mut [f32], c: &mut [f32]) {
        let d = self.n_hidden;
        let act = &self.activations;
        gates[..3 * d].copy_from_slice(&z[..3 * d]);
        clip(self.clip, &mut gates[..3 * d]);
        let [i, f, g, o] = quarters(gates, d);
        act.gate.apply_all(i);
        if self.input_forget {
            f.iter_mut().zip(i.iter()).for_each(|(f, i)| *f = 1.0 - i);
        } else {
            act.gate.apply_all(f);
        }
        act.candidate.apply_all(g);
        for j in 0..d {
            c[j] = f[j] * c[j] + i[j] * g[j];
        }
        if let Some(p) = &self.peephole {
            z[3 * d..].iter_mut().zip(p.o.iter().zip(c.iter())).for_each(|(z, (p, c))| *z += p * c);
        }
        o.copy_from_slice(&z[3 * d..]);
        clip(self.clip, o);
        act.gate.apply_all(o);
        h.copy_from_slice(c);
        act.cell.apply_all(h);
        h.iter_mut().zip(o.iter()).for_each(|(h, o)| *h *= o);
    }
}

fn quarters(all: &mut [f32], d: usize) -> [&mut [f32]; 4] {
    let (a, rest) = all.split_at_mut(d);
    let (b, rest) = rest.split_at_mut(d);
    let (c, d) = rest.split_at_mut(d);
    [a, b, c, d]
}
