//! The audit on networks and explanations of which the answer is known.

use std::rc::Rc;

use crate::methods::demo;
use vitrine::engine::explain::audit::{Audit, AuditQuestion, Effort, SharedRuns, Verdict, judge};
use vitrine::engine::explain::players::{Players, gather};
use vitrine::engine::explain::random::Random;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::job::{Job, run};
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::removal::{By, Removal, normal_input};
use vitrine::study::audit::{Map, begin, word};
use vitrine::{Model, stay::Stay};

const EFFORT: Effort = Effort { noisy: 2, shuffles: 2, seed: 3 };

/// The audit of a stay's explanation after a change of it; a changed one is a map from elsewhere.
fn audited(model: &Rc<Model>, stay: &Stay, options: Options, change: Option<f64>) -> Audit {
    let mut relevance: Relevance = model.explain(&stay.input, &options).unwrap();
    relevance.values.iter_mut().for_each(|r| *r *= change.unwrap_or(1.0));
    let map = Map { relevance, is_own: change.is_none() };
    run(begin(model, &stay.input, &options, None, Some(map), EFFORT).unwrap()).unwrap()
}

fn value(found: &Audit, question: AuditQuestion) -> f64 {
    found.answers.iter().find(|answer| answer.question == question).unwrap().effect.value
}

#[test]
fn contributions_hold_and_their_opposite_does_not() {
    let (model, stays) = demo();
    let model = Rc::new(model);
    let options = Options { method: Method::DeepShap, ..Options::default() };
    // The stay with the fewest measurements keeps the test short.
    let stay = stays
        .iter()
        .min_by_key(|stay| Removal::new(model.manifest(), &stay.input, By::Measurement).n_players())
        .unwrap();
    let good = audited(&model, stay, options, None);
    let bad = audited(&model, stay, options, Some(-1.0));
    println!("{:?} {}\n{:?}", good.answers, good.probability, bad.answers);
    assert!(value(&good, AuditQuestion::Follows) > 0.8 && value(&good, AuditQuestion::Finds) > 0.7);
    assert!(
        (value(&good, AuditQuestion::Follows) + value(&bad, AuditQuestion::Follows)).abs() < 1e-9,
        "the sets are the same"
    );
    assert!((value(&good, AuditQuestion::Finds) + value(&bad, AuditQuestion::Finds)).abs() < 1e-9);
    assert_eq!(bad.verdict, Verdict::DoesNotHold);
    // A map from elsewhere cannot be made again, and is asked what decides alone.
    assert_eq!(bad.answers.len(), 2);
    let details = good.details.as_ref().unwrap();
    assert_eq!(details.shuffles.len(), 2);
    // Both curves run between the whole stay and the one in which nothing was observed, by either map.
    let score =
        |input: &[f32]| model.explain(input, &Options { quantity: Some(Quantity::Score), ..options }).unwrap().score;
    let (whole, empty) = (score(&stay.input), score(&normal_input(model.manifest())));
    for (curves, ends) in [(&details.curves.deletion, [whole, empty]), (&details.curves.insertion, [empty, whole])] {
        for curve in curves {
            assert!((curve[0] - ends[0]).abs() < 1e-9 && (curve[curve.len() - 1] - ends[1]).abs() < 1e-9);
        }
    }
    // The same seed gives the same numbers, and many maps at once those of one.
    assert_eq!(good, audited(&model, stay, options, None));
    let players = Removal::new(model.manifest(), &stay.input, By::Measurement).toward(normal_input(model.manifest()));
    let shares = gather(&players, &model.explain(&stay.input, &options).unwrap());
    let scorer = model.scorer(&Options { quantity: Some(Quantity::Score), ..options }).unwrap();
    let at_once =
        judge(scorer.clone(), &players, &[shares.iter().map(|_| 0.0).collect(), shares], EFFORT.seed).unwrap();
    assert_eq!(at_once[1], good.answers[..2]);
    assert!(at_once[0][0].effect.value.abs() < 1e-12, "a map of zeros goes with nothing");
}

