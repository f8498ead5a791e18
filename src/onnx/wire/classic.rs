//! The operators of `ai.onnx.ml` that are affine, a logistic function or a norm: what scikit-learn's pipelines are
//! exported to.
//!
//! All read `x [batch, columns]`, where the batch is one stay. Trees and support vectors of the same domain have no
//! rule of relevance, and are not read.
//!
//! | operator | computes | refused |
//! |---|---|---|
//! | `LinearRegressor` | `C x + b`, then `post_transform` | transformations but `NONE`, `LOGISTIC`, `SOFTMAX` |
//! | `LinearClassifier` | the same, a score for each class | its label as an output, one row for two classes |
//! | `Scaler` | `(x - offset) * scale` | |
//! | `Normalizer` | `x / norm(x)` | |
//! | `Imputer` | x, with numbers in the place of one that stands for "missing" | |
//! | `Binarizer` | whether x is above a number | |
//! | `OneHotEncoder` | whether x is each of some categories | categories that are text |
//! | `ArrayFeatureExtractor` | some columns of x | places that are computed |
//! | `FeatureVectorizer` | its inputs side by side | |
//! | `ZipMap` | the numbers, without the names of their classes | |

use tract_onnx::tract_hir::internal::*;

use super::compose::whole_attribute;
use super::wiring::{Builder, Wiring};
use crate::engine::number::{signed_real, single};

/// The domain of these operators.
pub(in crate::onnx) const DOMAIN: &str = "ai.onnx.ml";

/// Why places that are computed are refused: exporters write them for what has steps in place of a slope.
const COMPUTED_PLACES: &str = "it takes numbers at places that are computed from the input, as nearest neighbours and an isotonic calibration do, which have no slope and no relevance; calibrate by a sigmoid, or explain by Shapley values or occlusion in scikit-learn's own terms";

/// What reads the operators of this file.
pub(super) fn builder(operator: &str) -> Option<Builder> {
    Some(match operator {
        "LinearClassifier" => Builder::new(1..=1, classifier),
        "LinearRegressor" => Builder::new(1..=1, regressor),
        "Scaler" => Builder::new(1..=1, scaler),
        "Imputer" => Builder::new(1..=1, imputer),
        "Normalizer" => Builder::new(1..=1, normaliser),
        "Binarizer" => Builder::new(1..=1, binariser),
        "OneHotEncoder" => Builder::new(1..=1, one_hot),
        "ArrayFeatureExtractor" => Builder::new(2..=2, |w| {
            let places = w.constant(1).ok().flatten().context(COMPUTED_PLACES)?;
            let x = w.input(0)?;
            let places = places.cast_to::<i64>()?.try_as_plain_ram()?.as_slice::<i64>()?.to_vec();
            let places = w.whole("places", &places)?;
            Ok(tvec!(w.inner("columns", "Gather", &[x, places], vec![whole_attribute("axis", -1)])?))
        }),
        "FeatureVectorizer" => Builder::new(1..=usize::MAX, side_by_side),
        // The numbers, without the names of their classes.
        "ZipMap" => Builder::new(1..=1, |w| Ok(tvec!(w.input(0)?))),
        _ => return None,
    })
}

/// The one input `x [batch, columns]` in single precision, and the number of its columns. Double precision and whole
/// numbers are cast, as the specification lets these operators read them.
fn row(w: &mut Wiring<'_>) -> TractResult<(OutletId, usize)> {
    let x = w.input(0)?;
    let lens = w.shape(x)?;
    let [_, width] = lens[..] else { bail!("its input has {} axes, [batch, columns] is read", lens.len()) };
    let x = if w.datum_type(x)? == f32::datum_type() {
        x
    } else {
        w.inner("single", "Cast", &[x], vec![whole_attribute("to", 1)])?
    };
    Ok((x, width))
}

