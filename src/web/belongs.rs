//! What belongs together: a stay and the model that it was read for, an explanation and what it explains. Pictures, sentences
//! and files that are made of what does not belong together would look right.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::api::{Explanation, Model, Stay};
use super::canvas::JsExplanation;
use super::js::argument;
use crate::study::models::Networks;

/// What an explanation is of.
#[derive(Debug)]
pub(super) struct Subject {
    /// The networks, by their marks.
    networks: Vec<u64>,
    /// The numbers that they read, of the whole stay.
    input: Vec<f32>,
}

impl Subject {
    /// A model and the numbers of a whole stay.
    pub(super) fn of(model: &Model, input: &[f32]) -> Rc<Self> {
        Rc::new(Self { networks: marks(model), input: input.to_vec() })
    }
}

fn marks(model: &Model) -> Vec<u64> {
    model.all.all().into_iter().map(crate::Model::mark).collect()
}

impl Explanation {
    /// Refuses to stand for what another model says. One of a single network of several belongs to all of them and to that
    /// network.
    pub(super) fn check_model(&self, model: &Model) -> Result<(), JsValue> {
        let given = marks(model);
        let is_alone = self.member.is_some_and(|at| self.subject.networks.get(at..=at) == Some(given.as_slice()));
        match is_alone || given == self.subject.networks {
            true => Ok(()),
            false => Err(argument(
                "explanation",
                "is of another model, or of several together; give the model that explained",
            )),
        }
    }

    /// Refuses to stand for what is said of another stay.
    pub(super) fn check_input(&self, input: &[f32]) -> Result<(), JsValue> {
        match self.subject.input == input {
            true => Ok(()),
            false => {
                Err(argument("explanation", "is of another stay, or of this one before it changed; explain this one"))
            }
        }
    }

    /// The output that it explains, where none other is asked for.
    pub(super) fn check_target(&self, asked: Option<usize>) -> Result<usize, JsValue> {
        match asked {
            Some(asked) if asked != self.target => {
                let why = format!("is {asked}, and the explanation is of output {}; explain that one", self.target);
                Err(argument("target", &why))
            }
            _ => Ok(self.target),
        }
    }

    /// Both, of a stay that was read for the model.
    pub(super) fn check(&self, model: &Model, stay: &Stay) -> Result<(), JsValue> {
        self.check_model(model)?;
        stay.check_model(model)?;
        self.check_input(&stay.inner.input)
    }
}

impl Stay {
    /// Refuses a stay whose numbers are in the units of another model, which may have the same shape.
    pub(super) fn check_model(&self, model: &Model) -> Result<(), JsValue> {
        match self.reading.reads_like(model.inner.manifest()) {
            true => Ok(()),
            false => Err(argument("stay", "belongs to another model; parse the record again with this one")),
        }
    }
}

/// The explanation behind a handle, if it is one and of the model.
pub(super) fn explained(handle: &JsExplanation, model: &Model) -> Result<Explanation, JsValue> {
    let wrong = |_| argument("explanation", "is none, or was freed; give what model.explain returned");
    let explanation = handle.share().map_err(wrong)?;
    explanation.check_model(model)?;
    Ok(explanation)
}

/// The explanation behind a handle, if it is one and of the model and the stay.
pub(super) fn explained_of(handle: &JsExplanation, model: &Model, stay: &Stay) -> Result<Explanation, JsValue> {
    let explanation = explained(handle, model)?;
    explanation.check(model, stay)?;
    Ok(explanation)
}
