// The report as a file: one HTML document with everything in it, white, on one A4 page, which opens and prints anywhere and
// asks the network for nothing. A sandboxed frame cannot print; it can hand over a file.

import { formatter, language, t } from "../messages.js";
import { engine, shown } from "../page.js";
import { make } from "./dom.js";
import * as picker from "./picker.js";
import * as strip from "./strip.js";
import * as taking from "./taking.js";
import * as verdicts from "./verdict.js";
import * as words from "./words.js";

/** @import { Replay } from "../../pkg/vitrine.js" */
/** @import { StayView } from "../protocol.js" */

const SVG = "http://www.w3.org/2000/svg";

/** Its colours are those of paper, whatever the screen's. `INK`, `PAPER`, `EDITED` and `ONEDITED` stand for the page's. */
const STYLE = `
@page { size: A4 landscape; margin: 9mm 10mm; }
* { box-sizing: border-box; }
html { color-scheme: light; }
body { margin: 0 auto; padding: 6mm 0; width: 277mm; color: INK; background: PAPER; font: 9.5pt/1.35 system-ui, sans-serif; font-variant-numeric: tabular-nums; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print { body { padding: 0; } }
h1, h2, p, table, ul { margin: 0; }
h1 { font-size: 15pt; font-weight: 600; }
h2 { font-size: 9pt; font-weight: 600; margin-bottom: 1mm; }
header { display: flex; justify-content: space-between; align-items: end; gap: 8mm; padding-bottom: 2mm; border-bottom: 0.3mm solid; }
header p { font-size: 8.5pt; }
.risk { text-align: right; white-space: nowrap; }
.risk b { font-size: 24pt; line-height: 1; font-weight: 600; }
.strip { margin: 0 0 2mm; padding: 1.5mm 3mm; font-weight: 600; color: ONEDITED; background: EDITED; }
.reading { margin: 2.5mm 0; font-size: 11pt; }
.verdict { margin: -1mm 0 2.5mm; }
main { display: grid; grid-template-columns: 202mm 1fr; gap: 5mm; align-items: start; }
main svg { display: block; width: 100%; height: auto; }
aside { display: grid; gap: 4mm; font-size: 8.5pt; }
table { border-collapse: collapse; width: 100%; }
td { padding: 0.4mm 0; }
td + td { text-align: right; }
.sum td { font-weight: 600; border-top: 0.2mm solid; }
ul { padding-left: 4mm; }
.curve { display: grid; grid-template-columns: 9mm 1fr; }
.curve svg { height: 26mm; border-left: 0.2mm solid; border-bottom: 0.2mm solid; overflow: visible; }
.curve path { fill: none; stroke: INK; stroke-width: 1.4px; }
.curve .level { stroke-dasharray: 3 3; stroke-width: 0.8px; }
.levels { position: relative; font-size: 7.5pt; }
.levels span { position: absolute; right: 1mm; transform: translateY(-50%); }
.hours { grid-column: 2; display: flex; justify-content: space-between; font-size: 7.5pt; }
footer { margin-top: 3mm; padding-top: 1.5mm; border-top: 0.2mm solid; font-size: 8pt; font-weight: 600; }
`;

/**
 * The report of what is shown, as the text of an HTML file.
 * @returns {Promise<string>}
 */
export async function file() {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) throw new Error(t("export.nothing"));
  const figure = taking.drawn(await taking.plainSvg("paper"));
  // Of an output that is no risk, or a stay of one step, there may be none.
  const curve = await engine.request("replay", undefined).catch(() => undefined);
  const verdict = verdicts.inWords();
  const title = picker.title(stay);
  const body = make("body", {},
    ...(strip.text() ? [make("p", { class: "strip" }, strip.text())] : []),
    make("header", {}, who(title, stay), risk(stay)),
    make("p", { class: "reading" }, words.reading(stay)),
    ...(verdict ? [make("p", { class: "verdict" }, make("b", {}, verdict))] : []),
    make("main", {}, figure, make("aside", {}, ...(curve ? [course(curve, stay, model.stepHours)] : []),
      part(t("account"), taking.account(stay)), ...taking.changes(stay))),
    make("footer", {}, t("notice")));
  const head = make("head");
  const policy = make("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; style-src 'unsafe-inline'";
  const style = make("style");
  const { paper, ink, edited, onEdited } = strip.paperColours();
  style.textContent = STYLE.replaceAll("ONEDITED", onEdited).replaceAll("EDITED", edited).replaceAll("INK", ink).replaceAll("PAPER", paper);
  const charset = make("meta");
  charset.setAttribute("charset", "utf-8");
  head.append(charset, policy, make("title", {}, `${title} – Vitrine`), style);
  return `<!doctype html>\n<html lang="${language()}">${head.outerHTML}${body.outerHTML}</html>\n`;
}

/**
 * @param {string} title
 * @param {StayView} stay
 */
function who(title, stay) {
  const model = shown()?.model;
  const now = new Intl.DateTimeFormat(language() === "hy" ? "hy" : "en-GB", { dateStyle: "long", timeStyle: "short" }).format(new Date());
  const { patient, encounter } = stay.report.source;
  const named = [patient, encounter].filter(Boolean).join(", ");
  return make("div", {}, make("h1", {}, title),
    make("p", {}, [named, stay.trueLabel === undefined ? "" : words.outcomeOf(stay), t("paper.made", { when: now, model: model?.name ?? "" })].filter(Boolean).join(" · ")));
}

/** @param {StayView} stay */
function risk({ summary }) {
  const { outcome, isProbability, probability, threshold } = summary;
  const value = isProbability ? words.percent(probability) : words.signedNumber(probability);
  const key = isProbability ? "risk.of" : "output.of";
  return make("div", { class: "risk" }, make("b", {}, value),
    make("p", {}, [t(key, { outcome: words.outcome(outcome) }), isProbability ? t("threshold", { at: words.wholePercent(threshold) }) : ""].filter(Boolean).join(", ")));
}

/**
 * The risk over the hours known, as the engine draws it.
 * @param {Replay} replay
 * @param {StayView} stay
 * @param {number} stepHours
 */
function course({ curve, level, marks, ticks }, { knownSteps }, stepHours) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img", "aria-label": t("replay.curve") })) svg.setAttribute(name, value);
  const here = knownSteps === undefined ? "" : (marks[knownSteps - 1] ?? "");
  for (const [d, kind] of [[level ?? "", "level"], [curve, ""], [here, "level"]]) {
    if (!d) continue;
    const path = document.createElementNS(SVG, "path");
    for (const [name, value] of Object.entries({ d, class: kind ?? "", "vector-effect": "non-scaling-stroke" })) path.setAttribute(name, value);
    svg.append(path);
  }
  const levels = ticks.map(([value, down]) => {
    const tick = make("span", {}, level ? words.wholePercent(value) : words.number(value));
    tick.style.top = words.cssPercent(down);
    return tick;
  });
  const last = marks.length * stepHours;
  const hours = [0, last / 4, last / 2, (3 * last) / 4, last].map((hour) => make("span", {}, formatter({}).format(hour)));
  return part(t("paper.curve"), make("div", { class: "curve" }, make("div", { class: "levels" }, ...levels), svg, make("div", { class: "hours" }, ...hours)));
}

/**
 * @param {string} heading
 * @param {HTMLElement} content
 */
function part(heading, content) {
  return make("section", {}, make("h2", {}, heading), content);
}
