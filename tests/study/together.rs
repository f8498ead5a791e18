//! The five demo networks as one: everything that is said of a stay is said by their mean, and is the same wherever it is
//! said.

use serde_json::Value;

use crate::common::{DEMOS, five, mean, network, record, stay};
use vitrine::engine::explain::audit::Effort;
use vitrine::engine::explain::{Method, Options};
use vitrine::job::run;
use vitrine::stay::removal::normal_input;
use vitrine::stay::{Edit, EnteredValue, Format, Origin, Stay};
use vitrine::study::audit::begin;
use vitrine::study::cohort::{self, to_csv};
use vitrine::study::export::risk_assessment::{Context, risk_assessment_of_many};
use vitrine::study::history::{History, Joins};
use vitrine::study::models::{Models, Networks};
use vitrine::study::replay::Replay;
use vitrine::study::summary::{Finding, JointFinding, Summary, voices, without_reading};

fn deep_shap() -> Options {
    Options { method: Method::DeepShap, ..Options::default() }
}

fn summary(models: &Models, stay: &Stay) -> Summary {
    let explained = models.explain(&stay.input, None, &deep_shap()).unwrap();
    Summary::of_many(&voices(models, &explained.each), stay, &explained.mean, 0).unwrap()
}

#[track_caller]
fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6, "{a} and {b}");
}

/// What if, replay and the sentence follow the mean of all, and not the first network.
#[test]
fn edits_and_hours_are_followed_by_all() {
    let models = five();
    let stay = stay(models.first(), "septic-shock");
    let whole = mean(&models, &stay.input);
    close(summary(&models, &stay).prediction.probability, whole);
    assert!((whole - f64::from(models.first().predict(&stay.input).unwrap()[0])).abs() > 1e-4);

    let mut history = History::new(&models, stay.clone(), 0).unwrap();
    close(history.probability(), whole);
    let fio2 = stay_row(&models, "Fraction inspired oxygen");
    history.edit(&models, Edit::set(fio2, 40, EnteredValue::Value(0.3)), Joins::Never).unwrap();
    close(history.probability(), mean(&models, &history.stay().input));
    assert_eq!(history.runs(&models).unwrap().len(), 5);

    let curve = run(Replay::new(models.clone(), stay.clone(), 0)).unwrap();
    close(curve[47], whole);
    close(curve[11], mean(&models, &stay.known_until(models.first().manifest(), 12).input));
}

fn stay_row(models: &Models, name: &str) -> usize {
    models.first().manifest().channels.iter().position(|channel| channel.name == name).unwrap()
}

/// The page's sentence, the table of many stays and the resource name the same findings with the same numbers.
#[test]
fn the_same_is_said_everywhere() {
    let models = five();
    for name in DEMOS {
        let (manifest, demo) = (models.first().manifest(), stay(models.first(), name));
        let text = record(manifest, &demo);
        let stay = Stay::parse(&text, manifest, Format::Auto, name).unwrap();
        let said = summary(&models, &stay);
        let (row, _) = cohort::explain(&models, &deep_shap(), None, name, &text, Format::Auto);
        assert_eq!((&row.raising, &row.lowering), (&said.raising, &said.lowering), "{name}");
        let together = (&said.raising_together, &said.lowering_together);
        assert_eq!((&row.raising_together, &row.lowering_together), together, "{name}");
        assert_eq!(row.probability, Some(said.prediction.probability));

        let explained = models.explain(&stay.input, None, &deep_shap()).unwrap();
        let voices = voices(&models, &explained.each);
        let resource = risk_assessment_of_many(&voices, &stay, &explained.mean, 0, &Context::default()).unwrap();
        let Value::String(rationale) = &resource["prediction"][0]["rationale"] else { panic!("{resource}") };
        for Finding { channel, without, .. } in said.raising.iter().chain(&said.lowering) {
            assert!(rationale.contains(channel), "{rationale}");
            assert!(rationale.contains(&format!("without it {:.0} %", 100.0 * without)), "{rationale}");
        }
        for JointFinding { channels, without, .. } in [together.0, together.1].into_iter().flatten() {
            let said = format!("{} together (without all of them {:.0} %)", channels.join(", "), 100.0 * without);
            assert!(rationale.contains(&said), "{rationale}");
            let csv = to_csv(std::slice::from_ref(&row));
            assert!(csv.contains(&format!("together: {}", channels.join("; "))), "{csv}");
        }
        // The totals beside the rows are the sums that the shares are made of.
        let sum: f64 = said.channels.iter().map(|it| it.relevance).sum();
        close(sum, explained.mean.values.iter().sum());
    }
}

