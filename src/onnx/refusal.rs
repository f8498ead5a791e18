//! Why an operator is refused, and what helps: in words for the layer that a person wrote, and for the program that wrote
//! the file.

use tract_onnx::pb::NodeProto;

use super::wire;
use super::wire::classic;

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
        "IsNaN" | "IsInf" => {
            "asks which numbers are missing (NaN), and no input may be NaN here; fill missing values in before the network (outside of it), with the mask as columns of its own, and export without torch.isnan and nan_to_num"
        }
        "Hardmax" => {
            "picks a class or a place, which has no slope and no relevance; export the model with its scores or probabilities as outputs"
        }
        "NonZero" | "Compress" | "Unique" => {
            "makes as many numbers as the input says, which no fixed network does; export with a mask of 0 and 1 in its place"
        }
        "RandomNormal" | "RandomUniform" | "RandomNormalLike" | "RandomUniformLike" | "Bernoulli" | "Multinomial" => {
            "draws at random, so that no two runs agree; export the model in evaluation mode (torch: model.eval())"
        }
        "RotaryEmbedding" | "TensorScatter" => {
            "is one of opset 23 or later that has no rule here; export with opset_version=22 or below, where it is spelled out in products and sums"
        }
        "SequenceConstruct" | "SequenceEmpty" | "SequenceInsert" | "SequenceErase" | "SequenceAt"
        | "SequenceLength" | "SplitToSequence" | "ConcatFromSequence" => {
            "makes a list of tensors, as TorchScript writes chunk, split and unbind where sizes are open; export with fixed sizes, or with dynamo=True"
        }
        "LabelEncoder" | "CategoryMapper" | "DictVectorizer" => {
            "turns labels or categories into others; export the numeric part of the pipeline, of an input of numbers"
        }
        _ => return None,
    })
}
