//! Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365).

use super::Scored;
use super::gradient::{self, Words};
use super::quadrature::gauss_legendre;
use super::relevance::{Ledger, Note, Relevance};
use super::scorer::{Network, Scorer, of_reference};
use crate::engine::graph::INPUT;
use crate::engine::trace::Trace;
use crate::error::Result;
use crate::job::{self, Job, Progress};

/// The integral is done where the parts miss the whole by no more than this, relative to the difference of the scores.
pub const TOLERANCE: f64 = 1e-5;

/// Single precision leaves so much of the absolute contributions, however small the difference of the scores is.
const PRECISION: f64 = 1e-7;

/// Derivatives in each piece of the line.
const POINTS: usize = 8;

/// Pieces to begin with.
const PIECES: usize = 4;

/// A piece of this length is not halved again: what it misses is a jump of the score.
const SHORTEST: f64 = 1.0 / (1 << 20) as f64;

/// Explains the difference from a baseline by derivatives along the straight line to it:
///
/// ```text
/// R_k = (x_k - x0_k) integral over a in 0..1 of df/dx_k (x0 + a (x - x0))
/// ```
///
/// # Errors
/// As [`Integral::new`].
pub fn explain<N: Network>(scorer: &Scorer<N>, trace: &Trace, baseline: &[f32], n_points: usize) -> Result<Relevance> {
    job::run(Integral::new(scorer.over(&scorer.network), trace, baseline, n_points)?)
}

/// The integral on its way.
///
/// The line is cut into pieces, each with a Gauss-Legendre sum of eight derivatives. How far a piece's sum is off is
/// known, because its parts must add up to the difference of the scores at its ends; the worst piece is halved until
/// all together are within [`TOLERANCE`], or `n_points` derivatives have been taken, or the worst piece is so short that
/// the score jumps in it. What is still missing then is the residual, and the note says why: `sum R_k` would be
/// `f(x) - f(x0)` exactly.
#[derive(Debug)]
pub struct Integral<N> {
    line: Line<N>,
    scored: Scored,
    score: f64,
    reference: f64,
    pieces: Vec<Piece>,
    taken: usize,
    n_points: usize,
    /// Why it has ended, where it has.
    end: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Exact,
    Missing(Note),
}

impl<N: Network> Integral<N> {
    /// Begins with both ends of the line.
    ///
    /// # Errors
    /// Where the network cannot be run, or gives no number for the baseline.
    pub fn new(scorer: Scorer<N>, trace: &Trace, baseline: &[f32], n_points: usize) -> Result<Self> {
        let scored = Scored::of(scorer.network.graph(), trace, &scorer.target);
        let (score, reference) = (scorer.of(&scored), scorer.score(baseline).map_err(of_reference)?);
        let rule = gauss_legendre(POINTS.min(n_points));
        let line = Line { scorer, x: trace.values[INPUT].clone(), x0: baseline.to_vec(), rule };
        Ok(Self { line, scored, score, reference, pieces: Vec::new(), taken: 0, n_points, end: None })
    }

    /// Pieces of equal length that the line begins with.
    fn n_begun(&self) -> usize {
        (self.n_points / POINTS).clamp(1, PIECES)
    }

    fn add(&mut self, left: Point, right: Point) -> Result<()> {
        let piece = self.line.piece(left, right)?;
        self.taken += self.line.rule.len();
        self.pieces.push(piece);
        Ok(())
    }

    /// The next of the pieces of equal length.
    fn begin(&mut self) -> Result<()> {
        let (k, n) = (self.pieces.len() + 1, self.n_begun());
        let left = self.pieces.last().map_or((0.0, self.reference), |piece| piece.ends[1]);
        let right = if k == n { (1.0, self.score) } else { self.line.at(k as f64 / n as f64)? };
        self.add(left, right)
    }