/// In shock any one finding says what the others say: where none is decisive alone, they are named together, with what the
/// networks say without all of them.
#[test]
fn what_is_decisive_only_together_is_said_together() {
    let models = five();
    let (manifest, stay) = (models.first().manifest(), stay(models.first(), "septic-shock"));
    let said = summary(&models, &stay);
    assert!(said.raising.is_empty());
    let joint = said.raising_together.unwrap();
    assert!(joint.rows.contains(&stay_row(&models, "Fraction inspired oxygen")) && joint.rows.len() <= 6);
    let (mut input, normal) = (stay.input.clone(), normal_input(manifest));
    for row in &joint.rows {
        for column in manifest.channels[*row].columns.iter().chain(&manifest.channels[*row].mask) {
            for step in 0..48 {
                input[step * 76 + column] = normal[step * 76 + column];
            }
        }
    }
    close(joint.without, mean(&models, &input));
    assert!(joint.without < said.prediction.probability - 0.1, "{joint:?}");
    assert_eq!(summary(&models, &crate::common::stay(models.first(), "stable")).raising_together, None);
}

/// Counted on held-out stays of five networks together, of the record alone.
#[test]
fn how_sure_it_is_is_said_of_what_it_was_counted_on() {
    let models = five();
    let stay = stay(models.first(), "septic-shock");
    let sureness = summary(&models, &stay).sureness.unwrap();
    // The manifest's last bin: 79 of 133; and above every bound of absence.
    assert_eq!((sureness.alike, sureness.of_hundred), (133, 59));
    assert_eq!(sureness.between, [0.429_854, 1.0]);
    let set = sureness.set.unwrap();
    assert_eq!((set.coverage, set.holds, set.missing.len()), (0.9, [true, false], 0));

    let one = Models::from(models.first());
    assert_eq!(summary(&one, &stay).sureness, None);
    let mut history = History::new(&models, stay.clone(), 0).unwrap();
    history.edit(&models, Edit::clear(4, 40, 1), Joins::Never).unwrap();
    assert_eq!(summary(&models, history.stay()).sureness, None);
    assert_eq!(summary(&models, &stay.known_until(models.first().manifest(), 12)).sureness, None);
}

/// Without the reading that is carried forward into a cell: the channel's normal value, unmeasured, until the next one.
#[test]
fn a_reading_is_taken_away_with_the_hours_that_carry_it() {
    let models = five();
    let manifest = models.first().manifest();
    let stay = stay(models.first(), "septic-shock");
    let is_observed = |row: usize, step: usize| stay.cells[row * 48 + step].origin == Origin::Observed;
    let (row, step) = (0..17)
        .flat_map(|row| (1..48).map(move |step| (row, step)))
        .find(|(row, step)| is_observed(*row, step - 1) && !is_observed(*row, *step))
        .unwrap();
    let until = (step..48).find(|step| is_observed(row, *step)).unwrap_or(48);
    let (mut input, normal) = (stay.input.clone(), normal_input(manifest));
    for at in step - 1..until {
        for column in manifest.channels[row].columns.iter().chain(&manifest.channels[row].mask) {
            input[at * 76 + column] = normal[at * 76 + column];
        }
    }
    close(without_reading(&models, &stay, (row, step), 0).unwrap().unwrap(), mean(&models, &input));
    let nothing = Stay { input: normal, ..Stay::unmeasured(manifest, "nothing") };
    assert_eq!(without_reading(&models, &nothing, (row, step), 0).unwrap(), None);
    assert_eq!(without_reading(&models, &stay, (99, 0), 0).unwrap(), None);
}

#[test]
fn a_reading_that_cannot_be_is_doubted() {
    let models = five();
    let said = summary(&models, &stay(models.first(), "sparse-dirty"));
    let saturation = stay_row(&models, "Oxygen saturation");
    assert!(said.doubts.iter().any(|it| it.row == saturation && it.contradicts.is_empty()), "{:?}", said.doubts);
    assert!(summary(&models, &stay(models.first(), "stable")).doubts.is_empty());
}

/// A network beside itself is audited as by itself, in all that decides.
#[test]
fn several_networks_are_audited_by_their_mean() {
    let model = network(1);
    let stay = stay(&model, "sparse-dirty");
    let effort = Effort { noisy: 1, shuffles: 1, seed: 3 };
    let audit = |models: Models| run(begin(models, &stay.input, &deep_shap(), None, None, effort).unwrap()).unwrap();
    let (one, two) = (audit(Models::from(&model)), audit(Models::new(vec![model.clone(), model.clone()]).unwrap()));
    assert_eq!((one.answers[0].effect, one.answers[1].effect), (two.answers[0].effect, two.answers[1].effect));
    assert_eq!((one.ceiling, one.first_tenth), (two.ceiling, two.first_tenth));
    assert_eq!(Models::from(&model).all().len(), 1);
}
