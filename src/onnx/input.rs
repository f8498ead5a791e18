//! A model's inputs, and how the numbers of a stay, `[n_steps * n_columns]`, fill them.
//!
//! | ONNX input | what it is |
//! |---|---|
//! | `[batch, steps, columns]`, `[steps, batch, columns]`, `[batch, columns, steps]` | a sequence |
//! | `[batch, steps]` of whole numbers, `[batch, steps, columns]` of whole numbers | codes: a column, or so many |
//! | `[batch, channels, height, width]`, `[batch, height, width, channels]` | a picture: steps run along its width, a column is one channel of one of its rows |
//! | `[batch, columns]` | one step, where it is the only input |
//! | `[batch, steps]`, `[steps]` | a signal of one number a step, where a layer goes along it |
//! | `[steps, columns]` | a sequence without a batch |
//! | beside a sequence: as many steps as it has | further columns of its steps |
//! | beside a sequence: `[batch, columns]`, `[batch]`, a first state | columns behind all others, read at the last step |
//!
//! A single input that has all numbers of a stay in one axis is read as the manifest's layout unfolds it: `[batch, 3648]` of
//! 48 steps x 76 columns.
//!
//! Columns stand in the order of the file. Which of several readings an input has is decided by the manifest, by what the
//! graph walks along (`walk.rs`), by what it does with as many numbers as there are steps (`usage.rs`), and by whether two
//! equal stays come out alike (`read.rs`).

mod beside;
mod counted;
mod form;
mod lengths;
mod through;
mod unrolled;
mod usage;
mod walk;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dimension;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, ValueInfoProto};
use tract_onnx::prelude::*;

pub(crate) use self::counted::NumberUse;
pub(crate) use self::form::InputAxis;
use self::form::InputForm;
pub(super) use self::lengths::suggested as other_lengths;
use self::through::{Axis, Followed, Following, Origin};
use self::usage::Usage;
use self::walk::Walks;
use super::limits;
use crate::engine::graph::Graph;
use crate::engine::number::signed;
use crate::error::{Error, Kind, Result};

/// What is known of a model's input beside what its file says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'m> {
    /// Steps and columns of a stay, where something says them.
    pub(crate) sizes: Option<[usize; 2]>,
    /// The steps of a stay of so many columns, where neither the file nor `sizes` says them.
    pub(crate) usual_steps: fn(usize) -> Option<usize>,
    /// The steps of a stay where nothing says them.
    pub(crate) open_steps: usize,
    /// Whether another number of steps will do where the network does not run with these.
    pub(crate) takes_others: bool,
    /// Length of a step in hours.
    pub(crate) step_hours: f64,
    /// What the manifest says of inputs, by their names.
    pub(crate) inputs: &'m [KnownInput],
    /// What it says of the axes of the sequence.
    pub(crate) layout: &'m [InputAxis],
}

/// What a manifest says of one input.
#[derive(Debug, Clone)]
pub(crate) struct KnownInput {
    /// As the file calls it.
    pub(crate) name: String,
    /// Whether its numbers belong to the stay and not to its steps: static numbers, lengths, states.
    pub(crate) is_beside: bool,
    /// Whether it is one of those or of the steps, as its shape says: codes are either.
    pub(crate) is_either: bool,
    /// How many columns it has.
    pub(crate) n_columns: Option<usize>,
}

/// All inputs of a model, under one reading of their axes.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// In the order of the graph.
    pub(super) feeds: Vec<Feed>,
    /// Steps of a stay.
    pub(super) n_steps: usize,
    /// Columns of a stay: those of its steps, then those that are read at the last one.
    pub(super) n_columns: usize,
    /// How many stays the model reads at once: all of them are filled with the same.
    pub(super) n_batch: usize,
    /// Whether nothing says how many steps there are.
    pub(super) has_open_steps: bool,
    /// Whether the file does not, whatever else does.
    pub(super) are_steps_open: bool,
    /// What the file calls its inputs, and where they stand.
    pub(super) placed: Vec<PlacedInput>,
    /// Of each output of the graph whether each axis is that of the steps; `None` where the graph does not tell.
    pub(super) output_steps: Vec<Vec<Option<bool>>>,
}

