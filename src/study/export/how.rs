//! How an explanation of a saved view was made: read from the file, checked, and done again.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::explain::occlusion::Occlusion;
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::shapley::Shapley;
use crate::engine::explain::{Method, Options};
use crate::engine::number::real;
use crate::engine::rule::Rule;
use crate::stay::removal::{By, Removal, held_from};
use crate::stay::{ColumnNames, Mapping, ReadOptions, Stay, shown};
use crate::study::boundary::{FORMS, GATES, QUANTITIES};
use crate::{Error, Kind, Model, Place, Result, job};

/// A method with its options, as the page and `ViewFile.add` write them. What is not given is the engine's default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct How {
    method: Option<String>,
    target: Option<usize>,
    explain: Option<String>,
    epsilon: Option<f64>,
    bias_factor: Option<f64>,
    rule: Option<String>,
    gates: Option<String>,
    steps: Option<usize>,
    noise: Option<f64>,
    seed: Option<u64>,
    by: Option<String>,
    /// In hours.
    window: Option<f64>,
    orders: Option<usize>,
    reference: Option<String>,
    reference_hours: Option<f64>,
    reference_stay: Option<ReferenceStay>,
    /// The input that a difference was explained from, where no stay is named.
    baseline: Option<Vec<f32>>,
}

/// A record that differences are explained from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReferenceStay {
    name: String,
    text: String,
    #[serde(default)]
    options: Option<HowRead>,
    /// What the page keeps beside it: no part of the explanation.
    #[serde(default, rename = "trueLabel")]
    _true_label: Option<f64>,
    #[serde(default, rename = "isDemo")]
    _is_demo: Option<bool>,
}

/// How such a record was read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct HowRead {
    format: Option<String>,
    #[serde(rename = "name")]
    _name: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
    time_zero: Option<String>,
    mapping: Option<ReadingMapping>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct ReadingMapping {
    columns: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    time_unit: Option<String>,
    zone: Option<String>,
    dates: Option<String>,
    statistic: Option<String>,
    ignored: Vec<String>,
}

/// What the page calls a method, and the engine's; Shapley values are the engine's of groups.
const METHODS: [(&str, Method); 9] = [
    ("lrp", Method::Lrp),
    ("gradient", Method::Gradient),
    ("abs-gradient", Method::AbsGradient),
    ("gradient-x-input", Method::GradientXInput),
    ("integrated-gradients", Method::IntegratedGradients),
    ("smooth-grad", Method::SmoothGrad),
    ("deep-shap", Method::DeepShap),
    ("occlusion", Method::Occlusion),
    ("shapley", Method::Occlusion),
];

/// Orders that Shapley values sample where the file does not say.
const ORDERS: usize = 50;

/// Hours of a window where the file does not say.
const WINDOW: f64 = 6.0;

impl How {
    /// Reads the options of the explanation called `name`; null stands for the defaults.
    ///
    /// # Errors
    /// Names the field that is unknown or of a wrong type.
    pub(super) fn read(name: &str, options: &serde_json::Value) -> Result<Self> {
        let mut how: Self = match options {
            serde_json::Value::Null => Self::default(),
            given => Self::deserialize(given).map_err(|error| wrong("", error.to_string()))?,
        };
        // The page's third picture is the gradient, whatever the second one is.
        if how.method.is_none() && name == "gradient" {
            how.method = Some("gradient".to_owned());
        }
        Ok(how)
    }

    /// The options as the engine takes them; `target` where the file names none.
    ///
    /// # Errors
    /// Names the field that is unknown or out of range.
    pub(super) fn options(&self, target: usize) -> Result<Options> {
        let rule = Rule::default();
        let options = Options {
            method: choose("method", self.method.as_deref(), &METHODS)?.unwrap_or_default(),
            target: self.target.unwrap_or(target),
            quantity: choose("explain", self.explain.as_deref(), &QUANTITIES)?,
            rule: Rule {
                epsilon: self.epsilon.unwrap_or(rule.epsilon),
                bias_factor: self.bias_factor.unwrap_or(rule.bias_factor),
                form: choose("rule", self.rule.as_deref(), &FORMS)?.unwrap_or_default(),
                gates: choose("gates", self.gates.as_deref(), &GATES)?.unwrap_or_default(),
            },
            steps: self.steps,
            noise: self.noise.unwrap_or(Options::default().noise),
            seed: self.seed.unwrap_or_default(),
        };
        if options.target != target {
            return Err(wrong("target", format!("is {}, and the view is of output {target}", options.target)));
        }
        options.check()?;
        Ok(options)
    }

