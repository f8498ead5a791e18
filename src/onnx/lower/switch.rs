//! Switches: 0 or 1, by a comparison, such as which steps a Masking layer masks. They are constants of a run: they have no
//! slope, and no share in what they let pass or choose. Where a network reads one as a number, as the mask beside the values,
//! it is a function of what is compared, like any other.
//!
//! | comparison | switch |
//! |---|---|
//! | `x = c`, `x > c`, `x < c` | the engine's functions `Equal`, `Above`, `Below` of one number c |
//! | `x != c`, `x <= c`, `x >= c` | 1 minus these |
//! | of two values | that of their difference with 0 |
//! | and, or | the least, the greatest of two switches |
//! | either | whether their difference is not 0 |
//! | not | 1 minus the switch |

use std::collections::BTreeMap;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::logic::{And, Or, Xor};

use super::fact::value_of;
use super::{Lowering, Reason, View, of_input, shape, whole};
use crate::engine::function::Function;
use crate::engine::graph::{Activate, Affine, Element, Extremum, Gating, Node, Offset, Operation, Stencil, ValueId};
use crate::error::{Error, Kind, Place};

/// Numbers that one node may compare with.
const MOST_NUMBERS: usize = 4096;

/// The comparison with a number that an operator of tract's is, and whether its opposite is meant; `number_first` where
/// the number stands on the left. `None` for what is no comparison.
fn with_number(operator: &str, number: f32, number_first: bool) -> Option<(Function, bool)> {
    let (above, below) = (Function::Above { number }, Function::Below { number });
    Some(match (operator, number_first) {
        ("EQ" | "Eq", _) => (Function::Equal { number }, false),
        ("NE" | "Ne", _) => (Function::Equal { number }, true),
        ("GT", false) | ("LT", true) => (above, false),
        ("LT", false) | ("GT", true) => (below, false),
        ("GE" | "GTE", false) | ("LE" | "LTE", true) => (below, true),
        ("LE" | "LTE", false) | ("GE" | "GTE", true) => (above, true),
        _ => return None,
    })
}

/// Why a network that returns a switch is refused, and one that rounds what is computed of switches alone.
pub(super) const REFUSAL: &str = "an output is computed of comparisons alone (whether a value is equal to, above or below a number), which have no slope and no relevance; export the model with its scores or probabilities as outputs; where these are votes (AdaBoost, hard voting), vote by probabilities (voting=\"soft\"), and where its inputs are binarised (KBinsDiscretizer, Binarizer, BernoulliNB), do that before it and export the rest";

