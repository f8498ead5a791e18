//! Changes to a model that keep it decodable and say something else: its nodes, their wires and attributes, its shapes,
//! its weights. What the readers must refuse or compute right lies beyond the first check, and bytes changed blindly
//! seldom come that far.

use super::Random;
use crate::wire::{Field, Message};

// onnx.proto's numbers.
const GRAPH: u64 = 7;
const OPSET: u64 = 8;
const NODE: u64 = 1;
const INITIALIZER: u64 = 5;
const GRAPH_INPUT: u64 = 11;
const GRAPH_OUTPUT: u64 = 12;
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const OP_TYPE: u64 = 4;
const ATTRIBUTE: u64 = 5;
const DIMS: u64 = 1;
const DATA_TYPE: u64 = 2;
const TENSOR_NAME: u64 = 8;
const RAW_DATA: u64 = 9;

/// Operators of every kind: those that networks are made of, those that move data, those that are refused.
const OPERATORS: [&str; 56] = [
    "Add",
    "And",
    "ArgMax",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "CumSum",
    "Div",
    "Einsum",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "GRU",
    "Gather",
    "GatherND",
    "Gemm",
    "GlobalAveragePool",
    "Identity",
    "LSTM",
    "LayerNormalization",
    "Log",
    "MatMul",
    "Max",
    "MaxPool",
    "Mul",
    "Neg",
    "NonZero",
    "OneHot",
    "Pad",
    "Pow",
    "RNN",
    "Range",
    "ReduceMean",
    "ReduceSum",
    "Relu",
    "Reshape",
    "ReverseSequence",
    "ScatterND",
    "Shape",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Squeeze",
    "Sub",
    "Tanh",
    "Tile",
    "Transpose",
    "Unsqueeze",
];

const ODD: [i64; 14] = [0, 1, -1, 2, 3, 4, 5, 7, 48, 76, 1000, 1 << 31, i64::MAX, i64::MIN];

/// A changed copy; empty where the bytes are no model.
pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let Some(mut model) = Message::read(bytes) else { return vec![] };
    let graphs = model.all(GRAPH);
    let Some((position, _)) = graphs.first() else { return vec![] };
    for _ in 0..=random.below(2) {
        match random.below(40) {
            0 => change_opset(&mut model, random),
            _ => model.edit(*position, |graph| change_graph(graph, random)),
        }
    }
    model.write()
}

/// Its field stands behind the graph or in front of it; either way the position of the graph is kept.
fn change_opset(model: &mut Message, random: &mut Random) {
    for (position, _) in model.all(OPSET) {
        model.edit(position, |opset| opset.set(2, random.of(&[1_i64, 6, 7, 9, 11, 13, 15, 17, 18, 21, 99])));
    }
}

fn change_graph(graph: &mut Message, random: &mut Random) {
    match random.below(12) {
        0..=4 => change_node(graph, random),
        5..=7 => on_one(graph, INITIALIZER, random, change_tensor),
        8 => on_one(graph, GRAPH_INPUT, random, change_shape),
        9 => {
            // Another value is the output.
            let name = some_name(graph, random);
            on_one(graph, GRAPH_OUTPUT, random, |output, _| output.set(1, name.as_str()));
        }
        10 => move_node(graph, random),
        _ => on_one(graph, NODE, random, |node, random| on_one(node, ATTRIBUTE, random, change_attribute)),
    }
}

/// Changes one of the messages in the fields of a number.
fn on_one(message: &mut Message, number: u64, random: &mut Random, change: impl FnOnce(&mut Message, &mut Random)) {
    let all = message.all(number);
    if !all.is_empty() {
        let (position, _) = all[random.below(all.len())];
        message.edit(position, |inner| change(inner, random));
    }
}

/// The name of some value of the graph: an input, a tensor, what a node computes.
fn some_name(graph: &Message, random: &mut Random) -> String {
    let names = |number, field| graph.all(number).into_iter().map(move |(_, it)| it.text(field));
    let named = [(GRAPH_INPUT, 1), (INITIALIZER, TENSOR_NAME), (NODE, NODE_OUTPUT)];
    let all: Vec<String> = named.into_iter().flat_map(|(number, field)| names(number, field)).collect();
    if all.is_empty() { String::new() } else { all[random.below(all.len())].clone() }
}

fn change_node(graph: &mut Message, random: &mut Random) {
    let name = some_name(graph, random);
    on_one(graph, NODE, random, |node, random| {
        let inputs: Vec<usize> = (0..node.0.len()).filter(|at| node.0[*at].0 == NODE_INPUT).collect();
        let input = inputs.get(random.below(inputs.len())).copied();
        match (random.below(7), input) {
            (0 | 1, _) => node.set(OP_TYPE, random.of(&OPERATORS)),
            (2, Some(at)) => node.0[at].1 = name.as_str().into(),
            (3, Some(at)) => node.0.swap(at, inputs[0]),
            (4, Some(at)) => drop(node.0.remove(at)),
            (5, Some(at)) => node.0[at].1 = "".into(),
            _ => node.push(NODE_INPUT, name.as_str()),
        }
    });
}

