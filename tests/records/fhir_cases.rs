//! FHIR records that parse and mislead: who, which version, which meaning, and what contradicts itself. Each file of
//! `tests/fixtures/cases/fhir` stands for a kind, of which there are others here.

use serde_json::{Value, json};
use std::fs;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{ImportReport, Origin, ReadOptions, Stay, StayCell};
use vitrine::{Error, Kind, Question};

fn read(text: &str, options: &ReadOptions) -> Result<Stay, Error> {
    Stay::read(text, &Manifest::built_in(48, 76, 1).unwrap(), options)
}

fn parse(text: &str) -> Stay {
    read(text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn case(name: &str) -> String {
    fs::read_to_string(format!("tests/fixtures/cases/fhir/{name}")).unwrap()
}

fn patient(patient: &str) -> ReadOptions {
    ReadOptions { patient: Some(patient.to_owned()), ..ReadOptions::default() }
}

/// Everything that was observed: channel, hour, value.
fn observed(stay: &Stay) -> Vec<(String, usize, f64)> {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let is_observed = |cell: &StayCell| cell.origin == Origin::Observed;
    let rows = manifest.channels.iter().zip(stay.cells.chunks_exact(48));
    let cells = rows.flat_map(|(channel, row)| row.iter().enumerate().map(|(hour, cell)| (&channel.name, hour, cell)));
    cells.filter(|(.., cell)| is_observed(cell)).map(|(name, hour, cell)| (name.clone(), hour, cell.value)).collect()
}

#[track_caller]
fn assert_observed(stay: &Stay, expected: &[(&str, usize, f64)]) {
    let observed = observed(stay);
    let is_there = |(name, hour, value): &(&str, usize, f64)| {
        observed.iter().any(|(n, h, v)| n == name && h == hour && (v - value).abs() < 1e-9)
    };
    assert!(
        observed.len() == expected.len() && expected.iter().all(is_there),
        "{observed:?}, and {expected:?} is right; {:#?}",
        stay.report
    );
}

/// All that a report says.
fn said(report: &ImportReport) -> String {
    let lists = [&report.rows_skipped, &report.implausible, &report.notes, &report.unused, &report.replaced];
    let notes = lists.into_iter().flatten().map(|note| format!("{} {}", note.channel, note.message));
    let contradictions = report.contradictions.iter().map(|it| format!("{} {}", it.channels.join(", "), it.message));
    notes.chain(contradictions).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_said(stay: &Stay, word: &str) {
    assert!(said(&stay.report).contains(word), "no word of {word:?}: {:#?}", stay.report);
}

/// A case that is read: what is observed, and a word of the report (empty for none).
#[track_caller]
fn check(name: &str, expected: &[(&str, usize, f64)], word: &str) {
    let stay = parse(&case(name));
    assert_observed(&stay, expected);
    assert_said(&stay, word);
}

/// A record that is asked about: the values of the choices.
#[track_caller]
fn asked(text: &str, options: &ReadOptions, option: &str, choices: &[&str]) -> Question {
    let error = match read(text, options) {
        Err(error) => error,
        Ok(stay) => panic!("read, with {:#?}", stay.report),
    };
    assert_eq!(error.kind, Kind::Record, "{error}");
    let question = *error.question.clone().unwrap_or_else(|| panic!("no question: {error}"));
    assert_eq!(question.option, option, "{error}");
    assert_eq!(question.choices.iter().map(|choice| &*choice.value).collect::<Vec<_>>(), choices, "{error}");
    assert!(error.message.contains(&format!("with the option {option}")), "{error}");
    question
}

const HEART_RATE: &str = "Heart Rate";
const BREATHS: &str = "Respiratory rate";
const SYSTOLIC: &str = "Systolic blood pressure";
const DIASTOLIC: &str = "Diastolic blood pressure";

/// A heart rate at an hour of a day.
fn rate(value: u32, hour: u32) -> Value {
    json!({ "resourceType": "Observation", "status": "final", "subject": { "reference": "Patient/1" },
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8867-4" }] },
        "effectiveDateTime": format!("2031-05-04T{hour:02}:00:00Z"),
        "valueQuantity": { "value": value, "unit": "/min" } })
}

fn with(mut resource: Value, fields: &Value) -> Value {
    for (field, value) in fields.as_object().unwrap() {
        resource[field] = value.clone();
    }
    resource
}

fn list(resources: &[Value]) -> String {
    Value::from(resources.to_vec()).to_string()
}

/// A Bundle whose entries have addresses.
fn bundle(kind: &str, entries: &[(&str, Value)]) -> String {
    let entry: Vec<Value> =
        entries.iter().map(|(url, resource)| json!({ "fullUrl": url, "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": kind, "entry": entry }).to_string()
}

#[test]
fn a_code_is_known_in_other_dress() {
    for (system, code) in
        [("https://loinc.org", "8867-4"), ("http://loinc.org/ ", "8867-4 "), (" https://loinc.org/", " 8867-4")]
    {
        let coded = json!({ "code": { "coding": [{ "system": system, "code": code }] } });
        assert_observed(&parse(&list(&[with(rate(80, 6), &coded)])), &[(HEART_RATE, 0, 80.0)]);
    }
}

#[test]
fn a_number_in_quotes_is_named() {
    let quoted = json!({ "valueQuantity": { "value": "37.5", "unit": "/min" } });
    let stay = parse(&list(&[rate(80, 6), with(rate(80, 7), &quoted)]));
    assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
    assert_said(&stay, "a value is the text \"37.5\", where FHIR has a number; write it without quotes");
}

#[test]
fn versions_that_no_longer_hold_are_not_read() {
    let breaths = (BREATHS, 0, 18.0);
    check("history-retracted.json", &[breaths], "withdrawn, cancelled or deleted in a later version");
    check("history-deleted.json", &[breaths], "withdrawn, cancelled or deleted");
    check("versions-corrected.ndjson", &[(HEART_RATE, 0, 80.0), breaths], "an older version");
    check("versions-retracted-last.ndjson", &[(HEART_RATE, 0, 91.0)], "status entered-in-error");
    check("corrected-before-final.json", &[(HEART_RATE, 0, 84.0), breaths], "hour 0: 84 counts; 148");
    check("two-servers-observations.json", &[(HEART_RATE, 0, 80.0), breaths], "");
}

#[test]
fn of_versions_the_newest_is_read_wherever_it_stands() {
    let version = |value, number: &str, hour: u32, status: &str| {
        let meta = json!({ "versionId": number, "lastUpdated": format!("2031-05-04T{hour:02}:30:00Z") });
        with(rate(value, 6), &json!({ "id": "hr", "status": status, "meta": meta }))
    };
    let (one, two, three) =
        (version(180, "1", 7, "final"), version(90, "2", 8, "amended"), version(80, "3", 9, "corrected"));
    let withdrawn = version(80, "4", 10, "entered-in-error");
    let other = with(rate(70, 8), &json!({ "id": "other" }));
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let resources = order.map(|k| [&one, &two, &three][k].clone());
        assert_observed(&parse(&list(&resources)), &[(HEART_RATE, 0, 80.0)]);
        for at in 0..4 {
            let mut all = resources.to_vec();
            all.insert(at, withdrawn.clone());
            all.push(other.clone());
            let stay = parse(&list(&all));
            assert_observed(&stay, &[(HEART_RATE, 0, 70.0)]);
            assert_eq!((stay.report.rows, stay.report.rows_read), (5, 1));
        }
    }
    // Written again after it was withdrawn.
    let again = version(66, "5", 11, "final");
    assert_observed(&parse(&list(&[again, withdrawn, one])), &[(HEART_RATE, 0, 66.0)]);
}

/// Written for the wrong person or stay, and put right: nobody else is in the record.
#[test]
fn what_was_put_right_is_not_asked_about() {
    let wrong =
        json!({ "id": "hr", "subject": { "reference": "Patient/2" }, "encounter": { "reference": "Encounter/x" } });
    let right = json!({ "id": "hr", "status": "corrected" });
    let stay = parse(&list(&[with(rate(80, 6), &wrong), with(rate(80, 6), &right)]));
    assert_eq!(stay.report.source.patient, "Patient/1");
    let withdrawn = with(with(rate(180, 6), &wrong), &json!({ "id": "other", "status": "entered-in-error" }));
    assert_observed(&parse(&list(&[rate(80, 6), withdrawn.clone()])), &[(HEART_RATE, 0, 80.0)]);
    let error = read(&list(&[withdrawn]), &ReadOptions::default()).unwrap_err();
    assert!(
        error.message.contains("none of 1 rows can be used (line 1: Observation/other: status entered-in-error)"),
        "{error}"
    );
}

#[test]
fn deletions_are_followed_by_address_and_by_name() {
    let id = json!({ "id": "hr" });
    let other = with(rate(70, 8), &json!({ "id": "other" }));
    let delete = |full_url: &str, url: &str| {
        json!({ "fullUrl": full_url, "request": { "method": "DELETE", "url": url },
            "response": { "lastModified": "2031-05-05T00:00:00Z" } })
    };
    for deletion in [
        delete("", "Observation/hr"),
        delete("https://a/Observation/hr", "Observation/hr"),
        delete("", "https://a/Observation/hr"),
        delete("", "Observation/hr/_history/3"),
    ] {
        let entries = [
            json!({ "fullUrl": "https://a/Observation/hr", "resource": with(rate(180, 6), &id) }),
            json!({ "fullUrl": "https://a/Observation/other", "resource": other }),
            deletion,
        ];
        let text = json!({ "resourceType": "Bundle", "type": "history", "entry": entries }).to_string();
        assert_observed(&parse(&text), &[(HEART_RATE, 0, 70.0)]);
    }
    let entries = [json!({ "resource": other }), delete("", "Observation?code=8867-4")];
    let text = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries }).to_string();
    assert_said(&parse(&text), "what that is cannot be known here");
}

#[test]
fn a_report_that_is_withdrawn_takes_what_stands_inside_along() {
    let report = |status: &str, value, number: &str| {
        json!({ "resourceType": "DiagnosticReport", "id": "r", "status": status, "meta": { "versionId": number },
            "subject": { "reference": "Patient/1" }, "contained": [with(rate(value, 6), &json!({ "id": "a" }))],
            "result": [{ "reference": "#a" }] })
    };
    let other = with(rate(70, 8), &json!({ "id": "other" }));
    let stay = parse(&list(&[report("final", 180, "1"), report("amended", 80, "2")]));
    assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
    let stay = parse(&list(&[report("entered-in-error", 180, "2"), report("final", 180, "1"), other]));
    assert_observed(&stay, &[(HEART_RATE, 0, 70.0)]);
}

#[test]
fn a_correction_counts_whichever_stands_first() {
    let one = rate(148, 6);
    for status in ["corrected", "amended", "AMENDED"] {
        let other = with(rate(84, 6), &json!({ "status": status, "effectiveDateTime": "2031-05-04T06:00:00Z" }));
        for resources in [[one.clone(), other.clone()], [other.clone(), one.clone()]] {
            let stay = parse(&list(&resources));
            assert_observed(&stay, &[(HEART_RATE, 0, 84.0)]);
            assert_said(&stay, "hour 0: 84 counts; 148");
        }
    }
    let early = with(rate(99, 6), &json!({ "status": "preliminary" }));
    let stay = parse(&list(&[one, early.clone()]));
    assert_observed(&stay, &[(HEART_RATE, 0, 148.0)]);
    assert_said(&parse(&list(&[early])), "status preliminary");
}

#[test]
fn of_two_people_one_is_asked_for() {
    let both = ["https://north.example/fhir/Patient/1", "https://south.example/fhir/Patient/1"];
    let none = ReadOptions::default();
    let question = asked(&case("patients-two-servers.json"), &none, "patient", &both);
    assert_eq!(question.choices[1].rows, 1);
    assert_eq!(question.choices[1].span, "2031-05-04T10:30:00Z");
    asked(&case("patients-two-servers-rates.json"), &patient("Patient/1"), "patient", &both);
    let both = ["https://east.example/fhir/Patient/22", "https://west.example/fhir/Patient/22"];
    asked(&case("patients-chosen.json"), &patient("22"), "patient", &both);
    asked(&case("patients-contained.json"), &none, "patient", &["\"Person A\"", "\"Person B\""]);
    let both = ["urn:example:hospital-one|17", "urn:example:hospital-two|17"];
    asked(&case("patients-identifier-systems.json"), &none, "patient", &both);
    asked(&case("patients-nobody.json"), &none, "patient", &[""]);
}

#[test]
fn the_one_that_was_chosen_is_read_and_the_others_are_named() {
    let text = case("patients-two-servers.json");
    for chosen in ["https://south.example/fhir/Patient/1", "south.example/fhir/Patient/1"] {
        let stay = read(&text, &patient(chosen)).unwrap();
        assert_observed(&stay, &[(HEART_RATE, 0, 181.0)]);
        assert_eq!(stay.report.source.patient, "https://south.example/fhir/Patient/1");
        assert_said(&stay, "https://north.example/fhir/Patient/1 (1)");
    }
    for (name, chosen, value) in [
        ("patients-contained.json", "Person A", 72.0),
        ("patients-identifier-systems.json", "urn:example:hospital-two|17", 176.0),
        ("patients-chosen.json", "https://west.example/fhir/Patient/22", 40.2),
    ] {
        assert_eq!(observed(&read(&case(name), &patient(chosen)).unwrap())[0].2, value, "{name}");
    }
    let stay = read(&case("patients-nobody.json"), &patient("")).unwrap();
    assert_observed(&stay, &[(HEART_RATE, 0, 72.0), (HEART_RATE, 4, 176.0)]);
    assert_said(&stay, "no Observation names a patient");
    let error = read(&text, &patient("Patient/2")).unwrap_err();
    assert_eq!(error.kind, Kind::Argument);
    assert!(error.message.contains("\"Patient/2\" is not in the record"), "{error}");
}

/// Pairs of subjects that are two people, or may be, with the keys of both.
#[test]
fn who_may_be_two_people() {
    let contained = |name: &Value| json!({ "subject": { "reference": "#p" }, "contained": [with(json!({ "resourceType": "Patient", "id": "p" }), name)] });
    let subject = |subject: Value| json!({ "subject": subject });
    let identified =
        |value: &str| json!({ "reference": "Patient/1", "identifier": { "system": "urn:h", "value": value } });
    let pairs: [(Value, Value, &[&str]); 8] = [
        (subject(json!({ "display": "Anna" })), subject(json!({ "display": "Anna" })), &["\"Anna\""]),
        (subject(json!({ "display": "Anna" })), subject(json!({ "display": "Boris" })), &["\"Anna\"", "\"Boris\""]),
        (
            subject(json!({ "identifier": { "value": "17" } })),
            subject(json!({ "identifier": { "value": "17" } })),
            &["|17"],
        ),
        (subject(identified("5")), subject(identified("6")), &["Patient/1 urn:h|5", "Patient/1 urn:h|6"]),
        (subject(json!({ "reference": "Patient/1" })), subject(json!(null)), &["", "Patient/1"]),
        (
            subject(json!({ "reference": "Patient/1" })),
            subject(json!({ "reference": "Group/1" })),
            &["Group/1", "Patient/1"],
        ),
        (
            contained(&json!({ "name": [{ "family": "A" }] })),
            contained(&json!({ "name": [{ "family": "A" }] })),
            &["\"A\""],
        ),
        (contained(&json!({})), contained(&json!({})), &["Observation/a#p", "Observation/b#p"]),
    ];
    for (one, other, keys) in pairs {
        let one = with(with(rate(70, 6), &one), &json!({ "id": "a" }));
        let other = with(with(rate(80, 8), &other), &json!({ "id": "b" }));
        asked(&list(&[one, other]), &ReadOptions::default(), "patient", keys);
    }
}

/// Pairs of subjects that are one person.
#[test]
fn who_is_one_person() {
    let urls = ["https://a/fhir/Observation/1", "https://a/fhir/Observation/2"];
    let inside = json!({ "resourceType": "Patient", "id": "p", "identifier": [{ "system": "urn:h", "value": "17" }] });
    let contained = json!({ "subject": { "reference": "#p" }, "contained": [inside] });
    let subject = |reference: &str| json!({ "subject": { "reference": reference } });
    for (one, other, key) in [
        (subject("Patient/1"), subject("https://a/fhir/Patient/1"), "https://a/fhir/Patient/1"),
        (subject("Patient/1"), subject("Patient/1/_history/4"), "https://a/fhir/Patient/1"),
        (subject("urn:uuid:5"), subject("urn:uuid:5"), "urn:uuid:5"),
        (contained.clone(), json!({ "subject": { "identifier": { "system": "urn:h", "value": "17" } } }), "urn:h|17"),
        (contained.clone(), contained.clone(), "urn:h|17"),
    ] {
        let one = with(with(rate(70, 6), &one), &json!({ "id": "1" }));
        let other = with(with(rate(80, 8), &other), &json!({ "id": "2" }));
        let stay = parse(&bundle("collection", &[(urls[0], one), (urls[1], other)]));
        assert_eq!(stay.report.source.patient, key);
        assert_eq!(stay.report.rows_read, 2);
    }
    let one = with(rate(70, 6), &json!({ "subject": null }));
    assert_said(&parse(&list(&[one])), "no Observation names a patient");
}

#[test]
fn one_patient_of_two_servers_is_two() {
    let urls = ["https://a/fhir/Observation/1", "https://b/fhir/Observation/1"];
    let entries = [(urls[0], rate(70, 6)), (urls[1], rate(80, 8))];
    let keys = ["https://a/fhir/Patient/1", "https://b/fhir/Patient/1"];
    asked(&bundle("collection", &entries), &ReadOptions::default(), "patient", &keys);
    let named = json!({ "resourceType": "Patient", "id": "1", "name": [{ "given": ["Anna"], "family": "Ohm" }], "birthDate": "1950-02-03" });
    let entries = [entries.to_vec(), vec![("https://b/fhir/Patient/1", named)]].concat();
    let question = asked(&bundle("collection", &entries), &ReadOptions::default(), "patient", &keys);
    assert_eq!(question.choices[1].name, "Anna Ohm, 1950-02-03");
    let patients = vitrine::stay::fhir::patients(&bundle("collection", &entries)).unwrap();
    assert_eq!(
        patients.iter().map(|one| (&*one.reference, &*one.name, one.observations)).collect::<Vec<_>>(),
        [(keys[0], "", 1), (keys[1], "Anna Ohm, 1950-02-03", 1)]
    );
}

#[test]
fn of_two_encounters_one_is_asked_for() {
    let of = |value, hour, encounter: Value| with(rate(value, hour), &json!({ "encounter": encounter }));
    let stay = |id: &str| json!({ "reference": format!("Encounter/{id}") });
    let encounter = |id: &str, fields: Value| {
        with(
            json!({ "resourceType": "Encounter", "id": id, "status": "finished", "subject": { "reference": "Patient/1" } }),
            &fields,
        )
    };
    let two = [of(70, 6, stay("a")), of(80, 8, stay("b")), of(90, 9, json!(null))];
    let question = asked(&list(&two), &ReadOptions::default(), "encounter", &["Encounter/a", "Encounter/b"]);
    assert_eq!((question.choices[0].rows, &*question.choices[0].span), (1, "2031-05-04T06:00:00Z"));
    let chosen = |encounter: &str| ReadOptions { encounter: Some(encounter.to_owned()), ..ReadOptions::default() };
    for choice in ["b", "Encounter/b"] {
        let read = read(&list(&two), &chosen(choice)).unwrap();
        assert_observed(&read, &[(HEART_RATE, 0, 80.0)]);
        assert_eq!(read.report.source.encounter, "Encounter/b");
        assert_said(&read, "name no encounter: 1; not read");
        assert_said(&read, "Encounter/a (1)");
    }
    assert!(read(&list(&two), &chosen("c")).unwrap_err().message.contains("\"c\" is not in the record"));
    // One is a part of the other: one stay, from the outer one's start on where both begin together.
    let parts = |inner: &str| {
        let inner = encounter("b", json!({ "partOf": stay("a"), "period": { "start": inner } }));
        let outer = encounter("a", json!({ "period": { "start": "2031-05-04T05:00:00Z" } }));
        list(&[two.to_vec(), vec![inner, outer]].concat())
    };
    let from_outer = [(HEART_RATE, 0, 70.0), (HEART_RATE, 2, 80.0), (HEART_RATE, 3, 90.0)];
    assert_observed(&parse(&parts("2031-05-04T05:30:00Z")), &from_outer);
    // Intensive care within a stay at the hospital: nothing says from which of both a model's hours count.
    let later = parts("2031-05-04T07:30:00Z");
    let starts = ["2031-05-04T05:00:00Z", "2031-05-04T07:30:00Z", "2031-05-04T06:00:00Z"];
    let question = asked(&later, &ReadOptions::default(), "timeZero", &starts);
    assert!(question.choices[1].name.contains("Encounter/b"), "{question:?}");
    let from = |text: &str| ReadOptions { time_zero: text.parse().unwrap(), ..ReadOptions::default() };
    assert_observed(&read(&later, &from("encounter-start")).unwrap(), &from_outer);
    assert_observed(&read(&later, &from(starts[1])).unwrap(), &[(HEART_RATE, 0, 80.0), (HEART_RATE, 1, 90.0)]);
    assert_observed(&read(&later, &chosen("Encounter/b")).unwrap(), &[(HEART_RATE, 0, 80.0)]);
    // So also where the observations name the outer one alone.
    let named = [of(70, 6, stay("a")), of(80, 8, stay("a"))];
    let inner = encounter("b", json!({ "partOf": stay("a"), "period": { "start": "2031-05-04T07:30:00Z" } }));
    let outer = encounter("a", json!({ "period": { "start": "2031-05-04T05:00:00Z" } }));
    asked(&list(&[named.to_vec(), vec![inner, outer]].concat()), &ReadOptions::default(), "timeZero", &starts);
}

#[test]
fn hour_zero_is_the_start_of_the_stay() {
    let mut resources: Vec<Value> = (6..18)
        .map(|hour| with(rate(70 + hour, hour), &json!({ "encounter": { "reference": "Encounter/e" } })))
        .collect();
    let encounter = |start: &str| {
        json!({ "resourceType": "Encounter", "id": "e", "status": "finished", "period": { "start": start },
            "subject": { "reference": "Patient/1" } })
    };
    resources.push(encounter("2031-05-04T03:30:00Z"));
    let stay = parse(&list(&resources));
    assert_eq!(stay.report.source.time_zero, "the start of Encounter/e, 2031-05-04T03:30:00Z");
    assert_eq!(observed(&stay)[0], (HEART_RATE.to_owned(), 2, 76.0));
    // A day is no start, and neither is that of a stay which holds none of the observations.
    *resources.last_mut().unwrap() = encounter("2031-05-04");
    assert_eq!(parse(&list(&resources)).report.source.time_zero, "the first observation");
    *resources.last_mut().unwrap() = encounter("2031-01-04T03:30:00Z");
    let values = ["2031-01-04T03:30:00Z", "2031-05-04T06:00:00Z"];
    let error = read(&list(&resources), &ReadOptions::default()).unwrap_err();
    assert!(
        error.message.starts_with("12 of 12 values lie outside the 48 hours from the start of Encounter/e"),
        "{error}"
    );
    let choices = error.question.unwrap().choices;
    assert_eq!(choices.iter().map(|choice| &*choice.value).collect::<Vec<_>>(), values);
}

#[test]
fn one_early_observation_does_not_cost_the_stay() {
    let mut resources: Vec<Value> = (6..18).map(|hour| rate(70 + hour, hour)).collect();
    resources.push(with(rate(60, 6), &json!({ "effectiveDateTime": "2030-05-04T06:00:00Z" })));
    let text = list(&resources);
    asked(&text, &ReadOptions::default(), "timeZero", &["2030-05-04T06:00:00Z", "2031-05-04T06:00:00Z"]);
    let zero = |text: &str| ReadOptions { time_zero: text.parse().unwrap(), ..ReadOptions::default() };
    let stay = read(&text, &zero("2031-05-04T06:00:00Z")).unwrap();
    assert_eq!(stay.report.rows_read, 12);
    assert_said(&stay, "lies before the stay");
    let stay = read(&text, &zero("first-observation")).unwrap();
    assert_eq!(stay.report.rows_read, 1);
    assert_eq!(stay.report.notes[0].message, "12 of 13 rows lie outside the 48 hours that the model sees");
    assert_eq!(stay.report.rows_skipped.len(), 1, "one reason");
}

#[test]
fn what_changes_the_meaning_is_not_read() {
    let right = [(HEART_RATE, 0, 80.0), (HEART_RATE, 2, 82.0)];
    check("focus.json", &right, "its focus is Patient/unborn");
    check("absent-reason.json", &right, "a value beside a reason for its absence: error");
    check("modifier-extension.json", &right, "modifierExtension");
    check("status-registered.json", &right, "status registered");
    check("status-capitals.json", &right, "status ENTERED-IN-ERROR");
    check("status-missing.json", &right, "no status");
}

#[test]
fn other_things_that_change_the_meaning() {
    let quantity = |fields: Value| json!({ "valueQuantity": with(json!({ "value": 151, "unit": "/min" }), &fields) });
    for (fields, word) in [
        (json!({ "implicitRules": "http://rules" }), "implicitRules"),
        (json!({ "status": "unknown" }), "status unknown"),
        (json!({ "status": "" }), "no status"),
        (json!({ "status": "Entered_In_Error" }), "status Entered_In_Error"),
        (json!({ "dataAbsentReason": { "text": "cuff off" } }), "absence: cuff off"),
        (json!({ "valueInteger": 90 }), "values of two kinds"),
        (quantity(json!({ "code": "Cel", "system": "http://unitsofmeasure.org" })), "contradict each other"),
        (
            quantity(json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason" }] })),
            "reason for its absence",
        ),
    ] {
        let odd = with(with(rate(151, 11), &json!({ "id": "odd" })), &fields);
        let stay = parse(&list(&[rate(80, 6), odd]));
        assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
        assert_said(&stay, word);
        assert_eq!(stay.report.rows_skipped.len(), 1, "{word}: {:#?}", stay.report);
    }
    for status in ["Final", " final ", "AMENDED"] {
        let stay = parse(&list(&[with(rate(80, 6), &json!({ "status": status }))]));
        assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
    }
    let holder = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "contained": [rate(151, 11)],
        "subject": { "reference": "Patient/1" }, "modifierExtension": [{ "url": "urn:not-done" }] });
    let stay = parse(&list(&[rate(80, 6), holder]));
    assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
    assert_said(&stay, "urn:not-done");
}

