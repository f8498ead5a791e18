//! What would have to change: the smallest plausible edit with which the model would have predicted the other label.
//!
//! Smallest means fewest readings first, then the smallest distance,
//!
//! `distance = sum over readings of |new value - value that stood there| / spread of the channel`
//!
//! Only values within a channel's plausible range are tried. The search says something about the model, and nothing
//! about the patient: a reading that the model reacts to is no cause that could be treated.

mod moves;

use serde::Serialize;

use crate::engine::graph::Link;
use crate::job::{Job, Progress};
use crate::stay::{Edit, Stay};
use crate::study::history::ShownValue;
use crate::study::models::Networks;
use crate::{Error, Kind, Model, Place, Result};
use moves::Move;

/// What is looked for, and how widely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOptions {
    /// The output that is to cross its threshold.
    pub target: usize,
    /// Most readings that may change.
    pub n_readings_max: usize,
    /// Combinations of readings that are carried on from one size to the next.
    pub n_kept: usize,
    /// Single changes, the most effective ones, that combinations are made of.
    pub n_moves: usize,
    /// Channels that do not change within a stay, such as a patient's height.
    pub fixed: Vec<usize>,
}

impl SearchOptions {
    /// The search of the page: channels of the group "static" are fixed.
    #[must_use]
    pub fn of(model: &Model, target: usize) -> Self {
        let channels = model.manifest().channels.iter().enumerate();
        let fixed = channels.filter(|(_, channel)| channel.group == "static").map(|(row, _)| row).collect();
        Self { target, n_readings_max: 4, n_kept: 3, n_moves: 64, fixed }
    }
}

/// What the search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counterfactual {
    /// The output for the stay as it is.
    pub original: f64,
    /// What was to be crossed.
    pub threshold: f64,
    /// The output with the changes; the nearest to the threshold that was found, where nothing crosses it.
    pub probability: f64,
    /// Whether the label changes.
    pub crosses: bool,
    /// The readings that change.
    pub changes: Vec<Change>,
    /// Sum of the changes' distances.
    pub distance: f64,
    /// How often the model was asked.
    pub runs: usize,
}

/// One reading that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Index of the channel.
    pub row: usize,
    /// The channel's name as people read it.
    pub channel: String,
    /// The channel's unit.
    pub unit: String,
    /// The step.
    pub step: usize,
    /// Start and end of the step, in hours.
    pub hours: [f64; 2],
    /// What stood there: measured, carried forward or normal.
    pub from: ShownValue,
    /// The reading that takes its place, and is carried forward in turn.
    pub to: ShownValue,
    /// In spreads of the channel.
    pub distance: f64,
    /// The change as an edit of the stay.
    pub edit: Edit,
}

/// Some readings changed at once, and what the model made of it.
#[derive(Debug, Clone)]
struct Trial {
    moves: Vec<Move>,
    output: f64,
}

impl Trial {
    fn distance(&self) -> f64 {
        self.moves.iter().map(Move::distance).sum()
    }
}

/// Halvings of the way back towards the value that stood there.
const N_HALVINGS: usize = 10;

/// The search, one run of the model at a time.
///
/// 1. Every single change of the list is tried. Where some cross the threshold, they are shortened by halving, those
///    that may turn out shortest first.
/// 2. Otherwise the most effective single changes are added to the best combinations so far, one more each round.
///    The first combinations that cross are shortened, reading by reading; a reading that is not needed is left out.
///
/// With one reading the result is the smallest of all, as far as the output moves one way between two values tried.
/// With more it is a small one: not every combination is tried.
#[derive(Debug)]
pub struct Search<N = Model> {
    networks: N,
    stay: Stay,
    options: SearchOptions,
    threshold: f64,
    original: f64,
    /// What the present round tries.
    queue: Vec<Vec<Move>>,
    next: usize,
    /// What the present round found.
    tried: Vec<Trial>,
    /// The single changes that combinations are made of.
    effective: Vec<Move>,
    /// The best combinations of the rounds before that do not cross.
    kept: Vec<Trial>,
    shortening: Vec<Shortening>,
    best: Option<Trial>,
    /// The nearest to the threshold, where nothing crosses it.
    nearest: Option<Trial>,
    n_runs: usize,
    is_done: bool,
}

/// A combination that crosses, on the way to a shorter one.
#[derive(Debug, Clone)]
struct Shortening {
    trial: Trial,
    /// No shorter version crosses, as far as the round's trials tell.
    at_least: f64,
    reading: usize,
    /// A value of that reading that does not cross, and how often the way to it was halved.
    short: f64,
    n_halvings: usize,
    /// Whether the combination was tried without that reading.
    is_needed: bool,
}

