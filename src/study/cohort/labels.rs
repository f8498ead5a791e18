//! Labels of stays: from the benchmark's list, CSV with the columns `stay` and `y_true`, or from the outcomes of the
//! PhysioNet/CinC Challenge 2012, with `RecordID` and `In-hospital_death`. Which stay a line is of, and the further columns, by
//! which stays can be told apart.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use crate::{Error, Kind, Place, Result};

/// Most lines that a list may have.
const LINES_MAX: usize = 1_000_000;

/// More values than this tell no subgroups apart.
const VALUES_MAX: usize = 12;

/// What lists call the stay's name and its label.
const COLUMNS: [[&str; 2]; 2] = [["stay", "y_true"], ["RecordID", "In-hospital_death"]];

/// A list of labels: a line a stay.
#[derive(Debug, Clone, Default)]
pub struct LabelList {
    /// Its further columns.
    columns: Vec<String>,
    lines: Vec<ListLine>,
    /// Lines by the file that they name, and by that without its ending.
    by_file: HashMap<String, Vec<usize>>,
    by_stem: HashMap<String, Vec<usize>>,
    /// Of each stay that was held against the list, by its number, the lines that name it.
    of_stay: HashMap<usize, Vec<usize>>,
}

/// A line, and the stays that it names.
#[derive(Debug, Clone)]
struct ListLine {
    named: String,
    label: Option<u8>,
    values: Vec<String>,
    fit: Fit,
    /// The first two of those that it fits best: of several it names none.
    stays: Vec<usize>,
}

/// How well a line names a stay: whether by the whole name of the file, and by how many folders around it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    is_whole: bool,
    n_folders: usize,
}

/// How many lines there are of a kind, and what the first of them names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LineCount {
    /// Number of lines.
    pub count: usize,
    /// What the first of them names; empty where there is none.
    pub name: String,
}

/// What of a list came to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LabelReport {
    /// Lines that name a stay and have no label for it.
    pub missing: LineCount,
    /// Lines that name no stay that is there.
    pub strange: LineCount,
    /// Lines that name several stays equally well.
    pub several: LineCount,
    /// Lines that name a stay as well as a line with the other label does.
    pub opposed: LineCount,
}