#[test]
fn values_that_contradict_themselves_are_not_read() {
    let rate = (HEART_RATE, 0, 80.0);
    check("unit-contradiction-glucose.json", &[rate], "its code mg/dL and its unit mmol/L contradict each other");
    check("unit-contradiction-moles.json", &[rate], "its code mmol/L and its unit mg/dL contradict each other");
    check("gcs-two-answers.json", &[rate], "the answer's codes contradict each other: 1 and 4");
    check("components-twice.json", &[rate, (DIASTOLIC, 0, 70.0)], "120 and 182, contradict each other");
    check("value-and-component.json", &[(BREATHS, 0, 18.0)], "80 and 141, contradict each other");
}

#[test]
fn answers_that_contradict_themselves() {
    let loinc = |code: &str, more: Value| with(json!({ "system": "http://loinc.org", "code": code }), &more);
    let ordinal = |value: u32| json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": value }] });
    for (coding, word) in [
        (vec![loinc("LA6553-7", ordinal(4))], "1 and 4"),
        (vec![loinc("LA6553-7", json!({})), loinc("LA6560-2", json!({}))], "one to another question"),
        (vec![loinc("LA6553-7", json!({ "display": "Spontaneously" }))], "its words 4"),
    ] {
        let answer = json!({ "id": "g", "code": { "coding": [{ "system": "http://loinc.org", "code": "9267-6" }] },
            "valueQuantity": null, "valueCodeableConcept": { "coding": coding } });
        let stay = parse(&list(&[rate(80, 6), with(rate(0, 6), &answer)]));
        assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
        assert_said(&stay, word);
    }
    let twice = json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": "9267-6" }] }, "valueQuantity": null,
        "valueCodeableConcept": { "coding": [loinc("LA6555-2", ordinal(3)), { "system": "urn:own", "code": "c" }] } });
    let name = "Glascow coma scale eye opening";
    assert_observed(&parse(&list(&[with(rate(0, 6), &twice)])), &[(name, 0, 3.0)]);
}

