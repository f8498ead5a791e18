//! Element by element: arithmetic of two values, functions of one, and softmax.
//!
//! A sum, a difference and a scaling are affine; a division was wired as a product with the reciprocal
//! (`wire/assembly.rs`). Affine layers that follow each other are joined to one where that is what the network's author
//! wrote: the linear rule applied twice gives other relevance than once.

use std::collections::{BTreeMap, HashMap};

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::math::{
    Abs, Add, Erf, Exp, Ln, Max, Min, Mul, Neg, Pow, PowConst, Recip, Rsqrt, Sqrt, Square, Sub, Tanh,
};
use tract_onnx::tract_core::ops::nn::silu::Silu;
use tract_onnx::tract_core::ops::nn::{
    GeluApproximate, GeluExact, HardSwish, LeakyRelu, Sigmoid, Softmax as TractSoftmax, SoftmaxKind,
};

use tract_onnx::tract_core::ops::logic::Not;

use super::super::wire::floats;
use super::super::wire::function::{Apply, Sloped};
use super::contract::over_axes;
use super::fact::Standing;
use super::{Lowering, Reason, View, shape, whole};
use crate::engine::function::Function;
use crate::engine::function::activation::Activation;
use crate::engine::graph::{
    Activate, Affine, Element, Extremum, Gating, INPUT, Offset, Operation, Product, Softmax, Stencil, StencilRow,
    ValueId,
};

/// Which of two factors is the gate, and what it is to the other. By the gate rules a gate and a signal share relevance
/// unequally.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roles {
    /// Whether the gate is the first factor.
    pub(super) gate_is_first: bool,
    /// A gate, a switch, or factors of the same kind, which share relevance evenly.
    pub(super) gating: Gating,
}

/// How often each weight of the file may be copied, see [`Lowering::may_copy`].
const COPIES_OF_A_WEIGHT: usize = 8;
/// How many weights may be copied beside that.
const COPIES: usize = 1 << 20;

