//! The fuzz targets on the stable compiler: every file of the committed corpora, and a short burst of changes to each.
//! `make fuzz` is the long form.
#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

mod mutate;
mod properties;
#[path = "../bad_files/wire.rs"]
#[expect(dead_code, reason = "changing fields by their meaning is for the table of bad files")]
mod wire;

use std::path::{Path, PathBuf};

/// Changes to each file of a corpus.
const BURST: u64 = 40;

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect();
    files.sort();
    assert!(files.len() >= 4, "{}: {} files", folder.display(), files.len());
    files
}

/// Changed copies of some bytes, the same every time.
fn changed(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let mut state = bytes.iter().fold(1_u64, |state, byte| state.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    (0..BURST).map(move |_| {
        let mut bytes = bytes.to_vec();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (at, byte) = ((state >> 33) as usize % (bytes.len() + 1), (state >> 20) as u8);
            match state >> 62 {
                0 => bytes.insert(at, byte),
                1 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
                2 => bytes.extend_from_within(at..(at + usize::from(byte)).min(bytes.len())),
                _ => bytes.get_mut(at).into_iter().for_each(|it| *it = byte),
            }
        }
        bytes
    })
}

#[test]
fn onnx_models() {
    for (_, bytes) in corpus("onnx") {
        properties::onnx(&bytes);
        for seed in 0..BURST {
            properties::onnx(&mutate::message(&bytes, seed * 7919 + 1));
        }
    }
}

#[test]
fn manifests() {
    for (_, bytes) in corpus("manifest") {
        properties::manifest(&String::from_utf8_lossy(&bytes));
        changed(&bytes).for_each(|bytes| properties::manifest(&String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn records() {
    for (_, bytes) in corpus("record") {
        properties::record(&bytes);
        changed(&bytes).for_each(|bytes| properties::record(&bytes));
    }
}