    /// Halves the worst piece, or finds why there is nothing more to do.
    fn go_on(&mut self) -> Result<()> {
        let sizes: f64 = self.pieces.iter().map(|piece| piece.size).sum();
        let allowed = (TOLERANCE * (self.score - self.reference).abs()).max(PRECISION * sizes);
        let missing: f64 = self.pieces.iter().map(|piece| piece.error.abs()).sum();
        let worst = self.pieces.iter().enumerate().max_by(|a, b| a.1.error.abs().total_cmp(&b.1.error.abs()));
        let Some((index, &Piece { ends: [left, right], error, .. })) = worst else { return Ok(()) };
        if missing <= allowed {
            self.end = Some(End::Exact);
        } else if right.0 - left.0 <= SHORTEST {
            self.end = Some(End::Missing(Note::Jump { at: left.0, by: error }));
        } else if self.taken + 2 * self.line.rule.len() > self.n_points {
            self.end = Some(End::Missing(Note::Derivatives {
                count: self.taken,
                missing: self.pieces.iter().map(|piece| piece.error).sum(),
            }));
        } else {
            let middle = self.line.at(0.5 * (left.0 + right.0))?;
            self.pieces.swap_remove(index);
            self.add(left, middle)?;
            self.add(middle, right)?;
        }
        Ok(())
    }
}

impl<N: Network> Job for Integral<N> {
    type Output = Relevance;

    fn advance(&mut self) -> Result<bool> {
        if self.taken < self.n_begun() * self.line.rule.len() {
            self.begin()?;
        } else if self.end.is_none() {
            self.go_on()?;
        }
        Ok(self.end.is_some())
    }

    /// In derivatives; of those that are allowed while it is not known how many are needed.
    fn progress(&self) -> Progress {
        Progress { done: self.taken, total: if self.end.is_some() { self.taken } else { self.n_points } }
    }

    fn finish(self) -> Result<Relevance> {
        let mut values = vec![0.0; self.line.x0.len()];
        for piece in &self.pieces {
            values.iter_mut().zip(&piece.values).for_each(|(value, part)| *value += part);
        }
        let ledger = Ledger { inputs: values.iter().sum(), reference: self.reference, ..Ledger::default() };
        let note = match self.end {
            Some(End::Missing(note)) => Some(note),
            Some(End::Exact) | None => None,
        };
        Ok(Relevance { note, ..self.scored.relevance(values, self.score, Some(ledger)) })
    }
}

/// The straight line from the baseline to the input.
#[derive(Debug)]
struct Line<N> {
    scorer: Scorer<N>,
    x: Vec<f32>,
    x0: Vec<f32>,
    rule: Vec<(f64, f64)>,
}

/// A place on the line and the score there.
type Point = (f64, f64);

/// A part of the line, and what its derivatives contribute.
#[derive(Debug)]
struct Piece {
    ends: [Point; 2],
    values: Vec<f64>,
    /// The sum of their magnitudes.
    size: f64,
    /// The difference of the scores at its ends, less the sum of its values.
    error: f64,
}

impl<N: Network> Line<N> {
    fn at(&self, a: f64) -> Result<Point> {
        Ok((a, self.scorer.score(&between(&self.x0, &self.x, a))?))
    }

    fn piece(&self, left: Point, right: Point) -> Result<Piece> {
        let Scorer { network, target, quantity } = &self.scorer;
        let length = right.0 - left.0;
        let mut values = vec![0.0; self.x.len()];
        for (place, weight) in &self.rule {
            let trace = network.trace(&between(&self.x0, &self.x, left.0 + length * place))?;
            let gradient = gradient::explain(network.graph(), &trace, target, *quantity, Words::Slope);
            values.iter_mut().zip(&gradient.values).for_each(|(value, d)| *value += weight * length * d);
        }
        let ends = self.x.iter().zip(&self.x0);
        values.iter_mut().zip(ends).for_each(|(value, (x, x0))| *value *= f64::from(*x) - f64::from(*x0));
        let error = right.1 - left.1 - values.iter().sum::<f64>();
        let size = values.iter().map(|r| r.abs()).sum();
        Ok(Piece { ends: [left, right], values, size, error })
    }
}

/// `x0 + a (x - x0)`
fn between(x0: &[f32], x: &[f32], a: f64) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "the model's inputs are f32")]
    let at = |(x0, x): (&f32, &f32)| (f64::from(*x0) + a * (f64::from(*x) - f64::from(*x0))) as f32;
    x0.iter().zip(x).map(at).collect()
}
