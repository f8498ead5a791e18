//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.

mod external;
mod loops;
mod lower;
mod node;
mod plan;
mod read;
mod recurrent;
mod reverse;

pub(crate) use plan::Plan;
pub(crate) use read::read;
