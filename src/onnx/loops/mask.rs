//! Loops behind a Masking layer. At a masked step the states stay what they were, and so does what the loop returns, or it
//! is zero:
//!
//! ```text
//! h' = m ? step(x, h) : h        y = m ? h' : y before it, or 0
//! ```

use std::rc::Rc;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::constant::Constant;
use super::expression::Expression;
use super::reason::{LoopReason, producers};
use super::{Loop, States, origin};
use crate::error::{Error, Kind, Place, Result};
use crate::onnx::node::MASK;

/// A step without its mask.
pub(super) struct UnmaskedStep {
    /// After a step that is read, the states that a masked one keeps.
    pub(super) kept: States,
    /// What the loop returns of such a step, one a sequence.
    pub(super) scans: Vec<Rc<Expression>>,
    /// Whether it returns zeros for masked steps, in place of the last value before them.
    pub(super) zero_output: bool,
}

/// Refuses the attribute by which a node says that it is masked: only what is lifted here has it.
pub(super) fn refuse_masked(graph: &GraphProto) -> Result<()> {
    let has_mask = |node: &&NodeProto| node.attribute.iter().any(|attribute| attribute.name == MASK);
    match graph.node.iter().find(has_mask) {
        None => Ok(()),
        Some(node) => {
            let message = format!("{} attribute {MASK} is not one that ONNX defines; remove it", node.op_type);
            Err(Error::new(Kind::Unsupported, message).at(Place::Node(node.name.clone())))
        }
    }
}

/// The sequences whose rows choose between values (`Where`, or a `Not` before one): the masks.
pub(super) fn masks(body: &GraphProto) -> Vec<String> {
    let producers = producers(&body.node);
    let conditions = body.node.iter().filter(|node| node.op_type == "Not" || node.op_type == "Where");
    let read = conditions.filter_map(|node| {
        let row = producers.get(origin(&producers, node.input.first()?))?;
        (row.op_type == "Gather").then(|| row.input.first().cloned()).flatten()
    });
    read.collect()
}

impl Loop<'_> {
    /// Takes the mask off the states and off what the loop returns: what is left is the step as it is where it is read.
    ///
    /// # Errors
    /// Where a masked step returns neither zeros nor what was returned before it, and where several sequences are
    /// returned.
    pub(super) fn unmasked(&self, scans: &[Rc<Expression>], next: &States) -> Result<UnmaskedStep, LoopReason> {
        let kept = |(state, after): (usize, &Option<Rc<Expression>>)| match after.as_deref() {
            Some(Expression::Select(new, Some(old))) if **old == Expression::State(state) => Some(new.clone()),
            _ => None,
        };
        let kept: States = next.iter().enumerate().map(kept).collect();
        let Some(scan) = scans.first() else { return Ok(UnmaskedStep { kept, scans: vec![], zero_output: false }) };
        let Expression::Select(new, old) = &**scan else {
            return Err("masked steps return what is computed of them".into());
        };
        if scans.iter().any(|other| other != scan) {
            return Err("it returns several sequences behind a mask".into());
        }
        let zero_output = old.as_deref().is_none_or(|old| self.is_zero_state(old));
        // What is returned is kept where a state holds it, which is checked to keep itself at masked steps.
        if !zero_output && !next.iter().zip(&kept).any(|(after, kept)| after.as_ref() == Some(scan) && kept.is_some()) {
            return Err("at a masked step it returns neither zeros nor what it returned before".into());
        }
        Ok(UnmaskedStep { kept, scans: vec![new.clone()], zero_output })
    }

    /// Whether an expression is a state that is zero all the time.
    fn is_zero_state(&self, expression: &Expression) -> bool {
        let Expression::State(state) = expression else { return false };
        self.invariant.get(self.body.input[2 + state].name.as_str()).is_some_and(|outside| self.is_zero(outside))
    }

    /// Whether a value outside the loop is zero, by what computes it.
    pub(super) fn is_zero(&self, name: &str) -> bool {
        if let Some(constant) = self.constant(name) {
            return constant.data.iter().all(|x| *x == 0.0);
        }
        let Some(node) = self.outer_producers.get(name) else { return false };
        match node.op_type.as_str() {
            // Without a value it fills with zeros.
            "ConstantOfShape" => node.attribute.iter().all(|attribute| {
                attribute.t.as_ref().and_then(Constant::from_proto).is_some_and(|value| value.scalar() == Some(0.0))
            }),
            "Expand" | "Identity" | "Reshape" | "Squeeze" | "Unsqueeze" | "Cast" => {
                node.input.first().is_some_and(|input| self.is_zero(input))
            }
            _ => false,
        }
    }

    /// States that hold what the loop returned last must begin as the hidden state does, so that both are one.
    pub(super) fn check_beginnings(&self, next: &States, hidden: usize) -> Result<(), LoopReason> {
        let begins = |state: usize| self.node.input[2 + state].as_str();
        let same = |state: usize| {
            begins(state) == begins(hidden) || self.is_zero(begins(state)) && self.is_zero(begins(hidden))
        };
        match (0..next.len()).find(|state| next[*state].is_some() && next[*state] == next[hidden] && !same(*state)) {
            None => Ok(()),
            Some(_) => Err("what it returns at masked steps begins otherwise than its hidden state".into()),
        }
    }
}
