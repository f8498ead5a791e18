//! From a trace to relevance.

mod backward;
pub mod gradient;
pub mod lrp;
pub mod relevance;
pub mod rule;

use crate::graph::{Graph, Link, Target};
use crate::trace::Trace;
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
    let mut gradient = gradient::explain(graph, trace, target, quantity);
    match method {
        Method::AbsGradient => gradient.values.iter_mut().for_each(|d| *d = d.abs()),
        Method::GradientXInput => {
            let input = &trace.values[crate::graph::INPUT];
            gradient.values.iter_mut().zip(input).for_each(|(d, x)| *d *= f64::from(*x));
        }
        Method::Lrp | Method::Gradient => {}
    }
    gradient
}

/// A target's score and probability, in double precision from the recorded values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Before the sigmoid.
    pub score: f64,
    /// After it.
    pub probability: f64,
    /// What leads from the one to the other.
    pub link: Link,
}

impl Scored {
    /// Sums the score again from what tract recorded below it, so that the parts that are handed down add up to it.
    #[must_use]
    pub fn of(graph: &Graph, trace: &Trace, target: &Target) -> Self {
        let site = target.score;
        let score = match graph.dense_below(target) {
            Some(dense) => dense.sum(&trace.values[dense.input], site.index),
            None => f64::from(trace.values[site.value][site.index]),
        };
        Self { score, probability: target.link.apply(score), link: target.link }
    }

    fn relevance(self, values: Vec<f64>, score: f64, ledger: Option<Ledger>) -> Relevance {
        let Self { score: logit, probability, link } = self;
        Relevance { values, score, logit, probability, is_probability: link == Link::Sigmoid, ledger }
    }
}