/// `C x + b`, with one row of C `[n, columns]` for each of `n` scores; b is nothing where `intercepts` is left out. The
/// attribute holds C row by row, and a product of matrices reads columns: so it is transposed on the way.
fn scores(w: &mut Wiring<'_>, n: usize) -> TractResult<OutletId> {
    let (x, width) = row(w)?;
    let coefficients: Vec<f32> = w.node.get_attr_vec("coefficients")?;
    let intercepts: Vec<f32> = w.node.get_attr_opt_vec("intercepts")?.unwrap_or_default();
    ensure!(coefficients.len() == n * width, "{} coefficients for {n} scores of {width} columns", coefficients.len());
    let weights: Vec<f32> = (0..width * n).map(|k| coefficients[k % n * width + k / n]).collect();
    let weights = w.numbers("coefficients", &[width, n], &weights)?;
    let product = w.inner("product", "MatMul", &[x, weights], vec![])?;
    if intercepts.is_empty() {
        return Ok(product);
    }
    ensure!(intercepts.len() == n, "{} intercepts for {n} scores", intercepts.len());
    let intercepts = w.numbers("intercepts", &[1, n], &intercepts)?;
    w.inner("scores", "Add", &[product, intercepts], vec![])
}

/// What `post_transform` makes of the scores: nothing, a logistic function of each, or a softmax over all.
///
/// # Errors
/// For `PROBIT` and `SOFTMAX_ZERO`.
fn finished(w: &mut Wiring<'_>, scores: OutletId) -> TractResult<OutletId> {
    match w.node.get_attr_opt::<&str>("post_transform")?.unwrap_or("NONE") {
        "NONE" => Ok(scores),
        "LOGISTIC" => w.inner("probabilities", "Sigmoid", &[scores], vec![]),
        "SOFTMAX" => w.inner("probabilities", "Softmax", &[scores], vec![whole_attribute("axis", -1)]),
        other => bail!("its post_transform is {other}; NONE, LOGISTIC and SOFTMAX are read"),
    }
}

/// `LinearClassifier`: its second output, a number for each class. The first is the label, which must not be asked for.
///
/// # Errors
/// Where the file asks for the label, and where two classes share one row of coefficients.
fn classifier(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let label = w.node.output.first().is_some_and(|name| !name.is_empty());
    ensure!(!label, "its label is no number that can be explained; export the model with its probabilities as output");
    let ints: Vec<i64> = w.node.get_attr_opt_vec("classlabels_ints")?.unwrap_or_default();
    let names: Vec<String> = w.node.get_attr_opt_vec("classlabels_strings")?.unwrap_or_default();
    let n_classes = ints.len().max(names.len());
    let coefficients: Vec<f32> = w.node.get_attr_vec("coefficients")?;
    let (_, width) = row(w)?;
    let n = coefficients.len().checked_div(width).unwrap_or_default();
    ensure!(
        n == n_classes,
        "it has {n} rows of coefficients for {n_classes} classes; export it with a row for each class (skl2onnx does)"
    );
    let own = scores(w, n)?;
    let all = finished(w, own)?;
    Ok(tvec!(all, all))
}

/// `LinearRegressor`: `targets` scores, one where the attribute is left out.
fn regressor(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let n = w.node.get_attr_opt::<usize>("targets")?.unwrap_or(1);
    let scores = scores(w, n)?;
    Ok(tvec!(finished(w, scores)?))
}

/// `Scaler`: `(x - offset) * scale`, each one number or one for each column.
fn scaler(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (x, width) = row(w)?;
    let mut wire = x;
    for (attribute, operator, default) in [("offset", "Sub", 0.0), ("scale", "Mul", 1.0)] {
        let numbers: Vec<f32> = w.node.get_attr_opt_vec(attribute)?.unwrap_or_else(|| vec![default]);
        ensure!([1, width].contains(&numbers.len()), "{attribute} has {} numbers for {width} columns", numbers.len());
        let numbers = w.numbers(attribute, &[1, numbers.len()], &numbers)?;
        wire = w.inner(&format!("by {attribute}"), operator, &[wire, numbers], vec![])?;
    }
    Ok(tvec!(wire))
}

