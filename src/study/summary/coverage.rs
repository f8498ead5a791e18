//! What a prediction rests on, and what the network assumed where nothing was charted.

use serde::{Deserialize, Serialize};

use super::finding::Charted;
use crate::engine::order::sort_by;
use crate::stay::manifest::{Channel, Manifest};
use crate::stay::{Origin, Stay, StayCell};
use crate::study::history::ShownValue;

/// What was assumed of a channel is told from this share of all effects on.
const ASSUMED_MIN: f64 = 0.02;

/// What a prediction and its explanation rest on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Channels that were charted at least once in the steps that the output sees.
    pub charted: usize,
    /// All channels.
    pub channels: usize,
    /// Steps in which at least one channel was charted; what is static is charted at no step.
    pub charted_steps: usize,
    /// All steps that the output sees: of one that is said at every step, those up to its own, where the network reads them one
    /// after another; of networks that are told how many steps there are, as many.
    pub steps: usize,
    /// The part (0..1) of all effects that is on values which nobody measured: a channel's hours before its first
    /// reading.
    pub assumed_share: f64,
    /// The hour to which the record goes on after those that the model sees, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_to: Option<f64>,
}

/// A channel that was never charted: the network assumes its normal value, and that moved the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assumed {
    /// Index of the channel.
    pub row: usize,
    /// Its name as people read it.
    pub channel: String,
    /// Its unit.
    pub unit: String,
    /// What the network assumes.
    pub value: ShownValue,
    /// Its relevance: below zero where the assumption lowers the output.
    pub relevance: f64,
    /// Its magnitude as a share (0..1) of all effects.
    pub share: f64,
}

impl Coverage {
    pub(super) fn of(manifest: &Manifest, stay: &Stay, charted: &Charted, steps: usize) -> Self {
        let channels = charted.before.len();
        let all = stay.cells.len() / channels.max(1);
        let steps = steps.min(all);
        let in_time = || manifest.channels.iter().enumerate().filter(|(_, channel)| !channel.is_static);
        let is_observed = |row: usize, step: usize| {
            stay.cells.get(row * all + step).is_some_and(|cell| cell.origin == Origin::Observed)
        };
        let is_charted_step = |step: &usize| in_time().any(|(row, _)| is_observed(row, *step));
        let end = |channel: &Channel| if channel.is_static { all } else { steps };
        let is_charted = |(row, channel): &(usize, &Channel)| (0..end(channel)).any(|step| is_observed(*row, step));
        Self {
            charted: manifest.channels.iter().enumerate().filter(is_charted).count(),
            channels,
            charted_steps: (0..steps).filter(is_charted_step).count(),
            steps,
            assumed_share: charted.share(charted.before.iter().map(|[_, absolute]| absolute).sum()),
            goes_on_to: stay.report.goes_on_to,
        }
    }
}

/// The channels that were never charted and have a share worth a word, strongest first.
pub(super) fn assumed(manifest: &Manifest, stay: &Stay, charted: &Charted) -> Vec<Assumed> {
    let never = manifest.channels.iter().enumerate().filter(|(row, _)| !charted.is_charted(*row));
    let of = |(row, channel): (usize, &Channel)| {
        let [relevance, _] = charted.before[row];
        let cell = stay.cells.get(row * manifest.steps).copied().unwrap_or(StayCell::NONE);
        Assumed {
            row,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            value: ShownValue::of(channel, cell.into()),
            relevance,
            share: charted.share(relevance),
        }
    };
    let mut found: Vec<Assumed> = never.map(of).filter(|it| it.share >= ASSUMED_MIN).collect();
    sort_by(&mut found, |a, b| b.share.total_cmp(&a.share));
    found
}
