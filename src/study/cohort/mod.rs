//! Many stays: one row each, the pictures of their groups, and how well the predictions hold. What is kept of a stay is
//! its row; its relevance goes into running sums, so that a thousand stays need no more memory than ten.

pub mod curves;
pub mod intervals;
pub mod labels;
pub mod picture;
pub mod plot;
mod table;
pub mod trust;

pub use table::to_csv;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::engine::explain::Options;
use crate::stay::manifest::Manifest;
use crate::stay::{Format, ReadOptions, Stay, visible};
use crate::study::models::{Explained, Networks};
use crate::study::summary::{Coverage, Finding, JointFinding, Summary, voices};
use crate::{Error, Model, Result};
use labels::{LabelList, Labels};
use picture::Pictures;

/// One stay of a cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CohortRow {
    /// The record's name.
    pub name: String,
    /// The output; nothing where the record could not be read.
    pub probability: Option<f64>,
    /// 1 above the threshold, else 0; nothing where the output is no probability.
    pub predicted_label: Option<u8>,
    /// The true label, where a list gave one.
    pub label: Option<u8>,
    /// What raised the output, strongest first.
    pub raising: Vec<Finding>,
    /// What lowered it.
    pub lowering: Vec<Finding>,
    /// What raised it together, where nothing did alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raising_together: Option<JointFinding>,
    /// What lowered it together, where nothing did alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowering_together: Option<JointFinding>,
    /// What the prediction rests on; nothing where the record could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// Rows of the record that were skipped.
    pub n_skipped: usize,
    /// Implausible values.
    pub n_implausible: usize,
    /// Other remarks of the reader.
    pub n_notes: usize,
    /// Why there is no probability.
    pub error: Option<String>,
}

/// The stays that were added so far.
#[derive(Debug)]
pub struct Cohort {
    options: Options,
    /// What differences are explained from, `[n_steps * n_columns]`; by default the stay in which nothing was observed.
    baseline: Option<Vec<f32>>,
    rows: Vec<CohortRow>,
    labels: Labels,
    pictures: Pictures,
    names: HashSet<String>,
}

impl Cohort {
    /// A cohort without stays. `options` say which output is predicted, and how it is explained.
    #[must_use]
    pub fn new(model: &Model, options: Options) -> Self {
        let pictures = Pictures::new(model.manifest());
        Self { options, baseline: None, rows: Vec::new(), labels: Labels::default(), pictures, names: HashSet::new() }
    }

    /// The same cohort, whose stays are all held against `baseline`, `[n_steps * n_columns]` in model units.
    #[must_use]
    pub fn against(self, baseline: Option<Vec<f32>>) -> Self {
        Self { baseline, ..self }
    }

    /// Reads, predicts and explains one record. A record that cannot be read is a row that says why; it counts in no
    /// picture and no measure.
    pub fn add(&mut self, networks: &impl Networks, name: &str, text: &str, format: Format) -> &CohortRow {
        let (row, relevance) = explain(networks, &self.options, self.baseline.as_deref(), name, text, format);
        self.take(networks.lead().manifest(), row, relevance.as_deref())
    }

    /// Takes a stay that was explained elsewhere, by [`explain`]: its row, and its relevance `[n_steps * n_columns]` where
    /// it has one. A second stay of the same name counts as one that cannot be read.
    pub fn take(&mut self, manifest: &Manifest, mut row: CohortRow, relevance: Option<&[f64]>) -> &CohortRow {
        let is_second = relevance.is_some() && !self.names.insert(row.name.clone());
        if is_second {
            let message = "a stay of this name is in the cohort already; rename one";
            row = CohortRow::failed(&row.name, &Error::new(crate::Kind::Record, message));
        } else if let Some(relevance) = relevance {
            self.pictures.add(manifest, relevance, row.predicted_label == Some(1));
        }
        let at = self.rows.len();
        let changed = if is_second { Vec::new() } else { self.labels.take_stay(at, &row.name) };
        self.rows.push(row);
        for stay in changed.into_iter().chain([at]) {
            self.rows[stay].label = self.labels.of(stay);
        }
        &self.rows[at]
    }

