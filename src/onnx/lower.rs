//! tract's decluttered graph -> our [`Graph`].
//!
//! Data movement needs no rule an operator: each such operator is run once on indices in place of numbers, and the
//! indices that come out say where every element came from. Chains of them collapse on the way, because an index is
//! always one of a value that is really computed.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::{Gather, GatherNd, MultiBroadcastTo, Slice, TypedConcat};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::identity::Identity;
use tract_onnx::tract_core::ops::math::{Add, Mul, Sub};
use tract_onnx::tract_hir::internal::*;

use super::plan::Record;
use super::recurrent::{Recording, TAPE, floats, lengths};
use super::reverse::ReverseSequence;
use crate::error::{Error, Kind, Place, Result};
use crate::graph::{
    Activate, Affine, Element, Graph, INPUT, Initial, Link, Node, Offset, Operation, Rearrange, Recurrent, Site,
    Stencil, Target, ValueId,
};
use crate::recurrence::activation::Activation;

/// A graph, and where its values are to be found in tract's model.
pub(super) struct Lowered {
    pub(super) graph: Graph,
    /// What to record, in order.
    pub(super) outlets: Vec<OutletId>,
    pub(super) records: Vec<Record>,
}

/// Lowers a decluttered model with one input.
///
/// # Errors
/// Names the node that has no rule, and why.
pub(super) fn lower(model: &TypedModel) -> Result<Lowered> {
    let input = model.inputs[0];
    let mut lowering = Lowering::begin(model, input).map_err(|error| internal(&error))?;
    for id in model.eval_order().map_err(|error| internal(&error))? {
        if id != input.node {
            let node = model.node(id);
            lowering
                .node(node)
                .map_err(|reason| Error::new(Kind::Unsupported, reason.0).at(Place::Node(node.name.clone())))?;
        }
    }
    lowering.finish()
}

fn internal(error: &TractError) -> Error {
    Error::new(Kind::Model, format!("{error:#}"))
}

/// Why a node is refused.
struct Reason(String);

impl From<TractError> for Reason {
    fn from(error: TractError) -> Self {
        Self(format!("{error:#}"))
    }
}

impl From<&str> for Reason {
    fn from(reason: &str) -> Self {
        Self(reason.into())
    }
}

/// What an outlet of tract's holds.
#[derive(Clone)]
enum View {
    Constant(Arc<Tensor>),
    Computed(Vec<Element>),
}

struct Lowering<'m> {
    model: &'m TypedModel,
    graph: Graph,
    views: HashMap<OutletId, View>,
    /// The outlet of each value that tract computes, for recording.
    outlets: HashMap<ValueId, OutletId>,
    /// The same for the tape of each node.
    tapes: HashMap<ValueId, OutletId>,
}

impl<'m> Lowering<'m> {
    fn begin(model: &'m TypedModel, input: OutletId) -> TractResult<Self> {
        let mut lowering = Self {
            model,
            graph: Graph { nodes: vec![], lens: vec![], targets: vec![] },
            views: HashMap::new(),
            outlets: HashMap::new(),
            tapes: HashMap::new(),
        };
        lowering.define(input)?;
        Ok(lowering)
    }

    /// A new value, computed at an outlet.
    fn define(&mut self, outlet: OutletId) -> TractResult<ValueId> {
        let len = shape(self.model, outlet)?.iter().product();
        let value = self.value(len);
        self.outlets.insert(value, outlet);
        self.views.insert(outlet, View::Computed(whole(value, len)));
        Ok(value)
    }

    fn value(&mut self, len: usize) -> ValueId {
        self.graph.lens.push(len);
        self.graph.lens.len() - 1
    }

    fn push(&mut self, node: &TypedNode, operation: Operation) {
        self.graph.nodes.push(Node { name: node.name.clone(), operation });
    }

    fn node(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let constant = node.outputs.iter().map(|output| output.fact.konst.clone()).collect::<Option<Vec<_>>>();
        if let Some(constants) = constant {
            for (slot, constant) in constants.into_iter().enumerate() {
                self.views.insert(OutletId::new(node.id, slot), View::Constant(constant));
            }
            return Ok(());
        }
        let op = node.op();
        if let Some(op) = op.downcast_ref::<Recording>() {
            self.recurrent(node, op)
        } else if op.is::<Gather>() || op.is::<GatherNd>() || op.is::<ReverseSequence>() {
            self.rearrange(node, 1)
        } else if op.is::<AxisOp>()
            || op.is::<Slice>()
            || op.is::<TypedConcat>()
            || op.is::<MultiBroadcastTo>()
            || op.is::<Identity>()
        {
            self.rearrange(node, node.inputs.len())
        } else if let Some(op) = op.downcast_ref::<EinSum>() {
            self.contract(node, op)
        } else if let Some(op) = op.downcast_ref::<TypedBinOp>() {
            self.binary(node, op)
        } else if let Some(op) = op.downcast_ref::<ElementWiseOp>() {
            self.activate(node, op)
        } else {
            Err(Reason(format!("there is no relevance rule for the operation {} yet", op.name())))
        }
    }

