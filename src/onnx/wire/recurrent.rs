//! The recording operator that takes the place of tract's own LSTM, GRU and RNN.
//!
//! tract turns an ONNX LSTM into a Scan whose gates cannot be seen, and ignores or mistakes several attributes without
//! a word (`direction=reverse`, `activations`, `clip`, `input_forget`). This operator runs the whole sequence in one
//! call, honours every attribute, and returns the tape as a fourth output.
//!
//! What is read of a node, by the names of the ONNX operator specification:
//!
//! | input or attribute | read |
//! |---|---|
//! | X | `[steps, batch, columns]`, or with `layout` = 1 `[batch, steps, columns]`, single precision |
//! | W, R, B, P | constants; P (peepholes) of an LSTM |
//! | `sequence_lens` | a constant, or an input of the model: then the steps behind the end are masked |
//! | `initial_h`, `initial_c` | left out (zeros), constant or computed |
//! | `direction` | `forward`, `reverse`, `bidirectional` |
//! | `activations`, `activation_alpha`, `activation_beta` | every function that the specification lists |
//! | `clip`, `input_forget`, `linear_before_reset` | as the specification says |

use std::sync::{Arc, OnceLock};

use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::logic::comp_gt;
use tract_onnx::tract_core::ops::math::{mul, sub};

use super::super::node::{Operator, RecurrentInputs, RecurrentNode};
use super::wiring::{Builder, Wiring, floats};
use crate::engine::function::activation::Activation;
use crate::engine::number::real32;
use crate::engine::recurrence::bank::{self, ReadLayer};
use crate::engine::recurrence::{
    Activations, Cell, CellKind, Direction, Layer, LayerInput, LayerLayout, Peephole, iofc_to_ifgo, rows_to_columns,
};

/// What reads LSTM, GRU and RNN.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Operator::from_onnx(operator).map(|_| Builder::new(3..=9, wire))
}

/// Wires an LSTM, a GRU or an RNN: X `[steps, batch, columns]`, or `[batch, steps, columns]` with `layout` = 1, the
/// weights W and R, and optionally B, the lengths, the first states and the peepholes.
///
/// # Errors
/// For attributes that `node.rs` refuses, and for X, W or R that have not three axes of single precision.
fn wire(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let node = Arc::new(RecurrentNode::from_proto(w.node).map_err(|error| format_err!("{error}"))?);
    let inputs = w.present();
    ensure!(inputs.len() == node.inputs.count, "it needs {} inputs, it has {}", node.inputs.count, inputs.len());
    for (input, name) in inputs.iter().zip(["X", "W", "R"]) {
        let fact = w.model.outlet_fact(*input)?;
        ensure!(fact.rank() == 3, "{name} must have three axes, it has {}", fact.rank());
        ensure!(fact.datum_type == f32::datum_type(), "{name} must be float32, it is {:?}", fact.datum_type);
    }
    let lengths =
        node.inputs.lengths.filter(|slot| w.model.outlet_fact(inputs[*slot]).is_ok_and(|fact| fact.konst.is_none()));
    if let Some(slot) = lengths {
        return until_length(w, &node, inputs, slot);
    }
    let mut outlets = w.wire(Recording { node, layer: Arc::default() }, &inputs)?;
    outlets.truncate(TAPE);
    Ok(outlets)
}

