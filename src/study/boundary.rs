//! What is the same at every door of the engine, JavaScript's and Python's: the names of what can be asked for, and the
//! shape of what is told.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::explain::audit::Effort;
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::{Method, Options, Quantity};
use crate::engine::number::single;
use crate::engine::rule::{Form, Gates, Rule};
use crate::picture::grid::{Grid, Part, rows};
use crate::picture::totals::strongest_cells;
use crate::stay::manifest::Manifest;
use crate::stay::{ColumnNames, Format, Mapping, ReadOptions};
use crate::study::audit::{AuditReport, Map, begin, word};
use crate::{Error, Kind, Model, Place, Result, job};

/// How an explanation is made, as host programs write it; what is not given is the engine's default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AskedExplanation {
    method: Option<String>,
    target: Option<usize>,
    explain: Option<String>,
    epsilon: Option<f64>,
    bias_factor: Option<f64>,
    rule: Option<String>,
    gates: Option<String>,
    steps: Option<usize>,
    noise: Option<f64>,
    seed: Option<u32>,
    /// What a difference is explained from, `[n_steps * n_columns]` in model units; by default the stay in which nothing
    /// was observed.
    pub baseline: Option<Vec<f32>>,
}

impl AskedExplanation {
    /// The names of its fields.
    pub const FIELDS: [&str; 11] =
        ["method", "target", "explain", "epsilon", "biasFactor", "rule", "gates", "steps", "noise", "seed", "baseline"];

    /// Reads it from JSON.
    ///
    /// # Errors
    /// [`Kind::Argument`] where a field is unknown or of another type.
    pub fn from_json(text: &str) -> Result<Self> {
        from_json(text)
    }

    /// The options as the engine takes them.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the field, and the names that it can have.
    pub fn options(&self) -> Result<Options> {
        let default = Rule::default();
        let method = choose("method", self.method.as_deref(), &METHODS)?.unwrap_or_default();
        self.check_used(method)?;
        Ok(Options {
            method,
            target: self.target.unwrap_or_default(),
            quantity: choose("explain", self.explain.as_deref(), &QUANTITIES)?,
            rule: Rule {
                epsilon: self.epsilon.unwrap_or(default.epsilon),
                bias_factor: self.bias_factor.unwrap_or(default.bias_factor),
                form: choose("rule", self.rule.as_deref(), &FORMS)?.unwrap_or_default(),
                gates: choose("gates", self.gates.as_deref(), &GATES)?.unwrap_or_default(),
            },
            steps: self.steps,
            noise: self.noise.unwrap_or(Options::default().noise),
            seed: self.seed.map_or(0, u64::from),
        })
    }

    /// The options of a task that explains by taking groups of measurements away, which is its method.
    ///
    /// # Errors
    /// As [`options`](Self::options); and for another method, or a baseline: what is taken away becomes what stood there
    /// had it not been observed.
    pub fn of_removal(self) -> Result<Options> {
        let own = "occlusion";
        if let Some(other) = self.method.as_deref().filter(|it| *it != own) {
            return Err(argument(
                "method",
                format!("is \"{other}\"; this task takes measurements away, so leave it out"),
            ));
        }
        if self.baseline.is_some() {
            let why = "is not used: what is taken away becomes what stood there had it not been observed; leave it out";
            return Err(argument("baseline", why.into()));
        }
        Self { method: Some(own.into()), ..self }.options()
    }

    /// Refuses what the method would ignore: an explanation would be called by what had no part in it. `seed` and `baseline`
    /// belong to every method, whose audit draws by the one and takes away towards the other.
    fn check_used(&self, method: Method) -> Result<()> {
        let of_lrp = [
            ("epsilon", self.epsilon.is_some()),
            ("biasFactor", self.bias_factor.is_some()),
            ("rule", self.rule.is_some()),
            ("gates", self.gates.is_some()),
        ];
        let owned = of_lrp.map(|(field, is_given)| (field, is_given, vec![Method::Lrp])).into_iter().chain([
            ("steps", self.steps.is_some(), vec![Method::IntegratedGradients, Method::SmoothGrad]),
            ("noise", self.noise.is_some(), vec![Method::SmoothGrad]),
        ]);
        let mut ignored = owned.filter(|(_, is_given, owners)| *is_given && !owners.contains(&method));
        ignored.next().map_or(Ok(()), |(field, _, owners)| {
            let named = |of: &Method| METHODS.iter().find(|(_, method)| method == of).map_or("", |(name, _)| *name);
            let owners: Vec<&str> = owners.iter().map(named).collect();
            let (own, owners) = (named(&method), owners.join(" and "));
            Err(argument(field, format!("is of {owners} alone; {own} does not use it, so leave it out")))
        })
    }
}

