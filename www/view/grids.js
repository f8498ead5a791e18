// The three pictures with what stands around them: labels, axes, colour bars, and one cursor over all of them.
// Positions come from the engine's layout; nothing here looks at a number of the model.

import { find, make } from "./dom.js";
import * as tabs from "./tabs.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { GridLayout, GridName, ModelFacts, Paint, Picture, StayView } from "../protocol.js" */

/** @type {readonly GridName[]} */
const NAMES = ["input", "lrp", "gradient"];
const PAGE_STEPS = 6;
/** Least distance between two hours on the axis, in CSS pixels. */
const LABEL_ROOM = 30;

/**
 * One picture's elements.
 * @typedef {object} Pane
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} figure
 * @property {HTMLElement} plot
 * @property {HTMLElement} cursor
 * @property {HTMLElement} axis
 * @property {HTMLCanvasElement} legend
 * @property {HTMLElement} ticks
 */

export class Grids {
  /** @type {Map<GridName, Pane>} */
  #panes = new Map();
  #labels = find("#labels", HTMLElement);
  /** @type {GridLayout | undefined} */
  #layout;
  #density = 1;
  /** @type {Cell | undefined} */
  #cell;
  #move;

  /** @param {(cell: Cell) => void} move moves the cursor of the page */
  constructor(move) {
    this.#move = move;
    for (const name of NAMES) {
      const pane = elements(name);
      this.#panes.set(name, pane);
      pane.plot.classList.add("empty");
      pane.canvas.addEventListener("pointermove", (event) => this.#point(event));
      pane.canvas.addEventListener("pointerdown", (event) => this.#point(event));
      pane.canvas.addEventListener("focus", () => this.#move(this.#cell ?? { row: this.#layout?.order[0] ?? 0, step: 0 }));
      pane.canvas.addEventListener("keydown", (event) => this.#press(event));
    }
    watchTabs();
  }

  /**
   * What the engine needs to know of this window to paint for it: sizes in its device pixels.
   * @returns {Pick<Paint, "width" | "cellHeight" | "groupGap" | "line" | "legendWidth" | "barHeight">}
   */
  request() {
    const density = window.devicePixelRatio || 1;
    const styles = getComputedStyle(document.documentElement);
    const pixels = (/** @type {string} */ name) =>
      Math.max(1, Math.round(parseFloat(styles.getPropertyValue(name)) * density));
    const room = Math.max(...[...this.#panes.values()].map(({ figure }) => figure.clientWidth));
    return {
      width: Math.floor(room * density),
      cellHeight: pixels("--row"),
      groupGap: pixels("--group-gap"),
      line: Math.max(1, Math.round(density)),
      legendWidth: pixels("--legend"),
      barHeight: Math.round(9 * density),
    };
  }

  /**
   * Shows a stay's pictures.
   * @param {StayView} stay
   * @param {ModelFacts} model
   */
  show(stay, model) {
    this.#layout = stay.layout;
    this.#density = window.devicePixelRatio || 1;
    this.#label(model);
    for (const [name, pane] of this.#panes) {
      pane.plot.classList.remove("empty");
      draw(pane.canvas, stay.pictures[name].bitmap, this.#density);
      draw(pane.legend, stay.pictures[name].legend, this.#density);
      this.#axis(pane.axis, model.stepHours);
      pane.ticks.replaceChildren(...ticks(stay.pictures[name], name).map((text) => make("span", {}, text)));
      pane.canvas.ariaLabel = `${caption(name)}, ${model.channels.length} channels by ${model.steps} steps`;
    }
  }

  /**
   * Shows where the cursor stands.
   * @param {Cell} cell within the pictures
   */
  mark({ row, step }) {
    const layout = this.#layout;
    const top = layout?.tops[row];
    if (!layout || top === undefined) return;
    this.#cell = { row, step };
    for (const { cursor } of this.#panes.values()) {
      cursor.hidden = false;
      place(cursor, top, layout.cellHeight - layout.line, this.#density);
      cursor.style.left = `${(step * layout.cellWidth) / this.#density}px`;
      cursor.style.width = `${layout.cellWidth / this.#density}px`;
    }
    for (const label of this.#labels.querySelectorAll(".row")) {
      label.classList.toggle("at", label.getAttribute("data-row") === String(row));
    }
  }

  /** @param {ModelFacts} model */
  #label(model) {
    const layout = this.#layout;
    if (!layout) return;
    let group = "";
    const labels = layout.order.flatMap((row) => {
      const [channel, top] = [model.channels[row], layout.tops[row]];
      if (!channel || top === undefined) return [];
      const label = make("div", { class: "row" }, channel.label);
      label.dataset.row = String(row);
      label.title = channel.unit ? `${channel.label}, ${words.unit(channel.unit)}` : channel.label;
      place(label, top, layout.cellHeight, this.#density);
      label.style.lineHeight = label.style.height;
      const isNew = channel.group !== group;
      group = channel.group;
      return isNew && group ? [this.#heading(group, top), label] : [label];
    });
    this.#labels.replaceChildren(...labels);
    this.#labels.style.height = `${layout.height / this.#density}px`;
  }

  /**
   * @param {string} group
   * @param {number} top
   */
  #heading(group, top) {
    const heading = make("div", { class: "group" }, group);
    heading.style.top = `${top / this.#density - 17}px`;
    return heading;
  }

  /**
   * @param {HTMLElement} axis
   * @param {number} stepHours
   */
  #axis(axis, stepHours) {
    const layout = this.#layout;
    if (!layout) return;
    const rules = layout.ruleEvery || layout.nSteps;
    const isTight = (rules * layout.cellWidth) / this.#density < LABEL_ROOM;
    const every = isTight ? 2 * rules : rules;
    const steps = Array.from({ length: Math.floor(layout.nSteps / every) + 1 }, (_, k) => k * every);
    axis.style.width = `${layout.width / this.#density}px`;
    axis.replaceChildren(...steps.map((step, k) => {
      const hour = words.clinical(step * stepHours);
      const label = make("span", {}, k === 0 ? `${hour} h` : hour);
      label.style.left = `${(step * layout.cellWidth) / this.#density}px`;
      return label;
    }));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const layout = this.#layout;
    if (!layout) return;
    const [x, y] = [event.offsetX * this.#density, event.offsetY * this.#density];
    const row = layout.tops.findIndex((top) => y >= top && y < top + layout.cellHeight);
    const step = Math.floor(x / layout.cellWidth);
    const isNew = row !== this.#cell?.row || step !== this.#cell.step;
    if (row >= 0 && step >= 0 && step < layout.nSteps && isNew) this.#move({ row, step });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (!this.#layout || !this.#cell) return;
    const { row, step } = this.#cell;
    const { order, nSteps } = this.#layout;
    const at = (/** @type {number} */ place) => order[clamp(place, order.length)] ?? row;
    const here = order.indexOf(row);
    /** @type {Record<string, Cell>} */
    const moves = {
      ArrowLeft: { row, step: step - 1 },
      ArrowRight: { row, step: step + 1 },
      ArrowUp: { row: at(here - 1), step },
      ArrowDown: { row: at(here + 1), step },
      Home: { row: event.ctrlKey ? at(0) : row, step: 0 },
      End: { row: event.ctrlKey ? at(order.length - 1) : row, step: nSteps - 1 },
      PageUp: { row, step: step - PAGE_STEPS },
      PageDown: { row, step: step + PAGE_STEPS },
    };
    const move = moves[event.key];
    if (!move || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#move(move);
  }
}

/**
 * @param {GridName} name
 * @returns {Pane}
 */
function elements(name) {
  const figure = find(`.pane[data-pane="${name}"]`, HTMLElement);
  return {
    figure,
    canvas: find(`canvas[data-grid="${name}"]`, HTMLCanvasElement),
    plot: find(".plot", HTMLElement, figure),
    cursor: find(".cursor", HTMLElement, figure),
    axis: find(".axis", HTMLElement, figure),
    legend: find(`canvas[data-legend="${name}"]`, HTMLCanvasElement),
    ticks: find(".ticks", HTMLElement, figure),
  };
}

/**
 * Shows what the engine painted, pixel for pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} density
 */
function draw(canvas, bitmap, density) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.style.width = `${bitmap.width / density}px`;
  canvas.style.height = `${bitmap.height / density}px`;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/**
 * @param {Picture} picture
 * @param {GridName} name
 */
function ticks({ ticks: [low, middle, high] }, name) {
  if (low === high) return ["0 everywhere"];
  const text = name === "gradient" ? words.number : words.signedNumber;
  return name === "gradient" ? [text(low), text(high)] : [text(low), text(middle), text(high)];
}

/** @param {GridName} name */
function caption(name) {
  return { input: "Input", lrp: "LRP relevance", gradient: "Gradient" }[name];
}

/**
 * @param {HTMLElement} element
 * @param {number} top in device pixels
 * @param {number} height in device pixels
 * @param {number} density
 */
function place(element, top, height, density) {
  element.style.top = `${top / density}px`;
  element.style.height = `${height / density}px`;
}

/**
 * @param {number} index
 * @param {number} count
 */
function clamp(index, count) {
  return Math.max(0, Math.min(count - 1, index));
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
