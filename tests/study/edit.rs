//! Edits in clinical units. The reference is the reader itself: an edited stay is the stay that a record with the
//! edited readings would have been read as.

use crate::common::{Chance, model, record, stay};
use vitrine::stay::manifest::{Channel, Encoding, Manifest};
use vitrine::stay::{Edit, EnteredValue, Format, Origin, Stay, StayCell};
use vitrine::study::history::{History, Joins};
use vitrine::study::inspect::{Edited, inspect};

fn row(manifest: &Manifest, name: &str) -> usize {
    manifest.channels.iter().position(|channel| channel.name == name).unwrap()
}

fn cell(manifest: &Manifest, stay: &Stay, row: usize, step: usize) -> StayCell {
    stay.cells[row * manifest.steps + step]
}

fn random_edit(manifest: &Manifest, chance: &mut Chance) -> Edit {
    let channel = chance.below(manifest.channels.len());
    let start = chance.below(manifest.steps);
    let n = 1 + chance.below((manifest.steps - start).min(9));
    let mut entry = || {
        (chance.unit() > 0.3).then(|| match &manifest.channels[channel].encoding {
            Encoding::Continuous { mean, .. } => {
                EnteredValue::Value((mean * (0.5 + chance.unit()) * 8.0).round() / 8.0)
            }
            Encoding::OneHot { categories, .. } => EnteredValue::Category(chance.below(categories.len())),
        })
    };
    Edit { channel, start, readings: (0..n).map(|_| entry()).collect() }
}

#[test]
fn an_edited_stay_is_what_the_edited_record_is_read_as() {
    let model = model();
    let manifest = model.manifest();
    for (seed, name) in ["septic-shock", "sparse-dirty", "stable"].iter().enumerate() {
        let mut edited = stay(&model, name);
        let mut chance = Chance(seed as u64);
        for _ in 0..200 {
            edited.edit(manifest, &random_edit(manifest, &mut chance)).unwrap();
        }
        let read = Stay::parse(&record(manifest, &edited), manifest, Format::Mimic3, name).unwrap();
        assert_eq!(edited.cells, read.cells, "{name}");
        assert_eq!(edited.input, read.input, "{name}");
        assert_eq!(edited.report.observed, read.report.observed, "{name}");
    }
}

#[test]
fn an_edit_is_undone_by_what_it_returns() {
    let model = model();
    let manifest = model.manifest();
    let original = stay(&model, "respiratory-failure");
    let mut edited = original.clone();
    let mut chance = Chance(5);
    let inverses: Vec<Edit> =
        (0..100).map(|_| edited.edit(manifest, &random_edit(manifest, &mut chance)).unwrap()).collect();
    assert_ne!(edited, original);
    for inverse in inverses.iter().rev() {
        edited.edit(manifest, inverse).unwrap();
    }
    // What was done to it is counted, whatever came of it; only a history knows that an edit undoes another.
    assert_eq!(edited.since.n_edits, 200);
    assert_eq!(Stay { since: original.since, ..edited }, original);
}

#[test]
fn what_is_taken_away_is_carried_forward_again() {
    let model = model();
    let manifest = model.manifest();
    let mut edited = stay(&model, "septic-shock");
    let heart_rate = row(manifest, "Heart Rate");
    edited.edit(manifest, &Edit::set(heart_rate, 9, EnteredValue::Value(61.0))).unwrap();
    edited.edit(manifest, &Edit::clear(heart_rate, 10, 3)).unwrap();
    for (step, age) in [(10, 1), (11, 2), (12, 3)] {
        let expected = StayCell { value: 61.0, category: None, origin: Origin::CarriedForward { age } };
        assert_eq!(cell(manifest, &edited, heart_rate, step), expected);
    }
    edited.edit(manifest, &Edit::clear(heart_rate, 0, 48)).unwrap();
    let Encoding::Continuous { normal, .. } = manifest.channels[heart_rate].encoding else { panic!("no number") };
    assert_eq!(
        cell(manifest, &edited, heart_rate, 47),
        StayCell { value: normal, category: None, origin: Origin::Normal }
    );
    assert_eq!(edited.report.observed[heart_rate], 0);
}

#[track_caller]
fn check_refused(edit: &Edit, words: &str) {
    let model = model();
    let original = stay(&model, "stable");
    let mut edited = original.clone();
    let error = edited.edit(model.manifest(), edit).unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(edited, original, "an edit that is refused changes nothing");
}

