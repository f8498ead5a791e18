//! Loops that are recurrences, turned into the LSTM, GRU and RNN nodes that they compute.
//!
//! Keras 3 through tf2onnx writes no recurrent node, but a Loop whose body computes one step, and reverses sequences by
//! `ReverseSequence`. The body is read as expressions (`body.rs`), which are compared with the equations of the three
//! recurrences (`cell.rs`); the number of steps comes from running its counters and its condition (`scalar.rs`). Only a
//! loop that is a recurrence in every detail is replaced (`write.rs`). The others are unrolled where the model is wired
//! (`wire/unroll.rs`), or refused, with what differs.

mod body;
mod cell;
mod constant;
mod expression;
mod mask;
mod reason;
mod scalar;
mod write;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use self::body::Body;
use self::cell::{Lifted, recognise};
use self::constant::Constant;
use self::expression::Expression;
use self::mask::{UnmaskedStep, refuse_masked};
use self::reason::{LoopReason, producers};
use self::scalar::Scalars;
use super::node::label;
use super::prune::captured;
use crate::engine::number::real;
use crate::error::{Error, Kind, Place, Result};

/// A loop that takes more steps is not run through.
const MAX_STEPS: usize = 100_000;

/// Replaces every Loop of a graph that is a recurrence by that. Returns, for each of the others by its name, why it is
/// none, and which export setting avoids it.
///
/// # Errors
/// Names a node that says it is masked.
pub(super) fn lift(graph: &mut GraphProto, producer: &str) -> Result<HashMap<String, Error>> {
    refuse_masked(graph)?;
    let mut left = HashMap::new();
    if !graph.node.iter().any(|node| node.op_type == "Loop") {
        return Ok(left);
    }
    let mut replaced = vec![];
    for (index, node) in graph.node.iter().enumerate().filter(|(_, node)| node.op_type == "Loop") {
        match Loop::of(graph, node).and_then(|found| found.lift()) {
            Ok(written) => replaced.push((index, written)),
            Err(reason) => {
                left.insert(label(node), refusal(node, &reason, producer));
            }
        }
    }
    // From the last to the first, so that indices stay what they are.
    for (index, written) in replaced.into_iter().rev() {
        graph.node.splice(index..=index, written.nodes);
        graph.initializer.extend(written.initializers);
    }
    prune(graph);
    Ok(left)
}

/// Drops what nothing reads any more: the conditions and shapes that only the loops needed.
fn prune(graph: &mut GraphProto) {
    let mut needed: HashSet<String> = graph.output.iter().map(|output| output.name.clone()).collect();
    for node in graph.node.iter().rev() {
        if node.output.iter().any(|output| needed.contains(output)) {
            needed.extend(node.input.iter().cloned());
            needed.extend(captured(node).into_iter().map(str::to_owned));
        }
    }
    graph.node.retain(|node| node.output.iter().any(|output| needed.contains(output)));
}

/// What avoids Loops where nothing is known of the exporter.
const ADVICE: &str = "Export so that recurrent nodes (LSTM, GRU, RNN) are written in place of the loop, or its steps one by one, a fixed number of them";
/// What avoids Loops in files that tf2onnx wrote.
const ADVICE_KERAS: &str = "Export so that recurrent nodes are written (Keras: TF_USE_LEGACY_KERAS=1 with tf_keras and tf2onnx, without a Masking layer, and GRU with reset_after=True)";
/// What avoids Loops in files that torch wrote.
const ADVICE_TORCH: &str = "Use torch.nn.LSTM, GRU or RNN, or a loop in Python over a fixed number of steps, which the exporter unrolls; not torch.jit.script";

