//! Every value that one run computed.
//!
//! Most are recorded from tract's run, in single precision. The rest follows from them here: what is only moved, and
//! the steps inside a node that tract computes as one. The same arithmetic can run the whole graph without tract
//! ([`Trace::replay`]), and in the plainest way, as a second opinion ([`Trace::witness`]).

mod beside;
mod reference;

pub use beside::Beside;
pub use reference::ReferenceRun;

use std::ops::Range;

use crate::engine::graph::{
    Embed, Graph, INPUT, Initial, Offset, Operation, Product, Recurrent, Softmax, Target, ValueId,
};
use crate::engine::number::{real, single};
use crate::engine::recurrence::bank::{self, ReadLayer};
use crate::engine::recurrence::{LayerInput, witness};
use crate::error::{Error, Kind, Place, Result};

/// Multiplications of all recurrent layers together that are done a second time when a model is read: about 5 ms.
const WITNESSED: usize = 4_000_000;

/// Steps that are looked at however large the layers are: the first reads the initial states, the second what the first
/// made of them, the third what came of both.
const FEWEST_WITNESSED: usize = 3;

/// A run whose values can be looked up.
pub trait Recorded {
    /// A value of the graph, in single precision.
    fn value(&self, value: ValueId) -> &[f32];

    /// The tape of a node; empty where the node is not recurrent.
    fn tape(&self, node: usize) -> &[f32];

    /// A recurrent layer and what it read in this run.
    fn reading<'a>(&'a self, op: &'a Recurrent) -> ReadLayer<'a> {
        let initial = |initial: &'a Initial| match initial {
            Initial::Constant(numbers) => numbers.as_slice(),
            Initial::Value(of) => self.value(*of),
        };
        let input = LayerInput {
            x: self.value(op.input),
            lengths: op.lengths.as_deref(),
            mask: op.mask.map(|mask| self.value(mask)),
            initial_h: op.initial_h.as_ref().map(initial),
            initial_c: op.initial_c.as_ref().map(initial),
            most: None,
        };
        ReadLayer { layer: &op.layer, layout: &op.layout, input }
    }
}

impl Recorded for Trace {
    fn value(&self, value: ValueId) -> &[f32] {
        &self.values[value]
    }

    fn tape(&self, node: usize) -> &[f32] {
        &self.tapes[node]
    }
}

/// The recorded values of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Each value of the graph, in single precision as tract computed it; empty where no explanation needs it.
    pub values: Vec<Vec<f32>>,
    /// The tape of each node; empty where the node is not recurrent.
    pub tapes: Vec<Vec<f32>>,
    /// What the model returned.
    pub outputs: Vec<f32>,
}

impl Trace {
    /// A trace that knows the input and nothing else yet.
    #[must_use]
    pub fn begin(graph: &Graph, input: &[f32]) -> Self {
        let mut values = vec![Vec::new(); graph.lens.len()];
        values[INPUT] = input.to_vec();
        Self { values, tapes: vec![Vec::new(); graph.nodes.len()], outputs: Vec::new() }
    }

    /// Fills in what tract did not record: data that is only moved, and the parts of a node that tract computes as one.
    pub fn complete(&mut self, graph: &Graph) {
        for node in &graph.nodes {
            let is_missing = |value: &usize| self.values[*value].is_empty();
            if !matches!(node.operation, Operation::Recurrent(_)) && node.operation.outputs().iter().all(is_missing) {
                self.compute(&node.operation);
            }
        }
    }

    /// Computes the whole graph from the input, without tract.
    #[must_use]
    pub fn replay(graph: &Graph, input: &[f32]) -> Self {
        let mut trace = Self::begin(graph, input);
        for stage in graph.stages() {
            match &graph.nodes[stage.start].operation {
                Operation::Recurrent(_) => trace.read(graph, stage),
                other => trace.compute(other),
            }
        }
        trace.outputs = graph.targets.iter().map(|target| single(trace.output(target))).collect();
        trace
    }

