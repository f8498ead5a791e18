//! What is known of a value by the operation that computes it: found once, where the operation is read, from what is known
//! of its inputs. Walking back instead would follow every way to the input, and their number doubles at each product of two
//! values that come from one.

use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::graph::{Element, Operation, ValueId};

/// What a factor of a product is, by where it comes from. Of two factors, the later in this order is the gate.
///
/// | value | standing |
/// |---|---|
/// | a sigmoid, a softmax, a hard sigmoid, `1 - z` of a gate | gate: within 0 and 2 |
/// | `exp(x)` | gate, although unbounded: exporters write a softmax by hand with it |
/// | `1 / x`, `1 / sqrt(x)`, `sqrt(x)` | norm |
/// | a comparison, a count of comparisons | switch |
/// | anything else | signal |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It carries values.
    Signal,
    /// It weighs values: a sigmoid, a softmax, an exponential, anything within 0..2.
    Gate,
    /// It scales values to a norm: a reciprocal or a root.
    Norm,
    /// It is 0 or 1 by a comparison, or computed of such numbers alone.
    Switch,
}

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fact {
    /// Whether it is the same in every run that compares alike: a switch, or computed of switches alone, such as their
    /// number.
    pub(super) is_switch: bool,
    /// Whether all its elements are whole numbers, because it is computed of comparisons: counts and places.
    pub(super) is_whole: bool,
    /// The standing of the function that it comes from, through data movement and element-wise scaling.
    source: Standing,
    /// The least and the greatest number that its elements can be, as far as the functions that it comes from bound them.
    range: (f64, f64),
}

/// The range of a value of which nothing is known.
const UNBOUNDED: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

impl Fact {
    /// Nothing is known, as of the input.
    pub(super) const NONE: Self =
        Self { is_switch: false, is_whole: false, source: Standing::Signal, range: UNBOUNDED };

    /// What is known of the outputs of an operation; `facts` has one entry for each value.
    ///
    /// Only element-wise operations and data movement hand on where a value comes from. A sum over several units is a
    /// signal again, whatever its parts were, and unbounded.
    pub(super) fn of(operation: &Operation, facts: &[Self]) -> Self {
        let is_switch = gives_switches(operation, &|value| facts[value].is_switch);
        let (source, range) = match operation {
            Operation::Activate(op) => (of_function(op.f), op.f.range()),
            Operation::Softmax(_) => (Standing::Gate, (0.0, 1.0)),
            Operation::Affine(op) if op.stencil.is_elementwise() => {
                let Self { source, range: (low, high), .. } = facts[op.input];
                let ends = (0..op.stencil.len()).flat_map(|j| {
                    let w = op.lower_units(j).next().map_or(0.0, |(_, w)| w);
                    [low, high].map(|x| w * x + f64::from(op.bias[j]))
                });
                (source, hull(ends))
            }
            Operation::Product(op) if op.stencil.is_elementwise() => {
                let (gate, signal) = (facts[op.gate], facts[op.signal]);
                let (a, b) = (gate.range, signal.range);
                (gate.source.min(signal.source), hull([a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1]))
            }
            Operation::Rearrange(op) => {
                let parts = || op.elements.iter().filter_map(value_of).map(|value| facts[value]);
                let ends = op.elements.iter().flat_map(|element| match element {
                    Element::Site(site) => [facts[site.value].range.0, facts[site.value].range.1],
                    Element::Constant(c) => [f64::from(*c); 2],
                });
                (parts().map(|part| part.source).min().unwrap_or(Standing::Signal), hull(ends))
            }
            Operation::Select(op) => {
                let (yes, no) = (facts[op.yes], facts[op.no]);
                (yes.source.min(no.source), hull([yes.range.0, yes.range.1, no.range.0, no.range.1]))
            }
            _ => (Self::NONE.source, Self::NONE.range),
        };
        let is_whole = gives_whole(operation, &|value| facts[value].is_whole);
        Self { is_switch, is_whole, source, range }
    }

    /// The least and the greatest number that its elements can be.
    pub(super) const fn range(self) -> (f64, f64) {
        self.range
    }

    /// What the value is as a factor. Within 0 and 2 it is a gate at least: a gate and one more, as in `1 + tanh`,
    /// still weighs.
    pub(super) fn standing(self) -> Standing {
        let (low, high) = self.range;
        if self.is_switch {
            Standing::Switch
        } else if low >= 0.0 && high <= 2.0 {
            Standing::Gate.max(self.source)
        } else {
            self.source
        }
    }
}

/// Whether what an operation computes is a constant of a run: a switch, or computed of switches alone. `is` says so of
/// its inputs.
fn gives_switches(operation: &Operation, is: &dyn Fn(ValueId) -> bool) -> bool {
    match operation {
        Operation::Activate(op) => op.f.is_comparison() || is(op.input),
        Operation::Affine(op) => is(op.input),
        Operation::Extremum(op) => is(op.input),
        Operation::Product(op) => is(op.gate) && is(op.signal),
        Operation::Rearrange(op) => op.moves.parts.iter().all(|(value, _)| is(*value)),
        Operation::Softmax(op) => is(op.input),
        Operation::Select(op) => is(op.yes) && is(op.no),
        Operation::Recurrent(_) | Operation::Embed(_) => false,
    }
}

/// Whether what an operation computes is whole numbers, where those of its inputs of which `is` says so are.
fn gives_whole(operation: &Operation, is: &dyn Fn(ValueId) -> bool) -> bool {
    let are_whole = |numbers: &[f32]| numbers.iter().all(|number| number.fract() == 0.0);
    match operation {
        Operation::Activate(op) => {
            let keeps = match op.f {
                Function::Activation(Activation::Relu) | Function::Abs => true,
                Function::Clip { low, high } => {
                    [low, high].iter().all(|limit| limit.is_infinite() || limit.fract() == 0.0)
                }
                _ => false,
            };
            op.f.is_comparison() || keeps && is(op.input)
        }
        Operation::Affine(op) => is(op.input) && are_whole(&op.weight) && are_whole(&op.bias),
        Operation::Extremum(op) => is(op.input),
        Operation::Product(op) => is(op.gate) && is(op.signal),
        Operation::Select(op) => is(op.yes) && is(op.no),
        Operation::Rearrange(op) => {
            let constants = op.moves.constants.iter();
            op.moves.parts.iter().all(|(value, _)| is(*value)) && constants.into_iter().all(|(_, c)| c.fract() == 0.0)
        }
        Operation::Softmax(_) | Operation::Recurrent(_) | Operation::Embed(_) => false,
    }
}

/// The standing of what a function gives, beside what its range says: a sigmoid is a gate because it stays within 0 and
/// 1.
fn of_function(f: Function) -> Standing {
    match f {
        Function::Reciprocal | Function::ReciprocalSqrt | Function::Sqrt => Standing::Norm,
        Function::Exp => Standing::Gate,
        _ => Standing::Signal,
    }
}

/// The least interval around numbers; unbounded where one is NaN.
fn hull(numbers: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let widen = |(low, high): (f64, f64), x: f64| if x.is_nan() { UNBOUNDED } else { (low.min(x), high.max(x)) };
    numbers.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), widen)
}

/// The value that an element is of; `None` for a constant.
pub(super) fn value_of(element: &Element) -> Option<ValueId> {
    match element {
        Element::Site(site) => Some(site.value),
        Element::Constant(_) => None,
    }
}
