//! The cells of one picture, and what stands in them.

use super::{Panel, Svg, hatch, hex};
use crate::picture::layout::{Layout, Rect};
use crate::picture::pixmap::hatch::HATCH_INK;
use crate::picture::pixmap::{
    FILLED_INK, GLYPH_ARM, GLYPH_INK, OBSERVED_INK, RULE_INK, SIGNED_SHARE, TRACE_INK, TRACE_PAD, aside, corner,
    is_beyond,
};
use crate::picture::scale::HeightScale;
use crate::stay::Origin;

impl Svg<'_> {
    /// A picture with its upper left corner at a place.
    pub(super) fn panel(&mut self, panel: &Panel<'_>, layout: &Layout, left: u32, top: u32) {
        let parts = parts(panel, layout);
        self.push(format_args!("<g shape-rendering=\"crispEdges\">"));
        for (panel, layout) in &parts {
            for &row in &layout.order {
                self.row(panel, layout, row, left, top);
            }
        }
        let rule = self.theme.background.mix(self.theme.ink, RULE_INK);
        for x in layout.rules() {
            self.rect(left + x, top, layout.line.max(1), layout.height, rule);
        }
        self.push(format_args!("</g>"));
        for (panel, layout) in &parts {
            self.write(panel, layout, |cell| Rect { x: left + cell.x, y: top + cell.y, ..cell });
        }
    }

    /// What stands in the cells.
    fn write(&mut self, panel: &Panel<'_>, layout: &Layout, placed: impl Fn(Rect) -> Rect + Copy) {
        if let Some(origins) = &panel.origins {
            self.marks(panel, layout, origins, placed);
        }
        self.hatch(panel, layout, placed);
        if let Some(values) = panel.trace {
            self.trace(panel, layout, values, placed);
        }
        if panel.has_signs {
            self.signs(panel, layout, placed);
        }
        self.corners(panel, layout, placed);
    }

    /// A mark in the corner of every cell that lies beyond the scale.
    fn corners(&mut self, panel: &Panel<'_>, layout: &Layout, placed: impl Fn(Rect) -> Rect) {
        for &row in &layout.order {
            for step in
                layout.steps().filter(|step| is_beyond(panel.grid.at(row, *step).unwrap_or_default(), panel.limit))
            {
                let Some(cell) = layout.cell(row, step).map(&placed) else { continue };
                let ink = hex(self.theme.legible_on(panel.colour(row, step)));
                let (x, y, size) = (cell.x + cell.width, cell.y, corner(cell, layout.line));
                self.push(format_args!("<path d=\"M{x} {y}v{size}l-{size} -{size}z\" fill=\"{ink}\"/>"));
            }
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

    /// A dot where a value was observed, a line where it is carried forward, a speck where it is the normal value: high in
    /// the cell where the panel's number is above zero, low where it is below.
    fn marks(&mut self, panel: &Panel<'_>, layout: &Layout, origins: &[Origin], placed: impl Fn(Rect) -> Rect) {
        for (at, origin) in origins.iter().enumerate() {
            let n_steps = panel.grid.n_steps.max(1);
            let (row, step) = (at / n_steps, at % n_steps);
            let Some(cell) = layout.cell(row, step).map(&placed) else { continue };
            let ink = hex(self.theme.legible_on(panel.colour(row, step)));
            let value = panel.grid.at(row, step).unwrap_or_default();
            let middle = middle(aside(cell, layout.line, value), layout);
            let (x, width) = (f64::from(cell.x), f64::from(cell.width));
            let radius = width.min(f64::from(cell.height)) / 5.0;
            match origin {
                Origin::Observed => self.dot(x + width / 2.0, middle, radius, &ink, OBSERVED_INK),
                Origin::CarriedForward { .. } => self.push(format_args!(
                    "<path d=\"M{x} {middle}h{width}\" stroke=\"{ink}\" stroke-opacity=\"{FILLED_INK}\" stroke-width=\"1\"/>"
                )),
                Origin::Normal => self.dot(x + width / 2.0, middle, radius / 2.5, &ink, FILLED_INK),
            }
        }
    }

    /// Rising diagonal lines over the cells that are hatched.
    fn hatch(&mut self, panel: &Panel<'_>, layout: &Layout, placed: impl Fn(Rect) -> Rect) {
        for at in &panel.hatched {
            let n_steps = panel.grid.n_steps.max(1);
            let (row, step) = (at / n_steps, at % n_steps);
            let Some(cell) = layout.cell(row, step).map(&placed) else { continue };
            let ink = hex(self.theme.legible_on(panel.colour(row, step)));
            let path = hatch::path(cell, layout.line);
            self.push(format_args!(
                "<path d=\"{path}\" stroke=\"{ink}\" stroke-opacity=\"{HATCH_INK}\" stroke-width=\"1\"/>"
            ));
        }
    }

    fn dot(&mut self, x: f64, y: f64, radius: f64, ink: &str, opacity: f64) {
        self.push(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius:.2}\" fill=\"{ink}\" fill-opacity=\"{opacity}\"/>"
        ));
    }

    /// Each row's values as a line in steps, from the row's smallest at the bottom to its largest at the top. A piece
    /// of it takes the ink that is legible on its cell, so that it is one path for each run of cells of one ink.
    fn trace(&mut self, panel: &Panel<'_>, layout: &Layout, values: &[f64], placed: impl Fn(Rect) -> Rect) {
        let n_steps = panel.grid.n_steps.max(1);
        for (row, values) in values.chunks_exact(n_steps).enumerate() {
            let scale = HeightScale::of(values);
            let mut path = Path::default();
            for step in layout.steps() {
                let Some((cell, value)) = layout.cell(row, step).map(&placed).zip(values.get(step)) else { continue };
                let y = cell.y + scale.down(*value, TRACE_PAD * layout.line, cell.height - layout.line);
                let ink = hex(self.theme.legible_on(panel.colour(row, step)));
                if ink != path.ink {
                    self.path(&path);
                    path = Path::from(ink, cell.x, path.y.unwrap_or(y));
                }
                path.go(cell.x + cell.width, y);
            }
            self.path(&path);
        }
    }

    fn path(&mut self, Path { ink, route, .. }: &Path) {
        if !route.is_empty() {
            self.push(format_args!(
                "<path d=\"{route}\" fill=\"none\" stroke=\"{ink}\" stroke-opacity=\"{TRACE_INK}\" stroke-width=\"1\"/>"
            ));
        }
    }

    /// A plus or a minus in every cell whose number is at least a tenth of the limit.
    fn signs(&mut self, panel: &Panel<'_>, layout: &Layout, placed: impl Fn(Rect) -> Rect) {
        for &row in &layout.order {
            for step in layout.steps() {
                let value = panel.grid.at(row, step).unwrap_or_default();
                let Some(cell) = layout.cell(row, step).map(&placed) else { continue };
                if panel.limit <= 0.0 || value.abs() < SIGNED_SHARE * panel.limit {
                    continue;
                }
                let ink = hex(self.theme.legible_on(panel.colour(row, step)));
                let arm = f64::from(GLYPH_ARM * layout.line.max(1)).min(f64::from(cell.width) / 2.0);
                let (x, y) = (f64::from(cell.x) + f64::from(cell.width) / 2.0, middle(cell, layout));
                let across = format!("M{} {y}h{}", x - arm, 2.0 * arm);
                let upright = if value > 0.0 { format!("M{x} {}v{}", y - arm, 2.0 * arm) } else { String::new() };
                self.push(format_args!(
                    "<path d=\"{across}{upright}\" stroke=\"{ink}\" stroke-opacity=\"{GLYPH_INK}\" stroke-width=\"1\"/>"
                ));
            }
        }
    }
}

