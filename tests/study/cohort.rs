//! Many stays: rows, labels, pictures of the groups, and the measures against scikit-learn
//! (`tests/reference/cohort_measures.py`).

use std::path::Path;

use serde_json::Value;

use crate::common::{model, stay};
use vitrine::engine::explain::Options;
use vitrine::job::run;
use vitrine::picture::grid::{Grid, Part, rows};
use vitrine::stay::{Format, Origin};
use vitrine::study::cohort::curves::{CurvePoint, Predictions, wilson};
use vitrine::study::cohort::intervals::Bootstrap;
use vitrine::study::cohort::labels::LabelList;
use vitrine::study::cohort::picture::{Average, StayGroup};
use vitrine::study::cohort::plot::Paths;
use vitrine::study::cohort::{Cohort, to_csv};
use vitrine::study::summary::Summary;

const STAYS: [&str; 4] = ["septic-shock", "stable", "brain-injury", "post-operative"];

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("www/stays/{name}_timeseries.csv"));
    std::fs::read_to_string(path).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() < 1e-12, "{what}: {got} where the reference has {want}");
}

#[track_caller]
fn check_curve(points: &[CurvePoint], axes: &Value, what: &str) {
    let (x, y) = (numbers(&axes[0]), numbers(&axes[1]));
    assert_eq!(points.len(), x.len(), "{what}");
    for (point, (x, y)) in points.iter().zip(x.iter().zip(&y)) {
        close(point.x, *x, what);
        close(point.y, *y, what);
    }
}

#[test]
fn measures_and_intervals_agree_with_scikit_learn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cohort/measures.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.as_array().unwrap().len(), 5);
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let labels: Vec<bool> = numbers(&case["labels"]).iter().map(|label| *label == 1.0).collect();
        let n = case["n_resamples"].as_u64().unwrap() as usize;
        let seed = case["seed"].as_u64().unwrap();
        let got = run(Bootstrap::new(&labels, &numbers(&case["probabilities"]), n, seed).unwrap()).unwrap();
        let measures = [got.roc_area, got.average_precision, got.brier];
        for (at, measure) in measures.iter().enumerate() {
            close(measure.value, case["measures"][at].as_f64().unwrap(), name);
            let interval = numbers(&case["intervals"][at]);
            close(measure.interval[0], interval[0], name);
            close(measure.interval[1], interval[1], name);
        }
        check_curve(&got.roc, &case["roc"], name);
        check_curve(&got.precision_recall, &case["precision_recall"], name);
        for (band, want) in got.roc_band.iter().zip(case["roc_band"].as_array().unwrap()) {
            close(band.low, want[0].as_f64().unwrap(), name);
            close(band.high, want[1].as_f64().unwrap(), name);
        }
        let predicted = numbers(&case["calibration"][0]);
        assert_eq!(got.calibration.len(), predicted.len(), "{name}");
        for (bin, (predicted, observed)) in
            got.calibration.iter().zip(predicted.iter().zip(numbers(&case["calibration"][1])))
        {
            close(bin.predicted, *predicted, name);
            close(bin.observed, observed, name);
            assert!((bin.interval[0]..=bin.interval[1]).contains(&bin.observed));
        }
    }
}

