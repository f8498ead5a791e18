// Two to four methods side by side: the same stay, the same rows, one cursor; what all of them say, whether each holds, and
// how far they agree in numbers.

import { Idle } from "../idle.js";
import { latest } from "../latest.js";
import { onLanguage, t } from "../messages.js";
import { act, addView, cursor, engine, moveTo, onCursor, onShow, pointAt, shown } from "../page.js";
import { Standing } from "../standing.js";
import * as axis from "./axis.js";
import { Cells } from "./cells.js";
import * as controls from "./controls.js";
import { columns, make, say, scroller, scrolling, tableRow } from "./dom.js";
import { cellUnder } from "./foot.js";
import { draw, ticks } from "./grids.js";
import * as keys from "./keys.js";
import * as methods from "./methods.js";
import * as numbersHelp from "./numbers-help.js";
import * as picker from "./picker.js";
import * as reference from "./reference.js";
import { save } from "./save.js";
import * as strip from "./strip.js";
import { bytes, name, pixels } from "./taking.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { Key } from "../messages.js" */
/** @import { Comparison, ComparedPicture, GridLayout, Method, MethodKind, Paint, Total, TrustWord } from "../protocol.js" */

const [LEAST, MOST] = [2, 4];
/** Cells that are named of those with opposite signs. */
const NAMED = 12;
const LABELS = 120;
/** A channel with less of a method's effects than this is not spoken of. */
const SPOKEN = 0.03;
/** How long nothing has to happen before it is checked whether each method holds, in milliseconds. */
const IDLE = 600;
/** @type {MethodKind} */
const MAP = "map";

const place = make("div", { class: "compare" });
const fields = make("fieldset");
const scale = make("select");
const hatch = make("input");
/** Whose stay it is, and what all methods say of it. */
const who = make("p", { class: "compare-who" });
const agreed = make("div", { class: "compare-agreed", role: "status" });
const pictures = make("div", { class: "compare-pictures" });
/** What the hatching means, and ways to take the pictures away. */
const key = make("div", { class: "compare-key" });
const agreement = make("div", { class: "compare-words" });

/** @type {{ cells: Cells, said: HTMLElement, verdict: HTMLElement, canvas: HTMLCanvasElement }[]} */
let panes = [];
/** What is shown side by side. @typedef {{ found: Comparison, kinds: MethodKind[], methods: Method[], layout: GridLayout, density: number, checked: (TrustWord | undefined)[] }} Compared */
/** @type {Standing<Compared>} */
const answer = new Standing("output");
/** The same, looked up once whenever something is shown. @type {Compared | undefined} */
let last;

export function start() {
  build();
  addView({ id: "compare", label: "view.compare", element: place, onOpen: refresh });
  checks = new Idle({
    wait: IDLE,
    view: "compare",
    isWanted: () => nextToCheck() >= 0,
    run: check,
    onFailure: (error) => console.warn("whether the methods hold could not be checked", error),
  });
  answer.watch(refresh);
  onCursor(mark);
  onLanguage(nameFields);
}

/** @type {Idle | undefined} */
let checks;

/** The first method whose picture says what raised and lowered the output and was not checked. */
function nextToCheck() {
  return last === undefined ? -1 : last.kinds.findIndex((kind, at) => isOfEffects(kind) && kind !== MAP && last?.checked[at] === undefined);
}

/** @param {AbortSignal} signal */
async function check(signal) {
  for (let at = nextToCheck(); at >= 0 && last; at = nextToCheck()) {
    const of = last;
    const method = { ...of.methods[at], target: shown()?.method?.target };
    const trust = await engine.request("trust", { method }, { signal, isPatient: true });
    of.checked[at] = trust;
    if (last === of) showVerdicts();
  }
}

/** Under each picture, whether it holds, and what comes of taking away what it calls most important. */
function showVerdicts() {
  panes.forEach(({ verdict }, at) => {
    const trust = last?.checked[at];
    const isChecked = last !== undefined && isOfEffects(last.kinds[at] ?? "lrp") && last.kinds[at] !== MAP;
    const [said = 0, lost = 0] = trust?.firstTenth ?? [];
    verdict.dataset.verdict = trust?.verdict ?? "";
    verdict.textContent = trust ? `${words.verdict(trust)}. ${t("compare.effect", { said: words.signedNumber(said), lost: words.number(lost) })}` : isChecked ? t("verdict.checking") : "";
  });
}

