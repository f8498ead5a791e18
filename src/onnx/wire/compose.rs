//! Operators that are made of others: each is wired as the nodes of ONNX's that it stands for.
//!
//! An operator that is composed has the rules of its parts, and no arithmetic of its own that could differ from theirs.
//! Parts are read by the same tables as nodes of a file, and are named behind the node that they belong to:
//! `attention.scores`.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, NodeProto};
use tract_onnx::tract_hir::internal::*;

use super::builder;
use super::wiring::Wiring;
use crate::engine::number::signed;

/// Attributes have meant what they mean here since this version.
const SINCE: i64 = 13;

impl Wiring<'_> {
    /// A node of ONNX's inside this one, called `part`, with the attributes that it has since [`SINCE`]. Returns its
    /// first output.
    pub(super) fn inner(
        &mut self,
        part: &str,
        operator: &str,
        inputs: &[OutletId],
        attributes: Vec<AttributeProto>,
    ) -> TractResult<OutletId> {
        let name = self.model.unique_name(format!("{}.{part}", self.name)).into_owned();
        let node = NodeProto {
            op_type: operator.into(),
            name: name.clone(),
            input: (0..inputs.len()).map(|slot| format!("{name}.{slot}")).collect(),
            output: vec![name.clone()],
            attribute: attributes,
            ..NodeProto::default()
        };
        let inputs: Vec<Option<OutletId>> = inputs.iter().copied().map(Some).collect();
        let version = self.version.max(SINCE);
        let build = builder(operator).context("it is not known")?;
        let mut wiring = Wiring { node: &node, name: &name, version, model: self.model, inputs: &inputs };
        (build.wire)(&mut wiring)?.first().copied().context("it computes nothing")
    }

    /// Numbers in single precision, of the shape `lens`, as a constant of the node.
    pub(super) fn numbers(&mut self, part: &str, lens: &[usize], numbers: &[f32]) -> TractResult<OutletId> {
        let name = self.model.unique_name(format!("{}.{part}", self.name)).into_owned();
        self.model.add_const(name, Tensor::from_shape(lens, numbers)?)
    }

    /// Whole numbers of 64 bits in one axis, as a constant of the node: sizes, axes, places.
    pub(super) fn whole(&mut self, part: &str, numbers: &[i64]) -> TractResult<OutletId> {
        let name = self.model.unique_name(format!("{}.{part}", self.name)).into_owned();
        self.model.add_const(name, tensor1(numbers))
    }

    /// A value in another shape of as many numbers.
    pub(super) fn reshaped(&mut self, part: &str, x: OutletId, lens: &[usize]) -> TractResult<OutletId> {
        let lens: Vec<i64> = lens.iter().map(|len| signed(*len)).collect();
        let lens = self.whole(&format!("{part}.lens"), &lens)?;
        self.inner(part, "Reshape", &[x, lens], vec![])
    }

    /// The elements along an axis from `start` up to `end`, each `step` behind the one before.
    pub(super) fn sliced(
        &mut self,
        part: &str,
        x: OutletId,
        axis: usize,
        [start, end, step]: [i64; 3],
    ) -> TractResult<OutletId> {
        let mut inputs = tvec![x];
        for (bound, number) in [("start", start), ("end", end), ("axis", signed(axis)), ("step", step)] {
            inputs.push(self.whole(&format!("{part}.{bound}"), &[number])?);
        }
        self.inner(part, "Slice", &inputs, vec![])
    }

    /// A value with its axes in another order: axis `k` of what is made is axis `order[k]` of x.
    pub(super) fn transposed(&mut self, part: &str, x: OutletId, order: &[i64]) -> TractResult<OutletId> {
        self.inner(part, "Transpose", &[x], vec![whole_attributes("perm", order)])
    }
}

/// An attribute of one whole number.
pub(super) fn whole_attribute(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..AttributeProto::default() }
}

/// An attribute of a list of whole numbers.
pub(super) fn whole_attributes(name: &str, ints: &[i64]) -> AttributeProto {
    let ints = ints.to_vec();
    AttributeProto { name: name.into(), r#type: AttributeType::Ints as i32, ints, ..AttributeProto::default() }
}
