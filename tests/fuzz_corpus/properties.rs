//! What must hold of any bytes: no panic, and nothing read that is no number. Shared by the fuzz targets and by the test
//! that replays their corpora.

use std::collections::HashMap;
use std::sync::LazyLock;

use vitrine::explain::Options;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Stay};
use vitrine::{Kind, Model};

/// A model is refused, or its outputs are numbers and its explanation adds up. Returns whether it was read that far that
/// the bytes are worth keeping.
pub(crate) fn onnx(bytes: &[u8]) -> bool {
    let model = match Model::read(bytes, None, &HashMap::new()) {
        Ok(model) => model,
        Err(error) => {
            assert!(!error.message.is_empty());
            return !error.message.contains("not an ONNX file");
        }
    };
    let input: Vec<f32> = (0..model.n_steps() * model.n_columns()).map(|k| (k % 13) as f32 / 6.0 - 1.0).collect();
    let Ok(outputs) = model.predict(&input) else { return true };
    assert_eq!(outputs.len(), model.outputs().len());
    match model.explain(&input, &Options::default()) {
        Ok(relevance) => assert_eq!(relevance.values.len(), input.len()),
        Err(error) => assert!(matches!(error.kind, Kind::Unstable | Kind::Mismatch | Kind::Argument), "{error}"),
    }
    true
}

/// A manifest is refused with a place, or can be written and read again.
pub(crate) fn manifest(text: &str) {
    match Manifest::from_json(text) {
        Ok(_) => {}
        Err(error) => assert!(!error.message.is_empty()),
    }
}

/// A record is refused, or every number of the input is one.
pub(crate) fn record(bytes: &[u8]) {
    static MANIFEST: LazyLock<Option<Manifest>> = LazyLock::new(|| Manifest::built_in(48, 76, 1).ok());
    let (Some((first, rest)), Some(manifest)) = (bytes.split_first(), MANIFEST.as_ref()) else { return };
    let formats = [Format::Auto, Format::Mimic3, Format::Physionet2012, Format::Long, Format::Fhir];
    let format = formats[usize::from(*first) % formats.len()];
    match Stay::parse(&String::from_utf8_lossy(rest), manifest, format, "fuzz") {
        Ok(stay) => assert!(stay.input.len() == 48 * 76 && stay.input.iter().all(|x| x.is_finite())),
        Err(error) => assert!(!error.message.is_empty()),
    }
}
