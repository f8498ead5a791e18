//! The walk from the top of the graph to its input, the same for every method that goes backwards.

use crate::graph::{
    Activate, Affine, Element, Embed, Extremum, Graph, INPUT, Initial, Operation, Product, Recurrent, Softmax, ValueId,
};
use crate::recurrence::{LayerBelow, LayerInput, LayerSeed};
use crate::trace::Trace;

/// What a method does at each operation. Rearranging is the same for all.
pub(super) trait Backward {
    /// Hands `upper`, a number an output element, down to `below`, a number an input element.
    fn affine(&mut self, op: &Affine, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// The same, element by element.
    fn activate(&mut self, op: &Activate, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// The same for a recurrent layer.
    fn recurrent(&mut self, op: &Recurrent, input: &LayerInput<'_>, tape: &[f32], seed: &LayerSeed<'_>) -> LayerBelow;

    /// The same for a product of two computed values. Returns what its gate and what its signal receive.
    fn product(&mut self, op: &Product, gate: &[f32], signal: &[f32], upper: &[f64]) -> [Vec<f64>; 2];

    /// The same for a softmax.
    fn softmax(&mut self, op: &Softmax, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// Hands what arrived at the vectors of words down to the words, a number each.
    fn embed(&mut self, op: &Embed, x: &[f32], upper: &[f64], below: &mut [f64]);

    /// The same for a maximum or minimum: the winner takes all, which is its derivative, too.
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

/// One number an element of each value, on its way down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flow {
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

    fn take(&mut self, value: ValueId) -> Option<Vec<f64>> {
        let flow = std::mem::take(&mut self.values[value]);
        (!flow.is_empty()).then_some(flow)
    }

    /// Walks down to the input and returns what arrives there, `[n_steps * n_columns]`.
    pub(super) fn run(mut self, graph: &Graph, trace: &Trace, method: &mut impl Backward) -> Vec<f64> {
        for (node, tape) in graph.nodes.iter().zip(&trace.tapes).rev() {
            match &node.operation {
                Operation::Recurrent(op) => self.recurrent(graph, trace, op, tape, method),
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
            Operation::Rearrange(op) => self.scatter(graph, &op.elements, &upper, method),
            Operation::Affine(op) => method.affine(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Activate(op) => method.activate(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Product(op) => {
                let [gate, signal] = method.product(op, &values[op.gate], &values[op.signal], &upper);
                add(self.at(graph, op.gate), &gate);
                add(self.at(graph, op.signal), &signal);
            }
            Operation::Extremum(op) => method.extremum(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Softmax(op) => method.softmax(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Embed(op) => method.embed(op, &values[op.input], &upper, self.at(graph, op.input)),
            Operation::Recurrent(_) => {}
        }
    }

    fn scatter(&mut self, graph: &Graph, elements: &[Element], upper: &[f64], method: &mut impl Backward) {
        for (element, upper) in elements.iter().zip(upper) {
            match element {
                Element::Site(site) => self.at(graph, site.value)[site.index] += upper,
                Element::Constant(_) => method.constant(*upper),
            }
        }
    }

    fn recurrent(&mut self, graph: &Graph, trace: &Trace, op: &Recurrent, tape: &[f32], method: &mut impl Backward) {
        let (y, y_h, y_c) = (self.take(op.y), self.take(op.y_h), self.take(op.y_c));
        if y.is_none() && y_h.is_none() && y_c.is_none() {
            return;
        }
        let seed = LayerSeed { y: y.as_deref(), y_h: y_h.as_deref(), y_c: y_c.as_deref() };
        let below = method.recurrent(op, &trace.layer_input(op), tape, &seed);
        add(self.at(graph, op.input), &below.x);
        for (initial, share) in [(&op.initial_h, &below.initial_h), (&op.initial_c, &below.initial_c)] {
            match initial {
                Some(Initial::Value(value)) => add(self.at(graph, *value), share),
                Some(Initial::Constant(_)) | None => method.initial_states(share.iter().sum()),
            }
        }
    }
}

fn add(to: &mut [f64], from: &[f64]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += b;
    }
}
