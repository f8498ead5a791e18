//! What every reader does with a value once it has it: categories, steps, plausibility, and the report on all that.

use super::bins::{Bins, Reading, TimePlace as Bin};
use super::category::{self, Match};
use super::contradiction::{self, Relations, step_said};
use super::manifest::{Channel, Encoding, Manifest};
use super::number::number;
use super::report::{ImportReport, NOTES_MAX, Notes, Reasons, Remark, Source};
use super::shown;
use crate::engine::number::real;
use crate::{Error, Kind, Result};
use std::collections::BTreeMap;

/// What has been read of a record so far.
pub(super) struct Gather<'a> {
    pub(super) manifest: &'a Manifest,
    bins: Bins<'a>,
    pub(super) n_rows: usize,
    pub(super) n_rows_read: usize,
    /// Rows that are no problem and give no value.
    pub(super) n_rows_unused: usize,
    /// The latest time after the window, where there is one.
    latest: Option<f64>,
    pub(super) skipped: Reasons,
    pub(super) notes: Notes,
    /// Variables that the model does not take.
    pub(super) unused: Notes,
    /// When each step's reading was taken, in hours, `[n_channels * n_steps]`.
    times: Vec<f64>,
    replaced: BTreeMap<(usize, usize), Replaced>,
    /// The first [`NOTES_MAX`] of them.
    implausible: Vec<Implausible>,
    n_more_implausible: usize,
    respelled: Vec<Respelled>,
}

/// Where a reading falls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slot {
    /// Which step.
    pub(super) step: usize,
    /// The hour itself.
    pub(super) hours: f64,
}

/// Most values listed that gave way to another one in one step.
const REPLACED_MAX: usize = 4;

/// Values of a channel that gave way to another one in their step.
#[derive(Default)]
struct Replaced {
    /// The first of them, at most [`REPLACED_MAX`].
    readings: Vec<Reading>,
    count: usize,
}

/// A value outside its channel's range, where it was put.
struct Implausible {
    channel: usize,
    step: usize,
    reading: Reading,
}

/// A spelling that stands for a category, and how often it was read.
struct Respelled {
    channel: usize,
    category: usize,
    text: String,
    first_line: u64,
    count: usize,
}

impl<'a> Gather<'a> {
    pub(super) fn new(manifest: &'a Manifest) -> Self {
        Self {
            manifest,
            bins: Bins::new(manifest),
            n_rows: 0,
            n_rows_read: 0,
            n_rows_unused: 0,
            latest: None,
            skipped: Reasons::default(),
            notes: Notes::default(),
            unused: Notes::default(),
            times: vec![f64::NAN; manifest.channels.len() * manifest.steps],
            replaced: BTreeMap::new(),
            implausible: Vec::new(),
            n_more_implausible: 0,
            respelled: Vec::new(),
        }
    }

    /// Where a time in hours falls. A row outside the window is noted as skipped.
    pub(super) fn place(&mut self, line: u64, hours: f64) -> Option<Slot> {
        match self.bins.place(hours) {
            Bin::Step(step) => return Some(Slot { step, hours }),
            Bin::Before => self.skipped.push(line, "", "before", || format!("hour {hours} lies before the stay")),
            Bin::After => {
                self.latest = Some(self.latest.map_or(hours, |latest| latest.max(hours)));
                let end = self.hours();
                let message = || format!("hour {hours} lies after the {end} hours that the model sees");
                self.skipped.push(line, "", "after", message);
            }
        }
        None
    }

    /// How many hours the model sees.
    pub(super) fn hours(&self) -> f64 {
        real(self.manifest.steps) * self.manifest.step_hours
    }

    /// The reading that a record's text means; else why it means none, and what to do.
    pub(super) fn text(&mut self, index: usize, line: u64, text: &str) -> Result<Reading, String> {
        match &self.manifest.channels[index].encoding {
            Encoding::Continuous { .. } => self.number(index, line, number(text)?),
            Encoding::OneHot { categories, ordinals, .. } => {
                let found = category::find(categories, text);
                let category = match found {
                    Match::Exact(category) | Match::Respelled(category) => category,
                    Match::Unknown => return Err(unknown_category(text, categories)),
                };
                if found != Match::Exact(category) {
                    self.count_spelling(index, category, text, line);
                }
                Ok(Reading { value: ordinals[category], category: Some(category), line })
            }
        }
    }

    /// The reading of a number of a continuous channel, in the channel's unit.
    pub(super) fn number(&self, index: usize, line: u64, value: f64) -> Result<Reading, String> {
        if !self.manifest.channels[index].encoding.fits(value) {
            return Err(format!("{value} is too large for the model; correct the cell or leave it empty"));
        }
        Ok(Reading { value, category: None, line })
    }

    /// Records a reading; a later one takes the place of an earlier one in the same step.
    pub(super) fn put(&mut self, channel: usize, Slot { step, hours }: Slot, reading: Reading) {
        if let Some(earlier) = self.bins.get(channel, step).filter(|earlier| earlier.value != reading.value) {
            let replaced = self.replaced.entry((channel, step)).or_default();
            replaced.count += 1;
            if replaced.readings.len() < REPLACED_MAX {
                replaced.readings.push(earlier);
            }
        }
        self.times[channel * self.manifest.steps + step] = hours;
        let plausible = self.manifest.channels[channel].plausible;
        if plausible.is_some_and(|[low, high]| !(low..=high).contains(&reading.value)) {
            if self.implausible.len() < NOTES_MAX {
                self.implausible.push(Implausible { channel, step, reading });
            } else {
                self.n_more_implausible += 1;
            }
        }
        self.bins.put(channel, step, reading);
    }

