//! Layers that do not depend on each other, run together: a bank of directions goes step by step in turns, as many as their
//! weights fit the processor's nearest memory. A small direction's step waits for most of its time for the step before it,
//! and its neighbours fill the wait; a large one is a bank of its own. Each number is what it would be alone.

use std::ops::Range;
use std::sync::OnceLock;

use super::descent::{Descent, ReadRun, Way};
use super::layer::{LayerBelow, LayerInput, LayerLayout, LayerOutput, LayerSeed, run_at, seed_at, states, unmasked};
use super::mask::Unmasked;
use super::packed::Packed;
use super::reader::Reader;
use super::step::take_first;
use super::{Layer, Sequence};
use crate::engine::rule::Rule;

/// Weights of so many bytes (64 KiB) go in turns: those of one step are then still near when the next step reads them.
const BANK_BYTES: usize = 1 << 16;

/// So many sequences that are read by the same weights take each step together, there and back: the sums of four rows fit
/// the registers.
pub(crate) const ABREAST: usize = 4;

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
    /// Whether what its inputs receive may be handed down with that of the same layer before it in the list, where it is
    /// another run's: what comes of both is summed anyway, and the weights multiply the sum once.
    pub joins: bool,
}

/// What a layer read and recorded in the run of a reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerReference<'a> {
    /// What it read.
    pub(crate) input: LayerInput<'a>,
    /// What it recorded.
    pub(crate) tape: &'a [f32],
    /// Its sums, which are made once for all runs that are compared with it.
    pub(crate) sums: &'a OnceLock<RunSums>,
}

/// The sums of all blocks in double precision, direction by direction and sequence by sequence.
pub(crate) type RunSums = Vec<Vec<f64>>;

/// Where a direction of a sequence stands: which layer, direction and sequence.
#[derive(Clone, Copy)]
struct DirectionPlace {
    /// Index of the layer.
    layer: usize,
    /// Its direction.
    d: usize,
    /// The sequence of the batch.
    b: usize,
}

/// Every direction of every sequence, in the order in which their tapes lie, and the hours that each sequence reads of
/// layers with a mask.
struct DirectionPlaces {
    /// Layer by layer, direction by direction, sequence by sequence.
    all: Vec<DirectionPlace>,
    /// For each layer and sequence the hours that are read; no sequences for a layer without a mask.
    read: Vec<Vec<Option<Unmasked>>>,
    /// Initial states of any of them, where there are none.
    zeros: Vec<f32>,
}

