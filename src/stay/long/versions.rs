//! Rows that bear one number: versions of one row, of which the newest counts. Where that is withdrawn, the older ones are, too;
//! where nothing says which is newer, none is read.

use super::WITHDRAWN;
use csv::StringRecord;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a row says of its version.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowVersion<'r> {
    /// The number of the row.
    pub(super) id: &'r str,
    /// When it was entered or last changed, or its number as a version; less than any time where it does not say.
    pub(super) stored: f64,
    /// How much its status makes of it: a withdrawal more than a correction, that more than a final result.
    pub(super) rank: usize,
    /// The time of the measurement.
    pub(super) time: Option<f64>,
    /// Its line, from 1.
    pub(super) line: u64,
    pub(super) fields: &'r StringRecord,
}

/// Why a row is passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RowFate {
    /// There is a newer one.
    Older,
    /// There is a newer one that is withdrawn.
    Withdrawn,
    /// There is another one, and nothing says which is newer: the number, and the line of the other one.
    Contradicted { id: String, line: u64 },
}

/// The rows of a table that have numbers.
#[derive(Debug, Default)]
pub(super) struct RowVersions {
    /// The newest version of each row, by a digest of its number, of whose it is and of what it measures.
    newest: HashMap<u64, KeptRow>,
    /// What becomes of rows that are not the newest version.
    fates: HashMap<usize, RowFate>,
}

/// The newest version so far, and the rows that say the same as it, or that contradict it.
#[derive(Debug, Clone)]
struct KeptRow {
    rows: Vec<usize>,
    line: u64,
    stored: f64,
    rank: usize,
    time: f64,
    digest: u64,
    /// Rows that a withdrawal takes along.
    is_withdrawn: bool,
}

fn digest(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl RowVersions {
    /// Takes a row, counted from 0. `of`: whose it is, and the name of its variable.
    pub(super) fn see(&mut self, row: usize, of: (usize, &str), version: RowVersion<'_>) {
        let RowVersion { id, stored, rank, time, line, fields } = version;
        let time = time.unwrap_or(f64::NEG_INFINITY);
        let is_withdrawn = rank == WITHDRAWN;
        let digest_of_fields = digest(fields.iter().map(str::trim).collect::<Vec<_>>());
        let new = KeptRow { rows: vec![row], line, stored, rank, time, digest: digest_of_fields, is_withdrawn };
        let Some(old) = self.newest.get_mut(&digest((id, of))) else {
            self.newest.insert(digest((id, of)), new);
            return;
        };
        if old.digest == new.digest {
            let fate = old.rows.first().and_then(|first| self.fates.get(first)).cloned();
            self.fates.extend(fate.map(|fate| (row, fate)));
            old.rows.push(row);
            return;
        }
        let order = new.stored.total_cmp(&old.stored).then(new.rank.cmp(&old.rank)).then(new.time.total_cmp(&old.time));
        let fate = |newest: &KeptRow| if newest.is_withdrawn { RowFate::Withdrawn } else { RowFate::Older };
        match order {
            std::cmp::Ordering::Greater => {
                let fate = fate(&new);
                self.fates.extend(old.rows.iter().map(|&row| (row, fate.clone())));
                *old = new;
            }
            std::cmp::Ordering::Less => {
                self.fates.insert(row, fate(old));
            }
            std::cmp::Ordering::Equal => {
                let other = RowFate::Contradicted { id: id.to_owned(), line };
                let first = RowFate::Contradicted { id: id.to_owned(), line: old.line };
                self.fates.extend(old.rows.iter().map(|&row| (row, other.clone())));
                self.fates.insert(row, first);
                old.rows.push(row);
            }
        }
    }

    /// What becomes of a row that is not read as the newest version of itself.
    pub(super) fn fate(&self, row: usize) -> Option<&RowFate> {
        self.fates.get(&row)
    }

    /// Whether a row is read.
    pub(super) fn counts(&self, row: usize) -> bool {
        !self.fates.contains_key(&row)
    }
}
