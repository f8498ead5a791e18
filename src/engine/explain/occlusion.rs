//! Occlusion: what the score loses when a part of the input is taken away (Zeiler and Fergus 2014,
//! 10.1007/978-3-319-10590-1_53).
//!
//! Each player is taken away alone, so that as many runs are needed as there are players. What stands in place of a
//! part that is gone is up to [`Players`]; for a stay it is what its reader would have put there.

use super::near::{AT_A_TIME, Near};
use super::players::{Players, spread};
use super::relevance::Relevance;
use super::scorer::{Network, Scorer};
use crate::error::Result;
use crate::job::{Job, Progress};

/// `R_k = f(everything) - f(everything but player k)`, one run a player.
#[derive(Debug)]
pub struct Occlusion<N, P> {
    /// The network, which runs inputs beside the whole one.
    near: Near<N>,
    /// What is taken away.
    players: P,
    /// All true but while one player is away.
    present: Vec<bool>,
    /// `R_k` of the players done so far.
    effects: Vec<f64>,
    /// The run of the whole input.
    whole: super::Scored,
    /// Length of the input.
    len: usize,
}

impl<N: Network, P: Players> Occlusion<N, P> {
    /// Runs the whole input; the rest is done by [`Job::advance`].
    ///
    /// # Errors
    /// Where the network cannot be run.
    pub fn new(scorer: Scorer<N>, players: P) -> Result<Self> {
        let present = vec![true; players.n_players()];
        let input = players.input(&present);
        let near = Near::new(scorer, &input)?;
        let whole = near.scored();
        Ok(Self { near, players, present, effects: Vec::new(), whole, len: input.len() })
    }
}

/// What taking each player away does, and the picture of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayerEffects {
    /// One a player.
    pub effects: Vec<f64>,
    /// Each effect at its player's sites. It has no ledger: effects do not add up to the score.
    pub relevance: Relevance,
}

impl<N: Network, P: Players> Job for Occlusion<N, P> {
    type Output = PlayerEffects;

    fn advance(&mut self) -> Result<bool> {
        let n = self.present.len();
        let some = self.effects.len()..n.min(self.effects.len() + AT_A_TIME);
        let inputs = some.map(|player| {
            self.present[player] = false;
            let without = self.players.input(&self.present);
            self.present[player] = true;
            without
        });
        let without = self.near.scores(inputs.collect::<Vec<_>>())?;
        let whole = self.near.of(&self.whole);
        self.effects.extend(without.into_iter().map(|without| whole - without));
        Ok(self.effects.len() == n)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.effects.len(), total: self.present.len() }
    }

    fn finish(self) -> Result<PlayerEffects> {
        let values = spread(&self.players, &self.effects, self.len);
        let score = self.near.of(&self.whole);
        Ok(PlayerEffects { effects: self.effects, relevance: self.whole.relevance(values, score, None) })
    }
}
