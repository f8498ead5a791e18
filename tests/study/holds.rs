//! The words of the page against what the networks do: `make answers` writes the table of `docs/holds.md`.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use crate::common::{five, model};
use vitrine::Model;
use vitrine::engine::explain::agreement::spearman;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::picture::grid::{Categories, Grid, Part, rows};
use vitrine::stay::Stay;
use vitrine::stay::removal::normal_input;
use vitrine::study::models::Models;
use vitrine::study::summary::{Finding, JointFinding, Summary, Voice};

fn methods(model: &Model) -> Vec<(&'static str, Options, Option<Vec<f32>>)> {
    let of = |method| Options { method, quantity: Some(Quantity::Score), ..Options::default() };
    vec![
        ("deep-shap, against nothing measured", of(Method::DeepShap), None),
        ("deep-shap, against the all-normal stay", of(Method::DeepShap), Some(measured_as_normal(model))),
        ("LRP as in the paper", Options::default(), None),
        ("gradient x input", of(Method::GradientXInput), None),
        ("gradient", of(Method::Gradient), None),
        ("SmoothGrad", Options { steps: Some(50), ..of(Method::SmoothGrad) }, None),
    ]
}

/// Every channel measured each hour and found normal.
fn measured_as_normal(model: &Model) -> Vec<f32> {
    let manifest = model.manifest();
    let mut input = normal_input(manifest);
    for step in 0..manifest.steps {
        for mask in manifest.channels.iter().filter_map(|channel| channel.mask) {
            input[step * manifest.columns + mask] = 1.0;
        }
    }
    input
}

/// What the score loses where a channel is at its normal value, and where it is at that and not measured; one a channel.
fn effects(model: &Model, stay: &Stay) -> [Vec<f64>; 2] {
    let manifest = model.manifest();
    let normal = normal_input(manifest);
    let score =
        |input: &[f32]| model.explain(input, &Options { method: Method::Gradient, ..Options::default() }).unwrap();
    let whole = score(&stay.input).logit;
    [false, true].map(|is_unmeasured| {
        let without = |channel: &vitrine::stay::manifest::Channel| {
            let columns = channel.columns.iter().chain(channel.mask.iter().filter(|_| is_unmeasured));
            let mut input = stay.input.clone();
            for column in columns {
                for step in 0..manifest.steps {
                    let at = step * manifest.columns + column;
                    input[at] = normal[at];
                }
            }
            whole - score(&input).logit
        };
        manifest.channels.iter().map(without).collect()
    })
}

/// What was found of one method.
#[derive(Default)]
struct Row {
    correlations: [Vec<f64>; 2],
    first: [Vec<bool>; 2],
    /// Of the first clause that raises, if one is written: whether the risk falls at normal values.
    clauses: Vec<Option<bool>>,
}

impl Row {
    /// `effects` at normal values and not measured, each one a channel.
    fn take(&mut self, model: &Model, effects: &[Vec<f64>; 2], relevance: &Relevance, summary: &Summary) {
        let manifest = model.manifest();
        for (at, part) in [Part::Value, Part::Both].into_iter().enumerate() {
            let totals = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), part).row_sums();
            let correlation = spearman(&totals, &effects[at]);
            if correlation.is_finite() {
                self.correlations[at].push(correlation);
            }
            let raiser = (0..totals.len()).max_by(|a, b| totals[*a].total_cmp(&totals[*b])).unwrap();
            if totals[raiser] > 0.0 {
                self.first[at].push(effects[at][raiser] > 0.0);
            }
        }
        let clause = summary.raising.first();
        self.clauses.push(clause.map(|it| it.at_normal < summary.prediction.probability));
    }

    fn line(&self, name: &str) -> String {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let right = |values: &[bool]| format!("{}/{}", values.iter().filter(|is| **is).count(), values.len());
        let written: Vec<bool> = self.clauses.iter().flatten().copied().collect();
        format!(
            "| {name} | {:.2} | {} | {:.2} | {} | {} of {} | {} |\n",
            mean(&self.correlations[0]),
            right(&self.first[0]),
            mean(&self.correlations[1]),
            right(&self.first[1]),
            written.len(),
            self.clauses.len(),
            right(&written),
        )
    }
}

/// Five networks at once: the mean of their contributions against the mean of their effects.
fn of_five(models: &Models, stays: &[Stay]) -> Row {
    let mut row = Row::default();
    for stay in stays {
        let options = Options { method: Method::DeepShap, quantity: Some(Quantity::Score), ..Options::default() };
        let explained = models.explain(&stay.input, None, &options).unwrap();
        let voices: Vec<Voice<'_>> = models.members().iter().zip(&explained.each).map(voice).collect();
        let summary = Summary::of_many(&voices, stay, &explained.mean, 0).unwrap();
        let each: Vec<[Vec<f64>; 2]> = models.members().iter().map(|model| effects(model, stay)).collect();
        let mean = |at: usize| {
            let of = |channel: usize| each.iter().map(|of| of[at][channel]).sum::<f64>() / each.len() as f64;
            (0..each[0][at].len()).map(of).collect()
        };
        row.take(models.first(), &[mean(0), mean(1)], &explained.mean, &summary);
    }
    row
}

fn voice<'a>((model, relevance): (&'a std::rc::Rc<Model>, &'a Relevance)) -> Voice<'a> {
    Voice { model, relevance }
}

