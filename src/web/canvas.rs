//! Pictures onto a canvas of the page or of its worker, and what the page needs to place and read them. Nothing here
//! computes: pictures, layouts and numbers come from the crate.

use js_sys::{Array, Object};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, ImageData, OffscreenCanvas, OffscreenCanvasRenderingContext2d,
};

use super::api::{Explanation, Model, Stay};
use super::belongs::explained_of;
use super::js::{JsWhole, argument, read_options, read_whole, read_whole_or, throw, to_js};
use crate::engine::explain::ensemble::{agreeing, enough};
use crate::picture::colormap::{Colormap, Palette, Rgb, Scaling};
use crate::picture::grid::{Categories, Grid, INPUT_LIMIT, Part, rows};
use crate::picture::layout::{Arrangement, Layout, LayoutRequest};
use crate::picture::pixmap::{Content, Painter, Pixmap, Theme, Track};
use crate::picture::totals::n_beyond;
use crate::stay::StayCell;
use crate::stay::manifest::Manifest;
use crate::study::inspect::{self, Grids, Inspection};
use crate::study::summary;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r##"
/** Which picture: the input, or an explanation (signed relevance, or magnitudes for a gradient). */
export type PictureKind = "input" | "relevance";

/** How a picture is painted. Lengths are device pixels. */
export interface PaintOptions {
    /** Room for all hours together; cells are the largest whole number of pixels that fits. Default 384. */
    width?: number;
    /** Height of a row. Default 18. */
    cellHeight?: number;
    /** Air between groups of rows. Default 6. */
    groupGap?: number;
    /** Thickness of rules. Default 1. */
    line?: number;
    /** Height of a colour bar. Default 10. */
    barHeight?: number;
    /** Colours of signed relevance. Default "puor". */
    palette?: "puor" | "rdbu" | "seismic" | "vik";
    /** Which columns of a channel are summed. Default "value". */
    part?: "value" | "mask" | "both";
    /**
     * How a one-hot channel's columns become one number in pictures of magnitudes, as of the gradient: added up, as in the
     * paper, or their mean, so that a channel of many categories does not outweigh one of a single column. Relevance is always
     * added up, since its sum is what it explains. Default "sum".
     */
    categories?: "sum" | "mean";
    /**
     * Height of the track at the foot of each row, the line below it included, in pictures of relevance: it is painted as the
     * relevance of the channel's being measured, and what is above it as that of its value, both on one scale. Totals
     * go on counting `part`. At most half of a row; none where `part` is "mask", or a channel has no mask. Default 0, for none.
     */
    track?: number;
    /** End of the colour scale; default what `scaling` makes it (4 for the input). Cells beyond it have a marked corner. */
    limit?: number;
    /**
     * How relevance and gradient become strengths of colour: in proportion up to the largest magnitude; by the square root,
     * which draws what is weak stronger; or in proportion up to the 98th percentile of what is not zero. Default "linear".
     * The input is tinted by how far it lies outside the normal range, in standard deviations or widths of the range,
     * whichever is less; where there is no range, by how many standard deviations from the mean.
     */
    scaling?: "linear" | "root" | "percentile";
    /**
     * Marks for observed, carried forward and normal values in the picture of the input, high in their cells where the value
     * is above the normal range, low where it is below. Default true.
     */
    marks?: boolean;
    /** Draws each row's values as a line through its cells, in the picture of relevance. Default false. */
    trace?: boolean;
    /** Plus and minus signs in the cells of signed relevance. Default false. */
    glyphs?: boolean;
    /**
     * Cells to be hatched, `row * steps + step` each, such as those that `disputedCells` names. Default none. Cells in
     * whose sign networks shown as one differ (`unsureCells`) are hatched besides, unless they are negligible.
     */
    hatched?: Uint32Array | number[];
    /** Rows' indices from top to bottom; rows left out follow in the manifest's order. Default: the manifest's order. */
    order?: number[];
    /** Names of groups whose rows are hidden. Default none. */
    collapsed?: string[];
    /** The first step shown and the one after the last. Default all. */
    window?: [number, number];
    /** Colour of zero, `#rrggbb`. Default "#ffffff". */
    background?: string;
    /** Colour of rules and marks, `#rrggbb`. Default "#202020". */
    ink?: string;
}

