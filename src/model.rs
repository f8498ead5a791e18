//! A model that can be run and explained.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::explain::integrated_gradients::Integral;
use crate::engine::explain::occlusion::Occlusion;
use crate::engine::explain::players::Replacement;
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::request::Request;
use crate::engine::explain::scorer::{Network, Scorer};
use crate::engine::explain::{Method, Options, Quantity, Scored, complete};
use crate::engine::graph::{Graph, INPUT, Link, Target};
use crate::engine::number::{real, whole};
use crate::engine::trace::{ReferenceRun, Trace};
use crate::error::{Error, Kind, Place, Result};
use crate::job::{Job, Progress};
use crate::onnx::{
    File, InputAxis, Known, KnownInput, LeftOut, MadeUp, NumberUse, PlacedInput, Plan, probe, whole_sites, with_layer,
};
use crate::stay::manifest::{
    InputPart, LayoutAxis, METADATA_KEY, Manifest, ModelInput, NamedInput, OutputHead, PredictionKind,
};
use crate::stay::removal::{By, Removal, normal_input};
use crate::stay::shown;

/// A recurrent network, what its numbers mean, and everything needed to explain it.
#[derive(Debug, Clone)]
pub struct Model {
    graph: Graph,
    plan: Plan,
    manifest: Arc<Manifest>,
    manifest_source: ManifestSource,
    n_steps: usize,
    n_columns: usize,
    outputs: Vec<String>,
    /// How many words each number of the input can be one of, where the model reads any: zero where it is none.
    words: Option<Vec<usize>>,
    /// Where the inputs of the file stand.
    placed: Vec<PlacedInput>,
    /// Whether something in it may be no number, as zero divided by zero is.
    divides: bool,
    /// The inputs of the file, in its order.
    inputs: Vec<FileInput>,
    /// What its axes are taken for, where nothing tells.
    assumed_layout: Vec<LayoutAxis>,
    /// What else the file has.
    left_out: LeftOut,
    /// What it was read from, where nothing says how many steps a stay has.
    open: Option<Arc<OpenFile>>,
    /// What its made-up run computes, as one number: networks of the same mark are taken for the same.
    mark: u64,
    /// The run of the last reference.
    kept: Arc<Mutex<Option<Arc<ReferenceRun>>>>,
}

/// A file that is read again for stays of another length.
#[derive(Debug)]
struct OpenFile {
    bytes: Vec<u8>,
    external: HashMap<String, Vec<u8>>,
}

/// The most numbers that are kept of a reference's run: 4 MB, and less than twice as much of its layers' sums.
const MOST_KEPT: usize = 1 << 20;

/// The steps of a stay where neither the file nor a manifest says how many there are, until there is a record.
pub const OPEN_STEPS: usize = 48;

/// An input of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileInput {
    /// As the file calls it.
    pub name: String,
    /// As the file has it; `None` for axes that it leaves open.
    pub shape: Vec<Option<usize>>,
    /// Its columns in a stay.
    pub columns: std::ops::Range<usize>,
    /// What it is to the network, as the manifest says or as its shape suggests.
    pub part: InputPart,
}

/// Where a model's manifest comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestSource {
    /// The model's file carries it.
    Inside,
    /// It was given beside a file that carries none.
    Beside,
    /// It was given beside a file that carries one, and took its place.
    InPlace,
    /// There was none: the built-in one for inputs of the benchmark's shape, else a plain one.
    BuiltIn,
}

/// Recorded and recomputed values may differ by so much, relative to values above 1: the rounding of single precision
/// over the sums of a layer, with room to spare. A misread weight or index is off by orders of magnitude more.
const TOLERANCE: f32 = 2e-4;
/// The error of a network whose every made-up run ends in no number.
const NO_NUMBER: &str = "the network itself gives no number (NaN, or an infinite one) for made-up stays, neither of numbers between -1 and 1 nor of numbers between 0 and 1; look for a root, a logarithm or a division of what may be zero, and keep its argument within what it takes (torch: x.clamp(min=1e-6))";

