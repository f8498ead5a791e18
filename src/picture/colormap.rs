//! One number to one colour.
//!
//! A map has two arms that start at the page's background, so that zero is as quiet in the dark as in the light. The
//! control points are those of the published palettes; between them colours are mixed in Oklab, and they are spaced
//! by their Oklab distance, so that equal steps of the number look equally large.

use std::sync::LazyLock;

/// Red, green and blue as sRGB bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// Reads `#rrggbb`.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        u32::from_str_radix(digits, 16).ok().map(Self::from_u32)
    }

    const fn from_u32(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self([red, green, blue])
    }

    /// This colour with `share` (0..1) of another laid over it, mixed in Oklab.
    #[must_use]
    pub fn mix(self, other: Self, share: f64) -> Self {
        Oklab::from(self).mix(Oklab::from(other), share).into()
    }

    /// Oklab lightness, 0 for black and 1 for white.
    #[must_use]
    pub fn lightness(self) -> f64 {
        Oklab::from(self).0[0]
    }

    /// Whether it is a ground for bright colours.
    fn is_dark(self) -> bool {
        self.lightness() < 0.5
    }
}

/// Where a colour scale ends, and how strong a colour is on the way there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// To the largest magnitude, in proportion.
    #[default]
    Linear,
    /// To the largest magnitude, by the square root: what is weak is drawn stronger than it is.
    Root,
    /// To the 98th percentile of the magnitudes that are not zero, in proportion: the few beyond it are drawn alike.
    Percentile,
}

impl Scaling {
    /// How strong (0..1) the colour of a share (0..1) of the scale's end is.
    #[must_use]
    pub fn strength(self, share: f64) -> f64 {
        if self == Self::Root { share.sqrt() } else { share }
    }
}

/// A pair of arms for signed numbers. The warm arm is the positive one: it raises the predicted risk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Palette {
    /// Orange and purple: told apart by every common kind of colour vision.
    #[default]
    PuOr,
    /// Red and blue, muted.
    RdBu,
    /// Red and blue, as in the paper.
    Seismic,
    /// Brown and blue, even in lightness.
    Vik,
}

impl Palette {
    /// Control points of the negative and of the positive arm, each from faint to strong.
    ///
    /// `PuOr` and `RdBu` are those of `ColorBrewer` (Cynthia Brewer, Mark Harrower, The Pennsylvania State
    /// University), `seismic` that of Matplotlib, `vik` one of Fabio Crameri's scientific colour maps (2018,
    /// <https://doi.org/10.5281/zenodo.1243862>).
    const fn arms(self) -> [&'static [u32]; 2] {
        match self {
            Self::PuOr => [&[0xd8daeb, 0xb2abd2, 0x8073ac, 0x542788], &[0xfee0b6, 0xfdb863, 0xe08214, 0xb35806]],
            Self::RdBu => [&[0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac], &[0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b]],
            Self::Vik => [&[0xc9dde7, 0x71a8c4, 0x1e6f9d, 0x033e7d], &[0xeacebd, 0xd39774, 0xbe6533, 0x8b2706]],
            Self::Seismic => [&[0x8080ff, 0x0000ff, 0x00004c], &[0xff8080, 0xff0000, 0x800000]],
        }
    }
}

/// Control points for numbers that are never negative, from faint to strong: `ColorBrewer`'s `BuGn`.
const MAGNITUDE: &[u32] = &[0xccece6, 0x66c2a4, 0x238b45, 0x00441b];

/// Where numbers of the record end that lie far outside what is normal: the strongest tint, on light and on dark ground.
const TINTS: [u32; 2] = [0x35_414f, 0xc6_d0dc];

/// A colour for every number in `[-1, 1]`.
#[derive(Debug, Clone)]
pub struct Colormap {
    negative: Arm,
    positive: Arm,
    scaling: Scaling,
}

impl Colormap {
    /// For signed numbers; `background` is the colour of zero.
    #[must_use]
    pub fn diverging(palette: Palette, background: Rgb) -> Self {
        let [negative, positive] = palette.arms();
        Self::of(Arm::new(background, negative), Arm::new(background, positive))
    }

    /// For numbers that are never negative; a negative one is drawn as zero.
    #[must_use]
    pub fn sequential(background: Rgb) -> Self {
        Self::of(Arm::new(background, &[]), Arm::new(background, MAGNITUDE))
    }

    /// For counts, which are neither good nor bad: from the background towards the ink.
    #[must_use]
    pub fn neutral(background: Rgb, ink: Rgb) -> Self {
        Self::of(Arm::new(background, &[]), Arm::between(background, ink))
    }

