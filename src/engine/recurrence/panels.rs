//! A matrix in column panels, and the products that take most of a run's time.
//!
//! The columns are cut into panels of 32, what is left over into one each of 16, 8 and 4, as it takes. In a panel lies row
//! after row, so that a product reads its weights from the first to the last: row by row over the whole matrix, a block of
//! columns would be thousands of bytes apart from one row to the next. Weights stay in single precision, in which they were
//! exported, and become double where the sums are.
//!
//! Portable Rust that becomes vector code: sums are kept in arrays that fit registers, and the loops over a panel have a
//! constant length. What was measured is in `docs/performance.md`.

use std::ops::{AddAssign, Mul, Range};

use super::Sequence;

/// Columns of a whole panel.
const WIDTH: usize = 32;

/// Columns of a matrix are a multiple of these: lanes of a vector.
pub(super) const LANES: usize = 4;

/// Rows of fewer numbers are multiplied as they lie: forward an hour at a time, without those that are zero, for they
/// may be one-hot.
pub(super) const FEW_COLUMNS: usize = 32;

/// Columns that several rows are multiplied with at a time: their sums fit the registers of four rows, in single precision
/// and in double.
pub(super) const EACH: usize = 8;
pub(super) const EACH_WIDE: usize = 4;

/// What sums are made of: `f32` on the way there, `f64` on the way back.
pub(super) trait PanelNumber: Copy + Default + PartialEq + Mul<Output = Self> + AddAssign + From<f32> {}

impl PanelNumber for f32 {}
impl PanelNumber for f64 {}

/// A matrix `[n_rows, n_columns]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panels {
    /// Length of what is multiplied.
    n_rows: usize,
    /// Length of the product, a multiple of [`LANES`].
    n_columns: usize,
    /// Panel after panel, in each row after row.
    weights: Vec<f32>,
}

impl Panels {
    /// Packs a matrix whose columns are a multiple of [`LANES`]. `row` writes a row over zeros.
    pub(super) fn pack(n_rows: usize, n_columns: usize, mut row: impl FnMut(usize, &mut [f32])) -> Self {
        let mut panels = Self { n_rows, n_columns, weights: vec![0.0; n_rows * n_columns] };
        let mut numbers = vec![0.0; n_columns];
        for k in 0..n_rows {
            numbers.fill(0.0);
            row(k, &mut numbers);
            for (at, width) in panels.widths() {
                let to = at * n_rows + k * width;
                panels.weights[to..to + width].copy_from_slice(&numbers[at..at + width]);
            }
        }
        panels
    }

    /// Bytes of all weights.
    pub(super) const fn bytes(&self) -> usize {
        size_of::<f32>() * self.n_rows * self.n_columns
    }

    /// Number of columns.
    pub(super) const fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Where each panel begins, and how wide it is.
    fn widths(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (whole, rest) = (self.n_columns / WIDTH * WIDTH, self.n_columns % WIDTH);
        let narrow = [16, 8, 4].into_iter().filter(move |width| rest & width != 0);
        let narrow = narrow.scan(whole, |at, width| Some((std::mem::replace(at, *at + width), width)));
        (0..whole).step_by(WIDTH).map(|at| (at, WIDTH)).chain(narrow)
    }

    /// `z_j = from_j + sum_k x_k w_kj` over the rows from `first` on; what z holds is added to where there is no `from`.
    #[inline]
    pub(super) fn add_row<N: PanelNumber>(&self, first: usize, x: &[N], from: Option<&[f32]>, z: &mut [N]) {
        self.by_panels::<N, false>(first, x, from, z);
    }

    /// One product, panel by panel. Each width has code of its own, because a loop of a length that the compiler knows
    /// becomes vector code without a rest.
    #[inline(always)]
    fn by_panels<N: PanelNumber, const SPARSE: bool>(&self, first: usize, x: &[N], from: Option<&[f32]>, z: &mut [N]) {
        let z = &mut z[..self.n_columns];
        let mut at = 0;
        while at + WIDTH <= z.len() {
            self.add_panel::<N, WIDTH, SPARSE>(first, x, at, from, z);
            at += WIDTH;
        }
        if z.len() & 16 != 0 {
            self.add_panel::<N, 16, SPARSE>(first, x, at, from, z);
            at += 16;
        }
        if z.len() & 8 != 0 {
            self.add_panel::<N, 8, SPARSE>(first, x, at, from, z);
            at += 8;
        }
        if z.len() & 4 != 0 {
            self.add_panel::<N, 4, SPARSE>(first, x, at, from, z);
        }
    }