/// Why a Loop is refused, and what the exporter of the file can be told in its place. `producer` is the file's
/// `producer_name`.
fn refusal(node: &NodeProto, reason: &LoopReason, producer: &str) -> Error {
    let message = layer(node).map_or_else(
        || {
            let producer = producer.to_lowercase();
            let is_of = |names: &[&str]| names.iter().any(|name| producer.contains(name));
            let usual = match (is_of(&["torch"]), is_of(&["tf2onnx", "keras", "tensorflow"])) {
                (true, _) => ADVICE_TORCH,
                (false, true) => ADVICE_KERAS,
                (false, false) => ADVICE,
            };
            let advice = reason.advice.unwrap_or(usual);
            format!("operator Loop is not read as an LSTM, GRU or RNN: {}. {advice}", reason.what)
        },
        str::to_owned,
    );
    Error::new(Kind::Unsupported, message).at(Place::Node(label(node)))
}

/// Why a loop is refused that is a layer of another kind, by what its body computes: a recurrence over convolutions, or
/// a bag of codes.
fn layer(node: &NodeProto) -> Option<&'static str> {
    let bodies = || node.attribute.iter().filter_map(|attribute| attribute.g.as_ref());
    let has = |operator: &str| bodies().flat_map(|body| &body.node).any(|node| node.op_type.contains(operator));
    if has("Conv") {
        return Some(
            "operator Loop is a recurrence over convolutions (ConvLSTM), for which there is no rule; use convolutions in front of an LSTM or GRU",
        );
    }
    (has("Gather") && has("Reduce") && !has("MatMul") && !has("Gemm")).then_some(
        "operator Loop is an EmbeddingBag, a loop over bags of codes; use torch.nn.Embedding and a mean or a sum over the codes in its place",
    )
}

/// A Loop node in its graph.
struct Loop<'a> {
    /// The node itself.
    node: &'a NodeProto,
    /// The graph that it repeats.
    body: &'a GraphProto,
    /// The node of the graph around it that computes each name.
    outer_producers: HashMap<&'a str, &'a NodeProto>,
    /// The constants of the body and of the graph around it.
    tensors: HashMap<&'a str, &'a TensorProto>,
    /// Names that something outside the loop reads.
    used: HashSet<&'a str>,
    /// Number of states, which are the body's inputs after the step's number and the condition.
    n_states: usize,
    /// Inputs of the body that only hand a value from step to step, with the value's name outside.
    invariant: HashMap<&'a str, &'a str>,
}

/// What is inserted in a Loop's place.
struct Written {
    /// In the order in which they are computed.
    nodes: Vec<NodeProto>,
    /// Weights and shapes.
    initializers: Vec<TensorProto>,
}

/// The states after a step, where they are vectors.
type States = Vec<Option<Rc<Expression>>>;

/// The states after a step, or why they are no vectors.
type Steps = Vec<Result<Rc<Expression>, LoopReason>>;

/// What a Loop turned out to be.
struct Recurrence {
    /// The recurrent node that it computes.
    lifted: Lifted,
    /// Name of the sequence that it reads, a row a step.
    sequence: String,
    /// How many steps it takes.
    n_steps: usize,
    /// The states after a step.
    next: States,
    /// The sequence that says which steps are masked, and whether it returns zeros for them.
    mask: Option<(String, bool)>,
}

impl<'a> Loop<'a> {
    /// A Loop of the graph `outer`.
    ///
    /// # Errors
    /// Where its body does not fit its inputs and outputs.
    fn of(outer: &'a GraphProto, node: &'a NodeProto) -> Result<Self, LoopReason> {
        let body = node.attribute.iter().find(|attribute| attribute.name == "body").and_then(|body| body.g.as_ref());
        let body = body.ok_or("it has no body")?;
        let n_states = body.input.len().checked_sub(2).ok_or("its body lacks inputs")?;
        let n_outputs = body.output.len();
        if node.input.len() != n_states + 2 || n_outputs < n_states + 1 || n_outputs < node.output.len() + 1 {
            return Err("its body does not fit its inputs and outputs".into());
        }
        let inputs = outer.node.iter().flat_map(|node| &node.input).map(String::as_str);
        let mut used: HashSet<&str> = inputs.chain(outer.output.iter().map(|output| output.name.as_str())).collect();
        used.extend(outer.node.iter().flat_map(captured));
        let initializers = outer.initializer.iter().chain(&body.initializer);
        let constants = outer.node.iter().chain(&body.node).filter_map(constant_node);
        let tensors = initializers.map(|tensor| (tensor.name.as_str(), tensor)).chain(constants).collect();
        let outer_producers = producers(&outer.node);
        let mut found = Self { node, body, outer_producers, tensors, used, n_states, invariant: HashMap::new() };
        found.invariant = found.invariants();
        Ok(found)
    }

