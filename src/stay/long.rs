//! Tables: one measurement a row, with its time, variable, value, and perhaps its unit; or one time a row, with a column for
//! each variable. As CSV, with commas, semicolons, tabs or bars, or as JSON objects with the same names.
//!
//! Which column is which, and which name is which variable, is known from the table of codes or from the caller's
//! mapping. A table is looked through for whose rows it holds and how its times and numbers are written, and then read.

mod again;
mod cell;
mod columns;
mod statistic;
mod survey;
mod versions;
mod what;
mod when;
pub(super) mod who;

pub use survey::{SurveyName, TableSurvey, survey};

use super::bins::Bins;
use super::clock::{self, Moment};
use super::codes::Codes;
use super::dated::{Dated, NOT_STORED, SourcePlace as Measured};
use super::manifest::Manifest;
use super::mimic3::{again, check_text, wrong_length};
use super::number::{Marks, is_missing};
use super::options::{Mapping, ReadOptions, TimeZero};
use super::report::{ImportReport, Reasons, Remark, Source};
use super::row::Row;
use super::sampling::Sampling;
use super::table::{self, Rows};
use super::{Format, format, shown, zero};
use crate::{Error, Kind, Place, Result};
use again::Restarts;
use columns::{Columns, Shape};
use statistic::{ChosenStatistic, StatisticColumn};
use std::collections::{BTreeMap, BTreeSet};
use versions::{RowFate, RowVersion, RowVersions};
use what::{LATER_STATUS, What};
use when::{ChosenTimes, Clock, Time};
use who::Who;
use zero::Start;

/// Most rows of data that are read.
const ROWS_MAX: usize = 1_000_000;

/// Most names listed in a message.
const NAMES_MAX: usize = 12;

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest, options: &ReadOptions) -> Result<(Bins<'a>, ImportReport)> {
    check_text(text)?;
    let codes = Codes::of(manifest)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let columns = header(text, manifest, &codes, options)?;
    let what = What::new(manifest, &codes, &options.mapping, false);
    columns.check_twice(|name| what.is_variable(name))?;
    let table = LongTable { text, columns, codes: &codes };
    let Looked { who, marks, n_rows, doubtful, restarts, unused, versions, statistic } = table.look()?;
    if n_rows == 0 {
        return Err(wrong("a header and no rows of data; open the file of a stay with measurements"));
    }
    let chosen = who.choose(options.patient.as_deref(), options.encounter.as_deref())?;
    if options.patient.is_none() && !who.tells_people_apart() {
        restarts.check()?;
    }
    let statistic = table.statistic(statistic.as_ref(), options)?;
    let (mut when, starts) = table.times(|index| who.is_chosen(&chosen, index) && versions.counts(index), marks)?;
    when.dates.see_zero(&options.time_zero);
    let (clock, notes) = when.decide(&table.columns, &options.mapping)?;
    let starts = table.starts(&clock, starts);
    let mut record = LongRecord {
        dated: Dated::new(manifest, &codes),
        what: What::new(manifest, &codes, &options.mapping, table.columns.has_own_units),
        columns: &table.columns,
        statistic: statistic.as_ref().map(|(chosen, _)| chosen),
        marks,
        clock,
    };
    table.each(|index, row| match versions.fate(index) {
        _ if !who.is_chosen(&chosen, index) => Ok(()),
        Some(fate) => {
            record.pass(row, fate);
            Ok(())
        }
        None => record.take(row),
    })?;
    record.note(&chosen.notes, notes);
    if let Some((_, said)) = &statistic {
        record.dated.gather.notes.push(0, "", || said.clone());
    }
    record.note_unused(&unused);
    record.note_unmet(&options.mapping);
    for Remark { line, channel, message } in doubtful.into_list() {
        record.dated.gather.notes.push(line, &channel, || message);
    }
    let source = Source { patient: chosen.patient, encounter: chosen.encounter, ..Source::default() };
    record.finish(&options.time_zero, &starts, source)
}

