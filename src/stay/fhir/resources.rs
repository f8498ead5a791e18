//! JSON text -> the resources in it, each with its line: a Bundle, a list, one resource, or one resource a line.

use crate::stay::{format, shown};
use crate::{Error, Kind, Place, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How deep Bundles may stand in Bundles or lists.
const DEPTH_MAX: usize = 4;

/// The resources of a record that say something about a stay.
#[derive(Debug, Default)]
pub(super) struct Resources<'t> {
    pub(super) observations: Vec<Resource<'t>>,
    pub(super) encounters: Vec<Resource<'t>>,
    /// How many resources of other types there were.
    pub(super) others: BTreeMap<String, usize>,
    /// Whether a Bundle says that it is not the last page.
    pub(super) has_next_page: bool,
}

/// One resource as text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'t> {
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    pub(super) text: &'t str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    resource_type: Option<String>,
}

#[derive(Deserialize)]
struct Bundle<'t> {
    #[serde(borrow, default)]
    entry: Vec<Entry<'t>>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    relation: String,
}

#[derive(Deserialize)]
struct Entry<'t> {
    #[serde(borrow)]
    resource: Option<&'t RawValue>,
    request: Option<Request>,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    method: String,
}

/// Finds every resource.
///
/// # Errors
/// [`Kind::Record`] at the line, where the text is not valid JSON or holds no FHIR.
pub(super) fn collect(text: &str) -> Result<Resources<'_>> {
    let mut walk = Walk { text, at: 0, line: 1, found: Resources::default() };
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.map_err(|error| not_json(&error, error.line()))?;
        walk.value(value.get(), 0)?;
    }
    let found = walk.found;
    if found.observations.is_empty() {
        let others: Vec<String> = found.others.iter().map(|(name, n)| format!("{n} {}", shown(name))).collect();
        let seen =
            if others.is_empty() { format::advice(text).to_owned() } else { format!("only {}", others.join(", ")) };
        return Err(wrong(format!("no Observation in the record: {seen}; open a Bundle of Observations")));
    }
    Ok(found)
}

struct Walk<'t> {
    text: &'t str,
    /// How far lines have been counted, in bytes.
    at: usize,
    line: u64,
    found: Resources<'t>,
}

impl<'t> Walk<'t> {
    fn value(&mut self, text: &'t str, depth: usize) -> Result<()> {
        let line = self.line_of(text);
        if depth > DEPTH_MAX {
            let message = format!("Bundles stand in one another more than {DEPTH_MAX} deep; open the inner one");
            return Err(wrong(message).at(Place::Line(line)));
        }
        if text.starts_with('[') {
            let values: Vec<&'t RawValue> = parsed(text, line)?;
            return values.into_iter().try_for_each(|value| self.value(value.get(), depth + 1));
        }
        let Ok(Head { resource_type: Some(name) }) = serde_json::from_str(text) else {
            return Err(wrong(format!("no FHIR resource; {}", format::advice(self.text))).at(Place::Line(line)));
        };
        match name.as_str() {
            "Bundle" => self.bundle(text, line, depth)?,
            "Observation" => self.found.observations.push(Resource { line, text }),
            "Encounter" => self.found.encounters.push(Resource { line, text }),
            _ => *self.found.others.entry(name).or_default() += 1,
        }
        Ok(())
    }

    fn bundle(&mut self, text: &'t str, line: u64, depth: usize) -> Result<()> {
        let bundle: Bundle<'t> = parsed(text, line)?;
        self.found.has_next_page |= bundle.link.iter().any(|link| link.relation == "next");
        for Entry { resource, request } in bundle.entry {
            let is_deleted = request.is_some_and(|request| request.method.eq_ignore_ascii_case("DELETE"));
            if let (Some(resource), false) = (resource, is_deleted) {
                self.value(resource.get(), depth + 1)?;
            }
        }
        Ok(())
    }

    /// The line on which a part of the text starts. Parts come in their order, so that each line is counted once.
    fn line_of(&mut self, part: &str) -> u64 {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if let Some(passed) = self.text.get(self.at..start) {
            self.line += passed.bytes().filter(|&byte| byte == b'\n').count() as u64;
            self.at = start;
        }
        self.line
    }
}

/// A part of the text that is valid JSON, as a type; lines of its error count from `line`.
fn parsed<'t, T: Deserialize<'t>>(text: &'t str, line: u64) -> Result<T> {
    serde_json::from_str(text).map_err(|error| not_json(&error, line as usize + error.line().saturating_sub(1)))
}

fn not_json(error: &serde_json::Error, line: usize) -> Error {
    let message = format!("not valid as JSON: {error}; export the record again, whole");
    wrong(message).at(Place::Line(line as u64))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
