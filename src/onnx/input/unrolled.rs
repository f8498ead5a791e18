//! Loops that an exporter unrolled: torch's dynamo writes a plain RNN so, and both of its exporters a cell in a loop of
//! Python. No node goes along the steps then, but each element of an axis is picked by itself, and what is made of one is
//! bent by a function and meets the next.
//!
//! ```text
//! x0 = Slice x 0:1    h1 = Tanh (x0 W)
//! x1 = Slice x 1:2    h2 = Tanh (x1 W + h1 U)     h1, bent by Tanh, meets x1
//! x2 = Slice x 2:3    h3 = Tanh (x2 W + h2 U)     h2, bent by Tanh, meets x2
//! ```
//!
//! What meets may itself be made of several: the difference from the step before, or the last value carried forward. It brings
//! one element that the state had not.
//!
//! ```text
//! d2 = Exp (t1 - t2)      h2 = d2 h1              h1 has the elements 0 and 1, d2 brings 2
//! ```
//!
//! Networks with a part for each column pick them apart too, but join them all at once, or by sums alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tract_onnx::pb::{NodeProto, TensorProto};

use super::through::{Followed, Following, Origin, attribute, position, whole_numbers};

/// Functions that bend what a cell hands on.
const BENDS: &str =
    "Sigmoid Tanh Relu HardSigmoid HardSwish LeakyRelu Elu Selu Celu Gelu Softplus Softsign Clip Erf Exp Sin Softmax";

/// Fewer elements than these make no loop.
const FEWEST: usize = 3;

/// What a value is made of: some elements of an axis of the input, one after another.
#[derive(Debug, Clone, Copy)]
struct Span {
    axis: usize,
    first: usize,
    last: usize,
    /// Whether a function bent it since an element was joined.
    is_bent: bool,
}

impl Span {
    /// The one element next to these that `other` has, on either side, where all others of it are among these.
    fn brought(&self, other: &Self) -> Option<usize> {
        if other.last == self.last + 1 && other.first >= self.first {
            Some(other.last)
        } else {
            (other.first + 1 == self.first && other.last <= self.last).then_some(other.first)
        }
    }
}

/// The axes of an input that are picked apart, and joined one after another.
#[derive(Debug, Default)]
pub(super) struct Unrolled<'g> {
    spans: HashMap<&'g str, Span>,
    /// For each axis, the elements that are picked.
    picked: BTreeMap<usize, BTreeSet<usize>>,
    /// For each axis, what met what the elements before became.
    met: BTreeMap<usize, Met<'g>>,
}

/// Elements that met what the ones before them became.
#[derive(Debug, Default)]
struct Met<'g> {
    /// Those that did.
    elements: BTreeSet<usize>,
    /// With those that they met.
    all: BTreeSet<usize>,
    /// The last node where one did.
    at: Option<&'g NodeProto>,
}

impl<'g> Unrolled<'g> {
    /// Goes on behind a node.
    pub(super) fn pass(
        &mut self,
        node: &'g NodeProto,
        following: &Following<'_>,
        tensors: &HashMap<&str, &TensorProto>,
    ) {
        if let Some((axis, elements)) = picked(node, following, tensors) {
            for (output, element) in node.output.iter().zip(elements) {
                self.spans.insert(output, Span { axis, first: element, last: element, is_bent: false });
                self.picked.entry(axis).or_default().insert(element);
            }
            return;
        }
        let read: Vec<Span> = node.input.iter().filter_map(|name| self.spans.get(name.as_str()).copied()).collect();
        let Some(Span { axis, .. }) = read.first().copied().filter(|a| read.iter().all(|b| a.axis == b.axis)) else {
            return;
        };
        let pairs = read.iter().filter(|a| a.is_bent).flat_map(|a| read.iter().map(move |b| (a, b)));
        let met = pairs.filter_map(|(a, b)| Some((a, a.brought(b)?))).next();
        if let Some((before, element)) = met {
            let met = self.met.entry(axis).or_default();
            met.elements.insert(element);
            met.all.extend((before.first..=before.last).chain([element]));
            met.at = Some(node);
        }
        let first = read.iter().map(|span| span.first).min().unwrap_or(0);
        let last = read.iter().map(|span| span.last).max().unwrap_or(0);
        let bends = BENDS.split_whitespace().any(|name| name == node.op_type);
        let is_bent = bends || met.is_none() && read.iter().any(|span| span.is_bent);
        for output in node.output.iter().filter(|output| !output.is_empty()) {
            self.spans.insert(output, Span { axis, first, last, is_bent });
        }
    }

