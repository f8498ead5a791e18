//! The linear map from `[x, h]` to one gate's preactivations, seen from behind.

use super::{Gate, Lstm};
use crate::explain::relevance::Kept;
use crate::explain::rule::{Message, Rule};

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
    /// Hands the relevance of a gate's preactivations `[n_hidden]` down to what they were computed from.
    ///
    /// The preactivations are summed again in double precision from the recorded values, so that nothing is lost
    /// between a sum and its parts.
    pub(super) fn gate_relevance(
        &self,
        gate: Gate,
        lower: Lower<'_>,
        relevance: &[f64],
        rule: &Rule,
        kept: &mut Kept,
        below: &mut Below<'_>,
    ) {
        let peephole = self.peephole(gate);
        let n = self.n_inputs + self.n_hidden + usize::from(peephole.is_some());
        let z = self.preactivations(gate, lower);
        let messages: Vec<Message> = (0..self.n_hidden)
            .map(|j| rule.message(z[j], f64::from(self.bias[self.column(gate) + j]), n, relevance[j], kept))
            .collect();
        let even: f64 = messages.iter().map(|message| message.even).sum();
        self.hand_down(gate, &self.w_x, lower.x, &messages, even, below.x);
        self.hand_down(gate, &self.w_h, lower.h, &messages, even, below.h);
        if let Some(p) = peephole {
            for (j, message) in messages.iter().enumerate() {
                below.c[j] += f64::from(p[j]) * f64::from(lower.c[j]) * message.scale + message.even;
            }
        }
    }

    /// Hands the derivatives at a gate's preactivations `[n_hidden]` down: `d_k += sum_j w_kj d_j`.
    pub(super) fn gate_gradient(&self, gate: Gate, derivative: &[f64], below: &mut Below<'_>) {
        self.transpose(gate, &self.w_x, derivative, below.x);
        self.transpose(gate, &self.w_h, derivative, below.h);
        if let Some(p) = self.peephole(gate) {
            for (j, d_j) in derivative.iter().enumerate() {
                below.c[j] += f64::from(p[j]) * d_j;
            }
        }
    }

    /// `z_j = b_j + sum_k w_kj x_k + sum_m u_mj h_m + p_j c_j`
    fn preactivations(&self, gate: Gate, lower: Lower<'_>) -> Vec<f64> {
        let column = self.column(gate);
        let mut z: Vec<f64> = self.bias[column..][..self.n_hidden].iter().map(|b| f64::from(*b)).collect();
        for (values, weights) in [(lower.x, &self.w_x), (lower.h, &self.w_h)] {
            for (k, value) in values.iter().enumerate() {
                if *value != 0.0 {
                    let value = f64::from(*value);
                    for (z_j, w) in z.iter_mut().zip(self.weights(weights, k, gate)) {
                        *z_j += f64::from(*w) * value;
                    }
                }
            }
        }
        if let Some(p) = self.peephole(gate) {
            for (j, z_j) in z.iter_mut().enumerate() {
                *z_j += f64::from(p[j]) * f64::from(lower.c[j]);
            }
        }
        z
    }

    /// `R_k += x_k sum_j w_kj scale_j + sum_j even_j`
    fn hand_down(
        &self,
        gate: Gate,
        weights: &[f32],
        values: &[f32],
        messages: &[Message],
        even: f64,
        below: &mut [f64],
    ) {
        for (k, (value, r_k)) in values.iter().zip(below).enumerate() {
            *r_k += even;
            if *value != 0.0 {
                let row = self.weights(weights, k, gate);
                let sum: f64 = row.iter().zip(messages).map(|(w, m)| f64::from(*w) * m.scale).sum();
                *r_k += f64::from(*value) * sum;
            }
        }
    }

    fn transpose(&self, gate: Gate, weights: &[f32], derivative: &[f64], below: &mut [f64]) {
        for (k, d_k) in below.iter_mut().enumerate() {
            let row = self.weights(weights, k, gate);
            *d_k += row.iter().zip(derivative).map(|(w, d_j)| f64::from(*w) * d_j).sum::<f64>();
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
