//! Every committed network: read or refused, equal to onnxruntime, conserved, differentiated. The table in `docs/compatibility.md` says how, and this test holds it to
//! that. `VITRINE_BLESS=1` writes it anew.
//!
//! A number in the table is a bound, the power of ten above twice what was measured, so that the table stays the same
//! where rounding does not.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::Rule;
use vitrine::stay::manifest::Manifest;
use vitrine::{Model, Result};

use crate::common::{f32_file, fixtures, json, onnx_files};
use crate::networks;
use crate::word_slopes::{self, File};

/// Outputs may differ from onnxruntime's by so much.
const PARITY: f64 = 2e-6;
/// What inputs and initial states may lack of the score, relative to all relevance.
const CONSERVATION: f64 = 1e-6;
/// A gradient may differ from the difference quotient by so much, relative to the largest cell.
const SLOPE: f64 = 1e-2;

#[test]
fn every_file_is_explained_or_refused_as_the_table_says() {
    let of_cases = networks::lines().into_iter().map(|(folder, case, measured)| case_row(folder, &case, measured));
    let rows: Vec<Row> = ["families", "handbuilt"].into_iter().flat_map(rows_of).chain(of_cases).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compatibility.md");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let n_explained = rows.iter().filter(|row| row.measured.is_some()).count();
    let failures: Vec<String> = rows.iter().filter_map(Row::failure).collect();
    if std::env::var_os("VITRINE_BLESS").is_some() {
        std::fs::write(&path, document(&rows, &committed)).unwrap();
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(n_explained >= 25, "only {n_explained} files are explained");
    let table = committed.split("\n| file |").nth(1).unwrap_or_default();
    let lines: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(lines.len(), rows.len(), "docs/compatibility.md is stale: run with VITRINE_BLESS=1");
    for (row, line) in rows.iter().zip(lines) {
        assert!(row.agrees(line), "docs/compatibility.md is stale:\n{line}\n{}", row.line());
    }
}

/// The rows of an index of files.
fn rows_of(folder: &str) -> Vec<Row> {
    let folder = fixtures(folder);
    let index = json(&folder.join("index.json"));
    index["files"].as_array().unwrap().iter().map(|file| row(&folder, file)).collect()
}

/// A kind of network that people export, or a layout of inputs: what it has to be is tested by `networks.rs`.
fn case_row(folder: &str, case: &Value, measured: std::result::Result<[f64; 3], String>) -> Row {
    let text = |key: &str, otherwise: &str| case[key].as_str().unwrap_or(otherwise).to_owned();
    let exporter = text("exporter", "by hand, opset 17");
    let (exporter, opset) = exporter.split_once(", opset ").unwrap_or((&exporter, ""));
    let refusal = measured.as_ref().err().map_or_else(String::new, |said| said.chars().take(400).collect());
    Row {
        name: format!("{}/{}", folder.trim_start_matches("cases/"), text("id", "")),
        family: family(case),
        exporter: exporter.to_owned(),
        opset: opset.to_owned(),
        measured: measured.ok(),
        refusal,
        is_case: true,
    }
}

/// The family of a case, as the committed networks have theirs, and its architecture.
fn family(case: &Value) -> String {
    const NAMED: [(&str, &[&str]); 3] = [
        ("transformers", &["ransformer", "BERT", "PatchTST", "STraTS", "causal attention"]),
        ("state spaces", &["minGRU"]),
        ("baselines", &["logistic", "forest", "support vectors", "standard scaler"]),
    ];
    let architecture = case["architecture"].as_str().unwrap_or("layout of inputs");
    let named = NAMED.iter().find(|(_, words)| words.iter().any(|word| architecture.contains(word)));
    let has_several = case["shapes"].as_object().is_some_and(|shapes| shapes.len() > 1);
    match named.map(|(family, _)| *family).or(has_several.then_some("several inputs")) {
        Some(family) => format!("{family}: {architecture}"),
        None => architecture.to_owned(),
    }
}

/// No committed network is left out; `fuzz/corpus` holds copies.
#[test]
fn every_committed_network_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let index = |folder: &str| json(&fixtures(folder).join("index.json"))["files"].as_array().unwrap().clone();
    let listed: Vec<PathBuf> = ["families", "handbuilt"]
        .into_iter()
        .flat_map(|folder| {
            index(folder).into_iter().map(move |file| fixtures(folder).join(file["path"].as_str().unwrap()))
        })
        .map(|path| path.canonicalize().unwrap())
        .collect();
    let folders = std::fs::read_dir(root.join("tests/fixtures")).unwrap().map(|entry| entry.unwrap().path());
    for folder in folders.chain([root.join("www/models")]).filter(|path| path.is_dir()) {
        for path in onnx_files(&folder) {
            assert!(listed.contains(&path.canonicalize().unwrap()), "{} has no row", path.display());
        }
    }
}

