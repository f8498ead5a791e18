//! Layers that do not depend on each other, run together: those whose cells have a few units go step by step abreast (see
//! `lstm/few.rs`), the others one after another.

use super::layer::{
    LayerBelow, LayerInput, LayerLayout, LayerOutput, LayerSeed, copy_outputs, run_at, seed_at, states,
};
use super::lstm::few;
use super::{Cell, Layer, Lstm};
use crate::engine::rule::Rule;

/// A layer and what it reads.
#[derive(Debug, Clone, Copy)]
pub struct ReadLayer<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// The sizes.
    pub layout: &'a LayerLayout,
    /// What it reads.
    pub input: LayerInput<'a>,
}

/// A layer that has read, and what enters it from above.
#[derive(Debug, Clone, Copy)]
pub struct ExplainingLayer<'a> {
    /// The layer and what it read.
    pub reading: ReadLayer<'a>,
    /// What it recorded.
    pub tape: &'a [f32],
    /// What enters it.
    pub seed: LayerSeed<'a>,
}

impl<'a> ReadLayer<'a> {
    /// The cells of a layer whose cells all go abreast.
    fn few(&self) -> Option<Vec<&'a Lstm>> {
        let few = |cell: &'a Cell| match cell {
            Cell::Lstm(lstm) if few::takes(lstm) => Some(lstm),
            Cell::Lstm(_) | Cell::Gru(_) | Cell::Rnn(_) => None,
        };
        // Masked hours are not read, so that such a layer reads other hours than its neighbours.
        if self.input.mask.is_some() { None } else { self.layer.directions.iter().map(few).collect() }
    }

    /// Every direction of every sequence, in the order in which their tapes lie.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let n_batch = self.layout.n_batch;
        (0..self.layer.directions.len()).flat_map(move |d| (0..n_batch).map(move |b| (d, b)))
    }

    fn len(&self, b: usize) -> usize {
        self.input.lengths.map_or(self.layout.n_steps, |lengths| lengths[b])
    }
}

/// Runs every direction of every layer over every sequence.
#[must_use]
pub fn forward(readings: &[ReadLayer<'_>]) -> Vec<LayerOutput> {
    let zeros = zeros(readings);
    let few: Vec<_> = readings.iter().map(ReadLayer::few).collect();
    let begun = readings.iter().zip(&few).map(|(reading, few)| match few {
        Some(_) => LayerOutput::new(reading.layout),
        None => reading.layer.forward(reading.layout, &reading.input),
    });
    let mut outputs: Vec<LayerOutput> = begun.collect();
    let mut abreast = vec![];
    for ((reading, few), out) in readings.iter().zip(&few).zip(&mut outputs) {
        let Some(cells) = few else { continue };
        let layout = reading.layout;
        let tapes = out.tape.chunks_exact_mut(layout.sequence_tape_len().max(1));
        for ((d, b), tape) in reading.places().zip(tapes) {
            let (h0, c0) = states(layout, &reading.input, &zeros, d, b);
            let x = layout.x(reading.input.x, b);
            abreast.extend(few::Forward::begin(cells[d], x, reading.len(b), [h0, c0], tape));
        }
    }
    few::Forward::run(abreast);
    for ((reading, out), _) in readings.iter().zip(&mut outputs).zip(&few).filter(|(_, few)| few.is_some()) {
        for (d, b) in reading.places() {
            let initial = states(reading.layout, &reading.input, &zeros, d, b);
            copy_outputs(&reading.layer.directions[d], reading.layout, (d, b), reading.len(b), None, initial, out);
        }
    }
    outputs
}

/// Relevance of everything below every layer, given that of everything above.
#[must_use]
pub fn relevance(layers: &[ExplainingLayer<'_>], rule: &Rule) -> Vec<LayerBelow> {
    let zeros = zeros(layers.iter().map(|it| &it.reading));
    let on_its_own = |it: &ExplainingLayer<'_>| {
        let ReadLayer { layer, layout, input } = it.reading;
        layer.relevance(layout, &input, it.tape, &it.seed, rule)
    };
    let (mut below, cells) = divide(layers, &zeros, few::takes_rule(rule), on_its_own);
    few::relevance(&cells.abreast, rule, |at, walk| {
        let CellPlace { index, d, b } = cells.places[at];
        let (below, layout) = (&mut below[index], layers[index].reading.layout);
        let rows = layout.x(&[] as &[f64], b);
        walk.hand_to_inputs(&mut below.x, rows.offset, rows.stride);
        below.take(layout, (d, b), &walk.shares());
    });
    below
}

/// Derivatives of everything below every layer, given those of everything above.
#[must_use]
pub fn gradient(layers: &[ExplainingLayer<'_>]) -> Vec<LayerBelow> {
    let zeros = zeros(layers.iter().map(|it| &it.reading));
    let on_its_own = |it: &ExplainingLayer<'_>| {
        let ReadLayer { layer, layout, input } = it.reading;
        layer.gradient(layout, &input, it.tape, &it.seed)
    };
    let (mut below, cells) = divide(layers, &zeros, true, on_its_own);
    few::gradient(&cells.abreast, |at, shares, d_x| {
        let CellPlace { index, d, b } = cells.places[at];
        let (below, layout) = (&mut below[index], layers[index].reading.layout);
        let cell = cells.abreast[at];
        let rows = d_x.chunks_exact(cell.cell.n_inputs.max(1)).enumerate();
        rows.for_each(|(k, row)| below.add(layout, b, cell.cell.direction.hour(k, cell.run.len), row));
        below.take(layout, (d, b), shares);
    });
    below
}

/// Where a cell stands: which layer, direction and sequence.
struct CellPlace {
    index: usize,
    d: usize,
    b: usize,
}

/// Cells that go abreast, and where each stands.
#[derive(Default)]
struct Cells<'a> {
    abreast: Vec<few::Behind<'a>>,
    places: Vec<CellPlace>,
}

