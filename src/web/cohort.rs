//! Many stays, as JavaScript sees them.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::api::{JsExplainOptions, Model, explain_options};
use super::canvas::{AnyCanvas, JsPaintOptions, PaintOptions, Picture};
use super::js::{JsWhole, argument, read_options, read_whole_or, throw, to_js};
use super::options::{JsStayOptions, stay_options};
use super::task::Task;
use crate::stay::Format;
use crate::study::cohort::intervals::{Bootstrap, Measures};
use crate::study::cohort::labels::{LabelColumn, LabelList};
use crate::study::cohort::picture::{Average, StayGroup};
use crate::study::cohort::plot::Paths;
use crate::study::cohort::{self, to_csv};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One stay of a cohort. */
export interface CohortRow {
    name: string; probability?: number; predictedLabel?: number; label?: number; raising: Finding[]; lowering: Finding[];
    /** Where nothing did so alone, what raised and what lowered the output together. */
    raisingTogether?: JointFinding; loweringTogether?: JointFinding;
    /** What the prediction rests on; absent where the record could not be read. */
    coverage?: Coverage;
    nSkipped: number; nImplausible: number; nNotes: number; error?: string;
}

/** How many lines of a list of labels there are of a kind, and what the first of them names. */
export interface LineCount { count: number; name: string }
/**
 * What of a list of labels came to nothing: lines that name a stay and have no label, no stay that is there, several stays
 * equally well, or one that a line with the other label names as well.
 */
export interface LabelReport { missing: LineCount; strange: LineCount; several: LineCount; opposed: LineCount }
/** A further column of the lists of labels that has two to twelve values, with the labelled stays of each. */
export interface CohortSubgroups { column: string; values: { value: string; nStays: number; nPositive: number }[] }

/** Which stays a cohort's picture is of, and what is averaged. */
export interface CohortPicture { group: "high" | "low" | "difference" | "all"; average: "signed" | "absolute" }

/** A measure with the middle 95 % of its resamples. */
export interface Measure { value: number; interval: [number, number] }
/** One point of a curve. */
export interface CurvePoint { x: number; y: number; threshold: number }
/** A band around a curve. */
export interface CurveBand { x: number; low: number; high: number }
/** The stays of one step of probability. */
export interface CalibrationBin {
    low: number; high: number; n: number; predicted: number; observed: number; interval: [number, number];
}

/**
 * What it is worth, in true positives a stay, to act on those whose probability is at least the threshold, and on everybody; to
 * act on nobody is worth 0.
 */
export interface NetBenefit { threshold: number; predicted: number; all: number }

/** How well the predictions of a cohort hold. */
export interface Measures {
    nStays: number; nPositive: number; nResamples: number;
    rocArea: Measure; averagePrecision: Measure; brier: Measure;
    roc: CurvePoint[]; rocBand: CurveBand[]; precisionRecall: CurvePoint[]; precisionRecallBand: CurveBand[];
    calibration: CalibrationBin[];
    /** The decision curve, at thresholds a hundredth apart, and the band of acting by the predictions. */
    netBenefit: NetBenefit[]; netBenefitBand: CurveBand[];
    /** The curves as SVG path data in the unit square. */
    paths: {
        roc: string; rocBand: string; precisionRecall: string; precisionRecallBand: string;
        calibration: string; calibrationIntervals: string;
        /** On an axis from the one to the other end of `netBenefitAxis`. */
        netBenefit: string; netBenefitBand: string; treatAll: string; treatNone: string; netBenefitAxis: [number, number];
    };
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "CohortRow")]
    pub type JsCohortRow;
    /// `CohortRow[]`
    #[wasm_bindgen(typescript_type = "CohortRow[]")]
    pub type JsCohortRows;
    /// `LabelReport[]`
    #[wasm_bindgen(typescript_type = "LabelReport[]")]
    pub type JsLabelReports;
    /// `CohortSubgroups[]`
    #[wasm_bindgen(typescript_type = "CohortSubgroups[]")]
    pub type JsSubgroups;
    /// `{ column: string; value: string }`
    #[wasm_bindgen(typescript_type = "{ column: string; value: string }")]
    pub type JsSubgroup;
    /// `CohortPicture`
    #[wasm_bindgen(typescript_type = "CohortPicture")]
    pub type JsCohortPicture;
}

/// Many stays. Of each stay its row is kept; its relevance goes into running sums.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Cohort {
    inner: cohort::Cohort,
}