const METHODS: [(&str, Method); 8] = [
    ("lrp", Method::Lrp),
    ("gradient", Method::Gradient),
    ("abs-gradient", Method::AbsGradient),
    ("gradient-x-input", Method::GradientXInput),
    ("integrated-gradients", Method::IntegratedGradients),
    ("smooth-grad", Method::SmoothGrad),
    ("deep-shap", Method::DeepShap),
    ("occlusion", Method::Occlusion),
];
pub(super) const QUANTITIES: [(&str, Quantity); 3] =
    [("paper", Quantity::Paper), ("score", Quantity::Score), ("probability", Quantity::Probability)];
pub(super) const FORMS: [(&str, Form); 2] = [("arras2017", Form::Arras2017), ("arras2019", Form::Arras2019)];
pub(super) const GATES: [(&str, Gates); 4] =
    [("all", Gates::All), ("half", Gates::Half), ("prop", Gates::Prop), ("abs", Gates::Abs)];

/// What a name stands for; nothing where none is given.
///
/// # Errors
/// [`Kind::Argument`] with the field and all names.
pub fn choose<T: Copy>(field: &str, name: Option<&str>, choices: &[(&str, T)]) -> Result<Option<T>> {
    let Some(name) = name else { return Ok(None) };
    let found = choices.iter().find(|(choice, _)| *choice == name).map(|(_, value)| Some(*value));
    found.ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        let message = format!("\"{name}\" is not one that this version has; choose one of {}", names.join(", "));
        argument(field, message)
    })
}

/// How a record is read, as host programs write it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AskedReading {
    format: Option<String>,
    name: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
    time_zero: Option<String>,
    mapping: Option<AskedMapping>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct AskedMapping {
    columns: Option<AskedColumns>,
    variables: Option<BTreeMap<String, String>>,
    units: Option<BTreeMap<String, String>>,
    time_unit: Option<String>,
    zone: Option<String>,
    dates: Option<String>,
    statistic: Option<String>,
    ignored: Option<Vec<String>>,
}

/// Names of a table's columns, as host programs write them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AskedColumns {
    time: Option<String>,
    variable: Option<String>,
    value: Option<String>,
    unit: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
}

impl AskedColumns {
    /// The names of its fields.
    pub const FIELDS: [&str; 6] = ["time", "variable", "value", "unit", "patient", "encounter"];

    /// The names as the readers take them.
    #[must_use]
    pub fn names(self) -> ColumnNames {
        let Self { time, variable, value, unit, patient, encounter } = self;
        ColumnNames { time, variable, value, unit, patient, encounter }
    }
}

impl AskedMapping {
    fn checked(self) -> Result<Mapping> {
        Ok(Mapping {
            columns: self.columns.unwrap_or_default().names(),
            variables: self.variables.unwrap_or_default(),
            units: self.units.unwrap_or_default(),
            time_unit: self.time_unit.as_deref().map(str::parse).transpose()?,
            zone: self.zone,
            dates: self.dates.as_deref().map(str::parse).transpose()?,
            statistic: self.statistic,
            ignored: self.ignored.unwrap_or_default(),
        })
    }
}

impl AskedReading {
    /// The names of its fields.
    pub const FIELDS: [&str; 6] = ["format", "name", "patient", "encounter", "timeZero", "mapping"];

    /// Reads it from JSON.
    ///
    /// # Errors
    /// [`Kind::Argument`] where a field is unknown or of another type.
    pub fn from_json(text: &str) -> Result<Self> {
        from_json(text)
    }

    /// The options as the readers take them.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the field, and what it can be.
    pub fn options(self) -> Result<ReadOptions> {
        Ok(ReadOptions {
            format: self.format.as_deref().map_or(Ok(Format::Auto), str::parse)?,
            name: self.name.unwrap_or_default(),
            patient: self.patient,
            encounter: self.encounter,
            time_zero: self.time_zero.as_deref().map_or_else(|| Ok(Default::default()), str::parse)?,
            mapping: self.mapping.unwrap_or_default().checked()?,
        })
    }
}

/// Where a score went, with the inputs divided into cell values and masks; NaN throughout for a method that decomposes
/// nothing.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerParts {
    cells: f64,
    masks: f64,
    biases: f64,
    initial_states: f64,
    epsilon: f64,
    reference: f64,
}

impl LedgerParts {
    /// The parts of an explanation; `mask_columns` are marked, `[n_columns]`.
    #[must_use]
    pub fn of(relevance: &Relevance, mask_columns: &[bool]) -> Self {
        let Some(ledger) = relevance.ledger else {
            let none = f64::NAN;
            return Self {
                cells: none,
                masks: none,
                biases: none,
                initial_states: none,
                epsilon: none,
                reference: none,
            };
        };
        let masks = relevance.sum_of_columns(mask_columns);
        Self {
            cells: ledger.inputs - masks,
            masks,
            biases: ledger.biases,
            initial_states: ledger.initial_states,
            epsilon: ledger.epsilon,
            reference: ledger.reference,
        }
    }
}

