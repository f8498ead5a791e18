//! Models in half or double precision, turned into single precision before anything else reads them.
//!
//! Half precision, of either kind (float16, bfloat16), fits exactly into single; double is rounded to it. The network is then computed in single precision
//! throughout, so that its output differs from a run in half precision by that run's rounding.

use crate::engine::number::single;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, TensorProto};
use tract_onnx::prelude::f16;

/// Turns every tensor, cast, input and output of a graph and of the graphs inside it, so that what a graph declares
/// stays what its tensors hold.
pub(super) fn to_single(graph: &mut GraphProto) {
    graph.initializer.iter_mut().for_each(convert);
    for info in graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info) {
        if let Some(TypeValue::TensorType(tensor)) = info.r#type.as_mut().and_then(|ty| ty.value.as_mut())
            && is_other_float(tensor.elem_type)
        {
            tensor.elem_type = DataType::Float as i32;
        }
    }
    for node in &mut graph.node {
        let is_cast = node.op_type == "Cast";
        for attribute in &mut node.attribute {
            if let Some(tensor) = &mut attribute.t {
                convert(tensor);
            }
            if let Some(inner) = &mut attribute.g {
                to_single(inner);
            }
            if is_cast && attribute.name == "to" && i32::try_from(attribute.i).is_ok_and(is_other_float) {
                attribute.i = i64::from(DataType::Float as i32);
            }
        }
    }
}

/// Whether a data type is double or half precision.
fn is_other_float(data_type: i32) -> bool {
    [DataType::Double, DataType::Float16, DataType::Bfloat16].map(|other| other as i32).contains(&data_type)
}

/// Turns a tensor of double or half precision into one of single precision, rounded to the nearest. Others stay as they
/// are; so does one whose bytes are no whole number of elements, which is refused where tensors are checked.
fn convert(tensor: &mut TensorProto) {
    if tensor.data_location == Some(DataLocation::External as i32) {
        return;
    }
    let numbers: Vec<f32> = match DataType::try_from(tensor.data_type) {
        Ok(DataType::Double) if tensor.raw_data.len().is_multiple_of(8) => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
            raw.chain(tensor.double_data.iter().copied()).map(single).collect()
        }
        Ok(half @ (DataType::Float16 | DataType::Bfloat16)) if tensor.raw_data.len().is_multiple_of(2) => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sixteen bits stand in each")]
            let bits = raw.chain(tensor.int32_data.iter().map(|bits| *bits as u16));
            // bfloat16 is the upper half of single precision.
            let brain = |bits: u16| f32::from_bits(u32::from(bits) << 16);
            bits.map(|bits| if half == DataType::Float16 { f16::from_bits(bits).to_f32() } else { brain(bits) })
                .collect()
        }
        _ => return,
    };
    tensor.data_type = DataType::Float as i32;
    tensor.raw_data = vec![];
    tensor.double_data = vec![];
    tensor.int32_data = vec![];
    tensor.float_data = numbers;
}
