//! JSON text -> manifest, with errors that name the field.

use super::{
    Calibration, Channel, Delta, Encoding, FORMAT, Imputation, LayoutAxis, Limits, Manifest, ModelInput, Outcome,
    PredictionKind, Side, TextInput,
};
use crate::stay::codes::Codes;
use crate::stay::shown;
use crate::{Error, Kind, Place, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Longest manifest that is read, in bytes.
const BYTES_MAX: usize = 4 << 20;

impl Manifest {
    /// Reads and validates a manifest.
    ///
    /// # Errors
    /// [`Kind::Manifest`] with the place of the field, where the text is no JSON, is of another format, has a missing,
    /// unknown or wrongly typed field, or fails [`Manifest::validate`].
    pub fn from_json(text: &str) -> Result<Self> {
        if text.len() > BYTES_MAX {
            let message =
                format!("{} bytes, and at most {BYTES_MAX} are read; leave out what is not needed", text.len());
            return Err(Error::new(Kind::Manifest, message));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        check_format(&value)?;
        let mut manifest: Self = serde_json::from_str(text).map_err(|error| locate(&value, &error))?;
        manifest.make_visible();
        manifest.validate()?;
        Ok(manifest)
    }
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::new(
        Kind::Manifest,
        format!("not valid JSON: {error}; a manifest is a JSON object with \"format\": \"{FORMAT}\""),
    )
}

/// Checked before everything else: the fields of another format are nobody's mistake.
fn check_format(value: &Value) -> Result<()> {
    let Some(object) = value.as_object() else {
        let message = format!("not a JSON object; a manifest is an object with \"format\": \"{FORMAT}\"");
        return Err(Error::new(Kind::Manifest, message));
    };
    let seen = match object.get("format") {
        Some(Value::String(format)) if format == FORMAT => return Ok(()),
        Some(Value::String(format)) => format!("is \"{}\"", shown(format)),
        Some(_) => "is no string".to_owned(),
        None => "is missing".to_owned(),
    };
    let message = format!("{seen}; this version reads \"{FORMAT}\" only");
    Err(Error::new(Kind::Manifest, message).at(Place::Field("format".to_owned())))
}

/// One field of an object: its name, and the complaint about a value of the wrong type.
type Field = (&'static str, fn(&Value) -> Option<String>);

const MANIFEST: [Field; 10] = [
    ("name", wrong::<String>),
    ("description", wrong::<String>),
    ("steps", wrong::<usize>),
    ("step_hours", wrong::<f64>),
    ("columns", wrong::<usize>),
    ("outcomes", wrong::<Vec<Value>>),
    ("codes", wrong::<Option<Codes>>),
    ("channels", wrong::<Vec<Value>>),
    ("inputs", wrong::<Vec<ModelInput>>),
    ("layout", wrong::<Vec<LayoutAxis>>),
];

const OUTCOME: [Field; 7] = [
    ("name", wrong::<String>),
    ("threshold", wrong::<f64>),
    ("kind", wrong::<PredictionKind>),
    ("unit", wrong::<String>),
    ("classes", wrong::<Vec<String>>),
    ("per_step", wrong::<bool>),
    ("calibration", wrong::<Option<Calibration>>),
];

const TEXT: [Field; 5] = [
    ("vocabulary", wrong::<Vec<String>>),
    ("unknown", wrong::<usize>),
    ("padding", wrong::<usize>),
    ("pad", wrong::<Side>),
    ("lowercase", wrong::<bool>),
];

const CHANNEL: [Field; 15] = [
    ("name", wrong::<String>),
    ("label", wrong::<String>),
    ("group", wrong::<String>),
    ("unit", wrong::<String>),
    ("columns", wrong::<Vec<usize>>),
    ("mask", wrong::<Option<usize>>),
    ("delta", wrong::<Option<Delta>>),
    ("plausible", wrong::<Option<[f64; 2]>>),
    ("noise", wrong::<Option<f64>>),
    ("normal_range", wrong::<Option<[f64; 2]>>),
    ("limits", wrong::<Option<Limits>>),
    ("precision", wrong::<Option<f64>>),
    ("imputation", wrong::<Imputation>),
    ("static", wrong::<bool>),
    ("encoding", wrong::<Encoding>),
];

/// serde's complaint about a value that is no `T`. It is read as text, as the whole manifest is: reading a `T` out of a
/// [`Value`] is code of its own.
fn wrong<T: DeserializeOwned>(value: &Value) -> Option<String> {
    serde_json::from_str::<T>(&value.to_string()).err().map(|error| complaint(&error))
}

/// A complaint about one value, without the place: that of the text it was read of says nothing of the manifest's.
fn complaint(error: &serde_json::Error) -> String {
    // What was a value is JSON. Its syntax is wrong only to one who has stopped reading.
    if error.is_syntax() {
        return "too many elements".to_owned();
    }
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Finds the field that serde complained about: the first that is wrong when it is read alone.
fn locate(value: &Value, error: &serde_json::Error) -> Error {
    let (path, message) = first_wrong(value, "", &MANIFEST)
        .or_else(|| first_wrong_entry::<Outcome>(value, "outcomes", &OUTCOME))
        .or_else(|| first_wrong_entry::<Channel>(value, "channels", &CHANNEL))
        .or_else(|| wrong_text(value.get("text")?))
        .unwrap_or_else(|| (String::new(), error.to_string()));
    let place = if path.is_empty() { Place::Whole } else { Place::Field(path) };
    Error::new(Kind::Manifest, format!("{message}; correct the manifest's JSON")).at(place)
}

fn first_wrong(object: &Value, path: &str, fields: &[Field]) -> Option<(String, String)> {
    fields.iter().find_map(|(name, wrong)| Some((format!("{path}{name}"), wrong(object.get(name)?)?)))
}

/// The same within a list: the wrong field of an entry, else the entry (a field is missing or unknown).
fn first_wrong_entry<T: DeserializeOwned>(value: &Value, list: &str, fields: &[Field]) -> Option<(String, String)> {
    value.get(list)?.as_array()?.iter().enumerate().find_map(|(index, entry)| {
        first_wrong(entry, &format!("{list}[{index}]."), fields)
            .or_else(|| Some((format!("{list}[{index}]"), wrong::<T>(entry)?)))
    })
}

fn wrong_text(text: &Value) -> Option<(String, String)> {
    first_wrong(text, "text.", &TEXT).or_else(|| Some(("text".to_owned(), wrong::<TextInput>(text)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{ "format": "vitrine-manifest/1", "name": "tiny", "steps": 2, "step_hours": 1, "columns": 2,
        "outcomes": [{ "name": "death", "threshold": 0.5 }],
        "channels": [{ "name": "pH", "label": "pH", "columns": [0], "mask": 1,
            "encoding": { "kind": "continuous", "mean": 7.4, "std": 0.1, "normal": 7.4 } }] }"#;

    /// The error after one replacement in a good manifest: its place and a word of its message.
    fn check(from: &str, to: &str, place: &str, word: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = Manifest::from_json(&GOOD.replace(from, to)).unwrap_err();
        assert_eq!(error.kind, Kind::Manifest);
        let seen = if let Place::Field(path) = &error.place { path } else { "" };
        assert_eq!(seen, place, "{error}");
        assert!(error.message.contains(word), "{error}");
        assert!(place.is_empty() || !error.message.contains(" at line "), "{error}");
    }

    #[test]
    fn a_good_manifest_survives_a_round_trip() {
        let manifest = Manifest::from_json(&format!("\u{feff}{GOOD}")).unwrap();
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::from_json(&text).unwrap(), manifest);
    }

    #[test]
    fn broken_json() {
        check("{ \"format\"", "{ format", "", "line 1 column 3");
    }

    #[test]
    fn no_object() {
        let error = Manifest::from_json("[]").unwrap_err();
        assert!(error.message.contains("not a JSON object"), "{error}");
    }

    #[test]
    fn too_long() {
        let error = Manifest::from_json(&" ".repeat(BYTES_MAX + 1)).unwrap_err();
        assert!(error.message.contains("at most 4194304"), "{error}");
    }

    #[test]
    fn another_format() {
        check("manifest/1", "manifest/2", "format", "\"vitrine-manifest/2\"");
        check("\"format\": \"vitrine-manifest/1\", ", "", "format", "missing");
        check("\"vitrine-manifest/1\"", "1", "format", "no string");
    }

    #[test]
    fn wrong_types_name_the_field() {
        check("\"steps\": 2", "\"steps\": \"two\"", "steps", "invalid type");
        check("\"steps\": 2", "\"steps\": -2", "steps", "invalid value");
        check("\"threshold\": 0.5", "\"threshold\": null", "outcomes[0].threshold", "invalid type");
        check("\"columns\": [0]", "\"columns\": [0.5]", "channels[0].columns", "invalid type");
        check("\"std\": 0.1", "\"std\": \"0.1\"", "channels[0].encoding", "invalid type");
        check("\"mask\": 1", "\"plausible\": [1, 2, 3]", "channels[0].plausible", "too many elements");
        check("\"continuous\"", "\"log\"", "channels[0].encoding", "unknown variant `log`");
        check("\"mean\": 7.4, ", "", "channels[0].encoding", "missing field `mean`");
    }

    #[test]
    fn missing_and_unknown_fields_are_named() {
        check("\"label\": \"pH\", ", "", "channels[0]", "missing field `label`");
        check("\"label\"", "\"labels\"", "channels[0]", "unknown field `labels`");
        check("\"steps\": 2, ", "", "", "missing field `steps`");
        check("\"steps\": 2, ", "\"steps\": 2, \"hours\": 2, ", "", "unknown field `hours`");
        check("\"steps\": 2, ", "\"steps\": 2, \"steps\": 3, ", "", "duplicate field `steps`");
    }

    #[test]
    fn fields_of_outcomes_channels_and_text_are_named() {
        check("\"threshold\": 0.5", "\"kind\": \"odds\"", "outcomes[0].kind", "unknown variant `odds`");
        check("\"threshold\": 0.5", "\"classes\": [1]", "outcomes[0].classes", "integer `1`");
        check("\"threshold\": 0.5", "\"per_step\": 1", "outcomes[0].per_step", "integer `1`");
        check("\"threshold\": 0.5", "\"cutoff\": 0.5", "outcomes[0]", "unknown field `cutoff`");
        check("\"mask\": 1", "\"imputation\": \"zero\"", "channels[0].imputation", "unknown variant `zero`");
        check("\"mask\": 1", "\"static\": 1", "channels[0].static", "integer `1`");
        let with = |field: &str, place: &str, word: &str| {
            check("\"steps\": 2, ", &format!("\"steps\": 2, {field}, "), place, word);
        };
        with(r#""text": { "vocabulary": ["a"], "unknown": -1 }"#, "text.unknown", "-1");
        with(r#""text": { "vocabulary": ["a"], "unknown": 0 }"#, "text", "missing field `padding`");
        with(r#""text": { "vocabulary": ["a"], "words": 0 }"#, "text", "unknown field `words`");
    }

    #[test]
    fn a_threshold_left_out_is_one_half() {
        let manifest = Manifest::from_json(&GOOD.replace(", \"threshold\": 0.5", "")).unwrap();
        assert!((manifest.outcomes[0].threshold - 0.5).abs() < 1e-12);
    }
}
