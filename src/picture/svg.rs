//! The pictures as shapes and text: the same cells and colours as on screen, with their labels, legends and footer.

mod cells;
mod hatch;
mod margins;
mod words;

use std::fmt::Write;

use crate::engine::number::real;
use crate::picture::colormap::{Colormap, Rgb};
use crate::picture::grid::Grid;
use crate::picture::layout::Layout;
use crate::picture::pixmap::{Theme, Track};
use crate::picture::totals::Totals;
use crate::stay::Origin;
use crate::stay::manifest::Manifest;

pub use words::FigureWords;

/// One picture of a figure.
#[derive(Debug, Clone)]
pub struct Panel<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What the lower and the upper end of its colours mean.
    pub ends: [&'a str; 2],
    /// Its numbers.
    pub grid: &'a Grid,
    /// Their colours.
    pub colormap: Colormap,
    /// The end of the colour scale.
    pub limit: f64,
    /// The start of the colour scale, as a share of its end: -1, or 0 for magnitudes.
    pub low: f64,
    /// Where each value comes from, to be marked: `[n_rows * n_steps]`.
    pub origins: Option<Vec<Origin>>,
    /// Values to be drawn as a line through each row's cells: `[n_rows * n_steps]`.
    pub trace: Option<&'a [f64]>,
    /// Whether a plus or a minus stands in every cell that is a tenth of the limit or more.
    pub has_signs: bool,
    /// Cells to be hatched, `row * n_steps + step` each.
    pub hatched: Vec<usize>,
    /// What stands in the tracks at the feet of the rows, on the same scale; without it a row is drawn whole.
    pub track: Option<&'a Track>,
    /// What stands under its legend, line by line.
    pub note: Option<&'a str>,
    /// What the cells add up to.
    pub margins: Option<Margins<'a>>,
}

/// A picture's totals as bars: those of the steps below it, and those of the rows on its right.
#[derive(Debug, Clone)]
pub struct Margins<'a> {
    /// The numbers.
    pub totals: Totals,
    /// The bars' colours.
    pub colormap: Colormap,
    /// Whether bars go both ways from the middle; magnitudes and counts do not.
    pub is_signed: bool,
    /// What is written of the rows; `None` for no bars of theirs.
    pub rows: Option<RowTotals<'a>>,
}

/// How the totals of the rows are written beside their bars.
#[derive(Debug, Clone, Copy)]
pub struct RowTotals<'a> {
    /// What stands over the bars.
    pub title: &'a str,
    /// Whether they are sums of magnitudes, which have no sign.
    pub is_absolute: bool,
    /// What is smaller is next to nothing, and written so.
    pub least: f64,
}

/// Pictures beside each other that share their rows.
#[derive(Debug)]
pub struct SvgFigure<'a> {
    /// The heading, line by line; the first is the largest.
    pub heading: &'a [String],
    /// The pictures.
    pub panels: Vec<Panel<'a>>,
    /// Small print under them.
    pub footer: &'a [String],
    /// What channels, groups and hours are called, and how numbers are written.
    pub words: &'a FigureWords,
}

const MARGIN: u32 = 16;
const HEADING: u32 = 20;
const TITLE: u32 = 18;
const AXIS: u32 = 16;
const BAR_HEIGHT: u32 = 10;
const BAR_STEPS: u32 = 64;
const LEGEND: u32 = BAR_HEIGHT + 40;
/// Height and size of the lines under a legend; room for one of them is always kept.
const NOTE_LINE: u32 = 12;
const NOTE_SIZE: f64 = 10.0;
const FOOTER: u32 = 13;
const GAP: u32 = 24;
/// Height of the steps' bars and the air above them; width of the rows' bars and of the numbers beside them.
const STEPS: u32 = 30;
const STEPS_GAP: u32 = 4;
const ROWS: u32 = 72;
const ROW_NUMBERS: u32 = 50;
/// Width of a letter beside its size, on the generous side: nothing here can measure text.
const LETTER: f64 = 0.64;
const LABEL_SIZE: f64 = 11.0;
const FOOTER_SIZE: f64 = 9.0;

/// The figure as an SVG document. Lengths are those of `layout`.
#[must_use]
pub fn to_svg(figure: &SvgFigure<'_>, manifest: &Manifest, layout: &Layout, theme: Theme) -> String {
    let mut svg = Svg { text: String::new(), theme, words: figure.words };
    let label_width = label_width(manifest, figure.words);
    let lefts = lefts(figure, layout, MARGIN + label_width);
    let width = (lefts.last().copied().unwrap_or_default() - GAP + MARGIN).max(480);
    let footer = wrapped(&[figure.footer, figure.words.notice()].concat(), width - 2 * MARGIN, FOOTER_SIZE);
    let heading = HEADING * u32::try_from(figure.heading.len()).unwrap_or(0);
    let top = MARGIN + heading + TITLE;
    let bottom = top + layout.height + if figure.panels.iter().any(|it| it.margins.is_some()) { STEPS } else { 0 };
    let n_notes = figure.panels.iter().map(|panel| note_lines(panel, layout).len()).max().unwrap_or(0);
    let notes = NOTE_LINE * u32::try_from(n_notes.saturating_sub(1)).unwrap_or(0);
    let under = bottom + AXIS + LEGEND + notes;
    let height = under + MARGIN / 2 + FOOTER * u32::try_from(footer.len()).unwrap_or(0) + MARGIN / 2;
    svg.open(width, height);
    for (at, line) in (0..).zip(figure.heading) {
        let (size, weight) = if at == 0 { (15.0, 600) } else { (12.0, 400) };
        svg.text(MARGIN, MARGIN + 14 + at * HEADING, size, weight, "start", line);
    }
    svg.row_labels(manifest, layout, MARGIN + label_width - 8, top);
    for (&left, panel) in lefts.iter().zip(&figure.panels) {
        svg.text(left, top - 6, 11.0, 600, "start", panel.title);
        svg.panel(panel, layout, left, top);
        if let Some(margins) = &panel.margins {
            svg.step_totals(margins, layout, left, top + layout.height);
            svg.row_totals(margins, layout, left + layout.width + GAP / 2, top);
        }
        svg.axis(manifest, layout, left, bottom);
        svg.legend(panel, layout, left, bottom + AXIS + 4);
    }
    for (at, line) in (0..).zip(&footer) {
        svg.text(MARGIN, under + MARGIN / 2 + FOOTER + at * FOOTER, FOOTER_SIZE, 400, "start", line);
    }
    svg.text.push_str("</svg>\n");
    svg.text
}

