//! Convolutions and pools: windows that slide over axes, and fall short of their full size at a border.
//!
//! A window is found along each axis by itself ([`WindowSpan`]). Windows that have as many elements inside along every
//! axis have the same lower units, counted from their first: so a [`Stencil`] needs one list for each shape, of which
//! there are few, and one row for each output element.
//!
//! With s the stride, d the dilation, p the padding before the axis and K the length of the window, output position k
//! reads
//!
//! ```text
//! x[k s - p + j d]        for j = 0 .. K - 1, where that lies inside
//! ```

use std::collections::HashMap;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::cnn::{Conv, MaxPool, PoolSpec, SumPool};

use super::super::wire::floats;
use super::contract::{Axis, offsets, row_major};
use super::{Lowering, Reason, shape};
use crate::engine::graph::{Affine, Extremum, Offset, Operation, Stencil, StencilRow};
use crate::engine::number::real32;

impl Lowering<'_> {
    /// `Conv` with a constant kernel and bias: an affine layer whose weights all windows share. What lies in the
    /// padding is no lower unit.
    ///
    /// # Errors
    /// For a quantised convolution, and a kernel or bias that is computed.
    pub(super) fn convolve(&mut self, node: &TypedNode, op: &Conv) -> Result<(), Reason> {
        if op.q_params.is_some() {
            return Err("a quantised convolution has no relevance rule; export the model in float32".into());
        }
        let constant = |slot: usize| node.inputs.get(slot).and_then(|outlet| self.constant(*outlet));
        let kernel = constant(1).ok_or("the weights of a convolution are computed, not constant")?;
        let bias = constant(2).ok_or("the bias of a convolution is computed, not constant")?;
        let (in_shape, out_shape) = (shape(self.model, node.inputs[0])?, shape(self.model, node.id.into())?);
        let stencil = Windows::of(&op.pool_spec, &in_shape)?.convolution(op, kernel.shape());
        let (weight, bias) = (floats(kernel)?.to_vec(), floats(bias)?.to_vec());
        let bias = per_channel(&bias, &op.pool_spec, &out_shape);
        let input = self.materialise(node, node.inputs[0])?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Affine(Affine { input, output, weight, stencil, bias }));
        Ok(())
    }

    /// `MaxPool`: the maximum of each window; padding never is one.
    ///
    /// # Errors
    /// Where the places of the maxima are asked for.
    pub(super) fn max_pool(&mut self, node: &TypedNode, op: &MaxPool) -> Result<(), Reason> {
        if op.with_index_outputs.is_some() {
            return Err("the indices that MaxPool returns have no relevance rule; leave that output out".into());
        }
        let stencil = Windows::of(&op.pool_spec, &shape(self.model, node.inputs[0])?)?.pool();
        let input = self.materialise(node, node.inputs[0])?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Extremum(Extremum { input, output, stencil, is_maximum: true }));
        Ok(())
    }

    /// A sum or mean over windows: an affine layer whose weights are 1, or 1 over the number of elements.
    pub(super) fn sum_pool(&mut self, node: &TypedNode, op: &SumPool) -> Result<(), Reason> {
        let mut stencil = Windows::of(&op.pool_spec, &shape(self.model, node.inputs[0])?)?.pool();
        let full: usize = op.pool_spec.kernel_shape.iter().product();
        let weight = match (op.normalize, op.count_include_pad) {
            (false, _) => vec![1.0],
            (true, true) => vec![1.0 / real32(full)],
            (true, false) => {
                // Weight k is for windows of k + 1 elements.
                let Stencil { rows, taps } = &mut stencil;
                rows.iter_mut().for_each(|row| row.w = taps[row.taps].len().saturating_sub(1));
                (1..=full).map(|n| 1.0 / real32(n)).collect()
            }
        };
        let bias = vec![0.0; stencil.len()];
        let input = self.materialise(node, node.inputs[0])?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Affine(Affine { input, output, weight, stencil, bias }));
        Ok(())
    }
}

