//! Sigmoid and tanh, written so that loops over them become vector code: in single precision for a run, in double for what
//! is compared between two runs.
//!
//! A prediction of the channel-wise network evaluates 40,000 of them, and the maths library's versions, which go number
//! by number, took more time than all matrix products together. Errors against double precision, over the whole range:
//! at most 2 units in the last place for `exp`, 3 for the other two (tested below).

use super::CLOSE;

/// `exp(x)` for `x` limited to -87..88, where the result is a normal number.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = at_most(x, 88.0);
    exp_of(if x < -87.0 { -87.0 } else { x })
}

/// The smaller of both; NaN where `x` is. `clamp` and `min` become code for one number at a time where a loop over four has
/// been unrolled.
#[inline(always)]
fn at_most(x: f32, limit: f32) -> f32 {
    if x > limit { limit } else { x }
}

/// With `n` the whole number nearest to `x / ln 2` and `r = x - n ln 2`: `exp(x) = 2^n exp(r)`. The polynomial for
/// `exp(r)` on -0.35..0.35 has the coefficients of Cephes' `expf` (Moshier 1992).
#[inline(always)]
fn exp_of(x: f32) -> f32 {
    // Adding 1.5 * 2^23 leaves the nearest whole number in the low bits.
    const SHIFT: f32 = 12_582_912.0;
    // ln 2 in two parts: the first has few bits, so that n times it is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    // In pairs: term by term, each step would wait for the one before it.
    let r2 = r * r;
    let p = (1.987_569_1e-4 * r + 1.398_2e-3) * r2 + (8.333_452e-3 * r + 4.166_579_6e-2);
    let exp_r = (p * r2 + (0.166_666_65 * r + 0.5)) * r2 + r + 1.0;
    let two_to_n = f32::from_bits((shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(127)) << 23);
    exp_r * two_to_n
}

/// `1 / (1 + exp(-z))`
#[inline(always)]
pub(crate) fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + exp(-z))
}

/// `tanh(z)`: an odd polynomial near zero, where the other form would lose digits; `1 - 2 / (exp(2 |z|) + 1)` elsewhere.
/// Coefficients: Cephes' `tanhf` (Moshier 1992).
#[inline(always)]
pub(crate) fn tanh(z: f32) -> f32 {
    let s = z * z;
    let p =
        (-5.704_988_7e-3 * (s * s) + (2.063_909e-2 * s - 5.373_971_6e-2)) * (s * s) + (0.133_314_42 * s - 0.333_332_8);
    let near = p * s * z + z;
    let far = 1.0 - 2.0 / (exp_of(at_most(2.0 * z.abs(), 88.0)) + 1.0);
    // In whole numbers: neither `copysign` nor a choice between two numbers becomes code for four of them.
    let far = far.to_bits() | (z.to_bits() & (1 << 31));
    let is_near = 0_u32.wrapping_sub(u32::from(z.abs() < 0.625));
    f32::from_bits((near.to_bits() & is_near) | (far & !is_near))
}

/// `exp(-x)` in double precision as the quotient `b / a` of two positive numbers, for `x` limited to -300..300: `b` is
/// `2^n (q + p)` and `a` is `q - p`. Polynomials: Cephes' `exp` (Moshier 1992).
#[inline(always)]
fn falling(x: f64) -> [f64; 2] {
    // As in `exp_of`: 1.5 * 2^52, and ln 2 in two parts.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 0.693_145_751_953_125;
    const LN_2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    let x = if x > 300.0 { 300.0 } else { x };
    let x = if x < -300.0 { 300.0 } else { -x };
    let shifted = x * std::f64::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let r2 = r * r;
    let p = ((1.261_771_930_748_105_9e-4 * r2 + 3.029_944_077_074_419_6e-2) * r2 + 1.0) * r;
    let q = ((3.001_985_051_386_644_6e-6 * r2 + 2.524_483_403_496_841e-3) * r2 + 0.227_265_548_208_155_03) * r2 + 2.0;
    let two_to_n = f64::from_bits((shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(1023)) << 52);
    [q - p, (q + p) * two_to_n]
}

