//! Of the versions of one resource the newest counts. Where that is withdrawn, the older ones are, too.

use crate::stay::clock;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// What a status means for reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// It never happened or no longer holds.
    Withdrawn,
    /// It takes the place of an earlier result.
    Corrected,
    /// It holds.
    Final,
    /// It may still change.
    Preliminary,
    /// Anything else, or nothing: there need not be a result.
    #[default]
    Other,
}

impl Status {
    /// The meaning of FHIR's word, in whatever capitals.
    pub(super) fn of(text: &str) -> Self {
        match text.trim().to_lowercase().replace(['_', ' '], "-").as_str() {
            "entered-in-error" | "cancelled" => Self::Withdrawn,
            "corrected" | "amended" => Self::Corrected,
            "final" => Self::Final,
            "preliminary" => Self::Preliminary,
            _ => Self::Other,
        }
    }

    /// Of two Observations of one minute, or of two versions that say no more, the one of the higher rank counts.
    pub(super) const fn rank(self) -> usize {
        match self {
            Self::Withdrawn => 3,
            Self::Corrected => 2,
            Self::Final => 1,
            Self::Preliminary | Self::Other => 0,
        }
    }
}

/// One version of a resource, as far as it says how new it is.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Which resource: its whole address, else `Type/id`.
    resource: Rc<str>,
    /// `Type/id`, whatever the server.
    local: Rc<str>,
    /// When it was written, in seconds since 1970.
    updated: Option<f64>,
    /// Its number.
    number: Option<u64>,
    status: Status,
    /// Of its text: the same text twice is no new version.
    digest: u64,
    /// How late it stands in the record; entries of a history stand newest first.
    order: usize,
}

/// What is to be done with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is the newest.
    Counts,
    /// There is a newer one.
    Older,
    /// The same version stands in the record before.
    Repeated,
    /// The resource was withdrawn or deleted.
    Withdrawn,
}

/// All versions met, in the order of the record.
#[derive(Debug, Default)]
pub(super) struct Versions {
    all: Vec<Version>,
}

/// What an entry and a resource say of a version.
#[derive(Debug, Default)]
pub(super) struct VersionClaim<'s> {
    /// The address of the resource, empty where the record gives none.
    pub(super) full_url: &'s str,
    /// The resource's type and id, `Type/id`.
    pub(super) local: &'s str,
    pub(super) updated: &'s str,
    pub(super) number: &'s str,
    pub(super) status: Status,
    /// The resource itself, empty where it was deleted.
    pub(super) text: &'s str,
    pub(super) order: usize,
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Versions {
    /// Takes a version, and gives its number here.
    pub(super) fn add(&mut self, said: &VersionClaim<'_>) -> usize {
        let whole = said.full_url.split("/_history/").next().unwrap_or_default();
        self.all.push(Version {
            resource: if whole.is_empty() { said.local.into() } else { whole.into() },
            local: said.local.into(),
            updated: clock::parse(said.updated).map(|moment| moment.seconds),
            number: said.number.trim_start_matches("W/").trim_matches('"').parse().ok(),
            status: said.status,
            digest: digest(said.text),
            order: said.order,
        });
        self.all.len() - 1
    }

    /// Whether a version says when it was written, or its number.
    pub(super) fn is_numbered(&self, version: usize) -> bool {
        self.all.get(version).is_some_and(|version| version.updated.is_some() || version.number.is_some())
    }

    /// What is to be done with each version, in the order in which they were taken.
    pub(super) fn fates(&self) -> Vec<Fate> {
        let newest = self.newest();
        let withdrawn = self.withdrawn(&newest);
        let fate = |(index, version): (usize, &Version)| {
            let best = newest.get(&*version.resource).copied().unwrap_or(index);
            let is_withdrawn = self.all[best].status == Status::Withdrawn || withdrawn.holds(&self.all, version);
            match (best == index, is_withdrawn) {
                // Its own status says why.
                (true, _) if version.status == Status::Withdrawn => Fate::Counts,
                (_, true) => Fate::Withdrawn,
                (true, false) => Fate::Counts,
                (false, false) if self.all[best].digest == version.digest => Fate::Repeated,
                (false, false) => Fate::Older,
            }
        };
        self.all.iter().enumerate().map(fate).collect()
    }

    /// The newest version of each resource; of the same text twice, the first.
    fn newest(&self) -> HashMap<&str, usize> {
        let mut newest: HashMap<&str, usize> = HashMap::new();
        for (index, version) in self.all.iter().enumerate() {
            let best = newest.entry(&version.resource).or_insert(index);
            if version.digest != self.all[*best].digest && version.is_newer(&self.all[*best]) {
                *best = index;
            }
        }
        newest
    }

    /// The newest withdrawal of each `Type/id`, apart for those that name a server.
    fn withdrawn(&self, newest: &HashMap<&str, usize>) -> Withdrawn<'_> {
        let mut withdrawn = Withdrawn::default();
        for &index in newest.values().filter(|&&index| self.all[index].status == Status::Withdrawn) {
            let version = &self.all[index];
            let list = if version.has_server() { &mut withdrawn.of_a_server } else { &mut withdrawn.of_none };
            let best = list.entry(&version.local).or_insert(index);
            if version.is_newer(&self.all[*best]) {
                *best = index;
            }
        }
        withdrawn
    }
}

