//! How often predictions came true on stays that the model had not seen.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What held-out predictions of one outcome were worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The stays that it was made from, in words.
    pub data: String,
    /// How many networks' mean probability it is of: 1, or that of as many files as are to be opened together.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub networks: usize,
    /// What was observed by predicted probability: the bins of [`Bin::to`] in rising order, the last one up to 1.
    pub bins: Vec<Bin>,
    /// Sets of outcomes that hold the true one as often as is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<Sets>,
}

/// Stays whose predicted probability lies above the bin before, and at most at `to`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// The highest probability of the bin, in 0..1.
    pub to: f64,
    /// How many such stays there were.
    pub stays: u32,
    /// In how many of them the outcome came about.
    pub events: u32,
}

/// Conformal sets, conditional on the outcome and on what was measured. The set of a stay whose probability is p holds the
/// outcome where `p >= event_from`, and its absence where `p <= none_to`, of the group that the stay belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sets {
    /// Of stays with the outcome, and of those without it, in each group, the share whose set holds what came about.
    pub coverage: f64,
    /// Every stay belongs to exactly one.
    pub groups: Vec<CoverageGroup>,
}

/// Stays in which the same channels were ever measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageGroup {
    /// Channels by name, and whether they were measured at least once. The same channels in every group.
    pub measured: BTreeMap<String, bool>,
    /// Stays without and with the outcome, from which the two bounds were made.
    pub stays: [u32; 2],
    /// The lowest probability at which the set holds the outcome, in 0..1.
    pub event_from: f64,
    /// The highest probability at which the set holds its absence, in 0..1.
    pub none_to: f64,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
const fn is_one(networks: &usize) -> bool {
    *networks == 1
}

impl Calibration {
    /// The bin of a probability, with the probability that it begins above; none of one that is no number in 0..1.
    #[must_use]
    pub fn bin(&self, probability: f64) -> Option<(f64, &Bin)> {
        let is_probability = (0.0..=1.0).contains(&probability);
        let at = self.bins.iter().position(|bin| is_probability && probability <= bin.to)?;
        let above = at.checked_sub(1).map_or(0.0, |before| self.bins[before].to);
        Some((above, &self.bins[at]))
    }
}

impl CoverageGroup {
    /// Whether the outcome is left open by a probability, and whether its absence is.
    #[must_use]
    pub fn open(&self, probability: f64) -> [bool; 2] {
        [probability >= self.event_from, probability <= self.none_to]
    }
}

impl Sets {
    /// The group of a stay, given whether a channel was ever measured in it.
    pub fn group(&self, is_measured: impl Fn(&str) -> bool) -> Option<&CoverageGroup> {
        self.groups.iter().find(|group| group.measured.iter().all(|(channel, &wanted)| is_measured(channel) == wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_falls_into_the_bin_that_ends_at_it_or_above() {
        let bin = |to| Bin { to, stays: 10, events: 1 };
        let calibration =
            Calibration { data: "made up".to_owned(), networks: 1, bins: vec![bin(0.1), bin(1.0)], sets: None };
        let found = |probability| calibration.bin(probability).map(|(above, bin)| [above, bin.to]);
        let (low, high) = (Some([0.0, 0.1]), Some([0.1, 1.0]));
        assert_eq!([0.0, 0.1, 0.11, 1.0].map(found), [low, low, high, high]);
        assert_eq!([-0.1, 1.1, f64::NAN].map(found), [None; 3]);
    }

    #[test]
    fn a_stay_belongs_to_the_group_of_what_was_measured() {
        let group = |is_measured, event_from| CoverageGroup {
            measured: BTreeMap::from([("pH".to_owned(), is_measured)]),
            stays: [9, 9],
            event_from,
            none_to: 1.0,
        };
        let sets = Sets { coverage: 0.9, groups: vec![group(true, 0.1), group(false, 0.2)] };
        assert_eq!(sets.group(|channel| channel == "pH").map(|group| group.event_from), Some(0.1));
        assert_eq!(sets.group(|_| false).map(|group| group.event_from), Some(0.2));
    }
}
