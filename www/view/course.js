// The selected channel under the pictures: its values over the hours in clinical units, with the marks of where they
// come from, and its relevance as a band of colour.

import { latest } from "../latest.js";
import { t } from "../messages.js";
import { cursor, engine, moveTo, onCursor, onShow, shown } from "../page.js";
import * as arrangement from "./arrangement.js";
import * as hours from "./axis.js";
import { find, make, rewrite } from "./dom.js";
import { draw, drawStrip } from "./grids.js";
import * as words from "./words.js";

/** @import { Course, CourseFacts, DragPoint, Glanced, Sight } from "../protocol.js" */

/** Height of a number at the axis, in CSS pixels. */
const LINE = 11;
const HEIGHT = 108;
const BAND = 12;

const place = find("#course", HTMLElement);
const head = make("p", { class: "course-head" });
const axis = make("div", { class: "course-axis", ariaHidden: "true" });
/** What the channel's relevance adds up to. */
const sum = make("span");
const canvas = make("canvas", { role: "img" });
const here = make("div", { class: "course-here", hidden: true });
const plot = make("div", { class: "course-plot" }, canvas, here);
const below = make("div", { class: "axis course-hours", ariaHidden: "true" });

/** What is painted now. @type {Omit<Course, "bitmap"> | undefined} */
let painted;
/** The sizes that were asked for last. @type {{ width: number, height: number, band: number }} */
let sizes = { width: 1, height: 1, band: 1 };
let density = 1;
let lastWidth = 1;
/** Whether the chart is as the last glance left it: the next one then brings only what changed. */
let isGlanced = false;
/** Whether only that was asked for. */
let follows = false;
/** The row that was asked for last. */
let wanted = -1;

/** Whether the chart leaves room for other values. */
let hasRoom = false;
/**
 * Who is told of a pointer that draws over the chart.
 * @typedef {object} Drawer
 * @property {() => boolean} begin whether a pointer that goes down now draws
 * @property {(part: { row: number, from: DragPoint, to: DragPoint, isFirst: boolean }, plot: Course["facts"]["plot"]) => void} move
 */
/** @type {Drawer | undefined} */
let drawer;

/**
 * Leaves room above and below the values, or takes it away again.
 * @param {boolean} on
 */
export function setRoom(on) {
  hasRoom = on;
  plot.classList.toggle("drawing", on);
  ask(wanted, true);
}

/**
 * Tells of pointers that draw over the chart.
 * @param {Drawer} it
 */
export function onDrag(it) {
  drawer = it;
}

/**
 * Follows a pointer from where it went down; the chart's axis is held as it was then.
 * @param {PointerEvent} event
 * @param {NonNullable<typeof painted>} chart
 */
function follow(event, chart) {
  const { left, top } = canvas.getBoundingClientRect();
  const at = (/** @type {PointerEvent} */ { clientX, clientY }) => ({
    step: chart.firstStep + Math.floor(((clientX - left) * density) / chart.facts.cellWidth),
    y: (clientY - top) * density,
  });
  let from = at(event);
  let isFirst = true;
  const part = (/** @type {PointerEvent} */ moved) => {
    const to = at(moved);
    drawer?.move({ row: chart.row, from, to, isFirst }, chart.facts.plot);
    [from, isFirst] = [to, false];
  };
  const end = () => {
    plot.removeEventListener("pointermove", part);
    plot.removeEventListener("pointerup", end);
    plot.removeEventListener("pointercancel", end);
  };
  plot.setPointerCapture(event.pointerId);
  plot.addEventListener("pointermove", part);
  plot.addEventListener("pointerup", end);
  plot.addEventListener("pointercancel", end);
  part(event);
}

export function start() {
  place.append(head, axis, plot, below);
  onShow(() => ask(cursor()?.row ?? strongestRow(), true));
  onCursor(({ row, step }) => {
    ask(row, false);
    mark(step);
  });
  plot.addEventListener("pointerdown", (event) => {
    if (!painted) return;
    if (drawer?.begin()) return follow(event, painted);
    const x = (event.clientX - canvas.getBoundingClientRect().left) * density;
    moveTo({ row: painted.row, step: painted.firstStep + Math.floor(x / painted.facts.cellWidth) });
  });
}

/** Before anything is chosen, the channel that counts most. */
function strongestRow() {
  return shown()?.stay?.pictures.lrp.totals.ranking[0] ?? 0;
}

