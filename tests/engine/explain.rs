//! Explanations against the float64 reference of `tests/reference/lrp_reference.py`, file by file and option by
//! option, and what must hold for any network.

use crate::common::{fixtures, json, noise, numbers, onnx_files, options, read, relative_difference, singles};
use vitrine::engine::explain::Options;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::request::Request;
use vitrine::engine::explain::{Method, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::stay::{Format, Stay};
use vitrine::{Kind, Model, Place};

#[test]
fn every_option_agrees_with_the_reference() {
    let files = onnx_files(&fixtures("explain"));
    assert!(files.len() >= 40);
    let (n_cases, failures) = differences(&files);
    assert!(n_cases >= 900, "{n_cases} cases");
    assert!(failures.is_empty(), "{} of {n_cases}\n{}", failures.len(), failures.join("\n"));
}

/// Keras 3 writes Loops; what they hold is explained as the recurrent nodes would be that it does not write.
#[test]
fn lifted_loops_agree_with_the_reference() {
    let files = onnx_files(&fixtures("loops"));
    for file in &files {
        let (model, expected) = (read(file).unwrap(), json(&file.with_extension("json")));
        let probability = model.predict(&singles(&expected["inputs"]["x"]["data"])).unwrap()[0];
        let difference = (f64::from(probability) - expected["probability"].as_f64().unwrap()).abs();
        assert!(difference <= 2e-6, "{}: {difference:e}", file.display());
    }
    let (n_cases, failures) = differences(&files);
    assert!(n_cases >= 11 * 23, "{n_cases} cases");
    assert!(failures.is_empty(), "{} of {n_cases}\n{}", failures.len(), failures.join("\n"));
}

/// The number of cases in the files' references, and those that differ.
fn differences(files: &[std::path::PathBuf]) -> (usize, Vec<String>) {
    let mut n_cases = 0;
    let mut failures = vec![];
    for file in files {
        let expected = json(&file.with_extension("json"));
        let model = read(file).unwrap();
        let input = singles(&expected["inputs"]["x"]["data"]);
        for case in expected["explanations"].as_array().unwrap() {
            n_cases += 1;
            let got = explained(&model, &input, &options(case));
            let cells = relative_difference(&got.values, &numbers(&case["relevance"]));
            let score = (got.score - case["score"].as_f64().unwrap()).abs();
            let ledger = ledger_difference(&got, case);
            // What recording in single precision costs. The proportional gate rule divides by sums that nearly cancel
            // and so amplifies it; on trained networks (tests/engine/real_stays.rs) 1e-4 holds.
            let allowed = if case["gates"] == "prop" { 2e-4 } else { 5e-5 };
            if cells.max(ledger) > allowed || score > 1e-6 {
                let name = file.file_stem().unwrap().to_string_lossy();
                let setting =
                    ["method", "explain", "rule", "epsilon", "bias_factor", "gates"].map(|key| case[key].to_string());
                failures
                    .push(format!("{name} {}: cells {cells:e} score {score:e} ledger {ledger:e}", setting.join(" ")));
            }
        }
    }
    (n_cases, failures)
}

/// As [`Model::explain`], but also where the parts are too large to add up: the reference has the same parts.
fn explained(model: &Model, input: &[f32], options: &Options) -> Relevance {
    let request = Request { options: *options, baseline: Vec::new() };
    request.explain(&model.scorer(options).unwrap(), input).unwrap()
}

/// The largest difference between two ledgers, relative to their largest entry: under the proportional gate rule
/// entries of both signs may exceed the score by orders of magnitude.
fn ledger_difference(got: &Relevance, case: &serde_json::Value) -> f64 {
    let (Some(got), Some(want)) = (got.ledger, case["ledger"].as_object()) else {
        assert!(got.ledger.is_none() && case["ledger"].is_null(), "a ledger on one side only");
        return 0.0;
    };
    let pairs = [
        (got.inputs, "inputs"),
        (got.biases, "biases"),
        (got.initial_states, "initial_states"),
        (got.epsilon, "epsilon"),
    ];
    let want = |key: &str| want[key].as_f64().unwrap();
    let largest = pairs.iter().map(|(_, key)| want(key).abs()).fold(f64::MIN_POSITIVE, f64::max);
    pairs.iter().map(|(got, key)| (got - want(key)).abs()).fold(0.0, f64::max) / largest
}

/// Every rule accounts for every unit, whatever the settings; at bias factor 1 all of it is at inputs and initial
/// states.
#[test]
fn relevance_is_conserved_over_seeds() {
    for file in onnx_files(&fixtures("explain")) {
        let model = read(&file).unwrap();
        for seed in 0..20 {
            let input = noise(seed, model.n_steps() * model.n_columns());
            for form in [Form::Arras2017, Form::Arras2019] {
                for gates in [Gates::All, Gates::Half, Gates::Abs] {
                    for (epsilon, bias_factor) in [(0.01, 0.0), (0.01, 1.0), (0.1, 0.3), (1e-3, 1.0)] {
                        let rule = Rule { epsilon, bias_factor, form, gates };
                        check_conserved(&model, &input, rule, &file.display().to_string());
                    }
                }
            }
        }
    }
}

fn check_conserved(model: &Model, input: &[f32], rule: Rule, name: &str) {
    for quantity in [Quantity::Paper, Quantity::Score, Quantity::Probability] {
        let options = Options { quantity: Some(quantity), rule, ..Options::default() };
        let relevance = model.explain(input, &options).unwrap();
        let ledger = relevance.ledger.unwrap();
        // Large terms of both signs may cancel; rounding is relative to them.
        let size = relevance.values.iter().map(|r| r.abs()).sum::<f64>() + relevance.score.abs();
        assert!(relevance.residual().abs() <= 1e-9 * size, "{name} {rule:?}: residual {}", relevance.residual());
        if rule.bias_factor == 1.0 {
            assert!(ledger.biases.abs() <= 1e-12 * size && ledger.epsilon.abs() <= 1e-12 * size, "{name} {rule:?}");
        }
    }
}

/// The gradient against central differences of the model itself, which runs in single precision.
#[test]
fn gradient_is_the_slope_of_the_model() {
    for file in onnx_files(&fixtures("explain")) {
        let model = read(&file).unwrap();
        // A kink within the step makes a difference quotient meaningless there; these networks have kinks everywhere.
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if ["relu", "clip", "hard_sigmoid"].iter().any(|kinked| name.contains(kinked)) {
            continue;
        }
        let input = noise(7, model.n_steps() * model.n_columns());
        let options = Options { method: Method::Gradient, ..Options::default() };
        let gradient = model.explain(&input, &options).unwrap().values;
        let largest = gradient.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
        for (k, expected) in gradient.iter().enumerate() {
            let step = 4e-3_f32;
            let at = |delta: f32| {
                let mut moved = input.clone();
                moved[k] += delta;
                f64::from(model.predict(&moved).unwrap()[0])
            };
            let slope = (at(step) - at(-step)) / f64::from(2.0 * step);
            assert!((slope - expected).abs() < 3e-4 + 2e-3 * largest, "{name} cell {k}: {slope} against {expected}");
        }
    }
}

#[test]
fn derived_methods_follow_from_the_gradient() {
    let model = read(&fixtures("explain/channel_wise.onnx")).unwrap();
    let input = noise(3, model.n_steps() * model.n_columns());
    let by = |method| model.explain(&input, &Options { method, ..Options::default() }).unwrap().values;
    let gradient = by(Method::Gradient);
    assert!(gradient.iter().any(|d| *d < 0.0));
    assert!(gradient.iter().zip(by(Method::AbsGradient)).all(|(d, abs)| d.abs() == abs));
    let products = by(Method::GradientXInput);
    assert!(gradient.iter().zip(&input).zip(products).all(|((d, x), product)| d * f64::from(*x) == product));
}

/// The proportional gate rule on the demo network: cells beyond any bound, which are refused and not shown.
#[test]
fn parts_that_do_not_add_up_are_refused() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www");
    let model = read(&root.join("models/in-hospital-mortality.onnx")).unwrap();
    let text = std::fs::read_to_string(root.join("stays/septic-shock_timeseries.csv")).unwrap();
    let stay = Stay::parse(&text, model.manifest(), Format::Auto, "septic shock").unwrap();
    let by =
        |gates| model.explain(&stay.input, &Options { rule: Rule { gates, ..Rule::default() }, ..Options::default() });
    assert_eq!(by(Gates::Prop).unwrap_err().kind, Kind::Unstable);
    for gates in [Gates::All, Gates::Half, Gates::Abs] {
        assert!(by(gates).is_ok(), "{gates:?}");
    }
}

