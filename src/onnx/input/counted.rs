//! What a network takes a whole number of the stay for: how many steps there are, which row of a table, or a number like any
//! other. The type int64 and the shape `[batch]` are the same for all three.
//!
//! The number `n` is followed as `a n + b` through what moves, shifts and bounds it.
//!
//! | the network | the number is |
//! |---|---|
//! | compares it with one place after another, as a mask and `sequence_lens` do; picks the step of that number; divides by it and does nothing else | a length |
//! | looks a row of a table up by it; compares it with a few numbers for equality | a code |
//! | anything else: multiplies it by weights, compares it with a limit | a number |

use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::graph::{Affine, Element, Graph, INPUT, Operation, ValueId};
use crate::engine::number::real32;

/// What a network takes a whole number for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberUse {
    /// How many steps a stay has.
    Length,
    /// One of several categories.
    Code,
    /// An amount.
    Number,
}

/// `a n + b`
#[derive(Debug, Clone, Copy, PartialEq)]
struct AffineNumber {
    a: f32,
    b: f32,
}

/// What is found while the graph is gone through.
#[derive(Debug, Default)]
struct UsesFound {
    /// For each value that has any, its elements that are lines of the number.
    lines: Vec<Vec<Option<AffineNumber>>>,
    /// The numbers that it is compared with, by order.
    limits: Vec<f32>,
    /// The numbers that it is compared with, for equality.
    equals: Vec<f32>,
    /// Whether a table is looked up by it.
    is_looked_up: bool,
    /// Whether something is divided by it.
    is_divisor: bool,
    /// Whether anything else reads it.
    is_number: bool,
}

/// What a graph takes the number at place `site` of its input for, of a stay of so many steps. Of numbers that are not
/// `is_whole` no code is one, and what something is divided by may be any amount.
pub(super) fn of(graph: &Graph, site: usize, n_steps: usize, is_whole: bool) -> NumberUse {
    let mut found = UsesFound { lines: vec![Vec::new(); graph.lens.len()], ..UsesFound::default() };
    let first = |index: usize| (index == site).then_some(AffineNumber { a: 1.0, b: 0.0 });
    found.lines[INPUT] = (0..graph.lens[INPUT]).map(first).collect();
    graph.nodes.iter().for_each(|node| found.pass(graph, &node.operation));
    found.counted(n_steps, is_whole)
}

impl UsesFound {
    /// What was found, in a word. A mask of every fourth step still compares with a quarter of the places.
    fn counted(mut self, n_steps: usize, is_whole: bool) -> NumberUse {
        let n_limits = evenly(&mut self.limits);
        let n_equals = evenly(&mut self.equals);
        let is_place = n_limits >= n_steps.div_ceil(4).max(2) || n_equals + 1 >= n_steps.max(3);
        match self {
            _ if is_place => NumberUse::Length,
            _ if !is_whole => NumberUse::Number,
            Self { is_looked_up: true, .. } => NumberUse::Code,
            Self { is_number: false, is_divisor: true, .. } => NumberUse::Length,
            Self { is_number: false, .. } if !self.equals.is_empty() => NumberUse::Code,
            _ => NumberUse::Number,
        }
    }

    /// The line that an element is, if it is one.
    fn line(&self, value: ValueId, index: usize) -> Option<AffineNumber> {
        self.lines[value].get(index).copied().flatten()
    }

