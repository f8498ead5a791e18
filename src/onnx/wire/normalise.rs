//! Batch normalisation, also where the mean and the variance are computed: Keras writes its layer normalisation so, and
//! tract reads constants only.
//!
//! ```text
//! y = (x - mean) / sqrt(variance + epsilon) * scale + bias        channel by channel
//!   = slope x + intercept                                          where all four are constant
//! ```

use tract_onnx::tract_core::ops::math::{add, mul, rsqrt, sub};
use tract_onnx::tract_hir::internal::*;

use super::wiring::{Builder, Wiring, floats};

/// What reads `BatchNormalization`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    (operator == "BatchNormalization").then(|| Builder::new(5..=5, wire))
}

/// `BatchNormalization` in evaluation mode: X, scale, bias, mean and variance, the last four `[channels]`; the channels
/// are axis 1.
///
/// # Errors
/// For training mode, which is no function of one stay; for `spatial` = 0 of versions up to 8; and for parameters whose
/// length is not the number of channels.
fn wire(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let node = w.node;
    ensure!(
        node.get_attr_opt("training_mode")?.unwrap_or(0) == 0,
        "batch normalisation by the stays of the batch is no function of one stay; export the model in evaluation mode, and where the layer has no running mean of its own (torch: track_running_stats=False) use one that has, or nn.InstanceNorm1d"
    );
    ensure!(node.get_attr_opt("spatial")?.unwrap_or(1) == 1, "batch normalisation without spatial=1 is not read");
    let op = BatchNormalisation { epsilon: node.get_attr_opt("epsilon")?.unwrap_or(1e-5) };
    let inputs = w.present();
    ensure!(inputs.len() == 5, "batch normalisation needs five inputs");
    let shape = w.shape(inputs[0])?;
    let n_channels = *shape.get(1).context("batch normalisation needs a batch and channels")?;
    for (input, name) in inputs[1..].iter().zip(["scale", "bias", "mean", "variance"]) {
        let shape = w.shape(*input)?;
        ensure!(shape[..] == [n_channels], "its {name} has the shape {shape:?}, its input {n_channels} channels");
    }
    ensure!(w.datum_type(inputs[0])? == f32::datum_type(), "batch normalisation reads float32");
    op.wire(w, &inputs)
}

/// `y = (x - mean) / sqrt(variance + epsilon) * scale + bias`, channel by channel.
#[derive(Debug, Clone)]
struct BatchNormalisation {
    /// What is added to the variance, 1e-5 where the attribute is left out.
    epsilon: f32,
}

impl BatchNormalisation {
    /// The node in tract's operators: one affine layer, where all parameters are constant, else the equation step by
    /// step.
    fn wire(&self, w: &mut Wiring<'_>, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let rank = w.rank(inputs[0])?;
        let constants = inputs[1..].iter().map(|input| Ok(w.model.outlet_fact(*input)?.konst.clone()));
        let constants = constants.collect::<TractResult<Option<Vec<_>>>>();
        if let Ok(Some(constants)) = constants {
            return self.wire_constants(w, inputs[0], &constants, rank);
        }
        let names = ["scale", "bias", "mean", "variance"];
        let mut along = vec![];
        for (name, input) in names.into_iter().zip(&inputs[1..]) {
            along.push(along_channels(w, name, *input, rank)?);
        }
        let [scale, bias, mean, variance] = along[..] else { bail!("batch normalisation needs five inputs") };
        let epsilon = tensor0(self.epsilon).broadcast_into_rank(rank)?;
        let epsilon = w.model.add_const(format!("{}.epsilon", w.name), epsilon)?;
        let centred = w.part("centred", sub(), &[inputs[0], mean])?;
        let variance = w.part("stable", add(), &[variance, epsilon])?;
        let inverse = w.part("inverse", rsqrt(), &[variance])?;
        let inverse = w.part("scaled", mul(), &[inverse, scale])?;
        let normal = w.part("normal", mul(), &[centred, inverse])?;
        w.wire(add(), &[normal, bias])
    }

    /// `slope x + intercept`: one affine layer.
    fn wire_constants(
        &self,
        w: &mut Wiring<'_>,
        x: OutletId,
        constants: &[Arc<Tensor>],
        rank: usize,
    ) -> TractResult<TVec<OutletId>> {
        let numbers = constants.iter().map(|tensor| floats(tensor)).collect::<TractResult<Vec<_>>>()?;
        let [scale, bias, mean, variance] = numbers[..] else { bail!("batch normalisation needs five inputs") };
        let slope: Vec<f32> = scale.iter().zip(variance).map(|(s, v)| s / (v + self.epsilon).sqrt()).collect();
        let intercept: Vec<f32> =
            bias.iter().zip(mean).zip(&slope).map(|((bias, mean), slope)| bias - mean * slope).collect();
        let mut shape = vec![1; rank];
        shape[1] = slope.len();
        let slope = w.model.add_const(format!("{}.slope", w.name), Tensor::from_shape(&shape, &slope)?)?;
        let intercept = w.model.add_const(format!("{}.intercept", w.name), Tensor::from_shape(&shape, &intercept)?)?;
        let scaled = w.part("scaled", mul(), &[x, slope])?;
        w.wire(add(), &[scaled, intercept])
    }
}

/// `[channels]` as `[1, channels, 1, ...]`.
fn along_channels(w: &mut Wiring<'_>, name: &str, mut outlet: OutletId, rank: usize) -> TractResult<OutletId> {
    for axis in std::iter::once(0).chain(2..rank) {
        outlet = w.part(&format!("{name}.axis{axis}"), AxisOp::Add(axis), &[outlet])?;
    }
    Ok(outlet)
}
