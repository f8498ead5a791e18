//! What a record would have been without some of its measurements.

use std::ops::Range;

use super::bins::{Bins, encode};
use super::manifest::{Channel, Counts, Delta, Encoding, Imputation, Manifest};
use crate::engine::explain::players::Players;
use crate::engine::explain::random::Random;

/// How measurements are put together into groups that are taken away as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Each measurement on its own: a channel in a step in which it was observed.
    Measurement,
    /// All measurements of a channel.
    Channel,
    /// All measurements in a window of so many steps, at least 1.
    Window(usize),
    /// All measurements of a channel in a window of so many steps, at least 1.
    ChannelAndWindow(usize),
}

/// The measurements that are taken away as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The channel, unless they are of all channels.
    pub channel: Option<usize>,
    /// The steps in which they were observed, as far as the group reaches.
    pub steps: Range<usize>,
}

/// A model's input whose measurements can be taken away, group by group.
///
/// A measurement that is taken away leaves what a record without it would have had: the observation before it is
/// carried forward, or the channel's normal value stands, its mask is 0, and its delta counts on; hours that carried it
/// forward change with it. A channel without a mask counts as observed in every step; what is static is one measurement, of
/// the first step, and stands at the last one. Values that were never observed cannot be taken away.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    n_columns: usize,
    step_hours: f64,
    input: Vec<f32>,
    normal: Vec<f32>,
    rows: Vec<ChannelColumns>,
    gap: Option<SharedGap>,
    groups: Vec<Group>,
    /// The group of each measurement, `[n_channels * n_steps]`; `None` where nothing was observed.
    group_of: Vec<Option<usize>>,
    sites: Vec<Vec<usize>>,
    extents: Vec<Vec<usize>>,
}

/// The columns of a channel.
#[derive(Debug, Clone, PartialEq)]
struct ChannelColumns {
    columns: Vec<usize>,
    mask: Option<usize>,
    delta: Option<Delta>,
    imputation: Imputation,
    /// Whether it is counted from the record, as the length of a stay is, so that nothing of it was measured.
    is_counted: bool,
    /// Whether it was measured once for the whole stay, and is read at the last step.
    is_static: bool,
    /// The standard deviation of a measurement's error, in model units; nothing where the manifest states none.
    noise: Option<f64>,
}

/// The column of the time since anything was observed.
#[derive(Debug, Clone, PartialEq)]
struct SharedGap {
    /// How it is counted and scaled.
    delta: Delta,
    /// Whether anything was observed in each step, as the column of the input itself says; `[n_steps]`.
    observed: Vec<bool>,
}

impl SharedGap {
    /// What a manifest says of it, and which steps of an input were observed: those that the hours are counted from, in
    /// the step itself or in the one behind it.
    fn of(manifest: &Manifest, input: &[f32]) -> Option<Self> {
        let (index, gap) = manifest.gap()?;
        let channel = &manifest.channels[index];
        let Encoding::Continuous { mean, std, .. } = channel.encoding else { return None };
        let delta = Delta { column: channel.columns[0], counts: gap.counts, mean, std, most: gap.most };
        // What stands one step behind an observation, or at one.
        let is_observed = delta.counts == Counts::Age;
        let near = delta.column([true, is_observed].into_iter(), manifest.step_hours).nth(1)?;
        let is_near = |step: usize| {
            let at = input.get(step * manifest.columns + delta.column);
            at.is_some_and(|hours| (hours - near).abs() <= 1e-5 * near.abs().max(1.0))
        };
        let late = usize::from(delta.counts == Counts::Gap);
        Some(Self { delta, observed: (0..manifest.steps).map(|step| is_near(step + late)).collect() })
    }
}

impl ChannelColumns {
    fn of(channel: &Channel, manifest: &Manifest) -> Self {
        let noise = match channel.encoding {
            Encoding::Continuous { std, .. } => channel.noise.map(|noise| noise / std),
            Encoding::OneHot { .. } => None,
        };
        Self {
            columns: channel.columns.clone(),
            mask: channel.mask,
            delta: channel.delta,
            imputation: channel.imputed(),
            is_counted: channel.gap.is_some() || manifest.lengths.contains(&channel.columns[0]),
            is_static: channel.is_static,
            noise,
        }
    }
}

