//! What stands around one picture: hours, legend, totals.

use super::{
    BAR_HEIGHT, BAR_STEPS, LABEL_SIZE, Margins, NOTE_LINE, NOTE_SIZE, Panel, ROW_NUMBERS, ROWS, STEPS, STEPS_GAP, Svg,
    note_lines,
};
use crate::engine::number::real;
use crate::picture::colormap::Rgb;
use crate::picture::layout::Layout;
use crate::picture::pixmap::totals::{AXIS_INK, BAR_COLOUR, BAR_SHARE, Bars, NET_INK};
use crate::picture::totals::Total;
use crate::stay::manifest::Manifest;

/// Thickness of the mark where what raises and what lowers add up.
const NET: f64 = 2.0;

/// Part of a bar: from one length to another, in a colour.
struct BarPiece {
    from: f64,
    to: f64,
    colour: Rgb,
}

impl Svg<'_> {
    /// Hours at the rules; where there are none, at both ends.
    pub(super) fn axis(&mut self, manifest: &Manifest, layout: &Layout, left: u32, top: u32) {
        let every = if layout.rule_every == 0 { layout.n_steps.max(1) } else { layout.rule_every };
        // On a narrow picture only every second or fourth one.
        let wide = usize::try_from(28 / layout.cell_width.max(1)).unwrap_or(1);
        let every = every * wide.div_ceil(every).max(1);
        for place in (0..=layout.n_steps).filter(|place| (layout.first_step + place).is_multiple_of(every)) {
            let hours = real(layout.first_step + place) * manifest.step_hours;
            let x = left + u32::try_from(place).unwrap_or(u32::MAX).saturating_mul(layout.cell_width);
            let unit = if place == 0 { self.words.hour() } else { "" };
            let text = format!("{}{unit}", self.words.number(hours));
            self.text(x, top + 12, 10.0, 400, "middle", &text);
        }
    }

    pub(super) fn legend(&mut self, panel: &Panel<'_>, layout: &Layout, left: u32, top: u32) {
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
            let text = if panel.low < 0.0 { self.words.signed(number) } else { self.words.number(number) };
            self.text(left + place * width / 2, top + BAR_HEIGHT + 12, 10.0, 400, anchor, &text);
        }
        let [low, high] = panel.ends;
        self.text(left, top + BAR_HEIGHT + 25, 10.0, 400, "start", low);
        self.text(left + width, top + BAR_HEIGHT + 25, 10.0, 400, "end", high);
        for (at, line) in (0..).zip(note_lines(panel, layout)) {
            self.text(left, top + BAR_HEIGHT + 38 + at * NOTE_LINE, NOTE_SIZE, 400, "start", &line);
        }
    }

    /// A bar for each shown step: what raises upwards, what lowers downwards.
    pub(super) fn step_totals(&mut self, margins: &Margins<'_>, layout: &Layout, left: u32, top: u32) {
        let bars = Bars::new(STEPS - STEPS_GAP, margins.is_signed, margins.totals.step_limit);
        let bottom = f64::from(top + STEPS);
        let width = f64::from(layout.cell_width - u32::from(layout.cell_width > 2));
        let mut x = left;
        for total in &margins.totals.steps {
            for BarPiece { from, to, colour } in self.pieces(&bars, total, margins) {
                // Lengths grow upwards, the document downwards.
                self.bar([f64::from(x), bottom - to, width, to - from], colour);
            }
            x += layout.cell_width;
        }
        let axis = self.theme.background.mix(self.theme.ink, AXIS_INK);
        self.bar([f64::from(left), bottom - f64::from(bars.zero) - 1.0, f64::from(layout.width), 1.0], axis);
    }

    /// A bar for each shown row: what raises to the right, what lowers to the left; and what they add up to.
    pub(super) fn row_totals(&mut self, margins: &Margins<'_>, layout: &Layout, left: u32, top: u32) {
        let Some(rows) = margins.rows else { return };
        let bars = Bars::new(ROWS, margins.is_signed, margins.totals.row_limit);
        self.text(left, top - 6, LABEL_SIZE, 400, "start", rows.title);
        let thickness = (layout.cell_height * BAR_SHARE.0 / BAR_SHARE.1).max(1);
        for &row in &layout.order {
            let (Some(row_top), Some(total)) = (layout.tops[row], margins.totals.rows.get(row)) else { continue };
            let y = top + row_top + (layout.cell_height - layout.line - thickness) / 2;
            for BarPiece { from, to, colour } in self.pieces(&bars, total, margins) {
                self.bar([f64::from(left) + from, f64::from(y), to - from, f64::from(thickness)], colour);
            }
            let middle = top + row_top + layout.cell_height / 2 + 4;
            let text = self.words.total(total, rows);
            self.text(left + ROWS + ROW_NUMBERS, middle, 10.0, 400, "end", &text);
        }
        let axis = self.theme.background.mix(self.theme.ink, AXIS_INK);
        self.bar([f64::from(left + bars.zero), f64::from(top), 1.0, f64::from(layout.height)], axis);
    }

    /// A bar's parts: what raises, what lowers, and a mark where both add up.
    fn pieces(&self, bars: &Bars, total: &Total, margins: &Margins<'_>) -> Vec<BarPiece> {
        let (zero, colormap) = (f64::from(bars.zero), &margins.colormap);
        let mut pieces = vec![
            BarPiece { from: zero, to: bars.at_exactly(total.raising), colour: colormap.at(BAR_COLOUR) },
            BarPiece { from: bars.at_exactly(total.lowering), to: zero, colour: colormap.at(-BAR_COLOUR) },
        ];
        if margins.is_signed && total.absolute > 0.0 {
            let net = bars.at_exactly(total.signed).min(f64::from(bars.length) - NET);
            let colour = self.theme.background.mix(self.theme.ink, NET_INK);
            pieces.push(BarPiece { from: net, to: net + NET, colour });
        }
        pieces.retain(|piece| piece.to > piece.from);
        pieces
    }

    fn bar(&mut self, [x, y, width, height]: [f64; 4], colour: Rgb) {
        let colour = super::hex(colour);
        self.push(format_args!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{colour}\"/>"
        ));
    }
}
