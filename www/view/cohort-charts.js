// How well the predictions of many stays hold: ROC, precision and recall, calibration, and what it is worth to act by them, as
// the engine drew them; what a threshold that the reader sets gives; and the same numbers by subgroups of a list of labels.

import { t } from "../messages.js";
import { placeOf } from "../outputs.js";
import { act, engine, shown } from "../page.js";
import { button, choice, columns, labelled, lines, make, scrolling, shape, tableRow } from "./dom.js";
import { save } from "./save.js";
import * as words from "./words.js";

/** @import { Key } from "../messages.js" */
/** @import { Action } from "../page.js" */
/** @import { CohortRow, CohortSubgroups, Measures, Subgroup } from "../protocol.js" */

/** Room for the numbers and the words at the axes, and the side of the chart, in pixels. */
const [LEFT, TOP, SIDE, BOTTOM] = [46, 12, 240, 40];
const [WIDTH, HEIGHT] = [LEFT + SIDE + 12, TOP + SIDE + BOTTOM];
const TICKS = [0, 0.5, 1];

/** One curve of a chart: what stands along its axes, and its points. @typedef {{ id: string, title: Key, gist: string, across: Key, up: Key, paths: [string, string][], points: Point[], isOfThreshold: boolean, axis?: [number, number] }} Chart */
/** @typedef {{ x: number, y: number, said: string, threshold: number }} Point */

const place = make("div", { class: "cohort-measures" });
const slider = make("input", { id: "cohort-threshold", type: "range", min: "0", max: "1", step: "0.01" });
const at = make("output");
const confusion = make("table", { class: "plain-table" });
const groups = make("div", { class: "cohort-subgroups" });
const by = choice("cohort-subgroup", []);

/** What was measured last, of which rows, and by what lists tell them apart. @type {{ it: Measures, rows: CohortRow[], subgroups: CohortSubgroups[] } | undefined} */
let last;
/** The threshold that the reader has set. @type {number | undefined} */
let chosen;
/** The marks of the threshold in the charts. @type {(() => void)[]} */
let marks = [];

/**
 * The section of the view.
 * @param {() => void} onThreshold called back when the reader sets another
 */
export function section(onThreshold) {
  slider.addEventListener("input", () => {
    chosen = Number(slider.value);
    follow();
    onThreshold();
  });
  by.addEventListener("change", () => act(t("cohort.reading"), t("failed.cohort"), divide));
  return place;
}

/** Other stays are read: the threshold is the network's again. */
export function begin() {
  chosen = undefined;
  clear();
}

/** The threshold of the table and of the charts. */
export function threshold() {
  return chosen ?? outcome()?.threshold ?? 0.5;
}

/** Whether what the stays are explained for is a risk: any other number has no threshold, and is held against labels by rank alone. */
export function isRisk() {
  return outcome()?.kind !== "number";
}

/** On which side of the threshold a stay is, by the engine's own rule. @param {CohortRow} row */
export function isAbove({ probability }) {
  return probability === undefined || !isRisk() ? undefined : probability > threshold();
}

/** Shows the same once more, in another language or for the output that it is of. */
export function again() {
  if (last) show(last.it, last.rows, last.subgroups);
}

/** @param {string} [text] what stands there instead */
export function clear(text) {
  last = undefined;
  place.replaceChildren(...(text ? [make("p", { class: "small quiet" }, text)] : []));
}

/**
 * @param {Measures} it
 * @param {CohortRow[]} rows
 * @param {CohortSubgroups[]} subgroups of the lists of labels
 */
export function show(it, rows, subgroups) {
  slider.value = String(threshold());
  last = { it, rows, subgroups };
  const all = charts(it);
  marks = [];
  by.replaceChildren(...["", ...subgroups.map(({ column }) => column)].map((name) => {
    return make("option", { value: name }, name || t("cohort.subgroup.none"));
  }));
  groups.replaceChildren();
  slider.ariaLabel = t("cohort.threshold");
  place.replaceChildren(
    make("h3", {}, t("cohort.measures")),
    make("p", { class: "small quiet" }, t("cohort.counts", { count: it.nStays, became: positives(), positive: it.nPositive, resamples: it.nResamples })),
    make("div", { class: "cohort-charts" }, ...all.map(figure)),
    ...(isRisk() ? [make("p", { class: "cohort-tools" }, labelled("cohort.threshold", slider), at), scrolling(make("div", { class: "cohort-scroll" }, confusion))] : []),
    ...(subgroups.length > 0 ? [make("p", { class: "cohort-tools" }, labelled("cohort.subgroup", by)), groups] : []),
  );
  follow();
}

