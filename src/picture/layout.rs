//! Where each cell of a grid stands, in whole device pixels. All pictures of a stay share one layout, so that their
//! rows and hours line up.

use crate::stay::manifest::{Channel, Manifest};

/// Hours between the heavier rules.
const RULE_HOURS: f64 = 6.0;

/// What the page asks for, in device pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutRequest {
    /// Room for all steps together; a cell is the largest whole number of pixels that fits, at least one.
    pub width: u32,
    /// Height of a row.
    pub cell_height: u32,
    /// Air between two groups of rows.
    pub group_gap: u32,
    /// Thickness of rules and of the line between rows.
    pub line: u32,
}

/// Which rows and steps are shown, and in which order. The default shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// Rows' indices from top to bottom; rows left out follow in the manifest's order, repeated ones count once.
    pub order: Vec<usize>,
    /// Names of the groups whose rows are hidden.
    pub collapsed: Vec<String>,
    /// The first step shown and the one after the last.
    pub window: Option<[usize; 2]>,
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
    /// Upper edge of each row, by the row's index; `None` where it is hidden.
    pub tops: Vec<Option<u32>>,
    /// Height of the track at the foot of each row, the line below it included, by the row's index; zero for none.
    pub tracks: Vec<u32>,
    /// The shown rows' indices from top to bottom.
    pub order: Vec<usize>,
    /// The groups from top to bottom.
    pub groups: Vec<RowGroup>,
    /// Steps between two heavier rules; zero for none.
    pub rule_every: usize,
    /// The first step shown.
    pub first_step: usize,
    /// Number of steps shown.
    pub n_steps: usize,
    /// Whether a row's value is static, by the row's index: it counts to no step, though it is drawn at one.
    #[serde(skip)]
    pub is_static: Vec<bool>,
}

/// Rows that stand together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowGroup {
    /// The manifest's name for it, perhaps empty.
    pub name: String,
    /// Upper edge of its first row, or of where that would be.
    pub top: u32,
    /// Its rows' indices from top to bottom, shown or not.
    pub rows: Vec<usize>,
    /// Whether its rows are hidden.
    pub is_collapsed: bool,
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
    pub fn new(manifest: &Manifest, request: LayoutRequest) -> Self {
        Self::arranged(manifest, request, &Arrangement::default())
    }

    /// The layout of a grid with rows in an order of one's own, groups folded, or fewer steps. What an arrangement names
    /// beyond the manifest's rows and steps is left out.
    #[must_use]
    pub fn arranged(manifest: &Manifest, request: LayoutRequest, arrangement: &Arrangement) -> Self {
        let [first_step, end] = window(manifest, arrangement);
        let n_steps = end - first_step;
        let steps_wide = u32::try_from(n_steps).unwrap_or(u32::MAX).max(1);
        let cell_width = (request.width / steps_wide).max(1);
        let cell_height = request.cell_height.max(1);
        let (groups, height) = stack(grouped(manifest, arrangement), cell_height, request.group_gap);
        Self {
            width: cell_width.saturating_mul(steps_wide),
            height,
            cell_width,
            cell_height,
            line: request.line.min(cell_height / 2).min(cell_width),
            tops: row_tops(manifest, &groups, cell_height),
            tracks: vec![0; manifest.channels.len()],
            order: groups.iter().filter(|group| !group.is_collapsed).flat_map(|group| group.rows.clone()).collect(),
            groups,
            rule_every: whole_steps(RULE_HOURS / manifest.step_hours),
            first_step,
            n_steps,
            is_static: manifest.channels.iter().map(|channel| channel.is_static).collect(),
        }
    }

    /// The same with a track at the foot of each row whose channel has columns of being measured: `height` with the line
    /// below it, at least that line and as much again, at most half of the row. Rows too low for that have none.
    #[must_use]
    pub fn with_track(self, manifest: &Manifest, height: u32) -> Self {
        let least = 2 * self.line.max(1);
        let most = self.cell_height / 2;
        let track = if height == 0 || most < least { 0 } else { height.clamp(least, most) };
        let of = |channel: &Channel| if channel.measuring().next().is_some() { track } else { 0 };
        Self { tracks: manifest.channels.iter().map(of).collect(), ..self }
    }

    /// Whether a row has a track at its foot.
    #[must_use]
    pub fn has_tracks(&self) -> bool {
        self.tracks.iter().any(|track| *track > 0)
    }

    /// The rows without a track, what is above the track of those with one, and the tracks: each a layout of its own, whose
    /// cells end with a line as all cells do.
    #[must_use]
    pub fn bands(&self) -> [Self; 3] {
        let track = self.tracks.iter().copied().max().unwrap_or_default();
        let above = self.cell_height - track.min(self.cell_height);
        let band = |is_tracked: bool, cell_height: u32, down: u32| {
            let rows = self.tops.iter().zip(&self.tracks);
            let tops = rows.map(|(top, track)| top.filter(|_| (*track > 0) == is_tracked).map(|top| top + down));
            Self { tops: tops.collect(), tracks: vec![0; self.tracks.len()], cell_height, ..self.clone() }
        };
        [band(false, self.cell_height, 0), band(true, above, 0), band(true, track, above)]
    }

    /// The cell at a row and step, if it is shown.
    #[must_use]
    pub fn cell(&self, row: usize, step: usize) -> Option<Rect> {
        let y = self.tops.get(row).copied().flatten()?;
        let place = step.checked_sub(self.first_step).filter(|place| *place < self.n_steps)?;
        let x = u32::try_from(place).ok()?.checked_mul(self.cell_width)?;
        Some(Rect { x, y, width: self.cell_width, height: self.cell_height })
    }

    /// The steps that are shown.
    #[must_use]
    pub const fn steps(&self) -> std::ops::Range<usize> {
        self.first_step..self.first_step + self.n_steps
    }

    /// The left edges of the heavier rules, one at the picture's start left out.
    pub fn rules(&self) -> impl Iterator<Item = u32> + '_ {
        let (every, width) = (self.rule_every, self.cell_width as usize);
        let steps = self.steps().skip(1).filter(move |step| every > 0 && step % every == 0);
        steps.filter_map(move |step| u32::try_from((step - self.first_step) * width).ok())
    }
}

