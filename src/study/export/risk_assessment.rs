//! A prediction as a FHIR R4 `RiskAssessment`: the probability, where it comes from, and the label of its being made by
//! a machine.
//!
//! The patient is the record's. A stay that is not the record as it was read (edited, as of an earlier hour, read in part,
//! out of a saved view) says so in a note and in an extension, and names no basis: the resources of the record are not
//! what the number was made of.

use crate::Model;
use crate::engine::explain::relevance::Relevance;
use crate::engine::number::real;
use crate::stay::{Stay, clock, shown};
use crate::study::summary::{Coverage, Finding, JointFinding, Prediction, Summary, Voice};
use crate::{Error, Kind, Place, Result};
use serde_json::{Value, json};

/// Stands in every export.
pub const NOTICE: &str = "For research and education only. Not a medical device, and no ground for a clinical decision. \
    Relevance says what the model reacted to; it is not causation.";

/// The extension that says what the number was made of.
pub const DATA: &str = "urn:vitrine:fhir:StructureDefinition:risk-assessment-data";

/// What the caller knows and the engine does not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// When the assessment was made, as a FHIR instant; the engine has no clock. Without it there is no provenance
    /// resource, which must say when.
    pub recorded: Option<String>,
    /// The patient, for example `Patient/17`; another than the record's is refused.
    pub subject: Option<String>,
    /// How the prediction was explained, for people, for example `lrp, epsilon 0.01`.
    pub method: Option<String>,
}

/// The assessment of one network as a JSON object, see [`risk_assessment_of_many`].
///
/// # Errors
/// As [`risk_assessment_of_many`].
pub fn risk_assessment(
    model: &Model,
    stay: &Stay,
    relevance: &Relevance,
    target: usize,
    context: &Context,
) -> Result<Value> {
    risk_assessment_of_many(&[Voice { model, relevance }], stay, relevance, target, context)
}

/// The assessment as a JSON object. `target` is the explained output.
///
/// # Errors
/// [`Kind::Argument`] where the explained output is no probability, the explanation is of another stay, `recorded` is no
/// instant, or `subject` is another patient than the record's.
///
/// # Panics
/// Where `voices` is empty.
pub fn risk_assessment_of_many(
    voices: &[Voice<'_>],
    stay: &Stay,
    relevance: &Relevance,
    target: usize,
    context: &Context,
) -> Result<Value> {
    let model = voices[0].model;
    let summary = Summary::of_many(voices, stay, relevance, target)?;
    check(&summary.prediction, context)?;
    check_own(voices, stay, relevance, target)?;
    let source = &stay.report.source;
    let state = State::of(model, stay);
    let mut notes = vec![json!({ "text": NOTICE }), json!({ "text": state.coverage() })];
    notes.extend(state.remarks.iter().map(|text| json!({ "text": text })));
    let mut resource = json!({
        "resourceType": "RiskAssessment",
        "meta": { "security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "code": "AIAST",
            "display": "Artificial Intelligence asserted",
        }] },
        "contained": [device(model)],
        "status": "preliminary",
        "method": { "text": method(model, context) },
        "extension": [state.extension()],
        "subject": subject(stay, context)?,
        "performer": { "reference": "#model" },
        "prediction": [{
            "outcome": { "text": summary.prediction.outcome },
            "probabilityDecimal": summary.prediction.probability,
            "rationale": rationale(&summary),
        }],
        "note": notes,
    });
    let used = if state.remarks.is_empty() { source.basis.as_slice() } else { &[] };
    let basis: Vec<Value> = used.iter().map(|text| json!({ "reference": text })).collect();
    set(&mut resource, "basis", (!basis.is_empty()).then(|| Value::from(basis)));
    let has_encounter = !source.encounter.is_empty() && !stay.since.is_from_view;
    set(&mut resource, "encounter", has_encounter.then(|| reference(&source.encounter)));
    if let Some(recorded) = &context.recorded {
        set(&mut resource, "occurrenceDateTime", Some(Value::from(recorded.as_str())));
        if let Some(contained) = resource["contained"].as_array_mut() {
            contained.push(provenance(recorded, used));
        }
    }
    Ok(resource)
}

fn check(summary: &Prediction, context: &Context) -> Result<()> {
    if !summary.is_probability {
        let message = "the explained output is no probability, and a RiskAssessment states one; choose another target";
        return Err(Error::new(Kind::Argument, message).at(Place::Field("target".to_owned())));
    }
    let is_instant = |text: &String| clock::parse(text).is_some_and(|moment| moment.offset.is_some() && !moment.is_day);
    match &context.recorded {
        Some(text) if !is_instant(text) => {
            let message = format!("\"{}\" is no instant; write it as 2014-12-05T09:30:00+01:00", shown(text));
            Err(Error::new(Kind::Argument, message).at(Place::Field("recorded".to_owned())))
        }
        _ => Ok(()),
    }
}

