//! What a clinician does with a stay: changing it, replaying it, comparing it with others, taking it away.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

mod account;
mod cohort;
mod common;
mod counterfactual;
mod edit;
mod export;
mod replay;
mod trust;
mod words;
