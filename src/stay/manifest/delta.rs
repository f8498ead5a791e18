//! The column that says how long ago a channel was observed.

use serde::{Deserialize, Serialize};

/// How long ago a channel was observed, as a column of the input: `(hours - mean) / std`.
///
/// Where nothing has been observed yet, the hours are counted from the first step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// The column that carries it.
    pub column: usize,
    /// From where the hours are counted.
    #[serde(default)]
    pub counts: Counts,
    /// Subtracted from the hours.
    #[serde(default)]
    pub mean: f64,
    /// Divides the difference; greater than zero. With the length of a step it counts steps.
    #[serde(default = "one")]
    pub std: f64,
    /// Hours above it count as so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

/// From where the hours of a step are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// From the last step before this one in which the channel was observed: never zero after the first step (GRU-D, Che et
    /// al. 2018, equation 2; BRITS).
    #[default]
    Gap,
    /// From the last step up to this one in which the channel was observed: zero where it is observed.
    Age,
}

/// What makes a channel the time since anything was observed, as hours: it is counted from the record, and shared by all
/// channels (T-LSTM, Baytas et al. 2017). The channel's encoding scales it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// From where the hours are counted, of a step in which any channel was observed.
    #[serde(default)]
    pub counts: Counts,
    /// Hours above it count as so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

impl Gap {
    /// The hours of each step, `[n_steps]`; `is_observed` says of a step whether anything was. Counted as [`Delta`] counts.
    pub(crate) fn hours(self, is_observed: impl Iterator<Item = bool>, step_hours: f64) -> impl Iterator<Item = f64> {
        let Self { counts, most } = self;
        steps_since(counts, is_observed).map(move |steps| {
            let hours = f64::from(steps) * step_hours;
            most.map_or(hours, |most| hours.min(most))
        })
    }
}

/// Steps since what is counted from, one number a step: see [`Delta::column`].
fn steps_since(counts: Counts, is_observed: impl Iterator<Item = bool>) -> impl Iterator<Item = u32> {
    // Before this step is looked at.
    let mut since = 0_u32;
    is_observed.enumerate().map(move |(step, is_observed)| {
        let before = if step == 0 { 0 } else { since + 1 };
        since = if is_observed { 0 } else { before };
        if counts == Counts::Age { since } else { before }
    })
}

const fn one() -> f64 {
    1.0
}

impl Delta {
    /// The column's numbers, one a step, of a channel that was observed where `is_observed` says so; steps are `step_hours` long.
    ///
    /// - gap: `hours[0] = 0`, `hours[t] = step_hours + (observed[t - 1] ? 0 : hours[t - 1])`
    /// - age: `hours[t] = 0` where observed and for `t = 0`, else `step_hours + hours[t - 1]`
    #[expect(clippy::cast_possible_truncation, reason = "the one rounding to the model's f32")]
    pub(crate) fn column(&self, is_observed: impl Iterator<Item = bool>, step_hours: f64) -> impl Iterator<Item = f32> {
        let Self { counts, mean, std, most, .. } = *self;
        Gap { counts, most }.hours(is_observed, step_hours).map(move |hours| ((hours - mean) / std) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVED: [bool; 7] = [false, false, true, false, false, true, true];

    fn column(delta: &Delta, step_hours: f64) -> Vec<f32> {
        delta.column(OBSERVED.into_iter(), step_hours).collect()
    }

    /// Figure 2 of Che et al. 2018 counts so: the step after an observation is one step away from it.
    #[test]
    fn a_gap_is_counted_from_the_observation_before() {
        let gap = Delta { column: 0, counts: Counts::Gap, mean: 0.0, std: 1.0, most: None };
        assert_eq!(column(&gap, 1.0), [0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 1.0]);
        assert_eq!(column(&gap, 0.5), [0.0, 0.5, 1.0, 0.5, 1.0, 1.5, 0.5]);
    }

    #[test]
    fn an_age_is_zero_where_something_is_observed() {
        let age = Delta { column: 0, counts: Counts::Age, mean: 0.0, std: 1.0, most: None };
        assert_eq!(column(&age, 1.0), [0.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0]);
        let scaled = Delta { mean: 1.0, std: 2.0, most: Some(1.5), ..age };
        assert_eq!(column(&scaled, 1.0), [-0.5, 0.0, -0.5, 0.0, 0.25, -0.5, -0.5]);
    }
}
