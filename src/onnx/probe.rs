//! Made-up stays, the same every time, to run a model by when it is read.

use crate::engine::graph::Graph;

/// A stay of numbers in -1..1 without a pattern; another seed, other numbers. Where the model looks words up there are words,
/// and in other `whole` columns what may be a length: a number from 1 to that of the steps.
pub(crate) fn probe(seed: u32, graph: &Graph, whole: &[usize], [n_steps, n_columns]: [usize; 2]) -> Vec<f32> {
    let mut state = 0x2545_f491_u32.wrapping_mul(seed);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut numbers: Vec<f32> = (0..n_steps * n_columns).map(|_| next()).collect();
    let from_zero = |x: f32, count: usize| ((x + 1.0) / 2.0 * count as f32).floor().min(count as f32 - 1.0);
    for (x, count) in numbers.iter_mut().zip(graph.word_counts()).filter(|(_, count)| *count > 0) {
        *x = from_zero(*x, count);
    }
    let words = graph.words();
    for index in (0..n_steps).flat_map(|step| whole.iter().map(move |column| step * n_columns + column)) {
        if !words[index] {
            numbers[index] = 1.0 + from_zero(numbers[index], n_steps);
        }
    }
    numbers
}
