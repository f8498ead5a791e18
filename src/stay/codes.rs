//! What foreign codes, names and units mean: the table that carries a record of another house to a model's channels.
//!
//! Nothing of it is in the code. The built-in table covers the benchmark's variables by LOINC, UCUM, the item numbers of
//! MIMIC, the concepts of OMOP, the names of `PhysioNet`'s challenges, of eICU, CLIF and MEDS; a manifest may bring a table
//! of its own for its own channels.

mod index;

use super::contradiction::Relations;
use super::manifest::Manifest;
use super::unit::{self, Unit};
use super::{category, shown};
use crate::{Error, Kind, Place, Result};
use index::{Index, Lookup};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The only value of [`Codes::format`] that this version reads.
pub const FORMAT: &str = "vitrine-codes/1";

/// The table for the variables of the benchmark.
const BUILT_IN: &str = include_str!("codes_builtin.json");

/// A table of codes, names and units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// Always [`FORMAT`].
    pub format: String,
    /// The short name that this table has for each code system, by the system's address.
    #[serde(default)]
    pub systems: BTreeMap<String, String>,
    /// Units as devices and charts spell them, in small letters and without blanks, each with its UCUM code. A table of a
    /// manifest that has none takes the built-in ones; likewise `columns`, `time_units` and `withdrawn`.
    #[serde(default)]
    pub unit_names: BTreeMap<String, String>,
    /// What a table may call its columns.
    #[serde(default)]
    pub columns: KnownColumns,
    /// The unit of time of columns whose name does not say it, as a UCUM code.
    #[serde(default)]
    pub time_units: BTreeMap<String, String>,
    /// Columns that withdraw a row, in small letters, each with the cells that do.
    #[serde(default)]
    pub withdrawn: BTreeMap<String, Vec<String>>,
    /// How tables write that a value is a limit, each with FHIR's sign for it; `=` for none.
    #[serde(default)]
    pub comparators: BTreeMap<String, String>,
    /// Words for what a table calls a statistic, by its name; by an empty one those for what is no value, such as a count.
    #[serde(default)]
    pub statistics: BTreeMap<String, Vec<String>>,
    /// Words for specimens that are no blood.
    #[serde(default)]
    pub fluids: Vec<String>,
    /// Words for specimens that are blood.
    #[serde(default)]
    pub bloods: Vec<String>,
    /// Codes that look like a variable and are none, each with the reason: code system -> code -> reason.
    #[serde(default)]
    pub excluded: BTreeMap<String, BTreeMap<String, String>>,
    /// Codes that only hold their components together: code system -> codes.
    #[serde(default)]
    pub panels: BTreeMap<String, Vec<String>>,
    /// What holds between channels: a total and its parts, an upper and a lower value.
    #[serde(default)]
    pub relations: Relations,
    /// One entry a channel.
    pub variables: Vec<Variable>,
    #[serde(skip)]
    lookup: Lookup,
}

/// What a table may call its columns, in small letters; of several that are there the first of the list counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KnownColumns {
    /// The column that holds the time.
    pub time: Vec<String>,
    /// The column that holds the variable's name or code.
    pub variable: Vec<String>,
    /// The column that holds the value.
    pub value: Vec<String>,
    /// The column that holds the unit.
    pub unit: Vec<String>,
    /// The column that holds the value as a number, where the value's own is text.
    pub number: Vec<String>,
    /// The column that holds the value as it was written, beside one that holds the number.
    pub text: Vec<String>,
    /// Columns that say whose measurement it is: all that are there count.
    pub patient: Vec<String>,
    /// Columns that tell a patient's admissions and stays apart: all that are there count.
    pub stay: Vec<String>,
    /// The column that holds the start of the stay.
    pub start: Vec<String>,
    /// The column that numbers the rows of a house's table: one number twice is two versions of one row.
    pub row_id: Vec<String>,
    /// The column that says when a row was entered or last changed, or which version of it this is.
    pub stored: Vec<String>,
    /// The column that says whether the value is a limit, as [`Codes::comparators`] has it.
    pub comparator: Vec<String>,
    /// Columns that number rows, items and staff: they look like people's numbers and are none.
    pub rows: Vec<String>,
    /// Words in the name of a column that may say whose a row is: several values of it are asked about.
    pub whose: Vec<String>,
    /// Columns that give away a table whose values are all in the channels' own units.
    pub units_known: Vec<String>,
    /// The column that holds the unit of the row's time.
    pub time_unit: Vec<String>,
    /// Columns that may hold a part of the time, such as the day.
    pub part_of_time: Vec<String>,
    /// The column that holds the zone of the row's time.
    pub zone: Vec<String>,
    /// Columns that say in what a value was measured: all that are there count.
    pub specimen: Vec<String>,
    /// Columns that say where or how a value was measured: all that are there count.
    pub site: Vec<String>,
}

