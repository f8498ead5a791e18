//! Manifest JSON.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/fuzz_corpus/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::manifest(&String::from_utf8_lossy(bytes)));
