//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.

mod abreast;
mod convert;
mod external;
mod function;
mod input;
mod limits;
mod loops;
mod lower;
mod node;
mod normalise;
mod output;
mod plan;
mod read;
mod recurrent;
mod reverse;
mod wire;

pub(crate) use plan::Plan;
pub(crate) use read::read;
