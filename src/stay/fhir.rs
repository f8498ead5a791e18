//! FHIR R4 Observations -> steps. Codes and units are in the table of codes; an Observation is a row of the report.

mod given;
mod groups;
mod observation;
mod reference;
mod resources;
mod search;
mod versions;
mod who;

use super::bins::Bins;
use super::clock::{self, Moment};
use super::codes::{Codes, Variable};
use super::dated::{Dated, DatedValue, SourcePlace as At};
use super::dates::{DateRule, Dates};
use super::manifest::Manifest;
use super::options::{Mapping, ReadOptions, TimeZero};
use super::report::{ImportReport, Source};
use super::sampling::Sampling;
use super::shown;
use super::zero::{self, Start};
use crate::engine::order::sort_by;
use crate::{Error, Kind, Place, Result};
use observation::{CodeMeaning, Encounter, Measured, Observation, Specimen};
use reference::{Described, IdentityKey, ReferenceSite};
use resources::{Resource, Resources};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use versions::{Fate, Status};
use who::{Asked, Candidates, Identifiers};

/// Longest record that is read, in bytes.
const BYTES_MAX: usize = 64 << 20;

/// Two values that differ by no more than this part of them are one, converted from two units.
const SAME: f64 = 1e-6;

/// How deep encounters may be parts of one another.
const PARTS_MAX: usize = 8;

/// A part of an encounter that begins within so many seconds of it begins with it; one that begins later, as intensive care
/// within a stay at the hospital does, may be what the model's hours count from.
const PART_APART: f64 = 3600.0;

/// A patient of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patient {
    /// What [`ReadOptions::patient`] takes: the whole reference as the record has it, for example
    /// `https://host/fhir/Patient/17`, or an identifier as `system|value`; empty where nobody is named.
    pub reference: String,
    /// The name and birth date, where the record holds them.
    pub name: String,
    /// How many Observations are theirs.
    pub observations: usize,
    /// The times of the first and the last of them; empty where none has a time.
    pub span: String,
}

/// The patients of a FHIR record, in the order of their references.
///
/// # Errors
/// [`Kind::Record`] where the text is no FHIR in JSON or holds no Observation.
pub fn patients(text: &str) -> Result<Vec<Patient>> {
    let resources = collect(text)?;
    let survey = ObservationSurvey::of(&resources);
    let patient = |(key, one): (Rc<str>, who::Candidate)| Patient {
        reference: key.to_string(),
        span: one.span(),
        observations: one.rows,
        name: one.name,
    };
    Ok(survey.patients.all.into_iter().map(patient).collect())
}

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest, options: &ReadOptions) -> Result<(Bins<'a>, ImportReport)> {
    check_mapping(&options.mapping)?;
    let resources = collect(text)?;
    let codes = Codes::of(manifest)?;
    let survey = ObservationSurvey::of(&resources);
    let patient = survey.patients.choose(PATIENT, options.patient.as_deref())?;
    let stays = Stays::of(&resources, &survey, &patient);
    let encounter = stays.choose(options.encounter.as_deref())?;
    let specimens = specimens(&resources);
    let (dates, rule) = (Dates::default(), DateRule::of(&options.mapping)?);
    let mut record =
        FhirRecord { dated: Dated::new(manifest, &codes), rows: Vec::new(), specimens: &specimens, dates, rule };
    for (index, resource) in resources.observations.iter().enumerate() {
        if survey.is_of(index, &patient) && stays.is_of(index, encounter.as_deref()) {
            record.take(resource, survey.fates[resource.version]);
        }
    }
    for (line, reason) in &resources.unreadable {
        let row = record.start_row("".into());
        record.dated.refuse(row, *line, "", reason.clone());
    }
    record.note(&resources, &survey, &patient);
    record.note_stays(&stays, encounter.as_deref(), &patient);
    record.note_dates(&stays, &patient, encounter.as_deref(), options)?;
    record.finish(&stays, &patient, encounter.as_deref(), &options.time_zero)
}

