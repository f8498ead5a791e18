//! JSON text -> the resources in it, each with its line: a Bundle, a list, one resource, or one resource a line. An
//! Observation may also stand inside another resource, as `contained`.

use super::groups::{Group, Present};
use super::observation::Observation;
use crate::stay::lines::Lines;
use crate::stay::{format, shown};
use crate::{Error, Kind, Place, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

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
    /// What names Observations as its members or results.
    pub(super) groups: Vec<Group>,
    /// By what the Observations of the record may be named.
    pub(super) present: Present,
}

/// One resource as text.
#[derive(Debug)]
pub(super) struct Resource<'t> {
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    pub(super) text: &'t str,
    /// The resource inside which it stands, where it is `contained` in one, as far as that has an Observation's fields.
    pub(super) holder: Option<Rc<Observation>>,
}

/// What every resource may say of itself. What is of another shape is not looked at here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'t> {
    resource_type: Option<String>,
    #[serde(borrow)]
    id: Option<&'t RawValue>,
    #[serde(borrow)]
    contained: Option<&'t RawValue>,
}

impl Head<'_> {
    fn id(&self) -> String {
        self.id.and_then(|id| serde_json::from_str(id.get()).ok()).unwrap_or_default()
    }
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
    #[serde(default, rename = "fullUrl")]
    full_url: Option<String>,
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
    let mut walk = Walk { text, lines: Lines::of(text), found: Resources::default() };
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.map_err(|error| not_json(&error, error.line()))?;
        walk.value(value.get(), 0)?;
    }
    let found = walk.found;
    if found.observations.is_empty() {
        let others = found.others.iter().map(|(name, n)| format!("{n} {}", shown(name)));
        let others: Vec<String> = found.groups.iter().take(3).map(|group| shown(&group.name)).chain(others).collect();
        let seen =
            if others.is_empty() { format::advice(text).to_owned() } else { format!("only {}", others.join(", ")) };
        return Err(wrong(format!("no Observation in the record: {seen}; open a Bundle of Observations")));
    }
    Ok(found)
}

struct Walk<'t> {
    text: &'t str,
    lines: Lines<'t>,
    found: Resources<'t>,
}

impl<'t> Walk<'t> {
    fn value(&mut self, text: &'t str, depth: usize) -> Result<()> {
        let line = self.lines.line_of(text);
        if depth > DEPTH_MAX {
            let message = format!("Bundles stand in one another more than {DEPTH_MAX} deep; open the inner one");
            return Err(wrong(message).at(Place::Line(line)));
        }
        if text.starts_with('[') {
            let values: Vec<&'t RawValue> = parsed(text, line)?;
            return values.into_iter().try_for_each(|value| self.value(value.get(), depth + 1));
        }
        let Ok(head) = serde_json::from_str::<Head<'t>>(text) else { return Err(self.no_resource(line)) };
        let Some(kind) = head.resource_type.as_deref() else { return Err(self.no_resource(line)) };
        let id = head.id();
        let group = Group::of(kind, &id, line, text);
        match kind {
            "Bundle" => return self.bundle(text, line, depth),
            "Observation" => {
                self.found.present.add_id(&id);
                self.found.observations.push(Resource { line, text, holder: None });
            }
            "Encounter" => self.found.encounters.push(Resource { line, text, holder: None }),
            // What a group names is read; itself, it measures nothing.
            _ if group.is_some() => {}
            _ => *self.found.others.entry(kind.to_owned()).or_default() += 1,
        }
        let inside = head.contained.map_or_else(HashSet::new, |list| self.contained(list.get(), text, group.as_ref()));
        self.found.groups.extend(group.map(|group| group.without(&inside)));
        Ok(())
    }

    fn no_resource(&self, line: u64) -> Error {
        wrong(format!("no FHIR resource; {}", format::advice(self.text))).at(Place::Line(line))
    }

    /// Takes the Observations inside a resource, but for those that a List says are no longer on it; gives their ids.
    fn contained(&mut self, list: &'t str, holder: &'t str, group: Option<&Group>) -> HashSet<String> {
        let resources: Vec<&'t RawValue> = serde_json::from_str(list).unwrap_or_default();
        let (mut ids, mut shared) = (HashSet::new(), None);
        for resource in resources {
            let text = resource.get();
            let line = self.lines.line_of(text);
            let Ok(head) = serde_json::from_str::<Head<'t>>(text) else { continue };
            if head.resource_type.as_deref() != Some("Observation") {
                continue;
            }
            let id = head.id();
            if !group.is_some_and(|group| group.has_deleted(&id)) {
                // Of a holder of another shape there is nothing to take over.
                let holder = shared.get_or_insert_with(|| Rc::new(serde_json::from_str(holder).unwrap_or_default()));
                self.found.observations.push(Resource { line, text, holder: Some(Rc::clone(holder)) });
            }
            ids.insert(id);
        }
        ids
    }

    fn bundle(&mut self, text: &'t str, line: u64, depth: usize) -> Result<()> {
        let bundle: Bundle<'t> = parsed(text, line)?;
        self.found.has_next_page |= bundle.link.iter().any(|link| link.relation == "next");
        for Entry { resource, request, full_url } in bundle.entry {
            let is_deleted = request.is_some_and(|request| request.method.eq_ignore_ascii_case("DELETE"));
            if let (Some(resource), false) = (resource, is_deleted) {
                self.found.present.add_url(full_url);
                self.value(resource.get(), depth + 1)?;
            }
        }
        Ok(())
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
