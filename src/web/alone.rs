//! A network without a record, as JavaScript sees it.

use wasm_bindgen::prelude::*;

use super::api::Model;
use super::js::{throw, to_js};
use crate::study::alone::{self, Anatomy};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a network is made of, without a record. */
export interface Anatomy {
    /** The inputs of the file: the axes (`"?"` where open), the first column in a stay and how many, and what each is. */
    inputs: { name: string; shape: string[]; column: number; columns: number; part: InputPart }[];
    /** What is computed, in order, without what only moves data; `outputs` is how many numbers a layer returns. */
    layers: { name: string; operation: string; outputs: number }[];
    parameters: number; outputs: string[];
    /** What of the file is left out: outputs that hold no numbers (`label`), and inputs that nothing reads (`unread`). */
    leftOut: { name: string; why: "label" | "unread" }[];
    /** Each method, and why it cannot explain the first output; empty where it can. */
    methods: { method: string; refusal: string }[];
    hasOpenSteps: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above.
    #[wasm_bindgen(typescript_type = "Anatomy")]
    pub type JsAnatomy;
}

/// What a network is made of, and what each method can do.
///
/// # Errors
/// Never in practice: what is said is plain data.
#[wasm_bindgen]
pub fn anatomy(model: &Model) -> Result<JsAnatomy, JsValue> {
    to_js(&Anatomy::of(&model.inner))
}

/// A record to fill in, as CSV: a column a variable, a line an hour, normal values in the first.
#[wasm_bindgen(js_name = templateRecord)]
#[must_use]
pub fn template_record(model: &Model) -> String {
    alone::template_record(model.inner.manifest())
}

/// A manifest to fill in, as JSON; what nothing says is marked "to be filled".
///
/// # Errors
/// Never in practice: a manifest is plain data.
#[wasm_bindgen(js_name = templateManifest)]
pub fn template_manifest(model: &Model) -> Result<String, JsValue> {
    alone::template_manifest(&model.inner).map_err(throw)
}
