//! Sentences and pictures: the same engine, other frames. Nothing here computes.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model};
use super::canvas::{AnyCanvas, put};
use super::js::{JsNumbers, JsWhole, argument, read_numbers, read_options, read_whole, throw, to_js};
use crate::picture::colormap::{Colormap, Palette, Rgb};
use crate::picture::grid::{Grid, Part, rows};
use crate::picture::layout::{Layout, LayoutRequest};
use crate::picture::pixmap::{Pixmap, Theme};
use crate::study::class_model::{Ascent, class_model};
use crate::study::sentence;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r##"
/** Colours of words and pictures. */
export interface Colours {
    /** Colours of signed relevance. Default "puor". */
    palette?: "puor" | "rdbu" | "seismic" | "vik";
    /** Colour of zero, `#rrggbb`. Default "#ffffff". */
    background?: string;
    /** Colour of text and outlines, `#rrggbb`. Default "#202020". */
    ink?: string;
}

/** A word, where it stands in the text (in UTF-16 code units), the step that reads it, and its relevance and colours. */
export interface PaintedWord {
    text: string; start: number; end: number; step?: number; isKnown: boolean; relevance?: number;
    background: string; ink: string;
}

/** A sentence in its colours; `limit` is where the scale ends, `padding` the relevance of the steps without a word. */
export interface PaintedSentence {
    words: PaintedWord[]; limit: number; padding: number;
    scale: { relevance: number; background: string; ink: string }[];
}

/** How a class is visualised: gradient ascent on the input with an L2 penalty (Simonyan 2014). */
export interface AscentOptions { steps?: number; rate?: number; decay?: number; bounds?: [number, number] }

/** The input of the highest score for a class; `scores` at the start and at the end of the ascent. */
export interface ClassModel { input: number[]; scores: [number, number]; probability: number }

/** How an input's numbers, or relevance, are painted as a picture. Lengths are device pixels. */
export interface PictureOptions extends Colours {
    /** Side of a pixel of the picture. Default 16. */
    cell?: number;
    /** Thickness of an outline. Default 2. */
    line?: number;
    /** "ink" for values of 0 to 1, "signed" for relevance, "magnitude" for numbers that are never negative. Default "ink". */
    scale?: "ink" | "signed" | "magnitude";
    /** An input whose ink is outlined. */
    outline?: Float32Array;
}
"##;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "Colours")]
    pub type JsColours;
    /// `PaintedSentence`
    #[wasm_bindgen(typescript_type = "PaintedSentence")]
    pub type JsPaintedSentence;
    /// `AscentOptions`
    #[wasm_bindgen(typescript_type = "AscentOptions")]
    pub type JsAscentOptions;
    /// `ClassModel`
    #[wasm_bindgen(typescript_type = "ClassModel")]
    pub type JsClassModel;
    /// `PictureOptions`
    #[wasm_bindgen(typescript_type = "PictureOptions")]
    pub type JsPictureOptions;
}

/// A sentence, ready for a text model.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Sentence {
    inner: crate::stay::text::Sentence,
}

#[wasm_bindgen]
impl Sentence {
    /// Divides a text into words and looks them up in the model's vocabulary.
    ///
    /// # Errors
    /// Throws where the model reads no text, or the text holds no word.
    pub fn parse(text: &str, model: &Model) -> Result<Self, JsValue> {
        let inner = crate::stay::text::Sentence::read(text, model.inner.manifest()).map_err(throw)?;
        Ok(Self { inner })
    }

    /// The model's input, `[steps]`: one token a step.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn input(&self) -> Vec<f32> {
        self.inner.input.clone()
    }

    /// The words in the colours of their relevance.
    ///
    /// # Errors
    /// Throws for options that are wrong, or an explanation of another model.
    pub fn paint(&self, explanation: &Explanation, colours: Option<JsColours>) -> Result<JsPaintedSentence, JsValue> {
        explanation.check_input(&self.inner.input)?;
        let colours = colours.map(|given| read_options::<Colours>(&given, &COLOURS)).transpose()?.unwrap_or_default();
        let theme = theme(&colours.background, &colours.ink)?;
        let colormap = Colormap::diverging(colours.palette, theme.background);
        to_js(&sentence::paint(&self.inner, &explanation.inner.values, &colormap, theme))
    }
}

const COLOURS: [&str; 3] = ["palette", "background", "ink"];
const PICTURE: [&str; 7] = ["palette", "background", "ink", "cell", "line", "scale", "outline"];
const ASCENT: [&str; 4] = ["steps", "rate", "decay", "bounds"];

/// The largest side of a picture's pixel, in device pixels.
const LARGEST_CELL: u32 = 256;
/// Ink from here on is inside an outline.
const OUTLINED: f64 = 0.5;

