//! Layer-wise relevance propagation (Bach 2015, 10.1371/journal.pone.0130140; for LSTMs Arras 2017,
//! 10.18653/v1/W17-5221, and Arras 2019, 10.1007/978-3-030-28954-6_11).
//!
//! | operation | rule |
//! |---|---|
//! | affine | the linear rule of `rule.rs`, over the lower units that can change and have a weight |
//! | activation, softmax, comparison | relevance passes unchanged |
//! | product of a gate and a signal | the linear rule over the sum, then the gate rule for each product |
//! | maximum, choice | the one that was taken has all |
//! | word vectors | a word has the sum over its vector |
//! | recurrent layers | the same rules, step by step, in `recurrence/` |

use super::backward::{Backward, Flow};
use super::live::Live;
use super::relevance::{Ledger, Relevance};
use super::{Quantity, Scored};
use crate::engine::graph::{Activate, Affine, Embed, Gating, Graph, Offset, Product, Recurrent, Softmax, Target};
use crate::engine::number::real;
use crate::engine::recurrence::LayerBelow;
use crate::engine::recurrence::bank::{self, ExplainingLayer};
use crate::engine::rule::{Gates, Kept, Rule};
use crate::engine::trace::Trace;

/// Decomposes a target's score over the model's input.
///
/// With [`Quantity::Paper`] the relevance that enters below the dense layer `S = sigma(w h + b)` is
/// `1{sign(w h) = sign(S - 0.5)} w h`: the products that speak for the decision, and no bias. Where no dense layer
/// computes the score, the whole score enters.
#[must_use]
pub fn explain(graph: &Graph, trace: &Trace, target: &Target, quantity: Quantity, rule: &Rule) -> Relevance {
    let scored = Scored::of(graph, trace, target);
    let mut flow = Flow::new(graph, 1);
    let score = match (quantity, graph.dense_below(target)) {
        (Quantity::Paper, Some(dense)) => {
            let upper_half = scored.probability >= 0.5;
            let masked = masked_products(dense, &trace.values[dense.input], target.score.index, upper_half);
            let below = flow.at(graph, 0, dense.input);
            masked.iter().for_each(|(k, product)| below[*k] += product);
            masked.iter().map(|(_, product)| product).sum()
        }
        (Quantity::Paper | Quantity::Score, _) => enter(&mut flow, graph, target, scored.score),
        (Quantity::Probability, _) => enter(&mut flow, graph, target, scored.probability),
    };
    let live = Live::of(graph, trace);
    let mut method = Lrp { rule: *rule, live, kept: Kept::default(), initial_states: 0.0 };
    let values = flow.run(graph, &[trace], &mut method);
    let ledger = Ledger {
        inputs: values.iter().sum(),
        biases: method.kept.biases,
        initial_states: method.initial_states,
        epsilon: method.kept.epsilon,
        reference: 0.0,
    };
    scored.relevance(values, score, Some(ledger))
}

/// Puts the relevance that is to be divided at the score's place, and returns it.
fn enter(flow: &mut Flow, graph: &Graph, target: &Target, relevance: f64) -> f64 {
    flow.at(graph, 0, target.score.value)[target.score.index] = relevance;
    relevance
}

/// The products `w_k h_k` whose sign is that of the decision, with their index into the dense layer's input.
fn masked_products(dense: &Affine, h: &[f32], unit: usize, upper_half: bool) -> Vec<(usize, f64)> {
    dense
        .lower_units(unit)
        .map(|(k, w)| (k, w * f64::from(h[k])))
        .filter(|(_, product)| if upper_half { *product > 0.0 } else { *product < 0.0 })
        .collect()
}

/// Layer-wise relevance propagation: its rule, where relevance may go, and what stayed on the way.
struct Lrp {
    /// The linear rule and the gate rule.
    rule: Rule,
    /// Which elements can change at all.
    live: Live,
    /// What biases and the stabiliser kept.
    kept: Kept,
    /// What arrived at initial states that are constants.
    initial_states: f64,
}

impl Backward for Lrp {
    /// The lower units are those that can change and whose weight is not zero: only they share what is spread evenly.
    fn affine(&mut self, op: &Affine, x: &[f32], upper: &[f64], below: &mut [f64]) {
        for (j, r_j) in upper.iter().enumerate().filter(|(_, r_j)| **r_j != 0.0) {
            let bias = f64::from(op.bias[j]);
            let (mut n, mut parts) = (0, 0.0);
            for (k, w) in op.lower_units(j) {
                n += usize::from(w != 0.0 && self.live.is(op.input, k));
                parts += w * f64::from(x[k]);
            }
            if n == 0 {
                // Nothing but padding and constants in reach: the output is a bias.
                self.kept.biases += r_j;
                continue;
            }
            let message = self.rule.message(parts + bias, bias, n, *r_j, &mut self.kept);
            for (k, w) in op.lower_units(j).filter(|(_, w)| *w != 0.0) {
                let even = if self.live.is(op.input, k) { message.even } else { 0.0 };
                below[k] += w * f64::from(x[k]) * message.scale + even;
            }
        }
    }

    /// Relevance passes an activation unchanged, a comparison that is read as a number too: what a missing value says
    /// belongs to the cell where it is missing.
    fn activate(&mut self, _op: &Activate, _x: &[f32], upper: &[f64], below: &mut [f64]) {
        below.iter_mut().zip(upper).for_each(|(below, upper)| *below += upper);
    }