    /// Goes on behind an operation: what it makes of lines is noted, or what it uses them for.
    ///
    /// | operation | what becomes of `a n + b` |
    /// |---|---|
    /// | data movement, a bound, a choice beside constants | it stays |
    /// | an affine row of it and constants alone | another line |
    /// | a comparison | a place that it is compared with |
    /// | a reciprocal | something is divided by it |
    /// | an embedding | a table is looked up by it |
    /// | anything else | it is used as a number |
    fn pass(&mut self, graph: &Graph, operation: &Operation) {
        if operation.inputs().iter().all(|value| self.lines[*value].iter().all(Option::is_none)) {
            return;
        }
        match operation {
            Operation::Rearrange(op) => {
                let of = |element: &Element| match element {
                    Element::Site(site) => self.line(site.value, site.index),
                    Element::Constant(_) => None,
                };
                self.lines[op.output] = op.elements.iter().map(of).collect();
            }
            Operation::Affine(op) => self.affine(graph, op),
            Operation::Activate(op) => {
                let lines = std::mem::take(&mut self.lines[op.input]);
                self.lines[op.output] = lines.iter().map(|line| self.activate(op.f, (*line)?)).collect();
                self.lines[op.input] = lines;
            }
            // A bound, as of a length that is at least one.
            Operation::Extremum(op) => {
                let row = |j: usize| {
                    let bounded = op.stencil.lower(j).filter(|tap| constant(graph, op.input, tap.x).is_none());
                    one(bounded.map(|tap| self.line(op.input, tap.x)))
                };
                self.lines[op.output] = (0..op.stencil.len()).map(row).collect();
            }
            Operation::Select(op) => {
                let row = |k: usize| {
                    let ways = [op.yes, op.no].into_iter().filter(|value| constant(graph, *value, k).is_none());
                    one(ways.map(|value| self.line(value, k)))
                };
                self.lines[op.output] = (0..graph.lens[op.output]).map(row).collect();
            }
            Operation::Embed(_) => self.is_looked_up = true,
            Operation::Product(_) | Operation::Softmax(_) | Operation::Recurrent(_) => self.is_number = true,
        }
    }

    /// A row that reads the number and constants alone is a line of it.
    fn affine(&mut self, graph: &Graph, op: &Affine) {
        let mut lines = vec![None; op.stencil.len()];
        for (j, line) in lines.iter_mut().enumerate() {
            let (mut sum, mut is_other, mut is_read) = (AffineNumber { a: 0.0, b: op.bias[j] }, false, false);
            for tap in op.stencil.lower(j) {
                let weight = op.weight[tap.w];
                match (self.line(op.input, tap.x), constant(graph, op.input, tap.x)) {
                    (Some(of), _) => {
                        sum = AffineNumber { a: weight.mul_add(of.a, sum.a), b: weight.mul_add(of.b, sum.b) };
                        is_read = true;
                    }
                    (None, Some(number)) => sum.b = weight.mul_add(number, sum.b),
                    (None, None) => is_other = true,
                }
            }
            self.is_number |= is_read && is_other;
            *line = Some(sum).filter(|sum| is_read && !is_other && sum.a != 0.0);
        }
        self.lines[op.output] = lines;
    }

    /// What a function makes of a line: nothing that is one where it compares or bends.
    fn activate(&mut self, f: Function, line: AffineNumber) -> Option<AffineNumber> {
        // a n + b = number   where   n = (number - b) / a
        let place = |number: f32| (number - line.b) / line.a;
        match f {
            Function::Above { number } | Function::Below { number } => self.limits.push(place(number)),
            Function::Equal { number } => self.equals.push(place(number)),
            Function::Reciprocal => self.is_divisor = true,
            Function::Clip { .. } | Function::Activation(Activation::Relu) => return Some(line),
            _ => self.is_number = true,
        }
        None
    }
}

/// The number of the file that an element is a copy of, if it is one.
fn constant(graph: &Graph, value: ValueId, index: usize) -> Option<f32> {
    match graph.origin(crate::engine::graph::Site { value, index }) {
        Element::Constant(number) => Some(number),
        Element::Site(_) => None,
    }
}

/// The one line among elements, where there is one and nothing else.
fn one(mut lines: impl Iterator<Item = Option<AffineNumber>>) -> Option<AffineNumber> {
    let first = lines.next()??;
    lines.all(|line| line == Some(first)).then_some(first)
}

/// How many different numbers there are, where they lie evenly beside each other, as places do; 0 where they do not. Sorts
/// them.
fn evenly(numbers: &mut Vec<f32>) -> usize {
    let near = |a: f32, b: f32| (a - b).abs() <= 1e-3;
    numbers.sort_by(f32::total_cmp);
    numbers.dedup_by(|a, b| near(*a, *b));
    let [first, second, ..] = numbers[..] else { return 0 };
    let is_even = numbers.iter().enumerate().all(|(k, number)| near(*number, real32(k).mul_add(second - first, first)));
    if is_even { numbers.len() } else { 0 }
}
