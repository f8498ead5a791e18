//! A network, records and explanations as Python holds them.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use vitrine::stay::Stay;
use vitrine::study::batch::{AskedBatch, GivenStay};
use vitrine::study::boundary::{AskedExplanation, AskedReading, HeldExplanation};
use vitrine::study::export::Provenance;
use vitrine::study::lengths::Lengths;
use vitrine::study::rows::{self, StayAmounts};
use vitrine::study::{export, figure};
use vitrine::{ManifestSource, Model};

use crate::error::work;
use crate::many::Many;

/// A recurrent network, ready to run and to be explained. `vitrine.Model` wraps it.
#[pyclass(frozen, module = "vitrine._engine")]
pub(crate) struct Engine {
    model: Arc<Model>,
    /// The network as it was opened, and at the lengths that came.
    lengths: Arc<Lengths>,
    #[pyo3(get)]
    sha256: String,
}

/// The SHA-256 of a network: of its ONNX file and then those of its weights, in the order of their names.
fn digest(onnx: &[u8], external: &HashMap<String, Vec<u8>>) -> String {
    let mut names: Vec<&String> = external.keys().collect();
    names.sort();
    let weights = names.into_iter().map(|name| external[name].as_slice());
    export::sha256(&std::iter::once(onnx).chain(weights).collect::<Vec<_>>().concat())
}

#[pymethods]
impl Engine {
    /// Reads an ONNX file; `manifest` is JSON text, `external` further files of the model by name.
    #[expect(clippy::needless_pass_by_value, reason = "what Python gives is made anew")]
    #[new]
    fn new(py: Python<'_>, onnx: &[u8], manifest: Option<&str>, external: HashMap<String, Vec<u8>>) -> PyResult<Self> {
        work(py, || {
            let model = Arc::new(Model::read(onnx, manifest, &external)?);
            let sha256 = digest(onnx, &external);
            Ok(Self { lengths: Arc::new(Lengths::new(Arc::clone(&model))), model, sha256 })
        })
    }

    #[getter]
    fn steps(&self) -> usize {
        self.model.n_steps()
    }

    /// Whether nothing says how many steps a stay has.
    #[getter]
    fn open_steps(&self) -> bool {
        self.model.has_open_steps()
    }

    /// What the axes of the input with the steps are taken for, where nothing tells.
    #[getter]
    fn assumed_layout(&self) -> Vec<&'static str> {
        self.model.assumed_layout().iter().map(|axis| axis.name()).collect()
    }

    /// The same network for stays of so many steps.
    fn at_length(&self, py: Python<'_>, steps: usize) -> PyResult<Self> {
        let model = work(py, || self.lengths.of(steps))?;
        Ok(Self { model, lengths: Arc::clone(&self.lengths), sha256: self.sha256.clone() })
    }

    #[getter]
    fn columns(&self) -> usize {
        self.model.n_columns()
    }

    #[getter]
    fn outputs(&self) -> Vec<String> {
        self.model.outputs().to_vec()
    }

    #[getter]
    fn parameters(&self) -> usize {
        self.model.n_parameters()
    }

    /// The manifest as JSON.
    #[getter]
    fn manifest(&self) -> PyResult<String> {
        json(self.model.manifest())
    }

    #[getter]
    fn manifest_source(&self) -> &'static str {
        match self.model.manifest_source() {
            ManifestSource::Inside => "inside",
            ManifestSource::Beside => "beside",
            ManifestSource::InPlace => "in-place",
            ManifestSource::BuiltIn => "built-in",
        }
    }

    /// The outputs of one stay's numbers.
    fn predict<'py>(&self, py: Python<'py>, input: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let outputs = work(py, || self.model.predict(&numbers(input)))?;
        Ok(PyBytes::new(py, &bytes(&outputs)))
    }

    /// Explains one stay; `options` are JavaScript's `ExplainOptions` as JSON.
    fn explain(&self, py: Python<'_>, input: &[u8], options: &str) -> PyResult<Held> {
        let input = numbers(input);
        let inner = work(py, || HeldExplanation::new(&self.model, &input, &AskedExplanation::from_json(options)?))?;
        Ok(Held { model: Arc::clone(&self.model), input, inner })
    }

    /// Holds a map from elsewhere, single precision.
    fn foreign(&self, py: Python<'_>, input: &[u8], relevance: &[u8], options: &str) -> PyResult<Held> {
        let (input, values) = (numbers(input), numbers(relevance).into_iter().map(f64::from).collect());
        let make = || {
            self.model.check_input(&input)?;
            HeldExplanation::foreign(&self.model, &input, values, &AskedExplanation::from_json(options)?)
        };
        let inner = work(py, make)?;
        Ok(Held { model: Arc::clone(&self.model), input, inner })
    }

    /// Reads the bytes of a record's file; `options` are JavaScript's `StayOptions` as JSON.
    fn read(&self, py: Python<'_>, record: &[u8], options: &str) -> PyResult<Record> {
        let read = || self.lengths.open(record, &AskedReading::from_json(options)?.options()?);
        let (model, inner) = work(py, read)?;
        Ok(Record { inner, n_steps: model.n_steps(), sha256: export::sha256(record) })
    }

    /// Explains many stays on so many threads: of each its name, and its record's file or its numbers. `asked` is
    /// `AskedBatch` as JSON.
    #[expect(clippy::needless_pass_by_value, reason = "what Python gives is made anew")]
    fn explain_many(
        &self,
        py: Python<'_>,
        stays: Vec<(String, PyBackedBytes)>,
        asked: &str,
        threads: usize,
    ) -> PyResult<Many> {
        let given: Vec<GivenStay<'_>> = stays.iter().map(|(name, bytes)| GivenStay { name, bytes }).collect();
        let stays = work(py, || AskedBatch::from_json(asked)?.explain(&self.lengths, &given, threads))?;
        Ok(Many { stays })
    }

    /// The first line of a table of stays.
    fn row_header(&self, cells: bool) -> String {
        rows::header(self.model.manifest(), amounts(cells))
    }

    /// Reads and explains a record, and gives its line of the table; whether it was explained.
    fn row(
        &self,
        py: Python<'_>,
        record: &[u8],
        reading: &str,
        options: &str,
        cells: bool,
    ) -> PyResult<(String, bool)> {
        work(py, || {
            let (reading, asked) =
                (AskedReading::from_json(reading)?.options()?, AskedExplanation::from_json(options)?);
            Ok(rows::row(&self.lengths, record, &reading, &asked, amounts(cells)))
        })
    }
}

