//! What follows an edit at once: the pictures that are in sight, as far as they changed, and the few numbers beside
//! them. Everything is painted and counted by the same code as the whole view.

use std::collections::HashMap;
use std::ops::Range;

use js_sys::{Array, ArrayBuffer, Float64Array, Object, Reflect, Uint8ClampedArray};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model, Stay};
use super::belongs::explained_of;
use super::canvas::{JsExplanation, JsPaintOptions, PaintOptions, Picture, Scale, seen};
use super::js::{argument, read_options, to_js_by_text};
use super::reading::{Facts, Heights, course_picture};
use crate::picture::layout::Layout;
use crate::picture::pixmap::{Content, Pixmap};
use crate::picture::totals::{Total, Totals};
use crate::stay::Origin;
use crate::study::inspect::Inspection;
use crate::study::summary::Prediction;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The pictures of a stay that change with it: the three grids, the totals of their hours, those of the rows, one channel's course. */
export type Slot = "input" | "lrp" | "gradient" | "input-steps" | "lrp-steps" | "gradient-steps" | "rows" | "course";

/** Lengths around the grids in device pixels, and the ends of colour scales that are held. */
export interface ScreenOptions {
    totalsWidth: number; stepsHeight: number; limits?: { lrp?: number; gradient?: number };
}

/** What is in sight. */
export interface GlanceRequest {
    slots: Slot[];
    /** The explained output, and the cell whose numbers stand beside the pictures. */
    target?: number; cell?: [number, number];
    /** The channel whose course is shown, where `slots` names it. */
    /** With `follows`, what changed of it since the last time. */
    course?: { row: number; width: number; height: number; band: number; room?: boolean; follows?: boolean };
    /** Whether measured values stand in their cells as numbers. */
    numbers?: boolean;
}

/** Whole lines of a picture that changed, of which it may have several such parts: the other lines are as they were. `height` is that of the whole picture. */
export interface Strip { slot: Slot; width: number; height: number; top: number; rgba: Uint8ClampedArray<ArrayBuffer> }

/** The end, the middle and the start of a colour scale, and how many cells lie beyond its end. */
export interface ScaleFacts { ticks: [number, number, number]; beyond: number }

/** What follows an edit at once. */
export interface Glance {
    strips: Strip[];
    summary: Prediction;
    isMagnitude: boolean;
    scales: { input?: ScaleFacts; lrp?: ScaleFacts; gradient?: ScaleFacts };
    /** Relevance of the rows, over the steps that are shown. */
    rows: Total[];
    cell?: Inspection;
    course?: { row: number; facts: CourseFacts; firstStep: number };
    /** `[rows * steps]`: NaN where a value was not measured, or is none that is written as a number. */
    numbers?: Float64Array;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "ScreenOptions")]
    pub type JsScreenOptions;
    /// `GlanceRequest`
    #[wasm_bindgen(typescript_type = "GlanceRequest")]
    pub type JsGlanceRequest;
    /// `Glance`
    #[wasm_bindgen(typescript_type = "Glance")]
    pub type JsGlance;
}

/// The pictures as they were last given away, so that the next ones can be told apart from them.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Screen {
    options: PaintOptions,
    around: Around,
    grids: HashMap<PictureSlot, KeptPicture>,
    last: HashMap<PictureSlot, Pixmap>,
}

/// A grid's picture, and what it was painted of.
#[derive(Debug)]
struct KeptPicture {
    scale: Scale,
    content: Content,
    pixmap: Pixmap,
}

#[wasm_bindgen]
impl Screen {
    /// A screen on which nothing is shown yet.
    ///
    /// # Errors
    /// When an option is wrong.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn new(options: Option<JsPaintOptions>, around: &JsScreenOptions) -> Result<Self, JsValue> {
        let options = PaintOptions::read(options.as_ref())?.with_limit(None);
        let around = read_options(around, &["totalsWidth", "stepsHeight", "limits"])?;
        Ok(Self { options, around, grids: HashMap::new(), last: HashMap::new() })
    }

    /// Paints what is in sight and gives what changed since the last time, with the numbers beside it. `spare` is memory
    /// that nobody needs any more, such as that of the strips given before: these are written into it as far as they fit.
    ///
    /// # Errors
    /// When an explanation or the stay belongs to another model, when one is missing, or a row or slot is none.
    pub fn update(
        &mut self,
        model: &Model,
        stay: &Stay,
        relevance: &Explanation,
        gradient: Option<JsExplanation>,
        request: &JsGlanceRequest,
        spare: Option<Vec<ArrayBuffer>>,
    ) -> Result<JsGlance, JsValue> {
        let request: Wanted = read_options(request, &WANTED_FIELDS)?;
        relevance.check(model, stay)?;
        let gradient = gradient.map(|handle| explained_of(&handle, model, stay)).transpose()?;
        let shown = Shown { model, stay, relevance, gradient: gradient.as_ref() };
        let mut strips = Strips { spare: spare.unwrap_or_default(), given: Array::new() };
        let facts = self.paint(shown, &request, &mut strips)?;
        let glance: Object = to_js_by_text::<JsValue>(&facts)?.unchecked_into();
        Reflect::set(&glance, &"strips".into(), &strips.given)?;
        if request.numbers {
            Reflect::set(&glance, &"numbers".into(), &numbers(stay))?;
        }
        Ok(glance.unchecked_into())
    }
}

