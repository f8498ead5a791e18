//! The one summary of an explanation.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::common::{DEMOS, five, mean, model, network, stay};
use vitrine::Model;
use vitrine::engine::explain::relevance::{Relevance, ScoreUnit};
use vitrine::engine::explain::{Method, Options};
use vitrine::picture::grid::{Grid, Part, rows};
use vitrine::picture::layout::{Layout, LayoutRequest};
use vitrine::picture::totals::Totals;
use vitrine::stay::manifest::{Encoding, Manifest, PredictionKind};
use vitrine::stay::removal::normal_input;
use vitrine::stay::{Edit, EnteredValue, Format, Origin, Stay};
use vitrine::study::account::{Account, Line};
use vitrine::study::models::Models;
use vitrine::study::summary::{Finding, JointFinding, Summary, Voice, voices};

fn explained(model: &Model, stay: &Stay) -> Relevance {
    model.explain(&stay.input, &deep_shap()).unwrap()
}

fn deep_shap() -> Options {
    Options { method: Method::DeepShap, ..Options::default() }
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
        ("Systolic BP", 2, [40, 45], Some([40.0, 45.0]), 48)
    );
    assert_eq!([up.range[0].value, up.range[1].value], [55.0, 60.0]);
    assert!((up.relevance - 1.0).abs() < 1e-12 && (up.share - 1.0 / 1.01).abs() < 1e-12 && !up.is_of_measuring);
    assert!(summary.lowering.is_empty());
    assert!((summary.channels[systolic].relevance - 1.0).abs() < 1e-12);
}

/// "Without it" is what the networks say where nothing was known of the channel in these hours; what they do not bear out
/// is not written. A clause's readings set to normal, as *What if* sets them, move the risk as the clause says.
fn check_findings(models: &Models) -> usize {
    let manifest = models.first().manifest();
    let normal = normal_input(manifest);
    let mut n_found = 0;
    for (name, stay) in demos(models.first()) {
        let explained = models.explain(&stay.input, None, &deep_shap()).unwrap();
        let whole = mean(models, &stay.input);
        let summary = Summary::of_many(&voices(models, &explained.each), &stay, &explained.mean, 0).unwrap();
        for (it, sign) in with_signs(&summary) {
            n_found += 1;
            let says = mean(models, &without(manifest, (&stay.input, &normal), it.row, it.steps[0]..it.until));
            assert!((says - it.without).abs() < 2e-6, "{name}: {it:?} but {says}");
            assert!(sign * (whole - says) > 0.0, "{name}: {it:?} but {whole} becomes {says}");
            let says = mean(models, &at_normal(manifest, &stay, it.row, it.steps[0]..it.steps[1], false).input);
            assert!((says - it.at_normal).abs() < 2e-6, "{name}: {it:?} but {says}");
            assert!(it.is_of_measuring || sign * (whole - says) > 0.0, "{name}: {it:?} but {whole} becomes {says}");
            let cells = &stay.cells[it.row * manifest.steps..][it.steps[0]..it.steps[1]];
            let n_observed = cells.iter().filter(|cell| cell.origin == Origin::Observed).count();
            assert_eq!(n_observed, it.n_readings, "{name}: {it:?}");
        }
        let total = |it: &Finding| summary.channels[it.row].relevance.abs();
        for findings in [&summary.raising, &summary.lowering] {
            assert!(findings.windows(2).all(|pair| total(&pair[0]) >= total(&pair[1])), "{name}");
            assert!(findings.iter().skip(1).all(|it| !it.is_first), "{name}");
        }
        for (joint, sign) in [(&summary.raising_together, 1.0), (&summary.lowering_together, -1.0)] {
            let Some(it) = joint else { continue };
            n_found += 1;
            let all = |input: Vec<f32>, row: &usize| without(manifest, (&input, &normal), *row, 0..manifest.steps);
            let says = mean(models, &it.rows.iter().fold(stay.input.clone(), all));
            assert!((says - it.without).abs() < 2e-6 && sign * (whole - says) > 0.0, "{name}: {it:?} but {says}");
        }
    }
    n_found
}

