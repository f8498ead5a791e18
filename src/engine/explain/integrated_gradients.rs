//! Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365).

use super::Scored;
use super::near::Near;
use super::quadrature::gauss_legendre;
use super::relevance::{Ledger, Note, Relevance};
use super::scorer::{Network, Scorer, of_reference};
use crate::engine::graph::{Graph, INPUT, Node, Operation, Span};
use crate::engine::number::real;
use crate::engine::trace::Trace;
use crate::error::Result;
use crate::job::{self, Job, Progress};

/// The integral is done where the parts miss the whole by no more than this, relative to the difference of the scores.
pub const TOLERANCE: f64 = 1e-5;

/// Single precision leaves so much of the absolute contributions, however small the difference of the scores is.
const PRECISION: f64 = 1e-7;

/// And where no cell is off by more than this, relative to the largest, as far as halving tells.
const CELLS: f64 = 1e-5;

/// Of what halving a piece changed, what each half is taken to be off by: a sum of eight points is off by far less where the
/// slope is smooth, and by about that much at a kink.
const LEFT: f64 = 1.0 / 16.0;

/// Derivatives in each piece of the line.
const POINTS: usize = 8;

/// Pieces to begin with.
const PIECES: usize = 4;

/// A piece of this length is not halved again: what it misses is a jump of the score, or its rounding.
const SHORTEST: f64 = 1.0 / (1 << 20) as f64;

/// The scores at both ends of a piece are those of runs in single precision, whose errors add up over the steps: so much of the
/// scores is none of theirs.
const ROUNDING: f64 = 16.0 * f32::EPSILON as f64;

/// Explains the difference from a baseline by derivatives along the straight line to it:
///
/// ```text
/// R_k = (x_k - x0_k) integral over a in 0..1 of df/dx_k (x0 + a (x - x0))
/// ```
///
/// Numbers that are [held](Network::held), such as codes, are those of the input all along the line: `x0_k = x_k`, so that
/// they have nothing.
///
/// # Errors
/// As [`Integral::new`].
pub fn explain<N: Network>(scorer: &Scorer<N>, trace: &Trace, baseline: &[f32], n_points: usize) -> Result<Relevance> {
    job::run(Integral::new(scorer.over(&scorer.network), trace, baseline, n_points)?)
}

/// The integral on its way.
///
/// The line is cut into pieces, each with a Gauss-Legendre sum of eight derivatives. How far a piece's sum is off is
/// known, because its parts must add up to the difference of the scores at its ends, and how far its cells are off, from
/// what halving changes: single cells may be off where their sum is not. The worst piece is halved until all together are
/// within [`TOLERANCE`] and the cells within a hundred-thousandth of the largest, or `n_points` derivatives have been
/// taken, or the worst piece is so short that the score jumps in it. What is still missing then is the residual, and the
/// note says why: `sum R_k` would be `f(x) - f(x0)` exactly.
#[derive(Debug)]
pub struct Integral<N> {
    /// The line, and the network that is run along it.
    line: StraightLine<N>,
    /// The run of the input.
    scored: Scored,
    /// Its score, or its probability, as was asked for.
    score: f64,
    /// That of the baseline.
    reference: f64,
    /// The pieces of the line, which together are all of it.
    pieces: Vec<LinePiece>,
    /// The sum of their values.
    total: Vec<f64>,
    /// Derivatives that have been taken.
    taken: usize,
    /// Derivatives that may be taken.
    n_points: usize,
    /// Why it has ended, where it has.
    end: Option<End>,
}