#[test]
fn two_equal_components_are_one() {
    let component = |value: f64, unit: &str| {
        json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": "8480-6" }] },
            "valueQuantity": { "value": value, "unit": unit } })
    };
    let panel = |components: Vec<Value>| {
        with(
            rate(0, 6),
            &json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": "85354-9" }] },
            "valueQuantity": null, "component": components }),
        )
    };
    let absent = json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": "8480-6" }] },
        "dataAbsentReason": { "text": "cuff off" } });
    for components in [
        vec![component(120.0, "mmHg"), component(120.0, "mm[Hg]")],
        vec![absent, component(120.0, "mmHg"), Value::Null],
    ] {
        assert_observed(&parse(&list(&[panel(components)])), &[(SYSTOLIC, 0, 120.0)]);
    }
    let stay = parse(&list(&[panel(vec![component(120.0, "mmHg"), component(12.0, "kPa")]), rate(80, 6)]));
    assert_observed(&stay, &[(HEART_RATE, 0, 80.0)]);
}

#[test]
fn what_is_null_says_nothing() {
    check("null-encounter.json", &[(HEART_RATE, 0, 80.0), (BREATHS, 1, 18.0)], "");
    check("null-component.json", &[(SYSTOLIC, 0, 117.0), ("Temperature", 2, 36.7)], "");
    let members = [
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "modifierExtension",
        "identifier",
        "basedOn",
        "partOf",
        "category",
        "focus",
        "encounter",
        "effectivePeriod",
        "issued",
        "performer",
        "valueString",
        "valueInteger",
        "valueBoolean",
        "dataAbsentReason",
        "interpretation",
        "note",
        "bodySite",
        "method",
        "specimen",
        "device",
        "referenceRange",
        "hasMember",
        "derivedFrom",
        "component",
    ];
    let nulls: Value = members.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let mut all = with(rate(80, 6), &nulls);
    all["code"]["text"] = Value::Null;
    all["code"]["coding"] =
        json!([null, { "system": "http://loinc.org", "code": "8867-4", "display": null, "extension": null }]);
    all["subject"] = json!({ "reference": "Patient/1", "identifier": null, "display": null });
    all["valueQuantity"] = json!({ "value": 80, "unit": "/min", "code": null, "comparator": null, "extension": null });
    let entry = json!([null, { "fullUrl": null, "request": null, "response": null, "search": null, "resource": all }, { "resource": null }]);
    let text =
        json!({ "resourceType": "Bundle", "type": null, "link": null, "total": null, "entry": entry }).to_string();
    assert_observed(&parse(&text), &[(HEART_RATE, 0, 80.0)]);
}

