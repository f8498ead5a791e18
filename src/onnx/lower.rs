//! tract's graph -> our [`Graph`].
//!
//! What tract computes for an outlet is a [`View`] here: a constant of the file, or a list of elements, each of which
//! is a number of a value of ours, or a constant. Values are those numbers only that some operation computes: the
//! input, what a layer makes, what an activation makes.
//!
//! Data movement needs no rule an operator: each such operator is run once on indices in place of numbers, and the
//! indices that come out say where every element came from. Chains of them collapse on the way, because an index is
//! always one of a value that is really computed.
//!
//! Which operation a node becomes:
//!
//! | files | tract's operators | operations |
//! |---|---|---|
//! | `contract.rs`, `window.rs`, `running.rs` | products of matrices, sums, means, convolutions, average pools, running sums | `Affine` |
//! | `arithmetic.rs` | arithmetic of two values or of one with constants, functions of one number, softmax | `Affine`, `Product`, `Extremum`, `Activate`, `Softmax` |
//! | `switch.rs`, `choice.rs` | comparisons, conditions, choices | `Activate`, `Affine`, `Extremum`, `Select` |
//! | `pick.rs` | places that are computed, sorting | `Product` with switches |
//! | this file | recurrent nodes, rows of a table, data movement | `Recurrent`, `Embed`, `Rearrange` |
//!
//! A node that has no rule is refused by its name. Whole numbers and conditions without a rule are refused only where
//! something reads them.

mod arithmetic;
mod choice;
mod contract;
mod fact;
mod pick;
mod running;
mod switch;
mod window;

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::{
    CumSum, Gather, GatherNd, MultiBroadcastTo, Pad, PadMode, Slice, StridedSlice, Tile, Topk, TypedConcat,
};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::cnn::{Conv, MaxPool, SumPool};
use tract_onnx::tract_core::ops::downsample::Downsample;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::identity::Identity;
use tract_onnx::tract_core::ops::logic::Iff;
use tract_onnx::tract_core::ops::nn::{Reduce, RmsNorm, Softmax};
use tract_onnx::tract_hir::internal::*;

use self::fact::Fact;
use super::input::Inputs;
use super::output::Output;
use super::record::RecordedOutlet;
use super::wire::function::Sloped;
use super::wire::picked::{LookedUp, OneHot, Picked};
use super::wire::recurrent::{Recording, TAPE, lengths};
use super::wire::reverse::ReverseSequence;
use super::wire::{self, floats};
use crate::engine::function::activation::Activation;
use crate::engine::graph::{
    Affine, Element, Embed, Graph, INPUT, Initial, Link, Node, Operation, Rearrange, Recurrent, Site, Target, ValueId,
};
use crate::engine::number::{signed, to_index};
use crate::error::{Error, Kind, Place, Result};

/// So many functions of one number, one upon the other, are followed for what bounds an output.
const WALKED_MAX: usize = 64;

/// A graph, and where its values are to be found in tract's model.
pub(super) struct Lowered {
    /// What explanations walk.
    pub(super) graph: Graph,
    /// What tract has to record, in the order of `records`.
    pub(super) outlets: Vec<OutletId>,
    /// What each of them is: an output, a value of the graph or a tape.
    pub(super) records: Vec<RecordedOutlet>,
}

/// Lowers a model.
///
/// # Errors
/// Names the node that has no rule, and why.
pub(super) fn lower(model: &TypedModel, inputs: &Inputs, outputs: &[Output]) -> Result<Lowered> {
    let mut lowering = Lowering::begin(model, inputs);
    for id in model.eval_order().map_err(|error| internal(&error))? {
        if model.inputs.iter().all(|input| input.node != id) {
            let node = model.node(id);
            lowering
                .node(node)
                .map_err(|reason| Error::new(Kind::Unsupported, reason.0).at(Place::Node(node.name.clone())))?;
            lowering.forget(node);
        }
    }
    lowering.finish(outputs)
}

/// tract's failure at what the reader itself asked of it, without a node.
fn internal(error: &TractError) -> Error {
    Error::new(Kind::Model, wire::words(error))
}

