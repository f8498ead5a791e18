//! `SmoothGrad` (Smilkov and others 2017, arXiv:1706.03825).

use super::Scored;
use super::near::Near;
use super::random::Random;
use super::relevance::Relevance;
use super::scorer::{Network, Scorer};
use crate::engine::number::real;
use crate::engine::trace::Trace;
use crate::error::Result;

/// The mean of the derivative over `n_samples` inputs with noise:
///
/// ```text
/// R_k = 1 / n sum over samples of df/dx_k (x + sigma (max x - min x) z),  z normal
/// ```
///
/// `sigma` is the paper's noise level, relative to the range of the input. The noise is that of `seed`. Numbers that are
/// [held](Network::held), such as codes, have none, and do not count for the range.
///
/// # Errors
/// Where the network cannot be run.
pub fn explain<N: Network>(
    scorer: &Scorer<N>,
    trace: &Trace,
    n_samples: usize,
    sigma: f64,
    seed: u64,
) -> Result<Relevance> {
    let graph = scorer.network.graph();
    let x = &trace.values[crate::engine::graph::INPUT];
    let is_held = scorer.network.held();
    let spread = sigma * range(x.iter().zip(&is_held).filter(|(_, is_held)| !**is_held).map(|(x, _)| *x));
    let mut random = Random::new(seed);
    let samples = (0..n_samples).map(|_| {
        #[expect(clippy::cast_possible_truncation, reason = "the model's inputs are f32")]
        let mut noisy = |x: f32| (f64::from(x) + spread * random.normal()) as f32;
        let moved = x.iter().zip(&is_held).map(|(x, is_held)| if *is_held { *x } else { noisy(*x) });
        (moved.collect(), 1.0 / real(n_samples))
    });
    let mean = Near::of_run(scorer.over(&scorer.network), trace.clone()).gradient(samples, &[])?;
    let scored = Scored::of(graph, trace, &scorer.target);
    let score = scorer.of(&scored);
    Ok(scored.relevance(mean, score, None))
}

/// The largest value less the smallest: the scale that noise is measured by.
fn range(x: impl Iterator<Item = f32>) -> f64 {
    let (low, high) = x.fold((f32::MAX, f32::MIN), |(low, high), x| (low.min(x), high.max(x)));
    f64::from(high) - f64::from(low)
}
