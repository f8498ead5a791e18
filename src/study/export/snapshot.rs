//! What is on screen as a file that loads back: the record, the edits, and the explanations as they were.
//!
//! A file can say anything. So the stay is explained anew when the file is opened, as the file says that it was
//! explained, and a file whose numbers are not the engine's is refused. What only the record could prove, which is not at
//! hand, is held to the digests that the file was saved with, and the stay remembers that it came from a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::how::How;
use super::{NOTICE, Provenance, sha256};
use crate::engine::explain::relevance::{Ledger, Relevance};
use crate::stay::manifest::{Channel, Encoding, Manifest};
use crate::stay::{Edit, EnteredValue, ImportReport, Origin, Since, Stay};
use crate::study::history::{History, Joins};
use crate::study::models::{Explained, Networks};
use crate::{Error, Kind, Place, Result};

/// The only value of [`Snapshot::format`] that this version reads.
pub const FORMAT: &str = "vitrine-view/1";

/// Longest file that is read, in bytes.
const BYTES_MAX: usize = 64 << 20;

/// Everything that is on screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// Always [`FORMAT`].
    pub format: String,
    /// What the reader of the file must know.
    pub notice: String,
    /// What it was made from.
    pub provenance: Provenance,
    /// Index of the output that is explained.
    pub target: usize,
    /// What was measured, before any edit.
    pub stay: SavedRecord,
    /// What was changed since, in this order.
    pub edits: Vec<Edit>,
    /// What the model made of it.
    pub explanations: Vec<SavedExplanation>,
    /// How the pictures are painted: kept for the page as it gave it.
    pub view: serde_json::Value,
    /// SHA-256 of each of the parts that nothing in the file proves, as they were saved: `SEALED`.
    #[serde(default)]
    pub digests: BTreeMap<String, String>,
}

/// The parts of a file that nothing else in it proves, as JSON pointers.
const SEALED: [&str; 3] = ["/provenance", "/stay/name", "/stay/report"];

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedRecord {
    /// The record's name.
    pub name: String,
    /// What was read, skipped, and found implausible.
    pub report: ImportReport,
    /// What was measured of each channel, by the channel's name: value or category, by step.
    pub readings: BTreeMap<String, BTreeMap<usize, SavedReading>>,
    /// The first part of the file that is not what was saved.
    #[serde(skip)]
    differs: Option<&'static str>,
}

/// A reading as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SavedReading {
    /// In clinical units.
    Value(f64),
    /// The category's text.
    Category(String),
}

/// An explanation as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedExplanation {
    /// Which picture it belongs to.
    pub name: String,
    /// How it was made: kept for the page as it gave it.
    pub options: serde_json::Value,
    /// What was decomposed.
    pub score: f64,
    /// The whole score.
    pub logit: f64,
    /// The output.
    pub probability: f64,
    /// Whether that is a probability.
    pub is_probability: bool,
    /// Where the score went, for a method that decomposes it.
    pub ledger: Option<SavedAccount>,
    /// `[n_steps * n_columns]`, row-major.
    pub relevance: Vec<f64>,
}

/// A ledger as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedAccount {
    inputs: f64,
    biases: f64,
    initial_states: f64,
    epsilon: f64,
    /// The score of the reference, for methods that explain the difference from one.
    #[serde(default)]
    reference: f64,
}

/// Numbers of a snapshot and of the engine that opens it may differ by so much, relative to the largest of their kind and
/// to one: what another version rounds otherwise.
const TOLERANCE: f64 = 1e-6;

impl Snapshot {
    /// What is on screen: a stay before its edits, the edits, and the explanations of the edited stay.
    #[must_use]
    pub fn new(
        manifest: &Manifest,
        provenance: Provenance,
        original: &Stay,
        edits: Vec<Edit>,
        target: usize,
        explanations: Vec<SavedExplanation>,
        view: serde_json::Value,
    ) -> Self {
        let stay = SavedRecord::of(manifest, original);
        let (format, notice) = (FORMAT.to_owned(), NOTICE.to_owned());
        let mut snapshot =
            Self { format, notice, provenance, target, stay, edits, explanations, view, digests: BTreeMap::new() };
        snapshot.digests = snapshot.digested();
        snapshot
    }

    /// The digests of its parts as it is written. A snapshot is plain data, so that it is JSON.
    fn digested(&self) -> BTreeMap<String, String> {
        serde_json::to_value(self).map(|any| digests(&any)).unwrap_or_default()
    }

