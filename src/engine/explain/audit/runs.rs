//! What decides: pairs of sets that are run, and looked at more than once where the word for a map is not sure at first.
//!
//! ```text
//! pairs at a look:   n, 2 n, 4 n,   n = 4 a player, from 256 to 1,024
//! ```
//!
//! A map is looked at with n pairs. Where a bound between two words is within four standard errors of its log-odds, as many
//! pairs again are drawn, up to 4 n, or as many as [`AFFORDED`] allows. Four and not two: the best picture gains by more
//! pairs, so that what is relative to it moves a little as well.

use super::additive::Best;
use super::effect::AuditEffects;
use super::pairs::Pairs;
use crate::engine::explain::players::Players;
use crate::engine::explain::random::Random;
use crate::engine::number::real;
use crate::error::Result;

/// Pairs of sets at the first look, at least and at most; between them [`PER_PLAYER`] a player.
const FEWEST: usize = 256;
const MOST: usize = 1024;
const PER_PLAYER: usize = 4;

/// Pairs at each look, as multiples of those at the first.
const LOOKS: [usize; 3] = [1, 2, 4];

/// Multiplications of all pairs' runs together beyond which no further look is taken: about a second and a half.
const AFFORDED: f64 = 3.5e10;

/// Pairs that were run, and the best additive picture of as many as each look has.
#[derive(Debug, Clone)]
pub(super) struct DecidingRuns {
    /// All that were run, for this map and for others of the same input.
    pub(super) pairs: Pairs,
    /// One a look, as far as looks were taken.
    bests: Vec<Best>,
    /// Pairs at each look.
    looks: Vec<usize>,
    seed: u64,
    /// For sets.
    random: Random,
}

impl DecidingRuns {
    /// Nothing yet. `multiplications` are those of one run of all networks. Of fewer than two players no set leaves a
    /// choice, and there is no look.
    pub(super) fn new(n_players: usize, multiplications: f64, seed: u64) -> Self {
        let first = if n_players < 2 { 0 } else { (PER_PLAYER * n_players).clamp(FEWEST, MOST) };
        let is_afforded = |times: &usize| *times == 1 || 2.0 * real(times * first) * multiplications <= AFFORDED;
        let looks = LOOKS.into_iter().filter(is_afforded).map(|times| times * first);
        let looks = if first == 0 { Vec::new() } else { looks.collect() };
        Self { pairs: Pairs::default(), bests: Vec::new(), looks, seed, random: Random::new(seed) }
    }

    /// Looks that can be taken.
    pub(super) const fn n_looks(&self) -> usize {
        self.looks.len()
    }

    /// Pairs of a look.
    pub(super) fn n_pairs(&self, look: usize) -> usize {
        self.looks.get(look).copied().unwrap_or_default()
    }

    /// Pairs of a look that were not run yet.
    pub(super) fn n_missing(&self, look: usize) -> usize {
        self.n_pairs(look).saturating_sub(self.pairs.sets.len())
    }

    /// Runs so many more pairs.
    pub(super) fn add(
        &mut self,
        count: usize,
        scores: impl Fn(&[Vec<f32>]) -> Result<Vec<f64>>,
        players: &impl Players,
    ) -> Result<()> {
        self.pairs.add(count, scores, players, &mut self.random)
    }

    /// What is found of a map at a look, the same whatever was looked at before: `shares` are one a player.
    pub(super) fn look(&mut self, look: usize, shares: &[f64]) -> AuditEffects {
        let pairs = self.pairs.first(self.n_pairs(look));
        if self.bests.len() == look {
            self.bests.push(Best::of(&pairs));
        }
        AuditEffects::of(&pairs, &self.bests[look], shares, &mut Random::new(!self.seed))
    }

    /// The best additive picture, of the last look that was taken.
    pub(super) fn best(&self, look: usize) -> Option<Vec<f64>> {
        self.bests.get(look).map(Best::mean)
    }
}
