//! Networks whose answers are known: the toy tasks of Arras 2019, on the networks that `training/toy/train.py` trained.
//! `make toy` trains them again and writes the table into `docs/known-answers.md`.

use std::fmt::Write;
use std::path::Path;

use crate::common::{json, singles};
use vitrine::engine::explain::agreement::pearson;
use vitrine::engine::explain::audit::GraphRun;
use vitrine::engine::explain::occlusion::Occlusion;
use vitrine::engine::explain::players::Replacement;
use vitrine::engine::explain::random::Random;
use vitrine::engine::explain::request::Request;
use vitrine::engine::explain::scorer::{Network, Scorer};
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::graph::{Affine, Graph, Link, Node, Offset, Operation, Recurrent, Site, Stencil, Target};
use vitrine::engine::recurrence::{Activations, Cell, CellKind, Direction, Layer};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::job::run;

const ROWS: [&str; 9] = [
    "gradient x input",
    "occlusion (difference, zero)",
    "integrated gradients from zero",
    "deep-shap from zero",
    "LRP-prop",
    "LRP-abs",
    "LRP-half",
    "LRP-all, epsilon 1e-6",
    "LRP-all, epsilon 1e-3",
];

fn options(row: usize) -> Options {
    let rule = |gates, epsilon| Rule { epsilon, bias_factor: 0.0, form: Form::Arras2019, gates };
    let (method, rule) = match row {
        0 => (Method::GradientXInput, Rule::default()),
        1 => (Method::Occlusion, Rule::default()),
        2 => (Method::IntegratedGradients, Rule::default()),
        3 => (Method::DeepShap, Rule::default()),
        4 => (Method::Lrp, rule(Gates::Prop, 1e-6)),
        5 => (Method::Lrp, rule(Gates::Abs, 1e-6)),
        6 => (Method::Lrp, rule(Gates::Half, 1e-6)),
        7 => (Method::Lrp, rule(Gates::All, 1e-6)),
        _ => (Method::Lrp, rule(Gates::All, 1e-3)),
    };
    Options { method, rule, quantity: Some(Quantity::Score), steps: Some(32), ..Options::default() }
}

/// A trained network for sequences of so many steps.
fn network(weights: &serde_json::Value, n_steps: usize) -> Graph {
    let flat = |key: &str| match weights[key].as_array() {
        Some(rows) if rows[0].is_array() => rows.iter().flat_map(singles).collect(),
        Some(_) => singles(&weights[key]),
        None => vec![weights[key].as_f64().unwrap() as f32],
    };
    let lstm = Cell {
        kind: CellKind::Lstm { peephole: None, input_forget: false },
        direction: Direction::Forward,
        n_inputs: 2,
        n_hidden: 1,
        w_x: flat("w"),
        w_h: flat("u"),
        bias: flat("b"),
        activations: Activations::USUAL,
        clip: None,
    };
    let layer = Layer::new(vec![lstm], false);
    let layout = layer.layout(n_steps, 1);
    let recurrent = Recurrent {
        layer,
        layout,
        input: 0,
        lengths: None,
        mask: None,
        initial_h: None,
        initial_c: None,
        y: 1,
        y_h: 2,
        y_c: 3,
    };
    let zero = Offset { x: 0, w: 0 };
    let dense = Affine {
        input: 2,
        output: 4,
        weight: flat("v"),
        stencil: Stencil::uniform([zero], vec![zero]),
        bias: flat("d"),
    };
    let node = |name: &str, operation| Node { name: name.into(), operation };
    Graph::new(
        vec![node("lstm", Operation::Recurrent(Box::new(recurrent))), node("dense", Operation::Affine(dense))],
        vec![2 * n_steps, n_steps, 1, 1, 1],
        vec![Target { score: Site { value: 4, index: 0 }, link: Link::Identity, is_probability: false }],
    )
}

/// A sequence, and where its two numbers stand.
struct Sequence {
    x: Vec<f32>,
    places: [usize; 2],
}

fn draw(random: &mut Random, is_addition: bool, n_steps: usize) -> Sequence {
    let first = random.below(n_steps - 1);
    let second = first + 1 + random.below(n_steps - 1 - first);
    let mut x = vec![0.0; 2 * n_steps];
    for t in 0..n_steps {
        let size = 0.5 + 0.5 * random.uniform();
        let sign = if is_addition && random.uniform() < 0.5 { -1.0 } else { 1.0 };
        x[2 * t + usize::from(t == first || t == second)] = (sign * size) as f32;
    }
    Sequence { x, places: [first, second] }
}

