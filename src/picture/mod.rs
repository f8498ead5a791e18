//! From relevance to pixels and SVG.

pub mod colormap;
pub mod course;
pub mod grid;
pub mod layout;
pub mod pixmap;
pub mod scale;
pub mod svg;
pub mod totals;
