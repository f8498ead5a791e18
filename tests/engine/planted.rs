//! Risks planted in made-up stays (`training/planted/`): how far each method finds the cells that the risk depends on;
//! and where in time each method puts its relevance on real stays. `make answers` measures all of it again and writes
//! `tests/fixtures/planted/found.json` and `docs/known-answers.md`; the ordinary test measures what takes few runs of
//! every stay, and the rest of some, and where in time on the page's own stays.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json as object};

use crate::common::{fixtures, json, numbers, read};
use crate::methods::demo;
use crate::{set_b, table};
use vitrine::engine::explain::shapley::Shapley;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::job::Job;
use vitrine::picture::grid::{Grid, Part, rows};
use vitrine::stay::Stay;
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::removal::{By, Removal};
use vitrine::study::cohort::curves::Predictions;
use vitrine::study::cohort::intervals::{Measure, mean};
use vitrine::{Kind, Model};

const N_STEPS: usize = 48;
const N_CHANNELS: usize = 17;
const N_RESAMPLES: usize = 2000;

/// Name, options, and whether the method takes many runs.
fn methods() -> Vec<(&'static str, Options, bool)> {
    let of = |method| Options { method, quantity: Some(Quantity::Score), steps: Some(64), ..Options::default() };
    let lrp =
        |gates, epsilon, form| Options { rule: Rule { epsilon, bias_factor: 0.0, form, gates }, ..of(Method::Lrp) };
    vec![
        ("LRP-all, 2017 form, epsilon 0.01", lrp(Gates::All, 0.01, Form::Arras2017), false),
        ("LRP-all, 2019 form, epsilon 0.01", lrp(Gates::All, 0.01, Form::Arras2019), false),
        ("LRP-all, 2019 form, epsilon 1e-6", lrp(Gates::All, 1e-6, Form::Arras2019), false),
        ("LRP-half, 2019 form, epsilon 0.01", lrp(Gates::Half, 0.01, Form::Arras2019), false),
        ("LRP-prop, 2019 form, epsilon 0.01", lrp(Gates::Prop, 0.01, Form::Arras2019), false),
        ("LRP-abs, 2019 form, epsilon 0.01", lrp(Gates::Abs, 0.01, Form::Arras2019), false),
        ("gradient", of(Method::Gradient), false),
        ("absolute gradient", of(Method::AbsGradient), false),
        ("gradient x input", of(Method::GradientXInput), false),
        ("SmoothGrad", of(Method::SmoothGrad), true),
        ("integrated gradients", of(Method::IntegratedGradients), true),
        ("deep-shap", of(Method::DeepShap), false),
        ("occlusion", of(Method::Occlusion), true),
    ]
}

/// A made-up stay: the model's input, and which cells the risk depends on, `[n_channels * n_steps]` in the manifest's
/// order of channels.
struct Planted {
    input: Vec<f32>,
    truth: Vec<bool>,
}

/// Reads `stays.bin`: for each stay, hour and channel in the order of the masks, its value and its flags.
fn planted(manifest: &Manifest) -> Vec<Planted> {
    let bytes = std::fs::read(fixtures("planted").join("stays.bin")).unwrap();
    let stay = |cells: &[u8]| {
        let mut input = vec![0.0; N_STEPS * manifest.columns];
        let mut truth = vec![false; N_CHANNELS * N_STEPS];
        for (row, channel) in manifest.channels.iter().enumerate() {
            let (mask, place) = (channel.mask.unwrap(), channel.mask.unwrap() - (manifest.columns - N_CHANNELS));
            for step in 0..N_STEPS {
                let at = 2 * (step * N_CHANNELS + place);
                let (value, flags) = (cells[at], cells[at + 1]);
                let step_input = &mut input[step * manifest.columns..][..manifest.columns];
                match channel.encoding {
                    Encoding::Continuous { .. } => step_input[channel.columns[0]] = (f32::from(value) - 128.0) / 32.0,
                    Encoding::OneHot { .. } => step_input[channel.columns[usize::from(value)]] = 1.0,
                }
                step_input[mask] = f32::from(flags & 1);
                truth[row * N_STEPS + step] = flags & 2 != 0;
            }
        }
        Planted { input, truth }
    };
    bytes.chunks_exact(2 * N_STEPS * N_CHANNELS).map(stay).collect()
}

/// The areas of a method's explanation. Nothing where the engine refuses an explanation that no longer adds up.
fn areas(model: &Model, stay: &Planted, options: &Options) -> Vec<f64> {
    match model.explain(&stay.input, options) {
        Ok(relevance) => areas_of(model, stay, &relevance.values),
        Err(error) => {
            assert!(error.to_string().contains("unstable explanation"), "{error}");
            vec![]
        }
    }
}

/// Name, and the groups of measurements whose Shapley values are sampled.
const GROUPS: [(&str, By); 2] = [
    ("Shapley values, single measurements", By::Measurement),
    ("Shapley values, channels in windows of 6 h", By::ChannelAndWindow(6)),
];
/// Orders of arrival that are sampled: as many as on the page, and few to check them by.
const N_ORDERS: usize = 50;
const N_FEW: usize = 4;