/// The decision curve by a plain count at each threshold, and its band by the resamples drawn once more.
#[test]
fn net_benefit_is_that_of_a_plain_count() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cohort/measures.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for case in cases.as_array().unwrap() {
        let (name, labels) = (case["name"].as_str().unwrap(), numbers(&case["labels"]));
        let probabilities = numbers(&case["probabilities"]);
        let is_positive: Vec<bool> = labels.iter().map(|label| *label == 1.0).collect();
        let got = run(Bootstrap::new(&is_positive, &probabilities, 20, 1).unwrap()).unwrap();
        assert_eq!((got.net_benefit.len(), got.net_benefit_band.len()), (100, 100), "{name}");
        let n = labels.len() as f64;
        for (at, it) in got.net_benefit.iter().enumerate() {
            let t = at as f64 / 100.0;
            let count = |label: f64, is_all: bool| {
                let stays = labels.iter().zip(&probabilities);
                stays.filter(|(own, p)| **own == label && (is_all || **p >= t)).count() as f64
            };
            let worth = |is_all| count(1.0, is_all) / n - (count(0.0, is_all) / n) * (t / (1.0 - t));
            assert_eq!(it.threshold, t, "{name}");
            close(it.predicted, worth(false), name);
            close(it.all, worth(true), name);
            assert!(got.net_benefit_band[at].low <= got.net_benefit_band[at].high, "{name}");
        }
        // Whoever acts on nobody needs no prediction, and at 0 everybody is acted on.
        close(got.net_benefit[0].predicted, got.n_positive as f64 / n, name);
        let paths = Paths::of(&got);
        let [low, high] = paths.net_benefit_axis;
        assert!(low < 0.0 && high >= got.n_positive as f64 / n && high < got.n_positive as f64 / n + 0.05 + 1e-9);
        let middle = 1.0 - (0.0 - low) / (high - low);
        assert_eq!(paths.treat_none, format!("M0.0000 {middle:.4}L1.0000 {middle:.4}"));
    }
}

/// Three stays in numbers that can be worked out by hand: at a half, a false positive weighs as much as a true one.
#[test]
fn net_benefit_by_hand() {
    let it = Predictions::new(&[true, false, true], &[0.9, 0.5, 0.25]).unwrap();
    let got = it.net_benefit(&it.once(), &[0.0, 0.25, 0.5, 0.75]);
    let third = 1.0 / 3.0;
    let expected = [
        (2.0 * third, 2.0 * third),
        (2.0 * third - third / 3.0, 2.0 * third - third / 3.0),
        (0.0, third),
        (third, -third),
    ];
    for (it, (predicted, all)) in got.iter().zip(expected) {
        close(it.predicted, predicted, "predicted");
        close(it.all, all, "all");
    }
}

#[test]
fn wilson_as_published() {
    // Newcombe (1998), table I: 81 of 263, 15 of 148.
    for (k, n, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
        let [a, b] = wilson(k, n);
        assert!((a - low).abs() < 5e-5 && (b - high).abs() < 5e-5, "{k} of {n}: {a} {b}");
    }
}

#[test]
fn one_label_alone_has_no_curve() {
    let error = Predictions::new(&[true, true], &[0.1, 0.2]).unwrap_err().to_string();
    assert!(error.contains("2 of 2 labelled stays have label 1"), "{error}");
    assert!(Predictions::new(&[], &[]).is_err());
}

#[test]
fn rows_and_pictures_are_those_of_the_stays() {
    let model = model();
    let manifest = model.manifest();
    let mut cohort = Cohort::new(&model, Options::default());
    for name in STAYS {
        cohort.add(&model, name, &text(name), Format::Auto);
    }
    cohort.add(&model, "broken", "Hours,pH\n1,sour\n", Format::Auto);
    let error = cohort.add(&model, "stable", &text("stable"), Format::Auto).error.clone();
    assert!(error.unwrap().contains("already"));
    assert_eq!(cohort.rows().len(), 6);
    assert!(cohort.rows()[4].error.as_deref().unwrap().contains("line 2"));

    let mut sums = [(0, vec![0.0; 17 * 48], vec![0.0; 17 * 48]), (0, vec![0.0; 17 * 48], vec![0.0; 17 * 48])];
    for (name, row) in STAYS.iter().zip(cohort.rows()) {
        let relevance = model.explain(&stay(&model, name).input, &Options::default()).unwrap();
        assert_eq!(row.probability, Some(relevance.probability), "{name}");
        let is_high = relevance.probability > manifest.outcomes[0].threshold;
        assert_eq!(row.predicted_label, Some(u8::from(is_high)));
        let (n, signed, absolute) = &mut sums[usize::from(is_high)];
        *n += 1;
        let grid = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), Part::Value);
        for (at, r) in grid.values.iter().enumerate() {
            signed[at] += r;
            absolute[at] += r.abs();
        }
    }
    let [(n_low, low, low_absolute), (n_high, high, _)] = &sums;
    assert!(*n_low > 0 && *n_high > 0, "the demo stays have both predictions");
    let pictures = cohort.pictures();
    assert_eq!([pictures.n_stays(StayGroup::High), pictures.n_stays(StayGroup::Low)], [*n_high, *n_low]);
    let mean = |group, average| pictures.mean(manifest, group, Part::Value, average).unwrap().values;
    let check = |got: Vec<f64>, want: &dyn Fn(usize) -> f64| {
        for (at, value) in got.iter().enumerate() {
            assert!((value - want(at)).abs() < 1e-12);
        }
    };
    let (n_low, n_high) = (*n_low as f64, *n_high as f64);
    check(mean(StayGroup::High, Average::Signed), &|at| high[at] / n_high);
    check(mean(StayGroup::Low, Average::Absolute), &|at| low_absolute[at] / n_low);
    check(mean(StayGroup::Difference, Average::Signed), &|at| high[at] / n_high - low[at] / n_low);
    check(mean(StayGroup::All, Average::Signed), &|at| (high[at] + low[at]) / (n_high + n_low));
}