    /// One product for the panel of `W` columns that begins at column `at`. The sums stay in registers over all rows,
    /// and each row of weights is read once, one behind the other. `SPARSE` leaves out numbers of `x` that are zero.
    #[inline(always)]
    fn add_panel<N: PanelNumber, const W: usize, const SPARSE: bool>(
        &self,
        first: usize,
        x: &[N],
        at: usize,
        from: Option<&[f32]>,
        z: &mut [N],
    ) {
        let panel = self.weights[at * self.n_rows + first * W..].as_chunks::<W>().0;
        let Some(z) = z[at..].first_chunk_mut::<W>() else { return };
        let Some(mut sums) = from.map_or(Some(*z), |from| from[at..].first_chunk::<W>().map(|from| from.map(N::from)))
        else {
            return;
        };
        // For one-hot columns alone: elsewhere leaving zeros out gained nothing (docs/performance.md).
        for (x, w) in x.iter().zip(panel) {
            if !SPARSE || *x != N::default() {
                for j in 0..W {
                    sums[j] += *x * N::from(w[j]);
                }
            }
        }
        *z = sums;
    }

    /// [`Panels::add_row`] for `R` rows of numbers, `(x, z)` each, `M` columns at a time: a weight is fetched once for all.
    #[inline]
    pub(super) fn add_row_each<N: PanelNumber, const R: usize, const M: usize>(
        &self,
        first: usize,
        from: Option<&[f32]>,
        mut rows: [(&[N], &mut [N]); R],
    ) {
        if R == 1 {
            return rows.into_iter().for_each(|(x, z)| self.add_row(first, x, from, z));
        }
        for (panel, width) in self.widths() {
            let weights = &self.weights[panel * self.n_rows + first * width..][..width * (self.n_rows - first)];
            let step = width.min(M);
            for place in (0..width).step_by(step) {
                let (at, from) = (panel + place, from.map(|from| &from[panel + place..]));
                let rows = rows.each_mut().map(|(x, z)| (*x, &mut z[at..]));
                if step == M {
                    add_each::<N, R, M>(weights, width, place, from, rows);
                } else {
                    add_each::<N, R, LANES>(weights, width, place, from, rows);
                }
            }
        }
    }

    /// [`Panels::add_row`] without the numbers of `x` that are zero: most columns of a one-hot channel are.
    #[inline]
    pub(super) fn add_sparse_row(&self, x: &[f32], from: &[f32], z: &mut [f32]) {
        self.by_panels::<f32, true>(0, x, Some(from), z);
    }

    /// [`Panels::add_row`] for the first `len` rows of a sequence and some of the columns, `M` at a time; `from` and the rows
    /// of `out`, one each `stride`, begin at the first of these columns. Four rows at a time, so that a weight is fetched
    /// once for four products.
    #[expect(clippy::too_many_arguments, reason = "a product of two parts of matrices, and where it goes")]
    pub(super) fn add_rows<X: Copy, N: PanelNumber + From<X>, const M: usize>(
        &self,
        first: usize,
        columns: Range<usize>,
        x: Sequence<'_, X>,
        len: usize,
        from: Option<&[f32]>,
        out: &mut [N],
        stride: usize,
    ) {
        let mut t = 0;
        while t + 4 <= len {
            let rows = [x.row(t), x.row(t + 1), x.row(t + 2), x.row(t + 3)];
            self.add_block_row::<X, N, 4, M>(first, columns.clone(), rows, from, &mut out[t * stride..], stride);
            t += 4;
        }
        while t < len {
            self.add_block_row::<X, N, 1, M>(first, columns.clone(), [x.row(t)], from, &mut out[t * stride..], stride);
            t += 1;
        }
    }

    /// `R` rows times some of the columns: `M` columns at a time where a panel has as many left, else four.
    fn add_block_row<X: Copy, N: PanelNumber + From<X>, const R: usize, const M: usize>(
        &self,
        first: usize,
        columns: Range<usize>,
        x: [&[X]; R],
        from: Option<&[f32]>,
        out: &mut [N],
        stride: usize,
    ) {
        let begin = columns.start;
        let mut at = columns.start;
        while at < columns.end {
            let (panel, width) = self.panel(at);
            let (rows, place) = (&self.weights[panel * self.n_rows + first * width..], at - panel);
            let (from, out) = (from.map(|from| &from[at - begin..]), &mut out[at - begin..]);
            if place + M <= width && at + M <= columns.end {
                add_block::<X, N, R, M>(rows, width, place, x, from, out, stride);
                at += M;
            } else {
                add_block::<X, N, R, LANES>(rows, width, place, x, from, out, stride);
                at += LANES;
            }
        }
    }

