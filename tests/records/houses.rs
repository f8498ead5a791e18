//! Records of other houses -> the model's input: FHIR, the `PhysioNet` Challenge 2012, long tables. What was read is
//! compared with the same stay written by hand as the benchmark's CSV.

use serde_json::{Value, json};
use std::path::PathBuf;
use vitrine::engine::explain::Options;
use vitrine::stay::long::survey;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{ColumnNames, Format, Mapping, Origin, ReadOptions, Remark, Stay, TimeZero};
use vitrine::study::export::risk_assessment::{Context, risk_assessment};
use vitrine::{Error, Kind, Model, Place};

fn manifest() -> Manifest {
    Manifest::built_in(48, 76, 1).unwrap_or_else(|error| panic!("{error}"))
}

fn read(text: &str, options: &ReadOptions) -> Result<Stay, Error> {
    Stay::read(text, &manifest(), options)
}

fn parse(text: &str) -> Stay {
    read(text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str, options: &ReadOptions) -> String {
    match read(text, options) {
        Err(error) => error.to_string(),
        Ok(stay) => panic!("read, with {:?}", stay.report),
    }
}

/// The input is the one that this benchmark record gives.
#[track_caller]
fn assert_same(stay: &Stay, benchmark: &str) {
    let expected = parse(benchmark);
    assert_eq!(expected.report.format, "mimic3");
    assert_eq!(stay.report.observed, expected.report.observed, "{:#?}", stay.report);
    let differing: Vec<usize> = (0..expected.input.len()).filter(|&at| stay.input[at] != expected.input[at]).collect();
    assert!(differing.is_empty(), "inputs {differing:?} differ; {:#?}", stay.report);
}

#[track_caller]
fn assert_noted(notes: &[Remark], channel: &str, word: &str) {
    let found = notes.iter().any(|note| note.channel.contains(channel) && note.message.contains(word));
    assert!(found, "no note of {channel} says {word:?}: {notes:#?}");
}

/// An Observation of a LOINC code at a minute of 2 January 2030, with a value.
fn observation(id: &str, code: &str, minutes: u32, value: &Value) -> Value {
    let mut resource = json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        "subject": { "reference": "Patient/a" }, "encounter": { "reference": "Encounter/e" },
        "effectiveDateTime": format!("2030-01-02T{:02}:{:02}:00Z", minutes / 60, minutes % 60),
    });
    for (field, value) in value.as_object().into_iter().flatten() {
        resource[field] = value.clone();
    }
    resource
}

