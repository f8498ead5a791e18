//! Records of the PhysioNet/CinC Challenge 2012: `Time,Parameter,Value`, times as HH:MM since admission, -1 for a value
//! that is missing. Which names are which variable is in the table of codes.

use super::bins::Bins;
use super::codes::{Codes, Variable};
use super::dated::{Dated, DatedValue, NOT_STORED, SourcePlace as Measured};
use super::long::who::one_record_each;
use super::manifest::Manifest;
use super::mimic3::{ROWS_MAX, again, check_text, wrong_length};
use super::number::{is_missing, number};
use super::report::{ImportReport, Source};
use super::table::{Row, TableReader};
use super::{clock, format, shown};
use crate::{Error, Kind, Place, Result};
use std::collections::HashMap;

/// The header's names, in small letters.
pub(super) const HEADER: [&str; 3] = ["time", "parameter", "value"];

/// What the challenge says of whom a record is, once each: another value is of somebody else.
const DESCRIPTORS: [&str; 4] = ["RecordID", "Age", "Gender", "ICUType"];

/// What the challenge writes where a value is missing.
const MISSING: f64 = -1.0;

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest) -> Result<(Bins<'a>, ImportReport)> {
    let codes = Codes::of(manifest)?;
    let mut record = Record { dated: Dated::new(manifest, &codes), last: HashMap::new(), said: HashMap::new() };
    check_text(text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = TableReader::new(text);
    if !table.next()?.is_some_and(|row| is_header(&row)) {
        let message = format!("no header \"Time,Parameter,Value\"; {}", format::advice(text));
        return Err(wrong(message).at(Place::Line(1)));
    }
    while let Some(row) = table.next()? {
        record.take(&row)?;
    }
    let patient = record.said.remove(DESCRIPTORS[0]).unwrap_or_default();
    let source = Source { patient, ..Source::default() };
    let (bins, report, _) = record.dated.finish("physionet2012", 0.0, false, source)?;
    Ok((bins, report))
}

struct Record<'a, 'c> {
    dated: Dated<'a, 'c>,
    /// The last value of each channel, for those of which only changes count.
    last: HashMap<usize, f64>,
    /// The value of each of [`DESCRIPTORS`].
    said: HashMap<&'static str, String>,
}

impl Record<'_, '_> {
    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let serial = self.dated.start_row();
        let line = row.line;
        if serial > ROWS_MAX {
            let message = format!("more than {ROWS_MAX} rows, the most that are read; keep one stay a file");
            return Err(wrong(message).at(Place::Line(line)));
        }
        if serial > 1 && is_header(row) {
            return Err(again(line));
        }
        if row.fields.len() != HEADER.len() {
            self.dated.refuse(serial, line, "", wrong_length(row.fields.len(), HEADER.len()));
            return Ok(());
        }
        let name = row.fields[1].trim();
        let written = row.fields[2].trim();
        if let Some(descriptor) = DESCRIPTORS.into_iter().find(|descriptor| *descriptor == name) {
            self.take_descriptor(line, descriptor, written)?;
        }
        let codes = self.dated.codes;
        let Some((variable, rank)) = codes.of_challenge(name) else {
            let seen = if name.is_empty() { "(no name)".to_owned() } else { shown(name) };
            self.dated.count_unknown(line, &seen, "no variable of the model");
            return Ok(());
        };
        let (time, value) = match (hours(&row.fields[0]), read_value(written)) {
            (Ok(time), Ok(value)) => (time, value),
            (Err(reason), _) => {
                self.dated.refuse(serial, line, "", reason);
                return Ok(());
            }
            (_, Err(reason)) => {
                self.dated.refuse(serial, line, &variable.channel, reason);
                return Ok(());
            }
        };
        self.take_value(Measured { row: serial, line, time, rank, stored: NOT_STORED }, variable, value)
    }

    /// Of whom the record is: another value than before is of somebody else.
    fn take_descriptor(&mut self, line: u64, descriptor: &'static str, written: &str) -> Result<()> {
        let value = number(written).map_or_else(|_| shown(written), |value| value.to_string());
        match self.said.insert(descriptor, value.clone()) {
            Some(before) if before != value => {
                let of = |value: &str| match descriptor {
                    "RecordID" => value.to_owned(),
                    _ => format!("{descriptor} {value}"),
                };
                Err(one_record_each(&[of(&before), of(&value)]).at(Place::Line(line)))
            }
            _ => Ok(()),
        }
    }

    fn take_value(&mut self, place: Measured, variable: &Variable, value: f64) -> Result<()> {
        let Some(channel) = self.dated.channel(&variable.channel) else { return Ok(()) };
        let rules = &variable.physionet2012;
        if value == MISSING || (rules.only_positive && value <= 0.0) {
            self.dated.count_change(place.line, channel, format!("{value} stands for a missing value and is not used"));
        } else if rules.only_changes && self.last.insert(channel, value) == Some(value) {
            self.dated.count_change(place.line, channel, "the same as before, no new measurement".to_owned());
        } else {
            // The challenge's description has one unit a variable, which is the model's; fractions stand there as percentages, too.
            let unit = if variable.percent_may_be_fraction { "" } else { &variable.unit };
            let possible = self.dated.possible(channel, variable, value, true);
            let taken = possible
                .and_then(|value| self.dated.take(place, channel, Some(variable), DatedValue::Number(value, unit)));
            if let Err(reason) = taken {
                self.dated.refuse(place.row, place.line, &variable.channel, reason);
            }
        }
        Ok(())
    }
}

fn is_header(row: &Row<'_>) -> bool {
    row.fields.iter().map(|name| name.trim().to_lowercase()).eq(HEADER)
}

fn read_value(text: &str) -> Result<f64, String> {
    if is_missing(text) { Err("the cell of the value is empty".to_owned()) } else { number(text) }
}

/// `HH:MM` in hours.
fn hours(text: &str) -> Result<f64, String> {
    let wrong = || format!("Time: \"{}\" is no time since admission; write it as HH:MM", shown(text));
    clock::hours_and_minutes(text.trim()).ok_or_else(wrong)
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn times() {
        assert_eq!(hours("00:07"), Ok(7.0 / 60.0));
        assert_eq!(hours("48:00"), Ok(48.0));
        for text in ["", "7", "00:60", "-1:00", "1:2:3", "00:07:00", "0x:10"] {
            assert!(hours(text).unwrap_err().contains("HH:MM"), "{text}");
        }
    }
}
