//! The one summary of an explanation.

use crate::common::{model, stay};
use vitrine::Model;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options};
use vitrine::picture::grid::{Grid, Part, rows};
use vitrine::stay::removal::normal_input;
use vitrine::stay::{Edit, EnteredValue, Origin, Stay};
use vitrine::study::summary::{Summary, Voice};

const DEMOS: [&str; 8] = [
    "septic-shock",
    "stable",
    "brain-injury",
    "respiratory-failure",
    "late-arrest",
    "diabetic-ketoacidosis",
    "post-operative",
    "sparse-dirty",
];

fn explained(model: &Model, stay: &Stay) -> Relevance {
    model.explain(&stay.input, &Options { method: Method::DeepShap, ..Options::default() }).unwrap()
}

fn demos(model: &Model) -> Vec<(&'static str, Stay)> {
    DEMOS.map(|name| (name, stay(model, name))).into()
}

/// Relevance is planted on two runs of readings, and on the hours that carry one of them forward.
#[test]
fn the_planted_runs_are_found() {
    let model = model();
    let manifest = model.manifest();
    let mut stay = stay(&model, "stable");
    let row = |name: &str| manifest.channels.iter().position(|channel| channel.name == name).unwrap();
    let (systolic, eye) = (row("Systolic blood pressure"), row("Glascow coma scale eye opening"));
    stay.edit(manifest, &Edit::clear(systolic, 0, 48)).unwrap();
    stay.edit(manifest, &Edit::set(systolic, 40, EnteredValue::Value(60.0))).unwrap();
    stay.edit(manifest, &Edit::set(systolic, 44, EnteredValue::Value(55.0))).unwrap();
    let mut relevance = explained(&model, &stay);
    relevance.values.fill(0.0);
    for step in 41..46 {
        relevance.values[step * manifest.columns + manifest.channels[systolic].columns[0]] = 0.2;
    }
    relevance.values[5 * manifest.columns + manifest.channels[eye].columns[3]] = 0.01;

    let summary = Summary::of(&model, &stay, &relevance, 0).unwrap();
    let [up] = &summary.raising[..] else { panic!("{:?}", summary.raising) };
    assert_eq!(
        (up.channel.as_str(), up.n_readings, up.steps, up.hours, up.until),
        ("Systolic BP", 2, [40, 45], [40.0, 45.0], 48)
    );
    assert_eq!([up.range[0].value, up.range[1].value], [55.0, 60.0]);
    assert!((up.relevance - 1.0).abs() < 1e-12 && (up.share - 1.0 / 1.01).abs() < 1e-12 && !up.is_of_measuring);
    assert!(summary.lowering.is_empty());
    assert!((summary.channels[systolic].relevance - 1.0).abs() < 1e-12);
}

/// "Without it" is what the network says where nothing was known of the channel in these hours; what it does not bear out is not written.
#[test]
fn every_finding_is_borne_out_by_the_network() {
    let model = model();
    let manifest = model.manifest();
    let unknown = Stay::unmeasured(manifest, "nothing known");
    let mut n_found = 0;
    for (name, stay) in demos(&model) {
        let relevance = explained(&model, &stay);
        let whole = model.predict(&stay.input).unwrap()[0];
        let summary = Summary::of(&model, &stay, &relevance, 0).unwrap();
        for (findings, sign) in [(&summary.raising, 1.0), (&summary.lowering, -1.0)] {
            for it in findings {
                n_found += 1;
                let mut without = stay.input.clone();
                let channel = &manifest.channels[it.row];
                for (step, column) in (it.steps[0]..it.until)
                    .flat_map(|step| channel.columns.iter().chain(&channel.mask).map(move |column| (step, column)))
                {
                    without[step * manifest.columns + column] = unknown.input[step * manifest.columns + column];
                }
                let says = model.predict(&without).unwrap()[0];
                assert!((f64::from(says) - it.without).abs() < 2e-6, "{name}: {it:?} but {says}");
                assert!(sign * f64::from(whole - says) > 0.0, "{name}: {it:?} but {whole} becomes {says}");
                assert!(it.is_of_measuring || sign * (f64::from(whole) - it.at_normal) > 0.0, "{name}: {it:?}");
                let cells = &stay.cells[it.row * manifest.steps..][it.steps[0]..it.steps[1]];
                let n_observed = cells.iter().filter(|cell| cell.origin == Origin::Observed).count();
                assert_eq!(n_observed, it.n_readings, "{name}: {it:?}");
            }
            assert!(findings.windows(2).all(|pair| pair[0].share >= pair[1].share), "{name}");
        }
    }
    assert!(n_found >= 8, "{n_found}");
}

