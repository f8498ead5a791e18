//! `Model`, `Stay` and `Explanation` as JavaScript sees them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::belongs::Subject;
use super::js::{JsBytes, JsNumbers, argument, read_bytes, read_list, read_numbers, read_options, throw, to_js};
use super::options::{JsStayOptions, stay_options};
use super::records::JsRecord;
use crate::engine::explain::audit::SharedRuns;
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::{Method, Options};
use crate::engine::number::single;
use crate::engine::trace::Trace;
use crate::model::ManifestSource;
use crate::stay::manifest::Manifest;
use crate::study::boundary::{self, AskedExplanation, LedgerParts};
use crate::study::models::{Explained, Models, Networks};
use crate::study::replay::KnownPart;
use crate::study::summary::Voice;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Further files of a model, by the name that the ONNX file gives them (`model.onnx.data`). */
export type ExternalData = Record<string, Uint8Array>;

/** How an explanation is made. */
export interface ExplainOptions {
    /** Default "lrp". */
    method?: "lrp" | "gradient" | "abs-gradient" | "gradient-x-input" | "integrated-gradients" | "smooth-grad" | "deep-shap" | "occlusion";
    /** Index of the explained output, default 0. */
    target?: number;
    /** "paper": the sign-mask rule (lrp) and the derivative of the probability (gradient). Default "paper" for one sigmoid output, else "score". */
    explain?: "paper" | "score" | "probability";
    /** Not below 0; default 0.01. Of lrp alone, as are the next three: what a method does not use is refused. */
    epsilon?: number;
    /** In 0..1; default 0. */
    biasFactor?: number;
    /** Default "arras2017". */
    rule?: "arras2017" | "arras2019";
    /** Default "all". */
    gates?: "all" | "half" | "prop" | "abs";
    /** Most derivatives of the integral (integrated-gradients, default 4096; fewer are taken where they are enough), or noisy inputs (smooth-grad, default 50). */
    steps?: number;
    /** Noise of smooth-grad, relative to the range of the input; default 0.1. */
    noise?: number;
    /** Where random numbers begin; default 0. */
    seed?: number;
    /** What integrated-gradients and deep-shap explain the difference from, [steps * columns] in model units; default the stay in which nothing was observed. */
    baseline?: Float32Array;
}

/** Where the explained score went; every field is NaN for a gradient, which decomposes nothing. */
/** `reference`: the score of the reference stay, for methods that explain the difference from one, else 0. */
export interface Ledger { cells: number; masks: number; biases: number; initialStates: number; epsilon: number; reference: number }

/** One remark on a record; line 0 is the whole record, an empty channel the whole row. */
export interface Note { line: number; channel: string; message: string }

/** Values of one time and step that contradict each other; `channels` by name, the first one's line. They are used as they are. */
export interface Contradiction { line: number; step: number; channels: string[]; message: string }

/**
 * What happened while a record was read. Of `rows`, `rowsRead` gave a value, `rowsUnused` are no problem and gave none, and
 * the others were skipped: each reason stands once in `rowsSkipped`. `goesOnTo`: the hour of the last row, where it is after
 * those that the model sees. `unused`: variables that the model does not take. `replaced`: steps with several values of a
 * channel, and which one counts.
 */
export interface ImportReport {
    format: string; rows: number; rowsRead: number; rowsUnused: number; goesOnTo?: number; rowsSkipped: Note[]; observed: number[];
    implausible: Note[]; notes: Note[]; unused: Note[]; replaced: Note[]; contradictions: Contradiction[];
    source: RecordSource;
}

/** What has to be said before a record can be read: `option` is a field of `StayOptions`. An error's `question`, where a choice would do. */
export interface RecordQuestion { option: string; choices: { value: string; name: string; rows: number; span: string }[] }

/** How a clinical value becomes column values. */
export type Encoding =
    | { kind: "continuous"; mean: number; std: number; normal: number }
    | { kind: "one-hot"; categories: string[]; ordinals: number[]; normal: string };

