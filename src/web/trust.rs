//! How far explanations hold, and how far they agree, as JavaScript sees it.

use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, JsExplainOptions, JsKnown, Model, explain_options};
use super::belongs::{Subject, explained};
use super::canvas::{JsExplanation, JsPaintOptions, PaintOptions};
use super::js::{JsBytes, JsNumbers, JsWhole, argument, read_bytes, read_numbers, read_whole, throw, to_js};
use super::task::Task;
use crate::engine::explain::agreement::{self, agreement};
use crate::engine::explain::audit::Effort;
use crate::engine::explain::players::gather;
use crate::engine::explain::relevance::Relevance;
use crate::picture::grid::{self, Grid};
use crate::stay::removal::{By, Removal};
use crate::study::audit::{AuditReport, Map, StayAudit, begin};
use crate::study::models::Models;
use crate::study::replay::KnownPart;
use crate::study::{boundary, import};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type Verdict = "holds" | "shaky" | "does not hold";

/** What is asked of an explanation, the number with its interval, and whether the verdict is made of it. */
export interface TrustAnswer {
    question: "follows" | "finds" | "noise" | "shuffles" | "epsilon";
    value: number; interval: [low: number, high: number]; decides: boolean;
}

/** The word of an audit and what it is made of; docs/holds.md says what each number is. */
export interface TrustNumbers {
    measurements: number;
    /** Runs of the network that the deciding answers are made of. */
    runs: number;
    /** How far the best additive picture goes with the score: what the map is measured by. */
    ceiling: number;
    /** The tenth of the measurements that the map names first: what it says of them, and what the score loses without them. */
    firstTenth: [said: number, lost: number];
    /** What it loses as a part of what the map says. */
    followed: number;
    /** The deciding answers first; before the audit is final there are no others. */
    answers: TrustAnswer[];
    /** How probable it is that the map finds what the network goes by; the verdict is a word for it. */
    probability: number;
    /** Its middle 95 %, by the sets of measurements that happened to be drawn. */
    probabilityInterval: [low: number, high: number];
    verdict: Verdict;
}

/** What `early` of a `trustTask` returns once everything that decides is known: the word is that of the result, and what
 *  decides nothing (curves, noise, shuffles, epsilon) is still to come. */
export interface TrustWord extends TrustNumbers { isFinal: false }

/** How far an explanation holds for this stay and this network: the result of a `trustTask`. */
export interface Trust extends TrustNumbers {
    isFinal: true;
    curves: { parts: number[]; deletion: [map: number[], best: number[]]; insertion: [map: number[], best: number[]] };
    shuffles: number[];
    epsilons: [epsilon: number, correlation: number][];
}

/** A map from elsewhere, `[steps * columns]`, row-major like the input. */
export interface GivenMap { relevance: Float32Array }

/** How far two explanations agree, measurement by measurement; `opposite` lists [channel, step] where they differ in sign. */
export interface MethodAgreement { rankCorrelation: number; topOverlap: number; signAgreement: number; opposite: [channel: number, step: number][] }
"#;

#[wasm_bindgen]
extern "C" {
    /// `MethodAgreement`
    #[wasm_bindgen(typescript_type = "MethodAgreement")]
    pub type JsMethodAgreement;
    /// An explanation, or a map from elsewhere.
    #[wasm_bindgen(typescript_type = "Explanation | GivenMap")]
    pub type JsMap;
}

/// Measures how far an explanation of an input holds; the task's result is a `Trust`. What decides is measured first, and
/// from then on the task's `early` returns it, a `TrustWord`; whoever needs the word alone frees the task then. `options` say how it was made, and
/// `baseline` among them what it is against; an explanation that is given is taken as it is, else it is made first. A map
/// from elsewhere, `{ relevance }`, is asked what decides; what has to make it again is not asked.
///
/// # Errors
/// Throws for an input or a map of the wrong length, and for options that are unknown or out of range.
#[wasm_bindgen(js_name = trustTask)]
pub fn trust_task(
    model: &Model,
    input: &JsKnown,
    options: Option<JsExplainOptions>,
    explanation: Option<JsMap>,
) -> Result<Task, JsValue> {
    let (options, baseline) = explain_options(options)?;
    let (known, whole) = model.known(input)?;
    let first = |whole: &[f32]| known.first(whole).map_err(throw);
    let map = explanation.map(|map| given(&map.into(), model, &known, &whole, options.target)).transpose()?;
    let baseline = baseline.as_deref().map(first).transpose()?;
    let effort = Effort { seed: options.seed, ..Effort::default() };
    let job = begin(known.networks.clone(), &known.input, &options, baseline, map, effort);
    let job = job.and_then(|job| job.sharing(&model.runs)).map_err(throw)?;
    let word = |job: &StayAudit| job.word().map(|word| to_js::<JsValue>(&AuditReport::of(word)));
    Ok(Task::telling("measures", job, word, |found| to_js::<JsValue>(&AuditReport::of(found))))
}

