//! Files that are no model, or one that cannot be explained: each ends in an error that says where and why, and none
//! in a panic.

use std::collections::HashMap;

use crate::common::fixtures;
use vitrine::{Error, Kind, Model, Place};

fn refused(bytes: &[u8]) -> Error {
    Model::read(bytes, None, &HashMap::new()).unwrap_err()
}

fn channel_wise() -> Vec<u8> {
    std::fs::read(fixtures("explain/channel_wise.onnx")).unwrap()
}

/// The file with the first occurrence of `from` overwritten.
fn patched(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = channel_wise();
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn what_is_no_model_is_refused_as_such() {
    let noise: Vec<u8> = (0..10_000_000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let csv = b"Hours,Heart Rate\n0.5,80\n".to_vec();
    for bytes in [vec![], vec![0; 100], noise, csv, b"{\"a\": 1}".to_vec(), vec![0x08]] {
        let error = refused(&bytes);
        assert_eq!(error.kind, Kind::Model, "{error}");
        assert!(error.message.contains("no sound ONNX model"), "{error}");
    }
}

#[test]
fn an_unknown_operator_is_named_with_its_node() {
    let error = refused(&patched(b"Sigmoid", b"Sigmoyd"));
    assert_eq!(error.kind, Kind::Unsupported);
    assert!(matches!(&error.place, Place::Node(name) if !name.is_empty()), "{error}");
    assert!(error.message.contains("Sigmoyd"), "{error}");
}

#[test]
fn an_operator_without_a_rule_is_named_with_its_node() {
    let error = refused(&patched(b"Sigmoid", b"Hardmax"));
    assert_eq!(error.kind, Kind::Unsupported);
    assert!(matches!(&error.place, Place::Node(name) if !name.is_empty()), "{error}");
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let bytes = channel_wise();
    let mut n_refused = 0;
    // The raw data of the weights fill most of the file: every position that a NaN can be written to in them counts.
    for at in (0..bytes.len() - 4).step_by(64) {
        let mut damaged = bytes.clone();
        damaged[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        if let Err(error) = Model::read(&damaged, None, &HashMap::new()) {
            n_refused += usize::from(error.message.contains("not finite"));
        }
    }
    assert!(n_refused > 0);
}

#[test]
fn a_file_cut_short_is_refused() {
    let bytes = channel_wise();
    for len in (0..bytes.len()).step_by(37) {
        // A cut between two fields can leave a shorter but sound file; it must not be one that reads.
        let error = refused(&bytes[..len]);
        assert!(!error.message.is_empty());
    }
}

#[test]
fn flipped_bits_never_panic_nor_yield_numbers_that_are_not() {
    let bytes = channel_wise();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..400 {
        let mut damaged = bytes.clone();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 16) as usize % damaged.len();
            damaged[at] ^= 1 << (state & 7);
        }
        if let Ok(model) = Model::read(&damaged, None, &HashMap::new()) {
            let input = vec![0.5; model.n_steps() * model.n_columns()];
            if let Ok(outputs) = model.predict(&input) {
                assert!(outputs.iter().all(|p| !p.is_nan()));
            }
        }
    }
}

#[test]
fn a_manifest_that_does_not_fit_is_refused() {
    let error = Model::read(&channel_wise(), Some("{"), &HashMap::new()).unwrap_err();
    assert_eq!(error.kind, Kind::Manifest);
    let other = include_str!("../../src/stay/manifest_mimic3.json");
    let error = Model::read(&channel_wise(), Some(other), &HashMap::new()).unwrap_err();
    assert_eq!(error.kind, Kind::Manifest, "{error}");
}
