//! Activation functions that tract would take apart: each stays one node here, so that relevance passes it as it
//! passes any activation.
//!
//! With the attributes' defaults of the ONNX operator specification:
//!
//! | operator | function |
//! |---|---|
//! | `Elu` | `x` where `x >= 0`, else `alpha (exp(x) - 1)`; alpha 1 |
//! | `Celu` | `x` where `x >= 0`, else `alpha (exp(x / alpha) - 1)`; alpha 1 |
//! | `Selu` | `gamma x` where `x >= 0`, else `gamma alpha (exp(x) - 1)`; alpha 1.67326, gamma 1.0507 |
//! | `ThresholdedRelu` | `x` where `x > alpha`, else 0; alpha 1 |
//! | `PRelu` | `x` where `x >= 0`, else `slope x`; the slopes are a constant input |
//! | `HardSigmoid` | `min(max(alpha x + beta, 0), 1)`; alpha 0.2, beta 0.5 |
//! | `Gelu` | `x (1 + erf(x / sqrt(2))) / 2`, or with `approximate` = `tanh` that by a tanh |
//! | `Swish` | `x sigmoid(alpha x)`; alpha 1 |
//! | `Mish` | `x tanh(ln(1 + exp(x)))` |
//! | `Shrink` | `x + bias` where `x < -lambd`, `x - bias` where `x > lambd`, else 0; lambd 0.5, bias 0 |
//! | `Softplus`, `Softsign` | `ln(1 + exp(x))`, `x / (1 + abs(x))` |
//! | `Sin`, `Cos`, `Tan`, `Asin`, `Acos`, `Atan`, and with `h` | as they are called |

use std::sync::Arc;

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::wiring::{Builder, Wiring, floats};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "Celu" | "Elu" | "Gelu" | "HardSigmoid" | "Mish" | "Selu" | "Shrink" | "Softplus" | "Softsign" | "Swish"
        | "ThresholdedRelu" | "Sin" | "Cos" | "Tan" | "Sinh" | "Cosh" | "Asin" | "Acos" | "Atan" | "Asinh"
        | "Acosh" | "Atanh" => Builder::new(1..=1, |w| {
            let f = function(w.node)?;
            applied(w, f)
        }),
        "PRelu" => Builder::new(2..=2, parametric_relu),
        _ => return None,
    })
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
        "Shrink" => Function::Shrink { limit: number("lambd", 0.5)?, bias: number("bias", 0.0)? },
        "Softplus" => Activation::Softplus.into(),
        "Softsign" => Activation::Softsign.into(),
        "Swish" => Function::Swish { alpha: number("alpha", 1.0)? },
        "ThresholdedRelu" => Activation::ThresholdedRelu { alpha: number("alpha", 1.0)? }.into(),
        "Sin" => Function::Sin,
        "Cos" => Function::Cos,
        "Tan" => Function::Tan,
        "Sinh" => Function::Sinh,
        "Cosh" => Function::Cosh,
        "Asin" => Function::Asin,
        "Acos" => Function::Acos,
        "Atan" => Function::Atan,
        "Asinh" => Function::Asinh,
        "Acosh" => Function::Acosh,
        "Atanh" => Function::Atanh,
        other => bail!("{other} is not one of these functions"),
    })
}

/// A function of one number as one node. Its input must be in single precision, in which tract runs the network.
fn applied(w: &mut Wiring<'_>, f: Function) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    ensure!(w.datum_type(x)? == f32::datum_type(), "its input must be float32, it is {:?}", w.datum_type(x)?);
    w.wire(apply(f), &[x])
}

/// `PRelu`: `x` where `x >= 0`, `slope * x` elsewhere, with one slope for all or slopes that are broadcast to x. The
/// slopes must be constant.
fn parametric_relu(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let slope = w.model.outlet_fact(w.input(1)?)?.konst.clone();
    let slope = slope.context("its slopes are computed, not constant; use LeakyRelu")?;
    let x = w.input(0)?;
    if let Some(alpha) = slope.as_uniform() {
        return applied(w, Activation::LeakyRelu { alpha: alpha.cast_to_scalar::<f32>()? }.into());
    }
    ensure!(w.datum_type(x)? == f32::datum_type(), "its input must be float32, it is {:?}", w.datum_type(x)?);
    let lens = w.shape(x)?;
    let slopes = slope.cast_to::<f32>()?.broadcast_to_shape(&lens)?;
    let slopes = Arc::new(floats(&slopes)?.iter().map(|slope| slope.to_bits()).collect());
    w.wire(Sloped { slopes }, &[x])
}

/// `x` where `x >= 0`, `slope * x` elsewhere, with a slope for each element. As bits they can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct Sloped {
    /// The bits of one slope for each element, in row-major order.
    slopes: Arc<Vec<u32>>,
}

impl Sloped {
    /// One slope an element.
    pub(in crate::onnx) fn slopes(&self) -> impl Iterator<Item = f32> + '_ {
        self.slopes.iter().map(|bits| f32::from_bits(*bits))
    }
}

impl Op for Sloped {
    fn name(&self) -> StaticName {
        "Sloped".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Sloped {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = floats(&inputs[0])?.iter().zip(self.slopes());
        let y: Vec<f32> = x.map(|(x, slope)| if *x < 0.0 { slope * x } else { *x }).collect();
        Ok(tvec!(Tensor::from_shape(inputs[0].shape(), &y)?.into_tvalue()))
    }
}

impl TypedOp for Sloped {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }
}

/// The operator of a function, for tract's graph.
fn apply(f: Function) -> ElementWiseOp {
    ElementWiseOp(Box::new(Apply(f)), None)
}

/// One of the engine's functions as an operator of tract's typed graph, applied to each number in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::onnx) struct Apply(pub(in crate::onnx) Function);

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