/** One variable of the record: one row of the grid. */
export interface Channel {
    name: string; label: string; group: string; unit: string; columns: number[]; mask?: number; delta?: Delta; gap?: Gap;
    plausible?: [number, number]; noise?: number; normal_range?: [number, number]; limits?: Limits; precision?: number; imputation?: "previous" | "normal"; static?: boolean;
    encoding: Encoding;
}

/** The column of the hours since the channel was last observed, `(hours - mean) / std`: "gap" since the observation before the step, "age" 0 where it is observed. */
export interface Delta { column: number; counts?: "gap" | "age"; mean?: number; std?: number; most?: number }

/** What makes a channel the hours since anything was observed, by any channel: "gap" since the step before, "age" 0 where something is. */
export interface Gap { counts?: "gap" | "age"; most?: number }

/** [low, high] of a channel's values, and of their change an hour, in the data that the model was trained on. */
export interface Limits {
    value: [number, number]; change: [number, number];
}

/** How often predictions came true on stays that the model had not seen. */
export interface Calibration {
    data: string; networks?: number; bins: { to: number; stays: number; events: number }[];
    sets?: { coverage: number; groups: { measured: Record<string, boolean>; stays: [number, number]; event_from: number; none_to: number }[] };
}

/** What the model's numbers predict: one number, one a step, one a class, or one a class and step. */
export interface Outcome {
    name: string; threshold: number; kind?: "probability" | "number"; unit?: string; classes?: string[]; per_step?: boolean;
    calibration?: Calibration;
}

/** What a model says of an outcome, or of a class of it: by one of its numbers, or by one at each step. */
export interface Head {
    name: string;
    /** Its index in the manifest. */
    outcome: number;
    targets: number[]; isPerStep: boolean; kind: "probability" | "number"; threshold: number;
    /** Unit of a plain number, empty where there is none. */
    unit: string;
}

/** The words of a model that reads tokens. */
export interface TextInput {
    vocabulary: string[]; unknown: number; padding: number; pad: "left" | "right"; lowercase: boolean;
}

/** What a model's inputs and outputs mean. */
export interface Manifest {
    format: string; name: string; description: string; steps: number; step_hours: number; columns: number;
    outcomes: Outcome[]; channels: Channel[]; text?: TextInput;
    inputs?: { name: string; part: InputPart; columns?: number }[]; layout?: ("batch" | "steps" | "columns" | "rows")[];
}

/** What an input of the file is to the network; the last three are read at the last step. */
export type InputPart = "value" | "mask" | "delta" | "code" | "static" | "length" | "state";
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "ExternalData")]
    pub type JsExternalData;
    /// `ExplainOptions`
    #[wasm_bindgen(typescript_type = "ExplainOptions")]
    pub type JsExplainOptions;
    /// `ExplainOptions[]`
    #[wasm_bindgen(typescript_type = "ExplainOptions[]")]
    pub type JsOptionsList;
    /// `Ledger`
    #[wasm_bindgen(typescript_type = "Ledger")]
    pub type JsLedger;
    /// `ImportReport`
    #[wasm_bindgen(typescript_type = "ImportReport")]
    pub type JsImportReport;
    /// `Head`
    #[wasm_bindgen(typescript_type = "Head[]")]
    pub type JsHeads;
    /// `Manifest`
    #[wasm_bindgen(typescript_type = "Manifest")]
    pub type JsManifest;
}

/// A recurrent network, ready to run and to be explained; or several as one (`Models.asOne`).
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    /// Shared with the tasks that run it; of several the first, whose manifest counts.
    pub(super) inner: Rc<crate::Model>,
    /// Everything that is run.
    pub(super) all: Models,
    /// What the last audit ran: another map of the same stay is asked by the same runs.
    pub(super) runs: SharedRuns,
}

#[wasm_bindgen]
impl Model {
    /// Reads an ONNX file. `manifest` is JSON text that takes the place of the file's own.
    ///
    /// # Errors
    /// Throws where the file is damaged or cannot be explained; the message names the node and what to do.
    #[expect(clippy::needless_pass_by_value, reason = "an optional string crosses the boundary by value")]
    #[wasm_bindgen(constructor)]
    pub fn new(
        onnx: &JsBytes,
        manifest: Option<String>,
        #[wasm_bindgen(js_name = externalData)] external_data: Option<JsExternalData>,
    ) -> Result<Self, JsValue> {
        let files = external_data.map(|data| files(&data)).transpose()?.unwrap_or_default();
        let inner = crate::Model::read(&read_bytes("onnx", onnx)?, manifest.as_deref(), &files).map_err(throw)?;
        Ok(Self::of(Rc::new(inner)))
    }

