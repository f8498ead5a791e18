//! The activation functions that ONNX allows in a recurrent node, with their derivatives.
//!
//! Formulas and default parameters: ONNX operator specification, `LSTM`, attribute `activations`.

use super::exponential::{sigmoid, tanh};

/// An activation function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// `1 / (1 + exp(-z))`
    Sigmoid,
    /// `tanh(z)`
    Tanh,
    /// `max(0, z)`
    Relu,
    /// `alpha * z + beta`
    Affine {
        /// Slope.
        alpha: f32,
        /// Offset.
        beta: f32,
    },
    /// `z` where `z >= 0`, `alpha * z` elsewhere
    LeakyRelu {
        /// Slope below zero.
        alpha: f32,
    },
    /// `z` where `z > alpha`, 0 elsewhere
    ThresholdedRelu {
        /// The threshold.
        alpha: f32,
    },
    /// `alpha * tanh(beta * z)`
    ScaledTanh {
        /// Outer factor.
        alpha: f32,
        /// Inner factor.
        beta: f32,
    },
    /// `min(max(alpha * z + beta, 0), 1)`
    HardSigmoid {
        /// Slope.
        alpha: f32,
        /// Offset.
        beta: f32,
    },
    /// `z` where `z >= 0`, `alpha * (exp(z) - 1)` elsewhere
    Elu {
        /// Limit below zero.
        alpha: f32,
    },
    /// `z / (1 + |z|)`
    Softsign,
    /// `ln(1 + exp(z))`
    Softplus,
}

