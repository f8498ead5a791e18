//! What can be explained: the numbers that a model returns, and how they follow from their scores.

use super::Site;
use crate::engine::function::activation::Activation;

/// A number that the model returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What is decomposed: the element before the last sigmoid or softmax, or the output itself where there is none.
    pub score: Site,
    /// How the output follows from the score.
    pub link: Link,
    /// Whether the output is a probability: by its link, by its range of 0 to 1, or because it is said to be one.
    pub is_probability: bool,
}

/// How an output follows from its score.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// The output is the score.
    Identity,
    /// The output is a probability, the sigmoid of the score.
    Sigmoid,
    /// The output is the probability of one of several classes, the softmax of their scores: `sites[own]` is its own.
    Softmax {
        /// The scores of all classes.
        sites: Vec<Site>,
        /// Index of this class.
        own: usize,
    },
}

impl Link {
    /// The elements that the output is a function of, the score at `own` among them.
    #[must_use]
    pub fn scores(&self, own: Site) -> Vec<Site> {
        match self {
            Self::Identity | Self::Sigmoid => vec![own],
            Self::Softmax { sites, .. } => sites.clone(),
        }
    }

    /// The output, given the scores that [`Link::scores`] names.
    #[must_use]
    pub fn apply(&self, scores: &[f64]) -> f64 {
        match self {
            Self::Identity => scores[0],
            Self::Sigmoid => 1.0 / (1.0 + (-scores[0]).exp()),
            Self::Softmax { own, .. } => {
                // exp(s - s_own) overflows only where the probability is zero, which is what 1 / inf gives.
                1.0 / scores.iter().map(|score| (score - scores[*own]).exp()).sum::<f64>()
            }
        }
    }

    /// The derivative of the output with respect to each of the scores that [`Link::scores`] names.
    #[must_use]
    pub fn slopes(&self, scores: &[f64]) -> Vec<f64> {
        match self {
            Self::Identity => vec![1.0],
            Self::Sigmoid => vec![Activation::Sigmoid.derivative(scores[0])],
            Self::Softmax { sites, own } => {
                // dp_own / ds_k = p_own (1{k = own} - p_k)
                let p_of = |k: usize| Self::Softmax { sites: sites.clone(), own: k }.apply(scores);
                let p_own = p_of(*own);
                (0..scores.len()).map(|k| p_own * (f64::from(u8::from(k == *own)) - p_of(k))).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, Site};

    #[test]
    fn slopes_are_the_differences_of_the_output() {
        let site = |index| Site { value: 1, index };
        let links = [Link::Identity, Link::Sigmoid, Link::Softmax { sites: (0..3).map(site).collect(), own: 1 }];
        for link in links {
            let scores: Vec<f64> = [0.3, -0.7, 1.1][..link.scores(site(1)).len()].to_vec();
            for (k, slope) in link.slopes(&scores).into_iter().enumerate() {
                let at = |step: f64| {
                    let mut moved = scores.clone();
                    moved[k] += step;
                    link.apply(&moved)
                };
                assert!(((at(1e-6) - at(-1e-6)) / 2e-6 - slope).abs() < 1e-9, "{link:?} {k}");
            }
        }
    }

    #[test]
    fn a_softmax_of_large_scores_is_finite() {
        let sites = vec![Site { value: 1, index: 0 }; 2];
        let of = |own| Link::Softmax { sites: sites.clone(), own }.apply(&[-900.0, 900.0]);
        assert_eq!((of(0), of(1)), (0.0, 1.0));
    }
}
