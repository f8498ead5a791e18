//! What would have to change. Every answer is made as edits and held against the networks themselves, and against what is
//! within reach, written down here anew: limits, ties, precision, direction.

use crate::common::{Chance, model, stay};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use vitrine::Model;
use vitrine::job::{Job, run};
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::{Edit, EnteredValue, Format, Origin, Stay, StayCell};
use vitrine::study::counterfactual::{Counterfactual, Part, PartWay, Search, SearchOptions};
use vitrine::study::history::{History, Joins};
use vitrine::study::models::{Models, Networks};

const DEMO_STAYS: [&str; 8] = [
    "septic-shock",
    "brain-injury",
    "diabetic-ketoacidosis",
    "late-arrest",
    "post-operative",
    "respiratory-failure",
    "sparse-dirty",
    "stable",
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str, manifest: Option<&str>) -> Model {
    Model::read(&std::fs::read(root(path)).unwrap(), manifest, &HashMap::new()).unwrap()
}

fn five() -> Models {
    let file = |of: &str| Rc::new(read(&format!("www/models/in-hospital-mortality{of}.onnx"), None));
    Models::new(["", "-2", "-3", "-4", "-5"].map(file).to_vec()).unwrap()
}

fn search<N: Networks>(networks: N, stay: &Stay) -> Counterfactual {
    let options = SearchOptions::of(networks.lead(), 0);
    run(Search::new(networks, stay.clone(), options).unwrap()).unwrap()
}

fn edits(parts: &[Part]) -> Vec<Edit> {
    parts.iter().flat_map(|part| &part.changes).map(|change| change.edit.clone()).collect()
}

/// The output after edits, made as the page makes them.
fn probability(networks: &impl Networks, stay: &Stay, edits: &[Edit]) -> f64 {
    let mut history = History::new(networks, stay.clone(), 0).unwrap();
    for edit in edits {
        history.edit(networks, edit.clone(), Joins::Never).unwrap();
    }
    history.probability()
}

fn row(manifest: &Manifest, name: &str) -> usize {
    manifest.channels.iter().position(|channel| channel.name == name).unwrap()
}

fn cells<'a>(manifest: &Manifest, stay: &'a Stay, row: usize) -> &'a [StayCell] {
    &stay.cells[row * manifest.steps..][..manifest.steps]
}

fn readings(manifest: &Manifest, stay: &Stay, row: usize) -> Vec<(usize, f64)> {
    let observed = cells(manifest, stay, row).iter().enumerate().filter(|(_, cell)| cell.origin == Origin::Observed);
    observed.map(|(step, cell)| (step, cell.value)).collect()
}

/// Whether a change of a stay is one that a patient could show.
fn is_within_reach(manifest: &Manifest, before: &Stay, edits: &[Edit], case: &str) {
    let mut after = before.clone();
    for edit in edits {
        after.edit(manifest, edit).unwrap();
    }
    for row in 0..manifest.channels.len() {
        row_is_within_reach(manifest, before, &after, row, case);
    }
    ties_hold(manifest, before, &after, case);
}