/// A map from elsewhere of the output `target` as relevance of this input; it has no ledger, for nobody knows what it was to
/// add up to. `explain` explains the input by the networks in question: what they predict stands beside the map.
///
/// # Errors
/// [`Kind::Argument`] for a map of another length or with numbers that are not finite; as [`Model::trace`].
pub fn foreign(
    input: &[f32],
    values: Vec<f64>,
    target: usize,
    explain: impl FnOnce(&Options) -> Result<Relevance>,
) -> Result<Relevance> {
    let wrong = |message: String| Err(argument("explanation.relevance", message));
    if values.len() != input.len() {
        return wrong(format!("has {} numbers, where the input has {}", values.len(), input.len()));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return wrong("has a number that is not finite; mend it first".to_owned());
    }
    let of_score = Options { method: Method::Gradient, quantity: Some(Quantity::Score), target, ..Options::default() };
    let own = explain(&of_score)?;
    Ok(Relevance { score: own.logit, ledger: None, values, ..own })
}

/// An explanation with how it was asked for: what a host program holds.
#[derive(Debug, Clone)]
pub struct HeldExplanation {
    pub(super) relevance: Relevance,
    pub(super) options: Options,
    baseline: Option<Vec<f32>>,
    /// Whether it is a map from elsewhere, which cannot be made again.
    is_foreign: bool,
}

/// What is told of an explanation beside its relevance; numbers that there are none of are `null` in JSON.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationFacts {
    score: f64,
    logit: f64,
    probability: f64,
    is_probability: bool,
    residual: f64,
    note: Option<String>,
    ledger: LedgerParts,
}

impl HeldExplanation {
    /// Explains an input of `[n_steps * n_columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// As [`Model::explain_against`].
    pub fn new(model: &Model, input: &[f32], asked: &AskedExplanation) -> Result<Self> {
        let options = asked.options()?;
        let relevance = model.explain_against(&model.trace(input)?, asked.baseline.as_deref(), &options)?;
        Ok(Self { relevance, options, baseline: asked.baseline.clone(), is_foreign: false })
    }

    /// A map from elsewhere, `[n_steps * n_columns]`, to be painted and audited.
    ///
    /// # Errors
    /// As [`foreign`].
    pub fn foreign(model: &Model, input: &[f32], values: Vec<f64>, asked: &AskedExplanation) -> Result<Self> {
        let options = asked.options()?;
        let relevance = foreign(input, values, options.target, |options| model.explain(input, options))?;
        Ok(Self { relevance, options, baseline: asked.baseline.clone(), is_foreign: true })
    }

    /// Relevance of every input, `[n_steps * n_columns]`, in single precision.
    #[must_use]
    pub fn values(&self) -> Vec<f32> {
        self.relevance.values.iter().map(|value| single(*value)).collect()
    }

    /// What is told of it.
    #[must_use]
    pub fn facts(&self, manifest: &Manifest) -> ExplanationFacts {
        let it = &self.relevance;
        ExplanationFacts {
            score: it.score,
            logit: it.logit,
            probability: it.probability,
            is_probability: it.is_probability,
            residual: it.residual(),
            note: it.note.map(|note| note.to_string()),
            ledger: LedgerParts::of(it, &manifest.mask_columns()),
        }
    }

    /// Whether it is a derivative, whose pictures show magnitudes.
    #[must_use]
    pub const fn is_magnitude(&self) -> bool {
        matches!(self.options.method, Method::Gradient | Method::AbsGradient | Method::SmoothGrad) && !self.is_foreign
    }

    /// Relevance of every cell, `[n_channels * n_steps]` each: of its value, and of its being measured. Signed, also for
    /// derivatives.
    #[must_use]
    pub fn cells(&self, manifest: &Manifest) -> [Grid; 2] {
        let rows = rows(manifest);
        [Part::Value, Part::Mask].map(|part| Grid::relevance(&self.relevance.values, manifest.columns, &rows, part))
    }

    /// The places in `cells` of those with the most relevance of value and mask together, by magnitude, the strongest first.
    #[must_use]
    pub fn strongest(&self, manifest: &Manifest, count: usize) -> Vec<usize> {
        let grid = Grid::relevance(&self.relevance.values, manifest.columns, &rows(manifest), Part::Both);
        let mut places = strongest_cells(&grid);
        places.truncate(count);
        places
    }

