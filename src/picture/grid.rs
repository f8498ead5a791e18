//! From one number an input column to one number a channel and hour: rows x steps.
//!
//! A grid sees no colour, and of the channels only which columns they own.

use crate::engine::number::real;
use crate::stay::Origin;
use crate::stay::manifest::{Channel, Encoding, Manifest};

/// The end of the scale of the input's picture: what lies farther outside the normal is drawn like this.
pub const INPUT_LIMIT: f64 = 4.0;

/// A value so near to the end of its range lies within it, in units of [`GridRow::weights`]: single precision may put it beside.
const ROUNDING: f64 = 1e-4;

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
    /// What their sum is in the well, `[low, high]`.
    pub normal: [f64; 2],
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

/// How the magnitudes of a channel's columns become one number. Slopes of a one-hot channel are as many as it has categories,
/// of which one at a time can be true: added up, they outweigh those of a channel with one column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Categories {
    /// They are added up, as in the paper.
    #[default]
    Sum,
    /// Their mean.
    Mean,
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
        Self::magnitudes(values, n_columns, rows, (part, Categories::Sum))
    }

    /// [`Grid::magnitude`], or the mean over the channel's value columns in place of their sum. Its being measured, mask and
    /// delta, is added up either way.
    ///
    /// `R = sum_c |x_c| / n + sum_m |x_m|` with `n` the number of value columns `c`, or 1 for the sum
    #[must_use]
    pub fn magnitudes(
        values: &[f64],
        n_columns: usize,
        rows: &[GridRow],
        (part, categories): (Part, Categories),
    ) -> Self {
        Self::gather(values, n_columns, rows, |step, row| {
            let [of_values, of_measuring] = row.parts(part);
            let sum = |columns: &[usize]| columns.iter().map(|column| step[*column].abs()).sum::<f64>();
            let n = if categories == Categories::Mean { real(of_values.len().max(1)) } else { 1.0 };
            sum(of_values) / n + sum(of_measuring)
        })
    }

    /// How far the model's input lies outside what is normal: zero within the normal range, above it positive, below it
    /// negative, and no farther than [`INPUT_LIMIT`] either way.
    ///
    /// `d = x - min(max(x, low), high)` with `x` the row's weighted sum
    #[must_use]
    pub fn input(input: &[f32], n_columns: usize, rows: &[GridRow]) -> Self {
        Self::gather(input, n_columns, rows, |step, row| {
            let columns = row.columns.iter().zip(&row.weights);
            let x: f64 = columns.map(|(&column, weight)| weight * f64::from(step[column])).sum();
            let [low, high] = row.normal;
            let outside = x - x.max(low).min(high);
            if outside.abs() < ROUNDING { 0.0 } else { outside.clamp(-INPUT_LIMIT, INPUT_LIMIT) }
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
    /// The columns that are summed: of the value, and of its being measured.
    fn parts(&self, part: Part) -> [&[usize]; 2] {
        let values = if part == Part::Mask { &[] } else { self.columns.as_slice() };
        let measuring = if part == Part::Value { &[] } else { self.measuring.as_slice() };
        [values, measuring]
    }

    fn picked(&self, part: Part) -> impl Iterator<Item = usize> + '_ {
        self.parts(part).into_iter().flatten().copied()
    }

    /// The row of a channel with its normal range in clinical units, or in points of its ordinals.
    fn new(channel: &Channel, range: Option<[f64; 2]>) -> Self {
        let (weights, normal) = match (&channel.encoding, range) {
            (Encoding::OneHot { categories, ordinals, normal }, range) => {
                let normal = categories.iter().position(|it| it == normal).and_then(|at| ordinals.get(at).copied());
                (ordinal_weights(ordinals, range.unwrap_or([normal.unwrap_or_default(); 2])), [0.0; 2])
            }
            (Encoding::Continuous { mean, std, .. }, Some(range)) => {
                let unit = unit(channel, range);
                (vec![std / unit; channel.columns.len()], range.map(|end| (end - mean) / unit))
            }
            (Encoding::Continuous { .. }, None) => (vec![1.0; channel.columns.len()], [0.0; 2]),
        };
        Self { columns: channel.columns.clone(), measuring: channel.measuring().collect(), weights, normal }
    }
}

/// The rows of a manifest's grid, in its order.
#[must_use]
pub fn rows(manifest: &Manifest) -> Vec<GridRow> {
    let channels = manifest.channels.iter().enumerate();
    channels.map(|(row, channel)| GridRow::new(channel, manifest.normal_range(row))).collect()
}

/// What counts as one step outside the normal range, in clinical units: a standard deviation, or the width of the range
/// where that is less. A patient's deviation is wide where the data hold slips, and a range may be a single value.
fn unit(channel: &Channel, [low, high]: [f64; 2]) -> f64 {
    let width = high - low;
    if width > 0.0 { channel.spread().min(width) } else { channel.spread() }
}

/// `weight = INPUT_LIMIT d / max |d|`, with `d` the distance of a category's ordinal from the normal range: a normal
/// category is neutral, and the farthest one has the full colour.
fn ordinal_weights(ordinals: &[f64], [low, high]: [f64; 2]) -> Vec<f64> {
    let outside = ordinals.iter().map(|ordinal| ordinal - ordinal.max(low).min(high));
    let farthest = outside.clone().fold(0.0, |far: f64, distance| far.max(distance.abs()));
    let scale = if farthest > 0.0 { INPUT_LIMIT / farthest } else { 0.0 };
    outside.map(|distance| distance * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [GridRow; 2] {
        [
            GridRow { columns: vec![0], measuring: vec![3], weights: vec![1.0], normal: [-1.0, 0.25] },
            GridRow { columns: vec![1, 2], measuring: vec![], weights: vec![-2.0, 0.0], normal: [0.0; 2] },
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
    fn a_mean_over_categories_leaves_the_mask_as_it_is() {
        let of = |part| Grid::magnitudes(&VALUES, 4, &rows(), (part, Categories::Mean));
        check(&of(Part::Value), [1.0, 3.0, 3.5, 2.0]);
        check(&of(Part::Mask), [0.5, 0.25, 0.0, 0.0]);
        check(&of(Part::Both), [1.5, 3.25, 3.5, 2.0]);
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
    fn what_lies_outside_counts_from_the_nearer_end_of_the_range() {
        let input = [0.5, 1.0, 0.0, 1.0, -1.5, 0.0, 1.0, 0.0];
        check(&Grid::input(&input, 4, &rows()), [0.25, -0.5, -2.0, 0.0]);
        let input = [0.250_01, 2.5, 0.0, 1.0, -0.75, 0.0, 1.0, 0.0];
        check(&Grid::input(&input, 4, &rows()), [0.0, 0.0, -4.0, 0.0]);
    }

    #[test]
    fn a_normal_category_is_neutral_and_the_farthest_has_the_full_colour() {
        assert_eq!(ordinal_weights(&[3.0, 15.0, 9.0, 14.0], [14.0, 15.0]), [-4.0, 0.0, -5.0 * (4.0 / 11.0), 0.0]);
        assert_eq!(ordinal_weights(&[7.0], [7.0, 7.0]), [0.0]);
    }

    fn heart_rate(range: Option<[f64; 2]>, std: f64) -> impl Fn(f64) -> f64 {
        let manifest: Manifest = serde_json::from_value(serde_json::json!({
            "format": "vitrine-manifest/1", "name": "", "steps": 1, "step_hours": 1.0, "columns": 1, "outcomes": [],
            "channels": [{"name": "pulse", "label": "pulse", "columns": [0], "plausible": [0.0, 300.0],
                "normal_range": range, "encoding": {"kind": "continuous", "mean": 86.0, "std": std, "normal": 86.0}}]
        }))
        .unwrap_or_else(|error| panic!("{error}"));
        move |value| {
            #[expect(clippy::cast_possible_truncation, reason = "as the model takes it")]
            let input = [((value - 86.0) / std) as f32];
            Grid::input(&input, 1, &super::rows(&manifest)).values[0]
        }
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    }

    /// By hand: within 60 to 100 nothing, at 158 (158 - 100) / 20, and so many steps of what is less, deviation or width.
    #[test]
    fn a_value_lies_so_many_deviations_outside_its_range() {
        let of = heart_rate(Some([60.0, 100.0]), 20.0);
        for within in [60.0, 61.0, 86.0, 100.0] {
            assert_eq!(of(within), 0.0);
        }
        near(of(158.0), 2.9);
        near(of(119.0), 0.95);
        near(of(50.0), -0.5);
        assert_eq!((of(300.0), of(-300.0)), (4.0, -4.0));
        // A deviation of slips counts as a sixth of what is plausible (50), and the range is narrower.
        near(heart_rate(Some([60.0, 100.0]), 1000.0)(158.0), 1.45);
        near(heart_rate(Some([86.0, 86.0]), 1000.0)(136.0), 1.0);
        // Without a range, its distance from the mean.
        near(heart_rate(None, 20.0)(126.0), 2.0);
        near(heart_rate(None, 20.0)(76.0), -0.5);
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
