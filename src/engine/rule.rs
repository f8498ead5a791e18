//! The rules of layer-wise relevance propagation, as values.
//!
//! Formulas: Bach 2015 (10.1371/journal.pone.0130140); Arras 2017 (10.18653/v1/W17-5221) and 2019
//! (10.1007/978-3-030-28954-6_11) for recurrent networks.

use crate::engine::number::real;

/// Where the share of the stabiliser epsilon goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Spread evenly over the lower units, whatever the bias factor.
    #[default]
    Arras2017,
    /// Treated like the bias: spread in proportion to the bias factor, kept otherwise.
    Arras2019,
}

/// How relevance divides between the factors of `gate * signal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gates {
    /// The signal takes all.
    #[default]
    All,
    /// Half each.
    Half,
    /// In proportion to the two values.
    Prop,
    /// In proportion to their absolute values.
    Abs,
}

/// The linear rule with its stabiliser, and the rule for gated products.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The stabiliser, not negative; 0.01 in the paper.
    pub epsilon: f64,
    /// The part of the bias that is spread over the lower units, in 0..=1; 0 in the paper, and 1 conserves.
    pub bias_factor: f64,
    /// Where epsilon's share goes.
    pub form: Form,
    /// How gated products divide.
    pub gates: Gates,
}

impl Default for Rule {
    /// The paper's settings.
    fn default() -> Self {
        Self { epsilon: 0.01, bias_factor: 0.0, form: Form::default(), gates: Gates::default() }
    }
}

/// Relevance that stays behind on the way down: neither at an input nor at an initial state.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Kept {
    /// By bias terms and other constants.
    pub biases: f64,
    /// By the stabiliser.
    pub epsilon: f64,
}

impl std::ops::AddAssign for Kept {
    fn add_assign(&mut self, other: Self) {
        self.biases += other.biases;
        self.epsilon += other.epsilon;
    }
}

/// What an upper unit hands down: a lower unit with contribution `w x` to `z` receives `w x * scale + even`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Message {
    /// `R_j / (z_j + epsilon s_j)`
    pub scale: f64,
    /// What every lower unit receives besides.
    pub even: f64,
}

impl Rule {
    /// The message of an upper unit `z = sum of n contributions + bias` that holds `relevance`. What stays behind is
    /// added to `kept`.
    ///
    /// ```text
    /// 2017:  R_i = ( w x_i + ( delta b + epsilon s ) / n ) / ( z + epsilon s ) R        s = +1 where z >= 0, else -1
    /// 2019:  R_i = ( w x_i + delta ( b + epsilon s ) / n ) / ( z + epsilon s ) R
    /// ```
    #[must_use]
    pub fn message(&self, z: f64, bias: f64, n: usize, relevance: f64, kept: &mut Kept) -> Message {
        let delta = self.bias_factor;
        let stabiliser = if z >= 0.0 { self.epsilon } else { -self.epsilon };
        let denominator = z + stabiliser;
        if denominator == 0.0 {
            // Only z = 0 with epsilon = 0: no contribution can be told from another, so the unit keeps its relevance.
            kept.epsilon += relevance;
            return Message { scale: 0.0, even: 0.0 };
        }
        let scale = relevance / denominator;
        let spread = match self.form {
            Form::Arras2017 => delta * bias + stabiliser,
            Form::Arras2019 => {
                kept.epsilon += (1.0 - delta) * stabiliser * scale;
                delta * (bias + stabiliser)
            }
        };
        kept.biases += (1.0 - delta) * bias * scale;
        Message { scale, even: spread / real(n) * scale }
    }

    /// Whether gates receive any relevance.
    #[must_use]
    pub(crate) fn reaches_gates(&self) -> bool {
        self.gates != Gates::All
    }

