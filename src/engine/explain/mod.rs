//! From a trace to relevance.

pub mod agreement;
pub mod audit;
mod backward;
mod between;
pub mod complete;
pub mod deep_shap;
pub mod ensemble;
pub mod gradient;
pub mod integrated_gradients;
mod live;
pub mod lrp;
pub mod near;
mod norm;
pub mod occlusion;
pub mod players;
pub mod quadrature;
pub mod random;
pub mod relevance;
pub mod request;
pub mod scorer;
pub mod shapley;
pub mod smooth_grad;

use crate::engine::graph::{Graph, Link, Site, Target, ValueId};
use crate::engine::rule::Rule;
use crate::engine::trace::Trace;
use crate::error::{Error, Kind, Place, Result};
use relevance::{Ledger, Relevance, ScoreUnit};

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
    /// Derivatives along the line from a baseline, times the difference from it.
    IntegratedGradients,
    /// The mean derivative over noisy inputs.
    SmoothGrad,
    /// Contributions against a reference run.
    DeepShap,
    /// What the score loses without each measurement.
    Occlusion,
}

impl Method {
    /// Whether the method explains the difference from a baseline.
    #[must_use]
    pub const fn is_against_baseline(self) -> bool {
        matches!(self, Self::IntegratedGradients | Self::DeepShap)
    }

    /// Whether the paper says what the method explains.
    const fn is_of_the_paper(self) -> bool {
        matches!(self, Self::Lrp | Self::Gradient | Self::AbsGradient | Self::GradientXInput)
    }
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How.
    pub method: Method,
    /// Which of the numbers that the model returns, counted from 0.
    pub target: usize,
    /// What of it; see [`Options::quantity`].
    pub quantity: Option<Quantity>,
    /// The rule of relevance propagation.
    pub rule: Rule,
    /// Most derivatives of the integral, by default [`STEPS_MAX`]; fewer are taken where fewer are enough. Noisy inputs of
    /// `SmoothGrad`, by default 50.
    pub steps: Option<usize>,
    /// Noise of `SmoothGrad`: its standard deviation relative to the range of the input.
    pub noise: f64,
    /// Where random numbers begin.
    pub seed: u64,
}

/// More steps than this are refused: each is a run of the network.
pub const STEPS_MAX: usize = 4096;

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::default(),
            target: 0,
            quantity: None,
            rule: Rule::default(),
            steps: None,
            noise: 0.1,
            seed: 0,
        }
    }
}

impl Options {
    /// What is explained: by default [`Quantity::Paper`] by the paper's methods for a model with one probability, the
    /// probability's derivative by `SmoothGrad` for such a model, and [`Quantity::Score`] otherwise.
    #[must_use]
    pub fn quantity(&self, is_one_probability: bool) -> Quantity {
        self.quantity.unwrap_or(match self.method {
            Method::SmoothGrad if is_one_probability => Quantity::Probability,
            method if is_one_probability && method.is_of_the_paper() => Quantity::Paper,
            _ => Quantity::Score,
        })
    }

    /// Most derivatives of the integral, or noisy inputs.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps.unwrap_or(if self.method == Method::SmoothGrad { 50 } else { STEPS_MAX })
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the field and its range.
    pub fn check(&self) -> Result<()> {
        let field =
            |name: &str, message: String| Err(Error::new(Kind::Argument, message).at(Place::Field(name.into())));
        if !(0.0..f64::INFINITY).contains(&self.rule.epsilon) {
            return field("epsilon", format!("is {}; it must be a number not below 0", self.rule.epsilon));
        }
        if !(0.0..=1.0).contains(&self.rule.bias_factor) {
            return field("biasFactor", format!("is {}; it must be in 0..1", self.rule.bias_factor));
        }
        if !(1..=STEPS_MAX).contains(&self.steps()) {
            return field("steps", format!("is {}; it must be in 1..{STEPS_MAX}", self.steps()));
        }
        if !(0.0..=10.0).contains(&self.noise) {
            return field("noise", format!("is {}; it must be in 0..10", self.noise));
        }
        if self.quantity == Some(Quantity::Paper) && !self.method.is_of_the_paper() {
            return field(
                "explain",
                "\"paper\" says nothing on this method; choose \"score\" or \"probability\"".into(),
            );
        }
        Ok(())
    }
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
    /// Whether the output is a probability.
    pub is_probability: bool,
}

impl Scored {
    /// Sums the scores again from what tract recorded below them, so that the parts that are handed down add up to them.
    #[must_use]
    pub fn of(graph: &Graph, trace: &Trace, target: &Target) -> Self {
        Self::by(graph, target, |value| &trace.values[value])
    }

    /// Sums the scores of a run whose values are `value`.
    fn by<'a>(graph: &Graph, target: &Target, value: impl Fn(ValueId) -> &'a [f32]) -> Self {
        let score = |site: Site| match graph.dense_at(site) {
            Some(dense) => dense.sum(value(dense.input), site.index),
            None => f64::from(value(site.value)[site.index]),
        };
        let scores: Vec<f64> = target.link.scores(target.score).into_iter().map(score).collect();
        let probability = target.link.apply(&scores);
        let Target { link, is_probability, .. } = target.clone();
        Self { score: score(target.score), probability, scores, link, is_probability }
    }

    /// One of them; [`Quantity::Paper`] is the probability, as for the derivative.
    #[must_use]
    pub fn quantity(&self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Score => self.score,
            Quantity::Paper | Quantity::Probability => self.probability,
        }
    }

    fn relevance(self, values: Vec<f64>, score: f64, ledger: Option<Ledger>) -> Relevance {
        let unit = ScoreUnit::from(&self.link);
        let Self { score: logit, probability, is_probability, .. } = self;
        Relevance { values, score, logit, probability, is_probability, unit, ledger, note: None }
    }
}
