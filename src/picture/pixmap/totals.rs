//! Margins as bars: beside the rows and below the steps.

use super::{Pixmap, Theme};
use crate::picture::colormap::Colormap;
use crate::picture::layout::{Layout, Rect};
use crate::picture::totals::{Total, Totals};

/// Colour of a bar, as a place on the colour map.
pub(crate) const BAR_COLOUR: f64 = 0.62;
/// Share of a row's height, and of a cell's width, that a bar takes.
pub(crate) const BAR_SHARE: (u32, u32) = (3, 5);
pub(crate) const AXIS_INK: f64 = 0.3;
pub(crate) const NET_INK: f64 = 0.85;

impl Pixmap {
    /// A bar for each shown row: what raises to the right of the middle, what lowers to the left, and a mark where
    /// both add up to. Magnitudes start at the left edge.
    #[must_use]
    pub fn of_row_totals(
        totals: &Totals,
        layout: &Layout,
        width: u32,
        is_signed: bool,
        colormap: &Colormap,
        theme: Theme,
    ) -> Self {
        let mut pixmap = Self::filled(width, layout.height, theme.background);
        let bars = Bars::new(width, is_signed, totals.row_limit);
        let thickness = (layout.cell_height * BAR_SHARE.0 / BAR_SHARE.1).max(1);
        let tops = layout.tops.iter().zip(&totals.rows).filter_map(|(top, total)| top.map(|top| (top, total)));
        for (top, total) in tops {
            let y = top + (layout.cell_height - layout.line - thickness) / 2;
            let across = |from: u32, to: u32| Rect { x: from, y, width: to - from, height: thickness };
            pixmap.bar(&bars, total, layout.line, is_signed, (colormap, theme), across);
        }
        let axis = Rect { x: bars.zero, y: 0, width: layout.line, height: layout.height };
        pixmap.fill(axis, theme.background.mix(theme.ink, AXIS_INK));
        pixmap
    }

    /// A bar for each shown step: what raises upwards from the middle, what lowers downwards. Magnitudes stand on the
    /// lower edge.
    #[must_use]
    pub fn of_step_totals(
        totals: &Totals,
        layout: &Layout,
        height: u32,
        is_signed: bool,
        colormap: &Colormap,
        theme: Theme,
    ) -> Self {
        let mut pixmap = Self::filled(layout.width, height, theme.background);
        let bars = Bars::new(height, is_signed, totals.step_limit);
        let air = u32::from(layout.cell_width > 2);
        let mut x = 0;
        for total in &totals.steps {
            // Lengths grow upwards, pixels downwards.
            let across =
                |from: u32, to: u32| Rect { x, y: height - to, width: layout.cell_width - air, height: to - from };
            pixmap.bar(&bars, total, layout.line, is_signed, (colormap, theme), across);
            x += layout.cell_width;
        }
        let y = height.saturating_sub(bars.zero + layout.line);
        let axis = Rect { x: 0, y, width: layout.width, height: layout.line };
        pixmap.fill(axis, theme.background.mix(theme.ink, AXIS_INK));
        pixmap
    }

    fn bar(
        &mut self,
        bars: &Bars,
        total: &Total,
        line: u32,
        is_signed: bool,
        (colormap, theme): (&Colormap, Theme),
        across: impl Fn(u32, u32) -> Rect,
    ) {
        self.fill(across(bars.zero, bars.at(total.raising)), colormap.at(BAR_COLOUR));
        self.fill(across(bars.at(total.lowering), bars.zero), colormap.at(-BAR_COLOUR));
        if is_signed && total.absolute > 0.0 {
            let net = bars.at(total.signed).min(bars.length.saturating_sub(2 * line));
            self.fill(across(net, net + 2 * line), theme.background.mix(theme.ink, NET_INK));
        }
    }
}

/// The scale of some bars, in pixels from their start.
pub(crate) struct Bars {
    pub(crate) length: u32,
    pub(crate) zero: u32,
    limit: f64,
}

impl Bars {
    /// Bars from the middle of a length where they are signed, from its start otherwise.
    pub(crate) const fn new(length: u32, is_signed: bool, limit: f64) -> Self {
        Self { length, zero: if is_signed { length / 2 } else { 0 }, limit }
    }

    /// `at(x) = zero + (length - zero) x / limit`
    pub(crate) fn at_exactly(&self, amount: f64) -> f64 {
        let room = f64::from(self.length - self.zero);
        let share = if self.limit > 0.0 { (amount / self.limit).clamp(-1.0, 1.0) } else { 0.0 };
        (f64::from(self.zero) + room * share).clamp(0.0, f64::from(self.length))
    }

    /// The place of an amount, in whole pixels.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within a picture")]
    fn at(&self, amount: f64) -> u32 {
        self.at_exactly(amount).round() as u32
    }
}
