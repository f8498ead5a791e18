//! tract's simplifications: which are asked for, and up to how many nodes.

use tract_onnx::prelude::*;

/// tract's time grows with the square of the nodes. Graphs of more are explained as they were written.
const MOST_SIMPLIFIED: usize = 2000;

/// Graphs of more nodes are run as they are explained: turning nodes into what runs fastest takes longer than running.
const MOST_COMPILED: usize = 600;

/// A model with fewer and plainer nodes, where it has few enough for that and tract can do it.
pub(super) fn decluttered(model: &TypedModel) -> Option<TypedModel> {
    let mut simpler = (model.nodes.len() <= MOST_SIMPLIFIED).then(|| model.clone())?;
    simpler.declutter().ok()?;
    Some(simpler)
}

/// Turns the nodes of a model into those that run fastest, where there are few enough for that.
///
/// # Errors
/// Where tract cannot.
pub(super) fn compile(model: &mut TypedModel) -> TractResult<()> {
    model.compact()?;
    if model.nodes.len() > MOST_COMPILED {
        return Ok(());
    }
    model.declutter()?;
    model.optimize()
}
