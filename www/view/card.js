// A card at the cell under the pointer, the finger or the cursor: what stands there, whether it is normal, where it comes
// from, what it does, and what the network would say without it.

import { engine, onShow, shown } from "../page.js";
import { find, make, rewrite } from "./dom.js";
import { draw } from "./grids.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { Inspection } from "../protocol.js" */

/** How long a cell has to be pointed at before the network is asked again, in milliseconds. */
const REST = 90;
/** The hours that are drawn, and the width, the height and the band of relevance of the drawing in CSS pixels. */
const [TREND, SPARK] = [12, [144, 34, 4]];

const card = make("div", { class: "card", id: "card", ariaHidden: "true", hidden: true });
/** The hours before the cell, as the engine draws them. */
const spark = make("canvas", { hidden: true });
const [title, value, origin, effect, without] = ["b", "span", "span", "span", "span"].map((tag) => make(/** @type {"span"} */ (tag)));
card.append(...[title, value, origin, spark, effect, without].filter((it) => it !== undefined));

/** The cell that the card is of. @type {Cell | undefined} */
let at;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
/** Whether the pointer or the focus is in a picture. */
let isIn = false;

export function start() {
  document.body.append(card);
  const pictures = find("#pictures", HTMLElement);
  // A picture is left, or another cell is pointed at: the card goes with it.
  for (const [type, enters] of /** @type {const} */ ([["pointerover", true], ["focusin", true], ["pointerleave", false], ["focusout", false]])) {
    pictures.addEventListener(type, ({ target }) => {
      isIn = enters && target instanceof Element && target.closest(".cells") !== null;
      if (!isIn && !pictures.contains(document.activeElement)) hide();
    });
  }
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
  addEventListener("scroll", hide, { passive: true, capture: true });
  onShow(hide);
}

function hide() {
  card.hidden = true;
  // What was said of this cell is said of no other stay's.
  at = undefined;
  clearTimeout(soon);
}

/**
 * Shows what stands in a cell, beside it.
 * @param {Inspection} cell
 * @param {Cell} where
 */
export function show(cell, where) {
  if (!isIn) return;
  const isOther = at?.row !== where.row || at.step !== where.step;
  at = where;
  const texts = words.card(cell, where);
  [title, value, origin, effect].forEach((line, n) => rewrite(line, texts[n] ?? ""));
  value?.classList.toggle("outside", !where.isFoot && words.isOutside(cell));
  if (isOther) rewrite(without, "");
  // Of another channel or hour, and never before it is drawn.
  if (isOther) spark.hidden = true;
  card.hidden = false;
  stand();
  clearTimeout(soon);
  soon = setTimeout(() => void ask(where, cell), REST);
}

/** @param {Cell} where @param {Inspection} cell */
async function ask(where, cell) {
  void trend(where);
  try {
    const output = await engine.request("without", where);
    if (at === where && output !== undefined) rewrite(without, words.without(output, cell, shown()?.stay?.summary));
  } catch (error) {
    console.warn("what the network says without the reading could not be asked", error);
  }
}

/** Draws how the channel came to where it is. @param {Cell} where */
async function trend(where) {
  try {
    const density = window.devicePixelRatio || 1;
    const [width, height, band] = SPARK.map((length) => Math.round(length * density));
    const hours = Math.ceil(TREND / (shown()?.model.stepHours ?? 1));
    const drawn = await engine.request("course", { row: where.row, width, height, band, window: [Math.max(0, where.step + 1 - hours), where.step + 1] });
    if (at !== where || card.hidden || !drawn || where.step < 1) return drawn?.bitmap.close();
    draw(spark, drawn.bitmap, density);
    spark.hidden = false;
    stand();
  } catch (error) {
    console.warn("the hours before the cell could not be drawn", error);
  }
}

/** Puts the card below its cell, or above where there is no room, and within the window. */
function stand() {
  const cell = [...document.querySelectorAll(".cells .cursor:not(.unset)")].map((it) => it.getBoundingClientRect()).filter(({ width }) => width > 0);
  const pane = document.querySelector(".cells:hover")?.getBoundingClientRect();
  const box = cell.find(({ left }) => pane && left >= pane.left - 1 && left <= pane.right) ?? cell[0];
  if (!box) return hide();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
  const below = box.bottom + 10;
  card.style.left = `${left}px`;
  card.style.top = `${below + height + 40 < innerHeight ? below : Math.max(8, box.top - height - 10)}px`;
}
