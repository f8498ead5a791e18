//! How much a file may ask for. A file of a few bytes can ask for any amount of memory, and in WebAssembly an allocation
//! that fails ends the engine; so the amounts are looked at before tract is.
//!
//! | limit | most |
//! |---|---|
//! | bytes of a file, and of its weights | 256 MiB |
//! | nodes | 20,000 |
//! | numbers of the input | 2^20 |
//! | numbers that one node makes | 2^26 |
//! | numbers that all nodes make together | 2^26 |

use std::collections::HashMap;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::node::label;
use crate::error::{Error, Kind, Place, Result};

/// Models of more than so many bytes are refused.
pub(super) const MAX_BYTES: usize = 256 << 20;

/// Graphs of more than so many nodes are refused; exporters write some hundreds for the largest networks tried.
const MAX_NODES: usize = 20_000;

/// Inputs of more than so many numbers are refused: a hundred channels over ten thousand steps.
pub(super) const MAX_INPUT: usize = 1 << 20;

/// Tensors that a node makes may have so many elements.
pub(super) const MAX_MADE: u64 = 1 << 26;

/// All nodes of a graph together may make so many elements: what each of them is made of is followed from node to node.
pub(super) const MAX_MADE_TOGETHER: u64 = 1 << 26;

/// Operators whose inputs say how large their output is, and the inputs that say so.
const MAKERS: [(&str, &[usize]); 6] =
    [("ConstantOfShape", &[0]), ("Expand", &[1]), ("Tile", &[1]), ("Reshape", &[1]), ("Pad", &[1]), ("Range", &[1])];

/// Checks what a graph says about itself.
///
/// # Errors
/// States the limit and, for a node, its name.
pub(super) fn check(graph: &GraphProto) -> Result<()> {
    if graph.node.len() > MAX_NODES {
        let message = format!("the graph has {} nodes, at most {MAX_NODES} are read", graph.node.len());
        return Err(Error::new(Kind::Unsupported, message));
    }
    let constants = constants(graph);
    graph.node.iter().try_for_each(|node| check_maker(&constants, node))
}

/// Checks the size of the model's input.
///
/// # Errors
/// States the limit.
pub(super) fn check_input([n_steps, n_columns]: [usize; 2]) -> Result<()> {
    match n_steps.checked_mul(n_columns) {
        Some(len) if len <= MAX_INPUT => Ok(()),
        _ => Err(Error::new(
            Kind::Unsupported,
            format!("the input has {n_steps} steps x {n_columns} columns, at most {MAX_INPUT} numbers are read"),
        )),
    }
}

/// Refuses a node that asks, by a constant input, for more than [`MAX_MADE`] numbers. Sizes that are computed are
/// looked at where the node is wired.
fn check_maker(constants: &HashMap<&str, &TensorProto>, node: &NodeProto) -> Result<()> {
    let Some((_, slots)) = MAKERS.iter().find(|(operator, _)| *operator == node.op_type) else { return Ok(()) };
    for name in slots.iter().filter_map(|slot| node.input.get(*slot)) {
        let constant = constants.get(name.as_str()).map(|tensor| integers(tensor)).unwrap_or_default();
        let volume = constant
            .iter()
            .filter(|len| **len > 0)
            .try_fold(1_u64, |volume, len| volume.checked_mul(len.unsigned_abs()));
        if volume.is_none_or(|volume| volume > MAX_MADE) {
            let message = format!("{} asks for more than {MAX_MADE} numbers", node.op_type);
            return Err(Error::new(Kind::Unsupported, message).at(Place::Node(label(node))));
        }
    }
    Ok(())
}

/// Tensors by their names: the values of Constants, and initializers, which count where both have a name.
fn constants(graph: &GraphProto) -> HashMap<&str, &TensorProto> {
    let of_node = |node: &'_ NodeProto| node.op_type == "Constant";
    let made = graph.node.iter().filter(|node| of_node(node)).flat_map(|node| {
        let tensor = node.attribute.iter().find_map(|attribute| attribute.t.as_ref());
        node.output.iter().filter_map(move |name| Some((name.as_str(), tensor?)))
    });
    made.chain(graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor))).collect()
}

/// The whole numbers of a tensor of the file; none, where it holds others.
fn integers(tensor: &TensorProto) -> Vec<i64> {
    if tensor.data_type != DataType::Int64 as i32 {
        return vec![];
    }
    let raw = tensor.raw_data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    raw.chain(tensor.int64_data.iter().copied()).collect()
}
