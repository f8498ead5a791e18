//! tract's operators, each with a look at what comes to it before tract works with it: tract panics over axes and indices
//! that the shapes do not have, and computes what is constant while it reads, however large it is.

use std::sync::LazyLock;

use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::not_a_typed_op;
use tract_onnx::tract_hir::internal::*;

use super::limits::MAX_MADE;

/// Axes that a tensor may have. Exporters write at most six.
const MAX_AXES: i64 = 16;

/// Puts every operator of a register behind a check of what comes to it.
pub(super) fn register(onnx: &mut Onnx) {
    onnx.op_register.0.values_mut().for_each(|builder| *builder = build);
}

/// The operators behind the checks.
static BARE: LazyLock<Onnx> = LazyLock::new(super::read::bare_operators);

fn build(context: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let builder = BARE.op_register.0.get(&node.op_type).with_context(|| format!("{} is not known", node.op_type))?;
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let axes =
        [attribute("axis").map(|it| vec![it.i]), attribute("axes").or(attribute("perm")).map(|it| it.ints.clone())];
    let axes: Vec<i64> = axes.into_iter().flatten().flatten().collect();
    if let Some(axis) = axes.iter().find(|axis| !(-MAX_AXES..MAX_AXES).contains(*axis)) {
        bail!("{} works on axis {axis}, at most {MAX_AXES} are read", node.op_type);
    }
    if let Some(order) = attribute("perm") {
        let mut sorted = order.ints.clone();
        sorted.sort_unstable();
        ensure!(sorted.iter().zip(0..).all(|(a, b)| *a == b), "perm {:?} does not name each axis once", order.ints);
    }
    // An optional input that is left out by an empty name at the end is none; some of tract's builders count it.
    let mut node = node.clone();
    while node.input.last().is_some_and(String::is_empty) {
        node.input.pop();
    }
    let is_conv = node.op_type.starts_with("Conv");
    ensure!(!is_conv || node.input.iter().all(|name| !name.is_empty()), "an input has no name");
    let sizes = attribute("split").map(|it| it.ints.clone()).unwrap_or_default();
    let (operator, n_outputs) = (node.op_type.clone(), node.output.iter().filter(|name| !name.is_empty()).count());
    let (inner, closures) = builder(context, &node)?;
    Ok((Box::new(Careful { operator, axes, n_outputs, sizes, inner }), closures))
}

/// An operator, with what its node says about axes.
#[derive(Debug, Clone)]
struct Careful {
    operator: String,
    axes: Vec<i64>,
    /// Names that the node gives to what it computes, and the sizes of a Split's parts, where it lists them.
    n_outputs: usize,
    sizes: Vec<i64>,
    inner: Box<dyn InferenceOp>,
}

impl Careful {
    /// Refuses inputs that tract would panic over.
    fn check_inputs(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let Some(data) = inputs.first() else {
            ensure!(self.operator.starts_with("Constant") || self.operator.starts_with("Random"), "it reads nothing");
            return Ok(());
        };
        let mut ranks = inputs.iter().filter_map(|input| input.shape.rank().concretize());
        ensure!(self.operator != "MatMul" || ranks.all(|rank| rank > 0), "a single number is no matrix");
        let Some(rank) = data.shape.rank().concretize() else { return Ok(()) };
        let given = |slot: usize| inputs.get(slot).and_then(|fact| fact.value.concretize());
        match self.operator.as_str() {
            // Axes of what comes out, where there are as many more.
            "Unsqueeze" => {
                let axes = self.axes_of(given(1))?;
                check_each_once(&axes, rank + axes.len() as i64)
            }
            "Flatten" if self.axes.iter().all(|axis| *axis >= 0) => check_within(&self.axes, rank + 1, "axis"),
            "OneHot" => check_within(&self.axes, rank + 1, "axis"),
            "Squeeze" => check_each_once(&self.axes_of(given(1))?, rank),
            reduce if reduce.starts_with("Reduce") => check_each_once(&self.axes_of(given(1))?, rank),
            "Split" => {
                check_within(&self.axes, rank, "axis")?;
                let sizes = given(1).map_or_else(|| Ok(self.sizes.clone()), |sizes| whole(&sizes))?;
                ensure!(
                    sizes.is_empty() || sizes.len() == self.n_outputs,
                    "it names {} of {} parts",
                    self.n_outputs,
                    sizes.len()
                );
                Ok(())
            }
            "Slice" => {
                let steps = given(4).map_or(Ok(vec![]), |steps| whole(&steps))?;
                ensure!(!steps.contains(&0), "it takes steps of 0");
                Ok(())
            }
            "Pad" => {
                let widths = given(1).map_or(Ok(vec![]), |widths| whole(&widths))?;
                check_within(&widths, i64::from(u32::MAX), "width")
            }
            "GatherND" | "ScatterND" => {
                let of_index = inputs.get(1).and_then(|fact| fact.shape.dims().last().cloned());
                let width = of_index.and_then(|dim| dim.concretize()).and_then(|dim| dim.to_i64().ok());
                ensure!(width.is_some_and(|width| width <= rank), "its indices do not fit {rank} axes");
                Ok(())
            }
            "Transpose" => {
                ensure!(
                    self.axes.is_empty() || self.axes.len() as i64 == rank,
                    "it orders {} axes of {rank}",
                    self.axes.len()
                );
                Ok(())
            }
            "Gather" | "GatherElements" => {
                let axis = self.axes.first().copied().unwrap_or(0);
                check_within(&[axis], rank, "axis")?;
                let along = data.shape.dims().nth(if axis < 0 { axis + rank } else { axis } as usize);
                let len = along.and_then(Factoid::concretize).and_then(|dim| dim.to_i64().ok());
                let indices = given(1).map_or(Ok(vec![]), |indices| whole(&indices))?;
                len.map_or(Ok(()), |len| check_within(&indices, len, "index"))
            }
            // Batch, channels, and at least one axis to move along.
            windowed if windowed.ends_with("Pool") || windowed.starts_with("Conv") => {
                ensure!(rank > 2, "its input has {rank} axes, at least 3 are needed");
                Ok(())
            }
            _ => check_within(&self.axes, rank, "axis"),
        }
    }

