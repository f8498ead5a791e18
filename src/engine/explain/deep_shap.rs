//! Contributions against a reference: complete, and fair at products.
//!
//! The network runs twice, on `x` and on a reference `x0`. Multipliers go backwards, and `R_k = (x_k - x0_k) m_k`, so
//! that `sum R_k = f(x) - f(x0)`:
//!
//! ```text
//! linear y = w x + b      m_x = w m_y
//! function y = f(z)       m_z = m_y (f(z) - f(z0)) / (z - z0),  f'((z + z0) / 2) where the two all but agree
//! product y = a b         m_a = m_y (b + b0) / 2,  m_b = m_y (a + a0) / 2      (gates, attention)
//! normalisation           as a whole, the mean derivative on the line from x0 to x, see `norm.rs`
//! maximum, softmax        the mean derivative on the line from x0 to x, see `between.rs`
//! a word                  what the difference of the two words' vectors carries
//! ```
//!
//! Sources: Shrikumar 2017 (arXiv:1704.02685), Lundberg and Lee 2017 (arXiv:1705.07874), Chen 2022
//! (10.1038/s41467-022-31384-3); Aumann and Shapley 1974 for maximum and softmax.

use super::backward::{Backward, Flow};
use super::norm::Norms;
use super::relevance::{Ledger, Relevance};
use super::{Quantity, Scored, between, gradient};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::graph::{
    Activate, Affine, Embed, Extremum, Graph, INPUT, Link, Node, Offset, Operation, Product, Recurrent, Site, Softmax,
    Target, ValueId,
};
use crate::engine::recurrence::LayerBelow;
use crate::engine::recurrence::bank::{self, ExplainingLayer, LayerReference};
use crate::engine::trace::{Recorded, ReferenceRun, Trace};
use crate::error::{Error, Kind, Place, Result};

/// Checks that both runs read the same steps and choose alike: multipliers go from element to element.
///
/// # Errors
/// [`Kind::Argument`] with the name of the first recurrent node behind a mask that differs, or of the first choice that does.
pub(crate) fn check_masks(graph: &Graph, trace: &Trace, reference: &Trace) -> Result<()> {
    let is_unlike = |value: ValueId| trace.values[value] != reference.values[value];
    let unlike = |node: &Node| match &node.operation {
        Operation::Recurrent(op) if op.mask.is_some_and(is_unlike) => Some(
            "the reference masks other steps than the record, so that there are no differences to explain step by step; choose another reference or another method",
        ),
        Operation::Select(op) if is_unlike(op.switch) => Some(
            "the network chooses between two values by a comparison, such as which numbers are missing or masked, and the reference's run chooses otherwise than the record's: nothing leads from one to the other; choose another reference (one with the same numbers missing), or another method",
        ),
        _ => None,
    };
    match graph.nodes.iter().find_map(|node| Some((node, unlike(node)?))) {
        None => Ok(()),
        Some((node, message)) => Err(Error::new(Kind::Argument, message).at(Place::Node(node.name.clone()))),
    }
}

/// Explains the difference of a target between a run and a reference run of the same network.
#[must_use]
pub fn explain(graph: &Graph, trace: &Trace, run0: &ReferenceRun, target: &Target, quantity: Quantity) -> Relevance {
    let reference = run0.trace();
    let [scored, scored0] = [trace, reference].map(|trace| Scored::of(graph, trace, target));
    let mut flow = Flow::new(graph, 1);
    let mut seed = |site: Site, m: f64| flow.at(graph, 0, site.value)[site.index] += m;
    match quantity {
        Quantity::Score => seed(target.score, 1.0),
        Quantity::Paper | Quantity::Probability => {
            let multipliers = link_multipliers(&target.link, &scored.scores, &scored0.scores);
            target.link.scores(target.score).into_iter().zip(multipliers).for_each(|(site, m)| seed(site, m));
        }
    }
    let multipliers = flow.run(graph, &[trace], &mut DeepShap { trace, reference, run0, norms: Norms::of(graph) });
    let inputs = trace.values[INPUT].iter().zip(&reference.values[INPUT]);
    let values: Vec<f64> = inputs.zip(&multipliers).map(|((x, x0), m)| (f64::from(*x) - f64::from(*x0)) * m).collect();
    let [score, score0] = [&scored, &scored0].map(|scored| scored.quantity(quantity));
    let ledger = Ledger { inputs: values.iter().sum(), reference: score0, ..Ledger::default() };
    scored.relevance(values, score, Some(ledger))
}

/// Multipliers at the scores that an output is a function of.
fn link_multipliers(link: &Link, scores: &[f64], scores0: &[f64]) -> Vec<f64> {
    match link {
        Link::Identity => vec![1.0],
        Link::Sigmoid => vec![Function::from(Activation::Sigmoid).quotient(scores[0], scores0[0])],
        Link::Softmax { own, .. } => {
            let upper: Vec<f64> = (0..scores.len()).map(|k| f64::from(u8::from(k == *own))).collect();
            between::softmax(scores, scores0, &upper)
        }
    }
}

/// The multipliers of two runs of one graph: what each value may differ by from the reference, in the difference of the score.
struct DeepShap<'a> {
    /// The run that is explained.
    trace: &'a Trace,
    /// The run that it is compared with.
    reference: &'a Trace,
    /// That run, with the sums of its layers.
    run0: &'a ReferenceRun,
    /// The normalisations, which are taken as a whole.
    norms: Norms,
}

