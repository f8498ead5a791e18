//! A model's inputs, and how the numbers of a stay, `[n_steps * n_columns]`, fill them.
//!
//! | ONNX input | what it is |
//! |---|---|
//! | `[batch, steps, columns]`, `[steps, batch, columns]` | a sequence |
//! | `[batch, steps]` of whole numbers | words, one column |
//! | `[batch, channels, height, width]`, `[batch, height, width, channels]` | a picture: steps run along its width, a column is one channel of one of its rows |
//! | `[batch, columns]` | one step, where it is the only input; beside one of the above further columns, read at the last step |

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dimension;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, ValueInfoProto};
use tract_onnx::prelude::*;

use super::limits;
use crate::error::{Error, Kind, Result};

/// What is known of a model's input beside what its file says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Steps and columns of a stay, where something says them.
    pub(crate) sizes: Option<[usize; 2]>,
    /// The steps of a stay of so many columns, where neither the file nor `sizes` says them.
    pub(crate) usual_steps: fn(usize) -> Option<usize>,
    /// Length of a step in hours.
    pub(crate) step_hours: f64,
}

/// All inputs of a model.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// In the order of the graph.
    pub(super) feeds: Vec<Feed>,
    /// Steps of a stay.
    pub(super) n_steps: usize,
    /// Columns of a stay: the sequence's own, then those of further inputs.
    pub(super) n_columns: usize,
    /// How many stays the model reads at once: all of them are filled with the same.
    pub(super) n_batch: usize,
}

/// One input.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    pub(super) shape: Vec<usize>,
    pub(super) number: Number,
    /// The stay's number that fills each element, row-major.
    pub(super) sites: Vec<usize>,
}

/// What an input's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Single,
    Int32,
    Int64,
}

impl Feed {
    pub(super) fn datum_type(&self) -> DatumType {
        match self.number {
            Number::Single => f32::datum_type(),
            Number::Int32 => i32::datum_type(),
            Number::Int64 => i64::datum_type(),
        }
    }

    /// The tensor that a stay fills.
    pub(super) fn tensor(&self, stay: &[f32]) -> TractResult<Tensor> {
        let numbers = self.sites.iter().map(|site| stay[*site]);
        match self.number {
            Number::Single => Tensor::from_shape(&self.shape, &numbers.collect::<Vec<f32>>()),
            Number::Int32 => Tensor::from_shape(&self.shape, &numbers.map(|x| x as i32).collect::<Vec<_>>()),
            Number::Int64 => Tensor::from_shape(&self.shape, &numbers.map(|x| x as i64).collect::<Vec<_>>()),
        }
    }
}

/// An input as the file declares it; open axes have no length.
struct Declared<'g> {
    name: &'g str,
    number: Number,
    dims: Vec<Dim<'g>>,
}

#[derive(Clone, Copy)]
struct Dim<'g> {
    len: Option<usize>,
    name: &'g str,
}

/// What the axes of the main input are.
#[derive(Clone, Copy)]
enum InputForm {
    /// Positions of the batch, the steps and, but for words, the columns.
    Sequence { batch: usize, steps: usize, columns: Option<usize> },
    /// Positions of the channels, the height and the width; the batch is first.
    Picture { channels: usize, height: usize, width: usize },
    /// One step.
    Row,
}

impl Inputs {
    /// Reads the inputs of a graph. What it leaves open, `known` says.
    ///
    /// # Errors
    /// Names the input whose shape or type has no meaning here, and what to export instead.
    pub(super) fn of(graph: &GraphProto, known: &Known) -> Result<Self> {
        let declared = declared(graph)?;
        let main = main_input(&declared)?;
        let form = InputForm::of(&declared[main])?;
        let n_batch = batch(&declared[main], form);
        let mut widths = vec![];
        for (index, input) in declared.iter().enumerate().filter(|(index, _)| *index != main) {
            widths.push((index, further_width(input)?));
        }
        let n_further = widths.iter().fold(0_usize, |sum, (_, width)| sum.saturating_add(*width));
        let (n_steps, n_own) = sizes(&declared[main], form, known, n_further)?;
        limits::check_input([n_steps.saturating_mul(n_batch), n_own.saturating_add(n_further)])?;
        let n_columns = n_own + n_further;
        let mut feeds = vec![];
        let mut column = n_own;
        for (index, input) in declared.iter().enumerate() {
            feeds.push(if index == main {
                main_feed(input, form, [n_batch, n_steps, n_own, n_columns])
            } else {
                let width = widths.iter().find(|(of, _)| *of == index).map_or(0, |(_, width)| *width);
                let first = (n_steps - 1) * n_columns + column;
                column += width;
                let sites = (0..n_batch).flat_map(|_| first..first + width).collect();
                Feed { shape: vec![n_batch, width], number: input.number, sites }
            });
        }
        Ok(Self { feeds, n_steps, n_columns, n_batch })
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(Kind::Unsupported, message))
}

