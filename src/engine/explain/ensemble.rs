//! What several networks say of one input together: their mean, how far they spread, and what they agree on.
//!
//! ```text
//! score = 1/n sum over m of score_m        R_k = 1/n sum over m of R_mk        probability = 1/n sum over m of p_m
//! ```
//!
//! Every explanation here is linear in what it divides, so that the mean of complete explanations is a complete
//! explanation of the mean score. The mean probability is that of the networks, not the sigmoid of the mean score.

use super::relevance::{Ledger, Relevance};
use crate::engine::number::real;

/// How many of `n` networks have to agree before what they say is said: four of five, in other numbers at least that
/// part of them.
#[must_use]
pub const fn enough(n: usize) -> usize {
    (4 * n).div_ceil(5)
}

/// One number of several networks.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSpread {
    /// The number of each network.
    pub each: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`; 0 for one network.
    pub deviation: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

impl NetworkSpread {
    /// Of at least one number.
    #[must_use]
    pub fn of(each: Vec<f64>) -> Self {
        let mean = mean_of(each.iter().copied());
        let squares: f64 = each.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = if each.len() < 2 { 0.0 } else { (squares / real(each.len() - 1)).sqrt() };
        let least = each.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = each.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { each, mean, deviation, least, greatest }
    }
}

/// The mean of explanations of the same input, method and target by networks that read the same columns; `None` where
/// there is none. It has a ledger where all of them have.
#[must_use]
pub fn mean(explanations: &[Relevance]) -> Option<Relevance> {
    let first = explanations.first()?;
    let of = |number: fn(&Relevance) -> f64| mean_of(explanations.iter().map(number));
    let cell = |k: usize| mean_of(explanations.iter().map(|it| it.values[k]));
    let ledgers: Option<Vec<Ledger>> = explanations.iter().map(|it| it.ledger).collect();
    let ledger = ledgers.map(|ledgers| {
        let of = |part: fn(&Ledger) -> f64| mean_of(ledgers.iter().map(part));
        Ledger {
            inputs: of(|it| it.inputs),
            biases: of(|it| it.biases),
            initial_states: of(|it| it.initial_states),
            epsilon: of(|it| it.epsilon),
            reference: of(|it| it.reference),
        }
    });
    Some(Relevance {
        values: (0..first.values.len()).map(cell).collect(),
        score: of(|it| it.score),
        logit: of(|it| it.logit),
        probability: of(|it| it.probability),
        is_probability: first.is_probability,
        unit: first.unit,
        ledger,
        note: explanations.iter().find_map(|it| it.note),
    })
}

/// For each entry of lists of equal length, one a network, how many of them have the sign of the mean: raising,
/// lowering, or nothing at all.
#[must_use]
pub fn agreeing(lists: &[&[f64]]) -> Vec<usize> {
    let n = lists.iter().map(|list| list.len()).min().unwrap_or_default();
    let count = |k: usize| {
        let of_mean = sign(lists.iter().map(|list| list[k]).sum());
        lists.iter().filter(|list| sign(list[k]) == of_mean).count()
    };
    (0..n).map(count).collect()
}

/// Something that networks name, such as a channel that raises the score, and how many of them do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedBySome<T> {
    /// What is named.
    pub name: T,
    /// How many name it.
    pub by: usize,
}

/// What is named, each with how many of the lists, one a network, hold it: in the order of `first`, the list of the mean,
/// then what only single networks name. A list that names something twice counts once.
#[must_use]
pub fn named<T: Copy + PartialEq>(first: &[T], lists: &[Vec<T>]) -> Vec<NamedBySome<T>> {
    let mut named: Vec<NamedBySome<T>> = Vec::new();
    for name in first.iter().chain(lists.iter().flatten()) {
        if named.iter().all(|known| known.name != *name) {
            named.push(NamedBySome { name: *name, by: lists.iter().filter(|list| list.contains(name)).count() });
        }
    }
    named
}

/// The mean; NaN of no numbers.
fn mean_of(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = real(numbers.len());
    numbers.sum::<f64>() / n
}

/// 1, -1, or 0 for nothing.
fn sign(number: f64) -> i8 {
    i8::from(number > 0.0) - i8::from(number < 0.0)
}

#[cfg(test)]
mod tests {
    use super::{NamedBySome, NetworkSpread, agreeing, enough, mean, named};
    use crate::engine::explain::relevance::{Ledger, Relevance, ScoreUnit};
    use crate::engine::number::real;

    #[test]
    fn four_of_five_are_enough_and_never_fewer_than_that_part() {
        let counts: Vec<usize> = (0..=10).map(enough).collect();
        assert_eq!(counts, [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8]);
        assert!((1..200).all(|n| real(enough(n)) >= 0.8 * real(n) && real(enough(n)) - 1.0 < 0.8 * real(n)));
    }

    /// The sample standard deviation of 2, 4, 4, 4, 5, 5, 7, 9 is sqrt(32 / 7).
    #[test]
    fn a_spread_is_the_sample_standard_deviation() {
        let spread = NetworkSpread::of(vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert!((spread.deviation - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!((spread.mean, spread.least, spread.greatest), (5.0, 2.0, 9.0));
        assert_eq!(NetworkSpread::of(vec![0.3]).deviation, 0.0);
    }

    /// The third cell's mean has the sign of one strong network, so that four against it are no agreement.
    #[test]
    fn cells_agree_with_the_sign_of_the_mean() {
        let lists: [&[f64]; 5] =
            [&[1.0, 0.0, -9.0], &[2.0, 0.0, 1.0], &[1.0, 0.0, 1.0], &[-1.0, 0.0, 1.0], &[0.0, 0.0, 1.0]];
        assert_eq!(agreeing(&lists), [3, 5, 1]);
        assert_eq!(agreeing(&[]), Vec::<usize>::new());
    }

    #[test]
    fn the_mean_of_complete_explanations_is_complete() {
        let of = |values: Vec<f64>, biases: f64| {
            let ledger = Ledger { inputs: values.iter().sum(), biases, ..Ledger::default() };
            let score = ledger.total();
            Relevance {
                values,
                score,
                logit: score,
                probability: 0.5,
                is_probability: true,
                unit: ScoreUnit::LogOdds,
                ledger: Some(ledger),
                note: None,
            }
        };
        let mut both = [of(vec![1.0, -3.0], 0.5), of(vec![2.0, 1.0], -1.5)];
        let together = mean(&both).map(|it| (it.values.clone(), it.score, it.residual()));
        assert_eq!(together, Some((vec![1.5, -1.0], 0.0, 0.0)));
        both[1].ledger = None;
        assert_eq!(mean(&both).and_then(|it| it.ledger), None);
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn names_are_counted_once_a_network_and_stand_in_the_order_of_the_mean() {
        let lists = [vec![3, 1], vec![1, 3, 1], vec![7]];
        let of = |name, by| NamedBySome { name, by };
        assert_eq!(named(&[1, 9], &lists), [of(1, 2), of(9, 0), of(3, 2), of(7, 1)]);
    }
}
