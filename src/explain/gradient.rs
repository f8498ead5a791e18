//! The derivative of an output with respect to the model's input, through the recorded trace.

use super::backward::{Backward, Flow};
use super::relevance::Relevance;
use super::{Quantity, Scored};
use crate::graph::{Activate, Affine, Graph, Recurrent, Target};
use crate::recurrence::{LayerBelow, LayerInput, LayerSeed};
use crate::trace::Trace;

/// Differentiates a target: its probability, or with [`Quantity::Score`] its score.
#[must_use]
pub fn explain(graph: &Graph, trace: &Trace, target: &Target, quantity: Quantity) -> Relevance {
    let scored = Scored::of(graph, trace, target);
    let (score, slope) = match quantity {
        Quantity::Score => (scored.score, 1.0),
        Quantity::Paper | Quantity::Probability => (scored.probability, target.link.derivative(scored.score)),
    };
    let mut flow = Flow::new(graph);
    flow.at(graph, target.score.value)[target.score.index] = slope;
    let values = flow.run(graph, trace, &mut Gradient);
    scored.relevance(values, score, None)
}

struct Gradient;

impl Backward for Gradient {
    fn affine(&mut self, op: &Affine, _x: &[f32], upper: &[f64], below: &mut [f64]) {
        for (j, d_j) in upper.iter().enumerate().filter(|(_, d_j)| **d_j != 0.0) {
            for (k, w) in op.lower_units(j) {
                below[k] += w * d_j;
            }
        }
    }

    fn activate(&mut self, op: &Activate, x: &[f32], upper: &[f64], below: &mut [f64]) {
        for ((below, upper), x) in below.iter_mut().zip(upper).zip(x) {
            *below += upper * op.f.derivative(f64::from(*x));
        }
    }

    fn recurrent(&mut self, op: &Recurrent, input: &LayerInput<'_>, tape: &[f32], seed: &LayerSeed<'_>) -> LayerBelow {
        op.layer.gradient(&op.layout, input, tape, seed)
    }
}
