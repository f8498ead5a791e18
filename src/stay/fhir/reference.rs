//! To whom or to what a reference leads: the whole address, an identifier with its system, or a resource inside the one
//! that refers to it. Neither a display name nor the end of an address tells one person from another.

use super::given::{given, list};
use crate::engine::order::sort_by;
use crate::stay::shown;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A reference of FHIR R4.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    #[serde(deserialize_with = "given")]
    reference: String,
    #[serde(deserialize_with = "given")]
    display: String,
    #[serde(deserialize_with = "given")]
    identifier: Identifier,
    #[serde(deserialize_with = "given")]
    r#type: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Identifier {
    #[serde(deserialize_with = "given")]
    system: String,
    #[serde(deserialize_with = "given")]
    value: String,
}

/// A Patient or an Encounter, as far as it says who or what it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Described {
    #[serde(deserialize_with = "given")]
    resource_type: String,
    #[serde(deserialize_with = "given")]
    pub(super) id: String,
    #[serde(deserialize_with = "list")]
    identifier: Vec<Identifier>,
    #[serde(deserialize_with = "named")]
    name: Vec<Name>,
    #[serde(deserialize_with = "given")]
    birth_date: String,
    #[serde(deserialize_with = "given")]
    period: Period,
}

/// When something began and ended.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Name {
    #[serde(deserialize_with = "given")]
    text: String,
    #[serde(deserialize_with = "given")]
    family: String,
    #[serde(deserialize_with = "list")]
    given: Vec<String>,
}

/// Names of people; a name of another shape, as other resources have one, says nothing here.
fn named<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Name>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        People(Vec<Name>),
        Other(serde::de::IgnoredAny),
    }
    match Option::deserialize(from)? {
        Some(Any::People(names)) => Ok(names),
        Some(Any::Other(_)) | None => Ok(Vec::new()),
    }
}

/// What tells one patient or encounter from another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct IdentityKey {
    /// The whole reference, or `system|value`, or what else is known; empty for nobody.
    pub(super) text: Rc<str>,
    /// Whether it can only mean one: two records of one name may be of two people.
    pub(super) is_certain: bool,
}

/// Where a reference stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReferenceSite<'s> {
    /// The server's address, which relative references go on from; empty where it is not known.
    pub(super) base: &'s str,
    /// The resources inside the one that refers, as [`Described::kept`] sorts them.
    pub(super) contained: &'s [Described],
    /// The name of the one that refers.
    pub(super) name: &'s str,
}

impl Reference {
    pub(super) fn is_empty(&self) -> bool {
        self.reference.trim().is_empty() && self.identifier.value.is_empty() && self.display.is_empty()
    }

    /// What people call what is meant.
    pub(super) fn display(&self) -> &str {
        &self.display
    }

    /// The id of a resource inside the one that refers, where that is meant.
    pub(super) fn local_id(&self) -> Option<&str> {
        self.reference.trim().strip_prefix('#')
    }

    /// As people read it.
    pub(super) fn label(&self) -> String {
        let text = [&self.reference, &self.display, &self.identifier.value].into_iter().find(|text| !text.is_empty());
        text.map_or_else(|| "(no name)".to_owned(), |text| shown(text))
    }

