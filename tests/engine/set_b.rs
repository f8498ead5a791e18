//! Real stays for the tables that `make answers` writes; they are in no folder of the repository.

use vitrine::engine::explain::random::Random;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Stay};

/// Stays that are drawn.
pub(crate) const N_STAYS: usize = 200;

/// Stays of `PhysioNet` 2012's set b, drawn by a seed; `VITRINE_SET_B` names the folder of its records.
pub(crate) fn stays(manifest: &Manifest) -> Vec<Stay> {
    let folder = std::env::var_os("VITRINE_SET_B").unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |at: usize| {
        let text = std::fs::read_to_string(&files[at]).unwrap();
        Stay::parse(&text, manifest, Format::Auto, "set b").ok()
    };
    let drawn: Vec<Stay> = Random::new(14).order(files.len()).into_iter().filter_map(read).take(N_STAYS).collect();
    assert_eq!(drawn.len(), N_STAYS);
    drawn
}
