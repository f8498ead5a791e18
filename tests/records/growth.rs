//! How the time and the memory to open a network grow with its nodes: the table of `docs/bad-files.md`.
//!
//! ```text
//! cargo run --release --example growth [-- NODES_MAX [KIND]]
//! ```
//!
//! Each kind, or those whose name starts with KIND, is opened with n, 4n and 16n nodes, the best of three times each; what is refused says so.

use std::collections::HashMap;
use std::time::Instant;

use vitrine::Model;

#[path = "bad_files/growing.rs"]
mod growing;
#[path = "wire.rs"]
#[expect(dead_code, reason = "files are written here, and not changed")]
mod wire;

use growing::Shape;

const KINDS: [(&str, Shape, usize); 9] = [
    ("Add in a row", Shape::Chain("Add"), 1000),
    ("Relu in a row", Shape::Chain("Relu"), 1000),
    ("Tanh in a row", Shape::Chain("Tanh"), 1000),
    ("dense layers in a row", Shape::Chain("MatMul"), 250),
    ("Reshape in a row", Shape::Reshapes, 1000),
    ("Relu side by side", Shape::Branches("Relu"), 250),
    ("dense layers side by side", Shape::Branches("MatMul"), 250),
    ("LSTMs side by side", Shape::Lstms, 50),
    ("Expand to 65,536 numbers", Shape::Expands, 25),
];

fn main() {
    let most = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    println!("| network | n | open, n | 4n | 16n | 4n to n | 16n to 4n |\n|---|--:|--:|--:|--:|--:|--:|");
    let only = std::env::args().nth(2).unwrap_or_default();
    for (name, shape, n) in KINDS.into_iter().filter(|(name, ..)| name.starts_with(&only)) {
        let times = [n, 4 * n, 16 * n].map(|n| if n > most { None } else { Some(seconds(shape, n)) });
        let cell = |time: &Option<Result<f64, String>>| match time {
            None => String::new(),
            Some(Ok(seconds)) => format!("{:.0} ms", 1000.0 * seconds),
            Some(Err(error)) => error.clone(),
        };
        let ratio = |a: &Option<Result<f64, String>>, b: &Option<Result<f64, String>>| match (a, b) {
            (Some(Ok(a)), Some(Ok(b))) => format!("{:.1}", b / a),
            _ => String::new(),
        };
        let [a, b, c] = &times;
        println!("| {name} | {n} | {} | {} | {} | {} | {} |", cell(a), cell(b), cell(c), ratio(a, b), ratio(b, c));
    }
}

/// Seconds that this thread has run: what others do on the machine does not count where the system says so.
fn spent() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

/// The best of three.
fn seconds(shape: Shape, n: usize) -> Result<f64, String> {
    let file = shape.file(n);
    let once = || {
        let start = spent();
        let read = Model::read(&file, None, &HashMap::new()).map_err(|error| error.to_string());
        let seconds = spent() - start;
        read.map(|_| seconds)
    };
    let first = once()?;
    // What takes long is not taken again.
    let others = if first > 2.0 { 0 } else { 2 };
    (0..others).try_fold(first, |best, _| once().map(|seconds| seconds.min(best)))
}
