//! What the axes of one input are, and which number of a stay fills each of its elements.
//!
//! A form names each axis: batch, steps, columns, or rows of a picture. A stay lies step by step, so the number of step
//! t and column c is `t * n_columns + c`, and each axis has a stride in it.
//!
//! | axes | input | strides |
//! |---|---|---|
//! | batch, steps, columns | a sequence | -, `n_columns`, 1 |
//! | steps, batch, columns | a sequence | `n_columns`, -, 1 |
//! | batch, columns, steps | a sequence, channels first | -, 1, `n_columns` |
//! | batch, columns, rows, steps | a picture `[batch, channels, height, width]` | -, 1, `n_channels`, `n_columns` |
//! | batch, rows, steps, columns | a picture `[batch, height, width, channels]` | -, `n_channels`, `n_columns`, 1 |
//! | batch, columns, steps, columns | values, masks and time gaps, a sequence each | -, row length, `n_columns`, 1 |
//! | batch, steps, columns, columns | a sequence of blocks | -, `n_columns`, row length, 1 |
//! | steps, batch, columns, columns | the same, steps first | `n_columns`, -, row length, 1 |
//! | batch, columns | numbers of the stay, or of its only step | -, 1 |
//! | columns, batch, columns | a first state, a row a layer and direction | row length, -, 1 |

use super::walk::{Walk, Walks};
use super::{Declared, Feed, Known, refuse};
use crate::error::Result;
use crate::onnx::input::Number;

/// What an axis of an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputAxis {
    /// One entry a stay.
    Batch,
    /// One entry a step; of a picture, one a pixel of its width.
    Steps,
    /// Columns of a step, or channels of a picture.
    Columns,
    /// Rows of a picture: its columns are `row * n_channels + channel`.
    Rows,
}

use InputAxis::{Batch, Columns, Rows, Steps};

/// The axes of an input, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InputForm {
    /// What each axis is.
    pub(super) axes: Vec<InputAxis>,
    /// Whether it is read at the last step: a static column, a length, a first state.
    pub(super) is_beside: bool,
}

/// Where an input's columns stand in a stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnPlace {
    /// Stays that the model reads at once.
    pub(super) n_batch: usize,
    /// Steps of the stay.
    pub(super) n_steps: usize,
    /// Columns of the whole stay, of all inputs together.
    pub(super) n_columns: usize,
    /// The first column of this input.
    pub(super) first: usize,
    /// How many columns it has.
    pub(super) width: usize,
}

impl InputForm {
    /// The form of an input whose numbers belong to the steps.
    pub(super) fn of_steps(axes: &[InputAxis]) -> Self {
        Self { axes: axes.to_vec(), is_beside: false }
    }

    /// The form of an input whose numbers belong to the stay.
    pub(super) fn beside(axes: &[InputAxis]) -> Self {
        Self { axes: axes.to_vec(), is_beside: true }
    }

    /// Whether it has an axis of a kind.
    pub(super) fn has(&self, axis: InputAxis) -> bool {
        self.axes.contains(&axis)
    }

    /// The first axis of a kind.
    pub(super) fn position(&self, axis: InputAxis) -> Option<usize> {
        self.axes.iter().position(|other| *other == axis)
    }

    /// The length of its only axis of a kind, where the file says it.
    pub(super) fn fixed(&self, input: &Declared<'_>, axis: InputAxis) -> Option<usize> {
        input.dims[self.position(axis)?].len
    }

    /// Its columns, where the file says how many.
    pub(super) fn width(&self, input: &Declared<'_>) -> Option<usize> {
        let of_columns = self.axes.iter().zip(&input.dims).filter(|(axis, _)| matches!(axis, Columns | Rows));
        of_columns.map(|(_, dim)| dim.len).try_fold(1_usize, |product, len| Some(product.saturating_mul(len?)))
    }

