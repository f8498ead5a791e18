//! What helps to read the pictures: margins, one channel's course, the strongest cells, all cells at once.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::api::{Model, Stay};
use super::belongs::explained_of;
use super::canvas::{AnyCanvas, JsExplanation, JsPaintOptions, JsPictureKind, Picture, put};
use super::js::{JsWhole, argument, read_options, read_whole, to_js, to_js_by_text};
use crate::picture::course::Course;
use crate::picture::pixmap::{CourseRequest, Pixmap};
use crate::picture::totals::{Totals, strongest_cells};
use crate::study::inspect::{Grids, inspect_all};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What some cells add up to: `signed = raising + lowering`, `absolute = raising - lowering`; `share` of all rows. */
export interface Total { raising: number; lowering: number; signed: number; absolute: number; share: number }

/** The margins of a picture over the steps that are shown. */
export interface Totals {
    /** By the row's index. */
    rows: Total[];
    /** By the layout's groups. */
    groups: Total[];
    /** Of the shown steps. */
    steps: Total[];
    all: Total;
    /** The ends of the bars' scales. */
    rowLimit: number; stepLimit: number;
    /** Rows from the largest absolute total to the smallest. */
    ranking: number[];
}

/** Heights of a course's picture in device pixels: the whole, and the band of relevance at its foot. */
export interface CourseOptions {
    height: number; band: number;
    /** Room for other values than those that are there. Default false. */
    room?: boolean;
}

/** What stands beside a course's picture. */
export interface CourseFacts {
    /** Its width, and that of a step, in device pixels. */
    width: number; cellWidth: number;
    /** Numbers or categories along its axis, with their distance from the top in device pixels. */
    ticks: { value: number; category?: string; y: number }[];
    /** The channel's normal value, and its distance from the top. */
    normal: { value: number; y: number };
    /** The largest and the smallest value that have room, and their distances from the top. */
    plot: { high: number; top: number; low: number; bottom: number };
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "Totals")]
    pub type JsTotals;
    /// `CourseOptions`
    #[wasm_bindgen(typescript_type = "CourseOptions")]
    pub type JsCourseOptions;
    /// `CourseFacts`
    #[wasm_bindgen(typescript_type = "CourseFacts")]
    pub type JsCourseFacts;
    /// All cells' `Inspection`.
    #[wasm_bindgen(typescript_type = "Inspection[]")]
    pub type JsInspections;
}

/// The margins of a picture: of its rows, groups and steps, over the steps that are shown. Those of the input count
/// what was measured.
///
/// # Errors
/// When an option is wrong, the explanation is missing or belongs to another model.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn totals(
    kind: &JsPictureKind,
    model: &Model,
    stay: &Stay,
    explanation: Option<JsExplanation>,
    options: Option<JsPaintOptions>,
) -> Result<JsTotals, JsValue> {
    let picture = Picture::counted(kind, model, stay, explanation.as_ref(), options.as_ref())?;
    to_js_by_text(&Totals::of(&picture.grid, &picture.options.layout(model)))
}

/// Paints the margins of a picture as bars: those of the rows `barWidth` wide, those of the steps `options.barHeight`
/// high and as wide as the picture.
///
/// # Errors
/// As for [`totals`].
#[wasm_bindgen(js_name = paintTotals)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
#[expect(clippy::too_many_arguments, reason = "two canvases, and what `paint` takes")]
pub fn paint_totals(
    rows: &AnyCanvas,
    steps: &AnyCanvas,
    kind: &JsPictureKind,
    model: &Model,
    stay: &Stay,
    explanation: Option<JsExplanation>,
    options: Option<JsPaintOptions>,
    #[wasm_bindgen(js_name = barWidth)] bar_width: Option<u32>,
) -> Result<(), JsValue> {
    let picture = Picture::counted(kind, model, stay, explanation.as_ref(), options.as_ref())?;
    let layout = picture.options.layout(model);
    let totals = Totals::of(&picture.grid, &layout);
    let (is_signed, colormap, theme) = (picture.is_signed(), picture.colormap(), picture.theme);
    let width = bar_width.unwrap_or(96).min(4096);
    put(rows, &Pixmap::of_row_totals(&totals, &layout, width, is_signed, &colormap, theme))?;
    let height = picture.options.bar_height;
    put(steps, &Pixmap::of_step_totals(&totals, &layout, height, is_signed, &colormap, theme))
}

