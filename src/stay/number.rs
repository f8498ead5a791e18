//! The number that a record's text means.

use super::{clock, shown};

/// The finite number that a cell holds, else why it holds none and what to do.
pub(super) fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("\"{}\" is not finite; leave the cell empty where nothing was measured", shown(text))),
        Err(_) => Err(not_a_number(text)),
    }
}

/// Whether a cell says nothing.
pub(super) fn is_missing(text: &str) -> bool {
    const NOTHING: [&str; 7] = ["", "nan", "na", "n/a", "null", "<na>", "nat"];
    NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

/// What separates the decimals of a file's numbers, as far as its cells show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Some cell can only have a decimal point.
    has_point: bool,
    /// Some cell can only have a decimal comma.
    has_comma: bool,
    /// Cells are separated by semicolons, as where people write decimal commas.
    is_semicolons: bool,
}

impl Marks {
    pub(super) fn of_delimiter(delimiter: u8) -> Self {
        Self { is_semicolons: delimiter == b';', ..Self::default() }
    }

    /// Looks at a cell.
    pub(super) fn see(&mut self, text: &str) {
        match NumberShape::of(text) {
            Some(NumberShape::Point) => self.has_point = true,
            Some(NumberShape::Comma) => self.has_comma = true,
            _ => {}
        }
    }

    /// The number that a cell of the file holds. `1,200` is 1200 where the file has decimal points, 1.2 where it has
    /// decimal commas, and nothing where it has neither or both; `1.200` the other way round.
    pub(super) fn number(self, text: &str) -> Result<f64, String> {
        let without = |mark: &str| text.replace(mark, "");
        let with_point = |text: &str| text.replacen(',', ".", 1);
        match (NumberShape::of(text), self.has_point, self.has_comma) {
            (Some(NumberShape::Comma), false, _) => number(&with_point(&without("."))),
            (Some(NumberShape::Comma | NumberShape::Point), true, true) => Err(both_marks(text)),
            (Some(NumberShape::Point), _, false) => number(&without(",")),
            (Some(NumberShape::CommaOrThousands), true, false) => number(&without(",")),
            (Some(NumberShape::CommaOrThousands), false, true) => number(&with_point(text)),
            (Some(NumberShape::CommaOrThousands), ..) => Err(two_readings(text, &without(","), &with_point(text))),
            (Some(NumberShape::PointOrThousands), false, true) => number(&without(".")),
            (Some(NumberShape::PointOrThousands), false, false) if self.is_semicolons => {
                Err(two_readings(text, text, &without(".")))
            }
            (Some(NumberShape::PointOrThousands), true, true) => Err(two_readings(text, text, &without("."))),
            _ => number(text),
        }
    }
}

/// What the marks of a number's text can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberShape {
    /// Only a decimal point, and commas between thousands: `36.6`, `1,234.5`, `1,234,567`.
    Point,
    /// Only a decimal comma, and points between thousands: `36,6`, `1.234,5`, `1.234.567`.
    Comma,
    /// `1,200`
    CommaOrThousands,
    /// `1.200`
    PointOrThousands,
}

impl NumberShape {
    /// `None` for whole numbers and for what is no number of digits and marks.
    fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let kinds = |mark: char, other: char, only: Self, either: Self| {
            let (whole, decimals) = digits.rsplit_once(mark)?;
            if !is_digits(decimals) {
                return None;
            }
            let is_group = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && decimals.len() == 3;
            match () {
                () if is_digits(whole) && is_group => Some(either),
                () if whole.is_empty() || is_digits(whole) || is_grouped(whole, other) => Some(only),
                () => None,
            }
        };
        // Of several marks of one kind none is the decimals'.
        match (digits.matches(',').count(), digits.matches('.').count()) {
            (2.., 0) => is_grouped(digits, ',').then_some(Self::Point),
            (0, 2..) => is_grouped(digits, '.').then_some(Self::Comma),
            _ if digits.rfind(',') > digits.rfind('.') => kinds(',', '.', Self::Comma, Self::CommaOrThousands),
            _ => kinds('.', ',', Self::Point, Self::PointOrThousands),
        }
    }
}

/// Whether digits stand in groups of three.
fn is_grouped(text: &str, mark: char) -> bool {
    let mut groups = text.split(mark);
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && is_digits(first));
    first && text.contains(mark) && groups.all(|group| group.len() == 3 && is_digits(group))
}

fn two_readings(text: &str, one: &str, other: &str) -> String {
    let number = |text: &str| text.parse::<f64>().map_or_else(|_| text.to_owned(), |value| value.to_string());
    let (one, other) = (number(one), number(other));
    format!("\"{}\" may be {one} or {other}; write it without a mark between thousands", shown(text))
}

fn both_marks(text: &str) -> String {
    let seen = shown(text);
    format!("\"{seen}\": some numbers of the file have a decimal comma and some a point; write all with points")
}

