// What if: other values for the stay that is shown, what each change did to the prediction, and what would have to
// change. All of it says something about the network, and nothing about the patient.

import { latest } from "../latest.js";
import { t } from "../messages.js";
import { act, addPanel, cursor, engine, moveTo, onCursor, onShow, shown } from "../page.js";
import * as quickly from "../quick.js";
import { Standing } from "../standing.js";
import * as arrangement from "./arrangement.js";
import * as course from "./course.js";
import { button, choice, labelled, make, rewrite, say } from "./dom.js";
import * as words from "./words.js";

/** @import { Counterfactual, CounterfactualPart, DragPoint, EditLog, EditRequest, Inspection } from "../protocol.js" */
/** @import { Key } from "../messages.js" */

const field = make("input", { class: "value", id: "whatif-value", type: "text", autocomplete: "off", spellcheck: false });
const label = make("label", { htmlFor: field.id });
const unit = make("span", { class: "quiet" });
/** For how many hours the value counts: a course of one's own, by the keyboard. */
const hours = make("input", { class: "whatif-hours", id: "whatif-hours", type: "number", min: "1", step: "1", value: "1", autocomplete: "off" });
const unitOfTime = make("span", { class: "quiet" });
/** Over which hours a question is asked. */
const over = choice("whatif-span", ["whatif.span.here", "whatif.span.shown", "whatif.span.all"]);
const risk = make("p", { class: "whatif-risk", role: "status" });
const list = make("ol", { class: "whatif-log" });
const found = make("div", { class: "whatif-found" });
found.setAttribute("aria-live", "polite");
/** What would have to change of the output that is shown. @type {Standing<Counterfactual>} */
const answer = new Standing("output");
const draw = button("whatif.draw", () => setDrawing(draw.ariaPressed !== "true"));
draw.ariaPressed = "false";
const undo = button("whatif.undo", () => change({ what: "undo" }));
const redo = button("whatif.redo", () => change({ what: "redo" }));
const reset = button("whatif.reset", () => change({ what: "reset" }));
const search = button("whatif.search", () => act(t("whatif.searching"), t("failed.search"), seek));
const panel = make("section", { class: "whatif", id: "whatif" });

/** The cell that the field stands for. @type {{ row: number, step: number } | undefined} */
let at;
export function start() {
  const heading = say("h2", "whatif");
  hours.dataset.tAriaLabel = "whatif.hours";
  hours.ariaLabel = t("whatif.hours");
  const form = make("div", { class: "whatif-form" }, label, field, unit,
    span("whatif.over"), hours, unitOfTime,
    button("whatif.set", set),
    button("whatif.less", () => nudge(-1)),
    button("whatif.more", () => nudge(1)),
    button("whatif.clear", clear));
  form.role = "group";
  form.setAttribute("aria-label", t("whatif"));
  form.dataset.tAriaLabel = "whatif";
  // A sandboxed frame submits no form.
  for (const it of [field, hours]) it.addEventListener("keydown", (event) => event.key === "Enter" && set());
  field.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    nudge(by);
  });
  const before = make("button", { press: () => ask("before") });
  const callIt = () => (before.textContent = t("whatif.before", { hours: words.clinical(shown()?.model.hoursBack ?? 12) }));
  callIt();
  onShow(callIt);
  const questions = make("div", { class: "whatif-tools" }, span("whatif.asif"),
    button("whatif.normal", () => ask("normal")), before, button("whatif.never", () => ask("never")),
    labelled("whatif.span", over));
  panel.append(heading, say("p", "whatif.how", { class: "small quiet" }), form, questions, make("p", { class: "whatif-tools" }, draw, undo, redo, reset, search), risk, list, found);
  addPanel("under", panel);
  course.onDrag({ begin: () => draw.ariaPressed === "true", move: drag });
  // Anywhere but where text is typed, which has an undo of its own.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || isTyping || document.body.dataset.view !== "stay") return;
    event.preventDefault();
    change({ what: event.shiftKey ? "redo" : "undo" });
  });
  onCursor((cell) => void point(cell));
  quickly.onGlance(({ cell }) => {
    if (cell && at) showCell(cell, at.row);
  });
  answer.watch(showFound);
  onShow(() => {
    // A plain number has no label that could change.
    search.hidden = shown()?.stay?.summary.isProbability === false;
    showLog(shown()?.stay?.log);
    const cell = cursor() ?? { row: shown()?.stay?.pictures.lrp.totals.ranking[0] ?? 0, step: 0 };
    void point(cell);
  });
}