/** @param {Measures} it @returns {Chart[]} */
function charts({ rocArea, averagePrecision, brier, roc, precisionRecall, calibration, netBenefit, paths }) {
  const diagonal = "M0 1L1 0";
  const said = (/** @type {Key} */ across, /** @type {Key} */ up) => (/** @type {Measures["roc"][number]} */ { x, y, threshold }) =>
    ({ x, y, threshold, said: t(isRisk() ? "cohort.point" : "cohort.rates", { across: t(across), x: words.number(x), up: t(up), y: words.number(y), threshold: threshold > 1 ? `> ${words.percent(1)}` : words.percent(threshold) }) });
  const ofRank = /** @type {Chart[]} */ ([
    { id: "roc", title: "cohort.roc", gist: interval(rocArea), across: "cohort.roc.x", up: "cohort.roc.y", isOfThreshold: isRisk(),
      paths: [[paths.rocBand, "band"], [diagonal, "level"], [paths.roc, "curve"]], points: roc.map(said("cohort.roc.x", "cohort.roc.y")) },
    { id: "precision-recall", title: "cohort.pr", gist: interval(averagePrecision), across: "cohort.pr.x", up: "cohort.pr.y", isOfThreshold: isRisk(),
      paths: [[paths.precisionRecallBand, "band"], [paths.precisionRecall, "curve"]], points: precisionRecall.map(said("cohort.pr.x", "cohort.pr.y")) },
  ]);
  return !isRisk() ? ofRank : [
    ...ofRank,
    { id: "calibration", title: "cohort.calibration", gist: interval(brier), across: "cohort.calibration.x", up: "cohort.calibration.y", isOfThreshold: false,
      paths: [[diagonal, "level"], [paths.calibrationIntervals, "bar"], [paths.calibration, "curve"]],
      points: calibration.map(({ predicted, observed, n }) => ({ x: predicted, y: observed, threshold: predicted, said: t("cohort.bin", { predicted: words.wholePercent(predicted), observed: words.wholePercent(observed), count: n }) })) },
    { id: "decision", title: "cohort.net", gist: t("cohort.net.lines"), across: "cohort.threshold.x", up: "cohort.net.y", isOfThreshold: true, axis: paths.netBenefitAxis,
      paths: [[paths.netBenefitBand, "band"], [paths.treatNone, "level"], [paths.treatAll, "level all"], [paths.netBenefit, "curve"]],
      points: netBenefit.map(({ threshold, predicted, all }) => ({ x: threshold, y: heightOf(predicted, paths.netBenefitAxis), threshold,
        said: t("cohort.net.point", { threshold: words.thresholdPercent(threshold), predicted: words.number(predicted), all: words.number(all) }) })) },
  ];
}

/** @param {Measures["brier"]} it */
function interval({ value, interval: [low, high] }) {
  return t("cohort.interval", { value: words.number(value), low: words.number(low), high: words.number(high) });
}