/// Refuses what a mapping says of tables: of FHIR no more than zones and dates may be open.
fn check_mapping(mapping: &Mapping) -> Result<()> {
    let Mapping { zone, dates, .. } = mapping;
    if *mapping == (Mapping { zone: zone.clone(), dates: *dates, ..Mapping::default() }) {
        return Ok(());
    }
    let message = "is for tables, but for its zone and dates; leave it out for FHIR";
    Err(Error::new(Kind::Argument, message).at(Place::Field("mapping".to_owned())))
}

/// What the Specimens of a record are, by the references that may mean them.
fn specimens(resources: &Resources<'_>) -> HashMap<Rc<str>, String> {
    let mut all = HashMap::new();
    for resource in &resources.specimens {
        let specimen: Specimen = serde_json::from_str(resource.text).unwrap_or_default();
        let label = specimen.label();
        all.extend(own_keys(&specimen.id, resource, "Specimen").into_iter().map(|key| (key, label.clone())));
    }
    all
}

const PATIENT: Asked = Asked { option: "patient", several: "patients" };
const ENCOUNTER: Asked = Asked { option: "encounter", several: "encounters" };

/// Whose each Observation is and when it was, before any is read.
struct ObservationSurvey {
    patients: Candidates,
    /// The keys of patient and encounter of each Observation, and its time; `None` where it cannot be read.
    of: Vec<Option<Belongs>>,
    /// What is to be done with each version.
    fates: Vec<Fate>,
}

struct Belongs {
    patient: IdentityKey,
    encounter: IdentityKey,
    time: Option<f64>,
    /// Whether it has not been withdrawn or written anew.
    holds: bool,
}

impl ObservationSurvey {
    fn of(resources: &Resources<'_>) -> Self {
        let fates = resources.versions.fates();
        let (mut identifiers, mut keys, mut encounters) =
            (Identifiers::default(), Interned::default(), Interned::default());
        let mut read = Vec::with_capacity(resources.observations.len());
        for resource in &resources.observations {
            let Ok((observation, _)) = resource.observation() else {
                read.push(None);
                continue;
            };
            let mut subject = observation.subject(resource.base(), resource.line);
            subject.key = keys.one(subject.key);
            identifiers.add(&subject);
            let encounter = encounters.one(observation.encounter(resource.base(), resource.line));
            let when = observation.when().ok().map(|(moment, _)| moment);
            let holds = fates[resource.version] == Fate::Counts && observation.status().1 != Status::Withdrawn;
            read.push(Some((subject, encounter, when, holds)));
        }
        let mut of = Vec::with_capacity(read.len());
        for read in read {
            of.push(read.map(|(subject, encounter, when, holds)| {
                let patient = keys.one(identifiers.key(&subject));
                Belongs { patient, encounter, time: when.map(|moment| moment.seconds), holds }
            }));
        }
        Self { patients: patients_of(resources, &of), of, fates }
    }

    /// Whether an Observation is of this patient; one that cannot be read may be anybody's.
    fn is_of(&self, index: usize, patient: &str) -> bool {
        self.of[index].as_ref().is_none_or(|belongs| &*belongs.patient.text == patient)
    }
}

/// Those of whom there are Observations that hold: who had one by mistake, which was withdrawn, is nobody of this record.
/// Where none holds, all of them.
fn patients_of(resources: &Resources<'_>, of: &[Option<Belongs>]) -> Candidates {
    let mut patients = Candidates::default();
    let is_any = of.iter().flatten().any(|belongs| belongs.holds);
    for (resource, belongs) in resources.observations.iter().zip(of) {
        if let Some(belongs) = belongs.as_ref().filter(|belongs| belongs.holds || !is_any) {
            patients.add(&belongs.patient, resource.version, belongs.time);
        }
    }
    let mut numbered: HashMap<Rc<str>, (Described, bool)> = HashMap::new();
    for resource in &resources.patients {
        let described: Described = serde_json::from_str(resource.text).unwrap_or_default();
        let is_numbered = resources.versions.is_numbered(resource.version);
        for key in own_keys(&described.id, resource, "Patient") {
            match numbered.get(&key) {
                // Of two versions the newer one says who it is; where neither says that it is one, they are two people.
                Some((other, others)) if !(is_numbered && *others) && described.is_another(other) => {
                    patients.doubt(&key, &[other.told_by(), described.told_by()]);
                }
                Some(_) => patients.name(&key, shown(&described.said())),
                None => {
                    patients.name(&key, shown(&described.said()));
                    numbered.insert(key, (described.clone(), is_numbered));
                }
            }
        }
    }
    patients
}

