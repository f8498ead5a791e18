//! The `NumPy` format (NEP 1): a magic string, a version, a header that is a Python dictionary, and raw numbers.

use super::wrong;
use crate::error::Result;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Whether bytes begin as a `NumPy` array does.
pub(super) fn is_it(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The numbers in C order; the shape has to be that of an input of so many steps and columns.
pub(super) fn read(bytes: &[u8], n_steps: usize, n_columns: usize) -> Result<Vec<f64>> {
    let (header, data) = parts(bytes).ok_or_else(|| wrong("the header of the .npy file is cut off; save it again"))?;
    let header =
        std::str::from_utf8(header).map_err(|_| wrong("the header of the .npy file is no text; save it again"))?;
    let shape = shape(header)?;
    check_shape(&shape, n_steps, n_columns)?;
    let values = numbers(kind(header)?, data);
    if values.len() != n_steps * n_columns {
        let message = format!(
            "the .npy file holds {} numbers where its shape says {}; save it again",
            values.len(),
            n_steps * n_columns
        );
        return Err(wrong(&message));
    }
    let is_flat = shape.iter().filter(|axis| **axis != 1).count() < 2;
    Ok(match order(header)? {
        AxisOrder::Fortran if !is_flat => {
            (0..values.len()).map(|at| values[at % n_columns * n_steps + at / n_columns]).collect()
        }
        AxisOrder::Fortran | AxisOrder::C => values,
    })
}

/// The header and what follows it: two bytes of length in version 1, four in versions 2 and 3.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.get(MAGIC.len()..)?;
    let (len, rest) = match rest.first()? {
        1 => (usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?)), rest.get(4..)?),
        _ => (usize::try_from(u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?)).ok()?, rest.get(6..)?),
    };
    (len <= rest.len()).then(|| rest.split_at(len))
}

/// What stands behind a key of the header's dictionary, up to the next key.
fn field<'a>(header: &'a str, key: &str) -> Result<&'a str> {
    let missing = || wrong(&format!("the header of the .npy file has no \"{key}\"; save it again"));
    let (_, rest) = header.split_once(&format!("'{key}'")).ok_or_else(missing)?;
    Ok(rest.trim_start().strip_prefix(':').ok_or_else(missing)?.trim_start())
}

#[derive(Clone, Copy)]
enum Float {
    Single,
    Double,
}

fn kind(header: &str) -> Result<Float> {
    let text = field(header, "descr")?;
    let name = text.split(['\'', '"']).nth(1).unwrap_or(text);
    match name {
        "<f4" => Ok(Float::Single),
        "<f8" => Ok(Float::Double),
        _ => {
            let message = format!(
                "the numbers of the .npy file are of type {name}; save them with .astype(\"<f4\") or .astype(\"<f8\")"
            );
            Err(wrong(&message))
        }
    }
}

fn numbers(kind: Float, data: &[u8]) -> Vec<f64> {
    let single = |chunk: &[u8]| chunk.try_into().map_or(f64::NAN, |bytes| f64::from(f32::from_le_bytes(bytes)));
    let double = |chunk: &[u8]| chunk.try_into().map_or(f64::NAN, f64::from_le_bytes);
    match kind {
        Float::Single => data.chunks(4).map(single).collect(),
        Float::Double => data.chunks(8).map(double).collect(),
    }
}

enum AxisOrder {
    C,
    Fortran,
}

fn order(header: &str) -> Result<AxisOrder> {
    match field(header, "fortran_order")? {
        text if text.starts_with("False") => Ok(AxisOrder::C),
        text if text.starts_with("True") => Ok(AxisOrder::Fortran),
        _ => Err(wrong("the header of the .npy file does not say in which order its numbers are; save it again")),
    }
}

fn shape(header: &str) -> Result<Vec<usize>> {
    let text = field(header, "shape")?;
    let inside = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(inside, _)| inside);
    let axes =
        inside.map(|inside| inside.split(',').map(str::trim).filter(|axis| !axis.is_empty()).map(str::parse).collect());
    match axes {
        Some(Ok(axes)) => Ok(axes),
        _ => Err(wrong("the shape of the .npy file is no list of numbers; save it again")),
    }
}

fn check_shape(shape: &[usize], n_steps: usize, n_columns: usize) -> Result<()> {
    let first = shape.iter().position(|axis| *axis != 1).unwrap_or(shape.len());
    let is_flat = shape[first..] == [n_steps * n_columns];
    let is_one = n_steps * n_columns == 1 && first == shape.len();
    let is_whole = shape.ends_with(&[n_steps, n_columns]) && shape[..shape.len() - 2].iter().all(|axis| *axis == 1);
    if is_flat || is_whole || is_one {
        return Ok(());
    }
    let message = format!(
        "the .npy file has the shape {shape:?}; the model reads [{n_steps}, {n_columns}], steps by columns: save one stay's map"
    );
    Err(wrong(&message))
}
