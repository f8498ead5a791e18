//! All nodes of a graph, put together.
//!
//! Nodes are read in the order of what they need. Each becomes some of tract's, which are moved into the one model, and
//! what of them is constant is computed at once: a later node may take a size or an axis from it. Bodies of `If`,
//! `Loop` and `Scan` are read into the same model, so that nothing of ONNX's control flow is left when the graph is
//! whole.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_core::ops::math::{Div, mul, recip};
use tract_onnx::tract_core::ops::source::TypedSource;
use tract_onnx::tract_hir::internal::*;

use super::super::input::Feed;
use super::super::limits::MAX_MADE_TOGETHER;
use super::super::node::label;
use super::order::in_order;
use super::wiring::{Builder, Wiring, check_size, load};
use super::{builder, is_of_lists};
use crate::error::{Error, Kind, Place, Result};

/// The typed model of a graph whose inputs are `feeds`, in the order of the graph's inputs that no initializer fills.
/// `loops` says of each Loop, by its label, why it is no recurrence that is known; the reason is told where it cannot
/// be unrolled either.
///
/// # Errors
/// Names the node that cannot be wired, and why: an operator or attribute that is not read, shapes that do not fit, or
/// a value larger than `limits.rs` allows.
pub(in crate::onnx) fn typed(
    proto: &ModelProto,
    graph: &GraphProto,
    feeds: &[Feed],
    loops: &HashMap<String, Error>,
) -> Result<TypedModel> {
    let is_standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let version = proto.opset_import.iter().find(|import| is_standard(&import.domain));
    let version = version.map_or(0, |import| import.version);
    let mut assembly = Assembly { version, ..Assembly::default() };
    let failed = |error: TractError| Error::new(Kind::Model, format!("the graph cannot be read: {}", words(&error)));
    assembly.begin(graph, feeds).map_err(failed)?;
    for node in in_order(graph, &assembly.outlets.keys().copied().collect())? {
        let failed = |error: TractError| {
            let reason = words(&error);
            if let Some(known) = loops.get(&label(node)) {
                return known.clone().saying(format!("{}. It is not unrolled either: {reason}", known.message));
            }
            let message = format!("operator {} cannot be read: {reason}", node.op_type);
            Error::new(Kind::Model, message).at(Place::Node(label(node)))
        };
        assembly.node(node).map_err(failed)?;
    }
    assembly.finish(graph).map_err(failed)
}

/// Why something of tract's failed, as the first line of its first cause, of at most 240 characters.
pub(in crate::onnx) fn words(error: &TractError) -> String {
    /// Characters of a reason that are told.
    const LONGEST: usize = 240;
    // The last cause is the first fault; what stands around it says where, and may be pages long.
    let cause = error.root_cause().to_string();
    let line = cause.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push_str(" ...");
    }
    short
}

/// A model of which some nodes are wired.
#[derive(Default)]
pub(super) struct Assembly<'a> {
    /// tract's model so far.
    pub(super) model: TypedModel,
    /// The names of the model's nodes, each with the last number that was put behind it.
    names: HashMap<String, usize>,
    /// Where each named value of the graph is.
    pub(super) outlets: HashMap<&'a str, OutletId>,
    /// The lists that nodes made so far, by their names.
    pub(super) lists: HashMap<&'a str, Vec<OutletId>>,
    /// The version of ONNX's own operators (`opset_import`); 0 where the file names none.
    version: i64,
    /// How many elements the nodes have made so far.
    n_made: u64,
    /// How many nodes of the bodies of Loops and Scans have been wired so far.
    pub(super) n_unrolled: usize,
    /// What stands in front of the names of nodes inside a step, such as `step3.`; empty outside.
    pub(super) prefix: String,
}

impl<'a> Assembly<'a> {
    /// Puts the initializers into the model as constants, and a source for each open input, with the sizes and the type
    /// of its feed.
    ///
    /// # Errors
    /// Where the graph has another number of open inputs than there are feeds, or an initializer cannot be loaded.
    fn begin(&mut self, graph: &'a GraphProto, feeds: &[Feed]) -> TractResult<()> {
        for tensor in &graph.initializer {
            let outlet = self.constant(tensor.name.clone(), load(tensor)?)?;
            self.outlets.insert(&tensor.name, outlet);
        }
        let open = graph.input.iter().filter(|info| !self.outlets.contains_key(&*info.name));
        let open: Vec<&'a str> = open.map(|info| &*info.name).collect();
        ensure!(open.len() == feeds.len(), "the graph has {} inputs, {} are fed", open.len(), feeds.len());
        for (name, feed) in open.into_iter().zip(feeds) {
            let unique = self.unique(name.to_owned());
            let outlet = self.model.add_source(unique, feed.datum_type().fact(&feed.shape))?;
            self.outlets.insert(name, outlet);
        }
        Ok(())
    }

