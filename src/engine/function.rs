//! Functions of one number, with their derivatives: what a network applies to each element of a value.
//!
//! Formulas and default parameters: ONNX operator specification, the operators of the same names.

pub mod activation;
pub(crate) mod exponential;

use crate::engine::number::single;
use activation::Activation;

/// Below this distance of two points rounding is a larger part of a quotient than what the slope between them leaves out.
pub(crate) const CLOSE: f64 = 1e-6;

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Function {
    /// One of those that a recurrent node can have, too.
    Activation(Activation),
    /// `min(max(z, low), high)`
    Clip {
        /// The least value; minus infinity where there is none.
        low: f32,
        /// The greatest value; infinity where there is none.
        high: f32,
    },
    /// `gamma * z` where `z >= 0`, `gamma * alpha * (exp(z) - 1)` elsewhere
    Selu {
        /// Limit below zero, before the scale.
        alpha: f32,
        /// Scale.
        gamma: f32,
    },
    /// `z` where `z >= 0`, `alpha * (exp(z / alpha) - 1)` elsewhere
    Celu {
        /// Limit below zero.
        alpha: f32,
    },
    /// `z + bias` where `z < -limit`, `z - bias` where `z > limit`, `0` elsewhere
    Shrink {
        /// Where it begins, on both sides.
        limit: f32,
        /// How much nearer to zero what lies beyond is brought.
        bias: f32,
    },
    /// `z * min(max(z / 6 + 1/2, 0), 1)`
    HardSwish,
    /// `z * sigmoid(alpha * z)`
    Swish {
        /// Inner factor.
        alpha: f32,
    },
    /// `z * tanh(ln(1 + exp(z)))`
    Mish,
    /// `z * (1 + erf(z / sqrt(2))) / 2`
    Gelu,
    /// `z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 z^3))) / 2`
    GeluTanh,
    /// `exp(z)`
    Exp,
    /// `ln(z)`
    Ln,
    /// `sqrt(z)`
    Sqrt,
    /// `1 / sqrt(z)`
    ReciprocalSqrt,
    /// `1 / z`
    Reciprocal,
    /// `z^2`
    Square,
    /// `z^exponent`
    Power {
        /// The exponent.
        exponent: f32,
    },
    /// `erf(z)`, the error function
    Erf,
    /// `|z|`
    Abs,
    /// `sin(z)`
    Sin,
    /// `cos(z)`
    Cos,
    /// `tan(z)`
    Tan,
    /// `sinh(z)`
    Sinh,
    /// `cosh(z)`
    Cosh,
    /// `asin(z)`
    Asin,
    /// `acos(z)`
    Acos,
    /// `atan(z)`
    Atan,
    /// `asinh(z)`
    Asinh,
    /// `acosh(z)`
    Acosh,
    /// `atanh(z)`
    Atanh,
    /// `1` where `z = number`, `0` elsewhere: a switch, as are the next two
    Equal {
        /// What is compared with.
        number: f32,
    },
    /// `1` where `z > number`, `0` elsewhere
    Above {
        /// What is compared with.
        number: f32,
    },
    /// `1` where `z < number`, `0` elsewhere
    Below {
        /// What is compared with.
        number: f32,
    },
}

impl Function {
    /// `f(z)`, in single precision as the model was exported.
    #[must_use]
    pub fn apply(self, z: f32) -> f32 {
        match self {
            Self::Activation(f) => f.apply(z),
            other => single(other.value(f64::from(z))),
        }
    }

