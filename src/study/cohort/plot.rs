//! Curves as paths of the unit square, the upper left corner (0, 0): a page has nothing left to compute.

use std::fmt::Write;

use serde::Serialize;

use super::intervals::{Band, Measures};
use crate::engine::number::real;

/// The curves of a cohort as SVG path data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paths {
    /// True positive rate over false positive rate.
    pub roc: String,
    /// Its band, closed.
    pub roc_band: String,
    /// Precision over recall.
    pub precision_recall: String,
    /// Its band, closed.
    pub precision_recall_band: String,
    /// Observed share over mean prediction.
    pub calibration: String,
    /// The interval of each bin, as upright lines.
    pub calibration_intervals: String,
    /// Net benefit of acting by the predictions, over the threshold; what is below the axis is left out.
    pub net_benefit: String,
    /// Its band, closed.
    pub net_benefit_band: String,
    /// Net benefit of acting on everybody.
    pub treat_all: String,
    /// And on nobody.
    pub treat_none: String,
    /// Net benefit at the lower and the upper end of their axis.
    pub net_benefit_axis: [f64; 2],
}

impl Paths {
    /// The paths of a cohort's measures.
    #[must_use]
    pub fn of(measures: &Measures) -> Self {
        let bins = &measures.calibration;
        let axis = axis(measures);
        let placed = |x: f64, benefit: f64| (x, (benefit - axis[0]) / (axis[1] - axis[0]));
        let kept = |x: f64, benefit: f64| (x, placed(x, benefit).1.clamp(0.0, 1.0));
        let benefits = &measures.net_benefit;
        let low = measures.net_benefit_band.iter().map(|it| kept(it.x, it.low));
        let high = measures.net_benefit_band.iter().rev().map(|it| kept(it.x, it.high));
        Self {
            roc: line(measures.roc.iter().map(|point| (point.x, point.y))),
            roc_band: band(&measures.roc_band),
            precision_recall: line(measures.precision_recall.iter().map(|point| (point.x, point.y))),
            precision_recall_band: band(&measures.precision_recall_band),
            calibration: line(bins.iter().map(|bin| (bin.predicted, bin.observed))),
            calibration_intervals: bins
                .iter()
                .map(|bin| line([(bin.predicted, bin.interval[0]), (bin.predicted, bin.interval[1])].into_iter()))
                .collect(),
            net_benefit: above_foot(&benefits.iter().map(|it| placed(it.threshold, it.predicted)).collect::<Vec<_>>()),
            net_benefit_band: line(low.chain(high)) + "Z",
            treat_all: above_foot(&benefits.iter().map(|it| placed(it.threshold, it.all)).collect::<Vec<_>>()),
            treat_none: line([placed(0.0, 0.0), placed(1.0, 0.0)].into_iter()),
            net_benefit_axis: axis,
        }
    }
}

/// The axis of net benefit: up to the share of stays with label 1, which nothing exceeds, in whole twentieths, and a
/// quarter of that below zero.
fn axis(measures: &Measures) -> [f64; 2] {
    const STEP: f64 = 0.05;
    let most = real(measures.n_positive) / real(measures.n_stays);
    let high = (most / STEP).ceil().max(1.0) * STEP;
    [-high / 4.0, high]
}

/// A line through points as far as they are not below 0, cut where it crosses.
fn above_foot(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for pair in points.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        if y0 < 0.0 && y1 < 0.0 {
            continue;
        }
        let crossing = (x0 + (x1 - x0) * y0 / (y0 - y1), 0.0);
        let from = if y0 < 0.0 { crossing } else { (x0, y0) };
        let to = if y1 < 0.0 { crossing } else { (x1, y1) };
        // Where the last piece ended at its start, the line goes on.
        let piece = line([from, to].into_iter());
        let goes_on = !path.is_empty() && y0 >= 0.0;
        path.push_str(if goes_on { piece.split_at(piece.find('L').unwrap_or(0)).1 } else { &piece });
    }
    path
}

/// A line through points, from the lower left corner on.
pub(crate) fn line(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.enumerate() {
        let letter = if at == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(path, "{letter}{x:.4} {:.4}", 1.0 - y);
    }
    path
}

fn band(band: &[Band]) -> String {
    let low = band.iter().map(|one| (one.x, one.low));
    let high = band.iter().rev().map(|one| (one.x, one.high));
    let mut path = line(low.chain(high));
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_left_corner_is_zero() {
        assert_eq!(line([(0.0, 0.0), (0.25, 1.0)].into_iter()), "M0.0000 1.0000L0.2500 0.0000");
    }

    #[test]
    fn what_is_below_the_foot_is_cut_off() {
        let points = [(0.0, 1.0), (0.25, 0.5), (0.5, -0.5), (0.75, -1.0), (1.0, 1.0)];
        let cut = "M0.0000 0.0000L0.2500 0.5000L0.3750 1.0000M0.8750 1.0000L1.0000 0.0000";
        assert_eq!(above_foot(&points), cut);
    }

    #[test]
    fn a_band_is_closed() {
        let path = band(&[Band { x: 0.0, low: 0.25, high: 0.5 }, Band { x: 1.0, low: 0.75, high: 1.0 }]);
        assert_eq!(path, "M0.0000 0.7500L1.0000 0.2500L1.0000 0.0000L0.0000 0.5000Z");
    }
}
