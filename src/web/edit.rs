//! Changing a stay, as JavaScript sees it.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::api::{Explanation, JsOptionsList, Model, Stay};
use super::js::{JsWhole, argument, read_list, read_whole, read_whole_or, throw, to_js_by_text};
use crate::engine::number::{real, whole};
use crate::stay::manifest::Manifest;
use crate::stay::{Edit, EnteredValue};
use crate::study::history::{History, Joins};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A measured value: a number in clinical units, or the index of a category. */
export type Entry = { value: number } | { category: number };

/** Other readings for one channel from a step on: one a step, null where nothing was measured. */
export interface StayEdit { channel: number; start: number; readings: (Entry | null)[] }

/** A value as it is shown: a number in the channel's unit, or a category's text (with its ordinal). */
export interface ShownValue { value: number; category?: string }

/** One edit. `to` is absent where values were taken away. */
export interface EditLogEntry {
    row: number; channel: string; unit: string; start: number; hours: [number, number];
    from: ShownValue; to?: [ShownValue, ShownValue];
    isImplausible: boolean; probability: number; change: number; isDone: boolean;
}

/** Every edit and what it did; those that were undone stand last. */
export interface EditLog {
    original: number; probability: number; change: number; canUndo: boolean; canRedo: boolean; entries: EditLogEntry[];
}
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "StayEdit")]
    pub type JsStayEdit;
    /// `EditLog`
    #[wasm_bindgen(typescript_type = "EditLog")]
    pub type JsEditLog;
}

/// A stay under edit. Begins as the stay that it was made from, which stays as it is.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Editor {
    pub(super) inner: History,
    /// What makes the stay's numbers.
    pub(super) reading: Arc<Manifest>,
}

