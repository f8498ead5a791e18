//! Inputs beside the one that has the steps: further columns of its steps, or numbers of the stay. The manifest says
//! which an input is; where it does not, its shape and the names of its axes do, compared with those of the main
//! sequence.

use tract_onnx::pb::GraphProto;

use super::form::InputAxis::{self, Batch, Columns, Steps};
use super::form::InputForm;
use super::walk::is_first_state;
use super::{Declared, Dim, Known, Number};

/// What the others are compared with.
pub(super) struct MainSequence<'g> {
    /// Its steps, where they are known.
    n_steps: Option<usize>,
    /// What the file calls the axis of the steps; empty where it has a length or no name.
    steps_name: &'g str,
    /// What it calls the batch.
    batch_name: &'g str,
    /// Whether the file leaves the number of steps open.
    is_steps_open: bool,
    /// Whether the steps stand before the batch.
    is_steps_first: bool,
    /// Whether it has a batch.
    has_batch: bool,
    /// Stays of the batch, where the file says how many.
    n_batch: Option<usize>,
}

impl<'g> MainSequence<'g> {
    /// The axes of the main input, under the form that is being tried.
    pub(super) fn of(input: &Declared<'g>, form: &InputForm, known: &Known<'_>) -> Self {
        let dim = |axis: InputAxis| form.position(axis).map(|position| input.dims[position]);
        let name = |axis: InputAxis| dim(axis).map_or("", |dim| dim.name);
        let fixed = dim(Steps).and_then(|dim| dim.len);
        Self {
            n_steps: fixed.or_else(|| known.sizes.map(|[n_steps, _]| n_steps)),
            steps_name: name(Steps),
            batch_name: name(Batch),
            is_steps_open: form.has(Steps) && fixed.is_none(),
            is_steps_first: form.position(Steps) < form.position(Batch),
            has_batch: form.has(Batch),
            n_batch: dim(Batch).and_then(|dim| dim.len),
        }
    }

    /// Whether an axis is as long as the sequence: by its length, or, where both are open, by its name.
    fn is_steps(&self, dim: Dim<'_>) -> bool {
        match dim.len {
            Some(len) => len > 1 && self.n_steps == Some(len),
            None => {
                self.is_steps_open && dim.name == self.steps_name && (!dim.name.is_empty() || !self.is_batch_name(dim))
            }
        }
    }

    /// Whether an axis may have an entry a stay.
    fn is_batch(&self, dim: Dim<'_>) -> bool {
        dim.len.is_none_or(|len| len == self.n_batch.unwrap_or(1))
    }

    /// Whether an open axis is called as the batch is.
    fn is_batch_name(&self, dim: Dim<'_>) -> bool {
        !dim.name.is_empty() && (dim.name == self.batch_name || dim.is_named_batch())
    }

    /// What the axes of an input are; `None` where nothing says it. Where the manifest says whether it belongs to the
    /// stay or to its steps, only that is tried; else the steps first, because an axis as long as the sequence is
    /// hardly one by chance.
    pub(super) fn form(&self, graph: &GraphProto, input: &Declared<'_>, known: &Known<'_>) -> Option<InputForm> {
        let said = known.inputs.iter().find(|other| other.name == input.name && !other.is_either);
        let said = said.map(|other| other.is_beside);
        let is_beside = said.unwrap_or_else(|| is_first_state(graph, input.name));
        match (is_beside, said) {
            (true, _) => self.of_stay(input),
            (false, Some(_)) => self.of_steps(input),
            (false, None) => self.of_steps(input).or_else(|| self.of_stay(input)),
        }
    }

