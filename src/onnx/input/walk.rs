//! Which axis of an input is walked along: a recurrent node goes through the steps, whatever the axes are called, and a
//! convolution through what stands behind its channels.
//!
//! Names of axes are no help: exporters call them `s0` or `unk__7`. So the axes are followed from node to node, in the
//! order of the file, from the input to the first recurrent node or convolution of one dimension. Operators that keep
//! axes apart are listed in [`through`]; at any other the trace is lost, and nothing is said.

use crate::engine::number::signed;
use std::collections::HashMap;

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// What the graph says of the axes of an input, by their positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// The axis that a layer goes along, where one does.
    pub(super) steps: Option<usize>,
    /// The axis of the columns, where a convolution says it.
    pub(super) columns: Option<usize>,
}

/// For each axis of a value, which axis of the input it is; `None` for an axis that a node added.
type Origins = Vec<Option<usize>>;

/// What is known of an input's axes, of `rank` of them. They are followed through what keeps them apart, and lost where
/// they are folded into each other. Nothing is known where no recurrent node and no convolution of one dimension is
/// reached.
pub(super) fn walked(graph: &GraphProto, input: &str, rank: usize) -> Walked {
    let tensors = tensors(graph);
    let mut origins: HashMap<&str, Origins> = HashMap::from([(input, (0..rank).map(Some).collect())]);
    for node in &graph.node {
        let Some(first) = node.input.first().and_then(|name| origins.get(name.as_str())) else {
            follow_any(node, &mut origins);
            continue;
        };
        if let Some(walked) = end(node, first, &tensors) {
            return walked;
        }
        match through(node, first, &tensors) {
            Some(next) => keep(node, next, &mut origins),
            None => follow_any(node, &mut origins),
        }
    }
    Walked::default()
}

/// What a recurrent node or a convolution of one dimension says of the axes of its input; `None` for any other node.
fn end(node: &NodeProto, x: &Origins, tensors: &HashMap<&str, &TensorProto>) -> Option<Walked> {
    match (node.op_type.as_str(), &x[..]) {
        ("LSTM" | "GRU" | "RNN", [first, second, _]) => {
            let is_batch_first = attribute(node, "layout").is_some_and(|layout| layout.i == 1);
            let steps = if is_batch_first { *second } else { *first };
            steps.map(|steps| Walked { steps: Some(steps), columns: None })
        }
        // Of one dimension: of pictures the graph does not say where they lie.
        ("Conv", [_, Some(columns), Some(steps)]) => {
            let weight = tensors.get(node.input.get(1)?.as_str())?;
            (weight.dims.len() == 3).then_some(Walked { steps: Some(*steps), columns: Some(*columns) })
        }
        _ => None,
    }
}

/// Operators of two or more values side by side, of which any may be the one that is followed.
fn follow_any<'g>(node: &'g NodeProto, origins: &mut HashMap<&'g str, Origins>) {
    if !matches!(
        node.op_type.as_str(),
        "Add"
            | "Sub"
            | "Mul"
            | "Div"
            | "Where"
            | "Max"
            | "Min"
            | "Pow"
            | "Concat"
            | "And"
            | "Or"
            | "Equal"
            | "Greater"
            | "Less"
    ) {
        return;
    }
    let followed = node.input.iter().filter_map(|name| origins.get(name.as_str()));
    if let Some(longest) = followed.max_by_key(|axes| axes.len()).cloned() {
        keep(node, longest, origins);
    }
}

/// Remembers which axes of the input a node's first output has.
fn keep<'g>(node: &'g NodeProto, axes: Origins, origins: &mut HashMap<&'g str, Origins>) {
    if let Some(output) = node.output.first().filter(|output| !output.is_empty()) {
        origins.insert(output, axes);
    }
}