    /// The axes of the node, or where it reads them, those that are constant.
    fn axes_of(&self, given: Option<Arc<Tensor>>) -> TractResult<Vec<i64>> {
        match given {
            Some(axes) if self.axes.is_empty() => whole(&axes),
            _ => Ok(self.axes.clone()),
        }
    }
}

/// A tensor of whole numbers.
fn whole(tensor: &Tensor) -> TractResult<Vec<i64>> {
    Ok(tensor.cast_to::<i64>()?.try_as_plain_ram()?.as_slice::<i64>()?.to_vec())
}

/// Whether each is one of `-len..len`.
fn check_within(numbers: &[i64], len: i64, what: &str) -> TractResult<()> {
    match numbers.iter().find(|number| !(-len..len).contains(*number)) {
        Some(number) => bail!("{what} {number} of {len}"),
        None => Ok(()),
    }
}

/// Whether each is one of `-len..len`, and none names the axis of another.
fn check_each_once(axes: &[i64], len: i64) -> TractResult<()> {
    check_within(axes, len, "axis")?;
    let mut axes: Vec<i64> = axes.iter().map(|axis| axis.rem_euclid(len)).collect();
    axes.sort_unstable();
    ensure!(axes.windows(2).all(|pair| pair[0] != pair[1]), "an axis is named twice");
    Ok(())
}

/// Refuses outputs of more numbers than one node may make.
fn check_outputs(outputs: &[InferenceFact]) -> TractResult<()> {
    for shape in outputs.iter().filter_map(|output| output.shape.concretize()) {
        let volume =
            shape.iter().try_fold(1_u64, |volume, dim| volume.checked_mul(dim.to_i64().ok()?.try_into().ok()?));
        let is_known = shape.iter().all(|dim| dim.to_i64().is_ok());
        ensure!(!is_known || volume.is_some_and(|volume| volume <= MAX_MADE), "it makes more than {MAX_MADE} numbers");
    }
    Ok(())
}

type Facts = (TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>);

impl InferenceOp for Careful {
    fn infer(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<Facts> {
        self.check_inputs(&inputs)?;
        // What is constant is computed at once: how large it will be is asked first.
        if inputs.iter().all(|input| input.value.concretize().is_some()) {
            let (_, made, _) = self.inner.infer_facts(inputs.clone(), outputs.clone(), observed.clone())?;
            check_outputs(&made)?;
        }
        let facts = self.inner.infer(inputs, outputs, observed)?;
        check_outputs(&facts.1)?;
        Ok(facts)
    }

    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<Facts> {
        self.inner.infer_facts(inputs, outputs, observed)
    }

    fn observe_outlets(&self, model: &InferenceModel, node: &InferenceNode) -> TractResult<Vec<OutletId>> {
        self.inner.observe_outlets(model, node)
    }

    fn incorporate(&self, model: &InferenceModel, node: &InferenceNode) -> TractResult<Option<InferenceModelPatch>> {
        self.inner.incorporate(model, node)
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.inner.nboutputs()
    }

    fn as_op(&self) -> &dyn Op {
        self
    }

    fn as_op_mut(&mut self) -> &mut dyn Op {
        self
    }

    fn to_typed(
        &self,
        source: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        // What was open while shapes were worked out may be known by now.
        let mut facts = vec![];
        for input in &node.inputs {
            let outlet = mapping.get(input).context("it reads what is computed after it")?;
            facts.push(InferenceFact::from(target.outlet_fact(*outlet)?));
        }
        self.check_inputs(&facts.iter().collect::<Vec<_>>())?;
        ensure!(self.inner.nboutputs()? <= node.outputs.len(), "it has {} outputs", node.outputs.len());
        self.inner.to_typed(source, node, target, mapping)
    }
}

impl Op for Careful {
    fn name(&self) -> StaticName {
        self.inner.name()
    }

    not_a_typed_op!();
}

impl EvalOp for Careful {
    fn eval_out_of_plan(&self, inputs: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        self.inner.eval_out_of_plan(inputs)
    }
}

/// As for tract's own expansions: no two are known to be the same.
impl PartialEq for Careful {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Eq for Careful {}
