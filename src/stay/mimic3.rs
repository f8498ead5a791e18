//! Episodes of the MIMIC-III benchmark: CSV with `Hours` and one column a variable.
//!
//! The variables' names, categories and ranges come from the manifest.

mod header;

use super::bins::{Bins, Place as Bin, Reading};
use super::category::{self, Match};
use super::manifest::{Channel, Encoding, Manifest};
use super::number::number;
use super::report::{ImportReport, NOTES_MAX, Note, Notes};
use super::table::{Row, Table};
use super::{format, shown};
use crate::{Error, Kind, Place, Result};
use header::Header;

/// Longest record that is read, in bytes.
const BYTES_MAX: usize = 16 << 20;

/// Most rows of data that are read. An episode of the benchmark has some hundred.
const ROWS_MAX: usize = 100_000;

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest) -> Result<(Bins<'a>, ImportReport)> {
    check_text(text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = Table::new(text);
    let mut episode = match table.next()? {
        Some(row) => Episode::new(manifest, Header::read(&row, manifest, text)?),
        None => return Err(wrong(format!("the record is empty; {}", format::advice(text)))),
    };
    while let Some(row) = table.next()? {
        episode.take(&row)?;
    }
    episode.finish()
}

/// Checks what can be seen without reading the table.
fn check_text(text: &str) -> Result<()> {
    if text.len() > BYTES_MAX {
        let message =
            format!("the record has {} bytes, and at most {BYTES_MAX} are read; keep one stay a file", text.len());
        return Err(wrong(message));
    }
    if text.contains('\0') {
        let message = "the text holds zero bytes, as UTF-16 text and binary files do; save the record as CSV in UTF-8";
        return Err(wrong(message));
    }
    Ok(())
}

/// What has been read of an episode so far.
struct Episode<'a> {
    manifest: &'a Manifest,
    header: Header,
    bins: Bins<'a>,
    n_rows: usize,
    n_rows_read: usize,
    last_hours: f64,
    skipped: Notes,
    notes: Notes,
    /// The first [`NOTES_MAX`] of them.
    implausible: Vec<Implausible>,
    n_more_implausible: usize,
    respelled: Vec<Respelled>,
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

impl<'a> Episode<'a> {
    fn new(manifest: &'a Manifest, mut header: Header) -> Self {
        let notes = std::mem::take(&mut header.notes);
        Self {
            manifest,
            header,
            bins: Bins::new(manifest),
            n_rows: 0,
            n_rows_read: 0,
            last_hours: f64::NEG_INFINITY,
            skipped: Notes::default(),
            notes,
            implausible: Vec::new(),
            n_more_implausible: 0,
            respelled: Vec::new(),
        }
    }

    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        self.n_rows += 1;
        self.check_row(row)?;
        if row.fields.iter().all(|field| field.trim().is_empty()) {
            self.skipped.push(row.line, "", || "no hour and no value".to_owned());
            return Ok(());
        }
        let hours = self.hours(row)?;
        match self.bins.place(hours) {
            Bin::Before => self.skipped.push(row.line, "", || format!("hour {hours} lies before the stay")),
            Bin::After => {
                let end = self.manifest.steps as f64 * self.manifest.step_hours;
                self.skipped
                    .push(row.line, "", || format!("hour {hours} lies after the {end} hours that the model sees"));
            }
            Bin::Step(step) => self.take_values(row, step, hours)?,
        }
        Ok(())
    }

    /// Checks the row's number and its length.
    fn check_row(&self, row: &Row<'_>) -> Result<()> {
        if self.n_rows > ROWS_MAX {
            let message = format!("more than {ROWS_MAX} rows, the most that are read; keep one stay a file");
            return Err(wrong(message).at(Place::Line(row.line)));
        }
        let (here, header) = (row.fields.len(), self.header.n_fields());
        if here != header {
            let plural = if here == 1 { "" } else { "s" };
            let message = format!(
                "{here} field{plural} where the header has {header}; correct the row (a decimal comma or a stray quote splits or joins fields)"
            );
            return Err(wrong(message).at(Place::Line(row.line)));
        }
        Ok(())
    }

    /// The row's time, not before the last row's.
    fn hours(&mut self, row: &Row<'_>) -> Result<f64> {
        let text = row.fields[self.header.hours].trim();
        let hours = number(text).map_err(|reason| wrong(format!("Hours: {reason}")).at(Place::Line(row.line)))?;
        if hours < self.last_hours {
            let message = format!("hour {hours} after hour {}; sort the rows by Hours", self.last_hours);
            return Err(wrong(message).at(Place::Line(row.line)));
        }
        self.last_hours = hours;
        Ok(hours)
    }

    fn take_values(&mut self, row: &Row<'_>, step: usize, hours: f64) -> Result<()> {
        let mut n_values = 0;
        for (field, text) in row.fields.iter().enumerate() {
            let text = text.trim();
            if let (Some(channel), false) = (self.header.channels[field], text.is_empty()) {
                self.take_value(channel, step, row.line, text)?;
                n_values += 1;
            }
        }
        if n_values == 0 {
            self.skipped.push(row.line, "", || "no value of a variable that the model knows".to_owned());
            return Ok(());
        }
        self.n_rows_read += 1;
        if hours < 0.0 {
            self.notes
                .push(row.line, "", || format!("hour {hours} lies before admission; counted into the first step"));
        }
        Ok(())
    }

    fn take_value(&mut self, index: usize, step: usize, line: u64, text: &str) -> Result<()> {
        let channel = &self.manifest.channels[index];
        let at_cell = |reason: String| wrong(format!("variable \"{}\": {reason}", channel.name)).at(Place::Line(line));
        let reading = match &channel.encoding {
            Encoding::Continuous { .. } => {
                let value = number(text).map_err(at_cell)?;
                if !channel.encoding.fits(value) {
                    return Err(at_cell(format!(
                        "{value} is too large for the model; correct the cell or leave it empty"
                    )));
                }
                Reading { value, category: None, line }
            }
            Encoding::OneHot { categories, ordinals, .. } => {
                let found = category::find(categories, text);
                let category = match found {
                    Match::Exact(category) | Match::Respelled(category) => category,
                    Match::Unknown => return Err(at_cell(unknown_category(text, categories))),
                };
                if found != Match::Exact(category) {
                    self.count_spelling(index, category, text, line);
                }
                Reading { value: ordinals[category], category: Some(category), line }
            }
        };
        if channel.plausible.is_some_and(|[low, high]| !(low..=high).contains(&reading.value)) {
            self.take_implausible(Implausible { channel: index, step, reading });
        }
        self.bins.put(index, step, reading);
        Ok(())
    }

    fn take_implausible(&mut self, value: Implausible) {
        if self.implausible.len() < NOTES_MAX {
            self.implausible.push(value);
        } else {
            self.n_more_implausible += 1;
        }
    }

    fn count_spelling(&mut self, channel: usize, category: usize, text: &str, first_line: u64) {
        let same = |known: &&mut Respelled| known.channel == channel && known.text == text;
        match self.respelled.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.respelled.push(Respelled { channel, category, text: text.to_owned(), first_line, count: 1 }),
        }
    }

    fn finish(mut self) -> Result<(Bins<'a>, ImportReport)> {
        let observed = self.bins.observed();
        if self.n_rows == 0 {
            return Err(wrong("a header and no rows of data; open the file of a stay with measurements"));
        }
        if self.n_rows_read == 0 {
            let reason = self.skipped.into_list().first().map_or(String::new(), in_short);
            let message = format!("none of {} rows can be used{reason}; there is nothing to predict from", self.n_rows);
            return Err(wrong(message));
        }
        self.note_spellings();
        let report = ImportReport {
            format: "mimic3".to_owned(),
            rows: self.n_rows,
            rows_read: self.n_rows_read,
            implausible: self.implausible_notes(),
            rows_skipped: self.skipped.into_list(),
            observed,
            notes: self.notes.into_list(),
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
    fn implausible_notes(&self) -> Vec<Note> {
        let mut notes = Notes::with_others(self.n_more_implausible);
        for Implausible { channel: index, step, reading } in &self.implausible {
            let channel = &self.manifest.channels[*index];
            let is_used = self.bins.get(*index, *step).is_some_and(|last| last.line == reading.line);
            notes.push(reading.line, &channel.name, || implausible_message(channel, reading.value, is_used));
        }
        notes.into_list()
    }
}

fn implausible_message(channel: &Channel, value: f64, is_used: bool) -> String {
    let [low, high] = channel.plausible.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    let unit = if channel.unit.is_empty() { String::new() } else { format!(" {}", channel.unit) };
    let outcome = if is_used { "used unchanged" } else { "replaced by a later value in the same step" };
    format!("{value}{unit} is outside {low} to {high}; {outcome}")
}

fn in_short(note: &Note) -> String {
    format!(" (line {}: {})", note.line, note.message)
}

fn unknown_category(text: &str, categories: &[String]) -> String {
    let known: Vec<String> = categories.iter().map(|category| format!("\"{category}\"")).collect();
    format!("\"{}\" is none of its categories; write one of {}", shown(text), known.join(", "))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
