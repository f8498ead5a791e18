//! One error type for everything that can go wrong: what kind of thing it was, where it was, and what to do; where a
//! choice would do, with the question.

use serde::Serialize;
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
    /// The network gives NaN or infinity for an input.
    NotFinite,
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
            Self::NotFinite => "no number",
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
    /// What can be chosen, where a choice would do.
    pub question: Option<Box<Question>>,
}

impl Error {
    /// An error about the whole input.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, place: Place::Whole, message: message.into(), question: None }
    }

    /// The same error, at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same error, in other words.
    #[must_use]
    pub fn saying(mut self, message: String) -> Self {
        self.message = message;
        self
    }
}

/// Most characters of an error that are shown.
const SHOWN_MAX: usize = 2000;

impl fmt::Display for Error {
    /// Names of nodes, fields and variables are a file's own, and may be of any length and hold anything: what would move
    /// the cursor is written as its code, and a text that nobody reads to its end is cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}: {}{}", self.kind.name(), self.place, self.message);
        for character in text.chars().take(SHOWN_MAX) {
            if character.is_control() || turns_text(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if text.chars().nth(SHOWN_MAX).is_some() { write!(f, "...") } else { Ok(()) }
    }
}

/// Whether a character turns the direction of the text behind it.
const fn turns_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl std::error::Error for Error {}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Most choices that a message lists. The question itself holds all of them.
const LISTED_MAX: usize = 12;

/// What has to be said before a record can be read, and what may be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The option that answers it, as JavaScript writes it, for example `patient` or `mapping.columns.time`.
    pub option: String,
    /// What the option may be.
    pub choices: Vec<Choice>,
}

/// One answer to a [`Question`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the option takes.
    pub value: String,
    /// What it means, for people.
    pub name: String,
    /// How many rows it stands for.
    pub rows: usize,
    /// The times of the first and the last of them, as people read them; empty where none has a time.
    pub span: String,
}

impl Question {
    /// The refusal that asks it: `reason`, the choices, and the option that chooses.
    pub fn refuse(self, reason: &str) -> Error {
        let listed = self.choices.iter().take(LISTED_MAX).map(Choice::listed).collect::<Vec<_>>().join(", ");
        let more = if self.choices.len() > LISTED_MAX { ", ..." } else { "" };
        let message = format!("{reason}: {listed}{more}; choose with the option {}", self.option);
        Error { question: Some(Box::new(self)), ..Error::new(Kind::Record, message) }
    }
}

impl Choice {
    fn listed(&self) -> String {
        let Self { value, name, rows, span } = self;
        let plural = if *rows == 1 { "" } else { "s" };
        let span = if span.is_empty() { String::new() } else { format!(", {span}") };
        let said = if name == value { name.clone() } else { format!("\"{value}\" {name}") };
        format!("{} ({rows} row{plural}{span})", said.trim_end())
    }
}

/// The span of two times as people read it.
#[must_use]
pub fn span(first: &str, last: &str) -> String {
    if first == last { first.to_owned() } else { format!("{first} to {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_calls_its_parts_is_shown_short_and_harmless() {
        let named = |name: &str| Error::new(Kind::Model, "is wrong").at(Place::Node(name.to_owned())).to_string();
        assert_eq!(named("lstm"), "model: node \"lstm\": is wrong");
        assert_eq!(named("a\nb\0\u{7f}"), "model: node \"a\\nb\\u{0}\\u{7f}\": is wrong");
        let long = named(&"n".repeat(1 << 20));
        assert!(long.ends_with("nnn...") && long.chars().count() == SHOWN_MAX + 3);
    }

    #[test]
    fn a_refusal_lists_a_dozen_choices_and_keeps_all() {
        let choice = |k: usize| Choice { value: format!("p{k}"), name: format!("p{k}"), rows: k, span: String::new() };
        let choices: Vec<Choice> = (1..=13).map(choice).collect();
        let error = Question { option: "patient".to_owned(), choices }.refuse("13 patients");
        assert!(error.message.starts_with("13 patients: p1 (1 row), p2 (2 rows), "), "{error}");
        assert!(error.message.ends_with("p12 (12 rows), ...; choose with the option patient"), "{error}");
        assert_eq!(error.question.unwrap().choices.len(), 13);
    }

    #[test]
    fn a_choice_says_its_value_name_rows_and_span() {
        let choice = Choice { value: "7".into(), name: "Person A".into(), rows: 2, span: span("a", "b") };
        assert_eq!(choice.listed(), "\"7\" Person A (2 rows, a to b)");
        assert_eq!(span("a", "a"), "a");
    }
}