/** Where each cell stands, in device pixels. */
export interface GridLayout {
    width: number; height: number; cellWidth: number; cellHeight: number; line: number;
    /** Upper edge of each row, by the row's index; `undefined` where it is hidden. */
    tops: (number | undefined)[];
    /** Height of the track at the foot of each row, the line below it included, by the row's index; 0 for none. */
    tracks: number[];
    /** The shown rows' indices from top to bottom. */
    order: number[];
    /** The groups from top to bottom, with all their rows. */
    groups: { name: string; top: number; rows: number[]; isCollapsed: boolean }[];
    /** Steps between two heavier rules, 0 for none. */
    ruleEvery: number;
    /** The first step shown, and how many are. */
    firstStep: number; nSteps: number;
}

/** Relevance (or magnitude of the gradient) of one cell: of its value columns and of its mask. */
export interface Amounts { value: number; mask: number; valueShare: number; maskShare: number }

/** Where a value comes from. `age` counts steps. */
export type Origin = { kind: "observed" } | { kind: "carried-forward"; age: number } | { kind: "normal" };

/** What stands at a row and step. */
export interface Inspection {
    channel: string; group: string;
    /** Start and end, in hours. */
    hours: [number, number];
    /** In clinical units. */
    value: number; unit: string;
    /** Text of the category, for a one-hot channel. */
    category?: string;
    origin: Origin;
    /**
     * Where an edit put another reading there, or took it away: what the record has, absent for nothing. `isHere`: whether it is
     * this cell's own, and not that of the reading which is carried into it.
     */
    edited?: { record?: ShownValue; isHere: boolean };
    /** What the channel usually is in the well, in clinical units; of a one-hot channel in points of its ordinals. */
    normalRange?: [number, number];
    /** What was known of the channel six hours before, or as near to that as its steps are long. */
    before?: ShownValue & { hoursAgo: number };
    relevance?: Amounts; gradient?: Amounts;
}
"##;

#[wasm_bindgen]
extern "C" {
    /// A canvas of the page or of a worker.
    #[wasm_bindgen(typescript_type = "HTMLCanvasElement | OffscreenCanvas")]
    pub type AnyCanvas;
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "PictureKind")]
    pub type JsPictureKind;
    /// `PaintOptions`
    #[wasm_bindgen(typescript_type = "PaintOptions")]
    pub type JsPaintOptions;
    /// `GridLayout`
    #[wasm_bindgen(typescript_type = "GridLayout")]
    pub type JsGridLayout;
    /// `Inspection`
    #[wasm_bindgen(typescript_type = "Inspection | undefined")]
    pub type JsInspection;

    /// An explanation by its JavaScript handle: wasm-bindgen knows no optional reference to an exported type, and an
    /// optional value would be consumed by the call.
    #[wasm_bindgen(typescript_type = "Explanation")]
    pub type JsExplanation;
    #[wasm_bindgen(method, catch)]
    pub(super) fn share(this: &JsExplanation) -> Result<Explanation, JsValue>;
}

#[wasm_bindgen]
impl Explanation {
    /// Another handle on the same explanation, to be freed on its own.
    #[must_use]
    pub fn share(&self) -> Self {
        self.clone()
    }

    /// Whether the pictures show magnitudes instead of signed relevance.
    #[wasm_bindgen(getter, js_name = isMagnitude)]
    #[must_use]
    pub fn is_magnitude(&self) -> bool {
        self.is_magnitude
    }

    /// From now on, pictures show the numbers of this explanation with their signs: of a gradient, whether the output
    /// would rise or fall if the input rose.
    #[wasm_bindgen(js_name = showSigns)]
    pub fn show_signs(&mut self) {
        self.is_magnitude = false;
    }
}