impl Model {
    /// Reads an ONNX file. `manifest` is JSON text that takes the place of the file's own; without either, 48 x 76
    /// inputs get the built-in manifest and others a plain one. `external` holds further files of the model by name.
    ///
    /// # Errors
    /// [`Kind::Model`], [`Kind::Unsupported`] or [`Kind::Manifest`], each with the place and what to do.
    pub fn read(bytes: &[u8], manifest: Option<&str>, external: &HashMap<String, Vec<u8>>) -> Result<Self> {
        Self::of_length(bytes, manifest, external, None)
    }

    /// Reads a network for stays of `n_steps` steps, where nothing says how many there are.
    ///
    /// # Errors
    /// [`Kind::Argument`] where the file or a manifest says it; and as [`Model::read`].
    pub fn at_length(&self, n_steps: usize) -> Result<Self> {
        let Some(open) = self.open.as_ref().filter(|_| n_steps > 0) else {
            let message = format!("the model reads stays of {} steps, and no others", self.n_steps);
            return Err(Error::new(Kind::Argument, message));
        };
        Self::of_length(&open.bytes, None, &open.external, Some(n_steps))
    }

    /// Whether nothing says how many steps a stay has, so that [`Model::at_length`] fits the model to a record.
    #[must_use]
    pub fn has_open_steps(&self) -> bool {
        self.open.is_some()
    }

    /// The inputs of the file, in its order.
    #[must_use]
    pub fn inputs(&self) -> &[FileInput] {
        &self.inputs
    }

    /// What the axes of the input with the steps are taken for, where neither the file nor a manifest nor what the layers do
    /// tells: `[batch, steps, columns]`, or a single step of so many columns. Empty where something does.
    #[must_use]
    pub fn assumed_layout(&self) -> &[LayoutAxis] {
        &self.assumed_layout
    }

