//! The formats of records, and what else a text may be that someone took for one.

use crate::{Error, Kind, Place};
use std::str::FromStr;

/// The format of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Whatever the text turns out to be.
    #[default]
    Auto,
    /// An episode of the MIMIC-III benchmark: CSV with `Hours` and one column a variable.
    Mimic3,
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "auto" => Ok(Self::Auto),
            "mimic3" => Ok(Self::Mimic3),
            _ => {
                let reason = match name {
                    "physionet2012" | "fhir" | "long" => "is not read yet",
                    _ => "is not known",
                };
                let message = format!("the format \"{}\" {reason}; use \"auto\" or \"mimic3\"", super::shown(name));
                Err(Error::new(Kind::Argument, message).at(Place::Field("format".to_owned())))
            }
        }
    }
}

/// Longest start of a line that is looked at.
const LOOK_MAX: usize = 4096;

/// What a text without the benchmark's header looks like, and what to do about it.
pub(super) fn advice(text: &str) -> &'static str {
    let text = text.trim_start();
    let first_line: String = text.chars().take(LOOK_MAX).take_while(|&c| !matches!(c, '\n' | '\r')).collect();
    let line = first_line.to_lowercase();
    let starts_with = |start: &str| line.starts_with(start);
    if starts_with("{") || starts_with("[") {
        return json_advice(text);
    }
    if starts_with("time,parameter,value") {
        return "this is a PhysioNet 2012 record, which is not read yet; convert it to the benchmark's CSV";
    }
    if starts_with("stay,") {
        return "this is a list of stays with their labels, not a stay; open one of the *_timeseries.csv files that it names";
    }
    if starts_with("<") {
        return "this is an HTML or XML page; save the CSV file itself";
    }
    if line.contains("hours;") || line.contains("hours\t") || line.contains("hours\";") || line.contains("hours\"\t") {
        return "the fields are separated by semicolons or tabs; save the file with commas, and with points in decimal numbers";
    }
    if line.contains(',') && line.contains("time") && line.contains("value") {
        return "this looks like a long table with one measurement a row, which is not read yet; convert it to the benchmark's CSV";
    }
    "a benchmark file starts with a line such as \"Hours,Capillary refill rate,Diastolic blood pressure,...\""
}

fn json_advice(text: &str) -> &'static str {
    let start: String = text.chars().take(LOOK_MAX).collect();
    if start.contains("\"resourceType\"") {
        "this is a FHIR resource in JSON, which is not read yet; convert it to the benchmark's CSV"
    } else {
        "this is JSON; records in JSON are not read yet, convert the stay to the benchmark's CSV"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!("auto".parse(), Ok(Format::Auto));
        assert_eq!("mimic3".parse(), Ok(Format::Mimic3));
        for (name, word) in
            [("fhir", "not read yet"), ("long", "not read yet"), ("MIMIC3", "not known"), ("", "not known")]
        {
            let error = name.parse::<Format>().unwrap_err();
            assert_eq!((error.kind, &error.place), (Kind::Argument, &Place::Field("format".to_owned())));
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn what_else_it_may_be() {
        for (text, word) in [
            ("{\n \"resourceType\": \"Bundle\" }", "FHIR"),
            ("[1, 2]", "JSON"),
            ("Time,Parameter,Value\r\n00:00,RecordID,132539", "PhysioNet 2012"),
            ("stay,y_true\na.csv,0", "list of stays"),
            ("<!doctype html>", "HTML"),
            ("Hours;pH\n0,5;7,3", "semicolons"),
            ("Hours\tpH\n", "tabs"),
            ("charttime,variable,value,unit\n", "long table"),
            ("", "Hours,"),
            ("lorem ipsum", "Hours,"),
        ] {
            assert!(advice(text).contains(word), "{text:?}: {}", advice(text));
        }
    }
}
