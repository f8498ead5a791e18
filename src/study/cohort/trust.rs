//! How far explanations hold over many stays: the measurements of each stay, and their means with intervals.

use std::collections::VecDeque;

use serde::Serialize;

use super::intervals::{Measure, mean};
use crate::Result;
use crate::engine::explain::Options;
use crate::engine::explain::audit::{Audit, AuditAnswer, AuditQuestion, Effort, Verdict};
use crate::job::{Job, Progress};
use crate::stay::{ReadOptions, Stay};
use crate::study::audit::{self, StayAudit};
use crate::study::models::Models;
use crate::study::table::{CsvCell, TableWriter};

/// A record that is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditedRecord {
    /// Its name.
    pub name: String,
    /// Its text, in any format that is read.
    pub text: String,
    /// What is said of it; its name stands beside.
    pub reading: ReadOptions,
}

/// What was measured of one stay.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// The record's name.
    pub name: String,
    /// Its measurements; 0 where it could not be read.
    pub n_players: usize,
    /// What was asked, with the numbers that decide.
    pub answers: Vec<AuditAnswer>,
    /// How probable they make it that the explanation finds what the network goes by.
    pub probability: Option<f64>,
    /// The word for it; nothing where nothing was measured.
    pub verdict: Option<Verdict>,
    /// Why nothing was measured.
    pub error: Option<String>,
}

/// Measures one stay after another. A record that cannot be read or explained becomes a row that says why.
#[derive(Debug)]
pub struct CohortAudit {
    networks: Models,
    options: Options,
    baseline: Option<Vec<f32>>,
    effort: Effort,
    waiting: VecDeque<AuditedRecord>,
    current: Option<(String, StayAudit)>,
    rows: Vec<AuditRow>,
    total: usize,
}

impl CohortAudit {
    /// `options` say how stays are explained; `baseline` is what differences are explained from, by default the stay in
    /// which nothing was observed.
    #[must_use]
    pub fn new(
        networks: impl Into<Models>,
        records: Vec<AuditedRecord>,
        options: Options,
        baseline: Option<Vec<f32>>,
        effort: Effort,
    ) -> Self {
        let total = records.len();
        let networks = networks.into();
        Self { networks, options, baseline, effort, waiting: records.into(), current: None, rows: Vec::new(), total }
    }

    fn begin(&self, record: &AuditedRecord) -> Result<StayAudit> {
        let reading = ReadOptions { name: record.name.clone(), ..record.reading.clone() };
        let stay = Stay::read(&record.text, self.networks.first().manifest(), &reading)?;
        audit::begin(self.networks.clone(), &stay.input, &self.options, self.baseline.clone(), None, self.effort)
    }
}

impl Job for CohortAudit {
    type Output = Vec<AuditRow>;

    fn advance(&mut self) -> Result<bool> {
        if let Some((name, mut measuring)) = self.current.take() {
            match measuring.advance() {
                Ok(false) => self.current = Some((name, measuring)),
                Ok(true) => self.rows.push(AuditRow::of(name, measuring.finish())),
                Err(error) => self.rows.push(AuditRow::of(name, Err(error))),
            }
        } else if let Some(record) = self.waiting.pop_front() {
            match self.begin(&record) {
                Ok(measuring) => self.current = Some((record.name, measuring)),
                Err(error) => self.rows.push(AuditRow::of(record.name, Err(error))),
            }
        }
        Ok(self.rows.len() == self.total)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.rows.len(), total: self.total }
    }

    fn finish(self) -> Result<Vec<AuditRow>> {
        Ok(self.rows)
    }
}

impl AuditRow {
    fn of(name: String, found: Result<Audit>) -> Self {
        match found {
            Ok(Audit { n_players, answers, probability, verdict, .. }) => {
                Self { name, n_players, answers, probability: Some(probability), verdict: Some(verdict), error: None }
            }
            Err(error) => {
                let error = Some(error.to_string());
                Self { name, n_players: 0, answers: Vec::new(), probability: None, verdict: None, error }
            }
        }
    }

