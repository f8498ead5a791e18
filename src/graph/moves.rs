//! A rearrangement as it is carried out: which element goes where, one source after another.

use super::{Element, Site, ValueId};

/// What [`Rearrange`](super::Rearrange) moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    len: usize,
    /// For each source the pairs of an index into it and an index into the output.
    pub(crate) parts: Vec<(ValueId, Vec<[u32; 2]>)>,
    /// Indices into the output, and what stands there.
    pub(crate) constants: Vec<(u32, f32)>,
}

impl Moves {
    /// Of the elements of an output.
    #[must_use]
    pub fn of(elements: &[Element]) -> Self {
        let mut moves = Self { len: elements.len(), parts: vec![], constants: vec![] };
        for (to, element) in elements.iter().enumerate() {
            match element {
                Element::Constant(constant) => moves.constants.push((to as u32, *constant)),
                Element::Site(Site { value, index }) => moves.part(*value).push([*index as u32, to as u32]),
            }
        }
        moves
    }

    fn part(&mut self, value: ValueId) -> &mut Vec<[u32; 2]> {
        let known = self.parts.iter().position(|(of, _)| *of == value);
        let at = known.unwrap_or_else(|| {
            self.parts.push((value, vec![]));
            self.parts.len() - 1
        });
        &mut self.parts[at].1
    }

    /// The output, given its sources.
    #[must_use]
    pub fn fetch<'a>(&self, source: impl Fn(ValueId) -> &'a [f32]) -> Vec<f32> {
        let mut output = vec![0.0; self.len];
        for (value, pairs) in &self.parts {
            let source = source(*value);
            for [from, to] in pairs {
                output[*to as usize] = source[*from as usize];
            }
        }
        for (to, constant) in &self.constants {
            output[*to as usize] = *constant;
        }
        output
    }
}
