//! The pictures of a cohort: what relevance is on average, by channel and hour, in stays with a high and with a low
//! prediction, and the difference between the two.

use crate::engine::number::real;
use crate::picture::grid::{Grid, Part, rows};
use crate::stay::manifest::Manifest;

/// Which stays a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StayGroup {
    /// Predicted label 1.
    High,
    /// Predicted label 0.
    Low,
    /// The mean of the high ones minus that of the low ones.
    Difference,
    /// Every stay.
    All,
}

/// What is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// Relevance with its sign: zero where it raises in some stays as much as it lowers in others.
    Signed,
    /// Its magnitude.
    Absolute,
}

/// Running sums over the stays of each group.
#[derive(Debug, Clone, PartialEq)]
pub struct Pictures {
    high: Sums,
    low: Sums,
}

/// Sums over the stays of one group, for each part of a channel's columns.
#[derive(Debug, Clone, PartialEq)]
struct Sums {
    n_stays: usize,
    parts: [PartSums; 3],
}

/// `[n_channels * n_steps]` each.
#[derive(Debug, Clone, PartialEq)]
struct PartSums {
    signed: Vec<f64>,
    absolute: Vec<f64>,
}

const PARTS: [Part; 3] = [Part::Value, Part::Mask, Part::Both];

impl Pictures {
    /// No stays yet.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let n_cells = manifest.channels.len() * manifest.steps;
        Self { high: Sums::new(n_cells), low: Sums::new(n_cells) }
    }

    /// Adds one stay's relevance, `[n_steps * n_columns]`, to the sums of its group.
    pub fn add(&mut self, manifest: &Manifest, relevance: &[f64], is_high: bool) {
        let sums = if is_high { &mut self.high } else { &mut self.low };
        sums.n_stays += 1;
        let rows = rows(manifest);
        for (part, sums) in PARTS.into_iter().zip(&mut sums.parts) {
            sums.add(&Grid::relevance(relevance, manifest.columns, &rows, part).values);
        }
    }

    /// Number of stays of a group; of a difference, those of the smaller group.
    #[must_use]
    pub const fn n_stays(&self, group: StayGroup) -> usize {
        let (high, low) = (self.high.n_stays, self.low.n_stays);
        match group {
            StayGroup::High => high,
            StayGroup::Low => low,
            StayGroup::All => high + low,
            StayGroup::Difference => {
                if high < low {
                    high
                } else {
                    low
                }
            }
        }
    }

    /// The mean over a group's stays. `None` without a stay, and for a difference where either group has none.
    #[must_use]
    pub fn mean(&self, manifest: &Manifest, group: StayGroup, part: Part, average: Average) -> Option<Grid> {
        if self.n_stays(group) == 0 {
            return None;
        }
        let high = self.high.of(part, average);
        let low = self.low.of(part, average);
        let (n_high, n_low) = (real(self.high.n_stays), real(self.low.n_stays));
        let both = high.iter().zip(low);
        let values = match group {
            StayGroup::High => high.iter().map(|sum| sum / n_high).collect(),
            StayGroup::Low => low.iter().map(|sum| sum / n_low).collect(),
            StayGroup::All => both.map(|(high, low)| (high + low) / (n_high + n_low)).collect(),
            StayGroup::Difference => both.map(|(high, low)| high / n_high - low / n_low).collect(),
        };
        Some(Grid { n_rows: manifest.channels.len(), n_steps: manifest.steps, values })
    }
}

impl Sums {
    fn new(n_cells: usize) -> Self {
        let part = PartSums { signed: vec![0.0; n_cells], absolute: vec![0.0; n_cells] };
        Self { n_stays: 0, parts: [part.clone(), part.clone(), part] }
    }

    fn of(&self, part: Part, average: Average) -> &[f64] {
        let [value, mask, both] = &self.parts;
        let sums = match part {
            Part::Value => value,
            Part::Mask => mask,
            Part::Both => both,
        };
        match average {
            Average::Signed => &sums.signed,
            Average::Absolute => &sums.absolute,
        }
    }
}

impl PartSums {
    fn add(&mut self, values: &[f64]) {
        for ((signed, absolute), r) in self.signed.iter_mut().zip(&mut self.absolute).zip(values) {
            *signed += r;
            *absolute += r.abs();
        }
    }
}
