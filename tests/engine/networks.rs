//! The kinds of network that people export: `tests/fixtures/cases/networks`, whose README says what each stands for and
//! `cases.json` what is right; and `tests/fixtures/cases/inputs`, of the same form, by `tests/reference/make_inputs.py`. Every case is read as it should be, or refused in words that help; those of [`OPEN`] are
//! not yet, and the test fails as soon as one of them is.
//!
//! `VITRINE_NETWORKS=lstm cargo test --test engine networks -- --nocapture` runs the cases whose id contains `lstm`, and
//! prints what each came to; `VITRINE_CASES=FOLDER` runs the cases of another folder, of the same form, in their place.

use std::collections::HashMap;

use serde_json::Value;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Rule};
use vitrine::stay::manifest::InputPart;
use vitrine::{Error, Model};

use crate::common::{fixtures, json, singles};

/// What does not pass, and why.
const OPEN: &[(&str, &str)] = &[];

/// Where the cases are.
const FOLDERS: [&str; 2] = ["cases/networks", "cases/inputs"];

/// Outputs may differ from onnxruntime's by so much.
const PARITY: f32 = 4e-6;
/// What LRP at bias factor 1 may miss.
const RESIDUAL: f64 = 1e-5;
/// A gradient may differ from the difference quotient by so much, relative to the largest cell.
const SLOPE: f64 = 1e-2;
/// A refusal is shorter than this, in characters.
const WORDS: usize = 700;

type Outcome = Result<String, String>;