/// The input with a channel at its normal value and not measured in some hours.
fn without(manifest: &Manifest, (input, normal): (&[f32], &[f32]), row: usize, steps: Range<usize>) -> Vec<f32> {
    let (mut input, channel) = (input.to_vec(), &manifest.channels[row]);
    for step in steps {
        for column in channel.columns.iter().chain(&channel.mask) {
            input[step * manifest.columns + column] = normal[step * manifest.columns + column];
        }
    }
    input
}

/// A summary's clauses, and whether each raises or lowers.
fn with_signs(summary: &Summary) -> impl Iterator<Item = (&Finding, f64)> {
    let raising = summary.raising.iter().map(|it| (it, 1.0));
    raising.chain(summary.lowering.iter().map(|it| (it, -1.0)))
}

/// The stay with a channel edited to its normal value in some hours: in those with a reading, or in every one.
fn at_normal(manifest: &Manifest, stay: &Stay, row: usize, steps: Range<usize>, is_every: bool) -> Stay {
    let mut edited = stay.clone();
    let entry = match &manifest.channels[row].encoding {
        Encoding::Continuous { normal, .. } => EnteredValue::Value(*normal),
        Encoding::OneHot { categories, normal, .. } => {
            EnteredValue::Category(categories.iter().position(|category| category == normal).unwrap())
        }
    };
    let is_observed = |step: usize| stay.cells[row * manifest.steps + step].origin == Origin::Observed;
    for step in steps.filter(|step| is_every || is_observed(*step)) {
        edited.edit(manifest, &Edit::set(row, step, entry)).unwrap();
    }
    edited
}

#[test]
fn every_finding_is_borne_out_by_the_network() {
    let n_found = check_findings(&Models::from(&network(1)));
    assert!(n_found >= 8, "{n_found}");
}

/// What the first screen says of every stay of the page.
#[test]
fn every_finding_is_borne_out_by_the_five_networks() {
    let n_found = check_findings(&five());
    assert!(n_found >= 8, "{n_found}");
}