    /// Where the panel with column `at` begins, and how wide it is.
    fn panel(&self, at: usize) -> (usize, usize) {
        let mut begin = at / WIDTH * WIDTH;
        let rest = self.n_columns - begin;
        if rest >= WIDTH {
            return (begin, WIDTH);
        }
        for width in [16, 8] {
            if rest & width != 0 {
                if at < begin + width {
                    return (begin, width);
                }
                begin += width;
            }
        }
        (begin, LANES)
    }
}

/// `z_rj = from_j + sum_k x_rk w_kj` for `M` columns of a panel, which begin at `place` in each of its rows.
#[inline(always)]
fn add_each<N: PanelNumber, const R: usize, const M: usize>(
    panel: &[f32],
    width: usize,
    place: usize,
    from: Option<&[f32]>,
    rows: [(&[N], &mut [N]); R],
) {
    let n = rows[0].0.len();
    let x = rows.each_ref().map(|(x, _)| &x[..n]);
    // Sums that fit registers, so that a weight is fetched once for R rows (docs/performance.md, "Products by blocks").
    let mut sums = [[N::default(); M]; R];
    for (sums, (_, z)) in sums.iter_mut().zip(&rows) {
        match from {
            Some(from) => (0..M).for_each(|j| sums[j] = N::from(from[j])),
            None => sums.copy_from_slice(&z[..M]),
        }
    }
    for (k, w) in panel.chunks_exact(width).enumerate().take(n) {
        let Some(w) = w[place..].first_chunk::<M>() else { return };
        let w = w.map(N::from);
        for r in 0..R {
            for j in 0..M {
                sums[r][j] += x[r][k] * w[j];
            }
        }
    }
    for (sums, (_, z)) in sums.iter().zip(rows) {
        z[..M].copy_from_slice(sums);
    }
}

