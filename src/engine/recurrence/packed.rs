//! A direction's weights as the products want them, packed once.

use std::ops::Range;
use std::sync::OnceLock;

use super::cell::{Cell, CellKind};
use super::lanes::padded;
use super::panels::{LANES, Panels};
use super::run::Sizes;
use crate::engine::number::real;

/// A direction with its matrices. Each block of columns begins at a multiple of four: `n_lanes` columns, of which those
/// behind `n_hidden` have weights and biases of zero.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    /// What was packed.
    pub(super) cell: Cell,
    /// Its sizes.
    pub(super) sizes: Sizes,
    /// Whether [`Cell::is_usual`].
    pub(super) is_usual: bool,
    /// From the inputs to all blocks.
    pub(super) x: Panels,
    /// From the hidden state to all blocks; of a GRU, to its gates.
    pub(super) h: Panels,
    /// From what a GRU's reset gate makes, or from the hidden state, to its candidate; empty for others.
    pub(super) reset: Panels,
    /// Biases of all blocks.
    pub(super) bias: Vec<f32>,
    /// Weights from the cell state to i, f and o, where an LSTM has them; a GRU's `c_n`, zeros where it has none.
    pub(super) own: Vec<f32>,
    /// `1 / (2 n_hidden)`: what each receives that is spread over both products of a state.
    pub(super) part_of_state: f64,
    /// `1 / (n_inputs + n_hidden)`: what each receives that is spread over all that a block reads.
    pub(super) part_of_lower: f64,
    /// One in the lanes of units, zero in those that are left.
    pub(super) units: Vec<f64>,
    back: OnceLock<[Panels; 2]>,
}

impl Packed {
    /// Packs a direction.
    pub(super) fn new(cell: Cell) -> Self {
        let sizes = cell.sizes();
        let (n, n_blocks) = (sizes.n_lanes, cell.kind.n_blocks());
        let n_gates = if matches!(cell.kind, CellKind::Gru { .. }) { 2 } else { n_blocks };
        let columns = |rows: &[f32], n_rows, blocks: Range<usize>| {
            Panels::pack(n_rows, blocks.len() * n, |k, to| blocks_of(&cell, rows, k, blocks.clone(), to))
        };
        let mut bias = vec![0.0; n_blocks * n];
        blocks_of(&cell, &cell.bias, 0, 0..n_blocks, &mut bias);
        let own = match &cell.kind {
            CellKind::Lstm { peephole: Some(p), .. } => {
                [&p.i, &p.f, &p.o].into_iter().flat_map(|p| padded(p, n)).collect()
            }
            CellKind::Gru { reset_after } => padded(reset_after.as_deref().unwrap_or_default(), n),
            CellKind::Lstm { .. } | CellKind::Rnn => vec![],
        };
        Self {
            sizes,
            is_usual: cell.is_usual(),
            x: columns(&cell.w_x, cell.n_inputs, 0..n_blocks),
            h: columns(&cell.w_h, cell.n_hidden, 0..n_gates),
            reset: columns(&cell.w_h, cell.n_hidden, n_gates..n_blocks),
            bias,
            own,
            part_of_state: 0.5 / real(cell.n_hidden),
            part_of_lower: 1.0 / real(cell.n_inputs + cell.n_hidden),
            units: padded(&vec![1.0; cell.n_hidden], n),
            back: OnceLock::new(),
            cell,
        }
    }

    /// From the blocks, `n_lanes` rows each, to the inputs and to the hidden state; packed when it is first asked for, as a
    /// model that only predicts needs neither.
    pub(super) fn back(&self) -> &[Panels; 2] {
        self.back.get_or_init(|| {
            let Cell { w_x, w_h, n_inputs, n_hidden, .. } = &self.cell;
            [transposed(&self.cell, w_x, *n_inputs), transposed(&self.cell, w_h, *n_hidden)]
        })
    }

    /// Bytes of the weights that a step reads.
    pub(super) const fn step_bytes(&self) -> usize {
        self.h.bytes() + self.reset.bytes()
    }
}

/// Row `k` of weights, block by block.
fn blocks_of(cell: &Cell, rows: &[f32], k: usize, blocks: Range<usize>, to: &mut [f32]) {
    let (d, n_lanes) = (cell.n_hidden, cell.n_hidden.next_multiple_of(LANES));
    for (at, block) in blocks.enumerate() {
        let from = (k * cell.kind.n_blocks() + block) * d;
        to[at * n_lanes..][..d].copy_from_slice(&rows[from..from + d]);
    }
}

/// Weights `[n_lower, n_blocks * n_hidden]` from above.
fn transposed(cell: &Cell, rows: &[f32], n_lower: usize) -> Panels {
    let (d, n_lanes) = (cell.n_hidden, cell.n_hidden.next_multiple_of(LANES));
    let width = cell.kind.n_blocks() * d;
    Panels::pack(cell.kind.n_blocks() * n_lanes, n_lower.next_multiple_of(LANES), |row, to| {
        let (block, unit) = (row / n_lanes, row % n_lanes);
        if unit < d {
            let column = rows.iter().skip(block * d + unit).step_by(width);
            to.iter_mut().zip(column).for_each(|(to, w)| *to = *w);
        }
    })
}
