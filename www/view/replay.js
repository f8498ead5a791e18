// The risk by the hours known, over the pictures and on their hours. The mark "now" is dragged along it: prediction and
// explanation are then as if only the hours before it had been known.

import { Idle } from "../idle.js";
import { latest } from "../latest.js";
import { t } from "../messages.js";
import { placeOf, targetOf } from "../outputs.js";
import { act, engine, onShow, open, shown } from "../page.js";
import * as quickly from "../quick.js";
import { Standing } from "../standing.js";
import * as arrangement from "./arrangement.js";
import * as axis from "./axis.js";
import { find, lines, make, rewrite, shape } from "./dom.js";
import * as strip from "./strip.js";
import * as words from "./words.js";

/** @import { Replay } from "../../pkg/vitrine.js" */
/** @import { GridLayout, View } from "../protocol.js" */

/** How long nothing has to happen before the curve is computed, in milliseconds. */
const IDLE = 400;

const place = find("#replay", HTMLElement);
/** What the keyboard moves, and what screen readers hear of. */
const slider = make("input", { class: "sr-only", id: "replay-hour", type: "range", min: "1", value: "48", max: "48", step: "1" });
const label = make("label", { htmlFor: slider.id });
const chart = shape("svg", { class: "replay-chart", preserveAspectRatio: "none" });
const levels = make("div", { class: "replay-levels" });
const now = make("div", { class: "replay-now" });
/** The number of the curve under the pointer. */
const seen = make("span", { class: "replay-seen" });
const plot = make("div", { class: "replay-plot" });
const hours = make("div", { class: "axis" });

/** The risk by known hours: a stay is another one after each edit. @type {Standing<Replay>} */
const answer = new Standing("course");
/** How many steps are known, as far as is shown. */
let known = 1;

export function start() {
  // The slider says the same to the keyboard and to screen readers.
  for (const drawn of [chart, levels, now, seen, hours]) drawn.ariaHidden = "true";
  plot.append(chart, now, seen, slider);
  place.append(make("div", { class: "replay-side" }, label, levels), plot, hours);
  slider.addEventListener("input", () => show(Number(slider.value)));
  watchPointer();
  const idle = new Idle({
    wait: IDLE,
    isWanted: () => !place.hidden && answer.value === undefined,
    run: compute,
    onFailure: (error) => console.warn("the risk by known hours could not be computed", error),
  });
  answer.watch(() => {
    follow();
    idle.later();
  });
  // Of another screen or zoom the hours stand elsewhere.
  arrangement.onChange(follow);
  quickly.onGlance(({ knownSteps, summary }) => {
    known = knownSteps ?? (hourly() ? known : (shown()?.model.steps ?? 1));
    const here = answer.value?.outputs[known - 1];
    // While values change, the curve is of what they were before.
    place.classList.toggle("past", here !== undefined && written(here) !== written(summary.probability));
    mark();
  });
  onShow(() => place.classList.remove("past"));
}

function watchPointer() {
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    // So that the arrow keys go on from where it was dropped.
    slider.focus({ preventScroll: true });
    event.preventDefault();
    goTo(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) goTo(event);
    tell(event);
  });
  plot.addEventListener("pointerleave", () => (seen.hidden = true));
}

/**
 * The number of known steps whose end is nearest to a pointer.
 * @param {PointerEvent} event
 * @param {GridLayout} layout
 */
function under({ clientX }, { cellWidth, firstStep, nSteps }) {
  const along = ((clientX - plot.getBoundingClientRect().left) * density()) / cellWidth;
  return Math.max(1, firstStep + Math.max(0, Math.min(nSteps, Math.round(along))));
}

/** @param {PointerEvent} event */
function goTo(event) {
  const layout = shown()?.stay?.layout;
  if (!layout) return;
  slider.value = String(under(event, layout));
  show(Number(slider.value));
}

