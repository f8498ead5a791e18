//! An explanation that can be asked for again: of another input, of another network.

use super::gradient::{self, WordGradient};
use super::relevance::Relevance;
use super::scorer::of_reference;
use super::scorer::{Network, Scorer};
use super::{Method, Options, deep_shap, integrated_gradients, lrp, smooth_grad};
use crate::engine::graph::INPUT;
use crate::engine::trace::Trace;
use crate::error::{Error, Kind, Place, Result};

/// How to explain, with everything that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Method and settings; the target and the quantity are the scorer's.
    pub options: Options,
    /// What differences are explained from, `[n_steps * n_columns]`; not read by other methods.
    pub baseline: Vec<f32>,
}

impl Request {
    /// Explains an input.
    ///
    /// # Errors
    /// Where the network cannot be run; [`Kind::Argument`] for occlusion, which is asked for by what it takes away. Whether
    /// the parts add up is asked by [`complete::check`](super::complete::check).
    pub fn explain<N: Network>(&self, scorer: &Scorer<N>, input: &[f32]) -> Result<Relevance> {
        self.explain_trace(scorer, &scorer.network.trace(input)?)
    }

    /// Explains a run of the scorer's network that was recorded before.
    ///
    /// # Errors
    /// As [`Request::explain`].
    pub fn explain_trace<N: Network>(&self, scorer: &Scorer<N>, trace: &Trace) -> Result<Relevance> {
        let (graph, options) = (scorer.network.graph(), &self.options);
        let (target, quantity) = (&scorer.target, scorer.quantity);
        let gradient = |words| gradient::explain(graph, trace, target, quantity, words);
        Ok(match options.method {
            Method::Lrp => lrp::explain(graph, trace, target, quantity, &options.rule),
            Method::Gradient => gradient(WordGradient::Slope),
            Method::AbsGradient => {
                let mut relevance = gradient(WordGradient::Norm);
                relevance.values.iter_mut().for_each(|d| *d = d.abs());
                relevance
            }
            Method::GradientXInput => {
                let mut relevance = gradient(WordGradient::Product);
                let is_word = graph.words();
                for ((d, x), is_word) in relevance.values.iter_mut().zip(&trace.values[INPUT]).zip(is_word) {
                    // A word's number is a product already.
                    *d *= if is_word { 1.0 } else { f64::from(*x) };
                }
                relevance
            }
            Method::IntegratedGradients => {
                integrated_gradients::explain(scorer, trace, &self.baseline, options.steps())?
            }
            Method::SmoothGrad => smooth_grad::explain(scorer, trace, options.steps(), options.noise, options.seed)?,
            Method::DeepShap => {
                let reference = scorer.network.reference(&self.baseline).map_err(of_reference)?;
                deep_shap::check_masks(graph, trace, reference.trace())?;
                deep_shap::explain(graph, trace, &reference, target, quantity)
            }
            Method::Occlusion => {
                let message = "occlusion needs to know what it takes away; choose another method";
                return Err(Error::new(Kind::Argument, message).at(Place::Field("method".into())));
            }
        })
    }
}