    /// Takes true labels for the stays that are there and for those to come. Of a stay that an earlier list names, too, this one
    /// says the label.
    pub fn take_labels(&mut self, list: LabelList) {
        let mut names = HashSet::new();
        let stays = self.rows.iter().map(|row| row.name.as_str()).enumerate();
        self.labels.take(list, stays.filter(|(_, name)| names.insert(*name)));
        for (stay, row) in self.rows.iter_mut().enumerate() {
            row.label = self.labels.of(stay);
        }
    }

    /// What the lists of labels say.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The rows, in the order in which stays were added.
    #[must_use]
    pub fn rows(&self) -> &[CohortRow] {
        &self.rows
    }

    /// The running sums behind the pictures of the groups.
    #[must_use]
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Labels and probabilities of the stays that have both.
    #[must_use]
    pub fn labelled(&self) -> (Vec<bool>, Vec<f64>) {
        self.labelled_where(|_| true)
    }

    /// The same of the stays of a subgroup: of those of which a further column of the lists says `value`.
    #[must_use]
    pub fn labelled_in(&self, column: &str, value: &str) -> (Vec<bool>, Vec<f64>) {
        self.labelled_where(|stay| self.labels.value_of(stay, column) == Some(value))
    }

    fn labelled_where(&self, is_of: impl Fn(usize) -> bool) -> (Vec<bool>, Vec<f64>) {
        let rows = self.rows.iter().enumerate().filter(|(stay, _)| is_of(*stay));
        rows.filter_map(|(_, row)| Some((row.label? == 1, row.probability?))).unzip()
    }
}

/// Reads, predicts and explains one record for a cohort: its row, and its relevance `[n_steps * n_columns]` where it could
/// be read.
#[must_use]
pub fn explain(
    networks: &impl Networks,
    options: &Options,
    baseline: Option<&[f32]>,
    name: &str,
    text: &str,
    reading: impl Into<ReadOptions>,
) -> (CohortRow, Option<Vec<f64>>) {
    let name = visible(name);
    let reading = ReadOptions { name: name.clone().into_owned(), ..reading.into() };
    match explained(networks, options, baseline, text, &reading) {
        Ok((row, relevance)) => (row, Some(relevance)),
        Err(error) => (CohortRow::failed(&name, &error), None),
    }
}

fn explained(
    networks: &impl Networks,
    options: &Options,
    baseline: Option<&[f32]>,
    text: &str,
    reading: &ReadOptions,
) -> Result<(CohortRow, Vec<f64>)> {
    let stay = Stay::read(text, networks.lead().manifest(), reading)?;
    let Explained { mean: relevance, each } =
        Explained::of(networks.each(|model| model.explain_against(&model.trace(&stay.input)?, baseline, options))?)?;
    let summary = Summary::of_many(&voices(networks, &each), &stay, &relevance, options.target)?;
    let report = &stay.report;
    let row = CohortRow {
        name: reading.name.clone(),
        probability: Some(summary.prediction.probability),
        predicted_label: summary.prediction.is_probability.then_some(summary.prediction.predicted_label),
        label: None,
        raising: summary.raising,
        lowering: summary.lowering,
        raising_together: summary.raising_together,
        lowering_together: summary.lowering_together,
        coverage: Some(summary.coverage),
        n_skipped: report.n_skipped(),
        n_implausible: report.implausible.len(),
        n_notes: report.notes.len(),
        error: None,
    };
    Ok((row, relevance.values))
}

impl CohortRow {
    fn failed(name: &str, error: &Error) -> Self {
        Self {
            name: name.to_owned(),
            probability: None,
            predicted_label: None,
            label: None,
            raising: Vec::new(),
            lowering: Vec::new(),
            raising_together: None,
            lowering_together: None,
            coverage: None,
            n_skipped: 0,
            n_implausible: 0,
            n_notes: 0,
            error: Some(error.to_string()),
        }
    }
}
