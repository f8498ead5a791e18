//! From one number an input column to one number a channel and hour: rows x steps.
//!
//! A grid sees no colour, and of the channels only which columns they own.

use crate::stay::Origin;
use crate::stay::manifest::{Channel, Encoding, Manifest};

/// The normalised input is drawn over `[-INPUT_LIMIT, INPUT_LIMIT]`; one-hot channels are mapped into it.
pub const INPUT_LIMIT: f64 = 2.0;

/// Rows x steps of one number each.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Number of rows, one a channel.
    pub n_rows: usize,
    /// Number of time steps.
    pub n_steps: usize,
    /// `[n_rows * n_steps]`, row-major: a row's hours are contiguous.
    pub values: Vec<f64>,
}

/// One row of a grid: the input columns that it gathers.
#[derive(Debug, Clone, PartialEq)]
pub struct GridRow {
    /// The columns that carry the channel's value.
    pub columns: Vec<usize>,
    /// The columns that say whether the channel was observed, and when: its mask and its delta.
    pub measuring: Vec<usize>,
    /// What each of `columns` counts in the picture of the input.
    pub weights: Vec<f64>,
}

/// Which columns of a channel are summed. The relevance of mask and delta is what the model made of the channel being
/// measured at all, and when; it is kept apart from the relevance of the value, and never dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The value columns, as in the paper.
    #[default]
    Value,
    /// The columns of its being measured, mask and delta; zero where the channel has none.
    Mask,
    /// All columns of the channel.
    Both,
}

impl Grid {
    /// Signed relevance, summed over the columns of each channel. `values` is `[n_steps * n_columns]`, row-major.
    #[must_use]
    pub fn relevance(values: &[f64], n_columns: usize, rows: &[GridRow], part: Part) -> Self {
        Self::gather(values, n_columns, rows, |step, row| row.picked(part).map(|column| step[column]).sum())
    }

    /// Magnitudes: `|.|` of each column first, then the sum over the columns of each channel, so that opposite signs
    /// do not cancel. The paper's picture of the gradient. Never negative.
    #[must_use]
    pub fn magnitude(values: &[f64], n_columns: usize, rows: &[GridRow], part: Part) -> Self {
        Self::gather(values, n_columns, rows, |step, row| row.picked(part).map(|column| step[column].abs()).sum())
    }

    /// The model's input: the normalised value of a continuous channel; for a one-hot channel the category's place
    /// in the clinical order, from its normal category at 0 to the farthest one at +-[`INPUT_LIMIT`].
    #[must_use]
    pub fn input(input: &[f32], n_columns: usize, rows: &[GridRow]) -> Self {
        Self::gather(input, n_columns, rows, |step, row| {
            row.columns.iter().zip(&row.weights).map(|(&column, weight)| weight * f64::from(step[column])).sum()
        })
    }

    /// Where something was measured: 1 for an observed value, 0 for any other. `origins` is `[n_rows * n_steps]`.
    #[must_use]
    pub fn observed(origins: impl Iterator<Item = Origin>, n_rows: usize) -> Self {
        let values: Vec<f64> = origins.map(|origin| if origin == Origin::Observed { 1.0 } else { 0.0 }).collect();
        Self { n_rows, n_steps: values.len() / n_rows.max(1), values }
    }

    fn gather<T>(values: &[T], n_columns: usize, rows: &[GridRow], cell: impl Fn(&[T], &GridRow) -> f64) -> Self {
        let steps: Vec<&[T]> = values.chunks_exact(n_columns.max(1)).collect();
        let mut cells = Vec::with_capacity(rows.len() * steps.len());
        for row in rows {
            cells.extend(steps.iter().map(|step| cell(step, row)));
        }
        Self { n_rows: rows.len(), n_steps: steps.len(), values: cells }
    }

    /// The number at a row and step, if both are within the grid.
    #[must_use]
    pub fn at(&self, row: usize, step: usize) -> Option<f64> {
        if step < self.n_steps { self.values.get(row * self.n_steps + step).copied() } else { None }
    }

    /// The largest magnitude of any cell: the end of a symmetric colour scale. Zero where every cell is zero.
    #[must_use]
    pub fn limit(&self) -> f64 {
        self.values.iter().filter(|value| value.is_finite()).fold(0.0, |limit, value| value.abs().max(limit))
    }

    /// The sum of all magnitudes: what a cell's share is a share of.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.values.iter().map(|value| value.abs()).sum()
    }

    /// The signed sum of each row.
    #[must_use]
    pub fn row_sums(&self) -> Vec<f64> {
        self.values.chunks_exact(self.n_steps.max(1)).map(|row| row.iter().sum()).collect()
    }
}

impl GridRow {
    fn picked(&self, part: Part) -> impl Iterator<Item = usize> + '_ {
        let values = if part == Part::Mask { &[] } else { self.columns.as_slice() };
        let measuring = if part == Part::Value { &[] } else { self.measuring.as_slice() };
        values.iter().chain(measuring).copied()
    }
}

