//! The recording LSTM operator that takes the place of tract's own.
//!
//! tract turns an ONNX LSTM into a Scan whose gates cannot be seen, and ignores or mistakes several attributes without
//! a word (`direction=reverse`, `activations`, `clip`, `input_forget`). This operator runs the whole sequence in one
//! call, honours every attribute, and returns the tape as a fourth output.

use std::sync::{Arc, OnceLock};

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::internal::*;

use super::node::LstmNode;
use crate::recurrence::lstm::{Peephole, iofc_to_ifgo};
use crate::recurrence::{Layer, LayerInput, Layout, Lstm};

/// What `onnx::read` registers under the name LSTM.
pub(super) fn build(
    _context: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let node = LstmNode::from_proto(node).map_err(|error| format_err!("{error}"))?;
    Ok((expand(LstmExpansion(Arc::new(node))), vec![]))
}

/// The node before shapes are known.
#[derive(Debug, Clone)]
struct LstmExpansion(Arc<LstmNode>);

impl Expansion for LstmExpansion {
    fn name(&self) -> StaticName {
        "VitrineLstm".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.0.outputs.iter().filter(|used| **used).count())
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let node = &self.0;
        check_input_arity(inputs, node.inputs.count)?;
        check_output_arity(outputs, self.nboutputs()?)?;
        for input in inputs.iter().take(3) {
            s.equals(&input.datum_type, f32::datum_type())?;
            s.equals(&input.rank, 3)?;
        }
        for output in outputs {
            s.equals(&output.datum_type, f32::datum_type())?;
        }
        let (time, batch) = if node.batch_first { (1, 0) } else { (0, 1) };
        let n_directions = (node.n_directions() as i64).to_dim();
        let ranks = [4, 3, 3].into_iter().zip(node.outputs).filter(|(_, used)| *used).map(|(rank, _)| rank);
        for (output, rank) in outputs.iter().zip(ranks) {
            s.equals(&output.rank, rank)?;
            let n_directions = n_directions.clone();
            s.given_3(
                &inputs[0].shape[time],
                &inputs[0].shape[batch],
                &inputs[2].shape[2],
                move |s, n_steps, n_batch, n_hidden| {
                    let shape = match (rank, time) {
                        (4, 0) => tvec!(n_steps, n_directions.clone(), n_batch, n_hidden),
                        (4, _) => tvec!(n_batch, n_steps, n_directions.clone(), n_hidden),
                        (_, 0) => tvec!(n_directions.clone(), n_batch, n_hidden),
                        _ => tvec!(n_batch, n_directions.clone(), n_hidden),
                    };
                    s.equals(&output.shape, shape)
                },
            )?;
        }
        Ok(())
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let op = RecordingLstm { node: self.0.clone(), layer: Arc::default() };
        let outlets = model.wire_node(prefix, op, inputs)?;
        Ok(outlets.into_iter().zip(self.0.outputs).filter(|(_, used)| *used).map(|(outlet, _)| outlet).collect())
    }
}

/// The operator in tract's typed graph. Its outputs are Y, `Y_h`, `Y_c` and the tape.
#[derive(Debug, Clone)]
pub(super) struct RecordingLstm {
    pub(super) node: Arc<LstmNode>,
    /// The weights as the kernels want them, packed once the model is read.
    pub(super) layer: Arc<OnceLock<Layer>>,
}

/// Index of the tape among the outputs.
pub(super) const TAPE: usize = 3;

impl PartialEq for RecordingLstm {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node) && Arc::ptr_eq(&self.layer, &other.layer)
    }
}

impl Eq for RecordingLstm {}

impl RecordingLstm {
    /// Packs the weights for good. `inputs` holds W, R, B and P at the positions of the node's inputs.
    pub(super) fn pack(&self, inputs: &[Option<&Tensor>]) -> TractResult<&Layer> {
        if self.layer.get().is_none() {
            let layer = layer(&self.node, inputs)?;
            return Ok(self.layer.get_or_init(|| layer));
        }
        self.layer.get().context("weights were packed")
    }

