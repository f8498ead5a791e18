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
    /** What a table's columns and variables are. */
    mapping?: StayMapping;
}

/**
 * What a table's columns are, and the model's variable for its names, codes or columns ("" leaves one out on purpose).
 * `units`: the unit of values without one, by name, code or channel. `timeUnit`: of times that are numbers. `zone`: of dates
 * and times that name none, for example "+01:00". `dates`: what dates without a time are. `ignored`: columns that look like
 * numbers of people and tell no rows apart.
 */
export interface StayMapping {
    columns?: { time?: string; variable?: string; value?: string; unit?: string; patient?: string; encounter?: string };
    variables?: Record<string, string>;
    units?: Record<string, string>;
    timeUnit?: "milliseconds" | "seconds" | "minutes" | "hours" | "days";
    zone?: string;
    dates?: "midnight" | "skip";
    ignored?: string[];
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
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct StayMapping {
    columns: Option<MappedColumns>,
    variables: Option<BTreeMap<String, String>>,
    units: Option<BTreeMap<String, String>>,
    time_unit: Option<String>,
    zone: Option<String>,
    dates: Option<String>,
    ignored: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MappedColumns {
    time: Option<String>,
    variable: Option<String>,
    value: Option<String>,
    unit: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
}

impl MappedColumns {
    fn names(self) -> ColumnNames {
        let Self { time, variable, value, unit, patient, encounter } = self;
        ColumnNames { time, variable, value, unit, patient, encounter }
    }
}

impl StayMapping {
    fn checked(self) -> crate::Result<Mapping> {
        Ok(Mapping {
            columns: self.columns.unwrap_or_default().names(),
            variables: self.variables.unwrap_or_default(),
            units: self.units.unwrap_or_default(),
            time_unit: self.time_unit.as_deref().map(str::parse).transpose()?,
            zone: self.zone,
            dates: self.dates.as_deref().map(str::parse).transpose()?,
            ignored: self.ignored.unwrap_or_default(),
        })
    }
}

impl StayOptions {
    fn checked(self) -> crate::Result<ReadOptions> {
        Ok(ReadOptions {
            format: self.format.as_deref().map_or(Ok(Format::Auto), str::parse)?,
            name: self.name.unwrap_or_default(),
            patient: self.patient,
            encounter: self.encounter,
            time_zero: self.time_zero.as_deref().map_or_else(|| Ok(Default::default()), str::parse)?,
            mapping: self.mapping.unwrap_or_default().checked()?,
        })
    }
}

/// Options of [`Stay::parse`], checked.
pub(super) fn stay_options(options: Option<JsStayOptions>) -> Result<ReadOptions, JsValue> {
    let Some(options) = options else { return Ok(ReadOptions::default()) };
    let fields = ["format", "name", "patient", "encounter", "timeZero", "mapping"];
    read_options::<StayOptions>(&options, &fields)?.checked().map_err(throw)
}

/// Names of a table's columns, checked.
pub(super) fn column_names(columns: Option<JsMappedColumns>) -> Result<ColumnNames, JsValue> {
    let Some(columns) = columns else { return Ok(ColumnNames::default()) };
    let fields = ["time", "variable", "value", "unit", "patient", "encounter"];
    Ok(read_options::<MappedColumns>(&columns, &fields)?.names())
}
