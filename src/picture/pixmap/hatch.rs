//! Hatching: marks on cells that need a second look, without a colour of their own.

use super::Pixmap;
use crate::picture::layout::Layout;
use crate::picture::pixmap::Theme;

/// How much ink a line of the hatching takes, of what is legible on its cell.
pub(crate) const HATCH_INK: f64 = 0.6;
/// From one line to the next, in thicknesses of a line.
pub(crate) const PERIOD: u32 = 4;

impl Pixmap {
    /// Draws rising diagonal lines over cells, `row * n_steps + step` each; cells that are not shown are left out. The
    /// lines go on from one cell to the next.
    pub fn hatch(&mut self, cells: &[usize], n_steps: usize, layout: &Layout, theme: Theme) {
        let line = layout.line.max(1);
        for cell in cells {
            let Some(cell) = layout.cell(cell / n_steps.max(1), cell % n_steps.max(1)) else { continue };
            // Beside the rule, which may cover the cell's left edge.
            let under = self.pixel(cell.x + layout.line, cell.y);
            let ink = under.mix(theme.legible_on(under), HATCH_INK);
            for y in cell.y..cell.y + cell.height - layout.line {
                for x in (cell.x..cell.x + cell.width).filter(|x| (x + y) % (PERIOD * line) < line) {
                    self.fill(crate::picture::layout::Rect { x, y, width: 1, height: 1 }, ink);
                }
            }
        }
        // In the hatched rows alone: a row's look must not hang on other rows, or it could not be painted by itself.
        let is_hatched = |row: usize| cells.iter().any(|cell| cell / n_steps.max(1) == row);
        let tops = layout.tops.iter().enumerate().map(|(row, top)| top.filter(|_| is_hatched(row)));
        self.rule(&Layout { tops: tops.collect(), ..layout.clone() }, theme);
    }
}
