//! Another run beside a recorded one, of which only what differs is computed.

use std::ops::Range;

use super::{Recorded, Trace};
use crate::engine::graph::{Graph, INPUT, Operation, Rearrange, Recurrent, ValueId, copy_spans};
use crate::engine::recurrence::bank::{self, ReadLayer};

/// The values of another run: those of a recorded one, but for some.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The recorded run.
    base: &'a Trace,
    /// Each value of the graph, where it differs.
    changed: Vec<Option<Vec<f32>>>,
    /// The tape of each node that ran again.
    tapes: Vec<Option<Vec<f32>>>,
}

impl Trace {
    /// Runs a graph, in its `stages`, on inputs that differ from this run's, side by side. Data that is moved and recurrent
    /// layers are followed, everything else stays as it is: see [`Graph::is_recurrent_below`]. Tapes are kept where the way
    /// back is gone; else those of layers that ran again are empty.
    #[must_use]
    pub fn beside<'a>(
        &'a self,
        graph: &'a Graph,
        stages: &[Range<usize>],
        inputs: Vec<Vec<f32>>,
        keeps_tapes: bool,
    ) -> Vec<Beside<'a>> {
        let begin = |input| {
            let (changed, tapes) = (vec![None; graph.lens.len()], vec![None; graph.nodes.len()]);
            let mut beside = Beside { base: self, changed, tapes };
            beside.put(INPUT, input);
            beside
        };
        let mut all: Vec<Beside<'a>> = inputs.into_iter().map(begin).collect();
        for stage in stages {
            match &graph.nodes[stage.start].operation {
                Operation::Rearrange(op) => all.iter_mut().for_each(|beside| beside.rearrange(op)),
                Operation::Recurrent(_) => read(&mut all, graph, stage.clone(), keeps_tapes),
                _ => {}
            }
        }
        all
    }
}

/// Runs those layers of a stage that read something else than before: each in all runs, so that its weights serve them all.
fn read<'a>(all: &mut [Beside<'a>], graph: &'a Graph, stage: Range<usize>, keeps_tapes: bool) {
    let layers = stage.filter_map(|index| Some((index, graph.recurrent(index)?)));
    let runs = 0..all.len();
    let new: Vec<(usize, &Recurrent, usize)> = layers
        .flat_map(|(index, op)| runs.clone().map(move |run| (index, op, run)))
        .filter(|(_, op, run)| op.inputs().any(|value| all[*run].differs(value)))
        .collect();
    let readings: Vec<ReadLayer<'_>> = new.iter().map(|(_, op, run)| all[*run].reading(op)).collect();
    let outputs = bank::read(&readings, keeps_tapes);
    for ((index, op, run), out) in new.into_iter().zip(outputs) {
        all[run].put(op.y, out.y);
        all[run].put(op.y_h, out.y_h);
        all[run].put(op.y_c, out.y_c);
        all[run].tapes[index] = Some(out.tape);
    }
}

impl Recorded for Beside<'_> {
    fn value(&self, value: ValueId) -> &[f32] {
        self.changed[value].as_deref().unwrap_or(&self.base.values[value])
    }

    fn tape(&self, node: usize) -> &[f32] {
        self.tapes[node].as_deref().unwrap_or(&self.base.tapes[node])
    }
}

impl Beside<'_> {
    /// What differs: values, and tapes.
    #[must_use]
    pub(crate) fn into_changes(self) -> [Vec<Option<Vec<f32>>>; 2] {
        [self.changed, self.tapes]
    }

    /// Keeps a value's new numbers where they differ from those of the recorded run.
    fn put(&mut self, value: ValueId, numbers: Vec<f32>) {
        if numbers != self.base.values[value] {
            self.changed[value] = Some(numbers);
        }
    }

    /// Whether a value has other numbers than in the recorded run.
    pub(crate) fn differs(&self, value: ValueId) -> bool {
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