/// The areas of sampled Shapley values. A group's share is spread evenly over its measurements: hours that only carry
/// one of them forward receive none.
fn shapley_areas(model: &Model, stay: &Planted, by: By, n_orders: usize) -> Vec<f64> {
    let options = Options { quantity: Some(Quantity::Score), ..Options::default() };
    let players = Removal::new(model.manifest(), &stay.input, by);
    let mut job = Shapley::new(model.scorer(&options).unwrap(), players, n_orders, 1).unwrap();
    while !job.advance().unwrap() {}
    areas_of(model, stay, &job.finish().unwrap().relevance.values)
}

/// All stays' areas where the file is written, some 300 runs of the network for each order and stay: on all processors.
fn all_shapley_areas(model: &Model, stays: &[Planted], by: By) -> Vec<Vec<f64>> {
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let run =
            |part: &'_ [Planted]| part.iter().map(|stay| shapley_areas(model, stay, by, N_ORDERS)).collect::<Vec<_>>();
        let parts = stays.chunks(stays.len().div_ceil(n_threads)).map(|part| scope.spawn(move || run(part)));
        parts.collect::<Vec<_>>().into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// The area under the precision-recall curve of finding the planted cells: by magnitude, and by what raises the score.
fn areas_of(model: &Model, stay: &Planted, values: &[f64]) -> Vec<f64> {
    let grid = Grid::relevance(values, model.n_columns(), &rows(model.manifest()), Part::Both).values;
    let magnitudes: Vec<f64> = grid.iter().map(|r| r.abs()).collect();
    let area = |by: Vec<f64>| {
        let ranked = Predictions::new(&stay.truth, &by).unwrap();
        ranked.average_precision(&ranked.once())
    };
    vec![area(magnitudes), area(grid)]
}

/// The share of the absolute relevance in each hour.
fn mass(model: &Model, input: &[f32], options: &Options) -> vitrine::Result<Vec<f64>> {
    let values = model.explain(input, options)?.values;
    let hours: Vec<f64> = values.chunks(model.n_columns()).map(|hour| hour.iter().map(|r| r.abs()).sum()).collect();
    let total: f64 = hours.iter().sum();
    Ok(hours.iter().map(|hour| hour / total).collect())
}

const TIMED: [&str; 6] = [
    "LRP-all, 2017 form, epsilon 0.01",
    "LRP-all, 2019 form, epsilon 0.01",
    "absolute gradient",
    "gradient x input",
    "integrated gradients",
    "deep-shap",
];

/// Where in time methods put their relevance is asked of what the page explains by default.
fn timed() -> Vec<(&'static str, Options, bool)> {
    let as_on_the_page = |(name, options, many): (&'static str, Options, bool)| {
        let is_paper = matches!(options.method, Method::Lrp | Method::AbsGradient | Method::GradientXInput);
        // An integral that is cut off is refused: on the demo network it goes on to its tolerance, as on the page.
        (
            name,
            Options { quantity: is_paper.then_some(Quantity::Paper).or(options.quantity), steps: None, ..options },
            many,
        )
    };
    methods().into_iter().filter(|(name, ..)| TIMED.contains(name)).map(as_on_the_page).collect()
}

fn is_blessing() -> bool {
    std::env::var_os("VITRINE_BLESS").is_some()
}

/// Measures a method on the first so many of some inputs: all of them where it is cheap or where the file is written.
fn measured<T>(inputs: &[T], is_dear: bool, of: impl Fn(&T) -> Vec<f64>) -> Vec<Vec<f64>> {
    let n = if is_dear && !is_blessing() { 1 } else { inputs.len() };
    inputs[..n].iter().map(of).collect()
}

/// The areas of Shapley values of all stays, as the file has them; the first stay's by few orders are measured again.
fn shapley(model: &Model, stays: &[Planted], name: &str, by: By) -> Vec<Vec<f64>> {
    let few = held("few_orders", name, vec![shapley_areas(model, &stays[0], by, N_FEW)]);
    if !is_blessing() {
        return held("areas", name, vec![]);
    }
    let mut found = kept();
    found["few_orders"][name] = object!(few);
    std::fs::write(found_path(), format!("{found}\n")).unwrap();
    all_shapley_areas(model, stays, by)
}

fn found_path() -> std::path::PathBuf {
    fixtures("planted").join("found.json")
}

/// The file, or nothing yet.
fn kept() -> Value {
    std::fs::read(found_path()).map_or(object!({}), |bytes| serde_json::from_slice(&bytes).unwrap())
}

/// Holds what was measured against the file, and returns the file's; where the file is written, what was measured.
fn held(part: &str, name: &str, measured: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    if is_blessing() {
        return measured;
    }
    let kept: Vec<Vec<f64>> = json(&found_path())[part][name].as_array().unwrap().iter().map(numbers).collect();
    assert!(measured.iter().zip(&kept).all(|(got, want)| got.len() == want.len()), "{part}, {name}; run make answers");
    for (got, want) in measured.iter().flatten().zip(kept.iter().flatten()) {
        assert!((got - want).abs() < 1e-6, "{part}, {name}: {got} where the file has {want}; run make answers");
    }
    kept
}

#[test]
fn methods_find_what_was_planted() {
    let model = read(&fixtures("planted").join("network.onnx")).unwrap();
    let stays = planted(model.manifest());
    let record = json(&fixtures("planted").join("network.json"));
    assert_eq!(stays.len(), 48);
    let scored = Options { quantity: Some(Quantity::Score), ..Options::default() };
    for (stay, score) in stays.iter().zip(numbers(&record["scores"])) {
        let got = model.explain(&stay.input, &scored).unwrap().score;
        assert!((got - score).abs() < 1e-4, "the network says {got} where the training's float64 said {score}");
    }
    assert!(record["measures"]["correlation_with_the_true_score"].as_f64().unwrap() > 0.95, "it has learnt the risk");

    let mut found = serde_json::Map::new();
    let mut table = String::from("| method | stays | by magnitude | by what raises the score |\n|---|---|---|---|\n");
    let mut best = vec![];
    let explained = methods().into_iter().map(|(name, options, is_dear)| {
        let values = measured(&stays, is_dear, |stay| areas(&model, stay, &options));
        (name, held("areas", name, values))
    });
    let shared = GROUPS.into_iter().map(|(name, by)| (name, shapley(&model, &stays, name, by)));
    for (name, values) in explained.chain(shared) {
        let text = |at: usize| {
            let own = mean(&values.iter().filter_map(|pair| pair.get(at).copied()).collect::<Vec<_>>(), N_RESAMPLES, 1);
            let [low, high] = own.interval;
            let words = format!("{:.2} ({low:.2} to {high:.2})", own.value);
            (own.value, if own.value.is_nan() { "refused".into() } else { words })
        };
        best.push((name, text(0).0));
        let n = values.iter().filter(|pair| !pair.is_empty()).count();
        writeln!(table, "| {name} | {n} | {} | {} |", text(0).1, text(1).1).unwrap();
        found.insert(name.into(), object!(values));
    }
    let chance = stays.iter().map(|stay| stay.truth.iter().filter(|t| **t).count() as f64 / stay.truth.len() as f64);
    let chance = mean(&chance.collect::<Vec<_>>(), N_RESAMPLES, 1);
    writeln!(table, "| chance | {} | {:.2} | {:.2} |", stays.len(), chance.value, chance.value).unwrap();
    println!("{table}");
    keep("areas", found);
    table::compare(&document(), "planted", &table);
    assert!(best.iter().any(|(_, area)| *area > 5.0 * chance.value), "some method finds what was planted: {best:?}");
}

/// On the page's own stays, held against the file.
#[test]
fn relevance_has_its_place_in_time() {
    let (model, stays) = demo();
    let mut found = serde_json::Map::new();
    for (name, options, is_dear) in timed() {
        let values = measured(&stays, is_dear, |stay| mass(&model, &stay.input, &options).unwrap());
        found.insert(name.into(), object!(held("mass", name, values)));
    }
    keep("mass", found);
}

/// On real stays, for the document.
#[test]
#[ignore = "some minutes, on set b; make answers runs it"]
fn make_answers_tables_of_hours() {
    let (model, _) = demo();
    let stays = set_b::stays(model.manifest());
    let mut table = String::from(
        "| method | stays | 0-5 h | 6-11 h | 12-17 h | 18-23 h | 24-29 h | 30-35 h | 36-41 h | 42-47 h |\n",
    );
    table.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    for (name, options, _) in timed() {
        let of = |stay: &Stay| match mass(&model, &stay.input, &options) {
            Err(error) if error.kind == Kind::Unstable => None,
            explained => Some(explained.unwrap()),
        };
        let values: Vec<Vec<f64>> = stays.iter().filter_map(of).collect();
        writeln!(table, "| {name} | {} |{} |", values.len(), windows(&values)).unwrap();
    }
    println!("{table}");
    table::compare(&document(), "mass", &table);
}

/// The mean share of every six hours, in %, with its interval over the stays.
fn windows(values: &[Vec<f64>]) -> String {
    let share = |from: usize| {
        let shares: Vec<f64> = values.iter().map(|hours| 100.0 * hours[from..from + 6].iter().sum::<f64>()).collect();
        let Measure { value, interval: [low, high] } = mean(&shares, N_RESAMPLES, 1);
        format!(" {value:.1} % ({low:.1} to {high:.1})")
    };
    (0..N_STEPS).step_by(6).map(share).collect::<Vec<_>>().join(" |")
}

/// Writes the file's part where it is to be written.
fn keep(part: &str, found: serde_json::Map<String, Value>) {
    if is_blessing() {
        let mut all = kept();
        all[part] = Value::Object(found);
        std::fs::write(found_path(), format!("{all}\n")).unwrap();
    }
}

fn document() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/known-answers.md")
}
