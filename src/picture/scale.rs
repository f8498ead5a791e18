//! From values to heights, and to the strength of colours.

use super::colormap::Scaling;
use crate::engine::number::real;

/// A range of values over a height in pixels, the larger the higher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeightScale {
    /// The value at the bottom.
    pub low: f64,
    /// The value at the top.
    pub high: f64,
}

impl HeightScale {
    /// From the smallest to the largest of finite values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let finite = values.iter().filter(|value| value.is_finite());
        let (low, high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (value.min(low), value.max(high)));
        if low <= high { Self { low, high } } else { Self { low: 0.0, high: 0.0 } }
    }

    /// Pixels from the top of a strip to a value, `pad` of them kept free above and below:
    ///
    /// `down = pad + (high - value) / (high - low) (height - 1 - 2 pad)`, half way where `high = low`
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a height in pixels")]
    pub fn down(self, value: f64, pad: u32, height: u32) -> u32 {
        let room = f64::from(height.saturating_sub(1 + 2 * pad));
        let range = self.high - self.low;
        let share = if range > 0.0 { ((self.high - value) / range).clamp(0.0, 1.0) } else { 0.5 };
        pad.min(height / 2) + (share * room).round() as u32
    }

    /// How high a value stands, 0 at the bottom and 1 at the top; half way where `high = low`.
    #[must_use]
    pub fn share(self, value: f64) -> f64 {
        let range = self.high - self.low;
        if range > 0.0 { ((value - self.low) / range).clamp(0.0, 1.0) } else { 0.5 }
    }
}

/// The part of the magnitudes that [`Scaling::Percentile`] tells apart.
const PART: f64 = 0.98;

impl Scaling {
    /// The end of the scale for some numbers; zero where none is finite and other than zero.
    ///
    /// Of `n` magnitudes in rising order the percentile lies at place `0.98 (n - 1)`, between two of them in proportion.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    pub fn end(self, values: impl Iterator<Item = f64>) -> f64 {
        let magnitudes = values.map(f64::abs).filter(|value| value.is_finite());
        if self != Self::Percentile {
            return magnitudes.fold(0.0, f64::max);
        }
        let mut magnitudes: Vec<f64> = magnitudes.filter(|value| *value > 0.0).collect();
        magnitudes.sort_by(f64::total_cmp);
        let place = PART * real(magnitudes.len().saturating_sub(1));
        let at = |place: f64| magnitudes.get(place as usize).copied().unwrap_or_default();
        at(place.floor()) + (at(place.ceil()) - at(place.floor())) * place.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMPY: f64 = 3.942401195162532;

    /// As `numpy.percentile(numpy.abs(x[x != 0]), 98)` has it.
    #[test]
    fn the_percentile_is_numpys() {
        let values: Vec<f64> = (0..60).map(|k| (f64::from(k) * 1.7).sin() * f64::from(k * k % 7)).collect();
        let end = |values: &[f64]| Scaling::Percentile.end(values.iter().copied());
        assert!((end(&values) - NUMPY).abs() < 1e-12, "{}", end(&values));
        assert_eq!((end(&[]), end(&[0.0, f64::NAN]), end(&[0.0, -3.0])), (0.0, 0.0, 3.0));
        assert_eq!(end(&[1.0, -2.0]), 1.98);
    }

    #[test]
    fn other_scales_end_at_the_largest_magnitude() {
        for scaling in [Scaling::Linear, Scaling::Root] {
            assert_eq!(scaling.end([1.0, -4.0, f64::INFINITY].into_iter()), 4.0);
        }
    }

    #[test]
    fn the_largest_value_is_at_the_top() {
        let scale = HeightScale::of(&[3.0, f64::NAN, 1.0, 2.0]);
        assert_eq!(scale, HeightScale { low: 1.0, high: 3.0 });
        assert_eq!([3.0, 2.0, 1.0].map(|value| scale.down(value, 2, 25)), [2, 12, 22]);
    }

    #[test]
    fn one_value_is_in_the_middle() {
        assert_eq!(HeightScale::of(&[7.0]).down(7.0, 0, 21), 10);
    }

    #[test]
    fn no_height_is_left() {
        assert_eq!(HeightScale::of(&[]).down(1.0, 5, 4), 2);
    }
}
