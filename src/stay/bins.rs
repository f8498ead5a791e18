//! Readings at hours -> steps -> cells -> the model's input. Knows channels by their index only.

use super::manifest::{Channel, Encoding, Imputation, Manifest};
use super::{Origin, StayCell};
use crate::engine::number::real;

/// The benchmark moves every time this far down before it cuts, so that a step includes its end and not its start.
const EDGE: f64 = 1e-6;

/// Where a time falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePlace {
    /// Before the first step.
    Before,
    /// In this step.
    Step(usize),
    /// After the last step.
    After,
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// In clinical units; for a one-hot channel the category's ordinal.
    pub(super) value: f64,
    /// Index into the channel's categories, for a one-hot channel.
    pub(super) category: Option<usize>,
    /// The record's line that it came from.
    pub(super) line: u64,
}

/// The last reading of every channel in every step.
#[derive(Debug)]
pub(super) struct Bins<'a> {
    manifest: &'a Manifest,
    /// `[n_channels * n_steps]`, a channel's steps contiguous.
    readings: Vec<Option<Reading>>,
}

impl<'a> Bins<'a> {
    pub(super) fn new(manifest: &'a Manifest) -> Self {
        Self { manifest, readings: vec![None; manifest.channels.len() * manifest.steps] }
    }

    /// The step of a time in hours since admission:
    ///
    /// `step = trunc(hours / step_hours - 1e-6)`
    ///
    /// Step k holds (k, k + 1] in units of `step_hours`; 0 belongs to step 0, and so do, by the cut towards zero, times
    /// less than one step before 0. `hours` is finite.
    pub(super) fn place(&self, hours: f64) -> TimePlace {
        let Manifest { steps, step_hours, .. } = self.manifest;
        let step = (hours / step_hours - EDGE).trunc();
        if step < 0.0 {
            TimePlace::Before
        } else if hours > real(*steps) * step_hours + EDGE || step >= real(*steps) {
            TimePlace::After
        } else {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0..steps")]
            TimePlace::Step(step as usize)
        }
    }

    /// Records a reading; a later one takes the place of an earlier one in the same step. What is counted from the record is
    /// none of its variables.
    pub(super) fn put(&mut self, channel: usize, step: usize, reading: Reading) {
        if self.manifest.channels[channel].gap.is_some() {
            return;
        }
        self.readings[channel * self.manifest.steps + step] = Some(reading);
    }

    /// The reading that stands in a step.
    pub(super) fn get(&self, channel: usize, step: usize) -> Option<Reading> {
        self.readings[channel * self.manifest.steps + step]
    }

    /// Number of steps in which each channel was observed, `[n_channels]`.
    pub(super) fn observed(&self) -> Vec<usize> {
        let rows = self.readings.chunks_exact(self.manifest.steps);
        rows.map(|row| row.iter().flatten().count()).collect()
    }

    /// Fills every step: the step's own reading, else what the channel's imputation says.
    /// `[n_channels * n_steps]`, a channel's steps contiguous.
    pub(super) fn cells(&self) -> Vec<StayCell> {
        let rows = self.readings.chunks_exact(self.manifest.steps);
        let filled = rows.zip(&self.manifest.channels).flat_map(|(row, channel)| impute(row.iter().copied(), channel));
        let mut cells: Vec<StayCell> = filled.collect();
        count_gap(self.manifest, &mut cells);
        cells
    }
}

/// Counts the hours since anything was observed anew, `[n_channels * n_steps]`, where a channel holds them. Returns its
/// index.
pub(super) fn count_gap(manifest: &Manifest, cells: &mut [StayCell]) -> Option<usize> {
    let (index, gap) = manifest.gap()?;
    let n_steps = manifest.steps;
    let observed = |step: usize| cells[step..].iter().step_by(n_steps).any(|cell| cell.origin == Origin::Observed);
    let hours: Vec<f64> = gap.hours((0..n_steps).map(observed), manifest.step_hours).collect();
    for (cell, value) in cells[index * n_steps..][..n_steps].iter_mut().zip(hours) {
        *cell = StayCell { value, category: None, origin: Origin::Normal };
    }
    Some(index)
}

/// One channel's cells from its readings, one a step.
pub(super) fn impute(row: impl Iterator<Item = Option<Reading>>, channel: &Channel) -> impl Iterator<Item = StayCell> {
    let normal = normal(channel);
    let imputation = channel.imputed();
    row.scan(normal, move |last, reading| {
        *last = match (reading, imputation) {
            (Some(Reading { value, category, .. }), _) => StayCell { value, category, origin: Origin::Observed },
            (None, Imputation::Previous) => StayCell { origin: one_step_later(last.origin), ..*last },
            (None, Imputation::Normal) => normal,
        };
        Some(*last)
    })
}