fn row_is_within_reach(manifest: &Manifest, before: &Stay, after: &Stay, row: usize, case: &str) {
    let channel = &manifest.channels[row];
    let (old, new) = (readings(manifest, before, row), readings(manifest, after, row));
    let case = format!("{case}, {}", channel.label);
    let steps = |readings: &[(usize, f64)]| readings.iter().map(|(step, _)| *step).collect::<Vec<_>>();
    assert_eq!(steps(&old), steps(&new), "{case}: it was measured when it was");
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let slope = |it: &[(usize, f64)]| (it[1].1 - it[0].1) / ((it[1].0 - it[0].0) as f64 * manifest.step_hours);
    let values: Vec<f64> = old.iter().map(|(_, value)| *value).collect();
    let slopes: Vec<f64> = old.windows(2).map(slope).chain([0.0]).collect();
    let of_record = ([least(&values), most(&values)], [least(&slopes), most(&slopes)]);
    let (value, change) = channel.limits.map_or(of_record, |limits| (limits.value, limits.change));
    let [low, high] = manifest.normal_range(row).unwrap_or_else(|| match &channel.encoding {
        Encoding::Continuous { normal, .. } => [*normal; 2],
        Encoding::OneHot { categories, ordinals, normal } => {
            [ordinals[categories.iter().position(|it| it == normal).unwrap()]; 2]
        }
    });
    let coarse = manifest.precision(row).unwrap_or(1e-6);
    for (at, ((_, from), (_, to))) in old.iter().zip(&new).enumerate().filter(|(_, (a, b))| a.1 != b.1) {
        assert!(!["Weight", "Height"].contains(&channel.label.as_str()), "{case} does not change within a stay");
        assert!(*to >= value[0].min(*from) - 1e-9 && *to <= value[1].max(*from) + 1e-9, "{case}: {from} to {to}");
        let was_had = old[..at].iter().any(|(_, earlier)| earlier == to);
        let nearest = from.max(low).min(high);
        let is_toward = *to >= from.min(nearest) - coarse && *to <= from.max(nearest) + coarse;
        let is_sum = channel.label == "GCS total";
        assert!(was_had || is_toward || is_sum, "{case}: {from} to {to} is neither normal nor the patient's own");
        let charted = match &channel.encoding {
            Encoding::Continuous { .. } => (to / coarse - (to / coarse).round()).abs() < 1e-6,
            Encoding::OneHot { ordinals, .. } => ordinals.contains(to),
        };
        assert!(was_had || charted, "{case}: {to} is not charted so");
    }
    for (a, b) in old.windows(2).zip(new.windows(2)) {
        let (was, is) = (slope(a), slope(b));
        assert!(is >= change[0].min(was) - 1e-6 && is <= change[1].max(was) + 1e-6, "{case}: {a:?} to {b:?}");
    }
}

fn ties_hold(manifest: &Manifest, before: &Stay, after: &Stay, case: &str) {
    let has = |name: &str| manifest.channels.iter().any(|channel| channel.name == name);
    if !has("Systolic blood pressure") {
        return;
    }
    let gap = |stay: &Stay, step: usize, upper: &str, lower: &str| {
        let [a, b] = [upper, lower].map(|name| cells(manifest, stay, row(manifest, name))[step]);
        if a.origin == Origin::Normal || b.origin == Origin::Normal { 0.0 } else { (b.value - a.value).max(0.0) }
    };
    let coma = |stay: &Stay, step: usize| {
        let names = ["eye opening", "motor response", "verbal response", "total"];
        let all = names.map(|name| cells(manifest, stay, row(manifest, &format!("Glascow coma scale {name}")))[step]);
        let is_known = all.iter().all(|cell| cell.origin != Origin::Normal);
        if is_known { (all[3].value - all[0].value - all[1].value - all[2].value).abs() } else { 0.0 }
    };
    for step in 0..manifest.steps {
        for (upper, lower) in [("Systolic", "Mean"), ("Mean", "Diastolic"), ("Systolic", "Diastolic")] {
            let [upper, lower] = [upper, lower].map(|name| format!("{name} blood pressure"));
            let [was, is] = [before, after].map(|stay| gap(stay, step, &upper, &lower));
            assert!(is <= was + 1e-9, "{case}: {lower} above {upper} in step {step}");
        }
        assert!(coma(after, step) <= coma(before, step) + 1e-9, "{case}: the coma total in step {step}");
    }
}

/// Everything that a search says, against the networks and against what is within reach.
fn holds(networks: &impl Networks, stay: &Stay, found: &Counterfactual, case: &str) {
    let manifest = networks.lead().manifest();
    let threshold = found.threshold.unwrap();
    let is_other = |probability: f64| (probability > threshold) != (found.original > threshold);
    assert_eq!(found.original, probability(networks, stay, &[]), "{case}");
    assert_eq!(found.probability, probability(networks, stay, &edits(&found.parts)), "{case}");
    assert_eq!(found.crosses, is_other(found.probability), "{case}");
    is_within_reach(manifest, stay, &edits(&found.parts), case);
    let toward =
        |probability: f64| (probability - found.original) * if found.original > threshold { -1.0 } else { 1.0 };
    let mut last = f64::INFINITY;
    for answer in &found.answers {
        let part = std::slice::from_ref(&answer.part);
        assert_eq!(answer.probability, probability(networks, stay, &edits(part)), "{case}");
        assert_eq!(answer.crosses, is_other(answer.probability), "{case}");
        assert!(toward(answer.probability) >= 0.005, "{case}: an answer moves the output to the other side");
        is_within_reach(manifest, stay, &edits(part), case);
        assert!(found.crosses || !answer.crosses, "{case}");
        last = last.min(toward(answer.probability) + 1e-12);
    }
    if found.crosses && found.parts.len() == 1 {
        let smallest = found.answers.iter().any(|answer| answer.crosses);
        assert!(smallest, "{case}: what crosses alone is among the answers");
    }
    for part in found.parts.iter().chain(found.answers.iter().map(|answer| &answer.part)) {
        says_what_it_does(manifest, stay, part, case);
    }
    if !found.crosses && !found.parts.is_empty() {
        assert!(toward(found.probability) > 0.0, "{case}: what is nearest is nearer");
    }
}

