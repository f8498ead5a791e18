//! The small graph that explanations walk: what is left of a model after tract has read, typed and decluttered it.
//!
//! Every value is a flat list of numbers. Data movement of any kind is one operation, [`Rearrange`]: a list that says
//! for each output element where it comes from.

mod moves;
mod reads;
mod stencil;
mod target;

pub(crate) use moves::copy_spans;
pub use moves::{Moves, Span};
pub use stencil::{Offset, Stencil, StencilRow};
pub use target::{Link, Target};

use std::collections::HashSet;
use std::ops::Range;

use crate::engine::function::Function;
use crate::engine::number::{real32, whole};
use crate::engine::order::sort_by;
use crate::engine::recurrence::{Layer, LayerLayout};

/// Index of a value: 0 is the model's input.
pub type ValueId = usize;

/// The model's input, `[n_steps * n_columns]`.
pub const INPUT: ValueId = 0;

/// Operations in the order in which they are computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The operations.
    pub nodes: Vec<Node>,
    /// Length of each value.
    pub lens: Vec<usize>,
    /// What can be explained: one a number that the model returns.
    pub targets: Vec<Target>,
    /// For each value that a node computes, which node: a search through all nodes would be one for every node.
    makers: Vec<Option<u32>>,
}

/// An operation and the ONNX node that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Name of the ONNX node.
    pub name: String,
    /// What it computes.
    pub operation: Operation,
}

/// What a node computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Moves data.
    Rearrange(Rearrange),
    /// Multiplies by constant weights and adds a bias.
    Affine(Affine),
    /// Runs a recurrent layer.
    Recurrent(Box<Recurrent>),
    /// Applies a function to each element.
    Activate(Activate),
    /// Multiplies two computed values.
    Product(Product),
    /// Takes the greatest or the least of several elements.
    Extremum(Extremum),
    /// Turns scores into shares of one.
    Softmax(Softmax),
    /// Takes each element from one of two values, as a switch says.
    Select(Select),
    /// Looks up vectors by index.
    Embed(Embed),
}

/// Output element `k` is a copy of `elements[k]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rearrange {
    /// Where each output element comes from.
    pub elements: Vec<Element>,
    /// The elements by their sources, in the order in which they are moved.
    pub moves: Moves,
    /// The output.
    pub output: ValueId,
}

impl Rearrange {
    /// Copies `elements` to `output`.
    #[must_use]
    pub fn new(elements: Vec<Element>, output: ValueId) -> Self {
        Self { moves: Moves::of(&elements), elements, output }
    }
}

/// Where an element comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Element {
    /// From an element of a computed value.
    Site(Site),
    /// From the model file.
    Constant(f32),
}

/// An element of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The value.
    pub value: ValueId,
    /// Index into it.
    pub index: usize,
}

/// `z_j = sum over the lower units of w * x + bias[j]`
///
/// Dense layers, convolutions, matrix products over time, products with a constant, means, sums of computed values:
/// all have this form.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// The input.
    pub input: ValueId,
    /// The output, one element a row.
    pub output: ValueId,
    /// The weights.
    pub weight: Vec<f32>,
    /// Each output element's lower units: an index into the input, and one into the weights.
    pub stencil: Stencil,
    /// One an output element.
    pub bias: Vec<f32>,
}

/// `z_j = sum over the lower units of gate * signal`
///
/// Element by element with one lower unit (a gate, a normalisation), a matrix product of two computed values with more
/// (attention).
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// The factor that is read as a gate.
    pub gate: ValueId,
    /// The factor that is read as a signal.
    pub signal: ValueId,
    /// What the gate is to the signal.
    pub gating: Gating,
    /// The output, one element a row.
    pub output: ValueId,
    /// Each output element's lower units: an index into the signal, and one into the gate.
    pub stencil: Stencil,
}

/// What the gate of a product is to its signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gating {
    /// It weighs the signal: the gate rule divides between them.
    Gate,
    /// Nothing tells the gate from the signal: then each is as good as the other.
    Symmetric,
    /// It is 0 or 1 by a comparison, or computed of such numbers alone: a constant of the run, so that the signal takes all.
    Switch,
}

