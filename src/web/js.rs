//! Values and errors on their way to JavaScript.

use std::sync::Mutex;

use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::engine::number::{single, whole};
use crate::study::boundary::in_words;
use crate::{Error, Kind, Place};

#[wasm_bindgen]
extern "C" {
    /// Numbers as JavaScript has them; [`read_numbers`] reads them.
    #[wasm_bindgen(typescript_type = "Float32Array")]
    pub type JsNumbers;
    /// A whole number from 0 on; [`read_whole`] reads it.
    #[wasm_bindgen(typescript_type = "number")]
    pub type JsWhole;
    /// The bytes of a file; [`read_bytes`] reads them.
    #[wasm_bindgen(typescript_type = "Uint8Array | ArrayBuffer")]
    pub type JsBytes;
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
    serde_wasm_bindgen::from_value(options.clone()).map_err(|error| {
        let (field, error) = first_wrong::<T>(options).unwrap_or_else(|| ("options".to_owned(), error));
        argument(&field, &in_words(&error.to_string()))
    })
}

/// The first field that makes an object no `T`, and why: the error of the whole object does not name it.
fn first_wrong<T: serde::de::DeserializeOwned>(options: &JsValue) -> Option<(String, serde_wasm_bindgen::Error)> {
    js_sys::Object::entries(options.dyn_ref()?).iter().find_map(|entry| {
        let alone = js_sys::Object::from_entries(&js_sys::Array::of1(&entry)).ok()?;
        let error = serde_wasm_bindgen::from_value::<T>(alone.into()).err()?;
        Some((format!("options.{}", js_sys::Reflect::get_u32(&entry, 0).ok()?.as_string()?), error))
    })
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

/// A whole number from 0 on. What JavaScript would make one of without a word, such as `undefined`, text or 1.7, is refused.
pub(super) fn read_whole(name: &str, given: &JsValue) -> Result<usize, JsValue> {
    let number = given.as_f64().filter(|it| it.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(it));
    number.map(whole).ok_or_else(|| argument(name, "must be a whole number from 0"))
}

/// The same where it may be left out.
pub(super) fn read_whole_or(name: &str, given: Option<JsWhole>, or: usize) -> Result<usize, JsValue> {
    given.map_or(Ok(or), |it| read_whole(name, &it))
}

/// Bytes as a `Uint8Array` or a whole `ArrayBuffer`. What JavaScript would make bytes of without a word, such as
/// text, is refused.
pub(super) fn read_bytes(name: &str, given: &JsValue) -> Result<Vec<u8>, JsValue> {
    if let Some(bytes) = given.dyn_ref::<js_sys::Uint8Array>() {
        return Ok(bytes.to_vec());
    }
    if given.is_instance_of::<js_sys::ArrayBuffer>() {
        return Ok(js_sys::Uint8Array::new(given).to_vec());
    }
    Err(argument(name, "must be the file's bytes, a Uint8Array or an ArrayBuffer"))
}

/// A list of JavaScript's. An object, of which JavaScript would make an empty list without a word, is refused.
pub(super) fn read_list<T: JsCast>(name: &str, given: &JsValue) -> Result<Vec<T>, JsValue> {
    let list = given.dyn_ref::<js_sys::Array>().ok_or_else(|| argument(name, "must be a list"))?;
    Ok(list.iter().map(JsCast::unchecked_into).collect())
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
