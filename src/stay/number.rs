//! The number that a record's text means.

use super::shown;

/// The finite number that a cell holds, else why it holds none and what to do.
pub(super) fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("\"{}\" is not finite; leave the cell empty where nothing was measured", shown(text))),
        Err(_) => Err(not_a_number(text)),
    }
}

fn not_a_number(text: &str) -> String {
    let with_point = text.replacen(',', ".", 1);
    let seen = shown(text);
    if text.is_empty() {
        "the cell is empty; give the hours since admission".to_owned()
    } else if with_point != text && with_point.parse::<f64>().is_ok() {
        format!("\"{seen}\" has a decimal comma; write {with_point}")
    } else {
        format!("\"{seen}\" is not a number; correct the cell, or leave it empty where nothing was measured")
    }
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
            ("1,234,5", "not a number"),
            ("nan", "not finite"),
            ("-inf", "not finite"),
            ("1e999", "not finite"),
            ("12 mmHg", "not a number"),
            ("1_000", "not a number"),
            ("0x10", "not a number"),
            ("N/A", "not a number"),
        ] {
            let reason = number(text).unwrap_err();
            assert!(reason.contains(word), "{text}: {reason}");
        }
    }
}
