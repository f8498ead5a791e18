// Replay: the prediction and its explanation as if only the first hours of the stay had been known.

import { t } from "../messages.js";
import { act, addPanel, engine, shown } from "../page.js";
import * as quickly from "../quick.js";
import { Standing } from "../standing.js";
import * as axis from "./axis.js";
import { make, rewrite } from "./dom.js";
import * as words from "./words.js";

/** @import { Replay } from "../../pkg/vitrine.js" */

const slider = make("input");
Object.assign(slider, { id: "replay-hour", type: "range", min: "1", value: "48", max: "48", step: "1" });
const label = make("label");
label.htmlFor = slider.id;
const chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
/** The curve with its numbers: the risk on its left, the hours below. */
const levels = make("div", { class: "replay-levels" });
const hours = make("div", { class: "axis" });
const figure = make("div", { class: "replay-figure" }, levels, hours);
const place = make("section", { class: "replay" });
place.id = "replay";

/** The risk by known hours: a stay is another one after each edit. @type {Standing<Replay>} */
const answer = new Standing("course");
/** @type {number | undefined} */
let next;
let isShowing = false;

export function start() {
  const heading = make("h2", {}, t("replay"));
  heading.dataset.t = "replay";
  const how = make("p", { class: "small quiet" }, t("replay.how"));
  how.dataset.t = "replay.how";
  const begin = make("button", {}, t("replay.curve"));
  begin.type = "button";
  begin.dataset.t = "replay.curve";
  begin.addEventListener("click", () => act(t("replay.computing"), t("failed.replay"), compute));
  chart.classList.add("replay-chart");
  chart.setAttribute("viewBox", "0 0 1 1");
  chart.setAttribute("preserveAspectRatio", "none");
  chart.setAttribute("aria-hidden", "true");
  slider.addEventListener("input", () => void show(Number(slider.value)));
  // The slider says the same to the keyboard and to screen readers.
  figure.ariaHidden = "true";
  figure.prepend(chart);
  chart.addEventListener("pointerdown", (event) => {
    chart.setPointerCapture(event.pointerId);
    goTo(event);
  });
  chart.addEventListener("pointermove", (event) => {
    if (chart.hasPointerCapture(event.pointerId)) goTo(event);
  });
  place.append(heading, how, make("p", { class: "replay-row" }, label, slider, begin), figure);
  addPanel("under", place);
  answer.watch(follow);
  quickly.onGlance(({ knownSteps }) => {
    const known = knownSteps ?? shown()?.model.steps ?? 1;
    name(known, knownSteps === undefined);
    markHour(known);
  });
}

/**
 * Shows the hour under a pointer on the curve.
 * @param {PointerEvent} event
 */
function goTo({ clientX }) {
  const { left, width } = chart.getBoundingClientRect();
  const steps = Number(slider.max);
  slider.value = String(Math.max(1, Math.min(steps, Math.ceil(((clientX - left) / width) * steps))));
  void show(Number(slider.value));
}

function follow() {
  const view = shown();
  if (!view?.stay) return;
  const { steps } = view.model;
  const known = view.stay.knownSteps ?? steps;
  slider.max = String(steps);
  if (document.activeElement !== slider) slider.value = String(known);
  name(known, view.stay.knownSteps === undefined);
  paintCurve(known);
}

/**
 * @param {number} known
 * @param {boolean} isAll
 */
function name(known, isAll) {
  const view = shown();
  const hours = words.clinical(known * (view?.model.stepHours ?? 1));
  const text = t(isAll ? "replay.all" : "replay.known", { hours });
  rewrite(label, text);
  if (slider.getAttribute("aria-valuetext") !== text) slider.setAttribute("aria-valuetext", text);
}

/**
 * Shows the stay as of a step; of steps passed over quickly, only the last.
 * @param {number} steps
 */
async function show(steps) {
  next = steps;
  if (isShowing) return;
  isShowing = true;
  try {
    while (next !== undefined) {
      const now = next;
      next = undefined;
      await quickly.make({ what: "known", steps: now });
    }
  } catch (error) {
    act(t("replay.computing"), t("failed.replay"), () => Promise.reject(error));
  } finally {
    isShowing = false;
  }
}

/** @param {import("../page.js").Action} action */
async function compute({ signal, tell }) {
  const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) =>
    tell(t("replay.progress", { done, total }), total ? done / total : 0);
  await answer.ask(() => engine.request("replay", undefined, { signal, onProgress }));
  paintCurve(Number(slider.value));
}

/**
 * The risk over the hours known, in a box of 1 by 1, as the engine draws it.
 * @param {number} known
 */
function paintCurve(known) {
  const curve = answer.value;
  chart.toggleAttribute("hidden", !curve);
  figure.hidden = !curve;
  const view = shown();
  if (!curve || !view?.stay) return chart.replaceChildren();
  const { level, marks } = curve;
  chart.replaceChildren(
    ...(level ? [shape("path", { d: level, class: "level" })] : []),
    shape("path", { d: curve.curve, class: "curve" }),
    shape("path", { d: marks[known - 1] ?? "", class: "here" }),
  );
  paintAxes(curve, view.model.stepHours);
}

/**
 * @param {Replay} curve
 * @param {number} stepHours
 */
function paintAxes({ level, marks, ticks }, stepHours) {
  levels.replaceChildren(...ticks.map(([value, down]) => {
    const text = level ? words.wholePercent(value) : words.number(value);
    const tick = make("span", { class: down === 0 ? "top" : down === 1 ? "bottom" : "" }, text);
    tick.style.top = words.cssPercent(down);
    return tick;
  }));
  const steps = marks.length;
  const width = chart.clientWidth || 640;
  axis.show(hours, { cellWidth: width / steps, width, nSteps: steps, firstStep: 0, ruleEvery: 6 }, stepHours, 1);
}

/**
 * Moves the mark of the hour along the curve.
 * @param {number} known
 */
function markHour(known) {
  const curve = answer.value;
  if (curve) chart.querySelector(".here")?.setAttribute("d", curve.marks[known - 1] ?? "");
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 */
function shape(tag, attributes) {
  const it = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
  it.setAttribute("vector-effect", "non-scaling-stroke");
  return it;
}
