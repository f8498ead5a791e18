//! One row's readings, and what they become within limits.

use super::reach::Reach;
use crate::engine::number::real;
use crate::stay::manifest::{Channel, Encoding, Manifest};
use crate::stay::{Edit, EnteredValue, Origin, Stay};

/// The readings of one row, in their order.
#[derive(Debug)]
pub(super) struct Course<'a> {
    channel: &'a Channel,
    reach: &'a Reach,
    row: usize,
    step_hours: f64,
    readings: Vec<CourseReading>,
}

/// One of them as it was measured.
#[derive(Debug, Clone, Copy)]
struct CourseReading {
    step: usize,
    value: f64,
    entry: EnteredValue,
}

/// What a reading is to become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    /// What it is.
    AsItIs,
    /// As near to this as limits and charting allow.
    Near(f64),
    /// This and nothing else: a value that the patient had.
    Exactly(f64),
}

/// Less than this is no difference.
const ROUNDING: f64 = 1e-9;

impl<'a> Course<'a> {
    pub(super) fn of(manifest: &'a Manifest, stay: &Stay, row: usize, reach: &'a Reach) -> Self {
        let cells = stay.cells[row * manifest.steps..][..manifest.steps].iter().enumerate();
        let observed = cells.filter(|(_, cell)| cell.origin == Origin::Observed);
        let readings =
            observed.map(|(step, cell)| CourseReading { step, value: cell.value, entry: EnteredValue::from(*cell) });
        Self {
            channel: &manifest.channels[row],
            reach,
            row,
            step_hours: manifest.step_hours,
            readings: readings.collect(),
        }
    }

    /// The edit by which each reading becomes what is wanted of it, given its step and value; `None` where that is not
    /// within reach. The edit has no readings where nothing changes.
    ///
    /// Forwards, then backwards, each value is kept within what its neighbour in time allows:
    ///
    /// `low <= y[i] <= high` and `change_low * hours <= y[i + 1] - y[i] <= change_high * hours`,
    ///
    /// limits that the record itself went beyond being those of the record there.
    pub(super) fn edit(&self, wanted: impl Fn(usize, f64) -> Wanted) -> Option<Edit> {
        let wanted: Vec<Wanted> = self.readings.iter().map(|it| wanted(it.step, it.value)).collect();
        let mut values: Vec<f64> = self.readings.iter().map(|it| it.value).collect();
        for at in 0..values.len() {
            let before = at.checked_sub(1).map(|before| {
                let [low, high] = self.change(before);
                [values[before] + low, values[before] + high]
            });
            values[at] = self.moved(at, wanted[at], before)?;
        }
        for at in (0..values.len().saturating_sub(1)).rev() {
            let [low, high] = self.change(at);
            let after = [values[at + 1] - high, values[at + 1] - low];
            if matches!(wanted[at], Wanted::Near(_)) && !is_within(values[at], after) {
                values[at] = self.moved(at, Wanted::Near(values[at]), Some(after))?;
            }
        }
        self.is_within_reach(&values).then(|| self.entered(&values))
    }

    /// One reading's new value beside a neighbour that allows `beside`.
    fn moved(&self, at: usize, wanted: Wanted, beside: Option<[f64; 2]>) -> Option<f64> {
        let from = self.readings[at].value;
        let [low, high] = self.reach.around(from);
        let beside = beside.unwrap_or([low, high]);
        let range = [low.max(beside[0]), high.min(beside[1])];
        match wanted {
            Wanted::AsItIs => Some(from),
            Wanted::Exactly(value) => Some(value),
            // What is wanted to stay is not rounded.
            Wanted::Near(value) if (value - from).abs() < ROUNDING && is_within(from, range) => Some(from),
            Wanted::Near(value) => self.reach.charted(value, range),
        }
    }

