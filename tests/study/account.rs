//! The ledger by channel and hour: held to the relevance itself, summed again another way, and to the score.

use crate::common::{model, stay};
use vitrine::engine::explain::relevance::Relevance;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::stay::manifest::Manifest;
use vitrine::study::account::{Account, Amount, Line};
use vitrine::study::export::Provenance;

const STAYS: [&str; 3] = ["septic-shock", "stable", "sparse-dirty"];

fn ways() -> Vec<Options> {
    let lrp = |form, bias_factor, quantity| Options {
        rule: Rule { form, bias_factor, gates: Gates::All, ..Rule::default() },
        quantity,
        ..Options::default()
    };
    vec![
        Options::default(),
        lrp(Form::Arras2019, 0.0, Some(Quantity::Score)),
        lrp(Form::Arras2017, 1.0, Some(Quantity::Probability)),
        Options { method: Method::DeepShap, ..Options::default() },
        Options { method: Method::IntegratedGradients, ..Options::default() },
    ]
}

/// Channels and the rest add up to the score, hours and the rest too: to rounding of the largest part.
#[test]
fn every_part_adds_up_to_the_score() {
    let model = model();
    for name in STAYS {
        let stay = stay(&model, name);
        for options in ways() {
            let relevance = model.explain(&stay.input, &options).unwrap();
            let account = Account::of(model.manifest(), &relevance);
            let rest = account.rest.unwrap();
            let kept = rest.biases + rest.initial_states + rest.epsilon + rest.reference + rest.residual;
            let largest = account.inputs.values.absolute + account.inputs.masks.absolute + kept.abs();
            for lines in [&account.channels, &account.hours, &vec![account.inputs]] {
                let inputs: f64 = lines.iter().map(|line| line.values.signed + line.masks.signed).sum();
                let found = inputs + kept;
                assert!((found - relevance.score).abs() <= 1e-14 * largest, "{name}: {found} for {}", relevance.score);
            }
            assert_eq!(rest.score, relevance.score);
            assert!((rest.residual - relevance.residual()).abs() <= 1e-12 * largest, "the residual is the ledger's");
        }
    }
}

/// Each line, from the numbers of the explanation, column by column.
#[test]
fn every_line_is_the_sum_of_its_columns() {
    let model = model();
    let manifest = model.manifest();
    let relevance = model.explain(&stay(&model, "septic-shock").input, &Options::default()).unwrap();
    let account = Account::of(manifest, &relevance);
    for (row, line) in account.channels.iter().enumerate() {
        check(line, &expected(manifest, &relevance, |channel, _| channel == row));
    }
    for (hour, line) in account.hours.iter().enumerate() {
        check(line, &expected(manifest, &relevance, |_, step| step == hour));
    }
    check(&account.inputs, &expected(manifest, &relevance, |_, _| true));
    let shares: f64 = account.channels.iter().map(|line| line.share).sum();
    assert!((shares - 1.0).abs() < 1e-12);
    for line in account.channels.iter().chain(&account.hours) {
        let is_more = line.masks.absolute > line.values.absolute;
        assert_eq!(line.is_of_measuring, is_more && line.share >= 0.01);
    }
}

fn expected(manifest: &Manifest, relevance: &Relevance, is_counted: impl Fn(usize, usize) -> bool) -> [Amount; 2] {
    let mut sums = [Amount::default(); 2];
    for (row, channel) in manifest.channels.iter().enumerate() {
        for step in (0..manifest.steps).filter(|step| is_counted(row, *step)) {
            let at = |column: &usize| relevance.values[step * manifest.columns + column];
            let cells = [channel.columns.iter().map(at).sum::<f64>(), channel.mask.iter().map(at).sum::<f64>()];
            for (sum, cell) in sums.iter_mut().zip(cells) {
                sum.signed += cell;
                sum.absolute += cell.abs();
            }
        }
    }
    sums
}

fn check(line: &Line, expected: &[Amount; 2]) {
    for (got, want) in [line.values, line.masks].iter().zip(expected) {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-13 * want.absolute.max(1.0);
        assert!(near(got.signed, want.signed) && near(got.absolute, want.absolute), "{got:?} for {want:?}");
    }
}

#[test]
fn a_table_that_is_read_again_adds_up_to_the_score() {
    let model = model();
    let relevance = model.explain(&stay(&model, "septic-shock").input, &Options::default()).unwrap();
    let account = Account::of(model.manifest(), &relevance);
    let provenance = Provenance {
        model: "demo".into(),
        model_sha256: "aa".into(),
        data: "septic-shock".into(),
        data_sha256: "bb".into(),
        n_edits: 0,
        method: "lrp".into(),
        residual: None,
        version: "1".into(),
        model_card: "A network of tests.".into(),
    };
    let text = account.to_csv(model.manifest(), &provenance);
    let mut reader = ::csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let (mut channels, mut hours, mut rest, mut score) = (0.0, 0.0, 0.0, f64::NAN);
    for row in reader.records() {
        let row = row.unwrap();
        let number = |at: usize| row[at].parse::<f64>().unwrap_or_default();
        match &row[0] {
            "channel" => channels += number(2) + number(4),
            "hour" => hours += number(2) + number(4),
            "all inputs" => {}
            "score" => score = number(2),
            _ => rest += number(2),
        }
    }
    assert_eq!(score, relevance.score);
    assert!((channels + rest - score).abs() < 1e-12 && (hours + rest - score).abs() < 1e-12);
    assert!(text.lines().last().unwrap().starts_with("# Vitrine 1. "), "{text}");
}

#[test]
fn a_method_that_divides_nothing_has_sums_and_no_score() {
    let model = model();
    let options = Options { method: Method::GradientXInput, ..Options::default() };
    let relevance = model.explain(&stay(&model, "stable").input, &options).unwrap();
    let account = Account::of(model.manifest(), &relevance);
    assert!(account.rest.is_none() && account.inputs.values.absolute > 0.0);
}
