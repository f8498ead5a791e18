//! Networks behind a Keras Masking layer. What a masked step means is tested against the same network without the layer,
//! written with an LSTM node: on a record without masked steps both are one network, and on another the one behind the
//! layer is the one without it on the steps that are left.

use std::collections::HashMap;

use crate::common::{fixtures, noise, read, relative_difference};
use vitrine::Model;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::stay::manifest::Manifest;

const STEPS: usize = 12;
const COLUMNS: usize = 5;

fn masked() -> Model {
    read(&fixtures("families").join("masking-keras3.onnx")).unwrap()
}

/// The network without its Masking layer, for so many steps.
fn without(n_steps: usize) -> Model {
    let bytes = std::fs::read(fixtures("families").join("masking-keras3-without.onnx")).unwrap();
    let manifest = Manifest::built_in(n_steps, COLUMNS, 1).unwrap();
    Model::read(&bytes, Some(&serde_json::to_string(&manifest).unwrap()), &HashMap::new()).unwrap()
}

/// Numbers of which the steps in `at` are zero.
fn record(seed: u64, at: &[usize]) -> Vec<f32> {
    let mut input = noise(seed, STEPS * COLUMNS);
    at.iter().for_each(|t| input[t * COLUMNS..][..COLUMNS].fill(0.0));
    input
}

fn all_options() -> Vec<Options> {
    let mut all = vec![];
    for quantity in [Quantity::Paper, Quantity::Score, Quantity::Probability] {
        for gates in [Gates::All, Gates::Half, Gates::Abs] {
            for (bias_factor, form) in [(0.0, Form::Arras2017), (1.0, Form::Arras2017), (0.0, Form::Arras2019)] {
                let rule = Rule { bias_factor, form, gates, ..Rule::default() };
                all.push(Options { quantity: Some(quantity), rule, ..Options::default() });
            }
        }
        for method in [Method::Gradient, Method::GradientXInput] {
            all.push(Options { method, quantity: Some(quantity), ..Options::default() });
        }
    }
    all
}

const MASKS: [&[usize]; 7] =
    [&[], &[11], &[0], &[0, 1, 2], &[5], &[1, 4, 5, 8, 10], &[0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]];

#[test]
fn a_masked_step_is_as_if_it_were_not_there() {
    let masked = masked();
    for (seed, at) in MASKS.iter().enumerate() {
        let input = record(seed as u64, at);
        let left: Vec<usize> = (0..STEPS).filter(|t| !at.contains(t)).collect();
        let rows = |of: &[f64]| left.iter().flat_map(|t| of[t * COLUMNS..][..COLUMNS].to_vec()).collect::<Vec<_>>();
        let shorter: Vec<f32> = left.iter().flat_map(|t| input[t * COLUMNS..][..COLUMNS].to_vec()).collect();
        let without = without(left.len());
        for options in all_options() {
            let got = masked.explain(&input, &options).unwrap();
            let want = without.explain(&shorter, &options).unwrap();
            assert!((got.probability - want.probability).abs() < 1e-7, "{at:?}");
            let off = relative_difference(&rows(&got.values), &want.values);
            assert!(off < 1e-6, "{at:?} {options:?}: {off:e}");
            let elsewhere: f64 = at.iter().flat_map(|t| &got.values[t * COLUMNS..][..COLUMNS]).map(|r| r.abs()).sum();
            assert!(elsewhere == 0.0, "{at:?} {options:?}: masked steps receive {elsewhere:e}");
        }
    }
}

/// Every step masked: the states are the initial ones, and the score is what they and the biases give.
#[test]
fn a_record_of_masked_steps_alone_has_no_relevance() {
    let got = masked().explain(&[0.0; STEPS * COLUMNS], &Options::default()).unwrap();
    assert!(got.values.iter().all(|r| *r == 0.0));
}

/// Relevance is conserved where masks differ from layer to layer, from direction to direction, and where masked steps
/// return zeros.
#[test]
fn relevance_is_conserved_behind_masks() {
    for name in [
        "masking-bigru-keras3",
        "masking-bigru-tf-keras",
        "masking-steps-keras3",
        "masking-steps-tf-keras",
        "masking-pooled-keras3",
        "masking-pooled-tf-keras",
    ] {
        let model = read(&fixtures("families").join(format!("{name}.onnx"))).unwrap();
        for (seed, at) in MASKS.iter().enumerate().take(6) {
            for target in [0, model.outputs().len() / 2, model.outputs().len() - 1] {
                let rule = Rule { bias_factor: 1.0, ..Rule::default() };
                let options = Options { target, quantity: Some(Quantity::Score), rule, ..Options::default() };
                let got = model.explain(&record(seed as u64, at), &options).unwrap();
                let ledger = got.ledger.unwrap();
                let size = got.score.abs() + got.values.iter().map(|r| r.abs()).sum::<f64>();
                let missing = (got.score - ledger.inputs - ledger.initial_states).abs();
                assert!(missing <= 1e-9 * size, "{name} {at:?} target {target}: {missing:e} of {size:e}");
            }
        }
    }
}

/// Contributions against a reference compare two runs step by step; where other steps are masked there is nothing to
/// compare.
#[test]
fn a_reference_with_other_masks_is_refused() {
    let model = masked();
    let options = Options { method: Method::DeepShap, quantity: Some(Quantity::Score), ..Options::default() };
    let explain = |at: &[usize]| {
        let trace = model.trace(&record(3, &[2, 7])).unwrap();
        model.explain_against(&trace, Some(&record(8, at)), &options)
    };
    let got = explain(&[2, 7]).unwrap();
    assert!(got.residual().abs() < 1e-6 * got.score.abs().max(1e-3), "{}", got.residual());
    let error = explain(&[2]).unwrap_err().to_string();
    assert!(error.contains("masks other steps") && error.contains("sequential_1/lstm_1/while_loop"), "{error}");
}
