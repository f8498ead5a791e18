//! How far the measures of a cohort could have come out otherwise: the bootstrap.

use serde::Serialize;

use super::curves::{CurvePoint, NetBenefit, Predictions, ReliabilityBin};
use crate::engine::explain::agreement::middle;
use crate::engine::explain::random::Random;
use crate::engine::number::real;
use crate::job::{Job, Progress};
use crate::{Error, Kind, Result};

/// Steps of the axis on which bands are given.
const N_STEPS: usize = 100;

/// Bins of the calibration curve.
const N_BINS: usize = 10;

/// Draws before a cohort is given up in which both labels hardly ever come up together.
const DRAWS_MAX: usize = 1000;

/// A measure with its interval: the middle 95 % of the resamples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measure {
    /// Of the cohort itself.
    pub value: f64,
    /// Lower and upper end.
    pub interval: [f64; 2],
}

/// A band around a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// Place on the axis.
    pub x: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well the predictions of a cohort hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measures {
    /// Stays with a label and a probability.
    pub n_stays: usize,
    /// Those with label 1.
    pub n_positive: usize,
    /// Number of resamples.
    pub n_resamples: usize,
    /// Area under the ROC curve.
    pub roc_area: Measure,
    /// Average precision.
    pub average_precision: Measure,
    /// Brier score.
    pub brier: Measure,
    /// The ROC curve.
    pub roc: Vec<CurvePoint>,
    /// Its band, over the false positive rate.
    pub roc_band: Vec<Band>,
    /// The precision-recall curve.
    pub precision_recall: Vec<CurvePoint>,
    /// Its band, over recall.
    pub precision_recall_band: Vec<Band>,
    /// Calibration.
    pub calibration: Vec<ReliabilityBin>,
    /// The decision curve, at thresholds a hundredth apart.
    pub net_benefit: Vec<NetBenefit>,
    /// The band of acting by the predictions, over the threshold.
    pub net_benefit_band: Vec<Band>,
}

/// The measures with their intervals, one resample at a time.
///
/// A resample draws as many stays as there are, each stay as often as it comes up; one without both labels is drawn
/// again. The same seed gives the same intervals.
#[derive(Debug)]
pub struct Bootstrap {
    predictions: Predictions,
    chance: Random,
    n_resamples: usize,
    areas: Vec<f64>,
    precisions: Vec<f64>,
    briers: Vec<f64>,
    /// Height of each resample's curve at each step of the axis, resample by resample.
    roc: Vec<f64>,
    precision_recall: Vec<f64>,
    net_benefit: Vec<f64>,
}

impl Bootstrap {
    /// Begins.
    ///
    /// # Errors
    /// As [`Predictions::new`].
    pub fn new(labels: &[bool], probabilities: &[f64], n_resamples: usize, seed: u64) -> Result<Self> {
        Ok(Self {
            predictions: Predictions::new(labels, probabilities)?,
            chance: Random::new(seed),
            n_resamples,
            areas: Vec::new(),
            precisions: Vec::new(),
            briers: Vec::new(),
            roc: Vec::new(),
            precision_recall: Vec::new(),
            net_benefit: Vec::new(),
        })
    }

    /// How often each stay is drawn, in the order of falling probability.
    fn draw(&mut self) -> Result<Vec<f64>> {
        let n = self.predictions.len();
        for _ in 0..DRAWS_MAX {
            let mut weights = vec![0.0; n];
            for _ in 0..n {
                weights[self.chance.below(n)] += 1.0;
            }
            if self.predictions.has_both(&weights) {
                return Ok(weights);
            }
        }
        Err(Error::new(Kind::Argument, "too few stays of one label for intervals; add labelled stays"))
    }
}

impl Job for Bootstrap {
    type Output = Measures;

