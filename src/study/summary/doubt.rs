//! Readings that are hard to believe: outside what a patient can have, or at odds with others of the same time.

use serde::Serialize;

use crate::stay::manifest::{Channel, Manifest};
use crate::stay::{Origin, Stay, StayCell};

/// A reading that is hard to believe. It is used as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Index of the channel.
    pub row: usize,
    /// The step.
    pub step: usize,
    /// The channels whose readings it contradicts; none where it is implausible by itself.
    pub contradicts: Vec<usize>,
}

/// The readings of a stay that are hard to believe, by channel.
pub(super) fn doubts(manifest: &Manifest, stay: &Stay) -> Vec<Doubt> {
    let mut found = Vec::new();
    for (row, channel) in manifest.channels.iter().enumerate() {
        let cells = stay.cells.iter().skip(row * manifest.steps).take(manifest.steps).enumerate();
        let steps = cells.filter(|(_, cell)| cell.origin == Origin::Observed && is_implausible(channel, cell));
        found.extend(steps.map(|(step, _)| Doubt { row, step, contradicts: Vec::new() }));
        for contradiction in &stay.report.contradictions {
            let row_of = |name: &String| manifest.channels.iter().position(|channel| channel.name == *name);
            let rows: Vec<usize> = contradiction.channels.iter().filter_map(row_of).collect();
            if rows.contains(&row) {
                let contradicts = rows.into_iter().filter(|other| *other != row).collect();
                found.push(Doubt { row, step: contradiction.step, contradicts });
            }
        }
    }
    found
}

fn is_implausible(channel: &Channel, cell: &StayCell) -> bool {
    let is_outside = |[low, high]: [f64; 2]| !(low..=high).contains(&cell.value);
    cell.category.is_none() && channel.plausible.is_some_and(is_outside)
}
