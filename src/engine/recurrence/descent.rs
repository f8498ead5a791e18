//! A direction on its way back from the last step to the first: relevance, derivatives or multipliers.
//!
//! What needs no order is done for all hours at once: the sums of the blocks before the walk, in double precision from the
//! recorded values, and what the inputs receive after it. From step to step only the states are handed down.

use std::ops::Range;

use super::cell::CellKind;
use super::lanes::{Functions, OwnFunctions, Usual, WideLanes, lanes, lanes_mut, plus};
use super::packed::Packed;
use super::panels::{FEW_COLUMNS, Panels};
use super::run::{Run, Seed, Shares};
use super::slopes::{OfRun, OfTwoRuns, Slopes};
use super::spread::{AnyRule, Division, LaneShares, SignalTakesAll};
use super::step::{StepRecord, take_first};
use super::{Direction, Layer, Sequence, gru, lstm, rnn};
use crate::engine::rule::{Kept, Rule};

/// What is handed back.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// Relevance by the paper's rule: no gate receives any.
    Signal(SignalTakesAll),
    /// Relevance by another rule.
    Relevance(AnyRule<'a>),
    /// Derivatives, or multipliers where there is a reference.
    Slopes,
}

impl<'a> Way<'a> {
    /// Relevance by a rule.
    pub(super) fn by(rule: &'a Rule) -> Self {
        SignalTakesAll::of(rule).map_or_else(|| Self::Relevance(AnyRule::of(rule)), Self::Signal)
    }
}

/// A run, and its initial states, h and then c, with zeros in the lanes that are left.
#[derive(Clone, Copy)]
pub(super) struct ReadRun<'a> {
    /// What was read and recorded.
    pub(super) run: Run<'a>,
    /// `[2 * n_lanes]`
    pub(super) initial: &'a [f32],
}