/// The same measurements, taken away towards a reference: everything that a measurement decides on, its mask with it,
/// becomes what stands there in the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Toward {
    removal: Removal,
    reference: Vec<f32>,
}

/// The input of a stay in which nothing was observed: every channel at its normal value, all masks 0.
/// `[n_steps * n_columns]`
#[must_use]
pub fn normal_input(manifest: &Manifest) -> Vec<f32> {
    encode(manifest, &Bins::new(manifest).cells())
}

/// The input of the same stay as it would have looked had nothing been observed from step `from` on: the last values
/// before it are carried forward.
#[must_use]
pub fn held_from(manifest: &Manifest, input: &[f32], from: usize) -> Vec<f32> {
    let removal = Removal::new(manifest, input, By::Window(1));
    let present: Vec<bool> = removal.groups.iter().map(|group| group.steps.start < from).collect();
    removal.input(&present)
}

impl Removal {
    /// `input` is `[n_steps * n_columns]` in model units. Groups without a measurement are left out.
    #[must_use]
    pub fn new(manifest: &Manifest, input: &[f32], by: By) -> Self {
        let mut removal = Self {
            n_columns: manifest.columns,
            step_hours: manifest.step_hours,
            input: input.to_vec(),
            normal: normal_input(manifest),
            rows: manifest.channels.iter().map(|channel| ChannelColumns::of(channel, manifest)).collect(),
            gap: SharedGap::of(manifest, input),
            groups: Vec::new(),
            group_of: Vec::new(),
            sites: Vec::new(),
            extents: Vec::new(),
        };
        removal.group(by);
        removal
    }

    /// The groups that can be taken away, one a player.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The same measurements, taken away towards a reference, which is an input of the same model.
    #[must_use]
    pub fn toward(self, reference: Vec<f32>) -> Toward {
        Toward { removal: self, reference }
    }

    fn n_steps(&self) -> usize {
        self.input.len() / self.n_columns
    }

    fn is_observed(&self, row: &ChannelColumns, step: usize) -> bool {
        let at = self.place(row, step) * self.n_columns;
        !row.is_counted && (step == 0 || !row.is_static) && row.mask.is_none_or(|mask| self.input[at + mask] >= 0.5)
    }

    /// The step at which the network reads what was measured in one.
    fn place(&self, row: &ChannelColumns, step: usize) -> usize {
        if row.is_static { self.n_steps() - 1 } else { step }
    }

    /// The group that has all measurements of a step.
    fn only_group_of(&self, step: usize) -> Option<usize> {
        let mut groups = self.groups_of(step);
        groups.next().filter(|first| groups.all(|other| other == *first))
    }

    /// The groups that have measurements of a step, of all channels that are measured step by step.
    fn groups_of(&self, step: usize) -> impl Iterator<Item = usize> {
        let each = self.group_of[step..].iter().step_by(self.n_steps()).zip(&self.rows);
        each.filter(|(_, row)| !row.is_static).filter_map(|(group, _)| *group)
    }

    fn group(&mut self, by: By) {
        let n_steps = self.n_steps();
        self.group_of = vec![None; self.rows.len() * n_steps];
        // By windows, groups are in order of time; else channel by channel.
        let mut found = std::collections::BTreeMap::new();
        for (channel, row) in self.rows.iter().enumerate() {
            for step in (0..n_steps).filter(|step| self.is_observed(row, *step)) {
                found.entry(key(by, channel, step)).or_insert_with(Vec::new).push((channel, step));
            }
        }
        for ((channel, window), measurements) in found {
            let steps = match by {
                By::Measurement => window..window + 1,
                By::Channel => 0..n_steps,
                By::Window(len) | By::ChannelAndWindow(len) => window * len..n_steps.min((window + 1) * len),
            };
            let (sites, extent) = self.reach(&measurements);
            measurements.iter().for_each(|(channel, step)| {
                self.group_of[channel * n_steps + step] = Some(self.groups.len());
            });
            self.groups.push(Group { channel, steps });
            self.sites.push(sites);
            self.extents.push(extent);
        }
        self.reach_gap();
    }

