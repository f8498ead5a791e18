//! Changes to files that leave them what they are: another model, another JSON text, not noise. Each follows from a seed.
//! The fuzz targets use them as libFuzzer's mutators, `cargo test --test records fuzz_corpus` as its burst.

mod json;
mod message;
mod onnx;
mod random;
mod text;

pub(crate) use random::Random;

/// A changed model: a node, an attribute, a shape, a weight, or any field of the message. Empty where the bytes are none.
pub(crate) fn model(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    if random.below(3) == 0 { message::changed(bytes, &mut random) } else { onnx::changed(bytes, &mut random) }
}

/// A changed JSON text; empty where the text is none.
pub(crate) fn json(bytes: &[u8], seed: u64) -> Vec<u8> {
    json::changed(bytes, &mut Random::new(seed))
}

/// Changed bytes, whatever they are.
pub(crate) fn text(bytes: &[u8], seed: u64) -> Vec<u8> {
    text::changed(bytes, &mut Random::new(seed))
}