/// All hours of a named channel set to normal: a clause of values holds there too, one of being measured need not, as
/// `docs/holds.md` says.
#[test]
fn a_clause_is_of_its_own_hours() {
    let models = five();
    let manifest = models.first().manifest();
    let (mut n_of_values, mut n_of_measuring, mut n_otherwise) = (0, 0, 0);
    for (name, stay) in demos(models.first()) {
        let whole = mean(&models, &stay.input);
        let explained = models.explain(&stay.input, None, &deep_shap()).unwrap();
        let summary = Summary::of_many(&voices(&models, &explained.each), &stay, &explained.mean, 0).unwrap();
        for (it, sign) in with_signs(&summary) {
            let says = mean(&models, &at_normal(manifest, &stay, it.row, 0..manifest.steps, true).input);
            let is_as_said = sign * (whole - says) > 0.0;
            assert!(it.is_of_measuring || is_as_said, "{name}: {it:?} but {whole} becomes {says}");
            *(if it.is_of_measuring { &mut n_of_measuring } else { &mut n_of_values }) += 1;
            n_otherwise += usize::from(!is_as_said);
            if (name, it.channel.as_str()) == ("diabetic-ketoacidosis", "Glucose") {
                assert_eq!((it.steps, format!("{:+.2}", 100.0 * (says - whole))), ([25, 48], "+0.84".to_owned()));
            }
        }
    }
    assert_eq!((n_of_values, n_of_measuring, n_otherwise), (16, 13, 13));
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

/// "Most" is said of a channel only where four of five networks have it first: two that have another first are too many.
#[test]
fn the_first_is_what_four_of_five_networks_have_first() {
    let model = model();
    let manifest = model.manifest();
    let stay = stay(&model, "late-arrest");
    let relevance = explained(&model, &stay);
    let of = |voices: &[Voice<'_>]| Summary::of_many(voices, &stay, &relevance, 0).unwrap().lowering;
    let voice = |relevance| Voice { model: &model, relevance };
    let said = of(&[voice(&relevance); 5]);
    assert!(said.len() > 1 && said[0].is_first && !said[1].is_first, "{said:?}");
    let mut other = relevance.clone();
    let column = manifest.channels[said[1].row].columns[0];
    other.values[(manifest.steps - 1) * manifest.columns + column] -= 10.0;
    let firsts = |n_others: usize| -> Vec<(usize, bool)> {
        let voices: Vec<_> = (0..5).map(|k| voice(if k < n_others { &other } else { &relevance })).collect();
        of(&voices).iter().map(|it| (it.row, it.is_first)).collect()
    };
    assert_eq!(firsts(1), firsts(0));
    let rows: Vec<usize> = firsts(0).iter().map(|(row, _)| *row).collect();
    assert_eq!(firsts(2), rows.iter().map(|row| (*row, false)).collect::<Vec<_>>());
}

/// A channel is worth a word from 5 % of all effects on.
#[test]
fn a_small_total_is_not_worth_a_word() {
    let model = model();
    let manifest = model.manifest();
    let stay = stay(&model, "late-arrest");
    let whole = explained(&model, &stay);
    let first = Summary::of(&model, &stay, &whole, 0).unwrap().lowering[0].row;
    let columns: Vec<usize> = manifest.channels[first].all_columns().collect();
    let is_own = |at: usize| columns.contains(&(at % manifest.columns));
    let named = |share: f64| -> Vec<usize> {
        let kept = |(at, value): (usize, &f64)| if is_own(at) { *value } else { 0.0 };
        let mut values: Vec<f64> = whole.values.iter().enumerate().map(kept).collect();
        let (own, absolute) = (values.iter().sum::<f64>(), values.iter().map(|value| value.abs()).sum::<f64>());
        let other = &manifest.channels[(first + 1) % manifest.channels.len()];
        values[47 * manifest.columns + other.columns[0]] = own.abs() / share - absolute;
        let relevance = Relevance { values, ..whole.clone() };
        Summary::of(&model, &stay, &relevance, 0).unwrap().lowering.iter().map(|it| it.row).collect()
    };
    assert_eq!(named(0.055), [first]);
    assert!(named(0.049).is_empty());
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

/// What is static was charted, and at no hour: its finding names none, the account has it beside the hours, the margin of
/// the hours leaves it out, and a stay with nothing else rests on no step.
#[test]
fn what_is_static_is_of_no_hour() {
    let mut n_found = 0;
    for name in ["rnn-one-number-amount", "gru-made-up-names", "lstm-as-wide-joined", "lstm-as-wide-gain"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/cases/inputs/{name}.onnx"));
        let model = Model::read(&std::fs::read(&path).unwrap(), None, &HashMap::new()).unwrap();
        let manifest = model.manifest();
        let fixed: Vec<usize> = (0..manifest.channels.len()).filter(|row| manifest.channels[*row].is_static).collect();
        assert!(!fixed.is_empty(), "{name}");
        let names: Vec<&str> = fixed.iter().map(|row| manifest.channels[*row].name.as_str()).collect();
        let text =
            format!("Hours,{}\n0.5,{}\n", names.join(","), names.iter().map(|_| "9").collect::<Vec<_>>().join(","));
        let stay = Stay::parse(&text, manifest, Format::Auto, "").unwrap();
        let relevance = explained(&model, &stay);
        let summary = Summary::of(&model, &stay, &relevance, 0).unwrap();
        let found: Vec<&Finding> = summary.raising.iter().chain(&summary.lowering).collect();
        n_found += found.len();
        assert!(found.iter().all(|it| fixed.contains(&it.row) && it.hours.is_none()), "{name}: {found:?}");
        assert_eq!((summary.coverage.charted, summary.coverage.charted_steps), (fixed.len(), 0), "{name}");

        let account = Account::of(manifest, &relevance);
        let of_no_hour = account.of_no_hour.unwrap();
        assert!(of_no_hour.values.absolute > 0.0, "{name}");
        let both = |lines: &[Line]| lines.iter().map(|it| it.values.signed + it.masks.signed).sum::<f64>();
        assert!((both(&account.hours) + both(&[of_no_hour]) - both(&[account.inputs])).abs() < 1e-9, "{name}");

        let grid = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), Part::Both);
        let request = LayoutRequest { width: 480, cell_height: 10, group_gap: 0, line: 1 };
        let totals = Totals::of(&grid, &Layout::new(manifest, request));
        for (step, total) in totals.steps.iter().enumerate() {
            let in_time = (0..grid.n_rows).filter(|row| !fixed.contains(row));
            let sum: f64 = in_time.map(|row| grid.at(row, step).unwrap()).sum();
            assert!((total.signed - sum).abs() < 1e-12, "{name}, {step}");
        }
    }
    assert!(n_found > 0);
}

/// What a clause writes of the output goes the way that it says, also where a softmax makes the output of all classes: the
/// score of a class may rise while its probability falls.
#[test]
fn a_clause_of_a_class_is_of_its_probability() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases/networks/lstm-multihead.onnx");
    let model = Model::read(&std::fs::read(path).unwrap(), None, &HashMap::new()).unwrap();
    let manifest = model.manifest();
    let names: Vec<&str> = manifest.channels.iter().map(|channel| channel.name.as_str()).collect();
    let (mut state, mut n_found) = (7_u32, 0);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 22) - 2.0
    };
    for _ in 0..12 {
        let row = |hour: usize, next: &mut dyn FnMut() -> f64| {
            let cells: Vec<String> = names.iter().map(|_| next().to_string()).collect();
            format!("{hour},{}\n", cells.join(","))
        };
        let rows: String = (0..manifest.steps).map(|hour| row(hour, &mut next)).collect();
        let text = format!("Hours,{}\n{rows}", names.join(","));
        let stay = Stay::parse(&text, manifest, Format::Auto, "").unwrap();
        for target in 0..2 {
            let relevance = model.explain(&stay.input, &Options { target, ..deep_shap() }).unwrap();
            let summary = Summary::of(&model, &stay, &relevance, target).unwrap();
            assert_eq!(summary.prediction.score_unit, ScoreUnit::Class);
            let output = summary.prediction.probability;
            let together = |it: &Option<JointFinding>| it.as_ref().map(|it| it.without);
            let sides = [
                (1.0, &summary.raising, &summary.raising_together),
                (-1.0, &summary.lowering, &summary.lowering_together),
            ];
            for (sign, found, all) in sides {
                let withouts: Vec<f64> = found.iter().map(|it| it.without).chain(together(all)).collect();
                n_found += withouts.len();
                assert!(withouts.iter().all(|without| sign * (output - without) > 0.0), "{output} and {withouts:?}");
            }
        }
    }
    assert!(n_found > 12, "{n_found}");
}