    /// For the record: one quiet hue for what lies outside the normal, whichever way, so that it is not taken for relevance.
    #[must_use]
    pub fn tint(background: Rgb) -> Self {
        let [on_light, on_dark] = TINTS.map(Rgb::from_u32);
        let arm = Arm::between(background, if background.is_dark() { on_dark } else { on_light });
        Self::of(arm.clone(), arm)
    }

    const fn of(negative: Arm, positive: Arm) -> Self {
        Self { negative, positive, scaling: Scaling::Linear }
    }

    /// The same colours, as strong as a scaling has them.
    #[must_use]
    pub fn scaled(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// The colour of `x`; beyond `[-1, 1]` the colour of the end, and for NaN that of zero.
    #[must_use]
    pub fn at(&self, x: f64) -> Rgb {
        let arm = if x < 0.0 { &self.negative } else { &self.positive };
        arm.at(self.scaling.strength(if x.is_nan() { 0.0 } else { x.abs().min(1.0) }))
    }
}

/// A path through Oklab that starts at the background, walked by its length.
#[derive(Debug, Clone)]
struct Arm {
    points: Vec<Oklab>,
    /// Length of the path up to each point.
    lengths: Vec<f64>,
}

impl Arm {
    /// On a dark background the order is reversed, so that an arm always leads away from it, and two points in the middle
    /// are taken: near white the two arms look alike, and near black weak numbers would be lost in the ground.
    fn new(background: Rgb, stops: &[u32]) -> Self {
        let stops: Vec<u32> = match background.is_dark() {
            true => stops.iter().rev().skip(1).take(2).copied().collect(),
            false => stops.to_vec(),
        };
        let colours = stops.into_iter().map(Rgb::from_u32);
        let points: Vec<Oklab> = std::iter::once(background).chain(colours).map(Oklab::from).collect();
        let steps = points.windows(2).map(|pair| pair[0].distance(pair[1]));
        let lengths = std::iter::once(0.0).chain(steps.scan(0.0, |length, step| {
            *length += step;
            Some(*length)
        }));
        Self { lengths: lengths.collect(), points }
    }

    /// Straight from the background to another colour.
    fn between(background: Rgb, end: Rgb) -> Self {
        let points = [background, end].map(Oklab::from);
        Self { points: points.to_vec(), lengths: vec![0.0, points[0].distance(points[1])] }
    }

    /// The colour at `x` (0..1) of the whole length.
    fn at(&self, x: f64) -> Rgb {
        let wanted = x * self.lengths.last().copied().unwrap_or_default();
        let from = self.lengths.partition_point(|&length| length <= wanted).clamp(1, self.points.len().max(2) - 1) - 1;
        match (self.points.get(from), self.points.get(from + 1)) {
            (Some(&low), Some(&high)) => {
                let (start, end) = (self.lengths[from], self.lengths[from + 1]);
                let share = if end > start { (wanted - start) / (end - start) } else { 0.0 };
                low.mix(high, share).into()
            }
            (Some(&only), None) => only.into(),
            _ => Rgb([0; 3]),
        }
    }
}

/// Lightness, green-red and blue-yellow of Björn Ottosson's Oklab (2020, <https://bottosson.github.io/posts/oklab/>).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Oklab([f64; 3]);

/// Linear sRGB to cone responses, to be followed by a cube root.
const RGB_TO_LMS: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];

/// Cube roots of cone responses to Oklab.
const LMS_TO_LAB: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];

/// The inverse of [`LMS_TO_LAB`].
const LAB_TO_LMS: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];

/// The inverse of [`RGB_TO_LMS`].
const LMS_TO_RGB: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

impl Oklab {
    fn mix(self, other: Self, share: f64) -> Self {
        Self(std::array::from_fn(|k| self.0[k] + (other.0[k] - self.0[k]) * share))
    }

