//! What a cell of a table means: which channel its name is, in which unit its value is.

use super::cell::CellNumber;
use super::is_missing;
use crate::stay::codes::{Codes, UnitScale, Variable, split_unit, unit_said};
use crate::stay::dated::{Dated, DatedValue, SourcePlace as Measured};
use crate::stay::manifest::{Encoding, Manifest};
use crate::stay::number::Marks;
use crate::stay::options::Mapping;
use crate::stay::sampling::Sampling;
use crate::stay::{category, shown, unit_question};
use crate::{Error, Kind, Place, Result};
use std::collections::{BTreeMap, HashMap};

/// A value in its own unit counts before any that had to be converted.
const OWN_UNIT: usize = 1 << 20;

/// An arterial value counts before a venous one, and before any by the order of their names.
const PREFERRED: usize = 1 << 16;

/// What a later status of a row adds: whatever its unit, a corrected value counts before a final one.
pub(super) const LATER_STATUS: usize = 1 << 24;

/// What MEDS writes for a unit that is not known.
const UNKNOWN_UNIT: &str = "UNK";

/// Relative difference up to which a value and the number beside it are the same, one of them rounded.
const SAME: f64 = 0.005;

/// Knows the names of a table.
pub(super) struct What<'a, 'c, 'r> {
    manifest: &'a Manifest,
    codes: &'c Codes,
    mapping: &'r Mapping,
    /// Whether every value is in its channel's own unit.
    has_own_units: bool,
    channels: HashMap<String, usize>,
    known: HashMap<String, KnownName<'c>>,
    /// Values without a unit, of names that do not say theirs.
    open: BTreeMap<String, Vec<Open<'c>>>,
}

/// What a name is.
#[derive(Clone)]
enum KnownName<'c> {
    Channel(NameMeaning<'c>),
    /// None, with the reason.
    Nothing(String),
}

#[derive(Clone)]
struct NameMeaning<'c> {
    channel: usize,
    variable: Option<&'c Variable>,
    /// The unit that the mapping gives.
    given: Option<String>,
    /// The unit of the item or of its name.
    own: Option<String>,
    /// Why none of its values can be read, where the item and its name say two units.
    odd: Option<String>,
    rank: usize,
}

struct Open<'c> {
    place: Measured,
    channel: usize,
    variable: &'c Variable,
    value: f64,
}

/// What a table gives for one variable at one time.
#[derive(Clone, Copy)]
pub(super) struct FieldValue<'t> {
    pub(super) text: &'t str,
    /// The same as a number, where the table has a column for that.
    pub(super) number: &'t str,
    /// What the columns of units say of it.
    pub(super) units: &'t [&'t str],
    /// Whether it is a limit of what was measured, as the table's column for that has it.
    pub(super) comparator: &'t str,
    /// In what and where it was measured.
    pub(super) sampling: &'t Sampling,
    /// Whether it is all that its row holds, so that a row without it is a problem.
    pub(super) is_alone: bool,
}

impl<'a, 'c, 'r> What<'a, 'c, 'r> {
    pub(super) fn new(manifest: &'a Manifest, codes: &'c Codes, mapping: &'r Mapping, has_own_units: bool) -> Self {
        let mut channels = HashMap::new();
        for (index, channel) in manifest.channels.iter().enumerate() {
            channels.entry(folded(&channel.name)).or_insert(index);
        }
        for (index, channel) in manifest.channels.iter().enumerate() {
            channels.entry(folded(&channel.label)).or_insert(index);
        }
        Self { manifest, codes, mapping, has_own_units, channels, known: HashMap::new(), open: BTreeMap::new() }
    }

    /// Whether a name is a variable of the model, or the mapping says so.
    pub(super) fn is_variable(&self, name: &str) -> bool {
        self.mapping.variables.get(name).is_some_and(|wanted| !wanted.is_empty()) || self.channel(name).is_some()
    }

    /// Whether a name is a channel's own, as the benchmark spells it or Glasgow is spelled elsewhere.
    pub(super) fn is_channel(&self, name: &str) -> bool {
        let small = folded(name).replace("glasgow", "glascow");
        self.channels.get(&small).is_some_and(|index| folded(&self.manifest.channels[*index].name) == small)
    }