    /// The file's text. Numbers are written so that reading them gives the same number again.
    ///
    /// # Errors
    /// Never in practice: a snapshot is plain data.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| wrong(format!("cannot be written: {error}")))
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`Kind::Record`] with the field, where the text is no such file or one of another version.
    pub fn from_json(text: &str) -> Result<Self> {
        if text.len() > BYTES_MAX {
            return Err(wrong(format!("has {} bytes, and at most {BYTES_MAX} are read", text.len())));
        }
        let any: serde_json::Value =
            serde_json::from_str(text).map_err(|error| wrong(format!("is not readable as JSON: {error}")))?;
        match any.get("format").and_then(serde_json::Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => {
                let seen = crate::stay::shown(other);
                return Err(wrong(format!("is \"{seen}\"; this version reads \"{FORMAT}\"")).at(at("format")));
            }
            None => return Err(wrong(format!("has no field \"format\"; a saved view says \"{FORMAT}\""))),
        }
        let found = digests(&any);
        let mut read: Self =
            serde_json::from_str(text).map_err(|error| wrong(format!("{error}; save the view again")))?;
        read.stay.differs = SEALED.into_iter().find(|part| read.digests.get(*part) != found.get(*part));
        if read.stay.differs.is_none() {
            // Written again it has the fields of this version, which an older file may lack.
            read.digests = read.digested();
        }
        Ok(read)
    }

    /// Whether its readings are those of a stay.
    #[must_use]
    pub fn is_of(&self, manifest: &Manifest, stay: &Stay) -> bool {
        self.stay.readings == SavedRecord::of(manifest, stay).readings
    }

    /// Whether a text is a saved view, by its start.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.trim_start().starts_with("{\"format\":\"vitrine-view/")
    }

    /// The stay with its edits, and the explanations, for the model that the snapshot was made with.
    ///
    /// # Errors
    /// [`Kind::Record`] where the model is another one, or does not give the numbers that the file states; where a
    /// reading, an edit or an explanation does not fit the model; where the report, the name or the digest of the record
    /// is not what was saved; [`Kind::Argument`] for options of an explanation that are out of range.
    pub fn restore(&self, networks: &impl Networks, model_sha256: &str) -> Result<(History, Vec<Explained>)> {
        let made_with = &self.provenance;
        if made_with.model_sha256 != model_sha256 {
            let message = format!(
                "was made with the model {} (SHA-256 {}), and the open model's is {model_sha256}; open that model first",
                crate::stay::shown(&made_with.model),
                crate::stay::shown(&made_with.model_sha256)
            );
            return Err(wrong(message));
        }
        let stay = self.stay.restore(networks.lead().manifest())?;
        let mut history = History::new(networks, stay, self.target)?;
        for (index, edit) in self.edits.iter().enumerate() {
            history
                .edit(networks, edit.clone(), Joins::Never)
                .map_err(|error| wrong(format!("edits[{index}]: {error}")))?;
        }
        let relevances = self.explanations.iter().map(|one| one.restore(networks, &history, self.target));
        let relevances = relevances.collect::<Result<Vec<_>>>()?;
        self.check_names()?;
        match self.stay.differs {
            None => Ok((history, relevances)),
            Some(part) => {
                let message = "is not what was saved: the file was changed, or made by a version before 0.2; open the record itself";
                Err(wrong(message).at(at(&part[1..].replace('/', "."))))
            }
        }
    }

    fn check_names(&self) -> Result<()> {
        let mut names: Vec<&str> = self.explanations.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            None => Ok(()),
            Some(pair) => {
                let message = format!("has two explanations of the name \"{}\"", crate::stay::shown(pair[0]));
                Err(wrong(message).at(at("explanations.name")))
            }
        }
    }
}

/// The digests of the parts that nothing else proves, of a file as it stands.
fn digests(any: &serde_json::Value) -> BTreeMap<String, String> {
    let digest = |part: &str| Some((part.to_owned(), sha256(any.pointer(part)?.to_string().as_bytes())));
    SEALED.into_iter().filter_map(digest).collect()
}

impl SavedRecord {
    fn of(manifest: &Manifest, stay: &Stay) -> Self {
        let readings = manifest.channels.iter().zip(stay.cells.chunks_exact(manifest.steps)).map(|(channel, row)| {
            let observed = row.iter().enumerate().filter(|(_, cell)| cell.origin == Origin::Observed);
            let reading = |category: Option<usize>, value| {
                category
                    .and_then(|index| channel.category(index))
                    .map_or(SavedReading::Value(value), SavedReading::Category)
            };
            let row = observed.map(|(step, cell)| (step, reading(cell.category, cell.value))).collect();
            (channel.name.clone(), row)
        });
        let (name, report) = (stay.name.clone(), stay.report.clone());
        Self { name, report, readings: readings.collect(), differs: None }
    }

    fn restore(&self, manifest: &Manifest) -> Result<Stay> {
        let mut stay = Stay::unmeasured(manifest, &self.name);
        for (name, readings) in &self.readings {
            let index = manifest.channels.iter().position(|channel| &channel.name == name);
            let index = index.ok_or_else(|| wrong("is no channel of the model").at(channel_at(name)))?;
            for (step, reading) in readings {
                let entry = reading.entry(&manifest.channels[index])?;
                stay.edit(manifest, &Edit::set(index, *step, entry))?;
            }
        }
        if stay.report.observed != self.report.observed {
            let message = format!(
                "is {:?}, and the readings are {:?}; the file was changed",
                self.report.observed, stay.report.observed
            );
            return Err(wrong(message).at(at("stay.report.observed")));
        }
        stay.report = self.report.clone().visible();
        stay.since = Since { is_from_view: true, ..Since::default() };
        // What was put in here is the record.
        stay.recorded.clear();
        Ok(stay)
    }
}

