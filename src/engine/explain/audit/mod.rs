//! The audit: how far an explanation holds for this input and this network, measured.
//!
//! **What decides** is asked of every map in the same way, whatever made it. Random sets of readings, and the sets of all
//! others, are taken away towards the map's own reference; what becomes of the score is compared with what the map says,
//! and both with the best additive picture that this input and this network admit. A verdict on an absolute scale would
//! blame a map for what no additive picture can say.
//!
//! - Sets of readings against the score: sensitivity-n, Ancona 2018 (arXiv:1711.06104); infidelity, Yeh 2019
//!   (arXiv:1901.09392).
//! - Sets of all sizes and not only what is left when most is gone, where networks are asked about inputs that they never
//!   saw: F-Fidelity, Zheng 2025 (arXiv:2410.02970).
//! - Signs count, so that what raises and what lowers cannot cancel or be confused: TIMING, Jang 2025 (arXiv:2506.05035).
//!
//! **What decides nothing** is shown beside it.
//!
//! - The change under noise (max-sensitivity, Yeh 2019): a faithful picture of a network that reacts has to move.
//! - Shuffled weights (Adebayo 2018, arXiv:1810.03292): a picture that stays may do so for reasons of the task (Yona and
//!   Greenfeld 2021, arXiv:2110.14297), going down layer by layer keeps what was learnt (Binder 2023, arXiv:2211.12486),
//!   and single shuffles vary (Hedstrom 2023, arXiv:2401.06465). All layers are shuffled at once, ten times.
//! - What a small and a large epsilon make of the picture of relevance propagation.
//!
//! `docs/holds.md` has what the verdict comes to on networks with known answers.

mod additive;
pub mod curves;
mod effect;
mod odds;
mod pairs;
mod runs;
mod shared;
mod shuffle;
mod verdict;

pub use curves::RemovalCurves;
pub use effect::Effect;
pub use odds::{HOLDS_FROM, SHAKY_FROM};
pub use shared::SharedRuns;
pub use shuffle::GraphRun;
pub use verdict::{AuditAnswer, AuditQuestion, Verdict, probability};

use super::agreement::spearman;
use super::near::Near;
use super::players::Players;
use super::random::Random;
use super::relevance::Relevance;
use super::request::Request;
use super::scorer::{Network, Scorer};
use super::{Method, Quantity, ensemble};
use crate::engine::graph::Graph;
use crate::engine::number::real;
use crate::error::{Error, Kind, Result};
use crate::job::{Job, Progress};
use effect::AuditEffects;
use runs::DecidingRuns;
use shared::RunsOf;

/// How much is measured beside what decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Noisy inputs.
    pub noisy: usize,
    /// Networks with shuffled weights.
    pub shuffles: usize,
    /// Where random numbers begin.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { noisy: 10, shuffles: 10, seed: 0 }
    }
}

/// Epsilons beside the one in use, as factors of it.
const EPSILONS: [f64; 6] = [1e-3, 1e-2, 1e-1, 1e1, 1e2, 1e3];

/// Noise and shuffles have random numbers of their own: how many the runs that decide took does not change them.
const OF_DETAILS: u64 = 0x6465_7461_696c_7300;

/// Pairs of sets that are run in one unit of work.
const PAIRS_A_UNIT: usize = 4;

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// How many players there were.
    pub n_players: usize,
    /// How many runs on sets of players the deciding answers are made of.
    pub n_runs: usize,
    /// How far the best additive picture goes with the score on sets that it was not fitted on: a correlation.
    pub ceiling: f64,
    /// What the tenth of the players that the map names first carry by the map, and what the score loses without them.
    pub first_tenth: [f64; 2],
    /// What was asked; the deciding answers first.
    pub answers: Vec<AuditAnswer>,
    /// How probable it is that the map finds what the network goes by.
    pub probability: f64,
    /// Its middle 95 %, by the pairs that happened to be drawn.
    pub probability_interval: [f64; 2],
    /// The word for it.
    pub verdict: Verdict,
    /// What decides nothing; nothing of it before the audit is final.
    pub details: Option<AuditDetails>,
}

