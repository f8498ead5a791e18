//! How well predictions rank and how well they are calibrated.
//!
//! Every stay has a weight, the number of times it was drawn: 1 in the cohort itself, 0, 1, 2, ... in a resample of
//! it. Stays are sorted once, and each resample is one walk through them.

use serde::Serialize;

use crate::engine::number::real;
use crate::engine::order::sort_by;
use crate::{Error, Kind, Result};

/// Labelled predictions, sorted by falling probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    probabilities: Vec<f64>,
    labels: Vec<bool>,
}

/// One point of a curve, for the stays whose probability is at least the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// False positive rate of a ROC curve; recall of a precision-recall curve.
    pub x: f64,
    /// True positive rate; precision.
    pub y: f64,
    /// Probability from which on a stay counts as positive; infinite at the start, where none does.
    pub threshold: f64,
}

/// What it is worth, in true positives a stay, to act on those whose probability is at least a threshold: the threshold says
/// how many false positives weigh as much as one true one. To act on nobody is worth 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetBenefit {
    /// Probability from which on somebody acts, from 0 to below 1.
    pub threshold: f64,
    /// Acting by the predictions.
    pub predicted: f64,
    /// Acting on everybody.
    pub all: f64,
}

/// The stays of one step of probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// The step, from above `low` (0 included) to `high`.
    pub low: f64,
    /// Its upper end, included.
    pub high: f64,
    /// Number of stays.
    pub n: usize,
    /// Mean of their probabilities.
    pub predicted: f64,
    /// Share of those with label 1.
    pub observed: f64,
    /// Interval of that share: Wilson's, 95 %.
    pub interval: [f64; 2],
}

/// Counts at one threshold.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    true_positives: f64,
    false_positives: f64,
}

impl Predictions {
    /// Sorts predictions.
    ///
    /// # Errors
    /// [`Kind::Argument`] where not both labels occur: nothing can be ranked then.
    pub fn new(labels: &[bool], probabilities: &[f64]) -> Result<Self> {
        let mut pairs: Vec<(f64, bool)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
        sort_by(&mut pairs, |a, b| b.0.total_cmp(&a.0));
        let n_positive = pairs.iter().filter(|pair| pair.1).count();
        if n_positive == 0 || n_positive == pairs.len() {
            let message = format!(
                "{n_positive} of {} labelled stays have label 1; a curve needs stays of both labels",
                pairs.len()
            );
            return Err(Error::new(Kind::Argument, message));
        }
        let (probabilities, labels) = pairs.into_iter().unzip();
        Ok(Self { probabilities, labels })
    }

    /// Number of stays.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never: see [`Predictions::new`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of stays with label 1.
    #[must_use]
    pub fn n_positive(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    /// The labels, by falling probability.
    pub(super) fn labels(&self) -> impl Iterator<Item = bool> + '_ {
        self.labels.iter().copied()
    }

    /// Each stay once.
    #[must_use]
    pub fn once(&self) -> Vec<f64> {
        vec![1.0; self.len()]
    }

    /// Counts after each group of equal probabilities, from the highest down; stays of weight 0 count as not there.
    fn counts(&self, weights: &[f64]) -> Vec<(f64, Counts)> {
        let mut counts = Counts::default();
        let mut all: Vec<(f64, Counts)> = Vec::new();
        let stays = self.probabilities.iter().zip(&self.labels).zip(weights);
        for ((&probability, &label), &weight) in stays.filter(|(_, weight)| **weight > 0.0) {
            if label {
                counts.true_positives += weight;
            } else {
                counts.false_positives += weight;
            }
            match all.last_mut().filter(|last| last.0 == probability) {
                Some(last) => last.1 = counts,
                None => all.push((probability, counts)),
            }
        }
        all
    }

    /// Points of the ROC curve, from (0, 0) to (1, 1).
    #[must_use]
    pub fn roc(&self, weights: &[f64]) -> Vec<CurvePoint> {
        let counts = self.counts(weights);
        let total = counts.last().map_or_else(Counts::default, |last| last.1);
        let start = CurvePoint { x: 0.0, y: 0.0, threshold: f64::INFINITY };
        let point = |&(threshold, counts): &(f64, Counts)| CurvePoint {
            x: counts.false_positives / total.false_positives,
            y: counts.true_positives / total.true_positives,
            threshold,
        };
        std::iter::once(start).chain(counts.iter().map(point)).collect()
    }