impl KnownColumns {
    /// All names of columns that are anything at all.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        let Self { time, variable, value, unit, number, patient, stay, start, row_id, .. } = self;
        let Self { stored, comparator, rows, part_of_time, text, time_unit, zone, specimen, site, .. } = self;
        let of_rows = [row_id, stored, comparator, rows, part_of_time, text, time_unit, zone, specimen, site];
        let of_values = [time, variable, value, unit, number, patient, stay, start];
        of_values.into_iter().chain(of_rows).flatten()
    }
}

/// How records of other houses write one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The channel's name in the manifest.
    pub channel: String,
    /// The UCUM code of the channel's clinical values.
    pub unit: String,
    /// How a value in another unit becomes one in the channel's, by UCUM code; "" is a value without a unit.
    pub units: BTreeMap<String, UnitScale>,
    /// Codes of the variable: code system -> codes.
    #[serde(default)]
    pub codes: BTreeMap<String, Vec<String>>,
    /// How records of the `PhysioNet` Challenge 2012 write it.
    #[serde(default)]
    pub physionet2012: Physionet2012,
    /// Names in tables of other houses; of two at one time, the later in this list is used.
    #[serde(default)]
    pub names: Vec<String>,
    /// The UCUM code of the unit that a code or name is always in, by code or name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub item_units: BTreeMap<String, String>,
    /// Codes of answers, each with its score.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, f64>,
    /// The manifest's category for a score or a foreign spelling.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub categories: BTreeMap<String, String>,
    /// Makes two categories of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Whether it is a fraction that is also charted as a percentage: up to 1 it is a fraction whatever is said, and above
    /// 1, without a unit, a percentage.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub percent_may_be_fraction: bool,
    /// Words for sites at which something else is measured under its name: the temperature of the skin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<String>,
    /// Words for specimens and sites whose value counts before others of its minute, and codes that say such a one: of the
    /// arterial line before the cuff.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferred: Vec<String>,
    /// Values outside `[low, high]`, in the channel's unit, are questioned where another unit would put them inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<[f64; 2]>,
    /// Values outside `[low, high]`, in the channel's unit, are not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<[f64; 2]>,
}

/// How records of the `PhysioNet` Challenge 2012 write a channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Physionet2012 {
    /// Its names; of two at one time, the later in this list is used.
    pub names: Vec<String>,
    /// Whether zero, too, stands for a value that is missing.
    pub only_positive: bool,
    /// Whether a value equal to the one before is no new measurement but the same sheet repeated.
    pub only_changes: bool,
}

/// `value in the channel's unit = factor * value + offset`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitScale {
    /// Not zero.
    pub factor: f64,
    /// In the channel's unit.
    #[serde(default)]
    pub offset: f64,
}

/// Two categories on either side of a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// In the channel's unit.
    pub at: f64,
    /// The category of values below.
    pub below: String,
    /// The category of values from there on.
    pub from: String,
}

/// A number in the channel's own unit, and what was done to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Converted {
    pub(super) value: f64,
    /// For people, where the number or its unit was changed.
    pub(super) note: Option<String>,
}

