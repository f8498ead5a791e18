//! Graphs without recurrence, one for each kind of operation, against the float64 reference of
//! `tests/reference/graph_reference.py`; and what must hold for any of them.

use crate::common::{fixtures, json, numbers, onnx_files, options, read, relative_difference, singles};
use vitrine::Model;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::request::Request;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};

#[test]
fn every_operation_agrees_with_the_reference() {
    let files = onnx_files(&fixtures("graphs"));
    assert!(files.len() >= 11);
    let mut failures = vec![];
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = json(&file.with_extension("json"));
        let model = read(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let input = singles(&expected["input"]);
        let outputs: Vec<f64> = model.predict(&input).unwrap().into_iter().map(f64::from).collect();
        let worst = outputs.iter().zip(numbers(&expected["outputs"])).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst <= 2e-6, "{name}: outputs differ by {worst:e}");
        for case in expected["explanations"].as_array().unwrap() {
            let target = case["target"].as_u64().unwrap() as usize;
            let got = explained(&model, &input, &Options { target, ..options(case) });
            let cells = relative_difference(&got.values, &numbers(&case["relevance"]));
            let score = (got.score - case["score"].as_f64().unwrap()).abs();
            let ledger = ledger_difference(&got, case);
            if cells.max(ledger) > 5e-5 || score > 2e-6 {
                let keys = ["method", "explain", "target", "rule", "epsilon", "bias_factor", "gates"];
                let setting = keys.map(|key| case[key].to_string()).join(" ");
                failures.push(format!("{name} {setting}: cells {cells:e} score {score:e} ledger {ledger:e}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// As [`Model::explain`], also where the parts are too large to add up.
fn explained(model: &Model, input: &[f32], options: &Options) -> Relevance {
    let request = Request { options: *options, baseline: Vec::new() };
    request.explain(&model.scorer(options).unwrap(), input).unwrap()
}

fn ledger_difference(got: &Relevance, case: &serde_json::Value) -> f64 {
    let Some(got) = got.ledger else { return 0.0 };
    let pairs = [(got.inputs, "inputs"), (got.biases, "biases"), (got.epsilon, "epsilon")];
    let want = |key: &str| case["ledger"][key].as_f64().unwrap();
    let largest = pairs.iter().map(|(_, key)| want(key).abs()).fold(f64::MIN_POSITIVE, f64::max);
    pairs.iter().map(|(got, key)| (got - want(key)).abs()).fold(0.0, f64::max) / largest
}

/// Every rule accounts for every unit; at bias factor 1 all of it is at the inputs.
#[test]
fn relevance_is_conserved_over_seeds() {
    for file in onnx_files(&fixtures("graphs")) {
        let model = read(&file).unwrap();
        for seed in 0..20 {
            let input = noise(&model, seed);
            for form in [Form::Arras2017, Form::Arras2019] {
                for gates in [Gates::All, Gates::Half, Gates::Abs] {
                    for (epsilon, bias_factor) in [(0.01, 0.0), (0.01, 1.0), (0.1, 0.3)] {
                        check(&model, &input, Rule { epsilon, bias_factor, form, gates }, &file.display().to_string());
                    }
                }
            }
        }
    }
}

fn check(model: &Model, input: &[f32], rule: Rule, name: &str) {
    for quantity in [Quantity::Score, Quantity::Probability] {
        let got = model.explain(input, &Options { quantity: Some(quantity), rule, ..Options::default() }).unwrap();
        let ledger = got.ledger.unwrap();
        let size = got.values.iter().map(|r| r.abs()).sum::<f64>() + got.score.abs() + ledger.biases.abs();
        assert!(got.residual().abs() <= 1e-9 * size, "{name} {rule:?}: residual {}", got.residual());
        if rule.bias_factor == 1.0 {
            assert!(ledger.biases.abs() <= 1e-12 * size && ledger.epsilon.abs() <= 1e-12 * size, "{name} {rule:?}");
        }
    }
}

/// Numbers in -2..2 without a pattern, or words.
fn noise(model: &Model, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match model.n_words() {
            Some(n_words) => ((state >> 20) % n_words as u64) as f32,
            None => (state >> 40) as f32 / (1 << 22) as f32 - 2.0,
        }
    };
    (0..model.n_steps() * model.n_columns()).map(|_| next()).collect()
}

#[test]
fn gradients_of_words_follow_from_their_vectors() {
    let model = read(&fixtures("graphs/words.onnx")).unwrap();
    let input = noise(&model, 3);
    let by = |method| model.explain(&input, &Options { method, ..Options::default() }).unwrap().values;
    let (slope, norm, product) = (by(Method::Gradient), by(Method::AbsGradient), by(Method::GradientXInput));
    for ((slope, norm), product) in slope.iter().zip(&norm).zip(&product) {
        // The slope along a vector is at most the steepest, and the product is the slope times the vector's length.
        assert!(*norm > 0.0 && slope.abs() <= *norm * (1.0 + 1e-12));
        assert!(slope * product >= 0.0 && (slope == &0.0) == (product == &0.0));
    }
}

#[test]
fn words_out_of_range_are_refused() {
    let model = read(&fixtures("graphs/words.onnx")).unwrap();
    assert_eq!((model.n_words(), model.n_steps(), model.n_columns()), (Some(9), 6, 1));
    for wrong in [9.0, -1.0, 2.5] {
        let mut input = vec![0.0; 6];
        input[4] = wrong;
        let message = model.predict(&input).unwrap_err().to_string();
        assert!(message.contains("word at step 4") && message.contains("from 0 to 8"), "{message}");
    }
}

#[test]
fn numbers_beside_a_sequence_are_columns_of_the_last_step() {
    let model = read(&fixtures("graphs/further_input.onnx")).unwrap();
    assert_eq!((model.n_steps(), model.n_columns()), (5, 7));
    let options = Options { quantity: Some(Quantity::Score), ..Options::default() };
    let relevance = model.explain(&noise(&model, 1), &options).unwrap().values;
    for (step, row) in relevance.chunks_exact(7).enumerate() {
        assert!(row[4..].iter().all(|r| (*r != 0.0) == (step == 4)), "step {step}: {row:?}");
    }
}

#[test]
fn a_picture_stands_upright() {
    // [1, 2, 6, 7]: seven steps along the width, six rows of two channels.
    let model = read(&fixtures("graphs/convolution.onnx")).unwrap();
    assert_eq!((model.n_steps(), model.n_columns()), (7, 12));
    assert_eq!(model.outputs(), ["p[0]", "p[1]", "p[2]"]);
}

#[test]
fn classes_are_explained_by_their_own_score() {
    let model = read(&fixtures("graphs/dot_attention.onnx")).unwrap();
    let input = noise(&model, 2);
    let outputs = model.predict(&input).unwrap();
    assert!((outputs.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    for (target, p) in outputs.iter().enumerate() {
        let got = model.explain(&input, &Options { target, ..Options::default() }).unwrap();
        assert!(got.is_probability && (got.probability - f64::from(*p)).abs() < 1e-12);
        assert!(got.score == got.logit, "the default is the score");
    }
    // The probabilities of all classes sum to one whatever the input is.
    let gradient = |target| {
        let options =
            Options { method: Method::Gradient, target, quantity: Some(Quantity::Probability), ..Options::default() };
        model.explain(&input, &options).unwrap().values
    };
    let (a, b, c) = (gradient(0), gradient(1), gradient(2));
    assert!((0..a.len()).all(|k| (a[k] + b[k] + c[k]).abs() < 1e-7));
    assert!(a.iter().any(|d| d.abs() > 1e-4));
}