    /// Explains a stay as the file says that it was explained.
    ///
    /// # Errors
    /// As [`How::options`] and [`Model::explain`]; where a reference cannot be read.
    pub(super) fn explain(&self, model: &Model, stay: &Stay, target: usize) -> Result<Relevance> {
        let options = self.options(target)?;
        let by = self.by(model)?;
        if options.method == Method::Occlusion {
            let scorer = model.scorer(&options)?;
            let is_words = model.n_words().is_some();
            let is_shapley = self.method.as_deref() == Some("shapley");
            if is_shapley || !(is_words || by == By::Measurement) {
                let removal = Removal::new(model.manifest(), &stay.input, by);
                if is_shapley {
                    let orders = self.orders.unwrap_or(ORDERS);
                    return Ok(job::run(Shapley::new(scorer, removal, orders, options.seed)?)?.relevance);
                }
                return Ok(job::run(Occlusion::new(scorer, removal)?)?.relevance);
            }
        }
        let baseline = self.baseline(model, stay)?;
        model.explain_against(&model.trace(&stay.input)?, baseline.as_deref(), &options)
    }

    fn by(&self, model: &Model) -> Result<By> {
        let window = self.steps_of(model, "window", self.window.unwrap_or(WINDOW))?;
        let choices = [
            ("measurement", By::Measurement),
            ("channel", By::Channel),
            ("hour", By::Window(1)),
            ("window", By::Window(window)),
            ("channel-window", By::ChannelAndWindow(window)),
        ];
        Ok(choose("by", self.by.as_deref(), &choices)?.unwrap_or(By::Measurement))
    }

    /// Whole steps, at least one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within the stay")]
    fn steps_of(&self, model: &Model, field: &str, hours: f64) -> Result<usize> {
        let manifest = model.manifest();
        let steps = (hours / manifest.step_hours).round().max(1.0);
        if !(hours >= 0.0 && steps <= real(manifest.steps)) {
            return Err(wrong(field, format!("is {hours} hours; it must lie within the stay")));
        }
        Ok(steps as usize)
    }

    /// What a difference is explained from; nothing where that is the stay in which nothing was observed.
    fn baseline(&self, model: &Model, stay: &Stay) -> Result<Option<Vec<f32>>> {
        const REFERENCES: [(&str, u8); 3] = [("normal", 0), ("own", 1), ("stay", 2)];
        match choose("reference", self.reference.as_deref(), &REFERENCES)? {
            Some(1) => {
                let from = self.steps_of(model, "referenceHours", self.reference_hours.unwrap_or_default())?;
                Ok(Some(held_from(model.manifest(), &stay.input, from)))
            }
            Some(2) => {
                let missing = || wrong("referenceStay", "is missing".to_owned());
                self.reference_stay.as_ref().ok_or_else(missing)?.input(model).map(Some)
            }
            _ => Ok(self.baseline.clone()),
        }
    }
}

impl ReferenceStay {
    fn input(&self, model: &Model) -> Result<Vec<f32>> {
        let HowRead { format, patient, encounter, time_zero, mapping, .. } = self.options.clone().unwrap_or_default();
        let mapping = mapping.unwrap_or_default();
        let mut columns = mapping.columns;
        let columns = ColumnNames {
            time: columns.remove("time"),
            variable: columns.remove("variable"),
            value: columns.remove("value"),
            unit: columns.remove("unit"),
            patient: columns.remove("patient"),
            encounter: columns.remove("encounter"),
        };
        let options = ReadOptions {
            format: format.as_deref().map_or(Ok(Default::default()), str::parse)?,
            name: self.name.clone(),
            patient,
            encounter,
            time_zero: time_zero.as_deref().map_or(Ok(Default::default()), str::parse)?,
            mapping: Mapping {
                columns,
                variables: mapping.variables,
                units: mapping.units,
                time_unit: mapping.time_unit.as_deref().map(str::parse).transpose()?,
                zone: mapping.zone,
                dates: mapping.dates.as_deref().map(str::parse).transpose()?,
                statistic: mapping.statistic,
                ignored: mapping.ignored,
            },
        };
        Ok(Stay::read(&self.text, model.manifest(), &options)?.input)
    }
}

fn choose<T: Copy>(field: &str, name: Option<&str>, choices: &[(&str, T)]) -> Result<Option<T>> {
    let Some(name) = name else { return Ok(None) };
    let found = choices.iter().find(|(choice, _)| *choice == name).map(|(_, value)| Some(*value));
    found.ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        let message = format!("is \"{}\", which is none of {}", shown(name), names.join(", "));
        wrong(field, message)
    })
}

fn wrong(field: &str, message: String) -> Error {
    let path =
        if field.is_empty() { "explanations.options".to_owned() } else { format!("explanations.options.{field}") };
    Error::new(Kind::Record, message).at(Place::Field(path))
}
