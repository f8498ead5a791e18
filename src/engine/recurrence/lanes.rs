//! Four units side by side, and the functions that a cell applies to them.

use super::cell::{Activations, Cell};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::function::exponential::{sigmoid, sigmoid_quotient, tanh, tanh_quotient};

/// Numbers of four units, as they are recorded.
pub(super) type Lanes = [f32; 4];

/// Numbers of four units on the way back.
pub(super) type WideLanes = [f64; 4];

/// A list as lanes; its length is a multiple of four.
#[inline(always)]
pub(super) fn lanes<T>(of: &[T]) -> &[[T; 4]] {
    of.as_chunks().0
}

/// A list as lanes to be written.
#[inline(always)]
pub(super) fn lanes_mut<T>(of: &mut [T]) -> &mut [[T; 4]] {
    of.as_chunks_mut().0
}

/// The numbers of four units in double precision.
#[inline(always)]
pub(super) fn wide(values: &Lanes) -> WideLanes {
    values.map(f64::from)
}

/// A list of units with zeros in the lanes that are left.
pub(super) fn padded<T: Copy + Default>(units: &[T], n_lanes: usize) -> Vec<T> {
    let mut all = vec![T::default(); n_lanes];
    all[..units.len()].copy_from_slice(units);
    all
}

/// `a * b`, lane by lane. It is a loop over an index because that becomes a vector instruction; arithmetic on arrays,
/// operation by operation, did not (`docs/performance.md`).
#[inline(always)]
pub(super) fn times(a: WideLanes, b: WideLanes) -> WideLanes {
    let mut product = [0.0; 4];
    for lane in 0..4 {
        product[lane] = a[lane] * b[lane];
    }
    product
}

/// `a + b`, lane by lane.
#[inline(always)]
pub(super) fn plus(a: WideLanes, b: WideLanes) -> WideLanes {
    let mut sum = [0.0; 4];
    for lane in 0..4 {
        sum[lane] = a[lane] + b[lane];
    }
    sum
}

/// The sum of four lanes, always in this order, which is that of adding two halves of a vector.
#[inline(always)]
pub(super) fn sum(values: WideLanes) -> f64 {
    (values[0] + values[2]) + (values[1] + values[3])
}

/// The functions of a cell.
pub(super) trait Functions: Copy {
    /// Whether the cell is one that [`Cell::is_usual`].
    const IS_USUAL: bool;

    /// Of a gate, from its sums.
    fn gate(self, z: &Lanes) -> Lanes;

    /// Of the candidate, from its sums.
    fn candidate(self, z: &Lanes) -> Lanes;

    /// Of the cell state on its way to the hidden state.
    fn cell(self, c: &Lanes) -> Lanes;

    /// The slope of a gate, given its sums and its values.
    fn gate_slope(self, z: &Lanes, y: &Lanes) -> WideLanes;

    /// The slope of the candidate, likewise.
    fn candidate_slope(self, z: &Lanes, y: &Lanes) -> WideLanes;

    /// The slope of the cell state's function, likewise.
    fn cell_slope(self, c: &Lanes, y: &Lanes) -> WideLanes;

    /// The mean slope of a gate between the sums of two runs, as [`Function::quotient`].
    fn gate_quotient(self, z: [WideLanes; 2]) -> WideLanes;

    /// The mean slope of the candidate, likewise.
    fn candidate_quotient(self, z: [WideLanes; 2]) -> WideLanes;

    /// The mean slope of the cell state's function, likewise.
    fn cell_quotient(self, c: [WideLanes; 2]) -> WideLanes;
}

/// Those of the cell that exporters write, with no clip: sigmoid for gates, tanh for the rest.
#[derive(Clone, Copy)]
pub(super) struct Usual;

impl Functions for Usual {
    const IS_USUAL: bool = true;

    #[inline(always)]
    fn gate(self, z: &Lanes) -> Lanes {
        let mut y = [0.0; 4];
        for lane in 0..4 {
            y[lane] = sigmoid(z[lane]);
        }
        y
    }

    #[inline(always)]
    fn candidate(self, z: &Lanes) -> Lanes {
        let mut y = [0.0; 4];
        for lane in 0..4 {
            y[lane] = tanh(z[lane]);
        }
        y
    }

    #[inline(always)]
    fn cell(self, c: &Lanes) -> Lanes {
        self.candidate(c)
    }

    #[inline(always)]
    fn gate_slope(self, _z: &Lanes, y: &Lanes) -> WideLanes {
        let (y, mut slope) = (wide(y), [0.0; 4]);
        for lane in 0..4 {
            slope[lane] = y[lane] * (1.0 - y[lane]);
        }
        slope
    }

