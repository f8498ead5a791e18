//! The verdict on networks with known answers (`training/planted/families.py`): maps of known quality are put through the
//! audit. `make answers` measures all of it and writes the tables of `docs/holds.md`; the ordinary test measures one stay
//! of each family.

use std::collections::HashMap;
use std::fmt::Write;

use crate::common::{fixtures, json};
use vitrine::Model;
use vitrine::engine::explain::agreement::spearman;
use vitrine::engine::explain::audit::{self, AuditAnswer, AuditQuestion, Effect, Verdict};
use vitrine::engine::explain::players::{Players, gather};
use vitrine::engine::explain::random::Random;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::{Form, Gates, Rule};
use vitrine::stay::removal::{By, Removal, normal_input};
use vitrine::study::cohort::curves::Predictions;

const FAMILIES: [&str; 7] = ["lstm", "gru", "additive", "stacked", "bidirectional", "channel-wise", "attention"];
/// Stays of each network that are measured.
const N_STAYS: usize = 3;
/// Seeds under which the word should be the same.
const N_SEEDS: u64 = 5;

struct Stay {
    input: Vec<f32>,
    /// The planted share of each cell, `[step * n_channels + channel]`.
    truth: Vec<f64>,
}

struct Network {
    model: Model,
    stays: Vec<Stay>,
}

fn family(name: &str) -> Vec<Network> {
    let folder = fixtures("answers");
    let record = json(&folder.join(format!("{name}.json")));
    let manifest = record["manifest"].to_string();
    let files = std::fs::read(folder.join(format!("{name}.onnx.bin"))).unwrap();
    let cells = std::fs::read(folder.join(format!("{name}.stays.bin"))).unwrap();
    let (mut at, mut from) = (0, 0);
    let read = |network: &serde_json::Value| {
        let size = network["bytes"].as_u64().unwrap() as usize;
        let model = Model::read(&files[at..at + size], Some(&manifest), &HashMap::new()).unwrap();
        at += size;
        let n_channels = model.n_columns() / 2;
        let len = 3 * model.n_steps() * n_channels;
        let all = network["stays"].as_u64().unwrap() as usize * len;
        let stays: Vec<Stay> = cells[from..from + all].chunks(len).map(|cells| stay(cells, n_channels)).collect();
        from += all;
        for (stay, score) in stays.iter().zip(network["scores"].as_array().into_iter().flatten()) {
            let got = model.explain(&stay.input, &of(Method::Gradient)).unwrap().logit;
            let want = score.as_f64().unwrap();
            assert!((got - want).abs() < 1e-3, "{name}: the engine says {got} where the training said {want}");
        }
        Network { model, stays }
    };
    record["networks"].as_array().unwrap().iter().map(read).collect()
}

fn stay(cells: &[u8], n_channels: usize) -> Stay {
    let n_steps = cells.len() / 3 / n_channels;
    let mut stay = Stay { input: vec![0.0; n_steps * 2 * n_channels], truth: vec![0.0; n_steps * n_channels] };
    for (cell, bytes) in cells.chunks(3).enumerate() {
        let at = cell / n_channels * 2 * n_channels + cell % n_channels;
        stay.input[at] = f32::from(bytes[0].cast_signed()) / 32.0;
        stay.input[at + n_channels] = f32::from(bytes[1]);
        stay.truth[cell] = f64::from(bytes[2].cast_signed()) / 32.0;
    }
    stay
}

fn of(method: Method) -> Options {
    Options { method, quantity: Some(Quantity::Score), steps: Some(64), ..Options::default() }
}