    /// How many networks this is: their mean is predicted and explained.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn networks(&self) -> usize {
        self.all.members().len()
    }

    /// What the model's columns and outputs mean.
    ///
    /// # Errors
    /// Never in practice: a manifest is plain data.
    #[wasm_bindgen(getter)]
    pub fn manifest(&self) -> Result<JsManifest, JsValue> {
        to_js(self.inner.manifest())
    }

    /// Where the manifest comes from: `"inside"` the model's file; `"beside"` it, as an argument; `"in-place"` of the one
    /// inside; `"built-in"` where there was none.
    #[wasm_bindgen(getter, js_name = manifestSource, unchecked_return_type = "\"inside\" | \"beside\" | \"in-place\" | \"built-in\"")]
    #[must_use]
    pub fn manifest_source(&self) -> String {
        let source = match self.inner.manifest_source() {
            ManifestSource::Inside => "inside",
            ManifestSource::Beside => "beside",
            ManifestSource::InPlace => "in-place",
            ManifestSource::BuiltIn => "built-in",
        };
        source.to_owned()
    }

    /// Steps of the input.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn steps(&self) -> usize {
        self.inner.n_steps()
    }

    /// What can be asked of the model: what it says of an outcome, or of a class of it, by one number or by one a step.
    ///
    /// # Errors
    /// Never in practice: heads are plain data.
    #[wasm_bindgen(getter)]
    pub fn heads(&self) -> Result<JsHeads, JsValue> {
        to_js(&self.inner.manifest().heads())
    }

    /// The rows of channels of which nothing says what they are in the well: their values are drawn by their distance from
    /// the mean.
    #[wasm_bindgen(getter, js_name = rowsWithoutNormal)]
    #[must_use]
    pub fn rows_without_normal(&self) -> Vec<u32> {
        let manifest = self.inner.manifest();
        (0..)
            .zip(0..manifest.channels.len())
            .filter(|(_, at)| manifest.has_no_normal(*at))
            .map(|(row, _)| row)
            .collect()
    }

    /// Whether neither the file nor a manifest says how many steps a stay has: `forRecord` then fits the model to one.
    #[wasm_bindgen(getter, js_name = openSteps)]
    #[must_use]
    pub fn open_steps(&self) -> bool {
        self.inner.has_open_steps()
    }

    /// What the axes of the input with the steps are taken for, as a manifest's `layout` has them, where neither the file nor
    /// a manifest nor what the layers do tells; empty where something does.
    #[wasm_bindgen(getter, js_name = assumedLayout)]
    #[must_use]
    pub fn assumed_layout(&self) -> Vec<String> {
        self.inner.assumed_layout().iter().map(|axis| axis.name().to_owned()).collect()
    }

    /// The same network for stays as long as a record, of a network whose number of steps is open; others are handed back
    /// as they are.
    ///
    /// # Errors
    /// Throws as `Stay.parse`, and where nothing that the model reads is observed in the record.
    #[wasm_bindgen(js_name = forRecord)]
    pub fn for_record(&self, text: JsRecord, options: Option<JsStayOptions>) -> Result<Self, JsValue> {
        if !self.inner.has_open_steps() {
            return Ok(self.share());
        }
        let options = stay_options(options)?;
        let record = JsValue::from(text);
        let bytes = match (record.dyn_ref::<js_sys::Uint8Array>(), record.as_string()) {
            (Some(bytes), _) => bytes.to_vec(),
            (None, Some(text)) => text.into_bytes(),
            (None, None) => return Err(argument("text", "is neither a text nor a Uint8Array")),
        };
        let n_steps = crate::stay::Stay::n_steps_in(&bytes, self.inner.manifest(), &options).map_err(throw)?;
        Ok(Self::of_all(self.all.at_length(n_steps).map_err(throw)?))
    }

    /// Columns of the input.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn columns(&self) -> usize {
        self.inner.n_columns()
    }

    /// A name for each number that the model returns.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        self.inner.outputs().to_vec()
    }

    /// Number of weights and biases.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.inner.n_parameters()
    }

    /// The model's outputs for `[steps * columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// Throws for an input of the wrong length or with numbers that are not finite.
    pub fn predict(&self, input: &JsNumbers) -> Result<Vec<f32>, JsValue> {
        self.all.predict(&read_numbers("input", input)?).map_err(throw)
    }

    /// Explains one output for `[steps * columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// Throws like `predict`, and for options that are unknown or out of range.
    pub fn explain(&self, input: &JsNumbers, options: Option<JsExplainOptions>) -> Result<Explanation, JsValue> {
        let (options, baseline) = explain_options(options)?;
        let input = read_numbers("input", input)?;
        let runs = self.all.runs(&input).map_err(throw)?;
        self.explanation(&runs, options, baseline.as_deref(), &Subject::of(self, &input))
    }

    /// Several explanations of one stay: one for each element of `options`. A stay of which only the first steps are known
    /// (`Stay.knownUntil`) is explained by the network run on these, where its number of steps is open; of another network,
    /// what stands on later steps counts to the readings that are carried there.
    ///
    /// # Errors
    /// Throws like `explain`.
    #[wasm_bindgen(js_name = explainStay)]
    pub fn explain_stay(&self, stay: &Stay, options: &JsOptionsList) -> Result<Vec<Explanation>, JsValue> {
        let options = read_list("options", options)?;
        stay.check_model(self)?;
        let known = KnownPart::of(&self.all, &stay.inner).map_err(throw)?;
        let runs = known.networks.runs(&known.input).map_err(throw)?;
        let subject = Subject::of(self, &stay.inner.input);
        let explain = |options| {
            let (options, baseline) = explain_options(Some(options))?;
            let found = known.explain(&runs, baseline.as_deref(), &options).map_err(throw)?;
            Ok(self.together(found, &options, &subject))
        };
        options.into_iter().map(explain).collect()
    }

    /// Several explanations of one input, for which the model runs once: one for each element of `options`.
    ///
    /// # Errors
    /// Throws like `explain`.
    #[wasm_bindgen(js_name = explainAll)]
    pub fn explain_all(&self, input: &JsNumbers, options: &JsOptionsList) -> Result<Vec<Explanation>, JsValue> {
        let options = read_list("options", options)?;
        let input = read_numbers("input", input)?;
        self.explanations(&self.all.runs(&input).map_err(throw)?, options, &input)
    }
}

