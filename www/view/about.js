// What the panel "About" holds beside its own words: the model card and the licences of what is compiled in. The texts
// come with the page, and are asked for when they are first looked at.

import { find, make, say, scrolling } from "./dom.js";
import * as picker from "./picker.js";

/** @typedef {{ version: string, licenses: { name: string, version: string, license: string, texts: number[] }[], texts: string[] }} Licenses */

export function start() {
  const place = find("#about > div", HTMLElement);
  place.append(
    fold("about.card", "models/MODEL_CARD.md", (text) => [scrolling(make("pre", { class: "long" }, text))]),
    fold("about.licenses", "licenses.json", (text) => licenses(JSON.parse(text))),
  );
}

/**
 * A part that folds out.
 * @param {"about.card" | "about.licenses"} key
 * @param {string} file
 * @param {(text: string) => Node[]} fill
 */
function fold(key, file, fill) {
  const details = make("details");
  const words = say("span", key);
  const heading = make("summary");
  heading.append(words);
  const body = make("div", { class: "small" });
  details.append(heading, body);
  details.addEventListener("toggle", async () => {
    if (!details.open || body.childElementCount > 0) return;
    try {
      const response = await picker.ask(file, new AbortController().signal);
      body.replaceChildren(...fill(await response.text()));
    } catch (error) {
      body.replaceChildren(error instanceof Error ? error.message : String(error));
    }
  });
  return details;
}

/** @param {Licenses} all */
function licenses({ version, licenses, texts }) {
  const list = scrolling(make("ul"));
  list.append(...licenses.map((one) => make("li", {}, `${one.name} ${one.version}: ${one.license}`)));
  return [make("p", {}, `Vitrine ${version}: MIT OR Apache-2.0`), list, scrolling(make("pre", { class: "long" }, texts.join("\n\n――――――\n\n")))];
}
