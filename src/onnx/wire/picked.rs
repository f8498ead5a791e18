//! Picking: each number of a value is one of another's, at a place that is fixed, or that an index says as the model runs.
//!
//! tract has operators for all of this. But its simplifications take a repetition before a sum for one behind it, and move
//! strides to axes that are not there; and an index beyond its data ends the engine.

use std::sync::Arc;

use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::wiring::Wiring;
use crate::engine::number::{signed, to_index};

/// The complaint about a place that is not there.
const BEYOND: &str = "a place beyond its data";

/// The operator `y[k] = data[base[k] + sum over terms of stride * index]`, in row-major order. It reads the data and,
/// where there are `terms`, whole numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct Picked {
    /// Sizes of what it makes.
    pub(in crate::onnx) lens: Arc<Vec<usize>>,
    /// For each element of it, an index into the data...
    pub(in crate::onnx) base: Arc<Vec<usize>>,
    /// ... and what is added.
    pub(in crate::onnx) terms: Arc<Vec<PickTerm>>,
}

/// `stride` times an index, along an axis of `len`; negative ones count from its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct PickTerm {
    /// How many elements of the data lie between neighbours along the axis.
    pub(in crate::onnx) stride: usize,
    /// How many elements the axis has.
    pub(in crate::onnx) len: usize,
    /// For each element that is made, which of the whole numbers is the index.
    pub(in crate::onnx) of: Vec<usize>,
}

impl PickTerm {
    /// A whole number as an index from the start.
    pub(in crate::onnx) fn resolve(&self, index: i64) -> TractResult<usize> {
        super::wiring::within(index, self.len).with_context(|| format!("index {index} of {}", self.len))
    }
}

impl Picked {
    /// The operator at places that are fixed: element `k` of `lens` is element `base[k]` of the data.
    pub(super) fn fixed(lens: &[usize], base: Vec<usize>) -> Self {
        Self { lens: Arc::new(lens.to_vec()), base: Arc::new(base), terms: Arc::default() }
    }

    /// What `op`, which only moves data, makes of a tensor of `lens`.
    pub(super) fn like(op: &dyn TypedOp, lens: &[usize]) -> TractResult<Self> {
        let n: usize = lens.iter().product();
        let indices = Tensor::from_shape(lens, &(0..signed(n)).collect::<Vec<_>>())?;
        let moved = op.eval_out_of_plan(tvec!(indices.into_tvalue()))?.context("it cannot be evaluated on its own")?;
        let moved = moved.first().context("it makes nothing")?;
        let base = moved.try_as_plain_ram()?.as_slice::<i64>()?.iter().map(|index| to_index(*index)).collect();
        Ok(Self::fixed(moved.shape(), base))
    }

    /// For each element that is made, its place in the data.
    ///
    /// # Errors
    /// For an index beyond its axis.
    fn places(&self, indices: Option<&Tensor>) -> TractResult<Vec<usize>> {
        let mut places = self.base.to_vec();
        let Some(indices) = indices else { return Ok(places) };
        let indices = indices.cast_to::<i64>()?;
        let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
        for term in self.terms.iter() {
            for (place, of) in places.iter_mut().zip(&term.of) {
                *place += term.stride * term.resolve(indices[*of])?;
            }
        }
        Ok(places)
    }

    /// The elements at `places`, whatever their type. Of numbers only how many bytes they have is asked: a function for
    /// each type would be compiled a dozen times.
    fn pick(&self, data: &Tensor, places: &[usize]) -> TractResult<Tensor> {
        let of = data.datum_type();
        match of {
            DatumType::TDim => return self.pick_clones::<TDim>(data, places),
            DatumType::String => return self.pick_clones::<String>(data, places),
            _ => ensure!(of.is_copy(), "elements of {of:?} are not picked"),
        }
        let from = data.try_as_plain_ram()?.as_bytes();
        let mut picked = Tensor::zero_dt(of, &self.lens)?;
        let to = picked.as_bytes_mut();
        match of.size_of() {
            1 => pick_bytes::<1>(from, to, places)?,
            2 => pick_bytes::<2>(from, to, places)?,
            4 => pick_bytes::<4>(from, to, places)?,
            8 => pick_bytes::<8>(from, to, places)?,
            n => bail!("elements of {n} bytes are not picked"),
        }
        Ok(picked)
    }

    /// The same of elements that are more than their bytes.
    fn pick_clones<T: Datum>(&self, data: &Tensor, places: &[usize]) -> TractResult<Tensor> {
        let from = data.try_as_plain_ram()?.as_slice::<T>()?;
        let elements = places.iter().map(|place| from.get(*place).cloned().context(BEYOND));
        Ok(tract_ndarray::ArrayD::from_shape_vec(&self.lens[..], elements.collect::<TractResult<Vec<T>>>()?)?.into())
    }
}

/// Copies the elements of `N` bytes that are at `places`.
fn pick_bytes<const N: usize>(from: &[u8], to: &mut [u8], places: &[usize]) -> TractResult<()> {
    let (from, to) = (from.as_chunks::<N>().0, to.as_chunks_mut::<N>().0);
    for (to, place) in to.iter_mut().zip(places) {
        *to = *from.get(*place).context(BEYOND)?;
    }
    Ok(())
}

impl Op for Picked {
    fn name(&self) -> StaticName {
        "Picked".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Picked {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let places = self.places(inputs.get(1).map(|indices| &**indices))?;
        let data = &inputs[0];
        Ok(tvec!(self.pick(data, &places)?.into_tvalue()))
    }
}

impl TypedOp for Picked {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].datum_type.fact(&self.lens[..])))
    }
}

