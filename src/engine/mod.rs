//! Numbers only: functions, rules of relevance, recurrences, the graph, its recorded values, and the explanations.
//!
//! Nothing here knows a channel, a unit of measurement, a colour or a file.

pub mod explain;
pub mod function;
pub mod graph;
pub mod number;
pub mod order;
pub mod recurrence;
pub mod rule;
pub mod trace;
