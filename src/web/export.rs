//! What is taken away, and what comes back, as JavaScript sees it.

use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model, Stay};
use super::belongs::Subject;
use super::canvas::{JsExplanation, JsPaintOptions, JsPictureKind, PaintOptions, Picture};
use super::edit::Editor;
use super::js::{JsBytes, JsWhole, argument, read_bytes, read_whole, throw, to_js};
use crate::engine::explain::{Method, Options};
use crate::picture::colormap::Colormap;
use crate::picture::layout::Layout;
use crate::picture::pixmap::{Content, Theme};
use crate::picture::svg;
use crate::picture::totals::Totals;
use crate::study::export::snapshot::{SavedExplanation, Snapshot};
use crate::study::export::{Provenance, csv};
use crate::study::inspect::Grids;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What an export was made from, and how. `version` is this engine's unless given. */
export interface Provenance {
    model: string; modelSha256: string; data: string; dataSha256: string; nEdits?: number;
    /** What the model says about itself: the manifest's description. */
    modelCard?: string;
    /** The method with its options, for people. */
    method: string;
    /** Absent for a method that decomposes nothing. */
    residual?: number;
    version?: string;
}

/** What is written around one picture of a figure, in the reader's language. */
export interface PanelWords {
    title: string;
    /** What the two ends of the colour scale mean. */
    low: string; high: string;
    /** Over the totals of the rows, which stand on the picture's right; absent for none. */
    totals?: string;
    /** Which they are: with their sign, or of magnitudes; default as the picture's numbers are. */
    totalsOf?: "signed" | "absolute";
    /** Totals of a smaller magnitude are written as "~0"; default 0, for none. */
    least?: number;
    /** Under the legend, line by line, for example what the tracks at the feet of the rows are; absent for none. */
    note?: string;
}

/**
 * What a figure calls things, in the reader's language. What is absent is as the manifest has it, with a decimal point.
 */
export interface FigureWords {
    /** A name for each of the manifest's channels, with its unit. */
    channels?: string[];
    /** Names for groups, by what the manifest calls them. */
    groups?: Record<string, string>;
    /** What stands after the first hour of an axis, with the blank before it. */
    hour?: string;
    /** What stands before a number's decimals. */
    decimal?: string;
    /** A line under the footer. */
    notice?: string;
}

/** What a saved view says of itself: everything but the numbers. */
export interface SavedFacts {
    provenance: Provenance; target: number; stay: string;
    /** By the explanations' names, as they were given to `add`. */
    options: Record<string, unknown>;
    view: unknown;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "Provenance")]
    pub type JsProvenance;
    /// `SavedFacts`
    #[wasm_bindgen(typescript_type = "SavedFacts")]
    pub type JsSavedFacts;
    /// `PanelWords`
    #[wasm_bindgen(typescript_type = "PanelWords")]
    pub type JsPanelWords;
    /// `FigureWords`
    #[wasm_bindgen(typescript_type = "FigureWords")]
    pub type JsFigureWords;
}

/// SHA-256 of some bytes, as 64 hexadecimal digits.
///
/// # Errors
/// Throws for what is no bytes.
#[wasm_bindgen]
pub fn sha256(bytes: &JsBytes) -> Result<String, JsValue> {
    Ok(crate::study::export::sha256(&read_bytes("bytes", bytes)?))
}

/// A name as people see it: without characters that hide or turn what stands beside them.
#[wasm_bindgen]
#[must_use]
pub fn visible(text: &str) -> String {
    crate::stay::visible(text).into_owned()
}

/// The footer that stands under everything that is taken away, line by line.
///
/// # Errors
/// Throws for a provenance with missing or unknown fields.
#[wasm_bindgen(js_name = provenanceLines)]
pub fn provenance_lines(provenance: &JsProvenance) -> Result<Vec<String>, JsValue> {
    Ok(read_provenance(provenance)?.lines())
}