#[test]
fn an_output_without_a_sigmoid_is_explained_as_a_score() {
    let (score, probability) =
        (read(&fixtures("heads/score.onnx")).unwrap(), read(&fixtures("explain/channel_wise.onnx")).unwrap());
    let input = noise(5, score.n_steps() * score.n_columns());
    let by_default = score.explain(&input, &Options::default()).unwrap();
    assert!(!by_default.is_probability);
    let whole = Options { quantity: Some(Quantity::Score), ..Options::default() };
    let expected = probability.explain(&input, &whole).unwrap();
    assert!(expected.is_probability && expected.probability != by_default.probability);
    assert_eq!(by_default.values, expected.values);
    let paper = Options { quantity: Some(Quantity::Paper), ..Options::default() };
    assert!(score.explain(&input, &paper).unwrap_err().to_string().contains("sigmoid"));
}

#[test]
fn wrong_arguments_are_refused() {
    let model = read(&fixtures("explain/channel_wise.onnx")).unwrap();
    let input = noise(0, model.n_steps() * model.n_columns());
    let refused = |options: Options, word: &str| {
        let message = model.explain(&input, &options).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    };
    refused(Options { target: 1, ..Options::default() }, "target");
    refused(Options { rule: Rule { epsilon: -1.0, ..Rule::default() }, ..Options::default() }, "epsilon");
    refused(Options { rule: Rule { epsilon: f64::NAN, ..Rule::default() }, ..Options::default() }, "epsilon");
    refused(Options { rule: Rule { bias_factor: 1.5, ..Rule::default() }, ..Options::default() }, "biasFactor");
    assert!(model.predict(&input[1..]).unwrap_err().to_string().contains("steps x"));
    let mut hole = input.clone();
    hole[9] = f32::NAN;
    assert!(model.predict(&hole).unwrap_err().to_string().contains("column 4 at step 1"));
}

