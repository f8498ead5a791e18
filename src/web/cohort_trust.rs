//! How far explanations hold over many stays, as JavaScript sees it.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::api::{JsExplainOptions, Model, explain_options};
use super::js::{JsWhole, argument, read_whole_or, to_js};
use super::task::Task;
use crate::engine::explain::audit::{self, AuditQuestion, Effect, Effort, Verdict, probability};
use crate::study::audit::ToldAnswer;
use crate::study::boundary::AskedReading;
use crate::study::cohort::trust::{
    AuditRow, AuditSummary, AuditedRecord, Check, CohortAudit, rows_to_csv, summarise, summary_to_csv,
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A record that is to be measured. */
export interface TrustRecord { name: string; text: string; options?: StayOptions }

/** What was measured of one stay: as `Trust`, without the curves. A record that could not be read has an `error` instead. */
export interface TrustRow { name: string; measurements: number; answers: TrustAnswer[]; probability?: number; verdict?: Verdict; error?: string }

/** One question over many stays: the mean of its numbers with the middle 95 % of its resamples. */
export interface TrustCheck { question: TrustAnswer["question"]; stays: number; mean: Measure; decides: boolean }

/** How far explanations hold over many stays; `verdicts` counts stays by their verdict. */
export interface TrustSummary {
    stays: number; failed: number; resamples: number; checks: TrustCheck[]; verdicts: [holds: number, shaky: number, doesNotHold: number];
    /** One line a question, and one line a stay. */
    csv: string; rowsCsv: string;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// `TrustRecord[]`
    #[wasm_bindgen(typescript_type = "TrustRecord[]")]
    pub type JsTrustRecords;
    /// `TrustRow[]`
    #[wasm_bindgen(typescript_type = "TrustRow[]")]
    pub type JsTrustRows;
    /// `TrustSummary`
    #[wasm_bindgen(typescript_type = "TrustSummary")]
    pub type JsTrustSummary;
}

/// Measures how far the explanations of some stays hold, each as `trustTask` does; the task counts stays, and its result
/// is a `TrustRow[]` in the order of the records. A record that cannot be read is a row that says why. Rows of several
/// tasks can be put together for `summariseTrust`.
///
/// # Errors
/// Throws for options that are unknown or out of range, and for records that are none.
#[wasm_bindgen(js_name = trustStaysTask)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen passes arrays of records by value")]
pub fn trust_stays_task(
    model: &Model,
    records: JsTrustRecords,
    options: Option<JsExplainOptions>,
) -> Result<Task, JsValue> {
    let (options, baseline) = explain_options(options)?;
    options.check().map_err(super::js::throw)?;
    let records: Vec<GivenRecord> = read("records", &records)?;
    let audited = |GivenRecord { name, text, options }: GivenRecord| -> crate::Result<AuditedRecord> {
        let reading = options.unwrap_or_default().options()?;
        Ok(AuditedRecord { name, text, reading })
    };
    let records = records.into_iter().map(audited).collect::<crate::Result<Vec<_>>>().map_err(super::js::throw)?;
    let effort = Effort { seed: options.seed, ..Effort::default() };
    let survey = CohortAudit::new(model.all.clone(), records, options, baseline, effort);
    Ok(Task::new("stays", survey, |rows| to_js::<JsValue>(&rows.iter().map(GivenBack::of).collect::<Vec<_>>())))
}

/// Sums up what `trustStaysTask` measured: means with their bootstrap intervals (by default of 1,000 resamples, from seed
/// 1), and both tables as CSV.
///
/// # Errors
/// Throws for rows that are none.
#[wasm_bindgen(js_name = summariseTrust)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen passes arrays of records by value")]
pub fn summarise_trust(
    rows: JsTrustRows,
    resamples: Option<JsWhole>,
    seed: Option<u32>,
) -> Result<JsTrustSummary, JsValue> {
    const N_RESAMPLES: usize = 1000;
    let rows: Vec<GivenRow> = read("rows", &rows)?;
    let rows = rows.into_iter().map(GivenRow::row).collect::<Result<Vec<_>, _>>()?;
    let summary = summarise(&rows, read_whole_or("resamples", resamples, N_RESAMPLES)?, u64::from(seed.unwrap_or(1)));
    to_js(&Told::of(&summary, &rows))
}

fn read<T: serde::de::DeserializeOwned>(name: &str, value: &JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value.clone()).map_err(|error| argument(name, &error.to_string()))
}

#[derive(Deserialize)]
struct GivenRecord {
    name: String,
    text: String,
    #[serde(default)]
    options: Option<AskedReading>,
}

#[derive(Serialize)]
struct GivenBack<'a> {
    name: &'a str,
    measurements: usize,
    answers: Vec<ToldAnswer>,
    probability: Option<f64>,
    verdict: Option<&'static str>,
    error: Option<&'a str>,
}

impl<'a> GivenBack<'a> {
    fn of(row: &'a AuditRow) -> Self {
        Self {
            name: &row.name,
            measurements: row.n_players,
            answers: row.answers.iter().map(ToldAnswer::of).collect(),
            probability: row.probability,
            verdict: row.verdict.map(Verdict::name),
            error: row.error.as_deref(),
        }
    }
}

/// A row as it comes back; its verdict follows from its numbers.
#[derive(Deserialize)]
struct GivenRow {
    name: String,
    measurements: usize,
    answers: Vec<GivenAnswer>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct GivenAnswer {
    question: String,
    value: f64,
    interval: [f64; 2],
}

impl GivenRow {
    fn row(self) -> Result<AuditRow, JsValue> {
        let answer = |GivenAnswer { question, value, interval }: GivenAnswer| {
            let unknown = || argument("rows", &format!("\"{question}\" is no question that was asked"));
            let question = AuditQuestion::named(&question).ok_or_else(unknown)?;
            Ok(audit::AuditAnswer { question, effect: Effect { value, interval } })
        };
        let answers = self.answers.into_iter().map(answer).collect::<Result<Vec<_>, JsValue>>()?;
        let probability = self.error.is_none().then(|| probability(&answers));
        let verdict = probability.map(Verdict::of);
        Ok(AuditRow { name: self.name, n_players: self.measurements, answers, probability, verdict, error: self.error })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    stays: usize,
    failed: usize,
    resamples: usize,
    checks: Vec<Check>,
    verdicts: [usize; 3],
    csv: String,
    rows_csv: String,
}

impl Told {
    fn of(summary: &AuditSummary, rows: &[AuditRow]) -> Self {
        Self {
            stays: summary.n_stays,
            failed: summary.n_failed,
            resamples: summary.n_resamples,
            checks: summary.checks.clone(),
            verdicts: summary.verdicts,
            csv: summary_to_csv(summary),
            rows_csv: rows_to_csv(rows),
        }
    }
}