/// The first step shown and the one after the last: at least one step where there is one.
fn window(manifest: &Manifest, arrangement: &Arrangement) -> [usize; 2] {
    let steps = manifest.steps;
    let [first, end] = arrangement.window.unwrap_or([0, steps]);
    let first = first.min(steps.saturating_sub(1));
    [first, end.clamp(first + usize::from(steps > 0), steps.max(first))]
}

/// The groups in the order in which a row of theirs first appears, each with its rows in the arrangement's order.
fn grouped(manifest: &Manifest, arrangement: &Arrangement) -> Vec<RowGroup> {
    let mut groups: Vec<RowGroup> = Vec::new();
    let mut is_placed = vec![false; manifest.channels.len()];
    for row in arrangement.order.iter().copied().chain(0..manifest.channels.len()) {
        let Some(channel) = manifest.channels.get(row).filter(|_| !std::mem::replace(&mut is_placed[row], true)) else {
            continue;
        };
        match groups.iter_mut().find(|group| group.name == channel.group) {
            Some(group) => group.rows.push(row),
            None => groups.push(RowGroup {
                name: channel.group.clone(),
                top: 0,
                rows: vec![row],
                is_collapsed: arrangement.collapsed.contains(&channel.group),
            }),
        }
    }
    groups
}

/// Sets the groups one below the other with a gap between them, and gives the height of all.
fn stack(mut groups: Vec<RowGroup>, cell_height: u32, group_gap: u32) -> (Vec<RowGroup>, u32) {
    let mut bottom = 0;
    for (at, group) in groups.iter_mut().enumerate() {
        group.top = bottom + if at > 0 { group_gap } else { 0 };
        let n_shown = if group.is_collapsed { 0 } else { group.rows.len() };
        bottom = group.top + cell_height * u32::try_from(n_shown).unwrap_or_default();
    }
    (groups, bottom)
}

