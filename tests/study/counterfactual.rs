//! What would have to change. What the search says is held against the model itself, and for one reading against a fine
//! grid of values in every cell.

use crate::common::{Chance, model, stay};
use vitrine::Model;
use vitrine::job::run;
use vitrine::stay::manifest::Encoding;
use vitrine::stay::{Edit, EnteredValue, Stay};
use vitrine::study::counterfactual::{Counterfactual, Search, SearchOptions};

fn search(model: &Model, stay: &Stay, options: SearchOptions) -> Counterfactual {
    run(Search::new(model.clone(), stay.clone(), options).unwrap()).unwrap()
}

fn probability(model: &Model, stay: &Stay, edits: impl IntoIterator<Item = Edit>) -> f64 {
    let mut edited = stay.clone();
    for edit in edits {
        edited.edit(model.manifest(), &edit).unwrap();
    }
    f64::from(model.predict(&edited.input).unwrap()[0])
}

/// The demo network takes milliseconds a run where nothing is optimised: searches of it look at a few channels.
fn only(model: &Model, rows: &[usize]) -> SearchOptions {
    let fixed = (0..model.manifest().channels.len()).filter(|row| !rows.contains(row)).collect();
    SearchOptions { fixed, n_readings_max: 2, n_moves: 16, ..SearchOptions::of(model, 0) }
}

#[test]
fn what_is_found_holds_on_the_demo_network() {
    let model = model();
    for (name, rows) in [("septic-shock", [5]), ("stable", [9])] {
        let stay = stay(&model, name);
        let found = search(&model, &stay, only(&model, &rows));
        let edits = found.changes.iter().map(|change| change.edit.clone());
        assert_eq!(probability(&model, &stay, edits), found.probability, "{name}");
        assert_eq!(found.original, probability(&model, &stay, []), "{name}");
        assert_eq!(
            found.crosses,
            (found.probability > found.threshold) != (found.original > found.threshold),
            "{name}"
        );
        for change in &found.changes {
            assert!(rows.contains(&change.row));
            if let Some([low, high]) = model.manifest().channels[change.row].plausible {
                assert!((low..=high).contains(&change.to.value), "{name}: {change:?}");
            }
        }
        let sum: f64 = found.changes.iter().map(|change| change.distance).sum();
        assert!((sum - found.distance).abs() < 1e-12);
    }
}

#[test]
fn heights_and_weights_do_not_change_within_a_stay() {
    let model = model();
    let names = |row: &usize| model.manifest().channels[*row].label.as_str();
    assert_eq!(SearchOptions::of(&model, 0).fixed.iter().map(names).collect::<Vec<_>>(), ["Weight", "Height"]);
}

/// A small network, with a stay of numbers drawn at random, and a threshold so far from its output.
fn small(name: &str, seed: u64, away: f64) -> (Model, Stay) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/explain/{name}.onnx"));
    let bytes = std::fs::read(path).unwrap();
    let files = std::collections::HashMap::new();
    let model = Model::read(&bytes, None, &files).unwrap();
    let mut manifest = model.manifest().clone();
    let mut chance = Chance(seed);
    let mut stay = Stay::unmeasured(&manifest, name);
    for (row, step) in (0..manifest.channels.len()).flat_map(|row| (0..manifest.steps).map(move |step| (row, step))) {
        if chance.unit() < 0.6 {
            let value = 4.0 * chance.unit() - 2.0;
            stay.edit(&manifest, &Edit::set(row, step, EnteredValue::Value(value))).unwrap();
        }
    }
    manifest.outcomes[0].threshold = (probability(&model, &stay, []) + away).clamp(0.0, 1.0);
    (Model::read(&bytes, Some(&serde_json::to_string(&manifest).unwrap()), &files).unwrap(), stay)
}

