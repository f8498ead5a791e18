//! The kernels beside the plain equations: runs beside [`witness`], derivatives and multipliers beside its differences,
//! relevance by conservation and by the general code of a rule. The float64 reference of `tests/reference/` stands beside
//! whole networks (`tests/engine/explain.rs`).

use std::sync::OnceLock;

use super::bank::{ExplainingLayer, LayerReference, ReadLayer, forward, gradient, multipliers, read, relevance};
use super::{
    Activations, Cell, CellKind, Direction, Layer, LayerInput, LayerLayout, LayerOutput, LayerSeed, Peephole, witness,
};
use crate::engine::function::activation::Activation;
use crate::engine::number::real32;
use crate::engine::rule::{Form, Gates, Rule};

/// More than the hours of a tape that is not kept.
const N_STEPS: usize = 11;
const LENGTHS: [usize; 3] = [11, 0, 4];

fn numbers(n: usize, seed: usize) -> Vec<f32> {
    (0..n).map(|k| real32((k * 37 + seed * 101 + k * k % 13) % 29) / 14.0 - 1.0).collect()
}

/// Every kind of cell, with everything that it can have and without.
fn kinds(d: usize) -> Vec<(CellKind, Activations, Option<f32>)> {
    let odd = Activations {
        gate: Activation::HardSigmoid { alpha: 0.2, beta: 0.5 },
        candidate: Activation::Softsign,
        cell: Activation::Softplus,
    };
    let peephole = || Some(Peephole { i: numbers(d, 7), f: numbers(d, 8), o: numbers(d, 9) });
    let lstm = |peephole, input_forget| CellKind::Lstm { peephole, input_forget };
    let usual = Activations::USUAL;
    vec![
        (lstm(None, false), usual, None),
        (lstm(peephole(), false), usual, None),
        (lstm(peephole(), true), odd, Some(1.5)),
        (CellKind::Gru { reset_after: None }, usual, None),
        (CellKind::Gru { reset_after: Some(numbers(d, 6)) }, usual, None),
        (CellKind::Gru { reset_after: None }, odd, Some(0.9)),
        (CellKind::Rnn, usual, None),
        (CellKind::Rnn, odd, Some(0.9)),
    ]
}

fn layer(
    (kind, activations, clip): (CellKind, Activations, Option<f32>),
    n_inputs: usize,
    n_hidden: usize,
    seed: usize,
) -> Layer {
    let n = kind.n_blocks() * n_hidden;
    let scale = 2.0 / real32(n_inputs + n_hidden).sqrt();
    let weights = |len: usize, seed: usize| numbers(len, seed).into_iter().map(|w| scale * w).collect::<Vec<_>>();
    let cell = |(d, direction)| Cell {
        kind: kind.clone(),
        direction,
        n_inputs,
        n_hidden,
        w_x: weights(n_inputs * n, seed + 10 * d),
        w_h: weights(n_hidden * n, seed + 10 * d + 1),
        bias: weights(n, seed + 10 * d + 2),
        activations,
        clip,
    };
    let directions = [Direction::Forward, Direction::Reverse].into_iter().enumerate();
    Layer::new(directions.map(cell).collect(), seed.is_multiple_of(2))
}

/// A layer with its numbers.
struct Case {
    layer: Layer,
    layout: LayerLayout,
    x: Vec<f32>,
    state: Vec<f32>,
    mask: Vec<f32>,
    seed: Vec<f64>,
}

impl Case {
    fn new(layer: Layer, seed: usize) -> Self {
        let layout = layer.layout(N_STEPS, LENGTHS.len());
        let mask = (0..layout.mask_len()).map(|k| f32::from(u8::from(k % 4 != 1))).collect();
        let above = numbers(layout.y_len().max(layout.state_len()), 3).into_iter().map(f64::from).collect();
        Self {
            x: numbers(layout.x_len(), seed),
            state: numbers(layout.state_len(), seed + 1),
            mask,
            seed: above,
            layout,
            layer,
        }
    }

