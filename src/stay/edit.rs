//! Changes of a stay in clinical units, with everything that follows from them recomputed as the reader would have:
//! carrying forward, normal values, masks, scaling.

use serde::{Deserialize, Serialize};

use super::bins::{self, Reading};
use super::category::{self, Match};
use super::manifest::{Channel, Encoding, Manifest};
use super::number::number;
use super::{Origin, Since, Stay, StayCell};
use crate::engine::number::real;
use crate::{Error, Kind, Place, Result};

/// A measured value as people give it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnteredValue {
    /// Of a continuous channel, in clinical units.
    Value(f64),
    /// Of a one-hot channel: index into its categories.
    Category(usize),
}

/// Other readings for one channel over a window of steps. One value, a course that was drawn, and values taken away
/// are all of this form, and so is what undoes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Index of the channel.
    pub channel: usize,
    /// The window's first step.
    pub start: usize,
    /// One a step: measured as so much, or not measured at all.
    pub readings: Vec<Option<EnteredValue>>,
}

impl Edit {
    /// One value in one step.
    #[must_use]
    pub fn set(channel: usize, step: usize, entry: EnteredValue) -> Self {
        Self { channel, start: step, readings: vec![Some(entry)] }
    }

    /// Takes the readings of `n_steps` steps away.
    #[must_use]
    pub fn clear(channel: usize, start: usize, n_steps: usize) -> Self {
        Self { channel, start, readings: vec![None; n_steps] }
    }

    /// A course drawn from one step and value to another: straight between them, at the values that the channel has.
    #[must_use]
    pub fn drawn(channel: &Channel, row: usize, a: (usize, f64), b: (usize, f64)) -> Self {
        let (first, last) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        let n_between = real((last.0 - first.0).max(1));
        let value = |step: usize| first.1 + (last.1 - first.1) * real(step - first.0) / n_between;
        // Of two points in one step the second one is where the pointer is.
        let value = |step: usize| if a.0 == b.0 { b.1 } else { value(step) };
        let readings = (first.0..=last.0).map(|step| Some(channel.nearest(value(step)))).collect();
        Self { channel: row, start: first.0, readings }
    }

    /// Whether two edits change the same channel in windows that overlap or touch.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        self.channel == other.channel && self.start <= other.end() && other.start <= self.end()
    }

    /// Both at once; where windows overlap, the readings of `self`. The windows touch.
    #[must_use]
    pub fn over(self, below: &Self) -> Self {
        let (start, end) = (self.start.min(below.start), self.end().max(below.end()));
        let reading = |step: usize| {
            let of = |edit: &Self| step.checked_sub(edit.start).and_then(|at| edit.readings.get(at)).copied();
            of(&self).or_else(|| of(below)).flatten()
        };
        Self { channel: self.channel, start, readings: (start..end).map(reading).collect() }
    }

    /// The step after the window's last one.
    #[must_use]
    pub fn end(&self) -> usize {
        self.start.saturating_add(self.readings.len())
    }

    /// Whether another edit changes the same readings.
    #[must_use]
    pub fn has_window_of(&self, other: &Self) -> bool {
        (self.channel, self.start, self.readings.len()) == (other.channel, other.start, other.readings.len())
    }
}

impl EnteredValue {
    /// What a person typed into a cell of `channel`: a number, with a point or a comma, or a category's text.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the channel's name, where the text is no such value.
    pub fn read(channel: &Channel, text: &str) -> Result<Self> {
        let text = text.trim();
        match &channel.encoding {
            Encoding::Continuous { .. } => {
                // Between digits of one number a comma can only be a decimal one; two commas stay an error.
                let value = number(&text.replacen(',', ".", 1)).map_err(|reason| wrong(channel, reason))?;
                Self::Value(value).checked(channel)
            }
            Encoding::OneHot { categories, .. } => match category::find(categories, text) {
                Match::Exact(category) | Match::Respelled(category) => Ok(Self::Category(category)),
                Match::Unknown => {
                    let seen = super::shown(text);
                    Err(wrong(channel, format!("\"{seen}\" is none of its categories: {}", categories.join(", "))))
                }
            },
        }
    }