/// An input of the file, and its columns in a stay.
#[derive(Debug, Clone)]
pub(crate) struct PlacedInput {
    /// As the file calls it.
    pub(crate) name: String,
    /// As the file has it; `None` for axes that it leaves open.
    pub(crate) shape: Vec<Option<usize>>,
    /// Which columns of a stay it has.
    pub(crate) columns: std::ops::Range<usize>,
    /// Whether it is read at the last step alone.
    pub(crate) is_beside: bool,
    /// Whether its numbers are whole.
    pub(crate) is_whole: bool,
    /// Whether they are true and false.
    pub(crate) is_truth: bool,
    /// Whether a recurrent layer begins with it.
    pub(crate) is_state: bool,
    /// What the network takes its numbers for, of whole ones and of one alone beside the steps.
    pub(crate) counted: Option<NumberUse>,
}

impl PlacedInput {
    /// Asks a network what it takes the numbers for.
    pub(super) fn ask(&mut self, graph: &Graph, [n_steps, n_columns]: [usize; 2]) {
        let site = (n_steps - 1) * n_columns + self.columns.start;
        let is_asked = self.is_whole || self.is_beside && self.columns.len() == 1;
        self.counted = is_asked.then(|| counted::of(graph, site, n_steps, self.is_whole));
    }
}

/// One input.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    /// The tensor's sizes.
    pub(super) shape: Vec<usize>,
    /// The type of its elements.
    pub(super) number: Number,
    /// The stay's number that fills each element, row-major.
    pub(super) sites: Vec<usize>,
    /// Which stay of the batch each element belongs to.
    pub(super) stays: Vec<usize>,
}

/// What an input's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// Floating-point numbers.
    Single,
    /// Whole numbers of a type of their own, as codes and lengths are.
    Whole(DatumType),
    /// True and false: of the type bool, or 1 and 0 as bytes.
    Truth(DatumType),
}

impl Number {
    /// Whether they are whole numbers, as codes and lengths are.
    fn is_whole(self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// What the type of an ONNX tensor is to a network; `None` for one that is not read.
    fn of(data_type: i32) -> Option<Self> {
        Some(match DataType::try_from(data_type).ok()? {
            DataType::Float => Self::Single,
            DataType::Int8 => Self::Whole(i8::datum_type()),
            DataType::Int16 => Self::Whole(i16::datum_type()),
            DataType::Int32 => Self::Whole(i32::datum_type()),
            DataType::Int64 => Self::Whole(i64::datum_type()),
            DataType::Uint16 => Self::Whole(u16::datum_type()),
            DataType::Uint32 => Self::Whole(u32::datum_type()),
            DataType::Uint64 => Self::Whole(u64::datum_type()),
            DataType::Bool => Self::Truth(bool::datum_type()),
            DataType::Uint8 => Self::Truth(u8::datum_type()),
            _ => return None,
        })
    }
}

impl Feed {
    /// tract's name for the type.
    pub(super) fn datum_type(&self) -> DatumType {
        match self.number {
            Number::Single => f32::datum_type(),
            Number::Whole(of) | Number::Truth(of) => of,
        }
    }

    /// The tensor that one stay fills, or stays that follow one another: number k of the batch is stay `k %
    /// stays.len()`. A stay is `[n_steps * n_columns]` numbers, which are cast to the input's type.
    pub(super) fn tensor(&self, stays: &[&[f32]]) -> TractResult<Tensor> {
        let of = |(site, stay): (&usize, &usize)| stays[*stay % stays.len()][*site];
        let numbers: Vec<f32> = self.sites.iter().zip(&self.stays).map(of).collect();
        Ok(Tensor::from_shape(&self.shape, &numbers)?.cast_to_dt(self.datum_type())?.into_owned())
    }
}

/// An input as the file declares it; open axes have no length.
#[derive(Debug)]
struct Declared<'g> {
    /// As the file calls it.
    name: &'g str,
    /// The type of its elements.
    number: Number,
    /// Its axes, in order.
    dims: Vec<Dim<'g>>,
    /// How many the file has, where the last of those holds the numbers of several of these.
    folded: Option<usize>,
}

/// One axis as the file declares it.
#[derive(Debug, Clone, Copy)]
struct Dim<'g> {
    /// Its length; `None` where it is open.
    len: Option<usize>,
    /// The name of an open axis; empty where it has none.
    name: &'g str,
}

