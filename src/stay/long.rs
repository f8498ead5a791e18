//! Long tables: one measurement a row, its time, variable, value, and perhaps its unit and patient; as CSV, or as JSON
//! objects with the same names.
//!
//! Which column is which, and which name is which variable, is known from the table of codes or from the caller's
//! mapping. Times are decimal hours, or dates with times.

use super::bins::Bins;
use super::clock;
use super::codes::{Codes, Variable};
use super::dated::{Dated, Place as Measured, Value};
use super::manifest::Manifest;
use super::mimic3::{check_text, wrong_length};
use super::number::number;
use super::options::{ColumnNames, Mapping, ReadOptions, TimeZero};
use super::report::{ImportReport, Source};
use super::table::{Row, Rows};
use super::{category, format, shown, zero};
use crate::{Error, Kind, Place, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most rows of data that are read.
const ROWS_MAX: usize = 1_000_000;

/// Most names listed in a message.
const NAMES_MAX: usize = 12;

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest, options: &ReadOptions) -> Result<(Bins<'a>, ImportReport)> {
    check_text(text)?;
    let codes = Codes::of(manifest)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = Rows::of(text)?;
    let columns = match table.next()? {
        Some(row) => Columns::find(&row, &codes, &options.mapping, text)?,
        None => return Err(wrong(format!("the record is empty; {}", format::advice(text)))),
    };
    let mut record = Record {
        dated: Dated::new(manifest, &codes),
        columns,
        mapping: &options.mapping,
        patient: options.patient.as_deref(),
        patients: BTreeMap::new(),
        is_dates: None,
        n_rows: 0,
    };
    while let Some(row) = table.next()? {
        record.take(&row)?;
    }
    record.finish(&options.time_zero)
}

/// What a long table holds, for a choice to be made before it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// What each column is known to be, by `time`, `variable`, `value`, `unit`, `patient`.
    pub roles: BTreeMap<&'static str, String>,
    /// The names in the column of the variable, as far as it is known, the most frequent first.
    pub variables: Vec<Named>,
    /// The names in the column of the patient, as far as it is known.
    pub patients: Vec<String>,
}

/// A name in the column of the variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// As the record spells it.
    pub name: String,
    /// How many rows bear it.
    pub count: usize,
    /// The model's channel that it is known to be.
    pub channel: Option<String>,
}

/// Most names that a [`Survey`] lists.
const SURVEYED_MAX: usize = 200;

/// Looks a long table over. Columns that `given` names are taken as it says.
///
/// # Errors
/// [`Kind::Record`] where the text is empty or no text, [`Kind::Argument`] where `given` names a column that is not there.
pub fn survey(text: &str, manifest: &Manifest, given: &ColumnNames) -> Result<Survey> {
    check_text(text)?;
    let codes = Codes::of(manifest)?;
    let mut table = Rows::of(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let Some(header) = table.next()? else { return Err(wrong("the record is empty; open a table with a header")) };
    let roles = Columns::roles(&header, &codes, given)?;
    let columns: Vec<String> = header.fields.iter().map(|name| name.trim().to_owned()).collect();
    let (mut variables, mut patients) = (BTreeMap::new(), BTreeMap::new());
    let field = |role: &str| roles.iter().find(|(known, _)| *known == role).and_then(|(_, field)| *field);
    while let Some(row) = table.next()? {
        for (counts, role) in [(&mut variables, "variable"), (&mut patients, "patient")] {
            if let Some(name) = field(role).and_then(|field| row.fields.get(field)) {
                *counts.entry(name.trim().to_owned()).or_insert(0) += 1;
            }
        }
    }
    let named = |(name, count): (String, usize)| Named { channel: known_channel(&name, manifest, &codes), name, count };
    let mut variables: Vec<Named> = variables.into_iter().map(named).collect();
    variables.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    variables.truncate(SURVEYED_MAX);
    let known = roles.into_iter().filter_map(|(role, field)| Some((role, columns.get(field?)?.clone())));
    Ok(Survey {
        roles: known.collect(),
        patients: patients.into_keys().take(SURVEYED_MAX).collect(),
        columns,
        variables,
    })
}

/// The model's channel that a name or code is known to be.
fn known_channel(name: &str, manifest: &Manifest, codes: &Codes) -> Option<String> {
    let same = |other: &str| category::folded(other).eq(category::folded(name));
    let named = codes.by_name(name).map(|variable| &variable.channel);
    let is_it = |channel: &&super::manifest::Channel| {
        named == Some(&channel.name) || same(&channel.name) || same(&channel.label)
    };
    manifest.channels.iter().find(is_it).map(|channel| channel.name.clone())
}

/// Which field of a row is which.
struct Columns {
    n_fields: usize,
    time: usize,
    variable: usize,
    value: usize,
    unit: Option<usize>,
    patient: Option<usize>,
}

impl Columns {
    fn find(row: &Row<'_>, codes: &Codes, mapping: &Mapping, text: &str) -> Result<Self> {
        let [time, variable, value, unit, patient] = Self::roles(row, codes, &mapping.columns)?;
        let need = |(what, field): (&str, Option<usize>)| {
            field.ok_or_else(|| {
                let message = format!(
                    "no column is known to hold the {what}; say which with mapping.columns.{what} ({}), or {}",
                    names(row.fields.iter()),
                    format::advice(text)
                );
                wrong(message).at(Place::Line(row.line))
            })
        };
        let n_fields = row.fields.len();
        let (time, variable, value) = (need(time)?, need(variable)?, need(value)?);
        Ok(Self { n_fields, time, variable, value, unit: unit.1, patient: patient.1 })
    }

    /// What each column is: as given, else by the names that the table of codes knows.
    fn roles(row: &Row<'_>, codes: &Codes, given: &ColumnNames) -> Result<[(&'static str, Option<usize>); 5]> {
        let same = |name: &str, other: &str| category::folded(name).eq(category::folded(other));
        let position = |wanted: &str| row.fields.iter().position(|name| same(name, wanted));
        let role = |what: &'static str, given: &Option<String>, known: &[String]| match given {
            Some(name) => match position(name) {
                Some(field) => Ok((what, Some(field))),
                None => Err(no_column(what, name, row)),
            },
            None => Ok((what, known.iter().find_map(|name| position(name)))),
        };
        let known = &codes.columns;
        Ok([
            role("time", &given.time, &known.time)?,
            role("variable", &given.variable, &known.variable)?,
            role("value", &given.value, &known.value)?,
            role("unit", &given.unit, &known.unit)?,
            role("patient", &given.patient, &known.patient)?,
        ])
    }
}

