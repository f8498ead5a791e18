//! Files that are too large: each is refused before it is read, by an error that states the limit.

use std::collections::HashMap;

use super::growing::Shape;
use crate::wire::{Field, Message};
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Stay};
use vitrine::study::export::snapshot::Snapshot;
use vitrine::{Error, Model};

#[track_caller]
fn check<T>(what: &str, result: Result<T, Error>, limit: &str) {
    let error = result.map(|_| what).unwrap_err().to_string();
    assert!(error.contains(limit), "{what}: {error}");
}

fn stay(text: &str, format: Format) -> Result<Stay, Error> {
    Stay::parse(text, &Manifest::built_in(48, 76, 1).unwrap(), format, "large")
}

#[test]
fn a_model_of_more_bytes_than_are_read() {
    check("model", Model::read(&vec![8; (256 << 20) + 1], None, &HashMap::new()), "at most 268435456");
}

/// Each node asks for little; 1,024 nodes of 65,536 numbers are the most that all of them together may ask for.
#[test]
fn a_model_whose_nodes_make_more_than_is_read_together() {
    let read = |n| Model::read(&Shape::Expands.file(n), None, &HashMap::new());
    assert!(read(20).is_ok());
    check("Expands", read(1200), "more than 67108864 numbers together");
}

/// A small file of weights, named by many tensors: tied weights share a part, thousands of tensors do not.
#[test]
fn a_model_whose_tensors_ask_for_more_of_a_file_than_there_is() {
    let read = |n: usize| {
        let mut model = Message::read(&Shape::Chain("MatMul").file(n)).unwrap();
        let (at, graph) = model.all(7).remove(0);
        model.edit(at, |inner| {
            for (place, tensor) in graph.all(5) {
                if tensor.text(8).starts_with('c') {
                    inner.edit(place, outside);
                }
            }
        });
        let weights = [1.0_f32, 0.0, 0.0, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        Model::read(&model.write(), None, &HashMap::from([("weights.bin".to_owned(), weights)]))
    };
    assert!(read(4).is_ok(), "four layers of tied weights");
    check("weights", read(5), "more than 64 bytes of the external files together");
}

/// Puts a tensor's numbers into another file.
fn outside(tensor: &mut Message) {
    let entry = |key: &str, value: &str| Message(vec![(1, Field::from(key)), (2, Field::from(value))]);
    tensor.clear(9);
    tensor.push(13, entry("location", "weights.bin"));
    tensor.push(14, 1_u64);
}

/// Every kind of network whose time to open grows with its nodes is opened, or refused in words; the table of times is made
/// by `make growth`.
#[test]
fn networks_of_many_nodes_open_or_are_refused_in_words() {
    for (shape, n) in [
        (Shape::Chain("Add"), 400),
        (Shape::Chain("Relu"), 400),
        (Shape::Chain("MatMul"), 100),
        (Shape::Branches("Relu"), 100),
        (Shape::Layers("LSTM"), 20),
        (Shape::Layers("GRU"), 20),
        (Shape::Stack("RNN"), 20),
        (Shape::Chain("Slice"), 100),
        (Shape::Chain("Constant"), 100),
        (Shape::Reshapes, 200),
    ] {
        let model =
            Model::read(&shape.file(n), None, &HashMap::new()).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        let input: Vec<f32> = (0..16_u8).map(|k| f32::from(k) / 16.0).collect();
        assert!(model.predict(&input).unwrap()[0].is_finite(), "{shape:?}");
    }
    check("Add", Model::read(&Shape::Chain("Add").file(20_001), None, &HashMap::new()), "nodes, at most");
}

#[test]
fn records_of_more_bytes_than_are_read() {
    let table = "1".repeat((16 << 20) + 1);
    for format in [Format::Mimic3, Format::Physionet2012, Format::Long] {
        check("table", stay(&table, format), "at most 16777216");
    }
    check("FHIR", stay(&"[".repeat((64 << 20) + 1), Format::Fhir), "at most 67108864");
}

#[test]
fn tables_of_more_rows_than_are_read() {
    let rows = |header: &str, row: &str, n: usize| format!("{header}\n{}", row.repeat(n));
    check("benchmark", stay(&rows("Hours,pH", "1,7\n", 100_001), Format::Mimic3), "100000 rows");
    let challenge = rows("Time,Parameter,Value", "00:10,HR,80\n", 100_001);
    check("PhysioNet 2012", stay(&challenge, Format::Physionet2012), "100000 rows");
}

#[test]
fn manifests_and_saved_views_of_more_bytes_than_are_read() {
    check("manifest", Manifest::from_json(&" ".repeat((4 << 20) + 1)), "at most 4194304");
    check("view", Snapshot::from_json(&" ".repeat((64 << 20) + 1)), "at most 67108864");
}