/// The patient: the record's, or the caller's where the record names none. A saved view's word is not the record's.
fn subject(stay: &Stay, context: &Context) -> Result<Value> {
    let own = stay.report.source.patient.as_str();
    let given = context.subject.as_deref().filter(|text| !text.trim().is_empty());
    match given {
        Some(given) if !own.is_empty() && !is_same(own, given) => {
            let message = format!(
                "is \"{}\", and the record is of \"{}\"; leave the subject out, or open that patient's record",
                shown(given),
                shown(own)
            );
            Err(Error::new(Kind::Argument, message).at(Place::Field("subject".to_owned())))
        }
        _ if stay.since.is_from_view && given.is_none() => Ok(json!({ "display": "not at hand: out of a saved view" })),
        Some(given) if own.is_empty() || stay.since.is_from_view => Ok(reference(given)),
        _ if own.is_empty() => Ok(json!({ "display": "not named in the record" })),
        _ => Ok(reference(own)),
    }
}

/// Whether the caller's reference is the record's: the same, or the same without its server.
fn is_same(own: &str, given: &str) -> bool {
    own == given
        || (given.contains('/') && !given.contains(':') && own.strip_suffix(given).is_some_and(|it| it.ends_with('/')))
}

/// What the number was made of, and what it was not.
struct State {
    /// Hours since hour zero up to which anything was known.
    hours: f64,
    /// Hour zero and the end of these hours as instants; empty where the record has none.
    period: [String; 2],
    n_edits: usize,
    n_skipped: usize,
    /// Channels with a measurement, and all; cells with one, and all.
    channels: [usize; 2],
    cells: [usize; 2],
    /// How the stay is not the record as it was read.
    remarks: Vec<String>,
}

impl State {
    fn of(model: &Model, stay: &Stay) -> Self {
        let manifest = model.manifest();
        let (since, report) = (stay.since, &stay.report);
        let hours = real(since.known_steps.unwrap_or(manifest.steps)) * manifest.step_hours;
        let zero = report.source.zero.as_str();
        let end = clock::parse(zero).map_or_else(String::new, |zero| clock::instant(zero.seconds + 3600.0 * hours));
        let observed = &report.observed;
        let mut state = Self {
            hours,
            period: [zero.to_owned(), end],
            n_edits: since.n_edits,
            n_skipped: report.n_skipped(),
            channels: [observed.iter().filter(|n| **n > 0).count(), observed.len()],
            cells: [observed.iter().sum(), observed.len() * manifest.steps],
            remarks: Vec::new(),
        };
        state.remarks = state.found(stay);
        state
    }

    fn found(&self, stay: &Stay) -> Vec<String> {
        let Self { n_edits, n_skipped, hours, .. } = self;
        let rows = stay.report.rows;
        let known = stay
            .since
            .known_steps
            .map(|_| format!("As of hour {hours} of the stay: what was measured later is left out."));
        let edits = (*n_edits > 0).then(|| {
            let edits = if *n_edits == 1 { "1 edit".to_owned() } else { format!("{n_edits} edits") };
            format!("Of a stay that was changed by {edits}: a question of what if, and no prediction for the patient.")
        });
        let skipped = (*n_skipped > 0)
            .then(|| format!("Read in part: {n_skipped} of {rows} rows or resources of the record were not used."));
        let view =
            stay.since.is_from_view.then(|| "Out of a saved view: the record itself was not at hand.".to_owned());
        [known, edits, skipped, view].into_iter().flatten().collect()
    }

    /// What the number rests on, for people.
    fn coverage(&self) -> String {
        let Self { hours, channels: [seen, of], cells: [n, all], .. } = self;
        format!(
            "Made of hours 0 to {hours} of the stay: {seen} of {of} variables were measured, in {n} of {all} cells."
        )
    }

    /// The same for programs.
    fn extension(&self) -> Value {
        let count = |url: &str, n: usize| json!({ "url": url, "valueInteger": n });
        let mut parts = vec![
            json!({ "url": "known-hours", "valueDecimal": self.hours }),
            count("variables-measured", self.channels[0]),
            count("variables", self.channels[1]),
            count("cells-measured", self.cells[0]),
            count("cells", self.cells[1]),
            count("rows-not-used", self.n_skipped),
            count("edits", self.n_edits),
            json!({ "url": "as-read", "valueBoolean": self.remarks.is_empty() }),
        ];
        let [start, end] = &self.period;
        if !start.is_empty() && !end.is_empty() {
            parts.push(json!({ "url": "period", "valuePeriod": { "start": start, "end": end } }));
        }
        json!({ "url": DATA, "extension": parts })
    }
}

