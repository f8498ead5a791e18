//! What an ONNX LSTM node says, read and checked before tract sees it.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::TractResult;

use crate::error::{Error, Kind, Place, Result};
use crate::recurrence::Direction;
use crate::recurrence::activation::Activation;
use crate::recurrence::lstm::Activations;

/// The attributes of an LSTM node, and which optional inputs and outputs it has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LstmNode {
    pub(super) name: String,
    pub(super) directions: Vec<(Direction, Activations)>,
    pub(super) clip: Option<f32>,
    pub(super) input_forget: bool,
    pub(super) batch_first: bool,
    pub(super) inputs: LstmInputs,
    /// Which of Y, `Y_h`, `Y_c` the node returns.
    pub(super) outputs: [bool; 3],
}

/// Positions of the optional inputs among the inputs that are there. X, W and R are always 0, 1 and 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LstmInputs {
    pub(super) count: usize,
    pub(super) bias: Option<usize>,
    pub(super) lengths: Option<usize>,
    pub(super) initial_h: Option<usize>,
    pub(super) initial_c: Option<usize>,
    pub(super) peephole: Option<usize>,
}

impl LstmNode {
    /// Reads a node.
    ///
    /// # Errors
    /// Names the node and the attribute that ONNX does not define, or that is of the wrong type.
    pub(super) fn from_proto(node: &NodeProto) -> Result<Self> {
        let refuse = |message: String| Error::new(Kind::Unsupported, message).at(Place::Node(label(node)));
        let directions = attribute::<String>(node, "direction")?.unwrap_or_else(|| "forward".into());
        let directions = Direction::from_onnx(&directions).ok_or_else(|| {
            refuse(format!("LSTM direction \"{directions}\" is not one of forward, reverse, bidirectional"))
        })?;
        let activations = activations(node, directions.len())?;
        let clip = attribute::<f32>(node, "clip")?;
        if clip.is_some_and(|limit| limit.is_nan() || limit <= 0.0) {
            return Err(refuse("LSTM attribute clip must be greater than zero".into()));
        }
        let layout = attribute::<i64>(node, "layout")?.unwrap_or(0);
        if !(0..=1).contains(&layout) {
            return Err(refuse(format!("LSTM attribute layout is {layout}; it must be 0 or 1")));
        }
        let inputs = inputs(node).ok_or_else(|| refuse("LSTM needs the inputs X, W and R".into()))?;
        let output = |index: usize| node.output.get(index).is_some_and(|name| !name.is_empty());
        Ok(Self {
            name: label(node),
            directions: directions.iter().copied().zip(activations).collect(),
            clip,
            input_forget: attribute::<i64>(node, "input_forget")?.unwrap_or(0) != 0,
            batch_first: layout == 1,
            inputs,
            outputs: [output(0), output(1), output(2)],
        })
    }

    pub(super) fn n_directions(&self) -> usize {
        self.directions.len()
    }
}

/// The name by which people find a node in their viewer.
pub(super) fn label(node: &NodeProto) -> String {
    if node.name.is_empty() { node.output.first().cloned().unwrap_or_default() } else { node.name.clone() }
}

fn inputs(node: &NodeProto) -> Option<LstmInputs> {
    let mut count = 0;
    let mut positions = [None; 8];
    for (position, name) in positions.iter_mut().zip(&node.input) {
        if !name.is_empty() {
            *position = Some(count);
            count += 1;
        }
    }
    let [Some(0), Some(1), Some(2), bias, lengths, initial_h, initial_c, peephole] = positions else { return None };
    Some(LstmInputs { count, bias, lengths, initial_h, initial_c, peephole })
}

/// Three activations a direction: of the gates, the candidate and the cell.
fn activations(node: &NodeProto, n_directions: usize) -> Result<Vec<Activations>> {
    let refuse = |message: String| Error::new(Kind::Unsupported, message).at(Place::Node(label(node)));
    let names = strings(node, "activations")?;
    if names.is_empty() {
        let default = Activations { gate: Activation::Sigmoid, candidate: Activation::Tanh, cell: Activation::Tanh };
        return Ok(vec![default; n_directions]);
    }
    if names.len() != 3 * n_directions {
        return Err(refuse(format!("LSTM lists {} activations; it needs three a direction", names.len())));
    }
    // ONNX lists parameters in the order of the functions that take one.
    let mut alphas = floats(node, "activation_alpha")?.into_iter();
    let mut betas = floats(node, "activation_beta")?.into_iter();
    let functions = names
        .iter()
        .map(|name| {
            let (n_alpha, n_beta) = Activation::parameters(name);
            let alpha = if n_alpha > 0 { alphas.next() } else { None };
            let beta = if n_beta > 0 { betas.next() } else { None };
            Activation::from_onnx(name, alpha, beta).ok_or_else(|| {
                refuse(format!(
                    "LSTM activation \"{name}\" is not one that ONNX defines, or lacks its activation_alpha"
                ))
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(functions.chunks_exact(3).map(|f| Activations { gate: f[0], candidate: f[1], cell: f[2] }).collect())
}

fn attribute<'a, T: tract_onnx::pb_helpers::AttrScalarType<'a>>(node: &'a NodeProto, name: &str) -> Result<Option<T>> {
    wrap(node, node.get_attr_opt::<T>(name))
}

fn strings(node: &NodeProto, name: &str) -> Result<Vec<String>> {
    Ok(wrap(node, node.get_attr_opt_vec::<String>(name))?.unwrap_or_default())
}

fn floats(node: &NodeProto, name: &str) -> Result<Vec<f32>> {
    Ok(wrap(node, node.get_attr_opt_vec::<f32>(name))?.unwrap_or_default())
}

fn wrap<T>(node: &NodeProto, result: TractResult<T>) -> Result<T> {
    result.map_err(|error| Error::new(Kind::Model, format!("{error:#}")).at(Place::Node(label(node))))
}