/// Paints one picture onto a canvas, which takes the picture's size.
///
/// # Errors
/// When an option is wrong, the explanation is missing or belongs to another model, or the canvas refuses.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn paint(
    canvas: &AnyCanvas,
    kind: &JsPictureKind,
    model: &Model,
    stay: &Stay,
    explanation: Option<JsExplanation>,
    options: Option<JsPaintOptions>,
) -> Result<(), JsValue> {
    let picture = Picture::new(kind, model, stay, explanation.as_ref(), options.as_ref())?;
    put(canvas, &picture.pixmap(stay, &picture.options.layout(model)))
}

/// Paints a picture's colour bar, and returns the numbers at its start, middle and end.
///
/// # Errors
/// As for [`paint`].
#[wasm_bindgen(js_name = paintLegend)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn paint_legend(
    canvas: &AnyCanvas,
    kind: &JsPictureKind,
    model: &Model,
    stay: &Stay,
    explanation: Option<JsExplanation>,
    options: Option<JsPaintOptions>,
) -> Result<Vec<f64>, JsValue> {
    let picture = Picture::new(kind, model, stay, explanation.as_ref(), options.as_ref())?;
    picture.show_bar(canvas)
}

/// Where each cell of a model's pictures stands.
///
/// # Errors
/// When an option is wrong.
#[wasm_bindgen(js_name = gridLayout)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn grid_layout(model: &Model, options: Option<JsPaintOptions>) -> Result<JsGridLayout, JsValue> {
    to_js(&PaintOptions::read(options.as_ref())?.layout(model))
}

/// What stands at a row and step: `undefined` outside the grid.
///
/// # Errors
/// When one of the explanations is not one, or belongs to another model.
#[wasm_bindgen(js_name = inspect)]
pub fn inspect_cell(
    model: &Model,
    stay: &Stay,
    row: &JsWhole,
    step: &JsWhole,
    relevance: Option<JsExplanation>,
    gradient: Option<JsExplanation>,
) -> Result<JsInspection, JsValue> {
    let (row, step) = (read_whole("row", row)?, read_whole("step", step)?);
    stay.check_model(model)?;
    let read = |handle: JsExplanation| explained_of(&handle, model, stay);
    let (relevance, gradient) = (relevance.map(read).transpose()?, gradient.map(read).transpose()?);
    to_js(&seen(model, stay, (row, step), relevance.as_ref(), gradient.as_ref()))
}

/// The output had the reading that stands in a cell, or is carried forward into it, not been taken; `undefined` where
/// there is none.
///
/// # Errors
/// Where the stay belongs to another model, or the model has no such output.
#[wasm_bindgen(js_name = withoutReading)]
pub fn without_reading(
    model: &Model,
    stay: &Stay,
    row: &JsWhole,
    step: &JsWhole,
    target: Option<JsWhole>,
) -> Result<Option<f64>, JsValue> {
    stay.check_model(model)?;
    let (row, step) = (read_whole("row", row)?, read_whole("step", step)?);
    summary::without_reading(&model.all, &stay.inner, (row, step), read_whole_or("target", target, 0)?).map_err(throw)
}

/// What stands in a cell, by two explanations that belong to the model.
pub(super) fn seen(
    model: &Model,
    stay: &Stay,
    (row, step): (usize, usize),
    relevance: Option<&Explanation>,
    gradient: Option<&Explanation>,
) -> Option<Inspection> {
    let manifest = model.inner.manifest();
    let relevance = relevance.map(|it| Grids::relevance(manifest, &it.inner));
    let gradient = gradient.map(|it| Grids::magnitude(manifest, &it.inner));
    inspect::inspect(manifest, &stay.inner, relevance.as_ref(), gradient.as_ref(), row, step)
}

/// One picture's numbers and how they are coloured.
pub(super) struct Picture {
    /// The columns that the options name: what margins count, and what is painted where nothing is told apart.
    pub(super) grid: Grid,
    apart: Option<Apart>,
    pub(super) scale: Scale,
    pub(super) options: PaintOptions,
    pub(super) theme: Theme,
}

