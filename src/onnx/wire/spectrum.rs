//! Fourier transforms and their windows: `DFT`, `STFT`, `HannWindow`, `HammingWindow`, `BlackmanWindow`.
//!
//! A transform of constant length is a product with a constant matrix, so it is an affine layer. Of L numbers, real or as
//! pairs of a real and an imaginary part,
//!
//! ```text
//! y_k = sum over t of x_t exp(-2 pi i k t / L)        for k below L, or up to L / 2 where it is onesided
//! ```
//!
//! The inverse has the other sign, and is divided by L. Where it is onesided, it makes real numbers of the first half of
//! the pairs, of which all but the first, and the last of an even length, count twice.
//!
//! | operator | read | refused |
//! |---|---|---|
//! | `DFT` | a constant length, real and complex numbers, `inverse`, `onesided` | an inverse that is onesided, of more or fewer pairs than its length has |
//! | `STFT` | real signals, frames of a constant length and step, a constant window | complex signals |
//! | windows | a constant length, `periodic` | |

use std::f64::consts::TAU;

use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring, axis, check_volume, floats};
use crate::engine::number::{real, signed, single, to_index};

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "DFT" => Builder::new(1..=3, transform),
        "STFT" => Builder::new(2..=4, transform_of_frames),
        "HannWindow" => Builder::new(1..=1, |w| window(w, [0.5, 0.5, 0.0])),
        "HammingWindow" => Builder::new(1..=1, |w| window(w, [25.0 / 46.0, 21.0 / 46.0, 0.0])),
        "BlackmanWindow" => Builder::new(1..=1, |w| window(w, [0.42, 0.5, 0.08])),
        _ => return None,
    })
}

/// `[L * parts, n * 2]`: the matrix of a transform to n pairs; number `t` is multiplied by `window[t]` before.
fn matrix(window: &[f32], parts: usize, n: usize, is_inverse: bool) -> TractResult<Vec<f32>> {
    let len = window.len();
    check_volume([len, parts, n, 2].map(|len| len as u64))?;
    let (sign, scale) = if is_inverse { (1.0, 1.0 / real(len)) } else { (-1.0, 1.0) };
    let at = |index: usize| {
        let (row, column) = (index / (2 * n), index % (2 * n));
        let (t, part, k) = (row / parts, row % parts, column / 2);
        // Whole turns are taken off first: the angle is exact then.
        let (sin, cos) = (sign * TAU * real(k * t % len) / real(len)).sin_cos();
        let turned = match (part, column % 2) {
            (0, 0) | (1, 1) => cos,
            (0, _) => sin,
            _ => -sin,
        };
        single(scale * f64::from(window[t]) * turned)
    };
    Ok((0..len * parts * 2 * n).map(at).collect())
}

/// `[n * 2, L]`: the matrix of an inverse that is onesided, from n pairs to L real numbers.
///
/// ```text
/// y_t = sum over k of c_k ( re_k cos(2 pi k t / L) - im_k sin(2 pi k t / L) ) / L        c_k = 1 at both ends, 2 between
/// ```
fn matrix_to_real(len: usize) -> TractResult<Vec<f32>> {
    let n = n_pairs(len, true);
    check_volume([n, 2, len].map(|len| len as u64))?;
    let at = |index: usize| {
        let (row, t) = (index / len, index % len);
        let (k, part) = (row / 2, row % 2);
        let (sin, cos) = (TAU * real(k * t % len) / real(len)).sin_cos();
        let is_end = k == 0 || 2 * k == len;
        single(
            match (part, is_end) {
                (0, true) => cos,
                (0, false) => 2.0 * cos,
                // There is no imaginary part at the ends.
                (_, true) => 0.0,
                (_, false) => -2.0 * sin,
            } / real(len),
        )
    };
    Ok((0..2 * n * len).map(at).collect())
}

/// How many pairs a transform of `len` numbers makes.
fn n_pairs(len: usize, is_onesided: bool) -> usize {
    if is_onesided { len / 2 + 1 } else { len }
}

