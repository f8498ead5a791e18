//! Several networks that read the same columns, shown as one.

use std::rc::Rc;

use crate::Model;
use crate::engine::explain::ensemble::{NetworkSpread, agreeing, mean};
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::{Options, Scored};
use crate::engine::graph::{Link, Target};
use crate::engine::number::{real, single};
use crate::engine::trace::Trace;
use crate::error::{Error, Kind, Place, Result};
use crate::stay::manifest::{Channel, Manifest};

/// What is run as one: a network, or several whose mean is shown.
pub trait Networks {
    /// The one whose manifest says what the columns of all of them mean.
    fn lead(&self) -> &Model;

    /// All of them, at least one.
    fn all(&self) -> Vec<&Model>;

    /// Does the same with each. An error names the network where there are several.
    ///
    /// # Errors
    /// Those of `of`.
    fn each<T>(&self, of: impl Fn(&Model) -> Result<T>) -> Result<Vec<T>> {
        let all = self.all();
        let named = |(index, model): (usize, &&Model)| {
            of(model).map_err(|error| match all.len() {
                0 | 1 => error,
                n => {
                    let message = format!("network {} of {n}: {}", index + 1, error.message);
                    error.saying(message)
                }
            })
        };
        all.iter().enumerate().map(named).collect()
    }

    /// The recorded run of each for `[n_steps * n_columns]` numbers.
    ///
    /// # Errors
    /// As [`Model::trace`].
    fn runs(&self, input: &[f32]) -> Result<Vec<Trace>> {
        self.each(|model| model.trace(input))
    }

    /// The mean of one output over all, for `[n_steps * n_columns]` numbers.
    ///
    /// # Errors
    /// As [`Model::predict`]; [`Kind::Argument`] for an output that there is none of.
    fn output(&self, input: &[f32], target: usize) -> Result<f64> {
        let outputs = self.each(|model| chosen(&model.predict(input)?, target))?;
        Ok(outputs.iter().sum::<f64>() / real(outputs.len()))
    }

    /// The mean of every output over all, likewise.
    ///
    /// # Errors
    /// As [`Model::predict`].
    fn predictions(&self, input: &[f32]) -> Result<Vec<f64>> {
        let each = self.each(|model| model.predict(input))?;
        let mean = |k: usize| each.iter().map(|of| f64::from(of[k])).sum::<f64>() / real(each.len());
        Ok((0..self.lead().outputs().len()).map(mean).collect())
    }
}

impl Networks for Model {
    fn lead(&self) -> &Model {
        self
    }

    fn all(&self) -> Vec<&Model> {
        vec![self]
    }
}

impl Networks for Models {
    fn lead(&self) -> &Model {
        &self.members[0]
    }

    fn all(&self) -> Vec<&Model> {
        self.members.iter().map(AsRef::as_ref).collect()
    }
}

impl<N: Networks + ?Sized> Networks for Rc<N> {
    fn lead(&self) -> &Model {
        (**self).lead()
    }

    fn all(&self) -> Vec<&Model> {
        (**self).all()
    }
}

/// One of a model's outputs.
///
/// # Errors
/// [`Kind::Argument`] where there is no such output.
pub fn chosen(outputs: &[f32], target: usize) -> Result<f64> {
    outputs.get(target).map(|output| f64::from(*output)).ok_or_else(|| {
        let message = format!("is {target}; the model returns {} numbers", outputs.len());
        Error::new(Kind::Argument, message).at(place("target"))
    })
}

/// Networks with the same steps, columns and outputs; at least one.
#[derive(Debug, Clone)]
pub struct Models {
    members: Vec<Rc<Model>>,
}

/// What several networks make of one output for one input.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// The output as each network gives it.
    pub probability: NetworkSpread,
    /// The score of each, before the sigmoid.
    pub score: NetworkSpread,
}

/// One explanation by several networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The mean of all: it explains the mean of what each explains, and its probability is the mean probability.
    pub mean: Relevance,
    /// That of each network.
    pub each: Vec<Relevance>,
}

