//! Masks and times since the last observation, made from a record for networks that read them as inputs of their own.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use vitrine::Model;
use vitrine::stay::{Edit, Format, Stay};

const N_STEPS: usize = 8;
const N_CHANNELS: usize = 5;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases/networks"))
}

fn case(id: &str) -> Value {
    let all: Value = serde_json::from_slice(&std::fs::read(folder().join("cases.json")).unwrap()).unwrap();
    all["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// GRU-D's three inputs side by side; its gaps were made in tenths of a step.
fn manifest() -> String {
    let channel = |k: usize| {
        json!({ "name": format!("v{k}"), "label": format!("v{k}"), "columns": [k], "mask": N_CHANNELS + k,
            "delta": { "column": 2 * N_CHANNELS + k, "counts": "gap", "std": 10 }, "imputation": "normal",
            "encoding": { "kind": "continuous", "mean": 0, "std": 1, "normal": 0 } })
    };
    json!({ "format": "vitrine-manifest/1", "name": "GRU-D", "steps": N_STEPS, "step_hours": 1, "columns": 3 * N_CHANNELS,
        "outcomes": [{ "name": "death" }], "channels": (0..N_CHANNELS).map(channel).collect::<Vec<_>>(),
        "inputs": [{ "name": "x", "part": "value" }, { "name": "mask", "part": "mask" }, { "name": "delta", "part": "delta" }]
    })
    .to_string()
}

/// The record of which the case's values and masks were made: what was measured, in the middle of each hour.
fn record(input: &Value) -> String {
    let (x, mask) = (numbers(&input["x"]), numbers(&input["mask"]));
    let header = (0..N_CHANNELS).map(|k| format!(",v{k}")).collect::<String>();
    let row = |step: usize| {
        let cell = |k: usize| match mask[step * N_CHANNELS + k] > 0.0 {
            true => format!(",{}", x[step * N_CHANNELS + k]),
            false => ",".to_owned(),
        };
        format!("{}.5{}\n", step, (0..N_CHANNELS).map(cell).collect::<String>())
    };
    format!("Hours{header}\n{}", (0..N_STEPS).map(row).collect::<String>())
}

/// The case's gaps were computed by its exporter from the same masks, and its outputs by onnxruntime from all three.
#[test]
fn gru_d_reads_its_masks_and_gaps_from_the_record() {
    let case = case("gru-d-three-inputs");
    let bytes = std::fs::read(folder().join(case["file"].as_str().unwrap())).unwrap();
    let model = Model::read(&bytes, Some(&manifest()), &HashMap::new()).unwrap();
    for (input, outputs) in case["inputs"].as_array().unwrap().iter().zip(case["right"]["outputs"].as_array().unwrap())
    {
        let stay = Stay::parse(&record(input), model.manifest(), Format::Auto, "").unwrap();
        for (part, name) in ["x", "mask", "delta"].into_iter().enumerate() {
            for (at, expected) in numbers(&input[name]).into_iter().enumerate() {
                let (step, channel) = (at / N_CHANNELS, at % N_CHANNELS);
                let found = stay.input[step * 3 * N_CHANNELS + part * N_CHANNELS + channel];
                assert!(
                    (f64::from(found) - expected).abs() < 1e-6,
                    "{name}[{step}, {channel}]: {found}, not {expected}"
                );
            }
        }
        let found = model.predict(&stay.input).unwrap();
        assert!((f64::from(found[0]) - numbers(outputs)[0]).abs() < 1e-6, "{found:?}, not {outputs}");
    }
}

/// T-LSTM's time between visits is one column for all variables: it is counted from the record, follows edits and what is
/// not yet known, and cannot be edited itself.
#[test]
fn t_lstm_reads_its_gaps_from_the_record() {
    let case = case("t-lstm-gaps");
    let bytes = std::fs::read(folder().join(case["file"].as_str().unwrap())).unwrap();
    let plain = Model::read(&bytes, None, &HashMap::new()).unwrap();
    let gaps = plain.inputs().iter().find(|input| input.columns.len() == 1).unwrap().columns.start;
    let n_columns = plain.n_columns();
    let channel = |column: usize| {
        let mut channel = json!({ "name": format!("v{column}"), "label": format!("v{column}"), "columns": [column],
            "encoding": { "kind": "continuous", "mean": 0, "std": 1, "normal": 0 } });
        if column == gaps {
            channel["gap"] = json!({});
        }
        channel
    };
    let manifest = json!({ "format": "vitrine-manifest/1", "name": "T-LSTM", "steps": plain.n_steps(), "step_hours": 1,
        "columns": n_columns, "outcomes": [{ "name": "death" }], "channels": (0..n_columns).map(channel).collect::<Vec<_>>() });
    let model = Model::read(&bytes, Some(&manifest.to_string()), &HashMap::new()).unwrap();
    let first = (gaps + 1) % n_columns;
    let text = format!("Hours,v{first}\n0.5,1\n1.5,2\n4.5,3\n");
    let mut stay = Stay::parse(&text, model.manifest(), Format::Auto, "").unwrap();
    let hours = |stay: &Stay| stay.input.iter().skip(gaps).step_by(n_columns).copied().take(7).collect::<Vec<f32>>();
    assert_eq!(hours(&stay), [0.0, 1.0, 1.0, 2.0, 3.0, 1.0, 2.0][..hours(&stay).len()]);
    assert!(stay.report.notes.iter().all(|note| note.channel != format!("v{gaps}")), "{:?}", stay.report.notes);
    let before = model.predict(&stay.input).unwrap();
    let undo = stay.edit(model.manifest(), &Edit::clear(first, 1, 1)).unwrap();
    assert_eq!(hours(&stay), [0.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0][..hours(&stay).len()]);
    assert_ne!(model.predict(&stay.input).unwrap(), before);
    stay.edit(model.manifest(), &undo).unwrap();
    assert_eq!(model.predict(&stay.input).unwrap(), before);
    let known = stay.known_until(model.manifest(), 1);
    assert_eq!(hours(&known), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..hours(&known).len()]);
    let refused = stay.edit(model.manifest(), &Edit::clear(gaps, 1, 1)).unwrap_err();
    assert!(refused.message.contains("is counted from the record"), "{refused}");
    let twice = |at: usize| {
        let mut manifest = manifest.clone();
        manifest["channels"][at]["gap"] = json!({ "counts": "age" });
        Model::read(&bytes, Some(&manifest.to_string()), &HashMap::new()).unwrap_err()
    };
    assert!(twice(first).to_string().contains("gap: stands at another channel too"), "{}", twice(first));
}