#[test]
fn offsets_are_read_in_every_spelling() {
    check("zone-0100.json", &[(HEART_RATE, 0, 80.0), (HEART_RATE, 3, 95.0)], "");
}

#[test]
fn a_search_that_is_not_whole_is_said_to_be() {
    let both = [(HEART_RATE, 0, 80.0), (BREATHS, 0, 18.0)];
    check("total-of-400.json", &both, "the search found 400 resources, and 2 of them are in the record");
    check("outcome-in-page.json", &both, "the server reported: error, timeout, results are incomplete");
    let page = |total: u32, own: &str, next: Option<&str>, resource: Value| {
        let mut link = vec![json!({ "relation": "self", "url": own })];
        link.extend(next.map(|url| json!({ "relation": "next", "url": url })));
        json!({ "resourceType": "Bundle", "type": "searchset", "total": total, "link": link,
            "entry": [{ "resource": resource, "search": { "mode": "match" } },
                { "resource": { "resourceType": "Patient", "id": "1" }, "search": { "mode": "include" } }] })
    };
    let first = page(2, "u?page=1", Some("u?page=2"), rate(80, 6));
    let last = with(
        page(2, "u?page=2", None, rate(90, 9)),
        &json!({ "link": [{ "relation": "previous", "url": "u?page=1" }] }),
    );
    let whole = parse(&list(&[first.clone(), last]));
    assert!(!said(&whole.report).contains("search"), "{:#?}", whole.report);
    assert_said(&parse(&first.to_string()), "the search found 2 resources, and 1 of them");
    let refused = json!({ "resourceType": "Bundle", "type": "batch-response", "entry": [
        { "response": { "status": "200" }, "resource": rate(80, 6) },
        { "response": { "status": "503 Unavailable", "outcome": { "resourceType": "OperationOutcome",
            "issue": [{ "severity": "error", "code": "transient", "details": { "text": "try later" } }] } } }] });
    let stay = parse(&refused.to_string());
    assert_said(&stay, "the server answered a request with 503 Unavailable");
    assert_said(&stay, "error, transient, try later");
}