impl Explained {
    /// What several explanations of one input come to.
    ///
    /// # Errors
    /// [`Kind::Argument`] where there is none.
    pub fn of(each: Vec<Relevance>) -> Result<Self> {
        let none = || Error::new(Kind::Argument, "no network was given; give at least one");
        Ok(Self { mean: mean(&each).ok_or_else(none)?, each })
    }

    /// How many networks agree with the sign of the mean, cell by cell, `[n_steps * n_columns]`.
    #[must_use]
    pub fn agreeing(&self) -> Vec<usize> {
        agreeing(&self.each.iter().map(|it| it.values.as_slice()).collect::<Vec<_>>())
    }
}

impl Models {
    /// Puts networks together. Their manifests may differ in name and description.
    ///
    /// # Errors
    /// [`Kind::Argument`] where there is none, or where one reads or returns something else than the first, with its
    /// place in the list, its name and what differs.
    pub fn new(members: Vec<Rc<Model>>) -> Result<Self> {
        let Some((first, others)) = members.split_first() else {
            return Err(Error::new(Kind::Argument, "no network was given; give at least one").at(place("models")));
        };
        for (index, other) in others.iter().enumerate() {
            if let Some(difference) = difference(first, other) {
                let message = format!(
                    "\"{}\" {difference} than \"{}\"; networks are shown together where they read and predict the same: open it on its own",
                    other.manifest().name,
                    first.manifest().name
                );
                return Err(Error::new(Kind::Argument, message).at(place(&format!("models[{}]", index + 1))));
            }
        }
        Ok(Self { members })
    }

    /// The same networks for stays of `n_steps` steps, where nothing says how many there are.
    ///
    /// # Errors
    /// As [`Model::at_length`], with the network's place in the list.
    pub fn at_length(&self, n_steps: usize) -> Result<Self> {
        Self::new(self.each(|model| model.at_length(n_steps))?.into_iter().map(Rc::new).collect())
    }

    /// The networks, in the order in which they were given.
    #[must_use]
    pub fn members(&self) -> &[Rc<Model>] {
        &self.members
    }

    /// The first network, whose manifest says what the columns of all of them mean.
    #[must_use]
    pub fn first(&self) -> &Rc<Model> {
        &self.members[0]
    }

    /// The mean of the networks' outputs for `[n_steps * n_columns]` numbers, one a number that they return.
    ///
    /// # Errors
    /// As [`Model::predict`], with the network that it was.
    pub fn predict(&self, input: &[f32]) -> Result<Vec<f32>> {
        let outputs = self.each(|model| model.predict(input))?;
        let mean = |k: usize| outputs.iter().map(|of| f64::from(of[k])).sum::<f64>() / real(outputs.len());
        Ok((0..self.first().outputs().len()).map(|k| single(mean(k))).collect())
    }

    /// What each network makes of one output, their mean, and how far they spread.
    ///
    /// # Errors
    /// As [`Model::trace`], with the network that it was; [`Kind::Argument`] for an output that there is none of.
    pub fn together(&self, input: &[f32], target: usize) -> Result<Together> {
        let both = self.each(|model| {
            let scorer = model.scorer(&Options { target, ..Options::default() })?;
            let trace = model.trace(input)?;
            let score = Scored::of(model.graph(), &trace, &scorer.target).score;
            Ok((f64::from(trace.outputs[target]), score))
        })?;
        let (probabilities, scores) = both.into_iter().unzip();
        Ok(Together { probability: NetworkSpread::of(probabilities), score: NetworkSpread::of(scores) })
    }

    /// Explains an input by every network, each against the same baseline, see [`Model::explain_against`].
    ///
    /// # Errors
    /// As [`Model::explain_against`], with the network that it was.
    pub fn explain(&self, input: &[f32], baseline: Option<&[f32]>, options: &Options) -> Result<Explained> {
        Explained::of(self.each(|model| model.explain_against(&model.trace(input)?, baseline, options))?)
    }

