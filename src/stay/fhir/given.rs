//! JSON members that say nothing, or say it in another way: FHIR's JSON may write `null` where a member is not given, and in
//! lists; servers write blanks around codes, and quotes around numbers.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::stay::shown;

/// A member, or the default where it is `null`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A list without its `null`s, or none where the list itself is `null`.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let list: Option<Vec<Option<T>>> = Option::deserialize(from)?;
    Ok(list.unwrap_or_default().into_iter().flatten().collect())
}

/// A text without the blanks around it, or none where it is `null`.
pub(super) fn trimmed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text: Option<String> = Option::deserialize(from)?;
    Ok(text.map(|text| text.trim().to_owned()).unwrap_or_default())
}

/// A number, or none where it is `null`. One in quotes is a text, and the error says so.
pub(super) fn json_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(f64),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    match Option::<Given>::deserialize(from)? {
        None => Ok(None),
        Some(Given::Number(number)) => Ok(Some(number)),
        Some(Given::Text(text)) => Err(D::Error::custom(format!(
            "a value is the text \"{}\", where FHIR has a number; write it without quotes",
            shown(&text)
        ))),
        Some(Given::Other(_)) => Err(D::Error::custom("a value is no number, where FHIR has one; write it as 37.5")),
    }
}
