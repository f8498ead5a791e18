//! The wasm boundary: newtypes over the crate, and nothing that computes.

mod api;
mod canvas;
mod edit;
mod js;
mod reading;
mod records;

pub use api::*;
pub use canvas::*;
pub use edit::*;
pub use js::{last_panic, version};
pub use reading::*;
pub use records::*;
