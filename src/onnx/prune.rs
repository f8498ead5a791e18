//! What of a graph is read: the outputs that are numbers, and what they are computed of.
//!
//! Exporters leave things in a file that no probability needs: a label beside the probabilities, a branch that was only
//! traced. Left in, such a node may be one without a rule, and a sound network be refused for it. What is pruned is not
//! looked at.

use std::collections::HashSet;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, NodeProto, ValueInfoProto};

/// What a file has that stands in no stay and no explanation, by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Outputs that hold no floating-point numbers, or such that follow from comparisons or from nothing at all.
    pub(crate) labels: Vec<String>,
    /// Inputs that nothing reads.
    pub(crate) unread: Vec<String>,
}

/// Leaves out outputs that are labels, where there are others, and every node that no output needs. Returns the names of
/// those outputs.
pub(super) fn prune(graph: &mut GraphProto) -> Vec<String> {
    spread_lists(graph);
    let followed = followed(graph);
    let is_left = |info: &&ValueInfoProto| is_label(info) || !followed.contains(info.name.as_str());
    let labels: Vec<String> = graph.output.iter().filter(is_left).map(|info| info.name.clone()).collect();
    let left_out = if labels.len() < graph.output.len() { labels } else { vec![] };
    graph.output.retain(|info| !left_out.contains(&info.name));
    let needed = needed(graph);
    let mut is_needed = needed.into_iter();
    graph.node.retain(|_| is_needed.next().unwrap_or(true));
    blank_unread(graph);
    left_out
}

/// Puts the values of a list in the place of an output that is one, as of a classifier with several outcomes
/// (scikit-learn's `MultiOutputClassifier`): each is an output of its own then, under its own name.
fn spread_lists(graph: &mut GraphProto) {
    let lists = graph.node.iter().filter(|node| node.op_type == "SequenceConstruct");
    let lists: Vec<(String, Vec<String>)> =
        lists.filter_map(|node| Some((node.output.first()?.clone(), node.input.clone()))).collect();
    for (list, values) in lists {
        let Some(at) = graph.output.iter().position(|info| info.name == list) else { continue };
        let value = |name| ValueInfoProto { name, ..ValueInfoProto::default() };
        drop(graph.output.splice(at..=at, values.into_iter().map(value)));
    }
}

/// Whether an output holds no floating-point numbers: a class, a condition, a name. A map of classes to probabilities has no
/// type that is read, and is taken for its probabilities.
fn is_label(info: &ValueInfoProto) -> bool {
    match info.r#type.as_ref().and_then(|ty| ty.value.as_ref()) {
        Some(TypeValue::TensorType(tensor)) => {
            ![DataType::Undefined, DataType::Float].map(|float| float as i32).contains(&tensor.elem_type)
        }
        None => false,
    }
}

/// The names of values that move when an input does: not a threshold that stands beside the probability, nor the class that
/// it makes of it, although both are floating-point numbers.
fn followed(graph: &GraphProto) -> HashSet<&str> {
    /// Operators whose outputs jump, or stand.
    const STEPS: &str = "Equal Greater GreaterOrEqual Less LessOrEqual Not And Or Xor IsNaN IsInf ArgMax ArgMin Round Floor Ceil \
        Sign Shape Size NonZero";
    let is_weight: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().map(|info| info.name.as_str());
    let mut names: HashSet<&str> = inputs.filter(|name| !is_weight.contains(name)).collect();
    let moves = |node: &&NodeProto| !STEPS.split_whitespace().any(|name| name == node.op_type);
    // In an order in which a node may stand before what it reads, one pass is not enough.
    let mut n_names = 0;
    while n_names != names.len() {
        n_names = names.len();
        for node in graph.node.iter().filter(moves) {
            if reads(node).iter().any(|name| names.contains(name)) {
                names.extend(node.output.iter().map(String::as_str).filter(|name| !name.is_empty()));
            }
        }
    }
    names
}

/// The names of inputs that nothing reads, where something reads others.
pub(super) fn unread(graph: &GraphProto) -> Vec<String> {
    let outputs = graph.output.iter().map(|info| info.name.as_str());
    let read: HashSet<&str> = graph.node.iter().flat_map(reads).chain(outputs).collect();
    let is_weight: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let own = || graph.input.iter().map(|info| info.name.as_str()).filter(|name| !is_weight.contains(name));
    if own().any(|name| read.contains(name)) {
        own().filter(|name| !read.contains(name)).map(str::to_owned).collect()
    } else {
        vec![]
    }
}

/// For each node, whether an output needs it. Nodes of a sound file come after those that they read from, and one pass
/// from the last to the first finds all; in another order one pass is not enough, and passes are made until nothing
/// changes.
fn needed(graph: &GraphProto) -> Vec<bool> {
    let mut names: HashSet<&str> = graph.output.iter().map(|info| info.name.as_str()).collect();
    let mut is_needed = vec![false; graph.node.len()];
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for (node, is) in graph.node.iter().zip(&mut is_needed).rev().filter(|(_, is)| !**is) {
            if node.output.iter().any(|name| names.contains(name.as_str())) {
                (*is, has_changed) = (true, true);
                names.extend(reads(node));
            }
        }
    }
    is_needed
}

/// The names that a node reads, those inside its subgraphs included.
pub(super) fn reads(node: &NodeProto) -> Vec<&str> {
    let own = node.input.iter().map(String::as_str).filter(|name| !name.is_empty());
    own.chain(captured(node)).collect()
}

/// The names that a node's subgraphs read from outside.
pub(super) fn captured(node: &NodeProto) -> Vec<&str> {
    let graphs = node.attribute.iter().filter_map(|attribute| attribute.g.as_ref());
    graphs.flat_map(of_graph).collect()
}

/// The names that a subgraph reads and does not define.
fn of_graph(graph: &GraphProto) -> Vec<&str> {
    let computed = graph.node.iter().flat_map(|node| &node.output).map(String::as_str);
    let inputs = graph.input.iter().map(|info| info.name.as_str());
    let inner: HashSet<&str> =
        computed.chain(inputs).chain(graph.initializer.iter().map(|tensor| tensor.name.as_str())).collect();
    let outputs = graph.output.iter().map(|info| info.name.as_str());
    let read = graph.node.iter().flat_map(reads).chain(outputs);
    read.filter(|name| !inner.contains(name)).collect()
}

/// Takes the names off outputs that nothing reads: the label beside probabilities, the indices of a pool. Recurrent nodes
/// say by the names of theirs what they compute.
fn blank_unread(graph: &mut GraphProto) {
    let outputs = graph.output.iter().map(|info| info.name.clone());
    let read: HashSet<String> = graph.node.iter().flat_map(reads).map(str::to_owned).chain(outputs).collect();
    let has_several =
        |node: &&mut NodeProto| node.output.len() > 1 && !matches!(&*node.op_type, "LSTM" | "GRU" | "RNN");
    for node in graph.node.iter_mut().filter(has_several) {
        node.output.iter_mut().filter(|name| !read.contains(*name)).for_each(String::clear);
    }
}