function build() {
  const heading = say("h2", "compare");
  const how = say("p", "compare.how", { class: "small quiet" });
  const run = say("button", "compare.run", { id: "compare-run", press: begin });
  const label = make("label", {}, make("span", {}, t("compare.scale")), scale);
  scale.id = "compare-scale";
  const hatched = make("label", { title: t("compare.hatch.what") }, hatch, make("span", {}, t("compare.hatch")));
  const form = make("div", { class: "compare-form" }, fields, label, hatched, run);
  form.addEventListener("keydown", (event) => event.key === "Enter" && event.target instanceof HTMLInputElement && begin());
  Object.assign(hatch, { type: "checkbox", id: "compare-hatch", checked: true });
  for (const it of [scale, hatch]) it.addEventListener("change", () => last && begin());
  pictures.role = "group";
  fields.append(make("legend"), make("div", {}, ...[...methods.KINDS, MAP].map((kind) => {
    const box = make("input", { type: "checkbox", name: "compared", value: kind, checked: kind === "lrp" || kind === "deep-shap" });
    return make("label", {}, box, make("span"));
  })));
  onShow(offerMap);
  for (const value of ["own", "shared"]) {
    const option = make("option", { value });
    scale.append(option);
  }
  nameFields();
  place.append(heading, who, how, form, agreed, scrolling(pictures), key, agreement);
}

/** A map from elsewhere is compared like a method, as long as it is what is shown. */
function offerMap() {
  const box = fields.querySelector(`[value="${MAP}"]`);
  if (!(box instanceof HTMLInputElement) || !box.parentElement) return;
  const isThere = shown()?.foreign !== undefined;
  if (isThere !== !box.parentElement.hidden) box.checked = isThere;
  box.parentElement.hidden = !isThere;
  nameFields();
}

/** Words of the form, which is made once. */
function nameFields() {
  const legend = fields.querySelector("legend");
  if (legend) legend.textContent = t("compare.which");
  fields.querySelectorAll("label").forEach((label, at) => {
    const name = label.querySelector("span");
    if (name) name.textContent = methods.nameOf(methods.KINDS[at] ?? MAP);
  });
  const said = scale.parentElement?.querySelector("span");
  if (said) said.textContent = t("compare.scale");
  for (const option of scale.options) option.textContent = t(`compare.scale.${option.value === "shared" ? "shared" : "own"}`);
  pictures.ariaLabel = t("compare");
  const hatching = hatch.parentElement;
  if (hatching) hatching.title = t("compare.hatch.what");
  const words = hatching?.querySelector("span");
  if (words) words.textContent = t("compare.hatch");
}

function isOpen() {
  return document.body.dataset.view === "compare";
}

/** Compares the same methods again, with the options that the form has by now; of another stay it has to be asked for. */
function refresh() {
  last = answer.value;
  if (last) {
    // The map from elsewhere went with another picture; the methods can be made again.
    const left = last.kinds.filter((kind) => kind !== MAP || shown()?.foreign !== undefined);
    if (isOpen()) act(t("compare.doing"), t("compare.failed"), (action) => compare(left, action));
    return;
  }
  // It runs by itself: what is looked at is of what is shown.
  if (isOpen() && shown()?.stay) begin();
  if (!answer.isGone) return;
  panes = [];
  agreed.replaceChildren();
  pictures.replaceChildren();
  key.replaceChildren();
  agreement.replaceChildren(make("p", { class: "small quiet" }, t("stale")));
}

function begin() {
  act(t("compare.doing"), t("compare.failed"), async (action) => {
    const kinds = [...fields.querySelectorAll("input")].filter((box) => box.checked).map((box) => /** @type {MethodKind} */ (box.value));
    if (kinds.length < LEAST || kinds.length > MOST) throw new Error(t("compare.number", { count: kinds.length }));
    await compare(kinds, action);
  });
}

/**
 * @param {MethodKind[]} kinds
 * @param {import("../page.js").Action} action
 */