    /// Outputs of the file that nothing explains: those that hold no floating-point numbers, as a class does, and those that
    /// follow from comparisons alone, or from nothing.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.left_out.labels
    }

    /// Inputs of the file that nothing in the network reads, where they fit no stay: they have no columns in one.
    #[must_use]
    pub fn unread(&self) -> &[String] {
        &self.left_out.unread
    }

    fn of_length(
        bytes: &[u8],
        manifest: Option<&str>,
        external: &HashMap<String, Vec<u8>>,
        asked_steps: Option<usize>,
    ) -> Result<Self> {
        let file = File::decode(bytes)?;
        let own = file.metadata(METADATA_KEY);
        let manifest_source = match (manifest, own) {
            (Some(_), Some(_)) => ManifestSource::InPlace,
            (Some(_), None) => ManifestSource::Beside,
            (None, Some(_)) => ManifestSource::Inside,
            (None, None) => ManifestSource::BuiltIn,
        };
        let text = manifest.or(own);
        let manifest = text.map(Manifest::from_json).transpose()?;
        let known = Known {
            sizes: manifest.as_ref().map(|manifest| [manifest.steps, manifest.columns]),
            usual_steps: Manifest::built_in_steps,
            open_steps: asked_steps.unwrap_or(OPEN_STEPS),
            takes_others: asked_steps.is_none(),
            step_hours: manifest.as_ref().map_or(1.0, |manifest| manifest.step_hours),
            inputs: &manifest.as_ref().map(known_inputs).unwrap_or_default(),
            layout: &manifest.as_ref().map(known_layout).unwrap_or_default(),
        };
        let network = file.read(external, &known).map_err(|error| with_layer(error, bytes))?;
        let (n_steps, n_columns, n_outputs) = (network.n_steps, network.n_columns, network.outputs.len());
        let manifest = match manifest {
            Some(manifest) => {
                manifest.check_fits(n_steps, n_columns, n_outputs)?;
                manifest
            }
            None => Manifest::built_in(n_steps, n_columns, n_outputs)?
                .named_after(&network.outputs)
                .with_hours(&output_heads(&network.graph, &network.parts, n_steps))
                .with_inputs(&network.inputs.iter().map(|input| named_input(input, None)).collect::<Vec<_>>()),
        };
        let (manifest, graph) = with_kinds(manifest, network.graph);
        let inputs: Vec<FileInput> = network.inputs.iter().map(|input| file_input(input, &manifest)).collect();
        let lengths = inputs.iter().filter(|input| input.part == InputPart::Length);
        let manifest = Manifest { lengths: lengths.flat_map(|input| input.columns.clone()).collect(), ..manifest };
        let words = graph.n_words().map(|_| graph.word_counts());
        let mut model = Self {
            words,
            placed: network.inputs,
            inputs,
            assumed_layout: network.assumed_layout.into_iter().map(layout_axis).collect(),
            left_out: network.left_out,
            open: network
                .has_open_steps
                .then(|| Arc::new(OpenFile { bytes: bytes.to_vec(), external: external.clone() })),
            divides: graph.divides(),
            graph,
            plan: network.plan,
            manifest: Arc::new(manifest),
            manifest_source,
            n_steps,
            n_columns,
            outputs: network.outputs,
            mark: 0,
            kept: Arc::default(),
        };
        model.mark = model.check_reading(&network.as_written)?;
        Ok(model)
    }

    /// A number that is the same for the same network, however often it is read and whatever its manifest: what it computes
    /// of a made-up stay, layer by layer.
    #[must_use]
    pub const fn mark(&self) -> u64 {
        self.mark
    }

    /// What the model's columns and outputs mean.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same, to be kept beside what was read by it.
    #[must_use]
    pub fn kept_manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.manifest)
    }

    /// Where the manifest comes from.
    #[must_use]
    pub const fn manifest_source(&self) -> ManifestSource {
        self.manifest_source
    }

    /// Steps of the input.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Columns of the input.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// A name for each number that the model returns.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Number of weights and biases; the two biases of a recurrent node count as one.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.graph.n_parameters()
    }

    /// How many words the model knows, if it reads words; an input is then whole numbers from 0 to below this.
    #[must_use]
    pub fn n_words(&self) -> Option<usize> {
        self.graph.n_words()
    }

    /// The graph that explanations walk.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The model's outputs for an input of `[n_steps * n_columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// As [`Model::trace`].
    pub fn predict(&self, input: &[f32]) -> Result<Vec<f32>> {
        if self.divides {
            return Ok(self.trace(input)?.outputs);
        }
        self.check_input(input)?;
        let outputs = self.plan.predict(input)?;
        self.check_outputs(outputs.iter().map(|output| f64::from(*output)))?;
        self.check_kinds(&outputs, "this input")?;
        Ok(outputs)
    }

    /// Runs the model and records everything that an explanation needs.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an input of the wrong length or with numbers that are not finite; [`Kind::NotFinite`] where
    /// the model gives no number for it; [`Kind::Manifest`] where it leaves 0 to 1 and the manifest says `"probability"`.
    pub fn trace(&self, input: &[f32]) -> Result<Trace> {
        self.check_input(input)?;
        let trace = self.plan.run(&self.graph, input, None)?;
        self.check_outputs(trace.outputs.iter().map(|output| f64::from(*output)))?;
        self.check_kinds(&trace.outputs, "this input")?;
        if self.divides {
            // A sigmoid by vector code makes a number of NaN: what it is of has to be looked at.
            let score = |target| Scored::of(&self.graph, &trace, target).score;
            self.check_outputs(self.graph.targets.iter().map(score))?;
        }
        Ok(trace)
    }

    /// Checks that what the model returned, or the scores below it, are numbers.
    fn check_outputs(&self, outputs: impl Iterator<Item = f64>) -> Result<()> {
        let Some((index, output)) = outputs.enumerate().find(|(_, output)| !output.is_finite()) else { return Ok(()) };
        let name = self.outputs.get(index).map_or(String::new(), |name| format!(" (output {index}, \"{name}\")"));
        Err(Error::new(Kind::NotFinite, format!("the network itself returns {output} for this input{name}")))
    }

    /// Checks that the model can read an input.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an input of the wrong length or with numbers that are not finite.
    pub fn check_input(&self, input: &[f32]) -> Result<()> {
        let expected = self.n_steps * self.n_columns;
        if input.len() != expected {
            let message = format!(
                "the input has {} numbers; the model reads {} steps x {} columns = {expected}",
                input.len(),
                self.n_steps,
                self.n_columns
            );
            return Err(Error::new(Kind::Argument, message));
        }
        if let Some(index) = input.iter().position(|x| !x.is_finite()) {
            let (step, column) = (index / self.n_columns, index % self.n_columns);
            return Err(Error::new(Kind::Argument, format!("input column {column} at step {step} is not a number")));
        }
        self.check_lengths(input)?;
        self.check_words(input)
    }

    /// A network that is told of more steps than there are reads past its input, or stops in words of its own.
    fn check_lengths(&self, input: &[f32]) -> Result<()> {
        let last = &input[(self.n_steps - 1) * self.n_columns..];
        let is_too_long = |column: &&usize| f64::from(last[**column]) > real(self.n_steps);
        let Some(column) = self.manifest.lengths.iter().find(is_too_long) else { return Ok(()) };
        let channel = self.manifest.channels.iter().find(|channel| channel.columns.contains(column));
        let name = channel.map_or_else(|| format!("column {column}"), |channel| format!("\"{}\"", channel.name));
        let message = format!(
            "{name} says how many steps the stay has and is {}; the model reads {} at most",
            last[*column], self.n_steps
        );
        Err(Error::new(Kind::Argument, message))
    }

    /// Whether a number of the input is a word.
    fn is_word(&self, index: usize) -> bool {
        self.words.as_ref().is_some_and(|counts| counts[index] > 0)
    }

    fn check_words(&self, input: &[f32]) -> Result<()> {
        let refuse = |message: String| Err(Error::new(Kind::Argument, message));
        if let Some(counts) = &self.words {
            let is_known = |x: f32, count: usize| x.fract() == 0.0 && x >= 0.0 && whole(f64::from(x)) < count;
            if let Some(index) = (0..input.len()).find(|k| counts[*k] > 0 && !is_known(input[*k], counts[*k])) {
                let (step, last) = (index / self.n_columns, counts[index] - 1);
                let of = self.placed.iter().filter(|_| self.placed.len() > 1);
                let of = of.into_iter().find(|it| it.columns.contains(&(index % self.n_columns)));
                let of = of.map_or_else(String::new, |it| format!(" of the input \"{}\"", shown(&it.name)));
                return refuse(format!(
                    "the word at step {step}{of} is {}; words are the whole numbers from 0 to {last}",
                    input[index]
                ));
            }
        }
        let is_wrong = |(index, of): &(usize, &PlacedInput)| {
            of.is_whole && input[*index].fract() != 0.0
                || of.is_truth && !self.is_word(*index) && ![0.0, 1.0].contains(&input[*index])
        };
        match whole_sites(&self.placed, [self.n_steps, self.n_columns]).find(is_wrong) {
            None => Ok(()),
            Some((index, of)) => refuse(format!(
                "input column {} at step {} is {}; the network reads {} there, by its input \"{}\"",
                index % self.n_columns,
                index / self.n_columns,
                input[index],
                if of.is_truth { "1 or 0, true or false," } else { "a whole number" },
                of.name
            )),
        }
    }

    /// Explains an input of `[n_steps * n_columns]` numbers, row-major, in model units.
    ///
    /// # Errors
    /// As [`Model::trace`]; [`Kind::Argument`] for options that are out of range; [`Kind::Mismatch`] where the
    /// recorded values do not add up to what tract computed; [`Kind::Unstable`] where the explanation does not add up to
    /// the score.
    pub fn explain(&self, input: &[f32], options: &Options) -> Result<Relevance> {
        self.explain_trace(&self.trace(input)?, options)
    }

    /// Explains many inputs, `[n_stays, n_steps * n_columns]`: each exactly as [`Model::explain_against`] does.
    ///
    /// # Errors
    /// As [`Model::explain_against`], with the number of the stay, counted from 0; [`Kind::Argument`] where the last stay is cut off.
    pub fn explain_batch(&self, inputs: &[f32], baseline: Option<&[f32]>, options: &Options) -> Result<Vec<Relevance>> {
        let len = self.n_steps * self.n_columns;
        let stays = inputs.chunks(len.max(1)).enumerate();
        let explain = |(index, input): (usize, &[f32])| {
            let found = self.trace(input).and_then(|run| self.explain_against(&run, baseline, options));
            found.map_err(|error| error.at(Place::Field(format!("stay {index}"))))
        };
        stays.map(explain).collect()
    }

    /// Explains a run that was recorded before.
    ///
    /// # Errors
    /// As [`Model::explain`].
    pub fn explain_trace(&self, trace: &Trace, options: &Options) -> Result<Relevance> {
        self.explain_against(trace, None, options)
    }

    /// Explains a recorded run against a baseline, `[n_steps * n_columns]`, for methods that explain the difference from
    /// one; without one it is the all-normal stay. Other methods ignore it.
    ///
    /// # Errors
    /// As [`Model::explain`].
    pub fn explain_against(&self, trace: &Trace, baseline: Option<&[f32]>, options: &Options) -> Result<Relevance> {
        crate::job::run(Explaining::new(self, trace, baseline, options)?)
    }

    /// The all-normal stay, of the same length as an input: how many steps there are is not what a prediction rests on.
    fn reference(&self, input: &[f32]) -> Vec<f32> {
        let mut reference = normal_input(&self.manifest);
        let from = (self.n_steps - 1) * self.n_columns;
        for column in &self.manifest.lengths {
            reference[from + column] = input[from + column];
        }
        reference
    }

    /// Checks that the recorded values give what the model returned.
    fn check_scored(&self, trace: &Trace, options: &Options) -> Result<()> {
        let scored = Scored::of(&self.graph, trace, &self.scorer(options)?.target);
        let output = trace.outputs[options.target];
        if agree(scored.probability, output) {
            return Ok(());
        }
        let message =
            format!("the recorded values give {}, the model {output}; please report this model", scored.probability);
        Err(Error::new(Kind::Mismatch, message))
    }

    /// The number that options ask to explain, of any input.
    ///
    /// # Errors
    /// [`Kind::Argument`] for options that are out of range or do not go with the model.
    pub fn scorer(&self, options: &Options) -> Result<Scorer<&Self>> {
        options.check()?;
        let field = |name: &str, message: String| Error::new(Kind::Argument, message).at(Place::Field(name.into()));
        let target = self.graph.targets.get(options.target).ok_or_else(|| {
            field("target", format!("is {}; the model returns {} numbers", options.target, self.outputs.len()))
        })?;
        let between = matches!(options.method, Method::IntegratedGradients | Method::SmoothGrad);
        if between && !self.held().contains(&false) {
            let message = "takes inputs that lie between others, and nothing lies between two words or other whole numbers; choose deep-shap";
            return Err(field("method", message.into()));
        }
        let quantity = options.quantity(self.graph.targets.len() == 1 && target.link == Link::Sigmoid);
        if quantity == Quantity::Paper && (target.link != Link::Sigmoid || self.graph.dense_below(target).is_none()) {
            return Err(field(
                "explain",
                "the paper's rule needs a dense layer with a sigmoid at the output; choose \"score\"".into(),
            ));
        }
        Ok(Scorer { network: self, target: target.clone(), quantity })
    }

    /// Refuses a manifest that calls a number a probability which the network shows to be none, by what it returns for
    /// `input`, in words.
    fn check_kinds(&self, outputs: &[f32], input: &str) -> Result<()> {
        let is_none = |(target, output): &(&Target, &f32)| target.is_probability && !(-1e-4..=1.0001).contains(*output);
        let found = self.graph.targets.iter().zip(outputs).position(|pair| is_none(&pair));
        let Some((target, meaning)) = found.and_then(|target| Some((target, self.manifest.meaning(target)?))) else {
            return Ok(());
        };
        let message = format!(
            "is \"probability\", and the network returns {} for {input}; write \"number\", or export the network with its sigmoid or softmax",
            outputs[target]
        );
        Err(Error::new(Kind::Manifest, message).at(Place::Field(format!("outcomes[{}].kind", meaning.outcome))))
    }

    /// Runs the model once on made-up numbers: as it was written, as it will be run, and as the graph says, whose recurrent
    /// layers are computed by the plain equations (`recurrence/witness.rs`). A model that was misread, or whose kernels are
    /// wrong, is not explained. Recurrent layers that are large or long take their first steps alone, in all three.
    fn check_reading(&self, as_written: &Plan) -> Result<u64> {
        let most = Trace::witnessed_steps(&self.graph);
        let run = |made_up: MadeUp| {
            let input = probe((1, made_up), &self.graph, &self.placed, [self.n_steps, self.n_columns]);
            as_written.run(&self.graph, &input, Some(most)).map(|recorded| (input, recorded))
        };
        let is_finite = |(_, recorded): &(Vec<f32>, Trace)| recorded.outputs.iter().all(|output| output.is_finite());
        // A cell may make numbers of what is none.
        let is_clean =
            |(_, recorded): &(Vec<f32>, Trace)| !recorded.values.iter().flatten().any(|value| value.is_nan());
        let [signed, positive] = MadeUp::ALL;
        let mut made_up = run(signed)?;
        if !is_finite(&made_up) || !is_clean(&made_up) {
            let other = run(positive)?;
            if !is_finite(&made_up) || is_finite(&other) && is_clean(&other) {
                made_up = other;
            }
        }
        if !is_finite(&made_up) {
            return Err(Error::new(Kind::Unsupported, NO_NUMBER));
        }
        let (input, recorded) = made_up;
        self.check_kinds(&recorded.outputs, "a made-up stay")?;
        let joined = self.plan.run(&self.graph, &input, Some(most))?;
        for other in [joined, Trace::witness(&self.graph, &input, most)] {
            recorded.compare(&self.graph, &other, TOLERANCE)?;
            let outputs = recorded.outputs.iter().zip(&other.outputs);
            let lens = (recorded.outputs.len(), other.outputs.len());
            if lens.0 != lens.1 || !outputs.into_iter().all(|(a, b)| agree(f64::from(*b), *a)) {
                return Err(Error::new(
                    Kind::Mismatch,
                    "the graph that is explained does not compute what the model computes; please report this model",
                ));
            }
        }
        let mut mark = DefaultHasher::new();
        recorded.values.iter().flatten().for_each(|value| value.to_bits().hash(&mut mark));
        Ok(mark.finish())
    }
}