/// What is measured after the word is known, and does not change it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditDetails {
    /// The score as players go and come, by the map and by the best additive picture.
    pub curves: RemovalCurves,
    /// The rank correlation, by magnitude, with the picture of each network with shuffled weights.
    pub shuffles: Vec<f64>,
    /// Epsilon, and the rank correlation with the picture of the epsilon in use; empty for other methods than LRP.
    pub epsilons: Vec<(f64, f64)>,
}

/// The measurements as a job, a few runs a unit.
pub struct AuditMeasure<N, P> {
    /// One a network; what is measured is their mean.
    explained: Vec<Scorer<N>>,
    score: Vec<Near<N>>,
    players: P,
    /// How the map was made; nothing where it is from elsewhere and cannot be made again.
    request: Option<Request>,
    relevance: Relevance,
    shares: Vec<f64>,
    units: Vec<AuditPiece>,
    done: usize,
    /// For noise and for shuffles.
    random: Random,
    seed: u64,
    /// The runs that decide, and which look at them is next.
    runs: DecidingRuns,
    look: usize,
    /// Where they are kept for the next map, and what they are of.
    shared: Option<(SharedRuns, RunsOf)>,
    found: Found,
}

impl<N, P> std::fmt::Debug for AuditMeasure<N, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Measure").field("done", &self.done).field("of", &self.units.len()).finish_non_exhaustive()
    }
}

/// One unit of the work: some runs of the network, few enough that progress is seen and a task can be cancelled.
#[derive(Debug, Clone, Copy)]
enum AuditPiece {
    Pairs(usize),
    Look,
    Curve { of_best: bool, is_gone: bool },
    FirstTenth,
    Noisy,
    Shuffled,
    Epsilon(f64),
}

/// What the units have measured so far.
#[derive(Default)]
struct Found {
    effects: Option<AuditEffects>,
    /// Measured last of what the word is told with.
    first_tenth: Option<[f64; 2]>,
    curves: Vec<Vec<f64>>,
    noisy: Vec<f64>,
    shuffles: Vec<f64>,
    epsilons: Vec<(f64, f64)>,
}

impl<N: Network + Clone, P: Players> AuditMeasure<N, P> {
    /// Measures `relevance`, a map of the players' whole input, by one network or by the mean of several. `players` take readings away towards the map's own
    /// reference. `request` is how the map was made, so that it can be made again; nothing for a map from elsewhere.
    ///
    /// # Errors
    /// Where a network cannot be run on the whole input.
    pub fn new(
        explained: Vec<Scorer<N>>,
        players: P,
        request: Option<Request>,
        relevance: Relevance,
        effort: Effort,
    ) -> Result<Self> {
        let shares = super::players::gather(&players, &relevance);
        let whole = players.input(&vec![true; shares.len()]);
        let score = |scorer: &Scorer<N>| Near::new(Scorer { quantity: Quantity::Score, ..scorer.clone() }, &whole);
        let score = explained.iter().map(score).collect::<Result<Vec<_>>>()?;
        // Occlusion would have to be made again at the price of all its runs.
        let request = request.filter(|request| request.options.method != Method::Occlusion);
        let effort = if players.has_noise() { effort } else { Effort { noisy: 0, ..effort } };
        let multiplications = explained.iter().map(|it| it.network.graph().n_multiplications()).sum();
        let runs = DecidingRuns::new(shares.len(), real(multiplications), effort.seed);
        let units = [looks(&runs), details(request.as_ref(), effort)].concat();
        Ok(Self {
            explained,
            score,
            players,
            request,
            relevance,
            shares,
            units,
            done: 0,
            random: Random::new(effort.seed ^ OF_DETAILS),
            seed: effort.seed,
            runs,
            look: 0,
            shared: None,
            found: Found::default(),
        })
    }

