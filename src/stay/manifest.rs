//! What a model's columns mean: channels, units, categories, scaling, normal values, outcomes.
//!
//! A manifest is JSON. It travels in the ONNX file's `metadata_props` under [`METADATA_KEY`], or beside the file.
//! Nothing else in the crate knows a channel's name or unit.

mod built_in;
mod calibration;
mod delta;
mod model_input;
mod outcome;
mod read;
mod refusal;
mod sense;
mod text;
mod validate;

use super::codes::Codes;
use super::visible::make_visible;
pub use built_in::OutputHead;
pub use calibration::{Bin, Calibration, CoverageGroup, Sets};
pub use delta::{Counts, Delta, Gap};
pub use model_input::{InputPart, LayoutAxis, ModelInput, NamedInput};
pub use outcome::{Head, Outcome, OutputMeaning, PredictionKind};
pub use text::{Side, TextInput};

use serde::{Deserialize, Serialize};

/// The key under which an ONNX file's `metadata_props` carry the manifest's JSON text.
pub const METADATA_KEY: &str = "vitrine.manifest";

/// The only value of [`Manifest::format`] that this version reads.
pub const FORMAT: &str = "vitrine-manifest/1";

/// What a model's inputs and outputs mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// The model's name as people read it, for example `in-hospital mortality, channel-wise LSTM`.
    pub name: String,
    /// One or two sentences on what the model was trained on, with attribution.
    #[serde(default)]
    pub description: String,
    /// Number of time steps of the input.
    pub steps: usize,
    /// Length of a step in hours, greater than zero.
    pub step_hours: f64,
    /// Number of input columns a step.
    pub columns: usize,
    /// What the model's numbers predict, in their order.
    pub outcomes: Vec<Outcome>,
    /// The grid's rows, in the order in which they are drawn.
    pub channels: Vec<Channel>,
    /// How records of other houses write the channels. Without it, the built-in table for the benchmark's variables
    /// is used, as far as the channels bear their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Codes>,
    /// The words of a model that reads text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextInput>,
    /// The inputs of the file, where there are several and their shapes do not say what each of them is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<ModelInput>,
    /// What each axis of the input with the steps is, where its shape and the network leave that open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layout: Vec<LayoutAxis>,
    /// Columns that say how many steps the stay has, as the inputs of the file tell where it is read: nobody measured them.
    #[serde(skip)]
    pub lengths: Vec<usize>,
}

/// What stands in a step in which nothing was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Imputation {
    /// The last value observed, and before the first the normal value.
    #[default]
    Previous,
    /// The normal value.
    Normal,
}

impl Imputation {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
    const fn is_previous(&self) -> bool {
        matches!(self, Self::Previous)
    }
}

/// One variable of the record: one row of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The variable's name as the record spells it, for example `Glascow coma scale total`.
    pub name: String,
    /// The name as people read it, for example `GCS total`.
    pub label: String,
    /// The clinical group whose rows stand together: neurological, haemodynamic, respiratory, metabolic, static.
    #[serde(default)]
    pub group: String,
    /// Unit of the clinical values as UCUM prints it, empty where there is none.
    #[serde(default)]
    pub unit: String,
    /// The input columns that carry the channel's value: one, or one a category. Every column of the input belongs to
    /// exactly one channel, as a value, a mask or a delta, so that no relevance is lost in the picture.
    pub columns: Vec<usize>,
    /// The column that is 1 where the channel was observed in that step, if the model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<usize>,
    /// The column of the time since the channel was last observed, if the model has one; only beside a mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Delta>,
    /// Where the channel is no variable of the record, but the time since anything was observed in it. Its value is in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// Values outside `[low, high]` (clinical units) are reported as implausible, never changed. In a table, one without a unit
    /// that is outside in every unit of the table of codes is not used. Continuous channels only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plausible: Option<[f64; 2]>,
    /// How far a measurement errs: its standard deviation in clinical units, of a one-hot channel in points of its ordinals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// What the value usually is in the well, `[low, high]` in clinical units, of a one-hot channel in points of its ordinals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normal_range: Option<[f64; 2]>,
    /// What patients' values and their changes stay within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The steps in which the value is charted, in clinical units: 1 for whole beats, 0.1 for tenths of a degree.
    /// Continuous channels only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// What stands where nothing was observed.
    #[serde(default, skip_serializing_if = "Imputation::is_previous")]
    pub imputation: Imputation,
    /// Whether it does not change over the stay: the columns of a further input of the model, read at the last step.
    /// Such columns stand behind those of the sequence, in the order of the model's inputs.
    #[serde(default, rename = "static", skip_serializing_if = "std::ops::Not::not")]
    pub is_static: bool,
    /// How a clinical value becomes column values.
    pub encoding: Encoding,
}

/// The range of a channel in the data that a model was trained on, as far as it is usual: the 1st to the 99th percentile,
/// in clinical units, of a one-hot channel in points of its ordinals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `[low, high]` of the measured values.
    pub value: [f64; 2],
    /// `[low, high]` of the change from one measurement to the next, an hour.
    pub change: [f64; 2],
}

