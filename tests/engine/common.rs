//! What the tests of explanations share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use vitrine::Model;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};

pub(crate) fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder)
}

/// Every `.onnx` file of a folder, sorted.
pub(crate) fn onnx_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    files.sort();
    files
}

pub(crate) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub(crate) fn singles(value: &serde_json::Value) -> Vec<f32> {
    numbers(value).iter().map(|x| *x as f32).collect()
}

pub(crate) fn read(path: &Path) -> vitrine::Result<Model> {
    Model::read(&std::fs::read(path).unwrap(), None, &HashMap::new())
}

/// Raw little-endian doubles.
pub(crate) fn f64_file(path: &Path) -> Vec<f64> {
    std::fs::read(path).unwrap().chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

/// Raw little-endian singles.
pub(crate) fn f32_file(path: &Path) -> Vec<f32> {
    std::fs::read(path).unwrap().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

/// The largest difference, relative to the largest cell expected.
pub(crate) fn relative_difference(got: &[f64], want: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len());
    let largest = want.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    if worst == 0.0 { 0.0 } else { worst / largest }
}

/// The options that a fixture names.
pub(crate) fn options(case: &serde_json::Value) -> Options {
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| case[key].as_f64();
    let default = Rule::default();
    Options {
        method: match text("method").as_str() {
            "lrp" => Method::Lrp,
            "gradient" => Method::Gradient,
            other => panic!("method {other}"),
        },
        target: 0,
        quantity: Some(match text("explain").as_str() {
            "paper" => Quantity::Paper,
            "score" => Quantity::Score,
            "probability" => Quantity::Probability,
            other => panic!("explain {other}"),
        }),
        rule: Rule {
            epsilon: number("epsilon").unwrap_or(default.epsilon),
            bias_factor: number("bias_factor").unwrap_or(default.bias_factor),
            form: if text("rule") == "arras2019" { Form::Arras2019 } else { Form::Arras2017 },
            gates: match text("gates").as_str() {
                "half" => Gates::Half,
                "prop" => Gates::Prop,
                "abs" => Gates::Abs,
                _ => Gates::All,
            },
        },
        ..Options::default()
    }
}

/// Numbers in -2..2 without a pattern.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 22) as f32 - 2.0
    };
    (0..len).map(|_| next()).collect()
}