/// Why a node is refused, in words that follow its name: "there is no relevance rule for ...".
struct Reason(String);

impl From<TractError> for Reason {
    fn from(error: TractError) -> Self {
        Self(wire::words(&error))
    }
}

impl From<&str> for Reason {
    fn from(reason: &str) -> Self {
        Self(reason.into())
    }
}

/// What an outlet of tract's holds, element by element in row-major order.
#[derive(Clone)]
enum View {
    /// Numbers of the model file, or computed of such alone.
    Constant(Arc<Tensor>),
    /// For each element, which number of which value it is, or which constant.
    Computed(Vec<Element>),
    /// Whole numbers or conditions for which there is no rule, and why: an error where one is read.
    Unread(String),
}

/// A graph on its way: what has been read of tract's model, and what has been made of it.
struct Lowering<'m> {
    /// What is lowered.
    model: &'m TypedModel,
    /// What has been made of it so far.
    graph: Graph,
    /// What each outlet holds that some node has yet to read.
    views: HashMap<OutletId, View>,
    /// How many nodes have yet to read an outlet.
    unread: HashMap<OutletId, usize>,
    /// The outlet of each value that tract computes in single precision, for recording.
    outlets: HashMap<ValueId, OutletId>,
    /// The outlet of the tape of each recurrent node, by the value of its Y.
    tapes: HashMap<ValueId, OutletId>,
    /// What is known of each value, one entry a value.
    facts: Vec<Fact>,
    /// Number of weights of all affine layers.
    n_weights: usize,
    /// Number of those of them that were made of others by folding and joining.
    n_copied: usize,
    /// Numbers of the input that were taken for words, see `choice.rs`.
    taken_for_words: Vec<usize>,
}

impl<'m> Lowering<'m> {
    /// A graph with the input alone: `n_steps * n_columns` numbers, of which each of the model's inputs holds those
    /// that its feed says.
    fn begin(model: &'m TypedModel, inputs: &Inputs) -> Self {
        let mut lowering = Self {
            model,
            graph: Graph::new(vec![], vec![], vec![]),
            views: HashMap::new(),
            unread: HashMap::new(),
            outlets: HashMap::new(),
            tapes: HashMap::new(),
            facts: vec![],
            n_weights: 0,
            n_copied: 0,
            taken_for_words: vec![],
        };
        lowering.value(inputs.n_steps * inputs.n_columns);
        for (outlet, feed) in model.inputs.iter().zip(&inputs.feeds) {
            let elements = feed.sites.iter().map(|index| Element::Site(Site { value: INPUT, index: *index }));
            lowering.views.insert(*outlet, View::Computed(elements.collect()));
        }
        lowering
    }

    /// Lets go of what nothing reads any more behind a node: of large values it is most of what reading takes.
    fn forget(&mut self, node: &TypedNode) {
        for outlet in &node.inputs {
            let left = self.unread.entry(*outlet).or_insert_with(|| self.model.outlet_successors(*outlet).len());
            *left = left.saturating_sub(1);
            if *left == 0 && !self.model.outputs.contains(outlet) {
                self.views.remove(outlet);
            }
        }
    }

    /// A new value, computed at an outlet.
    ///
    /// # Errors
    /// Where the outlet's sizes are open.
    fn define(&mut self, outlet: OutletId) -> TractResult<ValueId> {
        let len = shape(self.model, outlet)?.iter().product();
        let value = self.value(len);
        // Whole numbers and conditions are computed again here, from what is recorded.
        if self.model.outlet_fact(outlet)?.datum_type == f32::datum_type() {
            self.outlets.insert(value, outlet);
        }
        if !self.model.outlet_successors(outlet).is_empty() || self.model.outputs.contains(&outlet) {
            self.views.insert(outlet, View::Computed(whole(value, len)));
        }
        Ok(value)
    }

    /// A new value of `len` numbers, of which nothing is known.
    fn value(&mut self, len: usize) -> ValueId {
        self.graph.lens.push(len);
        self.facts.push(Fact::NONE);
        self.graph.lens.len() - 1
    }