#[test]
fn channels_that_contradict_each_other_are_reported() {
    let stay = parse(&case("gcs-sum.json"));
    assert_eq!(stay.report.rows_read, 5);
    assert_said(&stay, "Glascow coma scale total is 15, and its parts add up to 1 + 1 + 1 = 3; used as they are");
    assert_eq!(stay.report.contradictions[0].channels.len(), 4);
    let both = [(HEART_RATE, 0, 80.0), (SYSTOLIC, 0, 60.0), (DIASTOLIC, 0, 110.0)];
    check("pressures-swapped.json", &both, "Systolic blood pressure is 60, below Diastolic blood pressure, 110");
    // A wide table: the same check.
    let parts = "Glascow coma scale eye opening,Glascow coma scale motor response,Glascow coma scale verbal response";
    let wide = format!(
        "Hours,{parts},Glascow coma scale total,Systolic blood pressure,Diastolic blood pressure\n\
         0.5,4 Spontaneously,6 Obeys Commands,5 Oriented,3,,\n1.5,4 Spontaneously,6 Obeys Commands,5 Oriented,15,120,70\n\
         2.2,,,,,110,\n2.8,,,,,,115\n3.5,,,,,110,115\n"
    );
    let report = parse(&wide).report;
    let steps: Vec<(usize, u64)> = report.contradictions.iter().map(|it| (it.step, it.line)).collect();
    assert_eq!(steps, [(0, 2), (3, 6)], "two times in one hour contradict nothing: {report:#?}");
}

