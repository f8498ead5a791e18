//! The engine's check of itself, as JavaScript sees it.

use std::collections::BTreeMap;

use wasm_bindgen::prelude::*;

use super::js::{JsBytes, argument, read_bytes, throw, to_js};
use crate::study::self_test::StoredReference;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What the engine's comparison of itself with stored values has come to. */
export interface SelfTest {
    /** Whether every item passed. */
    passed: boolean;
    /** What was compared, file by file. */
    items: SelfTestItem[];
}

/** One comparison: of a file itself, or of what the engine makes of it. */
export interface SelfTestItem {
    file: string;
    what: "file" | "probability" | "lrp" | "gradient" | "picture";
    /** The stored value; digests are SHA-256. */
    expected: string;
    /** The value that this engine gives. */
    found: string;
    passed: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// `SelfTest` of the TypeScript declarations.
    #[wasm_bindgen(typescript_type = "SelfTest")]
    pub type JsSelfTest;
    /// Texts by file.
    #[wasm_bindgen(typescript_type = "Record<string, string>")]
    pub type JsTexts;
}

/// Compares what this engine makes of a network and of records, by file, with stored values: the text of
/// `www/self-test.json`.
///
/// # Errors
/// Where the values are none, a file that they name is not given, or a file cannot be read.
#[wasm_bindgen(js_name = selfTest)]
pub fn self_test(reference: &str, onnx: &JsBytes, records: JsTexts) -> Result<JsSelfTest, JsValue> {
    let records: BTreeMap<String, String> =
        serde_wasm_bindgen::from_value(records.into()).map_err(|error| argument("records", &error.to_string()))?;
    let onnx = read_bytes("onnx", onnx)?;
    let outcome = StoredReference::read(reference).and_then(|stored| stored.check(&onnx, &records)).map_err(throw)?;
    to_js(&outcome)
}