#[test]
fn every_network_is_read_or_refused_as_its_case_says() {
    let of = |folder: &str| json(&fixtures(folder).join("cases.json"))["cases"].as_array().unwrap().clone();
    let own = std::env::var("VITRINE_CASES").ok();
    let folders = own.as_ref().map_or(FOLDERS.to_vec(), |own| vec![own.as_str()]);
    let all: Vec<(&str, Value)> =
        folders.iter().flat_map(|folder| of(folder).into_iter().map(move |case| (*folder, case))).collect();
    let wanted = std::env::var("VITRINE_NETWORKS").unwrap_or_default();
    let mut wrong = vec![];
    for (id, _) in OPEN.iter().filter(|_| own.is_none()) {
        assert!(all.iter().any(|(_, case)| case["id"] == *id), "{id} is no case");
    }
    for (folder, case) in &all {
        let id = case["id"].as_str().unwrap();
        if !id.contains(&wanted) {
            continue;
        }
        let open = OPEN.iter().find(|(open, _)| *open == id).map(|(_, reason)| *reason);
        let outcome = std::panic::catch_unwind(|| outcome(folder, case)).unwrap_or_else(|_| Err("it panics".into()));
        match (&outcome, open) {
            (Ok(said), None) => println!("{id}: {said}"),
            (Err(said), Some(_)) => println!("{id} (open): {said}"),
            (Ok(said), Some(reason)) => wrong.push(format!("{id} passes ({said}); take it off OPEN ({reason})")),
            (Err(said), None) => wrong.push(format!("{id}: {said}")),
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a case came to: what is right, or what is not.
fn outcome(folder: &str, case: &Value) -> Outcome {
    let bytes = std::fs::read(fixtures(folder).join(text(&case["file"]))).unwrap();
    let manifest = case.get("manifest").map(Value::to_string);
    match Model::read(&bytes, manifest.as_deref(), &HashMap::new()) {
        Ok(_) if is_true(&case["must"]) || is_true(&case["right"]["must"]) => Err("is read, and cannot be".into()),
        Ok(model) => read_right(folder, case, &model),
        Err(error) => refused_right(&case["right"], &error),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

/// One of the words that name it, one of those that advise, and none that would mislead.
fn refused_right(right: &Value, error: &Error) -> Outcome {
    let said = error.to_string();
    let folded = said.to_lowercase();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let has = |words: &Value| list(words).is_empty() || list(words).iter().any(|word| folded.contains(text(word)));
    let Some(refused) = right.get("refused") else { return Err(format!("refused: {said}")) };
    let misleads = list(&right["without"]).iter().any(|word| said.contains(text(word)));
    let is_right = has(&refused["names"]) && has(&refused["advises"]) && !misleads && words_help(error).is_ok();
    if is_right { Ok(format!("refused: {said}")) } else { Err(format!("refused in other words: {said}")) }
}

/// Words that a user can act on.
fn words_help(error: &Error) -> Result<(), String> {
    let said = error.to_string();
    let helps = said.chars().count() < WORDS && !said.contains("report");
    if helps { Ok(()) } else { Err(format!("does not help: {said}")) }
}

/// How the numbers of a file's inputs become one stay.
struct Laid {
    n_steps: usize,
    n_columns: usize,
    /// The inputs in the order of the columns: name, and the place in the stay of each of the input's own numbers.
    places: Vec<(String, Vec<usize>)>,
    /// Columns whose numbers lie between others.
    has_slope: Vec<bool>,
}

/// What an input beside the steps is to the network; `None` for one of the steps.
fn part_beside(treatment: &str) -> Option<InputPart> {
    match treatment {
        "static" | "static, whole" => Some(InputPart::Static),
        "static codes" => Some(InputPart::Code),
        "length" => Some(InputPart::Length),
        "state" => Some(InputPart::State),
        _ => None,
    }
}

/// Columns of steps side by side in the order of the file, and behind them what is read at the last step.
fn laid(folder: &str, case: &Value) -> Laid {
    let of = |name: &str| -> (Vec<usize>, String) {
        let shape = case["shapes"][name].as_array().unwrap();
        let shape = shape.iter().map(|n| usize::try_from(n.as_u64().unwrap()).unwrap()).collect();
        (shape, text(&case["treatment"][name]).to_owned())
    };
    let names: Vec<String> = case["shapes"].as_object().unwrap().keys().cloned().collect();
    let names = in_order(folder, case, names);
    let is_beside = |treatment: &str| part_beside(treatment).is_some();
    let has_none = ["codes", "static codes", "length", "static, whole", "sequence, whole"];
    // Steps, columns, and the step and column of each number.
    let walk = |name: &str| -> (usize, usize, Vec<(usize, usize)>) {
        let (shape, treatment) = of(name);
        let all = 0..shape.iter().product::<usize>();
        match (treatment.as_str(), &shape[..]) {
            (flat, [_, n]) if flat.starts_with("sequence, flat") => {
                let size = |name: &str| usize::try_from(case["manifest"][name].as_u64().unwrap()).unwrap();
                let (steps, columns) = (size("steps"), size("columns"));
                assert_eq!(steps * columns, *n, "{name}");
                let by_column = flat.ends_with("columns first");
                let site = |k: usize| if by_column { (k % steps, k / steps) } else { (k / columns, k % columns) };
                (steps, columns, all.map(site).collect())
            }
            ("numbers", [_, columns]) => (1, *columns, all.map(|k| (0, k)).collect()),
            ("sequence, channels first", [_, columns, steps]) => {
                (*steps, *columns, all.map(|k| (k % steps, k / steps)).collect())
            }
            ("sequence, channels first, no batch", [columns, steps]) => {
                (*steps, *columns, all.map(|k| (k % steps, k / steps)).collect())
            }
            ("sequence, blocks", [_, steps, rows, columns]) => {
                let width = rows * columns;
                (*steps, width, all.map(|k| (k / width, k % width)).collect())
            }
            ("sequence, steps first, blocks", [steps, _, rows, columns]) => {
                let width = rows * columns;
                (*steps, width, all.map(|k| (k / width, k % width)).collect())
            }
            ("sequence, parts", [_, parts, steps, columns]) => {
                let part = steps * columns;
                let site = |k: usize| (k % part / columns, k / part * columns + k % columns);
                (*steps, parts * columns, all.map(site).collect())
            }
            ("sequence, no batch", [steps, columns])
            | ("sequence, one channel of a picture", [_, _, steps, columns]) => {
                (*steps, *columns, all.map(|k| (k / columns, k % columns)).collect())
            }
            (steps_first, [steps, batch, columns]) if steps_first.starts_with("sequence, steps first") => {
                (*steps, *columns, all.map(|k| (k / columns / batch, k % columns)).collect())
            }
            (_, [steps, 1] | [_, steps] | [steps]) => (*steps, 1, all.map(|k| (k, 0)).collect()),
            (_, [_, steps, columns]) => (*steps, *columns, all.map(|k| (k / columns, k % columns)).collect()),
            other => panic!("{name}: {other:?}"),
        }
    };
    let mut column = 0;
    let mut n_steps = 1;
    let mut found = vec![];
    let mut has_slope = vec![];
    for beside in [false, true] {
        for name in names.iter().filter(|name| is_beside(&of(name).1) == beside) {
            let (shape, treatment) = of(name);
            let n = shape.iter().product();
            let (steps, width, sites) =
                if beside { (1, n, (0..n).map(|k| (usize::MAX, k)).collect()) } else { walk(name) };
            n_steps = steps.max(n_steps);
            has_slope.extend(std::iter::repeat_n(!has_none.contains(&treatment.as_str()), width));
            found.push((name.clone(), column, sites));
            column += width;
        }
    }
    for site in case["noSlope"].as_array().into_iter().flatten() {
        has_slope[usize::try_from(site.as_u64().unwrap()).unwrap()] = false;
    }
    let place = |first: usize, (step, c): (usize, usize)| step.min(n_steps - 1) * column + first + c;
    let places = found
        .into_iter()
        .map(|(name, first, sites)| (name, sites.into_iter().map(|site| place(first, site)).collect()))
        .collect();
    Laid { n_steps, n_columns: column, places, has_slope }
}

/// The names of a case's inputs in the order of the file, which the text of `cases.json` keeps and its objects do not.
fn in_order(folder: &str, case: &Value, mut names: Vec<String>) -> Vec<String> {
    let bytes = std::fs::read(fixtures(folder).join("cases.json")).unwrap();
    let all = String::from_utf8(bytes).unwrap();
    let of_case = all.split(&format!("\"id\": \"{}\"", text(&case["id"]))).nth(1).unwrap();
    let shapes = of_case.split("\"shapes\"").nth(1).unwrap();
    names.sort_by_key(|name| shapes.find(&format!("\"{name}\"")).unwrap());
    names
}

impl Laid {
    fn stay(&self, input: &Value) -> Vec<f32> {
        let mut stay = vec![0.0; self.n_steps * self.n_columns];
        for (name, places) in &self.places {
            let numbers = input[name].as_array().unwrap();
            assert_eq!(numbers.len(), places.len(), "{name}");
            for (place, number) in places.iter().zip(numbers) {
                stay[*place] = number.as_f64().map_or(f32::NAN, |number| number as f32);
            }
        }
        stay
    }
}

fn by(method: Method, target: usize) -> Options {
    Options { method, target, quantity: Some(Quantity::Score), ..Options::default() }
}

fn read_right(folder: &str, case: &Value, model: &Model) -> Outcome {
    let laid = laid(folder, case);
    if [model.n_steps(), model.n_columns()] != [laid.n_steps, laid.n_columns] {
        let (steps, columns) = (model.n_steps(), model.n_columns());
        return Err(format!("opened as {steps} x {columns}; wanted {} x {}", laid.n_steps, laid.n_columns));
    }
    let stays: Vec<Vec<f32>> = case["inputs"].as_array().unwrap().iter().map(|input| laid.stay(input)).collect();
    let outputs: Vec<Vec<f32>> = case["right"]["outputs"].as_array().unwrap().iter().map(singles).collect();
    let mut worst = 0.0_f32;
    for (stay, wanted) in stays.iter().zip(&outputs) {
        let got = model.predict(stay).map_err(|error| error.to_string())?;
        if got.len() != wanted.len() {
            return Err(format!("{} outputs; wanted {}", got.len(), wanted.len()));
        }
        worst = got.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(worst, f32::max);
    }
    if worst.is_nan() || worst > PARITY {
        return Err(format!("outputs off by {worst:.1e}"));
    }
    for input in model.inputs().iter().filter(|_| case["manifest"].is_null()) {
        let wanted = part_beside(text(&case["treatment"][&input.name]));
        if wanted.is_some_and(|part| part != input.part) {
            return Err(format!("\"{}\" is taken for {:?}; wanted {wanted:?}", input.name, input.part));
        }
    }
    let target = usize::try_from(case["target"].as_u64().unwrap_or(0)).unwrap();
    for (at, stay) in stays.iter().enumerate() {
        conserves(model, stay, target)?;
        slopes(model, stay, target, &laid)?;
        let other = stays[1 - at].as_slice();
        let references = if is_true(&case["otherReference"]) { vec![None, Some(other)] } else { vec![None] };
        for reference in references {
            differences_add_up(model, stay, target, reference)?;
        }
    }
    let further = [nowhere_unread, as_its_pair, no_number_is_said, by_default];
    further.iter().try_for_each(|check| check(case, model, &stays))?;
    Ok(format!("{} x {}, outputs within {worst:.0e}", model.n_steps(), model.n_columns()))
}

/// A case's folder, the case, and its three figures or the words of its refusal.
pub(crate) type Line = (&'static str, Value, Result<[f64; 3], String>);

/// A line of `docs/compatibility.md`: the case, and its parity, conservation and slope, or why it is refused.
pub(crate) fn lines() -> Vec<Line> {
    let of = |folder: &'static str| {
        let cases = json(&fixtures(folder).join("cases.json"))["cases"].as_array().unwrap().clone();
        cases.into_iter().map(move |case| {
            let measured = measured(folder, &case);
            (folder, case, measured)
        })
    };
    FOLDERS.into_iter().flat_map(of).collect()
}

fn measured(folder: &str, case: &Value) -> Result<[f64; 3], String> {
    let bytes = std::fs::read(fixtures(folder).join(text(&case["file"]))).unwrap();
    let manifest = case.get("manifest").map(Value::to_string);
    let model = Model::read(&bytes, manifest.as_deref(), &HashMap::new()).map_err(|error| error.to_string())?;
    let laid = laid(folder, case);
    if [model.n_steps(), model.n_columns()] != [laid.n_steps, laid.n_columns] {
        return Err(format!("opened as {} x {}", model.n_steps(), model.n_columns()));
    }
    let target = usize::try_from(case["target"].as_u64().unwrap_or(0)).unwrap();
    let wanted = case["right"]["outputs"].as_array().unwrap();
    let mut worst = [0.0_f64; 3];
    for (input, wanted) in case["inputs"].as_array().unwrap().iter().zip(wanted) {
        let stay = laid.stay(input);
        let outputs = model.predict(&stay).map_err(|error| error.to_string())?;
        let parity = outputs.iter().zip(singles(wanted)).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
        let rule = Rule { bias_factor: 1.0, ..Rule::default() };
        let options = Options { rule, ..by(Method::Lrp, target) };
        let got = model.explain(&stay, &options).map_err(|error| error.to_string())?;
        let (ledger, sizes) = (got.ledger.unwrap(), got.values.iter().map(|r| r.abs()).sum::<f64>());
        let missing = (got.score - ledger.inputs - ledger.initial_states).abs() / (got.score.abs() + sizes);
        let found = [parity, missing, slopes(&model, &stay, target, &laid)?];
        worst.iter_mut().zip(found).for_each(|(worst, found)| *worst = worst.max(found));
    }
    Ok(worst)
}

/// LRP at bias factor 1 hands everything down.
fn conserves(model: &Model, stay: &[f32], target: usize) -> Result<(), String> {
    let rule = Rule { bias_factor: 1.0, ..Rule::default() };
    let got = model.explain(stay, &Options { rule, ..by(Method::Lrp, target) }).map_err(|error| error.to_string())?;
    let residual = got.residual().abs();
    if residual <= RESIDUAL { Ok(()) } else { Err(format!("lrp: residual {residual:.1e}")) }
}

/// The gradient beside difference quotients: how far it is off, relative to the largest cell.
fn slopes(model: &Model, stay: &[f32], target: usize, laid: &Laid) -> Result<f64, String> {
    let options = Options { quantity: Some(Quantity::Probability), ..by(Method::Gradient, target) };
    let gradient = model.explain(stay, &options).map_err(|error| format!("gradient: {error}"))?.values;
    let largest = gradient.iter().fold(1e-3_f64, |a, d| a.max(d.abs()));
    let mut sites: Vec<usize> = laid.places.iter().flat_map(|(_, places)| places.iter().copied()).collect();
    sites.sort_unstable();
    sites.dedup();
    sites.retain(|k| laid.has_slope[k % laid.n_columns]);
    // A step of nothing but zeros is masked by many networks, and jumps where one of them is moved.
    sites.retain(|k| stay[k / laid.n_columns * laid.n_columns..][..laid.n_columns].iter().any(|x| *x != 0.0));
    let mut worst = 0.0_f64;
    for k in sites.iter().step_by((sites.len() / 40).max(1)) {
        let at = |delta: f32| -> Result<(f64, f64), String> {
            let mut moved = stay.to_vec();
            moved[*k] += delta;
            let output = model.predict(&moved).map_err(|error| error.to_string())?[target];
            Ok((f64::from(moved[*k]), f64::from(output)))
        };
        let mut off = f64::INFINITY;
        for (from, to) in [(-2e-2, 2e-2), (-4e-3, 4e-3), (-4e-3, 0.0), (0.0, 4e-3), (-1e-3, 1e-3)] {
            let (from, to) = (at(from)?, at(to)?);
            off = off.min(((to.1 - from.1) / (to.0 - from.0) - gradient[*k]).abs());
        }
        // A number that stands for a missing one jumps to both sides: as much for a small move as for a larger one.
        let moves = |delta: f32| -> Result<f64, String> { Ok((at(delta)?.1 - at(0.0)?.1).abs()) };
        let jumps = |side: f32| -> Result<bool, String> {
            let (small, large) = (moves(side * 2.5e-4)?, moves(side * 4e-3)?);
            Ok(small > 1e-5 && small > 0.7 * large)
        };
        if (off.is_nan() || off > SLOPE * largest) && !(jumps(1.0)? && jumps(-1.0)?) {
            let (step, column) = (k / laid.n_columns, k % laid.n_columns);
            return Err(format!("gradient off by {:.1e} at step {step}, column {column}", off / largest));
        }
        worst = worst.max(off / largest);
    }
    Ok(worst)
}

/// deep-shap is complete or refused, integrated gradients are complete or say so.
fn differences_add_up(model: &Model, stay: &[f32], target: usize, reference: Option<&[f32]>) -> Result<(), String> {
    let trace = model.trace(stay).map_err(|error| error.to_string())?;
    for method in [Method::DeepShap, Method::IntegratedGradients] {
        match model.explain_against(&trace, reference, &by(method, target)) {
            Err(error) => words_help(&error)?,
            Ok(got) if method == Method::IntegratedGradients && got.note.is_some() => {}
            Ok(got) => adds_up(&got, method)?,
        }
    }
    Ok(())
}

fn adds_up(got: &Relevance, method: Method) -> Result<(), String> {
    let difference = (got.score - got.ledger.unwrap().reference).abs();
    let sizes: f64 = got.values.iter().map(|r| r.abs()).sum();
    let missing = got.residual().abs();
    let is_close = match method {
        Method::DeepShap => missing <= 1e-6 * sizes.max(1.0) && missing <= (1e-3 * difference).max(1e-6),
        _ => missing <= (1e-3 * difference).max(1e-6),
    };
    let of = format!("{method:?} misses {missing:.1e} of {difference:.1e}, sizes {sizes:.1e}");
    if is_close { Ok(()) } else { Err(of) }
}

/// LRP under its defaults gives nothing to what the network does not read.
fn nowhere_unread(case: &Value, model: &Model, stays: &[Vec<f32>]) -> Result<(), String> {
    let Some(unread) = case.get("unread") else { return Ok(()) };
    let range = |key: &str| {
        let ends: [usize; 2] = serde_json::from_value(unread[key].clone()).unwrap();
        ends[0]..ends[1]
    };
    let target = usize::try_from(unread["target"].as_u64().unwrap()).unwrap();
    let n = model.n_columns();
    let is_unread = |k: usize| range("steps").contains(&(k / n)) && range("columns").contains(&(k % n));
    for stay in stays {
        let got = model.explain(stay, &Options { target, ..Options::default() }).map_err(|error| error.to_string())?;
        let sum = |of: &dyn Fn(usize) -> bool| -> f64 {
            (0..stay.len()).filter(|k| of(*k)).map(|k| got.values[k].abs()).sum()
        };
        let (there, all) = (sum(&is_unread), sum(&|_| true));
        if there > 1e-6 * all {
            return Err(format!("lrp puts {:.1e} on what is not read", there / all));
        }
    }
    Ok(())
}

/// One network by two exporters has one picture under both rules.
fn as_its_pair(case: &Value, model: &Model, stays: &[Vec<f32>]) -> Result<(), String> {
    let Some(pair) = case.get("pair") else { return Ok(()) };
    let bytes = std::fs::read(fixtures("cases/networks").join(format!("{}.onnx", text(pair)))).unwrap();
    let other = Model::read(&bytes, None, &HashMap::new()).map_err(|error| error.to_string())?;
    for (stay, form) in stays.iter().flat_map(|stay| [(stay, Form::Arras2017), (stay, Form::Arras2019)]) {
        let options = Options { rule: Rule { form, ..Rule::default() }, ..by(Method::Lrp, 0) };
        let picture = |model: &Model| model.explain(stay, &options).map_err(|error| error.to_string());
        let (a, b) = (picture(model)?.values, picture(&other)?.values);
        let largest = a.iter().fold(0.0_f64, |a, r| a.max(r.abs()));
        let off = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        if off > 1e-3 * largest {
            return Err(format!("{form:?} differs by {:.1e} from {}", off / largest, text(pair)));
        }
    }
    Ok(())
}

/// Where the network gives no number for the stay in which nothing was observed, whoever asks is told so.
fn no_number_is_said(case: &Value, model: &Model, stays: &[Vec<f32>]) -> Result<(), String> {
    let zero = vec![0.0; stays[0].len()];
    if is_true(&case["nanReference"]) {
        differences_add_up(model, &stays[0], 0, Some(&zero))?;
    }
    if is_true(&case["nanInput"]) {
        let error = model.predict(&zero).err().ok_or("a number for the input of zeros")?;
        words_help(&error)?;
        for method in [Method::Lrp, Method::Gradient, Method::DeepShap, Method::IntegratedGradients] {
            let error =
                model.explain(&zero, &by(method, 0)).err().ok_or(format!("{method:?} of the input of zeros"))?;
            words_help(&error)?;
        }
    }
    Ok(())
}

/// LRP as it is without options.
fn by_default(case: &Value, model: &Model, stays: &[Vec<f32>]) -> Result<(), String> {
    if !is_true(&case["lrpDefault"]) {
        return Ok(());
    }
    stays.iter().try_for_each(|stay| match model.explain(stay, &Options::default()) {
        Ok(got) if got.residual().abs() <= RESIDUAL => Ok(()),
        Ok(got) => Err(format!("lrp by default: residual {:.1e}", got.residual())),
        Err(error) => Err(format!("lrp by default: {error}")),
    })
}