/// The same as the comments under a table: every line begins with `#`, and none holds what a spreadsheet would compute.
///
/// # Errors
/// As `provenanceLines`.
#[wasm_bindgen(js_name = provenanceComments)]
pub fn provenance_comments(provenance: &JsProvenance) -> Result<String, JsValue> {
    Ok(read_provenance(provenance)?.comments())
}

/// A stay and its explanation as CSV: one line a channel and hour.
///
/// # Errors
/// Throws when the explanation or the stay belongs to another model.
#[wasm_bindgen(js_name = toCsv)]
pub fn to_csv(
    model: &Model,
    stay: &Stay,
    explanation: &Explanation,
    provenance: &JsProvenance,
) -> Result<String, JsValue> {
    explanation.check(model, stay)?;
    let manifest = model.inner.manifest();
    let grids = Grids::relevance(manifest, &explanation.inner);
    Ok(csv::to_csv(manifest, &stay.inner, &grids, &read_provenance(provenance)?))
}

/// Pictures beside each other as one SVG document, with labels, legends and footer.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Figure {
    layout: Layout,
    theme: Theme,
    panels: Vec<(PanelWords, DrawnPicture)>,
}

/// `PanelWords` as read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PanelWords {
    title: String,
    low: String,
    high: String,
    totals: Option<String>,
    totals_of: Option<TotalsOf>,
    #[serde(default)]
    least: f64,
    note: Option<String>,
}

/// Which totals stand beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TotalsOf {
    Signed,
    Absolute,
}

/// One picture's numbers and how they are drawn.
#[derive(Debug)]
struct DrawnPicture {
    content: Content,
    colormap: Colormap,
    low: f64,
    has_signs: bool,
    margins: Counted,
}

/// What a picture's margins count.
#[derive(Debug)]
struct Counted {
    totals: Totals,
    colormap: Colormap,
    is_signed: bool,
}

#[wasm_bindgen]
impl Figure {
    /// A figure without pictures. The options' lengths are those of the document.
    ///
    /// # Errors
    /// Throws when an option is wrong.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn new(model: &Model, options: Option<JsPaintOptions>) -> Result<Self, JsValue> {
        let options = PaintOptions::read(options.as_ref())?;
        Ok(Self { layout: options.layout(model), theme: options.theme()?, panels: Vec::new() })
    }

    /// Adds a picture to the right of those that are there, with its totals below it. Those of its rows stand on its
    /// right where the words say what to write over them.
    ///
    /// # Errors
    /// As `paint`, and for words with missing fields.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn add(
        &mut self,
        words: JsPanelWords,
        kind: &JsPictureKind,
        model: &Model,
        stay: &Stay,
        explanation: Option<JsExplanation>,
        options: Option<JsPaintOptions>,
    ) -> Result<(), JsValue> {
        let words =
            serde_wasm_bindgen::from_value(words.into()).map_err(|error| argument("words", &error.to_string()))?;
        let picture = Picture::new(kind, model, stay, explanation.as_ref(), options.as_ref())?;
        let counted = Picture::counted(kind, model, stay, explanation.as_ref(), options.as_ref())?;
        if picture.is_apart() && !self.layout.has_tracks() {
            return Err(argument("options.track", "must be what the figure was made with"));
        }
        let margins = Counted {
            totals: Totals::of(&counted.grid, &self.layout),
            colormap: counted.colormap(),
            is_signed: counted.is_signed(),
        };
        let low = if picture.is_signed() { -1.0 } else { 0.0 };
        let (content, colormap, has_signs) =
            (picture.content(&stay.inner.cells), picture.colormap(), picture.has_signs());
        self.panels.push((words, DrawnPicture { content, colormap, low, has_signs, margins }));
        Ok(())
    }

    /// The document. The first line of the heading is the largest.
    ///
    /// # Errors
    /// Throws for a provenance with missing or unknown fields, and for words with unknown ones or for other channels than
    /// the model's.
    #[expect(clippy::needless_pass_by_value, reason = "a list crosses the boundary by value")]
    pub fn svg(
        &self,
        model: &Model,
        heading: Vec<String>,
        provenance: &JsProvenance,
        words: Option<JsFigureWords>,
    ) -> Result<String, JsValue> {
        let footer = read_provenance(provenance)?.lines();
        let manifest = model.inner.manifest();
        let words = read_words(words, manifest.channels.len())?;
        let panels = self.panels.iter().map(|(words, drawn)| drawn.panel(words)).collect();
        let figure = svg::SvgFigure { heading: &heading, panels, footer: &footer, words: &words };
        Ok(svg::to_svg(&figure, manifest, &self.layout, self.theme))
    }
}

