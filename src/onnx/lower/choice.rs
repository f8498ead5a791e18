//! Choices between values, by a condition that is the same for every stay or by a switch; what exporters compute of
//! whole numbers; and what is known before the model runs.
//!
//! Words are whole numbers of the input that the network looks up in a table. Exporters write checks around them (Keras
//! asks whether they are below 0) and cast them to and fro; all of this is let through as what it comes to for words
//! from 0 on.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::math::{Add, Mul};

use super::{Lowering, Reason, View, of_input, shape, whole};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::graph::{Affine, Element, Operation, Select, Stencil, ValueId};
use crate::error::{Error, Kind};

impl Lowering<'_> {
    /// A comparison: of words with a number that none is below, or of values with a number, which gives switches.
    pub(super) fn comparison(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        match self.word_comparison(node, op) {
            Err(_) => self.switch(node, op),
            known => known,
        }
    }

    /// Whether words are below a number that none of them is below: Keras asks so before it looks words up, to count
    /// negative ones from the end. Words are the whole numbers from 0, and `Model::check_input` takes no others, so the
    /// answer is no for all of them, and is a constant.
    ///
    /// # Errors
    /// For any other comparison; the caller then tries that of numbers.
    fn word_comparison(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let refused =
            || Reason(format!("the comparison {} depends on the input; export the model without it", op.0.name()));
        let [a, b] = node.inputs[..] else { return Err(refused()) };
        let (words, number) = match op.0.name() {
            "LT" => (a, b),
            "GT" => (b, a),
            _ => return Err(refused()),
        };
        let number = self.constant(number).ok_or_else(refused)?.cast_to::<f64>()?.into_owned();
        let is_below = number.try_as_plain_ram()?.as_slice::<f64>()?.iter().all(|number| *number <= 0.0);
        let words = self.words(words)?.filter(|_| is_below).ok_or_else(refused)?;
        self.taken_for_words.extend(words);
        let shape = shape(self.model, node.id.into())?;
        let nowhere = Tensor::from_shape(&shape, &vec![false; shape.iter().product()])?;
        self.views.insert(node.id.into(), View::Constant(nowhere.into()));
        Ok(())
    }

    /// Which numbers of the input an outlet holds, where they are whole ones as they came in, whatever their type now;
    /// `None` where it holds anything else. Casts and added axes are looked through.
    pub(super) fn words(&self, outlet: OutletId) -> Result<Option<Vec<usize>>, Reason> {
        let mut whole = outlet;
        while !self.model.outlet_fact(whole)?.datum_type.is_integer() {
            let node = self.model.node(whole.node);
            if !node.op_is::<Cast>() && !node.op_is::<AxisOp>() {
                return Ok(None);
            }
            whole = node.inputs[0];
        }
        let View::Computed(elements) = &self.views[&outlet] else { return Ok(None) };
        Ok(elements.iter().map(of_input).collect())
    }

    /// Refuses a model that looks words up by some numbers of its input and takes others for words: those it would
    /// round, which has no slope.
    pub(super) fn check_words(&self) -> Result<(), Error> {
        let is_word = self.graph.words();
        if self.taken_for_words.iter().all(|index| is_word[*index]) {
            return Ok(());
        }
        Err(Error::new(
            Kind::Unsupported,
            "numbers of the input are rounded to whole ones, or compared with 0, that the network does not look up as codes in a table; export codes as an input of whole numbers (int64) of its own, or without the rounding",
        ))
    }

    /// Arithmetic of whole numbers, as far as they stay what they are: what is added to zeros or multiplied by ones,
    /// and what is multiplied by zeros.
    ///
    /// # Errors
    /// For all other arithmetic; the caller then tries that of numbers.
    pub(super) fn count(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let refused = || Reason(format!("there is no relevance rule for {} of whole numbers", op.name()));
        let [a, b] = node.inputs[..] else { return Err(refused()) };
        let (constant, other) = match (self.constant(a), self.constant(b)) {
            (Some(constant), None) => (constant, b),
            (None, Some(constant)) => (constant, a),
            _ => return Err(refused()),
        };
        let numbers = constant.cast_to::<i64>()?.into_owned();
        let numbers = numbers.try_as_plain_ram()?.as_slice::<i64>()?;
        let are_all = |number: i64| numbers.iter().all(|other| *other == number);
        let out_shape = shape(self.model, node.id.into())?;
        let view = if op.0.is::<Mul>() && are_all(0) {
            View::Constant(Tensor::zero_dt(node.outputs[0].fact.datum_type, &out_shape)?.into())
        } else if op.0.is::<Mul>() && are_all(1) || op.0.is::<Add>() && are_all(0) {
            View::Computed(self.broadcast(other, &out_shape)?)
        } else {
            return Err(refused());
        };
        self.views.insert(node.id.into(), view);
        Ok(())
    }

    /// What a node reads, where all of that is known before the model runs; `None` where something is computed, or
    /// nothing read.
    pub(super) fn constants(&self, node: &TypedNode) -> Option<TVec<TValue>> {
        if node.inputs.is_empty() {
            return None;
        }
        node.inputs.iter().map(|outlet| Some(self.constant(*outlet)?.clone().into_tvalue())).collect()
    }

    /// What a node makes of constants, by tract's own evaluation.
    pub(super) fn fold(&mut self, node: &TypedNode, inputs: TVec<TValue>) -> Result<(), Reason> {
        let outputs = node.op().eval_out_of_plan(inputs)?.ok_or("it cannot be evaluated on its own")?;
        for (slot, output) in outputs.into_iter().enumerate() {
            self.views.insert(OutletId::new(node.id, slot), View::Constant(output.into_arc_tensor()));
        }
        Ok(())
    }

    /// `Where`: takes each element from the second or the third input, as the first says. With a constant condition
    /// that is a data movement; what is chosen nowhere need not be readable.
    pub(super) fn choose(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let [condition, yes, no] = node.inputs[..] else { return Err("it needs a condition and two values".into()) };
        let out_shape = shape(self.model, node.id.into())?;
        let Some(condition) = self.constant(condition) else {
            return self.select(node, [condition, yes, no], &out_shape);
        };
        let condition = condition.broadcast_to_shape(&out_shape)?;
        let condition = condition.try_as_plain_ram()?.as_slice::<bool>()?.to_vec();
        // What is chosen nowhere need not be readable.
        let values = |lowering: &Self, outlet, chosen: bool| match condition.contains(&chosen) {
            true => lowering.broadcast(outlet, &out_shape),
            false => Ok(vec![Element::Constant(0.0); condition.len()]),
        };
        let (yes, no) = (values(self, yes, true)?, values(self, no, false)?);
        let chosen = condition.iter().zip(yes.into_iter().zip(no)).map(|(is, (yes, no))| if *is { yes } else { no });
        self.views.insert(node.id.into(), View::Computed(chosen.collect()));
        Ok(())
    }

    /// `Where` by a condition that is computed: a choice by a switch.
    ///
    /// # Errors
    /// For a condition that is no comparison.
    fn select(
        &mut self,
        node: &TypedNode,
        [condition, yes, no]: [OutletId; 3],
        out_shape: &[usize],
    ) -> Result<(), Reason> {
        let switch = self.broadcast(condition, out_shape)?;
        let switch = self.truths(node, switch);
        let (yes, no) = (self.broadcast(yes, out_shape)?, self.broadcast(no, out_shape)?);
        if let Some((yes, no)) = numbers_of(&yes).zip(numbers_of(&no)) {
            return self.of_numbers(node, switch, &yes, &no);
        }
        let [switch, yes_value, no_value] = [switch, yes, no].map(|elements| self.materialise_elements(node, elements));
        if !self.facts[switch].is_switch {
            return Err(
                "it chooses between values by a number that is no comparison; export the model without it".into()
            );
        }
        if self.is_softplus(switch, yes_value, no_value) {
            let elements = whole(no_value, self.graph.lens[no_value]);
            self.views.insert(node.id.into(), View::Computed(elements));
            return Ok(());
        }
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Select(Select { switch, yes: yes_value, no: no_value, output }));
        Ok(())
    }

    /// Conditions as switches: those that are an input of the file, true or false, are compared with a half.
    pub(super) fn truths(&mut self, node: &TypedNode, elements: Vec<Element>) -> Vec<Element> {
        if !elements.iter().any(|element| of_input(element).is_some()) {
            return elements;
        }
        self.comparison_of(node, elements, Function::Above { number: 0.5 })
    }

    /// A choice between two numbers is the switch, read as a number: `no + (yes - no) switch`. Taken as a choice, what
    /// arrives would end at numbers of the file.
    fn of_numbers(&mut self, node: &TypedNode, switch: Vec<Element>, yes: &[f32], no: &[f32]) -> Result<(), Reason> {
        let input = self.materialise_elements(node, switch);
        if !self.facts[input].is_switch {
            return Err(
                "it chooses between values by a number that is no comparison; export the model without it".into()
            );
        }
        let output = self.define(node.id.into())?;
        let weight: Vec<f32> = yes.iter().zip(no).map(|(yes, no)| yes - no).collect();
        let stencil = Stencil::elementwise(weight.len());
        self.push(node, Operation::Affine(Affine { input, output, weight, stencil, bias: no.to_vec() }));
        Ok(())
    }

    /// Whether a choice is `z` where `z` is above some number, and softplus elsewhere: exporters write softplus so,
    /// which is `z` to rounding there. Taken as a choice, the two halves would have two rules; as one function it has
    /// one.
    fn is_softplus(&self, switch: ValueId, yes: ValueId, no: ValueId) -> bool {
        /// From here on softplus is `z` to the rounding of single precision.
        const FAR: f32 = 16.0;
        let activation = |value: ValueId| match self.graph.producer(value).map(|node| &node.operation) {
            Some(Operation::Activate(op)) => Some((op.f, op.input)),
            _ => None,
        };
        match (activation(switch), activation(no)) {
            (Some((Function::Above { number }, z)), Some((f, of))) => {
                f == Activation::Softplus.into() && number >= FAR && z == yes && of == yes
            }
            _ => false,
        }
    }
}

/// The numbers that elements are, where all of them are finite constants: minus infinity in a mask cannot be weighed.
fn numbers_of(elements: &[Element]) -> Option<Vec<f32>> {
    let number = |element: &Element| match element {
        Element::Constant(number) if number.is_finite() => Some(*number),
        _ => None,
    };
    elements.iter().map(number).collect()
}
