//! What goes wrong, as Python's exceptions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;

/// Does the engine's work without holding the interpreter. An error becomes the exception of its kind in
/// `vitrine.errors`, and so does a panic: tract has some over damaged files, and they must not end the process.
pub(crate) fn work<T: Send>(py: Python<'_>, task: impl FnOnce() -> vitrine::Result<T> + Send) -> PyResult<T> {
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(task)));
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(exception(py, &error)),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
            Err(raised(py, "panic", &format!("the engine stopped: {words}; please report this model or record"), None))
        }
    }
}

/// The exception of an error of the engine's.
fn exception(py: Python<'_>, error: &vitrine::Error) -> PyErr {
    let question = error.question.as_ref().and_then(|question| serde_json::to_string(question).ok());
    raised(py, error.kind.name(), &error.to_string(), question)
}

/// `vitrine.errors.made` knows the classes; whatever goes wrong on the way there is raised in its place.
fn raised(py: Python<'_>, kind: &str, message: &str, question: Option<String>) -> PyErr {
    let made = py.import("vitrine.errors").and_then(|errors| errors.call_method1("made", (kind, message, question)));
    made.map_or_else(|failed| failed, PyErr::from_value)
}
