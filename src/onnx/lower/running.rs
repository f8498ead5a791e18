//! Running sums (`CumSum`): counts of steps, places, what has come in up to a step.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::CumSum;

use super::contract::row_major;
use super::{Lowering, Reason, shape};
use crate::engine::graph::{Affine, Offset, Operation, Stencil, StencilRow};

/// A running sum over an axis of `n` has about `n^2 / 2` terms; longer axes are refused.
const LONGEST: usize = 4096;

impl Lowering<'_> {
    /// A product with a triangular matrix of ones: position `t` along the axis sums those up to it; with `reverse`
    /// those from it on, with `exclusive` without itself. All rows of one `t` share a list of lower units.
    ///
    /// # Errors
    /// For an axis of more than [`LONGEST`].
    pub(super) fn running_sum(&mut self, node: &TypedNode, op: &CumSum) -> Result<(), Reason> {
        let lens = shape(self.model, node.inputs[0])?;
        let (n, stride) = (lens[op.axis], row_major(&lens)[op.axis]);
        if n > LONGEST {
            return Err(Reason(format!(
                "it sums along {n} positions, at most {LONGEST} are read; export the model for fewer steps"
            )));
        }
        let taps = |t: usize| {
            let summed = match (op.reverse, op.exclusive) {
                (false, false) => 0..t + 1,
                (false, true) => 0..t,
                (true, false) => t..n,
                (true, true) => t + 1..n,
            };
            summed.map(|k| Offset { x: k * stride, w: 0 }).collect()
        };
        let row = |index: usize| {
            let t = index / stride % n;
            StencilRow { x: index - t * stride, w: 0, taps: t }
        };
        let len: usize = lens.iter().product();
        let stencil = Stencil { rows: (0..len).map(row).collect(), taps: (0..n).map(taps).collect() };
        let input = self.materialise(node, node.inputs[0])?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Affine(Affine { input, output, weight: vec![1.0], stencil, bias: vec![0.0; len] }));
        Ok(())
    }
}
