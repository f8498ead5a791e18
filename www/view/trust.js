// How far the explanation that is shown can be believed: what decides is asked first, and said at once; what decides
// nothing goes on while nothing else is done, and ends where something else is shown.

import { Idle } from "../idle.js";
import { formatter, t } from "../messages.js";
import { act, addPanel, engine, shown } from "../page.js";
import { Standing } from "../standing.js";
import { columns, lines, make, say, scroller, shape, tableRow } from "./dom.js";
import * as methods from "./methods.js";
import * as numbersHelp from "./numbers-help.js";
import * as verdicts from "./verdict.js";
import * as words from "./words.js";

/** @import { Trust, TrustAnswer, TrustWord } from "../protocol.js" */
/** @import { Key } from "../messages.js" */

/** How long nothing has to happen before the details are gone on with, in milliseconds. */
const IDLE = 300;

const place = make("section", { class: "trust", id: "trust" });
const found = make("div", { class: "trust-found" });

/** How far the details are; there whether they are known or not, so that it is heard when it changes. */
const going = make("p", { class: "small quiet" });

/** What was found, the word or all of it, and how long the word took. @type {Standing<{ trust: TrustWord | Trust, seconds: number }>} */
const answer = new Standing("explanation");

/** @type {Idle | undefined} */
let details;

export function start() {
  const heading = say("h2", "trust", { class: "sr-only" });
  const ask = say("button", "trust", { id: "trust-ask", press: () => act(t("trust.doing"), t("trust.failed"), check) });
  const how = say("p", "trust.how", { class: "small quiet" });
  place.append(heading, make("div", { class: "trust-ask" }, ask, how), found);
  addPanel("under", place);
  details = new Idle({
    wait: IDLE,
    isWanted: () => answer.value?.trust.isFinal === false,
    run: measureDetails,
    onFailure: (error) => (going.textContent = `${t("trust.failed")}: ${error instanceof Error ? error.message : String(error)}`),
  });
  answer.watch(() => {
    show();
    details?.later();
  });
}

/** What the checks said of the explanation that is shown, where it was checked. */
export function verdict() {
  return answer.value?.trust.verdict ?? verdicts.found()?.verdict;
}

/** @param {import("../page.js").Action} action */
async function check({ signal, tell }) {
  const of = verdicts.key();
  const begun = performance.now();
  const found = await answer.ask(async () => {
    const trust = await engine.request("trust", {}, {
      signal,
      onProgress: ({ done, total }) => tell(t("trust.progress", { done, total }), total ? done / total : 0),
    });
    return { trust, seconds: (performance.now() - begun) / 1000 };
  });
  if (found) verdicts.note(of, { trust: found.trust, isDone: found.trust.verdict === "holds" });
  going.textContent = t("trust.details.soon");
  show();
  details?.later();
}

/** @param {AbortSignal} signal */
async function measureDetails(signal) {
  const word = answer.value;
  if (!word) return;
  await answer.ask(async () => {
    const trust = await engine.request("trustDetails", undefined, {
      signal, isPatient: true,
      onProgress: ({ done, total }) => (going.textContent = t("trust.details", { done, total })),
    });
    return { ...word, trust };
  });
  show();
}

function show() {
  const last = answer.value;
  if (!last) return found.replaceChildren(...(answer.isGone ? [make("p", { class: "small quiet" }, t("stale"))] : []));
  const { trust, seconds } = last;
  const { answers, measurements, firstTenth: [said, lost] } = trust;
  const method = methods.nameShown(shown());
  const word = make("p", { class: "trust-verdict" }, t(`trust.verdict.${trust.verdict}`, {
    method, said: words.signedNumber(said), lost: words.signedNumber(lost),
  }));
  word.dataset.verdict = trust.verdict;
  word.role = "status";
  found.replaceChildren(word, make("p", { class: "small" }, t("trust.probability", { percent: words.percent(trust.probability) })),
    table(answers), ...(trust.isFinal ? [curves(trust), numbers(trust)] : [going]),
    make("p", { class: "small quiet" }, t("trust.measured", { measurements, seconds: formatter({ maximumFractionDigits: 1 }).format(seconds) })),
    numbersHelp.ask("trust"));
}