fn quantity(value: f64, unit: &str) -> Value {
    json!({ "valueQuantity": { "value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit } })
}

fn bundle(kind: &str, resources: &[Value]) -> Value {
    let entry: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": kind, "entry": entry })
}

/// Every channel once, in other units where there are any, and what the benchmark would have written.
fn whole_stay() -> (Vec<Value>, &'static str) {
    let answer =
        |code| json!({ "valueCodeableConcept": { "coding": [{ "system": "http://loinc.org", "code": code }] } });
    let resources = vec![
        observation("hr", "8867-4", 30, &quantity(96.0, "/min")),
        observation("t", "8310-5", 30, &quantity(98.6, "[degF]")),
        observation("glu", "15074-8", 90, &quantity(10.0, "mmol/L")),
        observation("h", "8302-2", 0, &quantity(70.0, "[in_i]")),
        observation("w", "29463-7", 0, &quantity(80_000.0, "g")),
        observation("fio2", "3150-0", 90, &quantity(40.0, "%")),
        observation("ph", "2744-1", 90, &quantity(7.31, "[pH]")),
        observation("spo2", "59408-5", 90, &quantity(93.0, "%")),
        observation("rr", "9279-1", 90, &quantity(24.0, "/min")),
        observation("crt", "44963-7", 150, &quantity(3.5, "s")),
        observation("eye", "9267-6", 150, &answer("LA6554-5")),
        observation("motor", "9268-4", 150, &answer("LA6566-9")),
        observation("verbal", "9270-0", 150, &answer("LA6560-2")),
        observation("total", "9269-2", 150, &json!({ "valueInteger": 11 })),
        observation(
            "bp",
            "85354-9",
            200,
            &json!({ "component": [
            { "code": { "coding": [{ "system": "http://loinc.org", "code": "8480-6" }] }, "valueQuantity": { "value": 118, "code": "mm[Hg]" } },
            { "code": { "coding": [{ "system": "http://loinc.org", "code": "8462-4" }] }, "valueQuantity": { "value": 62, "unit": "mmHg" } },
            { "code": { "coding": [{ "system": "http://loinc.org", "code": "8478-0" }] }, "valueQuantity": { "value": 81, "code": "mm[Hg]" } },
        ] }),
        ),
    ];
    let benchmark = "Hours,Capillary refill rate,Diastolic blood pressure,Fraction inspired oxygen,\
        Glascow coma scale eye opening,Glascow coma scale motor response,Glascow coma scale total,\
        Glascow coma scale verbal response,Glucose,Heart Rate,Height,Mean blood pressure,Oxygen saturation,\
        Respiratory rate,Systolic blood pressure,Temperature,Weight,pH\n\
        0,,,,,,,,,,177.8,,,,,,80,\n\
        0.5,,,,,,,,,96,,,,,,37,,\n\
        1.5,,,0.4,,,,,180.16,,,,93,24,,,,7.31\n\
        2.5,1.0,,,2 To pain,5 Localizes Pain,11,4 Confused,,,,,,,,,,\n\
        3.3333333333333335,,62,,,,,,,,,81,,,118,,,\n";
    (resources, benchmark)
}

#[test]
fn every_kind_of_bundle_gives_the_same_stay() {
    let (resources, benchmark) = whole_stay();
    let lines: Vec<String> = resources.iter().map(Value::to_string).collect();
    let mut backwards = resources.clone();
    backwards.reverse();
    for text in [
        bundle("searchset", &resources).to_string(),
        format!("{:#}", bundle("collection", &backwards)),
        bundle("transaction", &resources).to_string(),
        lines.join("\n"),
        lines.join("\r\n") + "\r\n",
        Value::from(resources.clone()).to_string(),
        Value::from(vec![bundle("searchset", &resources[..5]), bundle("searchset", &resources[5..])]).to_string(),
        format!("\u{feff}{}", bundle("batch-response", &resources)),
        json!({ "resourceType": "Parameters", "parameter": [
            { "name": "return", "resource": bundle("searchset", &resources[..5]) }, { "name": "count", "valueInteger": 15 },
            { "name": "more", "part": [null, { "name": "page", "resource": bundle("searchset", &resources[5..]) }] }] })
        .to_string(),
    ] {
        let stay = parse(&text);
        assert_same(&stay, benchmark);
        assert_eq!((stay.report.format.as_str(), stay.report.rows, stay.report.rows_read), ("fhir", 15, 15));
        assert_noted(&stay.report.notes, "Temperature", "converted from [degF] to Cel");
        assert_noted(&stay.report.notes, "Glucose", "converted from mmol/L to mg/dL");
        assert_eq!(stay.report.source.patient, "Patient/a");
        assert_eq!(stay.report.source.encounter, "Encounter/e");
        assert_eq!(stay.report.source.time_zero, "the first observation");
        assert_eq!(stay.report.source.basis.len(), 15);
    }
}

/// One Observation beside a heart rate at hour 0: the report's lists that must name it.
#[test]
fn one_observation_is_a_record() {
    let stay = parse(&observation("hr", "8867-4", 30, &quantity(96.0, "/min")).to_string());
    assert_same(&stay, "Hours,Heart Rate\n0,96\n");
}

#[track_caller]
fn check_skipped(extra: &Value, channel: &str, word: &str) {
    let good = observation("good", "8867-4", 0, &quantity(80.0, "/min"));
    let stay = parse(&bundle("searchset", &[good, extra.clone()]).to_string());
    assert_eq!((stay.report.rows, stay.report.rows_read), (2, 1), "{:#?}", stay.report);
    let notes = [stay.report.rows_skipped.as_slice(), &stay.report.notes, &stay.report.unused].concat();
    assert_noted(&notes, channel, word);
    assert_same(&stay, "Hours,Heart Rate\n0,80\n");
}

fn with(mut resource: Value, field: &str, value: Value) -> Value {
    resource[field] = value;
    resource
}

#[test]
fn what_is_not_used_is_named_with_its_reason() {
    let ph = || observation("x", "2744-1", 5, &quantity(7.2, "[pH]"));
    check_skipped(&with(ph(), "status", json!("entered-in-error")), "Observation/x", "status entered-in-error");
    check_skipped(&with(ph(), "status", json!("cancelled")), "Observation/x", "status cancelled");
    check_skipped(&with(ph(), "effectiveDateTime", json!("2030")), "Observation/x", "no date with a day");
    check_skipped(&with(ph(), "effectiveDateTime", json!(null)), "Observation/x", "no effective time");
    check_skipped(&with(ph(), "effectiveDateTime", json!("2030-01-09T00:00:00Z")), "", "lies after the 48 hours");
    check_skipped(&observation("good", "8867-4", 0, &quantity(80.0, "/min")), "Observation/good", "same Observation");
    check_skipped(&observation("x", "5803-2", 5, &quantity(5.5, "[pH]")), "5803-2", "pH of urine");
    check_skipped(&observation("x", "19834-1", 5, &quantity(14.0, "/min")), "19834-1", "ventilator");
    check_skipped(&observation("x", "718-7", 5, &quantity(14.0, "g/dL")), "718-7", "no variable of the model");
    check_skipped(&observation("x", "2744-1", 5, &quantity(7.2, "mmol/L")), "pH", "unit \"mmol/L\"; give it in");
    check_skipped(
        &observation("x", "8310-5", 5, &json!({ "valueQuantity": { "value": 37 } })),
        "Temperature",
        "no unit",
    );
    check_skipped(&observation("x", "3150-0", 5, &quantity(15.0, "%")), "Fraction", "lies outside 0.2 to 1");
    let absent = json!({ "dataAbsentReason": { "coding": [{ "code": "not-performed" }] } });
    check_skipped(&observation("x", "2744-1", 5, &absent), "pH", "no value: not-performed");
    let words = json!({ "valueCodeableConcept": { "coding": [{ "system": "http://loinc.org", "code": "LA9999-9", "display": "Spontaneous" }] } });
    check_skipped(&observation("x", "9267-6", 5, &words), "eye", "not one that is known");
    check_skipped(&with(ph(), "valueQuantity", json!({ "value": "7.2" })), "", "not an Observation as FHIR R4 has it");
    let mut both = ph();
    both["code"]["coding"] =
        json!([{ "system": "http://loinc.org", "code": "2744-1" }, { "system": "http://loinc.org", "code": "8867-4" }]);
    check_skipped(&both, "Observation/x", "mean both");
}

#[test]
fn times_scores_and_comparators() {
    let period = with(observation("a", "8867-4", 0, &quantity(80.0, "/min")), "effectiveDateTime", Value::Null);
    let period =
        with(period, "effectivePeriod", json!({ "start": "2030-01-02T01:00:00+01:00", "end": "2030-01-02T09:00:00Z" }));
    let instant = with(observation("b", "2744-1", 0, &quantity(7.1, "1")), "effectiveDateTime", Value::Null);
    let instant = with(instant, "effectiveInstant", json!("2030-01-02T02:30:00.500Z"));
    let below = json!({ "valueQuantity": { "value": 40, "comparator": "<", "code": "mg/dL" } });
    let score = json!({ "valueCodeableConcept": { "coding": [{ "code": "x", "extension": [
        { "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3 }] }] } });
    let mut saturation = observation("s", "2708-6", 30, &quantity(91.0, "%"));
    saturation["code"]["coding"] = json!([
        { "system": "urn:iso:std:iso:11073:10101", "code": "150456" },
        { "system": "http://loinc.org", "code": "2708-6" }, { "system": "http://loinc.org", "code": "59408-5" }]);
    let resources = [
        period,
        instant,
        observation("g", "2345-7", 30, &below),
        observation("e", "9267-6", 30, &score),
        saturation,
        observation("f", "3150-0", 30, &quantity(0.5, "%")),
    ];
    let stay = parse(&bundle("searchset", &resources).to_string());
    assert_same(
        &stay,
        "Hours,Heart Rate,pH,Glucose,Glascow coma scale eye opening,Oxygen saturation,Fraction inspired oxygen\n\
         0,80,,,,,\n0.5,,,40,3 To speech,91,0.5\n2.5,,7.1,,,,\n",
    );
    assert_noted(&stay.report.notes, "Heart Rate", "a period, taken at its start");
    assert_noted(&stay.report.notes, "Glucose", "given with \"<\", the limit taken as the value");
    assert_noted(&stay.report.notes, "Fraction", "0.5 % taken as the fraction");
    assert_eq!(stay.report.observed.iter().sum::<usize>(), 6, "two codings of one value count once");
}

#[test]
fn time_zero_is_what_was_asked_for() {
    let encounter = json!({ "resourceType": "Encounter", "id": "e", "status": "finished", "subject": { "reference": "Patient/a" },
        "period": { "start": "2030-01-01T20:00:00Z" } });
    let resources = [observation("hr", "8867-4", 30, &quantity(80.0, "/min")), encounter];
    let text = bundle("searchset", &resources).to_string();
    for (zero, hours, said) in [
        ("first-observation", "0", "the first observation"),
        ("encounter-start", "4.5", "the start of Encounter/e, 2030-01-01T20:00:00Z"),
        ("auto", "4.5", "the start of Encounter/e, 2030-01-01T20:00:00Z"),
        ("2030-01-02T00:00:00+02:00", "2.5", "2030-01-02T00:00:00+02:00"),
    ] {
        let time_zero: TimeZero = zero.parse().unwrap_or_else(|error| panic!("{error}"));
        let stay =
            read(&text, &ReadOptions { time_zero, ..Default::default() }).unwrap_or_else(|error| panic!("{error}"));
        assert_same(&stay, &format!("Hours,Heart Rate\n{hours},80\n"));
        assert_eq!(stay.report.source.time_zero, said);
    }
    let start = ReadOptions { time_zero: TimeZero::EncounterStart, ..Default::default() };
    assert!(refused(&resources[0].to_string(), &start).contains("no Encounter with a start"));
    assert!("yesterday".parse::<TimeZero>().is_err());
}

#[test]
fn of_several_patients_one_is_asked_for() {
    let of = |id: &str, patient: &str, rate: f64| {
        with(observation(id, "8867-4", 0, &quantity(rate, "/min")), "subject", json!({ "reference": patient }))
    };
    let resources = [
        of("1", "Patient/a", 80.0),
        of("2", "http://host/fhir/Patient/b/_history/3", 90.0),
        of("3", "Patient/b", 95.0),
    ];
    let text = bundle("searchset", &resources).to_string();
    let message = refused(&text, &ReadOptions::default());
    let at = ", 2030-01-02T00:00:00Z)";
    let listed =
        format!("3 patients: Patient/a (1 row{at}, Patient/b (1 row{at}, http://host/fhir/Patient/b (1 row{at}");
    assert!(message.contains(&listed), "{message}");
    for (asked, rate) in [("Patient/b", 95), ("http://host/fhir/Patient/b", 90)] {
        let options = ReadOptions { patient: Some(asked.to_owned()), ..Default::default() };
        let stay = read(&text, &options).unwrap_or_else(|error| panic!("{error}"));
        assert_same(&stay, &format!("Hours,Heart Rate\n0,{rate}\n"));
        assert_eq!(stay.report.source.patient, asked);
    }
    let options = ReadOptions { patient: Some("b".to_owned()), ..Default::default() };
    assert!(refused(&text, &options).contains("\"b\" fits 2 patients"));
    let options = ReadOptions { patient: Some("c".to_owned()), ..Default::default() };
    assert!(refused(&text, &options).contains("\"c\" is not in the record"));
}

fn references(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "reference": id })).collect()
}

/// Without what the resource inside which it stands says already.
fn bare(mut resource: Value) -> Value {
    for field in ["subject", "encounter", "effectiveDateTime"] {
        resource.as_object_mut().map(|fields| fields.remove(field));
    }
    resource
}

#[test]
fn members_of_a_panel_are_read_wherever_they_stand() {
    let mut panel = observation("panel", "85353-1", 30, &json!({}));
    panel["contained"] = json!([
        bare(observation("sys", "8480-6", 0, &quantity(118.0, "mm[Hg]"))),
        observation("ph", "2744-1", 90, &quantity(7.31, "[pH]")),
        { "resourceType": "Patient", "id": "p" },
    ]);
    panel["hasMember"] = references(&["#sys", "#ph", "Observation/hr", "http://host/fhir/Observation/t/_history/2"]);
    let heart_rate = observation("hr", "8867-4", 30, &quantity(96.0, "/min"));
    let temperature = observation("t", "8310-5", 30, &quantity(37.0, "Cel"));
    let stay = parse(&bundle("searchset", &[panel.clone(), heart_rate.clone(), temperature]).to_string());
    assert_same(&stay, "Hours,Heart Rate,Temperature,Systolic blood pressure,pH\n0,96,37,118,\n1,,,,7.31\n");
    assert_eq!((stay.report.rows, stay.report.rows_read), (5, 4));
    assert_noted(&stay.report.notes, "Observation/panel", "a group of 4 Observations");
    assert_noted(&stay.report.notes, "Systolic", "taken at that of the resource inside which it stands");
    assert!(!stay.report.notes.iter().any(|note| note.message.contains("not in the record:")));
    assert_eq!(stay.report.source.patient, "Patient/a");
    assert_eq!(stay.report.source.encounter, "Encounter/e");
    assert_eq!(stay.report.source.basis, ["Observation/panel", "Observation/hr", "Observation/t"]);

    let stay = parse(&bundle("searchset", &[panel.clone(), heart_rate.clone()]).to_string());
    assert_noted(&stay.report.notes, "Observation/panel", "1 of its Observations not in the record: http://host");
    panel["status"] = json!("entered-in-error");
    let stay = parse(&bundle("searchset", &[panel, heart_rate]).to_string());
    assert_same(&stay, "Hours,Heart Rate\n0,96\n");
    assert_noted(
        &stay.report.rows_skipped,
        "Observation/panel",
        "status entered-in-error; likewise Observation/panel#sys",
    );
}

#[test]
fn members_without_an_id_are_known_by_their_address() {
    let mut heart_rate = observation("", "8867-4", 30, &quantity(96.0, "/min"));
    heart_rate.as_object_mut().map(|fields| fields.remove("id"));
    let mut panel = observation("panel", "85353-1", 30, &json!({}));
    panel["hasMember"] = references(&["urn:uuid:1", "urn:uuid:2"]);
    let record = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
        { "fullUrl": "urn:uuid:0", "resource": panel }, { "fullUrl": "urn:uuid:1", "resource": heart_rate }] });
    let stay = parse(&record.to_string());
    assert_same(&stay, "Hours,Heart Rate\n0,96\n");
    assert_noted(&stay.report.notes, "Observation/panel", "1 of its Observations not in the record: urn:uuid:2");
}

#[test]
fn lists_and_reports_hold_observations_or_name_them() {
    let item = |reference: &str, deleted: bool| json!({ "item": { "reference": reference }, "deleted": deleted });
    let list = json!({
        "resourceType": "List", "id": "l", "status": "current", "mode": "working", "subject": { "reference": "Patient/a" },
        "contained": [
            observation("in", "2744-1", 30, &quantity(7.31, "[pH]")),
            observation("off", "2744-1", 90, &quantity(6.9, "[pH]")),
        ],
        "entry": [item("#in", false), item("#off", true), item("Observation/hr", false), item("Observation/gone", false),
            item("Medication/m", false)],
    });
    let report = json!({
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": { "reference": "Patient/a" },
        "effectivePeriod": { "start": "2030-01-02T01:30:00Z" },
        "contained": [bare(observation("glu", "2345-7", 0, &quantity(140.0, "mg/dL")))],
        "result": references(&["#glu"]),
    });
    let heart_rate = observation("hr", "8867-4", 30, &quantity(96.0, "/min"));
    let stay = parse(&bundle("collection", &[list.clone(), report.clone(), heart_rate]).to_string());
    assert_same(&stay, "Hours,Heart Rate,pH,Glucose\n0,96,7.31,\n1,,,140\n");
    assert_noted(&stay.report.notes, "List/l", "1 of its Observations not in the record: Observation/gone");
    assert_noted(&stay.report.notes, "Glucose", "a period, taken at its start");
    assert_eq!(stay.report.source.basis, ["List/l", "DiagnosticReport/r", "Observation/hr"]);
    assert_eq!(parse(&report.to_string()).report.rows_read, 1, "a report by itself is a record");
    let alone = with(list, "contained", json!([]));
    assert!(refused(&alone.to_string(), &ReadOptions::default()).contains("no Observation in the record: only List/l"));
}

/// The shape of MIMIC-IV on FHIR: item numbers, units as charts spell them, scores with their words as a component.
#[test]
fn item_numbers_of_mimic_are_a_second_code_map() {
    let item = |id: &str, code: &str, value: Value| {
        let mut resource = observation(id, "x", 30, &value);
        resource["code"]["coding"] =
            json!([{ "system": "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-chartevents-d-items", "code": code }]);
        resource
    };
    let charted = |value: f64, unit: &str| {
        json!({ "valueQuantity": { "value": value, "unit": unit, "code": unit,
        "system": "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-units" } })
    };
    let verbal = item(
        "v",
        "223900",
        json!({ "valueQuantity": { "value": 1 }, "component": [{
        "code": { "coding": [{ "system": "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-chartevents-d-items", "code": "223900" }] },
        "valueString": "No Response-ETT" }] }),
    );
    let resources = [
        item("1", "220045", charted(88.0, "bpm")),
        item("2", "223761", charted(100.4, "°F")),
        item("3", "226512", charted(70.0, "kg")),
        item("4", "220179", charted(131.0, "mmHg")),
        item("5", "223901", json!({ "valueString": "Obeys Commands" })),
        item("6", "223951", json!({ "valueString": "Abnormal >3 secs" })),
        verbal,
    ];
    let stay = parse(&bundle("collection", &resources).to_string());
    assert_same(
        &stay,
        "Hours,Heart Rate,Temperature,Weight,Systolic blood pressure,Glascow coma scale motor response,Capillary refill rate,Glascow coma scale verbal response\n\
         0,88,38,70,131,Obeys Commands,1.0,No Response-ETT\n",
    );
}

/// The arterial line counts before the cuff of the same minute where nothing but the code says which is which, in either
/// order, for FHIR as for tables of items.
#[test]
fn codes_say_the_arterial_line_in_either_order() {
    let mimic = "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-chartevents-d-items";
    let pairs = [
        (mimic, "220050", "220179"),
        (mimic, "225309", "224167"),
        ("http://loinc.org", "76215-3", "76534-7"),
        ("http://loinc.org", "76215-3", "8480-6"),
    ];
    for (system, line, cuff) in pairs {
        let item = |id: &str, code: &str, value: f64| {
            let mut resource = observation(id, "x", 30, &quantity(value, "mm[Hg]"));
            resource["code"]["coding"] = json!([{ "system": system, "code": code }]);
            resource
        };
        let mut both = [item("line", line, 140.0), item("cuff", cuff, 120.0)];
        for _ in 0..2 {
            let stay = parse(&bundle("collection", &both).to_string());
            assert_same(&stay, "Hours,Systolic blood pressure\n0,140\n");
            both.reverse();
        }
        if system != mimic {
            continue;
        }
        for order in [[(line, 140), (cuff, 120)], [(cuff, 120), (line, 140)]] {
            let row = |(code, value)| format!("1,2180-01-01 00:30:00,{code},{value},mmHg\n");
            let rows: String = order.into_iter().map(row).collect();
            let stay = parse(&format!("stay_id,charttime,itemid,valuenum,valueuom\n{rows}"));
            let value = stay.cells.iter().find(|cell| cell.origin == Origin::Observed).map(|cell| cell.value);
            assert_eq!(value, Some(140.0), "{order:?}");
        }
    }
}

#[test]
fn what_is_no_fhir_record_is_refused_in_words() {
    for (text, word) in [
        ("{\"resourceType\": \"Bundle\", \"entry\": []}", "no Observation"),
        ("{\"resourceType\": \"Patient\"}", "only 1 Patient"),
        ("{\"resourceType\": \"Observation\"", "line 1: not valid as JSON"),
        ("{\n\"resourceType\": \"Observation\"}\n{\n\"a\"", "line 4: not valid as JSON"),
        ("{\"resourceType\": \"Observation\", \"status\": \"final\"}", "none of 1 rows"),
        ("[1, {\"resourceType\": \"Observation\"}]", "none of 2 rows can be used (line 1: Observation: no status"),
        ("[1, 2]", "line 1: no FHIR resource"),
    ] {
        let options = ReadOptions { format: Format::Fhir, ..Default::default() };
        assert!(refused(text, &options).contains(word), "{text}: {}", refused(text, &options));
    }
    let deep = "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":".repeat(8) + "{}" + &"}]}".repeat(8);
    assert!(refused(&deep, &ReadOptions::default()).contains("deep"));
}

#[test]
fn lines_of_a_bundle_are_those_of_the_text() {
    let good = observation("good", "8867-4", 0, &quantity(80.0, "/min"));
    let bad = with(with(good.clone(), "status", json!("cancelled")), "id", json!("bad"));
    let text = format!("{good}\n\n{bad}\n");
    let stay = parse(&text);
    assert_eq!(stay.report.rows_skipped.iter().map(|note| note.line).collect::<Vec<_>>(), [3]);
}

const PHYSIONET: &str = "Time,Parameter,Value\r\n00:00,RecordID,132539\r\n00:00,Age,54\r\n00:00,Height,-1\r\n00:00,Weight,80.5\r\n\
    00:07,GCS,15\r\n00:07,HR,73\r\n00:07,NISysABP,147\r\n00:07,SysABP,140\r\n00:07,Temp,35.1\r\n01:30,Weight,80.5\r\n01:30,FiO2,0.5\r\n\
    01:30,SaO2,97\r\n01:30,,0\r\n47:59,pH,7.4\r\n";

#[test]
fn a_record_of_the_challenge() {
    let stay = parse(PHYSIONET);
    assert_same(
        &stay,
        "Hours,Weight,Glascow coma scale total,Heart Rate,Systolic blood pressure,Temperature,Fraction inspired oxygen,Oxygen saturation,pH\n\
         0,80.5,,,,,,,\n0.11666666666666667,,15,73,140,35.1,,,\n1.5,,,,,,0.5,97,\n47.983333333333334,,,,,,,,7.4\n",
    );
    let report = &stay.report;
    assert_eq!((report.format.as_str(), report.rows, report.rows_read), ("physionet2012", 14, 9));
    assert_eq!(report.source.patient, "132539");
    assert_noted(&report.notes, "Height", "-1 stands for a missing value");
    assert_noted(&report.notes, "Weight", "the same as before");
    assert_noted(&report.unused, "Age", "no variable of the model; 1 value not used");
    assert_noted(&report.unused, "(no name)", "no variable");
}

#[test]
fn a_bad_row_of_the_challenge_costs_that_row() {
    let sound = parse(PHYSIONET);
    for (rows, channel, word) in [
        ("1:xx,HR,80", "", "Time: \"1:xx\" is no time"),
        (",HR,80", "", "Time: \"\" is no time"),
        ("01:00,HR", "", "2 fields where the header has 3"),
        ("01:00,HR,80,1", "", "4 fields where the header has 3"),
        ("01:00,HR,fast", "Heart Rate", "\"fast\" is not a number"),
        ("01:00,HR,", "Heart Rate", "the cell of the value is empty"),
        ("01:00,HR,\"80", "Heart Rate", "\"\\\"80\" is not a number"),
        ("1:xx,HR,80\n2:xx,HR,81\n,HR,82", "", "3 in all"),
    ] {
        let stay = parse(&format!("{PHYSIONET}{rows}\n"));
        assert!(stay.input == sound.input, "{rows}");
        assert_eq!(stay.report.rows_skipped.len(), sound.report.rows_skipped.len() + 1, "{:#?}", stay.report);
        let n_rows = rows.lines().count();
        assert_eq!(stay.report.n_skipped(), sound.report.n_skipped() + n_rows, "{rows}");
        assert_noted(&stay.report.rows_skipped, channel, word);
        let alone = refused(&format!("Time,Parameter,Value\n{rows}\n"), &ReadOptions::default());
        assert!(alone.contains(&format!("none of {n_rows} rows can be used (line 2: ")), "{alone}");
    }
    // Whose record it is counts whatever else stands in its row.
    let message = refused(&format!("{PHYSIONET}xx,RecordID,132540\n"), &ReadOptions::default());
    assert!(message.contains("\"132539\" and \"132540\""), "{message}");
    let message = refused(&format!("{PHYSIONET}{PHYSIONET}"), &ReadOptions::default());
    assert!(message.contains("the header stands here again"), "{message}");
    assert!(refused("Time,Parameter,Value\n00:00,HR,-1\n", &ReadOptions::default()).contains("none of 1 rows"));
    let options = ReadOptions { format: Format::Physionet2012, ..Default::default() };
    assert!(refused("Hours,pH\n", &options).contains("no header \"Time,Parameter,Value\""));
}

#[test]
fn a_long_table_with_names_that_are_known() {
    let text = "hours,variable,value,unit\n2.5,SpO2,93,%\n0.5,HR,96,bpm\n0.5,temp,98.6,°F\n1.5,8867-4,99,/min\n\
        1.5,GCS total,11,\n1.5,lactate,2.1,mmol/L\n1.5,eye opening,To Speech,\n3,GCS motor,6,\n3,pH,7.2,\n60,pH,7.1,\n";
    let stay = parse(text);
    assert_same(
        &stay,
        "Hours,Oxygen saturation,Heart Rate,Temperature,Glascow coma scale total,Glascow coma scale eye opening,Glascow coma scale motor response,pH\n\
         0.5,,96,37,,,,\n1.5,,99,,11,To Speech,,\n2.5,93,,,,,,\n3,,,,,,6 Obeys Commands,7.2\n",
    );
    let report = &stay.report;
    assert_eq!((report.format.as_str(), report.rows, report.rows_read), ("long", 10, 8));
    assert_noted(&report.unused, "lactate", "map it if it is one; 1 value not used");
    assert_noted(&report.rows_skipped, "", "hour 60 lies after");
}

#[test]
fn measurements_as_json_are_a_long_table() {
    let benchmark = "Hours,Heart Rate,Temperature,Glascow coma scale eye opening\n0.5,88,,\n1.5,,37,4 Spontaneously\n";
    let rows = [
        json!({ "time": 0.5, "variable": "Heart Rate", "value": 88, "unit": "/min", "patient": "7" }),
        json!({ "time": 1.5, "variable": "Temperature", "value": "98.6", "unit": "[degF]", "patient": "7" }),
        json!({ "patient": "7", "value": "4 Spontaneously", "variable": "Glascow coma scale eye opening", "time": "1.5" }),
        json!({ "time": 2, "variable": "pH", "value": null, "patient": "7" }),
        json!({ "time": 2, "variable": "Heart Rate", "value": 120, "patient": "8" }),
    ];
    let options = ReadOptions { patient: Some("7".to_owned()), ..Default::default() };
    let list = format!("{:#}", Value::from(rows.to_vec()));
    for text in [list.clone(), format!("\u{feff}\n{list}"), rows.map(|row| row.to_string()).join("\n")] {
        let stay = read(&text, &options).unwrap_or_else(|error| panic!("{error}"));
        assert_same(&stay, benchmark);
        assert_eq!((stay.report.format.as_str(), stay.report.rows, stay.report.rows_read), ("long", 4, 3));
        assert_noted(&stay.report.notes, "Temperature", "converted from [degF] to Cel");
        assert_noted(&stay.report.rows_skipped, "pH", "empty");
    }
    let long = ReadOptions { format: Format::Long, ..Default::default() };
    for (text, word) in [
        ("[1, 2]", "line 1: no object"),
        ("{\"time\": 0, \"variable\": \"pH\", \"value\": {}}", "\"{}\" is not a number"),
        ("{\"time\": 0, \"time\": 1, \"variable\": \"pH\", \"value\": 7}", "\"time\" stands twice"),
        ("{\"when\": 0, \"variable\": \"pH\", \"value\": 7}", "no column is known to hold the time"),
        ("[{\"time\": 0", "not valid as JSON"),
        ("[]", "the record is empty"),
    ] {
        assert!(refused(text, &long).contains(word), "{text}: {}", refused(text, &long));
    }
    let many: Vec<Value> = (0..100).map(|n| json!({ format!("field {n}"): n })).collect();
    assert!(refused(&Value::from(many).to_string(), &long).contains("more than 64 different fields"));
    let found = survey(&list, &manifest(), &Mapping::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.patients, ["7", "8"]);
    assert_eq!(found.roles["unit"], "unit");
}

/// An object that cannot be read costs that object, and a field that is of no use costs nothing.
#[test]
fn a_bad_object_costs_that_object() {
    let good = "{\"time\":0.5,\"variable\":\"HR\",\"value\":80}";
    for (bad, channel, word) in [
        ("[1]", "", "no object"),
        ("{\"time\":1,\"time\":2,\"variable\":\"HR\",\"value\":90}", "", "\"time\" stands twice"),
        ("{\"time\":1,\"variable\":\"HR\",\"value\":[90]}", "Heart Rate", "\"[90]\" is not a number"),
        ("{\"time\":1,\"variable\":\"HR\",\"value\":true}", "Heart Rate", "\"true\" is not a number"),
        ("{\"variable\":\"HR\",\"value\":90}", "", "it has no time"),
        ("{\"time\":1,\"variable\":\"HR\",\"value\":90", "", "not valid as JSON"),
    ] {
        for text in [format!("{good}\n{bad}\n"), format!("{bad}\n{good}\n")] {
            let stay = parse(&text);
            assert_same(&stay, "Hours,Heart Rate\n0.5,80\n");
            assert_eq!((stay.report.rows, stay.report.rows_read), (2, 1), "{bad}");
            assert_noted(&stay.report.rows_skipped, channel, word);
        }
    }
    let nested = "{\"time\":0.5,\"variable\":\"HR\",\"value\":80,\"by\":{\"ward\":[1]},\"sure\":true}";
    assert_same(&parse(nested), "Hours,Heart Rate\n0.5,80\n");
    let deleted = format!("{good}\n{{\"time\":1.5,\"variable\":\"HR\",\"value\":90,\"deleted\":true}}");
    assert_noted(&parse(&deleted).report.rows_skipped, "", "withdrawn: its deleted is true");
}

#[test]
fn a_long_table_with_dates_and_a_mapping() {
    let text = "wann,was,wert,wer\n2101-10-20 19:08:00,Puls,96,7\n2101-10-20 20:38:00,Puls,99,7\n2101-10-20 19:08:00,Puls,60,8\n\
        2101-10-20 19:08:00,Laktat,2,7\n";
    let name = |text: &str| Some(text.to_owned());
    let mut mapping = Mapping {
        columns: ColumnNames {
            time: name("wann"),
            variable: name("was"),
            value: name("wert"),
            unit: None,
            patient: name("wer"),
            encounter: None,
        },
        variables: [("Puls".to_owned(), "Heart Rate".to_owned()), ("Laktat".to_owned(), String::new())].into(),
        ..Mapping::default()
    };
    let options = |mapping: &Mapping, patient: Option<&str>| ReadOptions {
        format: Format::Long,
        mapping: mapping.clone(),
        patient: patient.map(str::to_owned),
        ..Default::default()
    };
    let stay = read(text, &options(&mapping, Some("7"))).unwrap_or_else(|error| panic!("{error}"));
    assert_same(&stay, "Hours,Heart Rate\n0,96\n1.5,99\n");
    assert_noted(&stay.report.notes, "Heart Rate", "without a unit, taken as /min");
    assert_noted(&stay.report.unused, "Laktat", "left out by the mapping");
    assert!(refused(text, &options(&mapping, None)).contains("2 patients by its column wer: \"7\" wer 7 (3 rows, "));
    assert!(refused(text, &options(&Mapping::default(), None)).contains("mapping.columns.time (\"wann\", \"was\""));
    mapping.variables.clear();
    let message = refused(text, &options(&mapping, Some("7")));
    assert!(
        message.contains("no variable of the model among \"Puls\", \"Laktat\"; say with mapping.variables"),
        "{message}"
    );
    mapping.variables = [("Puls".to_owned(), "Pulse wave".to_owned())].into();
    let message = refused(text, &options(&mapping, Some("7")));
    assert!(message.contains("field mapping.variables.Puls: \"Pulse wave\" is no variable"), "{message}");
    mapping.columns.time = name("when");
    assert!(
        refused(text, &options(&mapping, Some("7")))
            .contains("field mapping.columns.time: the header has no column \"when\"")
    );
}

#[test]
fn a_long_table_is_looked_over_before_it_is_read() {
    let text = "wann,was,value,subject_id\n1,Puls,96,7\n2,SpO2,99,8\n3,Puls,60,7\n";
    let manifest = manifest();
    let first = survey(text, &manifest, &Mapping::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(first.columns, ["wann", "was", "value", "subject_id"]);
    assert_eq!(
        first.roles.into_iter().collect::<Vec<_>>(),
        [("patient", "subject_id".to_owned()), ("value", "value".to_owned())]
    );
    assert!(first.variables.is_empty());
    assert_eq!(first.patients, ["7", "8"]);
    let columns = ColumnNames { variable: Some("was".to_owned()), ..ColumnNames::default() };
    let second =
        survey(text, &manifest, &Mapping { columns, ..Mapping::default() }).unwrap_or_else(|error| panic!("{error}"));
    let named = second.variables.iter().map(|one| (one.name.as_str(), one.count, one.channel.as_deref()));
    assert_eq!(named.collect::<Vec<_>>(), [("Puls", 2, None), ("SpO2", 1, Some("Oxygen saturation"))]);
}

#[test]
fn a_bad_long_table_is_refused_at_its_line() {
    let header = "time,variable,value\n";
    for (rows, word) in [
        ("0.5,HR,96\n2101-10-20 19:08:00,HR,9\n", "line 3: some times are hours and some are dates"),
        ("noon,HR,96\n", "line 2: time: \"noon\" is not a number"),
        ("0.5,HR\n", "line 2: 2 fields"),
        ("", "no rows of data"),
        ("0.5,HR,fast\n", "Heart Rate: \"fast\" is not a number"),
        ("0.5,HR,\n", "the cell of the value is empty"),
    ] {
        let message = refused(&format!("{header}{rows}"), &ReadOptions::default());
        assert!(message.contains(word), "{rows:?}: {message}");
    }
}

/// A manifest may bring a table of codes for channels of its own.
#[test]
fn a_model_brings_codes_of_its_own() {
    let text = r#"{ "format": "vitrine-manifest/1", "name": "tiny", "steps": 2, "step_hours": 1, "columns": 1,
        "outcomes": [{ "name": "death", "threshold": 0.5 }],
        "channels": [{ "name": "lactate", "label": "Lactate", "unit": "mmol/L", "columns": [0],
            "encoding": { "kind": "continuous", "mean": 0, "std": 1, "normal": 1 } }],
        "codes": { "format": "vitrine-codes/1", "systems": { "http://loinc.org": "loinc" }, "variables": [
            { "channel": "lactate", "unit": "mmol/L", "units": { "mmol/L": { "factor": 1 }, "mg/dL": { "factor": 0.111 } },
              "codes": { "loinc": ["2524-7"] } }] } }"#;
    let manifest = Manifest::from_json(text).unwrap_or_else(|error| panic!("{error}"));
    let resource = observation("l", "2524-7", 0, &quantity(18.0, "mg/dL")).to_string();
    let stay = Stay::parse(&resource, &manifest, Format::Auto, "").unwrap_or_else(|error| panic!("{error}"));
    assert!((stay.input[0] - 1.998).abs() < 1e-6, "{:?}", stay.input);
    let wrong = Manifest::from_json(&text.replace("\"channel\": \"lactate\"", "\"channel\": \"lactic\"")).unwrap_err();
    assert_eq!(wrong.place, Place::Field("codes.variables[0].channel".to_owned()));
}

#[test]
fn a_prediction_leaves_as_a_risk_assessment() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/models/in-hospital-mortality.onnx");
    let onnx = std::fs::read(path).unwrap_or_else(|error| panic!("{error}"));
    let model = Model::read(&onnx, None, &Default::default()).unwrap_or_else(|error| panic!("{error}"));
    let (resources, _) = whole_stay();
    let stay = Stay::parse(&bundle("searchset", &resources).to_string(), model.manifest(), Format::Auto, "")
        .unwrap_or_else(|error| panic!("{error}"));
    let relevance = model.explain(&stay.input, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let context =
        Context { recorded: Some("2030-01-05T12:00:00Z".to_owned()), method: Some("lrp".to_owned()), subject: None };
    let resource = risk_assessment(&model, &stay, &relevance, 0, &context).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(resource["prediction"][0]["probabilityDecimal"], json!(relevance.probability));
    assert_eq!(resource["meta"]["security"][0]["code"], "AIAST");
    assert_eq!(resource["subject"]["reference"], "Patient/a");
    assert_eq!(resource["encounter"]["reference"], "Encounter/e");
    assert_eq!(resource["basis"].as_array().map(Vec::len), Some(15));
    assert_eq!(resource["contained"][1]["recorded"], "2030-01-05T12:00:00Z");
    assert_eq!(resource["performer"]["reference"], "#model");
    assert!(resource["note"][0]["text"].as_str().is_some_and(|text| text.contains("Not a medical device")));
    let undated =
        risk_assessment(&model, &stay, &relevance, 0, &Context::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(undated["contained"].as_array().map(Vec::len), Some(1));
    let wrong = Context { recorded: Some("yesterday".to_owned()), ..Context::default() };
    assert_eq!(risk_assessment(&model, &stay, &relevance, 0, &wrong).unwrap_err().kind, Kind::Argument);
}

/// Where open data lies beside the repository: `VITRINE_DATA`, else `../shared/data`.
fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VITRINE_DATA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    Some(root.join(path)).filter(|path| path.exists())
}

#[test]
fn the_us_core_examples_are_read() {
    let Some(folder) = data("fhir/us-core") else { return eprintln!("skipped: no fhir/us-core") };
    let mut observed = [0; 17];
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{error}")).flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{error}"));
        let stay = parse(&text);
        assert_eq!(stay.report.rows_read, 1, "{}: {:?}", entry.path().display(), stay.report);
        for (sum, steps) in observed.iter_mut().zip(&stay.report.observed) {
            *sum += steps;
        }
        n_files += 1;
    }
    assert_eq!(n_files, 8);
    let manifest = manifest();
    let seen = manifest.channels.iter().zip(observed).filter(|(_, steps)| *steps > 0);
    assert_eq!(
        seen.map(|(channel, steps)| (channel.label.as_str(), steps)).collect::<Vec<_>>(),
        [
            ("Heart rate", 1),
            ("Systolic BP", 1),
            ("Diastolic BP", 1),
            ("Respiratory rate", 1),
            ("O2 saturation", 1),
            ("Glucose", 1),
            ("Temperature", 1),
            ("Weight", 1),
            ("Height", 1),
        ]
    );
}

