//! One network with its input declared in several ways, written by `tests/reference/make_shapes.py`.

use crate::common::{fixtures, noise, read, relative_difference};
use vitrine::Model;
use vitrine::engine::explain::{Method, Options};
use vitrine::engine::rule::Rule;

fn declared(name: &str) -> Model {
    read(&fixtures("shapes").join(name)).unwrap()
}

/// A batch fixed above one is filled with the same stay; time may come before the batch.
#[test]
fn however_the_input_is_declared_the_stay_is_explained_alike() {
    let one = declared("batch_of_one.onnx");
    for name in ["batch_of_three.onnx", "time_first.onnx"] {
        let other = declared(name);
        assert_eq!((other.n_steps(), other.n_columns()), (one.n_steps(), one.n_columns()), "{name}");
        for seed in 0..5 {
            let input = noise(seed, one.n_steps() * one.n_columns());
            let difference = one.predict(&input).unwrap()[0] - other.predict(&input).unwrap()[0];
            assert!(difference.abs() < 1e-6, "{name}: outputs differ by {difference:e}");
            for method in [Method::Lrp, Method::Gradient] {
                let options =
                    Options { method, rule: Rule { bias_factor: 1.0, ..Rule::default() }, ..Options::default() };
                let (a, b) = (one.explain(&input, &options).unwrap(), other.explain(&input, &options).unwrap());
                assert!(relative_difference(&b.values, &a.values) < 1e-5, "{name}, {method:?}");
            }
        }
    }
}