/// The names of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PictureSlot {
    Input,
    Lrp,
    Gradient,
    InputSteps,
    LrpSteps,
    GradientSteps,
    Rows,
    Course,
}

impl PictureSlot {
    const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Lrp => "lrp",
            Self::Gradient => "gradient",
            Self::InputSteps => "input-steps",
            Self::LrpSteps => "lrp-steps",
            Self::GradientSteps => "gradient-steps",
            Self::Rows => "rows",
            Self::Course => "course",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Around {
    totals_width: u32,
    steps_height: u32,
    #[serde(default)]
    limits: Option<LimitsByMethod>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct LimitsByMethod {
    lrp: Option<f64>,
    gradient: Option<f64>,
}

const WANTED_FIELDS: [&str; 5] = ["slots", "target", "cell", "course", "numbers"];

#[derive(Deserialize)]
struct Wanted {
    slots: Vec<PictureSlot>,
    #[serde(default)]
    target: Option<usize>,
    #[serde(default)]
    cell: Option<(usize, usize)>,
    #[serde(default)]
    course: Option<WantedCourse>,
    #[serde(default)]
    numbers: bool,
}

#[derive(Deserialize)]
struct WantedCourse {
    row: usize,
    width: u32,
    #[serde(default)]
    follows: bool,
    #[serde(flatten)]
    heights: Heights,
}

/// What is to be shown; both explanations belong to the model.
#[derive(Clone, Copy)]
struct Shown<'a> {
    model: &'a Model,
    stay: &'a Stay,
    relevance: &'a Explanation,
    gradient: Option<&'a Explanation>,
}

/// `Glance` without its pictures.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GlanceFacts {
    summary: Prediction,
    is_magnitude: bool,
    scales: Scales,
    rows: Vec<Total>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<Inspection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    course: Option<SeenCourse>,
}

#[derive(Default, Serialize)]
struct Scales {
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<ScaleFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lrp: Option<ScaleFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gradient: Option<ScaleFacts>,
}

#[derive(Serialize)]
struct ScaleFacts {
    ticks: [f64; 3],
    beyond: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeenCourse {
    row: usize,
    facts: Facts,
    first_step: usize,
}

impl Screen {
    fn paint(&mut self, shown: Shown<'_>, request: &Wanted, strips: &mut Strips) -> Result<GlanceFacts, JsValue> {
        let Shown { model, stay, relevance, gradient } = shown;
        let limits = self.around.limits.unwrap_or_default();
        let mut scales = Scales::default();
        if request.has(PictureSlot::Input) || request.has(PictureSlot::InputSteps) {
            let picture = Picture::of_input(model, stay, self.options.clone())?;
            scales.input = Some(ScaleFacts::of(&picture));
            self.show(picture, shown, request, [PictureSlot::Input, PictureSlot::InputSteps], strips)?;
        }
        let picture = Picture::of_explanation(model, stay, relevance, self.options.with_limit(limits.lrp))?;
        scales.lrp = Some(ScaleFacts::of(&picture));
        let course = request.course.as_ref().filter(|_| request.has(PictureSlot::Course));
        let course = course.map(|it| self.show_course(shown, &picture, it, strips)).transpose()?;
        let rows = self.show(picture, shown, request, [PictureSlot::Lrp, PictureSlot::LrpSteps], strips)?;
        if request.has(PictureSlot::Gradient) || request.has(PictureSlot::GradientSteps) {
            let missing = || argument("gradient", "is missing, and its picture is asked for");
            let options = self.options.with_limit(limits.gradient);
            let picture = Picture::of_explanation(model, stay, gradient.ok_or_else(missing)?, options)?;
            scales.gradient = Some(ScaleFacts::of(&picture));
            self.show(picture, shown, request, [PictureSlot::Gradient, PictureSlot::GradientSteps], strips)?;
        }
        let target = request.target.unwrap_or_default();
        Ok(GlanceFacts {
            summary: Prediction::of(model.inner.manifest(), &relevance.inner, target),
            is_magnitude: relevance.is_magnitude(),
            scales,
            rows: rows.rows,
            cell: request.cell.and_then(|cell| seen(model, stay, cell, Some(relevance), gradient)),
            course,
        })
    }

