//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.

mod abreast;
mod convert;
mod external;
mod input;
mod limits;
mod loops;
mod lower;
mod node;
mod output;
mod plan;
mod probe;
mod prune;
mod read;
mod record;
mod refusal;
mod simplify;
mod spelling;
mod wire;

pub(crate) use input::{InputAxis, Known, KnownInput, PlacedInput};
pub(crate) use plan::Plan;
pub(crate) use probe::{probe, sites};
pub(crate) use read::File;
