//! Recurrent nodes as one operator: those that do not depend on each other side by side, and one stage of them after
//! another, as long as nothing but data movement lies between.
//!
//! A channel-wise network as exporters write it is some hundred nodes, and tract takes as long to go from one to the next
//! as the kernels take to compute them. What leads to a recurrent node mostly moves data, and lowering has found out where
//! each number comes from: so this operator fetches its inputs itself, and the nodes between are left out. What it
//! computes becomes a tensor only where a node of tract's reads it. A model is handed out only where this computes what the
//! nodes compute as they were written (see `Model::read`).
//!
//! ```text
//! stage 0   LSTM a, LSTM b, LSTM c      side by side: none reads another
//!           moves                       followed by index, not carried out
//! stage 1   LSTM d, LSTM e              read what stage 0 returned
//! ```
//!
//! What tract has to compute between two stages, such as a dense layer, ends the operator, and the next stage begins
//! another. A node with a mask stays as it was written.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::input::{Feed, Number};
use super::record::RecordedOutlet;
use super::wire::floats;
use super::wire::recurrent::TAPE;
use crate::engine::graph::{Element, Graph, INPUT, Initial, Moves, Operation, Recurrent, Site, ValueId};
use crate::engine::recurrence::bank::{self, ReadLayer};
use crate::engine::recurrence::{LayerInput, LayerOutput};

/// Outputs of each of the nodes: Y, `Y_h`, `Y_c` and the tape.
const N_OUTPUTS: usize = TAPE + 1;

/// Sources from here on are what nodes of the operator computed; those below, what the operator reads.
const MADE: ValueId = 1 << 30;

/// The operator.
#[derive(Debug, Clone)]
pub(super) struct Abreast(Arc<Chain>);

/// The nodes, a stage after another.
#[derive(Debug, Default)]
struct Chain {
    /// Nodes of one stage do not depend on each other; those of a later one may read what earlier ones computed.
    stages: Vec<Vec<Member>>,
    /// What the sources from [`MADE`] on are: which value of the graph, of which stage, member and output.
    made: Vec<(ValueId, [usize; 3])>,
}

/// One of the nodes.
#[derive(Debug)]
struct Member {
    /// What it computes, as the graph has it.
    op: Recurrent,
    /// Index of the node of the graph.
    index: usize,
    /// From where each number of its input is fetched.
    x: Moves,
    /// And of its first hidden state, where it has one.
    initial_h: Option<Moves>,
    /// And of its first cell state.
    initial_c: Option<Moves>,
    /// Shapes and types of its outputs.
    facts: Vec<TypedFact>,
}

/// What a recurrent node left.
pub(super) struct Recorded {
    /// Index of the node of the graph.
    pub(super) index: usize,
    /// Its tape.
    pub(super) tape: Vec<f32>,
    /// Values of the graph that go with it: what it read and computed, as far as tract does not record them.
    pub(super) values: Vec<(ValueId, Vec<f32>)>,
}

impl PartialEq for Abreast {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Abreast {}

impl Abreast {
    /// Runs all nodes, a stage after another, for at most so many steps where `most` says so. What each read and computed
    /// is handed over as it is, to `keep`, with its tape where `keeps_tapes`; among the outputs an empty tensor takes the
    /// place of all that `wanted` says no to.
    ///
    /// # Errors
    /// For inputs that are not in single precision, which no sound model has.
    pub(super) fn run(
        &self,
        inputs: &[TValue],
        most: Option<usize>,
        keeps_tapes: bool,
        wanted: impl Fn(usize) -> bool,
        mut keep: impl FnMut(Recorded),
    ) -> TractResult<TVec<TValue>> {
        let tensors = inputs.iter().map(|input| floats(input)).collect::<TractResult<Vec<_>>>()?;
        let mut made: Vec<Vec<LayerOutput>> = Vec::with_capacity(self.0.stages.len());
        let mut read = vec![];
        for stage in &self.0.stages {
            let source = |source: ValueId| match source.checked_sub(MADE) {
                None => tensors[source],
                Some(source) => {
                    let [stage, member, slot] = self.0.made[source].1;
                    outputs(&made[stage][member])[slot]
                }
            };
            let fetched: Vec<_> = stage.iter().map(|it| it.fetch(source)).collect();
            let readings: Vec<_> = stage.iter().zip(&fetched).map(|(it, fetched)| it.reading(fetched, most)).collect();
            let computed = bank::read(&readings, keeps_tapes);
            made.push(computed);
            read.extend(fetched);
        }
        let empty = Tensor::from_shape(&[0], &[0.0_f32; 0])?.into_tvalue();
        let mut tensors = tvec![];
        for ((member, out), [x, ..]) in self.members().zip(made.into_iter().flatten()).zip(read) {
            for (data, fact) in outputs(&out).into_iter().zip(&member.facts) {
                tensors.push(if wanted(tensors.len()) { tensor(data, fact)? } else { empty.clone() });
            }
            keep(member.recorded(x, out));
        }
        Ok(tensors)
    }

