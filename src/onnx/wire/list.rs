//! Lists of values: what torch's older exporter writes for `chunk`, `split`, `unbind` and `stack` where sizes were open.
//!
//! The sizes are known here, so that a list is the outlets of its values, and nothing of it is left in the graph.
//!
//! | operators | |
//! |---|---|
//! | `SplitToSequence` | parts along an axis, of constant sizes |
//! | `SequenceConstruct`, `SequenceEmpty`, `SequenceInsert`, `SequenceErase` | at constant places |
//! | `SequenceAt`, `SequenceLength` | a value, and how many there are |
//! | `ConcatFromSequence` | its values along an axis of theirs, or along a new one |

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

use super::super::node::label;
use super::assembly::Assembly;
use super::compose::whole_attribute;
use super::wiring::{axis, within};
use crate::engine::number::{signed, to_index};

/// The operators that make or read lists.
pub(super) const OPERATORS: [&str; 8] = [
    "SplitToSequence",
    "SequenceConstruct",
    "SequenceEmpty",
    "SequenceInsert",
    "SequenceErase",
    "SequenceAt",
    "SequenceLength",
    "ConcatFromSequence",
];

impl<'a> Assembly<'a> {
    /// One of [`OPERATORS`].
    ///
    /// # Errors
    /// For places and sizes that are computed from the input or lie beyond the list, and for a list that nothing makes.
    pub(super) fn listed(&mut self, node: &'a NodeProto) -> TractResult<()> {
        let name = node.output.first().context("it makes nothing")?;
        let mut list = match node.op_type.as_str() {
            "SplitToSequence" | "SequenceConstruct" | "SequenceEmpty" => vec![],
            _ => {
                let list = node.input.first().and_then(|name| self.lists.get(name.as_str()));
                list.cloned().context("it reads a list that nothing makes; export the model without it")?
            }
        };
        match node.op_type.as_str() {
            "SplitToSequence" => list = self.parts(node)?,
            "SequenceConstruct" => {
                list = (0..node.input.len()).map(|k| self.value(node, k)).collect::<TractResult<_>>()?;
            }
            "SequenceInsert" => {
                let place = self.place(node, 2, &list, list.len() + 1)?.unwrap_or(list.len());
                list.insert(place, self.value(node, 1)?);
            }
            "SequenceErase" => {
                let last = list.len().checked_sub(1).context("it takes something from an empty list")?;
                list.remove(self.place(node, 1, &list, list.len())?.unwrap_or(last));
            }
            "SequenceAt" => {
                let place = self.place(node, 1, &list, list.len())?.context("it needs a place")?;
                return self.name(node, &[list[place]]);
            }
            "SequenceLength" => {
                let len = self.constant(name.clone(), tensor0(signed(list.len())))?;
                return self.name(node, &[len]);
            }
            "ConcatFromSequence" => {
                let joined = self.joined(node, &list)?;
                return self.name(node, &[joined]);
            }
            _ => {}
        }
        self.lists.insert(name, list);
        Ok(())
    }

    /// Where an input of a node is.
    fn value(&self, node: &NodeProto, slot: usize) -> TractResult<OutletId> {
        let outlet = node.input.get(slot).and_then(|name| self.outlets.get(name.as_str()));
        outlet.copied().with_context(|| format!("input {slot} is missing"))
    }

    /// The whole numbers of a constant input, or nothing where it is left out.
    fn numbers(&self, node: &NodeProto, slot: usize) -> TractResult<Option<Vec<i64>>> {
        if node.input.get(slot).is_none_or(String::is_empty) {
            return Ok(None);
        }
        let constant = self.model.outlet_fact(self.value(node, slot)?)?.konst.clone();
        let constant = constant.with_context(|| format!("input {slot} is computed from the model's inputs"))?;
        Ok(Some(constant.cast_to::<i64>()?.try_as_plain_ram()?.as_slice::<i64>()?.to_vec()))
    }

