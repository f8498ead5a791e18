//! The axes of an input behind each operator: which are still there, and where they stand.
//!
//! | operators | what becomes of the axes |
//! |---|---|
//! | functions, normalisations, arithmetic, slices, padding, pools, running sums | every one stays |
//! | `MatMul`, `Gemm`, `Einsum` | the last is summed over; those without a letter of their own |
//! | `Transpose`, `Squeeze`, `Unsqueeze`, `Reduce...`, `Gather` | they are moved, added, taken away |
//! | `Reshape`, `Flatten` | those at the front and at the end stay whose sizes do, what lies between is folded; those that one joined are back where it is taken apart again |
//!
//! Sizes that a graph computes of shapes are followed beside, for a `Reshape` reads them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use super::Declared;
use crate::engine::number::{signed, to_index};

/// An axis of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Where it comes from.
    pub(super) origin: Origin,
    /// Its length, where it is known.
    pub(super) len: Option<usize>,
}

/// Where an axis comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is this axis of the input.
    Of(usize),
    /// It has all entries of several axes, one behind another: the number of their list among [`Following`]'s.
    Joined(usize),
    /// A node added it, or summed over what was there.
    New,
    /// Axes of the input were folded into it, or apart.
    Folded,
}

impl Axis {
    /// An axis that is none of the input's.
    const fn new(len: Option<usize>) -> Self {
        Self { origin: Origin::New, len }
    }
}

/// What is known of a value that is made of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Followed {
    /// Its axes.
    Axes(Vec<Axis>),
    /// It is not known where its axes are.
    Lost,
}

/// More axes or sizes than a value has: what has more is not followed.
const MOST: usize = 16;

/// The sizes that a value of whole numbers holds, each where it is known.
type Sizes = Vec<Option<i64>>;

/// The values of a graph that are made of one input.
pub(super) struct Following<'g> {
    /// By their names.
    values: HashMap<&'g str, Followed>,
    /// Those with a part that was lost, though their axes are known of another part.
    partly_lost: HashSet<&'g str>,
    /// How many axes other values have, where it is known.
    ranks: HashMap<&'g str, usize>,
    /// Sizes that the graph computes of shapes.
    sizes: HashMap<&'g str, Sizes>,
    /// The constants of the file.
    tensors: &'g HashMap<&'g str, &'g TensorProto>,
    /// The last axis of the input.
    last: Option<usize>,
    /// Axes that a reshape joined into one.
    joined: RefCell<Vec<Vec<Axis>>>,
    /// Whether it is followed to the end: through recurrent layers, and with a word wherever the trace is lost.
    is_to_end: bool,
}

impl<'g> Following<'g> {
    /// Nothing but the input itself.
    pub(super) fn new(
        graph: &'g GraphProto,
        input: &Declared<'g>,
        tensors: &'g HashMap<&'g str, &'g TensorProto>,
    ) -> Self {
        let axes = input.dims.iter().enumerate().map(|(axis, dim)| Axis { origin: Origin::Of(axis), len: dim.len });
        let values = HashMap::from([(input.name, Followed::Axes(axes.collect()))]);
        let said = graph.input.iter().chain(&graph.value_info).filter_map(|info| {
            let Some(Value::TensorType(tensor)) = info.r#type.as_ref()?.value.as_ref() else { return None };
            Some((info.name.as_str(), tensor.shape.as_ref()?.dim.len()))
        });
        let known = tensors.iter().map(|(name, tensor)| (*name, tensor.dims.len()));
        let ranks = said.chain(known).collect();
        let (sizes, partly_lost) = (HashMap::new(), HashSet::new());
        let last = input.dims.len().checked_sub(1);
        Self { values, partly_lost, ranks, sizes, tensors, last, joined: RefCell::default(), is_to_end: false }
    }

    /// The same, to be followed to the outputs of the graph.
    pub(super) fn to_end(
        graph: &'g GraphProto,
        input: &Declared<'g>,
        tensors: &'g HashMap<&'g str, &'g TensorProto>,
    ) -> Self {
        let mut following = Self { is_to_end: true, ..Self::new(graph, input, tensors) };
        graph.node.iter().for_each(|node| following.pass(node));
        following
    }

