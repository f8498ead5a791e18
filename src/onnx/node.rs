//! What an ONNX LSTM, GRU or RNN node says, read and checked before tract sees it.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::TractResult;

use crate::engine::function::activation::Activation;
use crate::engine::recurrence::Direction;
use crate::error::{Error, Kind, Place, Result};

/// The recurrent operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Lstm,
    Gru,
    Rnn,
}

/// The attributes of a recurrent node, and which optional inputs and outputs it has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecurrentNode {
    /// LSTM, GRU or RNN.
    pub(super) operator: Operator,
    /// What people find it by.
    pub(super) name: String,
    /// With the activations of each direction, as many as the operator has.
    pub(super) directions: Vec<(Direction, Vec<Activation>)>,
    /// The limit of all preactivations on both sides; `None` for no limit.
    pub(super) clip: Option<f32>,
    /// An LSTM's `input_forget`.
    pub(super) input_forget: bool,
    /// A GRU's `linear_before_reset`.
    pub(super) reset_after: bool,
    /// Whether X and Y have the batch before the steps (`layout` = 1).
    pub(super) batch_first: bool,
    /// Where its inputs stand.
    pub(super) inputs: RecurrentInputs,
    /// Which of Y, `Y_h`, `Y_c` the node returns.
    pub(super) outputs: [bool; 3],
}

/// Positions of the optional inputs among the inputs that are there. X, W and R are always 0, 1 and 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecurrentInputs {
    /// How many inputs are there.
    pub(super) count: usize,
    /// B.
    pub(super) bias: Option<usize>,
    /// `sequence_lens`.
    pub(super) lengths: Option<usize>,
    /// The first hidden state.
    pub(super) initial_h: Option<usize>,
    /// The first cell state, of an LSTM.
    pub(super) initial_c: Option<usize>,
    /// P, of an LSTM.
    pub(super) peephole: Option<usize>,
    /// Which steps are read: an input that no file has, see [`MASK`].
    pub(super) mask: Option<usize>,
}

/// The attribute of a node whose further, last input says which steps are read: `loops` writes it. It is none of ONNX's, so
/// a file that has it is refused.
pub(super) const MASK: &str = "vitrine_mask";

impl Operator {
    /// The operator of a name of ONNX's; `None` for one that is no recurrent one.
    pub(super) fn from_onnx(op_type: &str) -> Option<Self> {
        match op_type {
            "LSTM" => Some(Self::Lstm),
            "GRU" => Some(Self::Gru),
            "RNN" => Some(Self::Rnn),
            _ => None,
        }
    }

    /// The name that ONNX has for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Lstm => "LSTM",
            Self::Gru => "GRU",
            Self::Rnn => "RNN",
        }
    }

    /// Gates and candidate: blocks of weights, each of `n_hidden` rows.
    pub(super) const fn n_blocks(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
            Self::Rnn => 1,
        }
    }

    /// Numbers that a tape has an hour and a hidden unit, see `engine/recurrence/run.rs`.
    pub(super) const fn tape_blocks(self) -> usize {
        match self {
            Self::Lstm => 11,
            Self::Gru => 8,
            Self::Rnn => 2,
        }
    }

    /// Inputs, optional ones counted.
    const fn n_inputs(self) -> usize {
        match self {
            Self::Lstm => 8,
            Self::Gru | Self::Rnn => 6,
        }
    }

    /// The activations of a direction where the node lists none.
    fn default_activations(self) -> Vec<Activation> {
        match self {
            Self::Lstm => vec![Activation::Sigmoid, Activation::Tanh, Activation::Tanh],
            Self::Gru => vec![Activation::Sigmoid, Activation::Tanh],
            Self::Rnn => vec![Activation::Tanh],
        }
    }

    /// Whether ONNX defines an attribute for the operator. What it does not define would be ignored without a word.
    fn defines(self, attribute: &str) -> bool {
        match attribute {
            "activation_alpha" | "activation_beta" | "activations" | "clip" | "direction" | "hidden_size"
            | "layout" => true,
            // Of the operator's first version; what it says, the names of the outputs say as well.
            "output_sequence" => true,
            MASK => true,
            "input_forget" => self == Self::Lstm,
            "linear_before_reset" => self == Self::Gru,
            _ => false,
        }
    }
}

