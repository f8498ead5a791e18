// The strip over everything that is not as the record has it: how many hours are known, how much was changed, and the way
// back. Hours that are not known are hatched in the pictures.

import { notCommitted } from "../digests.js";
import { onLanguage, t } from "../messages.js";
import { act, onShow, shown } from "../page.js";
import * as quickly from "../quick.js";
import { editsOf } from "../state.js";
import * as controls from "./controls.js";
import { button, find, make, rewrite, shape } from "./dom.js";
import { layoutOf } from "./foot.js";
import { hex } from "./hex.js";
import * as words from "./words.js";

/** @import { GridLayout } from "../protocol.js" */

const place = find("#strip", HTMLElement);
const said = make("span");

/** What it says of: since the last whole view there may have been a quick change. @type {{ edits: number, knownSteps: number | undefined }} */
let now = { edits: 0, knownSteps: undefined };

export function start() {
  place.append(said, button("strip.back", () => act(t("strip.going"), t("failed.change"), goBack)));
  onShow(({ stay }) => {
    now = { edits: stay ? editsOf(stay) : 0, knownSteps: stay?.knownSteps };
    show();
  });
  quickly.onGlance(({ edits, knownSteps }) => {
    now = { edits, knownSteps };
    show();
  });
  onLanguage(show);
}

function show() {
  const words = text();
  place.hidden = words === "";
  rewrite(said, words);
  find("button", HTMLElement, place).hidden = now.edits === 0 && now.knownSteps === undefined;
  hatchAll();
}

/** What is not as the record has it, in words, also for what leaves the page; empty where all is. */
export function text() {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) return "";
  const { edits, knownSteps } = now;
  return [
    knownSteps === undefined ? "" : t("strip.hours", { hours: words.clinical(knownSteps * model.stepHours) }),
    edits === 0 ? "" : t("strip.edits", { count: edits }),
    stay.saved ? t("strip.saved", { file: stay.saved.file, version: stay.saved.version }) : "",
    ...notCommitted(model).map(({ file }) => t("strip.notCommitted", { file })),
  ].filter(Boolean).join(" · ");
}

/** Every hour known again, nothing changed. */
async function goBack() {
  if (now.edits > 0) await quickly.make({ what: "reset" });
  if (now.knownSteps !== undefined) await quickly.make({ what: "known", steps: undefined });
  await quickly.settle();
}

/** The pictures of the stay, and what else has put itself here. @type {Map<HTMLElement, { layout: Pick<GridLayout, "firstStep" | "nSteps" | "cellWidth">, density: number }>} */
const plots = new Map();

/**
 * Hatches the hours of a picture that are not known, now and whenever they change.
 * @param {HTMLElement} plot around the picture, from its left edge on
 * @param {Pick<GridLayout, "firstStep" | "nSteps" | "cellWidth">} layout
 * @param {number} density
 */
export function hatch(plot, layout, density) {
  plots.set(plot, { layout, density });
  hatchOne(plot);
}

function hatchAll() {
  const stay = shown()?.stay;
  if (!stay) return;
  const density = window.devicePixelRatio || 1;
  for (const plot of document.querySelectorAll("#pictures .plot")) {
    if (plot instanceof HTMLElement) plots.set(plot, { layout: layoutOf(plot, stay), density });
  }
  for (const plot of [...plots.keys()]) {
    if (plot.isConnected) hatchOne(plot);
    else plots.delete(plot);
  }
}

/** @param {HTMLElement} plot */
function hatchOne(plot) {
  const { layout, density } = plots.get(plot) ?? {};
  const { knownSteps } = now;
  let veil = plot.querySelector(":scope > .unknown");
  if (!layout || !density || knownSteps === undefined || knownSteps >= layout.firstStep + layout.nSteps) return void veil?.remove();
  if (!(veil instanceof HTMLElement)) {
    veil = make("div", { class: "unknown" });
    veil.ariaHidden = "true";
    plot.append(veil);
  }
  const from = Math.max(0, knownSteps - layout.firstStep);
  if (!(veil instanceof HTMLElement)) return;
  veil.style.left = `${(from * layout.cellWidth) / density}px`;
  veil.style.width = `${((layout.nSteps - from) * layout.cellWidth) / density}px`;
}

