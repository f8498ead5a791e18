//! A sentence -> the tokens that a text model reads, and where each word stands in it.

use serde::Serialize;

use super::manifest::{Manifest, Side, TextInput};
use crate::{Error, Kind, Place, Result};

/// Longest text that is read, in bytes.
const BYTES_MAX: usize = 1 << 16;

/// A sentence, ready for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// The model's input, `[n_steps]`: one token a step.
    pub input: Vec<f32>,
    /// The words from the first to the last.
    pub words: Vec<Word>,
}

/// A word of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Word {
    /// The word as it was written.
    pub text: String,
    /// Where it starts, in UTF-16 code units, as JavaScript counts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The step that reads it; none for words in front of the last `n_steps`.
    pub step: Option<usize>,
    /// Whether it is in the vocabulary.
    pub is_known: bool,
}

impl Sentence {
    /// Divides a text into words and looks them up. A word is a run of letters with apostrophes inside; `!` and `?`
    /// are words of their own; everything else separates. Of more words than steps the last ones are read.
    ///
    /// # Errors
    /// [`Kind::Argument`] where the model reads no text, or the text holds no word or is longer than 64 KiB.
    pub fn read(text: &str, manifest: &Manifest) -> Result<Self> {
        let wrong = |message: &str| Error::new(Kind::Argument, message).at(Place::Field("text".to_owned()));
        let Some(meaning) = &manifest.text else {
            return Err(wrong("the model reads no text: its manifest has no vocabulary; open a text model"));
        };
        if text.len() > BYTES_MAX {
            return Err(wrong("is longer than 65536 bytes; give a sentence"));
        }
        let mut words = divide(text);
        if words.is_empty() {
            return Err(wrong("holds no word; write a sentence"));
        }
        let n_steps = manifest.steps;
        let n_skipped = words.len().saturating_sub(n_steps);
        let first = if meaning.pad == Side::Left { n_steps.saturating_sub(words.len()) } else { 0 };
        let mut input = vec![token(meaning.padding); n_steps];
        for (place, word) in words.iter_mut().enumerate() {
            let found = meaning.token_of(&word.text);
            word.is_known = found.is_some();
            word.step = place.checked_sub(n_skipped).map(|place| first + place);
            if let Some(element) = word.step.and_then(|step| input.get_mut(step)) {
                *element = token(found.unwrap_or(meaning.unknown));
            }
        }
        Ok(Self { input, words })
    }
}

impl TextInput {
    /// The token of a word as people write it; `None` outside the vocabulary.
    fn token_of(&self, word: &str) -> Option<usize> {
        let plain = word.replace('\u{2019}', "'");
        let wanted = if self.lowercase { plain.to_lowercase() } else { plain };
        self.vocabulary.iter().position(|known| *known == wanted)
    }
}

/// A token as a number; the manifest holds no vocabulary beyond what f32 counts exactly.
#[expect(clippy::cast_precision_loss, reason = "below 2^24")]
fn token(index: usize) -> f32 {
    index as f32
}

fn divide(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = vec![];
    let mut is_open = false;
    let mut at = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let start = at;
        at += character.len_utf16();
        let next_is_letter = characters.peek().is_some_and(|next| next.is_alphabetic());
        let joins = is_open && matches!(character, '\'' | '\u{2019}') && next_is_letter;
        let is_letter = character.is_alphabetic() || joins;
        match words.last_mut().filter(|_| is_open && is_letter) {
            Some(word) => {
                word.text.push(character);
                word.end = at;
            }
            None if is_letter || matches!(character, '!' | '?') => {
                words.push(Word { text: character.into(), start, end: at, step: None, is_known: false });
            }
            None => {}
        }
        is_open = is_letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(steps: usize, pad: Side) -> Manifest {
        let mut manifest = Manifest::built_in(steps, 1, 1).unwrap();
        let vocabulary = ["<pad>", "<unk>", "a", "don't", "film", "!"].map(str::to_owned).to_vec();
        manifest.text = Some(TextInput { vocabulary, unknown: 1, padding: 0, pad, lowercase: true });
        manifest
    }

    #[test]
    fn words_are_runs_of_letters() {
        let texts = |text: &str| divide(text).into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(texts("I don't like 'it' 2nd-rate!!"), ["I", "don't", "like", "it", "nd", "rate", "!", "!"]);
        assert_eq!(texts("rock 'n' roll, don\u{2019}t?"), ["rock", "n", "roll", "don\u{2019}t", "?"]);
        assert!(texts(" 12 .,;' ").is_empty());
    }

    #[test]
    fn places_are_counted_as_javascript_counts() {
        let words = divide("\u{1F600} ça va");
        let spans: Vec<[usize; 2]> = words.iter().map(|word| [word.start, word.end]).collect();
        assert_eq!(spans, [[3, 5], [6, 8]]);
    }

    #[test]
    fn short_sentences_are_padded_and_unknown_words_marked() {
        let sentence = Sentence::read("A Don\u{2019}t!, x", &manifest(6, Side::Left)).unwrap();
        assert_eq!(sentence.input, [0.0, 0.0, 2.0, 3.0, 5.0, 1.0]);
        assert_eq!(sentence.words[3].step, Some(5));
        assert_eq!(sentence.words.iter().map(|word| word.is_known).collect::<Vec<_>>(), [true, true, true, false]);
        let sentence = Sentence::read("a film", &manifest(4, Side::Right)).unwrap();
        assert_eq!(sentence.input, [2.0, 4.0, 0.0, 0.0]);
        assert_eq!(sentence.words[1].step, Some(1));
    }

    #[test]
    fn of_a_long_sentence_the_last_words_are_read() {
        let sentence = Sentence::read("film film a film !", &manifest(3, Side::Left)).unwrap();
        assert_eq!(sentence.input, [2.0, 4.0, 5.0]);
        let steps: Vec<Option<usize>> = sentence.words.iter().map(|word| word.step).collect();
        assert_eq!(steps, [None, None, Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn what_is_no_sentence_is_refused() {
        let refused = |text: &str, manifest: &Manifest, word: &str| {
            let error = Sentence::read(text, manifest).unwrap_err();
            assert_eq!(error.kind, Kind::Argument);
            assert!(error.message.contains(word), "{error}");
        };
        refused("12 ...", &manifest(3, Side::Left), "no word");
        refused(&"a ".repeat(40_000), &manifest(3, Side::Left), "65536");
        refused("a film", &Manifest::built_in(3, 1, 1).unwrap(), "no vocabulary");
    }
}