/// The values and their being measured, for a picture with tracks at the feet of its rows.
#[derive(Clone)]
struct Apart {
    values: Grid,
    measuring: Track,
}

/// What the numbers of a picture are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    Input,
    Signed,
    Magnitude,
    Count,
}

impl Picture {
    pub(super) fn new(
        kind: &JsPictureKind,
        model: &Model,
        stay: &Stay,
        explanation: Option<&JsExplanation>,
        options: Option<&JsPaintOptions>,
    ) -> Result<Self, JsValue> {
        let options = PaintOptions::read(options)?;
        match kind.as_string().as_deref() {
            Some("input") => Self::of_input(model, stay, options),
            Some("relevance") => {
                let missing = || argument("explanation", "this picture needs one; call model.explain first");
                let explanation = explained_of(explanation.ok_or_else(missing)?, model, stay)?;
                Self::of_explanation(model, stay, &explanation, options)
            }
            _ => Err(argument("kind", "must be \"input\" or \"relevance\"")),
        }
    }

    /// The picture of the input.
    pub(super) fn of_input(model: &Model, stay: &Stay, options: PaintOptions) -> Result<Self, JsValue> {
        let manifest = model.inner.manifest();
        let grid = Grid::input(&stay.inner.input, manifest.columns, &rows(manifest));
        let theme = options.theme()?;
        Self { grid, apart: None, scale: Scale::Input, options, theme }.checked(model, stay)
    }

    /// The picture of an explanation that belongs to the model.
    pub(super) fn of_explanation(
        model: &Model,
        stay: &Stay,
        explanation: &Explanation,
        options: PaintOptions,
    ) -> Result<Self, JsValue> {
        let (manifest, is_magnitude) = (model.inner.manifest(), explanation.is_magnitude());
        let (rows, values) = (rows(manifest), &explanation.inner.values);
        let categories = options.categories;
        let grid = |part| match is_magnitude {
            true => Grid::magnitudes(values, manifest.columns, &rows, (part, categories)),
            false => Grid::relevance(values, manifest.columns, &rows, part),
        };
        let picture = Self::of_parts(model, is_magnitude, options, |part| Some(grid(part)))?;
        let least = NEGLIGIBLE * picture.painted().into_iter().map(Grid::limit).fold(0.0, f64::max);
        let doubtful = |part| if is_magnitude { Vec::new() } else { unsure(explanation, manifest, part, least) };
        let unsure = doubtful(if picture.is_apart() { Part::Value } else { picture.options.part });
        let hatched = [picture.options.hatched.clone(), unsure].concat();
        let options = PaintOptions { hatched, ..picture.options.clone() }.checked()?;
        let mark = |it: Apart| Apart { measuring: Track { hatched: doubtful(Part::Mask), ..it.measuring }, ..it };
        Self { apart: picture.apart.map(mark), options, ..picture }.checked(model, stay)
    }

    fn checked(self, model: &Model, stay: &Stay) -> Result<Self, JsValue> {
        stay.check_model(model)?;
        Ok(self)
    }

    /// A picture of numbers that are relevance or its magnitude, by the columns that are summed: the values apart from their
    /// being measured where the options have a track for it.
    pub(super) fn of_parts(
        model: &Model,
        is_magnitude: bool,
        options: PaintOptions,
        of: impl Fn(Part) -> Option<Grid>,
    ) -> Result<Self, JsValue> {
        let none = || argument("picture.group", "has no stays yet; a difference needs stays of both predictions");
        let (theme, grid) = (options.theme()?, of(options.part).ok_or_else(none)?);
        let measuring = |grid| Track { grid, hatched: Vec::new() };
        let apart = || Some(Apart { values: of(Part::Value)?, measuring: measuring(of(Part::Mask)?) });
        let apart = if options.layout(model).has_tracks() { apart() } else { None };
        let scale = if is_magnitude { Scale::Magnitude } else { Scale::Signed };
        Ok(Self { grid, apart, scale, options, theme })
    }

