//! Records of the benchmark -> the model's input, against arrays written by hand, a slow twin and real stays.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use vitrine::Place;
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::{Format, Origin, Remark, Stay, StayCell};

/// Four hours of three channels: columns `eye a`, `eye b`, `pH`, `rate`, then the masks of eye and pH; rate has none.
const TINY: &str = r#"{
    "format": "vitrine-manifest/1", "name": "tiny", "steps": 4, "step_hours": 1, "columns": 6,
    "outcomes": [{ "name": "death", "threshold": 0.5 }],
    "channels": [
        { "name": "eye", "label": "eye", "columns": [0, 1], "mask": 4,
          "encoding": { "kind": "one-hot", "categories": ["a", "b"], "ordinals": [10, 20], "normal": "b" } },
        { "name": "pH", "label": "pH", "unit": "1", "columns": [2], "mask": 5, "plausible": [6, 8],
          "encoding": { "kind": "continuous", "mean": 7.0, "std": 0.5, "normal": 7.5 } },
        { "name": "rate", "label": "rate", "columns": [3],
          "encoding": { "kind": "continuous", "mean": 0.0, "std": 1.0, "normal": -1.0 } }
    ] }"#;

fn tiny() -> Manifest {
    Manifest::from_json(TINY).unwrap_or_else(|error| panic!("{error}"))
}

