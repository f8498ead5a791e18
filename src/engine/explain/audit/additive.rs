//! The best additive picture that a stay and a network admit: what any map is measured by.
//!
//! ```text
//! r = Z' a,   a = (Z Z' + lambda I)^-1 d          (ridge regression in its dual form, Hoerl and Kennard 1970)
//! ```
//!
//! It is fitted on half of the pairs and scored on the other half, both ways round.

use super::pairs::Pairs;
use crate::engine::number::real;

/// Penalties that are tried, as parts of the number of players, which is the diagonal of `Z Z'`.
const PENALTIES: [f64; 5] = [1e-4, 1e-2, 0.1, 1.0, 10.0];

/// One picture fitted on each half of the pairs.
#[derive(Debug, Clone)]
pub(super) struct Best {
    /// `[half][n_players]`
    pub(super) shares: [Vec<f64>; 2],
}

impl Best {
    /// Fits both halves. Of the penalties that one is taken whose picture does best on the other half, which favours
    /// the best picture and not the map that is measured by it.
    pub(super) fn of(pairs: &Pairs) -> Self {
        let halves = [pairs.half(0), pairs.half(1)];
        Self { shares: [fit(&halves[0], &halves[1]), fit(&halves[1], &halves[0])] }
    }

    /// The mean of both halves' shares.
    pub(super) fn mean(&self) -> Vec<f64> {
        self.shares[0].iter().zip(&self.shares[1]).map(|(a, b)| 0.5 * (a + b)).collect()
    }

    /// What the best picture says of each pair: always the picture that was fitted on the other half.
    pub(super) fn said(&self, pairs: &Pairs) -> Vec<f64> {
        let said = [1, 0].map(|other: usize| pairs.said(&self.shares[other]));
        (0..pairs.sets.len()).map(|index| said[index % 2][index]).collect()
    }
}

/// Shares fitted on `own` pairs, one a player, with the penalty of [`PENALTIES`] that says most of the `other` pairs.
fn fit(own: &Pairs, other: &Pairs) -> Vec<f64> {
    let gram = gram(&own.sets);
    let n_players = own.sets.first().map_or(0, Vec::len);
    let candidates = PENALTIES.iter().filter_map(|part| {
        let a = solve(&gram, part * real(n_players), &own.differences)?;
        let shares = combined(&own.sets, &a);
        let missed =
            other.said(&shares).iter().zip(&other.differences).map(|(said, d)| (said - d).powi(2)).sum::<f64>();
        Some((missed, shares))
    });
    candidates.min_by(|a, b| a.0.total_cmp(&b.0)).map_or_else(|| vec![0.0; n_players], |(_, shares)| shares)
}

/// `Z Z'`, lower triangle by rows: of two sets the players on the same side, less those on different ones.
fn gram(sets: &[Vec<bool>]) -> Vec<Vec<f64>> {
    let packed: Vec<Vec<u64>> = sets.iter().map(|set| set.chunks(64).map(pack).collect()).collect();
    let n_players = real(sets.first().map_or(0, Vec::len));
    let entry = |a: &[u64], b: &[u64]| {
        let different: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
        n_players - 2.0 * f64::from(different)
    };
    (0..packed.len()).map(|i| (0..=i).map(|j| entry(&packed[i], &packed[j])).collect()).collect()
}

/// Up to 64 flags as the bits of a word, the first as the lowest.
fn pack(bits: &[bool]) -> u64 {
    bits.iter().enumerate().fold(0, |word, (at, is_set)| word | u64::from(*is_set) << at)
}

/// `(G + lambda I)^-1 d` by Cholesky; nothing where rounding leaves no positive pivot.
fn solve(gram: &[Vec<f64>], lambda: f64, d: &[f64]) -> Option<Vec<f64>> {
    let n = d.len();
    let mut lower: Vec<Vec<f64>> = gram.to_vec();
    for i in 0..n {
        lower[i][i] += lambda;
        for j in 0..=i {
            let (above, below) = lower.split_at_mut(i);
            let row_j = if j < i { &above[j] } else { &below[0] };
            let rest = below[0][j] - dot(&below[0][..j], &row_j[..j]);
            if i == j {
                if rest <= 0.0 {
                    return None;
                }
                below[0][j] = rest.sqrt();
            } else {
                below[0][j] = rest / row_j[j];
            }
        }
    }
    let mut a = d.to_vec();
    for i in 0..n {
        a[i] = (a[i] - dot(&lower[i][..i], &a[..i])) / lower[i][i];
    }
    for i in (0..n).rev() {
        a[i] /= lower[i][i];
        let (a_i, row) = (a[i], &lower[i]);
        a[..i].iter_mut().zip(row).for_each(|(a, l)| *a -= l * a_i);
    }
    Some(a)
}

/// `sum over k of a_k b_k`. Four sums grow side by side, for each addition to one waits for that before it.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        (0..4).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

/// `Z' a`
fn combined(sets: &[Vec<bool>], a: &[f64]) -> Vec<f64> {
    let mut shares = vec![0.0; sets.first().map_or(0, Vec::len)];
    for (set, a) in sets.iter().zip(a) {
        shares.iter_mut().zip(set).for_each(|(share, is_in)| *share += if *is_in { *a } else { -a });
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::{Best, solve};
    use crate::engine::explain::audit::pairs::{Pairs, draw};
    use crate::engine::explain::random::Random;

    #[test]
    fn equations_are_solved() {
        // 4 a + 2 b = 10, 2 a + 5 b = 13, by hand: a = 1.5, b = 2.
        let a = solve(&[vec![3.0], vec![2.0, 4.0]], 1.0, &[10.0, 13.0]).unwrap();
        assert!((a[0] - 1.5).abs() < 1e-12 && (a[1] - 2.0).abs() < 1e-12, "{a:?}");
        assert_eq!(solve(&[vec![0.0]], 0.0, &[1.0]), None);
    }

    #[test]
    fn a_sum_is_found_again() {
        let mut random = Random::new(5);
        let truth: Vec<f64> = (0..70).map(|_| random.normal()).collect();
        let mut pairs = Pairs { sets: (0..400).map(|_| draw(&mut random, 70)).collect(), differences: vec![] };
        pairs.differences = pairs.said(&truth);
        let best = Best::of(&pairs);
        for (found, want) in best.shares.iter().flat_map(|half| half.iter().zip(&truth)) {
            // The penalty draws the shares a little towards zero: a ten thousandth of the players, of 200 equations.
            assert!((found - want).abs() < 1e-3, "{found} where {want} was put in");
        }
    }
}
