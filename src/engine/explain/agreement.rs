//! How far two explanations of the same input agree.

use crate::engine::number::real;

/// Three numbers on how far two lists of relevance, entry by entry of the same things, agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Spearman's rank correlation, in -1..=1: whether both put things in the same order.
    pub rank_correlation: f64,
    /// The part of the `k` largest by magnitude that both name, in 0..=1.
    pub top_overlap: f64,
    /// The part of entries, none of them negligible in both, with the same sign, in 0..=1.
    pub sign_agreement: f64,
}

/// Entries below this part of the largest are negligible.
pub const NEGLIGIBLE: f64 = 0.01;

/// Compares two lists of equal length. `k` is cut to their length.
#[must_use]
pub fn agreement(a: &[f64], b: &[f64], k: usize) -> Agreement {
    let counted: Vec<bool> = counted(a, b);
    let n_counted = counted.iter().filter(|counted| **counted).count();
    let same = a.iter().zip(b).zip(&counted).filter(|((a, b), counted)| **counted && *a * *b > 0.0).count();
    Agreement {
        rank_correlation: spearman(a, b),
        top_overlap: top_overlap(a, b, k),
        sign_agreement: if n_counted == 0 { 1.0 } else { real(same) / real(n_counted) },
    }
}

/// Where two explanations say opposite things: entries that are negligible in neither and differ in sign.
#[must_use]
pub fn opposite(a: &[f64], b: &[f64]) -> Vec<bool> {
    let (least_a, least_b) = (NEGLIGIBLE * largest(a), NEGLIGIBLE * largest(b));
    a.iter().zip(b).map(|(a, b)| a * b < 0.0 && a.abs() > least_a && b.abs() > least_b).collect()
}

/// Where any two of several explanations say opposite things: entries that one of them says raise, another lower, and
/// that are negligible in neither.
#[must_use]
pub fn disputed(lists: &[&[f64]]) -> Vec<bool> {
    let least: Vec<f64> = lists.iter().map(|list| NEGLIGIBLE * largest(list)).collect();
    let n = lists.iter().map(|list| list.len()).min().unwrap_or_default();
    let has = |entry: usize, sign: f64| lists.iter().zip(&least).any(|(list, least)| sign * list[entry] > *least);
    (0..n).map(|entry| has(entry, 1.0) && has(entry, -1.0)).collect()
}

/// Whether each entry is above [`NEGLIGIBLE`] of the largest in at least one list; as long as both.
fn counted(a: &[f64], b: &[f64]) -> Vec<bool> {
    let (least_a, least_b) = (NEGLIGIBLE * largest(a), NEGLIGIBLE * largest(b));
    a.iter().zip(b).map(|(a, b)| a.abs() > least_a || b.abs() > least_b).collect()
}

/// The largest magnitude; 0 of no values.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// The part of the `k` largest by magnitude that both lists have; 1 where `k` is 0, for nothing differs.
fn top_overlap(a: &[f64], b: &[f64], k: usize) -> f64 {
    let k = k.min(a.len());
    if k == 0 {
        return 1.0;
    }
    let top = |values: &[f64]| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|p, q| values[*q].abs().total_cmp(&values[*p].abs()));
        order.truncate(k);
        order
    };
    let (top_a, top_b) = (top(a), top(b));
    real(top_a.iter().filter(|index| top_b.contains(index)).count()) / real(k)
}

/// Spearman's rank correlation; equal values share the mean of their ranks. 0 where one list does not vary.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&ranks(a), &ranks(b))
}

/// Pearson's correlation; 0 where one list does not vary.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = real(a.len().max(1));
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa == 0.0 || bb == 0.0 { 0.0 } else { (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0) }
}

/// The rank of each value, from 0; values that tie share the mean of their ranks, as Spearman's correlation asks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|p, q| values[*p].total_cmp(&values[*q]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for tied in order.chunk_by(|p, q| values[*p] == values[*q]) {
        let rank = real(start) + real(tied.len() - 1) / 2.0;
        tied.iter().for_each(|index| ranks[*index] = rank);
        start += tied.len();
    }
    ranks
}

/// The quantile `q` (0..=1) of sorted values, by linear interpolation between the two nearest; NaN of none.
#[must_use]
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * real(sorted.len().saturating_sub(1));
    let (low, rest) = (place.floor(), place.fract());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into the values")]
    let at = |index: f64| sorted.get(index as usize).copied();
    match (at(low), at(low + 1.0)) {
        (Some(a), Some(b)) => a + rest * (b - a),
        (Some(a), None) => a,
        _ => f64::NAN,
    }
}

/// The middle 95 % of values in any order: the interval that resamples give.
#[must_use]
pub fn middle(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    [0.025, 0.975].map(|q| quantile(&values, q))
}

#[cfg(test)]
mod tests {
    use super::{agreement, middle, opposite, pearson, quantile, spearman};

    #[test]
    fn correlations_are_the_known_ones() {
        // By hand, and as scipy.stats.spearmanr and pearsonr give them.
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]);
        assert!((spearman(&a, &b) - 0.820_782_681_668_123_3).abs() < 1e-12, "{}", spearman(&a, &b));
        assert!((pearson(&a, &b) - 0.832_050_294_337_843_7).abs() < 1e-12, "{}", pearson(&a, &b));
        assert_eq!((spearman(&a, &[1.0; 5]), spearman(&a, &[-1.0, -2.0, -3.0, -4.0, -5.0])), (0.0, -1.0));
    }

    #[test]
    fn agreement_counts_what_matters() {
        let a = [3.0, -2.0, 1.0, 0.001, 0.0];
        let same = agreement(&a, &a, 2);
        assert_eq!((same.top_overlap, same.sign_agreement), (1.0, 1.0));
        let b = [3.0, 2.0, -1.0, -0.001, 0.0];
        let other = agreement(&a, &b, 2);
        assert!((other.sign_agreement - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(opposite(&a, &b), [false, true, true, false, false]);
        assert_eq!(agreement(&[], &[], 3).top_overlap, 1.0);
    }

    #[test]
    fn what_is_disputed_is_opposite_in_some_pair() {
        use super::disputed;
        let lists: [&[f64]; 3] =
            [&[3.0, -2.0, 1.0, 0.001, 0.0], &[3.0, 2.0, 1.0, -0.001, 0.0], &[1.0, 0.0, -0.5, 0.5, 0.0]];
        let mut pairs = vec![false; 5];
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            pairs.iter_mut().zip(opposite(lists[a], lists[b])).for_each(|(any, here)| *any |= here);
        }
        assert_eq!(disputed(&lists), pairs);
        assert_eq!(pairs, [false, true, true, false, false]);
        assert_eq!((disputed(&lists[..1]), disputed(&[])), (vec![false; 5], Vec::new()));
    }

    #[test]
    fn quantiles_lie_between_the_nearest_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(middle((0..=40).rev().map(f64::from).collect()), [1.0, 39.0]);
    }
}
