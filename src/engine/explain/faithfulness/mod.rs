//! How far an explanation holds for this input and this network, measured.
//!
//! - Deletion and insertion curves against many random orders: Samek 2017 (10.1109/TNNLS.2016.2599820), Petsiuk 2018
//!   (arXiv:1806.07421).
//! - Sensitivity-n: Ancona 2018 (arXiv:1711.06104).
//! - Max-sensitivity: Yeh 2019 (arXiv:1901.09392).
//! - Randomised parameters: Adebayo 2018 (arXiv:1810.03292).
//! - What a small and a large epsilon make of the picture.

mod curves;
mod shuffle;
mod verdict;

pub use curves::Curves;
pub use shuffle::Replayed;
pub use verdict::{Answer, Question, Verdict, overall};

use super::agreement::{pearson, spearman};
use super::players::{Players, gather};
use super::random::Random;
use super::relevance::Relevance;
use super::request::Request;
use super::scorer::{Network, Scorer};
use super::{Method, Quantity};
use crate::engine::graph::Graph;
use crate::error::Result;
use crate::job::{Job, Progress};

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Random orders of the curves.
    pub orders: usize,
    /// Random sets of each size of sensitivity-n.
    pub sets: usize,
    /// Noisy inputs.
    pub noisy: usize,
    /// Where random numbers begin.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { orders: 50, sets: 40, noisy: 10, seed: 0 }
    }
}

/// The sizes of the sets of sensitivity-n, as parts of all players.
const SET_SIZES: [f64; 5] = [0.02, 0.05, 0.1, 0.25, 0.5];

/// Epsilons beside the one in use, as factors of it.
const EPSILONS: [f64; 6] = [1e-3, 1e-2, 1e-1, 1e1, 1e2, 1e3];

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Faithfulness {
    /// How many players there were.
    pub n_players: usize,
    /// The curves, of the score.
    pub curves: Curves,
    /// The size of the sets, and the correlation between the relevance of a set and what taking it away does to the
    /// score.
    pub sensitivity_n: Vec<(usize, f64)>,
    /// The largest change of the picture under noise, relative to the picture (Euclidean norms).
    pub max_sensitivity: Option<f64>,
    /// Nodes from the top down, and the rank correlation, by magnitude, of the picture with that of the network whose
    /// weights down to this node were shuffled.
    pub randomisation: Vec<(String, f64)>,
    /// Epsilon, and the rank correlation with the picture of the epsilon in use; empty for other methods than LRP.
    pub epsilons: Vec<(f64, f64)>,
    /// What is asked, and the numbers that decide.
    pub answers: Vec<Answer>,
    /// The worst of them.
    pub verdict: Verdict,
}

/// The measurements as a job, a few runs a unit.
pub struct Measure<N, P> {
    explained: Scorer<N>,
    score: Scorer<N>,
    players: P,
    request: Request,
    relevance: Relevance,
    shares: Vec<f64>,
    units: Vec<Measured>,
    done: usize,
    random: Random,
    shuffled: Graph,
    found: Found,
}

impl<N, P> std::fmt::Debug for Measure<N, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Measure").field("done", &self.done).field("of", &self.units.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
enum Measured {
    Deletion,
    Insertion,
    RandomOrder,
    Sets(usize),
    Noisy,
    Shuffled(usize),
    Epsilon(f64),
}

#[derive(Default)]
struct Found {
    deletion: Vec<f64>,
    insertion: Vec<f64>,
    random: Vec<Vec<f64>>,
    sets: Vec<Vec<(f64, f64)>>,
    noisy: Option<f64>,
    randomisation: Vec<(String, f64)>,
    epsilons: Vec<(f64, f64)>,
}

impl<N: Network + Clone, P: Players> Measure<N, P> {
    /// Measures `relevance`, which `request` made of the players' whole input by `explained`.
    #[must_use]
    pub fn new(explained: Scorer<N>, players: P, request: Request, relevance: Relevance, effort: Effort) -> Self {
        let shares = gather(&players, &relevance);
        let mut score = explained.clone();
        score.quantity = Quantity::Score;
        let shuffled = explained.network.graph().clone();
        let mut units = vec![Measured::Deletion, Measured::Insertion];
        units.extend((0..effort.orders).map(|_| Measured::RandomOrder));
        units.extend(
            (0..SET_SIZES.len()).flat_map(|size| (0..effort.sets.div_ceil(10)).map(move |_| Measured::Sets(size))),
        );
        if request.options.method != Method::Occlusion {
            units.extend((0..effort.noisy).map(|_| Measured::Noisy));
            units.extend(shuffle::layers(&shuffled).into_iter().map(Measured::Shuffled));
        }
        let epsilon = request.options.rule.epsilon;
        if request.options.method == Method::Lrp && epsilon > 0.0 {
            units.extend(EPSILONS.map(|factor| Measured::Epsilon(epsilon * factor)));
        }
        let found = Found { sets: vec![Vec::new(); SET_SIZES.len()], ..Found::default() };
        let random = Random::new(effort.seed);
        Self { explained, score, players, request, relevance, shares, units, done: 0, random, shuffled, found }
    }