#[test]
fn what_cannot_be_edited_is_refused() {
    check_refused(&Edit::set(17, 0, EnteredValue::Value(1.0)), "17 channels");
    check_refused(&Edit::set(4, 48, EnteredValue::Value(1.0)), "steps 0 to 47");
    check_refused(&Edit::clear(4, 40, 9), "steps 0 to 47");
    check_refused(&Edit::clear(4, 3, 0), "0 steps");
    check_refused(&Edit::clear(4, usize::MAX, 2), "steps 0 to 47");
    check_refused(&Edit::set(4, 0, EnteredValue::Value(f64::NAN)), "no value");
    check_refused(&Edit::set(4, 0, EnteredValue::Value(1e300)), "no value");
    check_refused(&Edit::set(4, 0, EnteredValue::Category(1)), "takes a number");
    check_refused(&Edit::set(0, 0, EnteredValue::Value(1.0)), "takes a category");
    check_refused(&Edit::set(0, 0, EnteredValue::Category(8)), "no number 8");
}

#[track_caller]
fn check_typed(channel: &str, text: &str, expected: EnteredValue) {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    assert_eq!(EnteredValue::read(&manifest.channels[row(&manifest, channel)], text), Ok(expected), "{text}");
}

#[test]
fn numbers_and_categories_are_typed() {
    check_typed("pH", "7.31", EnteredValue::Value(7.31));
    check_typed("pH", " 7,31 ", EnteredValue::Value(7.31));
    check_typed("Heart Rate", "-4", EnteredValue::Value(-4.0));
    check_typed("Glascow coma scale total", "15", EnteredValue::Category(4));
    check_typed("Glascow coma scale eye opening", "TO PAIN", EnteredValue::Category(0));
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    for (channel, text) in [("pH", "7,3,1"), ("pH", ""), ("pH", "high"), ("Glascow coma scale total", "16")] {
        let error = EnteredValue::read(&manifest.channels[row(&manifest, channel)], text).unwrap_err();
        assert!(error.to_string().contains(channel), "{error}");
    }
}

#[track_caller]
fn check_nudged(channel: &str, from: f64, n: i32, expected: f64) {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let cell = StayCell { value: from, category: None, origin: Origin::Observed };
    assert_eq!(
        manifest.channels[row(&manifest, channel)].nudged(cell, n),
        EnteredValue::Value(expected),
        "{from} by {n}"
    );
}

#[test]
fn keys_move_a_value_on_round_numbers() {
    check_nudged("Heart Rate", 96.0, 1, 97.0);
    check_nudged("Heart Rate", 96.4, 1, 97.0);
    check_nudged("Heart Rate", 96.4, -1, 96.0);
    check_nudged("Heart Rate", 96.0, 10, 106.0);
    check_nudged("pH", 7.31, 1, 7.32);
    check_nudged("pH", 7.3, -1, 7.28);
    check_nudged("Oxygen saturation", 98.0, -1, 97.0);
}

#[test]
fn keys_move_a_category_in_its_clinical_order() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let total = &manifest.channels[row(&manifest, "Glascow coma scale total")];
    let nudged = |category: usize, n| {
        let cell = StayCell { value: 0.0, category: Some(category), origin: Origin::Observed };
        let EnteredValue::Category(to) = total.nudged(cell, n) else { panic!("no category") };
        total.category(to).unwrap()
    };
    assert_eq!([nudged(4, -1), nudged(4, 1), nudged(6, 1), nudged(6, 20)], ["14", "15", "4", "15"]);
}

#[test]
fn a_spread_wider_than_life_gives_way_to_the_plausible_range() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let spread = |name: &str| manifest.channels[row(&manifest, name)].spread();
    assert!((spread("Systolic blood pressure") - 21.923).abs() < 1e-3);
    assert!((spread("Oxygen saturation") - 70.0 / 6.0).abs() < 1e-12);
    assert!((spread("Capillary refill rate") - 0.5).abs() < 1e-12);
}