/**
 * Asks for a row, where it was not the last to be asked for.
 * @param {number} row
 * @param {boolean} anew even then
 */
function ask(row, anew) {
  if (!shown()?.stay || (row === wanted && !anew)) return;
  wanted = row;
  paint(row);
}

const paint = latest(async (/** @type {number} */ row) => {
  density = window.devicePixelRatio || 1;
  // Behind another view there is no room to be measured, and the last one counts.
  lastWidth = plot.clientWidth || lastWidth;
  const [width, height, band] = [lastWidth, HEIGHT, BAND].map((length) => Math.round(length * density));
  sizes = { width: width ?? 1, height: height ?? 1, band: band ?? 1 };
  const course = await engine.request("course", { row, ...sizes, room: hasRoom });
  if (course) show(course);
}, (error) => console.warn("the channel's course could not be painted", error));

/** @param {Course} course */
function show(course) {
  const view = shown();
  const channel = view?.model.channels[course.row];
  const total = view?.stay?.pictures.lrp.totals.rows[course.row];
  if (!channel) return;
  painted = course;
  isGlanced = false;
  draw(canvas, course.bitmap, density);
  const name = words.channel(channel);
  canvas.ariaLabel = t("course.picture", { channel: name });
  const key = [["●", t("mark.observed")], ["—", t("mark.carried")], ["- -", t("mark.normal")]].flatMap(([mark = "", text = ""]) =>
    [make("i", {}, mark), ` ${text} `]);
  rewrite(sum, total ? words.total(total) : "");
  head.replaceChildren(
    make("b", {}, name),
    make("span", { class: "quiet" }, words.unit(channel.unit)),
    sum,
    make("span", { class: "key small quiet" }, ...key),
    make("span", { class: "movers" },
      mover(course.row, -1, "↑", t("course.up", { channel: name })),
      mover(course.row, 1, "↓", t("course.down", { channel: name }))),
  );
  showAxis(course.facts.ticks);
  const layout = view?.stay?.layout;
  if (layout) hours.show(below, { ...layout, cellWidth: course.facts.cellWidth, width: course.facts.width }, view.model.stepHours, density);
  mark(cursor()?.step ?? -1);
}

/** @param {CourseFacts["ticks"]} ticks */
function showAxis(ticks) {
  // From the top down; what would lie on the one before is left out.
  let last = -Infinity;
  const apart = ticks.toSorted((a, b) => a.y - b.y).filter(({ y }) => {
    const hasRoom = y - last >= LINE * density;
    if (hasRoom) last = y;
    return hasRoom;
  });
  axis.replaceChildren(...apart.map(({ value, category, y }) => {
    const label = make("span", {}, category === undefined ? words.clinical(value) : words.category(category));
    label.style.top = `${y / density}px`;
    return label;
  }));
}

/** What is in sight of it. @returns {Sight["course"]} */
export function sight() {
  follows = isGlanced;
  return painted && { row: painted.row, ...sizes, room: hasRoom, follows };
}

/**
 * Shows what follows a change at once.
 * @param {Glanced} glance
 */
export function glance({ course, strips, rows }) {
  // Meanwhile another chart may stand here.
  const isOther = course?.row !== painted?.row || (follows && !isGlanced);
  isGlanced = false;
  if (!course || !painted || isOther) return;
  if (JSON.stringify(course.facts.ticks) !== JSON.stringify(painted.facts.ticks)) showAxis(course.facts.ticks);
  painted = course;
  const total = rows[course.row];
  if (total) rewrite(sum, words.total(total));
  for (const strip of strips) if (strip.slot === "course") drawStrip(canvas, strip, density);
  isGlanced = true;
}

/** @param {number} step */
function mark(step) {
  if (!painted) return;
  const { facts, firstStep } = painted;
  const left = ((step - firstStep) * facts.cellWidth) / density;
  here.hidden = step < firstStep || left >= facts.width / density;
  here.style.left = `${left}px`;
  here.style.width = `${facts.cellWidth / density}px`;
}

/**
 * A button that moves the row: what dragging its label does.
 * @param {number} row
 * @param {-1 | 1} by
 * @param {string} arrow
 * @param {string} label
 */
function mover(row, by, arrow, label) {
  return make("button", { class: "mover", ariaLabel: label, title: label, press: () => arrangement.moveRow(row, by) }, arrow);
}