/// An explanation on its way, unit by unit where its method takes many runs.
#[derive(Debug)]
pub struct Explaining<N> {
    work: ExplainingWork<N>,
    method: Method,
    /// The probability shown is tract's.
    probability: f64,
}

#[derive(Debug)]
enum ExplainingWork<N> {
    /// Done in one unit.
    Done(Box<Relevance>),
    /// A unit is some derivatives.
    Integral(Box<Integral<N>>),
    /// A unit is a measurement.
    Measurements(Box<Occlusion<N, Removal>>),
    /// A unit is a word.
    Words(Box<Occlusion<N, Replacement>>),
}

impl<N: Network + AsRef<Model> + Clone> Explaining<N> {
    /// Begins with a recorded run; see [`Model::explain_against`].
    ///
    /// # Errors
    /// As [`Model::explain`].
    pub fn new(network: N, trace: &Trace, baseline: Option<&[f32]>, options: &Options) -> Result<Self> {
        let model = network.as_ref();
        let scorer = model.scorer(options)?.over(network.clone());
        model.check_scored(trace, options)?;
        if let Some(baseline) = baseline {
            model.check_input(baseline).map_err(|error| error.at(Place::Field("baseline".into())))?;
        }
        let input = &trace.values[INPUT];
        // Making the all-normal stay takes a twentieth of an explanation: only where it is read.
        let baseline = || baseline.map_or_else(|| model.reference(input), <[f32]>::to_vec);
        let work = match options.method {
            Method::Occlusion if model.words.is_some() => {
                // A word cannot be carried forward: the baseline's word takes its place.
                let groups = (0..input.len()).map(|index| vec![index]).collect();
                ExplainingWork::Words(Box::new(Occlusion::new(scorer, Replacement::new(input, &baseline(), groups))?))
            }
            Method::Occlusion => {
                let removal = Removal::new(&model.manifest, input, By::Measurement);
                ExplainingWork::Measurements(Box::new(Occlusion::new(scorer, removal)?))
            }
            Method::IntegratedGradients => {
                ExplainingWork::Integral(Box::new(Integral::new(scorer, trace, &baseline(), options.steps())?))
            }
            method => {
                let baseline = if method.is_against_baseline() { baseline() } else { Vec::new() };
                ExplainingWork::Done(Box::new(Request { options: *options, baseline }.explain_trace(&scorer, trace)?))
            }
        };
        Ok(Self { work, method: options.method, probability: f64::from(trace.outputs[options.target]) })
    }
}