/// A node whose lengths come in with the stay: the steps behind the end are masked, and what it returns of them is
/// zero.
///
/// ```text
/// mask_tb = 1 where length_b - (t + 1/2) > 0, else 0        Y_tb = mask_tb Y'_tb
/// ```
///
/// Lengths are whole, so that half a step decides without a comparison of equal numbers. At a masked step the kernels
/// hand the states on: a sequence that is read backwards begins at its own end, as the specification says.
fn until_length(
    w: &mut Wiring<'_>,
    node: &RecurrentNode,
    mut inputs: TVec<OutletId>,
    slot: usize,
) -> TractResult<TVec<OutletId>> {
    let x = w.shape(inputs[0])?;
    let (n_steps, n_batch) = if node.batch_first { (x[1], x[0]) } else { (x[0], x[1]) };
    let lengths = inputs.remove(slot);
    ensure!(w.shape(lengths)?[..] == [n_batch], "sequence_lens must have an entry a sequence");
    let numbers = w.part("lengths", cast(f32::datum_type()), &[lengths])?;
    // A step is read where at least half of it lies before the end.
    let middles: Vec<f32> = (0..n_steps).map(|step| real32(step) + 0.5).collect();
    let (steps, batch) = if node.batch_first { ([1, n_steps], [n_batch, 1]) } else { ([n_steps, 1], [1, n_batch]) };
    let middles = w.model.add_const(format!("{}.steps", w.name), Tensor::from_shape(&steps, &middles)?)?;
    let rows = AxisOp::Reshape(0, tvec![n_batch.to_dim()], batch.iter().map(ToDim::to_dim).collect());
    let numbers = w.part("lengths.rows", rows, &[numbers])?;
    let left = w.spread("left", sub(), numbers, middles)?;
    let zero = w.number("zero", 0.0, left)?;
    let is_read = w.spread("is_read", TypedBinOp(comp_gt(), None), left, zero)?;
    let mask = w.part("mask", cast(f32::datum_type()), &[is_read])?;
    inputs.push(mask);
    let before = |at: Option<usize>| at.map(|at| if at > slot { at - 1 } else { at });
    let mut masked = node.clone();
    masked.inputs = RecurrentInputs {
        count: inputs.len(),
        bias: before(node.inputs.bias),
        lengths: None,
        initial_h: before(node.inputs.initial_h),
        initial_c: before(node.inputs.initial_c),
        peephole: before(node.inputs.peephole),
        mask: Some(inputs.len() - 1),
    };
    let op = Recording { node: Arc::new(masked), layer: Arc::default() };
    let mut outlets = w.parts("masked", Box::new(op), &inputs)?;
    outlets.truncate(TAPE);
    // Of Y, [steps, directions, batch, hidden] or [batch, steps, directions, hidden].
    let dims = if node.batch_first { [n_batch, n_steps, 1, 1] } else { [n_steps, 1, n_batch, 1] };
    let to = dims.iter().map(ToDim::to_dim).collect();
    let from = x[..2].iter().map(ToDim::to_dim).collect();
    let mask = w.part("mask.all", AxisOp::Reshape(0, from, to), &[mask])?;
    outlets[0] = w.spread("until", mul(), outlets[0], mask)?;
    Ok(outlets)
}

/// The operator in tract's typed graph. Its outputs are Y, `Y_h`, `Y_c` (empty where there is no cell state) and the
/// tape, in the shapes of [`shapes`].
#[derive(Debug, Clone)]
pub(in crate::onnx) struct Recording {
    /// The attributes, and which input stands where.
    pub(in crate::onnx) node: Arc<RecurrentNode>,
    /// The weights as the kernels want them, packed once the model is read.
    pub(in crate::onnx) layer: Arc<OnceLock<Layer>>,
}

/// Index of the tape among the outputs.
pub(in crate::onnx) const TAPE: usize = 3;

impl PartialEq for Recording {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node) && Arc::ptr_eq(&self.layer, &other.layer)
    }
}

impl Eq for Recording {}

impl Recording {
    /// Packs the weights for good. `inputs` holds W, R, B and P at the positions of the node's inputs; the others may
    /// be missing.
    ///
    /// # Errors
    /// Where a weight is computed from the input, and where its shape is not that of the node's gates and units.
    pub(in crate::onnx) fn pack(&self, inputs: &[Option<&Tensor>]) -> TractResult<&Layer> {
        if self.layer.get().is_none() {
            let layer = layer(&self.node, inputs)?;
            return Ok(self.layer.get_or_init(|| layer));
        }
        self.layer.get().context("weights were packed")
    }

