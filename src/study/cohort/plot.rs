//! Curves as paths of the unit square, the upper left corner (0, 0): a page has nothing left to compute.

use std::fmt::Write;

use serde::Serialize;

use super::intervals::{Band, Measures};

/// The curves of a cohort as SVG path data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

impl Paths {
    /// The paths of a cohort's measures.
    #[must_use]
    pub fn of(measures: &Measures) -> Self {
        let bins = &measures.calibration;
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
        }
    }
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
    fn a_band_is_closed() {
        let path = band(&[Band { x: 0.0, low: 0.25, high: 0.5 }, Band { x: 1.0, low: 0.75, high: 1.0 }]);
        assert_eq!(path, "M0.0000 0.7500L1.0000 0.2500L1.0000 0.0000L0.0000 0.5000Z");
    }
}