    /// Runs a data movement on indices. The first `n_data` inputs are data, the others stay as they are.
    fn rearrange(&mut self, node: &TypedNode, n_data: usize) -> Result<(), Reason> {
        let mut pool: Vec<Element> = vec![];
        let mut inputs: TVec<TValue> = tvec![];
        for (slot, outlet) in node.inputs.iter().enumerate() {
            if slot < n_data {
                let elements = self.elements(*outlet)?;
                let first = pool.len() as i64;
                pool.extend(elements);
                let indices: Vec<i64> = (first..pool.len() as i64).collect();
                inputs.push(Tensor::from_shape(&shape(self.model, *outlet)?, &indices)?.into_tvalue());
            } else {
                let View::Constant(tensor) = &self.views[outlet] else {
                    return Err("its indices are computed from the input".into());
                };
                inputs.push(tensor.clone().into_tvalue());
            }
        }
        let moved = node.op().eval_out_of_plan(inputs)?.ok_or("it cannot be evaluated on its own")?;
        for (slot, indices) in moved.iter().enumerate() {
            let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
            let elements = indices.iter().map(|index| pool[*index as usize]).collect();
            self.views.insert(OutletId::new(node.id, slot), View::Computed(elements));
        }
        Ok(())
    }

    /// A product with constant weights: any Gemm, `MatMul` or `EinSum`.
    fn contract(&mut self, node: &TypedNode, op: &EinSum) -> Result<(), Reason> {
        if op.q_params.is_some() {
            return Err("quantised products have no relevance rule; export the model in float32".into());
        }
        let [a, b] = node.inputs[..] else {
            return Err("a product of more than two factors has no relevance rule yet".into());
        };
        let (x_slot, x, weight) = match (&self.views[&a], &self.views[&b]) {
            (View::Computed(_), View::Constant(weight)) => (0, a, weight.clone()),
            (View::Constant(weight), View::Computed(_)) => (1, b, weight.clone()),
            _ => return Err("a product of two computed values has no relevance rule yet".into()),
        };
        let input = self.materialise(node, x)?;
        let output = self.define(node.id.into())?;
        let out_shape = shape(self.model, node.id.into())?;
        let strides = Strides::of(op, x_slot, &shape(self.model, x)?, weight.shape(), &out_shape)?;
        let affine = Affine {
            input,
            output,
            weight: floats(&weight)?.to_vec(),
            stencil: Stencil::uniform(offsets(&strides.rows), offsets(&strides.taps)),
            bias: vec![0.0; self.graph.lens[output]],
        };
        self.push(node, Operation::Affine(affine));
        Ok(())
    }

