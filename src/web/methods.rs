//! Methods that take many runs, and the inputs that explanations can be held against, as JavaScript sees them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::JsExplainOptions;
use super::api::{Explanation, JsKnown, Model, asked_explanation, choose, explain_options};
use super::belongs::Subject;
use super::js::{JsNumbers, JsWhole, argument, read_numbers, read_options, read_whole, throw, to_js};
use super::task::Task;
use crate::engine::explain::Method;
use crate::engine::explain::occlusion::Occlusion;
use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::scorer::Scorer;
use crate::engine::explain::shapley::Shapley;
use crate::engine::number::real;
use crate::engine::order::sort_by;
use crate::job::InTurn;
use crate::model::Explaining;
use crate::stay::removal::{self, By, Group, Removal};
use crate::study::models::{Explained, Networks};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What is taken away as one. */
export interface GroupOptions {
    /** Default "measurement": a channel in a step in which it was observed. */
    by?: "measurement" | "channel" | "hour" | "window" | "channel-window";
    /** Steps of a window, from 1; default 6. Of windows alone. */
    window?: number;
    /** Of shapleyTask alone: the orders that it samples where there are more than 12 groups, in pairs of an order and its reverse: an even number from 4; default 50. */
    orders?: number;
}

/** Measurements that were taken away as one, and what that does to the score; `channel` is absent where they are of all channels. */
export interface GroupEffect { channel?: number; from: number; to: number; effect: number; error: number }
"#;

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript section above; likewise the types below.
    #[wasm_bindgen(typescript_type = "GroupOptions")]
    pub type JsGroupOptions;
    /// `GroupEffect[]`
    #[wasm_bindgen(typescript_type = "GroupEffect[]")]
    pub type JsGroupEffects;
}

/// What the score owes to groups of measurements.
#[wasm_bindgen(js_name = Effects)]
#[derive(Debug)]
pub struct GroupEffects {
    groups: Vec<GroupEffect>,
    explanation: Explanation,
}

#[derive(Debug, Clone, Serialize)]
struct GroupEffect {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<usize>,
    from: usize,
    to: usize,
    effect: f64,
    error: f64,
}

#[wasm_bindgen(js_class = Effects)]
impl GroupEffects {
    /// One entry a group; its steps are `from..to`. `error` is the standard error of a sampled effect, else 0.
    ///
    /// # Errors
    /// Never in practice: groups are plain data.
    #[wasm_bindgen(getter)]
    pub fn groups(&self) -> Result<JsGroupEffects, JsValue> {
        to_js(&self.groups)
    }

    /// The groups' places in `groups`, from the largest effect by magnitude to the smallest.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn strongest(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        sort_by(&mut order, |p, q| self.groups[*q].effect.abs().total_cmp(&self.groups[*p].effect.abs()));
        order
    }

    /// Each effect where its measurements stand, for painting beside other explanations.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        self.explanation.clone()
    }
}

/// Takes groups of measurements away, one after the other. The task's result is an `Effects`: `effect` is what the
/// score loses without the group.
///
/// # Errors
/// Throws for an input of the wrong length, and for options that are unknown or out of range.
#[wasm_bindgen(js_name = occlusionTask)]
pub fn occlusion_task(
    model: &Model,
    input: &JsKnown,
    groups: Option<JsGroupOptions>,
    options: Option<JsExplainOptions>,
) -> Result<Task, JsValue> {
    let AskedGroups { removal, scorers, effects, .. } =
        AskedGroups::of(model, input, groups, &["by", "window"], options)?;
    let jobs = scorers.into_iter().map(|scorer| Occlusion::new(scorer, removal.clone()));
    let job = InTurn::new(jobs.collect::<crate::Result<_>>().map_err(throw)?);
    Ok(Task::new("groups of measurements", job, move |done| {
        let (each, relevances): (Vec<_>, _) = done.into_iter().map(|it| (it.effects, it.relevance)).unzip();
        let errors = vec![0.0; each.first().map_or(0, Vec::len)];
        effects(&mean_of_lists(&each), &errors, relevances)
    }))
}

/// Shapley values of groups of measurements: exact up to 12 groups, sampled beyond. The task's result is an `Effects`;
/// with the score of the stay in which nothing was observed, the effects add up to the score.
///
/// # Errors
/// As `occlusionTask`.
#[wasm_bindgen(js_name = shapleyTask)]
pub fn shapley_task(
    model: &Model,
    input: &JsKnown,
    groups: Option<JsGroupOptions>,
    options: Option<JsExplainOptions>,
) -> Result<Task, JsValue> {
    let fields = ["by", "window", "orders"];
    let AskedGroups { removal, scorers, effects, orders, seed } =
        AskedGroups::of(model, input, groups, &fields, options)?;
    let jobs = scorers.into_iter().map(|scorer| Shapley::new(scorer, removal.clone(), orders, seed));
    let job = InTurn::new(jobs.collect::<crate::Result<_>>().map_err(throw)?);
    Ok(Task::new("runs", job, move |done| {
        let errors: Vec<_> = done.iter().map(|it| it.errors.clone()).collect();
        let (each, relevances): (Vec<_>, _) = done.into_iter().map(|it| (it.values, it.relevance)).unzip();
        effects(&mean_of_lists(&each), &error_of_mean(&errors), relevances)
    }))
}