    /// `f(z)` in double precision.
    #[must_use]
    pub fn value(self, z: f64) -> f64 {
        match self {
            Self::Activation(f) => activation(f, z),
            Self::Clip { low, high } => z.max(f64::from(low)).min(f64::from(high)),
            Self::Selu { alpha, gamma } => f64::from(gamma) * elu(f64::from(alpha), z),
            Self::Celu { alpha } => f64::from(alpha) * elu(1.0, z / f64::from(alpha)),
            Self::Shrink { limit, bias } if z < -f64::from(limit) => z + f64::from(bias),
            Self::Shrink { limit, bias } if z > f64::from(limit) => z - f64::from(bias),
            Self::Shrink { .. } => 0.0,
            Self::HardSwish => z * (z / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Swish { alpha } => z * sigmoid(f64::from(alpha) * z),
            Self::Mish => z * softplus(z).tanh(),
            Self::Gelu => z * (1.0 + erf(z / std::f64::consts::SQRT_2)) / 2.0,
            Self::GeluTanh => z * (1.0 + gelu_inner(z).tanh()) / 2.0,
            Self::Exp => z.exp(),
            Self::Ln => z.ln(),
            Self::Sqrt => z.sqrt(),
            Self::ReciprocalSqrt => 1.0 / z.sqrt(),
            Self::Reciprocal => 1.0 / z,
            Self::Square => z * z,
            Self::Power { exponent } => z.powf(f64::from(exponent)),
            Self::Erf => erf(z),
            Self::Abs => z.abs(),
            Self::Sin => z.sin(),
            Self::Cos => z.cos(),
            Self::Tan => z.tan(),
            Self::Sinh => z.sinh(),
            Self::Cosh => z.cosh(),
            Self::Asin => z.asin(),
            Self::Acos => z.acos(),
            Self::Atan => z.atan(),
            Self::Asinh => z.asinh(),
            Self::Acosh => z.acosh(),
            Self::Atanh => z.atanh(),
            Self::Equal { number } => truth(z == f64::from(number)),
            Self::Above { number } => truth(z > f64::from(number)),
            Self::Below { number } => truth(z < f64::from(number)),
        }
    }

    /// `f'(z)` in double precision. At a kink, where there is none, that of the flat piece is taken; where neither is
    /// flat, that of the piece above; for `|z|` at zero, zero.
    #[must_use]
    pub(crate) fn derivative(self, z: f64) -> f64 {
        match self {
            Self::Activation(f) => f.derivative(z),
            Self::Clip { low, high } => f64::from(u8::from(z > f64::from(low) && z < f64::from(high))),
            Self::Selu { gamma, .. } if z >= 0.0 => f64::from(gamma),
            Self::Selu { alpha, gamma } => f64::from(gamma) * f64::from(alpha) * z.exp(),
            Self::Celu { .. } if z >= 0.0 => 1.0,
            Self::Celu { alpha } => (z / f64::from(alpha)).exp(),
            Self::Shrink { limit, .. } => truth(z < -f64::from(limit) || z > f64::from(limit)),
            Self::HardSwish if z <= -3.0 => 0.0,
            Self::HardSwish if z >= 3.0 => 1.0,
            Self::HardSwish => z / 3.0 + 0.5,
            Self::Swish { alpha } => {
                let (alpha, s) = (f64::from(alpha), sigmoid(f64::from(alpha) * z));
                s + alpha * z * s * (1.0 - s)
            }
            Self::Mish => {
                let t = softplus(z).tanh();
                t + z * (1.0 - t * t) * sigmoid(z)
            }
            Self::Gelu => (1.0 + erf(z / std::f64::consts::SQRT_2)) / 2.0 + z * normal_density(z),
            Self::GeluTanh => {
                let t = gelu_inner(z).tanh();
                (1.0 + t) / 2.0 + z * (1.0 - t * t) / 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * z * z)
            }
            Self::Exp => z.exp(),
            Self::Ln => 1.0 / z,
            Self::Sqrt => 0.5 / z.sqrt(),
            Self::ReciprocalSqrt => -0.5 / (z * z.sqrt()),
            Self::Reciprocal => -1.0 / (z * z),
            Self::Square => 2.0 * z,
            // At zero, too, where the formula has 0 times infinity.
            Self::Power { exponent: 0.0 } => 0.0,
            Self::Power { exponent } => f64::from(exponent) * z.powf(f64::from(exponent) - 1.0),
            Self::Erf => std::f64::consts::FRAC_2_SQRT_PI * (-z * z).exp(),
            Self::Abs if z == 0.0 => 0.0,
            Self::Abs => z.signum(),
            Self::Sin => z.cos(),
            Self::Cos => -z.sin(),
            Self::Tan => 1.0 + z.tan().powi(2),
            Self::Sinh => z.cosh(),
            Self::Cosh => z.sinh(),
            Self::Asin => 1.0 / (1.0 - z * z).sqrt(),
            Self::Acos => -1.0 / (1.0 - z * z).sqrt(),
            Self::Atan => 1.0 / (1.0 + z * z),
            Self::Asinh => 1.0 / (z * z + 1.0).sqrt(),
            Self::Acosh => 1.0 / (z * z - 1.0).sqrt(),
            Self::Atanh => 1.0 / (1.0 - z * z),
            Self::Equal { .. } | Self::Above { .. } | Self::Below { .. } => 0.0,
        }
    }

