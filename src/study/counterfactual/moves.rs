//! The single changes that a search tries.

use super::Change;
use crate::stay::manifest::{Channel, Encoding, Manifest};
use crate::stay::{Edit, EnteredValue, Stay, StayCell};
use crate::study::history::ShownValue;

/// One reading put in place of what stood there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Move {
    pub(super) channel: usize,
    pub(super) step: usize,
    /// What stood there, in clinical units; a category's ordinal.
    pub(super) from: f64,
    /// The new value, likewise.
    pub(super) to: f64,
    before: EnteredValue,
    entry: EnteredValue,
    spread: f64,
}

/// How far a continuous value is tried from where it stood, in spreads; the ends of the plausible range are tried too.
const REACH: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

/// Without a plausible range, values up to so many spreads from the mean count as plausible.
const PLAUSIBLE_SPREADS: f64 = 3.0;

/// Every channel that is not fixed, in every step, at every value tried.
pub(super) fn all(manifest: &Manifest, stay: &Stay, fixed: &[usize]) -> Vec<Move> {
    let mut moves = Vec::new();
    for (row, channel) in manifest.channels.iter().enumerate().filter(|(row, _)| !fixed.contains(row)) {
        for (step, cell) in stay.cells[row * manifest.steps..][..manifest.steps].iter().enumerate() {
            moves.extend(entries(channel, *cell).into_iter().map(|entry| Move::new(channel, row, step, *cell, entry)));
        }
    }
    moves
}

/// What is tried in place of a cell.
fn entries(channel: &Channel, cell: StayCell) -> Vec<EnteredValue> {
    match &channel.encoding {
        Encoding::Continuous { mean, .. } => {
            let spread = channel.spread();
            let reach = PLAUSIBLE_SPREADS * spread;
            let [low, high] = channel.plausible.unwrap_or([mean - reach, mean + reach]);
            let near = REACH.iter().flat_map(|by| [cell.value - by * spread, cell.value + by * spread]);
            let inside = near.filter(|value| (low..=high).contains(value));
            let ends = [low, high].into_iter().filter(|end| *end != cell.value);
            inside.chain(ends).map(EnteredValue::Value).collect()
        }
        // One spelling of each finding: the first.
        Encoding::OneHot { ordinals, .. } => {
            let is_first = |at: &usize| ordinals.iter().position(|other| *other == ordinals[*at]) == Some(*at);
            let others = (0..ordinals.len()).filter(|at| ordinals[*at] != cell.value);
            others.filter(is_first).map(EnteredValue::Category).collect()
        }
    }
}

impl Move {
    fn new(channel: &Channel, row: usize, step: usize, cell: StayCell, entry: EnteredValue) -> Self {
        let to = ShownValue::of(channel, entry).value;
        let spread = channel.spread();
        Self { channel: row, step, from: cell.value, to, before: cell.into(), entry, spread }
    }

    pub(super) fn edit(&self) -> Edit {
        Edit::set(self.channel, self.step, self.entry)
    }

    /// In spreads of the channel.
    pub(super) fn distance(&self) -> f64 {
        (self.to - self.from).abs() / self.spread
    }

    pub(super) const fn is_continuous(&self) -> bool {
        matches!(self.entry, EnteredValue::Value(_))
    }

    pub(super) fn is_same_reading(&self, other: &Self) -> bool {
        (self.channel, self.step) == (other.channel, other.step)
    }

    /// Whether this changes the same reading into the same direction, and not as far.
    pub(super) fn is_toward(&self, other: &Self) -> bool {
        let is_same_way = (self.to > self.from) == (other.to > other.from);
        self.is_same_reading(other) && is_same_way && self.distance() < other.distance()
    }

    /// Another value for a continuous channel, which is returned.
    pub(super) fn set(&mut self, value: f64) -> f64 {
        (self.to, self.entry) = (value, EnteredValue::Value(value));
        value
    }

    pub(super) fn shown(&self, manifest: &Manifest) -> Change {
        let channel = &manifest.channels[self.channel];
        let hour = |step: usize| step as f64 * manifest.step_hours;
        Change {
            row: self.channel,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            step: self.step,
            hours: [hour(self.step), hour(self.step + 1)],
            from: ShownValue::of(channel, self.before),
            to: ShownValue::of(channel, self.entry),
            distance: self.distance(),
            edit: self.edit(),
        }
    }
}
