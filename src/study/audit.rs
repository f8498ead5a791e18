//! The audit of one explanation of one stay: what is taken away, and towards which reference.

use std::rc::Rc;

use serde::Serialize;

use crate::engine::explain::Options;
use crate::engine::explain::audit::{Audit, AuditAnswer, AuditDetails, AuditMeasure, Effect, Effort, RemovalCurves};
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::request::Request;
use crate::job::Job;
use crate::stay::removal::{By, Removal, Toward, normal_input};
use crate::study::models::Models;
use crate::{Model, Result};

/// The audit of a stay's explanation by single measurements.
pub type StayAudit = AuditMeasure<Rc<Model>, Toward>;

/// A map of a stay.
#[derive(Debug, Clone)]
pub struct Map {
    /// Its relevance, one number an input.
    pub relevance: Relevance,
    /// Whether `options` made it, so that it can be made again of other inputs and other networks.
    pub is_own: bool,
}

/// Begins the audit of a map by one network, or of several by their mean, or of the explanation that `options` make where none is given.
///
/// Measurements are taken away towards `baseline`, the map's own reference: what contributions are against. A method
/// without one is asked against the stay in which nothing was observed. That holds for relevance propagation too, whose
/// relevance is of what is there, and for occlusion, which would else be judged by the removal that it is made of.
/// `docs/holds.md` has what was measured of both.
///
/// # Errors
/// As [`Model::explain_against`].
pub fn begin(
    networks: impl Into<Models>,
    input: &[f32],
    options: &Options,
    baseline: Option<Vec<f32>>,
    map: Option<Map>,
    effort: Effort,
) -> Result<StayAudit> {
    let networks: Models = networks.into();
    let model = networks.first();
    let map = match map {
        Some(map) => map,
        None => Map { relevance: networks.explain(input, baseline.as_deref(), options)?.mean, is_own: true },
    };
    let scorer = |model: &Rc<Model>| Ok(model.scorer(options)?.over(Rc::clone(model)));
    let scorers = networks.members().iter().map(scorer).collect::<Result<Vec<_>>>()?;
    let baseline = baseline.unwrap_or_else(|| normal_input(model.manifest()));
    model.check_input(&baseline)?;
    let players = Removal::new(model.manifest(), input, By::Measurement).toward(baseline.clone());
    let request = map.is_own.then_some(Request { options: *options, baseline });
    StayAudit::new(scorers, players, request, map.relevance, effort)
}

/// Does what decides of an audit, and leaves the rest.
///
/// # Errors
/// Those of the measurements.
pub fn word(mut audit: StayAudit) -> Result<Audit> {
    loop {
        if let Some(word) = audit.word() {
            return Ok(word);
        }
        audit.advance()?;
    }
}

/// An audit as host programs read it; `docs/holds.md` says what each number is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    measurements: usize,
    runs: usize,
    ceiling: f64,
    first_tenth: [f64; 2],
    followed: f64,
    answers: Vec<ToldAnswer>,
    probability: f64,
    probability_interval: [f64; 2],
    verdict: &'static str,
    is_final: bool,
    #[serde(flatten)]
    details: Option<ToldDetails>,
}

/// What decides nothing; nothing of it before the audit is final.
#[derive(Debug, Clone, Serialize)]
struct ToldDetails {
    curves: ToldCurves,
    shuffles: Vec<f64>,
    epsilons: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Serialize)]
struct ToldCurves {
    parts: Vec<f64>,
    deletion: [Vec<f64>; 2],
    insertion: [Vec<f64>; 2],
}

/// A question with its answer, as host programs read it.
#[derive(Debug, Clone, Serialize)]
pub struct ToldAnswer {
    question: &'static str,
    value: f64,
    interval: [f64; 2],
    decides: bool,
}

impl ToldAnswer {
    /// The same as the engine's.
    #[must_use]
    pub fn of(answer: &AuditAnswer) -> Self {
        let Effect { value, interval } = answer.effect;
        Self { question: answer.question.name(), value, interval, decides: answer.question.decides() }
    }
}

impl AuditReport {
    /// The same as the engine's.
    #[must_use]
    pub fn of(found: Audit) -> Self {
        let details = |AuditDetails { curves, shuffles, epsilons }: AuditDetails| {
            let RemovalCurves { parts, deletion, insertion } = curves;
            ToldDetails { curves: ToldCurves { parts, deletion, insertion }, shuffles, epsilons }
        };
        Self {
            measurements: found.n_players,
            runs: found.n_runs,
            ceiling: found.ceiling,
            first_tenth: found.first_tenth,
            followed: found.first_tenth[1] / found.first_tenth[0],
            answers: found.answers.iter().map(ToldAnswer::of).collect(),
            probability: found.probability,
            probability_interval: found.probability_interval,
            verdict: found.verdict.name(),
            is_final: found.details.is_some(),
            details: found.details.map(details),
        }
    }

    /// The verdict in a word, and the probability that it is for.
    #[must_use]
    pub const fn verdict(&self) -> (&'static str, f64) {
        (self.verdict, self.probability)
    }
}
