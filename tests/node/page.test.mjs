// What the page must not do, read off its text: compute with relevance, write a colour twice, talk to the network
// beyond its own files, or store anything. The crate's part is tests/study/architecture.rs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { DIGESTS, isCommitted, notCommitted } from "../../www/digests.js";

const WWW = resolve(dirname(fileURLToPath(import.meta.url)), "../../www");

/** Ways to the network other than fetching the page's own files, and ways to keep something. */
const FORBIDDEN =
  /\b(XMLHttpRequest|WebSocket|WebTransport|EventSource|sendBeacon|RTCPeerConnection|localStorage|sessionStorage|indexedDB|cookieStore|document\s*\.\s*cookie|eval|importScripts)\b/;
const COLOUR = /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\([^()]*\)/gi;
/** What the engine says of a stay: each is a number, or several. */
const SAID = "(?:relevances?|probabilit(?:y|ies)|scores?|residuals?|effects?|contributions?|amounts?|shares?|risks?)";
/** An arithmetic operator on either side of such a number, which may be an element or a property. */
const ARITHMETIC = new RegExp(
  [
    String.raw`\b${SAID}\b(?:\[[^\]]*\])?\s*(?:[*/%]|[-+](?!\+))=?`,
    String.raw`[-+*/%]=?\s*(?:\w+\s*\.\s*)*${SAID}\b`,
    String.raw`\bMath\.\w+\([^()]*\b${SAID}\b`,
    String.raw`\b${SAID}\s*\.\s*reduce\b|\brelevances?\s*\.\s*(?:map|forEach|sort|toSorted)\b`,
  ].join("|"),
);
/** What the page does compute of them: where something stands on the screen, and how a number is written. */
const COMPUTED = {
  "www/view/prediction.js": "([end, (end += amount)])", // each bar of the account begins where the one before ended
  "www/view/words.js": "${Math.round(share * 1000) / 10}%", // a length of CSS
};

/** @param {string} pattern of the names @returns {{ name: string, text: string }[]} */
function filesOfThePage(pattern) {
  assert.ok(existsSync(WWW), "www/ is there");
  const found = readdirSync(WWW, { recursive: true })
    .map(String)
    .filter((name) => new RegExp(pattern).test(name))
    .map((name) => ({ name: `www/${name}`, text: readFileSync(join(WWW, name), "utf8") }));
  assert.ok(found.length > 0, `www/ holds files that match ${pattern}`);
  return found;
}

/**
 * JavaScript with comments blanked, and the text of strings as well where `strings` is false. Expressions inside
 * template literals are code. Lines stay where they were.
 */
function code(text, { strings }) {
  let out = "";
  const blank = (/** @type {string} */ piece) => piece.replaceAll(/[^\n]/g, " ");
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;
  let at = 0;
  for (const match of text.matchAll(token)) {
    out += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[0].startsWith("/")) out += blank(match[0]);
    else if (strings) out += match[0];
    else if (match[0].startsWith("`")) out += templateCode(match[0], blank);
    else out += blank(match[0]);
  }
  return out + text.slice(at);
}

/** Each `${...}` becomes a statement of its own, so that the text around it is no operator. */
function templateCode(template, blank) {
  let out = "";
  let at = 0;
  for (const match of template.matchAll(/\$\{([^}]*)\}/g)) {
    out += `${blank(template.slice(at, match.index))};;${match[1]};`;
    at = match.index + match[0].length;
  }
  return out + blank(template.slice(at));
}

function assertNone(files, pattern, why, { except = {}, ...options } = {}) {
  const found = [];
  for (const { name, text } of files) {
    const bare = code(text, options).split("\n");
    text.split("\n").forEach((line, n) => {
      if (pattern.test(bare[n]) && !(except[name] && line.includes(except[name])))
        found.push(`${name}:${n + 1}: ${line.trim()}`);
    });
  }
  assert.deepEqual(found, [], why);
}

test("the page computes nothing from what the engine says", () => {
  assertNone(
    filesOfThePage(String.raw`\.m?js$`),
    ARITHMETIC,
    "a number derived from the engine's belongs in the engine",
    { except: COMPUTED },
  );
});

test("the page neither stores nor calls out", () => {
  assertNone(filesOfThePage(String.raw`\.(m?js|html)$`), FORBIDDEN, "nothing leaves the tab, nothing stays in it");
});

