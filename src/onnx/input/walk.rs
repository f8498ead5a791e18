//! Which axes of an input the network's layers go along: a recurrent node goes through the steps, whatever the axes are
//! called, and a convolution through what stands behind its channels.
//!
//! Names of axes are no help: exporters call them `s0` or `unk__7`. So the axes are followed from node to node, in the
//! order of the file, from the input to the first recurrent nodes and convolutions on every path, and on to the recurrent
//! nodes behind them. `through.rs` has the operators that keep axes apart; where axes are folded into each other the trace
//! is lost. A loop that was unrolled (`unrolled.rs`) is a layer too.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::through::{Axis, Followed, Following, Origin, attribute};
use super::unrolled::Unrolled;
use super::{Declared, shown};
use crate::engine::number::signed;
use crate::onnx::node::label;

/// What one layer says of the axes of an input, by their positions.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// The axis that it goes along.
    pub(super) steps: usize,
    /// The axis of the columns, where a convolution says it.
    pub(super) columns: Option<usize>,
    /// Whether it goes along it for each entry of another axis that is none of the batch.
    pub(super) is_for_each: bool,
    /// The layer, as messages name it.
    pub(super) layer: String,
    /// Whether it looks at one step at a time, as a convolution by a kernel of one does: a dense layer may stand on any
    /// axis, so this counts where nothing else does.
    is_pointwise: bool,
}

/// What the layers that an input comes to first say of its axes.
#[derive(Debug, Default)]
pub(super) struct Walks {
    /// In the order of the file.
    all: Vec<Walk>,
    /// A layer that goes along something of which the last axis of the input is a part.
    pub(super) lost: Option<String>,
    /// Whether a convolution or a pool goes along two axes at once, as those of pictures do.
    pub(super) is_picture: bool,
}

impl Walks {
    /// What the layers of a graph say of an input: nothing where it has no axis to go along.
    pub(super) fn of(graph: &GraphProto, input: &Declared<'_>) -> Self {
        if input.dims.len() > 4 || input.dims.iter().all(|dim| dim.len == Some(1)) {
            return Self::default();
        }
        let tensors = tensors(graph);
        let mut following = Following::new(graph, input, &tensors);
        let (mut found, mut unrolled) = (Self::default(), Unrolled::default());
        let mut shared = Shared::default();
        // Values behind a layer: of these a recurrent layer says more, as where days are made of hours.
        let mut behind: HashSet<&str> = HashSet::new();
        for node in &graph.node {
            unrolled.pass(node, &following, &tensors);
            let is_first = !node.input.iter().any(|name| behind.contains(name.as_str()));
            found.is_picture |= is_first && is_pooled_picture(node, &following);
            let said = end(node, &following, &tensors);
            if said.is_some() || !is_first {
                behind.extend(node.output.iter().map(String::as_str));
            }
            match said {
                None => {
                    following.pass(node);
                    if let Some(axis) = unrolled.stacked(node) {
                        following.stack(node, axis);
                    }
                    continue;
                }
                Some(End::Walk(walk)) if is_first || is_recurrent(node) => {
                    shared.note(node, &unrolled, found.all.len());
                    found.all.push(walk);
                }
                Some(End::Picture) if is_first => found.is_picture = true,
                Some(End::Lost) if is_first => found.lost = found.lost.or_else(|| Some(named(node))),
                Some(_) => {}
            }
            following.pass_layer(node);
        }
        shared.of_several().for_each(|walk| found.all[walk].is_for_each = true);
        for (steps, node) in unrolled.loops() {
            let layer = format!("the unrolled loop at {}", named(node));
            found.all.push(Walk { steps, columns: None, is_for_each: false, layer, is_pointwise: false });
        }
        found
    }

    /// The layers that count, in the order of the file.
    pub(super) fn told(&self) -> impl Iterator<Item = &Walk> {
        let has_others = self.all.iter().any(|walk| !walk.is_pointwise);
        self.all.iter().filter(move |walk| !(has_others && walk.is_pointwise))
    }

    /// Whether a layer goes along an axis.
    pub(super) fn is_along(&self, axis: usize) -> bool {
        self.told().any(|walk| walk.steps == axis)
    }
}

/// Layers with the same weights, each over one entry of an axis: one layer that was written out for each of them (Keras:
/// `TimeDistributed(Conv1D(...))`).
#[derive(Debug, Default)]
struct Shared<'g> {
    /// By the axis and the name of the weights: which entry, and the number of the walk.
    layers: HashMap<(usize, &'g str), Vec<(usize, usize)>>,
}