    /// What is known of a value; `None` where it is not made of the input.
    pub(super) fn of(&self, name: &str) -> Option<&Followed> {
        self.values.get(name)
    }

    /// Whether a value is made of what was lost too.
    pub(super) fn is_partly_lost(&self, name: &str) -> bool {
        self.of(name) == Some(&Followed::Lost) || self.partly_lost.contains(name)
    }

    /// Goes on behind a node.
    pub(super) fn pass(&mut self, node: &'g NodeProto) {
        if node.input.iter().any(|name| self.is_partly_lost(name)) {
            self.partly_lost.extend(node.output.iter().map(String::as_str));
        }
        if let Some(sizes) = self.sizes_of(node).filter(|sizes| sizes.len() <= MOST) {
            node.output.first().and_then(|output| self.sizes.insert(output, sizes));
            return;
        }
        let Some((slot, axes)) = self.read(node) else {
            if let (Some(rank), Some(output)) = (self.rank_behind(node), node.output.first()) {
                self.ranks.insert(output, rank);
            }
            return;
        };
        if self.is_to_end {
            return self.pass_to_end(node, slot, axes.clone());
        }
        let next = match axes {
            // What is summed over whole rows of two axes has lost no more than it keeps.
            Followed::Lost if node.op_type == "Gemm" => return,
            Followed::Lost => Followed::Lost,
            Followed::Axes(axes) => match self.through(node, slot, axes).filter(|axes| axes.len() <= MOST) {
                Some(next) => Followed::Axes(next),
                None if axes.iter().any(|axis| self.is_last(axis.origin)) => Followed::Lost,
                None => return,
            },
        };
        let outputs = if node.op_type == "Split" { node.output.len() } else { 1 };
        for output in node.output.iter().take(outputs).filter(|output| !output.is_empty()) {
            self.values.insert(output, next.clone());
        }
    }

    /// Goes on behind a layer that goes along an axis: what is behind it may come to a recurrent layer of its own.
    pub(super) fn pass_layer(&mut self, node: &'g NodeProto) {
        let Some(Followed::Axes(axes)) = node.input.first().and_then(|name| self.of(name)) else { return };
        for (output, axes) in node.output.iter().zip(behind_layer(node, axes)) {
            if let Some(axes) = axes {
                self.values.insert(output, Followed::Axes(axes));
            }
        }
    }

    /// Goes on behind a node, whatever it is, as far as the outputs.
    ///
    /// Where one of its inputs is lost, so is what it makes: an output of which too much was said would be named wrongly,
    /// and one that is lost keeps the name that its shape gives it.
    fn pass_to_end(&mut self, node: &'g NodeProto, slot: usize, followed: Followed) {
        let is_lost = node.input.iter().any(|name| self.of(name) == Some(&Followed::Lost));
        let axes = if let Followed::Axes(axes) = followed { Some(axes).filter(|_| !is_lost) } else { None };
        let known: Vec<Option<Vec<Axis>>> = match (node.op_type.as_str(), axes) {
            (_, Some(axes)) if slot == 0 && is_layer(node) => behind_layer(node, &axes),
            (name, Some(axes)) if is_each(name) || name == "Concat" => vec![self.merged(node, axes.len())],
            (_, Some(axes)) => {
                let made = self.through(node, slot, &axes).filter(|axes| axes.len() <= MOST);
                vec![made; node.output.len()]
            }
            (_, None) => vec![None; node.output.len()],
        };
        for (output, axes) in node.output.iter().zip(known.into_iter().chain(std::iter::repeat(None))) {
            self.values.insert(output, axes.map_or(Followed::Lost, Followed::Axes));
        }
    }