    /// A group that has everything that was observed in a step decides on the hours that are counted from it, too.
    fn reach_gap(&mut self) {
        let Some(SharedGap { delta, observed }) = &self.gap else { return };
        let n_steps = self.n_steps();
        let late = usize::from(delta.counts == Counts::Gap);
        for step in (0..n_steps).filter(|step| observed[*step]) {
            let Some(first) = self.only_group_of(step) else { continue };
            let next = (step + 1..n_steps).find(|next| observed[*next]).unwrap_or(n_steps);
            let steps = step + late..n_steps.min(next + late);
            self.extents[first].extend(steps.map(|step| step * self.n_columns + delta.column));
        }
    }

    /// The hours since anything was observed, of what is left.
    fn count_gap(&self, present: &[bool], input: &mut [f32]) {
        let Some(SharedGap { delta, observed }) = &self.gap else { return };
        let is_left = |step: usize| observed[step] && self.groups_of(step).any(|group| present[group]);
        let left = (0..self.n_steps()).map(is_left);
        for (value, to) in delta.column(left, self.step_hours).zip(input.chunks_exact_mut(self.n_columns)) {
            to[delta.column] = value;
        }
    }

    /// Where measurements stand, and everything they decide on: their own cells and those that carry them forward.
    fn reach(&self, measurements: &[(usize, usize)]) -> (Vec<usize>, Vec<usize>) {
        let (mut sites, mut extent) = (Vec::new(), Vec::new());
        for (channel, step) in measurements {
            let row = &self.rows[*channel];
            let at = self.place(row, *step) * self.n_columns;
            let is_one = |column: &&usize| row.columns.len() == 1 || self.input[at + **column] != 0.0;
            let before = sites.len();
            sites.extend(row.columns.iter().filter(is_one).map(|column| at + column));
            if sites.len() == before {
                sites.extend(row.columns.iter().map(|column| at + column));
            }
            let next = (step + 1..self.n_steps()).find(|next| self.is_observed(row, *next)).unwrap_or(self.n_steps());
            let until = if row.imputation == Imputation::Normal { step + 1 } else { next };
            for step in *step..until {
                let columns = row.columns.iter().chain(&row.mask);
                extent.extend(columns.map(|column| step * self.n_columns + column));
            }
            if let Some(delta) = row.delta {
                // A gap is that to the step before: the first that it decides on is the next one.
                let late = usize::from(delta.counts == Counts::Gap);
                let steps = step + late..self.n_steps().min(next + late);
                extent.extend(steps.map(|step| step * self.n_columns + delta.column));
            }
        }
        (sites, extent)
    }

    /// One channel's columns without the measurements of the groups that are gone.
    fn impute(&self, channel: usize, present: &[bool], input: &mut [f32]) {
        let (row, n_steps) = (&self.rows[channel], self.n_steps());
        let is_left = |step: usize| self.group_of[channel * n_steps + step].map(|group| present[group]);
        // What is carried forward: the step of the last measurement that is left; `None` is the normal value.
        let mut last = None;
        // Nothing is gone since that measurement, so that the input itself holds what is carried forward.
        let mut is_whole = true;
        for step in 0..n_steps {
            match is_left(step) {
                Some(true) => (last, is_whole) = (Some(step), true),
                Some(false) => is_whole = false,
                None => {}
            }
            if row.imputation == Imputation::Normal {
                last = None;
            }
            if !is_whole {
                let from =
                    last.map_or(&self.normal[step * self.n_columns..], |last| &self.input[last * self.n_columns..]);
                let to = &mut input[step * self.n_columns..][..self.n_columns];
                row.columns.iter().for_each(|column| to[*column] = from[*column]);
                row.mask.iter().for_each(|mask| to[*mask] = 0.0);
            }
        }
        if let Some(delta) = row.delta {
            let observed = (0..n_steps).map(|step| is_left(step) == Some(true));
            for (value, to) in delta.column(observed, self.step_hours).zip(input.chunks_exact_mut(self.n_columns)) {
                to[delta.column] = value;
            }
        }
    }
}