    fn count_spelling(&mut self, channel: usize, category: usize, text: &str, first_line: u64) {
        let same = |known: &&mut Respelled| known.channel == channel && known.text == text;
        match self.respelled.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.respelled.push(Respelled { channel, category, text: text.to_owned(), first_line, count: 1 }),
        }
    }

    /// The steps and the report; an error where not one row could be used.
    pub(super) fn finish(
        mut self,
        format: &str,
        relations: &Relations,
        source: Source,
    ) -> Result<(Bins<'a>, ImportReport)> {
        if self.n_rows_read == 0 {
            let skipped = self.skipped.into_list();
            let reason = skipped.first().map_or(String::new(), in_short);
            let message = format!("none of {} rows can be used{reason}; there is nothing to predict from", self.n_rows);
            return Err(Error::new(Kind::Record, message));
        }
        self.note_spellings();
        let report = ImportReport {
            format: format.to_owned(),
            rows: self.n_rows,
            rows_read: self.n_rows_read,
            rows_unused: self.n_rows_unused,
            goes_on_to: self.latest,
            implausible: self.implausible_notes(),
            replaced: self.replaced_notes(),
            contradictions: contradiction::find(self.manifest, relations, &self.bins, &self.times),
            unused: self.unused.into_list(),
            rows_skipped: self.skipped.into_list(),
            observed: self.bins.observed(),
            notes: self.notes.into_list(),
            source,
        };
        Ok((self.bins, report))
    }

    fn note_spellings(&mut self) {
        for Respelled { channel, category, text, first_line, count } in &self.respelled {
            let Channel { name, encoding, .. } = &self.manifest.channels[*channel];
            let Encoding::OneHot { categories, .. } = encoding else { continue };
            let (seen, meant) = (shown(text), &categories[*category]);
            let times = if *count == 1 { String::new() } else { format!(", {count} times") };
            self.notes.push(*first_line, name, || format!("\"{seen}\" read as \"{meant}\"{times}"));
        }
    }

    /// Each implausible value, with what became of it: it may have given way to a later one in its step.
    fn implausible_notes(&self) -> Vec<Remark> {
        let mut notes = Notes::with_others(self.n_more_implausible);
        for Implausible { channel: index, step, reading } in &self.implausible {
            let channel = &self.manifest.channels[*index];
            let is_used = self.bins.get(*index, *step).as_ref() == Some(reading);
            notes.push(reading.line, &channel.name, || implausible_message(channel, reading.value, is_used));
        }
        notes.into_list()
    }

    /// Each step of a channel that has more than one value, with the one that counts.
    fn replaced_notes(&self) -> Vec<Remark> {
        let mut notes = Notes::default();
        for ((index, step), replaced) in &self.replaced {
            let Some(used) = self.bins.get(*index, *step) else { continue };
            let channel = &self.manifest.channels[*index];
            let step = step_said(self.manifest, *step);
            notes.push(used.line, &channel.name, || {
                format!("{step}: {} counts; {}", said(channel, &used), gave_way(channel, replaced))
            });
        }
        notes.into_list()
    }

    /// Notes each channel that the record said nothing of.
    pub(super) fn note_absent(&mut self, line: u64) {
        let observed = self.bins.observed();
        let all = self.manifest.channels.iter().zip(observed).filter(|(channel, _)| channel.gap.is_none());
        for (channel, _) in all.filter(|(_, n_steps)| *n_steps == 0) {
            self.notes
                .push(line, &channel.name, || "not in the record; its normal value stands in every step".to_owned());
        }
    }
}

fn implausible_message(channel: &Channel, value: f64, is_used: bool) -> String {
    let [low, high] = channel.plausible.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    let unit = if channel.unit.is_empty() { String::new() } else { format!(" {}", channel.unit) };
    let outcome = if is_used { "used unchanged" } else { "replaced by a later value in the same step" };
    format!("{value}{unit} is outside {low} to {high}; {outcome}")
}

/// A reading as people read it.
fn said(channel: &Channel, reading: &Reading) -> String {
    match (&channel.encoding, reading.category) {
        (Encoding::OneHot { categories, .. }, Some(category)) => format!("\"{}\"", categories[category]),
        _ => reading.value.to_string(),
    }
}

fn gave_way(channel: &Channel, Replaced { readings, count }: &Replaced) -> String {
    let listed = readings.iter().map(|reading| format!("{} (line {})", said(channel, reading), reading.line));
    let more = if readings.len() < *count { format!(" and {} more", count - readings.len()) } else { String::new() };
    format!("{}{more} gave way", listed.collect::<Vec<_>>().join(", "))
}

fn in_short(note: &Remark) -> String {
    let about = if note.channel.is_empty() { String::new() } else { format!("{}: ", note.channel) };
    format!(" (line {}: {about}{})", note.line, note.message)
}

fn unknown_category(text: &str, categories: &[String]) -> String {
    let known: Vec<String> = categories.iter().map(|category| format!("\"{category}\"")).collect();
    format!("\"{}\" is none of its categories; write one of {}", shown(text), known.join(", "))
}
