//! What a text model's tokens mean.

use serde::{Deserialize, Serialize};

/// The words of a model that reads tokens: its input is `[1, steps]` token numbers, one column a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextInput {
    /// The word of each token number.
    pub vocabulary: Vec<String>,
    /// The token that stands for words outside the vocabulary.
    pub unknown: usize,
    /// The token that fills the steps of a short sentence.
    pub padding: usize,
    /// Where the padding goes.
    #[serde(default)]
    pub pad: Side,
    /// Whether words are looked up in lower case.
    #[serde(default = "yes")]
    pub lowercase: bool,
}

/// One end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// In front of the first word.
    #[default]
    Left,
    /// Behind the last word.
    Right,
}

const fn yes() -> bool {
    true
}
