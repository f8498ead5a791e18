//! Deletion and insertion curves (Samek 2017, 10.1109/TNNLS.2016.2599820; Petsiuk 2018, arXiv:1806.07421). They are
//! shown, and decide nothing: an intact map and its own shuffle by a quarter tie in most stays.

use crate::engine::number::real;
use crate::engine::order::sort_by;

/// Points of a curve beside its two ends.
const POINTS: usize = 20;

/// What the score becomes as players are taken away, or put back, those first that a map says raise it most.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemovalCurves {
    /// The part of the players that is gone (deletion) or present (insertion), from 0 to 1.
    pub parts: Vec<f64>,
    /// The score as players go, by the map and by the best additive picture.
    pub deletion: [Vec<f64>; 2],
    /// The score as players come back, from nothing.
    pub insertion: [Vec<f64>; 2],
}

impl RemovalCurves {
    /// The curves in the order in which they were made: deletion by both, insertion by both.
    pub(super) fn new(curves: Vec<Vec<f64>>) -> Self {
        let mut curves = curves.into_iter();
        let mut next = || curves.next().unwrap_or_default();
        let (deletion, insertion) = ([next(), next()], [next(), next()]);
        let n = deletion[0].len();
        Self { parts: (0..n).map(|k| real(k) / real(n.saturating_sub(1).max(1))).collect(), deletion, insertion }
    }
}

/// Players, the greatest share first.
pub(super) fn order(shares: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    sort_by(&mut order, |p, q| shares[*q].total_cmp(&shares[*p]));
    order
}

/// How many players are gone at each point of a curve, from none to all.
pub(super) fn counts(n_players: usize) -> Vec<usize> {
    let n = POINTS.min(n_players).max(1);
    (0..=n).map(|k| (k * n_players + n / 2) / n).collect()
}

#[cfg(test)]
mod tests {
    use super::{counts, order};

    #[test]
    fn counts_go_from_none_to_all() {
        assert_eq!(counts(3), [0, 1, 2, 3]);
        assert_eq!(counts(0), [0, 0]);
        let many = counts(417);
        assert_eq!((many.len(), many[0], many[20]), (21, 0, 417));
        assert!(many.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn the_largest_come_first() {
        assert_eq!(order(&[0.5, -2.0, 1.0]), [2, 0, 1]);
    }
}