/// Keys of which each text is kept once, however many Observations bear it.
#[derive(Default)]
struct Interned {
    texts: HashSet<Rc<str>>,
    last: Option<Rc<str>>,
}

impl Interned {
    fn one(&mut self, key: IdentityKey) -> IdentityKey {
        // What many take over from the resource inside which they stand is the same text, and may be long.
        if self.last.as_ref().is_some_and(|last| Rc::ptr_eq(last, &key.text)) {
            return key;
        }
        let known = self.texts.get(&key.text).map(Rc::clone);
        let text = known.unwrap_or_else(|| {
            self.texts.insert(Rc::clone(&key.text));
            Rc::clone(&key.text)
        });
        self.last = Some(Rc::clone(&text));
        IdentityKey { text, ..key }
    }
}

/// The encounters to which a patient's Observations belong.
struct Stays {
    /// Encounters that are part of no other one, by the Observations that they and their parts have.
    candidates: Candidates,
    /// Of each encounter, itself and those of which it is a part, the outermost last.
    chains: HashMap<Rc<str>, Vec<Rc<str>>>,
    /// Of which encounter each one is a part, whether Observations name it or not.
    parents: HashMap<Rc<str>, Rc<str>>,
    /// The encounter of each Observation, empty for none; `None` for other patients'.
    of: Vec<Option<Rc<str>>>,
    starts: Vec<Began>,
    n_without: usize,
}

impl Stays {
    fn of(resources: &Resources<'_>, survey: &ObservationSurvey, patient: &str) -> Self {
        let (parents, starts) = encounters(resources, &survey.fates);
        let (candidates, chains, of) = (Candidates::default(), HashMap::new(), Vec::new());
        let mut stays = Self { candidates, chains, parents, of, starts, n_without: 0 };
        let mut last: Option<(Rc<str>, Rc<str>)> = None;
        for (resource, belongs) in resources.observations.iter().zip(&survey.of) {
            let belongs = belongs.as_ref().filter(|belongs| &*belongs.patient.text == patient);
            stays.of.push(belongs.map(|belongs| Rc::clone(&belongs.encounter.text)));
            let Some(belongs) = belongs.filter(|belongs| belongs.holds) else { continue };
            if belongs.encounter.text.is_empty() {
                stays.n_without += 1;
                continue;
            }
            let own = &belongs.encounter.text;
            // Many in a row are of one encounter, whose name may be long.
            let outermost = match last.filter(|(known, _)| Rc::ptr_eq(known, own)) {
                Some((_, outermost)) => outermost,
                None => {
                    let chain = stays.chains.entry(Rc::clone(own)).or_insert_with_key(|key| chain(key, &stays.parents));
                    chain.last().map_or_else(|| Rc::clone(own), Rc::clone)
                }
            };
            last = Some((Rc::clone(own), Rc::clone(&outermost)));
            // Whose it is, is known: one name for all is one stay.
            stays.candidates.add(&IdentityKey { text: outermost, is_certain: true }, resource.version, belongs.time);
        }
        for began in &stays.starts {
            stays.candidates.name(&began.encounter, shown(&began.start.text));
        }
        stays
    }

    /// The encounter that is read; `None` where the record names none.
    fn choose(&self, wanted: Option<&str>) -> Result<Option<Rc<str>>> {
        let inner = wanted.and_then(|wanted| self.chains.get_key_value(wanted)).map(|(key, _)| Rc::clone(key));
        match inner {
            Some(inner) => Ok(Some(inner)),
            None => Ok(Some(self.candidates.choose(ENCOUNTER, wanted)?).filter(|key| !key.is_empty())),
        }
    }