/// Whether a text is a table whose columns are known, and no episode of the benchmark, which has a reader of its own.
pub(super) fn is_table(text: &str, manifest: &Manifest, options: &ReadOptions) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let columns = Codes::of(manifest).and_then(|codes| {
        let columns = header(text, manifest, &codes, options)?;
        let what = What::new(manifest, &codes, &options.mapping, false);
        let is_benchmark = columns.is_benchmark(|name| what.is_variable(name), |name| what.is_channel(name));
        Ok(!(is_benchmark && table::delimiter(text) == b',' && options.mapping == Mapping::default()))
    });
    columns == Ok(true)
}

/// Whether a record is a table that has every column which a mapping names.
#[must_use]
pub fn fits(text: &str, manifest: &Manifest, mapping: &Mapping) -> bool {
    let options = ReadOptions { mapping: mapping.clone(), ..ReadOptions::default() };
    matches!(Format::detect(text), Format::Long | Format::Mimic3) && is_table(text, manifest, &options)
}

fn header(text: &str, manifest: &Manifest, codes: &Codes, options: &ReadOptions) -> Result<Columns> {
    let mut rows = Rows::of(text)?;
    let Some(row) = rows.next()? else {
        return Err(wrong(format!("the record is empty; {}", format::advice(text))));
    };
    let what = What::new(manifest, codes, &options.mapping, false);
    let mut columns = Columns::find(&row, codes, &options.mapping, text, |name| what.is_variable(name))?;
    if let Some(row) = rows.next()? {
        columns.take_units(&row, codes);
    }
    Ok(columns)
}

/// What a table holds before any row is read.
struct Looked {
    who: Who,
    marks: Marks,
    n_rows: usize,
    /// Cells of columns that withdraw rows, of which it is not known whether they do.
    doubtful: Reasons,
    restarts: Restarts,
    /// Columns that nothing is known of and that have several values.
    unused: Vec<String>,
    versions: RowVersions,
    statistic: Option<StatisticColumn>,
}

/// A column that nothing is known of: what its first cell says, and whether another says something else, or nothing.
#[derive(Default)]
struct UnknownColumn {
    first: Option<String>,
    has_several: bool,
}

impl UnknownColumn {
    fn see(&mut self, cell: &str) {
        let cell = if is_missing(cell) { "" } else { cell };
        match &self.first {
            Some(first) => self.has_several |= first != cell,
            None => self.first = Some(cell.to_owned()),
        }
    }
}

/// A text, and what its columns are.
struct LongTable<'t> {
    text: &'t str,
    columns: Columns,
    codes: &'t Codes,
}

