//! What the columns of a table are: by the caller's mapping, else by the names that the table of codes knows.

use super::when::{self, Time};
use super::{cell, is_missing, names, wrong};
use crate::stay::clock::{self, Moment};
use crate::stay::codes::{Codes, split_unit};
use crate::stay::number::Marks;
use crate::stay::options::{Mapping, TimeUnit};
use crate::stay::row::Row;
use crate::stay::sampling::Sampling;
use crate::stay::{category, format, shown};
use crate::{Error, Kind, Place, Result};
use std::collections::{HashMap, HashSet};

/// The roles a mapping can give, as JavaScript writes them.
pub(super) const ROLES: [&str; 6] = ["time", "variable", "value", "unit", "patient", "encounter"];

/// Most columns that a table may have.
const FIELDS_MAX: usize = 10_000;

/// Which field of a row is which.
pub(super) struct Columns {
    /// The line of the header.
    line: u64,
    /// All names, as the header has them.
    pub(super) names: Vec<String>,
    pub(super) time: usize,
    /// The unit of times that are numbers; `None` where nothing says it.
    pub(super) time_unit: Option<TimeUnit>,
    /// The column that says the unit of the row's time.
    pub(super) time_unit_field: Option<usize>,
    /// Other columns that may be the time, or a part of it.
    pub(super) beside_time: Vec<usize>,
    pub(super) shape: Shape,
    /// The value as a number, beside one that may be text.
    pub(super) number: Option<usize>,
    /// The value as it was written, beside one that is the number.
    pub(super) text: Option<usize>,
    /// Every column that may say the unit of a row's value.
    pub(super) units: Vec<usize>,
    /// Whether the value is a limit of what was measured, and which.
    pub(super) comparator: Option<usize>,
    /// The zone of the row's time.
    zone: Option<usize>,
    /// In what the row's values were measured, and where or how.
    specimens: Vec<usize>,
    sites: Vec<usize>,
    pub(super) keys: Vec<Key>,
    /// The number of the row in the house's own table.
    pub(super) row_id: Option<usize>,
    /// When the row was entered or last changed.
    pub(super) stored: Option<usize>,
    pub(super) start: Option<usize>,
    /// Columns that withdraw a row, each with the cells that do.
    pub(super) withdrawn: Vec<(usize, Vec<String>)>,
    /// In a wide table, the columns that withdraw a variable's cell, such as `hr_valid`, by the variable's field.
    withdrawn_cells: HashMap<usize, Vec<(usize, Vec<String>)>>,
    /// In a wide table, the columns of a variable's unit, comparator, and specimen or site, such as `temp_unit`, by the variable's
    /// field.
    beside: HashMap<usize, BesideVariable>,
    /// Whether every value is in its channel's own unit.
    pub(super) has_own_units: bool,
    /// Columns that are nothing that is known.
    pub(super) unused: Vec<usize>,
    /// Whether the row under the header gives the units of the columns.
    pub(super) has_units_row: bool,
}

/// The columns that stand beside a variable's own.
#[derive(Debug, Clone, Copy, Default)]
struct BesideVariable {
    unit: Option<usize>,
    comparator: Option<usize>,
    specimen: Option<usize>,
    site: Option<usize>,
}

/// How measurements stand in rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// One a row.
    Long { variable: usize, value: usize },
    /// One a cell: the fields that may be variables.
    Wide(Vec<usize>),
}

/// A column that tells rows of different people or stays apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) field: usize,
    pub(super) kind: KeyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Patient,
    Stay,
    /// Named like a number of people and not known: asked about where its values group rows.
    Strange,
}