fn fixture(path: &str, manifest: Option<&Manifest>) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    let manifest = manifest.map(|it| serde_json::to_string(it).unwrap());
    Model::read(&std::fs::read(path).unwrap(), manifest.as_deref(), &HashMap::new()).unwrap()
}

/// What an output rests on are readings that it sees: those up to its own step, or within the length that the network is told.
#[test]
fn an_output_rests_on_the_steps_that_it_sees() {
    let coverage = |model: &Model, text: &str, target: usize| {
        let stay = Stay::parse(text, model.manifest(), Format::Auto, "").unwrap();
        let relevance = model.explain(&stay.input, &Options { target, ..Options::default() }).unwrap();
        let it = Summary::of(model, &stay, &relevance, target).unwrap().coverage;
        [it.charted, it.charted_steps, it.steps]
    };
    let rows = "0.5,1,,0.5\n3.5,,-1,\n7.2,2,,\n11.1,,,1\n";
    let per_step = fixture("families/per-step-torchscript.onnx", None);
    let text = format!("Hours,c0,c1,c2\n{rows}");
    assert_eq!(coverage(&per_step, &text, 2), [2, 1, 3]);
    assert_eq!(coverage(&per_step, &text, 4), [3, 2, 5]);
    assert_eq!(coverage(&per_step, &text, 11), [3, 4, 12]);
    // Named without a manifest one by one, they are the same.
    let causal = fixture("cases/networks/causal-per-step.onnx", None);
    assert_eq!(coverage(&causal, "Hours,c0,c1\n0.5,1,\n3.5,,2\n6.5,1,1\n", 3), [2, 2, 4]);
    let told = fixture("cases/networks/length-gather.onnx", None);
    let with = |length: usize| format!("Hours,x[0],x[1],length\n0.5,1,,{length}\n3.5,,2,\n9.5,1,1,\n");
    assert_eq!(coverage(&told, &with(5), 0), [3, 2, 5]);
    assert_eq!(coverage(&told, &with(12), 0), [3, 3, 12]);
    let long = Stay::parse(&with(50), told.manifest(), Format::Auto, "").unwrap();
    let error = told.predict(&long.input).unwrap_err().to_string();
    assert!(
        error.contains("\"length\" says how many steps the stay has and is 50; the model reads 12 at most"),
        "{error}"
    );
    // Both directions see all.
    assert!(model().manifest().lengths.is_empty());
    let demo = stay(&model(), "septic-shock");
    assert_eq!(Summary::of(&model(), &demo, &explained(&model(), &demo), 0).unwrap().coverage.steps, 48);
}

