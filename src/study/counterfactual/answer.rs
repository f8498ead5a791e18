//! What a search found, as it is shown.

use serde::Serialize;

use super::moves::{Move, Scope, Way};
use crate::engine::number::real;
use crate::engine::order::sort_by;
use crate::stay::manifest::Manifest;
use crate::stay::{Edit, EnteredValue, Origin, Stay};
use crate::study::history::ShownValue;

/// What the search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counterfactual {
    /// The output for the stay as it is.
    pub original: f64,
    /// What was to be crossed; nothing for a class, which is to become, or no longer be, the most probable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The output with the changes of `parts`.
    pub probability: f64,
    /// Whether the label changes. Where it does not, nothing within reach changes it.
    pub crosses: bool,
    /// What has to change together; where nothing within reach changes the label, what comes nearest to it.
    pub parts: Vec<Part>,
    /// How far `parts` change the stay, as `distance` measures it.
    pub distance: f64,
    /// What single parts do that move the output towards the line, the most first.
    pub answers: Vec<Answer>,
    /// Rows of all parts for which the manifest gives no limits, so that they stay within what the record shows.
    pub of_record: Vec<usize>,
    /// So many parts were changed together at most.
    pub n_together: usize,
    /// How often the network was asked.
    pub runs: usize,
}

/// What one part does by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What is changed.
    pub part: Part,
    /// The output with it.
    pub probability: f64,
    /// Whether the label changes.
    pub crosses: bool,
}

/// Rows that belong together, changed over a run of hours.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// `held`: as they were at `at`; `normal`: towards normal, as far and as fast as the limits allow.
    pub way: PartWay,
    /// The rows that change.
    pub rows: Vec<usize>,
    /// Their names as people read them.
    pub channels: Vec<String>,
    /// The run: its first and last hour in which something is otherwise.
    pub hours: [f64; 2],
    /// The hour at whose end the rows stood as they are held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// Whether every reading that changes is normal then.
    pub is_normal: bool,
    /// One a row.
    pub changes: Vec<Change>,
}

/// How a part changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartWay {
    /// As it was at an hour.
    Held,
    /// Towards normal.
    Normal,
}

/// One row's readings that change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Index of the channel.
    pub row: usize,
    /// The channel's name as people read it.
    pub channel: String,
    /// The channel's unit.
    pub unit: String,
    /// The first step that changes.
    pub step: usize,
    /// Start and end of what is otherwise, in hours: up to the next reading that stays.
    pub hours: [f64; 2],
    /// The lowest and the highest of the readings that change, as they were measured.
    pub from: [ShownValue; 2],
    /// The same of what they become.
    pub to: [ShownValue; 2],
    /// The change as an edit of the stay.
    pub edit: Edit,
}

/// How far a stay is from another, in spreads of the channels, over all steps:
///
/// `distance = sum over rows and steps of |new - old| / (spread * n_steps)`
pub(super) fn distance(manifest: &Manifest, before: &Stay, after: &Stay, edits: &[Edit]) -> f64 {
    let of_row = |row: usize| -> f64 {
        let cells = |stay: &Stay| stay.cells[row * manifest.steps..][..manifest.steps].to_vec();
        let pairs = cells(before).into_iter().zip(cells(after));
        pairs.map(|(old, new)| (new.value - old.value).abs()).sum::<f64>() / manifest.channels[row].spread()
    };
    let mut rows: Vec<usize> = edits.iter().map(|edit| edit.channel).collect();
    rows.dedup();
    rows.into_iter().map(of_row).sum::<f64>() / real(manifest.steps)
}

impl Part {
    pub(super) fn of(manifest: &Manifest, stay: &Stay, scope: &Scope, one: &Move) -> Self {
        let mut changes: Vec<Change> = one.edits.iter().map(|edit| Change::of(manifest, stay, edit)).collect();
        sort_by(&mut changes, |a, b| a.row.cmp(&b.row));
        let first = changes.iter().map(|change| change.hours[0]).fold(f64::INFINITY, f64::min);
        let last = changes.iter().map(|change| change.hours[1]).fold(0.0, f64::max);
        let is_normal = |change: &Change| {
            let mut ends = change.to.iter();
            ends.all(|to| scope.reach[change.row].is_normal(to.value))
        };
        let (way, at) = match &one.way {
            Way::Held { at } => (PartWay::Held, Some(real(at + 1) * manifest.step_hours)),
            Way::Normal { .. } => (PartWay::Normal, None),
        };
        Self {
            way,
            at,
            rows: changes.iter().map(|change| change.row).collect(),
            channels: changes.iter().map(|change| change.channel.clone()).collect(),
            hours: [first, last],
            is_normal: changes.iter().all(is_normal),
            changes,
        }
    }
}

impl Change {
    fn of(manifest: &Manifest, stay: &Stay, edit: &Edit) -> Self {
        let row = edit.channel;
        let channel = &manifest.channels[row];
        let cell = |step: usize| stay.cells[row * manifest.steps + step];
        let shown = |entry: EnteredValue| ShownValue::of(channel, entry);
        let pairs = edit.readings.iter().enumerate().filter_map(|(at, entry)| {
            let pair = (shown(cell(edit.start + at).into()), shown((*entry)?));
            (pair.0 != pair.1).then_some(pair)
        });
        let (from, to): (Vec<_>, Vec<_>) = pairs.unzip();
        // What was changed last is carried forward up to the next reading.
        let is_carried = |step: &usize| matches!(cell(*step).origin, Origin::CarriedForward { .. });
        let until = (edit.end()..manifest.steps).find(|step| !is_carried(step)).unwrap_or(manifest.steps);
        let hour = |step: usize| real(step) * manifest.step_hours;
        Self {
            row,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            step: edit.start,
            hours: [hour(edit.start), hour(until)],
            from: ends(from),
            to: ends(to),
            edit: edit.clone(),
        }
    }
}

/// The lowest and the highest.
fn ends(mut values: Vec<ShownValue>) -> [ShownValue; 2] {
    sort_by(&mut values, |a, b| a.value.total_cmp(&b.value));
    let none = || ShownValue { value: f64::NAN, category: None };
    [values.first().cloned().unwrap_or_else(none), values.last().cloned().unwrap_or_else(none)]
}
