//! Foreign text as people see it: without characters that hide or turn other characters, and without those that
//! documents forbid.

use std::borrow::Cow;

/// A text without characters that cannot be seen and change what can: marks of zero width, marks that turn the direction
/// of reading, and the characters that XML forbids (`U+FFFE`, `U+FFFF`, and control characters but for tab and line ends).
///
/// Everything that a manifest, a record or a host calls something goes through here where it enters.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) { Cow::Owned(text.replace(is_hidden, "")) } else { Cow::Borrowed(text) }
}

/// Takes such characters out of a text.
pub(crate) fn make_visible(text: &mut String) {
    if text.contains(is_hidden) {
        text.retain(|c| !is_hidden(c));
    }
}

/// By Unicode's tables: `Bidi_Control`, the marks of zero width among `Default_Ignorable_Code_Point`, tags, noncharacters.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c as u32 & 0xfffe) == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_is_taken_out_and_nothing_else() {
        for hidden in [
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{feff}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{61c}',
            '\u{e0041}',
            '\0',
            '\u{1b}',
        ] {
            assert_eq!(visible(&format!("a{hidden}b")), "ab", "{hidden:?}");
            let mut text = format!("{hidden}ab");
            make_visible(&mut text);
            assert_eq!(text, "ab", "{hidden:?}");
        }
        for plain in ["Heart rate, 1/min", "\u{544}\u{536}\u{543}", "\u{e9}\u{301} \u{1f600}", "a\tb\r\nc", "\u{fffd}"]
        {
            assert!(matches!(visible(plain), Cow::Borrowed(same) if same == plain));
        }
    }
}
