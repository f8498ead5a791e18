//! Records of every format, and lists of labels: the first byte chooses, the rest is the text. FHIR is changed as JSON.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Behind the first byte, as JSON where it is that, else as any text.
fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let Some((first, rest)) = bytes.split_first() else { return vec![] };
    let json = vitrine_fuzz::JSON(rest, seed);
    let text = if json.is_empty() { vitrine_fuzz::TEXT(rest, seed) } else { json };
    [&[*first], text.as_slice()].concat()
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    vitrine_fuzz::mutated(data, size, max_size, seed, changed)
});

fuzz_target!(|bytes: &[u8]| vitrine_fuzz::record(bytes));
