//! Loops that are no recurrence with a node of its own, step by step: a hand-written recurrence, bags of codes, a
//! recurrence over convolutions.
//!
//! What a body makes of a step becomes nodes of the model, as often as there are steps; the states of one step are what
//! the body reads at the next. For that the number of steps must be known while the model is read: the condition and
//! the trip count are constants of the file, or follow from sizes. A loop is unrolled up to [`MOST_STEPS`] steps, and
//! up to [`MOST_NODES`] nodes of all bodies together.
//!
//! | operator | inputs of its body | outputs of its body |
//! |---|---|---|
//! | `Loop` | the step's number, the condition, the states | the condition, the states, a row of each sequence that is made |
//! | `Scan` | the states, a row of each sequence that is read | the states, a row of each sequence that is made |

use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::tract_hir::internal::*;

use super::assembly::Assembly;
use super::compose::{whole_attribute, whole_attributes};

/// Steps of one loop.
const MOST_STEPS: i64 = 1024;
/// Nodes that all bodies together become.
const MOST_NODES: usize = 20_000;

impl<'a> Assembly<'a> {
    /// A Loop: its body reads the number of the step, the condition and the states, and gives the condition, the states
    /// and the rows of the sequences that it makes.
    ///
    /// # Errors
    /// Where the number of steps or the condition depends on the input, and for more steps or nodes than are unrolled.
    pub(super) fn looped(&mut self, node: &'a NodeProto) -> TractResult<()> {
        let body = body(node)?;
        let n_states = body.input.len().checked_sub(2).context("its body lacks inputs")?;
        ensure!(node.input.len() == n_states + 2, "its body does not fit its inputs");
        ensure!(body.output.len() > n_states, "its body does not fit its outputs");
        let limit = match self.given(node, 0)? {
            Some(outlet) => Some(self.known(outlet, "the number of its steps")?),
            None => None,
        };
        let mut goes_on = match self.given(node, 1)? {
            Some(outlet) => self.known(outlet, "its condition")? != 0,
            None => true,
        };
        let mut states = (0..n_states).map(|k| self.read(node, 2 + k)).collect::<TractResult<Vec<_>>>()?;
        let mut scans: Vec<Vec<OutletId>> = vec![vec![]; body.output.len() - 1 - n_states];
        let mut step = 0;
        while goes_on && limit.is_none_or(|limit| step < limit) {
            self.check_step(body, step)?;
            let number = self.constant("step".into(), tensor0(step))?;
            let go = self.constant("go".into(), tensor0(true))?;
            let given = [number, go].into_iter().chain(states.iter().copied());
            body.input.iter().zip(given).for_each(|(info, outlet)| {
                self.outlets.insert(&info.name, outlet);
            });
            let made = self.step(body, step)?;
            goes_on = self.known(made[0], "its condition")? != 0;
            states = made[1..=n_states].to_vec();
            for (scan, outlet) in scans.iter_mut().zip(&made[1 + n_states..]) {
                scan.push(*outlet);
            }
            step += 1;
        }
        let mut outlets: TVec<OutletId> = states.into();
        for (k, scan) in scans.into_iter().enumerate() {
            outlets.push(self.stacked(node, &format!("scan{k}"), &scan, 0, false)?);
        }
        self.name(node, &outlets)
    }

    /// A Scan: its body reads the states, and one row of each sequence, from its first or, by `scan_input_directions`,
    /// from its last; it gives the states and one row of each sequence that is made.
    ///
    /// # Errors
    /// Where the sequences differ in length, and for more steps or nodes than are unrolled.
    pub(super) fn scanned(&mut self, node: &'a NodeProto) -> TractResult<()> {
        let body = body(node)?;
        let n_sequences: usize = node.get_attr("num_scan_inputs")?;
        let n_states = body.input.len().checked_sub(n_sequences).context("its body lacks inputs")?;
        ensure!(node.input.len() == body.input.len() && n_sequences > 0, "its body does not fit its inputs");
        ensure!(body.output.len() >= n_states, "its body does not fit its outputs");
        let n_scans = body.output.len() - n_states;
        let list = |name: &str, n: usize| -> TractResult<Vec<i64>> {
            let list = node.get_attr_opt_vec::<i64>(name)?.unwrap_or_else(|| vec![0; n]);
            ensure!(list.len() == n, "{name} has {} numbers for {n} sequences", list.len());
            Ok(list)
        };
        let (from, to) = (list("scan_input_directions", n_sequences)?, list("scan_output_directions", n_scans)?);
        let (axes, to_axes) = (list("scan_input_axes", n_sequences)?, list("scan_output_axes", n_scans)?);
        let mut states = (0..n_states).map(|k| self.read(node, k)).collect::<TractResult<Vec<_>>>()?;
        let sequences = (n_states..node.input.len()).map(|k| self.read(node, k)).collect::<TractResult<Vec<_>>>()?;
        let mut lens = vec![];
        for (sequence, axis) in sequences.iter().zip(&axes) {
            let shape = self.model.outlet_fact(*sequence)?.shape.to_tvec();
            let axis = super::wiring::axis(*axis, shape.len())?;
            lens.push(shape[axis].to_i64()?);
        }
        let n = lens[0];
        ensure!(lens.iter().all(|len| *len == n), "its sequences have {lens:?} steps");
        let mut scans: Vec<Vec<OutletId>> = vec![vec![]; n_scans];
        for step in 0..n {
            self.check_step(body, step)?;
            let mut given = states.clone();
            for (k, sequence) in sequences.iter().enumerate() {
                let at = if from[k] == 1 { n - 1 - step } else { step };
                let at = self.constant("step".into(), tensor0(at))?;
                let along = vec![whole_attribute("axis", axes[k])];
                given.push(self.made(node, &format!("row{k}"), "Gather", &[*sequence, at], along)?);
            }
            body.input.iter().zip(given).for_each(|(info, outlet)| {
                self.outlets.insert(&info.name, outlet);
            });
            let made = self.step(body, step)?;
            states = made[..n_states].to_vec();
            for (scan, outlet) in scans.iter_mut().zip(&made[n_states..]) {
                scan.push(*outlet);
            }
        }
        let mut outlets: TVec<OutletId> = states.into();
        for (k, scan) in scans.into_iter().enumerate() {
            outlets.push(self.stacked(node, &format!("scan{k}"), &scan, to_axes[k], to[k] == 1)?);
        }
        self.name(node, &outlets)
    }