/// Withdrawals by `Type/id`.
#[derive(Default)]
struct Withdrawn<'v> {
    of_a_server: HashMap<&'v str, usize>,
    of_none: HashMap<&'v str, usize>,
}

impl Withdrawn<'_> {
    /// Whether a withdrawal may be of this version although only one of the two names its server.
    fn holds(&self, all: &[Version], version: &Version) -> bool {
        let list = if version.has_server() { &self.of_none } else { &self.of_a_server };
        list.get(&*version.local).is_some_and(|&by| !version.is_newer(&all[by]))
    }
}

impl Version {
    fn has_server(&self) -> bool {
        self.resource != self.local
    }

    /// By the time of writing, then the number, then the status (a correction is newer than what it corrects), then the
    /// order.
    fn is_newer(&self, than: &Self) -> bool {
        if let (Some(mine), Some(its)) = (self.updated, than.updated)
            && mine != its
        {
            return mine > its;
        }
        if let (Some(mine), Some(its)) = (self.number, than.number)
            && mine != its
        {
            return mine > its;
        }
        (self.status.rank(), self.order) > (than.status.rank(), than.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Fate::{Counts, Older, Repeated, Withdrawn};

    /// Full URL, hour of writing (0 for none), number, status; the text is what they are.
    type Row = (&'static str, u32, &'static str, &'static str);

    fn check(rows: &[Row], expected: &[Fate]) {
        let mut versions = Versions::default();
        for (order, row) in rows.iter().enumerate() {
            let updated = if row.1 == 0 { String::new() } else { format!("2031-05-04T{:02}:00:00Z", row.1) };
            versions.add(&VersionClaim {
                full_url: row.0,
                local: "Observation/a",
                updated: &updated,
                number: row.2,
                status: Status::of(row.3),
                text: &format!("{row:?}"),
                order,
            });
        }
        assert_eq!(versions.fates(), expected, "{rows:?}");
    }

    #[test]
    fn the_newest_counts() {
        check(&[("", 1, "1", "final"), ("", 2, "2", "final")], &[Older, Counts]);
        check(&[("", 2, "1", "final"), ("", 1, "2", "final")], &[Counts, Older]);
        check(&[("", 0, "10", "final"), ("", 0, "9", "final")], &[Counts, Older]);
        check(&[("", 1, "W/\"3\"", "final"), ("", 1, "2", "final")], &[Counts, Older]);
        check(&[("", 0, "", "corrected"), ("", 0, "", "final")], &[Counts, Older]);
        check(&[("", 0, "", "amended"), ("", 0, "", "final"), ("", 0, "", "preliminary")], &[Counts, Older, Older]);
        check(&[("", 0, "", "final"), ("", 0, "x", "final")], &[Older, Counts]);
        check(&[("", 1, "1", "final"), ("", 1, "1", "final")], &[Counts, Repeated]);
    }

    #[test]
    fn a_withdrawal_takes_the_older_ones_along() {
        check(&[("", 2, "2", "entered-in-error"), ("", 1, "1", "final")], &[Counts, Withdrawn]);
        check(&[("", 0, "", "Cancelled"), ("", 0, "", "final")], &[Counts, Withdrawn]);
        check(&[("", 0, "", "final"), ("", 0, "", "entered-in-error")], &[Withdrawn, Counts]);
        check(&[("", 1, "1", "entered-in-error"), ("", 2, "2", "final")], &[Older, Counts]);
        check(&[("", 2, "", "entered-in-error"), ("https://a/Observation/a", 1, "", "final")], &[Counts, Withdrawn]);
        check(&[("https://a/Observation/a", 2, "", "cancelled"), ("", 1, "", "final")], &[Counts, Withdrawn]);
        check(&[("https://a/Observation/a", 1, "", "cancelled"), ("", 2, "", "final")], &[Counts, Counts]);
    }

    #[test]
    fn two_servers_number_alike() {
        let (a, b) = ("https://a/Observation/a", "https://b/Observation/a");
        check(&[(a, 1, "1", "final"), (b, 2, "2", "final")], &[Counts, Counts]);
        check(&[(a, 1, "1", "final"), (b, 2, "2", "entered-in-error")], &[Counts, Counts]);
        check(&[(a, 1, "1", "final"), ("https://a/Observation/a/_history/2", 2, "2", "final")], &[Older, Counts]);
    }
}