    pub(super) fn sizes(&self, x: &[usize], layer: &Layer) -> TractResult<Layout> {
        ensure!(x.len() == 3, "LSTM input X must have three axes, it has {}", x.len());
        let (n_steps, n_batch) = if self.node.batch_first { (x[1], x[0]) } else { (x[0], x[1]) };
        ensure!(
            layer.directions.iter().all(|lstm| lstm.n_inputs == x[2]),
            "LSTM input X has {} columns, its weights expect another number",
            x[2]
        );
        Ok(layer.layout(n_steps, n_batch))
    }
}

impl Op for RecordingLstm {
    fn name(&self) -> StaticName {
        "RecordingLstm".into()
    }

    op_as_typed_op!();
}

impl EvalOp for RecordingLstm {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
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
            initial_h: optional(node.inputs.initial_h)?,
            initial_c: optional(node.inputs.initial_c)?,
        };
        for initial in [input.initial_h, input.initial_c].into_iter().flatten() {
            ensure!(initial.len() == layout.state_len(), "LSTM initial state has the wrong shape");
        }
        let out = layer.forward(&layout, &input);
        let shapes = shapes(node, inputs[0].shape(), inputs[2].shape()[2], layout.tape_len());
        let tensors = [out.y, out.y_h, out.y_c, out.tape].into_iter().zip(&shapes);
        tensors.map(|(data, shape)| Ok(Tensor::from_shape(shape, &data)?.into_tvalue())).collect()
    }
}

impl TypedOp for RecordingLstm {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let x = &inputs[0].shape;
        let n_hidden = inputs[2].shape[2].clone();
        let tape = x[0].clone() * &x[1] * self.node.n_directions() * 10 * &n_hidden;
        let shapes = shapes(&self.node, x, n_hidden, tape);
        Ok(shapes.iter().map(f32::fact).collect())
    }
}

/// Shapes of Y, `Y_h`, `Y_c` and the tape.
fn shapes<D: DimLike>(node: &LstmNode, x: &[D], n_hidden: D, tape: D) -> [TVec<D>; 4] {
    let n_directions: D = node.n_directions().into();
    let (y, state) = if node.batch_first {
        (
            tvec!(x[0].clone(), x[1].clone(), n_directions.clone(), n_hidden.clone()),
            tvec!(x[0].clone(), n_directions, n_hidden),
        )
    } else {
        (
            tvec!(x[0].clone(), n_directions.clone(), x[1].clone(), n_hidden.clone()),
            tvec!(n_directions, x[1].clone(), n_hidden),
        )
    };
    [y, state.clone(), state, tvec!(tape)]
}

fn layer(node: &LstmNode, inputs: &[Option<&Tensor>]) -> TractResult<Layer> {
    let constant = |slot: usize| inputs[slot].context("recurrent weights are computed, not constant");
    let (w, r) = (constant(1)?, constant(2)?);
    let (n_directions, n_hidden, n_inputs) = (node.n_directions(), r.shape()[2], w.shape()[2]);
    ensure!(w.shape() == [n_directions, 4 * n_hidden, n_inputs], "LSTM weights W have shape {:?}", w.shape());
    ensure!(r.shape() == [n_directions, 4 * n_hidden, n_hidden], "LSTM weights R have shape {:?}", r.shape());
    let optional = |slot: Option<usize>, len: usize| -> TractResult<Option<&[f32]>> {
        let Some(slot) = slot else { return Ok(None) };
        let values = floats(constant(slot)?)?;
        ensure!(values.len() == n_directions * len * n_hidden, "LSTM weights have {} numbers", values.len());
        Ok(Some(values))
    };
    let (w, r) = (floats(w)?, floats(r)?);
    let bias = optional(node.inputs.bias, 8)?;
    let peephole = optional(node.inputs.peephole, 3)?;
    let part =
        |values: &[f32], d: usize| values[d * values.len() / n_directions..][..values.len() / n_directions].to_vec();
    let directions = node.directions.iter().enumerate().map(|(d, (direction, activations))| Lstm {
        direction: *direction,
        n_inputs,
        n_hidden,
        w_x: iofc_to_ifgo(&part(w, d), n_hidden, n_inputs),
        w_h: iofc_to_ifgo(&part(r, d), n_hidden, n_hidden),
        bias: summed_bias(bias.map(|bias| part(bias, d)), n_hidden),
        peephole: peephole.map(|p| iof_peephole(&part(p, d), n_hidden)),
        activations: *activations,
        clip: node.clip,
        input_forget: node.input_forget,
    });
    Ok(Layer { directions: directions.collect(), batch_first: node.batch_first })
}

