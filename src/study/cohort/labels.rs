//! True labels of stays, from the benchmark's list: CSV with the columns `stay` and `y_true`.

use std::collections::HashMap;

use crate::{Error, Kind, Place, Result};

/// Most stays that a list may name.
const STAYS_MAX: usize = 1_000_000;

/// The true label of each stay, by the name of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(HashMap<String, u8>);

impl Labels {
    /// Reads a list. Further columns are passed over.
    ///
    /// # Errors
    /// [`Kind::Record`] with the line: a header without `stay` or `y_true`, a label that is neither 0 nor 1, a stay
    /// that is named twice with different labels.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| unreadable(&error))?;
        let column = |name: &str| {
            let place = header.iter().position(|field| field == name);
            place.ok_or_else(|| wrong(1, format!("no column \"{name}\"; a list of labels starts with stay,y_true")))
        };
        let (stay, y_true) = (column("stay")?, column("y_true")?);
        let mut labels = HashMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            let line = row.position().map_or(0, csv::Position::line);
            let label = label(&row[y_true]).ok_or_else(|| {
                let seen = crate::stay::shown(&row[y_true]);
                wrong(line, format!("y_true is \"{seen}\"; write 0 or 1"))
            })?;
            let name = file_name(&row[stay]).to_owned();
            if labels.insert(name, label).is_some_and(|before| before != label) {
                return Err(wrong(line, "the stay was named before, with the other label; keep one line a stay"));
            }
            if labels.len() > STAYS_MAX {
                return Err(wrong(line, format!("more than {STAYS_MAX} stays, the most that are read")));
            }
        }
        Ok(Self(labels))
    }

    /// Whether a text is a list of labels and not a stay.
    #[must_use]
    pub fn is_list(text: &str) -> bool {
        let line = text.strip_prefix('\u{feff}').unwrap_or(text).lines().next().unwrap_or_default();
        let mut fields = line.split(',').map(str::trim);
        fields.clone().any(|field| field == "stay") && fields.any(|field| field == "y_true")
    }

    /// The label of a stay, by its name or the path that ends with it.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<u8> {
        self.0.get(file_name(name)).copied()
    }

    /// Number of stays with a label.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no stay has a label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn label(text: &str) -> Option<u8> {
    match text {
        "0" | "0.0" => Some(0),
        "1" | "1.0" => Some(1),
        _ => None,
    }
}

fn unreadable(error: &csv::Error) -> Error {
    Error::new(Kind::Record, format!("the list of labels is not readable as CSV: {error}; save it as CSV again"))
}

fn wrong(line: u64, message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message).at(Place::Line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_are_found_by_their_file() {
        let text = "\u{feff}stay,period_length,y_true\r\n10_episode1_timeseries.csv,48.0,1\r\ntest/b.csv,48.0,0.0\r\n";
        let labels = Labels::read(text).unwrap();
        assert_eq!(labels.len(), 2);
        assert_eq!([labels.of("10_episode1_timeseries.csv"), labels.of("a/b.csv")], [Some(1), Some(0)]);
        assert_eq!(labels.of("other.csv"), None);
        assert!(Labels::is_list(text) && !Labels::is_list("Hours,pH\n1,7.4\n"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, words) in [
            ("stay,label\na,1\n", "line 1: no column \"y_true\""),
            ("", "line 1: no column \"stay\""),
            ("stay,y_true\na.csv,0\nb.csv,2\n", "line 3: y_true is \"2\""),
            ("stay,y_true\na.csv,0\na.csv,1\n", "line 3: the stay was named before"),
            ("stay,y_true\na.csv,0,7\n", "not readable as CSV"),
        ] {
            let error = Labels::read(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