/// `y_j` is the greatest or the least of its lower units; the first of equal ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Extremum {
    /// The input.
    pub input: ValueId,
    /// The output, one element a row.
    pub output: ValueId,
    /// Each output element's lower units; there are no weights.
    pub stencil: Stencil,
    /// The greatest, else the least.
    pub is_maximum: bool,
}

/// `y_k = yes_k` where `switch_k` is not zero, `no_k` elsewhere. The branch that was taken has all, the switch nothing: it is
/// a constant of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select {
    /// 0 or 1, by comparisons.
    pub switch: ValueId,
    /// What is taken where the switch is on.
    pub yes: ValueId,
    /// What is taken elsewhere.
    pub no: ValueId,
    /// The output, of the same length as all three.
    pub output: ValueId,
}

/// `y_k = exp(x_k) / sum over its group of exp(x)`
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    /// The input.
    pub input: ValueId,
    /// The output, of the same length.
    pub output: ValueId,
    /// The elements that compete with each other; every element is in one group.
    pub groups: Vec<Vec<usize>>,
}

/// Output row `t` is row `x_t` of a table: the vectors of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Embed {
    /// The input, one index a row of the output.
    pub input: ValueId,
    /// The output, `[n_tokens, width]`.
    pub output: ValueId,
    /// The table, `[n_words, width]`.
    pub table: Vec<f32>,
    /// Length of a row.
    pub width: usize,
}

/// A recurrent layer in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrent {
    /// The weights.
    pub layer: Layer,
    /// The sizes.
    pub layout: LayerLayout,
    /// The input.
    pub input: ValueId,
    /// Length of each sequence; all full where there is none.
    pub lengths: Option<Vec<usize>>,
    /// Zero at the steps that are not read; all are where there is none. A switch, which receives nothing.
    pub mask: Option<ValueId>,
    /// Initial hidden states; zero where there are none.
    pub initial_h: Option<Initial>,
    /// Initial cell states; zero where there are none.
    pub initial_c: Option<Initial>,
    /// The hidden state of every step.
    pub y: ValueId,
    /// The last hidden states.
    pub y_h: ValueId,
    /// The last cell states.
    pub y_c: ValueId,
}

/// Where initial states come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Initial {
    /// From the model file.
    Constant(Vec<f32>),
    /// Computed.
    Value(ValueId),
}

/// `y = f(x)`, element by element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activate {
    /// The function.
    pub f: Function,
    /// The input.
    pub input: ValueId,
    /// The output.
    pub output: ValueId,
}

impl Operation {
    /// The values that the operation computes.
    #[must_use]
    pub fn outputs(&self) -> Vec<ValueId> {
        match self {
            Self::Rearrange(op) => vec![op.output],
            Self::Affine(op) => vec![op.output],
            Self::Recurrent(op) => vec![op.y, op.y_h, op.y_c],
            Self::Activate(op) => vec![op.output],
            Self::Product(op) => vec![op.output],
            Self::Extremum(op) => vec![op.output],
            Self::Softmax(op) => vec![op.output],
            Self::Select(op) => vec![op.output],
            Self::Embed(op) => vec![op.output],
        }
    }

    /// Whether the operation computes a value.
    #[must_use]
    pub fn computes(&self, value: ValueId) -> bool {
        match self {
            Self::Rearrange(op) => op.output == value,
            Self::Affine(op) => op.output == value,
            Self::Recurrent(op) => [op.y, op.y_h, op.y_c].contains(&value),
            Self::Activate(op) => op.output == value,
            Self::Product(op) => op.output == value,
            Self::Extremum(op) => op.output == value,
            Self::Softmax(op) => op.output == value,
            Self::Select(op) => op.output == value,
            Self::Embed(op) => op.output == value,
        }
    }

    /// The values that the operation reads, each at least once.
    #[must_use]
    pub fn inputs(&self) -> Vec<ValueId> {
        match self {
            Self::Rearrange(op) => op
                .elements
                .iter()
                .filter_map(|element| match element {
                    Element::Site(site) => Some(site.value),
                    Element::Constant(_) => None,
                })
                .collect(),
            Self::Affine(op) => vec![op.input],
            Self::Recurrent(op) => op.inputs().collect(),
            Self::Activate(op) => vec![op.input],
            Self::Product(op) => vec![op.gate, op.signal],
            Self::Extremum(op) => vec![op.input],
            Self::Softmax(op) => vec![op.input],
            Self::Select(op) => vec![op.switch, op.yes, op.no],
            Self::Embed(op) => vec![op.input],
        }
    }

