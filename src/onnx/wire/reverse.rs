//! ONNX's `ReverseSequence`, which tract does not have: each sequence of a batch, its first so many steps reversed.
//!
//! Exporters write it around a recurrent node that goes backwards: `[a, b, c, 0]` of length 3 is `[c, b, a, 0]`, so
//! that padding stays where it is. With constant lengths the node only moves data; lengths that are an input make it
//! pick steps at places that the run says ([`super::picked`]). Such a recurrence needs no rule of its own: relevance goes
//! back to the hours that the steps were.

use std::sync::Arc;

use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::picked::{PickTerm, Picked};
use super::wiring::{Builder, Wiring};
use crate::engine::number::{signed, to_index};

/// What reads `ReverseSequence`.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    (operator == "ReverseSequence").then(|| Builder::new(2..=2, wire))
}

/// Wires the node. Batch and time are the first two axes, in either order; by default time is the first.
fn wire(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let axis = |name: &str, default: i64| -> TractResult<usize> {
        let axis = w.node.get_attr_opt::<i64>(name)?.unwrap_or(default);
        ensure!((0..=1).contains(&axis), "attribute {name} is {axis}; it must be 0 or 1");
        Ok(to_index(axis))
    };
    let (batch_axis, time_axis) = (axis("batch_axis", 1)?, axis("time_axis", 0)?);
    ensure!(batch_axis != time_axis, "batch_axis and time_axis are the same");
    let inputs = w.present();
    if w.model.outlet_fact(w.input(1)?)?.konst.is_none() {
        return by_run(w, time_axis == 0);
    }
    w.wire(ReverseSequence { time_first: time_axis == 0 }, &inputs)
}

/// The node where lengths are computed: step `t` is picked at the place `len - 1 - t` where `t < len`, else at `t`.
fn by_run(w: &mut Wiring<'_>, time_first: bool) -> TractResult<TVec<OutletId>> {
    let (x, lengths) = (w.input(0)?, w.input(1)?);
    let lens = w.shape(x)?;
    ensure!(lens.len() >= 2, "a batch of sequences has at least two axes");
    let (n_steps, n_batch) = if time_first { (lens[0], lens[1]) } else { (lens[1], lens[0]) };
    ensure!(w.shape(lengths)?[..] == [n_batch], "there is not one length for each of {n_batch} sequences");
    let whole = |w: &mut Wiring<'_>, part: &str, of: Vec<i64>| {
        w.model.add_const(format!("{}.{part}", w.name), Tensor::from_shape(&[of.len(), 1], &of)?)
    };
    let lengths = w.inner("lengths", "Cast", &[lengths], vec![whole_attribute("to", 7)])?;
    let steps = whole(w, "steps", (0..signed(n_steps)).collect())?;
    let behind = whole(w, "behind", (0..signed(n_steps)).map(|t| t + 1).collect())?;
    let turned = w.inner("turned", "Sub", &[lengths, behind], vec![])?;
    let is_read = w.inner("is_read", "Greater", &[lengths, steps], vec![])?;
    let places = w.inner("places", "Where", &[is_read, turned, steps], vec![])?;
    let width: usize = lens[2..].iter().product();
    let (of_step, of_stay) = if time_first { (n_batch * width, width) } else { (width, n_steps * width) };
    let all = 0..lens.iter().product::<usize>();
    let (step, stay) = (|k: usize| k / of_step % n_steps, |k: usize| k / of_stay % n_batch);
    let base = all.clone().map(|k| k - step(k) * of_step).collect();
    let of = all.map(|k| step(k) * n_batch + stay(k)).collect();
    let term = PickTerm { stride: of_step, len: n_steps, of };
    let op = Picked { lens: Arc::new(lens.to_vec()), base: Arc::new(base), terms: Arc::new(vec![term]) };
    w.wire(op, &[x, places])
}

/// The operator. It only moves data, by lengths that must be constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct ReverseSequence {
    /// Whether time is axis 0 and the batch axis 1, or the other way round.
    time_first: bool,
}

impl Op for ReverseSequence {
    fn name(&self) -> StaticName {
        "ReverseSequence".into()
    }

    op_as_typed_op!();
}

impl EvalOp for ReverseSequence {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let lengths = inputs[1].cast_to::<i64>()?;
        let lengths = lengths.try_as_plain_ram()?.as_slice::<i64>()?;
        let reversed = match inputs[0].datum_type() {
            DatumType::F32 => self.reverse::<f32>(&inputs[0], lengths)?,
            DatumType::Bool => self.reverse::<bool>(&inputs[0], lengths)?,
            DatumType::I64 => self.reverse::<i64>(&inputs[0], lengths)?,
            other => bail!("sequences of {other:?} are not reversed"),
        };
        Ok(tvec!(reversed.into_tvalue()))
    }
}

impl ReverseSequence {
    /// Step `t` of sequence `b` is step `len - 1 - t` of it where `t < len`, its length; the steps behind stay where
    /// they are. `data` and what is returned are `[steps, batch, ...]`, or the two first axes the other way round.
    ///
    /// # Errors
    /// For another number of lengths than of sequences, and for one beyond the steps.
    fn reverse<T: Datum + Copy>(&self, data: &Tensor, lengths: &[i64]) -> TractResult<Tensor> {
        let shape = data.shape();
        ensure!(shape.len() >= 2, "a batch of sequences has at least two axes");
        let (n_steps, n_batch) = if self.time_first { (shape[0], shape[1]) } else { (shape[1], shape[0]) };
        ensure!(lengths.len() == n_batch, "there are {} lengths for {n_batch} sequences", lengths.len());
        let width: usize = shape[2..].iter().product();
        let from = data.try_as_plain_ram()?.as_slice::<T>()?;
        let mut to = from.to_vec();
        let row = |t: usize, b: usize| (if self.time_first { t * n_batch + b } else { b * n_steps + t }) * width;
        for (b, len) in lengths.iter().enumerate() {
            let len = usize::try_from(*len).ok().filter(|len| *len <= n_steps).context("a length is out of range")?;
            for t in 0..len {
                to[row(t, b)..][..width].copy_from_slice(&from[row(len - 1 - t, b)..][..width]);
            }
        }
        Tensor::from_shape(shape, &to)
    }
}

impl TypedOp for ReverseSequence {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }
}

#[cfg(test)]
mod tests {
    use super::ReverseSequence;
    use tract_onnx::prelude::*;

    #[test]
    fn each_sequence_is_reversed_up_to_its_length() {
        // ONNX's own example: four steps of four sequences.
        let data: Vec<i64> = (0..16).collect();
        let data = Tensor::from_shape(&[4, 4], &data).unwrap();
        let check = |time_first, lengths: &[i64], expected: [i64; 16]| {
            let reversed = ReverseSequence { time_first }.reverse::<i64>(&data, lengths).unwrap();
            assert_eq!(reversed, Tensor::from_shape(&[4, 4], &expected).unwrap());
        };
        check(true, &[4, 3, 2, 1], [12, 9, 6, 3, 8, 5, 2, 7, 4, 1, 10, 11, 0, 13, 14, 15]);
        check(false, &[1, 2, 3, 4], [0, 1, 2, 3, 5, 4, 6, 7, 10, 9, 8, 11, 15, 14, 13, 12]);
        assert!(ReverseSequence { time_first: true }.reverse::<i64>(&data, &[5, 1, 1, 1]).is_err());
    }
}
