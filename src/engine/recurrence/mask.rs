//! Sequences with masked hours. A direction does not read a masked hour, and hands its states on as they are:
//!
//! ```text
//! h_t = m_t ? step(x_t, h_{t-1}) : h_{t-1}        c_t the same        y_t = h_t
//! ```
//!
//! So it runs over the hours that are read as over a shorter sequence, and so do relevance and derivatives on their way
//! back: a masked hour hands what arrives at its states to the states before it, and its inputs receive nothing. Which
//! hours are masked is a switch: it receives nothing, and its derivative is zero.

use super::{Direction, Sequence};

/// The hours of one sequence that a direction reads.
#[derive(Debug)]
pub(super) struct Unmasked {
    /// In the order of time.
    pub(super) hours: Vec<usize>,
    /// Their inputs, `[hours.len(), width]`.
    x: Vec<f32>,
    width: usize,
    /// Hours of the whole sequence.
    len: usize,
}

impl Unmasked {
    /// The hours of `x` whose mask is not zero. `mask` has an element an hour.
    pub(super) fn of(x: Sequence<'_, f32>, mask: Sequence<'_, f32>, len: usize) -> Self {
        let hours: Vec<usize> = (0..len).filter(|t| mask.row(*t)[0] != 0.0).collect();
        let rows = hours.iter().flat_map(|t| x.row(*t)).copied().collect();
        Self { hours, x: rows, width: x.width, len }
    }

    /// Their inputs as a sequence.
    pub(super) fn x(&self) -> Sequence<'_, f32> {
        Sequence { data: &self.x, offset: 0, stride: self.width, width: self.width }
    }

    /// For each hour of the whole sequence, in the order of time, which of the hours read its states come from: its own,
    /// or the last one before it in the order of reading; `None` where they are the initial ones.
    pub(super) fn sources(&self, direction: Direction) -> Vec<Option<usize>> {
        let mut sources = vec![None; self.len];
        let (mut source, mut n_read) = (None, 0);
        for k in 0..self.len {
            let t = direction.hour(k, self.len);
            if self.hours.binary_search(&t).is_ok() {
                source = Some(direction.hour(n_read, self.hours.len()));
                n_read += 1;
            }
            sources[t] = source;
        }
        sources
    }

    /// The hidden state of every hour to `to`, from those of the hours read and the initial one.
    pub(super) fn copy_states(
        &self,
        direction: Direction,
        read: Sequence<'_, f32>,
        h0: &[f32],
        mut to: impl FnMut(usize, &[f32]),
    ) {
        for (t, source) in self.sources(direction).into_iter().enumerate() {
            to(t, source.map_or(h0, |index| read.row(index)));
        }
    }

    /// What arrived at the hidden state of every hour, summed where it comes from: `[hours.len(), n_hidden]`, and what
    /// belongs to the initial state.
    pub(super) fn gather(&self, direction: Direction, y: Sequence<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        let (mut read, mut initial) = (vec![0.0; self.hours.len() * y.width], vec![0.0; y.width]);
        for (t, source) in self.sources(direction).into_iter().enumerate() {
            let to = source.map_or(&mut initial[..], |index| &mut read[index * y.width..][..y.width]);
            to.iter_mut().zip(y.row(t)).for_each(|(a, b)| *a += b);
        }
        (read, initial)
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Sequence, Unmasked};

    #[test]
    fn states_come_from_the_last_hour_read() {
        let (x, mask) = ([1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 0.0, 1.0, 0.0]);
        let rows = |data| Sequence { data, offset: 0, stride: 1, width: 1 };
        let read = Unmasked::of(rows(&x), rows(&mask), 5);
        assert_eq!((&read.hours[..], read.x().data), (&[1, 3][..], &[2.0, 4.0][..]));
        assert_eq!(read.sources(Direction::Forward), [None, Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(read.sources(Direction::Reverse), [Some(0), Some(0), Some(1), Some(1), None]);
        let arrived = [1.0, 2.0, 4.0, 8.0, 16.0];
        let arrived = Sequence { data: &arrived[..], offset: 0, stride: 1, width: 1 };
        assert_eq!(read.gather(Direction::Forward, arrived), (vec![6.0, 24.0], vec![1.0]));
        assert_eq!(read.gather(Direction::Reverse, arrived), (vec![3.0, 12.0], vec![16.0]));
    }
}
