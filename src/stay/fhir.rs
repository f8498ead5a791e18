//! FHIR R4 Observations -> steps. Codes and units are in the table of codes; an Observation is a row of the report.

mod groups;
mod observation;
mod resources;

use super::bins::Bins;
use super::clock;
use super::codes::{Codes, Variable};
use super::dated::{Dated, Place as At};
use super::manifest::Manifest;
use super::options::{ReadOptions, TimeZero};
use super::report::{ImportReport, Source};
use super::shown;
use crate::{Error, Kind, Place, Result};
use observation::{Encounter, Meaning, Measured, Observation};
use resources::{Resource, Resources};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Longest record that is read, in bytes.
const BYTES_MAX: usize = 64 << 20;

/// Most patients or encounters listed in a message.
const LISTED_MAX: usize = 12;

/// A patient of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patient {
    /// As the record refers to them, for example `Patient/17`: what [`ReadOptions::patient`] takes.
    pub reference: String,
    /// How many Observations are theirs.
    pub observations: usize,
}

/// The patients of a FHIR record, in the order of their references.
///
/// # Errors
/// [`Kind::Record`] where the text is no FHIR in JSON or holds no Observation.
pub fn patients(text: &str) -> Result<Vec<Patient>> {
    let resources = collect(text)?;
    let mut count = BTreeMap::new();
    for resource in &resources.observations {
        if let Ok((observation, _)) = observation::read(resource) {
            *count.entry(observation.subject.key("Patient")).or_insert(0) += 1;
        }
    }
    Ok(count.into_iter().map(|(reference, observations)| Patient { reference, observations }).collect())
}

/// Reads a record into steps.
pub(super) fn read<'a>(text: &str, manifest: &'a Manifest, options: &ReadOptions) -> Result<(Bins<'a>, ImportReport)> {
    let resources = collect(text)?;
    let codes = Codes::of(manifest)?;
    let patient = choose(&patients(text)?, options.patient.as_deref())?;
    let mut record = Record {
        dated: Dated::new(manifest, &codes),
        patient: patient.as_deref(),
        seen: HashSet::new(),
        rows: Vec::new(),
        encounters: BTreeSet::new(),
    };
    for resource in &resources.observations {
        record.take(resource);
    }
    record.note_resources(&resources);
    record.finish(&resources, &options.time_zero)
}

fn collect(text: &str) -> Result<Resources<'_>> {
    if text.len() > BYTES_MAX {
        let message =
            format!("the record has {} bytes, and at most {BYTES_MAX} are read; keep one stay a file", text.len());
        return Err(wrong(message));
    }
    resources::collect(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The patient whose Observations are read: `None` for whoever is in the record.
fn choose(patients: &[Patient], asked: Option<&str>) -> Result<Option<String>> {
    let listed = || {
        let some = patients.iter().take(LISTED_MAX);
        let listed = some.map(|one| format!("{} ({} observations)", shown(&one.reference), one.observations));
        let more = if patients.len() > LISTED_MAX { ", ..." } else { "" };
        let plural = if patients.len() == 1 { "" } else { "s" };
        format!("{} patient{plural}: {}{more}", patients.len(), listed.collect::<Vec<_>>().join(", "))
    };
    match asked {
        None if patients.len() > 1 => {
            Err(wrong(format!("the record holds {}; choose one with the option patient", listed())))
        }
        None => Ok(None),
        Some(asked) => {
            let is_asked =
                |one: &&Patient| one.reference == asked || one.reference.strip_prefix("Patient/") == Some(asked);
            match patients.iter().find(is_asked) {
                Some(one) => Ok(Some(one.reference.clone())),
                None => {
                    let message = format!("\"{}\" is not in the record, which holds {}", shown(asked), listed());
                    Err(Error::new(Kind::Argument, message).at(Place::Field("patient".to_owned())))
                }
            }
        }
    }
}

struct Record<'a, 'c, 'o> {
    dated: Dated<'a, 'c>,
    patient: Option<&'o str>,
    /// Ids met: pages of a search may overlap.
    seen: HashSet<String>,
    /// What each row refers to, from row 1.
    rows: Vec<Row>,
    encounters: BTreeSet<String>,
}

/// One Observation of the record.
#[derive(Default)]
struct Row {
    /// The reference to it, empty for none.
    basis: String,
    subject: String,
    encounter: String,
}

