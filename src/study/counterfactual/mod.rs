//! What would have to change: the smallest change within reach with which the network would have predicted the other
//! label.
//!
//! Within reach is what patients are seen to do. Values and their changes an hour stay within the manifest's limits, or,
//! where it gives none, within what the record itself shows. Rows that belong together move together (a coma total is the
//! sum of its parts, a systolic pressure no lower than the mean one), over runs of hours, in the steps in which they are
//! charted, and only towards normal or to how the patient was before. Only what was measured changes; when it was measured
//! stays.
//!
//! Smallest means fewest things that move first, then the smallest [distance](answer::Counterfactual::distance).
//!
//! The search says something about the network, and nothing about the patient: a value that it reacts to is no cause that
//! could be treated.

mod answer;
mod course;
mod goal;
mod moves;
mod reach;

use std::collections::BTreeMap;

use crate::engine::order::sort_by;
use crate::job::{Job, Progress};
use crate::stay::manifest::{Channel, InputPart};
use crate::stay::{Edit, Stay};
use crate::study::models::Networks;
use crate::{Model, Result};
pub use answer::{Answer, Change, Counterfactual, Part, PartWay};
use goal::Goal;
use moves::{Move, Scope};

/// What is looked for, and how widely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOptions {
    /// The output whose label is to change.
    pub target: usize,
    /// Most things (rows that belong together) that change at once.
    pub n_together_max: usize,
    /// Rows that do not change within a stay, such as a patient's height.
    pub fixed: Vec<usize>,
}

impl SearchOptions {
    /// The search of the page. Fixed are static channels, those of the group "static", and those that carry no values of
    /// the patient but masks, times, codes, lengths and states.
    #[must_use]
    pub fn of(model: &Model, target: usize) -> Self {
        let is_other = |part: InputPart| !matches!(part, InputPart::Value | InputPart::Static);
        let others = model.inputs().iter().filter(|input| is_other(input.part)).map(|input| input.columns.clone());
        let others: Vec<_> = others.collect();
        let is_fixed = |channel: &Channel| {
            let is_apart = || channel.columns.iter().any(|column| others.iter().any(|it| it.contains(column)));
            channel.is_static || channel.group == "static" || channel.gap.is_some() || is_apart()
        };
        let channels = model.manifest().channels.iter().enumerate();
        let fixed = channels.filter(|(_, channel)| is_fixed(channel));
        Self { target, n_together_max: 6, fixed: fixed.map(|(row, _)| row).collect() }
    }
}

/// So many bundles are looked at closely: those that do most.
const N_CLOSELY: usize = 16;

/// Combinations that are carried on from one size to the next.
const N_KEPT: usize = 3;

/// So many changes that cross are made smaller, the smallest first.
const N_SOFTENED: usize = 12;

/// What moves the output by less, in probability, is no answer.
const WORTH_SAYING: f64 = 0.005;

/// An answer does at least this share of what its rows can do: a much smaller change that does nearly as much says more.
const NEARLY_ALL: f64 = 0.9;

/// Most answers.
const N_ANSWERS: usize = 6;

/// Some moves made at once, and what the network made of it.
#[derive(Debug, Clone)]
struct Trial {
    moves: Vec<Move>,
    output: f64,
    margin: f64,
    distance: f64,
}

impl Trial {
    fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.moves.iter().flat_map(|one| &one.edits)
    }
}

/// What a round is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// A few ways to change every bundle.
    Coarse,
    /// Every way to change the bundles that do most.
    Fine,
    /// Single moves that cross, not so far.
    Alone,
    /// Moves of several bundles, one more each round.
    Together,
    /// Parts of a combination that crosses left out.
    LeaveOut,
    /// Its part of this index not so far.
    Soften(usize),
    /// Nothing is left to try.
    Done,
}