#[test]
fn labels_come_before_or_after_their_stays() {
    let model = model();
    let list = LabelList::read("stay,y_true\nstable,0\nseptic-shock,1\nnobody,1\n").unwrap();
    let mut cohort = Cohort::new(&model, Options::default());
    cohort.add(&model, "stable", &text("stable"), Format::Auto);
    cohort.take_labels(list);
    cohort.add(&model, "folder/septic-shock", &text("septic-shock"), Format::Auto);
    cohort.add(&model, "brain-injury", &text("brain-injury"), Format::Auto);
    let labels: Vec<Option<u8>> = cohort.rows().iter().map(|row| row.label).collect();
    assert_eq!(labels, [Some(0), Some(1), None]);
    let (labels, probabilities) = cohort.labelled();
    assert_eq!((labels, probabilities.len()), (vec![false, true], 2));
    let csv_text = to_csv(cohort.rows());
    let lines: Vec<&str> = csv_text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("stable,0.") && lines[2].starts_with("folder/septic-shock,0."), "{csv_text}");
    assert_eq!(lines[0].split(',').count(), 15);
    // What a row rests on is what the stay's own summary says.
    let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
    let charted = |at: usize, row: &csv::StringRecord| row[at].parse::<usize>().unwrap();
    for (record, name) in reader.records().zip(["stable", "septic-shock", "brain-injury"]) {
        let (record, stay) = (record.unwrap(), stay(&model, name));
        let relevance = model.explain(&stay.input, &Options::default()).unwrap();
        let rests = Summary::of(&model, &stay, &relevance, 0).unwrap().coverage;
        assert_eq!(
            [6, 7, 8, 9].map(|at| charted(at, &record)),
            [rests.charted, rests.channels, rests.charted_steps, rests.steps]
        );
        assert_eq!(record[10].parse::<f64>().unwrap(), rests.assumed_share);
        let hours = (0..48).filter(|step| (0..17).any(|row| stay.cells[row * 48 + step].origin == Origin::Observed));
        assert_eq!(hours.count(), rests.charted_steps, "{name}");
    }
}

#[test]
fn a_group_without_stays_has_no_picture() {
    let model = model();
    let mut cohort = Cohort::new(&model, Options::default());
    let mean = |cohort: &Cohort, group| cohort.pictures().mean(model.manifest(), group, Part::Both, Average::Signed);
    assert!(mean(&cohort, StayGroup::All).is_none());
    cohort.add(&model, "stable", &text("stable"), Format::Auto);
    assert!(mean(&cohort, StayGroup::All).is_some());
    assert!(mean(&cohort, StayGroup::Difference).is_none());
}
