//! Vitrine explains clinical recurrent networks in the browser tab.
//!
//! ```text
//! ONNX bytes --read--> Model --+
//!                              +--trace--> Trace --explain--> Relevance --grid--> Grid --paint--> Pixmap --> canvas
//! record text --parse--> Stay -+
//! ```

pub mod colormap;
pub mod course;
pub mod error;
pub mod explain;
pub mod function;
pub mod graph;
pub mod grid;
pub mod history;
pub mod inspect;
pub mod layout;
pub mod model;
mod onnx;
pub mod pixmap;
pub mod recurrence;
pub mod scale;
pub mod stay;
pub mod totals;
pub mod trace;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use error::{Error, Kind, Place, Result};
pub use model::Model;
