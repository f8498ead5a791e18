//! The rows of a text, each with the line on which it starts: of CSV, or of JSON objects.

use super::objects::Objects;
pub(super) use super::row::Row;
use crate::{Error, Kind, Result};
use csv::{Reader, ReaderBuilder, StringRecord};

/// Rows of either kind.
pub(super) enum Rows<'a> {
    /// A line each.
    Csv(Box<TableReader<'a>>),
    /// An object each.
    Json(Box<Objects<'a>>),
}

impl<'a> Rows<'a> {
    /// Fields are separated by whatever stands most often in the first line.
    ///
    /// # Errors
    /// Where the text begins as JSON and is none, or holds no flat objects.
    pub(super) fn of(text: &'a str) -> Result<Self> {
        let is_json = text.trim_start().starts_with(['{', '[']);
        let csv = || Box::new(TableReader::separated(text, delimiter(text)));
        Ok(if is_json { Self::Json(Box::new(Objects::new(text)?)) } else { Self::Csv(csv()) })
    }

    /// The next row, the names of the columns first; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        match self {
            Self::Csv(table) => table.next(),
            Self::Json(objects) => objects.next(),
        }
    }
}

/// Reads a CSV text row by row into one buffer.
///
/// A quote that nobody closes would swallow all rows behind it: a row that runs over several lines and then has another
/// length than the header, or whose lines are rows themselves, is read as its first line alone, and the next line is a row
/// again.
pub(super) struct TableReader<'a> {
    text: &'a str,
    delimiter: u8,
    reader: Reader<&'a [u8]>,
    /// Where in the text the reader began, in bytes.
    from: usize,
    row: StringRecord,
    /// How many fields the header has, once it is read.
    n_fields: Option<usize>,
    /// How far lines have been counted, in bytes.
    counted: usize,
    /// The line of that byte, from 1.
    line: u64,
}

impl<'a> TableReader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::separated(text, b',')
    }

    fn separated(text: &'a str, delimiter: u8) -> Self {
        let from = said_separator(text).map_or(0, |(_, end)| end);
        let reader = reader(text.get(from..).unwrap_or_default(), delimiter);
        Self { text, delimiter, reader, from, row: StringRecord::new(), n_fields: None, counted: 0, line: 1 }
    }

    /// The next row that is not blank; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            if !self.reader.read_record(&mut self.row).map_err(|error| unreadable(&error))? {
                return Ok(None);
            }
            let is_blank = self.row.len() == 1 && self.row[0].trim().is_empty();
            if !is_blank {
                let line = self.line_of_row();
                self.undo_stray_quote();
                self.n_fields.get_or_insert(self.row.len());
                return Ok(Some(Row { line, fields: &self.row, wrong: None }));
            }
        }
    }

    /// Reads a row that a stray quote has joined with those behind it as its first line alone. The row begins where lines
    /// have been counted to.
    fn undo_stray_quote(&mut self) {
        let Some(n_fields) = self.n_fields.filter(|_| self.row.as_slice().contains(['\n', '\r'])) else { return };
        let rest = self.text.get(self.counted..).unwrap_or_default();
        let delimiter = char::from(self.delimiter);
        let mut lines = rest.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
        let first = lines.next().unwrap_or_default();
        let is_row = |line: &str| line.split(delimiter).count() == n_fields;
        // The first quote of a line that ends a cell is the end of what the row before began.
        let ends_cell = |line: &str| {
            line.split_once('"').is_some_and(|(before, _)| !before.ends_with(delimiter) && !before.is_empty())
        };
        let is_next = |line: &str| is_row(line) && !ends_cell(line);
        if self.row.len() == n_fields && !(is_row(first) && lines.next().is_none_or(is_next)) {
            return;
        }
        self.row.clear();
        for cell in first.split(delimiter) {
            let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
            self.row.push_field(inner.unwrap_or(cell));
        }
        self.from = self.counted + first.len();
        self.reader = reader(self.text.get(self.from..).unwrap_or_default(), self.delimiter);
    }

    /// Counts lines itself: the csv crate gives the end of the row before, blank lines not yet passed, and knows no
    /// line that ends with a carriage return alone.
    fn line_of_row(&mut self) -> u64 {
        let end_of_last =
            self.row.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let end_of_last = end_of_last.saturating_add(self.from);
        while let Some(&byte) = self.text.as_bytes().get(self.counted) {
            let is_newline = matches!(byte, b'\n' | b'\r');
            if self.counted >= end_of_last && !is_newline {
                break;
            }
            let is_first_of_two = byte == b'\r' && self.text.as_bytes().get(self.counted + 1) == Some(&b'\n');
            self.line += u64::from(is_newline && !is_first_of_two);
            self.counted += 1;
        }
        self.line
    }
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// What separates fields.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Longest header that is looked at, in bytes.
const HEADER_MAX: usize = 1 << 20;