impl Columns {
    /// Reads a header. `is_variable` says whether the name of a column is a variable of the model.
    pub(super) fn find(
        row: &Row<'_>,
        codes: &Codes,
        mapping: &Mapping,
        text: &str,
        is_variable: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        if row.fields.len() > FIELDS_MAX {
            let message = format!("{} columns, and at most {FIELDS_MAX} are read", row.fields.len());
            return Err(wrong(message).at(Place::Line(row.line)));
        }
        let roles = Self::roles(row, codes, mapping)?;
        let [time, variable, value, ..] = roles;
        let header = FoldedHeader::of(row);
        let need = |role: usize, field: Option<usize>| field.ok_or_else(|| missing(ROLES[role], row, text));
        let time = need(0, time)?;
        let names: Vec<String> = row.fields.iter().map(|name| name.trim().to_owned()).collect();
        let given = &mapping.columns;
        let is_long = given.variable.is_some() || given.value.is_some() || (variable.is_some() && value.is_some());
        let is_taken = |field: usize| if is_long { roles.contains(&Some(field)) } else { field == time };
        let mut columns = Self {
            line: row.line,
            time,
            time_unit: mapping.time_unit.or_else(|| unit_of_time(&names[time], codes)),
            time_unit_field: header.first(&codes.columns.time_unit),
            beside_time: Vec::new(),
            withdrawn_cells: HashMap::new(),
            beside: HashMap::new(),
            zone: header.first(&codes.columns.zone).filter(|field| *field != time),
            specimens: header.all(&codes.columns.specimen, |field| is_taken(field) || is_variable(&names[field])),
            sites: header.all(&codes.columns.site, |field| is_taken(field) || is_variable(&names[field])),
            has_units_row: false,
            shape: Shape::Wide(Vec::new()),
            number: header.first(&codes.columns.number),
            text: header.first(&codes.columns.text).filter(|field| Some(*field) != value),
            units: match &mapping.columns.unit {
                Some(name) => header.position(name).into_iter().collect(),
                None => codes.columns.unit.iter().filter_map(|name| header.position(name)).collect(),
            },
            comparator: header.first(&codes.columns.comparator),
            row_id: header.first(&codes.columns.row_id),
            stored: header.first(&codes.columns.stored).filter(|field| *field != time),
            keys: keys(row, &header, codes, mapping, |field, name| is_taken(field) || is_variable(name)),
            start: header.first(&codes.columns.start).filter(|field| *field != time),
            withdrawn: withdrawn(&names, codes),
            has_own_units: header.first(&codes.columns.units_known).is_some(),
            unused: Vec::new(),
            names,
        };
        if mapping.columns.time.is_none() {
            let known = codes.columns.time.iter().chain(&codes.columns.part_of_time);
            let known = header.fields(known.filter(|name| !codes.columns.units_known.contains(name)));
            let is_other = |field: usize| field != time && !is_taken(field) && !is_variable(&columns.names[field]);
            columns.beside_time = (0..columns.names.len()).filter(|f| known.contains(f) && is_other(*f)).collect();
        }
        let of_rows = codes.columns.rows.iter().chain(&codes.columns.row_id).chain(&codes.columns.stored);
        let wide = columns.free(&header.fields(of_rows));
        columns.shape = if !is_long && wide.iter().any(|&field| is_variable(&columns.names[field])) {
            let wide = columns.find_beside(wide, &header, codes, &is_variable);
            columns.unused = wide.iter().copied().filter(|&field| !is_variable(&columns.names[field])).collect();
            Shape::Wide(wide)
        } else {
            let (variable, value) = (need(1, variable)?, need(2, value)?);
            let known = header.fields(codes.columns.all().chain(&mapping.ignored));
            let is_used = |field: &usize| roles.contains(&Some(*field)) || known.contains(field);
            columns.unused = wide.into_iter().filter(|field| !is_used(field)).collect();
            Shape::Long { variable, value }
        };
        Ok(columns)
    }

