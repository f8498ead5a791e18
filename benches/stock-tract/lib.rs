//! tract as it is, behind a door of three functions: a peer of Vitrine's for `make bench`.
//!
//! What [tract's own introduction](https://github.com/sonos/tract) shows, and nothing else: read, optimise, run.

use std::io::Cursor;
use std::sync::Arc;

use tract_onnx::prelude::*;
use wasm_bindgen::prelude::*;

/// An ONNX model that is ready to run.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    plan: Arc<TypedRunnableModel>,
}

#[wasm_bindgen]
impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// tract's own, as text.
    #[wasm_bindgen(constructor)]
    pub fn new(onnx: &[u8]) -> Result<Model, JsError> {
        Self::read(onnx).map_err(|error| failed(&error))
    }

    /// Runs one stay, `[steps * columns]` numbers, and gives the numbers of the first output.
    ///
    /// # Errors
    /// tract's own, as text.
    pub fn predict(&self, input: &[f32], steps: usize, columns: usize) -> Result<Vec<f32>, JsError> {
        self.run(input, steps, columns).map_err(|error| failed(&error))
    }
}

impl Model {
    fn read(onnx: &[u8]) -> TractResult<Self> {
        let plan = tract_onnx::onnx().model_for_read(&mut Cursor::new(onnx))?.into_optimized()?.into_runnable()?;
        Ok(Self { plan })
    }

    fn run(&self, input: &[f32], steps: usize, columns: usize) -> TractResult<Vec<f32>> {
        let stay = Tensor::from_shape(&[1, steps, columns], input)?;
        let outputs = self.plan.run(tvec![stay.into()])?;
        Ok(outputs[0].try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
    }
}

fn failed(error: &TractError) -> JsError {
    JsError::new(&format!("tract: {error:#}"))
}
