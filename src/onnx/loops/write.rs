//! The recurrent node that takes a loop's place, with what leads to it and from it.
//!
//! The node is an ordinary one of ONNX's, but for a mask, which ONNX has none of ([`MASK`]). So a network that was
//! exported as a Loop, and the same one exported as an LSTM, are read by the same code from here on, and have the same
//! relevance.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

use super::cell::{CellBlock, Lifted};
use super::expression::Matrix;
use super::reason::LoopReason;
use super::{Loop, Recurrence, Written};
use crate::engine::function::activation::Activation;
use crate::engine::number::signed;
use crate::onnx::node::{MASK, Operator, label};

impl Loop<'_> {
    /// The nodes and weights that take the loop's place:
    ///
    /// ```text
    /// sequence -- Gather 0..n_steps --> X --+
    /// initial states -- Reshape ------------+--> LSTM, GRU or RNN -- Reshape --> the loop's outputs
    /// ```
    ///
    /// # Errors
    /// Where something reads an output that is neither a state nor their sequence.
    pub(super) fn write(&self, recurrence: &Recurrence) -> Result<Written, LoopReason> {
        let Recurrence { lifted, sequence, n_steps, mask, .. } = recurrence;
        let mut writer = Writer { prefix: label(self.node), written: Written { nodes: vec![], initializers: vec![] } };
        let steps = writer.integers("steps", &[signed(*n_steps)], (0..signed(*n_steps)).collect());
        let x = writer.node("Gather", "x", &[sequence, &steps], vec![integer("axis", 0)]);
        let mut inputs = vec![x];
        inputs.extend(writer.weights(lifted));
        inputs.push(String::new());
        inputs.push(self.initial(&mut writer, lifted.h));
        if let Some(c) = lifted.c {
            inputs.push(self.initial(&mut writer, c));
        }
        if let Some((mask, _)) = mask {
            inputs.resize(if lifted.operator == Operator::Lstm { 8 } else { 6 }, String::new());
            inputs.push(writer.mask(mask, &steps));
        }
        while inputs.last().is_some_and(String::is_empty) {
            inputs.pop();
        }
        let outputs: &[&str] = if lifted.c.is_some() { &["y", "y_h", "y_c"] } else { &["y", "y_h"] };
        let outputs = outputs.iter().map(|output| writer.name(output)).collect();
        writer.recurrent(lifted, inputs, outputs, mask.is_some());
        self.outputs(&mut writer, recurrence)?;
        Ok(writer.written)
    }

    /// The name of an initial state, `[1, batch, n_hidden]`; nothing where it is zero.
    fn initial(&self, writer: &mut Writer, state: usize) -> String {
        let name = &self.node.input[2 + state];
        if self.is_zero(name) {
            return String::new();
        }
        let shape = writer.integers(&format!("initial_{state}.shape"), &[3], vec![1, 1, -1]);
        writer.node("Reshape", &format!("initial_{state}"), &[name, &shape], vec![])
    }

    /// What the loop returned, by the names that it had: last states `[1, n_hidden]`, sequences `[n_steps, 1,
    /// n_hidden]`, and what it only handed on. Batches of one.
    fn outputs(&self, writer: &mut Writer, recurrence: &Recurrence) -> Result<(), LoopReason> {
        let lifted = &recurrence.lifted;
        let last = writer.integers("last.shape", &[2], vec![1, -1]);
        let all = writer.integers("all.shape", &[3], vec![signed(recurrence.n_steps), 1, -1]);
        let (y, y_h, y_c) = (writer.name("y"), writer.name("y_h"), writer.name("y_c"));
        let next = |state: usize| recurrence.next[state].as_ref();
        let sequence = match &recurrence.mask {
            Some((_, true)) => writer.unmasked_only(&y),
            _ => y,
        };
        for (slot, output) in self.node.output.iter().enumerate() {
            if output.is_empty() || !self.used.contains(output.as_str()) {
                continue;
            }
            let (kind, inputs) = if slot >= self.n_states {
                ("Reshape", vec![sequence.clone(), all.clone()])
            } else if let Some(outside) = self.invariant.get(self.body.input[2 + slot].name.as_str()) {
                ("Identity", vec![(*outside).to_owned()])
            } else if Some(slot) == lifted.c {
                ("Reshape", vec![y_c.clone(), last.clone()])
            } else if next(slot).is_some() && next(slot) == next(lifted.h) {
                ("Reshape", vec![y_h.clone(), last.clone()])
            } else {
                return Err(format!("it returns \"{output}\", which is neither its states nor their sequence").into());
            };
            let name = format!("{}.{slot}", writer.prefix);
            writer.written.nodes.push(NodeProto {
                op_type: kind.into(),
                name,
                input: inputs,
                output: vec![output.clone()],
                ..NodeProto::default()
            });
        }
        Ok(())
    }
}

/// What has been written so far, under names that begin with the loop's.
struct Writer {
    /// The loop's name, with which all others begin.
    prefix: String,
    /// Nodes and weights so far.
    written: Written,
}

impl Writer {
    /// The name of a value that is written.
    fn name(&self, what: &str) -> String {
        format!("{}/lifted/{what}", self.prefix)
    }

