//! How a record is read, as JavaScript says it.

use std::collections::BTreeMap;

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::js::{read_options, throw};
use crate::stay::{ColumnNames, Format, Mapping, ReadOptions};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How a record is read. */
export interface StayOptions {
    /** Default "auto". */
    format?: "auto" | "mimic3" | "physionet2012" | "fhir" | "long";
    /** The name shown, for example the file's. */
    name?: string;
    /** Whose observations are read, where the record holds those of several patients. */
    patient?: string;
    /** Of which stay the observations are read, where the record holds those of several. */
    encounter?: string;
    /**
     * What hour zero is, for records with dates: "auto" (default; the stay's start where the record gives one, else the
     * first observation), "first-observation", "encounter-start", or a date and time.
     */
    timeZero?: string;
    /** What a long table's columns and variables are. */
    mapping?: StayMapping;
}

/** Names of a long table's columns, and the model's variable for its names or codes ("" leaves one out on purpose). */
export interface StayMapping {
    columns?: { time?: string; variable?: string; value?: string; unit?: string; patient?: string };
    variables?: Record<string, string>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the type below.
    #[wasm_bindgen(typescript_type = "StayOptions")]
    pub type JsStayOptions;
    /// `StayMapping["columns"]`
    #[wasm_bindgen(typescript_type = "StayMapping[\"columns\"]")]
    pub type JsMappedColumns;
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StayOptions {
    format: Option<String>,
    name: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
    time_zero: Option<String>,
    mapping: Option<StayMapping>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StayMapping {
    columns: Option<MappedColumns>,
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MappedColumns {
    time: Option<String>,
    variable: Option<String>,
    value: Option<String>,
    unit: Option<String>,
    patient: Option<String>,
}

impl MappedColumns {
    fn names(self) -> ColumnNames {
        let Self { time, variable, value, unit, patient } = self;
        ColumnNames { time, variable, value, unit, patient }
    }
}

impl StayOptions {
    fn checked(self) -> crate::Result<ReadOptions> {
        let StayMapping { columns, variables } = self.mapping.unwrap_or_default();
        Ok(ReadOptions {
            format: self.format.as_deref().map_or(Ok(Format::Auto), str::parse)?,
            name: self.name.unwrap_or_default(),
            patient: self.patient,
            encounter: self.encounter,
            time_zero: self.time_zero.as_deref().map_or_else(|| Ok(Default::default()), str::parse)?,
            mapping: Mapping { columns: columns.unwrap_or_default().names(), variables: variables.unwrap_or_default() },
        })
    }
}

/// Options of [`Stay::parse`], checked.
pub(super) fn stay_options(options: Option<JsStayOptions>) -> Result<ReadOptions, JsValue> {
    let Some(options) = options else { return Ok(ReadOptions::default()) };
    let fields = ["format", "name", "patient", "encounter", "timeZero", "mapping"];
    read_options::<StayOptions>(&options, &fields)?.checked().map_err(throw)
}

/// Names of a long table's columns, checked.
pub(super) fn column_names(columns: Option<JsMappedColumns>) -> Result<ColumnNames, JsValue> {
    let Some(columns) = columns else { return Ok(ColumnNames::default()) };
    let fields = ["time", "variable", "value", "unit", "patient"];
    Ok(read_options::<MappedColumns>(&columns, &fields)?.names())
}
