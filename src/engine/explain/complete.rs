//! Whether an explanation adds up to what it explains. One that does not is refused, for its cells mean nothing then.
//!
//! | method | what may be missing |
//! |---|---|
//! | LRP | [`ROUNDING`] of the score |
//! | deep-shap | [`ROUNDING`] of the absolute contributions, and [`PART`] of the difference |
//! | integrated gradients | [`INTEGRAL`] of the difference; what they miss of their tolerance stands in their note |
//!
//! Each is of at least what single precision leaves of a score of that size. However large single cells are, an integral
//! that misses more than the difference explains nothing.

use super::Method;
use super::relevance::Relevance;
use crate::error::{Error, Kind, Result};

/// A residual above this part of what is summed is more than rounding.
pub const ROUNDING: f64 = 1e-6;

/// An explanation that misses more than this part of a difference does not explain it.
pub const PART: f64 = 1e-3;

/// An integral that misses more than this part of a difference does not explain it. Where slopes jump at many places of the
/// line, as behind rectifiers, some thousand derivatives leave a thousandth.
pub const INTEGRAL: f64 = 1e-2;

/// LRP's scores this close to zero are not asked to be matched any closer.
const SMALL_SCORE: f64 = 1e-3;

/// Contributions of fewer units of score are not asked to be matched any closer, nor those that are fewer than the scores
/// themselves: these were recorded in single precision.
const FEW: f64 = 0.5;

/// Nor is a difference that is smaller than this part of a score.
const SMALL_DIFFERENCE: f64 = 1e-2;

/// Checks an explanation by a method.
///
/// # Errors
/// [`Kind::Unstable`] where a cell is no number, and where more is missing than the method allows.
pub fn check(method: Method, relevance: &Relevance) -> Result<()> {
    if relevance.values.iter().any(|r| !r.is_finite()) {
        let message = "cells of this explanation are not a number: the network divides by something that is zero here; choose another method or reference";
        return Err(Error::new(Kind::Unstable, message));
    }
    let (Some(allowed), false) = (allowed(method, relevance), relevance.ledger.is_none()) else { return Ok(()) };
    if relevance.residual().abs() <= allowed {
        return Ok(());
    }
    Err(Error::new(Kind::Unstable, message(method, relevance)))
}

/// What may be missing; `None` for a method that does not say that it is complete.
fn allowed(method: Method, relevance: &Relevance) -> Option<f64> {
    let sizes = || relevance.values.iter().map(|r| r.abs()).sum::<f64>();
    let reference = relevance.ledger.map_or(0.0, |ledger| ledger.reference);
    let rounding = || ROUNDING * sizes().max(FEW).max(relevance.score.abs()).max(reference.abs());
    let difference = difference(relevance).abs();
    match method {
        Method::Lrp => Some(ROUNDING * relevance.score.abs().max(SMALL_SCORE)),
        Method::DeepShap => {
            Some(rounding().min(PART * difference.max(SMALL_DIFFERENCE * relevance.score.abs().max(1.0))))
        }
        Method::IntegratedGradients => {
            let scores = ROUNDING * FEW.max(relevance.score.abs()).max(reference.abs());
            Some(scores.max(INTEGRAL * difference))
        }
        _ => None,
    }
}

/// What is divided: the score, less that of the reference.
fn difference(relevance: &Relevance) -> f64 {
    relevance.score - relevance.ledger.map_or(0.0, |ledger| ledger.reference)
}

/// Why an explanation that misses too much is refused: by how much, and what a reader may choose in its place.
fn message(method: Method, relevance: &Relevance) -> String {
    let largest = relevance.values.iter().fold(0.0_f64, |largest, r| largest.max(r.abs()));
    let (score, missing) = (relevance.score, relevance.residual());
    let difference = difference(relevance);
    match method {
        Method::Lrp => format!(
            "single cells reach {largest:.0e} where the score is {score:.3}, and no longer add up to it (residual {missing:.0e}): this rule divides by sums near zero; choose the gate rule \"all\", or a larger epsilon"
        ),
        Method::IntegratedGradients => format!(
            "the derivatives on the line from the reference miss {missing:.2e} of a difference of {difference:.3e}{}; choose deep-shap, another reference, or more steps",
            relevance.note.map_or(String::new(), |note| format!(": {note}"))
        ),
        _ => format!(
            "the contributions miss {missing:.2e} of a difference of {difference:.3e}, and single cells reach {largest:.0e}: the network divides by something near zero; choose another reference or another method"
        ),
    }
}
