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

impl Row<'_> {
    /// Whether it is a header of these names once more, whatever its capitals, and with the byte order mark of a file that
    /// was put behind another.
    pub(super) fn is_header<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> bool {
        fn plain(name: &str) -> &str {
            name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '"'))
        }
        let mut names = names.into_iter();
        let mut is_same = |here: &str| names.next().is_some_and(|name| plain(here).eq_ignore_ascii_case(plain(name)));
        self.fields.iter().all(&mut is_same) && names.next().is_none()
    }
}