impl Codes {
    /// The table for a model: its manifest's own, else the built-in one.
    ///
    /// # Errors
    /// Never in practice: the built-in table is tested.
    pub(super) fn of(manifest: &Manifest) -> Result<Cow<'_, Self>> {
        let built_in = Self::built_in()?;
        Ok(match &manifest.codes {
            Some(codes) if codes.is_whole() => Cow::Borrowed(codes),
            Some(codes) => Cow::Owned(codes.clone().with_general(built_in.clone())),
            None => Cow::Borrowed(built_in),
        })
    }

    /// It is read once: reading it takes longer than reading a record.
    fn built_in() -> Result<&'static Self> {
        static TABLE: OnceLock<Codes> = OnceLock::new();
        if let Some(table) = TABLE.get() {
            return Ok(table);
        }
        let table = serde_json::from_str(BUILT_IN)
            .map_err(|error| Error::new(Kind::Manifest, format!("the built-in table of codes: {error}")))?;
        Ok(TABLE.get_or_init(|| table))
    }

    /// Whether another table has nothing to say of units and columns.
    fn is_whole(&self) -> bool {
        !self.unit_names.is_empty() && self.columns != KnownColumns::default()
    }

    /// With what another table knows of units and columns, where this one says nothing of them.
    fn with_general(mut self, other: Self) -> Self {
        let Self { unit_names, columns, time_units, withdrawn, comparators, statistics, fluids, bloods, .. } = other;
        if self.unit_names.is_empty() {
            self.unit_names = unit_names;
        }
        if self.columns == KnownColumns::default() {
            (self.columns, self.time_units) = (columns, time_units);
            (self.withdrawn, self.comparators, self.statistics) = (withdrawn, comparators, statistics);
            (self.fluids, self.bloods) = (fluids, bloods);
        }
        self
    }

    fn index(&self) -> &Index {
        self.lookup.of(self)
    }

    /// Checks the table against the manifest that brings it; fields are named below `codes`.
    ///
    /// # Errors
    /// [`Kind::Manifest`] at the first field that is wrong.
    pub(super) fn validate(&self, manifest: &Manifest) -> Result<()> {
        if self.format != FORMAT {
            let message = format!("is \"{}\"; write \"{FORMAT}\"", shown(&self.format));
            return Err(wrong("codes.format", message));
        }
        for (index, variable) in self.variables.iter().enumerate() {
            let path = format!("codes.variables[{index}]");
            if !manifest.channels.iter().any(|channel| channel.name == variable.channel) {
                let message = format!("\"{}\" is the name of no channel", shown(&variable.channel));
                return Err(wrong(&format!("{path}.channel"), message));
            }
            for (unit, UnitScale { factor, offset }) in &variable.units {
                if !(factor.is_finite() && offset.is_finite() && *factor != 0.0) {
                    let message = "needs a finite factor other than zero, and a finite offset";
                    return Err(wrong(&format!("{path}.units.{}", shown(unit)), message.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// This table's short name for a code system. An address is a name: whether it begins with `http` or `https` is nothing
    /// that it says.
    pub(super) fn system(&self, address: &str) -> Option<&str> {
        let address = address.trim_end_matches('/');
        let plain = || self.systems.get(&format!("http://{}", address.strip_prefix("https://")?));
        self.systems.get(address).or_else(plain).map(String::as_str)
    }

    /// The variable that a code of a system (short name) stands for.
    pub(super) fn by_code(&self, system: &str, code: &str) -> Option<&Variable> {
        self.variables.get(self.index().by_code(system, code)?)
    }

    /// Why a code is not a variable although it looks like one.
    pub(super) fn why_excluded(&self, system: &str, code: &str) -> Option<&str> {
        self.excluded.get(system)?.get(code).map(String::as_str)
    }

    /// Whether a code only holds its components together.
    pub(super) fn is_panel(&self, system: &str, code: &str) -> bool {
        self.panels.get(system).is_some_and(|codes| codes.iter().any(|c| c == code))
    }

    /// The variable that a name or a code in a table stands for, case and spacing aside.
    pub(super) fn by_name(&self, name: &str) -> Option<&Variable> {
        self.variables.get(self.index().by_name(name)?)
    }

    /// The variable of a channel.
    pub(super) fn of_channel(&self, channel: &str) -> Option<&Variable> {
        self.variables.get(self.index().of_channel(channel)?)
    }

    /// The variable of a name of the `PhysioNet` Challenge 2012, and how the name ranks among the variable's.
    pub(super) fn of_challenge(&self, name: &str) -> Option<(&Variable, usize)> {
        let (variable, rank) = self.index().of_challenge(name)?;
        Some((self.variables.get(variable)?, rank))
    }

    /// How a name ranks among those of its variable.
    pub(super) fn rank(&self, name: &str) -> usize {
        self.index().rank(name)
    }

    /// A unit's UCUM code, however it was spelled; what is no unit stays as it is.
    pub(super) fn ucum<'a>(&'a self, unit: &'a str) -> &'a str {
        let unit = unit.trim();
        if let Some(code) = self.unit_names.get(unit) {
            return code;
        }
        let plain = unit::plain(unit);
        if matches!(plain, Cow::Borrowed(_)) && Unit::parse(unit).is_some() {
            return unit;
        }
        self.index().unit(&unit::folded(&plain)).unwrap_or(unit)
    }

    /// The UCUM code of a spelling that is known to be a unit and no mere number.
    pub(super) fn known_unit(&self, spelling: &str) -> Option<String> {
        let code = self.ucum(spelling);
        let is_unit = Unit::parse(code).is_some() && !code.starts_with(|c: char| c.is_ascii_digit());
        is_unit.then(|| code.to_owned())
    }
}

impl Codes {
    /// Whether a code is an answer to any of the questions of the table.
    pub(super) fn is_answer(&self, code: &str) -> bool {
        self.variables.iter().any(|variable| variable.answers.contains_key(code))
    }

    /// Whether a text is a unit of any variable.
    fn is_unit(&self, unit: &str) -> bool {
        self.variables.iter().any(|variable| variable.scale(self, unit).is_some())
    }
}

impl Variable {
    /// Whether a quantity's code and the unit that is printed beside it cannot both be true. A text that is no unit of
    /// any variable, such as a word of a device, contradicts nothing.
    pub(super) fn contradict(&self, codes: &Codes, code: &str, printed: &str) -> bool {
        match (self.scale(codes, code), self.scale(codes, printed)) {
            (Some(code), Some(printed)) => code != printed,
            (Some(_), None) => codes.is_unit(printed),
            (None, Some(_)) => codes.is_unit(code),
            (None, None) => false,
        }
    }

    /// A number in some unit as one in the channel's; else why not, and what would do.
    pub(super) fn convert(&self, codes: &Codes, value: f64, unit: &str) -> Result<Converted, String> {
        let ucum = codes.ucum(unit);
        let converted = if self.percent_may_be_fraction && matches!(ucum, "" | "%") {
            self.fraction(value, ucum)
        } else {
            let Some(scale) = self.scale(codes, unit) else { return Err(self.no_scale(unit)) };
            let is_same = scale.factor == 1.0 && scale.offset == 0.0;
            let note = (!is_same).then(|| format!("converted from {ucum} to {}", self.unit));
            Converted { value: if is_same { value } else { scale.of(value) }, note }
        };
        match self.accept {
            Some([low, high]) if !(low..=high).contains(&converted.value) => {
                Err(format!("{} lies outside {low} to {high} {}", format!("{value} {unit}").trim_end(), self.unit))
            }
            _ => Ok(converted),
        }
    }

    /// A fraction that is also charted as a percentage: `f = v` for `v <= 1`, else `f = v / 100`.
    fn fraction(&self, value: f64, ucum: &str) -> Converted {
        if value > 1.0 {
            return Converted { value: value / 100.0, note: Some(format!("converted from % to {}", self.unit)) };
        }
        let note = (ucum == "%").then(|| format!("{value} % taken as the fraction {value}"));
        Converted { value, note }
    }

    pub(super) fn no_scale(&self, unit: &str) -> String {
        let known: Vec<&str> = self.units.keys().map(String::as_str).filter(|unit| !unit.is_empty()).collect();
        let seen = if unit.is_empty() { "no unit".to_owned() } else { format!("unit \"{}\"", shown(unit)) };
        format!("{seen}; give it in {}", known.join(" or "))
    }

    /// How a value in a unit, however it is spelled, becomes one in the channel's: as the table says, or by way of a unit of the
    /// table that measures the same.
    pub(super) fn scale(&self, codes: &Codes, unit: &str) -> Option<UnitScale> {
        let ucum = codes.ucum(unit);
        if let Some(scale) = self.units.get(ucum) {
            return Some(*scale);
        }
        let given = Unit::parse(ucum)?;
        self.units.iter().find_map(|(known, scale)| {
            let (factor, offset) = given.to(Unit::parse(known)?)?;
            Some(UnitScale { factor: scale.factor * factor, offset: scale.of(offset) })
        })
    }

    /// The unit that a code or a name is always in, as a UCUM code: what the table says of it, else what the name itself
    /// says, as `temp_f`, `Weight (lb)` and `LAB//220045//bpm` do.
    pub(super) fn unit_of_item(&self, codes: &Codes, name: &str) -> Option<String> {
        let within = name.split("//").filter(|_| name.contains("//"));
        let item = std::iter::once(name).chain(within).find_map(|part| self.unit_of_code(part));
        item.map(str::to_owned).or_else(|| self.unit_in_name(codes, name))
    }

    /// The unit that the table of codes has for a code or a name.
    pub(super) fn unit_of_code(&self, name: &str) -> Option<&str> {
        let is_it = |item: &str| category::folded(item).eq(category::folded(name));
        self.item_units.iter().find(|(item, _)| is_it(item)).map(|(_, unit)| unit.as_str())
    }

    /// The unit that a name itself says.
    pub(super) fn unit_in_name(&self, codes: &Codes, name: &str) -> Option<String> {
        let (_, spelling) = split_unit(name)?;
        codes.known_unit(spelling).filter(|unit| self.scale(codes, unit).is_some())
    }

    /// Whether two units, however they are spelled, are two for this variable.
    pub(super) fn are_two_units(&self, codes: &Codes, one: &str, other: &str) -> bool {
        self.scale(codes, one) != self.scale(codes, other)
    }

    /// The units in which a value could be what it says, by what is plausible in the channel's; the channel's own first.
    /// Units that only differ in name are one.
    pub(super) fn units_that_fit(&self, value: f64, plausible: [f64; 2]) -> Vec<&str> {
        let [low, high] = plausible;
        let own = UnitScale { factor: 1.0, offset: 0.0 };
        let mut fitting: Vec<&str> = Vec::new();
        if (low..=high).contains(&value) {
            fitting.push(&self.unit);
        }
        let others = self.units.iter().filter(|(_, scale)| **scale != own && (low..=high).contains(&scale.of(value)));
        fitting.extend(others.map(|(unit, _)| unit.as_str()));
        fitting
    }

    /// Whether words may stand for its values.
    pub(super) fn has_words(&self) -> bool {
        !self.answers.is_empty() || !self.categories.is_empty() || self.threshold.is_some()
    }

    /// Whether a value may be in more than one unit at all.
    pub(super) fn has_other_units(&self) -> bool {
        !self.percent_may_be_fraction && self.units.values().any(|scale| scale.factor != 1.0 || scale.offset != 0.0)
    }

    /// What makes a value in the channel's unit doubtful: another unit, which would make it a usual one, and what it would
    /// be then.
    pub(super) fn doubt(&self, value: f64) -> Option<(&str, String)> {
        let [low, high] = self.usual?;
        let is_usual = |value: f64| (low..=high).contains(&value);
        if is_usual(value) {
            return None;
        }
        let (unit, scale) = self.units.iter().find(|(_, scale)| is_usual(scale.of(value)))?;
        let meant = (scale.of(value) * 10.0).round() / 10.0;
        let Self { unit: own, .. } = self;
        let given = format!("{value} {}", if unit == FRACTION { "" } else { unit });
        let (given, said) = (given.trim_end(), unit_said(unit));
        Some((unit, format!("unusual as {own}, and usual as {said}: {given} is {meant} {own}; check the unit")))
    }

    /// The manifest's spelling of a category that a number means.
    pub(super) fn category_of(&self, value: f64) -> String {
        if let Some(Threshold { at, below, from }) = &self.threshold {
            return if value < *at { below.clone() } else { from.clone() };
        }
        let text = format!("{value}");
        self.categories.get(&text).cloned().unwrap_or(text)
    }

    /// The category that a bare number is spelt like, of a variable whose numbers are categories by their size: 1 is like
    /// "1.0", and below 3 s.
    pub(super) fn category_like(&self, value: f64) -> Option<&str> {
        let Threshold { below, from, .. } = self.threshold.as_ref()?;
        [below, from].into_iter().find(|it| it.parse() == Ok(value)).map(String::as_str)
    }

    /// The manifest's spelling of a category that a foreign text means.
    pub(super) fn category_of_text<'a>(&'a self, text: &'a str) -> &'a str {
        self.categories.get(text).map_or(text, String::as_str)
    }
}

impl UnitScale {
    fn of(self, value: f64) -> f64 {
        self.factor * value + self.offset
    }
}

/// UCUM's code of a fraction.
const FRACTION: &str = "1";

/// A unit as people read it.
pub(super) fn unit_said(unit: &str) -> &str {
    if unit == FRACTION { "a fraction" } else { unit }
}

/// A name and the unit behind it: in brackets, or behind the last `_`, `//` or blank.
pub(super) fn split_unit(name: &str) -> Option<(&str, &str)> {
    let name = name.trim();
    let inner = |open: char, close: char| {
        let (base, unit) = name.strip_suffix(close)?.rsplit_once(open)?;
        Some((base, unit))
    };
    let found = inner('(', ')').or_else(|| inner('[', ']')).or_else(|| name.rsplit_once("//"));
    let (base, unit) = found.or_else(|| name.rsplit_once(['_', ' ']))?;
    let (base, unit) = (base.trim_end_matches([' ', '_', ',']), unit.trim());
    (!base.is_empty() && !unit.is_empty()).then_some((base, unit))
}

fn wrong(field: &str, message: String) -> Error {
    Error::new(Kind::Manifest, message).at(Place::Field(field.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::manifest::Encoding;

    fn built_in() -> (Codes, Manifest) {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        (Codes::of(&manifest).unwrap().into_owned(), manifest)
    }

    /// LOINC's check digit, mod 10, after ISO/IEC 7812: every other digit from the right doubled, digits summed.
    fn check_digit(digits: &str) -> u32 {
        let doubled = |(index, digit): (usize, u32)| match (index % 2, digit) {
            (0, 5..) => 2 * digit - 9,
            (0, _) => 2 * digit,
            _ => digit,
        };
        let sum: u32 = digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate().map(doubled).sum();
        (10 - sum % 10) % 10
    }

    #[test]
    fn every_loinc_code_passes_its_check_digit() {
        let (codes, _) = built_in();
        let of_variables = codes.variables.iter().flat_map(|variable| &variable.codes["loinc"]);
        let others = codes.excluded["loinc"].keys().chain(&codes.panels["loinc"]);
        let mut n_codes = 0;
        for code in of_variables.chain(others) {
            let (digits, check) = code.split_once('-').unwrap();
            assert_eq!(check_digit(digits).to_string(), check, "{code}");
            n_codes += 1;
        }
        assert!(n_codes > 40, "{n_codes}");
        assert_ne!(check_digit("8868").to_string(), "4", "a digit that is wrong is seen");
    }

    /// The prefix LA adds a constant 5 to the check digit of its number.
    #[test]
    fn every_answer_code_passes_its_check_digit() {
        let (codes, _) = built_in();
        let answers: Vec<&String> = codes.variables.iter().flat_map(|variable| variable.answers.keys()).collect();
        assert_eq!(answers.len(), 15);
        for code in answers {
            let (digits, check) = code.strip_prefix("LA").unwrap().split_once('-').unwrap();
            assert_eq!(((check_digit(digits) + 5) % 10).to_string(), check, "{code}");
        }
    }

    #[test]
    fn no_code_or_name_means_two_variables() {
        let (codes, _) = built_in();
        let mut seen = std::collections::HashMap::new();
        for variable in &codes.variables {
            for (system, of_system) in &variable.codes {
                for code in of_system {
                    assert_eq!(seen.insert(format!("{system} {code}"), &variable.channel), None, "{code}");
                }
            }
            for name in variable.names.iter().chain([&variable.channel]) {
                assert_eq!(codes.by_name(name), Some(variable), "{name}");
            }
        }
    }

    #[test]
    fn every_entry_is_a_channel_and_every_category_one_of_its_own() {
        let (codes, manifest) = built_in();
        codes.validate(&manifest).unwrap();
        assert_eq!(codes.variables.len(), manifest.channels.len());
        for variable in &codes.variables {
            let channel = manifest.channels.iter().find(|channel| channel.name == variable.channel).unwrap();
            let targets =
                variable.categories.values().chain(variable.threshold.iter().flat_map(|t| [&t.below, &t.from]));
            for category in targets {
                let Encoding::OneHot { categories, .. } = &channel.encoding else { panic!("{}", variable.channel) };
                assert!(categories.contains(category), "{category} of {}", variable.channel);
            }
            assert!(variable.units.contains_key(&variable.unit), "{}", variable.channel);
        }
        for (name, ucum) in &codes.unit_names {
            let is_used = codes.variables.iter().any(|variable| variable.units.contains_key(ucum));
            assert!(is_used || Unit::parse(ucum).is_some(), "{ucum}");
            assert_eq!(*name, unit::folded(name), "a name that is folded is found");
        }
    }

    /// `value unit` of a channel becomes `expected` in the channel's unit, to a part in 1e9.
    fn check(channel: &str, value: f64, unit: &str, expected: f64) {
        let (codes, _) = built_in();
        let converted = codes.by_name(channel).unwrap().convert(&codes, value, unit).unwrap();
        assert!((converted.value - expected).abs() <= 1e-9 * expected.abs(), "{value} {unit}: {converted:?}");
    }

    #[test]
    fn units_are_converted() {
        check("Temperature", 98.6, "[degF]", 37.0);
        check("Temperature", 37.5, "°C", 37.5);
        check("Temperature", 310.15, "K", 37.0);
        check("Glucose", 10.0, "mmol/L", 180.16);
        check("Glucose", 100.0, "mg/dL", 100.0);
        check("Height", 70.0, "[in_i]", 177.8);
        check("Height", 1.78, "m", 178.0);
        check("Weight", 3500.0, "g", 3.5);
        check("Weight", 154.0, "lb", 69.853_224_98);
        check("Systolic blood pressure", 16.0, "kPa", 120.009_869_28);
        check("Height", 6.0, "ft", 182.88);
        check("Weight", 10.0, "[stone_av]", 63.502_931_8);
        check("Glucose", 1.0, "g/L", 100.0);
        check("Glucose", 10.0, "umol/mL", 180.16);
        check("HR", 1.5, "/s", 90.0);
        check("FiO2", 50.0, "", 0.5);
        check("FiO2", 21.0, "", 0.21);
        check("FiO2", 40.0, "%", 0.4);
        check("FiO2", 0.4, "%", 0.4);
        check("FiO2", 0.4, "1", 0.4);
    }

    #[test]
    fn what_cannot_be_converted_is_refused_in_words() {
        let (codes, _) = built_in();
        let refused = |name: &str, value, unit| codes.by_name(name).unwrap().convert(&codes, value, unit).unwrap_err();
        assert!(refused("HR", 80.0, "mm[Hg]").contains("give it in /min"));
        assert!(refused("HR", 80.0, "").contains("no unit"));
        assert!(refused("FiO2", 40.0, "1").contains("outside 0.2 to 1"));
        assert!(refused("FiO2", 15.0, "%").contains("outside 0.2 to 1"));
    }

    #[test]
    fn a_fraction_that_claims_to_be_a_percentage_is_said() {
        let (codes, _) = built_in();
        let fio2 = codes.by_name("FiO2").unwrap();
        assert_eq!(fio2.convert(&codes, 0.5, "%").unwrap().note.as_deref(), Some("0.5 % taken as the fraction 0.5"));
        assert_eq!(fio2.convert(&codes, 50.0, "%").unwrap().note.as_deref(), Some("converted from % to 1"));
        assert_eq!(fio2.convert(&codes, 0.5, "1").unwrap().note, None);
    }

    #[test]
    fn refill_is_cut_at_three_seconds() {
        let (codes, _) = built_in();
        let refill = codes.by_code("loinc", "44963-7").unwrap();
        assert_eq!([2.9, 3.0, 5.0].map(|seconds| refill.category_of(seconds)), ["0.0", "1.0", "1.0"]);
        assert_eq!(refill.category_of_text("Abnormal >3 secs"), "1.0");
    }
}