async function compare(kinds, { signal, tell }) {
  await reference.prepare(signal);
  const wanted = kinds.map((kind) => controls.method(kind));
  const density = window.devicePixelRatio || 1;
  const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) => tell(t("compare.progress", { done: Math.floor(done), total }), done / total);
  const request = { methods: wanted, paint: room(wanted.length, density), isShared: scale.value === "shared", isHatched: hatch.checked };
  last = await answer.ask(async () => {
    const found = await engine.request("compare", request, { signal, onProgress });
    const checked = JSON.stringify(wanted) === JSON.stringify(answer.value?.methods) ? answer.value?.checked : undefined;
    return found && { found, kinds, methods: wanted, layout: found.layout, density, checked: checked ?? wanted.map(() => undefined) };
  });
  if (!last) return;
  const { found } = last;
  panes = [];
  pictures.replaceChildren(names(found.layout, density), ...found.pictures.map(pane));
  const tracks = found.layout.tracks.some((height) => height > 0) ? t("track.legend") : "";
  const hatched = [hatch.checked ? t("compare.hatched", { count: found.disputed }) : "", ...hatching()].filter(Boolean).join(" ");
  key.replaceChildren(...(tracks ? [make("p", { class: "small quiet" }, tracks)] : []), ...(hatched ? [make("p", { class: "small compare-hatched" }, hatched)] : []), ways());
  agreement.replaceChildren(...agreements(found, last.kinds));
  sayWho();
  agreed.replaceChildren(...sayAgreed(found));
  showVerdicts();
  checks?.later();
  mark(cursor() ?? { row: found.layout.order[0] ?? 0, step: found.layout.firstStep }, cursor() !== undefined);
}

function sayWho() {
  const { stay } = shown() ?? {};
  if (!stay) return who.replaceChildren();
  const { summary } = stay;
  who.replaceChildren(make("b", {}, picker.title(stay)), make("span", {}, `${words.predicted(summary)}: ${words.output(summary.probability, summary)}`));
}

/**
 * What all methods say of the channels, and where they differ: of those that at least one gives weight to.
 * @param {Comparison} found
 */
function sayAgreed({ totals }) {
  const [first] = totals;
  if (!first || totals.length < 2) return [];
  const of = (/** @type {number} */ row) => totals.map(({ rows }) => rows[row]).filter((it) => it !== undefined);
  const isStrong = (/** @type {Total} */ { share }) => share >= SPOKEN;
  const rows = first.ranking.filter((row) => of(row).some(isStrong));
  const raised = rows.filter((row) => of(row).every((it) => isStrong(it) && it.signed > 0));
  const lowered = rows.filter((row) => of(row).every((it) => isStrong(it) && it.signed < 0));
  const differing = rows.filter((row) => of(row).some(({ signed }) => signed > 0) && of(row).some(({ signed }) => signed < 0));
  const lines = [["compare.all.raised", raised], ["compare.all.lowered", lowered], ["compare.all.differ", differing]].filter(([, some]) => some?.length);
  const all = lines.map(([key, some]) => line(/** @type {Key} */ (key), /** @type {number[]} */ (some)));
  return raised.length + lowered.length > 0 ? all : [make("p", {}, t("compare.all.none")), ...all];
}

/**
 * A sentence whose channels are links: each goes to its row.
 * @param {Key} key
 * @param {number[]} rows
 */
function line(key, rows) {
  const [before = "", after = ""] = t(key, { channels: "\u0000" }).split("\u0000");
  const links = rows.flatMap((row, at) => {
    const link = make("button", { class: "link", press: () => moveTo({ row, step: cursor()?.step ?? last?.layout.firstStep ?? 0 }) }, words.channelAt(row, ""));
    return at ? [", ", link] : [link];
  });
  return make("p", {}, before, ...links, after);
}

/**
 * What a picture's scale is, where it is not in proportion up to its own largest.
 * @param {ComparedPicture | undefined} picture
 * @param {MethodKind} kind
 */
function scaleNote(picture, kind) {
  if (!picture) return "";
  const [scaling, isShared] = [controls.scaling(), isOfEffects(kind) && scale.value === "shared"];
  return words.scale(picture, { scaling, isHeld: isShared && (picture.beyond > 0 || scaling === "percentile"), isSigned: !picture.isMagnitude, categories: controls.categories() });
}

/** What is hatched beside cells whose signs differ. */
function hatching() {
  return [...new Set(last?.kinds.map((kind) => words.hatching(methods.meaningOf(kind))))].filter(Boolean);
}

/** Ways to take what is compared away. */
function ways() {
  const way = (/** @type {Key} */ label, /** @type {() => Promise<void>} */ run) => {
    return make("button", { press: () => act(t("export.doing", { what: t(label) }), t("export.failed"), run) }, t(label));
  };
  return make("p", { class: "compare-ways" },
    way("export.png", async () => save(`${name()}-methods.png`, "image/png", await bytes(await pixels(await figure()))) ),
    way("export.svg", async () => save(`${name()}-methods.svg`, "image/svg+xml", await figure())));
}

