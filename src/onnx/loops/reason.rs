//! What every reader of a loop needs: which node computes a name, and why a loop is refused.

use std::collections::HashMap;

use tract_onnx::pb::NodeProto;

/// Why a loop is not read as a recurrence.
#[derive(Debug)]
pub(super) struct LoopReason {
    /// What differs, in words that follow "operator Loop is not read as an LSTM, GRU or RNN:".
    pub(super) what: String,
    /// What to do about it, where that is not what helps with most loops.
    pub(super) advice: Option<&'static str>,
}

impl From<String> for LoopReason {
    fn from(what: String) -> Self {
        Self { what, advice: None }
    }
}

impl From<&str> for LoopReason {
    fn from(what: &str) -> Self {
        what.to_owned().into()
    }
}

/// The node that computes each name.
pub(super) fn producers(nodes: &[NodeProto]) -> HashMap<&str, &NodeProto> {
    nodes.iter().flat_map(|node| node.output.iter().map(move |name| (name.as_str(), node))).collect()
}
