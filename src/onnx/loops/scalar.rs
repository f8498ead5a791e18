//! Counters and conditions, computed number by number.
//!
//! A Loop goes on while its condition holds, and exporters write that as a comparison of a counter with a number of
//! steps. The operators here are those that such comparisons are made of: sums, differences, comparisons, and, or, not.
//! Anything else depends on data, and has no value.

use std::collections::HashMap;

use tract_onnx::pb::NodeProto;

use super::constant::Constant;

/// Numbers by name: some given, the others computed by nodes from them.
pub(super) struct Scalars<'a> {
    /// The node that computes each name.
    pub(super) producers: &'a HashMap<&'a str, &'a NodeProto>,
    /// The constants that can be seen.
    pub(super) constant: &'a dyn Fn(&str) -> Option<Constant>,
    /// What is given.
    pub(super) given: HashMap<&'a str, f64>,
}

/// Conditions are short; what nests deeper is none.
const MAX_DEPTH: usize = 64;

impl Scalars<'_> {
    /// The number called `name`; `None` where it depends on anything else, or on an operation that conditions do not
    /// use. Truth is 1.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
        self.nested(name, 0)
    }

    /// The number called `name`, `depth` operations below the one that was asked for.
    fn nested(&self, name: &str, depth: usize) -> Option<f64> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(value) = self.given.get(name) {
            return Some(*value);
        }
        if let Some(constant) = (self.constant)(name) {
            return constant.scalar();
        }
        let node = self.producers.get(name)?;
        let input = |slot: usize| self.nested(node.input.get(slot)?, depth + 1);
        let truth = |condition: bool| f64::from(u8::from(condition));
        Some(match node.op_type.as_str() {
            // Casts between whole numbers and floats keep a counter's value; a cast to a truth value would not, and
            // conditions have none.
            "Identity" | "Cast" | "Squeeze" | "Unsqueeze" => input(0)?,
            "Add" => input(0)? + input(1)?,
            "Sub" => input(0)? - input(1)?,
            "Less" => truth(input(0)? < input(1)?),
            "LessOrEqual" => truth(input(0)? <= input(1)?),
            "Greater" => truth(input(0)? > input(1)?),
            "GreaterOrEqual" => truth(input(0)? >= input(1)?),
            "Equal" => truth(input(0)? == input(1)?),
            "And" => truth(input(0)? != 0.0 && input(1)? != 0.0),
            "Or" => truth(input(0)? != 0.0 || input(1)? != 0.0),
            "Not" => truth(input(0)? == 0.0),
            _ => return None,
        })
    }
}
