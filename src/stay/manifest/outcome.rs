//! What a model's numbers predict: one number, one a step, one a class, or one a class and step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Calibration, Manifest};

/// What one output of the model predicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// For example `in-hospital mortality`.
    pub name: String,
    /// The probability above which the predicted label is 1, in 0..1; means nothing for classes and for plain numbers.
    #[serde(default = "half")]
    pub threshold: f64,
    /// What the numbers are; where it is left out, what the network tells by its last function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PredictionKind>,
    /// Unit of a plain number as UCUM prints it, empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Names of the classes of a softmax, in the order in which the model returns them; none for a single number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Whether the model returns it at every step, the numbers of a step together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_step: bool,
    /// How often such predictions came true, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// What a predicted number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictionKind {
    /// A probability, in 0..1.
    #[default]
    Probability,
    /// Any number: a regression, or a score that is no probability.
    Number,
}

/// Which of its outcomes one of the model's numbers is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputMeaning {
    /// Index of the outcome.
    pub outcome: usize,
    /// The step, of an outcome that is returned at every step.
    pub step: Option<usize>,
    /// Index of the class, of an outcome with classes.
    pub class: Option<usize>,
    /// The outcome's name, followed by the class's where there is one.
    pub name: String,
    /// The probability above which the predicted label is 1.
    pub threshold: f64,
}

/// What can be asked of a model: what it says of an outcome, or of a class of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The outcome's name, followed by the class's where there is one.
    pub name: String,
    /// Index of the outcome.
    pub outcome: usize,
    /// Which of the model's numbers say it: one, or one a step.
    pub targets: Vec<usize>,
    /// Whether they are one a step.
    pub is_per_step: bool,
    /// What they are.
    pub kind: PredictionKind,
    /// The probability above which the predicted label is 1.
    pub threshold: f64,
    /// Unit of a plain number, empty where there is none.
    pub unit: String,
}

const fn half() -> f64 {
    0.5
}

impl Outcome {
    /// A probability with a threshold of one half.
    #[must_use]
    pub const fn probability(name: String) -> Self {
        Self {
            name,
            threshold: half(),
            kind: None,
            unit: String::new(),
            classes: Vec::new(),
            per_step: false,
            calibration: None,
        }
    }

    /// How many of the model's numbers it names, for an input of `n_steps`; `None` beyond what can be counted.
    #[must_use]
    pub fn n_numbers(&self, n_steps: usize) -> Option<usize> {
        self.classes.len().max(1).checked_mul(if self.per_step { n_steps } else { 1 })
    }

    /// What its number `index` means.
    fn meaning(&self, outcome: usize, index: usize) -> OutputMeaning {
        let n_classes = self.classes.len().max(1);
        let class = self.classes.get(index % n_classes);
        let name = class.map_or_else(|| self.name.clone(), |class| format!("{}: {class}", self.name));
        OutputMeaning {
            outcome,
            step: self.per_step.then_some(index / n_classes),
            class: class.map(|_| index % n_classes),
            name,
            threshold: self.threshold,
        }
    }
}

impl Manifest {
    /// How many numbers the outcomes name together; `None` beyond what can be counted.
    #[must_use]
    pub fn n_outputs(&self) -> Option<usize> {
        self.outcomes.iter().try_fold(0_usize, |sum, outcome| sum.checked_add(outcome.n_numbers(self.steps)?))
    }

    /// What can be asked of the model, in the order of its numbers.
    #[must_use]
    pub fn heads(&self) -> Vec<Head> {
        let mut heads: BTreeMap<(usize, Option<usize>), Head> = BTreeMap::new();
        for (target, it) in (0..).map_while(|target| Some((target, self.meaning(target)?))) {
            let head = || Head {
                name: it.name.clone(),
                outcome: it.outcome,
                targets: vec![],
                is_per_step: it.step.is_some(),
                kind: self.outcomes[it.outcome].kind.unwrap_or_default(),
                threshold: it.threshold,
                unit: self.outcomes[it.outcome].unit.clone(),
            };
            heads.entry((it.outcome, it.class)).or_insert_with(head).targets.push(target);
        }
        heads.into_values().collect()
    }

    /// What the model's number `target` means: the outcomes' numbers follow one another, those of an outcome step by
    /// step, and those of a step class by class. `None` past the last.
    #[must_use]
    pub fn meaning(&self, target: usize) -> Option<OutputMeaning> {
        let mut index = target;
        for (outcome, entry) in self.outcomes.iter().enumerate() {
            let n_numbers = entry.n_numbers(self.steps)?;
            if index < n_numbers {
                return Some(entry.meaning(outcome, index));
            }
            index -= n_numbers;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The benchmark's four tasks over 48 hours.
    fn multitask() -> Manifest {
        let mut manifest = Manifest::built_in(48, 76, 1).unwrap();
        let outcome = |name: &str| Outcome::probability(name.to_owned());
        let buckets = (0..10).map(|bucket| format!("bucket {bucket}")).collect();
        manifest.outcomes = vec![
            outcome("mortality"),
            Outcome { per_step: true, threshold: 0.1, ..outcome("decompensation") },
            Outcome { classes: buckets, per_step: true, ..outcome("length of stay") },
            outcome("sepsis"),
        ];
        manifest
    }

    fn check(target: usize, outcome: usize, step: Option<usize>, class: Option<usize>, name: &str) {
        let meaning = multitask().meaning(target).unwrap();
        assert_eq!((meaning.outcome, meaning.step, meaning.class), (outcome, step, class), "{target}");
        assert_eq!(meaning.name, name);
    }

    #[test]
    fn numbers_follow_one_another_step_by_step_and_class_by_class() {
        assert_eq!(multitask().n_outputs(), Some(1 + 48 + 480 + 1));
        check(0, 0, None, None, "mortality");
        check(1, 1, Some(0), None, "decompensation");
        check(48, 1, Some(47), None, "decompensation");
        check(49, 2, Some(0), Some(0), "length of stay: bucket 0");
        check(49 + 13, 2, Some(1), Some(3), "length of stay: bucket 3");
        check(49 + 479, 2, Some(47), Some(9), "length of stay: bucket 9");
        check(529, 3, None, None, "sepsis");
        assert_eq!(multitask().meaning(530), None);
        assert!((multitask().meaning(7).unwrap().threshold - 0.1).abs() < 1e-12);
    }

    /// Every number is of one head, at the step and of the class that it means.
    #[test]
    fn heads_are_what_numbers_mean() {
        let manifest = multitask();
        let heads = manifest.heads();
        let names: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
        assert_eq!((names.len(), names[1], names[2]), (13, "decompensation", "length of stay: bucket 0"));
        assert_eq!(heads.iter().map(|head| head.targets.len()).sum::<usize>(), 530);
        for head in &heads {
            assert_eq!(head.targets.len(), if head.is_per_step { 48 } else { 1 });
            for (step, target) in head.targets.iter().enumerate() {
                let meaning = manifest.meaning(*target).unwrap();
                assert_eq!((&meaning.name, meaning.step), (&head.name, head.is_per_step.then_some(step)));
            }
        }
        assert!((heads[1].threshold - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_manifest_of_several_tasks_survives_a_round_trip() {
        let manifest = multitask();
        manifest.validate().unwrap();
        manifest.check_fits(48, 76, 530).unwrap();
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::from_json(&text).unwrap(), manifest);
        assert!(!text.contains("\"kind\":\"probability\""), "defaults are not written: {text}");
    }
}