/// Relevance of values and of being measured, over the readings and the hours that carry them forward.
#[test]
fn a_finding_adds_up_its_cells() {
    let model = model();
    let manifest = model.manifest();
    for (name, stay) in demos(&model) {
        let relevance = model.explain(&stay.input, &Options::default()).unwrap();
        let grid = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), Part::Both);
        let summary = Summary::of(&model, &stay, &relevance, 0).unwrap();
        for it in summary.raising.iter().chain(&summary.lowering) {
            let sum: f64 = (it.steps[0]..it.until).filter_map(|step| grid.at(it.row, step)).sum();
            assert!((sum - it.relevance).abs() < 1e-12, "{name}: {it:?}");
            assert!((it.share - sum.abs() / grid.total()).abs() < 1e-12, "{name}");
        }
        let sums = grid.row_sums();
        assert!(summary.channels.iter().all(|it| (it.relevance - sums[it.row]).abs() < 1e-12), "{name}");
    }
}

/// A channel without a reading is never a finding: it is said to be assumed, as far as it moved the output.
#[test]
fn what_was_never_charted_is_assumed() {
    let model = model();
    let manifest = model.manifest();
    let mut stay = stay(&model, "septic-shock");
    let charted = Summary::of(&model, &stay, &explained(&model, &stay), 0).unwrap().coverage;
    stay.edit(manifest, &Edit::clear(3, 0, 48)).unwrap();
    let mut relevance = explained(&model, &stay);
    relevance.values[10 * manifest.columns + manifest.channels[3].columns[0]] = -5.0;
    let summary = Summary::of(&model, &stay, &relevance, 0).unwrap();
    assert!(summary.raising.iter().chain(&summary.lowering).all(|it| it.row != 3));
    assert_eq!((summary.assumed[0].row, summary.assumed[0].relevance < 0.0), (3, true));
    assert_eq!(summary.coverage.charted, charted.charted - 1);
    assert!(summary.coverage.assumed_share > 0.1);
    let nothing = Stay { input: normal_input(manifest), ..Stay::unmeasured(manifest, "nothing") };
    let coverage = Summary::of(&model, &nothing, &explained(&model, &nothing), 0).unwrap().coverage;
    assert_eq!((coverage.charted, coverage.charted_steps, coverage.channels, coverage.steps), (0, 0, 17, 48));
}

/// Several networks: one that disagrees takes a finding away where it is more than one of five.
#[test]
fn findings_are_what_four_of_five_networks_name() {
    let model = model();
    let stay = stay(&model, "septic-shock");
    let relevance = explained(&model, &stay);
    let turned = Relevance { values: relevance.values.iter().map(|r| -r).collect(), ..relevance.clone() };
    let voices = |n_turned: usize| -> Vec<Voice<'_>> {
        (0..5).map(|k| Voice { model: &model, relevance: if k < n_turned { &turned } else { &relevance } }).collect()
    };
    let names = |n_turned: usize| -> Vec<usize> {
        let summary = Summary::of_many(&voices(n_turned), &stay, &relevance, 0).unwrap();
        summary.raising.iter().map(|it| it.row).collect()
    };
    assert!(!names(0).is_empty());
    assert_eq!(names(0), names(1));
    assert!(names(2).is_empty());
}
