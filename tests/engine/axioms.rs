//! What contributions against a reference owe to every network: each operation is treated, and inputs that a whole
//! network treats alike receive alike, those that it does not read nothing.

use std::collections::BTreeMap;

use crate::common::{fixtures, noise, onnx_files, read};
use crate::methods::demo;
use vitrine::engine::explain::audit::GraphRun;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::request::Request;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::graph::{Graph, INPUT, Operation};
use vitrine::engine::recurrence::CellKind;
use vitrine::stay::removal::{held_from, normal_input};

/// The operations that the engine knows, as `src/engine/graph.rs` declares them.
fn declared() -> Vec<String> {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/graph.rs")).unwrap();
    let body = source.split("pub enum Operation {").nth(1).unwrap().split("\n}").next().unwrap();
    let variants = body.lines().map(str::trim).filter(|line| line.ends_with(','));
    variants.map(|line| line.split('(').next().unwrap().to_owned()).collect()
}

/// The table of the docs has a rule for each operation, and names no other; every one of them occurs in a network on
/// which `contributions_are_complete_...` of `methods.rs` holds, so that no rule is untried.
#[test]
fn every_operation_has_a_rule_that_is_tried() {
    let declared = declared();
    assert!(declared.len() >= 8, "{declared:?}");
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/methods.md")).unwrap();
    let table = docs.split("| operation of the graph |").nth(1).unwrap().split("\n\n").next().unwrap();
    let lines = table.lines().skip(2);
    let documented: Vec<&str> = lines.map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!(documented, declared, "the table of docs/methods.md stands in the order of src/engine/graph.rs");

    let mut tried: BTreeMap<String, usize> = declared.iter().map(|name| (name.clone(), 0)).collect();
    for file in ["explain", "families"].iter().flat_map(|folder| onnx_files(&fixtures(folder))) {
        let Ok(model) = read(&file) else { continue };
        for node in &model.graph().nodes {
            let name = format!("{:?}", node.operation).split(['(', ' ']).next().unwrap().to_owned();
            *tried.get_mut(&name).unwrap_or_else(|| panic!("{name} is not declared")) += 1;
        }
    }
    println!("nodes of each operation: {tried:?}");
    assert!(tried.values().all(|count| *count > 0), "{tried:?}");
}

/// Recurrent layers that read the model's columns in their order, whatever the order of the steps.
fn first_layers(graph: &Graph, n_columns: usize) -> Vec<usize> {
    let reads_columns = |input| {
        (0..graph.lens[input]).all(|index| {
            matches!(graph.origin(vitrine::engine::graph::Site { value: input, index }),
                vitrine::engine::graph::Element::Site(site) if site.value == INPUT && site.index % n_columns == index % n_columns)
        })
    };
    let is_first = |node: &usize| match &graph.nodes[*node].operation {
        Operation::Recurrent(op) => {
            op.layer.directions().all(|cell| cell.n_inputs == n_columns) && reads_columns(op.input)
        }
        _ => false,
    };
    (0..graph.nodes.len()).filter(is_first).collect()
}

/// Gives column 1 the weights of column 0, and column 2 none.
fn make_alike(graph: &mut Graph, layers: &[usize]) {
    for layer in layers {
        let Operation::Recurrent(op) = &mut graph.nodes[*layer].operation else { continue };
        op.layer.edit(|cell| {
            let n_units = cell.w_x.len() / cell.n_inputs;
            cell.w_x.copy_within(0..n_units, n_units);
            cell.w_x[2 * n_units..3 * n_units].fill(0.0);
        });
    }
}

fn swapped(values: &[f32], n_columns: usize) -> Vec<f32> {
    let mut swapped = values.to_vec();
    swapped.chunks_exact_mut(n_columns).for_each(|step| step.swap(0, 1));
    swapped
}

