//! Readings of one channel that belong together, and the relevance that counts to each reading.

use serde::{Deserialize, Serialize};

use super::{Contribution, SHARE_MIN};
use crate::engine::explain::relevance::Relevance;
use crate::engine::number::real;
use crate::picture::grid::{Grid, Part, rows};
use crate::stay::manifest::Manifest;
use crate::stay::{Origin, Stay, StayCell};
use crate::study::history::ShownValue;

/// A reading belongs to a run where its relevance exceeds this share of the channel's strongest one; weaker ones only
/// where they lie between such readings.
const WEAK: f64 = 0.1;

/// A run of one channel's readings that raised or lowered the output together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Index of the channel.
    pub row: usize,
    /// Its name as people read it.
    pub channel: String,
    /// Its unit.
    pub unit: String,
    /// The step of the first reading, and the one after the last reading.
    pub steps: [usize; 2],
    /// The same in hours since the start of the stay; none of a static channel, whose value is of no hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<[f64; 2]>,
    /// The step up to which the last reading was carried forward: the relevance of `steps[0]..until` is counted.
    pub until: usize,
    /// The relevance of the readings and of the hours that carry them forward, of values and masks together.
    pub relevance: f64,
    /// Its magnitude as a share (0..1) of all effects: of the sum of all cells' magnitudes.
    pub share: f64,
    /// Whether more of it is of the readings' being there than of what they say.
    pub is_of_measuring: bool,
    /// The reading whose relevance is strongest.
    pub at_peak: ShownValue,
    /// The lowest and the highest reading.
    pub range: [ShownValue; 2],
    /// Whether the channel has the largest total of its side, in at least four of five networks where there are several.
    pub is_first: bool,
    /// How many readings there are.
    pub n_readings: usize,
    /// The output had nothing been known of the channel from the first reading until the last was no longer carried
    /// forward: at its normal value, unmeasured.
    pub without: f64,
    /// The output had these readings shown the channel's normal value.
    pub at_normal: f64,
}

/// One reading with the relevance that counts to it.
#[derive(Debug, Clone, Copy)]
struct WeightedReading {
    step: usize,
    /// The step of the next reading, or the number of steps.
    until: usize,
    values: f64,
    masks: f64,
}

impl WeightedReading {
    const fn sum(&self) -> f64 {
        self.values + self.masks
    }
}

/// An explanation by channels and what was charted of each.
#[derive(Debug)]
pub(super) struct Charted {
    /// For each channel, its readings in order of time.
    readings: Vec<Vec<WeightedReading>>,
    /// For each channel, the signed and the absolute relevance of the hours before its first reading.
    pub(super) before: Vec<[f64; 2]>,
    /// For each channel, the sum over all hours.
    sums: Vec<f64>,
    /// The sum of all cells' magnitudes.
    pub(super) total: f64,
}

impl Charted {
    pub(super) fn of(manifest: &Manifest, stay: &Stay, relevance: &Relevance) -> Self {
        let grid = |part| Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), part);
        let (values, masks, both) = (grid(Part::Value), grid(Part::Mask), grid(Part::Both));
        let n_steps = both.n_steps;
        let cells = |row: usize| &stay.cells[row * n_steps..][..n_steps];
        let readings = |row: usize| {
            let at = row * n_steps;
            readings(cells(row), &values.values[at..][..n_steps], &masks.values[at..][..n_steps])
        };
        let readings: Vec<Vec<WeightedReading>> = (0..both.n_rows).map(readings).collect();
        let before = readings.iter().enumerate().map(|(row, readings)| {
            let end = readings.first().map_or(n_steps, |reading| reading.step);
            let amounts = &both.values[row * n_steps..][..end];
            [amounts.iter().sum(), amounts.iter().map(|amount: &f64| amount.abs()).sum()]
        });
        Self { before: before.collect(), sums: both.row_sums(), total: both.total(), readings }
    }

    /// The magnitude of an amount as a share of all effects.
    pub(super) fn share(&self, amount: f64) -> f64 {
        if self.total > 0.0 { amount.abs() / self.total } else { 0.0 }
    }

    /// Whether a channel was charted at all.
    pub(super) fn is_charted(&self, row: usize) -> bool {
        !self.readings[row].is_empty()
    }

    /// The sum of a channel over all hours.
    pub(super) fn sum(&self, row: usize) -> f64 {
        self.sums[row]
    }

    /// The charted channels of a side that have a share worth a word.
    pub(super) fn worth_a_word(&self, sign: f64) -> Vec<usize> {
        let least = SHARE_MIN.min(1.0 / real(self.sums.len()));
        self.of_side(sign).filter(|row| self.share(self.sums[*row]) >= least).collect()
    }

    /// The charted channel of a side that has the largest total.
    pub(super) fn first(&self, sign: f64) -> Option<usize> {
        self.of_side(sign).max_by(|a, b| self.sums[*a].abs().total_cmp(&self.sums[*b].abs()))
    }

    fn of_side(&self, sign: f64) -> impl Iterator<Item = usize> + '_ {
        (0..self.sums.len()).filter(move |row| self.is_charted(*row) && sign * self.sums[*row] > 0.0)
    }

    pub(super) fn contributions(&self) -> Vec<Contribution> {
        let of = |(row, &relevance): (usize, &f64)| Contribution { row, relevance, share: self.share(relevance) };
        self.sums.iter().enumerate().map(of).collect()
    }

    /// The strongest run of a channel's readings on one side.
    pub(super) fn finding(&self, manifest: &Manifest, stay: &Stay, row: usize, sign: f64) -> Option<Finding> {
        let readings = &self.readings[row];
        let sums: Vec<f64> = readings.iter().map(WeightedReading::sum).collect();
        let [first, end] = strongest(&sums, sign)?;
        let run = &readings[first..end];
        (sign * sum(run) > 0.0).then(|| self.found(manifest, stay, row, run))
    }

    fn found(&self, manifest: &Manifest, stay: &Stay, row: usize, run: &[WeightedReading]) -> Finding {
        let channel = &manifest.channels[row];
        let cell = |reading: &WeightedReading| stay.cells[row * manifest.steps + reading.step];
        let shown =
            |reading: Option<&WeightedReading>| ShownValue::of(channel, reading.map_or(StayCell::NONE, cell).into());
        let by_value = |a: &&WeightedReading, b: &&WeightedReading| cell(a).value.total_cmp(&cell(b).value);
        let by_relevance = |a: &&WeightedReading, b: &&WeightedReading| a.sum().abs().total_cmp(&b.sum().abs());
        let [first, end] = [run.first().map_or(0, |it| it.step), run.last().map_or(0, |it| it.step + 1)];
        let of = |amount: fn(&WeightedReading) -> f64| run.iter().map(amount).sum::<f64>();
        Finding {
            row,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            steps: [first, end],
            hours: (!channel.is_static).then(|| [first, end].map(|step| real(step) * manifest.step_hours)),
            until: run.last().map_or(end, |it| it.until),
            relevance: sum(run),
            share: self.share(sum(run)),
            is_of_measuring: of(|it| it.masks).abs() > of(|it| it.values).abs(),
            at_peak: shown(run.iter().max_by(by_relevance)),
            range: [shown(run.iter().min_by(by_value)), shown(run.iter().max_by(by_value))],
            is_first: false,
            n_readings: run.len(),
            without: f64::NAN,
            at_normal: f64::NAN,
        }
    }
}

