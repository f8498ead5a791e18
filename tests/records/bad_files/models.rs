//! ONNX files that are damaged, or that say what cannot be: made from a sound one, each in one way.

use std::path::{Path, PathBuf};

use crate::wire::{Field, Message};

// onnx.proto's numbers.
const IR_VERSION: u64 = 1;
const GRAPH: u64 = 7;
const OPSET: u64 = 8;
const METADATA: u64 = 14;
const NODE: u64 = 1;
const INITIALIZER: u64 = 5;
const GRAPH_INPUT: u64 = 11;
const GRAPH_OUTPUT: u64 = 12;
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const NODE_NAME: u64 = 3;
const OP_TYPE: u64 = 4;
const ATTRIBUTE: u64 = 5;
const DOMAIN: u64 = 7;
const DIMS: u64 = 1;
const DATA_TYPE: u64 = 2;
const FLOAT_DATA: u64 = 4;
const TENSOR_NAME: u64 = 8;
const RAW_DATA: u64 = 9;
const EXTERNAL_DATA: u64 = 13;
const DATA_LOCATION: u64 = 14;

/// A case: what was done, and the file.
pub(crate) type Case = (String, Vec<u8>);

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The sound file.
pub(crate) fn sound() -> Vec<u8> {
    std::fs::read(fixture("explain/channel_wise.onnx")).unwrap()
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let mut all = vec![];
    no_models(&mut all);
    cut_and_flipped(&mut all);
    headers(&mut all);
    tensors(&mut all);
    nodes(&mut all);
    attributes(&mut all);
    inputs_and_outputs(&mut all);
    bombs(&mut all);
    found_by_fuzzing(&mut all);
    all
}