    /// The whole picture: the cells, and the marks, traces and signs that the options ask for.
    pub(super) fn pixmap(&self, stay: &Stay, layout: &Layout) -> Pixmap {
        self.painter(layout, &self.colormap()).paint(&self.content(&stay.inner.cells))
    }

    /// How the picture is painted.
    pub(super) fn painter<'a>(&'a self, layout: &'a Layout, colormap: &'a Colormap) -> Painter<'a> {
        Painter { layout, colormap, theme: self.theme, has_signs: self.has_signs() }
    }

    /// What stands in the picture's cells; without a stay's cells there are no marks and no lines.
    pub(super) fn content(&self, cells: &[StayCell]) -> Content {
        let (limit, hatched) = (self.limit(), self.options.hatched.clone());
        let origins = if self.has_marks() { cells.iter().map(|cell| cell.origin).collect() } else { Vec::new() };
        let trace = if self.has_trace() { cells.iter().map(|cell| cell.value).collect() } else { Vec::new() };
        let (grid, track) = match &self.apart {
            Some(Apart { values, measuring }) => (values, Some(measuring.clone())),
            None => (&self.grid, None),
        };
        Content { grid: grid.clone(), limit, origins, trace, hatched, track }
    }

    /// Whether values and their being measured are told apart.
    pub(super) const fn is_apart(&self) -> bool {
        self.apart.is_some()
    }

    /// What stands in a row, `[n_steps]` each: the columns that are summed, or the values and their being measured.
    pub(super) fn of_row(&self, row: usize) -> Vec<&[f64]> {
        let grids = self.painted().into_iter();
        grids.filter_map(|grid| grid.values.chunks_exact(grid.n_steps.max(1)).nth(row)).collect()
    }

    /// How many of the numbers that are painted lie beyond the end of the scale.
    pub(super) fn n_beyond(&self) -> usize {
        self.painted().into_iter().map(|grid| n_beyond(grid, self.limit())).sum()
    }

    fn painted(&self) -> Vec<&Grid> {
        match &self.apart {
            Some(Apart { values, measuring }) => vec![values, &measuring.grid],
            None => vec![&self.grid],
        }
    }

    /// The same picture in another width.
    pub(super) fn as_wide_as(&self, width: u32) -> Result<Self, JsValue> {
        let options = PaintOptions { width, ..self.options.clone() }.checked()?;
        Ok(Self { grid: self.grid.clone(), apart: self.apart.clone(), options, ..*self })
    }

    /// Whether the picture says where values come from.
    pub(super) fn has_marks(&self) -> bool {
        self.scale == Scale::Input && self.options.marks
    }

    /// Whether the values run through its rows as a line.
    pub(super) fn has_trace(&self) -> bool {
        self.scale != Scale::Input && self.options.trace
    }

    /// Whether plus and minus signs stand in its cells.
    pub(super) fn has_signs(&self) -> bool {
        self.scale == Scale::Signed && self.options.glyphs
    }

    /// Shows the picture of no single stay.
    pub(super) fn show(&self, canvas: &AnyCanvas, model: &Model) -> Result<(), JsValue> {
        let layout = self.options.layout(model);
        put(canvas, &self.painter(&layout, &self.colormap()).paint(&self.content(&[])))
    }

    /// Shows the colour bar, and returns the numbers at its start, middle and end.
    pub(super) fn show_bar(&self, canvas: &AnyCanvas) -> Result<Vec<f64>, JsValue> {
        let low = if self.is_signed() { -1.0 } else { 0.0 };
        let (width, height) = (self.options.width, self.options.bar_height);
        put(canvas, &Pixmap::of_bar(width, height, low, &self.colormap()))?;
        Ok(self.ticks().to_vec())
    }

    /// The numbers at the start, the middle and the end of the colour bar.
    pub(super) fn ticks(&self) -> [f64; 3] {
        let low = if self.is_signed() { -1.0 } else { 0.0 };
        [low, f64::midpoint(low, 1.0), 1.0].map(|end| end * self.limit())
    }

    /// What the margins of a picture count: relevance, and for the input what was measured.
    pub(super) fn counted(
        kind: &JsPictureKind,
        model: &Model,
        stay: &Stay,
        explanation: Option<&JsExplanation>,
        options: Option<&JsPaintOptions>,
    ) -> Result<Self, JsValue> {
        Ok(Self::new(kind, model, stay, explanation, options)?.into_counted(stay))
    }

    /// The same picture as its margins count it.
    pub(super) fn into_counted(self, stay: &Stay) -> Self {
        if self.scale != Scale::Input {
            return self;
        }
        let grid = Grid::observed(stay.inner.cells.iter().map(|cell| cell.origin), self.grid.n_rows);
        Self { grid, scale: Scale::Count, ..self }
    }

    pub(super) fn colormap(&self) -> Colormap {
        let zero = self.theme.background;
        match self.scale {
            Scale::Input => Colormap::tint(zero),
            Scale::Signed => Colormap::diverging(self.options.palette, zero).scaled(self.options.scaling),
            Scale::Magnitude => Colormap::sequential(zero).scaled(self.options.scaling),
            Scale::Count => Colormap::neutral(zero, self.theme.ink),
        }
    }

    pub(super) fn is_signed(&self) -> bool {
        self.scale == Scale::Signed
    }

    pub(super) fn limit(&self) -> f64 {
        let own = || match self.scale {
            Scale::Input => INPUT_LIMIT,
            _ => self.options.scaling.end(self.painted().into_iter().flat_map(|grid| grid.values.iter().copied())),
        };
        self.options.limit.unwrap_or_else(own)
    }
}