test("the page loads nothing from another host", () => {
  const loads =
    /(?:src|srcset|action|data|poster)\s*=\s*["']?(?:https?:)?\/\/|<link[^>]*href\s*=\s*["']?(?:https?:)?\/\/|url\(\s*["']?(?:https?:)?\/\/|(?:fetch|import|Worker|URL)\s*\(\s*["'`](?:https?:)?\/\//i;
  const found = filesOfThePage(String.raw`\.(m?js|html|css)$`).flatMap(({ name, text }) =>
    text
      .split("\n")
      .flatMap((line, n) =>
        loads.test(line) || (name.endsWith("css") && line.includes("@import"))
          ? [`${name}:${n + 1}: ${line.trim()}`]
          : [],
      ),
  );
  assert.deepEqual(found, []);
});

test("no colour is written twice", () => {
  const places = new Map();
  // The figures of a model card are pictures of their own.
  const files = filesOfThePage(String.raw`\.(m?js|html|css|svg)$`).filter(
    ({ name }) => !name.startsWith("www/models/"),
  );
  for (const { name, text } of files) {
    const bare = name.endsWith("js") ? code(text, { strings: true }) : text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
    // `href="#abc"` and `url(#abc)` name a place, not a colour.
    for (const match of bare.replaceAll(/(?:href="|url\(["']?)#[\w-]+/g, "").matchAll(COLOUR)) {
      const colour = canonical(match[0]);
      if (!colour.includes("var(")) places.set(colour, [...(places.get(colour) ?? []), name]);
    }
  }
  const twice = [...places].filter(([, names]) => names.length > 1);
  assert.deepEqual(twice, [], "give the colour a name: a custom property");
});

test("what is for the ear alone has one style", () => {
  const styles = readdirSync(WWW, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".css"))
    .map((name) => readFileSync(join(WWW, name), "utf8"));
  assert.equal(styles.join("\n").match(/clip-path: inset\(50%\)/g)?.length, 1);
});

test("the patterns find what they are there to find", () => {
  const derives = [
    "a = relevance[i] * 2",
    "sum += cell.relevance",
    "const r = -relevance",
    "Math.abs(relevance[3])",
    "x = relevance - y",
    "relevance.reduce(f)",
    "100 * stay.probability",
    "shares.reduce(f, 0)",
    "sum += one.score",
    "Math.max(risk, 0)",
  ];
  for (const line of derives) assert.match(line, ARITHMETIC);
  const shows = [
    "show(relevance[i])",
    "const { relevance } = cell",
    "label.textContent = format(cell.relevance)",
    "f(relevance, 1 - x)",
    "const { probability: value } = view",
    "risks.map(show)",
  ];
  for (const line of shows) assert.doesNotMatch(line, ARITHMETIC);
  assert.doesNotMatch(code('el.className = "relevance-bar"; // relevance * 2', { strings: false }), ARITHMETIC);
  assert.match(code("`${relevance * 2} px`", { strings: false }), ARITHMETIC);
  assert.equal(canonical("#FFF"), canonical("#ffffff"));
});

/** @param {string} colour */
function canonical(colour) {
  const small = colour.toLowerCase().replaceAll(/\s+/g, "");
  return /^#[0-9a-f]{3,4}$/.test(small) ? `#${[...small.slice(1)].map((c) => c + c).join("")}` : small;
}

test("the page knows its networks by the digests of the files and of their cards", () => {
  const models = join(WWW, "models");
  const names = readdirSync(models).filter((name) => name.endsWith(".onnx"));
  assert.deepEqual(Object.keys(DIGESTS).sort(), names.sort());
  const cards = readdirSync(models)
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(join(models, name), "utf8"))
    .join("\n");
  for (const file of names) {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(models, file)))
      .digest("hex");
    assert.equal(DIGESTS[file], sha256, file);
    assert.ok(cards.includes(sha256), `${file}: a card states its digest`);
    assert.equal(isCommitted({ file, sha256 }), true);
    assert.equal(isCommitted({ file, sha256: "0".repeat(64) }), false);
  }
  assert.equal(isCommitted({ file: "constructor", sha256: "" }), undefined);
  const files = [
    { file: names[0], sha256: DIGESTS[names[0]] },
    { file: names[1], sha256: "" },
    { file: "own.onnx", sha256: "" },
  ];
  assert.deepEqual(notCommitted({ files }), [files[1]]);
});
