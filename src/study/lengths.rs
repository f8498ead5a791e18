//! One network and stays of any length.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::stay::{ReadOptions, Stay};
use crate::{Model, Result};

/// Most lengths for which a network is kept ready.
const N_KEPT: usize = 64;

/// A network for stays of any length: itself, or, where its number of steps is open, one for each length that came.
#[derive(Debug)]
pub struct Lengths {
    model: Arc<Model>,
    fitted: Mutex<HashMap<usize, Arc<Model>>>,
}

impl Lengths {
    /// Of a network.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Self {
        Self { model, fitted: Mutex::default() }
    }

    /// The network as it was opened.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The network for stays of `n_steps` steps; the network as it is where their number is not open.
    ///
    /// # Errors
    /// As [`Model::at_length`].
    pub fn of(&self, n_steps: usize) -> Result<Arc<Model>> {
        if !self.model.has_open_steps() || n_steps == self.model.n_steps() {
            return Ok(Arc::clone(&self.model));
        }
        // What a thread left that broke off is a whole table all the same.
        let kept = |held: &Mutex<HashMap<usize, Arc<Model>>>| {
            held.lock().unwrap_or_else(PoisonError::into_inner).get(&n_steps).map(Arc::clone)
        };
        if let Some(model) = kept(&self.fitted) {
            return Ok(model);
        }
        // Opened without the lock, so that stays of other lengths need not wait.
        let model = Arc::new(self.model.at_length(n_steps)?);
        let mut fitted = self.fitted.lock().unwrap_or_else(PoisonError::into_inner);
        if fitted.len() >= N_KEPT {
            fitted.clear();
        }
        fitted.insert(n_steps, Arc::clone(&model));
        Ok(model)
    }

    /// Reads a record, which may be compressed, for the network that is as long as it.
    ///
    /// # Errors
    /// As [`Stay::open`], [`Stay::n_steps_in`] and [`Model::at_length`].
    pub fn open(&self, record: &[u8], options: &ReadOptions) -> Result<(Arc<Model>, Stay)> {
        let manifest = self.model.manifest();
        let model = if self.model.has_open_steps() {
            self.of(Stay::n_steps_in(record, manifest, options)?)?
        } else {
            Arc::clone(&self.model)
        };
        let stay = Stay::open(record, model.manifest(), options)?;
        Ok((model, stay))
    }
}
