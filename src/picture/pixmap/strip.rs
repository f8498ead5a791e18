//! What changed between two pictures.

use std::ops::Range;

use super::Pixmap;

/// Up to so many lines of pixels between two that changed are given with them: fewer than what a part of its own costs.
pub(super) const NEAR: u32 = 32;

impl Pixmap {
    /// The lines of pixels that differ from `before`, near ones together: all of them where there was no picture, or one
    /// of another size; none where nothing changed.
    #[must_use]
    pub fn changed_lines(&self, before: Option<&Self>) -> Vec<Range<u32>> {
        let same_size = |it: &&Self| (it.width, it.height) == (self.width, self.height);
        let Some(before) = before.filter(same_size) else { return std::iter::once(0..self.height).collect() };
        let line = 4 * self.width.max(1) as usize;
        let lines = self.rgba.chunks_exact(line).zip(before.rgba.chunks_exact(line)).zip(0..);
        together(lines.filter(|((now, old), _)| now != old).map(|(_, y)| y..y + 1))
    }

    /// The bytes of some lines.
    #[must_use]
    pub fn lines(&self, lines: Range<u32>) -> &[u8] {
        let line = 4 * self.width as usize;
        self.rgba.get(lines.start as usize * line..lines.end as usize * line).unwrap_or_default()
    }
}

/// Lines from the uppermost to the lowest, near ones as one part.
pub(super) fn together(all: impl Iterator<Item = Range<u32>>) -> Vec<Range<u32>> {
    let mut parts: Vec<Range<u32>> = Vec::new();
    for lines in all {
        match parts.last_mut().filter(|last| lines.start <= last.end + NEAR) {
            Some(last) => last.end = lines.end,
            None => parts.push(lines),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::colormap::Rgb;
    use crate::picture::layout::Rect;

    const PAPER: Rgb = Rgb([250; 3]);

    fn dotted(lines: &[u32]) -> Pixmap {
        let mut it = Pixmap::filled(3, 90, PAPER);
        lines.iter().for_each(|y| it.fill(Rect { x: 2, y: *y, width: 1, height: 1 }, Rgb([0; 3])));
        it
    }

    fn ends(parts: &[Range<u32>]) -> Vec<(u32, u32)> {
        parts.iter().map(|lines| (lines.start, lines.end)).collect()
    }

    #[track_caller]
    fn check(before: &[u32], now: &[u32], expected: &[(u32, u32)]) {
        let (before, now) = (dotted(before), dotted(now));
        let parts = now.changed_lines(Some(&before));
        assert_eq!(ends(&parts), expected);
        let mut shown = before.rgba;
        for lines in parts {
            let start = 12 * lines.start as usize;
            shown[start..start + 12 * lines.len()].copy_from_slice(now.lines(lines));
        }
        assert_eq!(shown, now.rgba, "the parts over the old picture make the new one");
    }

    #[test]
    fn the_lines_that_differ() {
        check(&[2], &[2], &[]);
        check(&[2], &[1, 2, 3], &[(1, 4)]);
        check(&[2], &[], &[(2, 3)]);
        check(&[0, 89], &[0, 12], &[(12, 13), (89, 90)]);
    }

    #[test]
    fn near_ones_are_given_together() {
        check(&[], &[4, 37], &[(4, 38)]);
        check(&[], &[4, 38], &[(4, 5), (38, 39)]);
    }

    #[test]
    fn without_a_picture_of_this_size_all_of_it_changed() {
        assert_eq!(ends(&dotted(&[]).changed_lines(None)), [(0, 90)]);
        assert_eq!(ends(&dotted(&[]).changed_lines(Some(&Pixmap::filled(3, 4, PAPER)))), [(0, 90)]);
    }
}