impl Model {
    /// A handle on one network.
    pub(super) fn of(inner: Rc<crate::Model>) -> Self {
        Self::of_all(Models::from(inner))
    }

    /// A handle on several networks as one.
    pub(super) fn of_all(all: Models) -> Self {
        Self { inner: Rc::clone(all.first()), all, runs: SharedRuns::default() }
    }

    /// What a task is of: an input as it is, or a stay, as far as it is known. Beside it the numbers of the whole stay.
    pub(super) fn known(&self, input: &JsKnown) -> Result<(KnownPart, Vec<f32>), JsValue> {
        let Ok(stay) = input.share() else {
            if !js_sys::Array::is_array(input) && !js_sys::ArrayBuffer::is_view(input) {
                return Err(argument("input", "must be a Float32Array or a Stay"));
            }
            let input = read_numbers("input", input)?;
            self.inner.check_input(&input).map_err(throw)?;
            return Ok((KnownPart::whole(self.all.clone(), &input), input));
        };
        stay.check_model(self)?;
        self.inner.check_input(&stay.inner.input).map_err(throw)?;
        Ok((KnownPart::of(&self.all, &stay.inner).map_err(throw)?, stay.inner.input))
    }

    /// What several explanations of one input are together.
    pub(super) fn together(&self, found: Explained, options: &Options, subject: &Rc<Subject>) -> Explanation {
        let mask_columns = self.inner.manifest().mask_columns();
        let one = |inner, member| Explanation::new(inner, options, &mask_columns, (Rc::clone(subject), member));
        let Explained { mean, each } = found;
        let each = each.into_iter().enumerate().map(|(at, inner)| one(inner, Some(at)));
        let members = if each.len() > 1 { each.collect() } else { Rc::default() };
        Explanation { members, ..one(mean, None) }
    }

