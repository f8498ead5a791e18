//! One channel over all hours, in clinical units: what a chart of it needs to know.

use serde::Serialize;

use crate::engine::order::sort_by;
use crate::picture::scale::HeightScale;
use crate::stay::manifest::{Channel, Encoding, Manifest};
use crate::stay::{Origin, Stay, StayCell};

/// About so many numbers stand along the axis of a chart.
const N_TICKS: f64 = 3.0;

/// One channel over all hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Course<'a> {
    /// `[n_steps]`
    pub cells: &'a [StayCell],
    /// The smallest and the largest value, the normal value among them.
    pub scale: HeightScale,
    /// The channel's normal value.
    pub normal: f64,
    /// What stands along the axis, from the smallest to the largest value.
    pub ticks: Vec<Tick>,
}

/// One number or category along an axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tick {
    /// In clinical units, or a category's ordinal.
    pub value: f64,
    /// The category's text.
    pub category: Option<String>,
}

impl<'a> Course<'a> {
    /// The course of a row; `None` where there is no such row.
    #[must_use]
    pub fn of(manifest: &Manifest, stay: &'a Stay, row: usize) -> Option<Self> {
        let channel = manifest.channels.get(row)?;
        let cells = stay.cells.get(row * manifest.steps..(row + 1) * manifest.steps)?;
        let normal = normal(channel);
        let mut values: Vec<f64> = cells.iter().map(|cell| cell.value).collect();
        values.push(normal);
        let scale = HeightScale::of(&values);
        let ticks = match &channel.encoding {
            Encoding::Continuous { .. } => round_ticks(scale),
            Encoding::OneHot { categories, .. } => category_ticks(cells, categories, channel),
        };
        Some(Self { cells, scale, normal, ticks })
    }

    /// The course with room for other values: `normal +- 4 spreads` within the plausible range, or all categories.
    #[must_use]
    pub fn with_room(mut self, channel: &Channel) -> Self {
        const SPREADS: f64 = 4.0;
        let ends = match &channel.encoding {
            Encoding::Continuous { .. } => {
                let [low, high] = channel.plausible.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
                let reach = SPREADS * channel.spread();
                vec![(self.normal - reach).max(low), (self.normal + reach).min(high)]
            }
            Encoding::OneHot { ordinals, .. } => ordinals.clone(),
        };
        self.scale = HeightScale::of(&[ends, vec![self.scale.low, self.scale.high]].concat());
        if matches!(channel.encoding, Encoding::Continuous { .. }) {
            self.ticks = round_ticks(self.scale);
        }
        self
    }

    /// Where the cells' values come from, `[n_steps]`.
    pub fn origins(&self) -> impl Iterator<Item = Origin> + '_ {
        self.cells.iter().map(|cell| cell.origin)
    }
}

/// A few round numbers within a range: steps of 1, 2 or 5 times a power of ten.
fn round_ticks(scale: HeightScale) -> Vec<Tick> {
    let tick = |value| Tick { value, category: None };
    let range = scale.high - scale.low;
    if range <= 0.0 || !range.is_finite() {
        return vec![tick(scale.low)];
    }
    let step = round_step(range / N_TICKS);
    let first = (scale.low / step).ceil();
    let places = (0..).map(|k| (first + f64::from(k)) * step);
    // Through text, so that 3 x 0.1 is 0.3.
    let tidy = |value: f64| format!("{value:.12}").parse().unwrap_or(value);
    let ticks: Vec<Tick> = places.take_while(|value| *value <= scale.high + 1e-9 * range).map(tidy).map(tick).collect();
    if ticks.is_empty() { vec![tick(scale.low), tick(scale.high)] } else { ticks }
}

/// The smallest of 1, 2, 5 and 10 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

/// The categories that occur, in their clinical order; of several with the same place, the first that occurs.
fn category_ticks(cells: &[StayCell], categories: &[String], channel: &Channel) -> Vec<Tick> {
    let mut ticks: Vec<Tick> = Vec::new();
    let normal = std::iter::once(normal_cell(channel));
    for (value, category) in cells.iter().map(|cell| (cell.value, cell.category)).chain(normal) {
        if ticks.iter().all(|tick| tick.value.to_bits() != value.to_bits()) {
            ticks.push(Tick { value, category: category.and_then(|index| categories.get(index)).cloned() });
        }
    }
    sort_by(&mut ticks, |a, b| a.value.total_cmp(&b.value));
    ticks
}

fn normal(channel: &Channel) -> f64 {
    normal_cell(channel).0
}

/// A channel's normal value, and its category where it has categories.
fn normal_cell(channel: &Channel) -> (f64, Option<usize>) {
    match &channel.encoding {
        Encoding::Continuous { normal, .. } => (*normal, None),
        Encoding::OneHot { categories, ordinals, normal } => {
            let index = categories.iter().position(|category| category == normal);
            (index.and_then(|index| ordinals.get(index)).copied().unwrap_or(f64::NAN), index)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, high: f64, expected: &[f64]) {
        let ticks: Vec<f64> = round_ticks(HeightScale { low, high }).iter().map(|tick| tick.value).collect();
        assert_eq!(ticks, expected);
    }

    #[test]
    fn ticks_are_round_numbers_within_the_range() {
        check(82.0, 128.0, &[100.0, 120.0]);
        check(7.12, 7.41, &[7.2, 7.3, 7.4]);
        check(0.21, 1.0, &[0.5, 1.0]);
        check(-3.0, 3.0, &[-2.0, 0.0, 2.0]);
        check(36.0, 39.1, &[36.0, 38.0]);
    }

    #[test]
    fn a_value_that_never_changes_is_its_own_tick() {
        check(170.0, 170.0, &[170.0]);
    }
}
