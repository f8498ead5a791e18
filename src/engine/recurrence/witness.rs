//! The recurrences as the ONNX operator specification writes them (operators `LSTM`, `GRU` and `RNN`), in double precision
//! and one number after another. It shares no arithmetic with the kernels: every model is compared with it when it is read.
//!
//! Nothing is packed, no four units stand side by side, and no panel is read: a mistake in any of these would show as a
//! difference.

use super::layer::{Layer, LayerInput, LayerLayout};
use super::{Cell, CellKind};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;

/// Y and the last hidden and cell states of a layer, laid out as [`LayerOutput`](super::LayerOutput) has them.
#[must_use]
pub fn forward(layer: &Layer, layout: &LayerLayout, input: &LayerInput<'_>) -> [Vec<f64>; 3] {
    let mut out = [layout.y_len(), layout.state_len(), layout.cell_len()].map(|len| vec![0.0; len]);
    for (d, cell) in layer.directions().enumerate() {
        (0..layout.n_batch).for_each(|b| run(cell, layout, input, (d, b), &mut out));
    }
    input.make_up(layout, &mut out[0]);
    out
}

/// Runs direction `d` over the steps of sequence `b`.
fn run(
    cell: &Cell,
    layout: &LayerLayout,
    input: &LayerInput<'_>,
    (d, b): (usize, usize),
    [y, y_h, y_c]: &mut [Vec<f64>; 3],
) {
    let len = input.len(layout, b);
    let (x, rows) = (layout.x(input.x, b), layout.y(&[] as &[f32], d, b));
    let state = |initial: Option<&[f32]>, range: std::ops::Range<usize>| match initial {
        Some(values) => values[range].iter().map(|value| f64::from(*value)).collect(),
        None => vec![0.0; range.len()],
    };
    let mut h: Vec<f64> = state(input.initial_h, layout.hidden(d, b));
    let mut c: Vec<f64> = state(input.initial_c, layout.cell(d, b));
    for k in 0..len {
        let t = cell.direction.hour(k, len);
        // A masked hour hands its states on.
        if input.mask.is_none_or(|mask| layout.mask(mask, b).row(t)[0] != 0.0) {
            (h, c) = step(cell, x.row(t), &h, &c);
        }
        y[rows.offset + t * rows.stride..][..h.len()].copy_from_slice(&h);
    }
    y_h[layout.hidden(d, b)].copy_from_slice(&h);
    y_c[layout.cell(d, b)].copy_from_slice(&c);
}

/// Hidden and cell state after a step. The letters are those of `lstm.rs`, `gru.rs` and `rnn.rs`; weights are
/// `[n_inputs, n_blocks * n_hidden]`, blocks in the order of the kernels.
fn step(cell: &Cell, x: &[f32], h: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let d = cell.n_hidden;
    let x: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
    let (of_x, of_h) =
        (product(&x, &cell.w_x, cell.kind.n_blocks() * d), product(h, &cell.w_h, cell.kind.n_blocks() * d));
    let sum = |j: usize| of_x[j] + of_h[j] + f64::from(cell.bias[j]);
    let clipped = |z: f64| cell.clip.map_or(z, |limit| z.clamp(-f64::from(limit), f64::from(limit)));
    let apply = |f: Activation, z: f64| Function::from(f).value(clipped(z));
    let gate = |z: f64| apply(cell.activations.gate, z);
    let candidate = |z: f64| apply(cell.activations.candidate, z);
    let units = |of: &dyn Fn(usize) -> f64| (0..d).map(of).collect::<Vec<f64>>();
    match &cell.kind {
        CellKind::Rnn => (units(&|j| candidate(sum(j))), vec![]),
        CellKind::Gru { reset_after } => {
            let (z, r) = (units(&|j| gate(sum(j))), units(&|j| gate(sum(d + j))));
            let n = match reset_after {
                None => {
                    let of_reset = product(&units(&|j| r[j] * h[j]), &cell.w_h, 3 * d);
                    units(&|j| candidate(of_x[2 * d + j] + of_reset[2 * d + j] + f64::from(cell.bias[2 * d + j])))
                }
                Some(bias) => units(&|j| {
                    let u = of_h[2 * d + j] + f64::from(bias[j]);
                    candidate(of_x[2 * d + j] + r[j] * u + f64::from(cell.bias[2 * d + j]))
                }),
            };
            (units(&|j| (1.0 - z[j]) * n[j] + z[j] * h[j]), vec![])
        }
        CellKind::Lstm { peephole, input_forget } => {
            let own = |p: fn(&super::Peephole) -> &Vec<f32>, j: usize, c: f64| {
                peephole.as_ref().map_or(0.0, |all| f64::from(p(all)[j]) * c)
            };
            let i = units(&|j| gate(sum(j) + own(|p| &p.i, j, c[j])));
            let f = units(&|j| if *input_forget { 1.0 - i[j] } else { gate(sum(d + j) + own(|p| &p.f, j, c[j])) });
            let next = units(&|j| f[j] * c[j] + i[j] * candidate(sum(2 * d + j)));
            let o = units(&|j| gate(sum(3 * d + j) + own(|p| &p.o, j, next[j])));
            let cell = |c: f64| Function::from(cell.activations.cell).value(c);
            (units(&|j| o[j] * cell(next[j])), next)
        }
    }
}

/// `z_j = sum_k x_k w_kj`
fn product(x: &[f64], w: &[f32], n: usize) -> Vec<f64> {
    let mut z = vec![0.0; n];
    // A first state of zeros takes no time.
    for (x, w) in x.iter().zip(w.chunks_exact(n.max(1))).filter(|(x, _)| **x != 0.0) {
        z.iter_mut().zip(w).for_each(|(z, w)| *z += x * f64::from(*w));
    }
    z
}
