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
mod constant;
mod contract;
mod elementwise;
mod movement;
mod norm;
mod order;
mod part;
mod reduce;
mod window;
mod wiring;

use std::ops::RangeInclusive;

use tract_onnx::tract_hir::internal::*;

use super::{function, normalise, recurrent, reverse};

pub(super) use assembly::typed;
pub(super) use wiring::Wiring;

/// How the nodes of one operator of ONNX's are read.
pub(super) struct Builder {
    /// How many inputs a node may have, those at the end that are left out not counted.
    n_inputs: RangeInclusive<usize>,
    /// Wires a node into the model, and returns an outlet for each of its outputs, but for some at the end.
    wire: fn(&mut Wiring<'_>) -> TractResult<TVec<OutletId>>,
}

impl Builder {
    pub(super) const fn new(
        n_inputs: RangeInclusive<usize>,
        wire: fn(&mut Wiring<'_>) -> TractResult<TVec<OutletId>>,
    ) -> Self {
        Self { n_inputs, wire }
    }
}

/// What reads an operator, if it is one that is read.
pub(super) fn builder(operator: &str) -> Option<Builder> {
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
    ];
    tables.into_iter().find_map(|table| table(operator))
}