    /// The type of what is meant, where it can be told: as the address has it, a resource inside says it, or it is said.
    pub(super) fn kind<'s>(&'s self, contained: &'s [Described]) -> Option<&'s str> {
        let whole = self.reference.split("/_history/").next().unwrap_or_default().trim().trim_end_matches('/');
        let inside = whole.strip_prefix('#').and_then(|id| contained.iter().find(|described| described.id == id));
        let is_type =
            |name: &&str| name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(char::is_alphabetic);
        let of_address = whole.rsplit('/').nth(1).filter(is_type);
        let said = [inside.map(|described| described.resource_type.as_str()), of_address, Some(self.r#type.as_str())];
        said.into_iter().flatten().find(|kind| !kind.is_empty())
    }

    /// Who or what is meant.
    pub(super) fn key(&self, site: ReferenceSite<'_>) -> IdentityKey {
        let whole = self.reference.split("/_history/").next().unwrap_or_default().trim().trim_end_matches('/');
        if let Some(id) = whole.strip_prefix('#') {
            let at = site.contained.partition_point(|described| &*described.id < id);
            let inside = site.contained.get(at).filter(|described| described.id == id);
            return inside.map_or_else(|| IdentityKey::open(format!("{}#{id}", site.name)), |it| it.key(site.name));
        }
        let is_whole = whole.contains(':') || site.base.is_empty();
        match (whole.is_empty(), is_whole) {
            (true, _) => self.key_without_address(),
            (false, true) => IdentityKey { text: whole.into(), is_certain: whole.contains(['/', ':']) },
            (false, false) => IdentityKey::certain(format!("{}/{whole}", site.base)),
        }
    }

    /// The identifier that stands beside an address: `system|value`, empty for none.
    pub(super) fn identifier_beside(&self) -> String {
        if self.reference.is_empty() || self.identifier.value.is_empty() {
            return String::new();
        }
        self.identifier.token()
    }

    fn key_without_address(&self) -> IdentityKey {
        if !self.identifier.value.is_empty() {
            return self.identifier.key();
        }
        if self.display.is_empty() {
            IdentityKey::default()
        } else {
            IdentityKey::open(format!("\"{}\"", self.display))
        }
    }
}

impl Identifier {
    fn token(&self) -> String {
        format!("{}|{}", self.system, self.value)
    }

    fn key(&self) -> IdentityKey {
        IdentityKey { text: self.token().into(), is_certain: !self.system.is_empty() }
    }
}

impl IdentityKey {
    fn certain(text: String) -> Self {
        Self { text: text.into(), is_certain: true }
    }

    fn open(text: String) -> Self {
        Self { text: text.into(), is_certain: false }
    }
}

impl Described {
    /// Those that may be referred to, by their ids: Observations inside a resource are read by themselves.
    pub(super) fn kept(mut all: Vec<Self>) -> Vec<Self> {
        all.retain(|described| described.resource_type != "Observation");
        sort_by(&mut all, |a, b| a.id.cmp(&b.id));
        all
    }

    /// Who a resource inside the one of this name is: by its identifier, else by what it says of itself.
    fn key(&self, name: &str) -> IdentityKey {
        if let Some(identifier) = self.identifier.iter().find(|identifier| !identifier.value.is_empty()) {
            return identifier.key();
        }
        let said = self.said();
        IdentityKey::open(if said.is_empty() { format!("{name}#{}", self.id) } else { format!("\"{said}\"") })
    }

    /// What tells a person from another of the same address: the birth date and the identifiers.
    fn marks(&self) -> (&str, BTreeMap<&str, &str>) {
        let identifiers = self.identifier.iter().filter(|it| !it.system.is_empty() && !it.value.is_empty());
        (&self.birth_date, identifiers.map(|it| (it.system.as_str(), it.value.as_str())).collect())
    }

    /// Name, birth date and identifiers, for people.
    pub(super) fn told_by(&self) -> String {
        let identifiers = self.identifier.iter().map(Identifier::token);
        [self.said()].into_iter().chain(identifiers).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// Whether two descriptions are surely not of one person: another birth date, or another number of one system.
    pub(super) fn is_another(&self, other: &Self) -> bool {
        let ((born, mine), (other_born, its)) = (self.marks(), other.marks());
        let is_born_else = !born.is_empty() && !other_born.is_empty() && born != other_born;
        is_born_else || mine.iter().any(|(system, value)| its.get(system).is_some_and(|other| other != value))
    }

    /// A person's name and birth date, an encounter's start; empty where neither is there.
    pub(super) fn said(&self) -> String {
        let name = self.name.first().map(Name::whole).unwrap_or_default();
        let start = self.period.start.clone().unwrap_or_default();
        [name, self.birth_date.clone(), start]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl Name {
    fn whole(&self) -> String {
        if self.text.is_empty() {
            format!("{} {}", self.given.join(" "), self.family).trim().to_owned()
        } else {
            self.text.clone()
        }
    }
}

/// The server's address in that of one of its resources, empty where the address is not of that form:
/// `https://host/fhir` of `https://host/fhir/Observation/17`.
pub(super) fn base_of(full_url: &str) -> &str {
    let whole = full_url.split("/_history/").next().unwrap_or_default().trim_end_matches('/');
    let is_type = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let parts = whole.rsplit_once('/').and_then(|(start, _)| start.rsplit_once('/'));
    parts.filter(|(base, kind)| is_type(kind) && base.contains("://")).map_or("", |(base, _)| base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(reference: &str, base: &str) -> String {
        let reference: Reference = serde_json::from_str(reference).unwrap();
        let contained: Vec<Described> = serde_json::from_str(
            r#"[{"resourceType":"Patient","id":"p","name":[{"text":"Person A"}],"birthDate":"1950-02-03"},
                {"resourceType":"Patient","id":"q","identifier":[{"system":"urn:h","value":"17"}]},
                {"resourceType":"Organization","id":"r","name":"House"}]"#,
        )
        .unwrap();
        let key = reference.key(ReferenceSite { base, contained: &contained, name: "Observation/7" });
        format!("{} {}", key.text, if key.is_certain { "certain" } else { "open" })
    }

    #[test]
    fn who_is_meant() {
        for (reference, base, expected) in [
            (r#"{"reference":"Patient/1"}"#, "", "Patient/1 certain"),
            (r#"{"reference":"Patient/1/_history/3"}"#, "https://a/fhir", "https://a/fhir/Patient/1 certain"),
            (r#"{"reference":"https://b/Patient/1/"}"#, "https://a/fhir", "https://b/Patient/1 certain"),
            (r#"{"reference":"urn:uuid:5"}"#, "https://a/fhir", "urn:uuid:5 certain"),
            (r#"{"reference":"17"}"#, "", "17 open"),
            (r#"{"identifier":{"system":"urn:h","value":"17"}}"#, "", "urn:h|17 certain"),
            (r#"{"identifier":{"value":"17"}, "reference": null}"#, "", "|17 open"),
            (r#"{"display":"Anna"}"#, "", "\"Anna\" open"),
            ("{}", "", " open"),
            (r##"{"reference":"#p"}"##, "", "\"Person A, 1950-02-03\" open"),
            (r##"{"reference":"#q"}"##, "https://a", "urn:h|17 certain"),
            (r##"{"reference":"#r"}"##, "", "Observation/7#r open"),
            (r##"{"reference":"#gone"}"##, "", "Observation/7#gone open"),
        ] {
            assert_eq!(key(reference, base), expected, "{reference}");
        }
    }

    #[test]
    fn a_servers_address_is_found_in_that_of_its_resources() {
        for (full_url, base) in [
            ("https://host/fhir/Observation/17", "https://host/fhir"),
            ("https://host/fhir/Observation/17/_history/2", "https://host/fhir"),
            ("http://host/Patient/1", "http://host"),
            ("urn:uuid:1", ""),
            ("Observation/17", ""),
            ("https://host/files/17.json", ""),
            ("", ""),
        ] {
            assert_eq!(base_of(full_url), base, "{full_url}");
        }
    }
}
