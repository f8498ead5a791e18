//! An ONNX graph -> tract's typed model, node by node.
//!
//! tract's own table of ONNX operators can only be linked as a whole, and is a sixth of what the page downloads: decision
//! trees, Fourier transforms and quantised products stand in it. This table has what networks are made of that can be
//! explained, and what exporters write around them to compute sizes. The sizes of the model's inputs are known before a
//! node is read, so each node becomes tract's typed operators at once, without the rules by which tract infers types and
//! shapes.
//!
//! tract panics over axes, indices and sizes that do not fit, and computes what is constant while it reads, however large
//! it becomes; so every node is looked at before tract is given it.

mod assembly;
mod attention;
pub(super) mod classic;
mod compose;
mod constant;
mod contract;
mod elementwise;
pub(super) mod function;
mod list;
mod movement;
mod norm;
mod normalise;
mod order;
mod part;
pub(super) mod picked;
pub(super) mod recurrent;
mod reduce;
mod resample;
pub(super) mod reverse;
mod rotary;
mod spectrum;
mod unroll;
mod window;
mod wiring;

pub(super) use assembly::{typed, words};
use wiring::Builder;
pub(super) use wiring::floats;

/// Whether an operator of ONNX's, such as `Conv`, has an entry in one of the tables of this folder, or is one of lists.
/// `If`, `Loop` and `Scan` have none: [`assembly`] takes them apart.
pub(super) fn is_read(operator: &str) -> bool {
    builder(operator).is_some() || is_of_lists(operator)
}

/// Whether an operator makes or reads a list of values.
fn is_of_lists(operator: &str) -> bool {
    list::OPERATORS.contains(&operator)
}

/// The entry of an operator, by its name in the ONNX specification, or in that of `ai.onnx.ml` for those of
/// [`classic`]. The domain is not looked at here: no name stands in both, and `refusal.rs` has refused other domains.
fn builder(operator: &str) -> Option<Builder> {
    let tables = [
        recurrent::builder,
        function::builder,
        elementwise::builder,
        constant::builder,
        movement::builder,
        part::builder,
        contract::builder,
        reduce::builder,
        norm::builder,
        window::builder,
        normalise::builder,
        reverse::builder,
        attention::builder,
        rotary::builder,
        spectrum::builder,
        classic::builder,
        resample::builder,
    ];
    tables.into_iter().find_map(|table| table(operator))
}