impl Manifest {
    /// Takes characters that hide or turn text out of everything that it calls something; words of a vocabulary stay as the
    /// model knows them.
    fn make_visible(&mut self) {
        [&mut self.name, &mut self.description].into_iter().for_each(make_visible);
        for outcome in &mut self.outcomes {
            [&mut outcome.name, &mut outcome.unit].into_iter().chain(&mut outcome.classes).for_each(make_visible);
        }
        for Channel { name, label, group, unit, encoding, .. } in &mut self.channels {
            [name, label, group, unit].into_iter().for_each(make_visible);
            if let Encoding::OneHot { categories, normal, .. } = encoding {
                categories.iter_mut().chain([normal]).for_each(make_visible);
            }
        }
        for variable in self.codes.iter_mut().flat_map(|codes| &mut codes.variables) {
            [&mut variable.channel].into_iter().chain(&mut variable.names).for_each(make_visible);
        }
    }

    /// Whether both make the same numbers of a record.
    #[must_use]
    pub fn reads_like(&self, other: &Self) -> bool {
        let same = |(a, b): (&Channel, &Channel)| {
            a.name == b.name
                && a.columns == b.columns
                && (a.mask, a.delta, a.gap) == (b.mask, b.delta, b.gap)
                && (a.imputation, a.is_static) == (b.imputation, b.is_static)
                && a.encoding == b.encoding
        };
        (self.steps, self.columns, self.channels.len()) == (other.steps, other.columns, other.channels.len())
            && self.step_hours.to_bits() == other.step_hours.to_bits()
            && self.channels.iter().zip(&other.channels).all(same)
    }

    /// Which columns are masks or deltas: `[n_columns]`, true where the column says whether a channel was observed, or when.
    #[must_use]
    pub fn mask_columns(&self) -> Vec<bool> {
        let mut is_mask = vec![false; self.columns];
        for column in self.channels.iter().flat_map(Channel::measuring) {
            if let Some(entry) = is_mask.get_mut(column) {
                *entry = true;
            }
        }
        is_mask
    }

    /// What a channel usually is in the well; of a channel that says nothing of it, as the built-in manifest has it for a
    /// channel of the same name and unit.
    #[must_use]
    pub fn normal_range(&self, row: usize) -> Option<[f64; 2]> {
        let channel = self.channels.get(row)?;
        channel.normal_range.or_else(|| built_in::like(channel)?.normal_range)
    }

    /// Whether nothing says what a channel is in the well: neither a range nor a normal category.
    #[must_use]
    pub fn has_no_normal(&self, row: usize) -> bool {
        let is_number = |channel: &Channel| matches!(channel.encoding, Encoding::Continuous { .. });
        self.normal_range(row).is_none() && self.channels.get(row).is_some_and(is_number)
    }

    /// The steps in which a channel's values are charted; of a channel that says nothing of it, as the built-in manifest
    /// has it for a channel of the same name and unit.
    #[must_use]
    pub fn precision(&self, row: usize) -> Option<f64> {
        let channel = self.channels.get(row)?;
        channel.precision.or_else(|| built_in::like(channel)?.precision)
    }

    /// The channel that is the time since anything was observed, by its index.
    #[must_use]
    pub fn gap(&self) -> Option<(usize, Gap)> {
        self.channels.iter().enumerate().find_map(|(index, channel)| Some((index, channel.gap?)))
    }

    /// Index of the channel to which a column belongs; `None` past the last column.
    #[must_use]
    pub fn channel_of_column(&self, column: usize) -> Option<usize> {
        self.channels.iter().position(|channel| channel.all_columns().any(|own| own == column))
    }
}

impl Channel {
    /// The columns that say whether the channel was observed, and when: its mask and its delta.
    pub fn measuring(&self) -> impl Iterator<Item = usize> {
        self.mask.into_iter().chain(self.delta.map(|delta| delta.column))
    }

    /// Every column of the channel: those of its value, then its mask and its delta.
    pub fn all_columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().copied().chain(self.measuring())
    }

    /// What stands in a step in which nothing was observed: what was measured once for the stay stands until its end, where
    /// it is read.
    #[must_use]
    pub fn imputed(&self) -> Imputation {
        if self.is_static { Imputation::Previous } else { self.imputation }
    }
}

/// How a clinical value becomes column values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Encoding {
    /// One column: `(value - mean) / std`.
    Continuous {
        /// Subtracted from the value, in clinical units.
        mean: f64,
        /// Divides the difference, in clinical units; greater than zero.
        std: f64,
        /// The value that stands where nothing has been observed yet, in clinical units.
        normal: f64,
    },
    /// One column a category: 1 for the category that holds, 0 for the others.
    OneHot {
        /// The strings that the record uses, in the order of the columns.
        categories: Vec<String>,
        /// The clinical order of each category (for example the Glasgow points), for drawing.
        ordinals: Vec<f64>,
        /// The category that stands where nothing has been observed yet.
        normal: String,
    },
}
