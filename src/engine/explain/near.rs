//! Scores of inputs that differ from one another in few numbers, as of a stay without one of its measurements.

use std::ops::Range;

use super::Scored;
use super::gradient::{self, WordGradient};
use super::scorer::{Network, Scorer, check_number};
use crate::engine::graph::INPUT;
use crate::engine::recurrence::bank::ABREAST;
use crate::engine::trace::{Beside, Recorded, Trace};
use crate::error::Result;

/// Inputs that are run at a time: as many as take their steps together, twice.
pub(super) const AT_A_TIME: usize = 2 * ABREAST;

/// A scorer that computes again only what differs from a run before, where it can: a measurement that is taken away
/// changes one of a network's dozens of recurrent cells, and what stands above it. Every score is that of
/// [`Scorer::score`], to the bit.
#[derive(Debug)]
pub struct Near<N> {
    /// The network and its target.
    scorer: Scorer<N>,
    /// The run that others are computed beside.
    base: Trace,
    /// The graph's nodes in the order in which they run; `None` where tract computes something that the score is made of.
    stages: Option<Vec<Range<usize>>>,
}

impl<N: Network> Near<N> {
    /// Begins with an input.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn new(scorer: Scorer<N>, input: &[f32]) -> Result<Self> {
        let base = scorer.network.trace(input)?;
        Ok(Self::of_run(scorer, base))
    }

    /// Begins with a run of the scorer's network.
    #[must_use]
    pub fn of_run(scorer: Scorer<N>, base: Trace) -> Self {
        let graph = scorer.network.graph();
        let stages = graph.is_recurrent_below(&scorer.target).then(|| graph.stages());
        Self { scorer, base, stages }
    }

    /// Score and probability of the input that it began with, or went on to.
    #[must_use]
    pub fn scored(&self) -> Scored {
        Scored::of(self.scorer.network.graph(), &self.base, &self.scorer.target)
    }

    /// The number that is explained.
    #[must_use]
    pub fn of(&self, scored: &Scored) -> f64 {
        self.scorer.of(scored)
    }

    /// The number that is explained, of another input.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn score(&self, input: Vec<f32>) -> Result<f64> {
        Ok(self.scores([input])?.into_iter().sum())
    }

    /// The number that is explained, of each of several inputs. They are run some at a time, so that a weight is fetched once
    /// for all of them.
    ///
    /// # Errors
    /// Where the network cannot be run on one of them.
    pub fn scores(&self, inputs: impl IntoIterator<Item = Vec<f32>>) -> Result<Vec<f64>> {
        Ok(self.look(inputs)?.iter().map(|scored| self.of(scored)).collect())
    }

    /// Score and probability of each of several inputs, likewise.
    ///
    /// # Errors
    /// Where the network cannot be run on one of them.
    pub fn look(&self, inputs: impl IntoIterator<Item = Vec<f32>>) -> Result<Vec<Scored>> {
        let mut inputs = inputs.into_iter();
        let Some(stages) = &self.stages else { return inputs.map(|input| self.scorer.scored(&input)).collect() };
        let graph = self.scorer.network.graph();
        let mut all = vec![];
        loop {
            let some: Vec<Vec<f32>> = inputs.by_ref().take(AT_A_TIME).collect();
            if some.is_empty() {
                return Ok(all);
            }
            for beside in self.base.beside(graph, stages, some, false) {
                let scored = Scored::by(graph, &self.scorer.target, |value| beside.value(value));
                check_number(self.of(&scored))?;
                all.push(scored);
            }
        }
    }

    /// The derivatives of the number that is explained at several inputs, each with its weight: `sum over inputs of weight
    /// df/dx_k`. They go there and back some at a time. `still` as of [`gradient::sum`].
    ///
    /// # Errors
    /// Where the network cannot be run on one of them.
    pub(super) fn gradient(
        &self,
        inputs: impl IntoIterator<Item = (Vec<f32>, f64)>,
        still: &[bool],
    ) -> Result<Vec<f64>> {
        let network = &self.scorer.network;
        let mut inputs = inputs.into_iter();
        let mut total = vec![0.0; self.base.values[INPUT].len()];
        loop {
            let (some, weights): (Vec<_>, Vec<_>) = inputs.by_ref().take(ABREAST).unzip();
            if some.is_empty() {
                return Ok(total);
            }
            let part = match &self.stages {
                Some(stages) => {
                    self.gradient_of(&self.base.beside(network.graph(), stages, some, true), &weights, still)?
                }
                None => {
                    let traces = some.iter().map(|input| network.trace(input)).collect::<Result<Vec<_>>>()?;
                    self.gradient_of(&traces, &weights, still)?
                }
            };
            total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
        }
    }

    /// The same of runs.
    fn gradient_of<R: Recorded>(&self, runs: &[R], weights: &[f64], still: &[bool]) -> Result<Vec<f64>> {
        let (graph, Scorer { target, quantity, .. }) = (self.scorer.network.graph(), &self.scorer);
        for run in runs {
            check_number(self.of(&Scored::by(graph, target, |value| run.value(value))))?;
        }
        let runs: Vec<(&R, f64)> = runs.iter().zip(weights.iter().copied()).collect();
        Ok(gradient::sum(graph, &runs, target, *quantity, WordGradient::Slope, still))
    }

    /// The number that is explained, of another input, with which the next ones are compared.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub(crate) fn go_on(&mut self, input: Vec<f32>) -> Result<f64> {
        let Some(stages) = &self.stages else { return self.scorer.score(&input) };
        let besides = self.base.beside(self.scorer.network.graph(), stages, vec![input], false);
        for [values, tapes] in besides.into_iter().map(Beside::into_changes).collect::<Vec<_>>() {
            take(&mut self.base.values, values);
            take(&mut self.base.tapes, tapes);
        }
        check_number(self.of(&self.scored()))
    }
}

/// Puts what changed in its place.
fn take(all: &mut [Vec<f32>], changes: Vec<Option<Vec<f32>>>) {
    for (numbers, changed) in all.iter_mut().zip(changes) {
        if let Some(changed) = changed {
            *numbers = changed;
        }
    }
}
