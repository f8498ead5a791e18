//! The header of an episode: which field holds the time, and which the value of which channel.

use super::wrong;
use crate::stay::category::folded;
use crate::stay::manifest::Manifest;
use crate::stay::report::Notes;
use crate::stay::table::Row;
use crate::stay::{format, shown};
use crate::{Error, Place, Result};
use csv::StringRecord;
use std::collections::HashMap;

/// The name of the field that holds the time.
const HOURS: &str = "Hours";

/// Most columns that a record may have.
const FIELDS_MAX: usize = 100_000;

/// What the fields of every row are.
pub(super) struct Header {
    /// Index of the field that holds the time.
    pub(super) hours: usize,
    /// The channel whose value each field holds, `[n_fields]`; `None` for the time and for fields that are not used.
    pub(super) channels: Vec<Option<usize>>,
    /// Names read in another spelling, channels without a field.
    pub(super) notes: Notes,
    /// Fields that are no variable of the model.
    pub(super) unused: Notes,
    /// The row itself.
    names: StringRecord,
}

impl Header {
    pub(super) const fn n_fields(&self) -> usize {
        self.channels.len()
    }

    /// How the record spells a channel.
    pub(super) fn name_of(&self, channel: usize) -> &str {
        let field = self.channels.iter().position(|known| *known == Some(channel));
        field.and_then(|field| self.names.get(field)).unwrap_or_default().trim()
    }

    /// Whether a row is the header once more.
    pub(super) fn is_again(&self, row: &Row<'_>) -> bool {
        row.is_header(self.names.iter())
    }

    /// Reads the record's first row; `text` is the whole record, for advice when it is no header.
    pub(super) fn read(row: &Row<'_>, manifest: &Manifest, text: &str) -> Result<Self> {
        let Some(hours) = row.fields.iter().position(|name| name.trim().eq_ignore_ascii_case(HOURS)) else {
            let message = format!("no header with a column \"{HOURS}\"; {}", format::advice(text));
            return Err(wrong(message).at(Place::Line(row.line)));
        };
        check_count(row)?;
        let names = Names::new(manifest);
        let (notes, unused) = (Notes::default(), Notes::default());
        let mut header =
            Self { hours, channels: vec![None; row.fields.len()], notes, unused, names: row.fields.clone() };
        let mut field_of_channel = vec![None; manifest.channels.len()];
        for (field, name) in row.fields.iter().enumerate().filter(|(field, _)| *field != hours) {
            let name = name.trim();
            match names.find(name) {
                Some(index) if field_of_channel[index].is_some() => return Err(twice(name, row.line)),
                Some(index) => {
                    field_of_channel[index] = Some(field);
                    header.channels[field] = Some(index);
                    header.note_spelling(row.line, name, &manifest.channels[index].name);
                }
                None if name.eq_ignore_ascii_case(HOURS) => return Err(twice(name, row.line)),
                None => header.note_unused(row.line, name, field),
            }
        }
        if field_of_channel.iter().all(Option::is_none) {
            return Err(no_variable(row.line, manifest));
        }
        let absent = manifest.channels.iter().zip(&field_of_channel).filter(|(_, field)| field.is_none());
        for (channel, _) in absent.filter(|(channel, _)| channel.gap.is_none()) {
            header.notes.push(row.line, &channel.name, || {
                "not in the record; its normal value stands in every step".to_owned()
            });
        }
        Ok(header)
    }

    fn note_spelling(&mut self, line: u64, seen: &str, name: &str) {
        if seen != name {
            self.notes.push(line, name, || format!("spelled \"{}\" in the record", shown(seen)));
        }
    }

    fn note_unused(&mut self, line: u64, name: &str, field: usize) {
        let seen = if name.is_empty() { format!("(column {} without a name)", field + 1) } else { shown(name) };
        self.unused.push(line, &seen, || "no variable of the model; not used".to_owned());
    }
}

fn check_count(row: &Row<'_>) -> Result<()> {
    let n_fields = row.fields.len();
    if n_fields > FIELDS_MAX {
        let message = format!("{n_fields} columns, and at most {FIELDS_MAX} are read; keep those that the model knows");
        return Err(wrong(message).at(Place::Line(row.line)));
    }
    Ok(())
}

fn no_variable(line: u64, manifest: &Manifest) -> Error {
    let wanted = manifest.channels.first().map_or("", |channel| &channel.name);
    let message =
        format!("no column is a variable of the model; name them as the model does: {HOURS},{},...", shown(wanted));
    wrong(message).at(Place::Line(line))
}

fn twice(name: &str, line: u64) -> Error {
    wrong(format!("column \"{}\" stands in the header twice; keep one", shown(name))).at(Place::Line(line))
}

/// The channels by their names as a header may spell them.
struct Names<'a> {
    exact: HashMap<&'a str, usize>,
    /// By [`key`]; `None` where two channels share one.
    folded: HashMap<String, Option<usize>>,
}

impl<'a> Names<'a> {
    fn new(manifest: &'a Manifest) -> Self {
        let mut names = Self { exact: HashMap::new(), folded: HashMap::new() };
        for (index, channel) in manifest.channels.iter().enumerate() {
            names.exact.insert(&channel.name, index);
            names.folded.entry(key(&channel.name)).and_modify(|shared| *shared = None).or_insert(Some(index));
        }
        names
    }

    /// The channel of exactly this name, else the only one that differs by its [`key`]'s leave.
    fn find(&self, name: &str) -> Option<usize> {
        self.exact.get(name).copied().or_else(|| self.folded.get(&key(name)).copied().flatten())
    }
}

/// A name without regard to case and spacing, and with "Glasgow" as the benchmark spells it.
fn key(name: &str) -> String {
    folded(name).collect::<String>().replace("glasgow", "glascow")
}
