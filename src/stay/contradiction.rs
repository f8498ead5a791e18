//! Values of one time that cannot all be true: a total that is not the sum of its parts, an upper value below the lower
//! one. They are reported and used as they are: which of them is wrong, a reader of records cannot know.

use super::bins::Bins;
use super::manifest::Manifest;
use serde::{Deserialize, Serialize};

/// What holds between channels, by their names in the manifest. Channels that a model has not are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Relations {
    /// Totals and their parts.
    pub sums: Vec<TotalOfParts>,
    /// Pairs of which one is never below the other.
    pub orders: Vec<Order>,
}

/// `total = sum of parts`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TotalOfParts {
    /// The total's channel.
    pub total: String,
    /// The channels that it adds up.
    pub parts: Vec<String>,
}

/// `upper >= lower`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The channel that is never below the other.
    pub upper: String,
    /// The other.
    pub lower: String,
}

/// Values of one time and step that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The record's line of the value that is named first.
    pub line: u64,
    /// The step in which they stand.
    pub step: usize,
    /// The channels whose values they are, by name.
    pub channels: Vec<String>,
    /// What contradicts what, for people.
    pub message: String,
}

/// Most contradictions that are listed.
const LISTED_MAX: usize = 200;

/// Two times closer than this, in hours, are one: half a minute.
const ONE_TIME: f64 = 0.5 / 60.0;

/// Finds every contradiction. `times`: when the reading of each step was taken, in hours, `[n_channels * n_steps]`.
pub(super) fn find(manifest: &Manifest, relations: &Relations, bins: &Bins<'_>, times: &[f64]) -> Vec<Contradiction> {
    let view = PlacedReadings { manifest, bins, times };
    let mut found = Vec::new();
    for step in 0..manifest.steps {
        let sums = relations.sums.iter().filter_map(|sum| view.wrong_sum(sum, step));
        found.extend(sums.chain(relations.orders.iter().filter_map(|order| view.wrong_order(order, step))));
    }
    found.truncate(LISTED_MAX);
    found
}

struct PlacedReadings<'v, 'm> {
    manifest: &'m Manifest,
    bins: &'v Bins<'m>,
    times: &'v [f64],
}

/// A reading that may contradict others.
struct DoubtfulReading<'m> {
    name: &'m str,
    value: f64,
    line: u64,
    time: f64,
}

impl<'m> PlacedReadings<'_, 'm> {
    fn said(&self, channel: &str, step: usize) -> Option<DoubtfulReading<'m>> {
        let index = self.manifest.channels.iter().position(|known| known.name == channel)?;
        let reading = self.bins.get(index, step)?;
        let time = *self.times.get(index * self.manifest.steps + step)?;
        Some(DoubtfulReading {
            name: &self.manifest.channels[index].name,
            value: reading.value,
            line: reading.line,
            time,
        })
    }

    fn wrong_sum(&self, sum: &TotalOfParts, step: usize) -> Option<Contradiction> {
        let total = self.said(&sum.total, step)?;
        let parts: Vec<DoubtfulReading<'_>> =
            sum.parts.iter().map(|part| self.said(part, step)).collect::<Option<_>>()?;
        let added: f64 = parts.iter().map(|part| part.value).sum();
        if !at_one_time(&total, &parts) || (total.value - added).abs() < 0.5 {
            return None;
        }
        let each: Vec<String> = parts.iter().map(|part| part.value.to_string()).collect();
        let message =
            format!("{} is {}, and its parts add up to {} = {added}", total.name, total.value, each.join(" + "));
        Some(self.contradiction(step, &total, &parts, &message))
    }

    fn wrong_order(&self, order: &Order, step: usize) -> Option<Contradiction> {
        let (upper, lower) = (self.said(&order.upper, step)?, self.said(&order.lower, step)?);
        let lower = [lower];
        if !at_one_time(&upper, &lower) || upper.value >= lower[0].value {
            return None;
        }
        let message = format!("{} is {}, below {}, {}", upper.name, upper.value, lower[0].name, lower[0].value);
        Some(self.contradiction(step, &upper, &lower, &message))
    }

    fn contradiction(
        &self,
        step: usize,
        first: &DoubtfulReading<'_>,
        others: &[DoubtfulReading<'_>],
        message: &str,
    ) -> Contradiction {
        let channels = std::iter::once(first).chain(others).map(|said| said.name.to_owned()).collect();
        let message = format!("{}: {message}; used as they are", step_said(self.manifest, step));
        Contradiction { line: first.line, step, channels, message }
    }
}

fn at_one_time(one: &DoubtfulReading<'_>, others: &[DoubtfulReading<'_>]) -> bool {
    others.iter().all(|other| (other.time - one.time).abs() < ONE_TIME)
}

/// Names a step, for people.
pub(super) fn step_said(manifest: &Manifest, step: usize) -> String {
    format!("{} {step}", if manifest.step_hours == 1.0 { "hour" } else { "step" })
}
