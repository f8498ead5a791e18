//! One error type for everything that can go wrong: what kind of thing it was, where it was, and what to do.

use std::fmt;

/// What was wrong, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The bytes are no ONNX model, or one that is damaged.
    Model,
    /// A sound model that cannot be explained: an operator, attribute or shape that Vitrine has no rule for.
    Unsupported,
    /// The manifest (channels, units, scaling) is wrong or does not fit the model.
    Manifest,
    /// The record of a stay cannot be read.
    Record,
    /// An argument has the wrong length, range or name.
    Argument,
    /// An explanation whose parts no longer add up to the score.
    Unstable,
    /// The recorded trace does not reproduce what tract computed.
    Mismatch,
}

impl Kind {
    /// The kind as it stands in front of a message and in JavaScript's `error.kind`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Unsupported => "unsupported model",
            Self::Manifest => "manifest",
            Self::Record => "record",
            Self::Argument => "argument",
            Self::Unstable => "unstable explanation",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Where it was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The whole input.
    Whole,
    /// An ONNX node, by name.
    Node(String),
    /// A line of a record, counted from 1, the header included.
    Line(u64),
    /// A channel (variable), by the name that the record uses.
    Channel(String),
    /// A field of the manifest or of the options, as a path such as `channels[3].std`.
    Field(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Node(name) => write!(f, "node \"{name}\": "),
            Self::Line(line) => write!(f, "line {line}: "),
            Self::Channel(name) => write!(f, "variable \"{name}\": "),
            Self::Field(path) => write!(f, "field {path}: "),
        }
    }
}

/// Why a model, manifest or record was refused, and where. Messages are lower case and end with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// What was wrong.
    pub kind: Kind,
    /// Where it was wrong.
    pub place: Place,
    /// The reason, and what to do about it.
    pub message: String,
}

impl Error {
    /// An error about the whole input.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, place: Place::Whole, message: message.into() }
    }

    /// The same error, at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}{}", self.kind.name(), self.place, self.message)
    }
}

impl std::error::Error for Error {}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;