/// A map that was given: an explanation of this model, or an object with `relevance`, as far as its steps are known.
fn given(map: &JsValue, model: &Model, known: &KnownPart, whole: &[f32], target: usize) -> Result<Map, JsValue> {
    let field = |name: &str| js_sys::Reflect::get(map, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if field("share").is_function() {
        let explanation = explained(map.unchecked_ref::<JsExplanation>(), model)?;
        explanation.check_input(whole)?;
        explanation.check_target(Some(target))?;
        let values = known.first(&explanation.inner.values).map_err(throw)?;
        return Ok(Map { is_own: !explanation.is_foreign, relevance: Relevance { values, ..explanation.inner } });
    }
    let wrong = || argument("explanation", "must be what explain returned, or { relevance: Float32Array }");
    let relevance = Some(field("relevance")).filter(|relevance| !relevance.is_undefined()).ok_or_else(wrong)?;
    let values: Vec<f64> = read_numbers("explanation.relevance", &relevance)?.into_iter().map(f64::from).collect();
    let values = known.first(&values).map_err(throw)?;
    Ok(Map { relevance: foreign(&known.networks, &known.input, values, target)?, is_own: false })
}

/// A map from elsewhere of an output as relevance of this input.
fn foreign(networks: &Models, input: &[f32], values: Vec<f64>, target: usize) -> Result<Relevance, JsValue> {
    boundary::foreign(input, values, target, |options| Ok(networks.explain(input, None, options)?.mean)).map_err(throw)
}

/// Reads a map from elsewhere, a CSV (hour, channel or column, relevance) or a `NumPy` array, as an explanation of this
/// input, to be painted, compared and audited like any other. `target` is the output that it is of, which no file says;
/// default the first. `Explanation.unnamed` counts the cells that the file says nothing of; a table whose `value` is not that
/// of the input is of another stay, and refused.
///
/// # Errors
/// Throws where the file cannot be read; the message names the line or the part, and what to do. And where the model has no
/// such output.
#[wasm_bindgen(js_name = readExplanation)]
pub fn read_explanation(
    model: &Model,
    input: &JsNumbers,
    bytes: &JsBytes,
    target: Option<JsWhole>,
) -> Result<Explanation, JsValue> {
    let target = target.map(|it| read_whole("target", &it)).transpose()?.unwrap_or(0);
    let input = read_numbers("input", input)?;
    model.inner.check_input(&input).map_err(throw)?;
    let map = import::read(&read_bytes("bytes", bytes)?, model.inner.manifest(), &input).map_err(throw)?;
    let relevance = foreign(&model.all, &input, map.values, target)?;
    let subject = Subject::of(model, &input);
    Ok(Explanation::foreign((relevance, map.n_unnamed), target, &model.inner.manifest().mask_columns(), subject))
}

/// Compares two explanations of the same input, measurement by measurement: each measurement's relevance is the sum over
/// the cells that it decides on. `topOverlap` is of the ten largest.
///
/// # Errors
/// Throws for an input of the wrong length, and for an explanation of another input.
#[wasm_bindgen(js_name = compareExplanations)]
pub fn compare_explanations(
    model: &Model,
    input: &JsNumbers,
    first: &Explanation,
    second: &Explanation,
) -> Result<JsMethodAgreement, JsValue> {
    let input = read_numbers("input", input)?;
    model.inner.check_input(&input).map_err(throw)?;
    [first, second].into_iter().try_for_each(|explanation| explanation.check_input(&input))?;
    let removal = Removal::new(model.inner.manifest(), &input, By::Measurement);
    let shares = [first, second].map(|explanation| gather(&removal, &explanation.inner));
    let agreement = agreement(&shares[0], &shares[1], 10);
    let opposite = agreement::opposite(&shares[0], &shares[1]);
    let cells = removal.groups().iter().zip(opposite).filter(|(_, opposite)| *opposite);
    to_js(&MethodAgreement {
        rank_correlation: agreement.rank_correlation,
        top_overlap: agreement.top_overlap,
        sign_agreement: agreement.sign_agreement,
        opposite: cells.filter_map(|(group, _)| Some((group.channel?, group.steps.start))).collect(),
    })
}

/// Cells of the pictures, `row * steps + step` each, that one of the explanations says raise the score and another says
/// lower it, and that are negligible (below 1 % of the largest) in neither. Magnitudes have no sign and take no part.
///
/// # Errors
/// When an option is wrong, or one of the explanations is not one or belongs to another model.
#[wasm_bindgen(js_name = disputedCells)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn disputed_cells(
    model: &Model,
    explanations: Vec<JsExplanation>,
    options: Option<JsPaintOptions>,
) -> Result<Vec<usize>, JsValue> {
    let (manifest, part) = (model.inner.manifest(), PaintOptions::read(options.as_ref())?.part);
    let rows = grid::rows(manifest);
    let mut grids = Vec::new();
    for explanation in &explanations {
        let explanation = explained(explanation, model)?;
        if !explanation.is_magnitude() {
            grids.push(Grid::relevance(&explanation.inner.values, manifest.columns, &rows, part));
        }
    }
    let lists: Vec<&[f64]> = grids.iter().map(|grid| grid.values.as_slice()).collect();
    let cells = agreement::disputed(&lists).into_iter().enumerate();
    Ok(cells.filter_map(|(cell, is_disputed)| is_disputed.then_some(cell)).collect())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodAgreement {
    rank_correlation: f64,
    top_overlap: f64,
    sign_agreement: f64,
    opposite: Vec<(usize, usize)>,
}