/** The pictures as one document. */
async function figure() {
  const { stay, model } = shown() ?? {};
  if (!stay || !model || !last) throw new Error(t("export.nothing"));
  const named = last.kinds.map((kind, at) => {
    const { low, high } = methods.ends(methods.meaningOf(kind));
    return { title: methods.nameOf(kind), low: t(low), high: t(high), note: scaleNote(last?.found.pictures[at], kind) || undefined };
  });
  const heading = [picker.title(stay), ...(hatch.checked ? [t("compare.hatch.what")] : []), ...hatching()];
  const { density } = last;
  return strip.onFigure(await engine.request("compareSvg", { heading, words: named, names: words.figure(model, stay.layout, stay.summary), paint: room(named.length, density), density }));
}

/**
 * @param {number} count of pictures
 * @param {number} density
 * @returns {Paint}
 */
function room(count, density) {
  const all = place.clientWidth - LABELS;
  const width = Math.max(Math.min(240, all - 20), Math.min(560, all / count - 20));
  const pixels = (/** @type {number} */ length) => Math.max(1, Math.round(length * density));
  return {
    ...controls.picture(), limits: undefined, byRelevance: undefined, width: pixels(width), cellHeight: pixels(18), groupGap: pixels(6),
    track: controls.hasTrack() ? pixels(5) : 0, line: pixels(1), barHeight: pixels(9), legendWidth: pixels(150), totalsWidth: 1, stepsHeight: 1,
  };
}

/**
 * @param {GridLayout} layout
 * @param {number} density
 */
function names(layout, density) {
  const channels = shown()?.model.channels ?? [];
  const list = make("ol", { class: "cohort-rows" }, ...layout.order.map((row) => {
    const name = make("li", {}, channels[row] ? words.channel(channels[row]) : "");
    name.style.top = `calc(var(--caption) + ${(layout.tops[row] ?? 0) / density}px)`;
    return name;
  }));
  return list;
}

/**
 * @param {ComparedPicture} picture
 * @param {number} at
 */
function pane(picture, at) {
  const kind = last?.kinds[at] ?? "lrp";
  const density = last?.density ?? 1;
  const [canvas, legend, grid] = [make("canvas"), make("canvas"), make("div", { class: "cells" })];
  for (const it of [canvas, legend]) it.ariaHidden = "true";
  draw(canvas, picture.bitmap, density);
  draw(legend, picture.legend, density);
  grid.role = "grid";
  const cells = new Cells(grid, { onKey: press, onFocus: () => {} });
  const model = shown()?.model;
  if (model && last) cells.describe(`${methods.nameOf(kind)}, ${t("pane.size", { channels: model.channels.length, steps: model.steps })}`, model, last.layout);
  grid.addEventListener("pointermove", (event) => point(event, canvas));
  grid.addEventListener("pointerdown", (event) => {
    point(event, canvas);
    cells.focus();
    event.preventDefault();
  });
  const { low, high } = methods.ends(methods.meaningOf(kind));
  const hours = make("div", { class: "axis", ariaHidden: "true" });
  if (model && last) axis.show(hours, last.layout, model.stepHours, density);
  const cell = make("p", { class: "small compare-cell" });
  const verdict = make("p", { class: "small compare-verdict" });
  panes.push({ cells, said: cell, verdict, canvas });
  const said = scaleNote(picture, kind);
  const own = !isOfEffects(kind) && scale.value === "shared" ? [make("p", { class: "small quiet" }, t("compare.scale.magnitude"))] : [];
  const plot = make("div", { class: "plot" }, canvas, grid);
  if (last) strip.hatch(plot, last.layout, density);
  return make("figure", {}, make("figcaption", {}, make("b", {}, methods.nameOf(kind))), plot, hours,
    make("div", { class: "legend" }, legend,
      make("span", { class: "ticks" }, ...ticks(picture, picture.isMagnitude).map((text) => make("span", {}, text))),
      make("span", { class: "low" }, t(low)), make("span", { class: "high" }, t(high))),
    verdict, cell, ...(said ? [make("p", { class: "small quiet" }, said)] : []), ...own);
}

/**
 * @param {PointerEvent} event
 * @param {HTMLCanvasElement} canvas
 */
