//! Sums that stand for integrals, for integrated gradients and for functions between two runs.
//!
//! A rule of n points takes n derivatives of the network, and is exact for polynomials of degree `2 n - 1`; n steps of
//! equal length, each taken at its middle, are exact for degree 1.

use crate::engine::number::real;

/// Points in 0..1 and their weights: the sum is exact for polynomials up to degree `2 n - 1`.
///
/// The points are the zeros of the Legendre polynomial `P_n`, found by Newton's method and moved from -1..1.
#[must_use]
pub(crate) fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let count = real(n);
    (0..n)
        .map(|k| {
            let mut x = (std::f64::consts::PI * (real(k) + 0.75) / (count + 0.5)).cos();
            for _ in 0..100 {
                let (p, slope) = legendre(n, x);
                x -= p / slope;
                if (p / slope).abs() < 1e-15 {
                    break;
                }
            }
            let (_, slope) = legendre(n, x);
            // 2 / ((1 - x^2) P_n'(x)^2) on -1..1, half of it on 0..1.
            (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// `P_n(x)` and its derivative: `k P_k = (2 k - 1) x P_(k-1) - (k - 1) P_(k-2)`.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut p) = (0.0, 1.0);
    for k in 1..=n {
        let k = real(k);
        (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
    }
    (p, real(n) * (x * p - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::gauss_legendre;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for n in [1, 2, 3, 8, 33, 64] {
            for degree in [0, 1, 2 * i32::try_from(n).unwrap() - 1] {
                let sum: f64 = gauss_legendre(n).iter().map(|(a, weight)| weight * a.powi(degree)).sum();
                let expected = 1.0 / f64::from(degree + 1);
                assert!((sum - expected).abs() < 1e-13, "{n} points, degree {degree}: {sum}");
            }
        }
    }
}