/// `R` rows times `M` columns of a panel, which begin at `place` in each of its rows: `out_rj = from_j + sum_k x_rk
/// w_kj`. What `out` holds is added to where there is no `from`.
#[inline(always)]
fn add_block<X: Copy, N: PanelNumber + From<X>, const R: usize, const M: usize>(
    panel: &[f32],
    width: usize,
    place: usize,
    x: [&[X]; R],
    from: Option<&[f32]>,
    out: &mut [N],
    stride: usize,
) {
    // As above, for rows that stand in one list.
    let mut sums = [[N::default(); M]; R];
    for (r, sums) in sums.iter_mut().enumerate() {
        match from {
            Some(from) => (0..M).for_each(|j| sums[j] = N::from(from[j])),
            None => sums.copy_from_slice(&out[r * stride..][..M]),
        }
    }
    let n = x[0].len();
    let x = x.map(|x| &x[..n]);
    for (k, w) in panel.chunks_exact(width).enumerate().take(n) {
        let Some(w) = w[place..].first_chunk::<M>() else { return };
        for r in 0..R {
            let x = N::from(x[r][k]);
            for j in 0..M {
                sums[r][j] += x * N::from(w[j]);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        out[r * stride..][..M].copy_from_slice(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::{EACH, EACH_WIDE, Panels, Sequence};
    use crate::engine::number::{real32, single};

    /// Whole numbers below 4, some of them zero: their sums are exact in any order.
    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|k| real32((k * 7 + seed * 13 + k / 5) % 5) - 1.0).collect()
    }

    /// The definition.
    fn product(x: &[f32], w: &[f32], n: usize, j: usize) -> f32 {
        x.iter().enumerate().map(|(k, x)| x * w[k * n + j]).sum()
    }

    fn packed(w: &[f32], n: usize) -> Panels {
        Panels::pack(w.len() / n, n, |k, row| row.copy_from_slice(&w[k * n..][..n]))
    }

    #[test]
    fn a_row_times_any_width_is_the_plain_sum() {
        for n_rows in [0, 1, 3, 40] {
            for n in [4, 8, 12, 16, 28, 32, 36, 60, 64, 100] {
                let (x, w, from) = (numbers(n_rows, 1), numbers(n_rows * n, 2), numbers(n, 3));
                let panels = packed(&w, n);
                let want: Vec<f32> = (0..n).map(|j| from[j] + product(&x, &w, n, j)).collect();
                let (mut added, mut set, mut sparse) = (from.clone(), vec![9.0; n], vec![9.0; n]);
                panels.add_row(0, &x, None, &mut added);
                panels.add_row(0, &x, Some(&from), &mut set);
                panels.add_sparse_row(&x, &from, &mut sparse);
                assert_eq!((&added, &set, &sparse), (&want, &want, &want), "{n_rows} x {n}");
                // The rows from the second on, in double precision.
                let mut below = vec![0.0; n];
                let wide: Vec<f64> = x.iter().skip(1).map(|x| f64::from(*x)).collect();
                panels.add_row(usize::from(n_rows > 0), &wide, None, &mut below);
                for (j, z) in below.iter().enumerate() {
                    let plain = want[j] - from[j] - if n_rows > 0 { x[0] * w[j] } else { 0.0 };
                    assert_eq!(*z, f64::from(plain), "{n_rows} x {n}");
                }
            }
        }
    }

    #[test]
    fn a_row_each_is_what_each_would_be_alone() {
        for n_rows in [0, 1, 3, 40] {
            for n in [4, 8, 12, 16, 28, 32, 36, 60, 64, 100] {
                let (w, from) = (numbers(n_rows * n, 2), numbers(n, 3));
                let panels = packed(&w, n);
                let x: [Vec<f32>; 3] = std::array::from_fn(|r| numbers(n_rows, r + 4));
                for from in [None, Some(&from[..])] {
                    let (mut alone, mut each) = (vec![vec![0.5; n + 1]; 3], vec![vec![0.5; n + 1]; 3]);
                    x.iter().zip(&mut alone).for_each(|(x, z)| panels.add_row(0, x, from, &mut z[..n]));
                    let [a, b, c] = &mut each[..] else { unreachable!() };
                    let rows = [(&x[0][..], &mut a[..n]), (&x[1], &mut b[..n]), (&x[2], &mut c[..n])];
                    panels.add_row_each::<f32, 3, EACH>(0, from, rows);
                    assert_eq!(each, alone, "{n_rows} x {n}");
                }
                // The rows from the second on, in double precision.
                let first = usize::from(n_rows > 0);
                let x = x.map(|x| x.into_iter().skip(first).map(f64::from).collect::<Vec<_>>());
                let (mut alone, mut each) = (vec![vec![0.5; n]; 3], vec![vec![0.5; n]; 3]);
                x.iter().zip(&mut alone).for_each(|(x, z)| panels.add_row(first, x, None, z));
                let [a, b, c] = &mut each[..] else { unreachable!() };
                panels.add_row_each::<f64, 3, EACH_WIDE>(first, None, [(&x[0], a), (&x[1], b), (&x[2], c)]);
                assert_eq!(each, alone, "{n_rows} x {n}");
            }
        }
    }

    #[test]
    fn many_rows_times_some_columns_are_the_plain_sums() {
        for (n_rows, n, len) in [(3, 4, 1), (5, 36, 4), (33, 64, 7), (8, 60, 9), (0, 12, 5), (40, 28, 0)] {
            let (w, from) = (numbers(n_rows * n, 2), numbers(n, 3));
            let panels = packed(&w, n);
            let x: Vec<f64> = numbers(len * (n_rows + 1), 1).into_iter().map(f64::from).collect();
            let rows = Sequence { data: &x, offset: 1, stride: n_rows + 1, width: n_rows };
            for columns in [0..n, 4..n, 0..4, n - 4..n] {
                let (width, stride) = (columns.len(), columns.len() + 2);
                let mut out = vec![0.5; len * stride];
                panels.add_rows::<f64, f64, 8>(0, columns.clone(), rows, len, None, &mut out, stride);
                let mut set = vec![9.0; len * stride];
                let bias = Some(&from[columns.clone()]);
                panels.add_rows::<f64, f64, 4>(0, columns.clone(), rows, len, bias, &mut set, stride);
                for t in 0..len {
                    let x: Vec<f32> = rows.row(t).iter().map(|x| single(*x)).collect();
                    for j in 0..width {
                        let plain = f64::from(product(&x, &w, n, columns.start + j));
                        assert_eq!(out[t * stride + j], 0.5 + plain, "{n_rows} x {n}, {columns:?}");
                        assert_eq!(set[t * stride + j], f64::from(from[columns.start + j]) + plain);
                    }
                    assert_eq!(out[t * stride + width..][..2], [0.5, 0.5], "between the rows");
                }
            }
        }
    }
}
