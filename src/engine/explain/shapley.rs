//! Shapley values of players: what each adds to the score, averaged over all orders in which they may arrive
//! (Shapley 1953; sampled as in Castro 2009, 10.1016/j.cor.2008.04.004).
//!
//! ```text
//! R_k = mean over orders of ( f(all before k, and k) - f(all before k) )        sum_k R_k = f(all) - f(none)
//! ```
//!
//! An order takes n runs. With sampled orders the sum is exact all the same, because each order adds up to it; what is
//! uncertain is how the sum divides, and the standard errors say how much.

use super::near::{AT_A_TIME, Near};
use super::players::{Players, spread};
use super::random::Random;
use super::relevance::{Ledger, Relevance};
use super::scorer::{Network, Scorer, of_reference};
use crate::engine::number::real;
use crate::error::{Error, Kind, Place, Result};
use crate::job::{Job, Progress};

/// More players than this have their values sampled: `2^12` runs are about as many as 4096 sampled ones.
pub const EXACT_MAX: usize = 12;

/// Shapley values with their account.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapleyValues {
    /// One a player.
    pub values: Vec<f64>,
    /// The standard error of each, from how far pairs of orders differ; zero where the values are exact.
    pub errors: Vec<f64>,
    /// Each value at its player's sites. The ledger is complete: inputs plus the score with all players gone.
    pub relevance: Relevance,
}

/// All coalitions, where there are few players; else sampled orders.
#[derive(Debug)]
pub struct Shapley<N, P> {
    /// The network, which runs coalitions beside one that differs little.
    near: Near<N>,
    /// Who may be present.
    players: P,
    /// The run with all players present.
    whole: super::Scored,
    /// The score with none.
    empty: f64,
    /// Length of the input.
    len: usize,
    /// What has been summed so far.
    sum: ShapleySum,
}

/// The scores of all coalitions, or sampled orders.
#[derive(Debug)]
enum ShapleySum {
    /// The score of every coalition so far; bit `k` of its index says whether player `k` is present.
    Coalitions(Vec<f64>),
    /// Arrivals in random order.
    Orders(Orders),
}

/// Players that arrive in random order, one after another; when all have arrived the next order begins.
#[derive(Debug)]
struct Orders {
    /// Where orders come from.
    random: Random,
    /// How many orders are asked for.
    total: usize,
    /// The order that is under way.
    order: Vec<usize>,
    /// Players of the order that have arrived.
    arrived: usize,
    /// Who has arrived.
    present: Vec<bool>,
    /// The score of those.
    score: f64,
    /// Orders that are complete.
    done: usize,
    /// What each player added in the order of the pair that was done first.
    first: Vec<f64>,
    /// Sums over pairs of the mean of their two orders, and of its square.
    sum: Vec<f64>,
    /// And of the squares of these means.
    squares: Vec<f64>,
}

impl<N: Network, P: Players> Shapley<N, P> {
    /// Runs the whole input and the empty one. Up to [`EXACT_MAX`] players are done exactly; more by `n_orders` orders
    /// of seed `seed`, every second of them the reverse of the one before it.
    ///
    /// # Errors
    /// Where the network cannot be run, and for orders that are no pairs, or fewer than two pairs: one pair has no error.
    pub fn new(scorer: Scorer<N>, players: P, n_orders: usize, seed: u64) -> Result<Self> {
        let n = players.n_players();
        let input = players.input(&vec![true; n]);
        let near = Near::new(scorer, &input)?;
        let whole = near.scored();
        let empty = near.score(players.input(&vec![false; n])).map_err(of_reference)?;
        if n > EXACT_MAX && (n_orders < 4 || !n_orders.is_multiple_of(2)) {
            let message = format!("is {n_orders}; orders come in pairs, so choose an even number from 4");
            return Err(Error::new(Kind::Argument, message).at(Place::Field("orders".into())));
        }
        let sum = if n <= EXACT_MAX {
            ShapleySum::Coalitions(Vec::with_capacity(1 << n))
        } else {
            ShapleySum::Orders(Orders {
                random: Random::new(seed),
                total: n_orders,
                order: Vec::new(),
                arrived: n,
                present: vec![false; n],
                score: empty,
                done: 0,
                first: vec![0.0; n],
                sum: vec![0.0; n],
                squares: vec![0.0; n],
            })
        };
        Ok(Self { near, players, whole, empty, len: input.len(), sum })
    }
}

impl<N: Network, P: Players> Job for Shapley<N, P> {
    type Output = ShapleyValues;

