//! The reading of an explanation, as data that a page puts into sentences of its language: which channels, in which
//! hours, at which values, raised and lowered the prediction most.

use serde::Serialize;

use crate::engine::explain::relevance::Relevance;
use crate::picture::grid::{Grid, Part, rows};
use crate::stay::manifest::{Channel, Manifest};
use crate::stay::{Cell, Origin, Stay};
use crate::study::history::Shown;

/// What raised and what lowered the prediction, strongest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Windows whose relevance is above zero.
    pub raising: Vec<Window>,
    /// Windows whose relevance is below zero.
    pub lowering: Vec<Window>,
}

/// Hours of one channel that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// Index of the channel.
    pub row: usize,
    /// Its name as people read it.
    pub channel: String,
    /// Its unit.
    pub unit: String,
    /// The first step, and the one after the last.
    pub steps: [usize; 2],
    /// Start and end in hours.
    pub hours: [f64; 2],
    /// Sum of the relevance in the window.
    pub relevance: f64,
    /// Its magnitude as a share (0..1) of the sum of all cells' magnitudes.
    pub share: f64,
    /// The value where the relevance is strongest.
    pub at_peak: Shown,
    /// The lowest and the highest value of the window.
    pub range: [Shown; 2],
    /// In so many steps the value was measured.
    pub n_observed: usize,
    /// Whether all of it is the normal value, because nothing had been measured.
    pub is_all_normal: bool,
}

/// Windows below this share of the whole are not worth a word.
const SHARE_MIN: f64 = 0.02;

/// A step belongs to a window where its relevance exceeds this share of the channel's strongest one; weaker ones only
/// where they lie between such steps.
const WEAK: f64 = 0.1;

/// The up to `n_windows` strongest windows on each side, one a channel, by the columns that the picture shows.
///
/// Of a channel's hours those are taken whose sum is largest, where every hour counts as its relevance minus a tenth of
/// the channel's strongest one: so a window ends where the relevance fades, and not where it changes its sign.
#[must_use]
pub fn read(manifest: &Manifest, stay: &Stay, relevance: &Relevance, part: Part, n_windows: usize) -> Reading {
    let grid = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), part);
    let total = grid.total();
    let side = |sign: f64| {
        let n_steps = manifest.steps.max(1);
        let channels = manifest.channels.iter().zip(grid.values.chunks_exact(n_steps)).enumerate();
        let window = |(row, (channel, values)): (usize, (&Channel, &[f64]))| {
            let steps = strongest(values, sign)?;
            let cells = &stay.cells[row * n_steps..][..n_steps];
            Some(Window::new(manifest, channel, row, steps, values, cells, total))
        };
        let mut windows: Vec<Window> = channels.filter_map(window).filter(|one| one.share >= SHARE_MIN).collect();
        windows.sort_by(|a, b| b.share.total_cmp(&a.share));
        windows.truncate(n_windows);
        windows
    };
    Reading { raising: side(1.0), lowering: side(-1.0) }
}

/// The run of steps with the largest sum of `sign * value - weak`, by Kadane's walk; `None` where no value has the
/// sign.
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

impl Window {
    fn new(
        manifest: &Manifest,
        channel: &Channel,
        row: usize,
        [first, end]: [usize; 2],
        values: &[f64],
        cells: &[Cell],
        total: f64,
    ) -> Self {
        let hour = |step: usize| step as f64 * manifest.step_hours;
        let (values, cells) = (&values[first..end], &cells[first..end]);
        let relevance: f64 = values.iter().sum();
        let peak = values.iter().zip(cells).max_by(|a, b| a.0.abs().total_cmp(&b.0.abs())).map(|(_, cell)| cell);
        let by_value = |a: &&Cell, b: &&Cell| a.value.total_cmp(&b.value);
        let shown = |cell: Option<&Cell>| Shown::of(channel, cell.copied().unwrap_or(Cell::NONE).into());
        Self {
            row,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            steps: [first, end],
            hours: [hour(first), hour(end)],
            relevance,
            share: if total > 0.0 { relevance.abs() / total } else { 0.0 },
            at_peak: shown(peak),
            range: [shown(cells.iter().min_by(by_value)), shown(cells.iter().max_by(by_value))],
            n_observed: cells.iter().filter(|cell| cell.origin == Origin::Observed).count(),
            is_all_normal: cells.iter().all(|cell| cell.origin == Origin::Normal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::strongest;

    #[test]
    fn a_window_is_where_the_relevance_is() {
        let values = [0.0, 0.01, 1.0, 0.8, 0.02, 0.9, 0.01, -0.5, 0.3];
        assert_eq!(strongest(&values, 1.0), Some([2, 6]));
        assert_eq!(strongest(&values, -1.0), Some([7, 8]));
        assert_eq!(strongest(&[0.0, 0.0], 1.0), None);
        assert_eq!(strongest(&[0.0, -0.2], 1.0), None);
        assert_eq!(strongest(&[0.5], 1.0), Some([0, 1]));
        assert_eq!(strongest(&[], 1.0), None);
    }
}