    /// What a body makes of the values that it was given.
    fn step(&mut self, body: &'a GraphProto, step: i64) -> TractResult<TVec<OutletId>> {
        let inner = format!("{}step{step}.", self.prefix);
        let outer = std::mem::replace(&mut self.prefix, inner);
        let made = self.branch(body);
        self.prefix = outer;
        made
    }

    /// Counts the nodes of one more step.
    ///
    /// # Errors
    /// Beyond [`MOST_STEPS`] and [`MOST_NODES`].
    fn check_step(&mut self, body: &GraphProto, step: i64) -> TractResult<()> {
        ensure!(
            step < MOST_STEPS,
            "it has more than {MOST_STEPS} steps, the most that are unrolled; export the model for fewer steps, or with an LSTM, GRU or RNN layer"
        );
        self.n_unrolled += body.node.len();
        ensure!(
            self.n_unrolled <= MOST_NODES,
            "unrolled, its steps have more than {MOST_NODES} nodes, the most that are read; export the model for fewer steps"
        );
        Ok(())
    }

    /// What the steps gave, one behind the other along a new axis, or with `is_reversed` the last first.
    fn stacked(
        &mut self,
        node: &'a NodeProto,
        part: &str,
        rows: &[OutletId],
        axis: i64,
        is_reversed: bool,
    ) -> TractResult<OutletId> {
        ensure!(!rows.is_empty(), "it makes no step, and its sequences are empty");
        let axes = self.constant(format!("{}.{part}.axes", node.name), tensor1(&[axis]))?;
        let mut apart = vec![];
        for row in rows {
            apart.push(self.made(node, part, "Unsqueeze", &[*row, axes], vec![whole_attributes("axes", &[axis])])?);
        }
        if is_reversed {
            apart.reverse();
        }
        self.made(node, part, "Concat", &apart, vec![whole_attribute("axis", axis)])
    }

    /// An input that may be left out.
    fn given(&self, node: &NodeProto, slot: usize) -> TractResult<Option<OutletId>> {
        match node.input.get(slot).filter(|name| !name.is_empty()) {
            Some(_) => self.read(node, slot).map(Some),
            None => Ok(None),
        }
    }

    /// An input that must be there.
    fn read(&self, node: &NodeProto, slot: usize) -> TractResult<OutletId> {
        let outlet = node.input.get(slot).and_then(|name| self.outlets.get(name.as_str()));
        outlet.copied().with_context(|| format!("input {slot} is missing"))
    }

    /// The whole number that a value is, where it is the same for every stay; truth is 1.
    ///
    /// # Errors
    /// Where it depends on the input; `what` says in the message what it is.
    fn known(&self, outlet: OutletId, what: &str) -> TractResult<i64> {
        let constant = self.model.outlet_fact(outlet)?.konst.clone();
        let constant = constant.with_context(|| format!("{what} depends on the input"))?;
        let numbers = constant.cast_to::<i64>()?;
        let number = numbers.try_as_plain_ram()?.as_slice::<i64>()?.first().copied();
        number.with_context(|| format!("{what} is missing"))
    }
}

/// The graph that a Loop or a Scan repeats.
fn body(node: &NodeProto) -> TractResult<&GraphProto> {
    let body = node.attribute.iter().find(|attribute| attribute.name == "body").and_then(|body| body.g.as_ref());
    body.context("it has no body")
}
