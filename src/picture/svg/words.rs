//! What a figure calls things, in the language of its reader.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::RowTotals;
use crate::picture::totals::Total;
use crate::stay::manifest::Manifest;

/// What a figure calls things. What is not given is as the manifest has it, with a decimal point.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FigureWords {
    /// A name for each of the manifest's channels, with its unit; or none at all.
    pub channels: Vec<String>,
    /// Names for groups, by what the manifest calls them.
    pub groups: BTreeMap<String, String>,
    /// What stands after the first hour of an axis, with the blank before it.
    pub hour: Option<String>,
    /// What stands before a number's decimals.
    pub decimal: Option<String>,
    /// A line under the footer.
    pub notice: Option<String>,
}

impl FigureWords {
    /// A channel with its unit; none where the manifest has no such row.
    pub(super) fn channel(&self, manifest: &Manifest, row: usize) -> Option<String> {
        let channel = manifest.channels.get(row)?;
        Some(match self.channels.get(row) {
            Some(name) => name.clone(),
            None if channel.unit.is_empty() => channel.label.clone(),
            None => format!("{}, {}", channel.label, channel.unit),
        })
    }

    /// A group, as a heading.
    pub(super) fn group(&self, name: &str) -> String {
        capitalised(self.groups.get(name).map_or(name, String::as_str))
    }

    /// What stands after the first hour.
    pub(super) fn hour(&self) -> &str {
        self.hour.as_deref().unwrap_or(" h")
    }

    /// The line under the footer, if there is one.
    pub(super) fn notice(&self) -> &[String] {
        self.notice.as_slice()
    }

    /// A number to three digits, without zeros that say nothing.
    pub(super) fn number(&self, number: f64) -> String {
        self.marked(&rounded(number))
    }

    /// A number with its sign, also where it is above zero.
    pub(super) fn signed(&self, number: f64) -> String {
        self.marked(&with_sign(number, &rounded(number)))
    }

    /// What a row adds up to: two digits, and nothing of what is next to none.
    pub(super) fn total(&self, total: &Total, written: RowTotals<'_>) -> String {
        let number = if written.is_absolute { total.absolute } else { total.signed };
        if number != 0.0 && number.abs() < written.least {
            return "~0".to_owned();
        }
        let text = brief(number);
        self.marked(&if written.is_absolute { text } else { with_sign(number, &text) })
    }

    /// A text of a number with the decimal mark of the language.
    fn marked(&self, text: &str) -> String {
        self.decimal.as_ref().map_or_else(|| text.to_owned(), |mark| text.replace('.', mark))
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A number's text with a plus where it is above zero.
fn with_sign(number: f64, text: &str) -> String {
    format!("{}{text}", if number > 0.0 { "+" } else { "" })
}

/// A number to three digits, without zeros that say nothing.
fn rounded(number: f64) -> String {
    let text = digits(number, 3);
    if !text.contains('.') || text.contains('e') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number to two digits.
fn brief(number: f64) -> String {
    digits(number, 2)
}

/// A number to so many significant digits; as a power of ten where it is very small or very large.
fn digits(number: f64, n: i32) -> String {
    if number == 0.0 || !number.is_finite() {
        return if number == 0.0 { "0".to_owned() } else { "–".to_owned() };
    }
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a finite number")]
    let power = number.abs().log10().floor() as i32;
    let text = if (-4..6).contains(&power) {
        let decimals = usize::try_from(n - 1 - power).unwrap_or(0);
        format!("{number:.decimals$}")
    } else {
        format!("{number:.1e}")
    };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (48.0, "48"),
            (0.5, "0.5"),
            (-0.012_345, "\u{2212}0.0123"),
            (1234.5, "1234"),
            (1.0e-7, "1.0e\u{2212}7"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(rounded(number), text);
        }
    }

    #[test]
    fn numbers_take_the_decimal_mark_of_their_language() {
        let words = FigureWords { decimal: Some(",".into()), ..FigureWords::default() };
        assert_eq!(words.signed(0.0123), "+0,0123");
        assert_eq!(words.number(-1.5e-7), "\u{2212}1,5e\u{2212}7");
        assert_eq!(FigureWords::default().signed(-0.5), "\u{2212}0.5");
    }
}