    /// The axes of values side by side, or of one operation on several: of each the one that has more than one entry.
    ///
    /// ```text
    /// Add      [1, 48, 8] and [1, 1, 8]      the axis of 48 is that of the first
    /// Mul      [1, 48, 1] and [8]            that of 48 is the first's, that of 8 is new
    /// Concat   48 of [1, 1, 8] by axis 1     may be the steps again: it counts as folded
    /// ```
    ///
    /// `None` where an input is lost, or has more axes than are followed.
    fn merged(&self, node: &NodeProto, rank: usize) -> Option<Vec<Axis>> {
        let mut made = vec![Axis::new(Some(1)); rank];
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            match self.of(name) {
                Some(Followed::Axes(axes)) => {
                    for (axis, own) in made.iter_mut().rev().zip(axes.iter().rev()) {
                        if axis.origin == Origin::New && own.len != Some(1) {
                            *axis = *own;
                        }
                    }
                }
                Some(Followed::Lost) => return None,
                None if self.rank(name)? > rank => return None,
                None => {}
            }
        }
        if node.op_type == "Concat" {
            let at = position(attribute(node, "axis")?.i, rank)?;
            let axis = made.get_mut(at)?;
            // What is made of the steps one by one may be side by side.
            let origin = if axis.origin == Origin::New { Origin::Folded } else { axis.origin };
            *axis = Axis { origin, len: None };
        }
        Some(made)
    }

    /// Says that a `Concat` along an axis of its own lays elements of an axis of the input side by side again, one entry
    /// each.
    pub(super) fn stack(&mut self, node: &'g NodeProto, axis: usize) {
        let at = attribute(node, "axis").map_or(0, |axis| axis.i);
        let is_one = |name: &String| match self.of(name) {
            Some(Followed::Axes(axes)) => {
                position(at, axes.len()).and_then(|at| axes.get(at)).is_some_and(|axis| axis.len == Some(1))
            }
            Some(Followed::Lost) | None => false,
        };
        if !node.input.iter().all(is_one) {
            return;
        }
        let Some(Followed::Axes(axes)) = node.output.first().and_then(|name| self.values.get_mut(name.as_str())) else {
            return;
        };
        let at = position(at, axes.len());
        if let Some(place) = at.and_then(|at| axes.get_mut(at)).filter(|place| place.origin == Origin::New) {
            *place = Axis { origin: Origin::Of(axis), len: Some(node.input.len()) };
        }
    }

    /// Whether an axis is the last of the input, or may have a part of it.
    fn is_last(&self, origin: Origin) -> bool {
        match origin {
            Origin::Of(axis) => Some(axis) == self.last,
            Origin::New => false,
            Origin::Folded | Origin::Joined(_) => true,
        }
    }

    /// The input of a node that is followed: of several that stand side by side the one with the most axes.
    fn read(&self, node: &NodeProto) -> Option<(usize, &Followed)> {
        let followed = node.input.iter().enumerate().filter_map(|(slot, name)| Some((slot, self.of(name)?)));
        let rank = |followed: &Followed| match followed {
            Followed::Axes(axes) => axes.len(),
            Followed::Lost => 0,
        };
        followed.rev().max_by_key(|(_, followed)| rank(followed))
    }

    /// How many axes a value has; `None` where it is not known.
    fn rank(&self, name: &str) -> Option<usize> {
        match self.values.get(name) {
            Some(Followed::Axes(axes)) => Some(axes.len()),
            Some(Followed::Lost) => None,
            None => self.ranks.get(name).copied(),
        }
    }

    /// How many axes a node makes of values that are not followed.
    fn rank_behind(&self, node: &NodeProto) -> Option<usize> {
        let of = |slot: usize| self.rank(node.input.get(slot)?);
        match node.op_type.as_str() {
            "Transpose" | "Slice" | "Concat" | "Pad" | "Tile" => of(0),
            "Unsqueeze" => Some(of(0)? + self.axes(node)?.len()),
            "Squeeze" => of(0)?.checked_sub(self.axes(node)?.len()),
            "Gather" => (of(0)? + of(1)?).checked_sub(1),
            name if is_each(name) => {
                node.input.iter().map(|name| self.rank(name)).collect::<Option<Vec<usize>>>()?.into_iter().max()
            }
            _ => None,
        }
    }

    /// The axes of an operation element by element, of which `x` is one of the values: those that another has more stand
    /// before, and an axis of length 1 is that of the other. `None` where it is not known how many another has.
    fn spread(&self, node: &NodeProto, x: &[Axis]) -> Option<Vec<Axis>> {
        let others = node.input.iter().filter(|name| !name.is_empty());
        let ranks = others.clone().map(|name| self.rank(name)).collect::<Option<Vec<usize>>>()?;
        let n_more = ranks.into_iter().max()?.saturating_sub(x.len());
        let mut axes = vec![Axis::new(None); n_more];
        axes.extend(x);
        for tensor in others.filter_map(|name| self.tensors.get(name.as_str())) {
            for (axis, len) in axes.iter_mut().rev().zip(tensor.dims.iter().rev()) {
                if axis.len == Some(1) && *len != 1 {
                    *axis = Axis::new(usize::try_from(*len).ok());
                }
            }
        }
        Some(axes)
    }

    /// The axes of what a node makes of its input `slot`; `None` where they are lost.
    fn through(&self, node: &NodeProto, slot: usize, x: &[Axis]) -> Option<Vec<Axis>> {
        match (node.op_type.as_str(), slot) {
            ("MatMul" | "Gemm", 0) => {
                let is_set = |name: &str| attribute(node, name).is_some_and(|turned| turned.i == 1);
                let dims = node.input.get(1).and_then(|other| self.tensors.get(other.as_str())).map(|it| &it.dims[..]);
                let width = dims.and_then(|dims| if is_set("transB") { dims.first() } else { dims.last() });
                let mut axes = x.to_vec();
                *axes.last_mut()? = match node.input.get(1).and_then(|other| self.of(other)) {
                    Some(Followed::Axes(other)) if self.is_to_end => *other.last()?,
                    _ => Axis::new(width.and_then(|width| usize::try_from(*width).ok())),
                };
                (!is_set("transA")).then_some(axes)
            }
            ("Einsum", _) => self.summed(node, slot, x),
            ("Transpose", 0) => {
                let reversed: Vec<i64> = (0..signed(x.len())).rev().collect();
                let order = attribute(node, "perm").map_or(&reversed, |perm| &perm.ints);
                order.iter().map(|axis| x.get(usize::try_from(*axis).ok()?).copied()).collect()
            }
            ("Unsqueeze", 0) => {
                let axes = self.axes(node)?;
                let rank = x.len() + axes.len();
                let is_new = |axis: usize| axes.iter().any(|new| position(*new, rank) == Some(axis));
                let mut old = x.iter();
                (0..rank).map(|at| if is_new(at) { Some(Axis::new(Some(1))) } else { old.next().copied() }).collect()
            }
            ("Squeeze", 0) => match self.axes(node) {
                Some(axes) => Some(without(x, &axes)),
                None => Some(x.iter().filter(|axis| axis.len != Some(1)).copied().collect()),
            },
            ("Reshape", 0) => {
                let copies_zero = attribute(node, "allowzero").is_none_or(|allowed| allowed.i == 0);
                self.reshaped(x, &self.numbers(node.input.get(1)?)?, copies_zero)
            }
            ("Flatten", 0) => {
                let at = position(attribute(node, "axis").map_or(1, |axis| axis.i), x.len())?;
                let (before, after) = x.split_at_checked(at)?;
                let volume = |axes: &[Axis]| axes.iter().try_fold(1_i64, |n, axis| n.checked_mul(signed(axis.len?)));
                self.reshaped(x, &[volume(before), volume(after)], false)
            }
            ("Gather", 0) => {
                let at = position(attribute(node, "axis").map_or(0, |axis| axis.i), x.len())?;
                let places = self.tensors.get(node.input.get(1)?.as_str())?;
                match places.dims[..] {
                    [] => Some(without(x, &[signed(at)])),
                    [n] => {
                        let mut axes = resized(x, Some(&[signed(at)]));
                        axes.get_mut(at)?.len = usize::try_from(n).ok();
                        Some(axes)
                    }
                    _ => None,
                }
            }
            // Rows of a table by codes.
            ("Gather", 1) => {
                let table = self.tensors.get(node.input.first()?.as_str())?;
                let is_by_row = attribute(node, "axis").is_none_or(|axis| axis.i == 0);
                let width = table.dims.get(1..)?.iter().map(|len| Axis::new(usize::try_from(*len).ok()));
                is_by_row.then(|| x.iter().copied().chain(width).collect())
            }
            (name, 0) if name.starts_with("Reduce") => {
                let axes = self.axes(node).filter(|axes| !axes.is_empty());
                let all = (0..signed(x.len())).collect();
                let axes = axes.unwrap_or(all);
                if attribute(node, "keepdims").is_none_or(|keeps| keeps.i == 1) {
                    let is_gone = |at: usize| axes.iter().any(|axis| position(*axis, x.len()) == Some(at));
                    let each = |(at, axis): (usize, &Axis)| if is_gone(at) { Axis::new(Some(1)) } else { *axis };
                    Some(x.iter().enumerate().map(each).collect())
                } else {
                    Some(without(x, &axes))
                }
            }
            ("Slice", 0) => {
                let named = attribute(node, "axes").map(|axes| axes.ints.clone());
                let given = || whole_numbers(self.tensors.get(node.input.get(3)?.as_str())?);
                Some(resized(x, named.or_else(given).as_deref()))
            }
            ("Split", 0) => Some(resized(x, Some(&[attribute(node, "axis").map_or(0, |axis| axis.i)]))),
            ("Concat", _) => Some(resized(x, Some(&[attribute(node, "axis")?.i]))),
            ("Pad" | "MaxPool" | "AveragePool", 0) => Some(resized(x, None)),
            ("MatMul", 1) => {
                let mut axes = x.to_vec();
                let at = axes.len().checked_sub(2)?;
                let other = node.input.first().and_then(|other| self.tensors.get(other.as_str()));
                let height = other.and_then(|other| other.dims.iter().rev().nth(1));
                axes[at] = Axis::new(height.and_then(|height| usize::try_from(*height).ok()));
                Some(axes)
            }
            (name, _) if is_each(name) => self.spread(node, x),
            (name, 0) if KEEP.split_whitespace().any(|kept| kept == name) => Some(x.to_vec()),
            _ => None,
        }
    }

    /// The axes behind an `Einsum`: those whose letters are among what is made. `None` where letters are left out.
    ///
    /// ```text
    /// bct,cd->btd     x [1, 4, 12]         b and t stay, d is new
    /// nm,btmc->btnc   x [1, 12, 5, 2]      b, t and c stay, n is new
    /// ```
    fn summed(&self, node: &NodeProto, slot: usize, x: &[Axis]) -> Option<Vec<Axis>> {
        let equation = String::from_utf8(attribute(node, "equation")?.s.clone()).ok()?.replace(' ', "");
        let (terms, made) = equation.split_once("->")?;
        let terms: Vec<&str> = terms.split(',').collect();
        let own = terms.get(slot).filter(|own| own.len() == x.len() && !equation.contains('.'))?;
        let len = |letter: char| {
            let other = |(term, name): (&&str, &String)| {
                let dims = &self.tensors.get(name.as_str())?.dims;
                usize::try_from(*dims.get(term.find(letter)?)?).ok()
            };
            terms.iter().zip(&node.input).find_map(other)
        };
        let followed = |letter: char| {
            let of = |(term, name): (&&str, &String)| match self.of(name)? {
                Followed::Axes(axes) => axes.get(term.find(letter)?).copied(),
                Followed::Lost => None,
            };
            terms.iter().zip(&node.input).find_map(of)
        };
        let axis = |letter: char| {
            let other = || followed(letter).filter(|_| self.is_to_end).unwrap_or_else(|| Axis::new(len(letter)));
            own.find(letter).map_or_else(other, |at| x[at])
        };
        Some(made.chars().map(axis).collect())
    }

    /// The sizes that a node makes of shapes; `None` where it does anything else.
    fn sizes_of(&self, node: &NodeProto) -> Option<Sizes> {
        let of = |slot: usize| node.input.get(slot).and_then(|name| self.sizes.get(name.as_str()));
        match node.op_type.as_str() {
            "Shape" => {
                let Followed::Axes(axes) = self.of(node.input.first()?)? else { return None };
                let end = |name: &str, usual: usize| {
                    attribute(node, name)
                        .map_or(Some(usual), |at| position(at.i, axes.len()))
                        .map(|at| at.min(axes.len()))
                };
                let (from, to) = (end("start", 0)?, end("end", axes.len())?);
                Some(axes.get(from..to)?.iter().map(|axis| axis.len.map(signed)).collect())
            }
            "Gather" => {
                let (sizes, places) = (of(0)?, whole_numbers(self.tensors.get(node.input.get(1)?.as_str())?)?);
                places.iter().map(|at| sizes.get(position(*at, sizes.len())?).copied()).collect()
            }
            "Slice" => {
                let sizes = of(0)?;
                let bound = |slot: usize| Some(*self.numbers(node.input.get(slot)?)?.first()?.as_ref()?);
                let at = |bound: i64| to_index(if bound < 0 { bound + signed(sizes.len()) } else { bound });
                (node.input.len() < 5).then_some(())?;
                Some(sizes.get(at(bound(1)?)..at(bound(2)?).min(sizes.len()))?.to_vec())
            }
            "Concat" => {
                of(0).or_else(|| of(1)).or_else(|| of(2))?;
                let parts = node.input.iter().map(|name| self.numbers(name)).collect::<Option<Vec<Sizes>>>()?;
                Some(parts.concat())
            }
            "Unsqueeze" | "Squeeze" | "Cast" | "Identity" => of(0).cloned(),
            _ => None,
        }
    }

    /// The axes behind a reshape to sizes of which -1 is what is left, and 0 that of the same place. Sizes other than 1 that
    /// stay at the front and at the end are axes that stay; what lies between is folded. Axes that were joined into one, as for
    /// a dense layer over all of them, come back where it is taken apart again. `None` where sizes are not known.
    ///
    /// ```text
    /// [1, 48]          to [1, 48, 1], [48, 1, 1]     the axis of 48 stays
    /// [1, 48, 3, 6]    to [1, 48, 18]                that of 48 stays, the others are folded into one
    /// [1, 48, 3, 6]    to [144, 6], to [1, 48, 3, 9] both are back
    /// [1, 48]          to [1, 12, 4]                 it is folded apart
    /// [n, 48]          to [-1, 48, 1]                both stay
    /// ```
    fn reshaped(&self, x: &[Axis], sizes: &[Option<i64>], copies_zero: bool) -> Option<Vec<Axis>> {
        let lens = reshaped_lens(x, sizes, copies_zero)?;
        let unfolded = x.iter().flat_map(|axis| match axis.origin {
            Origin::Joined(list) => self.joined.borrow()[list].clone(),
            _ => vec![*axis],
        });
        let old: Vec<Axis> = unfolded.filter(|axis| axis.len != Some(1)).collect();
        let new: Vec<Option<usize>> = lens.iter().copied().filter(|len| *len != Some(1)).collect();
        let n_open = |lens: &mut dyn Iterator<Item = Option<usize>>| lens.filter(Option::is_none).count();
        let is_open = [n_open(&mut old.iter().map(|axis| axis.len)), n_open(&mut new.iter().copied())];
        if is_open != [0, 0] && is_open != [1, 1] {
            return None;
        }
        let (front, back) = staying(&old, &new);
        let (gone, made) = (&old[front..old.len() - back], new.len() - front - back);
        if gone.is_empty() != (made == 0) {
            return None;
        }
        let between = if made == 1 { self.join(gone) } else { apart(gone) };
        let mut wide = (0..new.len()).map(|at| match new.len() - at {
            _ if at < front => old[at],
            from_end if from_end <= back => old[old.len() - from_end],
            _ => Axis { origin: between, len: new[at] },
        });
        // An axis of length 1 has one entry, whichever it was.
        lens.iter().map(|len| if *len == Some(1) { Some(Axis::new(*len)) } else { wide.next() }).collect()
    }

    /// Where an axis comes from that has all entries of these.
    fn join(&self, axes: &[Axis]) -> Origin {
        match apart(axes) {
            Origin::Folded if axes.iter().all(|axis| axis.origin != Origin::Folded) => {
                let mut joined = self.joined.borrow_mut();
                joined.push(axes.to_vec());
                Origin::Joined(joined.len() - 1)
            }
            origin => origin,
        }
    }

    /// Whole numbers of the file, or sizes.
    fn numbers(&self, name: &str) -> Option<Sizes> {
        let constant = || Some(whole_numbers(self.tensors.get(name)?)?.into_iter().map(Some).collect());
        self.sizes.get(name).cloned().or_else(constant)
    }

    /// The axes that a node names, as an attribute or as a second input.
    fn axes(&self, node: &NodeProto) -> Option<Vec<i64>> {
        match attribute(node, "axes") {
            Some(axes) => Some(axes.ints.clone()),
            None => whole_numbers(self.tensors.get(node.input.get(1)?.as_str())?),
        }
    }
}

