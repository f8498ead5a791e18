//! Many stays at once, on several threads, and what is kept of each explanation.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Deserialize;

use crate::Result;
use crate::engine::explain::relevance::Relevance;
use crate::engine::number::single;
use crate::stay::manifest::Manifest;
use crate::stay::{Origin, ReadOptions, Stay};
use crate::study::boundary::{AskedExplanation, AskedReading, HeldExplanation, from_json};
use crate::study::lengths::Lengths;

/// What tract may need on a thread of its own, in bytes; a new thread has a quarter of it.
const STACK: usize = 8 << 20;

/// What is asked of each of many stays, as host programs write it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AskedBatch {
    explanation: AskedExplanation,
    /// How the stays are read, where they are records; without it they are numbers.
    reading: Option<AskedReading>,
    kept: Kept,
    /// Whether it is measured how far each explanation holds, which takes some hundred runs of the network.
    is_audited: bool,
}

/// Which cells are kept of each explanation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// None.
    #[default]
    Stays,
    /// All, a channel's steps after each other.
    Cells,
    /// So many with the most relevance of value and mask together, by magnitude, the strongest first.
    Top(usize),
}

/// A stay as it comes.
#[derive(Debug, Clone, Copy)]
pub struct GivenStay<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The file of a record, or the model's input, `[n_steps * n_columns]` numbers in single precision, little endian.
    pub bytes: &'a [u8],
}

/// What is kept of one explained stay.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStay {
    /// The explained output.
    pub probability: f64,
    /// Its steps.
    pub n_steps: usize,
    /// What was decomposed.
    pub score: f64,
    /// The score minus everything accounted for; NaN where nothing was decomposed.
    pub residual: f64,
    /// Whether the prediction leaves the outcome open, and whether its absence, where the manifest says so of one network.
    pub set: Option<[bool; 2]>,
    /// How far the explanation holds, and the probability that this is for, where that was asked.
    pub verdict: Option<(&'static str, f64)>,
    /// The cells, in the order that was asked for.
    pub cells: Vec<KeptCell>,
}

/// What is kept of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeptCell {
    /// `channel * n_steps + step`, of the steps of the stay.
    pub place: u32,
    /// In clinical units; NaN where no record was read.
    pub value: f64,
    /// Of its value.
    pub relevance: f32,
    /// Of its being measured.
    pub mask_relevance: f32,
}

impl AskedBatch {
    /// Reads it from JSON.
    ///
    /// # Errors
    /// [`crate::Kind::Argument`] where a field is unknown or of another type.
    pub fn from_json(text: &str) -> Result<Self> {
        from_json(text)
    }