    /// How many steps of a graph's recurrent layers are compared with the plain equations: all, where that does not take
    /// long. A step does what the step before it did, with the same weights.
    #[must_use]
    pub fn witnessed_steps(graph: &Graph) -> usize {
        let layers = (0..graph.nodes.len()).filter_map(|index| graph.recurrent(index));
        let of_step: usize = layers.map(|op| op.layer.n_parameters() * op.layout.n_batch).sum();
        (WITNESSED / of_step.max(1)).max(FEWEST_WITNESSED)
    }

    /// Computes the whole graph from the input in the plainest way, to be compared with another run: recurrent layers by
    /// [`witness`], for at most so many steps; see [`LayerInput::most`].
    #[must_use]
    pub fn witness(graph: &Graph, input: &[f32], most: usize) -> Self {
        let mut trace = Self::begin(graph, input);
        for node in &graph.nodes {
            match &node.operation {
                Operation::Recurrent(op) => {
                    let input = LayerInput { most: Some(most), ..trace.reading(op).input };
                    let seen = witness::forward(&op.layer, &op.layout, &input);
                    for (value, seen) in [op.y, op.y_h, op.y_c].into_iter().zip(seen) {
                        trace.values[value] = seen.into_iter().map(single).collect();
                    }
                }
                other => trace.compute(other),
            }
        }
        trace.outputs = graph.targets.iter().map(|target| single(trace.output(target))).collect();
        trace
    }

    /// Computes recurrent layers that do not depend on each other.
    fn read(&mut self, graph: &Graph, stage: Range<usize>) {
        let layers: Vec<(usize, &Recurrent)> =
            stage.filter_map(|index| Some((index, graph.recurrent(index)?))).collect();
        let readings: Vec<_> = layers.iter().map(|(_, op)| self.reading(op)).collect();
        let outputs = bank::forward(&readings);
        for ((index, op), out) in layers.into_iter().zip(outputs) {
            self.values[op.y] = out.y;
            self.values[op.y_h] = out.y_h;
            self.values[op.y_c] = out.y_c;
            self.tapes[index] = out.tape;
        }
    }

    /// The output that a target's recorded scores give.
    fn output(&self, target: &Target) -> f64 {
        let scores = target.link.scores(target.score);
        target.link.apply(&scores.iter().map(|site| f64::from(self.values[site.value][site.index])).collect::<Vec<_>>())
    }

    /// Computes an operation that is not recurrent from the values it reads.
    fn compute(&mut self, operation: &Operation) {
        let values = &self.values;
        let (output, computed) = match operation {
            Operation::Rearrange(op) => (op.output, op.moves.fetch(|value| &values[value])),
            Operation::Affine(op) => {
                let z = |j| single(op.sum(&values[op.input], j));
                (op.output, (0..op.stencil.len()).map(z).collect())
            }
            Operation::Activate(op) => (op.output, values[op.input].iter().map(|z| op.f.apply(*z)).collect()),
            Operation::Product(op) => (op.output, products(op, values)),
            Operation::Extremum(op) => {
                let x = &values[op.input];
                let y = |j| op.winner(x, j).map_or(f32::NAN, |k| x[k]);
                (op.output, (0..op.stencil.len()).map(y).collect())
            }
            Operation::Softmax(op) => (op.output, shares(op, &values[op.input])),
            Operation::Select(op) => {
                let switch = &values[op.switch];
                (op.output, (0..switch.len()).map(|k| values[op.taken(switch, k)][k]).collect())
            }
            Operation::Embed(op) => (op.output, embedded(op, &values[op.input])),
            Operation::Recurrent(_) => return,
        };
        self.values[output] = computed;
    }