impl Declared<'_> {
    /// Whether all numbers of a stay stand in one axis of it.
    fn is_flat(&self, [n_steps, n_columns]: [usize; 2]) -> bool {
        let is_of_stay = n_steps > 1 && n_columns > 1;
        let len = self.dims.last().and_then(|dim| dim.len);
        is_of_stay && self.dims.len() < 3 && len.is_some() && len == n_steps.checked_mul(n_columns)
    }

    /// The same input with an axis each for what the manifest's layout names, where the file has all of it in its last axis.
    /// The numbers stand in the same order.
    ///
    /// ```text
    /// x [1, 48], layout batch, steps, columns, of 12 steps x 4 columns     [1, 12, 4]
    /// x [1, 48], layout batch, columns, steps                              [1, 4, 12]
    /// ```
    fn unfolded(self, known: &Known<'_>) -> Self {
        let Some(sizes) = known.sizes.filter(|sizes| self.is_flat(*sizes)) else { return self };
        let n_more = known.layout.len().checked_sub(self.dims.len());
        let is_in_front = self.dims.len() == 1 || known.layout.first() == Some(&InputAxis::Batch);
        if n_more != Some(1) || !is_in_front {
            return self;
        }
        let dim = |axis: &InputAxis| match axis {
            InputAxis::Batch => self.dims[0],
            InputAxis::Steps => Dim { len: Some(sizes[0]), name: "" },
            InputAxis::Columns | InputAxis::Rows => Dim { len: Some(sizes[1]), name: "" },
        };
        Self { dims: known.layout.iter().map(dim).collect(), folded: Some(self.dims.len()), ..self }
    }

    /// A shape by these axes, as the file has it.
    fn folded<N: Copy + std::iter::Product>(&self, mut shape: Vec<N>) -> Vec<N> {
        if let Some(rank) = self.folded {
            let last = shape.split_off(rank - 1).into_iter().product();
            shape.push(last);
        }
        shape
    }

    /// Its name and shape as they may stand in a message.
    fn shown(&self) -> String {
        let dims = self.dims.iter().map(|dim| dim.len.map_or_else(|| dim.name.to_owned(), |len| len.to_string()));
        let dims = dims.map(|dim| if dim.is_empty() { "?".to_owned() } else { shown(&dim) });
        format!("\"{}\" [{}]", shown(self.name), dims.collect::<Vec<_>>().join(", "))
    }
}

impl Dim<'_> {
    /// Whether it is one, or may be.
    fn may_be_one(self) -> bool {
        self.len.is_none_or(|len| len == 1)
    }

    /// Whether its name says that it is the batch.
    fn is_named_batch(self) -> bool {
        self.name.to_ascii_lowercase().contains("batch")
    }
}

/// Whether a converter called an open axis so because it had no name, and so calls the same axis of two inputs by two names:
/// tf2onnx counts, `unk__12569`; torch has the input's name and the axis, `seen_dynamic_axes_1`, `seen_dim_1`.
fn is_made_up(input: &str, axis: &str) -> bool {
    let of_input = || {
        let rest = axis.strip_prefix(input)?;
        rest.strip_prefix("_dynamic_axes_").or_else(|| rest.strip_prefix("_dim_"))
    };
    let count = axis.strip_prefix("unk__").or_else(of_input);
    count.is_some_and(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
}

/// One reading of a model's inputs: what the axes of each are.
#[derive(Debug, Clone)]
pub(super) struct InputReading {
    /// One for each input, in the order of the graph.
    forms: Vec<InputForm>,
    /// What decides for it.
    pub(super) decided: Decided,
    /// The input with the steps.
    main: Option<usize>,
    /// Whether nothing but custom tells what its axes are.
    is_assumed: bool,
    /// Inputs of as many numbers as there are steps, which may be none of a step.
    doubts: Vec<Doubt>,
}

/// What decides between readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    /// The file or the manifest.
    Said,
    /// Nothing but running the model: it must not show that stays come to matter to each other.
    ByRun,
    /// The same, of the order of the batch and the steps of several inputs: it must show that they do not. Numbers in the
    /// wrong order spread over others without a word where there is one stay.
    ByRunOfSeveral,
}