    /// Wires one node, and remembers where its outputs are. Empty names at the end of its inputs are inputs left out.
    ///
    /// # Errors
    /// For an operator that is not known, and a number of inputs that its entry does not allow; else what its entry
    /// refuses.
    pub(super) fn node(&mut self, node: &'a NodeProto) -> TractResult<()> {
        match node.op_type.as_str() {
            "If" => return self.either(node),
            "Loop" => return self.looped(node),
            "Scan" => return self.scanned(node),
            operator if is_of_lists(operator) => return self.listed(node),
            _ => {}
        }
        let Builder { n_inputs, wire } = builder(&node.op_type).context("it is not known")?;
        let n = node.input.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let (least, most) = (n_inputs.start(), n_inputs.end());
        ensure!(n >= *least, "it reads {n} inputs, at least {least} are needed");
        ensure!(n <= *most, "it reads {n} inputs, at most {most} are read");
        let inputs: Vec<Option<OutletId>> =
            node.input[..n].iter().map(|name| self.outlets.get(name.as_str()).copied()).collect();
        let name = Some(label(node)).filter(|name| !name.is_empty()).unwrap_or_else(|| node.op_type.clone());
        let outlets = self.wired(node, &format!("{}{name}", self.prefix), &inputs, wire)?;
        self.name(node, &outlets)
    }