    fn input(&self, is_masked: bool) -> LayerInput<'_> {
        LayerInput {
            x: &self.x,
            lengths: Some(&LENGTHS),
            mask: is_masked.then_some(&self.mask[..]),
            initial_h: Some(&self.state),
            initial_c: (self.layout.cell_len() > 0).then_some(&self.state[..]),
            most: None,
        }
    }

    fn reading(&self, is_masked: bool) -> ReadLayer<'_> {
        ReadLayer { layer: &self.layer, layout: &self.layout, input: self.input(is_masked) }
    }

    fn explaining<'a>(&'a self, out: &'a LayerOutput, is_masked: bool) -> ExplainingLayer<'a> {
        let seed = LayerSeed {
            y: Some(&self.seed[..self.layout.y_len()]),
            y_h: Some(&self.seed[..self.layout.state_len()]),
            y_c: (self.layout.cell_len() > 0).then_some(&self.seed[..self.layout.cell_len()]),
        };
        ExplainingLayer { reading: self.reading(is_masked), tape: &out.tape, seed, joins: false }
    }

    /// What the seeds are the derivative of, by the plain equations.
    fn score(&self, is_masked: bool) -> f64 {
        let seen = witness::forward(&self.layer, &self.layout, &self.input(is_masked));
        let dot = |values: &[f64]| values.iter().zip(&self.seed).map(|(y, seed)| y * seed).sum::<f64>();
        seen.iter().map(|values| dot(values)).sum()
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let sizes = [(1, 1), (3, 4), (5, 6), (2, 12), (40, 33)];
    sizes.into_iter().flat_map(|(e, d)| kinds(d).into_iter().map(move |kind| Case::new(layer(kind, e, d, e), e + d)))
}

#[test]
fn runs_are_those_of_the_plain_equations() {
    for case in cases() {
        for is_masked in [false, true] {
            let out = forward(&[case.reading(is_masked)]).pop().unwrap();
            let without = read(&[case.reading(is_masked)], false).pop().unwrap();
            assert_eq!(LayerOutput { tape: vec![], ..out.clone() }, without);
            let seen = witness::forward(&case.layer, &case.layout, &case.input(is_masked));
            for (got, seen) in [&out.y, &out.y_h, &out.y_c].into_iter().zip(&seen) {
                assert_eq!(got.len(), seen.len());
                for (got, seen) in got.iter().zip(seen) {
                    let difference = (f64::from(*got) - seen).abs();
                    assert!(
                        difference < 2e-5 * seen.abs().max(1.0),
                        "{got} {seen}, {:?}",
                        case.layer.directions().next()
                    );
                }
            }
        }
    }
}