    /// Puts an operation into the graph, with the name of tract's node, and finds what is known of its outputs.
    fn push(&mut self, node: &TypedNode, operation: Operation) {
        if let Operation::Affine(affine) = &operation {
            self.n_weights += affine.weight.len();
        }
        let fact = Fact::of(&operation, &self.facts);
        operation.outputs().into_iter().for_each(|output| self.facts[output] = fact);
        self.graph.push(Node { name: node.name.clone(), operation });
    }

    /// Lowers one node. What tract knows to be constant is taken as it is.
    ///
    /// # Errors
    /// For a node of numbers that has no rule. One of whole numbers or conditions becomes [`View::Unread`], because
    /// exporters write such ones beside the network whose results nothing reads.
    fn node(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let constant = node.outputs.iter().map(|output| output.fact.konst.clone()).collect::<Option<Vec<_>>>();
        if let Some(constants) = constant {
            for (slot, constant) in constants.into_iter().enumerate() {
                self.views.insert(OutletId::new(node.id, slot), View::Constant(constant));
            }
            return Ok(());
        }
        let is_number = node.outputs.iter().all(|output| output.fact.datum_type.is_float());
        match self.operation(node) {
            Err(reason) if !is_number => {
                let unread = View::Unread(reason.0);
                (0..node.outputs.len()).for_each(|slot| {
                    self.views.insert(OutletId::new(node.id, slot), unread.clone());
                });
                Ok(())
            }
            result => result,
        }
    }

    /// What computes a value, by the type of tract's operator. What is constant but was not folded by tract is computed
    /// here first.
    fn operation(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let op = node.op();
        if let Some(inputs) = self.constants(node) {
            self.fold(node, inputs)
        } else if let Some(op) = op.downcast_ref::<Recording>() {
            self.recurrent(node, op)
        } else if let Some(op) = op.downcast_ref::<EinSum>() {
            self.contract(node, op)
        } else if let Some(op) = op.downcast_ref::<TypedBinOp>() {
            let datum_type = node.outputs[0].fact.datum_type;
            if datum_type == bool::datum_type() {
                self.comparison(node, op)
            } else if datum_type.is_integer() {
                match self.count(node, op) {
                    Err(_) => self.binary(node, op),
                    known => known,
                }
            } else {
                self.binary(node, op)
            }
        } else if op.is::<Iff>() {
            self.choose(node)
        } else if let Some(op) = op.downcast_ref::<ElementWiseOp>() {
            self.activate(node, op)
        } else if let Some(op) = op.downcast_ref::<Reduce>() {
            self.reduce(node, op)
        } else if let Some(op) = op.downcast_ref::<Softmax>() {
            self.softmax(node, op)
        } else if let Some(op) = op.downcast_ref::<RmsNorm>() {
            self.root_mean_square(node, op)
        } else if let Some(op) = op.downcast_ref::<Conv>() {
            self.convolve(node, op)
        } else if let Some(op) = op.downcast_ref::<MaxPool>() {
            self.max_pool(node, op)
        } else if let Some(op) = op.downcast_ref::<SumPool>() {
            self.sum_pool(node, op)
        } else if let Some(op) = op.downcast_ref::<Sloped>() {
            self.sloped(node, op)
        } else if let Some(op) = op.downcast_ref::<CumSum>() {
            self.running_sum(node, op)
        } else if let Some(op) = op.downcast_ref::<Topk>() {
            self.sorted(node, op)
        } else {
            self.movement(node)
        }
    }

