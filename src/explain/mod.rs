//! From a trace to relevance.

pub mod relevance;