impl<'g> Shared<'g> {
    /// Notes a layer, where it goes along one entry of an axis.
    fn note(&mut self, node: &'g NodeProto, unrolled: &Unrolled<'g>, walk: usize) {
        let entry = node.input.first().and_then(|x| unrolled.entry(x));
        if let (Some((axis, entry)), Some(weights)) = (entry, node.input.get(1)) {
            self.layers.entry((axis, weights)).or_default().push((entry, walk));
        }
    }

    /// The walks of layers that go along several entries.
    fn of_several(&self) -> impl Iterator<Item = usize> {
        let is_of_several = |of: &&Vec<(usize, usize)>| of.iter().any(|(entry, _)| *entry != of[0].0);
        self.layers.values().filter(is_of_several).flatten().map(|(_, walk)| *walk)
    }
}

/// What a layer says that ends a path: what is behind it has axes of the layer's own.
enum End {
    /// It goes along an axis of the input.
    Walk(Walk),
    /// It goes along axes that are none of the input's, or along none.
    Nothing,
    /// It goes along two axes at once.
    Picture,
    /// The axes had been folded.
    Lost,
}

/// What a recurrent node, a Scan or a convolution says of what is followed; `None` for any other node, and where it reads
/// nothing that is.
///
/// | node | goes along |
/// |---|---|
/// | LSTM, GRU, RNN | the first axis of X, by `layout` 1 the second |
/// | Scan | the axis that `scan_input_axes` names, the first where it does not |
/// | Conv, ConvTranspose | see [`convolved`] |
fn end(node: &NodeProto, following: &Following<'_>, tensors: &HashMap<&str, &TensorProto>) -> Option<End> {
    let followed = |slot: usize| node.input.get(slot).and_then(|name| following.of(name));
    let along = |axes: &Followed, at: usize| match axes {
        Followed::Axes(axes) => {
            let is_for_each = axes.get(1 - at.min(1)).is_some_and(is_for_each);
            let walk = |steps| Walk { steps, columns: None, is_for_each, layer: named(node), is_pointwise: false };
            match axes.get(at).map(|axis| axis.origin) {
                Some(Origin::Of(steps)) => End::Walk(walk(steps)),
                Some(Origin::Folded | Origin::Joined(_)) => End::Lost,
                // Beside what is followed it may read what was lost.
                Some(Origin::New) | None if node.input.first().is_some_and(|x| following.is_partly_lost(x)) => {
                    End::Lost
                }
                Some(Origin::New) | None => End::Nothing,
            }
        }
        Followed::Lost => End::Lost,
    };
    match node.op_type.as_str() {
        "LSTM" | "GRU" | "RNN" => {
            let is_batch_first = attribute(node, "layout").is_some_and(|layout| layout.i == 1);
            // What has other axes than three was followed wrongly.
            let is_sound = |axes: &&Followed| !matches!(axes, Followed::Axes(axes) if axes.len() != 3);
            followed(0)
                .map(|axes| Some(axes).filter(is_sound).map_or(End::Lost, |x| along(x, usize::from(is_batch_first))))
        }
        "Scan" => {
            let n_scanned = usize::try_from(attribute(node, "num_scan_inputs")?.i).ok()?;
            let axes = attribute(node, "scan_input_axes").map(|axes| axes.ints.clone()).unwrap_or_default();
            let first = node.input.len().checked_sub(n_scanned)?;
            let at = |k: usize| axes.get(k).and_then(|axis| usize::try_from(*axis).ok()).unwrap_or(0);
            (0..n_scanned).find_map(|k| followed(first + k).map(|x| along(x, at(k))))
        }
        "Conv" | "ConvTranspose" => Some(match followed(0)? {
            Followed::Axes(axes) => convolved(node, axes, tensors).unwrap_or(End::Nothing),
            Followed::Lost => End::Lost,
        }),
        _ => None,
    }
}

/// Whether what a layer takes for its batch is more than that of the input.
fn is_for_each(batch: &Axis) -> bool {
    matches!(batch.origin, Origin::Of(1..) | Origin::Folded | Origin::Joined(_))
}