#[test]
fn the_log_gives_the_change_of_each_edit_and_the_way_back() {
    let model = model();
    let manifest = model.manifest();
    let original = stay(&model, "septic-shock");
    let at = |stay: &Stay| f64::from(model.predict(&stay.input).unwrap()[0]);
    // What an edit recorded is the run of the stay as it stands.
    let check_run = |history: &History| {
        assert_eq!(*history.runs(&model).unwrap(), [model.trace(&history.stay().input).unwrap()]);
    };
    let mut history = History::new(&model, original.clone(), 0).unwrap();
    check_run(&history);
    let systolic = row(manifest, "Systolic blood pressure");
    let course = Edit { channel: systolic, start: 30, readings: vec![Some(EnteredValue::Value(120.0)); 18] };
    history.edit(&model, course, Joins::Never).unwrap();
    let first = at(history.stay());
    history.edit(&model, Edit::set(systolic, 47, EnteredValue::Value(400.0)), Joins::Never).unwrap();
    let second = at(history.stay());
    check_run(&history);

    let log = history.log(manifest);
    assert_eq!((log.original, log.probability), (at(&original), second));
    assert_eq!(log.change, second - at(&original));
    assert_eq!([log.entries[0].change, log.entries[1].change], [first - at(&original), second - first]);
    assert_eq!((log.entries[0].hours, log.entries[0].is_implausible), ([30.0, 48.0], false));
    assert!(log.entries[1].is_implausible, "400 mmHg is reported, and used");
    assert_eq!(log.entries[1].from.value, 120.0);
    assert_eq!(log.entries[1].to.as_ref().unwrap()[0].value, 400.0);

    history.undo(&model).unwrap();
    assert_eq!((at(history.stay()), history.probability()), (first, first));
    check_run(&history);
    history.undo(&model).unwrap();
    history.undo(&model).unwrap();
    assert_eq!(history.stay(), &original);
    assert!(!history.log(manifest).can_undo && history.log(manifest).can_redo);
    history.redo(&model).unwrap();
    history.redo(&model).unwrap();
    history.redo(&model).unwrap();
    assert_eq!((at(history.stay()), history.probability()), (second, second));
    check_run(&history);

    history.undo(&model).unwrap();
    history.edit(&model, Edit::clear(systolic, 47, 1), Joins::Never).unwrap();
    let log = history.log(manifest);
    assert_eq!((log.entries.len(), log.can_redo), (2, false));
    assert_eq!(log.entries[1].to, None);
}

#[test]
fn the_positions_of_one_drag_are_one_edit() {
    let model = model();
    let manifest = model.manifest();
    let original = stay(&model, "stable");
    let mut history = History::new(&model, original.clone(), 0).unwrap();
    let heart_rate = row(manifest, "Heart Rate");
    for value in [101.0, 115.0, 140.0] {
        history.edit(&model, Edit::set(heart_rate, 20, EnteredValue::Value(value)), Joins::Same).unwrap();
    }
    history.edit(&model, Edit::set(heart_rate, 21, EnteredValue::Value(80.0)), Joins::Same).unwrap();
    let log = history.log(manifest);
    assert_eq!(log.entries.len(), 2);
    assert_eq!(log.entries[0].to.as_ref().unwrap()[0].value, 140.0);
    assert_eq!(log.entries[0].from.value, cell(manifest, &original, heart_rate, 20).value);
    history.undo(&model).unwrap();
    history.undo(&model).unwrap();
    assert_eq!(history.stay(), &original);
}

#[test]
fn a_course_is_drawn_over_a_window_and_is_one_edit() {
    let model = model();
    let manifest = model.manifest();
    let original = stay(&model, "septic-shock");
    let mut history = History::new(&model, original.clone(), 0).unwrap();
    let heart_rate = row(manifest, "Heart Rate");
    let channel = &manifest.channels[heart_rate];
    let parts =
        [((10, 100.0), (10, 100.2)), ((10, 100.2), (14, 120.4)), ((14, 120.4), (12, 90.0)), ((14, 90.0), (18, 90.0))];
    for (at, (a, b)) in parts.into_iter().enumerate() {
        let joins = if at == 0 { Joins::Never } else { Joins::Touching };
        history.edit(&model, Edit::drawn(channel, heart_rate, a, b), joins).unwrap();
    }
    let values: Vec<f64> = (10..19).map(|step| cell(manifest, history.stay(), heart_rate, step).value).collect();
    assert_eq!(values, [100.0, 105.0, 90.0, 105.0, 90.0, 90.0, 90.0, 90.0, 90.0]);
    let log = history.log(manifest);
    assert_eq!((log.entries.len(), log.entries[0].hours), (1, [10.0, 19.0]));
    assert_eq!(log.probability, f64::from(model.predict(&history.stay().input).unwrap()[0]));
    history.undo(&model).unwrap();
    assert_eq!(history.stay(), &original);
    history.redo(&model).unwrap();
    assert_eq!(cell(manifest, history.stay(), heart_rate, 12).value, 90.0);
}

#[test]
fn a_category_is_drawn_by_its_ordinal() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let total = row(&manifest, "Glascow coma scale total");
    let drawn = Edit::drawn(&manifest.channels[total], total, (3, 15.4), (1, 12.6));
    let categories: Vec<String> = drawn
        .readings
        .iter()
        .map(|entry| match entry {
            Some(EnteredValue::Category(at)) => manifest.channels[total].category(*at).unwrap(),
            _ => panic!("no category"),
        })
        .collect();
    assert_eq!((drawn.start, categories), (1, vec!["13".to_owned(), "14".to_owned(), "15".to_owned()]));
}

