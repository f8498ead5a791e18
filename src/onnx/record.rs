//! What a run records, and where it belongs.

use crate::engine::graph::ValueId;

/// Where a recorded output of the plan belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RecordedOutlet {
    /// One of the model's own outputs.
    Output(usize),
    /// A value of the graph.
    Value(ValueId),
    /// The tape of a node of the graph.
    Tape(usize),
}