/// The relevance of both numbers.
fn relevance(graph: &Graph, sequence: &Sequence, options: &Options) -> [f64; 2] {
    let scorer =
        Scorer { network: GraphRun(graph.clone()), target: graph.targets[0].clone(), quantity: Quantity::Score };
    let zeros = vec![0.0; sequence.x.len()];
    let cells = sequence.places.map(|place| [2 * place, 2 * place + 1]);
    if options.method == Method::Occlusion {
        let groups = cells.iter().map(|cells| cells.to_vec()).collect();
        let effects = run(Occlusion::new(scorer, Replacement::new(&sequence.x, &zeros, groups)).unwrap()).unwrap();
        return [effects.effects[0], effects.effects[1]];
    }
    let request = Request { options: *options, baseline: zeros };
    let values = request.explain(&scorer, &sequence.x).unwrap().values;
    cells.map(|cells| cells.iter().map(|cell| values[*cell]).sum())
}

/// Correlations of relevance with the two numbers, in %, `[row][network]`.
fn correlations(networks: &[&serde_json::Value], is_addition: bool) -> Vec<Vec<[f64; 2]>> {
    let mut table = vec![vec![]; ROWS.len()];
    for weights in networks {
        let mut random = Random::new(7);
        let mut numbers = [vec![], vec![]];
        let mut shares = vec![[vec![], vec![]]; ROWS.len()];
        let mut squares = 0.0;
        for n_steps in 4..=10 {
            let graph = network(weights, n_steps);
            for _ in 0..40 {
                let sequence = draw(&mut random, is_addition, n_steps);
                let [a, b] = sequence.places.map(|place| f64::from(sequence.x[2 * place + 1]));
                let got = f64::from(GraphRun(graph.clone()).trace(&sequence.x).unwrap().outputs[0]);
                squares += (got - if is_addition { a + b } else { a - b }).powi(2) / 280.0;
                numbers[0].push(a);
                numbers[1].push(b);
                for (row, shares) in shares.iter_mut().enumerate() {
                    let [to_a, to_b] = relevance(&graph, &sequence, &options(row));
                    shares[0].push(to_a);
                    shares[1].push(to_b);
                }
            }
        }
        assert!(squares < 2e-4, "a network that has not learnt its task: {squares}");
        for (row, shares) in shares.iter().enumerate() {
            table[row].push([0, 1].map(|k| 100.0 * pearson(&shares[k], &numbers[k])));
        }
    }
    table
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[test]
fn the_published_table_has_the_published_shape() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let networks = json(&root.join("training/toy/networks.json"));
    let of = |task: &str| networks.as_array().unwrap().iter().filter(|n| n["task"] == task).collect::<Vec<_>>();
    let tasks = [("addition", true), ("subtraction", false)];
    let tables = tasks.map(|(task, is_addition)| correlations(&of(task), is_addition));
    let cell = |task: usize, row: usize, number: usize| {
        let values: Vec<f64> = tables[task][row].iter().map(|pair| pair[number]).collect();
        mean_and_deviation(&values)
    };
    let mut text =
        String::from("| method | addition a | addition b | subtraction a | subtraction b |\n|---|---|---|---|---|\n");
    for (row, name) in ROWS.iter().enumerate() {
        write!(text, "| {name} |").unwrap();
        for (task, number) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (mean, deviation) = cell(task, row, number);
            write!(text, " {mean:.1} ({deviation:.1}) |").unwrap();
        }
        text.push('\n');
    }
    println!("{} and {} networks\n{text}", of("addition").len(), of("subtraction").len());
    crate::table::compare(&root.join("docs/known-answers.md"), "toy", &text);

    let all = |row: usize| [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(task, number)| cell(task, row, number).0.abs());
    let mean = |row: usize| all(row).iter().sum::<f64>() / 4.0;
    assert!(all(7).iter().all(|value| *value >= 99.0), "LRP-all: {:?}", all(7));
    assert!(mean(4) < 35.0, "LRP-prop: {:?}", all(4));
    assert!(all(6).iter().all(|value| *value < 90.0), "LRP-half: {:?}", all(6));
    assert!((-90.0..-50.0).contains(&cell(1, 1, 1).0), "occlusion of the number that is taken away");
}
