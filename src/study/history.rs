//! What if: a stay that is being changed, what each change did to the prediction, and the way back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::engine::number::real;
use crate::engine::trace::Trace;
use crate::stay::manifest::{Channel, Manifest};
use crate::stay::{Edit, EnteredValue, Stay, StayCell};
use crate::study::models::{Networks, chosen};

/// A stay under edit, with its log.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    stay: Stay,
    target: usize,
    steps: Vec<HistoryStep>,
    /// So many of the steps are in the stay; the others have been undone.
    n_done: usize,
    /// Edits that were in the stay when this began.
    n_before: usize,
    /// The output before any edit.
    original: f64,
    /// Each network's run of the stay as it stands, where the last thing done was an edit.
    runs: Option<Vec<Trace>>,
}

/// When an edit becomes one with the last one in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joins {
    /// Never.
    Never,
    /// Where it changes the very same readings, as repeated keystrokes do.
    Same,
    /// Where it changes readings of the same channel beside or among those, as the parts of one drag do.
    Touching,
}

/// One edit, what undoes it, and the output after it.
#[derive(Debug, Clone, PartialEq)]
struct HistoryStep {
    edit: Edit,
    inverse: Edit,
    output: f64,
    before: StayCell,
}

/// The state of a [`History`] as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// The output before any edit.
    pub original: f64,
    /// The output now.
    pub probability: f64,
    /// `probability - original`.
    pub change: f64,
    /// Whether the last edit can be taken back.
    pub can_undo: bool,
    /// Whether an edit that was taken back can be made again.
    pub can_redo: bool,
    /// Every edit, the undone ones last.
    pub entries: Vec<LogEntry>,
}

/// One edit as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Index of the channel.
    pub row: usize,
    /// The channel's name as people read it.
    pub channel: String,
    /// The channel's unit.
    pub unit: String,
    /// The window's first step.
    pub start: usize,
    /// Start and end of the window, in hours.
    pub hours: [f64; 2],
    /// What stood in the window's first step.
    pub from: ShownValue,
    /// What the window's first and last step were set to; nothing where the values were taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<[ShownValue; 2]>,
    /// Whether one of the new values lies outside the plausible range.
    pub is_implausible: bool,
    /// The output after the edit.
    pub probability: f64,
    /// By how much the edit changed it.
    pub change: f64,
    /// Whether the edit is in the stay, or has been undone.
    pub is_done: bool,
}

/// A value as it is shown: a number in the channel's unit, or a category's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownValue {
    /// In clinical units; a one-hot channel's ordinal.
    pub value: f64,
    /// The category's text, for a one-hot channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

impl ShownValue {
    /// A channel's value as it is shown.
    #[must_use]
    pub fn of(channel: &Channel, entry: EnteredValue) -> Self {
        match entry {
            EnteredValue::Value(value) => Self { value, category: None },
            EnteredValue::Category(index) => {
                Self { value: channel.ordinal(index).unwrap_or(f64::NAN), category: channel.category(index) }
            }
        }
    }
}

impl History {
    /// Begins with a stay as it was read. `target` is the output that is followed.
    ///
    /// # Errors
    /// [`crate::Kind::Argument`] for a target that the model does not have; as [`Networks::output`] for a stay of another model.
    pub fn new(networks: &impl Networks, stay: Stay, target: usize) -> Result<Self> {
        let original = networks.output(&stay.input, target)?;
        let n_before = stay.since.n_edits;
        Ok(Self { stay, target, steps: Vec::new(), n_done: 0, n_before, original, runs: None })
    }

    /// The stay as it stands.
    #[must_use]
    pub fn stay(&self) -> &Stay {
        &self.stay
    }

