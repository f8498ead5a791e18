//! Switches: 0 or 1, by a comparison of values with a number, such as which steps a Masking layer masks. They are read as
//! they are in each run; nothing is handed down to them, because they have no slope, and no share in what they let pass.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;

use super::fact::value_of;
use super::{Lowering, Reason, View, shape, whole};
use crate::engine::function::Function;
use crate::engine::graph::{Activate, Affine, Element, Gating, Node, Operation, Stencil, ValueId};
use crate::error::{Error, Kind, Place};

/// Why a network that reads a switch otherwise is refused.
const REFUSAL: &str = "it computes with whether a value is equal to, above or below a number, which has no slope and no relevance; such a comparison is read as a mask of steps or inputs only, so export the model without it";

impl Lowering<'_> {
    /// `x = number`, `x > number`, `x < number`, and their opposites.
    pub(super) fn switch(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let refused = || {
            Reason(format!(
                "the comparison {} of two computed values has no relevance rule; export the model without it",
                op.0.name()
            ))
        };
        let [a, b] = node.inputs[..] else { return Err(refused()) };
        let (x, number, number_first) = match (self.constant(a), self.constant(b)) {
            (None, Some(number)) => (a, number, false),
            (Some(number), None) => (b, number, true),
            _ => return Err(refused()),
        };
        let number = number.cast_to::<f32>()?.into_owned();
        let numbers = number.try_as_plain_ram()?.as_slice::<f32>()?;
        let number = numbers.first().copied().ok_or_else(refused)?;
        if numbers.iter().any(|other| *other != number) {
            return Err(refused());
        }
        let (above, below) = (Function::Above { number }, Function::Below { number });
        let (f, is_opposite) = match (op.0.name(), number_first) {
            ("EQ" | "Eq", _) => (Function::Equal { number }, false),
            ("NE" | "Ne", _) => (Function::Equal { number }, true),
            ("GT", false) | ("LT", true) => (above, false),
            ("LT", false) | ("GT", true) => (below, false),
            ("GE" | "GTE", false) | ("LE" | "LTE", true) => (below, true),
            ("LE" | "LTE", false) | ("GE" | "GTE", true) => (above, true),
            _ => return Err(refused()),
        };
        let elements = self.broadcast(x, &shape(self.model, node.id.into())?)?;
        let input = self.materialise_elements(node, elements);
        // tract's truth values are no numbers: the switch is not recorded, but computed from what is compared.
        let switch = self.value(self.graph.lens[input]);
        self.push(node, Operation::Activate(Activate { f, input, output: switch }));
        let elements = whole(switch, self.graph.lens[switch]);
        if is_opposite {
            return self.opposite(node, elements);
        }
        self.views.insert(node.id.into(), View::Computed(elements));
        Ok(())
    }

    /// `1 - switch`
    pub(super) fn opposite(&mut self, node: &TypedNode, elements: Vec<Element>) -> Result<(), Reason> {
        let n = elements.len();
        let input = self.materialise_elements(node, elements);
        let output = self.value(n);
        let stencil = Stencil::elementwise(n);
        self.push(
            node,
            Operation::Affine(Affine { input, output, weight: vec![-1.0; n], stencil, bias: vec![1.0; n] }),
        );
        self.views.insert(node.id.into(), View::Computed(whole(output, n)));
        Ok(())
    }

    /// Whether all elements of an outlet are switches, or sums of some.
    pub(super) fn are_switches(&self, outlet: OutletId) -> Result<bool, Reason> {
        let is_one = |element: &Element| value_of(element).is_some_and(|value| self.facts[value].is_switch);
        Ok(self.elements(outlet)?.iter().all(is_one))
    }

    /// Whether all elements are products of a switch and a signal.
    pub(super) fn is_switched(&self, elements: &[Element]) -> bool {
        let is_product = |value: ValueId| match self.graph.producer(value).map(|node| &node.operation) {
            Some(Operation::Product(op)) => op.gating == Gating::Switch,
            _ => false,
        };
        let mut values: Vec<Option<ValueId>> = elements.iter().map(value_of).collect();
        values.dedup();
        values.into_iter().all(|value| value.is_some_and(is_product))
    }

    /// Refuses a network that reads a switch otherwise than as a mask: of the steps of a recurrent layer, or of values.
    pub(super) fn check_switches(&self) -> Result<(), Error> {
        let is = |value: ValueId| self.facts[value].is_switch;
        let refused = |node: &Node| Error::new(Kind::Unsupported, REFUSAL).at(Place::Node(node.name.clone()));
        for node in &self.graph.nodes {
            let is_read = match &node.operation {
                Operation::Activate(_) | Operation::Affine(_) | Operation::Extremum(_) => false,
                Operation::Product(op) if is(op.output) => false,
                Operation::Rearrange(op) => {
                    is(op.output) && op.elements.iter().filter_map(value_of).any(|value| !is(value))
                }
                Operation::Product(op) => is(op.signal) || is(op.gate) != (op.gating == Gating::Switch),
                Operation::Recurrent(op) => {
                    let masked = op.mask.is_some_and(|mask| !is(mask));
                    let others = node.operation.inputs().into_iter().filter(|value| Some(*value) != op.mask);
                    masked || others.into_iter().any(&is)
                }
                other => other.inputs().into_iter().any(&is),
            };
            if is_read {
                return Err(refused(node));
            }
        }
        let mut sites = self.graph.targets.iter().flat_map(|target| target.link.scores(target.score));
        match sites.find(|site| is(site.value)).and_then(|site| self.graph.producer(site.value)) {
            Some(node) => Err(refused(node)),
            None => Ok(()),
        }
    }
}