/// Whole networks of LSTM, GRU and plain cells, in which two columns have the same weights and a third has none: the two
/// receive the same where they hold the same, their shares change places where their values do, and the third receives
/// nothing.
#[test]
fn equals_receive_the_same_and_dummies_nothing_on_whole_networks() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut worst = 0.0_f64;
    for file in onnx_files(&fixtures("explain")) {
        let model = read(&file).unwrap();
        let n_columns = model.n_columns();
        let layers = first_layers(model.graph(), n_columns);
        if layers.is_empty() || n_columns < 3 || n_reads_of_input(model.graph(), &layers) > 0 {
            continue;
        }
        let mut graph = model.graph().clone();
        make_alike(&mut graph, &layers);
        let Operation::Recurrent(op) = &graph.nodes[layers[0]].operation else { unreachable!() };
        let kind = match op.layer.directions().next().unwrap().kind {
            CellKind::Lstm { .. } => "LSTM",
            CellKind::Gru { .. } => "GRU",
            CellKind::Rnn => "plain",
        };
        *kinds.entry(kind).or_default() += 1;
        let target = model.graph().targets[0].clone();
        let scorer =
            vitrine::engine::explain::scorer::Scorer { network: GraphRun(graph), target, quantity: Quantity::Score };
        let explain = |x: &[f32], x0: &[f32]| {
            let options = Options { method: Method::DeepShap, ..Options::default() };
            Request { options, baseline: x0.to_vec() }.explain(&scorer, x).unwrap()
        };
        let (x, x0) = (noise(1, model.n_steps() * n_columns), noise(2, model.n_steps() * n_columns));
        let (there, back) = (explain(&x, &x0), explain(&swapped(&x, n_columns), &swapped(&x0, n_columns)));
        worst = worst.max(asymmetry(&there, &back, n_columns, &file.display().to_string()));

        let equal = |values: &[f32]| {
            let mut values = values.to_vec();
            values.chunks_exact_mut(n_columns).for_each(|step| step[1] = step[0]);
            values
        };
        let alike = explain(&equal(&x), &equal(&x0));
        for step in alike.values.chunks_exact(n_columns) {
            assert_eq!((step[0], step[2]), (step[1], 0.0), "{}", file.display());
        }
        assert!(there.values.chunks_exact(n_columns).any(|step| step[0] != 0.0), "{}: no relevance", file.display());
    }
    println!("{kinds:?}, largest asymmetry {worst:e}");
    assert!(["LSTM", "GRU", "plain"].iter().all(|kind| kinds.get(kind).is_some_and(|n| *n >= 2)), "{kinds:?}");
}

/// How far the shares of columns 0 and 1 are from having changed places, relative to the largest share; the third
/// column has none.
fn asymmetry(there: &Relevance, back: &Relevance, n_columns: usize, name: &str) -> f64 {
    let largest = there.values.iter().fold(0.0_f64, |largest, r| largest.max(r.abs()));
    let mut worst = 0.0_f64;
    for (a, b) in there.values.chunks_exact(n_columns).zip(back.values.chunks_exact(n_columns)) {
        assert_eq!((a[2], b[2]), (0.0, 0.0), "{name}");
        worst = worst.max((a[0] - b[1]).abs() / largest).max((a[1] - b[0]).abs() / largest);
    }
    // Adding in another order rounds differently in single precision.
    assert!(worst < 1e-5, "{name}: {worst:e}");
    worst
}

/// Nodes other than these layers, and the data movement below them, that read the model's input.
fn n_reads_of_input(graph: &Graph, layers: &[usize]) -> usize {
    let is_other = |at: usize| !layers.contains(&at) && !matches!(graph.nodes[at].operation, Operation::Rearrange(_));
    let from_input = |value: usize| {
        (0..graph.lens[value]).any(|index| {
            matches!(graph.origin(vitrine::engine::graph::Site { value, index }),
                vitrine::engine::graph::Element::Site(site) if site.value == INPUT)
        })
    };
    let reads = |at: &usize| graph.nodes[*at].operation.inputs().into_iter().any(from_input);
    (0..graph.nodes.len()).filter(|at| is_other(*at)).filter(reads).count()
}

/// With each of the references that the page offers: the stay in which nothing was observed, the patient's own first
/// hours, any other stay (all pairs of stays are in `methods.rs`). What is missing is below a millionth of the
/// absolute contributions, or of half a unit of score where these are fewer.
#[test]
fn contributions_are_complete_with_each_reference() {
    let (model, stays) = demo();
    let mut worst = 0.0_f64;
    for (at, stay) in stays.iter().enumerate() {
        let trace = model.trace(&stay.input).unwrap();
        let own = [1, 6, 12, 24, 47].map(|hours| held_from(model.manifest(), &stay.input, hours));
        let other = stays[(at + 1) % stays.len()].input.clone();
        for reference in own.into_iter().chain([normal_input(model.manifest()), other]) {
            for quantity in [Quantity::Score, Quantity::Probability] {
                let options = Options { method: Method::DeepShap, quantity: Some(quantity), ..Options::default() };
                let got = model.explain_against(&trace, Some(&reference), &options).unwrap();
                let ledger = got.ledger.unwrap();
                let difference = got.score - ledger.reference;
                let missing = (ledger.inputs - difference).abs();
                // What was recorded in single precision is off by some 1e-7 of a score, however small the difference.
                let size = got.values.iter().map(|r| r.abs()).sum::<f64>().max(0.5);
                assert!(missing <= 1e-6 * size, "stay {at}: {missing:e} of {difference}, {size}");
                worst = worst.max(missing);
                let is_equal = |(k, r): (usize, &f64)| stay.input[k] != reference[k] || *r == 0.0;
                assert!(got.values.iter().enumerate().all(is_equal), "what equals the reference has no part in it");
            }
        }
    }
    println!("largest residual with each reference, in units of score: {worst:e}");
}
