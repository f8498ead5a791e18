//! Small files whose values fork and join again, level upon level: 60 levels have 2^60 ways through them. Each is read, or
//! refused, by work that grows with the file, not with the ways.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use vitrine::engine::explain::Options;
use vitrine::{Error, Model};

use crate::wire::Message;

/// Far longer than any of these models takes, and far shorter than 2^60 of anything: a guard against hanging alone.
const PATIENCE: Duration = Duration::from_secs(60);

const LEVELS: usize = 60;
const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// A graph as it is written, node by node.
struct Writer {
    graph: Message,
    n_values: usize,
}

impl Writer {
    /// A graph with an input `x` of `[1, 2, 3]`.
    fn new() -> Self {
        let mut graph = Message(vec![]);
        graph.push(2, "diamonds");
        graph.push(11, value("x", &[1, 2, 3]));
        Self { graph, n_values: 0 }
    }

    fn constant(&mut self, dims: &[i64], numbers: &[f32]) -> String {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(dims, FLOAT, raw)
    }

    fn whole(&mut self, numbers: &[i64]) -> String {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(&[numbers.len() as i64], INT64, raw)
    }

    fn tensor(&mut self, dims: &[i64], data_type: u64, raw: Vec<u8>) -> String {
        let name = self.name("c");
        let mut tensor = Message(vec![]);
        dims.iter().for_each(|dim| tensor.push(1, *dim));
        tensor.push(2, data_type);
        tensor.push(8, name.as_str());
        tensor.push(9, raw);
        self.graph.push(5, tensor);
        name
    }

    fn node(&mut self, operator: &str, inputs: &[&str]) -> String {
        self.node_with(operator, inputs, None)
    }

    /// A node with at most one attribute, a whole number.
    fn node_with(&mut self, operator: &str, inputs: &[&str], attribute: Option<(&str, i64)>) -> String {
        let output = self.name("v");
        let mut node = Message(vec![]);
        inputs.iter().for_each(|input| node.push(1, *input));
        node.push(2, output.as_str());
        node.push(3, output.as_str());
        node.push(4, operator);
        if let Some((name, number)) = attribute {
            let mut attribute = Message(vec![]);
            attribute.push(1, name);
            attribute.push(3, number);
            attribute.push(20, 2_u64);
            node.push(5, attribute);
        }
        self.graph.push(1, node);
        output
    }

    fn name(&mut self, letter: &str) -> String {
        self.n_values += 1;
        format!("{letter}{}", self.n_values)
    }

    /// The file: `sigmoid(w x)` of the value `last`, which has as many elements as the input.
    fn finish(mut self, last: &str) -> Vec<u8> {
        let shape = self.whole(&[1, 6]);
        let flat = self.node("Reshape", &[last, &shape]);
        let weight = self.constant(&[6, 1], &[0.3, -0.2, 0.1, 0.4, -0.5, 0.2]);
        let score = self.node("MatMul", &[&flat, &weight]);
        let output = self.node("Sigmoid", &[&score]);
        self.graph.push(12, value(&output, &[1, 1]));
        let mut opset = Message(vec![]);
        opset.push(2, 13_u64);
        let mut model = Message(vec![]);
        model.push(1, 8_u64);
        model.push(7, self.graph);
        model.push(8, opset);
        model.write()
    }
}

fn value(name: &str, dims: &[i64]) -> Message {
    let mut shape = Message(vec![]);
    for dim in dims {
        let mut it = Message(vec![]);
        it.push(1, *dim);
        shape.push(1, it);
    }
    let mut tensor = Message(vec![]);
    tensor.push(1, FLOAT);
    tensor.push(2, shape);
    let mut kind = Message(vec![]);
    kind.push(1, tensor);
    let mut value = Message(vec![]);
    value.push(1, name);
    value.push(2, kind);
    value
}

/// Of 60 levels: is it read and explained, or refused?
#[track_caller]
fn check(level: fn(&mut Writer, &str) -> String) -> Result<(), Error> {
    let mut writer = Writer::new();
    let last = (0..LEVELS).fold("x".to_owned(), |below, _| level(&mut writer, &below));
    let file = writer.finish(&last);
    let (done, result) = mpsc::channel();
    // A thread that hangs is left behind; it ends with the test.
    thread::spawn(move || {
        let outcome = Model::read(&file, None, &HashMap::new()).and_then(|model| {
            let input = [0.5, -0.25, 1.0, 0.0, -0.75, 0.125];
            model.explain(&input, &Options::default()).map(drop)
        });
        done.send(outcome)
    });
    result.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn a_product_of_two_affine_branches() {
    check(|writer, below| {
        let (scale, shift) = (writer.constant(&[1], &[0.5]), writer.constant(&[1], &[0.25]));
        let a = writer.node("Mul", &[below, &scale]);
        let b = writer.node("Add", &[below, &shift]);
        writer.node("Mul", &[&a, &b])
    })
    .unwrap();
}

#[test]
fn a_sum_of_two_affine_branches() {
    check(|writer, below| {
        let (scale, shift) = (writer.constant(&[1], &[0.5]), writer.constant(&[1], &[0.25]));
        let a = writer.node("Mul", &[below, &scale]);
        let b = writer.node("Add", &[below, &shift]);
        writer.node("Add", &[&a, &b])
    })
    .unwrap();
}

#[test]
fn a_value_gated_by_itself() {
    check(|writer, below| {
        let gate = writer.node("Sigmoid", &[below]);
        writer.node("Mul", &[below, &gate])
    })
    .unwrap();
}

#[test]
fn the_greater_of_two_branches() {
    check(|writer, below| {
        let scale = writer.constant(&[1], &[0.5]);
        let a = writer.node("Mul", &[below, &scale]);
        let b = writer.node("Tanh", &[below]);
        writer.node("Max", &[&a, &b])
    })
    .unwrap();
}

#[test]
fn a_product_of_moved_branches() {
    check(|writer, below| {
        let shape = writer.whole(&[1, 3, 2]);
        let back = writer.whole(&[1, 2, 3]);
        let a = writer.node("Reshape", &[below, &shape]);
        let a = writer.node("Tanh", &[&a]);
        let a = writer.node("Reshape", &[&a, &back]);
        writer.node("Mul", &[&a, below])
    })
    .unwrap();
}

#[test]
fn a_value_beside_itself() {
    let error = check(|writer, below| writer.node_with("Concat", &[below, below], Some(("axis", 1)))).unwrap_err();
    assert!(error.to_string().contains("more than 67108864 numbers"), "{error}");
}