    /// All nodes, a stage after another.
    fn members(&self) -> impl Iterator<Item = &Member> {
        self.0.stages.iter().flatten()
    }
}

/// What a node returns: Y, `Y_h`, `Y_c`, and nothing in place of the tape, which no node reads.
fn outputs(out: &LayerOutput) -> [&[f32]; N_OUTPUTS] {
    [&out.y, &out.y_h, &out.y_c, &[]]
}

/// What a node returned, in the shape that tract expects; an empty tensor where nothing is there.
fn tensor(data: &[f32], fact: &TypedFact) -> TractResult<TValue> {
    let shape = fact.shape.as_concrete().context("its sizes are fixed")?;
    let shape = if data.is_empty() { &[0] } else { shape };
    Ok(Tensor::from_shape(shape, data)?.into_tvalue())
}

impl Member {
    /// The numbers of X and of the first states, `None` for a state that is not there.
    fn fetch<'a>(&self, source: impl Fn(ValueId) -> &'a [f32]) -> [Option<Vec<f32>>; 3] {
        [Some(&self.x), self.initial_h.as_ref(), self.initial_c.as_ref()]
            .map(|moves| moves.map(|moves| moves.fetch(&source)))
    }

    /// What the kernels read: the layer with the numbers that were fetched.
    fn reading<'a>(
        &'a self,
        [x, initial_h, initial_c]: &'a [Option<Vec<f32>>; 3],
        most: Option<usize>,
    ) -> ReadLayer<'a> {
        let input = LayerInput {
            x: x.as_deref().unwrap_or_default(),
            lengths: self.op.lengths.as_deref(),
            mask: None,
            initial_h: initial_h.as_deref(),
            initial_c: initial_c.as_deref(),
            most,
        };
        ReadLayer { layer: &self.op.layer, layout: &self.op.layout, input }
    }

    /// What is handed over of a run: the tape, and the values of the graph that the node read and computed.
    fn recorded(&self, x: Option<Vec<f32>>, out: LayerOutput) -> Recorded {
        let Recurrent { input, y, y_h, y_c, .. } = self.op;
        let computed = [(y, out.y), (y_h, out.y_h), (y_c, out.y_c)];
        let values = x.map(|x| (input, x)).into_iter().chain(computed).collect();
        Recorded { index: self.index, tape: out.tape, values }
    }
}

impl Op for Abreast {
    fn name(&self) -> StaticName {
        "Abreast".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Abreast {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.run(&inputs, None, false, |_| true, |_| {})
    }
}

impl TypedOp for Abreast {
    as_op!();

    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(self.members().flat_map(|member| member.facts.iter().cloned()).collect())
    }
}