    fn answer(&self, question: AuditQuestion) -> Option<&AuditAnswer> {
        self.answers.iter().find(|answer| answer.question == question)
    }
}

/// One question over all stays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Check {
    /// The question's name.
    pub question: &'static str,
    /// Stays with a number; an answer that is none, such as an effect where nothing was measured, is not in the mean.
    pub stays: usize,
    /// The mean of these numbers, and the middle 95 % of the means of resampled stays; NaN of no stays.
    pub mean: Measure,
    /// Whether the verdict is made of it.
    pub decides: bool,
}

/// The measurements of many stays in short.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditSummary {
    /// Stays that were measured.
    pub n_stays: usize,
    /// Records that could not be.
    pub n_failed: usize,
    /// How many resamples the intervals are of.
    pub n_resamples: usize,
    /// One a question that was asked of any stay.
    pub checks: Vec<Check>,
    /// Stays of which the explanation holds, is shaky, does not hold.
    pub verdicts: [usize; 3],
}

/// Sums up rows. The same seed gives the same intervals.
#[must_use]
pub fn summarise(rows: &[AuditRow], n_resamples: usize, seed: u64) -> AuditSummary {
    let measured = || rows.iter().filter_map(|row| row.verdict);
    let checks = AuditQuestion::ALL.into_iter().filter_map(|question| check(rows, question, n_resamples, seed));
    let n_stays = measured().count();
    AuditSummary {
        n_stays,
        n_failed: rows.len() - n_stays,
        n_resamples,
        checks: checks.collect(),
        verdicts: counts(measured()),
    }
}

fn check(rows: &[AuditRow], question: AuditQuestion, n_resamples: usize, seed: u64) -> Option<Check> {
    let answers: Vec<&AuditAnswer> = rows.iter().filter_map(|row| row.answer(question)).collect();
    let values: Vec<f64> = answers.iter().map(|answer| answer.effect.value).filter(|value| value.is_finite()).collect();
    (!answers.is_empty()).then(|| Check {
        question: question.name(),
        stays: values.len(),
        mean: mean(&values, n_resamples, seed),
        decides: question.decides(),
    })
}

fn counts(verdicts: impl Iterator<Item = Verdict>) -> [usize; 3] {
    let verdicts: Vec<Verdict> = verdicts.collect();
    Verdict::ALL.map(|word| verdicts.iter().filter(|verdict| **verdict == word).count())
}

/// One line a stay, with a header.
#[must_use]
pub fn rows_to_csv(rows: &[AuditRow]) -> String {
    let names = AuditQuestion::ALL.map(AuditQuestion::name);
    let last = ["probability", "verdict", "error"];
    let mut table = TableWriter::new(["stay", "measurements"].into_iter().chain(names).chain(last));
    for row in rows {
        let value = |question| row.answer(question).map(|answer| answer.effect.value).into();
        let first = [CsvCell::from(row.name.as_str()), row.n_players.into()];
        let last = [row.probability.into(), row.verdict.map(Verdict::name).into(), row.error.as_deref().into()];
        table.row(first.into_iter().chain(AuditQuestion::ALL.map(value)).chain(last));
    }
    table.text()
}

/// One line a question, with a header.
#[must_use]
pub fn summary_to_csv(summary: &AuditSummary) -> String {
    let mut table = TableWriter::new(["check", "stays", "mean", "low", "high", "decides", "resamples"]);
    for check in &summary.checks {
        let Measure { value, interval: [low, high] } = check.mean;
        table.row(
            [CsvCell::from(check.question), check.stays.into()]
                .into_iter()
                .chain([value, low, high].map(CsvCell::from))
                .chain([check.decides.into(), summary.n_resamples.into()]),
        );
    }
    table.text()
}