impl LabelList {
    /// Reads a list. An empty label, `NA`, `NaN`, `null` and `None` are none.
    ///
    /// # Errors
    /// [`Kind::Record`] with the line: a header without `stay` or `y_true`, a label that is neither 0 nor 1, a stay
    /// that is named twice with different labels, a list without lines.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let places = places(&header)?;
        let others = others(&header, places);
        let mut list = Self { columns: others.iter().map(|at| header[*at].to_owned()).collect(), ..Self::default() };
        let mut labels: HashMap<String, u8> = HashMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            let number = row.position().map_or(0, csv::Position::line);
            let [named, label] = places.map(|at| &row[at]);
            let label = read_label(label).ok_or_else(|| {
                let seen = crate::stay::shown(label);
                wrong(
                    number,
                    format!("{} is \"{seen}\"; write 0 or 1, or nothing where it is not known", &header[places[1]]),
                )
            })?;
            let before = label.and_then(|label| labels.insert(named.to_owned(), label));
            if before.is_some_and(|before| Some(before) != label) {
                return Err(wrong(number, "the stay was named before, with the other label; keep one line a stay"));
            }
            list.add(named, label, others.iter().map(|at| row[*at].to_owned()).collect());
            if list.lines.len() > LINES_MAX {
                return Err(wrong(number, format!("more than {LINES_MAX} lines, the most that are read")));
            }
        }
        if list.lines.is_empty() { Err(wrong(2, "the list names no stay; write a line a stay")) } else { Ok(list) }
    }

    fn add(&mut self, named: &str, label: Option<u8>, values: Vec<String>) {
        let (at, file) = (self.lines.len(), file_name(named));
        self.by_file.entry(file.to_owned()).or_default().push(at);
        self.by_stem.entry(stem(file).to_owned()).or_default().push(at);
        self.lines.push(ListLine { named: named.to_owned(), label, values, fit: Fit::default(), stays: Vec::new() });
    }

    /// Number of lines with a label.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.lines.iter().filter(|line| line.label.is_some()).count()
    }

    /// Holds a stay against the list, and returns those whose lines it shares now.
    fn take(&mut self, stay: usize, name: &str) -> Vec<usize> {
        let (fit, found) = self.find(name);
        let mut shared = Vec::new();
        for at in &found {
            let line = &mut self.lines[*at];
            match if line.stays.is_empty() { Ordering::Greater } else { fit.cmp(&line.fit) } {
                Ordering::Greater => {
                    shared.append(&mut line.stays);
                    (line.fit, line.stays) = (fit, vec![stay]);
                }
                Ordering::Equal if line.stays.len() == 1 => {
                    shared.push(line.stays[0]);
                    line.stays.push(stay);
                }
                Ordering::Equal | Ordering::Less => {}
            }
        }
        self.of_stay.insert(stay, found);
        shared
    }

    /// The lines that name a stay best, by its file, else by that without its ending; of those, the ones that agree with it in
    /// most folders.
    fn find(&self, name: &str) -> (Fit, Vec<usize>) {
        let name = without_number(name);
        let file = file_name(name);
        let (is_whole, found) = match self.by_file.get(file) {
            Some(found) => (true, found),
            None => match self.by_stem.get(stem(file)) {
                Some(found) => (false, found),
                None => return (Fit::default(), Vec::new()),
            },
        };
        let near: Vec<usize> = found.iter().map(|at| n_folders(&self.lines[*at].named, name)).collect();
        let n_folders = near.iter().copied().max().unwrap_or(0);
        let best = found.iter().zip(near).filter(|(_, near)| *near == n_folders).map(|(at, _)| *at);
        (Fit { is_whole, n_folders }, best.collect())
    }

    /// The lines that are of this stay alone.
    fn lines_of(&self, stay: usize) -> impl Iterator<Item = &ListLine> {
        let found = self.of_stay.get(&stay).into_iter().flatten();
        found.map(|at| &self.lines[*at]).filter(move |line| line.stays == [stay])
    }

    /// What the list says of a stay: nothing, or its label, none where it has none or two.
    fn label_of(&self, stay: usize) -> Option<Option<u8>> {
        self.lines_of(stay).next()?;
        let mut labels = self.lines_of(stay).filter_map(|line| line.label);
        let first = labels.next();
        Some(first.filter(|first| labels.all(|label| label == *first)))
    }

    fn value_of(&self, stay: usize, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(&self.lines_of(stay).next()?.values[at])
    }

    fn report(&self) -> LabelReport {
        let mut report = LabelReport::default();
        for line in &self.lines {
            let of = match &line.stays[..] {
                [] => &mut report.strange,
                [stay] if line.label.is_none() && self.label_of(*stay) == Some(None) => &mut report.missing,
                [stay] if self.label_of(*stay) == Some(None) => &mut report.opposed,
                [_] => continue,
                _ => &mut report.several,
            };
            of.count += 1;
            if of.count == 1 {
                line.named.clone_into(&mut of.name);
            }
        }
        report
    }
}

/// A further column of few values, by which stays can be told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelColumn {
    /// What the lists call it.
    pub column: String,
    /// Its values, numbers by size.
    pub values: Vec<String>,
}

/// What lists say of stays, which are numbered in the order in which they came. Where several lists name a stay, the last of
/// them says its label, and the last that has a column its value.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    lists: Vec<LabelList>,
}

impl Labels {
    /// Takes a list, for stays of these names.
    pub(super) fn take<'a>(&mut self, mut list: LabelList, names: impl Iterator<Item = (usize, &'a str)>) {
        for (stay, name) in names {
            list.take(stay, name);
        }
        self.lists.push(list);
    }

    /// Takes a stay, and returns those whose label it may have changed, because lines name both.
    pub(super) fn take_stay(&mut self, stay: usize, name: &str) -> Vec<usize> {
        self.lists.iter_mut().flat_map(|list| list.take(stay, name)).collect()
    }

    /// The label of a stay.
    #[must_use]
    pub fn of(&self, stay: usize) -> Option<u8> {
        self.lists.iter().rev().find_map(|list| list.label_of(stay)).flatten()
    }

    /// What a further column says of a stay.
    #[must_use]
    pub fn value_of(&self, stay: usize, column: &str) -> Option<&str> {
        self.lists.iter().rev().find_map(|list| list.value_of(stay, column))
    }

    /// What of each list came to nothing, in the order in which they were taken.
    #[must_use]
    pub fn reports(&self) -> Vec<LabelReport> {
        self.lists.iter().map(LabelList::report).collect()
    }

    /// The further columns that have two to twelve values among the first `n_stays`.
    #[must_use]
    pub fn columns(&self, n_stays: usize) -> Vec<LabelColumn> {
        let mut names: Vec<&String> = Vec::new();
        for name in self.lists.iter().flat_map(|list| &list.columns) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let of = |column: &&String| {
            let mut values: Vec<&str> = (0..n_stays).filter_map(|stay| self.value_of(stay, column)).collect();
            values.sort_unstable();
            values.dedup();
            values.sort_by(|a, b| by_size(a, b));
            let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
            (2..=VALUES_MAX).contains(&values.len()).then(|| LabelColumn { column: (*column).clone(), values })
        };
        names.iter().filter_map(of).collect()
    }
}