    fn advance(&mut self) -> Result<bool> {
        let n = self.players.n_players();
        match &mut self.sum {
            ShapleySum::Coalitions(scores) if scores.len() < 1 << n => {
                // Coalitions that differ in the first few players are run beside the first of them.
                let input = |coalition: usize| {
                    let present: Vec<bool> = (0..n).map(|k| coalition >> k & 1 == 1).collect();
                    self.players.input(&present)
                };
                let first = scores.len();
                scores.push(self.near.go_on(input(first))?);
                scores.extend(self.near.scores((first + 1..(1 << n).min(first + AT_A_TIME)).map(input))?);
                Ok(scores.len() == 1 << n)
            }
            ShapleySum::Coalitions(_) => Ok(true),
            ShapleySum::Orders(orders) if orders.done < orders.total => {
                orders.arrive(&mut self.near, &self.players, self.empty)
            }
            ShapleySum::Orders(_) => Ok(true),
        }
    }

    fn progress(&self) -> Progress {
        let n = self.players.n_players();
        match &self.sum {
            ShapleySum::Coalitions(scores) => Progress { done: scores.len(), total: 1 << n },
            ShapleySum::Orders(orders) => {
                let begun = if orders.arrived < n { orders.arrived } else { 0 };
                Progress { done: orders.done * n + begun, total: orders.total * n }
            }
        }
    }

    fn finish(self) -> Result<ShapleyValues> {
        let n = self.players.n_players();
        let (values, errors) = match self.sum {
            ShapleySum::Coalitions(scores) => (exact(&scores, n), vec![0.0; n]),
            ShapleySum::Orders(orders) => orders.means(),
        };
        let cells = spread(&self.players, &values, self.len);
        let ledger = Ledger { inputs: values.iter().sum(), reference: self.empty, ..Ledger::default() };
        let score = self.near.of(&self.whole);
        let relevance = self.whole.relevance(cells, score, Some(ledger));
        Ok(ShapleyValues { values, errors, relevance })
    }
}

impl Orders {
    /// The next player of the order arrives, and is credited with what that adds.
    fn arrive<N: Network, P: Players>(&mut self, near: &mut Near<N>, players: &P, empty: f64) -> Result<bool> {
        let n = self.present.len();
        if self.arrived == n {
            self.begin(empty);
        }
        let player = self.order[self.arrived];
        self.present[player] = true;
        let score = near.go_on(players.input(&self.present))?;
        let added = score - self.score;
        self.credit(player, added);
        self.score = score;
        self.arrived += 1;
        self.done += usize::from(self.arrived == n);
        Ok(self.done == self.total)
    }

    /// Two orders of a pair depend on each other, pairs do not: what is summed is the mean of each pair.
    fn credit(&mut self, player: usize, added: f64) {
        if self.done.is_multiple_of(2) {
            self.first[player] = added;
        } else {
            let mean = 0.5 * (self.first[player] + added);
            self.sum[player] += mean;
            self.squares[player] += mean * mean;
        }
    }

    /// The first order of a pair is random, the second its reverse: a player that came early then comes late, which
    /// takes most of the chance out of the mean.
    fn begin(&mut self, empty: f64) {
        if self.done.is_multiple_of(2) {
            self.order = self.random.order(self.present.len());
        } else {
            self.order.reverse();
        }
        self.present.fill(false);
        self.arrived = 0;
        self.score = empty;
    }

    /// Means and their standard errors.
    fn means(self) -> (Vec<f64>, Vec<f64>) {
        let n = real((self.done / 2).max(1));
        let means: Vec<f64> = self.sum.iter().map(|sum| sum / n).collect();
        let variance = |square: &f64, mean: &f64| (square / n - mean * mean).max(0.0) / (n - 1.0).max(1.0);
        let errors = self.squares.iter().zip(&means).map(|(square, mean)| variance(square, mean).sqrt()).collect();
        (means, errors)
    }
}

/// `R_k = sum over coalitions S without k of |S|! (n - |S| - 1)! / n! ( f(S and k) - f(S) )`
fn exact(scores: &[f64], n: usize) -> Vec<f64> {
    // weight[s] = s! (n - s - 1)! / n! = 1 / (n choose(n - 1, s))
    let mut weight = vec![1.0 / real(n.max(1)); n];
    for s in 1..n {
        weight[s] = weight[s - 1] * real(s) / real(n - s);
    }
    let added = |k: usize, coalition: usize| scores[coalition | 1 << k] - scores[coalition];
    (0..n)
        .map(|k| {
            let without = (0..scores.len()).filter(|coalition| coalition >> k & 1 == 0);
            without.map(|coalition| weight[coalition.count_ones() as usize] * added(k, coalition)).sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::exact;

    /// The glove game: players 0 and 1 hold left gloves, player 2 a right one; a pair is worth 1.
    #[test]
    fn the_glove_game_has_its_known_values() {
        let worth = |coalition: usize| f64::from(u8::from(coalition & 4 != 0 && coalition & 3 != 0));
        let scores: Vec<f64> = (0..8).map(worth).collect();
        let values = exact(&scores, 3);
        for (value, expected) in values.iter().zip([1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]) {
            assert!((value - expected).abs() < 1e-15, "{values:?}");
        }
    }
}