fn read_words(words: Option<JsFigureWords>, n_channels: usize) -> Result<svg::FigureWords, JsValue> {
    let Some(words) = words else { return Ok(svg::FigureWords::default()) };
    let words: svg::FigureWords =
        serde_wasm_bindgen::from_value(words.into()).map_err(|error| argument("words", &error.to_string()))?;
    let n_named = words.channels.len();
    if n_named != 0 && n_named != n_channels {
        let problem = format!("names {n_named} channels, but the model has {n_channels}; name each or none");
        return Err(argument("words.channels", &problem));
    }
    Ok(words)
}

impl DrawnPicture {
    fn panel<'a>(&'a self, words: &'a PanelWords) -> svg::Panel<'a> {
        let Content { grid, limit, origins, trace, hatched, track } = &self.content;
        svg::Panel {
            title: &words.title,
            ends: [&words.low, &words.high],
            grid,
            colormap: self.colormap.clone(),
            limit: *limit,
            low: self.low,
            origins: (!origins.is_empty()).then(|| origins.clone()),
            trace: (!trace.is_empty()).then_some(trace.as_slice()),
            has_signs: self.has_signs,
            hatched: hatched.clone(),
            track: track.as_ref(),
            note: words.note.as_deref(),
            margins: Some(svg::Margins {
                totals: self.margins.totals.clone(),
                colormap: self.margins.colormap.clone(),
                is_signed: self.margins.is_signed,
                rows: words.totals.as_deref().map(|title| svg::RowTotals {
                    title,
                    is_absolute: words.totals_of.map_or(!self.margins.is_signed, |of| of == TotalsOf::Absolute),
                    least: words.least,
                }),
            }),
        }
    }
}

/// What is on screen, on its way into a file that loads back.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ViewFile {
    provenance: Provenance,
    target: usize,
    view: serde_json::Value,
    explanations: Vec<SavedExplanation>,
}

#[wasm_bindgen]
impl ViewFile {
    /// Begins. `view` is how the pictures are painted, kept as it is given: plain data.
    ///
    /// # Errors
    /// Throws for a provenance with missing or unknown fields, and for a view that is no plain data.
    #[wasm_bindgen(constructor)]
    pub fn new(provenance: &JsProvenance, target: &JsWhole, view: JsValue) -> Result<Self, JsValue> {
        let target = read_whole("target", target)?;
        let (provenance, view) = (read_provenance(provenance)?, plain("view", view)?);
        Ok(Self { provenance, target, view, explanations: Vec::new() })
    }

    /// Adds an explanation under a name of its own. `options` is how it was made, kept as it is given.
    ///
    /// # Errors
    /// Throws for options that are no plain data.
    pub fn add(&mut self, name: &str, options: JsValue, explanation: &Explanation) -> Result<(), JsValue> {
        explanation.check_target(Some(self.target))?;
        self.explanations.push(SavedExplanation::of(name, plain("options", options)?, &explanation.inner));
        Ok(())
    }

    /// The file's text: the stay before its edits, the edits, and the explanations.
    ///
    /// # Errors
    /// Throws for an editor of another model.
    pub fn json(&self, model: &Model, editor: &Editor) -> Result<String, JsValue> {
        let original = editor.inner.original(&model.all).map_err(throw)?;
        let edits = editor.inner.edits().cloned().collect();
        let (provenance, explanations) = (self.provenance.clone(), self.explanations.clone());
        let manifest = model.inner.manifest();
        let view = self.view.clone();
        let snapshot = Snapshot::new(manifest, provenance, &original, edits, self.target, explanations, view);
        snapshot.to_json().map_err(throw)
    }
}

