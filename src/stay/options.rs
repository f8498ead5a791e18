//! What a caller says about a record that the record itself does not.

use super::{Format, clock, shown};
use crate::{Error, Kind, Place, Result};
use std::collections::BTreeMap;
use std::str::FromStr;

/// How a record is read. The default guesses the format, and refuses a record that leaves anything else open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// The record's format.
    pub format: Format,
    /// The name shown, for example the file's.
    pub name: String,
    /// Whose observations are read, where the record holds those of several patients.
    pub patient: Option<String>,
    /// Of which stay the observations are read, where the record holds those of several.
    pub encounter: Option<String>,
    /// What hour zero is, for records with dates.
    pub time_zero: TimeZero,
    /// What a long table's columns and variables are.
    pub mapping: Mapping,
}

impl From<Format> for ReadOptions {
    fn from(format: Format) -> Self {
        Self { format, ..Self::default() }
    }
}

/// What hour zero is, for records with dates.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum TimeZero {
    /// The start of the stay where the record gives one, else the earliest observation of a variable that the model
    /// knows. Refused, with the choices, where most observations would fall outside the model's hours because of a few.
    #[default]
    Auto,
    /// The earliest observation of a variable that the model knows.
    FirstObservation,
    /// The start of the stay, which the record must give.
    EncounterStart,
    /// This date and time.
    At(String),
}

impl ReadOptions {
    /// Checks what a caller says of a record whose format leaves nothing open but whose it is, which `patient` says.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the field.
    pub(super) fn check_fixed(&self, patient: &str) -> Result<()> {
        let wrong =
            |field: &str, message: String| Err(Error::new(Kind::Argument, message).at(Place::Field(field.to_owned())));
        if let Some(asked) = self.patient.as_deref().filter(|asked| !asked.is_empty() && *asked != patient) {
            let of =
                if patient.is_empty() { "names nobody".to_owned() } else { format!("is of \"{}\"", shown(patient)) };
            return wrong("patient", format!("\"{}\" was asked for, and the record {of}", shown(asked)));
        }
        if let Some(asked) = self.encounter.as_deref().filter(|asked| !asked.is_empty()) {
            return wrong("encounter", format!("\"{}\" was asked for, and the format names no stays", shown(asked)));
        }
        if !matches!(self.time_zero, TimeZero::Auto | TimeZero::FirstObservation) {
            return wrong("timeZero", "the record's times are hours already; leave the option out".to_owned());
        }
        if self.mapping != Mapping::default() {
            let message =
                "the format has columns, names and units of its own; leave it out, or read a table as \"long\"";
            return wrong("mapping", message.to_owned());
        }
        Ok(())
    }
}

impl FromStr for TimeZero {
    type Err = Error;

    /// `auto`, `first-observation`, `encounter-start`, or a date and time such as `2014-12-05T09:30:00+01:00`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "first-observation" => Ok(Self::FirstObservation),
            "encounter-start" => Ok(Self::EncounterStart),
            _ if clock::parse(text).is_some() => Ok(Self::At(text.to_owned())),
            _ => {
                let message = format!(
                    "\"{}\" is none of \"auto\", \"first-observation\", \"encounter-start\" and a date and time such as \
                     \"2014-12-05T09:30:00+01:00\"",
                    shown(text)
                );
                Err(Error::new(Kind::Argument, message).at(Place::Field("timeZero".to_owned())))
            }
        }
    }
}

/// What a table's columns and variables are, where their names do not say so themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// Names of the record's columns.
    pub columns: ColumnNames,
    /// The model's variable for a name or code of the record; an empty string leaves the name out on purpose.
    pub variables: BTreeMap<String, String>,
    /// The unit of the values of a name, code or channel that stand without one.
    pub units: BTreeMap<String, String>,
    /// The unit of times that are numbers.
    pub time_unit: Option<TimeUnit>,
    /// The zone of dates and times that name none, for example `+01:00`.
    pub zone: Option<String>,
    /// What dates without a time are.
    pub dates: Option<DayRule>,
    /// Which rows are read where a table's are several statistics of one thing: `mean`, `median`, `minimum`, `maximum`, `first`
    /// or `last`.
    pub statistic: Option<String>,
    /// Columns that look like numbers of people or cases and tell no rows apart.
    pub ignored: Vec<String>,
}