/** @param {{ row: number, step: number }} cell */
async function point(cell) {
  at = cell;
  try {
    const seen = await engine.request("inspect", cell);
    if (seen && at === cell) showCell(seen, cell.row);
  } catch (error) {
    console.warn("the cell could not be read", error);
  }
}

/**
 * @param {Inspection} cell
 * @param {number} row
 */
function showCell(cell, row) {
  rewrite(label, t("whatif.cell", { channel: words.channelAt(row, cell.channel), hours: words.hours(cell), origin: words.origin(cell) }));
  rewrite(unitOfTime, words.hour(""));
  rewrite(unit, cell.category === undefined ? words.unit(cell.unit) : "");
  if (field.dataset.cell !== `${at?.row} ${at?.step}`) field.dataset.cell = `${at?.row} ${at?.step}`;
  const value = cell.category ?? words.typed(cell.value);
  if (field.value !== value) field.value = value;
}

/** The cell whose value is in sight. */
export function sight() {
  return at;
}

/** The steps of so many hours, as far as the stay has them. */
function steps() {
  const model = shown()?.model;
  const wanted = Math.round((Number(hours.value) || 1) / (model?.stepHours ?? 1));
  return Math.max(1, Math.min((model?.steps ?? 1) - (at?.step ?? 0), wanted));
}

function set() {
  if (at) change({ what: "type", ...at, text: field.value, steps: steps() });
}

/** @param {number} by keystrokes */
function nudge(by) {
  if (at) quick({ what: "nudge", ...at, by });
}

function clear() {
  if (at) change({ what: "clear", ...at, steps: steps() });
}

/**
 * Asks what a channel would have done had it been otherwise over the hours that are chosen.
 * @param {"normal" | "before" | "never"} as
 */
function ask(as) {
  if (!at) return;
  const { row, step } = at;
  /** @type {Record<string, () => readonly [number, number]>} */
  const spans = { here: () => [step, step + steps()], shown: arrangement.steps, all: () => [0, shown()?.model.steps ?? 1] };
  const [from, to] = spans[over.value]?.() ?? [step, step + 1];
  change(as === "never" ? { what: "clear", row, step: from, steps: to - from } : { what: "ask", row, from, to, as });
}

/**
 * @param {{ row: number, from: DragPoint, to: DragPoint, isFirst: boolean }} it
 * @param {import("../protocol.js").Plot} plot
 */
function drag({ row, from, to, isFirst }, plot) {
  quick({ what: "drag", row, from, to, plot, joins: !isFirst });
}

/**
 * A change that is an action of its own.
 * @param {EditRequest | (() => EditRequest)} request
 */
function change(request) {
  act(t("whatif.changing"), t("failed.change"), async () => {
    await carryOut(typeof request === "function" ? request() : request);
    await quickly.settle();
  });
}

/** One of many quick changes: the parts of a drag are joined. */
const quick = latest(carryOut, (error) => act(t("whatif.changing"), t("failed.change"), () => Promise.reject(error)),
  (waiting, wanted) => (waiting.what === "drag" && wanted.what === "drag" ? { ...wanted, from: waiting.from } : wanted));

/** @param {EditRequest} request */
async function carryOut(request) {
  const start = performance.now();
  await quickly.make(request);
  performance.measure("vitrine-edit", { start, end: performance.now() });
}

/** @param {EditLog | undefined} log */
function showLog(log) {
  undo.disabled = !log?.canUndo;
  redo.disabled = !log?.canRedo;
  reset.disabled = !log?.canUndo;
  if (!log || log.entries.length === 0) {
    risk.textContent = t("whatif.none");
    list.replaceChildren();
    return;
  }
  const stay = shown()?.stay;
  risk.textContent = words.changed(log, stay);
  list.replaceChildren(...log.entries.map((entry) => {
    const { row, hours, from, to, change, isImplausible, isDone, start } = entry;
    const place = make("button", { class: "link", press: () => moveTo({ row, step: start }) }, t("whatif.place", { channel: words.channelAt(row, entry.channel), from: words.clinical(hours[0]), to: words.clinical(hours[1]) }));
    const what = to === undefined ? t("whatif.cleared") : `${words.shown(from, entry.unit)} → ${words.ends(to, entry.unit)}`;
    const item = make("li", { class: isDone ? "" : "undone" }, place, make("span", {}, what), make("b", {}, words.moved(change, stay?.summary)));
    if (isImplausible) item.append(make("span", { class: "warning" }, t("whatif.implausible")));
    if (!isDone) item.append(make("span", { class: "quiet" }, t("whatif.undone")));
    return item;
  }));
}

