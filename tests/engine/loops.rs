//! Recurrences that an exporter wrote as Loops, in files that Keras 2 and 3 and tf2onnx really write: lifted, with
//! onnxruntime's outputs, or refused by name.

use std::path::Path;

use crate::common::{fixtures, read};
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Gates, Rule};
use vitrine::{Kind, Model, Place};

/// Files with Loops that are recurrences: every kind of cell, both directions, an open batch, one and several Loops.
const LIFTED: [&str; 9] = [
    "lstm-keras3",
    "gru-keras3",
    "gru-keras3-open",
    "rnn-keras3",
    "rnn-tf-keras",
    "gru-reset-before-tf-keras",
    "bilstm2-keras3",
    "bigru2-keras3",
    "attention-keras3",
];

#[test]
fn a_loop_that_is_a_recurrence_gives_onnxruntimes_outputs() {
    for name in LIFTED {
        check_outputs(&fixtures("families").join(format!("{name}.onnx")), name);
    }
}

fn check_outputs(file: &Path, name: &str) {
    let model = read(file).unwrap();
    let expected = std::fs::read(file.with_extension("expected.f32")).unwrap();
    let expected: Vec<f32> = expected.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    let mut worst = 0.0_f64;
    for (k, want) in expected.chunks_exact(model.outputs().len()).enumerate() {
        let got = model.predict(&drawn(k as u32, model.n_steps() * model.n_columns())).unwrap();
        worst = got.iter().zip(want).map(|(a, b)| f64::from((a - b).abs())).fold(worst, f64::max);
    }
    assert!(worst <= 2e-6, "{name}: {worst:e}");
}

/// Input set `k`, as `tests/fixtures/families/README.md` says.
fn drawn(k: u32, len: usize) -> Vec<f32> {
    let mut state = 12345 + k;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..4).for_each(|_| {
        next();
    });
    (0..len).map(|_| next()).collect()
}

#[test]
fn a_lifted_recurrence_is_explained() {
    for name in LIFTED {
        let model = read(&fixtures("families").join(format!("{name}.onnx"))).unwrap();
        let input = drawn(3, model.n_steps() * model.n_columns());
        for gates in [Gates::All, Gates::Half, Gates::Abs] {
            let rule = Rule { bias_factor: 1.0, gates, ..Rule::default() };
            let options = Options { quantity: Some(Quantity::Score), rule, ..Options::default() };
            let relevance = model.explain(&input, &options).unwrap();
            let ledger = relevance.ledger.unwrap();
            let missing = (relevance.score - ledger.inputs - ledger.initial_states).abs();
            assert!(missing <= 1e-9 * relevance.values.iter().map(|r| r.abs()).sum::<f64>(), "{name}: {missing:e}");
        }
        check_slopes(&model, &input, name);
    }
}

/// The gradient against central differences.
fn check_slopes(model: &Model, input: &[f32], name: &str) {
    let options = Options { method: Method::Gradient, ..Options::default() };
    let gradient = model.explain(input, &options).unwrap().values;
    let largest = gradient.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
    for (k, expected) in gradient.iter().enumerate() {
        let at = |delta: f32| {
            let mut moved = input.to_vec();
            moved[k] += delta;
            f64::from(model.predict(&moved).unwrap()[0])
        };
        let slope = (at(4e-3) - at(-4e-3)) / 8e-3;
        assert!((slope - expected).abs() < 3e-4 + 2e-3 * largest, "{name} cell {k}: {slope} against {expected}");
    }
}

#[test]
fn what_hides_a_recurrence_that_is_none_is_refused_by_name() {
    for (name, word) in [
        ("refused-unknown", "operator Det has no rule here; export the model without it"),
        ("refused-domain", "domain \"com.microsoft\" is not a standard ONNX operator"),
        ("refused-function", "onnx.inliner"),
    ] {
        let error = read(&fixtures("families").join(format!("{name}.onnx"))).err().unwrap();
        assert_eq!(error.kind, Kind::Unsupported, "{name}: {error}");
        assert!(matches!(&error.place, Place::Node(node) if !node.is_empty()), "{name}: {error}");
        assert!(error.message.contains(word), "{name}: {error}");
    }
}

/// A damaged Loop ends in an error, or in a model that computes numbers.
#[test]
fn flipped_bits_never_panic() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for name in ["lstm-keras3", "gru-keras3", "gru-reset-before-tf-keras", "masking-bigru-keras3"] {
        let bytes = std::fs::read(fixtures("families").join(format!("{name}.onnx"))).unwrap();
        for _ in 0..300 {
            let mut damaged = bytes.clone();
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = (state >> 16) as usize % damaged.len();
                damaged[at] ^= 1 << (state & 7);
            }
            if let Ok(model) = Model::read(&damaged, None, &std::collections::HashMap::new()) {
                let outputs = model.predict(&vec![0.5; model.n_steps() * model.n_columns()]).unwrap();
                assert!(outputs.iter().all(|p| !p.is_nan()), "{name}");
            }
        }
    }
}