function point(event, canvas) {
  if (!last) return;
  const cell = cellUnder(event, canvas, last.layout, last.density);
  if (cell) pointAt(cell);
}

/** @param {KeyboardEvent} event */
function press(event) {
  const view = shown();
  const at = cursor() ?? { row: last?.layout.order[0] ?? 0, step: last?.layout.firstStep ?? 0 };
  if (!last || !view?.stay || event.altKey) return;
  const to = keys.press(event, at, last.layout, view.stay.strongest, view.model.steps);
  if (to) moveTo(to);
}

/**
 * @param {Cell} cell
 * @param {boolean} [isSet] whether the reader has set the cursor there
 */
function mark(cell, isSet = true) {
  const model = shown()?.model;
  if (!last || !model || !isOpen()) return;
  for (const { cells } of panes) cells.place(cell, model, last.layout, last.density, isSet);
  if (isSet) read(cell);
}

/** Says what each method gives the cell under the cursor. */
const read = latest(async (/** @type {Cell} */ cell) => {
  const amounts = await engine.request("compareCell", cell);
  const model = shown()?.model;
  const channel = model?.channels[cell.row];
  if (!model || !channel) return;
  const places = { channel: words.channel(channel), hours: words.hoursOf(cell.step, model.stepHours) };
  panes.forEach(({ said }, at) => (said.textContent = amounts[at] === undefined ? "" : t(cell.isFoot ? "compare.cell.measuring" : "compare.cell", { ...places, amount: words.signedNumber(amounts[at]) })));
}, (error) => console.warn("the cell under the cursor could not be read", error));

/**
 * How far every two methods agree.
 * @param {Comparison} found
 * @param {MethodKind[]} kinds
 */
function agreements({ pairs }, kinds) {
  const pairOf = (/** @type {Comparison["pairs"][number]} */ { first, second }) =>
    t("compare.pair", { first: methods.nameOf(kinds[first] ?? "lrp"), second: methods.nameOf(kinds[second] ?? "lrp") });
  const isSigned = (/** @type {Comparison["pairs"][number]} */ { first, second }) => [first, second].every((at) => isOfEffects(kinds[at] ?? "lrp"));
  // What a change would do has no signs that could agree with what a value did.
  const signs = (/** @type {Comparison["pairs"][number]} */ pair) => (isSigned(pair) ? words.wholePercent(pair.signAgreement) : "–");
  const rows = pairs.map((pair) => tableRow(pairOf(pair), words.signedNumber(pair.rankCorrelation), words.wholePercent(pair.topOverlap), signs(pair), t(inWords(pair.rankCorrelation))));
  const table = make("table", { class: "compare-table" }, columns(["compare.pairs", "compare.order", "compare.top", "compare.signs", "compare.words"]), make("tbody", {}, ...rows));
  const scroll = scroller(t("compare.agreement"), "compare-scroll", table);
  return [make("h2", {}, t("compare.agreement")), make("p", { class: "small quiet" }, t("compare.agreement.how")), scroll, numbersHelp.ask("compare"),
    ...pairs.filter((pair) => isSigned(pair) && pair.opposite.length > 0).map((pair) => opposites(pair, pairOf(pair)))];
}

/** Whether a method says what raised and what lowered the output. @param {MethodKind} kind */
function isOfEffects(kind) {
  return methods.meaningOf(kind) === "effect";
}

/** @param {number} correlation @returns {Key} */
function inWords(correlation) {
  if (correlation >= 0.7) return "compare.high";
  return correlation >= 0.3 ? "compare.middle" : "compare.low";
}

/**
 * The measurements that one method says raised the score and the other lowered it.
 * @param {Comparison["pairs"][number]} pair
 * @param {string} name
 */
function opposites({ opposite }, name) {
  const model = shown()?.model;
  const items = opposite.slice(0, NAMED).flatMap(([row, step]) => {
    const channel = model?.channels[row];
    if (!model || !channel) return [];
    const button = make("button", { class: "link", press: () => moveTo({ row, step }) }, `${words.channel(channel)}, ${words.hoursOf(step, model.stepHours)}`);
    return [make("li", {}, button)];
  });
  if (opposite.length > NAMED) items.push(make("li", { class: "quiet" }, t("compare.more", { count: opposite.length - NAMED })));
  return make("div", { class: "small compare-opposite" }, make("p", {}, t("compare.opposite", { count: opposite.length, pair: name })), make("ul", {}, ...items));
}
