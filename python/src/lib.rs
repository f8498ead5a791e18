//! The native module of the Python package `vitrine`: the engine as Python's own code calls it.
//!
//! Nothing is computed here. Numbers cross as bytes (single precision, little endian), options and reports as JSON with
//! the names that JavaScript has. The interpreter is let go while the engine works, and what the engine panics over
//! becomes an exception.

#![cfg(not(target_arch = "wasm32"))]

mod engine;
mod error;
mod many;

use pyo3::prelude::*;

/// `vitrine._engine`, for the package's own use.
#[pymodule]
#[pyo3(name = "_engine")]
mod module {
    #[pymodule_export]
    use crate::engine::{Engine, Held, Record, name_cell, sha256, version};
    #[pymodule_export]
    use crate::many::Many;
}
