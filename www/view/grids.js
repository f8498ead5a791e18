// The three pictures with what stands around them: labels, axes, colour bars, totals, and one cursor over all of them.
// Positions come from the engine's layout; nothing here looks at a number of the model.

import { t } from "../messages.js";
import { cursor, moveTo, pointAt } from "../page.js";
import * as arrangement from "./arrangement.js";
import * as axis from "./axis.js";
import { brush } from "./brush.js";
import { Cells } from "./cells.js";
import * as controls from "./controls.js";
import { find, make, rewrite } from "./dom.js";
import { cellUnder, layoutOf } from "./foot.js";
import * as keys from "./keys.js";
import * as labels from "./labels.js";
import * as numbers from "./numbers.js";
import * as tabs from "./tabs.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { Glanced, GridLayout, GridName, ModelFacts, Paint, Picture, Slot, StayView, Strip, Total } from "../protocol.js" */

/** @type {readonly GridName[]} */
const NAMES = ["input", "lrp", "gradient"];

/**
 * One picture's elements.
 * @typedef {object} Pane
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} figure
 * @property {HTMLElement} plot
 * @property {HTMLElement} overlay
 * @property {Cells} cells
 * @property {HTMLCanvasElement} steps
 * @property {HTMLElement} axis
 * @property {HTMLCanvasElement} legend
 * @property {HTMLElement} ticks
 * @property {GridLayout} [layout] where its cells stand
 */

export class Grids {
  /** @type {Map<GridName, Pane>} */
  #panes = new Map();
  #rowTotals = find("#row-totals", HTMLCanvasElement);
  #rowNumbers = find("#row-numbers", HTMLElement);
  /** The numbers beside the rows, by the row. @type {Map<number, HTMLElement>} */
  #rowNumber = new Map();
  /** Whether only one picture is in sight, and whether the totals of the rows are. */
  #isNarrow = false;
  #hasTotals = true;
  /** @type {GridLayout | undefined} */
  #layout;
  #lastRoom = 672;
  /** @type {ModelFacts | undefined} */
  #model;
  /** @type {Uint32Array} */
  #strongest = new Uint32Array();
  #density = 1;
  /** Where the cursor was set by a click: pointing elsewhere does not move it. @type {Cell | undefined} */
  #pinned;