#[wasm_bindgen]
impl Cohort {
    /// A cohort without stays. `options` say which output is predicted, and how it is explained.
    ///
    /// # Errors
    /// Throws for options that are unknown or out of range.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model, options: Option<JsExplainOptions>) -> Result<Self, JsValue> {
        let (options, baseline) = explain_options(options)?;
        Ok(Self { inner: cohort::Cohort::new(&model.inner, options).against(baseline) })
    }

    /// Reads, predicts and explains one record, and returns its row; of a record that cannot be read it says why.
    ///
    /// # Errors
    /// Never in practice: a row is plain data.
    pub fn add(&mut self, model: &Model, name: &str, text: &str) -> Result<JsCohortRow, JsValue> {
        to_js(self.inner.add(&model.all, name, text, Format::Auto))
    }

    /// Takes a stay that `explainRecord` explained, here or in another worker, and returns its row with its label.
    ///
    /// # Errors
    /// Throws for a row that is none, and for relevance of another length than the model's input.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands typed arrays over by value")]
    pub fn take(
        &mut self,
        model: &Model,
        row: &JsCohortRow,
        relevance: Option<Vec<f64>>,
    ) -> Result<JsCohortRow, JsValue> {
        let row = serde_wasm_bindgen::from_value(row.unchecked_ref::<JsValue>().clone())
            .map_err(|error| argument("row", &error.to_string()))?;
        let expected = model.inner.n_steps() * model.inner.n_columns();
        if relevance.as_ref().is_some_and(|relevance| relevance.len() != expected) {
            return Err(argument("relevance", &format!("must have {expected} numbers, one an input")));
        }
        to_js(self.inner.take(model.inner.manifest(), row, relevance.as_deref()))
    }

    /// Takes true labels from a list (`stay,y_true`) for the stays that are there and for those to come, and returns how many
    /// of its lines have one. A line names a stay by its file, with or without folders and ending. Of a stay that an earlier list
    /// names, too, this one says the label.
    ///
    /// # Errors
    /// Throws for a text that is no such list; the message names the line.
    #[wasm_bindgen(js_name = takeLabels)]
    pub fn take_labels(&mut self, text: &str) -> Result<usize, JsValue> {
        let list = LabelList::read(text).map_err(throw)?;
        let n = list.n_labels();
        self.inner.take_labels(list);
        Ok(n)
    }

    /// What of each list of labels came to nothing, in the order in which they were taken.
    ///
    /// # Errors
    /// Never in practice: reports are plain data.
    #[wasm_bindgen(js_name = labelReports)]
    pub fn label_reports(&self) -> Result<JsLabelReports, JsValue> {
        to_js(&self.inner.labels().reports())
    }

    /// The further columns of the lists by which stays can be told apart.
    ///
    /// # Errors
    /// Never in practice: subgroups are plain data.
    pub fn subgroups(&self) -> Result<JsSubgroups, JsValue> {
        let columns = self.inner.labels().columns(self.inner.rows().len()).into_iter();
        let value = |column: &str, value: String| {
            let (labels, _) = self.inner.labelled_in(column, &value);
            SubgroupValue { value, n_stays: labels.len(), n_positive: labels.iter().filter(|label| **label).count() }
        };
        let of = |it: LabelColumn| {
            let values = it.values.into_iter().map(|name| value(&it.column, name)).collect();
            Subgroups { column: it.column, values }
        };
        to_js(&columns.map(of).collect::<Vec<_>>())
    }

    /// Every stay, in the order in which they were added.
    ///
    /// # Errors
    /// Never in practice: rows are plain data.
    pub fn rows(&self) -> Result<JsCohortRows, JsValue> {
        to_js(&self.inner.rows())
    }

    /// Number of stays in a group that pictures are of.
    ///
    /// # Errors
    /// Throws for a group that there is not.
    pub fn count(&self, picture: &JsCohortPicture) -> Result<usize, JsValue> {
        Ok(self.inner.pictures().n_stays(read_picture(picture)?.group))
    }

    /// Whether stays of both labels have a prediction, as measures need.
    #[wasm_bindgen(getter, js_name = hasBothLabels)]
    #[must_use]
    pub fn has_both_labels(&self) -> bool {
        let labels = self.inner.labelled().0;
        labels.contains(&true) && labels.contains(&false)
    }

    /// The rows as CSV.
    #[must_use]
    pub fn csv(&self) -> String {
        to_csv(self.inner.rows())
    }

    /// ROC, precision-recall, calibration and decision curve with their intervals: a task whose result is `Measures`, of all
    /// stays or of those of a subgroup.
    ///
    /// # Errors
    /// Throws where not both labels occur among the stays.
    #[wasm_bindgen(js_name = measuresTask)]
    pub fn measures_task(
        &self,
        resamples: Option<JsWhole>,
        seed: Option<u32>,
        subgroup: Option<JsSubgroup>,
    ) -> Result<Task, JsValue> {
        const N_RESAMPLES: usize = 1000;
        let subgroup: Option<Subgroup> =
            subgroup.map(|it| read_options(it.unchecked_ref(), &["column", "value"])).transpose()?;
        let (labels, probabilities) = match &subgroup {
            Some(Subgroup { column, value }) => self.inner.labelled_in(column, value),
            None => self.inner.labelled(),
        };
        let (n, seed) = (read_whole_or("resamples", resamples, N_RESAMPLES)?, u64::from(seed.unwrap_or(1)));
        let job = Bootstrap::new(&labels, &probabilities, n, seed).map_err(throw)?;
        Ok(Task::new("resamples", job, |measures| {
            let paths = Paths::of(&measures);
            to_js(&Drawn { measures, paths })
        }))
    }

    /// Paints the mean over a group's stays onto a canvas, and returns the end of its colour scale.
    ///
    /// # Errors
    /// Throws where a group has no stays, and for options that are wrong.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn paint(
        &self,
        canvas: &AnyCanvas,
        model: &Model,
        picture: &JsCohortPicture,
        options: Option<JsPaintOptions>,
    ) -> Result<f64, JsValue> {
        let picture = self.picture(model, picture, options.as_ref())?;
        picture.show(canvas, model)?;
        Ok(picture.limit())
    }

    /// How many cells of such a picture lie beyond the end of its colour scale.
    ///
    /// # Errors
    /// As `paint`.
    #[wasm_bindgen(js_name = cellsBeyond)]
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn beyond(
        &self,
        model: &Model,
        picture: &JsCohortPicture,
        options: Option<JsPaintOptions>,
    ) -> Result<usize, JsValue> {
        Ok(self.picture(model, picture, options.as_ref())?.n_beyond())
    }

    /// Paints the colour bar of such a picture, and returns the numbers at its start, middle and end.
    ///
    /// # Errors
    /// As `paint`.
    #[wasm_bindgen(js_name = paintLegend)]
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen knows no optional references")]
    pub fn paint_legend(
        &self,
        canvas: &AnyCanvas,
        model: &Model,
        picture: &JsCohortPicture,
        options: Option<JsPaintOptions>,
    ) -> Result<Vec<f64>, JsValue> {
        self.picture(model, picture, options.as_ref())?.show_bar(canvas)
    }
}