impl DirectionPlaces {
    /// The places of all layers, with the rows of those that have a mask.
    fn of(readings: &[ReadLayer<'_>]) -> Self {
        let mut all = vec![];
        for (layer, it) in readings.iter().enumerate() {
            let n_batch = it.layout.n_batch;
            let directions = 0..it.layer.packed().len();
            all.extend(directions.flat_map(|d| (0..n_batch).map(move |b| DirectionPlace { layer, d, b })));
        }
        let read = readings.iter().map(|it| match it.input.mask {
            None => vec![],
            Some(_) => (0..it.layout.n_batch).map(|b| unmasked(it.layout, &it.input, b)).collect(),
        });
        let widest = readings.iter().map(|it| it.layout.n_hidden()).max();
        Self { all, read: read.collect(), zeros: vec![0.0; widest.unwrap_or_default()] }
    }

    /// The hours that a place reads, where some may be masked.
    fn read(&self, place: DirectionPlace) -> Option<&Unmasked> {
        self.read[place.layer].get(place.b)?.as_ref()
    }

    /// Numbers that the states of all of them take, h and then c.
    fn states_len(&self, readings: &[ReadLayer<'_>]) -> usize {
        self.all.iter().map(|place| 2 * readings[place.layer].packed(*place).sizes.n_lanes).sum()
    }

    /// The initial states of all of them, with zeros in the lanes that are left.
    fn initial(&self, readings: &[ReadLayer<'_>]) -> Vec<f32> {
        let mut all = vec![0.0; self.states_len(readings)];
        let mut rest = &mut all[..];
        for place in &self.all {
            let it = &readings[place.layer];
            let n_lanes = it.packed(*place).sizes.n_lanes;
            let (h0, c0) = states(it.layout, &it.input, &self.zeros, place.d, place.b);
            let own = take_first(&mut rest, 2 * n_lanes);
            own[..h0.len()].copy_from_slice(h0);
            own[n_lanes..][..c0.len()].copy_from_slice(c0);
        }
        all
    }
}

impl<'a> ReadLayer<'a> {
    /// The packed weights of a direction.
    fn packed(&self, place: DirectionPlace) -> &'a Packed {
        &self.layer.packed()[place.d]
    }
}

/// Cuts a row of directions, each of whose steps reads so many bytes of weights that those before it have not, into banks.
fn banks(bytes: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut banks: Vec<Range<usize>> = vec![];
    let mut filled = 0;
    for (at, bytes) in bytes.enumerate() {
        match banks.last_mut() {
            Some(bank) if bytes == 0 || filled + bytes <= BANK_BYTES => bank.end = at + 1,
            _ => {
                filled = 0;
                banks.push(at..at + 1);
            }
        }
        filled += bytes;
    }
    banks
}

/// Runs every direction of every layer over every sequence. None of the layers reads what another computes.
///
/// Directions stand in banks, and a bank goes from step to step: first all take step 0, then all step 1.
#[must_use]
pub fn forward(readings: &[ReadLayer<'_>]) -> Vec<LayerOutput> {
    read(readings, true)
}

/// The same, without tapes where nobody goes back: every other number is that of [`forward`].
#[must_use]
pub fn read(readings: &[ReadLayer<'_>], keeps_tapes: bool) -> Vec<LayerOutput> {
    let places = DirectionPlaces::of(readings);
    let len_of = |place: &DirectionPlace| {
        let ReadLayer { layout, input, .. } = &readings[place.layer];
        places.read(*place).map_or_else(|| input.len(layout, place.b), |read| read.hours.len())
    };
    let mut tapes: Vec<Vec<f32>> = readings.iter().map(|it| tape_of(it.layout, keeps_tapes)).collect();
    let room = |place: &DirectionPlace| Reader::room(readings[place.layer].packed(*place), len_of(place));
    let mut room = vec![0.0; if keeps_tapes { 0 } else { places.all.iter().map(room).sum() }];
    let mut both = places.initial(readings);
    let (mut rest, mut rest_of_room) = (&mut both[..], &mut room[..]);
    let mut rest_of_tapes: Vec<&mut [f32]> = tapes.iter_mut().map(|tape| &mut tape[..]).collect();
    let mut readers = Vec::with_capacity(places.all.len());
    for (at, place) in places.all.iter().enumerate() {
        let ReadLayer { layout, input, .. } = readings[place.layer];
        let (it, len) = (readings[place.layer].packed(*place), len_of(place));
        let (h, c) = take_first(&mut rest, 2 * it.sizes.n_lanes).split_at_mut(it.sizes.n_lanes);
        let x = places.read(*place).map_or(layout.x(input.x, place.b), Unmasked::x);
        let tape = match keeps_tapes {
            true => take_first(&mut rest_of_tapes[place.layer], layout.tape(place.d, place.b).len()),
            false => take_first(&mut rest_of_room, Reader::room(it, len)),
        };
        readers.push(Reader::begin(it, x, len, [h, c], tape, keeps_tapes, at));
    }
    // Which reader steps first does not matter, and those of the same weights are to stand beside each other.
    readers.sort_by_key(Reader::place);
    for bank in banks(step_bytes(&readers, Reader::is_of_one_with, Reader::step_bytes)) {
        step_all(&mut readers[bank]);
    }
    let mut outputs: Vec<LayerOutput> = readings.iter().map(|it| LayerOutput::new(it.layout)).collect();
    for reader in &readers {
        let place = places.all[reader.at];
        let ReadLayer { layout, input, .. } = &readings[place.layer];
        let (h0, _) = states(layout, input, &places.zeros, place.d, place.b);
        reader.copy_outputs(layout, (place.d, place.b), h0, places.read(place), &mut outputs[place.layer]);
    }
    for ((out, tape), it) in outputs.iter_mut().zip(tapes).zip(readings) {
        out.tape = tape;
        it.input.make_up(it.layout, &mut out.y);
    }
    outputs
}

/// Room for a tape, where it is kept.
fn tape_of(layout: &LayerLayout, is_kept: bool) -> Vec<f32> {
    vec![0.0; if is_kept { layout.tape_len() } else { 0 }]
}

/// Goes step by step through a bank.
fn step_all(bank: &mut [Reader<'_>]) {
    let len = bank.iter().map(Reader::len).max().unwrap_or_default();
    let mut groups: Vec<_> = bank.chunk_by_mut(Reader::is_abreast_of).map(<[_]>::as_chunks_mut::<ABREAST>).collect();
    // All directions of the bank take step k before any takes the next: while one waits for its sums, its neighbours
    // are computed (docs/performance.md, "Side by side").
    for k in 0..len {
        for (together, rest) in &mut groups {
            together.iter_mut().filter(|it| k < it[0].len()).for_each(|it| Reader::step(it, k));
            rest.iter_mut().filter(|it| k < it.len()).for_each(|it| Reader::step(std::array::from_mut(it), k));
        }
    }
}

/// Relevance of everything below every layer, given that of everything above, by the rule. None of the layers reads
/// what another computes.
#[must_use]
pub fn relevance(layers: &[ExplainingLayer<'_>], rule: &Rule) -> Vec<LayerBelow> {
    alone(layers, Way::by(rule))
}

/// Derivatives of everything below every layer, given those of everything above.
#[must_use]
pub fn gradient(layers: &[ExplainingLayer<'_>]) -> Vec<LayerBelow> {
    alone(layers, Way::Slopes)
}

/// Relevance by the code that knows every rule, where the vector code would serve: the two are compared.
#[cfg(test)]
pub(super) fn relevance_by_general_code(layers: &[ExplainingLayer<'_>], rule: &Rule) -> Vec<LayerBelow> {
    alone(layers, Way::Relevance(super::spread::AnyRule::of(rule)))
}

fn alone(layers: &[ExplainingLayer<'_>], way: Way<'_>) -> Vec<LayerBelow> {
    let readings: Vec<ReadLayer<'_>> = layers.iter().map(|it| it.reading).collect();
    let places = DirectionPlaces::of(&readings);
    let initial = places.initial(&readings);
    let runs = replay(&readings, &places, &initial, |layer| layers[layer].tape);
    backward(layers, &readings, &places, &runs, None, way)
}

/// Multipliers of everything below every layer, given those of everything above, beside what each read and recorded in a
/// reference's run; see `slopes.rs`.
#[must_use]
pub(crate) fn multipliers(layers: &[ExplainingLayer<'_>], references: &[LayerReference<'_>]) -> Vec<LayerBelow> {
    let readings: Vec<ReadLayer<'_>> = layers.iter().map(|it| it.reading).collect();
    let with_reference = readings.iter().zip(references);
    let readings0: Vec<ReadLayer<'_>> =
        with_reference.map(|(it, reference)| ReadLayer { input: reference.input, ..*it }).collect();
    let (places, places0) = (DirectionPlaces::of(&readings), DirectionPlaces::of(&readings0));
    let (initial, initial0) = (places.initial(&readings), places0.initial(&readings0));
    let runs = replay(&readings, &places, &initial, |layer| layers[layer].tape);
    let runs0 = replay(&readings0, &places0, &initial0, |layer| references[layer].tape);
    let mut lower = vec![];
    let mut sums_of = |(place, run): (&DirectionPlace, &ReadRun<'_>)| {
        Descent::all_sums(readings[place.layer].packed(*place), *run, &mut lower)
    };
    let sums: RunSums = places.all.iter().zip(&runs).map(&mut sums_of).collect();
    // The places are in the order of their layers.
    let sums0 = references.iter().enumerate().flat_map(|(layer, it)| {
        let own = places.all.iter().zip(&runs0).filter(|(place, _)| place.layer == layer);
        it.sums.get_or_init(|| own.map(&mut sums_of).collect())
    });
    let beside: Vec<_> =
        runs0.iter().zip(sums.iter().zip(sums0)).map(|(run0, (a, a0))| (*run0, [&a[..], &a0[..]])).collect();
    backward(layers, &readings, &places, &runs, Some(&beside), Way::Slopes)
}

/// A reference's run, and the sums of all blocks in both runs.
type BesideRun<'a> = (ReadRun<'a>, [&'a [f64]; 2]);

fn backward(
    layers: &[ExplainingLayer<'_>],
    readings: &[ReadLayer<'_>],
    places: &DirectionPlaces,
    runs: &[ReadRun<'_>],
    beside: Option<&[BesideRun<'_>]>,
    way: Way<'_>,
) -> Vec<LayerBelow> {
    let packed = |place: &DirectionPlace| readings[place.layer].packed(*place);
    let seeds: Vec<GatheredSeed> =
        places.all.iter().map(|place| gather(&layers[place.layer], *place, places)).collect();
    let rooms: Vec<usize> =
        places.all.iter().zip(runs).map(|(place, it)| Descent::room(packed(place), way, it.run.len)).collect();
    // Those of the same weights are to stand beside each other; those of one layer keep their order.
    let mut order: Vec<usize> = (0..places.all.len()).collect();
    order.sort_by_key(|at| std::ptr::from_ref(packed(&places.all[*at])));
    let (mut room, mut lower) = (vec![0.0; rooms.iter().sum()], vec![]);
    let mut rest = &mut room[..];
    let mut descents = Vec::with_capacity(order.len());
    for at in &order {
        let place = places.all[*at];
        let it = &layers[place.layer];
        let mut seed = seed_at(it.reading.layout, &it.seed, (place.d, place.b));
        if let Some((read, _)) = &seeds[*at] {
            seed.y = Some(Sequence::dense(read, it.reading.layout.n_hidden()));
        }
        let own = take_first(&mut rest, rooms[*at]);
        let may_join = it.joins && it.reading.layout.n_batch == 1 && places.read(place).is_none();
        let joins = may_join.then_some(std::ptr::from_ref(it.reading.layer));
        let mut descent = Descent::begin(packed(&place), runs[*at], &seed, way, own, &mut lower);
        descent.joins = joins;
        descents.push(match beside {
            None => descent,
            Some(beside) => descent.beside(beside[*at].0, beside[*at].1),
        });
    }
    walk_back(&mut descents, way, readings, places);
    let mut below: Vec<LayerBelow> = layers.iter().map(|it| LayerBelow::new(it.reading.layout)).collect();
    let mut order = order.iter().map(|at| (places.all[*at], &seeds[*at]));
    for together in descents.chunk_by_mut(Descent::is_joined_by) {
        let own: Vec<_> = order.by_ref().take(together.len()).collect();
        for (descent, (place, seed)) in together.iter().zip(&own) {
            let masked = seed.as_ref().map(|(_, initial)| &initial[..]);
            let layout = readings[place.layer].layout;
            below[place.layer].take(layout, (place.d, place.b), descent.shares(way), masked);
        }
        let (Some((first, others)), Some((place, _))) = (together.split_first_mut(), own.first()) else { continue };
        others.iter().for_each(|other| first.join(other));
        let (rows, read) = (readings[place.layer].layout.x(&[] as &[f64], place.b), places.read(*place));
        let begin = |t: usize| rows.offset + read.map_or(t, |read| read.hours[t]) * rows.stride;
        let x = &mut below[place.layer].x;
        x.resize(readings[place.layer].layout.x_len(), 0.0);
        first.hand_to_inputs(way, &mut lower, x, begin);
    }
    below
}

/// What every direction computed over every sequence.
fn replay<'a>(
    readings: &[ReadLayer<'a>],
    places: &'a DirectionPlaces,
    initial: &'a [f32],
    tape: impl Fn(usize) -> &'a [f32],
) -> Vec<ReadRun<'a>> {
    let mut at = 0;
    let replayed = places.all.iter().map(|place| {
        let it = &readings[place.layer];
        let (read, len) = (places.read(*place), 2 * it.packed(*place).sizes.n_lanes);
        let run = run_at(it.layout, &it.input, tape(place.layer), (place.d, place.b), read);
        at += len;
        ReadRun { run, initial: &initial[at - len..at] }
    });
    replayed.collect()
}

/// Goes back over all steps, bank by bank, as [`step_all`] goes there.
fn walk_back(descents: &mut [Descent<'_>], way: Way<'_>, readings: &[ReadLayer<'_>], places: &DirectionPlaces) {
    let n_lanes = places.all.iter().map(|place| readings[place.layer].packed(*place).sizes.n_lanes).max();
    let mut spare = vec![0.0; 2 * ABREAST * n_lanes.unwrap_or_default()];
    for bank in banks(step_bytes(descents, Descent::is_of_one_with, Descent::step_bytes)) {
        let bank = &mut descents[bank];
        let len = bank.iter().map(Descent::len).max().unwrap_or_default();
        let mut groups: Vec<_> =
            bank.chunk_by_mut(Descent::is_abreast_of).map(<[_]>::as_chunks_mut::<ABREAST>).collect();
        for k in (0..len).rev() {
            for (together, rest) in &mut groups {
                let (together, rest) = (together.iter_mut(), rest.iter_mut());
                together.filter(|it| k < it[0].len()).for_each(|it| Descent::step(it, k, way, &mut spare));
                let rest = rest.filter(|it| k < it.len()).map(std::array::from_mut);
                rest.for_each(|it| Descent::step(it, k, way, &mut spare));
            }
        }
    }
}

/// For each of some directions the bytes of the weights that its step reads; nothing where the one before it reads the same.
fn step_bytes<T>(
    all: &[T],
    is_of_one: impl Fn(&T, &T) -> bool,
    bytes: impl Fn(&T) -> usize,
) -> impl Iterator<Item = usize> {
    all.iter().enumerate().map(move |(at, it)| if at > 0 && is_of_one(&all[at - 1], it) { 0 } else { bytes(it) })
}

/// What arrived at the hidden states of the hours that are read, `[n_read, n_hidden]`, and what belongs to the initial
/// state, where hours are masked.
type GatheredSeed = Option<(Vec<f64>, Vec<f64>)>;

fn gather(it: &ExplainingLayer<'_>, place: DirectionPlace, places: &DirectionPlaces) -> GatheredSeed {
    let y = seed_at(it.reading.layout, &it.seed, (place.d, place.b)).y;
    let direction = it.reading.packed(place).sizes.direction;
    places.read(place).zip(y).map(|(read, y)| read.gather(direction, y))
}
