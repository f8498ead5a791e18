//! Another run beside a recorded one, of which only what differs is computed.

use std::ops::Range;

use super::{Trace, layer_input};
use crate::engine::graph::{Graph, INPUT, Operation, Rearrange, Recurrent, ValueId, copy_spans};
use crate::engine::recurrence::bank::{self, ReadLayer};

/// The values of another run: those of a recorded one, but for some.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The recorded run.
    base: &'a Trace,
    /// Each value of the graph, where it differs.
    changed: Vec<Option<Vec<f32>>>,
}

impl Trace {
    /// Runs a graph, in its `stages`, on inputs that differ from this run's, side by side. Data that is moved and recurrent
    /// layers are followed, everything else stays as it is: see [`Graph::is_recurrent_below`].
    #[must_use]
    pub fn beside<'a>(&'a self, graph: &'a Graph, stages: &[Range<usize>], inputs: Vec<Vec<f32>>) -> Vec<Beside<'a>> {
        let begin = |input| {
            let mut beside = Beside { base: self, changed: vec![None; graph.lens.len()] };
            beside.put(INPUT, input);
            beside
        };
        let mut all: Vec<Beside<'a>> = inputs.into_iter().map(begin).collect();
        for stage in stages {
            match &graph.nodes[stage.start].operation {
                Operation::Rearrange(op) => all.iter_mut().for_each(|beside| beside.rearrange(op)),
                Operation::Recurrent(_) => read(&mut all, graph, stage.clone()),
                _ => {}
            }
        }
        all
    }
}

/// Runs those layers of a stage that read something else than before: each in all runs, so that its weights serve them all.
fn read<'a>(all: &mut [Beside<'a>], graph: &'a Graph, stage: Range<usize>) {
    let layers = stage.filter_map(|index| graph.recurrent(index));
    let runs = 0..all.len();
    let new: Vec<(&Recurrent, usize)> = layers
        .flat_map(|op| runs.clone().map(move |run| (op, run)))
        .filter(|(op, run)| op.inputs().any(|value| all[*run].differs(value)))
        .collect();
    let reading = |&(op, run): &(&'a Recurrent, usize)| {
        let input = layer_input(op, |value| all[run].value(value));
        ReadLayer { layer: &op.layer, layout: &op.layout, input }
    };
    let readings: Vec<ReadLayer<'_>> = new.iter().map(reading).collect();
    let outputs = bank::forward(&readings);
    for ((op, run), out) in new.into_iter().zip(outputs) {
        all[run].put(op.y, out.y);
        all[run].put(op.y_h, out.y_h);
        all[run].put(op.y_c, out.y_c);
    }
}

impl Beside<'_> {
    /// A value of this run.
    #[must_use]
    pub fn value(&self, value: ValueId) -> &[f32] {
        self.changed[value].as_deref().unwrap_or(&self.base.values[value])
    }

    /// What differs.
    #[must_use]
    pub(crate) fn into_changes(self) -> Vec<Option<Vec<f32>>> {
        self.changed
    }

    /// Keeps a value's new numbers where they differ from those of the recorded run.
    fn put(&mut self, value: ValueId, numbers: Vec<f32>) {
        if numbers != self.base.values[value] {
            self.changed[value] = Some(numbers);
        }
    }

    /// Whether a value has other numbers than in the recorded run.
    fn differs(&self, value: ValueId) -> bool {
        self.changed[value].is_some()
    }

    /// Copies what has changed to where it is moved; what has not stays as it was recorded.
    fn rearrange(&mut self, op: &Rearrange) {
        let parts = op.moves.parts.iter().filter(|(source, _)| self.differs(*source));
        let mut output: Option<Vec<f32>> = None;
        for (source, spans) in parts {
            let output = output.get_or_insert_with(|| self.base.values[op.output].clone());
            copy_spans(spans, self.value(*source), output);
        }
        if let Some(output) = output {
            self.put(op.output, output);
        }
    }
}
