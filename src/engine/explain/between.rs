//! Functions of several numbers that have no product rule: what each number contributes on the straight line from a
//! reference to a run.
//!
//! `m_k = integral over a in 0..1 of df/dx_k (x0 + a (x - x0))`, so that `sum m_k (x_k - x0_k) = f(x) - f(x0)`: the
//! values of Aumann and Shapley. Numbers that are treated alike receive alike, those that change nothing nothing.
//!
//! The integral of a softmax is taken by Gauss and Legendre's rule (`quadrature.rs`); that of a maximum is exact.

use super::quadrature::gauss_legendre;

/// Of a maximum: `m_k` is the part of the line on which number `k` is the greatest (the first of equal ones).
///
/// On the line each number is linear in a, so that the greatest of them is convex, and each holds it over one stretch
/// at most. The walk goes from one turn to the next.
#[must_use]
pub(super) fn maximum(x: &[f64], x0: &[f64]) -> Vec<f64> {
    let mut parts = vec![0.0; x.len()];
    let slope = |k: usize| x[k] - x0[k];
    let at = |k: usize, a: f64| x0[k] + a * slope(k);
    // Of equal ones the steepest is the greatest right after.
    let better = |best: usize, k: usize, a: f64| {
        let (height, other) = (at(best, a), at(k, a));
        other > height || other == height && slope(k) > slope(best)
    };
    let mut a = 0.0;
    let Some(mut winner) = (0..x.len()).reduce(|best, k| if better(best, k, 0.0) { k } else { best }) else {
        return parts;
    };
    // Each number that takes over is steeper than the one before, so there are fewer turns than numbers.
    for _ in 0..x.len() {
        let meets = |k: usize| a + (at(winner, a) - at(k, a)) / (slope(k) - slope(winner));
        let steeper = (0..x.len()).filter(|k| slope(*k) > slope(winner));
        let next =
            steeper.map(|k| (meets(k), k)).min_by(|p, q| p.0.total_cmp(&q.0).then(slope(q.1).total_cmp(&slope(p.1))));
        let end = next.map_or(1.0, |(end, _)| end.clamp(a, 1.0));
        parts[winner] += end - a;
        a = end;
        match next {
            Some((_, k)) if a < 1.0 => winner = k,
            _ => break,
        }
    }
    parts
}

/// Of a softmax `y`, with multipliers `upper` at its outputs:
///
/// `m_k = integral of y_k (upper_k - sum over j of upper_j y_j)`
#[must_use]
pub(super) fn softmax(x: &[f64], x0: &[f64], upper: &[f64]) -> Vec<f64> {
    // Masked scores are minus infinity in both runs, and stay so.
    let changes: Vec<f64> = x.iter().zip(x0).map(|(x, x0)| if x == x0 { 0.0 } else { x - x0 }).collect();
    let change = changes.iter().copied();
    let (low, high) = change.fold((f64::MAX, f64::MIN), |(low, high), c| (low.min(c), high.max(c)));
    // Within a piece scores move by at most 2 against each other; eight points are then exact to rounding.
    const PIECES_MAX: f64 = 256.0;
    let n_pieces = ((high - low) / 2.0).ceil().clamp(1.0, PIECES_MAX);
    let points = gauss_legendre(8);
    let mut m = vec![0.0; x.len()];
    let mut piece = 0.0;
    while piece < n_pieces {
        for (place, weight) in &points {
            let a = (piece + place) / n_pieces;
            let scores: Vec<f64> = x0.iter().zip(&changes).map(|(x0, change)| x0 + a * change).collect();
            let y = shares(&scores);
            let sum: f64 = upper.iter().zip(&y).map(|(upper, y)| upper * y).sum();
            for ((m, upper), y) in m.iter_mut().zip(upper).zip(&y) {
                *m += weight / n_pieces * y * (upper - sum);
            }
        }
        piece += 1.0;
    }
    m
}

/// The softmax of `scores`. The largest is taken off first, so that no exponential overflows.
fn shares(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().fold(f64::MIN, |largest, score| largest.max(*score));
    let mut shares: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

#[cfg(test)]
mod tests {
    use super::{maximum, shares, softmax};
    use crate::engine::explain::random::Random;

    fn drawn(random: &mut Random, n: usize, scale: f64) -> Vec<f64> {
        (0..n).map(|_| scale * random.normal()).collect()
    }

    #[test]
    fn a_maximum_is_divided_completely_and_by_who_wins() {
        let mut random = Random::new(4);
        for n in 1..9 {
            for _ in 0..200 {
                let (x, x0) = (drawn(&mut random, n, 1.0), drawn(&mut random, n, 1.0));
                let parts = maximum(&x, &x0);
                let greatest = |v: &[f64]| v.iter().fold(f64::MIN, |a, b| a.max(*b));
                let total: f64 = (0..n).map(|k| parts[k] * (x[k] - x0[k])).sum();
                assert!((total - (greatest(&x) - greatest(&x0))).abs() < 1e-12, "{x:?} {x0:?} {parts:?}");
                assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                // The same by counting on a fine grid.
                let mut counted = vec![0.0; n];
                for step in 0..2000 {
                    let a = (f64::from(step) + 0.5) / 2000.0;
                    let at = |k: &usize| x0[*k] + a * (x[*k] - x0[*k]);
                    let winner = (0..n).max_by(|p, q| at(p).total_cmp(&at(q))).unwrap_or(0);
                    counted[winner] += 1.0 / 2000.0;
                }
                assert!(parts.iter().zip(&counted).all(|(p, c)| (p - c).abs() < 2e-3), "{parts:?} {counted:?}");
            }
        }
        assert_eq!(maximum(&[2.0, 2.0], &[2.0, 2.0]).iter().sum::<f64>(), 1.0);
        assert_eq!(maximum(&[], &[]), Vec::<f64>::new());
    }

    #[test]
    fn a_softmax_is_divided_completely() {
        let mut random = Random::new(5);
        for n in 1..6 {
            for scale in [0.1, 3.0, 40.0] {
                let (x, x0) = (drawn(&mut random, n, scale), drawn(&mut random, n, scale));
                let upper = drawn(&mut random, n, 1.0);
                let m = softmax(&x, &x0, &upper);
                let of = |v: &[f64]| shares(v).iter().zip(&upper).map(|(y, upper)| y * upper).sum::<f64>();
                let total: f64 = (0..n).map(|k| m[k] * (x[k] - x0[k])).sum();
                assert!((total - (of(&x) - of(&x0))).abs() < 1e-9, "{n} {scale}: {total}");
                // Adding the same to all scores changes nothing and explains nothing.
                assert!(m.iter().sum::<f64>().abs() < 1e-12);
            }
        }
    }
}