    /// Wires a node into a model of its own, and moves what it became into this one: tract goes through all nodes of a
    /// model for each that it wires into it, which would take time with the square of their number.
    ///
    /// The model of its own holds a tap for each input first, so that its nodes from `n_taps` on are what the node
    /// became. `wire` returns its outlets in that model; what is returned here are the same outlets in this one.
    pub(super) fn wired(
        &mut self,
        node: &NodeProto,
        name: &str,
        inputs: &[Option<OutletId>],
        wire: impl FnOnce(&mut Wiring<'_>) -> TractResult<TVec<OutletId>>,
    ) -> TractResult<TVec<OutletId>> {
        let mut part = TypedModel::default();
        let mut places: Vec<OutletId> = vec![];
        let mut taps = HashMap::new();
        for outlet in inputs.iter().flatten() {
            if !taps.contains_key(outlet) {
                let fact = self.model.outlet_fact(*outlet)?.clone();
                taps.insert(*outlet, OutletId::from(tap(&mut part, places.len(), fact)?));
                places.push(*outlet);
            }
        }
        let n_taps = places.len();
        let inner: Vec<Option<OutletId>> = inputs.iter().map(|outlet| outlet.map(|outlet| taps[&outlet])).collect();
        let name = self.unique(name.to_owned());
        let mut wiring = Wiring { node, name: &name, version: self.version, model: &mut part, inputs: &inner };
        let outlets = wire(&mut wiring)?;
        fold(&mut part, n_taps)?;
        let needed = needed(&part, &outlets);
        let place = |places: &[OutletId], outlet: OutletId| match outlet.node < n_taps {
            true => places[outlet.node],
            false => OutletId::new(places[outlet.node].node, outlet.slot),
        };
        for made in part.nodes.drain(n_taps..) {
            if !needed[made.id] {
                places.push(OutletId::new(usize::MAX, 0));
                continue;
            }
            let name = if made.name == name { made.name } else { self.unique(made.name) };
            let constant = known(&made.outputs);
            let facts = made.outputs.into_iter().map(|output| output.fact).collect();
            places.push(match constant {
                Some(value) => self.model.add_node(name, Const::new(value)?, facts)?.into(),
                None => {
                    let inputs = made.inputs.iter().map(|outlet| place(&places, *outlet)).collect();
                    self.add(name, made.op, facts, inputs)?.into()
                }
            });
        }
        Ok(outlets.into_iter().map(|outlet| place(&places, outlet)).collect())
    }

    /// A node of tract's, with the facts that it had where it was made. A division of floats becomes a product with the
    /// reciprocal: of a product there is a rule of relevance, of a quotient none.
    fn add(
        &mut self,
        name: String,
        op: Box<dyn TypedOp>,
        facts: TVec<TypedFact>,
        mut inputs: TVec<OutletId>,
    ) -> TractResult<usize> {
        let is_division = op.downcast_ref::<TypedBinOp>().is_some_and(|op| op.0.is::<Div>());
        let mut op = op;
        if is_division && facts[0].datum_type.is_float() {
            let fact = self.model.outlet_fact(inputs[1])?.clone();
            let (inverse, reciprocal) = (format!("{name}.inverse"), Box::<dyn TypedOp>::from(recip()));
            let known = fact.konst.clone().map(|value| reciprocal.eval_out_of_plan(tvec!(value.into_tvalue())));
            inputs[1] = match known.transpose()?.flatten() {
                Some(value) => self.constant(inverse, value[0].clone().into_tensor())?,
                None => {
                    let inverse = self.unique(inverse);
                    self.add(inverse, reciprocal, tvec!(fact.without_value()), tvec!(inputs[1]))?.into()
                }
            };
            op = mul().into();
        }
        let id = self.model.add_node(name, op, facts)?;
        for (slot, input) in inputs.into_iter().enumerate() {
            self.model.add_edge(input, InletId::new(id, slot))?;
        }
        Ok(id)
    }

    /// Numbers of the file, in a node of its own. tract's way to add a constant compares it with all others, and lets equal
    /// ones share a node, whose readers it then goes through for each of them.
    pub(super) fn constant(&mut self, name: String, value: Tensor) -> TractResult<OutletId> {
        let value = value.into_arc_tensor();
        let fact = TypedFact::try_from(value.clone())?;
        let name = self.unique(name);
        Ok(self.model.add_node(name, Const::new(value)?, tvec!(fact))?.into())
    }

    /// A name that no node has: the one asked for, or with a number behind it.
    fn unique(&mut self, name: String) -> String {
        let mut times = self.names.get(&name).copied();
        let mut unique = name.clone();
        while let Some(before) = times.filter(|_| self.names.contains_key(&unique)) {
            times = Some(before + 1);
            unique = format!("{name}.{}", before + 1);
        }
        if let Some(times) = times {
            self.names.insert(name, times);
        }
        self.names.insert(unique.clone(), 0);
        unique
    }

    /// An `If`: the branch that is taken, where the condition is the same for every stay, as where an exporter asks for
    /// a size. Where it is not, both branches are computed, and each output is a `Where` of theirs.
    ///
    /// # Errors
    /// Where the input says which branch is taken, and the branches make values of different number or shape.
    fn either(&mut self, node: &'a NodeProto) -> TractResult<()> {
        let condition = node.input.first().and_then(|name| self.outlets.get(name.as_str())).copied();
        let condition = condition.context("it needs a condition")?;
        let branch = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name)?.g.as_ref();
        let branches = [branch("then_branch"), branch("else_branch")];
        let [Some(then), Some(other)] = branches else { bail!("it needs two branches") };
        if let Some(known) = self.model.outlet_fact(condition)?.konst.clone() {
            let is_then = known.cast_to::<bool>()?.try_as_plain_ram()?.as_slice::<bool>()?.first() == Some(&true);
            let outlets = self.branch(if is_then { then } else { other })?;
            return self.name(node, &outlets);
        }
        let (then, other) = (self.branch(then)?, self.branch(other)?);
        ensure!(then.len() == other.len(), "its branches compute {} and {} values", then.len(), other.len());
        let mut chosen = tvec![];
        for (slot, (a, b)) in then.into_iter().zip(other).enumerate() {
            let lens = [a, b].map(|outlet| self.model.outlet_fact(outlet).map(|fact| fact.shape.clone()));
            let [of_a, of_b] = lens;
            ensure!(
                of_a? == of_b?,
                "its branches differ in shape, and the input says which is taken; export the model without a branch that depends on the input"
            );
            let inputs = [Some(condition), Some(a), Some(b)];
            let build = builder("Where").context("it is not known")?;
            chosen.extend(self.wired(node, &format!("{}.{slot}", label(node)), &inputs, build.wire)?);
        }
        self.name(node, &chosen)
    }

    /// The outputs of the body of an `If`, a `Loop` or a `Scan`. A body reads values of the graphs around it by their
    /// names; its own names are none of theirs, which ONNX demands, so that all stand in one map.
    pub(super) fn branch(&mut self, graph: &'a GraphProto) -> TractResult<TVec<OutletId>> {
        for tensor in &graph.initializer {
            let outlet = self.constant(tensor.name.clone(), load(tensor)?)?;
            self.outlets.insert(&tensor.name, outlet);
        }
        let known = self.outlets.keys().chain(self.lists.keys()).copied().collect();
        for node in in_order(graph, &known).map_err(|error| format_err!("{error}"))? {
            self.node(node).with_context(|| format!("in its branch, {} \"{}\"", node.op_type, label(node)))?;
        }
        let outlet = |info: &ValueInfoProto| {
            let outlet = self.outlets.get(info.name.as_str()).copied();
            outlet.with_context(|| format!("nothing computes \"{}\"", info.name))
        };
        graph.output.iter().map(outlet).collect()
    }