/** @param {import("../page.js").Action} action */
async function seek({ signal, tell }) {
  const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) =>
    tell(t("whatif.progress", { done, total }), total ? done / total : 0);
  answer.drop();
  showFound();
  await answer.ask(() => engine.request("counterfactual", undefined, { signal, onProgress }));
  showFound();
}

function showFound() {
  const it = answer.value;
  if (!it) return found.replaceChildren(...(answer.isGone ? [make("p", { class: "small quiet" }, t("stale"))] : []));
  const together = it.parts.length === 0 ? [] : [make("ul", {}, ...it.parts.map((part) => described(part))), take("whatif.take", (now) => now.parts)];
  const alone = it.answers.map(({ part, probability }, index) => described(part,
    make("b", {}, words.output(probability, shown()?.stay?.summary)),
    take("whatif.takeOne", (now) => now.answers.slice(index, index + 1).map((one) => one.part))));
  const each = alone.length === 0 ? [] : [make("p", {}, t("whatif.alone")), make("ul", {}, ...alone)];
  const limits = it.ofRecord.length === 0 ? [] : [make("p", { class: "small quiet" }, t("whatif.ofRecord", { channels: named(it.ofRecord) }))];
  const text = verdict(it);
  found.replaceChildren(make("p", {}, shown()?.stay?.knownSteps === undefined ? text : t("whatif.withAll", { text })), ...together, ...each, ...limits, make("p", { class: "small quiet" }, t("whatif.model", { runs: it.runs })));
}

/**
 * Whether anything within reach changes the label.
 * @param {Counterfactual} it
 */
function verdict({ original, probability, threshold, parts, crosses }) {
  if (parts.length === 0) return t("whatif.nothing");
  const places = { from: words.output(original, shown()?.stay?.summary), to: words.output(probability, shown()?.stay?.summary), count: parts.length };
  if (threshold === undefined) return t(crosses ? "whatif.crossesClass" : "whatif.nearestClass", places);
  return t(crosses ? "whatif.crosses" : "whatif.nearest", { ...places, threshold: words.thresholdPercent(threshold) });
}

/**
 * A change as people say it, with what its readings were and become.
 * @param {CounterfactualPart} part
 * @param {...Node} after
 */
function described({ way, rows, at, hours: [from, to], isNormal, changes }, ...after) {
  const key = way === "held" ? "whatif.held" : isNormal ? "whatif.wasNormal" : "whatif.nearer";
  const places = { channels: named(rows), at: words.clinical(at ?? 0), from: words.clinical(from), to: words.clinical(to) };
  const values = changes.map(({ row, channel, from, to, unit: code }) =>
    t("whatif.values", { channel: words.channelAt(row, channel), from: words.ends(from, code), to: words.ends(to, code) }));
  return make("li", {}, t(key, places), ...after, make("div", { class: "small quiet" }, values.join("; ")));
}

/** @param {number[]} rows */
function named(rows) {
  return rows.map((row) => words.channelAt(row, "")).join(", ");
}

/**
 * A button that makes some of what was found.
 * @param {Key} key
 * @param {(now: Counterfactual) => CounterfactualPart[]} which
 */
function take(key, which) {
  return button(key, () => change(() => {
    // By the time it is this action's turn, something else may be shown.
    const edits = answer.value && which(answer.value).flatMap(({ changes }) => changes.map(({ edit }) => edit));
    if (!edits) throw new Error(t("stale"));
    return { what: "edits", edits };
  }));
}

/** @param {boolean} on */
function setDrawing(on) {
  draw.ariaPressed = String(on);
  course.setRoom(on);
}

/** @param {Key} key */
function span(key) {
  return say("span", key, { class: "quiet" });
}

