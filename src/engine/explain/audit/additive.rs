//! The best additive picture that a stay and a network admit: what any map is measured by.
//!
//! ```text
//! r = (Z' Z + lambda I)^-1 Z' d = Z' (Z Z' + lambda I)^-1 d          (ridge regression, Hoerl and Kennard 1970)
//! ```
//!
//! The smaller of both matrices is solved: players by players, or pairs by pairs.
//! It is fitted on half of the pairs and scored on the other half, both ways round.

use super::pairs::Pairs;
use crate::engine::number::real;

/// Penalties that are tried, as parts of the number of players, which is the diagonal of `Z Z'`.
const PENALTIES: [f64; 5] = [1e-4, 1e-2, 0.1, 1.0, 10.0];

/// Groups of pairs, every second of them in the same half. Each is left out once, which says how far what is found depends
/// on the pairs that happened to be drawn (jackknife: Tukey 1958; Efron and Stein 1981, 10.1214/aos/1176345462).
pub(super) const GROUPS: usize = 8;

/// One picture fitted on each half of the pairs.
#[derive(Debug, Clone)]
pub(super) struct Best {
    /// `[half][n_players]`
    shares: [Vec<f64>; 2],
    /// Of each group, its half's picture without it: `[group][n_players]`.
    without: Vec<Vec<f64>>,
}

impl Best {
    /// Fits both halves. Of the penalties that one is taken whose picture does best on the other half, which favours
    /// the best picture and not the map that is measured by it.
    pub(super) fn of(pairs: &Pairs) -> Self {
        let halves = [0, 1].map(|half| pairs.those(|pair| pair % 2 == half));
        let fitted = [fit(&halves[0], &halves[1]), fit(&halves[1], &halves[0])];
        let without = |group: usize| {
            let rest = pairs.those(|pair| pair % 2 == group % 2 && pair % GROUPS != group);
            let (penalty, shares) = &fitted[group % 2];
            Ridge::of(&rest).shares(*penalty).unwrap_or_else(|| shares.clone())
        };
        let without = (0..GROUPS).map(without).collect();
        Self { shares: fitted.map(|(_, shares)| shares), without }
    }

    /// The pictures of both halves.
    pub(super) fn halves(&self) -> [&[f64]; 2] {
        [&self.shares[0], &self.shares[1]]
    }

    /// The same, without a group of pairs.
    pub(super) fn halves_without(&self, group: usize) -> [&[f64]; 2] {
        let mut halves = self.halves();
        halves[group % 2] = &self.without[group];
        halves
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

/// A penalty and the shares fitted on `own` pairs by it, one a player: of [`PENALTIES`] that one whose picture says most of
/// the `other` pairs.
fn fit(own: &Pairs, other: &Pairs) -> (f64, Vec<f64>) {
    let ridge = Ridge::of(own);
    let candidates = PENALTIES.iter().filter_map(|penalty| {
        let shares = ridge.shares(*penalty)?;
        let missed =
            other.said(&shares).iter().zip(&other.differences).map(|(said, d)| (said - d).powi(2)).sum::<f64>();
        Some((missed, *penalty, shares))
    });
    let best = candidates.min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(|| (1.0, vec![0.0; own.n_players()]), |(_, penalty, shares)| (penalty, shares))
}

/// The equations of a regression, for any penalty.
struct Ridge<'a> {
    pairs: &'a Pairs,
    is_by_players: bool,
    /// `Z' Z` or `Z Z'`, lower triangle by rows.
    gram: Vec<Vec<f64>>,
    /// `Z' d` or `d`
    right: Vec<f64>,
}

impl<'a> Ridge<'a> {
    fn of(pairs: &'a Pairs) -> Self {
        let Pairs { sets, differences } = pairs;
        if pairs.n_players() <= sets.len() {
            let (gram, right) = (gram(&transposed(sets)), combined(sets, differences));
            Self { pairs, is_by_players: true, gram, right }
        } else {
            Self { pairs, is_by_players: false, gram: gram(sets), right: differences.clone() }
        }
    }

    /// Shares, one a player, by a penalty as a part of the number of players.
    fn shares(&self, penalty: f64) -> Option<Vec<f64>> {
        let solved = solve(&self.gram, penalty * real(self.pairs.n_players()), &self.right)?;
        Some(if self.is_by_players { solved } else { combined(&self.pairs.sets, &solved) })
    }
}

/// Of each player, which sets it is in.
fn transposed(sets: &[Vec<bool>]) -> Vec<Vec<bool>> {
    let n_players = sets.first().map_or(0, Vec::len);
    (0..n_players).map(|player| sets.iter().map(|set| set[player]).collect()).collect()
}

/// `Z Z'` of rows of signs, lower triangle by rows: where two rows agree, less where they differ.
fn gram(rows: &[Vec<bool>]) -> Vec<Vec<f64>> {
    let packed: Vec<Vec<u64>> = rows.iter().map(|row| row.chunks(64).map(pack).collect()).collect();
    let len = real(rows.first().map_or(0, Vec::len));
    let entry = |a: &[u64], b: &[u64]| {
        let different: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
        len - 2.0 * f64::from(different)
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
    use super::{Best, combined, gram, solve, transposed};
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
        for (found, want) in best.halves().into_iter().flat_map(|half| half.iter().zip(&truth)) {
            // The penalty draws the shares a little towards zero: a ten thousandth of the players, of 200 equations.
            assert!((found - want).abs() < 1e-3, "{found} where {want} was put in");
        }
    }

    #[test]
    fn both_forms_of_the_regression_are_the_same() {
        let mut random = Random::new(8);
        let sets: Vec<Vec<bool>> = (0..30).map(|_| draw(&mut random, 20)).collect();
        let d: Vec<f64> = sets.iter().map(|_| random.normal()).collect();
        let by_players = solve(&gram(&transposed(&sets)), 3.0, &combined(&sets, &d)).unwrap();
        let by_pairs = combined(&sets, &solve(&gram(&sets), 3.0, &d).unwrap());
        for (a, b) in by_players.iter().zip(&by_pairs) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }
}
