//! The header of an episode: which field holds the time, and which the value of which channel.

use super::wrong;
use crate::stay::category::folded;
use crate::stay::manifest::Manifest;
use crate::stay::report::Notes;
use crate::stay::table::Row;
use crate::stay::{format, shown};
use crate::{Error, Place, Result};

/// The name of the field that holds the time.
const HOURS: &str = "Hours";

/// What the fields of every row are.
pub(super) struct Header {
    /// Index of the field that holds the time.
    pub(super) hours: usize,
    /// The channel whose value each field holds, `[n_fields]`; `None` for the time and for fields that are not used.
    pub(super) channels: Vec<Option<usize>>,
    /// Names read in another spelling, fields not used, channels without a field.
    pub(super) notes: Notes,
}

impl Header {
    pub(super) const fn n_fields(&self) -> usize {
        self.channels.len()
    }

    /// Reads the record's first row; `text` is the whole record, for advice when it is no header.
    pub(super) fn read(row: &Row<'_>, manifest: &Manifest, text: &str) -> Result<Self> {
        let no_header = |reason: String| wrong(format!("{reason}; {}", format::advice(text))).at(Place::Line(row.line));
        let Some(hours) = row.fields.iter().position(|name| name.trim().eq_ignore_ascii_case(HOURS)) else {
            return Err(no_header("no header with a column \"Hours\"".to_owned()));
        };
        let mut header = Self { hours, channels: vec![None; row.fields.len()], notes: Notes::default() };
        let mut field_of_channel = vec![None; manifest.channels.len()];
        for (field, name) in row.fields.iter().enumerate().filter(|(field, _)| *field != hours) {
            header.take_name(row.line, field, name.trim(), manifest, &mut field_of_channel)?;
        }
        if field_of_channel.iter().all(Option::is_none) {
            let wanted = manifest.channels.first().map_or("", |channel| &channel.name);
            return Err(no_header(format!("no column is a variable of the model, such as \"{}\"", shown(wanted))));
        }
        for (channel, _) in manifest.channels.iter().zip(&field_of_channel).filter(|(_, field)| field.is_none()) {
            header.notes.push(row.line, &channel.name, || {
                "not in the record; its normal value stands in every step".to_owned()
            });
        }
        Ok(header)
    }

    fn take_name(
        &mut self,
        line: u64,
        field: usize,
        name: &str,
        manifest: &Manifest,
        field_of_channel: &mut [Option<usize>],
    ) -> Result<()> {
        if name.eq_ignore_ascii_case(HOURS) {
            return Err(twice(HOURS, line));
        }
        let Some(index) = channel_named(manifest, name) else {
            let seen = if name.is_empty() { format!("(column {} without a name)", field + 1) } else { shown(name) };
            self.notes.push(line, &seen, || "no variable of the model; not used".to_owned());
            return Ok(());
        };
        let channel = &manifest.channels[index];
        if field_of_channel[index].replace(field).is_some() {
            return Err(twice(&channel.name, line));
        }
        if channel.name != name {
            self.notes.push(line, &channel.name, || format!("spelled \"{}\" in the record", shown(name)));
        }
        self.channels[field] = Some(index);
        Ok(())
    }
}

fn twice(name: &str, line: u64) -> Error {
    wrong(format!("column \"{}\" stands in the header twice; keep one", shown(name))).at(Place::Line(line))
}

/// The channel that a header's name means: its own name, else the only one that differs in case or spacing alone, or
/// in the right spelling of "Glasgow", which the benchmark spells "Glascow".
fn channel_named(manifest: &Manifest, name: &str) -> Option<usize> {
    let channels = &manifest.channels;
    if let Some(index) = channels.iter().position(|channel| channel.name == name) {
        return Some(index);
    }
    let key = |name: &str| folded(name).collect::<String>().replace("glasgow", "glascow");
    let wanted = key(name);
    let mut fitting = channels.iter().enumerate().filter(|(_, channel)| key(&channel.name) == wanted);
    let (index, _) = fitting.next()?;
    if fitting.next().is_some() { None } else { Some(index) }
}