fn parse(text: &str, manifest: &Manifest) -> Stay {
    Stay::parse(text, manifest, Format::Auto, "test").unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// The input of a tiny record: one row an hour, columns as in [`TINY`].
#[track_caller]
fn check(text: &str, expected: [[f32; 6]; 4]) {
    let stay = parse(text, &tiny());
    assert_eq!(stay.input.chunks(6).collect::<Vec<_>>(), expected.each_ref().map(|row| &row[..]), "{text:?}");
}

/// An hour in which nothing has been observed yet.
const NORMAL: [f32; 6] = [0.0, 1.0, 1.0, -1.0, 0.0, 0.0];

#[test]
fn values_masks_and_carrying_forward() {
    check(
        "Hours,eye,pH,rate\n0.5,a,,\n1.5,,8.0,3\n3.5,b,6.5,\n",
        [
            [1.0, 0.0, 1.0, -1.0, 1.0, 0.0],
            [1.0, 0.0, 2.0, 3.0, 0.0, 1.0],
            [1.0, 0.0, 2.0, 3.0, 0.0, 0.0],
            [0.0, 1.0, -1.0, 3.0, 1.0, 1.0],
        ],
    );
}

#[test]
fn a_step_includes_its_end_and_the_first_also_zero() {
    let observed = |value| [0.0, 1.0, value, -1.0, 0.0, 1.0];
    let carried = |value| [0.0, 1.0, value, -1.0, 0.0, 0.0];
    check("Hours,pH\n0,8\n", [observed(2.0), carried(2.0), carried(2.0), carried(2.0)]);
    check("Hours,pH\n1.0,8\n", [observed(2.0), carried(2.0), carried(2.0), carried(2.0)]);
    check("Hours,pH\n1.000002,8\n", [NORMAL, observed(2.0), carried(2.0), carried(2.0)]);
    check("Hours,pH\n4.0,8\n", [NORMAL, NORMAL, NORMAL, observed(2.0)]);
    check("Hours,pH\n4.0000005,8\n", [NORMAL, NORMAL, NORMAL, observed(2.0)]);
    check("Hours,pH\n-0.5,8\n", [observed(2.0), carried(2.0), carried(2.0), carried(2.0)]);
}

#[test]
fn a_later_row_in_the_same_step_wins_variable_by_variable() {
    check(
        "Hours,eye,pH,rate\n0.2,a,8,1\n0.7,,6,\n1.0,b,,2\n",
        [
            [0.0, 1.0, -2.0, 2.0, 1.0, 1.0],
            [0.0, 1.0, -2.0, 2.0, 0.0, 0.0],
            [0.0, 1.0, -2.0, 2.0, 0.0, 0.0],
            [0.0, 1.0, -2.0, 2.0, 0.0, 0.0],
        ],
    );
}

#[test]
fn rows_outside_the_window_change_nothing_and_are_reported() {
    let inside = "Hours,pH\n-3,8\n-1,8\n2.5,6.5\n";
    check(&format!("{inside}4.000001,8\n4.1,8\n99,not read\n"), {
        [NORMAL, NORMAL, [0.0, 1.0, -1.0, -1.0, 0.0, 1.0], [0.0, 1.0, -1.0, -1.0, 0.0, 0.0]]
    });
    let report = parse(&format!("{inside}4.000001,8\n4.1,8\n99,not read\n"), &tiny()).report;
    assert_eq!((report.rows, report.rows_read), (6, 1));
    assert_eq!(report.n_skipped(), 5);
    assert_eq!(report.rows_skipped.iter().map(|note| note.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(report.rows_skipped[0].message, "hour -3 lies before the stay; 2 in all");
    let after = "hour 4.000001 lies after the 4 hours that the model sees; 3 in all";
    assert_eq!(report.rows_skipped[1].message, after);
}

#[test]
fn cells_are_in_clinical_units() {
    let stay = parse("Hours,eye,pH\n0.5,a,\n1.5,,8.0\n", &tiny());
    let cell = |value, category, origin| StayCell { value, category, origin };
    let carried = |age| Origin::CarriedForward { age };
    let expected = [
        cell(10.0, Some(0), Origin::Observed),
        cell(10.0, Some(0), carried(1)),
        cell(10.0, Some(0), carried(2)),
        cell(10.0, Some(0), carried(3)),
        cell(7.5, None, Origin::Normal),
        cell(8.0, None, Origin::Observed),
        cell(8.0, None, carried(1)),
        cell(8.0, None, carried(2)),
        cell(-1.0, None, Origin::Normal),
        cell(-1.0, None, Origin::Normal),
        cell(-1.0, None, Origin::Normal),
        cell(-1.0, None, Origin::Normal),
    ];
    assert_eq!(stay.cells, expected);
    assert_eq!(stay.name, "test");
}

#[test]
fn the_report_tells_what_happened() {
    let text = "hours, EYE,pH,lactate\n-0.25,,7.0,\n0.5, A ,9,\n0.6,,7.1,2\n1.5,a,5,\n\n2.5,,,3\n3.5,B,,\n3.6,A,,\n";
    let report = parse(text, &tiny()).report;
    let note = |line, channel: &str, message: &str| Remark { line, channel: channel.into(), message: message.into() };
    assert_eq!(report.format, "mimic3");
    assert_eq!((report.rows, report.rows_read), (7, 6));
    assert_eq!(report.rows_skipped, [note(7, "", "no value of a variable that the model knows")]);
    assert_eq!(report.observed, [3, 2, 0]);
    assert_eq!(
        report.implausible,
        [
            note(3, "pH", "9 1 is outside 6 to 8; replaced by a later value in the same step"),
            note(5, "pH", "5 1 is outside 6 to 8; used unchanged"),
        ]
    );
    assert_eq!(
        report.notes,
        [
            note(1, "eye", "spelled \"EYE\" in the record"),
            note(1, "rate", "not in the record; its normal value stands in every step"),
            note(2, "", "hour -0.25 lies before admission; counted into the first step"),
            note(3, "eye", "\"A\" read as \"a\", 2 times"),
            note(8, "eye", "\"B\" read as \"b\""),
        ]
    );
    assert_eq!(report.unused, [note(1, "lactate", "no variable of the model; not used")]);
    let replaced = [
        note(9, "eye", "hour 3: \"a\" counts; \"b\" (line 8) gave way"),
        note(4, "pH", "hour 0: 7.1 counts; 7 (line 2), 9 (line 3) gave way"),
    ];
    assert_eq!(report.replaced, replaced);
}

#[test]
fn the_report_crosses_to_javascript_in_camel_case() {
    let report = serde_json::to_value(parse("Hours,pH\n1,9\n", &tiny()).report).unwrap();
    assert_eq!(report["rowsRead"], 1);
    assert_eq!(report["rowsSkipped"].as_array().unwrap().len(), 0);
    assert_eq!(report["implausible"][0]["channel"], "pH");
}

#[test]
fn the_same_table_in_other_dress_is_the_same_stay() {
    let plain = "Hours,eye,pH,rate\n0.5,a,7.1,3\n2.5,b,,\n";
    let expected = parse(plain, &tiny());
    for text in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\n\n"),
        format!("\r\n  \n{plain}\n\n \n"),
        plain.trim_end().to_owned(),
        "\"Hours\",\"eye\",\"pH\",\"rate\"\n\"0.5\",\"a\",\"7.1\",\"3\"\n2.5,b,,\n".to_owned(),
        " Hours , eye,pH , rate\n 0.5 ,a , 7.1, 3\n2.5,b, ,\n".to_owned(),
        "rate,pH,Hours,eye\n3,7.1,0.5,a\n,,2.5,b\n".to_owned(),
    ] {
        let stay = parse(&text, &tiny());
        assert_eq!((&stay.input, &stay.cells), (&expected.input, &expected.cells), "{text:?}");
        assert_eq!(stay.report, expected.report, "{text:?}");
    }
}

/// The benchmark's header with one row, in which some variables have a value.
fn benchmark_row(hours: &str, values: &[(&str, &str)]) -> String {
    let manifest = Manifest::built_in(48, 76, 1).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = manifest.channels.iter().map(|channel| channel.name.as_str()).collect();
    assert!(values.iter().all(|(name, _)| names.contains(name)));
    let value = |name: &&str| values.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value);
    let cells: Vec<&str> = names.iter().map(value).collect();
    format!("Hours,{}\n{hours},{}\n", names.join(","), cells.join(","))
}

#[test]
fn the_benchmarks_columns() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let values = [
        ("Capillary refill rate", "1.0"),
        ("Diastolic blood pressure", "61.17474740184756"),
        ("Glascow coma scale eye opening", "None"),
        ("Glascow coma scale total", "3"),
        ("Glascow coma scale verbal response", "3 Inapprop words"),
        ("Heart Rate", "105.6650129111226"),
    ];
    let stay = parse(&benchmark_row("1", &values), &manifest);
    // Before an observation, the normal values: (normal - mean) / std, worked out by hand to four digits.
    let normal = [
        (2, -0.0103),
        (3, -0.4831),
        (49, -0.1661),
        (50, -0.0133),
        (51, 0.0345),
        (52, -0.0104),
        (53, -0.0002),
        (54, -0.0417),
        (55, -0.1057),
        (56, -0.0351),
        (57, -0.0439),
        (58, 0.0906),
    ];
    for (column, value) in normal.into_iter().filter(|(column, _)| ![2, 50].contains(column)) {
        assert!((stay.input[column] - value).abs() < 6e-5, "column {column}: {}", stay.input[column]);
    }
    assert_eq!((stay.input[2], stay.input[50]), (0.0, 1.0));
    let ones: Vec<usize> = (0..76).filter(|column| ![2, 3].contains(column) && !(49..=58).contains(column)).collect();
    let ones: Vec<usize> = ones.into_iter().filter(|&column| stay.input[column] == 1.0).collect();
    // Refill 1.0, eye None, motor normal (6 Obeys Commands), total 3, verbal 3 Inapprop words; then six masks.
    assert_eq!(ones, [1, 8, 21, 30, 48, 59, 60, 62, 64, 65, 67]);
    // An hour later the values still stand, and no mask.
    let ones: Vec<usize> = (59..76).filter(|&column| stay.input[76 + column] != 0.0).collect();
    assert!(ones.is_empty());
    assert_eq!(stay.input[76..76 + 59], stay.input[..59]);
}