impl Lowering<'_> {
    /// Arithmetic of two values, in single precision: Add, Sub, Mul, Max, Min.
    ///
    /// # Errors
    /// For any other operation, and for Max and Min with constants that differ.
    pub(super) fn binary(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let [a, b] = node.inputs[..] else { return Err("it needs two inputs".into()) };
        match (&self.views[&a], &self.views[&b]) {
            (View::Computed(_), View::Constant(constant)) => {
                let constant = constant.clone();
                self.with_constant(node, op, a, &constant, false)
            }
            (View::Constant(constant), View::Computed(_)) => {
                let constant = constant.clone();
                self.with_constant(node, op, b, &constant, true)
            }
            _ => self.of_two(node, op, a, b),
        }
    }

    /// Arithmetic of two computed values, broadcast to the node's shape: a sum or difference as one layer where both
    /// are layers, else of lower units; a product of gate and signal; a maximum or minimum.
    fn of_two(&mut self, node: &TypedNode, op: &TypedBinOp, a: OutletId, b: OutletId) -> Result<(), Reason> {
        let out_shape = shape(self.model, node.id.into())?;
        let are_used_once = self.is_used_once(a) && self.is_used_once(b);
        let (a, b) = (self.broadcast(a, &out_shape)?, self.broadcast(b, &out_shape)?);
        let n = a.len();
        let sign = match (op.0.is::<Add>(), op.0.is::<Sub>()) {
            (true, _) => Some(1.0),
            (_, true) => Some(-1.0),
            _ => None,
        };
        if let Some(sign) = sign
            && are_used_once
            && let Some(affine) = self.joined(node, &a, &b, sign)
        {
            let output = self.define(node.id.into())?;
            self.push(node, Operation::Affine(Affine { output, ..affine }));
            return Ok(());
        }
        if op.0.is::<Mul>() {
            let values = [self.materialise_elements(node, a), self.materialise_elements(node, b)];
            let roles = self.roles(values[0], values[1]);
            return self.product(node, values, roles, Stencil::elementwise(n));
        }
        // Both lie one after the other, so that element k has the lower units k and n + k.
        let both = a.into_iter().chain(b).collect();
        let rows = (0..n).map(|k| Offset { x: k, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }, Offset { x: n, w: 1 }]);
        let operation: fn(ValueId, ValueId, Stencil, usize) -> Operation = if op.0.is::<Add>() {
            |input, output, stencil, n| sum([1.0, 1.0], input, output, stencil, n)
        } else if op.0.is::<Sub>() {
            |input, output, stencil, n| sum([1.0, -1.0], input, output, stencil, n)
        } else if op.0.is::<Max>() {
            |input, output, stencil, _| Operation::Extremum(Extremum { input, output, stencil, is_maximum: true })
        } else if op.0.is::<Min>() {
            |input, output, stencil, _| Operation::Extremum(Extremum { input, output, stencil, is_maximum: false })
        } else {
            return Err(without_rule(op, "of two computed values"));
        };
        let input = self.materialise_elements(node, both);
        let output = self.define(node.id.into())?;
        self.push(node, operation(input, output, stencil, n));
        Ok(())
    }

    /// Whether nothing but one node reads what an outlet holds, before data movement and after. A layer that others
    /// read stays a layer of its own.
    fn is_used_once(&self, outlet: OutletId) -> bool {
        let mut outlet = outlet;
        loop {
            let node = self.model.node(outlet.node);
            if self.model.outputs.contains(&outlet) || self.model.outlet_successors(outlet).len() != 1 {
                return false;
            }
            if !node.op_is::<AxisOp>() {
                return true;
            }
            outlet = node.inputs[0];
        }
    }

    /// `a + sign b` of two affine layers as one: to a rule, `z = W x + U h + b` is one layer, also where an exporter or
    /// tract writes it as a sum of two.
    ///
    /// ```text
    /// a_j = sum_i w_ji x_i + b_j        c_k = sum_i u_ki h_i + d_k
    /// z   = sum_i w_ji x_i + sign sum_i u_ki h_i + ( b_j + sign d_k )        over x and h one behind the other
    /// ```
    ///
    /// Row by row the new layer has the lower units of both; rows whose lower units are alike share one list, which is
    /// what keeps a layer over many steps small. `None` where one is no layer, and where too many weights would be
    /// copied.
    fn joined(&mut self, node: &TypedNode, a: &[Element], b: &[Element], sign: f32) -> Option<Affine> {
        let (of_a, rows_a) = self.layer_of(a)?;
        let (of_b, rows_b) = self.layer_of(b)?;
        let n_weights = of_a.weight.len() + of_b.weight.len();
        if !self.may_copy(n_weights) {
            return None;
        }
        let (of_a, of_b) = (of_a.clone(), of_b.clone());
        self.n_copied += n_weights;
        let first = Offset { x: self.graph.lens[of_a.input], w: of_a.weight.len() };
        let mut taps = vec![];
        let mut known = HashMap::new();
        let rows = rows_a.iter().zip(&rows_b).map(|(j, k)| {
            let below = of_b.stencil.lower(*k).map(|unit| Offset { x: first.x + unit.x, w: first.w + unit.w });
            let set: Vec<Offset> = of_a.stencil.lower(*j).chain(below).collect();
            let index = *known.entry(set).or_insert_with_key(|set: &Vec<Offset>| {
                taps.push(set.clone());
                taps.len() - 1
            });
            StencilRow { x: 0, w: 0, taps: index }
        });
        let rows = rows.collect();
        let both =
            [of_a.input, of_b.input].into_iter().flat_map(|input| whole(input, self.graph.lens[input])).collect();
        Some(Affine {
            input: self.materialise_elements(node, both),
            output: INPUT,
            weight: of_a.weight.iter().copied().chain(of_b.weight.iter().map(|w| sign * w)).collect(),
            stencil: Stencil { rows, taps },
            bias: rows_a.iter().zip(&rows_b).map(|(j, k)| of_a.bias[*j] + sign * of_b.bias[*k]).collect(),
        })
    }

    /// Whether so many weights may be copied into a layer that is made of others.
    ///
    /// A layer that several read is copied for each, and where they meet again, for their sum: the copies double level
    /// upon level. Networks copy each weight a few times, so [`COPIES_OF_A_WEIGHT`] times all that the file has, and
    /// [`COPIES`] more, are allowed; where more is asked for, the layers stay apart, and the rule is applied to each.
    fn may_copy(&self, n_weights: usize) -> bool {
        let n_written = self.n_weights.saturating_sub(self.n_copied);
        self.n_copied + n_weights <= COPIES_OF_A_WEIGHT * n_written + COPIES
    }

    /// The one affine layer that all elements come from, and which of its outputs each is; `None` where they are of
    /// several values, or of one that no affine layer computes.
    fn layer_of(&self, elements: &[Element]) -> Option<(&Affine, Vec<usize>)> {
        let sites = elements.iter().map(|element| match element {
            Element::Site(site) => Some(*site),
            Element::Constant(_) => None,
        });
        let sites = sites.collect::<Option<Vec<_>>>()?;
        let value = sites.first()?.value;
        let Operation::Affine(affine) = &self.graph.producer(value)?.operation else { return None };
        let rows = sites.iter().map(|site| (site.value == value).then_some(site.index));
        Some((affine, rows.collect::<Option<_>>()?))
    }

    /// Arithmetic of a computed value and a constant that is broadcast: `w x + b`, or a bound.
    ///
    /// Two forms that Keras writes around masks are let through as what they come to: switches times zero are zeros,
    /// and zeros added to a masked value leave it as it is.
    fn with_constant(
        &mut self,
        node: &TypedNode,
        op: &TypedBinOp,
        x: OutletId,
        constant: &Tensor,
        constant_first: bool,
    ) -> Result<(), Reason> {
        let out_shape = shape(self.model, node.id.into())?;
        let constant = constant.cast_to::<f32>()?.broadcast_to_shape(&out_shape)?;
        let constant = floats(&constant)?.to_vec();
        let n = constant.len();
        if op.0.is::<Max>() || op.0.is::<Min>() {
            return self.clip(node, x, &constant, op.0.is::<Max>());
        }
        if op.0.is::<Pow>() && !constant_first {
            let elements = self.broadcast(x, &out_shape)?;
            self.each_by_its(node, &elements, constant.into_iter(), power);
            return Ok(());
        }
        let (weight, bias) = if op.0.is::<Add>() {
            (vec![1.0; n], constant)
        } else if op.0.is::<Sub>() && constant_first {
            (vec![-1.0; n], constant)
        } else if op.0.is::<Sub>() {
            (vec![1.0; n], constant.iter().map(|c| -c).collect())
        } else if op.0.is::<Mul>() && constant.iter().all(|c| *c == 0.0) && self.are_switches(x)? {
            self.views.insert(
                node.id.into(),
                View::Constant(Tensor::zero_dt(node.outputs[0].fact.datum_type, &out_shape)?.into()),
            );
            return Ok(());
        } else if op.0.is::<Mul>() {
            (constant, vec![0.0; n])
        } else {
            return Err(without_rule(op, "with a constant"));
        };
        let elements = self.broadcast(x, &out_shape)?;
        if op.0.is::<Add>() && bias.iter().all(|b| *b == 0.0) && self.is_switched(&elements) {
            // Keras adds what it puts in the place of masked inputs, which is nothing.
            self.views.insert(node.id.into(), View::Computed(elements));
            return Ok(());
        }
        self.scaled(node, elements, weight, bias)
    }

    /// `w x + b`, element by element; part of the layer that computes x where there is one and w is one number.
    fn scaled(
        &mut self,
        node: &TypedNode,
        elements: Vec<Element>,
        weight: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<(), Reason> {
        let affine = match self.folded(&elements, &weight, &bias) {
            Some(affine) => {
                self.n_copied += affine.weight.len();
                affine
            }
            None => Affine {
                stencil: Stencil::elementwise(elements.len()),
                input: self.materialise_elements(node, elements),
                output: INPUT,
                weight,
                bias,
            },
        };
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Affine(Affine { output, ..affine }));
        Ok(())
    }

    /// The affine layer that all elements come from, with a bias more, or with all its weights scaled by one number: to
    /// a rule, `z = w x` and `c z + b` are one layer. `None` where the elements are of several values, and where w
    /// differs from element to element.
    fn folded(&self, elements: &[Element], weight: &[f32], bias: &[f32]) -> Option<Affine> {
        let (affine, rows) = self.layer_of(elements)?;
        let c = *weight.first()?;
        if weight.iter().any(|w| *w != c) || !self.may_copy(affine.weight.len()) {
            return None;
        }
        Some(Affine {
            weight: affine.weight.iter().map(|w| c * w).collect(),
            bias: rows.iter().zip(bias).map(|(j, b)| c * affine.bias[*j] + b).collect(),
            stencil: affine.stencil.select(rows),
            ..affine.clone()
        })
    }

    /// The maximum or minimum of a value and numbers: an activation, `Relu` where the number is 0.
    fn clip(&mut self, node: &TypedNode, x: OutletId, limits: &[f32], is_maximum: bool) -> Result<(), Reason> {
        let f = |limit: f32| match (is_maximum, limit) {
            (true, 0.0) => Activation::Relu.into(),
            (true, low) => Function::Clip { low, high: f32::INFINITY },
            (false, high) => Function::Clip { low: f32::NEG_INFINITY, high },
        };
        let limit = limits.first().copied().unwrap_or_default();
        if limits.iter().all(|other| *other == limit) {
            return self.apply(node, f(limit), x);
        }
        let elements = self.broadcast(x, &shape(self.model, node.id.into())?)?;
        self.each_by_its(node, &elements, limits.iter().copied(), f);
        Ok(())
    }

    /// A function of one number; `-x` is affine, and "not" of a switch `1 - x`.
    ///
    /// # Errors
    /// For a function that has no slope here, such as rounding.
    pub(super) fn activate(&mut self, node: &TypedNode, op: &ElementWiseOp) -> Result<(), Reason> {
        let x = node.inputs[0];
        if op.0.is::<Not>() {
            let elements = self.elements(x)?;
            let switch = self.truths(node, elements);
            return self.opposite(node, switch);
        }
        if op.0.is::<Neg>() {
            let elements = self.elements(x)?;
            let n = elements.len();
            return self.scaled(node, elements, vec![-1.0; n], vec![0.0; n]);
        }
        let f = function(op).ok_or_else(|| {
            // ONNX has one operator that rounds.
            let name = op.0.name().replace("RoundHalfToEven", "Round");
            let is_rounding = ["Floor", "Ceil", "Round", "Sign"].contains(&&*name);
            Reason(if is_rounding {
                format!("{name} makes steps of a computed value, which have no slope and no relevance; round in the record before the network, and export the model without it")
            } else {
                format!("there is no relevance rule for the function {name}; export the model with another activation")
            })
        })?;
        self.apply(node, f, x)
    }

    /// A rectifier with a slope for each element.
    pub(super) fn sloped(&mut self, node: &TypedNode, op: &Sloped) -> Result<(), Reason> {
        let elements = self.elements(node.inputs[0])?;
        self.each_by_its(node, &elements, op.slopes(), |alpha| Activation::LeakyRelu { alpha }.into());
        Ok(())
    }

    /// A function of each element and a number of its own, such as a slope or an exponent: as many functions of one number
    /// as there are different ones, each of the elements that have it.
    /// A function of the engine has one number, and one for each channel would need an operation of its own for what is
    /// one line here.
    fn each_by_its(
        &mut self,
        node: &TypedNode,
        elements: &[Element],
        numbers: impl Iterator<Item = f32>,
        f: impl Fn(f32) -> Function,
    ) {
        let mut of_number: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        numbers.enumerate().for_each(|(k, number)| of_number.entry(number.to_bits()).or_default().push(k));
        let mut made = elements.to_vec();
        for (bits, places) in of_number {
            let input = self.materialise_elements(node, places.iter().map(|k| elements[*k]).collect());
            let output = self.activated(node, f(f32::from_bits(bits)), input);
            places.into_iter().zip(whole(output, self.graph.lens[output])).for_each(|(k, element)| made[k] = element);
        }
        self.views.insert(node.id.into(), View::Computed(made));
    }

    /// `f(x)` at the node's output.
    fn apply(&mut self, node: &TypedNode, f: Function, x: OutletId) -> Result<(), Reason> {
        let input = self.materialise(node, x)?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Activate(Activate { f, input, output }));
        Ok(())
    }

    /// `f(x)` inside a node that tract computes as one: a value that is not recorded, but computed again from what is.
    pub(super) fn activated(&mut self, node: &TypedNode, f: Function, input: ValueId) -> ValueId {
        let output = self.value(self.graph.lens[input]);
        self.push(node, Operation::Activate(Activate { f, input, output }));
        output
    }

    /// Softmax over axes, or its logarithm, which is the function Ln of one.
    ///
    /// # Errors
    /// For a quantised softmax.
    pub(super) fn softmax(&mut self, node: &TypedNode, op: &TractSoftmax) -> Result<(), Reason> {
        if op.quant_output_dt.is_some() {
            return Err("a quantised softmax has no relevance rule; export the model in float32".into());
        }
        let stencil = over_axes(&shape(self.model, node.inputs[0])?, &op.axes);
        let groups = (0..stencil.len()).map(|j| stencil.lower(j).map(|unit| unit.x).collect()).collect();
        let input = self.materialise(node, node.inputs[0])?;
        match op.kind {
            SoftmaxKind::Softmax => {
                let output = self.define(node.id.into())?;
                self.push(node, Operation::Softmax(Softmax { input, output, groups }));
            }
            SoftmaxKind::LogSoftmax => {
                let shares = self.value(self.graph.lens[input]);
                self.push(node, Operation::Softmax(Softmax { input, output: shares, groups }));
                let output = self.define(node.id.into())?;
                self.push(node, Operation::Activate(Activate { f: Function::Ln, input: shares, output }));
            }
        }
        Ok(())
    }

    /// A product at this node's output: `y_j = sum over lower units of signal * gate`. The stencil's x is in the
    /// signal, its w in the gate.
    pub(super) fn product(
        &mut self,
        node: &TypedNode,
        [a, b]: [ValueId; 2],
        Roles { gate_is_first, gating }: Roles,
        stencil: Stencil,
    ) -> Result<(), Reason> {
        let (gate, signal) = if gate_is_first { (a, b) } else { (b, a) };
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Product(Product { gate, signal, gating, output, stencil }));
        Ok(())
    }

    /// The roles of two factors, by where they come from: the later [`Standing`] is the gate.
    pub(super) fn roles(&self, a: ValueId, b: ValueId) -> Roles {
        let (a, b) = (self.facts[a].standing(), self.facts[b].standing());
        let gating = match a.max(b) {
            _ if a == b => Gating::Symmetric,
            Standing::Switch => Gating::Switch,
            _ => Gating::Gate,
        };
        Roles { gate_is_first: a > b, gating }
    }
}

