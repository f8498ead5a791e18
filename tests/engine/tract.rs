//! What tract 0.23.9 cannot do and this crate goes round, each by the smallest graph that shows it. As soon as a newer
//! tract can, the test fails: then the way round and its section in `docs/compatibility.md` may go.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::MultiBroadcastTo;
use tract_onnx::tract_core::ops::einsum::EinSum;

/// `y [3, 5] = repeated [3, 4] weight [4, 5]`, where `repeated` is three times `x [1, 4]`.
fn product_of_what_is_repeated() -> TractResult<TypedModel> {
    let mut model = TypedModel::default();
    let x = model.add_source("x", f32::fact([1, 4]))?;
    let shape = ShapeFact::from_dims([3.to_dim(), 4.to_dim()]);
    let repeated = model.wire_node("repeated", MultiBroadcastTo::new(shape), &[x])?[0];
    let weight = model.add_const("weight", Tensor::zero::<f32>(&[4, 5])?)?;
    let product = EinSum::new("mk,kn->mn".parse()?, f32::datum_type());
    let y = model.wire_node("y", product, &[repeated, weight])?;
    model.select_output_outlets(&y)?;
    Ok(model)
}

#[test]
fn declutter_still_fails_over_a_product_of_what_is_repeated() {
    let mut model = product_of_what_is_repeated().unwrap();
    let said = format!("{:#}", model.declutter().unwrap_err());
    assert!(said.contains("Trying to substitute a 3,5,F32 by 1,5,F32 as output #0"), "{said}");
}

#[test]
fn the_same_model_runs_as_it_was_written() {
    let model = product_of_what_is_repeated().unwrap();
    let plan = model.into_runnable().unwrap();
    let x = Tensor::zero::<f32>(&[1, 4]).unwrap();
    assert_eq!(plan.run(tvec!(x.into())).unwrap()[0].shape(), [3, 5]);
}