fn not_a_number(text: &str) -> String {
    let seen = shown(text);
    match NumberShape::of(text) {
        _ if text.is_empty() => "the cell is empty; give the hours since admission".to_owned(),
        Some(NumberShape::CommaOrThousands) => two_readings(text, &text.replace(',', ""), &text.replace(',', ".")),
        Some(NumberShape::Comma) if !text.contains('.') => {
            format!("\"{seen}\" has a decimal comma; write {}", text.replacen(',', ".", 1))
        }
        _ => match (clock::length(text), with_unit(text)) {
            (Some(hours), _) => {
                format!(
                    "\"{seen}\" is a time, where a number is read; if it counts from admission, write {hours} (hours)"
                )
            }
            (None, Some(number)) => {
                format!(
                    "\"{seen}\" is a number with its unit; write {number} alone, and the unit in a column of its own"
                )
            }
            (None, None) => {
                format!("\"{seen}\" is not a number; correct the cell, or leave it empty where nothing was measured")
            }
        },
    }
}

/// The number of `80 bpm`, `97%` or `120 mmHg`, as it is written. Letters stand apart from it: `8O` may be 80 with a letter in
/// place of a digit.
fn with_unit(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))?;
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let is_apart = text[end..].starts_with(' ') && unit.starts_with(|c: char| c.is_alphabetic() || c == '/');
    let is_unit = (is_apart || unit.starts_with(['%', '°'])) && unit.len() <= 12;
    (is_unit && number.parse::<f64>().is_ok() && !unit.contains(|c: char| c.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [("7.4", 7.4), ("-8", -8.0), ("+5", 5.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0)] {
            assert_eq!(number(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_named() {
        for (text, word) in [
            ("", "empty"),
            ("7,4", "write 7.4"),
            ("-0,5", "write -0.5"),
            ("1,200", "may be 1200 or 1.2;"),
            ("1,234,5", "not a number"),
            ("nan", "not finite"),
            ("-inf", "not finite"),
            ("1e999", "not finite"),
            ("12 mmHg", "write 12 alone"),
            ("97%", "write 97 alone"),
            ("-0.5°C", "write -0.5 alone"),
            ("00:30", "write 0.5 (hours)"),
            ("36:15:00", "write 36.25 (hours)"),
            ("0 days 00:30:00", "write 0.5 (hours)"),
            ("2 days 06:00:00", "write 54 (hours)"),
            ("PT1H30M", "write 1.5 (hours)"),
            ("PT45M", "write 0.75 (hours)"),
            ("1 day, 6:30:00", "write 30.5 (hours)"),
            ("P1DT6H", "write 30 (hours)"),
            ("P2D", "write 48 (hours)"),
            ("PT", "not a number"),
            ("P", "not a number"),
            ("PT1M1H", "not a number"),
            ("inf:30", "not a number"),
            ("12:75", "not a number"),
            ("5 of 10", "not a number"),
            ("8O", "not a number"),
            ("9l", "not a number"),
            ("120/80", "not a number"),
            ("1_000", "not a number"),
            ("0x10", "not a number"),
            ("N/A", "not a number"),
        ] {
            let reason = number(text).unwrap_err();
            assert!(reason.contains(word), "{text}: {reason}");
        }
    }

    /// Cells of one file, and what the last of them is.
    fn check(delimiter: u8, cells: &[&str], expected: Result<f64, &str>) {
        let mut marks = Marks::of_delimiter(delimiter);
        for cell in cells {
            marks.see(cell);
        }
        let last = cells[cells.len() - 1];
        match (marks.number(last), expected) {
            (Ok(value), Ok(expected)) => assert!((value - expected).abs() < 1e-12, "{cells:?}: {value}"),
            (Err(reason), Err(word)) => assert!(reason.contains(word), "{cells:?}: {reason}"),
            (got, _) => panic!("{cells:?}: {got:?}"),
        }
    }

    #[test]
    fn marks_are_those_of_the_file() {
        check(b',', &["36.6", "1,200"], Ok(1200.0));
        check(b',', &["36,6", "1,200"], Ok(1.2));
        check(b',', &["88", "1,200"], Err("1200 or 1.2"));
        check(b',', &["36.6", "36,6", "1,200"], Err("1200 or 1.2"));
        check(b',', &["36,6", "36.6"], Err("some a point"));
        check(b',', &["88", "1.200"], Ok(1.2));
        check(b',', &["36,6", "1.200"], Ok(1200.0));
        check(b';', &["88", "1.200"], Err("1.2 or 1200"));
        check(b';', &["36,6"], Ok(36.6));
        check(b';', &["-0,125"], Ok(-0.125));
        check(b',', &["1,234.5"], Ok(1234.5));
        check(b';', &["1.234,5"], Ok(1234.5));
        check(b',', &["1,234,567"], Ok(1_234_567.0));
        check(b',', &["0.250"], Ok(0.25));
        check(b',', &["1234.567"], Ok(1234.567));
        check(b',', &["12,34,56"], Err("not a number"));
        check(b',', &["5."], Ok(5.0));
        check(b',', &["1e3"], Ok(1000.0));
    }
}
