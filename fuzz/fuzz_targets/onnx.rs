//! ONNX bytes, changed with their structure in mind: a field, a message or a number at a time.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

#[path = "../../tests/fuzz_corpus/mutate.rs"]
mod mutate;
#[path = "../../tests/fuzz_corpus/properties.rs"]
mod properties;
#[path = "../../tests/bad_files/wire.rs"]
mod wire;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let changed = mutate::message(&data[..size], u64::from(seed));
    // Half of the time the bytes are changed blindly, as libFuzzer does.
    if seed % 2 == 0 || changed.is_empty() || changed.len() > max_size {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
});

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if properties::onnx(bytes) { Corpus::Keep } else { Corpus::Reject }
});
