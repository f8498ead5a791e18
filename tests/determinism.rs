//! The same input gives the same relevance and gradient, byte for byte, and an output within 2e-7, whose last sigmoid is
//! tract's and takes the processor's own instructions: here on the host, in `tests/node/determinism.test.mjs` in WebAssembly, and in
//! `tests/browser/determinism.test.mjs` in the browsers, all against `tests/golden/determinism.json`. After a change that is
//! right, `VITRINE_BLESS=1 cargo test --test determinism` writes it anew.
#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use vitrine::Model;
use vitrine::explain::{Method, Options};
use vitrine::stay::{Format, Stay};

/// FNV-1a over the relevance as JavaScript gets it, in single precision.
fn digest(values: &[f64]) -> String {
    let bytes = values.iter().flat_map(|value| (*value as f32).to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

fn digests() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("www");
    let onnx = std::fs::read(root.join("models/in-hospital-mortality.onnx")).unwrap();
    let model = Model::read(&onnx, None, &HashMap::new()).unwrap();
    let mut digests = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("stays")).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Some(stay) = name.strip_suffix("_timeseries.csv") else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        let input = Stay::parse(&text, model.manifest(), Format::Mimic3, &name).unwrap().input;
        for (word, method) in [("lrp", Method::Lrp), ("gradient", Method::Gradient)] {
            let relevance = model.explain(&input, &Options { method, ..Options::default() }).unwrap();
            digests.insert(format!("{stay} {word}"), digest(&relevance.values));
        }
        digests.insert(format!("{stay} output"), model.predict(&input).unwrap()[0].to_string());
    }
    digests
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/determinism.json");
    let found = digests();
    assert!(found.len() >= 24, "{found:?}");
    if std::env::var_os("VITRINE_BLESS").is_some() {
        std::fs::write(&file, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let golden: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (name, found) in &found {
        if name.ends_with("output") {
            let number = |text: &str| text.parse::<f64>().unwrap();
            assert!((number(found) - number(&golden[name])).abs() <= 2e-7, "{name}: {found}");
        } else {
            assert_eq!(*found, golden[name], "{name}");
        }
    }
}