    /// What only moves data: which of its inputs are data, and which are places. Anything else has no rule.
    ///
    /// # Errors
    /// Names the operation without a rule.
    fn movement(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let op = node.op();
        if let Some(op) = op.downcast_ref::<Picked>() {
            self.picked(node, op)
        } else if op.is::<LookedUp>() {
            self.looked_up(node)
        } else if let Some(op) = op.downcast_ref::<OneHot>() {
            self.one_hot(node, op)
        } else if op.is::<Gather>() {
            self.rearrange(node, 1)
        } else if let Some(op) = op.downcast_ref::<Pad>() {
            self.pad(node, op)
        } else if op.is::<GatherNd>() || op.is::<StridedSlice>() || op.is::<ReverseSequence>() {
            self.rearrange(node, 1)
        } else if op.is::<AxisOp>()
            || op.is::<Slice>()
            || op.is::<TypedConcat>()
            || op.is::<MultiBroadcastTo>()
            || op.is::<Identity>()
            || op.is::<Tile>()
            || op.is::<Downsample>()
        {
            self.rearrange(node, node.inputs.len())
        } else if let Some(op) = op.downcast_ref::<Cast>() {
            self.cast(node, op)
        } else {
            Err(Reason(format!("there is no relevance rule for the operation {} yet", op.name())))
        }
    }

    /// Runs a data movement on indices. The first `n_data` inputs are data, the others stay as they are.
    ///
    /// ```text
    /// x [2, 3]                  0 1 2 3 4 5        elements of one value, by index
    /// transposed [3, 2]         0 3 1 4 2 5        by tract's own operator, of whole numbers
    /// without its first row     1 4 2 5            of the same value still: the two movements are one
    /// ```
    ///
    /// All data stands in one pool, one input behind the other, and each input is given the indices of its part. So a
    /// concatenation of values and constants needs no case of its own.
    ///
    /// # Errors
    /// Where the other inputs, such as the places of a `Gather`, are computed.
    fn rearrange(&mut self, node: &TypedNode, n_data: usize) -> Result<(), Reason> {
        let mut pool: Vec<Element> = vec![];
        let mut inputs: TVec<TValue> = tvec![];
        for (slot, outlet) in node.inputs.iter().enumerate() {
            if slot < n_data {
                let elements = self.elements(*outlet)?;
                let first = signed(pool.len());
                pool.extend(elements);
                let indices: Vec<i64> = (first..signed(pool.len())).collect();
                inputs.push(Tensor::from_shape(&shape(self.model, *outlet)?, &indices)?.into_tvalue());
            } else {
                let View::Constant(tensor) = &self.views[outlet] else {
                    return Err("its indices are computed from the input".into());
                };
                inputs.push(tensor.clone().into_tvalue());
            }
        }
        self.moved(node, &*node.op, inputs, &pool)
    }

    /// What an operator makes of indices into `pool`, for each of its outputs.
    fn moved(
        &mut self,
        node: &TypedNode,
        op: &dyn TypedOp,
        inputs: TVec<TValue>,
        pool: &[Element],
    ) -> Result<(), Reason> {
        let moved = op.eval_out_of_plan(inputs)?.ok_or("it cannot be evaluated on its own")?;
        for (slot, indices) in moved.iter().enumerate() {
            let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
            let elements = indices.iter().map(|index| pool[to_index(*index)]).collect();
            self.views.insert(OutletId::new(node.id, slot), View::Computed(elements));
        }
        Ok(())
    }

