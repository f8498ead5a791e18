//! How far a map goes with what the network does, relative to the best additive picture: two effect sizes.

use super::additive::Best;
use super::pairs::Pairs;
use crate::engine::explain::agreement::{middle, pearson};
use crate::engine::explain::random::Random;
use crate::engine::number::real;

/// Resamples of the pairs that an interval is made of.
const RESAMPLES: usize = 200;

/// Where even the best picture goes with the score by less than this, it is taken as this: nothing is divided by zero.
const LEAST_CEILING: f64 = 0.05;

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
}

impl AuditEffects {
    /// `shares` are the map's, one a player.
    pub(super) fn of(pairs: &Pairs, best: &Best, shares: &[f64], random: &mut Random) -> Self {
        let (follows, ceiling) = follows(pairs, best, shares, random);
        let halves = [0, 1].map(|half| finds(shares, &best.shares[half], &best.shares[1 - half]));
        let value = 0.5 * (halves[0] + halves[1]);
        let interval = [halves[0].min(halves[1]), halves[0].max(halves[1])];
        Self { follows, finds: Effect { value, interval }, ceiling }
    }
}

/// The correlation between what the map says of a pair and what became of the score, divided by that of the best
/// picture, and that of the best picture.
fn follows(pairs: &Pairs, best: &Best, shares: &[f64], random: &mut Random) -> (Effect, f64) {
    let [said, best, became] =
        [pairs.said(shares), best.said(pairs), pairs.differences.clone()].map(|values| pairs.without_size(&values));
    let ratio = |which: &[usize]| {
        let of = |values: &[f64]| which.iter().map(|pair| values[*pair]).collect::<Vec<f64>>();
        let became = of(&became);
        let ceiling = pearson(&of(&best), &became);
        (pearson(&of(&said), &became) / ceiling.max(LEAST_CEILING), ceiling)
    };
    let n = became.len();
    let (value, ceiling) = ratio(&(0..n).collect::<Vec<_>>());
    let mut resampled = || ratio(&(0..n).map(|_| random.below(n)).collect::<Vec<_>>()).0;
    let interval = middle((0..RESAMPLES).map(|_| resampled()).collect());
    (Effect { value, interval }, ceiling)
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
    order.sort_by(|p, q| shares[*q].abs().total_cmp(&shares[*p].abs()));
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
