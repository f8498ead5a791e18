//! tract's simplifications.

use tract_onnx::prelude::*;

/// Graphs of more nodes are run as they are simplified: turning nodes into what runs fastest takes longer than running.
const MOST_COMPILED: usize = 600;

/// Simplifies a model.
pub(super) fn declutter(model: &mut TypedModel) -> TractResult<()> {
    model.declutter()
}

/// Turns the nodes of a model into those that run fastest.
pub(super) fn compile(model: &mut TypedModel) -> TractResult<()> {
    model.compact()?;
    if model.nodes.len() > MOST_COMPILED {
        return Ok(());
    }
    model.declutter()?;
    model.optimize()
}