    /// Refuses what the channel cannot hold. An implausible value is none of that: see [`EnteredValue::is_implausible`].
    fn checked(self, channel: &Channel) -> Result<Self> {
        let reason = match (self, &channel.encoding) {
            (Self::Value(value), Encoding::Continuous { .. }) => {
                if value.is_finite() && channel.encoding.fits(value) {
                    return Ok(self);
                }
                format!("{value} is no value for the model; give a number in {}", unit_of(channel))
            }
            (Self::Category(category), Encoding::OneHot { categories, .. }) => {
                if category < categories.len() {
                    return Ok(self);
                }
                format!("has {} categories, and no number {category}", categories.len())
            }
            (Self::Value(_), Encoding::OneHot { .. }) => "takes a category, not a number".to_owned(),
            (Self::Category(_), Encoding::Continuous { .. }) => "takes a number, not a category".to_owned(),
        };
        Err(wrong(channel, reason))
    }

    /// Whether the value lies outside the channel's plausible range.
    #[must_use]
    pub fn is_implausible(self, channel: &Channel) -> bool {
        match (self, channel.plausible) {
            (Self::Value(value), Some([low, high])) => !(low..=high).contains(&value),
            _ => false,
        }
    }

    fn reading(self, channel: &Channel) -> Reading {
        match (self, &channel.encoding) {
            (Self::Value(value), _) => Reading { value, category: None, line: 0 },
            (Self::Category(category), Encoding::OneHot { ordinals, .. }) => {
                Reading { value: ordinals[category], category: Some(category), line: 0 }
            }
            (Self::Category(_), Encoding::Continuous { .. }) => Reading { value: f64::NAN, category: None, line: 0 },
        }
    }
}

impl From<StayCell> for EnteredValue {
    fn from(cell: StayCell) -> Self {
        cell.category.map_or(Self::Value(cell.value), Self::Category)
    }
}

impl Stay {
    /// What was measured of a channel in each step, `[n_steps]`.
    fn readings(&self, manifest: &Manifest, channel: usize) -> Vec<Option<EnteredValue>> {
        let row = &self.cells[channel * manifest.steps..][..manifest.steps];
        row.iter().map(|cell| (cell.origin == Origin::Observed).then(|| EnteredValue::from(*cell))).collect()
    }

    /// Changes readings, and returns what undoes the change. `manifest` is the one that the stay was read for.
    ///
    /// # Errors
    /// [`Kind::Argument`] for a window outside the stay, and for values that the channel cannot hold; the stay is then
    /// as it was. Implausible values are taken: what the model makes of them is for the user to see.
    pub fn edit(&mut self, manifest: &Manifest, edit: &Edit) -> Result<Edit> {
        let channel = checked(manifest, edit)?;
        let mut readings = self.readings(manifest, edit.channel);
        let window = edit.start..edit.end();
        let before = readings[window.clone()].to_vec();
        readings[window].copy_from_slice(&edit.readings);
        self.measure(manifest, edit.channel, channel, &readings);
        self.remember(edit.channel * manifest.steps + edit.start, &before, &edit.readings);
        self.since.n_edits += 1;
        Ok(Edit { readings: before, ..*edit })
    }

    /// Keeps what the record has where readings from a place on are no longer its own, and forgets it where they are again.
    fn remember(&mut self, from: usize, before: &[Option<EnteredValue>], now: &[Option<EnteredValue>]) {
        for (at, (before, now)) in (from..).zip(before.iter().zip(now)) {
            let recorded = self.recorded.remove(&at).unwrap_or(*before);
            if recorded != *now {
                self.recorded.insert(at, recorded);
            }
        }
    }

    /// The reading that stands in a cell, or is carried into it, by its place, where an edit put it there; or the cell itself
    /// where an edit took its reading away. With it what the record has.
    #[must_use]
    pub fn edited(&self, at: usize) -> Option<(usize, Option<EnteredValue>)> {
        let source = match self.cells.get(at)?.origin {
            Origin::CarriedForward { age } if !self.recorded.contains_key(&at) => at.checked_sub(age)?,
            _ => at,
        };
        self.recorded.get(&source).map(|recorded| (source, *recorded))
    }