/// An input whose numbers are read as those of the steps because there are as many, and what else they may be.
#[derive(Debug, Clone)]
struct Doubt {
    /// Which input.
    input: usize,
    /// Its form as numbers of the stay.
    of_stay: InputForm,
    /// What is said where the network does not tell.
    message: String,
}

impl InputReading {
    /// What the axes of the input with the steps are taken for, where nothing but custom tells: neither file nor manifest,
    /// nor a run that `is_sure`. Empty where something does.
    pub(super) fn assumed_layout(&self, is_sure: bool) -> Vec<InputAxis> {
        let main = self.main.filter(|_| self.is_assumed || !is_sure);
        main.map_or_else(Vec::new, |main| self.forms[main].axes.clone())
    }

    /// The reading that the network tells by what it does with inputs of as many numbers as there are steps; `None` where
    /// this is it.
    ///
    /// # Errors
    /// Names the input of which it does not tell whether its numbers are those of the steps, and what to write into the
    /// manifest.
    pub(super) fn settled(&self, graph: &Graph, inputs: &[PlacedInput], sizes: [usize; 2]) -> Result<Option<Self>> {
        let mut settled = Self { doubts: vec![], ..self.clone() };
        let is_sure =
            |index: &usize| !inputs[*index].is_beside && self.doubts.iter().all(|doubt| doubt.input != *index);
        let sequence: Vec<&PlacedInput> = (0..inputs.len()).filter(is_sure).map(|index| &inputs[index]).collect();
        for doubt in &self.doubts {
            match usage::of(graph, &sequence, &inputs[doubt.input], sizes) {
                Usage::OfSteps => {}
                Usage::OfStay => settled.forms[doubt.input] = doubt.of_stay.clone(),
                Usage::Unclear => return refuse(doubt.message.clone()),
            }
        }
        Ok((settled.forms != self.forms).then_some(settled))
    }
}

/// The readings of a graph's inputs that are possible, the likeliest first.
///
/// # Errors
/// Names the input whose shape or type has no meaning here, and what to say of it in the manifest.
pub(super) fn readings(graph: &GraphProto, known: &Known<'_>) -> Result<Vec<InputReading>> {
    let declared = declared(graph, known)?;
    check_names(&declared)?;
    let main = main_input(graph, &declared, known);
    let Some(main) = main else {
        let forms = declared.iter().map(|input| beside::of_one_step(input).ok_or(input)).collect::<Result<_, _>>();
        return match forms {
            Ok(forms) => {
                Ok(vec![InputReading { forms, decided: Decided::Said, main: None, is_assumed: false, doubts: vec![] }])
            }
            Err(input) => refuse(beside::which(&declared, input)),
        };
    };
    let walks = Walks::of(graph, &declared[main]);
    let of_main = form::of_sequence(&declared[main], declared.len(), &walks, known)?;
    let is_guess = !of_main.is_decided && of_main.forms.len() > 1 && walk::may_mix_rows(graph);
    let mut readings = vec![];
    for form in of_main.forms {
        let beside = beside::MainSequence::of(&declared[main], &form, known);
        let forms = |(index, input): (usize, &Declared<'_>)| match index == main {
            true => Ok(vec![form.clone()]),
            false => beside.forms(graph, &declared, input, known),
        };
        match declared.iter().enumerate().map(forms).collect::<Result<Vec<Vec<InputForm>>, String>>() {
            Ok(forms) => {
                let decided = match (forms.iter().any(|forms| forms.len() > 1), is_guess) {
                    (true, _) => Decided::ByRunOfSeveral,
                    (false, true) => Decided::ByRun,
                    (false, false) => Decided::Said,
                };
                let doubt = |form: &InputForm, input: usize| {
                    let of_stay = beside.doubt(graph, form, &declared[input], known).filter(|_| input != main)?;
                    Some(Doubt { input, of_stay, message: beside::which(&declared, &declared[input]) })
                };
                let of = |forms: Vec<InputForm>| {
                    let doubts = forms.iter().enumerate().filter_map(|(input, form)| doubt(form, input)).collect();
                    InputReading { forms, decided, main: Some(main), is_assumed: of_main.is_assumed, doubts }
                };
                readings.extend(each_way(&forms).into_iter().map(of));
            }
            Err(message) if readings.is_empty() => return refuse(message),
            Err(_) => {}
        }
    }
    Ok(readings)
}