    /// Takes what decides from an audit of another map, where that was of the same input, reference, networks and target,
    /// and leaves it there for the next one: it is most of an audit's work.
    ///
    /// # Errors
    /// Where a network cannot be run without any player.
    pub fn sharing(mut self, shared: &SharedRuns) -> Result<Self> {
        let n_players = self.shares.len();
        let gone = self.players.input(&vec![false; n_players]);
        let mut scores: Vec<f64> = self.score.iter().map(|near| near.of(&near.scored())).collect();
        for near in &self.score {
            scores.push(near.score(gone.clone())?);
        }
        let of = RunsOf { inputs: [self.whole(), gone], scores, n_players, seed: self.seed };
        if let Some(runs) = shared.of(&of) {
            self.units.splice(..self.n_deciding(), looks(&runs));
            self.runs = runs;
        }
        self.shared = Some((shared.clone(), of));
        Ok(self)
    }

    /// The score of each input: the mean of all networks.
    fn scores(score: &[Near<N>], inputs: &[Vec<f32>]) -> Result<Vec<f64>> {
        let mut sums = vec![0.0; inputs.len()];
        for near in score {
            let scores = near.scores(inputs.iter().cloned())?;
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
        }
        Ok(sums.into_iter().map(|sum| sum / real(score.len())).collect())
    }

    /// The map made again, of another input.
    fn explain(&self, request: &Request, input: &[f32]) -> Result<Relevance> {
        together(self.explained.iter().map(|scorer| request.explain(scorer, input)))
    }

    /// The input with every player present, `[n_steps * n_columns]`.
    fn whole(&self) -> Vec<f32> {
        self.players.input(&vec![true; self.shares.len()])
    }

    /// How many units there are before what is measured whatever the looks find.
    fn n_deciding(&self) -> usize {
        self.units.iter().take_while(|unit| matches!(unit, AuditPiece::Pairs(_) | AuditPiece::Look)).count()
    }

    /// Measures the map by all pairs of this look. Where the word is sure, further looks are left out.
    fn take_look(&mut self) {
        let effects = self.runs.look(self.look, &self.shares);
        if !effects.is_sure() && self.look + 1 < self.runs.n_looks() {
            self.look += 1;
            return;
        }
        self.found.effects = Some(effects);
        self.units.drain(self.done + 1..self.n_deciding());
        if let Some((shared, of)) = &self.shared {
            shared.keep(of.clone(), self.runs.clone());
        }
    }

    /// The score as players go (`is_gone`), or come, those first that a map says raise it most.
    fn curve(&mut self, of_best: bool, is_gone: bool) -> Result<()> {
        let best = if of_best { self.runs.best(self.look) } else { None };
        let order = curves::order(best.as_ref().unwrap_or(&self.shares));
        let mut present = vec![is_gone; self.shares.len()];
        let mut inputs = Vec::new();
        let mut from = 0;
        for count in curves::counts(order.len()) {
            order[from..count].iter().for_each(|player| present[*player] = !is_gone);
            from = count;
            inputs.push(self.players.input(&present));
        }
        self.found.curves.push(Self::scores(&self.score, &inputs)?);
        Ok(())
    }

    /// What the tenth of the players with the largest shares carry by the map, and what the score loses without them.
    fn first_tenth(&mut self) -> Result<()> {
        let n = self.shares.len();
        let mut present = vec![true; n];
        let first = &curves::order(&magnitudes(&self.shares))[..n.div_ceil(10)];
        first.iter().for_each(|player| present[*player] = false);
        let said = first.iter().map(|player| self.shares[*player]).sum();
        let scores = Self::scores(&self.score, &[self.whole(), self.players.input(&present)])?;
        self.found.first_tenth = Some([said, scores[0] - scores[1]]);
        Ok(())
    }

