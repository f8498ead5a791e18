//! What tract runs: the model's outputs and every value that an explanation needs.

use std::sync::Arc;

use tract_onnx::prelude::*;

use super::recurrent::floats;
use crate::error::{Error, Kind, Result};
use crate::graph::{Graph, ValueId};
use crate::trace::Trace;

/// Where a recorded output of the plan belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// The model's own output.
    Output,
    /// A value of the graph.
    Value(ValueId),
    /// The tape of a node of the graph.
    Tape(usize),
}

/// A model that is ready to run, one stay at a time.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    plan: Arc<TypedSimplePlan>,
    records: Vec<Record>,
    shape: [usize; 3],
}

impl Plan {
    /// Prepares `model` to return `outlets`, which are recorded as `records` say.
    pub(super) fn new(
        mut model: TypedModel,
        outlets: &[OutletId],
        records: Vec<Record>,
        shape: [usize; 3],
    ) -> TractResult<Self> {
        model.select_output_outlets(outlets)?;
        let plan = TypedSimplePlan::new(model.into_optimized()?)?;
        Ok(Self { plan, records, shape })
    }

    /// Runs the model on `[n_steps * n_columns]` numbers.
    ///
    /// # Errors
    /// Where tract fails, which a model that was read does not.
    pub(crate) fn run(&self, graph: &Graph, input: &[f32]) -> Result<Trace> {
        let failed = |error: TractError| Error::new(Kind::Model, format!("the model does not run: {error:#}"));
        let tensor = Tensor::from_shape(&self.shape, input).map_err(failed)?;
        let outputs = self.plan.run(tvec!(tensor.into_tvalue())).map_err(failed)?;
        let mut trace = Trace::begin(graph, input);
        for (record, tensor) in self.records.iter().zip(outputs) {
            let data = floats(&tensor).map_err(failed)?.iter().copied();
            match record {
                Record::Output => trace.outputs.extend(data),
                Record::Value(value) => trace.values[*value].extend(data),
                Record::Tape(node) => trace.tapes[*node].extend(data),
            }
        }
        trace.complete(graph);
        Ok(trace)
    }
}
