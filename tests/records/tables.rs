//! Tables that a reader might bring, each for a whole kind of fault: read right, or asked about, or refused. The files are in
//! `tests/fixtures/cases`; every expected value is what the file says in words or by arithmetic that stands beside it.

use vitrine::stay::manifest::Manifest;
use vitrine::stay::{ColumnNames, DayRule, Format, Mapping, Origin, ReadOptions, Remark, Stay, TimeUnit, TimeZero};
use vitrine::{Error, Kind};

type Hours<'a> = &'a [(usize, f64)];

fn manifest() -> Manifest {
    Manifest::built_in(48, 76, 1).unwrap_or_else(|error| panic!("{error}"))
}

fn case(file: &str) -> String {
    let path = format!("{}/tests/fixtures/cases/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn read(text: &str, options: &ReadOptions) -> Stay {
    Stay::read(text, &manifest(), options).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refused(text: &str, options: &ReadOptions) -> Error {
    match Stay::read(text, &manifest(), options) {
        Err(error) => error,
        Ok(stay) => panic!("read, with {:#?}", stay.report),
    }
}

/// A channel has these values in these hours, and none in any other.
#[track_caller]
fn assert_hours(stay: &Stay, channel: &str, expected: Hours<'_>) {
    let manifest = manifest();
    let index = manifest.channels.iter().position(|one| one.name == channel).unwrap_or_else(|| panic!("{channel}"));
    let row = &stay.cells[index * manifest.steps..(index + 1) * manifest.steps];
    let observed = row.iter().enumerate().filter(|(_, cell)| cell.origin == Origin::Observed);
    let seen: Vec<(usize, f64)> = observed.map(|(hour, cell)| (hour, cell.value)).collect();
    let is_same =
        seen.len() == expected.len() && seen.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 0.01);
    assert!(is_same, "{channel}: {seen:?}, expected {expected:?}; {:#?}", stay.report);
}

#[track_caller]
fn check(text: &str, options: &ReadOptions, expected: &[(&str, Hours<'_>)]) -> Stay {
    let stay = read(text, options);
    for (channel, hours) in expected {
        assert_hours(&stay, channel, hours);
    }
    stay
}

#[track_caller]
fn check_file(file: &str, options: &ReadOptions, expected: &[(&str, Hours<'_>)]) -> Stay {
    check(&case(file), options, expected)
}

/// All that a report says.
fn said(stay: &Stay) -> String {
    let report = &stay.report;
    let all = report.notes.iter().chain(&report.rows_skipped).chain(&report.implausible).chain(&report.unused);
    all.map(|Remark { line, channel, message }| format!("{line} {channel}: {message}\n")).collect()
}

#[track_caller]
fn assert_said(stay: &Stay, words: &[&str]) {
    let said = said(stay);
    for word in words {
        assert!(said.contains(word), "{word:?} is not said: {said}");
    }
}

/// The record is refused with a question for this option, and these are its choices.
#[track_caller]
fn assert_asked(text: &str, options: &ReadOptions, option: &str, choices: &[&str]) -> Error {
    let error = refused(text, options);
    assert_eq!(error.kind, Kind::Record, "{error}");
    let question = error.question.as_ref().unwrap_or_else(|| panic!("no question: {error}"));
    assert_eq!(question.option, option, "{error}");
    let values: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(values, choices, "{error}");
    error
}

fn auto() -> ReadOptions {
    ReadOptions::default()
}

fn of_stay(encounter: &str) -> ReadOptions {
    ReadOptions { encounter: Some(encounter.to_owned()), ..auto() }
}

fn of_patient(patient: &str) -> ReadOptions {
    ReadOptions { patient: Some(patient.to_owned()), ..auto() }
}

fn mapped(mapping: Mapping) -> ReadOptions {
    ReadOptions { mapping, ..auto() }
}

/// A mapping of columns by role and of names to channels.
fn mapping(columns: &[(&str, &str)], variables: &[(&str, &str)]) -> Mapping {
    let mut names = ColumnNames::default();
    for (role, name) in columns {
        let name = Some((*name).to_owned());
        match *role {
            "time" => names.time = name,
            "variable" => names.variable = name,
            "value" => names.value = name,
            "unit" => names.unit = name,
            "patient" => names.patient = name,
            _ => names.encounter = name,
        }
    }
    let pair = |(name, channel): &(&str, &str)| ((*name).to_owned(), (*channel).to_owned());
    Mapping { columns: names, variables: variables.iter().map(pair).collect(), ..Mapping::default() }
}

#[test]
fn columns_that_tell_people_or_admissions_apart_are_asked_about() {
    for (name, option, values) in [
        ("mrn", "patient", ["5501", "5502"]),
        ("hadm_id", "encounter", ["20071", "20072"]),
        ("encounter_id", "encounter", ["e8001", "e8002"]),
        ("pid", "patient", ["6601", "6602"]),
    ] {
        let text = case(&format!("tables/two-{name}.csv"));
        let error = assert_asked(&text, &auto(), option, &values);
        assert!(
            error.message.contains(&format!("{name} {} (1 row, 0)", values[0])) || error.message.contains("1 row"),
            "{error}"
        );
        for (value, rate) in values.iter().zip([(0, 80.0), (4, 178.0)]) {
            let options = if option == "patient" { of_patient(value) } else { of_stay(value) };
            check(&text, &options, &[("Heart Rate", &[rate])]);
        }
    }
    let other = |name: &str| case("tables/two-mrn.csv").replace("mrn", name);
    for name in [
        "subject_id",
        "PERSON_ID",
        "patientunitstayid",
        "visit_occurrence_id",
        "icustay_id",
        "csn",
        "Hospitalization_ID",
    ] {
        assert!(refused(&other(name), &auto()).question.is_some(), "{name}");
    }
}

#[test]
fn a_column_named_like_a_number_of_people_is_asked_about_where_it_groups_rows() {
    let text = "case_id2,BettId,time,variable,value\n1,a,0,HR,80\n2,a,1,HR,82\n3,b,2,HR,90\n4,b,3,HR,91\n";
    let error = assert_asked(text, &auto(), "patient", &["a", "b"]);
    assert!(error.message.contains("mapping.ignored: [\"BettId\"]"), "{error}");
    let stay = read(text, &mapped(Mapping { ignored: vec!["BettId".to_owned()], ..Mapping::default() }));
    assert_eq!(stay.report.rows_read, 4);
    let numbered = "fall_nr,time,variable,value\n1,0,HR,80\n2,1,HR,82\n3,2,HR,90\n";
    assert_said(&read(numbered, &auto()), &["the column fall_nr, which is not used, has 3 values"]);
}

/// Columns of other houses that may say whose a row is, and others that do not.
#[test]
fn columns_that_may_say_whose_a_row_is_are_asked_about() {
    let table = |name: &str| format!("{name},time,variable,value\na,0,HR,80\na,1,HR,82\nb,2,HR,90\nb,3,HR,91\n");
    for name in ["id", "name", "patient_name", "PatientNumber", "case", "bed", "hospno", "DOB", "sex", "Age", "Vorname"]
    {
        assert_asked(&table(name), &auto(), "patient", &["a", "b"]);
        let wide = table(name).replace("variable,value", "hr,sbp").replace("HR,", "80,1");
        assert_asked(&wide, &auto(), "patient", &["a", "b"]);
        let benchmark = format!("Hours,Heart Rate,{name}\n0,80,a\n1,81,a\n2,90,b\n3,91,b\n");
        assert_asked(&benchmark, &auto(), "patient", &["a", "b"]);
    }
    for name in ["ward", "device", "comment", "method", "value_as_number", "unit_concept_id", "storetime"] {
        let stay = Stay::read(&table(name), &manifest(), &auto());
        assert!(
            stay.is_ok_and(|stay| stay.report.rows_read == 4) || name.starts_with("unit") || name.starts_with("value")
        );
    }
    // A model's own variable is none of them.
    let text = "time,age,hr\n0.5,50,80\n1.5,51,81\n2.5,51,82\n";
    let mapped_age = Mapping { variables: [("age".to_owned(), "Weight".to_owned())].into(), ..Mapping::default() };
    check(text, &mapped(mapped_age), &[("Weight", &[(0, 50.0), (1, 51.0), (2, 51.0)])]);
}

#[test]
fn a_column_that_stands_twice_is_refused_where_it_is_used() {
    for header in ["time,variable,value,Value", "time,Time,variable,value", "time,variable,value,subject_id,SUBJECT_ID"]
    {
        let n = header.split(',').count();
        let error = refused(&format!("{header}\n{}\n", vec!["1"; n].join(",")), &auto());
        assert!(error.message.contains("stands in the header twice"), "{header}: {error}");
    }
    assert!(refused("time,hr,HR,sbp\n1,80,90,120\n", &auto()).message.contains("\"HR\" stands in the header twice"));
    check("time,hr,x,x,,\n1,80,90,120,,\n", &auto(), &[("Heart Rate", &[(0, 80.0)])]);
}

#[test]
fn a_stray_quote_in_a_header_costs_nothing() {
    check("\"Hours,pH\n1,7.3\n2,7.2\n", &auto(), &[("pH", &[(0, 7.3), (1, 7.2)])]);
}

#[test]
fn two_icu_stays_of_one_person_are_asked_about() {
    let text = case("tables/chartevents-two-stays.csv");
    let error = assert_asked(&text, &auto(), "encounter", &["30001", "30002"]);
    assert!(error.message.contains("stay_id 30001") && error.message.contains("2151-03-02 10:30:00"), "{error}");
    check(&text, &of_stay("30002"), &[("Heart Rate", &[(0, 121.0)])]);
    let stay = check(&text, &of_stay("30001"), &[("Heart Rate", &[(0, 80.0)])]);
    assert_eq!((stay.report.source.patient.as_str(), stay.report.source.encounter.as_str()), ("10001", "30001"));
    assert_asked(&text, &of_patient("10001"), "encounter", &["30001", "30002"]);
    let text = case("tables/rows-two-stays.ndjson");
    assert_asked(&text, &auto(), "encounter", &["s1", "s2"]);
    check(&text, &of_stay("s2"), &[("Heart Rate", &[(6, 133.0)])]);
    // Two people whose stays bear the same number: the stay alone does not say whose.
    let text = "subject_id,stay_id,hours,variable,value\n1,7,0,HR,80\n2,7,0,HR,90\n";
    assert_asked(text, &of_stay("7"), "patient", &["1", "2"]);
    let error = refused(text, &of_patient("3"));
    assert_eq!(error.kind, Kind::Argument);
    assert!(error.message.contains("\"3\" is not in the record, which holds subject_id \"1\", \"2\""), "{error}");
    // A benchmark's header does not hide that there are two.
    let text = "stay_id,Hours,Heart Rate\n1,0,80\n2,1,90\n";
    assert_asked(text, &auto(), "encounter", &["1", "2"]);
}

#[test]
fn rows_that_name_no_stay_are_read_with_the_only_one() {
    let text = "subject_id,stay_id,charttime,itemid,valuenum\n1,7,2151-01-01 00:00:00,220045,80\n1,,2151-01-01 01:30:00,220045,90\n";
    let stay = check(text, &auto(), &[("Heart Rate", &[(0, 80.0), (1, 90.0)])]);
    assert_said(&stay, &["1 row names no stay_id; read with the others"]);
    check(text, &of_stay("7"), &[("Heart Rate", &[(0, 80.0)])]);
}

#[test]
fn two_records_of_the_challenge_are_refused() {
    let message = refused(&case("records/physionet-two.csv"), &auto()).to_string();
    assert!(message.contains("132001") && message.contains("132002"), "{message}");
}

#[test]
fn a_unit_belongs_to_the_item_or_to_the_name() {
    // 226512 is in kg and 226531 in pounds; of one minute the one that needs no conversion counts, in either order.
    let text = case("tables/chartevents-pounds.csv");
    let expected: [(&str, Hours<'_>); 2] = [("Weight", &[(0, 81.6)]), ("Heart Rate", &[(0, 80.0)])];
    check(&text, &auto(), &expected);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, 2);
    check(&lines.join("\n"), &auto(), &expected);
    // (98.6 - 32) / 1.8 = 37; 150 lb and 154 lb times 0.45359237.
    check_file("tables/item-fahrenheit.csv", &auto(), &[("Temperature", &[(0, 37.0)])]);
    check_file("tables/item-pounds.csv", &auto(), &[("Weight", &[(0, 68.04)])]);
    let fahrenheit = mapping(
        &[("variable", "nursingchartcelltypevalname"), ("value", "nursingchartvalue")],
        &[("Temperature (F)", "Temperature")],
    );
    check_file("tables/eicu-temperature.csv", &mapped(fahrenheit), &[("Temperature", &[(0, 37.0)])]);
    let pounds = mapping(&[("variable", "name")], &[("Weight (lb)", "Weight")]);
    check_file("tables/name-pounds.csv", &mapped(pounds), &[("Weight", &[(0, 69.85)])]);
    check_file("tables/name-pounds.csv", &auto(), &[("Weight", &[(0, 69.85)])]);
}

#[test]
fn names_say_their_units_in_many_ways() {
    for (name, value, channel, expected) in [
        ("temp_f", "98.6", "Temperature", 37.0),
        ("Temp (°F)", "98.6", "Temperature", 37.0),
        ("temperature [Cel]", "37.2", "Temperature", 37.2),
        ("weight_lb", "154", "Weight", 69.853),
        ("Weight, kg", "70", "Weight", 70.0),
        ("height_in", "70", "Height", 177.8),
        ("Height (m)", "1.78", "Height", 178.0),
        ("glucose mmol/L", "10", "Glucose", 180.16),
        ("glucose_mgdl", "180", "Glucose", 180.0),
        ("sbp_mmHg", "120", "Systolic blood pressure", 120.0),
        ("SBP (kPa)", "16", "Systolic blood pressure", 120.01),
        ("heart_rate_bpm", "80", "Heart Rate", 80.0),
        ("LAB//220045//bpm", "80", "Heart Rate", 80.0),
        ("226707", "70", "Height", 177.8),
        ("15074-8", "10", "Glucose", 180.16),
    ] {
        check(&format!("hours,variable,value\n0,\"{name}\",{value}\n"), &auto(), &[(channel, &[(0, expected)])]);
    }
    // An aggregate or a position is no unit.
    for name in ["hr_min", "heart_rate_max", "temperature_site", "sbp_d"] {
        let text = format!("hours,variable,value\n0,{name},80\n0,HR,70\n");
        let stay = check(&text, &auto(), &[("Heart Rate", &[(0, 70.0)])]);
        assert_said(&stay, &[name]);
    }
}

#[test]
fn a_row_that_contradicts_its_item_is_not_read() {
    let text =
        "charttime,itemid,valuenum,valueuom\n2151-03-02 00:00:00,226531,150,kg\n2151-03-02 00:00:00,220045,80,bpm\n";
    let stay = check(text, &auto(), &[("Weight", &[])]);
    assert_said(&stay, &["its unit says kg, and its name or code is in [lb_av]"]);
}

#[test]
fn a_value_without_a_unit_is_asked_about_where_it_could_be_in_two() {
    let table = |name: &str, value: &str| format!("time,variable,value\n0,{name},{value}\n0,HR,80\n");
    // 80 lb are 36 kg, 70 in are 178 cm, 12 mmol/L are 216 mg/dL, 16 kPa are 120 mmHg: all plausible.
    for (name, value, choices) in [
        ("Weight", "80", vec!["[lb_av]", "kg"]),
        ("Height", "70", vec!["[in_i]"]),
        ("Glucose", "12", vec!["mg/dL", "mmol/L"]),
        ("Glucose", "5.5", vec!["mmol/L"]),
        ("SBP", "25", vec!["kPa", "mm[Hg]"]),
        ("Temperature", "98.6", vec!["[degF]"]),
    ] {
        assert_asked(&table(name, value), &auto(), &format!("mapping.units.{name}"), &choices);
    }
    for (name, value, channel) in [
        ("Temperature", 37.0, "Temperature"),
        ("Height", 170.0, "Height"),
        ("Glucose", 120.0, "Glucose"),
        ("SBP", 120.0, "Systolic blood pressure"),
        ("Weight", 40.0, "Weight"),
    ] {
        let stay = check(&table(name, &value.to_string()), &auto(), &[(channel, &[(0, value)])]);
        assert_said(&stay, &["without a unit, taken as"]);
    }
    // A name has one unit: 120 decides for 25, too; and two that decide differently are asked about.
    let text = "time,variable,value\n0,SBP,25\n1.5,SBP,120\n";
    check(text, &auto(), &[("Systolic blood pressure", &[(0, 25.0), (1, 120.0)])]);
    let text = "time,variable,value\n0,Temperature,37\n1.5,Temperature,98.6\n";
    assert_asked(text, &auto(), "mapping.units.Temperature", &["Cel", "[degF]"]);
    let unit =
        |name: &str, unit: &str| Mapping { units: [(name.to_owned(), unit.to_owned())].into(), ..Mapping::default() };
    check(&table("Weight", "80"), &mapped(unit("Weight", "lb")), &[("Weight", &[(0, 36.287)])]);
    check(
        &table("SBP", "16"),
        &mapped(unit("Systolic blood pressure", "kPa")),
        &[("Systolic blood pressure", &[(0, 120.01)])],
    );
    assert_eq!(refused(&table("Weight", "80"), &mapped(unit("Weight", "cm"))).kind, Kind::Argument);
}

#[test]
fn a_value_that_another_unit_would_make_usual_is_questioned() {
    let stay = read("time,variable,value,unit\n0,Glucose,12,mg/dL\n1,Glucose,110,mg/dL\n2,HR,80,bpm\n", &auto());
    assert_said(&stay, &["1 value: unusual as mg/dL, and usual as mmol/L: 12 mmol/L is 216.2 mg/dL; check the unit"]);
}

#[test]
fn units_are_read_in_many_spellings() {
    check_file(
        "tables/unit-spellings.csv",
        &auto(),
        &[
            ("Heart Rate", &[(0, 80.0), (1, 81.0), (2, 82.0), (3, 83.0)]),
            ("Temperature", &[(4, 37.0), (5, 37.5)]),
            ("Systolic blood pressure", &[(6, 121.0)]),
            ("Weight", &[(7, 80.0)]),
        ],
    );
    check_file(
        "tables/unit-spellings-pressure.csv",
        &auto(),
        &[
            ("Systolic blood pressure", &[(1, 121.0)]),
            ("Diastolic blood pressure", &[(2, 62.0)]),
            ("Weight", &[(3, 80.0)]),
            ("Height", &[(4, 172.0)]),
        ],
    );
    let own = [
        (
            "HR",
            80.0,
            "/min|bpm|BPM|Beats/min|/MIN|{Beats}/min|{beats}/min|beats per minute|1/min|min-1|/min{beats}|8541",
        ),
        ("RR", 20.0, "insp/min|Breaths/min|{Breaths}/min|br/min|/min"),
        ("SBP", 120.0, "mmHg|mmhg|MM HG|MM[HG]|mm[Hg]|mm Hg|mmHg.|Torr|millimeters of mercury|8876"),
        (
            "Temperature",
            37.0,
            "Cel|CEL|C|°C|?C|\u{fffd}C|Deg. C|deg C|degC|Celsius|celsius|degrees Celsius|ºC|Â°C|℃|586323",
        ),
        ("Weight", 80.0, "kg|KG|Kg|kgs|kilogram|Kilograms|kg.|9529"),
        ("Height", 172.0, "cm|CM|cms|Centimeters|8582"),
        ("Glucose", 120.0, "mg/dL|mg/dl|MG/DL|Mg/dL|mg/100mL|mg%"),
        ("SpO2", 97.0, "%|percent|Percent|pct"),
        ("pH", 7.4, "[pH]|pH|PH|units|1"),
    ];
    let converted = [
        ("Temperature", 98.6, 37.0, "[degF]|F|°F|?F|Fahrenheit|Deg. F|deg f|DEGF|degrees F|\u{fffd}F|9289"),
        ("Weight", 154.0, 69.853, "lb|lbs|LBS|[lb_av]|pounds|lbs.|8739"),
        ("Weight", 80_000.0, 80.0, "g|gram|grams|gm"),
        ("Height", 70.0, 177.8, "in|inch|Inches|[in_i]|IN|9330"),
        ("Height", 1.72, 172.0, "m|meters|Metre"),
        ("SBP", 16.0, 120.01, "kPa|KPA|kpa"),
        ("Glucose", 10.0, 180.16, "mmol/L|mmol/l|MMOL/L|umol/mL"),
        ("Temperature", 310.15, 37.0, "K|Kelvin"),
    ];
    let own = own.iter().map(|(name, value, units)| (*name, *value, *value, *units));
    for (name, value, expected, units) in own.chain(converted) {
        for unit in units.split('|') {
            let text = format!("time,variable,value,unit\n0,{name},{value},\"{unit}\"\n");
            let stay =
                Stay::read(&text, &manifest(), &auto()).unwrap_or_else(|error| panic!("{name} in {unit:?}: {error}"));
            let seen = stay.cells.iter().find(|cell| cell.origin == Origin::Observed).map(|cell| cell.value);
            assert!(seen.is_some_and(|seen| (seen - expected).abs() < 0.01), "{name} in {unit:?}: {seen:?}");
        }
    }
    for unit in ["mmol/L", "cm", "bananas", "mmHg/min", "kg/m2"] {
        let message = refused(&format!("time,variable,value,unit\n0,HR,80,{unit}\n"), &auto()).to_string();
        assert!(message.contains(&format!("unit \"{unit}\"; give it in /min")), "{message}");
    }
}

#[test]
fn marks_in_numbers_are_those_of_the_file() {
    let message = refused("time,variable,value,unit\n0,Glucose,\"1,200\",mg/dL\n", &auto()).to_string();
    assert!(message.contains("\"1,200\" may be 1200 or 1.2"), "{message}");
    let stay = check_file("tables/thousands.csv", &auto(), &[("Glucose", &[]), ("Heart Rate", &[(0, 80.0)])]);
    assert_said(&stay, &["\"1,200\" may be 1200 or 1.2; write it without a mark between thousands"]);
    check("time,variable,value,unit\n0,Glucose,\"1,200\",mg/dL\n0,pH,7.31,\n", &auto(), &[("Glucose", &[(0, 1200.0)])]);
    let text = "time;variable;value;unit\n0;Glucose;1.200;mg/dL\n0,5;Temperature;36,6;°C\n1,5;pH;7,31;\n";
    check(text, &auto(), &[("Glucose", &[(0, 1200.0)]), ("Temperature", &[(0, 36.6)]), ("pH", &[(1, 7.31)])]);
    check("Hours\tHR\tTemp\n0\t80\t37.5\n", &auto(), &[("Temperature", &[(0, 37.5)])]);
}

#[test]
fn rows_that_the_table_withdraws_are_not_read() {
    let stay = check_file("tables/mimic3-error.csv", &auto(), &[("Heart Rate", &[(0, 88.0)])]);
    assert_said(&stay, &["withdrawn: its ERROR is 1"]);
    assert_eq!((stay.report.rows, stay.report.rows_read), (2, 1));
    for (column, good, bad) in [
        ("valid", "1", "0"),
        ("is_valid", "true", "FALSE"),
        ("invalid", "0", "1"),
        ("Status", "final", "Entered-in-Error"),
        ("deleted", "", "t"),
        ("statusdescription", "FinishedRunning", "Rewritten"),
        ("error", "0.0", "1.0"),
    ] {
        let text = format!("hours,variable,value,{column}\n0,HR,80,{good}\n0.5,HR,180,{bad}\n");
        check(&text, &auto(), &[("Heart Rate", &[(0, 80.0)])]);
        let wide = format!("Hours,Heart Rate,{column}\n0,80,{good}\n0.5,180,{bad}\n");
        check(&wide, &auto(), &[("Heart Rate", &[(0, 80.0)])]);
    }
}

#[test]
fn what_a_status_says_that_is_not_known_is_reported() {
    let text = "time,variable,value,unit,result_status,deleted_at\n0.5,HR,80,/min,Final,\n1.5,HR,90,/min,ERR,NULL\n\
        2.5,HR,95,/min,ERR,\n3.5,HR,190,/min,final,2030-01-01\n";
    let stay = check(text, &auto(), &[("Heart Rate", &[(0, 80.0), (1, 90.0), (2, 95.0)])]);
    assert_said(&stay, &["3 result_status: \"ERR\" is not known; rows with it are read; 2 in all"]);
    assert_said(&stay, &["withdrawn: its deleted_at is 2030-01-01"]);
    assert!(!said(&stay).contains("Final"), "{}", said(&stay));
}

#[test]
fn offsets_are_in_the_unit_that_their_column_says() {
    let heart = mapping(&[("time", "observationoffset")], &[("heartrate", "Heart Rate")]);
    let stay = check_file("tables/eicu-vitals-minutes.csv", &mapped(heart), &[("Heart Rate", &[(0, 125.0)])]);
    assert_said(&stay, &["times read as minutes: hour 0 to hour 0.75"]);
    check_file("tables/eicu-vitals-minutes.csv", &auto(), &[("Heart Rate", &[(0, 125.0)])]);
    let saturation = mapping(&[("time", "nursingchartoffset")], &[("O2 Saturation", "Oxygen saturation")]);
    check_file(
        "tables/eicu-nursing-minutes.json",
        &mapped(saturation),
        &[("Oxygen saturation", &[(0, 92.0), (1, 95.0)])],
    );
    for (column, hour) in [("minutes_since_admission", 1), ("time_min", 1), ("t_hours", 47), ("offset_seconds", 0)] {
        let time = mapping(&[("time", column)], &[]);
        check(
            &format!("{column},variable,value\n0,SpO2,97\n48,HR,70\n90,pH,7.3\n"),
            &mapped(time.clone()),
            &[("Heart Rate", &[(if hour == 47 { 47 } else { 0 }, 70.0)])],
        );
        let in_days = Mapping { time_unit: Some(TimeUnit::Days), ..time };
        check(
            &format!("{column},variable,value\n0,HR,80\n1.5,HR,70\n"),
            &mapped(in_days),
            &[("Heart Rate", &[(0, 80.0), (35, 70.0)])],
        );
    }
}

#[test]
fn times_that_cannot_be_hours_are_asked_about() {
    let text = case("tables/time-of-minutes.csv");
    let error = assert_asked(&text, &auto(), "mapping.timeUnit", &["minutes", "hours", "days"]);
    assert!(error.message.contains("hour 0 to hour 0.75") && error.message.contains("hour 0 to hour 45"), "{error}");
    let in_unit = |unit| mapped(Mapping { time_unit: Some(unit), ..Mapping::default() });
    check(&text, &in_unit(TimeUnit::Minutes), &[("Heart Rate", &[(0, 155.0)])]);
    check(&text, &in_unit(TimeUnit::Hours), &[("Heart Rate", &[(0, 80.0), (14, 85.0), (29, 150.0), (44, 155.0)])]);
    // A day in seconds.
    let seconds = "time,variable,value\n0,HR,80\n43200,HR,85\n86400,HR,90\n";
    assert_asked(seconds, &auto(), "mapping.timeUnit", &["seconds", "minutes", "hours", "days"]);
    let expected: &[(&str, &[(usize, f64)])] = &[("Heart Rate", &[(0, 80.0), (11, 85.0), (23, 90.0)])];
    check(seconds, &in_unit(TimeUnit::Seconds), expected);
    let thousandths = seconds.replace("00,", "00000,");
    assert_asked(&thousandths, &auto(), "mapping.timeUnit", &["milliseconds", "seconds", "minutes", "hours", "days"]);
    check(&thousandths, &in_unit(TimeUnit::Milliseconds), expected);
    check(&seconds.replace("time,", "seconds,"), &auto(), expected);
    check(&seconds.replace("time,", "milliseconds,").replace("00,", "00000,"), &auto(), expected);
    let stay = read(&case("tables/days.csv"), &auto());
    assert_said(&stay, &["times read as hours: hour 0 to hour 2"]);
    // Days with hours as their parts; minutes of two days; and hours as they are, which are taken with a note.
    let table = |times: &[&str]| {
        "time,variable,value\n".to_owned() + &times.iter().map(|time| format!("{time},HR,80\n")).collect::<String>()
    };
    assert!(refused(&table(&["0", "0.0417", "0.0833", "0.125", "1.0417"]), &auto()).question.is_some());
    assert!(refused(&table(&["3", "61", "2877"]), &auto()).question.is_some());
    for times in [
        &["0", "4", "8", "12", "48"][..],
        &["0", "6", "12", "18", "24"],
        &["0", "1", "2"],
        &["0.25", "0.5", "1.75"],
        &["5", "10"],
    ] {
        assert_said(&read(&table(times), &auto()), &["times read as hours, their unit not being said"]);
    }
}

#[test]
fn a_row_without_a_time_costs_that_row() {
    let meds = mapping(&[("value", "numeric_value")], &[("LAB//220045//bpm", "Heart Rate")]);
    let expected: [(&str, Hours<'_>); 1] = [("Heart Rate", &[(0, 80.0), (1, 90.0)])];
    check_file("tables/meds-static.csv", &ReadOptions { format: Format::Long, ..mapped(meds) }, &expected);
    let stay = check_file("tables/meds-static.csv", &auto(), &expected);
    assert_said(&stay, &["it has no time"]);
    let stay = check_file("tables/one-time-missing.csv", &auto(), &[("Heart Rate", &[(0, 80.0), (5, 84.0)])]);
    assert_eq!(stay.report.rows_skipped.iter().map(|note| note.line).collect::<Vec<_>>(), [3]);
    let text = "time,variable,value\n0,HR,80\nnoon,HR,90\n1,HR\n,HR,91\nnight,HR,92\n1.5,HR,84\n";
    let stay = check(text, &auto(), &[("Heart Rate", &[(0, 80.0), (1, 84.0)])]);
    assert_said(&stay, &["\"noon\" is not a number", "2 fields where the header has 3", "it has no time"]);
    assert_eq!((stay.report.rows, stay.report.rows_read), (6, 2));
}

#[test]
fn dates_with_and_without_zones_and_times() {
    check_file("tables/zone-00.csv", &auto(), &[("Heart Rate", &[(0, 88.0), (1, 93.0)])]);
    let text = case("tables/mixed-zones.csv");
    assert_asked(&text, &auto(), "mapping.zone", &["+05:00", "Z"]);
    let zone = |zone: &str| mapped(Mapping { zone: Some(zone.to_owned()), ..Mapping::default() });
    // 10:30 at +05:00 is half an hour after 10:00 there; in UTC it is five hours later.
    check(&text, &zone("+05:00"), &[("Heart Rate", &[(0, 178.0)])]);
    check(&text, &zone("Z"), &[("Heart Rate", &[(0, 80.0), (5, 178.0)])]);
    assert_eq!(refused(&text, &zone("Europe/Vienna")).kind, Kind::Argument);
    let stay = check_file("tables/dates-only.csv", &auto(), &[("Heart Rate", &[(0, 80.0), (23, 60.0)])]);
    assert_said(&stay, &["3 dates without a time are taken as midnight"]);
    let header = "time,variable,value,unit\n";
    for rows in [
        // Which of the two counts depends on their times; hour zero depends on that of the weight.
        "2031-05-04,HR,80,/min\n2031-05-04,HR,180,/min\n",
        "2031-05-04 14:00,HR,80,/min\n2031-05-04,Weight,80,kg\n",
    ] {
        assert_asked(&format!("{header}{rows}"), &auto(), "mapping.dates", &["midnight", "skip"]);
    }
    let text = format!("{header}2031-05-04 14:00,HR,80,/min\n2031-05-04,Weight,80,kg\n");
    let rule = |dates| mapped(Mapping { dates: Some(dates), ..Mapping::default() });
    check(&text, &rule(DayRule::Midnight), &[("Heart Rate", &[(13, 80.0)]), ("Weight", &[(0, 80.0)])]);
    check(&text, &rule(DayRule::Skip), &[("Heart Rate", &[(0, 80.0)]), ("Weight", &[])]);
}

/// 26 October 2031 is the last Sunday of that month.
#[test]
fn local_times_over_a_change_of_clocks() {
    let header = "time,variable,value\n";
    let stay = read(&format!("{header}2031-10-25 23:00,HR,80\n2031-10-26 05:00,HR,82\n"), &auto());
    assert_said(&stay, &["both sides of the night of 2031-10-26, in which clocks change"]);
    let back = format!(
        "{header}2031-10-26 00:30,HR,80\n2031-10-26 02:45,HR,82\n2031-10-26 02:10,HR,84\n2031-10-26 06:00,HR,84\n"
    );
    assert_asked(&back, &auto(), "mapping.zone", &["Z"]);
    let zone = Mapping { zone: Some("Z".to_owned()), ..Mapping::default() };
    check(&back, &mapped(zone), &[("Heart Rate", &[(0, 80.0), (1, 84.0), (2, 82.0), (5, 84.0)])]);
    for quiet in
        ["2031-10-20 23:00,HR,80\n2031-10-21 05:00,HR,82\n", "2151-10-30 23:00,HR,80\n2151-10-31 05:00,HR,82\n"]
    {
        assert!(!said(&read(&format!("{header}{quiet}"), &auto())).contains("clocks"), "{quiet}");
    }
}

#[test]
fn a_letter_at_the_end_of_a_columns_name_is_its_unit() {
    let cases =
        [("time_s", "9000"), ("Time [s]", "9000"), ("time_h", "2.5"), ("Time (d)", "0.104"), ("time_d", "0.104")];
    for (column, later) in cases {
        let text = format!("{column},variable,value,unit\n0,HR,80,bpm\n{later},HR,82,bpm\n");
        check(&text, &auto(), &[("Heart Rate", &[(0, 80.0), (2, 82.0)])]);
    }
}

#[test]
fn hour_zero_of_a_table() {
    let text = case("tables/one-row-a-year-early.csv");
    let error = refused(&text, &auto());
    assert_eq!(error.question.as_ref().map(|question| question.option.as_str()), Some("timeZero"), "{error}");
    let choice = error.question.and_then(|question| question.choices.get(1).map(|choice| choice.value.clone()));
    let time_zero = choice.unwrap_or_default().parse().unwrap_or(TimeZero::Auto);
    let rates: Vec<(usize, f64)> = (0_u8..18).map(|hour| (usize::from(hour), 80.0 + f64::from(hour))).collect();
    let stay = read(&text, &ReadOptions { time_zero, ..auto() });
    assert_hours(&stay, "Heart Rate", &rates);
    // The stay's own start counts where a column gives it: 80 stands two and a half hours after it.
    let text = "stay_id,intime,charttime,itemid,valuenum\n1,2151-01-01 00:00:00,2151-01-01 02:30:00,220045,80\n";
    let stay = check(text, &auto(), &[("Heart Rate", &[(2, 80.0)])]);
    assert!(stay.report.source.time_zero.contains("intime"), "{}", stay.report.source.time_zero);
    let first = ReadOptions { time_zero: TimeZero::FirstObservation, ..auto() };
    check(text, &first, &[("Heart Rate", &[(0, 80.0)])]);
}

#[test]
fn well_known_tables_are_read_as_they_are() {
    check_file(
        "records/physionet-2019.psv",
        &auto(),
        &[
            ("Heart Rate", &[(0, 80.0), (1, 84.0)]),
            ("Systolic blood pressure", &[(0, 120.0)]),
            ("Temperature", &[(1, 37.2)]),
        ],
    );
    check_file(
        "tables/wide-short-names.csv",
        &auto(),
        &[
            ("Heart Rate", &[(0, 80.0), (1, 84.0)]),
            ("Systolic blood pressure", &[(0, 120.0), (1, 118.0)]),
            ("Temperature", &[(0, 37.0), (1, 37.2)]),
        ],
    );
    check_file(
        "tables/wide-short-names-2.csv",
        &auto(),
        &[
            ("Heart Rate", &[(0, 80.0), (2, 88.0)]),
            ("Oxygen saturation", &[(0, 97.0), (2, 93.0)]),
            ("Respiratory rate", &[(0, 17.0), (2, 24.0)]),
        ],
    );
    check_file("tables/clif-vitals.csv", &auto(), &[("Heart Rate", &[(0, 88.0)]), ("Temperature", &[(1, 37.1)])]);
    // mimic_derived.vitalsign: of cuff and line at one time the combined column counts.
    let text = "subject_id,stay_id,charttime,heart_rate,sbp,dbp,mbp,sbp_ni,dbp_ni,mbp_ni,resp_rate,temperature,temperature_site,spo2,glucose\n\
        1,2,2151-01-01 00:00:00,80,120,60,80,131,62,84,18,36.6,Oral,97,120\n";
    let stay = check(
        text,
        &auto(),
        &[
            ("Systolic blood pressure", &[(0, 120.0)]),
            ("Diastolic blood pressure", &[(0, 60.0)]),
            ("Mean blood pressure", &[(0, 80.0)]),
            ("Temperature", &[(0, 36.6)]),
            ("Glucose", &[(0, 120.0)]),
            ("Oxygen saturation", &[(0, 97.0)]),
        ],
    );
    assert_eq!(stay.report.format, "wide");
    assert!(stay.report.unused.is_empty(), "the site is heard: {:?}", stay.report.unused);
    // eICU's vitalPeriodic, in minutes from admission.
    let text = "patientunitstayid,observationoffset,temperature,sao2,heartrate,respiration,cvp,systemicsystolic,systemicdiastolic,systemicmean\n\
        3,90,37,98,81,15,,118,61,77\n";
    check(
        text,
        &auto(),
        &[("Heart Rate", &[(1, 81.0)]), ("Mean blood pressure", &[(1, 77.0)]), ("Temperature", &[(1, 37.0)])],
    );
    // OMOP: concepts for variables and units.
    let text = "measurement_id,person_id,measurement_concept_id,measurement_datetime,value_as_number,unit_concept_id,visit_occurrence_id\n\
        91,7,3020891,2031-01-01 00:00:00,98.6,9289,5\n92,7,3027018,2031-01-01 01:30:00,88,8541,5\n";
    check(text, &auto(), &[("Temperature", &[(0, 37.0)]), ("Heart Rate", &[(1, 88.0)])]);
    let stay = read("Time,HR,SBP\n0,80,NaN\n1,NA,120\n2,,\n", &auto());
    assert_eq!((stay.report.rows, stay.report.rows_read, stay.report.n_skipped()), (3, 2, 0));
}

/// Up to 1 a fraction, above it a percentage, and outside 0.2 to 1 not used.
#[test]
fn oxygen_is_a_fraction_or_a_percentage_by_its_value() {
    let fio2 = "Fraction inspired oxygen";
    check_file("tables/fio2-percent.csv", &auto(), &[(fio2, &[(0, 0.5)])]);
    check_file("records/fio2-percent.csv", &auto(), &[(fio2, &[(0, 0.6), (2, 1.0)])]);
    for (value, unit, expected) in [
        ("50", "", Some(0.5)),
        ("0.5", "", Some(0.5)),
        ("50", "%", Some(0.5)),
        ("21", "", Some(0.21)),
        ("100", "", Some(1.0)),
        ("1", "", Some(1.0)),
        ("0.5", "%", Some(0.5)),
        ("0.5", "1", Some(0.5)),
        ("0.1", "", None),
        ("15", "", None),
        ("101", "%", None),
        ("50", "1", None),
    ] {
        let text = format!("time,variable,value,unit\n0,FiO2,{value},{unit}\n0,HR,80,/min\n");
        let stay = check(&text, &auto(), &[(fio2, &expected.map(|value| (0, value)).into_iter().collect::<Vec<_>>())]);
        assert!(expected.is_some() || said(&stay).contains("outside 0.2 to 1"), "{value} {unit}: {}", said(&stay));
    }
    check("Time,Parameter,Value\n00:30,FiO2,50\n00:30,HR,80\n", &auto(), &[(fio2, &[(0, 0.5)])]);
}

#[test]
fn what_was_read_rightly_is_still() {
    let stay = check_file(
        "records/small-letters.csv",
        &auto(),
        &[
            ("Heart Rate", &[(0, 80.0)]),
            ("Glascow coma scale total", &[(0, 15.0)]),
            ("Glascow coma scale eye opening", &[(0, 3.0)]),
            ("Capillary refill rate", &[(0, 0.0)]),
            ("pH", &[]),
        ],
    );
    assert_eq!(stay.report.format, "mimic3");
}

#[test]
fn compressed_files_are_opened_from_their_bytes() {
    let path = format!("{}/tests/fixtures/cases/tables/chartevents.csv.gz", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let stay = Stay::open(&bytes, &manifest(), &auto()).unwrap_or_else(|error| panic!("{error}"));
    assert_hours(&stay, "Heart Rate", &[(0, 88.0), (1, 90.0)]);
    // A caller who decoded the file as text is told what it is.
    let message = refused(&String::from_utf8_lossy(&bytes), &auto()).to_string();
    assert!(message.contains("gzip"), "{message}");
    let message = refused("<Bundle xmlns=\"http://hl7.org/fhir\"><entry/></Bundle>", &auto()).to_string();
    assert!(message.contains("FHIR in XML"), "{message}");
}

/// Formats whose columns and units are known leave nothing to be said but whose they are.
#[test]
fn what_is_said_of_a_format_that_leaves_nothing_open_is_refused() {
    let challenge = "Time,Parameter,Value\n00:00,RecordID,1\n00:10,HR,80\n";
    let benchmark = "Hours,Heart Rate\n0.5,80\n";
    check(challenge, &of_patient("1"), &[("Heart Rate", &[(0, 80.0)])]);
    check(benchmark, &of_patient(""), &[("Heart Rate", &[(0, 80.0)])]);
    let zero = ReadOptions { time_zero: TimeZero::EncounterStart, ..auto() };
    let minutes = Mapping { time_unit: Some(TimeUnit::Minutes), ..Mapping::default() };
    for (text, options, words) in [
        (challenge, of_patient("2"), "field patient: \"2\" was asked for, and the record is of \"1\""),
        (benchmark, of_patient("2"), "and the record names nobody"),
        (challenge, of_stay("2"), "field encounter: \"2\" was asked for"),
        (challenge, zero.clone(), "field timeZero: the record's times are hours already"),
        (benchmark, zero, "field timeZero"),
        (challenge, mapped(minutes.clone()), "field mapping: the format has columns, names and units of its own"),
        (benchmark, ReadOptions { format: Format::Mimic3, ..mapped(minutes.clone()) }, "field mapping"),
        (&case("fhir/null-encounter.json"), mapped(minutes), "field mapping: is for tables"),
    ] {
        let error = refused(text, &options).to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn what_a_mapping_names_in_vain_is_said() {
    let names = |name: &str, what: &str| [(name.to_owned(), what.to_owned())].into();
    let mapping = Mapping {
        variables: names("Puls", "Heart Rate"),
        units: names("Temprature", "[degF]"),
        ignored: vec!["bett".to_owned()],
        ..Mapping::default()
    };
    let stay = check("time,variable,value\n0.5,HR,80\n", &mapped(mapping), &[("Heart Rate", &[(0, 80.0)])]);
    assert_said(&stay, &["the mapping names what the record does not have: \"Puls\", \"Temprature\", \"bett\""]);
}

/// A table that has only the names of the benchmark may be in other units, and the caller's word is taken.
#[test]
fn an_episode_is_asked_about_where_no_value_can_be_in_its_unit() {
    let text = "Hours,Heart Rate,Temperature\n0.5,80,98.6\n1.5,84,99.5\n";
    assert_asked(text, &auto(), "mapping.units.Temperature", &["[degF]"]);
    let units = [("Temperature".to_owned(), "[degF]".to_owned())].into();
    check(text, &mapped(Mapping { units, ..Mapping::default() }), &[("Temperature", &[(0, 37.0), (1, 37.5)])]);
    let said = ReadOptions { format: Format::Mimic3, ..auto() };
    check(text, &said, &[("Temperature", &[(0, 98.6), (1, 99.5)])]);
    // One value in the benchmark's unit, and the others are as they are.
    check("Hours,Temperature\n0.5,98.6\n1.5,37\n", &auto(), &[("Temperature", &[(0, 98.6), (1, 37.0)])]);
}

#[test]
fn a_category_is_its_spelling_and_not_a_number_of_seconds() {
    let expected: &[(&str, Hours<'_>)] = &[("Capillary refill rate", &[(0, 1.0), (1, 0.0)])];
    for text in [
        "stay_id,Hours,Capillary refill rate,Heart Rate\n1,0,1.0,80\n1,2,0.0,81\n",
        "time;Capillary refill rate;Heart Rate\n0;1.0;80\n2;0.0;81\n",
        "hours,variable,value,unit\n0,Capillary refill rate,1.0,\n2,Capillary refill rate,0.0,\n",
        "hours,variable,value,unit\n0,Capillary refill rate,Abnormal >3 Seconds,\n2,Capillary refill rate,2,s\n",
    ] {
        check(text, &ReadOptions::default(), expected);
    }
    let open = "hours,variable,value,unit\n0,Heart Rate,80,/min\n2,Capillary refill rate,1,\n";
    let stay = check(open, &ReadOptions::default(), &[("Capillary refill rate", &[])]);
    assert_said(&stay, &["1 without a unit is 1 s, or the category \"1.0\""]);
}

#[test]
fn hour_zero_is_on_the_clock_of_the_times() {
    let zero = |zone: Option<&str>| {
        let mapping = Mapping { zone: zone.map(str::to_owned), ..Mapping::default() };
        ReadOptions { time_zero: TimeZero::At("2031-05-04T08:00:00".into()), mapping, ..ReadOptions::default() }
    };
    let local = "time,variable,value,unit\n2031-05-04 10:30:00,Heart Rate,80,/min\n";
    let zoned = "time,variable,value,unit\n2031-05-04T10:30:00+01:00,Heart Rate,80,/min\n";
    for (text, zone) in [(local, None), (local, Some("+01:00")), (zoned, Some("+01:00"))] {
        check(text, &zero(zone), &[("Heart Rate", &[(2, 80.0)])]);
    }
    let error = refused(zoned, &zero(None));
    assert!(error.to_string().contains("timeZero names no zone"), "{error}");
    assert_eq!(error.question.map(|it| it.option).as_deref(), Some("mapping.zone"));
}

#[test]
fn a_whole_minute_begins_its_own() {
    for minute in 0..60 {
        let text = format!(
            "time,variable,value,unit,status\n2031-05-04 08:{minute:02}:00,Heart Rate,80,/min,final\n\
             2031-05-04 08:{minute:02}:30,Heart Rate,120,/min,preliminary\n"
        );
        check(&text, &ReadOptions::default(), &[("Heart Rate", &[(0, 80.0)])]);
    }
}

/// Seconds since 1970 are of UTC, a spreadsheet's days of the clock of the mapping; hour zero is on the clock that the
/// mapping says, and one without a zone beside such times is asked about.
#[test]
fn hour_zero_beside_times_that_are_counted() {
    let zone = |zone: &str| Mapping { zone: Some(zone.to_owned()), ..Mapping::default() };
    let at = |time_zero: &str, mapping: Mapping| ReadOptions {
        time_zero: time_zero.parse().unwrap(),
        mapping,
        ..ReadOptions::default()
    };
    // 2031-05-04T06:00:00Z and three hours later.
    let since_1970 = "time,variable,value\n1935640800,HR,80\n1935651600,HR,90\n";
    let hours = |first: usize| [("Heart Rate", vec![(first, 80.0), (first + 3, 90.0)])];
    let read_as = |text: &str, options: &ReadOptions, first: usize| {
        let wanted = hours(first);
        check(text, options, &wanted.each_ref().map(|(name, cells)| (*name, &cells[..])));
    };
    read_as(since_1970, &at("2031-05-04T04:30:00Z", Mapping::default()), 1);
    read_as(since_1970, &at("2031-05-04T04:30:00", zone("Z")), 1);
    read_as(since_1970, &at("2031-05-04T06:30:00", zone("+02:00")), 1);
    read_as(since_1970, &at("2031-05-04T06:30:00+02:00", zone("-05:00")), 1);
    let error = assert_asked(since_1970, &at("2031-05-04T04:30:00", Mapping::default()), "mapping.zone", &["Z"]);
    assert!(error.message.contains("timeZero names no zone"), "{error}");

    // The same in days of a spreadsheet, on a clock of no zone.
    let days = "time,variable,value\n47972.25,HR,80\n47972.375,HR,90\n";
    let in_days = |mapping: Mapping| Mapping { time_unit: Some(TimeUnit::SpreadsheetDays), ..mapping };
    read_as(days, &at("2031-05-04T04:30:00", in_days(Mapping::default())), 1);
    read_as(days, &at("2031-05-04T04:30:00", in_days(zone("+02:00"))), 1);
    read_as(days, &at("2031-05-04T02:30:00Z", in_days(zone("+02:00"))), 1);
}
