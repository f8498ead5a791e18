//! Whose Observations a record holds and of which stays, and which of them is read: the only one, or the one that the
//! caller chose. Of several nothing is guessed.

use super::observation::Whose;
use super::reference::IdentityKey;
use crate::error::{Choice, Question, span};
use crate::stay::{clock, shown};
use crate::{Error, Kind, Place, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Somebody or something to whom Observations of a record belong.
#[derive(Debug, Default)]
pub(super) struct Candidate {
    /// What the record says besides the key, for people.
    pub(super) name: String,
    pub(super) rows: usize,
    first: Option<f64>,
    last: Option<f64>,
    is_certain: bool,
    /// In how many resources, each with all inside it, the key was met; counted up to two.
    sources: BTreeSet<usize>,
    /// What two resources say of who it is, where they cannot be of one.
    two: Option<[String; 2]>,
}

/// Candidates by their keys.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) all: BTreeMap<Rc<str>, Candidate>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The option, `patient` or `encounter`.
    pub(super) option: &'static str,
    /// In plain words, in the plural.
    pub(super) several: &'static str,
}

impl Candidates {
    /// Counts an Observation. `source`: the number of the resource in which it stands.
    pub(super) fn add(&mut self, key: &IdentityKey, source: usize, time: Option<f64>) {
        let candidate = self.all.entry(Rc::clone(&key.text)).or_default();
        candidate.rows += 1;
        candidate.is_certain |= key.is_certain;
        if candidate.sources.len() < 2 {
            candidate.sources.insert(source);
        }
        if let Some(time) = time {
            candidate.first = Some(candidate.first.map_or(time, |first| first.min(time)));
            candidate.last = Some(candidate.last.map_or(time, |last| last.max(time)));
        }
    }

    /// Gives a candidate the name that the record has for it elsewhere.
    pub(super) fn name(&mut self, key: &str, name: String) {
        if let Some(candidate) = self.all.get_mut(key) {
            candidate.name = name;
        }
    }

    /// Notes that two resources of this key describe two people.
    pub(super) fn doubt(&mut self, key: &str, said: &[String; 2]) {
        if let Some(candidate) = self.all.get_mut(key) {
            candidate.two = Some(said.clone());
        }
    }

    /// The one that is read.
    ///
    /// # Errors
    /// As for [`Self::one`]; [`Kind::Record`] where the record describes two people by that key.
    pub(super) fn choose(&self, asked: Asked, wanted: Option<&str>) -> Result<Rc<str>> {
        let chosen = self.one(asked, wanted)?;
        match self.all.get(&chosen).and_then(|candidate| candidate.two.as_ref()) {
            Some([one, other]) => {
                let (one, other) = (shown(one), shown(other));
                let message = format!(
                    "{chosen} stands in the record twice, as \"{one}\" and as \"{other}\", and nothing says which is newer: two \
                     people may bear one number; keep one person a file"
                );
                Err(Error::new(Kind::Record, message))
            }
            None => Ok(chosen),
        }
    }

    /// The only one, or the one that the caller chose.
    ///
    /// # Errors
    /// [`Kind::Record`] with a question where there are several, or where one name may be that of several people;
    /// [`Kind::Argument`] where the one that is wanted is not there.
    fn one(&self, asked: Asked, wanted: Option<&str>) -> Result<Rc<str>> {
        let all: Vec<(&Rc<str>, &Candidate)> = self.all.iter().collect();
        let Some(wanted) = wanted else {
            return match all.as_slice() {
                [] => Ok("".into()),
                [(key, one)] if one.is_certain || one.sources.len() < 2 => Ok(Rc::clone(key)),
                [_] => {
                    let reason = format!(
                        "nothing but a name, or not even that, says to whom the observations belong, which may be several {}",
                        asked.several
                    );
                    Err(question(asked, &all, &reason))
                }
                several => {
                    Err(question(asked, several, &format!("the record holds {} {}", several.len(), asked.several)))
                }
            };
        };
        if let Some((key, _)) = self.all.get_key_value(wanted) {
            return Ok(Rc::clone(key));
        }
        let fits: Vec<(&Rc<str>, &Candidate)> = all.iter().copied().filter(|(key, _)| fits(key, wanted)).collect();
        match fits.as_slice() {
            [(key, _)] => Ok(Rc::clone(key)),
            [] => {
                let listed = question(asked, &all, "the record holds").message;
                let message = format!("\"{}\" is not in the record; {listed}", shown(wanted));
                Err(Error::new(Kind::Argument, message).at(Place::Field(asked.option.to_owned())))
            }
            several => {
                let reason = format!("\"{}\" fits {} {}", shown(wanted), several.len(), asked.several);
                Err(question(asked, several, &reason))
            }
        }
    }

    /// What to say of those that are not read, if there are any.
    pub(super) fn others(&self, chosen: &str) -> Option<String> {
        const LISTED_MAX: usize = 12;
        let others: Vec<(&Rc<str>, &Candidate)> = self.all.iter().filter(|(key, _)| &***key != chosen).collect();
        let listed = others.iter().take(LISTED_MAX).map(|(key, one)| format!("{} ({})", said(key), one.rows));
        let listed = listed.collect::<Vec<_>>().join(", ");
        let more = if others.len() > LISTED_MAX { ", ..." } else { "" };
        (!others.is_empty()).then(|| format!("not read, as they are of others: the observations of {listed}{more}"))
    }
}

/// Whether a key ends as the caller has it: the end of an address, an identifier's value, a name.
fn fits(key: &str, wanted: &str) -> bool {
    let before = key.strip_suffix(wanted).or_else(|| key.strip_suffix('"').and_then(|key| key.strip_suffix(wanted)));
    !wanted.is_empty() && before.is_some_and(|before| before.ends_with(['/', '|', '"', '#']))
}

fn question(asked: Asked, candidates: &[(&Rc<str>, &Candidate)], reason: &str) -> Error {
    let choice = |(key, one): &(&Rc<str>, &Candidate)| Choice {
        value: key.to_string(),
        name: if one.name.is_empty() { said(key) } else { one.name.clone() },
        rows: one.rows,
        span: one.span(),
    };
    Question { option: asked.option.to_owned(), choices: candidates.iter().map(choice).collect() }.refuse(reason)
}

/// A key for people.
fn said(key: &str) -> String {
    if key.is_empty() { "(nobody named)".to_owned() } else { key.to_owned() }
}

impl Candidate {
    pub(super) const fn is_certain(&self) -> bool {
        self.is_certain
    }

    pub(super) fn span(&self) -> String {
        match (self.first, self.last) {
            (Some(first), Some(last)) => span(&clock::instant(first), &clock::instant(last)),
            _ => String::new(),
        }
    }
}

/// Tells apart subjects of one address whose identifiers differ: two people, or at least not surely one.
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    of_address: HashMap<Rc<str>, BTreeSet<Rc<str>>>,
}

impl Identifiers {
    pub(super) fn add(&mut self, whose: &Whose) {
        if !whose.identifier.is_empty() {
            self.of_address.entry(Rc::clone(&whose.key.text)).or_default().insert(Rc::clone(&whose.identifier));
        }
    }

    /// The key of a subject: its address, with the identifier where the address has several.
    pub(super) fn key(&self, whose: &Whose) -> IdentityKey {
        if self.of_address.is_empty() {
            return whose.key.clone();
        }
        match self.of_address.get(&whose.key.text) {
            Some(several) if several.len() > 1 => IdentityKey {
                text: format!("{} {}", whose.key.text, whose.identifier).trim_end().into(),
                is_certain: whose.key.is_certain,
            },
            _ => whose.key.clone(),
        }
    }
}