  constructor() {
    for (const name of NAMES) {
      const pane = this.#elements(name);
      this.#panes.set(name, pane);
      pane.overlay.addEventListener("pointermove", (event) => this.#point(event, pane));
      pane.overlay.addEventListener("pointerdown", (event) => this.#pin(event, pane));
      pane.canvas.addEventListener("focus", () => pane.cells.focus());
      for (const place of [pane.axis, pane.steps]) brush(place, () => ({ layout: pane.layout, density: this.#density }));
    }
    watchTabs();
  }

  /**
   * What the engine needs to know of this window to paint for it: sizes in its device pixels.
   * @returns {Pick<Paint, "width" | "sideWidth" | "cellHeight" | "track" | "groupGap" | "line" | "legendWidth" | "barHeight" | "totalsWidth" | "stepsHeight">}
   */
  request() {
    const density = window.devicePixelRatio || 1;
    const styles = getComputedStyle(document.documentElement);
    this.#isNarrow = styles.getPropertyValue("--panes").trim() === "1";
    this.#hasTotals = (parseFloat(styles.getPropertyValue("--totals-room")) || 0) > 0;
    const pixels = (/** @type {string} */ name) =>
      Math.max(1, Math.round(parseFloat(styles.getPropertyValue(name)) * density));
    return {
      ...this.#widths(room(styles) * density),
      cellHeight: pixels("--row"),
      track: controls.hasTrack() ? pixels("--track") : 0,
      groupGap: pixels("--group-gap"),
      line: Math.max(1, Math.round(density)),
      legendWidth: pixels("--legend"),
      barHeight: Math.round(9 * density),
      totalsWidth: pixels("--totals"),
      stepsHeight: pixels("--steps"),
    };
  }

  /**
   * The widths of the pictures in the room for all; behind another view there is none to be measured, and the last one
   * counts. Where they stand side by side, the relevance takes half of it.
   * @param {number} room in device pixels
   */
  #widths(room) {
    if (room > 0) this.#lastRoom = room;
    const [all, half, quarter] = [1, 2, 4].map((part) => Math.floor(this.#lastRoom / part));
    return this.#isNarrow ? { width: all } : { width: half, sideWidth: quarter };
  }

  /**
   * Shows a stay's pictures.
   * @param {StayView} stay
   * @param {ModelFacts} model
   */
  show(stay, model) {
    this.#layout = stay.layout;
    for (const pane of this.#panes.values()) pane.layout = layoutOf(pane.plot, stay);
    this.#model = model;
    this.#strongest = stay.strongest;
    this.#density = window.devicePixelRatio || 1;
    labels.show(model, stay.layout, this.#density);
    find("#pictures", HTMLElement).classList.remove("empty");
    for (const [name, pane] of this.#panes) {
      pane.plot.classList.remove("empty");
      const picture = stay.pictures[name];
      draw(pane.canvas, picture.bitmap, this.#density);
      draw(pane.steps, picture.steps, this.#density);
      draw(pane.legend, picture.legend, this.#density);
      axis.show(pane.axis, layoutOf(pane.plot, stay), model.stepHours, this.#density);
      pane.ticks.replaceChildren(...ticks(picture, name !== "lrp" || stay.isMagnitude).map((text) => make("span", {}, text)));
      pane.steps.title = t(name === "input" ? "steps.observed" : "steps.totals");
      const size = { channels: model.channels.length, steps: model.steps };
      pane.cells.describe(`${name === "lrp" ? this.#caption() : t(`pane.${name}`)}, ${t("pane.size", size)}`, model, stay.layout);
    }
    rewrite(find("#tinted", HTMLElement), words.tinted(model));
    const hasTracks = stay.layout.tracks.some((height) => height > 0);
    for (const note of document.querySelectorAll(".track-note")) if (note instanceof HTMLElement) note.hidden = !hasTracks;
    this.#showTotals(stay, model);
    void numbers.show(stay.sides, model, this.#density);
    this.mark(cursor() ?? { row: stay.layout.order[0] ?? 0, step: stay.layout.firstStep }, cursor() !== undefined);
  }

  /** The pictures that are in sight. @returns {{ slots: Slot[], numbers: boolean }} */
  sight() {
    const names = NAMES.filter((name) => !this.#isNarrow || document.body.dataset.pane === name);
    const slots = names.flatMap((name) => [name, /** @type {const} */ (`${name}-steps`)]);
    return { slots: this.#hasTotals ? [...slots, "rows"] : slots, numbers: numbers.isShown() };
  }

  /**
   * Shows what follows a change at once: what changed of the pictures, and the numbers beside them.
   * @param {Glanced} glance
   */
  glance({ strips, scales, isMagnitude, rows, numbers: values }) {
    for (const strip of strips) {
      const canvas = this.#canvas(strip.slot);
      if (canvas) drawStrip(canvas, strip, this.#density);
    }
    for (const [name, { ticks: place }] of this.#panes) {
      const scale = scales[name];
      if (scale) retell(place, ticks(scale, name !== "lrp" || isMagnitude));
    }
    if (this.#hasTotals) {
      for (const [row, place] of this.#rowNumber) rewrite(place, rowTotal(rows[row]));
    }
    const layout = this.#panes.get("input")?.layout;
    if (values && layout && this.#model) numbers.write(layout, this.#model, values, this.#density);
  }

  /**
   * The canvas of a picture, as far as it is one of these.
   * @param {Slot} slot
   */
  #canvas(slot) {
    if (slot === "course") return undefined;
    if (slot === "rows") return this.#rowTotals;
    const [name, part] = slot.split("-");
    const pane = this.#panes.get(/** @type {GridName} */ (name));
    return part === "steps" ? pane?.steps : pane?.canvas;
  }

  /**
   * Shows where the cursor stands.
   * @param {Cell} cell
   * @param {boolean} [isSet] whether the user set it there
   */
  mark(cell, isSet = true) {
    const [layout, model] = [this.#layout, this.#model];
    if (!layout || !model) return;
    for (const { cells, layout: own = layout } of this.#panes.values()) cells.place(cell, model, own, this.#density, isSet);
    if (isSet) labels.mark(cell.row);
  }

  /** What stands over the picture of the method. */
  #caption() {
    return find("figcaption b", HTMLElement, this.#panes.get("lrp")?.figure).textContent ?? "";
  }

  /** @param {GridName} name @returns {Pane} */
  #elements(name) {
    const figure = find(`.pane[data-pane="${name}"]`, HTMLElement);
    const overlay = find(`[data-cells="${name}"]`, HTMLElement);
    const onFocus = () => {
      if (!cursor() && this.#layout) moveTo({ row: this.#layout.order[0] ?? 0, step: this.#layout.firstStep });
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => this.#press(event);
    return {
      figure,
      overlay,
      cells: new Cells(overlay, { onKey, onFocus }),
      canvas: find(`canvas[data-grid="${name}"]`, HTMLCanvasElement),
      plot: find(".plot", HTMLElement, figure),
      steps: find(`canvas[data-steps="${name}"]`, HTMLCanvasElement),
      axis: find(".axis", HTMLElement, figure),
      legend: find(`canvas[data-legend="${name}"]`, HTMLCanvasElement),
      ticks: find(".ticks", HTMLElement, figure),
    };
  }

  /**
   * @param {StayView} stay
   * @param {ModelFacts} model
   */
  #showTotals({ layout, sides, pictures: { input, lrp, gradient } }, model) {
    const { style } = find("#pictures", HTMLElement);
    style.setProperty("--plot", `${layout.width / this.#density}px`);
    style.setProperty("--side", `${sides.width / this.#density}px`);
    draw(this.#rowTotals, lrp.rows, this.#density);
    for (const unused of [input.rows, gradient.rows]) unused.close();
    this.#rowNumbers.style.height = `${layout.height / this.#density}px`;
    this.#rowNumber.clear();
    this.#rowNumbers.replaceChildren(...layout.order.flatMap((row) => {
      const [total, top, channel] = [lrp.totals.rows[row], layout.tops[row], model.channels[row]];
      if (!total || top === undefined || !channel) return [];
      const number = make("span", {}, rowTotal(total));
      number.style.top = `${top / this.#density}px`;
      number.style.lineHeight = `${layout.cellHeight / this.#density}px`;
      number.title = `${words.channel(channel)}: ${words.total(total)}`;
      this.#rowNumber.set(row, number);
      return [number];
    }));
  }

  /**
   * The cell under a pointer.
   * @param {PointerEvent} event
   * @param {Pane} pane
   * @returns {Cell | undefined}
   */
  #under(event, { canvas, layout }) {
    return layout && cellUnder(event, canvas, layout, this.#density);
  }

  /**
   * @param {PointerEvent} event
   * @param {Pane} pane
   */
  #point(event, pane) {
    const cell = this.#pinned ? undefined : this.#under(event, pane);
    if (cell) pointAt(cell);
  }

  /**
   * @param {PointerEvent} event
   * @param {Pane} pane
   */
  #pin(event, pane) {
    const cell = this.#under(event, pane);
    if (!cell) return;
    event.preventDefault();
    const isSame = this.#pinned?.row === cell.row && this.#pinned.step === cell.step;
    this.#pinned = isSame ? undefined : cell;
    document.body.toggleAttribute("data-pinned", !isSame);
    moveTo(cell);
    pane.cells.focus();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const at = cursor();
    if (!this.#layout || !at) return;
    if (event.key === "Escape") {
      this.#pinned = undefined;
      document.body.removeAttribute("data-pinned");
      return;
    }
    const cell = keys.press(event, at, this.#layout, this.#strongest, this.#model?.steps ?? 0);
    if (!cell) return;
    if (this.#pinned) this.#pinned = cell;
    arrangement.reveal(cell.step);
    moveTo(cell);
  }
}

/**
 * Room for the pictures that stand side by side, in CSS pixels: what the labels, the totals and the gaps leave.
 * @param {CSSStyleDeclaration} styles
 */
function room(styles) {
  const length = (/** @type {string} */ name) => parseFloat(styles.getPropertyValue(name)) || 0;
  const gaps = length("--panes") + (length("--totals-room") > 0 ? 1 : 0);
  return find("#pictures", HTMLElement).clientWidth - length("--labels") - length("--totals-room") - gaps * length("--gap");
}

/**
 * Shows what the engine painted, pixel for pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} density
 */
export function draw(canvas, bitmap, density) {
  // A second look at the same view, in another language, has nothing new to paint.
  if (bitmap.width === 0) return;
  fit(canvas, bitmap, density);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/**
 * Gives a canvas the size of its picture. Pictures are opaque: one of the same size needs no empty canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number }} size in device pixels
 * @param {number} density
 */
function fit(canvas, { width, height }, density) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.style.width = `${width / density}px`;
  canvas.style.height = `${height / density}px`;
}

/** @param {Total | undefined} total of a row, as the form wants it */
function rowTotal(total) {
  if (!total) return "";
  const { totalsOf, least } = controls.totals();
  return words.brief(total[totalsOf], { signDisplay: totalsOf === "absolute" ? "auto" : "exceptZero", least });
}

/**
 * Shows what changed of a picture, pixel for pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {Strip} strip
 * @param {number} density
 */
export function drawStrip(canvas, { width, height, top, rgba }, density) {
  if (canvas.width !== width || canvas.height !== height) fit(canvas, { width, height }, density);
  canvas.getContext("2d")?.putImageData(new ImageData(rgba, width), 0, top);
}

/**
 * Writes other texts into the elements that are there, and makes or drops some only where there are too few or many.
 * @param {HTMLElement} place
 * @param {string[]} texts
 */
function retell(place, texts) {
  if (place.children.length !== texts.length) place.replaceChildren(...texts.map((text) => make("span", {}, text)));
  else texts.forEach((text, at) => rewrite(place.children[at], text));
}

/**
 * @param {Pick<Picture, "ticks">} picture
 * @param {boolean} isMagnitude
 */
export function ticks({ ticks: [low, middle, high] }, isMagnitude) {
  if (low === high) return [t("legend.zero")];
  const text = isMagnitude ? words.number : words.signedNumber;
  return isMagnitude ? [text(low), text(high)] : [text(low), text(middle), text(high)];
}

/** On a narrow page one picture shows at a time. */
function watchTabs() {
  const tablist = find(".tabs", HTMLElement);
  const all = /** @type {NodeListOf<HTMLButtonElement>} */ (tablist.querySelectorAll("[role=tab]"));
  const choose = (/** @type {HTMLButtonElement} */ chosen) => {
    document.body.dataset.pane = chosen.dataset.tab;
    for (const tab of all) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  tabs.watch(tablist);
}
