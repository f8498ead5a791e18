//! What tract runs: the model's outputs and every value that an explanation needs.
//!
//! tract's plan goes from node to node. Recurrent nodes are computed here and not by their `eval`, so that their tapes
//! are handed over without becoming tensors. What neither tract nor they record, [`Trace::complete`] computes again
//! from what is there.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::plan::eval;

use super::abreast::{Abreast, Recorded};
use super::input::{Feed, Inputs};
use super::output::Output;
use super::record::RecordedOutlet;
use super::simplify;
use super::wire::recurrent::Recording;
use super::wire::{self, floats};
use crate::engine::graph::Graph;
#[cfg(doc)]
use crate::engine::recurrence::LayerInput;
use crate::engine::trace::Trace;
use crate::error::{Error, Kind, Result};

/// A model that is ready to run, one stay at a time.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// tract's plan, which clones share.
    plan: Arc<TypedSimplePlan>,
    /// What each of the plan's outputs is.
    records: Vec<RecordedOutlet>,
    /// For each recurrent node of tract's whose tape is recorded, the node of the graph.
    tapes: HashMap<usize, usize>,
    /// For each node that is several recurrent nodes, which of its outputs are read.
    wanted: HashMap<usize, Vec<bool>>,
    /// How a stay fills each of the model's inputs.
    feeds: Vec<Feed>,
    /// Which numbers of each of the model's outputs are the stay's.
    outputs: Vec<Output>,
}

impl Plan {
    /// Prepares `model` to return `outlets`, which are recorded as `records` say, as fast as it can.
    pub(super) fn new(
        model: TypedModel,
        outlets: &[OutletId],
        records: Vec<RecordedOutlet>,
        inputs: Inputs,
        outputs: Vec<Output>,
    ) -> TractResult<Self> {
        Self::prepared(simplify::compile, model, outlets, records, inputs, outputs)
    }

    /// Prepares `model` node by node as it was written, without tract's optimisation: what runs once takes longer to
    /// make faster than to run. It is what the other plan is checked by.
    pub(super) fn as_written(
        model: TypedModel,
        outlets: &[OutletId],
        records: Vec<RecordedOutlet>,
        inputs: Inputs,
        outputs: Vec<Output>,
    ) -> TractResult<Self> {
        Self::prepared(TypedModel::compact, model, outlets, records, inputs, outputs)
    }

    /// Prepares a model by `prepare`, and finds its recurrent nodes.
    ///
    /// # Errors
    /// Where tract fails to.
    fn prepared(
        prepare: fn(&mut TypedModel) -> TractResult<()>,
        mut model: TypedModel,
        outlets: &[OutletId],
        records: Vec<RecordedOutlet>,
        inputs: Inputs,
        outputs: Vec<Output>,
    ) -> TractResult<Self> {
        model.select_output_outlets(outlets)?;
        // tract's search for the order that needs least memory takes as long as the square of the nodes.
        let options = RunOptions { skip_order_opt_ram: true, ..RunOptions::default() };
        prepare(&mut model)?;
        let plan = TypedSimplePlan::new_with_options(model, &options)?;
        let recorded = plan.model().outputs.iter().zip(&records);
        let tapes = recorded.filter_map(|(outlet, record)| match record {
            RecordedOutlet::Tape(node) => Some((outlet.node, *node)),
            RecordedOutlet::Output(_) | RecordedOutlet::Value(_) => None,
        });
        let tapes = tapes.collect();
        let wanted = wanted(plan.model());
        Ok(Self { plan, records, tapes, wanted, feeds: inputs.feeds, outputs })
    }

    /// Runs the model on `[n_steps * n_columns]` numbers, and returns every value of the graph, the tapes and the
    /// outputs. Recurrent nodes take at most so many steps where `most` says so; see [`LayerInput::most`].
    ///
    /// # Errors
    /// Where tract fails, which a model that was read does not.
    pub(crate) fn run(&self, graph: &Graph, input: &[f32], most: Option<usize>) -> Result<Trace> {
        let mut trace = Trace::begin(graph, input);
        let keep = |recorded: Recorded| {
            trace.tapes[recorded.index] = recorded.tape;
            recorded.values.into_iter().for_each(|(value, numbers)| trace.values[value] = numbers);
        };
        let outputs = self.tensors(&[input], most, true, keep).map_err(|error| failed(&error))?;
        for (record, tensor) in self.records.iter().zip(outputs) {
            let data = floats(&tensor).map_err(|error| failed(&error))?;
            match record {
                RecordedOutlet::Output(index) => trace.outputs.extend(self.outputs[*index].of(data)),
                RecordedOutlet::Value(value) => trace.values[*value] = data.to_vec(),
                RecordedOutlet::Tape(_) => {}
            }
        }
        trace.complete(graph);
        Ok(trace)
    }