    /// Finds the columns that stand beside a variable's and say its unit or whether it holds; the others are left.
    fn find_beside(
        &mut self,
        wide: Vec<usize>,
        header: &FoldedHeader,
        codes: &Codes,
        is_variable: &impl Fn(&str) -> bool,
    ) -> Vec<usize> {
        let mut found = HashSet::new();
        let is_free = |field: &usize| wide.contains(field) && !is_variable(&self.names[*field]);
        for &field in wide.iter().filter(|field| is_variable(&self.names[**field])) {
            let beside = |end: &str| header.joined.get(&(joined(&self.names[field]) + end)).copied().filter(is_free);
            let first = |ends: &[String]| ends.iter().find_map(|end| beside(&joined(end)));
            let known = &codes.columns;
            let it = BesideVariable {
                unit: UNIT_ENDS.iter().find_map(|end| beside(end)),
                comparator: first(&known.comparator),
                specimen: first(&known.specimen),
                site: first(&known.site),
            };
            let flags = codes.withdrawn.iter().filter_map(|(end, cells)| Some((beside(&joined(end))?, cells.clone())));
            let flags: Vec<(usize, Vec<String>)> = flags.collect();
            let said = [it.unit, it.comparator, it.specimen, it.site].into_iter().flatten();
            found.extend(said.chain(flags.iter().map(|(flag, _)| *flag)));
            self.beside.insert(field, it);
            self.withdrawn_cells.insert(field, flags);
        }
        // A comparator that stands beside no variable by its name is that of the only one.
        let mut variables = wide.iter().filter(|field| is_variable(&self.names[**field]));
        if let (Some(&only), None, Some(comparator)) = (variables.next(), variables.next(), self.comparator) {
            self.beside.entry(only).or_default().comparator.get_or_insert(comparator);
            found.insert(comparator);
        }
        found.extend(self.zone.into_iter().chain(self.specimens.iter().chain(&self.sites).copied()));
        wide.into_iter().filter(|field| !found.contains(field)).collect()
    }

    /// The time of a row, in the zone that a column of its own gives.
    pub(super) fn time(&self, row: &Row<'_>, marks: Marks) -> Result<Time, String> {
        match (when::read(cell(row, self.time), marks)?, clock::zone(self.zone(row))) {
            (Time::Date(moment), Some(offset)) if moment.offset.is_none() && !moment.is_day => {
                Ok(Time::Date(Moment { seconds: moment.seconds - offset, offset: Some(offset), ..moment }))
            }
            (time, _) => Ok(time),
        }
    }

