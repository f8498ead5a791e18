//! Whose rows a table holds: the values of all columns that tell people and stays apart, taken together. Several are a
//! question.

use super::columns::{Columns, Key, KeyKind};
use super::wrong;
use crate::error::{Choice, Question, span};
use crate::stay::row::Row;
use crate::stay::shown;
use crate::{Error, Kind, Place, Result};
use std::collections::{BTreeMap, HashMap};

/// The people and stays of a table.
#[derive(Debug, Default)]
pub(super) struct Who {
    keys: Vec<Key>,
    names: Vec<String>,
    /// Each combination of values once.
    all: Vec<Combination>,
    of_values: HashMap<Vec<String>, usize>,
    /// The combination of each row.
    of_row: Vec<usize>,
}

/// The values of the key columns in some rows; empty where the cell is.
#[derive(Debug)]
struct Combination {
    values: Vec<String>,
    rows: RowSpan,
}

/// How many rows, and the times of the first and the last.
#[derive(Debug, Default, Clone)]
struct RowSpan {
    count: usize,
    span: Option<[(f64, String); 2]>,
}

impl RowSpan {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        let Some(more) = &other.span else { return };
        match &mut self.span {
            None => self.span = Some(more.clone()),
            Some([first, last]) => {
                if more[0].0 < first.0 {
                    *first = more[0].clone();
                }
                if more[1].0 > last.0 {
                    *last = more[1].clone();
                }
            }
        }
    }
}

/// The rows to be read, and whose they are.
pub(super) struct Chosen {
    /// By combination.
    is_chosen: Vec<bool>,
    pub(super) patient: String,
    pub(super) encounter: String,
    /// What is to be said of them.
    pub(super) notes: Vec<String>,
}

impl Who {
    pub(super) fn new(columns: &Columns) -> Self {
        let names = columns.keys.iter().map(|key| columns.names[key.field].clone()).collect();
        Self { keys: columns.keys.clone(), names, ..Self::default() }
    }

    /// Takes a row with its time, where it has one, and gives the number of its owner here.
    pub(super) fn see(&mut self, row: &Row<'_>, time: Option<f64>, written: &str) -> usize {
        let values: Vec<String> = self.keys.iter().map(|key| value(row, key.field)).collect();
        let index = match self.of_values.get(&values) {
            Some(index) => *index,
            None => {
                self.of_values.insert(values.clone(), self.all.len());
                self.all.push(Combination { values, rows: RowSpan::default() });
                self.all.len() - 1
            }
        };
        self.of_row.push(index);
        let moment = |time: f64| (time, written.to_owned());
        let span = time.map(|time| [moment(time), moment(time)]);
        if let Some(combination) = self.all.get_mut(index) {
            combination.rows.add(&RowSpan { count: 1, span });
        }
        index
    }

    /// Whether a column is known to say whose a row is.
    pub(super) fn tells_people_apart(&self) -> bool {
        self.keys.iter().any(|key| key.kind != KeyKind::Strange)
    }

    /// Whether a row, counted from 0, is among the chosen ones.
    pub(super) fn is_chosen(&self, chosen: &Chosen, row: usize) -> bool {
        self.of_row.get(row).and_then(|index| chosen.is_chosen.get(*index)).copied().unwrap_or(true)
    }

    /// The values of the first column of a kind that has any, in their order.
    pub(super) fn values(&self, kind: KeyKind) -> Vec<String> {
        let of_kind = (0..self.keys.len()).filter(|&key| self.keys[key].kind == kind);
        let all = |key: usize| self.counts(key, &vec![true; self.all.len()]);
        of_kind.map(all).find(|counts| !counts.is_empty()).into_iter().flatten().map(|(value, _)| value).collect()
    }

