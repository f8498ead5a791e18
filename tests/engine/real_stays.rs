//! The demo network over real stays, against the float64 reference and onnxruntime as
//! `tests/reference/mimic3_demo.py OUT` wrote them; `VITRINE_REFERENCE` names OUT. The records are not part of the
//! repository, so this test runs where `make test` finds them.

use std::path::{Path, PathBuf};

use crate::common::{f32_file, f64_file, json, read, relative_difference};
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::Rule;
use vitrine::stay::{Format, Stay};

#[test]
#[ignore = "needs VITRINE_REFERENCE, which make test sets where the records are"]
fn real_stays_agree_with_the_reference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = PathBuf::from(std::env::var_os("VITRINE_REFERENCE").expect("VITRINE_REFERENCE is not set"));
    let model = read(&root.join("www/models/in-hospital-mortality.onnx")).unwrap();
    let index = json(&folder.join("index.json"));
    let conserving = Rule { bias_factor: 1.0, ..Rule::default() };
    let cases = [
        ("lrp", Options::default()),
        ("lrp_score", Options { quantity: Some(Quantity::Score), rule: conserving, ..Options::default() }),
        ("gradient", Options { method: Method::Gradient, ..Options::default() }),
    ];
    let mut worst = Worst::default();
    for entry in index.as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let text = std::fs::read_to_string(root.join(entry["csv"].as_str().unwrap())).unwrap();
        let stay = Stay::parse(&text, model.manifest(), Format::Auto, name).unwrap();
        assert_eq!(stay.input, f32_file(&folder.join(format!("{name}.input.f32"))), "{name}: two readings differ");
        let probability = f64::from(model.predict(&stay.input).unwrap()[0]);
        worst.probability = worst.probability.max((probability - entry["probability"].as_f64().unwrap()).abs());
        for (key, options) in &cases {
            let got = model.explain(&stay.input, options).unwrap();
            let want = f64_file(&folder.join(format!("{name}.{key}.f64")));
            worst.cells = worst.cells.max(relative_difference(&got.values, &want));
            if let Some(ledger) = got.ledger {
                worst.residual = worst.residual.max(((got.score - ledger.total()) / got.score).abs());
            }
        }
    }
    let n_stays = index.as_array().unwrap().len();
    println!("{n_stays} stays: {worst:?}");
    assert!(n_stays >= 46, "only {n_stays} stays");
    assert!(worst.probability <= 2e-6 && worst.cells <= 1e-4 && worst.residual <= 1e-6, "{worst:?}");
}

/// The largest difference in probability; of a cell, relative to the largest; the largest residual, relative to the
/// score.
#[derive(Debug, Default)]
struct Worst {
    probability: f64,
    cells: f64,
    residual: f64,
}