#[test]
fn a_plain_manifest_reads_plain_columns() {
    let manifest = Manifest::built_in(2, 3, 1).unwrap();
    let stay = parse("Hours,c0,c2\n0.5,1.5,\n1.5,,-2\n", &manifest);
    assert_eq!(stay.input, [1.5, 0.0, 0.0, 1.5, 0.0, -2.0]);
    assert_eq!(stay.report.notes[0].channel, "c1");
}

/// A small linear congruential generator, so that every seed is the same record everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One generated row: time in hundredths of an hour, and a text a channel.
type RandomRow = (u64, [String; 3]);

fn random_rows(random: &mut Random) -> Vec<RandomRow> {
    let mut rows = vec![(random.below(500), ["a".to_owned(), String::new(), String::new()])];
    for _ in 0..random.below(30) {
        let cell = |empty: bool, text: String| if empty { String::new() } else { text };
        let eye = cell(random.below(2) == 0, ["a", "b"][usize::from(random.below(2) == 0)].to_owned());
        let ph = cell(random.below(3) > 0, format!("{}.{}", random.below(3) + 6, random.below(10)));
        let rate = cell(random.below(3) > 0, format!("-{}", random.below(200)));
        rows.push((random.below(500), [eye, ph, rate]));
    }
    rows.sort_by_key(|row| row.0);
    rows
}

