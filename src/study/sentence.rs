//! The relevance of a sentence's words, and their colours: `R(word) = sum over its embedding`, which is what the
//! explanation of a text model holds for the word's token.

use serde::Serialize;

use crate::picture::colormap::{Colormap, Rgb};
use crate::picture::pixmap::Theme;
use crate::stay::text::{Sentence, Word};

/// A word in its colour.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Painted {
    /// The word as it was written.
    pub text: String,
    /// Where it starts, in UTF-16 code units.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The step that reads it; none for words that the model did not read.
    pub step: Option<usize>,
    /// Whether it is in the vocabulary.
    pub is_known: bool,
    /// Its relevance; none where the model did not read it.
    pub relevance: Option<f64>,
    /// `#rrggbb`, behind the word.
    pub background: String,
    /// `#rrggbb`, of the word itself.
    pub ink: String,
}

/// A sentence in its colours.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaintedSentence {
    /// The words from the first to the last.
    pub words: Vec<Painted>,
    /// Where the colour scale ends.
    pub limit: f64,
    /// Relevance of the padding.
    pub padding: f64,
    /// The colours from one end of the scale to the other.
    pub scale: Vec<Stop>,
}

/// A colour of the scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// The relevance that it stands for.
    pub relevance: f64,
    /// `#rrggbb`
    pub background: String,
    /// `#rrggbb`, of a number on it.
    pub ink: String,
}

/// The scale ends at this share of the colour map, so that words stay legible on it.
const STRONGEST: f64 = 0.5;
/// Where the scale shows its colours, as shares of its end.
const STOPS: [f64; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

/// Colours every word by its relevance. `values` is `[n_steps]`, one a token; the scale ends at the largest magnitude
/// of a word.
#[must_use]
pub fn paint(sentence: &Sentence, values: &[f64], colormap: &Colormap, theme: Theme) -> PaintedSentence {
    let relevance = |word: &Word| word.step.and_then(|step| values.get(step)).copied();
    let limit = sentence.words.iter().filter_map(relevance).fold(0.0_f64, |limit, r| limit.max(r.abs()));
    let painted = |word: &Word| {
        let relevance = relevance(word);
        let share = relevance.filter(|_| limit > 0.0).map_or(0.0, |r| r / limit);
        let [background, ink] = colours(share, colormap, theme);
        let Word { text, start, end, step, is_known } = word.clone();
        Painted { text, start, end, step, is_known, relevance, background, ink }
    };
    let stop = |share: f64| {
        let [background, ink] = colours(share, colormap, theme);
        Stop { relevance: share * limit, background, ink }
    };
    let read: f64 = sentence.words.iter().filter_map(relevance).sum();
    PaintedSentence {
        words: sentence.words.iter().map(painted).collect(),
        limit,
        padding: values.iter().sum::<f64>() - read,
        scale: STOPS.into_iter().map(stop).collect(),
    }
}

/// The colour behind a word and that of the word, by its share of the largest relevance.
fn colours(share: f64, colormap: &Colormap, theme: Theme) -> [String; 2] {
    let background = colormap.at(STRONGEST * share);
    [hex(background), hex(theme.legible_on(background))]
}

fn hex(Rgb([red, green, blue]): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::colormap::Palette;

    fn word(text: &str, step: Option<usize>) -> Word {
        Word { text: text.to_owned(), start: 0, end: 0, step, is_known: true }
    }

    #[test]
    fn words_are_coloured_by_their_share_of_the_largest() {
        let words = vec![word("too", None), word("not", Some(1)), word("good", Some(2))];
        let sentence = Sentence { input: vec![0.0; 3], words };
        let theme = Theme { background: Rgb([255; 3]), ink: Rgb([32; 3]) };
        let colormap = Colormap::diverging(Palette::PuOr, theme.background);
        let painted = paint(&sentence, &[0.25, -0.5, 2.0], &colormap, theme);
        assert_eq!((painted.limit, painted.padding), (2.0, 0.25));
        assert_eq!(painted.words[0].relevance, None);
        assert_eq!(painted.words[0].background, "#ffffff");
        assert_eq!(painted.words[1].background, hex(colormap.at(-0.125)));
        assert_eq!(painted.words[2].background, hex(colormap.at(0.5)));
        assert_eq!((painted.words[1].ink.as_str(), painted.words[2].ink.as_str()), ("#202020", "#202020"));
        let scale: Vec<f64> = painted.scale.iter().map(|stop| stop.relevance).collect();
        assert_eq!(scale, [-2.0, -1.0, 0.0, 1.0, 2.0]);
        assert_eq!(
            (painted.scale[2].background.as_str(), &painted.scale[4].background),
            ("#ffffff", &painted.words[2].background)
        );
    }

    #[test]
    fn a_sentence_without_relevance_is_plain() {
        let sentence = Sentence { input: vec![0.0], words: vec![word("a", Some(0))] };
        let theme = Theme { background: Rgb([0; 3]), ink: Rgb([255; 3]) };
        let painted = paint(&sentence, &[0.0], &Colormap::diverging(Palette::Vik, theme.background), theme);
        assert_eq!((painted.words[0].background.as_str(), painted.limit), ("#000000", 0.0));
    }
}