    /// Whether an Observation belongs to an encounter or a part of it; one that names none goes with the only one.
    fn is_of(&self, index: usize, encounter: Option<&str>) -> bool {
        let (Some(Some(own)), Some(encounter)) = (self.of.get(index), encounter) else { return true };
        if own.is_empty() {
            return self.is_only(encounter);
        }
        self.chains.get(own).is_some_and(|chain| chain.iter().any(|key| &**key == encounter))
    }

    /// Whether all Observations that name an encounter belong to this one.
    fn is_only(&self, encounter: &str) -> bool {
        self.candidates.all.len() == 1 && self.candidates.all.contains_key(encounter)
    }

    /// Why a start is not hour zero, if so: the Encounter says that it is of somebody else.
    fn why_no_start(began: &Began, patient: &str) -> Option<String> {
        let Began { patient: of, start: Start { of: name, text, .. }, .. } = began;
        let (name, text) = (shown(name), shown(text));
        let is_address = |key: &str| key.contains("Patient/");
        let is_same = patient.split(' ').next() == Some(of);
        let is_another = is_address(of) && is_address(patient) && !is_same;
        is_another.then(|| format!("{name} says that it is of {}: its start, {text}, is not hour zero", shown(of)))
    }

    /// When the encounter that is read began: as it says itself, else as what it is a part of or its parts say; and where
    /// nobody says what hour zero is, when its parts began that begin later. Where the observations name none, and the caller
    /// asks for the start, the patient's encounters.
    fn starts(&self, encounter: Option<&str>, asked: &TimeZero, patient: &str) -> Vec<&Began> {
        let of = |wanted: &str| self.starts.iter().filter(|began| &*began.encounter == wanted).collect::<Vec<_>>();
        let mut found: Vec<&Began> = match encounter {
            Some(encounter) => of(encounter),
            None if *asked == TimeZero::EncounterStart => {
                self.starts.iter().filter(|began| began.patient.is_empty() || &*began.patient == patient).collect()
            }
            None => Vec::new(),
        };
        if let (Some(encounter), true) = (encounter, found.is_empty()) {
            let related = self.chains.iter().filter(|(_, chain)| chain.iter().any(|key| &**key == encounter));
            found = related.flat_map(|(key, _)| of(key)).collect();
        } else if let (Some(encounter), TimeZero::Auto) = (encounter, asked) {
            let own: Vec<f64> = found.iter().map(|began| began.moment.seconds).collect();
            let is_later = |began: &&Began| own.iter().all(|own| began.moment.seconds - own >= PART_APART);
            let is_part = |began: &&Began| {
                let chain = chain(&began.encounter, &self.parents);
                chain.iter().skip(1).any(|key| &**key == encounter)
            };
            found.extend(self.starts.iter().filter(|began| is_later(began) && is_part(began)));
        }
        found.retain(|began| Self::why_no_start(began, patient).is_none());
        sort_by(&mut found, |a, b| a.moment.seconds.total_cmp(&b.moment.seconds));
        found.dedup_by(|a, b| a.moment == b.moment);
        found
    }
}

/// When an encounter began.
struct Began {
    line: u64,
    moment: Moment,
    encounter: Rc<str>,
    patient: Rc<str>,
    start: Start,
}

/// Of which encounter each one is a part, and when each began.
type Encounters = (HashMap<Rc<str>, Rc<str>>, Vec<Began>);

fn encounters(resources: &Resources<'_>, fates: &[Fate]) -> Encounters {
    let (mut parents, mut starts) = (HashMap::new(), Vec::new());
    for resource in resources.encounters.iter().filter(|resource| fates[resource.version] == Fate::Counts) {
        let Ok(encounter) = serde_json::from_str::<Encounter>(resource.text) else { continue };
        if matches!(encounter.status.as_str(), "entered-in-error" | "cancelled" | "planned") {
            continue;
        }
        let site = ReferenceSite { base: resource.base(), contained: &[], name: "" };
        let moment = encounter.period.start.as_ref().and_then(|text| Some((text, clock::parse(text)?)));
        // The midnight of a date is not when anybody came.
        let moment = moment.filter(|(_, moment)| !moment.is_day);
        for key in own_keys(&encounter.id, resource, "Encounter") {
            if !encounter.part_of.is_empty() {
                parents.insert(Rc::clone(&key), encounter.part_of.key(site).text);
            }
            if let Some((text, moment)) = moment {
                let of = format!("Encounter/{}", encounter.id);
                let start = Start { of, text: text.clone(), seconds: moment.seconds };
                starts.push(Began {
                    line: resource.line,
                    moment,
                    encounter: key,
                    patient: encounter.subject.key(site).text,
                    start,
                });
            }
        }
    }
    (parents, starts)
}

