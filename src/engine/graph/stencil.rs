//! Which elements of its inputs each output element of an operation is computed from.

/// The lower units of every output element: those of a dense layer are the same for all, those of a convolution or a
/// pool move along, and fall short of the full number at a border.
#[derive(Debug, Clone, PartialEq)]
pub struct Stencil {
    /// One an output element.
    pub rows: Vec<StencilRow>,
    /// The sets of lower units that rows choose from, relative to the row.
    pub taps: Vec<Vec<Offset>>,
}

/// Where an output element's lower units begin, and which set they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StencilRow {
    /// Index into the first input.
    pub x: usize,
    /// Index into the weights, or the second input.
    pub w: usize,
    /// Index into [`Stencil::taps`].
    pub taps: usize,
}

/// A pair of indices: into the first input, and into the weights or the second input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offset {
    /// Into the first input.
    pub x: usize,
    /// Into the weights, or the second input.
    pub w: usize,
}

impl Stencil {
    /// All rows have the same lower units, relative to where they begin.
    #[must_use]
    pub fn uniform(rows: impl IntoIterator<Item = Offset>, taps: Vec<Offset>) -> Self {
        let row = |Offset { x, w }| StencilRow { x, w, taps: 0 };
        Self { rows: rows.into_iter().map(row).collect(), taps: vec![taps] }
    }

    /// Output element `k` has element `k` of each input as its only lower unit.
    #[must_use]
    pub fn elementwise(len: usize) -> Self {
        Self::uniform((0..len).map(|k| Offset { x: k, w: k }), vec![Offset { x: 0, w: 0 }])
    }

    /// Number of output elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no output element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of lower units of output element `j`.
    #[must_use]
    pub fn n_lower(&self, j: usize) -> usize {
        self.taps[self.rows[j].taps].len()
    }

    /// The lower units of output element `j`: indices into the inputs.
    pub fn lower(&self, j: usize) -> impl Iterator<Item = Offset> + '_ {
        let row = self.rows[j];
        self.taps[row.taps].iter().map(move |tap| Offset { x: row.x + tap.x, w: row.w + tap.w })
    }

    /// Whether every index lies within inputs of these lengths.
    #[must_use]
    pub fn is_within(&self, n_x: usize, n_w: usize) -> bool {
        // Of each set of lower units the farthest ones count.
        let farthest = |taps: &Vec<Offset>| {
            taps.iter().map(|tap| (tap.x, tap.w)).reduce(|(x, w), (other_x, other_w)| (x.max(other_x), w.max(other_w)))
        };
        let farthest: Vec<Option<(usize, usize)>> = self.taps.iter().map(farthest).collect();
        self.rows.iter().all(|row| match farthest.get(row.taps) {
            Some(Some((x, w))) => row.x.saturating_add(*x) < n_x && row.w.saturating_add(*w) < n_w,
            Some(None) => true,
            None => false,
        })
    }

    /// The rows `js`, in that order.
    #[must_use]
    pub fn select(&self, js: impl IntoIterator<Item = usize>) -> Self {
        Self { rows: js.into_iter().map(|j| self.rows[j]).collect(), taps: self.taps.clone() }
    }

    /// Whether every output element has exactly one lower unit.
    #[must_use]
    pub fn is_elementwise(&self) -> bool {
        self.rows.iter().all(|row| self.taps[row.taps].len() == 1)
    }
}