/// What measurements of one group have in common: the channel, if it matters, and the window.
const fn key(by: By, channel: usize, step: usize) -> (Option<usize>, usize) {
    match by {
        By::Measurement => (Some(channel), step),
        By::Channel => (Some(channel), 0),
        By::Window(len) => (None, step / len),
        By::ChannelAndWindow(len) => (Some(channel), step / len),
    }
}

impl Players for Removal {
    fn n_players(&self) -> usize {
        self.groups.len()
    }

    fn input(&self, present: &[bool]) -> Vec<f32> {
        let n_steps = self.n_steps();
        let mut input = self.input.clone();
        for channel in 0..self.rows.len() {
            let mut groups = self.group_of[channel * n_steps..][..n_steps].iter().flatten();
            if groups.any(|group| !present[*group]) {
                self.impute(channel, present, &mut input);
            }
        }
        if present.contains(&false) {
            self.count_gap(present, &mut input);
        }
        input
    }

    /// Each measurement of a channel errs as the manifest says, and what carries it forward with it.
    #[expect(clippy::cast_possible_truncation, reason = "the model's inputs are f32")]
    fn noisy(&self, random: &mut Random) -> Vec<f32> {
        let n_steps = self.n_steps();
        let mut input = self.input.clone();
        for (channel, row) in self.rows.iter().enumerate() {
            let Some(size) = row.noise else { continue };
            let mut error = None;
            for step in 0..n_steps {
                if self.group_of[channel * n_steps + step].is_some() {
                    error = Some(size * random.normal());
                } else if row.imputation == Imputation::Normal {
                    error = None;
                }
                input[step * self.n_columns + row.columns[0]] += error.unwrap_or_default() as f32;
            }
        }
        input
    }

    fn has_noise(&self) -> bool {
        self.rows.iter().any(|row| row.noise.is_some())
    }

    fn sites(&self, player: usize) -> &[usize] {
        &self.sites[player]
    }

    fn extent(&self, player: usize) -> &[usize] {
        &self.extents[player]
    }
}

impl Players for Toward {
    fn n_players(&self) -> usize {
        self.removal.n_players()
    }

    fn input(&self, present: &[bool]) -> Vec<f32> {
        let mut input = self.removal.input.clone();
        for (extent, _) in self.removal.extents.iter().zip(present).filter(|(_, is_present)| !**is_present) {
            extent.iter().for_each(|index| input[*index] = self.reference[*index]);
        }
        input
    }

    fn noisy(&self, random: &mut Random) -> Vec<f32> {
        self.removal.noisy(random)
    }

    fn has_noise(&self) -> bool {
        self.removal.has_noise()
    }

    fn sites(&self, player: usize) -> &[usize] {
        self.removal.sites(player)
    }

    fn extent(&self, player: usize) -> &[usize] {
        self.removal.extent(player)
    }
}

#[cfg(test)]
mod tests {
    use super::{By, Group, Removal, held_from, normal_input};
    use crate::engine::explain::players::Players;
    use crate::stay::{Format, Stay, manifest::Manifest};

    const RECORD: &str = "Hours,Heart Rate,pH,Glascow coma scale eye opening\n0.5,96,7.31,\n1.5,103,,3 To speech\n\
        3.5,88,7.2,\n5.5,,7.1,1 No Response\n";

    fn stay(text: &str) -> Stay {
        Stay::parse(text, &Manifest::built_in(48, 76, 1).unwrap(), Format::Auto, "").unwrap()
    }

