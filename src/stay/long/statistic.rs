//! A column that says which statistic of several measurements the value of a row is: a mean, a maximum, a count.

use super::{cell, wrong};
use crate::error::{Choice, Question};
use crate::stay::codes::Codes;
use crate::stay::number::is_missing;
use crate::stay::row::Row;
use crate::stay::shown;
use crate::{Error, Kind, Place, Result};
use std::collections::BTreeMap;

/// The key of words for what is no value of a variable, such as a count.
const NO_VALUE: &str = "";

/// A column of which every cell so far is the name of a statistic, or empty.
#[derive(Debug)]
pub(super) struct StatisticColumn {
    pub(super) field: usize,
    /// How many rows are of each statistic.
    rows: BTreeMap<String, usize>,
    is_other: bool,
}

impl StatisticColumn {
    pub(super) const fn new(field: usize) -> Self {
        Self { field, rows: BTreeMap::new(), is_other: false }
    }

    pub(super) fn see(&mut self, row: &Row<'_>, codes: &Codes) {
        if self.is_other {
            return;
        }
        match statistic(row, self.field, codes) {
            None => self.is_other = true,
            Some("") if is_missing(cell(row, self.field)) => {}
            Some(name) => *self.rows.entry(name.to_owned()).or_default() += 1,
        }
    }

    pub(super) fn is_one(&self) -> bool {
        !self.is_other && !self.rows.is_empty()
    }
}

/// The statistic whose rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChosenStatistic {
    field: usize,
    name: String,
}

impl ChosenStatistic {
    /// That of a column which the caller says, or the only one.
    ///
    /// # Errors
    /// [`Kind::Record`] with a question where several are left, and where none is a value; [`Kind::Argument`] where the
    /// caller's is not there.
    pub(super) fn of(column: &StatisticColumn, header: &str, asked: Option<&str>) -> Result<Self> {
        let StatisticColumn { field, rows, .. } = column;
        let mut names = rows.keys().filter(|name| *name != NO_VALUE);
        let (only, other) = (names.next(), names.next());
        let (header, field) = (shown(header), *field);
        match (asked, only, other) {
            (Some(asked), ..) if rows.contains_key(asked) && asked != NO_VALUE => {
                Ok(Self { field, name: asked.to_owned() })
            }
            (Some(asked), ..) => {
                let there = rows.keys().filter(|name| *name != NO_VALUE).cloned().collect::<Vec<_>>().join(", ");
                let message = format!("\"{}\" is not in the column {header}, which holds {there}", shown(asked));
                Err(Error::new(Kind::Argument, message).at(Place::Field("mapping.statistic".to_owned())))
            }
            (None, None, _) => {
                Err(wrong(format!("by its column {header} every row is a count or a spread, and none a value")))
            }
            (None, Some(name), None) => Ok(Self { field, name: name.clone() }),
            (None, Some(_), Some(_)) => {
                let of = |(name, rows): (&String, &usize)| Choice {
                    value: name.clone(),
                    name: format!("the rows that are a {name}"),
                    rows: *rows,
                    span: String::new(),
                };
                let choices = rows.iter().filter(|(name, _)| *name != NO_VALUE).map(of).collect();
                let question = Question { option: "mapping.statistic".to_owned(), choices };
                Err(question.refuse(&format!("by its column {header} the rows are several statistics of one thing")))
            }
        }
    }

    /// Why a row is not read, if so: it is another statistic.
    pub(super) fn why_not(&self, row: &Row<'_>, codes: &Codes) -> Option<String> {
        let text = cell(row, self.field);
        let is_it = is_missing(text) || statistic(row, self.field, codes) == Some(&self.name);
        (!is_it).then(|| format!("not read: its value is a {}", shown(text)))
    }

    /// What is to be said of the rows that are read.
    pub(super) fn said(&self, header: &str) -> String {
        format!("the values are each a {} of several measurements, by the column {}", self.name, shown(header))
    }
}

/// The statistic that a cell names: [`NO_VALUE`] for what is no value, and where it says nothing; `None` where it is another
/// word.
fn statistic<'c>(row: &Row<'_>, field: usize, codes: &'c Codes) -> Option<&'c str> {
    let text = cell(row, field);
    if is_missing(text) {
        return Some(NO_VALUE);
    }
    let is_it = |words: &&Vec<String>| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    codes.statistics.iter().find(|(_, words)| is_it(words)).map(|(name, _)| name.as_str())
}
