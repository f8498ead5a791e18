//! Contributions against references that differ from the input a little, a lot, and in everything, on networks of several
//! families and sizes, against the float64 reference of `tests/reference/fixtures_close.py`.

use crate::common::{fixtures, json, numbers, onnx_files, read, relative_difference, singles};
use vitrine::engine::explain::{Method, Options, Quantity};

fn options(method: Method) -> Options {
    Options { method, quantity: Some(Quantity::Score), ..Options::default() }
}

/// Within 1e-5 of the largest cell, and complete to a millionth of the absolute contributions, or of the scores
/// (at least 0.5) where they are fewer: scores are recorded in single precision.
#[test]
fn contributions_are_exact_however_close_the_reference_is() {
    let files = onnx_files(&fixtures("close"));
    assert!(files.len() >= 15);
    let (mut off, mut missing) = (0.0_f64, 0.0_f64);
    for file in files {
        let (model, expected) = (read(&file).unwrap(), json(&file.with_extension("json")));
        let trace = model.trace(&singles(&expected["input"])).unwrap();
        for (which, want) in expected["references"].as_object().unwrap() {
            let name = format!("{} {which}", file.display());
            let got = model.explain_against(&trace, Some(&singles(&want["baseline"])), &options(Method::DeepShap));
            let got = got.unwrap_or_else(|error| panic!("{name}: {error}"));
            let difference = relative_difference(&got.values, &numbers(&want["relevance"]));
            assert!(difference < 1e-5, "{name}: {difference:e}");
            let scores = got.score.abs().max(got.ledger.unwrap().reference.abs()).max(0.5);
            let size = got.values.iter().map(|r| r.abs()).sum::<f64>().max(scores);
            assert!(got.residual().abs() < 1e-6 * size, "{name}: {:e} of {size}", got.residual());
            (off, missing) = (off.max(difference), missing.max(got.residual().abs() / size));
        }
    }
    println!("largest difference from the reference {off:e}, largest residual {missing:e}");
}

/// Against the all-zero reference a normalised vector has no variance, and the slope of its norm is some hundred times what
/// it is elsewhere: the integral still comes to its tolerance.
#[test]
fn the_integral_meets_the_turn_of_a_normalisation() {
    for name in ["lstm_layer_norm_written_out", "gru_rms_norm", "rnn_norm_by_deviation"] {
        let file = fixtures("close").join(format!("{name}.onnx"));
        let (model, expected) = (read(&file).unwrap(), json(&file.with_extension("json")));
        let zeros = vec![0.0; model.n_steps() * model.n_columns()];
        let trace = model.trace(&singles(&expected["input"])).unwrap();
        let got = model.explain_against(&trace, Some(&zeros), &options(Method::IntegratedGradients)).unwrap();
        let difference = got.score - got.ledger.unwrap().reference;
        let sizes = got.values.iter().map(|r| r.abs()).sum::<f64>();
        assert!(got.note.is_none(), "{name}: {:?}", got.note);
        assert!(
            got.residual().abs() <= (1.1e-5 * difference.abs()).max(1.1e-7 * sizes),
            "{name}: {:e}",
            got.residual()
        );
    }
}
