//! Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365).

use super::Scored;
use super::gradient::{self, Words};
use super::quadrature::gauss_legendre;
use super::relevance::{Ledger, Relevance};
use super::scorer::{Network, Scorer};
use crate::engine::trace::Trace;
use crate::error::Result;

/// The integral is done where the parts miss the whole by no more than this, relative to the difference of the scores.
pub const TOLERANCE: f64 = 1e-5;

/// Points in each piece of the line.
const POINTS: usize = 4;

/// Explains the difference from a baseline by derivatives along the straight line to it:
///
/// ```text
/// R_k = (x_k - x0_k) integral over a in 0..1 of df/dx_k (x0 + a (x - x0))
/// ```
///
/// The line is cut into pieces, each with a Gauss-Legendre sum of four derivatives. How far a piece's sum is off is
/// known, because its parts must add up to the difference of the scores at its ends; the worst piece is halved until
/// all together are within [`TOLERANCE`], or `n_points` derivatives have been taken. What is still missing is the
/// residual: `sum R_k` would be `f(x) - f(x0)` exactly.
///
/// # Errors
/// Where the network cannot be run.
pub fn explain<N: Network>(scorer: &Scorer<N>, trace: &Trace, baseline: &[f32], n_points: usize) -> Result<Relevance> {
    let scored = Scored::of(scorer.network.graph(), trace, &scorer.target);
    let (score, reference) = (scorer.of(&scored), scorer.score(baseline)?);
    let line = Line {
        scorer,
        x: &trace.values[crate::engine::graph::INPUT],
        x0: baseline,
        rule: gauss_legendre(POINTS.min(n_points)),
    };
    let mut pieces = line.pieces(n_points, reference, score)?;
    let mut taken = pieces.len() * line.rule.len();
    let allowed = TOLERANCE * (score - reference).abs();
    while taken + 2 * line.rule.len() <= n_points && pieces.iter().map(|piece| piece.error.abs()).sum::<f64>() > allowed
    {
        let worst = pieces.iter().enumerate().max_by(|a, b| a.1.error.abs().total_cmp(&b.1.error.abs()));
        let Some((worst, _)) = worst else { break };
        let Piece { ends: [left, right], .. } = pieces.swap_remove(worst);
        let middle = line.at(0.5 * (left.0 + right.0))?;
        pieces.push(line.piece(left, middle)?);
        pieces.push(line.piece(middle, right)?);
        taken += 2 * line.rule.len();
    }
    let mut values = vec![0.0; baseline.len()];
    for piece in &pieces {
        values.iter_mut().zip(&piece.values).for_each(|(value, part)| *value += part);
    }
    let ledger = Ledger { inputs: values.iter().sum(), reference, ..Ledger::default() };
    Ok(scored.relevance(values, score, Some(ledger)))
}

/// The straight line from the baseline to the input.
struct Line<'a, N> {
    scorer: &'a Scorer<N>,
    x: &'a [f32],
    x0: &'a [f32],
    rule: Vec<(f64, f64)>,
}

/// A place on the line and the score there.
type Point = (f64, f64);

/// A part of the line, and what its derivatives contribute.
struct Piece {
    ends: [Point; 2],
    values: Vec<f64>,
    /// The difference of the scores at its ends, less the sum of its values.
    error: f64,
}

impl<N: Network> Line<'_, N> {
    fn pieces(&self, n_points: usize, reference: f64, score: f64) -> Result<Vec<Piece>> {
        let n = (n_points / POINTS).clamp(1, 4);
        let mut left = (0.0, reference);
        let mut pieces = Vec::with_capacity(n);
        for k in 1..=n {
            let right = if k == n { (1.0, score) } else { self.at(k as f64 / n as f64)? };
            pieces.push(self.piece(left, right)?);
            left = right;
        }
        Ok(pieces)
    }

    fn at(&self, a: f64) -> Result<Point> {
        Ok((a, self.scorer.score(&between(self.x0, self.x, a))?))
    }

    fn piece(&self, left: Point, right: Point) -> Result<Piece> {
        let Scorer { network, target, quantity } = self.scorer;
        let length = right.0 - left.0;
        let mut values = vec![0.0; self.x.len()];
        for (place, weight) in &self.rule {
            let trace = network.trace(&between(self.x0, self.x, left.0 + length * place))?;
            let gradient = gradient::explain(network.graph(), &trace, target, *quantity, Words::Slope);
            values.iter_mut().zip(&gradient.values).for_each(|(value, d)| *value += weight * length * d);
        }
        let ends = self.x.iter().zip(self.x0);
        values.iter_mut().zip(ends).for_each(|(value, (x, x0))| *value *= f64::from(*x) - f64::from(*x0));
        let error = right.1 - left.1 - values.iter().sum::<f64>();
        Ok(Piece { ends: [left, right], values, error })
    }
}

/// `x0 + a (x - x0)`
fn between(x0: &[f32], x: &[f32], a: f64) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "the model's inputs are f32")]
    let at = |(x0, x): (&f32, &f32)| (f64::from(*x0) + a * (f64::from(*x) - f64::from(*x0))) as f32;
    x0.iter().zip(x).map(at).collect()
}
