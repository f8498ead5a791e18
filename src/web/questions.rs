//! Questions to a stay, as JavaScript asks them: what if only the first hours were known, what would have to change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::api::{Model, Stay};
use super::js::{JsWhole, argument, read_options, read_whole, read_whole_or, throw, to_js};
use super::task::Task;
use crate::study::counterfactual::{self, Search};
use crate::study::replay::{Chart, Replay};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One row's readings that would be otherwise: lowest and highest of what they were and of what they become. */
export interface CounterfactualChange {
    row: number; channel: string; unit: string; step: number; hours: [number, number];
    from: [ShownValue, ShownValue]; to: [ShownValue, ShownValue];
    edit: StayEdit;
}

/**
 * Rows that belong together, otherwise over a run of hours: held as they were at hour `at`, or towards normal, as far and as
 * fast as patients are seen to change.
 */
export interface CounterfactualPart {
    way: "held" | "normal"; rows: number[]; channels: string[]; hours: [number, number]; at?: number; isNormal: boolean;
    changes: CounterfactualChange[];
}

/** What one part does by itself. */
export interface CounterfactualAnswer { part: CounterfactualPart; probability: number; crosses: boolean }

/**
 * What would have to change for the other label: `parts`, together. Where `crosses` is false nothing within reach changes it,
 * and `parts` come nearest. `answers`: what single parts do. `ofRecord`: rows of which the manifest gives no limits, so that
 * they stay within what the record shows. `threshold` is missing for a class. `distance`: in standard deviations of the
 * channels, over all hours.
 */
export interface Counterfactual {
    original: number; threshold?: number; probability: number; crosses: boolean;
    parts: CounterfactualPart[]; distance: number; answers: CounterfactualAnswer[]; ofRecord: number[];
    /** So many parts were changed together at most. */
    nTogether: number;
    runs: number;
}

/** The output as if only the first 1, 2, ... steps had been known, and as SVG paths of the unit square. */
export interface Replay {
    outputs: number[]; curve: string;
    /** The threshold of a probability. */
    level?: string;
    /** An upright line for each number of known steps. */
    marks: string[];
    /** Numbers along the height, and their distance from the top. */
    ticks: [number, number][];
}

/** How widely is searched. */
export interface CounterfactualOptions {
    target?: number;
    /** Most parts that may change together; default 6. */
    together?: number;
    /** Rows that may not change; default those of the group "static". */
    fixed?: number[];
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above.
    #[wasm_bindgen(typescript_type = "CounterfactualOptions")]
    pub type JsCounterfactualOptions;
}

#[wasm_bindgen]
impl Stay {
    /// The stay as it would have been read after its first `steps` steps.
    ///
    /// # Errors
    /// Throws where the stay belongs to another model.
    #[wasm_bindgen(js_name = knownUntil)]
    pub fn known_until(&self, model: &Model, steps: &JsWhole) -> Result<Self, JsValue> {
        self.check_model(model)?;
        let steps = read_whole("steps", steps)?;
        Ok(Self { inner: self.inner.known_until(model.inner.manifest(), steps), reading: Arc::clone(&self.reading) })
    }
}

/// The outputs as if only the first 1, 2, ... steps had been known: a task whose result is a `Replay`.
///
/// # Errors
/// Throws for an output that the model does not have.
#[wasm_bindgen(js_name = replayTask)]
pub fn replay_task(model: &Model, stay: &Stay, target: Option<JsWhole>) -> Result<Task, JsValue> {
    stay.check_model(model)?;
    let target = read_whole_or("target", target, 0)?;
    let known = model.inner.graph().targets.get(target);
    let known =
        known.ok_or_else(|| argument("target", "is none of the model's outputs; leave it out for the first"))?;
    let threshold = || model.inner.manifest().meaning(target).map_or(0.5, |meaning| meaning.threshold);
    let threshold = known.is_probability.then(threshold);
    let job = Replay::new(model.all.clone(), stay.inner.clone(), target);
    Ok(Task::new("hours", job, move |outputs| to_js(&Replayed { chart: Chart::of(&outputs, threshold), outputs })))
}

/// `Replay` as JavaScript reads it.
#[derive(Serialize)]
struct Replayed {
    outputs: Vec<f64>,
    #[serde(flatten)]
    chart: Chart,
}

/// What would have to change for the other label: a task whose result is a `Counterfactual`.
///
/// # Errors
/// Throws for options that are wrong, for an output without a label, and for a network that reads words.
#[wasm_bindgen(js_name = counterfactualTask)]
pub fn counterfactual_task(
    model: &Model,
    stay: &Stay,
    options: Option<JsCounterfactualOptions>,
) -> Result<Task, JsValue> {
    stay.check_model(model)?;
    let given = match options {
        Some(options) => read_options::<CounterfactualOptions>(&options, &["target", "together", "fixed"])?,
        None => CounterfactualOptions::default(),
    };
    let mut options = counterfactual::SearchOptions::of(&model.inner, given.target);
    options.n_together_max = given.together.unwrap_or(options.n_together_max);
    options.fixed = given.fixed.unwrap_or(options.fixed);
    let job = Search::new(model.all.clone(), stay.inner.clone(), options).map_err(throw)?;
    Ok(Task::new("changes tried", job, |found| to_js(&found)))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CounterfactualOptions {
    target: usize,
    together: Option<usize>,
    fixed: Option<Vec<usize>>,
}
