//! Whether a manifest makes sense: numbers with which a channel could not matter, and names that would mislead.

use std::collections::HashMap;

use super::refusal::{check, wrong};
use super::{Channel, Encoding, Manifest};
use crate::Result;
use crate::stay::category::folded;
use crate::stay::codes::Codes;
use crate::stay::shown;

/// A plausible range may be so many standard deviations wide: from one in which no value matters to one that single
/// precision does not divide into them.
const WIDTHS: std::ops::RangeInclusive<f64> = 0.01..=16_777_216.0;

/// A standard deviation may be so many times the largest of mean, normal value and 1, and the reverse.
const STD_MAX: f64 = 1e9;

/// Numbers of a continuous channel; `path` is the channel's.
///
/// # Errors
/// [`crate::Kind::Manifest`] at the field, with the channel's name, and why no value of it can matter.
pub(super) fn check_scaling(channel: &Channel, path: &str) -> Result<()> {
    let Encoding::Continuous { mean, std, normal } = channel.encoding else { return Ok(()) };
    let name = shown(&channel.name);
    let at = |field: &str| format!("{path}.encoding.{field}");
    let most = *WIDTHS.end();
    if let Some([low, high]) = channel.plausible {
        let message = format!("is {normal}, and {name} is plausible from {low} to {high}; correct one of them");
        check(&at("normal"), (low..=high).contains(&normal), &message)?;
        let width = (high - low) / std;
        let message =
            format!("is {std}, so that the plausible range of {name}, {low} to {high}, is {width:.1e} of them");
        check(&at("std"), WIDTHS.contains(&width), &format!("{message}; write the one of the training data"))?;
        let far = (low - mean).abs().max((high - mean).abs()) / std;
        let message = format!("is {mean}, {far:.1e} standard deviations from what is plausible of {name}");
        check(&at("mean"), far <= most, &format!("{message}; write the one of the training data"))?;
    }
    let largest = mean.abs().max(normal.abs());
    let message = format!("is {std}, far from all that {name} can be beside mean {mean} and normal value {normal}");
    let is_usual = std <= STD_MAX * largest.max(1.0) && std >= largest.min(1.0) / STD_MAX && std >= 1e-15;
    let far = (normal - mean).abs() / std;
    let is_mean = far > most && mean.abs() > normal.abs();
    let said = format!("is {mean}, {far:.1e} standard deviations from the normal value {normal} of {name}");
    check(&at("mean"), !is_mean || !is_usual, &format!("{said}; write the one of the training data"))?;
    check(&at("std"), is_usual && far <= most, &format!("{message}; write the one of the training data"))
}

/// No two channels have one name or one label, case and spacing aside, and none is labelled by another's name.
///
/// # Errors
/// [`crate::Kind::Manifest`] at the later of the two, with both.
pub(super) fn check_names(manifest: &Manifest) -> Result<()> {
    let names = unlike(manifest, "name", |channel| &channel.name)?;
    unlike(manifest, "label", |channel| &channel.label)?;
    let codes = Codes::of(manifest)?;
    for (index, channel) in manifest.channels.iter().enumerate() {
        // What is called by its own name is, whatever a table of names makes of it.
        let label = key(&channel.label);
        if names.get(&label) == Some(&index) {
            continue;
        }
        let by_table = || names.get(&key(&codes.by_name(&channel.label)?.channel));
        if let Some(&other) = names.get(&label).or_else(by_table).filter(|other| **other != index) {
            let (own, other) = (shown(&channel.name), shown(&manifest.channels[other].name));
            let message = format!(
                "\"{}\" is what {other} is called, and this is {own}; call it by its own",
                shown(&channel.label)
            );
            return Err(wrong(&format!("channels[{index}].label"), message));
        }
    }
    Ok(())
}

/// The channels by what they are called, each differently.
fn unlike<'a>(
    manifest: &'a Manifest,
    field: &str,
    called: impl Fn(&'a Channel) -> &'a String,
) -> Result<HashMap<String, usize>> {
    let mut seen = HashMap::new();
    for (index, channel) in manifest.channels.iter().enumerate() {
        if let Some(earlier) = seen.insert(key(called(channel)), index) {
            let earlier = shown(&manifest.channels[earlier].name);
            let message = format!("is the {field} of an earlier channel too, {earlier}, case and spacing aside");
            return Err(wrong(&format!("channels[{index}].{field}"), message));
        }
    }
    Ok(seen)
}

fn key(text: &str) -> String {
    folded(text).collect()
}
