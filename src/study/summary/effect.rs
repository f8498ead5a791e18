//! What networks would say had some readings not been taken, or been normal: run, not inferred.

use std::ops::Range;

use super::Voice;
use super::finding::Finding;
use crate::Model;
use crate::Result;
use crate::engine::explain::Quantity;
use crate::engine::explain::ensemble::enough;
use crate::engine::explain::near::Near;
use crate::engine::explain::scorer::Scorer;
use crate::engine::number::real;
use crate::error::{Error, Kind, Place};
use crate::stay::manifest::Manifest;
use crate::stay::removal::normal_input;
use crate::stay::{Origin, Stay};
use crate::study::models::Networks;

/// Networks that have been run on a stay, and are run on what differs from it.
pub(super) struct NetworkRuns<'a> {
    manifest: &'a Manifest,
    networks: Vec<Near<&'a Model>>,
    input: &'a [f32],
    normal: Vec<f32>,
}

/// What the networks say of one input.
struct NetworkOutputs {
    scores: Vec<f64>,
    /// The mean of their outputs.
    output: f64,
}

impl NetworkOutputs {
    /// The mean of the scores.
    fn score(&self) -> f64 {
        self.scores.iter().sum::<f64>() / real(self.scores.len())
    }

    /// Whether the mean of the scores and the output move against `sign` from these to those of another input.
    fn falls_to(&self, after: &Self, sign: f64) -> bool {
        sign * (self.score() - after.score()) > 0.0 && sign * (self.output - after.output) > 0.0
    }

    /// Whether they do, and the scores of enough networks.
    fn agree_on(&self, after: &Self, sign: f64) -> bool {
        let n_moved = self.scores.iter().zip(&after.scores).filter(|(a, b)| sign * (*a - *b) > 0.0).count();
        n_moved >= enough(self.scores.len()) && self.falls_to(after, sign)
    }
}

impl<'a> NetworkRuns<'a> {
    pub(super) fn new(voices: &[Voice<'a>], stay: &'a Stay, target: usize) -> Result<Self> {
        let manifest = voices[0].model.manifest();
        let near = |voice: &Voice<'a>| {
            let missing =
                || Error::new(Kind::Argument, "is none of the model's outputs").at(Place::Field("target".to_owned()));
            let target = voice.model.graph().targets.get(target).cloned().ok_or_else(missing)?;
            Near::new(Scorer { network: voice.model, target, quantity: Quantity::Score }, &stay.input)
        };
        Ok(Self {
            manifest,
            networks: voices.iter().map(near).collect::<Result<_>>()?,
            input: &stay.input,
            normal: normal_input(manifest),
        })
    }

    /// The finding with what the networks say without it and at normal values, if that bears it out: without it, the
    /// score moves against `sign` in enough of the networks and in their mean, and the output, which is what is written,
    /// with it; and so do both at normal values, unless the finding is of the measuring. Of a softmax the score of a class
    /// may rise while its output falls.
    pub(super) fn borne_out(&self, mut finding: Finding, sign: f64) -> Result<Option<Finding>> {
        let whole = self.whole();
        let [without, at_normal] = self.say(&[self.without(&finding), self.at_normal(&finding)])?;
        let is_moved = whole.agree_on(&without, sign);
        let is_kept = is_moved && (finding.is_of_measuring || whole.falls_to(&at_normal, sign));
        (finding.without, finding.at_normal) = (without.output, at_normal.output);
        Ok(is_kept.then_some(finding))
    }

    /// The output had some channels never been charted, if enough networks and their mean then move against `sign`.
    pub(super) fn without_all(&self, rows: &[usize], sign: f64) -> Result<Option<f64>> {
        let columns: Vec<usize> = rows.iter().flat_map(|row| columns(self.manifest, *row)).collect();
        let input = replaced(self.manifest, (self.input, &self.normal), &columns, 0..self.manifest.steps);
        let (whole, [without]) = (self.whole(), self.say(&[input])?);
        Ok(whole.agree_on(&without, sign).then_some(without.output))
    }

    /// The score of each network for another input.
    pub(super) fn scores(&self, input: Vec<f32>) -> Result<Vec<f64>> {
        let [it] = self.say(&[input])?;
        Ok(it.scores)
    }

    fn whole(&self) -> NetworkOutputs {
        said(self.networks.iter().map(Near::scored))
    }

    fn say<const N: usize>(&self, inputs: &[Vec<f32>; N]) -> Result<[NetworkOutputs; N]> {
        let look = |network: &Near<&Model>| network.look(inputs.iter().cloned());
        let scored = self.networks.iter().map(look).collect::<Result<Vec<_>>>()?;
        Ok(std::array::from_fn(|k| said(scored.iter().map(|scored| scored[k].clone()))))
    }

    /// The input had nothing been known of the channel while the finding's readings stood: its normal value, unmeasured.
    /// What was read before is not carried forward, for it would mostly say the same.
    fn without(&self, finding: &Finding) -> Vec<f32> {
        let columns = columns(self.manifest, finding.row);
        replaced(self.manifest, (self.input, &self.normal), &columns, finding.steps[0]..finding.until)
    }

    /// The input had the finding's readings been normal.
    fn at_normal(&self, finding: &Finding) -> Vec<f32> {
        let columns = &self.manifest.channels[finding.row].columns;
        replaced(self.manifest, (self.input, &self.normal), columns, finding.steps[0]..finding.until)
    }
}

/// A channel's columns, those of its being measured among them.
fn columns(manifest: &Manifest, row: usize) -> Vec<usize> {
    manifest.channels[row].all_columns().collect()
}

/// An input with some columns' normal values in some steps.
fn replaced(
    manifest: &Manifest,
    (input, normal): (&[f32], &[f32]),
    columns: &[usize],
    steps: Range<usize>,
) -> Vec<f32> {
    let mut input = input.to_vec();
    for at in steps.flat_map(|step| columns.iter().map(move |column| step * manifest.columns + column)) {
        input[at] = normal[at];
    }
    input
}

/// What networks say had one reading not been taken: that of a cell, or the one that is carried forward into it. Nothing
/// where the channel had not been read yet.
///
/// # Errors
/// As [`Networks::output`].
pub fn without_reading(
    networks: &impl Networks,
    stay: &Stay,
    (row, step): (usize, usize),
    target: usize,
) -> Result<Option<f64>> {
    let manifest = networks.lead().manifest();
    let is_observed = |step: &usize| stay.cells[row * manifest.steps + step].origin == Origin::Observed;
    if row >= manifest.channels.len() || step >= manifest.steps {
        return Ok(None);
    }
    let Some(first) = (0..=step).rev().find(is_observed) else { return Ok(None) };
    let until = (step + 1..manifest.steps).find(is_observed).unwrap_or(manifest.steps);
    let both = (stay.input.as_slice(), normal_input(manifest));
    let input = replaced(manifest, (both.0, &both.1), &columns(manifest, row), first..until);
    networks.output(&input, target).map(Some)
}

fn said(scored: impl Iterator<Item = crate::engine::explain::Scored>) -> NetworkOutputs {
    let (scores, outputs): (Vec<f64>, Vec<f64>) = scored.map(|it| (it.score, it.probability)).unzip();
    NetworkOutputs { output: outputs.iter().sum::<f64>() / real(outputs.len()), scores }
}