/// The mean slope of `k / (1 + exp(-k z))` between two points: of the sigmoid for `k = 1`, of tanh for `k = 2`, since
/// `tanh(z) = 2 sigmoid(2 z) - 1`. With one division:
///
/// ```text
/// exp(-k z) = b / a      quotient = k (a b0 - a0 b) / ((a + b) (a0 + b0) (z - z0))
/// slope    = k^2 (a b0 + a0 b) / (2 (a + b) (a0 + b0))      where z and z0 all but agree
/// ```
#[inline(always)]
fn mean_slope(k: f64, z: f64, z0: f64) -> f64 {
    let ([a, b], [a0, b0]) = (falling(k * z), falling(k * z0));
    let (distance, below) = (z - z0, (a + b) * (a0 + b0));
    // In whole numbers: a choice between two numbers does not become code for several.
    let is_near = 0_u64.wrapping_sub(u64::from(distance.abs() < CLOSE));
    let either = |near: f64, far: f64| f64::from_bits((near.to_bits() & is_near) | (far.to_bits() & !is_near));
    k * either(0.5 * k * (a * b0 + a0 * b), a * b0 - a0 * b) / (below * either(1.0, distance))
}

/// `(f(z) - f(z0)) / (z - z0)` of the sigmoid in double precision; its slope where both all but agree.
#[inline(always)]
pub(crate) fn sigmoid_quotient(z: f64, z0: f64) -> f64 {
    mean_slope(1.0, z, z0)
}

/// The same of tanh.
#[inline(always)]
pub(crate) fn tanh_quotient(z: f64, z0: f64) -> f64 {
    mean_slope(2.0, z, z0)
}

#[cfg(test)]
mod tests {
    use crate::engine::number::single;

    /// The largest error over `low..high`, in units of the last place of the exact result.
    fn worst(low: f64, high: f64, f: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        const N: i32 = 2_000_000;
        let error = |k: i32| {
            let z = single(low + (high - low) * f64::from(k) / f64::from(N));
            let want = exact(f64::from(z));
            let unit = f64::from(single(want).abs().next_up()) - f64::from(single(want).abs());
            (f64::from(f(z)) - want).abs() / unit
        };
        (0..=N).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn errors_are_as_documented() {
        let errors = [
            worst(-87.0, 88.0, super::exp, f64::exp),
            worst(-80.0, 80.0, super::sigmoid, |z| 1.0 / (1.0 + (-z).exp())),
            worst(-2.0, 2.0, super::tanh, f64::tanh),
            worst(-20.0, 20.0, super::tanh, f64::tanh),
        ];
        println!("{errors:?}");
        assert!(errors[0] <= 2.0 && errors[1..].iter().all(|error| *error <= 3.0), "{errors:?}");
    }

    #[test]
    fn quotients_are_those_of_the_maths_library() {
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        // On the way to zero the distances pass the one below which the slope is taken.
        for k in -400..=400 {
            let z = f64::from(k) * 0.1;
            for distance in [-45.0, -3.0, -0.1, -1e-3, -2e-6, -1e-7, 0.0, 1e-9, 5e-7, 1.1e-6, 1e-4, 0.02, 1.0, 30.0] {
                let (z0, middle) = (z + distance, z + distance / 2.0);
                let is_far = distance.abs() > 1e-4;
                let of = |f: &dyn Fn(f64) -> f64, slope: f64| if is_far { (f(z) - f(z0)) / (z - z0) } else { slope };
                let of_sigmoid = of(&sigmoid, sigmoid(middle) * sigmoid(-middle));
                let of_tanh = of(&f64::tanh, middle.cosh().powi(-2));
                assert!((super::sigmoid_quotient(z, z0) - of_sigmoid).abs() < 1e-9, "{z} {z0}");
                assert!((super::tanh_quotient(z, z0) - of_tanh).abs() < 1e-8, "{z} {z0}");
            }
        }
        assert!((super::sigmoid_quotient(1e30, -1e30) - 0.5e-30).abs() < 1e-40);
        assert!((super::tanh_quotient(1e30, 0.0) - 1e-30).abs() < 1e-42);
        assert!(super::sigmoid_quotient(f64::NAN, 0.0).is_nan() && super::tanh_quotient(0.0, f64::NAN).is_nan());
    }

    #[test]
    fn extremes_are_finite_and_not_a_number_stays_so() {
        for z in [-1e30, -200.0, 200.0, 1e30] {
            assert!((super::sigmoid(z) - if z > 0.0 { 1.0 } else { 0.0 }).abs() < 1e-30);
            assert!((super::tanh(z) - 1.0_f32.copysign(z)).abs() == 0.0);
        }
        assert_eq!(super::tanh(0.0).to_bits(), 0.0_f32.to_bits());
        assert!(super::sigmoid(f32::NAN).is_nan() && super::tanh(f32::NAN).is_nan());
    }
}