/// The left edge of each picture, and of one after the last.
fn lefts(figure: &SvgFigure<'_>, layout: &Layout, first: u32) -> Vec<u32> {
    let mut lefts = vec![first];
    for panel in &figure.panels {
        lefts.push(lefts[lefts.len() - 1] + width_of(panel, layout) + GAP);
    }
    lefts
}

/// The width of a picture with the totals of its rows.
const fn width_of(panel: &Panel<'_>, layout: &Layout) -> u32 {
    match &panel.margins {
        Some(Margins { rows: Some(_), .. }) => layout.width + GAP / 2 + ROWS + ROW_NUMBERS,
        _ => layout.width,
    }
}

fn label_width(manifest: &Manifest, words: &FigureWords) -> u32 {
    let letters = |row| words.channel(manifest, row).map_or(0, |name| name.chars().count());
    let longest = (0..manifest.channels.len()).map(letters).max().unwrap_or(0);
    text_width(longest, LABEL_SIZE) + 12
}

/// Whether a line of text fits between groups.
fn has_room_for_names(layout: &Layout) -> bool {
    layout.groups.windows(2).all(|pair| {
        let n_shown = if pair[0].is_collapsed { 0 } else { pair[0].rows.len() };
        let end = pair[0].top + layout.cell_height * u32::try_from(n_shown).unwrap_or(0);
        f64::from(pair[1].top - end) > LABEL_SIZE
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short text's width in pixels")]
fn text_width(n_letters: usize, size: f64) -> u32 {
    (real(n_letters) * size * LETTER).ceil() as u32
}

/// What stands under a panel's legend, line by line: it must not run into the next panel.
fn note_lines(panel: &Panel<'_>, layout: &Layout) -> Vec<String> {
    let lines: Vec<String> = panel.note.iter().flat_map(|note| note.lines()).map(str::to_owned).collect();
    wrapped(&lines, width_of(panel, layout) + GAP / 2, NOTE_SIZE)
}

/// Lines of text broken at blanks to fit into a width.
fn wrapped(lines: &[String], width: u32, size: f64) -> Vec<String> {
    let fits = |text: &str| text_width(text.chars().count(), size) <= width;
    let mut all = Vec::new();
    for line in lines {
        let mut now = String::new();
        for word in line.split_whitespace() {
            let longer = if now.is_empty() { word.to_owned() } else { format!("{now} {word}") };
            if fits(&longer) || now.is_empty() {
                now = longer;
            } else {
                all.push(std::mem::replace(&mut now, word.to_owned()));
            }
        }
        all.push(now);
    }
    all
}

/// A document under way.
struct Svg<'a> {
    text: String,
    theme: Theme,
    words: &'a FigureWords,
}

impl Svg<'_> {
    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = writeln!(self.text, "{element}");
    }

    fn open(&mut self, width: u32, height: u32) {
        let (background, ink) = (hex(self.theme.background), hex(self.theme.ink));
        self.push(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" fill=\"{ink}\">"
        ));
        self.push(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>"));
    }

    fn text(&mut self, x: u32, y: u32, size: f64, weight: u32, anchor: &str, text: &str) {
        let text = escaped(text);
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-weight=\"{weight}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    fn rect(&mut self, x: u32, y: u32, width: u32, height: u32, colour: Rgb) {
        let colour = hex(colour);
        self.push(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"));
    }

    fn row_labels(&mut self, manifest: &Manifest, layout: &Layout, right: u32, top: u32) {
        for &row in &layout.order {
            let (Some(name), Some(row_top)) = (self.words.channel(manifest, row), layout.tops[row]) else { continue };
            let middle = top + row_top + layout.cell_height / 2 + 4;
            self.text(right, middle, LABEL_SIZE, 400, "end", &name);
        }
        if has_room_for_names(layout) {
            for group in &layout.groups {
                let foot = (top + group.top).saturating_sub(5);
                self.text(MARGIN, foot, LABEL_SIZE, 600, "start", &self.words.group(&group.name));
            }
        }
    }
}

impl Panel<'_> {
    fn colour(&self, row: usize, step: usize) -> Rgb {
        let value = self.grid.at(row, step).unwrap_or_default();
        self.colormap.at(if self.limit > 0.0 { value / self.limit } else { 0.0 })
    }
}

fn hex(Rgb([red, green, blue]): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    let is_allowed = |c: &char| !c.is_control();
    let text: String = text.chars().filter(is_allowed).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(escaped("<script>&\"\u{7}"), "&lt;script&gt;&amp;&quot;");
    }

    #[test]
    fn long_lines_are_broken() {
        let lines = wrapped(&["one two three".to_owned(), "x".repeat(90)], 45, FOOTER_SIZE);
        assert_eq!(lines[..2], ["one two", "three"]);
        assert_eq!(lines[2].len(), 90);
    }
}