    /// Several explanations of recorded runs, one a network.
    pub(super) fn explanations(
        &self,
        runs: &[Trace],
        options: Vec<JsExplainOptions>,
        input: &[f32],
    ) -> Result<Vec<Explanation>, JsValue> {
        let subject = Subject::of(self, input);
        let explain = |options| {
            let (options, baseline) = explain_options(Some(options))?;
            self.explanation(runs, options, baseline.as_deref(), &subject)
        };
        options.into_iter().map(explain).collect()
    }

    fn explanation(
        &self,
        runs: &[Trace],
        options: Options,
        baseline: Option<&[f32]>,
        subject: &Rc<Subject>,
    ) -> Result<Explanation, JsValue> {
        let found = self.all.explain_runs(runs, baseline, &options).map_err(throw)?;
        Ok(self.together(found, &options, subject))
    }
}

fn files(data: &JsExternalData) -> Result<HashMap<String, Vec<u8>>, JsValue> {
    let wrong = || argument("externalData", "must map file names to Uint8Arrays");
    let entries = js_sys::Object::entries(data.dyn_ref::<js_sys::Object>().ok_or_else(wrong)?);
    entries
        .iter()
        .map(|entry| {
            let entry: js_sys::Array = entry.unchecked_into();
            let name = entry.get(0).as_string().ok_or_else(wrong)?;
            let bytes = entry.get(1).dyn_into::<js_sys::Uint8Array>().map_err(|_| wrong())?;
            Ok((name, bytes.to_vec()))
        })
        .collect()
}

/// One ICU episode, ready for a model.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Stay {
    pub(super) inner: crate::stay::Stay,
    /// What made its numbers of the record.
    pub(super) reading: Arc<Manifest>,
}

#[wasm_bindgen]
extern "C" {
    /// What a task is of. A stay of which only the first steps are known (`Stay.knownUntil`) is taken to have ended after
    /// them, where the network's number of steps is open.
    #[wasm_bindgen(typescript_type = "Float32Array | number[] | Stay")]
    pub type JsKnown;
    #[wasm_bindgen(method, catch)]
    fn share(this: &JsKnown) -> Result<Stay, JsValue>;
}

#[wasm_bindgen]
impl Stay {
    /// Another handle on the same stay, to be freed on its own.
    #[must_use]
    pub fn share(&self) -> Self {
        Self { inner: self.inner.clone(), reading: Arc::clone(&self.reading) }
    }

    /// Reads a record for a model: its text, or the bytes of its file, which may be compressed.
    ///
    /// # Errors
    /// Throws where the record cannot be read; the message names the line, the variable and what to do.
    pub fn parse(text: JsRecord, model: &Model, options: Option<JsStayOptions>) -> Result<Self, JsValue> {
        let options = stay_options(options)?;
        let (record, manifest) = (JsValue::from(text), model.inner.manifest());
        let read = match record.dyn_ref::<js_sys::Uint8Array>() {
            Some(bytes) => crate::stay::Stay::open(&bytes.to_vec(), manifest, &options),
            None => {
                let text = record.as_string().ok_or_else(|| argument("text", "is neither a text nor a Uint8Array"))?;
                crate::stay::Stay::read(&text, manifest, &options)
            }
        };
        Ok(Self { inner: read.map_err(throw)?, reading: model.inner.kept_manifest() })
    }

    /// The model's input, `[steps * columns]`, row-major, in model units.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn input(&self) -> Vec<f32> {
        self.inner.input.clone()
    }

    /// What was read, skipped, and found implausible.
    ///
    /// # Errors
    /// Never in practice: a report is plain data.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> Result<JsImportReport, JsValue> {
        to_js(&self.inner.report)
    }

    /// The record's name, as the caller gave it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.inner.name.clone()
    }
}

