//! Tables on their way out: the one writer of CSV.
//!
//! A spreadsheet computes a cell that begins with a sign of a formula. So no text that came from a file, a model or a
//! host leaves as such a cell, whether the spreadsheet parts cells at commas, semicolons or tabs; numbers stay numbers.

use std::fmt::Display;
use std::iter::Peekable;
use std::str::Chars;

use crate::stay::visible;

/// What a spreadsheet takes for the start of a formula, in half and in full width, and the bar that calls a program.
const STARTS: [char; 9] = ['=', '+', '-', '@', '|', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Where a spreadsheet of one country or another ends a cell.
const ENDS: [char; 3] = [',', ';', '\t'];

/// A table that is being written: a header, rows of as many cells, a footer of comments.
#[derive(Debug)]
pub struct TableWriter {
    writer: csv::Writer<Vec<u8>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvCell(String);

impl TableWriter {
    /// A table with its header.
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self::bare();
        table.row(header.into_iter().map(CsvCell::from));
        table
    }

    fn bare() -> Self {
        Self { writer: csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new()) }
    }

    /// Adds a row of as many cells as the header has.
    pub fn row(&mut self, cells: impl IntoIterator<Item = CsvCell>) {
        // Writing to memory cannot fail, and the writers of this crate give as many cells as their headers.
        let _: csv::Result<()> = self.writer.write_record(cells.into_iter().map(|cell| cell.0));
    }

    /// The table's text, a line a row.
    #[must_use]
    pub fn text(self) -> String {
        // Every cell is text, so that the whole is.
        self.writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// One row with its line end, for a table that is written as it grows.
pub fn line(cells: impl IntoIterator<Item = CsvCell>) -> String {
    let mut table = TableWriter::bare();
    table.row(cells);
    table.text()
}

/// The lines of a footer as comments, each of which begins with `# `.
pub fn footer(lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    // A quote mark after a comma would open a cell, which has no end here.
    lines.into_iter().map(|line| format!("# {}\n", disarmed(&line.as_ref().replace('"', "'")))).collect()
}

impl From<&str> for CsvCell {
    fn from(text: &str) -> Self {
        Self(disarmed(text))
    }
}

impl From<f64> for CsvCell {
    /// A number such that reading it gives the same number again; what is no number is empty.
    fn from(number: f64) -> Self {
        Self(if number.is_finite() { number.to_string() } else { String::new() })
    }
}

impl From<usize> for CsvCell {
    fn from(count: usize) -> Self {
        Self(count.to_string())
    }
}

impl From<u8> for CsvCell {
    fn from(label: u8) -> Self {
        Self(label.to_string())
    }
}

impl From<bool> for CsvCell {
    fn from(holds: bool) -> Self {
        Self(holds.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for CsvCell {
    /// Nothing is an empty cell.
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self(String::new()), Into::into)
    }
}

impl Display for CsvCell {
    /// The cell as it is read again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text on one line in which no part that a spreadsheet could take for a cell is a formula: a quote mark stands before
/// its first sign. A part that is a number with its minus stays one.
fn disarmed(text: &str) -> String {
    let is_break = |c: char| (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}');
    let line: String = visible(text).chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    let mut safe = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    let mut begins = true;
    while let Some(&next) = rest.peek() {
        if begins && STARTS.contains(&next) && !is_negative_number(rest.clone()) {
            safe.push('\'');
        }
        let is_end = ENDS.contains(&next);
        begins = is_end || (begins && (next.is_whitespace() || next == '"'));
        // A tab would be a blank that parts cells.
        safe.push(if next == '\t' { ' ' } else { next });
        rest.next();
    }
    safe
}

/// Whether what follows, up to the end of its cell, is a number with a minus.
fn is_negative_number(rest: Peekable<Chars<'_>>) -> bool {
    let part: String = rest.take_while(|c| !ENDS.contains(c)).collect();
    part.starts_with('-') && part.trim_end().parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(CsvCell::from(text).to_string(), expected);
    }

    #[test]
    fn a_formula_is_disarmed_wherever_a_cell_could_begin() {
        for sign in STARTS {
            check(&format!("{sign}1+1"), &format!("'{sign}1+1"));
            check(&format!("a;{sign}1+1"), &format!("a;'{sign}1+1"));
            check(&format!("a,  {sign}A1"), &format!("a,  '{sign}A1"));
            check(&format!("\t{sign}x"), &format!(" '{sign}x"));
            check(&format!("\r\n{sign}x"), &format!("  '{sign}x"));
            check(&format!("\"{sign}x\""), &format!("\"'{sign}x\""));
            check(&format!("\u{200b}\u{202e}{sign}x"), &format!("'{sign}x"));
            check(&format!("a{sign}b, c {sign} d"), &format!("a{sign}b, c {sign} d"));
        }
    }

    #[test]
    fn a_negative_number_stays_one_and_what_only_begins_so_does_not() {
        for number in ["-5", "-0.25", "-1e-9", "-5 ", "a;-5;b"] {
            check(number, number);
        }
        for (formula, expected) in
            [("-2+2", "'-2+2"), ("-5;-A1", "-5;'-A1"), ("-inf", "'-inf"), ("--1", "'--1"), ("+5", "'+5"), ("-", "'-")]
        {
            check(formula, expected);
        }
        assert_eq!(CsvCell::from(-1.5).to_string(), "-1.5");
        assert_eq!(CsvCell::from(0.1 + 0.2).to_string().parse(), Ok(0.1 + 0.2));
        assert_eq!(CsvCell::from(f64::NAN).to_string() + &CsvCell::from(f64::NEG_INFINITY).to_string(), "");
        assert_eq!(CsvCell::from(None::<f64>).to_string(), "");
    }

    #[test]
    fn a_table_is_read_again_row_by_row() {
        let mut table = TableWriter::new(["=name", "value"]);
        table.row([CsvCell::from("a, \"b\"\nc"), CsvCell::from(-2.0)]);
        table.row([CsvCell::from(""), CsvCell::from(true)]);
        let text = table.text();
        assert_eq!(text, "'=name,value\n\"a, \"\"b\"\" c\",-2\n,true\n");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.records().next().unwrap().unwrap().iter().collect::<Vec<_>>(), ["a, \"b\" c", "-2"]);
    }

    #[test]
    fn a_footer_has_a_line_a_line() {
        let lines = ["Data: a,=1+1,\"@x\"", "Model: m\n=HYPERLINK(\"x\";1)\r\n;-2+2", "Card: -5"];
        assert_eq!(footer(lines), "# Data: a,'=1+1,'@x'\n# Model: m =HYPERLINK('x';1)  ;'-2+2\n# Card: -5\n");
    }
}