/// The axis that a convolution goes along, and that of its channels. Of several axes of places it is the one along which
/// the kernel is wide and does not span the whole: pictures are gone along in both.
///
/// ```text
/// x [1, 17, 48]        kernel [5]         along axis 2, channels in axis 1
/// x [1, 1, 48, 17]     kernel [5, 1]      along axis 2
/// x [1, 1, 48, 17]     kernel [5, 17]     along axis 2: the other is spanned, as by a dense layer
/// x [1, 3, 28, 28]     kernel [3, 3]      a picture
/// ```
fn convolved(node: &NodeProto, x: &[Axis], tensors: &HashMap<&str, &TensorProto>) -> Option<End> {
    let of_weight = || tensors.get(node.input.get(1)?.as_str()).and_then(|weight| weight.dims.get(2..));
    let kernel = attribute(node, "kernel_shape").map(|shape| &shape.ints[..]).or_else(of_weight)?;
    let [batch, channels, places @ ..] = x else { return None };
    if kernel.len() != places.len() {
        return None;
    }
    let is_whole = |width: i64, axis: &Axis| places.len() > 1 && axis.len.is_some_and(|len| signed(len) == width);
    let is_wide = |k: &usize| kernel[*k] > 1 && !is_whole(kernel[*k], &places[*k]);
    let is_pointwise = kernel.iter().all(|width| *width == 1);
    let counts = |k: &usize| (is_pointwise && places.len() == 1 || is_wide(k)) && places[*k].origin != Origin::New;
    let mut walked = (0..places.len()).filter(counts);
    let place = places[walked.next()?];
    if walked.next().is_some() {
        return Some(End::Picture);
    }
    let columns = if let Origin::Of(columns) = channels.origin { Some(columns) } else { None };
    let is_for_each = is_for_each(batch);
    Some(match place.origin {
        Origin::Of(steps) => End::Walk(Walk { steps, columns, is_for_each, layer: named(node), is_pointwise }),
        _ => End::Lost,
    })
}

/// Whether a node pools numbers that lie side by side in two axes of the input.
fn is_pooled_picture(node: &NodeProto, following: &Following<'_>) -> bool {
    let Some(kernel) = attribute(node, "kernel_shape").filter(|_| node.op_type.ends_with("Pool")) else { return false };
    let Some(Followed::Axes(axes)) = node.input.first().and_then(|name| following.of(name)) else { return false };
    let is_wide = |(axis, width): (&Axis, &i64)| *width > 1 && matches!(axis.origin, Origin::Of(_));
    axes.get(2..).is_some_and(|places| places.len() == 2 && places.iter().zip(&kernel.ints).all(is_wide))
}

/// Whether a node is a recurrent layer.
fn is_recurrent(node: &NodeProto) -> bool {
    ["LSTM", "GRU", "RNN"].contains(&node.op_type.as_str())
}

/// A layer as messages name it.
fn named(node: &NodeProto) -> String {
    format!("{} \"{}\"", node.op_type, shown(&label(node)))
}

/// The constants of a graph by their names.
pub(super) fn tensors(graph: &GraphProto) -> HashMap<&str, &TensorProto> {
    let constants = graph.node.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
        let tensor = attribute(node, "value")?.t.as_ref()?;
        Some((node.output.first()?.as_str(), tensor))
    });
    constants.chain(graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor))).collect()
}

/// Whether an input is the first state of a recurrent node, as it is or moved.
pub(super) fn is_first_state(graph: &GraphProto, input: &str) -> bool {
    let mut names: Vec<&str> = vec![input];
    for node in &graph.node {
        let reads = |slot: usize| node.input.get(slot).is_some_and(|name| names.contains(&name.as_str()));
        match node.op_type.as_str() {
            "LSTM" | "GRU" | "RNN" if reads(5) || reads(6) => return true,
            "Identity" | "Cast" | "Slice" | "Squeeze" | "Unsqueeze" | "Transpose" | "Reshape" | "Gather" | "Split"
            | "Expand"
                if reads(0) =>
            {
                names.extend(node.output.iter().map(String::as_str));
            }
            _ => {}
        }
    }
    false
}

/// Whether a graph has a node by which the rows of a value could come to matter to each other.
pub(super) fn may_mix_rows(graph: &GraphProto) -> bool {
    let is_constant = |name: &String| graph.initializer.iter().any(|tensor| tensor.name == *name);
    graph.node.iter().any(|node| match node.op_type.as_str() {
        "MatMul" | "Einsum" => !node.input.iter().any(is_constant),
        "Conv" | "LSTM" | "GRU" | "RNN" | "Loop" | "Scan" | "Attention" | "CumSum" | "Transpose" => true,
        name => name.starts_with("Reduce") || name.contains("Pool"),
    })
}
