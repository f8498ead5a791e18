//! The ledger by channel and by hour: what the values and what the masks of each received, with signed and absolute
//! sums that add up to the score.

use serde::Serialize;

use crate::engine::explain::relevance::Relevance;
use crate::engine::number::real;
use crate::picture::grid::{Grid, Part, rows};
use crate::stay::manifest::Manifest;
use crate::study::export::Provenance;
use crate::study::table::{CsvCell, TableWriter};

const HEADER: [&str; 8] = [
    "part",
    "name",
    "values_signed",
    "values_absolute",
    "masks_signed",
    "masks_absolute",
    "share",
    "reacted_to_measuring",
];

/// What some cells add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Amount {
    /// Sum with signs.
    pub signed: f64,
    /// Sum of the cells' magnitudes; a cell is all that a channel has of one kind in one step.
    pub absolute: f64,
}

/// A channel, a step, or all of them: value columns and masks apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What the values received.
    pub values: Amount,
    /// What the masks received: what the model made of something being measured at all.
    pub masks: Amount,
    /// The absolute sums of both as a share (0..1) of those of all inputs.
    pub share: f64,
    /// Whether the model reacted to the measuring rather than to the value: the masks' absolute sum exceeds the
    /// values', in a line with a share of at least [`SHARE_MIN`].
    pub is_of_measuring: bool,
}

/// Lines with a smaller share say nothing of what the model reacted to.
pub const SHARE_MIN: f64 = 0.01;

/// What did not arrive at an input, and what all parts add up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest {
    /// Kept by biases and other constants.
    pub biases: f64,
    /// Arrived at initial states.
    pub initial_states: f64,
    /// Kept by the stabiliser.
    pub epsilon: f64,
    /// The score of the reference, for methods that explain the difference from one.
    pub reference: f64,
    /// What the parts miss of the score.
    pub residual: f64,
    /// The score: `inputs.values.signed + inputs.masks.signed` and everything above.
    pub score: f64,
}

/// The ledger by channel and hour. Channels add up to `inputs`, and so do steps with what is static.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// One a channel, in the manifest's order.
    pub channels: Vec<Line>,
    /// One a step, of the channels that are not static.
    pub hours: Vec<Line>,
    /// All static channels together, which are of no hour; `None` where the manifest has none.
    #[serde(rename = "static", skip_serializing_if = "Option::is_none")]
    pub of_no_hour: Option<Line>,
    /// All of them.
    pub inputs: Line,
    /// `None` for a method that does not divide the score.
    pub rest: Option<Rest>,
}

impl Account {
    /// The account of an explanation; its values are `[n_steps * n_columns]` of the manifest.
    #[must_use]
    pub fn of(manifest: &Manifest, relevance: &Relevance) -> Self {
        let grid = |part| Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), part);
        let (values, masks) = (grid(Part::Value), grid(Part::Mask));
        let (n_rows, n_steps) = (values.n_rows, values.n_steps);
        let line = |cells: &dyn Fn() -> Vec<usize>| {
            let amount = |grid: &Grid| Amount::of(cells().into_iter().map(|cell| grid.values[cell]));
            Line { values: amount(&values), masks: amount(&masks), ..Line::default() }
        };
        let channels: Vec<Line> =
            (0..n_rows).map(|row| line(&|| (row * n_steps..(row + 1) * n_steps).collect())).collect();
        let (fixed, in_time): (Vec<usize>, Vec<usize>) =
            (0..n_rows).partition(|row| manifest.channels.get(*row).is_some_and(|channel| channel.is_static));
        let hours: Vec<Line> =
            (0..n_steps).map(|step| line(&|| in_time.iter().map(|row| row * n_steps + step).collect())).collect();
        let all = channels.iter().fold(Line::default(), Line::and);
        let of_no_hour = fixed.iter().map(|row| channels[*row]).reduce(|sum, line| sum.and(&line));
        let judged = |lines: Vec<Line>| lines.into_iter().map(|line| line.judged(all.absolute())).collect();
        Self {
            channels: judged(channels),
            hours: judged(hours),
            of_no_hour: of_no_hour.map(|line| line.judged(all.absolute())),
            inputs: all.judged(all.absolute()),
            rest: Rest::of(relevance, &all),
        }
    }

    /// The account as CSV with its provenance as comment lines. Numbers are written so that reading them gives the same
    /// number again.
    #[must_use]
    pub fn to_csv(&self, manifest: &Manifest, provenance: &Provenance) -> String {
        let mut table = TableWriter::new(HEADER);
        for (channel, line) in manifest.channels.iter().zip(&self.channels) {
            table.row(line.cells("channel", channel.name.as_str().into()));
        }
        for (step, line) in self.hours.iter().enumerate() {
            table.row(line.cells("hour", (real(step) * manifest.step_hours).into()));
        }
        if let Some(line) = &self.of_no_hour {
            table.row(line.cells("static", "".into()));
        }
        table.row(self.inputs.cells("all inputs", "".into()));
        for (part, amount) in self.rest.iter().flat_map(|rest| rest.parts()) {
            let nothing = || CsvCell::from("");
            let (part, amount) = (CsvCell::from(part), CsvCell::from(amount));
            table.row([part, nothing(), amount, nothing(), nothing(), nothing(), nothing(), nothing()]);
        }
        table.text() + &provenance.comments()
    }
}

