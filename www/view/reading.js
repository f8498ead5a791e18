// What raised and lowered the risk, as a sentence whose clauses are links: each frames its cells in all pictures and
// opens the chart of its channel. Beside the risk stands what it rests on, and how often such predictions came true.

import { t } from "../messages.js";
import { moveTo, onShow, shown } from "../page.js";
import { find, make } from "./dom.js";
import { frame } from "./frames.js";
import * as methods from "./methods.js";
import * as words from "./words.js";

/** @import { StayView, Summary } from "../protocol.js" */

const place = find("#reading", HTMLElement);
const rests = find("#rests", HTMLElement);
const alike = find("#alike", HTMLElement);
const spread = find("#spread", HTMLElement);

/** The clause whose cells are framed, by its finding's place. */
let pressed = "";

export function start() {
  onShow(({ stay }) => {
    if (stay) show(stay);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && pressed) press("");
  });
}

/** @param {StayView} stay */
function show(stay) {
  const { summary } = stay;
  const isSaid = methods.meaningShown(shown()) === "effect";
  const said = isSaid ? words.sentences(summary).map((pieces) => sentence(pieces, summary)) : [words.reading(stay)];
  // Of the network alone it is said above what it is made of.
  place.hidden = stay.isAlone && summary.coverage.charted === 0;
  place.replaceChildren(...said.flatMap((it, at) => (at ? [" ", it] : [it])));
  rests.textContent = words.rests(summary.coverage);
  const sure = words.sureness(summary);
  alike.textContent = sure;
  alike.hidden = sure === "";
  alike.title = summary.sureness ? t("sure.what", { data: summary.sureness.data, count: summary.sureness.alike }) : "";
  spread.hidden = !stay.spread || !summary.isProbability;
  if (stay.spread) spread.textContent = words.spread(stay.spread);
  if (pressed) press(place.querySelector(`[data-clause="${pressed}"]`) ? pressed : "");
}

/**
 * @param {(string | words.Clause)[]} pieces
 * @param {Summary} summary
 */
function sentence(pieces, summary) {
  const made = pieces.flatMap(/** @returns {(string | Node)[]} */ (piece) => {
    if (typeof piece === "string") return [piece];
    const { text, finding, side } = piece;
    const doubt = words.doubt(finding, summary);
    return [link(text, finding, side), ...(doubt ? [make("span", { class: "warning" }, ` (${doubt})`)] : [])];
  });
  const side = pieces.find((piece) => typeof piece !== "string");
  return make("span", { class: typeof side === "object" ? `said ${side.side}` : "said" }, ...made);
}

/**
 * @param {string} text
 * @param {words.Clause["finding"]} finding
 * @param {words.Clause["side"]} side
 */
function link(text, { row, steps, until }, side) {
  // A button would not break over lines.
  const it = make("a", { class: "clause", role: "button", tabIndex: 0, title: t("reading.link") }, text);
  it.dataset.clause = `${side} ${row}`;
  it.ariaPressed = "false";
  const open = () => {
    const isOpen = it.ariaPressed === "true";
    press(isOpen ? "" : `${side} ${row}`, { row, steps: [steps[0], until] });
    if (!isOpen) moveTo({ row, step: steps[0] });
  };
  it.addEventListener("click", open);
  it.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  });
  return it;
}

/**
 * Frames a clause's cells, and no others.
 * @param {string} clause
 * @param {{ row: number, steps: [number, number] }} [cells]
 */
function press(clause, cells) {
  pressed = clause;
  for (const one of place.querySelectorAll(".clause")) {
    if (one instanceof HTMLElement) one.ariaPressed = String(one.dataset.clause === clause);
  }
  if (clause === "" || cells) frame(cells);
}