    /// What the reading after one may differ from it by.
    fn change(&self, at: usize) -> [f64; 2] {
        let (one, next) = (&self.readings[at], &self.readings[at + 1]);
        self.reach.change(real(next.step - one.step) * self.step_hours, next.value - one.value)
    }

    fn is_within_reach(&self, values: &[f64]) -> bool {
        let are_values =
            self.readings.iter().zip(values).all(|(it, value)| is_within(*value, self.reach.around(it.value)));
        let mut changes = values.windows(2).enumerate();
        are_values && changes.all(|(at, pair)| is_within(pair[1] - pair[0], self.change(at)))
    }

    /// The readings from the first to the last that changes, as an edit.
    fn entered(&self, values: &[f64]) -> Edit {
        let changed = |(at, value): (usize, &f64)| (self.readings[at].value - value).abs() > ROUNDING;
        let places: Vec<usize> = (0..values.len()).filter(|at| changed((*at, &values[*at]))).collect();
        let Some((first, last)) = places.first().zip(places.last()) else {
            return Edit { channel: self.row, start: 0, readings: Vec::new() };
        };
        let start = self.readings[*first].step;
        let mut readings = vec![None; self.readings[*last].step - start + 1];
        for (it, value) in self.readings[*first..=*last].iter().zip(&values[*first..=*last]) {
            readings[it.step - start] = Some(self.entry(it, *value));
        }
        Edit { channel: self.row, start, readings }
    }

    /// A new value as it is charted; of a category's spellings one that the record uses, else the first.
    fn entry(&self, from: &CourseReading, value: f64) -> EnteredValue {
        let is_it = |other: f64| (other - value).abs() <= ROUNDING;
        match &self.channel.encoding {
            _ if is_it(from.value) => from.entry,
            Encoding::Continuous { .. } => EnteredValue::Value(value),
            Encoding::OneHot { .. } => {
                let used = self.readings.iter().find(|it| is_it(it.value)).map(|it| it.entry);
                used.unwrap_or_else(|| self.channel.nearest(value))
            }
        }
    }
}

fn is_within(value: f64, [low, high]: [f64; 2]) -> bool {
    value >= low - ROUNDING && value <= high + ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(edit: &Edit) -> Vec<f64> {
        let value = |entry: &EnteredValue| if let EnteredValue::Value(value) = entry { *value } else { f64::NAN };
        edit.readings.iter().flatten().map(value).collect()
    }

    #[test]
    fn a_course_goes_no_faster_than_patients_do() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let row = manifest.channels.iter().position(|channel| channel.name == "Temperature").unwrap();
        let mut stay = Stay::unmeasured(&manifest, "fever");
        for (step, value) in [(0, 39.0), (1, 39.0), (2, 39.0), (3, 39.0), (4, 39.0)] {
            stay.edit(&manifest, &Edit::set(row, step, EnteredValue::Value(value))).unwrap();
        }
        let reach = Reach::of(&manifest, &stay, row);
        let course = Course::of(&manifest, &stay, row, &reach);
        let from =
            |first: usize| move |step: usize, _: f64| if step >= first { Wanted::Near(37.0) } else { Wanted::AsItIs };
        // At most 0.6 degrees an hour down; all at once where no hour before says otherwise.
        assert_eq!(values(&course.edit(from(2)).unwrap()), [38.4, 37.8, 37.2]);
        assert_eq!(values(&course.edit(from(0)).unwrap()), [37.0; 5]);
        // Back up by at most 0.85 an hour, charted to a tenth.
        let between = |step: usize, _: f64| if (1..4).contains(&step) { Wanted::Near(37.0) } else { Wanted::AsItIs };
        assert_eq!(values(&course.edit(between).unwrap()), [38.4, 37.8, 38.2]);
        assert!(course.edit(|_, value| Wanted::Near(value)).unwrap().readings.is_empty());
        // Values that no more than one in a hundred patients have are out of reach, whoever had them.
        assert!(course.edit(|_, _| Wanted::Exactly(41.0)).is_none());
    }
}
