//! A rearrangement as it is carried out: which element goes where, one source after another.

use std::collections::HashMap;
use std::ops::Range;

use super::{Element, Site, ValueId};

/// What [`Rearrange`](super::Rearrange) moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    /// Number of elements that are made.
    len: usize,
    /// For each source what goes from it to the output.
    pub parts: Vec<(ValueId, Vec<Span>)>,
    /// Indices into the output, and what stands there.
    pub constants: Vec<(u32, f32)>,
}

/// Elements that stand beside each other before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Index of the first in the source.
    from: u32,
    /// Index of the first in the output.
    to: u32,
    /// How many they are.
    len: u32,
}

impl Span {
    /// The elements in a source.
    pub(crate) fn source(self) -> Range<usize> {
        self.from as usize..(self.from + self.len) as usize
    }

    /// The elements in the output.
    pub(crate) fn target(self) -> Range<usize> {
        self.to as usize..(self.to + self.len) as usize
    }
}

impl Moves {
    /// Of the elements of an output.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "no value in memory has 2^32 elements")]
    pub fn of(elements: &[Element]) -> Self {
        let mut moves = Self { len: elements.len(), parts: vec![], constants: vec![] };
        // A concatenation may have thousands of sources.
        let mut places: HashMap<ValueId, usize> = HashMap::new();
        // Most elements lie beside others of the same source.
        let mut last = None;
        for (to, element) in elements.iter().enumerate() {
            match element {
                Element::Constant(constant) => moves.constants.push((to as u32, *constant)),
                Element::Site(Site { value, index }) => {
                    let at = match last {
                        Some((before, at)) if before == *value => at,
                        _ => *places.entry(*value).or_insert_with(|| {
                            moves.parts.push((*value, vec![]));
                            moves.parts.len() - 1
                        }),
                    };
                    last = Some((*value, at));
                    push(&mut moves.parts[at].1, *index as u32, to as u32);
                }
            }
        }
        moves
    }

    /// The output, given its sources.
    #[must_use]
    pub fn fetch<'a>(&self, source: impl Fn(ValueId) -> &'a [f32]) -> Vec<f32> {
        let mut output = vec![0.0; self.len];
        for (value, spans) in &self.parts {
            copy_spans(spans, source(*value), &mut output);
        }
        for (to, constant) in &self.constants {
            output[*to as usize] = *constant;
        }
        output
    }
}

/// Adds one element to spans: it lengthens the last one where it follows it on both sides.
fn push(spans: &mut Vec<Span>, from: u32, to: u32) {
    match spans.last_mut() {
        Some(Span { from: first, to: start, len }) if [*first + *len, *start + *len] == [from, to] => *len += 1,
        _ => spans.push(Span { from, to, len: 1 }),
    }
}

/// Copies one source's part to the output. Four numbers at a time where they are: in WebAssembly a copy of a length that is
/// not known is a call.
pub(crate) fn copy_spans(spans: &[Span], source: &[f32], output: &mut [f32]) {
    for span in spans {
        let (from, rest) = source[span.source()].as_chunks::<4>();
        let (to, to_rest) = output[span.target()].as_chunks_mut::<4>();
        from.iter().zip(to).for_each(|(from, to)| *to = *from);
        rest.iter().zip(to_rest).for_each(|(from, to)| *to = *from);
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, Moves, Site};
    use crate::engine::number::real32;

    /// In whole stretches or one by one, every element comes from where it is said to.
    #[test]
    fn every_element_is_fetched() {
        let sources = [(0..40).map(real32).collect::<Vec<_>>(), (100..140).map(real32).collect()];
        let element = |k: usize| match k % 11 {
            10 => Element::Constant(-1.0),
            3 | 4 => Element::Site(Site { value: 1, index: 39 - k }),
            _ => Element::Site(Site { value: k / 20, index: k }),
        };
        let elements: Vec<Element> = (0..40).map(element).collect();
        let expected = elements.iter().map(|element| match element {
            Element::Constant(constant) => *constant,
            Element::Site(Site { value, index }) => sources[*value][*index],
        });
        assert_eq!(Moves::of(&elements).fetch(|value| &sources[value]), expected.collect::<Vec<_>>());
    }
}
