//! What an output is to cross.

use std::ops::Range;

use crate::stay::manifest::OutputMeaning;
use crate::{Error, Kind, Model, Place, Result};

/// The line between two labels.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Goal {
    /// A probability's threshold.
    Threshold {
        /// The output.
        target: usize,
        /// Above it the label is 1.
        threshold: f64,
    },
    /// That of the class being the most probable one.
    Class {
        /// The output.
        target: usize,
        /// The outputs of its classes.
        classes: Range<usize>,
    },
}

impl Goal {
    /// # Errors
    /// [`Kind::Argument`] for what has no label that could change: words, plain numbers, and outputs that do not exist.
    pub(super) fn of(model: &Model, target: usize) -> Result<Self> {
        let manifest = model.manifest();
        if manifest.text.is_some() {
            let message =
                "reads words, which have no limits, no normal value and no earlier ones; write another sentence";
            return Err(Error::new(Kind::Argument, message).at(Place::Field("stay".to_owned())));
        }
        let is_probability = model.graph().targets.get(target).is_some_and(|known| known.is_probability);
        match manifest.meaning(target).filter(|_| is_probability) {
            Some(OutputMeaning { class: Some(class), outcome, .. }) => {
                let first = target - class;
                Ok(Self::Class { target, classes: first..first + manifest.outcomes[outcome].classes.len() })
            }
            Some(OutputMeaning { threshold, .. }) => Ok(Self::Threshold { target, threshold }),
            None => {
                let message = "is an output without a threshold, so there is no label to change";
                Err(Error::new(Kind::Argument, message).at(Place::Field("target".to_owned())))
            }
        }
    }

    pub(super) const fn target(&self) -> usize {
        match self {
            Self::Threshold { target, .. } | Self::Class { target, .. } => *target,
        }
    }

    pub(super) const fn threshold(&self) -> Option<f64> {
        match self {
            Self::Threshold { threshold, .. } => Some(*threshold),
            Self::Class { .. } => None,
        }
    }

    /// How far outputs lie above the line, in probability: `p - threshold`, or `p - max of the other classes`.
    pub(super) fn margin(&self, outputs: &[f64]) -> f64 {
        match self {
            Self::Threshold { target, threshold } => outputs[*target] - threshold,
            Self::Class { target, classes } => {
                let others = classes.clone().filter(|class| class != target).map(|class| outputs[class]);
                outputs[*target] - others.fold(f64::NEG_INFINITY, f64::max)
            }
        }
    }
}
