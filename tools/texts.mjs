// Writes the English texts of www/index.html: each from www/messages/en.js, by the key that stands beside it.
//
//   node tools/texts.mjs           writes them
//   node tools/texts.mjs --check   fails where they are not what this would write
//
// The page is read without its scripts, too, and nothing may move when they start; so the texts stand in the document, and
// here is what keeps them the messages'.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import en from "../www/messages/en.js";

const FILE = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "www/index.html");

/** A start tag with its attributes, and what follows it up to the next tag. */
const TAG = /<([a-z][a-z0-9]*)((?:\s+[a-z][\w-]*(?:="[^"]*")?)*)\s*>([^<]*)/g;

/**
 * The document with the text of every `data-t` and the attribute of every `data-t-...` as the messages have them.
 * @param {string} html
 * @param {Record<string, unknown>} messages
 */
export function withTexts(html, messages) {
  return html.replaceAll(TAG, (whole, tag, attributes, text) => {
    const key = attributes.match(/\sdata-t="([^"]*)"/)?.[1];
    let filled = attributes;
    for (const [, name, key] of attributes.matchAll(/\sdata-t-([a-z-]+)="([^"]*)"/g)) {
      const written = new RegExp(`(\\s${name}=)"[^"]*"`);
      // An attribute that the document leaves to the page's start stays so.
      if (written.test(filled))
        filled = filled.replace(written, (_, start) => `${start}"${escaped(message(messages, key))}"`);
    }
    const start = whole.slice(0, whole.length - text.length).replace(attributes, () => filled);
    return start + (key === undefined ? text : escaped(message(messages, key)));
  });
}

/** As the page says it of its own demo. @param {Record<string, unknown>} messages @param {string} key */
function message(messages, key) {
  const text = messages[key];
  if (typeof text !== "string")
    throw new Error(`www/index.html: data-t "${key}" is no plain text of www/messages/en.js`);
  return text.replaceAll("{output}", "risk").replaceAll("{Output}", "Risk");
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const html = readFileSync(FILE, "utf8");
  const written = withTexts(html, en);
  if (!process.argv.includes("--check")) writeFileSync(FILE, written);
  else if (written !== html) {
    console.error("www/index.html: its texts are not those of www/messages/en.js; run node tools/texts.mjs");
    process.exit(1);
  }
}