/// One number a channel, spread over the output.
fn per_channel(bias: &[f32], spec: &PoolSpec, out_shape: &[usize]) -> Vec<f32> {
    let axis = channel_axis(spec, out_shape.len());
    let (n, stride) = (out_shape[axis], row_major(out_shape)[axis]);
    let of = |k: usize| bias[if bias.len() == 1 { 0 } else { k / stride % n }];
    (0..out_shape.iter().product()).map(of).collect()
}

/// The axis of the channels: the last, or the one behind the batch, where there is a batch.
fn channel_axis(spec: &PoolSpec, rank: usize) -> usize {
    if spec.data_format.c_is_last() { rank - 1 } else { usize::from(spec.data_format.has_n()) }
}

/// Where a window lies along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WindowSpan {
    /// Its first element inside the input.
    first: usize,
    /// Which of the window's own positions that is: 0 unless the window begins in the padding.
    position: usize,
    /// How many of its elements lie inside.
    len: usize,
}

/// The windows of one node over an input of `in_shape`.
struct Windows<'s> {
    /// Sizes, strides, dilations and padding, and which axis is the channels.
    spec: &'s PoolSpec,
    /// The input's sizes.
    in_shape: &'s [usize],
    /// The output positions along each axis that slides.
    spans: Vec<Vec<WindowSpan>>,
}

impl<'s> Windows<'s> {
    /// The windows of a node.
    ///
    /// # Errors
    /// Where the input has fewer axes than the window.
    fn of(spec: &'s PoolSpec, in_shape: &'s [usize]) -> Result<Self, Reason> {
        let first = spec.data_format.h_axis();
        let sizes = in_shape.get(first..first + spec.kernel_shape.len()).ok_or("its input has too few axes")?;
        let axes = spec.computed_padding(sizes);
        let spans = axes.iter().enumerate().map(|(axis, padding)| {
            let (size, kernel) = (sizes[axis], spec.kernel_shape[axis]);
            let (stride, dilation) = (spec.stride(axis), spec.dilation(axis));
            (0..padding.convoluted).map(|k| span(k * stride, padding.pad_before, size, kernel, dilation)).collect()
        });
        Ok(Self { spec, in_shape, spans: spans.collect() })
    }

    /// The windows of a pool: every channel has windows of its own, and no weights.
    fn pool(&self) -> Stencil {
        let strides = row_major(self.in_shape);
        let c = channel_axis(self.spec, self.in_shape.len());
        let channels = (0..self.in_shape[c]).map(|channel| Offset { x: channel * strides[c], w: 0 }).collect();
        self.stencil(&strides, &vec![0; self.spans.len()], channels, None)
    }

    /// The windows of a convolution: output channel o has the input channels of its group as lower units, and row o of
    /// the kernel as weights.
    fn convolution(&self, op: &Conv, kernel: &[usize]) -> Stencil {
        let strides = row_major(self.in_shape);
        let kernel_strides = row_major(kernel);
        let first = op.kernel_fmt.h_axis();
        let on_kernel = &kernel_strides[first..first + self.spans.len()];
        // The axes of output and input channels are the two that do not slide, whichever comes first.
        let (o, i) = match first {
            2 => (0, 1),
            1 => (0, kernel.len() - 1),
            _ => (kernel.len() - 1, kernel.len() - 2),
        };
        let c = channel_axis(self.spec, self.in_shape.len());
        let n_in = self.in_shape[c] / op.group;
        let n_out = self.spec.output_channels;
        let channels = (0..n_out).map(|channel| Offset {
            x: channel / (n_out / op.group) * n_in * strides[c],
            w: channel * kernel_strides[o],
        });
        let summed = Axis { len: n_in, x: strides[c], w: kernel_strides[i] };
        self.stencil(&strides, on_kernel, channels.collect(), Some(summed))
    }

