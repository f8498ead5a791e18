//! ONNX bytes, changed with their structure in mind: a node, an attribute, a shape, a weight at a time.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    vitrine_fuzz::mutated(data, size, max_size, seed, vitrine_fuzz::MODEL)
});

fuzz_target!(
    init: vitrine_fuzz::let_caught_panics_pass(),
    |bytes: &[u8]| -> Corpus { if vitrine_fuzz::onnx(bytes) { Corpus::Keep } else { Corpus::Reject } }
);