/// A record that was read.
#[pyclass(frozen, module = "vitrine._engine")]
pub(crate) struct Record {
    inner: Stay,
    /// Its steps: the network's, or its own where their number is open.
    #[pyo3(get, name = "steps")]
    n_steps: usize,
    #[pyo3(get)]
    sha256: String,
}

#[pymethods]
impl Record {
    #[getter]
    fn name(&self) -> &str {
        &self.inner.name
    }

    /// The model's input, `[steps * columns]`.
    #[getter]
    fn input<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &bytes(&self.inner.input))
    }

    /// The `ImportReport` as JSON.
    #[getter]
    fn report(&self) -> PyResult<String> {
        json(&self.inner.report)
    }

    /// What stands in each cell as JSON, `[channels * steps]`.
    #[getter]
    fn cells(&self) -> PyResult<String> {
        json(&self.inner.cells)
    }
}

/// One explanation of one stay.
#[pyclass(frozen, module = "vitrine._engine")]
pub(crate) struct Held {
    model: Arc<Model>,
    input: Vec<f32>,
    inner: HeldExplanation,
}

#[pymethods]
impl Held {
    /// `[steps * columns]`.
    #[getter]
    fn relevance<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &bytes(&self.inner.values()))
    }

    /// Score, probability, residual and ledger as JSON.
    #[getter]
    fn facts(&self) -> PyResult<String> {
        json(&self.inner.facts(self.model.manifest()))
    }

    /// Relevance of each cell's value, and of its being measured, `[channels * steps]` each.
    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> [Bound<'py, PyBytes>; 2] {
        #[expect(clippy::cast_possible_truncation, reason = "relevance is given in single precision, rounded")]
        let single = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<f32>>();
        self.inner.cells(self.model.manifest()).map(|grid| PyBytes::new(py, &bytes(&single(&grid.values))))
    }

    /// The input's numbers.
    #[getter]
    fn input<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &bytes(&self.input))
    }

    /// The cells with the most relevance, the strongest first, as places in `cells`.
    fn strongest(&self, count: usize) -> Vec<usize> {
        self.inner.strongest(self.model.manifest(), count)
    }

    /// Measures how far it holds: JavaScript's `Trust` as JSON, without `details` its `TrustWord`.
    fn audit(&self, py: Python<'_>, details: bool) -> PyResult<String> {
        json(&work(py, || self.inner.audit(&self.model, &self.input, details))?)
    }

    /// The input and the relevance beside each other as an SVG document; `provenance` is JavaScript's, as JSON.
    #[expect(clippy::needless_pass_by_value, reason = "what Python gives is made anew")]
    fn picture(
        &self,
        py: Python<'_>,
        heading: Vec<String>,
        provenance: &str,
        record: Option<&Record>,
    ) -> PyResult<String> {
        let provenance: Provenance = serde_json::from_str(provenance)
            .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
        let (manifest, cells) = (self.model.manifest(), record.map(|record| record.inner.cells.as_slice()));
        work(py, || Ok(figure::draw(manifest, &self.input, cells, &self.inner, &heading, &provenance)))
    }
}

/// SHA-256 of some bytes, as 64 hexadecimal digits.
#[pyfunction]
pub(crate) fn sha256(bytes: &[u8]) -> String {
    export::sha256(bytes)
}

/// A stay's name as it stands in a table.
#[pyfunction]
pub(crate) fn name_cell(name: &str) -> String {
    rows::name_cell(name)
}

/// The engine's version.
#[pyfunction]
pub(crate) fn version() -> String {
    export::version()
}

fn amounts(cells: bool) -> StayAmounts {
    if cells { StayAmounts::Cells } else { StayAmounts::Channels }
}

/// Numbers from bytes; what is cut off at the end is no number, and the engine says that one is missing.
fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Plain data as JSON; it cannot fail.
fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))
}
