//! Records of other houses, and the prediction as a FHIR resource, as JavaScript sees them.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model, Stay};
use super::js::{JsBytes, read_bytes, read_options, throw, to_js};
use super::options::{JsMappedColumns, JsStayOptions, column_names, stay_options};
use crate::stay::Mapping;
use crate::stay::fhir;
use crate::stay::file;
use crate::stay::long;
use crate::study::export::risk_assessment::{Context, risk_assessment_of_many};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a record says about where it comes from; empty where it says nothing. */
export interface RecordSource { patient: string; encounter: string; timeZero: string; basis: string[] }

/** A patient of a FHIR record: `reference` is what `StayOptions.patient` takes; `name` and `span` are for people. */
export interface RecordPatient { reference: string; name: string; observations: number; span: string }

/**
 * What a table holds: what its columns are known to be, and which names in them, or columns of a wide table, are which
 * channel in which unit.
 */
export interface RecordTable {
    columns: string[];
    roles: { time?: string; variable?: string; value?: string; unit?: string; patient?: string; encounter?: string };
    isWide: boolean;
    variables: { name: string; count: number; channel?: string; unit?: string }[];
    patients: string[];
    timeUnit?: string;
}

/** The texts of a file, which may be an archive, and what else stands in it, each with the reason why it is not read. */
export interface RecordFiles { files: { name: string; text: string }[]; leftOut: string[] }

/** What the caller of `riskAssessment` knows and the engine does not. */
export interface AssessmentContext {
    /** Index of the explained output, default 0. */
    target?: number;
    /** When the assessment was made, as a FHIR instant; without it the resource has no date and no provenance. */
    recorded?: string;
    /** The patient, for example "Patient/17"; another than the record's is refused. */
    subject?: string;
    /** How it was explained, for people. */
    method?: string;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "RecordPatient[]")]
    pub type JsPatients;
    /// `string | Uint8Array`
    #[wasm_bindgen(typescript_type = "string | Uint8Array")]
    pub type JsRecord;
    /// `RecordFiles`
    #[wasm_bindgen(typescript_type = "RecordFiles")]
    pub type JsRecordFiles;
    /// `RecordTable`
    #[wasm_bindgen(typescript_type = "RecordTable")]
    pub type JsRecordTable;
    /// `AssessmentContext`
    #[wasm_bindgen(typescript_type = "AssessmentContext")]
    pub type JsAssessmentContext;
}

/// The patients of a FHIR record, for a choice to be made before it is read.
///
/// # Errors
/// Throws where the text is no FHIR in JSON or holds no Observation.
#[wasm_bindgen(js_name = recordPatients)]
pub fn record_patients(text: &str) -> Result<JsPatients, JsValue> {
    to_js(&fhir::patients(text).map_err(throw)?)
}

/// The texts of a file from its bytes: gzip and zip are opened, UTF-16 is decoded, and what is no text is named.
///
/// # Errors
/// Throws where the file is no text, is damaged, or holds more than is read.
#[wasm_bindgen(js_name = recordFiles)]
pub fn record_files(name: &str, bytes: &JsBytes) -> Result<JsRecordFiles, JsValue> {
    to_js(&file::open(name, &read_bytes("bytes", bytes)?).map_err(throw)?)
}

/// What a table holds, for a choice to be made before it is read. `columns` names columns as `StayMapping.columns` does.
///
/// # Errors
/// Throws where the text is empty, or `columns` names a column that is not there.
#[wasm_bindgen(js_name = recordTable)]
pub fn record_table(text: &str, model: &Model, columns: Option<JsMappedColumns>) -> Result<JsRecordTable, JsValue> {
    let mapping = Mapping { columns: column_names(columns)?, ..Mapping::default() };
    to_js(&long::survey(text, model.inner.manifest(), &mapping).map_err(throw)?)
}

/// Whether a record is a table that has every column which a mapping names: `StayOptions.mapping` of the options is looked at.
///
/// # Errors
/// Throws for options that are unknown.
#[wasm_bindgen(js_name = mappingFits)]
pub fn mapping_fits(text: &str, model: &Model, options: Option<JsStayOptions>) -> Result<bool, JsValue> {
    Ok(long::fits(text, model.inner.manifest(), &stay_options(options)?.mapping))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AssessmentContext {
    target: Option<usize>,
    recorded: Option<String>,
    subject: Option<String>,
    method: Option<String>,
}

/// The prediction as a FHIR R4 `RiskAssessment`, as JSON text, with its provenance and the label of artificial
/// intelligence.
///
/// # Errors
/// Throws where the explained output is no probability, or `recorded` no instant.
#[wasm_bindgen(js_name = riskAssessment)]
pub fn assess(
    model: &Model,
    stay: &Stay,
    explanation: &Explanation,
    context: Option<JsAssessmentContext>,
) -> Result<String, JsValue> {
    let options = match context {
        Some(context) => read_options::<AssessmentContext>(&context, &["target", "recorded", "subject", "method"])?,
        None => AssessmentContext::default(),
    };
    let AssessmentContext { target, recorded, subject, method } = options;
    let context = Context { recorded, subject, method };
    explanation.check(model, stay)?;
    let target = explanation.check_target(target)?;
    let voices = explanation.voices(model);
    let found = risk_assessment_of_many(&voices, &stay.inner, &explanation.inner, target, &context);
    let resource = found.map_err(throw)?;
    Ok(format!("{resource:#}"))
}