    /// Runs the node. The tape, most of what is computed, is handed over as it is, or not kept, and an empty tensor takes its
    /// place among the outputs.
    ///
    /// # Errors
    /// For first states or a mask of the wrong size, and for lengths beyond the steps.
    pub(in crate::onnx) fn run(
        &self,
        inputs: &[TValue],
        most: Option<usize>,
        keeps_tape: bool,
    ) -> TractResult<(TVec<TValue>, Vec<f32>)> {
        let node = &self.node;
        let packed;
        let layer = match self.layer.get() {
            Some(layer) => layer,
            // Not read from a file yet: tract is folding constants.
            None => {
                packed = layer(node, &inputs.iter().map(|input| Some(&**input)).collect::<Vec<_>>())?;
                &packed
            }
        };
        let layout = self.sizes(inputs[0].shape(), layer)?;
        let lengths = node.inputs.lengths.map(|slot| lengths(&inputs[slot], &layout)).transpose()?;
        let optional = |slot: Option<usize>| slot.map(|slot| floats(&inputs[slot])).transpose();
        let input = LayerInput {
            x: floats(&inputs[0])?,
            lengths: lengths.as_deref(),
            mask: optional(node.inputs.mask)?,
            initial_h: optional(node.inputs.initial_h)?,
            initial_c: optional(node.inputs.initial_c)?,
            most,
        };
        for initial in [input.initial_h, input.initial_c].into_iter().flatten() {
            ensure!(initial.len() == layout.state_len(), "{} initial state has the wrong shape", node.operator.name());
        }
        ensure!(input.mask.is_none_or(|mask| mask.len() == layout.mask_len()), "the mask has the wrong shape");
        let Some(out) = bank::read(&[ReadLayer { layer, layout: &layout, input }], keeps_tape).pop() else {
            bail!("nothing was run");
        };
        let shapes = shapes(node, inputs[0].shape(), inputs[2].shape()[2], 0);
        let tensors = [out.y, out.y_h, out.y_c, vec![]].into_iter().zip(&shapes);
        let tensors = tensors.map(|(data, shape)| Ok(Tensor::from_shape(shape, &data)?.into_tvalue()));
        Ok((tensors.collect::<TractResult<_>>()?, out.tape))
    }

    /// Steps and batch of an input X of the shape `x`, with the sizes of the layer.
    ///
    /// # Errors
    /// For an X that has not three axes, or another number of columns than the weights expect.
    pub(in crate::onnx) fn sizes(&self, x: &[usize], layer: &Layer) -> TractResult<LayerLayout> {
        ensure!(x.len() == 3, "{} input X must have three axes, it has {}", self.node.operator.name(), x.len());
        let (n_steps, n_batch) = if self.node.batch_first { (x[1], x[0]) } else { (x[0], x[1]) };
        ensure!(
            layer.directions().all(|cell| cell.sizes().n_inputs == x[2]),
            "{} input X has {} columns, its weights expect another number",
            self.node.operator.name(),
            x[2]
        );
        Ok(layer.layout(n_steps, n_batch))
    }
}

impl Op for Recording {
    fn name(&self) -> StaticName {
        "Recording".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Recording {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (mut outputs, tape) = self.run(&inputs, None, true)?;
        outputs[TAPE] = tensor1(&tape).into_tvalue();
        Ok(outputs)
    }
}

impl TypedOp for Recording {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let x = &inputs[0].shape;
        let n_hidden = inputs[2].shape[2].clone();
        // Units are recorded in fours.
        let n_lanes = (n_hidden.clone() + 3) / 4 * 4;
        let tape = x[0].clone() * &x[1] * (self.node.n_directions() * self.node.operator.tape_blocks()) * n_lanes;
        let shapes = shapes(&self.node, x, n_hidden, tape);
        Ok(shapes.iter().map(f32::fact).collect())
    }
}