/// Measures everything again and writes the table.
#[test]
#[ignore = "some minutes, on set b; make answers runs it"]
fn make_answers_sentences() {
    let model = model();
    let stays = crate::set_b::stays(model.manifest());
    let effects: Vec<[Vec<f64>; 2]> = stays.iter().map(|stay| effects(&model, stay)).collect();
    let mut table = String::from(
        "| explanation | to its normal value: rank correlation | first raiser right | not measured: rank correlation | first raiser right | sentences that name a raiser | at its normal value the risk falls |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, options, baseline) in methods(&model) {
        let mut row = Row::default();
        for (stay, effects) in stays.iter().zip(&effects) {
            let trace = model.trace(&stay.input).unwrap();
            let Ok(relevance) = model.explain_against(&trace, baseline.as_deref(), &options) else { continue };
            row.take(&model, effects, &relevance, &Summary::of(&model, stay, &relevance, 0).unwrap());
        }
        table += &row.line(name);
        println!("{name} is measured");
    }
    write!(table, "{}", of_five(&five(), &stays).line("deep-shap, five networks")).unwrap();
    println!("{table}");
    crate::table::compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/holds.md"), "sentences", &table);
}

/// How the coma scale comes to dominate pictures of the gradient: it has 45 of the benchmark's 59 value columns.
#[test]
#[ignore = "on set b; make answers runs it"]
fn make_answers_categories() {
    let models = five();
    let stays = crate::set_b::stays(models.first().manifest());
    let manifest = models.first().manifest();
    let is_coma = |row: usize| manifest.channels[row].group == manifest.channels[0].group;
    let mut shares = [Vec::new(), Vec::new(), Vec::new()];
    for stay in &stays {
        let of = |method| Options { method, quantity: Some(Quantity::Score), ..Options::default() };
        let explained = |method| models.explain(&stay.input, None, &of(method)).unwrap().mean;
        let (gradient, lrp) = (explained(Method::Gradient), explained(Method::Lrp));
        let magnitudes = |values: &[f64], categories| {
            Grid::magnitudes(values, manifest.columns, &rows(manifest), (Part::Value, categories))
        };
        let relevance = Grid::relevance(&lrp.values, manifest.columns, &rows(manifest), Part::Value);
        let grids =
            [magnitudes(&gradient.values, Categories::Sum), magnitudes(&gradient.values, Categories::Mean), relevance];
        for (shares, grid) in shares.iter_mut().zip(&grids) {
            let of_coma: f64 = (0..grid.n_rows)
                .filter(|row| is_coma(*row))
                .flat_map(|row| &grid.values[row * grid.n_steps..(row + 1) * grid.n_steps])
                .map(|value| value.abs())
                .sum();
            shares.push(of_coma / grid.total());
        }
    }
    let mut table = String::from("| picture, values alone | share of the coma scale |\n|---|---:|\n");
    let names = ["gradient, slopes added up (as in the paper)", "gradient, their mean", "LRP as in the paper"];
    for (name, shares) in names.into_iter().zip(&shares) {
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        writeln!(table, "| {name} | {:.0} % |", 100.0 * mean).unwrap();
    }
    println!("{table}");
    crate::table::compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/holds.md"), "categories", &table);
}

/// What five networks name, whether another five name it again: `VITRINE_ANOTHER_FIVE` is the folder that
/// `training/train.sh --seeds 6 7 8 9 10 --out FOLDER` wrote. Prints, and writes nothing.
#[test]
#[ignore = "needs VITRINE_ANOTHER_FIVE, five other networks, and set b"]
fn another_five_name_the_same() {
    let folder = std::env::var_os("VITRINE_ANOTHER_FIVE").unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "onnx"));
    files.sort();
    let read = |file| Model::read(&std::fs::read(file).unwrap(), None, &HashMap::new()).unwrap().into();
    let fives = [five(), Models::new(files.iter().map(read).collect()).unwrap()];
    assert_eq!(fives[1].members().len(), 5);
    let (mut again, mut first, mut most) = (Vec::new(), Vec::new(), Vec::new());
    for stay in crate::set_b::stays(fives[0].first().manifest()) {
        let [(a, a_most), (b, b_most)] = fives.each_ref().map(|models| names(models, &stay));
        for (of, is_most, other) in [(&a, a_most, &b), (&b, b_most, &a)] {
            again.extend(of.iter().map(|name| other.contains(name)));
            first.extend(of.first().map(|name| other.first() == Some(name)));
            most.extend(of.first().filter(|_| is_most).map(|name| other.first() == Some(name)));
        }
    }
    let share = |of: &[bool]| format!("{} of {}", of.iter().filter(|is| **is).count(), of.len());
    println!("written again by the other five: {} names", share(&again));
    println!("the first name: {} sentences; where it says most: {}", share(&first), share(&most));
}

/// The channels that a sentence names, the first raiser before all others; of each whether it raised. And whether the
/// sentence says that the first did so most.
fn names(models: &Models, stay: &Stay) -> (Vec<(usize, bool)>, bool) {
    let options = Options { method: Method::DeepShap, quantity: Some(Quantity::Score), ..Options::default() };
    let explained = models.explain(&stay.input, None, &options).unwrap();
    let voices: Vec<Voice<'_>> = models.members().iter().zip(&explained.each).map(voice).collect();
    let summary = Summary::of_many(&voices, stay, &explained.mean, 0).unwrap();
    let named = |alone: &[Finding], together: Option<&JointFinding>, is_raiser: bool| -> Vec<(usize, bool)> {
        let rows = alone.iter().map(|it| it.row).chain(together.into_iter().flat_map(|it| it.rows.clone()));
        rows.map(|row| (row, is_raiser)).collect()
    };
    let raised = named(&summary.raising, summary.raising_together.as_ref(), true);
    let lowered = named(&summary.lowering, summary.lowering_together.as_ref(), false);
    let first = if raised.is_empty() { &summary.lowering } else { &summary.raising }.first();
    ([raised, lowered].concat(), first.is_some_and(|it| it.is_first))
}
