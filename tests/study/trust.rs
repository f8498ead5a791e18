//! How far explanations hold over many stays: each stay as by itself, and the means against two other libraries
//! (`tests/reference/cohort_measures.py`).

use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use crate::common::{model, stay};
use vitrine::engine::explain::audit::{AuditAnswer, AuditQuestion, Effect, Effort, Verdict, probability};
use vitrine::engine::explain::{Method, Options};
use vitrine::job::{Job, run};
use vitrine::stay::ReadOptions;
use vitrine::study::audit::begin;
use vitrine::study::cohort::intervals::mean;
use vitrine::study::cohort::trust::{AuditRow, AuditedRecord, CohortAudit, rows_to_csv, summarise, summary_to_csv};

const EFFORT: Effort = Effort { noisy: 1, shuffles: 2, seed: 3 };

#[test]
fn means_and_intervals_agree_with_numpy_and_scipy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cohort/means.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.as_array().unwrap().len(), 3);
    for case in cases.as_array().unwrap() {
        let numbers = |key: &str| -> Vec<f64> { serde_json::from_value(case[key].clone()).unwrap() };
        let (values, seed) = (numbers("values"), case["seed"].as_u64().unwrap());
        let same_draws = mean(&values, case["n_resamples"].as_u64().unwrap() as usize, seed);
        assert!((same_draws.value - case["mean"].as_f64().unwrap()).abs() < 1e-12);
        let own_draws = mean(&values, 20_000, 99);
        let width = own_draws.interval[1] - own_draws.interval[0];
        for end in 0..2 {
            let (numpy, scipy) = (numbers("interval")[end], numbers("scipy")[end]);
            let (same, own) = (same_draws.interval[end], own_draws.interval[end]);
            assert!((same - numpy).abs() < 1e-12, "{}: {same} where NumPy has {numpy}", case["name"]);
            assert!((own - scipy).abs() < 0.05 * width, "{}: {own} where SciPy has {scipy}", case["name"]);
        }
    }
    assert!(mean(&[], 10, 1).value.is_nan());
}

/// The demo stay with the fewest measurements, which keeps the test short.
fn record(name: &str) -> AuditedRecord {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/stays/sparse-dirty_timeseries.csv");
    let text = std::fs::read_to_string(path).unwrap();
    AuditedRecord { name: name.into(), text, reading: ReadOptions::default() }
}

#[test]
fn every_stay_is_measured_as_by_itself() {
    let model = Rc::new(model());
    let options = Options { method: Method::DeepShap, ..Options::default() };
    let text = "Hours,pH\n1,sour\n".into();
    let broken = AuditedRecord { name: "broken".into(), text, reading: ReadOptions::default() };
    let records = vec![record("first"), broken, record("last")];
    let mut survey = CohortAudit::new(Rc::clone(&model), records, options, None, EFFORT);
    let mut counts = vec![];
    while !survey.advance().unwrap() {
        counts.push(survey.progress().done);
    }
    assert!(counts.is_sorted() && counts.contains(&0) && counts.contains(&1) && counts.contains(&2));
    let rows = survey.finish().unwrap();
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["first", "broken", "last"]);
    assert!(rows[1].error.as_deref().unwrap().contains("line 2") && rows[1].verdict.is_none());
    for row in [&rows[0], &rows[2]] {
        let input = stay(&model, "sparse-dirty").input;
        let alone = run(begin(&model, &input, &options, None, None, EFFORT).unwrap()).unwrap();
        assert_eq!((row.n_players, &row.answers), (alone.n_players, &alone.answers));
        assert_eq!((row.probability, row.verdict), (Some(alone.probability), Some(alone.verdict)));
    }
    let summary = summarise(&rows, 100, 1);
    assert_eq!((summary.n_stays, summary.n_failed), (2, 1));
    assert!(!summary.checks.iter().any(|check| check.question == "epsilon"), "epsilon is asked of LRP alone");
    assert!(summary.checks.iter().any(|check| check.question == "follows" && check.decides));
}

fn made(name: &str, values: &[f64]) -> AuditRow {
    let answer = |(question, value): (AuditQuestion, &f64)| AuditAnswer {
        question,
        effect: Effect { value: *value, interval: [*value; 2] },
    };
    let answers: Vec<AuditAnswer> = AuditQuestion::ALL.into_iter().zip(values).map(answer).collect();
    let probability = probability(&answers);
    let verdict = Some(Verdict::of(probability));
    AuditRow { name: name.into(), n_players: 7, probability: Some(probability), verdict, answers, error: None }
}

#[test]
fn a_summary_counts_and_averages() {
    let error = Some("line 2: no, it".into());
    let failed = AuditRow { name: "=c".into(), n_players: 0, answers: vec![], probability: None, verdict: None, error };
    let rows = [made("a", &[1.0, 1.0, 0.8]), made("b", &[0.2, 0.0, f64::NAN]), failed];
    let summary = summarise(&rows, 50, 1);
    let means: Vec<f64> = summary.checks.iter().map(|check| check.mean.value).collect();
    assert_eq!(means, [0.6, 0.5, 0.8]);
    assert_eq!(
        summary.checks.iter().map(|check| (check.stays, check.decides)).collect::<Vec<_>>(),
        [(2, true), (2, true), (1, false)]
    );
    assert_eq!((summary.n_stays, summary.n_failed, summary.verdicts), (2, 1, [1, 0, 1]));
    let [p, q] = [&rows[0], &rows[1]].map(|row| row.probability.unwrap());
    assert_eq!(
        rows_to_csv(&rows),
        format!(
            "stay,measurements,follows,finds,noise,shuffles,epsilon,probability,verdict,error\n\
             a,7,1,1,0.8,,,{p},holds,\nb,7,0.2,0,,,,{q},does not hold,\n'=c,0,,,,,,,,\"line 2: no, it\"\n"
        )
    );
    let csv = summary_to_csv(&summary);
    assert!(csv.contains("\nfinds,2,0.5,") && csv.contains(",true,50\n"), "{csv}");
    assert_eq!(Verdict::Shaky.name(), "shaky");
    assert!(AuditQuestion::ALL.into_iter().all(|question| AuditQuestion::named(question.name()) == Some(question)));
}
