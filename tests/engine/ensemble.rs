//! Several networks shown as one: means and spreads against the networks one by one, and what is refused.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::common::{fixtures, noise, onnx_files, read, relative_difference};
use vitrine::engine::explain::ensemble::enough;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::stay::manifest::Manifest;
use vitrine::study::models::Models;
use vitrine::{Kind, Model};

/// Committed networks that read the same: LSTM, GRU and plain cells of the same steps and columns, up to five a group.
fn groups() -> Vec<Models> {
    let mut by_shape: BTreeMap<(usize, usize), Vec<Rc<Model>>> = BTreeMap::new();
    for file in onnx_files(&fixtures("explain")) {
        let model = read(&file).unwrap();
        by_shape.entry((model.n_steps(), model.n_columns())).or_default().push(Rc::new(model));
    }
    let groups: Vec<Models> = by_shape
        .into_values()
        .filter(|models| models.len() >= 5)
        .flat_map(|models| models.chunks_exact(5).map(|five| Models::new(five.to_vec()).unwrap()).collect::<Vec<_>>())
        .collect();
    assert!(groups.len() >= 4, "{}", groups.len());
    groups
}

fn options(method: Method) -> Options {
    let mut options = Options { method, quantity: Some(Quantity::Score), ..Options::default() };
    options.rule.bias_factor = 1.0;
    options
}

/// The mean explanation is that of the mean score: it adds up to the mean of the networks' scores, less that of their
/// references, and every cell, and the ledger, is the mean of the networks' own.
#[test]
fn the_mean_of_the_explanations_explains_the_mean_score() {
    for (seed, models) in groups().iter().enumerate() {
        let len = models.first().n_steps() * models.first().n_columns();
        let (x, x0) = (noise(seed as u64, len), noise(100 + seed as u64, len));
        // An integral takes thousands of runs on networks with kinks.
        let integral = (seed < 2).then_some(Method::IntegratedGradients);
        for method in [Method::Lrp, Method::DeepShap].into_iter().chain(integral) {
            let options = options(method);
            let got = models.explain(&x, Some(&x0), &options).unwrap();
            let alone =
                |model: &Rc<Model>| model.explain_against(&model.trace(&x).unwrap(), Some(&x0), &options).unwrap();
            let each: Vec<_> = models.members().iter().map(alone).collect();
            assert_eq!(each, got.each);
            let mut want = vec![0.0; len];
            for one in &each {
                want.iter_mut().zip(&one.values).for_each(|(sum, r)| *sum += r / 5.0);
            }
            assert!(relative_difference(&got.mean.values, &want) < 1e-14, "{method:?}");
            let score = each.iter().map(|it| it.score).sum::<f64>() / 5.0;
            assert!((got.mean.score - score).abs() < 1e-14 && (got.mean.logit - score).abs() < 1e-14);
            let missing = got.mean.residual().abs();
            let size = got.mean.values.iter().map(|r| r.abs()).sum::<f64>();
            // Integrated gradients miss what their quadrature does.
            assert!(missing <= 1e-2 * size.max(score.abs()), "{method:?}: {missing:e} of {size}");
            assert!(method != Method::DeepShap || missing <= 1e-6 * size.max(score.abs()).max(0.5));
            if method == Method::Lrp {
                assert!(missing < 1e-12 * size, "bias factor 1 conserves: {missing:e}");
            }
        }
    }
}

/// The output is the mean of the outputs, and not the sigmoid of the mean score.
#[test]
fn predictions_are_means_with_their_spread() {
    for (seed, models) in groups().iter().enumerate() {
        let x = noise(seed as u64, models.first().n_steps() * models.first().n_columns());
        let outputs: Vec<f64> = models.members().iter().map(|model| f64::from(model.predict(&x).unwrap()[0])).collect();
        let mean = outputs.iter().sum::<f64>() / 5.0;
        let variance = outputs.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / 4.0;
        let found = models.together(&x, 0).unwrap();
        assert!((f64::from(models.predict(&x).unwrap()[0]) - mean).abs() < 1e-7);
        assert_eq!(found.probability.each, outputs);
        assert!((found.probability.mean - mean).abs() < 1e-15);
        assert!((found.probability.deviation - variance.sqrt()).abs() < 1e-15);
        let of_mean = 1.0 / (1.0 + (-found.score.mean).exp());
        assert!((of_mean - mean).abs() < found.probability.greatest - found.probability.least, "between the networks");
        let explained = models.explain(&x, None, &options(Method::DeepShap)).unwrap();
        assert!((explained.mean.probability - found.probability.mean).abs() < 1e-15);
        assert!((explained.mean.score - found.score.mean).abs() < 1e-14);
        assert_eq!(models.together(&x, 7).unwrap_err().kind, Kind::Argument);
    }
}