    /// States that come out of the body as they went in.
    fn invariants(&self) -> HashMap<&'a str, &'a str> {
        let inner = producers(&self.body.node);
        let states = self.body.input[2..].iter().zip(&self.body.output[1..]).zip(&self.node.input[2..]);
        let unchanged = states.filter(|((before, after), _)| origin(&inner, &after.name) == before.name);
        unchanged.map(|((before, _), outside)| (before.name.as_str(), outside.as_str())).collect()
    }

    /// The constant called `name`, in the body or outside, also where a state only hands it on.
    fn constant(&self, name: &str) -> Option<Constant> {
        let name = self.invariant.get(name).copied().unwrap_or(name);
        let name = origin(&self.outer_producers, name);
        self.tensors.get(name).and_then(|tensor| Constant::from_proto(tensor))
    }

    /// What takes the loop's place, where it is a recurrence.
    ///
    /// # Errors
    /// Says in which detail it is none. So do all that follow.
    fn lift(&self) -> Result<Written, LoopReason> {
        let recurrence = self.recurrence()?;
        self.write(&recurrence)
    }

    /// What the loop computes: its step compared with the equations, its sequence, its steps and its mask.
    fn recurrence(&self) -> Result<Recurrence, LoopReason> {
        let constant = |name: &str| self.constant(name);
        let states = self.body.input[2..].iter().enumerate();
        let states = states.map(|(state, input)| (input.name.as_str(), state)).collect();
        let body = Body::new(self.body, &constant, states);
        let next: Vec<_> = self.body.output[1..=self.n_states].iter().map(|output| body.vector(&output.name)).collect();
        // Scan outputs are the hidden state; a loop without them hands on its last states only.
        let scans = self.body.output[1 + self.n_states..].iter().map(|output| body.vector(&output.name));
        let scans = scans.collect::<Result<Vec<_>, _>>()?;
        let (scans, next, zero_output) = self.without_mask(&body, scans, next)?;
        let (out, next) = hidden_state(&scans, next)?;
        if scans.iter().any(|scan| *scan != out) {
            return Err("it returns the sequence of something else than its hidden state".into());
        }
        let lifted = recognise(&out, &next)?;
        let reads = body.reads.borrow();
        let sequence = reads.iter().find(|read| !read.is_mask).ok_or("its body reads no sequence")?.sequence.clone();
        let indices: Vec<&str> = reads.iter().map(|read| read.index.as_str()).collect();
        let n_steps = self.n_steps(&body, &indices)?;
        let mask = reads.iter().find(|read| read.is_mask).map(|read| (read.sequence.clone(), zero_output));
        if mask.is_some() {
            self.check_beginnings(&next, lifted.h)?;
        }
        Ok(Recurrence { lifted, sequence, n_steps, next, mask })
    }

    /// A step as it is where it is read, if some may be masked, and whether masked ones return zeros.
    fn without_mask(
        &self,
        body: &Body<'_>,
        scans: Vec<Rc<Expression>>,
        next: Steps,
    ) -> Result<(Vec<Rc<Expression>>, Steps, bool), LoopReason> {
        if !body.reads.borrow().iter().any(|read| read.is_mask) {
            return Ok((scans, next, false));
        }
        let vectors: States = next.iter().map(|next| next.as_ref().ok().cloned()).collect();
        let UnmaskedStep { kept, scans, zero_output } = self.unmasked(&scans, &vectors)?;
        // A state that a masked step does not keep is no state of a recurrence.
        let next = next
            .into_iter()
            .zip(kept)
            .map(|(_, kept)| kept.ok_or_else(|| "a masked step does not keep its states".into()));
        Ok((scans, next.collect(), zero_output))
    }

