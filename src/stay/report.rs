//! What happened while a record was read, for people.

use super::contradiction::Contradiction;
use super::visible::make_visible;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
    /// Rows that are no problem and give no value: of variables that the model does not take, older versions, groups.
    #[serde(default)]
    pub rows_unused: usize,
    /// The hour of the record's last row, where it lies after those that the model sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_to: Option<f64>,
    /// Why rows were not used (`rows - rows_read - rows_unused` of them): each reason once, at its first line, with the
    /// number of rows that it cost; at most [`NOTES_MAX`] and one.
    pub rows_skipped: Vec<Remark>,
    /// Variables of the record that the model does not take, with how many values; at most [`NOTES_MAX`] and one.
    #[serde(default)]
    pub unused: Vec<Remark>,
    /// Steps for which a channel has more than one value, with the one that counts and those that gave way to it; at
    /// most [`NOTES_MAX`] and one.
    #[serde(default)]
    pub replaced: Vec<Remark>,
    /// Values of one time that contradict each other. They are used as they are.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Observed steps of each channel, in the manifest's order.
    pub observed: Vec<usize>,
    /// Values outside a channel's plausible range, used as they are; at most [`NOTES_MAX`] and one.
    pub implausible: Vec<Remark>,
    /// Anything else that a reader should know: categories read in another spelling, variables not used or not in the
    /// record, hours before zero; at most [`NOTES_MAX`] and one.
    pub notes: Vec<Remark>,
    /// What the record says about where it comes from.
    pub source: Source,
}

impl ImportReport {
    /// How many rows were skipped, each of them a problem.
    #[must_use]
    pub const fn n_skipped(&self) -> usize {
        self.rows.saturating_sub(self.rows_read).saturating_sub(self.rows_unused)
    }
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
        let Self { rows_skipped, implausible, notes, unused, replaced, contradictions, .. } = &mut self;
        contradictions.iter_mut().for_each(|it| make_visible(&mut it.message));
        let notes = [rows_skipped, implausible, notes, unused, replaced].into_iter().flatten();
        notes.flat_map(|note| [&mut note.channel, &mut note.message]).for_each(make_visible);
        self
    }
}

/// One remark of an [`ImportReport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// Line of the record, counted from 1, the header included; 0 for the whole record.
    pub line: u64,
    /// The variable's name, empty for the whole row.
    pub channel: String,
    /// What was seen and what was done, for people.
    pub message: String,
}

impl Remark {
    pub(super) fn new(line: u64, channel: &str, message: impl Into<String>) -> Self {
        Self { line, channel: channel.to_owned(), message: message.into() }
    }
}

/// A list of notes that stays short however dirty the record: the first [`NOTES_MAX`], and a count of the others.
#[derive(Debug, Default)]
pub(super) struct Notes {
    listed: Vec<Remark>,
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
            self.listed.push(Remark::new(line, channel, message()));
        } else {
            self.n_others += 1;
        }
    }

    /// Puts a note about the whole record before all others.
    pub(super) fn push_first(&mut self, message: impl FnOnce() -> String) {
        self.listed.insert(0, Remark::new(0, "", message()));
    }

    pub(super) fn into_list(mut self) -> Vec<Remark> {
        if self.n_others > 0 {
            self.listed.push(Remark::new(0, "", format!("and {} more, not listed", self.n_others)));
        }
        self.listed
    }
}

/// What a reason has in common with others of its kind: without the cell that it begins with, and without numbers.
pub(super) fn cause(reason: &str) -> String {
    let start = reason.find('"').filter(|at| reason[..*at].chars().all(|c| c.is_alphabetic() || c == ':' || c == ' '));
    let is_cell = start.is_some_and(|at| at == 0 || reason[..at].ends_with(": "));
    let behind = start.filter(|_| is_cell).and_then(|at| {
        let rest = reason.get(at + 1..)?;
        rest.find("\" ").or_else(|| rest.find("\":")).and_then(|end| rest.get(end..))
    });
    behind.unwrap_or(reason).chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Most rows that a reason names beside its first.
const NAMED_MAX: usize = 6;

/// Reasons why rows or values are not used: each once, however many it cost.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    listed: Vec<CountedReason>,
    of_key: HashMap<String, usize>,
    n_others: usize,
}

#[derive(Debug)]
struct CountedReason {
    line: u64,
    about: String,
    message: String,
    count: usize,
    /// What else it is about, at most [`NAMED_MAX`] and one.
    others: Vec<String>,
}