/// Why no more derivatives are taken.
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
        let x = trace.values[INPUT].clone();
        let begins = |((is_held, x), x0): ((bool, &f32), &f32)| if is_held { *x } else { *x0 };
        let x0: Vec<f32> = scorer.network.held().into_iter().zip(&x).zip(baseline).map(begins).collect();
        let score = scorer.of(&scored);
        let still = still(scorer.network.graph(), &x, &x0);
        let near = Near::new(scorer, &x0).map_err(of_reference)?;
        let reference = near.of(&near.scored());
        let rule = gauss_legendre(POINTS.min(n_points));
        let line = StraightLine { near, x, x0, still, rule };
        let total = vec![0.0; baseline.len()];
        Ok(Self { line, scored, score, reference, pieces: Vec::new(), total, taken: 0, n_points, end: None })
    }

    /// Pieces of equal length that the line begins with.
    fn n_begun(&self) -> usize {
        (self.n_points / POINTS).clamp(1, PIECES)
    }

    /// Counts a piece: its values are part of the total.
    fn add(&mut self, piece: LinePiece) {
        self.total.iter_mut().zip(&piece.values).for_each(|(total, part)| *total += part);
        self.taken += self.line.rule.len();
        self.pieces.push(piece);
    }

    /// Takes a piece apart.
    fn halve(&mut self, index: usize) -> Result<()> {
        let [left, right] = self.pieces[index].ends;
        let middle = self.line.at(0.5 * (left.0 + right.0))?;
        let mut halves = [self.line.piece(left, middle)?, self.line.piece(middle, right)?];
        let whole = self.pieces.swap_remove(index);
        self.total.iter_mut().zip(&whole.values).for_each(|(total, part)| *total -= part);
        let both = halves[0].values.iter().zip(&halves[1].values);
        let changes = whole.values.iter().zip(both).map(|(whole, (a, b))| (whole - a - b).abs());
        let change = changes.fold(0.0, f64::max);
        // A piece that is not halved again is as good as it can be.
        let unsure = if 0.5 * (right.0 - left.0) <= SHORTEST { 0.0 } else { LEFT * change };
        halves.iter_mut().for_each(|half| half.unsure = unsure);
        halves.into_iter().for_each(|half| self.add(half));
        Ok(())
    }

    /// The next of the pieces of equal length.
    fn begin(&mut self) -> Result<()> {
        let (k, n) = (self.pieces.len() + 1, self.n_begun());
        let left = self.pieces.last().map_or((0.0, self.reference), |piece| piece.ends[1]);
        let right = if k == n { (1.0, self.score) } else { self.line.at(real(k) / real(n))? };
        let piece = self.line.piece(left, right)?;
        self.add(piece);
        Ok(())
    }

    /// Halves the worst piece, or finds why there is nothing more to do.
    fn go_on(&mut self) -> Result<()> {
        let sizes: f64 = self.pieces.iter().map(|piece| piece.size).sum();
        let allowed = (TOLERANCE * (self.score - self.reference).abs()).max(PRECISION * sizes);
        let missing: f64 = self.pieces.iter().map(|piece| piece.error.abs()).sum();
        let largest = self.total.iter().fold(0.0_f64, |largest, r| largest.max(r.abs()));
        let unsure: f64 = self.pieces.iter().map(|piece| piece.unsure).sum();
        if missing <= allowed && unsure <= CELLS * largest {
            self.end = Some(End::Exact);
            return Ok(());
        }
        // Where there is no difference, nothing is off by a part of it.
        let part = |of: f64, allowed: f64| of / allowed.max(f64::MIN_POSITIVE);
        let badness = |piece: &LinePiece| part(piece.error.abs(), allowed).max(part(piece.unsure, CELLS * largest));
        let worst = self.pieces.iter().enumerate().max_by(|a, b| badness(a.1).total_cmp(&badness(b.1)));
        let Some((index, &LinePiece { ends: [left, right], error, .. })) = worst else { return Ok(()) };
        if right.0 - left.0 <= SHORTEST {
            let rounding = ROUNDING * (self.score.abs() + self.reference.abs() + sizes);
            let is_jump = error.abs() > rounding;
            let note = if is_jump { Note::Jump { at: left.0, by: error } } else { Note::Rounding { missing } };
            self.end = Some(End::Missing(note));
        } else if self.taken + 2 * self.line.rule.len() > self.n_points {
            let missing = self.pieces.iter().map(|piece| piece.error).sum();
            self.end = Some(End::Missing(Note::Derivatives { count: self.taken, missing }));
        } else {
            self.halve(index)?;
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
struct StraightLine<N> {
    /// The network and its target, beside the baseline's run.
    near: Near<N>,
    /// The input.
    x: Vec<f32>,
    /// The baseline.
    x0: Vec<f32>,
    /// Which values of the graph are the same all along the line: derivatives by them are multiplied by nothing.
    still: Vec<bool>,
    /// The places within a piece, and their weights.
    rule: Vec<(f64, f64)>,
}

/// A place on the line and the score there.
type Point = (f64, f64);

/// A part of the line, and what its derivatives contribute.
#[derive(Debug)]
struct LinePiece {
    /// Where it begins and ends.
    ends: [Point; 2],
    /// What it contributes to each number of the input.
    values: Vec<f64>,
    /// The sum of their magnitudes.
    size: f64,
    /// By how much a cell may be off; infinity where no halving has told.
    unsure: f64,
    /// The difference of the scores at its ends, less the sum of its values.
    error: f64,
}

impl<N: Network> StraightLine<N> {
    /// The place `a` (0..=1) of the line, with the score there: one run.
    fn at(&self, a: f64) -> Result<Point> {
        Ok((a, self.near.score(between(&self.x0, &self.x, a))?))
    }

    /// The integral over a piece by the Gauss-Legendre sum, with what it misses of the scores at its ends: a run and a walk back
    /// for each of its points, several side by side.
    fn piece(&self, left: Point, right: Point) -> Result<LinePiece> {
        let length = right.0 - left.0;
        let point =
            |(place, weight): &(f64, f64)| (between(&self.x0, &self.x, left.0 + length * place), weight * length);
        let mut values = self.near.gradient(self.rule.iter().map(point), &self.still)?;
        let ends = self.x.iter().zip(&self.x0);
        values.iter_mut().zip(ends).for_each(|(value, (x, x0))| *value *= f64::from(*x) - f64::from(*x0));
        let error = right.1 - left.1 - values.iter().sum::<f64>();
        let size = values.iter().map(|r| r.abs()).sum();
        Ok(LinePiece { ends: [left, right], values, size, unsure: f64::INFINITY, error })
    }
}

/// Which values of a graph read nothing of the input but numbers that are the same at both ends of the line.
fn still(graph: &Graph, x: &[f32], x0: &[f32]) -> Vec<bool> {
    let mut still = vec![false; graph.lens.len()];
    for Node { operation, .. } in &graph.nodes {
        let is_still = match operation {
            Operation::Rearrange(op) => op.moves.parts.iter().all(|(from, spans)| {
                let is_same = |span: &Span| x[span.source()] == x0[span.source()];
                if *from == INPUT { spans.iter().all(is_same) } else { still[*from] }
            }),
            other => other.inputs().into_iter().all(|value| still[value]),
        };
        operation.outputs().into_iter().for_each(|value| still[value] = is_still);
    }
    still
}

/// `x0 + a (x - x0)`
fn between(x0: &[f32], x: &[f32], a: f64) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "the model's inputs are f32")]
    let at = |(x0, x): (&f32, &f32)| (f64::from(*x0) + a * (f64::from(*x) - f64::from(*x0))) as f32;
    x0.iter().zip(x).map(at).collect()
}
