//! From values to heights.

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

#[cfg(test)]
mod tests {
    use super::*;

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