impl<N: Network> Job for Explaining<N> {
    type Output = Relevance;

    fn advance(&mut self) -> Result<bool> {
        match &mut self.work {
            ExplainingWork::Done(_) => Ok(true),
            ExplainingWork::Integral(job) => job.advance(),
            ExplainingWork::Measurements(job) => job.advance(),
            ExplainingWork::Words(job) => job.advance(),
        }
    }

    fn progress(&self) -> Progress {
        match &self.work {
            ExplainingWork::Done(_) => Progress { done: 1, total: 1 },
            ExplainingWork::Integral(job) => job.progress(),
            ExplainingWork::Measurements(job) => job.progress(),
            ExplainingWork::Words(job) => job.progress(),
        }
    }

    fn finish(self) -> Result<Relevance> {
        let relevance = match self.work {
            ExplainingWork::Done(relevance) => *relevance,
            ExplainingWork::Integral(job) => job.finish()?,
            ExplainingWork::Measurements(job) => job.finish()?.relevance,
            ExplainingWork::Words(job) => job.finish()?.relevance,
        };
        complete::check(self.method, &relevance)?;
        Ok(Relevance { probability: self.probability, ..relevance })
    }
}

impl AsRef<Self> for Model {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Network for Model {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn trace(&self, input: &[f32]) -> Result<Trace> {
        self.trace(input)
    }

