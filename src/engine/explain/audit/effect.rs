//! How far a map goes with what the network does, relative to the best additive picture: two effect sizes.

use super::additive::{Best, GROUPS};
use super::odds::{BOUNDS, logit, logit_of, probability_of};
use super::pairs::Pairs;
use crate::engine::explain::agreement::{middle, pearson};
use crate::engine::explain::random::Random;
use crate::engine::number::real;
use crate::engine::order::sort_by;

/// Resamples of the pairs that an interval is made of.
const RESAMPLES: usize = 200;

/// Where even the best picture goes with the score by less than this, it is taken as this: nothing is divided by zero.
const LEAST_CEILING: f64 = 0.05;

/// Standard errors on either side of a number that hold the middle 95 %.
const REACH: f64 = 1.96;

/// Standard errors that a bound between two words has to be away for the word to be sure.
const SURE: f64 = 4.0;

/// Readings are looked at until the largest of the best picture have this part of its magnitude.
const LOOKED_AT: f64 = 0.8;

/// An effect size with the middle 95 % of its resamples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The number; NaN where there is nothing to measure.
    pub value: f64,
    /// Low and high.
    pub interval: [f64; 2],
}

impl Effect {
    /// The mean of some values, with the middle 95 % of the means of their resamples.
    pub(super) fn mean(values: &[f64], random: &mut Random) -> Self {
        let n = values.len();
        let mean = |which: &mut dyn FnMut() -> usize| (0..n).map(|_| values[which()]).sum::<f64>() / real(n);
        let mut at = 0..n;
        let value = mean(&mut || at.next().unwrap_or_default());
        if n < 2 {
            return Self { value, interval: [value; 2] };
        }
        Self { value, interval: middle((0..RESAMPLES).map(|_| mean(&mut || random.below(n))).collect()) }
    }
}

/// What was measured of a map on pairs of sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AuditEffects {
    pub(super) follows: Effect,
    pub(super) finds: Effect,
    pub(super) ceiling: f64,
    /// The log-odds that the map finds what the network goes by, and how far they would be off with other pairs: one
    /// standard error.
    pub(super) logit: f64,
    pub(super) error: f64,
}

impl AuditEffects {
    /// `shares` are the map's, one a player.
    pub(super) fn of(pairs: &Pairs, best: &Best, shares: &[f64], random: &mut Random) -> Self {
        let followed = Followed::of(pairs, best, shares);
        let (value, ceiling) = followed.ratio(&(0..followed.became.len()).collect::<Vec<_>>());
        let follows = Effect { value, interval: followed.interval(random) };
        let value = finds_of(shares, best.halves());
        let without: Vec<[f64; 2]> =
            (0..GROUPS).map(|group| [followed.without(group), finds_of(shares, best.halves_without(group))]).collect();
        let reach = REACH * jackknife(without.iter().map(|[_, finds]| *finds));
        let finds = Effect { value, interval: [value - reach, value + reach] };
        let logit_of_all = logit([follows.value, finds.value]);
        let error = if logit_of_all.is_finite() { jackknife(without.into_iter().map(logit)) } else { 0.0 };
        Self { follows, finds, ceiling, logit: logit_of_all, error }
    }

    /// The middle 95 % of the probability.
    pub(super) fn interval(&self) -> [f64; 2] {
        [-REACH, REACH].map(|reach| probability_of(self.logit + reach * self.error))
    }

    /// Whether no bound between two words is nearer than [`SURE`] standard errors.
    pub(super) fn is_sure(&self) -> bool {
        BOUNDS.into_iter().all(|bound| (self.logit - logit_of(bound)).abs() > SURE * self.error)
    }
}

/// What a map says of each pair, what the best picture says, and what became of the score.
struct Followed {
    said: Vec<f64>,
    best: Vec<f64>,
    became: Vec<f64>,
}

impl Followed {
    fn of(pairs: &Pairs, best: &Best, shares: &[f64]) -> Self {
        let [said, best, became] =
            [pairs.said(shares), best.said(pairs), pairs.differences.clone()].map(|values| pairs.without_size(&values));
        Self { said, best, became }
    }

    /// The correlation between what the map says of some pairs and what became of the score, divided by that of the best
    /// picture, and that of the best picture.
    fn ratio(&self, which: &[usize]) -> (f64, f64) {
        let of = |values: &[f64]| which.iter().map(|pair| values[*pair]).collect::<Vec<f64>>();
        let became = of(&self.became);
        let ceiling = pearson(&of(&self.best), &became);
        (pearson(&of(&self.said), &became) / ceiling.max(LEAST_CEILING), ceiling)
    }

    fn interval(&self, random: &mut Random) -> [f64; 2] {
        let n = self.became.len();
        let mut resampled = || self.ratio(&(0..n).map(|_| random.below(n)).collect::<Vec<_>>()).0;
        middle((0..RESAMPLES).map(|_| resampled()).collect())
    }

    fn without(&self, group: usize) -> f64 {
        self.ratio(&(0..self.became.len()).filter(|pair| pair % GROUPS != group).collect::<Vec<_>>()).0
    }
}

