//! One explained stay as a picture that stands by itself: what a notebook keeps where no page runs.

use crate::picture::colormap::{Colormap, Palette, Rgb};
use crate::picture::grid::{Grid, INPUT_LIMIT, Part, rows};
use crate::picture::layout::{Layout, LayoutRequest};
use crate::picture::pixmap::Theme;
use crate::picture::svg::{FigureWords, Panel, SvgFigure, to_svg};
use crate::stay::StayCell;
use crate::stay::manifest::Manifest;
use crate::study::boundary::HeldExplanation;
use crate::study::export::Provenance;

const REQUEST: LayoutRequest = LayoutRequest { width: 432, cell_height: 16, group_gap: 16, line: 1 };
const THEME: Theme = Theme { background: Rgb([0xff, 0xff, 0xff]), ink: Rgb([0x20, 0x20, 0x20]) };

/// What the ends of a picture's colours mean.
const INPUT_ENDS: [&str; 2] = ["normal", "far outside"];
const SIGNED_ENDS: [&str; 2] = ["lowers", "raises"];
const MAGNITUDE_ENDS: [&str; 2] = ["no effect", "large effect"];

/// The input (`[n_steps * n_columns]`) and its explanation beside each other, as an SVG document with labels, legends and
/// the provenance under them. `cells` (`[n_channels * n_steps]`) says where values come from, where that is known.
#[must_use]
pub fn draw(
    manifest: &Manifest,
    input: &[f32],
    cells: Option<&[StayCell]>,
    explanation: &HeldExplanation,
    heading: &[String],
    provenance: &Provenance,
) -> String {
    let (layout, rows) = (Layout::new(manifest, REQUEST), rows(manifest));
    let values = &explanation.relevance.values;
    let (grid, ends, low, colormap) = if explanation.is_magnitude() {
        let grid = Grid::magnitude(values, manifest.columns, &rows, Part::Both);
        (grid, MAGNITUDE_ENDS, 0.0, Colormap::sequential(THEME.background))
    } else {
        let grid = Grid::relevance(values, manifest.columns, &rows, Part::Both);
        (grid, SIGNED_ENDS, -1.0, Colormap::diverging(Palette::PuOr, THEME.background))
    };
    let inputs = Grid::input(input, manifest.columns, &rows);
    let origins = cells.map(|cells| cells.iter().map(|cell| cell.origin).collect());
    let (tint, note) = (Colormap::tint(THEME.background), what_is_tinted(manifest));
    let panels = vec![
        Panel { origins, note: Some(&note), ..panel("Input", INPUT_ENDS, &inputs, tint, INPUT_LIMIT, 0.0) },
        panel("Relevance", ends, &grid, colormap, grid.limit(), low),
    ];
    let footer = provenance.lines();
    let figure = SvgFigure { heading, panels, footer: &footer, words: &FigureWords::default() };
    to_svg(&figure, manifest, &layout, THEME)
}

/// What the tint of the input counts, and for which channels it counts something else.
fn what_is_tinted(manifest: &Manifest) -> String {
    let is_open = |row: &usize| manifest.has_no_normal(*row);
    let open: Vec<&str> =
        (0..manifest.channels.len()).filter(is_open).map(|row| manifest.channels[row].label.as_str()).collect();
    let outside = "Tinted: how far outside the normal range, in SD or widths of the range, whichever is less.";
    match open.len() {
        0 => outside.to_owned(),
        n if n == manifest.channels.len() => "Tinted: how far from the mean, in SD.".to_owned(),
        _ => format!("{outside}\nWithout a range, how far from the mean: {}.", open.join(", ")),
    }
}

fn panel<'a>(
    title: &'a str,
    ends: [&'a str; 2],
    grid: &'a Grid,
    colormap: Colormap,
    limit: f64,
    low: f64,
) -> Panel<'a> {
    let (origins, trace, margins) = (None, None, None);
    Panel {
        title,
        ends,
        grid,
        colormap,
        limit,
        low,
        origins,
        trace,
        has_signs: false,
        hatched: vec![],
        track: None,
        note: None,
        margins,
    }
}
