//! One Observation: whose it is, when it was, and what it measured. Shapes of FHIR R4, as far as they are read.

use super::super::clock::{self, Moment};
use super::super::codes::{Codes, Variable};
use super::super::dated::{DatedValue, NOT_STORED};
use super::super::number::number;
use super::super::sampling::Sampling;
use super::super::shown;
use super::given::{given, json_number, list, trimmed};
use super::reference::{Described, IdentityKey, Period, Reference, ReferenceSite};
use super::versions::Status;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::rc::Rc;

/// Where an answer's score is, where it is said beside the code.
const SCORES: [&str; 3] = [
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
];

/// Most characters of what a Specimen is called: many Observations may be of one.
const LABEL_MAX: usize = 200;

/// Comparators of a quantity that is a limit of the value.
const LIMITS: [&str; 4] = ["<", "<=", ">=", ">"];

/// An Observation but for its values, which are read as [`Measured`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Observation {
    #[serde(deserialize_with = "given")]
    resource_type: String,
    #[serde(deserialize_with = "given")]
    pub(super) id: String,
    #[serde(deserialize_with = "given")]
    status: String,
    #[serde(deserialize_with = "given")]
    implicit_rules: String,
    #[serde(deserialize_with = "list")]
    modifier_extension: Vec<Extension>,
    #[serde(deserialize_with = "list")]
    contained: Vec<Described>,
    #[serde(deserialize_with = "given")]
    subject: Reference,
    #[serde(deserialize_with = "list")]
    focus: Vec<Reference>,
    /// `context` before R4.
    #[serde(alias = "context", deserialize_with = "given")]
    encounter: Reference,
    effective_date_time: Option<String>,
    effective_instant: Option<String>,
    effective_period: Option<Period>,
    effective_timing: Option<Timing>,
    /// When it was made available, in this version.
    #[serde(deserialize_with = "given")]
    issued: String,
    #[serde(deserialize_with = "list")]
    pub(super) component: Vec<Measured>,
    /// What it holds together, where it is a group of others.
    #[serde(deserialize_with = "list")]
    pub(super) has_member: Vec<Reference>,
    /// The resource inside which it stands.
    #[serde(skip)]
    holder: Option<Rc<Holder>>,
}

/// A resource inside which Observations stand, with what they take over from it: worked out once, however many they are.
#[derive(Debug)]
pub(super) struct Holder {
    /// For example `DiagnosticReport/17`, empty without an id.
    name: Rc<str>,
    status: String,
    /// Why it cannot be read at all, if so.
    odd: Option<String>,
    subject: Whose,
    /// Whether it names a subject.
    has_subject: bool,
    encounter: IdentityKey,
    has_encounter: bool,
    /// When it was, if it says so.
    when: Option<Result<When, String>>,
    contained: Vec<Described>,
    /// What the Specimens inside it are, by their ids.
    specimens: HashMap<String, String>,
}

/// A code and its value: an Observation itself, or one of its components.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Measured {
    #[serde(deserialize_with = "given")]
    pub(super) code: Concept,
    #[serde(deserialize_with = "list")]
    modifier_extension: Vec<Extension>,
    value_quantity: Option<FhirQuantity>,
    value_codeable_concept: Option<Concept>,
    #[serde(deserialize_with = "json_number")]
    value_integer: Option<f64>,
    value_string: Option<String>,
    value_boolean: Option<IgnoredAny>,
    value_range: Option<IgnoredAny>,
    value_ratio: Option<IgnoredAny>,
    value_sampled_data: Option<IgnoredAny>,
    value_time: Option<IgnoredAny>,
    value_date_time: Option<IgnoredAny>,
    value_period: Option<IgnoredAny>,
    data_absent_reason: Option<Concept>,
    /// Of an Observation only, as are the next ones.
    #[serde(deserialize_with = "given")]
    specimen: Reference,
    #[serde(deserialize_with = "given")]
    body_site: Concept,
    #[serde(deserialize_with = "given")]
    method: Concept,
    #[serde(deserialize_with = "list")]
    contained: Vec<Specimen>,
}

/// A Specimen, as far as it says what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Specimen {
    #[serde(deserialize_with = "given")]
    resource_type: String,
    #[serde(deserialize_with = "given")]
    pub(super) id: String,
    #[serde(deserialize_with = "given")]
    r#type: Concept,
    #[serde(deserialize_with = "given")]
    collection: Collection,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Collection {
    #[serde(deserialize_with = "given")]
    body_site: Concept,
}

impl Specimen {
    fn is_one(&self) -> bool {
        self.resource_type == "Specimen"
    }