/// By what references a resource may be meant: its address, and its type and id on its server.
fn own_keys(id: &str, resource: &Resource<'_>, kind: &str) -> Vec<Rc<str>> {
    let whole = resource.full_url.split("/_history/").next().unwrap_or_default();
    let local = match resource.base() {
        "" => format!("{kind}/{id}"),
        base => format!("{base}/{kind}/{id}"),
    };
    let mut keys: Vec<Rc<str>> = Vec::new();
    keys.extend((!whole.is_empty()).then(|| whole.into()));
    keys.extend((!id.is_empty() && local != whole).then(|| local.into()));
    keys
}

/// An encounter and those of which it is a part, the outermost last.
fn chain(key: &Rc<str>, parents: &HashMap<Rc<str>, Rc<str>>) -> Vec<Rc<str>> {
    let mut chain = vec![Rc::clone(key)];
    while let Some(parent) = chain.last().and_then(|last| parents.get(last)) {
        if chain.len() == PARTS_MAX || chain.contains(parent) {
            break;
        }
        chain.push(Rc::clone(parent));
    }
    chain
}

fn collect(text: &str) -> Result<Resources<'_>> {
    if text.len() > BYTES_MAX {
        let message =
            format!("the record has {} bytes, and at most {BYTES_MAX} are read; keep one stay a file", text.len());
        return Err(wrong(message));
    }
    resources::collect(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A channel's values in one Observation.
struct Given<'c, 'o> {
    channel: usize,
    variable: &'c Variable,
    values: Vec<&'o Measured>,
}

struct FhirRecord<'a, 'c> {
    dated: Dated<'a, 'c>,
    specimens: &'c HashMap<Rc<str>, String>,
    /// The times of all that is read, and how they become seconds.
    dates: Dates,
    rule: DateRule,
    /// What each row refers to, from row 1; empty for nothing.
    rows: Vec<Rc<str>>,
}

impl<'a, 'c> FhirRecord<'a, 'c> {
    /// Takes an Observation; whatever is wrong with it goes into the report.
    fn take(&mut self, resource: &Resource<'_>, fate: Fate) {
        let line = resource.line;
        let (observation, measured) = match resource.observation() {
            Ok(read) => read,
            Err(error) => {
                let row = self.start_row("".into());
                return self.dated.refuse(row, line, "", format!("not an Observation as FHIR R4 has it: {error}"));
            }
        };
        let row = self.start_row(observation.basis(resource.base()));
        let name = about(&observation.name());
        match fate {
            Fate::Counts => {}
            Fate::Withdrawn => {
                let reason =
                    "withdrawn, cancelled or deleted in a later version, or replaced by another Observation".to_owned();
                return self.dated.refuse_named(row, line, &name, reason);
            }
            Fate::Older => return self.dated.remark(line, &name, "an older version; the newest one counts"),
            Fate::Repeated => return self.dated.remark(line, &name, "the same Observation as before; counted once"),
        }
        let sampling = measured.sampling(&observation, resource.base(), self.specimens);
        if let Err(reason) = self.take_valid(row, line, &observation, &measured, &sampling) {
            self.dated.refuse_named(row, line, &name, reason);
        }
    }

    fn start_row(&mut self, basis: Rc<str>) -> usize {
        self.rows.push(basis);
        self.dated.start_row()
    }

    fn take_valid(
        &mut self,
        row: usize,
        line: u64,
        whole: &Observation,
        itself: &Measured,
        sampling: &Sampling,
    ) -> Result<(), String> {
        if let Some(reason) = whole.why_not_valid() {
            return Err(reason);
        }
        if !itself.has_code() && !whole.is_group() {
            return Err("no code; where it is FHIR before DSTU2, export the record as FHIR R4".to_owned());
        }
        let candidates = self.candidates(line, whole, itself)?;
        if candidates.is_empty() {
            if let count @ 1.. = whole.has_member.len() {
                let message =
                    format!("a group of {count} Observations, which are read by themselves; no value of its own");
                self.dated.remark(line, &about(&whole.name()), &message);
            }
            return Ok(());
        }
        let (moment, done) = whole.when()?;
        let (time, rank) = (self.rule.at(moment)?, self.status(line, whole).rank());
        let (codes, stored) = (self.dated.codes, whole.stored());
        for Given { channel, variable, values } in candidates {
            let is_preferred =
                sampling.is_preferred(variable) || values.iter().any(|it| it.is_preferred(codes, variable));
            let rank = 2 * rank + usize::from(is_preferred);
            let place = At { row, line, time, rank, stored };
            let taken = sampling.why_not(codes, variable).map_or(Ok(()), Err);
            let taken = taken.and_then(|()| self.one_of(channel, variable, &values));
            let taken = taken.and_then(|measured| self.take_measured(place, channel, variable, measured));
            if taken.is_ok() {
                self.dates.see(line, moment, &variable.channel);
                self.dated.count_sampling(line, channel, sampling);
                for done in done.iter().map(|done| (*done).to_owned()).chain(self.rule.said(moment)) {
                    self.dated.count_change(line, channel, done);
                }
            }
            if let Err(reason) = taken {
                self.dated.refuse(row, line, &variable.channel, format!("{}: {reason}", about(&whole.name())));
            }
        }
        Ok(())
    }

    /// The status, remarked on where it is not simply that the result holds.
    fn status(&mut self, line: u64, whole: &Observation) -> Status {
        let (text, status) = whole.status();
        if status == Status::Preliminary {
            self.dated.remark(line, &about(&whole.name()), "status preliminary: the result may still change");
        } else if text != text.to_lowercase() {
            self.dated.remark(line, &about(&whole.name()), &format!("status written {}", shown(text)));
        }
        status
    }

    /// The variables of the model that an Observation gives, each once with all its values.
    fn candidates<'o>(
        &mut self,
        line: u64,
        whole: &'o Observation,
        itself: &'o Measured,
    ) -> Result<Vec<Given<'c, 'o>>, String> {
        let codes = self.dated.codes;
        let mut candidates: Vec<Given<'c, 'o>> = Vec::new();
        for (index, measured) in std::iter::once(itself).chain(&whole.component).enumerate() {
            let variable = match measured.meaning(codes) {
                CodeMeaning::Variable(variable) => variable,
                CodeMeaning::Several(one, other) => return Err(format!("its codes mean both {one} and {other}")),
                CodeMeaning::Panel => continue,
                // An Observation without a value of its own is what its components or members are.
                CodeMeaning::Other(..) if index == 0 && !measured.has_value() && whole.is_group() => continue,
                CodeMeaning::Other(label, reason) => {
                    self.dated.count_unknown(line, &label, &reason);
                    continue;
                }
            };
            let Some(channel) = self.dated.channel(&variable.channel) else {
                self.dated.count_unknown(line, &variable.channel, "no variable of the model");
                continue;
            };
            match candidates.iter_mut().find(|given| given.channel == channel) {
                Some(given) => given.values.push(measured),
                None => candidates.push(Given { channel, variable, values: vec![measured] }),
            }
        }
        Ok(candidates)
    }

    /// The value of one channel that is read. A component may repeat the Observation's own variable, in words, which say
    /// more than the number; where two values differ, which of them holds cannot be known.
    fn one_of<'o>(&self, channel: usize, variable: &Variable, values: &[&'o Measured]) -> Result<&'o Measured, String> {
        let given: Vec<&'o Measured> = values.iter().copied().filter(|measured| measured.has_value()).collect();
        let [first, others @ ..] = given.as_slice() else {
            return values.first().copied().ok_or_else(|| "no value".to_owned());
        };
        if others.is_empty() {
            return Ok(first);
        }
        let meant = |measured: &Measured| {
            let (value, _) = measured.value(self.dated.codes, variable)?;
            self.dated.meant(channel, variable, value).ok_or_else(|| "no value that can be read".to_owned())
        };
        let wanted = meant(first)?;
        for other in others {
            let other = meant(other)?;
            if (other - wanted).abs() > SAME * wanted.abs() {
                return Err(format!(
                    "two values of it in one Observation, {wanted} and {other}, contradict each other"
                ));
            }
        }
        Ok(given.iter().find(|measured| measured.has_words()).unwrap_or(first))
    }

    fn take_measured(
        &mut self,
        place: At,
        channel: usize,
        variable: &Variable,
        measured: &Measured,
    ) -> Result<(), String> {
        let (value, comparator) = measured.value(self.dated.codes, variable)?;
        self.check_words(channel, variable, measured, value)?;
        self.dated.take(place, channel, Some(variable), value)?;
        if let Some(comparator) = comparator {
            let what = format!("given with \"{}\", the limit taken as the value", shown(comparator));
            self.dated.count_change(place.line, channel, what);
        }
        Ok(())
    }

    /// Refuses an answer whose code means one score and its words, where they are a category of the model, another.
    fn check_words(
        &self,
        channel: usize,
        variable: &Variable,
        measured: &Measured,
        value: DatedValue<'_>,
    ) -> Result<(), String> {
        let Some(score) = self.dated.meant(channel, variable, value) else { return Ok(()) };
        let meant = |words: &str| self.dated.meant(channel, variable, DatedValue::Text(words));
        match measured.words().find_map(|words| meant(words).filter(|other| *other != score)) {
            Some(other) => Err(format!("the answer's code means {score}, and its words {other}")),
            None => Ok(()),
        }
    }

    fn note(&mut self, resources: &Resources<'_>, survey: &ObservationSurvey, patient: &Rc<str>) {
        let notes = &mut self.dated.gather.notes;
        if let Some(others) = survey.patients.others(patient) {
            notes.push(0, "", || others);
        }
        if survey.patients.all.get(patient).is_some_and(|one| !one.is_certain()) {
            notes.push(0, "", || "no Observation names a patient by a reference or an identifier".to_owned());
        }
        resources.searches.note(notes);
        for (group, version) in &resources.groups {
            let missing = group.missing(&resources.present).filter(|_| survey.fates[*version] == Fate::Counts);
            if let Some(missing) = missing {
                notes.push(group.line, &shown(&group.name), || missing);
            }
        }
        for (name, count) in &resources.others {
            let message = || format!("{count} resource{} of this type not read", if *count == 1 { "" } else { "s" });
            notes.push(0, &shown(name), message);
        }
    }

    fn note_stays(&mut self, stays: &Stays, encounter: Option<&str>, patient: &str) {
        let Some(encounter) = encounter else { return };
        let notes = &mut self.dated.gather.notes;
        let own = stays.starts.iter().filter(|began| &*began.encounter == encounter);
        if let Some(why) = own.into_iter().find_map(|began| Stays::why_no_start(began, patient)) {
            notes.push(0, "", || why);
        }
        if stays.n_without > 0 {
            let what = if stays.is_only(encounter) { "read with the others" } else { "not read" };
            notes.push(0, "", || format!("observations that name no encounter: {}; {what}", stays.n_without));
        }
        if let Some(others) = stays.candidates.others(encounter).filter(|_| !stays.is_only(encounter)) {
            notes.push(0, "", || others);
        }
    }

    /// Asks what the times of all that is read leave open, and notes what they do not.
    fn note_dates(
        &mut self,
        stays: &Stays,
        patient: &str,
        encounter: Option<&str>,
        options: &ReadOptions,
    ) -> Result<()> {
        for began in stays.starts(encounter, &options.time_zero, patient) {
            self.dates.see_start(began.line, began.moment);
        }
        self.dates.see_zero(&options.time_zero);
        let mut notes = Vec::new();
        self.dates.check(&options.mapping, &mut notes)?;
        for (line, message) in notes {
            self.dated.gather.notes.push(line, "", || message);
        }
        Ok(())
    }

    fn finish(
        self,
        stays: &Stays,
        patient: &str,
        encounter: Option<&str>,
        time_zero: &TimeZero,
    ) -> Result<(Bins<'a>, ImportReport)> {
        let at = |began: &Began| self.rule.at(began.moment).ok();
        let starts = stays.starts(encounter, time_zero, patient);
        let start = |began: &Began| Some(Start { seconds: at(began)?, ..began.start.clone() });
        let mut starts: Vec<Start> = starts.into_iter().filter_map(start).collect();
        starts.dedup_by(|a, b| a.seconds == b.seconds);
        let (zero, said) =
            zero::hour_zero(time_zero, self.rule, &starts, &self.dated.times(), self.dated.gather.hours())?;
        let source = Source {
            patient: patient.to_owned(),
            encounter: encounter.unwrap_or_default().to_owned(),
            time_zero: said,
            zero: clock::instant(zero),
            ..Source::default()
        };
        let (bins, mut report, used) = self.dated.finish("fhir", zero, true, source)?;
        let mut rows: Vec<usize> = used.into_iter().collect();
        rows.sort_unstable();
        let of_row = |row: usize| self.rows.get(row.wrapping_sub(1));
        let mut basis: Vec<&Rc<str>> = rows.into_iter().filter_map(of_row).filter(|basis| !basis.is_empty()).collect();
        // Several may stand inside one.
        basis.dedup();
        report.source.basis = basis.into_iter().map(ToString::to_string).collect();
        Ok((bins, report))
    }
}