impl<'a> ReadRun<'a> {
    /// The record of step `k`, with the states before it: those of the hour that was read before, or the initial ones.
    #[inline(always)]
    fn at(&self, it: &Packed, k: usize) -> StepRecord<'a> {
        let (sizes, n) = (it.sizes, it.sizes.n_lanes / 4);
        let of = |k: usize| lanes(self.run.hour(sizes, sizes.direction.hour(k, self.run.len)));
        let n_blocks = it.cell.kind.n_blocks();
        let (h, c) = match k.checked_sub(1).map(of) {
            None => lanes(self.initial).split_at(n),
            Some(hour) => {
                (&hour[hour.len() - n..], hour.get(2 * n_blocks * n..).map_or(hour, |c| &c[..n.min(c.len())]))
            }
        };
        StepRecord { hour: of(k), h, c, n_blocks }
    }

    /// The sums of some blocks of every hour, `[len, stride]`, and behind them those of a GRU's recurrent product where its
    /// reset gate comes after it. `lower` is used for what they read.
    fn sums(&self, it: &Packed, blocks: Range<usize>, out: &mut [f64], stride: usize, lower: &mut Vec<f64>) {
        let (run, n) = (&self.run, it.sizes.n_lanes);
        if run.len == 0 {
            return;
        }
        let columns = blocks.start * n..blocks.end * n;
        add_wide(&it.x, columns.clone(), run.x, run.len, Some(&it.bias[columns.clone()]), out, stride, lower);
        self.add_hidden(it, &it.h, columns.start..columns.end.min(it.h.n_columns()), None, out, stride, lower);
        if it.is_reset_after() {
            self.add_hidden(it, &it.reset, 0..n, Some(&it.own), &mut out[columns.len()..], stride, lower);
        } else if matches!(it.cell.kind, CellKind::Gru { .. }) {
            let place = 2 * it.cell.kind.n_blocks() * n;
            let q = Sequence { data: run.tape, offset: place, stride: it.sizes.tape_width, width: it.sizes.n_hidden };
            add_wide(&it.reset, 0..n, q, run.len, None, &mut out[columns.len() - n..], stride, lower);
        }
        self.add_own_sums(it, blocks, out, stride);
    }

    /// What comes of the hidden states before the steps.
    #[expect(clippy::too_many_arguments, reason = "a product of two parts of matrices, and where it goes")]
    fn add_hidden(
        &self,
        it: &Packed,
        panels: &Panels,
        columns: Range<usize>,
        from: Option<&[f32]>,
        out: &mut [f64],
        stride: usize,
        lower: &mut Vec<f64>,
    ) {
        let (sizes, len) = (it.sizes, self.run.len);
        if columns.is_empty() {
            return;
        }
        let width = sizes.n_hidden;
        let offset = sizes.tape_width - sizes.n_lanes;
        // Each hour but the one read first has that beside it as the one before.
        let (first, begin, offset) = match sizes.direction {
            Direction::Forward => (0, stride, offset),
            Direction::Reverse => (len - 1, 0, offset + sizes.tape_width),
        };
        let h0 = Sequence::dense(&self.initial[..width], width);
        add_wide(panels, columns.clone(), h0, 1, from, &mut out[first * stride..], stride, lower);
        if len > 1 {
            let h = Sequence { data: self.run.tape, offset, stride: sizes.tape_width, width };
            add_wide(panels, columns, h, len - 1, from, &mut out[begin..], stride, lower);
        }
    }

    /// What units read of their own: peepholes, and the reset gate's product where it comes after.
    fn add_own_sums(&self, it: &Packed, blocks: Range<usize>, out: &mut [f64], stride: usize) {
        let n = it.sizes.n_lanes;
        if it.own.is_empty() || matches!(it.cell.kind, CellKind::Gru { .. }) && !it.is_reset_after() {
            return;
        }
        for t in 0..self.run.len {
            let at = self.at(it, it.sizes.direction.hour(t, self.run.len));
            let hour = &mut out[t * stride..];
            let mut add = |block: usize, a: &[f32], b: &[f32]| {
                if blocks.contains(&block) {
                    let to = hour[(block - blocks.start) * n..][..n].iter_mut();
                    to.zip(a.iter().zip(b)).for_each(|(z, (a, b))| *z += f64::from(*a) * f64::from(*b));
                }
            };
            if it.is_reset_after() {
                add(2, at.value(1).as_flattened(), at.reset().as_flattened());
            } else {
                add(0, &it.own[..n], at.c.as_flattened());
                add(1, &it.own[n..2 * n], at.c.as_flattened());
                add(3, &it.own[2 * n..], at.cell_state().as_flattened());
            }
        }
    }
}

/// The candidate's block of an LSTM and of a GRU.
const CANDIDATE: usize = 2;

/// States that hold less than this hold nothing. What goes back over thousands of hours dwindles by a constant factor an
/// hour, and ends in numbers so small that processors take tens of times as long for each. Results are in single
/// precision, whose smallest number is 1e-45: between lies room for four layers of the largest factors there are.
const NOTHING: f64 = 1e-200;

/// [`Panels::add_rows`] of recorded numbers, in double precision. Long rows are made double once and not for every
/// column; `lower` is used for them. Short ones are not worth the copy.
#[expect(clippy::too_many_arguments, reason = "a product of two parts of matrices, and where it goes")]
fn add_wide(
    panels: &Panels,
    columns: Range<usize>,
    rows: Sequence<'_, f32>,
    len: usize,
    from: Option<&[f32]>,
    out: &mut [f64],
    stride: usize,
    lower: &mut Vec<f64>,
) {
    if rows.width < FEW_COLUMNS {
        return panels.add_rows::<f32, f64, 4>(0, columns, rows, len, from, out, stride);
    }
    lower.clear();
    (0..len).for_each(|t| lower.extend(rows.row(t).iter().map(|value| f64::from(*value))));
    panels.add_rows::<f64, f64, 4>(0, columns, Sequence::dense(lower, rows.width), len, from, out, stride);
}

/// Adds what enters a step's units; the lanes that are left stay.
#[inline(always)]
fn add_seed(to: &mut [f64], seed: &[f64]) {
    let (whole, rest) = seed.as_chunks::<4>();
    let to = lanes_mut(to);
    to.iter_mut().zip(whole).for_each(|(to, seed)| *to = plus(*to, *seed));
    if let Some(to) = to.get_mut(whole.len()) {
        to.iter_mut().zip(rest).for_each(|(to, seed)| *to += seed);
    }
}

