//! What several channels do together where none of them is decisive alone: a patient in shock has a low pressure, a fast
//! heart, a low pH, and any one of them says what the others say.

use serde::{Deserialize, Serialize};

use super::effect::NetworkRuns;
use super::finding::Charted;
use crate::Result;
use crate::stay::manifest::Manifest;

/// Most channels that are put together.
const MOST: usize = 6;

/// Channels that moved the output together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JointFinding {
    /// The channels' indices, strongest first; at least two.
    pub rows: Vec<usize>,
    /// Their names as people read them.
    pub channels: Vec<String>,
    /// The relevance of all of them over all hours, and its magnitude as a share (0..1) of all effects.
    pub relevance: f64,
    /// See `relevance`.
    pub share: f64,
    /// The output had none of them been charted.
    pub without: f64,
}

/// The strongest of the channels `rows` of a side, largest total first, if the output moves as they say without all of
/// them.
pub(super) fn joint(
    manifest: &Manifest,
    charted: &Charted,
    mut rows: Vec<usize>,
    effects: &NetworkRuns<'_>,
    sign: f64,
) -> Result<Option<JointFinding>> {
    rows.truncate(MOST);
    if rows.len() < 2 {
        return Ok(None);
    }
    let relevance = rows.iter().map(|row| charted.sum(*row)).sum();
    let without = effects.without_all(&rows, sign)?;
    let channels = rows.iter().map(|row| manifest.channels[*row].label.clone()).collect();
    Ok(without.map(|without| JointFinding { share: charted.share(relevance), relevance, without, channels, rows }))
}
