//! The walk from the top of the graph to its input, the same for every method that goes backwards.

use std::ops::Range;

use crate::engine::graph::{
    Activate, Affine, Embed, Extremum, Graph, INPUT, Initial, Moves, Operation, Product, Recurrent, Select, Site,
    Softmax, ValueId,
};
use crate::engine::recurrence::bank::ExplainingLayer;
use crate::engine::recurrence::{LayerBelow, LayerSeed};
use crate::engine::trace::Recorded;

/// What a method does at each operation. Rearranging is the same for all.
pub(super) trait Backward {
    /// Hands `upper`, a number an output element, down to `below`, a number an input element.
    fn affine(&mut self, op: &Affine, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands down through a function of one number, element by element.
    fn activate(&mut self, op: &Activate, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands down through recurrent layers that do not depend on each other, each with its node's index: one result a layer.
    fn recurrent(&mut self, layers: &[(usize, &Recurrent, ExplainingLayer<'_>)]) -> Vec<LayerBelow>;

    /// Hands down through a product of two computed values. Returns what its gate and what its signal receive.
    fn product(&mut self, op: &Product, gate: &[f32], signal: &[f32], upper: &[f64]) -> [Vec<f64>; 2];

    /// Hands down through a product that ends an operation which the method takes as a whole, such as a normalisation:
    /// what each element that the whole operation reads receives. `None` where the product is one by itself.
    fn whole(&mut self, _op: &Product, _upper: &[f64]) -> Option<Vec<(Site, f64)>> {
        None
    }

    /// Hands down through a softmax, group by group.
    fn softmax(&mut self, op: &Softmax, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands what arrived at the vectors of words down to the words, a number each.
    fn embed(&mut self, op: &Embed, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands down through a maximum or minimum: the winner takes all, which is its derivative, too.
    fn extremum(&mut self, op: &Extremum, x: &[f32], upper: &[f64], below: &mut [f64]) {
        for (j, upper) in upper.iter().enumerate() {
            if let Some(k) = op.winner(x, j) {
                below[k] += upper;
            }
        }
    }

    /// Something arrived at a number of the model file.
    fn constant(&mut self, _upper: f64) {}

    /// Something arrived at initial states that are not computed from the input.
    fn initial_states(&mut self, _upper: f64) {}
}

/// A recurrent layer, the run, the index of its node, and what arrived at its outputs.
type Reached<'g> = (&'g Recurrent, usize, usize, [Option<Vec<f64>>; 3]);

/// One number an element of each value, on its way down, of one run or of several: what arrives at the input of all of them
/// is summed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flow {
    /// For each run a list a value; empty where nothing has arrived.
    values: Vec<Vec<Vec<f64>>>,
    /// Which values hand down to the input through weights alone, so that runs need not be told apart there: the first one's
    /// list has what arrives of all.
    together: Vec<bool>,
    /// Values that nothing is handed down for; none where it is empty.
    still: Vec<bool>,
}

impl Flow {
    /// Nothing anywhere, of so many runs: of one, or of a method that hands down through weights as they are.
    #[must_use]
    pub(super) fn new(graph: &Graph, n_runs: usize) -> Self {
        let mut together = vec![false; graph.lens.len()];
        together[INPUT] = true;
        for node in &graph.nodes {
            match &node.operation {
                Operation::Rearrange(op) => {
                    together[op.output] = op.moves.parts.iter().all(|(from, _)| together[*from]);
                }
                Operation::Affine(op) => together[op.output] = together[op.input],
                _ => {}
            }
        }
        Self { values: vec![vec![Vec::new(); graph.lens.len()]; n_runs], together, still: Vec::new() }
    }

    /// Leaves recurrent layers out that read nothing but still values, one flag a value.
    pub(super) fn without(self, still: &[bool]) -> Self {
        Self { still: still.to_vec(), ..self }
    }

    /// What has arrived at a value of a run so far; zeros to begin with.
    pub(super) fn at(&mut self, graph: &Graph, run: usize, value: ValueId) -> &mut Vec<f64> {
        let run = if self.together[value] { 0 } else { run };
        let flow = &mut self.values[run][value];
        if flow.is_empty() {
            flow.resize(graph.lens[value], 0.0);
        }
        flow
    }

    /// What has arrived at a value, once: it is handed down from there and must not be handed down twice. Nothing where nothing
    /// arrived.
    fn take(&mut self, run: usize, value: ValueId) -> Option<Vec<f64>> {
        let flow = std::mem::take(&mut self.values[run][value]);
        (!flow.is_empty()).then_some(flow)
    }

    /// Walks down to the input and returns what arrives there, `[n_steps * n_columns]`: the sum over the runs.
    pub(super) fn run<R: Recorded>(mut self, graph: &Graph, runs: &[&R], method: &mut impl Backward) -> Vec<f64> {
        for stage in graph.stages().into_iter().rev() {
            match &graph.nodes[stage.start].operation {
                Operation::Recurrent(_) => self.recurrent(graph, runs, stage, method),
                other => {
                    for (run, recorded) in runs.iter().enumerate() {
                        self.step(graph, run, *recorded, other, method);
                    }
                }
            }
        }
        std::mem::take(self.at(graph, 0, INPUT))
    }

    /// Hands down what arrived at the only output of an operation, in a run.
    fn step(&mut self, graph: &Graph, run: usize, seen: &impl Recorded, of: &Operation, method: &mut impl Backward) {
        let Some(upper) = of.outputs().first().and_then(|output| self.take(run, *output)) else { return };
        match of {
            Operation::Rearrange(op) => self.scatter(graph, run, &op.moves, &upper, method),
            Operation::Affine(op) => method.affine(op, seen.value(op.input), &upper, self.at(graph, run, op.input)),
            Operation::Activate(op) => method.activate(op, seen.value(op.input), &upper, self.at(graph, run, op.input)),
            Operation::Product(op) => {
                if let Some(shares) = method.whole(op, &upper) {
                    let mut add = |site: Site, share| self.at(graph, run, site.value)[site.index] += share;
                    return shares.into_iter().for_each(|(site, share)| add(site, share));
                }
                let [gate, signal] = method.product(op, seen.value(op.gate), seen.value(op.signal), &upper);
                self.receive(run, op.gate, gate);
                self.receive(run, op.signal, signal);
            }
            Operation::Extremum(op) => method.extremum(op, seen.value(op.input), &upper, self.at(graph, run, op.input)),
            Operation::Softmax(op) => method.softmax(op, seen.value(op.input), &upper, self.at(graph, run, op.input)),
            Operation::Select(op) => self.select(graph, run, seen, op, &upper),
            Operation::Embed(op) => method.embed(op, seen.value(op.input), &upper, self.at(graph, run, op.input)),
            Operation::Recurrent(_) => {}
        }
    }

    /// Hands to each source what arrived at the places that it was copied to; what constants received is the method's to book.
    fn scatter(&mut self, graph: &Graph, run: usize, moves: &Moves, upper: &[f64], method: &mut impl Backward) {
        for (value, spans) in &moves.parts {
            let below = self.at(graph, run, *value);
            spans.iter().for_each(|span| add(&mut below[span.source()], &upper[span.target()]));
        }
        moves.constants.iter().for_each(|(to, _)| method.constant(upper[*to as usize]));
    }

    /// The branch that was taken has all, by every method.
    fn select(&mut self, graph: &Graph, run: usize, seen: &impl Recorded, op: &Select, upper: &[f64]) {
        let switch = seen.value(op.switch);
        for (k, upper) in upper.iter().enumerate().filter(|(_, upper)| **upper != 0.0) {
            self.at(graph, run, op.taken(switch, k))[k] += upper;
        }
    }

    /// Goes down through the layers of a stage that relevance has reached, side by side: none of them reads another. The runs
    /// of a layer follow each other, so that its weights serve them all.
    fn recurrent<R: Recorded>(&mut self, graph: &Graph, runs: &[&R], stage: Range<usize>, method: &mut impl Backward) {
        let places = stage.flat_map(|index| (0..runs.len()).map(move |run| (index, run)));
        let reached: Vec<_> = places.filter_map(|(index, run)| self.reached(graph, index, run)).collect();
        let layers = reached.iter().map(|(op, index, run, [y, y_h, y_c])| {
            let seed = LayerSeed { y: y.as_deref(), y_h: y_h.as_deref(), y_c: y_c.as_deref() };
            let (reading, tape) = (runs[*run].reading(op), runs[*run].tape(*index));
            (*index, *op, ExplainingLayer { reading, tape, seed, joins: self.together[op.input] })
        });
        let below = method.recurrent(&layers.collect::<Vec<_>>());
        for ((op, _, run, _), below) in reached.iter().zip(below) {
            self.hand_down(op, *run, below, method);
        }
    }

    /// The recurrent layer at a node and what arrived at its outputs in a run, if anything did.
    fn reached<'g>(&mut self, graph: &'g Graph, index: usize, run: usize) -> Option<Reached<'g>> {
        let op = graph.recurrent(index)?;
        let is_still = |value: ValueId| self.still.get(value).copied().unwrap_or(false);
        if op.inputs().all(is_still) {
            return None;
        }
        let arrived = [op.y, op.y_h, op.y_c].map(|value| self.take(run, value));
        arrived.iter().any(Option::is_some).then_some((op, index, run, arrived))
    }

    /// Hands down what a layer passes to its input and to its first states. States that are constants keep their part.
    fn hand_down(&mut self, op: &Recurrent, run: usize, below: LayerBelow, method: &mut impl Backward) {
        self.receive(run, op.input, below.x);
        for (initial, share) in [(&op.initial_h, below.initial_h), (&op.initial_c, below.initial_c)] {
            match initial {
                Some(Initial::Value(value)) => self.receive(run, *value, share),
                Some(Initial::Constant(_)) | None => method.initial_states(share.iter().sum()),
            }
        }
    }

    /// Adds to what has arrived at a value so far.
    fn receive(&mut self, run: usize, value: ValueId, share: Vec<f64>) {
        let run = if self.together[value] { 0 } else { run };
        let flow = &mut self.values[run][value];
        if flow.is_empty() { *flow = share } else { add(flow, &share) }
    }
}

/// `to += from`, entry by entry.
fn add(to: &mut [f64], from: &[f64]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += b;
    }
}
