//! The forward pass, in single precision as the model was exported.

use super::Gru;
use crate::engine::recurrence::Sequence;
use crate::engine::recurrence::kernel::accumulate;
use crate::engine::recurrence::linear::clip;

impl Gru {
    /// Runs one sequence and records every hour on `tape`, `[n_steps, tape_width]`. Hours from `len` on are left as
    /// they are.
    pub fn forward(&self, x: Sequence<'_, f32>, len: usize, h0: &[f32], tape: &mut [f32]) {
        let (d, width) = (self.n_hidden, self.sizes().tape_width);
        let mut h = h0.to_vec();
        for k in 0..len {
            let t = self.direction.hour(k, len);
            let (pre, rest) = tape[t * width..][..width].split_at_mut(3 * d);
            let (gates, rest) = rest.split_at_mut(3 * d);
            let (reset, state) = rest.split_at_mut(d);
            self.update(x.row(t), &mut h, pre, gates, reset);
            state.copy_from_slice(&h);
        }
    }

    /// One step: the gates, what the reset gate does, the candidate, and `h = (1 - z) * n + z * h`.
    fn update(&self, x: &[f32], h: &mut [f32], pre: &mut [f32], gates: &mut [f32], reset: &mut [f32]) {
        let d = self.n_hidden;
        let (pre_zr, pre_n) = pre.split_at_mut(2 * d);
        let (zr, n) = gates.split_at_mut(2 * d);
        pre_zr.copy_from_slice(&self.gates.bias);
        accumulate(x, &self.gates.w_x, pre_zr);
        accumulate(h, &self.gates.w_h, pre_zr);
        zr.copy_from_slice(pre_zr);
        clip(self.clip, zr);
        self.activations.gate.apply_all(zr);
        let (z, r) = zr.split_at(d);

        pre_n.copy_from_slice(&self.candidate.bias);
        accumulate(x, &self.candidate.w_x, pre_n);
        if let Some(bias) = &self.reset_after {
            reset.copy_from_slice(bias);
            accumulate(h, &self.candidate.w_h, reset);
            pre_n.iter_mut().zip(r.iter().zip(&*reset)).for_each(|(n, (r, u))| *n += r * u);
        } else {
            reset.iter_mut().zip(r.iter().zip(&*h)).for_each(|(q, (r, h))| *q = r * h);
            accumulate(reset, &self.candidate.w_h, pre_n);
        }
        n.copy_from_slice(pre_n);
        clip(self.clip, n);
        self.activations.candidate.apply_all(n);
        for j in 0..d {
            h[j] = (1.0 - z[j]) * n[j] + z[j] * h[j];
        }
    }
}
