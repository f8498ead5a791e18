//! All nodes of a graph, put together.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_hir::internal::*;

use super::super::input::Feed;
use super::super::limits::MAX_MADE_TOGETHER;
use super::super::node::label;
use super::builder;
use super::order::in_order;
use super::wiring::{Builder, Wiring, check_size, load};
use crate::error::{Error, Kind, Place, Result};

/// The typed model of a graph whose inputs are `feeds`, in the order of the graph's inputs that no initializer fills.
///
/// # Errors
/// Names the node that cannot be wired, and why.
pub(in crate::onnx) fn typed(proto: &ModelProto, graph: &GraphProto, feeds: &[Feed]) -> Result<TypedModel> {
    let is_standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let version = proto.opset_import.iter().find(|import| is_standard(&import.domain));
    let version = version.map_or(0, |import| import.version);
    let mut assembly = Assembly { model: TypedModel::default(), outlets: HashMap::new(), version, n_made: 0 };
    let failed = |error: TractError| Error::new(Kind::Model, format!("tract cannot read the model: {error:#}"));
    assembly.begin(graph, feeds).map_err(failed)?;
    for node in in_order(graph, &assembly.outlets.keys().copied().collect())? {
        let failed = |error: TractError| {
            let message = format!("operator {} cannot be read: {error:#}", node.op_type);
            Error::new(Kind::Model, message).at(Place::Node(label(node)))
        };
        assembly.node(node).map_err(failed)?;
    }
    assembly.finish(graph).map_err(failed)
}

/// A model of which some nodes are wired.
struct Assembly<'a> {
    model: TypedModel,
    /// Where each named value of the graph is.
    outlets: HashMap<&'a str, OutletId>,
    version: i64,
    /// How many elements the nodes have made so far.
    n_made: u64,
}

impl<'a> Assembly<'a> {
    /// Inputs and weights.
    fn begin(&mut self, graph: &'a GraphProto, feeds: &[Feed]) -> TractResult<()> {
        for tensor in &graph.initializer {
            let value = load(tensor)?.into_arc_tensor();
            let fact = TypedFact::try_from(value.clone())?;
            // A node of its own for each: tract's way to add a constant compares it with all others, and lets equal ones
            // share a node, whose readers it then goes through for each of them.
            let name = match self.outlets.contains_key(&*tensor.name) {
                true => self.model.unique_name(&*tensor.name).into_owned(),
                false => tensor.name.clone(),
            };
            let outlet = self.model.add_node(name, Const::new(value)?, tvec!(fact))?;
            self.outlets.insert(&tensor.name, outlet.into());
        }
        let open = graph.input.iter().filter(|info| !self.outlets.contains_key(&*info.name));
        let open: Vec<&'a str> = open.map(|info| &*info.name).collect();
        ensure!(open.len() == feeds.len(), "the graph has {} inputs, {} are fed", open.len(), feeds.len());
        for (name, feed) in open.into_iter().zip(feeds) {
            let outlet = self.model.add_source(name, feed.datum_type().fact(&feed.shape))?;
            self.outlets.insert(name, outlet);
        }
        Ok(())
    }

    fn node(&mut self, node: &'a NodeProto) -> TractResult<()> {
        let Builder { n_inputs, wire } = builder(&node.op_type).context("it is not known")?;
        let n = node.input.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let (least, most) = (n_inputs.start(), n_inputs.end());
        ensure!(n >= *least, "it reads {n} inputs, at least {least} are needed");
        ensure!(n <= *most, "it reads {n} inputs, at most {most} are read");
        let inputs: Vec<Option<OutletId>> =
            node.input[..n].iter().map(|name| self.outlets.get(name.as_str()).copied()).collect();
        let first = self.model.nodes.len();
        let name = Some(label(node)).filter(|name| !name.is_empty()).unwrap_or_else(|| node.op_type.clone());
        let name = self.model.unique_name(name).into_owned();
        let mut wiring = Wiring { node, name: &name, version: self.version, model: &mut self.model, inputs: &inputs };
        let outlets = wire(&mut wiring)?;
        self.fold(first)?;
        self.name(node, &outlets)
    }

    /// Remembers where the outputs of a node are.
    fn name(&mut self, node: &'a NodeProto, outlets: &[OutletId]) -> TractResult<()> {
        for (slot, name) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let outlet = outlets
                .get(slot)
                .with_context(|| format!("output {slot}, \"{name}\", is not computed; export the model without it"))?;
            let fact = self.model.outlet_fact(*outlet)?;
            check_size(fact)?;
            self.n_made += fact.shape.volume().to_usize()? as u64;
            ensure!(
                self.n_made <= MAX_MADE_TOGETHER,
                "the nodes up to it make more than {MAX_MADE_TOGETHER} numbers together, the most that is read; export the model for fewer steps, or without what repeats them"
            );
            self.outlets.insert(name, *outlet);
        }
        Ok(())
    }

    /// Computes what is the same for every stay, in the nodes from `first` on: later nodes take sizes and axes from it.
    fn fold(&mut self, first: usize) -> TractResult<()> {
        for id in first..self.model.nodes.len() {
            let node = &self.model.nodes[id];
            if node.inputs.is_empty() || node.outputs.iter().all(|output| output.fact.konst.is_some()) {
                continue;
            }
            let inputs = node.inputs.iter().map(|outlet| Ok(self.model.outlet_fact(*outlet)?.konst.clone()));
            let Some(inputs) = inputs.collect::<TractResult<Option<Vec<Arc<Tensor>>>>>()? else { continue };
            node.outputs.iter().try_for_each(|output| check_size(&output.fact))?;
            let inputs = inputs.into_iter().map(IntoTValue::into_tvalue).collect();
            let Some(outputs) = node.op.eval_out_of_plan(inputs)? else { continue };
            for (slot, value) in outputs.into_iter().enumerate() {
                self.model.nodes[id].outputs[slot].fact = TypedFact::try_from(value.into_arc_tensor())?;
            }
        }
        Ok(())
    }

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
