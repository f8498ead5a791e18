//! The formats of records, and what else a text may be that someone took for one.

use super::{physionet2012, table};
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
    /// A record of the PhysioNet/CinC Challenge 2012: CSV with `Time,Parameter,Value`.
    Physionet2012,
    /// FHIR R4 Observations in JSON: a Bundle, a list, one resource, or one resource a line.
    Fhir,
    /// One measurement a row: time, variable, value, and perhaps a unit and a patient; CSV, or JSON objects.
    Long,
}

/// The formats by their names.
const NAMES: [(&str, Format); 5] = [
    ("auto", Format::Auto),
    ("mimic3", Format::Mimic3),
    ("physionet2012", Format::Physionet2012),
    ("fhir", Format::Fhir),
    ("long", Format::Long),
];

impl Format {
    /// What a text looks like; the benchmark's own where it looks like nothing, whose reader then says so.
    #[must_use]
    pub fn detect(text: &str) -> Self {
        let text = table::behind_separator(text).trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(['{', '[']) {
            let start = start(text);
            if start.contains("\"resourceType\"") {
                return Self::Fhir;
            }
            let start = start.to_lowercase();
            let names: Vec<&str> = start.split('"').skip(1).step_by(2).collect();
            return if gives_long_away(&names) { Self::Long } else { Self::Mimic3 };
        }
        let line = first_line(text);
        let names: Vec<&str> = line.split(',').map(|name| name.trim().trim_matches('"')).collect();
        if names == physionet2012::HEADER {
            Self::Physionet2012
        } else if gives_long_away(&names) {
            Self::Long
        } else {
            Self::Mimic3
        }
    }
}

fn gives_long_away(names: &[&str]) -> bool {
    let has = |any: &[&str]| names.iter().any(|name| any.contains(name));
    has(&TIME) && has(&VARIABLE) && has(&VALUE)
}

/// What gives a long table away. The table of codes says which column is which.
const TIME: [&str; 6] = ["time", "hours", "hour", "charttime", "datetime", "timestamp"];
const VARIABLE: [&str; 5] = ["variable", "parameter", "itemid", "code", "name"];
const VALUE: [&str; 2] = ["value", "valuenum"];

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
            let message =
                format!("the format \"{}\" is not known; use one of {}", super::shown(name), known.join(", "));
            Error::new(Kind::Argument, message).at(Place::Field("format".to_owned()))
        })
    }
}

/// Longest start of a line that is looked at.
const LOOK_MAX: usize = 4096;

fn start(text: &str) -> String {
    text.chars().take(LOOK_MAX).collect()
}

fn first_line(text: &str) -> String {
    text.chars().take(LOOK_MAX).take_while(|&c| !matches!(c, '\n' | '\r')).collect::<String>().to_lowercase()
}

/// Lines above a table's header that are looked at.
const ABOVE_MAX: usize = 20;

/// What a text that is no record of the expected format looks like, and what to do about it.
pub(super) fn advice(text: &str) -> String {
    match header_below(text) {
        Some(line) => format!("the header stands in line {line}; take the lines above it away"),
        None => look(text).to_owned(),
    }
}

/// The line of a table's header, where it is not the first one.
fn header_below(text: &str) -> Option<usize> {
    let is_header = |line: &str| {
        let names: Vec<String> =
            line.split([',', ';', '\t', '|']).map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.len() > 1 && names.contains(&"hours") || gives_long_away(&names)
    };
    let start = start(text);
    let at = start.lines().take(ABOVE_MAX).position(is_header)?;
    (at > 0).then_some(at + 1)
}

/// A first line with so many commas is a header, whatever its language.
const COMMAS_MIN: usize = 2;

fn look(text: &str) -> &'static str {
    let text = table::behind_separator(text).trim_start();
    let line = first_line(text);
    let starts_with = |start: &str| line.starts_with(start);
    if starts_with("{") || starts_with("[") {
        return json_advice(text);
    }
    if starts_with("time,parameter,value") {
        return "this is a PhysioNet 2012 record; open it as \"physionet2012\" or \"auto\"";
    }
    if starts_with("stay,") {
        return "this is a list of stays with their labels, not a stay; open one of the *_timeseries.csv files that it names";
    }
    if starts_with("<") && start(text).contains("http://hl7.org/fhir") {
        return "this is FHIR in XML, which is not read; export the record as FHIR JSON";
    }
    if starts_with("<") {
        return "this is an HTML or XML page; save the CSV file itself";
    }
    let count = |separators: &[char]| line.matches(separators).count();
    if count(&[';', '\t', '|']) > count(&[',']) {
        return "the fields are separated by semicolons, tabs or bars; save the file with commas, and with points in decimal numbers";
    }
    if line.contains(',') && line.contains("time") && line.contains("value") {
        return "this looks like a long table with one measurement a row; open it as \"long\", and say with `mapping` what its columns are";
    }
    if count(&[',']) >= COMMAS_MIN {
        return "a table of one row an hour has a column Hours; one of one measurement a row is \"long\", and `mapping` names its time, variable and value";
    }
    "a benchmark file starts with a line such as \"Hours,Capillary refill rate,Diastolic blood pressure,...\""
}