    /// Those inside a resource.
    fn inside(text: &str) -> HashMap<String, String> {
        let whole: Measured = serde_json::from_str(text).unwrap_or_default();
        whole.contained.into_iter().filter(Self::is_one).map(|it| (it.id.clone(), it.label())).collect()
    }

    /// What it is and where it was taken, for people.
    pub(super) fn label(&self) -> String {
        let parts = [&self.r#type, &self.collection.body_site].map(Concept::words);
        let all = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        all.chars().take(LABEL_MAX).collect()
    }
}

/// An Encounter: whose it is, of which it is a part, and when it began.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Encounter {
    #[serde(deserialize_with = "given")]
    pub(super) id: String,
    #[serde(deserialize_with = "given")]
    pub(super) status: String,
    #[serde(deserialize_with = "given")]
    pub(super) subject: Reference,
    #[serde(deserialize_with = "given")]
    pub(super) part_of: Reference,
    /// R5 calls it `actualPeriod`.
    #[serde(deserialize_with = "given", alias = "actualPeriod")]
    pub(super) period: Period,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Timing {
    #[serde(deserialize_with = "list")]
    event: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept {
    #[serde(deserialize_with = "list")]
    pub(super) coding: Vec<Coding>,
    #[serde(deserialize_with = "given")]
    text: String,
    #[serde(deserialize_with = "list")]
    extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    #[serde(deserialize_with = "trimmed")]
    pub(super) system: String,
    #[serde(deserialize_with = "trimmed")]
    pub(super) code: String,
    #[serde(deserialize_with = "given")]
    display: String,
    #[serde(deserialize_with = "list")]
    extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extension {
    #[serde(deserialize_with = "given")]
    url: String,
    #[serde(deserialize_with = "json_number")]
    value_decimal: Option<f64>,
    #[serde(deserialize_with = "json_number")]
    value_integer: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FhirQuantity {
    #[serde(deserialize_with = "json_number")]
    value: Option<f64>,
    comparator: Option<String>,
    unit: Option<String>,
    code: Option<String>,
    #[serde(deserialize_with = "list")]
    extension: Vec<Extension>,
}

/// Whose an Observation is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Whose {
    pub(super) key: IdentityKey,
    /// An identifier beside the address, `system|value`; empty for none.
    pub(super) identifier: Rc<str>,
}

/// When an Observation was, and what was done to its time, for people.
pub(super) type When = (Moment, Vec<&'static str>);

/// Reads an Observation. One that stands inside another resource takes over from it what it does not say itself.
///
/// # Errors
/// Where the resource has not the shape of FHIR R4.
pub(super) fn read(text: &str, holder: Option<&Rc<Holder>>) -> serde_json::Result<(Observation, Measured)> {
    let mut observation: Observation = serde_json::from_str(text)?;
    let mut measured: Measured = serde_json::from_str(text)?;
    measured.contained.retain(Specimen::is_one);
    observation.contained = Described::kept(observation.contained);
    observation.holder = holder.cloned();
    Ok((observation, measured))
}

impl Holder {
    /// What Observations inside a resource take over from it: of one of another shape nothing. `base` is the server's
    /// address, `line` where the resource starts.
    pub(super) fn of(text: &str, base: &str, line: u64) -> Self {
        let mut it: Observation = serde_json::from_str(text).unwrap_or_default();
        it.contained = Described::kept(it.contained);
        let name: Rc<str> = if it.id.is_empty() { "".into() } else { format!("{}/{}", it.resource_type, it.id).into() };
        Self {
            status: shown(&it.status),
            odd: it.changes_meaning(),
            subject: it.subject(base, line),
            has_subject: !it.subject.is_empty(),
            encounter: it.encounter(base, line),
            has_encounter: !it.encounter.is_empty(),
            when: it.has_time().then(|| it.effective()),
            name,
            contained: it.contained,
            specimens: Specimen::inside(text),
        }
    }
}

impl Observation {
    /// By what name it is known in the record, for example `Observation/17`, or `Observation/17#a` where it stands inside
    /// another; empty where it has no id.
    pub(super) fn name(&self) -> String {
        match (&self.holder, self.id.as_str()) {
            (None, "") => String::new(),
            (None, id) => format!("Observation/{}", shown(id)),
            (Some(holder), _) if holder.name.is_empty() => String::new(),
            (Some(holder), "") => shown(&holder.name),
            (Some(holder), id) => format!("{}#{}", shown(&holder.name), shown(id)),
        }
    }

    /// What other resources may refer to in its place: a reference into a resource is none. `base` is the server's address.
    pub(super) fn basis(&self, base: &str) -> Rc<str> {
        match (&self.holder, self.id.as_str(), base) {
            (Some(holder), ..) => Rc::clone(&holder.name),
            (None, "", _) => "".into(),
            (None, id, "") => format!("Observation/{id}").into(),
            (None, id, base) => format!("{base}/Observation/{id}").into(),
        }
    }

    /// Whose it is; `base` is the server's address, `line` where it starts.
    pub(super) fn subject(&self, base: &str, line: u64) -> Whose {
        match &self.holder {
            Some(holder) if holder.has_subject && self.subject.is_empty() => holder.subject.clone(),
            _ => {
                let key = self.key(&self.subject, base, line);
                Whose { key, identifier: self.subject.identifier_beside().into() }
            }
        }
    }

    /// To which encounter it belongs.
    pub(super) fn encounter(&self, base: &str, line: u64) -> IdentityKey {
        match &self.holder {
            Some(holder) if holder.has_encounter && self.encounter.is_empty() => holder.encounter.clone(),
            _ => self.key(&self.encounter, base, line),
        }
    }

    fn key(&self, reference: &Reference, base: &str, line: u64) -> IdentityKey {
        let contained = self.holder.as_ref().map_or(&self.contained, |holder| &holder.contained);
        reference.key(ReferenceSite { base, contained, name: &self.name_or_line(line) })
    }

    fn name_or_line(&self, line: u64) -> String {
        let name = self.name();
        if name.is_empty() { format!("line {line}") } else { name }
    }

    /// When it was entered, where it says so.
    pub(super) fn stored(&self) -> f64 {
        clock::parse(&self.issued).map_or(NOT_STORED, |moment| moment.seconds)
    }

    fn n_times(&self) -> usize {
        usize::from(self.effective_date_time.is_some())
            + usize::from(self.effective_instant.is_some())
            + usize::from(self.effective_period.is_some())
            + usize::from(self.effective_timing.is_some())
    }

    fn has_time(&self) -> bool {
        self.n_times() > 0
    }

    /// Whether it holds other values together.
    pub(super) const fn is_group(&self) -> bool {
        !self.component.is_empty() || !self.has_member.is_empty()
    }

    /// Its status as it is written; that of a resource inside which it stands where that is withdrawn.
    pub(super) fn status(&self) -> (&str, Status) {
        match &self.holder {
            Some(holder) if Status::of(&holder.status) == Status::Withdrawn => (&holder.status, Status::Withdrawn),
            _ => (&self.status, Status::of(&self.status)),
        }
    }

    /// Why the Observation is not read at all, if so.
    pub(super) fn why_not_valid(&self) -> Option<String> {
        match self.status() {
            ("", _) => Some("no status; only final, amended, corrected and preliminary ones are read".to_owned()),
            (text, Status::Withdrawn) => Some(format!("status {}", shown(text))),
            (text, Status::Other) => {
                Some(format!("status {}; only final, amended, corrected and preliminary ones are read", shown(text)))
            }
            _ => self.changes_meaning().or_else(|| self.holder.as_ref().and_then(|holder| holder.odd.clone())),
        }
    }

    /// What may turn the meaning of all that it says into another one, if anything does.
    fn changes_meaning(&self) -> Option<String> {
        if !self.implicit_rules.is_empty() {
            return Some(format!("it follows implicitRules {}, which are not known here", shown(&self.implicit_rules)));
        }
        if let Some(kind) = self.subject.kind(&self.contained).filter(|kind| *kind != "Patient") {
            return Some(format!("its subject is a {}, no patient", shown(kind)));
        }
        if let Some(focus) = self.focus.first() {
            return Some(format!("its focus is {}: it is not about its subject", focus.label()));
        }
        modified(&self.modifier_extension)
    }

    /// When it was; else why nothing can be placed in an hour.
    pub(super) fn when(&self) -> Result<When, String> {
        match self.holder.as_ref().and_then(|holder| holder.when.as_ref()) {
            Some(when) if !self.has_time() => {
                let (moment, mut done) = when.clone()?;
                done.push("without a time of its own, taken at that of the resource inside which it stands");
                Ok((moment, done))
            }
            _ => self.effective(),
        }
    }

    fn effective(&self) -> Result<When, String> {
        if self.n_times() > 1 {
            return Err("times of two kinds in one place, which may be two times".to_owned());
        }
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
    Ok((moment, period.into_iter().collect()))
}

/// Why what bears these extensions cannot be read: they may turn its meaning into another one, and none is known here.
fn modified(extensions: &[Extension]) -> Option<String> {
    let extension = extensions.first()?;
    Some(format!("it has the modifierExtension {}, which is not known here", shown(&extension.url)))
}

/// What the codes of an Observation or component mean.
pub(super) enum CodeMeaning<'c> {
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
    pub(super) fn meaning<'c>(&self, codes: &'c Codes) -> CodeMeaning<'c> {
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
                    return CodeMeaning::Several(other.channel.clone(), variable.channel.clone());
                }
                (Some(variable), _) => found = Some(variable),
                (None, _) => {}
            }
        }
        match (found, excluded) {
            (_, Some(reason)) => CodeMeaning::Other(self.code.label(), reason),
            (Some(variable), None) => CodeMeaning::Variable(variable),
            (None, None) if is_panel => CodeMeaning::Panel,
            (None, None) => CodeMeaning::Other(self.code.label(), "no variable of the model".to_owned()),
        }
    }

    /// Whether one of its codes says what counts before others of its minute.
    pub(super) fn is_preferred(&self, codes: &Codes, variable: &Variable) -> bool {
        let mut known = self.code.coding.iter().filter(|it| codes.system(&it.system).is_some());
        known.any(|it| variable.preferred.contains(&it.code))
    }

    /// In what and where it was measured. `specimens`: of the record, by their addresses.
    pub(super) fn sampling(&self, whole: &Observation, base: &str, specimens: &HashMap<Rc<str>, String>) -> Sampling {
        let inside = |id: &str| {
            let own = self.contained.iter().find(|specimen| specimen.id == id).map(Specimen::label);
            own.or_else(|| whole.holder.as_ref()?.specimens.get(id).cloned())
        };
        let meant = match self.specimen.local_id() {
            Some(id) => inside(id),
            None => specimens.get(&whole.key(&self.specimen, base, 0).text).cloned(),
        };
        let said = [self.specimen.display().to_owned(), meant.unwrap_or_default()];
        let specimen = said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let site = [&self.body_site, &self.method].map(Concept::words);
        Sampling { specimen, site: site.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ") }
    }

    /// Whether it says at all what was measured.
    pub(super) fn has_code(&self) -> bool {
        !self.code.is_empty()
    }

    /// Whether there is a value in words, which says more than a number of the same thing.
    pub(super) const fn has_words(&self) -> bool {
        self.value_string.is_some()
    }

    /// Whether there is any value, readable or not.
    pub(super) fn has_value(&self) -> bool {
        self.n_values() > 0
    }

    fn n_values(&self) -> usize {
        let others = [
            &self.value_boolean,
            &self.value_range,
            &self.value_ratio,
            &self.value_sampled_data,
            &self.value_time,
            &self.value_date_time,
            &self.value_period,
        ];
        usize::from(self.value_quantity.is_some())
            + usize::from(self.value_codeable_concept.is_some())
            + usize::from(self.value_integer.is_some())
            + usize::from(self.value_string.is_some())
            + others.iter().filter(|value| value.is_some()).count()
    }

    /// Why it is absent, if it is said to be.
    fn absent(&self) -> Option<String> {
        let reason = self.data_absent_reason.as_ref().filter(|reason| !reason.is_empty());
        let is_absent = |extension: &Extension| extension.url.ends_with("/data-absent-reason");
        match (reason, &self.value_quantity) {
            (Some(reason), _) => Some(reason.label()),
            (None, Some(quantity)) if quantity.extension.iter().any(is_absent) => {
                Some("as its quantity says".to_owned())
            }
            _ => None,
        }
    }

    /// The value; else why there is none. A comparator comes along: the limit stands for the value.
    pub(super) fn value<'v>(
        &'v self,
        codes: &Codes,
        variable: &'v Variable,
    ) -> Result<(DatedValue<'v>, Option<&'v str>), String> {
        if let Some(reason) = modified(&self.modifier_extension) {
            return Err(reason);
        }
        match (self.absent(), self.n_values()) {
            (Some(reason), 0) => return Err(format!("no value: {reason}")),
            (Some(reason), _) => return Err(format!("a value beside a reason for its absence: {reason}")),
            (None, 2..) => return Err("values of two kinds in one place, which may be two values".to_owned()),
            (None, _) => {}
        }
        if let Some(quantity) = &self.value_quantity {
            let (value, comparator) = quantity.value(codes, variable)?;
            return Ok((self.in_unit_of_code(codes, variable, value)?, comparator));
        }
        if let Some(concept) = &self.value_codeable_concept {
            return concept.score(codes, variable).map(|score| (DatedValue::Score(score), None));
        }
        if let Some(value) = self.value_integer {
            return Ok((self.in_unit_of_code(codes, variable, DatedValue::Number(value, ""))?, None));
        }
        let Some(text) = self.value_string.as_deref().map(str::trim) else {
            return Err("no value that can be read".to_owned());
        };
        // A number in words has no unit of its own, as one in digits.
        let number = number(text).ok().filter(|_| !variable.has_words());
        let value = number.map_or(DatedValue::Text(text), |number| DatedValue::Number(number, ""));
        Ok((self.in_unit_of_code(codes, variable, value)?, None))
    }

    /// A number in the unit that its code is always in, where the table of codes says so and nothing else is said; where
    /// another is said, which of them holds cannot be known.
    fn in_unit_of_code<'v>(
        &self,
        codes: &Codes,
        variable: &'v Variable,
        value: DatedValue<'v>,
    ) -> Result<DatedValue<'v>, String> {
        let known = self.code.coding.iter().filter(|coding| codes.system(&coding.system).is_some());
        let of_code = known.clone().find_map(|coding| variable.unit_of_code(&coding.code));
        match (value, of_code) {
            (DatedValue::Number(value, ""), Some(unit)) => Ok(DatedValue::Number(value, unit)),
            (DatedValue::Number(_, said), Some(unit))
                if variable.scale(codes, said).is_some() && variable.are_two_units(codes, said, unit) =>
            {
                Err(format!("its unit says {}, and its code is in {unit}", shown(said)))
            }
            _ => Ok(value),
        }
    }

    /// The words beside an answer's codes.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let concept = self.value_codeable_concept.iter();
        let words =
            concept.flat_map(|concept| concept.coding.iter().map(|coding| &*coding.display).chain([&*concept.text]));
        words.map(str::trim).filter(|words| !words.is_empty())
    }
}

