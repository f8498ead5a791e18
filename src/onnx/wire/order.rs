//! The order in which nodes are read. ONNX demands that a file lists a node after those that it reads from, and not
//! every exporter keeps to it.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto};

use super::super::node::label;
use super::super::prune::reads;
use crate::error::{Error, Kind, Place, Result};

/// The nodes of a graph, each after those that it reads from; `known` is what no node computes: inputs, initializers,
/// and the values of the graphs around a body. The time grows with the number of edges.
///
/// # Errors
/// Names a node that reads what is not there, or what it is itself needed for.
pub(super) fn in_order<'a>(graph: &'a GraphProto, known: &HashSet<&str>) -> Result<Vec<&'a NodeProto>> {
    let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut n_missing = vec![0; graph.node.len()];
    for (index, node) in graph.node.iter().enumerate() {
        for name in reads(node).into_iter().filter(|name| !known.contains(name)) {
            readers.entry(name).or_default().push(index);
            n_missing[index] += 1;
        }
    }
    // The last of these is taken first: nodes come in the order of the file, where it is a sound one.
    let mut ready: Vec<usize> = (0..graph.node.len()).rev().filter(|index| n_missing[*index] == 0).collect();
    let mut ordered = vec![];
    while let Some(index) = ready.pop() {
        let node = &graph.node[index];
        ordered.push(node);
        for reader in node.output.iter().filter_map(|name| readers.remove(name.as_str())).flatten() {
            n_missing[reader] -= 1;
            if n_missing[reader] == 0 {
                ready.push(reader);
            }
        }
    }
    match n_missing.iter().position(|missing| *missing > 0) {
        Some(stuck) => Err(never(&graph.node[stuck], &readers)),
        None => Ok(ordered),
    }
}

/// The error of a node that is never ready, with the first name that it waits for.
fn never(node: &NodeProto, readers: &HashMap<&str, Vec<usize>>) -> Error {
    let name = reads(node).into_iter().find(|name| readers.contains_key(name)).unwrap_or_default();
    let message = format!("it reads \"{name}\", which nothing computes before it; export the model again");
    Error::new(Kind::Model, message).at(Place::Node(label(node)))
}
