//! The walk from the top of the graph to its input, the same for every method that goes backwards.

use std::ops::Range;

use crate::engine::graph::{
    Activate, Affine, Embed, Extremum, Graph, INPUT, Initial, Moves, Operation, Product, Recurrent, Select, Site,
    Softmax, ValueId,
};
use crate::engine::recurrence::bank::ExplainingLayer;
use crate::engine::recurrence::{LayerBelow, LayerSeed};
use crate::engine::trace::Trace;

/// What a method does at each operation. Rearranging is the same for all.
pub(super) trait Backward {
    /// Hands `upper`, a number an output element, down to `below`, a number an input element.
    fn affine(&mut self, op: &Affine, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands down through a function of one number, element by element.
    fn activate(&mut self, op: &Activate, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands down through recurrent layers that do not depend on each other, one result a layer.
    fn recurrent(&mut self, layers: &[(&Recurrent, ExplainingLayer<'_>)]) -> Vec<LayerBelow>;

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

/// A recurrent layer, the index of its node, and what arrived at its outputs.
type Reached<'g> = (&'g Recurrent, usize, [Option<Vec<f64>>; 3]);

/// One number an element of each value, on its way down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flow {
    /// A list a value; empty where nothing has arrived.
    values: Vec<Vec<f64>>,
}

impl Flow {
    /// Nothing anywhere.
    #[must_use]
    pub(super) fn new(graph: &Graph) -> Self {
        Self { values: vec![Vec::new(); graph.lens.len()] }
    }

    /// What has arrived at a value so far; zeros to begin with.
    pub(super) fn at(&mut self, graph: &Graph, value: ValueId) -> &mut Vec<f64> {
        let flow = &mut self.values[value];
        if flow.is_empty() {
            flow.resize(graph.lens[value], 0.0);
        }
        flow
    }

    /// What has arrived at a value, once: it is handed down from there and must not be handed down twice. Nothing where nothing
    /// arrived.
    fn take(&mut self, value: ValueId) -> Option<Vec<f64>> {
        let flow = std::mem::take(&mut self.values[value]);
        (!flow.is_empty()).then_some(flow)
    }

    /// Walks down to the input and returns what arrives there, `[n_steps * n_columns]`.
    pub(super) fn run(mut self, graph: &Graph, trace: &Trace, method: &mut impl Backward) -> Vec<f64> {
        for stage in graph.stages().into_iter().rev() {
            match &graph.nodes[stage.start].operation {
                Operation::Recurrent(_) => self.recurrent(graph, trace, stage, method),
                other => self.step(graph, trace, other, method),
            }
        }
        std::mem::take(self.at(graph, INPUT))
    }

    /// Hands down what arrived at the only output of an operation.
    fn step(&mut self, graph: &Graph, trace: &Trace, operation: &Operation, method: &mut impl Backward) {
        let Some(upper) = operation.outputs().first().and_then(|output| self.take(*output)) else { return };
        let values = &trace.values;
        match operation {
            Operation::Rearrange(op) => self.scatter(graph, &op.moves, &upper, method),
            Operation::Affine(op) => method.affine(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Activate(op) => method.activate(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Product(op) => {
                if let Some(shares) = method.whole(op, &upper) {
                    shares.into_iter().for_each(|(site, share)| self.at(graph, site.value)[site.index] += share);
                    return;
                }
                let [gate, signal] = method.product(op, &values[op.gate], &values[op.signal], &upper);
                self.receive(op.gate, gate);
                self.receive(op.signal, signal);
            }
            Operation::Extremum(op) => method.extremum(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Softmax(op) => method.softmax(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Select(op) => self.select(graph, trace, op, &upper),
            Operation::Embed(op) => method.embed(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Recurrent(_) => {}
        }
    }

    /// Hands to each source what arrived at the places that it was copied to; what constants received is the method's to book.
    fn scatter(&mut self, graph: &Graph, moves: &Moves, upper: &[f64], method: &mut impl Backward) {
        for (value, spans) in &moves.parts {
            let below = self.at(graph, *value);
            spans.iter().for_each(|span| add(&mut below[span.source()], &upper[span.target()]));
        }
        moves.constants.iter().for_each(|(to, _)| method.constant(upper[*to as usize]));
    }

    /// The branch that was taken has all, by every method.
    fn select(&mut self, graph: &Graph, trace: &Trace, op: &Select, upper: &[f64]) {
        let switch = &trace.values[op.switch];
        for (k, upper) in upper.iter().enumerate().filter(|(_, upper)| **upper != 0.0) {
            self.at(graph, op.taken(switch, k))[k] += upper;
        }
    }

    /// Goes down through the layers of a stage that relevance has reached, side by side: none of them reads another.
    fn recurrent(&mut self, graph: &Graph, trace: &Trace, stage: Range<usize>, method: &mut impl Backward) {
        let reached: Vec<_> = stage.filter_map(|index| self.reached(graph, index)).collect();
        let layers = reached.iter().map(|(op, index, [y, y_h, y_c])| {
            let seed = LayerSeed { y: y.as_deref(), y_h: y_h.as_deref(), y_c: y_c.as_deref() };
            (*op, ExplainingLayer { reading: trace.reading(op), tape: &trace.tapes[*index], seed })
        });
        let below = method.recurrent(&layers.collect::<Vec<_>>());
        for ((op, ..), below) in reached.iter().zip(below) {
            self.hand_down(op, below, method);
        }
    }

    /// The recurrent layer at a node and what arrived at its outputs, if anything did.
    fn reached<'g>(&mut self, graph: &'g Graph, index: usize) -> Option<Reached<'g>> {
        let op = graph.recurrent(index)?;
        let arrived = [op.y, op.y_h, op.y_c].map(|value| self.take(value));
        arrived.iter().any(Option::is_some).then_some((op, index, arrived))
    }

    /// Hands down what a layer passes to its input and to its first states. States that are constants keep their part.
    fn hand_down(&mut self, op: &Recurrent, below: LayerBelow, method: &mut impl Backward) {
        self.receive(op.input, below.x);
        for (initial, share) in [(&op.initial_h, below.initial_h), (&op.initial_c, below.initial_c)] {
            match initial {
                Some(Initial::Value(value)) => self.receive(*value, share),
                Some(Initial::Constant(_)) | None => method.initial_states(share.iter().sum()),
            }
        }
    }

    /// Adds to what has arrived at a value so far.
    fn receive(&mut self, value: ValueId, share: Vec<f64>) {
        let flow = &mut self.values[value];
        if flow.is_empty() { *flow = share } else { add(flow, &share) }
    }
}

/// `to += from`, entry by entry.
fn add(to: &mut [f64], from: &[f64]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += b;
    }
}