const fn one_step_later(origin: Origin) -> Origin {
    match origin {
        Origin::Observed => Origin::CarriedForward { age: 1 },
        Origin::CarriedForward { age } => Origin::CarriedForward { age: age + 1 },
        Origin::Normal => Origin::Normal,
    }
}

/// What stands where nothing has been observed yet.
fn normal(channel: &Channel) -> StayCell {
    match &channel.encoding {
        Encoding::Continuous { normal, .. } => StayCell { value: *normal, category: None, origin: Origin::Normal },
        Encoding::OneHot { categories, ordinals, normal } => {
            let category = categories.iter().position(|category| category == normal);
            let value = category.and_then(|index| ordinals.get(index)).copied().unwrap_or(f64::NAN);
            StayCell { value, category, origin: Origin::Normal }
        }
    }
}

/// The model's input `[n_steps * n_columns]` from the cells `[n_channels * n_steps]`:
///
/// - continuous: `input[step, column] = (value - mean) / std`, in f64, rounded once
/// - one-hot: `input[step, columns[category]] = 1`, the channel's other columns 0
/// - mask: `input[step, mask] = 1` where the cell was observed, of a static channel from there on, else 0
/// - delta: `input[step, delta] = (hours - mean) / std`, as [`super::manifest::Delta`] counts them
pub(super) fn encode(manifest: &Manifest, cells: &[StayCell]) -> Vec<f32> {
    let mut input = vec![0.0; manifest.steps * manifest.columns];
    for (channel, row) in manifest.channels.iter().zip(cells.chunks_exact(manifest.steps)) {
        encode_row(manifest, channel, row, &mut input);
    }
    input
}

/// Writes one channel's columns, its mask and its delta into the input; its cells are `[n_steps]`.
pub(super) fn encode_row(manifest: &Manifest, channel: &Channel, row: &[StayCell], input: &mut [f32]) {
    for (cell, columns) in row.iter().zip(input.chunks_exact_mut(manifest.columns)) {
        match &channel.encoding {
            Encoding::Continuous { .. } => columns[channel.columns[0]] = channel.encoding.scaled(cell.value),
            Encoding::OneHot { .. } => {
                for (category, &column) in channel.columns.iter().enumerate() {
                    columns[column] = f32::from(u8::from(cell.category == Some(category)));
                }
            }
        }
        if let Some(mask) = channel.mask {
            let is_on = cell.origin == Origin::Observed || channel.is_static && cell.origin != Origin::Normal;
            columns[mask] = f32::from(u8::from(is_on));
        }
    }
    if let Some(delta) = &channel.delta {
        let observed = row.iter().map(|cell| cell.origin == Origin::Observed);
        for (value, columns) in
            delta.column(observed, manifest.step_hours).zip(input.chunks_exact_mut(manifest.columns))
        {
            columns[delta.column] = value;
        }
    }
}

impl Encoding {
    /// The column value of a clinical value, `(value - mean) / std`; of a one-hot channel the value itself.
    #[expect(clippy::cast_possible_truncation, reason = "the one rounding to the model's f32")]
    fn scaled(&self, value: f64) -> f32 {
        match self {
            Self::Continuous { mean, std, .. } => ((value - mean) / std) as f32,
            Self::OneHot { .. } => value as f32,
        }
    }

