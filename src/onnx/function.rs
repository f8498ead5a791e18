//! Activation functions that tract would take apart: each stays one node here, so that relevance passes it as it
//! passes any activation.

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_hir::internal::*;

use crate::function::Function;
use crate::recurrence::activation::Activation;

/// Registers every operator of this file.
pub(super) fn register(operators: &mut OnnxOpRegister) {
    for name in
        ["Celu", "Elu", "Gelu", "HardSigmoid", "Mish", "Selu", "Softplus", "Softsign", "Swish", "ThresholdedRelu"]
    {
        operators.insert(name, build);
    }
    operators.insert("PRelu", |_, _| Ok((expand(ParametricRelu), vec![])));
}

fn build(_context: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(Expanded(function(node)?)), vec![]))
}

/// What a node computes, with the defaults of the ONNX operator specification.
fn function(node: &NodeProto) -> TractResult<Function> {
    let number = |name: &str, default: f32| Ok::<f32, TractError>(node.get_attr_opt(name)?.unwrap_or(default));
    Ok(match node.op_type.as_str() {
        "Celu" => Function::Celu { alpha: number("alpha", 1.0)? },
        "Elu" => Activation::Elu { alpha: number("alpha", 1.0)? }.into(),
        "Gelu" => match node.get_attr_opt::<String>("approximate")?.as_deref() {
            None | Some("none") => Function::Gelu,
            Some("tanh") => Function::GeluTanh,
            Some(other) => bail!("Gelu's attribute approximate is \"{other}\"; it must be none or tanh"),
        },
        "HardSigmoid" => Activation::HardSigmoid { alpha: number("alpha", 0.2)?, beta: number("beta", 0.5)? }.into(),
        "Mish" => Function::Mish,
        "Selu" => Function::Selu { alpha: number("alpha", 1.673_263_2)?, gamma: number("gamma", 1.050_701)? },
        "Softplus" => Activation::Softplus.into(),
        "Softsign" => Activation::Softsign.into(),
        "Swish" => Function::Swish { alpha: number("alpha", 1.0)? },
        "ThresholdedRelu" => Activation::ThresholdedRelu { alpha: number("alpha", 1.0)? }.into(),
        other => bail!("{other} is not one of these functions"),
    })
}

/// The node before shapes are known.
#[derive(Debug, Clone)]
struct Expanded(Function);

impl Expansion for Expanded {
    fn name(&self) -> StaticName {
        "VitrineFunction".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        same_as_first(s, inputs, outputs)
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, apply(self.0), inputs)
    }
}

/// `x` where `x >= 0`, `slope * x` elsewhere, with one slope for all.
#[derive(Debug, Clone)]
struct ParametricRelu;

impl Expansion for ParametricRelu {
    fn name(&self) -> StaticName {
        "VitrinePRelu".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        same_as_first(s, inputs, outputs)
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let slope = model.outlet_fact(inputs[1])?.konst.clone();
        let slope = slope.and_then(|slope| slope.as_uniform()).context(
            "PRelu with a slope for each channel, or with computed ones, has no relevance rule yet; use one slope, or LeakyRelu",
        )?;
        let alpha = slope.cast_to_scalar::<f32>()?;
        model.wire_node(prefix, apply(Activation::LeakyRelu { alpha }.into()), &inputs[..1])
    }
}

fn same_as_first<'r>(s: &mut Solver<'r>, inputs: &'r [TensorProxy], outputs: &'r [TensorProxy]) -> InferenceResult {
    check_output_arity(outputs, 1)?;
    s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
    s.equals(&inputs[0].shape, &outputs[0].shape)
}

fn apply(f: Function) -> ElementWiseOp {
    ElementWiseOp(Box::new(Apply(f)), None)
}

/// The operator in tract's typed graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Apply(pub(super) Function);

impl Eq for Apply {}

impl ElementWiseMiniOp for Apply {
    fn name(&self) -> String {
        "VitrineFunction".into()
    }

    fn eval_in_place(&self, tensor: &mut Tensor, _type: Option<DatumType>) -> TractResult<()> {
        let mut plain = tensor.try_as_plain_ram_mut()?;
        plain.as_slice_mut::<f32>()?.iter_mut().for_each(|z| *z = self.0.apply(*z));
        Ok(())
    }
}
