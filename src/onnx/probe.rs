//! Made-up stays, the same every time, to run a model by when it is read.

use super::input::PlacedInput;
use crate::engine::graph::Graph;
use crate::engine::number::real32;

/// From where to where made-up numbers go. The network gives no number for some of the first where it takes roots or
/// logarithms of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeUp {
    /// -1..1
    Signed,
    /// 0..1
    Positive,
}

impl MadeUp {
    /// In the order in which they are tried.
    pub(crate) const ALL: [Self; 2] = [Self::Signed, Self::Positive];
}

/// A stay `[n_steps * n_columns]` of numbers without a pattern; another seed, other numbers. It is the same on every
/// machine: the numbers come from a linear congruential generator.
///
/// Numbers from 0 to 1 are those of the same seed, halved and moved: `(x + 1) / 2`. Of a root, a logarithm or a logit they
/// all have a value, and of most other functions as good a one as the first.
///
/// Where the model looks words up there are words, in other columns of whole numbers what may be a length, a number
/// from 1 to that of the steps, and 0 and 1 for true and false: with other numbers a model may fail that is sound.
pub(crate) fn probe(
    (seed, made_up): (u32, MadeUp),
    graph: &Graph,
    inputs: &[PlacedInput],
    [n_steps, n_columns]: [usize; 2],
) -> Vec<f32> {
    let mut state = 0x2545_f491_u32.wrapping_mul(seed);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        real32((state >> 8) as usize) / real32(1 << 23) - 1.0
    };
    let mut numbers: Vec<f32> = (0..n_steps * n_columns).map(|_| next()).collect();
    let from_zero = |x: f32, count: usize| ((x + 1.0) / 2.0 * real32(count)).floor().min(real32(count) - 1.0);
    for (x, count) in numbers.iter_mut().zip(graph.word_counts()).filter(|(_, count)| *count > 0) {
        *x = from_zero(*x, count);
    }
    let words = graph.words();
    if made_up == MadeUp::Positive {
        // Words are those that they were.
        let numbers = numbers.iter_mut().enumerate().filter(|(index, _)| !words[*index]);
        numbers.for_each(|(_, x)| *x = f32::midpoint(*x, 1.0));
    }
    // Lengths are any, and as many are true as are false, wherever the other numbers lie.
    let drawn = |x: f32| if made_up == MadeUp::Positive { 2.0 * x - 1.0 } else { x };
    for (index, input) in whole_sites(inputs, [n_steps, n_columns]) {
        if input.is_truth && !words[index] {
            numbers[index] = f32::from(u8::from(drawn(numbers[index]) > 0.0));
        } else if input.is_whole && !words[index] {
            numbers[index] = 1.0 + from_zero(drawn(numbers[index]), n_steps);
        }
    }
    numbers
}

/// Every number of a stay that is a whole one, or true or false, with the input that it belongs to.
pub(crate) fn whole_sites(
    inputs: &[PlacedInput],
    [n_steps, n_columns]: [usize; 2],
) -> impl Iterator<Item = (usize, &PlacedInput)> {
    let of = move |step: usize| {
        let whole = inputs.iter().filter(|input| input.is_whole || input.is_truth);
        whole.flat_map(move |input| input.columns.clone().map(move |c| (step * n_columns + c, input)))
    };
    (0..n_steps).flat_map(of)
}