    /// The axis of which a value is one entry, and which; `None` for any other value.
    pub(super) fn entry(&self, name: &str) -> Option<(usize, usize)> {
        self.spans.get(name).filter(|span| span.first == span.last).map(|span| (span.axis, span.first))
    }

    /// The axis of which a node joins elements that were picked one by one, in their order or against it: they lie along it
    /// again (torch: `torch.stack(x.unbind(1), 1)`).
    pub(super) fn stacked(&self, node: &NodeProto) -> Option<usize> {
        let joined: Vec<&Span> = node.input.iter().map(|name| self.spans.get(name.as_str())).collect::<Option<_>>()?;
        let is_next = |pair: &[&Span]| {
            let [a, b] = [pair[0], pair[1]];
            a.axis == b.axis && b.first == b.last && a.brought(b).is_some()
        };
        let is_whole = node.op_type == "Concat" && joined.len() > 1 && joined.windows(2).all(is_next);
        joined.first().filter(|first| is_whole && first.first == first.last).map(|first| first.axis)
    }

    /// The axes that a loop goes along, and the last node where an element meets what was made before.
    pub(super) fn loops(self) -> Vec<(usize, &'g NodeProto)> {
        let Self { picked, met, .. } = self;
        // The first that meets may find two before it, as differences do; one meets after the other, and none between.
        let is_whole = |axis: &usize, met: &Met<'_>| {
            let n_met = met.elements.len();
            let ends = met.elements.first().zip(met.elements.last());
            let is_row = ends.is_some_and(|(first, last)| last - first + 1 == n_met);
            let is_long = |n: usize| n >= FEWEST && n_met + 1 >= FEWEST && n_met + 2 >= n;
            picked.get(axis).is_some_and(|all| is_row && is_long(all.len()) && met.all.len() >= all.len())
        };
        let found = met.into_iter().filter(|(axis, met)| is_whole(axis, met));
        found.filter_map(|(axis, met)| Some((axis, met.at?))).collect()
    }
}

/// The axis of the input of which a node picks single elements, and which: one for each of its outputs. `None` for any
/// other node.
fn picked(
    node: &NodeProto,
    following: &Following<'_>,
    tensors: &HashMap<&str, &TensorProto>,
) -> Option<(usize, Vec<usize>)> {
    let Followed::Axes(axes) = following.of(node.input.first()?)? else { return None };
    let given = |name: &str, slot: usize| {
        let named = attribute(node, name).map(|named| named.ints.clone());
        named.or_else(|| whole_numbers(tensors.get(node.input.get(slot)?.as_str())?))
    };
    let one = |numbers: Vec<i64>| <[i64; 1]>::try_from(numbers).ok().map(|[number]| number);
    let (axis, elements) = match node.op_type.as_str() {
        "Slice" => {
            let (from, to) = (one(given("starts", 1)?)?, one(given("ends", 2)?)?);
            (one(given("axes", 3)?)?, (to == from + 1 && to != 0).then_some(vec![from])?)
        }
        "Gather" => (attribute(node, "axis").map_or(0, |axis| axis.i), vec![one(given("", 1)?)?]),
        "Split" => {
            let axis = attribute(node, "axis").map_or(0, |axis| axis.i);
            let len = axes.get(position(axis, axes.len())?)?.len?;
            (axis, (node.output.len() == len).then(|| (0_i64..).take(len).collect())?)
        }
        _ => return None,
    };
    let axis = axes.get(position(axis, axes.len())?)?;
    let Origin::Of(origin) = axis.origin else { return None };
    let place = |element: i64| match axis.len {
        Some(len) => position(element, len),
        None => usize::try_from(element).ok(),
    };
    Some((origin, elements.into_iter().map(place).collect::<Option<_>>()?))
}
