//! On which line of a text a part of it starts.

/// Counts lines as parts come by in their order, so that each is counted once.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    /// How far lines have been counted, in bytes.
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line, from 1, on which a part of the text starts; a part before the last one asked for is put on its line.
    pub(super) fn line_of(&mut self, part: &str) -> u64 {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if let Some(passed) = self.text.get(self.at..start) {
            self.line += passed.bytes().filter(|&byte| byte == b'\n').count() as u64;
            self.at = start;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_start_at_one() {
        let text = "a\nb\r\n\nc";
        let mut lines = Lines::of(text);
        assert_eq!([&text[..1], &text[2..3], &text[6..]].map(|part| lines.line_of(part)), [1, 2, 4]);
    }
}
