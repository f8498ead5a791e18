//! Every kind of head: one sigmoid, 25 phenotypes, decompensation at every hour, a length of stay in 10 buckets at every
//! hour, each number of each a target.

use crate::common::{fixtures, noise, read};
use vitrine::Model;
use vitrine::engine::explain::relevance::ScoreUnit;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::graph::Link;
use vitrine::engine::rule::Rule;

const MULTITASK: [&str; 4] = ["multitask-torchscript", "multitask-dynamo", "multitask-tf-keras", "multitask-keras3"];

fn family(name: &str) -> Model {
    let path = fixtures("families").join(format!("{name}.onnx"));
    let data = path.with_extension("onnx.data");
    let external = std::fs::read(&data).map(|bytes| (format!("{name}.onnx.data"), bytes)).into_iter().collect();
    Model::read(&std::fs::read(&path).unwrap(), None, &external).unwrap()
}

/// Where the heads' numbers begin, and what they are called after the output's name, which Keras gives away.
const HEADS: [(usize, &str, usize, &str); 4] = [
    (0, "mortality", 1, ""),
    (1, "decompensation", 12, "[hour 12]"),
    (13, "phenotypes", 25, "[24]"),
    (38, "length_of_stay", 120, "[hour 12, 9]"),
];

#[test]
fn every_number_of_a_multitask_model_is_a_target_by_name() {
    for name in MULTITASK {
        let model = family(name);
        let outputs = model.outputs();
        assert_eq!(outputs.len(), 158, "{name}");
        for (first, head, count, last) in HEADS {
            let output = &outputs[first + count - 1];
            assert!(output.ends_with(last) && (name.contains("keras") || output.starts_with(head)), "{name}: {output}");
            for target in &model.graph().targets[first..first + count] {
                let is_right = match &target.link {
                    Link::Softmax { sites, .. } => head == "length_of_stay" && sites.len() == 10,
                    link => head != "length_of_stay" && *link == Link::Sigmoid,
                };
                assert!(is_right, "{name} {head}: {:?}", target.link);
            }
        }
    }
}

/// All 158 of each file: conserved at bias factor 1; buckets of an hour are shares of one, and their slopes cancel.
#[test]
fn every_target_is_explained_and_conserved() {
    for name in MULTITASK {
        let model = family(name);
        let input = noise(5, model.n_steps() * model.n_columns());
        let trace = model.trace(&input).unwrap();
        for target in 0..model.outputs().len() {
            let rule = Rule { bias_factor: 1.0, ..Rule::default() };
            let options = Options { target, quantity: Some(Quantity::Score), rule, ..Options::default() };
            let got = model.explain_trace(&trace, &options).unwrap();
            let ledger = got.ledger.unwrap();
            let size = got.score.abs() + got.values.iter().map(|r| r.abs()).sum::<f64>();
            let missing = (got.score - ledger.inputs - ledger.initial_states).abs();
            assert!(missing <= 1e-9 * size, "{name} {}: {missing:e} of {size:e}", model.outputs()[target]);
        }
        for hour in [1, 7, 12] {
            let first = 38 + 10 * (hour - 1);
            let gradient = |target| {
                let quantity = Some(Quantity::Probability);
                let options = Options { method: Method::Gradient, target, quantity, ..Options::default() };
                model.explain_trace(&trace, &options).unwrap()
            };
            let buckets: Vec<_> = (first..first + 10).map(gradient).collect();
            let total: f64 = buckets.iter().map(|bucket| bucket.probability).sum();
            assert!((total - 1.0).abs() < 1e-6, "{name} hour {hour}: {total}");
            for cell in 0..input.len() {
                let sum: f64 = buckets.iter().map(|bucket| bucket.values[cell]).sum();
                assert!(sum.abs() < 1e-9, "{name} hour {hour} cell {cell}: {sum:e}");
            }
        }
    }
}

/// What a model that reads forwards says at an hour rests on the hours up to it.
#[test]
fn an_hour_is_explained_by_the_hours_up_to_it() {
    let model = read(&fixtures("families").join("per-step-torchscript.onnx")).unwrap();
    let input = noise(6, model.n_steps() * model.n_columns());
    for (target, hour) in model.outputs().iter().enumerate().map(|(k, _)| (k, k + 1)) {
        assert!(model.outputs()[target].ends_with(&format!("[hour {hour}]")), "{:?}", model.outputs());
        for method in [Method::Lrp, Method::Gradient] {
            let options = Options { method, target, quantity: Some(Quantity::Score), ..Options::default() };
            let values = model.explain(&input, &options).unwrap().values;
            let size = |values: &[f64]| values.iter().map(|r| r.abs()).sum::<f64>();
            let (before, after) = values.split_at(hour * model.n_columns());
            assert!(
                size(after) == 0.0 && size(&before[(hour - 1) * model.n_columns()..]) > 0.0,
                "{method:?} hour {hour}"
            );
        }
    }
}