/// ONNX has two biases, one for the input and one for the recurrent weights; only their sum matters.
fn summed_bias(bias: Option<Vec<f32>>, n_hidden: usize) -> Vec<f32> {
    let Some(bias) = bias else { return vec![0.0; 4 * n_hidden] };
    let (w, r) = bias.split_at(4 * n_hidden);
    let sum: Vec<f32> = w.iter().zip(r).map(|(a, b)| a + b).collect();
    iofc_to_ifgo(&sum, n_hidden, 1)
}

/// ONNX lists the peepholes as i, o, f.
fn iof_peephole(p: &[f32], n_hidden: usize) -> Peephole {
    let part = |index: usize| p[index * n_hidden..][..n_hidden].to_vec();
    Peephole { i: part(0), o: part(1), f: part(2) }
}

/// The lengths of the sequences, `[n_batch]`, each at most `n_steps`.
pub(super) fn lengths(tensor: &Tensor, layout: &Layout) -> TractResult<Vec<usize>> {
    let tensor = tensor.cast_to::<i64>()?;
    let lengths = tensor.try_as_plain_ram()?.as_slice::<i64>()?;
    ensure!(lengths.len() == layout.n_batch, "LSTM sequence_lens has {} entries", lengths.len());
    lengths
        .iter()
        .map(|len| usize::try_from(*len).ok().filter(|len| *len <= layout.n_steps))
        .collect::<Option<_>>()
        .context("LSTM sequence_lens is out of range")
}

/// A tensor's numbers.
pub(super) fn floats(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice::<f32>()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::Value;
    use tract_onnx::prelude::*;

    /// Every one-node file, against a float64 reference that agrees with onnxruntime.
    #[test]
    fn every_attribute_gives_what_onnx_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lstm");
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
        files.sort();
        assert!(files.len() >= 50, "only {} files", files.len());
        let failures: Vec<String> = files.iter().filter_map(|file| check(file).err()).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
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
        let onnx = super::super::read::operators();
        let proto = onnx.proto_model_for_path(file)?;
        let graph = proto.graph.as_ref().unwrap();
        let mut model = onnx.parse(&proto, None)?.model;
        let names: Vec<String> = graph.input.iter().map(|input| input.name.clone()).collect();
        let mut tensors = tvec![];
        for (slot, name) in names.iter().filter(|name| !inputs[*name].is_null()).enumerate() {
            let shape: Vec<usize> = inputs[name]["shape"].as_array().unwrap().iter().map(integer).collect();
            let tensor = if name == "sequence_lens" {
                let lengths: Vec<i32> = floats(&inputs[name]).iter().map(|len| *len as i32).collect();
                Tensor::from_shape(&shape, &lengths)?
            } else {
                Tensor::from_shape(&shape, &floats(&inputs[name]))?
            };
            model.set_input_fact(slot, InferenceFact::dt_shape(tensor.datum_type(), &shape))?;
            tensors.push(tensor.into_tvalue());
        }
        let outputs = model.into_optimized()?.into_runnable()?.run(tensors)?;
        let names = graph.output.iter().map(|output| output.name.clone());
        Ok(names.zip(outputs.into_iter().map(TValue::into_tensor)).collect())
    }

    fn integer(value: &Value) -> usize {
        value.as_u64().unwrap() as usize
    }

    fn floats(tensor: &Value) -> Vec<f32> {
        tensor["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    }
}