    /// `z = sum of n products` by the linear rule without bias, then each product between its gate and its signal. Products
    /// whose gate is exactly zero bring nothing in, and have no share of epsilon.
    fn product(&mut self, op: &Product, gate: &[f32], signal: &[f32], upper: &[f64]) -> [Vec<f64>; 2] {
        let (mut to_gate, mut to_signal) = (vec![0.0; gate.len()], vec![0.0; signal.len()]);
        for (j, r_j) in upper.iter().enumerate().filter(|(_, r_j)| **r_j != 0.0) {
            let n = op.stencil.lower(j).filter(|unit| self.live.is_brought_in(op, [gate, signal], *unit)).count();
            // Of what switches pick, one element is: it is moved.
            let is_one = op.stencil.n_lower(j) == 1 || op.gating == Gating::Switch && self.is_picked(op, gate, j);
            if n == 0 && !is_one {
                self.kept.epsilon += r_j;
                continue;
            }
            let sum = || op.sum(gate, signal, j);
            let message = (!is_one).then(|| self.rule.message(sum(), 0.0, n, *r_j, &mut self.kept));
            for unit @ Offset { x, w } in op.stencil.lower(j) {
                let (g, s) = (f64::from(gate[w]), f64::from(signal[x]));
                if is_one && op.stencil.n_lower(j) > 1 && g == 0.0 {
                    continue;
                }
                let r = match message {
                    None => *r_j,
                    Some(message) if self.live.is_brought_in(op, [gate, signal], unit) => {
                        g * s * message.scale + message.even
                    }
                    Some(message) => g * s * message.scale,
                };
                let (r_gate, r_signal) = match op.gating {
                    Gating::Gate => self.rule.divide(g, s, r),
                    Gating::Symmetric => (0.5 * r, 0.5 * r),
                    Gating::Switch => (0.0, r),
                };
                to_gate[w] += r_gate;
                to_signal[x] += r_signal;
            }
        }
        [to_gate, to_signal]
    }

    /// Where gates and signals have half each, what a share has comes from the scores of its whole group: the softmax is taken
    /// as the linear map that touches it at `x` (Achtibat 2024, arXiv:2402.05602, proposition 3.1), whose bias `b` is
    /// treated as any other. Under the other rules a share passes its relevance to its own score, like an activation.
    ///
    /// ```text
    /// t_k = x_k ( R_k - y_k sum_j R_j )     b = sum_j R_j - sum_j t_j     R(x_k) = t_k + delta b / n
    /// ```
    ///
    /// n counts the scores that have a share and can change: minus infinity in a mask has none, and the score of padding
    /// is a number of the network's, which is part of the bias.
    fn softmax(&mut self, op: &Softmax, x: &[f32], upper: &[f64], below: &mut [f64]) {
        if self.rule.gates != Gates::Half {
            below.iter_mut().zip(upper).for_each(|(below, upper)| *below += upper);
            return;
        }
        for group in &op.groups {
            let y = Softmax::shares(x, group);
            let can_change = |(k, y_k): &(usize, f64)| *y_k > 0.0 && self.live.is(op.input, *k);
            let in_reach: Vec<(usize, f64)> = group.iter().copied().zip(y).filter(can_change).collect();
            let arrived: f64 = group.iter().map(|k| upper[*k]).sum();
            if in_reach.is_empty() {
                self.kept.biases += arrived;
                continue;
            }
            let touching = |(k, y_k): (usize, f64)| f64::from(x[k]) * (upper[k] - y_k * arrived);
            let bias = arrived - in_reach.iter().copied().map(touching).sum::<f64>();
            let even = self.rule.bias_factor * bias / real(in_reach.len());
            self.kept.biases += (1.0 - self.rule.bias_factor) * bias;
            in_reach.iter().copied().for_each(|unit| below[unit.0] += touching(unit) + even);
        }
    }

    /// A word receives what arrived at its vector.
    fn embed(&mut self, op: &Embed, _x: &[f32], upper: &[f64], below: &mut [f64]) {
        let sums = upper.chunks_exact(op.width).map(|vector| vector.iter().sum::<f64>());
        below.iter_mut().zip(sums).for_each(|(below, sum)| *below += sum);
    }

    fn recurrent(&mut self, layers: &[(usize, &Recurrent, ExplainingLayer<'_>)]) -> Vec<LayerBelow> {
        let layers: Vec<ExplainingLayer<'_>> = layers.iter().map(|(_, _, layer)| *layer).collect();
        let below = bank::relevance(&layers, &self.rule);
        below.iter().for_each(|below| self.kept += below.kept);
        layers.iter().for_each(|layer| self.keep_padding(layer));
        below
    }

    fn constant(&mut self, upper: f64) {
        self.kept.biases += upper;
    }

    fn initial_states(&mut self, upper: f64) {
        self.initial_states += upper;
    }
}

impl Lrp {
    /// Whether one of an element's switches is 1 and all others are 0.
    fn is_picked(&self, op: &Product, gate: &[f32], j: usize) -> bool {
        let mut on = op.stencil.lower(j).map(|unit| gate[unit.w]).filter(|gate| *gate != 0.0);
        on.next() == Some(1.0) && on.next().is_none()
    }

    /// What arrived behind the ends of sequences: shares of epsilon that another layer gave to the zeros there.
    fn keep_padding(&mut self, layer: &ExplainingLayer<'_>) {
        if let (Some(lengths), Some(y)) = (layer.reading.input.lengths, layer.seed.y) {
            layer.reading.layout.behind_ends(lengths, |index| self.kept.epsilon += y[index]);
        }
    }
}
