//! Networks as exporters write them on which numbers went wrong: norms against an all-zero reference, steps that nothing
//! reads, inputs for which the network has no number. `tests/fixtures/obstacles/inputs.json` has two stays for each and
//! onnxruntime's outputs.

use crate::common::{fixtures, json, noise, read, singles};
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates};
use vitrine::stay::removal::{By, Removal, normal_input};
use vitrine::{Kind, Model};

fn network(name: &str) -> (Model, serde_json::Value) {
    let model = read(&fixtures("obstacles").join(format!("{name}.onnx"))).unwrap();
    (model, json(&fixtures("obstacles").join("inputs.json"))[name].clone())
}

fn inputs(of: &serde_json::Value) -> Vec<Vec<f32>> {
    of["inputs"].as_array().unwrap().iter().map(singles).collect()
}

fn by(method: Method) -> Options {
    Options { method, quantity: Some(Quantity::Score), ..Options::default() }
}

/// What is missing of the difference, and the absolute contributions.
fn account(got: &Relevance) -> (f64, f64, f64) {
    let difference = got.score - got.ledger.unwrap().reference;
    (got.residual().abs(), difference.abs(), got.values.iter().map(|r| r.abs()).sum())
}

/// Taken apart, the norm's slope at the all-zero reference compounds from layer to layer: cells of 1e19 were returned.
#[test]
fn contributions_over_norms_are_complete_and_bounded() {
    for name in ["layernorm-lstm", "layernorm-lstm-three", "post-norm-blocks"] {
        let (model, of) = network(name);
        let zero = vec![0.0; model.n_steps() * model.n_columns()];
        for (at, x) in inputs(&of).iter().enumerate() {
            let trace = model.trace(x).unwrap();
            for reference in [&zero, &inputs(&of)[1 - at], &normal_input(model.manifest())] {
                let got = match model.explain_against(&trace, Some(reference), &by(Method::DeepShap)) {
                    Ok(got) => got,
                    // Up to twelve norms, one behind the other, each between a run and no variance at all: each is bounded,
                    // all of them together make single precision too coarse.
                    Err(error) => {
                        assert!(
                            name.starts_with("layernorm-lstm") && error.message.contains("contributions miss"),
                            "{name}: {error}"
                        );
                        continue;
                    }
                };
                let (missing, difference, sizes) = account(&got);
                println!("{name} {at}: misses {missing:e} of {difference}, sizes {sizes}");
                assert!(
                    missing <= 1e-6 * sizes && missing <= 1e-3 * difference,
                    "{name}: {missing:e} of {difference:e}, {sizes:e}"
                );
                assert!(sizes < 1e4, "{name}: {sizes:e}");
            }
        }
    }
}

/// Integrated gradients come to their tolerance, or say in words what is missing; behind a mask nothing else is possible.
#[test]
fn integrals_are_exact_or_refused_in_words() {
    for name in ["layernorm-lstm", "layernorm-lstm-three", "masking-lstm-keras", "mask-column-attention"] {
        let (model, of) = network(name);
        let stays = inputs(&of);
        for (x, reference) in [(&stays[0], None), (&stays[1], None), (&stays[0], Some(&stays[1]))] {
            let trace = model.trace(x).unwrap();
            match model.explain_against(&trace, reference.map(Vec::as_slice), &by(Method::IntegratedGradients)) {
                Ok(got) => {
                    let (missing, difference, sizes) = account(&got);
                    assert!(
                        missing <= (1e-3 * difference).max(1e-6 * sizes.max(0.5)),
                        "{name}: {missing:e} of {difference:e}"
                    );
                    assert!(
                        got.note.is_some() || missing <= (1.1e-5 * difference).max(1.1e-7 * sizes),
                        "{name}: no word"
                    );
                }
                Err(error) => {
                    assert_eq!(error.kind, Kind::Unstable);
                    let text = error.to_string();
                    assert!(text.contains("miss") && text.contains("choose"), "{name}: {text}");
                }
            }
        }
    }
}

/// Steps that an attention mask keeps out, and the future of causal attention, receive nothing: their numbers can be any.
#[test]
fn steps_that_are_not_read_receive_nothing() {
    for name in ["mask-column-attention", "causal-per-step"] {
        let (model, of) = network(name);
        let unread = &of["unread"];
        let range = |key: &str| {
            let ends: Vec<usize> = serde_json::from_value(unread[key].clone()).unwrap();
            ends[0]..ends[1]
        };
        let target = usize::try_from(unread["target"].as_u64().unwrap()).unwrap();
        let columns = model.n_columns();
        let is_unread = |k: usize| range("steps").contains(&(k / columns)) && range("columns").contains(&(k % columns));
        for x in inputs(&of) {
            let mut other = x.clone();
            let drawn = noise(5, x.len());
            (0..x.len()).filter(|k| is_unread(*k)).for_each(|k| other[k] = drawn[k]);
            assert_eq!(
                model.predict(&x).unwrap()[target],
                model.predict(&other).unwrap()[target],
                "{name}: it is read"
            );
            // Other rules hand relevance to the scores of -1e9 as well, and some are refused.
            for (form, gates, bias_factor) in forms().filter(|(_, gates, _)| *gates == Gates::All) {
                let mut options = Options { target, ..by(Method::Lrp) };
                (options.rule.form, options.rule.gates, options.rule.bias_factor) = (form, gates, bias_factor);
                let got = model.explain(&x, &options).unwrap();
                let there: f64 = (0..x.len()).filter(|k| is_unread(*k)).map(|k| got.values[k].abs()).sum();
                assert!(there == 0.0, "{name} {form:?} {gates:?}: {there:e}");
                // Scores of -1e9 stand beside those that are read, and rounding is of their size.
                assert!(got.residual().abs() <= 1e-6 * got.score.abs().max(1e-3), "{name}: {:e}", got.residual());
            }
        }
    }
}

