//! What foreign codes, names and units mean: the table that carries a record of another house to a model's channels.
//!
//! Nothing of it is in the code. The built-in table covers the benchmark's variables by LOINC, UCUM, the item numbers of
//! MIMIC and the names of the `PhysioNet` Challenge 2012; a manifest may bring a table of its own for its own channels.

use super::contradiction::Relations;
use super::manifest::Manifest;
use super::{category, shown};
use crate::{Error, Kind, Place, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Units as devices and charts spell them, each with its UCUM code.
    #[serde(default)]
    pub unit_names: BTreeMap<String, String>,
    /// What a long table may call its columns.
    #[serde(default)]
    pub columns: Columns,
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
}

/// What a long table may call its columns, in small letters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// The column that holds the time.
    pub time: Vec<String>,
    /// The column that holds the variable's name or code.
    pub variable: Vec<String>,
    /// The column that holds the value.
    pub value: Vec<String>,
    /// The column that holds the unit.
    pub unit: Vec<String>,
    /// The column that says whose measurement it is.
    pub patient: Vec<String>,
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
    pub units: BTreeMap<String, Scale>,
    /// Codes of the variable: code system -> codes.
    #[serde(default)]
    pub codes: BTreeMap<String, Vec<String>>,
    /// How records of the `PhysioNet` Challenge 2012 write it.
    #[serde(default)]
    pub physionet2012: Physionet2012,
    /// Names in tables of other houses.
    #[serde(default)]
    pub names: Vec<String>,
    /// Codes of answers, each with its score.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, f64>,
    /// The manifest's category for a score or a foreign spelling.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub categories: BTreeMap<String, String>,
    /// Makes two categories of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Whether a value up to 1 that claims to be a percentage is a fraction.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub percent_may_be_fraction: bool,
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
pub struct Scale {
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
    pub(super) fn of(manifest: &Manifest) -> Result<Self> {
        match &manifest.codes {
            Some(codes) => Ok(codes.clone()),
            None => serde_json::from_str(BUILT_IN)
                .map_err(|error| Error::new(Kind::Manifest, format!("the built-in table of codes: {error}"))),
        }
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
            for (unit, Scale { factor, offset }) in &variable.units {
                if !(factor.is_finite() && offset.is_finite() && *factor != 0.0) {
                    let message = "needs a finite factor other than zero, and a finite offset";
                    return Err(wrong(&format!("{path}.units.{}", shown(unit)), message.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// This table's short name for a code system.
    pub(super) fn system(&self, address: &str) -> Option<&str> {
        self.systems.get(address.trim_end_matches('/')).map(String::as_str)
    }

    /// The variable that a code of a system (short name) stands for.
    pub(super) fn by_code(&self, system: &str, code: &str) -> Option<&Variable> {
        let has =
            |variable: &&Variable| variable.codes.get(system).is_some_and(|codes| codes.iter().any(|c| c == code));
        self.variables.iter().find(has)
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
        let same = |known: &str| category::folded(known).eq(category::folded(name));
        self.variables.iter().find(|variable| {
            same(&variable.channel)
                || variable.names.iter().any(|known| same(known))
                || variable.codes.values().flatten().any(|code| code == name)
        })
    }

    /// A unit's UCUM code, however it was spelled.
    pub(super) fn ucum<'a>(&'a self, unit: &'a str) -> &'a str {
        let unit = unit.trim();
        self.unit_names.get(unit).map_or(unit, String::as_str)
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
    /// How a value in this unit becomes one in the channel's, if it can.
    pub(super) fn scale(&self, codes: &Codes, unit: &str) -> Option<Scale> {
        self.units.get(codes.ucum(unit)).copied()
    }

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
        let Some(scale) = self.units.get(ucum) else {
            let known: Vec<&str> = self.units.keys().map(String::as_str).filter(|unit| !unit.is_empty()).collect();
            let seen = if unit.is_empty() { "no unit".to_owned() } else { format!("unit \"{}\"", shown(unit)) };
            return Err(format!("{seen}; give it in {}", known.join(" or ")));
        };
        let converted = if self.percent_may_be_fraction && ucum == "%" && value <= 1.0 {
            let note = format!("{value} % taken as the fraction {value}");
            Converted { value, note: Some(note) }
        } else {
            let changed = scale.factor * value + scale.offset;
            let is_same = scale.factor == 1.0 && scale.offset == 0.0;
            let note = (!is_same).then(|| format!("converted from {ucum} to {}", self.unit));
            Converted { value: if is_same { value } else { changed }, note }
        };
        match self.accept {
            Some([low, high]) if !(low..=high).contains(&converted.value) => {
                Err(format!("{value} {unit} lies outside {low} to {high} {}", self.unit))
            }
            _ => Ok(converted),
        }
    }

    /// The manifest's spelling of a category that a number means.
    pub(super) fn category_of(&self, value: f64) -> String {
        if let Some(Threshold { at, below, from }) = &self.threshold {
            return if value < *at { below.clone() } else { from.clone() };
        }
        let text = format!("{value}");
        self.categories.get(&text).cloned().unwrap_or(text)
    }

    /// The manifest's spelling of a category that a foreign text means.
    pub(super) fn category_of_text<'a>(&'a self, text: &'a str) -> &'a str {
        self.categories.get(text).map_or(text, String::as_str)
    }
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
        (Codes::of(&manifest).unwrap(), manifest)
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
        for ucum in codes.unit_names.values() {
            assert!(codes.variables.iter().any(|variable| variable.units.contains_key(ucum)), "{ucum}");
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