/// Training reads what the page reads: the tensors beside the made-up records are those that `training/physionet2012.py` makes.
#[test]
fn the_challenges_records_give_the_tensors_that_networks_are_trained_on() {
    let entries = std::fs::read_dir("training/records").unwrap_or_else(|error| panic!("{error}"));
    let records = entries.map(|entry| entry.map(|entry| entry.path()).unwrap_or_else(|error| panic!("{error}")));
    let mut n_records = 0;
    for record in records.filter(|path| path.extension().is_some_and(|extension| extension == "txt")) {
        let bytes = |path: &std::path::Path| std::fs::read(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let stay = parse(&String::from_utf8_lossy(&bytes(&record)));
        let trained: Vec<u8> = bytes(&record.with_extension("input.f32"));
        let input: Vec<u8> = stay.input.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(input == trained, "{record:?} differs; {:#?}", stay.report);
        n_records += 1;
    }
    assert!(n_records >= 4, "{n_records}");
}

/// Some real records of the challenge: every one is read, every row is accounted for, and each channel was observed in
/// as many hours as counting by hand says.
#[test]
fn real_records_of_the_challenge_are_read() {
    let Some(archive) = data("physionet2012/set-a.tar.xz") else { return eprintln!("skipped: no physionet2012") };
    let command = std::process::Command::new("tar")
        .args(["--extract", "--to-stdout", "--wildcards", "--file"])
        .arg(&archive)
        .arg("set-a/1325*.txt")
        .output();
    let Some(output) = command.ok().filter(|output| output.status.success()) else {
        return eprintln!("skipped: no tar with xz here");
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let manifest = manifest();
    let mut n_records = 0;
    for record in text.split("Time,Parameter,Value").filter(|record| !record.trim().is_empty()) {
        let stay = parse(&format!("Time,Parameter,Value{record}"));
        assert_eq!(stay.report.rows, record.lines().filter(|line| !line.trim().is_empty()).count());
        for (channel, names) in
            [("Heart rate", &["HR"][..]), ("Systolic BP", &["SysABP", "NISysABP"]), ("Glucose", &["Glucose"])]
        {
            let index =
                manifest.channels.iter().position(|one| one.label == channel).unwrap_or_else(|| panic!("{channel}"));
            assert_eq!(
                stay.report.observed[index],
                hours_with(record, names, manifest.channels[index].plausible),
                "{channel} of {}",
                stay.report.source.patient
            );
        }
        n_records += 1;
    }
    assert!(n_records > 20, "{n_records}");
}

/// In how many hours of a record one of these parameters was measured and plausible.
fn hours_with(record: &str, names: &[&str], plausible: Option<[f64; 2]>) -> usize {
    let rows = record.lines().filter_map(|line| {
        let (time, rest) = line.split_once(',')?;
        let (name, value) = rest.split_once(',')?;
        let (hours, minutes) = time.split_once(':')?;
        let minutes = 60 * hours.parse::<u32>().ok()? + minutes.parse::<u32>().ok()?;
        // An hour holds its end, and the first one also its start.
        let hour = if minutes == 0 { 0 } else { (minutes - 1) / 60 };
        let value: f64 = value.trim().parse().ok()?;
        let is_plausible = plausible.is_none_or(|[low, high]| (low..=high).contains(&value));
        (names.contains(&name) && is_plausible && hour < 48).then_some(hour)
    });
    rows.collect::<std::collections::HashSet<_>>().len()
}
