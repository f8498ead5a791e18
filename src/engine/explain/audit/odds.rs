//! From two effect sizes to a probability: a logistic regression, and the bounds between the words for it.

/// From this probability on a map holds.
pub const HOLDS_FROM: f64 = 0.5;
/// From this one on it is shaky; below, it does not hold.
pub const SHAKY_FROM: f64 = 0.05;

/// Both.
pub(super) const BOUNDS: [f64; 2] = [HOLDS_FROM, SHAKY_FROM];

/// A logistic regression on four families of networks with known answers, `training/planted/bounds.py`: the constant,
/// follows, finds, and how far each is above [`GOOD`]. Fitted on what the engine measures at the last look, of the first stay
/// of each network, under five seeds.
const COEFFICIENTS: [f64; 5] = [-6.04, 6.27, 0.24, 2.18, 17.64];

/// Where the regression bends: much of what separates good maps from fair ones is above.
const GOOD: f64 = 0.8;

/// The effects that the regression is of end here.
const LOWEST: f64 = -0.5;
const HIGHEST: f64 = 1.1;

/// The probability of log-odds: `p = 1 / (1 + exp(-l))`.
pub(super) fn probability_of(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The log-odds of a probability: `l = ln(p / (1 - p))`.
pub(super) fn logit_of(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// The log-odds by follows and finds; minus infinity where one is no number.
///
/// ```text
/// l = b0 + b1 follows + b2 finds + b3 max(0, follows - 0.8) + b4 max(0, finds - 0.8)
/// ```
pub(super) fn logit(effects: [f64; 2]) -> f64 {
    if effects.iter().any(|effect| effect.is_nan()) {
        return f64::NEG_INFINITY;
    }
    let [follows, finds] = effects.map(|effect| effect.clamp(LOWEST, HIGHEST));
    let [good_follows, good_finds] = [follows, finds].map(|effect| (effect - GOOD).max(0.0));
    let terms = [1.0, follows, finds, good_follows, good_finds];
    terms.iter().zip(COEFFICIENTS).map(|(term, coefficient)| term * coefficient).sum()
}