/** Says what the curve is at the pointer. @param {PointerEvent} event */
function tell(event) {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) return;
  const steps = under(event, stay.layout);
  const output = answer.value?.outputs[steps - 1];
  seen.hidden = output === undefined;
  if (output === undefined) return;
  rewrite(seen, t("replay.at", { hours: words.clinical(steps * model.stepHours), risk: written(output) }));
  seen.style.left = `${at(steps, stay.layout)}px`;
  seen.classList.toggle("early", steps - stay.layout.firstStep < stay.layout.nSteps / 2);
}

/** @param {number} output */
function written(output) {
  return shown()?.stay?.summary.isProbability ? words.percent(output) : words.number(output);
}

function density() {
  return window.devicePixelRatio || 1;
}

/**
 * Where so many known steps end, in CSS pixels from the plot's left edge.
 * @param {number} steps
 * @param {GridLayout} layout
 */
function at(steps, { firstStep, cellWidth }) {
  return ((steps - firstStep) * cellWidth) / density();
}

function follow() {
  const view = shown();
  place.hidden = !view?.stay || view.stay.isAlone;
  if (!view?.stay) return;
  const { steps } = view.model;
  known = view.stay.knownSteps ?? saidAt() ?? steps;
  slider.max = String(steps);
  if (document.activeElement !== slider) slider.value = String(known);
  paint(view, view.stay.layout);
  mark();
}

/**
 * The risk over the hours that the pictures show, as the engine draws it in a box of 1 by 1.
 * @param {View} view
 * @param {GridLayout} layout
 */
function paint({ model: { steps, stepHours } }, layout) {
  const curve = answer.value;
  const { firstStep, nSteps, width } = layout;
  plot.style.width = `${width / density()}px`;
  chart.setAttribute("viewBox", `${firstStep / steps} 0 ${nSteps / steps} 1`);
  axis.show(hours, layout, stepHours, density());
  strip.hatch(plot, layout, density());
  seen.hidden = true;
  chart.replaceChildren(...lines([[curve?.level, "level"], [curve?.curve, "curve"]]));
  levels.replaceChildren(...(curve ? axis.levels(curve) : []));
}

/** Stands the mark at the end of the hours that are known, and says how many they are. */
function mark() {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) return;
  const { layout } = stay;
  now.hidden = known < layout.firstStep || known > layout.firstStep + layout.nSteps;
  now.style.left = `${at(known, layout)}px`;
  const hours = words.clinical(known * model.stepHours);
  const text = t(hourly() ? "replay.said" : known === model.steps ? "replay.all" : "replay.known", { hours });
  rewrite(label, text);
  const output = answer.value?.outputs[known - 1];
  const spoken = output === undefined ? text : `${text}: ${written(output)}`;
  if (slider.getAttribute("aria-valuetext") !== spoken) slider.setAttribute("aria-valuetext", spoken);
}

/** The output that is explained, where the model gives it at every hour: the curve is what it gives, and the mark its hour. */
function hourly() {
  const { model, method } = shown() ?? {};
  const output = placeOf(model?.targets ?? [], method?.target)?.output;
  return output?.isPerStep ? output : undefined;
}

/** How many steps have passed where that output is said; undefined of an output that is said once. */
export function saidAt() {
  const { model, method } = shown() ?? {};
  return hourly() && (placeOf(model?.targets ?? [], method?.target)?.step ?? 0) + 1;
}

/**
 * Explains another of the model's numbers.
 * @param {number} target
 * @returns {Promise<void>}
 */
function explain(target) {
  return new Promise((done) => act(t("explaining"), t("failed.explain"), async ({ signal }) => {
    try {
      await open({ method: { ...shown()?.method, target } }, { signal });
    } finally {
      done();
    }
  }));
}

/** Shows the stay as of a step, or what the network says at it. */
const show = latest(async (/** @type {number} */ steps) => {
  const output = hourly();
  await (output ? explain(targetOf(output, steps - 1)) : quickly.make({ what: "known", steps }));
}, (error) => act(t("replay.computing"), t("failed.replay"), () => Promise.reject(error)));

/** @param {AbortSignal} signal */
async function compute(signal) {
  await answer.ask(() => engine.request("replay", undefined, { signal, isPatient: true }));
  follow();
}
