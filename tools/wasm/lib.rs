//! The library that wasm-pack builds into `pkg/`.
//!
//! It is a crate of its own because cargo skips link-time optimisation for a crate that is also an `rlib`, and the
//! host tests need the `rlib`. Everything it exports is in [`vitrine::web`].

#[cfg(target_arch = "wasm32")]
pub use vitrine::web::*;
