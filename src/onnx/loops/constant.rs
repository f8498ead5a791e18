//! Numbers of the model file, as the reader of loops needs them: floats, whole numbers and truth values alike.

use crate::engine::number::{integer, signed_real, single};
use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::DataType;

/// A constant. Double precision holds every value of the types that are read here exactly, but for whole numbers beyond
/// 2^53, which no shape or counter reaches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constant {
    /// Sizes along its axes; none of one number.
    pub(super) shape: Vec<usize>,
    /// Its numbers in row-major order; truth is 1.
    pub(super) data: Vec<f64>,
}

impl Constant {
    /// A tensor of the file, in single precision, whole numbers of 32 or 64 bits, or truth values. `None` for a type
    /// that no loop needs, and for numbers that do not fill the shape.
    pub(super) fn from_proto(tensor: &TensorProto) -> Option<Self> {
        let shape: Vec<usize> = tensor.dims.iter().map(|dim| usize::try_from(*dim).ok()).collect::<Option<_>>()?;
        let raw = &tensor.raw_data;
        let data: Vec<f64> = match DataType::try_from(tensor.data_type).ok()? {
            DataType::Float if raw.is_empty() => tensor.float_data.iter().map(|x| f64::from(*x)).collect(),
            DataType::Float => raw.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
            DataType::Int32 | DataType::Bool if raw.is_empty() => {
                tensor.int32_data.iter().map(|x| f64::from(*x)).collect()
            }
            DataType::Int32 => raw.as_chunks::<4>().0.iter().map(|b| f64::from(i32::from_le_bytes(*b))).collect(),
            DataType::Int64 if raw.is_empty() => tensor.int64_data.iter().map(|x| signed_real(*x)).collect(),
            DataType::Int64 => raw.as_chunks::<8>().0.iter().map(|b| signed_real(i64::from_le_bytes(*b))).collect(),
            DataType::Bool => raw.iter().map(|b| f64::from(*b)).collect(),
            _ => return None,
        };
        let volume = shape.iter().try_fold(1_usize, |volume, len| volume.checked_mul(*len))?;
        (data.len() == volume).then_some(Self { shape, data })
    }

    /// Its number, where it is only one.
    pub(super) fn scalar(&self) -> Option<f64> {
        match self.data[..] {
            [x] => Some(x),
            _ => None,
        }
    }

    /// Its numbers, which were whole.
    pub(super) fn integers(&self) -> Vec<i64> {
        self.data.iter().map(|x| integer(*x)).collect()
    }

    /// Its numbers, which were in single precision.
    pub(super) fn singles(&self) -> Vec<f32> {
        self.data.iter().map(|x| single(*x)).collect()
    }

    /// `start..end` along an axis, both within it.
    pub(super) fn slice(&self, axis: usize, start: usize, end: usize) -> Self {
        let inner: usize = self.shape[axis + 1..].iter().product();
        let row = self.shape[axis] * inner;
        let mut shape = self.shape.clone();
        shape[axis] = end - start;
        let rows = if row == 0 { &[] } else { &self.data[..] };
        let data = rows.chunks_exact(row.max(1)).flat_map(|row| &row[start * inner..end * inner]).copied().collect();
        Self { shape, data }
    }

    /// The same numbers without the axes given, or without all axes of length 1.
    pub(super) fn squeeze(&self, axes: &[usize]) -> Self {
        let keep = |(axis, len): &(usize, &usize)| if axes.is_empty() { **len != 1 } else { !axes.contains(axis) };
        let shape = self.shape.iter().enumerate().filter(keep).map(|(_, len)| *len).collect();
        Self { shape, data: self.data.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::Constant;

    #[test]
    fn a_slice_takes_rows_or_columns() {
        let constant = Constant { shape: vec![2, 3], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        assert_eq!(constant.slice(0, 1, 2), Constant { shape: vec![1, 3], data: vec![4.0, 5.0, 6.0] });
        assert_eq!(constant.slice(1, 0, 2), Constant { shape: vec![2, 2], data: vec![1.0, 2.0, 4.0, 5.0] });
        assert_eq!(constant.slice(1, 3, 3).data, Vec::<f64>::new());
        assert_eq!(constant.slice(0, 1, 2).squeeze(&[0]).shape, [3]);
    }
}
