//! Products and sums over axes: matrix products by constant weights or of two computed values, reductions.
//!
//! An output element is a sum of products over the axes that it does not have. Where each of its factors lies follows
//! from strides: one [`Axis`] says how far a step along it goes in either input. So one loop over axes serves every
//! `EinSum`, whatever its equation.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer, RmsNorm};

use super::super::wire::floats;
use super::{Lowering, Reason, View, shape};
use crate::engine::function::Function;
use crate::engine::graph::{Affine, Extremum, Offset, Operation, Stencil, ValueId};
use crate::engine::number::real32;

impl Lowering<'_> {
    /// Any product of matrices (`Gemm`, `MatMul`, `Einsum`): `Affine` where one factor is constant.
    ///
    /// # Errors
    /// For quantised products, more than two factors, and diagonals.
    pub(super) fn contract(&mut self, node: &TypedNode, op: &EinSum) -> Result<(), Reason> {
        if op.q_params.is_some() {
            return Err("quantised products have no relevance rule; export the model in float32".into());
        }
        let [a, b] = node.inputs[..] else {
            return Err("a product of more than two factors has no relevance rule yet".into());
        };
        let (x_slot, x, w) = match (&self.views[&a], &self.views[&b]) {
            (View::Computed(_), View::Constant(_)) => (0, a, b),
            (View::Constant(_), View::Computed(_)) => (1, b, a),
            _ => return self.contract_computed(node, op),
        };
        let weight = floats(self.constant(w).ok_or("its weights are computed")?)?.to_vec();
        let stencil = self.strides(op, x_slot, x, w, node)?.stencil();
        let input = self.materialise(node, x)?;
        let output = self.define(node.id.into())?;
        let bias = vec![0.0; self.graph.lens[output]];
        self.push(node, Operation::Affine(Affine { input, output, weight, stencil, bias }));
        Ok(())
    }

    /// A product of two computed values, as in attention: which is the gate says where they come from.
    fn contract_computed(&mut self, node: &TypedNode, op: &EinSum) -> Result<(), Reason> {
        let [a, b] = [node.inputs[0], node.inputs[1]];
        let values = [self.materialise(node, a)?, self.materialise(node, b)?];
        let roles = self.roles(values[0], values[1]);
        let (signal_slot, signal, gate) = if roles.gate_is_first { (1, b, a) } else { (0, a, b) };
        let stencil = self.strides(op, signal_slot, signal, gate, node)?.stencil();
        self.product(node, values, roles, stencil)
    }

    /// How far steps along the axes of a product go in x and in w, which are inputs `x_slot` and `1 - x_slot` of the
    /// node.
    fn strides(
        &self,
        op: &EinSum,
        x_slot: usize,
        x: OutletId,
        w: OutletId,
        node: &TypedNode,
    ) -> Result<Strides, Reason> {
        let out = shape(self.model, node.id.into())?;
        Strides::of(op, x_slot, &shape(self.model, x)?, &shape(self.model, w)?, &out)
    }

    /// Sum, mean of squares, maximum or minimum over axes. A mean was written as a sum and a scaling by tract, which
    /// `arithmetic.rs` joins.
    ///
    /// # Errors
    /// For other reductions, such as the product.
    pub(super) fn reduce(&mut self, node: &TypedNode, op: &Reduce) -> Result<(), Reason> {
        let in_shape = shape(self.model, node.inputs[0])?;
        let stencil = over_axes(&in_shape, &op.axes);
        let input = self.materialise(node, node.inputs[0])?;
        match op.reducer {
            Reducer::Sum => {
                let output = self.define(node.id.into())?;
                let bias = vec![0.0; self.graph.lens[output]];
                self.push(node, Operation::Affine(Affine { input, output, weight: vec![1.0], stencil, bias }));
            }
            Reducer::MeanOfSquares => {
                let squares = self.activated(node, Function::Square, input);
                let output = self.define(node.id.into())?;
                self.push(node, Operation::Affine(mean(squares, output, stencil)));
            }
            Reducer::Max | Reducer::Min => {
                let output = self.define(node.id.into())?;
                let is_maximum = op.reducer == Reducer::Max;
                self.push(node, Operation::Extremum(Extremum { input, output, stencil, is_maximum }));
            }
            other => return Err(Reason(format!("there is no relevance rule for the reduction {other:?} yet"))),
        }
        Ok(())
    }

    /// `x / sqrt(mean(x^2) + epsilon)` over one axis, which tract keeps as one operator: squares, their mean with
    /// epsilon as its bias, the reciprocal root, and a product in which the root is the gate.
    pub(super) fn root_mean_square(&mut self, node: &TypedNode, op: &RmsNorm) -> Result<(), Reason> {
        let in_shape = shape(self.model, node.inputs[0])?;
        let epsilon = op.eps.cast_to_scalar::<f32>()?;
        let x = self.materialise(node, node.inputs[0])?;
        let squares = self.activated(node, Function::Square, x);
        let stencil = over_axes(&in_shape, &[op.axis]);
        let n = stencil.len();
        let variance = self.value(n);
        let affine = mean(squares, variance, stencil);
        self.push(node, Operation::Affine(Affine { bias: vec![epsilon; n], ..affine }));
        let scale = self.activated(node, Function::ReciprocalSqrt, variance);
        // Every element of the input is divided by the root of its own group.
        let mut kept = in_shape.clone();
        kept[op.axis] = 1;
        let to_scale = super::broadcast_indices(&kept, &in_shape)?;
        let rows = to_scale.into_iter().enumerate().map(|(k, group)| Offset { x: k, w: group });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }]);
        let roles = self.roles(scale, x);
        self.product(node, [scale, x], roles, stencil)
    }
}

