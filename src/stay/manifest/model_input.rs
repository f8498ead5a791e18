//! The inputs of a file, and what each of them is to the network.

use serde::{Deserialize, Serialize};

use super::refusal::check;
use crate::Result;
use crate::stay::shown;

/// One input of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInput {
    /// As the file calls it.
    pub name: String,
    /// What it is.
    pub part: InputPart,
    /// How many columns it has, where the file leaves that open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<usize>,
}

/// What an input is to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputPart {
    /// Measured values of each step.
    Value,
    /// Whether something was observed in a step, or whether the step is one.
    Mask,
    /// Time since the last observation, or the last step.
    Delta,
    /// Whole numbers of each step that are looked up.
    Code,
    /// Numbers of the whole stay.
    Static,
    /// How many steps the stay has.
    Length,
    /// The state that a recurrent layer begins with.
    State,
}

impl InputPart {
    /// Whether it belongs to the stay and not to its steps: its columns stand behind all others, and are read at the last
    /// step.
    #[must_use]
    pub const fn is_beside(self) -> bool {
        matches!(self, Self::Static | Self::Length | Self::State)
    }
}

/// An input whose columns are to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedInput {
    /// As the file calls it.
    pub name: String,
    /// Its columns in a stay.
    pub columns: std::ops::Range<usize>,
    /// What it is.
    pub part: InputPart,
    /// Whether it is read at the last step.
    pub is_beside: bool,
}

/// What one axis of an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutAxis {
    /// One entry a stay; of a batch of one, or of an axis of length one.
    Batch,
    /// The steps.
    Steps,
    /// The columns of a step.
    Columns,
    /// The rows of a picture.
    Rows,
}

impl LayoutAxis {
    /// As a manifest writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Steps => "steps",
            Self::Columns => "columns",
            Self::Rows => "rows",
        }
    }
}

/// Every input once, with columns; an axis of steps, once, and at most one batch.
///
/// # Errors
/// [`crate::Kind::Manifest`] at the field.
pub(super) fn check_inputs(inputs: &[ModelInput], layout: &[LayoutAxis]) -> Result<()> {
    for (index, input) in inputs.iter().enumerate() {
        check(&format!("inputs[{index}].name"), !input.name.is_empty(), "is empty")?;
        let is_new = inputs[..index].iter().all(|earlier| earlier.name != input.name);
        check(&format!("inputs[{index}].name"), is_new, &format!("\"{}\" is named before", shown(&input.name)))?;
        let has_columns = input.columns != Some(0);
        check(&format!("inputs[{index}].columns"), has_columns, "has to be greater than zero")?;
    }
    let count = |axis: LayoutAxis| layout.iter().filter(|other| **other == axis).count();
    let is_sound = layout.is_empty() || count(LayoutAxis::Steps) == 1 && count(LayoutAxis::Batch) <= 1;
    check("layout", is_sound, "needs one axis \"steps\", and at most one \"batch\"")
}
