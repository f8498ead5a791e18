//! How sure a prediction is: how often predictions like it came true, and which outcomes it leaves open.

use serde::Serialize;

use super::finding::Charted;
use crate::stay::manifest::{Bin, Calibration, CoverageGroup, Manifest, Sets};

/// What held-out stays say of a prediction. It is of the record alone: of nothing that was edited, or known only in part.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sureness {
    /// The stays that it was made from, in words.
    pub data: String,
    /// How many held-out stays were predicted alike.
    pub alike: u32,
    /// The probabilities that such stays had: above the first, and at most the second.
    pub between: [f64; 2],
    /// Of a hundred such stays, in how many the outcome came about.
    pub of_hundred: u32,
    /// What the prediction leaves open, where the manifest says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<OutcomeSet>,
}

/// The outcomes that a stay's prediction leaves open, at the coverage that the manifest states.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeSet {
    /// How often such a set holds what came about.
    pub coverage: f64,
    /// Whether the outcome is in it, and whether its absence is.
    pub holds: [bool; 2],
    /// Channels without which the network cannot tell: they were never charted, and of stays in which they were, this
    /// prediction would leave one outcome.
    pub missing: Vec<usize>,
}

impl Sureness {
    /// Of a probability that `n_networks` gave together; nothing where the calibration is of another number of them.
    pub(super) fn of(
        calibration: &Calibration,
        n_networks: usize,
        probability: f64,
        manifest: &Manifest,
        charted: &Charted,
    ) -> Option<Self> {
        let is_of_these = |bin: &Bin| calibration.networks == n_networks && bin.stays > 0;
        let (above, bin) = calibration.bin(probability).filter(|(_, bin)| is_of_these(bin))?;
        let set = calibration.sets.as_ref().and_then(|sets| OutcomeSet::of(sets, probability, manifest, charted));
        let (between, data) = ([above, bin.to], calibration.data.clone());
        Some(Self { data, alike: bin.stays, between, of_hundred: of_hundred(*bin), set })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a hundred")]
fn of_hundred(bin: Bin) -> u32 {
    (100.0 * f64::from(bin.events) / f64::from(bin.stays)).round() as u32
}

impl OutcomeSet {
    fn of(sets: &Sets, probability: f64, manifest: &Manifest, charted: &Charted) -> Option<Self> {
        let row = |name: &str| manifest.channels.iter().position(|channel| channel.name == name);
        let is_charted = |name: &str| row(name).is_some_and(|row| charted.is_charted(row));
        let group = sets.group(is_charted)?;
        let holds = group.open(probability);
        // What is left open for another reason is not put down to what is missing.
        let is_told = |group: &CoverageGroup| group.open(probability).into_iter().filter(|is_in| *is_in).count() == 1;
        let is_missed = !is_told(group) && sets.group(|_| true).is_some_and(is_told);
        let missing = group.measured.iter().filter(|(_, is_measured)| is_missed && !**is_measured);
        Some(Self { coverage: sets.coverage, holds, missing: missing.filter_map(|(name, _)| row(name)).collect() })
    }
}
