// The privacy panel: what was asked of the network since the start, what the policy refused, what was taken away.

import { onLanguage, t } from "../messages.js";
import { addPanel, onShow } from "../page.js";
import { find, make, scrolling } from "./dom.js";

/**
 * What guard.js has seen.
 * @typedef {object} Guard
 * @property {string[]} removed
 * @property {{ name: string, at: number }[]} requests
 * @property {string[]} violations
 * @property {number} since
 * @property {(() => void) | null} listener
 */

/** Requests listed at most. */
const LISTED = 20;

/** @returns {Guard | undefined} */
function guard() {
  return Reflect.get(globalThis, "vitrineGuard");
}

const badge = find("#network", HTMLButtonElement);
const panel = make("details");
panel.id = "privacy";
const heading = make("summary");
const body = make("div");
panel.append(heading, body);
let started = false;

/** Puts the count into the page's head and the rest into a panel at its foot. */
export function start() {
  const seen = guard();
  addPanel("panels", panel);
  badge.addEventListener("click", () => {
    panel.open = true;
    panel.scrollIntoView();
    heading.focus();
  });
  onLanguage(show);
  show();
  if (!seen) return;
  seen.listener = show;
  // The page has started when its first picture stands: what it asks for up to then are its own files.
  onShow((view) => {
    if (started || !view.stay) return;
    started = true;
    seen.since = performance.now();
    show();
  });
}

function show() {
  const seen = guard();
  if (!seen) return;
  const later = started ? seen.requests.filter(({ at }) => at > seen.since) : [];
  badge.textContent = t("privacy.badge", { count: later.length });
  badge.title = t("privacy.badge.title");
  heading.textContent = t("privacy.heading");
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.getAttribute("content") ?? "";
  body.replaceChildren(
    make("p", {}, t("privacy.promise")),
    make("p", {}, t("privacy.requests", { count: later.length })),
    list(later.map(({ name }) => name)),
    make("p", {}, t("privacy.violations", { count: seen.violations.length })),
    list(seen.violations),
    make("p", {}, t("privacy.removed", { names: seen.removed.join(", ") })),
    make("p", {}, t("privacy.policy")),
    scrolling(make("pre", { class: "small policy" }, policy.split("; ").join("\n"))),
  );
}

/** @param {string[]} items */
function list(items) {
  const element = make("ul", { class: "small" });
  element.hidden = items.length === 0;
  element.append(...items.slice(0, LISTED).map((item) => make("li", {}, item)));
  if (items.length > LISTED) element.append(make("li", {}, `+ ${items.length - LISTED}`));
  return element;
}