impl LongTable<'_> {
    /// Calls for each row behind the header, with its number from 0.
    fn each(&self, mut take: impl FnMut(usize, &Row<'_>) -> Result<()>) -> Result<()> {
        let mut rows = Rows::of(self.text)?;
        rows.next()?;
        if self.columns.has_units_row {
            rows.next()?;
        }
        let mut index = 0;
        while let Some(row) = rows.next()? {
            if index == ROWS_MAX {
                let message = format!("more than {ROWS_MAX} rows, the most that are read; keep one stay a file");
                return Err(wrong(message).at(Place::Line(row.line)));
            }
            take(index, &row)?;
            index += 1;
        }
        Ok(())
    }

    /// Whose rows there are, what separates decimals, how many rows, and what is doubtful in them.
    fn look(&self) -> Result<Looked> {
        let mut doubtful = Reasons::default();
        let mut who = Who::new(&self.columns);
        let mut marks = Marks::of_delimiter(table::delimiter(self.text));
        let mut n_rows = 0;
        let mut restarts = Restarts::default();
        let mut versions = RowVersions::default();
        let mut statistics: Vec<StatisticColumn> =
            self.columns.unused.iter().map(|field| StatisticColumn::new(*field)).collect();
        let is_long = matches!(self.columns.shape, Shape::Long { .. });
        let n_unknown = if is_long { self.columns.unused.len() } else { 0 };
        let mut unknown: Vec<UnknownColumn> = (0..n_unknown).map(|_| UnknownColumn::default()).collect();
        self.each(|index, row| {
            n_rows += 1;
            let is_header = || row.is_header(self.columns.names.iter().map(String::as_str));
            if index > 0 && !who.tells_people_apart() && is_header() {
                return Err(again(row.line));
            }
            let mut see = |field: usize| marks.see(row.fields.get(field).unwrap_or("").trim());
            see(self.columns.time);
            match &self.columns.shape {
                Shape::Long { value, .. } => see(*value),
                Shape::Wide(fields) => fields.iter().for_each(|field| see(*field)),
            }
            let written = row.fields.get(self.columns.time).unwrap_or("").trim();
            let time = self.columns.time(row, marks).ok();
            if let Some(Time::Number(number)) = time {
                restarts.see(row.line, number, self.variable(row));
            }
            let time = time.map(|time| match time {
                Time::Number(number) => number,
                Time::Date(moment) => moment.seconds,
            });
            let owner = who.see(row, time, written);
            self.doubt(row, &mut doubtful);
            if let Some(version) = self.version(row, time, marks) {
                versions.see(index, (owner, self.variable(row)), version);
            }
            for (column, field) in unknown.iter_mut().zip(&self.columns.unused) {
                column.see(row.fields.get(*field).unwrap_or("").trim());
            }
            for column in &mut statistics {
                column.see(row, self.codes);
            }
            Ok(())
        })?;
        let statistic = statistics.into_iter().find(StatisticColumn::is_one);
        let is_statistic = |field: usize| statistic.as_ref().is_some_and(|column| column.field == field);
        let unused = self.columns.unused.iter().zip(unknown).filter(|(_, column)| column.has_several);
        let unused = unused.filter(|(field, _)| !is_statistic(**field));
        let unused = unused.map(|(field, _)| self.columns.names[*field].clone()).collect();
        Ok(Looked { who, marks, n_rows, doubtful, restarts, unused, versions, statistic })
    }

    /// Of which statistic the rows are that are read, where the table says it, and what is to be said of that.
    fn statistic(
        &self,
        column: Option<&StatisticColumn>,
        options: &ReadOptions,
    ) -> Result<Option<(ChosenStatistic, String)>> {
        let Some(column) = column else { return Ok(None) };
        let header = &self.columns.names[column.field];
        let chosen = ChosenStatistic::of(column, header, options.mapping.statistic.as_deref())?;
        let said = chosen.said(header);
        Ok(Some((chosen, said)))
    }

    /// The name of a row's variable; empty where each has a column of its own.
    fn variable<'r>(&self, row: &Row<'r>) -> &'r str {
        match self.columns.shape {
            Shape::Long { variable, .. } => row.fields.get(variable).unwrap_or("").trim(),
            Shape::Wide(_) => "",
        }
    }

    /// A word in a column that withdraws rows may withdraw this one, too.
    fn doubt(&self, row: &Row<'_>, doubtful: &mut Reasons) {
        for (field, cells) in &self.columns.withdrawn {
            let cell = row.fields.get(*field).unwrap_or("").trim();
            if !withdraws(cell, cells) && !stands(cell) {
                let name = shown(&self.columns.names[*field]);
                let message = || format!("\"{}\" is not known; rows with it are read", shown(cell));
                doubtful.push(row.line, &name, &format!("{name}: {cell}"), message);
            }
        }
    }

    /// What a row says of its version, where rows have numbers; a row that cannot be read says nothing.
    fn version<'r>(&self, row: &Row<'r>, time: Option<f64>, marks: Marks) -> Option<RowVersion<'r>> {
        let id = row.fields.get(self.columns.row_id?).map(str::trim).filter(|id| !is_missing(id))?;
        if row.wrong.is_some() || row.fields.len() != self.columns.names.len() {
            return None;
        }
        let is_withdrawn = self.why_not(row).is_some();
        let rank = if is_withdrawn { WITHDRAWN } else { status_rank(&self.columns, row) };
        Some(RowVersion {
            id,
            stored: stored(&self.columns, row, marks),
            rank,
            time,
            line: row.line,
            fields: row.fields,
        })
    }

    /// The times of the rows that are read, and the starts of the stay that they give.
    fn times(&self, is_read: impl Fn(usize) -> bool, marks: Marks) -> Result<(ChosenTimes, BTreeMap<String, Moment>)> {
        let mut when = ChosenTimes::default();
        let mut starts = BTreeMap::new();
        self.each(|index, row| {
            if !is_read(index) || self.why_not(row).is_some() {
                return Ok(());
            }
            let start = self.columns.start.map_or("", |field| row.fields[field].trim());
            if let Some(moment) = clock::parse(start).filter(|_| !starts.contains_key(start)) {
                when.see_start(row.line, moment, start);
                starts.insert(start.to_owned(), moment);
            }
            if let Some(field) = self.columns.time_unit_field {
                when.see_unit(row.fields[field].trim());
            }
            when.see_zone(self.columns.zone(row));
            match self.columns.time(row, marks) {
                Ok(time) => when.see(row.line, time, self.variable(row)),
                Err(_) => Ok(()),
            }
        })?;
        Ok((when, starts))
    }

    /// When the stay began, on the clock of its times. The midnight of a date is not when anybody came.
    fn starts(&self, clock: &Clock, starts: BTreeMap<String, Moment>) -> Vec<Start> {
        let of = self.columns.start.map_or("", |field| &self.columns.names[field]);
        let start = |(text, moment): (String, Moment)| {
            let seconds = clock.at(Time::Date(moment)).ok().filter(|_| !moment.is_day)?;
            Some(Start { of: format!("the stay ({of})"), text, seconds })
        };
        starts.into_iter().filter_map(start).collect()
    }

    fn why_not(&self, row: &Row<'_>) -> Option<String> {
        why_not(&self.columns, row)
    }
}