    /// The rows of one stay of one patient.
    ///
    /// # Errors
    /// [`Kind::Argument`] where what was asked for is not there; [`Kind::Record`] with a question where several are left.
    pub(super) fn choose(&self, patient: Option<&str>, encounter: Option<&str>) -> Result<Chosen> {
        let mut is_chosen = vec![true; self.all.len()];
        for (option, asked, first) in [("patient", patient, KeyKind::Patient), ("encounter", encounter, KeyKind::Stay)]
        {
            if let Some(asked) = asked {
                self.keep(&mut is_chosen, option, asked, first)?;
            }
        }
        self.check_letters(&is_chosen)?;
        if let Some(question) = self.question(&is_chosen) {
            return Err(question);
        }
        let only = |kind: KeyKind| {
            let of_kind = (0..self.keys.len()).filter(|&key| self.keys[key].kind == kind);
            let values = of_kind.filter_map(|key| self.counts(key, &is_chosen).into_keys().next());
            values.collect::<Vec<_>>()
        };
        let patient = only(KeyKind::Patient).into_iter().next().unwrap_or_default();
        let encounter = only(KeyKind::Stay).pop().unwrap_or_default();
        let notes = self.notes(&is_chosen);
        Ok(Chosen { is_chosen, patient, encounter, notes })
    }

    /// A letter that a wrong encoding has lost may have told two people apart.
    fn check_letters(&self, is_chosen: &[bool]) -> Result<()> {
        for (key, name) in self.names.iter().enumerate().filter(|(key, _)| self.keys[*key].kind != KeyKind::Strange) {
            if let Some(value) = self.counts(key, is_chosen).into_keys().find(|value| value.contains('\u{fffd}')) {
                let (name, value) = (shown(name), shown(&value));
                return Err(wrong(format!(
                    "the column {name} holds \"{value}\", whose letters were lost in a wrong encoding, so that two people may \
                     look like one; save the record in UTF-8"
                )));
            }
        }
        Ok(())
    }

    /// Keeps the rows that bear a value in a column of this kind, or in any where none of the kind has it.
    fn keep(&self, is_chosen: &mut [bool], option: &str, asked: &str, kind: KeyKind) -> Result<()> {
        let wrong = |message: String| Error::new(Kind::Argument, message).at(Place::Field(option.to_owned()));
        // Nobody named: all rows are of one stay.
        if asked.is_empty() && !self.tells_people_apart() {
            return Ok(());
        }
        if self.keys.is_empty() {
            let message = "was asked for, but no column says whose a row is; name it with mapping.columns";
            return Err(wrong(format!("\"{}\" {message}.{option}", shown(asked))));
        }
        let bears = |of_kind: bool| -> Vec<bool> {
            let keys = |key: &usize| !of_kind || self.keys[*key].kind == kind;
            let fields: Vec<usize> = (0..self.keys.len()).filter(keys).collect();
            self.all.iter().map(|one| fields.iter().any(|&key| one.values[key] == asked)).collect()
        };
        let mut bearing = bears(true);
        if !bearing.contains(&true) {
            bearing = bears(false);
        }
        if !bearing.contains(&true) {
            let there = self.names.iter().enumerate().map(|(key, name)| {
                let values = self.counts(key, is_chosen).into_keys();
                let listed = values.take(6).map(|value| format!("\"{}\"", shown(&value))).collect::<Vec<_>>();
                format!("{} {}", shown(name), listed.join(", "))
            });
            let there = there.collect::<Vec<_>>().join("; ");
            return Err(wrong(format!("\"{}\" is not in the record, which holds {there}", shown(asked))));
        }
        for (chosen, bears) in is_chosen.iter_mut().zip(bearing) {
            *chosen &= bears;
        }
        Ok(())
    }

    /// The values of a key column among the chosen rows, with their rows; empty cells are not counted.
    fn counts(&self, key: usize, is_chosen: &[bool]) -> BTreeMap<String, RowSpan> {
        let mut counts: BTreeMap<String, RowSpan> = BTreeMap::new();
        for (one, _) in self.all.iter().zip(is_chosen).filter(|(_, chosen)| **chosen) {
            if !one.values[key].is_empty() {
                counts.entry(one.values[key].clone()).or_default().add(&one.rows);
            }
        }
        counts
    }