fn forms() -> impl Iterator<Item = (Form, Gates, f64)> {
    let forms = [Form::Arras2017, Form::Arras2019];
    let gates = [Gates::All, Gates::Half, Gates::Abs];
    forms
        .into_iter()
        .flat_map(move |form| gates.into_iter().flat_map(move |gate| [(form, gate, 0.0), (form, gate, 1.0)]))
}

/// A layer whose sequence ends before the padded one, with a mean, attention or another layer behind it: what a later layer
/// spreads over the zeros behind the end stays in the ledger.
#[test]
fn relevance_behind_the_end_of_a_sequence_stays_in_the_ledger() {
    for (name, len) in [("constant-length-lstm-mean", 10), ("constant-length-gru-attention", 8)] {
        let (model, of) = network(name);
        for x in inputs(&of) {
            for (form, gates, bias_factor) in forms() {
                let mut options = by(Method::Lrp);
                (options.rule.form, options.rule.gates, options.rule.bias_factor) = (form, gates, bias_factor);
                let got = model.explain(&x, &options).unwrap();
                assert!(got.residual().abs() <= 1e-9 * got.score.abs().max(1e-3), "{name}: {:e}", got.residual());
                let behind: f64 = got.values[len * model.n_columns()..].iter().map(|r| r.abs()).sum();
                assert!(behind == 0.0, "{name}: {behind:e} on padding");
            }
        }
        let got = model.explain(&inputs(&of)[0], &Options::default()).unwrap();
        assert!(got.residual().abs() < 1e-9);
    }
}

/// Scores of padding have a share of an attention's softmax, but nothing that is half a gate's may stay there.
#[test]
fn half_gates_conserve_over_padding() {
    let (model, of) = network("constant-length-gru-attention");
    for x in inputs(&of) {
        let mut options = by(Method::Lrp);
        (options.rule.gates, options.rule.bias_factor) = (Gates::Half, 1.0);
        let got = model.explain(&x, &options).unwrap();
        let ledger = got.ledger.unwrap();
        let missing = (got.score - ledger.inputs - ledger.initial_states).abs();
        let sizes: f64 = got.values.iter().map(|r| r.abs()).sum();
        assert!(missing <= 1e-9 * sizes, "{missing:e} of {sizes:e}");
    }
}

/// LRP of Keras' Masking layers, before a recurrent layer and before attention.
#[test]
fn masked_steps_of_keras_receive_nothing() {
    for name in ["masking-lstm-keras", "masking-attention-keras"] {
        let (model, of) = network(name);
        let (columns, mut n_masked) = (model.n_columns(), 0);
        for x in inputs(&of) {
            let masked: Vec<usize> =
                (0..model.n_steps()).filter(|t| x[t * columns..][..columns].iter().all(|v| *v == 0.0)).collect();
            let mut options = by(Method::Lrp);
            options.rule.bias_factor = 1.0;
            let got = model.explain(&x, &options).unwrap();
            let there: f64 = masked.iter().flat_map(|t| &got.values[t * columns..][..columns]).map(|r| r.abs()).sum();
            assert!(there == 0.0, "{name}: {there:e}");
            assert!(got.residual().abs() <= 1e-9 * got.score.abs().max(1e-3));
            n_masked += masked.len();
        }
        assert!(n_masked > 0, "{name}: no step is masked");
    }
}

/// The network divides zero by zero: whoever asks is told so, and that it was the reference where it was.
#[test]
fn an_input_without_a_number_is_named() {
    let (model, of) = network("masked-mean-all-zero");
    let zero = vec![0.0; model.n_steps() * model.n_columns()];
    let itself = "the network itself returns NaN for this input";
    let error = model.predict(&zero).unwrap_err();
    assert!(error.kind == Kind::NotFinite && error.message.contains(itself), "{error}");
    for method in [Method::Lrp, Method::Gradient, Method::DeepShap, Method::IntegratedGradients, Method::Occlusion] {
        let error = model.explain(&zero, &by(method)).unwrap_err();
        assert!(error.kind == Kind::NotFinite && error.message.contains(itself), "{method:?}: {error}");
    }
    let trace = model.trace(&inputs(&of)[0]).unwrap();
    for method in [Method::DeepShap, Method::IntegratedGradients] {
        let error = model.explain_against(&trace, Some(&zero), &by(method)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("for the reference {itself}")) && text.contains("choose"), "{method:?}: {text}");
    }
    assert!(model.explain_against(&trace, None, &by(Method::Lrp)).is_ok(), "no reference, no question");
}

/// The same where the reference is the one that nobody chose, and for what takes measurements away.
#[test]
fn a_reference_without_a_number_is_named_by_every_task() {
    for name in ["codes-masked-mean", "masking-attention-keras"] {
        let (model, of) = network(name);
        let x = &inputs(&of)[0];
        let zero = vec![0.0; x.len()];
        let trace = model.trace(x).unwrap();
        let mut methods = vec![Method::DeepShap];
        methods.extend(model.n_words().is_none().then_some(Method::IntegratedGradients));
        for method in methods {
            let error = model.explain_against(&trace, Some(&zero), &by(method)).unwrap_err();
            assert!(error.kind == Kind::NotFinite || error.message.contains("masks other steps"), "{name}: {error}");
        }
        if normal_input(model.manifest()) == zero {
            let scorer = model.scorer(&by(Method::Occlusion)).unwrap();
            let players = Removal::new(model.manifest(), x, By::Channel);
            let error = vitrine::engine::explain::shapley::Shapley::new(scorer, players, 4, 0).unwrap_err();
            assert!(error.message.contains("for the reference"), "{name}: {error}");
        }
    }
}