fn declared(graph: &GraphProto) -> Result<Vec<Declared<'_>>> {
    let is_initializer = |info: &ValueInfoProto| graph.initializer.iter().any(|tensor| tensor.name == info.name);
    graph.input.iter().filter(|info| !is_initializer(info)).map(declare).collect()
}

fn declare(info: &ValueInfoProto) -> Result<Declared<'_>> {
    let name = info.name.as_str();
    let Some(TypeValue::TensorType(tensor)) = info.r#type.as_ref().and_then(|ty| ty.value.as_ref()) else {
        return refuse(format!("input \"{name}\" has no tensor type"));
    };
    let number = match DataType::try_from(tensor.elem_type) {
        Ok(DataType::Float) => Number::Single,
        Ok(DataType::Int32) => Number::Int32,
        Ok(DataType::Int64) => Number::Int64,
        _ => return refuse(format!("input \"{name}\" holds neither floating-point numbers nor int32 or int64 words")),
    };
    // Also where the length is no number of this machine's: it must not be taken for an axis that was left open.
    let lens = tensor.shape.iter().flat_map(|shape| &shape.dim).filter_map(|dim| dim.value.as_ref());
    for dimension in lens {
        if let Dimension::DimValue(len) = dimension
            && *len > limits::MAX_INPUT as i64
        {
            return refuse(format!(
                "input \"{name}\" has an axis of {len}, at most {} numbers are read",
                limits::MAX_INPUT
            ));
        }
    }
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match &dim.value {
        Some(Dimension::DimValue(len)) => Dim { len: usize::try_from(*len).ok().filter(|len| *len > 0), name: "" },
        Some(Dimension::DimParam(name)) => Dim { len: None, name },
        None => Dim { len: None, name: "" },
    });
    Ok(Declared { name, number, dims: dims.collect() })
}

