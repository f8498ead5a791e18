//! Pictures as bytes: painted to memory, then shown. Pure, so that the host can test every pixel.

mod course;
pub(crate) mod hatch;
mod rows;
mod strip;
pub(crate) mod totals;

pub use course::CourseRequest;
pub use rows::{Content, Painter, Track};

use crate::picture::colormap::{Colormap, Rgb};
use crate::picture::grid::Grid;
use crate::picture::layout::{Layout, Rect};
use crate::picture::scale::HeightScale;
use crate::stay::Origin;

/// How much ink the lines between rows, the heavier rules, the marks of observed and of other values take.
const LINE_INK: f64 = 0.06;
pub(crate) const RULE_INK: f64 = 0.28;
pub(crate) const OBSERVED_INK: f64 = 0.62;
pub(crate) const FILLED_INK: f64 = 0.38;
/// And the plus and minus signs, and the trace of a row's values.
pub(crate) const GLYPH_INK: f64 = 0.75;
pub(crate) const TRACE_INK: f64 = 0.6;
/// An observed value's dot is at least so wide and high, in device pixels.
const SMALLEST_DOT: u32 = 3;
/// A sign is written where a number is at least this share of the limit.
pub(crate) const SIGNED_SHARE: f64 = 0.1;
/// Half a sign's width, and the air above and below a trace, in thicknesses of a rule.
pub(crate) const GLYPH_ARM: u32 = 2;
pub(crate) const TRACE_PAD: u32 = 3;
/// Sides of the mark in the corner of a cell that lies beyond the scale, in thicknesses of a rule.
const CORNER: u32 = 4;

/// A picture, opaque, in device pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixmap {
    /// Width in device pixels.
    pub width: u32,
    /// Height in device pixels.
    pub height: u32,
    /// `[height * width * 4]`: red, green, blue, alpha; the first row is the uppermost.
    pub rgba: Vec<u8>,
}

/// The two colours that pictures share with the page around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The page's background: the colour of zero, and what shows between groups of rows.
    pub background: Rgb,
    /// The page's text: rules and marks.
    pub ink: Rgb,
}

impl Pixmap {
    /// A picture of one colour.
    #[must_use]
    pub fn filled(width: u32, height: u32, colour: Rgb) -> Self {
        let [red, green, blue] = colour.0;
        Self { width, height, rgba: [red, green, blue, 255].repeat(width as usize * height as usize) }
    }

    /// A grid, each cell in the colour of `value / limit`. A limit of zero draws every cell as zero.
    #[must_use]
    pub fn of_grid(grid: &Grid, layout: &Layout, colormap: &Colormap, limit: f64, theme: Theme) -> Self {
        let mut pixmap = Self::ruled(layout, theme);
        pixmap.cells(grid, layout, colormap, limit, theme);
        pixmap
    }

    /// The background with the heavier rules.
    fn ruled(layout: &Layout, theme: Theme) -> Self {
        let mut pixmap = Self::filled(layout.width, layout.height, theme.background);
        let colour = theme.background.mix(theme.ink, RULE_INK);
        let height = layout.height - layout.line.min(layout.height);
        for x in layout.rules() {
            pixmap.fill(Rect { x, y: 0, width: layout.line, height }, colour);
        }
        pixmap
    }

    /// Paints the rows that a layout shows, whatever stood in them; between groups all stays as it is.
    fn cells(&mut self, grid: &Grid, layout: &Layout, colormap: &Colormap, limit: f64, theme: Theme) {
        for (cell, value) in placed(&grid.values, grid.n_steps, layout) {
            let colour = colormap.at(if limit > 0.0 { value / limit } else { 0.0 });
            self.fill(Rect { height: 1, ..cell }, colour);
        }
        for top in layout.tops.iter().flatten() {
            self.rule_line(*top, layout, theme);
            self.repeat(*top, layout.cell_height - layout.line);
            self.underline(*top, layout, theme);
        }
    }

