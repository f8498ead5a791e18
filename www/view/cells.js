// A picture as a grid for the keyboard and for screen readers: a canvas has no cells, so the one cell that the cursor
// stands on is an element of its own, laid over the picture, with its place among all rows and columns.

import { t } from "../messages.js";
import { make } from "./dom.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { GridLayout, ModelFacts } from "../protocol.js" */

/**
 * What a cell grid tells: keys pressed on it, and that it was focused.
 * @typedef {{ onKey: (event: KeyboardEvent) => void, onFocus: () => void }} Listeners
 */

export class Cells {
  #grid;
  /** @type {HTMLElement | undefined} */
  #cell;

  /**
   * @param {HTMLElement} grid
   * @param {Listeners} listeners
   */
  constructor(grid, { onKey, onFocus }) {
    this.#grid = grid;
    grid.addEventListener("keydown", onKey);
    grid.addEventListener("focusin", onFocus);
  }

  focus() {
    this.#cell?.focus({ preventScroll: true });
  }

  /**
   * Names the grid and says how large it is.
   * @param {string} label
   * @param {ModelFacts} model
   * @param {GridLayout} layout
   */
  describe(label, model, layout) {
    this.#grid.ariaLabel = label;
    this.#grid.setAttribute("aria-rowcount", String(layout.order.length));
    this.#grid.setAttribute("aria-colcount", String(model.steps + 1));
  }

  /**
   * Stands the cell somewhere. It is a new element each time, so that screen readers hear of it; focus goes along.
   * @param {Cell} cell
   * @param {ModelFacts} model
   * @param {GridLayout} layout
   * @param {number} density
   * @param {boolean} isSet whether the cursor has been set; the first cell waits unseen
   */
  place({ row, step }, model, layout, density, isSet) {
    const top = layout.tops[row];
    const column = step - layout.firstStep;
    const isShown = top !== undefined && column >= 0 && column < layout.nSteps;
    const hadFocus = this.#grid.contains(document.activeElement);
    const channel = model.channels[row];
    const cell = make("div", { class: isSet && isShown ? "cursor" : "cursor unset", role: "gridcell", tabIndex: 0 });
    cell.setAttribute("aria-colindex", String(step + 2));
    cell.ariaLabel = channel ? `${words.channel(channel)}, ${words.hoursOf(step, model.stepHours)}` : "";
    if (isShown) {
      cell.style.top = `${top / density}px`;
      cell.style.height = `${(layout.cellHeight - layout.line) / density}px`;
      cell.style.left = `${(column * layout.cellWidth) / density}px`;
      cell.style.width = `${layout.cellWidth / density}px`;
    }
    const header = make("span", { class: "sr-only", role: "rowheader" }, channel ? words.channel(channel) : t("course"));
    const line = make("div", { role: "row" }, header, cell);
    line.setAttribute("aria-rowindex", String(Math.max(0, layout.order.indexOf(row)) + 1));
    this.#grid.replaceChildren(line);
    this.#cell = cell;
    if (hadFocus) this.focus();
  }
}
