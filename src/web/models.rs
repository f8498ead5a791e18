//! Several networks shown as one, as JavaScript sees them.

use std::collections::HashMap;
use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::JsExplainOptions;
use super::api::{Explanation, JsManifest, Model, explain_options};
use super::belongs::{Subject, explained};
use super::canvas::{JsExplanation, JsPaintOptions, PaintOptions, unsure};
use super::js::{JsNumbers, JsWhole, argument, read_numbers, read_whole_or, throw, to_js};
use crate::engine::explain::ensemble::{self, agreeing, enough};
use crate::study::models::Together;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One number of several networks: that of each, their mean, sample standard deviation (0 for one network), least and greatest. */
export interface Spread { each: number[]; mean: number; deviation: number; least: number; greatest: number }

/** What several networks make of one output: the output itself, and the score before its sigmoid. */
export interface Together { probability: Spread; score: Spread }
"#;

#[wasm_bindgen]
extern "C" {
    /// `Together`
    #[wasm_bindgen(typescript_type = "Together")]
    pub type JsTogether;

    /// A network by its JavaScript handle, or the bytes of one: an array of exported values would be consumed by the call.
    #[wasm_bindgen(typescript_type = "Model | Uint8Array")]
    pub type JsModel;
    #[wasm_bindgen(method, catch)]
    fn share(this: &JsModel) -> Result<Model, JsValue>;
}

#[wasm_bindgen]
impl Model {
    /// Another handle on the same network, to be freed on its own.
    #[must_use]
    pub fn share(&self) -> Self {
        Self { inner: Rc::clone(&self.inner), all: self.all.clone(), runs: self.runs.clone() }
    }
}

/// Networks that read the same columns, shown as one: their mean, how far they spread, and what they agree on.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Models {
    inner: crate::study::models::Models,
}

#[wasm_bindgen]
impl Models {
    /// Puts networks together, each a `Model`, which stays usable, or the bytes of an ONNX file. `manifest` is JSON text
    /// that takes the place of the files' own where bytes are given.
    ///
    /// # Errors
    /// Throws where a file cannot be read, and where networks differ in steps, columns, outputs or what these mean: the
    /// message names the network and what differs.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen takes arrays and optional strings by value")]
    pub fn new(models: Vec<JsModel>, manifest: Option<String>) -> Result<Self, JsValue> {
        let read = |(index, given): (usize, &JsModel)| match given.dyn_ref::<js_sys::Uint8Array>() {
            Some(bytes) => {
                let read = crate::Model::read(&bytes.to_vec(), manifest.as_deref(), &HashMap::new());
                let named = |error: crate::Error| {
                    let message = format!("network {} of {}: {}", index + 1, models.len(), error.message);
                    error.saying(message)
                };
                read.map(|model| vec![Rc::new(model)]).map_err(|error| throw(named(error)))
            }
            None => {
                let wrong = |_| argument(&format!("models[{index}]"), "is neither a Model nor a Uint8Array");
                given.share().map(|model| model.all.members().to_vec()).map_err(wrong)
            }
        };
        let members = models.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?.concat();
        Ok(Self { inner: crate::study::models::Models::new(members).map_err(throw)? })
    }

    /// The networks as one `Model`, for everything that takes one: what it predicts, explains, edits, replays and audits
    /// is their mean.
    #[wasm_bindgen(js_name = asOne)]
    #[must_use]
    pub fn as_one(&self) -> Model {
        Model::of_all(self.inner.clone())
    }