    /// A colour bar from `low` (-1 or 0) on the left to 1 on the right.
    #[must_use]
    pub fn of_bar(width: u32, height: u32, low: f64, colormap: &Colormap) -> Self {
        let mut pixmap = Self::filled(width, height, colormap.at(0.0));
        for x in 0..width {
            let share = (f64::from(x) + 0.5) / f64::from(width);
            pixmap.fill(Rect { x, y: 0, width: 1, height }, colormap.at(low + (1.0 - low) * share));
        }
        pixmap
    }

    /// Says without colour where each value comes from: a dot where it was observed, a line where it is carried
    /// forward, so that the line trails from its dot, and a speck where it is the normal value; high in its cell where
    /// the grid's number is above zero, low where it is below. `origins` is `[n_rows * n_steps]`, row-major.
    pub fn mark(&mut self, origins: &[Origin], grid: &Grid, layout: &Layout, theme: Theme) {
        let marks: Vec<(&Origin, &f64)> = origins.iter().zip(&grid.values).collect();
        for (cell, (origin, value)) in placed(&marks, grid.n_steps, layout) {
            // Beside the rule, which may cover the cell's left edge.
            let under = self.pixel(cell.x + layout.line, cell.y);
            let ink = theme.legible_on(under);
            let at = aside(cell, layout.line, **value);
            match origin {
                Origin::Observed => self.dot(at, dot_size(cell), under.mix(ink, OBSERVED_INK)),
                Origin::CarriedForward { .. } => self.dash(at, layout.line, under.mix(ink, FILLED_INK)),
                Origin::Normal => self.dot(at, layout.line.max(1), under.mix(ink, FILLED_INK)),
            }
        }
        self.rule(layout, theme);
    }

    /// Marks a corner of every cell whose number lies beyond the end of the scale: it is drawn in the colour of the end.
    pub fn clip(&mut self, grid: &Grid, layout: &Layout, limit: f64, theme: Theme) {
        for (cell, _) in placed(&grid.values, grid.n_steps, layout).filter(|(_, value)| is_beyond(**value, limit)) {
            let ink = theme.legible_on(self.pixel(cell.x + layout.line, cell.y));
            let size = corner(cell, layout.line);
            for down in 0..size {
                let width = size - down;
                self.fill(Rect { x: cell.x + cell.width - width, y: cell.y + down, width, height: 1 }, ink);
            }
        }
    }

    /// Writes a plus or a minus into every cell whose number is at least a tenth of `limit`: signs without colour.
    pub fn sign(&mut self, grid: &Grid, layout: &Layout, limit: f64, theme: Theme) {
        for (cell, &value) in placed(&grid.values, grid.n_steps, layout) {
            if limit > 0.0 && value.abs() >= SIGNED_SHARE * limit {
                let under = self.pixel(cell.x + layout.line, cell.y);
                self.glyph(cell, layout.line, value > 0.0, under.mix(theme.legible_on(under), GLYPH_INK));
            }
        }
    }

    /// Draws each row's values as a line through its cells, from the row's smallest value at the bottom to its largest
    /// at the top; a row whose value never changes has its line in the middle. `values` is `[n_rows * n_steps]`,
    /// row-major.
    pub fn trace(&mut self, values: &[f64], layout: &Layout, theme: Theme) {
        let n_steps = values.len() / layout.tops.len().max(1);
        for (row, values) in values.chunks_exact(n_steps.max(1)).enumerate() {
            let scale = HeightScale::of(values);
            let mut before = None;
            for step in layout.steps() {
                let Some((cell, value)) = layout.cell(row, step).zip(values.get(step)) else { continue };
                let y = cell.y + scale.down(*value, TRACE_PAD * layout.line, cell.height - layout.line);
                let under = self.pixel(cell.x + cell.width / 2, cell.y);
                let ink = under.mix(theme.legible_on(under), TRACE_INK);
                self.fill(Rect { y, height: layout.line, ..cell }, ink);
                if let Some(last) = before {
                    self.upright(cell.x, last, y, layout.line, ink);
                }
                before = Some(y);
            }
        }
    }

