//! Functions that exporters spell out in arithmetic, recognised by what they compute.
//!
//! `TorchScript` writes GELU (tanh) as `0.5 x (1 + tanh(0.797885 (x + 0.044715 x^3)))`, in one of several orders. To relevance
//! that is seven operations or one function, and one network must not have two pictures. So each expression around a tanh
//! that reads one value alone is tried on some numbers, and is the function where it agrees on all of them.
//!
//! Only a value that the expression reads alone can be its input, and a larger expression counts before a smaller one
//! inside it.

use std::collections::HashMap;

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use crate::engine::function::Function;

/// Operations between the value and the end of the expression.
const DEEPEST: usize = 12;
/// Nodes behind the tanh.
const BEHIND: usize = 3;
/// Where expressions are tried.
const TRIED: [f64; 9] = [-3.7, -2.1, -1.3, -0.6, -0.2, 0.35, 0.9, 1.7, 3.1];

/// Puts one node in the place of each such expression; what it was made of is left for pruning.
pub(super) fn recognise(graph: &mut GraphProto) {
    let found: Vec<(usize, String)> = {
        let nodes = Spelled::of(graph);
        let tanh = graph.node.iter().filter(|node| node.op_type == "Tanh");
        tanh.filter_map(|node| nodes.gelu(node)).collect()
    };
    for (index, x) in found {
        let node = &mut graph.node[index];
        node.op_type = "Gelu".into();
        node.domain.clear();
        node.input = vec![x];
        let tanh = b"tanh".to_vec();
        let name = "approximate".into();
        node.attribute =
            vec![AttributeProto { name, r#type: AttributeType::String as i32, s: tanh, ..AttributeProto::default() }];
    }
}

/// A graph's nodes by what they compute and read.
struct Spelled<'g> {
    /// For each value, the node that computes it, and that node's index.
    makers: HashMap<&'g str, (usize, &'g NodeProto)>,
    /// For each value, the nodes that read it.
    readers: HashMap<&'g str, Vec<&'g NodeProto>>,
    /// The constants that are one number.
    constants: HashMap<&'g str, f64>,
}

impl<'g> Spelled<'g> {
    /// A graph's nodes, by names.
    fn of(graph: &'g GraphProto) -> Self {
        let made = graph.node.iter().enumerate();
        let makers = made.flat_map(|(index, node)| node.output.iter().map(move |name| (name.as_str(), (index, node))));
        let mut readers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in &graph.node {
            node.input.iter().for_each(|name| readers.entry(name).or_default().push(node));
        }
        let of_node = graph.node.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
            let tensor = node.attribute.iter().find_map(|attribute| attribute.t.as_ref())?;
            Some((node.output.first()?.as_str(), number(tensor)?))
        });
        let constants = graph.initializer.iter().filter_map(|tensor| Some((tensor.name.as_str(), number(tensor)?)));
        Self { makers: makers.collect(), readers, constants: constants.chain(of_node).collect() }
    }

    /// The node at the end of a GELU around a tanh, and the value that it reads.
    /// Candidates for the value are all that the tanh is made of; candidates for the end, what is at most [`BEHIND`]
    /// nodes behind it. Of several ends that agree the last is taken, which is the whole of the expression.
    fn gelu(&self, tanh: &'g NodeProto) -> Option<(usize, String)> {
        let mut below = vec![];
        self.below(tanh.input.first()?, 0, &mut below);
        let mut ends = vec![tanh];
        let mut last: Option<(usize, String)> = None;
        for _ in 0..BEHIND {
            let names = ends.iter().flat_map(|node| &node.output);
            ends = names.filter_map(|name| self.readers.get(name.as_str())).flatten().copied().collect();
            for end in &ends {
                let name = end.output.first()?.as_str();
                if let Some(x) = below.iter().find(|x| self.is_gelu(name, x)) {
                    last = Some((self.makers.get(name)?.0, (*x).to_owned()));
                }
            }
        }
        last
    }

    /// Values that an expression is made of.
    fn below(&self, name: &'g str, depth: usize, found: &mut Vec<&'g str>) {
        if depth > DEEPEST || self.constants.contains_key(name) || found.contains(&name) {
            return;
        }
        found.push(name);
        if let Some((_, node)) = self.makers.get(name).filter(|(_, node)| is_arithmetic(&node.op_type)) {
            node.input.iter().for_each(|name| self.below(name, depth + 1, found));
        }
    }

    /// Whether the value `name` is GELU (tanh) of the value `x`, on all numbers of [`TRIED`] to 2e-6.
    fn is_gelu(&self, name: &str, x: &str) -> bool {
        TRIED.iter().all(|z| {
            let want = Function::GeluTanh.value(*z);
            self.value(name, x, *z, 0).is_some_and(|got| (got - want).abs() < 2e-6 * want.abs().max(1.0))
        })
    }

    /// An expression where value `x` is the number `z`; nothing where it reads anything else.
    fn value(&self, name: &str, x: &str, z: f64, depth: usize) -> Option<f64> {
        if name == x {
            return Some(z);
        }
        if let Some(constant) = self.constants.get(name) {
            return Some(*constant);
        }
        let (_, node) = self.makers.get(name).filter(|_| depth <= DEEPEST)?;
        let of = |slot: usize| self.value(node.input.get(slot)?, x, z, depth + 1);
        Some(match node.op_type.as_str() {
            "Add" => of(0)? + of(1)?,
            "Sub" => of(0)? - of(1)?,
            "Mul" => of(0)? * of(1)?,
            "Div" => of(0)? / of(1)?,
            "Pow" => of(0)?.powf(of(1)?),
            "Neg" => -of(0)?,
            "Sqrt" => of(0)?.sqrt(),
            "Tanh" => of(0)?.tanh(),
            "Cast" | "Identity" => of(0)?,
            _ => return None,
        })
    }
}

/// Whether an expression may go on below an operator. A tanh ends it: what it reads is what is looked through.
fn is_arithmetic(operator: &str) -> bool {
    matches!(operator, "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Neg" | "Cast" | "Identity")
}

/// The number that a tensor holds, where it is one.
fn number(tensor: &TensorProto) -> Option<f64> {
    if tensor.dims.iter().any(|dim| *dim != 1) || tensor.data_type != DataType::Float as i32 {
        return None;
    }
    let raw = tensor.raw_data.as_chunks::<4>().0.first().map(|bytes| f32::from_le_bytes(*bytes));
    raw.or_else(|| tensor.float_data.first().copied()).map(f64::from)
}