    /// Measures how far it holds, all at once; without `details` what decides, and no more.
    ///
    /// # Errors
    /// As [`begin`].
    pub fn audit(&self, model: &Model, input: &[f32], details: bool) -> Result<AuditReport> {
        let map = Map { relevance: self.relevance.clone(), is_own: !self.is_foreign };
        let effort = Effort { seed: self.options.seed, ..Effort::default() };
        let model = Rc::new(model.clone());
        let audit = begin(&model, input, &self.options, self.baseline.clone(), Some(map), effort)?;
        if details { job::run(audit) } else { word(audit) }.map(AuditReport::of)
    }
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let (field, error) = first_wrong::<T>(text).unwrap_or_else(|| ("options".to_owned(), error));
        argument(&field, in_words(&error.to_string()))
    })
}

/// The first field that makes an object no `T`, and why: the error of the whole object does not name it.
fn first_wrong<T: DeserializeOwned>(text: &str) -> Option<(String, serde_json::Error)> {
    let fields: serde_json::Map<_, _> = serde_json::from_str(text).ok()?;
    fields.into_iter().find_map(|(field, value)| {
        let alone = serde_json::Map::from_iter([(field.clone(), value)]);
        Some((field, serde_json::from_value::<T>(alone.into()).err()?))
    })
}

/// What is wrong with a value, in place of what Rust calls the types that it could have had.
#[must_use]
pub fn in_words(error: &str) -> String {
    let mut words = error.trim_start_matches("Error: ").replace('`', "");
    for (rust, plain) in [
        ("invalid type: ", "is of another type: "),
        ("invalid value: ", "is out of range: "),
        ("floating point", "the number"),
        ("integer", "the number"),
        ("unit value", "nothing"),
        ("expected usize", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected f32", "expected a number"),
        ("a sequence", "a list"),
    ] {
        words = words.replace(rust, plain);
    }
    words
}

fn argument(field: &str, message: String) -> Error {
    Error::new(Kind::Argument, message).at(Place::Field(field.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{AskedExplanation, AskedReading};
    use crate::engine::explain::Method;

    #[test]
    fn a_field_of_another_type_is_named_in_words() {
        let error = |text| AskedExplanation::from_json(text).unwrap_err().to_string();
        let asked = error(r#"{"method": "lrp", "target": -1}"#);
        assert_eq!(asked, "argument: field target: is out of range: the number -1, expected a whole number from 0");
        let asked = error(r#"{"epsilon": "0.1"}"#);
        assert_eq!(asked, "argument: field epsilon: is of another type: string \"0.1\", expected a number");
        assert!(error(r#"{"epsilom": 1}"#).contains("epsilom"));
    }

    #[test]
    fn what_is_asked_has_the_names_of_javascript() {
        let asked = r#"{"method": "lrp", "biasFactor": 1, "target": 2, "baseline": [0.5]}"#;
        let asked = AskedExplanation::from_json(asked).unwrap();
        let options = asked.options().unwrap();
        assert_eq!((options.method, options.target, options.rule.bias_factor), (Method::Lrp, 2, 1.0));
        assert_eq!(asked.baseline, Some(vec![0.5]));
    }

    #[test]
    fn what_a_method_does_not_use_is_refused() {
        let read = |text| AskedExplanation::from_json(text).and_then(|it| it.options());
        let error = read(r#"{"steps": 5}"#).unwrap_err().to_string();
        assert_eq!(
            error,
            "argument: field steps: is of integrated-gradients and smooth-grad alone; lrp does not use it, so leave it out"
        );
        let error = |method: &str, field: &str, value: &str| {
            let text = format!(r#"{{"method": "{method}", "{field}": {value}}}"#);
            AskedExplanation::from_json(&text).and_then(|it| it.options()).err().map(|error| error.to_string())
        };
        for (field, value) in
            [("epsilon", "0.1"), ("biasFactor", "1"), ("rule", "\"arras2019\""), ("gates", "\"half\"")]
        {
            assert_eq!(error("lrp", field, value), None);
            assert!(error("deep-shap", field, value).unwrap().contains(&format!("field {field}: is of lrp alone")));
        }
        assert_eq!(error("smooth-grad", "noise", "0.2"), None);
        assert!(error("integrated-gradients", "noise", "0.2").unwrap().contains("is of smooth-grad alone"));
        assert_eq!(error("gradient", "seed", "3"), None);
    }

    #[test]
    fn what_is_unknown_is_named() {
        let error = |text| AskedExplanation::from_json(text).and_then(|it| it.options()).unwrap_err().to_string();
        assert!(error(r#"{"bias_factor": 1}"#).contains("unknown field bias_factor"));
        assert!(error(r#"{"method": "shap"}"#).starts_with("argument: field method: \"shap\" is not one"));
        let error = AskedReading::from_json(r#"{"format": "xls"}"#).unwrap().options().unwrap_err();
        assert!(error.to_string().contains("xls"));
    }
}
