//! From a record's text to a model's input.

mod bins;
mod category;
pub(crate) mod clock;
pub mod codes;
pub mod contradiction;
mod dated;
mod dates;
mod edit;
pub mod fhir;
pub mod file;
mod format;
mod gather;
mod lines;
pub mod long;
pub mod manifest;
mod mimic3;
mod number;
mod objects;
mod options;
mod physionet2012;
pub mod removal;
mod report;
mod row;
mod sampling;
mod table;
pub mod text;
pub mod tie;
mod unit;
mod unit_question;
mod visible;
mod zero;

pub use contradiction::Contradiction;
pub use edit::{Edit, EnteredValue};
pub use format::Format;
pub use options::{ColumnNames, DayRule, Mapping, ReadOptions, TimeUnit, TimeZero};
pub use report::{ImportReport, NOTES_MAX, Remark, Source};
pub use visible::visible;

use crate::Result;
use manifest::Manifest;
use serde::Serialize;
use std::collections::BTreeMap;

/// One ICU episode, ready for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// The record's name, as the caller gave it.
    pub name: String,
    /// The model's input, `[n_steps * n_columns]`, row-major, in model units.
    pub input: Vec<f32>,
    /// What stands in each grid cell, `[n_channels * n_steps]`, row-major (a channel's hours are contiguous).
    pub cells: Vec<StayCell>,
    /// What was read, skipped, and found implausible.
    pub report: ImportReport,
    /// What was done to it since it was read.
    pub since: Since,
    /// What the record has where readings are other ones by now, by the place among `cells`; nothing where it has none.
    pub recorded: BTreeMap<usize, Option<EnteredValue>>,
}

/// What was done to a stay since its record was read: what is said of it is then no longer of the record alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since {
    /// So many edits are in it.
    pub n_edits: usize,
    /// Where it is the stay as of an earlier hour: so many steps are known.
    pub known_steps: Option<usize>,
    /// Whether it came from a saved view, and not from its record.
    pub is_from_view: bool,
}

/// What one channel was in one hour, in clinical terms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StayCell {
    /// The value in clinical units; for a one-hot channel the category's ordinal.
    pub value: f64,
    /// Index into the channel's categories, for a one-hot channel.
    pub category: Option<usize>,
    /// Where the value comes from.
    pub origin: Origin,
}

impl StayCell {
    /// Where there is no cell.
    pub(crate) const NONE: Self = Self { value: f64::NAN, category: None, origin: Origin::Normal };
}

/// Where a cell's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Origin {
    /// Measured in this step.
    Observed,
    /// The last observed value, so many steps old.
    CarriedForward {
        /// Steps since the value was observed, at least 1.
        age: usize,
    },
    /// Nothing observed so far: the channel's normal value.
    Normal,
}

impl Stay {
    /// Reads a record and prepares it for the model that `manifest` describes: steps, imputation, masks, scaling.
    ///
    /// `manifest` has passed [`Manifest::validate`]; `name` is kept as it is. Values are used as they stand in the
    /// record: whatever is skipped, respelled or implausible is in the [`ImportReport`].
    ///
    /// ```
    /// use vitrine::stay::{Format, Stay, manifest::Manifest};
    ///
    /// let manifest = Manifest::built_in(48, 76, 1)?;
    /// let stay = Stay::parse("Hours,Heart Rate,pH\n0.5,96,7.31\n1.5,103,\n", &manifest, Format::Auto, "demo")?;
    /// assert_eq!(stay.input.len(), 48 * 76);
    /// assert_eq!(stay.report.observed.iter().sum::<usize>(), 3); // heart rate in two hours, pH in one
    /// # Ok::<(), vitrine::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Kind::Record`] with the line, where the text is no such record, is too long, or holds a cell that can
    /// only be guessed at.
    ///
    /// # Panics
    /// Where `manifest` would not pass [`Manifest::validate`].
    pub fn parse(text: &str, manifest: &Manifest, format: Format, name: &str) -> Result<Self> {
        Self::read(text, manifest, &ReadOptions { format, name: name.to_owned(), ..ReadOptions::default() })
    }

