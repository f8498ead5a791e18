//! The ledger by channel and hour, as JavaScript sees it.

use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model};
use super::export::{JsProvenance, read_provenance};
use super::js::to_js;
use crate::study::account::Account;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Sums over cells: with signs, and of their magnitudes. */
export interface AccountAmount { signed: number; absolute: number }

/** A channel, an hour, or all inputs. `share` is of all absolute sums; `isOfMeasuring`: the model reacted to the measuring, not to the value. */
export interface AccountLine { values: AccountAmount; masks: AccountAmount; share: number; isOfMeasuring: boolean }

/**
 * The ledger by channel and hour. Channels add up to `inputs`, hours too with what is `static`, which counts to no hour; inputs
 * with `rest` add up to the score.
 */
export interface Account {
    channels: AccountLine[]; hours: AccountLine[]; inputs: AccountLine;
    /** All static channels together; absent where the manifest has none. */
    static?: AccountLine;
    /** Absent for a method that does not divide the score. */
    rest?: { biases: number; initialStates: number; epsilon: number; reference: number; residual: number; score: number };
}
"#;

#[wasm_bindgen]
extern "C" {
    /// `Account`
    #[wasm_bindgen(typescript_type = "Account")]
    pub type JsAccount;
}

/// Where the score went, channel by channel and hour by hour, values and masks apart.
///
/// # Errors
/// Throws when the explanation belongs to another model.
#[wasm_bindgen]
pub fn account(model: &Model, explanation: &Explanation) -> Result<JsAccount, JsValue> {
    explanation.check_model(model)?;
    to_js(&Account::of(model.inner.manifest(), &explanation.inner))
}

/// The same as CSV.
///
/// # Errors
/// As `account`, and for a provenance with missing or unknown fields.
#[wasm_bindgen(js_name = accountCsv)]
pub fn account_csv(model: &Model, explanation: &Explanation, provenance: &JsProvenance) -> Result<String, JsValue> {
    explanation.check_model(model)?;
    let manifest = model.inner.manifest();
    Ok(Account::of(manifest, &explanation.inner).to_csv(manifest, &read_provenance(provenance)?))
}