    /// Remembers where the outputs of a node are, by their names, and counts the elements that they add.
    ///
    /// # Errors
    /// Where the node's entry does not compute an output that the file names, and where one value, or all so far
    /// together, are more than `limits.rs` allows.
    pub(super) fn name(&mut self, node: &'a NodeProto, outlets: &[OutletId]) -> TractResult<()> {
        for (slot, name) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let outlet = outlets
                .get(slot)
                .with_context(|| format!("output {slot}, \"{name}\", is not computed; export the model without it"))?;
            let fact = self.model.outlet_fact(*outlet)?;
            check_size(fact)?;
            let n = fact.shape.volume().to_usize()? as u64;
            self.n_made += n;
            ensure!(
                self.n_made <= MAX_MADE_TOGETHER,
                "it makes {n} numbers, with which the nodes up to it make more than {MAX_MADE_TOGETHER} numbers together, the most that is read; export the model for fewer steps, or without what repeats them"
            );
            self.outlets.insert(name, *outlet);
        }
        Ok(())
    }

    /// An operator of ONNX's that no node of the file is, as part of `node`: the rows that a step of a Scan reads, and
    /// what stacks the steps' results.
    pub(super) fn made(
        &mut self,
        node: &NodeProto,
        part: &str,
        operator: &str,
        inputs: &[OutletId],
        attributes: Vec<AttributeProto>,
    ) -> TractResult<OutletId> {
        let inputs: Vec<Option<OutletId>> = inputs.iter().copied().map(Some).collect();
        let wire = |w: &mut Wiring<'_>| Ok(tvec!(w.inner(part, operator, &w.present(), attributes)?));
        Ok(self.wired(node, &label(node), &inputs, wire)?[0])
    }

    /// The model, with the outputs of the graph chosen in the graph's order.
    fn finish(mut self, graph: &GraphProto) -> TractResult<TypedModel> {
        let outputs = graph.output.iter().map(|info| {
            let outlet = self.outlets.get(info.name.as_str()).copied();
            outlet.with_context(|| format!("nothing computes output \"{}\"", info.name))
        });
        let outputs = outputs.collect::<TractResult<Vec<_>>>()?;
        self.model.select_output_outlets(&outputs)?;
        Ok(self.model)
    }
}

/// What stands for a value in a model of another node: a constant where its numbers are known, else a source of its
/// shape and type.
fn tap(model: &mut TypedModel, index: usize, fact: TypedFact) -> TractResult<usize> {
    // No node of a file can be called so.
    let name = format!("\0{index}");
    match fact.konst.clone() {
        Some(value) => model.add_node(name, Const::new(value)?, tvec!(fact)),
        None => model.add_node(name, TypedSource::new(fact.clone()), tvec!(fact)),
    }
}

/// Computes what is the same for every stay, in the nodes from `first` on: later nodes take sizes and axes from it. The
/// outputs carry the constant as a fact. Nothing is computed that is larger than one node may make.
fn fold(model: &mut TypedModel, first: usize) -> TractResult<()> {
    for id in first..model.nodes.len() {
        let node = &model.nodes[id];
        if node.inputs.is_empty() || node.outputs.iter().all(|output| output.fact.konst.is_some()) {
            continue;
        }
        let inputs = node.inputs.iter().map(|outlet| Ok(model.outlet_fact(*outlet)?.konst.clone()));
        let Some(inputs) = inputs.collect::<TractResult<Option<Vec<Arc<Tensor>>>>>()? else { continue };
        node.outputs.iter().try_for_each(|output| check_size(&output.fact))?;
        let inputs = inputs.into_iter().map(IntoTValue::into_tvalue).collect();
        let Some(outputs) = node.op.eval_out_of_plan(inputs)? else { continue };
        for (slot, value) in outputs.into_iter().enumerate() {
            model.nodes[id].outputs[slot].fact = TypedFact::try_from(value.into_arc_tensor())?;
        }
    }
    Ok(())
}

/// What a node makes, where that is one value that is known: the node is that constant, and what it is made of is not
/// needed.
fn known(outputs: &[Outlet<TypedFact>]) -> Option<Arc<Tensor>> {
    let [output] = outputs else { return None };
    output.fact.konst.clone()
}

/// For each node of a model, each of which stands behind what it reads, whether it is needed for some outlets.
///
/// ```text
/// zero      a constant            not needed: what is made of it is known
/// axis0     zero as [1]           not needed
/// axis1     axis0 as [1, 1]       needed, and known: one constant of the model
/// low       max(x, axis1)         needed
/// ```
///
/// A Relu is so two nodes of the model in place of four, and all that goes from node to node takes half as long.
fn needed(model: &TypedModel, outlets: &[OutletId]) -> Vec<bool> {
    let mut needed = vec![false; model.nodes.len()];
    outlets.iter().for_each(|outlet| needed[outlet.node] = true);
    for node in model.nodes.iter().rev().filter(|node| known(&node.outputs).is_none()) {
        if needed[node.id] {
            node.inputs.iter().for_each(|input| needed[input.node] = true);
        }
    }
    needed
}