impl Amount {
    fn of(cells: impl Iterator<Item = f64>) -> Self {
        cells.fold(Self::default(), |sum, cell| sum.and(Self { signed: cell, absolute: cell.abs() }))
    }

    fn and(self, other: Self) -> Self {
        Self { signed: self.signed + other.signed, absolute: self.absolute + other.absolute }
    }
}

impl Line {
    fn and(self, other: &Self) -> Self {
        Self { values: self.values.and(other.values), masks: self.masks.and(other.masks), ..self }
    }

    fn absolute(&self) -> f64 {
        self.values.absolute + self.masks.absolute
    }

    /// The line with its share of all inputs' absolute sums, and what that says.
    fn judged(self, all: f64) -> Self {
        let share = if all > 0.0 { self.absolute() / all } else { 0.0 };
        Self { share, is_of_measuring: self.masks.absolute > self.values.absolute && share >= SHARE_MIN, ..self }
    }

    fn cells(self, part: &str, name: CsvCell) -> [CsvCell; 8] {
        let Self { values, masks, share, is_of_measuring } = self;
        let [a, b, c, d, e] = [values.signed, values.absolute, masks.signed, masks.absolute, share].map(CsvCell::from);
        [part.into(), name, a, b, c, d, e, is_of_measuring.into()]
    }
}

impl Rest {
    /// The residual is what this account misses, so that its parts add up to the score as they stand here.
    fn of(relevance: &Relevance, inputs: &Line) -> Option<Self> {
        let ledger = relevance.ledger?;
        let parts = [ledger.biases, ledger.initial_states, ledger.epsilon, ledger.reference];
        let found = inputs.values.signed + inputs.masks.signed + parts.iter().sum::<f64>();
        let [biases, initial_states, epsilon, reference] = parts;
        let (score, residual) = (relevance.score, relevance.score - found);
        Some(Self { biases, initial_states, epsilon, reference, residual, score })
    }

    const fn parts(self) -> [(&'static str, f64); 6] {
        [
            ("biases", self.biases),
            ("initial states", self.initial_states),
            ("epsilon", self.epsilon),
            ("reference", self.reference),
            ("residual", self.residual),
            ("score", self.score),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, Line};

    #[test]
    fn a_line_of_measuring_has_more_in_its_masks_and_enough_in_all() {
        let line = |values: f64, masks: f64| Line {
            values: Amount { signed: -values, absolute: values },
            masks: Amount { signed: masks, absolute: masks },
            ..Line::default()
        };
        let judged = |values, masks, all| line(values, masks).judged(all).is_of_measuring;
        assert_eq!(
            [judged(1.0, 2.0, 10.0), judged(2.0, 1.0, 10.0), judged(1.0, 1.0, 2.0), judged(0.1, 0.2, 100.0)],
            [true, false, false, false]
        );
        assert!(!judged(0.0, 0.0, 0.0), "nothing reacted to nothing");
        assert_eq!(line(1.0, 3.0).judged(8.0).share, 0.5);
    }
}
