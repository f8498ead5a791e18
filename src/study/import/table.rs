//! A map as a table: a line a cell.

use csv::{ReaderBuilder, StringRecord};

use super::{Import, wrong};
use crate::engine::number::real;
use crate::error::{Error, Kind, Place, Result};
use crate::stay::manifest::{Channel, Encoding, Manifest};

/// Where the columns of the table stand.
struct ImportHeader {
    hour: usize,
    /// The table's column, and whether it names channels; else columns of the model's input.
    place: (usize, bool),
    relevance: usize,
    /// That of the relevance of the channel's being measured, as the page's own tables have it.
    measuring: Option<usize>,
    /// That of what the channel had.
    value: Option<usize>,
}

/// What a line is about.
struct ImportCell<'a> {
    /// Its place in the input.
    at: usize,
    /// That of the channel's being measured, where it has such a column.
    measuring: Option<usize>,
    /// The channel, where it is named.
    channel: Option<&'a Channel>,
}

/// So much of a channel's spread may lie between a line's value and the input's, for they are often rounded.
const ROUNDING: f64 = 0.1;

/// Lines that begin with `#` are none of it: the page's own tables end with some.
pub(super) fn read(text: &str, manifest: &Manifest, input: &[f32]) -> Result<Import> {
    let text = text.trim_start_matches('\u{feff}');
    let (mut builder, delimiter) = (ReaderBuilder::new(), delimiter(text));
    let mut reader = builder.trim(csv::Trim::All).comment(Some(b'#')).delimiter(delimiter).from_reader(text.as_bytes());
    let header = header(&reader.headers().map_err(|error| unreadable(&error))?.clone())?;
    let mut values = vec![None; manifest.steps * manifest.columns];
    for row in reader.records() {
        let row = row.map_err(|error| unreadable(&error))?;
        let row = if delimiter == b',' { row } else { with_points(&row) };
        let line = row.position().map_or(1, csv::Position::line);
        let at = |error: Error| error.at(Place::Line(line));
        let ImportCell { at: cell, measuring, channel } = cell(&row, &header, manifest, input).map_err(at)?;
        if let (Some(channel), Some(value)) = (channel, header.value) {
            check_value(channel, input[cell], row.get(value).unwrap_or_default()).map_err(at)?;
        }
        let relevance = number(&row, header.relevance, "relevance").map_err(at)?;
        let of_measuring =
            header.measuring.map(|field| number(&row, field, "mask_relevance")).transpose().map_err(at)?;
        if values[cell].replace(relevance).is_some() {
            return Err(at(plain("the same cell stands in an earlier line; keep one of them")));
        }
        match (measuring, of_measuring.filter(|relevance| *relevance != 0.0)) {
            (Some(measuring), Some(relevance)) => values[measuring] = Some(relevance),
            (None, Some(_)) => {
                return Err(at(plain("has mask_relevance, and the channel has no column of its being measured")));
            }
            _ => {}
        }
    }
    if values.iter().all(Option::is_none) {
        return Err(wrong("has a header and no lines below it; write a line a cell"));
    }
    let is_named = |step: usize, channel: &Channel| {
        let mut columns = channel.columns.iter().copied().chain(channel.measuring());
        columns.any(|column| values[step * manifest.columns + column].is_some())
    };
    let unnamed = |step: usize| manifest.channels.iter().filter(|channel| !is_named(step, channel)).count();
    let n_unnamed = (0..manifest.steps).map(unnamed).sum();
    Ok(Import { values: values.into_iter().map(Option::unwrap_or_default).collect(), n_unnamed })
}

/// Whether a line's value can be the input's. Categories are spelled in too many ways to be held against it.
fn check_value(channel: &Channel, input: f32, text: &str) -> Result<()> {
    let (Encoding::Continuous { mean, std, .. }, Ok(value)) = (&channel.encoding, text.parse::<f64>()) else {
        return Ok(());
    };
    let [scaled, clinical] = [f64::from(input), f64::from(input) * std + mean];
    let is_near = |own: f64, spread: f64| (value - own).abs() <= (ROUNDING * spread).max(1e-3 * own.abs());
    if is_near(clinical, channel.spread()) || is_near(scaled, channel.spread() / std) {
        return Ok(());
    }
    let own = (clinical * 1e4).round() / 1e4;
    let message = format!(
        "value {value} of {}, where the stay has {own}: the map is of another stay, or of other values; open the stay that it is of, or take the column value out",
        channel.name
    );
    Err(plain(&message))
}

