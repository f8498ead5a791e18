//! Episodes of the MIMIC-III benchmark: CSV with `Hours` and one column a variable.
//!
//! The variables' names, categories and ranges come from the manifest.

mod header;

use super::bins::{Bins, Reading};
use super::codes::{Codes, Converted, Variable};
use super::gather::{Gather, Slot};
use super::manifest::Manifest;
use super::number::{is_missing, number};
use super::report::{self, ImportReport, Reasons, Remark, Source};
use super::table::{Row, TableReader};
use super::{file, format, unit_question};
use crate::{Error, Kind, Place, Result};
use header::Header;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Longest record that is read, in bytes.
const BYTES_MAX: usize = 16 << 20;

/// Most rows of data that are read. An episode of the benchmark has some hundred.
pub(super) const ROWS_MAX: usize = 100_000;

/// Reads a record into steps.
///
/// `is_said`: whether the caller says that it is an episode of the benchmark, whose units are known. Else a table that only
/// looks like one is asked for the unit of a channel of which no value can be in the benchmark's.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest, is_said: bool) -> Result<(Bins<'a>, ImportReport)> {
    check_text(text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = TableReader::new(text);
    let mut episode = match table.next()? {
        Some(row) => Episode::new(manifest, Header::read(&row, manifest, text)?, Codes::of(manifest)?),
        None => return Err(wrong(format!("the record is empty; {}", format::advice(text)))),
    };
    while let Some(row) = table.next()? {
        episode.take(&row)?;
    }
    if !is_said {
        episode.check_units()?;
    }
    episode.finish()
}

