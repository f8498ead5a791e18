//! JSON text -> the resources in it, each with its line: a Bundle, Parameters, a list, one resource, or one resource a line. An
//! Observation may also stand inside another resource, as `contained`.

use super::given::{given, list};
use super::groups::{ObservationGroup, Present};
use super::observation::{self, Holder, Measured, Observation};
use super::reference::base_of;
use super::search::Searches;
use super::versions::{Status, VersionClaim, Versions};
use crate::stay::lines::{JsonValues, Lines, not_json};
use crate::stay::{format, shown};
use crate::{Error, Kind, Place, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// Most bytes of an address from which relative references go on.
const URL_MAX: usize = 4096;

/// How deep Bundles may stand in Bundles or lists.
const DEPTH_MAX: usize = 4;

/// The resources of a record that say something about a stay.
#[derive(Debug, Default)]
pub(super) struct Resources<'t> {
    pub(super) observations: Vec<Resource<'t>>,
    pub(super) encounters: Vec<Resource<'t>>,
    /// Patients, for their names.
    pub(super) patients: Vec<Resource<'t>>,
    /// In what Observations may have been measured.
    pub(super) specimens: Vec<Resource<'t>>,
    /// How many resources of other types there were.
    pub(super) others: BTreeMap<String, usize>,
    /// What names Observations as its members or results, with the number of its version.
    pub(super) groups: Vec<(ObservationGroup, usize)>,
    /// By what the Observations of the record may be named.
    pub(super) present: Present,
    pub(super) versions: Versions,
    /// What became of the searches whose answers the Bundles are.
    pub(super) searches: Searches,
    /// Lines, entries and resources that cannot be read, each with its line and the reason.
    pub(super) unreadable: Vec<(u64, String)>,
}

/// One resource as text.
#[derive(Debug)]
pub(super) struct Resource<'t> {
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    pub(super) text: &'t str,
    /// Its address as its Bundle gives it, empty for none.
    pub(super) full_url: Rc<str>,
    /// The number of its version, or of that of the resource inside which it stands.
    pub(super) version: usize,
    /// The resource inside which it stands, where it is `contained` in one.
    pub(super) holder: Option<Rc<Holder>>,
}

impl Resource<'_> {
    /// The Observation that it is.
    ///
    /// # Errors
    /// Where it has not the shape of FHIR R4.
    pub(super) fn observation(&self) -> serde_json::Result<(Observation, Measured)> {
        observation::read(self.text, self.holder.as_ref())
    }

    /// The server's address, empty where it is not known or no address that anybody could have.
    pub(super) fn base(&self) -> &str {
        if self.full_url.len() > URL_MAX { "" } else { base_of(&self.full_url) }
    }
}

/// What every resource may say of itself. What is of another shape is not looked at here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'t> {
    resource_type: Option<String>,
    #[serde(borrow)]
    id: Option<&'t RawValue>,
    #[serde(borrow)]
    meta: Option<&'t RawValue>,
    #[serde(borrow)]
    status: Option<&'t RawValue>,
    #[serde(borrow)]
    contained: Option<&'t RawValue>,
    #[serde(borrow)]
    related: Option<&'t RawValue>,
    #[serde(borrow)]
    extension: Option<&'t RawValue>,
}

/// What an Observation has to do with another, before R4.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Related {
    #[serde(deserialize_with = "given")]
    r#type: String,
    #[serde(deserialize_with = "given")]
    target: Target,
}

/// The same since R4.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Relation {
    #[serde(deserialize_with = "given")]
    url: String,
    #[serde(deserialize_with = "given")]
    value_reference: Target,
}

const REPLACES: &str = "http://hl7.org/fhir/StructureDefinition/observation-replaces";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Target {
    #[serde(deserialize_with = "given")]
    reference: String,
}

impl Head<'_> {
    /// References to the Observations whose place this one takes.
    fn replaced(&self) -> Vec<String> {
        let before = lenient::<Vec<Related>>(self.related).into_iter().filter(|it| it.r#type == "replaces");
        let since = lenient::<Vec<Relation>>(self.extension).into_iter().filter(|it| it.url == REPLACES);
        let targets = before.map(|it| it.target).chain(since.map(|it| it.value_reference));
        targets.map(|target| target.reference).filter(|reference| !reference.is_empty()).collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    #[serde(deserialize_with = "given")]
    last_updated: String,
    #[serde(deserialize_with = "given")]
    version_id: String,
}

/// A member of whatever shape, or the default where it has not the one that is wanted.
fn lenient<'t, T: Default + Deserialize<'t>>(member: Option<&'t RawValue>) -> T {
    member.and_then(|member| serde_json::from_str(member.get()).ok()).unwrap_or_default()
}

#[derive(Deserialize)]
struct Bundle<'t> {
    #[serde(borrow, default, deserialize_with = "list")]
    entry: Vec<&'t RawValue>,
    #[serde(borrow)]
    r#type: Option<&'t RawValue>,
}

