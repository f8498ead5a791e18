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
}

impl Content {
    /// The hatched cells among some that follow one another.
    fn hatched_in(&self, cells: Range<usize>) -> &[usize] {
        let at = |cell| self.hatched.partition_point(|it| *it < cell);
        &self.hatched[at(cells.start)..at(cells.end)]
    }
}

impl Painter<'_> {
    /// The whole picture.
    #[must_use]
    pub fn paint(&self, content: &Content) -> Pixmap {
        let mut pixmap = Pixmap::of_grid(&content.grid, self.layout, self.colormap, content.limit, self.theme);
        self.write(&mut pixmap, content, self.layout);
        pixmap
    }

    /// Paints over a picture of `before` the rows in which `content` is another one, and gives the lines of pixels that
    /// these take, from the uppermost on. The picture is then as [`Painter::paint`] makes it.
    pub fn repaint(&self, pixmap: &mut Pixmap, before: &Content, content: &Content) -> Vec<Range<u32>> {
        // Marks in rows as low as this reach beyond them.
        if self.layout.cell_height < SMALLEST_DOT {
            *pixmap = self.paint(content);
            return std::iter::once(0..pixmap.height).collect();
        }
        let changed = Layout { tops: self.changed_tops(before, content), ..self.layout.clone() };
        pixmap.cells(&content.grid, &changed, self.colormap, content.limit, self.theme);
        self.write(pixmap, content, &changed);
        lines(&changed)
    }

    /// Writes into cells that are coloured already.
    fn write(&self, pixmap: &mut Pixmap, content: &Content, layout: &Layout) {
        if !content.origins.is_empty() {
            pixmap.mark(&content.origins, layout, self.theme);
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
    }

    /// The upper edges of the rows that differ; a row is painted of nothing but its own numbers and the scale.
    fn changed_tops(&self, before: &Content, now: &Content) -> Vec<Option<u32>> {
        let same_scale = before.limit == now.limit && before.grid.n_steps == now.grid.n_steps;
        let n_steps = now.grid.n_steps;
        let is_changed = |row: usize| {
            let cells = row * n_steps..(row + 1) * n_steps;
            !(same_scale
                && before.grid.values.get(cells.clone()) == now.grid.values.get(cells.clone())
                && before.origins.get(cells.clone()) == now.origins.get(cells.clone())
                && before.trace.get(cells.clone()) == now.trace.get(cells.clone())
                && before.hatched_in(cells.clone()) == now.hatched_in(cells))
        };
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
            order: (0..6).collect(),
            groups: groups.map(group).into(),
            rule_every: 2,
            first_step: 0,
            n_steps: 8,
        }
    }

    /// Numbers, origins and values without a pattern, other ones for every seed.
    fn content(seed: usize) -> Content {
        let number = |at: usize| ((at * 7919 + seed * 104_729) % 2003) as f64 / 1001.5 - 1.0;
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
            it.hatched.retain(|at| !cells.contains(at));
            it.hatched.extend(other.hatched_in(cells));
        }
        it.hatched.sort_unstable();
        it
    }

    fn kinds(content: &Content) -> [Content; 4] {
        let plain = Content { origins: vec![], trace: vec![], hatched: vec![], ..content.clone() };
        let marked = Content { trace: vec![], ..content.clone() };
        [plain, marked, Content { origins: vec![], ..content.clone() }, content.clone()]
    }

    fn ends(parts: &[Range<u32>]) -> Vec<(u32, u32)> {
        parts.iter().map(|lines| (lines.start, lines.end)).collect()
    }

    #[track_caller]
    fn check(rows: &[usize], expected: &[(u32, u32)]) {
        let colormap = Colormap::diverging(Palette::PuOr, THEME.background);
        for line in 0..3 {
            let layout = layout(line);
            for has_signs in [false, true] {
                let painter = Painter { layout: &layout, colormap: &colormap, theme: THEME, has_signs };
                for (before, now) in kinds(&content(0)).iter().zip(&kinds(&mixed(rows))) {
                    let mut pixmap = painter.paint(before);
                    assert_eq!(ends(&painter.repaint(&mut pixmap, before, now)), expected);
                    assert_eq!(pixmap, painter.paint(now), "line {line}, rows {rows:?}");
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