    /// The stay as it would have been read after its first `n_steps` steps: later readings are not there, so the last
    /// ones are carried forward to the end, and the masks are zero.
    #[must_use]
    pub fn known_until(&self, manifest: &Manifest, n_steps: usize) -> Self {
        let mut known = self.clone();
        known.since.known_steps = Some(n_steps).filter(|known| *known < manifest.steps);
        for (index, channel) in manifest.channels.iter().enumerate() {
            let mut readings = self.readings(manifest, index);
            if readings.iter().skip(n_steps).any(Option::is_some) {
                readings.iter_mut().skip(n_steps).for_each(|reading| *reading = None);
                known.measure(manifest, index, channel, &readings);
            }
        }
        known
    }

    /// The stay as if it had ended after its first steps, for a network of as many: `from` is the manifest that it was
    /// read for, and `to` the same for fewer steps, at most as many. What was known until then is what
    /// [`Stay::known_until`] leaves; there are no later steps that anything is carried forward into.
    #[must_use]
    pub fn ended(&self, from: &Manifest, to: &Manifest) -> Self {
        let mut ended = Self::unmeasured(to, &self.name);
        ended.since = Since { known_steps: Some(to.steps), ..self.since };
        for (index, channel) in to.channels.iter().enumerate() {
            let readings = &self.readings(from, index)[..to.steps];
            if readings.iter().any(Option::is_some) {
                ended.measure(to, index, channel, readings);
            }
        }
        ended
    }

    /// Puts a channel's readings in place, and all that follows from them.
    fn measure(&mut self, manifest: &Manifest, index: usize, channel: &Channel, readings: &[Option<EnteredValue>]) {
        let row = &mut self.cells[index * manifest.steps..][..manifest.steps];
        let readings = readings.iter().map(|entry| entry.map(|entry| entry.reading(channel)));
        for (cell, imputed) in row.iter_mut().zip(bins::impute(readings, channel)) {
            *cell = imputed;
        }
        bins::encode_row(manifest, channel, row, &mut self.input);
        if let Some(observed) = self.report.observed.get_mut(index) {
            *observed = row.iter().filter(|cell| cell.origin == Origin::Observed).count();
        }
        if let Some(gap) = bins::count_gap(manifest, &mut self.cells) {
            let row = &self.cells[gap * manifest.steps..][..manifest.steps];
            bins::encode_row(manifest, &manifest.channels[gap], row, &mut self.input);
        }
    }
}

/// The channel that an edit changes, if the edit can be made.
fn checked<'a>(manifest: &'a Manifest, edit: &Edit) -> Result<&'a Channel> {
    let field = |name: &str, message: String| Error::new(Kind::Argument, message).at(Place::Field(name.to_owned()));
    let n_channels = manifest.channels.len();
    let channel = manifest
        .channels
        .get(edit.channel)
        .ok_or_else(|| field("channel", format!("is {}; the model has {n_channels} channels", edit.channel)))?;
    if channel.gap.is_some() {
        return Err(wrong(channel, "is counted from the record, and changes with what was measured; edit that"));
    }
    if edit.readings.is_empty() || edit.end() > manifest.steps {
        let (start, n) = (edit.start, edit.readings.len());
        let message = format!("{n} steps from step {start} on; the stay has the steps 0 to {}", manifest.steps - 1);
        return Err(field("readings", message));
    }
    for entry in edit.readings.iter().flatten() {
        entry.checked(channel)?;
    }
    Ok(channel)
}

fn unit_of(channel: &Channel) -> &str {
    if channel.unit.is_empty() { "the channel's own unit" } else { &channel.unit }
}

fn wrong(channel: &Channel, message: impl Into<String>) -> Error {
    Error::new(Kind::Argument, message).at(Place::Channel(channel.name.clone()))
}

impl Channel {
    /// Text of a category, for a one-hot channel.
    #[must_use]
    pub fn category(&self, index: usize) -> Option<String> {
        match &self.encoding {
            Encoding::OneHot { categories, .. } => categories.get(index).cloned(),
            Encoding::Continuous { .. } => None,
        }
    }

