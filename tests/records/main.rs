//! Records and other files from outside -> what the engine reads, or why it refuses. One binary for all of them, because
//! linking tract takes longer than the tests.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "what a test counts is small"
)]
#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

mod bad_files;
mod bad_records;
mod benchmark;
mod deltas;
mod fhir_cases;
mod fuzz_corpus;
mod houses;
mod kinds;
mod tables;
mod wire;
