// The catalogues: every language says the same things, with the same places, and nothing else.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { withTexts } from "../../tools/texts.mjs";

const WWW = resolve(dirname(fileURLToPath(import.meta.url)), "../../www");
const load = async (path) => (await import(pathToFileURL(join(WWW, path)).href)).default;
const [en, hy, names] = await Promise.all(["messages/en.js", "messages/hy.js", "messages/hy/names.js"].map(load));

/** The forms of a message. */
function forms(message) {
  return typeof message === "string" ? [message] : Object.values(message);
}

/** The places of a form, each once. */
function places(form) {
  return [...new Set([...form.matchAll(/\{(\w+)\}/g)].map(([, place]) => place))].sort();
}

/** Every file of the page's own code. */
function sources() {
  return readdirSync(WWW, { recursive: true })
    .map(String)
    .filter((name) => /\.(js|html)$/.test(name) && !name.startsWith("messages/"))
    .map((name) => readFileSync(join(WWW, name), "utf8"));
}

test("both languages have the same messages", () => {
  assert.deepEqual(Object.keys(hy).sort(), Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) {
    // The form for one may leave the number out: "a reading".
    const wanted = places(message.other ?? message);
    assert.deepEqual(places(hy[key].other ?? hy[key]), wanted, key);
    const rest = wanted.filter((place) => place !== "count");
    for (const form of [...forms(message), ...forms(hy[key])])
      assert.deepEqual(
        places(form).filter((place) => place !== "count"),
        rest,
        key,
      );
    assert.equal(typeof hy[key], typeof message, key);
  }
});

test("a share is written in one way, as the page's own numbers are", () => {
  for (const [key, message] of [...Object.entries(en), ...Object.entries(hy)])
    for (const form of forms(message)) assert.doesNotMatch(form, /\d\s%/, key);
});

test("what is said of every network speaks of no patient: not every network is of patients", () => {
  // The demo's own words and its tour, and a column of records that names who each row is of.
  const allowed = /^(hint|about\.data|tour\.(risk|colours)|record\.(patient|whose))$/;
  const speaking = Object.keys(en).filter((key) => forms(en[key]).some((form) => /patient|illness/i.test(form)));
  assert.deepEqual(
    speaking.filter((key) => !allowed.test(key)),
    [],
  );
});

test("no message is empty, and the Armenian ones are Armenian", () => {
  for (const [key, message] of Object.entries(hy)) {
    for (const form of forms(message)) {
      assert.ok(form.trim(), key);
      // Names of formats, places and signs are the same in every language.
      if (/[A-Z]{3,}/.test(form) && forms(en[key]).includes(form)) continue;
      const words = form.replaceAll(/\{\w+\}/g, "").match(/[a-z]{2,}/gi) ?? [];
      const hasWords = words.length > 0 || /[a-z]{3,}/.test(forms(en[key])[0].replaceAll(/\{\w+\}/g, ""));
      if (hasWords && !/^[A-Z0-9 .()]+$/.test(form)) assert.match(form, /[\u0531-\u0587]/, key);
    }
  }
});

test("the document's English texts are the messages", () => {
  const html = readFileSync(join(WWW, "index.html"), "utf8");
  assert.equal(withTexts(html, en), html, "run node tools/texts.mjs");
});

test("every text that the document names is written by tools/texts.mjs", () => {
  const html = readFileSync(join(WWW, "index.html"), "utf8");
  const marked = withTexts(html, new Proxy({}, { get: (_, key) => `§${String(key)}§` }));
  const named = [...html.matchAll(/\sdata-t(?:-([a-z-]+))?="([^"]+)"/g)];
  // The title of a field is given it when the page starts: nothing shows it before.
  const written = named.filter(([, attribute]) => attribute !== "title");
  assert.ok(written.length > 119, `${written.length}`);
  assert.deepEqual(
    [...marked.matchAll(/§([^§]+)§/g)].map(([, key]) => key).sort(),
    written.map(([, , key]) => key).sort(),
  );
});

test("a text that has drifted, an attribute and a sign that HTML escapes are set right", () => {
  const html = '<p class="a" data-t="own">Theirs</p><input aria-label="x" data-t-aria-label="own">';
  assert.equal(
    withTexts(html, { own: 'a < "b" & c' }),
    '<p class="a" data-t="own">a &lt; &quot;b&quot; &amp; c</p><input aria-label="a &lt; &quot;b&quot; &amp; c" data-t-aria-label="own">',
  );
  assert.throws(() => withTexts(html, {}), /own/);
});

test("every key that the page names is in the catalogue, and every message is named", () => {
  const text = sources().join("\n");
  const named = [...text.matchAll(/\bt\(\s*"([^"]+)"/g), ...text.matchAll(/data-t(?:-[a-z-]+)?="([^"]+)"/g)].map(
    ([, key]) => key,
  );
  assert.ok(named.length > 100);
  assert.deepEqual(
    named.filter((key) => !(key in en)),
    [],
  );
  // Keys may be put together, as in t(`pane.${name}`), or stand in lists and conditions.
  const stems = [...text.matchAll(/\bt\(`([\w.]+)\$\{/g)].map(([, stem]) => stem);
  const unused = Object.keys(en).filter(
    (key) => !text.includes(`"${key}"`) && !stems.some((stem) => key.startsWith(stem)),
  );
  assert.deepEqual(unused, []);
});

test("the built-in manifest's channels, groups and outcomes have Armenian names", () => {
  const manifest = JSON.parse(readFileSync(resolve(WWW, "../src/stay/manifest_mimic3.json"), "utf8"));
  const wanted = [
    ...manifest.channels.flatMap(({ name, group }) => [`channel.${name}`, `group.${group}`]),
    ...manifest.outcomes.map(({ name }) => `outcome.${name}`),
  ];
  assert.deepEqual(
    wanted.filter((key) => !names[key]),
    [],
  );
  const demos = JSON.parse(readFileSync(join(WWW, "stays/index.json"), "utf8"));
  assert.deepEqual(
    demos.map(({ file }) => `stay.${file}`).filter((key) => !names[key]),
    [],
  );
});
