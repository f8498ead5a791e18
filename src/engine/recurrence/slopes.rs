//! What a derivative and a multiplier have in common: both go back through the same equations, one with the values and
//! slopes of a run, the other with the means of two runs and the mean slopes between them.
//!
//! With `x` a value of a run and `x0` the same value of its reference, the multiplier `m` of a value says how much of the
//! score's difference each unit of `x - x0` carries:
//!
//! ```text
//! linear z = w x + b     m_x = w m_z
//! function y = f(z)      m_z = m_y (f(z) - f(z0)) / (z - z0)
//! product y = a b        m_a = m_y (b + b0) / 2      m_b = m_y (a + a0) / 2
//! ```
//!
//! The product rule is the Shapley value of two factors, so all gates receive their share. Sources: Shrikumar 2017
//! (arXiv:1704.02685) for the quotient, Lundberg and Lee 2017 (arXiv:1705.07874) for Shapley values handed down.
//!
//! Values were recorded in single precision. A multiplier is a smooth function of them, and is off by no more than they are.
//! A recorded difference would be off by all of itself where two runs differ little, so that none is divided by here: sums are
//! made again in double precision, and both parts of a quotient are of the same `z` and `z0`.

use super::lanes::{Functions, Lanes, WideLanes, wide};
use super::step::StepRecord;

/// Values and slopes of a step, four units side by side: those of place `q`.
pub(super) trait Slopes: Copy {
    /// Whether the cell is one that [`Cell::is_usual`](super::Cell::is_usual).
    const IS_USUAL: bool;

    /// Of a gate or the candidate.
    fn value(self, block: usize, q: usize) -> WideLanes;

    /// Of a gate's function.
    fn gate_slope(self, block: usize, q: usize) -> WideLanes;

    /// Of the candidate's function.
    fn candidate_slope(self, block: usize, q: usize) -> WideLanes;

    /// Of an LSTM's cell state behind its function.
    fn cell(self, q: usize) -> WideLanes;

    /// Of that function.
    fn cell_slope(self, q: usize) -> WideLanes;

    /// Of what a GRU's reset gate makes or multiplies.
    fn reset(self, q: usize) -> WideLanes;

    /// Of the cell state before the step.
    fn c_before(self, q: usize) -> WideLanes;

    /// Of the hidden state before the step.
    fn h_before(self, q: usize) -> WideLanes;
}

/// Those of a run.
#[derive(Clone, Copy)]
pub(super) struct OfRun<'a, A> {
    pub(super) at: StepRecord<'a>,
    pub(super) functions: A,
}

impl<A: Functions> Slopes for OfRun<'_, A> {
    const IS_USUAL: bool = A::IS_USUAL;

    #[inline(always)]
    fn value(self, block: usize, q: usize) -> WideLanes {
        wide(&self.at.value(block)[q])
    }

    #[inline(always)]
    fn gate_slope(self, block: usize, q: usize) -> WideLanes {
        self.functions.gate_slope(&self.at.sum(block)[q], &self.at.value(block)[q])
    }

    #[inline(always)]
    fn candidate_slope(self, block: usize, q: usize) -> WideLanes {
        self.functions.candidate_slope(&self.at.sum(block)[q], &self.at.value(block)[q])
    }

    #[inline(always)]
    fn cell(self, q: usize) -> WideLanes {
        wide(&self.at.cell_value()[q])
    }

    #[inline(always)]
    fn cell_slope(self, q: usize) -> WideLanes {
        self.functions.cell_slope(&self.at.cell_state()[q], &self.at.cell_value()[q])
    }

    #[inline(always)]
    fn reset(self, q: usize) -> WideLanes {
        wide(&self.at.reset()[q])
    }

    #[inline(always)]
    fn c_before(self, q: usize) -> WideLanes {
        wide(&self.at.c_before()[q])
    }

    #[inline(always)]
    fn h_before(self, q: usize) -> WideLanes {
        wide(&self.at.h_before()[q])
    }
}

/// Those between a run and its reference.
#[derive(Clone, Copy)]
pub(super) struct OfTwoRuns<'a, A> {
    pub(super) at: [StepRecord<'a>; 2],
    /// The sums of all blocks in both, in double precision.
    pub(super) sums: [&'a [WideLanes]; 2],
    pub(super) functions: A,
}

impl<'a, A: Functions> OfTwoRuns<'a, A> {
    /// The mean of both runs' numbers.
    #[inline(always)]
    fn mean(self, q: usize, of: impl Fn(StepRecord<'a>) -> &'a [Lanes]) -> WideLanes {
        let ([a, a0], mut mean) = (self.at.map(|at| wide(&of(at)[q])), [0.0; 4]);
        for lane in 0..4 {
            mean[lane] = 0.5 * (a[lane] + a0[lane]);
        }
        mean
    }

    /// The sums of a block in both runs.
    #[inline(always)]
    fn sums(self, block: usize, q: usize) -> [WideLanes; 2] {
        self.sums.map(|sums| sums[block * self.at[0].n() + q])
    }
}

impl<A: Functions> Slopes for OfTwoRuns<'_, A> {
    const IS_USUAL: bool = A::IS_USUAL;

    #[inline(always)]
    fn value(self, block: usize, q: usize) -> WideLanes {
        self.mean(q, |at| at.value(block))
    }

    #[inline(always)]
    fn gate_slope(self, block: usize, q: usize) -> WideLanes {
        self.functions.gate_quotient(self.sums(block, q))
    }

    #[inline(always)]
    fn candidate_slope(self, block: usize, q: usize) -> WideLanes {
        self.functions.candidate_quotient(self.sums(block, q))
    }

    #[inline(always)]
    fn cell(self, q: usize) -> WideLanes {
        self.mean(q, |at| at.cell_value())
    }

    #[inline(always)]
    fn cell_slope(self, q: usize) -> WideLanes {
        self.functions.cell_quotient(self.at.map(|at| wide(&at.cell_state()[q])))
    }

    #[inline(always)]
    fn reset(self, q: usize) -> WideLanes {
        self.mean(q, |at| at.reset())
    }

    #[inline(always)]
    fn c_before(self, q: usize) -> WideLanes {
        self.mean(q, |at| at.c_before())
    }

    #[inline(always)]
    fn h_before(self, q: usize) -> WideLanes {
        self.mean(q, |at| at.h_before())
    }
}
