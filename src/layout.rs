//! Where each cell of a grid stands, in whole device pixels. All pictures of a stay share one layout, so that their
//! rows and hours line up.

use crate::stay::manifest::Manifest;

/// Hours between the heavier rules.
const RULE_HOURS: f64 = 6.0;

/// What the page asks for, in device pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Room for all steps together; a cell is the largest whole number of pixels that fits, at least one.
    pub width: u32,
    /// Height of a row.
    pub cell_height: u32,
    /// Air between two groups of rows.
    pub group_gap: u32,
    /// Thickness of rules and of the line between rows.
    pub line: u32,
}

/// Where each cell of a grid stands, in device pixels.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Width of the picture.
    pub width: u32,
    /// Height of the picture.
    pub height: u32,
    /// Width of every cell.
    pub cell_width: u32,
    /// Height of every cell, the line below it included.
    pub cell_height: u32,
    /// Thickness of rules and of the line between rows.
    pub line: u32,
    /// Upper edge of each row, by the row's index.
    pub tops: Vec<u32>,
    /// The rows' indices from top to bottom.
    pub order: Vec<usize>,
    /// Steps between two heavier rules; zero for none.
    pub rule_every: usize,
    /// Number of time steps.
    pub n_steps: usize,
}

/// A rectangle in device pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Layout {
    /// The layout of a manifest's grid: the rows of a group stand together, with a gap between groups, in the
    /// manifest's order otherwise; a rule every six hours where that is a whole number of steps.
    #[must_use]
    pub fn new(manifest: &Manifest, request: Request) -> Self {
        let n_steps = manifest.steps;
        let steps_wide = u32::try_from(n_steps).unwrap_or(u32::MAX).max(1);
        let cell_width = (request.width / steps_wide).max(1);
        let cell_height = request.cell_height.max(1);
        let order = grouped(manifest);
        let tops = row_tops(manifest, &order, cell_height, request.group_gap);
        Self {
            width: cell_width.saturating_mul(steps_wide),
            height: tops.iter().max().map_or(0, |top| top + cell_height),
            cell_width,
            cell_height,
            line: request.line.min(cell_height / 2).min(cell_width),
            tops,
            order,
            rule_every: whole_steps(RULE_HOURS / manifest.step_hours),
            n_steps,
        }
    }

    /// The cell at a row and step.
    #[must_use]
    pub fn cell(&self, row: usize, step: usize) -> Option<Rect> {
        let &y = self.tops.get(row).filter(|_| step < self.n_steps)?;
        let x = u32::try_from(step).ok()?.checked_mul(self.cell_width)?;
        Some(Rect { x, y, width: self.cell_width, height: self.cell_height })
    }

    /// The left edges of the heavier rules, the first one left of the picture's start left out.
    pub fn rules(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.width).step_by(self.rule_width()).skip(1)
    }

    fn rule_width(&self) -> usize {
        let every = if self.rule_every == 0 { self.n_steps } else { self.rule_every };
        (every * self.cell_width as usize).max(1)
    }
}

/// The rows' indices, group by group in the order in which groups first appear.
fn grouped(manifest: &Manifest) -> Vec<usize> {
    let group = |row: &usize| &manifest.channels[*row].group;
    let first = |row: &usize| manifest.channels.iter().position(|channel| &channel.group == group(row));
    let mut order: Vec<usize> = (0..manifest.channels.len()).collect();
    order.sort_by_key(first);
    order
}

fn row_tops(manifest: &Manifest, order: &[usize], cell_height: u32, group_gap: u32) -> Vec<u32> {
    let mut tops = vec![0; order.len()];
    let mut top = 0;
    let mut above: Option<&str> = None;
    for &row in order {
        let group = manifest.channels[row].group.as_str();
        if above.is_some_and(|above| above != group) {
            top += group_gap;
        }
        tops[row] = top;
        top += cell_height;
        above = Some(group);
    }
    tops
}

/// `steps` if it is a whole number of at least one, else zero.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
fn whole_steps(steps: f64) -> usize {
    if steps.fract() == 0.0 && (1.0..=1e6).contains(&steps) { steps as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::manifest::{Channel, Encoding};

    fn manifest(groups: &[&str], steps: usize, step_hours: f64) -> Manifest {
        let channel = |group: &&str| Channel {
            name: String::new(),
            label: String::new(),
            group: (*group).to_owned(),
            unit: String::new(),
            columns: vec![0],
            mask: None,
            plausible: None,
            encoding: Encoding::Continuous { mean: 0.0, std: 1.0, normal: 0.0 },
        };
        Manifest {
            format: String::new(),
            name: String::new(),
            description: String::new(),
            steps,
            step_hours,
            columns: 1,
            outcomes: Vec::new(),
            channels: groups.iter().map(channel).collect(),
        }
    }

    fn request(width: u32) -> Request {
        Request { width, cell_height: 10, group_gap: 4, line: 1 }
    }

    #[test]
    fn cells_are_whole_pixels_and_fill_the_width() {
        let layout = Layout::new(&manifest(&["a"], 48, 1.0), request(350));
        assert_eq!((layout.cell_width, layout.width), (7, 336));
    }

    #[test]
    fn a_picture_never_vanishes() {
        let layout = Layout::new(&manifest(&["a"], 48, 1.0), request(0));
        assert_eq!((layout.cell_width, layout.width), (1, 48));
    }

    #[test]
    fn groups_stand_apart() {
        let layout = Layout::new(&manifest(&["a", "a", "b"], 2, 1.0), request(20));
        assert_eq!(layout.tops, [0, 10, 24]);
        assert_eq!(layout.height, 34);
    }

    #[test]
    fn the_rows_of_a_group_stand_together() {
        let layout = Layout::new(&manifest(&["b", "a", "b", "c", "a"], 2, 1.0), request(20));
        assert_eq!(layout.order, [0, 2, 1, 4, 3]);
        assert_eq!(layout.tops, [0, 24, 10, 48, 34]);
        assert_eq!(layout.height, 58);
    }

    #[test]
    fn cells_by_row_and_step() {
        let layout = Layout::new(&manifest(&["a", "b"], 3, 1.0), request(30));
        assert_eq!(layout.cell(1, 2), Some(Rect { x: 20, y: 14, width: 10, height: 10 }));
        assert_eq!(layout.cell(1, 3), None);
        assert_eq!(layout.cell(2, 0), None);
    }

    #[test]
    fn rules_every_six_hours() {
        let rules =
            |steps, step_hours| Layout::new(&manifest(&["a"], steps, step_hours), request(100)).rules().collect();
        let hourly: Vec<u32> = rules(18, 1.0);
        assert_eq!(hourly, [30, 60]);
        let every_two_hours: Vec<u32> = rules(6, 2.0);
        assert_eq!(every_two_hours, [48]);
        let uneven: Vec<u32> = rules(10, 0.7);
        assert_eq!(uneven, [0; 0]);
    }

    #[test]
    fn an_empty_manifest_has_an_empty_picture() {
        let layout = Layout::new(&manifest(&[], 0, 1.0), request(100));
        assert_eq!(layout.height, 0);
        assert_eq!(layout.rules().count(), 0);
    }
}
