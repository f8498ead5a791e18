//! Inputs beside the one that has the steps: further columns of its steps, or numbers of the stay. The manifest says
//! which an input is; where it does not, its shape and the names of its axes do, compared with those of the main
//! sequence.

use tract_onnx::pb::GraphProto;

use super::form::InputAxis::{self, Batch, Columns, Steps};
use super::form::InputForm;
use super::walk::{Walk, Walks, is_first_state};
use super::{Declared, Dim, Known, Number, shown};

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
    /// Whether the columns stand before the steps.
    is_columns_first: bool,
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
            is_columns_first: input.dims.len() == 3 && form.position(Steps) == Some(2),
            has_batch: form.has(Batch),
            n_batch: dim(Batch).and_then(|dim| dim.len),
        }
    }

    /// Whether an axis is as long as the sequence: by its length, or, where it is open, by its name. Without a name of its
    /// own an open axis of a sequence has the steps or the batch, and so has any where the manifest says that an input has
    /// the steps.
    fn is_steps(&self, dim: Dim<'_>, is_said: bool) -> bool {
        match dim.len {
            Some(len) => len > 1 && self.n_steps == Some(len),
            None if is_said => !self.is_batch_name(dim),
            None => self.is_steps_open && (dim.name.is_empty() || dim.name == self.steps_name),
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

    /// What the axes of an input are, the likeliest first: several where the file leaves open which is the batch and which
    /// are the steps, and no layer goes along either. Where the manifest says whether it belongs to the stay or to its
    /// steps, only that is tried; else the steps first, because an axis as long as the sequence is hardly one by chance,
    /// unless the layers go along another.
    ///
    /// # Errors
    /// What to write into the manifest where nothing says it, and of a sequence that has other steps how to give it those.
    pub(super) fn forms(
        &self,
        graph: &GraphProto,
        declared: &[Declared<'_>],
        input: &Declared<'_>,
        known: &Known<'_>,
    ) -> Result<Vec<InputForm>, String> {
        let of_stay =
            || self.of_stay(input).map(|form| vec![form]).ok_or_else(|| self.not_of_stay(declared, input, known));
        let is_beside = said(input, known).unwrap_or_else(|| is_first_state(graph, input.name));
        if is_beside {
            return of_stay();
        }
        let walks = Walks::of(graph, input);
        let is_told = walks.told().any(|walk| input.dims[walk.steps].len != Some(1));
        let mut ways = self.of_steps(input, said(input, known).is_some());
        // What a layer goes along are steps, whatever else is as long as they are by chance.
        let is_along = |form: &InputForm| form.position(Steps).is_some_and(|steps| walks.is_along(steps));
        if is_told && (said(input, known).is_none() || ways.iter().any(is_along)) {
            ways.retain(is_along);
        }
        if let Some(likeliest) = ways.first() {
            // The order that the manifest says of the sequence holds for what stands beside it too.
            let is_open = known.layout.is_empty()
                && likeliest.position(Steps).is_some_and(|steps| input.dims[steps].len.is_none());
            ways.truncate(if is_open { ways.len() } else { 1 });
            return Ok(ways);
        }
        let wide = |axis: &usize| input.dims[*axis].len.is_some_and(|len| len > 1);
        let walked = walks.told().find(|walk| wide(&walk.steps));
        let is_table = input.dims.len() == 3 && (0..input.dims.len()).filter(wide).count() > 1;
        match (said(input, known), walked) {
            (_, Some(walk)) => Err(self.of_other_steps(input, Some(walk))),
            (Some(_), None) => Err(self.of_other_steps(input, None)),
            (None, None) if is_table => Err(self.of_other_steps(input, None)),
            (None, None) => of_stay(),
        }
    }

    /// The form as numbers of the stay, where those of an input were taken for ones of its steps only because there are as
    /// many: an axis that the file calls as the steps, one more for columns, or a layer that goes along it are more than
    /// that.
    pub(super) fn doubt(
        &self,
        graph: &GraphProto,
        form: &InputForm,
        input: &Declared<'_>,
        known: &Known<'_>,
    ) -> Option<InputForm> {
        let steps = form.position(Steps).filter(|steps| input.dims[*steps].len.is_some())?;
        let is_doubted = !form.is_beside && !form.has(Columns) && said(input, known).is_none();
        let of_stay = self.of_stay(input).filter(|_| is_doubted)?;
        (!Walks::of(graph, input).is_along(steps)).then_some(of_stay)
    }

    /// The message for an input that is none of the steps and cannot be one of the stay.
    fn not_of_stay(&self, declared: &[Declared<'_>], input: &Declared<'_>, known: &Known<'_>) -> String {
        let is_open = |dim: &Dim<'_>| dim.len.is_none() && !self.is_batch_name(*dim);
        let is_said = said(input, known).is_some();
        match input.dims.iter().skip(1).any(is_open) {
            true if is_said => format!(
                "the input {} leaves open how many numbers it has, and what belongs to the stay has a number of them; export it with a fixed length",
                input.shown()
            ),
            true => format!(
                "{}; if its steps are not those of the stay, export it with a fixed number of them, and it is \"static\"",
                which(declared, input)
            ),
            false => which(declared, input),
        }
    }

    /// The message for a sequence whose steps are not those of the stay.
    fn of_other_steps(&self, input: &Declared<'_>, walk: Option<&Walk>) -> String {
        let steps = |axis: usize| input.dims[axis].len.map_or_else(String::new, |len| format!("{len} steps, "));
        let along = walk.map(|walk| format!("{}along which {} goes", steps(walk.steps), walk.layer));
        let of_stay = self.n_steps.map_or_else(|| "another number".to_owned(), |n| n.to_string());
        let n: usize = input.dims.iter().filter_map(|dim| dim.len).fold(1, usize::saturating_mul);
        let name = shown(input.name);
        // How many of the stay's steps one of its own has.
        let len = walk.and_then(|walk| input.dims[walk.steps].len);
        let each = self.n_steps.zip(len).filter(|(all, len)| all % len == 0).map_or(1, |(all, len)| all / len);
        let wrapper = match each {
            1 => String::new(),
            each => format!(
                ", or by a wrapper that takes it at the stay's steps and picks its own (torch: {name}[:, ::{each}])"
            ),
        };
        format!(
            "the input {} has {}, and the stay has {of_stay} of them: a stay has one rate; give both as many, by padding{wrapper}, or have its {n} numbers read at the last step, by the manifest: \"inputs\": [{{\"name\": \"{name}\", \"part\": \"static\"}}]",
            input.shown(),
            along.unwrap_or_else(|| "no axis of the stay's steps".to_owned()),
        )
    }

    /// The forms of an input with the same steps, the likeliest first; none where no axis is as long as they are.
    fn of_steps(&self, input: &Declared<'_>, is_said: bool) -> Vec<InputForm> {
        let is_steps = |dim: &Dim<'_>| self.is_steps(*dim, is_said);
        let is_batch = |dim: &Dim<'_>| self.is_batch(*dim) && (dim.name.is_empty() || dim.name != self.steps_name);
        // One number a stay is likelier than one a step, where a name says neither.
        let is_of_stay = |dim: &Dim<'_>| !is_said && self.has_batch && dim.len.is_none() && dim.name.is_empty();
        let ways: &[(bool, &[InputAxis])] = match &input.dims[..] {
            [a] => &[(is_steps(a) && !is_of_stay(a), &[Steps])],
            [a, b] => &[
                (!self.has_batch && is_steps(a) && !is_steps(b), &[Steps, Columns]),
                (self.is_steps_first && is_steps(a) && is_batch(b), &[Steps, Batch]),
                (is_steps(b) && is_batch(a), &[Batch, Steps]),
                (is_steps(a) && is_batch(b), &[Steps, Batch]),
            ],
            [a, b, c] => &[
                (self.is_steps_first && is_steps(a) && !is_steps(b), &[Steps, Batch, Columns]),
                (self.is_columns_first && is_steps(c) && is_batch(a), &[Batch, Columns, Steps]),
                (is_steps(b) && is_batch(a), &[Batch, Steps, Columns]),
                (is_steps(a) && is_batch(b), &[Steps, Batch, Columns]),
                (is_steps(c) && is_batch(a), &[Batch, Columns, Steps]),
            ],
            _ => &[],
        };
        let mut forms = vec![];
        for form in ways.iter().filter(|(is, _)| *is).map(|(_, axes)| InputForm::of_steps(axes)) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
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

/// Whether the manifest says that an input belongs to the stay, or to its steps; `None` where it does not, and for codes,
/// which do either.
fn said(input: &Declared<'_>, known: &Known<'_>) -> Option<bool> {
    known.inputs.iter().find(|other| other.name == input.name && !other.is_either).map(|other| other.is_beside)
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
        unclear.shown(),
        lines.join(", ")
    )
}