    /// Area under the ROC curve, by trapezoids: the probability that a stay with label 1 ranks above one with 0, ties
    /// half.
    #[must_use]
    pub fn roc_area(&self, weights: &[f64]) -> f64 {
        let points = self.roc(weights);
        points.windows(2).map(|pair| (pair[1].x - pair[0].x) * f64::midpoint(pair[0].y, pair[1].y)).sum()
    }

    /// Points of the precision-recall curve, from recall 0 (where precision is said to be 1) to recall 1.
    #[must_use]
    pub fn precision_recall(&self, weights: &[f64]) -> Vec<CurvePoint> {
        let counts = self.counts(weights);
        let n_positive = counts.last().map_or(0.0, |last| last.1.true_positives);
        let start = CurvePoint { x: 0.0, y: 1.0, threshold: f64::INFINITY };
        let point = |&(threshold, counts): &(f64, Counts)| CurvePoint {
            x: counts.true_positives / n_positive,
            y: counts.true_positives / (counts.true_positives + counts.false_positives),
            threshold,
        };
        std::iter::once(start).chain(counts.iter().map(point)).collect()
    }

    /// Average precision: `sum over points of (recall - recall before) * precision`.
    #[must_use]
    pub fn average_precision(&self, weights: &[f64]) -> f64 {
        let points = self.precision_recall(weights);
        points.windows(2).map(|pair| (pair[1].x - pair[0].x) * pair[1].y).sum()
    }

    /// Net benefit at thresholds from 0 up to below 1, in rising order, by Vickers and Elkin 2006 (10.1177/0272989X06295361):
    ///
    /// `net benefit = TP / n - FP / n * t / (1 - t)`
    #[must_use]
    pub fn net_benefit(&self, weights: &[f64], thresholds: &[f64]) -> Vec<NetBenefit> {
        let counts = self.counts(weights);
        let all = counts.last().map_or_else(Counts::default, |last| last.1);
        let n = all.true_positives + all.false_positives;
        let worth = |it: Counts, t: f64| it.true_positives / n - it.false_positives / n * t / (1.0 - t);
        let at = |&threshold: &f64| {
            let n_groups = counts.partition_point(|(probability, _)| *probability >= threshold);
            let above = n_groups.checked_sub(1).map_or_else(Counts::default, |last| counts[last].1);
            NetBenefit { threshold, predicted: worth(above, threshold), all: worth(all, threshold) }
        };
        thresholds.iter().map(at).collect()
    }

    /// Brier score: `mean of (probability - label)^2`.
    #[must_use]
    pub fn brier(&self, weights: &[f64]) -> f64 {
        let stays = self.probabilities.iter().zip(&self.labels).zip(weights);
        let (sum, n) = stays.fold((0.0, 0.0), |(sum, n), ((p, &label), weight)| {
            (sum + weight * (p - f64::from(u8::from(label))).powi(2), n + weight)
        });
        sum / n
    }

    /// Stays by steps of probability, the empty ones left out.
    #[must_use]
    pub fn calibration(&self, n_bins: usize) -> Vec<ReliabilityBin> {
        let edge = |at: usize| real(at) / real(n_bins);
        let bin = |at: usize| {
            let (low, high) = (edge(at), edge(at + 1));
            let inside = |p: f64| p <= high && (p > low || at == 0);
            let stays = self.probabilities.iter().zip(&self.labels).filter(|(p, _)| inside(**p));
            let (mut n, mut sum, mut n_positive) = (0_usize, 0.0, 0_usize);
            for (p, &label) in stays {
                n += 1;
                sum += p;
                n_positive += usize::from(label);
            }
            let share = real(n_positive) / real(n);
            ReliabilityBin { low, high, n, predicted: sum / real(n), observed: share, interval: wilson(n_positive, n) }
        };
        (0..n_bins).map(bin).filter(|bin| bin.n > 0).collect()
    }
}

/// Wilson's interval of a share, 95 %:
///
/// `(p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)`
#[must_use]
pub fn wilson(n_positive: usize, n: usize) -> [f64; 2] {
    const Z: f64 = 1.959_963_984_540_054;
    let (n, p) = (real(n), real(n_positive) / real(n));
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [-1.0, 1.0].map(|side: f64| ((middle + side * half) / (1.0 + Z * Z / n)).clamp(0.0, 1.0))
}
