//! Scores of other inputs, for methods that need more than one recorded run.

use std::sync::Arc;

use super::{Quantity, Scored};
use crate::engine::graph::{Graph, Target};
use crate::engine::trace::{ReferenceRun, Trace};
use crate::error::{Error, Kind, Result};

/// An error of a reference's run, in words that say so, where the network gives no number for it.
#[must_use]
pub(crate) fn of_reference(error: Error) -> Error {
    if error.kind != Kind::NotFinite {
        return error;
    }
    let message = format!("for the reference {}: choose another reference, or LRP, which needs none", error.message);
    Error { message, ..error }
}

/// Checks that a number that the network computed is one.
///
/// # Errors
/// [`Kind::NotFinite`] with the number.
pub(crate) fn check_number(number: f64) -> Result<f64> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(Error::new(Kind::NotFinite, format!("the network itself returns {number} for this input")))
}

/// Something that can be run.
pub trait Network {
    /// What it computes.
    fn graph(&self) -> &Graph;

    /// Runs it on `[n_steps * n_columns]` numbers.
    ///
    /// # Errors
    /// Where it cannot be run on them.
    fn trace(&self, input: &[f32]) -> Result<Trace>;

    /// The run of a reference, which may be one that was made before: of stay after stay it is often the same.
    ///
    /// # Errors
    /// As [`Network::trace`].
    fn reference(&self, input: &[f32]) -> Result<Arc<ReferenceRun>> {
        self.trace(input).map(ReferenceRun::new).map(Arc::new)
    }

    /// Which numbers of an input a method must not move, one flag a number: codes that are looked up, between two of which
    /// nothing lies. They are constants of the run.
    fn held(&self) -> Vec<bool> {
        self.graph().words()
    }
}

impl<N: Network + ?Sized> Network for &N {
    fn graph(&self) -> &Graph {
        (**self).graph()
    }

    fn trace(&self, input: &[f32]) -> Result<Trace> {
        (**self).trace(input)
    }

    fn reference(&self, input: &[f32]) -> Result<Arc<ReferenceRun>> {
        (**self).reference(input)
    }

    fn held(&self) -> Vec<bool> {
        (**self).held()
    }
}

impl<N: Network + ?Sized> Network for std::rc::Rc<N> {
    fn graph(&self) -> &Graph {
        (**self).graph()
    }

    fn trace(&self, input: &[f32]) -> Result<Trace> {
        (**self).trace(input)
    }

    fn reference(&self, input: &[f32]) -> Result<Arc<ReferenceRun>> {
        (**self).reference(input)
    }

    fn held(&self) -> Vec<bool> {
        (**self).held()
    }
}

/// One target of a network, as a number: its score or its probability.
#[derive(Debug, Clone)]
pub struct Scorer<N> {
    /// The network.
    pub network: N,
    /// One of its targets.
    pub target: Target,
    /// Which number; [`Quantity::Paper`] is the probability, as for the derivative.
    pub quantity: Quantity,
}

impl<N> Scorer<N> {
    /// The scorer of the same number, over the network held in another way.
    #[must_use]
    pub fn over<M>(&self, network: M) -> Scorer<M> {
        Scorer { network, target: self.target.clone(), quantity: self.quantity }
    }
}

impl<N: Network> Scorer<N> {
    /// The number that is explained, of an input.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn score(&self, input: &[f32]) -> Result<f64> {
        Ok(self.of(&self.scored(input)?))
    }

    /// Score and probability of an input.
    ///
    /// # Errors
    /// Where the network cannot be run on it.
    pub fn scored(&self, input: &[f32]) -> Result<Scored> {
        Ok(Scored::of(self.network.graph(), &self.network.trace(input)?, &self.target))
    }

    /// The number that is explained.
    #[must_use]
    pub fn of(&self, scored: &Scored) -> f64 {
        scored.quantity(self.quantity)
    }
}