    fn reference(&self, input: &[f32]) -> Result<Arc<ReferenceRun>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = kept().as_ref().filter(|run| run.trace().values[INPUT] == input) {
            return Ok(Arc::clone(run));
        }
        let trace = self.trace(input)?;
        let n_numbers: usize = trace.values.iter().chain(&trace.tapes).map(Vec::len).sum();
        let run = Arc::new(ReferenceRun::new(trace));
        *kept() = (n_numbers <= MOST_KEPT).then(|| Arc::clone(&run));
        Ok(run)
    }

    /// Words, other whole numbers such as lengths, and masks that are true or false.
    fn held(&self) -> Vec<bool> {
        let mut held = self.graph.words();
        for (index, of) in whole_sites(&self.placed, [self.n_steps, self.n_columns]) {
            held[index] |= of.is_whole || of.is_truth;
        }
        held
    }
}

/// Whether a value equals what tract computed, up to [`TOLERANCE`]; NaN never does.
fn agree(value: f64, computed: f32) -> bool {
    (value - f64::from(computed)).abs() <= f64::from(TOLERANCE * computed.abs().max(1.0))
}

/// What a manifest says of the inputs of the file.
fn known_inputs(manifest: &Manifest) -> Vec<KnownInput> {
    let known = |input: &ModelInput| KnownInput {
        name: input.name.clone(),
        is_beside: input.part.is_beside(),
        is_either: input.part == InputPart::Code,
        n_columns: input.columns,
    };
    manifest.inputs.iter().map(known).collect()
}

