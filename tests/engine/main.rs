//! The engine as a whole, from files to relevance. One binary, because linking tract takes longer than the tests.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "what a test counts is small"
)]
#![expect(clippy::unwrap_used, reason = "a test may stop where its own files are missing")]

mod alone;
mod answers;
mod axioms;
mod bad_models;
mod close;
mod common;
mod compatibility;
mod demos;
mod ensemble;
mod explain;
mod exporters;
mod graphs;
mod heads;
mod loops;
mod markers;
mod masking;
mod methods;
mod networks;
mod obstacles;
mod operators;
mod planted;
mod real_stays;
mod set_b;
mod shapes;
mod table;
mod toy;
mod tract;
mod trust;
mod word_slopes;
