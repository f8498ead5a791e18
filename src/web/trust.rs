//! How far explanations hold, and how far they agree, as JavaScript sees it.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, JsExplainOptions, Model, explain_options};
use super::canvas::{JsExplanation, JsPaintOptions, Options, explained};
use super::js::{argument, throw, to_js};
use super::task::Task;
use crate::engine::explain::agreement::{self, agreement};
use crate::engine::explain::faithfulness::{self, Effort, Faithfulness, Measure};
use crate::engine::explain::players::gather;
use crate::engine::explain::request::Request;
use crate::picture::grid::{self, Grid};
use crate::stay::removal::{By, Removal, normal_input};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type Verdict = "holds" | "weak" | "fails";

/** What is asked of an explanation, the number that decides, and from where on it holds and is weak. */
export interface TrustAnswer {
    question: "deletion" | "insertion" | "sensitivity-n" | "max-sensitivity" | "randomisation" | "epsilon";
    value: number; verdict: Verdict; holds: number; weak: number;
}

/** How far an explanation holds for this stay and this network; docs/methods.md says what each number is. */
export interface Trust {
    measurements: number;
    curves: {
        parts: number[]; deletion: number[]; insertion: number[]; random: [number[], number[], number[]];
        deletionArea: number; insertionArea: number; randomAreas: number[];
        /** The middle 90 % of the random areas, and their median. */
        randomArea: [low: number, median: number, high: number];
    };
    sensitivityN: [size: number, correlation: number][];
    maxSensitivity?: number;
    randomisation: [node: string, correlation: number][];
    epsilons: [epsilon: number, correlation: number][];
    answers: TrustAnswer[];
    verdict: Verdict;
}

/** How far two explanations agree, measurement by measurement; `opposite` lists [channel, step] where they differ in sign. */
export interface MethodAgreement { rankCorrelation: number; topOverlap: number; signAgreement: number; opposite: [channel: number, step: number][] }
"#;

#[wasm_bindgen]
extern "C" {
    /// `MethodAgreement`
    #[wasm_bindgen(typescript_type = "MethodAgreement")]
    pub type JsMethodAgreement;
}

/// Measures how far an explanation of an input holds; the task's result is a `Trust`. `options` say how it was made; an
/// explanation that is given is taken as it is, else it is made first.
///
/// # Errors
/// Throws for an input of the wrong length, and for options that are unknown or out of range.
#[wasm_bindgen(js_name = trustTask)]
pub fn trust_task(
    model: &Model,
    input: &[f32],
    options: Option<JsExplainOptions>,
    explanation: Option<JsExplanation>,
) -> Result<Task, JsValue> {
    let (options, baseline) = explain_options(options)?;
    let inner = &model.inner;
    inner.check_input(input).map_err(throw)?;
    let relevance = match explanation {
        Some(explanation) => explained(&explanation, model)?.inner,
        None => {
            let trace = inner.trace(input).map_err(throw)?;
            inner.explain_against(&trace, baseline.as_deref(), &options).map_err(throw)?
        }
    };
    let scorer = inner.scorer(&options).map_err(throw)?.over(Rc::clone(inner));
    let players = Removal::new(inner.manifest(), input, By::Measurement);
    let baseline = baseline.unwrap_or_else(|| normal_input(inner.manifest()));
    let effort = Effort { seed: options.seed, ..Effort::default() };
    let job = Measure::new(scorer, players, Request { options, baseline }, relevance, effort);
    Ok(Task::new("measures", job, |found| to_js::<JsValue>(&Trust::of(found))))
}

/// Compares two explanations of the same input, measurement by measurement: each measurement's relevance is the sum over
/// the cells that it decides on. `topOverlap` is of the ten largest.
///
/// # Errors
/// Throws where an explanation or the input is of another length.
#[wasm_bindgen(js_name = compareExplanations)]
pub fn compare_explanations(
    model: &Model,
    input: &[f32],
    first: &Explanation,
    second: &Explanation,
) -> Result<JsMethodAgreement, JsValue> {
    model.inner.check_input(input).map_err(throw)?;
    if first.inner.values.len() != input.len() || second.inner.values.len() != input.len() {
        return Err(argument("explanation", "belongs to a model with another input"));
    }
    let removal = Removal::new(model.inner.manifest(), input, By::Measurement);
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
    let (manifest, part) = (model.inner.manifest(), Options::read(options.as_ref())?.part);
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trust {
    measurements: usize,
    curves: Curves,
    #[serde(rename = "sensitivityN")]
    sensitivity_n: Vec<(usize, f64)>,
    max_sensitivity: Option<f64>,
    randomisation: Vec<(String, f64)>,
    epsilons: Vec<(f64, f64)>,
    answers: Vec<Answer>,
    verdict: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Curves {
    parts: Vec<f64>,
    deletion: Vec<f64>,
    insertion: Vec<f64>,
    random: [Vec<f64>; 3],
    deletion_area: f64,
    insertion_area: f64,
    random_areas: Vec<f64>,
    random_area: [f64; 3],
}

/// A question with its answer, as JavaScript sees it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    question: &'static str,
    value: f64,
    verdict: &'static str,
    holds: f64,
    weak: f64,
}

impl Answer {
    pub(super) fn of(answer: &faithfulness::Answer) -> Self {
        let [holds, weak] = answer.question.bounds();
        let (question, verdict) = (answer.question.name(), answer.verdict.name());
        Self { question, value: answer.value, verdict, holds, weak }
    }
}

impl Trust {
    fn of(found: Faithfulness) -> Self {
        let random_area = found.curves.random_area();
        let curves = found.curves;
        Self {
            measurements: found.n_players,
            curves: Curves {
                parts: curves.parts,
                deletion: curves.deletion,
                insertion: curves.insertion,
                random: curves.random,
                deletion_area: curves.deletion_area,
                insertion_area: curves.insertion_area,
                random_areas: curves.random_areas,
                random_area,
            },
            sensitivity_n: found.sensitivity_n,
            max_sensitivity: found.max_sensitivity,
            randomisation: found.randomisation,
            epsilons: found.epsilons,
            answers: found.answers.iter().map(Answer::of).collect(),
            verdict: found.verdict.name(),
        }
    }
}
