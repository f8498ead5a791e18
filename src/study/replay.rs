//! The prediction as it would have been earlier: as if only the first hours of the stay had been known.
//!
//! A network of a fixed number of steps is run on all of them, the last values carried forward. One that reads any number
//! of steps ([`Model::has_open_steps`]) is run on the steps that were known. An explanation says nothing of steps that were
//! not known either way: what stands on a reading that is carried there counts to the reading.

use std::rc::Rc;

use serde::Serialize;

use crate::engine::explain::Options;
use crate::engine::explain::relevance::Relevance;
use crate::engine::number::real;
use crate::engine::trace::Trace;
use crate::error::{Error, Kind};
use crate::job::{Job, Progress};
use crate::picture::scale::HeightScale;
use crate::stay::manifest::Manifest;
use crate::stay::{Origin, Stay};
use crate::study::cohort::plot::line;
use crate::study::models::{Explained, Models, Networks, chosen};
use crate::{Model, Result};

/// One output for every number of known steps.
#[derive(Debug)]
pub struct Replay<N = Model> {
    networks: N,
    stay: Stay,
    target: usize,
    curve: Vec<f64>,
    /// What the model read last.
    input: Vec<f32>,
}

impl<N: Networks> Replay<N> {
    /// A replay of `stay`; `target` is the output that is followed.
    #[must_use]
    pub fn new(networks: N, stay: Stay, target: usize) -> Self {
        Self { networks, stay, target, curve: Vec::new(), input: Vec::new() }
    }
}

impl<N: Networks> Job for Replay<N> {
    /// `[n_steps]`: at index k the output as if the first k + 1 steps had been known; of an output that the network gives at
    /// every step, what it said at that step. The last one is the model's own for the whole stay.
    type Output = Vec<f64>;

    fn advance(&mut self) -> Result<bool> {
        let n_steps = self.networks.lead().n_steps();
        if let Some(said) = hourly(&self.networks, &self.stay, self.target)? {
            self.curve = said;
            return Ok(true);
        }
        if self.curve.len() < n_steps && self.networks.lead().has_open_steps() {
            let output = output_when_ended(&self.networks, &self.stay, self.curve.len() + 1, self.target)?;
            self.curve.push(output);
        } else if self.curve.len() < n_steps {
            let known = self.stay.known_until(self.networks.lead().manifest(), self.curve.len() + 1);
            // Nothing was measured in this step, so nothing is known that was not before.
            let output = match self.curve.last() {
                Some(&last) if known.input == self.input => last,
                _ => self.networks.output(&known.input, self.target)?,
            };
            self.input = known.input;
            self.curve.push(output);
        }
        Ok(self.curve.len() >= n_steps)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.curve.len(), total: self.networks.lead().n_steps() }
    }

    fn finish(self) -> Result<Vec<f64>> {
        Ok(self.curve)
    }
}

/// What networks say at each step, on average, where `target` is of an output that they give at every step.
fn hourly(networks: &impl Networks, stay: &Stay, target: usize) -> Result<Option<Vec<f64>>> {
    let manifest = networks.lead().manifest();
    if manifest.meaning(target).is_none_or(|it| it.step.is_none()) {
        return Ok(None);
    }
    let outputs = networks.predictions(&stay.input)?;
    let of_target = manifest.heads().into_iter().find(|head| head.targets.contains(&target));
    Ok(of_target.map(|head| head.targets.iter().filter_map(|target| outputs.get(*target).copied()).collect()))
}

/// A network for stays of `n_known` steps, and a stay that ended after them.
///
/// # Errors
/// As [`Model::at_length`], with the number of steps; [`Kind::Argument`] for a network that returns numbers at every step.
fn ended(model: &Model, stay: &Stay, n_known: usize) -> Result<(Model, Stay)> {
    let short = model.at_length(n_known).map_err(|error| {
        let message = format!("the network cannot be run on the first {n_known} steps alone: {}", error.message);
        error.saying(message)
    })?;
    if short.outputs().len() != model.outputs().len() {
        let message = "the network returns numbers at every step: what it said at an hour is its output of that hour, and needs no replay";
        return Err(Error::new(Kind::Argument, message));
    }
    let first = stay.ended(model.manifest(), short.manifest());
    Ok((short, first))
}

