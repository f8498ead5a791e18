//! What happened while a record was read, for people.

use super::visible::make_visible;
use serde::{Deserialize, Serialize};

/// Most notes that a list of an [`ImportReport`] holds; one more says how many were left out.
pub const NOTES_MAX: usize = 200;

/// What happened while a record was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The format that the record was read as.
    pub format: String,
    /// Rows of data in the record, blank lines not counted.
    pub rows: usize,
    /// Rows with at least one value used.
    pub rows_read: usize,
    /// Rows not used (`rows - rows_read` of them), each with its line and the reason; at most [`NOTES_MAX`] and one.
    pub rows_skipped: Vec<Note>,
    /// Observed steps of each channel, in the manifest's order.
    pub observed: Vec<usize>,
    /// Values outside a channel's plausible range, used as they are; at most [`NOTES_MAX`] and one.
    pub implausible: Vec<Note>,
    /// Anything else that a reader should know: categories read in another spelling, variables not used or not in the
    /// record, hours before zero; at most [`NOTES_MAX`] and one.
    pub notes: Vec<Note>,
    /// What the record says about where it comes from.
    pub source: Source,
}

/// What a record says about where it comes from: empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// The patient, as the record refers to them, for example `Patient/17`.
    pub patient: String,
    /// The encounter, where all observations used name the same.
    pub encounter: String,
    /// What stands at hour zero, for records with dates.
    pub time_zero: String,
    /// Hour zero as a FHIR instant, of a record whose times have zones.
    pub zero: String,
    /// References to the resources that the input was made of.
    pub basis: Vec<String>,
}

impl ImportReport {
    /// The same without characters that hide or turn what stands beside them, in whatever a record calls something.
    pub(crate) fn visible(mut self) -> Self {
        let Source { patient, encounter, time_zero, zero, basis } = &mut self.source;
        [patient, encounter, time_zero, zero].into_iter().chain(basis).for_each(make_visible);
        let notes = [&mut self.rows_skipped, &mut self.implausible, &mut self.notes].into_iter().flatten();
        notes.flat_map(|note| [&mut note.channel, &mut note.message]).for_each(make_visible);
        self
    }
}

/// One remark of an [`ImportReport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Line of the record, counted from 1, the header included; 0 for the whole record.
    pub line: u64,
    /// The variable's name, empty for the whole row.
    pub channel: String,
    /// What was seen and what was done, for people.
    pub message: String,
}

impl Note {
    pub(super) fn new(line: u64, channel: &str, message: impl Into<String>) -> Self {
        Self { line, channel: channel.to_owned(), message: message.into() }
    }
}

/// A list of notes that stays short however dirty the record: the first [`NOTES_MAX`], and a count of the others.
#[derive(Debug, Default)]
pub(super) struct Notes {
    listed: Vec<Note>,
    n_others: usize,
}

impl Notes {
    /// A list with so many notes left out already.
    pub(super) const fn with_others(n_others: usize) -> Self {
        Self { listed: Vec::new(), n_others }
    }

    /// Adds a note; `message` is only made where the note is listed.
    pub(super) fn push(&mut self, line: u64, channel: &str, message: impl FnOnce() -> String) {
        if self.listed.len() < NOTES_MAX {
            self.listed.push(Note::new(line, channel, message()));
        } else {
            self.n_others += 1;
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Note> {
        if self.n_others > 0 {
            self.listed.push(Note::new(0, "", format!("and {} more, not listed", self.n_others)));
        }
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_ends_with_a_count() {
        let mut notes = Notes::default();
        for line in 0..NOTES_MAX as u64 + 3 {
            notes.push(line, "pH", || "odd".to_owned());
        }
        let list = notes.into_list();
        assert_eq!(list.len(), NOTES_MAX + 1);
        assert_eq!(list[NOTES_MAX], Note::new(0, "", "and 3 more, not listed"));
    }

    #[test]
    fn a_short_list_is_whole() {
        let mut notes = Notes::default();
        notes.push(7, "pH", || "odd".to_owned());
        assert_eq!(notes.into_list(), [Note::new(7, "pH", "odd")]);
    }
}