/// Without a manifest, what a network gives at every hour is one outcome of all hours: where the time axis of an output is that
/// of the recurrence. What it says once is as many outcomes as it has numbers.
#[test]
fn what_a_network_gives_at_every_hour_is_one_outcome_of_all_hours() {
    for name in MULTITASK {
        let model = family(name);
        let heads = model.manifest().heads();
        let hourly: Vec<(usize, usize)> =
            heads.iter().filter(|head| head.is_per_step).map(|head| (head.targets[0], head.targets.len())).collect();
        let buckets = (38..48).map(|first| (first, 12));
        assert_eq!(hourly, std::iter::once((1, 12)).chain(buckets).collect::<Vec<_>>(), "{name}");
        assert_eq!(heads.len(), 1 + 1 + 25 + 10, "{name}");
        assert_eq!(model.manifest().outcomes.len(), 1 + 1 + 25 + 1, "{name}");
        model.manifest().validate().unwrap();
    }
    let model = read(&fixtures("families").join("per-step-torchscript.onnx")).unwrap();
    let heads = model.manifest().heads();
    assert_eq!((heads.len(), heads[0].is_per_step, heads[0].targets.len()), (1, true, model.n_steps()));
}

/// An axis as long as the stay is that of the hours where the graph leads them there, and classes where it does not.
#[test]
fn an_axis_is_that_of_the_hours_where_the_graph_says_so() {
    let names = |folder: &str, file: String| {
        let bytes = std::fs::read(fixtures(folder).join(file)).unwrap();
        Model::read(&bytes, None, &Default::default()).unwrap().outputs().to_vec()
    };
    for kind in ["lstm", "gru", "rnn"] {
        let classes = names("cases/inputs", format!("{kind}-as-many-classes.onnx"));
        assert!(classes.len() == 7 && classes[6].ends_with("[6]"), "{classes:?}");
        let states = names(kind, "forward.onnx".to_owned());
        assert_eq!(states[..5], ["Y[hour 1, 0]", "Y[hour 1, 1]", "Y[hour 1, 2]", "Y[hour 1, 3]", "Y[hour 2, 0]"]);
        assert_eq!(states[20], "Y_h[0]", "the last state has no hours");
    }
}

/// Whether an output is a probability is told by the last function, its range, or the manifest, and said alike everywhere;
/// a manifest that says it of what is none is refused.
#[test]
fn what_an_output_is_is_said_alike() {
    use PredictionKind::{Number, Probability};
    use vitrine::stay::manifest::{Outcome, PredictionKind};
    let read_as = |name: &str, kind: Option<PredictionKind>| {
        let path = fixtures("cases/heads").join(format!("{name}.onnx"));
        let mut manifest = read(&path).unwrap().manifest().clone();
        manifest.outcomes = vec![Outcome { kind, ..Outcome::probability("death".to_owned()) }];
        let text = serde_json::to_string(&manifest).unwrap();
        Model::read(&std::fs::read(&path).unwrap(), Some(&text), &std::collections::HashMap::new())
    };
    let is_probability = |model: &Model| {
        let input = noise(3, model.n_steps() * model.n_columns());
        let got = model.explain(&input, &Options { quantity: Some(Quantity::Score), ..Options::default() }).unwrap();
        assert_eq!(got.is_probability, model.manifest().heads()[0].kind == Probability);
        got.is_probability
    };
    let heads = [
        ("clamped", true, false),
        ("mean-of-two", true, false),
        ("beside", true, true),
        ("regression", false, false),
        ("risk-of-a-rate", true, false),
        ("left-of-a-rate", true, false),
        ("by-hand", true, false),
        ("by-half", false, false),
        ("exp-of-tanh", false, false),
    ];
    // Where no sigmoid comes last, relevance is counted in the output, also where that is a probability.
    for (name, _, is_log_odds) in heads {
        let model = read(&fixtures("cases/heads").join(format!("{name}.onnx"))).unwrap();
        let input = noise(5, model.n_steps() * model.n_columns());
        let got = model.explain(&input, &Options { method: Method::DeepShap, ..Options::default() }).unwrap();
        let found = (got.unit == ScoreUnit::LogOdds, (got.logit - got.probability).abs() > 1e-4);
        assert_eq!(found, (is_log_odds, is_log_odds), "{name}");
    }
    for (name, told, _) in heads {
        let alone = read(&fixtures("cases/heads").join(format!("{name}.onnx"))).unwrap();
        assert_eq!(is_probability(&alone), told, "{name}");
        assert_eq!(is_probability(&read_as(name, None).unwrap()), told, "{name}");
        assert!(!is_probability(&read_as(name, Some(Number)).unwrap()), "{name}");
        match read_as(name, Some(Probability)) {
            Ok(model) if told => assert!(is_probability(&model), "{name}"),
            // The made-up stay of reading is within 0 and 1, and others are not.
            Ok(model) => {
                let large = |seed| noise(seed, model.n_steps() * model.n_columns()).into_iter().map(|x| 10.0 * x);
                let got: Vec<_> = (1..40).map(|seed| model.predict(&large(seed).collect::<Vec<f32>>())).collect();
                let is_share = |outputs: &Vec<f32>| (-1e-4..=1.0001).contains(&outputs[0]);
                assert!(got.iter().flatten().all(is_share), "{name}");
                let errors: Vec<String> = got.into_iter().filter_map(|it| it.err().map(|it| it.to_string())).collect();
                assert!(!errors.is_empty(), "{name}");
                assert!(errors.iter().all(|it| it.contains("outcomes[0].kind") && it.contains("for this input")));
            }
            Err(error) => assert!(!told && error.to_string().contains("outcomes[0].kind"), "{name}: {error}"),
        }
    }
}

/// A threshold that no input moves, and a class as 0.0 and 1.0, stand in the way of no probability.
#[test]
fn what_stands_beside_a_probability_is_left_out() {
    let model = read(&fixtures("cases/heads").join("beside.onnx")).unwrap();
    assert_eq!(model.outputs(), ["p"]);
    assert_eq!(model.labels(), ["threshold", "above"]);
}