    /// Players, most relevant first.
    fn by_relevance(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.shares.len()).collect();
        order.sort_by(|p, q| self.shares[*q].total_cmp(&self.shares[*p]));
        order
    }

    /// The score as players go (`is_gone`), or come, in an order.
    fn curve(&self, order: &[usize], is_gone: bool) -> Result<Vec<f64>> {
        let mut present = vec![is_gone; order.len()];
        let mut from = 0;
        let mut curve = Vec::new();
        for count in curves::counts(order.len()) {
            order[from..count].iter().for_each(|player| present[*player] = !is_gone);
            from = count;
            curve.push(self.score.score(&self.players.input(&present))?);
        }
        Ok(curve)
    }

    /// Ten random sets of a size: their relevance, and what taking them away does.
    fn sets(&mut self, size: usize) -> Result<()> {
        let n = self.shares.len();
        let whole = self.found.deletion.first().copied().unwrap_or_default();
        for _ in 0..10 {
            let mut present = vec![true; n];
            let order = self.random.order(n);
            let set = &order[..set_size(size, n)];
            set.iter().for_each(|player| present[*player] = false);
            let relevance = set.iter().map(|player| self.shares[*player]).sum();
            let drop = whole - self.score.score(&self.players.input(&present))?;
            self.found.sets[size].push((relevance, drop));
        }
        Ok(())
    }

    /// `|R(x + noise) - R(x)| / |R(x)|`
    fn noisy(&mut self) -> Result<()> {
        let input = self.players.noisy(&mut self.random);
        let other = self.request.explain(&self.explained, &input)?;
        let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|r| r * r).sum::<f64>().sqrt();
        let change = norm(&mut other.values.iter().zip(&self.relevance.values).map(|(a, b)| a - b));
        let size = norm(&mut self.relevance.values.iter().copied());
        let relative = if size > 0.0 { change / size } else { f64::NAN };
        self.found.noisy = Some(self.found.noisy.unwrap_or_default().max(relative));
        Ok(())
    }

    fn shuffled(&mut self, node: usize) -> Result<()> {
        shuffle::shuffle(&mut self.shuffled, node, &mut self.random);
        let scorer = self.explained.over(Replayed(self.shuffled.clone()));
        let input = self.players.input(&vec![true; self.shares.len()]);
        let other = gather(&self.players, &self.request.explain(&scorer, &input)?);
        let name = self.shuffled.nodes[node].name.clone();
        self.found.randomisation.push((name, spearman(&magnitudes(&self.shares), &magnitudes(&other))));
        Ok(())
    }

    fn epsilon(&mut self, epsilon: f64) -> Result<()> {
        let mut request = self.request.clone();
        request.options.rule.epsilon = epsilon;
        let input = self.players.input(&vec![true; self.shares.len()]);
        let other = gather(&self.players, &request.explain(&self.explained, &input)?);
        self.found.epsilons.push((epsilon, spearman(&self.shares, &other)));
        Ok(())
    }

    fn answers(&self, curves: &Curves, sensitivity_n: &[(usize, f64)]) -> Vec<Answer> {
        let mut answers = vec![
            Answer::new(Question::Deletion, curves.deletion_beats()),
            Answer::new(Question::Insertion, curves.insertion_beats()),
            Answer::new(Question::SensitivityN, mean(sensitivity_n.iter().map(|(_, correlation)| *correlation))),
        ];
        answers.extend(self.found.noisy.map(|value| Answer::new(Question::MaxSensitivity, value)));
        let last = self.found.randomisation.last();
        answers.extend(last.map(|(_, correlation)| Answer::new(Question::Randomisation, *correlation)));
        let in_use = self.request.options.rule.epsilon;
        let near = self.found.epsilons.iter().filter(|(epsilon, _)| (0.05..20.0).contains(&(epsilon / in_use)));
        let lowest = near.map(|(_, correlation)| *correlation).reduce(f64::min);
        answers.extend(lowest.map(|value| Answer::new(Question::Epsilon, value)));
        answers
    }
}

/// Players in a set of sensitivity-n.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of n")]
fn set_size(size: usize, n: usize) -> usize {
    ((SET_SIZES[size] * n as f64).round() as usize).clamp(1.min(n), n)
}

fn magnitudes(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.abs()).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

impl<N: Network + Clone, P: Players> Job for Measure<N, P> {
    type Output = Faithfulness;

    fn advance(&mut self) -> Result<bool> {
        if let Some(unit) = self.units.get(self.done).copied() {
            match unit {
                Measured::Deletion => self.found.deletion = self.curve(&self.by_relevance(), true)?,
                Measured::Insertion => self.found.insertion = self.curve(&self.by_relevance(), false)?,
                Measured::RandomOrder => {
                    let order = self.random.order(self.shares.len());
                    let curve = self.curve(&order, true)?;
                    self.found.random.push(curve);
                }
                Measured::Sets(size) => self.sets(size)?,
                Measured::Noisy => self.noisy()?,
                Measured::Shuffled(node) => self.shuffled(node)?,
                Measured::Epsilon(epsilon) => self.epsilon(epsilon)?,
            }
            self.done += 1;
        }
        Ok(self.done == self.units.len())
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, total: self.units.len() }
    }

    fn finish(mut self) -> Result<Faithfulness> {
        let deletion = std::mem::take(&mut self.found.deletion);
        let insertion = std::mem::take(&mut self.found.insertion);
        let curves = Curves::new(deletion, insertion, &self.found.random);
        let n = self.shares.len();
        let correlation = |pairs: &Vec<(f64, f64)>| {
            let (relevance, drop): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            pearson(&relevance, &drop)
        };
        let sizes = self.found.sets.iter().enumerate();
        let sensitivity_n: Vec<(usize, f64)> =
            sizes.map(|(size, pairs)| (set_size(size, n), correlation(pairs))).collect();
        let answers = self.answers(&curves, &sensitivity_n);
        Ok(Faithfulness {
            n_players: n,
            curves,
            sensitivity_n,
            max_sensitivity: self.found.noisy,
            randomisation: self.found.randomisation,
            epsilons: self.found.epsilons,
            verdict: overall(&answers),
            answers,
        })
    }
}