    /// The model's outputs alone, of the same run.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub(crate) fn predict(&self, input: &[f32]) -> Result<Vec<f32>> {
        let tensors = self.tensors(&[input], None, false, |_| {}).map_err(|error| failed(&error))?;
        let mut outputs = vec![];
        for (record, tensor) in self.records.iter().zip(&tensors) {
            if let RecordedOutlet::Output(index) = record {
                outputs.extend(self.outputs[*index].of(floats(tensor).map_err(|error| failed(&error))?));
            }
        }
        Ok(outputs)
    }

    /// Whether the stays of a batch are apart: equal ones come out alike, and what the first comes out as does not depend on
    /// the others. It is how far that is off, relative to outputs above 1; infinite where an output has no entry a stay.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub(super) fn difference_in_batch(&self, stay: &[f32], other: &[f32]) -> Result<f32> {
        if self.outputs.iter().any(|output| !output.is_batched) {
            return Ok(f32::INFINITY);
        }
        let outputs = |stays: &[&[f32]]| self.tensors(stays, None, false, |_| {}).map_err(|error| failed(&error));
        let (alike, unlike) = (outputs(&[stay])?, outputs(&[stay, other])?);
        let mut largest = 0.0_f32;
        for (record, (alike, unlike)) in self.records.iter().zip(alike.iter().zip(&unlike)) {
            let RecordedOutlet::Output(index) = record else { continue };
            let numbers = |tensor| floats(tensor).map_err(|error| failed(&error));
            let (alike, unlike, output) = (numbers(alike)?, numbers(unlike)?, &self.outputs[*index]);
            for (first, last) in output.indices.iter().zip(&output.last) {
                let own = alike[*first];
                let off = (own - alike[*last]).abs().max((own - unlike[*first]).abs());
                largest = if off.is_nan() { largest } else { largest.max(off / own.abs().max(1.0)) };
            }
        }
        Ok(largest)
    }

    /// Runs tract's plan; `keep` receives what each recurrent node recorded, with its tape where `keeps_tapes`. That does not
    /// go through tract's tensors: it is most of what is computed, and copying it took longer than computing it.
    fn tensors(
        &self,
        stays: &[&[f32]],
        most: Option<usize>,
        keeps_tapes: bool,
        mut keep: impl FnMut(Recorded),
    ) -> TractResult<TVec<TValue>> {
        let inputs = self.feeds.iter().map(|feed| Ok(feed.tensor(stays)?.into_tvalue()));
        let inputs = inputs.collect::<TractResult<TVec<TValue>>>()?;
        // A state of its own for every run: nothing of one patient is left for the next.
        let mut state = self.plan.spawn()?;
        state.run_plan_with_eval(inputs, |context, op_state, node, inputs| {
            if let Some(abreast) = node.op().downcast_ref::<Abreast>() {
                let wanted = self.wanted.get(&node.id);
                let wanted = |slot: usize| wanted.is_none_or(|wanted| wanted[slot]);
                return abreast.run(&inputs, most, keeps_tapes, wanted, &mut keep);
            }
            let recording = self.tapes.get(&node.id).zip(node.op().downcast_ref::<Recording>());
            let Some((index, op)) = recording else { return eval(context, op_state, node, inputs) };
            let (outputs, tape) = op.run(&inputs, most, keeps_tapes)?;
            keep(Recorded { index: *index, tape, values: vec![] });
            Ok(outputs)
        })
    }
}

/// The outputs of such nodes that another node reads, or the model returns.
fn wanted(model: &TypedModel) -> HashMap<usize, Vec<bool>> {
    let of = |node: &TypedNode| {
        let is_read = |(slot, outlet): (usize, &Outlet<TypedFact>)| {
            !outlet.successors.is_empty() || model.outputs.contains(&OutletId::new(node.id, slot))
        };
        node.outputs.iter().enumerate().map(is_read).collect()
    };
    model.nodes.iter().filter(|node| node.op_is::<Abreast>()).map(|node| (node.id, of(node))).collect()
}

/// tract's failure to run, in a sentence.
fn failed(error: &TractError) -> Error {
    Error::new(Kind::Model, format!("the model does not run: {}", wire::words(error)))
}