/// What stands in a cell, found the slow way: the last text among all rows up to the end of the step, and its step.
fn twin(rows: &[RandomRow], channel: usize, step: usize) -> Option<(usize, &str)> {
    // In whole hundredths the 1e-6 at a step's edge decides only what happens at the full hour.
    let step_of = |time: u64| if time == 0 { 0 } else { usize::try_from((time - 1) / 100).unwrap_or(usize::MAX) };
    let last = rows.iter().rfind(|row| step_of(row.0) <= step && !row.1[channel].is_empty())?;
    Some((step_of(last.0), &last.1[channel]))
}

#[test]
fn every_cell_is_observed_carried_or_normal_as_the_twin_says() {
    let manifest = tiny();
    let mut n_checked = 0;
    for seed in 0..500 {
        let rows = random_rows(&mut Random(seed));
        let lines: Vec<String> =
            rows.iter().map(|(time, cells)| format!("{}.{:02},{}", time / 100, time % 100, cells.join(","))).collect();
        let Ok(stay) = Stay::parse(&format!("Hours,eye,pH,rate\n{}", lines.join("\n")), &manifest, Format::Mimic3, "")
        else {
            // Only a record with nothing inside the window is refused.
            assert!((0..3).all(|channel| twin(&rows, channel, 3).is_none()), "seed {seed}");
            continue;
        };
        for (index, cell) in stay.cells.iter().enumerate() {
            let (channel, step) = (index / 4, index % 4);
            check_cell(&manifest, channel, *cell, twin(&rows, channel, step).map(|(seen, text)| (step - seen, text)));
            check_columns(&manifest, channel, *cell, &stay.input[step * 6..][..6]);
            n_checked += 1;
        }
    }
    assert!(n_checked > 4000, "{n_checked}");
}

/// The cell against the twin's age and text.
fn check_cell(manifest: &Manifest, channel: usize, cell: StayCell, expected: Option<(usize, &str)>) {
    let origin = match expected {
        None => Origin::Normal,
        Some((0, _)) => Origin::Observed,
        Some((age, _)) => Origin::CarriedForward { age },
    };
    assert_eq!(cell.origin, origin);
    let value = match (&manifest.channels[channel].encoding, expected) {
        (Encoding::OneHot { .. }, Some((_, "a"))) => 10.0,
        (Encoding::OneHot { .. }, _) => 20.0,
        (Encoding::Continuous { .. }, Some((_, text))) => text.parse().unwrap_or(f64::NAN),
        (Encoding::Continuous { normal, .. }, None) => *normal,
    };
    assert_eq!(cell.value, value);
}

/// One step's columns against the cell: one category of all, the scaled value, the mask.
fn check_columns(manifest: &Manifest, channel: usize, cell: StayCell, columns: &[f32]) {
    let channel = &manifest.channels[channel];
    let values: Vec<f32> = channel.columns.iter().map(|&column| columns[column]).collect();
    match (&channel.encoding, cell.value) {
        (Encoding::OneHot { .. }, 10.0) => assert_eq!(values, [1.0, 0.0]),
        (Encoding::OneHot { .. }, _) => assert_eq!(values, [0.0, 1.0]),
        (Encoding::Continuous { mean, std, .. }, value) => {
            assert!((f64::from(values[0]) * std + mean - value).abs() < 1e-4);
        }
    }
    if let Some(mask) = channel.mask {
        assert_eq!(columns[mask], f32::from(u8::from(cell.origin == Origin::Observed)));
    }
}

