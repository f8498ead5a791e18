//! A stay and its explanation as a table: one line a channel and hour.

use std::fmt::Write;

use super::Provenance;
use crate::stay::manifest::Manifest;
use crate::stay::{Origin, Stay};
use crate::study::cohort::field;
use crate::study::inspect::Grids;

/// The table, with the footer as comment lines. Numbers are written so that reading them gives the same number again.
///
/// The value's and the mask's relevance stand apart; their sum over all lines is the share of the score that reached
/// the input.
#[must_use]
pub fn to_csv(manifest: &Manifest, stay: &Stay, relevance: &Grids, provenance: &Provenance) -> String {
    let mut text = String::from("channel,hour,value,category,unit,origin,age_hours,relevance,mask_relevance\n");
    for (row, channel) in manifest.channels.iter().enumerate() {
        for (step, cell) in stay.cells[row * manifest.steps..][..manifest.steps].iter().enumerate() {
            let (origin, age) = match cell.origin {
                Origin::Observed => ("observed", Some(0)),
                Origin::CarriedForward { age } => ("carried forward", Some(age)),
                Origin::Normal => ("normal value", None),
            };
            let amounts = relevance.amounts(row, step);
            let fields = [
                field(&channel.name),
                hours(manifest, step).to_string(),
                cell.value.to_string(),
                cell.category.and_then(|index| channel.category(index)).map_or_else(String::new, |it| field(&it)),
                field(&channel.unit),
                origin.to_owned(),
                age.map_or_else(String::new, |age| hours(manifest, age).to_string()),
                number(amounts.map(|it| it.value)),
                number(amounts.map(|it| it.mask)),
            ];
            text.push_str(&fields.join(","));
            text.push('\n');
        }
    }
    for line in provenance.lines() {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = writeln!(text, "# {}", line.replace(['\n', '\r'], " "));
    }
    text
}

fn hours(manifest: &Manifest, steps: usize) -> f64 {
    steps as f64 * manifest.step_hours
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
