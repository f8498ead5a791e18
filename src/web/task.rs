//! Long work as JavaScript sees it: a `Task` that is advanced a little at a time.

use wasm_bindgen::prelude::*;

use super::js::{argument, throw};
use crate::job::{Job, Progress};

/// Long work that the caller drives: `advance` until it returns 1, then take the `result`. Between two calls the
/// caller may do other things, show how far the work is, or drop the task (`free`), which cancels it.
///
/// ```js
/// while (task.advance(12) < 1) await new Promise((resume) => setTimeout(resume));
/// const result = task.result();
/// ```
#[wasm_bindgen]
pub struct Task {
    /// `None` once the result is taken or the work has failed.
    work: Option<Box<dyn Work>>,
    unit: &'static str,
    last: Progress,
    is_done: bool,
}

/// What a task can say before it is done.
type Early<J> = fn(&J) -> Option<Result<JsValue, JsValue>>;

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("unit", &self.unit).field("progress", &self.last).finish_non_exhaustive()
    }
}

/// A job whose result is made into a JavaScript value.
trait Work {
    fn advance(&mut self) -> crate::Result<bool>;
    fn progress(&self) -> Progress;
    fn early(&self) -> Option<Result<JsValue, JsValue>>;
    fn finish(self: Box<Self>) -> Result<JsValue, JsValue>;
}

struct Typed<J, F> {
    job: J,
    early: Early<J>,
    to_js: F,
}

impl<J: Job, F: FnOnce(J::Output) -> Result<JsValue, JsValue>> Work for Typed<J, F> {
    fn advance(&mut self) -> crate::Result<bool> {
        self.job.advance()
    }

    fn progress(&self) -> Progress {
        self.job.progress()
    }

    fn early(&self) -> Option<Result<JsValue, JsValue>> {
        (self.early)(&self.job)
    }

    fn finish(self: Box<Self>) -> Result<JsValue, JsValue> {
        (self.to_js)(self.job.finish().map_err(throw)?)
    }
}

impl Task {
    /// A task from a job. `unit` says what its progress counts, in the plural (`"stays"`); `to_js` turns its result
    /// into what `result` returns.
    pub(super) fn new<J: Job + 'static>(
        unit: &'static str,
        job: J,
        to_js: impl FnOnce(J::Output) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        Self::telling(unit, job, |_| None, to_js)
    }

    /// The same of a job that has something to say on its way: `early`, which `early` of the task returns.
    pub(super) fn telling<J: Job + 'static>(
        unit: &'static str,
        job: J,
        early: Early<J>,
        to_js: impl FnOnce(J::Output) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        let last = job.progress();
        Self { work: Some(Box::new(Typed { job, early, to_js })), unit, last, is_done: false }
    }
}

#[wasm_bindgen]
impl Task {
    /// Works for about so many milliseconds, at least one unit and only whole ones, and returns how much of the task
    /// is done, in 0..1; 1 means that the result is there.
    ///
    /// # Errors
    /// Throws what the work ran into; the task is of no further use then.
    pub fn advance(&mut self, milliseconds: f64) -> Result<f64, JsValue> {
        if self.is_done {
            return Ok(1.0);
        }
        let work = self.work.as_mut().ok_or_else(|| argument("task", "has failed; start it again"))?;
        let end = js_sys::Date::now() + milliseconds;
        loop {
            match work.advance() {
                Ok(is_done) => self.is_done = is_done,
                Err(error) => {
                    self.work = None;
                    return Err(throw(error));
                }
            }
            self.last = work.progress();
            if self.is_done {
                return Ok(1.0);
            }
            if js_sys::Date::now() >= end {
                // Only a task that is done may say so.
                return Ok(self.last.fraction().min(1.0 - f64::EPSILON));
            }
        }
    }

    /// Units done so far.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn done(&self) -> usize {
        self.last.done
    }

    /// Units in all.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn total(&self) -> usize {
        self.last.total
    }

    /// What `done` and `total` count, for example "stays".
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn unit(&self) -> String {
        self.unit.to_owned()
    }

    /// What is known already, before the task is done; `undefined` as long as nothing is, and for tasks that say nothing on
    /// their way. Of `trustTask` it is a `TrustWord`: its `isFinal` is false, and that of the result is true. It can be
    /// asked for any number of times, until the result is taken.
    ///
    /// # Errors
    /// Throws where it cannot be put into words.
    pub fn early(&self) -> Result<JsValue, JsValue> {
        self.work.as_ref().and_then(|work| work.early()).unwrap_or(Ok(JsValue::UNDEFINED))
    }

    /// What the task was for. It can be taken once.
    ///
    /// # Errors
    /// Throws where the task is not done, has failed, or its result was taken before.
    pub fn result(&mut self) -> Result<JsValue, JsValue> {
        if !self.is_done {
            return Err(argument("task", "is not done; call advance until it returns 1"));
        }
        let work = self.work.take().ok_or_else(|| argument("task", "has no result any more; it was taken before"))?;
        work.finish()
    }
}
