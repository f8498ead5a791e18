//! Random sets of players, each with the set of all others, and what taking either away does to the score.
//!
//! ```text
//! d = drop(S) - drop(all but S)        z_k = 1 for k in S, else -1
//! an additive picture r says that      d = sum over k of z_k r_k
//! ```
//!
//! In the difference all that two readings do together cancels, so that what is left is nearly additive even where the
//! network is not (paired sampling: Covert and Lee 2021, arXiv:2012.01536).

use crate::engine::explain::players::Players;
use crate::engine::explain::random::Random;
use crate::error::Result;

/// Pairs of sets, and what became of the score.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    /// Of each pair, which players are in its first set.
    pub(super) sets: Vec<Vec<bool>>,
    /// Of each pair, `drop(S) - drop(all but S)`.
    pub(super) differences: Vec<f64>,
}

/// A set of a random size, neither empty nor all.
pub(super) fn draw(random: &mut Random, n_players: usize) -> Vec<bool> {
    let size = 1 + random.below(n_players - 1);
    let mut set = vec![false; n_players];
    random.order(n_players)[..size].iter().for_each(|player| set[*player] = true);
    set
}

impl Pairs {
    /// Draws pairs and runs both sets of each: `drop(S) - drop(all but S) = f(S present) - f(all but S present)`.
    pub(super) fn add(
        &mut self,
        count: usize,
        scores: impl Fn(&[Vec<f32>]) -> Result<Vec<f64>>,
        players: &impl Players,
        random: &mut Random,
    ) -> Result<()> {
        let mut inputs = Vec::with_capacity(2 * count);
        for _ in 0..count {
            let set = draw(random, players.n_players());
            let others: Vec<bool> = set.iter().map(|is_in| !is_in).collect();
            inputs.extend([&set, &others].map(|set| players.input(set)));
            self.sets.push(set);
        }
        let scores = scores(&inputs)?;
        self.differences.extend(scores.as_chunks::<2>().0.iter().map(|[of_set, of_others]| of_set - of_others));
        Ok(())
    }

    /// What shares say of each pair: `sum over k of z_k r_k`.
    pub(super) fn said(&self, shares: &[f64]) -> Vec<f64> {
        let of =
            |set: &Vec<bool>| set.iter().zip(shares).map(|(is_in, share)| if *is_in { *share } else { -share }).sum();
        self.sets.iter().map(of).collect()
    }

    /// Values of the pairs without what follows from the size of their sets alone: large sets move every score, and a
    /// picture that merely has the right sum would go with that.
    pub(super) fn without_size(&self, values: &[f64]) -> Vec<f64> {
        let size = self.said(&vec![1.0; self.n_players()]);
        let squares: f64 = size.iter().map(|s| s * s).sum();
        let slope = values.iter().zip(&size).map(|(v, s)| v * s).sum::<f64>() / squares.max(f64::MIN_POSITIVE);
        values.iter().zip(&size).map(|(v, s)| v - slope * s).collect()
    }

    /// The first so many.
    pub(super) fn first(&self, count: usize) -> Self {
        Self { sets: self.sets[..count].to_vec(), differences: self.differences[..count].to_vec() }
    }

    /// Those whose place is asked for.
    pub(super) fn those(&self, is_asked: impl Fn(usize) -> bool) -> Self {
        let which: Vec<usize> = (0..self.sets.len()).filter(|pair| is_asked(*pair)).collect();
        Self {
            sets: which.iter().map(|pair| self.sets[*pair].clone()).collect(),
            differences: which.iter().map(|pair| self.differences[*pair]).collect(),
        }
    }

    /// How many players there are; none where there is no pair.
    pub(super) fn n_players(&self) -> usize {
        self.sets.first().map_or(0, Vec::len)
    }
}
