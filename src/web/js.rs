//! Values and errors on their way to JavaScript.

use std::sync::Mutex;

use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::engine::number::single;
use crate::{Error, Kind, Place};

#[wasm_bindgen]
extern "C" {
    /// Numbers as JavaScript has them; [`read_numbers`] reads them.
    #[wasm_bindgen(typescript_type = "Float32Array")]
    pub type JsNumbers;
}

/// A value as a plain JavaScript object of the type that the TypeScript declarations promise.
pub(super) fn to_js<T: JsCast>(value: &impl Serialize) -> Result<T, JsValue> {
    let serializer =
        serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(false).serialize_maps_as_objects(true);
    let value = value.serialize(&serializer).map_err(JsValue::from)?;
    Ok(value.unchecked_into())
}

/// The same by way of JSON, for values of many small parts: one call into JavaScript in place of one a field. Not for
/// values that may hold numbers that are not finite.
pub(super) fn to_js_by_text<T: JsCast>(value: &impl Serialize) -> Result<T, JsValue> {
    let text = serde_json::to_string(value).map_err(|error| argument("result", &error.to_string()))?;
    Ok(js_sys::JSON::parse(&text)?.unchecked_into())
}

/// A JavaScript `Error` whose property `kind` is the error's kind, and `question` what can be chosen, if anything can.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn throw(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name("VitrineError");
    // Setting a property of a fresh object cannot fail; if it did, the message would still say it all.
    let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&js, &name.into(), value);
    let question = error.question.as_ref().map_or(Ok(JsValue::UNDEFINED), to_js);
    match set("kind", &error.kind.name().into()).and_then(|_| set("question", &question?)) {
        Ok(_) => js.into(),
        Err(failed) => failed,
    }
}

/// Options as read from a JavaScript object with no other than the given fields.
pub(super) fn read_options<T: serde::de::DeserializeOwned>(options: &JsValue, fields: &[&str]) -> Result<T, JsValue> {
    check_fields(options, fields)?;
    serde_wasm_bindgen::from_value(options.clone()).map_err(|error| argument("options", &error.to_string()))
}

/// Refuses an options object with a field that is not one: a misspelt option would be ignored without a word.
pub(super) fn check_fields(options: &JsValue, fields: &[&str]) -> Result<(), JsValue> {
    let Some(object) = options.dyn_ref::<js_sys::Object>() else {
        return Err(argument("options", "must be an object"));
    };
    let names = js_sys::Object::keys(object).iter().filter_map(|name| name.as_string()).collect::<Vec<_>>();
    match names.iter().find(|name| !fields.contains(&name.as_str())) {
        Some(name) => Err(argument(&format!("options.{name}"), &format!("is not one of {}", fields.join(", ")))),
        None => Ok(()),
    }
}

/// A list of numbers as a `Float32Array`, another array of numbers or a plain list. What JavaScript would make numbers of
/// without a word, such as text, is refused.
pub(super) fn read_numbers(name: &str, given: &JsValue) -> Result<Vec<f32>, JsValue> {
    if let Some(numbers) = given.dyn_ref::<js_sys::Float32Array>() {
        return Ok(numbers.to_vec());
    }
    if js_sys::Array::is_array(given) {
        let one = |(index, it): (usize, JsValue)| {
            let wrong = || argument(&format!("{name}[{index}]"), "is no number; give numbers alone");
            it.as_f64().map(single).ok_or_else(wrong)
        };
        return given.unchecked_ref::<js_sys::Array>().iter().enumerate().map(one).collect();
    }
    let is_of_others = given.is_instance_of::<js_sys::BigInt64Array>()
        || given.is_instance_of::<js_sys::BigUint64Array>()
        || given.is_instance_of::<js_sys::DataView>();
    if js_sys::ArrayBuffer::is_view(given) && !is_of_others {
        return Ok(js_sys::Float32Array::new(given).to_vec());
    }
    Err(argument(name, "must be a Float32Array, or another list of numbers"))
}

/// An error about an argument.
pub(super) fn argument(name: &str, message: &str) -> JsValue {
    throw(Error::new(Kind::Argument, message).at(Place::Field(name.to_owned())))
}

static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps the message of a panic: in WebAssembly a panic is a trap without words.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = Some(panic.to_string());
        }
    }));
}

/// The message of the panic that stopped this instance, if one did. After that, the instance must be thrown away.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> Option<String> {
    LAST_PANIC.lock().ok().and_then(|last| last.clone())
}

/// The version of this engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