    /// How many steps the loop takes. Counters and condition are run as ONNX says: while the trip count is not reached
    /// and the condition holds. At each step, what the body reads rows by must be the step's number.
    fn n_steps(&self, body: &Body<'_>, indices: &[&str]) -> Result<usize, LoopReason> {
        let constant = |name: &str| self.constant(name);
        let outside = Scalars { producers: &self.outer_producers, constant: &constant, given: HashMap::new() };
        let outer_value = |name: &str| outside.value(name).ok_or_else(open);
        let given = |slot: usize| self.node.input.get(slot).filter(|name| !name.is_empty());
        let trips = given(0).map(|name| outer_value(name)).transpose()?;
        let mut goes_on = given(1).map(|name| outer_value(name)).transpose()?.is_none_or(|condition| condition != 0.0);
        let mut inside = Scalars { producers: &body.producers, constant: &constant, given: HashMap::new() };
        let counters = self.counters(&outside);
        inside.given.extend(counters.iter().map(|(before, _, value)| (*before, *value)));
        let mut n = 0;
        while goes_on && trips.is_none_or(|trips| real(n) < trips) {
            if n == MAX_STEPS {
                return Err(format!("it takes more than {MAX_STEPS} steps").into());
            }
            inside.given.insert(&self.body.input[0].name, real(n));
            if indices.iter().any(|index| inside.value(index) != Some(real(n))) {
                return Err("it reads its sequence in another order than from first to last".into());
            }
            let condition = inside.value(&self.body.output[0].name);
            goes_on = condition.ok_or("its condition depends on more than its counters")? != 0.0;
            let after: Vec<_> = counters.iter().map(|(before, after, _)| (*before, inside.value(after))).collect();
            for (before, value) in after {
                match value {
                    Some(value) => inside.given.insert(before, value),
                    None => inside.given.remove(before),
                };
            }
            n += 1;
        }
        if n == 0 { Err("it takes no step".into()) } else { Ok(n) }
    }

    /// States that begin as one number: their names before and after a step, and that number.
    fn counters(&self, outside: &Scalars<'_>) -> Vec<(&'a str, &'a str, f64)> {
        let states = self.body.input[2..].iter().zip(&self.body.output[1..]).zip(&self.node.input[2..]);
        let changing = states.filter(|((before, _), _)| !self.invariant.contains_key(before.name.as_str()));
        changing
            .filter_map(|((before, after), outside_name)| {
                Some((before.name.as_str(), after.name.as_str(), outside.value(outside_name)?))
            })
            .collect()
    }
}

/// The reason of a loop whose number of steps depends on the input.
fn open() -> LoopReason {
    let advice =
        Some("Export with a fixed number of steps (Keras: Input((steps, columns)), and a signature that says so)");
    LoopReason { what: "its number of steps is not fixed".into(), advice }
}

/// The hidden state after a step, and all states after it, where they are vectors. It is what the loop returns as a
/// sequence; of a loop that returns last states only, the first of them that is one of a recurrence.
fn hidden_state(
    scans: &[Rc<Expression>],
    next: Vec<Result<Rc<Expression>, LoopReason>>,
) -> Result<(Rc<Expression>, States), LoopReason> {
    let mut reasons = vec![];
    let next: Vec<_> = next.into_iter().map(|next| next.map_err(|reason| reasons.push(reason)).ok()).collect();
    if let Some(out) = scans.first() {
        return Ok((out.clone(), next));
    }
    let candidate = next.iter().flatten().find(|out| recognise(out, &next).is_ok()).cloned();
    match candidate {
        Some(out) => Ok((out, next)),
        None => Err(reasons.pop().unwrap_or_else(|| "its step is no recurrence".into())),
    }
}