    /// Reads a record as [`Stay::parse`] does, with all that a caller can say about it.
    ///
    /// # Errors
    /// As for [`Stay::parse`]; and where several patients stand in the record and none is chosen (the message lists
    /// them), where the time zero asked for cannot be found, or where no variable of a long table is known.
    ///
    /// # Panics
    /// Where `manifest` would not pass [`Manifest::validate`].
    pub fn read(text: &str, manifest: &Manifest, options: &ReadOptions) -> Result<Self> {
        let format = match (options.format, Format::detect(text)) {
            // What looks like nothing else, or gives only some of its columns away.
            (Format::Auto, Format::Mimic3) if long::is_table(text, manifest, options) => Format::Long,
            (Format::Auto, detected) => detected,
            (given, _) => given,
        };
        let (bins, report) = match format {
            Format::Auto | Format::Mimic3 => mimic3::read(text, manifest, options.format == Format::Mimic3)?,
            Format::Physionet2012 => physionet2012::read(text, manifest)?,
            Format::Fhir => fhir::read(text, manifest, options)?,
            Format::Long => long::read(text, manifest, options)?,
        };
        match format {
            Format::Auto | Format::Mimic3 | Format::Physionet2012 => options.check_fixed(&report.source.patient)?,
            Format::Fhir | Format::Long => {}
        }
        let cells = bins.cells();
        let name = visible(&options.name).into_owned();
        Ok(Self {
            name,
            input: bins::encode(manifest, &cells),
            cells,
            report: report.visible(),
            since: Since::default(),
            recorded: BTreeMap::new(),
        })
    }
}

impl Stay {
    /// Reads a record as [`Stay::read`] does from the bytes of its file, which may be compressed.
    ///
    /// # Errors
    /// As for [`Stay::read`]; and where the file is no text, or an archive that does not hold exactly one.
    ///
    /// # Panics
    /// Where `manifest` would not pass [`Manifest::validate`].
    pub fn open(bytes: &[u8], manifest: &Manifest, options: &ReadOptions) -> Result<Self> {
        Self::read(&file::only(&options.name, bytes)?, manifest, options)
    }

    /// How many steps a record has: up to the last one in which something was observed. What the manifest says of the number
    /// of steps does not count.
    ///
    /// # Errors
    /// As for [`Stay::open`], and where nothing is observed in the record.
    ///
    /// # Panics
    /// Where `manifest` would not pass [`Manifest::validate`].
    pub fn n_steps_in(bytes: &[u8], manifest: &Manifest, options: &ReadOptions) -> Result<usize> {
        let steps = (STEPS_MAX * 48 / manifest.columns.max(48)).max(1);
        let manifest = Manifest { steps, ..manifest.clone() };
        let stay = Self::open(bytes, &manifest, options)?;
        let rows = stay.cells.chunks_exact(steps);
        let last = |row: &[StayCell]| row.iter().rposition(|cell| cell.origin == Origin::Observed);
        rows.filter_map(last).max().map(|last| last + 1).ok_or_else(|| {
            crate::Error::new(
                crate::Kind::Record,
                "nothing that the model reads is observed in the record; name its columns as the model's manifest does",
            )
        })
    }

    /// A stay in which nothing was measured.
    #[must_use]
    pub fn unmeasured(manifest: &Manifest, name: &str) -> Self {
        let cells = bins::Bins::new(manifest).cells();
        let report = ImportReport { observed: vec![0; manifest.channels.len()], ..ImportReport::default() };
        let (name, since) = (visible(name).into_owned(), Since::default());
        Self { name, input: bins::encode(manifest, &cells), cells, report, since, recorded: BTreeMap::new() }
    }
}

/// A record of more steps is cut, of models that read any number.
const STEPS_MAX: usize = 4096;

/// A piece of foreign text as it may stand in a message: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let start: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() { start + "..." } else { start }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn foreign_text_is_shown_short_and_harmless() {
        assert_eq!(shown("7.4"), "7.4");
        assert_eq!(shown("a\nb\u{0}\""), "a\\nb\\0\\\"");
        assert_eq!(shown(&"x".repeat(1000)), "x".repeat(40) + "...");
    }
}
