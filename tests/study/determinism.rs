//! The same input gives the same relevance and gradient, byte for byte, and an output within 2e-7, whose last sigmoid is
//! tract's and takes the processor's own instructions: here on the host, in `tests/node/determinism.test.mjs` in WebAssembly, and in
//! `tests/browser/determinism.test.mjs` in the browsers, all against `tests/golden/determinism.json`. After a change that is
//! right, `VITRINE_BLESS=1 cargo test --test study determinism` writes it anew.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use vitrine::Model;
use vitrine::engine::explain::{Method, Options};
use vitrine::stay::{Format, Stay};
use vitrine::study::self_test::{Aspect, StoredReference};

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

/// The files of the page's self-test: a high risk, a low one, and a sparse record with dirt in it.
const MODEL: &str = "models/in-hospital-mortality.onnx";
const RECORDS: [&str; 3] =
    ["stays/septic-shock_timeseries.csv", "stays/stable_timeseries.csv", "stays/sparse-dirty_timeseries.csv"];

fn www(file: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("www").join(file)).unwrap()
}

fn records() -> BTreeMap<String, String> {
    RECORDS.iter().map(|file| ((*file).to_owned(), String::from_utf8(www(file)).unwrap())).collect()
}

/// `www/self-test.json` is what the host makes of the files as they are now, and the comparison passes.
#[test]
fn the_stored_values_of_the_self_test_are_fresh() {
    let (onnx, records) = (www(MODEL), records());
    let texts: Vec<(&str, &str)> = RECORDS.iter().map(|file| (*file, records[*file].as_str())).collect();
    let made = StoredReference::made((MODEL, &onnx), &texts).unwrap();
    if std::env::var_os("VITRINE_BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/self-test.json");
        std::fs::write(file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let stored = StoredReference::read(&String::from_utf8(www("self-test.json")).unwrap()).unwrap();
    let outcome = stored.check(&onnx, &records).unwrap();
    assert!(outcome.passed, "{:#?}", outcome.items);
    assert_eq!(outcome.items.len(), 1 + 5 * RECORDS.len());
}

/// One thing wrong is one item that fails.
#[test]
fn the_self_test_can_fail() {
    let (onnx, records) = (www(MODEL), records());
    let stored = StoredReference::read(&String::from_utf8(www("self-test.json")).unwrap()).unwrap();
    let failed = |tampered: &StoredReference, records: &BTreeMap<String, String>| {
        let outcome = tampered.check(&onnx, records).unwrap();
        assert_eq!(outcome.passed, outcome.items.iter().all(|item| item.passed));
        outcome.items.into_iter().filter(|item| !item.passed).map(|item| item.what).collect::<Vec<_>>()
    };
    let check = |tamper: &dyn Fn(&mut StoredReference), what: Aspect| {
        let mut tampered = stored.clone();
        tamper(&mut tampered);
        assert_eq!(failed(&tampered, &records), [what]);
    };
    check(&|it| it.model.sha256 = "0".repeat(64), Aspect::File);
    check(&|it| it.stays[0].probability += 1e-6, Aspect::Probability);
    check(&|it| it.stays[1].probability = f32::NAN, Aspect::Probability);
    check(&|it| it.stays[1].lrp.replace_range(..1, "x"), Aspect::Lrp);
    check(&|it| it.stays[2].gradient = String::new(), Aspect::Gradient);
    check(&|it| it.stays[2].picture.replace_range(63.., "x"), Aspect::Picture);
    let mut other = records.clone();
    other.get_mut(RECORDS[0]).unwrap().push_str("47.5,,,,,,,,,140,,,,,,,,\n");
    assert_eq!(
        failed(&stored, &other),
        [Aspect::File, Aspect::Probability, Aspect::Lrp, Aspect::Gradient, Aspect::Picture]
    );
    assert!(stored.check(&onnx, &BTreeMap::new()).unwrap_err().message.contains("was not given"));
    assert!(StoredReference::read("{}").is_err());
}