/// The search, one run of the networks at a time.
///
/// 1. Every bundle is changed in every way. Where a single change crosses the line, the smallest that does is found.
/// 2. Otherwise the strongest change of one more bundle is added to the best combinations so far, until one crosses or
///    none gains. Of that, what is not needed is left out, and the rest goes only as far as it must.
///
/// With several bundles the result is a small change, and not surely the smallest: not every combination is tried.
#[derive(Debug)]
pub struct Search<N = Model> {
    networks: N,
    stay: Stay,
    options: SearchOptions,
    goal: Goal,
    scope: Scope,
    original: Trial,
    round: Round,
    /// What the present round tries.
    queue: Vec<Vec<Move>>,
    next: usize,
    /// What the present round found.
    tried: Vec<Trial>,
    /// Single moves of all rounds.
    singles: Vec<Trial>,
    /// Combinations that do not cross, to go on from.
    kept: Vec<Trial>,
    /// The smallest that crosses.
    found: Option<Trial>,
    /// The nearest to the line, where nothing crosses it.
    nearest: Option<Trial>,
    n_together: usize,
    n_runs: usize,
}

impl<N: Networks> Search<N> {
    /// Begins a search.
    ///
    /// # Errors
    /// [`crate::Kind::Argument`] where the target is none of the network's outputs or has no label, and where the network
    /// reads words.
    pub fn new(networks: N, stay: Stay, options: SearchOptions) -> Result<Self> {
        let goal = Goal::of(networks.lead(), options.target)?;
        let manifest = networks.lead().manifest();
        let scope = Scope::of(manifest, &stay, &options.fixed)?;
        let outputs = networks.predictions(&stay.input)?;
        let original =
            Trial { moves: Vec::new(), output: outputs[goal.target()], margin: goal.margin(&outputs), distance: 0.0 };
        let queue = scope.coarse(manifest, &stay).into_iter().map(|one| vec![one]).collect();
        Ok(Self {
            networks,
            stay,
            options,
            goal,
            scope,
            original,
            round: Round::Coarse,
            queue,
            next: 0,
            tried: Vec::new(),
            singles: Vec::new(),
            kept: Vec::new(),
            found: None,
            nearest: None,
            n_together: 0,
            n_runs: 0,
        })
    }

    fn try_next(&mut self) -> Result<()> {
        let moves = std::mem::take(&mut self.queue[self.next]);
        self.next += 1;
        let manifest = self.networks.lead().manifest();
        let mut stay = self.stay.clone();
        let edits: Vec<Edit> = moves.iter().flat_map(|one| one.edits.iter().cloned()).collect();
        for edit in &edits {
            stay.edit(manifest, edit)?;
        }
        let outputs = self.networks.predictions(&stay.input)?;
        let distance = answer::distance(manifest, &self.stay, &stay, &edits);
        self.n_runs += 1;
        self.n_together = self.n_together.max(moves.len());
        self.tried.push(Trial {
            moves,
            output: outputs[self.goal.target()],
            margin: self.goal.margin(&outputs),
            distance,
        });
        Ok(())
    }

    fn crosses(&self, trial: &Trial) -> bool {
        (trial.margin > 0.0) != (self.original.margin > 0.0)
    }

    /// How far an output has come towards the other side; larger is farther.
    fn gain(&self, trial: &Trial) -> f64 {
        let change = trial.margin - self.original.margin;
        if self.original.margin > 0.0 { -change } else { change }
    }

    fn by_gain(&self, mut trials: Vec<Trial>) -> Vec<Trial> {
        sort_by(&mut trials, |a, b| self.gain(b).total_cmp(&self.gain(a)));
        trials
    }

    /// All of a round is tried: what the next one tries, until there is nothing.
    fn end_round(&mut self) {
        let tried = std::mem::take(&mut self.tried);
        let tried = self.by_gain(tried);
        let (round, queue) = match self.round {
            Round::Coarse => {
                self.singles = tried;
                (Round::Fine, self.closely())
            }
            Round::Fine => {
                let coarse = std::mem::take(&mut self.singles);
                self.singles = self.by_gain(coarse.into_iter().chain(tried).collect());
                self.after_singles()
            }
            Round::Alone => {
                self.keep_smallest(tried);
                (Round::Done, Vec::new())
            }
            Round::Together => self.after_together(tried),
            Round::LeaveOut => {
                let n_parts = self.n_parts();
                self.keep_smallest(tried);
                if self.n_parts() < n_parts { self.left_out() } else { self.softened(0) }
            }
            Round::Soften(part) => {
                self.keep_smallest(tried);
                self.softened(part + 1)
            }
            Round::Done => (Round::Done, Vec::new()),
        };
        (self.round, self.queue, self.next) = (round, queue, 0);
    }

