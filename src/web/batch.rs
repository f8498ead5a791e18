//! Many inputs explained in one call, as JavaScript sees them.

use wasm_bindgen::prelude::*;

use super::api::{JsExplainOptions, Model, explain_options};
use super::js::{JsNumbers, read_numbers, throw};
use crate::engine::explain::relevance::Relevance;
use crate::engine::number::single;

/// The explanations of many stays, each number as `Model.explain` gives it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ExplanationBatch {
    inner: Vec<Relevance>,
}

#[wasm_bindgen]
impl Model {
    /// Explains many inputs, `[stays * steps * columns]`, row-major, in model units.
    ///
    /// # Errors
    /// Throws as `explain` does, and names the stay by its number, counted from 0.
    #[wasm_bindgen(js_name = explainBatch)]
    pub fn explain_batch(
        &self,
        inputs: &JsNumbers,
        options: Option<JsExplainOptions>,
    ) -> Result<ExplanationBatch, JsValue> {
        let (options, baseline) = explain_options(options)?;
        let inputs = read_numbers("inputs", inputs)?;
        let found = self.all.explain_batch(&inputs, baseline.as_deref(), &options);
        Ok(ExplanationBatch { inner: found.map_err(throw)? })
    }
}

#[wasm_bindgen]
impl ExplanationBatch {
    /// Number of stays.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.len()
    }

    /// `[stays * steps * columns]`, row-major like the inputs.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn relevance(&self) -> Vec<f32> {
        self.inner.iter().flat_map(|it| &it.values).map(|r| single(*r)).collect()
    }

    /// The score of each stay, as `Explanation.score`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn scores(&self) -> Vec<f64> {
        self.inner.iter().map(|it| it.score).collect()
    }

    /// The output of each stay.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn probabilities(&self) -> Vec<f64> {
        self.inner.iter().map(|it| it.probability).collect()
    }

    /// The residual of each stay, as `Explanation.residual`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn residuals(&self) -> Vec<f64> {
        self.inner.iter().map(Relevance::residual).collect()
    }
}
