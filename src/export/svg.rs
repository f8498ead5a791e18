//! The pictures as shapes and text: the same cells and colours as on screen, with their labels, legends and footer.

use std::fmt::Write;

use crate::colormap::{Colormap, Rgb};
use crate::grid::Grid;
use crate::layout::Layout;
use crate::pixmap::Theme;
use crate::stay::Origin;
use crate::stay::manifest::Manifest;

/// One picture of a figure.
#[derive(Debug)]
pub struct Panel<'a> {
    /// What it shows.
    pub title: &'a str,
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
}

/// Pictures beside each other that share their rows.
#[derive(Debug)]
pub struct Figure<'a> {
    /// The heading, line by line; the first is the largest.
    pub heading: &'a [String],
    /// The pictures.
    pub panels: Vec<Panel<'a>>,
    /// Small print under them.
    pub footer: &'a [String],
}

const MARGIN: u32 = 16;
const HEADING: u32 = 20;
const TITLE: u32 = 18;
const AXIS: u32 = 16;
const BAR_HEIGHT: u32 = 10;
const BAR_STEPS: u32 = 64;
const LEGEND: u32 = BAR_HEIGHT + 26;
const FOOTER: u32 = 13;
const GAP: u32 = 24;
/// Width of a letter beside its size, on the generous side: nothing here can measure text.
const LETTER: f64 = 0.56;
const LABEL_SIZE: f64 = 11.0;
const FOOTER_SIZE: f64 = 9.0;

/// The figure as an SVG document. Lengths are those of `layout`.
#[must_use]
pub fn to_svg(figure: &Figure<'_>, manifest: &Manifest, layout: &Layout, theme: Theme) -> String {
    let mut svg = Svg { text: String::new(), theme };
    let label_width = label_width(manifest);
    let n_panels = u32::try_from(figure.panels.len()).unwrap_or(u32::MAX);
    let panels_width = n_panels * layout.width + n_panels.saturating_sub(1) * GAP;
    let width = (2 * MARGIN + label_width + panels_width).max(480);
    let footer = wrapped(figure.footer, width - 2 * MARGIN);
    let heading = HEADING * u32::try_from(figure.heading.len()).unwrap_or(0);
    let top = MARGIN + heading + TITLE;
    let under = top + layout.height + AXIS + LEGEND;
    let height = under + MARGIN / 2 + FOOTER * u32::try_from(footer.len()).unwrap_or(0) + MARGIN / 2;
    svg.open(width, height);
    for (at, line) in (0..).zip(figure.heading) {
        let (size, weight) = if at == 0 { (15.0, 600) } else { (12.0, 400) };
        svg.text(MARGIN, MARGIN + 14 + at * HEADING, size, weight, "start", line);
    }
    svg.row_labels(manifest, layout, MARGIN + label_width - 8, top);
    for (at, panel) in (0..).zip(&figure.panels) {
        let left = MARGIN + label_width + at * (layout.width + GAP);
        svg.text(left, top - 6, 11.0, 600, "start", panel.title);
        svg.panel(panel, layout, left, top);
        svg.axis(manifest, layout, left, top + layout.height);
        svg.legend(panel, layout, left, top + layout.height + AXIS + 4);
    }
    for (at, line) in (0..).zip(&footer) {
        svg.text(MARGIN, under + MARGIN / 2 + FOOTER + at * FOOTER, FOOTER_SIZE, 400, "start", line);
    }
    svg.text.push_str("</svg>\n");
    svg.text
}

