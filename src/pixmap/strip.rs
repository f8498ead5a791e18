//! What changed between two pictures.

use std::ops::Range;

use super::Pixmap;

impl Pixmap {
    /// The lines of pixels from the first to the last one that differs from `before`: all of them where there was no
    /// picture, or one of another size; none where nothing changed.
    #[must_use]
    pub fn changed_lines(&self, before: Option<&Self>) -> Range<u32> {
        let same_size = |it: &&Self| (it.width, it.height) == (self.width, self.height);
        let Some(before) = before.filter(same_size) else { return 0..self.height };
        let line = 4 * self.width.max(1) as usize;
        let differs = |(now, old): (&[u8], &[u8])| now != old;
        let lines = || self.rgba.chunks_exact(line).zip(before.rgba.chunks_exact(line));
        let Some(first) = lines().position(differs) else { return 0..0 };
        let last = lines().rposition(differs).unwrap_or(first);
        let number = |line: usize| u32::try_from(line).unwrap_or(self.height);
        number(first)..number(last + 1)
    }

    /// The bytes of some lines.
    #[must_use]
    pub fn lines(&self, lines: Range<u32>) -> &[u8] {
        let line = 4 * self.width as usize;
        self.rgba.get(lines.start as usize * line..lines.end as usize * line).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colormap::Rgb;
    use crate::layout::Rect;

    const PAPER: Rgb = Rgb([250; 3]);

    fn dotted(lines: &[u32]) -> Pixmap {
        let mut it = Pixmap::filled(3, 5, PAPER);
        lines.iter().for_each(|y| it.fill(Rect { x: 2, y: *y, width: 1, height: 1 }, Rgb([0; 3])));
        it
    }

    #[test]
    fn from_the_first_to_the_last_line_that_differs() {
        let before = dotted(&[2]);
        assert_eq!(dotted(&[2]).changed_lines(Some(&before)), 0..0);
        assert_eq!(dotted(&[1, 2, 3]).changed_lines(Some(&before)), 1..4);
        assert_eq!(dotted(&[]).changed_lines(Some(&before)), 2..3);
        assert_eq!(dotted(&[0, 2, 4]).changed_lines(Some(&before)), 0..5);
    }

    #[test]
    fn without_a_picture_of_this_size_all_of_it_changed() {
        assert_eq!(dotted(&[]).changed_lines(None), 0..5);
        assert_eq!(dotted(&[]).changed_lines(Some(&Pixmap::filled(3, 4, PAPER))), 0..5);
    }

    #[test]
    fn a_strip_over_the_old_picture_makes_the_new_one() {
        let (before, now) = (dotted(&[0, 4]), dotted(&[0, 2]));
        let lines = now.changed_lines(Some(&before));
        let mut shown = before.rgba;
        let start = 12 * lines.start as usize;
        shown[start..start + 12 * lines.len()].copy_from_slice(now.lines(lines));
        assert_eq!(shown, now.rgba);
    }
}