fn sum(run: &[WeightedReading]) -> f64 {
    run.iter().map(WeightedReading::sum).sum()
}

/// A channel's readings, each with its own relevance and that of the hours that carry it forward.
fn readings(cells: &[StayCell], values: &[f64], masks: &[f64]) -> Vec<WeightedReading> {
    let mut found: Vec<WeightedReading> = Vec::new();
    for (step, cell) in cells.iter().enumerate() {
        if cell.origin == Origin::Observed {
            found.push(WeightedReading { step, until: step, values: 0.0, masks: 0.0 });
        }
        if let Some(last) = found.last_mut() {
            last.until = step + 1;
            last.values += values[step];
            last.masks += masks[step];
        }
    }
    found
}

/// The run with the largest sum of `sign * value - weak`, by Kadane's walk; `None` where no value has the sign. So a
/// run ends where the relevance fades, and not where it changes its sign.
fn strongest(values: &[f64], sign: f64) -> Option<[usize; 2]> {
    let peak = values.iter().fold(0.0, |peak: f64, value| peak.max(sign * value));
    let (mut best, mut run, mut start) = (0.0, 0.0, 0);
    let mut found = None;
    for (step, value) in values.iter().enumerate() {
        if run <= 0.0 {
            (run, start) = (0.0, step);
        }
        run += sign * value - WEAK * peak;
        if run > best {
            best = run;
            found = Some([start, step + 1]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{readings, strongest};
    use crate::stay::{Origin, StayCell};

    #[test]
    fn a_run_is_where_the_relevance_is() {
        let values = [0.0, 0.01, 1.0, 0.8, 0.02, 0.9, 0.01, -0.5, 0.3];
        assert_eq!(strongest(&values, 1.0), Some([2, 6]));
        assert_eq!(strongest(&values, -1.0), Some([7, 8]));
        assert_eq!(strongest(&[0.0, 0.0], 1.0), None);
        assert_eq!(strongest(&[0.0, -0.2], 1.0), None);
        assert_eq!(strongest(&[0.5], 1.0), Some([0, 1]));
        assert_eq!(strongest(&[], 1.0), None);
    }

    /// What stands before the first reading counts to none; what is carried forward counts to the last one.
    #[test]
    fn hours_that_carry_a_reading_forward_count_to_it() {
        let cell = |origin| StayCell { value: 1.0, category: None, origin };
        let cells = [Origin::Normal, Origin::Observed, Origin::CarriedForward { age: 1 }, Origin::Observed].map(cell);
        let found = readings(&cells, &[8.0, 1.0, 2.0, 4.0], &[0.0, 0.5, 0.25, 0.0]);
        let seen: Vec<_> = found.iter().map(|it| (it.step, it.until, it.values, it.masks)).collect();
        assert_eq!(seen, [(1, 3, 3.0, 0.75), (3, 4, 4.0, 0.0)]);
    }
}