impl<'a, 'c> Record<'a, 'c, '_> {
    /// Takes an Observation; whatever is wrong with it goes into the report.
    fn take(&mut self, resource: &Resource<'_>) {
        let line = resource.line;
        let (observation, measured) = match observation::read(resource) {
            Ok(read) => read,
            Err(error) => {
                let row = self.start_row(Row::default());
                return self.dated.refuse(row, line, "", format!("not an Observation as FHIR R4 has it: {error}"));
            }
        };
        let subject = observation.subject.key("Patient");
        if self.patient.is_some_and(|patient| patient != subject) {
            return;
        }
        let encounter = observation.encounter.key("Encounter");
        let row = self.start_row(Row { basis: observation.basis.clone(), subject, encounter });
        if let Err(reason) = self.take_valid(row, line, &observation, &measured) {
            self.dated.refuse(row, line, &about(&observation.name), reason);
        }
    }

    fn start_row(&mut self, row: Row) -> usize {
        self.rows.push(row);
        self.dated.start_row()
    }

    fn take_valid(&mut self, row: usize, line: u64, whole: &Observation, itself: &Measured) -> Result<(), String> {
        if let Some(reason) = whole.why_not_valid() {
            return Err(reason);
        }
        if !whole.name.is_empty() && !self.seen.insert(whole.name.clone()) {
            return Err("the same Observation as before; counted once".to_owned());
        }
        let candidates = self.candidates(line, whole, itself)?;
        if candidates.is_empty() {
            return match whole.has_member.len() {
                0 => Ok(()),
                count => {
                    Err(format!("a group of {count} Observations, which are read by themselves; no value of its own"))
                }
            };
        }
        let (moment, done) = whole.when()?;
        let place = At { row, line, time: moment.seconds, rank: 0 };
        for (channel, variable, measured) in candidates {
            for done in &done {
                self.dated.count_change(line, channel, (*done).to_owned());
            }
            if let Err(reason) = self.take_measured(place, channel, variable, measured) {
                self.dated.refuse(row, line, &variable.channel, format!("{}: {reason}", about(&whole.name)));
            }
        }
        Ok(())
    }

    /// The variables of the model that an Observation gives, each once.
    fn candidates<'o>(
        &mut self,
        line: u64,
        whole: &'o Observation,
        itself: &'o Measured,
    ) -> Result<Vec<(usize, &'c Variable, &'o Measured)>, String> {
        let codes = self.dated.codes;
        let mut candidates: Vec<(usize, &'c Variable, &'o Measured)> = Vec::new();
        for (index, measured) in std::iter::once(itself).chain(&whole.component).enumerate() {
            let variable = match measured.meaning(codes) {
                Meaning::Variable(variable) => variable,
                Meaning::Several(one, other) => return Err(format!("its codes mean both {one} and {other}")),
                Meaning::Panel => continue,
                // An Observation without a value of its own is what its components or members are.
                Meaning::Other(..) if index == 0 && !measured.has_value() && whole.is_group() => continue,
                Meaning::Other(label, reason) => {
                    self.dated.count_unknown(line, &label, &reason);
                    continue;
                }
            };
            let Some(channel) = self.dated.channel(&variable.channel) else {
                self.dated.count_unknown(line, &variable.channel, "no variable of the model");
                continue;
            };
            match candidates.iter_mut().find(|(known, ..)| *known == channel) {
                // A component may repeat the Observation's own variable, in words.
                Some(known) if measured.has_words() || !known.2.has_value() => known.2 = measured,
                Some(_) => {}
                None => candidates.push((channel, variable, measured)),
            }
        }
        Ok(candidates)
    }

    fn take_measured(
        &mut self,
        place: At,
        channel: usize,
        variable: &Variable,
        measured: &Measured,
    ) -> Result<(), String> {
        let (value, comparator) = measured.value(self.dated.codes, variable)?;
        self.dated.take(place, channel, Some(variable), value)?;
        if let Some(comparator) = comparator {
            let what = format!("given with \"{}\", the limit taken as the value", shown(comparator));
            self.dated.count_change(place.line, channel, what);
        }
        Ok(())
    }

    fn note_resources(&mut self, resources: &Resources<'_>) {
        if resources.has_next_page {
            self.dated.gather.notes.push(0, "", || {
                "the Bundle is not the last page of its search; what stands on the others is not read".to_owned()
            });
        }
        for group in &resources.groups {
            if let Some(missing) = group.missing(&resources.present) {
                self.dated.gather.notes.push(group.line, &shown(&group.name), || missing);
            }
        }
        for (name, count) in &resources.others {
            let message = || format!("{count} resource{} of this type not read", if *count == 1 { "" } else { "s" });
            self.dated.gather.notes.push(0, &shown(name), message);
        }
    }

    fn finish(mut self, resources: &Resources<'_>, time_zero: &TimeZero) -> Result<(Bins<'a>, ImportReport)> {
        let (zero, said) = self.hour_zero(resources, time_zero)?;
        let source = Source {
            patient: self
                .patient
                .map_or_else(|| self.rows.first().map_or(String::new(), |row| row.subject.clone()), str::to_owned),
            time_zero: said,
            zero: clock::instant(zero),
            ..Source::default()
        };
        for row in &self.rows {
            if !row.encounter.is_empty() {
                self.encounters.insert(row.encounter.clone());
            }
        }
        if self.encounters.len() > 1 {
            let count = self.encounters.len();
            self.dated.gather.notes.push(0, "", || format!("the observations belong to {count} encounters"));
        }
        let (bins, mut report, used) = self.dated.finish("fhir", zero, true, source)?;
        let mut rows: Vec<usize> = used.into_iter().collect();
        rows.sort_unstable();
        let of_row = |row: usize| self.rows.get(row.wrapping_sub(1));
        let basis = rows.into_iter().filter_map(of_row).map(|row| row.basis.clone());
        report.source.basis = basis.filter(|reference| !reference.is_empty()).collect();
        // Several may stand inside one.
        report.source.basis.dedup();
        if self.encounters.len() == 1 {
            report.source.encounter = self.encounters.into_iter().next().unwrap_or_default();
        }
        Ok((bins, report))
    }

    /// Hour zero in seconds, and how to say it.
    fn hour_zero(&self, resources: &Resources<'_>, time_zero: &TimeZero) -> Result<(f64, String)> {
        let wrong_zero = |message: String| Error::new(Kind::Argument, message).at(Place::Field("timeZero".to_owned()));
        match time_zero {
            // Without any measurement, finishing says why; until then any zero will do.
            TimeZero::FirstObservation => {
                Ok((self.dated.first_time().unwrap_or(0.0), "the first observation".to_owned()))
            }
            TimeZero::At(text) => match clock::parse(text) {
                Some(moment) => Ok((moment.seconds, text.clone())),
                None => Err(wrong_zero(format!("\"{}\" is no date and time", shown(text)))),
            },
            TimeZero::EncounterStart => {
                let starts = self.starts(resources);
                match starts.as_slice() {
                    [(_, text, seconds)] => Ok((*seconds, format!("the encounter's start, {text}"))),
                    [] => Err(wrong_zero("no Encounter of the patient with a start is in the record; give a date and time, or \"first-observation\"".to_owned())),
                    several => {
                        let listed = several.iter().take(LISTED_MAX).map(|(id, text, _)| format!("{} {text}", shown(id)));
                        let listed = listed.collect::<Vec<_>>().join(", ");
                        Err(wrong_zero(format!("{} encounters are in the record: {listed}; give one's start as the date and time", several.len())))
                    }
                }
            }
        }
    }

    /// Id, start as written, and start in seconds of the patient's encounters.
    fn starts(&self, resources: &Resources<'_>) -> Vec<(String, String, f64)> {
        let start = |resource: &Resource<'_>| {
            let encounter: Encounter = serde_json::from_str(resource.text).ok()?;
            let subject = encounter.subject.key("Patient");
            let is_of_patient = self.patient.is_none_or(|patient| subject == patient);
            let is_valid = !matches!(encounter.status.as_str(), "entered-in-error" | "cancelled" | "planned");
            let text = encounter.period.start.filter(|_| is_of_patient && is_valid)?;
            let seconds = clock::parse(&text)?.seconds;
            Some((encounter.id, text, seconds))
        };
        resources.encounters.iter().filter_map(start).collect()
    }
}

/// An Observation's name, as far as it has one.
fn about(name: &str) -> String {
    if name.is_empty() { "Observation".to_owned() } else { shown(name) }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}
