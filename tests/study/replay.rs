//! The prediction as it would have been earlier. The reference is a record that ends there.

use std::collections::HashMap;
use std::rc::Rc;

use crate::common::{model, stay};
use vitrine::Model;
use vitrine::engine::explain::audit::Effort;
use vitrine::engine::explain::occlusion::Occlusion;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::job::{Job, run};
use vitrine::stay::removal::{By, Removal};
use vitrine::stay::{Format, Origin, Stay};
use vitrine::study::audit::begin;
use vitrine::study::models::{Models, Networks};
use vitrine::study::replay::{KnownPart, Replay};

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

/// A network of `tests/fixtures/cases`, without a manifest.
fn network(file: &str) -> Model {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases").join(file);
    Model::read(&std::fs::read(path).unwrap(), None, &HashMap::new()).unwrap()
}

/// A network of any number of steps is run on those that were known: at hour k it says what it says of a record of k hours.
#[test]
fn a_network_of_open_length_reads_the_steps_that_were_known() {
    for file in ["networks/steps-first-last.onnx", "inputs/gru-batch-first-a-b.onnx", "inputs/rnn-no-batch-open.onnx"] {
        let open = network(file);
        assert!(open.has_open_steps(), "{file}");
        let model = open.at_length(6).unwrap();
        let names: Vec<String> = model.manifest().channels.iter().map(|channel| channel.name.clone()).collect();
        let row = |hour: usize| {
            let cells = (0..names.len()).map(|column| match (hour + column) % 3 {
                0 => String::new(),
                _ => format!("{}", ((hour * 7 + column * 5) % 11) as f32 / 5.0 - 1.0),
            });
            format!("{hour}.5,{}\n", cells.collect::<Vec<_>>().join(","))
        };
        let record = |hours: usize| format!("Hours,{}\n{}", names.join(","), (0..hours).map(row).collect::<String>());
        let whole = Stay::parse(&record(6), model.manifest(), Format::Auto, "").unwrap();
        let curve = run(Replay::new(model.clone(), whole.clone(), 0)).unwrap();
        assert_eq!(curve.len(), 6);
        for (at, output) in curve.iter().enumerate() {
            let short = model.at_length(at + 1).unwrap();
            let known = Stay::parse(&record(at + 1), short.manifest(), Format::Auto, "").unwrap();
            assert_eq!(*output, f64::from(short.predict(&known.input).unwrap()[0]), "{file}, hour {at}");
            let networks = Models::from(Rc::new(model.clone()));
            for method in [Method::Lrp, Method::Gradient] {
                let options = Options { method, quantity: Some(Quantity::Score), ..Options::default() };
                let part = KnownPart::of(&networks, &whole.known_until(model.manifest(), at + 1)).unwrap();
                let runs = part.networks.runs(&part.input).unwrap();
                let got = part.explain(&runs, None, &options).unwrap().mean;
                let expected = short.explain(&known.input, &options).unwrap();
                assert_eq!(got.probability, *output, "{file}");
                assert_eq!(got.values[..known.input.len()], expected.values, "{file}");
                assert!(
                    got.values[known.input.len()..].iter().all(|r| *r == 0.0),
                    "{file}: on hours that were not known"
                );
            }
            // What groups of measurements do, and how far a map holds, is asked of these steps alone, too.
            let part = KnownPart::ended(&networks, &whole, at + 1).unwrap();
            assert_eq!(part.input, known.input, "{file}, hour {at}");
            assert_eq!(part.first(&whole.known_until(model.manifest(), at + 1).input).unwrap(), known.input, "{file}");
            assert!(part.first(&known.input[1..]).is_err());
            let effects = |network: &Rc<Model>| {
                let options = Options { method: Method::Occlusion, ..Options::default() };
                let scorer = network.scorer(&options).unwrap().over(Rc::clone(network));
                let removal = Removal::new(network.manifest(), &known.input, By::Channel);
                run(Occlusion::new(scorer, removal).unwrap()).unwrap()
            };
            let (got, expected) = (effects(part.networks.first()), effects(&Rc::new(short.clone())));
            assert_eq!(got.effects, expected.effects, "{file}, hour {at}");
            let spread = part.of_whole(got.relevance);
            assert_eq!(spread.values.len(), whole.input.len());
            assert_eq!(part.first(&spread.values).unwrap(), expected.relevance.values);
            let audit = |networks: Models| {
                let effort = Effort { seed: 3, ..Effort::default() };
                run(begin(networks, &known.input, &Options::default(), None, None, effort).unwrap())
                    .map(|it| it.verdict)
            };
            if at == 5 {
                assert_eq!(
                    format!("{:?}", audit(part.networks.clone())),
                    format!("{:?}", audit(Models::from(Rc::new(short))))
                );
            }
        }
    }
}