    /// What a column of its own says of the zone of a row's time.
    pub(super) fn zone<'r>(&self, row: &Row<'r>) -> &'r str {
        self.zone.map_or("", |field| cell(row, field))
    }

    /// What stands beside the value in a field: its unit, and whether it is a limit.
    pub(super) fn beside<'r>(&self, field: usize, row: &Row<'r>) -> (Option<&'r str>, &'r str) {
        let BesideVariable { unit, comparator, .. } = self.beside.get(&field).copied().unwrap_or_default();
        (unit.map(|unit| cell(row, unit)), comparator.map_or("", |field| cell(row, field)))
    }

    /// In what and where the value in a field was measured.
    pub(super) fn sampling(&self, field: usize, row: &Row<'_>) -> Sampling {
        let BesideVariable { specimen, site, .. } = self.beside.get(&field).copied().unwrap_or_default();
        let said = |fields: &[usize], beside: Option<usize>| {
            let all = fields.iter().copied().chain(beside).map(|field| cell(row, field));
            all.filter(|text| !is_missing(text)).collect::<Vec<_>>().join(", ")
        };
        Sampling { specimen: said(&self.specimens, specimen), site: said(&self.sites, site) }
    }

    /// Reads the row under a header as its units, where it is one: every cell that says anything is a unit, of time in the
    /// column of the time. The columns are then called as where the header itself has the units.
    pub(super) fn take_units(&mut self, row: &Row<'_>, codes: &Codes) {
        let cells = row.fields.iter().map(str::trim).enumerate().filter(|(_, cell)| !is_missing(cell));
        let cells: Vec<(usize, &str)> = cells.collect();
        let is_time =
            |cell: &str| TimeUnit::of_code(cell).or_else(|| TimeUnit::of_word(&cell.to_lowercase())).is_some();
        let is_unit = |field: usize, cell: &str| {
            if field == self.time { is_time(cell) } else { codes.known_unit(cell).is_some() || cell == "-" }
        };
        let is_wide = matches!(self.shape, Shape::Wide(_));
        let is_all_units = cells.iter().all(|(field, cell)| is_unit(*field, cell));
        // The number 1 is a unit, too.
        if !(is_wide && is_all_units && cells.iter().any(|(_, cell)| cell.parse::<f64>().is_err())) {
            return;
        }
        for (field, unit) in cells.into_iter().filter(|(_, unit)| *unit != "-") {
            if let Some(name) = self.names.get_mut(field) {
                *name = format!("{name} ({unit})");
            }
        }
        self.time_unit = self.time_unit.or_else(|| unit_of_time(&self.names[self.time], codes));
        self.has_units_row = true;
    }

    /// Why a cell of a wide table is not read, where a column beside it withdraws it.
    pub(super) fn why_not_cell(&self, field: usize, row: &Row<'_>) -> Option<String> {
        self.withdrawing(self.withdrawn_cells.get(&field)?, row)
    }

    /// Which of some columns withdraws a row, and with which cell.
    pub(super) fn withdrawing(&self, columns: &[(usize, Vec<String>)], row: &Row<'_>) -> Option<String> {
        let (field, _) = columns.iter().find(|(field, cells)| super::withdraws(cell(row, *field), cells))?;
        Some(format!("withdrawn: its {} is {}", shown(&self.names[*field]), shown(cell(row, *field))))
    }

    /// Of two columns of one name that is used it is not known which holds.
    ///
    /// # Errors
    /// [`Kind::Record`] with the name.
    pub(super) fn check_twice(&self, is_variable: impl Fn(&str) -> bool) -> Result<()> {
        let keys = self.keys.iter().filter(|key| key.kind != KeyKind::Strange).map(|key| key.field);
        let given: Vec<usize> = match &self.shape {
            Shape::Long { variable, value } => {
                [*variable, *value].into_iter().chain(self.units.iter().copied()).collect()
            }
            Shape::Wide(fields) => fields.iter().copied().filter(|&field| is_variable(&self.names[field])).collect(),
        };
        let used: HashSet<String> =
            keys.chain(given).chain([self.time]).map(|field| joined(&self.names[field])).collect();
        let mut met = HashSet::new();
        let twice = self.names.iter().find(|name| {
            let name = joined(name);
            used.contains(&name) && !met.insert(name)
        });
        match twice {
            Some(name) => {
                let message = format!("column \"{}\" stands in the header twice; keep one", shown(name));
                Err(wrong(message).at(Place::Line(self.line)))
            }
            None => Ok(()),
        }
    }

    /// The field of each of [`ROLES`].
    pub(super) fn roles(row: &Row<'_>, codes: &Codes, mapping: &Mapping) -> Result<[Option<usize>; 6]> {
        let (given, known) = (&mapping.columns, &codes.columns);
        let asked = [&given.time, &given.variable, &given.value, &given.unit, &given.patient, &given.encounter];
        let known = [&known.time, &known.variable, &known.value, &known.unit, &known.patient, &known.stay];
        let header = FoldedHeader::of(row);
        let with_unit = || FoldedHeader::of_times(row).first(known[0]);
        let mut roles = [None; 6];
        for (role, (asked, known)) in asked.into_iter().zip(known).enumerate() {
            roles[role] = match asked {
                Some(name) => Some(header.position(name).ok_or_else(|| no_column(ROLES[role], name, row))?),
                None => header.first(known),
            };
        }
        roles[0] = roles[0].or_else(with_unit);
        Ok(roles)
    }

    /// Whether the columns are those of the benchmark: `Hours`, variables by the names of channels, and nothing that could
    /// tell rows apart.
    pub(super) fn is_benchmark(&self, is_variable: impl Fn(&str) -> bool, is_channel: impl Fn(&str) -> bool) -> bool {
        let Shape::Wide(fields) = &self.shape else { return false };
        let mut names = fields.iter().map(|&field| self.names[field].as_str()).filter(|name| is_variable(name));
        folded(&self.names[self.time]) == "hours"
            && self.withdrawn.is_empty()
            && self.keys.is_empty()
            && names.all(is_channel)
    }

    /// Fields that are nothing else, and so may be variables.
    fn free(&self, rows: &HashSet<usize>) -> Vec<usize> {
        let keys = self.keys.iter().map(|key| key.field);
        let withdrawn = self.withdrawn.iter().map(|(field, _)| *field);
        let others = [self.time].into_iter().chain(self.start).chain(keys).chain(withdrawn);
        let taken: HashSet<usize> = others.chain(rows.iter().copied()).collect();
        (0..self.names.len()).filter(|field| !taken.contains(field)).collect()
    }
}