    /// Draws the edge between cells where `grid` is at least `level` and those where it is below: the outline of a
    /// picture laid over another of the same layout.
    pub fn outline(&mut self, grid: &Grid, level: f64, layout: &Layout, line: u32, colour: Rgb) {
        let is_inside = |row: usize, step: usize| grid.at(row, step).is_some_and(|value| value >= level);
        for (row, step) in (0..grid.n_rows).flat_map(|row| (0..grid.n_steps).map(move |step| (row, step))) {
            let Some(cell) = layout.cell(row, step).filter(|_| is_inside(row, step)) else { continue };
            let (right, bottom) = (cell.x + cell.width - line, cell.y + cell.height - line);
            let edges = [
                (step == 0 || !is_inside(row, step - 1), Rect { width: line, ..cell }),
                (!is_inside(row, step + 1), Rect { x: right, width: line, ..cell }),
                (row == 0 || !is_inside(row - 1, step), Rect { height: line, ..cell }),
                (!is_inside(row + 1, step), Rect { y: bottom, height: line, ..cell }),
            ];
            edges.into_iter().filter(|(is_edge, _)| *is_edge).for_each(|(_, edge)| self.fill(edge, colour));
        }
    }

    /// Colour of a pixel; black outside.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> Rgb {
        let inside = x < self.width && y < self.height;
        let bytes = self.rgba.get(self.offset(x, y)..).filter(|_| inside).and_then(<[u8]>::first_chunk::<3>);
        Rgb(bytes.copied().unwrap_or_default())
    }

    /// The line below the row at `top`, with the heavier rules through it but at the foot of the picture.
    fn underline(&mut self, top: u32, layout: &Layout, theme: Theme) {
        let y = top + layout.cell_height - layout.line;
        let line = Rect { x: 0, y, width: layout.width, height: layout.line };
        self.fill(line, theme.background.mix(theme.ink, LINE_INK));
        for y in y..(y + layout.line).min(layout.height - layout.line.min(layout.height)) {
            self.rule_line(y, layout, theme);
        }
    }

    /// The heavier rules through one line of pixels.
    fn rule_line(&mut self, y: u32, layout: &Layout, theme: Theme) {
        let colour = theme.background.mix(theme.ink, RULE_INK);
        for x in layout.rules() {
            self.fill(Rect { x, y, width: layout.line, height: 1 }, colour);
        }
    }

    /// The heavier rules through the rows that a layout shows.
    fn rule(&mut self, layout: &Layout, theme: Theme) {
        let colour = theme.background.mix(theme.ink, RULE_INK);
        let foot = layout.height - layout.line.min(layout.height);
        for (top, x) in layout.tops.iter().flatten().flat_map(|top| layout.rules().map(move |x| (*top, x))) {
            let height = layout.cell_height.min(foot.saturating_sub(top));
            self.fill(Rect { x, y: top, width: layout.line, height }, colour);
        }
    }

    pub(crate) fn dot(&mut self, cell: Rect, size: u32, colour: Rgb) {
        let left = cell.x + cell.width.saturating_sub(size) / 2;
        let top = cell.y + cell.height.saturating_sub(size) / 2;
        for (x, y) in (0..size).flat_map(|y| (0..size).map(move |x| (x, y))) {
            // Twice the distance of a pixel's centre from the middle of the dot, to stay in whole numbers.
            let (dx, dy) = ((2 * x + 1).abs_diff(size), (2 * y + 1).abs_diff(size));
            if dx * dx + dy * dy <= size * size {
                self.fill(Rect { x: left + x, y: top + y, width: 1, height: 1 }, colour);
            }
        }
    }

    /// A plus, or a minus, in the middle of a cell.
    fn glyph(&mut self, cell: Rect, line: u32, is_plus: bool, colour: Rgb) {
        let line = line.max(1);
        let arm = (GLYPH_ARM * line).min(cell.width.saturating_sub(line) / 2).min(cell.height.saturating_sub(line) / 2);
        let (x, y) = (cell.x + (cell.width - line.min(cell.width)) / 2, cell.y + (cell.height - line) / 2);
        self.fill(Rect { x: x - arm, y, width: 2 * arm + line, height: line }, colour);
        if is_plus {
            self.fill(Rect { x, y: y - arm, width: line, height: 2 * arm + line }, colour);
        }
    }

    /// An upright line between two heights.
    pub(crate) fn upright(&mut self, x: u32, from: u32, to: u32, line: u32, colour: Rgb) {
        let (top, bottom) = (from.min(to), from.max(to) + line);
        self.fill(Rect { x, y: top, width: line, height: bottom - top }, colour);
    }

    fn dash(&mut self, cell: Rect, line: u32, colour: Rgb) {
        let line = line.max(1);
        let y = cell.y + cell.height.saturating_sub(line) / 2;
        self.fill(Rect { y, height: line, ..cell }, colour);
    }

    /// Fills the part of a rectangle that lies within the picture.
    pub(crate) fn fill(&mut self, rect: Rect, colour: Rgb) {
        let [red, green, blue] = colour.0;
        let (right, bottom) = ((rect.x + rect.width).min(self.width), (rect.y + rect.height).min(self.height));
        for y in rect.y..bottom {
            let (start, end) = (self.offset(rect.x.min(right), y), self.offset(right, y));
            for pixel in self.rgba.get_mut(start..end).unwrap_or_default().chunks_exact_mut(4) {
                pixel.copy_from_slice(&[red, green, blue, 255]);
            }
        }
    }

    /// Copies a line of pixels downwards, until `height` lines are like it: each time all that are.
    fn repeat(&mut self, top: u32, height: u32) {
        let (start, line) = (self.offset(0, top), self.offset(0, 1));
        let end = start + line * height as usize;
        let mut done = line;
        while start + done < end.min(self.rgba.len()) {
            let next = done.min(end.min(self.rgba.len()) - start - done);
            self.rgba.copy_within(start..start + next, start + done);
            done += next;
        }
    }

    const fn offset(&self, x: u32, y: u32) -> usize {
        4 * (y as usize * self.width as usize + x as usize)
    }
}