/** @param {Chart} chart */
function figure(chart) {
  const svg = shape("svg", { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${t(chart.title)}: ${chart.gist}` });
  const square = shape("g", { transform: `translate(${LEFT} ${TOP}) scale(${SIDE})` }, ...lines(chart.paths));
  const mark = shape("circle", { r: 4.5, class: "operating" });
  const seen = make("p", { class: "small cohort-seen" });
  svg.append(shape("rect", { x: LEFT, y: TOP, width: SIDE, height: SIDE, class: "frame" }), ...axes(chart), square, ...(chart.isOfThreshold ? [mark] : []));
  svg.addEventListener("pointermove", (event) => (seen.textContent = nearest(event, svg, chart.points)?.said ?? ""));
  svg.addEventListener("pointerleave", () => (seen.textContent = ""));
  if (chart.isOfThreshold) marks.push(() => stand(mark, chart.points));
  return make("figure", {}, make("figcaption", {}, make("b", {}, t(chart.title)), make("span", {}, ` ${chart.gist}`)), svg, seen,
    button("export.svg", () => save(`vitrine-${chart.id}.svg`, "image/svg+xml", alone(svg))));
}

/**
 * How high a number stands on an axis, from 0 at its foot to 1.
 * @param {number} value
 * @param {[number, number]} axis
 */
function heightOf(value, [low, high]) {
  return Math.max(0, Math.min(1, (value - low) / (high - low)));
}

/** Numbers along both axes, and what they are. @param {Chart} chart */
function axes({ across, up, axis }) {
  const foot = TOP + SIDE;
  const middle = TOP + SIDE / 2;
  const text = (/** @type {string} */ words, /** @type {Record<string, string | number>} */ place) => shape("text", { "text-anchor": "middle", ...place }, words);
  return [
    ...TICKS.map((tick) => text(words.number(tick), { x: LEFT + tick * SIDE, y: foot + 15 })),
    ...(axis ? [...new Set([0, ...axis])] : TICKS).map((tick) =>
      text(words.number(tick), { x: LEFT - 6, y: foot - (axis ? heightOf(tick, axis) : tick) * SIDE + 4, "text-anchor": "end" })),
    text(t(across), { x: LEFT + SIDE / 2, y: foot + 32 }),
    text(t(up), { x: 12, y: middle, transform: `rotate(-90 12 ${middle})` }),
  ];
}

/**
 * The point of a curve that is nearest to a pointer.
 * @param {PointerEvent} event
 * @param {SVGElement} svg
 * @param {Point[]} points
 */
function nearest({ clientX, clientY }, svg, points) {
  const { left, top, width } = svg.getBoundingClientRect();
  // Where there is less room than it takes, a chart is drawn smaller.
  const scale = WIDTH / width;
  const [x, y] = [((clientX - left) * scale - LEFT) / SIDE, 1 - ((clientY - top) * scale - TOP) / SIDE];
  const far = (/** @type {Point} */ point) => Math.hypot(point.x - x, point.y - y);
  return points.reduce((/** @type {Point | undefined} */ best, point) => (best && far(best) <= far(point) ? best : point), undefined);
}

/**
 * Stands a mark where the threshold that is chosen lies on a curve: at its least threshold that is not below.
 * @param {SVGElement} mark
 * @param {Point[]} points
 */
function stand(mark, points) {
  const wanted = threshold();
  const least = points.reduce((/** @type {Point | undefined} */ best, point) => (point.threshold >= wanted && (!best || point.threshold < best.threshold) ? point : best), undefined);
  mark.toggleAttribute("hidden", !least);
  if (!least) return;
  mark.setAttribute("cx", String(LEFT + least.x * SIDE));
  mark.setAttribute("cy", String(TOP + SIDE - least.y * SIDE));
}

/** What follows the threshold. */
function follow() {
  if (!last) return;
  at.textContent = words.thresholdPercent(threshold());
  slider.setAttribute("aria-valuetext", at.textContent);
  for (const mark of marks) mark();
  const count = (/** @type {number} */ label, /** @type {boolean} */ side) => last?.rows.filter((row) => row.label === label && isAbove(row) === side).length ?? 0;
  const line = (/** @type {number} */ label) => tableRow(words.became(label, outcome()?.name), ...[true, false].map((side) => words.number(count(label, side))));
  const head = columns(["cohort.label", "cohort.above", "cohort.below"]);
  confusion.replaceChildren(make("caption", {}, t("cohort.confusion", { threshold: at.textContent })), head, make("tbody", {}, line(1), line(0)));
}

/** The measures of each subgroup. @param {Action} action */
async function divide({ signal }) {
  groups.replaceChildren();
  const of = last;
  const subgroups = of?.subgroups.find(({ column }) => column === by.value);
  if (!of || !subgroups) return;
  const found = await engine.request("cohortSubgroups", subgroups, { signal });
  if (last === of) groups.replaceChildren(table(subgroups.column, found));
}

/**
 * @param {string} column
 * @param {Subgroup[]} found
 */
function table(column, found) {
  const cell = (/** @type {string} */ name) => make("th", { scope: "col" }, name);
  const all = /** @type {const} */ ([["cohort.roc", "rocArea"], ["cohort.pr", "averagePrecision"], ["cohort.calibration", "brier"]]);
  const measured = isRisk() ? all : all.slice(0, 2);
  const rows = found.map(({ value, nStays, nPositive, measures: it }) =>
    tableRow(value || "–", words.number(nStays), words.number(nPositive), ...measured.map(([, name]) => (it ? interval(it[name]) : "–"))));
  const head = [column, t("cohort.group"), positives(), ...measured.map(([key]) => t(key))].map(cell);
  return make("div", { class: "cohort-scroll" }, make("table", { class: "plain-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)));
}

/** What those of label 1 have in common. */
function positives() {
  const became = words.became(1, outcome()?.name);
  return became === "1" ? t("cohort.positive") : became;
}

/** What the stays are explained for. */
export function outcome() {
  const { model, method } = shown() ?? {};
  return placeOf(model?.targets ?? [], method?.target)?.output;
}

/**
 * A chart as a file of its own: with the colours that it has here.
 * @param {SVGElement} svg
 */
function alone(svg) {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
  const inner = [...svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((it, place) => {
    const styles = inner[place] ? getComputedStyle(inner[place]) : undefined;
    if (!styles || it.tagName === "g") return;
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size"]) it.setAttribute(name, styles.getPropertyValue(name));
  });
  copy.prepend(shape("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor }));
  return new XMLSerializer().serializeToString(copy);
}
