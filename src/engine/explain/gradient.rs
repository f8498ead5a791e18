//! The derivative of an output with respect to the model's input, through the recorded trace (saliency: Simonyan 2014).
//!
//! ```text
//! affine z = W x + b        d_x = W^T d_z          activation y = f(z)      d_z = d_y f'(z)
//! product z = a b           d_a = d_z b            softmax                  d_x_k = y_k (d_y_k - sum_j d_y_j y_j)
//! ```
//!
//! Every factor is a recorded f32; sums are f64. Recurrent layers have their own equations, in `recurrence/`.

use super::backward::{Backward, Flow};
use super::relevance::Relevance;
use super::{Quantity, Scored};
use crate::engine::graph::{Activate, Affine, Embed, Graph, Offset, Product, Recurrent, Site, Softmax, Target};
use crate::engine::recurrence::LayerBelow;
use crate::engine::recurrence::bank::{self, ExplainingLayer};
use crate::engine::trace::{Recorded, Trace};

/// Differentiates a target: its probability, or with [`Quantity::Score`] its score. `words` says what becomes of the
/// gradients with respect to word vectors.
#[must_use]
pub fn explain(graph: &Graph, trace: &Trace, target: &Target, quantity: Quantity, words: WordGradient) -> Relevance {
    let scored = Scored::of(graph, trace, target);
    let score = scored.quantity(quantity);
    let values = sum(graph, &[(trace, 1.0)], target, quantity, words, &[]);
    scored.relevance(values, score, None)
}

/// The derivatives at several runs, each with its weight: `sum over runs of weight df/dx_k`. The runs go back side by side, so
/// that a weight of the network is fetched once for several, and what the inputs receive through weights is multiplied with
/// them once. Recurrent layers that read `still` values alone, one flag a value, hand nothing down.
#[must_use]
pub(super) fn sum<R: Recorded>(
    graph: &Graph,
    runs: &[(&R, f64)],
    target: &Target,
    quantity: Quantity,
    words: WordGradient,
    still: &[bool],
) -> Vec<f64> {
    let mut flow = Flow::new(graph, runs.len()).without(still);
    for (run, (recorded, weight)) in runs.iter().enumerate() {
        let scored = Scored::by(graph, target, |value| recorded.value(value));
        let mut seed = |site: Site, slope: f64| flow.at(graph, run, site.value)[site.index] += weight * slope;
        match quantity {
            Quantity::Score => seed(target.score, 1.0),
            Quantity::Paper | Quantity::Probability => {
                let scores = target.link.scores(target.score);
                let slopes = target.link.slopes(&scored.scores);
                scores.into_iter().zip(slopes).for_each(|(site, slope)| seed(site, slope));
            }
        }
    }
    let recorded: Vec<&R> = runs.iter().map(|(recorded, _)| *recorded).collect();
    flow.run(graph, &recorded, &mut Gradient { words })
}

/// What a gradient with respect to a word's vector `e` becomes, so that there is one number a word. A word's index has no
/// derivative; its vector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordGradient {
    /// `g . e / |e|`: the slope along the vector.
    Slope,
    /// `|g|`: the steepest slope.
    Norm,
    /// `g . e`: gradient times input.
    Product,
}

impl WordGradient {
    /// One number for a word, of its vector `e` and the derivative `g` by that vector; both `[width]`.
    fn number(self, e: &[f32], g: &[f64]) -> f64 {
        let norm = |squares: f64| squares.sqrt();
        let product = || e.iter().zip(g).map(|(e, g)| f64::from(*e) * g).sum::<f64>();
        match self {
            Self::Product => product(),
            Self::Norm => norm(g.iter().map(|g| g * g).sum()),
            Self::Slope => {
                let length = norm(e.iter().map(|e| f64::from(*e).powi(2)).sum());
                if length > 0.0 { product() / length } else { 0.0 }
            }
        }
    }
}

/// `d_x += w d_y`
pub(super) fn transpose(op: &Affine, upper: &[f64], below: &mut [f64]) {
    for (j, d_j) in upper.iter().enumerate().filter(|(_, d_j)| **d_j != 0.0) {
        for (k, w) in op.lower_units(j) {
            below[k] += w * d_j;
        }
    }
}

/// The derivative of the score by every value, by the chain rule.
struct Gradient {
    /// What becomes of the derivative by a word's vector.
    words: WordGradient,
}

impl Backward for Gradient {
    fn affine(&mut self, op: &Affine, _x: &[f32], upper: &[f64], below: &mut [f64]) {
        transpose(op, upper, below);
    }

    fn activate(&mut self, op: &Activate, x: &[f32], upper: &[f64], below: &mut [f64]) {
        // Where nothing arrived, as in the branch of a choice that was not taken, there may be no slope.
        for ((below, upper), x) in below.iter_mut().zip(upper).zip(x).filter(|((_, upper), _)| **upper != 0.0) {
            *below += upper * op.f.derivative(f64::from(*x));
        }
    }

    /// `z = sum of gate * signal`: each factor receives `dz` times the other.
    fn product(&mut self, op: &Product, gate: &[f32], signal: &[f32], upper: &[f64]) -> [Vec<f64>; 2] {
        let (mut to_gate, mut to_signal) = (vec![0.0; gate.len()], vec![0.0; signal.len()]);
        for (j, d_j) in upper.iter().enumerate().filter(|(_, d_j)| **d_j != 0.0) {
            for Offset { x, w } in op.stencil.lower(j) {
                to_gate[w] += d_j * f64::from(signal[x]);
                to_signal[x] += d_j * f64::from(gate[w]);
            }
        }
        [to_gate, to_signal]
    }

    /// `dy_j / dx_k = y_j (1{j = k} - y_k)`, so that `x_k` receives `y_k (dy_k - sum over its group of dy_j y_j)`.
    fn softmax(&mut self, op: &Softmax, x: &[f32], upper: &[f64], below: &mut [f64]) {
        // Where all scores are minus infinity there are no shares, and nothing has arrived from behind the guard.
        for group in op.groups.iter().filter(|group| group.iter().any(|k| upper[*k] != 0.0)) {
            let y = Softmax::shares(x, group);
            let sum: f64 = group.iter().zip(&y).map(|(k, y_k)| upper[*k] * y_k).sum();
            for (k, y_k) in group.iter().zip(&y) {
                below[*k] += y_k * (upper[*k] - sum);
            }
        }
    }

    fn embed(&mut self, op: &Embed, x: &[f32], upper: &[f64], below: &mut [f64]) {
        for ((below, index), upper) in below.iter_mut().zip(x).zip(upper.chunks_exact(op.width)) {
            *below += self.words.number(op.row(*index).unwrap_or_default(), upper);
        }
    }

    fn recurrent(&mut self, layers: &[(usize, &Recurrent, ExplainingLayer<'_>)]) -> Vec<LayerBelow> {
        bank::gradient(&layers.iter().map(|(_, _, layer)| *layer).collect::<Vec<_>>())
    }
}
