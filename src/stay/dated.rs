//! Measurements in any order, with dates or hours -> steps. Shared by the readers whose records hold one measurement
//! a row: it converts units, finds hour zero, sorts, and accounts for every row.

use super::bins::{Bins, Reading};
use super::category;
use super::codes::{Codes, Variable};
use super::gather::Gather;
use super::manifest::{Channel, Encoding, Manifest};
use super::number::number;
use super::report::{self, ImportReport, Notes, Reasons, Remark, Source};
use super::sampling::Sampling;
use super::shown;
use crate::Result;
use crate::engine::order::sort_by;
use std::collections::{BTreeMap, HashSet};

const SECONDS_PER_HOUR: f64 = 3600.0;

/// What a record gives for one variable at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DatedValue<'t> {
    /// A number with its unit, empty for none.
    Number(f64, &'t str),
    /// A score of a scale, or a category's number.
    Score(f64),
    /// A category in words, or a number as text in the channel's own unit.
    Text(&'t str),
}

/// Where a measurement stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourcePlace {
    /// The record's row, as [`Dated::start_row`] numbered it.
    pub(super) row: usize,
    /// Its line, from 1.
    pub(super) line: u64,
    /// Hours, or seconds since 1970.
    pub(super) time: f64,
    /// Of two values of one channel in one minute, the one of the higher rank is used; of one rank, the one that was entered
    /// later; of those the later one.
    pub(super) rank: usize,
    /// When it was entered, where the record says so; else less than any time.
    pub(super) stored: f64,
}

/// When a value was entered, where the record does not say it.
pub(super) const NOT_STORED: f64 = f64::NEG_INFINITY;

/// Measurements read so far.
pub(super) struct Dated<'a, 'c> {
    pub(super) codes: &'c Codes,
    pub(super) gather: Gather<'a>,
    entries: Vec<(SourcePlace, usize, Reading)>,
    /// What was wrong with a row or with one value of it.
    issues: Vec<Issue>,
    /// What is to be said of rows without being wrong with them.
    remarks: Reasons,
    /// How often a channel's values were changed, by what was done.
    changes: BTreeMap<(usize, String), (u64, usize)>,
    /// Values that another unit would make usual ones, by that unit: the first one's line and what is to be said.
    doubts: BTreeMap<(usize, String), (u64, usize, String)>,
    /// How often a channel's values were of each specimen and site, with the first line.
    samplings: BTreeMap<usize, BTreeMap<String, (u64, usize)>>,
    /// How often a code or name was met that is no variable, with its first line.
    unknown: BTreeMap<String, (u64, usize, String)>,
}

struct Issue {
    row: usize,
    line: u64,
    /// The channel, or whatever else it is about.
    about: String,
    /// Issues of one key are told once.
    key: String,
    message: String,
}

