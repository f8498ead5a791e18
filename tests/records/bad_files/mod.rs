//! Over two hundred bad and odd files, each with what must come of it: the documented error, or what the sound file gives,
//! or another result with remarks. `docs/bad-files.md` is the table, and this test holds the engine to it; after a change
//! that is right, `VITRINE_BLESS=1 cargo test --test records bad_files` writes it anew.

mod diamonds;
mod growing;
mod growth;
mod limits;
mod models;
mod records;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use vitrine::engine::explain::Options;
use vitrine::stay::Stay;
use vitrine::stay::manifest::Manifest;
use vitrine::{Error, Kind, Model};

/// How time grows: measured by `make growth`, not made by this test.
const GROWTH: [&str; 3] =
    [include_str!("growth.md"), include_str!("growth_of_networks.md"), include_str!("growth_of_parquet.md")];

/// One row of the table.
struct Row {
    what: String,
    bytes: usize,
    outcome: String,
}

#[test]
fn every_bad_file_ends_as_the_table_says() {
    let (models, records) = (model_rows(), record_rows());
    assert!(models.len() >= 150 && records.len() >= 100, "{} models, {} records", models.len(), records.len());
    if let Some(folder) = std::env::var_os("VITRINE_BAD_FILES") {
        write_files(Path::new(&folder), &models, &records);
    }
    let table = table(&models, &records);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bad-files.md");
    if std::env::var_os("VITRINE_BLESS").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    let differing = written.lines().zip(table.lines()).find(|(a, b)| a != b);
    assert_eq!(differing, None, "docs/bad-files.md says otherwise than the engine does");
    assert_eq!(written.len(), table.len());
}

/// Writes the files and what the table says of each, for `tests/node/bad_files.mjs` to try in WebAssembly.
fn write_files(folder: &Path, models: &[Row], records: &[Row]) {
    std::fs::create_dir_all(folder).unwrap();
    let mut index = vec![];
    for (k, ((_, bytes), row)) in models::cases().into_iter().zip(models).enumerate() {
        let file = format!("{k}.onnx");
        std::fs::write(folder.join(&file), bytes).unwrap();
        index.push(serde_json::json!({ "file": file, "what": row.what, "outcome": row.outcome }));
    }
    for (k, ((_, format, text), row)) in records::cases().into_iter().zip(records).enumerate() {
        let file = format!("{k}.txt");
        std::fs::write(folder.join(&file), text).unwrap();
        let format = format!("{format:?}").to_lowercase();
        index.push(serde_json::json!({ "file": file, "format": format, "what": row.what, "outcome": row.outcome }));
    }
    std::fs::write(folder.join("index.json"), serde_json::Value::from(index).to_string()).unwrap();
}

fn table(models: &[Row], records: &[Row]) -> String {
    let mut text = format!(
        "# Bad files\n\n{} files, each damaged or odd in one way, and what the engine makes of it. Written and checked by \
         `cargo test --test records bad_files`, which makes the files from sound ones (`tests/records/bad_files/`). *As the sound file* means the \
         same numbers to the last bit.\n",
        models.len() + records.len()
    );
    for (title, rows) in [("Models", models), ("Records", records)] {
        let refused = rows.iter().filter(|row| row.outcome.starts_with('`')).count();
        let _ = write!(
            text,
            "\n## {title}\n\n{} files, {refused} refused.\n\n| file | bytes | outcome |\n|---|---:|---|\n",
            rows.len()
        );
        for Row { what, bytes, outcome } in rows {
            let _ = writeln!(text, "| {} | {bytes} | {outcome} |", cell(what));
        }
    }
    text + &crate::kinds::table() + &GROWTH.concat()
}

/// Text that a table's cell can hold.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// An error as the table has it. Every error names its kind, and none is longer than people read.
fn refusal(error: &Error, allowed: &[Kind]) -> String {
    let text = error.to_string();
    assert!(allowed.contains(&error.kind), "{text}");
    assert!(!error.message.is_empty() && text.chars().count() < 1500, "{text}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    let short: String = text.chars().take(220).collect();
    format!("`{}`", cell(&short).replace('`', "'"))
}

fn model_rows() -> Vec<Row> {
    let read = |bytes: &[u8]| Model::read(bytes, None, &HashMap::new());
    let sound = read(&models::sound()).unwrap();
    models::cases()
        .into_iter()
        .map(|(what, bytes)| {
            let outcome = match read(&bytes) {
                Err(error) => refusal(&error, &[Kind::Model, Kind::Unsupported, Kind::Manifest, Kind::Mismatch]),
                Ok(model) => compared(&model, &sound),
            };
            Row { what, bytes: bytes.len(), outcome }
        })
        .collect()
}

/// What a model that was read computes, beside the sound one. Reading has compared tract with the graph already; here the
/// numbers must be numbers, and the explanation must add up.
fn compared(model: &Model, sound: &Model) -> String {
    let same_shape = (model.n_steps(), model.n_columns()) == (sound.n_steps(), sound.n_columns());
    let input: Vec<f32> =
        (0..model.n_steps() * model.n_columns()).map(|k| ((k * 37 % 101) as f32 - 50.0) / 40.0).collect();
    let outputs = model.predict(&input).unwrap();
    assert!(outputs.iter().all(|output| output.is_finite()), "{outputs:?}");
    let relevance = match model.explain(&input, &Options::default()) {
        Ok(relevance) => relevance,
        Err(error) => {
            return format!(
                "another model: read, and its explanation is refused: {}",
                refusal(&error, &[Kind::Unstable])
            );
        }
    };
    assert!(relevance.values.iter().all(|r| r.is_finite()));
    if same_shape && outputs == sound.predict(&input).unwrap() {
        return "as the sound file".into();
    }
    "another model: read, agrees with tract, its explanation adds up".into()
}

fn record_rows() -> Vec<Row> {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let sound: HashMap<String, Vec<f32>> = records::sound()
        .into_iter()
        .map(|(name, format, text)| (name.to_owned(), Stay::parse(&text, &manifest, format, name).unwrap().input))
        .collect();
    records::cases()
        .into_iter()
        .map(|(what, format, text)| {
            let outcome = match Stay::parse(&text, &manifest, format, &what) {
                Err(error) => refusal(&error, &[Kind::Record]),
                Ok(stay) => remarked(&stay, &sound[what.split_once(':').unwrap().0]),
            };
            Row { what, bytes: text.len(), outcome }
        })
        .collect()
}

/// What was read of a record, beside the sound one. What differs must have been remarked on.
fn remarked(stay: &Stay, sound: &[f32]) -> String {
    assert!(stay.input.iter().all(|x| x.is_finite()));
    let report = &stay.report;
    let remarks = [
        ("skipped", report.n_skipped()),
        ("implausible", report.implausible.len()),
        ("noted", report.notes.len() + report.unused.len() + report.replaced.len()),
    ];
    let counts = remarks
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(what, n)| format!("{n} {what}"))
        .collect::<Vec<_>>()
        .join(", ");
    let read = format!("{} of {} rows", report.rows_read, report.rows);
    match (stay.input == sound, counts.is_empty()) {
        (true, true) => "as the sound file".into(),
        (true, false) => format!("as the sound file; {counts}"),
        (false, _) => format!("{read}; {}", if counts.is_empty() { "nothing to remark" } else { &counts }),
    }
}
