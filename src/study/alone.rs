//! A network of which nothing is there but its file: what it is made of, what each method can do, and what to fill in.

use serde::Serialize;

use crate::engine::explain::{Method, Options, Quantity};
use crate::engine::graph::Operation;
use crate::engine::number::real;
use crate::model::ManifestSource;
use crate::stay::manifest::{Encoding, LayoutAxis, Manifest};
use crate::study::table::{CsvCell, TableWriter};
use crate::{Model, Result};

/// What a template leaves for a person to write.
pub const TO_BE_FILLED: &str = "to be filled";

/// What a network is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Anatomy {
    /// The inputs of the file, in its order.
    pub inputs: Vec<AnatomyInput>,
    /// What is computed, in order, without what only moves data.
    pub layers: Vec<AnatomyLayer>,
    /// Weights and biases of all layers together.
    pub parameters: usize,
    /// A name for each number that the network returns.
    pub outputs: Vec<String>,
    /// Outputs that are classes or names and not numbers, and inputs that nothing reads: they are left out.
    pub left_out: Vec<AnatomyRest>,
    /// Each method, and why it cannot explain the first output, where it cannot.
    pub methods: Vec<AnatomyMethod>,
    /// Whether a stay may have any number of steps.
    pub has_open_steps: bool,
}

/// One input of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnatomyInput {
    /// As the file calls it.
    pub name: String,
    /// Its axes, as numbers or `?` where the file leaves them open.
    pub shape: Vec<String>,
    /// Its first column in a stay, and how many it has.
    pub column: usize,
    /// How many columns it has.
    pub columns: usize,
    /// What it is to the network, as a manifest calls it.
    pub part: crate::stay::manifest::InputPart,
}

/// An input or an output of the file that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnatomyRest {
    /// As the file calls it.
    pub name: String,
    /// `label`: it holds no floating-point numbers; `unread`: nothing reads it.
    pub why: &'static str,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnatomyLayer {
    /// The node of the file.
    pub name: String,
    /// What it does, in a word or two.
    pub operation: &'static str,
    /// Numbers that it returns.
    pub outputs: usize,
}

/// What a method can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnatomyMethod {
    /// As options call it.
    pub method: &'static str,
    /// Why it is refused; empty where it is not.
    pub refusal: String,
}

/// What is asked of a network, and what a page calls the methods; Shapley values ask the score alone, as occlusion does.
const METHODS: [(Method, &str); 9] = [
    (Method::Lrp, "lrp"),
    (Method::Gradient, "gradient"),
    (Method::AbsGradient, "abs-gradient"),
    (Method::GradientXInput, "gradient-x-input"),
    (Method::IntegratedGradients, "integrated-gradients"),
    (Method::SmoothGrad, "smooth-grad"),
    (Method::DeepShap, "deep-shap"),
    (Method::Occlusion, "occlusion"),
    (Method::Occlusion, "shapley"),
];

impl Anatomy {
    /// Looks at a network.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let graph = model.graph();
        let is_layer = |operation: &Operation| !matches!(operation, Operation::Rearrange(_));
        let layers = graph.nodes.iter().filter(|node| is_layer(&node.operation)).map(|node| AnatomyLayer {
            name: node.name.clone(),
            operation: node.operation.name(),
            outputs: node.operation.outputs().first().map_or(0, |value| graph.lens[*value]),
        });
        let inputs = model.inputs().iter().map(|input| AnatomyInput {
            name: input.name.clone(),
            shape: input.shape.iter().map(|len| len.map_or_else(|| "?".to_owned(), |len| len.to_string())).collect(),
            column: input.columns.start,
            columns: input.columns.len(),
            part: input.part,
        });
        let rest = |names: &[String], why: &'static str| -> Vec<AnatomyRest> {
            names.iter().map(|name| AnatomyRest { name: name.clone(), why }).collect()
        };
        Self {
            left_out: [rest(model.labels(), "label"), rest(model.unread(), "unread")].concat(),
            inputs: inputs.collect(),
            layers: layers.collect(),
            parameters: model.n_parameters(),
            outputs: model.outputs().to_vec(),
            methods: METHODS.iter().map(|(method, name)| can(model, *method, name)).collect(),
            has_open_steps: model.has_open_steps(),
        }
    }
}

/// Whether a method can explain the first output of a network, by its options alone.
fn can(model: &Model, method: Method, name: &'static str) -> AnatomyMethod {
    let options = Options { method, quantity: Some(Quantity::Score), ..Options::default() };
    let refusal = model.scorer(&options).err().map_or_else(String::new, |error| error.message);
    AnatomyMethod { method: name, refusal }
}

/// A record to fill in: a column a variable, a line an hour, as tables are read. Its first line holds normal values, so that
/// it can be opened as it is.
#[must_use]
pub fn template_record(manifest: &Manifest) -> String {
    let names = manifest.channels.iter().map(|channel| channel.name.as_str());
    let mut table = TableWriter::new(std::iter::once("Hours").chain(names));
    for step in 0..manifest.steps {
        let hour = CsvCell::from((real(step) + 0.5) * manifest.step_hours);
        let cell = |channel: &crate::stay::manifest::Channel| match &channel.encoding {
            _ if step > 0 || channel.gap.is_some() => CsvCell::from(""),
            Encoding::Continuous { normal, .. } => CsvCell::from(*normal),
            Encoding::OneHot { normal, .. } => CsvCell::from(normal.as_str()),
        };
        table.row(std::iter::once(hour).chain(manifest.channels.iter().map(cell)));
    }
    table.text()
}

/// A manifest to fill in: the one that the network has or was given, in which what nothing says is marked [`TO_BE_FILLED`].
///
/// # Errors
/// Never in practice: a manifest is plain data.
pub fn template_manifest(model: &Model) -> Result<String> {
    let mut manifest = model.manifest().clone();
    let is_plain = model.manifest_source() == ManifestSource::BuiltIn;
    if is_plain {
        manifest.name = format!("{TO_BE_FILLED}: what the network predicts, and how");
        manifest.description = format!("{TO_BE_FILLED}: the data that it was trained on");
    }
    for channel in manifest.channels.iter_mut().filter(|_| is_plain) {
        if channel.group.is_empty() {
            channel.group = TO_BE_FILLED.to_owned();
        }
        if channel.unit.is_empty() {
            channel.unit = TO_BE_FILLED.to_owned();
        }
    }
    // What was assumed stands there to be changed; a single step has no axis that a manifest could name.
    if manifest.layout.is_empty() && model.assumed_layout().contains(&LayoutAxis::Steps) {
        manifest.layout = model.assumed_layout().to_vec();
    }
    serde_json::to_string_pretty(&manifest)
        .map_err(|error| crate::Error::new(crate::Kind::Manifest, format!("cannot be written: {error}")))
}