/// An Observation's name, as far as it has one.
fn about(name: &str) -> String {
    if name.is_empty() { "Observation".to_owned() } else { shown(name) }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report whose subject's and encounter's references have so many characters, with `n` Observations inside.
    fn holder(n: usize, characters: usize) -> String {
        let long = "x".repeat(characters);
        let inside = |k: usize| {
            format!(
                r#"{{"resourceType":"Observation","id":"{k}","status":"final","code":{{"coding":[{{"system":
                "http://loinc.org","code":"8867-4"}}]}},"valueQuantity":{{"value":80,"unit":"/min"}}}}"#
            )
        };
        let inside: Vec<String> = (0..n).map(inside).collect();
        format!(
            r#"{{"resourceType":"DiagnosticReport","id":"{long}","status":"final","effectiveDateTime":"2031-05-04T06:00:00Z",
            "subject":{{"reference":"Patient/{long}"}},"encounter":{{"reference":"Encounter/{long}"}},
            "contained":[{}]}}"#,
            inside.join(",")
        )
    }

    /// Bytes of all texts that are kept for the Observations, each allocation counted once.
    fn kept(text: &str) -> usize {
        let resources = collect(text).unwrap();
        let survey = ObservationSurvey::of(&resources);
        let belongs = survey.of.iter().flatten();
        let keys = belongs.flat_map(|belongs| [Rc::clone(&belongs.patient.text), Rc::clone(&belongs.encounter.text)]);
        let read = |resource: &Resource<'_>| resource.observation().unwrap().0.basis(resource.base());
        let texts = keys.chain(resources.observations.iter().map(read));
        let texts = texts.chain(resources.observations.iter().map(|resource| Rc::clone(&resource.full_url)));
        let of_pointer: HashMap<*const u8, usize> = texts.map(|text| (text.as_ptr(), text.len())).collect();
        assert_eq!(
            resources.observations.iter().filter(|resource| resource.holder.is_some()).count(),
            resources.observations.len()
        );
        of_pointer.values().sum()
    }

    #[test]
    fn what_observations_take_over_is_kept_once() {
        let (few, many) = (kept(&holder(20, 100_000)), kept(&holder(320, 100_000)));
        assert!(few >= 300_000, "subject, encounter and basis: {few}");
        assert_eq!(many, few, "sixteen times as many Observations keep no more");
    }
}
