//! Sorting of lists that are not large. The standard library's sort is compiled anew for each type and each comparison, 5 kB
//! of code a time; here one comparison of places serves all.

use std::cmp::Ordering;

/// Sorts as `slice::sort_by` does: equal items keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    for at in 0..items.len() {
        while places[at] != at {
            let to = places[at];
            items.swap(at, to);
            places.swap(at, to);
        }
    }
}

/// For each of `n` items its place among the sorted.
fn places(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut places = vec![0; n];
    order.into_iter().enumerate().for_each(|(place, item)| places[item] = place);
    places
}

#[cfg(test)]
mod tests {
    use super::sort_by;
    use crate::engine::explain::random::Random;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        let mut random = Random::new(7);
        for n in (0..70).chain([1000]) {
            let items: Vec<(usize, usize)> = (0..n).map(|at| (random.below(1 + n / 3), at)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|b| std::cmp::Reverse(b.0));
            assert_eq!(ours, theirs);
        }
    }
}
