//! What stands under the cursor: one cell of every picture, as numbers and names. The page puts them into words.

use serde::Serialize;

use crate::engine::explain::relevance::Relevance;
use crate::picture::grid::{Grid, Part, rows};
use crate::stay::manifest::{Channel, Encoding, Manifest};
use crate::stay::{Origin, Stay};
use crate::study::history::ShownValue;

/// One cell of the pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// The channel's name as people read it.
    pub channel: String,
    /// The clinical group it belongs to.
    pub group: String,
    /// Start and end of the step, in hours since the start of the stay.
    pub hours: [f64; 2],
    /// The value in clinical units; a one-hot channel's ordinal.
    pub value: f64,
    /// Unit of the value, empty where there is none.
    pub unit: String,
    /// The category's text, for a one-hot channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Where the value comes from, and how old it is.
    pub origin: Origin,
    /// What the record has where an edit put another reading there, or took it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// What the channel usually is in the well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normal_range: Option<[f64; 2]>,
    /// What was known of the channel `TREND_HOURS` before, or as near to that as its steps are long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<EarlierValue>,
    /// Relevance of the value and of its being measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevance: Option<Amounts>,
    /// `|dp/dx|` of the value columns and of the mask, never negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient: Option<Amounts>,
}

/// What was known of a channel some hours before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EarlierValue {
    /// The value.
    #[serde(flatten)]
    pub value: ShownValue,
    /// How many hours before, in whole steps.
    pub hours_ago: f64,
}

/// What the record has where a reader put something else.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edited {
    /// The record's reading; nothing where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<ShownValue>,
    /// Whether the cell's own reading is another one, or was taken away; else the reading that is carried into it.
    pub is_here: bool,
}

/// Numbers of one cell: of its value columns, of its mask, and of both, with their share of the whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amounts {
    /// Sum over the value columns.
    pub value: f64,
    /// The mask column; zero where there is none.
    pub mask: f64,
    /// Magnitude of `value` as a share (0..1) of the sum of all magnitudes in the picture of the values.
    pub value_share: f64,
    /// Magnitude of `mask` as a share (0..1) of the sum of all magnitudes in the picture of the masks.
    pub mask_share: f64,
}

/// The grids of an explanation, kept apart, ready to be looked into. The sums of their magnitudes are kept with them, so
/// that the share of a cell costs no walk over the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Grids {
    value: Grid,
    mask: Grid,
    value_total: f64,
    mask_total: f64,
}

impl Grids {
    /// The grids of the value columns and of the masks, of the same size.
    #[must_use]
    pub fn new(value: Grid, mask: Grid) -> Self {
        Self { value_total: value.total(), mask_total: mask.total(), value, mask }
    }

    /// Signed relevance.
    #[must_use]
    pub fn relevance(manifest: &Manifest, relevance: &Relevance) -> Self {
        let of = |part| Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), part);
        Self::new(of(Part::Value), of(Part::Mask))
    }

    /// Magnitudes of a gradient.
    #[must_use]
    pub fn magnitude(manifest: &Manifest, gradient: &Relevance) -> Self {
        let of = |part| Grid::magnitude(&gradient.values, manifest.columns, &rows(manifest), part);
        Self::new(of(Part::Value), of(Part::Mask))
    }

    /// The numbers of one cell; `None` outside the grids.
    #[must_use]
    pub fn amounts(&self, row: usize, step: usize) -> Option<Amounts> {
        let (value, mask) = (self.value.at(row, step)?, self.mask.at(row, step)?);
        Some(Amounts {
            value,
            mask,
            value_share: share(value, self.value_total),
            mask_share: share(mask, self.mask_total),
        })
    }
}

/// What stands at a row and step; `None` outside the grid.
#[must_use]
pub fn inspect(
    manifest: &Manifest,
    stay: &Stay,
    relevance: Option<&Grids>,
    gradient: Option<&Grids>,
    row: usize,
    step: usize,
) -> Option<Inspection> {
    let channel = manifest.channels.get(row).filter(|_| step < manifest.steps)?;
    let cell = stay.cells.get(row * manifest.steps + step)?;
    Some(Inspection {
        channel: channel.label.clone(),
        group: channel.group.clone(),
        hours: [hour(manifest, step), hour(manifest, step + 1)],
        value: cell.value,
        unit: channel.unit.clone(),
        category: cell.category.and_then(|index| category(channel, index)),
        origin: cell.origin,
        edited: edited(manifest, stay, row, step),
        normal_range: manifest.normal_range(row),
        before: before(manifest, stay, row, step),
        relevance: relevance.and_then(|grids| grids.amounts(row, step)),
        gradient: gradient.and_then(|grids| grids.amounts(row, step)),
    })
}

/// What the record has in the place of a reading that was edited.
fn edited(manifest: &Manifest, stay: &Stay, row: usize, step: usize) -> Option<Edited> {
    let at = row * manifest.steps + step;
    let (source, record) = stay.edited(at)?;
    let record = record.map(|entry| ShownValue::of(&manifest.channels[row], entry));
    Some(Edited { record, is_here: source == at })
}

/// A value is held against the one so many hours before.
const TREND_HOURS: f64 = 6.0;

/// What was known of a channel some hours before a step; nothing where that was before its first reading.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole steps within the stay")]
fn before(manifest: &Manifest, stay: &Stay, row: usize, step: usize) -> Option<EarlierValue> {
    let n_steps = (TREND_HOURS / manifest.step_hours).round().max(1.0);
    let earlier = step.checked_sub(n_steps as usize)?;
    let cell = stay.cells.get(row * manifest.steps + earlier).filter(|cell| cell.origin != Origin::Normal)?;
    let value = ShownValue::of(&manifest.channels[row], (*cell).into());
    Some(EarlierValue { value, hours_ago: n_steps * manifest.step_hours })
}

/// What stands in every cell, row by row: `[n_rows * n_steps]`.
#[must_use]
pub fn inspect_all(
    manifest: &Manifest,
    stay: &Stay,
    relevance: Option<&Grids>,
    gradient: Option<&Grids>,
) -> Vec<Inspection> {
    let places = (0..manifest.channels.len()).flat_map(|row| (0..manifest.steps).map(move |step| (row, step)));
    places.filter_map(|(row, step)| inspect(manifest, stay, relevance, gradient, row, step)).collect()
}

fn share(amount: f64, total: f64) -> f64 {
    if total > 0.0 { amount.abs() / total } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a step's index is small")]
fn hour(manifest: &Manifest, step: usize) -> f64 {
    step as f64 * manifest.step_hours
}

fn category(channel: &Channel, index: usize) -> Option<String> {
    match &channel.encoding {
        Encoding::OneHot { categories, .. } => categories.get(index).cloned(),
        Encoding::Continuous { .. } => None,
    }
}
