//! Vitrine explains clinical recurrent networks in the browser tab.
//!
//! ```text
//! ONNX bytes --read--> Model --+
//!                              +--trace--> Trace --explain--> Relevance --grid--> Grid --paint--> Pixmap --> canvas
//! record text --parse--> Stay -+
//! ```

pub mod model;
mod onnx;
pub mod picture;
pub mod stay;
pub mod study;
#[cfg(target_arch = "wasm32")]
pub mod web;

#[doc(inline)]
pub use vitrine_engine::{engine, error, job};

pub use error::{Choice, Error, Kind, Place, Question, Result};
pub use model::{ManifestSource, Model};