    /// `|R(x + noise) - R(x)| / |R(x)|`, Euclidean.
    fn noisy(&mut self, request: &Request) -> Result<()> {
        let input = self.players.noisy(&mut self.random);
        let other = self.explain(request, &input)?;
        let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|r| r * r).sum::<f64>().sqrt();
        let change = norm(&mut other.values.iter().zip(&self.relevance.values).map(|(a, b)| a - b));
        let size = norm(&mut self.relevance.values.iter().copied());
        self.found.noisy.push(if size > 0.0 { change / size } else { f64::NAN });
        Ok(())
    }

    /// The rank correlation, by magnitude, with the picture of a network whose weights were shuffled once more.
    fn shuffled(&mut self, request: &Request) -> Result<()> {
        let whole = self.whole();
        let random = &mut self.random;
        let other = together(self.explained.iter().map(|scorer| {
            let mut graph: Graph = scorer.network.graph().clone();
            shuffle::shuffle(&mut graph, random);
            request.explain(&scorer.over(GraphRun(graph)), &whole)
        }))?;
        let other = super::players::gather(&self.players, &other);
        self.found.shuffles.push(spearman(&magnitudes(&self.shares), &magnitudes(&other)));
        Ok(())
    }

    /// The rank correlation with the picture of relevance propagation under another `epsilon`.
    fn epsilon(&mut self, request: &Request, epsilon: f64) -> Result<()> {
        let mut request = request.clone();
        request.options.rule.epsilon = epsilon;
        let other = super::players::gather(&self.players, &self.explain(&request, &self.whole())?);
        self.found.epsilons.push((epsilon, spearman(&self.shares, &other)));
        Ok(())
    }

    /// Does one unit of the work. A map from elsewhere cannot be made again, so it has no units that would.
    fn piece(&mut self, piece: AuditPiece) -> Result<()> {
        match (piece, self.request.clone()) {
            (AuditPiece::Pairs(count), _) => {
                let scores = |inputs: &[Vec<f32>]| Self::scores(&self.score, inputs);
                self.runs.add(count, scores, &self.players)
            }
            (AuditPiece::Look, _) => {
                self.take_look();
                Ok(())
            }
            (AuditPiece::Curve { of_best, is_gone }, _) => self.curve(of_best, is_gone),
            (AuditPiece::FirstTenth, _) => self.first_tenth(),
            (AuditPiece::Noisy, Some(request)) => self.noisy(&request),
            (AuditPiece::Shuffled, Some(request)) => self.shuffled(&request),
            (AuditPiece::Epsilon(epsilon), Some(request)) => self.epsilon(&request, epsilon),
            (AuditPiece::Noisy | AuditPiece::Shuffled | AuditPiece::Epsilon(_), None) => Ok(()),
        }
    }

    /// What decides, once it has been measured: the word is that of the whole audit.
    #[must_use]
    pub fn word(&self) -> Option<Audit> {
        self.found.first_tenth?;
        Some(self.audit(self.found.effects.map_or_else(Vec::new, deciding)))
    }

    /// The audit by some answers, without what decides nothing.
    fn audit(&self, answers: Vec<AuditAnswer>) -> Audit {
        let probability = probability(&answers);
        Audit {
            n_players: self.shares.len(),
            n_runs: 2 * self.runs.n_pairs(self.look),
            ceiling: self.found.effects.map_or(f64::NAN, |effects| effects.ceiling),
            first_tenth: self.found.first_tenth.unwrap_or([f64::NAN; 2]),
            answers,
            probability,
            probability_interval: self.found.effects.map_or([0.0; 2], |effects| effects.interval()),
            verdict: Verdict::of(probability),
            details: None,
        }
    }

    /// What was asked, with its effect size and interval; the questions that decide stand first.
    fn answers(&self) -> Vec<AuditAnswer> {
        let mut answers = self.found.effects.map_or_else(Vec::new, deciding);
        let mut add = |question, effect| answers.push(AuditAnswer { question, effect });
        for (question, values) in
            [(AuditQuestion::Noise, &self.found.noisy), (AuditQuestion::Shuffles, &self.found.shuffles)]
        {
            if !values.is_empty() {
                add(question, Effect::mean(values, &mut Random::new(self.seed)));
            }
        }
        let in_use = self.request.as_ref().map_or(f64::NAN, |request| request.options.rule.epsilon);
        let near = self.found.epsilons.iter().filter(|(epsilon, _)| (0.05..20.0).contains(&(epsilon / in_use)));
        let near: Vec<f64> = near.map(|(_, correlation)| *correlation).collect();
        if let Some(value) = near.iter().copied().reduce(f64::min) {
            add(
                AuditQuestion::Epsilon,
                Effect { value, interval: [value, near.iter().copied().fold(value, f64::max)] },
            );
        }
        answers
    }
}