/// Paints one channel's values over the shown hours, in clinical units, with its relevance as a band below.
///
/// # Errors
/// As for [`totals`], and when there is no such row.
#[wasm_bindgen(js_name = paintCourse)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn paint_course(
    canvas: &AnyCanvas,
    model: &Model,
    stay: &Stay,
    explanation: &JsExplanation,
    row: &JsWhole,
    options: Option<JsPaintOptions>,
    course: &JsCourseOptions,
) -> Result<JsCourseFacts, JsValue> {
    let row = read_whole("row", row)?;
    let heights: Heights = read_options(course, &["height", "band", "room"])?;
    let picture = relevance_picture(model, stay, explanation, options.as_ref())?;
    let (pixmap, facts) = course_picture(model, stay, &picture, row, &heights)?;
    put(canvas, &pixmap)?;
    to_js(&facts)
}

/// One channel's course with the relevance that a picture shows, and what stands beside it.
pub(super) fn course_picture(
    model: &Model,
    stay: &Stay,
    picture: &Picture,
    row: usize,
    heights: &Heights,
) -> Result<(Pixmap, Facts), JsValue> {
    let request = CourseRequest { height: heights.height.min(4096), band: heights.band.min(1024) };
    let (manifest, layout) = (model.inner.manifest(), picture.options.layout(model));
    let missing = || argument("row", &format!("must be below {}", manifest.channels.len()));
    let course = Course::of(manifest, &stay.inner, row).ok_or_else(missing)?;
    let course = if heights.room { course.with_room(&manifest.channels[row]) } else { course };
    let mut relevance = picture.of_row(row);
    if layout.tracks[row] == 0 {
        relevance.truncate(1);
    }
    let colours = (&picture.colormap(), picture.theme);
    let pixmap = Pixmap::of_course(&course, &relevance, picture.limit(), &layout, request, colours);
    let down = |value| request.down(&course, &layout, value);
    let ticks =
        course.ticks.iter().map(|it| Placed { value: it.value, category: it.category.clone(), y: down(it.value) });
    let facts = Facts {
        width: layout.width,
        cell_width: layout.cell_width,
        ticks: ticks.collect(),
        normal: Placed { value: course.normal, category: None, y: down(course.normal) },
        plot: Plot {
            high: course.scale.high,
            top: down(course.scale.high),
            low: course.scale.low,
            bottom: down(course.scale.low),
        },
    };
    Ok((pixmap, facts))
}

/// The cells of an explanation's picture, `row * steps + step` each, from the strongest to the weakest; zeros left out.
///
/// # Errors
/// As for [`totals`].
#[wasm_bindgen(js_name = strongestCells)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn strongest(
    model: &Model,
    stay: &Stay,
    explanation: &JsExplanation,
    options: Option<JsPaintOptions>,
) -> Result<Vec<usize>, JsValue> {
    Ok(strongest_cells(&relevance_picture(model, stay, explanation, options.as_ref())?.grid))
}

/// How many cells of a picture lie beyond the end of its colour scale.
///
/// # Errors
/// As for [`totals`].
#[wasm_bindgen(js_name = cellsBeyond)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn beyond(
    model: &Model,
    stay: &Stay,
    explanation: &JsExplanation,
    options: Option<JsPaintOptions>,
) -> Result<usize, JsValue> {
    let picture = relevance_picture(model, stay, explanation, options.as_ref())?;
    Ok(picture.n_beyond())
}

/// What stands in every cell, row by row.
///
/// # Errors
/// When one of the explanations is not one, or belongs to another model.
#[wasm_bindgen(js_name = inspectAll)]
pub fn inspect_every_cell(
    model: &Model,
    stay: &Stay,
    relevance: Option<JsExplanation>,
    gradient: Option<JsExplanation>,
) -> Result<JsInspections, JsValue> {
    let manifest = model.inner.manifest();
    stay.check_model(model)?;
    let read = |handle: JsExplanation| explained_of(&handle, model, stay);
    let relevance = relevance.map(read).transpose()?.map(|it| Grids::relevance(manifest, &it.inner));
    let gradient = gradient.map(read).transpose()?.map(|it| Grids::magnitude(manifest, &it.inner));
    to_js_by_text(&inspect_all(manifest, &stay.inner, relevance.as_ref(), gradient.as_ref()))
}

fn relevance_picture(
    model: &Model,
    stay: &Stay,
    explanation: &JsExplanation,
    options: Option<&JsPaintOptions>,
) -> Result<Picture, JsValue> {
    let kind: JsPictureKind = JsValue::from_str("relevance").unchecked_into();
    Picture::new(&kind, model, stay, Some(explanation), options)
}

/// `CourseOptions` as read.
#[derive(Deserialize)]
pub(super) struct Heights {
    height: u32,
    band: u32,
    #[serde(default)]
    room: bool,
}

/// What stands beside a course's picture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    width: u32,
    cell_width: u32,
    ticks: Vec<Placed>,
    normal: Placed,
    plot: Plot,
}

/// The ends of a course's axis.
#[derive(Serialize)]
struct Plot {
    high: f64,
    top: u32,
    low: f64,
    bottom: u32,
}

#[derive(Serialize)]
struct Placed {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    y: u32,
}