/// The mean of each row's lower units, all of which have as many.
fn mean(input: ValueId, output: ValueId, stencil: Stencil) -> Affine {
    let (n_rows, n) = (stencil.len(), if stencil.is_empty() { 1 } else { stencil.n_lower(0) });
    Affine { input, output, weight: vec![1.0 / real32(n)], stencil, bias: vec![0.0; n_rows] }
}

/// Every output element has the elements along `axes` as its lower units, all of the same weight. The output has the
/// other axes, in order.
pub(super) fn over_axes(shape: &[usize], axes: &[usize]) -> Stencil {
    let strides = row_major(shape);
    let axis = |index: usize| Axis { len: shape[index], x: strides[index], w: 0 };
    let (taps, rows): (Vec<usize>, Vec<usize>) = (0..shape.len()).partition(|index| axes.contains(index));
    let offsets_of = |indices: Vec<usize>| offsets(&indices.into_iter().map(axis).collect::<Vec<_>>());
    Stencil::uniform(offsets_of(rows), offsets_of(taps))
}

/// An axis: its length, and how far a step along it goes in the first input, and in the weights or the second input.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// How many steps there are along it.
    pub(super) len: usize,
    /// How far one goes in the first input; 0 along an axis that it does not have.
    pub(super) x: usize,
    /// How far one goes in the weights or the second input; 0 along an axis that they do not have.
    pub(super) w: usize,
}

/// The axes of a contraction: those of the output, outermost first, and those that are summed over.
struct Strides {
    /// Those of the output, outermost first.
    rows: Vec<Axis>,
    /// Those that are summed over.
    taps: Vec<Axis>,
}

impl Strides {
    /// The axes of a product of x and w that makes `out`. An axis of length one has stride 0: it is broadcast.
    ///
    /// # Errors
    /// For an axis that stands twice in one factor (a diagonal), and for one of the output that no factor has.
    fn of(op: &EinSum, x_slot: usize, x: &[usize], w: &[usize], out: &[usize]) -> Result<Self, Reason> {
        let (x_strides, w_strides) = (row_major(x), row_major(w));
        let mut rows: Vec<Option<Axis>> = out.iter().map(|_| None).collect();
        let mut taps = vec![];
        for axis in op.axes.iter_all_axes() {
            let at = |positions: &[usize]| match positions {
                [] => Ok(None),
                [position] => Ok(Some(*position)),
                _ => Err(Reason("a product along a diagonal has no relevance rule".into())),
            };
            let (in_x, in_w) = (at(&axis.inputs[x_slot])?, at(&axis.inputs[1 - x_slot])?);
            let in_out = at(&axis.outputs[0])?;
            let lens = [in_x.map(|p| x[p]), in_w.map(|p| w[p]), in_out.map(|p| out[p])];
            let len = lens.into_iter().flatten().max().unwrap_or(1);
            let stride = |strides: &[usize], shape: &[usize], position: Option<usize>| {
                // An axis of length one is broadcast.
                position.map_or(0, |p| if shape[p] == 1 { 0 } else { strides[p] })
            };
            let axis = Axis { len, x: stride(&x_strides, x, in_x), w: stride(&w_strides, w, in_w) };
            match in_out {
                Some(position) => rows[position] = Some(axis),
                None => taps.push(axis),
            }
        }
        let rows = rows.into_iter().collect::<Option<_>>().ok_or("an output axis comes from nowhere")?;
        Ok(Self { rows, taps })
    }

    /// The lower units of every output element, outputs in row-major order.
    fn stencil(&self) -> Stencil {
        Stencil::uniform(offsets(&self.rows), offsets(&self.taps))
    }
}

/// Strides of a tensor in row-major order: how many elements lie between neighbours along each axis.
pub(super) fn row_major(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

/// Every combination of steps along `axes`, the last axis fastest.
pub(super) fn offsets(axes: &[Axis]) -> Vec<Offset> {
    axes.iter().fold(vec![Offset { x: 0, w: 0 }], |outer, axis| {
        let steps = |base: Offset| {
            (0..axis.len).map(move |step| Offset { x: base.x + step * axis.x, w: base.w + step * axis.w })
        };
        outer.into_iter().flat_map(steps).collect()
    })
}