/// `Colours` as read.
#[derive(Deserialize)]
#[serde(default)]
struct Colours {
    palette: Palette,
    background: String,
    ink: String,
}

impl Default for Colours {
    fn default() -> Self {
        Self { palette: Palette::default(), background: "#ffffff".to_owned(), ink: "#202020".to_owned() }
    }
}

/// The colours that a picture or sentence shares with the page around it.
fn theme(background: &str, ink: &str) -> Result<Theme, JsValue> {
    let colour = |field: &str, text: &str| {
        Rgb::from_hex(text).ok_or_else(|| argument(&format!("options.{field}"), "must be a colour as #rrggbb"))
    };
    Ok(Theme { background: colour("background", background)?, ink: colour("ink", ink)? })
}

/// `PictureOptions` as read.
#[derive(Deserialize)]
#[serde(default)]
struct PictureOptions {
    palette: Palette,
    background: String,
    ink: String,
    cell: u32,
    line: u32,
    scale: PictureScale,
    outline: Option<Vec<f32>>,
}

impl Default for PictureOptions {
    fn default() -> Self {
        let Colours { palette, background, ink } = Colours::default();
        Self { palette, background, ink, cell: 16, line: 2, scale: PictureScale::Ink, outline: None }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PictureScale {
    Ink,
    Signed,
    Magnitude,
}

/// `AscentOptions` as read.
#[derive(Deserialize, Default)]
#[serde(default)]
struct AscentOptions {
    steps: Option<usize>,
    rate: Option<f64>,
    decay: Option<f64>,
    bounds: Option<[f32; 2]>,
}

/// The input that a class would like to see.
///
/// # Errors
/// Throws for a target that the model has not, and options out of range.
#[wasm_bindgen(js_name = classModel)]
pub fn visualise(model: &Model, target: &JsWhole, options: Option<JsAscentOptions>) -> Result<JsClassModel, JsValue> {
    let target = read_whole("target", target)?;
    let read = options.map(|given| read_options::<AscentOptions>(&given, &ASCENT)).transpose()?.unwrap_or_default();
    let own = Ascent::default();
    let ascent = Ascent {
        n_steps: read.steps.unwrap_or(own.n_steps),
        rate: read.rate.unwrap_or(own.rate),
        decay: read.decay.unwrap_or(own.decay),
        bounds: read.bounds.unwrap_or(own.bounds),
    };
    to_js(&class_model(&model.inner, target, &ascent).map_err(throw)?)
}

/// Paints `[steps * columns]` numbers, an input's or their relevance, as a picture; returns where its scale ends.
///
/// # Errors
/// Throws for options that are wrong, numbers of another model, or a canvas that refuses.
#[wasm_bindgen(js_name = paintPicture)]
pub fn paint_picture(
    canvas: &AnyCanvas,
    model: &Model,
    values: &JsNumbers,
    options: &JsPictureOptions,
) -> Result<f64, JsValue> {
    let options: PictureOptions = read_options(options, &PICTURE)?;
    let theme = theme(&options.background, &options.ink)?;
    let grid = picture(&read_numbers("values", values)?, model, "values")?;
    let cell = options.cell.clamp(1, LARGEST_CELL);
    let manifest = model.inner.manifest();
    let width = cell.saturating_mul(u32::try_from(grid.n_steps).unwrap_or(u32::MAX));
    let request = LayoutRequest { width, cell_height: cell, group_gap: 0, line: 0 };
    let layout = Layout { rule_every: 0, ..Layout::new(manifest, request) };
    let (colormap, limit) = match options.scale {
        PictureScale::Ink => (Colormap::neutral(theme.background, theme.ink), 1.0),
        PictureScale::Signed => (Colormap::diverging(options.palette, theme.background), grid.limit()),
        PictureScale::Magnitude => (Colormap::sequential(theme.background), grid.limit()),
    };
    let mut pixmap = Pixmap::of_grid(&grid, &layout, &colormap, limit, theme);
    if let Some(outline) = options.outline {
        let line = options.line.clamp(1, cell);
        pixmap.outline(&picture(&outline, model, "options.outline")?, OUTLINED, &layout, line, theme.ink);
    }
    put(canvas, &pixmap)?;
    Ok(limit)
}

fn picture(values: &[f32], model: &Model, field: &str) -> Result<Grid, JsValue> {
    let manifest = model.inner.manifest();
    if values.len() != manifest.steps * manifest.columns {
        return Err(argument(field, "does not have one number for every input of the model"));
    }
    let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
    Ok(Grid::relevance(&values, manifest.columns, &rows(manifest), Part::Value))
}
