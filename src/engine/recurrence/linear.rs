//! The linear map from `[x, h]` to preactivations, forward in single precision, and seen from behind in double
//! precision, a block at a time: the gates and the candidate of every cell are such blocks.

use crate::engine::rule::Kept;
use crate::engine::rule::Rule;

/// A map from `[x, h]` to `n_columns` preactivations.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Input weights `[n_inputs, n_columns]`.
    pub w_x: Vec<f32>,
    /// Recurrent weights `[n_hidden, n_columns]`.
    pub w_h: Vec<f32>,
    /// Biases `[n_columns]`.
    pub bias: Vec<f32>,
}

impl Linear {
    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.w_x.len() + self.w_h.len() + self.bias.len()
    }

    /// The map to the units `column..column + n_units`.
    pub(super) fn block(&self, column: usize, n_units: usize) -> Block<'_> {
        Block {
            w_x: &self.w_x,
            w_h: &self.w_h,
            n_columns: self.bias.len(),
            column,
            bias: &self.bias[column..][..n_units],
            own: None,
        }
    }
}

/// The weights of a block.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// From the inputs to all blocks of the cell, `[n_inputs, n_columns]`.
    pub(super) w_x: &'a [f32],
    /// From the hidden state to all blocks of the cell, `[n_hidden, n_columns]`.
    pub(super) w_h: &'a [f32],
    /// Number of units of all blocks together.
    pub(super) n_columns: usize,
    /// Where this block begins among them.
    pub(super) column: usize,
    /// Biases of this block `[n_units]`.
    pub(super) bias: &'a [f32],
    /// Weights of lower units that feed only the unit of their own index `[n_units]`: an LSTM's peephole, or the reset
    /// gate where it multiplies after the recurrent product.
    pub(super) own: Option<&'a [f32]>,
}

/// What a block read.
#[derive(Clone, Copy)]
pub(super) struct Lower<'a> {
    pub(super) x: &'a [f32],
    pub(super) h: &'a [f32],
    /// The lower units of one upper unit each, where the block has weights for them.
    pub(super) own: &'a [f32],
}

/// What arrives below a block.
pub(super) struct Below<'a> {
    /// At the step's inputs `[n_inputs]`.
    pub(super) x: &'a mut [f64],
    /// At the previous hidden state `[n_hidden]`.
    pub(super) h: &'a mut [f64],
    /// At the lower units of one upper unit each `[n_units]`.
    pub(super) own: &'a mut [f64],
}

impl Block<'_> {
    /// Hands the relevance of the preactivations `[n_units]` down to what they were computed from. `z` is scratch,
    /// `[n_units]`.
    ///
    /// The preactivations are summed again in double precision from the recorded values, so that nothing is lost
    /// between a sum and its parts.
    pub(super) fn relevance(
        &self,
        lower: Lower<'_>,
        relevance: &[f64],
        rule: &Rule,
        kept: &mut Kept,
        below: &mut Below<'_>,
        z: &mut [f64],
    ) {
        let n = lower.x.len() + lower.h.len() + usize::from(self.own.is_some());
        self.preactivations(lower, z);
        let mut even = 0.0;
        for (j, z_j) in z.iter_mut().enumerate() {
            let message = rule.message(*z_j, f64::from(self.bias[j]), n, relevance[j], kept);
            if let Some(p) = self.own {
                below.own[j] += f64::from(p[j]) * f64::from(lower.own[j]) * message.scale + message.even;
            }
            even += message.even;
            // From here on, z holds the messages' scales.
            *z_j = message.scale;
        }
        self.hand_down(self.w_x, lower.x, z, even, below.x);
        self.hand_down(self.w_h, lower.h, z, even, below.h);
    }

    /// Hands the derivatives at the preactivations `[n_units]` down: `d_k += sum_j w_kj d_j`.
    pub(super) fn gradient(&self, derivative: &[f64], below: &mut Below<'_>) {
        for (weights, below) in [(self.w_x, &mut *below.x), (self.w_h, &mut *below.h)] {
            for (k, d_k) in below.iter_mut().enumerate() {
                *d_k += dot(self.weights(weights, k), derivative);
            }
        }
        if let Some(p) = self.own {
            for (j, d_j) in derivative.iter().enumerate() {
                below.own[j] += f64::from(p[j]) * d_j;
            }
        }
    }

    /// `z_j = b_j + sum_k w_kj x_k + sum_m u_mj h_m + p_j c_j`
    pub(super) fn preactivations(&self, lower: Lower<'_>, z: &mut [f64]) {
        z.iter_mut().zip(self.bias).for_each(|(z_j, b_j)| *z_j = f64::from(*b_j));
        for (values, weights) in [(lower.x, self.w_x), (lower.h, self.w_h)] {
            for (k, value) in values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                let value = f64::from(*value);
                for (z_j, w) in z.iter_mut().zip(self.weights(weights, k)) {
                    *z_j += f64::from(*w) * value;
                }
            }
        }
        if let Some(p) = self.own {
            for (j, z_j) in z.iter_mut().enumerate() {
                *z_j += f64::from(p[j]) * f64::from(lower.own[j]);
            }
        }
    }

    /// `R_k += x_k sum_j w_kj scale_j + sum_j even_j`
    fn hand_down(&self, weights: &[f32], values: &[f32], scale: &[f64], even: f64, below: &mut [f64]) {
        for (k, (value, r_k)) in values.iter().zip(below).enumerate() {
            *r_k += even;
            if *value != 0.0 {
                *r_k += f64::from(*value) * dot(self.weights(weights, k), scale);
            }
        }
    }

    /// Weights from lower unit `k` to the units of the block.
    fn weights<'w>(&self, weights: &'w [f32], k: usize) -> &'w [f32] {
        &weights[k * self.n_columns + self.column..][..self.bias.len()]
    }
}

/// Limits preactivations to `[-limit, limit]`, where there is a limit.
pub(super) fn clip(limit: Option<f32>, z: &mut [f32]) {
    if let Some(limit) = limit {
        z.iter_mut().for_each(|z| *z = z.clamp(-limit, limit));
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

/// Turns rows `[n_units, width]`, as ONNX stores weights, into columns `[width, n_units]`, so that one lower unit's
/// weights to all upper units are contiguous.
#[must_use]
pub fn rows_to_columns(rows: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|k| rows.iter().skip(k).step_by(width)).copied().collect()
}
