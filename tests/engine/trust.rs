//! How far explanations hold, on networks and explanations of which the answer is known.

use crate::methods::demo;
use vitrine::engine::explain::faithfulness::{Effort, Faithfulness, Measure, Question, Verdict};
use vitrine::engine::explain::players::Players;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::request::Request;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::job::run;
use vitrine::stay::removal::{By, Removal, normal_input};
use vitrine::{Model, stay::Stay};

const EFFORT: Effort = Effort { orders: 12, sets: 10, noisy: 2, seed: 3 };

fn measured(model: &Model, stay: &Stay, options: Options, change: impl Fn(&mut Relevance)) -> Faithfulness {
    let mut relevance = model.explain(&stay.input, &options).unwrap();
    change(&mut relevance);
    // Windows instead of single measurements keep the test short.
    let players = Removal::new(model.manifest(), &stay.input, By::ChannelAndWindow(8));
    let request = Request { options, baseline: normal_input(model.manifest()) };
    run(Measure::new(model.scorer(&options).unwrap(), players, request, relevance, EFFORT)).unwrap()
}

fn value(found: &Faithfulness, question: Question) -> f64 {
    found.answers.iter().find(|answer| answer.question == question).unwrap().value
}

#[test]
fn a_complete_method_beats_chance_and_its_opposite_does_not() {
    let (model, stays) = demo();
    let options = Options { method: Method::DeepShap, ..Options::default() };
    let septic = &stays[5];
    let good = measured(&model, septic, options, |_| {});
    let bad = measured(&model, septic, options, |relevance| relevance.values.iter_mut().for_each(|r| *r = -*r));
    println!("{:?}\n{:?}", good.answers, bad.answers);
    assert!(value(&good, Question::Deletion) > 0.9 && value(&good, Question::Insertion) > 0.7);
    assert!(value(&bad, Question::Deletion) < 0.3 && value(&bad, Question::Insertion) < 0.3);
    // The method's own picture is the opposite of the one it is held against, so the change is twice its size.
    assert!((value(&bad, Question::MaxSensitivity) - 2.0).abs() < 0.1);
    assert!((value(&good, Question::SensitivityN) + value(&bad, Question::SensitivityN)).abs() < 1e-9);
    assert_eq!(bad.verdict, Verdict::Fails);
    // Both curves run between the whole stay and the one in which nothing was observed.
    let score =
        |input: &[f32]| model.explain(input, &Options { quantity: Some(Quantity::Score), ..options }).unwrap().score;
    let (whole, empty) = (score(&septic.input), score(&normal_input(model.manifest())));
    for (curve, ends) in [(&good.curves.deletion, [whole, empty]), (&good.curves.insertion, [empty, whole])] {
        assert!((curve[0] - ends[0]).abs() < 1e-9 && (curve[curve.len() - 1] - ends[1]).abs() < 1e-9);
    }
}

#[test]
fn a_picture_that_is_the_same_for_every_network_fails() {
    let (model, stays) = demo();
    let found = measured(&model, &stays[0], Options::default(), |_| {});
    assert!(found.randomisation.len() > 10, "every layer is shuffled");
    assert_eq!(found.epsilons.len(), 6);
    // The input itself as its own explanation does not depend on the network at all.
    assert_eq!(Question::Randomisation.verdict(1.0), Verdict::Fails);
    println!("{:?}", found.answers);
    // The same seed gives the same numbers.
    assert_eq!(found, measured(&model, &stays[0], Options::default(), |_| {}));
}

#[test]
fn noise_moves_measurements_and_nothing_else() {
    let (model, stays) = demo();
    let removal = Removal::new(model.manifest(), &stays[0].input, By::Measurement);
    let noisy = removal.noisy(&mut vitrine::engine::explain::random::Random::new(1));
    let masks = model.manifest().mask_columns();
    let n_columns = model.n_columns();
    let moved: Vec<usize> = (0..noisy.len()).filter(|k| noisy[*k] != stays[0].input[*k]).collect();
    assert!(moved.len() > 100);
    assert!(moved.iter().all(|k| !masks[k % n_columns] && (noisy[*k] - stays[0].input[*k]).abs() < 0.4));
}
