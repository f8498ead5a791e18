//! Records: the first byte chooses the format, the rest is the text.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/fuzz_corpus/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::record(bytes));