/// Cells below this part of a picture's largest are not hatched where networks differ: there is nothing to be unsure of.
const NEGLIGIBLE: f64 = 0.02;

/// `PaintOptions` as read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PaintOptions {
    pub(super) width: u32,
    cell_height: u32,
    group_gap: u32,
    line: u32,
    pub(super) bar_height: u32,
    palette: Palette,
    pub(super) part: Part,
    categories: Categories,
    track: u32,
    limit: Option<f64>,
    scaling: Scaling,
    marks: bool,
    trace: bool,
    glyphs: bool,
    pub(super) hatched: Vec<usize>,
    order: Vec<usize>,
    collapsed: Vec<String>,
    window: Option<[usize; 2]>,
    background: String,
    ink: String,
}

/// The fields of `PaintOptions`.
const PAINT_FIELDS: [&str; 20] = [
    "width",
    "cellHeight",
    "groupGap",
    "line",
    "barHeight",
    "palette",
    "part",
    "categories",
    "track",
    "limit",
    "scaling",
    "marks",
    "trace",
    "glyphs",
    "hatched",
    "order",
    "collapsed",
    "window",
    "background",
    "ink",
];

/// The largest side of a picture in device pixels; browsers refuse canvases much larger.
const LARGEST_SIDE: u32 = 16_384;

impl Default for PaintOptions {
    fn default() -> Self {
        Self {
            width: 384,
            cell_height: 18,
            group_gap: 6,
            line: 1,
            bar_height: 10,
            palette: Palette::default(),
            part: Part::default(),
            categories: Categories::default(),
            track: 0,
            limit: None,
            scaling: Scaling::default(),
            marks: true,
            trace: false,
            glyphs: false,
            hatched: Vec::new(),
            order: Vec::new(),
            collapsed: Vec::new(),
            window: None,
            background: "#ffffff".to_owned(),
            ink: "#202020".to_owned(),
        }
    }
}

impl PaintOptions {
    pub(super) fn read(options: Option<&JsPaintOptions>) -> Result<Self, JsValue> {
        let Some(options) = options else { return Ok(Self::default()) };
        read_options::<Self>(&given(options)?, &PAINT_FIELDS)?.checked()
    }

    /// The same with another end of the colour scale.
    pub(super) fn with_limit(&self, limit: Option<f64>) -> Self {
        Self { limit, ..self.clone() }
    }