/// The input that holds the sequence, the words or the picture.
fn main_input(declared: &[Declared<'_>]) -> Result<usize> {
    let is_main = |input: &Declared<'_>| input.dims.len() > 2 || input.number != Number::Single;
    let mains: Vec<usize> = (0..declared.len()).filter(|index| is_main(&declared[*index])).collect();
    match mains[..] {
        [main] => Ok(main),
        [] if declared.len() == 1 => Ok(0),
        _ => refuse(format!(
            "the model has {} inputs, {} of them sequences; one sequence [batch, steps, columns] is explained, beside inputs [batch, numbers]",
            declared.len(),
            mains.len()
        )),
    }
}

impl InputForm {
    fn of(input: &Declared<'_>) -> Result<Self> {
        let len = |axis: usize| input.dims[axis].len;
        let is_word = input.number != Number::Single;
        // The batch comes second where only the second axis can be one.
        let time_major = |is_open_batch: bool| {
            (len(1) == Some(1) && len(0) != Some(1) && len(0).is_some()) || (is_open_batch && len(0) != Some(1))
        };
        let is_batch = |axis: usize| input.dims[axis].name.to_ascii_lowercase().contains("batch");
        let batch_second = input.dims.len() > 1 && time_major(is_batch(1) && !is_batch(0));
        match (input.dims.len(), is_word) {
            (2, true) | (3, false) => {
                let (batch, steps) = if batch_second { (1, 0) } else { (0, 1) };
                Ok(Self::Sequence { batch, steps, columns: (!is_word).then_some(2) })
            }
            (4, false) => {
                let is_channels = |axis: usize| matches!(len(axis), Some(1 | 3 | 4));
                let last = is_channels(3) && !is_channels(1);
                let (channels, height, width) = if last { (3, 1, 2) } else { (1, 2, 3) };
                Ok(Self::Picture { channels, height, width })
            }
            (2, false) => Ok(Self::Row),
            (rank, _) => refuse(format!(
                "input \"{}\" has {rank} axes; it must be [batch, steps, columns], words [batch, steps] or a picture [batch, channels, height, width]",
                input.name
            )),
        }
    }
}

fn batch(input: &Declared<'_>, form: InputForm) -> usize {
    let axis = if let InputForm::Sequence { batch, .. } = form { batch } else { 0 };
    input.dims[axis].len.unwrap_or(1)
}

/// The numbers of an input beside the sequence.
fn further_width(input: &Declared<'_>) -> Result<usize> {
    match input.dims[..] {
        [_, Dim { len: Some(width), .. }] => Ok(width),
        _ => refuse(format!(
            "input \"{}\" stands beside a sequence and must be [batch, numbers], with a fixed number of them",
            input.name
        )),
    }
}

/// Steps and own columns of the main input.
fn sizes(input: &Declared<'_>, form: InputForm, known: &Known, n_further: usize) -> Result<(usize, usize)> {
    let fixed = |axis: usize, known: Option<usize>, what: &str| {
        input.dims[axis]
            .len
            .or(known)
            .map_or_else(|| refuse(format!("the number of {what} is open; a manifest must say how many")), Ok)
    };
    let known_steps = known.sizes.map(|[n_steps, _]| n_steps);
    let own_columns = known.sizes.and_then(|[_, n_columns]| n_columns.checked_sub(n_further)).filter(|n| *n > 0);
    match form {
        InputForm::Sequence { steps, columns, .. } => {
            let n_columns = columns.map_or(Ok(1), |axis| fixed(axis, own_columns, "columns"))?;
            let known_steps = known_steps.or_else(|| (known.usual_steps)(n_columns + n_further));
            Ok((fixed(steps, known_steps, "steps")?, n_columns))
        }
        InputForm::Picture { channels, height, width } => {
            let n_channels = fixed(channels, None, "channels of the picture")?;
            let n_rows = fixed(height, own_columns.and_then(|n| n.checked_div(n_channels)), "rows of the picture")?;
            let n_steps = fixed(width, known_steps, "columns of the picture")?;
            // Past the largest number there is, the limit on inputs refuses it.
            Ok((n_steps, n_rows.saturating_mul(n_channels)))
        }
        InputForm::Row => Ok((1, fixed(1, own_columns, "columns")?)),
    }
}

/// The main input and the number of the stay that fills each of its elements.
fn main_feed(input: &Declared<'_>, form: InputForm, [n_batch, n_steps, n_own, n_columns]: [usize; 4]) -> Feed {
    let at = |step: usize, column: usize| step * n_columns + column;
    let each = |n: usize| 0..n;
    let (shape, sites): (Vec<usize>, Vec<usize>) = match form {
        InputForm::Sequence { batch: 1, columns, .. } => {
            let shape = [n_steps, n_batch].into_iter().chain(columns.map(|_| n_own)).collect();
            let step = |t| each(n_batch).flat_map(move |_| each(n_own).map(move |c| at(t, c)));
            (shape, each(n_steps).flat_map(step).collect())
        }
        InputForm::Sequence { columns, .. } => {
            let shape = [n_batch, n_steps].into_iter().chain(columns.map(|_| n_own)).collect();
            let stay = |_| each(n_steps).flat_map(move |t| each(n_own).map(move |c| at(t, c)));
            (shape, each(n_batch).flat_map(stay).collect())
        }
        InputForm::Picture { channels, .. } => {
            let n_channels = input.dims[channels].len.unwrap_or(1);
            let n_rows = n_own / n_channels;
            let site = move |channel: usize, y: usize, x: usize| at(x, y * n_channels + channel);
            let first = |n: usize| (0..n_batch).flat_map(move |_| 0..n);
            if channels == 1 {
                let row = move |c| each(n_rows).flat_map(move |y| each(n_steps).map(move |x| site(c, y, x)));
                (vec![n_batch, n_channels, n_rows, n_steps], first(n_channels).flat_map(row).collect())
            } else {
                let row = move |y| each(n_steps).flat_map(move |x| each(n_channels).map(move |c| site(c, y, x)));
                (vec![n_batch, n_rows, n_steps, n_channels], first(n_rows).flat_map(row).collect())
            }
        }
        InputForm::Row => (vec![n_batch, n_own], (0..n_batch).flat_map(|_| 0..n_own).collect()),
    };
    Feed { shape, number: input.number, sites }
}