impl Theme {
    /// Ink or background, whichever is told apart more easily on a colour.
    pub(crate) fn legible_on(self, colour: Rgb) -> Rgb {
        let lightness = colour.lightness();
        let contrast = |other: Rgb| (other.lightness() - lightness).abs();
        if contrast(self.ink) >= contrast(self.background) { self.ink } else { self.background }
    }
}

/// What stands in the shown cells, row by row; `values` is `[n_rows * n_steps]`, row-major.
fn placed<'a, T>(values: &'a [T], n_steps: usize, layout: &'a Layout) -> impl Iterator<Item = (Rect, &'a T)> {
    let rows = values.chunks_exact(n_steps.max(1)).enumerate();
    rows.flat_map(move |(row, values)| {
        let steps = values.iter().enumerate();
        steps.filter_map(move |(step, value)| layout.cell(row, step).map(|cell| (cell, value)))
    })
}

/// Whether a number is drawn in the colour of the end of its scale though it lies beyond.
pub(crate) fn is_beyond(value: f64, limit: f64) -> bool {
    limit > 0.0 && value.abs() > limit
}

/// Length of the sides of the mark in the corner of a cell.
pub(crate) fn corner(cell: Rect, line: u32) -> u32 {
    (cell.width.min(cell.height.saturating_sub(line)) / 2).min(CORNER * line.max(1))
}

/// The upper half of a cell for a number above zero, the lower half for one below, each with the line below it; the whole
/// cell where a half would be too low for a mark.
pub(crate) fn aside(cell: Rect, line: u32, value: f64) -> Rect {
    let room = cell.height.saturating_sub(line);
    let half = room / 2;
    if value == 0.0 || half < SMALLEST_DOT {
        return cell;
    }
    let down = if value > 0.0 { 0 } else { room - half };
    Rect { y: cell.y + down, height: half + line, ..cell }
}

/// Two fifths of the cell's shorter side, and never so small that it could be taken for a speck.
fn dot_size(cell: Rect) -> u32 {
    (cell.width.min(cell.height) * 2 / 5).max(SMALLEST_DOT).min(cell.width)
}