/// `w_0 x_k + w_1 x_(n + k)`, for each k of n.
fn sum(weight: [f32; 2], input: ValueId, output: ValueId, stencil: Stencil, n: usize) -> Operation {
    Operation::Affine(Affine { input, output, weight: weight.to_vec(), stencil, bias: vec![0.0; n] })
}

/// Why arithmetic is refused.
fn without_rule(op: &TypedBinOp, of: &str) -> Reason {
    let remedy = match op.0.is::<Pow>() {
        true => "export a power whose exponent is computed as torch.exp(exponent * torch.log(base)), of a base above 0",
        false => "export the model without it",
    };
    Reason(format!("there is no relevance rule for {} {of}; {remedy}", op.name()))
}

/// `x` to the power of a number. tract turns one exponent for all into these, where it simplifies a graph.
fn power(exponent: f32) -> Function {
    match exponent {
        2.0 => Function::Square,
        0.5 => Function::Sqrt,
        -0.5 => Function::ReciprocalSqrt,
        -1.0 => Function::Reciprocal,
        exponent => Function::Power { exponent },
    }
}

/// The engine's function for one of tract's; `None` where there is none.
fn function(op: &ElementWiseOp) -> Option<Function> {
    let mini = &op.0;
    let is = [
        (mini.is::<Sigmoid>(), Function::Activation(Activation::Sigmoid)),
        (mini.is::<Tanh>(), Function::Activation(Activation::Tanh)),
        (mini.is::<Silu>(), Function::Swish { alpha: 1.0 }),
        (mini.is::<HardSwish>(), Function::HardSwish),
        (mini.is::<GeluExact>(), Function::Gelu),
        (mini.is::<Erf>(), Function::Erf),
        (mini.is::<Exp>(), Function::Exp),
        (mini.is::<Ln>(), Function::Ln),
        (mini.is::<Sqrt>(), Function::Sqrt),
        (mini.is::<Rsqrt>(), Function::ReciprocalSqrt),
        (mini.is::<Recip>(), Function::Reciprocal),
        (mini.is::<Square>(), Function::Square),
        (mini.is::<Abs>(), Function::Abs),
    ];
    if let Some((_, f)) = is.into_iter().find(|(is, _)| *is) {
        return Some(f);
    }
    if let Some(Apply(f)) = mini.downcast_ref() {
        return Some(*f);
    }
    if let Some(LeakyRelu { alpha }) = mini.downcast_ref() {
        return Some(Activation::LeakyRelu { alpha: *alpha }.into());
    }
    if let Some(PowConst { exponent }) = mini.downcast_ref() {
        return Some(Function::Power { exponent: *exponent });
    }
    let approximate = mini.downcast_ref::<GeluApproximate>()?;
    // The faster form has another exponent.
    (!approximate.fast_impl).then_some(Function::GeluTanh)
}