    /// Writes a node with one output, whose name it returns.
    fn node(&mut self, kind: &str, what: &str, inputs: &[&str], attribute: Vec<AttributeProto>) -> String {
        let name = self.name(what);
        self.written.nodes.push(NodeProto {
            op_type: kind.into(),
            name: name.clone(),
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![name.clone()],
            attribute,
            ..NodeProto::default()
        });
        name
    }

    /// Writes a tensor of raw bytes, and returns its name.
    fn tensor(&mut self, what: &str, dims: &[i64], data_type: DataType, raw_data: Vec<u8>) -> String {
        let name = self.name(what);
        let tensor =
            TensorProto { dims: dims.to_vec(), data_type: data_type as i32, raw_data, ..TensorProto::default() };
        self.written.initializers.push(TensorProto { name: name.clone(), ..tensor });
        name
    }

    /// Writes whole numbers of 64 bits.
    fn integers(&mut self, what: &str, dims: &[i64], data: Vec<i64>) -> String {
        self.tensor(what, dims, DataType::Int64, data.into_iter().flat_map(i64::to_le_bytes).collect())
    }

    /// Writes numbers in single precision.
    fn floats(&mut self, what: &str, dims: &[usize], data: &[f32]) -> String {
        let dims: Vec<i64> = dims.iter().map(|dim| signed(*dim)).collect();
        self.tensor(what, &dims, DataType::Float, data.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    /// W `[1, n_blocks * n_hidden, n_inputs]`, R `[1, n_blocks * n_hidden, n_hidden]` and B `[1, 2 * n_blocks *
    /// n_hidden]` as ONNX has them: a row a unit, blocks below each other.
    fn weights(&mut self, lifted: &Lifted) -> [String; 3] {
        let rows = |matrix: fn(&CellBlock) -> &Matrix| -> Vec<f32> {
            lifted.blocks.iter().flat_map(|block| matrix(block).transposed().data).collect()
        };
        let biases = |bias: fn(&CellBlock) -> &Vec<f32>| lifted.blocks.iter().flat_map(bias).copied();
        let first = &lifted.blocks[0];
        let (n_inputs, n_hidden) = (first.w.n_rows, first.w.n_columns);
        let n_rows = lifted.blocks.len() * n_hidden;
        let bias: Vec<f32> = biases(|block| &block.bias).chain(biases(|block| &block.recurrent_bias)).collect();
        [
            self.floats("W", &[1, n_rows, n_inputs], &rows(|block| &block.w)),
            self.floats("R", &[1, n_rows, n_hidden], &rows(|block| &block.u)),
            self.floats("B", &[1, 2 * n_rows], &bias),
        ]
    }

    /// 1 for the steps that are read, 0 for masked ones, `[n_steps, 1]`.
    fn mask(&mut self, mask: &str, steps: &str) -> String {
        let rows = self.node("Gather", "mask.rows", &[mask, steps], vec![integer("axis", 0)]);
        let numbers = self.node("Cast", "mask.numbers", &[&rows], vec![integer("to", DataType::Float as i64)]);
        let shape = self.integers("mask.shape", &[2], vec![-1, 1]);
        self.node("Reshape", "mask", &[&numbers, &shape], vec![])
    }

    /// `y`, `[n_steps, 1, 1, n_hidden]`, with zeros for masked steps.
    fn unmasked_only(&mut self, y: &str) -> String {
        let axes = self.integers("mask.axes", &[4], vec![-1, 1, 1, 1]);
        let mask = self.name("mask");
        let mask = self.node("Reshape", "mask.all", &[&mask, &axes], vec![]);
        self.node("Mul", "y.unmasked", &[y, &mask], vec![])
    }

    /// The recurrent node, by the loop's own name, so that messages name what is in the file.
    fn recurrent(&mut self, lifted: &Lifted, input: Vec<String>, output: Vec<String>, is_masked: bool) {
        let mut attribute = vec![integer("hidden_size", signed(lifted.blocks[0].w.n_columns))];
        if lifted.operator == Operator::Gru {
            attribute.push(integer("linear_before_reset", i64::from(lifted.reset_after)));
        }
        if is_masked {
            attribute.push(integer(MASK, 1));
        }
        attribute.extend(activations(&lifted.activations));
        let (op_type, name) = (lifted.operator.name().into(), self.prefix.clone());
        self.written.nodes.push(NodeProto { op_type, name, input, output, attribute, ..NodeProto::default() });
    }
}

/// An attribute of one whole number.
fn integer(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..AttributeProto::default() }
}

/// ONNX's three lists: names, and in the order of the functions that take them, alphas and betas.
fn activations(functions: &[Activation]) -> [AttributeProto; 3] {
    let onnx = functions.iter().map(|function| function.to_onnx());
    let strings = onnx.clone().map(|(name, _, _)| name.as_bytes().to_vec()).collect();
    let floats = |name: &str, floats: Vec<f32>| AttributeProto {
        name: name.into(),
        r#type: AttributeType::Floats as i32,
        floats,
        ..AttributeProto::default()
    };
    let names = AttributeProto {
        name: "activations".into(),
        r#type: AttributeType::Strings as i32,
        strings,
        ..AttributeProto::default()
    };
    let alphas = onnx.clone().filter_map(|(_, alpha, _)| alpha).collect();
    let betas = onnx.filter_map(|(_, _, beta)| beta).collect();
    [names, floats("activation_alpha", alphas), floats("activation_beta", betas)]
}