fn methods() -> Vec<(&'static str, Options)> {
    let lrp = |gates, form, quantity| Options {
        rule: Rule { epsilon: 0.01, bias_factor: 0.0, form, gates },
        quantity: Some(quantity),
        ..of(Method::Lrp)
    };
    vec![
        ("deep-shap", of(Method::DeepShap)),
        ("integrated gradients", Options { steps: None, ..of(Method::IntegratedGradients) }),
        ("LRP as in the paper", lrp(Gates::All, Form::Arras2017, Quantity::Paper)),
        ("LRP-all, 2017 form", lrp(Gates::All, Form::Arras2017, Quantity::Score)),
        ("LRP-all, 2019 form", lrp(Gates::All, Form::Arras2019, Quantity::Score)),
        ("LRP-half, 2019 form", lrp(Gates::Half, Form::Arras2019, Quantity::Score)),
        ("LRP-abs, 2019 form", lrp(Gates::Abs, Form::Arras2019, Quantity::Score)),
        ("gradient x input", of(Method::GradientXInput)),
        ("gradient", of(Method::Gradient)),
        ("absolute gradient", of(Method::AbsGradient)),
        ("SmoothGrad", of(Method::SmoothGrad)),
        ("occlusion", of(Method::Occlusion)),
    ]
}

/// Permutes a part of the shares among themselves.
fn shuffled(shares: &[f64], percent: u32, random: &mut Random) -> Vec<f64> {
    let n = (f64::from(percent) / 100.0 * shares.len() as f64).round() as usize;
    let which = random.order(shares.len())[..n].to_vec();
    let mut from = which.clone();
    random.shuffle(&mut from);
    let mut out = shares.to_vec();
    which.iter().zip(&from).for_each(|(to, from)| out[*to] = shares[*from]);
    out
}

/// The area under the precision-recall curve of finding the planted measurements: those that raise the score by what a
/// map says raises it, those that lower it by what it says lowers it, each as much as there are.
fn area(shares: &[f64], truth: &[f64]) -> f64 {
    let of = |sign: f64| {
        let labels: Vec<bool> = truth.iter().map(|share| sign * share > 0.0).collect();
        let n = labels.iter().filter(|label| **label).count();
        if n == 0 || n == labels.len() {
            return (0.0, 0.0);
        }
        let by: Vec<f64> = shares.iter().map(|share| sign * share).collect();
        let ranked = Predictions::new(&labels, &by).unwrap();
        (n as f64 * ranked.average_precision(&ranked.once()), n as f64)
    };
    let (up, down) = (of(1.0), of(-1.0));
    (up.0 + down.0) / (up.1 + down.1)
}

/// Maps of a stay by name: what methods make of it, and what is made of the truth and of contributions on purpose.
fn maps(networks: &[Network], k: usize, stay: &Stay, players: &Removal, truth: &[f64]) -> Vec<(String, Vec<f64>)> {
    let model = &networks[k].model;
    let mut random = Random::new(stay.input.iter().map(|x| u64::from(x.to_bits())).sum());
    let explained = |model: &Model, options: &Options| match model.explain(&stay.input, options) {
        Ok(relevance) => Some(gather(players, &relevance)),
        Err(error) => {
            assert!(error.to_string().contains("unstable explanation"), "{error}");
            None
        }
    };
    let own = methods().into_iter().filter_map(|(name, options)| Some((name.to_owned(), explained(model, &options)?)));
    let mut maps: Vec<(String, Vec<f64>)> = own.collect();
    let shap = maps[0].1.clone();
    let n = shap.len();
    maps.push(("the planted truth".into(), truth.to_vec()));
    for percent in [10, 25, 50, 75, 100] {
        maps.push((format!("the truth, {percent} % shuffled"), shuffled(truth, percent, &mut random)));
        maps.push((format!("deep-shap, {percent} % shuffled"), shuffled(&shap, percent, &mut random)));
    }
    let foreign = &networks[(k + 1) % networks.len()].model;
    maps.extend(explained(foreign, &of(Method::DeepShap)).map(|shares| ("another network".into(), shares)));
    maps.push(("random".into(), (0..n).map(|_| random.normal()).collect()));
    let size = (shap.iter().map(|share| share * share).sum::<f64>() / n as f64).sqrt();
    for percent in [25, 50, 100, 200] {
        let noise = size * f64::from(percent) / 100.0;
        let noisy = shap.iter().map(|share| share + noise * random.normal()).collect();
        maps.push((format!("deep-shap, {percent} % noise"), noisy));
    }
    maps.push(("signs turned".into(), shap.iter().map(|share| -share).collect()));
    let half = shap.iter().map(|share| if random.uniform() < 0.5 { -share } else { *share }).collect();
    maps.push(("half of the signs turned".into(), half));
    maps.push(("magnitudes".into(), shap.iter().map(|share| share.abs()).collect()));
    let largest = shap.iter().fold(0.0_f64, |largest, share| largest.max(share.abs()));
    maps.push(("one cell".into(), shap.iter().map(|s| if s.abs() >= largest { *s } else { 0.0 }).collect()));
    maps
}