/// Every choice of one form an input, the likeliest of each first; not all of them where there are very many.
fn each_way(forms: &[Vec<InputForm>]) -> Vec<Vec<InputForm>> {
    /// So many ways are tried.
    const MOST: usize = 8;
    forms.iter().fold(vec![vec![]], |ways, forms| {
        let longer = |form: &InputForm| {
            ways.iter().map(|way| [&way[..], std::slice::from_ref(form)].concat()).collect::<Vec<_>>()
        };
        forms.iter().flat_map(longer).take(MOST).collect()
    })
}

impl Inputs {
    /// The inputs in the likeliest way; `None` where that is refused.
    pub(super) fn likeliest(graph: &GraphProto, known: &Known<'_>) -> Option<Self> {
        let reading = readings(graph, known).ok()?.into_iter().next()?;
        Self::of(graph, &reading, known, 1).ok()
    }

    /// Reads the inputs of a graph in one way. What it leaves open, `known` says; an open batch is of `n_open` stays.
    ///
    /// # Errors
    /// Names what is open and nothing says, and the limit on inputs.
    pub(super) fn of(graph: &GraphProto, reading: &InputReading, known: &Known<'_>, n_open: usize) -> Result<Self> {
        let declared = declared(graph, known)?;
        let all: Vec<(&Declared<'_>, &InputForm)> = declared.iter().zip(&reading.forms).collect();
        let fixed = |axis: InputAxis| all.iter().find_map(|(input, form)| form.fixed(input, axis));
        let n_batch = fixed(InputAxis::Batch).unwrap_or(n_open);
        let other = |(input, form): &&(&Declared<'_>, &InputForm)| {
            form.fixed(input, InputAxis::Batch).is_some_and(|len| len != n_batch)
        };
        if let Some((input, _)) = all.iter().find(other) {
            return refuse(format!(
                "input \"{}\" is of another batch than {n_batch}; export all inputs with a batch of 1",
                input.name
            ));
        }
        let widths = widths(&all, known)?;
        let n_columns = widths.iter().fold(0_usize, |sum, width| sum.saturating_add(*width));
        let is_one_step = all.iter().all(|(_, form)| !form.has(InputAxis::Steps));
        let said = known.sizes.map(|[n_steps, _]| n_steps).or_else(|| (known.usual_steps)(n_columns));
        let known_steps = if is_one_step { Some(1) } else { fixed(InputAxis::Steps).or(said) };
        let n_steps = known_steps.unwrap_or(known.open_steps);
        limits::check_input([n_steps.saturating_mul(n_batch), n_columns])?;
        let mut first = 0;
        let mut firsts = vec![0; all.len()];
        // Columns of the steps, then what is read at the last one.
        for is_beside in [false, true] {
            for (index, _) in all.iter().enumerate().filter(|(_, (_, form))| form.is_beside == is_beside) {
                firsts[index] = first;
                first += widths[index];
            }
        }
        let at = |index: usize| form::ColumnPlace {
            n_batch,
            n_steps,
            n_columns,
            first: firsts[index],
            width: widths[index],
        };
        let feed = |(index, (input, form)): (usize, &(&Declared<'_>, &InputForm))| {
            let feed = form.feed(input, at(index));
            Feed { shape: input.folded(feed.shape), ..feed }
        };
        let feeds: Vec<Feed> = all.iter().enumerate().map(feed).collect();
        let placed = all.iter().enumerate().map(|(index, (input, form))| PlacedInput {
            name: input.name.to_owned(),
            shape: input.folded(input.dims.iter().map(|dim| dim.len).collect()),
            columns: firsts[index]..firsts[index] + widths[index],
            is_beside: form.is_beside,
            is_whole: input.number.is_whole(),
            is_truth: matches!(input.number, Number::Truth(_)),
            is_state: walk::is_first_state(graph, input.name),
            counted: None,
        });
        let placed = placed.collect();
        let output_steps = output_steps(graph, &all, &feeds);
        let has_open_steps = known_steps.is_none();
        let are_steps_open = !is_one_step && fixed(InputAxis::Steps).is_none();
        Ok(Self { feeds, n_steps, n_columns, n_batch, has_open_steps, are_steps_open, placed, output_steps })
    }
}

/// Of each output whether each axis is that of the steps, as the graph tells that lies between.
///
/// | output of a network over 12 steps | axes | so it has |
/// |---|---|---|
/// | `[1, 12]`, a dense layer over the last state | new | 12 classes, or hours to come |
/// | `[1, 12, 1]`, a dense layer over every state | the steps, new | a number a step |
/// | `[1, 12, 12]`, a convolution, channels first | new, the steps | 12 classes a step |
/// | `[1, 12]`, states picked one by one and joined | folded | what its length says: a number a step |
fn output_steps(graph: &GraphProto, all: &[(&Declared<'_>, &InputForm)], feeds: &[Feed]) -> Vec<Vec<Option<bool>>> {
    let tensors = walk::tensors(graph);
    let mut told: Vec<Vec<Option<bool>>> = vec![vec![]; graph.output.len()];
    for ((input, form), feed) in all.iter().zip(feeds).filter(|((input, _), _)| input.folded.is_none()) {
        let dims = feed.shape.iter().map(|len| Dim { len: Some(*len), name: "" }).collect();
        let input = Declared { name: input.name, number: input.number, dims, folded: None };
        let following = Following::to_end(graph, &input, &tensors);
        for (told, output) in told.iter_mut().zip(&graph.output) {
            let Some(followed) = following.of(&output.name) else { continue };
            let axes = if let Followed::Axes(axes) = followed { &axes[..] } else { &[] };
            let steps = form.position(InputAxis::Steps);
            let is_steps = |axis: &Axis| match axis.origin {
                Origin::Of(at) => Some(Some(at) == steps),
                Origin::New => Some(false),
                Origin::Folded | Origin::Joined(_) => None,
            };
            let own: Vec<Option<bool>> = axes.iter().map(is_steps).collect();
            // One input that tells of the steps is enough; that an axis is none all have to say.
            let both = |(a, b): (&Option<bool>, &Option<bool>)| match (a, b) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
            *told = if told.is_empty() { own } else { told.iter().zip(&own).map(both).collect() };
        }
    }
    told
}

/// The columns of each input. One of them may be open where the manifest says how many there are together.
///
/// # Errors
/// Names the input whose columns nothing says.
fn widths(all: &[(&Declared<'_>, &InputForm)], known: &Known<'_>) -> Result<Vec<usize>> {
    let said = |input: &Declared<'_>| {
        known.inputs.iter().find(|other| other.name == input.name).and_then(|other| other.n_columns)
    };
    let widths: Vec<Option<usize>> =
        all.iter().map(|(input, form)| form.width(input).or_else(|| said(input))).collect();
    let together = widths.iter().flatten().fold(0_usize, |sum, width| sum.saturating_add(*width));
    let is_one_open = widths.iter().filter(|width| width.is_none()).count() == 1;
    let rest = known.sizes.and_then(|[_, n_columns]| n_columns.checked_sub(together)).filter(|n| *n > 0 && is_one_open);
    let of = |(width, (input, _)): (Option<usize>, &(&Declared<'_>, &InputForm))| match width.or(rest) {
        Some(width) => Ok(width),
        None if input.dims.len() == 4 => refuse(format!(
            "the number of rows or channels of the picture \"{}\" is open; a manifest must say how many",
            input.name
        )),
        None => refuse(format!("the number of columns of \"{}\" is open; a manifest must say how many", input.name)),
    };
    widths.into_iter().zip(all).map(of).collect()
}

/// An error of a sound file that cannot be explained as it is.
fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(Kind::Unsupported, message))
}

/// The inputs that no initializer fills, in the order of the graph; a single one as the manifest's layout unfolds it.
fn declared<'g>(graph: &'g GraphProto, known: &Known<'_>) -> Result<Vec<Declared<'g>>> {
    let is_initializer = |info: &ValueInfoProto| graph.initializer.iter().any(|tensor| tensor.name == info.name);
    let declared: Vec<Declared<'_>> =
        graph.input.iter().filter(|info| !is_initializer(info)).map(declare).collect::<Result<_>>()?;
    let is_alone = declared.len() == 1;
    Ok(declared.into_iter().map(|input| if is_alone { input.unfolded(known) } else { input }).collect())
}

/// An input as the file declares it.
///
/// # Errors
/// For an input that is no tensor, of a type that is not read, and for an axis of more than `limits.rs` allows.
fn declare(info: &ValueInfoProto) -> Result<Declared<'_>> {
    let name = info.name.as_str();
    let Some(TypeValue::TensorType(tensor)) = info.r#type.as_ref().and_then(|ty| ty.value.as_ref()) else {
        return refuse(format!("input \"{name}\" has no tensor type"));
    };
    let Some(number) = Number::of(tensor.elem_type) else {
        return refuse(format!(
            "input \"{name}\" holds neither floating-point numbers nor int32 or int64 codes; export it as one of them"
        ));
    };
    // Also where the length is no number of this machine's: it must not be taken for an axis that was left open.
    let lens = tensor.shape.iter().flat_map(|shape| &shape.dim).filter_map(|dim| dim.value.as_ref());
    for dimension in lens {
        if let Dimension::DimValue(len) = dimension
            && *len > signed(limits::MAX_INPUT)
        {
            return refuse(format!(
                "input \"{name}\" has an axis of {len}, at most {} numbers are read",
                limits::MAX_INPUT
            ));
        }
    }
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match &dim.value {
        Some(Dimension::DimValue(len)) => Dim { len: usize::try_from(*len).ok().filter(|len| *len > 0), name: "" },
        Some(Dimension::DimParam(axis)) => {
            Dim { len: None, name: if is_made_up(&info.name, axis) { "" } else { axis } }
        }
        None => Dim { len: None, name: "" },
    });
    Ok(Declared { name, number, dims: dims.collect(), folded: None })
}

/// Refuses a model without inputs, and one with two of one name.
fn check_names(declared: &[Declared<'_>]) -> Result<()> {
    if declared.is_empty() {
        return refuse("the model has no inputs; export it with one, [batch, steps, columns]");
    }
    let is_twice = |index: &usize| declared[..*index].iter().any(|other| other.name == declared[*index].name);
    match (0..declared.len()).find(is_twice) {
        None => Ok(()),
        Some(index) => refuse(format!(
            "two inputs of the model are called \"{}\"; the file is damaged, export it again",
            declared[index].name
        )),
    }
}

/// The input whose steps are those of the stay: a picture, else a sequence, the wider first, else codes, else what the
/// manifest names. `None` where no input has steps.
fn main_input(graph: &GraphProto, declared: &[Declared<'_>], known: &Known<'_>) -> Option<usize> {
    if declared.len() == 1 {
        return Some(0);
    }
    let is_beside = |input: &Declared<'_>| {
        let said = known.inputs.iter().find(|other| other.name == input.name).map(|other| other.is_beside);
        said.unwrap_or_else(|| walk::is_first_state(graph, input.name))
    };
    let is_said = |input: &Declared<'_>| known.inputs.iter().any(|other| other.name == input.name && !other.is_beside);
    let rank = |input: &Declared<'_>| input.dims.len();
    // A sequence of one number a step is as likely to belong to another as to be the stay.
    let is_wide = |input: &Declared<'_>| input.dims.last().is_none_or(|dim| dim.len != Some(1));
    let kinds: [&dyn Fn(&Declared<'_>) -> bool; 6] = [
        &|input| rank(input) == 4,
        &|input| rank(input) == 3 && input.number == Number::Single && is_wide(input),
        &|input| rank(input) == 3,
        &|input| rank(input) == 2 && input.number.is_whole() && input.dims[1].len != Some(1),
        &|input| rank(input) == 2 && (is_said(input) || Walks::of(graph, input).is_along(1)),
        &|input| rank(input) == 1 && is_said(input),
    ];
    let candidates = |kind: &dyn Fn(&Declared<'_>) -> bool| {
        (0..declared.len()).find(|index| kind(&declared[*index]) && !is_beside(&declared[*index]))
    };
    kinds.into_iter().find_map(candidates)
}

/// A name as it may stand in a message.
fn shown(name: &str) -> String {
    name.chars().take(30).collect()
}