impl FhirQuantity {
    /// UCUM's code where the table knows it, else the unit as it was printed. Where both are known and mean different
    /// units, which of them holds cannot be known.
    fn value<'v>(&'v self, codes: &Codes, variable: &Variable) -> Result<(DatedValue<'v>, Option<&'v str>), String> {
        let value = self.value.ok_or("a quantity without a value")?;
        let given = |text: &'v Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let (code, unit) = (given(&self.code), given(&self.unit));
        if let (Some(code), Some(unit)) = (code, unit)
            && variable.contradict(codes, code, unit)
        {
            return Err(format!("its code {} and its unit {} contradict each other", shown(code), shown(unit)));
        }
        let comparator = given(&self.comparator);
        if let Some(other) = comparator.filter(|sign| !LIMITS.contains(sign)) {
            return Err(format!("its comparator {} gives no limit that the value could stand for", shown(other)));
        }
        let known = [code, unit].into_iter().flatten().find(|unit| variable.scale(codes, unit).is_some());
        Ok((DatedValue::Number(value, known.or(code).or(unit).unwrap_or("")), comparator))
    }
}

impl Concept {
    /// The score of an answer: by its code, or as an extension says; never by its words. Where they differ, which of
    /// them holds cannot be known.
    fn score(&self, codes: &Codes, variable: &Variable) -> Result<f64, String> {
        let of_extension = |extension: &Extension| {
            let is_score = SCORES.contains(&extension.url.as_str());
            if is_score { extension.value_decimal.or(extension.value_integer) } else { None }
        };
        let extensions = self.coding.iter().flat_map(|coding| &coding.extension).chain(&self.extension);
        let known = self.coding.iter().filter(|coding| codes.system(&coding.system).is_some());
        let of_code = |coding: &Coding| variable.answers.get(&coding.code).copied();
        let scores: Vec<f64> = known.clone().filter_map(of_code).chain(extensions.filter_map(of_extension)).collect();
        if let Some(foreign) = known.clone().find(|coding| of_code(coding).is_none() && codes.is_answer(&coding.code)) {
            return Err(format!("the answer {} is one to another question", shown(&foreign.code)));
        }
        match scores.as_slice() {
            [] => Err(format!("the answer {} is not one that is known, and bears no ordinal value", self.label())),
            [first, others @ ..] => match others.iter().find(|other| *other != first) {
                Some(other) => Err(format!("the answer's codes contradict each other: {first} and {other}")),
                None => Ok(*first),
            },
        }
    }

    fn is_empty(&self) -> bool {
        self.coding.is_empty() && self.text.is_empty() && self.extension.is_empty()
    }

    /// All that it says; empty where it says nothing.
    fn words(&self) -> String {
        let of_codings = self.coding.iter().flat_map(|coding| [&coding.code, &coding.display]);
        let all = of_codings.chain([&self.text]).filter(|word| !word.is_empty());
        all.cloned().collect::<Vec<_>>().join(" ")
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