#[wasm_bindgen]
impl Editor {
    /// Begins. `target` is the output that the log follows.
    ///
    /// # Errors
    /// Throws for a stay of another model, and for a target that the model does not have.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model, stay: &Stay, target: Option<JsWhole>) -> Result<Self, JsValue> {
        stay.check_model(model)?;
        let inner = History::new(&model.all, stay.inner.clone(), read_whole_or("target", target, 0)?).map_err(throw)?;
        Ok(Self { inner, reading: Arc::clone(&stay.reading) })
    }

    /// Makes an edit, and returns the output after it. With `joins`, an edit of the readings that the last one changed
    /// takes its place in the log.
    ///
    /// # Errors
    /// Throws for readings outside the stay, and for values that the channel cannot hold; the stay is then as it was.
    pub fn edit(&mut self, model: &Model, edit: &JsStayEdit, joins: Option<bool>) -> Result<f64, JsValue> {
        let edit: Edit =
            serde_wasm_bindgen::from_value(edit.into()).map_err(|error| argument("edit", &error.to_string()))?;
        self.make(model, edit, if joins.unwrap_or_default() { Joins::Same } else { Joins::Never })
    }

    /// Sets one cell, or `n` from it on, to what a person typed: a number, with a point or a comma, or a category's text.
    ///
    /// # Errors
    /// Throws like `edit`, and for text that is no value of the channel.
    #[wasm_bindgen(js_name = type)]
    pub fn enter(
        &mut self,
        model: &Model,
        row: &JsWhole,
        step: &JsWhole,
        text: &str,
        n: Option<JsWhole>,
    ) -> Result<f64, JsValue> {
        let (row, step) = (read_whole("row", row)?, read_whole("step", step)?);
        let channel = model.inner.manifest().channels.get(row);
        let channel = channel.ok_or_else(|| argument("row", "is none of the model's channels"))?;
        let entry = EnteredValue::read(channel, text).map_err(throw)?;
        // More than the stay has would only ask for memory: one too many is refused like many.
        let n = read_whole_or("n", n, 1)?.clamp(1, model.inner.manifest().steps + 1);
        self.make(model, Edit { channel: row, start: step, readings: vec![Some(entry); n] }, Joins::Never)
    }

    /// Moves one cell's value by `n` keystrokes: round numbers about a tenth of a standard deviation apart, or one
    /// category of the clinical order each. Repeated keystrokes on one cell are one edit.
    ///
    /// # Errors
    /// Throws for a cell outside the grid.
    pub fn nudge(&mut self, model: &Model, row: &JsWhole, step: &JsWhole, n: i32) -> Result<f64, JsValue> {
        let (row, step) = (read_whole("row", row)?, read_whole("step", step)?);
        let manifest = model.inner.manifest();
        let cell = self.inner.stay().cells.get(row * manifest.steps + step).filter(|_| step < manifest.steps);
        let outside = || argument("row, step", "lie outside the grid");
        let (cell, channel) = cell.zip(manifest.channels.get(row)).ok_or_else(outside)?;
        let entry = channel.nudged(*cell, n);
        self.make(model, Edit::set(row, step, entry), Joins::Same)
    }

    /// Draws a course over a channel's chart, as a pointer does: `places` is `[step, y, step, y]`, from where to where in
    /// pixels from the chart's top, and `plot` is `[top, bottom, high, low]`, the pixels of two values. With `joins` it
    /// goes on with the last edit in the log.
    ///
    /// # Errors
    /// Throws for lists of other lengths, and like `edit`.
    pub fn drag(
        &mut self,
        model: &Model,
        row: &JsWhole,
        places: &[f64],
        plot: &[f64],
        joins: Option<bool>,
    ) -> Result<f64, JsValue> {
        let row = read_whole("row", row)?;
        let (&[step_a, y_a, step_b, y_b], &[top, bottom, high, low]) = (places, plot) else {
            return Err(argument("places, plot", "must be four numbers each"));
        };
        let manifest = model.inner.manifest();
        let channel = manifest.channels.get(row).ok_or_else(|| argument("row", "is none of the model's channels"))?;
        let value = |y: f64| if bottom > top { high - (y - top) / (bottom - top) * (high - low) } else { high };
        let last = real(manifest.steps - 1);
        let step = |step: f64| whole(step.clamp(0.0, last));
        let edit = Edit::drawn(channel, row, (step(step_a), value(y_a)), (step(step_b), value(y_b)));
        self.make(model, edit, if joins.unwrap_or_default() { Joins::Touching } else { Joins::Never })
    }

    /// Takes the readings of `n` steps away; what was measured before them is carried forward.
    ///
    /// # Errors
    /// Throws like `edit`.
    pub fn clear(&mut self, model: &Model, row: &JsWhole, step: &JsWhole, n: Option<JsWhole>) -> Result<f64, JsValue> {
        let (row, step) = (read_whole("row", row)?, read_whole("step", step)?);
        self.make(model, Edit::clear(row, step, read_whole_or("n", n, 1)?), Joins::Never)
    }

    /// Takes the last edit back, if there is one, and returns the output.
    ///
    /// # Errors
    /// Throws for another model than the one that the edits were made for.
    pub fn undo(&mut self, model: &Model) -> Result<f64, JsValue> {
        self.inner.undo(&model.all).map_err(throw)?;
        Ok(self.inner.probability())
    }

    /// Makes the edit again that was taken back last, if there is one, and returns the output.
    ///
    /// # Errors
    /// Throws like `undo`.
    pub fn redo(&mut self, model: &Model) -> Result<f64, JsValue> {
        self.inner.redo(&model.all).map_err(throw)?;
        Ok(self.inner.probability())
    }

    /// The stay as it stands, as an object of its own: freed on its own, and not changed by later edits.
    #[must_use]
    pub fn stay(&self) -> Stay {
        Stay { inner: self.inner.stay().clone(), reading: Arc::clone(&self.reading) }
    }

    /// Several explanations of the stay as it stands, as `Model.explainAll` gives them; after an edit without running the
    /// model once more.
    ///
    /// # Errors
    /// Throws like `Model.explainAll`.
    #[wasm_bindgen(js_name = explainAll)]
    pub fn explain_all(&self, model: &Model, options: &JsOptionsList) -> Result<Vec<Explanation>, JsValue> {
        let options = read_list("options", options)?;
        model.explanations(&self.inner.runs(&model.all).map_err(throw)?, options, &self.inner.stay().input)
    }

    /// Number of edits that are in the stay.
    #[wasm_bindgen(getter, js_name = nDone)]
    #[must_use]
    pub fn n_done(&self) -> usize {
        self.inner.n_done()
    }

    /// Every edit and what it did.
    ///
    /// # Errors
    /// Never in practice: a log is plain data.
    pub fn log(&self, model: &Model) -> Result<JsEditLog, JsValue> {
        to_js_by_text(&self.inner.log(model.inner.manifest()))
    }
}

impl Editor {
    fn make(&mut self, model: &Model, edit: Edit, joins: Joins) -> Result<f64, JsValue> {
        self.inner.edit(&model.all, edit, joins).map_err(throw)?;
        Ok(self.inner.probability())
    }
}
