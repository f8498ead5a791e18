//! At which step the model's numbers read its recurrent layers.

use super::{Element, Graph, INPUT, Operation, Site, Stencil, ValueId};

/// What an element is computed from, as far as the recurrent layers nearest before it go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// No recurrent layer.
    Nothing,
    /// What they say at one step.
    Step(usize),
    /// What they say at several, or at their end.
    Several,
}

impl Reads {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, it) | (it, Self::Nothing) => it,
            (Self::Step(one), Self::Step(two)) if one == two => self,
            _ => Self::Several,
        }
    }

    /// What several elements together read; looking ends where more cannot matter.
    fn all(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut together = Self::Nothing;
        for element in elements {
            together = together.and(element);
            if together == Self::Several {
                break;
            }
        }
        together
    }
}

impl Graph {
    /// For each target the step at which it reads the recurrent layers nearest before it: that of their outputs' time axis
    /// along which it stands. Nothing for a target that reads none, several steps, or their last states.
    #[must_use]
    pub fn steps_of_targets(&self) -> Vec<Option<usize>> {
        let mut reads = vec![Vec::new(); self.lens.len()];
        reads[INPUT] = vec![Reads::Nothing; self.lens[INPUT]];
        for node in &self.nodes {
            for (value, made) in made(&node.operation, &reads, &self.lens) {
                reads[value] = made;
            }
        }
        let at = |site: Site| reads[site.value][site.index];
        let step = |target: &super::Target| match Reads::all(target.link.scores(target.score).into_iter().map(at)) {
            Reads::Step(step) => Some(step),
            Reads::Nothing | Reads::Several => None,
        };
        self.targets.iter().map(step).collect()
    }
}

/// What the elements of the values that an operation computes read.
fn made(operation: &Operation, reads: &[Vec<Reads>], lens: &[usize]) -> Vec<(ValueId, Vec<Reads>)> {
    let through = |stencil: &Stencil, x: ValueId, w: Option<ValueId>| -> Vec<Reads> {
        let beside = |at: usize| w.map_or(Reads::Nothing, |value| reads[value][at]);
        let row = |j: usize| Reads::all(stencil.lower(j).map(|lower| reads[x][lower.x].and(beside(lower.w))));
        (0..stencil.len()).map(row).collect()
    };
    match operation {
        Operation::Rearrange(op) => {
            let read = |element: &Element| match element {
                Element::Site(site) => reads[site.value][site.index],
                Element::Constant(_) => Reads::Nothing,
            };
            vec![(op.output, op.elements.iter().map(read).collect())]
        }
        Operation::Affine(op) => vec![(op.output, through(&op.stencil, op.input, None))],
        Operation::Recurrent(op) => {
            let end = |value: ValueId| (value, vec![Reads::Several; lens[value]]);
            let y = (0..lens[op.y]).map(|index| Reads::Step(op.layout.step_of(index))).collect();
            vec![(op.y, y), end(op.y_h), end(op.y_c)]
        }
        Operation::Activate(op) => vec![(op.output, reads[op.input].clone())],
        Operation::Product(op) => vec![(op.output, through(&op.stencil, op.signal, Some(op.gate)))],
        Operation::Extremum(op) => vec![(op.output, through(&op.stencil, op.input, None))],
        Operation::Softmax(op) => {
            let mut made = vec![Reads::Nothing; lens[op.output]];
            for group in &op.groups {
                let together = Reads::all(group.iter().map(|at| reads[op.input][*at]));
                group.iter().for_each(|at| made[*at] = together);
            }
            vec![(op.output, made)]
        }
        Operation::Select(op) => {
            let each = |k: usize| Reads::all([op.switch, op.yes, op.no].map(|value| reads[value][k]));
            vec![(op.output, (0..lens[op.output]).map(each).collect())]
        }
        Operation::Embed(op) => vec![(op.output, vec![Reads::Nothing; lens[op.output]])],
    }
}