    /// Whether a layer goes along the steps of this form.
    fn is_walked(&self, walk: &Walk) -> bool {
        let is = |axis, at: Option<usize>| at.is_none_or(|at| self.axes.get(at) == Some(&axis));
        is(Steps, Some(walk.steps)) && is(Columns, walk.columns)
    }

    /// Whether a stay of so many steps and, of this input alone, exactly so many columns can have this form; beside
    /// other inputs, at most so many.
    fn agrees(&self, input: &Declared<'_>, [n_steps, n_columns]: [usize; 2], is_alone: bool) -> bool {
        let steps = if self.has(Steps) { self.fixed(input, Steps) } else { Some(1) };
        let columns = self.width(input);
        steps.is_none_or(|steps| steps == n_steps)
            && columns.is_none_or(|columns| if is_alone { columns == n_columns } else { columns <= n_columns })
    }

    /// The input's shape, and the number of the stay that fills each of its elements.
    ///
    /// Elements are counted in row-major order. Along the batch an index says which stay, along all other axes it adds its
    /// stride to the place in the stay. An input beside the sequence begins at the last step. One open axis of columns gets what the others leave of the input's width.
    pub(super) fn feed(&self, input: &Declared<'_>, at: ColumnPlace) -> Feed {
        let n_open = self.axes.iter().zip(&input.dims).filter(|(axis, dim)| is_column(**axis) && dim.len.is_none());
        let rest = self.axes.iter().zip(&input.dims).filter(|(axis, _)| is_column(**axis));
        let rest = rest.filter_map(|(_, dim)| dim.len).product::<usize>().max(1);
        let open = if n_open.count() == 1 { at.width / rest } else { 1 };
        let len = |(axis, dim): (&InputAxis, &super::Dim<'_>)| match axis {
            Batch => dim.len.unwrap_or(at.n_batch),
            Steps => at.n_steps,
            Columns | Rows => dim.len.unwrap_or(open),
        };
        let shape: Vec<usize> = self.axes.iter().zip(&input.dims).map(len).collect();
        let base = if self.is_beside { (at.n_steps - 1) * at.n_columns } else { 0 } + at.first;
        let strides = self.strides(&shape, at.n_columns);
        // Axis by axis from the first, each element is followed by those of the next axis.
        let (mut sites, mut stays) = (vec![base], vec![0]);
        for (len, stride) in shape.iter().zip(strides) {
            let (along, of_batch) = stride.map_or((0, 1), |stride| (stride, 0));
            let each = |from: &[usize], step: usize| {
                from.iter().flat_map(|first| (0..*len).map(move |index| first + index * step)).collect::<Vec<_>>()
            };
            (sites, stays) = (each(&sites, along), each(&stays, of_batch));
        }
        Feed { shape, number: input.number, sites, stays }
    }

    /// How far a step along each axis goes in the stay; `None` along the batch.
    fn strides(&self, shape: &[usize], n_columns: usize) -> Vec<Option<usize>> {
        let is_picture = self.has(Rows);
        let n_channels = self.position(Columns).map_or(1, |axis| shape[axis]);
        let inner = |axis: usize| {
            (axis + 1..shape.len()).filter(|axis| self.axes[*axis] == Columns).map(|axis| shape[axis]).product()
        };
        let stride = |(axis, kind): (usize, &InputAxis)| match kind {
            Batch => None,
            Steps => Some(n_columns),
            Rows => Some(n_channels),
            Columns if is_picture => Some(1),
            Columns => Some(inner(axis)),
        };
        self.axes.iter().enumerate().map(stride).collect()
    }
}

/// Whether an axis counts columns of the stay.
const fn is_column(axis: InputAxis) -> bool {
    matches!(axis, Columns | Rows)
}

/// The forms that the input with the steps can have.
pub(super) struct OfSequence {
    /// The likeliest first.
    pub(super) forms: Vec<InputForm>,
    /// Whether something decides between them.
    pub(super) is_decided: bool,
    /// Whether others fit as well, and are left out for being unusual alone.
    pub(super) is_assumed: bool,
}