/// The outputs of a file, each with how many numbers it has, and which of them the network gives at every step: number k of
/// such a one reads the last recurrent layers at step `k / n_a_step`, and what a step has is one number or shares of classes.
fn output_heads(graph: &Graph, parts: &[(String, usize)], n_steps: usize) -> Vec<OutputHead> {
    let steps = graph.steps_of_targets();
    let mut first = 0;
    let head = |(name, n_numbers): &(String, usize)| {
        let own = first..first + n_numbers;
        first = own.end;
        let n_a_step = n_numbers / n_steps;
        let is_each = |(k, step): (usize, &Option<usize>)| *step == Some(k / n_a_step);
        let is_hourly = n_steps > 1 && n_numbers % n_steps == 0 && steps[own.clone()].iter().enumerate().all(is_each);
        let is_all = |is: fn(&Link) -> bool| graph.targets[own.clone()].iter().all(|target| is(&target.link));
        let is_one_thing = n_a_step == 1 || is_all(|link| matches!(link, Link::Softmax { .. }));
        OutputHead {
            name: name.clone(),
            n_numbers: *n_numbers,
            n_a_step: (is_hourly && is_one_thing).then_some(n_a_step),
        }
    };
    parts.iter().map(head).collect()
}

/// The manifest with what the network tells of outcomes whose kind is left out, and the graph with what the manifest says of
/// the others: from here on both say the same.
fn with_kinds(mut manifest: Manifest, mut graph: Graph) -> (Manifest, Graph) {
    let mut targets = graph.targets.iter_mut();
    for outcome in &mut manifest.outcomes {
        let n_numbers = outcome.n_numbers(manifest.steps).unwrap_or_default();
        let own: Vec<_> = targets.by_ref().take(n_numbers).collect();
        match outcome.kind {
            Some(kind) => own.into_iter().for_each(|it| it.is_probability = kind == PredictionKind::Probability),
            None if own.iter().all(|it| it.is_probability) => {}
            None => {
                outcome.kind = Some(PredictionKind::Number);
                own.into_iter().for_each(|it| it.is_probability = false);
            }
        }
    }
    (manifest, graph)
}

