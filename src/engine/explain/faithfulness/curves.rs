//! Deletion and insertion curves (Samek 2017, 10.1109/TNNLS.2016.2599820; Petsiuk 2018, arXiv:1806.07421).

/// Points of a curve beside its two ends.
pub(super) const POINTS: usize = 20;

/// What the score becomes as players are taken away, or put back, most relevant first.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The part of the players that is gone (deletion) or present (insertion), from 0 to 1.
    pub parts: Vec<f64>,
    /// The score as the most relevant are taken away first.
    pub deletion: Vec<f64>,
    /// The score as the most relevant are put back first, from nothing.
    pub insertion: Vec<f64>,
    /// The score as players are taken away in random order: the 5 %, 50 % and 95 % quantiles over many orders.
    pub random: [Vec<f64>; 3],
    /// The mean height of the deletion curve: low where what is named first does raise the score.
    pub deletion_area: f64,
    /// The mean height of the insertion curve: high where what is named first does raise the score.
    pub insertion_area: f64,
    /// The mean heights of all random curves, sorted.
    pub random_areas: Vec<f64>,
}

impl Curves {
    /// Puts scores together: `random` are the curves of the random orders, by deletion.
    pub(super) fn new(deletion: Vec<f64>, insertion: Vec<f64>, random: &[Vec<f64>]) -> Self {
        let n = deletion.len();
        let at = |k: usize| {
            let mut scores: Vec<f64> = random.iter().map(|curve| curve[k]).collect();
            scores.sort_by(f64::total_cmp);
            scores
        };
        let columns: Vec<Vec<f64>> = (0..n).map(at).collect();
        let quantiles = [0.05, 0.5, 0.95].map(|q| columns.iter().map(|scores| quantile(scores, q)).collect());
        let mut random_areas: Vec<f64> = random.iter().map(|curve| area(curve)).collect();
        random_areas.sort_by(f64::total_cmp);
        Self {
            parts: (0..n).map(|k| k as f64 / (n - 1).max(1) as f64).collect(),
            deletion_area: area(&deletion),
            insertion_area: area(&insertion),
            deletion,
            insertion,
            random: quantiles,
            random_areas,
        }
    }

    /// The mean heights of the random curves: their 5 %, 50 % and 95 % quantiles.
    #[must_use]
    pub fn random_area(&self) -> [f64; 3] {
        [0.05, 0.5, 0.95].map(|q| quantile(&self.random_areas, q))
    }

    /// The part of random orders that deletion by relevance beats, in 0..=1: whose mean height is greater.
    #[must_use]
    pub fn deletion_beats(&self) -> f64 {
        part(&self.random_areas, |area| area > self.deletion_area)
    }

    /// The part of random orders that insertion by relevance beats, in 0..=1. An order read backwards is as random, so
    /// that the same curves serve both.
    #[must_use]
    pub fn insertion_beats(&self) -> f64 {
        part(&self.random_areas, |area| area < self.insertion_area)
    }
}

/// How many players are gone at each point of a curve, from none to all.
pub(super) fn counts(n_players: usize) -> Vec<usize> {
    let n = POINTS.min(n_players).max(1);
    (0..=n).map(|k| (k * n_players + n / 2) / n).collect()
}

/// The mean height by trapezia.
fn area(curve: &[f64]) -> f64 {
    let pieces = curve.len().saturating_sub(1).max(1) as f64;
    curve.windows(2).map(|ends| 0.5 * (ends[0] + ends[1])).sum::<f64>() / pieces
}

fn part(values: &[f64], is_counted: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|value| is_counted(**value)).count() as f64 / values.len().max(1) as f64
}

/// Of sorted values, by linear interpolation; NaN of none.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * sorted.len().saturating_sub(1) as f64;
    let (low, rest) = (place.floor(), place.fract());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into the values")]
    let at = |index: f64| sorted.get(index as usize).copied();
    match (at(low), at(low + 1.0)) {
        (Some(a), Some(b)) => a + rest * (b - a),
        (Some(a), None) => a,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::{Curves, area, counts, quantile};

    #[test]
    fn counts_go_from_none_to_all() {
        assert_eq!(counts(3), [0, 1, 2, 3]);
        assert_eq!(counts(0), [0, 0]);
        let many = counts(417);
        assert_eq!((many.len(), many[0], many[20]), (21, 0, 417));
        assert!(many.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn areas_and_quantiles() {
        assert_eq!(area(&[1.0, 1.0, 1.0]), 1.0);
        assert_eq!(area(&[2.0, 1.0, 0.0]), 1.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn an_order_that_falls_at_once_beats_those_that_fall_late() {
        let random: Vec<Vec<f64>> = (1..=9).map(|k| vec![1.0, f64::from(k) / 10.0, 0.0]).collect();
        let curves = Curves::new(vec![1.0, 0.05, 0.0], vec![0.0, 0.45, 1.0], &random);
        assert_eq!(curves.deletion_beats(), 1.0);
        assert!((curves.insertion_beats() - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(curves.random[1][1], 0.5);
    }
}
