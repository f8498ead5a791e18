//! Elements at places that the run says: the last step that was observed, the greatest of several. A place is a
//! constant of the run, as a mask is:
//!
//! ```text
//! y = sum over t of switch_t x_t        where the switch is on at the place alone
//! ```
//!
//! So a place needs a switch for each position that it could be, and [`MOST`] bounds how many one node may have.

use std::collections::HashMap;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::Topk;

use super::super::wire::picked::{OneHot, Picked};
use super::contract::row_major;
use super::{Lowering, Reason, View, shape, whole};
use crate::engine::function::Function;
use crate::engine::graph::{Affine, Element, Embed, Gating, Offset, Operation, Product, Stencil, StencilRow, ValueId};
use crate::engine::number::{integer, real32, signed};

/// Switches that one node may need.
const MOST: usize = 1 << 21;

impl Lowering<'_> {
    /// Elements at fixed places, and at places that whole numbers say. Fixed ones only move data. With `base_k` the
    /// place of element `k` for the index 0, and `stride` how far an index goes:
    ///
    /// ```text
    /// y_k = sum over t of switch_t(index_k) data[base_k + t stride]        t = 0 .. len - 1
    /// ```
    ///
    /// An index that several elements share, as all columns of one step do, has its switches once.
    ///
    /// # Errors
    /// Where an element is picked along two computed axes at once, and for too many switches.
    pub(super) fn picked(&mut self, node: &TypedNode, op: &Picked) -> Result<(), Reason> {
        let data = self.elements(node.inputs[0])?;
        let indices = match node.inputs.get(1) {
            Some(outlet) => self.elements(*outlet)?,
            None => vec![],
        };
        let mut places = op.base.to_vec();
        // For each element, along which of the terms its place is computed.
        let mut computed: Vec<Option<usize>> = vec![None; places.len()];
        for (at, term) in op.terms.iter().enumerate() {
            for (k, of) in term.of.iter().enumerate() {
                match indices[*of] {
                    Element::Constant(index) => places[k] += term.stride * term.resolve(integer(f64::from(index)))?,
                    Element::Site(_) if computed[k].is_none() => computed[k] = Some(at),
                    Element::Site(_) => {
                        return Err("it picks along two axes at once, at places that are computed from the input; pick along one after the other".into());
                    }
                }
            }
        }
        if computed.iter().all(Option::is_none) {
            let elements = places.iter().map(|place| data[*place]).collect();
            self.views.insert(node.id.into(), View::Computed(elements));
            return Ok(());
        }
        self.check_places(op, &computed)?;
        let mut sums = Sums { known: HashMap::new(), indices: vec![], rows: vec![] };
        for (k, at) in computed.iter().enumerate() {
            match at.map(|at| &op.terms[at]) {
                Some(term) => {
                    let first = sums.one_hot(indices[term.of[k]], term.len);
                    let unit = |t: usize| Offset { x: places[k] + t * term.stride, w: first + t };
                    sums.rows.push((0..term.len).map(unit).collect());
                }
                None => {
                    let first = sums.one_hot(Element::Constant(0.0), 1);
                    sums.rows.push(vec![Offset { x: places[k], w: first }]);
                }
            }
        }
        self.summed(node, data, sums)
    }

    /// Refuses a node that would need more switches than [`MOST`]; `computed` says along which term each element's
    /// place is computed.
    fn check_places(&self, op: &Picked, computed: &[Option<usize>]) -> Result<(), Reason> {
        let n: usize = computed.iter().flatten().map(|at| op.terms[*at].len).sum();
        if n > MOST {
            return Err(Reason(format!(
                "it picks from {n} places that are computed from the input, at most {MOST} are read"
            )));
        }
        Ok(())
    }

    /// The sums at the node's output: products of the data, which is the signal, with the switches.
    fn summed(&mut self, node: &TypedNode, data: Vec<Element>, sums: Sums) -> Result<(), Reason> {
        let gate = self.one_hots(node, &sums.indices);
        let signal = self.materialise_elements(node, data);
        let rows = (0..sums.rows.len()).map(|taps| StencilRow { x: 0, w: 0, taps }).collect();
        let stencil = Stencil { rows, taps: sums.rows };
        let output = self.define(node.id.into())?;
        self.push(node, Operation::Product(Product { gate, signal, gating: Gating::Switch, output, stencil }));
        Ok(())
    }

    /// For each index and length, so many switches: 1 at the index, which counts from the end where it is negative. So
    /// each position is compared twice, with `index` and with `index + len`, and the two comparisons are added.
    /// The result is `[len of index 0, len of index 1, ...]`, one behind the other.
    fn one_hots(&mut self, node: &TypedNode, indices: &[(Element, usize)]) -> ValueId {
        let input = self.materialise_elements(node, indices.iter().map(|(index, _)| *index).collect());
        let at = |shift: usize| {
            let position = move |(k, (_, len)): (usize, &(Element, usize))| {
                let len = *len;
                (0..len).map(move |t| (k, real32(t) - real32(shift * len)))
            };
            indices.iter().enumerate().flat_map(position).collect::<Vec<(usize, f32)>>()
        };
        // `index = t` or `index = t - len`
        let both: Vec<(usize, f32)> = at(0).into_iter().chain(at(1)).collect();
        let n = both.len() / 2;
        let rows = both.iter().map(|(k, _)| Offset { x: *k, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }]);
        let bias = both.iter().map(|(_, position)| -position).collect();
        let distance = self.value(2 * n);
        self.push(node, Operation::Affine(Affine { input, output: distance, weight: vec![1.0], stencil, bias }));
        let is = self.comparison_of(node, whole(distance, 2 * n), Function::Equal { number: 0.0 });
        let input = self.materialise_elements(node, is);
        let output = self.value(n);
        let rows = (0..n).map(|k| Offset { x: k, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }, Offset { x: n, w: 0 }]);
        self.push(node, Operation::Affine(Affine { input, output, weight: vec![1.0], stencil, bias: vec![0.0; n] }));
        output
    }

    /// A new axis that says which of `depth` an index is. Codes of the input are looked up in a table of such rows, as
    /// words are; any other index is a place, and each row is switches:
    ///
    /// ```text
    /// y_t = off + (on - off) switch_t(index)
    /// ```
    ///
    /// # Errors
    /// For too many switches, and for a table of more than [`MOST`] numbers.
    pub(super) fn one_hot(&mut self, node: &TypedNode, op: &OneHot) -> Result<(), Reason> {
        let words = self.words(node.inputs[0])?;
        let indices = self.elements(node.inputs[0])?;
        let (n, depth) = (indices.len(), op.depth);
        let size = if words.is_some() { depth } else { n };
        if size.saturating_mul(depth) > MOST {
            return Err(Reason(format!(
                "it makes one of {depth} columns 1, too many to follow; export the model with an embedding (torch: nn.Embedding) in its place"
            )));
        }
        if words.is_some() {
            let input = self.materialise_elements(node, indices);
            let output = self.define(node.id.into())?;
            let table = op.rows(0..signed(depth));
            self.push(node, Operation::Embed(Embed { input, output, table, width: depth }));
            return Ok(());
        }
        // One behind the other: whether each index is 0, is 1, ..., is -depth, is 1 - depth, ...
        let mut is: Vec<Element> = vec![];
        for number in (0..depth).map(real32).chain((0..depth).map(|t| real32(t) - real32(depth))) {
            is.extend(self.comparison_of(node, indices.clone(), Function::Equal { number }));
        }
        let input = self.materialise_elements(node, is);
        let [on, off] = [op.on, op.off].map(f32::from_bits);
        let output = self.define(node.id.into())?;
        let rows = (0..n * depth).map(|k| Offset { x: k % depth * n + k / depth, w: 0 });
        let stencil = Stencil::uniform(rows, vec![Offset { x: 0, w: 0 }, Offset { x: depth * n, w: 0 }]);
        let bias = vec![off; n * depth];
        self.push(node, Operation::Affine(Affine { input, output, weight: vec![on - off], stencil, bias }));
        Ok(())
    }

    /// `TopK`: the greatest or least elements along an axis, in order, and where they stand. An element's rank is how
    /// many are before it, counted by comparisons of all pairs; ranks become switches, and what stands at rank r is a
    /// sum as above. The place is the same sum of positions in place of elements.
    ///
    /// # Errors
    /// Where the pairs are more than [`MOST`].
    pub(super) fn sorted(&mut self, node: &TypedNode, op: &Topk) -> Result<(), Reason> {
        let lens = shape(self.model, node.inputs[0])?;
        let kept = shape(self.model, node.id.into())?[op.axis];
        let (n, stride) = (lens[op.axis], row_major(&lens)[op.axis]);
        let elements = self.elements(node.inputs[0])?;
        if n == 1 {
            let places = Tensor::zero::<i64>(&lens)?;
            self.views.insert(OutletId::new(node.id, 0), View::Computed(elements));
            self.views.insert(OutletId::new(node.id, 1), View::Constant(places.into()));
            return Ok(());
        }
        if elements.len().saturating_mul(n) > MOST {
            return Err(Reason(format!(
                "it sorts {} numbers, too many to follow; export the model without sorting",
                elements.len()
            )));
        }
        let firsts: Vec<usize> = (0..elements.len()).filter(|k| k / stride % n == 0).collect();
        let groups: Vec<Vec<usize>> = firsts.iter().map(|first| (0..n).map(|t| first + t * stride).collect()).collect();
        let x = self.materialise_elements(node, elements);
        let is_at = self.ranked(node, x, &groups, op.largest);
        // The switch of element i of a group for rank r is at `(group * n + i) * n + r`.
        let place = |k: usize| {
            let (outer, r, inner) = (k / (stride * kept), k / stride % kept, k % stride);
            (outer * stride + inner, r)
        };
        let n_out = firsts.len() * kept;
        let switch = |k: usize, i: usize| (place(k).0 * n + i) * n + place(k).1;
        let taps = (0..n_out).map(|k| (0..n).map(|i| Offset { x: groups[place(k).0][i], w: switch(k, i) }).collect());
        let rows = (0..n_out).map(|taps| StencilRow { x: 0, w: 0, taps }).collect();
        let stencil = Stencil { rows, taps: taps.collect() };
        let output = self.define(OutletId::new(node.id, 0))?;
        let gating = Gating::Switch;
        self.push(node, Operation::Product(Product { gate: is_at, signal: x, gating, output, stencil }));
        let rows = (0..n_out).map(|k| Offset { x: switch(k, 0), w: 0 });
        let stencil = Stencil::uniform(rows, (0..n).map(|i| Offset { x: i * n, w: i }).collect());
        let weight = (0..n).map(real32).collect();
        let output = self.define(OutletId::new(node.id, 1))?;
        self.push(node, Operation::Affine(Affine { input: is_at, output, weight, stencil, bias: vec![0.0; n_out] }));
        Ok(())
    }

    /// For each element of each group, and each rank: whether it has that rank. Of equal elements the first is before
    /// the others, as ONNX demands: among pairs, those behind i count where they are above it, and those before it
    /// where they are not below.
    /// ```text
    /// rank_i = number of j > i with x_j > x_i  +  number of j < i with x_j >= x_i
    /// ```
    ///
    /// That is for the greatest first; for the least first the signs are turned. All pairs of a group are compared: n
    /// elements take n^2 of them.
    fn ranked(&mut self, node: &TypedNode, x: ValueId, groups: &[Vec<usize>], is_largest: bool) -> ValueId {
        let n = groups.first().map_or(0, Vec::len);
        // For each element i, how far each element j is ahead of it.
        let pairs = groups.iter().flat_map(|group| group.iter().flat_map(move |i| group.iter().map(move |j| (*j, *i))));
        let taps = pairs.map(|(j, i)| vec![Offset { x: j, w: 0 }, Offset { x: i, w: 1 }]).collect::<Vec<_>>();
        let n_pairs = taps.len();
        let rows = (0..n_pairs).map(|taps| StencilRow { x: 0, w: 0, taps }).collect();
        let weight = if is_largest { vec![1.0, -1.0] } else { vec![-1.0, 1.0] };
        let ahead = self.value(n_pairs);
        let stencil = Stencil { rows, taps };
        let bias = vec![0.0; n_pairs];
        self.push(node, Operation::Affine(Affine { input: x, output: ahead, weight, stencil, bias }));
        let above = self.comparison_of(node, whole(ahead, n_pairs), Function::Above { number: 0.0 });
        let below = self.comparison_of(node, whole(ahead, n_pairs), Function::Below { number: 0.0 });
        let input = self.materialise_elements(node, above.into_iter().chain(below).collect());
        // Of equal ones the first is before: those behind i count where they are above, those before where they are not below.
        let n_elements = n_pairs / n.max(1);
        let before = |i: usize| {
            let unit = move |j: usize| if j < i { Offset { x: n_pairs + j, w: 1 } } else { Offset { x: j, w: 0 } };
            (0..n).filter(|j| *j != i).map(unit).collect::<Vec<_>>()
        };
        let rows = (0..n_elements).map(|k| StencilRow { x: k * n, w: 0, taps: k % n }).collect();
        let bias = (0..n_elements).map(|k| real32(k % n)).collect();
        let rank = self.value(n_elements);
        let stencil = Stencil { rows, taps: (0..n).map(before).collect() };
        self.push(node, Operation::Affine(Affine { input, output: rank, weight: vec![1.0, -1.0], stencil, bias }));
        let ranks: Vec<(Element, usize)> = whole(rank, n_elements).into_iter().map(|rank| (rank, n)).collect();
        self.one_hots(node, &ranks)
    }
}

/// The sums of one node, and the indices whose switches they read.
struct Sums {
    /// Where the switches of an index and length begin; `None` is the constant 0, of a fixed place.
    known: HashMap<(Option<(ValueId, usize)>, usize), usize>,
    /// Each index once, with the length of its axis.
    indices: Vec<(Element, usize)>,
    /// For each element that is made, its data (x) and switches (w).
    rows: Vec<Vec<Offset>>,
}

impl Sums {
    /// Where the switches of an index begin; the same index along an axis as long is asked for once.
    fn one_hot(&mut self, index: Element, len: usize) -> usize {
        let key = match index {
            Element::Site(site) => Some((site.value, site.index)),
            Element::Constant(_) => None,
        };
        if let Some(first) = self.known.get(&(key, len)) {
            return *first;
        }
        let first = self.indices.iter().map(|(_, len)| len).sum();
        self.indices.push((index, len));
        self.known.insert((key, len), first);
        first
    }
}