/// The axes of what a node makes of its first input; `None` where they are lost.
///
/// - Functions, normalisations, slices, padding and running sums keep every axis.
/// - A product of matrices keeps all but the last, which is summed over.
/// - Transposing, adding and removing axes move them.
/// - Reshaping and flattening fold axes into each other, and a reduction removes them: what is behind is not followed.
fn through(node: &NodeProto, x: &Origins, tensors: &HashMap<&str, &TensorProto>) -> Option<Origins> {
    match node.op_type.as_str() {
        "Identity"
        | "Cast"
        | "Dropout"
        | "Relu"
        | "Sigmoid"
        | "Tanh"
        | "Elu"
        | "LeakyRelu"
        | "Selu"
        | "Gelu"
        | "Erf"
        | "Softplus"
        | "Softsign"
        | "HardSigmoid"
        | "Clip"
        | "Neg"
        | "Abs"
        | "Sqrt"
        | "Exp"
        | "Log"
        | "Sin"
        | "Cos"
        | "Not"
        | "IsNaN"
        | "Softmax"
        | "BatchNormalization"
        | "LayerNormalization"
        | "InstanceNormalization"
        | "CumSum"
        | "Slice"
        | "Pad"
        | "ReverseSequence" => Some(x.clone()),
        "MatMul" => {
            let mut axes = x.clone();
            *axes.last_mut()? = None;
            Some(axes)
        }
        "Transpose" => {
            let reversed: Vec<i64> = (0..signed(x.len())).rev().collect();
            let order = attribute(node, "perm").map_or(&reversed, |perm| &perm.ints);
            order.iter().map(|axis| x.get(usize::try_from(*axis).ok()?).copied()).collect()
        }
        "Unsqueeze" => {
            let axes = axes(node, tensors)?;
            let rank = x.len() + axes.len();
            let is_new = |axis: usize| axes.iter().any(|new| position(*new, rank) == Some(axis));
            let mut old = x.iter();
            (0..rank).map(|axis| if is_new(axis) { Some(None) } else { old.next().copied() }).collect()
        }
        "Squeeze" => {
            let axes = axes(node, tensors)?;
            let is_gone = |axis: usize| axes.iter().any(|gone| position(*gone, x.len()) == Some(axis));
            Some((0..x.len()).filter(|axis| !is_gone(*axis)).map(|axis| x[axis]).collect())
        }
        _ => None,
    }
}

/// An axis from the start, of `rank`.
fn position(axis: i64, rank: usize) -> Option<usize> {
    usize::try_from(if axis < 0 { axis + signed(rank) } else { axis }).ok()
}

/// The axes that a Squeeze or Unsqueeze names, as an attribute or as a second input.
fn axes(node: &NodeProto, tensors: &HashMap<&str, &TensorProto>) -> Option<Vec<i64>> {
    if let Some(axes) = attribute(node, "axes") {
        return Some(axes.ints.clone());
    }
    let tensor = tensors.get(node.input.get(1)?.as_str())?;
    let raw = tensor.raw_data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    Some(raw.chain(tensor.int64_data.iter().copied()).collect())
}

/// An attribute of a node.
fn attribute<'g>(node: &'g NodeProto, name: &str) -> Option<&'g AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

/// The constants of a graph by their names.
fn tensors(graph: &GraphProto) -> HashMap<&str, &TensorProto> {
    let constants = graph.node.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
        let tensor = attribute(node, "value")?.t.as_ref()?;
        Some((node.output.first()?.as_str(), tensor))
    });
    constants.chain(graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor))).collect()
}

/// Whether an input is the first state of a recurrent node, as it is or moved.
pub(super) fn is_first_state(graph: &GraphProto, input: &str) -> bool {
    let mut names: Vec<&str> = vec![input];
    for node in &graph.node {
        let reads = |slot: usize| node.input.get(slot).is_some_and(|name| names.contains(&name.as_str()));
        match node.op_type.as_str() {
            "LSTM" | "GRU" | "RNN" if reads(5) || reads(6) => return true,
            "Identity" | "Cast" | "Slice" | "Squeeze" | "Unsqueeze" | "Transpose" | "Reshape" | "Gather" | "Split"
            | "Expand"
                if reads(0) =>
            {
                names.extend(node.output.iter().map(String::as_str));
            }
            _ => {}
        }
    }
    false
}

/// Whether a graph has a node by which the rows of a value could come to matter to each other.
pub(super) fn may_mix_rows(graph: &GraphProto) -> bool {
    let is_constant = |name: &String| graph.initializer.iter().any(|tensor| tensor.name == *name);
    graph.node.iter().any(|node| match node.op_type.as_str() {
        "MatMul" | "Einsum" => !node.input.iter().any(is_constant),
        "Conv" | "LSTM" | "GRU" | "RNN" | "Loop" | "Scan" | "Attention" | "CumSum" | "Transpose" => true,
        name => name.starts_with("Reduce") || name.contains("Pool"),
    })
}
