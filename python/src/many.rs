//! Explanations of many stays as columns.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vitrine::study::batch::{KeptCell, KeptStay};

/// What is kept of many explained stays, in their order.
#[pyclass(frozen, module = "vitrine._engine")]
pub(crate) struct Many {
    pub(crate) stays: Vec<Result<KeptStay, String>>,
}

#[pymethods]
impl Many {
    /// Why a stay was not explained; nothing of one that was.
    #[getter]
    fn errors(&self) -> Vec<Option<&str>> {
        self.stays.iter().map(|stay| stay.as_ref().err().map(String::as_str)).collect()
    }

    /// Probability, score and residual, float64 `[stays]` each; NaN where there is none.
    #[getter]
    fn numbers<'py>(&self, py: Python<'py>) -> [Bound<'py, PyBytes>; 3] {
        let column = |number: fn(&KeptStay) -> f64| {
            let values = self.stays.iter().map(|stay| stay.as_ref().map_or(f64::NAN, number));
            PyBytes::new(py, &values.flat_map(f64::to_le_bytes).collect::<Vec<u8>>())
        };
        [column(|stay| stay.probability), column(|stay| stay.score), column(|stay| stay.residual)]
    }

    /// Whether the outcome is left open, and whether its absence; nothing where that is not known.
    #[getter]
    fn sets(&self) -> Vec<Option<[bool; 2]>> {
        self.stays.iter().map(|stay| stay.as_ref().ok()?.set).collect()
    }

    /// The verdict, and the probability that it is for; nothing where it was not asked for.
    #[getter]
    fn verdicts(&self) -> Vec<Option<(&str, f64)>> {
        self.stays.iter().map(|stay| stay.as_ref().ok()?.verdict).collect()
    }

    /// How many cells each stay has.
    #[getter]
    fn counts(&self) -> Vec<usize> {
        self.stays.iter().map(|stay| stay.as_ref().map_or(0, |stay| stay.cells.len())).collect()
    }

    /// How many steps each stay has; none of one that was not explained.
    #[getter]
    fn steps(&self) -> Vec<usize> {
        self.stays.iter().map(|stay| stay.as_ref().map_or(0, |stay| stay.n_steps)).collect()
    }

    /// The cells of all stays, after each other: `channel * steps + step` as uint32, the clinical value as float64 (NaN
    /// without one), relevance of the value and of its being measured as float32.
    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> [Bound<'py, PyBytes>; 4] {
        [
            self.column(py, |cell| cell.place.to_le_bytes()),
            self.column(py, |cell| cell.value.to_le_bytes()),
            self.column(py, |cell| cell.relevance.to_le_bytes()),
            self.column(py, |cell| cell.mask_relevance.to_le_bytes()),
        ]
    }
}

impl Many {
    fn column<'py, const N: usize>(&self, py: Python<'py>, bytes: fn(&KeptCell) -> [u8; N]) -> Bound<'py, PyBytes> {
        let cells = self.stays.iter().flatten().flat_map(|stay| &stay.cells);
        PyBytes::new(py, &cells.flat_map(bytes).collect::<Vec<u8>>())
    }
}