/// The forms that the input with the steps can have. What is asked, in turn: the manifest's layout; the sizes of the stay,
/// or what is usual for so many columns; what the layers of the graph go along.
///
/// # Errors
/// Names the axes that no input has, layers that go along different axes, and one that goes along what axes were folded
/// into, where the manifest does not say which are the steps.
pub(super) fn of_sequence(
    input: &Declared<'_>,
    n_inputs: usize,
    walks: &Walks,
    known: &Known<'_>,
) -> Result<OfSequence> {
    if !known.layout.is_empty() {
        let forms = vec![laid_out(input, known.layout)?];
        return Ok(OfSequence { forms, is_decided: true, is_assumed: false });
    }
    let mut forms = possible(input, walks)?;
    if let Some(sizes) = known.sizes {
        let agrees = |form: &InputForm| form.agrees(input, sizes, n_inputs == 1);
        if n_inputs == 1 && input.is_flat(sizes) && !forms.iter().any(agrees) {
            return refuse(in_one_axis(input, sizes));
        }
        retain(&mut forms, agrees);
    } else {
        // What the file says as the usual input is that.
        let is_usual = |form: &InputForm| {
            let (steps, columns) = (form.fixed(input, Steps), form.width(input));
            n_inputs == 1 && columns.is_some_and(|columns| steps.is_some() && (known.usual_steps)(columns) == steps)
        };
        retain(&mut forms, is_usual);
    }
    let told: Vec<&Walk> = walks.told().filter(|walk| forms.iter().any(|form| form.is_walked(walk))).collect();
    if let Some(other) = told.iter().find(|walk| walk.steps != told[0].steps) {
        return refuse(several_ways(input, [told[0], other]));
    }
    // One layer for each entry of another axis that is none of the batch: days made of hours, or parts of one network each.
    let each = told.first().filter(|walk| walk.steps > 0 && walk.is_for_each);
    if let (4, 2.., Some(walk)) = (input.dims.len(), forms.len(), each) {
        return refuse(for_each(input, walk, &forms));
    }
    let mut is_assumed = false;
    match (told.first(), &walks.lost) {
        (Some(walk), _) => retain(&mut forms, |form| form.is_walked(walk)),
        (None, Some(layer)) if input.dims.len() < 3 && known.sizes.is_none() => return refuse(folded(input, layer)),
        // With four axes as many readings fit, and no shape is usual.
        (None, _) if input.dims.len() == 4 && forms.len() > 1 && !walks.is_picture => {
            return refuse(no_layer_along(input, &forms));
        }
        // The number of columns is never open: a file that says the one before says how many there are.
        (None, _) if known.sizes.is_none() && matches!(lens(input)[..], [_, Some(_), None]) => {
            retain(&mut forms, |form| form.fixed(input, Columns).is_some());
        }
        // Channels before steps and pictures of a stay are not guessed at.
        (None, _) => {
            let is_usual = |form: &InputForm| input.number != Number::Single || !is_unusual(form);
            is_assumed = forms.iter().any(|form| !is_usual(form) && form.width(input).is_some());
            retain(&mut forms, is_usual);
        }
    }
    Ok(OfSequence { forms, is_decided: !told.is_empty(), is_assumed })
}

/// The lengths of an input's axes.
fn lens(input: &Declared<'_>) -> Vec<Option<usize>> {
    input.dims.iter().map(|dim| dim.len).collect()
}

/// The message where all numbers of a stay stand in one axis, and nothing says in which order.
fn in_one_axis(input: &Declared<'_>, [n_steps, n_columns]: [usize; 2]) -> String {
    let batch = if input.dims.len() > 1 { "\"batch\", " } else { "" };
    format!(
        "the input {} has the {n_steps} steps x {n_columns} columns of the manifest in one axis, and nothing says in which order; say it in the manifest: \"layout\": [{batch}\"steps\", \"columns\"], all columns of a step side by side, or [{batch}\"columns\", \"steps\"], all steps of a column",
        input.shown()
    )
}

