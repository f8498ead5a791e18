//! Runs that the audits of several maps of one input share: what decides is asked of every map by the same sets.

use std::cell::RefCell;
use std::rc::Rc;

use super::runs::DecidingRuns;

/// What the last audit ran, for that of another map of the same input. Copies are the same store.
#[derive(Debug, Clone, Default)]
pub struct SharedRuns(Rc<RefCell<Option<(RunsOf, DecidingRuns)>>>);

/// What runs are of: audits that agree in all of it run the same sets and get the same scores.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RunsOf {
    /// The input with every player, and with none.
    pub(super) inputs: [Vec<f32>; 2],
    /// What each network makes of both, of the target that is explained.
    pub(super) scores: Vec<f64>,
    /// How many players there are.
    pub(super) n_players: usize,
    /// Where random numbers began.
    pub(super) seed: u64,
}

impl SharedRuns {
    /// What was run of the same.
    pub(super) fn of(&self, of: &RunsOf) -> Option<DecidingRuns> {
        self.0.borrow().as_ref().filter(|(kept, _)| kept == of).map(|(_, runs)| runs.clone())
    }

    /// Takes the place of what was kept before.
    pub(super) fn keep(&self, of: RunsOf, runs: DecidingRuns) {
        *self.0.borrow_mut() = Some((of, runs));
    }
}
