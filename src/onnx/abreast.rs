//! Recurrent nodes that do not depend on each other, as one operator.
//!
//! A channel-wise network as exporters write it is some hundred nodes, and tract takes as long to go from one to the next
//! as the kernels take to compute them. What leads to a recurrent node mostly moves data, and lowering has found out where
//! each number comes from: so this operator fetches its inputs itself, and the nodes between are left out. A model is
//! handed out only where this computes what the nodes compute as they were written (see `Model::read`).

use std::sync::Arc;

use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::input::{Feed, Number};
use super::plan::Record;
use super::recurrent::{TAPE, floats};
use crate::graph::{Element, Graph, INPUT, Initial, Moves, Operation, Recurrent, Site, ValueId};
use crate::recurrence::LayerInput;
use crate::recurrence::together::{self, Reading};

/// Outputs of each of the nodes: Y, `Y_h`, `Y_c` and the tape.
const N_OUTPUTS: usize = TAPE + 1;

/// The operator.
#[derive(Debug, Clone)]
pub(super) struct Abreast(Arc<Vec<Member>>);

/// One of the nodes.
#[derive(Debug)]
struct Member {
    op: Recurrent,
    /// Index of the node of the graph.
    index: usize,
    x: Moves,
    initial_h: Option<Moves>,
    initial_c: Option<Moves>,
    facts: Vec<TypedFact>,
}

/// What a recurrent node left.
pub(super) struct Recorded {
    /// Index of the node of the graph.
    pub(super) index: usize,
    /// Its tape.
    pub(super) tape: Vec<f32>,
    /// What it read, and which value of the graph that is, where it was fetched for it.
    pub(super) read: Option<(ValueId, Vec<f32>)>,
}

impl PartialEq for Abreast {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Abreast {}

impl Abreast {
    /// Runs all nodes. What each read and recorded is handed over as it is, and an empty tensor takes the tape's place
    /// among the outputs.
    pub(super) fn run(&self, inputs: &[TValue], mut keep: impl FnMut(Recorded)) -> TractResult<TVec<TValue>> {
        let sources = inputs.iter().map(|input| floats(input)).collect::<TractResult<Vec<_>>>()?;
        let fetch = |moves: &Moves| moves.fetch(|source| sources[source]);
        let fetched: Vec<_> = self
            .0
            .iter()
            .map(|it| [Some(&it.x), it.initial_h.as_ref(), it.initial_c.as_ref()].map(|moves| moves.map(fetch)))
            .collect();
        let readings: Vec<_> = self.0.iter().zip(&fetched).map(|(it, fetched)| it.reading(fetched)).collect();
        let outputs = together::forward(&readings);
        let mut tensors = tvec![];
        for ((member, out), [x, ..]) in self.0.iter().zip(outputs).zip(fetched) {
            let data = [&out.y[..], &out.y_h, &out.y_c, &[]];
            for (data, fact) in data.into_iter().zip(&member.facts) {
                let shape = fact.shape.as_concrete().context("its sizes are fixed")?;
                let shape = if data.is_empty() { &[0] } else { shape };
                tensors.push(Tensor::from_shape(shape, data)?.into_tvalue());
            }
            keep(Recorded { index: member.index, tape: out.tape, read: x.map(|x| (member.op.input, x)) });
        }
        Ok(tensors)
    }
}

impl Member {
    fn reading<'a>(&'a self, [x, initial_h, initial_c]: &'a [Option<Vec<f32>>; 3]) -> Reading<'a> {
        let input = LayerInput {
            x: x.as_deref().unwrap_or_default(),
            lengths: self.op.lengths.as_deref(),
            mask: None,
            initial_h: initial_h.as_deref(),
            initial_c: initial_c.as_deref(),
        };
        Reading { layer: &self.op.layer, layout: &self.op.layout, input }
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
        self.run(&inputs, |_| {})
    }
}

impl TypedOp for Abreast {
    as_op!();

    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(self.0.iter().flat_map(|member| member.facts.iter().cloned()).collect())
    }
}

/// Puts this operator in the place of a model's recurrent nodes. `outlets` are what will be recorded as `records` say,
/// and name the new nodes' outputs afterwards.
pub(super) fn join(
    model: &mut TypedModel,
    graph: &Graph,
    outlets: &mut [OutletId],
    records: &[Record],
    feeds: &[Feed],
) -> TractResult<()> {
    let mut places = vec![None; graph.lens[INPUT]];
    for (feed, it) in feeds.iter().enumerate().filter(|(_, it)| it.number == Number::Single) {
        it.sites.iter().enumerate().for_each(|(index, site)| places[*site] = Some((feed, index)));
    }
    for stage in graph.stages() {
        let mut joining = Joining { model, graph, outlets, records, places: &places, sources: vec![] };
        // What cannot be fetched stays as it was written.
        let Some(members) = stage.map(|index| joining.member(index)).collect::<Option<Vec<_>>>() else { continue };
        joining.wire(members)?;
    }
    Ok(())
}

struct Joining<'a> {
    model: &'a mut TypedModel,
    graph: &'a Graph,
    outlets: &'a mut [OutletId],
    records: &'a [Record],
    /// For each number of the input, which of the model's inputs holds it, and where.
    places: &'a [Option<(usize, usize)>],
    /// What the operator reads.
    sources: Vec<OutletId>,
}

impl Joining<'_> {
    fn member(&mut self, index: usize) -> Option<Member> {
        // Masks are switches, which are not numbers to tract.
        let op = self.graph.recurrent(index).filter(|op| op.mask.is_none())?.clone();
        let node = self.outlet(Record::Tape(index))?.node;
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

    /// `Some(None)` where there is none.
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
        let element = |element| match element {
            Element::Constant(constant) => Some(Element::Constant(constant)),
            Element::Site(site) => self.site(site).map(Element::Site),
        };
        Some(Moves::of(&elements.into_iter().map(element).collect::<Option<Vec<_>>>()?))
    }

    /// Where an element of the graph's values stands among what the operator reads.
    fn site(&mut self, site: Site) -> Option<Site> {
        let (outlet, index) = if site.value == INPUT {
            let (feed, index) = self.places[site.index]?;
            (*self.model.inputs.get(feed)?, index)
        } else {
            (self.outlet(Record::Value(site.value))?, site.index)
        };
        let known = self.sources.iter().position(|source| *source == outlet);
        let value = known.unwrap_or_else(|| {
            self.sources.push(outlet);
            self.sources.len() - 1
        });
        Some(Site { value, index })
    }

    fn outlet(&self, record: Record) -> Option<OutletId> {
        let at = self.records.iter().position(|it| *it == record)?;
        Some(self.outlets[at])
    }

    fn wire(self, members: Vec<Member>) -> TractResult<()> {
        let olds: Vec<usize> =
            members.iter().filter_map(|member| Some(self.outlet(Record::Tape(member.index))?.node)).collect();
        let name = self.model.node(olds[0]).name.clone();
        let op = Abreast(Arc::new(members));
        let news = self.model.wire_node(format!("{name}.abreast"), op, &self.sources)?;
        for (member, old) in olds.into_iter().enumerate() {
            for slot in 0..N_OUTPUTS {
                let (old, new) = (OutletId::new(old, slot), news[member * N_OUTPUTS + slot]);
                for successor in self.model.outlet_successors(old).to_vec() {
                    self.model.add_edge(new, successor)?;
                }
                self.outlets.iter_mut().filter(|outlet| **outlet == old).for_each(|outlet| *outlet = new);
            }
        }
        Ok(())
    }
}
