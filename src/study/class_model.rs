//! What a network would like to see: the input of the highest score for a class, kept small.
//!
//! K. Simonyan, A. Vedaldi, A. Zisserman 2014, *Deep inside convolutional networks*,
//! [arXiv:1312.6034](https://arxiv.org/abs/1312.6034), section 2.

use crate::engine::explain::{Method, Options, Quantity};
use crate::engine::number::{real, single};
use crate::error::{Error, Kind, Place, Result};
use crate::model::Model;

/// How the ascent is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ascent {
    /// Steps uphill, at most 10,000.
    pub n_steps: usize,
    /// Length of the first step, in model units; later ones are shorter, in proportion to the steps left.
    pub rate: f64,
    /// The regularisation `lambda`, 0 or above.
    pub decay: f64,
    /// The least and the largest value of an input, in model units.
    pub bounds: [f32; 2],
}

impl Default for Ascent {
    fn default() -> Self {
        Self { n_steps: 200, rate: 0.05, decay: 0.5, bounds: [0.0, 1.0] }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ClassModel {
    /// `[n_steps * n_columns]` of the model's input, row-major, in model units.
    pub input: Vec<f32>,
    /// The score of the class (before a sigmoid or softmax) at the start and at the end.
    pub scores: [f64; 2],
    /// Its probability at the end, or the output itself where it is none.
    pub probability: f64,
}

/// Walks uphill from an input in the middle of the bounds:
///
/// `x* = argmax over x of S_c(x) - lambda |x|^2`,  `x += rate g / max |g|`,  `g = dS_c/dx - 2 lambda x`
///
/// `S_c` is the score before the softmax, since a probability rises also by lowering the other classes. The largest
/// element moves by the rate, so that one rate serves every network; values are kept within the bounds.
///
/// # Errors
/// [`Kind::Argument`] for a target that the model has not, or options out of range.
pub fn class_model(model: &Model, target: usize, ascent: &Ascent) -> Result<ClassModel> {
    check(ascent)?;
    let [low, high] = ascent.bounds;
    let options = Options { method: Method::Gradient, target, quantity: Some(Quantity::Score), ..Options::default() };
    let mut input = vec![f32::midpoint(low, high); model.n_steps() * model.n_columns()];
    let first = model.explain(&input, &options)?;
    let mut slope = first.clone();
    for step in 0..ascent.n_steps {
        let left = 1.0 - real(step) / real(ascent.n_steps);
        climb(&mut input, &slope.values, ascent, ascent.rate * left);
        slope = model.explain(&input, &options)?;
    }
    Ok(ClassModel { input, scores: [first.logit, slope.logit], probability: slope.probability })
}

fn climb(input: &mut [f32], gradient: &[f64], ascent: &Ascent, rate: f64) {
    let pull: Vec<f64> =
        input.iter().zip(gradient).map(|(x, slope)| slope - 2.0 * ascent.decay * f64::from(*x)).collect();
    let largest = pull.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
    if largest > 0.0 {
        for (x, g) in input.iter_mut().zip(pull) {
            *x = single(f64::from(*x) + rate * g / largest).clamp(ascent.bounds[0], ascent.bounds[1]);
        }
    }
}

fn check(ascent: &Ascent) -> Result<()> {
    let wrong =
        |field: &str, message: &str| Err(Error::new(Kind::Argument, message).at(Place::Field(field.to_owned())));
    let [low, high] = ascent.bounds;
    if ascent.n_steps > 10_000 {
        return wrong("steps", "may be at most 10000");
    }
    if !(ascent.rate > 0.0 && ascent.rate.is_finite()) {
        return wrong("rate", "must be greater than zero");
    }
    if !(ascent.decay >= 0.0 && ascent.decay.is_finite()) {
        return wrong("decay", "must be a number not below 0");
    }
    if !(low.is_finite() && high.is_finite() && low < high) {
        return wrong("bounds", "must be [low, high] with low < high, both finite");
    }
    Ok(())
}