/// The word comes before what decides nothing, is told from the whole audit, and is the same.
#[test]
fn the_word_comes_first() {
    let (model, stays) = demo();
    let model = Rc::new(model);
    for method in [Method::DeepShap, Method::Lrp] {
        let options = Options { method, ..Options::default() };
        let begun = || begin(&model, &stays[0].input, &options, None, None, EFFORT).unwrap();
        let mut job = begun();
        while job.word().is_none() {
            assert!(!job.advance().unwrap(), "the word is known before the audit is done");
        }
        let left = job.progress().total - job.progress().done;
        // Two curves by either map, noise and shuffles, and for relevance propagation six epsilons.
        assert_eq!(left, 4 + 2 + 2 + if method == Method::Lrp { 6 } else { 0 }, "{method:?}");
        let early = job.word().unwrap();
        let whole = run(job).unwrap();
        assert!(early.details.is_none() && whole.details.is_some());
        let n_deciding = early.answers.len();
        let told = Audit { details: None, answers: whole.answers[..n_deciding].to_vec(), ..whole };
        assert_eq!(early, told, "{method:?}");
        assert_eq!(word(begun()).unwrap(), early);
    }
}

/// What decides is run once for all maps of a stay, and every number is that of an audit by itself.
#[test]
fn audits_of_one_stay_share_their_runs() {
    let (model, stays) = demo();
    let model = Rc::new(model);
    let shared = SharedRuns::default();
    let of = |stay: &Stay, method, is_shared: bool| {
        let options = Options { method, ..Options::default() };
        let job = begin(&model, &stay.input, &options, None, None, EFFORT).unwrap();
        let job = if is_shared { job.sharing(&shared).unwrap() } else { job };
        (job.progress().total, run(job).unwrap())
    };
    let mut totals = vec![];
    let asked = [(0, Method::DeepShap), (0, Method::GradientXInput), (1, Method::DeepShap), (0, Method::DeepShap)];
    for (stay, method) in asked {
        let (alone, together) = (of(&stays[stay], method, false), of(&stays[stay], method, true));
        assert_eq!(alone.1, together.1, "{method:?} of stay {stay}");
        totals.push(together.0 < alone.0);
    }
    assert_eq!(totals, [false, true, false, false], "the second map of a stay is asked by the runs of the first");
}

#[test]
fn noise_moves_measurements_as_the_manifest_says_and_nothing_else() {
    let (model, stays) = demo();
    // The built-in manifest states the noise of its channels, whatever the file of a network says.
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let removal = Removal::new(&manifest, &stays[0].input, By::Measurement);
    assert!(removal.has_noise());
    let noisy = removal.noisy(&mut Random::new(1));
    let masks = manifest.mask_columns();
    let n_columns = model.n_columns();
    let moved: Vec<usize> = (0..noisy.len()).filter(|k| noisy[*k] != stays[0].input[*k]).collect();
    assert!(moved.len() > 100);
    assert!(moved.iter().all(|k| !masks[k % n_columns]));
    // In clinical units, the errors of a channel are those of its manifest: their standard deviation over many draws.
    let heart = manifest.channels.iter().find(|channel| channel.name == "Heart Rate").unwrap();
    let Encoding::Continuous { std, .. } = heart.encoding else { panic!("a number") };
    let first = removal.groups().iter().find(|group| manifest.channels[group.channel.unwrap()].name == "Heart Rate");
    let at = first.unwrap().steps.start * n_columns + heart.columns[0];
    let mut random = Random::new(2);
    let errors: Vec<f64> =
        (0..200).map(|_| f64::from(removal.noisy(&mut random)[at] - stays[0].input[at]) * std).collect();
    let deviation = (errors.iter().map(|error| error * error).sum::<f64>() / 200.0).sqrt();
    let noise = heart.noise.unwrap();
    // 200 draws are off by 5 % (one standard deviation of a standard deviation); four of those are allowed.
    assert!((deviation / noise - 1.0).abs() < 0.2, "{deviation} /min where the manifest says {noise}");
}