    fn checked(self) -> Result<Self, JsValue> {
        let mut read = self;
        read.hatched.sort_unstable();
        read.hatched.dedup();
        let sides = [read.width, read.cell_height, read.group_gap, read.line, read.bar_height, read.track];
        if sides.into_iter().any(|side| side > LARGEST_SIDE) {
            return Err(argument("options", &format!("lengths may be at most {LARGEST_SIDE} pixels")));
        }
        if read.window.is_some_and(|[first, end]| first >= end) {
            return Err(argument("options.window", "must be [first, end) with first below end"));
        }
        if read.limit.is_some_and(|limit| !(limit.is_finite() && limit > 0.0)) {
            return Err(argument("options.limit", "must be greater than zero"));
        }
        Ok(read)
    }

    pub(super) fn layout(&self, model: &Model) -> Layout {
        let arrangement =
            Arrangement { order: self.order.clone(), collapsed: self.collapsed.clone(), window: self.window };
        let track = if self.part == Part::Mask { 0 } else { self.track };
        Layout::arranged(model.inner.manifest(), self.request(), &arrangement).with_track(model.inner.manifest(), track)
    }

    const fn request(&self) -> LayoutRequest {
        LayoutRequest { width: self.width, cell_height: self.cell_height, group_gap: self.group_gap, line: self.line }
    }

    pub(super) fn theme(&self) -> Result<Theme, JsValue> {
        let colour = |field: &str, text: &str| {
            Rgb::from_hex(text).ok_or_else(|| argument(field, "must be a colour such as \"#1d1f23\""))
        };
        let background = colour("options.background", &self.background)?;
        Ok(Theme { background, ink: colour("options.ink", &self.ink)? })
    }
}

/// The cells of at least `least` in whose sign fewer than four of five networks agree with the mean, in rising order.
pub(super) fn unsure(explanation: &Explanation, manifest: &Manifest, part: Part, least: f64) -> Vec<usize> {
    if explanation.members.is_empty() {
        return Vec::new();
    }
    let rows = rows(manifest);
    let grid = |it: &Explanation| Grid::relevance(&it.inner.values, manifest.columns, &rows, part).values;
    let (mean, grids) = (grid(explanation), explanation.members.iter().map(grid).collect::<Vec<_>>());
    let counts = agreeing(&grids.iter().map(Vec::as_slice).collect::<Vec<_>>()).into_iter().zip(mean).enumerate();
    let needed = enough(grids.len());
    counts.filter_map(|(cell, (n, mean))| (n < needed && mean.abs() >= least).then_some(cell)).collect()
}

/// The options without the fields that are `undefined`: those count as not given.
fn given(options: &JsPaintOptions) -> Result<JsValue, JsValue> {
    let Some(object) = options.dyn_ref::<Object>() else { return Ok(options.into()) };
    let is_given = |entry: &JsValue| !entry.unchecked_ref::<Array>().get(1).is_undefined();
    let entries: Array = Object::entries(object).iter().filter(is_given).collect();
    Ok(Object::from_entries(&entries)?.into())
}

/// Shows a picture. The canvas takes its size, which also clears what was there.
pub(super) fn put(canvas: &AnyCanvas, pixmap: &Pixmap) -> Result<(), JsValue> {
    let (width, height) = (pixmap.width, pixmap.height);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixmap.rgba), width, height)?;
    if let Some(canvas) = canvas.dyn_ref::<OffscreenCanvas>() {
        canvas.set_width(width);
        canvas.set_height(height);
        let context = canvas.get_context("2d")?.and_then(|it| it.dyn_into::<OffscreenCanvasRenderingContext2d>().ok());
        context.ok_or_else(no_context)?.put_image_data(&image, 0.0, 0.0)
    } else if let Some(canvas) = canvas.dyn_ref::<HtmlCanvasElement>() {
        canvas.set_width(width);
        canvas.set_height(height);
        let context = canvas.get_context("2d")?.and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok());
        context.ok_or_else(no_context)?.put_image_data(&image, 0.0, 0.0)
    } else {
        Err(argument("canvas", "must be a canvas or an offscreen canvas"))
    }
}

fn no_context() -> JsValue {
    argument("canvas", "has no 2d context; give a canvas that nothing else has drawn on")
}