    /// Whether a clinical value still is a finite number once scaled.
    pub(super) fn fits(&self, value: f64) -> bool {
        self.scaled(value).is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_place(step_hours: f64, steps: usize, hours: f64, expected: TimePlace) {
        let mut manifest = Manifest::built_in(steps, 1, 1).unwrap();
        manifest.step_hours = step_hours;
        assert_eq!(Bins::new(&manifest).place(hours), expected, "{hours} h in {steps} steps of {step_hours} h");
    }

    #[test]
    fn a_step_includes_its_end() {
        check_place(1.0, 48, 0.0, TimePlace::Step(0));
        check_place(1.0, 48, 0.5, TimePlace::Step(0));
        check_place(1.0, 48, 1.0, TimePlace::Step(0));
        check_place(1.0, 48, 1.000_000_5, TimePlace::Step(0));
        check_place(1.0, 48, 1.000_002, TimePlace::Step(1));
        check_place(1.0, 48, 47.0, TimePlace::Step(46));
        check_place(1.0, 48, 47.000_002, TimePlace::Step(47));
        check_place(1.0, 48, 48.0, TimePlace::Step(47));
    }

    #[test]
    fn the_end_of_the_last_step() {
        check_place(1.0, 48, 48.000_000_5, TimePlace::Step(47));
        check_place(1.0, 48, 48.000_001, TimePlace::After);
        check_place(1.0, 48, 48.000_001_5, TimePlace::After);
        check_place(1.0, 48, 48.1, TimePlace::After);
        check_place(1.0, 48, 1e300, TimePlace::After);
    }

    #[test]
    fn times_before_zero_are_cut_towards_zero() {
        check_place(1.0, 48, -0.0, TimePlace::Step(0));
        check_place(1.0, 48, -0.5, TimePlace::Step(0));
        check_place(1.0, 48, -0.999_998, TimePlace::Step(0));
        check_place(1.0, 48, -0.999_999, TimePlace::Before);
        check_place(1.0, 48, -1.0, TimePlace::Before);
        check_place(1.0, 48, -1e300, TimePlace::Before);
    }

    #[test]
    fn other_step_lengths() {
        check_place(0.5, 96, 0.5, TimePlace::Step(0));
        check_place(0.5, 96, 0.51, TimePlace::Step(1));
        check_place(0.5, 96, 48.0, TimePlace::Step(95));
        check_place(0.5, 96, -0.51, TimePlace::Before);
        check_place(2.0, 24, 2.0, TimePlace::Step(0));
        check_place(2.0, 24, 47.9, TimePlace::Step(23));
        check_place(2.0, 24, 48.000_000_5, TimePlace::Step(23));
        // Step 23 by the cut alone, but more than 1e-6 hours past the end.
        check_place(2.0, 24, 48.000_001_5, TimePlace::After);
        check_place(2.0, 24, 48.1, TimePlace::After);
        check_place(0.8, 60, 48.0, TimePlace::Step(59));
    }

    #[test]
    fn the_last_reading_is_carried_forward_and_ages() {
        let channel = Manifest::built_in(48, 76, 1).unwrap().channels.into_iter().find(|one| one.name == "pH").unwrap();
        let reading = |value| Some(Reading { value, category: None, line: 2 });
        let readings = [None, reading(7.1), None, None, reading(7.2), None];
        let cells: Vec<StayCell> = impute(readings.into_iter(), &channel).collect();
        let values: Vec<f64> = cells.iter().map(|cell| cell.value).collect();
        assert_eq!(values, [7.4, 7.1, 7.1, 7.1, 7.2, 7.2]);
        let origins: Vec<Origin> = cells.iter().map(|cell| cell.origin).collect();
        let carried = |age| Origin::CarriedForward { age };
        assert_eq!(origins, [Origin::Normal, Origin::Observed, carried(1), carried(2), Origin::Observed, carried(1)]);
    }

    #[test]
    fn the_normal_value_stands_in_every_gap_where_the_manifest_says_so() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let ph = manifest.channels.iter().find(|channel| channel.name == "pH").unwrap();
        let ph = Channel { imputation: Imputation::Normal, ..ph.clone() };
        let reading = |value| Some(Reading { value, category: None, line: 2 });
        let cells: Vec<StayCell> = impute([reading(7.1), None, reading(7.2), None].into_iter(), &ph).collect();
        assert_eq!(cells.iter().map(|cell| cell.value).collect::<Vec<_>>(), [7.1, 7.4, 7.2, 7.4]);
        assert_eq!((cells[1].origin, cells[2].origin), (Origin::Normal, Origin::Observed));
    }

    #[test]
    fn values_are_scaled_and_masks_follow_the_origin() {
        let manifest = Manifest::from_json(
            r#"{ "format": "vitrine-manifest/1", "name": "tiny", "steps": 2, "step_hours": 1, "columns": 5,
                "outcomes": [{ "name": "death", "threshold": 0.5 }],
                "channels": [
                    { "name": "eye", "label": "eye", "columns": [3, 1], "mask": 0,
                      "encoding": { "kind": "one-hot", "categories": ["a", "b"], "ordinals": [1, 2], "normal": "b" } },
                    { "name": "pH", "label": "pH", "columns": [2], "mask": 4,
                      "encoding": { "kind": "continuous", "mean": 7.0, "std": 0.5, "normal": 7.5 } }] }"#,
        )
        .unwrap();
        let mut bins = Bins::new(&manifest);
        bins.put(0, 0, Reading { value: 1.0, category: Some(0), line: 2 });
        bins.put(1, 1, Reading { value: 6.0, category: None, line: 3 });
        assert_eq!(bins.observed(), [1, 1]);
        #[rustfmt::skip]
        assert_eq!(encode(&manifest, &bins.cells()), [
            1.0, 0.0,  1.0, 1.0, 0.0, // eye "a" observed, pH normal
            0.0, 0.0, -2.0, 1.0, 1.0, // eye carried forward, pH 6.0
        ]);
    }
}
