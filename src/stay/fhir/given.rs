//! JSON members that say nothing: FHIR's JSON may write `null` where a member is not given, and in lists.

use serde::{Deserialize, Deserializer};

/// A member, or the default where it is `null`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A list without its `null`s, or none where the list itself is `null`.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let list: Option<Vec<Option<T>>> = Option::deserialize(from)?;
    Ok(list.unwrap_or_default().into_iter().flatten().collect())
}
