//! What a clinician does with a stay: looking at it, changing it, replaying it, comparing it with others, taking it away; and
//! what holds for the crate as a whole. One binary for all of it, because linking tract takes longer than the tests.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "what a test counts is small"
)]
#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

mod account;
mod architecture;
mod cohort;
mod common;
mod counterfactual;
mod determinism;
mod edit;
mod export;
mod holds;
mod out;
mod picture;
mod replay;
#[path = "../engine/set_b.rs"]
mod set_b;
mod summary;
#[path = "../engine/table.rs"]
mod table;
mod together;
mod trust;
