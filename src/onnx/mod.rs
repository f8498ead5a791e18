//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.

mod external;
mod lower;
mod node;
mod plan;
mod read;
mod recurrent;

pub use plan::Plan;
pub use read::read;