fn folded(name: &str) -> String {
    category::folded(name).collect()
}

/// The letters and digits of a name, in small letters: `patient_id`, `Patient ID` and `patientId` are one name.
fn joined(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { folded(name) } else { letters }
}

/// The fields of a header by their folded names and by their letters alone; the first of two that are alike.
struct FoldedHeader {
    folded: HashMap<String, usize>,
    joined: HashMap<String, usize>,
}

impl FoldedHeader {
    fn of(row: &Row<'_>) -> Self {
        let mut header = Self { folded: HashMap::new(), joined: HashMap::new() };
        for (field, name) in row.fields.iter().enumerate() {
            header.folded.entry(folded(name)).or_insert(field);
            header.joined.entry(joined(name)).or_insert(field);
        }
        header
    }

    /// By what stands before a unit of time: `Time [h]`.
    fn of_times(row: &Row<'_>) -> Self {
        let mut header = Self { folded: HashMap::new(), joined: HashMap::new() };
        let base = |name: &str| {
            let (base, unit) = split_unit(name)?;
            TimeUnit::of_code(unit).or_else(|| TimeUnit::of_word(&unit.to_lowercase())).map(|_| folded(base))
        };
        for (field, base) in row.fields.iter().enumerate().filter_map(|(field, name)| Some((field, base(name)?))) {
            header.folded.entry(base).or_insert(field);
        }
        header
    }

    fn position(&self, wanted: &str) -> Option<usize> {
        self.folded.get(&folded(wanted)).or_else(|| self.joined.get(&joined(wanted))).copied()
    }

    /// The field of the first known name that is there.
    fn first(&self, known: &[String]) -> Option<usize> {
        known.iter().find_map(|name| self.position(name))
    }

    /// The fields of all known names that are there and are nothing else.
    fn all(&self, known: &[String], is_other: impl Fn(usize) -> bool) -> Vec<usize> {
        known.iter().filter_map(|name| self.position(name)).filter(|field| !is_other(*field)).collect()
    }

    fn fields<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> HashSet<usize> {
        names.into_iter().filter_map(|name| self.position(name)).collect()
    }
}

/// Columns that tell people and stays apart: those that the mapping names, those that are known, and those that are named
/// like one. What the mapping dismisses is none.
fn keys(
    row: &Row<'_>,
    header: &FoldedHeader,
    codes: &Codes,
    mapping: &Mapping,
    is_other: impl Fn(usize, &str) -> bool,
) -> Vec<Key> {
    let (known, given) = (&codes.columns, &mapping.columns);
    let other = [&given.time, &given.variable, &given.value, &given.unit].into_iter().flatten();
    let dismissed = header.fields(mapping.ignored.iter().chain(other));
    let patients = header.fields(&known.patient);
    let stays = header.fields(&known.stay);
    // A column "name" beside the variable's is somebody's.
    let variables = known.variable.iter().filter(|name| *name != NAME);
    let values = known.value.iter().chain(&known.number);
    let rows = known.rows.iter().chain(&known.row_id).chain(&known.stored).chain(&known.comparator);
    let others = header.fields(rows.chain(&known.unit).chain(variables).chain(values).chain(&known.time));
    let (patient, stay) = (header.fields(&given.patient), header.fields(&given.encounter));
    let kind = |field: usize, name: &str| match () {
        () if patient.contains(&field) => Some(KeyKind::Patient),
        () if stay.contains(&field) => Some(KeyKind::Stay),
        () if dismissed.contains(&field) => None,
        () if patients.contains(&field) => Some(KeyKind::Patient),
        () if stays.contains(&field) => Some(KeyKind::Stay),
        () if others.contains(&field) || is_other(field, name) => None,
        () => looks_like_a_key(name, &known.whose).then_some(KeyKind::Strange),
    };
    let all = row.fields.iter().enumerate();
    all.filter_map(|(field, name)| kind(field, name.trim()).map(|kind| Key { field, kind })).collect()
}

