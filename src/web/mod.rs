//! The wasm boundary: newtypes over the crate, and nothing that computes.

mod api;
mod canvas;
mod cohort;
mod demo;
mod edit;
mod export;
mod js;
mod questions;
mod reading;
mod records;
mod task;

pub use api::*;
pub use canvas::*;
pub use cohort::*;
pub use demo::*;
pub use edit::*;
pub use export::*;
pub use js::{last_panic, version};
pub use questions::*;
pub use reading::*;
pub use records::*;
pub use task::Task;