    /// The recorded runs of the stay as it stands, one a network: those of the last edit, or new ones.
    ///
    /// # Errors
    /// As [`Networks::runs`].
    pub fn runs(&self, networks: &impl Networks) -> Result<Cow<'_, [Trace]>> {
        let anew = || networks.runs(&self.stay.input).map(Cow::Owned);
        self.runs.as_ref().map_or_else(anew, |runs| Ok(Cow::Borrowed(runs.as_slice())))
    }

    /// The stay before every edit.
    ///
    /// # Errors
    /// As [`History::undo`].
    pub fn original(&self, networks: &impl Networks) -> Result<Stay> {
        let mut stay = self.stay.clone();
        for step in self.done().iter().rev() {
            stay.edit(networks.lead().manifest(), &step.inverse)?;
        }
        stay.since.n_edits = self.n_before;
        Ok(stay)
    }

    /// The output as it stands.
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.done().last().map_or(self.original, |step| step.output)
    }

    /// Makes an edit; what was undone before can then no longer be made again.
    ///
    /// # Errors
    /// As [`Stay::edit`]; everything is then as it was.
    pub fn edit(&mut self, networks: &impl Networks, edit: Edit, joins: Joins) -> Result<()> {
        let manifest = networks.lead().manifest();
        let before = self.cell(manifest, &edit);
        let inverse = self.stay.edit(manifest, &edit)?;
        let (output, runs) = match self.run(networks) {
            Ok(ran) => ran,
            Err(error) => {
                self.stay.edit(manifest, &inverse)?;
                self.count();
                return Err(error);
            }
        };
        self.runs = Some(runs);
        self.steps.truncate(self.n_done);
        let step = HistoryStep { edit, inverse, output, before };
        match self.steps.last_mut().filter(|last| last.is_joined_by(&step.edit, joins)) {
            Some(last) => last.join(step),
            None => self.steps.push(step),
        }
        self.n_done = self.steps.len();
        self.count();
        Ok(())
    }

    /// Takes the last edit back, if there is one.
    ///
    /// # Errors
    /// Where the networks are not those that the edits were made for.
    pub fn undo(&mut self, networks: &impl Networks) -> Result<()> {
        if let Some(step) = self.done().last() {
            self.stay.edit(networks.lead().manifest(), &step.inverse.clone())?;
            self.runs = None;
            self.n_done -= 1;
            self.count();
        }
        Ok(())
    }

    /// Makes the edit again that was taken back last, if there is one.
    ///
    /// # Errors
    /// As [`History::undo`].
    pub fn redo(&mut self, networks: &impl Networks) -> Result<()> {
        if let Some(step) = self.steps.get(self.n_done) {
            self.stay.edit(networks.lead().manifest(), &step.edit.clone())?;
            self.runs = None;
            self.n_done += 1;
            self.count();
        }
        Ok(())
    }

    /// Runs the stay as it stands: the mean output, and the recorded runs.
    fn run(&self, networks: &impl Networks) -> Result<(f64, Vec<Trace>)> {
        let runs = networks.runs(&self.stay.input)?;
        let outputs = runs.iter().map(|run| chosen(&run.outputs, self.target)).collect::<Result<Vec<_>>>()?;
        Ok((outputs.iter().sum::<f64>() / real(outputs.len()), runs))
    }

    /// Says in the stay how many edits are in it: what undoes one is none.
    fn count(&mut self) {
        self.stay.since.n_edits = self.n_before + self.n_done;
    }

    /// Number of edits that are in the stay.
    #[must_use]
    pub const fn n_done(&self) -> usize {
        self.n_done
    }

    /// The edits that are in the stay, in their order.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.done().iter().map(|step| &step.edit)
    }

    /// The log as it is shown.
    #[must_use]
    pub fn log(&self, manifest: &Manifest) -> Log {
        let befores = std::iter::once(self.original).chain(self.steps.iter().map(|step| step.output));
        let steps = self.steps.iter().zip(befores).enumerate();
        let entries = steps.map(|(at, (step, before))| step.shown(manifest, before, at < self.n_done)).collect();
        Log {
            original: self.original,
            probability: self.probability(),
            change: self.probability() - self.original,
            can_undo: self.n_done > 0,
            can_redo: self.n_done < self.steps.len(),
            entries,
        }
    }

    fn done(&self) -> &[HistoryStep] {
        &self.steps[..self.n_done]
    }

    /// What stands where the edit begins. An edit outside the stay is refused right after this.
    fn cell(&self, manifest: &Manifest, edit: &Edit) -> StayCell {
        let at = edit.channel.saturating_mul(manifest.steps).saturating_add(edit.start);
        self.stay.cells.get(at).copied().unwrap_or(StayCell::NONE)
    }
}

impl HistoryStep {
    fn is_joined_by(&self, edit: &Edit, joins: Joins) -> bool {
        match joins {
            Joins::Never => false,
            Joins::Same => self.edit.has_window_of(edit),
            Joins::Touching => self.edit.touches(edit),
        }
    }

    /// Becomes one with a later step: its readings over these, and the readings before these over those before it.
    fn join(&mut self, later: Self) {
        if later.edit.start < self.edit.start {
            self.before = later.before;
        }
        self.inverse = self.inverse.clone().over(&later.inverse);
        self.edit = later.edit.over(&self.edit);
        self.output = later.output;
    }

    fn shown(&self, manifest: &Manifest, before: f64, is_done: bool) -> LogEntry {
        let Edit { channel: row, start, readings } = &self.edit;
        let channel = &manifest.channels[*row];
        let hour = |step: usize| real(step) * manifest.step_hours;
        let first_and_last = readings.iter().flatten().next().zip(readings.iter().rev().flatten().next());
        LogEntry {
            row: *row,
            channel: channel.label.clone(),
            unit: channel.unit.clone(),
            start: *start,
            hours: [hour(*start), hour(self.edit.end())],
            from: ShownValue::of(channel, self.before.into()),
            to: first_and_last.map(|(first, last)| [first, last].map(|entry| ShownValue::of(channel, *entry))),
            is_implausible: readings.iter().flatten().any(|entry| entry.is_implausible(channel)),
            probability: self.output,
            change: self.output - before,
            is_done,
        }
    }
}
