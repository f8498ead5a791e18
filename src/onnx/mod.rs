//! The only place that knows tract and protobuf: from ONNX bytes to a checked graph and a plan that records its values.
//!
//! A file goes through these in order:
//!
//! 1. `read.rs` decodes it and looks at its tensors, nodes and outputs; `limits.rs`, `external.rs`, `convert.rs`,
//!    `refusal.rs` and `prune.rs` are its parts.
//! 2. `loops` puts recurrent nodes in the place of Loops, and `spelling.rs` one node in that of functions spelled out.
//! 3. `input` finds out which axis of which input is what, one reading after the other.
//! 4. `wire` turns ONNX's nodes into tract's typed operators, and `simplify.rs` has tract make them fewer.
//! 5. `output.rs` names the targets, and `lower` turns tract's graph into ours.
//! 6. `abreast.rs` joins recurrent nodes, and `plan.rs` is what tract runs for each stay.
//!
//! Where one of them refuses a node, `layer.rs` finds the layer that a person wrote.
//!
//! Above this folder only `Model` sees it, and what it sees is a graph, a plan and where the inputs stand.

mod abreast;
mod convert;
mod external;
mod input;
mod layer;
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

pub(crate) use input::{InputAxis, Known, KnownInput, NumberUse, PlacedInput};
pub(crate) use layer::with_layer;
pub(crate) use plan::Plan;
pub(crate) use probe::{MadeUp, probe, whole_sites};
pub(crate) use prune::LeftOut;
pub(crate) use read::File;
