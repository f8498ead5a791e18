//! How a manifest is refused: by the field, and what is wrong with it.

use crate::{Error, Kind, Place, Result};

pub(super) fn check(field: &str, holds: bool, message: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(wrong(field, message)) }
}

pub(super) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::new(Kind::Manifest, message).at(Place::Field(field.to_owned()))
}