/// Where the stay's name and its label stand.
fn places(header: &csv::StringRecord) -> Result<[usize; 2]> {
    let is_there = |[name, _]: &&[&str; 2]| header.iter().any(|field| field == *name);
    let [stay, label] = COLUMNS.iter().find(is_there).unwrap_or(&COLUMNS[0]);
    let place = |name: &str| {
        let place = header.iter().position(|field| field == name);
        place.ok_or_else(|| wrong(1, format!("no column \"{name}\"; a list of labels starts with stay,y_true")))
    };
    Ok([place(stay)?, place(label)?])
}

/// Where the further columns stand: a column without a name, as row numbers have it, is none.
fn others(header: &csv::StringRecord, places: [usize; 2]) -> Vec<usize> {
    let is_other = |at: &usize| !places.contains(at) && !header[*at].is_empty();
    (0..header.len()).filter(is_other).collect()
}

/// By size where both are numbers; numbers before words.
fn by_size(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::INFINITY);
    number(a).total_cmp(&number(b)).then_with(|| a.cmp(b))
}

/// How many folders around the file a line and a stay have in common.
fn n_folders(line: &str, stay: &str) -> usize {
    let [line, stay] = [line, stay].map(|path| path.rsplit(['/', '\\']).skip(1));
    line.zip(stay).take_while(|(a, b)| a == b).count()
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A file's name without its ending, as the challenge's list has it, and without what the benchmark writes before that.
fn stem(file: &str) -> &str {
    let is_ending = |ending: &str| !ending.is_empty() && ending.chars().all(|letter| letter.is_ascii_alphabetic());
    let name = file.rsplit_once('.').filter(|(_, ending)| is_ending(ending)).map_or(file, |(name, _)| name);
    name.strip_suffix("_timeseries").unwrap_or(name)
}

/// A stay's name without the number by which two of one name are told apart, as in `a.csv (2)`.
fn without_number(name: &str) -> &str {
    let number = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    number.filter(|(_, number)| number.parse::<u32>().is_ok()).map_or(name, |(name, _)| name)
}

/// A label, or that there is none; nothing where it is neither.
fn read_label(text: &str) -> Option<Option<u8>> {
    match text {
        "0" | "0.0" => Some(Some(0)),
        "1" | "1.0" => Some(Some(1)),
        _ => ["", "na", "nan", "null", "none"].contains(&text.to_lowercase().as_str()).then_some(None),
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

    /// What a list says of stays of these names.
    fn labels(text: &str, names: &[&str]) -> (Labels, Vec<Option<u8>>) {
        let mut labels = Labels::default();
        labels.take(LabelList::read(text).unwrap(), [].into_iter());
        for (stay, name) in names.iter().enumerate() {
            labels.take_stay(stay, name);
        }
        let of = (0..names.len()).map(|stay| labels.of(stay)).collect();
        (labels, of)
    }

    fn count(count: usize, name: &str) -> LineCount {
        LineCount { count, name: name.to_owned() }
    }

    #[test]
    fn stays_are_found_by_their_file() {
        let text = "\u{feff}stay,period_length,y_true\r\n10_episode1_timeseries.csv,48.0,1\r\ntest/b.csv,48.0,0.0\r\n";
        let (said, of) = labels(text, &["10_episode1_timeseries.csv", "a/b.csv", "other.csv"]);
        assert_eq!(of, [Some(1), Some(0), None]);
        assert_eq!(said.reports(), [LabelReport::default()]);
    }

    #[test]
    fn the_outcomes_of_the_challenge_are_labels_by_the_number_of_the_record() {
        let text =
            "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n132539,6,1,5,-1,0\n132540,16,8,8,-1,1\n";
        assert_eq!(labels(text, &["set-a/132539.txt", "132540.txt", "132541.txt"]).1, [Some(0), Some(1), None]);
        let error = LabelList::read("RecordID,In-hospital_death\n1,2\n").unwrap_err().to_string();
        assert!(error.contains("In-hospital_death is \"2\""), "{error}");
    }

    #[test]
    fn files_of_one_name_are_told_apart_by_their_folders() {
        let text = "stay,y_true\neast/1.csv,0\nwest/1.csv,1\n2.csv,1\n";
        let (said, of) = labels(text, &["data/west/1.csv", "data/east/1.csv", "east/2.csv"]);
        assert_eq!((of, said.reports()), (vec![Some(1), Some(0), Some(1)], vec![LabelReport::default()]));
        // Without folders one name stands for both, and its label could be either.
        let (said, of) = labels(text, &["1.csv"]);
        let [report] = &said.reports()[..] else { panic!("one list") };
        assert_eq!((of, &report.opposed, &report.strange), (vec![None], &count(2, "east/1.csv"), &count(1, "2.csv")));
        let same = "stay,y_true\neast/1.csv,1\nwest/1.csv,1\n";
        assert_eq!(labels(same, &["1.csv"]).1, [Some(1)]);
    }

    #[test]
    fn a_line_is_of_the_stay_that_it_names_best_and_of_several_none() {
        let (_, of) = labels("stay,y_true\na.csv,1\nb,0\n", &["a.txt", "a.csv", "b.psv"]);
        assert_eq!(of, [None, Some(1), Some(0)], "whatever came first");
        let (said, of) = labels("stay,y_true\na.csv,1\n", &["x/a.csv", "y/a.csv", "z/a.csv", "a.csv (2)"]);
        assert_eq!(of, [None; 4]);
        assert_eq!(said.reports()[0].several, count(1, "a.csv"));
        let (said, of) = labels("stay,y_true\na,\nb,1\nc,NaN\nd,0\n", &["a.csv", "b.csv", "c.csv"]);
        assert_eq!(of, [None, Some(1), None]);
        assert_eq!((&said.reports()[0].missing, &said.reports()[0].strange), (&count(2, "a"), &count(1, "d")));
    }

    #[test]
    fn the_last_list_that_names_a_stay_says_its_label() {
        let mut said = Labels::default();
        let names = ["a.csv", "b.csv", "c.csv"];
        for text in
            ["stay,y_true,sex,age\na,0,f,9\nb,0,m,80\nc,1,f,9\n", "stay,y_true\nb,1\n", "stay,y_true,age\nc,,10\n"]
        {
            said.take(LabelList::read(text).unwrap(), names.into_iter().enumerate());
        }
        assert_eq!([0, 1, 2].map(|stay| said.of(stay)), [Some(0), Some(1), None]);
        let column = |column: &str, values: &[&str]| LabelColumn {
            column: column.into(),
            values: values.iter().map(|it| (*it).to_owned()).collect(),
        };
        assert_eq!(said.columns(3), [column("sex", &["f", "m"]), column("age", &["9", "10", "80"])]);
        assert_eq!([said.value_of(2, "age"), said.value_of(1, "sex")], [Some("10"), Some("m")]);
        // One value, or one for each, tells nothing apart.
        let text = format!("stay,y_true,ward,id\n{}", (0..20).map(|n| format!("{n},0,w,i{n}\n")).collect::<String>());
        let names: Vec<String> = (0..20).map(|n| format!("{n}.csv")).collect();
        assert_eq!(labels(&text, &names.iter().map(String::as_str).collect::<Vec<_>>()).0.columns(20), []);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, words) in [
            ("stay,label\na,1\n", "line 1: no column \"y_true\""),
            ("", "line 1: no column \"stay\""),
            ("stay,y_true\n", "names no stay"),
            ("stay,y_true\na.csv,0\nb.csv,2\n", "line 3: y_true is \"2\""),
            ("stay,y_true\na.csv,0\na.csv,1\n", "line 3: the stay was named before"),
            ("stay,y_true\na.csv,0,7\n", "not readable as CSV"),
        ] {
            let error = LabelList::read(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
