//! A grid with all that stands in its cells, painted whole or, over the picture as it was, in the rows that changed.

use std::ops::Range;

use super::strip::together;
use super::{Pixmap, SMALLEST_DOT, Theme};
use crate::picture::colormap::Colormap;
use crate::picture::grid::Grid;
use crate::picture::layout::Layout;
use crate::stay::Origin;

/// What the pictures of one stay after the other have in common.
#[derive(Debug, Clone)]
pub struct Painter<'a> {
    /// Where cells stand.
    pub layout: &'a Layout,
    /// The colours of numbers.
    pub colormap: &'a Colormap,
    /// The colours of zero and of all lines.
    pub theme: Theme,
    /// Whether plus and minus signs stand in the cells.
    pub has_signs: bool,
}

/// What stands in the cells of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The numbers that are coloured.
    pub grid: Grid,
    /// The end of their scale.
    pub limit: f64,
    /// Where values come from, `[n_rows * n_steps]`; empty for no marks.
    pub origins: Vec<Origin>,
    /// The values that run through the rows as a line, `[n_rows * n_steps]`; empty for none.
    pub trace: Vec<f64>,
    /// The cells that are hatched, `row * n_steps + step` each, in rising order.
    pub hatched: Vec<usize>,
    /// What stands in the tracks at the feet of the rows, on the same scale; without it a row is painted whole.
    pub track: Option<Track>,
}

/// What stands in the tracks at the feet of the rows: numbers of being measured, beside those of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The numbers that are coloured.
    pub grid: Grid,
    /// The cells whose track is hatched, in rising order.
    pub hatched: Vec<usize>,
}

/// Those among some numbers of cells in rising order that lie in a range.
fn within(hatched: &[usize], cells: Range<usize>) -> &[usize] {
    let at = |cell| hatched.partition_point(|it| *it < cell);
    &hatched[at(cells.start)..at(cells.end)]
}

impl Content {
    /// Whether some cells that follow one another look the same in both; the scales are.
    fn is_same_in(&self, other: &Self, cells: Range<usize>) -> bool {
        self.grid.values.get(cells.clone()) == other.grid.values.get(cells.clone())
            && self.origins.get(cells.clone()) == other.origins.get(cells.clone())
            && self.trace.get(cells.clone()) == other.trace.get(cells.clone())
            && within(&self.hatched, cells.clone()) == within(&other.hatched, cells.clone())
            && match (&self.track, &other.track) {
                (Some(one), Some(two)) => one.is_same_in(two, cells),
                (one, two) => one.is_none() && two.is_none(),
            }
    }
}

impl Track {
    fn is_same_in(&self, other: &Self, cells: Range<usize>) -> bool {
        self.grid.values.get(cells.clone()) == other.grid.values.get(cells.clone())
            && within(&self.hatched, cells.clone()) == within(&other.hatched, cells)
    }
}

impl Painter<'_> {
    /// The whole picture.
    #[must_use]
    pub fn paint(&self, content: &Content) -> Pixmap {
        let mut pixmap = Pixmap::ruled(self.layout, self.theme);
        self.fill(&mut pixmap, content, self.layout);
        pixmap
    }

    /// Paints over a picture of `before` the rows in which `content` is another one, and gives the lines of pixels that
    /// these take, from the uppermost on. The picture is then as [`Painter::paint`] makes it.
    pub fn repaint(&self, pixmap: &mut Pixmap, before: &Content, content: &Content) -> Vec<Range<u32>> {
        // Marks in rows as low as this reach beyond them.
        let track = self.layout.tracks.iter().copied().max().unwrap_or_default();
        if self.layout.cell_height < SMALLEST_DOT + track {
            *pixmap = self.paint(content);
            return std::iter::once(0..pixmap.height).collect();
        }
        let changed = Layout { tops: self.changed_tops(before, content), ..self.layout.clone() };
        self.fill(pixmap, content, &changed);
        lines(&changed)
    }

    /// Paints the rows that a layout shows: those with a track in two parts.
    fn fill(&self, pixmap: &mut Pixmap, content: &Content, layout: &Layout) {
        let Some(Track { grid, hatched }) = &content.track else { return self.values(pixmap, content, layout) };
        let [whole, above, tracks] = layout.bands();
        self.values(pixmap, content, &whole);
        self.values(pixmap, content, &above);
        pixmap.cells(grid, &tracks, self.colormap, content.limit, self.theme);
        if !hatched.is_empty() {
            pixmap.hatch(hatched, grid.n_steps, &tracks, self.theme);
        }
        pixmap.clip(grid, &tracks, content.limit, self.theme);
    }

    /// Colours cells, and writes into them.
    fn values(&self, pixmap: &mut Pixmap, content: &Content, layout: &Layout) {
        pixmap.cells(&content.grid, layout, self.colormap, content.limit, self.theme);
        if !content.origins.is_empty() {
            pixmap.mark(&content.origins, &content.grid, layout, self.theme);
        }
        if !content.trace.is_empty() {
            pixmap.trace(&content.trace, layout, self.theme);
        }
        if self.has_signs {
            pixmap.sign(&content.grid, layout, content.limit, self.theme);
        }
        if !content.hatched.is_empty() {
            pixmap.hatch(&content.hatched, content.grid.n_steps, layout, self.theme);
        }
        pixmap.clip(&content.grid, layout, content.limit, self.theme);
    }

    /// The upper edges of the rows that differ; a row is painted of nothing but its own numbers and the scale.
    fn changed_tops(&self, before: &Content, now: &Content) -> Vec<Option<u32>> {
        let same_scale = before.limit == now.limit && before.grid.n_steps == now.grid.n_steps;
        let n_steps = now.grid.n_steps;
        let is_changed = |row: usize| !(same_scale && before.is_same_in(now, row * n_steps..(row + 1) * n_steps));
        let tops = self.layout.tops.iter().enumerate();
        tops.map(|(row, top)| top.filter(|_| is_changed(row))).collect()
    }
}