/// Cuts the first `len` off.
fn first_of<'a, T>(from: &mut &'a [T], len: usize) -> &'a [T] {
    let (first, rest) = from.split_at(len);
    *from = rest;
    first
}

/// A direction on its way back.
pub(super) struct Descent<'a> {
    /// The direction's weights.
    it: &'a Packed,
    /// The run that is explained.
    replayed: ReadRun<'a>,
    /// The layer whose inputs may receive what they do of several runs together, see [`Descent::join`].
    pub(super) joins: Option<*const Layer>,
    /// The reference and the sums of both runs, for multipliers.
    against: Option<(ReadRun<'a>, [&'a [f64]; 2])>,
    /// What enters at Y, a row an hour.
    y: Option<Sequence<'a, f64>>,
    /// The blocks that anything reaches: of a cell with gates the candidate alone, by the paper's rule.
    blocks: Range<usize>,
    /// An hour's sums, then scales or slopes.
    z: &'a mut [f64],
    /// Numbers of an hour of `z`.
    hour_len: usize,
    /// What every input of an hour receives besides.
    even: &'a mut [f64],
    /// From the first to the last hour at which the states held anything; begins behind its end.
    reached: Range<usize>,
    /// What the hidden state holds at the step that is next, `[n_lanes]`.
    h: &'a mut [f64],
    /// And the cell state.
    c: &'a mut [f64],
    /// What went to the stabiliser and the biases so far.
    shares: LaneShares,
}

impl<'a> Descent<'a> {
    /// The blocks that are reached. Where gates receive nothing their sums are not needed: of four products one is
    /// left, which is most of what the paper's rule saves.
    fn blocks(it: &Packed, way: Way<'_>) -> Range<usize> {
        let all = 0..it.cell.kind.n_blocks();
        match (way, &it.cell.kind) {
            (Way::Signal(_), CellKind::Lstm { .. } | CellKind::Gru { .. }) => CANDIDATE..CANDIDATE + 1,
            _ => all,
        }
    }

    /// Numbers that an hour of `z` has.
    fn hour_len(it: &Packed, way: Way<'_>) -> usize {
        let of_u = !matches!(way, Way::Slopes) && it.is_reset_after();
        (Self::blocks(it, way).len() + usize::from(of_u)) * it.sizes.n_lanes
    }

    /// Numbers that a descent over `len` hours needs.
    pub(super) fn room(it: &Packed, way: Way<'_>, len: usize) -> usize {
        len * (Self::hour_len(it, way) + 1) + 2 * it.sizes.n_lanes
    }

    /// Begins with what enters from above. `room` is zeros, of the length that [`Descent::room`] says.
    pub(super) fn begin(
        it: &'a Packed,
        replayed: ReadRun<'a>,
        seed: &Seed<'a>,
        way: Way<'_>,
        room: &'a mut [f64],
        lower: &mut Vec<f64>,
    ) -> Self {
        let (len, hour_len) = (replayed.run.len, Self::hour_len(it, way));
        let (z, room) = room.split_at_mut(len * hour_len);
        let (even, room) = room.split_at_mut(len);
        let (h, c) = room.split_at_mut(it.sizes.n_lanes);
        for (state, seed) in [(&mut *h, seed.h), (&mut *c, seed.c)] {
            state.iter_mut().zip(seed.unwrap_or_default()).for_each(|(state, seed)| *state = *seed);
        }
        let blocks = Self::blocks(it, way);
        if !matches!(way, Way::Slopes) {
            replayed.sums(it, blocks.clone(), z, hour_len, lower);
        }
        let shares = LaneShares::default();
        let (joins, against, reached) = (None, None, len..0);
        Self { it, replayed, joins, against, y: seed.y, blocks, z, hour_len, even, reached, h, c, shares }
    }