fn move_node(graph: &mut Message, random: &mut Random) {
    let nodes: Vec<usize> = graph.all(NODE).into_iter().map(|(position, _)| position).collect();
    let [one, other] = [(); 2].map(|()| nodes.get(random.below(nodes.len())).copied().unwrap_or(0));
    match random.below(3) {
        _ if nodes.is_empty() => {}
        0 => graph.0.swap(one, other),
        1 => drop(graph.0.remove(one)),
        _ => graph.0.insert(other, graph.0[one].clone()),
    }
}

fn change_attribute(attribute: &mut Message, random: &mut Random) {
    const NAMES: [&str; 12] = [
        "axis",
        "axes",
        "perm",
        "direction",
        "hidden_size",
        "layout",
        "clip",
        "transB",
        "group",
        "kernel_shape",
        "keepdims",
        "to",
    ];
    // The fields of a number, a whole number, a text, numbers, whole numbers; the tensor is changed as one.
    let at = (0..attribute.0.len()).filter(|at| (2..=8).contains(&attribute.0[*at].0)).nth(random.below(3));
    match (random.below(5), at) {
        (0, _) => attribute.set(1, random.of(&NAMES)),
        (1, _) => on_one(attribute, 5, random, change_tensor),
        (_, Some(at)) => match &mut attribute.0[at].1 {
            Field::Varint(value) => *value = random.of(&ODD).cast_unsigned(),
            Field::Fixed(bytes) => *bytes = odd_float(random).to_le_bytes()[..4].to_vec(),
            text @ Field::Bytes(_) => {
                *text = random.of(&["", "forward", "reverse", "bidirectional", "SAME_UPPER", "Relu"]).into();
            }
        },
        _ => attribute.push(3, random.of(&ODD)),
    }
}

fn change_tensor(tensor: &mut Message, random: &mut Random) {
    let mut raw = match tensor.0.iter().find(|(number, _)| *number == RAW_DATA) {
        Some((_, Field::Bytes(bytes))) => bytes.clone(),
        _ => vec![],
    };
    match random.below(5) {
        // Other dimensions, and as many numbers as they ask for: the file is sound, the network is another.
        0 | 1 => {
            let dims: Vec<i64> = (0..random.below(5)).map(|_| random.of(&[0, 1, 2, 3, 4, 5, 6, 12, 16])).collect();
            let volume = dims.iter().product::<i64>() as usize;
            let pattern = if raw.is_empty() { vec![0; 4] } else { raw };
            let width = if tensor.0.iter().any(|(number, field)| (*number, field) == (DATA_TYPE, &Field::Varint(7))) {
                8
            } else {
                4
            };
            tensor.set(RAW_DATA, pattern.into_iter().cycle().take(volume * width).collect::<Vec<u8>>());
            set_dims(tensor, &dims);
        }
        2 => set_dims(tensor, &[random.of(&ODD), random.of(&ODD)]),
        3 => tensor.set(DATA_TYPE, random.of(&[1_i64, 6, 7, 9, 10, 11])),
        _ => {
            let at = random.below(raw.len() / 4) * 4;
            if let Some(number) = raw.get_mut(at..at + 4) {
                number.copy_from_slice(&odd_float(random).to_le_bytes());
                tensor.set(RAW_DATA, raw);
            }
        }
    }
}

fn set_dims(tensor: &mut Message, dims: &[i64]) {
    tensor.clear(DIMS);
    dims.iter().for_each(|dim| tensor.push(DIMS, *dim));
}

/// Type, tensor, shape, dimension, its number: one dimension becomes another, goes, or comes.
fn change_shape(input: &mut Message, random: &mut Random) {
    on_one(input, 2, random, |of_type, random| {
        on_one(of_type, 1, random, |tensor, random| {
            on_one(tensor, 2, random, |shape, random| match random.below(4) {
                0 if !shape.0.is_empty() => drop(shape.0.remove(random.below(shape.0.len()))),
                1 if !shape.0.is_empty() => shape.0.push(shape.0[0].clone()),
                _ => on_one(shape, 1, random, |dim, random| *dim = Message(vec![(1, random.of(&ODD).into())])),
            });
        });
    });
}

fn odd_float(random: &mut Random) -> f32 {
    random.of(&[
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e-45,
        1e30,
        -1e30,
        f32::MAX,
        f32::MIN_POSITIVE,
        f32::NAN,
        f32::INFINITY,
        88.7,
        -104.0,
    ])
}
