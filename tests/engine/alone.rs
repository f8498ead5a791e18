//! A network without a record: at any length where it reads any, and what is said of it.

use std::collections::HashMap;
use std::rc::Rc;

use vitrine::Model;
use vitrine::model::OPEN_STEPS;
use vitrine::stay::manifest::{InputPart, LayoutAxis, Manifest};
use vitrine::stay::{Format, ReadOptions, Stay};
use vitrine::study::alone::{Anatomy, TO_BE_FILLED, template_manifest, template_record};
use vitrine::study::models::Models;

use crate::common::{fixtures, noise, read};

fn open_network() -> Model {
    read(&fixtures("families/lstm-torchscript-open.onnx")).unwrap()
}

fn several() -> (Vec<u8>, Model) {
    let bytes = std::fs::read(fixtures("cases/inputs/gru-truth-person-wards.onnx")).unwrap();
    let model = Model::read(&bytes, None, &HashMap::new()).unwrap();
    (bytes, model)
}

/// It opens without a manifest, and has the outputs of the network that a manifest opens at that length.
#[test]
fn a_network_of_any_length_opens_and_fits_a_record() {
    let any = open_network();
    assert!(any.has_open_steps() && any.n_steps() == OPEN_STEPS);
    let record = "Hours,c0,c1\n0.5,1,2\n6.5,0.25,\n";
    let options = ReadOptions { format: Format::Auto, ..ReadOptions::default() };
    let n_steps = Stay::n_steps_in(record.as_bytes(), any.manifest(), &options).unwrap();
    assert_eq!(n_steps, 7);
    let fitted = any.at_length(n_steps).unwrap();
    let manifest =
        serde_json::to_string(&Manifest::built_in(7, any.n_columns(), any.outputs().len()).unwrap()).unwrap();
    let bytes = std::fs::read(fixtures("families/lstm-torchscript-open.onnx")).unwrap();
    let told = Model::read(&bytes, Some(&manifest), &HashMap::new()).unwrap();
    assert!(fitted.has_open_steps() && !told.has_open_steps());
    let input = noise(3, 7 * any.n_columns());
    assert_eq!(fitted.predict(&input).unwrap(), told.predict(&input).unwrap());
    let message = told.at_length(9).unwrap_err().message;
    assert!(message.contains("7 steps"), "{message}");
    // Of several as one, each is fitted.
    let several = Models::new(vec![Rc::new(any.clone()), Rc::new(any)]).unwrap().at_length(7).unwrap();
    assert_eq!(several.members().iter().map(|member| member.n_steps()).collect::<Vec<_>>(), [7, 7]);
}

#[test]
fn a_record_in_which_nothing_is_read_has_no_length() {
    let any = open_network();
    let error = Stay::n_steps_in(b"Hours,c0,c1\n0.5,,\n", any.manifest(), &ReadOptions::default());
    assert!(error.is_err());
}

/// Where neither sizes nor layers tell the axes, it is said what they are taken for, and the template has it to be changed;
/// where something tells, nothing is said.
#[test]
fn axes_that_nothing_tells_are_said_to_be_assumed() {
    use LayoutAxis::{Batch, Columns, Steps};
    let assumed = |file: &str| read(&fixtures(file)).unwrap().assumed_layout().to_vec();
    let by_layout = fixtures("cases/inputs/grid-by-layout.onnx");
    assert_eq!(assumed("cases/inputs/grid-by-layout.onnx"), [Batch, Steps, Columns]);
    assert_eq!(assumed("cases/networks/logistic-regression.onnx"), [Batch, Columns]);
    // A recurrent layer goes along the steps, also where a mask or a list stands before it; open columns are never read.
    for told in
        ["families/masking-keras3.onnx", "families/masking-bigru-keras3.onnx", "families/lstm-float16-converted.onnx"]
    {
        assert_eq!(assumed(told), [], "{told}");
    }

    let text = template_manifest(&read(&by_layout).unwrap()).unwrap();
    assert!(text.contains("\"layout\""), "{text}");
    let bytes = std::fs::read(&by_layout).unwrap();
    let told = Model::read(&bytes, Some(&text), &HashMap::new()).unwrap();
    assert_eq!((told.assumed_layout(), told.manifest().layout.len()), (&[][..], 3));
    // One step has no axis that a manifest could name: the template is read as it is.
    let row = fixtures("cases/networks/logistic-regression.onnx");
    let text = template_manifest(&read(&row).unwrap()).unwrap();
    Model::read(&std::fs::read(row).unwrap(), Some(&text), &HashMap::new()).unwrap();
}

/// Inputs by name and part, layers, parameters, methods with what they refuse.
#[test]
fn what_a_network_is_made_of_is_said() {
    let (_, model) = several();
    let anatomy = Anatomy::of(&model);
    let inputs: Vec<_> = anatomy.inputs.iter().map(|it| (it.name.as_str(), it.column, it.columns, it.part)).collect();
    let expected = [
        ("is_step", 0, 1, InputPart::Mask),
        ("events", 1, 4, InputPart::Value),
        ("person", 5, 3, InputPart::Static),
        ("wards", 8, 2, InputPart::Code),
    ];
    assert_eq!(inputs, expected);
    assert_eq!(anatomy.inputs[1].shape, ["1", "7", "4"]);
    assert!(anatomy.layers.iter().any(|layer| layer.operation == "recurrent layer"));
    assert_eq!(anatomy.parameters, model.n_parameters());
    assert_eq!(anatomy.outputs, model.outputs());
    // Codes among numbers are held; a network of codes alone has nothing that could be moved.
    assert!(anatomy.methods.iter().all(|it| it.refusal.is_empty()));
    let words = read(&fixtures("families").join("text-dynamo.onnx")).unwrap();
    let anatomy = Anatomy::of(&words);
    let refusal = |name: &str| &anatomy.methods.iter().find(|it| it.method == name).unwrap().refusal;
    assert!(refusal("lrp").is_empty() && refusal("deep-shap").is_empty());
    assert!(refusal("integrated-gradients").contains("choose deep-shap"));
}

/// Both templates are read as they are: the record as normal values, the manifest as one of the model.
#[test]
fn templates_are_read_as_they_are() {
    let (bytes, model) = several();
    let text = template_manifest(&model).unwrap();
    assert!(text.contains(TO_BE_FILLED) && text.contains("\"part\": \"static\""), "{text}");
    let told = Model::read(&bytes, Some(&text), &HashMap::new()).unwrap();
    assert_eq!(told.inputs(), model.inputs());
    let record = template_record(model.manifest());
    let stay = Stay::parse(&record, model.manifest(), Format::Auto, "template").unwrap();
    assert_eq!(stay.input, Stay::unmeasured(model.manifest(), "none").input);
    assert_eq!(stay.report.observed.iter().sum::<usize>(), model.manifest().channels.len());
}

/// A class beside the probabilities, and an input that the network never reads, are said to be left out; what is read is not.
#[test]
fn what_is_left_out_of_a_file_is_said() {
    let left_out = |file: &str| {
        let model = read(&fixtures("cases").join(file)).unwrap();
        let rest = Anatomy::of(&model).left_out.into_iter();
        rest.map(|it| (it.name, it.why)).collect::<Vec<_>>()
    };
    for kind in ["lstm", "gru", "rnn"] {
        assert_eq!(left_out(&format!("inputs/{kind}-unread.onnx")), [("unread".to_owned(), "unread")], "{kind}");
    }
    assert_eq!(left_out("networks/logistic-regression.onnx"), [("label".to_owned(), "label")]);
    assert_eq!(left_out("inputs/gru-truth-person-wards.onnx"), []);
}