    /// Every way to change the bundles that do most, without those that were tried.
    fn closely(&self) -> Vec<Vec<Move>> {
        let mut bundles: Vec<usize> = Vec::new();
        for bundle in self.singles.iter().map(|trial| trial.moves[0].bundle) {
            if !bundles.contains(&bundle) && bundles.len() < N_CLOSELY {
                bundles.push(bundle);
            }
        }
        let moves = self.scope.fine(self.networks.lead().manifest(), &self.stay, &bundles);
        let is_new = |one: &Move| !self.singles.iter().any(|trial| trial.moves[0].edits == one.edits);
        moves.into_iter().filter(is_new).map(|one| vec![one]).collect()
    }

    fn after_singles(&mut self) -> (Round, Vec<Vec<Move>>) {
        let mut crossing: Vec<&Trial> = self.singles.iter().filter(|trial| self.crosses(trial)).collect();
        sort_by(&mut crossing, |a, b| a.distance.total_cmp(&b.distance));
        if let Some(first) = crossing.first() {
            let manifest = self.networks.lead().manifest();
            let some = crossing.iter().take(N_SOFTENED);
            let softer = some.flat_map(|trial| self.scope.softer(manifest, &self.stay, &trial.moves[0]));
            let queue = softer.map(|one| vec![one]).collect();
            self.found = Some((*first).clone());
            return (Round::Alone, queue);
        }
        self.nearest = self.singles.first().filter(|trial| self.gain(trial) >= WORTH_SAYING).cloned();
        self.kept = self.strongest(1).into_iter().take(N_KEPT).cloned().collect();
        (Round::Together, self.combinations())
    }

    /// The single moves that gain most, so many a bundle.
    fn strongest(&self, n_each: usize) -> Vec<&Trial> {
        let mut n_of: BTreeMap<usize, usize> = BTreeMap::new();
        let gaining = self.singles.iter().filter(|trial| self.gain(trial) > 0.0);
        gaining
            .filter(|trial| {
                let n = n_of.entry(trial.moves[0].bundle).or_default();
                *n += 1;
                *n <= n_each
            })
            .collect()
    }

    /// The best combinations with the strongest changes of one more bundle.
    fn combinations(&self) -> Vec<Vec<Move>> {
        let mut sets: Vec<Vec<Move>> = Vec::new();
        if self.kept.first().is_none_or(|kept| kept.moves.len() >= self.options.n_together_max) {
            return sets;
        }
        for one in self.strongest(2).into_iter().map(|trial| &trial.moves[0]) {
            for kept in self.kept.iter().filter(|kept| kept.moves.iter().all(|it| it.bundle != one.bundle)) {
                let mut moves = kept.moves.clone();
                moves.push(one.clone());
                sort_by(&mut moves, |a, b| a.bundle.cmp(&b.bundle));
                if !sets.contains(&moves) {
                    sets.push(moves);
                }
            }
        }
        sets
    }

    fn after_together(&mut self, tried: Vec<Trial>) -> (Round, Vec<Vec<Move>>) {
        if tried.iter().any(|trial| self.crosses(trial)) {
            self.keep_smallest(tried);
            return self.left_out();
        }
        let gain = |trial: Option<&Trial>| trial.map_or(0.0, |trial| self.gain(trial));
        let best = gain(tried.first());
        if best <= gain(self.kept.first()) {
            return (Round::Done, Vec::new());
        }
        // A part that adds little is no part of what comes nearest.
        if best >= gain(self.nearest.as_ref()) + WORTH_SAYING {
            self.nearest = tried.first().cloned();
        }
        self.kept = tried.into_iter().take(N_KEPT).collect();
        (Round::Together, self.combinations())
    }

    fn n_parts(&self) -> usize {
        self.found.as_ref().map_or(0, |trial| trial.moves.len())
    }