impl RecurrentNode {
    /// Reads a node of ONNX's operators LSTM, GRU or RNN, in any of their versions (1, 3, 7, 14, 22).
    ///
    /// # Errors
    /// Names the node and the attribute that ONNX does not define, that is of the wrong type, or out of its range; and
    /// says where X, W or R is missing, or an input too many.
    pub(super) fn from_proto(node: &NodeProto) -> Result<Self> {
        let refuse = |message: String| {
            Error::new(Kind::Unsupported, format!("{} {message}", node.op_type)).at(Place::Node(label(node)))
        };
        let operator = Operator::from_onnx(&node.op_type).ok_or_else(|| refuse("is not a recurrent node".into()))?;
        if let Some(unknown) = node.attribute.iter().find(|attribute| !operator.defines(&attribute.name)) {
            return Err(refuse(format!("attribute {} is not one that ONNX defines; remove it", unknown.name)));
        }
        let directions = attribute::<String>(node, "direction")?.unwrap_or_else(|| "forward".into());
        let directions = Direction::from_onnx(&directions).ok_or_else(|| {
            refuse(format!("direction \"{directions}\" is not one of forward, reverse, bidirectional"))
        })?;
        let activations = activations(node, operator, directions.len())?;
        let clip = attribute::<f32>(node, "clip")?;
        if clip.is_some_and(|limit| limit.is_nan() || limit <= 0.0) {
            return Err(refuse("attribute clip must be greater than zero".into()));
        }
        let layout = attribute::<i64>(node, "layout")?.unwrap_or(0);
        if !(0..=1).contains(&layout) {
            return Err(refuse(format!("attribute layout is {layout}; it must be 0 or 1")));
        }
        let inputs = inputs(node, operator)
            .ok_or_else(|| refuse(format!("needs the inputs X, W and R, and has at most {}", operator.n_inputs())))?;
        let output = |index: usize| node.output.get(index).is_some_and(|name| !name.is_empty());
        Ok(Self {
            operator,
            name: label(node),
            directions: directions.iter().copied().zip(activations).collect(),
            clip,
            input_forget: attribute::<i64>(node, "input_forget")?.unwrap_or(0) != 0,
            reset_after: attribute::<i64>(node, "linear_before_reset")?.unwrap_or(0) != 0,
            batch_first: layout == 1,
            inputs,
            outputs: [output(0), output(1), output(2)],
        })
    }

    /// 1, or 2 where it is bidirectional.
    pub(super) fn n_directions(&self) -> usize {
        self.directions.len()
    }
}

/// The name by which people find a node in their viewer.
pub(super) fn label(node: &NodeProto) -> String {
    if node.name.is_empty() { node.output.first().cloned().unwrap_or_default() } else { node.name.clone() }
}

/// Where the optional inputs stand among those that are there. Names that are empty are inputs left out.
fn inputs(node: &NodeProto, operator: Operator) -> Option<RecurrentInputs> {
    let mut count = 0;
    let mut positions = [None; 9];
    let is_masked = node.attribute.iter().any(|attribute| attribute.name == MASK);
    let n_inputs = operator.n_inputs();
    if node.input.iter().skip(n_inputs + usize::from(is_masked)).any(|name| !name.is_empty()) {
        return None;
    }
    for (position, name) in positions.iter_mut().zip(&node.input) {
        if !name.is_empty() {
            *position = Some(count);
            count += 1;
        }
    }
    let mask = if is_masked { positions[n_inputs].take() } else { None };
    let [Some(0), Some(1), Some(2), bias, lengths, initial_h, initial_c, peephole, _] = positions else { return None };
    Some(RecurrentInputs { count, bias, lengths, initial_h, initial_c, peephole, mask })
}

/// The activations of each direction, with their alpha and beta.
///
/// # Errors
/// For another number of names than the operator needs, and for a function that ONNX does not define.
fn activations(node: &NodeProto, operator: Operator, n_directions: usize) -> Result<Vec<Vec<Activation>>> {
    let refuse = |message: String| {
        Error::new(Kind::Unsupported, format!("{} {message}", operator.name())).at(Place::Node(label(node)))
    };
    let names = strings(node, "activations")?;
    let default = operator.default_activations();
    if names.is_empty() {
        return Ok(vec![default; n_directions]);
    }
    if names.len() != default.len() * n_directions {
        return Err(refuse(format!("lists {} activations; it needs {} a direction", names.len(), default.len())));
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
                refuse(format!("activation \"{name}\" is not one that ONNX defines, or lacks its activation_alpha"))
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(functions.chunks_exact(default.len()).map(<[Activation]>::to_vec).collect())
}

/// An attribute; `None` where it is left out.
fn attribute<'a, T: tract_onnx::pb_helpers::AttrScalarType<'a>>(node: &'a NodeProto, name: &str) -> Result<Option<T>> {
    wrap(node, node.get_attr_opt::<T>(name))
}

/// An attribute of several names; none where it is left out.
fn strings(node: &NodeProto, name: &str) -> Result<Vec<String>> {
    Ok(wrap(node, node.get_attr_opt_vec::<String>(name))?.unwrap_or_default())
}

/// An attribute of several numbers; none where it is left out.
fn floats(node: &NodeProto, name: &str) -> Result<Vec<f32>> {
    Ok(wrap(node, node.get_attr_opt_vec::<f32>(name))?.unwrap_or_default())
}

/// tract's failure to read an attribute, with the node's name.
fn wrap<T>(node: &NodeProto, result: TractResult<T>) -> Result<T> {
    result.map_err(|error| Error::new(Kind::Model, format!("{error:#}")).at(Place::Node(label(node))))
}