/// What an operation answers.
#[derive(Deserialize)]
struct Parameters<'t> {
    #[serde(borrow, default, deserialize_with = "list")]
    parameter: Vec<Parameter<'t>>,
}

/// A resource under a name, or further ones.
#[derive(Deserialize)]
struct Parameter<'t> {
    #[serde(borrow)]
    resource: Option<&'t RawValue>,
    #[serde(borrow, default, deserialize_with = "list")]
    part: Vec<Self>,
}

#[derive(Deserialize)]
struct BundleEntry<'t> {
    #[serde(borrow)]
    resource: Option<&'t RawValue>,
    request: Option<BundleRequest>,
    response: Option<Response<'t>>,
    #[serde(default, rename = "fullUrl", deserialize_with = "given")]
    full_url: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BundleRequest {
    #[serde(deserialize_with = "given")]
    method: String,
    #[serde(deserialize_with = "given")]
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Response<'t> {
    #[serde(deserialize_with = "given")]
    status: String,
    #[serde(deserialize_with = "given")]
    etag: String,
    #[serde(deserialize_with = "given")]
    last_modified: String,
    #[serde(borrow)]
    outcome: Option<&'t RawValue>,
}

/// Where a resource stands, and what is said of it there.
#[derive(Default)]
struct FoundResource {
    full_url: String,
    etag: String,
    modified: String,
    order: usize,
}

/// Finds every resource.
///
/// # Errors
/// [`Kind::Record`] at the line, where the text is not valid JSON or holds no FHIR.
pub(super) fn collect(text: &str) -> Result<Resources<'_>> {
    let mut walk = Walk { text, lines: Lines::of(text), found: Resources::default(), order: 0 };
    let values = JsonValues::of(text).map_err(|(line, message)| wrong(message).at(Place::Line(line)))?;
    for value in values.all {
        walk.value(value.get(), 0, None)?;
    }
    let mut found = walk.found;
    found.unreadable.extend(values.unreadable);
    if found.observations.is_empty() {
        if let Some((line, reason)) = found.unreadable.first() {
            return Err(wrong(reason).at(Place::Line(*line)));
        }
        let others = found.others.iter().map(|(name, n)| format!("{n} {}", shown(name)));
        let groups = found.groups.iter().take(3).map(|(group, _)| shown(&group.name));
        let patients = (!found.patients.is_empty()).then(|| format!("{} Patient", found.patients.len()));
        let others: Vec<String> = groups.chain(patients).chain(others).chain(found.searches.complaints()).collect();
        let seen = if others.is_empty() { format::advice(text) } else { format!("only {}", others.join(", ")) };
        return Err(wrong(format!("no Observation in the record: {seen}; open a Bundle of Observations")));
    }
    Ok(found)
}

struct Walk<'t> {
    text: &'t str,
    lines: Lines<'t>,
    found: Resources<'t>,
    /// How many resources there were.
    order: usize,
}