/// Explains one output as `Model.explain` does, with progress: of integrated gradients in derivatives, of which fewer than
/// all that are allowed may be enough, of occlusion in measurements. The task's result is an `Explanation`.
///
/// # Errors
/// Throws as `Model.explain`.
#[wasm_bindgen(js_name = explainTask)]
pub fn explain_task(model: &Model, input: &JsKnown, options: Option<JsExplainOptions>) -> Result<Task, JsValue> {
    let (options, baseline) = explain_options(options)?;
    let (known, whole) = model.known(input)?;
    let baseline = baseline.map(|all| known.first(&all)).transpose().map_err(throw)?;
    let runs = known.networks.runs(&known.input).map_err(throw)?;
    let begin = |(network, run)| Explaining::new(Rc::clone(network), run, baseline.as_deref(), &options);
    let jobs = known.networks.members().iter().zip(&runs).map(begin).collect::<crate::Result<_>>().map_err(throw)?;
    let unit = if options.method == Method::Occlusion { "measurements" } else { "derivatives" };
    let (model, subject) = (model.share(), Subject::of(model, &whole));
    Ok(Task::new(unit, InTurn::new(jobs), move |each| {
        let each = each.into_iter().map(|it| known.of_whole(it)).collect();
        Ok(model.together(Explained::of(each).map_err(throw)?, &options, &subject).into())
    }))
}

/// The input of a stay in which nothing was observed, `[steps * columns]`: a baseline.
#[wasm_bindgen(js_name = normalInput)]
#[must_use]
pub fn normal_input(model: &Model) -> Vec<f32> {
    removal::normal_input(model.inner.manifest())
}

/// The input of the same stay, had nothing been observed from step `from` on: a baseline of the patient's own.
///
/// # Errors
/// Throws for an input of the wrong length.
#[wasm_bindgen(js_name = heldInput)]
pub fn held_input(model: &Model, input: &JsNumbers, from: &JsWhole) -> Result<Vec<f32>, JsValue> {
    let from = read_whole("from", from)?;
    let input = read_numbers("input", input)?;
    model.inner.check_input(&input).map_err(throw)?;
    Ok(removal::held_from(model.inner.manifest(), &input, from))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GroupOptions {
    by: Option<String>,
    window: Option<usize>,
    orders: Option<usize>,
}

/// Makes the result of a task of groups of effects, their errors and what each network says.
type GroupsToJs = Box<dyn FnOnce(&[f64], &[f64], Vec<Relevance>) -> Result<JsValue, JsValue>>;

/// What a task of groups begins with.
struct AskedGroups<F> {
    removal: Removal,
    scorers: Vec<Scorer<Rc<crate::Model>>>,
    effects: F,
    orders: usize,
    seed: u64,
}

impl AskedGroups<GroupsToJs> {
    fn of(
        model: &Model,
        input: &JsKnown,
        groups: Option<JsGroupOptions>,
        fields: &[&str],
        options: Option<JsExplainOptions>,
    ) -> Result<Self, JsValue> {
        let groups = match groups {
            Some(groups) => read_options::<GroupOptions>(&groups, fields)?,
            None => GroupOptions::default(),
        };
        let options = asked_explanation(options)?.of_removal().map_err(throw)?;
        let (known, whole) = model.known(input)?;
        let scorer = |network: &Rc<crate::Model>| Ok(network.scorer(&options)?.over(Rc::clone(network)));
        let scorers = known.networks.members().iter().map(scorer).collect::<crate::Result<_>>().map_err(throw)?;
        let removal = Removal::new(known.networks.first().manifest(), &known.input, groups.by()?);
        let (labels, model, subject) = (removal.groups().to_vec(), model.share(), Subject::of(model, &whole));
        let effects: GroupsToJs = Box::new(move |effects, errors, each| {
            let label = |((Group { channel, steps }, effect), error): ((Group, &f64), &f64)| GroupEffect {
                channel,
                from: steps.start,
                to: steps.end,
                effect: *effect,
                error: *error,
            };
            let groups = labels.into_iter().zip(effects).zip(errors).map(label).collect();
            let each = each.into_iter().map(|it| known.of_whole(it)).collect();
            let explained = Explained::of(each).map_err(throw)?;
            let explanation = model.together(explained, &options, &subject);
            Ok(GroupEffects { groups, explanation }.into())
        });
        Ok(Self { removal, scorers, effects, orders: groups.orders.unwrap_or(50), seed: options.seed })
    }
}

/// The mean of several networks' lists of numbers.
fn mean_of_lists(each: &[Vec<f64>]) -> Vec<f64> {
    let n = real(each.len());
    (0..each.first().map_or(0, Vec::len)).map(|k| each.iter().map(|list| list[k]).sum::<f64>() / n).collect()
}

/// The standard error of a mean, from that of each of its numbers.
fn error_of_mean(each: &[Vec<f64>]) -> Vec<f64> {
    let n = real(each.len());
    let of = |k: usize| each.iter().map(|list| list[k] * list[k]).sum::<f64>().sqrt() / n;
    (0..each.first().map_or(0, Vec::len)).map(of).collect()
}

impl GroupOptions {
    fn by(&self) -> Result<By, JsValue> {
        let window = self.window.unwrap_or(6);
        let by = self.by.as_deref().unwrap_or("measurement");
        if self.window.is_some() && !by.contains("window") {
            return Err(argument("window", &format!("is of windows alone; by \"{by}\" has none, so leave it out")));
        }
        if window == 0 {
            return Err(argument("window", "is 0; a window has at least one step"));
        }
        let choices = [
            ("measurement", By::Measurement),
            ("channel", By::Channel),
            ("hour", By::Window(1)),
            ("window", By::Window(window)),
            ("channel-window", By::ChannelAndWindow(window)),
        ];
        Ok(choose("by", self.by.as_deref(), &choices)?.unwrap_or(By::Measurement))
    }
}
