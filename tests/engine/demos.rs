//! The networks of the text and the image demo, against the float64 reference, onnxruntime and finite differences.

use crate::common::{fixtures, json, numbers, read, relative_difference};
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::Rule;
use vitrine::stay::text::Sentence;
use vitrine::study::class_model::{Ascent, class_model};
use vitrine::{Kind, Model};

fn demo(name: &str) -> Model {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models").join(name);
    read(&path).unwrap()
}

/// The page's images, `[8 rows * 8]` of ink 0 to 16, in the order in which the model's input takes them: a step is a
/// column of pixels.
fn images() -> Vec<(usize, Vec<f32>)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/images/digits.json");
    let image = |image: &serde_json::Value| {
        let ink = numbers(&image["ink"]);
        let input = (0..64).map(|k| (ink[(k % 8) * 8 + k / 8] / 16.0) as f32).collect();
        (image["label"].as_u64().unwrap() as usize, input)
    };
    json(&path).as_array().unwrap().iter().map(image).collect()
}

fn score(rule: Rule, target: usize) -> Options {
    Options { target, quantity: Some(Quantity::Score), rule, ..Options::default() }
}

#[test]
fn sentences_are_read_and_explained_as_the_reference_does() {
    let model = demo("sentiment.onnx");
    let cases = json(&fixtures("demos/sentiment.json"));
    let conserving = Rule { bias_factor: 1.0, ..Rule::default() };
    for case in cases.as_array().unwrap() {
        let text = case["sentence"].as_str().unwrap();
        let sentence = Sentence::read(text, model.manifest()).unwrap();
        assert_eq!(sentence.input, crate::common::singles(&case["tokens"]), "{text}");
        assert_eq!(sentence.words.len() as u64, case["words"].as_u64().unwrap(), "{text}");
        let probability = f64::from(model.predict(&sentence.input).unwrap()[0]);
        assert!((probability - case["probability"].as_f64().unwrap()).abs() < 2e-6, "{text}: {probability}");
        let check = |options: &Options, key: &str| {
            let got = model.explain(&sentence.input, options).unwrap();
            let worst = relative_difference(&got.values, &numbers(&case[key]));
            assert!(worst < 1e-4, "{text} {key}: {worst:e}");
        };
        check(&Options::default(), "paper");
        check(&score(conserving, 0), "score");
        let product = Options { method: Method::GradientXInput, ..score(Rule::default(), 0) };
        check(&product, "gradient_x_input");
    }
}

#[test]
fn digits_are_recognised_as_onnxruntime_does_and_their_relevance_is_conserved() {
    let model = demo("digits.onnx");
    let expected = json(&fixtures("demos/digits.json"));
    let conserving = Rule { bias_factor: 1.0, ..Rule::default() };
    let mut n_right = 0;
    for ((label, input), expected) in images().iter().zip(expected.as_array().unwrap()) {
        let outputs = model.predict(input).unwrap();
        for (got, want) in outputs.iter().zip(numbers(expected)) {
            assert!((f64::from(*got) - want).abs() < 2e-6, "{got} against {want}");
        }
        n_right += usize::from(outputs.iter().all(|p| *p <= outputs[*label]));
        let relevance = model.explain(input, &score(conserving, *label)).unwrap();
        let sum: f64 = relevance.values.iter().sum();
        assert!((sum - relevance.score).abs() < 1e-6 * relevance.score.abs().max(1.0), "{sum} of {}", relevance.score);
    }
    assert!(n_right >= 19, "{n_right} of 20");
}

#[test]
fn the_gradient_of_a_digit_is_its_finite_difference() {
    let model = demo("digits.onnx");
    let (label, input) = images().swap_remove(6);
    let options = Options { method: Method::Gradient, ..score(Rule::default(), label) };
    // Away from the kinks of ReLU and of the maximum, where no slope is the right one.
    let input: Vec<f32> = input.iter().enumerate().map(|(k, x)| x + 0.013 + 0.0007 * k as f32).collect();
    let slope = model.explain(&input, &options).unwrap();
    let step = 1e-3_f32;
    let mut n_close = 0;
    for k in 0..input.len() {
        let at = |shift: f32| {
            let mut moved = input.clone();
            moved[k] += shift;
            model.explain(&moved, &options).unwrap().logit
        };
        let difference = (at(step) - at(-step)) / (2.0 * f64::from(step));
        n_close += usize::from((difference - slope.values[k]).abs() < 0.01 * (1.0 + slope.values[k].abs()));
    }
    // A step may cross a kink.
    assert!(n_close >= 60, "{n_close} of 64");
}

#[test]
fn a_class_is_visualised_by_an_input_that_the_network_takes_for_it() {
    let model = demo("digits.onnx");
    for target in 0..10 {
        let found = class_model(&model, target, &Ascent::default()).unwrap();
        assert!(found.scores[1] > found.scores[0] + 1.0, "{target}: {:?}", found.scores);
        assert!(found.probability > 0.95, "{target}: {}", found.probability);
        assert!(found.input.iter().all(|x| (0.0..=1.0).contains(x)));
        let predicted = f64::from(model.predict(&found.input).unwrap()[target]);
        assert!((predicted - found.probability).abs() < 1e-9);
        // At a maximum within the bounds a step in no direction is worth anything more.
        let worth = |input: &[f32]| {
            let slope = model.explain(input, &Options { method: Method::Gradient, ..score(Rule::default(), target) });
            slope.unwrap().logit - 0.5 * input.iter().map(|x| f64::from(x * x)).sum::<f64>()
        };
        let best = worth(&found.input);
        for k in (0..64).step_by(7) {
            for shift in [-0.05_f32, 0.05] {
                let mut moved = found.input.clone();
                moved[k] = (moved[k] + shift).clamp(0.0, 1.0);
                assert!(worth(&moved) < best + 0.02 * best.abs().max(1.0), "{target}, pixel {k}");
            }
        }
    }
}

#[test]
fn a_stronger_penalty_leaves_less_ink() {
    let model = demo("digits.onnx");
    let ink = |decay: f64| {
        let found = class_model(&model, 3, &Ascent { decay, ..Ascent::default() }).unwrap();
        found.input.iter().map(|x| f64::from(x * x)).sum::<f64>()
    };
    assert!(ink(4.0) < ink(0.5) && ink(0.5) < ink(0.0));
}

#[test]
fn an_ascent_out_of_range_is_refused() {
    let model = demo("digits.onnx");
    let refused = |target: usize, ascent: Ascent| class_model(&model, target, &ascent).unwrap_err().kind;
    let own = Ascent::default();
    assert_eq!(refused(10, own), Kind::Argument);
    assert_eq!(refused(0, Ascent { n_steps: 10_001, ..own }), Kind::Argument);
    assert_eq!(refused(0, Ascent { rate: 0.0, ..own }), Kind::Argument);
    assert_eq!(refused(0, Ascent { decay: f64::NAN, ..own }), Kind::Argument);
    assert_eq!(refused(0, Ascent { bounds: [1.0, 0.0], ..own }), Kind::Argument);
}
