//! One row of a record that is a table.

use csv::StringRecord;

/// One row of a table.
pub(super) struct Row<'r> {
    /// The line on which the row starts, from 1.
    pub(super) line: u64,
    /// Its fields, quotes taken off.
    pub(super) fields: &'r StringRecord,
    /// Why it cannot be read whatever its fields are.
    pub(super) wrong: Option<&'r str>,
}