/// A plain number has its unit; a class stands beside the most likely one.
#[test]
fn a_number_has_its_unit_and_a_class_its_rivals() {
    let network = fixture("cases/networks/lstm-multihead.onnx", None);
    let mut manifest = network.manifest().clone();
    manifest.outcomes.truncate(1);
    manifest.outcomes[0].classes = vec!["home".into(), "ward".into()];
    let network = fixture("cases/networks/lstm-multihead.onnx", Some(&manifest));
    let stay = Stay::parse("Hours,c0,c1\n0.5,1,2\n", network.manifest(), Format::Auto, "").unwrap();
    let outputs = network.predict(&stay.input).unwrap();
    let first = usize::from(outputs[1] > outputs[0]);
    for target in 0..2 {
        let relevance = network.explain(&stay.input, &Options { target, ..Options::default() }).unwrap();
        let it = Summary::of(&network, &stay, &relevance, target).unwrap().prediction;
        let most = it.most_likely.unwrap();
        assert!(most.outcome.ends_with(["home", "ward"][first]), "{}", most.outcome);
        assert!((most.probability - f64::from(outputs[first])).abs() < 1e-6);
        assert_eq!((most.is_explained, most.n_classes, it.unit.as_str()), (target == first, 2, ""));
    }
    let network = fixture("cases/heads/regression.onnx", None);
    let mut manifest = network.manifest().clone();
    (manifest.outcomes[0].kind, manifest.outcomes[0].unit) = (Some(PredictionKind::Number), "d".into());
    let network = fixture("cases/heads/regression.onnx", Some(&manifest));
    let stay = Stay::parse("Hours,c0\n0.5,1\n", network.manifest(), Format::Auto, "").unwrap();
    let relevance = network.explain(&stay.input, &Options::default()).unwrap();
    let it = Summary::of(&network, &stay, &relevance, 0).unwrap().prediction;
    assert_eq!((it.unit.as_str(), it.most_likely), ("d", None));
}
