//! The manifests of models that bring none.

use std::sync::LazyLock;

use super::{Channel, Encoding, FORMAT, Imputation, InputPart, Manifest, ModelInput, NamedInput, Outcome};
use crate::Result;
use crate::engine::number::real;

/// The MIMIC-III benchmark's 48 hours x 76 columns, with the means and standard deviations of its own normaliser.
const MIMIC3: &str = include_str!("../manifest_mimic3.json");

/// The same, read once: every model that is opened asks for it.
static BENCHMARK: LazyLock<Result<Manifest>> = LazyLock::new(|| Manifest::from_json(MIMIC3));

/// The channel of the benchmark with the name and the unit of another.
pub(super) fn like(channel: &Channel) -> Option<&'static Channel> {
    let channels = BENCHMARK.as_ref().map_or(&[][..], |manifest| &manifest.channels);
    channels.iter().find(|it| it.name == channel.name && it.unit == channel.unit)
}

impl Manifest {
    /// The manifest of a model that brings none: the MIMIC-III benchmark's for an input of 48 x 76, else a plain one
    /// (channels `c0`, `c1`, ..., unscaled, no masks, steps of one hour). One outcome an output.
    ///
    /// # Errors
    /// [`crate::Kind::Manifest`] where a dimension is zero or beyond the caps of [`Manifest::validate`].
    pub fn built_in(steps: usize, columns: usize, n_outputs: usize) -> Result<Self> {
        let mimic3 = BENCHMARK.as_ref().map_err(Clone::clone)?;
        let manifest = if (steps, columns) == (mimic3.steps, mimic3.columns) {
            with_outputs(mimic3.clone(), n_outputs)
        } else {
            // Checked before the channels are made, so that an absurd size costs no memory.
            super::validate::check_shape(steps, columns)?;
            plain(steps, columns, n_outputs)
        };
        manifest.validate()?;
        Ok(manifest)
    }

    /// The same, where outcomes without a name of their own have those that the model's file gives its outputs.
    #[must_use]
    pub fn named_after(mut self, outputs: &[String]) -> Self {
        for (index, (outcome, name)) in self.outcomes.iter_mut().zip(outputs).enumerate() {
            if outcome.name == plain_name(index) && !name.trim().is_empty() {
                outcome.name.clone_from(name);
            }
        }
        self
    }

    /// The same, where an output that the model gives at every step is one outcome, and not one for each step.
    #[must_use]
    pub fn with_hours(mut self, heads: &[OutputHead]) -> Self {
        let mut plain = self.outcomes.clone().into_iter();
        let outcomes = heads.iter().flat_map(|head| {
            let own: Vec<Outcome> = plain.by_ref().take(head.n_numbers).collect();
            head.hourly().map_or(own, |outcome| vec![outcome])
        });
        let outcomes = outcomes.collect();
        let hourly = Self { outcomes, ..self.clone() };
        if hourly.n_outputs() == self.n_outputs() && hourly.validate().is_ok() {
            self = hourly;
        }
        self
    }

    /// The same for a model of several inputs: channels are called as the file calls its inputs, and what is not of a step
    /// is static. A length is that of the whole stay.
    #[must_use]
    pub fn with_inputs(self, inputs: &[NamedInput]) -> Self {
        if inputs.len() < 2 {
            return self;
        }
        let mut named = self.clone();
        for input in inputs {
            for (index, column) in input.columns.clone().enumerate() {
                let is_alone = input.columns.len() == 1;
                let name = if is_alone { input.name.clone() } else { format!("{}[{index}]", input.name) };
                let normal = if input.part == InputPart::Length { real(self.steps) } else { 0.0 };
                let Some(channel) = named.channels.get_mut(column).filter(|channel| channel.columns == [column]) else {
                    return self;
                };
                (channel.label, channel.name, channel.is_static) = (name.clone(), name, input.is_beside);
                channel.encoding = Encoding::Continuous { mean: 0.0, std: 1.0, normal };
            }
            named.inputs.push(ModelInput {
                name: input.name.clone(),
                part: input.part,
                columns: Some(input.columns.len()),
            });
        }
        // Names that mislead are no better than none.
        if named.validate().is_ok() { named } else { self }
    }

    /// The number of steps that [`Manifest::built_in`] has channels for, given that of columns: what a model without
    /// a manifest that leaves its number of steps open is taken to mean.
    #[must_use]
    pub fn built_in_steps(columns: usize) -> Option<usize> {
        let mimic3 = BENCHMARK.as_ref().ok()?;
        (mimic3.columns == columns).then_some(mimic3.steps)
    }
}

/// An output of a model's file, as far as the network itself says what its numbers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputHead {
    /// As the file calls it.
    pub name: String,
    /// How many numbers it has.
    pub n_numbers: usize,
    /// Where each step has its own, read at that step by the last recurrent layers: how many numbers a step has.
    pub n_a_step: Option<usize>,
}