/// Shapes of Y, `Y_h`, `Y_c` and the tape:
///
/// ```text
/// layout = 0    Y [steps, directions, batch, hidden]    Y_h, Y_c [directions, batch, hidden]
/// layout = 1    Y [batch, steps, directions, hidden]    Y_h, Y_c [batch, directions, hidden]
/// ```
///
/// `tape` is its length; a GRU and an RNN have a `Y_c` without elements.
fn shapes<D: DimLike>(node: &RecurrentNode, x: &[D], n_hidden: D, tape: D) -> [TVec<D>; 4] {
    let n_directions: D = node.n_directions().into();
    let n_cell = if node.operator == Operator::Lstm { n_hidden.clone() } else { 0.into() };
    let (a, b) = (x[0].clone(), x[1].clone());
    if node.batch_first {
        let state = |width| tvec!(a.clone(), n_directions.clone(), width);
        let y = tvec!(a.clone(), b, n_directions.clone(), n_hidden.clone());
        [y, state(n_hidden), state(n_cell), tvec!(tape)]
    } else {
        let state = |width| tvec!(n_directions.clone(), b.clone(), width);
        let y = tvec!(a, n_directions.clone(), b.clone(), n_hidden.clone());
        [y, state(n_hidden), state(n_cell), tvec!(tape)]
    }
}

/// Packs a node's weights as the kernels want them: a cell for each direction, with its activation functions.
fn layer(node: &RecurrentNode, inputs: &[Option<&Tensor>]) -> TractResult<Layer> {
    let weights = Weights::of(node, inputs)?;
    let cell = |(d, (direction, activations)): (usize, &(Direction, Vec<Activation>))| -> TractResult<Cell> {
        let usual = Activations::USUAL;
        let activations = match (node.operator, &activations[..]) {
            (Operator::Lstm, [gate, candidate, cell]) => {
                Activations { gate: *gate, candidate: *candidate, cell: *cell }
            }
            (Operator::Gru, [gate, candidate]) => Activations { gate: *gate, candidate: *candidate, ..usual },
            (Operator::Rnn, [candidate]) => Activations { candidate: *candidate, ..usual },
            _ => bail!("{} has the wrong number of activations", node.operator.name()),
        };
        Ok(weights.cell(node, d, *direction, activations))
    };
    let directions = node.directions.iter().enumerate().map(cell).collect::<TractResult<_>>()?;
    Ok(Layer::new(directions, node.batch_first))
}

/// The weights of a node, of all directions together.
struct Weights<'a> {
    /// 1, or 2 where the node is bidirectional.
    n_directions: usize,
    /// Columns of X.
    n_inputs: usize,
    /// Units of each direction.
    n_hidden: usize,
    /// `[n_directions, n_blocks * n_hidden, n_inputs]`
    w: &'a [f32],
    /// `[n_directions, n_blocks * n_hidden, n_hidden]`
    r: &'a [f32],
    /// `[n_directions, 2 * n_blocks * n_hidden]`
    bias: Option<&'a [f32]>,
    /// `[n_directions, 3 * n_hidden]`
    peephole: Option<&'a [f32]>,
}