    /// Paints a grid and its margins, as far as they are in sight, and gives its totals.
    fn show(
        &mut self,
        picture: Picture,
        shown: Shown<'_>,
        request: &Wanted,
        [grid, steps]: [PictureSlot; 2],
        strips: &mut Strips,
    ) -> Result<Totals, JsValue> {
        let layout = picture.options.layout(shown.model);
        if request.has(grid) {
            self.show_grid(grid, &picture, shown.stay, &layout, strips)?;
        }
        let picture = picture.into_counted(shown.stay);
        let totals = Totals::of(&picture.grid, &layout);
        let (is_signed, colormap, theme) = (picture.is_signed(), picture.colormap(), picture.theme);
        if request.has(steps) {
            let height = self.around.steps_height;
            let pixmap = Pixmap::of_step_totals(&totals, &layout, height, is_signed, &colormap, theme);
            self.show_other(steps, pixmap, true, strips)?;
        }
        if grid == PictureSlot::Lrp && request.has(PictureSlot::Rows) {
            let width = self.around.totals_width.min(4096);
            let pixmap = Pixmap::of_row_totals(&totals, &layout, width, is_signed, &colormap, theme);
            self.show_other(PictureSlot::Rows, pixmap, true, strips)?;
        }
        Ok(totals)
    }

    /// Paints the rows of a grid that changed over the picture that was last given away.
    fn show_grid(
        &mut self,
        slot: PictureSlot,
        picture: &Picture,
        stay: &Stay,
        layout: &Layout,
        strips: &mut Strips,
    ) -> Result<(), JsValue> {
        let (scale, content, colormap) = (picture.scale, picture.content(&stay.inner.cells), picture.colormap());
        let painter = picture.painter(layout, &colormap);
        match self.grids.get_mut(&slot).filter(|kept| kept.scale == scale) {
            Some(kept) => {
                let lines = painter.repaint(&mut kept.pixmap, &kept.content, &content);
                kept.content = content;
                strips.add(slot, &kept.pixmap, lines)
            }
            None => {
                let pixmap = painter.paint(&content);
                strips.add(slot, &pixmap, std::iter::once(0..pixmap.height).collect())?;
                self.grids.insert(slot, KeptPicture { scale, content, pixmap });
                Ok(())
            }
        }
    }

    /// Gives what changed of a picture, or all of it, and keeps it as the one that was last given away.
    fn show_other(
        &mut self,
        slot: PictureSlot,
        pixmap: Pixmap,
        follows: bool,
        strips: &mut Strips,
    ) -> Result<(), JsValue> {
        let lines = pixmap.changed_lines(self.last.get(&slot).filter(|_| follows));
        strips.add(slot, &pixmap, lines)?;
        self.last.insert(slot, pixmap);
        Ok(())
    }

    fn show_course(
        &mut self,
        Shown { model, stay, .. }: Shown<'_>,
        picture: &Picture,
        wanted: &WantedCourse,
        strips: &mut Strips,
    ) -> Result<SeenCourse, JsValue> {
        let picture = picture.as_wide_as(wanted.width)?;
        let (pixmap, facts) = course_picture(model, stay, &picture, wanted.row, &wanted.heights)?;
        self.show_other(PictureSlot::Course, pixmap, wanted.follows, strips)?;
        Ok(SeenCourse { row: wanted.row, facts, first_step: picture.options.layout(model).first_step })
    }
}

/// The parts of pictures that are given away, and memory for them.
struct Strips {
    spare: Vec<ArrayBuffer>,
    given: Array,
}

impl Strips {
    fn add(&mut self, slot: PictureSlot, pixmap: &Pixmap, parts: Vec<Range<u32>>) -> Result<(), JsValue> {
        for lines in parts {
            let strip = Object::new();
            let numbers = [("width", pixmap.width), ("height", pixmap.height), ("top", lines.start)];
            for (name, number) in numbers {
                Reflect::set(&strip, &name.into(), &number.into())?;
            }
            Reflect::set(&strip, &"slot".into(), &slot.name().into())?;
            let bytes = pixmap.lines(lines);
            let rgba = self.room(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            rgba.copy_from(bytes);
            Reflect::set(&strip, &"rgba".into(), &rgba)?;
            self.given.push(&strip);
        }
        Ok(())
    }

    /// The smallest spare memory that suffices, or new one: what is asked for anew has to be cleared, and what is thrown
    /// away collected, for every edit.
    fn room(&mut self, len: u32) -> Uint8ClampedArray {
        let sizes = self.spare.iter().enumerate().map(|(at, buffer)| (buffer.byte_length(), at));
        match sizes.filter(|(size, _)| *size >= len).min() {
            Some((_, at)) => Uint8ClampedArray::new_with_byte_offset_and_length(&self.spare.swap_remove(at), 0, len),
            None => Uint8ClampedArray::new_with_length(len),
        }
    }
}

impl Wanted {
    fn has(&self, slot: PictureSlot) -> bool {
        self.slots.contains(&slot)
    }
}

impl ScaleFacts {
    fn of(picture: &Picture) -> Self {
        Self { ticks: picture.ticks(), beyond: picture.n_beyond() }
    }
}

/// The values that were measured and are numbers, `[rows * steps]`: NaN elsewhere.
#[wasm_bindgen(js_name = measuredNumbers)]
#[must_use]
pub fn numbers(stay: &Stay) -> Float64Array {
    let number = |cell: &crate::stay::StayCell| match (cell.origin, cell.category) {
        (Origin::Observed, None) => cell.value,
        _ => f64::NAN,
    };
    Float64Array::from(stay.inner.cells.iter().map(number).collect::<Vec<f64>>().as_slice())
}
