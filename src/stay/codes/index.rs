//! Where each name and code of a table stands: a search of the whole table for every row would take as long as rows times
//! names.

use super::Codes;
use crate::stay::category;
use crate::stay::unit;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Made when it is first asked for. Two tables with the same entries are the same, whatever has been looked up in them.
#[derive(Debug, Default)]
pub(super) struct Lookup(OnceLock<Index>);

impl Lookup {
    pub(super) fn of(&self, codes: &Codes) -> &Index {
        self.0.get_or_init(|| Index::of(codes))
    }
}

impl Clone for Lookup {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Lookup {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Places in [`Codes::variables`].
#[derive(Debug, Default)]
pub(super) struct Index {
    channels: HashMap<String, usize>,
    /// Folded names of channels and of other houses.
    names: HashMap<String, usize>,
    ranks: HashMap<String, usize>,
    /// Codes of any system.
    codes: HashMap<String, usize>,
    systems: HashMap<String, HashMap<String, usize>>,
    challenge: HashMap<String, (usize, usize)>,
    /// Folded spellings of units; `None` where two units share one.
    units: HashMap<String, Option<String>>,
}

impl Index {
    fn of(table: &Codes) -> Self {
        let mut index = Self::default();
        for (place, variable) in table.variables.iter().enumerate() {
            index.channels.entry(variable.channel.clone()).or_insert(place);
            index.names.entry(folded(&variable.channel)).or_insert(place);
            for (rank, name) in variable.names.iter().enumerate() {
                index.names.entry(folded(name)).or_insert(place);
                index.ranks.entry(folded(name)).or_insert(rank + 1);
            }
            for (rank, name) in variable.physionet2012.names.iter().enumerate() {
                index.challenge.entry(name.clone()).or_insert((place, rank));
            }
            for (system, codes) in &variable.codes {
                let of_system = index.systems.entry(system.clone()).or_default();
                for code in codes {
                    of_system.entry(code.clone()).or_insert(place);
                    index.codes.entry(code.clone()).or_insert(place);
                }
            }
        }
        index.add_units(table);
        index
    }

    /// The spellings of the table first, then the codes of its units in other case.
    fn add_units(&mut self, table: &Codes) {
        for (name, code) in &table.unit_names {
            self.units.insert(unit::folded(name), Some(code.clone()));
        }
        let mut by_code: HashMap<String, Option<String>> = HashMap::new();
        for code in table.variables.iter().flat_map(|variable| variable.units.keys()) {
            let known = by_code.entry(unit::folded(code)).or_insert_with(|| Some(code.clone()));
            if known.as_ref().is_some_and(|known| known != code) {
                *known = None;
            }
        }
        for (spelling, code) in by_code {
            self.units.entry(spelling).or_insert(code);
        }
    }

    pub(super) fn of_channel(&self, channel: &str) -> Option<usize> {
        self.channels.get(channel).copied()
    }

    pub(super) fn by_name(&self, name: &str) -> Option<usize> {
        let (named, coded) = (self.names.get(&folded(name)), self.codes.get(name));
        named.into_iter().chain(coded).min().copied()
    }

    pub(super) fn rank(&self, name: &str) -> usize {
        self.ranks.get(&folded(name)).copied().unwrap_or(0)
    }

    pub(super) fn by_code(&self, system: &str, code: &str) -> Option<usize> {
        self.systems.get(system)?.get(code).copied()
    }

    pub(super) fn of_challenge(&self, name: &str) -> Option<(usize, usize)> {
        self.challenge.get(name).copied()
    }

    pub(super) fn unit(&self, folded: &str) -> Option<&str> {
        self.units.get(folded)?.as_deref()
    }
}

fn folded(name: &str) -> String {
    category::folded(name).collect()
}