    /// The form of an input with the same steps; `None` where no axis is as long as they are.
    fn of_steps(&self, input: &Declared<'_>) -> Option<InputForm> {
        let dims = &input.dims[..];
        let axes: &[InputAxis] = match dims {
            [a] if self.is_steps(*a) => &[Steps],
            [a, b] if !self.has_batch && self.is_steps(*a) && !self.is_steps(*b) => &[Steps, Columns],
            [a, b] if self.is_steps_first && self.is_steps(*a) && self.is_batch(*b) => &[Steps, Batch],
            [a, b] if self.is_steps(*b) && self.is_batch(*a) => &[Batch, Steps],
            [a, b] if self.is_steps(*a) && self.is_batch(*b) => &[Steps, Batch],
            [a, b, _] if self.is_steps_first && self.is_steps(*a) && !self.is_steps(*b) => &[Steps, Batch, Columns],
            [a, b, _] if self.is_steps(*b) && self.is_batch(*a) => &[Batch, Steps, Columns],
            [a, b, _] if self.is_steps(*a) && self.is_batch(*b) => &[Steps, Batch, Columns],
            [a, _, c] if self.is_steps(*c) && self.is_batch(*a) => &[Batch, Columns, Steps],
            _ => return None,
        };
        Some(InputForm::of_steps(axes))
    }

    /// The form of numbers of the stay: static ones, lengths, first states. Axes but the batch must have fixed lengths.
    fn of_stay(&self, input: &Declared<'_>) -> Option<InputForm> {
        let is_fixed = |dim: &Dim<'_>| dim.len.is_some();
        let axes: &[InputAxis] = match &input.dims[..] {
            [] => &[],
            [a] if self.is_batch(*a) => &[Batch],
            [_] => &[Columns],
            [a, b] if self.is_batch(*a) && is_fixed(b) => &[Batch, Columns],
            [a, b] if is_fixed(a) && is_fixed(b) => &[Columns, Columns],
            // A state has a row a layer and direction, or the batch in front.
            [a, b, c] if self.is_batch(*b) && is_fixed(a) && is_fixed(c) => &[Columns, Batch, Columns],
            [a, b, c] if self.is_batch(*a) && is_fixed(b) && is_fixed(c) => &[Batch, Columns, Columns],
            _ => return None,
        };
        Some(InputForm::beside(axes))
    }
}

/// One of several inputs without steps: they stand side by side in the only one.
pub(super) fn of_one_step(input: &Declared<'_>) -> Option<InputForm> {
    let form: &[InputAxis] = match &input.dims[..] {
        [] => &[],
        [a] if a.may_be_one() => &[Batch],
        [_] => &[Columns],
        [_, _] => &[Batch, Columns],
        _ => return None,
    };
    Some(InputForm::of_steps(form))
}

/// The message where nothing says what an input is: which inputs there are, and what to write into the manifest.
pub(super) fn which(declared: &[Declared<'_>], unclear: &Declared<'_>) -> String {
    let shape = |input: &Declared<'_>| {
        let dims = input.dims.iter().map(|dim| dim.len.map_or_else(|| dim.name.to_owned(), |len| len.to_string()));
        let dims = dims.map(|dim| if dim.is_empty() { "?".to_owned() } else { dim });
        format!("\"{}\" [{}]", shown(input.name), dims.collect::<Vec<_>>().join(", "))
    };
    let part = |input: &Declared<'_>| match (input.dims.len(), input.number) {
        (0 | 1, Number::Whole(_)) => "length",
        (_, Number::Whole(_)) => "code",
        (_, Number::Truth(_)) => "mask",
        (0..=2, Number::Single) => "static",
        _ => "value",
    };
    let line = |input: &Declared<'_>| format!("{{\"name\": \"{}\", \"part\": \"{}\"}}", shown(input.name), part(input));
    let lines: Vec<String> = declared.iter().take(6).map(line).collect();
    format!(
        "the model has {} inputs, and nothing says what {} is; write into the manifest what each is: \"value\", \"mask\", \"delta\" or \"code\" with the steps of the stay, \"static\", \"length\" or \"state\" without: \"inputs\": [{}]",
        declared.len(),
        shape(unclear),
        lines.join(", ")
    )
}

/// A name as it may stand in a message.
fn shown(name: &str) -> String {
    name.chars().take(30).collect()
}