    /// What the gate and the signal of `gate * signal` receive of `relevance`.
    #[must_use]
    pub(crate) fn divide(&self, gate: f64, signal: f64, relevance: f64) -> (f64, f64) {
        let to_gate = match self.gates {
            Gates::All => 0.0,
            Gates::Half => 0.5,
            Gates::Prop => share(gate, signal),
            Gates::Abs => share(gate.abs(), signal.abs()),
        };
        (to_gate * relevance, (1.0 - to_gate) * relevance)
    }
}

/// a / (a + b), with a stabiliser of its own: at products of trained networks it is far below rounding.
fn share(a: f64, b: f64) -> f64 {
    let sum = a + b;
    a / if sum >= 0.0 { sum + SMALLEST_SUM } else { sum - SMALLEST_SUM }
}

/// Keeps a proportional rule away from a division by zero.
const SMALLEST_SUM: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::{Form, Gates, Kept, Rule};
    use crate::engine::number::real;

    /// The formula as printed, for one upper unit.
    fn twin(rule: &Rule, wx: &[f64], b: f64, r: f64) -> Vec<f64> {
        let z: f64 = wx.iter().sum::<f64>() + b;
        let s = if z >= 0.0 { 1.0 } else { -1.0 };
        let n = real(wx.len());
        wx.iter()
            .map(|wx_i| match rule.form {
                Form::Arras2017 => (wx_i + (rule.bias_factor * b + rule.epsilon * s) / n) / (z + rule.epsilon * s) * r,
                Form::Arras2019 => (wx_i + rule.bias_factor * (b + rule.epsilon * s) / n) / (z + rule.epsilon * s) * r,
            })
            .collect()
    }

    #[test]
    fn message_is_the_printed_formula_and_conserves() {
        for form in [Form::Arras2017, Form::Arras2019] {
            for bias_factor in [0.0, 0.4, 1.0] {
                let rule = Rule { epsilon: 0.01, bias_factor, form, gates: Gates::All };
                for (wx, b) in [(vec![0.5, -0.2, 0.1], 0.3), (vec![-0.5, 0.2], -0.1), (vec![0.0, 0.0], 0.0)] {
                    let mut kept = Kept::default();
                    let z = wx.iter().sum::<f64>() + b;
                    let message = rule.message(z, b, wx.len(), 0.7, &mut kept);
                    let got: Vec<f64> = wx.iter().map(|wx_i| wx_i * message.scale + message.even).collect();
                    for (a, b) in got.iter().zip(twin(&rule, &wx, b, 0.7)) {
                        assert!((a - b).abs() < 1e-12);
                    }
                    let total = got.iter().sum::<f64>() + kept.biases + kept.epsilon;
                    assert!((total - 0.7).abs() < 1e-12, "{form:?} {bias_factor} {wx:?}: {total}");
                }
            }
        }
    }

    #[test]
    fn without_epsilon_a_zero_sum_keeps_its_relevance() {
        let mut kept = Kept::default();
        let rule = Rule { epsilon: 0.0, ..Rule::default() };
        let message = rule.message(0.0, 0.0, 2, 0.3, &mut kept);
        assert_eq!((message.scale, message.even, kept.epsilon), (0.0, 0.0, 0.3));
    }

    #[test]
    fn products_divide_without_loss() {
        for gates in [Gates::All, Gates::Half, Gates::Prop, Gates::Abs] {
            let rule = Rule { gates, ..Rule::default() };
            for (gate, signal) in [(0.9, -0.3), (0.5, 0.0), (0.0, 0.0), (0.4, -0.4)] {
                let (a, b) = rule.divide(gate, signal, 1.5);
                let size = a.abs().max(b.abs()).max(1.0);
                assert!((a + b - 1.5).abs() < 1e-15 * size, "{gates:?} {gate} {signal}");
            }
        }
        let (gate, signal) = Rule { gates: Gates::Abs, ..Rule::default() }.divide(0.75, -0.25, 1.0);
        assert!((gate - 0.75).abs() < 1e-11 && (signal - 0.25).abs() < 1e-11);
    }
}