/** @param {TrustAnswer[]} answers */
function table(answers) {
  const head = columns(["trust.check", "trust.value", "trust.interval", "trust.result"]);
  return scroller(t("trust"), "compare-scroll", make("table", { class: "trust-table" }, head, make("tbody", {}, ...answers.map(line))));
}

/** @param {TrustAnswer} answer */
function line({ question, value, interval: [low, high], decides }) {
  const number = words.checked(question);
  const name = make("th", { scope: "row" }, make("b", {}, t(`trust.${question}`)), make("br"), t(`trust.${question}.what`));
  return make("tr", {}, name,
    make("td", {}, make("b", {}, number(value)), ` ${t(`trust.${question}.unit`)}`),
    make("td", {}, `${number(low)} – ${number(high)}`), make("td", {}, t(decides ? "trust.is.decides" : "trust.is.beside")));
}

/** @param {Trust} trust */
function curves({ curves: { parts, deletion, insertion } }) {
  const all = [...deletion, ...insertion].flat();
  /** @type {[number, number]} */
  const ends = [Math.min(...all), Math.max(...all)];
  return make("div", {}, make("div", { class: "trust-curves" },
    chart("trust.curves.deletion", parts, deletion, ends),
    chart("trust.curves.insertion", parts, insertion, ends)),
    make("p", { class: "small quiet" }, t("trust.curves.key")));
}

/**
 * Every number behind the checks: what the best picture reaches, each shuffled network, each epsilon.
 * @param {Trust} trust
 */
function numbers({ ceiling, runs, firstTenth: [said, lost], shuffles, epsilons }) {
  const lists = /** @type {[Key, Key, [string, number][]][]} */ ([
    ["trust.networks", "trust.network", shuffles.map((correlation, at) => [String(at + 1), correlation])],
    ["trust.epsilons", "trust.epsilon", epsilons.map(([epsilon, correlation]) => [words.number(epsilon), correlation])],
  ]);
  const tables = lists.filter(([, , lines]) => lines.length > 0).map(([title, first, lines]) => {
    const body = make("tbody", {}, ...lines.map(([name, correlation]) => tableRow(name, words.signedNumber(correlation))));
    return scroller(t(title), "trust-list", make("table", { class: "plain-table" }, make("caption", {}, t(title)), columns([first, "trust.correlation"]), body));
  });
  return make("details", { class: "trust-numbers" }, make("summary", {}, t("trust.numbers")), make("div", {},
    make("p", { class: "small" }, t("trust.ceiling", {
      ceiling: words.number(ceiling), runs, said: words.signedNumber(said), lost: words.signedNumber(lost),
    })),
    make("div", { class: "trust-lists" }, ...tables)));
}

/**
 * @param {Key} title
 * @param {number[]} parts
 * @param {[number[], number[]]} curves by the map, and by the best additive picture
 * @param {[number, number]} ends of the axis
 */
function chart(title, parts, [curve, best], [low, high]) {
  const points = (/** @type {number[]} */ heights) =>
    heights.map((height, at) => `${parts[at] ?? 0} ${high > low ? (high - height) / (high - low) : 0}`);
  const svg = shape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img", "aria-label": t(title) },
    ...lines([[`M${points(best).join("L")}`, "level"], [`M${points(curve).join("L")}`, "curve"]]));
  // What stands at the ends of both axes, in words: a curve without numbers could be any.
  const ends = make("p", { class: "trust-ends" }, make("span", {}, t("trust.curves.from")), make("span", {}, t("trust.curves.to")));
  const heights = make("div", { class: "trust-heights" }, make("span", {}, words.number(high)), make("span", {}, words.number(low)));
  return make("figure", {}, make("figcaption", {}, t(title)), make("div", { class: "trust-plot" }, heights, svg), ends);
}
