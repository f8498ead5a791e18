//! What a network does with an input of as many numbers as there are steps: whether number `t` meets what the sequence has
//! at step `t`, as that of a mask or of a time does, or all of them are weighed against each other, as numbers of the stay
//! are.
//!
//! For each number that the network computes it is noted from which to which of the input's own numbers, and of the
//! sequence's steps, it is made. Where an operation joins the two and the first is another wherever the second is, they go
//! along with each other.
//!
//! | the network | the numbers are |
//! |---|---|
//! | multiplies hidden states by a mask, joins a time to the columns of its step, hides steps from attention | of the steps |
//! | has a dense layer over all of them, or over them and a pooled state; repeats them at every step | of the stay |
//! | has one dense layer over all of them and the whole sequence, or counts them | either: the manifest has to say it |

use std::collections::HashMap;

use super::PlacedInput;
use crate::engine::graph::{Affine, Element, Graph, INPUT, Operation, Recurrent, Stencil, ValueId};

/// Whose an input's numbers are, as the network tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    /// One of each step.
    OfSteps,
    /// All of the stay.
    OfStay,
    /// It does not tell.
    Unclear,
}

/// The first and the last of some steps.
type Span = Option<(usize, usize)>;

/// What a number is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Made {
    /// Numbers of the input in question.
    own: Span,
    /// Steps of the sequence, where it is not behind a recurrent layer's end.
    main: Span,
}

impl Made {
    /// What two numbers together are made of.
    fn and(self, other: Self) -> Self {
        Self { own: joined(self.own, other.own), main: joined(self.main, other.main) }
    }

    /// The same, without numbers of the input where `is_even`: their sum, their mean or the greatest of them says of no one
    /// step, such as what shares are divided by.
    fn unless(self, is_even: bool) -> Self {
        Self { own: self.own.filter(|_| !is_even), ..self }
    }

    /// What several numbers together are made of.
    fn of(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::default(), Self::and)
    }
}

/// From the earlier of two first steps to the later of two last ones.
fn joined(a: Span, b: Span) -> Span {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (span, None) | (None, span) => span,
    }
}

/// What is asked while the graph is gone through.
struct Asked {
    /// A list a value, of an entry an element.
    made: Vec<Vec<Made>>,
    /// Steps of the stay.
    n_steps: usize,
    /// Whether the input's numbers go along with the sequence's steps somewhere.
    is_of_steps: bool,
    /// Whether they are weighed against each other somewhere.
    is_weighed: bool,
    /// Whether anything but a movement of data reads them.
    is_read: bool,
}

/// Whose the numbers of `input` are, in a graph that was read with one of them at each step of a stay of these sizes;
/// `sequence` has the inputs that are surely of the steps.
pub(super) fn of(
    graph: &Graph,
    sequence: &[&PlacedInput],
    input: &PlacedInput,
    [n_steps, n_columns]: [usize; 2],
) -> Usage {
    let is_main = |column: usize| sequence.iter().any(|other| other.columns.contains(&column));
    let site = |at: usize| {
        let (step, column) = (at / n_columns, at % n_columns);
        let here = |is: bool| is.then_some((step, step));
        Made { own: here(input.columns.contains(&column)), main: here(is_main(column)) }
    };
    let mut made = vec![Vec::new(); graph.lens.len()];
    made[INPUT] = (0..n_steps * n_columns).map(site).collect();
    let mut asked = Asked { made, n_steps, is_of_steps: false, is_weighed: false, is_read: false };
    graph.nodes.iter().for_each(|node| asked.ask(&node.operation, &graph.lens));
    match asked {
        Asked { is_of_steps: true, .. } | Asked { is_read: false, .. } => Usage::OfSteps,
        Asked { is_weighed: true, .. } => Usage::OfStay,
        _ => Usage::Unclear,
    }
}

impl Asked {
    /// Notes what an operation joins, and what its outputs are made of.
    fn ask(&mut self, operation: &Operation, lens: &[usize]) {
        let is_of_input = |value: &ValueId| self.made[*value].iter().any(|made| made.own.is_some());
        self.is_read |= !matches!(operation, Operation::Rearrange(_)) && operation.inputs().iter().any(is_of_input);
        let (output, made) = match operation {
            Operation::Rearrange(op) => {
                let of = |element: &Element| match element {
                    Element::Site(site) => self.made[site.value][site.index],
                    Element::Constant(_) => Made::default(),
                };
                return self.made[op.output] = op.elements.iter().map(of).collect();
            }
            Operation::Recurrent(op) => return self.recurrent(op, lens),
            Operation::Affine(op) => {
                let read: Vec<Weighing> = (0..op.stencil.len()).map(|j| self.read(op, j)).collect();
                self.is_weighed |= read.iter().any(|read| read.weighs);
                let made = self.rows(&op.stencil, op.input, None).into_iter().zip(read);
                (op.output, made.map(|(made, read)| made.unless(read.is_even)).collect())
            }
            Operation::Product(op) => {
                let pairs = (0..op.stencil.len()).flat_map(|j| op.stencil.lower(j));
                let [signal, gate] = [&self.made[op.signal], &self.made[op.gate]];
                let pairs: Vec<(Made, Made)> = pairs.map(|tap| (signal[tap.x], gate[tap.w])).collect();
                self.meet(pairs.iter().map(|(signal, gate)| Made { own: gate.own, main: signal.main }));
                self.meet(pairs.iter().map(|(signal, gate)| Made { own: signal.own, main: gate.main }));
                (op.output, self.rows(&op.stencil, op.signal, Some(op.gate)))
            }
            Operation::Extremum(op) => {
                let made = self.rows(&op.stencil, op.input, None).into_iter().enumerate();
                (op.output, made.map(|(j, made)| made.unless(self.are_all(op.input, &op.stencil, j))).collect())
            }
            Operation::Select(op) => {
                let each = |k: usize| Made::of([op.switch, op.yes, op.no].map(|value| self.made[value][k]));
                (op.output, (0..lens[op.output]).map(each).collect())
            }
            // Each share stands where its score does.
            Operation::Softmax(op) => (op.output, self.made[op.input].clone()),
            Operation::Activate(op) => (op.output, self.made[op.input].clone()),
            Operation::Embed(op) => {
                (op.output, (0..lens[op.output]).map(|k| self.made[op.input][k / op.width]).collect())
            }
        };
        self.meet(made.iter().copied());
        self.made[output] = made;
    }