/// What a part says of itself, against its edits.
fn says_what_it_does(manifest: &Manifest, before: &Stay, part: &Part, case: &str) {
    let mut after = before.clone();
    for change in &part.changes {
        after.edit(manifest, &change.edit).unwrap();
    }
    assert_eq!(part.rows, part.changes.iter().map(|change| change.row).collect::<Vec<_>>());
    let differs =
        |row: usize, step: usize| cells(manifest, before, row)[step].value != cells(manifest, &after, row)[step].value;
    for change in &part.changes {
        let steps: Vec<usize> = (0..manifest.steps).filter(|step| differs(change.row, *step)).collect();
        let hours = [steps[0] as f64, (steps[steps.len() - 1] + 1) as f64].map(|step| step * manifest.step_hours);
        assert_eq!(change.hours, hours, "{case}: {}", change.channel);
        if part.way == PartWay::Held {
            let at = part.at.unwrap();
            let known = cells(manifest, before, change.row)[(at / manifest.step_hours).round() as usize - 1];
            assert!(change.hours[0] >= at, "{case}");
            let is_sum = change.channel == "GCS total";
            assert!(is_sum || change.to.iter().all(|to| to.value == known.value), "{case}: {part:?}");
        }
    }
}

#[test]
fn every_demo_stay_answers_or_says_that_nothing_is_within_reach() {
    let networks = Rc::new(five());
    let mut n_answers = 0;
    for name in DEMO_STAYS {
        let stay = stay(networks.lead(), name);
        let began = processor_seconds();
        let found = search(Rc::clone(&networks), &stay);
        println!("{}", told(name, &found, processor_seconds() - began));
        holds(&networks, &stay, &found, name);
        n_answers += found.answers.len();
    }
    assert!(n_answers >= 8, "only {n_answers} answers over all demo stays");
}