/// Whether a node is a recurrent layer or a convolution.
fn is_layer(node: &NodeProto) -> bool {
    ["LSTM", "GRU", "RNN", "Conv", "ConvTranspose"].contains(&node.op_type.as_str())
}

/// The axes of each output of a recurrent layer or a convolution; `None` where they are lost.
///
/// ```text
/// LSTM, GRU, RNN    X [steps, batch, columns]    Y [steps, directions, batch, units], Y_h [directions, batch, units]
///   by layout 1     X [batch, steps, columns]    Y [batch, steps, directions, units], Y_h [batch, directions, units]
/// Conv              X [batch, channels, ...]     Y [batch, channels of its own, ...]
/// ```
fn behind_layer(node: &NodeProto, axes: &[Axis]) -> Vec<Option<Vec<Axis>>> {
    let new = Axis::new(None);
    let units = Axis::new(attribute(node, "hidden_size").and_then(|units| usize::try_from(units.i).ok()));
    let is_both = attribute(node, "direction").is_some_and(|direction| direction.s == b"bidirectional");
    let directions = Axis::new(Some(if is_both { 2 } else { 1 }));
    let is_batch_first = attribute(node, "layout").is_some_and(|layout| layout.i == 1);
    match (node.op_type.as_str(), axes) {
        ("LSTM" | "GRU" | "RNN", &[batch, steps, _]) if is_batch_first => {
            let last = Some(vec![batch, directions, units]);
            vec![Some(vec![batch, steps, directions, units]), last.clone(), last]
        }
        ("LSTM" | "GRU" | "RNN", &[steps, batch, _]) => {
            let last = Some(vec![directions, batch, units]);
            vec![Some(vec![steps, directions, batch, units]), last.clone(), last]
        }
        ("Conv" | "ConvTranspose", [batch, _, places @ ..]) => {
            let places = resized(places, None);
            vec![Some([*batch, new].into_iter().chain(places).collect())]
        }
        _ => vec![None; node.output.len()],
    }
}