/// Gathers the cells that go abreast; what the other layers hand down is there at once, zeros are for these.
fn divide<'a>(
    layers: &[ExplainingLayer<'a>],
    zeros: &'a [f32],
    is_taken: bool,
    on_its_own: impl Fn(&ExplainingLayer<'a>) -> LayerBelow,
) -> (Vec<LayerBelow>, Cells<'a>) {
    let (mut below, mut cells) = (Vec::with_capacity(layers.len()), Cells::default());
    for (index, it) in layers.iter().enumerate() {
        let ReadLayer { layout, input, .. } = it.reading;
        let Some(lstms) = it.reading.few().filter(|_| is_taken) else {
            below.push(on_its_own(it));
            continue;
        };
        below.push(LayerBelow::new(layout));
        for (d, b) in it.reading.places() {
            let run = run_at(layout, &input, it.tape, zeros, (d, b), None);
            cells.abreast.push(few::Behind { cell: lstms[d], run, seed: seed_at(layout, &it.seed, (d, b)) });
            cells.places.push(CellPlace { index, d, b });
        }
    }
    (below, cells)
}

/// Initial states of any of them, where there are none.
fn zeros<'a>(readings: impl IntoIterator<Item = &'a ReadLayer<'a>>) -> Vec<f32> {
    vec![0.0; readings.into_iter().map(|reading| reading.layout.n_hidden()).max().unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, lstm};
    use super::{Cell, ExplainingLayer, Layer, LayerInput, LayerSeed, Lstm, ReadLayer, forward, gradient, relevance};
    use crate::engine::function::activation::Activation;
    use crate::engine::rule::Rule;

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|k| ((k * 37 + seed * 101 + k * k % 13) % 29) as f32 / 14.0 - 1.0).collect()
    }

    fn layer(n_inputs: usize, n_hidden: usize, seed: usize) -> Layer {
        let direction = |(d, direction)| {
            let weights = |n: usize, of: usize| numbers(n * 4 * n_hidden, seed + 10 * d + of);
            let activations =
                lstm::Activations { gate: Activation::Sigmoid, candidate: Activation::Tanh, cell: Activation::Tanh };
            let (w_x, w_h, bias) = (weights(n_inputs, 1), weights(n_hidden, 2), weights(1, 3));
            let (peephole, clip, input_forget) = (None, None, false);
            Cell::Lstm(Lstm {
                direction,
                n_inputs,
                n_hidden,
                w_x,
                w_h,
                bias,
                peephole,
                activations,
                clip,
                input_forget,
            })
        };
        let directions = [Direction::Forward, Direction::Reverse].into_iter().enumerate().map(direction).collect();
        Layer { directions, batch_first: seed.is_multiple_of(2) }
    }

    /// Of several layers at once, some of few units and some not, with sequences of several lengths, each number is that of
    /// the layer on its own, to the bit.
    #[test]
    fn layers_together_are_as_each_on_its_own() {
        let sizes = [(3, 4), (1, 4), (2, 5), (7, 4), (6, 8)];
        let layers: Vec<Layer> = sizes.into_iter().enumerate().map(|(seed, (n, d))| layer(n, d, seed)).collect();
        let (n_steps, lengths) = (7, [7, 0, 4]);
        let layouts: Vec<_> = layers.iter().map(|layer| layer.layout(n_steps, lengths.len())).collect();
        let x: Vec<_> = layouts.iter().enumerate().map(|(seed, layout)| numbers(layout.x_len(), seed)).collect();
        let state: Vec<_> = layouts.iter().map(|layout| numbers(layout.state_len(), 5)).collect();
        let readings: Vec<ReadLayer<'_>> = (0..layers.len())
            .map(|k| {
                let (initial_h, initial_c) = (Some(&state[k][..]), (k % 2 == 0).then_some(&state[k][..]));
                let input = LayerInput { x: &x[k], lengths: Some(&lengths), mask: None, initial_h, initial_c };
                ReadLayer { layer: &layers[k], layout: &layouts[k], input }
            })
            .collect();
        let outputs = forward(&readings);
        let seeds: Vec<(Vec<f64>, Vec<f64>)> = outputs
            .iter()
            .map(|out| {
                (out.y.iter().map(|y| f64::from(*y) + 0.1).collect(), out.y_h.iter().map(|h| f64::from(*h)).collect())
            })
            .collect();
        let explaining: Vec<ExplainingLayer<'_>> = readings
            .iter()
            .zip(outputs.iter().zip(&seeds))
            .map(|(reading, (out, (y, h)))| ExplainingLayer {
                reading: *reading,
                tape: &out.tape,
                seed: LayerSeed { y: Some(y), y_h: Some(h), y_c: Some(h) },
            })
            .collect();
        let (below, slopes) = (relevance(&explaining, &Rule::default()), gradient(&explaining));
        for (((it, out), below), slopes) in explaining.iter().zip(&outputs).zip(&below).zip(&slopes) {
            let ReadLayer { layer, layout, input } = it.reading;
            assert_eq!(*out, layer.forward(layout, &input));
            assert!(out.tape.iter().any(|value| *value != 0.0) && below.x.iter().any(|r| *r != 0.0));
            assert_eq!(*below, layer.relevance(layout, &input, it.tape, &it.seed, &Rule::default()));
            assert_eq!(*slopes, layer.gradient(layout, &input, it.tape, &it.seed));
            assert!(slopes.x.iter().any(|d| *d != 0.0));
        }
    }
}