/// The files of a folder of the repository whose names end so, sorted.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    paths
}

#[test]
fn the_input_is_that_of_an_independent_reading() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let paths = files("tests/fixtures/stays", ".csv");
    assert_eq!(paths.len(), 3);
    for path in paths {
        let bytes = std::fs::read(path.with_extension("input.f32")).unwrap();
        let expected: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        let stay = parse(&std::fs::read_to_string(&path).unwrap(), &manifest);
        let first = stay.input.iter().zip(&expected).position(|(here, there)| here != there);
        assert_eq!((first, stay.input.len()), (None, expected.len()), "{}", path.display());
    }
}

#[test]
fn the_demo_stays_are_read() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let paths = files("www/stays", "_timeseries.csv");
    assert!(paths.len() >= 6);
    for path in paths {
        let report = parse(&std::fs::read_to_string(&path).unwrap(), &manifest).report;
        let is_dirty = path.to_string_lossy().contains("dirty");
        assert_eq!(report.implausible.is_empty(), !is_dirty, "{}: {report:?}", path.display());
    }
}

/// The real stays, where the user has them: `VITRINE_DATA`, else `../shared/data` beside the repository.
fn data() -> PathBuf {
    std::env::var_os("VITRINE_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from)
}

#[test]
fn all_real_stays_are_read() {
    let folder = data().join("mimic3-demo-ihm/train");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        // Past the test harness, which would swallow what a passing test prints.
        writeln!(std::io::stderr(), "SKIPPED all_real_stays_are_read: no folder {}", folder.display()).unwrap();
        return;
    };
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let mut n_stays = 0;
    let mut implausible = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with("_timeseries.csv") {
            continue;
        }
        let stay = parse(&std::fs::read_to_string(&path).unwrap(), &manifest);
        assert_eq!(stay.input.len(), 48 * 76, "{name}");
        assert!(stay.input.iter().all(|value| value.is_finite()), "{name}");
        // These files were cut by the benchmark's own scripts: every row is used, every name and category is known.
        assert_eq!((&stay.report.rows_skipped, &stay.report.notes), (&vec![], &vec![]), "{name}");
        assert_eq!(stay.report.rows, stay.report.rows_read, "{name}");
        implausible.extend(stay.report.implausible);
        n_stays += 1;
    }
    assert_eq!(n_stays, 46);
    let seen = |start: &str| implausible.iter().any(|note| note.message.starts_with(start));
    assert!(seen("11647 mmHg is outside") && seen("-8 mmHg is outside") && seen("5 is outside 6.5 to 8"));
}

/// Sets one value of a manifest by a path such as `channels[0].columns[1]`; `None` where the path leads nowhere.
fn set(manifest: &mut serde_json::Value, path: &str, value: &serde_json::Value) -> Option<()> {
    let keys = path.split(['.', '[', ']']).filter(|key| !key.is_empty());
    let pointer: String = keys.map(|key| format!("/{key}")).collect();
    let (parent, key) = pointer.rsplit_once('/')?;
    match manifest.pointer_mut(parent)? {
        serde_json::Value::Array(list) => *list.get_mut(key.parse::<usize>().ok()?)? = value.clone(),
        object => object[key] = value.clone(),
    }
    Some(())
}

/// The same cases are put to `python/vitrine/manifest.py` and to the JSON schema, by `python/tests/test_manifest.py`.
#[test]
fn a_wrong_manifest_is_refused_at_the_field_that_is_wrong() {
    let text = std::fs::read_to_string("tests/fixtures/manifest/cases.json").unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let mut manifest = file["bases"][case["base"].as_str().unwrap()].clone();
        set(&mut manifest, case["path"].as_str().unwrap(), &case["value"]).unwrap();
        let result = Manifest::from_json(&manifest.to_string());
        match case["field"].as_str() {
            None => assert!(result.is_ok(), "{case}: {result:?}"),
            Some(field) => {
                let error = result.expect_err(&case.to_string());
                assert_eq!(error.place, Place::Field(field.to_owned()), "{case}: {error}");
            }
        }
    }
}