/// How the name of a variable's column goes on in that of its unit.
const UNIT_ENDS: [&str; 3] = ["unit", "units", "uom"];

/// What a column that says whether a row holds may be called, and how such names end.
const STATUS: &str = "status";

/// What a column of people's names may be called, and one of variables' names.
const NAME: &str = "name";

/// Whether a name ends as those of numbers of people and cases do (`_id`, `Id`, `mrn`, `_no`, `number`), or has a word that
/// may say whose a row is.
fn looks_like_a_key(name: &str, words: &[String]) -> bool {
    let small = name.to_lowercase();
    let ends = ["_id", " id", "-id", "mrn", "_no", " no", "_nr", "number", "_key", "fallnummer", "patientennummer"];
    small == "id"
        || small == NAME
        || name.ends_with("Id")
        || name.ends_with("ID")
        || ends.iter().any(|end| small.ends_with(end))
        || words_of(name).iter().any(|word| words.contains(word))
}

/// The words of a name, in small letters: `patientName`, `patient_name` and `Patient name` have the same.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if let (Some(word), true) = (words.last_mut(), letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Columns that withdraw rows: those that are known, also as `is_...` and `..._flag`, and those whose name ends with "status".
fn withdrawn(names: &[String], codes: &Codes) -> Vec<(usize, Vec<String>)> {
    let known: HashMap<String, &Vec<String>> =
        codes.withdrawn.iter().map(|(name, cells)| (joined(name), cells)).collect();
    let without =
        |name: &str, ends: &[&str]| ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned();
    let cells = |name: &String| {
        let whole = joined(name);
        let bare = without(whole.strip_prefix("is").unwrap_or(&whole), &["flag", "indicator", "ind"]);
        let is_status = without(&whole, &["code", "cd", "description", "desc", "text"]).ends_with(STATUS);
        let found = known.get(&whole).or_else(|| known.get(&bare));
        found.or_else(|| known.get(STATUS).filter(|_| is_status)).copied().cloned()
    };
    names.iter().enumerate().filter_map(|(field, name)| Some((field, cells(name)?))).collect()
}

/// The unit of time that a column's name says: as the table of codes knows it, else by a word of the name. What counts
/// from an event in eICU ends with `offset` and is in minutes. One letter is a unit at the end alone: `time_s`, `Time [d]`.
fn unit_of_time(name: &str, codes: &Codes) -> Option<TimeUnit> {
    let small = folded(name);
    if let Some(code) = codes.time_units.get(&small) {
        return TimeUnit::of_code(code);
    }
    let words: Vec<&str> = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at_end = words.iter().skip(1).next_back().and_then(|word| TimeUnit::of_code(word));
    let mut said = words.iter().filter_map(|word| TimeUnit::of_word(word)).chain(at_end);
    let unit = said.next();
    match said.next() {
        Some(other) if Some(other) != unit => None,
        _ => unit,
    }
}

fn missing(what: &str, row: &Row<'_>, text: &str) -> Error {
    let message = format!(
        "no column is known to hold the {what}; say which with mapping.columns.{what} ({}), or {}",
        names(row.fields.iter()),
        format::advice(text)
    );
    wrong(message).at(Place::Line(row.line))
}

fn no_column(what: &str, name: &str, row: &Row<'_>) -> Error {
    let message = format!("the header has no column \"{}\"; its columns are {}", shown(name), names(row.fields.iter()));
    Error::new(Kind::Argument, message).at(Place::Field(format!("mapping.columns.{what}")))
}