    /// A place in a list, below `end`; a negative one counts from behind its last value.
    fn place(&self, node: &NodeProto, slot: usize, list: &[OutletId], end: usize) -> TractResult<Option<usize>> {
        let Some(numbers) = self.numbers(node, slot)? else { return Ok(None) };
        let number = numbers.first().copied().context("it needs a place")?;
        let place = within(number, if number < 0 { list.len() } else { end });
        place.with_context(|| format!("place {number} of {}", list.len())).map(Some)
    }

    /// The parts along an axis: of the sizes that are given, of one size with a smaller last one, or of one element each,
    /// whose axis goes unless `keepdims` is 1.
    ///
    /// ```text
    /// x [1, 12, 5] along axis 1      by 5          [1, 5, 5] [1, 5, 5] [1, 2, 5]
    ///                                by [4, 8]     [1, 4, 5] [1, 8, 5]
    ///                                without       12 of [1, 1, 5], or of [1, 5]
    /// ```
    ///
    /// # Errors
    /// For sizes that do not add up to the axis.
    fn parts(&mut self, node: &NodeProto) -> TractResult<Vec<OutletId>> {
        let x = self.value(node, 0)?;
        let lens = self.model.outlet_fact(x)?.shape.as_concrete().context("its sizes are open")?.to_vec();
        let along = axis(node.get_attr_opt("axis")?.unwrap_or(0), lens.len())?;
        let sizes = self.numbers(node, 1)?;
        let is_kept = sizes.is_some() || node.get_attr_opt::<i64>("keepdims")?.unwrap_or(1) == 1;
        // A number alone is the size of every part, a list of them has one for each.
        let is_one = sizes.is_none() || self.model.outlet_fact(self.value(node, 1)?)?.rank() == 0;
        let sizes = sizes.unwrap_or_else(|| vec![1]);
        ensure!(sizes.iter().all(|size| *size > 0), "its parts are of {sizes:?}");
        let mut ends: Vec<usize> = vec![0];
        if is_one {
            let step = to_index(sizes[0]);
            ends.extend((0..lens[along]).step_by(step).map(|start| (start + step).min(lens[along])));
        } else {
            ends.extend(sizes.iter().scan(0_usize, |end, size| {
                *end = end.saturating_add(to_index(*size));
                Some(*end)
            }));
        }
        ensure!(ends.last() == Some(&lens[along]), "parts of {sizes:?} do not add up to {}", lens[along]);
        let bounds = ends.windows(2).map(|pair| [signed(pair[0]), signed(pair[1]), 1]);
        bounds
            .map(|bounds| {
                let part = self.wired(node, &label(node), &[Some(x)], |w| {
                    let x = w.input(0)?;
                    let part = w.sliced("part", x, along, bounds)?;
                    if is_kept {
                        return Ok(tvec!(part));
                    }
                    let axes = w.whole("axes", &[signed(along)])?;
                    Ok(tvec!(w.inner("own", "Squeeze", &[part, axes], vec![])?))
                })?;
                Ok(part[0])
            })
            .collect()
    }

    /// All values of a list, one behind the other along an axis of theirs, or with `new_axis` along one that is put in.
    fn joined(&mut self, node: &NodeProto, list: &[OutletId]) -> TractResult<OutletId> {
        let along: i64 = node.get_attr("axis")?;
        let is_new = node.get_attr_opt::<i64>("new_axis")?.unwrap_or(0) == 1;
        let inputs: Vec<Option<OutletId>> = list.iter().copied().map(Some).collect();
        let joined = self.wired(node, &label(node), &inputs, |w| {
            let mut values = w.present();
            if is_new {
                let axes = w.whole("axes", &[along])?;
                for (k, value) in values.iter_mut().enumerate() {
                    *value = w.inner(&format!("apart{k}"), "Unsqueeze", &[*value, axes], vec![])?;
                }
            }
            Ok(tvec!(w.inner("joined", "Concat", &values, vec![whole_attribute("axis", along)])?))
        })?;
        Ok(joined[0])
    }
}
