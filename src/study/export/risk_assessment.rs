//! A prediction as a FHIR R4 `RiskAssessment`: the probability, where it comes from, and the label of its being made by
//! a machine.

use crate::Model;
use crate::engine::explain::relevance::Relevance;
use crate::stay::Stay;
use crate::study::summary::{Coverage, Finding, Prediction, Summary};
use crate::{Error, Kind, Place, Result};
use serde_json::{Value, json};

/// Stands in every export.
pub const NOTICE: &str = "For research and education only. Not a medical device, and no ground for a clinical decision. \
    Relevance says what the model reacted to; it is not causation.";

/// What the caller knows and the engine does not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// When the assessment was made, as a FHIR instant; the engine has no clock. Without it there is no provenance
    /// resource, which must say when.
    pub recorded: Option<String>,
    /// The patient, where the record names none, for example `Patient/17`.
    pub subject: Option<String>,
    /// How the prediction was explained, for people, for example `lrp, epsilon 0.01`.
    pub method: Option<String>,
}

/// The assessment as a JSON object. `target` is the explained output.
///
/// # Errors
/// [`Kind::Argument`] where the explained output is no probability, or `recorded` is no instant.
pub fn risk_assessment(
    model: &Model,
    stay: &Stay,
    relevance: &Relevance,
    target: usize,
    context: &Context,
) -> Result<Value> {
    let summary = Summary::of(model, stay, relevance, target)?;
    check(&summary.prediction, context)?;
    let source = &stay.report.source;
    let subject =
        [context.subject.as_deref(), Some(source.patient.as_str())].into_iter().flatten().find(|s| !s.is_empty());
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
        "subject": subject.map_or_else(|| json!({ "display": "not named in the record" }), reference),
        "performer": { "reference": "#model" },
        "prediction": [{
            "outcome": { "text": summary.prediction.outcome },
            "probabilityDecimal": summary.prediction.probability,
            "rationale": rationale(&summary),
        }],
        "note": [{ "text": NOTICE }],
    });
    let basis: Vec<Value> = source.basis.iter().map(|text| json!({ "reference": text })).collect();
    set(&mut resource, "basis", (!basis.is_empty()).then(|| Value::from(basis)));
    set(&mut resource, "encounter", (!source.encounter.is_empty()).then(|| reference(&source.encounter)));
    if let Some(recorded) = &context.recorded {
        set(&mut resource, "occurrenceDateTime", Some(Value::from(recorded.as_str())));
        if let Some(contained) = resource["contained"].as_array_mut() {
            contained.push(provenance(recorded, &source.basis));
        }
    }
    Ok(resource)
}

fn check(summary: &Prediction, context: &Context) -> Result<()> {
    if !summary.is_probability {
        let message = "the explained output is no probability, and a RiskAssessment states one; choose another target";
        return Err(Error::new(Kind::Argument, message).at(Place::Field("target".to_owned())));
    }
    let is_instant =
        |text: &String| crate::stay::clock::parse(text).is_some_and(|moment| moment.is_zoned && !moment.is_day);
    match &context.recorded {
        Some(text) if !is_instant(text) => {
            let message =
                format!("\"{}\" is no instant; write it as 2014-12-05T09:30:00+01:00", crate::stay::shown(text));
            Err(Error::new(Kind::Argument, message).at(Place::Field("recorded".to_owned())))
        }
        _ => Ok(()),
    }
}

fn set(resource: &mut Value, field: &str, value: Option<Value>) {
    if let Some(value) = value {
        resource[field] = value;
    }
}

/// A relative or absolute reference; what is none of `Type/id` is an identifier.
fn reference(text: &str) -> Value {
    if text.contains('/') || text.starts_with("urn:") {
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
            let [from, to] = it.hours;
            let what = if it.is_of_measuring { "that it was measured, " } else { "" };
            format!("{} ({what}{from}-{to} h; without it {})", it.channel, per_cent(it.without))
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let side = |word: &str, findings: &[Finding]| {
        if findings.is_empty() { String::new() } else { format!("{word} by {}. ", named(findings)) }
    };
    let sides = side("Raised", &summary.raising) + &side("Lowered", &summary.lowering);
    let Coverage { charted, channels, charted_steps, steps, .. } = summary.coverage;
    format!("{sides}Rests on {charted} of {channels} variables, {charted_steps} of {steps} time steps.")
}