impl Activation {
    /// The function that ONNX calls `name` (case does not matter), its parameters left at their defaults where they
    /// are not given. `None` for a name that ONNX does not list, and for an Affine or `ThresholdedRelu` without alpha:
    /// ONNX documents a default of 1 and onnxruntime takes 0, so nobody can know what the exporter meant.
    #[must_use]
    pub fn from_onnx(name: &str, alpha: Option<f32>, beta: Option<f32>) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "sigmoid" => Self::Sigmoid,
            "tanh" => Self::Tanh,
            "relu" => Self::Relu,
            "affine" => Self::Affine { alpha: alpha?, beta: beta.unwrap_or(0.0) },
            "leakyrelu" => Self::LeakyRelu { alpha: alpha.unwrap_or(0.01) },
            "thresholdedrelu" => Self::ThresholdedRelu { alpha: alpha? },
            "scaledtanh" => Self::ScaledTanh { alpha: alpha.unwrap_or(1.0), beta: beta.unwrap_or(1.0) },
            "hardsigmoid" => Self::HardSigmoid { alpha: alpha.unwrap_or(0.2), beta: beta.unwrap_or(0.5) },
            "elu" => Self::Elu { alpha: alpha.unwrap_or(1.0) },
            "softsign" => Self::Softsign,
            "softplus" => Self::Softplus,
            _ => return None,
        })
    }

    /// The name that ONNX has for the function, and its parameters: the way back from [`Activation::from_onnx`].
    #[must_use]
    pub fn to_onnx(self) -> (&'static str, Option<f32>, Option<f32>) {
        match self {
            Self::Sigmoid => ("Sigmoid", None, None),
            Self::Tanh => ("Tanh", None, None),
            Self::Relu => ("Relu", None, None),
            Self::Affine { alpha, beta } => ("Affine", Some(alpha), Some(beta)),
            Self::LeakyRelu { alpha } => ("LeakyRelu", Some(alpha), None),
            Self::ThresholdedRelu { alpha } => ("ThresholdedRelu", Some(alpha), None),
            Self::ScaledTanh { alpha, beta } => ("ScaledTanh", Some(alpha), Some(beta)),
            Self::HardSigmoid { alpha, beta } => ("HardSigmoid", Some(alpha), Some(beta)),
            Self::Elu { alpha } => ("Elu", Some(alpha), None),
            Self::Softsign => ("Softsign", None, None),
            Self::Softplus => ("Softplus", None, None),
        }
    }

    /// How many of the parameters alpha and beta the function takes from the node's attribute lists.
    #[must_use]
    pub fn parameters(name: &str) -> (usize, usize) {
        match name.to_ascii_lowercase().as_str() {
            "affine" | "scaledtanh" | "hardsigmoid" => (1, 1),
            "leakyrelu" | "thresholdedrelu" | "elu" => (1, 0),
            _ => (0, 0),
        }
    }

    /// `f(z)`, in single precision as the model was exported.
    #[must_use]
    pub fn apply(self, z: f32) -> f32 {
        match self {
            Self::Sigmoid => sigmoid(z),
            Self::Tanh => tanh(z),
            Self::Relu => z.max(0.0),
            Self::Affine { alpha, beta } => alpha * z + beta,
            Self::LeakyRelu { alpha } if z < 0.0 => alpha * z,
            Self::LeakyRelu { .. } => z,
            Self::ThresholdedRelu { alpha } if z > alpha => z,
            Self::ThresholdedRelu { .. } => 0.0,
            Self::ScaledTanh { alpha, beta } => alpha * (beta * z).tanh(),
            Self::HardSigmoid { alpha, beta } => (alpha * z + beta).clamp(0.0, 1.0),
            Self::Elu { alpha } if z < 0.0 => alpha * z.exp_m1(),
            Self::Elu { .. } => z,
            Self::Softsign => z / (1.0 + z.abs()),
            // max(z, 0) + ln(1 + exp(-|z|)) does not overflow.
            Self::Softplus => z.max(0.0) + (-z.abs()).exp().ln_1p(),
        }
    }

    /// `f'(z)`, given `z` and the recorded `y = f(z)`, from which sigmoid and tanh have their derivatives at once.
    #[must_use]
    pub fn slope(self, z: f64, y: f64) -> f64 {
        match self {
            Self::Sigmoid => y * (1.0 - y),
            Self::Tanh => 1.0 - y * y,
            other => other.derivative(z),
        }
    }

    /// `f'(z)` behind a clip: 0 where `z` lies beyond the limit.
    #[must_use]
    pub(crate) fn clipped_slope(self, clip: Option<f32>, z: f64, y: f64) -> f64 {
        match clip {
            Some(limit) if z.abs() > f64::from(limit) => 0.0,
            _ => self.slope(z, y),
        }
    }

    /// `f'(z)` in double precision. At a kink, where there is none, that of the flat piece is taken; where neither is
    /// flat (`LeakyRelu`, `Elu`), that of the piece above.
    #[must_use]
    pub(crate) fn derivative(self, z: f64) -> f64 {
        match self {
            Self::Sigmoid => {
                let y = 1.0 / (1.0 + (-z).exp());
                y * (1.0 - y)
            }
            Self::Tanh => 1.0 - z.tanh().powi(2),
            Self::Relu => f64::from(u8::from(z > 0.0)),
            Self::Affine { alpha, .. } => f64::from(alpha),
            Self::LeakyRelu { alpha } if z < 0.0 => f64::from(alpha),
            Self::LeakyRelu { .. } => 1.0,
            Self::ThresholdedRelu { alpha } => f64::from(u8::from(z > f64::from(alpha))),
            Self::ScaledTanh { alpha, beta } => {
                f64::from(alpha) * f64::from(beta) * (1.0 - (f64::from(beta) * z).tanh().powi(2))
            }
            Self::HardSigmoid { alpha, beta } => {
                let y = f64::from(alpha) * z + f64::from(beta);
                if y > 0.0 && y < 1.0 { f64::from(alpha) } else { 0.0 }
            }
            Self::Elu { alpha } if z < 0.0 => f64::from(alpha) * z.exp(),
            Self::Elu { .. } => 1.0,
            Self::Softsign => (1.0 + z.abs()).powi(-2),
            Self::Softplus => 1.0 / (1.0 + (-z).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activation;

    const ALL: [Activation; 11] = [
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::Affine { alpha: 0.7, beta: 0.1 },
        Activation::LeakyRelu { alpha: 0.05 },
        Activation::ThresholdedRelu { alpha: 0.4 },
        Activation::ScaledTanh { alpha: 1.3, beta: 0.6 },
        Activation::HardSigmoid { alpha: 0.2, beta: 0.5 },
        Activation::Elu { alpha: 0.9 },
        Activation::Softsign,
        Activation::Softplus,
    ];

    #[test]
    fn derivatives_are_the_slopes() {
        // Away from the kinks, in single precision: a wide step keeps rounding below the tolerance.
        let h = 1e-2_f32;
        for f in ALL {
            for z in [-3.1_f32, -1.23, -0.31, 0.17, 0.83, 1.9, 3.3] {
                let slope = f64::from(f.apply(z + h) - f.apply(z - h)) / f64::from(2.0 * h);
                let difference = (slope - f.derivative(f64::from(z))).abs();
                assert!(difference < 1e-4, "{f:?} at {z}: {slope} against {}", f.derivative(f64::from(z)));
            }
        }
    }

    #[test]
    fn onnx_names_are_known_in_any_case() {
        assert_eq!(Activation::from_onnx("SIGMOID", None, None), Some(Activation::Sigmoid));
        assert_eq!(
            Activation::from_onnx("HardSigmoid", None, None),
            Some(Activation::HardSigmoid { alpha: 0.2, beta: 0.5 })
        );
        assert_eq!(Activation::from_onnx("Swish", None, None), None);
        assert_eq!(Activation::from_onnx("ThresholdedRelu", None, None), None);
    }

    #[test]
    fn names_lead_back_to_the_function() {
        for f in ALL {
            let (name, alpha, beta) = f.to_onnx();
            assert_eq!(Activation::from_onnx(name, alpha, beta), Some(f));
            assert_eq!(Activation::parameters(name), (usize::from(alpha.is_some()), usize::from(beta.is_some())));
        }
    }

    #[test]
    fn large_arguments_stay_finite() {
        for f in ALL {
            assert!(f.apply(200.0).is_finite() && f.apply(-200.0).is_finite(), "{f:?}");
        }
    }
}
