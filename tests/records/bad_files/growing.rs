//! Networks of as many nodes as asked for, to see how the time to open them grows.

use crate::wire::{Field, Message};

/// What a network is made of, over an input `[1, 8, 2]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Transpose, LSTM of 2 units, Squeeze, then so many operators in a row.
    Chain(&'static str),
    /// So many operators side by side on the LSTM's last state, and a Concat.
    Branches(&'static str),
    /// So many recurrent layers side by side, and a Concat.
    Layers(&'static str),
    /// So many recurrent layers, each over what the one before returned.
    Stack(&'static str),
    /// So many Reshapes in a row, each with a shape of its own among as many initializers.
    Reshapes,
    /// So many Expands of one number, each to 65,536, and the greatest of them.
    Expands,
}

impl Shape {
    /// The ONNX file with `n` operators.
    pub(crate) fn file(self, n: usize) -> Vec<u8> {
        let mut graph = Graph::default();
        let steps = graph.node("Transpose", &["x"], "steps", vec![ints("perm", &[1, 0, 2])]);
        let state = graph.layer("LSTM", &steps, "")[1].clone();
        match self {
            Self::Chain(operator) => {
                let last = (0..n).fold(state, |from, k| graph.operator(operator, &from, k));
                graph.head(&last, 2);
            }
            Self::Branches(operator) => {
                let branches: Vec<String> = (0..n).map(|k| graph.operator(operator, &state, k)).collect();
                graph.concat(&branches);
            }
            Self::Layers(kind) => {
                let states: Vec<String> =
                    (0..n).map(|k| graph.layer(kind, &steps, &format!("_{k}"))[1].clone()).collect();
                graph.concat(&states);
            }
            Self::Stack(kind) => {
                let one = graph.integers("one", &[1]);
                let mut made = [steps, state];
                for k in 0..n {
                    let [y, h] = graph.layer(kind, &made[0], &format!("_{k}"));
                    made = [graph.node("Squeeze", &[&y, &one], &format!("steps_{k}"), vec![]), h];
                }
                graph.head(&made[1], 2);
            }
            Self::Reshapes => {
                let reshape = |graph: &mut Graph, from: String, k: usize| {
                    let shape =
                        graph.integers(&format!("shape{k}"), if k.is_multiple_of(2) { &[2, 1] } else { &[1, 2] });
                    graph.node("Reshape", &[&from, &shape], &format!("o{k}"), vec![])
                };
                let last = (0..2 * n.div_ceil(2)).fold(state, |from, k| reshape(&mut graph, from, k));
                graph.head(&last, 2);
            }
            Self::Expands => {
                let mut last = state;
                for k in 0..n {
                    let shape = graph.integers(&format!("shape{k}"), &[32_768, 2]);
                    let wide = graph.node("Expand", &[&last, &shape], &format!("wide{k}"), vec![]);
                    // Of sums of so many numbers single precision would leave a difference.
                    last = graph.node("ReduceMax", &[&wide], &format!("o{k}"), vec![ints("axes", &[0])]);
                }
                graph.head(&last, 2);
            }
        }
        graph.file()
    }
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Message>,
    initializers: Vec<Message>,
}

impl Graph {
    /// What a recurrent layer of 2 units returns, `[8, 1, 1, 2]`, and its last state `[1, 2]`.
    fn layer(&mut self, kind: &str, steps: &str, suffix: &str) -> [String; 2] {
        let name = |part: &str| format!("{part}{suffix}");
        let n = match kind {
            "LSTM" => 8,
            "GRU" => 6,
            _ => 2,
        };
        let w = self.floats(&name("w"), &[1, n, 2]);
        let r = self.floats(&name("r"), &[1, n, 2]);
        let mut node = message(kind, &[steps, &w, &r], &[&name("y"), &name("h")], &name("layer"));
        node.push(5, int("hidden_size", 2));
        self.nodes.push(node);
        let axes = self.integers(&name("axes"), &[0]);
        [name("y"), self.node("Squeeze", &[&name("h"), &axes], &name("state"), vec![])]
    }

    fn operator(&mut self, operator: &str, from: &str, k: usize) -> String {
        let output = format!("o{k}");
        match operator {
            "Add" | "Mul" => {
                let c = self.floats(&format!("c{k}"), &[1, 2]);
                self.node(operator, &[from, &c], &output, vec![])
            }
            "MatMul" => {
                let name = format!("c{k}");
                self.tensor(&name, &[2, 2], &[1.0, 0.0, 0.0, 1.0]);
                self.node(operator, &[from, &name], &output, vec![])
            }
            "Slice" => {
                let bounds = [("from", 0), ("to", 2), ("along", 1)];
                let bounds = bounds.map(|(name, number)| self.integers(&format!("{name}{k}"), &[number]));
                self.node(operator, &[from, &bounds[0], &bounds[1], &bounds[2]], &output, vec![])
            }
            "Gather" => {
                let turned = self.integers(&format!("c{k}"), &[1, 0]);
                self.node(operator, &[from, &turned], &output, vec![int("axis", 1)])
            }
            // A node that holds a number, and one that adds it.
            "Constant" => {
                let mut held = Message(vec![]);
                held.push(1, "value_float");
                held.push(2, Field::Fixed(0.01_f32.to_le_bytes().to_vec()));
                held.push(20, 1_u64);
                let number = self.node(operator, &[], &format!("c{k}"), vec![held]);
                self.node("Add", &[from, &number], &output, vec![])
            }
            _ => self.node(operator, &[from], &output, vec![]),
        }
    }

    fn concat(&mut self, parts: &[String]) {
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let all = self.node("Concat", &names, "all", vec![int("axis", 1)]);
        self.head(&all, 2 * parts.len());
    }

    fn head(&mut self, from: &str, n: usize) {
        let w = self.floats("head", &[n, 1]);
        let score = self.node("MatMul", &[from, &w], "score", vec![]);
        self.node("Sigmoid", &[&score], "p", vec![]);
    }

    fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attributes: Vec<Message>) -> String {
        let mut node = message(operator, inputs, &[output], &format!("node_{output}"));
        attributes.into_iter().for_each(|attribute| node.push(5, attribute));
        self.nodes.push(node);
        output.to_owned()
    }

    fn floats(&mut self, name: &str, dims: &[usize]) -> String {
        let n: usize = dims.iter().product();
        let numbers: Vec<f32> = (0..n).map(|k| ((k * 7 + name.len()) % 11) as f32 / 50.0 - 0.1).collect();
        self.tensor(name, dims, &numbers)
    }

    fn tensor(&mut self, name: &str, dims: &[usize], numbers: &[f32]) -> String {
        self.initializer(name, dims, 1, numbers.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    fn integers(&mut self, name: &str, numbers: &[i64]) -> String {
        self.initializer(name, &[numbers.len()], 7, numbers.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    fn initializer(&mut self, name: &str, dims: &[usize], data_type: u64, raw: Vec<u8>) -> String {
        let mut tensor = Message(vec![]);
        dims.iter().for_each(|len| tensor.push(1, *len as u64));
        tensor.push(2, data_type);
        tensor.push(8, name);
        tensor.push(9, raw);
        self.initializers.push(tensor);
        name.to_owned()
    }

    fn file(self) -> Vec<u8> {
        let mut graph = Message(vec![]);
        self.nodes.into_iter().for_each(|node| graph.push(1, node));
        graph.push(2, "growing");
        self.initializers.into_iter().for_each(|tensor| graph.push(5, tensor));
        graph.push(11, value("x", &[1, 8, 2]));
        graph.push(12, value("p", &[1, 1]));
        let mut opset = Message(vec![]);
        opset.push(2, 17_u64);
        let mut model = Message(vec![]);
        model.push(1, 8_u64);
        model.push(8, opset);
        model.push(7, graph);
        model.write()
    }
}

fn message(operator: &str, inputs: &[&str], outputs: &[&str], name: &str) -> Message {
    let mut node = Message(vec![]);
    inputs.iter().for_each(|input| node.push(1, *input));
    outputs.iter().for_each(|output| node.push(2, *output));
    node.push(3, name);
    node.push(4, operator);
    node
}

fn int(name: &str, value: i64) -> Message {
    let mut attribute = Message(vec![]);
    attribute.push(1, name);
    attribute.push(3, value);
    attribute.push(20, 2_u64);
    attribute
}

fn ints(name: &str, values: &[i64]) -> Message {
    let mut attribute = Message(vec![]);
    attribute.push(1, name);
    values.iter().for_each(|value| attribute.push(8, *value));
    attribute.push(20, 7_u64);
    attribute
}

fn value(name: &str, dims: &[u64]) -> Message {
    let mut shape = Message(vec![]);
    for len in dims {
        shape.push(1, Message(vec![(1, Field::from(*len))]));
    }
    let tensor = Message(vec![(1, Field::from(1_u64)), (2, Field::from(shape))]);
    let kind = Message(vec![(1, Field::from(tensor))]);
    Message(vec![(1, Field::from(name)), (2, Field::from(kind))])
}