/// A saved view that was opened.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SavedView {
    snapshot: Snapshot,
    editor: Option<Editor>,
    explanations: Vec<(String, Explanation)>,
}

#[wasm_bindgen]
impl SavedView {
    /// Whether a text is a saved view, by its start.
    #[wasm_bindgen(js_name = isOne)]
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        Snapshot::is_one(text)
    }

    /// Opens a saved view with the model that it was made with.
    ///
    /// # Errors
    /// Throws for a text that is no saved view or is damaged, and where the model is another one.
    pub fn open(model: &Model, model_sha256: &str, text: &str) -> Result<Self, JsValue> {
        let snapshot = Snapshot::from_json(text).map_err(throw)?;
        let (history, relevances) = snapshot.restore(&model.all, model_sha256).map_err(throw)?;
        let subject = Subject::of(model, &history.stay().input);
        let explanations = snapshot.explanations.iter().zip(relevances).map(|(one, relevance)| {
            // A magnitude is painted in other colours than a signed number.
            let method = match (one.name.as_str(), one.options["method"].as_str()) {
                ("gradient", _) | (_, Some("abs-gradient")) => Method::AbsGradient,
                (_, Some("smooth-grad")) => Method::SmoothGrad,
                _ => Method::Lrp,
            };
            let options = Options { method, target: snapshot.target, ..Options::default() };
            (one.name.clone(), model.together(relevance, &options, &subject))
        });
        let explanations = explanations.collect();
        let editor = Some(Editor { inner: history, reading: model.inner.kept_manifest() });
        Ok(Self { snapshot, editor, explanations })
    }

    /// The stay with its edits. It can be taken once.
    ///
    /// # Errors
    /// Throws the second time.
    #[wasm_bindgen(js_name = takeEditor)]
    pub fn take_editor(&mut self) -> Result<Editor, JsValue> {
        self.editor.take().ok_or_else(|| argument("editor", "was taken before"))
    }

    /// Whether the file's readings, before its edits, are those of a stay.
    #[wasm_bindgen(js_name = isOf)]
    #[must_use]
    pub fn is_of(&self, model: &Model, stay: &Stay) -> bool {
        self.snapshot.is_of(model.inner.manifest(), &stay.inner)
    }

    /// An explanation by its name, to be freed on its own.
    ///
    /// # Errors
    /// Throws where the file has none of that name.
    pub fn explanation(&self, name: &str) -> Result<Explanation, JsValue> {
        let found = self.explanations.iter().find(|(own, _)| own == name);
        found.map(|(_, one)| one.clone()).ok_or_else(|| argument("name", "is none of the saved explanations"))
    }

    /// What the file says of itself.
    ///
    /// # Errors
    /// Never in practice: facts are plain data.
    #[wasm_bindgen(getter)]
    pub fn facts(&self) -> Result<JsSavedFacts, JsValue> {
        let Snapshot { provenance, target, stay, explanations, view, .. } = &self.snapshot;
        let options: serde_json::Map<String, serde_json::Value> =
            explanations.iter().map(|one| (one.name.clone(), one.options.clone())).collect();
        to_js(&serde_json::json!({
            "provenance": provenance, "target": target, "stay": crate::stay::visible(&stay.name), "options": options, "view": view,
        }))
    }
}

pub(super) fn read_provenance(provenance: &JsProvenance) -> Result<Provenance, JsValue> {
    let value: &JsValue = provenance.unchecked_ref();
    serde_wasm_bindgen::from_value(value.clone()).map_err(|error| argument("provenance", &error.to_string()))
}

fn plain(name: &str, value: JsValue) -> Result<serde_json::Value, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| argument(name, &error.to_string()))
}
