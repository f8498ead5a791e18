//! The prediction as it would have been earlier. The reference is a record that ends there.

use crate::common::{model, stay};
use vitrine::job::{Job, run};
use vitrine::stay::{Format, Stay};
use vitrine::study::replay::Replay;

/// The rows of a record up to an hour.
fn first_hours(text: &str, hours: f64) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let known = lines.filter(|line| line.split(',').next().unwrap().parse::<f64>().unwrap() <= hours);
    std::iter::once(header).chain(known).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_point_is_the_prediction_for_the_record_that_ends_there() {
    let model = model();
    let text = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/stays/late-arrest_timeseries.csv"),
    )
    .unwrap();
    let whole = stay(&model, "late-arrest");
    let curve = run(Replay::new(model.clone(), whole.clone(), 0)).unwrap();
    assert_eq!(curve.len(), 48);
    for (at, probability) in curve.iter().enumerate() {
        let known = Stay::parse(&first_hours(&text, at as f64 + 1.0), model.manifest(), Format::Mimic3, "").unwrap();
        assert_eq!(whole.known_until(model.manifest(), at + 1).input, known.input, "hour {at}");
        assert_eq!(*probability, f64::from(model.predict(&known.input).unwrap()[0]), "hour {at}");
    }
    assert!(curve.iter().any(|probability| (probability - curve[47]).abs() > 1e-3), "{curve:?}");
}

#[test]
fn a_replay_says_how_far_it_is() {
    let model = model();
    let mut replay = Replay::new(model.clone(), stay(&model, "stable"), 0);
    for done in 1..=48 {
        assert_eq!(replay.advance().unwrap(), done == 48);
        assert_eq!((replay.progress().done, replay.progress().total), (done, 48));
    }
    assert!(replay.advance().unwrap());
    assert_eq!(replay.finish().unwrap().len(), 48);
}

#[test]
fn an_output_that_is_not_there_is_refused() {
    let model = model();
    assert!(run(Replay::new(model.clone(), stay(&model, "stable"), 3)).is_err());
}