/// `DFT` along an axis: an attribute up to version 19, the third input since. The last axis has the parts of each number.
/// The second input is the length, to which numbers are cut off or zeros put behind them.
///
/// # Errors
/// For an inverse that is onesided, of more or fewer pairs than its length has: onnxruntime and the specification differ there.
fn transform(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?.to_vec();
    let rank = lens.len();
    let along = match w.integers(2)?.and_then(|axes| axes.first().copied()) {
        Some(along) => along,
        None => w.node.get_attr_opt("axis")?.unwrap_or(if w.version < 20 { 1 } else { -2 }),
    };
    let along = axis(along, rank)?;
    let parts = *lens.last().context("it has no axes")?;
    ensure!(along + 1 < rank && (1..=2).contains(&parts), "it transforms axis {along} of {lens:?}");
    let (is_inverse, is_onesided) = (w.flag("inverse")?, w.flag("onesided")?);
    let is_to_real = is_inverse && is_onesided;
    let usual = if is_to_real { (2 * (lens[along] - 1)).max(1) } else { lens[along] };
    let len = w.integers(1)?.and_then(|numbers| numbers.first().copied()).map_or(usual, to_index);
    ensure!((1..=1 << 20).contains(&len), "its length is {len}");
    // What is transformed along the axis.
    let n_read = if is_to_real { n_pairs(len, true) } else { len };
    ensure!(
        !is_to_real || parts == 2 && lens[along] == n_read,
        "its inverse makes {len} real numbers of {} pairs, which are {n_read}; cut them off before it, or put zeros behind them",
        lens[along]
    );
    // Numbers of the axis with their parts come last.
    let mut order: Vec<i64> = (0..signed(rank)).filter(|axis| *axis != signed(along)).collect();
    order.insert(rank - 2, signed(along));
    let mut wire = w.transposed("last", x, &order)?;
    if n_read < lens[along] {
        wire = w.sliced("cut", wire, rank - 2, [0, signed(n_read), 1])?;
    } else if n_read > lens[along] {
        let mut pads = vec![0; 2 * rank];
        pads[2 * rank - 2] = signed(n_read - lens[along]);
        let pads = w.whole("zeros", &pads)?;
        wire = w.inner("padded", "Pad", &[wire, pads], vec![])?;
    }
    let n = n_pairs(len, is_onesided);
    let (numbers, made) = match is_to_real {
        true => (matrix_to_real(len)?, [len, 1]),
        false => (matrix(&vec![1.0; len], parts, n, is_inverse)?, [n, 2]),
    };
    let before: Vec<usize> = order[..rank - 2].iter().map(|axis| lens[to_index(*axis)]).collect();
    let made = transformed(w, wire, &before, n_read * parts, made, &numbers)?;
    let mut back: Vec<i64> = (0..signed(rank)).collect();
    back.remove(rank - 2);
    back.insert(along, signed(rank) - 2);
    Ok(tvec!(w.transposed("back", made, &back)?))
}

/// The product with a matrix `[width, n * parts]`, as `[before, n, parts]`.
fn transformed(
    w: &mut Wiring<'_>,
    x: OutletId,
    before: &[usize],
    width: usize,
    [n, parts]: [usize; 2],
    numbers: &[f32],
) -> TractResult<OutletId> {
    let flat = w.reshaped("flat", x, &[before, &[width]].concat())?;
    let numbers = w.numbers("turns", &[width, n * parts], numbers)?;
    let product = w.inner("product", "MatMul", &[flat, numbers], vec![])?;
    w.reshaped("pairs", product, &[before, &[n, parts]].concat())
}

/// `STFT`: the transform of frames of the signal `[batch, numbers]`, each `frame_step` behind the one before, as long as
/// the window or the fourth input says. It is onesided by default.
///
/// # Errors
/// For a signal of complex numbers, and frames that do not fit into it.
fn transform_of_frames(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let x = w.input(0)?;
    let lens = w.shape(x)?.to_vec();
    let (batch, n_numbers) = match lens[..] {
        [batch, n] | [batch, n, 1] => (batch, n),
        _ => bail!("its signal is {lens:?}; [batch, numbers] of real numbers is read"),
    };
    let step = w.integers(1)?.and_then(|numbers| numbers.first().copied()).map_or(0, to_index);
    let window = w.constant(2)?.map(|window| Ok::<_, TractError>(window.cast_to::<f32>()?.into_owned())).transpose()?;
    let len = match w.integers(3)?.and_then(|numbers| numbers.first().copied()) {
        Some(len) => to_index(len),
        None => window.as_ref().context("it needs a window or a length")?.len(),
    };
    let window = window.map_or_else(|| Ok(vec![1.0; len]), |window| floats(&window).map(<[f32]>::to_vec))?;
    ensure!(
        step > 0 && (1..=n_numbers).contains(&len) && window.len() == len,
        "frames of {len} do not fit {n_numbers}"
    );
    let n_frames = (n_numbers - len) / step + 1;
    let is_onesided = w.node.get_attr_opt::<i64>("onesided")?.unwrap_or(1) == 1;
    let n = n_pairs(len, is_onesided);
    let numbers = matrix(&window, 1, n, false)?;
    check_volume([batch, n_frames, len].map(|len| len as u64))?;
    let signal = w.reshaped("signal", x, &[batch, n_numbers])?;
    let places: Vec<i64> = (0..n_frames * len).map(|k| signed(k / len * step + k % len)).collect();
    let places = w.whole("places", &places)?;
    let frames = w.inner("frames", "Gather", &[signal, places], vec![whole_attribute("axis", 1)])?;
    Ok(tvec!(transformed(w, frames, &[batch, n_frames], len, [n, 2], &numbers)?))
}

/// A window of a constant length, of N numbers where it is periodic and N + 1 less the last where it is not:
///
/// ```text
/// y_k = a - b cos(2 pi k / N) + c cos(4 pi k / N)
/// ```
fn window(w: &mut Wiring<'_>, [a, b, c]: [f64; 3]) -> TractResult<TVec<OutletId>> {
    let len = w.integers(0)?.and_then(|numbers| numbers.first().copied()).map_or(0, to_index);
    ensure!((1..=1 << 20).contains(&len), "its length is {len}");
    let is_periodic = w.node.get_attr_opt::<i64>("periodic")?.unwrap_or(1) == 1;
    let n = real(if is_periodic { len } else { (len - 1).max(1) });
    let at = |k: usize| a - b * (TAU * real(k) / n).cos() + c * (2.0 * TAU * real(k) / n).cos();
    let numbers: Vec<f32> = (0..len).map(|k| single(at(k))).collect();
    Ok(tvec!(w.numbers("window", &[len], &numbers)?))
}