/// The message where layers go along different axes.
fn several_ways(input: &Declared<'_>, walks: [&Walk; 2]) -> String {
    let [one, other] = walks.map(|walk| format!("{} goes along axis {} of it", walk.layer, walk.steps));
    let axes = |steps: usize| {
        let of = |axis: usize| match axis {
            _ if axis == steps => "\"steps\"",
            0 => "\"batch\"",
            _ => "\"columns\"",
        };
        (0..input.dims.len()).map(of).collect::<Vec<_>>().join(", ")
    };
    let [first, second] = walks.map(|walk| axes(walk.steps));
    format!(
        "nothing says which axis of the input {} is that of the steps: {one}, and {other}; say it in the manifest: \"layout\": [{first}], or [{second}]",
        input.shown()
    )
}

/// The message where no layer goes along any axis, and several readings fit.
fn no_layer_along(input: &Declared<'_>, forms: &[InputForm]) -> String {
    format!(
        "nothing says which axis of the input {} is that of the steps: no layer goes along any of them; say it in the manifest: \"layout\": {}",
        input.shown(),
        layouts(forms)
    )
}

/// The message where a layer goes along one axis, for each entry of another: a layer over the hours of each day says
/// nothing of whether days or hours are the steps of the stay.
fn for_each(input: &Declared<'_>, walk: &Walk, forms: &[InputForm]) -> String {
    format!(
        "nothing says which axis of the input {} is that of the steps: {} goes along axis {} of it for each entry of another axis, which may be the steps too; say it in the manifest: \"layout\": {}",
        input.shown(),
        walk.layer,
        walk.steps,
        layouts(forms)
    )
}

/// What the manifest would say of each form.
fn layouts(forms: &[InputForm]) -> String {
    let word = |axis: &InputAxis| match axis {
        Batch => "\"batch\"",
        Steps => "\"steps\"",
        Columns => "\"columns\"",
        Rows => "\"rows\"",
    };
    let layout = |form: &InputForm| format!("[{}]", form.axes.iter().map(word).collect::<Vec<_>>().join(", "));
    forms.iter().map(layout).collect::<Vec<_>>().join(", or ")
}

/// The message where a layer goes along what the only axis was folded into.
fn folded(input: &Declared<'_>, layer: &str) -> String {
    format!(
        "{layer} goes along what the network folds the input {} into, and nothing says whether its numbers are the steps of a signal or the columns of one step; export the network without the first reshape, with an input [batch, steps, columns], or say in the manifest how many \"steps\" and \"columns\" a stay has, and by \"layout\" in which order",
        input.shown()
    )
}

/// Keeps the forms of which something holds, where there are any.
fn retain(forms: &mut Vec<InputForm>, holds: impl Fn(&InputForm) -> bool) {
    if forms.iter().any(&holds) {
        forms.retain(holds);
    }
}

/// Whether a form of numbers has channels before steps, or is a picture of a stay or a signal of one number a step: such
/// ones need more than a shape that fits.
fn is_unusual(form: &InputForm) -> bool {
    matches!(
        form.axes[..],
        [Batch, Columns, Steps]
            | [Batch, Columns, Steps, Columns]
            | [Batch, Steps, Columns, Columns]
            | [Batch, Steps]
            | [Columns, Steps]
            | [Steps]
    )
}