/// The mean of one output over networks of an open number of steps, run on the first `n_known`.
fn output_when_ended<N: Networks>(networks: &N, stay: &Stay, n_known: usize, target: usize) -> Result<f64> {
    let outputs = networks.each(|model| {
        let (short, first) = ended(model, stay, n_known)?;
        chosen(&short.predict(&first.input)?, target)
    })?;
    Ok(outputs.iter().sum::<f64>() / real(outputs.len()))
}

/// Networks, and the part of a stay that they are run on: all of it, or the steps that were known.
#[derive(Debug, Clone)]
pub struct KnownPart {
    /// For stays of as many steps.
    pub networks: Models,
    /// What they read.
    pub input: Vec<f32>,
    /// Where relevance of each number of it counts among those of the whole stay, and how many these are; nothing where each
    /// number counts where it stands.
    place: Option<(Vec<usize>, usize)>,
}

impl KnownPart {
    /// A whole stay.
    #[must_use]
    pub fn whole(networks: Models, input: &[f32]) -> Self {
        Self { networks, input: input.to_vec(), place: None }
    }

    /// What is known of a stay: all of it, or its first steps. Networks of an open number of steps are run on these alone,
    /// others on all, the last readings carried on.
    ///
    /// # Errors
    /// As [`KnownPart::ended`].
    pub fn of(networks: &Models, stay: &Stay) -> Result<Self> {
        let whole = || Self::whole(networks.clone(), &stay.input);
        let Some(n_known) = stay.since.known_steps.filter(|known| *known > 0) else { return Ok(whole()) };
        if networks.first().has_open_steps() {
            return Self::ended(networks, stay, n_known);
        }
        let sites = carried_sites(networks.first().manifest(), stay, n_known);
        Ok(Self { place: Some((sites, stay.input.len())), ..whole() })
    }

    /// The first `n_known` steps of a stay, by networks of an open number of steps.
    ///
    /// # Errors
    /// Where a network cannot be run on so few steps.
    pub fn ended(networks: &Models, stay: &Stay, n_known: usize) -> Result<Self> {
        let both = networks.each(|model| ended(model, stay, n_known))?;
        let (short, stays): (Vec<Model>, Vec<Stay>) = both.into_iter().unzip();
        let input = stays.into_iter().next().map(|stay| stay.input).unwrap_or_default();
        let lead = networks.first();
        let place = Some((kept_sites(lead, n_known), lead.n_steps() * lead.n_columns()));
        Ok(Self { networks: Models::new(short.into_iter().map(Rc::new).collect())?, input, place })
    }

    /// The numbers of this part, of those of a whole stay: `[n_steps * n_columns]` of either.
    ///
    /// # Errors
    /// [`Kind::Argument`] for another number of them.
    pub fn first<T: Copy>(&self, whole: &[T]) -> Result<Vec<T>> {
        let Some((sites, len)) = &self.place else { return Ok(whole.to_vec()) };
        if whole.len() != *len {
            let message = format!("what is of the whole stay has {} numbers, where that has {len}", whole.len());
            return Err(Error::new(Kind::Argument, message));
        }
        // As many as of the whole stay are where they stand: what is said of them may count elsewhere, they do not.
        Ok(if sites.len() == *len { whole.to_vec() } else { sites.iter().map(|site| whole[*site]).collect() })
    }

    /// Relevance of this part as that of the whole stay: nothing on the steps that were not known.
    #[must_use]
    pub fn of_whole(&self, part: Relevance) -> Relevance {
        let Some((sites, len)) = &self.place else { return part };
        let mut values = vec![0.0; *len];
        sites.iter().zip(&part.values).for_each(|(site, value)| values[*site] += value);
        Relevance { values, ..part }
    }

    /// Explains recorded runs of its networks on it, one a network. The explanation has all steps of the stay, and nothing
    /// on those that were not known. `baseline` has all steps, too.
    ///
    /// # Errors
    /// As [`Models::explain_runs`].
    pub fn explain(&self, runs: &[Trace], baseline: Option<&[f32]>, options: &Options) -> Result<Explained> {
        let baseline = baseline.map(|all| self.first(all)).transpose()?;
        let each = self.networks.explain_runs(runs, baseline.as_deref(), options)?.each;
        Explained::of(each.into_iter().map(|it| self.of_whole(it)).collect())
    }
}

