//! The products that take most of a run's time.
//!
//! Portable Rust that becomes vector code: sums are kept in arrays that fit registers, a block of columns at a time, and
//! the loops over a block have a constant length. What was measured is in `docs/performance.md`.

use super::Sequence;

/// `z_j += sum_k x_k w_kj` with `w` `[x.len(), z.len()]`. Zeros are skipped: most columns of a one-hot channel are.
pub(super) fn accumulate(x: &[f32], w: &[f32], z: &mut [f32]) {
    by_blocks(x, w, None, z);
}

/// The same, where `from` takes the place of what z holds: copied into it before, that would be a call in WebAssembly.
fn by_blocks(x: &[f32], w: &[f32], from: Option<&[f32]>, z: &mut [f32]) {
    let n = z.len();
    let mut at = 0;
    while at + 32 <= n {
        accumulate_block::<32>(x, w, at, from, z);
        at += 32;
    }
    while at + 16 <= n {
        accumulate_block::<16>(x, w, at, from, z);
        at += 16;
    }
    while at + 4 <= n {
        accumulate_block::<4>(x, w, at, from, z);
        at += 4;
    }
    while at < n {
        accumulate_block::<1>(x, w, at, from, z);
        at += 1;
    }
}

/// The same for the columns `at..at + N`.
fn accumulate_block<const N: usize>(x: &[f32], w: &[f32], at: usize, from: Option<&[f32]>, z: &mut [f32]) {
    let rows = w.chunks_exact(z.len());
    let Some(z) = z[at..].first_chunk_mut::<N>() else { return };
    let Some(mut sums) = from.map_or(Some(*z), |from| from[at..].first_chunk::<N>().copied()) else { return };
    for (x_k, w_k) in x.iter().zip(rows) {
        let Some(w_k) = w_k[at..].first_chunk::<N>() else { return };
        if *x_k != 0.0 {
            for j in 0..N {
                sums[j] += x_k * w_k[j];
            }
        }
    }
    *z = sums;
}

/// Inputs of so few columns are multiplied an hour at a time, without those that are zero.
const FEW_COLUMNS: usize = 32;

/// `z_tj = b_j + sum_k x_tk w_kj` for the first `len` hours of a sequence. Row `t` of z is `out[t * stride..][..b.len()]`.
///
/// Four hours at a time, so that a weight is fetched once for four products.
pub(super) fn products(x: Sequence<'_, f32>, len: usize, w: &[f32], bias: &[f32], out: &mut [f32], stride: usize) {
    let n = bias.len();
    let n_quads = if x.width < FEW_COLUMNS { 0 } else { len / 4 };
    for quad in 0..n_quads {
        let t = 4 * quad;
        let x = [x.row(t), x.row(t + 1), x.row(t + 2), x.row(t + 3)];
        let rows = &mut out[t * stride..];
        let mut at = 0;
        while at + 8 <= n {
            products_block::<8>(x, w, bias, at, rows, stride);
            at += 8;
        }
        while at < n {
            products_block::<1>(x, w, bias, at, rows, stride);
            at += 1;
        }
    }
    for t in 4 * n_quads..len {
        by_blocks(x.row(t), w, Some(bias), &mut out[t * stride..][..n]);
    }
}

/// The same for four hours and the columns `at..at + N`.
fn products_block<const N: usize>(x: [&[f32]; 4], w: &[f32], bias: &[f32], at: usize, out: &mut [f32], stride: usize) {
    let rows = w.chunks_exact(bias.len());
    let Some(bias) = bias[at..].first_chunk::<N>() else { return };
    let mut sums = [*bias; 4];
    let [x0, x1, x2, x3] = x;
    for ((((w_k, x0), x1), x2), x3) in rows.zip(x0).zip(x1).zip(x2).zip(x3) {
        let Some(w_k) = w_k[at..].first_chunk::<N>() else { return };
        for j in 0..N {
            sums[0][j] += x0 * w_k[j];
            sums[1][j] += x1 * w_k[j];
            sums[2][j] += x2 * w_k[j];
            sums[3][j] += x3 * w_k[j];
        }
    }
    for (t, sums) in sums.iter().enumerate() {
        out[t * stride + at..][..N].copy_from_slice(sums);
    }
}

