//! Numbers of steps that a file which leaves them open may be bound to.
//!
//! Some exporters write the length of their example into the nodes and call the axis open all the same: torch's
//! `TorchScript` does so for every `nn.MultiheadAttention`, and a table of positions has the length that it was made with.
//! Such a network runs with that number of steps and no other, and the number stands in the file.

use std::collections::BTreeSet;

use tract_onnx::pb::GraphProto;

use super::through::whole_numbers;
use super::walk::tensors;
use crate::engine::number::to_index;

/// Longer stays are not tried.
const LONGEST: usize = 5000;

/// So many lengths are tried.
const MOST: usize = 12;

/// Lengths that the whole numbers and tables of a graph suggest, the longest first.
///
/// | in the file | length |
/// |---|---|
/// | a whole number n, as a `Reshape` reads it | n, and n - 1 where the network puts a step of its own in front |
/// | a table `[..., n, units]` that a node adds or cuts | n |
pub(in crate::onnx) fn suggested(graph: &GraphProto) -> Vec<usize> {
    let tensors = tensors(graph);
    let numbers = tensors.values().filter_map(|tensor| whole_numbers(tensor)).flatten().map(to_index);
    let readers = graph.node.iter().filter(|node| ["Add", "Where", "Mul", "Slice"].contains(&node.op_type.as_str()));
    let tables = readers.flat_map(|node| &node.input).filter_map(|name| tensors.get(name.as_str()));
    let rows = tables.filter_map(|table| table.dims.iter().rev().nth(1)).map(|n| to_index(*n));
    let lengths: BTreeSet<usize> = numbers.flat_map(|n| [n, n.saturating_sub(1)]).chain(rows).collect();
    lengths.into_iter().rev().filter(|n| (2..=LONGEST).contains(n)).take(MOST).collect()
}
