//! The wasm boundary: newtypes over the crate, and nothing that computes.