/// A network of a fixed length reads the last readings to the end: what it makes of that counts to the readings, channel by
/// channel and column by column, and hours that were not known have nothing.
#[test]
fn what_stands_on_hours_that_were_not_known_counts_to_the_reading_that_is_carried_there() {
    let model = Rc::new(model());
    let (manifest, networks) = (model.manifest(), Models::from(&model));
    let stay = stay(&model, "septic-shock").known_until(manifest, 20);
    let part = KnownPart::of(&networks, &stay).unwrap();
    assert_eq!(part.input, stay.input);
    assert_eq!(part.first(&stay.input).unwrap(), stay.input, "a baseline has all steps");
    let runs = part.networks.runs(&part.input).unwrap();
    let baseline = vitrine::stay::removal::normal_input(manifest);
    for method in [Method::Lrp, Method::DeepShap, Method::Gradient] {
        let options = Options { method, ..Options::default() };
        let baseline = (method == Method::DeepShap).then_some(baseline.as_slice());
        let got = part.explain(&runs, baseline, &options).unwrap().mean;
        let raw = networks.explain(&stay.input, baseline, &options).unwrap().mean;
        assert_eq!((got.score, got.probability), (raw.score, raw.probability));
        let of = |values: &[f64], step: usize, column: usize| values[step * manifest.columns + column];
        assert!(raw.values[20 * manifest.columns..].iter().any(|it| it.abs() > 1e-9), "{method:?}: nothing to count");
        for (row, channel) in manifest.channels.iter().enumerate() {
            // The last hour in which it was charted; the last known where it never was.
            let charted = |step: &usize| stay.cells[row * 48 + step].origin == Origin::Observed;
            let reading = (0..20).rev().find(charted).unwrap_or(19);
            for column in channel.all_columns() {
                let later: f64 = (20..48).map(|step| of(&raw.values, step, column)).sum();
                for step in 0..48 {
                    let own = if step < 20 { of(&raw.values, step, column) } else { 0.0 };
                    let expected = own + if step == reading { later } else { 0.0 };
                    let found = of(&got.values, step, column);
                    assert!((found - expected).abs() < 1e-12, "{method:?}, {}, hour {step}: {found}", channel.name);
                }
            }
        }
    }
}

/// What it said at an hour stands in its output of that hour already.
#[test]
fn a_network_that_speaks_at_every_step_needs_no_replay() {
    let model = network("inputs/gru-time-patients.onnx").at_length(5).unwrap();
    let heads = model.manifest().heads();
    assert_eq!((heads.len(), heads[0].targets.as_slice()), (1, [0, 1, 2, 3, 4].as_slice()), "seen in the graph");
    let stay = Stay::unmeasured(model.manifest(), "");
    let said = model.predict(&stay.input).unwrap();
    for target in [0, 4] {
        let curve = run(Replay::new(model.clone(), stay.clone(), target)).unwrap();
        assert_eq!(curve, said.iter().map(|output| f64::from(*output)).collect::<Vec<_>>());
    }
}