/// A picture as one with whole rows, or as three: of rows without a track, of what is above the tracks, and of the tracks.
fn parts<'a>(panel: &Panel<'a>, layout: &Layout) -> Vec<(Panel<'a>, Layout)> {
    let whole = Panel { track: None, margins: None, ..panel.clone() };
    let Some(track) = panel.track else { return vec![(whole, layout.clone())] };
    let [rows, above, tracks] = layout.bands();
    let (hatched, has_signs) = (track.hatched.clone(), false);
    let below = Panel { grid: &track.grid, hatched, has_signs, origins: None, trace: None, ..whole.clone() };
    vec![(whole.clone(), rows), (whole, above), (below, tracks)]
}

/// Half way down a cell, the line below it left out.
fn middle(cell: Rect, layout: &Layout) -> f64 {
    f64::from(cell.y) + f64::from(cell.height - layout.line) / 2.0
}

/// A line of one ink under way.
#[derive(Default)]
struct Path {
    ink: String,
    route: String,
    y: Option<u32>,
}

impl Path {
    fn from(ink: String, x: u32, y: u32) -> Self {
        Self { ink, route: format!("M{x} {y}"), y: Some(y) }
    }

    /// Up or down to a height, then along to a place.
    fn go(&mut self, x: u32, y: u32) {
        let upright = if self.y == Some(y) { String::new() } else { format!("V{y}") };
        self.route = format!("{}{upright}H{x}", self.route);
        self.y = Some(y);
    }
}