impl OutputHead {
    /// What it predicts, where it does so at every step.
    fn hourly(&self) -> Option<Outcome> {
        let n_classes = self.n_a_step?;
        let classes = if n_classes > 1 { (0..n_classes).map(|class| class.to_string()).collect() } else { vec![] };
        Some(Outcome { classes, per_step: true, ..Outcome::probability(self.name.clone()) })
    }
}

/// The benchmark's input under another number of outputs, whose meaning is then unknown.
fn with_outputs(mut mimic3: Manifest, n_outputs: usize) -> Manifest {
    if mimic3.outcomes.len() != n_outputs {
        mimic3.name = "MIMIC-III benchmark input".to_owned();
        mimic3.outcomes = plain_outcomes(n_outputs);
    }
    mimic3
}

fn plain(steps: usize, columns: usize, n_outputs: usize) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        name: format!("model without a manifest, {steps} x {columns}"),
        description: String::new(),
        steps,
        step_hours: 1.0,
        columns,
        outcomes: plain_outcomes(n_outputs),
        channels: (0..columns).map(plain_channel).collect(),
        codes: None,
        text: None,
        inputs: Vec::new(),
        layout: Vec::new(),
        lengths: Vec::new(),
    }
}

fn plain_outcomes(n_outputs: usize) -> Vec<Outcome> {
    (0..n_outputs).map(|output| Outcome::probability(plain_name(output))).collect()
}

fn plain_name(output: usize) -> String {
    format!("output {output}")
}

fn plain_channel(column: usize) -> Channel {
    Channel {
        name: format!("c{column}"),
        label: format!("c{column}"),
        group: String::new(),
        unit: String::new(),
        columns: vec![column],
        mask: None,
        delta: None,
        gap: None,
        plausible: None,
        noise: None,
        normal_range: None,
        limits: None,
        precision: None,
        imputation: Imputation::Previous,
        is_static: false,
        encoding: Encoding::Continuous { mean: 0.0, std: 1.0, normal: 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_input_has_its_channels() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        assert_eq!(manifest.channels.len(), 17);
        assert_eq!(manifest.outcomes[0].name, "in-hospital mortality");
        assert_eq!(manifest.channel_of_column(58).map(|index| manifest.channels[index].name.as_str()), Some("pH"));
        let refill = manifest.channel_of_column(0);
        assert!(refill.is_some());
        assert_eq!((manifest.channel_of_column(1), manifest.channel_of_column(59)), (refill, refill));
        assert_eq!(manifest.channel_of_column(76), None);
        let masks: Vec<usize> = (0..76).filter(|&column| manifest.mask_columns()[column]).collect();
        assert_eq!(masks, (59..76).collect::<Vec<_>>());
    }

    /// A normal value lies within the normal range, or what stands where nothing was charted would not be normal.
    #[test]
    fn normal_values_are_normal() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        for (row, channel) in manifest.channels.iter().enumerate() {
            let normal = match &channel.encoding {
                Encoding::Continuous { normal, .. } => *normal,
                Encoding::OneHot { categories, ordinals, normal } => {
                    ordinals[categories.iter().position(|it| it == normal).unwrap()]
                }
            };
            let range = manifest.normal_range(row);
            let is_within = range.is_none_or(|[low, high]| (low..=high).contains(&normal));
            assert!(is_within, "{}: {normal} of {range:?}", channel.name);
        }
        assert_eq!(Manifest::built_in(3, 2, 1).unwrap().normal_range(0), None);
    }

    #[test]
    fn the_benchmark_input_under_many_outputs_keeps_its_channels() {
        let manifest = Manifest::built_in(48, 76, 25).unwrap();
        assert!(manifest.channels.iter().any(|channel| channel.name == "pH"));
        assert_eq!(manifest.outcomes.len(), 25);
        assert_eq!(manifest.outcomes[24].name, "output 24");
    }

    #[test]
    fn outputs_without_a_manifest_have_the_names_of_the_file() {
        let manifest = Manifest::built_in(3, 2, 2).unwrap().named_after(&["p[0]".into(), String::new()]);
        assert_eq!((manifest.outcomes[0].name.as_str(), manifest.outcomes[1].name.as_str()), ("p[0]", "output 1"));
    }

    #[test]
    fn any_other_shape_is_plain() {
        let manifest = Manifest::built_in(24, 3, 2).unwrap();
        assert_eq!((manifest.steps, manifest.columns), (24, 3));
        assert_eq!(manifest.channels[2].name, "c2");
        assert_eq!(manifest.channels[2].columns, [2]);
        assert_eq!(manifest.mask_columns(), [false; 3]);
    }

    #[test]
    fn an_absurd_shape_is_refused() {
        for (steps, columns, n_outputs) in [(0, 3, 1), (3, 0, 1), (usize::MAX, 2, 1), (1 << 20, 1 << 20, 1), (3, 3, 0)]
        {
            assert!(Manifest::built_in(steps, columns, n_outputs).is_err(), "{steps} x {columns} -> {n_outputs}");
        }
    }
}
