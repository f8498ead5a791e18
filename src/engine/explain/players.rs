//! What perturbing methods take away: parts of an input, one by one or together.
//!
//! The methods know no channel, hour or measurement. They ask for the input with some players present, and the
//! implementation says what it would have been without the others; for a stay `stay/removal.rs` does.

use super::random::Random;
use super::relevance::Relevance;
use crate::engine::number::real;

/// Parts of an input that can be taken away. What stands in place of a part that is gone is up to the implementation,
/// and may depend on what else is gone.
pub trait Players {
    /// How many there are.
    fn n_players(&self) -> usize;

    /// The input with only those players present, `[n_steps * n_columns]`; `present` is `[n_players]`.
    fn input(&self, present: &[bool]) -> Vec<f32>;

    /// The whole input with noise the size of a measurement's; the input itself where nothing is known about that.
    fn noisy(&self, _random: &mut Random) -> Vec<f32> {
        self.input(&vec![true; self.n_players()])
    }

    /// Whether anything is known about how far measurements err.
    fn has_noise(&self) -> bool {
        false
    }

    /// Where a player stands: the indices into the input that receive its share, evenly.
    fn sites(&self, player: usize) -> &[usize];

    /// Every index into the input that a player decides on, its sites among them. Different players may share none.
    fn extent(&self, player: usize) -> &[usize];
}

impl<P: Players + ?Sized> Players for std::rc::Rc<P> {
    fn n_players(&self) -> usize {
        (**self).n_players()
    }

    fn input(&self, present: &[bool]) -> Vec<f32> {
        (**self).input(present)
    }

    fn noisy(&self, random: &mut Random) -> Vec<f32> {
        (**self).noisy(random)
    }

    fn has_noise(&self) -> bool {
        (**self).has_noise()
    }

    fn sites(&self, player: usize) -> &[usize] {
        (**self).sites(player)
    }

    fn extent(&self, player: usize) -> &[usize] {
        (**self).extent(player)
    }
}

impl<P: Players + ?Sized> Players for &P {
    fn n_players(&self) -> usize {
        (**self).n_players()
    }

    fn input(&self, present: &[bool]) -> Vec<f32> {
        (**self).input(present)
    }

    fn noisy(&self, random: &mut Random) -> Vec<f32> {
        (**self).noisy(random)
    }

    fn has_noise(&self) -> bool {
        (**self).has_noise()
    }

    fn sites(&self, player: usize) -> &[usize] {
        (**self).sites(player)
    }

    fn extent(&self, player: usize) -> &[usize] {
        (**self).extent(player)
    }
}

/// Groups of numbers of the input that a baseline's numbers take the place of.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The input that is explained.
    input: Vec<f32>,
    /// What stands where a group is gone, number for number.
    baseline: Vec<f32>,
    /// The indices of each player.
    groups: Vec<Vec<usize>>,
}

impl Replacement {
    /// `input` and `baseline` are of equal length; each group is a list of indices into them, no index in two groups.
    #[must_use]
    pub fn new(input: &[f32], baseline: &[f32], groups: Vec<Vec<usize>>) -> Self {
        Self { input: input.to_vec(), baseline: baseline.to_vec(), groups }
    }
}

impl Players for Replacement {
    fn n_players(&self) -> usize {
        self.groups.len()
    }

    fn input(&self, present: &[bool]) -> Vec<f32> {
        let mut input = self.input.clone();
        for (group, _) in self.groups.iter().zip(present).filter(|(_, present)| !**present) {
            group.iter().for_each(|index| input[*index] = self.baseline[*index]);
        }
        input
    }

    fn sites(&self, player: usize) -> &[usize] {
        &self.groups[player]
    }

    fn extent(&self, player: usize) -> &[usize] {
        &self.groups[player]
    }
}

/// Each player's share, spread evenly over its sites; `len` is that of the input.
#[must_use]
pub fn spread(players: &impl Players, shares: &[f64], len: usize) -> Vec<f64> {
    let mut values = vec![0.0; len];
    for (player, share) in shares.iter().enumerate() {
        let sites = players.sites(player);
        sites.iter().for_each(|index| values[*index] += share / real(sites.len()));
    }
    values
}

/// The sum of a relevance over what each player decides on, `[n_players]`.
#[must_use]
pub fn gather(players: &impl Players, relevance: &Relevance) -> Vec<f64> {
    let sum = |player| players.extent(player).iter().map(|index| relevance.values[*index]).sum();
    (0..players.n_players()).map(sum).collect()
}