impl Shortening {
    /// Goes on with the reading at an index.
    fn begin(&mut self, reading: usize) {
        self.reading = reading;
        self.n_halvings = 0;
        self.short = self.trial.moves.get(reading).map_or(0.0, |next| next.from);
        self.is_needed = self.trial.moves.len() == 1;
    }
}

impl<N: Networks> Search<N> {
    /// Begins a search.
    ///
    /// # Errors
    /// [`Kind::Argument`] where the target is none of the model's outputs, or no probability with a threshold.
    pub fn new(networks: N, stay: Stay, options: SearchOptions) -> Result<Self> {
        let original = networks.output(&stay.input, options.target)?;
        let model = networks.lead();
        let target = model.graph().targets.get(options.target);
        let is_probability = target.is_some_and(|target| target.link != Link::Identity);
        let threshold = model.manifest().outcomes.get(options.target).filter(|_| is_probability);
        let Some(threshold) = threshold.map(|outcome| outcome.threshold) else {
            let message = "is an output without a threshold, so there is no label to change";
            return Err(Error::new(Kind::Argument, message).at(Place::Field("target".to_owned())));
        };
        let queue = moves::all(model.manifest(), &stay, &options.fixed).into_iter().map(|one| vec![one]).collect();
        Ok(Self {
            networks,
            stay,
            options,
            threshold,
            original,
            queue,
            next: 0,
            tried: Vec::new(),
            effective: Vec::new(),
            kept: Vec::new(),
            shortening: Vec::new(),
            best: None,
            nearest: None,
            n_runs: 0,
            is_done: false,
        })
    }

    fn run(&mut self, moves: &[Move]) -> Result<f64> {
        let mut stay = self.stay.clone();
        for one in moves {
            stay.edit(self.networks.lead().manifest(), &one.edit())?;
        }
        self.n_runs += 1;
        self.networks.output(&stay.input, self.options.target)
    }

    fn crosses(&self, output: f64) -> bool {
        (output > self.threshold) != (self.original > self.threshold)
    }

    /// How far an output has come towards the other side; larger is farther.
    fn gain(&self, output: f64) -> f64 {
        if self.original > self.threshold { self.original - output } else { output - self.original }
    }

    fn try_next(&mut self) -> Result<()> {
        let moves = std::mem::take(&mut self.queue[self.next]);
        self.next += 1;
        let output = self.run(&moves)?;
        self.tried.push(Trial { moves, output });
        if self.next == self.queue.len() {
            self.end_round();
        }
        Ok(())
    }

    /// All of a round is tried: shorten what crosses, or begin the next round, or give up.
    fn end_round(&mut self) {
        let mut tried = std::mem::take(&mut self.tried);
        tried.sort_by(|a, b| self.gain(b.output).total_cmp(&self.gain(a.output)));
        let n_crossing = tried.iter().filter(|trial| self.crosses(trial.output)).count();
        if n_crossing > 0 {
            self.shorten(&tried);
            return;
        }
        let nearer = |a: &Trial, b: &Trial| self.gain(a.output) > self.gain(b.output);
        if tried.first().is_some_and(|first| self.nearest.as_ref().is_none_or(|nearest| nearer(first, nearest))) {
            self.nearest = tried.first().cloned();
        }
        if self.effective.is_empty() {
            self.effective = self.most_effective(&tried);
        }
        let size = tried.first().map_or(usize::MAX, |trial| trial.moves.len());
        self.kept = tried.into_iter().take(self.options.n_kept).collect();
        self.queue = if size < self.options.n_readings_max { self.combinations() } else { Vec::new() };
        self.next = 0;
        self.is_done = self.queue.is_empty();
    }

    /// The single changes with the largest gains: one a channel and step, and a share of them for each channel.
    fn most_effective(&self, tried: &[Trial]) -> Vec<Move> {
        let mut chosen: Vec<Move> = Vec::new();
        let each = self.options.n_moves.div_ceil(8).max(1);
        for one in tried.iter().filter(|trial| self.gain(trial.output) > 0.0).filter_map(|trial| trial.moves.first()) {
            let of_channel = chosen.iter().filter(|other| other.channel == one.channel).count();
            let is_new = !chosen.iter().any(|other| other.is_same_reading(one));
            if is_new && of_channel < each && chosen.len() < self.options.n_moves {
                chosen.push(one.clone());
            }
        }
        chosen
    }

    fn combinations(&self) -> Vec<Vec<Move>> {
        let mut sets: Vec<Vec<Move>> = Vec::new();
        for trial in &self.kept {
            for one in &self.effective {
                if trial.moves.iter().any(|other| other.is_same_reading(one)) {
                    continue;
                }
                let mut moves = trial.moves.clone();
                moves.push(one.clone());
                moves.sort_by_key(|one| (one.channel, one.step));
                if !sets.contains(&moves) {
                    sets.push(moves);
                }
            }
        }
        sets
    }