fn no_column(what: &str, name: &str, row: &Row<'_>) -> Error {
    let message = format!("the header has no column \"{}\"; its columns are {}", shown(name), names(row.fields.iter()));
    Error::new(Kind::Argument, message).at(Place::Field(format!("mapping.columns.{what}")))
}

/// A few names, quoted.
fn names<'n>(all: impl Iterator<Item = &'n str>) -> String {
    let mut listed: Vec<String> = all.take(NAMES_MAX + 1).map(|name| format!("\"{}\"", shown(name))).collect();
    if listed.len() > NAMES_MAX {
        listed[NAMES_MAX] = "...".to_owned();
    }
    listed.join(", ")
}

struct Record<'a, 'c, 'o> {
    dated: Dated<'a, 'c>,
    columns: Columns,
    mapping: &'o Mapping,
    patient: Option<&'o str>,
    /// Rows of each patient met.
    patients: BTreeMap<String, usize>,
    /// Whether times are dates; unknown before the first row.
    is_dates: Option<bool>,
    n_rows: usize,
}

impl<'a, 'c> Record<'a, 'c, '_> {
    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let line = row.line;
        self.n_rows += 1;
        if self.n_rows > ROWS_MAX {
            let message = format!("more than {ROWS_MAX} rows, the most that are read; keep one stay a file");
            return Err(wrong(message).at(Place::Line(line)));
        }
        if row.fields.len() != self.columns.n_fields {
            return Err(wrong(wrong_length(row.fields.len(), self.columns.n_fields)).at(Place::Line(line)));
        }
        if !self.is_of_patient(row) {
            return Ok(());
        }
        let serial = self.dated.start_row();
        let time = self.time(&row.fields[self.columns.time], line)?;
        let name = row.fields[self.columns.variable].trim();
        let Some((channel, variable)) = self.find(name, line)? else { return Ok(()) };
        let value = row.fields[self.columns.value].trim();
        if value.is_empty() {
            let message = "the cell of the value is empty".to_owned();
            self.dated.refuse(serial, line, &self.dated.gather.manifest.channels[channel].name, message);
            return Ok(());
        }
        let unit = self.columns.unit.map_or("", |field| row.fields[field].trim());
        self.take_value(Measured { row: serial, line, time, rank: 0 }, channel, variable, (value, unit))
    }

    /// Counts the row's patient, and says whether the row is the chosen one's.
    fn is_of_patient(&mut self, row: &Row<'_>) -> bool {
        let Some(field) = self.columns.patient else { return true };
        let patient = row.fields[field].trim();
        match self.patients.get_mut(patient) {
            Some(count) => *count += 1,
            None => {
                self.patients.insert(patient.to_owned(), 1);
            }
        }
        self.patient.is_none_or(|chosen| chosen == patient)
    }

    /// Decimal hours, or a date and time in seconds; the same in every row.
    fn time(&mut self, text: &str, line: u64) -> Result<f64> {
        let text = text.trim();
        let (time, is_date) = match (number(text), clock::parse(text)) {
            (Ok(hours), _) => (hours, false),
            (_, Some(moment)) => (moment.seconds, true),
            (Err(reason), None) => {
                let message = format!("time: {reason}; or a date and time such as 2014-12-05T09:30:00");
                return Err(wrong(message).at(Place::Line(line)));
            }
        };
        if *self.is_dates.get_or_insert(is_date) != is_date {
            let message = "some times are hours and some are dates; write all in one way";
            return Err(wrong(message).at(Place::Line(line)));
        }
        Ok(time)
    }

    /// The channel that a name stands for, and what is known about it; `None` where it stands for none.
    fn find(&mut self, name: &str, line: u64) -> Result<Option<(usize, Option<&'c Variable>)>> {
        let codes = self.dated.codes;
        let mapped = self.mapping.variables.get(name);
        if mapped.is_some_and(String::is_empty) {
            self.dated.count_unknown(line, &shown(name), "left out by the mapping");
            return Ok(None);
        }
        let wanted = mapped.map_or(name, String::as_str);
        let variable = codes.by_name(wanted);
        let channels = &self.dated.gather.manifest.channels;
        let same = |other: &str| category::folded(other).eq(category::folded(wanted));
        let channel = match variable.and_then(|variable| self.dated.channel(&variable.channel)) {
            Some(channel) => Some(channel),
            None => channels.iter().position(|channel| same(&channel.name) || same(&channel.label)),
        };
        match (channel, mapped) {
            (Some(channel), _) => {
                let its = codes.variables.iter().find(|variable| variable.channel == channels[channel].name);
                Ok(Some((channel, its)))
            }
            (None, Some(target)) => {
                let message = format!("\"{}\" is no variable of the model; map to one of its channels", shown(target));
                Err(Error::new(Kind::Argument, message).at(Place::Field(format!("mapping.variables.{}", shown(name)))))
            }
            (None, None) => {
                self.dated.count_unknown(line, &shown(name), "no variable of the model; map it if it is one");
                Ok(None)
            }
        }
    }

    fn take_value(
        &mut self,
        place: Measured,
        channel: usize,
        variable: Option<&Variable>,
        (value, unit): (&str, &str),
    ) -> Result<()> {
        let taken = match (number(value), variable) {
            (Ok(value), Some(variable)) if unit.is_empty() && !variable.units.contains_key("") => {
                self.dated.count_change(place.line, channel, format!("without a unit, taken as {}", variable.unit));
                self.dated.take(place, channel, Some(variable), Value::Number(value, &variable.unit))
            }
            (Ok(value), _) => self.dated.take(place, channel, variable, Value::Number(value, unit)),
            (Err(_), _) => self.dated.take(place, channel, variable, Value::Text(value)),
        };
        if let Err(reason) = taken {
            let name = &self.dated.gather.manifest.channels[channel].name;
            self.dated.refuse(place.row, place.line, name, reason);
        }
        Ok(())
    }

    fn finish(self, time_zero: &TimeZero) -> Result<(Bins<'a>, ImportReport)> {
        let patient = self.chosen_patient()?;
        if self.n_rows == 0 {
            return Err(wrong("a header and no rows of data; open the file of a stay with measurements"));
        }
        let is_dates = self.is_dates.unwrap_or(false);
        let times = self.dated.times();
        if times.is_empty() {
            return Err(self.nothing());
        }
        let (zero, said) = match time_zero {
            _ if is_dates => zero::hour_zero(time_zero, &[], &times, self.dated.gather.hours())?,
            TimeZero::Auto | TimeZero::FirstObservation => (0.0, String::new()),
            _ => {
                let message = "the record's times are hours already; leave the option out";
                return Err(Error::new(Kind::Argument, message).at(Place::Field("timeZero".to_owned())));
            }
        };
        let source = Source { patient, time_zero: said, ..Source::default() };
        let (bins, report, _) = self.dated.finish("long", zero, is_dates, source)?;
        Ok((bins, report))
    }

    /// Why there is no measurement at all.
    fn nothing(self) -> Error {
        let unknown = names(self.dated.unknown_names().into_iter());
        if !unknown.is_empty() {
            return wrong(format!(
                "no variable of the model among {unknown}; say with mapping.variables which is which"
            ));
        }
        let n_rows = self.dated.gather.n_rows;
        let refused = self.dated.finish("long", 0.0, false, Source::default()).err();
        refused.unwrap_or_else(|| wrong(format!("none of {n_rows} rows can be used")))
    }

    fn chosen_patient(&self) -> Result<String> {
        let several = || {
            let listed =
                self.patients.iter().take(NAMES_MAX).map(|(name, n)| format!("\"{}\" ({n} rows)", shown(name)));
            let more = if self.patients.len() > NAMES_MAX { ", ..." } else { "" };
            format!("{} patients: {}{more}", self.patients.len(), listed.collect::<Vec<_>>().join(", "))
        };
        match self.patient {
            Some(chosen) if self.columns.patient.is_none() => {
                let message = format!(
                    "\"{}\" was asked for, but no column says whose a row is; name it with mapping.columns.patient",
                    shown(chosen)
                );
                Err(Error::new(Kind::Argument, message).at(Place::Field("patient".to_owned())))
            }
            Some(chosen) if !self.patients.contains_key(chosen) => {
                let message = format!("\"{}\" is not in the record, which holds {}", shown(chosen), several());
                Err(Error::new(Kind::Argument, message).at(Place::Field("patient".to_owned())))
            }
            Some(chosen) => Ok(chosen.to_owned()),
            None if self.patients.len() > 1 => {
                Err(wrong(format!("the record holds {}; choose one with the option patient", several())))
            }
            None => Ok(self.patients.keys().next().cloned().unwrap_or_default()),
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