/// Whether an operator works element by element, on one value or on several that are spread over each other.
fn is_each(operator: &str) -> bool {
    EACH.split_whitespace().any(|each| each == operator)
}

/// Operators that work element by element.
const EACH: &str = "Identity Cast Relu Sigmoid Tanh Elu Celu LeakyRelu PRelu Selu Gelu Mish Swish HardSwish ThresholdedRelu Erf \
    Softplus Softsign HardSigmoid Neg Abs Sqrt Reciprocal Exp Log Sin Cos Sign Not IsNaN IsInf Add Sub Mul Div Where Max Min Pow \
    And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual Sum Mean";

/// Operators besides behind which every axis of their first input is where it was.
const KEEP: &str = "CastLike Clip Dropout Softmax LogSoftmax BatchNormalization LayerNormalization InstanceNormalization \
    GroupNormalization RMSNormalization CumSum ReverseSequence";

/// An axis from the start, of `rank`.
pub(super) fn position(axis: i64, rank: usize) -> Option<usize> {
    usize::try_from(if axis < 0 { axis + signed(rank) } else { axis }).ok()
}

/// The lengths behind a reshape, where they are known.
fn reshaped_lens(x: &[Axis], sizes: &[Option<i64>], copies_zero: bool) -> Option<Vec<Option<usize>>> {
    let copied = |at: usize| x.get(at).map(|axis| axis.len.map(signed));
    let size =
        |(at, size): (usize, &Option<i64>)| if copies_zero && *size == Some(0) { copied(at) } else { Some(*size) };
    let sizes = sizes.iter().enumerate().map(size).collect::<Option<Sizes>>()?;
    let open = sizes.iter().filter(|size| size.is_none_or(|size| size < 0)).count();
    let known = sizes.iter().flatten().filter(|size| **size >= 0).fold(1_i64, |n, size| n.saturating_mul(*size));
    let volume = x.iter().try_fold(1_i64, |n, axis| n.checked_mul(signed(axis.len?)));
    // What is left is known where all of the value is, else it is what the value leaves open.
    let rest = volume.filter(|_| known > 0).map(|volume| volume / known);
    let lens = sizes.iter().map(|size| match size.filter(|size| *size >= 0) {
        None if open == 1 => rest.and_then(|rest| usize::try_from(rest).ok()),
        size => size.and_then(|size| usize::try_from(size).ok()),
    });
    Some(lens.collect())
}