/// A cell of a row; empty where the row is too short.
fn cell<'r>(row: &Row<'r>, field: usize) -> &'r str {
    row.fields.get(field).unwrap_or("").trim()
}

/// A word of a status, however its parts are joined.
fn folded_word(cell: &str) -> String {
    cell.to_lowercase().replace(['_', ' '], "-")
}

/// Whether a cell of a column that withdraws rows is one that does; `*` stands for any that says something.
fn withdraws(cell: &str, cells: &[String]) -> bool {
    let cell = folded_word(cell);
    let has = |wanted: &str| cells.iter().any(|cell| folded_word(cell) == wanted);
    has(&cell) || cell.strip_suffix(".0").is_some_and(has) || (has("*") && !is_missing(&cell) && cell != "0")
}

/// Whether a cell of such a column says that the row holds: a status of results, what blood is called, or a mark of values
/// outside the normal range.
fn stands(cell: &str) -> bool {
    const STANDING: [&str; 45] = [
        "0",
        "1",
        "0.0",
        "1.0",
        "true",
        "false",
        "yes",
        "no",
        "y",
        "n",
        "t",
        "f",
        "final",
        "amended",
        "corrected",
        "preliminary",
        "verified",
        "validated",
        "valid",
        "ok",
        "complete",
        "completed",
        "resulted",
        "active",
        "normal",
        "none",
        "c",
        "p",
        "modified",
        "current",
        "blood",
        "whole blood",
        "serum",
        "plasma",
        "arterial",
        "venous",
        "capillary",
        "abnormal",
        "delta",
        "high",
        "low",
        "h",
        "l",
        "hh",
        "ll",
    ];
    is_missing(cell) || STANDING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// How much the status of a row makes of it: of two values of one minute a corrected one counts before a final one, and that
/// before a preliminary one.
fn status_rank(columns: &Columns, row: &Row<'_>) -> usize {
    let cells = columns.withdrawn.iter().map(|(field, _)| folded_word(row.fields[*field].trim()));
    let rank = cells.filter_map(|cell| match cell.as_str() {
        "corrected" | "amended" | "modified" | "c" => Some(2),
        PRELIMINARY | "p" => Some(0),
        _ => None,
    });
    rank.min().unwrap_or(1)
}

const PRELIMINARY: &str = "preliminary";

/// How much a row makes of it that is withdrawn: more than any other version of the same time.
const WITHDRAWN: usize = 3;

/// When a row was entered or last changed, or its number as a version; less than any where the table does not say it.
fn stored(columns: &Columns, row: &Row<'_>, marks: Marks) -> f64 {
    let text = columns.stored.and_then(|field| row.fields.get(field)).unwrap_or("").trim();
    match when::read(text, marks) {
        Ok(Time::Number(number)) => number,
        Ok(Time::Date(moment)) => moment.seconds,
        Err(_) => NOT_STORED,
    }
}

/// Why a row is not read at all: another length than the header, or withdrawn by one of its cells.
fn why_not(columns: &Columns, row: &Row<'_>) -> Option<String> {
    if let Some(reason) = row.wrong {
        return Some(reason.to_owned());
    }
    let (here, header) = (row.fields.len(), columns.names.len());
    if here != header {
        return Some(wrong_length(here, header));
    }
    columns.withdrawing(&columns.withdrawn, row)
}

struct LongRecord<'a, 'c, 'r> {
    dated: Dated<'a, 'c>,
    what: What<'a, 'c, 'r>,
    columns: &'r Columns,
    /// The statistic that is read, where rows are several.
    statistic: Option<&'r ChosenStatistic>,
    marks: Marks,
    clock: Clock,
}