#[test]
fn values_that_share_an_hour_are_listed() {
    check("three-in-an-hour.json", &[(HEART_RATE, 0, 62.0)], "hour 0: 62 counts; 80 (line 6), 181 (line 30) gave way");
    let many: Vec<Value> = (0..9)
        .map(|k| with(rate(60 + k, 6), &json!({ "effectiveDateTime": format!("2031-05-04T06:{k:02}:00Z") })))
        .collect();
    let report = parse(&list(&many)).report;
    assert_eq!(report.replaced.len(), 1);
    assert!(report.replaced[0].message.contains("hour 0: 68 counts; 60 (line 1)"), "{report:#?}");
    assert!(report.replaced[0].message.ends_with("and 4 more gave way"), "{report:#?}");
    let twice = parse(&list(&[rate(80, 6), rate(80, 6)])).report;
    assert!(twice.replaced.is_empty(), "the same value is no other: {twice:#?}");
}

#[test]
fn what_is_no_problem_is_not_counted_as_skipped() {
    let other = json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": "718-7" }] } });
    let resources = [
        rate(80, 6),
        with(rate(14, 6), &other),
        with(rate(15, 7), &other),
        with(rate(1, 7), &json!({ "status": "unknown" })),
    ];
    let report = parse(&list(&resources)).report;
    assert_eq!((report.rows, report.rows_read, report.rows_unused, report.n_skipped()), (4, 1, 2, 1));
    assert_eq!(report.rows_skipped.len(), 1);
    assert_eq!(report.unused.len(), 1);
    assert!(report.unused[0].message.contains("no variable of the model; 2 values not used"), "{report:#?}");
}