/// How many axes at the front and at the end stay as they are. An open one does where what is known beside it has as many
/// entries as before.
fn staying(old: &[Axis], new: &[Option<usize>]) -> (usize, usize) {
    let volume = |lens: &mut dyn Iterator<Item = Option<usize>>| lens.flatten().fold(1, usize::saturating_mul);
    let is_kept = volume(&mut old.iter().map(|axis| axis.len)) == volume(&mut new.iter().copied());
    let same = |pairs: &mut dyn Iterator<Item = (&Axis, &Option<usize>)>| {
        pairs.take_while(|(axis, len)| axis.len == **len && (len.is_some() || is_kept)).count()
    };
    let front = same(&mut old.iter().zip(new));
    (front, same(&mut old[front..].iter().rev().zip(new[front..].iter().rev())))
}

/// Where several axes come from that have the entries of these.
fn apart(axes: &[Axis]) -> Origin {
    if axes.iter().all(|axis| axis.origin == Origin::New) { Origin::New } else { Origin::Folded }
}

/// All axes, of which the lengths of some are no longer known; of all where `changed` does not say which.
fn resized(x: &[Axis], changed: Option<&[i64]>) -> Vec<Axis> {
    let is_changed =
        |at: usize| changed.is_none_or(|axes| axes.iter().any(|axis| position(*axis, x.len()) == Some(at)));
    let each = |(at, axis): (usize, &Axis)| match axis.origin {
        _ if !is_changed(at) => *axis,
        Origin::Joined(_) => Axis { origin: Origin::Folded, len: None },
        origin => Axis { origin, len: None },
    };
    x.iter().enumerate().map(each).collect()
}

/// All axes but some.
fn without(x: &[Axis], gone: &[i64]) -> Vec<Axis> {
    let is_gone = |at: usize| gone.iter().any(|axis| position(*axis, x.len()) == Some(at));
    (0..x.len()).filter(|at| !is_gone(*at)).map(|at| x[at]).collect()
}

/// An attribute of a node.
pub(super) fn attribute<'g>(node: &'g NodeProto, name: &str) -> Option<&'g AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

/// The whole numbers that a tensor of the file holds, of 64 bits.
pub(super) fn whole_numbers(tensor: &TensorProto) -> Option<Vec<i64>> {
    let raw = tensor.raw_data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    let is_few = tensor.dims.iter().all(|len| to_index(*len) <= MOST) && tensor.dims.len() < 2;
    let is_read = tensor.data_type == DataType::Int64 as i32 && is_few;
    is_read.then(|| raw.chain(tensor.int64_data.iter().copied()).collect())
}