    /// What the operation does, in a word or two.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rearrange(_) => "data movement",
            Self::Affine(_) => "affine layer",
            Self::Recurrent(_) => "recurrent layer",
            Self::Activate(_) => "activation",
            Self::Product(_) => "product of two computed values",
            Self::Extremum(op) if op.is_maximum => "maximum",
            Self::Extremum(_) => "minimum",
            Self::Softmax(_) => "softmax",
            Self::Select(_) => "choice by a comparison",
            Self::Embed(_) => "embedding",
        }
    }
}

impl Graph {
    /// A graph of nodes in the order in which they are computed.
    #[must_use]
    pub fn new(nodes: Vec<Node>, lens: Vec<usize>, targets: Vec<Target>) -> Self {
        let mut graph = Self { nodes, lens, targets, makers: vec![] };
        graph.find_makers();
        graph
    }

    /// Adds a node behind all others.
    pub fn push(&mut self, node: Node) {
        let at = self.nodes.len();
        node.operation.outputs().into_iter().for_each(|value| self.made(value, at));
        self.nodes.push(node);
    }

    /// Notes for each value which node makes it.
    fn find_makers(&mut self) {
        self.makers.clear();
        let made: Vec<_> = self.nodes.iter().map(|node| node.operation.outputs()).collect();
        for (at, values) in made.into_iter().enumerate() {
            values.into_iter().for_each(|value| self.made(value, at));
        }
    }

    /// Notes that the node at place `at` makes `value`.
    fn made(&mut self, value: ValueId, at: usize) {
        if self.makers.len() <= value {
            self.makers.resize(value + 1, None);
        }
        self.makers[value] = u32::try_from(at).ok();
    }