impl<'a> Weights<'a> {
    /// The weights among a node's inputs, compared with the sizes that they give each other: hidden units by R, columns
    /// by W.
    fn of(node: &RecurrentNode, inputs: &[Option<&'a Tensor>]) -> TractResult<Self> {
        let constant = |slot: usize| {
            inputs[slot].context("its weights are computed from the input; a recurrence with constant weights is explained, so export them as constants")
        };
        let (name, n_blocks, n_directions) = (node.operator.name(), node.operator.n_blocks(), node.n_directions());
        let (w, r) = (constant(1)?, constant(2)?);
        ensure!(w.rank() == 3 && r.rank() == 3, "{name} weights W and R must have three axes");
        let (n_hidden, n_inputs) = (r.shape()[2], w.shape()[2]);
        ensure!(w.shape()[..2] == [n_directions, n_blocks * n_hidden], "{name} weights W have shape {:?}", w.shape());
        ensure!(r.shape()[..2] == [n_directions, n_blocks * n_hidden], "{name} weights R have shape {:?}", r.shape());
        let optional = |slot: Option<usize>, len: usize| -> TractResult<Option<&'a [f32]>> {
            let Some(slot) = slot else { return Ok(None) };
            let values = floats(constant(slot)?)?;
            ensure!(values.len() == n_directions * len * n_hidden, "{name} weights have {} numbers", values.len());
            Ok(Some(values))
        };
        let bias = optional(node.inputs.bias, 2 * n_blocks)?;
        let peephole = optional(node.inputs.peephole, 3)?;
        Ok(Self { n_directions, n_inputs, n_hidden, w: floats(w)?, r: floats(r)?, bias, peephole })
    }