/// One file of the table.
struct Row {
    name: String,
    family: String,
    exporter: String,
    opset: String,
    /// Parity, conservation, slope; nothing where the file is refused.
    measured: Option<[f64; 3]>,
    /// Why, where it is.
    refusal: String,
    /// Whether `networks.rs` says what it has to be.
    is_case: bool,
}

impl Row {
    fn line(&self) -> String {
        let bound = |number: &f64, floor: f64| format!("{:.0e}", bound(*number, floor));
        let verdict = match &self.measured {
            Some([parity, sum, slope]) => {
                format!("yes | {} | {} | {} |", bound(parity, 1e-6), bound(sum, 1e-7), bound(slope, 1e-3))
            }
            None => format!("{} | | | |", self.refusal.replace('|', "/")),
        };
        format!("| `{}` | {} | {} | {} | {verdict}", self.name, self.family, self.exporter, self.opset)
    }

    /// Whether a committed line says the same, and its bounds hold.
    fn agrees(&self, line: &str) -> bool {
        let (here, there) = (self.line(), line.to_owned());
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let (here, there) = (cells(&here), cells(&there));
        let numbers = self.measured.unwrap_or_default();
        here.len() == there.len()
            && here.iter().zip(&there).enumerate().all(|(k, (a, b))| {
                match k.checked_sub(6).and_then(|k| numbers.get(k)) {
                    Some(measured) if self.measured.is_some() => b.parse().is_ok_and(|bound: f64| *measured <= bound),
                    _ => a == b,
                }
            })
    }

    fn failure(&self) -> Option<String> {
        let limits = [PARITY, CONSERVATION, SLOPE];
        let measured = self.measured.filter(|_| !self.is_case)?;
        let is_over = |(number, limit): (&f64, &f64)| number.is_nan() || number > limit;
        let over = measured.iter().zip(&limits).any(is_over);
        over.then(|| format!("{}: {measured:?} over {limits:?}", self.name))
    }
}

/// The power of ten above twice a number, and not below what rounding differs by from machine to machine.
fn bound(number: f64, floor: f64) -> f64 {
    // A little less than the power itself, so that the floor stays its own bound.
    10.0_f64.powf(((2.0 * number).max(floor).log10() - 1e-9).ceil())
}

fn row(folder: &Path, file: &Value) -> Row {
    let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
    let (measured, refusal) = match read(folder, file) {
        Ok((opened, model)) => {
            let inputs: Vec<Vec<f32>> = (0..20).map(|set| drawn(file, &model, set)).collect();
            let slope =
                slope(&opened, &model, &lengths(file), &inputs[if file["padding"].is_string() { 3 } else { 0 }]);
            let measured = [parity(folder, file, &model, &inputs), unaccounted(&model, &inputs[..6]), slope];
            (Some(measured), String::new())
        }
        Err(error) => (None, error.to_string()),
    };
    let exporter = text("exporter");
    let exporter = exporter.split(", opset").next().unwrap_or_default().to_owned();
    Row {
        name: text("name"),
        family: text("family"),
        exporter,
        opset: file["opset"].to_string(),
        measured,
        refusal,
        is_case: false,
    }
}

/// Reads a file; where it leaves axes open, with a manifest that says their lengths.
fn read(folder: &Path, file: &Value) -> Result<(File, Model)> {
    let path = folder.join(file["path"].as_str().unwrap());
    let mut opened = File { bytes: std::fs::read(&path).unwrap(), manifest: None, external: external(&path) };
    let mut model = opened.read();
    let is_open = |error: &vitrine::Error| error.message.contains("is open");
    if model.as_ref().map_or_else(is_open, Model::has_open_steps) {
        let (steps, columns) = sizes(file);
        let outputs = file["n_outputs"].as_u64().unwrap() as usize;
        let manifest = Manifest::built_in(steps, columns, outputs).unwrap();
        opened.manifest = Some(serde_json::to_string(&manifest).unwrap());
        model = opened.read();
    }
    let model = model?;
    Ok((opened, model))
}

