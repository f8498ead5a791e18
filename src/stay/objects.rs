//! JSON objects as the rows of a table: a list of them, or one a line, each with the same few fields.

use super::lines::{JsonValues, Lines};
use super::row::Row;
use super::shown;
use crate::{Error, Kind, Place, Result};
use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Most different fields that the objects may have.
const FIELDS_MAX: usize = 64;

/// Reads objects one by one, the names of their fields first. What is no object, or names a field twice, is a row that
/// cannot be read.
pub(super) struct Objects<'a> {
    lines: Lines<'a>,
    objects: std::vec::IntoIter<&'a RawValue>,
    /// Lines that are no JSON, given after the objects.
    unreadable: std::vec::IntoIter<(u64, String)>,
    /// The names of all objects' fields, in the order in which they were met.
    names: StringRecord,
    row: StringRecord,
    /// What is wrong with the row that was given last.
    wrong: String,
    has_begun: bool,
}

impl<'a> Objects<'a> {
    /// # Errors
    /// [`Kind::Record`] at the line, where the text is not valid JSON, or holds no object or too many fields.
    pub(super) fn new(text: &'a str) -> Result<Self> {
        let values = JsonValues::of(text).map_err(|(line, message)| wrong(message).at(Place::Line(line)))?;
        let mut objects: Vec<&'a RawValue> = Vec::new();
        for value in values.all {
            match serde_json::from_str(value.get()) {
                Ok(list) => objects.extend::<Vec<&'a RawValue>>(list),
                Err(_) => objects.push(value),
            }
        }
        Ok(Self {
            names: names(&objects, text)?.into(),
            lines: Lines::of(text),
            objects: objects.into_iter(),
            unreadable: values.unreadable.into_iter(),
            row: StringRecord::new(),
            wrong: String::new(),
            has_begun: false,
        })
    }

    /// The names of the fields, then the objects; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        if !self.has_begun {
            self.has_begun = true;
            return Ok((!self.names.is_empty()).then_some(Row { line: 1, fields: &self.names, wrong: None }));
        }
        self.row.clear();
        let Some(object) = self.objects.next() else {
            let Some((line, message)) = self.unreadable.next() else { return Ok(None) };
            self.wrong = message;
            return Ok(Some(Row { line, fields: &self.row, wrong: Some(&self.wrong) }));
        };
        let line = self.lines.line_of(object.get());
        match fields(object) {
            Ok(fields) => {
                for wanted in &self.names {
                    let given = fields.iter().find(|(name, _)| name == wanted);
                    self.row.push_field(&given.map_or(Cow::Borrowed(""), |(_, value)| scalar(value)));
                }
                Ok(Some(Row { line, fields: &self.row, wrong: None }))
            }
            Err(message) => {
                self.wrong = message;
                Ok(Some(Row { line, fields: &self.row, wrong: Some(&self.wrong) }))
            }
        }
    }
}

/// The names of all objects' fields.
///
/// # Errors
/// [`Kind::Record`] at the line, where there are too many, or not one object is sound.
fn names(objects: &[&RawValue], text: &str) -> Result<Vec<String>> {
    let (mut names, mut first_wrong) = (Vec::new(), None);
    let mut lines = Lines::of(text);
    for object in objects {
        let line = lines.line_of(object.get());
        match fields(object) {
            Ok(fields) => {
                check_count(fields.len(), line)?;
                for (name, _) in fields {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                check_count(names.len(), line)?;
            }
            Err(message) => {
                first_wrong.get_or_insert((line, message));
            }
        }
    }
    match first_wrong.filter(|_| names.is_empty()) {
        Some((line, message)) => Err(wrong(message).at(Place::Line(line))),
        None => Ok(names),
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

/// An object's fields, none of them twice; else what is wrong with it.
fn fields(object: &RawValue) -> Result<Vec<(String, &RawValue)>, String> {
    let Ok(Fields(fields)) = serde_json::from_str(object.get()) else {
        let message = "no object; give each measurement as {\"time\": ..., \"variable\": ..., \"value\": ...}";
        return Err(message.to_owned());
    };
    // So many are refused, before each is compared with each.
    if fields.len() > FIELDS_MAX {
        return Ok(fields);
    }
    let again = |(at, (name, _)): (usize, &(String, _))| fields[..at].iter().any(|(other, _)| other == name);
    match fields.iter().enumerate().find(|&(at, field)| again((at, field))) {
        Some((_, (name, _))) => {
            Err(format!("the field \"{}\" stands twice in one object; keep one of them", shown(name)))
        }
        None => Ok(fields),
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

/// What stands in a cell of a table in place of a field's value: what is neither a text nor a number, as JSON writes it.
fn scalar(value: &RawValue) -> Cow<'_, str> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(text).map_or(Cow::Borrowed(text), Cow::Owned),
        Some(b'n') => Cow::Borrowed(""),
        _ => Cow::Borrowed(text),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
