//! JSON objects as the rows of a table: a list of them, or one a line, each with the same few fields.

use super::lines::Lines;
use super::row::Row;
use super::shown;
use crate::{Error, Kind, Place, Result};
use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Most different fields that the objects may have.
const FIELDS_MAX: usize = 64;

/// Reads objects one by one, the names of their fields first.
pub(super) struct Objects<'a> {
    lines: Lines<'a>,
    objects: std::vec::IntoIter<&'a RawValue>,
    /// The names of all objects' fields, in the order in which they were met.
    names: StringRecord,
    row: StringRecord,
    has_begun: bool,
}

impl<'a> Objects<'a> {
    /// # Errors
    /// [`Kind::Record`] at the line, where the text is not valid JSON or holds something else than flat objects.
    pub(super) fn new(text: &'a str) -> Result<Self> {
        let mut objects: Vec<&'a RawValue> = Vec::new();
        let mut lines = Lines::of(text);
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            let value = value.map_err(|error| not_json(&error, error.line() as u64))?;
            match serde_json::from_str(value.get()) {
                Ok(list) => objects.extend::<Vec<&'a RawValue>>(list),
                Err(_) => objects.push(value),
            }
        }
        let mut names = Vec::new();
        for object in &objects {
            let (line, fields) = fields(object, &mut lines)?;
            for (name, _) in fields {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            check_count(names.len(), line)?;
        }
        let names = names.into();
        Ok(Self {
            lines: Lines::of(text),
            objects: objects.into_iter(),
            names,
            row: StringRecord::new(),
            has_begun: false,
        })
    }

    /// The names of the fields, then the objects; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        if !self.has_begun {
            self.has_begun = true;
            return Ok((!self.names.is_empty()).then_some(Row { line: 1, fields: &self.names }));
        }
        let Some(object) = self.objects.next() else { return Ok(None) };
        let (line, fields) = fields(object, &mut self.lines)?;
        self.row.clear();
        for wanted in &self.names {
            let given = fields.iter().find(|(name, _)| name == wanted);
            self.row.push_field(&given.map_or(Ok(Cow::Borrowed("")), |(name, value)| scalar(name, value, line))?);
        }
        Ok(Some(Row { line, fields: &self.row }))
    }
}

/// An object's fields in their order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// An object's line and fields; none of them twice.
fn fields<'a>(object: &'a RawValue, lines: &mut Lines<'_>) -> Result<(u64, Vec<(String, &'a RawValue)>)> {
    let line = lines.line_of(object.get());
    let Ok(Fields(fields)) = serde_json::from_str(object.get()) else {
        let message = "no object; give each measurement as {\"time\": ..., \"variable\": ..., \"value\": ...}";
        return Err(wrong(message).at(Place::Line(line)));
    };
    check_count(fields.len(), line)?;
    let again = |(at, (name, _)): (usize, &(String, _))| fields[..at].iter().any(|(other, _)| other == name);
    match fields.iter().enumerate().find(|&(at, field)| again((at, field))) {
        Some((_, (name, _))) => {
            let message = format!("the field \"{}\" stands twice in one object; keep one of them", shown(name));
            Err(wrong(message).at(Place::Line(line)))
        }
        None => Ok((line, fields)),
    }
}

fn check_count(n_fields: usize, line: u64) -> Result<()> {
    if n_fields <= FIELDS_MAX {
        return Ok(());
    }
    let message =
        format!("more than {FIELDS_MAX} different fields, the most that are read; keep the measurement's own");
    Err(wrong(message).at(Place::Line(line)))
}

/// What stands in a cell of a table in place of a field's value.
fn scalar<'a>(name: &str, value: &'a RawValue, line: u64) -> Result<Cow<'a, str>> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(text).map(Cow::Owned).map_err(|error| not_json(&error, line)),
        Some(b'n') => Ok(Cow::Borrowed("")),
        Some(b'-' | b'0'..=b'9') => Ok(Cow::Borrowed(text)),
        _ => {
            let message =
                format!("the field \"{}\" is neither a text nor a number; keep the measurement's own", shown(name));
            Err(wrong(message).at(Place::Line(line)))
        }
    }
}

fn not_json(error: &serde_json::Error, line: u64) -> Error {
    wrong(format!("not valid as JSON: {error}; export the record again, whole")).at(Place::Line(line))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
