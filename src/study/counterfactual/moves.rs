//! Changes that a clinician can picture: what belongs together over a run of hours, held as it was or nearer to normal.

use std::ops::Range;

use super::course::{Course, Wanted};
use super::reach::Reach;
use crate::Result;
use crate::engine::order::sort_by;
use crate::stay::manifest::Manifest;
use crate::stay::tie::Ties;
use crate::stay::{Edit, Origin, Stay};

/// How a bundle's readings are changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// From the step after `at` on they stay as they were at `at`.
    Held {
        /// The step.
        at: usize,
    },
    /// In `steps` they go so many eighths of the way to normal, as far and as fast as the limits allow.
    Normal {
        /// The run of hours.
        steps: Range<usize>,
        /// 1 to 8.
        eighths: u8,
    },
}

/// One bundle changed in one way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Move {
    pub(super) bundle: usize,
    pub(super) way: Way,
    /// One a row that changes. Only what was measured changes, and when it was measured stays.
    pub(super) edits: Vec<Edit>,
}

/// Rows that move together, and how far.
#[derive(Debug)]
pub(super) struct Scope {
    /// The rows of each bundle that may change; totals after their parts.
    bundles: Vec<Vec<usize>>,
    ties: Ties,
    /// One a row.
    pub(super) reach: Vec<Reach>,
}

/// Steps are cut into so many parts, between which runs of hours begin and end.
const N_PARTS: usize = 8;

/// From so many of its readings on a bundle is held at most.
const N_HELD: usize = 12;

/// All of the way to normal.
pub(super) const WHOLE: u8 = 8;

impl Scope {
    pub(super) fn of(manifest: &Manifest, stay: &Stay, fixed: &[usize]) -> Result<Self> {
        let ties = manifest.ties()?;
        let n_rows = manifest.channels.len();
        let mut bundles = ties.bundles(n_rows);
        for rows in &mut bundles {
            rows.retain(|row| !fixed.contains(row));
            sort_by(rows, |a, b| ties.parts(*b).is_empty().cmp(&ties.parts(*a).is_empty()));
        }
        bundles.retain(|rows| !rows.is_empty());
        Ok(Self { bundles, ties, reach: (0..n_rows).map(|row| Reach::of(manifest, stay, row)).collect() })
    }

    pub(super) const fn n_bundles(&self) -> usize {
        self.bundles.len()
    }

    /// A few ways to change each bundle, by which the others are chosen.
    pub(super) fn coarse(&self, manifest: &Manifest, stay: &Stay) -> Vec<Move> {
        let n = manifest.steps;
        let whole = |steps| Way::Normal { steps, eighths: WHOLE };
        self.moves(manifest, stay, 0..self.n_bundles(), |bundle| {
            let held = self.known(manifest, stay, bundle, 2).into_iter().map(|at| Way::Held { at });
            [whole(0..n), whole(n / 2..n), whole(n - n.div_ceil(N_PARTS)..n)].into_iter().chain(held).collect()
        })
    }

    /// Every way to change some bundles.
    pub(super) fn fine(&self, manifest: &Manifest, stay: &Stay, bundles: &[usize]) -> Vec<Move> {
        let ends: Vec<usize> = (0..=N_PARTS).map(|part| part * manifest.steps / N_PARTS).collect();
        let starts = ends.iter().enumerate();
        let runs: Vec<_> = starts.flat_map(|(at, start)| ends[at + 1..].iter().map(move |end| *start..*end)).collect();
        self.moves(manifest, stay, bundles.iter().copied(), |bundle| {
            let held = self.known(manifest, stay, bundle, N_HELD).into_iter().map(|at| Way::Held { at });
            runs.iter().cloned().map(|steps| Way::Normal { steps, eighths: WHOLE }).chain(held).collect()
        })
    }

    /// The same change, not so far.
    pub(super) fn softer(&self, manifest: &Manifest, stay: &Stay, one: &Move) -> Vec<Move> {
        let Way::Normal { steps, .. } = &one.way else { return Vec::new() };
        let ways = (1..WHOLE).map(|eighths| Way::Normal { steps: steps.clone(), eighths }).collect();
        let softer = self.moves(manifest, stay, std::iter::once(one.bundle), |_| Vec::clone(&ways));
        softer.into_iter().filter(|it| it.edits != one.edits).collect()
    }

    /// Steps in which a bundle was measured, the last one left out, as evenly chosen as `n` allows.
    fn known(&self, manifest: &Manifest, stay: &Stay, bundle: usize, n: usize) -> Vec<usize> {
        let is_observed = |row: &usize, step: usize| stay.cells[row * manifest.steps + step].origin == Origin::Observed;
        let any = |step: &usize| self.bundles[bundle].iter().any(|row| is_observed(row, *step));
        let mut steps: Vec<usize> = (0..manifest.steps).filter(any).collect();
        steps.pop();
        let n_chosen = n.min(steps.len());
        (0..n_chosen).map(|at| steps[at * steps.len() / n_chosen]).collect()
    }

    /// The moves of some bundles, without those that are out of reach, change nothing, or change the same as another.
    fn moves(
        &self,
        manifest: &Manifest,
        stay: &Stay,
        bundles: impl Iterator<Item = usize>,
        ways: impl Fn(usize) -> Vec<Way>,
    ) -> Vec<Move> {
        let mut moves: Vec<Move> = Vec::new();
        for bundle in bundles {
            let first = moves.len();
            for way in ways(bundle) {
                let Some(edits) = self.edits(manifest, stay, bundle, &way) else { continue };
                if !moves[first..].iter().any(|other| other.edits == edits) {
                    moves.push(Move { bundle, way, edits });
                }
            }
        }
        moves
    }

    /// A bundle's edits, if all of them are within reach and what belongs together still fits.
    fn edits(&self, manifest: &Manifest, stay: &Stay, bundle: usize, way: &Way) -> Option<Vec<Edit>> {
        let mut after = stay.clone();
        let mut edits = Vec::new();
        for row in &self.bundles[bundle] {
            let course = Course::of(manifest, stay, *row, &self.reach[*row]);
            let cell = |step: usize| stay.cells[row * manifest.steps + step];
            let by_way = |step: usize, value: f64| match way {
                Way::Held { at } if step > *at && cell(*at).origin != Origin::Normal => {
                    Wanted::Exactly(cell(*at).value)
                }
                Way::Normal { steps, eighths } if steps.contains(&step) => {
                    let share = f64::from(*eighths) / f64::from(WHOLE);
                    Wanted::Near(self.reach[*row].toward_normal(value, share))
                }
                _ => Wanted::AsItIs,
            };
            let edit = course.edit(|step, value| {
                let before = self.ties.sum(manifest, stay, *row, step).filter(|sum| *sum == value);
                let sum = before.and_then(|_| self.ties.sum(manifest, &after, *row, step));
                sum.map_or_else(|| by_way(step, value), Wanted::Exactly)
            })?;
            if !edit.readings.is_empty() {
                after.edit(manifest, &edit).ok()?;
                edits.push(edit);
            }
        }
        (!edits.is_empty() && self.ties.are_kept(manifest, stay, &after)).then_some(edits)
    }
}