    /// Adding, subtracting or multiplying by a constant.
    fn binary(&mut self, node: &TypedNode, op: &TypedBinOp) -> Result<(), Reason> {
        let [a, b] = node.inputs[..] else { return Err("it needs two inputs".into()) };
        let (x, constant, constant_first) = match (&self.views[&a], &self.views[&b]) {
            (View::Computed(_), View::Constant(constant)) => (a, constant.clone(), false),
            (View::Constant(constant), View::Computed(_)) => (b, constant.clone(), true),
            _ => return Err(Reason(format!("{} of two computed values has no relevance rule yet", op.name()))),
        };
        let out_shape = shape(self.model, node.id.into())?;
        let constant = constant.broadcast_to_shape(&out_shape)?;
        let constant = floats(&constant)?.to_vec();
        let n = constant.len();
        let (weight, bias) = if op.0.is::<Add>() {
            (vec![1.0; n], constant)
        } else if op.0.is::<Sub>() && constant_first {
            (vec![-1.0; n], constant)
        } else if op.0.is::<Sub>() {
            (vec![1.0; n], constant.iter().map(|c| -c).collect())
        } else if op.0.is::<Mul>() {
            (constant, vec![0.0; n])
        } else {
            return Err(Reason(format!("there is no relevance rule for {} with a constant yet", op.name())));
        };
        let elements = self.broadcast(x, &out_shape)?;
        let folded = if op.0.is::<Add>() { self.with_bias(&elements, &bias) } else { None };
        let affine = match folded {
            Some(affine) => affine,
            None => Affine {
                input: self.materialise_elements(node, elements),
                output: INPUT,
                weight,
                stencil: Stencil::elementwise(n),
                bias,
            },
        };
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Affine(Affine { output, ..affine }));
        Ok(())
    }

    /// The affine layer that all elements come from, with a bias: z = w x and z + b are one layer to a rule.
    fn with_bias(&self, elements: &[Element], bias: &[f32]) -> Option<Affine> {
        let sites: Vec<Site> = elements
            .iter()
            .map(|element| match element {
                Element::Site(site) => Some(*site),
                Element::Constant(_) => None,
            })
            .collect::<Option<_>>()?;
        let value = sites.first()?.value;
        let Operation::Affine(affine) = &self.graph.producer(value)?.operation else { return None };
        if sites.iter().any(|site| site.value != value) {
            return None;
        }
        Some(Affine {
            stencil: affine.stencil.select(sites.iter().map(|site| site.index)),
            bias: sites.iter().zip(bias).map(|(site, b)| affine.bias[site.index] + b).collect(),
            ..affine.clone()
        })
    }

    fn activate(&mut self, node: &TypedNode, op: &ElementWiseOp) -> Result<(), Reason> {
        let f = match op.0.name().as_str() {
            "Sigmoid" => Activation::Sigmoid,
            "Tanh" => Activation::Tanh,
            name => return Err(Reason(format!("there is no relevance rule for the function {name} yet"))),
        };
        let input = self.materialise(node, node.inputs[0])?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Activate(Activate { f: f.into(), input, output }));
        Ok(())
    }

    fn recurrent(&mut self, node: &TypedNode, op: &Recording) -> Result<(), Reason> {
        let constants: Vec<Option<Arc<Tensor>>> = node
            .inputs
            .iter()
            .map(|outlet| match &self.views[outlet] {
                View::Constant(tensor) => Some(tensor.clone()),
                View::Computed(_) => None,
            })
            .collect();
        let layer = op.pack(&constants.iter().map(Option::as_deref).collect::<Vec<_>>())?.clone();
        let layout = op.sizes(&shape(self.model, node.inputs[0])?, &layer)?;
        let slots = op.node.inputs;
        let lengths = match slots.lengths.map(|slot| &constants[slot]) {
            None => None,
            Some(Some(tensor)) => Some(lengths(tensor, &layout)?),
            Some(None) => return Err("its sequence lengths are computed from the input".into()),
        };
        let initial_h = self.initial(node, slots.initial_h, &constants)?;
        let initial_c = self.initial(node, slots.initial_c, &constants)?;
        let input = self.materialise(node, node.inputs[0])?;
        let [y, y_h, y_c] = [0, 1, 2].map(|slot| OutletId::new(node.id, slot));
        let recurrent = Recurrent {
            layer,
            layout,
            input,
            lengths,
            initial_h,
            initial_c,
            y: self.define(y)?,
            y_h: self.define(y_h)?,
            y_c: self.define(y_c)?,
        };
        self.tapes.insert(recurrent.y, OutletId::new(node.id, TAPE));
        self.push(node, Operation::Recurrent(Box::new(recurrent)));
        Ok(())
    }

    fn initial(
        &mut self,
        node: &TypedNode,
        slot: Option<usize>,
        constants: &[Option<Arc<Tensor>>],
    ) -> Result<Option<Initial>, Reason> {
        let Some(slot) = slot else { return Ok(None) };
        Ok(Some(match &constants[slot] {
            Some(tensor) => Initial::Constant(floats(tensor)?.to_vec()),
            None => Initial::Value(self.materialise(node, node.inputs[slot])?),
        }))
    }

    /// The elements of an outlet, constants included.
    fn elements(&self, outlet: OutletId) -> Result<Vec<Element>, Reason> {
        Ok(match &self.views[&outlet] {
            View::Computed(elements) => elements.clone(),
            View::Constant(tensor) => floats(tensor)?.iter().map(|c| Element::Constant(*c)).collect(),
        })
    }

    fn broadcast(&self, outlet: OutletId, to: &[usize]) -> Result<Vec<Element>, Reason> {
        let elements = self.elements(outlet)?;
        let from = shape(self.model, outlet)?;
        if from == to {
            return Ok(elements);
        }
        let indices: Vec<i64> = (0..elements.len() as i64).collect();
        let indices = Tensor::from_shape(&from, &indices)?.broadcast_to_shape(to)?;
        let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
        Ok(indices.iter().map(|index| elements[*index as usize]).collect())
    }

    /// The value that an outlet holds, rearranged where it is not one as it stands.
    fn materialise(&mut self, node: &TypedNode, outlet: OutletId) -> Result<ValueId, Reason> {
        let elements = self.elements(outlet)?;
        Ok(self.materialise_elements(node, elements))
    }

    fn materialise_elements(&mut self, node: &TypedNode, elements: Vec<Element>) -> ValueId {
        if let Some(Element::Site(first)) = elements.first()
            && elements.len() == self.graph.lens[first.value]
            && elements == whole(first.value, elements.len())
        {
            return first.value;
        }
        let output = self.value(elements.len());
        self.push(node, Operation::Rearrange(Rearrange { elements, output }));
        output
    }

    fn finish(mut self) -> Result<Lowered> {
        for outlet in &self.model.outputs {
            let elements = self.elements(*outlet).map_err(|reason| Error::new(Kind::Unsupported, reason.0))?;
            for element in elements {
                let Element::Site(site) = element else {
                    return Err(Error::new(Kind::Unsupported, "an output does not depend on the input"));
                };
                let target = self.target(site);
                self.graph.targets.push(target);
            }
        }
        self.graph.remove_unused();
        let mut outlets = self.model.outputs.clone();
        let mut records = vec![Record::Output; outlets.len()];
        for (index, node) in self.graph.nodes.iter().enumerate() {
            for value in node.operation.outputs() {
                // What is only moved is moved again here, from what it was moved from.
                if let Some(outlet) = self.outlets.get(&value) {
                    outlets.push(*outlet);
                    records.push(Record::Value(value));
                }
                if let Some(tape) = self.tapes.get(&value) {
                    outlets.push(*tape);
                    records.push(Record::Tape(index));
                }
            }
        }
        Ok(Lowered { graph: self.graph, outlets, records })
    }

    fn target(&self, output: Site) -> Target {
        if let Some(Operation::Activate(op)) = self.graph.producer(output.value).map(|node| &node.operation)
            && op.f == Activation::Sigmoid.into()
            && let Element::Site(score) = self.graph.origin(Site { value: op.input, index: output.index })
        {
            return Target { score, link: Link::Sigmoid };
        }
        Target { score: output, link: Link::Identity }
    }
}