    /// How many networks there are.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.members().len()
    }

    /// How many of them have to agree before what they say is said: at least four of five.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn enough(&self) -> usize {
        enough(self.count())
    }

    /// The networks, each by a new handle.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn models(&self) -> Vec<Model> {
        self.inner.members().iter().map(|inner| Model::of(Rc::clone(inner))).collect()
    }

    /// What the columns and outputs of all of them mean.
    ///
    /// # Errors
    /// Never in practice: a manifest is plain data.
    #[wasm_bindgen(getter)]
    pub fn manifest(&self) -> Result<JsManifest, JsValue> {
        to_js(self.inner.first().manifest())
    }

    /// Steps of the input.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn steps(&self) -> usize {
        self.inner.first().n_steps()
    }

    /// Columns of the input.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn columns(&self) -> usize {
        self.inner.first().n_columns()
    }

    /// A name for each number that the networks return.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        self.inner.first().outputs().to_vec()
    }

    /// The mean of the networks' outputs for `[steps * columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// Throws as `Model.predict`, and names the network.
    pub fn predict(&self, input: &JsNumbers) -> Result<Vec<f32>, JsValue> {
        self.inner.predict(&read_numbers("input", input)?).map_err(throw)
    }

    /// What each network makes of one output, and how far they spread; `target` is 0 unless given.
    ///
    /// # Errors
    /// Throws as `predict`, and where there is no such output.
    pub fn together(&self, input: &JsNumbers, target: Option<JsWhole>) -> Result<JsTogether, JsValue> {
        let target = read_whole_or("target", target, 0)?;
        let found = self.inner.together(&read_numbers("input", input)?, target).map_err(throw)?;
        to_js(&TogetherOut::of(found))
    }

    /// The mean of the networks' explanations, which explains their mean score. It has `agreement` and `members`.
    ///
    /// # Errors
    /// Throws as `Model.explain`, and names the network.
    pub fn explain(&self, input: &JsNumbers, options: Option<JsExplainOptions>) -> Result<Explanation, JsValue> {
        let (options, baseline) = explain_options(options)?;
        let input = read_numbers("input", input)?;
        let found = self.inner.explain(&input, baseline.as_deref(), &options).map_err(throw)?;
        let model = self.as_one();
        Ok(model.together(found, &options, &Subject::of(&model, &input)))
    }
}

#[wasm_bindgen]
impl Explanation {
    /// How many networks agree with the sign of the mean, cell by cell, `[steps * columns]`; absent for one network.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn agreement(&self) -> Option<Vec<u32>> {
        let lists: Vec<&[f64]> = self.members.iter().map(|it| it.inner.values.as_slice()).collect();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (!lists.is_empty()).then(|| agreeing(&lists).into_iter().map(count).collect())
    }

    /// What each network predicts, and how far that spreads; absent for one network.
    ///
    /// # Errors
    /// Never in practice: a spread is plain data.
    #[wasm_bindgen(getter, unchecked_return_type = "Spread | undefined")]
    pub fn spread(&self) -> Result<JsValue, JsValue> {
        if self.members.is_empty() {
            return Ok(JsValue::UNDEFINED);
        }
        let each = self.members.iter().map(|it| it.inner.probability).collect();
        to_js(&Spread::of(ensemble::NetworkSpread::of(each)))
    }

    /// The explanation of each network, where there are several; empty else.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn members(&self) -> Vec<Self> {
        self.members.to_vec()
    }
}

/// Cells of the pictures, `row * steps + step` each, in whose sign fewer than four of five networks agree with the mean.
/// There are none where one network explains, or where magnitudes are shown, which have no sign.
///
/// # Errors
/// When an option is wrong, or the explanation is none or belongs to another model.
#[wasm_bindgen(js_name = unsureCells)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
pub fn unsure_cells(
    model: &Model,
    explanation: &JsExplanation,
    options: Option<JsPaintOptions>,
) -> Result<Vec<usize>, JsValue> {
    let explanation = explained(explanation, model)?;
    let (manifest, part) = (model.inner.manifest(), PaintOptions::read(options.as_ref())?.part);
    if explanation.is_magnitude() {
        return Ok(Vec::new());
    }
    Ok(unsure(&explanation, manifest, part, 0.0))
}

#[derive(Serialize)]
struct TogetherOut {
    probability: Spread,
    score: Spread,
}

#[derive(Serialize)]
struct Spread {
    each: Vec<f64>,
    mean: f64,
    deviation: f64,
    least: f64,
    greatest: f64,
}

impl TogetherOut {
    fn of(found: Together) -> Self {
        Self { probability: Spread::of(found.probability), score: Spread::of(found.score) }
    }
}

impl Spread {
    fn of(found: ensemble::NetworkSpread) -> Self {
        let ensemble::NetworkSpread { each, mean, deviation, least, greatest } = found;
        Self { each, mean, deviation, least, greatest }
    }
}