/// Puts this operator in the place of a model's recurrent nodes. `outlets` are what will be recorded as `records` say;
/// what the operator hands over by itself is no longer among them, and the rest name the new nodes' outputs.
///
/// Stages are taken in the graph's order, each to the operator that is being made, as long as it can be. The old nodes
/// stay in the model without readers, and tract's plan leaves them out.
pub(super) fn join(
    model: &mut TypedModel,
    graph: &Graph,
    outlets: &mut Vec<OutletId>,
    records: &mut Vec<RecordedOutlet>,
    feeds: &[Feed],
) -> TractResult<()> {
    let mut places = vec![None; graph.lens[INPUT]];
    for (feed, it) in feeds.iter().enumerate().filter(|(_, it)| it.number == Number::Single) {
        it.sites.iter().enumerate().for_each(|(index, site)| places[*site] = Some((feed, index)));
    }
    let (sources, chain, handed_over) = (vec![], Chain::default(), vec![]);
    let at = records.iter().enumerate().map(|(at, record)| (*record, at)).collect();
    let known = HashMap::new();
    let mut joining = Joining {
        model,
        graph,
        outlets,
        at,
        places: &places,
        sources,
        known,
        chain,
        made: HashMap::new(),
        handed_over,
    };
    for stage in graph.stages().into_iter().filter(|stage| graph.recurrent(stage.start).is_some()) {
        if !joining.extend(stage.clone()) {
            joining.wire()?;
            // What cannot be fetched stays as it was written.
            joining.extend(stage);
        }
    }
    joining.wire()?;
    let handed_over: HashSet<RecordedOutlet> = joining.handed_over.into_iter().collect();
    let mut is_left = records.iter().map(|record| !handed_over.contains(record)).collect::<Vec<_>>().into_iter();
    outlets.retain(|_| is_left.next().unwrap_or(true));
    records.retain(|record| !handed_over.contains(record));
    Ok(())
}