    /// The channel of a name, and what is known about it: by its whole name, or by what stands before a unit.
    fn channel(&self, name: &str) -> Option<(usize, Option<&'c Variable>)> {
        let codes = self.codes;
        let named = |name: &str| {
            let variable = codes.by_name(name);
            let channel = variable.and_then(|variable| self.channels.get(&folded(&variable.channel)));
            channel.or_else(|| self.channels.get(&folded(name))).copied()
        };
        let with_variable = |channel: usize| (channel, codes.of_channel(&self.manifest.channels[channel].name));
        if let Some(channel) = named(name) {
            return Some(with_variable(channel));
        }
        // MEDS writes LAB//220045//bpm; what stands behind the item and is no unit may make something else of it.
        if name.contains("//") {
            let mut parts = name.split("//");
            let channel = parts.find_map(named)?;
            let is_plain = |part: &str| is_missing(part) || part == UNKNOWN_UNIT || codes.known_unit(part).is_some();
            return parts.all(is_plain).then(|| with_variable(channel));
        }
        let (base, _) = split_unit(name)?;
        let (channel, variable) = with_variable(named(base)?);
        variable?.unit_of_item(codes, name).map(|_| (channel, variable))
    }

    /// Names of the mapping that no value bore.
    pub(super) fn unmet(&self) -> impl Iterator<Item = &'r String> {
        let is_met = |name: &str| self.known.contains_key(name);
        let is_channel = |name: &str| self.manifest.channels.iter().any(|channel| channel.name == name);
        let Mapping { variables, units, .. } = self.mapping;
        let of_units = units.keys().filter(move |name| !is_channel(name));
        variables.keys().chain(of_units).filter(move |name| !is_met(name))
    }

    /// What is known about a name: the channel's name and the unit, for a survey.
    pub(super) fn guess(&self, name: &str) -> (Option<String>, Option<String>) {
        let Some((channel, variable)) = self.channel(name) else { return (None, None) };
        let unit = variable.and_then(|variable| variable.unit_of_item(self.codes, name));
        (Some(self.manifest.channels[channel].name.clone()), unit)
    }

    /// Takes a cell of the table.
    ///
    /// # Errors
    /// [`Kind::Argument`] where the mapping names a channel or a unit that is none.
    pub(super) fn take(
        &mut self,
        dated: &mut Dated<'a, 'c>,
        place: Measured,
        name: &str,
        cell: FieldValue<'_>,
        marks: Marks,
    ) -> Result<()> {
        if !self.known.contains_key(name) {
            let known = self.learn(name)?;
            self.known.insert(name.to_owned(), known);
        }
        let is_empty = is_missing(cell.text) && is_missing(cell.number);
        match self.known.get(name).cloned() {
            Some(KnownName::Nothing(reason)) if cell.is_alone || !is_empty => {
                dated.count_unknown(place.line, &shown(name), &reason);
            }
            Some(KnownName::Channel(meaning)) if is_empty && cell.is_alone => {
                let about = &self.manifest.channels[meaning.channel].name;
                dated.refuse(place.row, place.line, about, "the cell of the value is empty".to_owned());
            }
            Some(KnownName::Channel(meaning)) if !is_empty => {
                self.take_value(dated, place, name, &meaning, cell, marks);
            }
            _ => {}
        }
        Ok(())
    }

    fn learn(&self, name: &str) -> Result<KnownName<'c>> {
        let mapped = self.mapping.variables.get(name);
        if mapped.is_some_and(String::is_empty) {
            return Ok(KnownName::Nothing("left out by the mapping".to_owned()));
        }
        let wanted = mapped.map_or(name, String::as_str);
        let wrong = |field: &str, message: String| {
            Err(Error::new(Kind::Argument, message).at(Place::Field(format!("mapping.{field}.{}", shown(name)))))
        };
        let Some((channel, variable)) = self.channel(wanted) else {
            if mapped.is_some() {
                let message = format!("\"{}\" is no variable of the model; map to one of its channels", shown(wanted));
                return wrong("variables", message);
            }
            let excluded = self.codes.excluded.values().find_map(|codes| codes.get(name));
            let unknown = || "no variable of the model; map it if it is one".to_owned();
            return Ok(KnownName::Nothing(excluded.cloned().unwrap_or_else(unknown)));
        };
        let units = &self.mapping.units;
        let given = units.get(name).or_else(|| units.get(&self.manifest.channels[channel].name)).cloned();
        if let (Some(given), Some(variable)) = (&given, variable)
            && variable.scale(self.codes, given).is_none()
        {
            return wrong("units", variable.no_scale(given));
        }
        let own = variable.and_then(|variable| variable.unit_of_item(self.codes, name));
        let odd = variable.and_then(|variable| {
            let (item, said) = (own.as_ref()?, variable.unit_in_name(self.codes, name)?);
            let is_odd = variable.are_two_units(self.codes, item, &said);
            is_odd.then(|| format!("its code is in {}, and its name says {}", unit_said(item), unit_said(&said)))
        });
        let rank = self.codes.rank(name);
        Ok(KnownName::Channel(NameMeaning { channel, variable, given, own, odd, rank }))
    }

    fn take_value(
        &mut self,
        dated: &mut Dated<'a, 'c>,
        place: Measured,
        name: &str,
        meaning: &NameMeaning<'c>,
        cell: FieldValue<'_>,
        marks: Marks,
    ) {
        let channel = meaning.channel;
        let about = &self.manifest.channels[channel].name;
        let is_continuous = matches!(self.manifest.channels[channel].encoding, Encoding::Continuous { .. });
        let number = || self.number(cell, marks, is_continuous);
        let why_not = meaning.variable.and_then(|variable| cell.sampling.why_not(self.codes, variable));
        let read = why_not.map_or_else(number, Err).and_then(|(number, around)| {
            let units = cell.units.iter().copied().chain(around.behind.filter(|unit| self.is_unit(meaning, unit)));
            let unit = self.unit(meaning, &units.collect::<Vec<_>>())?;
            let number = match (number, meaning.variable) {
                (Ok(value), Some(variable)) if unit.is_empty() => {
                    dated.possible(channel, variable, value, self.has_own_units).map(Ok)?
                }
                (number, _) => number,
            };
            Ok((number, unit, around.said))
        });
        let (number, unit, said) = match read {
            Ok(read) => read,
            Err(reason) => return dated.refuse(place.row, place.line, about, reason),
        };
        let NameMeaning { variable, rank, .. } = meaning;
        let own_rank = variable.map_or(OWN_UNIT, |variable| self.own_rank(variable, &unit));
        let is_code = |variable: &Variable| variable.preferred.iter().any(|code| code == name);
        let is_preferred = variable.is_some_and(|it| cell.sampling.is_preferred(it) || is_code(it));
        let preferred = if is_preferred { PREFERRED } else { 0 };
        let place = Measured { rank: place.rank + rank + preferred + own_rank, ..place };
        let like = |value: &f64| variable.filter(|_| unit.is_empty()).and_then(|it| it.category_like(*value));
        let taken = match (number, variable) {
            (Ok(value), Some(variable)) if like(&value) == Some(cell.text.trim()) => {
                dated.take(place, channel, Some(variable), DatedValue::Text(cell.text.trim()))
            }
            (Ok(value), Some(variable)) if like(&value).is_some_and(|it| it != variable.category_of(value)) => {
                let (category, own) = (like(&value).unwrap_or_default(), &variable.unit);
                Err(format!(
                    "{value} without a unit is {value} {own}, or the category \"{category}\"; write the one or the other"
                ))
            }
            (Ok(value), Some(variable)) if unit.is_empty() && !self.is_clear(variable) => {
                self.open.entry(name.to_owned()).or_default().push(Open { place, channel, variable, value });
                Ok(())
            }
            (Ok(value), Some(variable)) if unit.is_empty() => {
                take_own(dated, place, channel, variable, value, self.has_own_units)
            }
            (Ok(value), _) => dated.take(place, channel, *variable, DatedValue::Number(value, &unit)),
            (Err(reason), _) if is_continuous => Err(reason),
            (Err(_), _) => dated.take(place, channel, *variable, DatedValue::Text(cell.text)),
        };
        match taken {
            Ok(()) => {
                said.into_iter().for_each(|said| dated.count_change(place.line, channel, said));
                dated.count_sampling(place.line, channel, cell.sampling);
            }
            Err(reason) => dated.refuse(place.row, place.line, about, reason),
        }
    }

    /// The number of a cell, or why it has none, and what stands around it. A cell that contradicts the number beside it, or
    /// whose comparator gives no limit, is not read.
    fn number<'t>(
        &self,
        cell: FieldValue<'t>,
        marks: Marks,
        is_continuous: bool,
    ) -> Result<(Result<f64, String>, CellNumber<'t>), String> {
        let whole = marks.number(cell.text);
        let beside = if is_continuous { marks.number(cell.number).ok() } else { None };
        let around = match (&whole, beside) {
            (Err(_), Some(_)) if !is_missing(cell.text) => CellNumber::of(cell.text, self.codes),
            _ => CellNumber::default(),
        };
        let written = match (&whole, around.number) {
            (Ok(value), _) => Some(*value),
            (Err(_), Some(number)) => marks.number(number).ok(),
            (Err(_), None) => None,
        };
        let number = match (written, beside) {
            (Some(value), Some(number)) if (value - number).abs() > SAME * value.abs() => {
                return Err(format!("its value says {value}, and the number beside it {number}"));
            }
            (_, Some(number)) if whole.is_err() => Ok(number),
            _ => whole,
        };
        Ok((number, around.with_comparator(cell.comparator, self.codes)?))
    }

    /// Whether a text is a unit of a variable.
    fn is_unit(&self, meaning: &NameMeaning<'c>, text: &str) -> bool {
        let is_digit = |c: char| c.is_ascii_digit();
        !text.starts_with(is_digit)
            && meaning.variable.is_some_and(|variable| variable.scale(self.codes, text).is_some())
    }

    /// The unit of a value: the row's, else the mapping's, else the item's. A row that contradicts its item is not read.
    fn unit(&self, meaning: &NameMeaning<'c>, written: &[&str]) -> Result<String, String> {
        let written = self.written_unit(meaning, written)?;
        let scale = |unit: &str| meaning.variable.and_then(|variable| variable.scale(self.codes, unit));
        match (written, &meaning.given, &meaning.own) {
            (Some(written), None, Some(own)) if scale(written).is_some_and(|given| Some(given) != scale(own)) => {
                Err(format!("its unit says {}, and its name or code is in {own}", shown(written)))
            }
            (_, None, _) if meaning.odd.is_some() => Err(meaning.odd.clone().unwrap_or_default()),
            (Some(written), ..) => Ok(written.to_owned()),
            (None, Some(given), _) => Ok(given.clone()),
            (None, None, own) => Ok(own.clone().unwrap_or_default()),
        }
    }

    /// The unit that a row says: the first that is known of several columns of units. Two that differ leave it open.
    fn written_unit<'w>(&self, meaning: &NameMeaning<'c>, written: &[&'w str]) -> Result<Option<&'w str>, String> {
        let mut said = written.iter().copied().filter(|unit| !is_missing(unit) && !is_no_unit(unit));
        let Some(variable) = meaning.variable else { return Ok(said.next()) };
        let is_known = |unit: &&str| variable.scale(self.codes, unit).is_some();
        let Some(unit) = said.clone().find(is_known).or_else(|| said.clone().next()) else { return Ok(None) };
        match said.find(|other| variable.contradict(self.codes, unit, other)) {
            Some(other) => Err(format!("its units {} and {} contradict each other", shown(unit), shown(other))),
            None => Ok(Some(unit)),
        }
    }

    fn own_rank(&self, variable: &Variable, unit: &str) -> usize {
        let is_own = |scale: UnitScale| scale.factor == 1.0 && scale.offset == 0.0;
        let is_converted = !unit.is_empty() && !variable.scale(self.codes, unit).is_some_and(is_own);
        if is_converted && !variable.percent_may_be_fraction { 0 } else { OWN_UNIT }
    }

    /// Whether a value without a unit can only be in one.
    fn is_clear(&self, variable: &Variable) -> bool {
        self.has_own_units || !variable.has_other_units()
    }

    /// Settles the units of values without one: a name has one unit, and it is the channel's where one of its values can be
    /// in no other, and none only in another. Else it is asked.
    ///
    /// # Errors
    /// [`Kind::Record`] with a question for the first name that is open.
    pub(super) fn settle(&mut self, dated: &mut Dated<'a, 'c>) -> Result<()> {
        let open = std::mem::take(&mut self.open);
        for (name, values) in open {
            let Some(Open { channel, variable, .. }) = values.first() else { continue };
            let plausible = self.manifest.channels[*channel].plausible.or(variable.usual);
            let fitting: Vec<Vec<&str>> = values
                .iter()
                .map(|open| plausible.map_or(vec![], |range| variable.units_that_fit(open.value, range)))
                .collect();
            let is_own = fitting.contains(&vec![variable.unit.as_str()]);
            let is_other = fitting.iter().any(|units| !units.is_empty() && !units.contains(&variable.unit.as_str()));
            let is_nowhere = plausible.is_some() && fitting.iter().all(Vec::is_empty);
            if !is_nowhere && (!is_own || is_other) {
                let values: Vec<(u64, f64)> = values.iter().map(|open| (open.place.line, open.value)).collect();
                return Err(unit_question::ask(&name, &values, variable, plausible));
            }
            for Open { place, channel, variable, value } in values {
                if let Err(reason) = take_own(dated, place, channel, variable, value, false) {
                    dated.refuse(place.row, place.line, &self.manifest.channels[channel].name, reason);
                }
            }
        }
        Ok(())
    }
}

/// What a column of units has where there is none: OMOP's concept 0 is no concept.
fn is_no_unit(unit: &str) -> bool {
    unit == "0" || unit.eq_ignore_ascii_case("none")
}

/// Takes a value without a unit in the channel's own.
fn take_own<'c>(
    dated: &mut Dated<'_, 'c>,
    place: Measured,
    channel: usize,
    variable: &'c Variable,
    value: f64,
    is_known: bool,
) -> Result<(), String> {
    // A fraction and a percentage are told apart by the value.
    if variable.units.contains_key("") || variable.percent_may_be_fraction {
        return dated.take(place, channel, Some(variable), DatedValue::Number(value, ""));
    }
    if !is_known {
        dated.count_change(place.line, channel, format!("without a unit, taken as {}", variable.unit));
    }
    dated.take(place, channel, Some(variable), DatedValue::Number(value, &variable.unit))
}

fn folded(name: &str) -> String {
    category::folded(name).collect()
}