/// `c_ij += sum_k a_ik b_kj` with `a` `[n_rows, n_inner]`, `b` `[n_inner, n_columns]`, `c` `[n_rows, n_columns]`.
///
/// Four rows and four columns at a time, so that a number of `b` is fetched once for four products.
pub(super) fn multiply(a: &[f64], n_inner: usize, b: &[f64], n_columns: usize, c: &mut [f64]) {
    if n_inner == 0 || n_columns == 0 {
        return;
    }
    let mut a_quads = a.chunks_exact(4 * n_inner);
    let mut c_quads = c.chunks_exact_mut(4 * n_columns);
    for (a, c) in (&mut a_quads).zip(&mut c_quads) {
        multiply_rows::<4>(a, n_inner, b, n_columns, c);
    }
    let (a, c) = (a_quads.remainder(), c_quads.into_remainder());
    for (a, c) in a.chunks_exact(n_inner).zip(c.chunks_exact_mut(n_columns)) {
        multiply_rows::<1>(a, n_inner, b, n_columns, c);
    }
}

fn multiply_rows<const R: usize>(a: &[f64], n_inner: usize, b: &[f64], n_columns: usize, c: &mut [f64]) {
    let rows: [&[f64]; R] = std::array::from_fn(|r| &a[r * n_inner..][..n_inner]);
    let mut at = 0;
    // A row on its own needs more columns to have as many sums side by side.
    while R == 1 && at + 8 <= n_columns {
        multiply_block::<R, 8>(rows, b, n_columns, at, c);
        at += 8;
    }
    while at + 4 <= n_columns {
        multiply_block::<R, 4>(rows, b, n_columns, at, c);
        at += 4;
    }
    while at < n_columns {
        multiply_block::<R, 1>(rows, b, n_columns, at, c);
        at += 1;
    }
}

