//! What the targets share with `cargo test --test fuzz_corpus`: what must hold, and how files are changed.

#[path = "../../tests/records/fuzz_corpus/mutate/mod.rs"]
mod mutate;
#[path = "../../tests/records/fuzz_corpus/properties.rs"]
mod properties;
#[path = "../../tests/records/wire.rs"]
#[allow(dead_code)]
mod wire;

use std::panic::PanicHookInfo;

/// A changed copy of some bytes by a seed; empty where the bytes are not of the kind.
pub type Mutator = fn(&[u8], u64) -> Vec<u8>;

/// Changes to models, JSON texts and any bytes.
pub const MODEL: Mutator = mutate::model;
/// See [`MODEL`].
pub const JSON: Mutator = mutate::json;
/// See [`MODEL`].
pub const TEXT: Mutator = mutate::text;

/// libFuzzer's mutator for one target: half of the time by the target's own, else blindly, as libFuzzer does.
pub fn mutated(data: &mut [u8], size: usize, max_size: usize, seed: u32, mutator: Mutator) -> usize {
    let changed = if seed % 2 == 0 { vec![] } else { mutator(&data[..size], u64::from(seed)) };
    if changed.is_empty() || changed.len() > max_size {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}

/// Runs the property of models; false where the bytes are not worth keeping. A panic of tract's that was caught is told of
/// once a place, and its input kept.
#[must_use]
pub fn onnx(bytes: &[u8]) -> bool {
    let Ok(outcome) = std::panic::catch_unwind(|| properties::onnx(bytes)) else { caught::escaped() };
    match outcome {
        properties::Outcome::Noise => false,
        properties::Outcome::Panicked => {
            caught::keep(bytes);
            true
        }
        _ => true,
    }
}

/// Runs the property of manifests.
pub fn manifest(bytes: &[u8]) {
    properties::manifest(bytes);
}

/// Runs the property of records.
pub fn record(bytes: &[u8]) {
    properties::record(bytes);
}

/// Runs the property of saved views.
pub fn view(bytes: &[u8]) {
    properties::view(bytes);
}

/// libFuzzer ends the process at any panic, caught or not. With this hook it ends at those that are not: the others are
/// refusals on the host, and counted.
pub fn let_caught_panics_pass() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo| {
        caught::note(info);
    }));
}

/// Panics inside tract, by the place of the source that raised them.
mod caught {
    use std::collections::BTreeSet;
    use std::panic::PanicHookInfo;
    use std::sync::Mutex;

    static LAST: Mutex<String> = Mutex::new(String::new());
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    pub(crate) fn note(info: &PanicHookInfo) {
        if let Ok(mut last) = LAST.lock() {
            *last = format!("{info}").replace('\n', " ");
        }
    }

    /// A panic that nothing caught: what libFuzzer calls a crash.
    pub(crate) fn escaped() -> ! {
        eprintln!("{}", LAST.lock().map_or_else(|_| "a panic".to_owned(), |last| last.clone()));
        std::process::abort()
    }

    /// Says where, and writes the input to `fuzz/found/panics/`, the first time for each place.
    pub(crate) fn keep(bytes: &[u8]) {
        let (Ok(last), Ok(mut seen)) = (LAST.lock(), SEEN.lock()) else { return };
        let place = last.trim_start_matches("panicked at ").split(": ").next().unwrap_or_default().to_owned();
        let file: String = place.rsplit('/').next().unwrap_or_default().replace(':', "-");
        if seen.insert(place) {
            eprintln!("CAUGHT {last}");
            let folder = std::path::Path::new("fuzz/found/panics");
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(file), bytes));
            if let Err(error) = written {
                eprintln!("{error}");
            }
        }
    }
}
