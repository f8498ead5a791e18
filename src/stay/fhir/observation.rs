//! One Observation: whose it is, when it was, and what it measured. Shapes of FHIR R4, as far as they are read.

use super::super::clock::{self, Moment};
use super::super::codes::{Codes, Variable};
use super::super::dated::Value;
use super::super::shown;
use super::resources::Resource;
use serde::Deserialize;

/// Where an answer's score is, where it is said beside the code.
const SCORES: [&str; 3] = [
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
];

/// Statuses of Observations that never happened or no longer hold.
const NOT_VALID: [&str; 2] = ["entered-in-error", "cancelled"];

/// An Observation but for its values, which are read as [`Measured`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Observation {
    resource_type: String,
    pub(super) id: String,
    pub(super) status: String,
    pub(super) subject: Reference,
    pub(super) encounter: Reference,
    effective_date_time: Option<String>,
    effective_instant: Option<String>,
    effective_period: Option<Period>,
    effective_timing: Option<Timing>,
    pub(super) component: Vec<Measured>,
    /// What it holds together, where it is a group of others.
    pub(super) has_member: Vec<Reference>,
    /// By what name it is known in the record, for example `Observation/17`, or `Observation/17#a` where it stands inside
    /// another; empty where it has no id.
    #[serde(skip)]
    pub(super) name: String,
    /// What other resources may refer to in its place: a reference into a resource is none.
    #[serde(skip)]
    pub(super) basis: String,
    #[serde(skip)]
    has_time_of_holder: bool,
}

/// A code and its value: an Observation itself, or one of its components.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Measured {
    pub(super) code: Concept,
    value_quantity: Option<Quantity>,
    value_codeable_concept: Option<Concept>,
    value_integer: Option<f64>,
    value_string: Option<String>,
    data_absent_reason: Option<Concept>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    reference: String,
    display: String,
    identifier: Identifier,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Identifier {
    value: String,
}