    /// Keeps what crosses, if it is smaller than what was found.
    fn keep_smallest(&mut self, tried: Vec<Trial>) {
        let crossing = tried.into_iter().filter(|trial| self.crosses(trial)).collect::<Vec<_>>();
        for trial in crossing {
            let size = |trial: &Trial| (trial.moves.len(), trial.distance);
            if self.found.as_ref().is_none_or(|found| size(&trial) < size(found)) {
                self.found = Some(trial);
            }
        }
    }

    /// What was found without each of its parts. Of two, each was tried alone.
    fn left_out(&self) -> (Round, Vec<Vec<Move>>) {
        let Some(found) = self.found.as_ref().filter(|found| found.moves.len() > 2) else { return self.softened(0) };
        let without = |at: usize| {
            let mut moves = found.moves.clone();
            moves.remove(at);
            moves
        };
        (Round::LeaveOut, (0..found.moves.len()).map(without).collect())
    }

    /// What was found with one of its parts not so far.
    fn softened(&self, part: usize) -> (Round, Vec<Vec<Move>>) {
        let Some((found, one)) = self.found.as_ref().and_then(|found| Some((found, found.moves.get(part)?))) else {
            return (Round::Done, Vec::new());
        };
        let put = |softer: Move| {
            let mut moves = found.moves.clone();
            moves[part] = softer;
            moves
        };
        let softer = self.scope.softer(self.networks.lead().manifest(), &self.stay, one);
        (Round::Soften(part), softer.into_iter().map(put).collect())
    }

    /// The best that each bundle does by itself.
    fn answers(&self) -> Vec<&Trial> {
        let strongest = self.strongest(1).into_iter().filter(|trial| self.gain(trial) >= WORTH_SAYING);
        let nearly = |best: &Trial| {
            let same = self.singles.iter().filter(|trial| trial.moves[0].bundle == best.moves[0].bundle);
            let enough = same.filter(|trial| {
                self.gain(trial) >= NEARLY_ALL * self.gain(best) && self.crosses(trial) == self.crosses(best)
            });
            enough.min_by(|a, b| a.distance.total_cmp(&b.distance))
        };
        strongest.take(N_ANSWERS).filter_map(nearly).collect()
    }
}

impl<N: Networks> Job for Search<N> {
    type Output = Counterfactual;

    fn advance(&mut self) -> Result<bool> {
        if self.next < self.queue.len() {
            self.try_next()?;
        }
        // A round may have nothing to try.
        while self.next == self.queue.len() && self.round != Round::Done {
            self.end_round();
        }
        Ok(self.round == Round::Done)
    }

    /// The rounds to come are guessed at: how many there will be, only the search tells.
    fn progress(&self) -> Progress {
        let left = self.queue.len() - self.next;
        let n_closely = self.scope.n_bundles().min(N_CLOSELY);
        let to_come = match self.round {
            Round::Coarse => 20 * n_closely,
            Round::Fine | Round::Together => 2 * n_closely,
            _ => 0,
        };
        Progress { done: self.n_runs, total: self.n_runs + left + to_come }
    }

    fn finish(self) -> Result<Counterfactual> {
        let manifest = self.networks.lead().manifest();
        let part = |one: &Move| Part::of(manifest, &self.stay, &self.scope, one);
        let answer = |trial: &Trial| Answer {
            part: part(&trial.moves[0]),
            probability: trial.output,
            crosses: self.crosses(trial),
        };
        let answers: Vec<&Trial> = self.answers();
        let trial = self.found.as_ref().or(self.nearest.as_ref()).unwrap_or(&self.original);
        let edits = answers.iter().copied().chain([trial]).flat_map(Trial::edits);
        let mut of_record: Vec<usize> = edits.map(|edit| edit.channel).collect();
        of_record.retain(|row| self.scope.reach[*row].is_of_record);
        of_record.sort_unstable();
        of_record.dedup();
        Ok(Counterfactual {
            original: self.original.output,
            threshold: self.goal.threshold(),
            probability: trial.output,
            crosses: self.found.is_some(),
            parts: trial.moves.iter().map(part).collect(),
            distance: trial.distance,
            answers: answers.into_iter().map(answer).collect(),
            of_record,
            n_together: self.n_together,
            runs: self.n_runs,
        })
    }
}
