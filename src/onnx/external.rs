//! Weights in a second file.
//!
//! An exporter may put initializers into another file (`model.onnx.data`) and leave its name, an offset and a length
//! in their place. There is no file system in a browser tab: the caller passes the files by name.
//!
//! Each tensor says which bytes of which file are its own:
//!
//! ```text
//! data_location: EXTERNAL        external_data: location "model.onnx.data", offset "4096", length "1024"
//! ```
//!
//! They are copied in before anything else reads the graph, so that nobody behind this knows where weights came from.
//! Bodies of `If`, `Loop` and `Scan` are not looked into.

use std::collections::HashMap;

use tract_onnx::pb::tensor_proto::DataLocation;
use tract_onnx::pb::{GraphProto, TensorProto};

use super::limits::MAX_BYTES;
use crate::error::{Error, Kind, Result};

/// Copies external data into the model.
///
/// # Errors
/// Names the file that is missing or too short, and what to do.
pub(super) fn inline(graph: &mut GraphProto, files: &HashMap<String, Vec<u8>>) -> Result<()> {
    let mut left = limit(files);
    let constants =
        graph.node.iter_mut().flat_map(|node| &mut node.attribute).filter_map(|attribute| attribute.t.as_mut());
    graph.initializer.iter_mut().chain(constants).try_for_each(|tensor| inline_tensor(tensor, files, &mut left))
}

/// How many bytes all tensors together may ask for: four times those of the files, and no more than a model may have. A
/// file's bytes may be named more than once, as tied weights are; but a small file named by thousands of tensors would
/// be copied for each.
fn limit(files: &HashMap<String, Vec<u8>>) -> usize {
    /// How often each byte may be asked for, on average.
    const TIMES: usize = 4;
    files.values().map(Vec::len).sum::<usize>().saturating_mul(TIMES).min(MAX_BYTES)
}

/// Copies one tensor's bytes into it, where they lie outside. `left` is how many bytes this tensor and those that
/// follow may ask for.
///
/// # Errors
/// For a tensor that names no file, or one that was not given; for an offset or length that is no number, or beyond the
/// file; and beyond `left`.
fn inline_tensor(tensor: &mut TensorProto, files: &HashMap<String, Vec<u8>>, left: &mut usize) -> Result<()> {
    if tensor.data_location != Some(DataLocation::External as i32) {
        return Ok(());
    }
    let entry =
        |key: &str| tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
    let error = |message: String| Error::new(Kind::Model, message);
    let name = &tensor.name;
    let location = entry("location").ok_or_else(|| error(format!("tensor \"{name}\" names no external file")))?;
    let file = files.get(location).ok_or_else(|| {
        error(format!(
            "the weights are in a second file, \"{location}\", which is missing: open both files together, or export with the weights inside (torch: external_data=False)"
        ))
    })?;
    let number = |key: &str| match entry(key) {
        None => Ok(None),
        Some(text) => text
            .parse::<usize>()
            .map(Some)
            .map_err(|_| error(format!("tensor \"{name}\": external {key} \"{text}\" is not a number"))),
    };
    let offset = number("offset")?.unwrap_or(0);
    let length = match number("length")? {
        Some(length) => length,
        None => file.len().saturating_sub(offset),
    };
    let data = offset.checked_add(length).and_then(|end| file.get(offset..end)).ok_or_else(|| {
        error(format!(
            "\"{location}\" has {} bytes, tensor \"{name}\" needs {length} from byte {offset}: it belongs to another model, or is cut short",
            file.len()
        ))
    })?;
    *left = left.checked_sub(data.len()).ok_or_else(|| {
        let limit = limit(files);
        error(format!(
            "the tensors ask for more than {limit} bytes of the external files together, \"{name}\" among them; each part of a file belongs to one tensor or a few: export the model again"
        ))
    })?;
    tensor.raw_data = data.to_vec();
    tensor.data_location = None;
    tensor.external_data.clear();
    Ok(())
}
