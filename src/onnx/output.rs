//! A model's outputs: which numbers of them are explained, and what they are called.
//!
//! Each number of the first stay of the batch becomes a target. An output of one number is called by its own name, one
//! of several classes `name[k]`, and one with an entry a step `name[hour h]`, where h is how many hours the model has
//! read by then: as many entries as there are steps may also be classes, or hours to come (`input.rs` follows the steps).
//!
//! | output of one stay | names |
//! |---|---|
//! | one number | `y` |
//! | `[classes]` | `y[0]`, `y[1]`, ... |
//! | `[steps]` or `[steps, 1]` | `y[hour 1]`, `y[hour 2]`, ... |
//! | `[steps, classes]` | `y[hour 1, 0]`, `y[hour 1, 1]`, ... |

use tract_onnx::pb::GraphProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::DimLike;

use super::input::Inputs;

/// One output of the graph.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// The elements that belong to the first stay of the batch.
    pub(super) indices: Vec<usize>,
    /// The elements that belong to the last stay of the batch, in the same order.
    pub(super) last: Vec<usize>,
    /// Whether it has an entry for each stay of the batch.
    pub(super) is_batched: bool,
    /// As the file calls it.
    pub(super) name: String,
    /// A name for each of them: the output's own, with an index where there are several, and the hour up to which the
    /// model has read where there is one for each step.
    pub(super) names: Vec<String>,
}

impl Output {
    /// The numbers of the first stay, out of all that the output holds.
    pub(super) fn of<'a>(&'a self, data: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.indices.iter().map(|index| data[*index])
    }
}

/// The outputs of a typed model, in the order of the graph. A step is `step_hours` long, which gives the hours in their
/// names.
pub(super) fn of(graph: &GraphProto, model: &TypedModel, inputs: &Inputs, step_hours: f64) -> Vec<Output> {
    let shape = |outlet: &OutletId| -> Option<Vec<usize>> {
        let fact = model.outlet_fact(*outlet).ok()?;
        fact.shape.iter().map(|dim| dim.to_usize().ok()).collect()
    };
    let outlets = graph.output.iter().zip(&model.outputs).zip(&inputs.output_steps);
    outlets
        .map(|((info, outlet), told)| {
            let is_softmax =
                graph.node.iter().any(|node| node.op_type == "Softmax" && node.output.contains(&info.name));
            output(&info.name, &shape(outlet).unwrap_or_default(), (told, is_softmax), inputs, step_hours)
        })
        .collect()
}

/// One output of the shape `shape`. The batch is its first axis of the batch's length. An axis of the steps' length is
/// that of the steps where the graph says so; where it says nothing, it is taken for them, unless it is the axis of a
/// softmax.
fn output(
    name: &str,
    shape: &[usize],
    (told, is_softmax): (&[Option<bool>], bool),
    inputs: &Inputs,
    step_hours: f64,
) -> Output {
    // The batch is the first axis of its length.
    let batch = shape.iter().position(|len| *len == inputs.n_batch);
    let rank = shape.len() - usize::from(batch.is_some());
    // One number a step; or several, of which the last axis may be classes.
    let told = |axis: usize| told.get(axis).copied().flatten().filter(|_| told.len() == shape.len());
    let is_step = |axis: &usize| {
        let is_taken = || rank <= 2 && !(is_softmax && *axis + 1 == shape.len());
        let is_long = Some(*axis) != batch && shape[*axis] == inputs.n_steps && inputs.n_steps > 1;
        is_long && told(*axis).unwrap_or_else(is_taken)
    };
    let steps = (0..shape.len()).find(is_step);
    let volume: usize = shape.iter().product();
    let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
    let position = |index: usize, axis: usize| index / strides[axis] % shape[axis];
    let entry = |stay: usize| -> Vec<usize> {
        (0..volume).filter(|index| batch.is_none_or(|axis| position(*index, axis) == stay)).collect()
    };
    let (indices, last) = (entry(0), entry(inputs.n_batch - 1));
    let n_a_step = indices.len() / steps.map_or(1, |axis| shape[axis]);
    let label = |(k, index): (usize, &usize)| match steps {
        None if indices.len() == 1 => name.to_owned(),
        None => format!("{name}[{k}]"),
        Some(axis) => {
            let step = position(*index, axis);
            #[expect(clippy::cast_precision_loss, reason = "a step's index is small")]
            let hour = (step + 1) as f64 * step_hours;
            let others = (0..shape.len()).filter(|other| ![Some(axis), batch].contains(&Some(*other)));
            let other = others.fold(0, |place, other| place * shape[other] + position(*index, other));
            let of_step = if n_a_step == 1 { String::new() } else { format!(", {other}") };
            format!("{name}[hour {hour}{of_step}]")
        }
    };
    let names = indices.iter().enumerate().map(label).collect();
    Output { indices, last, is_batched: batch.is_some(), name: name.to_owned(), names }
}
