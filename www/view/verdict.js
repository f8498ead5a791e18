// Whether the explanation that is shown holds: checked by itself when the page is idle, and said beside the sentence.
// Whatever is done in the meantime comes first. Where it does not hold, methods that may hold better are tried as well.

import { Idle } from "../idle.js";
import { t } from "../messages.js";
import { act, engine, onShow, open, shown } from "../page.js";
import { onGlance } from "../quick.js";
import { keyOf } from "../standing.js";
import * as controls from "./controls.js";
import { find } from "./dom.js";
import * as methods from "./methods.js";
import * as words from "./words.js";

/** @import { Method, MethodKind, Trust, TrustWord } from "../protocol.js" */

/** How long nothing has to happen before the check begins, in milliseconds. */
const IDLE = 1200;
/** Methods that are tried where the one that is shown does not hold: each takes a second or two. @type {readonly MethodKind[]} */
const OTHERS = ["deep-shap", "lrp", "gradient-x-input", "occlusion"];
/** So many checks are remembered. */
const REMEMBERED = 40;
/** From the worst to the best. */
const RANKS = ["does not hold", "shaky", "holds"];

/** What was found of one explanation. @typedef {{ trust: Trust | TrustWord, better?: { method: Method, trust: TrustWord }, isDone: boolean }} Checked */

const line = find("#verdict", HTMLButtonElement);
const better = find("#better", HTMLButtonElement);
const reading = find("#reading", HTMLElement);

/** By what tells one explanation from another. @type {Map<string, Checked>} */
const known = new Map();

export function start() {
  const idle = new Idle({
    wait: IDLE,
    isWanted: isOpen,
    run: (signal) => check(key(), signal),
    onFailure: (error) => {
      console.warn("the explanation could not be checked", error);
      say("");
    },
  });
  onShow(() => {
    show();
    idle.later();
  });
  onGlance(() => say(""));
  line.addEventListener("click", () => {
    const details = find("#trust", HTMLElement);
    details.scrollIntoView({ block: "nearest" });
    find("#trust-ask", HTMLButtonElement).focus({ preventScroll: true });
  });
  better.addEventListener("click", () => {
    const it = known.get(key())?.better;
    if (it) act(t("explaining"), t("failed.explain"), async ({ signal }) => {
      await open({ method: it.method }, { signal });
      controls.show(it.method);
    });
  });
}

/** A button without a word is none. @param {string} text */
function say(text) {
  line.textContent = text;
  line.hidden = text === "";
}

/** What tells one explanation from another. */
export function key() {
  return keyOf("explanation");
}

/** What was found of what is shown, if it was checked. */
export function found() {
  return known.get(key())?.trust;
}

/** The same in words; nothing where it was not checked. */
export function inWords() {
  const trust = found();
  return trust ? words.verdict(trust) : "";
}

/**
 * Remembers what was found of what is shown.
 * @param {string} of
 * @param {Checked} it
 */
export function note(of, it) {
  known.delete(of);
  known.set(of, it);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  show();
}

/** Whether there is something to be checked: a picture that says what raised and lowered the output, of what was measured. */
function isOpen() {
  const view = shown();
  return Boolean(view?.stay?.summary.coverage.charted) && methods.meaningShown(view) === "effect" && !known.get(key())?.isDone;
}

/**
 * @param {string} of
 * @param {AbortSignal} signal
 */
async function check(of, signal) {
  say(t("verdict.checking"));
  const ask = (/** @type {Method | undefined} */ method) => engine.request("trust", { method }, { signal, isPatient: true });
  const trust = known.get(of)?.trust ?? (await ask(undefined));
  if (trust.verdict === "holds") return note(of, { trust, isDone: true });
  note(of, { trust, isDone: false });
  const shownKind = methods.kindOf(shown()?.method);
  const isForeign = shown()?.foreign !== undefined;
  let best = /** @type {Checked["better"]} */ (undefined);
  for (const kind of OTHERS.filter((it) => isForeign || it !== shownKind)) {
    const method = { ...controls.method(kind), target: shown()?.method?.target };
    const other = await ask(method).catch((error) => {
      // A network may refuse a method.
      if (signal.aborted) throw error;
      return undefined;
    });
    if (other && rank(other) > rank(best?.trust ?? trust)) best = { method, trust: other };
    if (best?.trust.verdict === "holds") break;
  }
  note(of, { trust, better: best, isDone: true });
}

/** @param {Pick<TrustWord, "verdict">} trust */
function rank({ verdict }) {
  return RANKS.indexOf(verdict);
}

/** Says what is known of what is shown. */
function show() {
  const it = known.get(key());
  const verdict = it?.trust.verdict;
  line.dataset.verdict = verdict ?? "";
  say(it ? words.verdict(it.trust) : "");
  line.hidden ||= methods.meaningShown(shown()) !== "effect";
  better.hidden = !it?.better;
  if (it?.better) better.textContent = t(it.better.trust.verdict === "holds" ? "verdict.better.holds" : "verdict.better.shaky", { method: methods.nameOf(methods.kindOf(it.better.method)) });
  const isUnheld = verdict === "does not hold";
  reading.classList.toggle("unheld", isUnheld);
  const nothing = find("#unheld", HTMLElement);
  nothing.hidden = !isUnheld;
  nothing.textContent = isUnheld ? t(it?.isDone && !it.better ? "verdict.nothing" : "verdict.unheld") : "";
}