fn label_width(manifest: &Manifest) -> u32 {
    let longest = manifest.channels.iter().map(|channel| label(channel).chars().count()).max().unwrap_or(0);
    text_width(longest, LABEL_SIZE) + 12
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short text's width in pixels")]
fn text_width(n_letters: usize, size: f64) -> u32 {
    (n_letters as f64 * size * LETTER).ceil() as u32
}

fn label(channel: &crate::stay::manifest::Channel) -> String {
    if channel.unit.is_empty() { channel.label.clone() } else { format!("{}, {}", channel.label, channel.unit) }
}

/// Lines of text broken at blanks to fit into a width.
fn wrapped(lines: &[String], width: u32) -> Vec<String> {
    let fits = |text: &str| text_width(text.chars().count(), FOOTER_SIZE) <= width;
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
struct Svg {
    text: String,
    theme: Theme,
}

impl Svg {
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
            let (Some(channel), Some(row_top)) = (manifest.channels.get(row), layout.tops[row]) else { continue };
            let middle = top + row_top + layout.cell_height / 2 + 4;
            self.text(right, middle, LABEL_SIZE, 400, "end", &label(channel));
        }
    }

    fn panel(&mut self, panel: &Panel<'_>, layout: &Layout, left: u32, top: u32) {
        self.push(format_args!("<g shape-rendering=\"crispEdges\">"));
        for &row in &layout.order {
            self.row(panel, layout, row, left, top);
        }
        let rule = self.theme.background.mix(self.theme.ink, 0.28);
        for x in layout.rules() {
            self.rect(left + x, top, layout.line.max(1), layout.height, rule);
        }
        self.push(format_args!("</g>"));
        if let Some(origins) = &panel.origins {
            self.marks(panel, layout, origins, left, top);
        }
    }

    /// One row, neighbours of one colour as one rectangle.
    fn row(&mut self, panel: &Panel<'_>, layout: &Layout, row: usize, left: u32, top: u32) {
        let colour = |step| panel.colour(row, step);
        let (mut start, end) = (layout.first_step, layout.first_step + layout.n_steps);
        for step in start + 1..=end {
            if step < end && colour(step) == colour(start) {
                continue;
            }
            let (first, last) = (layout.cell(row, start), layout.cell(row, step - 1));
            if let (Some(first), Some(last)) = (first, last) {
                let height = first.height - layout.line;
                self.rect(left + first.x, top + first.y, last.x + last.width - first.x, height, colour(start));
            }
            start = step;
        }
    }

    /// A dot where a value was observed, a line where it is carried forward, a speck where it is the normal value.
    fn marks(&mut self, panel: &Panel<'_>, layout: &Layout, origins: &[Origin], left: u32, top: u32) {
        for (at, origin) in origins.iter().enumerate() {
            let n_steps = panel.grid.n_steps.max(1);
            let (row, step) = (at / n_steps, at % n_steps);
            let Some(cell) = layout.cell(row, step) else { continue };
            let under = panel.colour(row, step);
            let ink = hex(self.theme.legible_on(under));
            let (x, y) = (f64::from(left + cell.x), f64::from(top + cell.y));
            let (width, middle) = (f64::from(cell.width), y + f64::from(cell.height - layout.line) / 2.0);
            let radius = width.min(f64::from(cell.height)) / 5.0;
            match origin {
                Origin::Observed => self.dot(x + width / 2.0, middle, radius, &ink, 0.62),
                Origin::CarriedForward { .. } => self.push(format_args!(
                    "<path d=\"M{x} {middle}h{width}\" stroke=\"{ink}\" stroke-opacity=\"0.38\" stroke-width=\"1\"/>"
                )),
                Origin::Normal => self.dot(x + width / 2.0, middle, radius / 2.5, &ink, 0.38),
            }
        }
    }

    fn dot(&mut self, x: f64, y: f64, radius: f64, ink: &str, opacity: f64) {
        self.push(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius:.2}\" fill=\"{ink}\" fill-opacity=\"{opacity}\"/>"
        ));
    }

    /// Hours at the rules; where there are none, at both ends.
    fn axis(&mut self, manifest: &Manifest, layout: &Layout, left: u32, top: u32) {
        let every = if layout.rule_every == 0 { layout.n_steps.max(1) } else { layout.rule_every };
        // On a narrow picture only every second or fourth one.
        let wide = usize::try_from(28 / layout.cell_width.max(1)).unwrap_or(1);
        let every = every * wide.div_ceil(every).max(1);
        for place in (0..=layout.n_steps).filter(|place| (layout.first_step + place).is_multiple_of(every)) {
            let hours = (layout.first_step + place) as f64 * manifest.step_hours;
            let x = left + u32::try_from(place).unwrap_or(u32::MAX).saturating_mul(layout.cell_width);
            let unit = if place == 0 { " h" } else { "" };
            self.text(x, top + 12, 10.0, 400, "middle", &format!("{}{unit}", rounded(hours)));
        }
    }

    fn legend(&mut self, panel: &Panel<'_>, layout: &Layout, left: u32, top: u32) {
        let width = layout.width.min(192);
        self.push(format_args!("<g shape-rendering=\"crispEdges\">"));
        for step in 0..BAR_STEPS {
            let (x, end) = (step * width / BAR_STEPS, (step + 1) * width / BAR_STEPS);
            let share = (f64::from(step) + 0.5) / f64::from(BAR_STEPS);
            let colour = panel.colormap.at(panel.low + (1.0 - panel.low) * share);
            self.rect(left + x, top, end - x, BAR_HEIGHT, colour);
        }
        self.push(format_args!("</g>"));
        for (place, anchor) in [(0, "start"), (1, "middle"), (2, "end")] {
            let share = f64::from(place) / 2.0;
            let number = (panel.low + (1.0 - panel.low) * share) * panel.limit;
            self.text(left + place * width / 2, top + BAR_HEIGHT + 12, 10.0, 400, anchor, &rounded(number));
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

/// A number to three digits, without zeros that say nothing.
pub(crate) fn rounded(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return if number == 0.0 { "0".to_owned() } else { "–".to_owned() };
    }
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a finite number")]
    let power = number.abs().log10().floor() as i32;
    let text = if (-4..6).contains(&power) {
        let digits = usize::try_from(2 - power).unwrap_or(0);
        let plain = format!("{number:.digits$}");
        if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.').to_owned() } else { plain }
    } else {
        format!("{number:.1e}")
    };
    text.replace('-', "\u{2212}")
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
    fn numbers_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (48.0, "48"),
            (0.5, "0.5"),
            (-0.012_345, "\u{2212}0.0123"),
            (1234.5, "1234"),
            (1.0e-7, "1.0e\u{2212}7"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(rounded(number), text);
        }
    }

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(escaped("<script>&\"\u{7}"), "&lt;script&gt;&amp;&quot;");
    }

    #[test]
    fn long_lines_are_broken() {
        let lines = wrapped(&["one two three".to_owned(), "x".repeat(90)], 45);
        assert_eq!(lines[..2], ["one two", "three"]);
        assert_eq!(lines[2].len(), 90);
    }
}
