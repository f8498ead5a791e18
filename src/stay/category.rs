//! Which category of a one-hot channel a record's text means.

/// What a text is among the categories of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// The category's own spelling.
    Exact(usize),
    /// Another spelling that can only mean this one: the same number, or other case or spacing.
    Respelled(usize),
    /// None of them, or several.
    Unknown,
}

impl Match {
    /// The category, if it is one.
    pub(super) const fn index(self) -> Option<usize> {
        match self {
            Self::Exact(index) | Self::Respelled(index) => Some(index),
            Self::Unknown => None,
        }
    }
}

/// Finds the category that `text` means. Nothing is guessed: a spelling that fits two categories fits none.
pub(super) fn find(categories: &[String], text: &str) -> Match {
    if let Some(index) = categories.iter().position(|category| category == text) {
        return Match::Exact(index);
    }
    let same_number = |category: &str| number(text).is_some() && number(category) == number(text);
    let same_letters = |category: &str| folded(category).eq(folded(text));
    only(categories, same_number).or_else(|| only(categories, same_letters)).map_or(Match::Unknown, Match::Respelled)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// The text in lower case, with single blanks between its words and none around it.
pub(super) fn folded(text: &str) -> impl Iterator<Item = char> {
    let words = text.split_whitespace().enumerate();
    words.flat_map(|(index, word)| {
        (index > 0).then_some(' ').into_iter().chain(word.chars().flat_map(char::to_lowercase))
    })
}

/// Index of the one entry for which `fits` holds; `None` for none or several.
fn only(entries: &[String], fits: impl Fn(&str) -> bool) -> Option<usize> {
    let mut fitting = entries.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(index, _)| index);
    let first = fitting.next();
    if fitting.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(categories: &[&str], text: &str, expected: Match) {
        let categories: Vec<String> = categories.iter().map(|&category| category.to_owned()).collect();
        assert_eq!(find(&categories, text), expected, "{text:?} among {categories:?}");
    }

    #[test]
    fn its_own_spelling_is_exact() {
        check(&["To Pain", "2 To pain", "None"], "None", Match::Exact(2));
        check(&["No response", "No Response"], "No Response", Match::Exact(1));
    }

    #[test]
    fn the_same_number_is_read() {
        check(&["14", "15", "3"], "15.0", Match::Respelled(1));
        check(&["0.0", "1.0"], "1", Match::Respelled(1));
        check(&["0.0", "1.0"], " +1.00 ", Match::Respelled(1));
    }

    #[test]
    fn other_case_and_spacing_are_read() {
        check(&["To Pain", "2 To pain"], "to  PAIN ", Match::Respelled(0));
        check(&["To Pain", "2 To pain"], "2 To Pain", Match::Respelled(1));
    }

    #[test]
    fn nothing_is_guessed() {
        check(&["14", "15"], "15.5", Match::Unknown);
        check(&["14", "15"], "nan", Match::Unknown);
        check(&["NaN", "15"], "inf", Match::Unknown);
        check(&["1.0 ET/Trach", "1 No Response"], "1", Match::Unknown);
        check(&["No response", "No Response"], "NO RESPONSE", Match::Unknown);
        check(&["To Pain", "2 To pain"], "ToPain", Match::Unknown);
        check(&["1", "1.0"], "1.00", Match::Unknown);
    }
}