    /// What each row of an operation is made of.
    fn rows(&self, stencil: &Stencil, x: ValueId, w: Option<ValueId>) -> Vec<Made> {
        let beside = |at: usize| w.map_or(Made::default(), |value| self.made[value][at]);
        let row = |j: usize| Made::of(stencil.lower(j).map(|tap| self.made[x][tap.x].and(beside(tap.w))));
        (0..stencil.len()).map(row).collect()
    }

    /// A recurrent layer goes along its steps; what it says at one is taken for what it read there.
    fn recurrent(&mut self, op: &Recurrent, lens: &[usize]) {
        let mut steps = vec![Made::default(); op.layout.n_steps];
        for (index, made) in self.made[op.input].iter().enumerate() {
            let step = &mut steps[op.layout.step_of_x(index)];
            // All of them at one step, as columns: they are repeated for each.
            self.is_weighed |= step.own.is_some() && made.own.is_some() && step.own != made.own;
            *step = step.and(*made);
        }
        let at = |(step, own): (usize, Span)| Made { own, main: Some((step, step)) };
        self.meet(steps.iter().map(|made| made.own).enumerate().map(at));
        if let Some(mask) = op.mask {
            let own: Vec<Span> = self.made[mask].iter().map(|made| made.own).collect();
            self.meet(own.into_iter().enumerate().map(|(index, own)| at((op.layout.step_of_mask(index), own))));
        }
        let end = Made::of(steps.iter().copied());
        self.made[op.y] = (0..lens[op.y]).map(|index| steps[op.layout.step_of(index)]).collect();
        [op.y_h, op.y_c].into_iter().for_each(|value| self.made[value] = vec![end; lens[value]]);
    }

    /// Whether what the input has goes along with what the sequence has, among numbers of one operation: of the same steps it
    /// is the same, and of others it is another.
    fn meet(&mut self, made: impl Iterator<Item = Made>) {
        let mut own_of: HashMap<(usize, usize), (usize, usize)> = HashMap::new();
        let (mut first, mut goes_along) = (None, false);
        for made in made {
            let Some((own, main)) = made.own.zip(made.main) else { continue };
            goes_along |= *first.get_or_insert(own) != own;
            if *own_of.entry(main).or_insert(own) != own {
                return;
            }
        }
        self.is_of_steps |= goes_along;
    }

    /// Whether a row reads all of the input's numbers, from several elements.
    fn are_all(&self, x: ValueId, stencil: &Stencil, j: usize) -> bool {
        let own = || stencil.lower(j).filter_map(|tap| self.made[x][tap.x].own);
        let first = own().next();
        own().any(|span| Some(span) != first) && own().map(Some).fold(None, joined) == Some((0, self.n_steps - 1))
    }

    /// How a row reads the input's numbers.
    fn read(&self, op: &Affine, j: usize) -> Weighing {
        let whole = Some((0, self.n_steps - 1));
        let (mut own, mut main) = (None, None);
        let (mut are_several, mut differ, mut is_flat) = (false, false, false);
        for tap in op.stencil.lower(j) {
            let made = self.made[op.input][tap.x];
            if made.main.is_some() && made.main != whole {
                is_flat |= *main.get_or_insert(made.main) != made.main;
            }
            if let Some(span) = made.own {
                let (first, weight) = *own.get_or_insert((span, op.weight[tap.w]));
                are_several |= first != span;
                differ |= weight != op.weight[tap.w];
            }
        }
        let is_even = !differ && are_several && self.are_all(op.input, &op.stencil, j);
        Weighing { weighs: are_several && differ && !is_flat, is_even }
    }
}

/// How a row of an affine layer reads the input's numbers.
struct Weighing {
    /// It weighs them against each other, beside at most one step of the sequence or what was made of all of them: a dense
    /// layer over the whole sequence and the input tells nothing.
    weighs: bool,
    /// It takes all of them alike, as a sum and a mean do.
    is_even: bool,
}
