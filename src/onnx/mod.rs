//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.

mod external;
mod lower;
mod node;
mod plan;
mod read;
mod recurrent;

pub(crate) use plan::Plan;
pub(crate) use read::read;