impl From<&Channel> for GridRow {
    fn from(channel: &Channel) -> Self {
        let weights = match &channel.encoding {
            Encoding::Continuous { .. } => vec![1.0; channel.columns.len()],
            Encoding::OneHot { categories, ordinals, normal } => ordinal_weights(categories, ordinals, normal),
        };
        Self { columns: channel.columns.clone(), measuring: channel.measuring().collect(), weights }
    }
}

/// The rows of a manifest's grid, in its order.
#[must_use]
pub fn rows(manifest: &Manifest) -> Vec<GridRow> {
    manifest.channels.iter().map(GridRow::from).collect()
}

/// `weight = INPUT_LIMIT (ordinal - normal) / max |ordinal - normal|`: a normal category is as neutral as the mean of
/// a continuous channel, and the farthest category has the full colour.
fn ordinal_weights(categories: &[String], ordinals: &[f64], normal: &str) -> Vec<f64> {
    let normal = categories.iter().position(|category| category == normal).and_then(|at| ordinals.get(at).copied());
    let normal = normal.unwrap_or_default();
    let farthest = ordinals.iter().fold(0.0, |far: f64, ordinal| far.max((ordinal - normal).abs()));
    let scale = if farthest > 0.0 { INPUT_LIMIT / farthest } else { 0.0 };
    ordinals.iter().map(|ordinal| (ordinal - normal) * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [GridRow; 2] {
        [
            GridRow { columns: vec![0], measuring: vec![3], weights: vec![1.0] },
            GridRow { columns: vec![1, 2], measuring: vec![], weights: vec![-2.0, 0.0] },
        ]
    }

    /// Two steps of four columns.
    const VALUES: [f64; 8] = [1.0, 2.0, -5.0, 0.5, -3.0, 0.0, 4.0, -0.25];

    #[track_caller]
    fn check(grid: &Grid, expected: [f64; 4]) {
        assert_eq!((grid.n_rows, grid.n_steps), (2, 2));
        assert_eq!(grid.values, expected);
    }

    #[test]
    fn relevance_sums_with_sign() {
        check(&Grid::relevance(&VALUES, 4, &rows(), Part::Value), [1.0, -3.0, -3.0, 4.0]);
    }

    #[test]
    fn the_mask_stands_apart() {
        check(&Grid::relevance(&VALUES, 4, &rows(), Part::Mask), [0.5, -0.25, 0.0, 0.0]);
    }

    #[test]
    fn value_and_mask_together() {
        check(&Grid::relevance(&VALUES, 4, &rows(), Part::Both), [1.5, -3.25, -3.0, 4.0]);
    }

    #[test]
    fn magnitudes_do_not_cancel() {
        check(&Grid::magnitude(&VALUES, 4, &rows(), Part::Value), [1.0, 3.0, 7.0, 4.0]);
    }

    #[test]
    fn a_category_is_drawn_by_its_order() {
        let input = [0.5, 1.0, 0.0, 1.0, -1.5, 0.0, 1.0, 0.0];
        check(&Grid::input(&input, 4, &rows()), [0.5, -1.5, -2.0, 0.0]);
    }

    #[test]
    fn the_normal_category_is_neutral_and_the_farthest_has_the_full_colour() {
        let categories = ["3", "15", "9"].map(String::from);
        assert_eq!(ordinal_weights(&categories, &[3.0, 15.0, 9.0], "15"), [-2.0, 0.0, -1.0]);
    }

    #[test]
    fn a_channel_with_one_category_is_neutral() {
        assert_eq!(ordinal_weights(&["x".to_owned()], &[7.0], "x"), [0.0]);
    }

    #[test]
    fn the_limit_is_symmetric() {
        assert_eq!(Grid::relevance(&VALUES, 4, &rows(), Part::Value).limit(), 4.0);
        assert_eq!(Grid::relevance(&VALUES.map(|value| -value.abs()), 4, &rows(), Part::Value).limit(), 7.0);
    }

    #[test]
    fn all_zero_has_limit_zero() {
        assert_eq!(Grid::relevance(&[0.0; 8], 4, &rows(), Part::Both).limit(), 0.0);
    }

    #[test]
    fn a_cell_outside_is_none() {
        let grid = Grid::relevance(&VALUES, 4, &rows(), Part::Value);
        assert_eq!(grid.at(1, 1), Some(4.0));
        assert_eq!(grid.at(0, 2), None);
        assert_eq!(grid.at(2, 0), None);
    }

    #[test]
    fn what_was_measured_counts_one() {
        let origins = [Origin::Normal, Origin::Observed, Origin::Observed, Origin::CarriedForward { age: 1 }];
        check(&Grid::observed(origins.into_iter(), 2), [0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn row_sums_keep_signs() {
        assert_eq!(Grid::relevance(&VALUES, 4, &rows(), Part::Value).row_sums(), [-2.0, 1.0]);
    }
}
