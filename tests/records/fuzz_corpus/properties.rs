//! What must hold of any bytes: no panic, and nothing read that is no number. Shared by the fuzz targets and by the test
//! that replays their corpora.

use std::collections::HashMap;
use std::sync::LazyLock;

use vitrine::engine::explain::Options;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::text::Sentence;
use vitrine::stay::{ColumnNames, Format, Mapping, ReadOptions, Stay, fhir, file, long};
use vitrine::study::cohort::labels::LabelList;
use vitrine::study::export::snapshot::Snapshot;
use vitrine::{Error, Kind, Model};

/// The model that saved views are opened with: six steps of numbers, a mask and a category.
pub(crate) static SMALL: LazyLock<Option<Model>> = LazyLock::new(|| {
    let bytes = include_bytes!("../../fixtures/explain/forward_last_state.onnx");
    Model::read(bytes, Some(include_str!("small.json")), &HashMap::new()).ok()
});

/// The benchmark's manifest, which records are read with.
static BENCHMARK: LazyLock<Option<Manifest>> = LazyLock::new(|| Manifest::built_in(48, 76, 1).ok());

/// Every error says something that people can read.
fn check_error(error: &Error, allowed: &[Kind]) {
    let text = error.to_string();
    assert!(allowed.contains(&error.kind), "{text}");
    assert!(!error.message.is_empty() && text.chars().count() <= 2003, "{text}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// What became of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its bytes are no ONNX file.
    Noise,
    /// An ONNX file that is refused.
    Refused,
    /// Refused because tract panicked, and the panic was caught: in WebAssembly it would end the worker.
    Panicked,
    /// Read, run and explained.
    Read,
}

/// A model is refused, or its outputs are numbers and its explanation adds up.
pub(crate) fn onnx(bytes: &[u8]) -> Outcome {
    let model = match Model::read(bytes, None, &HashMap::new()) {
        Ok(model) => model,
        Err(error) => {
            check_error(&error, &[Kind::Model, Kind::Unsupported, Kind::Manifest, Kind::Mismatch]);
            return match &error.message {
                text if text.contains("not an ONNX file") => Outcome::Noise,
                text if text.contains("tract panicked") => Outcome::Panicked,
                _ => Outcome::Refused,
            };
        }
    };
    let input: Vec<f32> = (0..model.n_steps() * model.n_columns()).map(|k| (k % 13) as f32 / 6.0 - 1.0).collect();
    let Ok(outputs) = model.predict(&input) else { return Outcome::Read };
    assert_eq!(outputs.len(), model.outputs().len());
    match model.explain(&input, &Options::default()) {
        Ok(relevance) => assert_eq!(relevance.values.len(), input.len()),
        Err(error) => check_error(&error, &[Kind::Unstable, Kind::Mismatch, Kind::Argument]),
    }
    Outcome::Read
}

/// A manifest is refused with a place; or it can be written and read again, and a stay be prepared by it.
pub(crate) fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let manifest = match Manifest::from_json(&text) {
        Ok(manifest) => manifest,
        Err(error) => return check_error(&error, &[Kind::Manifest]),
    };
    let written = serde_json::to_string(&manifest).unwrap_or_default();
    assert_eq!(Manifest::from_json(&written).as_ref(), Ok(&manifest));
    let stay = Stay::unmeasured(&manifest, "fuzz");
    assert!(stay.input.iter().all(|x| x.is_finite()));
    assert_eq!(stay.cells.len(), manifest.channels.len() * manifest.steps);
    if manifest.text.is_some() {
        drop(Sentence::read("a film, not bad!", &manifest));
    }
}

/// A record, by the format that the first byte chooses, is refused, or every number of the input is one.
pub(crate) fn record(bytes: &[u8]) {
    let (Some((first, rest)), Some(manifest)) = (bytes.split_first(), BENCHMARK.as_ref()) else { return };
    let text = String::from_utf8_lossy(rest);
    match first % 7 {
        0 => {
            stay(&text, manifest, Format::Auto, Mapping::default());
            drop(file::open("fuzz", rest));
        }
        1 => stay(&text, manifest, Format::Mimic3, Mapping::default()),
        2 => stay(&text, manifest, Format::Physionet2012, Mapping::default()),
        3 => {
            stay(&text, manifest, Format::Long, Mapping::default());
            drop(long::survey(&text, manifest, &Mapping::default()));
        }
        4 => {
            stay(&text, manifest, Format::Fhir, Mapping::default());
            drop(fhir::patients(&text));
        }
        5 => drop(LabelList::read(&text).map_err(|error| check_error(&error, &[Kind::Record]))),
        // A long table whose first columns are what a person says they are.
        _ => {
            let mut names = text.lines().next().unwrap_or_default().split(',').map(|name| name.trim().to_owned());
            let columns = ColumnNames {
                time: names.next(),
                variable: names.next(),
                value: names.next(),
                unit: names.next(),
                ..ColumnNames::default()
            };
            stay(&text, manifest, Format::Long, Mapping { columns, ..Mapping::default() });
        }
    }
}

fn stay(text: &str, manifest: &Manifest, format: Format, mapping: Mapping) {
    match Stay::read(
        text,
        manifest,
        &ReadOptions { format, mapping, name: "fuzz".to_owned(), ..ReadOptions::default() },
    ) {
        Ok(stay) => {
            assert!(stay.input.len() == 48 * 76 && stay.input.iter().all(|x| x.is_finite()));
            assert!(stay.report.rows_read <= stay.report.rows);
        }
        Err(error) => check_error(&error, &[Kind::Record, Kind::Argument]),
    }
}

/// A saved view is refused; or it opens, and is written as it was read. Returns whether it opened.
pub(crate) fn view(bytes: &[u8]) -> bool {
    let Some(model) = SMALL.as_ref() else { return false };
    let text = String::from_utf8_lossy(bytes);
    let _ = Snapshot::is_one(&text);
    let snapshot = match Snapshot::from_json(&text) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            check_error(&error, &[Kind::Record]);
            return false;
        }
    };
    // Whatever model the file names, this one is open.
    let named = snapshot.provenance.model_sha256.clone();
    match snapshot.restore(model, &named) {
        Ok((history, relevances)) => {
            assert!(history.stay().input.iter().all(|x| x.is_finite()) && history.probability().is_finite());
            assert_eq!(relevances.len(), snapshot.explanations.len());
            let written = snapshot.to_json().unwrap_or_default();
            assert_eq!(Snapshot::from_json(&written).as_ref(), Ok(&snapshot));
            true
        }
        Err(error) => {
            check_error(&error, &[Kind::Record, Kind::Argument]);
            false
        }
    }
}
