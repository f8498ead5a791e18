//! Why an operator is refused, and what helps: in words for the layer that a person wrote, and for the program that wrote
//! the file.

use std::collections::HashSet;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::wire;
use super::wire::classic;
use super::{node::label, prune::captured};
use crate::error::{Error, Kind, Place, Result};

/// What an operator does, and what to do about it: it begins behind "operator X". `None` where it is read.
///
/// Single operators are asked for first, then marks of a quantised network in the name, then the domain, and last
/// whether a table has it: the first that holds is what helps most.
pub(super) fn of(node: &NodeProto) -> Option<String> {
    let operator = node.op_type.as_str();
    let is_standard = node.domain.is_empty() || node.domain == "ai.onnx";
    if let Some(reason) = by_name(operator) {
        return Some(reason.into());
    }
    if operator.to_lowercase().contains("quant") || operator.ends_with("Integer") || operator.starts_with("QLinear") {
        return Some(
            "is of a quantised network, whose numbers are rounded to a few bits; export the model in float32, before quantisation".into(),
        );
    }
    if node.domain.starts_with("com.microsoft") {
        return Some(format!(
            "of the domain \"{}\" is not a standard ONNX operator: onnxruntime's optimiser writes it in the place of several; save the model before onnxruntime optimises it, or at ORT_ENABLE_BASIC, or export it again",
            node.domain
        ));
    }
    if !is_standard && node.domain != classic::DOMAIN {
        return Some(format!(
            "of the domain \"{}\" is not a standard ONNX operator; export with standard operators only",
            node.domain
        ));
    }
    (!is_read(operator)).then(|| {
        "has no rule here; export the model without it, of dense, convolutional, recurrent and element-wise layers"
            .into()
    })
}

/// Why a network that looks for missing numbers in its input is refused.
const MISSING: &str = "asks which numbers of the input are missing (NaN), and no input may be NaN here; fill missing values in before the network (outside of it), with the mask as columns of its own, and export without torch.isnan and nan_to_num, or without the step that asks (scikit-learn: QuantileTransformer, applied before)";

/// Operators behind which a missing number of the input is missing still.
const KEEP_MISSING: [&str; 21] = [
    "Identity",
    "Dropout",
    "Cast",
    "CastLike",
    "Transpose",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Slice",
    "Split",
    "Gather",
    "GatherElements",
    "Concat",
    "Expand",
    "Tile",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Where",
];

/// Refuses a network that asks whether numbers of its input are missing. Asked of what a layer computed, it is a guard of
/// the exporter's, such as around a softmax all of whose scores are masked.
pub(super) fn check_missing(graph: &GraphProto) -> Result<()> {
    let asks = |node: &NodeProto| matches!(node.op_type.as_str(), "IsNaN" | "IsInf");
    let constants: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().map(|info| info.name.as_str());
    let mut raw: HashSet<&str> = inputs.filter(|name| !constants.contains(name)).collect();
    for node in &graph.node {
        let mut inner = node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()).flat_map(|body| &body.node);
        let is_raw = node.input.iter().map(String::as_str).chain(captured(node)).any(|name| raw.contains(name));
        if is_raw && (asks(node) || inner.any(asks)) {
            let message = format!("operator {} {MISSING}", node.op_type);
            return Err(Error::new(Kind::Unsupported, message).at(Place::Node(label(node))));
        }
        if is_raw && KEEP_MISSING.contains(&node.op_type.as_str()) {
            raw.extend(node.output.iter().map(String::as_str));
        }
    }
    Ok(())
}

/// Whether an operator is read, by a table or as control flow.
fn is_read(operator: &str) -> bool {
    matches!(operator, "If" | "Loop" | "Scan") || wire::is_read(operator)
}

/// Why single operators are refused that people are likely to have in a network, and what serves in their place.
/// Each reason begins behind "operator X", says what the operator does in the words of the layer that was meant, and
/// ends with what to do.
fn by_name(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "TreeEnsembleClassifier" | "TreeEnsembleRegressor" | "TreeEnsemble" => {
            "is an ensemble of decision trees, which has no gradient and no relevance that is propagated back; TreeSHAP (the Python package shap, TreeExplainer) explains trees exactly"
        }
        "SVMClassifier" | "SVMRegressor" => {
            "is a support vector machine, which is no neural network: there is no relevance rule for its kernel; Shapley values or occlusion by its own library explain it, or a linear model (LinearSVC, LogisticRegression), which is read"
        }
        "Hardmax" => {
            "picks a class or a place, which has no slope and no relevance; export the model with its scores or probabilities as outputs"
        }
        "Unique" => {
            "makes as many numbers as the input says, which no fixed network does; export with a mask of 0 and 1 in its place, and make columns of which codes occur before the network (Keras: CategoryEncoding with output_mode=\"multi_hot\")"
        }
        "RandomNormal" | "RandomUniform" | "RandomNormalLike" | "RandomUniformLike" | "Bernoulli" | "Multinomial" => {
            "draws at random, so that no two runs agree; export the model in evaluation mode (torch: model.eval())"
        }
        "TensorScatter" => {
            "fills a store of keys and values that a later run would read; export the model for one whole sequence, without a cache (use_cache=False)"
        }
        "AffineGrid" | "GridSample" | "RoiAlign" | "MaxRoiPool" | "DeformConv" | "NonMaxSuppression"
        | "ImageDecoder" => {
            "samples a picture at places that the network computes, for which there is no relevance rule; resample before the network, or with torch's interpolate at fixed sizes"
        }
        "BitShift" | "BitwiseAnd" | "BitwiseNot" | "BitwiseOr" | "BitwiseXor" | "BitCast" => {
            "works on the bits of whole numbers, which have no slope and no relevance; make masks of conditions (torch: &, | and ~ of bool tensors), and export the model with those"
        }
        "LpPool" | "GlobalLpPool" | "LRN" => {
            "pools or normalises by a power mean of its neighbours, for which there is no rule here; export with an average or maximum pool, or with layer or batch normalisation"
        }
        "MaxUnpool" => {
            "puts numbers back where a pool had found them (nn.MaxUnpool), for which there is no rule here; export with nn.Upsample or a transposed convolution in its place"
        }
        "NegativeLogLikelihoodLoss" | "SoftmaxCrossEntropyLoss" => {
            "is the loss of training; export the model in evaluation mode, with its scores or probabilities as outputs"
        }
        "Optional" | "OptionalGetElement" | "OptionalHasElement" => {
            "holds a value that may be missing; export the model with all of its inputs given, as plain tensors"
        }
        "RegexFullMatch" | "StringConcat" | "StringNormalizer" | "StringSplit" | "TfIdfVectorizer" | "CastMap" => {
            "works on text; export the model from the numbers on that the text is turned into (codes as int64)"
        }
        "LinearAttention" | "CausalConvWithState" => {
            "is one of opset 27 or later that has no rule here; export with opset_version=25 or below, where it is spelled out in products and sums"
        }
        "ConstantFill" => {
            "is in no version of ONNX; exporters write it for opset 8 and older: export with opset_version=9 or later"
        }
        "MelWeightMatrix" => {
            "makes a table for the frequencies of sound; export it as a constant (onnxsim folds it into one)"
        }
        "SequenceMap" => {
            "computes something of each value of a list, as Tensor.unfold is written by some versions of torch; export with dynamo=False, or slice in a loop"
        }
        "LabelEncoder" | "CategoryMapper" | "DictVectorizer" => {
            "turns labels or categories into others; export the numeric part of the pipeline, of an input of numbers"
        }
        _ => return None,
    })
}
