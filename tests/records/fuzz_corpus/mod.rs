//! The fuzz targets on the stable compiler: every file of the committed corpora, and a short burst of changes to each, the
//! same ones every time. `make fuzz` is the long form. `VITRINE_BURST` says how many changes a file, 40 if it says nothing.

mod mutate;
mod properties;

use std::path::{Path, PathBuf};

use properties::Outcome;
use vitrine::engine::explain::{Method, Options};
use vitrine::stay::{Edit, EnteredValue, Format, Stay};
use vitrine::study::export::snapshot::{SavedExplanation, Snapshot};
use vitrine::study::export::{Provenance, sha256};

/// A changed copy of some bytes by a seed; empty where the bytes are not of the kind.
type Mutator = fn(&[u8], u64) -> Vec<u8>;

/// Bytes that all corpora may have together.
const CORPORA_MAX: usize = 200_000;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect();
    files.sort();
    assert!(files.len() >= 4, "{name}: {} files", files.len());
    files
}

/// Runs a property on every file of a corpus and on its changed copies; returns how often it ran.
fn run(name: &str, mutators: &[Mutator], mut property: impl FnMut(&Path, &[u8])) -> usize {
    let burst = std::env::var("VITRINE_BURST").map_or(40, |text| text.parse().unwrap());
    let mut n_runs = 0;
    for (file, bytes) in corpus(name) {
        property(&file, &bytes);
        n_runs += 1;
        for seed in 0..burst {
            let changed = mutators[seed as usize % mutators.len()](&bytes, seed);
            if !changed.is_empty() {
                property(&file, &changed);
                n_runs += 1;
            }
        }
    }
    println!("{name}: {n_runs} executions");
    n_runs
}

#[test]
fn onnx_models() {
    let (mut n_read, mut n_panicked) = (0, 0);
    let n_runs = run("onnx", &[mutate::model], |_, bytes| {
        let outcome = properties::onnx(bytes);
        n_panicked += usize::from(outcome == Outcome::Panicked);
        n_read += usize::from(outcome == Outcome::Read);
    });
    assert_eq!(n_panicked, 0, "tract panicked over changed copies: each would end a worker; see standard error");
    // Changes that every reader's first check refuses would try nothing.
    assert!(n_runs >= 300 && n_read * 10 >= n_runs, "{n_read} of {n_runs} were read");
}

#[test]
fn manifests() {
    assert!(run("manifest", &[mutate::json, mutate::text], |_, bytes| properties::manifest(bytes)) >= 150);
}

/// The first byte of a record chooses the format, and stays.
fn behind_first(bytes: &[u8], change: Mutator, seed: u64) -> Vec<u8> {
    let Some((first, rest)) = bytes.split_first() else { return vec![] };
    let changed = change(rest, seed);
    if changed.is_empty() { changed } else { [&[*first], changed.as_slice()].concat() }
}

#[test]
fn records() {
    let mutators: [Mutator; 3] = [
        |bytes, seed| behind_first(bytes, mutate::json, seed),
        |bytes, seed| behind_first(bytes, mutate::text, seed),
        mutate::text,
    ];
    assert!(run("record", &mutators, |_, bytes| properties::record(bytes)) >= 200);
}

#[test]
fn saved_views() {
    let mut n_opened = 0;
    let n_runs =
        run("view", &[mutate::json, mutate::text], |_, bytes| n_opened += usize::from(properties::view(bytes)));
    assert!(n_runs >= 150 && n_opened >= 5, "{n_opened} of {n_runs} opened");
}

/// What the engine saves, and a view with edits, are in the corpus; `VITRINE_BLESS=1` writes them.
#[test]
fn views_that_the_engine_writes_are_in_the_corpus() {
    let model = properties::SMALL.as_ref().unwrap();
    let record = "Hours,pulse,eyes,pH\n0.5,96,open,7.31\n3.5,103,shut,\n";
    let original = Stay::parse(record, model.manifest(), Format::Auto, "small").unwrap();
    for (name, edits) in [
        ("whole.json", vec![]),
        (
            "edited.json",
            vec![
                Edit::set(0, 2, EnteredValue::Value(140.0)),
                Edit::set(1, 5, EnteredValue::Category(1)),
                Edit::clear(2, 0, 6),
            ],
        ),
    ] {
        let mut stay = original.clone();
        edits.iter().for_each(|edit| drop(stay.edit(model.manifest(), edit).unwrap()));
        let how = |method| Options { method, ..Options::default() };
        let explained = [("lrp", Method::Lrp), ("gradient", Method::Gradient)].map(|(name, method)| {
            SavedExplanation::of(
                name,
                serde_json::json!({ "method": name }),
                &model.explain(&stay.input, &how(method)).unwrap(),
            )
        });
        let provenance = Provenance {
            model: "small".into(),
            model_sha256: sha256(b"small"),
            version: "0".into(),
            ..Provenance::default()
        };
        let view = serde_json::json!({ "palette": "puor", "part": "both" });
        let snapshot = Snapshot::new(model.manifest(), provenance, &original, edits, 0, explained.to_vec(), view);
        let text = snapshot.to_json().unwrap();
        assert!(properties::view(text.as_bytes()), "{name}");
        let file = folder("view").join(name);
        if std::env::var_os("VITRINE_BLESS").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert!(properties::view(&std::fs::read(&file).unwrap()), "{name} of the corpus no longer opens");
    }
}

#[test]
fn the_corpora_are_small() {
    let all = ["onnx", "manifest", "record", "view"].into_iter().flat_map(corpus);
    let n_bytes: usize = all.map(|(_, bytes)| bytes.len()).sum();
    assert!(n_bytes <= CORPORA_MAX, "{n_bytes} bytes; `cargo fuzz cmin` and smaller seeds");
}
