//! One channel over the hours as a chart: its values as a line, where they come from as marks, relevance as a band.

use super::{Pixmap, Theme};
use crate::picture::colormap::Colormap;
use crate::picture::course::Course;
use crate::picture::layout::{Layout, Rect};
use crate::stay::Origin;

const LINE_INK: f64 = 0.8;
const FAINT_INK: f64 = 0.5;
const NORMAL_INK: f64 = 0.25;
const RULE_INK: f64 = 0.14;
/// Air above and below the line, thickness of the line, size of an observed value's dot, in thicknesses of a rule.
const PAD: u32 = 6;
const DOT: u32 = 7;

/// Heights of a chart's parts, in device pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourseRequest {
    /// Height of the whole picture.
    pub height: u32,
    /// Height of the band at its foot.
    pub band: u32,
}

impl CourseRequest {
    /// Pixels from the top of the picture to a value.
    #[must_use]
    pub fn down(self, course: &Course<'_>, layout: &Layout, value: f64) -> u32 {
        course.scale.down(value, PAD * layout.line, self.plot())
    }

    /// Upper edge and height of the band, or of the two parts that it has, `line` apart.
    fn bands(self, n_parts: usize, line: u32) -> Vec<(u32, u32)> {
        let top = self.plot() + self.band / 2;
        let below = if n_parts > 1 { self.band / 4 } else { 0 };
        let above = self.band - below - if below > 0 { line.min(self.band - below) } else { 0 };
        vec![(top, above), (top + self.band - below, below)]
    }

    /// Height of the part above the band, which stands a little apart from it.
    const fn plot(self) -> u32 {
        self.height.saturating_sub(self.band + self.band / 2)
    }
}

impl Pixmap {
    /// Paints one row of a layout as a chart. `relevance` is `[n_steps]` of one number each, coloured as `relevance / limit`;
    /// where there is a second such list, it takes the lower quarter of the band, with a line between.
    ///
    /// Observed values are dots on a strong line, what is carried forward is a faint line that trails from its dot, and
    /// normal values are a line of dashes; the channel's normal value stands behind as a level.
    #[must_use]
    pub fn of_course(
        course: &Course<'_>,
        relevance: &[&[f64]],
        limit: f64,
        layout: &Layout,
        request: CourseRequest,
        (colormap, theme): (&Colormap, Theme),
    ) -> Self {
        let mut pixmap = Self::filled(layout.width, request.height, theme.background);
        for x in layout.rules() {
            let rule = Rect { x, y: 0, width: layout.line, height: request.height };
            pixmap.fill(rule, theme.background.mix(theme.ink, RULE_INK));
        }
        let level =
            Rect { x: 0, y: request.down(course, layout, course.normal), width: layout.width, height: layout.line };
        pixmap.fill(level, theme.background.mix(theme.ink, NORMAL_INK));
        pixmap.values(course, layout, request, theme);
        for (relevance, (y, height)) in relevance.iter().zip(request.bands(relevance.len(), layout.line)) {
            for (place, step) in layout.steps().enumerate() {
                let share = relevance.get(step).map_or(0.0, |value| if limit > 0.0 { value / limit } else { 0.0 });
                let cell = Rect { x: left(layout, place), y, width: layout.cell_width, height };
                pixmap.fill(cell, colormap.at(share));
            }
        }
        let under =
            Rect { x: 0, y: request.height.saturating_sub(layout.line), width: layout.width, height: layout.line };
        pixmap.fill(under, theme.background.mix(theme.ink, RULE_INK));
        pixmap
    }

    fn values(&mut self, course: &Course<'_>, layout: &Layout, request: CourseRequest, theme: Theme) {
        let [strong, faint] = [LINE_INK, FAINT_INK].map(|ink| theme.background.mix(theme.ink, ink));
        let mut before = None;
        for (place, step) in layout.steps().enumerate() {
            let Some(cell) = course.cells.get(step) else { continue };
            let y = request.down(course, layout, cell.value);
            let x = left(layout, place);
            let span = Rect { x, y, width: layout.cell_width, height: layout.line };
            if let Some(last) = before {
                self.upright(x, last, y, layout.line, faint);
            }
            match cell.origin {
                Origin::Observed => {
                    self.fill(span, strong);
                    let size = (DOT * layout.line).min(layout.cell_width.max(3));
                    let around = Rect { x, y: y.saturating_sub(size / 2), width: layout.cell_width, height: size };
                    self.dot(around, size, theme.ink);
                }
                Origin::CarriedForward { .. } => self.fill(span, faint),
                Origin::Normal => self.fill(Rect { width: layout.cell_width.div_ceil(2), ..span }, faint),
            }
            before = Some(y);
        }
    }
}

fn left(layout: &Layout, place: usize) -> u32 {
    u32::try_from(place).unwrap_or_default() * layout.cell_width
}