fn json_advice(text: &str) -> &'static str {
    if start(text).contains("\"resourceType\"") {
        "this is a FHIR resource in JSON; open it as \"fhir\" or \"auto\""
    } else {
        "this is JSON, but no FHIR; export the record as a FHIR Bundle, as CSV, or as a list of objects with time, variable and value"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, format) in NAMES {
            assert_eq!(name.parse(), Ok(format));
        }
        for name in ["MIMIC3", "", "csv"] {
            let error = name.parse::<Format>().unwrap_err();
            assert_eq!((error.kind, &error.place), (Kind::Argument, &Place::Field("format".to_owned())));
            assert!(error.message.contains("not known") && error.message.contains("fhir"), "{error}");
        }
    }

    #[test]
    fn formats_are_told_apart() {
        for (text, format) in [
            ("Hours,Heart Rate,pH\n", Format::Mimic3),
            ("\u{feff}Hours,Heart Rate\n", Format::Mimic3),
            ("Time,Parameter,Value\r\n00:00,RecordID,132539", Format::Physionet2012),
            ("time,variable,value,unit\n", Format::Long),
            ("subject_id,charttime,itemid,valuenum,valueuom\n", Format::Long),
            ("\"hours\",\"variable\",\"value\"\n", Format::Long),
            ("Time,Parameter,Value,Unit\n", Format::Long),
            ("\u{feff} {\n \"resourceType\": \"Bundle\" }", Format::Fhir),
            ("[{\"resourceType\":\"Observation\"}]", Format::Fhir),
            ("[{\"time\": 0, \"variable\": \"pH\", \"value\": 7.3}]", Format::Long),
            ("[1, 2]", Format::Mimic3),
            ("stay,y_true\n", Format::Mimic3),
            ("", Format::Mimic3),
        ] {
            assert_eq!(Format::detect(text), format, "{text:?}");
        }
    }

    /// The two lists have to agree: a table that is detected as long must have its columns found.
    #[test]
    fn what_gives_a_long_table_away_is_what_its_columns_are_called() {
        let manifest = crate::stay::manifest::Manifest::built_in(48, 76, 1).unwrap();
        let columns = &crate::stay::codes::Codes::of(&manifest).unwrap().into_owned().columns;
        let lists = [(&TIME[..], &columns.time), (&VARIABLE[..], &columns.variable), (&VALUE[..], &columns.value)];
        for (given_away, known) in lists {
            assert!(given_away.iter().all(|name| known.iter().any(|other| other == name)), "{given_away:?}");
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
            ("charttime,item,value,unit\n", "long table"),
            ("Zeit;Parameter;Wert\n01.02.2030 08:00;HF;80\n", "semicolons"),
            ("Zeit|Parameter|Wert\n", "bars"),
            ("Zeit,Parameter,Wert,Einheit\n2030-02-01 08:00,HF,80,/min\n", "`mapping`"),
            ("admissionid,itemid,item,value,unit,measuredat\n1,6640,HF,80,/min,1320000\n", "`mapping`"),
            ("DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n", "`mapping`"),
            ("", "Hours,"),
            ("lorem ipsum", "Hours,"),
            ("Vital signs of the night\n\nHours,Heart Rate\n0.5,80\n", "header stands in line 3"),
            ("Ward 4,,\n\"Time\",\"Variable\",\"Value\"\n0,HR,80\n", "header stands in line 2"),
            ("Ward 4\nHours;Heart Rate\n0,5;80\n", "header stands in line 2"),
            ("Ward 4\n\ntime\tvariable\tvalue\n0\tHR\t80\n", "header stands in line 3"),
        ] {
            assert!(advice(text).contains(word), "{text:?}: {}", advice(text));
        }
    }
}