/// The name that `name` is a copy of, by way of `Identity`.
fn origin<'n>(producers: &HashMap<&'n str, &'n NodeProto>, name: &'n str) -> &'n str {
    let mut name = name;
    for _ in 0..producers.len() {
        match producers.get(name) {
            Some(node) if node.op_type == "Identity" && !node.input.is_empty() => name = node.input[0].as_str(),
            _ => break,
        }
    }
    name
}

/// The name and the tensor of a `Constant`.
fn constant_node(node: &NodeProto) -> Option<(&str, &TensorProto)> {
    if node.op_type != "Constant" {
        return None;
    }
    let value = node.attribute.iter().find(|attribute| attribute.name == "value")?.t.as_ref()?;
    Some((node.output.first()?.as_str(), value))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto};
    use tract_onnx::prelude::Framework;

    use super::{Loop, lift};
    use crate::onnx::node::MASK;

    fn graph(name: &str) -> GraphProto {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families").join(name);
        let onnx = tract_onnx::Onnx::default();
        onnx.proto_model_for_path(file).unwrap().graph.unwrap()
    }

    fn the_loop(graph: &mut GraphProto) -> &mut NodeProto {
        graph.node.iter_mut().find(|node| node.op_type == "Loop").unwrap()
    }

    fn body(graph: &mut GraphProto) -> &mut GraphProto {
        the_loop(graph).attribute.iter_mut().find_map(|attribute| attribute.g.as_mut()).unwrap()
    }

    #[test]
    fn nothing_but_the_recurrence_is_left() {
        for (file, operator) in [("lstm-keras3.onnx", "LSTM"), ("gru-keras3.onnx", "GRU"), ("rnn-keras3.onnx", "RNN")] {
            let mut graph = graph(file);
            let name = the_loop(&mut graph).name.clone();
            assert!(lift(&mut graph, "").unwrap().is_empty());
            assert!(graph.node.iter().all(|node| !["Loop", "Less", "And"].contains(&node.op_type.as_str())));
            let node = graph.node.iter().find(|node| node.op_type == operator).unwrap();
            assert_eq!(node.name, name);
        }
    }

    /// Changes one thing in a loop that is a recurrence: it is none any more, and is refused by its name.
    fn refused(file: &str, change: impl Fn(&mut GraphProto), word: &str) {
        let mut graph = graph(file);
        change(&mut graph);
        let name = the_loop(&mut graph).name.clone();
        let error = lift(&mut graph, "").unwrap()[&name].to_string();
        assert!(error.contains(word) && error.contains(&name) && error.contains("xport"), "{error}");
    }

    fn node<'g>(graph: &'g mut GraphProto, kind: &str, index: usize) -> &'g mut NodeProto {
        body(graph).node.iter_mut().filter(|node| node.op_type == kind).nth(index).unwrap()
    }

    #[test]
    fn a_step_that_differs_is_refused() {
        refused("lstm-keras3.onnx", |g| node(g, "Sigmoid", 1).op_type = "Tanh".into(), "none of an LSTM's");
        refused("lstm-keras3.onnx", |g| node(g, "Mul", 0).op_type = "Div".into(), "is a Div");
        refused("gru-keras3.onnx", |g| node(g, "Sub", 0).input.swap(0, 1), "subtracts otherwise");
        refused("gru-keras3.onnx", |g| node(g, "Mul", 0).input.swap_remove(1).clear(), "lacks an input");
        refused("rnn-keras3.onnx", |g| node(g, "Tanh", 0).op_type = "Exp".into(), "is a Exp");
    }

    #[test]
    fn a_mask_that_does_not_keep_the_states_is_refused() {
        let file = "masking-keras3.onnx";
        let input = |g: &mut GraphProto, name: &str, slot: usize, to: &str| {
            let found = body(g).node.iter_mut().find(|node| node.name.ends_with(name)).unwrap();
            found.input[slot] = to.into();
        };
        let h = "sequential_1_lstm_1_while_placeholder_3:0";
        // At a masked step the cell state becomes the hidden one, the hidden one is computed, or the step is chosen otherwise.
        refused(file, |g| input(g, "SelectV2_2__2451", 0, h), "none of an LSTM's");
        refused(
            file,
            |g| body(g).output[3].name = "sequential_1/lstm_1/while/lstm_cell_1/mul_2:0".into(),
            "none of an LSTM's",
        );
        refused(
            file,
            |g| input(g, "SelectV2_2__2449", 0, "sequential_1/lstm_1/while/SelectV2_2__2447:0"),
            "none of an LSTM's",
        );
        refused(
            file,
            |g| body(g).output[8].name = "sequential_1/lstm_1/while/lstm_cell_1/mul_2:0".into(),
            "masked steps return",
        );
        refused(file, |g| the_loop(g).input[3] = "x".into(), "begins otherwise");
        let three = |g: &mut GraphProto| {
            let mut again = node(g, "Gather", 1).clone();
            (again.input[0], again.output[0]) = ("x".into(), "again".into());
            body(g).node.insert(0, again);
            node(g, "MatMul", 0).input[0] = "again".into();
        };
        refused(file, three, "two sequences");
    }

    /// Only a Loop that was read gives a node with a mask.
    #[test]
    fn a_file_that_says_it_is_masked_is_refused() {
        let mut graph = graph("masking-keras3-without.onnx");
        let node = graph.node.iter_mut().find(|node| node.op_type == "LSTM").unwrap();
        node.attribute.push(AttributeProto { name: MASK.into(), i: 1, ..AttributeProto::default() });
        let error = lift(&mut graph, "").unwrap_err().to_string();
        assert!(error.contains("vitrine_mask is not one that ONNX defines"), "{error}");
    }

    #[test]
    fn another_order_or_number_of_steps_is_refused() {
        let two = |g: &mut GraphProto| {
            let tensor = body(g).initializer.iter_mut().find(|tensor| tensor.name.ends_with("while/add/y:0")).unwrap();
            tensor.raw_data = 2_i32.to_le_bytes().to_vec();
            tensor.int32_data.clear();
        };
        refused("lstm-keras3.onnx", two, "another order");
        refused("lstm-keras3.onnx", |g| the_loop(g).input[0] = "x".into(), "steps is not fixed");
        refused("lstm-keras3.onnx", |g| the_loop(g).input[1] = "x".into(), "steps is not fixed");
        refused("lstm-keras3.onnx", |g| node(g, "Less", 0).op_type = "Sin".into(), "condition");
    }

    #[test]
    fn what_it_returns_must_be_its_states() {
        // The sequence of c in place of h.
        let cells = |g: &mut GraphProto| {
            let (body, c) = (body(g), 3);
            let last = body.output.len() - 1;
            body.output[last].name = body.output[c].name.clone();
        };
        refused("lstm-keras3.onnx", cells, "none of an LSTM's");
        refused("lstm-keras3.onnx", |g| body(g).output.truncate(3), "does not fit");
    }

    #[test]
    fn a_body_that_reads_itself_is_refused() {
        let cycle = |g: &mut GraphProto| {
            let output = node(g, "Tanh", 0).output[0].clone();
            node(g, "MatMul", 0).input[0] = output;
        };
        refused("lstm-keras3.onnx", cycle, "nested deeper");
        let mut doubled = graph("rnn-keras3.onnx");
        let inner = body(&mut doubled);
        let tanh = inner.node.iter().position(|node| node.op_type == "Tanh").unwrap();
        let mut name = inner.node[tanh].input[0].clone();
        for k in 0..60 {
            let output = format!("doubled{k}");
            let input = vec![name.clone(), name];
            inner.node.push(NodeProto {
                op_type: "Add".into(),
                input,
                output: vec![output.clone()],
                ..Default::default()
            });
            name = output;
        }
        inner.node[tanh].input[0] = name;
        let node = the_loop(&mut doubled).clone();
        assert!(Loop::of(&doubled, &node).and_then(|found| found.lift()).is_err());
    }
}