fn whole(value: ValueId, len: usize) -> Vec<Element> {
    (0..len).map(|index| Element::Site(Site { value, index })).collect()
}

fn shape(model: &TypedModel, outlet: OutletId) -> TractResult<Vec<usize>> {
    let fact = model.outlet_fact(outlet)?;
    let shape = fact.shape.as_concrete().with_context(|| format!("shape {:?} is not fixed", fact.shape))?;
    Ok(shape.to_vec())
}

/// An axis of a contraction: its length, and how far a step along it goes in the input and in the weights.
struct Axis {
    len: usize,
    x: usize,
    w: usize,
}

/// The axes of a contraction: those of the output, outermost first, and those that are summed over.
struct Strides {
    rows: Vec<Axis>,
    taps: Vec<Axis>,
}

impl Strides {
    fn of(op: &EinSum, x_slot: usize, x: &[usize], w: &[usize], out: &[usize]) -> Result<Self, Reason> {
        let (x_strides, w_strides) = (row_major(x), row_major(w));
        let mut rows: Vec<Option<Axis>> = out.iter().map(|_| None).collect();
        let mut taps = vec![];
        for axis in op.axes.iter_all_axes() {
            let at = |positions: &[usize]| match positions {
                [] => Ok(None),
                [position] => Ok(Some(*position)),
                _ => Err(Reason("a product along a diagonal has no relevance rule".into())),
            };
            let (in_x, in_w) = (at(&axis.inputs[x_slot])?, at(&axis.inputs[1 - x_slot])?);
            let in_out = at(&axis.outputs[0])?;
            let lens = [in_x.map(|p| x[p]), in_w.map(|p| w[p]), in_out.map(|p| out[p])];
            let len = lens.into_iter().flatten().max().unwrap_or(1);
            let stride = |strides: &[usize], shape: &[usize], position: Option<usize>| {
                // An axis of length one is broadcast.
                position.map_or(0, |p| if shape[p] == 1 { 0 } else { strides[p] })
            };
            let axis = Axis { len, x: stride(&x_strides, x, in_x), w: stride(&w_strides, w, in_w) };
            match in_out {
                Some(position) => rows[position] = Some(axis),
                None => taps.push(axis),
            }
        }
        let rows = rows.into_iter().collect::<Option<_>>().ok_or("an output axis comes from nowhere")?;
        Ok(Self { rows, taps })
    }
}

fn row_major(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

/// Every combination of steps along `axes`, the last axis fastest.
fn offsets(axes: &[Axis]) -> Vec<Offset> {
    axes.iter().fold(vec![Offset { x: 0, w: 0 }], |outer, axis| {
        let steps = |base: Offset| {
            (0..axis.len).map(move |step| Offset { x: base.x + step * axis.x, w: base.w + step * axis.w })
        };
        outer.into_iter().flat_map(steps).collect()
    })
}
