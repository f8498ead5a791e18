//! One node on its way into the model: what an operator's entry may ask of it, and how it puts tract's operators in its
//! place.
//!
//! Everything that becomes constant is asked for its size before tract computes it, and every axis and index is
//! resolved here. An error says what is wrong with the node; `assembly.rs` puts the node's name to it.

use std::ops::RangeInclusive;

use tract_onnx::Onnx;
use tract_onnx::pb::{NodeProto, TensorProto};
use tract_onnx::tract_core::ops::change_axes::wire_rank_broadcast;
use tract_onnx::tract_hir::internal::*;

use super::super::limits::MAX_MADE;

/// How the nodes of one operator of ONNX's are read.
pub(super) struct Builder {
    /// How many inputs a node may have, those at the end that are left out not counted.
    pub(super) n_inputs: RangeInclusive<usize>,
    /// Wires a node into the model, and returns an outlet for each of its outputs, but for some at the end.
    pub(super) wire: fn(&mut Wiring<'_>) -> TractResult<TVec<OutletId>>,
}

impl Builder {
    /// An entry of the table: how many inputs, and what wires them.
    pub(super) const fn new(
        n_inputs: RangeInclusive<usize>,
        wire: fn(&mut Wiring<'_>) -> TractResult<TVec<OutletId>>,
    ) -> Self {
        Self { n_inputs, wire }
    }
}

/// A node, and what its operator's builder may do for it.
pub(super) struct Wiring<'a> {
    /// The node as the file has it, for its attributes.
    pub(super) node: &'a NodeProto,
    /// A name that no other node of the model has.
    pub(super) name: &'a str,
    /// The version of ONNX's operators that the file is written in.
    pub(super) version: i64,
    /// The model that it is wired into.
    pub(super) model: &'a mut TypedModel,
    /// Where its inputs are; `None` for one that is left out.
    pub(super) inputs: &'a [Option<OutletId>],
}

impl Wiring<'_> {
    /// An input that must be there, by its position.
    ///
    /// # Errors
    /// Where it is left out.
    pub(super) fn input(&self, index: usize) -> TractResult<OutletId> {
        self.optional(index).with_context(|| format!("input {index} is missing"))
    }

    /// An input that may be left out.
    pub(super) fn optional(&self, index: usize) -> Option<OutletId> {
        self.inputs.get(index).copied().flatten()
    }

    /// The inputs that are there, in order.
    pub(super) fn present(&self) -> TVec<OutletId> {
        self.inputs.iter().copied().flatten().collect()
    }

    /// The number of a value's axes.
    pub(super) fn rank(&self, outlet: OutletId) -> TractResult<usize> {
        Ok(self.model.outlet_fact(outlet)?.rank())
    }

    /// Sizes of a value along its axes, which are always known: the model's inputs have fixed sizes.
    pub(super) fn shape(&self, outlet: OutletId) -> TractResult<TVec<usize>> {
        let shape = self.model.outlet_fact(outlet)?.shape.as_concrete();
        Ok(shape.context("the sizes of what it reads are open")?.into())
    }

    /// The type of a value's numbers.
    pub(super) fn datum_type(&self, outlet: OutletId) -> TractResult<DatumType> {
        Ok(self.model.outlet_fact(outlet)?.datum_type)
    }

    /// An input that must be the same for every stay, or nothing where it is left out.
    ///
    /// # Errors
    /// Where it is computed from the model's inputs.
    pub(super) fn constant(&self, index: usize) -> TractResult<Option<Arc<Tensor>>> {
        let Some(outlet) = self.optional(index) else { return Ok(None) };
        let constant = self.model.outlet_fact(outlet)?.konst.clone();
        constant
            .map(Some)
            .with_context(|| format!("input {index} is computed from the model's inputs; only a constant is read"))
    }

    /// The whole numbers of a constant input, or nothing where it is left out.
    pub(super) fn integers(&self, index: usize) -> TractResult<Option<Vec<i64>>> {
        self.constant(index)?.map(|tensor| integers(&tensor)).transpose()
    }

    /// An attribute that is 1 or 0, and the latter where it is left out.
    pub(super) fn flag(&self, name: &str) -> TractResult<bool> {
        Ok(self.node.get_attr_opt::<i64>(name)?.unwrap_or(0) == 1)
    }

    /// The node itself, as one operator of tract's.
    pub(super) fn wire(&mut self, op: impl Into<Box<dyn TypedOp>>, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let op = op.into();
        self.check_made(&*op, inputs)?;
        self.put(self.name, op, inputs)
    }

    /// The node itself, of values of which each is repeated along the axes where it has one element; axes are matched
    /// from the last.
    pub(super) fn wire_spread(
        &mut self,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let wires = wire_rank_broadcast(self.name, self.model, inputs)?;
        self.put(self.name, op.into(), &wires)
    }