    /// The nodes in ranges that are computed one after another: recurrent layers that stand beside each other and do not
    /// depend on each other are one range, every other node is one on its own.
    #[must_use]
    pub fn stages(&self) -> Vec<Range<usize>> {
        let mut stages: Vec<Range<usize>> = vec![];
        // What the last stage computes, where it is one of recurrent layers.
        let mut computed: HashSet<ValueId> = HashSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let own = self.recurrent(index);
            let joins =
                !computed.is_empty() && own.is_some_and(|own| own.inputs().all(|value| !computed.contains(&value)));
            match stages.last_mut() {
                Some(stage) if joins => stage.end += 1,
                _ => {
                    computed.clear();
                    stages.push(index..index + 1);
                }
            }
            if own.is_some() {
                computed.extend(node.operation.outputs());
            }
        }
        stages
    }

    /// The recurrent layer at a node, if it is one.
    #[must_use]
    pub fn recurrent(&self, index: usize) -> Option<&Recurrent> {
        match &self.nodes[index].operation {
            Operation::Recurrent(op) => Some(op),
            _ => None,
        }
    }

    /// Puts the nodes in an order in which recurrent layers that do not depend on each other stand beside each other.
    pub fn order(&mut self) {
        // A node's level is one above the highest of what it reads.
        let mut levels = vec![0; self.lens.len()];
        let key = |node: &Node| {
            let level = node.operation.inputs().iter().map(|value| levels[*value] + 1).max().unwrap_or_default();
            node.operation.outputs().iter().for_each(|value| levels[*value] = level);
            (level, !matches!(node.operation, Operation::Recurrent(_)))
        };
        let keys: Vec<_> = self.nodes.iter().map(key).collect();
        let mut keyed: Vec<_> = keys.into_iter().zip(std::mem::take(&mut self.nodes)).collect();
        sort_by(&mut keyed, |(a, _), (b, _)| a.cmp(b));
        self.nodes = keyed.into_iter().map(|(_, node)| node).collect();
        self.find_makers();
    }

    /// The operation that computes a value; `None` for the input.
    #[must_use]
    pub fn producer(&self, value: ValueId) -> Option<&Node> {
        self.nodes.get((*self.makers.get(value)?)? as usize)
    }

    /// The element that `site` is a copy of, through any number of rearrangements.
    #[must_use]
    pub fn origin(&self, site: Site) -> Element {
        match self.producer(site.value).map(|node| &node.operation) {
            Some(Operation::Rearrange(op)) => match op.elements[site.index] {
                Element::Site(site) => self.origin(site),
                constant @ Element::Constant(_) => constant,
            },
            _ => Element::Site(site),
        }
    }

    /// The dense layer that computes a target's score, if one does.
    #[must_use]
    pub fn dense_below(&self, target: &Target) -> Option<&Affine> {
        self.dense_at(target.score)
    }

    /// The dense layer that computes an element, if one does.
    #[must_use]
    pub fn dense_at(&self, site: Site) -> Option<&Affine> {
        match self.producer(site.value).map(|node| &node.operation) {
            Some(Operation::Affine(affine)) => Some(affine),
            _ => None,
        }
    }

    /// Whether nothing but recurrent layers without a mask, and data that is moved, lies between the input and what a
    /// target's scores are summed from. A run's values there are this crate's own arithmetic, in tract's plan, too.
    #[must_use]
    pub fn is_recurrent_below(&self, target: &Target) -> bool {
        let below = |site: Site| self.dense_at(site).map_or(site.value, |dense| dense.input);
        let mut open: Vec<ValueId> = target.link.scores(target.score).into_iter().map(below).collect();
        let mut is_seen = vec![false; self.lens.len()];
        while let Some(value) = open.pop() {
            if value == INPUT || std::mem::replace(&mut is_seen[value], true) {
                continue;
            }
            match self.producer(value).map(|node| &node.operation) {
                Some(Operation::Recurrent(op)) if op.mask.is_none() => open.extend(op.inputs()),
                Some(Operation::Rearrange(op)) => open.extend(op.moves.parts.iter().map(|(source, _)| *source)),
                _ => return false,
            }
        }
        true
    }

    /// Which elements of the input are indices of words: one an element.
    #[must_use]
    pub fn words(&self) -> Vec<bool> {
        self.word_counts().into_iter().map(|count| count > 0).collect()
    }

    /// How many words each element of the input can be the index of: one an element, zero where it is none.
    #[must_use]
    pub fn word_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.lens[INPUT]];
        let embeds = self.nodes.iter().filter_map(|node| match &node.operation {
            Operation::Embed(op) => Some((op, op.table.len().checked_div(op.width)?)),
            _ => None,
        });
        for (op, n_words) in embeds {
            for index in 0..self.lens[op.input] {
                if let Element::Site(Site { value: INPUT, index }) = self.origin(Site { value: op.input, index }) {
                    counts[index] = if counts[index] == 0 { n_words } else { n_words.min(counts[index]) };
                }
            }
        }
        counts
    }

    /// How many words the model knows, if it reads words: they are the whole numbers from 0.
    #[must_use]
    pub fn n_words(&self) -> Option<usize> {
        let is_of_input = |op: &Embed| {
            let origin = |index| self.origin(Site { value: op.input, index });
            (0..self.lens[op.input]).any(|index| matches!(origin(index), Element::Site(Site { value: INPUT, .. })))
        };
        let rows = self.nodes.iter().filter_map(|node| match &node.operation {
            // Others look up what they have counted themselves.
            Operation::Embed(op) if is_of_input(op) => op.table.len().checked_div(op.width),
            _ => None,
        });
        rows.min()
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        let of = |node: &Node| match &node.operation {
            Operation::Affine(op) => op.weight.len() + op.bias.iter().filter(|b| **b != 0.0).count(),
            Operation::Recurrent(op) => op.layer.n_parameters(),
            Operation::Embed(op) => op.table.len(),
            Operation::Rearrange(_)
            | Operation::Activate(_)
            | Operation::Product(_)
            | Operation::Extremum(_)
            | Operation::Softmax(_)
            | Operation::Select(_) => 0,
        };
        self.nodes.iter().map(of).sum()
    }

    /// Multiplications of one run: of every weight at every place and step where it is used.
    #[must_use]
    pub fn n_multiplications(&self) -> usize {
        let of = |node: &Node| match &node.operation {
            Operation::Affine(Affine { stencil, .. }) | Operation::Product(Product { stencil, .. }) => {
                (0..stencil.len()).map(|j| stencil.n_lower(j)).sum()
            }
            Operation::Recurrent(op) => op.layer.n_parameters() * op.layout.n_steps * op.layout.n_batch,
            _ => 0,
        };
        self.nodes.iter().map(of).sum()
    }

    /// Whether an operation has no number for some arguments, or infinity: a quotient, a root, a logarithm, a power, an
    /// exponential, and a softmax, all of whose scores may be minus infinity.
    #[must_use]
    pub fn divides(&self) -> bool {
        let divides = |f: Function| {
            matches!(
                f,
                Function::Reciprocal
                    | Function::ReciprocalSqrt
                    | Function::Sqrt
                    | Function::Ln
                    | Function::Exp
                    | Function::Power { .. }
            )
        };
        self.nodes.iter().any(|node| match &node.operation {
            Operation::Activate(op) => divides(op.f),
            Operation::Softmax(_) => true,
            _ => false,
        })
    }

    /// Removes operations that no target depends on.
    pub fn remove_unused(&mut self) {
        let mut used = vec![false; self.lens.len()];
        for target in &self.targets {
            target.link.scores(target.score).iter().for_each(|site| used[site.value] = true);
        }
        let mut keep = vec![false; self.nodes.len()];
        for (node, keep) in self.nodes.iter().zip(&mut keep).rev() {
            *keep = node.operation.outputs().iter().any(|value| used[*value]);
            if *keep {
                node.operation.inputs().iter().for_each(|value| used[*value] = true);
            }
        }
        let mut keep = keep.into_iter();
        self.nodes.retain(|_| keep.next().unwrap_or(false));
        self.find_makers();
    }
}