/// The lines that the shown rows take, those of near rows together.
fn lines(layout: &Layout) -> Vec<Range<u32>> {
    let mut tops: Vec<u32> = layout.tops.iter().flatten().copied().collect();
    tops.sort_unstable();
    together(tops.into_iter().map(|top| top..top + layout.cell_height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::number::real;
    use crate::picture::colormap::{Palette, Rgb};
    use crate::picture::layout::RowGroup;

    const THEME: Theme = Theme { background: Rgb([250, 249, 246]), ink: Rgb([30, 30, 34]) };

    /// Two groups of three rows and eight steps, a rule every two.
    fn layout(line: u32) -> Layout {
        let (cell_width, cell_height) = (9, 11);
        let groups = [(0, vec![0, 1, 2]), (73, vec![3, 4, 5])];
        let group = |(top, rows)| RowGroup { name: String::new(), top, rows, is_collapsed: false };
        Layout {
            width: 8 * cell_width,
            height: 73 + 3 * cell_height,
            cell_width,
            cell_height,
            line,
            tops: (0..6).map(|row| Some(row * cell_height + if row > 2 { 40 } else { 0 })).collect(),
            tracks: vec![0; 6],
            order: (0..6).collect(),
            groups: groups.map(group).into(),
            rule_every: 2,
            first_step: 0,
            n_steps: 8,
            is_static: vec![false; 6],
        }
    }

    /// Numbers, origins and values without a pattern, other ones for every seed.
    fn content(seed: usize) -> Content {
        let number = |at: usize| real((at * 7919 + seed * 104_729) % 2003) / 1001.5 - 1.0;
        let origin = |at: usize| match (at * 31 + seed * 17) % 3 {
            0 => Origin::Observed,
            1 => Origin::CarriedForward { age: 2 },
            _ => Origin::Normal,
        };
        Content {
            grid: Grid { n_rows: 6, n_steps: 8, values: (0..48).map(number).collect() },
            limit: 0.9,
            origins: (0..48).map(origin).collect(),
            trace: (0..48).map(|at| number(at + 1000)).collect(),
            hatched: (0..48).filter(|at| (at * 13 + seed * 5).is_multiple_of(7)).collect(),
            track: Some(Track {
                grid: Grid { n_rows: 6, n_steps: 8, values: (0..48).map(|at| number(at + 2000)).collect() },
                hatched: (0..48).filter(|at| (at * 11 + seed * 3).is_multiple_of(5)).collect(),
            }),
        }
    }

    /// `content(0)` with some rows of another one.
    fn mixed(rows: &[usize]) -> Content {
        let (mut it, other) = (content(0), content(1));
        for row in rows {
            let cells = 8 * row..8 * (row + 1);
            it.grid.values[cells.clone()].copy_from_slice(&other.grid.values[cells.clone()]);
            it.origins[cells.clone()].copy_from_slice(&other.origins[cells.clone()]);
            it.trace[cells.clone()].copy_from_slice(&other.trace[cells.clone()]);
            exchange(&mut it.hatched, &other.hatched, cells.clone());
            if let (Some(track), Some(other)) = (&mut it.track, &other.track) {
                track.grid.values[cells.clone()].copy_from_slice(&other.grid.values[cells.clone()]);
                exchange(&mut track.hatched, &other.hatched, cells);
            }
        }
        it
    }

    /// Takes the numbers of some cells from another list.
    fn exchange(hatched: &mut Vec<usize>, other: &[usize], cells: Range<usize>) {
        hatched.retain(|at| !cells.contains(at));
        hatched.extend(within(other, cells));
        hatched.sort_unstable();
    }

    /// Without a track, and with one.
    fn kinds(content: &Content) -> [Content; 6] {
        let whole = Content { track: None, ..content.clone() };
        let plain = Content { origins: vec![], trace: vec![], hatched: vec![], ..whole.clone() };
        let tracked = Content { origins: vec![], trace: vec![], hatched: vec![], ..content.clone() };
        let marked = Content { trace: vec![], ..whole.clone() };
        [plain, marked, Content { origins: vec![], ..whole.clone() }, whole, tracked, content.clone()]
    }

    fn ends(parts: &[Range<u32>]) -> Vec<(u32, u32)> {
        parts.iter().map(|lines| (lines.start, lines.end)).collect()
    }

    #[track_caller]
    fn check(rows: &[usize], expected: &[(u32, u32)]) {
        let colormap = Colormap::diverging(Palette::PuOr, THEME.background);
        // With tracks in all rows but one, and in none.
        for (line, track) in [(0, 0), (1, 0), (2, 0), (0, 3), (1, 3), (2, 5)] {
            let tracks = (0..6).map(|row| if row == 4 { 0 } else { track }).collect();
            let layout = Layout { tracks, ..layout(line) };
            for has_signs in [false, true] {
                let painter = Painter { layout: &layout, colormap: &colormap, theme: THEME, has_signs };
                for (before, now) in kinds(&content(0)).iter().zip(&kinds(&mixed(rows))) {
                    let mut pixmap = painter.paint(before);
                    assert_eq!(ends(&painter.repaint(&mut pixmap, before, now)), expected);
                    assert_eq!(pixmap, painter.paint(now), "line {line}, track {track}, rows {rows:?}");
                }
            }
        }
    }

    #[test]
    fn what_did_not_change_is_not_painted() {
        check(&[], &[]);
    }

    #[test]
    fn a_row_that_changed_is_painted_as_in_the_whole_picture() {
        check(&[1], &[(11, 22)]);
        check(&[5], &[(95, 106)]);
    }

    #[test]
    fn near_rows_are_given_together() {
        check(&[0, 1, 4], &[(0, 22), (84, 95)]);
        check(&[2, 3], &[(22, 33), (73, 84)]);
        check(&[0, 1, 2, 3, 4, 5], &[(0, 33), (73, 106)]);
    }

    /// Networks that no longer agree on a cell whose number is as it was.
    #[test]
    fn other_hatching_changes_its_row_alone() {
        let colormap = Colormap::diverging(Palette::PuOr, THEME.background);
        let layout = layout(1);
        let painter = Painter { layout: &layout, colormap: &colormap, theme: THEME, has_signs: false };
        let (before, now) = (content(0), Content { hatched: vec![9], ..content(0) });
        let before = Content { hatched: vec![], ..before };
        let mut pixmap = painter.paint(&before);
        assert_eq!(ends(&painter.repaint(&mut pixmap, &before, &now)), [(11, 22)]);
        assert_eq!(pixmap, painter.paint(&now));
    }

    /// The values in one colour and being measured in the other stand one over the other, with a line between.
    #[test]
    fn a_track_has_the_colours_of_its_own_numbers() {
        let colormap = Colormap::diverging(Palette::PuOr, THEME.background);
        let layout = Layout { tracks: vec![4, 4, 4, 0, 4, 4], rule_every: 0, ..layout(1) };
        let painter = Painter { layout: &layout, colormap: &colormap, theme: THEME, has_signs: false };
        let grid = |value: f64| Grid { n_rows: 6, n_steps: 8, values: vec![value; 48] };
        let track = Some(Track { grid: grid(-1.0), hatched: vec![] });
        let content = Content { grid: grid(0.5), limit: 1.0, origins: vec![], trace: vec![], hatched: vec![], track };
        let pixmap = painter.paint(&content);
        let line = THEME.background.mix(THEME.ink, super::super::LINE_INK);
        let (values, measuring) = (colormap.at(0.5), colormap.at(-1.0));
        let row = |top: u32| (top..top + 11).map(|y| pixmap.pixel(5, y)).collect::<Vec<_>>();
        assert_eq!(row(11), [vec![values; 6], vec![line], vec![measuring; 3], vec![line]].concat());
        assert_eq!(row(73), [vec![values; 10], vec![line]].concat(), "a row without a track is painted whole");
    }

    #[test]
    fn another_scale_changes_every_row() {
        let colormap = Colormap::sequential(THEME.background);
        let layout = layout(1);
        let painter = Painter { layout: &layout, colormap: &colormap, theme: THEME, has_signs: false };
        let (before, now) = (content(0), Content { limit: 0.5, ..content(0) });
        let mut pixmap = painter.paint(&before);
        assert_eq!(painter.repaint(&mut pixmap, &before, &now).len(), 2);
        assert_eq!(pixmap, painter.paint(&now));
    }
}
