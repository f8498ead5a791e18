// The engine's check of itself, in the panel "About": the loaded engine explains demo stays, and what it gives is
// compared, in the engine, with values that were stored when the page was made.

import { onLanguage, t } from "../messages.js";
import { act, engine } from "../page.js";
import { columns, find, make, scrolling, tableRow } from "./dom.js";
import * as picker from "./picker.js";

/** @import { SelfTest, SelfTestItem } from "../../pkg/vitrine.js" */

const STORED = "self-test.json";
/** Digests are shown by their beginning. */
const SHOWN = 12;

const part = make("section", { id: "self-test" });
const heading = make("h3");
const words = make("p");
const button = make("button", { press: () => check() });
const verdict = make("p", { class: "verdict", role: "status" });
const results = make("div");
part.append(heading, words, button, verdict, results);

/** What came of the last check. @type {SelfTest | undefined} */
let last;

export function start() {
  find("#about > div", HTMLElement).append(part);
  onLanguage(show);
  show();
}

function check() {
  last = undefined;
  show();
  act(t("selftest.running"), t("selftest.failed"), async ({ signal }) => {
    const stored = await (await picker.ask(STORED, signal)).text();
    /** @type {{ model: { file: string }, stays: { record: { file: string } }[] }} */
    const { model, stays } = JSON.parse(stored);
    const onnx = await (await picker.ask(model.file, signal)).arrayBuffer();
    const texts = stays.map(async ({ record: { file } }) => [file, await (await picker.ask(file, signal)).text()]);
    const records = Object.fromEntries(await Promise.all(texts));
    last = await engine.request("selfTest", { stored, onnx, records }, { signal });
    show();
  });
}

function show() {
  heading.textContent = t("selftest.heading");
  words.textContent = t("selftest.words");
  button.textContent = t("selftest.run");
  verdict.textContent = last ? said(last) : "";
  verdict.dataset.passed = last ? String(last.passed) : "";
  results.replaceChildren(...(last ? [scrolling(table(last.items))] : []));
}

/** @param {SelfTest} outcome */
function said({ passed, items }) {
  const count = passed ? items.length : items.filter((item) => !item.passed).length;
  return t(passed ? "selftest.passed" : "selftest.differs", { count, all: items.length });
}

/** @param {SelfTestItem[]} items */
function table(items) {
  const head = columns(["selftest.file", "selftest.what", "selftest.result", "selftest.stored", "selftest.found"]);
  return make("div", { class: "results" }, make("table", { class: "small" }, head, make("tbody", {}, ...items.map(line))));
}

/** @param {SelfTestItem} item */
function line({ file, what, expected, found, passed }) {
  const cells = [t(`selftest.${what}`), t(passed ? "selftest.same" : "selftest.other"), expected.slice(0, SHOWN), found.slice(0, SHOWN)];
  const it = tableRow(file.replace(/^.*\//, ""), ...cells);
  Object.assign(it.dataset, { what, passed: String(passed) });
  return it;
}
