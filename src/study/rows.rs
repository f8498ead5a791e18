//! Explanations of many stays as a table that grows: a row a stay.

use crate::engine::explain::relevance::Relevance;
use crate::stay::ReadOptions;
use crate::stay::manifest::Manifest;
use crate::study::boundary::{AskedExplanation, HeldExplanation};
use crate::study::lengths::Lengths;
use crate::study::table::{CsvCell, line};
use crate::{Model, Result};
use std::sync::Arc;

/// What a table of stays says of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StayAmounts {
    /// The relevance of every channel.
    Channels,
    /// The relevance of every channel and step.
    Cells,
}

/// The table's first line: the stay, its error, the prediction and the ledger, then the amounts.
#[must_use]
pub fn header(manifest: &Manifest, amounts: StayAmounts) -> String {
    let quantities = ["stay", "error", "probability", "score", "residual", "biases", "initial_states", "epsilon"];
    let mut columns = quantities.map(CsvCell::from).to_vec();
    for channel in &manifest.channels {
        match amounts {
            StayAmounts::Channels => columns.push(channel.name.as_str().into()),
            StayAmounts::Cells => {
                let cell = |step| CsvCell::from(format!("{} @{step}", channel.name).as_str());
                columns.extend((0..manifest.steps).map(cell));
            }
        }
    }
    line(columns)
}

/// A stay's name as the first cell of its row.
#[must_use]
pub fn name_cell(name: &str) -> String {
    CsvCell::from(name).to_string()
}

/// Reads a record, which may be compressed, explains it and writes its row; of a record that cannot be read or explained,
/// why. Says whether it was explained.
#[must_use]
pub fn row(
    network: &Lengths,
    record: &[u8],
    reading: &ReadOptions,
    asked: &AskedExplanation,
    amounts: StayAmounts,
) -> (String, bool) {
    let found = explained(network, record, reading, asked);
    let error = found.as_ref().err().map(ToString::to_string);
    let found = found.ok();
    let relevance = found.as_ref().map(|(_, relevance)| relevance);
    let ledger = relevance.and_then(|relevance| relevance.ledger).unwrap_or_default();
    let quantities = relevance.map(|it| {
        [it.probability, it.score, it.residual(), ledger.biases, ledger.initial_states, ledger.epsilon].map(Some)
    });
    let manifest = found.as_ref().map_or(network.model(), |(model, _)| model).manifest();
    let numbers = quantities.unwrap_or_default().into_iter().chain(numbers(manifest, relevance, amounts));
    let words = [CsvCell::from(reading.name.as_str()), error.as_deref().into()];
    (line(words.into_iter().chain(numbers.map(CsvCell::from))), error.is_none())
}

/// A record's explanation, and the network that is as long as it.
fn explained(
    network: &Lengths,
    record: &[u8],
    reading: &ReadOptions,
    asked: &AskedExplanation,
) -> Result<(Arc<Model>, Relevance)> {
    let (model, stay) = network.open(record, reading)?;
    let relevance = HeldExplanation::new(&model, &stay.input, asked)?.relevance;
    Ok((model, relevance))
}

/// The amounts of a stay; nothing of one that was not explained.
fn numbers(manifest: &Manifest, found: Option<&Relevance>, amounts: StayAmounts) -> Vec<Option<f64>> {
    let mut numbers = Vec::new();
    for channel in &manifest.channels {
        let cells = (0..manifest.steps).map(|step| {
            let values = &found?.values[step * manifest.columns..];
            Some(channel.all_columns().map(|column| values[column]).sum::<f64>())
        });
        match amounts {
            StayAmounts::Cells => numbers.extend(cells),
            StayAmounts::Channels => numbers.push(cells.sum()),
        }
    }
    numbers
}