/// An input with what it is, as `said` or as its shape and the network suggest.
fn named_input(input: &PlacedInput, said: Option<InputPart>) -> NamedInput {
    let is_one = input.columns.len() == 1 && input.is_beside;
    let part = said.unwrap_or(match input.counted {
        _ if input.is_state => InputPart::State,
        Some(NumberUse::Length) if is_one => InputPart::Length,
        Some(NumberUse::Length | NumberUse::Code) if input.is_whole => InputPart::Code,
        _ if input.is_beside => InputPart::Static,
        _ if input.is_truth => InputPart::Mask,
        _ => InputPart::Value,
    });
    NamedInput { name: input.name.clone(), columns: input.columns.clone(), part, is_beside: input.is_beside }
}

fn file_input(input: &PlacedInput, manifest: &Manifest) -> FileInput {
    let said = manifest.inputs.iter().find(|other| other.name == input.name).map(|other| other.part);
    let NamedInput { name, columns, part, .. } = named_input(input, said);
    FileInput { name, shape: input.shape.clone(), columns, part }
}

/// What a manifest says of the axes of the sequence.
fn known_layout(manifest: &Manifest) -> Vec<InputAxis> {
    let axis = |axis: &LayoutAxis| match axis {
        LayoutAxis::Batch => InputAxis::Batch,
        LayoutAxis::Steps => InputAxis::Steps,
        LayoutAxis::Columns => InputAxis::Columns,
        LayoutAxis::Rows => InputAxis::Rows,
    };
    manifest.layout.iter().map(axis).collect()
}

/// What a manifest calls an axis.
const fn layout_axis(axis: InputAxis) -> LayoutAxis {
    match axis {
        InputAxis::Batch => LayoutAxis::Batch,
        InputAxis::Steps => LayoutAxis::Steps,
        InputAxis::Columns => LayoutAxis::Columns,
        InputAxis::Rows => LayoutAxis::Rows,
    }
}