/// A stay explained for a cohort.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ExplainedRecord {
    row: cohort::CohortRow,
    relevance: Option<Vec<f64>>,
}

#[wasm_bindgen]
impl ExplainedRecord {
    /// Its row.
    ///
    /// # Errors
    /// Never in practice: a row is plain data.
    #[wasm_bindgen(getter)]
    pub fn row(&self) -> Result<JsCohortRow, JsValue> {
        to_js(&self.row)
    }

    /// Its relevance `[steps * columns]`; nothing where the record could not be read.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn relevance(&self) -> Option<Vec<f64>> {
        self.relevance.clone()
    }
}

/// Reads, predicts and explains one record for a cohort, wherever that is; `Cohort.take` adds it. `reading` says how it is
/// read.
///
/// # Errors
/// Throws for options that are unknown or out of range.
#[wasm_bindgen(js_name = explainRecord)]
pub fn explain_record(
    model: &Model,
    name: &str,
    text: &str,
    options: Option<JsExplainOptions>,
    reading: Option<JsStayOptions>,
) -> Result<ExplainedRecord, JsValue> {
    let (options, baseline) = explain_options(options)?;
    let reading = stay_options(reading)?;
    let (row, relevance) = cohort::explain(&model.all, &options, baseline.as_deref(), name, text, reading);
    Ok(ExplainedRecord { row, relevance })
}

impl Cohort {
    fn picture(
        &self,
        model: &Model,
        picture: &JsCohortPicture,
        options: Option<&JsPaintOptions>,
    ) -> Result<Picture, JsValue> {
        let CohortPicture { group, average } = read_picture(picture)?;
        let options = PaintOptions::read(options)?;
        // A difference of mean magnitudes has a sign again.
        let is_magnitude = average == Average::Absolute && group != StayGroup::Difference;
        let manifest = model.inner.manifest();
        Picture::of_parts(model, is_magnitude, options, |part| {
            self.inner.pictures().mean(manifest, group, part, average)
        })
    }
}

#[derive(Deserialize)]
struct Subgroup {
    column: String,
    value: String,
}

#[derive(Serialize)]
struct Subgroups {
    column: String,
    values: Vec<SubgroupValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubgroupValue {
    value: String,
    n_stays: usize,
    n_positive: usize,
}

#[derive(Deserialize)]
struct CohortPicture {
    group: StayGroup,
    average: Average,
}

fn read_picture(picture: &JsCohortPicture) -> Result<CohortPicture, JsValue> {
    let value: &JsValue = picture.unchecked_ref();
    read_options(value, &["group", "average"])
}

/// Measures with the paths of their curves.
#[derive(Serialize)]
struct Drawn {
    #[serde(flatten)]
    measures: Measures,
    paths: Paths,
}
