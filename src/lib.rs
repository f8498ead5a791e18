//! Vitrine explains clinical recurrent networks in the browser tab.
//!
//! ```text
//! ONNX bytes --read--> Model --+
//!                              +--trace--> Trace --explain--> Relevance --grid--> Grid --paint--> Pixmap --> canvas
//! record text --parse--> Stay -+
//! ```

pub mod account;
pub mod class_model;
pub mod cohort;
pub mod colormap;
pub mod counterfactual;
pub mod course;
pub mod error;
pub mod explain;
pub mod export;
pub mod function;
pub mod graph;
pub mod grid;
pub mod history;
pub mod inspect;
pub mod job;
pub mod layout;
pub mod model;
mod onnx;
pub mod pixmap;
pub mod recurrence;
pub mod replay;
pub mod scale;
pub mod self_test;
pub mod sentence;
pub mod stay;
pub mod totals;
pub mod trace;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod words;

pub use error::{Error, Kind, Place, Result};
pub use model::Model;
