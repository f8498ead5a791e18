//! Numbers only: the parts of `vitrine` that are compiled for speed, and what lies beneath all others.
//!
//! A crate has one level of optimisation. The rest of `vitrine` is compiled for size: it is most of what the page
//! downloads, and waits for none of it.

#[path = "../../src/engine/mod.rs"]
pub mod engine;
#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/job.rs"]
pub mod job;

pub use error::{Choice, Error, Kind, Place, Question, Result};
