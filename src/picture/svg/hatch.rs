//! Hatching in shapes: the lines of `pixmap/hatch.rs` as the path of a document.

use std::fmt::Write;

use crate::picture::layout::Rect;
use crate::picture::pixmap::hatch::PERIOD;

/// Path data of rising diagonal lines over a cell of the document, whose lowest `line` pixels belong to the line below it.
pub(super) fn path(cell: Rect, line: u32) -> String {
    let (period, mut path) = (PERIOD * line.max(1), String::new());
    let (x0, y0) = (cell.x, cell.y);
    let (x1, y1) = (x0 + cell.width, y0 + cell.height - line);
    // On a line x + y is one number, a multiple of the period.
    for sum in (x0 + y0..x1 + y1).filter(|sum| sum % period == 0) {
        let start = sum.saturating_sub(y1).max(x0);
        let end = sum.saturating_sub(y0).min(x1);
        if start < end {
            // Writing to a string cannot fail.
            let _: std::fmt::Result = write!(path, "M{start} {}L{end} {}", sum - start, sum - end);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::path;
    use crate::picture::layout::Rect;

    #[test]
    fn lines_stay_within_their_cell() {
        let text = path(Rect { x: 10, y: 5, width: 7, height: 9 }, 1);
        let ends: Vec<Vec<u32>> = text
            .split(['M', 'L'])
            .skip(1)
            .map(|end| end.split(' ').map(|number| number.parse().unwrap()).collect())
            .collect();
        assert!(ends.len() >= 6 && ends.len().is_multiple_of(2), "{text}");
        assert!(ends.iter().all(|end| (10..=17).contains(&end[0]) && (5..=13).contains(&end[1])), "{text}");
        assert!(ends.iter().all(|end| (end[0] + end[1]).is_multiple_of(4)), "{text}");
    }
}