    /// Whether it compares: its values are 0 and 1, and it has no slope.
    #[must_use]
    pub const fn is_comparison(self) -> bool {
        matches!(self, Self::Equal { .. } | Self::Above { .. } | Self::Below { .. })
    }

    /// The mean slope between two points, `(f(z) - f(z0)) / (z - z0)`; that at their middle where they all but agree.
    #[must_use]
    pub fn quotient(self, z: f64, z0: f64) -> f64 {
        if z == z0 || (z - z0).abs() < CLOSE {
            self.derivative(0.5 * (z + z0))
        } else {
            (self.value(z) - self.value(z0)) / (z - z0)
        }
    }

    /// The least and the greatest value that the function can take; infinite where nothing bounds it.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Activation(Activation::Sigmoid | Activation::HardSigmoid { .. }) => (0.0, 1.0),
            Self::Activation(Activation::Tanh | Activation::Softsign) | Self::Erf | Self::Sin | Self::Cos => {
                (-1.0, 1.0)
            }
            Self::Activation(Activation::Relu | Activation::Softplus)
            | Self::Exp
            | Self::Sqrt
            | Self::ReciprocalSqrt
            | Self::Square
            | Self::Abs => (0.0, f64::INFINITY),
            Self::Clip { low, high } => (f64::from(low), f64::from(high)),
            Self::Equal { .. } | Self::Above { .. } | Self::Below { .. } => (0.0, 1.0),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// The least and the greatest value for arguments within `low` and `high`: those of the ends where the function rises or
    /// falls all along, elsewhere its [`Function::range`]. Both may be infinite.
    #[must_use]
    pub fn image(self, (low, high): (f64, f64)) -> (f64, f64) {
        let (least, most) = self.range();
        if !self.is_monotone(low) {
            return (least, most);
        }
        // What an end has no number for, as at infinity over infinity, only the range bounds.
        let [a, b] = [low, high].map(|z| self.value(z));
        if a.is_nan() || b.is_nan() {
            return (least, most);
        }
        (a.min(b).max(least), a.max(b).min(most))
    }

    /// Whether the function rises, or falls, all along from `low` on.
    fn is_monotone(self, low: f64) -> bool {
        match self {
            Self::Activation(Activation::LeakyRelu { alpha } | Activation::Elu { alpha }) => alpha >= 0.0,
            Self::Activation(Activation::ThresholdedRelu { alpha }) => alpha >= 0.0,
            Self::Activation(_)
            | Self::Clip { .. }
            | Self::Exp
            | Self::Erf
            | Self::Sinh
            | Self::Atan
            | Self::Asinh
            | Self::Above { .. }
            | Self::Below { .. } => true,
            Self::Ln | Self::Sqrt | Self::ReciprocalSqrt | Self::Reciprocal | Self::Square | Self::Abs => low >= 0.0,
            _ => false,
        }
    }
}

impl From<Activation> for Function {
    fn from(f: Activation) -> Self {
        Self::Activation(f)
    }
}

/// The recurrent activations in double precision.
fn activation(f: Activation, z: f64) -> f64 {
    match f {
        Activation::Sigmoid => sigmoid(z),
        Activation::Tanh => z.tanh(),
        Activation::Relu => z.max(0.0),
        Activation::Affine { alpha, beta } => f64::from(alpha) * z + f64::from(beta),
        Activation::LeakyRelu { alpha } if z < 0.0 => f64::from(alpha) * z,
        Activation::LeakyRelu { .. } => z,
        Activation::ThresholdedRelu { alpha } if z > f64::from(alpha) => z,
        Activation::ThresholdedRelu { .. } => 0.0,
        Activation::ScaledTanh { alpha, beta } => f64::from(alpha) * (f64::from(beta) * z).tanh(),
        Activation::HardSigmoid { alpha, beta } => (f64::from(alpha) * z + f64::from(beta)).clamp(0.0, 1.0),
        Activation::Elu { alpha } => elu(f64::from(alpha), z),
        Activation::Softsign => z / (1.0 + z.abs()),
        Activation::Softplus => softplus(z),
    }
}

