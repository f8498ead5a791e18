//! A stay and its explanation as a table: one line a channel and hour.

use super::Provenance;
use crate::engine::number::real;
use crate::stay::manifest::Manifest;
use crate::stay::{Origin, Stay};
use crate::study::inspect::Grids;
use crate::study::table::{CsvCell, TableWriter};

const HEADER: [&str; 9] =
    ["channel", "hour", "value", "category", "unit", "origin", "age_hours", "relevance", "mask_relevance"];

/// The table, with the footer as comment lines. Numbers are written so that reading them gives the same number again.
///
/// The value's and the mask's relevance stand apart; their sum over all lines is the share of the score that reached
/// the input.
#[must_use]
pub fn to_csv(manifest: &Manifest, stay: &Stay, relevance: &Grids, provenance: &Provenance) -> String {
    let mut table = TableWriter::new(HEADER);
    for (row, channel) in manifest.channels.iter().enumerate() {
        for (step, cell) in stay.cells[row * manifest.steps..][..manifest.steps].iter().enumerate() {
            let (origin, age) = match cell.origin {
                Origin::Observed if stay.recorded.contains_key(&(row * manifest.steps + step)) => ("edited", Some(0)),
                Origin::Observed => ("observed", Some(0)),
                Origin::CarriedForward { age } => ("carried forward", Some(age)),
                Origin::Normal => ("normal value", None),
            };
            let amounts = relevance.amounts(row, step);
            table.row([
                CsvCell::from(channel.name.as_str()),
                hours(manifest, step).into(),
                cell.value.into(),
                cell.category.and_then(|index| channel.category(index)).as_deref().into(),
                channel.unit.as_str().into(),
                origin.into(),
                age.map(|age| hours(manifest, age)).into(),
                amounts.map(|it| it.value).into(),
                amounts.map(|it| it.mask).into(),
            ]);
        }
    }
    table.text() + &provenance.comments()
}

fn hours(manifest: &Manifest, steps: usize) -> f64 {
    real(steps) * manifest.step_hours
}