#[test]
fn what_was_read_rightly_is_still() {
    let right = [("Oxygen saturation", 0, 95.0), ("Fraction inspired oxygen", 0, 0.4)];
    check("pulse-oximetry.json", &right, "3151-8");
    check("subject-another.json", &[(HEART_RATE, 0, 80.0)], "");
}

/// A line, an entry or a resource that cannot be read costs itself, and the report has its line.
#[test]
fn what_is_no_resource_costs_itself() {
    let good = rate(80, 1).to_string();
    for (bad, word) in [
        ("{}", "no FHIR resource"),
        ("[1, null]", "no FHIR resource"),
        ("{\"resourceType\":5}", "no FHIR resource"),
        (&good[..good.len() - 9], "not valid as JSON"),
    ] {
        for text in [format!("{good}\n{bad}\n"), format!("{bad}\n{good}\n")] {
            let stay = parse(&text);
            assert_observed(&stay, &[("Heart Rate", 0, 80.0)]);
            assert_said(&stay, word);
            assert!(stay.report.n_skipped() >= 1, "{:?}", stay.report);
        }
    }
    for bad in ["7", "{\"fullUrl\":7}", "{\"resource\":{\"id\":\"x\"}}"] {
        let text = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{bad},{{\"resource\":{good}}},null]}}");
        let stay = parse(&text);
        assert_observed(&stay, &[("Heart Rate", 0, 80.0)]);
        assert_eq!((stay.report.rows, stay.report.rows_read), (2, 1), "{bad}: {:?}", stay.report);
    }
}

/// What was measured of a device or a place is no patient's; before R4 the encounter was the `context`.
#[test]
fn whose_it_is_in_other_words() {
    let other = |fields: Value| with(rate(150, 2), &fields);
    for subject in [
        json!({ "reference": "Device/d" }),
        json!({ "reference": "https://one.example/fhir/Location/7/_history/2" }),
        json!({ "type": "Group", "identifier": { "system": "s", "value": "1" } }),
    ] {
        let text = other(json!({ "subject": subject })).to_string();
        let error = Stay::read(&text, &Manifest::built_in(48, 76, 1).unwrap(), &ReadOptions::default()).unwrap_err();
        assert!(error.message.contains(", no patient"), "{error}");
    }
    let of = |hour: u32, stay: &str| with(rate(80 + hour, hour), &json!({ "context": { "reference": stay } }));
    asked(
        &list(&[of(1, "Encounter/1"), of(2, "Encounter/2")]),
        &ReadOptions::default(),
        "encounter",
        &["Encounter/1", "Encounter/2"],
    );
}

#[test]
fn an_encounter_of_r5_begins_the_stay_as_one_of_r4_does() {
    for field in ["period", "actualPeriod"] {
        let mut encounter = json!({ "resourceType": "Encounter", "id": "e", "status": "in-progress",
            "subject": { "reference": "Patient/1" } });
        encounter[field] = json!({ "start": "2031-05-04T08:00:00Z" });
        let of = json!({ "encounter": { "reference": "Encounter/e" } });
        let stay = parse(&list(&[encounter, with(rate(80, 10), &of), with(rate(90, 12), &of)]));
        assert_observed(&stay, &[(HEART_RATE, 1, 80.0), (HEART_RATE, 3, 90.0)]);
    }
}
