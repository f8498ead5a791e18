//! The linear rule and the gate rule over four units side by side: [`SignalTakesAll`] is the paper's, in vector code,
//! and [`AnyRule`] every other.
//!
//! For an upper unit `z = sum_i w x_i + b` that holds R, with `s` its sign and n lower units (Arras 2017,
//! 10.18653/v1/W17-5221; the other form is Arras 2019):
//!
//! ```text
//! scale = R / (z + epsilon s)        R_i = w x_i scale + ( bias_part b + epsilon_part epsilon s ) scale / n
//! ```
//!
//! The first summand is a product with the weights, the second the same for all lower units: so a message is a scale,
//! and shares that are added up over all units before they are spread.

use super::lanes::{Lanes, WideLanes, plus, sum, times, wide};
use crate::engine::rule::{Form, Kept, Rule};

/// What four upper units hand down: a lower unit with contribution `w x` to a sum receives `w x * scale`, and its part of
/// what is spread of the shares.
pub(super) struct LaneMessage {
    /// `R / (z + epsilon s)`
    pub(super) scale: WideLanes,
    /// The stabiliser's and the bias's shares.
    pub(super) shares: SpreadShares,
}

/// Shares of the stabiliser and of the bias, of which a part is spread over all that units read.
#[derive(Clone, Copy)]
pub(super) struct SpreadShares {
    /// The stabilisers', `epsilon s scale`.
    epsilon: WideLanes,
    /// The biases', `b scale`.
    bias: WideLanes,
}

impl SpreadShares {
    /// None: minus zero, to which adding is no operation.
    pub(super) const NONE: Self = Self { epsilon: [-0.0; 4], bias: [-0.0; 4] };

    /// Adds those of four more units.
    #[inline(always)]
    pub(super) fn add(&mut self, other: Self) {
        self.epsilon = plus(self.epsilon, other.epsilon);
        self.bias = plus(self.bias, other.bias);
    }
}

/// Shares of the stabiliser and of the bias over all steps, and what units keep whose sum is zero without a stabiliser.
#[derive(Clone, Copy, Default)]
pub(super) struct LaneShares {
    /// The stabilisers'.
    epsilon: WideLanes,
    /// The biases'.
    bias: WideLanes,
    /// All that units held which could not hand it down.
    whole: WideLanes,
}

/// A rule, in the shape that the kernels need. It is a type and not a value, so that code for gates that receive
/// nothing is left out when the kernels are compiled.
pub(super) trait Division: Copy {
    /// Whether gates receive any relevance.
    const REACHES_GATES: bool;

    /// The message of units `z = contributions + bias` that hold `r`; some have no bias. Its shares are added up.
    fn message(self, z: WideLanes, bias: Option<&Lanes>, r: WideLanes, shares: &mut LaneShares) -> LaneMessage;

    /// What all lower units together receive of shares.
    fn spread(self, shares: SpreadShares) -> f64;

    /// What the lower units of each of four units together receive.
    fn spread_each(self, shares: SpreadShares) -> WideLanes;

    /// What the gate and the signal of `gate * signal` receive of `r`.
    fn divide(self, gate: WideLanes, signal: WideLanes, r: WideLanes) -> [WideLanes; 2];

    /// What of the shares was not handed down.
    fn kept(self, shares: &LaneShares) -> Kept;
}

/// The parts of the stabiliser's and of the bias's relevance that are spread; the rest is kept.
#[derive(Clone, Copy)]
struct Parts {
    /// 1 in the form of 2017, the bias factor in that of 2019.
    epsilon: f64,
    /// The bias factor.
    bias: f64,
}

impl Parts {
    /// The parts that a rule spreads.
    fn of(rule: &Rule) -> Self {
        let epsilon = match rule.form {
            Form::Arras2017 => 1.0,
            Form::Arras2019 => rule.bias_factor,
        };
        Self { epsilon, bias: rule.bias_factor }
    }

    /// The message of units whose stabilised sums are not zero.
    #[inline(always)]
    fn message(
        self,
        stabiliser: WideLanes,
        bias: Option<&Lanes>,
        scale: WideLanes,
        shares: &mut LaneShares,
    ) -> LaneMessage {
        let epsilon = times(stabiliser, scale);
        shares.epsilon = plus(shares.epsilon, epsilon);
        let mut bias_share = [-0.0; 4];
        if let Some(bias) = bias {
            bias_share = times(wide(bias), scale);
            shares.bias = plus(shares.bias, bias_share);
        }
        LaneMessage { scale, shares: SpreadShares { epsilon, bias: bias_share } }
    }