    /// What is left to be said: which patient; if there is one, which of the stays, by the narrowest column that differs.
    fn question(&self, is_chosen: &[bool]) -> Option<Error> {
        let several = |key: &usize| self.counts(*key, is_chosen).len() > 1 && self.is_asked(*key, is_chosen);
        let of = |kind: KeyKind| (0..self.keys.len()).filter(move |&key| self.keys[key].kind == kind);
        let patient = of(KeyKind::Patient).find(several);
        let stay = || of(KeyKind::Stay).rfind(several);
        let strange = || of(KeyKind::Strange).find(several);
        let (key, option) = match (patient, stay) {
            (Some(key), _) => (key, "patient"),
            (None, stay) => stay().map(|key| (key, "encounter")).or_else(|| strange().map(|key| (key, "patient")))?,
        };
        let counts = self.counts(key, is_chosen);
        let name = &self.names[key];
        let what = if option == "patient" { "patients" } else { "stays" };
        let reason = format!("the record holds {} {what} by its column {}", counts.len(), shown(name));
        let choice = |(value, rows): (String, RowSpan)| Choice {
            name: format!("{} {}", shown(name), shown(&value)),
            value,
            rows: rows.count,
            span: rows.span.map_or_else(String::new, |[(_, first), (_, last)]| span(&shown(&first), &shown(&last))),
        };
        let question = Question { option: option.to_owned(), choices: counts.into_iter().map(choice).collect() };
        let mut error = question.refuse(&reason);
        if self.keys[key].kind == KeyKind::Strange {
            error.message +=
                &format!(", or say with mapping.ignored: [\"{}\"] that it tells no people apart", shown(name));
        }
        Some(error)
    }

    /// Whether several values of a column are a question. Those of a strange one are where they group rows; where nearly
    /// every row has its own, they number rows.
    fn is_asked(&self, key: usize, is_chosen: &[bool]) -> bool {
        let counts = self.counts(key, is_chosen);
        let n_rows: usize = counts.values().map(|rows| rows.count).sum();
        self.keys[key].kind != KeyKind::Strange || 2 * counts.len() <= n_rows
    }

    fn notes(&self, is_chosen: &[bool]) -> Vec<String> {
        let mut notes = Vec::new();
        for (key, name) in self.names.iter().enumerate() {
            let name = shown(name);
            let n_values = self.counts(key, is_chosen).len();
            let of_chosen = self.all.iter().zip(is_chosen).filter(|(_, chosen)| **chosen);
            let n_blank: usize =
                of_chosen.filter(|(one, _)| one.values[key].is_empty()).map(|(one, _)| one.rows.count).sum();
            match self.keys[key].kind {
                KeyKind::Strange if n_values > 1 => {
                    notes.push(format!("the column {name}, which is not used, has {n_values} values"));
                }
                KeyKind::Patient | KeyKind::Stay if n_values == 1 && n_blank > 0 => {
                    let rows = if n_blank == 1 { "1 row names" } else { "rows name" };
                    let count = if n_blank == 1 { String::new() } else { format!("{n_blank} ") };
                    notes.push(format!("{count}{rows} no {name}; read with the others"));
                }
                _ => {}
            }
        }
        notes
    }
}

/// A cell of a key column; empty where it says nothing.
fn value(row: &Row<'_>, field: usize) -> String {
    let text = row.fields.get(field).unwrap_or("").trim();
    let is_nothing = super::is_missing(text) || text.eq_ignore_ascii_case("none");
    if is_nothing { String::new() } else { text.to_owned() }
}

/// Refuses a record that names several people where its format knows one.
pub(in crate::stay) fn one_record_each(names: &[String]) -> Error {
    let listed = names.iter().map(|name| format!("\"{}\"", shown(name))).collect::<Vec<_>>().join(" and ");
    wrong(format!("the file holds the records of {listed}; keep one record a file"))
}