/// An Encounter, as far as it says when it began.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Encounter {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) subject: Reference,
    pub(super) period: Period,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub(super) start: Option<String>,
    end: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Timing {
    event: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept {
    pub(super) coding: Vec<Coding>,
    text: String,
    extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    pub(super) system: String,
    pub(super) code: String,
    display: String,
    extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extension {
    url: String,
    value_decimal: Option<f64>,
    value_integer: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quantity {
    value: Option<f64>,
    comparator: Option<String>,
    unit: Option<String>,
    code: Option<String>,
}

/// When an Observation was, and what was done to its time, for people.
pub(super) type When = (Moment, Vec<&'static str>);

/// Reads an Observation. One that stands inside another resource takes over from it what it does not say itself.
///
/// # Errors
/// Where the resource has not the shape of FHIR R4.
pub(super) fn read(resource: &Resource<'_>) -> serde_json::Result<(Observation, Measured)> {
    let mut observation: Observation = serde_json::from_str(resource.text)?;
    let measured = serde_json::from_str(resource.text)?;
    if !observation.id.is_empty() {
        observation.name = format!("Observation/{}", observation.id);
        observation.basis.clone_from(&observation.name);
    }
    if let Some(holder) = &resource.holder {
        observation.stand_inside(holder);
    }
    Ok((observation, measured))
}

impl Observation {
    fn stand_inside(&mut self, holder: &Self) {
        let kind = &holder.resource_type;
        (self.name, self.basis) = match (holder.id.as_str(), self.id.as_str()) {
            ("", _) => (String::new(), String::new()),
            (id, "") => (String::new(), format!("{kind}/{id}")),
            (id, own) => (format!("{kind}/{id}#{own}"), format!("{kind}/{id}")),
        };
        if NOT_VALID.contains(&holder.status.as_str()) {
            self.status.clone_from(&holder.status);
        }
        if self.subject.is_empty() {
            self.subject = holder.subject.clone();
        }
        if self.encounter.is_empty() {
            self.encounter = holder.encounter.clone();
        }
        if !self.has_time() {
            self.effective_date_time.clone_from(&holder.effective_date_time);
            self.effective_instant.clone_from(&holder.effective_instant);
            self.effective_period.clone_from(&holder.effective_period);
            self.effective_timing.clone_from(&holder.effective_timing);
            self.has_time_of_holder = true;
        }
    }

    const fn has_time(&self) -> bool {
        self.effective_date_time.is_some()
            || self.effective_instant.is_some()
            || self.effective_period.is_some()
            || self.effective_timing.is_some()
    }

    /// Whether it holds other values together.
    pub(super) const fn is_group(&self) -> bool {
        !self.component.is_empty() || !self.has_member.is_empty()
    }

    /// Why the Observation is not valid at all, if so.
    pub(super) fn why_not_valid(&self) -> Option<String> {
        NOT_VALID.contains(&self.status.as_str()).then(|| format!("status {}", self.status))
    }

    /// When it was; else why nothing can be placed in an hour.
    pub(super) fn when(&self) -> Result<When, String> {
        let (moment, mut done) = self.effective()?;
        if self.has_time_of_holder {
            done.push("without a time of its own, taken at that of the resource inside which it stands");
        }
        Ok((moment, done))
    }

    fn effective(&self) -> Result<When, String> {
        if let Some(text) = self.effective_date_time.as_ref().or(self.effective_instant.as_ref()) {
            return moment(text, "effective time", None);
        }
        if let Some(Period { start, end }) = &self.effective_period {
            return match (start, end) {
                (Some(start), _) => moment(start, "effective period", Some("a period, taken at its start")),
                (None, Some(end)) => {
                    moment(end, "effective period", Some("a period without a start, taken at its end"))
                }
                (None, None) => Err("its effective period is empty".to_owned()),
            };
        }
        match self.effective_timing.as_ref().map(|timing| timing.event.as_slice()) {
            Some([event]) => moment(event, "effective timing", None),
            Some(_) => Err("its effective timing is not one event".to_owned()),
            None => Err("no effective time".to_owned()),
        }
    }
}

fn moment(text: &str, what: &str, period: Option<&'static str>) -> Result<When, String> {
    let read = clock::parse(text);
    let moment = read.ok_or_else(|| format!("its {what} \"{}\" is no date with a day", shown(text)))?;
    let zone = match (moment.is_day, moment.is_zoned) {
        (true, _) => Some("a date without a time, taken as midnight UTC"),
        (false, false) => Some("a time without a time zone, taken as UTC"),
        (false, true) => None,
    };
    Ok((moment, period.into_iter().chain(zone).collect()))
}

impl Reference {
    fn is_empty(&self) -> bool {
        self.reference.is_empty() && self.identifier.value.is_empty() && self.display.is_empty()
    }

    /// `Type/id` of a reference, relative or absolute, versioned or not; else whatever tells one subject from another.
    pub(super) fn key(&self, kind: &str) -> String {
        let whole = self.reference.split("/_history/").next().unwrap_or_default();
        let marker = format!("{kind}/");
        match whole.rfind(&marker) {
            Some(at) => whole[at..].to_owned(),
            None if !whole.is_empty() => whole.to_owned(),
            None if !self.identifier.value.is_empty() => self.identifier.value.clone(),
            None => self.display.clone(),
        }
    }
}

/// What the codes of an Observation or component mean.
pub(super) enum Meaning<'c> {
    /// A variable.
    Variable(&'c Variable),
    /// None, with the code as people read it and the reason.
    Other(String, String),
    /// Nothing of its own: it holds its components together.
    Panel,
    /// Several variables, by their names.
    Several(String, String),
}

impl Measured {
    /// The variable that its codings mean, all of them looked at: a device's own code may come first.
    pub(super) fn meaning<'c>(&self, codes: &'c Codes) -> Meaning<'c> {
        let mut found: Option<&'c Variable> = None;
        let mut is_panel = false;
        let mut excluded = None;
        for Coding { system, code, .. } in &self.code.coding {
            let Some(system) = codes.system(system) else { continue };
            is_panel |= codes.is_panel(system, code);
            if let Some(reason) = codes.why_excluded(system, code) {
                excluded = Some(reason.to_owned());
            }
            match (codes.by_code(system, code), found) {
                (Some(variable), Some(other)) if variable.channel != other.channel => {
                    return Meaning::Several(other.channel.clone(), variable.channel.clone());
                }
                (Some(variable), _) => found = Some(variable),
                (None, _) => {}
            }
        }
        match (found, excluded) {
            (_, Some(reason)) => Meaning::Other(self.code.label(), reason),
            (Some(variable), None) => Meaning::Variable(variable),
            (None, None) if is_panel => Meaning::Panel,
            (None, None) => Meaning::Other(self.code.label(), "no variable of the model".to_owned()),
        }
    }

    /// Whether there is a value in words, which says more than a number of the same thing.
    pub(super) const fn has_words(&self) -> bool {
        self.value_string.is_some()
    }

    /// Whether there is any value, readable or not.
    pub(super) const fn has_value(&self) -> bool {
        self.value_quantity.is_some()
            || self.value_codeable_concept.is_some()
            || self.value_integer.is_some()
            || self.value_string.is_some()
    }

    /// The value; else why there is none. A comparator comes along: the limit stands for the value.
    pub(super) fn value<'v>(
        &'v self,
        codes: &Codes,
        variable: &Variable,
    ) -> Result<(Value<'v>, Option<&'v str>), String> {
        if let Some(quantity) = &self.value_quantity {
            return quantity.value(codes, variable);
        }
        if let Some(concept) = &self.value_codeable_concept {
            return concept.score(codes, variable).map(|score| (Value::Score(score), None));
        }
        if let Some(value) = self.value_integer {
            return Ok((Value::Number(value, ""), None));
        }
        match (&self.value_string, &self.data_absent_reason) {
            (Some(text), _) => Ok((Value::Text(text.trim()), None)),
            (None, Some(reason)) => Err(format!("no value: {}", reason.label())),
            (None, None) => Err("no value that can be read".to_owned()),
        }
    }
}

impl Quantity {
    /// UCUM's code where the table knows it, else the unit as it was printed.
    fn value<'v>(&'v self, codes: &Codes, variable: &Variable) -> Result<(Value<'v>, Option<&'v str>), String> {
        let value = self.value.ok_or("a quantity without a value")?;
        let is_known = |unit: &&str| variable.units.contains_key(codes.ucum(unit));
        let units = [self.code.as_deref(), self.unit.as_deref()];
        let given = || units.into_iter().flatten();
        let unit = given().find(is_known).or_else(|| given().next()).unwrap_or("");
        Ok((Value::Number(value, unit), self.comparator.as_deref()))
    }
}