impl Reasons {
    /// Counts a row for a reason. Rows of one `key` have one reason, which the first one's `message` says.
    pub(super) fn push(&mut self, line: u64, about: &str, key: &str, message: impl FnOnce() -> String) {
        if let Some(reason) = self.of_key.get(key).and_then(|&index| self.listed.get_mut(index)) {
            return reason.count_another(about);
        }
        if self.listed.len() == NOTES_MAX {
            self.n_others += 1;
            return;
        }
        self.of_key.insert(key.to_owned(), self.listed.len());
        self.listed.push(CountedReason {
            line,
            about: about.to_owned(),
            message: message(),
            count: 1,
            others: Vec::new(),
        });
    }

    pub(super) fn into_list(self) -> Vec<Remark> {
        let mut list: Vec<Remark> = self.listed.into_iter().map(CountedReason::into_note).collect();
        if self.n_others > 0 {
            list.push(Remark::new(0, "", format!("and {} more, not listed", self.n_others)));
        }
        list
    }
}

impl CountedReason {
    fn count_another(&mut self, about: &str) {
        self.count += 1;
        let is_new = about != self.about && !self.others.iter().any(|other| other == about);
        if is_new && self.others.len() <= NAMED_MAX {
            self.others.push(about.to_owned());
        }
    }

    fn into_note(mut self) -> Remark {
        if self.count > 1 {
            let more = if self.others.len() > NAMED_MAX { ", ..." } else { "" };
            self.others.truncate(NAMED_MAX);
            let others = self.others.join(", ");
            let likewise = if others.is_empty() { String::new() } else { format!("; likewise {others}{more}") };
            self.message = format!("{}{likewise}; {} in all", self.message, self.count);
        }
        Remark::new(self.line, &self.about, self.message)
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
        assert_eq!(list[NOTES_MAX], Remark::new(0, "", "and 3 more, not listed"));
    }

    #[test]
    fn a_reason_stands_once_with_what_it_cost() {
        let mut reasons = Reasons::default();
        for (line, about) in [(3, "pH"), (4, "pH"), (5, "Glucose"), (6, "")] {
            reasons.push(line, about, if about.is_empty() { "b" } else { "a" }, || format!("reason of line {line}"));
        }
        let expected = [
            Remark::new(3, "pH", "reason of line 3; likewise Glucose; 3 in all"),
            Remark::new(6, "", "reason of line 6"),
        ];
        assert_eq!(reasons.into_list(), expected);
    }

    #[test]
    fn reasons_stay_few_however_many_there_are() {
        let mut reasons = Reasons::default();
        for line in 0..NOTES_MAX as u64 + 5 {
            reasons.push(line, "", &line.to_string(), || "odd".to_owned());
        }
        for k in 0..20 {
            reasons.push(0, &format!("row {k}"), "0", || "odd".to_owned());
        }
        let list = reasons.into_list();
        assert_eq!(list.len(), NOTES_MAX + 1);
        assert_eq!(list[NOTES_MAX].message, "and 5 more, not listed");
        assert_eq!(list[0].message, "odd; likewise row 0, row 1, row 2, row 3, row 4, row 5, ...; 21 in all");
    }

    #[test]
    fn what_differs_by_a_cell_or_a_number_is_one_cause() {
        for (one, other) in [
            ("\"fast\" is not a number", "\"slow\" is not a number"),
            ("time: \"noon\" is no time", "time: \"1:xx\" is no time"),
            ("\"1,5\" has a decimal comma; write 1.5", "\"2,25\" has a decimal comma; write 2.25"),
            ("3 fields where the header has 18", "19 fields where the header has 18"),
        ] {
            assert_eq!(cause(one), cause(other));
        }
        for (one, other) in [
            ("\"fast\" is not a number", "\"inf\" is not finite"),
            ("unit \"mm\"; give it in kg", "unit \"lb\"; give it in kg"),
            ("withdrawn: its error is 1", "withdrawn: its status is deleted"),
        ] {
            assert_ne!(cause(one), cause(other));
        }
    }

    #[test]
    fn a_short_list_is_whole() {
        let mut notes = Notes::default();
        notes.push(7, "pH", || "odd".to_owned());
        assert_eq!(notes.into_list(), [Remark::new(7, "pH", "odd")]);
    }
}
