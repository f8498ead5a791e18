//! The one summary of an explanation: what raised and what lowered the prediction, what the network would say without
//! it, what it assumed, and what all of it rests on. The sentence of the page, the element, the messages to a host, the
//! `RiskAssessment`, the report and the table of many stays are made of it, so that all of them say the same.
//!
//! Values and being measured count together. The relevance of an hour that only carries a reading forward counts to
//! the reading, so that a finding is always something that was charted, at the hours at which it was.

mod coverage;
mod doubt;
mod effect;
mod finding;
mod joint;
mod sureness;

pub use coverage::{Assumed, Coverage};
pub use doubt::Doubt;
pub use effect::without_reading;
pub use finding::Finding;
pub use joint::JointFinding;
pub use sureness::{OutcomeSet, Sureness};

use serde::{Deserialize, Serialize};

use crate::engine::explain::relevance::Relevance;
use crate::engine::number::real;
use crate::stay::manifest::Manifest;
use crate::stay::{Since, Stay};
use crate::study::models::Networks;
use crate::{Model, Result};
use effect::NetworkRuns;
use finding::Charted;

/// Findings below this share of all effects are not worth a word.
pub const SHARE_MIN: f64 = 0.02;

/// So many findings are written on each side.
const N_FINDINGS: usize = 3;

/// So many candidates of a side are looked at before it is given up to find [`N_FINDINGS`] that the network bears out.
const N_CANDIDATES: usize = 8;

/// A finding is written where this part of the networks names it and is moved by it as it says.
const QUORUM: f64 = 0.8;

/// The prediction at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prediction {
    /// The explained output.
    pub outcome: String,
    /// The output as the model gives it; in 0..1 where it is a probability.
    pub probability: f64,
    /// Whether it is one.
    pub is_probability: bool,
    /// The probability above which the predicted label is 1.
    pub threshold: f64,
    /// 1 above the threshold, else 0.
    pub predicted_label: u8,
}

/// What an explanation says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The prediction.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// One a channel, in the manifest's order.
    pub channels: Vec<Contribution>,
    /// What raised the output, strongest first, at most three.
    pub raising: Vec<Finding>,
    /// What lowered it.
    pub lowering: Vec<Finding>,
    /// What raised it together, where nothing did alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raising_together: Option<JointFinding>,
    /// What lowered it together, where nothing did alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowering_together: Option<JointFinding>,
    /// Channels that were never charted and moved the output all the same, strongest first.
    pub assumed: Vec<Assumed>,
    /// What the prediction and its explanation rest on.
    pub coverage: Coverage,
    /// Readings that are hard to believe.
    pub doubts: Vec<Doubt>,
    /// How sure the prediction is, where the manifest says what such predictions were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sureness: Option<Sureness>,
}

/// What a channel contributed over all hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contribution {
    /// Index of the channel.
    pub row: usize,
    /// Sum of the relevance of its values and of their being measured.
    pub relevance: f64,
    /// Its magnitude as a share (0..1) of all effects: of the sum of all cells' magnitudes.
    pub share: f64,
}

/// A network with its own explanation of the stay: one of those that a summary speaks for.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// The network.
    pub model: &'a Model,
    /// What it says of the stay.
    pub relevance: &'a Relevance,
}

/// Networks with their own explanations of the stay.
pub fn voices<'a>(networks: &'a impl Networks, each: &'a [Relevance]) -> Vec<Voice<'a>> {
    networks.all().into_iter().zip(each).map(|(model, relevance)| Voice { model, relevance }).collect()
}

impl Prediction {
    /// The prediction that `relevance` explains, of the model's output `target`.
    #[must_use]
    pub fn of(manifest: &Manifest, relevance: &Relevance, target: usize) -> Self {
        let (outcome, threshold) =
            manifest.meaning(target).map_or((String::new(), 0.5), |meaning| (meaning.name, meaning.threshold));
        Self {
            outcome,
            probability: relevance.probability,
            is_probability: relevance.is_probability,
            threshold,
            predicted_label: u8::from(relevance.probability > threshold),
        }
    }
}

impl Summary {
    /// Sums up one network's explanation of a stay.
    ///
    /// # Errors
    /// Where the network cannot be run on the stay without some of its readings.
    pub fn of(model: &Model, stay: &Stay, relevance: &Relevance, target: usize) -> Result<Self> {
        Self::of_many(&[Voice { model, relevance }], stay, relevance, target)
    }

    /// Sums up `relevance`, the mean of what several networks of the same columns say. A finding is written where at
    /// least four of five of them name its channel on its side, and where as many are moved as it says when its
    /// readings go.
    ///
    /// # Errors
    /// As [`Summary::of`].
    ///
    /// # Panics
    /// Where `voices` is empty.
    pub fn of_many(voices: &[Voice<'_>], stay: &Stay, relevance: &Relevance, target: usize) -> Result<Self> {
        let manifest = voices[0].model.manifest();
        let charted = Charted::of(manifest, stay, relevance);
        let effects = NetworkRuns::new(voices, stay, target)?;
        let others: Vec<Charted> = voices.iter().map(|voice| Charted::of(manifest, stay, voice.relevance)).collect();
        let side = |sign: f64| -> Result<Vec<Finding>> {
            let mut found = Vec::new();
            for finding in charted.candidates(manifest, stay, sign).into_iter().take(N_CANDIDATES) {
                let n_naming = others.iter().filter(|other| other.names(finding.row, sign)).count();
                if found.len() < N_FINDINGS && is_quorum(n_naming, voices.len()) {
                    found.extend(effects.borne_out(finding, sign)?);
                }
            }
            Ok(found)
        };
        let (raising, lowering) = (side(1.0)?, side(-1.0)?);
        let together = |found: &[Finding], sign: f64| {
            if found.is_empty() { joint::joint(manifest, &charted, &others, &effects, sign) } else { Ok(None) }
        };
        Ok(Self {
            prediction: Prediction::of(manifest, relevance, target),
            raising_together: together(&raising, 1.0)?,
            lowering_together: together(&lowering, -1.0)?,
            raising,
            lowering,
            channels: charted.contributions(),
            assumed: coverage::assumed(manifest, stay, &charted),
            coverage: Coverage::of(stay, &charted),
            doubts: doubt::doubts(manifest, stay),
            sureness: sureness(manifest, stay, relevance, (target, voices.len()), &charted),
        })
    }
}

/// How sure the prediction of a record as it was read is, for a probability a stay.
fn sureness(
    manifest: &Manifest,
    stay: &Stay,
    relevance: &Relevance,
    (target, n_networks): (usize, usize),
    charted: &Charted,
) -> Option<Sureness> {
    let outcome =
        manifest.outcomes.get(target).filter(|_| relevance.is_probability && stay.since == Since::default())?;
    Sureness::of(outcome.calibration.as_ref()?, n_networks, relevance.probability, manifest, charted)
}

/// Whether `n` of `of` networks are enough.
fn is_quorum(n: usize, of: usize) -> bool {
    real(n) >= QUORUM * real(of)
}
