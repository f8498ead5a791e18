//! The small graph that explanations walk: what is left of a model after tract has read, typed and decluttered it.
//!
//! Every value is a flat list of numbers. Data movement of any kind is one operation, [`Rearrange`]: a list that says
//! for each output element where it comes from.

use crate::recurrence::activation::Activation;
use crate::recurrence::{Layer, Layout};

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
}

/// Output element `k` is a copy of `elements[k]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rearrange {
    /// Where each output element comes from.
    pub elements: Vec<Element>,
    /// The output.
    pub output: ValueId,
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

/// `z_j = sum over taps k of w[rows[j].w + taps[k].w] * x[rows[j].x + taps[k].x] + bias[j]`
///
/// Dense layers, matrix products over time, and products with a constant all have this form.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// The input.
    pub input: ValueId,
    /// The output, one element a row.
    pub output: ValueId,
    /// The weights.
    pub weight: Vec<f32>,
    /// Where each output element's taps begin.
    pub rows: Vec<Offset>,
    /// The lower units of an output element, relative to its row.
    pub taps: Vec<Offset>,
    /// One an output element.
    pub bias: Vec<f32>,
}

/// A pair of indices: into the input, and into the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Into the input.
    pub x: usize,
    /// Into the weights.
    pub w: usize,
}

/// A recurrent layer in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrent {
    /// The weights.
    pub layer: Layer,
    /// The sizes.
    pub layout: Layout,
    /// The input.
    pub input: ValueId,
    /// Length of each sequence; all full where there is none.
    pub lengths: Option<Vec<usize>>,
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
    pub f: Activation,
    /// The input.
    pub input: ValueId,
    /// The output.
    pub output: ValueId,
}

/// A number that the model returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// What is decomposed: the element before the last sigmoid, or the output itself where there is none.
    pub score: Site,
    /// How the output follows from the score.
    pub link: Link,
}

/// How an output follows from its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The output is the score.
    Identity,
    /// The output is a probability, the sigmoid of the score.
    Sigmoid,
}

impl Link {
    /// The output, given the score.
    #[must_use]
    pub fn apply(self, score: f64) -> f64 {
        match self {
            Self::Identity => score,
            Self::Sigmoid => 1.0 / (1.0 + (-score).exp()),
        }
    }

    /// The derivative of the output with respect to the score.
    #[must_use]
    pub fn derivative(self, score: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Sigmoid => Activation::Sigmoid.derivative(score),
        }
    }
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
            Self::Recurrent(op) => {
                let initial = [&op.initial_h, &op.initial_c].into_iter().flatten();
                let computed = initial.filter_map(|initial| match initial {
                    Initial::Value(value) => Some(*value),
                    Initial::Constant(_) => None,
                });
                std::iter::once(op.input).chain(computed).collect()
            }
            Self::Activate(op) => vec![op.input],
        }
    }
}

impl Graph {
    /// The operation that computes a value; `None` for the input.
    #[must_use]
    pub fn producer(&self, value: ValueId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.operation.outputs().contains(&value))
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
        match self.producer(target.score.value).map(|node| &node.operation) {
            Some(Operation::Affine(affine)) => Some(affine),
            _ => None,
        }
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        let of = |node: &Node| match &node.operation {
            Operation::Affine(op) => op.weight.len() + op.bias.iter().filter(|b| **b != 0.0).count(),
            Operation::Recurrent(op) => op.layer.n_parameters(),
            Operation::Rearrange(_) | Operation::Activate(_) => 0,
        };
        self.nodes.iter().map(of).sum()
    }

    /// Removes operations that no target depends on.
    pub fn remove_unused(&mut self) {
        let mut used = vec![false; self.lens.len()];
        for target in &self.targets {
            used[target.score.value] = true;
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
    }
}

impl Affine {
    /// The parts of output element `j`: each lower unit's index into the input, and its weight.
    pub fn lower_units(&self, j: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let row = self.rows[j];
        self.taps.iter().map(move |tap| (row.x + tap.x, f64::from(self.weight[row.w + tap.w])))
    }

    /// `z_j` in double precision.
    #[must_use]
    pub fn sum(&self, x: &[f32], j: usize) -> f64 {
        let parts: f64 = self.lower_units(j).map(|(k, w)| w * f64::from(x[k])).sum();
        parts + f64::from(self.bias[j])
    }
}