/// The same for `R` rows and the columns `at..at + N`.
#[inline]
fn multiply_block<const R: usize, const N: usize>(
    rows: [&[f64]; R],
    b: &[f64],
    n_columns: usize,
    at: usize,
    c: &mut [f64],
) {
    let mut sums = [[0.0; N]; R];
    for (r, sums) in sums.iter_mut().enumerate() {
        sums.copy_from_slice(&c[r * n_columns + at..][..N]);
    }
    for (k, b_k) in b.chunks_exact(n_columns).enumerate().take(rows[0].len()) {
        let Some(b_k) = b_k[at..].first_chunk::<N>() else { return };
        for r in 0..R {
            let a = rows[r][k];
            for j in 0..N {
                sums[r][j] += a * b_k[j];
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        c[r * n_columns + at..][..N].copy_from_slice(sums);
    }
}

/// The sum, in four sums side by side: one after the other, each addition would wait for the one before it.
#[inline]
pub(super) fn sum(values: &[f64]) -> f64 {
    let (quads, rest) = values.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for quad in quads {
        for lane in 0..4 {
            sums[lane] += quad[lane];
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest.iter().sum::<f64>()
}

/// A block of columns of weights `[n_rows, width]` as rows of double precision `[n_columns, n_rows]`.
pub(super) fn transposed(w: &[f32], width: usize, column: usize, n_columns: usize) -> Vec<f64> {
    let n_rows = w.len() / width.max(1);
    let mut rows = vec![0.0; n_columns * n_rows];
    if rows.is_empty() {
        return rows;
    }
    let n_quads = n_columns / 4;
    let (quads, rest) = rows.split_at_mut(4 * n_quads * n_rows);
    for (quad, rows) in quads.chunks_exact_mut(4 * n_rows).enumerate() {
        transpose_quad(w, width, column + 4 * quad, rows);
    }
    for (j, row) in rest.chunks_exact_mut(n_rows).enumerate() {
        let column = w.iter().skip(column + 4 * n_quads + j).step_by(width);
        row.iter_mut().zip(column).for_each(|(to, w)| *to = f64::from(*w));
    }
    rows
}

/// Four columns as rows: what is read once is written while it is there.
fn transpose_quad(w: &[f32], width: usize, column: usize, rows: &mut [f64]) {
    let (ab, cd) = rows.split_at_mut(rows.len() / 2);
    let ((a, b), (c, d)) = (ab.split_at_mut(ab.len() / 2), cd.split_at_mut(cd.len() / 2));
    for ((((w_k, a), b), c), d) in w.chunks_exact(width).zip(a).zip(b).zip(c).zip(d) {
        let Some(w_k) = w_k[column..].first_chunk::<4>() else { return };
        [*a, *b, *c, *d] = w_k.map(f64::from);
    }
}

#[cfg(test)]
mod tests {
    use super::{accumulate, multiply, products, sum, transposed};
    use crate::engine::recurrence::Sequence;

    /// Whole numbers below 4, some of them zero: their sums are exact in any order.
    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|k| ((k * 7 + seed * 13 + k / 5) % 5) as f32 - 1.0).collect()
    }

    fn product(x: &[f32], w: &[f32], n: usize, j: usize) -> f32 {
        x.iter().enumerate().map(|(k, x)| x * w[k * n + j]).sum()
    }

    #[test]
    fn every_width_and_length_gives_the_plain_sums() {
        for n_inputs in [0, 1, 3, 31, 33, 40] {
            for n in [1, 3, 4, 8, 12, 32, 37, 64] {
                for len in [0, 1, 4, 7] {
                    let (x, w, b) = (numbers(len * n_inputs, 1), numbers(n_inputs * n, 2), numbers(n, 3));
                    let stride = n + 2;
                    let mut out = vec![9.0; len * stride];
                    let rows = Sequence { data: &x, offset: 0, stride: n_inputs, width: n_inputs };
                    products(rows, len, &w, &b, &mut out, stride);
                    for t in 0..len {
                        for j in 0..n {
                            assert_eq!(out[t * stride + j], b[j] + product(rows.row(t), &w, n, j));
                        }
                        assert_eq!(out[t * stride + n..][..2], [9.0, 9.0], "between the rows");
                    }
                }
            }
        }
    }

    #[test]
    fn accumulating_adds_to_what_is_there() {
        let (x, w) = (numbers(5, 1), numbers(5 * 38, 2));
        let mut z = numbers(38, 3);
        accumulate(&x, &w, &mut z);
        for (j, z) in z.iter().enumerate() {
            assert_eq!(*z, numbers(38, 3)[j] + product(&x, &w, 38, j));
        }
    }

    #[test]
    fn multiplying_matches_the_definition_at_every_remainder() {
        let double = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<_>>();
        for (n_rows, n_inner, n_columns) in [(0, 3, 4), (1, 1, 1), (4, 3, 4), (7, 5, 6), (9, 8, 13), (2, 0, 3)] {
            let (a, b) = (double(numbers(n_rows * n_inner, 1)), double(numbers(n_inner * n_columns, 2)));
            let mut c = vec![0.5; n_rows * n_columns];
            multiply(&a, n_inner, &b, n_columns, &mut c);
            for i in 0..n_rows {
                for j in 0..n_columns {
                    let want: f64 = (0..n_inner).map(|k| a[i * n_inner + k] * b[k * n_columns + j]).sum();
                    assert_eq!(c[i * n_columns + j], 0.5 + want);
                }
            }
        }
    }

    #[test]
    fn sums_and_transposed_blocks_are_what_they_say() {
        assert_eq!(sum(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 21.0);
        // Two rows of three columns; the block is the last two.
        assert_eq!(transposed(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 1, 2), [2.0, 5.0, 3.0, 6.0]);
        assert!(transposed(&[], 3, 1, 2).is_empty());
        for (n_rows, width, column, n_columns) in [(5, 9, 2, 7), (3, 8, 0, 8), (1, 6, 1, 4)] {
            let w = numbers(n_rows * width, 1);
            let rows = transposed(&w, width, column, n_columns);
            assert_eq!(rows.len(), n_columns * n_rows);
            for (at, value) in rows.iter().enumerate() {
                assert_eq!(*value, f64::from(w[at % n_rows * width + column + at / n_rows]));
            }
        }
    }
}
