//! What names Observations as its own: a panel its members (`hasMember`), a report its results, a List its items.
//!
//! A record that holds the members has them as resources of their own, or inside the group; either way they are read
//! there. What is left to do here is to say which of them the record does not hold.

use super::given::{given, list};
use serde::Deserialize;
use std::collections::HashSet;

/// Most references listed in a note.
const LISTED_MAX: usize = 6;

/// A resource that names Observations, with those of them that are not inside it.
#[derive(Debug)]
pub(super) struct ObservationGroup {
    /// For people, for example `List/17`.
    pub(super) name: String,
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    members: Vec<String>,
    /// Members that a List says have been taken off it.
    deleted: HashSet<String>,
}

/// References by which the Observations of a record may be named.
#[derive(Debug, Default)]
pub(super) struct Present(HashSet<String>);

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ObservationPanel {
    #[serde(deserialize_with = "list")]
    has_member: Vec<NamedGroup>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Report {
    #[serde(deserialize_with = "list")]
    result: Vec<NamedGroup>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    #[serde(deserialize_with = "list")]
    entry: Vec<GroupItem>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GroupItem {
    #[serde(deserialize_with = "given")]
    item: NamedGroup,
    #[serde(deserialize_with = "given")]
    deleted: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedGroup {
    #[serde(deserialize_with = "given")]
    reference: String,
}

impl ObservationGroup {
    /// The group that a resource is, if it is one that can be read as such.
    pub(super) fn of(kind: &str, id: &str, line: u64, text: &str) -> Option<Self> {
        let (named, deleted): (Vec<NamedGroup>, Vec<NamedGroup>) = match kind {
            "Observation" => (serde_json::from_str::<ObservationPanel>(text).ok()?.has_member, Vec::new()),
            "DiagnosticReport" => (serde_json::from_str::<Report>(text).ok()?.result, Vec::new()),
            "List" => {
                let (off, on): (Vec<GroupItem>, Vec<GroupItem>) =
                    serde_json::from_str::<List>(text).ok()?.entry.into_iter().partition(|entry| entry.deleted);
                let items = |entries: Vec<GroupItem>| entries.into_iter().map(|entry| entry.item).collect();
                (items(on), items(off))
            }
            _ => return None,
        };
        let reference = |named: NamedGroup| named.reference;
        let (members, deleted) =
            (named.into_iter().map(reference).collect(), deleted.into_iter().map(reference).collect());
        let name = if id.is_empty() { kind.to_owned() } else { format!("{kind}/{id}") };
        Some(Self { name, line, members, deleted })
    }

    /// Whether the Observation of this id inside it has been taken off it.
    pub(super) fn has_deleted(&self, id: &str) -> bool {
        self.deleted.contains(&format!("#{id}"))
    }

    /// The group without the members inside it, which have these ids.
    pub(super) fn without(mut self, inside: &HashSet<String>) -> Self {
        self.members.retain(|reference| !reference.strip_prefix('#').is_some_and(|id| inside.contains(id)));
        self
    }

    /// What to say of the members that are not in the record, if any are.
    pub(super) fn missing(&self, present: &Present) -> Option<String> {
        let missing: Vec<&str> =
            self.members.iter().map(|reference| &**reference).filter(|reference| present.lacks(reference)).collect();
        let listed = missing.iter().take(LISTED_MAX).map(|reference| crate::stay::shown(reference));
        let listed = listed.collect::<Vec<_>>().join(", ");
        let more = if missing.len() > LISTED_MAX { ", ..." } else { "" };
        let count = missing.len();
        (count > 0).then(|| format!("{count} of its Observations not in the record: {listed}{more}"))
    }
}

impl Present {
    /// An Observation of this id, empty for none.
    pub(super) fn add_id(&mut self, id: &str) {
        if !id.is_empty() {
            self.0.insert(format!("Observation/{id}"));
        }
    }

    /// An entry's address, empty for none.
    pub(super) fn add_url(&mut self, url: &str) {
        if !url.is_empty() {
            self.0.insert(url.to_owned());
        }
    }

    /// Whether a reference is one to an Observation that the record does not hold. Lists name other resources, too.
    fn lacks(&self, reference: &str) -> bool {
        let whole = reference.split("/_history/").next().unwrap_or_default();
        let relative = whole.rfind("Observation/").map(|at| &whole[at..]);
        let is_observation = relative.is_some() || (!whole.is_empty() && !whole.contains('/'));
        is_observation && !self.0.contains(whole) && !relative.is_some_and(|relative| self.0.contains(relative))
    }
}