    fn distance(self, other: Self) -> f64 {
        self.0.iter().zip(other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }
}

impl From<Rgb> for Oklab {
    fn from(rgb: Rgb) -> Self {
        let linear = rgb.0.map(|byte| LINEAR[usize::from(byte)]);
        Self(multiply(&LMS_TO_LAB, multiply(&RGB_TO_LMS, linear).map(f64::cbrt)))
    }
}

impl From<Oklab> for Rgb {
    fn from(lab: Oklab) -> Self {
        let linear = multiply(&LMS_TO_RGB, multiply(&LAB_TO_LMS, lab.0).map(|root| root * root * root));
        Self(linear.map(byte_from_linear))
    }
}

fn multiply(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// A byte, or a part of 0..1, as a number.
#[expect(clippy::cast_precision_loss, reason = "there are at most 1024")]
const fn real(n: usize) -> f64 {
    n as f64
}

/// The sRGB transfer function of IEC 61966-2-1.
fn linear_from_srgb(x: f64) -> f64 {
    if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
}

/// Linear sRGB of every byte: a picture asks for it thousands of times.
static LINEAR: LazyLock<[f64; 256]> =
    LazyLock::new(|| std::array::from_fn(|byte| linear_from_srgb(real(byte) / 255.0)));

/// Where one byte ends and the next begins: linear sRGB half way between them.
static BYTE_ENDS: LazyLock<[f64; 255]> =
    LazyLock::new(|| std::array::from_fn(|byte| linear_from_srgb((real(byte) + 0.5) / 255.0)));

/// The number of `BYTE_ENDS` at or below each of the starts of 1024 equal parts of 0..1.
static BYTES_BEFORE: LazyLock<[u8; 1025]> = LazyLock::new(|| {
    std::array::from_fn(|part| {
        let start = real(part) / BYTE_PARTS;
        u8::try_from(BYTE_ENDS.partition_point(|end| *end <= start)).unwrap_or(u8::MAX)
    })
});
const BYTE_PARTS: f64 = 1024.0;

/// The byte that is nearest after the transfer function; below black and beyond white, those.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the parts")]
fn byte_from_linear(x: f64) -> u8 {
    let part = (x.clamp(0.0, 1.0) * BYTE_PARTS) as usize;
    let before = usize::from(BYTES_BEFORE[part]);
    let more = BYTE_ENDS[before..].iter().take_while(|end| **end <= x).count();
    u8::try_from(before + more).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIGHT: Rgb = Rgb([0xfb, 0xfa, 0xf8]);
    const DARK: Rgb = Rgb([0x16, 0x18, 0x1c]);

    fn maps(background: Rgb) -> [Colormap; 3] {
        [
            Colormap::diverging(Palette::PuOr, background),
            Colormap::diverging(Palette::RdBu, background),
            Colormap::sequential(background),
        ]
    }

    #[test]
    fn every_byte_survives_oklab() {
        for byte in 0..=255 {
            for rgb in [Rgb([byte; 3]), Rgb([byte, 0, 255 - byte]), Rgb([7, byte, 200])] {
                assert_eq!(Rgb::from(Oklab::from(rgb)), rgb);
            }
        }
    }

    /// The inverse of [`linear_from_srgb`], as the standard states it.
    fn srgb_from_linear(x: f64) -> f64 {
        if x <= 0.003_130_8 { x * 12.92 } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 }
    }

    #[test]
    fn bytes_are_those_of_the_inverse_transfer_function() {
        for k in -50..=1_000_050 {
            let x = f64::from(k) / 1e6;
            let byte = (srgb_from_linear(x.clamp(0.0, 1.0)) * 255.0).round();
            assert_eq!(f64::from(byte_from_linear(x)), byte, "{x}");
        }
    }

    #[test]
    fn zero_is_the_background() {
        for background in [LIGHT, DARK] {
            for map in maps(background) {
                assert_eq!(map.at(0.0), background);
                assert_eq!(map.at(-0.0), background);
                assert_eq!(map.at(f64::NAN), background);
            }
        }
    }

    #[test]
    fn the_ends_are_the_published_colours() {
        let map = Colormap::diverging(Palette::PuOr, LIGHT);
        assert_eq!(map.at(1.0), Rgb::from_u32(0xb35806));
        assert_eq!(map.at(-1.0), Rgb::from_u32(0x542788));
        assert_eq!(map.at(7.0), map.at(1.0));
        assert_eq!(Colormap::diverging(Palette::Seismic, LIGHT).at(1.0), Rgb::from_u32(0x800000));
    }

    #[test]
    fn in_the_dark_the_ends_are_bright() {
        let map = Colormap::diverging(Palette::PuOr, DARK);
        assert_eq!(map.at(1.0), Rgb::from_u32(0xfdb863));
        assert_eq!(map.at(-1.0), Rgb::from_u32(0xb2abd2));
    }

    /// Weak relevance is told from none, and more of it stands out more, with every palette on both grounds.
    #[test]
    fn weak_numbers_stand_out_from_their_ground() {
        let palettes = [Palette::PuOr, Palette::RdBu, Palette::Seismic, Palette::Vik];
        for background in [LIGHT, DARK] {
            for map in palettes.map(|palette| Colormap::diverging(palette, background)) {
                for side in [-1.0, 1.0] {
                    let contrast = |x: i32| contrast(map.at(side * f64::from(x) / 20.0), background);
                    assert!((2..20).all(|x| contrast(x + 1) > contrast(x)), "{map:?}");
                    assert!(contrast(6) > 1.35, "{} of {map:?} on {background:?}", contrast(6));
                }
            }
        }
    }

    #[test]
    fn a_larger_number_is_farther_from_the_background() {
        for background in [LIGHT, DARK] {
            let zero = Oklab::from(background);
            for map in maps(background) {
                let distance = |x: i32| Oklab::from(map.at(f64::from(x) / 40.0)).distance(zero);
                for x in 0..40 {
                    assert!(distance(x + 1) > distance(x), "{x} of 40 on {background:?}");
                }
            }
        }
    }

    #[test]
    fn equal_steps_look_equally_large() {
        for background in [LIGHT, DARK] {
            let map = Colormap::diverging(Palette::PuOr, background);
            let colour = |x: i32| Oklab::from(map.at(f64::from(x) / 10.0));
            for side in [-1, 1] {
                let steps: Vec<f64> = (0..10).map(|x| colour(side * x).distance(colour(side * (x + 1)))).collect();
                let mean = steps.iter().sum::<f64>() / 10.0;
                assert!(steps.iter().all(|step| (step / mean - 1.0).abs() < 0.25), "{background:?} {steps:?}");
            }
        }
    }

    #[test]
    fn the_two_arms_differ_most_at_their_ends() {
        for background in [LIGHT, DARK] {
            let map = Colormap::diverging(Palette::PuOr, background);
            assert!(Oklab::from(map.at(1.0)).distance(Oklab::from(map.at(-1.0))) > 0.15);
        }
    }

    /// The record's worse looks worse, on every ground that a page, a host or forced colours may have.
    #[test]
    fn a_stronger_tint_has_more_contrast_to_its_ground() {
        for background in [LIGHT, DARK, Rgb([255; 3]), Rgb([0; 3]), Rgb([0xe8, 0xe0, 0xd0]), Rgb([0x30, 0x28, 0x40])] {
            let map = Colormap::tint(background);
            let contrast: Vec<f64> = (0..=20).map(|x| contrast(map.at(f64::from(x) / 20.0), background)).collect();
            // The first twentieth of the way is nothing yet on pure black.
            assert!(contrast[1..].windows(2).all(|pair| pair[1] > pair[0]), "{background:?} {contrast:?}");
            assert!(contrast[20] > 4.5, "{background:?} {}", contrast[20]);
            assert_eq!(map.at(-0.7), map.at(0.7));
            for palette in [Palette::PuOr, Palette::RdBu, Palette::Seismic, Palette::Vik] {
                let end = Oklab::from(map.at(1.0));
                let other = |x| Oklab::from(Colormap::diverging(palette, background).at(x)).distance(end);
                // Three times what is just seen beside each other, 0.02.
                assert!(other(1.0) > 0.06 && other(-1.0) > 0.06, "{palette:?} on {background:?}");
            }
        }
    }

    /// `(L1 + 0.05) / (L2 + 0.05)` of WCAG 2, with the relative luminances of both.
    fn contrast(one: Rgb, other: Rgb) -> f64 {
        let luminance = |Rgb(bytes): Rgb| {
            let [red, green, blue] = bytes.map(|byte| linear_from_srgb(f64::from(byte) / 255.0));
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        (one / other).max(other / one)
    }

    #[test]
    fn by_the_root_what_is_weak_is_drawn_stronger() {
        let map = Colormap::diverging(Palette::PuOr, LIGHT);
        let root = map.clone().scaled(Scaling::Root);
        assert_eq!([Scaling::Linear, Scaling::Root].map(|it| it.strength(0.25)), [0.25, 0.5]);
        for x in [-1.0, -0.5, -0.04, 0.0, 0.04, 0.5, 1.0, 7.0_f64] {
            assert_eq!(root.at(x), map.at(x.abs().min(1.0).sqrt().copysign(x)), "{x}");
            assert_eq!(map.clone().scaled(Scaling::Percentile).at(x), map.at(x), "{x}");
        }
    }

    #[test]
    fn hex_colours() {
        assert_eq!(Rgb::from_hex("#16181c"), Some(DARK));
        for wrong in ["16181c", "#16181", "#16181g", "#1618éc", ""] {
            assert_eq!(Rgb::from_hex(wrong), None, "{wrong}");
        }
    }
}