impl SavedReading {
    fn entry(&self, channel: &Channel) -> Result<EnteredValue> {
        match (self, &channel.encoding) {
            (Self::Category(text), Encoding::OneHot { categories, .. }) => {
                let index = categories.iter().position(|category| category == text);
                let seen = crate::stay::shown(text);
                let missing = || wrong(format!("\"{seen}\" is none of its categories")).at(channel_at(&channel.name));
                index.map(EnteredValue::Category).ok_or_else(missing)
            }
            (Self::Value(value), _) => Ok(EnteredValue::Value(*value)),
            (Self::Category(_), _) => Err(wrong("takes a number").at(channel_at(&channel.name))),
        }
    }
}

impl SavedExplanation {
    /// An explanation on its way into a file.
    #[must_use]
    pub fn of(name: &str, options: serde_json::Value, relevance: &Relevance) -> Self {
        let account = |ledger: Ledger| SavedAccount {
            inputs: ledger.inputs,
            biases: ledger.biases,
            initial_states: ledger.initial_states,
            epsilon: ledger.epsilon,
            reference: ledger.reference,
        };
        Self {
            name: name.to_owned(),
            options,
            score: relevance.score,
            logit: relevance.logit,
            probability: relevance.probability,
            is_probability: relevance.is_probability,
            ledger: relevance.ledger.map(account),
            relevance: relevance.values.clone(),
        }
    }

    /// The explanation as the engine makes it now; the file's has to be the same.
    fn restore(&self, networks: &impl Networks, history: &History, target: usize) -> Result<Explained> {
        let expected = networks.lead().n_steps() * networks.lead().n_columns();
        if self.relevance.len() != expected {
            let message = format!("has {} numbers, and the model reads {expected}", self.relevance.len());
            return Err(wrong(message).at(at("explanations.relevance")));
        }
        let how = How::read(&self.name, &self.options)?;
        how.options(target)?;
        // Before anything that takes long.
        same("explanations.probability", self.probability, history.probability(), 1.0)?;
        let found = Explained::of(networks.each(|model| how.explain(model, history.stay(), target))?)?;
        self.check(&found.mean)?;
        Ok(found)
    }

    /// Every number of the file is the engine's.
    fn check(&self, found: &Relevance) -> Result<()> {
        if self.is_probability != found.is_probability {
            let message = format!("is {} in the file; {CHANGED}", self.is_probability);
            return Err(wrong(message).at(at("explanations.isProbability")));
        }
        let largest = found.values.iter().fold(0.0_f64, |largest, r| largest.max(r.abs()));
        same("explanations.score", self.score, found.score, found.score)?;
        same("explanations.logit", self.logit, found.logit, found.logit)?;
        match (&self.ledger, &found.ledger) {
            (None, None) => {}
            (Some(own), Some(ledger)) => {
                same("explanations.ledger.inputs", own.inputs, ledger.inputs, largest)?;
                same("explanations.ledger.biases", own.biases, ledger.biases, largest)?;
                same("explanations.ledger.initialStates", own.initial_states, ledger.initial_states, largest)?;
                same("explanations.ledger.epsilon", own.epsilon, ledger.epsilon, largest)?;
                same("explanations.ledger.reference", own.reference, ledger.reference, largest)?;
            }
            _ => {
                let message =
                    format!("is {} of the engine's; {CHANGED}", if self.ledger.is_some() { "none" } else { "one" });
                return Err(wrong(message).at(at("explanations.ledger")));
            }
        }
        let pairs = self.relevance.iter().zip(&found.values).enumerate();
        // Cells are small beside the score, so they are held to the largest of them alone.
        let is_same = |own: f64, value: f64| (own - value).abs() <= TOLERANCE * largest;
        match pairs.into_iter().find(|(_, (own, value))| !is_same(**own, **value)) {
            None => Ok(()),
            Some((index, (own, value))) => {
                let message = format!("number {index} is {own} in the file, and the engine gives {value}; {CHANGED}");
                Err(wrong(message).at(at("explanations.relevance")))
            }
        }
    }
}

const CHANGED: &str = "the file was changed, or made by another version; open the record itself";

/// Refuses a number that is not the engine's.
fn same(field: &str, own: f64, found: f64, scale: f64) -> Result<()> {
    if (own - found).abs() <= TOLERANCE * scale.abs().max(1.0) {
        return Ok(());
    }
    Err(wrong(format!("is {own} in the file, and the engine gives {found}; {CHANGED}")).at(at(field)))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, format!("the saved view {}", message.into()))
}

fn at(field: &str) -> Place {
    Place::Field(field.to_owned())
}

fn channel_at(name: &str) -> Place {
    Place::Channel(crate::stay::shown(name))
}