/// A model whose recurrent nodes are being joined: the operator that is being made, and what the model knows of it.
struct Joining<'a> {
    /// tract's model, into which the operator is put.
    model: &'a mut TypedModel,
    /// The graph that was lowered from it, which says where every number comes from.
    graph: &'a Graph,
    /// What will be recorded.
    outlets: &'a mut [OutletId],
    /// Which of the outlets each record is of.
    at: HashMap<RecordedOutlet, usize>,
    /// For each number of the input, which of the model's inputs holds it, and where.
    places: &'a [Option<(usize, usize)>],
    /// What the operator reads.
    sources: Vec<OutletId>,
    /// Where each of them stands.
    known: HashMap<OutletId, usize>,
    /// The operator so far.
    chain: Chain,
    /// Where each value that it makes stands in its list.
    made: HashMap<ValueId, usize>,
    /// What the operators wired so far hand over by themselves.
    handed_over: Vec<RecordedOutlet>,
}
impl Joining<'_> {
    /// Puts a stage behind those of the operator, where it reads nothing that tract would have to compute in between.
    /// Returns whether it could.
    fn extend(&mut self, stage: Range<usize>) -> bool {
        let n_sources = self.sources.len();
        let Some(members) = stage.map(|index| self.member(index)).collect::<Option<Vec<_>>>() else {
            for source in self.sources.drain(n_sources..) {
                self.known.remove(&source);
            }
            return false;
        };
        for (at, Member { op, .. }) in members.iter().enumerate() {
            let values = [op.y, op.y_h, op.y_c].into_iter().enumerate();
            let place = |slot| [self.chain.stages.len(), at, slot];
            let first = self.chain.made.len();
            self.chain.made.extend(values.map(|(slot, value)| (value, place(slot))));
            let made = self.chain.made[first..].iter().enumerate().map(|(k, (value, _))| (*value, first + k));
            self.made.extend(made);
        }
        self.chain.stages.push(members);
        true
    }

    /// A recurrent node as part of the operator; `None` where it has a mask, or reads what cannot be fetched.
    fn member(&mut self, index: usize) -> Option<Member> {
        // Masks are switches, which are not numbers to tract.
        let op = self.graph.recurrent(index).filter(|op| op.mask.is_none())?.clone();
        let node = self.outlet(RecordedOutlet::Tape(index))?.node;
        let outlets = (0..N_OUTPUTS).map(|slot| OutletId::new(node, slot));
        let facts = outlets
            .map(|outlet| self.model.outlet_fact(outlet).ok().map(TypedFact::without_value))
            .collect::<Option<_>>()?;
        let x = self.value(op.input)?;
        let [initial_h, initial_c] = [op.initial_h.clone(), op.initial_c.clone()];
        let initial_h = self.initial(initial_h)?;
        let initial_c = self.initial(initial_c)?;
        Some(Member { op, index, x, initial_h, initial_c, facts })
    }

    /// From where a first state is fetched: `Some(None)` where there is none, `None` where it cannot be fetched.
    fn initial(&mut self, initial: Option<Initial>) -> Option<Option<Moves>> {
        Some(match initial {
            None => None,
            Some(Initial::Constant(numbers)) => {
                Some(Moves::of(&numbers.into_iter().map(Element::Constant).collect::<Vec<_>>()))
            }
            Some(Initial::Value(value)) => Some(self.value(value)?),
        })
    }

    /// How a value of the graph is fetched from what the operator reads.
    fn value(&mut self, value: ValueId) -> Option<Moves> {
        let elements = match self.graph.producer(value).map(|node| &node.operation) {
            Some(Operation::Rearrange(op)) => op.elements.clone(),
            _ => (0..self.graph.lens[value]).map(|index| Element::Site(Site { value, index })).collect(),
        };
        // Most elements lie beside others of the same source.
        let mut last = None;
        let element = |element| {
            let Element::Site(Site { value, index }) = element else { return Some(element) };
            let (feed, index) = if value == INPUT { self.places[index]? } else { (0, index) };
            let place = match last {
                Some((before, place)) if before == (value, feed) => place,
                _ => self.place(value, feed)?,
            };
            last = Some(((value, feed), place));
            Some(Element::Site(Site { value: place, index }))
        };
        Some(Moves::of(&elements.into_iter().map(element).collect::<Option<Vec<_>>>()?))
    }

    /// Where a value of the graph, of the input what a feed holds, stands among what the operator reads, or what it has
    /// made. `None` where tract may compute it from something that is in the operator already: the operator would then
    /// wait for itself.
    fn place(&mut self, value: ValueId, feed: usize) -> Option<ValueId> {
        if let Some(made) = self.made.get(&value) {
            return Some(MADE + made);
        }
        let outlet = match value {
            INPUT => *self.model.inputs.get(feed)?,
            _ => self.outlet(RecordedOutlet::Value(value))?,
        };
        if let Some(known) = self.known.get(&outlet) {
            return Some(*known);
        }
        // What tract computes may depend on what is in the operator already.
        if value != INPUT && !self.chain.stages.is_empty() {
            return None;
        }
        self.known.insert(outlet, self.sources.len());
        self.sources.push(outlet);
        Some(self.sources.len() - 1)
    }

    /// The outlet of a record, where it is recorded.
    fn outlet(&self, record: RecordedOutlet) -> Option<OutletId> {
        Some(self.outlets[*self.at.get(&record)?])
    }

    /// Puts the operator into the model, and begins another.
    fn wire(&mut self) -> TractResult<()> {
        let (chain, sources) = (std::mem::take(&mut self.chain), std::mem::take(&mut self.sources));
        self.known.clear();
        self.made.clear();
        let members = || chain.stages.iter().flatten();
        let olds: Vec<usize> =
            members().filter_map(|member| Some(self.outlet(RecordedOutlet::Tape(member.index))?.node)).collect();
        let Some(first) = olds.first() else { return Ok(()) };
        let values = chain.made.iter().map(|(value, _)| RecordedOutlet::Value(*value));
        self.handed_over.extend(values.chain(members().map(|member| RecordedOutlet::Tape(member.index))));
        let name = self.model.node(*first).name.clone();
        let op: Box<dyn TypedOp> = Box::new(Abreast(Arc::new(chain)));
        let news = self.model.wire_node(&*format!("{name}.abreast"), op, &sources)?;
        let mut moved = HashMap::new();
        for (member, old) in olds.into_iter().enumerate() {
            for slot in 0..N_OUTPUTS {
                let (old, new) = (OutletId::new(old, slot), news[member * N_OUTPUTS + slot]);
                for successor in self.model.outlet_successors(old).to_vec() {
                    self.model.add_edge(new, successor)?;
                }
                moved.insert(old, new);
            }
        }
        for outlet in self.outlets.iter_mut() {
            *outlet = moved.get(outlet).copied().unwrap_or(*outlet);
        }
        Ok(())
    }
}