impl Lowering<'_> {
    /// A comparison of two values, or of a value with numbers; and, or, either of two conditions.
    ///
    /// Equality, above and below are functions of the engine; the other three are `1 - x` of these, which is exact but
    /// for NaN, and no value of a run is NaN.
    ///
    /// # Errors
    /// For any other comparison than these six.
    pub(super) fn switch(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let refused =
            || Reason(format!("the comparison {} has no relevance rule; export the model without it", op.0.name()));
        let [a, b] = node.inputs[..] else { return Err(refused()) };
        let out_shape = shape(self.model, node.id.into())?;
        if op.0.is::<And>() || op.0.is::<Or>() || op.0.is::<Xor>() {
            let both = [self.broadcast(a, &out_shape)?, self.broadcast(b, &out_shape)?];
            let both = both.map(|elements| self.truths(node, elements));
            return self.combined(node, op, both);
        }
        let (x, number, number_first) = match (self.uniform(a)?, self.uniform(b)?) {
            (_, Some(number)) => (self.broadcast(a, &out_shape)?, number, false),
            (Some(number), None) => (self.broadcast(b, &out_shape)?, number, true),
            (None, None) if self.constant(a).is_some() || self.constant(b).is_some() => {
                let both = [self.broadcast(a, &out_shape)?, self.broadcast(b, &out_shape)?];
                return self.compared_each(node, op, both);
            }
            // `a < b` where `a - b < 0`: exactly so, also where the difference is rounded.
            (None, None) => {
                let both = [self.broadcast(a, &out_shape)?, self.broadcast(b, &out_shape)?];
                (self.difference(node, both), 0.0, false)
            }
        };
        let (f, is_opposite) = with_number(op.0.name(), number, number_first).ok_or_else(refused)?;
        if number.is_infinite() && x.iter().all(|element| of_input(element).is_some()) {
            // No input is infinite or no number, so the answer is that of any.
            let is = (f.value(0.0) == 1.0) != is_opposite;
            let everywhere = Tensor::from_shape(&out_shape, &vec![is; x.len()])?;
            self.views.insert(node.id.into(), View::Constant(everywhere.into()));
            return Ok(());
        }
        self.compared(node, x, f, is_opposite)
    }

    /// A comparison with numbers that differ from element to element, as codes are with all that they can be: each
    /// element is compared with its own, those that share a number together. A difference with a list of numbers would
    /// be a layer of its own, and its relevance as large as the difference is small.
    fn compared_each(&mut self, node: &TypedNode, op: &TypedBinOp, [a, b]: [Vec<Element>; 2]) -> Result<(), Reason> {
        let refused =
            || Reason(format!("the comparison {} has no relevance rule; export the model without it", op.0.name()));
        let number_first = matches!(a.first(), Some(Element::Constant(_)));
        let (numbers, x) = if number_first { (a, b) } else { (b, a) };
        let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (k, number) in numbers.iter().enumerate() {
            let Element::Constant(number) = number else { return Err(refused()) };
            groups.entry(number.to_bits()).or_default().push(k);
        }
        if groups.len() > MOST_NUMBERS {
            let n = groups.len();
            return Err(Reason(format!(
                "it compares with {n} numbers, at most {MOST_NUMBERS} are read; export codes with an embedding (torch: nn.Embedding)"
            )));
        }
        let mut elements = x.clone();
        let mut is_all_opposite = false;
        for (bits, places) in groups {
            let number = f32::from_bits(bits);
            let (f, is_opposite) = with_number(op.0.name(), number, number_first).ok_or_else(refused)?;
            is_all_opposite = is_opposite;
            let own = places.iter().map(|place| x[*place]).collect();
            let found = self.comparison_of(node, own, f);
            places.into_iter().zip(found).for_each(|(place, element)| elements[place] = element);
        }
        if is_all_opposite {
            return self.opposite(node, elements);
        }
        self.views.insert(node.id.into(), View::Computed(elements));
        Ok(())
    }

    /// The number that an outlet holds, where it is a constant and the same everywhere; `None` where it is computed, or
    /// differs.
    fn uniform(&self, outlet: OutletId) -> Result<Option<f32>, Reason> {
        let Some(constant) = self.constant(outlet) else { return Ok(None) };
        let numbers = constant.cast_to::<f32>()?;
        let numbers = numbers.try_as_plain_ram()?.as_slice::<f32>()?;
        let number = numbers.first().copied();
        Ok(number.filter(|number| numbers.iter().all(|other| other == number)))
    }

    /// `a - b`, element by element.
    fn difference(&mut self, node: &TypedNode, [a, b]: [Vec<Element>; 2]) -> Vec<Element> {
        let n = a.len();
        let input = self.materialise_elements(node, a.into_iter().chain(b).collect());
        let output = self.value(n);
        let rows = (0..n).map(|k| Offset { x: k, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }, Offset { x: n, w: 1 }]);
        let affine = Affine { input, output, weight: vec![1.0, -1.0], stencil, bias: vec![0.0; n] };
        self.push(node, Operation::Affine(affine));
        whole(output, n)
    }

    /// A comparison at the node's output, or its opposite. tract's truth values are no numbers: a switch is not
    /// recorded, but computed from what is compared.
    fn compared(&mut self, node: &TypedNode, x: Vec<Element>, f: Function, is_opposite: bool) -> Result<(), Reason> {
        let elements = self.comparison_of(node, x, f);
        if is_opposite {
            return self.opposite(node, elements);
        }
        self.views.insert(node.id.into(), View::Computed(elements));
        Ok(())
    }

    /// `f(x)` for a comparison `f`, as elements of a new value.
    pub(super) fn comparison_of(&mut self, node: &TypedNode, x: Vec<Element>, f: Function) -> Vec<Element> {
        let input = self.materialise_elements(node, x);
        let output = self.value(self.graph.lens[input]);
        self.push(node, Operation::Activate(Activate { f, input, output }));
        whole(output, self.graph.lens[output])
    }

    /// `x != 0`, which is what a cast to truth means.
    pub(super) fn is_not_zero(&mut self, node: &TypedNode, x: Vec<Element>) -> Result<(), Reason> {
        self.compared(node, x, Function::Equal { number: 0.0 }, true)
    }

    /// And: the least of two switches; or: the greatest; either (`Xor`): whether they differ.
    fn combined(&mut self, node: &TypedNode, op: &TypedBinOp, both: [Vec<Element>; 2]) -> Result<(), Reason> {
        if op.0.is::<Xor>() {
            let difference = self.difference(node, both);
            return self.is_not_zero(node, difference);
        }
        let n = both[0].len();
        let input = self.materialise_elements(node, both.into_iter().flatten().collect());
        let output = self.value(n);
        let rows = (0..n).map(|k| Offset { x: k, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }, Offset { x: n, w: 0 }]);
        let is_maximum = op.0.is::<Or>();
        self.push(node, Operation::Extremum(Extremum { input, output, stencil, is_maximum }));
        self.views.insert(node.id.into(), View::Computed(whole(output, n)));
        Ok(())
    }

    /// `1 - switch`, for "not" and for the comparisons that are opposites.
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

    /// Whether all elements of an outlet are switches, or computed of switches alone; constants are not.
    pub(super) fn are_switches(&self, outlet: OutletId) -> Result<bool, Reason> {
        let is_one = |element: &Element| value_of(element).is_some_and(|value| self.facts[value].is_switch);
        Ok(self.elements(outlet)?.iter().all(is_one))
    }

    /// Whether all elements are computed of comparisons alone, or constants.
    pub(super) fn are_compared(&self, elements: &[Element]) -> bool {
        elements.iter().all(|element| value_of(element).is_none_or(|value| self.facts[value].is_switch))
    }

    /// Whether all elements are whole numbers that are computed of comparisons.
    pub(super) fn are_whole(&self, elements: &[Element]) -> bool {
        elements.iter().all(|element| match element {
            Element::Site(site) => self.facts[site.value].is_whole,
            Element::Constant(number) => number.fract() == 0.0,
        })
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

    /// Refuses a network whose mask is no comparison, and one that returns comparisons.
    ///
    /// A mask that is a number would have a share in what is let through, and the rules of a recurrent layer give it
    /// none. A target that is a comparison has no slope anywhere.
    pub(super) fn check_switches(&self) -> Result<(), Error> {
        let is = |value: ValueId| self.facts[value].is_switch;
        let refused = |node: &Node, reason| Error::new(Kind::Unsupported, reason).at(Place::Node(node.name.clone()));
        for node in &self.graph.nodes {
            if let Operation::Recurrent(op) = &node.operation
                && op.mask.is_some_and(|mask| !is(mask))
            {
                return Err(refused(node, "its mask is no comparison of the input; export the model without the mask"));
            }
        }
        let mut sites = self.graph.targets.iter().flat_map(|target| target.link.scores(target.score));
        match sites.find(|site| is(site.value)).and_then(|site| self.graph.producer(site.value)) {
            Some(node) => Err(refused(node, REFUSAL)),
            None => Ok(()),
        }
    }
}