/// A stay with its measurements, what was planted there, and maps of it.
struct Case {
    removal: Removal,
    /// What is to be found: the planted share of each measurement.
    labels: Vec<f64>,
    maps: Vec<(String, Vec<f64>)>,
    truth: Vec<f64>,
}

fn case(name: &str, networks: &[Network], k: usize, stay: &Stay) -> Case {
    let model = &networks[k].model;
    let removal = Removal::new(model.manifest(), &stay.input, By::Measurement);
    let n_channels = model.n_columns() / 2;
    let planted =
        |group: &vitrine::stay::removal::Group| stay.truth[group.steps.start * n_channels + group.channel.unwrap()];
    let truth: Vec<f64> = removal.groups().iter().map(planted).collect();
    // Every cell of an additive network counts; what is to be found are those that count most.
    let largest = truth.iter().fold(0.0_f64, |largest, share| largest.max(share.abs()));
    let counts = |share: f64| name != "additive" || share.abs() >= 0.25 * largest;
    let labels: Vec<f64> = truth.iter().map(|share| if counts(*share) { *share } else { 0.0 }).collect();
    let maps = maps(networks, k, stay, &removal, &truth);
    Case { removal, labels, maps, truth }
}

impl Case {
    /// Of what a map said of the planted measurements before it was shuffled, the part that is no longer there; nothing
    /// for maps that were not shuffled.
    ///
    /// `moved = 1 - sum of what is kept / sum of |share|`, and of two shares with one sign the smaller one is kept.
    fn moved(&self, map: &str, shares: &[f64]) -> Option<f64> {
        let (from, _) = map.split_once(',').filter(|(_, how)| how.ends_with("shuffled"))?;
        let before = if from == "the truth" { &self.truth } else { &self.maps[0].1 };
        let (mut kept, mut all) = (0.0, 0.0);
        for ((before, after), _) in before.iter().zip(shares).zip(&self.labels).filter(|(_, label)| **label != 0.0) {
            all += before.abs();
            kept += if before * after > 0.0 { before.abs().min(after.abs()) } else { 0.0 };
        }
        Some(1.0 - kept / all)
    }
}

/// What was measured of one map.
struct Row {
    map: String,
    area: f64,
    /// Of a map that was shuffled.
    moved: Option<f64>,
    /// Follows and finds, towards the reference and by carrying forward.
    toward: [f64; 2],
    carried: [f64; 2],
}

fn value(answers: &[AuditAnswer], question: AuditQuestion) -> f64 {
    answers.iter().find(|answer| answer.question == question).map_or(f64::NAN, |answer| answer.effect.value)
}