    /// Taking a measurement away gives what the reader makes of a record without it.
    #[test]
    fn what_is_left_is_what_the_reader_would_have_read() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let removal = Removal::new(&manifest, &stay(RECORD).input, By::Measurement);
        assert_eq!(removal.n_players(), 8);
        assert_eq!(removal.input(&[true; 8]), stay(RECORD).input);
        assert_eq!(removal.input(&[false; 8]), normal_input(&manifest));
        let cases = [("96", vec![0]), ("103", vec![1]), ("88", vec![3]), ("7.31", vec![0]), ("3 To speech", vec![1])];
        for (text, steps) in cases {
            let without = stay(&RECORD.replacen(text, "", 1)).input;
            let gone = removal.groups.iter().enumerate().filter(|(_, group)| steps.contains(&group.steps.start));
            let candidates: Vec<usize> = gone.map(|(player, _)| player).collect();
            let fits = |player: &usize| {
                let present: Vec<bool> = (0..8).map(|k| k != *player).collect();
                removal.input(&present) == without
            };
            assert_eq!(candidates.iter().filter(|player| fits(player)).count(), 1, "{text}");
        }
        // Two of one channel, one after the other: the normal value, then the third measurement.
        let without = stay(&RECORD.replacen("96", "", 1).replacen("103", "", 1)).input;
        let heart_rate = manifest.channels.iter().position(|channel| channel.name == "Heart Rate").unwrap();
        let is_left = |group: &Group| group.channel != Some(heart_rate) || group.steps.start > 1;
        let present: Vec<bool> = removal.groups.iter().map(is_left).collect();
        assert_eq!(present.iter().filter(|is_present| !**is_present).count(), 2, "the measurements 96 and 103");
        assert_eq!(removal.input(&present), without);
    }

    /// The same where a delta counts on over what is gone, and where the normal value stands in every gap.
    #[test]
    fn deltas_and_normal_values_are_what_the_reader_would_have_made() {
        for (counts, imputation) in [("gap", "previous"), ("age", "previous"), ("gap", "normal"), ("age", "normal")] {
            let manifest = Manifest::from_json(&format!(
                r#"{{ "format": "vitrine-manifest/1", "name": "gaps", "steps": 7, "step_hours": 1, "columns": 3,
                    "outcomes": [{{ "name": "death" }}], "channels": [{{ "name": "pH", "label": "pH", "columns": [0], "mask": 1,
                    "delta": {{ "column": 2, "counts": "{counts}", "most": 4 }}, "imputation": "{imputation}",
                    "encoding": {{ "kind": "continuous", "mean": 7, "std": 1, "normal": 7.4 }} }}] }}"#
            ))
            .unwrap();
            let rows = ["1.5,7.1\n", "2.5,7.2\n", "5.5,7.3\n"];
            let of = |is_left: &[bool]| {
                let left = rows.iter().zip(is_left).filter(|(_, is_left)| **is_left).map(|(row, _)| *row);
                let text = format!("Hours,pH\n{}", left.collect::<String>());
                Stay::parse(&text, &manifest, Format::Auto, "").map_or_else(|_| normal_input(&manifest), |it| it.input)
            };
            let removal = Removal::new(&manifest, &of(&[true; 3]), By::Measurement);
            for kept in 0_u8..8 {
                let present: Vec<bool> = (0..3).map(|k| kept >> k & 1 == 1).collect();
                assert_eq!(removal.input(&present), of(&present), "{counts}, {imputation}: {present:?}");
            }
            // What a measurement decides on is what changes without it, and no more.
            for player in 0..3 {
                let present: Vec<bool> = (0..3).map(|k| k != player).collect();
                let changed = removal.input(&present);
                let differs = |at: &usize| changed[*at].to_bits() != removal.input[*at].to_bits();
                let outside = (0..removal.input.len()).filter(|at| !removal.extents[player].contains(at));
                assert_eq!(
                    outside.filter(differs).collect::<Vec<_>>(),
                    [0_usize; 0],
                    "{counts}, {imputation}, {player}"
                );
            }
        }
    }

    /// The same where one column counts the hours since anything was observed, of two channels with a mask or without.
    #[test]
    fn the_shared_gap_is_what_the_reader_would_have_made() {
        for (counts, most) in [("gap", ""), ("age", ""), ("gap", ", \"most\": 2")] {
            let manifest = Manifest::from_json(&format!(
                r#"{{ "format": "vitrine-manifest/1", "name": "gaps", "steps": 7, "step_hours": 2, "columns": 5,
                    "outcomes": [{{ "name": "death" }}], "channels": [
                    {{ "name": "a", "label": "a", "columns": [0], "mask": 1, "encoding": {{ "kind": "continuous", "mean": 0, "std": 1, "normal": 7.4 }} }},
                    {{ "name": "since", "label": "since", "columns": [2], "gap": {{ "counts": "{counts}"{most} }}, "encoding": {{ "kind": "continuous", "mean": 1, "std": 3, "normal": 0 }} }},
                    {{ "name": "b", "label": "b", "columns": [3], "mask": 4, "encoding": {{ "kind": "continuous", "mean": 0, "std": 1, "normal": 5 }} }}] }}"#
            ))
            .unwrap();
            let of = |is_left: &[bool]| {
                let cell = |k: usize, text: &str| if is_left[k] { text.to_owned() } else { String::new() };
                let rows = [
                    (3, cell(0, "7.1"), cell(3, "1")),
                    (5, cell(1, "7.2"), String::new()),
                    (11, cell(2, "7.3"), cell(4, "2")),
                ];
                let lines = rows.iter().map(|(hour, a, b)| format!("{hour},{a},{b},99\n"));
                let text = format!("Hours,a,b,since\n{}", lines.collect::<String>());
                Stay::parse(&text, &manifest, Format::Auto, "").map_or_else(|_| normal_input(&manifest), |it| it.input)
            };
            let removal = Removal::new(&manifest, &of(&[true; 5]), By::Measurement);
            assert_eq!(removal.n_players(), 5);
            for kept in 0_u8..32 {
                let present: Vec<bool> = (0..5).map(|k| kept >> k & 1 == 1).collect();
                assert_eq!(removal.input(&present), of(&present), "{counts}: {present:?}");
            }
            let hours = of(&[true; 5]);
            let hours: Vec<f32> = hours.chunks_exact(5).map(|step| step[2] * 3.0 + 1.0).collect();
            let expected = match (counts, most) {
                ("age", _) => [0.0, 0.0, 0.0, 2.0, 4.0, 0.0, 2.0],
                (_, "") => [0.0, 2.0, 2.0, 2.0, 4.0, 6.0, 2.0],
                _ => [0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
            };
            assert!(hours.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{hours:?}");
            // By windows of one step, what a player decides on is what changes without it.
            let steps = Removal::new(&manifest, &of(&[true; 5]), By::Window(1));
            for player in 0..steps.n_players() {
                let present: Vec<bool> = (0..steps.n_players()).map(|k| k != player).collect();
                let changed = steps.input(&present);
                let differs = (0..steps.input.len()).filter(|at| changed[*at].to_bits() != steps.input[*at].to_bits());
                assert!(differs.into_iter().all(|at| steps.extents[player].contains(&at)), "{counts}, {player}");
            }
        }
    }

    /// What is static is one measurement: it stands at the last step with its mask, whatever its imputation, and without it
    /// nothing of it is left. A length was never measured.
    #[test]
    fn what_is_static_is_one_measurement() {
        for imputation in ["previous", "normal"] {
            let manifest = Manifest::from_json(&format!(
                r#"{{ "format": "vitrine-manifest/1", "name": "static", "steps": 4, "step_hours": 1, "columns": 4,
                    "outcomes": [{{ "name": "death" }}], "channels": [
                    {{ "name": "pH", "label": "pH", "columns": [0], "encoding": {{ "kind": "continuous", "mean": 7, "std": 1, "normal": 7.4 }} }},
                    {{ "name": "Age", "label": "Age", "columns": [1], "mask": 2, "static": true, "imputation": "{imputation}",
                      "encoding": {{ "kind": "continuous", "mean": 0, "std": 1, "normal": 60 }} }},
                    {{ "name": "n", "label": "n", "columns": [3], "static": true,
                      "encoding": {{ "kind": "continuous", "mean": 0, "std": 1, "normal": 4 }} }}] }}"#
            ))
            .unwrap();
            let manifest = Manifest { lengths: vec![3], ..manifest };
            let of = |text: &str| Stay::parse(text, &manifest, Format::Auto, "").unwrap().input;
            let (with, without) =
                (of("Hours,pH,Age\n0.5,7.1,85\n2.5,7.2,\n"), of("Hours,pH,Age\n0.5,7.1,\n2.5,7.2,\n"));
            assert_eq!([with[12 + 1], with[12 + 2], without[12 + 1], without[12 + 2]], [85.0, 1.0, 60.0, 0.0]);
            for by in [By::Measurement, By::Channel, By::ChannelAndWindow(2)] {
                let removal = Removal::new(&manifest, &with, by);
                let of_channel = |row| removal.groups().iter().filter(move |group| group.channel == Some(row)).count();
                assert_eq!([of_channel(1), of_channel(2)], [1, 0], "{imputation}");
                let player = removal.groups().iter().position(|group| group.channel == Some(1)).unwrap();
                let present: Vec<bool> = (0..removal.n_players()).map(|k| k != player).collect();
                assert_eq!(removal.input(&present), without, "{imputation}");
                // What is read, and what a relevance is put at: the last step.
                assert_eq!(removal.sites(player), [3 * 4 + 1]);
            }
            // Windows: it goes with the first.
            let removal = Removal::new(&manifest, &with, By::Window(2));
            assert_eq!(removal.input(&[true, false])[12 + 1].to_bits(), 85.0_f32.to_bits());
            assert_eq!(removal.input(&[false, true])[12 + 1].to_bits(), 60.0_f32.to_bits());
        }
    }

    #[test]
    fn from_an_hour_on_the_last_values_are_held() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let until: String = RECORD.lines().take(3).map(|line| line.to_owned() + "\n").collect();
        assert_eq!(held_from(&manifest, &stay(RECORD).input, 2), stay(&until).input);
        assert_eq!(held_from(&manifest, &stay(RECORD).input, 0), normal_input(&manifest));
        assert_eq!(held_from(&manifest, &stay(RECORD).input, 48), stay(RECORD).input);
    }

    /// With nothing observed as the reference, all measurements gone is that reference, as it is by carrying forward;
    /// one of them gone leaves no earlier value in its place.
    #[test]
    fn towards_a_reference_nothing_is_carried_forward() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let input = stay(RECORD).input;
        let removal = Removal::new(&manifest, &input, By::Measurement);
        let channel = manifest.channels.iter().position(|channel| channel.name == "Heart Rate");
        let is_it = |group: &Group| group.channel == channel && group.steps == (1..2);
        let player = removal.groups().iter().position(is_it).unwrap();
        let (n, carried) = (removal.n_players(), removal.clone());
        let toward = removal.toward(normal_input(&manifest));
        assert_eq!(toward.input(&vec![true; n]), input);
        assert_eq!(toward.input(&vec![false; n]), normal_input(&manifest));
        let present: Vec<bool> = (0..n).map(|k| k != player).collect();
        let column = manifest.channels[channel.unwrap()].columns[0];
        let at = |input: Vec<f32>, step: usize| input[step * 76 + column];
        let normal = at(normal_input(&manifest), 1);
        // The hours 1 and 2 hold what was measured in hour 1; without it, hour 0 would be carried forward.
        for step in [1, 2] {
            assert_eq!(at(toward.input(&present), step), normal);
            assert_eq!(at(carried.input(&present), step), at(input.clone(), 0));
        }
        assert_eq!(at(toward.input(&present), 3), at(input, 3));
    }

    #[test]
    fn groups_divide_the_measurements() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let input = stay(RECORD).input;
        let of = |by| Removal::new(&manifest, &input, by);
        assert_eq!(of(By::Channel).n_players(), 3);
        assert_eq!(of(By::Window(1)).groups().iter().map(|group| group.steps.start).collect::<Vec<_>>(), [0, 1, 3, 5]);
        assert_eq!(of(By::Window(3)).n_players(), 2);
        assert_eq!(of(By::ChannelAndWindow(24)).n_players(), 3);
        for by in [By::Measurement, By::Channel, By::Window(5), By::ChannelAndWindow(2)] {
            let removal = of(by);
            let mut all: Vec<usize> =
                (0..removal.n_players()).flat_map(|player| removal.extent(player)).copied().collect();
            let n = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(n, all.len(), "{by:?}: extents overlap");
            for player in 0..removal.n_players() {
                assert!(removal.sites(player).iter().all(|site| removal.extent(player).contains(site)));
                let present: Vec<bool> = (0..removal.n_players()).map(|k| k != player).collect();
                let without = removal.input(&present);
                let changed = (0..input.len()).filter(|k| without[*k] != input[*k]);
                assert!(changed.into_iter().all(|k| removal.extent(player).contains(&k)), "{by:?} {player}");
            }
        }
    }
}