/** Height of the strip over a figure. */
const STRIP = 28;
/** What is lower is a colour bar, and no picture. */
const LEAST_HEIGHT = 20;

/**
 * A figure that leaves the page, with the strip over it and the hatching in it, where what is shown is not as the record
 * has it.
 * @param {string} svg
 */
export function onFigure(svg) {
  const words = text();
  if (!words) return svg;
  const root = hatched(svg, false);
  const [width, height] = [Number(root.getAttribute("width")), Number(root.getAttribute("height")) + STRIP];
  const [paper, ink] = colours(false);
  const inner = shape("g", { transform: `translate(0 ${STRIP})` }, ...root.childNodes);
  const label = shape("text", { x: 16, y: 19, "font-size": 13, "font-weight": 600, fill: ink }, words);
  root.append(inner, shape("rect", { width, height: STRIP, fill: paper }), label);
  for (const [name, value] of Object.entries({ height, viewBox: `0 0 ${width} ${height}` })) root.setAttribute(name, String(value));
  return new XMLSerializer().serializeToString(root);
}

/**
 * A figure of all hours with the unknown ones hatched, and without the strip.
 * @param {string} svg
 */
export function onlyHatched(svg) {
  return now.knownSteps === undefined ? svg : new XMLSerializer().serializeToString(hatched(svg, true));
}

/**
 * @param {string} svg
 * @param {boolean} isWhole whether it is of all hours, whatever the page shows of them
 */
function hatched(svg, isWhole) {
  const { documentElement: root } = new DOMParser().parseFromString(svg, "image/svg+xml");
  for (const grid of root.querySelectorAll("g[shape-rendering]")) hatchFigure(grid, isWhole);
  root.append(hatching(root.getAttribute("fill") ?? ""));
  return root;
}

/** The page's colours as they are on paper. */
export function paperColours() {
  const { background: paper, ink } = controls.paper();
  const [edited = "", onEdited = ""] = colours(true);
  return { paper, ink, edited, onEdited };
}

/**
 * @param {Element} grid the rectangles of one picture, or of a colour bar
 * @param {boolean} isWhole
 */
function hatchFigure(grid, isWhole) {
  const { stay, model } = shown() ?? {};
  if (!stay || !model || now.knownSteps === undefined) return;
  const boxes = [...grid.querySelectorAll("rect")].map((it) => ["x", "y", "width", "height"].map((name) => Number(it.getAttribute(name))));
  const edge = (/** @type {0 | 1} */ axis) => boxes.flatMap((box) => [box[axis] ?? 0, (box[axis] ?? 0) + (box[axis + 2] ?? 0)]);
  const [xs, ys] = [edge(0), edge(1)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  if (bottom - top < LEAST_HEIGHT) return;
  const { firstStep, nSteps } = isWhole ? { firstStep: 0, nSteps: model.steps } : stay.layout;
  const from = left + ((right - left) * Math.max(0, now.knownSteps - firstStep)) / nSteps;
  if (from < right) grid.append(shape("rect", { x: from, y: top, width: right - from, height: bottom - top, fill: "url(#unknown)" }));
}

/** The strip's two colours. @param {boolean} isOnPaper */
function colours(isOnPaper) {
  const probe = make("span", { class: "strip" });
  if (isOnPaper) probe.style.colorScheme = "light";
  document.body.append(probe);
  const { backgroundColor, color } = getComputedStyle(probe);
  const both = [hex(backgroundColor), hex(color)];
  probe.remove();
  return both;
}

/** @param {string} ink of the figure */
function hatching(ink) {
  const pattern = { id: "unknown", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return shape("defs", {}, shape("pattern", pattern,
    shape("rect", { width: 7, height: 7, fill: ink, "fill-opacity": 0.12 }), shape("rect", { width: 1.5, height: 7, fill: ink, "fill-opacity": 0.5 })));
}
