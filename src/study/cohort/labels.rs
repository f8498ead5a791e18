//! True labels of stays: from the benchmark's list, CSV with the columns `stay` and `y_true`, or from the outcomes of the
//! PhysioNet/CinC Challenge 2012, with `RecordID` and `In-hospital_death`.

use std::collections::HashMap;

use crate::{Error, Kind, Place, Result};

/// Most stays that a list may name.
const STAYS_MAX: usize = 1_000_000;

/// What lists call the stay's name and its label.
const COLUMNS: [[&str; 2]; 2] = [["stay", "y_true"], ["RecordID", "In-hospital_death"]];

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
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let column = |name: &str| {
            let place = header.iter().position(|field| field == name);
            place.ok_or_else(|| wrong(1, format!("no column \"{name}\"; a list of labels starts with stay,y_true")))
        };
        let is_there = |[name, _]: &&[&str; 2]| header.iter().any(|field| field == *name);
        let [stay, y_true] = COLUMNS.iter().find(is_there).unwrap_or(&COLUMNS[0]);
        let (stay, y_true) = (column(stay)?, column(y_true)?);
        let mut labels = HashMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            let line = row.position().map_or(0, csv::Position::line);
            let label = label(&row[y_true]).ok_or_else(|| {
                let seen = crate::stay::shown(&row[y_true]);
                wrong(line, format!("{} is \"{seen}\"; write 0 or 1", &header[y_true]))
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
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        COLUMNS.iter().any(|names| names.iter().all(|name| fields.contains(name)))
    }

    /// The label of a stay, by its name or the path that ends with it; by its name without the ending where the list has
    /// the number alone, as the challenge's has.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<u8> {
        let name = file_name(name);
        let without_ending = || self.0.get(name.rsplit_once('.')?.0);
        self.0.get(name).or_else(without_ending).copied()
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
    fn the_outcomes_of_the_challenge_are_labels_by_the_number_of_the_record() {
        let text =
            "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n132539,6,1,5,-1,0\n132540,16,8,8,-1,1\n";
        let labels = Labels::read(text).unwrap();
        assert_eq!([labels.of("set-a/132539.txt"), labels.of("132540.txt")], [Some(0), Some(1)]);
        assert_eq!(labels.of("132541.txt"), None);
        assert!(Labels::is_list(text));
        let error = Labels::read("RecordID,In-hospital_death\n1,2\n").unwrap_err().to_string();
        assert!(error.contains("In-hospital_death is \"2\""), "{error}");
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