    /// One of several operators of tract's that make up the node; `part` is added to its name. Returns its first
    /// output.
    pub(super) fn part(
        &mut self,
        part: &str,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        Ok(self.parts(part, op.into(), inputs)?[0])
    }

    /// One of several, with all of its outputs.
    pub(super) fn parts(
        &mut self,
        part: &str,
        op: Box<dyn TypedOp>,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        self.put(&format!("{}.{part}", self.name), op, inputs)
    }

    /// One of several, of two values of which each is repeated along the axes where it has one element; axes are
    /// matched from the last.
    pub(super) fn spread(
        &mut self,
        part: &str,
        op: impl Into<Box<dyn TypedOp>>,
        a: OutletId,
        b: OutletId,
    ) -> TractResult<OutletId> {
        let wires = wire_rank_broadcast(&*format!("{}.{part}", self.name), self.model, &[a, b])?;
        self.part(part, op, &wires)
    }

    /// An operator of tract's by its name. What tract does here would be compiled anew for each type of operator.
    fn put(&mut self, name: &str, op: Box<dyn TypedOp>, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        self.model.wire_node(name, op, inputs)
    }

    /// A number that the node holds, in the type of a value.
    pub(super) fn number(&mut self, part: &str, number: f32, like: OutletId) -> TractResult<OutletId> {
        let number = tensor0(number).cast_to_dt(self.datum_type(like)?)?.into_owned();
        self.model.add_const(format!("{}.{part}", self.name), number)
    }

    /// The node as tract expands it, of the inputs that are there.
    pub(super) fn expand(&mut self, expansion: &impl Expansion) -> TractResult<TVec<OutletId>> {
        expansion.wire(self.name, self.model, &self.present())
    }

    /// tract computes what is constant and small at once: how large it will be is asked before.
    fn check_made(&self, op: &dyn TypedOp, inputs: &[OutletId]) -> TractResult<()> {
        let facts = inputs.iter().map(|outlet| self.model.outlet_fact(*outlet)).collect::<TractResult<TVec<_>>>()?;
        if facts.iter().any(|fact| fact.konst.is_none()) {
            return Ok(());
        }
        op.output_facts(&facts)?.iter().try_for_each(check_size)
    }
}

/// Refuses a value of more numbers than one node may make.
pub(super) fn check_size(fact: &TypedFact) -> TractResult<()> {
    let lens = fact.shape.as_concrete().context("the sizes of what it makes are open")?;
    check_volume(lens.iter().map(|len| *len as u64))
}

/// Refuses sizes whose product is more than one node may make. A size of 0 counts as 1, so that nothing hides behind
/// it.
pub(super) fn check_volume(lens: impl IntoIterator<Item = u64>) -> TractResult<()> {
    let volume = lens.into_iter().try_fold(1_u64, |volume, len| volume.checked_mul(len.max(1)));
    ensure!(volume.is_some_and(|volume| volume <= MAX_MADE), "it makes more than {MAX_MADE} numbers");
    Ok(())
}

/// The whole numbers of a tensor.
fn integers(tensor: &Tensor) -> TractResult<Vec<i64>> {
    Ok(tensor.cast_to::<i64>()?.try_as_plain_ram()?.as_slice::<i64>()?.to_vec())
}

/// One of `-len..len`, which counts from the end where it is negative.
pub(super) fn within(number: i64, len: usize) -> Option<usize> {
    let from_start = if number < 0 { number.checked_add_unsigned(len as u64)? } else { number };
    usize::try_from(from_start).ok().filter(|number| *number < len)
}

/// An axis of a tensor with `rank` of them, from 0; a negative one counts from the last.
///
/// # Errors
/// Where there is no such axis.
pub(super) fn axis(axis: i64, rank: usize) -> TractResult<usize> {
    within(axis, rank).with_context(|| format!("there is no axis {axis} where there are {rank}"))
}

/// Several axes, in the order given.
///
/// # Errors
/// Where there is no such axis, and where one is named twice.
pub(super) fn axes(numbers: &[i64], rank: usize) -> TractResult<Vec<usize>> {
    let axes = numbers.iter().map(|number| axis(*number, rank)).collect::<TractResult<Vec<_>>>()?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    ensure!(sorted.windows(2).all(|pair| pair[0] != pair[1]), "an axis is named twice in {numbers:?}");
    Ok(axes)
}

/// The numbers of a tensor in a file, in the type that the file gives them. Weights of a second file have been copied
/// in before.
pub(super) fn load(tensor: &TensorProto) -> TractResult<Tensor> {
    tract_onnx::tensor::load_tensor(&*Onnx::default().provider, tensor, None)
}

/// A tensor's numbers in row-major order.
///
/// # Errors
/// Where they are not in single precision.
pub(in crate::onnx) fn floats(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice::<f32>()
}