/// Checks what can be seen without reading the table.
pub(super) fn check_text(text: &str) -> Result<()> {
    if text.len() > BYTES_MAX {
        let message =
            format!("the record has {} bytes, and at most {BYTES_MAX} are read; keep one stay a file", text.len());
        return Err(wrong(message));
    }
    if let Some(message) = file::why_no_text(text) {
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
    header: Header,
    gather: Gather<'a>,
    last_hours: f64,
    codes: Cow<'a, Codes>,
    /// What was done to fractions that are also charted as percentages, by channel: the first line and how often.
    changes: BTreeMap<(usize, String), (u64, usize)>,
    /// Cells that cannot be read, of rows that are read.
    cells: Reasons,
    /// By channel, values that can be in another unit only; `None` where one can be in the channel's.
    foreign: BTreeMap<usize, Option<Vec<(u64, f64)>>>,
}

impl<'a> Episode<'a> {
    fn new(manifest: &'a Manifest, mut header: Header, codes: Cow<'a, Codes>) -> Self {
        let mut gather = Gather::new(manifest);
        gather.notes = std::mem::take(&mut header.notes);
        gather.unused = std::mem::take(&mut header.unused);
        Self {
            header,
            gather,
            last_hours: f64::NEG_INFINITY,
            codes,
            changes: BTreeMap::new(),
            cells: Reasons::default(),
            foreign: BTreeMap::new(),
        }
    }

    /// Takes a row. One that has no hour or another length than the header is skipped.
    ///
    /// # Errors
    /// Where there are too many rows, or where another stay seems to begin.
    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        self.gather.n_rows += 1;
        if self.gather.n_rows > ROWS_MAX {
            let message = format!("more than {ROWS_MAX} rows, the most that are read; keep one stay a file");
            return Err(wrong(message).at(Place::Line(row.line)));
        }
        if self.gather.n_rows > 1 && self.header.is_again(row) {
            return Err(again(row.line));
        }
        match self.hours(row) {
            Ok(hours) => {
                self.check_order(row.line, hours)?;
                if let Some(slot) = self.gather.place(row.line, hours) {
                    self.take_values(row, slot);
                }
            }
            Err(reason) => self.gather.skipped.push(row.line, "", &report::cause(&reason), || reason.clone()),
        }
        Ok(())
    }

    /// The row's time, else why the row cannot be read.
    fn hours(&self, row: &Row<'_>) -> Result<f64, String> {
        let (here, header) = (row.fields.len(), self.header.n_fields());
        if here != header {
            return Err(wrong_length(here, header));
        }
        if row.fields.iter().all(|field| field.trim().is_empty()) {
            return Err("no hour and no value".to_owned());
        }
        number(row.fields[self.header.hours].trim()).map_err(|reason| format!("Hours: {reason}"))
    }

    /// The format names no patient, so that hours that go back are the one sign of a second stay in a file.
    fn check_order(&mut self, line: u64, hours: f64) -> Result<()> {
        if hours < self.last_hours {
            let before = self.last_hours;
            let message = format!(
                "hour {hours} after hour {before}, as where another stay begins; keep one stay a file, or sort the rows by Hours"
            );
            return Err(wrong(message).at(Place::Line(line)));
        }
        self.last_hours = hours;
        Ok(())
    }

    /// Takes the cells of a row. One that cannot be read costs that cell; a row without any other is skipped.
    fn take_values(&mut self, row: &Row<'_>, slot: Slot) {
        let (mut n_values, mut issues) = (0, Vec::new());
        for (field, text) in row.fields.iter().enumerate() {
            let text = text.trim();
            let Some(channel) = self.header.channels[field].filter(|_| !is_missing(text)) else { continue };
            match self.reading(channel, row.line, text) {
                Ok(reading) => {
                    self.see_unit(channel, row.line, reading.value);
                    self.gather.put(channel, slot, reading);
                    n_values += 1;
                }
                Err(reason) => issues.push((channel, reason)),
            }
        }
        let is_read = n_values > 0;
        if !is_read && issues.is_empty() {
            let message = || "no value of a variable that the model knows".to_owned();
            self.gather.skipped.push(row.line, "", "nothing known", message);
        }
        for (channel, reason) in issues {
            let name = &self.gather.manifest.channels[channel].name;
            let list = if is_read { &mut self.cells } else { &mut self.gather.skipped };
            list.push(row.line, name, &format!("{name}: {}", report::cause(&reason)), || reason);
        }
        if is_read {
            self.count_read(row.line, slot.hours);
        }
    }

    fn count_read(&mut self, line: u64, hours: f64) {
        self.gather.n_rows_read += 1;
        if hours < 0.0 {
            self.gather
                .notes
                .push(line, "", || format!("hour {hours} lies before admission; counted into the first step"));
        }
    }

    /// The reading of a cell. A percentage becomes the fraction that it is; what can be neither stays as the file has it,
    /// as where networks were trained on the benchmark, and is reported.
    fn reading(&mut self, channel: usize, line: u64, text: &str) -> Result<Reading, String> {
        let variable = self.codes.of_channel(&self.gather.manifest.channels[channel].name);
        let Some(variable) = variable.filter(|variable| variable.percent_may_be_fraction) else {
            return self.gather.text(channel, line, text);
        };
        let value = number(text)?;
        let Ok(Converted { value, note: Some(said) }) = variable.convert(&self.codes, value, "") else {
            return self.gather.number(channel, line, value);
        };
        self.changes.entry((channel, said)).or_insert((line, 0)).1 += 1;
        self.gather.number(channel, line, value)
    }

    /// Whether a value can be in its channel's unit, or only in another.
    fn see_unit(&mut self, channel: usize, line: u64, value: f64) {
        let Some((variable, range)) = self.units_of(channel) else { return };
        let fitting = variable.units_that_fit(value, range);
        let (is_own, is_other) = (fitting.contains(&variable.unit.as_str()), !fitting.is_empty());
        let foreign = self.foreign.entry(channel).or_insert_with(|| Some(Vec::new()));
        match foreign {
            Some(_) if is_own => *foreign = None,
            Some(values) if is_other => values.push((line, value)),
            _ => {}
        }
    }

    /// What a channel is in the table of codes, and its plausible range, where its values may be in more than one unit.
    fn units_of(&self, channel: usize) -> Option<(&Variable, [f64; 2])> {
        let channel = &self.gather.manifest.channels[channel];
        let variable = self.codes.of_channel(&channel.name).filter(|variable| variable.has_other_units())?;
        Some((variable, channel.plausible?))
    }

    /// # Errors
    /// [`Kind::Record`] with a question for the first channel of which no value can be in its unit, and one can in another.
    fn check_units(&self) -> Result<()> {
        for (&channel, values) in &self.foreign {
            let (Some(values), Some((variable, range))) = (values, self.units_of(channel)) else { continue };
            if !values.is_empty() {
                return Err(unit_question::ask(self.header.name_of(channel), values, variable, Some(range)));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Bins<'a>, ImportReport)> {
        for Remark { line, channel, message } in std::mem::take(&mut self.cells).into_list() {
            self.gather.notes.push(line, &channel, || format!("{message}; not used"));
        }
        for ((channel, said), (line, count)) in std::mem::take(&mut self.changes) {
            let name = &self.gather.manifest.channels[channel].name;
            let plural = if count == 1 { "" } else { "s" };
            self.gather.notes.push(line, name, || format!("{count} value{plural}: {said}"));
        }
        if self.gather.n_rows == 0 {
            return Err(wrong("a header and no rows of data; open the file of a stay with measurements"));
        }
        self.gather.finish("mimic3", &self.codes.relations, Source::default())
    }
}

/// A header below rows of a table that does not say whose they are: what follows may be somebody else's.
pub(super) fn again(line: u64) -> Error {
    let message = "the header stands here again, as where files of several stays are put together; keep one stay a file, or \
                   take this line out";
    wrong(message).at(Place::Line(line))
}

/// What is wrong with a row of another length than the header.
pub(super) fn wrong_length(here: usize, header: usize) -> String {
    let plural = if here == 1 { "" } else { "s" };
    format!(
        "{here} field{plural} where the header has {header}; correct the row (a decimal comma or a stray quote splits or joins fields)"
    )
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