    /// A category's place in the clinical order, for a one-hot channel.
    #[must_use]
    pub fn ordinal(&self, index: usize) -> Option<f64> {
        match &self.encoding {
            Encoding::OneHot { ordinals, .. } => ordinals.get(index).copied(),
            Encoding::Continuous { .. } => None,
        }
    }

    /// What one standard deviation is among patients, in clinical units; of a one-hot channel among its categories'
    /// ordinals.
    ///
    /// A scaling that was measured with outliers in it can have a deviation wider than anything a patient lives
    /// through (the benchmark's 1167 for a saturation in per cent). A sixth of the plausible range, three deviations
    /// to either side, is then taken in its place.
    #[must_use]
    pub fn spread(&self) -> f64 {
        match &self.encoding {
            Encoding::Continuous { std, .. } => self.plausible.map_or(*std, |[low, high]| std.min((high - low) / 6.0)),
            Encoding::OneHot { ordinals, .. } => deviation(ordinals),
        }
    }

    /// The value `n` keystrokes away from a cell's: of a continuous channel on a grid of round numbers about a tenth
    /// of a [`Channel::spread`] apart, of a one-hot channel the categories in their clinical order.
    #[must_use]
    pub fn nudged(&self, cell: StayCell, n: i32) -> EnteredValue {
        match &self.encoding {
            Encoding::Continuous { .. } => EnteredValue::Value(next_on_grid(cell.value, self.keystroke(), n)),
            Encoding::OneHot { ordinals, .. } => {
                EnteredValue::Category(next_in_order(ordinals, cell.category.unwrap_or_default(), n))
            }
        }
    }

    /// The value nearest to a number that keystrokes can reach, or the category whose ordinal is nearest.
    #[must_use]
    pub fn nearest(&self, value: f64) -> EnteredValue {
        match &self.encoding {
            Encoding::Continuous { .. } => {
                let step = self.keystroke();
                EnteredValue::Value(on_grid((value / step).round(), step))
            }
            Encoding::OneHot { ordinals, .. } => {
                let distance = |at: &usize| (ordinals[*at] - value).abs();
                let nearest = (0..ordinals.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
                EnteredValue::Category(nearest.unwrap_or_default())
            }
        }
    }

    /// A round number (1, 2 or 5 times a power of ten) near a tenth of a spread.
    fn keystroke(&self) -> f64 {
        let wanted = self.spread() / 10.0;
        let power = 10_f64.powf(wanted.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
        steps.into_iter().rfind(|step| *step <= wanted * 1.000_001).unwrap_or(power)
    }
}

fn next_on_grid(value: f64, step: f64, n: i32) -> f64 {
    let place = value / step;
    // A value between two points of the grid moves to the next one of them first.
    let from = if n > 0 { (place + 1e-9).floor() } else { (place - 1e-9).ceil() };
    on_grid(from + f64::from(n), step)
}

/// Point number `at` of a grid: dividing by a whole number keeps 7.3 from becoming 7.300000000000001.
fn on_grid(at: f64, step: f64) -> f64 {
    if step < 1.0 { at / (1.0 / step).round() } else { at * step }
}

/// The category whose ordinal is the `n`th different one up (or down), the nearest end beyond.
fn next_in_order(ordinals: &[f64], category: usize, n: i32) -> usize {
    let mut order = ordinals.to_vec();
    order.sort_by(f64::total_cmp);
    order.dedup();
    let here = ordinals.get(category).copied().unwrap_or_default();
    let at = order.partition_point(|ordinal| *ordinal < here);
    let last = order.len().saturating_sub(1);
    let to = at.saturating_add_signed(n as isize).min(last);
    if to == at {
        return category;
    }
    ordinals.iter().position(|ordinal| *ordinal == order[to]).unwrap_or(category)
}

fn deviation(numbers: &[f64]) -> f64 {
    let n = real(numbers.len().max(1));
    let mean = numbers.iter().sum::<f64>() / n;
    (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
}