impl<'a, 'c> Dated<'a, 'c> {
    pub(super) fn new(manifest: &'a Manifest, codes: &'c Codes) -> Self {
        Self {
            codes,
            gather: Gather::new(manifest),
            entries: Vec::new(),
            issues: Vec::new(),
            remarks: Reasons::default(),
            changes: BTreeMap::new(),
            doubts: BTreeMap::new(),
            samplings: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// Counts a row, and gives its number.
    pub(super) fn start_row(&mut self) -> usize {
        self.gather.n_rows += 1;
        self.gather.n_rows
    }

    /// The model's channel of a name, if it has one.
    pub(super) fn channel(&self, name: &str) -> Option<usize> {
        self.gather.manifest.channels.iter().position(|channel| channel.name == name)
    }

    /// A value beside which no unit stands, where it is plausible: in the channel's own unit where `is_own`, else in any that the
    /// table of codes knows for it. What is possible in none is no measurement, and is not used.
    pub(super) fn possible(
        &self,
        channel: usize,
        variable: &Variable,
        value: f64,
        is_own: bool,
    ) -> Result<f64, String> {
        let Channel { plausible, unit, .. } = &self.gather.manifest.channels[channel];
        let Some([low, high]) = *plausible else { return Ok(value) };
        let is_within = |value: f64| (low..=high).contains(&value);
        // A fraction and a percentage are told apart by the value, in whatever record.
        let has_others = !is_own || variable.percent_may_be_fraction;
        if is_within(value) || (has_others && !variable.units_that_fit(value, [low, high]).is_empty()) {
            return Ok(value);
        }
        let others = if !is_own && variable.has_other_units() { ", and possible in no other unit of it" } else { "" };
        let range = format!("{low} to {high} {unit}");
        Err(format!("{value}, beside which no unit stands, is outside {}{others}", range.trim_end()))
    }

    /// Takes a measurement; else why it cannot be used.
    pub(super) fn take(
        &mut self,
        place: SourcePlace,
        channel: usize,
        variable: Option<&Variable>,
        value: DatedValue<'_>,
    ) -> Result<(), String> {
        let reading = match variable {
            Some(variable) => self.reading(place.line, channel, variable, value)?,
            None => self.plain_reading(place.line, channel, value)?,
        };
        self.entries.push((place, channel, reading));
        Ok(())
    }

    /// Notes why a row, or its value of a channel, cannot be used.
    pub(super) fn refuse(&mut self, row: usize, line: u64, channel: &str, message: String) {
        let key = format!("{channel}: {}", report::cause(&message));
        self.issues.push(Issue { row, line, about: channel.to_owned(), key, message });
    }

    /// Notes why a row of this name cannot be used. Rows for which the same is to be said are told of once.
    pub(super) fn refuse_named(&mut self, row: usize, line: u64, name: &str, message: String) {
        self.issues.push(Issue { row, line, about: name.to_owned(), key: message.clone(), message });
    }

    /// Notes something about a row of this name that is no problem. Rows for which the same is to be said are told of once.
    pub(super) fn remark(&mut self, line: u64, name: &str, message: &str) {
        self.remarks.push(line, name, message, || message.to_owned());
    }

    /// The number that a value means for a channel, in its unit, or a category's ordinal; `None` where it means none.
    pub(super) fn meant(&self, channel: usize, variable: &Variable, value: DatedValue<'_>) -> Option<f64> {
        let categories = match &self.gather.manifest.channels[channel].encoding {
            Encoding::OneHot { categories, ordinals, .. } => Some((categories, ordinals)),
            Encoding::Continuous { .. } => None,
        };
        let number = match value {
            DatedValue::Text(text) => match categories {
                Some((categories, ordinals)) => {
                    return category::find(categories, variable.category_of_text(text)).index().map(|at| ordinals[at]);
                }
                None => number(text).ok()?,
            },
            DatedValue::Score(score) => score,
            DatedValue::Number(number, unit) => variable.convert(self.codes, number, unit).ok()?.value,
        };
        let Some((categories, ordinals)) = categories else { return Some(number) };
        category::find(categories, &variable.category_of(number)).index().map(|at| ordinals[at])
    }

    /// Counts something done to a channel's values, for the report.
    pub(super) fn count_change(&mut self, line: u64, channel: usize, what: String) {
        let (_, count) = self.changes.entry((channel, what)).or_insert((line, 0));
        *count += 1;
    }

    /// Counts in what and where a channel's value was measured.
    pub(super) fn count_sampling(&mut self, line: u64, channel: usize, sampling: &Sampling) {
        if sampling.is_doubtful(self.codes) {
            let specimen = shown(&sampling.specimen);
            self.remark(line, "specimen", &format!("\"{specimen}\" is not known; rows with it are read"));
        }
        let label = sampling.label();
        self.samplings.entry(channel).or_default().entry(label).or_insert((line, 0)).1 += 1;
    }

    /// Counts a code or name that is no variable of the model, with the reason.
    pub(super) fn count_unknown(&mut self, line: u64, name: &str, reason: &str) {
        let (_, count, _) = self.unknown.entry(name.to_owned()).or_insert_with(|| (line, 0, reason.to_owned()));
        *count += 1;
    }

    /// Names met that are no variable, the most frequent first.
    pub(super) fn unknown_names(&self) -> Vec<&str> {
        let mut names: Vec<(&str, usize)> =
            self.unknown.iter().map(|(name, (_, count, _))| (&**name, *count)).collect();
        sort_by(&mut names, |(_, a), (_, b)| b.cmp(a));
        names.into_iter().map(|(name, _)| name).collect()
    }

    /// The times of all measurements that can be used, in their order.
    pub(super) fn times(&self) -> Vec<f64> {
        let mut times: Vec<f64> = self.entries.iter().map(|(place, ..)| place.time).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    fn reading(
        &mut self,
        line: u64,
        channel: usize,
        variable: &Variable,
        value: DatedValue<'_>,
    ) -> Result<Reading, String> {
        let is_continuous = matches!(self.gather.manifest.channels[channel].encoding, Encoding::Continuous { .. });
        let value = match value {
            DatedValue::Text(text) if is_continuous => DatedValue::Number(number(text)?, &variable.unit),
            other => other,
        };
        let number = match value {
            DatedValue::Text(text) => return self.gather.text(channel, line, variable.category_of_text(text)),
            DatedValue::Score(score) => score,
            DatedValue::Number(number, unit) => {
                let converted = variable.convert(self.codes, number, unit)?;
                match (converted.note, variable.doubt(converted.value)) {
                    (Some(note), _) => self.count_change(line, channel, note),
                    (None, Some((unit, doubt))) => {
                        self.doubts.entry((channel, unit.to_owned())).or_insert((line, 0, doubt)).1 += 1;
                    }
                    (None, None) => {}
                }
                converted.value
            }
        };
        if is_continuous {
            self.gather.number(channel, line, number)
        } else {
            self.gather.text(channel, line, &variable.category_of(number))
        }
    }

    /// The reading of a channel that the table of codes knows nothing about: its unit must be the channel's.
    fn plain_reading(&mut self, line: u64, channel: usize, value: DatedValue<'_>) -> Result<Reading, String> {
        let wanted = &self.gather.manifest.channels[channel].unit;
        match value {
            DatedValue::Number(_, unit) if !unit.is_empty() && unit != wanted => {
                Err(format!("unit \"{}\", and the model wants \"{wanted}\"", shown(unit)))
            }
            DatedValue::Number(number, _) | DatedValue::Score(number) => {
                self.gather.text(channel, line, &number.to_string())
            }
            DatedValue::Text(text) => self.gather.text(channel, line, text),
        }
    }

    /// Sorts everything into steps, `zero` being hour zero, in hours or, where `is_seconds`, in seconds.
    pub(super) fn finish(
        mut self,
        format: &str,
        zero: f64,
        is_seconds: bool,
        source: Source,
    ) -> Result<(Bins<'a>, ImportReport, HashSet<usize>)> {
        let scale = if is_seconds { SECONDS_PER_HOUR } else { 1.0 };
        // Rounded first: the product of a whole minute can lie a hair below it.
        let minute = |place: &SourcePlace| ((place.time / scale * 60.0 * 1e6).round() / 1e6).floor();
        self.entries.sort_by(|(a, ..), (b, ..)| {
            let by_rank = minute(a).total_cmp(&minute(b)).then(a.rank.cmp(&b.rank));
            by_rank.then(a.stored.total_cmp(&b.stored)).then(a.time.total_cmp(&b.time))
        });
        let (mut used, mut outside) = (HashSet::new(), HashSet::new());
        let mut before = Before::default();
        for (place, channel, reading) in std::mem::take(&mut self.entries) {
            if outside.contains(&place.row) {
                continue;
            }
            match self.gather.place(place.line, (place.time - zero) / scale) {
                Some(slot) => {
                    self.gather.put(channel, slot, reading);
                    before.see(used.insert(place.row), place.line, slot.hours);
                }
                None => {
                    outside.insert(place.row);
                }
            }
        }
        self.gather.n_rows_read = used.len();
        before.note(&mut self.gather.notes);
        self.count_unused(&used, &outside);
        self.note_all(&used, &outside);
        let (bins, report) = self.gather.finish(format, &self.codes.relations, source)?;
        Ok((bins, report, used))
    }

    /// Rows that give no value and are no problem are of variables that the model does not take.
    fn count_unused(&mut self, used: &HashSet<usize>, outside: &HashSet<usize>) {
        let refused = self.issues.iter().map(|issue| issue.row).filter(|row| !used.contains(row));
        let problems: HashSet<usize> = refused.chain(outside.iter().copied()).collect();
        self.gather.n_rows_unused = self.gather.n_rows - used.len() - problems.len();
    }

    fn note_all(&mut self, used: &HashSet<usize>, outside: &HashSet<usize>) {
        if outside.len() > used.len() {
            let (n_outside, n_rows, hours) = (outside.len(), outside.len() + used.len(), self.gather.hours());
            let message = || format!("{n_outside} of {n_rows} rows lie outside the {hours} hours that the model sees");
            self.gather.notes.push_first(message);
        }
        // What was wrong with one value of a row that is used.
        let mut beside = Reasons::default();
        for Issue { row, line, about, key, message } in std::mem::take(&mut self.issues) {
            let list = if used.contains(&row) { &mut beside } else { &mut self.gather.skipped };
            list.push(line, &about, &key, || message);
        }
        let remarks = std::mem::take(&mut self.remarks).into_list();
        for Remark { line, channel, message } in beside.into_list().into_iter().chain(remarks) {
            self.gather.notes.push(line, &channel, || message);
        }
        for ((channel, what), (line, count)) in std::mem::take(&mut self.changes) {
            let name = &self.gather.manifest.channels[channel].name;
            self.gather.notes.push(line, name, || format!("{}: {what}", values(count)));
        }
        for (channel, kinds) in std::mem::take(&mut self.samplings).into_iter().filter(|(_, kinds)| kinds.len() > 1) {
            let name = &self.gather.manifest.channels[channel].name;
            let line = kinds.values().map(|(line, _)| *line).min().unwrap_or(0);
            self.gather.notes.push(line, name, || several_samplings(&kinds));
        }
        for ((channel, _), (line, count, doubt)) in std::mem::take(&mut self.doubts) {
            let name = &self.gather.manifest.channels[channel].name;
            self.gather.notes.push(line, name, || format!("{}: {doubt}", values(count)));
        }
        for (name, (line, count, reason)) in std::mem::take(&mut self.unknown) {
            self.gather.unused.push(line, &name, || format!("{reason}; {} not used", values(count)));
        }
        self.gather.note_absent(0);
    }
}

/// Most specimens and sites listed in a note.
const SAMPLINGS_MAX: usize = 6;

fn several_samplings(kinds: &BTreeMap<String, (u64, usize)>) -> String {
    let said = |kind: &str| if kind.is_empty() { "not said".to_owned() } else { kind.to_owned() };
    let mut listed: Vec<String> =
        kinds.iter().take(SAMPLINGS_MAX).map(|(kind, (_, count))| format!("{} ({count})", said(kind))).collect();
    if kinds.len() > SAMPLINGS_MAX {
        listed.push("...".to_owned());
    }
    format!("its values are of several kinds: {}", listed.join(", "))
}

/// Rows within an hour, or a step, before hour zero, which count into the first step.
#[derive(Default)]
struct Before {
    count: usize,
    first_line: u64,
}

impl Before {
    fn see(&mut self, is_new: bool, line: u64, hours: f64) {
        if is_new && hours < 0.0 {
            self.first_line = if self.count == 0 { line } else { self.first_line };
            self.count += 1;
        }
    }

    fn note(self, notes: &mut Notes) {
        let rows = if self.count == 1 { "1 row lies".to_owned() } else { format!("{} rows lie", self.count) };
        if self.count > 0 {
            notes.push(self.first_line, "", || format!("{rows} just before hour zero; counted into the first step"));
        }
    }
}

fn values(count: usize) -> String {
    if count == 1 { "1 value".to_owned() } else { format!("{count} values") }
}