/// The standard error of a number, by what it is without each group: `sqrt((g - 1) / g * sum of (x_k - mean)^2)`.
fn jackknife(without: impl Iterator<Item = f64> + Clone) -> f64 {
    let groups = real(GROUPS);
    let mean = without.clone().sum::<f64>() / groups;
    ((groups - 1.0) / groups * without.map(|x| (x - mean).powi(2)).sum::<f64>()).sqrt()
}

/// [`finds`] by the pictures of both halves, each scored on the other half: the mean.
fn finds_of(shares: &[f64], halves: [&[f64]; 2]) -> f64 {
    0.5 * (finds(shares, halves[0], halves[1]) + finds(shares, halves[1], halves[0]))
}

/// Of what the best picture's first readings do to the score, how much do the map's first ones? Readings are taken by
/// magnitude, what each does is from the other half of the pairs, and counts against the map where its sign is wrong.
/// The mean over the first one, two, three ... readings, each weighted by its magnitude in the best picture.
fn finds(shares: &[f64], best: &[f64], effects: &[f64]) -> f64 {
    let of_map = sums(shares, effects);
    let of_best = sums(best, effects);
    let order = by_magnitude(best);
    let total: f64 = best.iter().map(|share| share.abs()).sum();
    let (mut seen, mut weights, mut found) = (0.0, 0.0, 0.0);
    for (rank, player) in order.iter().enumerate() {
        if seen > LOOKED_AT * total {
            break;
        }
        let weight = best[*player].abs();
        seen += weight;
        weights += weight;
        found += if of_best[rank] > 0.0 { weight * of_map[rank] / of_best[rank] } else { 0.0 };
    }
    if weights > 0.0 { found / weights } else { f64::NAN }
}

/// What the first one, two, three ... readings of a map do, where it has the sign right.
fn sums(shares: &[f64], effects: &[f64]) -> Vec<f64> {
    let credited = by_magnitude(shares).into_iter().map(|player| {
        let sign = if shares[player] == 0.0 { 0.0 } else { shares[player].signum() };
        sign * effects[player]
    });
    let add = |sum: &mut f64, credit: f64| {
        *sum += credit;
        Some(*sum)
    };
    credited.scan(0.0, add).collect()
}

/// Players from the largest share by magnitude to the smallest; ties keep their order.
fn by_magnitude(shares: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    sort_by(&mut order, |p, q| shares[*q].abs().total_cmp(&shares[*p].abs()));
    order
}

#[cfg(test)]
mod tests {
    use super::{AuditEffects, Effect, finds};
    use crate::engine::explain::audit::additive::Best;
    use crate::engine::explain::audit::pairs::{Pairs, draw};
    use crate::engine::explain::random::Random;

    #[test]
    fn the_first_readings_are_found_or_not() {
        // By hand. The best picture's first two carry 4 and 3 of 7.5; the map's first two are the second and the third.
        let effects = [4.0, 3.0, 0.5];
        assert!((finds(&effects, &effects, &effects) - 1.0).abs() < 1e-12);
        let map = [0.0, 2.0, 1.0];
        let expected = (4.0 * (3.0 / 4.0) + 3.0 * (3.5 / 7.0)) / 7.0;
        assert!((finds(&map, &effects, &effects) - expected).abs() < 1e-12);
        assert!((finds(&effects.map(|e| -e), &effects, &effects) + 1.0).abs() < 1e-12);
        assert!(finds(&[0.0; 3], &[0.0; 3], &[0.0; 3]).is_nan());
    }

    #[test]
    fn an_exact_picture_follows_and_its_opposite_does_not() {
        let mut random = Random::new(2);
        let truth: Vec<f64> = (0..40).map(|_| random.normal()).collect();
        let mut pairs = Pairs { sets: (0..256).map(|_| draw(&mut random, 40)).collect(), differences: vec![] };
        pairs.differences = pairs.said(&truth);
        let of = |sign: f64| {
            let shares: Vec<f64> = truth.iter().map(|share| sign * share).collect();
            AuditEffects::of(&pairs, &Best::of(&pairs), &shares, &mut Random::new(1))
        };
        for (sign, found) in [(1.0, of(1.0)), (-1.0, of(-1.0))] {
            assert!((found.follows.value - sign).abs() < 1e-3 && (found.finds.value - sign).abs() < 1e-3, "{found:?}");
            assert!(
                found.follows.interval[0] <= found.follows.value && found.follows.value <= found.follows.interval[1]
            );
        }
        // A picture that says nothing goes with nothing.
        let nothing = AuditEffects::of(&pairs, &Best::of(&pairs), &[0.0; 40], &mut Random::new(1));
        assert!(nothing.follows.value.abs() < 1e-12);
    }

    #[test]
    fn a_mean_has_its_interval() {
        let effect = Effect::mean(&[1.0, 2.0, 3.0], &mut Random::new(1));
        assert!((effect.value - 2.0).abs() < 1e-12 && effect.interval[0] < 2.0 && effect.interval[1] > 2.0);
        assert!(Effect::mean(&[], &mut Random::new(1)).value.is_nan());
    }
}
