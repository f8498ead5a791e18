//! How many of a stay's steps an output can depend on.

use super::effect::NetworkRuns;
use crate::stay::manifest::{Channel, Encoding, Manifest};

/// The steps that an output sees, from the first: those after which nothing that was measured changes it. Mostly they are all; of
/// an output that is said at every step they end with its own, and of networks that are told how many steps there are with the
/// last of these. Found by running the networks with other measurements from a step on.
pub(super) fn seen_steps(runs: &NetworkRuns<'_>, manifest: &Manifest, input: &[f32]) -> usize {
    let Ok(whole) = runs.scores(input.to_vec()) else { return manifest.steps };
    // What cannot be run is taken for another answer: then more is seen, not less.
    let is_same = |step: usize| runs.scores(changed(manifest, input, step)).is_ok_and(|scores| scores == whole);
    let (mut least, mut most) = (0, manifest.steps);
    if most > 0 && !is_same(most - 1) {
        return most;
    }
    while least < most {
        let middle = usize::midpoint(least, most);
        if is_same(middle) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    if least == 0 { manifest.steps } else { least }
}

/// The input with another value of everything that was measured from a step on; codes and truths stay what they are.
fn changed(manifest: &Manifest, input: &[f32], from: usize) -> Vec<f32> {
    let mut input = input.to_vec();
    let in_time = |channel: &&Channel| !channel.is_static && !manifest.lengths.contains(&channel.columns[0]);
    for channel in manifest.channels.iter().filter(in_time) {
        let is_truth = matches!(channel.encoding, Encoding::OneHot { .. });
        for step in from..manifest.steps {
            let at = |column: &usize| step * manifest.columns + column;
            for x in channel.columns.iter().map(at) {
                input[x] = if is_truth { 1.0 - input[x] } else { neighbour(input[x]) };
            }
            for x in channel.measuring().map(|column| at(&column)) {
                input[x] = 1.0 - input[x];
            }
        }
    }
    input
}

/// Another number one away: of a code another code.
fn neighbour(x: f32) -> f32 {
    if x >= 1.0 { x - 1.0 } else { x + 1.0 }
}
