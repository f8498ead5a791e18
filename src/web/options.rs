//! How a record is read, as JavaScript says it.

use wasm_bindgen::prelude::*;

use super::js::{check_fields, read_options, throw};
use crate::stay::{ColumnNames, ReadOptions};
use crate::study::boundary::{AskedColumns, AskedReading};

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
 * and times that name none, for example "+01:00", also of FHIR. `dates`: what dates without a time are, also of FHIR.
 * `statistic`: which rows are read where they are several statistics of one thing. `ignored`: columns that look like numbers of
 * people and tell no rows apart.
 */
export interface StayMapping {
    columns?: { time?: string; variable?: string; value?: string; unit?: string; patient?: string; encounter?: string };
    variables?: Record<string, string>;
    units?: Record<string, string>;
    timeUnit?: "milliseconds" | "seconds" | "minutes" | "hours" | "days" | "spreadsheet-days";
    zone?: string;
    dates?: "midnight" | "skip";
    statistic?: "mean" | "median" | "minimum" | "maximum" | "first" | "last";
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

/// Options of [`Stay::parse`], checked.
pub(super) fn stay_options(options: Option<JsStayOptions>) -> Result<ReadOptions, JsValue> {
    let Some(options) = options else { return Ok(ReadOptions::default()) };
    check_fields(&options, &AskedReading::FIELDS)?;
    // As text, so that a field inside of a field is refused, too, where it is not known.
    let text = String::from(js_sys::JSON::stringify(&options)?);
    AskedReading::from_json(&text).and_then(AskedReading::options).map_err(throw)
}

/// Names of a table's columns, checked.
pub(super) fn column_names(columns: Option<JsMappedColumns>) -> Result<ColumnNames, JsValue> {
    let Some(columns) = columns else { return Ok(ColumnNames::default()) };
    Ok(read_options::<AskedColumns>(&columns, &AskedColumns::FIELDS)?.names())
}
