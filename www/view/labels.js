// The names of the rows and of their groups, beside the pictures. Groups fold; rows are dragged to another place.

import { t } from "../messages.js";
import { shown } from "../page.js";
import * as arrangement from "./arrangement.js";
import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { GridLayout, ModelFacts } from "../protocol.js" */

const place = find("#labels", HTMLElement);

/**
 * @param {ModelFacts} model
 * @param {GridLayout} layout
 * @param {number} density
 */
export function show(model, layout, density) {
  const focused = document.activeElement?.getAttribute("data-group");
  const headings = layout.groups.filter(({ name }) => name).map((group) => heading(group, density));
  const rows = layout.order.flatMap((row) => label(model, layout, row, density) ?? []);
  place.replaceChildren(...headings, ...rows);
  place.style.height = `${layout.height / density}px`;
  headings.find((it) => it.dataset.group === focused)?.focus();
}

/** @param {number} row */
export function mark(row) {
  for (const one of place.querySelectorAll(".row")) one.classList.toggle("at", one.getAttribute("data-row") === String(row));
}

/**
 * @param {GridLayout["groups"][number]} group
 * @param {number} density
 */
function heading({ name, top, rows, isCollapsed }, density) {
  const count = isCollapsed ? ` (${rows.length})` : "";
  const button = make("button", { class: "group", data: { group: name }, press: () => arrangement.toggle(name), ariaExpanded: String(!isCollapsed), title: t(isCollapsed ? "group.unfold" : "group.fold") }, `${words.group(name)}${count}`);
  button.style.top = `calc(${top / density}px - var(--group-gap))`;
  return button;
}

/**
 * @param {ModelFacts} model
 * @param {GridLayout} layout
 * @param {number} row
 * @param {number} density
 */
function label(model, layout, row, density) {
  const [channel, top] = [model.channels[row], layout.tops[row]];
  if (!channel || top === undefined) return undefined;
  const label = make("div", { class: "row", ariaHidden: "true", data: { row: String(row) }, draggable: true }, words.channel(channel));
  label.title = [words.channel(channel), words.unit(channel.unit)].filter(Boolean).join(", ");
  const doubts = (shown()?.stay?.summary.doubts ?? []).filter((it) => it.row === row);
  if (doubts.length > 0) {
    label.classList.add("doubtful");
    label.title += `: ${words.doubted(doubts)}`;
  }
  label.style.top = `${top / density}px`;
  label.style.height = `${layout.cellHeight / density}px`;
  label.style.lineHeight = label.style.height;
  watchDrag(label, row);
  return label;
}

/** The row that is being dragged. @type {number | undefined} */
let dragged;

/**
 * @param {HTMLElement} label
 * @param {number} row
 */
function watchDrag(label, row) {
  label.addEventListener("dragstart", (event) => {
    dragged = row;
    event.dataTransfer?.setData("text/plain", "");
  });
  label.addEventListener("dragend", () => (dragged = undefined));
  label.addEventListener("dragover", (event) => {
    if (dragged === undefined) return;
    event.preventDefault();
    label.classList.add("target");
  });
  label.addEventListener("dragleave", () => label.classList.remove("target"));
  label.addEventListener("drop", (event) => {
    if (dragged === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    arrangement.dropRow(dragged, row);
  });
}

/** Whether a drag that is under way moves a row, and brings no file. */
export function isDragging() {
  return dragged !== undefined;
}