    /// Explains all stays on so many threads, in their order; of a stay that cannot be read or explained, why.
    ///
    /// # Errors
    /// [`crate::Kind::Argument`] for options that are wrong whatever the stay.
    pub fn explain(
        &self,
        network: &Lengths,
        stays: &[GivenStay<'_>],
        n_threads: usize,
    ) -> Result<Vec<std::result::Result<KeptStay, String>>> {
        self.explanation.options()?;
        let reading = self.reading.clone().map(AskedReading::options).transpose()?;
        let work = |stay: &GivenStay<'_>| guarded(|| self.kept_of(network, stay, reading.as_ref()));
        Ok(in_order(stays, n_threads, work))
    }

    fn kept_of(&self, network: &Lengths, given: &GivenStay<'_>, reading: Option<&ReadOptions>) -> Result<KeptStay> {
        let (model, stay, numbers);
        let input = if let Some(reading) = reading {
            let reading = ReadOptions { name: given.name.to_owned(), ..reading.clone() };
            let (fitted, read) = network.open(given.bytes, &reading)?;
            (model, stay) = (fitted, Some(read));
            stay.as_ref().map_or(&[][..], |stay: &Stay| &stay.input)
        } else {
            numbers = given.bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect::<Vec<_>>();
            (model, stay) = (network.of(numbers.len() / network.model().n_columns())?, None);
            &numbers
        };
        let explanation = HeldExplanation::new(&model, input, &self.explanation)?;
        let audit = self.is_audited.then(|| explanation.audit(&model, input, false)).transpose()?;
        let it = &explanation.relevance;
        let manifest = model.manifest();
        Ok(KeptStay {
            n_steps: model.n_steps(),
            probability: it.probability,
            score: it.score,
            residual: it.residual(),
            set: set(manifest, explanation.options.target, it, |row| is_measured(manifest, row, stay.as_ref(), input)),
            verdict: audit.map(|audit| audit.verdict()),
            cells: self.kept.cells(&explanation, manifest, stay.as_ref()),
        })
    }
}

impl Kept {
    fn cells(self, explanation: &HeldExplanation, manifest: &Manifest, stay: Option<&Stay>) -> Vec<KeptCell> {
        let n_cells = manifest.channels.len() * manifest.steps;
        let places: Vec<usize> = match self {
            Self::Stays => return Vec::new(),
            Self::Cells => (0..n_cells).collect(),
            Self::Top(count) => explanation.strongest(manifest, count),
        };
        let [values, masks] = explanation.cells(manifest);
        let cell = |place: usize| KeptCell {
            place: u32::try_from(place).unwrap_or(u32::MAX),
            value: stay.map_or(f64::NAN, |stay| stay.cells[place].value),
            relevance: single(values.values[place]),
            mask_relevance: single(masks.values[place]),
        };
        places.into_iter().map(cell).collect()
    }
}

/// What a prediction leaves open, where the manifest says so of one network and it is known what was measured.
fn set(
    manifest: &Manifest,
    target: usize,
    relevance: &Relevance,
    is_measured: impl Fn(usize) -> Option<bool>,
) -> Option<[bool; 2]> {
    let outcome = manifest.outcomes.get(target).filter(|_| relevance.is_probability)?;
    let calibration = outcome.calibration.as_ref().filter(|calibration| calibration.networks == 1)?;
    let sets = calibration.sets.as_ref()?;
    let of_name = |name: &str| is_measured(manifest.channels.iter().position(|channel| channel.name == name)?);
    let is_known = sets.groups.first()?.measured.keys().all(|name| of_name(name).is_some());
    let group = sets.group(|name| of_name(name).unwrap_or_default()).filter(|_| is_known)?;
    Some(group.open(relevance.probability))
}

/// Whether a channel was ever measured: as the record says, else as its mask does.
fn is_measured(manifest: &Manifest, row: usize, stay: Option<&Stay>, input: &[f32]) -> Option<bool> {
    if let Some(stay) = stay {
        let cells = &stay.cells[row * manifest.steps..][..manifest.steps];
        return Some(cells.iter().any(|cell| cell.origin == Origin::Observed));
    }
    let mask = manifest.channels[row].mask?;
    Some(input.chunks_exact(manifest.columns).any(|step| step[mask] >= 0.5))
}

/// The work on each item, in their order.
fn in_order<T: Sync, R: Send>(items: &[T], n_threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, share).ok();
        // Where no further thread is to be had, those that are there do it all.
        let others: Vec<_> = (1..n_threads.min(items.len())).filter_map(start).collect();
        let mut done = share();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What the engine says of a stay, also where tract panics over it.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> std::result::Result<T, String> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.map_or_else(
        |_| Err("the engine stopped over it; please report this stay".to_owned()),
        |it| it.map_err(|error| error.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use super::{guarded, in_order};
    use crate::{Error, Kind};

    #[test]
    fn what_is_done_on_threads_keeps_its_order() {
        let items: Vec<usize> = (0..100).collect();
        for n_threads in [0, 1, 3, 200] {
            let tripled = in_order(&items, n_threads, |item| item * 3);
            assert_eq!(tripled, items.iter().map(|item| item * 3).collect::<Vec<_>>());
        }
        assert_eq!(in_order(&[] as &[usize], 4, |item| *item), [] as [usize; 0]);
    }

    #[test]
    fn a_panic_is_told_of_its_stay_alone() {
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert_eq!(guarded(|| Err::<(), _>(Error::new(Kind::Record, "no"))), Err("record: no".to_owned()));
        assert!(guarded(|| -> crate::Result<()> { panic!("tract") }).unwrap_err().contains("stopped"));
    }
}