/// `Imputer`: puts numbers in the place of one that stands for a missing value. NaN is missing in computed values alone, for
/// no input is: scikit-learn's `PowerTransformer` takes powers of numbers below 0, and puts 0 in their place.
fn imputer(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (x, width) = row(w)?;
    let missing = w.node.get_attr_opt::<f32>("replaced_value_float")?.unwrap_or(0.0);
    let numbers: Vec<f32> = w.node.get_attr_vec("imputed_value_floats")?;
    ensure!([1, width].contains(&numbers.len()), "it imputes {} numbers for {width} columns", numbers.len());
    let numbers = w.numbers("imputed", &[1, numbers.len()], &numbers)?;
    let is_missing = if missing.is_nan() {
        w.inner("is_missing", "IsNaN", &[x], vec![])?
    } else {
        let missing = w.numbers("missing", &[], &[missing])?;
        w.inner("is_missing", "Equal", &[x, missing], vec![])?
    };
    Ok(tvec!(w.inner("filled", "Where", &[is_missing, numbers, x], vec![])?))
}

/// `Binarizer`: 1 where x is above the threshold, 0 where it is not.
fn binariser(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (x, _) = row(w)?;
    let threshold = w.node.get_attr_opt::<f32>("threshold")?.unwrap_or(0.0);
    let threshold = w.numbers("threshold", &[], &[threshold])?;
    let is_above = w.inner("is_above", "Greater", &[x, threshold], vec![])?;
    Ok(tvec!(w.inner("switch", "Cast", &[is_above], vec![whole_attribute("to", 1)])?))
}

/// `OneHotEncoder`: a new last axis with an element for each category, 1 for the one that x is. A number that is none
/// of them has none, also where the file says that none is an error (`zeros` = 0).
///
/// # Errors
/// For categories that are text.
fn one_hot(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let categories: Vec<i64> = w.node.get_attr_opt_vec("cats_int64s")?.unwrap_or_default();
    ensure!(!categories.is_empty(), "its categories are text; export the pipeline with whole numbers as categories");
    let x = w.input(0)?;
    let x = w.inner("single", "Cast", &[x], vec![whole_attribute("to", 1)])?;
    let last = w.whole("last", &[-1])?;
    let x = w.inner("apart", "Unsqueeze", &[x, last], vec![])?;
    let categories: Vec<f32> = categories.iter().map(|category| single(signed_real(*category))).collect();
    let categories = w.numbers("categories", &[categories.len()], &categories)?;
    let is = w.inner("is", "Equal", &[x, categories], vec![])?;
    Ok(tvec!(w.inner("hot", "Cast", &[is], vec![whole_attribute("to", 1)])?))
}

/// `FeatureVectorizer`: its inputs, `[batch, columns]` each, in single precision side by side.
fn side_by_side(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let mut columns = tvec![];
    for (slot, input) in w.present().into_iter().enumerate() {
        columns.push(w.inner(&format!("single{slot}"), "Cast", &[input], vec![whole_attribute("to", 1)])?);
    }
    Ok(tvec!(w.inner("columns", "Concat", &columns, vec![whole_attribute("axis", -1)])?))
}

/// `Normalizer`: the row divided by its greatest number (`MAX`), its sum of magnitudes (`L1`) or its length (`L2`).
fn normaliser(w: &mut Wiring<'_>) -> TractResult<TVec<OutletId>> {
    let (x, _) = row(w)?;
    let operator = match w.node.get_attr_opt::<&str>("norm")?.unwrap_or("MAX") {
        "MAX" => "ReduceMax",
        "L1" => "ReduceL1",
        "L2" => "ReduceL2",
        other => bail!("its norm is {other}; MAX, L1 and L2 are read"),
    };
    let along = w.whole("along", &[-1])?;
    let norm = w.inner("norm", operator, &[x, along], vec![])?;
    Ok(tvec!(w.inner("normal", "Div", &[x, norm], vec![])?))
}