fn measured(name: &str, networks: &[Network], k: usize, stay: &Stay, seed: u64) -> Vec<Row> {
    let model = &networks[k].model;
    let case = case(name, networks, k, stay);
    let scorer = model.scorer(&of(Method::DeepShap)).unwrap();
    let shares: Vec<Vec<f64>> = case.maps.iter().map(|(_, shares)| shares.clone()).collect();
    let judged = |players: &dyn Players| {
        let answers = audit::judge(scorer.clone(), &players, &shares, seed).unwrap();
        answers
            .into_iter()
            .map(|a| [value(&a, AuditQuestion::Follows), value(&a, AuditQuestion::Finds)])
            .collect::<Vec<_>>()
    };
    let carried = judged(&case.removal);
    let toward = judged(&case.removal.clone().toward(normal_input(model.manifest())));
    let both = toward.into_iter().zip(carried);
    case.maps
        .iter()
        .zip(both)
        .map(|((map, shares), (toward, carried))| Row {
            map: map.clone(),
            area: area(shares, &case.labels),
            moved: case.moved(map, shares),
            toward,
            carried,
        })
        .collect()
}

/// How probable the verdict has it that a map finds what was planted.
fn probability(effects: [f64; 2]) -> f64 {
    let answer = |(question, value)| AuditAnswer { question, effect: Effect { value, interval: [value; 2] } };
    audit::probability(&[(AuditQuestion::Follows, effects[0]), (AuditQuestion::Finds, effects[1])].map(answer))
}

fn word(row: &Row) -> Verdict {
    Verdict::of(probability(row.toward))
}

/// Whether a map was made wrong on purpose.
fn is_bad(map: &str) -> bool {
    let is_shuffled = ["50 % shuffled", "75 % shuffled", "100 % shuffled"].iter().any(|end| map.ends_with(end));
    is_shuffled || ["random", "another network", "signs turned"].contains(&map)
}

#[test]
fn good_maps_hold_and_bad_ones_do_not() {
    for name in FAMILIES {
        let networks = family(name);
        let rows = measured(name, &networks, 0, &networks[0].stays[0], 0);
        let of = |map: &str| rows.iter().find(|row| row.map == map).unwrap();
        for map in ["random", "signs turned", "deep-shap, 100 % shuffled"] {
            assert_ne!(word(of(map)), Verdict::Holds, "{name}, {map}: {:?}", of(map).toward);
        }
        let [own, shuffled] = ["deep-shap", "deep-shap, 75 % shuffled"].map(|map| probability(of(map).toward));
        assert!(own > shuffled, "{name}: {own} for contributions, {shuffled} for what a shuffle left of them");
        if name == "additive" {
            for map in ["deep-shap", "the planted truth"] {
                assert_eq!(word(of(map)), Verdict::Holds, "the exact map of an additive network: {:?}", of(map).toward);
            }
        }
    }
}

