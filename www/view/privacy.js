// The privacy panel: what was asked of the network since the start, what the policy refused, what was taken away.

import { connected, onHost } from "../embed.js";
import { onLanguage, t } from "../messages.js";
import { addPanel, onShow } from "../page.js";
import { find, make, scrolling } from "./dom.js";

/**
 * What guard.js has seen.
 * @typedef {object} Guard
 * @property {string[]} removed
 * @property {{ name: string, at: number, status?: number }[]} requests status: what the host answered, where the browser says
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
/** At the foot of the page: whether what is opened stays in it. */
const stays = find("#stays", HTMLElement);
const panel = make("details", { id: "privacy" });
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
  onHost(show);
  show();
  if (!seen) return;
  seen.listener = show;
  // The page has started when its first picture stands with all of its networks: what it asks for up to then are its own files.
  onShow((view) => {
    if ((started && document.body.dataset.state !== "loading") || !view.stay) return;
    started = true;
    seen.since = performance.now();
    show();
  });
}

function show() {
  const seen = guard();
  if (!seen) return;
  const later = started ? seen.requests.filter(({ at }) => at > seen.since) : [];
  const foreign = later.filter((request) => !isOwn(request));
  badge.textContent = gist(later.length, foreign.length);
  badge.classList.toggle("warning", foreign.length > 0);
  badge.title = t("privacy.badge.title");
  heading.textContent = t("privacy.heading");
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.getAttribute("content") ?? "";
  const { host = "", sharesOwn } = connected() ?? {};
  stays.textContent = sharesOwn ? t("privacy.host.all", { host }) : t("notice.stays");
  body.replaceChildren(
    make("p", {}, `${t("privacy.promise")} ${stays.textContent}`),
    ...(host && !sharesOwn ? [make("p", {}, t("privacy.host.own", { host }))] : []),
    make("p", {}, t("privacy.requests", { count: later.length })),
    list([...foreign, ...later.filter(isOwn)].map(({ name }) => name)),
    make("p", {}, t("privacy.violations", { count: seen.violations.length })),
    list(seen.violations),
    make("p", {}, t("privacy.removed", { names: seen.removed.join(", ") })),
    make("p", {}, t("privacy.policy")),
    scrolling(make("pre", { class: "long" }, policy.split("; ").join("\n"))),
  );
}

/**
 * What the badge says: how many requests there were, or that all were for files of this page.
 * @param {number} count since the start
 * @param {number} foreign those of them that were for something else
 */
function gist(count, foreign) {
  if (foreign > 0) return t("privacy.badge.foreign", { count: foreign });
  return count > 0 ? t("privacy.badge.own") : t("privacy.badge", { count });
}

/**
 * Whether a request was for a file of this page: it lies where the page or the engine lies, its address says nothing
 * beyond its place, and it was there. An address of something that is not there could say anything.
 * @param {{ name: string, status?: number }} request
 */
function isOwn({ name, status }) {
  const { origin, pathname, search, hash } = new URL(name);
  const folders = [".", "../pkg/"].map((folder) => new URL(folder, document.baseURI));
  const isThere = !status || status === 200 || status === 304;
  return isThere && !search && !hash && folders.some((folder) => origin === folder.origin && pathname.startsWith(folder.pathname));
}

/** @param {string[]} items */
function list(items) {
  const element = make("ul", { class: "small", hidden: items.length === 0 });
  element.append(...items.slice(0, LISTED).map((item) => make("li", {}, item)));
  if (items.length > LISTED) element.append(make("li", {}, `+ ${items.length - LISTED}`));
  return element;
}
