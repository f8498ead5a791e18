//! The rows of a text, each with the line on which it starts: of CSV, or of JSON objects.

use super::objects::Objects;
pub(super) use super::row::Row;
use crate::{Error, Kind, Place, Result};
use csv::StringRecord;

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
/// A cell that begins with a quote ends at the next single one, lines later or not. A quote that nobody closes would
/// swallow all rows behind it: a row that runs over several lines and then has another length than the header, or whose
/// lines are rows themselves, is read as its first line alone, and the next line is a row again.
pub(super) struct TableReader<'a> {
    text: &'a str,
    delimiter: u8,
    row: StringRecord,
    /// How many fields the header has, once it is read.
    n_fields: Option<usize>,
    /// How far the text has been read, in bytes.
    at: usize,
    /// The line of that byte, from 1.
    line: u64,
    /// How many bytes were looked through in vain for the end of a quote.
    in_vain: usize,
}

/// Bytes that are looked through in vain for ends of quotes, as often as the text is long: where each row has a quote of its
/// own that nobody closes, it is twice; a text made to be slow would take the square of its length.
const IN_VAIN_MAX: usize = 16;

/// The same for short texts, in bytes.
const IN_VAIN_LEAST: usize = 1 << 20;

impl<'a> TableReader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::separated(text, b',')
    }

    fn separated(text: &'a str, delimiter: u8) -> Self {
        let at = said_separator(text).map_or(0, |(_, end)| end);
        Self { text, delimiter, row: StringRecord::new(), n_fields: None, at, line: 1, in_vain: 0 }
    }

    /// The next row that is not blank; `None` at the end of the text.
    ///
    /// # Errors
    /// [`Kind::Record`] at the line, where too many quotes are never closed.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            self.pass_line_ends();
            let line = self.line;
            let rest = self.rest();
            if rest.is_empty() {
                return Ok(None);
            }
            let first = rest.bytes().position(|byte| LINE_ENDS.contains(&char::from(byte)));
            let first = first.map_or(rest, |end| &rest[..end]);
            let length = if first.contains('"') { self.quoted_row(rest, first) } else { None };
            if length.is_none() {
                self.row.clear();
                first.split(char::from(self.delimiter)).for_each(|cell| self.row.push_field(unquoted(cell)));
            }
            if self.in_vain > IN_VAIN_LEAST.max(IN_VAIN_MAX.saturating_mul(self.text.len())) {
                let message =
                    "the quotes of the table are not closed, from this line on or before; save it as CSV again";
                return Err(Error::new(Kind::Record, message).at(Place::Line(line)));
            }
            self.pass(length.unwrap_or(first.len()));
            let is_blank = self.row.len() == 1 && self.row[0].trim().is_empty();
            if !is_blank {
                self.n_fields.get_or_insert(self.row.len());
                return Ok(Some(Row { line, fields: &self.row, wrong: None }));
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads a row with quotes, and gives its length in bytes; `None` where its first line alone is a row.
    fn quoted_row(&mut self, rest: &'a str, first: &str) -> Option<usize> {
        let (length, is_closed) = fields(rest, self.delimiter, &mut self.row);
        let is_row = length <= first.len() || (is_closed && !self.is_joined(rest, first));
        if !is_row {
            self.in_vain += length;
        }
        (is_row && is_closed).then_some(length)
    }

    /// Whether a row over several lines has been joined by a stray quote.
    fn is_joined(&self, rest: &str, first: &str) -> bool {
        let Some(n_fields) = self.n_fields else { return false };
        let delimiter = char::from(self.delimiter);
        let is_row = |line: &str| line.split(delimiter).count() == n_fields;
        // The first quote of a line that ends a cell is the end of what the row before began.
        let ends_cell = |line: &str| {
            line.split_once('"').is_some_and(|(before, _)| !before.ends_with(delimiter) && !before.is_empty())
        };
        let is_next = |line: &str| is_row(line) && !ends_cell(line);
        let mut lines = rest.split(LINE_ENDS).filter(|line| !line.trim().is_empty()).skip(1);
        self.row.len() != n_fields || (is_row(first) && lines.next().is_none_or(is_next))
    }

    fn pass_line_ends(&mut self) {
        let n_ends = self.rest().bytes().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.pass(n_ends);
    }

    /// Goes on by so many bytes, and counts the lines that end there, whatever ends them.
    fn pass(&mut self, n_bytes: usize) {
        let to = self.at + n_bytes;
        let bytes = self.text.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(*at + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += (self.at..to).filter(is_end).count() as u64;
        self.at = to;
    }
}

const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// A cell of a line that is a row by itself, without quotes around it.
fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

/// Reads the cells of one row, and gives its length in bytes without its line end, and whether its quotes are closed.
///
/// `row = cell { delimiter cell }`, `cell = " { character | "" } " { character } | { character }`
fn fields(text: &str, delimiter: u8, row: &mut StringRecord) -> (usize, bool) {
    row.clear();
    let bytes = text.as_bytes();
    let is_end = |byte: u8| byte == delimiter || matches!(byte, b'\n' | b'\r');
    let (mut at, mut cell) = (0, String::new());
    loop {
        cell.clear();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(length) = text[at..].find('"') else {
                    cell.push_str(&text[at..]);
                    row.push_field(&cell);
                    return (text.len(), false);
                };
                cell.push_str(&text[at..at + length]);
                at += length + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                cell.push('"');
                at += 1;
            }
        }
        let length = bytes[at..].iter().position(|&byte| is_end(byte)).unwrap_or(bytes.len() - at);
        cell.push_str(&text[at..at + length]);
        row.push_field(&cell);
        at += length;
        match bytes.get(at) {
            Some(&byte) if byte == delimiter => at += 1,
            _ => return (at, true),
        }
    }
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
        check("\"a\r\nx\",1\r\nb,2\r\n", &["1: a\r\nx", "3: b"]);
    }

    /// The cells of one row.
    #[track_caller]
    fn check_cells(text: &str, expected: &[&str]) {
        assert_eq!(TableReader::new(text).next().unwrap().unwrap().fields, expected, "{text:?}");
    }

    #[test]
    fn quotes_are_taken_off_and_doubled_ones_are_one() {
        check_cells("\"a, b\",\"say \"\"c\"\"\",\"\"\n", &["a, b", "say \"c\"", ""]);
        check_cells("a\"b\",5\" 11\n", &["a\"b\"", "5\" 11"]);
        check_cells("\"a\"b, \"c\"\n", &["ab", " \"c\""]);
        check_cells("a,", &["a", ""]);
        check_cells("\"\u{e9},\u{e9}\",x", &["\u{e9},\u{e9}", "x"]);
    }

    #[test]
    fn quotes_that_would_take_the_square_of_a_texts_length_are_refused() {
        // Each line ends the cell of the line before and begins one that nobody ends.
        let text = format!("a,b\n{}", "x\"y,\"z\n".repeat(100_000));
        let mut table = TableReader::new(&text);
        let refused = loop {
            match table.next() {
                Ok(row) => assert!(row.is_some(), "read to the end"),
                Err(error) => break error,
            }
        };
        assert!(refused.message.contains("quotes of the table are not closed"), "{refused}");
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