    fn advance(&mut self) -> Result<bool> {
        if self.areas.len() < self.n_resamples {
            let weights = self.draw()?;
            let predictions = &self.predictions;
            self.areas.push(predictions.roc_area(&weights));
            self.precisions.push(predictions.average_precision(&weights));
            self.briers.push(predictions.brier(&weights));
            self.roc.extend(steps().map(|x| height(&predictions.roc(&weights), x)).collect::<Vec<_>>());
            let curve = predictions.precision_recall(&weights);
            self.precision_recall.extend(steps().map(|x| precision(&curve, x)));
            self.net_benefit.extend(predictions.net_benefit(&weights, &thresholds()).iter().map(|it| it.predicted));
        }
        Ok(self.areas.len() >= self.n_resamples)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.areas.len(), total: self.n_resamples }
    }

    fn finish(self) -> Result<Measures> {
        let (predictions, once) = (&self.predictions, self.predictions.once());
        let axis: Vec<f64> = steps().collect();
        Ok(Measures {
            n_stays: predictions.len(),
            n_positive: predictions.n_positive(),
            n_resamples: self.areas.len(),
            roc_area: measure(predictions.roc_area(&once), &self.areas),
            average_precision: measure(predictions.average_precision(&once), &self.precisions),
            brier: measure(predictions.brier(&once), &self.briers),
            roc: predictions.roc(&once),
            roc_band: band(&self.roc, &axis),
            precision_recall: predictions.precision_recall(&once),
            precision_recall_band: band(&self.precision_recall, &axis),
            calibration: predictions.calibration(N_BINS),
            net_benefit: predictions.net_benefit(&once, &thresholds()),
            net_benefit_band: band(&self.net_benefit, &thresholds()),
        })
    }
}

/// The mean of some numbers, with the middle 95 % of the means of resamples: each draws as many as there are, every one
/// as often as it comes up. NaN of none. The same seed gives the same interval.
#[must_use]
pub fn mean(values: &[f64], n_resamples: usize, seed: u64) -> Measure {
    let n = values.len();
    if n == 0 {
        return Measure { value: f64::NAN, interval: [f64::NAN; 2] };
    }
    let mut chance = Random::new(seed);
    let mut drawn = || (0..n).map(|_| values[chance.below(n)]).sum::<f64>() / real(n);
    let resamples = (0..n_resamples).map(|_| drawn()).collect();
    Measure { value: values.iter().sum::<f64>() / real(n), interval: middle(resamples) }
}

fn steps() -> impl Iterator<Item = f64> {
    (0..=N_STEPS).map(|at| real(at) / real(N_STEPS))
}

/// Thresholds of the decision curve: at 1 nobody acts, and a false positive would weigh without end.
fn thresholds() -> Vec<f64> {
    steps().take(N_STEPS).collect()
}

/// Height of a ROC curve at `x`, straight between its points; the upper end of an upright piece.
fn height(points: &[CurvePoint], x: f64) -> f64 {
    let after = points.partition_point(|point| point.x <= x);
    match (points.get(after.wrapping_sub(1)), points.get(after)) {
        (Some(a), Some(b)) => a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x),
        (Some(last), None) => last.y,
        _ => 0.0,
    }
}

/// Precision of the first point whose recall reaches `x`.
fn precision(points: &[CurvePoint], x: f64) -> f64 {
    let at = points.partition_point(|point| point.x < x);
    points.get(at).or(points.last()).map_or(f64::NAN, |point| point.y)
}

fn measure(value: f64, resamples: &[f64]) -> Measure {
    Measure { value, interval: middle(resamples.to_vec()) }
}

/// The middle of the resamples at each place of an axis; `heights` is `[n_resamples * axis.len()]`.
fn band(heights: &[f64], axis: &[f64]) -> Vec<Band> {
    let of = |(at, &x): (usize, &f64)| {
        let [low, high] = middle(heights.iter().skip(at).step_by(axis.len()).copied().collect());
        Band { x, low, high }
    };
    axis.iter().enumerate().map(of).collect()
}

impl Predictions {
    fn has_both(&self, weights: &[f64]) -> bool {
        let drawn = |label: bool| self.labels().zip(weights).any(|(own, weight)| own == label && *weight > 0.0);
        drawn(true) && drawn(false)
    }
}
