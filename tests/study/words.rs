//! The reading of an explanation as data.

use crate::common::{model, stay};
use vitrine::engine::explain::Options;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::picture::grid::{Grid, Part, rows};
use vitrine::stay::{Edit, Entry};
use vitrine::study::words::read;

#[test]
fn the_planted_windows_are_read() {
    let model = model();
    let manifest = model.manifest();
    let mut stay = stay(&model, "stable");
    let row = |name: &str| manifest.channels.iter().position(|channel| channel.name == name).unwrap();
    let (systolic, eye) = (row("Systolic blood pressure"), row("Glascow coma scale eye opening"));
    stay.edit(manifest, &Edit::clear(systolic, 0, 48)).unwrap();
    stay.edit(manifest, &Edit::set(systolic, 40, Entry::Value(82.0))).unwrap();
    stay.edit(manifest, &Edit::set(systolic, 44, Entry::Value(88.0))).unwrap();
    stay.edit(manifest, &Edit::set(eye, 5, Entry::Category(0))).unwrap();
    let mut relevance = model.explain(&stay.input, &Options::default()).unwrap();
    relevance.values.fill(0.0);
    for step in 41..46 {
        relevance.values[step * manifest.columns + manifest.channels[systolic].columns[0]] = 0.2;
    }
    relevance.values[5 * manifest.columns + manifest.channels[eye].columns[0]] = -0.5;
    relevance.values[6 * manifest.columns + manifest.channels[eye].columns[3]] = 0.001;

    let reading = read(manifest, &stay, &relevance, Part::Value, 3);
    assert_eq!((reading.raising.len(), reading.lowering.len()), (1, 1));
    let up = &reading.raising[0];
    assert_eq!((up.channel.as_str(), up.hours, up.n_observed), ("Systolic BP", [41.0, 46.0], 1));
    assert_eq!([up.range[0].value, up.range[1].value], [82.0, 88.0]);
    assert!((up.relevance - 1.0).abs() < 1e-12 && (up.share - 1.0 / 1.501).abs() < 1e-12);
    let down = &reading.lowering[0];
    assert_eq!((down.row, down.steps, down.at_peak.category.as_deref()), (eye, [5, 6], Some("To Pain")));
    assert!(!down.is_all_normal);
}

#[test]
fn windows_hold_what_they_say() {
    let model = model();
    let manifest = model.manifest();
    for name in ["septic-shock", "stable", "brain-injury"] {
        let stay = stay(&model, name);
        let relevance: Relevance = model.explain(&stay.input, &Options::default()).unwrap();
        let grid = Grid::relevance(&relevance.values, manifest.columns, &rows(manifest), Part::Both);
        let reading = read(manifest, &stay, &relevance, Part::Both, 3);
        assert!(!reading.raising.is_empty() || !reading.lowering.is_empty(), "{name}");
        for (windows, sign) in [(&reading.raising, 1.0), (&reading.lowering, -1.0)] {
            for window in windows {
                let sum: f64 = (window.steps[0]..window.steps[1]).filter_map(|step| grid.at(window.row, step)).sum();
                assert!((sum - window.relevance).abs() < 1e-12 && sign * sum > 0.0, "{name}: {window:?}");
            }
            assert!(windows.windows(2).all(|pair| pair[0].share >= pair[1].share), "{name}");
        }
    }
}
