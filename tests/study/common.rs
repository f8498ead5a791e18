//! The demo network and its stays, and seeded chance.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;

use vitrine::Model;
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::{Format, Origin, Stay};
use vitrine::study::models::Models;

/// The page's own stays.
pub(crate) const DEMOS: [&str; 8] = [
    "septic-shock",
    "stable",
    "brain-injury",
    "respiratory-failure",
    "late-arrest",
    "diabetic-ketoacidosis",
    "post-operative",
    "sparse-dirty",
];

/// The first demo network.
pub(crate) fn model() -> Model {
    numbered(1)
}

fn numbered(number: usize) -> Model {
    let seed = if number == 1 { String::new() } else { format!("-{number}") };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("www/models/in-hospital-mortality{seed}.onnx"));
    Model::read(&std::fs::read(path).unwrap(), None, &HashMap::new()).unwrap()
}

pub(crate) fn network(number: usize) -> Rc<Model> {
    Rc::new(numbered(number))
}

/// The demo networks as the page shows them: as one.
pub(crate) fn five() -> Models {
    Models::new((1..=5).map(network).collect()).unwrap()
}

/// The mean of the networks' own outputs, each asked by itself.
pub(crate) fn mean(models: &Models, input: &[f32]) -> f64 {
    let outputs = models.members().iter().map(|model| f64::from(model.predict(input).unwrap()[0]));
    outputs.sum::<f64>() / models.members().len() as f64
}

pub(crate) fn stay(model: &Model, name: &str) -> Stay {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("www/stays/{name}_timeseries.csv"));
    Stay::parse(&std::fs::read_to_string(path).unwrap(), model.manifest(), Format::Auto, name).unwrap()
}

/// What was measured, as a record of the benchmark's format: one row an hour.
pub(crate) fn record(manifest: &Manifest, stay: &Stay) -> String {
    let names: Vec<&str> = manifest.channels.iter().map(|channel| channel.name.as_str()).collect();
    let mut text = format!("Hours,{}\n", names.join(","));
    for step in 0..manifest.steps {
        write!(text, "{step}.5").unwrap();
        for (row, channel) in manifest.channels.iter().enumerate() {
            let cell = stay.cells[row * manifest.steps + step];
            text.push(',');
            match (&channel.encoding, cell.category) {
                _ if cell.origin != Origin::Observed => {}
                (Encoding::OneHot { categories, .. }, Some(category)) => text.push_str(&categories[category]),
                _ => write!(text, "{}", cell.value).unwrap(),
            }
        }
        text.push('\n');
    }
    text
}

/// Numbers without a pattern, the same for the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// In `0..n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// In 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
