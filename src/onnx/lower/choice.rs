//! Choices by a condition that is the same for every stay.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;

use super::{Lowering, Reason, View, shape};
use crate::graph::Element;

impl Lowering<'_> {
    /// Whether words are below a number that none of them is below: Keras asks so before it looks words up, to count
    /// negative ones from the end. Words are the whole numbers from 0.
    pub(super) fn comparison(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let refused =
            || Reason(format!("the comparison {} depends on the input; export the model without it", op.0.name()));
        let [a, b] = node.inputs[..] else { return Err(refused()) };
        let (words, number) = match op.0.name() {
            "LT" => (a, b),
            "GT" => (b, a),
            _ => return Err(refused()),
        };
        let is_whole = self.model.outlet_fact(words)?.datum_type.is_integer();
        let number = self.constant(number).ok_or_else(refused)?.cast_to::<i64>()?.into_owned();
        let is_below = number.try_as_plain_ram()?.as_slice::<i64>()?.iter().all(|number| *number <= 0);
        if !is_whole || !is_below || !matches!(self.views[&words], View::Computed(_)) {
            return Err(refused());
        }
        let shape = shape(self.model, node.id.into())?;
        let nowhere = Tensor::from_shape(&shape, &vec![false; shape.iter().product()])?;
        self.views.insert(node.id.into(), View::Constant(nowhere.into()));
        Ok(())
    }

    /// Takes each element from the second or the third input, as the first says.
    pub(super) fn choose(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let [condition, yes, no] = node.inputs[..] else { return Err("it needs a condition and two values".into()) };
        let condition = self.constant(condition).ok_or(
            "it chooses between values by a condition that depends on the input; export the model without branches, and without masks",
        )?;
        let out_shape = shape(self.model, node.id.into())?;
        let condition = condition.broadcast_to_shape(&out_shape)?;
        let condition = condition.try_as_plain_ram()?.as_slice::<bool>()?.to_vec();
        // What is chosen nowhere need not be readable.
        let values = |lowering: &Self, outlet, chosen: bool| match condition.contains(&chosen) {
            true => lowering.broadcast(outlet, &out_shape),
            false => Ok(vec![Element::Constant(0.0); condition.len()]),
        };
        let (yes, no) = (values(self, yes, true)?, values(self, no, false)?);
        let chosen = condition.iter().zip(yes.into_iter().zip(no)).map(|(is, (yes, no))| if *is { yes } else { no });
        self.views.insert(node.id.into(), View::Computed(chosen.collect()));
        Ok(())
    }
}