/// 1 for true, 0 for false, as networks compute with conditions.
fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// `1 / (1 + exp(-z))`.
fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// `ln(1 + exp z)`.
fn softplus(z: f64) -> f64 {
    // max(z, 0) + ln(1 + exp(-|z|)) does not overflow.
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// `z` from 0 on, `alpha (exp z - 1)` below.
fn elu(alpha: f64, z: f64) -> f64 {
    if z < 0.0 { alpha * z.exp_m1() } else { z }
}

/// `sqrt(2 / pi)`
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
/// The cubic term of the approximation of the normal distribution by tanh.
const CUBIC: f64 = 0.044_715;

/// The argument of tanh in the approximation of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415).
fn gelu_inner(z: f64) -> f64 {
    SQRT_2_OVER_PI * (z + CUBIC * z * z * z)
}

/// The density of the standard normal distribution.
fn normal_density(z: f64) -> f64 {
    SQRT_2_OVER_PI / 2.0 * (-z * z / 2.0).exp()
}

/// The error function by its series, all of whose terms are of one sign:
/// `erf(z) = 2 / sqrt(pi) * exp(-z^2) * sum over n of 2^n z^(2n+1) / (1 * 3 * ... * (2n+1))`.
fn erf(z: f64) -> f64 {
    // Beyond 6 the difference from 1 is below rounding.
    if z.abs() > 6.0 {
        return z.signum();
    }
    let (mut term, mut sum, mut n) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        term *= 2.0 * z * z / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-z * z).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::{Activation, Function, erf};

    const ALL: [Function; 39] = [
        Function::Activation(Activation::Sigmoid),
        Function::Activation(Activation::Tanh),
        Function::Activation(Activation::Relu),
        Function::Activation(Activation::Affine { alpha: 0.7, beta: 0.1 }),
        Function::Activation(Activation::LeakyRelu { alpha: 0.05 }),
        Function::Activation(Activation::ThresholdedRelu { alpha: 0.4 }),
        Function::Activation(Activation::ScaledTanh { alpha: 1.3, beta: 0.6 }),
        Function::Activation(Activation::HardSigmoid { alpha: 0.2, beta: 0.5 }),
        Function::Activation(Activation::Elu { alpha: 0.9 }),
        Function::Activation(Activation::Softsign),
        Function::Activation(Activation::Softplus),
        Function::Clip { low: -0.5, high: 1.5 },
        Function::Selu { alpha: 1.67, gamma: 1.05 },
        Function::Celu { alpha: 0.6 },
        Function::Shrink { limit: 0.5, bias: 0.5 },
        Function::HardSwish,
        Function::Swish { alpha: 1.7 },
        Function::Mish,
        Function::Gelu,
        Function::GeluTanh,
        Function::Exp,
        Function::Ln,
        Function::Sqrt,
        Function::ReciprocalSqrt,
        Function::Reciprocal,
        Function::Square,
        Function::Power { exponent: 1.5 },
        Function::Erf,
        Function::Abs,
        Function::Sin,
        Function::Cos,
        Function::Tan,
        Function::Sinh,
        Function::Cosh,
        Function::Atan,
        Function::Asinh,
        Function::Equal { number: 0.4 },
        Function::Above { number: 0.4 },
        Function::Below { number: 0.4 },
    ];

    fn is_for_positive_numbers(f: Function) -> bool {
        matches!(f, Function::Ln | Function::Sqrt | Function::ReciprocalSqrt | Function::Power { .. })
    }

    /// Whatever is within the ends has its value within the image, also where an end is infinite; and where the function rises
    /// or falls, the ends' own values are its ends.
    #[test]
    fn images_hold_every_value() {
        for f in ALL {
            for (low, high) in [(-3.0, -1.0), (-2.0, 0.3), (-0.2, 2.5), (0.0, 1.0), (0.5, 4.0)] {
                let (least, most) = f.image((low, high));
                for z in (0..=200).map(|k| low + (high - low) * f64::from(k) / 200.0) {
                    let y = f.value(z);
                    assert!(y.is_nan() || (least..=most).contains(&y), "{f:?} of {z}: {y} in {least}..{most}");
                }
            }
        }
        let (all, above) = ((f64::NEG_INFINITY, f64::INFINITY), (0.0, f64::INFINITY));
        assert_eq!(Function::Exp.image(all), above);
        assert_eq!(Function::Exp.image((f64::NEG_INFINITY, 0.0)), (0.0, 1.0));
        assert_eq!(Function::Reciprocal.image((1.0, f64::INFINITY)), (0.0, 1.0));
        assert_eq!(Function::Reciprocal.image((-1.0, 1.0)), all);
        assert_eq!(Function::Activation(Activation::Softsign).image(all), (-1.0, 1.0));
        assert_eq!(Function::Activation(Activation::Tanh).image(above), (0.0, 1.0));
    }

    #[test]
    fn derivatives_are_the_slopes() {
        for f in ALL {
            // Away from the kinks.
            for z in [-3.1, -1.23, -0.31, 0.17, 0.83, 1.9, 3.3] {
                if z < 0.0 && is_for_positive_numbers(f) {
                    continue;
                }
                let slope = (f.value(z + 1e-6) - f.value(z - 1e-6)) / 2e-6;
                let difference = (slope - f.derivative(z)).abs() / slope.abs().max(1.0);
                assert!(difference < 1e-8, "{f:?} at {z}: {slope} against {}", f.derivative(z));
            }
        }
    }

    /// Functions of a part of the line alone.
    #[test]
    fn inverse_functions_have_the_slopes_of_theirs() {
        let slope = |f: Function, z: f64| (f.value(z + 1e-6) - f.value(z - 1e-6)) / 2e-6;
        for (f, zs) in [
            (Function::Asin, [-0.7, 0.3]),
            (Function::Acos, [-0.7, 0.3]),
            (Function::Atanh, [-0.7, 0.3]),
            (Function::Acosh, [1.3, 4.0]),
        ] {
            for z in zs {
                assert!((slope(f, z) - f.derivative(z)).abs() < 1e-7, "{f:?} at {z}");
            }
        }
    }

    #[test]
    fn single_and_double_precision_agree_and_stay_in_range() {
        for f in ALL {
            let (low, high) = f.range();
            for z in [-3.1_f32, -0.31, 0.17, 1.9] {
                if z < 0.0 && is_for_positive_numbers(f) {
                    continue;
                }
                let (single, double) = (f64::from(f.apply(z)), f.value(f64::from(z)));
                assert!((single - double).abs() < 1e-6 * double.abs().max(1.0), "{f:?} at {z}: {single} {double}");
                assert!((low..=high).contains(&double), "{f:?} at {z}: {double}");
            }
        }
    }

    /// The mean of the derivative between two points, but for functions that jump.
    #[test]
    fn quotients_are_mean_slopes() {
        let jumps =
            |f: &Function| f.is_comparison() || matches!(f, Function::Activation(Activation::ThresholdedRelu { .. }));
        for f in ALL.into_iter().filter(|f| !jumps(f)) {
            for (z, z0) in [(1.3, 0.4), (0.2, 0.21), (2.1, 0.9), (0.7, 0.7 + 1e-7), (-1.3, -0.2), (-0.4, 0.9)] {
                let has_pole =
                    f == Function::Reciprocal && z * z0 < 0.0 || f == Function::Tan && (z > 1.57 || z0 > 1.57);
                if is_for_positive_numbers(f) && z < 0.0 || has_pole {
                    continue;
                }
                let n = 20_000;
                let slope = |k: i32| f.derivative(z0 + (z - z0) * (f64::from(k) + 0.5) / f64::from(n));
                let mean = (0..n).map(slope).sum::<f64>() / f64::from(n);
                assert!((f.quotient(z, z0) - mean).abs() < 1e-4 * mean.abs().max(1.0), "{f:?} from {z0} to {z}");
            }
        }
    }

    /// Values of Abramowitz and Stegun, table 7.1.
    #[test]
    fn erf_is_the_tabulated_one() {
        for (z, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_877_8),
            (1.0, 0.842_700_792_9),
            (2.0, 0.995_322_265_0),
            (-1.0, -0.842_700_792_9),
        ] {
            assert!((erf(z) - expected).abs() < 1e-10, "{z}: {}", erf(z));
        }
        assert_eq!((erf(7.0), erf(-7.0)), (1.0, -1.0));
    }
}
