//! ONNX bytes -> a checked graph and a plan.
//!
//! tract computes some nodes otherwise than ONNX says, and panics on some damaged files; what it cannot be trusted
//! with is refused here, before it sees it.
//!
//! | looked at | refused |
//! |---|---|
//! | the file | empty, too large, no protobuf, no graph, functions of its own |
//! | the graph | no nodes, too many, an output that nothing computes |
//! | each tensor | a shape that its numbers do not fill, a type that is not read, numbers that are not finite |
//! | each node | an operator without a rule; a recurrent node with an attribute that ONNX does not define |
//! | inputs | shapes and types without a meaning; stays that matter to each other along the axis taken for the batch |
//! | each value | more numbers than `limits.rs` allows |
//!
//! A model that passes is then run by [`Model`](crate::model::Model) against a second opinion, before anybody sees a
//! number of it.

use std::collections::{HashMap, HashSet};

use tract_onnx::Onnx;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto};
use tract_onnx::prelude::*;

use super::input::{self, Decided, InputAxis, InputReading, Inputs, Known, PlacedInput};
use super::limits::{self, MAX_BYTES};
use super::node::{RecurrentNode, label};
use super::output::Output;
use super::plan::Plan;
use super::probe::{MadeUp, probe};
use super::prune::LeftOut;
use super::{abreast, convert, external, loops, lower, output, prune, refusal, simplify, spelling, wire};
use crate::engine::graph::{Graph, Operation};
use crate::error::{Error, Kind, Place, Result};

/// A model as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// What explanations walk.
    pub(crate) graph: Graph,
    /// What tract runs.
    pub(crate) plan: Plan,
    /// The network node by node as the file has it, to check the plan by.
    pub(crate) as_written: Plan,
    /// Steps of the input.
    pub(crate) n_steps: usize,
    /// Columns of the input.
    pub(crate) n_columns: usize,
    /// Names of the graph's outputs, one a target; with an index where an output has several.
    pub(crate) outputs: Vec<String>,
    /// The graph's outputs, each with how many of these it has.
    pub(crate) parts: Vec<(String, usize)>,
    /// Whether nothing says how many steps there are.
    pub(crate) has_open_steps: bool,
    /// What the axes of the input with the steps are taken for, where nothing but custom tells.
    pub(crate) assumed_layout: Vec<InputAxis>,
    /// The inputs of the file, in its order.
    pub(crate) inputs: Vec<PlacedInput>,
    /// Inputs and outputs of the file that are neither here nor among the outputs.
    pub(crate) left_out: LeftOut,
}

/// An ONNX file whose bytes have been decoded, and nothing more.
pub(crate) struct File(ModelProto);