/// The explanation is of this stay and this output: its probability is the one that the model gives.
fn check_own(voices: &[Voice<'_>], stay: &Stay, relevance: &Relevance, target: usize) -> Result<()> {
    const TOLERANCE: f64 = 1e-6;
    let mut sum = 0.0;
    for voice in voices {
        sum += voice.model.predict(&stay.input)?.get(target).map_or(f64::NAN, |output| f64::from(*output));
    }
    if (sum / real(voices.len()) - relevance.probability).abs() <= TOLERANCE {
        return Ok(());
    }
    let message = "is of another stay or another output; explain the stay that is assessed";
    Err(Error::new(Kind::Argument, message).at(Place::Field("explanation".to_owned())))
}

fn set(resource: &mut Value, field: &str, value: Option<Value>) {
    if let Some(value) = value {
        resource[field] = value;
    }
}

/// A relative or absolute reference, or an identifier, `system|value`; what is in quotes is only a name.
fn reference(text: &str) -> Value {
    if let Some(name) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        json!({ "display": name })
    } else if let Some((system, value)) = text.rsplit_once('|') {
        let identifier =
            if system.is_empty() { json!({ "value": value }) } else { json!({ "system": system, "value": value }) };
        json!({ "identifier": identifier })
    } else if text.contains('/') || text.starts_with("urn:") {
        json!({ "reference": text })
    } else {
        json!({ "identifier": { "value": text } })
    }
}

fn device(model: &Model) -> Value {
    let manifest = model.manifest();
    json!({
        "resourceType": "Device",
        "id": "model",
        "deviceName": [{ "name": manifest.name, "type": "model-name" }],
        "type": { "text": "artificial intelligence model; not a medical device" },
        "version": [{ "type": { "text": "explained by Vitrine" }, "value": env!("CARGO_PKG_VERSION") }],
        "note": [{ "text": if manifest.description.is_empty() { "The model says nothing about its training." } else { &manifest.description } }],
    })
}

fn provenance(recorded: &str, basis: &[String]) -> Value {
    let mut resource = json!({
        "resourceType": "Provenance",
        "id": "provenance",
        "target": [{ "reference": "#" }],
        "recorded": recorded,
        "agent": [{ "type": { "text": "artificial intelligence model" }, "who": { "reference": "#model" } }],
    });
    let entities: Vec<Value> =
        basis.iter().map(|text| json!({ "role": "source", "what": { "reference": text } })).collect();
    set(&mut resource, "entity", (!entities.is_empty()).then(|| Value::from(entities)));
    resource
}

fn method(model: &Model, context: &Context) -> String {
    let name = &model.manifest().name;
    context.method.as_ref().map_or_else(|| name.clone(), |method| format!("{name}; explained by {method}"))
}

/// What the network reacted to, in the words of the page.
fn rationale(summary: &Summary) -> String {
    let per_cent = |output: f64| format!("{:.0} %", 100.0 * output);
    let named = |findings: &[Finding]| {
        let each = findings.iter().map(|it| {
            let what = it.is_of_measuring.then(|| "that it was measured".to_owned());
            let when = it.hours.map(|[from, to]| format!("{from}-{to} h"));
            let which: Vec<String> = what.into_iter().chain(when).collect();
            let which = if which.is_empty() { String::new() } else { format!("{}; ", which.join(", ")) };
            format!("{} ({which}without it {})", it.channel, per_cent(it.without))
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let side = |word: &str, findings: &[Finding]| match findings {
        [] => String::new(),
        [first] if first.is_first => format!("{word} most by {}. ", named(findings)),
        [first, others @ ..] if first.is_first => {
            format!("{word} most by {}; also by {}. ", named(std::slice::from_ref(first)), named(others))
        }
        findings => format!("{word} by {}. ", named(findings)),
    };
    let together = |word: &str, found: &Option<JointFinding>| {
        found.as_ref().map_or_else(String::new, |JointFinding { channels, without, .. }| {
            format!("{word} by {} together (without all of them {}). ", channels.join(", "), per_cent(*without))
        })
    };
    let sides = [
        side("Raised", &summary.raising),
        together("Raised", &summary.raising_together),
        side("Lowered", &summary.lowering),
        together("Lowered", &summary.lowering_together),
    ]
    .concat();
    let Coverage { charted, channels, charted_steps, steps, goes_on_to, .. } = summary.coverage;
    let beyond = goes_on_to.map_or_else(String::new, |hour| {
        format!(" The record goes on to hour {hour:.1}, which the model does not see.")
    });
    format!("{sides}Rests on {charted} of {channels} variables, {charted_steps} of {steps} time steps.{beyond}")
}