#[test]
fn a_refused_edit_leaves_the_log_as_it_was() {
    let model = model();
    let mut history = History::new(&model, stay(&model, "stable"), 0).unwrap();
    history.edit(&model, Edit::set(4, 0, EnteredValue::Value(90.0)), Joins::Never).unwrap();
    history.undo(&model).unwrap();
    let before = history.clone();
    assert!(history.edit(&model, Edit::set(4, 0, EnteredValue::Category(0)), Joins::Never).is_err());
    assert_eq!(history, before);
    assert!(History::new(&model, stay(&model, "stable"), 1).is_err());
}

#[test]
fn later_hours_are_not_known() {
    let model = model();
    let manifest = model.manifest();
    let whole = stay(&model, "late-arrest");
    for n_steps in [0, 1, 13, 47, 48, 99] {
        let known = whole.known_until(manifest, n_steps);
        let mut expected = whole.clone();
        for channel in 0..manifest.channels.len() {
            if n_steps < manifest.steps {
                expected.edit(manifest, &Edit::clear(channel, n_steps, manifest.steps - n_steps)).unwrap();
            }
        }
        assert_eq!(known.since.known_steps, (n_steps < 48).then_some(n_steps));
        let expected = Stay { since: known.since, recorded: known.recorded.clone(), ..expected };
        assert_eq!(known, expected, "{n_steps}");
    }
}

/// A value that the reader put there is edited, with what the record has; it is the record's own again when it is put back,
/// by an edit that undoes it or by the same value.
#[test]
fn an_edited_reading_is_told_from_the_records() {
    let model = model();
    let manifest = model.manifest();
    let (mut stay, heart_rate) = (stay(&model, "septic-shock"), row(manifest, "Heart Rate"));
    let seen = |stay: &Stay, step| inspect(manifest, stay, None, None, heart_rate, step).unwrap();
    let observed = |step: &usize| stay.cells[heart_rate * 48 + step].origin == Origin::Observed;
    let hours: Vec<usize> = (0..48).filter(observed).collect();
    let (first, had) = (hours[3], stay.cells[heart_rate * 48 + hours[3]].value);
    assert_eq!(seen(&stay, first).edited, None);
    let said = |stay: &Stay, step| seen(stay, step).edited.map(|it| (it.record.map(|it| it.value), it.is_here));
    let inverse = stay.edit(manifest, &Edit::set(heart_rate, first, EnteredValue::Value(140.0))).unwrap();
    let again = stay.edit(manifest, &Edit::set(heart_rate, first, EnteredValue::Value(150.0))).unwrap();
    assert_eq!(said(&stay, first), Some((Some(had), true)), "also after a second edit");
    stay.edit(manifest, &again).unwrap();
    stay.edit(manifest, &inverse).unwrap();
    assert_eq!((said(&stay, first), stay.recorded.len()), (None, 0));
    // Taken away, what is carried there is not edited, but the record has something.
    stay.edit(manifest, &Edit::clear(heart_rate, first, 1)).unwrap();
    assert_eq!(said(&stay, first), Some((Some(had), true)));
    assert!(matches!(seen(&stay, first).origin, Origin::CarriedForward { .. }));
    stay.edit(manifest, &Edit::set(heart_rate, first, EnteredValue::Value(had))).unwrap();
    assert_eq!(said(&stay, first), None);
    // Where the record has nothing, and where an edited reading is carried on.
    stay.edit(manifest, &Edit::clear(heart_rate, 30, 18)).unwrap();
    stay.edit(manifest, &Edit::set(heart_rate, 30, EnteredValue::Value(88.0))).unwrap();
    let height = row(manifest, "Height");
    stay.edit(manifest, &Edit::set(height, 5, EnteredValue::Value(170.0))).unwrap();
    let of_height = |step| inspect(manifest, &stay, None, None, height, step).unwrap();
    assert_eq!(of_height(5).edited, Some(Edited { record: None, is_here: true }));
    assert_eq!(of_height(9).edited.map(|it| it.is_here), Some(false));
    assert_eq!(of_height(9).origin, Origin::CarriedForward { age: 4 });
    let known = stay.known_until(manifest, 31);
    assert_eq!(said(&known, 30).map(|it| it.1), Some(true));
    assert_eq!(known.cells[heart_rate * 48 + 40].value, 88.0);
    assert_eq!(said(&known, 30), said(&stay, 30));
}

#[test]
fn channels_without_a_range_are_never_implausible() {
    let manifest = Manifest::built_in(4, 2, 1).unwrap();
    let channel: &Channel = &manifest.channels[0];
    assert!(!EnteredValue::Value(1e9).is_implausible(channel));
    assert_eq!(channel.spread(), 1.0);
}
