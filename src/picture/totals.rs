//! The margins of a grid: what its rows, groups of rows and steps add up to.

use serde::Serialize;

use crate::engine::order::sort_by;
use crate::picture::grid::Grid;
use crate::picture::layout::Layout;

/// What some cells add up to. `signed = raising + lowering` and `absolute = raising - lowering`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// Sum of the positive numbers.
    pub raising: f64,
    /// Sum of the negative numbers, not above zero.
    pub lowering: f64,
    /// Sum of all.
    pub signed: f64,
    /// Sum of all magnitudes.
    pub absolute: f64,
    /// `absolute` as a share (0..1) of that of all rows, over the steps shown.
    pub share: f64,
}

/// The margins of a grid, over the steps that are shown. Rows hidden in a folded group count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// One for each row of the grid.
    pub rows: Vec<Total>,
    /// One for each group of the layout.
    pub groups: Vec<Total>,
    /// One for each step that is shown; static rows count to none.
    pub steps: Vec<Total>,
    /// Of all rows and shown steps.
    pub all: Total,
    /// The largest of any row's `raising` and `-lowering`: the end of the row bars' scale.
    pub row_limit: f64,
    /// The largest of any step's `raising` and `-lowering`: the end of the step bars' scale.
    pub step_limit: f64,
    /// Rows from the largest `absolute` to the smallest.
    pub ranking: Vec<usize>,
}

impl Totals {
    /// The margins of a grid as a layout shows it.
    #[must_use]
    pub fn of(grid: &Grid, layout: &Layout) -> Self {
        let cells = |row: usize| layout.steps().filter_map(move |step| grid.at(row, step));
        let all = Total::of((0..grid.n_rows).flat_map(cells), None);
        let total = |values: &mut dyn Iterator<Item = f64>| Total::of(values, Some(all.absolute));
        let rows: Vec<Total> = (0..grid.n_rows).map(|row| total(&mut cells(row))).collect();
        let in_time: Vec<usize> =
            (0..grid.n_rows).filter(|row| !layout.is_static.get(*row).is_some_and(|it| *it)).collect();
        let column = |step| total(&mut in_time.iter().filter_map(|row| grid.at(*row, step)));
        let steps: Vec<Total> = layout.steps().map(column).collect();
        let groups = layout.groups.iter().map(|group| total(&mut group.rows.iter().copied().flat_map(cells))).collect();
        let (row_limit, step_limit) = (limit(&rows), limit(&steps));
        let all = Total { share: if all.absolute > 0.0 { 1.0 } else { 0.0 }, ..all };
        Self { ranking: ranking(&rows), rows, groups, steps, all, row_limit, step_limit }
    }
}

impl Total {
    fn of(values: impl Iterator<Item = f64>, whole: Option<f64>) -> Self {
        let (mut raising, mut lowering) = (0.0, 0.0);
        for value in values {
            *(if value > 0.0 { &mut raising } else { &mut lowering }) += value;
        }
        let absolute = raising - lowering;
        let share = whole.filter(|whole| *whole > 0.0).map_or(0.0, |whole| absolute / whole);
        Self { raising, lowering, signed: raising + lowering, absolute, share }
    }
}

fn limit(totals: &[Total]) -> f64 {
    totals.iter().fold(0.0, |limit: f64, total| limit.max(total.raising).max(-total.lowering))
}

fn ranking(rows: &[Total]) -> Vec<usize> {
    let mut ranking: Vec<usize> = (0..rows.len()).collect();
    sort_by(&mut ranking, |a, b| rows[*b].absolute.total_cmp(&rows[*a].absolute));
    ranking
}

/// The cells of a grid that are not zero, `row * n_steps + step` each, from the largest magnitude to the smallest.
#[must_use]
pub fn strongest_cells(grid: &Grid) -> Vec<usize> {
    let magnitude = |at: &usize| grid.values[*at].abs();
    let mut cells: Vec<usize> = (0..grid.values.len()).filter(|at| magnitude(at) > 0.0).collect();
    sort_by(&mut cells, |a, b| magnitude(b).total_cmp(&magnitude(a)));
    cells
}

/// How many cells lie beyond a scale's end, and so are drawn in the colour of the end.
#[must_use]
pub fn n_beyond(grid: &Grid, limit: f64) -> usize {
    grid.values.iter().filter(|value| value.abs() > limit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::layout::{Arrangement, LayoutRequest};
    use crate::stay::manifest::Manifest;

    /// Three rows of four steps; the first two rows are a group.
    fn grid() -> Grid {
        let values = vec![1.0, -2.0, 0.0, 4.0, -1.0, -1.0, 0.5, 0.0, 0.25, 0.0, 0.0, -8.0];
        Grid { n_rows: 3, n_steps: 4, values }
    }

    fn totals(window: Option<[usize; 2]>) -> Totals {
        let channel = |(name, group, column): (&str, &str, usize)| {
            format!(
                r#"{{"name": "{name}", "label": "{name}", "group": "{group}", "columns": [{column}],
                    "encoding": {{"kind": "continuous", "mean": 0, "std": 1, "normal": 0}}}}"#
            )
        };
        let channels = [("a", "x", 0), ("b", "x", 1), ("c", "y", 2)].map(channel).join(",");
        let manifest: Manifest = serde_json::from_str(&format!(
            r#"{{"format": "vitrine-manifest/1", "name": "", "steps": 4, "step_hours": 1, "columns": 3,
                "outcomes": [], "channels": [{channels}]}}"#
        ))
        .unwrap_or_else(|error| panic!("{error}"));
        let request = LayoutRequest { width: 40, cell_height: 10, group_gap: 4, line: 1 };
        let collapsed = vec!["x".to_owned()];
        let layout = Layout::arranged(&manifest, request, &Arrangement { window, collapsed, ..Arrangement::default() });
        Totals::of(&grid(), &layout)
    }

    #[test]
    fn rows_steps_and_groups_add_up() {
        let it = totals(None);
        let signed = |totals: &[Total]| totals.iter().map(|total| total.signed).collect::<Vec<_>>();
        assert_eq!(signed(&it.rows), [3.0, -1.5, -7.75]);
        assert_eq!(signed(&it.steps), [0.25, -3.0, 0.5, -4.0]);
        assert_eq!(signed(&it.groups), [1.5, -7.75]);
        assert_eq!((it.all.signed, it.all.absolute, it.all.share), (-6.25, 17.75, 1.0));
        assert_eq!((it.rows[1].raising, it.rows[1].lowering, it.rows[1].absolute), (0.5, -2.0, 2.5));
        assert_eq!(it.rows.iter().map(|row| row.share).sum::<f64>(), 1.0);
        assert_eq!((it.row_limit, it.step_limit), (8.0, 8.0));
        assert_eq!(it.ranking, [2, 0, 1]);
    }

    #[test]
    fn a_window_counts_what_it_shows() {
        let it = totals(Some([0, 2]));
        assert_eq!((it.all.signed, it.all.absolute, it.steps.len()), (-2.75, 5.25, 2));
        assert_eq!(it.rows[2].absolute, 0.25);
    }

    #[test]
    fn cells_from_the_strongest_on() {
        assert_eq!(strongest_cells(&grid())[..4], [11, 3, 1, 0]);
        assert_eq!(strongest_cells(&grid()).len(), 8);
        assert_eq!((n_beyond(&grid(), 2.0), n_beyond(&grid(), 8.0)), (2, 0));
    }
}