impl File {
    /// Decodes the bytes of a file.
    ///
    /// # Errors
    /// [`Kind::Model`] for bytes that are no ONNX model, and for more of them than are read.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(bytes).map(Self)
    }

    /// The text that the file's metadata holds under a key.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        self.0.metadata_props.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }

    /// Reads the model. `external` holds further files by name.
    ///
    /// # Errors
    /// [`Kind::Model`] for a file that is no sound ONNX model, [`Kind::Unsupported`] with the node's name for a sound one
    /// that cannot be explained.
    pub(crate) fn read(mut self, external: &HashMap<String, Vec<u8>>, known: &Known<'_>) -> Result<Loaded> {
        let graph = self.0.graph.as_mut().ok_or_else(no_graph)?;
        limits::check(graph)?;
        external::inline(graph, external)?;
        convert::to_single(graph);
        let left = loops::lift(graph, &self.0.producer_name)?;
        check_outputs(graph)?;
        spelling::recognise(graph);
        let mut left_out = LeftOut { labels: prune::prune(graph), unread: vec![] };
        let unread = prune::unread(graph);
        check(&self.0, self.0.graph.as_ref().ok_or_else(no_graph)?)?;
        let mut read = self.read_any(known, &left);
        if read.is_err() && !unread.is_empty() {
            // What nothing reads stands in nobody's way: columns without effect where it fits, else it is no input.
            let graph = self.0.graph.as_mut().ok_or_else(no_graph)?;
            graph.input.retain(|info| !unread.contains(&info.name));
            left_out.unread = unread;
            read = self.read_any(known, &left);
        }
        let read = read.or_else(|error| self.read_at_its_length(known, &left, error));
        read.map(|loaded| Loaded { left_out, ..loaded })
    }

    /// Reads a model that leaves the number of steps open and does not run with the usual one, with a number that stands in
    /// the file. Where it runs with neither one step less nor twice as many, that is its only one.
    ///
    /// # Errors
    /// `error`, of the usual number, and what may be behind it where the file leaves the steps open.
    fn read_at_its_length(&self, known: &Known<'_>, left: &HashMap<String, Error>, error: Error) -> Result<Loaded> {
        let graph = self.0.graph.as_ref().ok_or_else(no_graph)?;
        // A refusal for another reason than sizes is one with every number of steps.
        let is_at_node = error.kind == Kind::Model && matches!(error.place, Place::Node(_));
        let inputs = Inputs::likeliest(graph, known).filter(|inputs| is_at_node && inputs.are_steps_open);
        let Some(inputs) = inputs else { return Err(error) };
        let at = |n: usize| self.read_any(&Known { open_steps: n, ..*known }, left).ok();
        let is_tried = known.takes_others && inputs.has_open_steps;
        for n in is_tried.then(|| input::other_lengths(graph)).into_iter().flatten() {
            if let Some(loaded) = at(n) {
                return Ok(Loaded { has_open_steps: [n - 1, 2 * n].into_iter().any(|n| at(n).is_some()), ..loaded });
            }
        }
        let message = format!(
            "{}; the file leaves the number of steps open and was read with {}: some exporters write that of their example into the network, which the manifest's \"steps\" has to say",
            error.message, inputs.n_steps
        );
        Err(error.saying(message))
    }

    /// Reads the model with its inputs in the likeliest way that holds: one that a run with several stays showed to, before
    /// one of which it said nothing.
    ///
    /// # Errors
    /// What the likeliest way was refused for.
    fn read_any(&self, known: &Known<'_>, left: &HashMap<String, Error>) -> Result<Loaded> {
        let graph = self.0.graph.as_ref().ok_or_else(no_graph)?;
        let (mut unshown, mut refusal) = (None, None);
        for reading in input::readings(graph, known)? {
            match self.read_as(graph, &reading, known, left) {
                Ok((loaded, true)) => return Ok(loaded),
                Ok((loaded, false)) => unshown = unshown.or(Some(loaded)),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        unshown.ok_or_else(|| refusal.unwrap_or_else(|| broken("its inputs have no reading")))
    }

    /// Reads the model with its inputs taken for what a reading says. Where that is a guess, or the batch is of several
    /// stays, the model is run to see whether stays keep apart. Returned with it is whether the reading is sure.
    ///
    /// # Errors
    /// What the wiring, the lowering or the check of the batch refuses.
    fn read_as(
        &self,
        graph: &GraphProto,
        reading: &InputReading,
        known: &Known<'_>,
        loops: &HashMap<String, Error>,
    ) -> Result<(Loaded, bool)> {
        let inputs = Inputs::of(graph, reading, known, 1)?;
        let (n_steps, n_columns) = (inputs.n_steps, inputs.n_columns);
        let (has_open_steps, mut placed) = (inputs.has_open_steps, inputs.placed.clone());
        let is_batch = inputs.n_batch > 1;
        let prepared = guarded(|| prepare(&self.0, graph, inputs, known.step_hours, loops))?;
        let (lowered, [plan, as_written], outputs) = prepared;
        if let Some(settled) = reading.settled(&lowered, &placed, [n_steps, n_columns])? {
            return self.read_as(graph, &settled, known, loops);
        }
        let mut is_sure = true;
        if is_batch {
            check_batch(&lowered, &as_written, &placed, [n_steps, n_columns])?;
        } else if reading.decided != Decided::Said {
            check_walk(&lowered, n_steps)?;
            is_sure = self.check_open_batch(graph, reading, known, loops)?;
        }
        placed.iter_mut().for_each(|input| input.ask(&lowered, [n_steps, n_columns]));
        let (inputs, left_out) = (placed, LeftOut::default());
        // As many steps as a recurrent layer goes along, and no other axis of that length, are the steps.
        let is_walked = n_steps != n_columns && walked(&lowered).any(|(steps, _)| steps == n_steps);
        let assumed_layout = if is_walked { vec![] } else { reading.assumed_layout(is_sure) };
        let parts = outputs.iter().map(|output| (output.name.clone(), output.names.len())).collect();
        let outputs = outputs.into_iter().flat_map(|output| output.names).collect();
        let loaded = Loaded {
            graph: lowered,
            plan,
            as_written,
            n_steps,
            n_columns,
            outputs,
            parts,
            has_open_steps,
            assumed_layout,
            inputs,
            left_out,
        };
        Ok((loaded, is_sure))
    }

    /// Whether the axis that is open is shown to be one of stays: several stays on it do not come to matter to each other. A
    /// model that does not run with several shows nothing.
    ///
    /// # Errors
    /// Where they do; where the order of several inputs is open and nothing is said of it.
    fn check_open_batch(
        &self,
        graph: &GraphProto,
        reading: &InputReading,
        known: &Known<'_>,
        loops: &HashMap<String, Error>,
    ) -> Result<bool> {
        let mut inputs = Inputs::of(graph, reading, known, 2)?;
        if inputs.n_steps == 2 {
            // So that no axis is taken for another.
            inputs = Inputs::of(graph, reading, known, 3)?;
        }
        let (sizes, placed) = ([inputs.n_steps, inputs.n_columns], inputs.placed.clone());
        let shows_nothing = || match reading.decided {
            Decided::ByRunOfSeveral => Err(no_order(&placed)),
            Decided::ByRun | Decided::Said => Ok(false),
        };
        if inputs.n_batch == 1 {
            return shows_nothing();
        }
        match guarded(|| prepare(&self.0, graph, inputs, known.step_hours, loops)) {
            Ok((lowered, [_, as_written], _)) => check_batch(&lowered, &as_written, &placed, sizes).map(|()| true),
            Err(_) => shows_nothing(),
        }
    }
}

/// Runs stays side by side, equal ones and others.
///
/// # Errors
/// Where equal ones come out otherwise, or the others matter to them.
fn check_batch(graph: &Graph, plan: &Plan, inputs: &[PlacedInput], sizes: [usize; 2]) -> Result<()> {
    for made_up in MadeUp::ALL {
        let [stay, other] = [1, 2].map(|seed| probe((seed, made_up), graph, inputs, sizes));
        let difference = plan.difference_in_batch(&stay, &other)?;
        if difference <= BATCH_TOLERANCE {
            return Ok(());
        }
        if difference.is_finite() {
            break;
        }
    }
    Err(Error::new(Kind::Unsupported, NO_BATCH))
}

/// Outputs of equal stays may differ by so much, relative to those above 1.
const BATCH_TOLERANCE: f32 = 2e-4;

/// The error where stays along the axis taken for the batch matter to each other.
const NO_BATCH: &str = "the axis taken for the batch is none: the stays along it come to matter to each other, or to differ where all are the same; export the model with a batch of 1, as [batch, steps, columns] (torch: batch_first=True, or x.unsqueeze(0)), or say what the axes are by \"layout\" in the manifest";

/// The error where axes of several inputs are open, and neither a name nor a run with two stays says which is which.
fn no_order(inputs: &[PlacedInput]) -> Error {
    let is_open = |input: &&PlacedInput| input.shape.iter().filter(|len| len.is_none()).count() > 1;
    let open: Vec<String> = inputs.iter().filter(is_open).map(|input| format!("\"{}\"", input.name)).collect();
    let (names, last) = (open.join(", "), open.last().cloned().unwrap_or_default());
    let message = format!(
        "nothing says which axes {names} have in common: they are open, have no names that agree, and the network does not run with two stays, which would tell; say in the manifest what the axes are, by \"layout\": [\"batch\", \"steps\", \"columns\"] for example, give an axis one name in all inputs (torch: dynamic_axes={{{last}: {{0: \"batch\", 1: \"steps\"}}, ...}}), or export with a batch of 1 and only the steps open"
    );
    Error::new(Kind::Unsupported, message)
}

/// Refuses a guess by which a recurrent layer does not go along the steps, but once over each of as many rows as there
/// are steps.
fn check_walk(graph: &Graph, n_steps: usize) -> Result<()> {
    let is_over_rows = n_steps > 1 && walked(graph).any(|layout| layout == (1, n_steps));
    if is_over_rows && walked(graph).all(|(steps, _)| steps != n_steps) {
        return Err(Error::new(Kind::Unsupported, NO_BATCH));
    }
    Ok(())
}

/// The steps that each recurrent layer goes along, and for how many rows.
fn walked(graph: &Graph) -> impl Iterator<Item = (usize, usize)> {
    graph.nodes.iter().filter_map(|node| match &node.operation {
        Operation::Recurrent(op) => Some((op.layout.n_steps, op.layout.n_batch)),
        _ => None,
    })
}

/// Everything that tract does with a checked model: the graph, the plan that is run and the one as written, and the
/// outputs.
fn prepare(
    proto: &ModelProto,
    graph: &GraphProto,
    inputs: Inputs,
    step_hours: f64,
    loops: &HashMap<String, Error>,
) -> Result<(Graph, [Plan; 2], Vec<Output>)> {
    let mut model = wire::typed(proto, graph, &inputs.feeds, loops)?;
    model.compact().map_err(|error| broken(&wire::words(&error)))?;
    model = simplify::decluttered(&model).unwrap_or(model);
    let outputs = output::of(graph, &model, &inputs, step_hours);
    let lower::Lowered { graph: lowered, mut outlets, mut records } = lower::lower(&model, &inputs, &outputs)?;
    let failed = |error: TractError| {
        Error::new(Kind::Unsupported, format!("the network cannot be laid out to run: {}", wire::words(&error)))
    };
    let as_written =
        Plan::as_written(model.clone(), &outlets, records.clone(), inputs.clone(), outputs.clone()).map_err(failed)?;
    abreast::join(&mut model, &lowered, &mut outlets, &mut records, &inputs.feeds).map_err(failed)?;
    let plan = Plan::new(model, &outlets, records, inputs, outputs.clone()).map_err(failed)?;
    Ok((lowered, [plan, as_written], outputs))
}

/// Runs what may panic in tract, as it does on some damaged files. Where a panic unwinds it becomes an error; in
/// WebAssembly it is a trap, which costs the worker that read the file.
fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(broken("tract panicked over it; the file is damaged, export it again")))
}

