//! Files that are too large: each is refused before it is read, by an error that states the limit.

use std::collections::HashMap;

use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Stay};
use vitrine::study::export::snapshot::Snapshot;
use vitrine::{Error, Model};

#[track_caller]
fn check<T>(what: &str, result: Result<T, Error>, limit: &str) {
    let error = result.map(|_| what).unwrap_err().to_string();
    assert!(error.contains(limit), "{what}: {error}");
}

fn stay(text: &str, format: Format) -> Result<Stay, Error> {
    Stay::parse(text, &Manifest::built_in(48, 76, 1).unwrap(), format, "large")
}

#[test]
fn a_model_of_more_bytes_than_are_read() {
    check("model", Model::read(&vec![8; (256 << 20) + 1], None, &HashMap::new()), "at most 268435456");
}

#[test]
fn records_of_more_bytes_than_are_read() {
    let table = "1".repeat((16 << 20) + 1);
    for format in [Format::Mimic3, Format::Physionet2012, Format::Long] {
        check("table", stay(&table, format), "at most 16777216");
    }
    check("FHIR", stay(&"[".repeat((64 << 20) + 1), Format::Fhir), "at most 67108864");
}

#[test]
fn tables_of_more_rows_than_are_read() {
    let rows = |header: &str, row: &str, n: usize| format!("{header}\n{}", row.repeat(n));
    check("benchmark", stay(&rows("Hours,pH", "1,7\n", 100_001), Format::Mimic3), "100000 rows");
    let challenge = rows("Time,Parameter,Value", "00:10,HR,80\n", 100_001);
    check("PhysioNet 2012", stay(&challenge, Format::Physionet2012), "100000 rows");
}

#[test]
fn manifests_and_saved_views_of_more_bytes_than_are_read() {
    check("manifest", Manifest::from_json(&" ".repeat((4 << 20) + 1)), "at most 4194304");
    check("view", Snapshot::from_json(&" ".repeat((64 << 20) + 1)), "at most 67108864");
}