impl DeepShap<'_> {
    /// What a layer read and recorded in the reference's run.
    fn of_reference<'s>(&'s self, node: usize, op: &'s Recurrent) -> LayerReference<'s> {
        let (input, tape) = (self.reference.reading(op).input, self.reference.tape(node));
        LayerReference { input, tape, sums: self.run0.sums(node) }
    }
}

impl Backward for DeepShap<'_> {
    /// `z = W x + b`: the differences pass through the weights as slopes do, and `b` cancels.
    fn affine(&mut self, op: &Affine, _x: &[f32], upper: &[f64], below: &mut [f64]) {
        gradient::transpose(op, upper, below);
    }

    /// `y = f(z)`: the multiplier is `(f(z) - f(z0)) / (z - z0)`, and the slope where both are equal.
    fn activate(&mut self, op: &Activate, z: &[f32], upper: &[f64], below: &mut [f64]) {
        let z0 = &self.reference.values[op.input];
        for (j, (z, z0)) in z.iter().zip(z0).enumerate().filter(|(j, _)| upper[*j] != 0.0) {
            let (z, z0) = (f64::from(*z), f64::from(*z0));
            below[j] += upper[j] * op.f.quotient(z, z0);
        }
    }

    /// Each layer by itself, with its tape of either run.
    fn recurrent(&mut self, layers: &[(usize, &Recurrent, ExplainingLayer<'_>)]) -> Vec<LayerBelow> {
        let references: Vec<_> = layers.iter().map(|(node, op, _)| self.of_reference(*node, op)).collect();
        bank::multipliers(&layers.iter().map(|(_, _, it)| *it).collect::<Vec<_>>(), &references)
    }

    /// A normalisation is taken as a whole, from what enters it to what leaves it (see `norm.rs`).
    fn whole(&mut self, op: &Product, upper: &[f64]) -> Option<Vec<(Site, f64)>> {
        self.norms.multipliers(op, [self.trace, self.reference], upper)
    }

    /// `z = sum of gate * signal`: each factor's difference counts by the mean of the other, which leaves nothing over.
    fn product(&mut self, op: &Product, gate: &[f32], signal: &[f32], upper: &[f64]) -> [Vec<f64>; 2] {
        let (gate0, signal0) = (&self.reference.values[op.gate], &self.reference.values[op.signal]);
        let mean = |v: &[f32], v0: &[f32], k: usize| 0.5 * (f64::from(v[k]) + f64::from(v0[k]));
        let (mut to_gate, mut to_signal) = (vec![0.0; gate.len()], vec![0.0; signal.len()]);
        for (j, m_j) in upper.iter().enumerate().filter(|(_, m_j)| **m_j != 0.0) {
            for Offset { x, w } in op.stencil.lower(j) {
                to_gate[w] += m_j * mean(signal, signal0, x);
                to_signal[x] += m_j * mean(gate, gate0, w);
            }
        }
        [to_gate, to_signal]
    }

    /// Each group of shares, along the straight line between its two runs.
    fn softmax(&mut self, op: &Softmax, x: &[f32], upper: &[f64], below: &mut [f64]) {
        let x0 = &self.reference.values[op.input];
        // Where all scores are minus infinity there are no shares, and nothing has arrived from behind the guard.
        for group in op.groups.iter().filter(|group| group.iter().any(|k| upper[*k] != 0.0)) {
            let of = |v: &[f32]| group.iter().map(|k| f64::from(v[*k])).collect::<Vec<f64>>();
            let arrived: Vec<f64> = group.iter().map(|k| upper[*k]).collect();
            let m = between::softmax(&of(x), &of(x0), &arrived);
            group.iter().zip(m).for_each(|(k, m)| below[*k] += m);
        }
    }

    /// The greatest of a group, along the straight line: what is the greatest may change on the way.
    fn extremum(&mut self, op: &Extremum, x: &[f32], upper: &[f64], below: &mut [f64]) {
        let x0 = &self.reference.values[op.input];
        // The least is minus the greatest of the opposites.
        let sign = if op.is_maximum { 1.0 } else { -1.0 };
        for (j, upper) in upper.iter().enumerate().filter(|(_, upper)| **upper != 0.0) {
            let lower: Vec<usize> = op.stencil.lower(j).map(|unit| unit.x).collect();
            let of = |v: &[f32]| lower.iter().map(|k| sign * f64::from(v[*k])).collect::<Vec<f64>>();
            let parts = between::maximum(&of(x), &of(x0));
            lower.iter().zip(parts).for_each(|(k, part)| below[*k] += part * upper);
        }
    }

    /// A word's index is no quantity: what its vector's difference carries is divided by the difference of the indices,
    /// which multiplies it again at the input.
    fn embed(&mut self, op: &Embed, x: &[f32], upper: &[f64], below: &mut [f64]) {
        let x0 = &self.reference.values[op.input];
        for (k, m) in upper.chunks_exact(op.width).enumerate().filter(|(k, _)| x[*k] != x0[*k]) {
            let [e, e0] = [x[k], x0[k]].map(|index| op.row(index).unwrap_or_default());
            let carried: f64 = e.iter().zip(e0).zip(m).map(|((e, e0), m)| (f64::from(*e) - f64::from(*e0)) * m).sum();
            below[k] += carried / (f64::from(x[k]) - f64::from(x0[k]));
        }
    }
}
