//! Counts as numbers and numbers as counts: what each conversion keeps and what it rounds is said here, once.

/// A count as a number.
///
/// Exact up to 2^53; no count of steps, columns or weights that fits into memory is larger.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "no count reaches 2^53")]
#[must_use]
pub const fn real(n: usize) -> f64 {
    n as f64
}

/// A count in single precision.
///
/// Exact up to 2^24, and rounded to the nearest number above.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "what is above 2^24 is rounded, as is said")]
#[must_use]
pub const fn real32(n: usize) -> f32 {
    n as f32
}

/// The nearest number in single precision; infinite where `x` is beyond its range.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for")]
#[must_use]
pub const fn single(x: f64) -> f32 {
    x as f32
}

/// A length or a place as ONNX writes it. No length in memory reaches 2^63.
#[inline]
#[expect(clippy::cast_possible_wrap, reason = "no length reaches 2^63")]
#[must_use]
pub const fn signed(n: usize) -> i64 {
    n as i64
}

/// A place as ONNX writes it, as an index. A negative one is beyond every length, and so found out of range.
#[inline]
#[must_use]
pub fn to_index(i: i64) -> usize {
    usize::try_from(i).unwrap_or(usize::MAX)
}

/// A number as a count, rounded towards zero; 0 where it is negative or not a number.
#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut off at 0, and saturates")]
#[must_use]
pub const fn whole(x: f64) -> usize {
    x as usize
}

/// A whole number of either sign as a number; exact up to 2^53.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "what is above 2^53 is rounded, as is said")]
#[must_use]
pub const fn signed_real(i: i64) -> f64 {
    i as f64
}

/// A number as a whole one of either sign, rounded towards zero; 0 where it is not a number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for, and it saturates")]
#[must_use]
pub const fn integer(x: f64) -> i64 {
    x as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_keep_what_they_say() {
        assert_eq!(real(1 << 53), 9_007_199_254_740_992.0, "the last exact count");
        assert_eq!(real32((1 << 24) + 1), 16_777_216.0, "rounded");
        assert_eq!(single(1e300), f32::INFINITY, "beyond its range");
        assert_eq!((to_index(7), to_index(-1)), (7, usize::MAX), "negative is out of every range");
        assert_eq!((whole(2.9), whole(-1.0), whole(f64::NAN)), (2, 0, 0), "towards zero");
        assert_eq!((integer(-2.9), integer(f64::NAN), signed_real(-3)), (-2, 0, -3.0), "of either sign");
    }
}