/// The forms that an input of this shape and type can have, the likeliest first.
///
/// # Errors
/// For a number of axes that no input has.
fn possible(input: &Declared<'_>, walks: &Walks) -> Result<Vec<InputForm>> {
    let len = |axis: usize| input.dims[axis].len;
    let is_word = input.number != Number::Single;
    let orders = |batch_first: &[InputAxis], steps_first: &[InputAxis]| -> Vec<InputForm> {
        let (batch_first, steps_first) = (InputForm::of_steps(batch_first), InputForm::of_steps(steps_first));
        if len(0) == Some(1) {
            // A recurrent layer that goes along the first axis has one step, and the second axis is a batch.
            let is_batch = walks.is_along(0) && len(1).is_some_and(|len| len > 1);
            return vec![if is_batch { steps_first } else { batch_first }];
        }
        // The batch comes second where only the second axis can be one.
        let is_named = input.dims[1].is_named_batch() && !input.dims[0].is_named_batch();
        let is_second = len(1) == Some(1) && len(0).is_some() || is_named;
        // A first axis that is open and a second one that is not are the batch and the steps.
        let is_plain = len(0).is_none() && len(1).is_some_and(|len| len > 1);
        match (is_second, is_plain && !walks.is_along(0)) {
            (true, _) => vec![steps_first, batch_first],
            (false, true) => vec![batch_first],
            (false, false) => vec![batch_first, steps_first],
        }
    };
    Ok(match (input.dims.len(), is_word) {
        (3, false) => {
            let mut forms = orders(&[Batch, Steps, Columns], &[Steps, Batch, Columns]);
            forms.push(InputForm::of_steps(&[Batch, Columns, Steps]));
            forms
        }
        (3, true) => orders(&[Batch, Steps, Columns], &[Steps, Batch, Columns]),
        (2, true) => orders(&[Batch, Steps], &[Steps, Batch]),
        (2, false) => {
            // A signal of one number a step comes behind one step of many columns.
            let forms: [&[InputAxis]; 4] = [&[Batch, Columns], &[Steps, Columns], &[Batch, Steps], &[Columns, Steps]];
            let is_possible = |form: &&[InputAxis]| form[0] == Batch || len(0) != Some(1);
            forms.into_iter().filter(is_possible).map(InputForm::of_steps).collect()
        }
        (1, false) => vec![InputForm::of_steps(&[Columns]), InputForm::of_steps(&[Steps])],
        (1, true) => vec![InputForm::of_steps(&[Steps])],
        (4, false) => {
            let is_channels = |axis: usize| matches!(len(axis), Some(1 | 3 | 4));
            let last = is_channels(3) && !is_channels(1);
            let picture = if last { [Batch, Rows, Steps, Columns] } else { [Batch, Columns, Rows, Steps] };
            let mut forms = vec![InputForm::of_steps(&picture)];
            // A picture may have layers along its height too, as long as it has some along its width.
            let is_along_parts = |walk: &Walk| walk.steps == 2 && (walk.columns.is_none() || !walks.is_along(3));
            let is_untold = walks.told().next().is_none();
            if len(1) == Some(1) || is_untold || walks.told().any(is_along_parts) {
                forms.push(InputForm::of_steps(&[Batch, Columns, Steps, Columns]));
            }
            forms.push(InputForm::of_steps(&[Batch, Steps, Columns, Columns]));
            if walks.is_along(0) && len(0) != Some(1) {
                forms.push(InputForm::of_steps(&[Steps, Batch, Columns, Columns]));
            }
            forms
        }
        (rank, _) => {
            return refuse(format!(
                "input \"{}\" has {rank} axes; it must be [batch, steps, columns], codes [batch, steps] or a picture [batch, channels, height, width]",
                input.name
            ));
        }
    })
}

/// The form that the manifest's `layout` says.
///
/// # Errors
/// Where it names another number of axes.
fn laid_out(input: &Declared<'_>, layout: &[InputAxis]) -> Result<InputForm> {
    let (said, rank) = (layout.len(), input.dims.len());
    if said != rank {
        return refuse(format!(
            "the manifest's \"layout\" names {said} axes, and input \"{}\" has {rank}; name what each of them is: \"batch\", \"steps\" or \"columns\"",
            input.name
        ));
    }
    Ok(InputForm::of_steps(layout))
}
