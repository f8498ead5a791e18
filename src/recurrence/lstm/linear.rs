//! The linear map from `[x, h]` to one gate's preactivations, seen from behind.

use super::{Gate, Lstm};
use crate::explain::relevance::Kept;
use crate::explain::rule::Rule;

/// What a step receives from the step after it and hands to the step before it, and what its inputs receive.
pub(super) struct Below<'a> {
    /// At the step's inputs `[n_inputs]`.
    pub(super) x: &'a mut [f64],
    /// At the previous hidden state `[n_hidden]`.
    pub(super) h: &'a mut [f64],
    /// At the cell state that the peephole looks at `[n_hidden]`.
    pub(super) c: &'a mut [f64],
}

/// What a step read.
#[derive(Clone, Copy)]
pub(super) struct Lower<'a> {
    pub(super) x: &'a [f32],
    pub(super) h: &'a [f32],
    /// The cell state that the gate's peephole looks at: the previous one for i and f, the new one for o.
    pub(super) c: &'a [f32],
}

impl Lstm {
    /// Hands the relevance of a gate's preactivations `[n_hidden]` down to what they were computed from. `z` is
    /// scratch, `[n_hidden]`.
    ///
    /// The preactivations are summed again in double precision from the recorded values, so that nothing is lost
    /// between a sum and its parts.
    #[expect(clippy::too_many_arguments, reason = "a rule, what it reads and where it writes")]
    pub(super) fn gate_relevance(
        &self,
        gate: Gate,
        lower: Lower<'_>,
        relevance: &[f64],
        rule: &Rule,
        kept: &mut Kept,
        below: &mut Below<'_>,
        z: &mut [f64],
    ) {
        let peephole = self.peephole(gate);
        let n = self.n_inputs + self.n_hidden + usize::from(peephole.is_some());
        self.preactivations(gate, lower, z);
        let mut even = 0.0;
        for (j, z_j) in z.iter_mut().enumerate() {
            let message = rule.message(*z_j, f64::from(self.bias[self.column(gate) + j]), n, relevance[j], kept);
            if let Some(p) = peephole {
                below.c[j] += f64::from(p[j]) * f64::from(lower.c[j]) * message.scale + message.even;
            }
            even += message.even;
            // From here on, z holds the messages' scales.
            *z_j = message.scale;
        }
        self.hand_down(gate, &self.w_x, lower.x, z, even, below.x);
        self.hand_down(gate, &self.w_h, lower.h, z, even, below.h);
    }

    /// Hands the derivatives at a gate's preactivations `[n_hidden]` down: `d_k += sum_j w_kj d_j`.
    pub(super) fn gate_gradient(&self, gate: Gate, derivative: &[f64], below: &mut Below<'_>) {
        for (weights, below) in [(&self.w_x, &mut *below.x), (&self.w_h, &mut *below.h)] {
            for (k, d_k) in below.iter_mut().enumerate() {
                *d_k += dot(self.weights(weights, k, gate), derivative);
            }
        }
        if let Some(p) = self.peephole(gate) {
            for (j, d_j) in derivative.iter().enumerate() {
                below.c[j] += f64::from(p[j]) * d_j;
            }
        }
    }

    /// `z_j = b_j + sum_k w_kj x_k + sum_m u_mj h_m + p_j c_j`
    fn preactivations(&self, gate: Gate, lower: Lower<'_>, z: &mut [f64]) {
        let bias = &self.bias[self.column(gate)..];
        z.iter_mut().zip(bias).for_each(|(z_j, b_j)| *z_j = f64::from(*b_j));
        for (values, weights) in [(lower.x, &self.w_x), (lower.h, &self.w_h)] {
            for (k, value) in values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                let value = f64::from(*value);
                for (z_j, w) in z.iter_mut().zip(self.weights(weights, k, gate)) {
                    *z_j += f64::from(*w) * value;
                }
            }
        }
        if let Some(p) = self.peephole(gate) {
            for (j, z_j) in z.iter_mut().enumerate() {
                *z_j += f64::from(p[j]) * f64::from(lower.c[j]);
            }
        }
    }

    /// `R_k += x_k sum_j w_kj scale_j + sum_j even_j`
    fn hand_down(&self, gate: Gate, weights: &[f32], values: &[f32], scale: &[f64], even: f64, below: &mut [f64]) {
        for (k, (value, r_k)) in values.iter().zip(below).enumerate() {
            *r_k += even;
            if *value != 0.0 {
                *r_k += f64::from(*value) * dot(self.weights(weights, k, gate), scale);
            }
        }
    }

    /// Weights from lower unit `k` to the units of a gate.
    fn weights<'a>(&self, weights: &'a [f32], k: usize, gate: Gate) -> &'a [f32] {
        &weights[k * 4 * self.n_hidden + self.column(gate)..][..self.n_hidden]
    }

    const fn column(&self, gate: Gate) -> usize {
        gate.index() * self.n_hidden
    }

    fn peephole(&self, gate: Gate) -> Option<&[f32]> {
        let p = self.peephole.as_ref()?;
        match gate {
            Gate::I => Some(&p.i),
            Gate::F => Some(&p.f),
            Gate::G => None,
            Gate::O => Some(&p.o),
        }
    }
}

/// `sum_j w_j v_j`, in four sums side by side: one after the other, each addition would wait for the one before it.
fn dot(w: &[f32], v: &[f64]) -> f64 {
    let (w4, w_rest) = w.as_chunks::<4>();
    let (v4, v_rest) = v.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (w, v) in w4.iter().zip(v4) {
        for lane in 0..4 {
            sums[lane] += f64::from(w[lane]) * v[lane];
        }
    }
    let rest: f64 = w_rest.iter().zip(v_rest).map(|(w, v)| f64::from(*w) * v).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