/// Counted again, cell by cell; one network five times over agrees with itself everywhere.
#[test]
fn agreement_counts_the_networks_with_the_sign_of_the_mean() {
    let groups = groups();
    let models = &groups[0];
    let x = noise(3, models.first().n_steps() * models.first().n_columns());
    let got = models.explain(&x, None, &options(Method::DeepShap)).unwrap();
    let counts = got.agreeing();
    for (cell, count) in counts.iter().enumerate() {
        let mean: f64 = got.each.iter().map(|it| it.values[cell]).sum();
        let same = got.each.iter().filter(|it| it.values[cell] * mean > 0.0 || it.values[cell] == 0.0 && mean == 0.0);
        assert_eq!(*count, same.count(), "cell {cell}");
    }
    assert!(counts.iter().any(|count| *count < enough(5)) && counts.iter().any(|count| *count >= enough(5)));
    let alike = Models::new(vec![Rc::clone(models.first()); 5]).unwrap();
    let got = alike.explain(&x, None, &options(Method::DeepShap)).unwrap();
    assert!(got.agreeing().iter().all(|count| *count == 5));
    assert!(alike.together(&x, 0).unwrap().score.deviation < 1e-15);
}

/// What differs is named, with the network.
#[test]
fn networks_that_read_otherwise_are_refused_by_name() {
    let bytes = std::fs::read(fixtures("explain").join("stacked.onnx")).unwrap();
    let own = |change: fn(&mut Manifest)| {
        let model = Model::read(&bytes, None, &Default::default()).unwrap();
        let mut manifest = model.manifest().clone();
        change(&mut manifest);
        let text = serde_json::to_string(&manifest).unwrap();
        Rc::new(Model::read(&bytes, Some(&text), &Default::default()).unwrap())
    };
    let first = own(|_| {});
    let refused = |other: Rc<Model>| {
        let error = Models::new(vec![Rc::clone(&first), Rc::clone(&first), other]).unwrap_err();
        assert_eq!(error.kind, Kind::Argument);
        let text = error.to_string();
        assert!(text.contains("models[2]"), "{text}");
        text
    };
    assert!(refused(own(|it| it.step_hours = 2.0)).contains("steps of 2 h"));
    assert!(refused(own(|it| it.channels[1].name = "lactate".into())).contains("channel \"c1\""));
    assert!(refused(own(|it| it.channels.swap(0, 1))).contains("channel \"c0\""));
    assert!(refused(own(|it| it.outcomes[0].name = "sepsis".into())).contains("predicts \"sepsis\""));
    let one_hour = Rc::new(read(&fixtures("explain").join("one_hour.onnx")).unwrap());
    assert!(refused(one_hour).contains("reads 1 steps"));
    let score = Rc::new(read(&fixtures("heads").join("score.onnx")).unwrap());
    let probability = Rc::new(read(&fixtures("explain").join("channel_wise.onnx")).unwrap());
    let text = Models::new(vec![probability, score]).unwrap_err().to_string();
    assert!(text.contains("another kind"), "{text}");
    // A clamped sigmoid is a probability, too, but its score is no log-odds.
    let ends =
        ["clamped", "beside"].map(|name| Rc::new(read(&fixtures("cases/heads").join(format!("{name}.onnx"))).unwrap()));
    let text = Models::new(ends.to_vec()).unwrap_err().to_string();
    assert!(text.contains("another kind"), "{text}");
    let renamed = own(|it| it.description = "another seed".into());
    assert_eq!(Models::new(vec![first, renamed]).unwrap().members().len(), 2);
    assert!(Models::new(Vec::new()).unwrap_err().to_string().contains("no network"));
}

/// An error of one network says which it was.
#[test]
fn an_error_names_the_network() {
    let groups = groups();
    let error = groups[0].predict(&[0.0]).unwrap_err().to_string();
    assert!(error.contains("network 1 of 5: the input has 1 numbers"), "{error}");
}