/// Where relevance of each number counts of a stay of which `n_known` steps are known: what stands on later steps counts to
/// the reading that is carried there, of a channel without one to the last step that was known.
fn carried_sites(manifest: &Manifest, stay: &Stay, n_known: usize) -> Vec<usize> {
    let mut until = vec![n_known - 1; manifest.columns];
    for (row, channel) in manifest.channels.iter().enumerate() {
        if let Some(Origin::CarriedForward { age }) = stay.cells.get(row * manifest.steps + n_known).map(|it| it.origin)
        {
            channel.all_columns().for_each(|column| until[column] = n_known.saturating_sub(age));
        }
    }
    let site = |k: usize| {
        let (step, column) = (k / manifest.columns, k % manifest.columns);
        (if step < n_known { step } else { until[column] }) * manifest.columns + column
    };
    (0..stay.input.len()).map(site).collect()
}

/// Where the numbers of a stay of `n_known` steps stand in the whole one: what belongs to the stay stands at the last step
/// of either.
fn kept_sites(model: &Model, n_known: usize) -> Vec<usize> {
    let n_columns = model.n_columns();
    let beside = |column: usize| model.inputs().iter().any(|it| it.part.is_beside() && it.columns.contains(&column));
    let site = |k: usize| {
        let (step, column) = (k / n_columns, k % n_columns);
        let is_last = step + 1 == n_known && beside(column);
        (if is_last { model.n_steps() - 1 } else { step }) * n_columns + column
    };
    (0..n_known * n_columns).map(site).collect()
}

/// A replay as paths of the unit square, the upper left corner (0, 0): a page has nothing left to compute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// The output over the known steps. A probability stands between 0 at the foot and 1 at the top, another number
    /// between the smallest and the largest of the curve.
    pub curve: String,
    /// The threshold of a probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// `[n_steps]`: an upright line at 1, 2, ... known steps.
    pub marks: Vec<String>,
    /// Numbers along the height from the largest to the smallest, each with its distance from the top.
    pub ticks: Vec<[f64; 2]>,
}

impl Chart {
    /// The chart of what a [`Replay`] gives; `threshold` is that of a probability.
    #[must_use]
    pub fn of(curve: &[f64], threshold: Option<f64>) -> Self {
        let scale = if threshold.is_some() { HeightScale { low: 0.0, high: 1.0 } } else { HeightScale::of(curve) };
        let across = |at: usize| real(at + 1) / real(curve.len());
        let ends = [scale.high, f64::midpoint(scale.low, scale.high), scale.low];
        let ticks = &ends[..if scale.high > scale.low { 3 } else { 1 }];
        let points = curve.iter().enumerate().map(|(at, output)| (across(at), scale.share(*output)));
        Self {
            curve: line(points),
            level: threshold.map(|at| line([(0.0, at), (1.0, at)].into_iter())),
            marks: (0..curve.len()).map(|at| line([(across(at), 0.0), (across(at), 1.0)].into_iter())).collect(),
            ticks: ticks.iter().map(|value| [*value, 1.0 - scale.share(*value)]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_stands_between_nothing_and_one() {
        let chart = Chart::of(&[0.25, 1.0], Some(0.5));
        assert_eq!(chart.curve, "M0.5000 0.7500L1.0000 0.0000");
        assert_eq!(chart.level.as_deref(), Some("M0.0000 0.5000L1.0000 0.5000"));
        assert_eq!(chart.ticks, [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]);
        assert_eq!(chart.marks, ["M0.5000 1.0000L0.5000 0.0000", "M1.0000 1.0000L1.0000 0.0000"]);
    }

    #[test]
    fn another_number_fills_the_height() {
        let chart = Chart::of(&[-3.0, 5.0, 1.0], None);
        assert_eq!(chart.curve, "M0.3333 1.0000L0.6667 0.0000L1.0000 0.5000");
        assert_eq!(chart.level, None);
        assert_eq!(chart.ticks, [[5.0, 0.0], [1.0, 0.5], [-3.0, 1.0]]);
        let constant = Chart::of(&[7.0], None);
        assert_eq!((constant.curve.as_str(), constant.ticks.as_slice()), ("M1.0000 0.5000", [[7.0, 0.5]].as_slice()));
    }
}
