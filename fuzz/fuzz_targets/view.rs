//! Saved views: the JSON that the page exports and opens again.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    vitrine_fuzz::mutated(data, size, max_size, seed, vitrine_fuzz::JSON)
});

fuzz_target!(|bytes: &[u8]| vitrine_fuzz::view(bytes));
