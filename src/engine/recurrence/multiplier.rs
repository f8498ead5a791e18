//! What the multipliers of all cells have in common.
//!
//! With `x` a value of a run and `x0` the same value of its reference, the multiplier `m` of a value says how much of the
//! score's difference each unit of `x - x0` carries:
//!
//! ```text
//! linear z = w x + b     m_x = w m_z
//! function y = f(z)      m_z = m_y (f(z) - f(z0)) / (z - z0)
//! product y = a b        m_a = m_y (b + b0) / 2      m_b = m_y (a + a0) / 2
//! ```
//!
//! The product rule is the Shapley value of two factors, so all gates receive their share. Sources: Shrikumar 2017
//! (arXiv:1704.02685) for the quotient, Lundberg and Lee 2017 (arXiv:1705.07874) for Shapley values handed down.
//!
//! Values were recorded in single precision. A multiplier is a smooth function of them, and is off by no more than they are;
//! a recorded difference would be off by all of itself where two runs differ little, so that none is divided by here.

use crate::engine::function::Function;
use crate::engine::function::activation::Activation;

/// Half the sum of a value in the run and in the reference.
pub(super) fn mean([a, a0]: [f32; 2]) -> f64 {
    0.5 * (f64::from(a) + f64::from(a0))
}

/// `(f(z) - f(z0)) / (z - z0)` of an activation and the clip before it, which are one function here; `z` are the
/// preactivations in double precision.
pub(super) fn gate_quotient(f: Activation, clip: Option<f32>, [z, z0]: [f64; 2]) -> f64 {
    let f = Function::from(f);
    let Some(limit) = clip.map(f64::from) else { return f.quotient(z, z0) };
    let (inside, inside0) = (z.clamp(-limit, limit), z0.clamp(-limit, limit));
    let passed = if z == z0 { f64::from(u8::from(z.abs() <= limit)) } else { (inside - inside0) / (z - z0) };
    f.quotient(inside, inside0) * passed
}