fn row_tops(manifest: &Manifest, groups: &[RowGroup], cell_height: u32) -> Vec<Option<u32>> {
    let mut tops = vec![None; manifest.channels.len()];
    for group in groups.iter().filter(|group| !group.is_collapsed) {
        for (&row, place) in group.rows.iter().zip(0..) {
            tops[row] = Some(group.top + cell_height * place);
        }
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
    use crate::stay::manifest::{Encoding, Imputation};

    fn manifest(groups: &[&str], steps: usize, step_hours: f64) -> Manifest {
        let channel = |group: &&str| Channel {
            name: String::new(),
            label: String::new(),
            group: (*group).to_owned(),
            unit: String::new(),
            columns: vec![0],
            mask: None,
            delta: None,
            plausible: None,
            noise: None,
            normal_range: None,
            limits: None,
            precision: None,
            imputation: Imputation::Previous,
            gap: None,
            is_static: false,
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
            codes: None,
            text: None,
            inputs: Vec::new(),
            layout: Vec::new(),
            lengths: Vec::new(),
        }
    }

    fn request(width: u32) -> LayoutRequest {
        LayoutRequest { width, cell_height: 10, group_gap: 4, line: 1 }
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
        assert_eq!(layout.tops, [0, 10, 24].map(Some));
        assert_eq!(layout.height, 34);
    }

    #[test]
    fn the_rows_of_a_group_stand_together() {
        let layout = Layout::new(&manifest(&["b", "a", "b", "c", "a"], 2, 1.0), request(20));
        assert_eq!(layout.order, [0, 2, 1, 4, 3]);
        assert_eq!(layout.tops, [0, 24, 10, 48, 34].map(Some));
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

    /// Channels of three rows, of which the second has no mask.
    fn tracked(cell_height: u32, line: u32, height: u32) -> Layout {
        let mut manifest = manifest(&["a", "a", "b"], 2, 1.0);
        manifest.channels[0].mask = Some(1);
        manifest.channels[2].mask = Some(2);
        let request = LayoutRequest { cell_height, line, ..request(20) };
        Layout::new(&manifest, request).with_track(&manifest, height)
    }

    #[test]
    fn a_track_stands_at_the_foot_of_what_is_measured() {
        let layout = tracked(10, 1, 3);
        assert_eq!((layout.tracks.as_slice(), layout.height), ([3, 0, 3].as_slice(), 34));
        assert_eq!(layout.cell(0, 0).map(|cell| cell.height), Some(10));
        let [whole, above, tracks] = layout.bands();
        let places =
            |band: &Layout| band.tops.iter().map(|top| top.map(|top| [top, band.cell_height])).collect::<Vec<_>>();
        assert_eq!(places(&whole), [None, Some([10, 10]), None]);
        assert_eq!(places(&above), [Some([0, 7]), None, Some([24, 7])]);
        assert_eq!(places(&tracks), [Some([7, 3]), None, Some([31, 3])]);
    }

    #[test]
    fn a_track_is_kept_within_its_row() {
        let height = |cell_height, line, height| tracked(cell_height, line, height).tracks[0];
        assert_eq!([height(10, 1, 0), height(10, 1, 1), height(10, 1, 9)], [0, 2, 5]);
        assert_eq!([height(20, 2, 3), height(3, 1, 2), height(4, 2, 3)], [4, 0, 0]);
        assert_eq!([height(10, 0, 1), height(2, 0, 1)], [2, 0]);
        assert!(tracked(10, 1, 3).has_tracks() && !tracked(10, 1, 0).has_tracks());
    }

    #[test]
    fn an_empty_manifest_has_an_empty_picture() {
        let layout = Layout::new(&manifest(&[], 0, 1.0), request(100));
        assert_eq!(layout.height, 0);
        assert_eq!(layout.rules().count(), 0);
    }

    fn arranged(arrangement: &Arrangement) -> Layout {
        Layout::arranged(&manifest(&["a", "a", "b", "b"], 12, 1.0), request(48), arrangement)
    }

    #[test]
    fn rows_in_an_order_of_ones_own() {
        let layout = arranged(&Arrangement { order: vec![3, 9, 3, 1], ..Arrangement::default() });
        assert_eq!(layout.order, [3, 2, 1, 0]);
        assert_eq!(layout.tops, [34, 24, 10, 0].map(Some));
    }

    #[test]
    fn a_folded_group_keeps_its_place_and_shows_no_row() {
        let layout = arranged(&Arrangement { collapsed: vec!["a".to_owned()], ..Arrangement::default() });
        assert_eq!(layout.tops, [None, None, Some(4), Some(14)]);
        assert_eq!((layout.order.as_slice(), layout.height), ([2, 3].as_slice(), 24));
        assert_eq!((layout.groups[0].rows.as_slice(), layout.groups[1].top), ([0, 1].as_slice(), 4));
        assert_eq!(layout.cell(0, 0), None);
    }

    #[test]
    fn a_window_of_steps_fills_the_width() {
        let layout = arranged(&Arrangement { window: Some([4, 10]), ..Arrangement::default() });
        assert_eq!((layout.cell_width, layout.width, layout.steps()), (8, 48, 4..10));
        assert_eq!(layout.cell(0, 6).map(|cell| cell.x), Some(16));
        assert_eq!((layout.cell(0, 3), layout.cell(0, 10)), (None, None));
        assert_eq!(layout.rules().collect::<Vec<_>>(), [16]);
    }

    #[test]
    fn a_window_is_kept_within_the_steps() {
        let steps = |window| arranged(&Arrangement { window: Some(window), ..Arrangement::default() }).steps();
        assert_eq!([steps([20, 30]), steps([5, 5]), steps([7, 2])], [11..12, 5..6, 7..8]);
    }
}
