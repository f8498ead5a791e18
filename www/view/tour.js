// A short walk over the first picture: what the two colours mean, where the numbers are, whom to believe.

import { t } from "../messages.js";
import { moveTo, onShow, shown } from "../page.js";
import * as controls from "./controls.js";
import { find, make } from "./dom.js";
import * as words from "./words.js";

const place = find("#tour", HTMLElement);
const hint = find("#hint", HTMLElement);

/** What each step points at. */
const STEPS = [
  { at: ".risk", text: () => t("tour.risk") },
  { at: '.pane[data-pane="lrp"] .plot', text: () => `${words.colours(controls.palette())} ${t("tour.colours")}`, cell: 0 },
  { at: '.pane[data-pane="input"] .plot', text: () => t("tour.input"), cell: 0 },
  { at: '.pane[data-pane="gradient"] .plot', text: () => t("tour.gradient"), cell: 0 },
  { at: "#course", text: () => t("tour.course"), cell: 0 },
  { at: "#ledger", text: () => t("tour.trust") },
];

/** Between the words and what they are about, and what the notice at the foot takes, in pixels. */
const GAP = 10;
const NOTICE = 40;

let at = 0;
/** Where focus returns to. @type {Element | null} */
let before = null;

export function start() {
  find("#tour-start", HTMLButtonElement).addEventListener("click", begin);
  place.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") end();
  });
  // The hint belongs to the first visit's patient.
  onShow(({ stay }) => (hint.hidden = !stay?.isDemo));
}

export function begin() {
  before = document.activeElement;
  at = 0;
  show();
}

function end() {
  place.hidden = true;
  for (const marked of document.querySelectorAll(".toured")) marked.classList.remove("toured");
  if (before instanceof HTMLElement) before.focus();
}

function show() {
  const step = STEPS[at];
  if (!step) return end();
  const target = [...document.querySelectorAll(step.at)].find((it) => it instanceof HTMLElement && it.offsetParent);
  // What this window does not show is passed over.
  if (!target) return go(1);
  for (const marked of document.querySelectorAll(".toured")) marked.classList.remove("toured");
  target.classList.add("toured");
  if (step.cell !== undefined) point();
  const title = make("h2", { id: "tour-title" }, t("tour.title", { at: at + 1, of: STEPS.length }));
  const next = button(t(at + 1 < STEPS.length ? "tour.next" : "tour.end"), () => go(1));
  const back = button(t("tour.back"), () => go(-1));
  back.disabled = at === 0;
  place.replaceChildren(title, make("p", {}, step.text()), make("p", { class: "pair" }, back, button(t("close"), end), next));
  place.hidden = false;
  stand(target);
  next.focus({ preventScroll: true });
}

/** @param {1 | -1} by */
function go(by) {
  at = Math.max(0, at + by);
  show();
}

/** Sets the cursor on the most relevant cell. */
function point() {
  const view = shown();
  const cell = view?.stay?.strongest[0];
  if (view && cell !== undefined) moveTo({ row: Math.floor(cell / view.model.steps), step: cell % view.model.steps });
}

/**
 * Stands the words below what they are about, or above, or at the side that has most room: over it only where it fills the
 * window.
 * @param {Element} target
 */
function stand(target) {
  target.scrollIntoView({ block: "nearest" });
  const box = target.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = place;
  const [right, bottom] = [innerWidth - width - GAP, innerHeight - height - NOTICE];
  const along = Math.max(GAP, Math.min(right, box.left));
  const across = Math.max(GAP, Math.min(bottom, box.top));
  const places = [[along, box.bottom + GAP], [along, box.top - height - GAP], [box.right + GAP, across], [box.left - width - GAP, across]];
  const [left, top] = places.find(([x = 0, y = 0]) => x >= GAP && x <= right && y >= GAP && y <= bottom) ?? [along, across];
  place.style.left = `${left}px`;
  place.style.top = `${top}px`;
}

/**
 * @param {string} text
 * @param {() => void} run
 */
function button(text, run) {
  return make("button", { press: run }, text);
}
