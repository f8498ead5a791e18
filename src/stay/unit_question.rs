//! The question in which unit values are that stand without one.

use super::codes::{Variable, unit_said};
use super::shown;
use crate::Error;
use crate::error::{Choice, Question};

/// Asks for the unit of a name's values, each with its line, among those in which at least one is plausible.
pub(super) fn ask(name: &str, values: &[(u64, f64)], variable: &Variable, plausible: Option<[f64; 2]>) -> Error {
    let (line, value) = values.first().copied().unwrap_or_default();
    let fits =
        |value: f64, unit: &str| plausible.is_none_or(|range| variable.units_that_fit(value, range).contains(&unit));
    let choice = |unit: &String| Choice {
        value: unit.clone(),
        name: format!("{} as {}", shown(name), unit_said(unit)),
        rows: values.iter().filter(|(_, value)| fits(*value, unit)).count(),
        span: String::new(),
    };
    let units = variable.units.keys().filter(|unit| !unit.is_empty());
    let choices: Vec<Choice> = units.map(choice).filter(|choice| choice.rows > 0).collect();
    let n = values.len();
    let of = if n == 1 { "a value".to_owned() } else { format!("{n} values") };
    let reason = format!("\"{}\" has {of} without a unit, such as {value} in line {line}", shown(name));
    Question { option: format!("mapping.units.{name}"), choices }.refuse(&reason)
}
