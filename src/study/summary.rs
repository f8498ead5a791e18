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
mod seen;
mod sureness;

pub use coverage::{Assumed, Coverage};
pub use doubt::Doubt;
pub use effect::without_reading;
pub use finding::Finding;
pub use joint::JointFinding;
pub use sureness::{OutcomeSet, Sureness};

use serde::{Deserialize, Serialize};

use crate::engine::explain::ensemble::enough;
use crate::engine::explain::relevance::{Relevance, ScoreUnit};
use crate::engine::number::real;
use crate::engine::order::sort_by;
use crate::stay::manifest::{Manifest, OutputMeaning};
use crate::stay::{Since, Stay};
use crate::study::models::Networks;
use crate::{Model, Result};
use effect::NetworkRuns;
use finding::Charted;
use seen::seen_steps;

/// A channel whose total is below this share of all effects, or below an equal part where there are more channels than
/// twenty, is not worth a word: of what is written above it another five networks write 92 % again, of what is written
/// from 0.02 on 90 % (docs/holds.md).
const SHARE_MIN: f64 = 0.05;

/// So many findings are written on each side.
const N_FINDINGS: usize = 3;

/// So many channels of a side are looked at before it is given up to find [`N_FINDINGS`] that the network bears out.
const N_CANDIDATES: usize = 8;

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
    /// What its score, and with it relevance, is counted in.
    pub score_unit: ScoreUnit,
    /// The probability above which the predicted label is 1.
    pub threshold: f64,
    /// 1 above the threshold, else 0.
    pub predicted_label: u8,
    /// Unit of a plain number as the manifest has it, empty where there is none.
    pub unit: String,
    /// Of a class, which of its outcome's classes is the most likely one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_likely: Option<ClassPrediction>,
}

/// One of the classes of an outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassPrediction {
    /// The outcome's name, followed by the class's.
    pub outcome: String,
    /// Its probability.
    pub probability: f64,
    /// Whether it is the one that is explained.
    pub is_explained: bool,
    /// How many classes there are.
    pub n_classes: usize,
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
    /// What raised the output, by the channels' totals, largest first; at most three.
    pub raising: Vec<Finding>,
    /// What lowered it.
    pub lowering: Vec<Finding>,
    /// What raised it together, where the channel with the largest total did not alone; `raising` is empty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raising_together: Option<JointFinding>,
    /// What lowered it together.
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
        let meaning = manifest.meaning(target);
        let unit =
            meaning.as_ref().filter(|_| !relevance.is_probability).map(|it| manifest.outcomes[it.outcome].unit.clone());
        let (outcome, threshold) = meaning.map_or((String::new(), 0.5), |meaning| (meaning.name, meaning.threshold));
        Self {
            outcome,
            probability: relevance.probability,
            is_probability: relevance.is_probability,
            score_unit: relevance.unit,
            threshold,
            predicted_label: u8::from(relevance.probability > threshold),
            unit: unit.unwrap_or_default(),
            most_likely: None,
        }
    }
}

/// The most likely class of the outcome of which `target` is one, by the mean of the networks; of classes of a step, those of
/// the same step. Nothing for an output that is no class.
fn most_likely(voices: &[Voice<'_>], stay: &Stay, target: usize) -> Result<Option<ClassPrediction>> {
    let manifest = voices[0].model.manifest();
    let Some(own) = manifest.meaning(target).filter(|it| it.class.is_some()) else { return Ok(None) };
    let outputs = voices.iter().map(|voice| voice.model.predict(&stay.input)).collect::<Result<Vec<_>>>()?;
    let mean = |at: usize| outputs.iter().map(|it| f64::from(it[at])).sum::<f64>() / real(outputs.len());
    let is_sibling = |it: &OutputMeaning| (it.outcome, it.step) == (own.outcome, own.step);
    let all = (0..).map_while(|at| Some((at, manifest.meaning(at)?)));
    let classes: Vec<_> = all.filter(|(_, it)| is_sibling(it)).map(|(at, it)| (mean(at), at, it.name)).collect();
    let n_classes = classes.len();
    let first = classes.into_iter().max_by(|(a, at, _), (b, other, _)| a.total_cmp(b).then(other.cmp(at)));
    Ok(first.map(|(probability, at, outcome)| ClassPrediction {
        outcome,
        probability,
        is_explained: at == target,
        n_classes,
    }))
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
    /// least four of five of them have the total of its channel on its side, and where as many are moved as it says
    /// when its readings go. Where the first channel of a side is not, all of the side are said together.
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
        let sides = Sides { manifest, stay, charted: &charted, others: &others, effects: &effects };
        let ((raising, raising_together), (lowering, lowering_together)) = (sides.of(1.0)?, sides.of(-1.0)?);
        Ok(Self {
            prediction: Prediction {
                most_likely: most_likely(voices, stay, target)?,
                ..Prediction::of(manifest, relevance, target)
            },
            raising,
            lowering,
            raising_together,
            lowering_together,
            channels: charted.contributions(),
            assumed: coverage::assumed(manifest, stay, &charted),
            coverage: Coverage::of(manifest, stay, &charted, seen_steps(&effects, manifest, &stay.input)),
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

/// What a stay's sides are told from: the mean of the networks, each of them, and their runs.
struct Sides<'a> {
    manifest: &'a Manifest,
    stay: &'a Stay,
    charted: &'a Charted,
    others: &'a [Charted],
    effects: &'a NetworkRuns<'a>,
}

impl Sides<'_> {
    /// What raised the output (`sign` 1) or lowered it (-1): each alone where the first of them did so alone, else all
    /// together where that bears them out.
    fn of(&self, sign: f64) -> Result<(Vec<Finding>, Option<JointFinding>)> {
        let rows = self.agreed(sign);
        let alone = self.alone(&rows, sign)?;
        let is_led = alone.first().is_some_and(|it| rows.first() == Some(&it.row));
        let together = if is_led { None } else { joint::joint(self.manifest, self.charted, rows, self.effects, sign)? };
        Ok(together.map_or((alone, None), |together| (Vec::new(), Some(together))))
    }

    /// The charted channels that are worth a word and in whose side enough networks agree, largest total first.
    fn agreed(&self, sign: f64) -> Vec<usize> {
        let mut rows = self.charted.worth_a_word(sign);
        rows.retain(|row| self.is_agreed(|it| sign * it.sum(*row) > 0.0));
        sort_by(&mut rows, |a, b| self.charted.sum(*b).abs().total_cmp(&self.charted.sum(*a).abs()));
        rows
    }

    fn alone(&self, rows: &[usize], sign: f64) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        for row in rows.iter().take(N_CANDIDATES) {
            let Some(finding) = self.charted.finding(self.manifest, self.stay, *row, sign) else { continue };
            let is_first = self.is_agreed(|it| it.first(sign) == Some(*row));
            found.extend(self.effects.borne_out(Finding { is_first, ..finding }, sign)?);
            if found.len() == N_FINDINGS {
                break;
            }
        }
        Ok(found)
    }

    /// Whether enough networks say so.
    fn is_agreed(&self, says: impl Fn(&Charted) -> bool) -> bool {
        self.others.iter().filter(|it| says(it)).count() >= enough(self.others.len())
    }
}