/// The vectors of words: rows of a table `[n_words, ...]`, by whole numbers. A node of its own, because lowering makes
/// it an `Embed`, whose words are taken for the input that is explained.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct LookedUp;

impl LookedUp {
    /// Sizes of what is made: those of the words, then those of a row.
    fn lens(table: &[usize], words: &[usize]) -> Vec<usize> {
        words.iter().chain(&table[1..]).copied().collect()
    }
}

impl Op for LookedUp {
    fn name(&self) -> StaticName {
        "LookedUp".into()
    }

    op_as_typed_op!();
}

impl EvalOp for LookedUp {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (table, words) = (&inputs[0], inputs[1].cast_to::<i64>()?);
        let n_words = table.shape()[0];
        let rows = super::floats(table)?;
        let width = rows.len() / n_words.max(1);
        let mut vectors = Vec::with_capacity(words.len() * width);
        for word in words.try_as_plain_ram()?.as_slice::<i64>()? {
            let row = super::wiring::within(*word, n_words);
            let row = row.with_context(|| format!("it looks up row {word} of a table of {n_words}"))?;
            vectors.extend_from_slice(&rows[row * width..][..width]);
        }
        Ok(tvec!(Tensor::from_shape(&Self::lens(table.shape(), words.shape()), &vectors)?.into_tvalue()))
    }
}

impl TypedOp for LookedUp {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let concrete = |fact: &TypedFact| fact.shape.as_concrete().map(<[usize]>::to_vec).context("its sizes are open");
        let lens = Self::lens(&concrete(inputs[0])?, &concrete(inputs[1])?);
        Ok(tvec!(inputs[0].datum_type.fact(&lens[..])))
    }
}

/// A new last axis of `depth` elements, `on` at an index and `off` elsewhere; an index below 0 counts from the end, and
/// one beyond has `off` alone. A node of its own, because lowering has to know where the index comes from: a code of the
/// input has the rule for words, any other index is a place, and becomes switches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::onnx) struct OneHot {
    /// How many elements the axis has.
    pub(in crate::onnx) depth: usize,
    /// The bits of what stands at the index: so they can be compared.
    pub(in crate::onnx) on: u32,
    /// The bits of what stands elsewhere.
    pub(in crate::onnx) off: u32,
}

impl OneHot {
    /// One row of `depth` for each index.
    pub(in crate::onnx) fn rows(&self, indices: impl Iterator<Item = i64>) -> Vec<f32> {
        let [on, off] = [self.on, self.off].map(f32::from_bits);
        let row = |index: i64| {
            let at = super::wiring::within(index, self.depth);
            (0..self.depth).map(move |place| if at == Some(place) { on } else { off })
        };
        indices.flat_map(row).collect()
    }

    /// Sizes of what it makes of indices of `lens`.
    fn lens(&self, lens: &[usize]) -> Vec<usize> {
        [lens, &[self.depth]].concat()
    }
}

impl Op for OneHot {
    fn name(&self) -> StaticName {
        "OneHot".into()
    }

    op_as_typed_op!();
}

impl EvalOp for OneHot {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let indices = inputs[0].cast_to::<i64>()?;
        let rows = self.rows(indices.try_as_plain_ram()?.as_slice::<i64>()?.iter().copied());
        Ok(tvec!(Tensor::from_shape(&self.lens(indices.shape()), &rows)?.into_tvalue()))
    }
}

impl TypedOp for OneHot {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let lens = inputs[0].shape.as_concrete().context("its sizes are open")?;
        Ok(tvec!(f32::datum_type().fact(&self.lens(lens)[..])))
    }
}

impl Wiring<'_> {
    /// The node as what `op`, which only moves data, makes of its first input.
    pub(super) fn wire_like(&mut self, op: &dyn TypedOp) -> TractResult<TVec<OutletId>> {
        let x = self.input(0)?;
        let picked = Picked::like(op, &self.shape(x)?)?;
        self.wire(picked, &[x])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements 2, 0, 0 and 1 of three.
    fn check<T: Datum>(elements: &[T]) {
        let picked = Picked::fixed(&[2, 2], vec![2, 0, 0, 1]);
        let made = picked.pick(&tensor1(elements), &picked.base).unwrap();
        assert_eq!((made.datum_type(), made.shape()), (T::datum_type(), &[2, 2][..]));
        let expected: Vec<T> = picked.base.iter().map(|place| elements[*place].clone()).collect();
        assert_eq!(made.try_as_plain_ram().unwrap().as_slice::<T>().unwrap(), &expected[..]);
    }

    #[test]
    fn elements_of_every_type_are_picked() {
        check(&[true, false, true]);
        check(&[-1_i8, 2, 3]);
        check(&[1_u16, 2, 65535]);
        check(&[1, f16::MAX.to_bits(), 3].map(f16::from_bits));
        check(&[f32::NEG_INFINITY, 2.5, -0.0]);
        check(&[1_i64, i64::MIN, 3]);
        check(&[0.1, 0.2, 0.3]);
        check(&[1, 2, 3].map(|n: i32| n.to_dim()));
        check(&["a", "b", "c"].map(str::to_owned));
    }

    #[test]
    fn a_place_beyond_the_data_is_an_error() {
        let picked = Picked::fixed(&[1], vec![3]);
        assert!(picked.pick(&tensor1(&[1.0_f32, 2.0, 3.0]), &picked.base).is_err());
    }
}
