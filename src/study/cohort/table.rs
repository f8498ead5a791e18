//! The rows of a cohort as CSV.

use super::CohortRow;
use crate::study::summary::{Coverage, Finding, JointFinding};
use crate::study::table::{CsvCell, TableWriter};

const HEADER: [&str; 15] = [
    "stay",
    "probability",
    "predicted_label",
    "y_true",
    "raised_most_by",
    "lowered_most_by",
    "channels_charted",
    "channels",
    "steps_charted",
    "steps",
    "assumed_share",
    "rows_skipped",
    "implausible_values",
    "notes",
    "error",
];

/// One line a stay, with a header.
#[must_use]
pub fn to_csv(rows: &[CohortRow]) -> String {
    let mut table = TableWriter::new(HEADER);
    for row in rows {
        let of = |count: fn(&Coverage) -> usize| row.coverage.as_ref().map(count);
        table.row([
            CsvCell::from(row.name.as_str()),
            row.probability.into(),
            row.predicted_label.into(),
            row.label.into(),
            names(&row.raising, row.raising_together.as_ref()).as_str().into(),
            names(&row.lowering, row.lowering_together.as_ref()).as_str().into(),
            of(|it| it.charted).into(),
            of(|it| it.channels).into(),
            of(|it| it.charted_steps).into(),
            of(|it| it.steps).into(),
            row.coverage.map(|it| it.assumed_share).into(),
            row.n_skipped.into(),
            row.n_implausible.into(),
            row.n_notes.into(),
            row.error.as_deref().into(),
        ]);
    }
    table.text()
}

/// The channels of findings; where there is none alone, those that did it together.
fn names(findings: &[Finding], together: Option<&JointFinding>) -> String {
    let alone = findings.iter().map(|finding| finding.channel.as_str()).collect::<Vec<_>>().join("; ");
    together.map_or(alone, |found| format!("together: {}", found.channels.join("; ")))
}