/// Names of a table's columns, where they are unusual.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnNames {
    /// Holds numbers, or dates and times.
    pub time: Option<String>,
    /// Holds the variable's name or code.
    pub variable: Option<String>,
    /// Holds the value.
    pub value: Option<String>,
    /// Holds the unit.
    pub unit: Option<String>,
    /// Says whose measurement it is.
    pub patient: Option<String>,
    /// Says in which stay, admission or encounter it was made.
    pub encounter: Option<String>,
}

/// The unit of times that are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Days since 30 December 1899, as spreadsheets count dates.
    SpreadsheetDays,
}

/// Name, UCUM code, other words, and length in hours.
const TIME_UNITS: [(TimeUnit, &str, &str, &[&str], f64); 6] = [
    (TimeUnit::Milliseconds, "milliseconds", "ms", &["millisecond", "msec"], 1.0 / 3_600_000.0),
    (TimeUnit::Seconds, "seconds", "s", &["second", "sec", "secs"], 1.0 / 3600.0),
    (TimeUnit::Minutes, "minutes", "min", &["minute", "mins"], 1.0 / 60.0),
    (TimeUnit::Hours, "hours", "h", &["hour", "hr", "hrs"], 1.0),
    (TimeUnit::Days, "days", "d", &["day"], 24.0),
    (TimeUnit::SpreadsheetDays, "spreadsheet-days", "spreadsheet-days", &[], 24.0),
];

impl TimeUnit {
    fn row(self) -> (&'static str, f64) {
        let found = TIME_UNITS.iter().find(|(unit, ..)| *unit == self);
        found.map_or(("hours", 1.0), |(_, name, _, _, hours)| (name, *hours))
    }

    /// As [`FromStr`] takes it.
    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    /// Its length in hours.
    pub(super) fn hours(self) -> f64 {
        self.row().1
    }

    /// The unit of a UCUM code.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        TIME_UNITS.iter().find(|(_, _, known, ..)| *known == code).map(|(unit, ..)| *unit)
    }

    /// The unit that a word in small letters is.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let is_it = |name: &str, words: &[&str]| name == word || words.contains(&word);
        if word.len() > 6 && word.ends_with("offset") {
            return Some(Self::Minutes);
        }
        TIME_UNITS
            .iter()
            .find(|(_, name, code, words, _)| is_it(name, words) || (*code == word && code.len() > 1))
            .map(|(unit, ..)| *unit)
    }
}

impl FromStr for TimeUnit {
    type Err = Error;

    /// `milliseconds`, `seconds`, `minutes`, `hours`, `days` or `spreadsheet-days`.
    fn from_str(text: &str) -> Result<Self> {
        let found = TIME_UNITS.iter().find(|(_, name, ..)| *name == text).map(|(unit, ..)| *unit);
        found.ok_or_else(|| {
            let names = TIME_UNITS.map(|(_, name, ..)| name).join(", ");
            let message = format!("\"{}\" is none of {names}", shown(text));
            Error::new(Kind::Argument, message).at(Place::Field("mapping.timeUnit".to_owned()))
        })
    }
}

/// What dates without a time are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRule {
    /// Their midnight.
    Midnight,
    /// Rows that are not read.
    Skip,
}

impl DayRule {
    /// As [`FromStr`] takes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Midnight => "midnight",
            Self::Skip => "skip",
        }
    }
}

impl FromStr for DayRule {
    type Err = Error;

    /// `midnight` or `skip`.
    fn from_str(text: &str) -> Result<Self> {
        [Self::Midnight, Self::Skip].into_iter().find(|rule| rule.name() == text).ok_or_else(|| {
            let message = format!("\"{}\" is neither \"midnight\" nor \"skip\"", shown(text));
            Error::new(Kind::Argument, message).at(Place::Field("mapping.dates".to_owned()))
        })
    }
}