    #[inline(always)]
    fn spread(self, shares: SpreadShares) -> f64 {
        self.epsilon * sum(shares.epsilon) + self.bias * sum(shares.bias)
    }

    fn spread_each(self, shares: SpreadShares) -> WideLanes {
        plus(times([self.epsilon; 4], shares.epsilon), times([self.bias; 4], shares.bias))
    }

    fn kept(self, shares: &LaneShares) -> Kept {
        let epsilon = (1.0 - self.epsilon) * sum(shares.epsilon) + sum(shares.whole);
        Kept { biases: (1.0 - self.bias) * sum(shares.bias), epsilon }
    }
}

/// Relevance where the signal of every product takes all and there is a stabiliser.
#[derive(Clone, Copy)]
pub(super) struct SignalTakesAll {
    /// The stabiliser, above 0.
    epsilon: f64,
    parts: Parts,
}

impl SignalTakesAll {
    /// `None` for another rule. Without a stabiliser a sum may be zero, which [`AnyRule`] sees to.
    pub(super) fn of(rule: &Rule) -> Option<Self> {
        let is_such = !rule.reaches_gates() && rule.epsilon > 0.0;
        is_such.then(|| Self { epsilon: rule.epsilon, parts: Parts::of(rule) })
    }
}

impl Division for SignalTakesAll {
    const REACHES_GATES: bool = false;

    #[inline(always)]
    fn message(self, z: WideLanes, bias: Option<&Lanes>, r: WideLanes, shares: &mut LaneShares) -> LaneMessage {
        let (mut stabiliser, mut scale) = ([0.0; 4], [0.0; 4]);
        for lane in 0..4 {
            stabiliser[lane] = with_sign_of(self.epsilon, z[lane]);
            scale[lane] = r[lane] / (z[lane] + stabiliser[lane]);
        }
        self.parts.message(stabiliser, bias, scale, shares)
    }

    #[inline(always)]
    fn divide(self, _gate: WideLanes, _signal: WideLanes, r: WideLanes) -> [WideLanes; 2] {
        [[0.0; 4], r]
    }

    #[inline(always)]
    fn spread(self, shares: SpreadShares) -> f64 {
        self.parts.spread(shares)
    }

    fn spread_each(self, shares: SpreadShares) -> WideLanes {
        self.parts.spread_each(shares)
    }

    fn kept(self, shares: &LaneShares) -> Kept {
        self.parts.kept(shares)
    }
}

/// Relevance by any rule.
#[derive(Clone, Copy)]
pub(super) struct AnyRule<'a> {
    rule: &'a Rule,
    parts: Parts,
}

impl<'a> AnyRule<'a> {
    /// By this one.
    pub(super) fn of(rule: &'a Rule) -> Self {
        Self { rule, parts: Parts::of(rule) }
    }
}

impl Division for AnyRule<'_> {
    const REACHES_GATES: bool = true;

    fn message(self, z: WideLanes, bias: Option<&Lanes>, r: WideLanes, shares: &mut LaneShares) -> LaneMessage {
        let stabiliser = z.map(|z| with_sign_of(self.rule.epsilon, z));
        let mut scale = [0.0; 4];
        for lane in 0..4 {
            let denominator = z[lane] + stabiliser[lane];
            if denominator == 0.0 {
                // No contribution can be told from another, so the unit keeps its relevance.
                shares.whole[lane] += r[lane];
            } else {
                scale[lane] = r[lane] / denominator;
            }
        }
        self.parts.message(stabiliser, bias, scale, shares)
    }

    fn divide(self, gate: WideLanes, signal: WideLanes, r: WideLanes) -> [WideLanes; 2] {
        let parts: [(f64, f64); 4] = std::array::from_fn(|lane| self.rule.divide(gate[lane], signal[lane], r[lane]));
        [parts.map(|part| part.0), parts.map(|part| part.1)]
    }

    #[inline(always)]
    fn spread(self, shares: SpreadShares) -> f64 {
        self.parts.spread(shares)
    }

    fn spread_each(self, shares: SpreadShares) -> WideLanes {
        self.parts.spread_each(shares)
    }

    fn kept(self, shares: &LaneShares) -> Kept {
        self.parts.kept(shares)
    }
}

/// Epsilon where `z >= 0`, else minus epsilon. By its bits: a choice becomes code for one number at a time.
#[inline(always)]
fn with_sign_of(epsilon: f64, z: f64) -> f64 {
    let is_below = 0_u64.wrapping_sub(u64::from(z < 0.0));
    f64::from_bits(epsilon.to_bits() ^ (is_below & (1 << 63)))
}