impl Recurrent {
    /// The values that the layer reads.
    pub fn inputs(&self) -> impl Iterator<Item = ValueId> {
        let initial = [&self.initial_h, &self.initial_c].into_iter().flatten();
        let computed = initial.filter_map(|initial| match initial {
            Initial::Value(value) => Some(*value),
            Initial::Constant(_) => None,
        });
        std::iter::once(self.input).chain(self.mask).chain(computed)
    }
}

impl Affine {
    /// The parts of output element `j`: each lower unit's index into the input, and its weight.
    pub fn lower_units(&self, j: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.stencil.lower(j).map(|Offset { x, w }| (x, f64::from(self.weight[w])))
    }

    /// `z_j` in double precision.
    #[must_use]
    pub fn sum(&self, x: &[f32], j: usize) -> f64 {
        let parts: f64 = self.lower_units(j).map(|(k, w)| w * f64::from(x[k])).sum();
        parts + f64::from(self.bias[j])
    }
}

impl Product {
    /// `z_j` in double precision.
    #[must_use]
    pub fn sum(&self, gate: &[f32], signal: &[f32], j: usize) -> f64 {
        self.stencil.lower(j).map(|Offset { x, w }| f64::from(gate[w]) * f64::from(signal[x])).sum()
    }
}

impl Extremum {
    /// The lower unit that output element `j` is a copy of: an index into the input.
    #[must_use]
    pub(crate) fn winner(&self, x: &[f32], j: usize) -> Option<usize> {
        let beats = |a: f32, b: f32| if self.is_maximum { a > b } else { a < b };
        self.stencil.lower(j).map(|unit| unit.x).reduce(|best, k| if beats(x[k], x[best]) { k } else { best })
    }
}

impl Select {
    /// The value that element `k` was taken from in a run.
    #[must_use]
    pub fn taken(&self, switch: &[f32], k: usize) -> ValueId {
        if switch[k] == 0.0 { self.no } else { self.yes }
    }
}

impl Softmax {
    /// The shares of one group in double precision, in its order.
    #[must_use]
    pub fn shares(x: &[f32], group: &[usize]) -> Vec<f64> {
        let largest = group.iter().fold(f32::NEG_INFINITY, |largest, k| largest.max(x[*k]));
        let mut shares: Vec<f64> = group.iter().map(|k| f64::from(x[*k] - largest).exp()).collect();
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= sum);
        shares
    }
}

impl Embed {
    /// The table's row for an index that is a whole number within it.
    #[must_use]
    pub fn row(&self, index: f32) -> Option<&[f32]> {
        let row = whole(f64::from(index));
        self.table.get(row.checked_mul(self.width)?..)?.get(..self.width).filter(|_| real32(row) == index)
    }
}