impl Concept {
    /// The score of an answer: by its code, else as an extension says; never by its words.
    fn score(&self, codes: &Codes, variable: &Variable) -> Result<f64, String> {
        let of_code =
            |coding: &Coding| codes.system(&coding.system).and_then(|_| variable.answers.get(&coding.code)).copied();
        let of_extension = |extension: &Extension| {
            let is_score = SCORES.contains(&extension.url.as_str());
            if is_score { extension.value_decimal.or(extension.value_integer) } else { None }
        };
        let extensions = || self.coding.iter().flat_map(|coding| &coding.extension).chain(&self.extension);
        let found = self.coding.iter().find_map(of_code).or_else(|| extensions().find_map(of_extension));
        found.ok_or_else(|| format!("the answer {} is not one that is known, and bears no ordinal value", self.label()))
    }

    /// The code as people read it.
    pub(super) fn label(&self) -> String {
        match self.coding.first() {
            Some(coding) if !coding.display.is_empty() => shown(&format!("{} {}", coding.code, coding.display)),
            Some(coding) if !self.text.is_empty() => shown(&format!("{} {}", coding.code, self.text)),
            Some(coding) => shown(&coding.code),
            None if !self.text.is_empty() => shown(&self.text),
            None => "(no code)".to_owned(),
        }
    }
}