/// What decides, of many maps of one input: the same sets serve them all, and the answers are those of [`AuditMeasure`]. Each
/// map is one share a player.
///
/// # Errors
/// Where the network cannot be run.
pub fn judge<N: Network>(
    scorer: Scorer<N>,
    players: &impl Players,
    maps: &[Vec<f64>],
    seed: u64,
) -> Result<Vec<Vec<AuditAnswer>>> {
    let multiplications = real(scorer.network.graph().n_multiplications());
    let near = Near::new(scorer, &players.input(&vec![true; players.n_players()]))?;
    let mut runs = DecidingRuns::new(players.n_players(), multiplications, seed);
    let judged = |shares: &Vec<f64>| {
        let mut effects = None;
        for look in 0..runs.n_looks() {
            runs.add(runs.n_missing(look), |inputs| near.scores(inputs.iter().cloned()), players)?;
            let found = runs.look(look, shares);
            effects = Some(found);
            if found.is_sure() {
                break;
            }
        }
        Ok(effects.map_or_else(Vec::new, deciding))
    };
    maps.iter().map(judged).collect()
}

/// All looks, each after the pairs that it needs and that were not run yet.
fn looks(runs: &DecidingRuns) -> Vec<AuditPiece> {
    let mut units = Vec::new();
    let mut n_run = runs.pairs.sets.len();
    for look in 0..runs.n_looks() {
        let n = runs.n_pairs(look).max(n_run);
        units.extend((n_run..n).step_by(PAIRS_A_UNIT).map(|from| AuditPiece::Pairs(PAIRS_A_UNIT.min(n - from))));
        units.push(AuditPiece::Look);
        n_run = n;
    }
    units
}

/// Everything that is measured whatever the looks find, in order: with the first of them the word is known.
fn details(request: Option<&Request>, effort: Effort) -> Vec<AuditPiece> {
    let mut units = vec![AuditPiece::FirstTenth];
    for is_gone in [true, false] {
        units.extend([false, true].map(|of_best| AuditPiece::Curve { of_best, is_gone }));
    }
    let Some(request) = request else { return units };
    units.extend((0..effort.noisy).map(|_| AuditPiece::Noisy));
    units.extend((0..effort.shuffles).map(|_| AuditPiece::Shuffled));
    let epsilon = request.options.rule.epsilon;
    if request.options.method == Method::Lrp && epsilon > 0.0 {
        units.extend(EPSILONS.map(|factor| AuditPiece::Epsilon(epsilon * factor)));
    }
    units
}

/// The mean of several explanations of one input.
fn together(each: impl Iterator<Item = Result<Relevance>>) -> Result<Relevance> {
    let none = || Error::new(Kind::Argument, "no network was given; give at least one");
    ensemble::mean(&each.collect::<Result<Vec<_>>>()?).ok_or_else(none)
}

/// The absolute values, entry by entry.
fn magnitudes(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.abs()).collect()
}

impl<N: Network + Clone, P: Players> Job for AuditMeasure<N, P> {
    type Output = Audit;

    fn advance(&mut self) -> Result<bool> {
        if let Some(piece) = self.units.get(self.done).copied() {
            self.piece(piece)?;
            self.done += 1;
        }
        Ok(self.done == self.units.len())
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, total: self.units.len() }
    }

    fn finish(self) -> Result<Audit> {
        let audit = self.audit(self.answers());
        let Found { curves, shuffles, epsilons, .. } = self.found;
        let details = AuditDetails { curves: RemovalCurves::new(curves), shuffles, epsilons };
        Ok(Audit { details: Some(details), ..audit })
    }
}

/// The answers that decide.
fn deciding(AuditEffects { follows, finds, .. }: AuditEffects) -> Vec<AuditAnswer> {
    let answer = |(question, effect)| AuditAnswer { question, effect };
    [(AuditQuestion::Follows, follows), (AuditQuestion::Finds, finds)].map(answer).to_vec()
}
