//! A run that others are compared with, one after the other.

use std::sync::OnceLock;

use super::Trace;
use crate::engine::recurrence::bank::RunSums;

/// A reference's run, with what every explanation against it asks for again.
#[derive(Debug)]
pub struct ReferenceRun {
    /// The run. It does not change any more: what is kept beside it was made of it.
    trace: Trace,
    /// For each node the sums of its layer, in double precision; made when they are first asked for.
    sums: Vec<OnceLock<RunSums>>,
}

impl ReferenceRun {
    /// A run of which nothing else is known yet.
    #[must_use]
    pub fn new(trace: Trace) -> Self {
        let sums = trace.tapes.iter().map(|_| OnceLock::new()).collect();
        Self { trace, sums }
    }

    /// What was recorded.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The place for a node's sums.
    pub(crate) fn sums(&self, node: usize) -> &OnceLock<RunSums> {
        &self.sums[node]
    }
}