/// The separator that a first line such as `sep=;` names, as spreadsheets write it, and where that line ends.
fn said_separator(text: &str) -> Option<(u8, usize)> {
    let line = text.split(['\n', '\r']).next()?;
    let said = line.trim_start_matches('\u{feff}').trim_matches('"');
    let mark = said.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| said.get(4..))?;
    let &[mark] = mark.as_bytes() else { return None };
    (!mark.is_ascii_alphanumeric()).then_some((mark, line.len()))
}

/// A text without a first line that only names the separator.
pub(super) fn behind_separator(text: &str) -> &str {
    said_separator(text).and_then(|(_, end)| text.get(end..)).map_or(text, str::trim_start)
}

/// The separator that the text names, else the one that stands most often in the first line that is not blank, outside
/// quotes; of two that stand equally often the first of [`DELIMITERS`].
pub(super) fn delimiter(text: &str) -> u8 {
    if let Some((mark, _)) = said_separator(text) {
        return mark;
    }
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in text.trim_start().bytes().take(HEADER_MAX) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                for (count, _) in counts.iter_mut().zip(DELIMITERS).filter(|(_, delimiter)| *delimiter == byte) {
                    *count += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let found = counts.iter().zip(DELIMITERS).find(|(count, _)| **count == most);
    found.map_or(b',', |(_, delimiter)| delimiter)
}

/// The text is valid UTF-8 and rows may differ in length, so nothing is left that the csv crate could refuse.
fn unreadable(error: &csv::Error) -> Error {
    Error::new(Kind::Record, format!("not readable as CSV: {error}; save the record as CSV again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a text as `line: first field`.
    fn check(text: &str, expected: &[&str]) {
        let mut table = TableReader::new(text);
        let mut rows = Vec::new();
        while let Some(row) = table.next().unwrap() {
            rows.push(format!("{}: {}", row.line, &row.fields[0]));
        }
        assert_eq!(rows, expected, "{text:?}");
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        check("a,1\nb,2\nc,3\n", &["1: a", "2: b", "3: c"]);
        check("a,1\r\nb,2\r\nc,3", &["1: a", "2: b", "3: c"]);
        check("a,1\rb,2\rc,3\r", &["1: a", "2: b", "3: c"]);
    }

    #[test]
    fn blank_lines_are_passed_and_counted() {
        check("\n\na,1\n\n  \nb,2\n\n\n", &["3: a", "6: b"]);
        check("\r\na,1\r\n\r\nb,2\r\n\r\n", &["2: a", "4: b"]);
        check("", &[]);
        check("\n \r\n", &[]);
    }

    #[test]
    fn what_separates_is_seen_in_the_header() {
        for (text, expected) in [
            ("a,b;c,d\n", b','),
            ("\n\"a,b,c\";d;e\n1,2,3", b';'),
            ("a|b|c", b'|'),
            ("a\tb,\tc\r\n", b'\t'),
            ("a", b','),
            ("", b','),
            ("sep=;\na,b,c;d\n", b';'),
            ("\u{feff}\"SEP=\t\"\r\na,b", b'\t'),
            ("sep=\na,b;c", b','),
        ] {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_names_the_separator_is_counted_and_passed() {
        check("sep=,\r\na,1\r\n\r\nb,2\r\n", &["2: a", "4: b"]);
        assert_eq!(behind_separator("sep=;\r\na;b\n"), "a;b\n");
        assert_eq!(behind_separator("a;b\n"), "a;b\n");
    }

    #[test]
    fn a_quoted_field_may_span_lines() {
        check("\"a\nx\",1\nb,2\n", &["1: a\nx", "3: b"]);
        check("a,1\n\"b\nx\",2\nc,3\n", &["1: a", "2: b\nx", "4: c"]);
        check("a,1\nb,\"2\nx, y\"\nc,3\n", &["1: a", "2: b", "4: c"]);
    }

    #[test]
    fn a_stray_quote_costs_its_own_row() {
        check("a,1\nb,\"2\nc,3\nd,4\n", &["1: a", "2: b", "3: c", "4: d"]);
        check("a,1\n\"b,2\nc,3\nd,4\n", &["1: a", "2: \"b", "3: c", "4: d"]);
        check("a,1\r\nb,\"2\r\n\r\nc,\"3\r\nd,4", &["1: a", "2: b", "4: c", "5: d"]);
        let mut table = TableReader::new("a,1\nb,\"2\nc,3\n");
        table.next().unwrap();
        assert_eq!(table.next().unwrap().unwrap().fields, ["b", "\"2"].as_slice());
        let mut table = TableReader::new("a,1\nb,\"2\n");
        table.next().unwrap();
        assert_eq!(table.next().unwrap().unwrap().fields, ["b", "\"2"].as_slice(), "in the last row");
        // Each row has one, and each is read once.
        let text = format!("a,1\n{}", "b,\"2\n".repeat(100_001));
        let mut table = TableReader::new(&text);
        let mut n_rows = 0;
        while table.next().unwrap().is_some() {
            n_rows += 1;
        }
        assert_eq!(n_rows, 100_002);
    }
}