impl<'t> Walk<'t> {
    fn value(&mut self, text: &'t str, depth: usize, found: Option<FoundResource>) -> Result<()> {
        let line = self.lines.line_of(text);
        if depth > DEPTH_MAX {
            let message = format!("Bundles stand in one another more than {DEPTH_MAX} deep; open the inner one");
            return Err(wrong(message).at(Place::Line(line)));
        }
        if text.starts_with('[') {
            let values: Vec<&'t RawValue> = parsed(text, line)?;
            return values.into_iter().try_for_each(|value| self.value(value.get(), depth + 1, None));
        }
        let head = serde_json::from_str::<Head<'t>>(text).ok();
        let Some((kind, head)) = head.as_ref().and_then(|head| Some((head.resource_type.as_deref()?, head))) else {
            self.found.unreadable.push((line, format!("no FHIR resource; {}", format::advice(self.text))));
            return Ok(());
        };
        match kind {
            "Bundle" => return self.bundle(text, line, depth),
            "Parameters" => return self.parameters(parsed::<Parameters<'t>>(text, line)?.parameter, depth),
            _ => {}
        }
        self.order += 1;
        let found = found.unwrap_or_else(|| FoundResource { order: self.order, ..FoundResource::default() });
        self.resource(kind, head, text, line, found);
        Ok(())
    }

    fn resource(&mut self, kind: &str, head: &Head<'t>, text: &'t str, line: u64, found: FoundResource) {
        let id: String = lenient(head.id);
        let version = self.version(kind, &id, head, text, &found);
        let group = ObservationGroup::of(kind, &id, line, text);
        let full_url: Rc<str> = found.full_url.into();
        let resource = || Resource { line, text, full_url: Rc::clone(&full_url), version, holder: None };
        match kind {
            "Observation" => {
                self.found.present.add_id(&id);
                self.found.observations.push(resource());
                self.replaced(head, &format!("{kind}/{id}"), &resource());
            }
            "Encounter" => self.found.encounters.push(resource()),
            "Patient" => self.found.patients.push(resource()),
            "Specimen" => self.found.specimens.push(resource()),
            "OperationOutcome" => self.found.searches.add_outcome(line, text),
            // What a group names is read; itself, it measures nothing.
            _ if group.is_some() => {}
            _ => *self.found.others.entry(kind.to_owned()).or_default() += 1,
        }
        let inside = match head.contained {
            Some(list) => self.contained(list.get(), &resource(), group.as_ref()),
            None => HashSet::new(),
        };
        self.found.groups.extend(group.map(|group| (group.without(&inside), version)));
    }

    /// Takes note of a resource's version. One without id and address is a resource of its own.
    fn version(&mut self, kind: &str, id: &str, head: &Head<'t>, text: &str, found: &FoundResource) -> usize {
        let meta: Meta = lenient(head.meta);
        let status: String = lenient(head.status);
        let own = format!("entry {}", found.order);
        let local = if id.is_empty() { own } else { format!("{kind}/{id}") };
        let or = |one: &'_ str, other: &'_ str| if one.is_empty() { other.to_owned() } else { one.to_owned() };
        self.found.versions.add(&VersionClaim {
            full_url: &found.full_url,
            local: &local,
            updated: &or(&meta.last_updated, &found.modified),
            number: &or(&meta.version_id, &found.etag),
            status: Status::of(&status),
            text,
            order: found.order,
        })
    }

    /// Takes note of the Observations whose place another takes: they are withdrawn by it.
    fn replaced(&mut self, head: &Head<'t>, own: &str, by: &Resource<'t>) {
        if Status::of(&lenient::<String>(head.status)) == Status::Withdrawn {
            return;
        }
        for reference in head.replaced() {
            let whole = reference.split("/_history/").next().unwrap_or_default();
            let mut parts = whole.rsplit('/');
            let of_path = parts.next().zip(parts.next()).map(|(id, kind)| format!("{kind}/{id}"));
            let local = of_path.unwrap_or_else(|| whole.to_owned());
            let full_url = match by.base() {
                _ if whole.contains(':') => whole.to_owned(),
                "" => String::new(),
                base => format!("{base}/{whole}"),
            };
            // One that names an earlier version of itself is a version like any other.
            if local != own {
                let (status, order) = (Status::Withdrawn, self.order);
                self.found.versions.add(&VersionClaim {
                    full_url: &full_url,
                    local: &local,
                    status,
                    order,
                    ..VersionClaim::default()
                });
            }
        }
    }

    /// Takes the Observations inside a resource, but for those that a List says are no longer on it; gives their ids.
    fn contained(&mut self, list: &'t str, whole: &Resource<'t>, group: Option<&ObservationGroup>) -> HashSet<String> {
        let resources: Vec<Option<&'t RawValue>> = serde_json::from_str(list).unwrap_or_default();
        let (mut ids, mut shared) = (HashSet::new(), None);
        for resource in resources.into_iter().flatten() {
            let text = resource.get();
            let line = self.lines.line_of(text);
            let Ok(head) = serde_json::from_str::<Head<'t>>(text) else { continue };
            if head.resource_type.as_deref() != Some("Observation") {
                continue;
            }
            let id: String = lenient(head.id);
            if !group.is_some_and(|group| group.has_deleted(&id)) {
                let holder = shared.get_or_insert_with(|| Rc::new(Holder::of(whole.text, whole.base(), whole.line)));
                let (full_url, holder) = (Rc::clone(&whole.full_url), Some(Rc::clone(holder)));
                self.found.observations.push(Resource { line, text, full_url, version: whole.version, holder });
            }
            ids.insert(id);
        }
        ids
    }

    /// What an operation answers, as `$everything` and `$lastn` do on some servers: resources under names, and parts of parts.
    fn parameters(&mut self, parameters: Vec<Parameter<'t>>, depth: usize) -> Result<()> {
        for Parameter { resource, part } in parameters {
            if let Some(resource) = resource {
                self.value(resource.get(), depth + 1, None)?;
            }
            self.parameters(part, depth)?;
        }
        Ok(())
    }

    fn bundle(&mut self, text: &'t str, line: u64, depth: usize) -> Result<()> {
        let bundle: Bundle<'t> = parsed(text, line)?;
        self.found.searches.add_page(text);
        let is_history = lenient::<String>(bundle.r#type) == "history";
        let (first, n_entries) = (self.order, bundle.entry.len());
        for (index, entry) in bundle.entry.into_iter().enumerate() {
            // Entries of a history stand newest first.
            let order = if is_history { first + n_entries - index } else { first + index + 1 };
            match serde_json::from_str(entry.get()) {
                Ok(entry) => self.entry(entry, order, line, depth)?,
                Err(error) => {
                    let line = self.lines.line_of(entry.get());
                    self.found.unreadable.push((line, format!("no entry of a Bundle as FHIR R4 has it: {error}")));
                }
            }
        }
        self.order = self.order.max(first + n_entries);
        Ok(())
    }

    fn entry(&mut self, entry: BundleEntry<'t>, order: usize, line: u64, depth: usize) -> Result<()> {
        let BundleEntry { resource, request, response, full_url } = entry;
        let (request, response) = (request.unwrap_or_default(), response.unwrap_or_default());
        let answer = resource.map_or(line, |resource| self.lines.line_of(resource.get()));
        self.found.searches.add_answer(answer, &response.status, response.outcome);
        let found = FoundResource { full_url, etag: response.etag, modified: response.last_modified, order };
        // What a PATCH makes of a resource is not worked out here: it is as if the resource were gone.
        if ["DELETE", "PATCH"].iter().any(|method| request.method.eq_ignore_ascii_case(method)) {
            self.deleted(&request.url, resource, &found);
            return Ok(());
        }
        match resource {
            Some(resource) => {
                self.found.present.add_url(&found.full_url);
                self.value(resource.get(), depth + 1, Some(found))
            }
            None if request.method.is_empty() && response.status.is_empty() => {
                let reason = "an entry without a resource, as FHIR before DSTU2 has them; export the record as FHIR R4";
                self.found.unreadable.push((line, reason.to_owned()));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes note of a deletion: of the resource in its entry's address, or that stands in the entry.
    fn deleted(&mut self, url: &str, resource: Option<&'t RawValue>, found: &FoundResource) {
        let head: Option<Head<'t>> = resource.and_then(|resource| serde_json::from_str(resource.get()).ok());
        let own = head.and_then(|head| Some(format!("{}/{}", head.resource_type?, lenient::<String>(head.id))));
        let whole = url.split("/_history/").next().unwrap_or_default().trim_end_matches('/');
        let mut parts = whole.rsplit('/');
        let of_url = parts.next().zip(parts.next()).map(|(id, kind)| format!("{kind}/{id}"));
        let is_address = !whole.contains('?');
        let Some(local) = of_url.filter(|_| is_address).or(own) else {
            self.found.searches.add_open_deletion(url);
            return;
        };
        let full_url = if found.full_url.is_empty() && whole.contains("://") { whole } else { &found.full_url };
        self.found.versions.add(&VersionClaim {
            full_url,
            local: &local,
            updated: &found.modified,
            number: &found.etag,
            status: Status::Withdrawn,
            text: "",
            order: found.order,
        });
    }
}

/// A part of the text that is valid JSON, as a type; lines of its error count from `line`.
fn parsed<'t, T: Deserialize<'t>>(text: &'t str, line: u64) -> Result<T> {
    let at = |error: &serde_json::Error| line + (error.line() as u64).saturating_sub(1);
    serde_json::from_str(text).map_err(|error| wrong(not_json(&error)).at(Place::Line(at(&error))))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
