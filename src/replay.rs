//! The prediction as it would have been earlier: as if only the first hours of the stay had been known.

use crate::history::output;
use crate::job::{Job, Progress};
use crate::stay::Stay;
use crate::{Model, Result};

/// One output for every number of known steps.
#[derive(Debug)]
pub struct Replay {
    model: Model,
    stay: Stay,
    target: usize,
    curve: Vec<f64>,
    /// What the model read last.
    input: Vec<f32>,
}

impl Replay {
    /// A replay of `stay`; `target` is the output that is followed.
    #[must_use]
    pub fn new(model: Model, stay: Stay, target: usize) -> Self {
        Self { model, stay, target, curve: Vec::new(), input: Vec::new() }
    }
}

impl Job for Replay {
    /// `[n_steps]`: at index k the output as if the first k + 1 steps had been known. The last one is the model's own
    /// for the whole stay.
    type Output = Vec<f64>;

    fn advance(&mut self) -> Result<bool> {
        let n_steps = self.model.n_steps();
        if self.curve.len() < n_steps {
            let known = self.stay.known_until(self.model.manifest(), self.curve.len() + 1);
            // Nothing was measured in this step, so nothing is known that was not before.
            let output = match self.curve.last() {
                Some(&last) if known.input == self.input => last,
                _ => output(&self.model, &known, self.target)?,
            };
            self.input = known.input;
            self.curve.push(output);
        }
        Ok(self.curve.len() >= n_steps)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.curve.len(), total: self.model.n_steps() }
    }

    fn finish(self) -> Result<Vec<f64>> {
        Ok(self.curve)
    }
}
