// A sentence, word by word in the colours of its relevance: the paper's other system. The engine divides the sentence,
// explains it and chooses the colours.

import { onLanguage, t } from "../messages.js";
import { act, addView, engine } from "../page.js";
import * as controls from "./controls.js";
import { make, say } from "./dom.js";
import * as picker from "./picker.js";
import * as words from "./words.js";

/** @import { DemoMethod, DemoModel, ReadSentence } from "../protocol.js" */

const MODEL = "models/sentiment.onnx";
const EXAMPLES = [
  "A wonderful, moving film with a brilliant cast!",
  "The plot is not good, and the acting is terrible.",
  "It isn't boring at all, I love this story.",
  "The camera is great, but the battery is weak and the manual is useless.",
];

const input = make("textarea", { id: "sentence", spellcheck: false, autocomplete: "off", maxLength: 2000, lang: "en" });
const result = make("div", { class: "view" });
const method = make("select");
/** @type {Promise<DemoModel> | undefined} */
let model;
let last = "";

export function start() {
  const view = make("section", { class: "demo" });
  view.append(...frame());
  addView({ id: "text", label: "view.text", element: view, network: MODEL.replace("models/", ""), onOpen: open });
  picker.addDemo({ id: "text", label: "demo.text" });
  onLanguage(() => last && show());
}

/** The first sentence is explained when the view is first opened. */
function open() {
  if (!input.value) choose(EXAMPLES[0] ?? "");
}

function frame() {
  const label = say("label", "text.sentence", { htmlFor: input.id });
  let patience = 0;
  input.addEventListener("input", () => {
    clearTimeout(patience);
    patience = window.setTimeout(show, 250);
  });
  const examples = make("p", { class: "pair" });
  examples.append(...EXAMPLES.map((example, index) => make("button", { data: { example: String(index) }, lang: "en", press: () => choose(example) }, example)));
  const how = make("p", { class: "pair" }, chooseMethod());
  const about = say("p", "text.about", { class: "quiet small" });
  return [make("h2", {}, label), input, examples, how, result, about];
}

function chooseMethod() {
  const label = say("label", "text.method", { class: "quiet" });
  label.htmlFor = method.id = "text-method";
  for (const [value, words] of /** @type {const} */ ([["lrp", "text.method.lrp"], ["gradient-x-input", "text.method.gradient"]])) {
    const option = say("option", words, { value });
    method.append(option);
  }
  method.addEventListener("change", show);
  const pair = make("span", { class: "pair" });
  pair.append(label, method);
  return pair;
}

/** @param {string} sentence */
function choose(sentence) {
  input.value = sentence;
  show();
}

function show() {
  last = input.value;
  const text = input.value;
  if (!text.trim()) return result.replaceChildren();
  act(t("explaining"), t("failed.explain"), async ({ signal }) => {
    model ??= load(signal);
    const file = await model.catch((error) => {
      model = undefined;
      throw error;
    });
    const { palette, background, ink } = controls.picture();
    const request = { model: file, text, method: /** @type {DemoMethod} */ (method.value), colours: { palette, background, ink } };
    const read = await engine.request("sentence", request, { signal });
    if (text === input.value) draw(text, read);
  });
}

/** @param {AbortSignal} signal */
async function load(signal) {
  return { name: MODEL, onnx: await (await picker.ask(MODEL, signal)).arrayBuffer() };
}

/**
 * @param {string} text
 * @param {ReadSentence} read
 */
function draw(text, { outcome, probability, score, residual, sentence }) {
  const head = make("p", { data: { outcome, probability: String(probability) } }, t("text.probability", { outcome: t("text.favourable"), share: words.percent(probability) }));
  const line = make("p", { class: "sentence", lang: "en" });
  let at = 0;
  for (const word of sentence.words) {
    line.append(text.slice(at, word.start));
    at = word.end;
    const span = make("span", { class: word.relevance === undefined ? "unread" : word.isKnown ? "" : "unknown" }, text.slice(word.start, word.end));
    span.style.setProperty("background-color", word.background);
    if (word.relevance !== undefined) {
      span.style.setProperty("color", word.ink);
      span.title = word.isKnown ? words.signedNumber(word.relevance) : t("text.unknown", { relevance: words.signedNumber(word.relevance) });
      span.dataset.relevance = String(word.relevance);
    }
    line.append(span);
  }
  line.append(text.slice(at));
  const account = make("p", { class: "quiet small" }, t("text.account", { score: words.signedNumber(score), padding: words.signedNumber(sentence.padding), residual: words.number(residual) }));
  result.replaceChildren(head, line, scale(sentence), account, table(sentence));
}

/** @param {ReadSentence["sentence"]} sentence */
function scale({ scale }) {
  const line = make("p", { class: "stops" }, make("span", { class: "quiet" }, t("text.lowers")));
  for (const stop of scale) {
    const colour = make("b", {}, words.signedNumber(stop.relevance));
    colour.style.setProperty("background-color", stop.background);
    colour.style.setProperty("color", stop.ink);
    line.append(colour);
  }
  line.append(make("span", { class: "quiet" }, t("text.raises")));
  return line;
}

/** @param {ReadSentence["sentence"]} sentence */
function table({ words: all }) {
  const details = make("details");
  const body = make("tbody");
  for (const { text, relevance, isKnown } of all) {
    const row = make("tr", {}, make("th", {}, text), make("td", {}, isKnown ? "" : t("text.not-known")), make("td", {}, relevance === undefined ? t("text.not-read") : words.signedNumber(relevance)));
    row.firstElementChild?.setAttribute("scope", "row");
    body.append(row);
  }
  const rows = make("table", { class: "numbers", ariaLabel: t("text.table") }, body);
  details.append(make("summary", {}, t("text.table")), rows);
  return details;
}