    /// Goes back beside a reference's run. `sums` are of both runs, `[n_blocks * n_lanes]` an hour.
    pub(super) fn beside(self, reference: ReadRun<'a>, sums: [&'a [f64]; 2]) -> Self {
        Self { against: Some((reference, sums)), ..self }
    }

    /// The sums of all blocks of a run.
    pub(super) fn all_sums(it: &Packed, replayed: ReadRun<'_>, lower: &mut Vec<f64>) -> Vec<f64> {
        let (all, n) = (0..it.cell.kind.n_blocks(), it.sizes.n_lanes);
        let stride = all.len() * n;
        // A place for what is summed behind the last block.
        let mut sums = vec![0.0; (replayed.run.len * (stride + n)).max(1)];
        replayed.sums(it, all, &mut sums, stride + n, lower);
        sums
    }

    /// Steps of the sequence.
    pub(super) const fn len(&self) -> usize {
        self.replayed.run.len
    }

    /// Bytes of the weights that a step reads.
    pub(super) const fn step_bytes(&self) -> usize {
        self.it.step_bytes()
    }

    /// Whether another goes back by the same weights over as many hours, so that both can take their steps together.
    pub(super) fn is_abreast_of(&self, other: &Self) -> bool {
        self.is_of_one_with(other) && self.len() == other.len()
    }

    /// Whether another goes back by the same weights.
    pub(super) fn is_of_one_with(&self, other: &Self) -> bool {
        std::ptr::eq(self.it, other.it)
    }

    /// Whether another, which follows it, is of another run of the same layer, and may [`Descent::join`] it.
    pub(super) fn is_joined_by(&self, other: &Self) -> bool {
        self.joins.is_some() && self.joins == other.joins && self.is_abreast_of(other)
    }

    /// Goes back over step `k` of descents that are abreast. `spare` is of at least twice the lanes of each, and four times
    /// those of one.
    #[inline]
    pub(super) fn step<const R: usize>(descents: &mut [Self; R], k: usize, way: Way<'_>, spare: &mut [f64]) {
        let Some(Self { it, replayed, against, .. }) = descents.first() else { return };
        let (it, is_beside, t) = (*it, against.is_some(), it.sizes.direction.hour(k, replayed.run.len));
        for descent in &mut *descents {
            if let Some(y) = &descent.y {
                add_seed(descent.h, y.row(t));
            }
        }
        // Each is asked, also behind one that holds something: together they are what each would be alone.
        if descents.each_mut().map(|descent| descent.passes_over(t)) == [true; R] {
            return;
        }
        match way {
            Way::Signal(rule) => descents.iter_mut().for_each(|descent| descent.relevance(rule, k, t, spare)),
            Way::Relevance(rule) => descents.iter_mut().for_each(|descent| descent.relevance(rule, k, t, spare)),
            Way::Slopes if it.is_usual => Self::slopes_by(descents, it, Usual, is_beside, k, t, spare),
            Way::Slopes => Self::slopes_by(descents, it, OwnFunctions::of(&it.cell), is_beside, k, t, spare),
        }
    }

    /// Passes over hour `t` where nothing is left for it to hand down, and says whether it did.
    #[inline(always)]
    fn passes_over(&mut self, t: usize) -> bool {
        let is_nothing = self.h.iter().chain(&*self.c).all(|held| held.abs() < NOTHING);
        if is_nothing {
            self.h.fill(0.0);
            self.c.fill(0.0);
            self.z[t * self.hour_len..][..self.hour_len].fill(0.0);
        } else {
            self.reached = self.reached.start.min(t)..self.reached.end.max(t + 1);
        }
        is_nothing
    }

    /// One step back by a rule, at hour `t`. Cells of up to four units have code of their own, in which the number of
    /// fours is a constant and the loops over it are gone.
    #[inline(always)]
    fn relevance<R: Division>(&mut self, rule: R, k: usize, t: usize, spare: &mut [f64]) {
        let (it, at) = (self.it, self.replayed.at(self.it, k));
        let n = at.n();
        // As arguments of a function these slices are known not to overlap; as fields of this structure their loops
        // stay scalar (docs/performance.md, "Loops that vectorise").
        let (z, spare) = (lanes_mut(&mut self.z[t * self.hour_len..][..self.hour_len]), lanes_mut(spare));
        let (h, c, shares) = (lanes_mut(self.h), lanes_mut(self.c), &mut self.shares);
        self.even[t] = match it.cell.kind {
            CellKind::Lstm { .. } if n == 1 => lstm::relevance::<R, 1>(it, rule, at, h, c, z, spare, shares),
            CellKind::Lstm { .. } => lstm::relevance::<R, 0>(it, rule, at, h, c, z, spare, shares),
            CellKind::Gru { .. } => gru::relevance(it, rule, at, h, z, &mut spare[..4 * n], shares),
            CellKind::Rnn => rnn::relevance(it, rule, at, h, z, shares),
        };
    }

    /// One step back by derivatives, or by multipliers beside a reference, with the functions `f`.
    #[inline(always)]
    fn slopes_by<A: Functions, const R: usize>(
        descents: &mut [Self; R],
        it: &'a Packed,
        functions: A,
        is_beside: bool,
        k: usize,
        t: usize,
        spare: &mut [f64],
    ) {
        if !is_beside {
            let of_run = |descent: &Self| OfRun { at: descent.replayed.at(it, k), functions };
            return Self::slopes(descents, it, of_run, t, spare);
        }
        let width = (it.cell.kind.n_blocks() + 1) * it.sizes.n_lanes;
        let of_two_runs = |descent: &Self| {
            let (reference, sums) = descent.against.unwrap_or((descent.replayed, [&[]; 2]));
            let sums = sums.map(|sums| lanes(&sums[t * width..][..width]));
            OfTwoRuns { at: [descent.replayed, reference].map(|run| run.at(it, k)), sums, functions }
        };
        Self::slopes(descents, it, of_two_runs, t, spare);
    }

    /// One step back, at hour `t`: each goes through its units by itself, and what the hidden states receive is one product
    /// for all.
    #[inline(always)]
    fn slopes<S: Slopes, const R: usize>(
        descents: &mut [Self; R],
        it: &Packed,
        of: impl Fn(&Self) -> S,
        t: usize,
        spare: &mut [f64],
    ) {
        let n = it.sizes.n_lanes / 4;
        match it.cell.kind {
            CellKind::Lstm { .. } => {
                for descent in &mut *descents {
                    let slopes = of(descent);
                    let (h, c, z) = descent.at(t);
                    if n == 1 {
                        lstm::slopes::<S, 1>(it, slopes, h, c, z);
                    } else {
                        lstm::slopes::<S, 0>(it, slopes, h, c, z);
                    }
                }
            }
            CellKind::Rnn => {
                for descent in &mut *descents {
                    let slopes = of(descent);
                    let (h, _, z) = descent.at(t);
                    rnn::slopes(slopes, h, z);
                }
            }
            CellKind::Gru { .. } => return Self::gru_slopes(descents, it, of, t, lanes_mut(spare)),
        }
        if R > 1 {
            let rows = descents.each_mut().map(|descent| descent.at(t)).map(|(h, _, z)| (&*z, h));
            return it.hand_to_hidden_each(0, rows);
        }
        // One is not worth an array of rows.
        for descent in descents {
            let (h, _, z) = descent.at(t);
            if n == 1 {
                it.hand_to_hidden::<1>(0, z, h);
            } else {
                it.hand_to_hidden::<0>(0, z, h);
            }
        }
    }

    /// One step back of a GRU, whose second product waits for its reset gate.
    #[inline(always)]
    fn gru_slopes<S: Slopes, const R: usize>(
        descents: &mut [Self; R],
        it: &Packed,
        of: impl Fn(&Self) -> S,
        t: usize,
        spare: &mut [WideLanes],
    ) {
        let n = it.sizes.n_lanes / 4;
        // What the products hand down, and what the second is of, one after the other for each.
        let (below, u) = spare[..2 * R * n].split_at_mut(R * n);
        for (descent, u) in descents.iter_mut().zip(u.chunks_exact_mut(n)) {
            let slopes = of(descent);
            let (h, _, z) = descent.at(t);
            gru::slopes(it, slopes, h, z, u);
        }
        let (mut to, mut from) = (&mut below[..], &u[..]);
        it.hand_to_hidden_each(gru::N, [(); R].map(|()| (first_of(&mut from, n), take_first(&mut to, n))));
        for (descent, below) in descents.iter_mut().zip(below.chunks_exact(n)) {
            let slopes = of(descent);
            let (h, _, z) = descent.at(t);
            gru::slopes_of_reset(it, slopes, h, z, below);
        }
        let mut to = &mut below[..];
        let rows = descents.each_mut().map(|descent| (&descent.at(t).2[..2 * n], take_first(&mut to, n)));
        it.hand_to_hidden_each(gru::Z, rows);
        for (descent, below) in descents.iter_mut().zip(below.chunks_exact(n)) {
            descent.at(t).0.iter_mut().zip(below).for_each(|(h, below)| *h = plus(*h, *below));
        }
    }

    /// What the hidden and the cell state hold, and what the sums of the blocks of hour `t` receive.
    #[inline(always)]
    fn at(&mut self, t: usize) -> (&mut [WideLanes], &mut [WideLanes], &mut [WideLanes]) {
        (lanes_mut(self.h), lanes_mut(self.c), lanes_mut(&mut self.z[t * self.hour_len..][..self.hour_len]))
    }

    /// Takes over what the inputs are to receive of another run by the same weights, over the same hours.
    pub(super) fn join(&mut self, other: &Self) {
        self.z.iter_mut().zip(&*other.z).for_each(|(z, other)| *z += other);
        self.reached = self.reached.start.min(other.reached.start)..self.reached.end.max(other.reached.end);
    }

    /// What the inputs of every hour receive, added to `to`, where hour `t` begins at `begin(t)`. `below` is used for
    /// what the weights make of it.
    ///
    /// ```text
    /// relevance    R_x = x * (w scale) + even        derivatives    d_x = w d_z
    /// ```
    ///
    /// The states were handed down hour by hour; the inputs of all hours are one product of matrices, after the walk.
    #[inline(never)]
    pub(super) fn hand_to_inputs(
        &self,
        way: Way<'_>,
        below: &mut Vec<f64>,
        to: &mut [f64],
        begin: impl Fn(usize) -> usize,
    ) {
        let (it, Range { start: first, end }) = (self.it, self.reached.clone());
        let (e, n, len) = (it.sizes.n_inputs, it.sizes.n_lanes, end.saturating_sub(first));
        // One product for all hours, after the walk: only the hidden state has to be handed from hour to hour.
        let back = &it.back()[0];
        let stride = back.n_columns();
        below.clear();
        below.resize(len * stride, 0.0);
        let width = self.blocks.len() * n;
        let z = Sequence { data: &*self.z, offset: first * self.hour_len, stride: self.hour_len, width };
        back.add_rows::<f64, f64, 4>(self.blocks.start * n, 0..stride, z, len, None, below, stride);
        for t in first..end {
            let (row, to) = (&below[(t - first) * stride..][..e], &mut to[begin(t)..][..e]);
            match way {
                Way::Signal(_) | Way::Relevance(_) => {
                    let (x, even) = (self.replayed.run.x.row(t), self.even[t]);
                    to.iter_mut().zip(row).zip(x).for_each(|((to, sum), x)| *to += f64::from(*x) * sum + even);
                }
                Way::Slopes => to.iter_mut().zip(row).for_each(|(to, d)| *to += d),
            }
        }
    }

    /// What is left at the beginning of the sequence.
    pub(super) fn shares(&self, way: Way<'_>) -> Shares<'_> {
        let kept = match way {
            Way::Signal(rule) => rule.kept(&self.shares),
            Way::Relevance(rule) => rule.kept(&self.shares),
            Way::Slopes => Kept::default(),
        };
        let sizes = self.it.sizes;
        Shares { h0: &self.h[..sizes.n_hidden], c0: &self.c[..sizes.n_cell], kept }
    }
}
