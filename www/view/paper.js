// The report: white, on one A4 page. On paper, and as a file: one HTML document with everything in it, which opens and prints
// anywhere and asks the network for nothing. A sandboxed frame cannot print; it can hand over a file.

import { formatter, language, t } from "../messages.js";
import { engine, shown } from "../page.js";
import * as axis from "./axis.js";
import { lines, make, shape } from "./dom.js";
import { meaningShown } from "./meaning.js";
import * as picker from "./picker.js";
import * as replays from "./replay.js";
import * as strip from "./strip.js";
import * as taking from "./taking.js";
import * as verdicts from "./verdict.js";
import * as words from "./words.js";

/** @import { Replay } from "../../pkg/vitrine.js" */
/** @import { StayView } from "../protocol.js" */

/** The sheet, of which a document alone can say anything: in the shadow that the report stands in the page it would count for nothing. */
const SHEET = "@page { size: A4 landscape; margin: 9mm 10mm; }";

/** Its colours are those of paper, whatever the screen's. `INK`, `PAPER`, `EDITED` and `ONEDITED` stand for the page's. */
const STYLE = `
* { box-sizing: border-box; }
body { margin: 0; background: PAPER; }
.paper { margin: 0 auto; padding: 6mm 0; width: 277mm; color-scheme: light; color: INK; background: PAPER; font: 9.5pt/1.35 system-ui, sans-serif; font-variant-numeric: tabular-nums; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print { .paper { padding: 0; width: auto; } }
h1, h2, p, table, ul { margin: 0; }
h1 { font-size: 15pt; font-weight: 600; }
h2 { font-size: 9pt; font-weight: 600; margin-bottom: 1mm; }
header { display: flex; justify-content: space-between; align-items: end; gap: 8mm; padding-bottom: 2mm; border-bottom: 0.3mm solid; }
header p { font-size: 8.5pt; }
.risk { text-align: right; white-space: nowrap; }
.risk b { font-size: 24pt; line-height: 1; font-weight: 600; }
.strip { margin: 0 0 2mm; padding: 1.5mm 3mm; font-weight: 600; color: ONEDITED; background: EDITED; }
header + section { margin-top: 2mm; }
.reading { margin-bottom: 2.5mm; font-size: 11pt; }
.verdict { margin: -1mm 0 2.5mm; }
main { display: grid; grid-template-columns: 192mm 1fr; gap: 5mm; align-items: start; }
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

/** The report of what is shown. */
async function report() {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) throw new Error(t("export.nothing"));
  const figure = drawn(await taking.paperSvg());
  // Of an output that is no risk, or a stay of one step, there may be none.
  const curve = await engine.request("replay", undefined).catch(() => undefined);
  const verdict = verdicts.inWords();
  return make("article", { class: "paper" },
    ...(strip.text() ? [make("p", { class: "strip" }, strip.text())] : []),
    make("header", {}, who(stay), risk(stay)),
    part(t("report.reading"), make("p", { class: "reading" }, words.reading(stay))),
    ...(verdict ? [make("p", { class: "verdict" }, make("b", {}, verdict))] : []),
    make("main", {}, figure, make("aside", {}, ...(curve ? [course(curve, stay, model.stepHours)] : []),
      part(t("account"), account(stay)), ...changes(stay))),
    // Without a line of its own: the report has to stay on one page.
    make("footer", {}, [t("notice"), ...(verdict || meaningShown(shown()) !== "effect" ? [] : [t("paper.unchecked")])].join(" ")));
}

/** Its style, in the page's colours as they are on paper. */
function styled() {
  const { paper, ink, edited, onEdited } = strip.paperColours();
  return STYLE.replaceAll("ONEDITED", onEdited).replaceAll("EDITED", edited).replaceAll("INK", ink).replaceAll("PAPER", paper);
}

/** The report as the text of an HTML file. */
export async function file() {
  const body = make("body", {}, await report());
  const head = make("head");
  const policy = make("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; style-src 'unsafe-inline'";
  const style = make("style");
  style.textContent = SHEET + styled();
  const charset = make("meta");
  charset.setAttribute("charset", "utf-8");
  head.append(charset, policy, make("title", {}, `${picker.title(shown()?.stay)} – Vitrine`), style);
  return `<!doctype html>\n<html lang="${language()}">${head.outerHTML}${body.outerHTML}</html>\n`;
}

/** Prints the report in place of the page, whose style does not reach it. */
export async function print() {
  const place = make("section", { id: "print-report" });
  const root = place.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheetOf(styled())];
  root.append(await report());
  const sheet = sheetOf(SHEET);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.body.append(place);
  addEventListener("afterprint", () => {
    place.remove();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((it) => it !== sheet);
  }, { once: true });
  window.print();
}

/** @param {string} style */
function sheetOf(style) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  return sheet;
}

/**
 * A document of shapes and text as part of the page: on paper its lines stay sharp, and its words can be found.
 * @param {string} text an SVG document
 */
function drawn(text) {
  const figure = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  figure.setAttribute("role", "img");
  figure.setAttribute("aria-label", t("pictures"));
  return figure;
}

/** @param {StayView} stay */
function who(stay) {
  const model = shown()?.model;
  // As 2030-01-31 23:59: browsers do not know the months of every language.
  const now = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "short" }).format(new Date());
  const { patient, encounter } = stay.report.source;
  const named = [patient, encounter].filter(Boolean).join(", ");
  return make("div", {}, make("h1", {}, picker.title(stay)),
    make("p", {}, [named, stay.trueLabel === undefined ? "" : words.outcomeOf(stay), t("paper.made", { when: now, model: model ? words.network(model) : "" })].filter(Boolean).join(" · ")));
}

/** @param {StayView} stay */
function risk(stay) {
  return make("div", { class: "risk" }, make("b", {}, words.output(stay.summary.probability, stay.summary)), make("p", {}, words.headline(stay)));
}

/**
 * The risk over the hours known, or what the network says at every hour, as the engine draws it.
 * @param {Replay} replay
 * @param {StayView} stay
 * @param {number} stepHours
 */
function course(replay, { knownSteps }, stepHours) {
  const { curve, level, marks } = replay;
  const said = replays.saidAt();
  const at = knownSteps ?? said;
  const here = at === undefined ? undefined : marks[at - 1];
  const svg = shape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img", "aria-label": t("replay.curve") },
    ...lines([[level, "level"], [curve, ""], [here, "level"]]));
  const last = marks.length * stepHours;
  const hours = [0, last / 4, last / 2, (3 * last) / 4, last].map((hour) => make("span", {}, formatter({}).format(hour)));
  const heading = said === undefined || at === undefined ? t("paper.curve") : t("replay.said", { hours: words.clinical(at * stepHours) });
  return part(heading, make("div", { class: "curve" }, make("div", { class: "levels" }, ...axis.levels(replay)), svg, make("div", { class: "hours" }, ...hours)));
}

/**
 * @param {string} heading
 * @param {HTMLElement} content
 */
function part(heading, content) {
  return make("section", {}, make("h2", {}, heading), content);
}

/** @param {StayView} stay */
function account(stay) {
  const parts = [...words.account(stay), { name: t("ledger.score"), amount: stay.score }];
  return make("table", { class: "numbers" }, make("tbody", {}, ...parts.map(({ name, amount }, at) =>
    make("tr", { class: at + 1 === parts.length ? "sum" : "" }, make("td", {}, name), make("td", {}, words.signedNumber(amount))))));
}

/**
 * What was changed of the stay, and what it did to the risk; nothing where nothing was.
 * @param {StayView} stay
 */
function changes(stay) {
  const { log, summary } = stay;
  const edits = (log?.entries ?? []).filter(({ isDone }) => isDone);
  if (!log || edits.length === 0) return [];
  const items = edits.map(({ row, channel, hours, from, to, unit, change }) => make("li", {},
    `${t("whatif.place", { channel: words.channelAt(row, channel), from: words.clinical(hours[0]), to: words.clinical(hours[1]) })}: ${words.shown(from, unit)} → ${to ? words.ends(to, unit) : t("whatif.cleared")} (${words.moved(change, summary)})`));
  return [part(t("whatif"), make("div", {}, make("p", {}, words.changed(log, stay)), make("ul", {}, ...items)))];
}