fn external(path: &Path) -> HashMap<String, Vec<u8>> {
    let data = PathBuf::from(format!("{}.data", path.display()));
    let name = data.file_name().unwrap().to_string_lossy().into_owned();
    std::fs::read(&data).map(|bytes| HashMap::from([(name, bytes)])).unwrap_or_default()
}

fn shapes(file: &Value) -> Vec<Vec<usize>> {
    let shape =
        |input: &Value| input["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    file["inputs"].as_array().unwrap().iter().map(shape).collect()
}

/// Steps, and columns with those of further inputs.
fn sizes(file: &Value) -> (usize, usize) {
    let shapes = shapes(file);
    let further: usize = shapes[1..].iter().map(|shape| shape[1]).sum();
    match shapes[0][..] {
        [_, steps, columns] => (steps, columns + further),
        [_, columns] if is_row(file) => (1, columns + further),
        [_, steps] => (steps, 1 + further),
        _ => panic!("an input of shape {:?}", shapes[0]),
    }
}

/// Whether the first input is one step of numbers, and no words.
fn is_row(file: &Value) -> bool {
    shapes(file)[0].len() == 2 && file["inputs"][0]["vocabulary"].is_null()
}

/// Input set `set` as the README of the fixtures says it is drawn, laid out as the model reads it.
fn drawn(file: &Value, model: &Model, set: u32) -> Vec<f32> {
    let mut state = 12345_u32.wrapping_add(set);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    (0..4).for_each(|_| {
        next();
    });
    let (n_steps, n_columns) = (model.n_steps(), model.n_columns());
    let mut input = vec![0.0; n_steps * n_columns];
    let own = |shape: &[usize]| shape.get(2).copied().unwrap_or(if is_row(file) { shape[1] } else { 1 });
    let mut further = own(&shapes(file)[0]);
    for (index, (shape, declared)) in shapes(file).iter().zip(file["inputs"].as_array().unwrap()).enumerate() {
        let width = if index == 0 { own(shape) } else { shape[1] };
        for k in 0..shape.iter().product() {
            let number = match (declared["vocabulary"].as_u64(), declared["lengths"].as_u64()) {
                (Some(words), _) => ((u64::from(next()) * words) >> 24) as f32,
                (None, Some(steps)) => (1 + ((u64::from(next()) * steps) >> 24)) as f32,
                (None, None) => next() as f32 / (1 << 23) as f32 - 1.0,
            };
            let number = if declared["type"] == "float16" { half(number) } else { number };
            let site =
                if index == 0 { k / width * n_columns + k % width } else { (n_steps - 1) * n_columns + further + k };
            input[site] = number;
        }
        further += if index == 0 { 0 } else { width };
    }
    if file["padding"] == "scattered" {
        let rows = input.chunks_exact_mut(n_columns).enumerate();
        rows.filter(|(t, _)| (3 * t + set as usize).is_multiple_of(4)).for_each(|(_, row)| row.fill(0.0));
    }
    if file["padding"] == "trailing" {
        let n_padded = set as usize % 5 * n_columns;
        let first = input.len() - n_padded;
        input[first..].fill(0.0);
    }
    input
}

/// The columns of lengths, which are whole numbers.
fn lengths(file: &Value) -> Vec<usize> {
    let mut columns = vec![];
    let mut first = 0;
    for (index, (shape, declared)) in shapes(file).iter().zip(file["inputs"].as_array().unwrap()).enumerate() {
        let width = if index == 0 { shape.get(2).copied().unwrap_or(1) } else { shape[1] };
        if declared["lengths"].is_u64() {
            columns.extend(first..first + width);
        }
        first += width;
    }
    columns
}

/// The nearest number of half precision, for numbers in -1..1.
fn half(number: f32) -> f32 {
    let exponent = number.abs().max(2.0_f32.powi(-14)).log2().floor();
    let quantum = (exponent - 10.0).exp2();
    (number / quantum).round_ties_even() * quantum
}

/// The largest difference from onnxruntime; of hand-built files relative to outputs above 1.
fn parity(folder: &Path, file: &Value, model: &Model, inputs: &[Vec<f32>]) -> f64 {
    let outputs: Vec<f32> = inputs.iter().flat_map(|input| model.predict(input).unwrap()).collect();
    let offset = file["offset"].as_u64().map(|offset| offset as usize);
    let expected = f32_file(&folder.join(file["expected"].as_str().unwrap()));
    // One file for many networks, or one for each.
    let expected = offset.map_or(&expected[..], |offset| &expected[offset..][..outputs.len()]);
    assert_eq!(outputs.len(), expected.len(), "{}", file["name"]);
    // Nodes on their own may give numbers far above 1, which single precision cannot hold any closer.
    let size = |b: f32| if offset.is_some() { b.abs().max(1.0) } else { 1.0 };
    outputs.iter().zip(expected).map(|(a, b)| f64::from((a - b).abs() / size(*b))).fold(0.0, f64::max)
}

/// The targets that are looked at: the first, one in the middle, the last.
fn targets(model: &Model) -> Vec<usize> {
    let n = model.outputs().len();
    let mut targets = vec![0, n / 2, n - 1];
    targets.dedup();
    targets
}

/// What inputs and initial states lack of the score at bias factor 1, relative to all relevance.
fn unaccounted(model: &Model, inputs: &[Vec<f32>]) -> f64 {
    let rule = Rule { bias_factor: 1.0, ..Rule::default() };
    let mut worst = 0.0_f64;
    for input in inputs {
        for target in targets(model) {
            let options = Options { target, quantity: Some(Quantity::Score), rule, ..Options::default() };
            let got = model.explain(input, &options).unwrap();
            let ledger = got.ledger.unwrap();
            let size = got.score.abs() + got.values.iter().map(|r| r.abs()).sum::<f64>();
            worst = worst.max((got.score - ledger.inputs - ledger.initial_states).abs() / size);
        }
    }
    worst
}

/// The largest difference of the gradient from the difference quotient, relative to the largest cell; for words, from
/// that over their vectors.
fn slope(file: &File, model: &Model, lengths: &[usize], input: &[f32]) -> f64 {
    if model.n_words().is_some() {
        return word_slopes::slope(file, model, input, &targets(model));
    }
    let mut worst = 0.0_f64;
    for target in targets(model) {
        let options =
            Options { method: Method::Gradient, target, quantity: Some(Quantity::Probability), ..Options::default() };
        let gradient = model.explain(input, &options).unwrap().values;
        let largest = gradient.iter().fold(1e-3_f64, |a, d| a.max(d.abs()));
        // The cells of a large input by sample.
        let stride = (gradient.len() / 30).max(1);
        // Behind a Masking layer a step without a number but zero jumps where one is moved; it has no slope.
        let n_columns = model.n_columns();
        let is_masked = |k: usize| input[k / n_columns * n_columns..][..n_columns].iter().all(|x| *x == 0.0);
        let has_slope = |k: usize| !is_masked(k) && !lengths.contains(&(k % n_columns));
        for (k, expected) in gradient.iter().enumerate().step_by(stride).filter(|(k, _)| has_slope(*k)) {
            let at = |delta: f32| {
                let mut moved = input.to_vec();
                moved[k] += delta;
                (f64::from(moved[k]), f64::from(model.predict(&moved).unwrap()[target]))
            };
            let difference = |from: f32, to: f32| {
                let (from, to) = (at(from), at(to));
                ((to.1 - from.1) / (to.0 - from.0) - expected).abs()
            };
            // A wide step rounds least; a kink that it passes over is passed over by a shorter one, or by that to one side.
            let steps = [(-2e-2, 2e-2), (-4e-3, 4e-3), (-4e-3, 0.0), (0.0, 4e-3)];
            let off = steps.into_iter().map(|(from, to)| difference(from, to)).fold(f64::INFINITY, f64::min);
            worst = worst.max(off / largest);
        }
    }
    worst
}

/// The table below what the committed document says above it.
fn document(rows: &[Row], committed: &str) -> String {
    let head = committed.split("\n| file |").next().unwrap_or_default().trim_end();
    let mut text = format!(
        "{head}\n\n| file | network | exporter | opset | explained | outputs | conservation | gradient |\n|---|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        writeln!(text, "{}", row.line()).unwrap();
    }
    text
}
