//! The one summary of an explanation, as JavaScript reads it.

use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model, Stay};
use super::js::{JsWhole, read_whole, throw, to_js};
use crate::study::summary::Summary;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a channel contributed over all hours: relevance, and its magnitude as a share (0..1) of all effects. */
export interface Contribution { row: number; relevance: number; share: number }

/** A run of one channel's readings that raised or lowered the output together. */
export interface Finding {
    row: number; channel: string; unit: string;
    /** The step of the first reading, and the one after the last. */
    steps: [number, number];
    /** The same, in hours; none of a static channel, whose value is of no hour. */
    hours?: [number, number];
    /** The step up to which the last reading was carried forward. */
    until: number;
    /** Of values and of their being measured, over `steps[0]` to `until`; and its magnitude as a share (0..1) of all effects. */
    relevance: number; share: number;
    /** Whether more of it is of the readings' being there than of what they say. */
    isOfMeasuring: boolean;
    /** Whether its channel has the largest total of its side, in at least four of five networks. */
    isFirst: boolean;
    atPeak: ShownValue; range: [ShownValue, ShownValue]; nReadings: number;
    /** The output had nothing been known of the channel from `steps[0]` to `until`, and had these readings been normal. */
    without: number; atNormal: number;
}

/** Channels, strongest first, that moved the output together; `without`: the output had none of them been charted. */
export interface JointFinding { rows: number[]; channels: string[]; relevance: number; share: number; without: number }

/** A channel that was never charted: the network assumes its normal value, and that moved the output. */
export interface Assumed { row: number; channel: string; unit: string; value: ShownValue; relevance: number; share: number }

/** What a prediction and its explanation rest on, what is static being charted at no step; `assumedShare` is the part of all effects on values nobody measured. */
export interface Coverage {
    charted: number; channels: number; chartedSteps: number; steps: number; assumedShare: number;
    /** The hour to which the record goes on after those that the model sees, where it does. */
    goesOnTo?: number;
}

/** What held-out stays say of a prediction: how many were predicted alike, and of a hundred such in how many the outcome came about. */
export interface Sureness { data: string; alike: number; between: [above: number, to: number]; ofHundred: number; set?: OutcomeSet }

/**
 * What a prediction leaves open, at the coverage that the manifest states: the outcome, its absence. `missing`: channels by
 * their rows without which the network cannot tell, since they were never charted.
 */
export interface OutcomeSet { coverage: number; holds: [outcome: boolean, absence: boolean]; missing: number[] }

/** A reading that is hard to believe: implausible, or at odds with those of other channels at the same time. It is used as it is. */
export interface Doubt { row: number; step: number; contradicts: number[] }

/**
 * The prediction at a glance. `scoreUnit`: what relevance is counted in: log-odds, the score of a class (before a softmax), or the
 * output itself.
 */
export interface Prediction {
    outcome: string; probability: number; isProbability: boolean; scoreUnit: "log-odds" | "class" | "output"; threshold: number; predictedLabel: number;
    /** Of a plain number, as the manifest has it; empty where there is none. */
    unit: string;
    /** Of a class, which of its outcome's classes is the most likely one. */
    mostLikely?: { outcome: string; probability: number; isExplained: boolean; nClasses: number };
}

/** What an explanation says: the same for the page, the element, messages, resources, reports and tables. */
export interface Summary extends Prediction {
    /** One a channel, in the manifest's order. */
    channels: Contribution[];
    /** What raised and what lowered the output, largest total first, at most three each; only what the network bears out. */
    raising: Finding[]; lowering: Finding[];
    /** Where the first of a side did not do so alone, what raised and what lowered it together. */
    raisingTogether?: JointFinding; loweringTogether?: JointFinding;
    assumed: Assumed[];
    coverage: Coverage;
    doubts: Doubt[];
    /** Of a record as it was read, where the manifest has a calibration of as many networks. */
    sureness?: Sureness;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above.
    #[wasm_bindgen(typescript_type = "Summary")]
    pub type JsSummary;
}

/// What an explanation of a stay says. The network is run some ten times, on what the findings change. `target` is the
/// output that it explains, which need not be said.
///
/// # Errors
/// When the explanation or the stay belongs to another model, the explanation to another stay or output, or the model has no such output.
#[wasm_bindgen]
pub fn summary(
    model: &Model,
    stay: &Stay,
    explanation: &Explanation,
    target: Option<JsWhole>,
) -> Result<JsSummary, JsValue> {
    explanation.check(model, stay)?;
    let target = explanation.check_target(target.map(|it| read_whole("target", &it)).transpose()?)?;
    let found = Summary::of_many(&explanation.voices(model), &stay.inner, &explanation.inner, target);
    to_js(&found.map_err(throw)?)
}