/// What this thread has computed for, where the system says it: the machine's other work does not count.
fn processor_seconds() -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split(' ').next().and_then(|it| it.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// What was found, in a line, for whoever runs the tests.
fn told(name: &str, found: &Counterfactual, seconds: f64) -> String {
    let part = |part: &Part| {
        let what = match (part.way, part.at) {
            (PartWay::Held, Some(at)) => format!("held as at {at} h"),
            _ if part.is_normal => "normal".to_owned(),
            _ => "nearer to normal".to_owned(),
        };
        let [from, to] = part.hours;
        let values = |change: &vitrine::study::counterfactual::Change| {
            let span = |it: &[vitrine::study::history::ShownValue; 2]| format!("{}..{}", it[0].value, it[1].value);
            format!("{} {} -> {}", change.channel, span(&change.from), span(&change.to))
        };
        let changes: Vec<String> = part.changes.iter().map(values).collect();
        format!("{what} {from}-{to} h ({})", changes.join(", "))
    };
    let parts: Vec<String> = found.parts.iter().map(part).collect();
    let mut text = format!(
        "{name}: {:.3} to {:.3}, {}, {} runs, {seconds:.1} processor seconds: {}",
        found.original,
        found.probability,
        if found.crosses { "crosses" } else { "nothing within reach" },
        found.runs,
        parts.join(" + ")
    );
    for answer in &found.answers {
        text += &format!("\n    {:.3} {}", answer.probability, part(&answer.part));
    }
    text
}

/// Twenty real stays, of open patient data that is not in the repository.
#[test]
#[ignore = "twenty searches of five networks"]
fn stays_of_set_b_answer_or_say_that_nothing_is_within_reach() {
    let records = set_b();
    let networks = Rc::new(five());
    for (index, record) in records.iter().enumerate() {
        let name = format!("set b, {index}");
        let stay = Stay::parse(record, networks.lead().manifest(), Format::Auto, &name).unwrap();
        let began = processor_seconds();
        let found = search(Rc::clone(&networks), &stay);
        println!("{}", told(&name, &found, processor_seconds() - began));
        holds(&networks, &stay, &found, &name);
    }
}

/// Records of the challenge's set b whose numbers end in 00, twenty of them; none without the data.
fn set_b() -> Vec<String> {
    let data = std::env::var_os("VITRINE_DATA").map_or_else(|| root("../shared/data"), PathBuf::from);
    let archive = data.join("physionet2012/set-b.tar.xz");
    let mut tar = std::process::Command::new("tar");
    tar.args(["--extract", "--to-stdout", "--wildcards", "--file"]).arg(&archive).arg("set-b/*00.txt");
    let Some(output) = tar.output().ok().filter(|output| output.status.success()) else {
        println!("skipped: no {} or no tar with xz", archive.display());
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let heading = "Time,Parameter,Value";
    let records = text.split(heading).filter(|record| !record.trim().is_empty());
    records.take(20).map(|record| format!("{heading}{record}")).collect()
}

#[test]
fn heights_and_weights_do_not_change_within_a_stay() {
    let model = model();
    let names = |row: &usize| model.manifest().channels[*row].label.as_str();
    assert_eq!(SearchOptions::of(&model, 0).fixed.iter().map(names).collect::<Vec<_>>(), ["Weight", "Height"]);
}

/// A coma scale whose parts are charted: the total is their sum, whatever moves.
#[test]
fn a_coma_total_moves_with_its_parts() {
    let mut manifest = model().manifest().clone();
    manifest.outcomes[0].threshold = 0.2;
    let model = read("www/models/in-hospital-mortality.onnx", Some(&serde_json::to_string(&manifest).unwrap()));
    let manifest = model.manifest();
    let mut stay = stay(&model, "stable");
    for row in (0..manifest.channels.len()).filter(|row| manifest.channels[*row].label.starts_with("GCS")) {
        stay.edit(manifest, &Edit::clear(row, 0, manifest.steps)).unwrap();
    }
    let scores = |step: usize| if step < 20 { [4.0, 6.0, 5.0] } else { [1.0, 2.0, 1.0] };
    for step in (0..manifest.steps).step_by(4) {
        let [eye, motor, verbal] = scores(step);
        let all = [("eye opening", eye), ("motor response", motor), ("verbal response", verbal)];
        for (name, score) in all.into_iter().chain([("total", eye + motor + verbal)]) {
            let row = row(manifest, &format!("Glascow coma scale {name}"));
            stay.edit(manifest, &Edit::set(row, step, manifest.channels[row].nearest(score))).unwrap();
        }
    }
    let found = search(model.clone(), &stay);
    holds(&model, &stay, &found, "coma");
    assert!(found.crosses, "{found:?}");
    let coma = found.answers.iter().find(|answer| answer.part.channels.contains(&"GCS total".to_owned())).unwrap();
    assert_eq!(coma.part.channels, ["GCS eye", "GCS motor", "GCS verbal", "GCS total"], "{coma:?}");
    // The parts have no limits in the manifest: they are the record's.
    let mut parts = coma.part.rows.iter().filter(|row| manifest.channels[**row].label != "GCS total");
    assert!(parts.all(|row| found.of_record.contains(row)), "{found:?}");
}

/// A small network, with a stay of numbers drawn at random, and a threshold so far from its output.
fn small(name: &str, seed: u64, away: f64) -> (Model, Stay) {
    let path = format!("tests/fixtures/explain/{name}.onnx");
    let mut manifest = read(&path, None).manifest().clone();
    let mut chance = Chance(seed);
    let mut stay = Stay::unmeasured(&manifest, name);
    for (row, step) in (0..manifest.channels.len()).flat_map(|row| (0..manifest.steps).map(move |step| (row, step))) {
        if chance.unit() < 0.6 {
            let value = (400.0 * chance.unit()).round() / 100.0 - 2.0;
            stay.edit(&manifest, &Edit::set(row, step, EnteredValue::Value(value))).unwrap();
        }
    }
    manifest.outcomes[0].threshold = (probability(&read(&path, None), &stay, &[]) + away).clamp(0.0, 1.0);
    (read(&path, Some(&serde_json::to_string(&manifest).unwrap())), stay)
}

#[test]
fn networks_without_limits_stay_within_what_the_record_shows() {
    let mut n_found = 0;
    for (seed, (name, away)) in (1..).zip([
        ("forward_last_state", 0.005),
        ("forward_last_state", -0.02),
        ("reverse_last_state", 0.01),
        ("bidirectional_last_state", -0.01),
        ("stacked", 0.002),
    ]) {
        let (model, stay) = small(name, seed, away);
        let found = search(model.clone(), &stay);
        holds(&model, &stay, &found, name);
        let mut rows: Vec<usize> = found.parts.iter().flat_map(|part| part.rows.clone()).collect();
        rows.extend(found.answers.iter().flat_map(|answer| answer.part.rows.clone()));
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(found.of_record, rows, "{name}");
        n_found += usize::from(found.crosses);
    }
    assert!(n_found >= 3, "only {n_found} searches found something");
}

#[test]
fn of_what_crosses_nothing_can_be_left_out() {
    for away in [0.03, 0.06, 0.1, -0.03, -0.06, -0.1] {
        let (model, stay) = small("forward_last_state", 1, away);
        let found = search(model.clone(), &stay);
        holds(&model, &stay, &found, "small");
        for left_out in 0..found.parts.len() {
            let mut parts = found.parts.clone();
            parts.remove(left_out);
            let without = probability(&model, &stay, &edits(&parts));
            let threshold = found.threshold.unwrap();
            let crosses = (without > threshold) != (found.original > threshold);
            assert!(!found.crosses || !crosses, "part {left_out} is not needed: {found:?}");
        }
    }
}

#[test]
fn where_nothing_may_change_nothing_is_found() {
    let model = model();
    let stay = stay(&model, "septic-shock");
    let fixed = (0..model.manifest().channels.len()).collect();
    let options = SearchOptions { fixed, ..SearchOptions::of(&model, 0) };
    let found = run(Search::new(model, stay, options).unwrap()).unwrap();
    assert!(!found.crosses && found.parts.is_empty() && found.answers.is_empty());
    assert_eq!((found.probability, found.runs), (found.original, 0));
}

#[test]
fn what_was_never_measured_does_not_change() {
    let model = model();
    let nothing = Stay::unmeasured(model.manifest(), "nothing");
    let found = search(model, &nothing);
    assert!(!found.crosses && found.parts.is_empty() && found.answers.is_empty());
}

#[test]
fn progress_only_goes_on_and_ends_at_the_whole() {
    let (model, stay) = small("forward_last_state", 1, 0.1);
    let options = SearchOptions::of(&model, 0);
    let mut job = Search::new(model, stay, options).unwrap();
    let mut done = 0;
    while !job.advance().unwrap() {
        assert!(job.progress().done >= done && job.progress().total >= job.progress().done);
        done = job.progress().done;
    }
    assert_eq!(job.progress().fraction(), 1.0);
}

/// A class becomes, or no longer is, the most probable one.
#[test]
fn classes_are_crossed_where_another_is_more_probable() {
    let model = read("www/models/digits.onnx", None);
    let manifest = model.manifest();
    let mut chance = Chance(7);
    let mut ink = Stay::unmeasured(manifest, "ink");
    for (row, step) in (0..manifest.channels.len()).flat_map(|row| (0..manifest.steps).map(move |step| (row, step))) {
        let value = f64::from(u8::from(chance.unit() < 0.4));
        ink.edit(manifest, &Edit::set(row, step, EnteredValue::Value(value))).unwrap();
    }
    let first = |stay: &Stay| {
        let outputs = model.predict(&stay.input).unwrap();
        (0..outputs.len()).max_by(|a, b| outputs[*a].total_cmp(&outputs[*b])).unwrap()
    };
    let target = first(&ink);
    let options = SearchOptions { target, ..SearchOptions::of(&model, target) };
    let found = run(Search::new(model.clone(), ink.clone(), options).unwrap()).unwrap();
    assert_eq!(found.threshold, None);
    assert!(found.crosses, "{found:?}");
    let mut other = ink.clone();
    for edit in edits(&found.parts) {
        other.edit(manifest, &edit).unwrap();
    }
    assert_ne!(first(&other), target);
}

#[test]
fn what_has_no_label_is_refused_in_words() {
    let model = model();
    let stay = stay(&model, "stable");
    let wrong = |model: &Model, stay: &Stay, target: usize| {
        let options = SearchOptions { target, ..SearchOptions::of(model, 0) };
        Search::new(model.clone(), stay.clone(), options).unwrap_err().to_string()
    };
    assert!(wrong(&model, &stay, 1).contains("without a threshold"));
    let sentiment = read("www/models/sentiment.onnx", None);
    let nothing = Stay::unmeasured(sentiment.manifest(), "nothing");
    assert!(wrong(&sentiment, &nothing, 0).contains("reads words"));
}