/// A run of a few steps is one of sequences of so many steps, but for the hours of Y that are left out: they hold
/// numbers, each another one, so that one that is moved to a wrong place shows. The plain equations leave out the same.
#[test]
fn a_run_of_a_few_steps_is_one_of_short_sequences() {
    const MOST: usize = 2;
    for case in cases() {
        let few = ReadLayer { input: LayerInput { most: Some(MOST), ..case.input(true) }, ..case.reading(true) };
        let short = LENGTHS.map(|len| len.min(MOST));
        let of_short = ReadLayer { input: LayerInput { lengths: Some(&short), ..case.input(true) }, ..few };
        let out = forward(&[few, of_short]);
        assert_eq!((&out[0].y_h, &out[0].y_c), (&out[1].y_h, &out[1].y_c));
        let [mut read, mut left, mut padding] = [vec![], vec![], vec![]];
        case.layout.behind_ends(&[0; LENGTHS.len()], |index| read.push(index));
        case.layout.behind_ends(&short, |index| left.push(index));
        case.layout.behind_ends(&LENGTHS, |index| padding.push(index));
        read.retain(|index| !left.contains(index));
        left.retain(|index| !padding.contains(index));
        assert!(read.iter().all(|index| out[0].y[*index] == out[1].y[*index]));
        assert!(padding.iter().all(|index| out[0].y[*index] == 0.0));
        let seen = witness::forward(&case.layer, &case.layout, &few.input);
        assert!(left.iter().all(|index| (f64::from(out[0].y[*index]) - seen[0][*index]).abs() < 2e-5));
        let mut numbers: Vec<u32> = left.iter().map(|index| out[0].y[*index].to_bits()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        // Functions that are flat return the same at both hours that lie around.
        assert!(2 * numbers.len() > left.len(), "{} of {}", numbers.len(), left.len());
    }
}

/// Of several layers in one bank each number is that of the layer alone, to the bit.
#[test]
fn layers_together_are_as_each_on_its_own() {
    let all: Vec<Case> = cases().collect();
    let outputs = forward(&all.iter().map(|case| case.reading(false)).collect::<Vec<_>>());
    let explaining: Vec<_> = all.iter().zip(&outputs).map(|(case, out)| case.explaining(out, false)).collect();
    let (below, slopes) = (relevance(&explaining, &Rule::default()), gradient(&explaining));
    for (k, case) in all.iter().enumerate() {
        assert_eq!(outputs[k], forward(&[case.reading(false)])[0]);
        assert_eq!(below[k], relevance(&explaining[k..=k], &Rule::default())[0]);
        assert_eq!(slopes[k], gradient(&explaining[k..=k])[0]);
        assert!(below[k].x.iter().any(|r| *r != 0.0) && slopes[k].x.iter().any(|d| *d != 0.0));
    }
}

/// Several runs of a layer go there and back together: each number is that of the run alone, to the bit. Where their inputs
/// may receive together, the first has the sum of all.
#[test]
fn runs_of_one_layer_together_are_as_each_on_its_own() {
    for case in cases() {
        let layout = case.layer.layout(N_STEPS, 1);
        let inputs: Vec<Vec<f32>> = (0..6).map(|seed| numbers(layout.x_len(), seed)).collect();
        let above: Vec<f64> = numbers(layout.y_len(), 3).into_iter().map(f64::from).collect();
        let reading = |x| {
            let input = LayerInput { x, lengths: None, mask: None, initial_h: None, initial_c: None, most: None };
            ReadLayer { layer: &case.layer, layout: &layout, input }
        };
        let readings: Vec<ReadLayer<'_>> = inputs.iter().map(|x| reading(x)).collect();
        let outputs = forward(&readings);
        let seed = LayerSeed { y: Some(&above), ..LayerSeed::default() };
        let back = |joins: bool| {
            let of = |(reading, out): (&ReadLayer<'_>, &LayerOutput)| {
                gradient(&[ExplainingLayer { reading: *reading, tape: &out.tape, seed, joins }]).pop().unwrap()
            };
            let layers = readings.iter().zip(&outputs);
            let all = layers.clone().map(|(reading, out)| ExplainingLayer {
                reading: *reading,
                tape: &out.tape,
                seed,
                joins,
            });
            (layers.map(of).collect::<Vec<_>>(), gradient(&all.collect::<Vec<_>>()))
        };
        let (alone, together) = back(false);
        assert_eq!(alone, together);
        let (_, joined) = back(true);
        assert!(joined[1..].iter().all(|below| below.x.is_empty()));
        for (k, d) in joined[0].x.iter().enumerate() {
            let sum: f64 = alone.iter().map(|below| below.x[k]).sum();
            assert!((d - sum).abs() < 1e-12 * sum.abs().max(1.0), "{k}: {d} {sum}");
        }
        for ((reading, out), (joined, alone)) in readings.iter().zip(&outputs).zip(joined.iter().zip(&alone)) {
            assert_eq!(*out, forward(std::slice::from_ref(reading))[0]);
            assert_eq!(LayerOutput { tape: vec![], ..out.clone() }, read(std::slice::from_ref(reading), false)[0]);
            assert_eq!((&joined.initial_h, &joined.initial_c), (&alone.initial_h, &alone.initial_c));
        }
    }
}

#[test]
fn derivatives_are_the_differences_of_the_plain_equations() {
    // Away from kinks, of which a clip and a hard sigmoid have some.
    for mut case in
        cases().filter(|case| case.layer.directions().next().unwrap().is_usual() || case.layout.cell_len() > 0)
    {
        if case.layer.directions().any(|cell| cell.clip.is_some()) {
            continue;
        }
        for is_masked in [false, true] {
            let out = forward(&[case.reading(is_masked)]).pop().unwrap();
            let below = gradient(&[case.explaining(&out, is_masked)]).pop().unwrap();
            for k in (0..case.x.len()).step_by(1 + case.x.len() / 23) {
                const STEP: f32 = 1.0 / 1024.0;
                let x = case.x[k];
                case.x[k] = x + STEP;
                let above = case.score(is_masked);
                case.x[k] = x - STEP;
                let slope = (above - case.score(is_masked)) / f64::from(2.0 * STEP);
                case.x[k] = x;
                assert!((slope - below.x[k]).abs() < 1e-4 * slope.abs().max(1.0), "{k}: {slope} {}", below.x[k]);
            }
        }
    }
}

/// Multipliers times differences, of inputs and of initial states, are the difference of the scores.
#[test]
fn multipliers_carry_the_whole_difference() {
    for case in cases() {
        let mut other = Case::new(case.layer.clone(), 50);
        other.mask.clone_from(&case.mask);
        for is_masked in [false, true] {
            let [out, out0] = [&case, &other].map(|case| forward(&[case.reading(is_masked)]).pop().unwrap());
            let sums = OnceLock::new();
            let reference = LayerReference { input: other.input(is_masked), tape: &out0.tape, sums: &sums };
            let multipliers = || multipliers(&[case.explaining(&out, is_masked)], &[reference]).pop().unwrap();
            let m = multipliers();
            // The reference's sums are there already.
            assert_eq!(m, multipliers());
            let carried = |m: &[f64], v: &[f32], v0: &[f32]| -> f64 {
                m.iter().zip(v.iter().zip(v0)).map(|(m, (v, v0))| m * (f64::from(*v) - f64::from(*v0))).sum()
            };
            let (state, state0) = (&case.state, &other.state);
            let of_states = carried(&m.initial_h, state, state0) + carried(&m.initial_c, state, state0);
            let (got, want) =
                (carried(&m.x, &case.x, &other.x) + of_states, case.score(is_masked) - other.score(is_masked));
            assert!((got - want).abs() < 1e-4 * want.abs().max(1.0), "{got} {want}");
        }
    }
}

#[test]
fn relevance_is_conserved_by_every_rule_and_alike_by_both_codes_of_one() {
    for case in cases() {
        let out = forward(&[case.reading(true)]).pop().unwrap();
        let it = case.explaining(&out, true);
        let entered: f64 = [it.seed.y, it.seed.y_h, it.seed.y_c].into_iter().flatten().flatten().sum::<f64>()
            - it.seed.y.map_or(0.0, |y| {
                let mut behind = 0.0;
                case.layout.behind_ends(&LENGTHS, |index| behind += y[index]);
                behind
            });
        for gates in [Gates::All, Gates::Half, Gates::Abs] {
            for (form, bias_factor) in [(Form::Arras2017, 0.0), (Form::Arras2019, 0.3), (Form::Arras2019, 1.0)] {
                let rule = Rule { epsilon: 0.1, bias_factor, form, gates };
                let below = relevance(&[it], &rule).pop().unwrap();
                let parts = below.x.iter().chain(&below.initial_h).chain(&below.initial_c);
                let size: f64 = parts.clone().map(|r| r.abs()).sum::<f64>().max(1.0);
                let total = parts.sum::<f64>() + below.kept.biases + below.kept.epsilon;
                assert!((total - entered).abs() < 1e-9 * size, "{rule:?}: {total} {entered}");
                if gates == Gates::All {
                    let general = super::bank::relevance_by_general_code(&[it], &rule).pop().unwrap();
                    let pairs = below.x.iter().zip(&general.x).chain(below.initial_h.iter().zip(&general.initial_h));
                    pairs.for_each(|(a, b)| assert!((a - b).abs() < 1e-10 * size, "{rule:?}: {a} {b}"));
                }
            }
        }
    }
}

/// Thousands of hours: what dwindles to nothing on its way back is left out, and what enters behind it is not.
#[test]
fn what_is_left_of_a_long_way_back_is_that_of_a_short_one() {
    const LONG: usize = 4000;
    const SHORT: usize = 1000;
    for kind in kinds(6) {
        for direction in 0..2 {
            let mut cell = layer(kind.clone(), 5, 6, 3).directions().nth(direction).unwrap().clone();
            // A plain cell's derivatives grow by larger weights.
            cell.w_h.iter_mut().for_each(|w| *w *= 0.25);
            let layer = Layer::new(vec![cell], true);
            let x = numbers(5 * LONG, 4);
            // The hours that are read before the last of the short run.
            let near = if direction == 0 { 0..SHORT } else { LONG - SHORT..LONG };
            let (last, last_near) = if direction == 0 { (LONG - 1, SHORT - 1) } else { (0, LONG - SHORT) };
            let back = |hours: std::ops::Range<usize>, seeds: &[usize]| {
                let layout = layer.layout(hours.len(), 1);
                let input = LayerInput {
                    x: &x[5 * hours.start..5 * hours.end],
                    lengths: None,
                    mask: None,
                    initial_h: None,
                    initial_c: None,
                    most: None,
                };
                let reading = ReadLayer { layer: &layer, layout: &layout, input };
                let out = forward(&[reading]).pop().unwrap();
                let mut y = vec![0.0; layout.y_len()];
                seeds.iter().for_each(|hour| y[6 * (hour - hours.start)..][..6].fill(1.0));
                let seed = LayerSeed { y: Some(&y), ..LayerSeed::default() };
                let explaining = || [ExplainingLayer { reading, tape: &out.tape, seed, joins: false }];
                let lrp = relevance(&explaining(), &Rule::default()).pop().unwrap().x;
                [gradient(&explaining()).pop().unwrap().x, lrp]
            };
            let [first, second] = [last_near, last].map(|seed| back(0..LONG, &[seed]));
            let (both, short) = (back(0..LONG, &[last_near, last]), back(near.clone(), &[last_near]));
            for (((both, first), second), short) in both.iter().zip(&first).zip(&second).zip(&short) {
                assert_eq!(first[5 * near.start..5 * near.end], **short);
                let is_left = second[5 * near.start..5 * near.end].iter().any(|left| *left != 0.0);
                // Softplus and a clip hand on more than they received.
                assert!(!is_left || kind.2.is_some(), "{kind:?}");
                for (both, (first, second)) in both.iter().zip(first.iter().zip(second)) {
                    let size = first.abs() + second.abs();
                    assert!((both - first - second).abs() <= 1e-12 * size, "{kind:?}: {both} {first} {second}");
                }
            }
        }
    }
}