fn no_models(all: &mut Vec<Case>) {
    let utf16: Vec<u8> = "ONNX model".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let kinds: [(&str, Vec<u8>); 16] = [
        ("an empty file", vec![]),
        ("one byte", vec![8]),
        ("a thousand zeros", vec![0; 1000]),
        ("a thousand bytes 0xFF", vec![255; 1000]),
        ("a zip archive", b"PK\x03\x04\x14\0\0\0\x08\0zip".to_vec()),
        ("a gzip file", b"\x1f\x8b\x08\0\0\0\0\0\0\x03onnx".to_vec()),
        ("a PyTorch pickle", b"\x80\x02}q\0(X\x06\0\0\0weightq\x01K\x01u.".to_vec()),
        ("a Keras HDF5 file", b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec()),
        ("a TensorFlow Lite file", b"\x1c\0\0\0TFL3\x14\0\x20\0".to_vec()),
        ("a safetensors file", b"\x40\0\0\0\0\0\0\0{\"weight\":{\"dtype\":\"F32\"}}".to_vec()),
        ("a PNG picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("a PDF", b"%PDF-1.7\n1 0 obj".to_vec()),
        ("a web page", b"<!DOCTYPE html><title>404</title>".to_vec()),
        ("JSON", b"{\"model\": [1, 2, 3]}".to_vec()),
        ("text that pretends to be ONNX", b"ONNX\nir_version: 8\ngraph { node { op_type: \"LSTM\" } }\n".to_vec()),
        ("text in UTF-16", utf16),
    ];
    all.extend(kinds.map(|(what, bytes)| (what.to_owned(), bytes)));
}

fn cut_and_flipped(all: &mut Vec<Case>) {
    let sound = sound();
    for k in 1..20 {
        all.push((format!("cut off after {k}/20 of its bytes"), sound[..sound.len() * k / 20].to_vec()));
    }
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for k in 1..=20 {
        let mut bytes = sound.clone();
        let (at, bit) = (next() % bytes.len(), next() % 8);
        bytes[at] ^= 1 << bit;
        all.push((format!("bit {bit} of byte {at} flipped ({k})"), bytes));
    }
    for k in 1..=6 {
        let mut bytes = sound.clone();
        let at = next() % (bytes.len() - 64);
        bytes[at..at + 64].fill(0);
        all.push((format!("64 bytes from byte {at} zeroed ({k})"), bytes));
    }
    all.push(("the file twice over".into(), [sound.clone(), sound.clone()].concat()));
    all.push(("a byte order mark in front".into(), [b"\xef\xbb\xbf".to_vec(), sound.clone()].concat()));
    all.push(("line ends of another system".into(), crlf(&sound)));
}

/// As a transfer in text mode leaves a file.
fn crlf(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect()
}

/// A sound file with a change to the model.
fn model(what: &str, change: impl FnOnce(&mut Message)) -> Case {
    let mut message = Message::read(&sound()).unwrap();
    change(&mut message);
    (what.to_owned(), message.write())
}

/// With a change to its graph.
fn graph(what: &str, change: impl FnOnce(&mut Message)) -> Case {
    model(what, |model| {
        let (position, _) = model.all(GRAPH)[0];
        model.edit(position, change);
    })
}

/// With a change to the first node of an operator.
fn node(what: &str, operator: &str, change: impl FnOnce(&mut Message)) -> Case {
    graph(what, |graph| {
        let nodes = graph.all(NODE);
        let (position, _) = nodes.iter().find(|(_, node)| node.text(OP_TYPE) == operator).unwrap();
        graph.edit(*position, change);
    })
}

/// With a change to its largest tensor.
fn tensor(what: &str, change: impl FnOnce(&mut Message)) -> Case {
    graph(what, |graph| {
        let tensors = graph.all(INITIALIZER);
        let (position, _) = tensors.iter().max_by_key(|(_, tensor)| raw(tensor).len()).unwrap();
        graph.edit(*position, change);
    })
}

fn raw(tensor: &Message) -> Vec<u8> {
    match tensor.0.iter().find(|(number, _)| *number == RAW_DATA) {
        Some((_, Field::Bytes(bytes))) => bytes.clone(),
        _ => vec![],
    }
}

fn packed(numbers: &[i64]) -> Field {
    let mut message = Message(vec![]);
    numbers.iter().for_each(|number| message.push(0, *number));
    // Each number behind its key, which is one zero byte here.
    let bytes = message.write();
    let mut values = vec![];
    let mut at = 0;
    while at < bytes.len() {
        at += 1;
        let start = at;
        while bytes[at] >= 128 {
            at += 1;
        }
        at += 1;
        values.extend_from_slice(&bytes[start..at]);
    }
    Field::Bytes(values)
}

fn headers(all: &mut Vec<Case>) {
    let opset = |version: i64| {
        let mut opset = Message(vec![]);
        opset.push(2, version);
        opset
    };
    let metadata = |text: &str| {
        let mut entry = Message(vec![]);
        entry.push(1, "vitrine.manifest");
        entry.push(2, text);
        entry
    };
    all.push(model("no graph", |model| model.clear(GRAPH)));
    all.push(model("ir_version 0", |model| model.set(IR_VERSION, 0_u64)));
    all.push(model("ir_version missing", |model| model.clear(IR_VERSION)));
    for version in [-1, 0, 1, 6, 99, i64::MAX] {
        all.push(model(&format!("opset {version}"), |model| model.set(OPSET, opset(version))));
    }
    all.push(model("no opset", |model| model.clear(OPSET)));
    for (what, text) in [
        ("manifest that is no JSON", "{"),
        ("manifest that is a list", "[]"),
        ("manifest of another format", "{\"format\": \"other\"}"),
        ("manifest of deep brackets", &"[".repeat(100_000)),
        ("manifest of a number", "1e400"),
    ] {
        all.push(model(what, |model| model.push(METADATA, metadata(text))));
    }
    all.push(model("two graphs", |model| {
        let (position, _) = model.all(GRAPH)[0];
        let again = model.0[position].clone();
        model.0.push(again);
    }));
}

fn tensors(all: &mut Vec<Case>) {
    for (what, value) in [("NaN", f32::NAN), ("infinity", f32::INFINITY), ("-infinity", f32::NEG_INFINITY)] {
        for (place, share) in [("first", 0), ("middle", 1), ("last", 2)] {
            all.push(tensor(&format!("{place} weight is {what}"), |tensor| {
                let mut bytes = raw(tensor);
                let at = (bytes.len() / 4 - 1) * share / 2 * 4;
                bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
                tensor.set(RAW_DATA, bytes);
            }));
        }
    }
    let dims: [(&str, &[i64]); 10] = [
        ("no dimensions", &[]),
        ("a dimension of 0", &[0, 4, 4]),
        ("a negative dimension", &[-1, 4, 4]),
        ("a dimension of 2^40", &[1 << 40]),
        ("dimensions whose product overflows", &[i64::MAX, i64::MAX, 8]),
        ("dimensions whose product wraps to a small one", &[1 << 32, 1 << 32, 4]),
        ("one number more than there are", &[1, 1, 7]),
        ("one axis", &[3]),
        ("nine axes", &[1, 1, 1, 1, 1, 1, 1, 1, 3]),
        ("a thousand axes", &[1; 1000]),
    ];
    for (what, dims) in dims {
        all.push(tensor(&format!("weights with {what}"), |tensor| tensor.set(DIMS, packed(dims))));
    }
    for (what, data_type) in [
        ("undefined", 0_u64),
        ("text", 8),
        ("float64", 11),
        ("int64", 7),
        ("float16", 10),
        ("complex", 14),
        ("bfloat16", 16),
        ("4-bit", 22),
        ("number 99", 99),
    ] {
        all.push(tensor(&format!("weights of the data type {what}"), |tensor| tensor.set(DATA_TYPE, data_type)));
    }
    all.push(tensor("weights without data", |tensor| tensor.clear(RAW_DATA)));
    all.push(tensor("weights a byte short", |tensor| {
        let mut bytes = raw(tensor);
        bytes.pop();
        tensor.set(RAW_DATA, bytes);
    }));
    all.push(tensor("weights twice as long", |tensor| tensor.set(RAW_DATA, raw(tensor).repeat(2))));
    all.push(tensor("raw and float data at once", |tensor| tensor.push(FLOAT_DATA, vec![0; 8])));
    all.push(tensor("weights without a name", |tensor| tensor.clear(TENSOR_NAME)));
    all.push(tensor("weights renamed", |tensor| tensor.set(TENSOR_NAME, "other")));
    for (what, entries) in [
        ("in a file that is not there", [("location", "gone.bin"), ("offset", "0")]),
        ("outside the folder", [("location", "../../etc/passwd"), ("offset", "0")]),
        ("at a negative offset", [("location", "gone.bin"), ("offset", "-1")]),
        ("without a location", [("length", "4"), ("offset", "0")]),
    ] {
        all.push(tensor(&format!("weights {what}"), |tensor| {
            tensor.clear(RAW_DATA);
            tensor.set(DATA_LOCATION, 1_u64);
            for (key, value) in entries {
                let mut entry = Message(vec![]);
                entry.push(1, key);
                entry.push(2, value);
                tensor.push(EXTERNAL_DATA, entry);
            }
        }));
    }
    all.push(graph("no weights at all", |graph| graph.clear(INITIALIZER)));
    all.push(graph("two tensors of the same name", |graph| {
        let (position, _) = graph.all(INITIALIZER)[0];
        let again = graph.0[position].clone();
        graph.0.push(again);
    }));
}

fn nodes(all: &mut Vec<Case>) {
    for operator in
        ["", "lstm", "LSTMM", "Loop", "Scan", "If", "Attention", "FusedMatMul", "Einsum", "Resize", "Dropout"]
    {
        all.push(node(&format!("an LSTM that is called \"{operator}\""), "LSTM", |node| node.set(OP_TYPE, operator)));
    }
    for domain in ["com.microsoft", "ai.onnx.ml", "\u{0}"] {
        all.push(node(&format!("an LSTM of the domain {domain:?}"), "LSTM", |node| node.set(DOMAIN, domain)));
    }
    all.push(graph("no nodes", |graph| graph.clear(NODE)));
    all.push(node("a node without inputs", "LSTM", |node| node.clear(NODE_INPUT)));
    all.push(node("a node without outputs", "LSTM", |node| node.clear(NODE_OUTPUT)));
    all.push(node("a node that reads what nothing computes", "Sigmoid", |node| node.set(NODE_INPUT, "nothing")));
    all.push(node("a node that reads an empty name", "Sigmoid", |node| node.set(NODE_INPUT, "")));
    all.push(node("a node that reads its own output", "Sigmoid", |node| {
        node.set(NODE_INPUT, node.text(NODE_OUTPUT).as_str());
    }));
    all.push(node("a hundred inputs", "Sigmoid", |node| (0..100).for_each(|_| node.push(NODE_INPUT, "x"))));
    all.push(node("a name of a megabyte", "LSTM", |node| node.set(NODE_NAME, "n".repeat(1 << 20).as_str())));
    all.push(node("a name that is no UTF-8", "LSTM", |node| node.set(NODE_NAME, vec![0xff, 0xfe, 0x80])));
    all.push(node("inputs of an LSTM swapped", "LSTM", |node| {
        let at: Vec<usize> = (0..node.0.len()).filter(|k| node.0[*k].0 == NODE_INPUT).collect();
        node.0.swap(at[1], at[2]);
    }));
    all.push(node("an LSTM without its recurrent weights", "LSTM", |node| {
        let at = (0..node.0.len()).filter(|k| node.0[*k].0 == NODE_INPUT).nth(2).unwrap();
        node.0[at].1 = "".into();
    }));
    all.push(graph("two nodes that feed each other", |graph| {
        let positions: Vec<usize> = graph.all(NODE).iter().map(|(position, _)| *position).collect();
        let (first, last) = (positions[0], positions[positions.len() - 1]);
        let output = |position: usize| match &graph.0[position].1 {
            Field::Bytes(bytes) => Message::read(bytes).unwrap().text(NODE_OUTPUT),
            _ => String::new(),
        };
        let (a, b) = (output(first), output(last));
        graph.edit(first, |node| node.set(NODE_INPUT, b.as_str()));
        graph.edit(last, |node| node.set(NODE_INPUT, a.as_str()));
    }));
    all.push(graph("a node twice", |graph| {
        let (position, _) = graph.all(NODE)[0];
        let again = graph.0[position].clone();
        graph.0.push(again);
    }));
    all.push(graph("nodes in reverse order", |graph| graph.0.reverse()));
}

/// An attribute: its name, the field of its value, the value, and the number that says what type it is.
fn attribute(name: &str, field: u64, value: impl Into<Field>, kind: u64) -> Message {
    let mut attribute = Message(vec![]);
    attribute.push(1, name);
    attribute.push(field, value);
    attribute.push(20, kind);
    attribute
}

fn attributes(all: &mut Vec<Case>) {
    const F: u64 = 2;
    const I: u64 = 3;
    const S: u64 = 4;
    const STRINGS: u64 = 9;
    let float = |value: f32| Field::Fixed(value.to_le_bytes().to_vec());
    for (what, it) in [
        ("hidden_size 0", attribute("hidden_size", I, 0_u64, 2)),
        ("hidden_size -4", attribute("hidden_size", I, -4_i64, 2)),
        ("hidden_size 2^40", attribute("hidden_size", I, 1_u64 << 40, 2)),
        ("hidden_size of another model", attribute("hidden_size", I, 7_u64, 2)),
        ("direction \"sideways\"", attribute("direction", S, "sideways", 3)),
        ("direction as a number", attribute("direction", I, 1_u64, 2)),
        ("direction that the weights do not have", attribute("direction", S, "forward", 3)),
        ("clip -1", attribute("clip", F, float(-1.0), 1)),
        ("clip NaN", attribute("clip", F, float(f32::NAN), 1)),
        ("layout 2", attribute("layout", I, 2_u64, 2)),
        ("layout 1 over data of layout 0", attribute("layout", I, 1_u64, 2)),
        ("one activation", attribute("activations", STRINGS, "Tanh", 8)),
        ("activation without a name", attribute("activations", STRINGS, "", 8)),
        ("an attribute that does not exist", attribute("seasoning", I, 1_u64, 2)),
        ("an attribute of an unknown type", attribute("direction", S, "forward", 77)),
    ] {
        all.push(node(&format!("LSTM with {what}"), "LSTM", |node| {
            let name = it.text(1);
            let old: Vec<usize> =
                node.all(ATTRIBUTE).into_iter().filter(|(_, old)| old.text(1) == name).map(|(at, _)| at).collect();
            old.into_iter().rev().for_each(|at| drop(node.0.remove(at)));
            node.push(ATTRIBUTE, it);
        }));
    }
}

/// The type of an input: a tensor of these dimensions.
fn shaped(dims: &[i64], elem_type: u64) -> Message {
    let mut shape = Message(vec![]);
    for dim in dims {
        let mut it = Message(vec![]);
        it.push(1, *dim);
        shape.push(1, it);
    }
    let mut tensor = Message(vec![]);
    tensor.push(1, elem_type);
    tensor.push(2, shape);
    let mut ty = Message(vec![]);
    ty.push(1, tensor);
    ty
}

fn inputs_and_outputs(all: &mut Vec<Case>) {
    let cases: [(&str, &[i64], u64); 12] = [
        ("rank 0", &[], 1),
        ("rank 1", &[76], 1),
        ("rank 7", &[1, 1, 1, 1, 1, 6, 3], 1),
        ("no steps", &[1, 0, 76], 1),
        ("negative steps", &[1, -48, 76], 1),
        ("10^12 steps", &[1, 1_000_000_000_000, 76], 1),
        ("2^62 steps", &[1, 1 << 62, 1 << 62], 1),
        ("a column more than the weights", &[1, 48, 77], 1),
        ("a batch of 5", &[5, 48, 76], 1),
        ("float64", &[1, 48, 76], 11),
        ("text", &[1, 48, 76], 8),
        ("an unknown type", &[1, 48, 76], 99),
    ];
    for (what, dims, elem_type) in cases {
        all.push(graph(&format!("input of {what}"), |graph| {
            let (position, _) = graph.all(GRAPH_INPUT)[0];
            graph.edit(position, |input| input.set(2, shaped(dims, elem_type)));
        }));
    }
    all.push(graph("no input", |graph| graph.clear(GRAPH_INPUT)));
    all.push(graph("an input without a type", |graph| {
        let (position, _) = graph.all(GRAPH_INPUT)[0];
        graph.edit(position, |input| input.clear(2));
    }));
    all.push(graph("an input that nothing reads beside the one that is", |graph| {
        let mut other = Message(vec![]);
        other.push(1, "other");
        other.push(2, shaped(&[1, 48, 76], 1));
        graph.push(GRAPH_INPUT, other);
    }));
    all.push(graph("no output", |graph| graph.clear(GRAPH_OUTPUT)));
    all.push(graph("an output that nothing computes", |graph| {
        let (position, _) = graph.all(GRAPH_OUTPUT)[0];
        graph.edit(position, |output| output.set(1, "nothing"));
    }));
    all.push(graph("an output twice", |graph| {
        let (position, _) = graph.all(GRAPH_OUTPUT)[0];
        let again = graph.0[position].clone();
        graph.0.push(again);
    }));
}

fn bombs(all: &mut Vec<Case>) {
    all.push(graph("100,000 nodes", |graph| {
        for k in 0..100_000 {
            let mut node = Message(vec![]);
            node.push(NODE_INPUT, format!("n{k}").as_str());
            node.push(NODE_OUTPUT, format!("n{}", k + 1).as_str());
            node.push(OP_TYPE, "Identity");
            graph.push(NODE, node);
        }
    }));
    all.push(graph("a subgraph 5,000 deep", |graph| {
        let mut inner = Message(vec![]);
        for _ in 0..5000 {
            let mut attribute = Message(vec![]);
            attribute.push(1, "body");
            attribute.push(6, inner);
            let mut node = Message(vec![]);
            node.push(OP_TYPE, "If");
            node.push(ATTRIBUTE, attribute);
            inner = Message(vec![]);
            inner.push(NODE, node);
        }
        graph.0.extend(inner.0);
    }));
    for (what, operator, dims) in [
        ("a small file that asks for 10^12 zeros", "ConstantOfShape", [1_000_000_i64, 1_000_000]),
        ("a small file that asks for 2^62 zeros", "ConstantOfShape", [1 << 31, 1 << 31]),
        ("a small file that repeats a number 10^12 times", "Expand", [1_000_000, 1_000_000]),
    ] {
        all.push(graph(what, |graph| {
            let mut shape = Message(vec![]);
            shape.push(DIMS, 2_u64);
            shape.push(DATA_TYPE, 7_u64);
            shape.push(TENSOR_NAME, "bomb.shape");
            shape.push(RAW_DATA, dims.iter().flat_map(|dim| dim.to_le_bytes()).collect::<Vec<u8>>());
            graph.push(INITIALIZER, shape);
            let mut node = Message(vec![]);
            if operator == "Expand" {
                let (_, first) = graph.all(GRAPH_OUTPUT)[0].clone();
                node.push(NODE_INPUT, first.text(1).as_str());
            }
            node.push(NODE_INPUT, "bomb.shape");
            node.push(NODE_OUTPUT, "bomb");
            node.push(NODE_NAME, "bomb");
            node.push(OP_TYPE, operator);
            graph.push(NODE, node);
            let (position, _) = graph.all(GRAPH_OUTPUT)[0];
            graph.edit(position, |output| output.set(1, "bomb"));
        }));
    }
}

/// What the fuzz targets found, each before it was mended: tract panicked, or took gigabytes.
fn found_by_fuzzing(all: &mut Vec<Case>) {
    let whole = |name: &str, values: &[i64]| {
        let mut attribute = Message(vec![]);
        attribute.push(1, name);
        values.iter().for_each(|value| attribute.push(8, *value));
        attribute.push(20, 7_u64);
        attribute
    };
    let axis = |value: i64| attribute("axis", 3, value, 2);
    let mut found = |what: &str, operator: &str, to: &str, attributes: Vec<Message>| {
        all.push(node(what, operator, |node| {
            node.set(OP_TYPE, to);
            node.clear(ATTRIBUTE);
            attributes.into_iter().for_each(|it| node.push(ATTRIBUTE, it));
        }));
    };
    found("a Transpose that names an axis twice", "Transpose", "Transpose", vec![whole("perm", &[1, 1, 2])]);
    found("a Transpose to an axis that is none", "Transpose", "Transpose", vec![whole("perm", &[1, 0, 3])]);
    found("a Flatten at axis -7", "Reshape", "Flatten", vec![axis(-7)]);
    found("a Concat along axis 9", "Concat", "Concat", vec![axis(9)]);
    found("a Gather along axis 2^40", "Gather", "Gather", vec![axis(1 << 40)]);
    found("a Split along axis 5", "Sigmoid", "Split", vec![axis(5)]);
    found("a Split into more parts than it names", "Sigmoid", "Split", vec![axis(0), whole("split", &[1, 1])]);
    found("an Unsqueeze by axes that are there", "Reshape", "Unsqueeze", vec![]);
    found("a Squeeze of axes that are longer than 1", "Reshape", "Squeeze", vec![]);
    found("a mean over axes that are not there", "Reshape", "ReduceMean", vec![]);
    found("a MaxPool without axes to move along", "Sigmoid", "MaxPool", vec![whole("kernel_shape", &[2])]);
    all.push(node("a Transpose without inputs", "Transpose", |node| node.clear(NODE_INPUT)));
    all.push(graph("an output without a name", |graph| {
        let (position, _) = graph.all(GRAPH_OUTPUT)[0];
        graph.edit(position, |output| output.set(1, ""));
    }));
    all.push(graph("indices of a Gather beyond its data", |graph| {
        let is_index = |tensor: &Message| tensor.0.contains(&(DATA_TYPE, Field::Varint(7))) && raw(tensor).len() >= 8;
        let tensors = graph.all(INITIALIZER);
        let (position, _) = tensors.iter().find(|(_, tensor)| is_index(tensor)).unwrap();
        graph.edit(*position, |tensor| {
            let n = raw(tensor).len() / 8;
            tensor.set(RAW_DATA, (1_i64 << 40).to_le_bytes().repeat(n));
        });
    }));
    all.push(node("names that move the cursor", "Sigmoid", |node| node.set(OP_TYPE, "Sig\u{8}\u{202e}\nmoid")));
    all.push(graph("a picture of 2^62 numbers", |graph| {
        let (position, _) = graph.all(GRAPH_INPUT)[0];
        graph.edit(position, |input| input.set(2, shaped(&[1, 3, 1 << 31, 1 << 62], 1)));
    }));
}