    /// Lines up what crosses, the ones that may turn out shortest last, where they are taken from first.
    fn shorten(&mut self, tried: &[Trial]) {
        let crossing = tried.iter().filter(|trial| self.crosses(trial.output));
        let of = |trial: &Trial| {
            let at_least = if trial.moves.len() == 1 { self.longest_failure(trial, tried) } else { 0.0 };
            let mut one =
                Shortening { trial: trial.clone(), at_least, reading: 0, short: 0.0, n_halvings: 0, is_needed: false };
            one.begin(0);
            one
        };
        let mut line: Vec<Shortening> = crossing.map(of).collect();
        let order = |one: &Shortening| (one.at_least, one.trial.distance());
        line.sort_by(|a, b| order(b).partial_cmp(&order(a)).unwrap_or(std::cmp::Ordering::Equal));
        if line[0].trial.moves.len() > 1 {
            let n_kept = self.options.n_kept.min(line.len());
            line.drain(..line.len() - n_kept);
        }
        self.shortening = line;
    }

    /// The largest distance of the same reading, in the same direction, that was tried and does not cross, below that
    /// of `trial`.
    fn longest_failure(&self, trial: &Trial, tried: &[Trial]) -> f64 {
        let one = &trial.moves[0];
        let before = tried.iter().filter(|other| !self.crosses(other.output)).map(|other| &other.moves[0]);
        let shorter = before.filter(|other| other.is_toward(one)).map(Move::distance);
        shorter.fold(0.0, f64::max)
    }

    fn shorten_next(&mut self) -> Result<()> {
        let best = self.best.as_ref().map_or(f64::INFINITY, Trial::distance);
        let Some(mut one) = self.shortening.pop().filter(|one| one.at_least < best) else {
            // The line is sorted: what follows cannot be shorter either.
            self.shortening.clear();
            self.is_done = true;
            return Ok(());
        };
        if one.reading == one.trial.moves.len() {
            if one.trial.distance() < best {
                self.best = Some(one.trial);
            }
            self.is_done = self.shortening.is_empty();
            return Ok(());
        }
        if !one.is_needed {
            self.leave_out(&mut one)?;
        } else if one.trial.moves[one.reading].is_continuous() && one.n_halvings < N_HALVINGS {
            self.halve(&mut one)?;
        } else {
            one.begin(one.reading + 1);
        }
        self.shortening.push(one);
        Ok(())
    }

    /// Tries a combination without the reading at hand.
    fn leave_out(&mut self, one: &mut Shortening) -> Result<()> {
        let mut moves = one.trial.moves.clone();
        moves.remove(one.reading);
        let output = self.run(&moves)?;
        if self.crosses(output) {
            one.trial = Trial { moves, output };
            one.begin(one.reading);
        } else {
            one.is_needed = true;
        }
        Ok(())
    }

    /// Tries the value half way back.
    fn halve(&mut self, one: &mut Shortening) -> Result<()> {
        let mut moves = one.trial.moves.clone();
        let middle = moves[one.reading].set(f64::midpoint(one.short, one.trial.moves[one.reading].to));
        let output = self.run(&moves)?;
        if self.crosses(output) {
            one.trial = Trial { moves, output };
        } else {
            one.short = middle;
        }
        one.n_halvings += 1;
        Ok(())
    }
}

impl<N: Networks> Job for Search<N> {
    type Output = Counterfactual;

    fn advance(&mut self) -> Result<bool> {
        if !self.is_done {
            match (self.shortening.is_empty(), self.next < self.queue.len()) {
                (false, _) => self.shorten_next()?,
                (true, true) => self.try_next()?,
                (true, false) => self.is_done = true,
            }
        }
        Ok(self.is_done)
    }

    /// Of the round under way: how many rounds there will be, only the search tells.
    fn progress(&self) -> Progress {
        Progress { done: self.next, total: self.queue.len() }
    }

    fn finish(self) -> Result<Counterfactual> {
        let crosses = self.best.is_some();
        let trial = self.best.or(self.nearest).unwrap_or(Trial { moves: Vec::new(), output: self.original });
        let manifest = self.networks.lead().manifest();
        Ok(Counterfactual {
            original: self.original,
            threshold: self.threshold,
            probability: trial.output,
            crosses,
            distance: trial.distance(),
            changes: trial.moves.iter().map(|one| one.shown(manifest)).collect(),
            runs: self.n_runs,
        })
    }
}