/// Relevance of every input, with its account.
#[wasm_bindgen]
#[derive(Debug, Clone)]
pub struct Explanation {
    pub(super) inner: Relevance,
    /// Which output it explains; of a map from elsewhere, what the caller says.
    pub(super) target: usize,
    /// Whether pictures show magnitudes instead of signed relevance.
    pub(super) is_magnitude: bool,
    /// Those of single networks, where this is their mean.
    pub(super) members: Rc<[Self]>,
    /// Whether it is a map from elsewhere, which cannot be made again.
    pub(super) is_foreign: bool,
    /// Cells of such a map that its file does not name.
    n_unnamed: usize,
    pub(super) subject: Rc<Subject>,
    /// Which of the subject's networks says it, where one of several does.
    pub(super) member: Option<usize>,
    ledger: LedgerParts,
}

impl Explanation {
    fn new(
        inner: Relevance,
        options: &Options,
        mask_columns: &[bool],
        (subject, member): (Rc<Subject>, Option<usize>),
    ) -> Self {
        let is_magnitude = matches!(options.method, Method::Gradient | Method::AbsGradient | Method::SmoothGrad);
        let ledger = LedgerParts::of(&inner, mask_columns);
        let (members, target) = (Rc::default(), options.target);
        Self { inner, target, is_magnitude, members, is_foreign: false, n_unnamed: 0, subject, member, ledger }
    }

    /// The networks of a model, each with what it says; where only one explanation is at hand, that speaks for all.
    pub(super) fn voices<'a>(&'a self, model: &'a Model) -> Vec<Voice<'a>> {
        let said = |at: usize| self.members.get(at).map_or(&self.inner, |member| &member.inner);
        model.all.all().into_iter().enumerate().map(|(at, model)| Voice { model, relevance: said(at) }).collect()
    }

    /// A map from elsewhere of the output `target`, with the number of cells that its file does not name.
    pub(super) fn foreign(
        (inner, n_unnamed): (Relevance, usize),
        target: usize,
        mask_columns: &[bool],
        subject: Rc<Subject>,
    ) -> Self {
        let ledger = LedgerParts::of(&inner, mask_columns);
        let members = Rc::default();
        Self { inner, target, is_magnitude: false, members, is_foreign: true, n_unnamed, subject, member: None, ledger }
    }
}

#[wasm_bindgen]
impl Explanation {
    /// `[steps * columns]`, row-major like the input.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn relevance(&self) -> Vec<f32> {
        self.inner.values.iter().map(|r| single(*r)).collect()
    }

    /// Cells of a map from elsewhere, a channel in a step each, that its file does not name; they count 0.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn unnamed(&self) -> usize {
        self.n_unnamed
    }

    /// What was decomposed; for a gradient, the output that was differentiated.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn score(&self) -> f64 {
        self.inner.score
    }

    /// The whole score before the sigmoid, whatever part of it was decomposed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn logit(&self) -> f64 {
        self.inner.logit
    }

    /// The output as the model gives it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.inner.probability
    }

    /// The score minus everything accounted for; NaN for a gradient, which decomposes nothing.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.inner.residual()
    }

    /// Why something is missing (`residual`), in words, where integrated gradients stopped before they were exact.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn note(&self) -> Option<String> {
        self.inner.note.map(|note| note.to_string())
    }

    /// Where the score went.
    ///
    /// # Errors
    /// Never in practice: a ledger is plain data.
    #[wasm_bindgen(getter)]
    pub fn ledger(&self) -> Result<JsLedger, JsValue> {
        to_js(&self.ledger)
    }
}

/// Options as the engine takes them, and the baseline.
pub(super) fn explain_options(options: Option<JsExplainOptions>) -> Result<(Options, Option<Vec<f32>>), JsValue> {
    let asked = asked_explanation(options)?;
    Ok((asked.options().map_err(throw)?, asked.baseline))
}

/// Options as they were written.
pub(super) fn asked_explanation(options: Option<JsExplainOptions>) -> Result<AskedExplanation, JsValue> {
    options.map_or_else(|| Ok(AskedExplanation::default()), |it| read_options(&it, &AskedExplanation::FIELDS))
}

pub(super) fn choose<T: Copy>(field: &str, name: Option<&str>, choices: &[(&str, T)]) -> Result<Option<T>, JsValue> {
    boundary::choose(field, name, choices).map_err(throw)
}