/// A trace that does not add up to what tract returned is not explained.
#[test]
fn a_trace_that_was_misread_is_an_error() {
    let model = read(&fixtures("explain/channel_wise.onnx")).unwrap();
    let mut trace = model.trace(&noise(1, model.n_steps() * model.n_columns())).unwrap();
    assert!(model.explain_trace(&trace, &Options::default()).is_ok());
    trace.outputs[0] += 0.01;
    assert_eq!(model.explain_trace(&trace, &Options::default()).unwrap_err().kind, Kind::Mismatch);
}

#[test]
fn a_value_that_was_misread_is_named_with_its_node() {
    let model = read(&fixtures("explain/channel_wise.onnx")).unwrap();
    let trace = model.trace(&noise(1, model.n_steps() * model.n_columns())).unwrap();
    let mut other = trace.clone();
    assert!(trace.compare(model.graph(), &other, 0.0).is_ok());
    for wrong in [0.5, f32::NAN] {
        let value = model.graph().targets[0].score.value;
        other.values[value][0] = wrong;
        let error = trace.compare(model.graph(), &other, 1e-4).unwrap_err();
        assert_eq!(error.kind, Kind::Mismatch);
        assert!(matches!(&error.place, Place::Node(name) if !name.is_empty()), "{error}");
    }
}

/// A batch is nothing but its stays, to the bit; and a stay of a batch that is none says which it is.
#[test]
fn a_batch_is_explained_as_each_of_its_stays() {
    for file in onnx_files(&fixtures("explain")).into_iter().take(12) {
        let model = read(&file).unwrap();
        let len = model.n_steps() * model.n_columns();
        let inputs: Vec<f32> = (0..5).flat_map(|seed| noise(seed, len)).collect();
        let batch = model.explain_batch(&inputs, None, &Options::default()).unwrap();
        let alone = inputs.chunks(len).map(|input| model.explain(input, &Options::default()).unwrap());
        assert_eq!(batch, alone.collect::<Vec<_>>(), "{}", file.display());
        let mut broken = inputs.clone();
        broken[3 * len] = f32::NAN;
        assert!(model.explain_batch(&broken, None, &Options::default()).unwrap_err().to_string().contains("stay 3"));
        assert!(
            model.explain_batch(&inputs[1..], None, &Options::default()).unwrap_err().to_string().contains("stay 4")
        );
    }
}