    /// What belongs to direction `d`.
    fn part(&self, values: &'a [f32], d: usize) -> &'a [f32] {
        let len = values.len() / self.n_directions;
        &values[d * len..][..len]
    }

    /// ONNX has two biases, one for the input and one for the recurrent weights; zeros where it has none.
    fn biases(&self, d: usize, n_blocks: usize) -> (Vec<f32>, Vec<f32>) {
        let half = n_blocks * self.n_hidden;
        match self.bias {
            Some(bias) => {
                let (w, r) = self.part(bias, d).split_at(half);
                (w.to_vec(), r.to_vec())
            }
            None => (vec![0.0; half], vec![0.0; half]),
        }
    }

    /// The cell of direction `d`, in the kernels' order: gates as i, f, g, o for an LSTM (ONNX lists i, o, f, c), as
    /// they are for the others, and columns in place of rows. The two biases are one, but for the candidate of a GRU
    /// whose reset gate comes after the product: there the gate scales the second and not the first.
    fn cell(&self, node: &RecurrentNode, d: usize, direction: Direction, activations: Activations) -> Cell {
        let (n_inputs, n_hidden) = (self.n_inputs, self.n_hidden);
        let (w_bias, r_bias) = self.biases(d, node.operator.n_blocks());
        let mut bias = sum(&w_bias, &r_bias);
        let columns = |rows: &[f32], width| match node.operator {
            Operator::Lstm => iofc_to_ifgo(rows, n_hidden, width),
            Operator::Gru | Operator::Rnn => rows_to_columns(rows, width),
        };
        let kind = match node.operator {
            Operator::Lstm => {
                let peephole = self.peephole.map(|p| iof_peephole(self.part(p, d), n_hidden));
                CellKind::Lstm { peephole, input_forget: node.input_forget }
            }
            Operator::Gru => {
                let candidate = 2 * n_hidden;
                let reset_after = node.reset_after.then(|| r_bias[candidate..].to_vec());
                if node.reset_after {
                    bias[candidate..].copy_from_slice(&w_bias[candidate..]);
                }
                CellKind::Gru { reset_after }
            }
            Operator::Rnn => CellKind::Rnn,
        };
        let (w_x, w_h) = (columns(self.part(self.w, d), n_inputs), columns(self.part(self.r, d), n_hidden));
        Cell { kind, direction, n_inputs, n_hidden, w_x, w_h, bias: columns(&bias, 1), activations, clip: node.clip }
    }
}

/// `a + b`, element by element.
fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// The peepholes of one direction, `[3 * n_hidden]`, which ONNX lists as i, o, f.
fn iof_peephole(p: &[f32], n_hidden: usize) -> Peephole {
    let part = |index: usize| p[index * n_hidden..][..n_hidden].to_vec();
    Peephole { i: part(0), o: part(1), f: part(2) }
}

/// The lengths of the sequences, `[n_batch]`, each from 0 to `n_steps`.
///
/// # Errors
/// For another number of lengths, and for one beyond the steps.
pub(in crate::onnx) fn lengths(tensor: &Tensor, layout: &LayerLayout) -> TractResult<Vec<usize>> {
    let tensor = tensor.cast_to::<i64>()?;
    let lengths = tensor.try_as_plain_ram()?.as_slice::<i64>()?;
    ensure!(lengths.len() == layout.n_batch, "sequence_lens has {} entries", lengths.len());
    lengths
        .iter()
        .map(|len| usize::try_from(*len).ok().filter(|len| *len <= layout.n_steps))
        .collect::<Option<_>>()
        .context("sequence_lens is out of range")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::Value;
    use tract_onnx::prelude::*;

    use super::super::super::input::{Feed, Number};
    use crate::engine::number::single;

    /// Every one-node file, against a float64 reference that agrees with onnxruntime.
    #[test]
    fn every_attribute_gives_what_onnx_says() {
        for (operator, n_expected) in [("lstm", 50), ("gru", 40), ("rnn", 30)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(operator);
            let mut files: Vec<PathBuf> =
                std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
            files.sort();
            assert!(files.len() >= n_expected, "only {} files for {operator}", files.len());
            let failures: Vec<String> = files.iter().filter_map(|file| check(file).err()).collect();
            assert!(failures.is_empty(), "{}", failures.join("\n"));
        }
    }

    fn check(file: &Path) -> Result<(), String> {
        let expected: Value = serde_json::from_slice(&std::fs::read(file.with_extension("json")).unwrap()).unwrap();
        let found = run(file, &expected["inputs"]).map_err(|error| format!("{}: {error:#}", file.display()))?;
        for (name, tensor) in &found {
            let want = floats(&expected["outputs"][name]);
            let got = super::floats(tensor).unwrap();
            let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            if got.len() != want.len() || worst > 2e-6 || got.iter().any(|y| y.is_nan()) {
                return Err(format!("{}: {name} is off by {worst:e}", file.display()));
            }
        }
        Ok(())
    }

    fn run(file: &Path, inputs: &Value) -> TractResult<Vec<(String, Tensor)>> {
        let proto = tract_onnx::Onnx::default().proto_model_for_path(file)?;
        let graph = proto.graph.as_ref().unwrap();
        let names: Vec<String> = graph.input.iter().map(|input| input.name.clone()).collect();
        let (mut tensors, mut feeds) = (tvec![], vec![]);
        for name in names.iter().filter(|name| !inputs[*name].is_null()) {
            let shape: Vec<usize> = inputs[name]["shape"].as_array().unwrap().iter().map(integer).collect();
            let (number, tensor) = if name == "sequence_lens" {
                #[expect(clippy::cast_possible_truncation, reason = "lengths are whole")]
                let lengths: Vec<i32> = floats(&inputs[name]).iter().map(|len| *len as i32).collect();
                (Number::Whole(i32::datum_type()), Tensor::from_shape(&shape, &lengths)?)
            } else {
                (Number::Single, Tensor::from_shape(&shape, &floats(&inputs[name]))?)
            };
            feeds.push(Feed { shape, number, sites: vec![], stays: vec![] });
            tensors.push(tensor.into_tvalue());
        }
        let model = super::super::typed(&proto, graph, &feeds, &std::collections::HashMap::new())?;
        let outputs = model.into_optimized()?.into_runnable()?.run(tensors)?;
        let names = graph.output.iter().map(|output| output.name.clone());
        Ok(names.zip(outputs.into_iter().map(TValue::into_tensor)).collect())
    }

    fn integer(value: &Value) -> usize {
        usize::try_from(value.as_u64().unwrap()).unwrap()
    }

    fn floats(tensor: &Value) -> Vec<f32> {
        tensor["data"].as_array().unwrap().iter().map(|x| single(x.as_f64().unwrap())).collect()
    }
}