/// What stands between the columns: semicolons where a comma is the decimal point, or tabs.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    let count = |delimiter: &u8| header.bytes().filter(|byte| byte == delimiter).count();
    *b"\t;,".iter().max_by_key(|delimiter| count(delimiter)).unwrap_or(&b',')
}

/// A row whose numbers have a decimal point in place of a comma.
fn with_points(row: &StringRecord) -> StringRecord {
    let number = |field: &str| Some(field.replacen(',', ".", 1)).filter(|text| text.parse::<f64>().is_ok());
    let mut points: StringRecord = row.iter().map(|field| number(field).unwrap_or_else(|| field.to_owned())).collect();
    points.set_position(row.position().cloned());
    points
}

fn header(names: &StringRecord) -> Result<ImportHeader> {
    let find = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let missing = |what: &str| {
        let names: Vec<&str> = names.iter().collect();
        wrong(&format!(
            "has no column {what}, only {}; name them hour, channel or column, and relevance",
            names.join(", ")
        ))
    };
    let place = match (find("channel"), find("column")) {
        (Some(_), Some(_)) => return Err(wrong("has both channel and column; keep one of them")),
        (Some(at), None) => (at, true),
        (None, Some(at)) => (at, false),
        (None, None) => return Err(missing("channel or column")),
    };
    let hour = find("hour").ok_or_else(|| missing("hour"))?;
    let relevance = find("relevance").ok_or_else(|| missing("relevance"))?;
    // Columns are named one by one, those of being measured among them.
    let measuring = find("mask_relevance").filter(|_| place.1);
    let value = find("value").filter(|_| place.1);
    Ok(ImportHeader { hour, place, relevance, measuring, value })
}

fn cell<'a>(
    row: &StringRecord,
    header: &ImportHeader,
    manifest: &'a Manifest,
    input: &[f32],
) -> Result<ImportCell<'a>> {
    let hour = number(row, header.hour, "hour")?;
    let step = (hour / manifest.step_hours + 1e-9).floor();
    if !(0.0..real(manifest.steps)).contains(&step) {
        let hours = real(manifest.steps) * manifest.step_hours;
        return Err(plain(&format!("hour {hour} is outside the stay of {hours} hours; hours count from 0")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let first = step as usize * manifest.columns;
    let name = row.get(header.place.0).unwrap_or_default();
    let (column, channel) = if header.place.1 {
        let is_named = |known: &&String| known.eq_ignore_ascii_case(name);
        let mut channels = manifest.channels.iter();
        let channel = channels.find(|channel| [&channel.name, &channel.label].iter().any(is_named));
        let channel = channel.ok_or_else(|| unknown(name, manifest))?;
        let columns = &channel.columns;
        let stands = |column: &&usize| input.get(first + **column).is_some_and(|x| *x >= 0.5);
        let active = if columns.len() > 1 { columns.iter().find(stands) } else { None };
        (active.or_else(|| columns.first()).copied(), Some(channel))
    } else {
        (name.parse().ok().filter(|column: &usize| *column < manifest.columns), None)
    };
    let message = || format!("column \"{name}\" is not one of 0 to {}", manifest.columns - 1);
    let measuring = channel.and_then(|channel| channel.measuring().next()).map(|column| first + column);
    Ok(ImportCell { at: first + column.ok_or_else(|| plain(&message()))?, measuring, channel })
}

fn unknown(name: &str, manifest: &Manifest) -> Error {
    let known: Vec<&str> = manifest.channels.iter().map(|channel| channel.name.as_str()).take(20).collect();
    plain(&format!("\"{name}\" is no channel of this model; it has {}", known.join(", ")))
}

fn number(row: &StringRecord, at: usize, what: &str) -> Result<f64> {
    let text = row.get(at).unwrap_or_default();
    text.parse().map_err(|_| plain(&format!("{what} \"{text}\" is no number; write it with a point, such as 0.25")))
}

fn plain(message: &str) -> Error {
    Error::new(Kind::Argument, message)
}

fn unreadable(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    plain("has another number of fields than the header, or text that is not UTF-8; mend the line")
        .at(Place::Line(line))
}