/// Every family's rows with its name, in the order of the families, measured on two threads.
fn side_by_side<T: Send>(of_family: impl Fn(&'static str) -> Vec<T> + Sync) -> Vec<(&'static str, T)> {
    let of_family = &of_family;
    std::thread::scope(|scope| {
        let some = |names: &'static [&'static str]| {
            scope.spawn(move || {
                let of = |name: &&'static str| of_family(name).into_iter().map(|row| (*name, row)).collect::<Vec<_>>();
                names.iter().flat_map(of).collect::<Vec<_>>()
            })
        };
        let (first, second) = FAMILIES.split_at(FAMILIES.len() / 2);
        let threads = [some(first), some(second)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// All families: every row with its family.
fn all() -> Vec<(&'static str, Row)> {
    side_by_side(|name| {
        let networks = family(name);
        let of_network = |k: usize| {
            let stays = networks[k].stays.iter().take(N_STAYS);
            stays.flat_map(|stay| measured(name, &networks, k, stay, 0)).collect::<Vec<_>>()
        };
        (0..networks.len()).flat_map(of_network).collect()
    })
}

/// Each name once, in the order in which they come.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = vec![];
    names.for_each(|name| {
        if !found.contains(&name) {
            found.push(name);
        }
    });
    found
}

fn document() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/holds.md")
}

fn percent(rows: &[&Row], is: impl Fn(&Row) -> bool) -> f64 {
    100.0 * rows.iter().filter(|row| is(row)).count() as f64 / rows.len().max(1) as f64
}

/// One line a map: its area, its effects by either removal, and how often each word is said of it.
fn by_map(found: &[(&'static str, Row)]) -> String {
    let mut table = String::from(
        "| map | stays | area | follows | finds | follows, carried forward | holds | shaky | does not hold |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for name in unique(found.iter().map(|(_, row)| row.map.as_str())) {
        let rows: Vec<&Row> = found.iter().map(|(_, row)| row).filter(|row| row.map == name).collect();
        let mean = |of: fn(&Row) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64;
        let said = Verdict::ALL.map(|verdict| format!("{:.0} %", percent(&rows, |row| word(row) == verdict)));
        let effects = [mean(|r| r.area), mean(|r| r.toward[0]), mean(|r| r.toward[1]), mean(|r| r.carried[0])];
        let effects = effects.map(|value| format!("{value:.2}"));
        writeln!(table, "| {name} | {} | {} | {} |", rows.len(), effects.join(" | "), said.join(" | ")).unwrap();
    }
    table
}

/// One line a family: what the verdict reaches there.
fn by_family(found: &[(&'static str, Row)]) -> String {
    let mut table = String::from(
        "| family | area from 0.9: holds | does not hold | made wrong: holds | and area below 0.8 | area from 0.8 where it holds | calibration error |\n|---|---|---|---|---|---|---|\n",
    );
    for name in FAMILIES {
        let rows: Vec<&Row> = found.iter().filter(|(family, _)| *family == name).map(|(_, row)| row).collect();
        let of = |is: &dyn Fn(&Row) -> bool| rows.iter().copied().filter(|row| is(row)).collect::<Vec<_>>();
        let (good, bad) = (of(&|row| row.area >= 0.9), of(&|row| is_bad(&row.map)));
        let held = of(&|row| word(row) == Verdict::Holds);
        let numbers = [
            percent(&good, |row| word(row) == Verdict::Holds),
            percent(&good, |row| word(row) == Verdict::DoesNotHold),
            percent(&bad, |row| word(row) == Verdict::Holds),
            percent(&bad, |row| word(row) == Verdict::Holds && row.area < 0.8),
            percent(&held, |row| row.area >= 0.8),
        ];
        let numbers = numbers.map(|value| format!("{value:.1} %"));
        writeln!(table, "| {name} | {} | {:.3} |", numbers.join(" | "), calibration_error(&rows)).unwrap();
    }
    table
}

/// The families that the verdict's constants never saw.
const HELD_BACK: [&str; 3] = ["lstm", "bidirectional", "channel-wise"];

/// What is said of some maps.
type Say<'a> = &'a dyn Fn(&[&Row]) -> String;

/// One line an aim, of each family held back and of all seven.
fn reached(found: &[(&'static str, Row)]) -> String {
    let holds = |row: &Row| word(row) == Verdict::Holds;
    let part = |rows: &[&Row], among: &dyn Fn(&Row) -> bool, is: &dyn Fn(&Row) -> bool| {
        let own: Vec<&Row> = rows.iter().copied().filter(|row| among(row)).collect();
        format!("{:.1} % ({} of {})", percent(&own, is), own.iter().filter(|row| is(row)).count(), own.len())
    };
    let named = |rows: &[&Row], names: &[&str], is: &dyn Fn(&Row) -> bool| {
        let of = |row: &Row| row.map.split_once(", ").map_or(row.map.clone(), |(_, made)| made.to_owned());
        part(rows, &|row| names.contains(&of(row).as_str()), is)
    };
    let wrongly = |row: &Row| holds(row) && row.area < 0.8;
    let mean =
        |rows: &[&Row], of: &dyn Fn(&Row) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64;
    let random = ["random", "signs turned", "100 % shuffled"];
    let lines: [(&str, Say<'_>); 13] = [
        ("area from 0.9: holds", &|rows| part(rows, &|row| row.area >= 0.9, &holds)),
        ("area from 0.9: does not hold", &|rows| {
            part(rows, &|row| row.area >= 0.9, &|row| word(row) == Verdict::DoesNotHold)
        }),
        ("random, turned signs, all shuffled: holds", &|rows| named(rows, &random, &holds)),
        ("another network's: holds", &|rows| named(rows, &["another network"], &holds)),
        ("and area below 0.8", &|rows| named(rows, &["another network"], &wrongly)),
        ("50 % shuffled: holds", &|rows| named(rows, &["50 % shuffled"], &holds)),
        ("and area below 0.8", &|rows| named(rows, &["50 % shuffled"], &wrongly)),
        ("75 % shuffled: holds", &|rows| named(rows, &["75 % shuffled"], &holds)),
        ("and area below 0.8", &|rows| named(rows, &["75 % shuffled"], &wrongly)),
        ("Spearman of *holds* with the area, twelve methods", &|rows| format!("{:.2}", by_methods(rows))),
        ("calibration error", &|rows| format!("{:.3}", calibration_error(rows))),
        ("mean probability of an area from 0.8", &|rows| format!("{:.3}", mean(rows, &|row| probability(row.toward)))),
        ("maps with one", &|rows| format!("{:.3}", mean(rows, &|row| f64::from(u8::from(row.area >= 0.8))))),
    ];
    let of = |families: &[&str]| -> Vec<&Row> {
        found.iter().filter(|(family, _)| families.contains(family)).map(|(_, row)| row).collect()
    };
    let columns = [of(&HELD_BACK[..1]), of(&HELD_BACK[1..2]), of(&HELD_BACK[2..]), of(&HELD_BACK), of(&FAMILIES)];
    let mut table =
        format!("| maps | {} | these three | all seven |\n|---|---|---|---|---|---|\n", HELD_BACK.join(" | "));
    for (name, say) in lines {
        writeln!(table, "| {name} | {} |", columns.each_ref().map(|rows| say(rows)).join(" | ")).unwrap();
    }
    let exact = part(&of(&["additive"]), &|row| ["deep-shap", "the planted truth"].contains(&row.map.as_str()), &holds);
    writeln!(table, "| exact maps of additive networks: holds | | | | | {exact} |").unwrap();
    table
}

/// How far the share of "holds" follows the mean area, over methods.
fn by_methods(rows: &[&Row]) -> f64 {
    let of = |name: &str| rows.iter().copied().filter(|row| row.map == name).collect::<Vec<_>>();
    let both = methods().into_iter().map(|(name, _)| {
        let own = of(name);
        (
            percent(&own, |row| word(row) == Verdict::Holds),
            own.iter().map(|row| row.area).sum::<f64>() / own.len() as f64,
        )
    });
    let (held, areas): (Vec<f64>, Vec<f64>) = both.unzip();
    spearman(&held, &areas)
}

/// One line a range of how much of a map a shuffle really moved.
fn by_moved(found: &[(&'static str, Row)]) -> String {
    let mut table =
        String::from("| moved | maps | area | holds | holds with an area below 0.8 |\n|---|---|---|---|---|\n");
    for ends in [0.0, 0.1, 0.25, 0.5, 0.75, 1.0].windows(2) {
        let is_inside = |moved: f64| ends[0] <= moved && (moved < ends[1] || ends[1] >= 1.0);
        let rows: Vec<&Row> = found.iter().map(|(_, row)| row).filter(|row| row.moved.is_some_and(is_inside)).collect();
        let area = rows.iter().map(|row| row.area).sum::<f64>() / rows.len() as f64;
        let held = percent(&rows, |row| word(row) == Verdict::Holds);
        let wrong = percent(&rows, |row| word(row) == Verdict::Holds && row.area < 0.8);
        let [from, to] = [0, 1].map(|end| (100.0 * ends[end]).round());
        writeln!(table, "| {from} to {to} % | {} | {area:.2} | {held:.1} % | {wrong:.1} % |", rows.len()).unwrap();
    }
    table
}

/// In ten bins of the probability, how far its mean is from the part of maps with an area from 0.8, weighted by maps.
fn calibration_error(rows: &[&Row]) -> f64 {
    let bin = |row: &Row| ((10.0 * probability(row.toward)) as usize).min(9);
    let error = |at: usize| {
        let inside: Vec<&&Row> = rows.iter().filter(|row| bin(row) == at).collect();
        let off: f64 = inside.iter().map(|row| probability(row.toward) - f64::from(u8::from(row.area >= 0.8))).sum();
        off.abs()
    };
    (0..10).map(error).sum::<f64>() / rows.len() as f64
}

/// Measures everything again and writes the tables: `make answers`.
#[test]
#[ignore = "some minutes; make answers runs it"]
fn make_answers_tables() {
    let found = all();
    let mut text = String::from("family,map,area,follows,finds,follows_carried,finds_carried\n");
    for (name, row) in &found {
        let numbers =
            [row.area, row.toward[0], row.toward[1], row.carried[0], row.carried[1]].map(|x| format!("{x:.4}"));
        writeln!(text, "{name},\"{}\",{}", row.map, numbers.join(",")).unwrap();
    }
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers.csv"), text).unwrap();
    let tables = [
        ("verdict reached", reached(&found)),
        ("verdict by map", by_map(&found)),
        ("verdict by family", by_family(&found)),
        ("verdict by what a shuffle moved", by_moved(&found)),
    ];
    for (mark, table) in tables {
        println!("{table}");
        crate::table::compare(&document(), mark, &table);
    }
}

/// Of each map of a stay, whether the word is the same under five seeds.
fn steady(name: &str, networks: &[Network], k: usize, stay: &Stay) -> Vec<(String, bool)> {
    let model = &networks[k].model;
    let case = case(name, networks, k, stay);
    let players = case.removal.clone().toward(normal_input(model.manifest()));
    let scorer = model.scorer(&of(Method::DeepShap)).unwrap();
    let shares: Vec<Vec<f64>> = case.maps.iter().map(|(_, shares)| shares.clone()).collect();
    let words: Vec<Vec<Verdict>> = (0..N_SEEDS)
        .map(|seed| {
            let judged = audit::judge(scorer.clone(), &players, &shares, seed).unwrap();
            judged.iter().map(|answers| Verdict::of(audit::probability(answers))).collect()
        })
        .collect();
    let is_same = |map: usize| words.iter().all(|of_seed| of_seed[map] == words[0][map]);
    case.maps.into_iter().enumerate().map(|(at, (map, _))| (map, is_same(at))).collect()
}

/// The word under five seeds, of every map of one stay of each network: the part of stays where it is the same.
#[test]
#[ignore = "some minutes; make answers runs it"]
fn make_answers_tables_of_seeds() {
    let of_family = |name: &'static str| {
        let networks = family(name);
        (0..networks.len()).flat_map(|k| steady(name, &networks, k, &networks[k].stays[0])).collect::<Vec<_>>()
    };
    let found = side_by_side(of_family);
    let part = |is: &dyn Fn(&str, &str) -> bool| {
        let own: Vec<bool> =
            found.iter().filter(|(family, (map, _))| is(family, map)).map(|(_, (_, is_same))| *is_same).collect();
        (own.len(), 100.0 * own.iter().filter(|same| **same).count() as f64 / own.len() as f64)
    };
    let mut table = String::from("| map | stays | the same word |\n|---|---|---|\n");
    for map in unique(found.iter().map(|(_, (map, _))| map.as_str())) {
        let (n, same) = part(&|_, it| it == map);
        writeln!(table, "| {map} | {n} | {same:.0} % |").unwrap();
    }
    for family in FAMILIES {
        let (n, same) = part(&|it, _| it == family);
        writeln!(table, "| all maps of {family} | {n} | {same:.1} % |").unwrap();
    }
    let (n, same) = part(&|_, _| true);
    writeln!(table, "| **all** | {n} | {same:.1} % |").unwrap();
    println!("{table}");
    crate::table::compare(&document(), "verdict by seed", &table);
}