/// The smallest single change, by trying a fine grid of values in every cell, without the search's order, pruning or
/// halving.
fn exhaustive(model: &Model, stay: &Stay) -> f64 {
    const GRID: i32 = 600;
    let manifest = model.manifest();
    let threshold = manifest.outcomes[0].threshold;
    let is_high = probability(model, stay, []) > threshold;
    let mut best = f64::INFINITY;
    for (row, channel) in manifest.channels.iter().enumerate() {
        let Encoding::Continuous { mean, .. } = channel.encoding else { panic!("a plain manifest has numbers only") };
        for step in 0..manifest.steps {
            let from = stay.cells[row * manifest.steps + step].value;
            for at in -GRID..=GRID {
                let to = mean + 3.0 * channel.spread() * f64::from(at) / f64::from(GRID);
                let distance = (to - from).abs() / channel.spread();
                let edit = Edit::set(row, step, EnteredValue::Value(to));
                if distance < best && (probability(model, stay, [edit]) > threshold) != is_high {
                    best = distance;
                }
            }
        }
    }
    best
}

#[test]
fn no_single_reading_is_shorter_than_the_one_found() {
    let mut n_found = 0;
    for (seed, (name, away)) in (1..).zip([
        ("forward_last_state", 0.02),
        ("forward_last_state", -0.05),
        ("reverse_last_state", 0.03),
        ("bidirectional_last_state", -0.02),
        ("stacked", 0.004),
    ]) {
        let (model, stay) = small(name, seed, away);
        let found = search(&model, &stay, SearchOptions { n_readings_max: 1, ..SearchOptions::of(&model, 0) });
        let best = exhaustive(&model, &stay);
        assert_eq!(found.crosses, best.is_finite(), "{name}: one is {best} away");
        if found.crosses {
            assert_eq!(found.changes.len(), 1);
            assert!(found.distance <= best + 0.01, "{name}: {} where {best} is enough", found.distance);
            n_found += 1;
        }
    }
    assert!(n_found >= 3, "only {n_found} searches found something");
}

#[test]
fn where_one_reading_is_not_enough_more_are_changed() {
    let (model, stay) = small("forward_last_state", 1, 0.5);
    let one = search(&model, &stay, SearchOptions { n_readings_max: 1, ..SearchOptions::of(&model, 0) });
    assert!(!one.crosses, "{one:?}");
    let more = search(&model, &stay, SearchOptions { n_readings_max: 6, ..SearchOptions::of(&model, 0) });
    assert!(more.probability > one.probability);
    assert!(more.changes.len() > 1, "{more:?}");
    let edits = more.changes.iter().map(|change| change.edit.clone());
    assert_eq!(probability(&model, &stay, edits), more.probability);
    // Taking any change back uncrosses the threshold, or the reading would not be needed.
    for left_out in 0..more.changes.len() {
        let others = more.changes.iter().enumerate().filter(|(at, _)| *at != left_out);
        let without = probability(&model, &stay, others.map(|(_, change)| change.edit.clone()));
        assert!(!more.crosses || without <= more.threshold, "change {left_out} is not needed: {more:?}");
    }
}

#[test]
fn where_nothing_may_change_nothing_is_found() {
    let model = model();
    let stay = stay(&model, "septic-shock");
    let fixed = (0..model.manifest().channels.len()).collect();
    let found = search(&model, &stay, SearchOptions { fixed, ..SearchOptions::of(&model, 0) });
    assert!(!found.crosses && found.changes.is_empty());
    assert_eq!((found.probability, found.runs), (found.original, 0));
}

#[test]
fn where_nothing_crosses_the_nearest_is_shown_as_such() {
    let (model, stay) = small("forward_last_state", 1, -1.0);
    let found = search(&model, &stay, SearchOptions { n_readings_max: 2, ..SearchOptions::of(&model, 0) });
    // No output is below zero.
    assert!(!found.crosses);
    assert_eq!(found.changes.len(), 2);
    assert!(found.probability < found.original);
}

#[test]
fn what_has_no_threshold_is_refused() {
    let model = model();
    let stay = stay(&model, "stable");
    assert!(Search::new(model.clone(), stay, SearchOptions { target: 1, ..SearchOptions::of(&model, 0) }).is_err());
}