    /// Explains many inputs, see [`Model::explain_batch`]: the mean of what the networks say of each.
    ///
    /// # Errors
    /// As [`Model::explain_batch`], with the network that it was.
    pub fn explain_batch(&self, inputs: &[f32], baseline: Option<&[f32]>, options: &Options) -> Result<Vec<Relevance>> {
        let each = self.each(|model| model.explain_batch(inputs, baseline, options))?;
        let mut lists: Vec<_> = each.into_iter().map(Vec::into_iter).collect();
        let next = || Some(lists.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>()).filter(|it| !it.is_empty());
        std::iter::from_fn(next).map(|of_stay| Ok(Explained::of(of_stay)?.mean)).collect()
    }

    /// The same for runs that were recorded before, one a network.
    ///
    /// # Errors
    /// As [`Models::explain`].
    pub fn explain_runs(&self, runs: &[Trace], baseline: Option<&[f32]>, options: &Options) -> Result<Explained> {
        let pairs = self.members.iter().zip(runs);
        Explained::of(pairs.map(|(model, run)| model.explain_against(run, baseline, options)).collect::<Result<_>>()?)
    }
}

impl From<Rc<Model>> for Models {
    fn from(model: Rc<Model>) -> Self {
        Self { members: vec![model] }
    }
}

impl From<&Rc<Model>> for Models {
    fn from(model: &Rc<Model>) -> Self {
        Self { members: vec![Rc::clone(model)] }
    }
}

fn place(field: &str) -> Place {
    Place::Field(field.to_owned())
}

/// How a network reads or predicts otherwise than the first, as words between their names; `None` where it does not.
fn difference(first: &Model, other: &Model) -> Option<String> {
    let counts = [("steps", first.n_steps(), other.n_steps()), ("columns", first.n_columns(), other.n_columns())];
    if let Some((what, of_first, of_other)) = counts.into_iter().find(|(_, a, b)| a != b) {
        return Some(format!("reads {of_other} {what} and not {of_first}, other"));
    }
    if first.outputs().len() != other.outputs().len() {
        return Some(format!("returns {} numbers and not {}, other", other.outputs().len(), first.outputs().len()));
    }
    // Scores of two units have no mean.
    let kinds = |model: &Model| -> Vec<[bool; 2]> {
        let kind = |target: &Target| [target.is_probability, target.link != Link::Identity];
        model.graph().targets.iter().map(kind).collect()
    };
    if kinds(first) != kinds(other) {
        let message =
            "returns numbers of another kind (a probability beside a score, or one that no sigmoid or softmax makes)";
        return Some(message.to_owned());
    }
    difference_of_manifests(first.manifest(), other.manifest())
}

fn difference_of_manifests(first: &Manifest, other: &Manifest) -> Option<String> {
    if first.step_hours != other.step_hours {
        return Some(format!("has steps of {} h and not of {} h, other", other.step_hours, first.step_hours));
    }
    let outcomes = first.outcomes.iter().zip(&other.outcomes);
    if let Some((a, b)) = outcomes.into_iter().find(|(a, b)| a.name != b.name) {
        return Some(format!("predicts \"{}\" and not \"{}\", another outcome", b.name, a.name));
    }
    if first.channels.len() != other.channels.len() || first.text != other.text {
        return Some("has other channels or words".to_owned());
    }
    let mut channels = first.channels.iter().zip(&other.channels);
    let (a, _) = channels.find(|(a, b)| !reads_alike(a, b))?;
    Some(format!("names, places or scales the channel \"{}\" otherwise", a.name))
}

/// Whether the same record becomes the same columns.
fn reads_alike(a: &Channel, b: &Channel) -> bool {
    let place = |channel: &Channel| {
        (channel.columns.clone(), channel.mask, channel.delta, channel.gap, channel.imputation, channel.is_static)
    };
    a.name == b.name && a.unit == b.unit && place(a) == place(b) && a.encoding == b.encoding
}