    /// Rows in the order of the output's axes; a set of taps for each shape that a window can have. `strides` are those
    /// of the input, `on_kernel` those of the kernel along the axes that slide (0 for a pool), `channels` where each
    /// output channel begins in both, and `summed` the input channels of a convolution.
    fn stencil(&self, strides: &[usize], on_kernel: &[usize], channels: Vec<Offset>, summed: Option<Axis>) -> Stencil {
        let format = self.spec.data_format;
        let first = format.h_axis();
        let no_span = |offset| (offset, None);
        let mut axes: Vec<Vec<(Offset, Option<usize>)>> = vec![];
        if format.has_n() {
            axes.push((0..self.in_shape[0]).map(|n| no_span(Offset { x: n * strides[0], w: 0 })).collect());
        }
        let channels: Vec<_> = channels.into_iter().map(no_span).collect();
        if !format.c_is_last() {
            axes.push(channels.clone());
        }
        for (axis, spans) in self.spans.iter().enumerate() {
            let at = |span: &WindowSpan| {
                let offset = Offset { x: span.first * strides[first + axis], w: span.position * on_kernel[axis] };
                (offset, Some(span.len))
            };
            axes.push(spans.iter().map(at).collect());
        }
        if format.c_is_last() {
            axes.push(channels);
        }
        let mut sets = TapSets { windows: self, strides, on_kernel, summed, known: HashMap::new(), taps: vec![] };
        let rows = combinations(&axes).into_iter().map(|(offset, lens)| StencilRow {
            x: offset.x,
            w: offset.w,
            taps: sets.index(lens),
        });
        let rows = rows.collect();
        Stencil { rows, taps: sets.taps }
    }
}

/// The elements of a window that lie inside an axis of `size` elements. It starts at `start` of the padded axis, which
/// has `pad` elements more in front, and takes every `dilation`-th.
fn span(start: usize, pad: usize, size: usize, kernel: usize, dilation: usize) -> WindowSpan {
    let inside: Vec<(usize, usize)> = (0..kernel)
        .filter_map(|position| Some((position, (start + position * dilation).checked_sub(pad)?)))
        .filter(|(_, index)| *index < size)
        .collect();
    let (position, first) = inside.first().copied().unwrap_or((0, 0));
    WindowSpan { first, position, len: inside.len() }
}

/// Every combination of one entry an axis, the last axis fastest: the sum of the offsets, and the lengths of the spans.
fn combinations(axes: &[Vec<(Offset, Option<usize>)>]) -> Vec<(Offset, Vec<usize>)> {
    axes.iter().fold(vec![(Offset { x: 0, w: 0 }, vec![])], |outer, axis| {
        let mut all = Vec::with_capacity(outer.len() * axis.len());
        for (base, lens) in &outer {
            for (offset, len) in axis {
                let lens: Vec<usize> = lens.iter().copied().chain(*len).collect();
                all.push((Offset { x: base.x + offset.x, w: base.w + offset.w }, lens));
            }
        }
        all
    })
}

/// The sets of taps that windows of different shapes need.
struct TapSets<'a> {
    /// The windows that they are sets for.
    windows: &'a Windows<'a>,
    /// Those of the input.
    strides: &'a [usize],
    /// Those of the kernel along the axes that slide.
    on_kernel: &'a [usize],
    /// The input channels of a convolution, which are summed over at each position.
    summed: Option<Axis>,
    /// Which set windows of a shape have, by how many elements lie inside along each axis.
    known: HashMap<Vec<usize>, usize>,
    /// The sets so far.
    taps: Vec<Vec<Offset>>,
}

impl TapSets<'_> {
    /// The set for windows that have `lens` elements inside along each axis.
    fn index(&mut self, lens: Vec<usize>) -> usize {
        if let Some(index) = self.known.get(&lens) {
            return *index;
        }
        let first = self.windows.spec.data_format.h_axis();
        let along = lens.iter().enumerate().map(|(axis, len)| Axis {
            len: *len,
            x: self.windows.spec.dilation(axis) * self.strides[first + axis],
            w: self.on_kernel[axis],
        });
        self.taps.push(offsets(&self.summed.into_iter().chain(along).collect::<Vec<_>>()));
        self.known.insert(lens, self.taps.len() - 1);
        self.taps.len() - 1
    }
}