impl<'a> LongRecord<'a, '_, '_> {
    /// Passes a row of which there is a newer version.
    fn pass(&mut self, row: &Row<'_>, fate: &RowFate) {
        let serial = self.dated.start_row();
        match fate {
            RowFate::Older => self.dated.remark(row.line, "", "an older version of its row; the newest one counts"),
            RowFate::Withdrawn => {
                let reason = "withdrawn: a later version of the row is".to_owned();
                self.dated.refuse(serial, row.line, "", reason);
            }
            RowFate::Contradicted { id, line } => {
                let reason = format!(
                    "it has the number of another row, and which of them is newer cannot be known ({} in line {line})",
                    shown(id)
                );
                self.dated.refuse(serial, row.line, "", reason);
            }
        }
    }

    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let line = row.line;
        let serial = self.dated.start_row();
        if let Some(reason) = why_not(self.columns, row) {
            self.dated.refuse(serial, line, "", reason);
            return Ok(());
        }
        if let Some(reason) = self.statistic.and_then(|statistic| statistic.why_not(row, self.dated.codes)) {
            self.dated.remark(line, "", &reason);
            return Ok(());
        }
        let time = self.columns.time(row, self.marks).and_then(|time| self.clock.at(time));
        let time = match time {
            Ok(time) => time,
            Err(reason) => {
                self.dated.refuse(serial, line, "", reason);
                return Ok(());
            }
        };
        let columns = self.columns;
        let status = status_rank(columns, row);
        if status == 0 {
            self.dated.remark(line, "", "status preliminary: the result may still change");
        }
        let stored = stored(columns, row, self.marks);
        let place = Measured { row: serial, line, time, rank: status * LATER_STATUS, stored };
        match &columns.shape {
            Shape::Long { variable, value } => {
                let units: Vec<&str> = columns.units.iter().map(|field| row.fields[*field].trim()).collect();
                let cell = |field: usize| row.fields[field].trim();
                let written = columns.text.map(cell).filter(|text| !is_missing(text));
                let (text, number) = match written {
                    Some(written) => (written, cell(*value)),
                    None => (cell(*value), columns.number.map_or("", cell)),
                };
                let comparator = columns.comparator.map_or("", |field| row.fields[field].trim());
                let sampling = &columns.sampling(*value, row);
                let cell = what::FieldValue { text, number, units: &units, comparator, sampling, is_alone: true };
                self.what.take(&mut self.dated, place, row.fields[*variable].trim(), cell, self.marks)
            }
            Shape::Wide(fields) => fields.iter().try_for_each(|field| {
                let (name, text) = (&columns.names[*field], row.fields[*field].trim());
                if let Some(reason) = columns.why_not_cell(*field, row).filter(|_| !is_missing(text)) {
                    self.dated.refuse(serial, line, &shown(name), reason);
                    return Ok(());
                }
                let (unit, comparator) = columns.beside(*field, row);
                let units: Vec<&str> = unit.into_iter().collect();
                let sampling = if is_missing(text) { &Sampling::default() } else { &columns.sampling(*field, row) };
                let cell = what::FieldValue { text, number: "", units: &units, comparator, sampling, is_alone: false };
                self.what.take(&mut self.dated, place, name, cell, self.marks)
            }),
        }
    }

    fn note(&mut self, of_rows: &[String], of_times: Vec<(u64, String)>) {
        for message in of_rows {
            self.dated.gather.notes.push(0, "", || message.clone());
        }
        for (line, message) in of_times {
            self.dated.gather.notes.push(line, "", || message);
        }
    }

    fn note_unused(&mut self, columns: &[String]) {
        if !columns.is_empty() {
            let listed = names(columns.iter().map(String::as_str));
            self.dated.gather.notes.push(0, "", || format!("columns that are not used: {listed}"));
        }
    }

    /// What the mapping says of names and columns that are not there may be misspelt.
    fn note_unmet(&mut self, mapping: &Mapping) {
        let is_column = |name: &str| self.columns.names.iter().any(|column| column == name);
        let ignored = mapping.ignored.iter().filter(|name| !is_column(name));
        let statistic = mapping.statistic.iter().filter(|_| self.statistic.is_none());
        let unmet: BTreeSet<&String> = self.what.unmet().chain(ignored).chain(statistic).collect();
        if !unmet.is_empty() {
            let listed = names(unmet.into_iter().map(String::as_str));
            self.dated
                .gather
                .notes
                .push(0, "", || format!("the mapping names what the record does not have: {listed}"));
        }
    }

    fn finish(
        mut self,
        time_zero: &TimeZero,
        starts: &[Start],
        mut source: Source,
    ) -> Result<(Bins<'a>, ImportReport)> {
        self.what.settle(&mut self.dated)?;
        let times = self.dated.times();
        let is_dates = self.clock.is_dates;
        let format = if matches!(self.columns.shape, Shape::Long { .. }) { "long" } else { "wide" };
        if times.is_empty() {
            return Err(self.nothing(format));
        }
        let (zero, said) = match time_zero {
            _ if is_dates => zero::hour_zero(time_zero, self.clock.dates, starts, &times, self.dated.gather.hours())?,
            TimeZero::Auto | TimeZero::FirstObservation => (0.0, String::new()),
            _ => {
                let message = "the record's times are hours already; leave the option out";
                return Err(Error::new(Kind::Argument, message).at(Place::Field("timeZero".to_owned())));
            }
        };
        source.time_zero = said;
        let (bins, report, _) = self.dated.finish(format, zero, is_dates, source)?;
        Ok((bins, report))
    }

    /// Why there is no measurement at all.
    fn nothing(self, format: &str) -> Error {
        let unknown = names(self.dated.unknown_names().into_iter());
        if !unknown.is_empty() {
            return wrong(format!(
                "no variable of the model among {unknown}; say with mapping.variables which is which"
            ));
        }
        let n_rows = self.dated.gather.n_rows;
        let refused = self.dated.finish(format, 0.0, false, Source::default()).err();
        refused.unwrap_or_else(|| wrong(format!("none of {n_rows} rows can be used")))
    }
}

/// A few names, quoted.
fn names<'n>(all: impl Iterator<Item = &'n str>) -> String {
    let mut listed: Vec<String> = all.take(NAMES_MAX + 1).map(|name| format!("\"{}\"", shown(name))).collect();
    if listed.len() > NAMES_MAX {
        listed[NAMES_MAX] = "...".to_owned();
    }
    listed.join(", ")
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