    /// Checks that `other`, computed another way, has the same values. A sum of terms that cancel may have others, as long as
    /// nothing comes of it: a scan in one pass scales what it has summed, however large, back at every step.
    ///
    /// # Errors
    /// Names the first node whose values differ by more than `tolerance`, relative to values above 1: one that is computed
    /// wrongly, or a sum of terms that cancel, of which single precision leaves nothing, where the scores differ as well.
    pub fn compare(&self, graph: &Graph, other: &Self, tolerance: f32) -> Result<()> {
        let mut open = None;
        for node in &graph.nodes {
            for value in node.operation.outputs() {
                let (a, b) = (&self.values[value], &other.values[value]);
                let Some(difference) = difference(a, b, tolerance) else { continue };
                let differ = (0..a.len()).filter(|j| self::difference(&a[*j..=*j], &b[*j..=*j], tolerance).is_some());
                let at = Place::Node(node.name.clone());
                if self.cancels(&node.operation, other, differ) {
                    let message = format!(
                        "it adds terms that cancel each other, and single precision leaves its sum open by {difference:.0e}: no prediction of this network can be relied on; fit it so that its terms are of the size of their sum: scale its inputs and outputs, and give it more regularisation (a Gaussian process: a larger alpha)"
                    );
                    open = open.or(Some(Error::new(Kind::Unsupported, message).at(at)));
                } else {
                    let message = format!(
                        "recorded and replayed values differ by {difference:e}; this model cannot be explained faithfully, please report it"
                    );
                    return Err(open.unwrap_or_else(|| Error::new(Kind::Mismatch, message).at(at)));
                }
            }
        }
        let [a, b] = [self, other].map(|trace| trace.scores(graph));
        open.filter(|_| difference(&a, &b, tolerance).is_some()).map_or(Ok(()), Err)
    }

    /// The recorded scores of all targets.
    fn scores(&self, graph: &Graph) -> Vec<f32> {
        let sites = graph.targets.iter().flat_map(|target| target.link.scores(target.score));
        sites.map(|site| self.values[site.value][site.index]).collect()
    }

    /// Whether these elements of a node's output may differ so much by rounding alone: by what their terms differ, and a
    /// rounding of each.
    ///
    /// |`z_j - z_j'`| <= sum |`w_k x_k - w_k' x_k'`| + n eps sum |`w_k x_k`|
    fn cancels(&self, operation: &Operation, other: &Self, mut elements: impl Iterator<Item = usize>) -> bool {
        let both = |term: &dyn Fn(&[Vec<f32>]) -> f64| [term(&self.values), term(&other.values)];
        let terms = |j: usize| -> Vec<[f64; 2]> {
            match operation {
                Operation::Affine(op) => {
                    let term = |(k, w): (usize, f64)| both(&|values| w * f64::from(values[op.input][k]));
                    op.lower_units(j).map(term).collect()
                }
                Operation::Product(op) => {
                    let term = |Offset { x, w }| {
                        both(&|values| f64::from(values[op.gate][w]) * f64::from(values[op.signal][x]))
                    };
                    op.stencil.lower(j).map(term).collect()
                }
                _ => vec![],
            }
        };
        let Some(output) = operation.outputs().first().copied() else { return false };
        elements.all(|j| {
            let terms = terms(j);
            let apart: f64 = terms.iter().map(|[a, b]| (a - b).abs()).sum();
            let sizes: f64 = terms.iter().map(|[a, _]| a.abs()).sum();
            let [a, b] = both(&|values| f64::from(values[output][j]));
            (a - b).abs() <= apart + real(terms.len()) * f64::from(f32::EPSILON) * sizes
        })
    }
}

/// The sums of products of an operation, one an output.
fn products(op: &Product, values: &[Vec<f32>]) -> Vec<f32> {
    let z = |j| single(op.sum(&values[op.gate], &values[op.signal], j));
    (0..op.stencil.len()).map(z).collect()
}

/// The softmax of each group of `x`; elements in no group are 0.
fn shares(op: &Softmax, x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    for group in &op.groups {
        for (k, share) in group.iter().zip(Softmax::shares(x, group)) {
            y[*k] = single(share);
        }
    }
    y
}

/// An index that is no row of the table gives no numbers: they differ from whatever tract makes of it.
fn embedded(op: &Embed, x: &[f32]) -> Vec<f32> {
    let none = vec![f32::NAN; op.width];
    x.iter().flat_map(|index| op.row(*index).unwrap_or(&none)).copied().collect()
}

/// The first difference, relative to values above 1, that is not within the tolerance; NaN is that on both sides alone.
fn difference(a: &[f32], b: &[f32], tolerance: f32) -> Option<f32> {
    let within = |difference: &f32| *difference <= tolerance;
    // Masked scores are minus infinity on both sides, and shares of nothing but such scores are no numbers.
    let of =
        |(a, b): (&f32, &f32)| if a == b || a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() / a.abs().max(1.0) };
    let mut differences = a.iter().zip(b).map(of);
    differences.find(|difference| !within(difference))
}