    /// Rows of a constant table `[n_words, width]` by computed indices: word vectors.
    fn looked_up(&mut self, node: &TypedNode) -> Result<(), Reason> {
        let [table, words] = node.inputs[..] else { return Err("it needs a table and words".into()) };
        let rows = shape(self.model, table)?[0];
        let table = floats(self.constant(table).ok_or("its table is computed")?)?.to_vec();
        let width = table.len().checked_div(rows).unwrap_or_default();
        let input = self.materialise(node, words)?;
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Embed(Embed { input, output, table, width }));
        Ok(())
    }

    /// Padding with one number; index 0 stands for it while indices are moved. The edge and the reflection are data
    /// movements as they are.
    fn pad(&mut self, node: &TypedNode, op: &Pad) -> Result<(), Reason> {
        let PadMode::Constant(number) = &op.mode else { return self.rearrange(node, 1) };
        let number = Element::Constant(number.cast_to_scalar::<f32>()?);
        let outlet = node.inputs[0];
        let pool: Vec<Element> = std::iter::once(number).chain(self.elements(outlet)?).collect();
        let indices: Vec<i64> = (1..signed(pool.len())).collect();
        let indices = Tensor::from_shape(&shape(self.model, outlet)?, &indices)?.into_tvalue();
        let op = Pad { pads: op.pads.clone(), mode: PadMode::Constant(Arc::new(0_i64.into())) };
        self.moved(node, &op, tvec!(indices), &pool)
    }

    /// A cast. Words stay the numbers they are, whatever type they have on the way to their table; so do numbers, and
    /// whole numbers that are computed of comparisons.
    ///
    /// # Errors
    /// Where a computed value is rounded to whole numbers: that has no slope. Numbers of the input that are rounded
    /// must turn out to be words, see [`Lowering::check_words`].
    fn cast(&mut self, node: &TypedNode, op: &Cast) -> Result<(), Reason> {
        let from = self.model.outlet_fact(node.inputs[0])?.datum_type;
        let elements = self.elements(node.inputs[0])?;
        if op.to == bool::datum_type() && from != op.to {
            return self.is_not_zero(node, elements);
        }
        // Of switches, too: 0 and 1 are what they are.
        let is_whole = from.is_integer() || from.is_tdim() || from == bool::datum_type() || self.are_whole(&elements);
        if is_whole || op.to == from {
            self.views.insert(node.id.into(), View::Computed(elements));
            return Ok(());
        }
        // A column of codes among others: it has to be looked up as words are.
        match elements.iter().map(of_input).collect::<Option<Vec<usize>>>() {
            Some(words) if op.to.is_integer() || op.to.is_tdim() => {
                self.taken_for_words.extend(words);
                self.views.insert(node.id.into(), View::Computed(elements));
                Ok(())
            }
            _ if self.are_compared(&elements) => Err(switch::REFUSAL.into()),
            _ => Err(Reason(format!(
                "a computed value is rounded to whole numbers ({:?}), which has no slope and no relevance; export codes as an input of whole numbers (int64) of its own, or as one-hot columns",
                op.to
            ))),
        }
    }

    /// An LSTM, a GRU or an RNN, with its weights packed for good.
    ///
    /// # Errors
    /// Where its weights or its lengths are computed from the input, and where its mask has not an entry a step and
    /// sequence.
    fn recurrent(&mut self, node: &TypedNode, op: &Recording) -> Result<(), Reason> {
        let constants: Vec<Option<Arc<Tensor>>> = node
            .inputs
            .iter()
            .map(|outlet| match &self.views[outlet] {
                View::Constant(tensor) => Some(tensor.clone()),
                View::Computed(_) | View::Unread(_) => None,
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
        let mask = slots.mask.map(|slot| self.materialise(node, node.inputs[slot])).transpose()?;
        if mask.is_some_and(|mask| self.graph.lens[mask] != layout.mask_len()) {
            return Err("its mask does not fit its sequence".into());
        }
        let initial_h = self.initial(node, slots.initial_h, &constants)?;
        let initial_c = self.initial(node, slots.initial_c, &constants)?;
        let input = self.materialise(node, node.inputs[0])?;
        let [y, y_h, y_c] = [0, 1, 2].map(|slot| OutletId::new(node.id, slot));
        let recurrent = Recurrent {
            layer,
            layout,
            input,
            lengths,
            mask,
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

    /// The first state of a recurrent node at one of its inputs: zeros (`None`), constant or computed.
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

    /// What an outlet holds, where that is in the model file.
    fn constant(&self, outlet: OutletId) -> Option<&Tensor> {
        match &self.views[&outlet] {
            View::Constant(tensor) => Some(tensor),
            View::Computed(_) | View::Unread(_) => None,
        }
    }

    /// The elements of an outlet, constants included.
    fn elements(&self, outlet: OutletId) -> Result<Vec<Element>, Reason> {
        Ok(match &self.views[&outlet] {
            View::Computed(elements) => elements.clone(),
            View::Constant(tensor) => {
                floats(&*tensor.cast_to::<f32>()?)?.iter().map(|c| Element::Constant(*c)).collect()
            }
            View::Unread(reason) => return Err(Reason(reason.clone())),
        })
    }

    /// The elements of an outlet, each repeated along the axes of `to` where the outlet has one element.
    fn broadcast(&self, outlet: OutletId, to: &[usize]) -> Result<Vec<Element>, Reason> {
        let elements = self.elements(outlet)?;
        let from = shape(self.model, outlet)?;
        if from == to {
            return Ok(elements);
        }
        Ok(broadcast_indices(&from, to)?.into_iter().map(|index| elements[index]).collect())
    }

    /// The value that an outlet holds. Where its elements are not those of one value in order, that is a new value, by
    /// a `Rearrange`.
    fn materialise(&mut self, node: &TypedNode, outlet: OutletId) -> Result<ValueId, Reason> {
        let elements = self.elements(outlet)?;
        Ok(self.materialise_elements(node, elements))
    }

    /// The value that has these elements in this order: the one that they are of, where they are all of it, else a new
    /// one.
    fn materialise_elements(&mut self, node: &TypedNode, elements: Vec<Element>) -> ValueId {
        if let Some(Element::Site(first)) = elements.first()
            && elements.len() == self.graph.lens[first.value]
            && (0..)
                .zip(&elements)
                .all(|(index, element)| *element == Element::Site(Site { value: first.value, index }))
        {
            return first.value;
        }
        let output = self.value(elements.len());
        self.push(node, Operation::Rearrange(Rearrange::new(elements, output)));
        output
    }

    /// The graph with its targets, without what no target needs, in an order in which operations can be computed. With
    /// it the outlets to record: first tract's outputs, then every value that some operation reads, and the tapes.
    ///
    /// # Errors
    /// For an output that does not depend on the input, and for what the checks of the whole graph refuse.
    fn finish(mut self, outputs: &[Output]) -> Result<Lowered> {
        for (outlet, output) in self.model.outputs.iter().zip(outputs) {
            let elements = self.elements(*outlet).map_err(|reason| Error::new(Kind::Unsupported, reason.0))?;
            for index in &output.indices {
                let Element::Site(site) = elements[*index] else {
                    return Err(Error::new(Kind::Unsupported, "an output does not depend on the input"));
                };
                let target = self.target(site);
                self.graph.targets.push(target);
            }
        }
        self.graph.remove_unused();
        self.check_reach()?;
        self.check_words()?;
        self.check_switches()?;
        self.graph.order();
        let mut outlets = self.model.outputs.clone();
        let mut records: Vec<RecordedOutlet> = (0..outlets.len()).map(RecordedOutlet::Output).collect();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            for value in node.operation.outputs() {
                // What is only moved is moved again here, from what it was moved from.
                if let Some(outlet) = self.outlets.get(&value) {
                    outlets.push(*outlet);
                    records.push(RecordedOutlet::Value(value));
                }
                if let Some(tape) = self.tapes.get(&value) {
                    outlets.push(*tape);
                    records.push(RecordedOutlet::Tape(index));
                }
            }
        }
        Ok(Lowered { graph: self.graph, outlets, records })
    }

    /// Refuses an operation that reads beyond its inputs: shapes that contradict each other are no network.
    fn check_reach(&self) -> Result<()> {
        let lens = &self.graph.lens;
        for node in &self.graph.nodes {
            let (stencil, n_x, n_w) = match &node.operation {
                Operation::Affine(op) => (&op.stencil, lens[op.input], op.weight.len()),
                Operation::Product(op) => (&op.stencil, lens[op.signal], lens[op.gate]),
                Operation::Extremum(op) => (&op.stencil, lens[op.input], usize::MAX),
                _ => continue,
            };
            if !stencil.is_within(n_x, n_w) {
                let message = "its shapes contradict each other; the file is damaged, export it again";
                return Err(Error::new(Kind::Model, message).at(Place::Node(node.name.clone())));
            }
        }
        Ok(())
    }

    /// Whether an output lies within 0 and 1 whatever the input is, as a clamped sigmoid does, and the mean of several.
    fn is_share(&self, output: Site) -> bool {
        let (low, high) = match self.graph.producer(output.value).map(|node| &node.operation) {
            Some(Operation::Affine(op)) => ends(op, output.index, self.bounds(op.input, 0)),
            _ => self.bounds(output.value, 0),
        };
        // Weights of a mean add up to 1 in single precision.
        low >= -1e-6 && high <= 1.0 + 1e-6
    }

    /// The range of a value, with what functions of one number leave of the range below them, one after the other: a clamp is
    /// two bounds, and `1 - exp(-exp(z))`, the risk of a model of hazards, four. `walked` are those above it.
    fn bounds(&self, value: ValueId, walked: usize) -> (f64, f64) {
        let below = |input: ValueId| self.bounds(input, walked + 1);
        match self.graph.producer(value).map(|node| &node.operation) {
            _ if walked == WALKED_MAX => self.facts[value].range(),
            Some(Operation::Activate(op)) => op.f.image(below(op.input)),
            Some(Operation::Affine(op)) => {
                let (low, high) = below(op.input);
                let ends = (0..op.stencil.len()).map(|j| ends(op, j, (low, high)));
                ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (a, b)| (low.min(a), high.max(b)))
            }
            _ => self.facts[value].range(),
        }
    }

    /// The score behind an output, and what leads from it to the output: a sigmoid, a softmax over a group, or nothing.
    /// What moves data between the two is looked through.
    fn target(&self, output: Site) -> Target {
        let identity = Target { score: output, link: Link::Identity, is_probability: self.is_share(output) };
        let linked = |score, link| Target { score, link, is_probability: true };
        let score = |value, index| match self.graph.origin(Site { value, index }) {
            Element::Site(score) => Some(score),
            Element::Constant(_) => None,
        };
        match self.graph.producer(output.value).map(|node| &node.operation) {
            Some(Operation::Activate(op)) if op.f == Activation::Sigmoid.into() => {
                score(op.input, output.index).map_or(identity, |score| linked(score, Link::Sigmoid))
            }
            Some(Operation::Softmax(op)) => {
                let Some(group) = op.groups.iter().find(|group| group.contains(&output.index)) else { return identity };
                let sites: Option<Vec<Site>> = group.iter().map(|index| score(op.input, *index)).collect();
                let own = group.iter().position(|index| *index == output.index);
                match (sites, own) {
                    (Some(sites), Some(own)) => linked(sites[own], Link::Softmax { sites, own }),
                    _ => identity,
                }
            }
            _ => identity,
        }
    }
}

/// The least and the greatest that an element of a weighted sum can be, where the numbers below are within `low` and `high`.
fn ends(op: &Affine, index: usize, (low, high): (f64, f64)) -> (f64, f64) {
    let bias = f64::from(op.bias[index]);
    let each = op.lower_units(index).filter(|(_, w)| *w != 0.0).map(|(_, w)| (w * low, w * high));
    each.fold((bias, bias), |sum, (a, b)| (sum.0 + a.min(b), sum.1 + a.max(b)))
}

/// The number of the input that an element is.
fn of_input(element: &Element) -> Option<usize> {
    match element {
        Element::Site(Site { value: INPUT, index }) => Some(*index),
        _ => None,
    }
}

/// For each element of a broadcast shape, which element of the shape before it is; ONNX's broadcasting, from the last
/// axis.
fn broadcast_indices(from: &[usize], to: &[usize]) -> Result<Vec<usize>, Reason> {
    let n: usize = from.iter().product();
    let indices: Vec<i64> = (0..signed(n)).collect();
    let indices = Tensor::from_shape(from, &indices)?.broadcast_to_shape(to)?;
    let indices = indices.try_as_plain_ram()?.as_slice::<i64>()?;
    Ok(indices.iter().map(|index| to_index(*index)).collect())
}

/// All elements of a value of `len` numbers, in order.
fn whole(value: ValueId, len: usize) -> Vec<Element> {
    (0..len).map(|index| Element::Site(Site { value, index })).collect()
}

/// The sizes of an outlet.
///
/// # Errors
/// Where one of them is open.
fn shape(model: &TypedModel, outlet: OutletId) -> TractResult<Vec<usize>> {
    let fact = model.outlet_fact(outlet)?;
    let shape = fact.shape.as_concrete().with_context(|| format!("shape {:?} is not fixed", fact.shape))?;
    Ok(shape.to_vec())
}
