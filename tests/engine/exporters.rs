//! The channel-wise LSTM as real exporters write it: one network, one reference.

use std::collections::HashMap;
use std::path::Path;

use crate::common::{f32_file, f64_file, fixtures, json, onnx_files, read, relative_difference};
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::rule::Rule;
use vitrine::{Kind, Model};

#[test]
fn every_style_is_explained_alike() {
    let folder = fixtures("exporters");
    let reference = json(&folder.join("channel_wise.json"));
    let input = f32_file(&folder.join("channel_wise.input.f32"));
    let mut n_styles = 0;
    for file in onnx_files(&folder) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        n_styles += 1;
        let model = Model::read(&std::fs::read(&file).unwrap(), None, &external(&folder)).unwrap();
        assert_eq!((model.n_steps(), model.n_columns(), model.outputs().len()), (48, 76, 1), "{name}");
        let probability = f64::from(model.predict(&input).unwrap()[0]);
        let expected = reference["probability"].as_f64().unwrap();
        assert!((probability - expected).abs() < 2e-6, "{name}: {probability} against {expected}");
        let check = |options: Options, key: &str| {
            let got = model.explain(&input, &options).unwrap();
            let want = f64_file(&folder.join(reference[key]["file"].as_str().unwrap()));
            let worst = relative_difference(&got.values, &want);
            assert!(worst < 1e-4, "{name} {key}: {worst:e}");
        };
        check(Options::default(), "lrp");
        let conserving = Rule { bias_factor: 1.0, ..Rule::default() };
        check(Options { quantity: Some(Quantity::Score), rule: conserving, ..Options::default() }, "lrp_score");
        check(Options { method: Method::Gradient, ..Options::default() }, "gradient");
    }
    assert_eq!(n_styles, 8);
}

fn external(folder: &Path) -> HashMap<String, Vec<u8>> {
    let mut files = HashMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "data") {
            files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap());
        }
    }
    files
}

#[test]
fn a_missing_second_file_is_named() {
    let error = read(&fixtures("exporters/torch_dynamo_external.onnx")).unwrap_err();
    assert_eq!(error.kind, Kind::Model);
    assert!(error.message.contains("torch_dynamo_external.onnx.data"), "{error}");
}

#[test]
fn a_second_file_that_is_cut_short_is_refused() {
    let folder = fixtures("exporters");
    let mut files = external(&folder);
    files.values_mut().for_each(|data| data.truncate(data.len() / 2));
    let bytes = std::fs::read(folder.join("torch_dynamo_external.onnx")).unwrap();
    let error = Model::read(&bytes, None, &files).unwrap_err();
    assert!(error.message.contains("cut short"), "{error}");
}