    #[inline(always)]
    fn candidate_slope(self, _z: &Lanes, y: &Lanes) -> WideLanes {
        let (y, mut slope) = (wide(y), [0.0; 4]);
        for lane in 0..4 {
            slope[lane] = 1.0 - y[lane] * y[lane];
        }
        slope
    }

    #[inline(always)]
    fn cell_slope(self, c: &Lanes, y: &Lanes) -> WideLanes {
        self.candidate_slope(c, y)
    }

    #[inline(always)]
    fn gate_quotient(self, z: [WideLanes; 2]) -> WideLanes {
        quotients(z, sigmoid_quotient)
    }

    #[inline(always)]
    fn candidate_quotient(self, z: [WideLanes; 2]) -> WideLanes {
        quotients(z, tanh_quotient)
    }

    #[inline(always)]
    fn cell_quotient(self, c: [WideLanes; 2]) -> WideLanes {
        self.candidate_quotient(c)
    }
}

/// A function's mean slopes between two numbers, lane by lane.
#[inline(always)]
fn quotients([z, z0]: [WideLanes; 2], quotient: impl Fn(f64, f64) -> f64) -> WideLanes {
    let mut quotients = [0.0; 4];
    for lane in 0..4 {
        quotients[lane] = quotient(z[lane], z0[lane]);
    }
    quotients
}

/// Any others, and a clip before those of the blocks.
#[derive(Clone, Copy)]
pub(super) struct OwnFunctions {
    /// The functions of the gates, the candidate and the cell state.
    activations: Activations,
    /// The limit of the sums on both sides, where there is one.
    clip: Option<f32>,
}

impl OwnFunctions {
    /// Those of a cell.
    pub(super) fn of(cell: &Cell) -> Self {
        Self { activations: cell.activations, clip: cell.clip }
    }

    /// A function of four sums, clipped before.
    fn clipped(self, f: Activation, z: &Lanes) -> Lanes {
        z.map(|z| f.apply(self.clip.map_or(z, |limit| z.clamp(-limit, limit))))
    }

    /// Its slopes, given the sums and the values; zero where the clip holds.
    fn clipped_slope(self, f: Activation, z: &Lanes, y: &Lanes) -> WideLanes {
        std::array::from_fn(|lane| f.clipped_slope(self.clip, f64::from(z[lane]), f64::from(y[lane])))
    }

    /// Its mean slopes between two sums; the function and the clip before it are one here.
    fn clipped_quotient(self, f: Activation, [z, z0]: [WideLanes; 2]) -> WideLanes {
        let f = Function::from(f);
        std::array::from_fn(|lane| {
            let (z, z0) = (z[lane], z0[lane]);
            let Some(limit) = self.clip.map(f64::from) else { return f.quotient(z, z0) };
            let (inside, inside0) = (z.clamp(-limit, limit), z0.clamp(-limit, limit));
            let passed = if z == z0 { f64::from(u8::from(z.abs() <= limit)) } else { (inside - inside0) / (z - z0) };
            f.quotient(inside, inside0) * passed
        })
    }
}

impl Functions for OwnFunctions {
    const IS_USUAL: bool = false;

    fn gate(self, z: &Lanes) -> Lanes {
        self.clipped(self.activations.gate, z)
    }

    fn candidate(self, z: &Lanes) -> Lanes {
        self.clipped(self.activations.candidate, z)
    }

    fn cell(self, c: &Lanes) -> Lanes {
        c.map(|c| self.activations.cell.apply(c))
    }

    fn gate_slope(self, z: &Lanes, y: &Lanes) -> WideLanes {
        self.clipped_slope(self.activations.gate, z, y)
    }

    fn candidate_slope(self, z: &Lanes, y: &Lanes) -> WideLanes {
        self.clipped_slope(self.activations.candidate, z, y)
    }

    fn cell_slope(self, c: &Lanes, y: &Lanes) -> WideLanes {
        std::array::from_fn(|lane| self.activations.cell.slope(f64::from(c[lane]), f64::from(y[lane])))
    }

    fn gate_quotient(self, z: [WideLanes; 2]) -> WideLanes {
        self.clipped_quotient(self.activations.gate, z)
    }

    fn candidate_quotient(self, z: [WideLanes; 2]) -> WideLanes {
        self.clipped_quotient(self.activations.candidate, z)
    }

    fn cell_quotient(self, [c, c0]: [WideLanes; 2]) -> WideLanes {
        let f = Function::from(self.activations.cell);
        std::array::from_fn(|lane| f.quotient(c[lane], c0[lane]))
    }
}
