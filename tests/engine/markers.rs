//! Markers planted for two-block transformers (`tests/reference/make_markers.py`): how far each method's relevance by cell
//! follows the Shapley values of the cells, which onnxruntime has sampled. `make answers` writes the table of
//! `docs/relevance.md`.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use crate::common::{fixtures, json, numbers, singles};
use crate::table;
use vitrine::Model;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};

/// What the rule for attention has to reach with every network.
const LEAST: f64 = 0.45;
/// The rule for attention: every product halved, the softmax by the map that touches it.
const ATTENTION: &str = "LRP-half (AttnLRP), epsilon 1e-6";

fn methods() -> Vec<(&'static str, Options)> {
    let of = |method| Options { method, quantity: Some(Quantity::Score), ..Options::default() };
    let lrp = |gates, epsilon| Options {
        rule: Rule { epsilon, bias_factor: 0.0, form: Form::Arras2019, gates },
        ..of(Method::Lrp)
    };
    vec![
        ("LRP-all, epsilon 0.01", lrp(Gates::All, 0.01)),
        ("LRP-all, epsilon 1e-6", lrp(Gates::All, 1e-6)),
        ("LRP-half (AttnLRP), epsilon 0.01", lrp(Gates::Half, 0.01)),
        (ATTENTION, lrp(Gates::Half, 1e-6)),
        ("LRP-abs, epsilon 0.01", lrp(Gates::Abs, 0.01)),
        ("deep-shap", of(Method::DeepShap)),
        ("integrated gradients", of(Method::IntegratedGradients)),
        ("gradient x input", of(Method::GradientXInput)),
    ]
}

/// Pearson's correlation.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |of: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| of(a - mean_a, b - mean_b)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// What each method says of a network's stays, cell after cell; nothing where the engine refuses an explanation that does
/// not add up.
fn by_cell(model: &Model, stays: &[Vec<f32>], options: &Options) -> Option<Vec<f64>> {
    let mut cells = vec![];
    for stay in stays {
        match model.explain(stay, options) {
            Ok(relevance) => cells.extend(relevance.values),
            Err(error) => {
                assert!(error.to_string().contains("unstable explanation"), "{error}");
                return None;
            }
        }
    }
    Some(cells)
}

#[test]
fn relevance_follows_the_shapley_values_of_markers() {
    let folder = fixtures("markers");
    let record = json(&folder.join("shapley.json"));
    let stays: Vec<Vec<f32>> = record["stays"].as_array().unwrap().iter().map(singles).collect();
    let networks: Vec<(Model, Vec<f64>)> = record["shapley"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(file, values)| {
            let model = Model::read(&std::fs::read(folder.join(file)).unwrap(), None, &HashMap::new()).unwrap();
            (model, values.as_array().unwrap().iter().flat_map(numbers).collect())
        })
        .collect();
    assert_eq!(networks.len(), 3);
    let mut text = "| method | network 1 | network 2 | network 3 |\n|---|---:|---:|---:|\n".to_owned();
    for (name, options) in methods() {
        let found: Vec<Option<f64>> = networks
            .iter()
            .map(|(model, shapley)| Some(correlation(&by_cell(model, &stays, &options)?, shapley)))
            .collect();
        if name == ATTENTION {
            assert!(found.iter().all(|r| r.is_some_and(|r| r >= LEAST)), "{name}: {found:?}");
        }
        let cells = found.iter().map(|r| r.map_or("unstable".to_owned(), |r| format!("{r:.2}")));
        writeln!(text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | ")).unwrap();
    }
    println!("{text}");
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/relevance.md");
    table::compare(&document, "markers", &text);
}
