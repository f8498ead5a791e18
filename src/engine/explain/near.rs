//! Scores of inputs that differ from one another in few numbers, as of a stay without one of its measurements.

use std::ops::Range;

use super::Scored;
use super::scorer::{Network, Scorer, check_number};
use crate::engine::trace::Trace;
use crate::error::Result;

/// A scorer that computes again only what differs from a run before, where it can: a measurement that is taken away
/// changes one of a network's dozens of recurrent cells, and what stands above it. Every score is that of
/// [`Scorer::score`], to the bit.
#[derive(Debug)]
pub struct Near<N> {
    scorer: Scorer<N>,
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
        let graph = scorer.network.graph();
        let stages = graph.is_recurrent_below(&scorer.target).then(|| graph.stages());
        Ok(Self { scorer, base, stages })
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
    pub fn score(&self, input: &[f32]) -> Result<f64> {
        Ok(self.of(&self.look(input)?))
    }

    /// Score and probability of another input.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn look(&self, input: &[f32]) -> Result<Scored> {
        let Some(stages) = &self.stages else { return self.scorer.scored(input) };
        let graph = self.scorer.network.graph();
        let beside = self.base.beside(graph, stages, input);
        let scored = Scored::by(graph, &self.scorer.target, |value| beside.value(value));
        check_number(self.of(&scored))?;
        Ok(scored)
    }

    /// The same, and the next input is compared with this one.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn go_on(&mut self, input: &[f32]) -> Result<f64> {
        let Some(stages) = &self.stages else { return self.scorer.score(input) };
        let changes = self.base.beside(self.scorer.network.graph(), stages, input).into_changes();
        for (value, changed) in self.base.values.iter_mut().zip(changes) {
            if let Some(changed) = changed {
                *value = changed;
            }
        }
        check_number(self.of(&self.scored()))
    }
}
