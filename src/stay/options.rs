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

/// What a long table's columns and variables are, where their names do not say so themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// Names of the record's columns.
    pub columns: ColumnNames,
    /// The model's variable for a name or code of the record; an empty string leaves the name out on purpose.
    pub variables: BTreeMap<String, String>,
}

/// Names of a long table's columns, where they are unusual.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnNames {
    /// Holds decimal hours, or dates and times.
    pub time: Option<String>,
    /// Holds the variable's name or code.
    pub variable: Option<String>,
    /// Holds the value.
    pub value: Option<String>,
    /// Holds the unit.
    pub unit: Option<String>,
    /// Says whose measurement it is.
    pub patient: Option<String>,
}