/// The error of a file without a graph.
fn no_graph() -> Error {
    broken("it contains no graph")
}

/// The error of a file that is no sound model, whatever would be done with it.
fn broken(reason: &str) -> Error {
    Error::new(Kind::Model, format!("this is no sound ONNX model: {reason}"))
}

/// Decodes the protobuf. A file of another kind may decode by chance: a model has a version of the format and a graph.
fn decode(bytes: &[u8]) -> Result<ModelProto> {
    if bytes.is_empty() {
        return Err(broken("the file is empty"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(broken(&format!("it has {} bytes, at most {MAX_BYTES} are read", bytes.len())));
    }
    let proto = Onnx::default()
        .proto_model_for_read(&mut &*bytes)
        .map_err(|_| broken("its bytes are not an ONNX file, or it is damaged; export it again"))?;
    if proto.ir_version <= 0 || proto.graph.is_none() {
        return Err(broken("its bytes are not an ONNX file; choose the .onnx file that the exporter wrote"));
    }
    Ok(proto)
}

/// Looks at every tensor and node of a graph.
///
/// # Errors
/// For a graph without nodes, sparse weights, a function of the model's own, and what [`check_tensor`] and [`check_node`] refuse.
fn check(proto: &ModelProto, graph: &GraphProto) -> Result<()> {
    if graph.node.is_empty() {
        let message = "its graph has no nodes, so that there is nothing to explain; export the network itself";
        return Err(Error::new(Kind::Model, message));
    }
    if let Some(sparse) = graph.sparse_initializer.first().and_then(|sparse| sparse.values.as_ref()) {
        let message =
            format!("the weights \"{}\" are a sparse tensor, which is not read; save them as a dense one", sparse.name);
        return Err(Error::new(Kind::Unsupported, message));
    }
    let weights = weights(graph);
    let check = |tensor: &TensorProto| check_tensor(tensor, !weights.contains(tensor.name.as_str()));
    graph.initializer.iter().try_for_each(check)?;
    let is_function = |node: &NodeProto| {
        proto.functions.iter().any(|function| function.name() == node.op_type && function.domain() == node.domain)
    };
    if let Some(node) = graph.node.iter().find(|node| is_function(node)) {
        let message = format!(
            "operator {} is a function of the model's own; export it inlined (onnx.inliner.inline_local_functions(model))",
            node.op_type
        );
        return Err(Error::new(Kind::Unsupported, message).at(Place::Node(label(node))));
    }
    graph.node.iter().try_for_each(check_node)?;
    refusal::check_missing(graph)
}

/// Refuses an output that nothing computes, over which tract panics.
fn check_outputs(graph: &GraphProto) -> Result<()> {
    let computed = graph.node.iter().flat_map(|node| &node.output);
    let given = graph.input.iter().map(|info| &info.name).chain(graph.initializer.iter().map(|tensor| &tensor.name));
    let known: HashSet<&String> = computed.chain(given).filter(|name| !name.is_empty()).collect();
    match graph.output.iter().find(|info| !known.contains(&info.name)) {
        Some(info) => Err(broken(&format!("its output \"{}\" is one that nothing computes", info.name))),
        None => Ok(()),
    }
}

/// Refuses what there is no operator for, and what it would compute without our being able to look inside; bodies of
/// `If`, `Loop` and `Scan` included.
fn check_node(node: &NodeProto) -> Result<()> {
    let refuse = |reason: &str| {
        let message = format!("operator {} {reason}", node.op_type);
        Err(Error::new(Kind::Unsupported, message).at(Place::Node(label(node))))
    };
    for attribute in &node.attribute {
        if let Some(tensor) = &attribute.t {
            check_tensor(tensor, true).map_err(|error| error.at(Place::Node(label(node))))?;
        }
    }
    for branch in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        branch
            .initializer
            .iter()
            .try_for_each(|tensor| check_tensor(tensor, true))
            .map_err(|error| error.at(Place::Node(label(node))))?;
        branch.node.iter().try_for_each(check_node)?;
    }
    match node.op_type.as_str() {
        "LSTM" | "GRU" | "RNN" => RecurrentNode::from_proto(node).map(|_| ()),
        _ => match refusal::of(node) {
            Some(reason) => refuse(&reason),
            None => Ok(()),
        },
    }
}

/// Names of what layers multiply by, which must be finite.
fn weights(graph: &GraphProto) -> HashSet<&str> {
    /// Operators whose constant inputs are weights.
    const LAYERS: [&str; 7] = ["LSTM", "GRU", "RNN", "Gemm", "MatMul", "Conv", "ConvTranspose"];
    let layers = graph.node.iter().filter(|node| LAYERS.contains(&node.op_type.as_str()));
    layers.flat_map(|node| &node.input).map(String::as_str).collect()
}

/// Refuses a tensor whose numbers do not fill its shape, or are not finite. Masks `may_hide`: they hold infinity, which stands
/// in the place of what has no share.
fn check_tensor(tensor: &TensorProto, may_hide: bool) -> Result<()> {
    let wrong = |reason: String| Err(broken(&format!("tensor \"{}\" {reason}", tensor.name)));
    if tensor.dims.iter().any(|dim| *dim < 0) {
        return wrong("has a negative dimension".into());
    }
    let Some(volume) = checked_volume(tensor).filter(|volume| *volume <= MAX_BYTES) else {
        return wrong(format!("has more than {MAX_BYTES} elements"));
    };
    let Ok(data_type) = DataType::try_from(tensor.data_type) else {
        return wrong(format!("has the unknown data type {}", tensor.data_type));
    };
    let size = match data_type {
        DataType::Float | DataType::Int32 | DataType::Uint32 => 4,
        DataType::Double | DataType::Int64 | DataType::Uint64 => 8,
        DataType::Float16 | DataType::Int16 | DataType::Uint16 => 2,
        DataType::Int8 | DataType::Uint8 | DataType::Bool => 1,
        DataType::String if tensor.raw_data.is_empty() => return Ok(()),
        DataType::String => return wrong("holds text as raw bytes".into()),
        DataType::Undefined => return wrong("has the data type Undefined, which is not read".into()),
        other => {
            let message =
                format!("tensor \"{}\" holds {other:?}, which is not read; export it in float32", tensor.name);
            return Err(Error::new(Kind::Unsupported, message));
        }
    };
    if !tensor.raw_data.is_empty() && tensor.raw_data.len() != size * volume {
        return wrong(format!("has {} bytes where its shape asks for {}", tensor.raw_data.len(), size * volume));
    }
    if tensor.raw_data.is_empty() && data_type == DataType::Float && tensor.float_data.len() != volume {
        return wrong(format!("has {} numbers where its shape asks for {volume}", tensor.float_data.len()));
    }
    let raw = tensor.raw_data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let is_number = |x: f32| x.is_finite() | (may_hide & x.is_infinite());
    // Without a way out at the first that is none, this becomes vector code.
    let are_numbers = |all: bool, x: f32| all & is_number(x);
    if data_type == DataType::Float && !raw.chain(tensor.float_data.iter().copied()).fold(true, are_numbers) {
        let message = format!(
            "tensor \"{}\" holds numbers that are not finite (NaN, or an infinite weight): its training diverged, or the file is damaged; export a sound network",
            tensor.name
        );
        return Err(Error::new(Kind::Model, message));
    }
    Ok(())
}

/// How many elements a tensor's shape asks for; `None` for more than can be counted.
fn checked_volume(tensor: &TensorProto) -> Option<usize> {
    tensor.dims.iter().try_fold(1_usize, |volume, dim| volume.checked_mul(usize::try_from(*dim).ok()?))
}
