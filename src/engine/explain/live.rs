//! Which elements of a run's values anything of the input can reach. What nothing can reach is a constant of the run:
//! numbers of the model file, the padding behind the end of a sequence, what a weight of exactly zero keeps out. Such an
//! element brings nothing in, so that no share of a stabiliser or of a bias belongs to it.
//!
//! Shares are spread evenly over the lower units of an upper unit (`n` in the linear rule). If an hour behind the end
//! of a stay counted among them, it would receive relevance although nothing was read there.

use crate::engine::graph::{Gating, Graph, INPUT, Moves, Offset, Operation, Product, Recurrent, ValueId};
use crate::engine::trace::Trace;

/// One flag an element of each value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Live {
    /// `None` where every element is.
    values: Vec<Option<Vec<bool>>>,
}

impl Live {
    /// Follows a run from its input to its outputs.
    pub(super) fn of(graph: &Graph, trace: &Trace) -> Self {
        let mut live = Self { values: vec![None; graph.lens.len()] };
        for node in &graph.nodes {
            let found = live.after(graph, trace, &node.operation);
            for (output, flags) in node.operation.outputs().into_iter().zip(found) {
                live.values[output] = flags.filter(|flags| flags.contains(&false));
            }
        }
        live
    }

    /// Whether anything of the input reaches an element.
    pub(super) fn is(&self, value: ValueId, index: usize) -> bool {
        self.values[value].as_ref().is_none_or(|flags| flags[index])
    }

    /// Whether every element of a value is live.
    fn all(&self, value: ValueId) -> bool {
        value == INPUT || self.values[value].is_none()
    }

    /// The flags of what an operation computes, one list an output.
    fn after(&self, graph: &Graph, trace: &Trace, operation: &Operation) -> Vec<Option<Vec<bool>>> {
        match operation {
            Operation::Rearrange(op) => vec![self.moved(&op.moves, graph.lens[op.output])],
            Operation::Affine(op) => {
                // A row without lower units, such as the first of an exclusive running sum, is its bias.
                let reaches = |j| op.lower_units(j).any(|(k, w)| w != 0.0 && self.is(op.input, k));
                vec![Some((0..op.stencil.len()).map(reaches).collect())]
            }
            Operation::Activate(op) => vec![self.values[op.input].clone()],
            Operation::Select(op) => {
                let switch = &trace.values[op.switch];
                vec![Some((0..switch.len()).map(|k| self.is(op.taken(switch, k), k)).collect())]
            }
            Operation::Product(op) => {
                let factors = [op.gate, op.signal].map(|value| trace.values[value].as_slice());
                let reaches = |j| op.stencil.lower(j).any(|unit| self.is_brought_in(op, factors, unit));
                vec![Some((0..op.stencil.len()).map(reaches).collect())]
            }
            // What has all is one of the lower units: it is live where that one is.
            Operation::Extremum(op) => vec![(!self.all(op.input)).then(|| {
                let winner = |j| op.winner(&trace.values[op.input], j);
                (0..op.stencil.len()).map(|j| winner(j).is_some_and(|k| self.is(op.input, k))).collect()
            })],
            Operation::Softmax(op) => vec![(!self.all(op.input)).then(|| {
                let mut flags = vec![false; graph.lens[op.output]];
                for group in &op.groups {
                    let reaches = group.iter().any(|k| self.is(op.input, *k));
                    group.iter().for_each(|k| flags[*k] = reaches);
                }
                flags
            })],
            Operation::Embed(op) => vec![
                self.values[op.input]
                    .as_ref()
                    .map(|flags| flags.iter().flat_map(|flag| std::iter::repeat_n(*flag, op.width)).collect()),
            ],
            Operation::Recurrent(op) => vec![padding(op), None, None],
        }
    }

    /// Whether a product brings anything in: what weighs is not exactly zero, and neither are both factors constants nor
    /// one of them a constant zero.
    pub(super) fn is_brought_in(&self, op: &Product, [gate, signal]: [&[f32]; 2], unit: Offset) -> bool {
        let (gate, signal) = (gate[unit.w], signal[unit.x]);
        let (gate_is_live, signal_is_live) = (self.is(op.gate, unit.w), self.is(op.signal, unit.x));
        let weighs = if op.gating == Gating::Symmetric { gate_is_live || gate != 0.0 } else { gate != 0.0 };
        weighs && (signal_is_live || gate_is_live && signal != 0.0)
    }

    /// The flags after a movement of data: an element is live where its source is, and a constant never is.
    fn moved(&self, moves: &Moves, len: usize) -> Option<Vec<bool>> {
        if moves.constants.is_empty() && moves.parts.iter().all(|(value, _)| self.all(*value)) {
            return None;
        }
        let mut flags = vec![true; len];
        moves.constants.iter().for_each(|(to, _)| flags[*to as usize] = false);
        for (value, spans) in &moves.parts {
            let Some(below) = &self.values[*value] else { continue };
            spans.iter().for_each(|span| flags[span.target()].copy_from_slice(&below[span.source()]));
        }
        Some(flags)
    }
}

/// What a recurrent layer returns behind the ends of its sequences is zero, whatever it read.
fn padding(op: &Recurrent) -> Option<Vec<bool>> {
    let lengths = op.lengths.as_ref()?;
    let mut flags = vec![true; op.layout.y_len()];
    op.layout.behind_ends(lengths, |index| flags[index] = false);
    Some(flags)
}
