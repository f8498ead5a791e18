//! From a record's text to a model's input.

pub mod manifest;

use serde::Serialize;

/// One ICU episode, ready for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// The record's name, as the caller gave it.
    pub name: String,
    /// The model's input, `[n_steps * n_columns]`, row-major, in model units.
    pub input: Vec<f32>,
    /// What stands in each grid cell, `[n_channels * n_steps]`, row-major (a channel's hours are contiguous).
    pub cells: Vec<Cell>,
    /// What was read, skipped, and found implausible.
    pub report: ImportReport,
}

/// What one channel was in one hour, in clinical terms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// The value in clinical units; for a one-hot channel the category's ordinal.
    pub value: f64,
    /// Index into the channel's categories, for a one-hot channel.
    pub category: Option<usize>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where a cell's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Origin {
    /// Measured in this step.
    Observed,
    /// The last observed value, so many steps old.
    CarriedForward {
        /// Steps since the value was observed, at least 1.
        age: usize,
    },
    /// Nothing observed so far: the channel's normal value.
    Normal,
}

/// What happened while a record was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The format that the record was read as.
    pub format: String,
    /// Rows with at least one value used.
    pub rows_read: usize,
    /// Rows not used, each with its line and the reason.
    pub rows_skipped: Vec<Note>,
    /// Observed steps of each channel, in the manifest's order.
    pub observed: Vec<usize>,
    /// Values outside a channel's plausible range, used as they are.
    pub implausible: Vec<Note>,
    /// Anything else that a reader should know: categories read in another spelling, variables not used.
    pub notes: Vec<Note>,
}

/// One remark of an [`ImportReport`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Line of the record, counted from 1, the header included; 0 for the whole record.
    pub line: u64,
    /// The variable's name, empty for the whole row.
    pub channel: String,
    /// What was seen and what was done, for people.
    pub message: String,
}
