//! What stands around the number of a cell: a comparator before it, a unit or a remark behind it.

use crate::stay::codes::Codes;
use crate::stay::number::is_missing;
use crate::stay::shown;

/// A text with a number in it, such as `<5`, `98.6 F` or `12 (L)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CellNumber<'t> {
    /// The number itself, where the text begins with one or with a comparator.
    pub(super) number: Option<&'t str>,
    /// What stands behind it.
    pub(super) behind: Option<&'t str>,
    /// What is to be said of the value, for people.
    pub(super) said: Option<String>,
}

/// Comparators that give a limit, which stands for the value, as FHIR has them.
const LIMITS: [&str; 4] = ["<", "<=", ">=", ">"];

impl<'t> CellNumber<'t> {
    /// What stands around the number of a text that is none by itself.
    pub(super) fn of(text: &'t str, codes: &Codes) -> Self {
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let start = text.find(|c: char| is_number(c) || matches!(c, '+' | '-')).unwrap_or(text.len());
        let (before, rest) = text.split_at(start);
        let n_sign = usize::from(rest.starts_with(['+', '-']));
        let n_digits = rest[n_sign..].find(|c: char| !is_number(c)).unwrap_or(rest.len() - n_sign);
        let (number, behind) = rest.split_at(n_sign + n_digits);
        let (before, behind) = (before.trim(), behind.trim());
        let comparator = codes.comparators.get(before);
        if n_digits == 0 || (comparator.is_none() && !before.is_empty()) {
            let said = "the value is in words, and the number beside it is read".to_owned();
            return Self { said: Some(said), ..Self::default() };
        }
        let remark = || format!("\"{}\" stands behind the number", shown(behind));
        let said = comparator.map(|sign| limit(sign)).or_else(|| (!behind.is_empty()).then(remark));
        Self { number: Some(number), behind: Some(behind).filter(|behind| !behind.is_empty()), said }
    }

    /// With what the column of comparators says.
    ///
    /// # Errors
    /// Where it says what gives no limit.
    pub(super) fn with_comparator(self, comparator: &str, codes: &Codes) -> Result<Self, String> {
        if is_missing(comparator) {
            return Ok(self);
        }
        match codes.comparators.get(&comparator.to_lowercase()).map(String::as_str) {
            Some("=") => Ok(self),
            Some(sign) if LIMITS.contains(&sign) => Ok(Self { said: Some(limit(sign)), ..self }),
            _ => Err(format!("its comparator {} gives no limit that the value could stand for", shown(comparator))),
        }
    }
}

fn limit(sign: &str) -> String {
    format!("given with \"{sign}\", the limit taken as the value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::manifest::Manifest;

    #[test]
    fn what_stands_around_a_number() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let codes = Codes::of(&manifest).unwrap();
        let check = |text: &str, number: Option<&str>, behind: Option<&str>, word: &str| {
            let around = CellNumber::of(text, &codes);
            assert_eq!((around.number, around.behind), (number, behind), "{text}");
            assert!(around.said.as_ref().is_some_and(|said| said.contains(word)), "{text}: {around:?}");
        };
        check("<5", Some("5"), None, "given with \"<\"");
        check(">= 1,200.5", Some("1,200.5"), None, "given with \">=\"");
        check("98.6 F", Some("98.6"), Some("F"), "\"F\" stands behind");
        check("-8 (L)", Some("-8"), Some("(L)"), "(L)");
        check("12*", Some("12"), Some("*"), "\"*\"");
        for words in ["ERROR", "___", "see 2", "-", "about", "~5"] {
            check(words, None, None, "in words");
        }
    }

    #[test]
    fn comparators_of_a_column() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let codes = Codes::of(&manifest).unwrap();
        let with = |comparator: &str| CellNumber::default().with_comparator(comparator, &codes);
        for (comparator, word) in
            [("<", "given with \"<\""), ("4172704", "given with \">\""), ("GE", "given with \">=\"")]
        {
            assert!(with(comparator).unwrap().said.unwrap().contains(word), "{comparator}");
        }
        for plain in ["", "=", "4172703", "0", "NULL"] {
            assert_eq!(with(plain), Ok(CellNumber::default()), "{plain}");
        }
        assert!(with("~").unwrap_err().contains("gives no limit"));
    }
}
