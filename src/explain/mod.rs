//! From a trace to relevance.

mod backward;
pub mod gradient;
pub mod lrp;
pub mod random;
pub mod relevance;
pub mod rule;

use crate::graph::{Graph, Link, Site, Target};
use crate::trace::Trace;
use gradient::Words;
use relevance::{Ledger, Relevance};

/// How an explanation is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Layer-wise relevance propagation.
    #[default]
    Lrp,
    /// The derivative.
    Gradient,
    /// Its absolute value.
    AbsGradient,
    /// The derivative times the input, in model units.
    GradientXInput,
}

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// As in the paper: for relevance the products that the sign mask keeps, for a derivative the probability.
    Paper,
    /// The score, before the sigmoid.
    Score,
    /// The probability, after it.
    Probability,
}

/// Everything that an explanation can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// How.
    pub method: Method,
    /// Which of the numbers that the model returns, counted from 0.
    pub target: usize,
    /// What of it; by default [`Quantity::Paper`] for a model with one probability, else [`Quantity::Score`].
    pub quantity: Option<Quantity>,
    /// The rule of relevance propagation.
    pub rule: rule::Rule,
}

/// Explains one target of a recorded run. `target` is one of the graph's own.
#[must_use]
pub fn explain(
    graph: &Graph,
    trace: &Trace,
    target: &Target,
    method: Method,
    quantity: Quantity,
    rule: &rule::Rule,
) -> Relevance {
    if method == Method::Lrp {
        return lrp::explain(graph, trace, target, quantity, rule);
    }
    let words = match method {
        Method::AbsGradient => Words::Norm,
        Method::GradientXInput => Words::Product,
        Method::Lrp | Method::Gradient => Words::Slope,
    };
    let mut gradient = gradient::explain(graph, trace, target, quantity, words);
    match method {
        Method::AbsGradient => gradient.values.iter_mut().for_each(|d| *d = d.abs()),
        Method::GradientXInput => {
            let input = &trace.values[crate::graph::INPUT];
            let is_word = graph.words();
            for ((d, x), is_word) in gradient.values.iter_mut().zip(input).zip(is_word) {
                // A word's number is a product already.
                *d *= if is_word { 1.0 } else { f64::from(*x) };
            }
        }
        Method::Lrp | Method::Gradient => {}
    }
    gradient
}

/// A target's score and probability, in double precision from the recorded values.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Before the sigmoid or softmax.
    pub score: f64,
    /// After it.
    pub probability: f64,
    /// All scores that the output is a function of, in the order of [`Link::scores`].
    pub scores: Vec<f64>,
    /// What leads from them to the output.
    pub link: Link,
}

impl Scored {
    /// Sums the scores again from what tract recorded below them, so that the parts that are handed down add up to them.
    #[must_use]
    pub fn of(graph: &Graph, trace: &Trace, target: &Target) -> Self {
        let score = |site: Site| match graph.dense_at(site) {
            Some(dense) => dense.sum(&trace.values[dense.input], site.index),
            None => f64::from(trace.values[site.value][site.index]),
        };
        let scores: Vec<f64> = target.link.scores(target.score).into_iter().map(score).collect();
        let probability = target.link.apply(&scores);
        Self { score: score(target.score), probability, scores, link: target.link.clone() }
    }

    fn relevance(self, values: Vec<f64>, score: f64, ledger: Option<Ledger>) -> Relevance {
        let is_probability = self.link.is_probability();
        let Self { score: logit, probability, .. } = self;
        Relevance { values, score, logit, probability, is_probability, ledger }
    }
}
