//! On which line of a text a part of it starts, and the JSON values of a text, which may stand one a line.

use serde_json::value::RawValue;

/// Counts lines as parts come by in their order, so that each is counted once.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    /// How far lines have been counted, in bytes.
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line, from 1, on which a part of the text starts; a part before the last one asked for is put on its line.
    pub(super) fn line_of(&mut self, part: &str) -> u64 {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if let Some(passed) = self.text.get(self.at..start) {
            self.line += passed.bytes().filter(|&byte| byte == b'\n').count() as u64;
            self.at = start;
        }
        self.line
    }
}

/// The JSON values that stand one after the other in a text.
#[derive(Debug, Default)]
pub(super) struct JsonValues<'t> {
    pub(super) all: Vec<&'t RawValue>,
    /// Lines that hold none, of a text with one value a line, each with what is wrong with it.
    pub(super) unreadable: Vec<(u64, String)>,
}

impl<'t> JsonValues<'t> {
    /// One line that is no JSON costs that line where the first line of a text is an object by itself.
    ///
    /// # Errors
    /// The line, and what is wrong in it, where a text of any other kind is no JSON.
    pub(super) fn of(text: &'t str) -> Result<Self, (u64, String)> {
        let whole: Result<Vec<_>, _> = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().collect();
        match whole {
            Ok(all) => Ok(Self { all, unreadable: Vec::new() }),
            Err(_) if is_one_a_line(text) => Ok(Self::of_lines(text)),
            Err(error) => Err((error.line() as u64, not_json(&error))),
        }
    }

    fn of_lines(text: &'t str) -> Self {
        let mut values = Self::default();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str(text) {
                Ok(value) => values.all.push(value),
                Err(error) => values.unreadable.push((line, not_json(&error))),
            }
        }
        values
    }
}

/// Whether one of the first two lines that are not blank is a whole object, and the first one begins as one.
fn is_one_a_line(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let is_object = |line: &str| line.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok();
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) => first.trim_start().starts_with('{') && (is_object(first) || is_object(second)),
        _ => false,
    }
}

/// What is said of a text that is no JSON.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("not valid as JSON: {error}; export the record again, whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_json_costs_that_line() {
        let values = JsonValues::of("{\"a\":1}\n\n{\"a\":\n{\"a\":3}\r\n{\"a").unwrap();
        assert_eq!(values.all.iter().map(|value| value.get()).collect::<Vec<_>>(), ["{\"a\":1}", "{\"a\":3}"]);
        assert_eq!(values.unreadable.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5]);
        assert!(values.unreadable[0].1.contains("export the record again"));
        assert_eq!(JsonValues::of("{\n}\n{\"a\": 1}").unwrap().all.len(), 2, "lines do not matter where all is well");
        for text in ["{\"a\":1", "[\n{\"a\":1}\n", "{\n\"a\": 1,\n", "a\n{}\n"] {
            assert!(JsonValues::of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_start_at_one() {
        let text = "a\nb\r\n\nc";
        let mut lines = Lines::of(text);
        assert_eq!([&text[..1], &text[2..3], &text[6..]].map(|part| lines.line_of(part)), [1, 2, 4]);
    }
}
