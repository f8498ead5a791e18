// Writes the whole page as one HTML file that opens from `file:` and asks the network for nothing: engine, demo network,
// demo stays, styles and code inline. Needs Node and esbuild (`tools/npm.sh`), a built pkg/, and seconds.
//
//   node tools/single.mjs [--pkg DIR] [--out FILE] [--hosts "self https://portal.example"]
//   node tools/single.mjs --parts DIR [--pkg DIR]     the page without its files, DIR/page.html, and those, DIR/page.bin:
//                                                     from them python/vitrine/page.py makes a page of one's own
//
// All but the style and a small loader travel as one deflated stream, seven bits a character. The loader unpacks it, answers the
// page's own fetches and workers from it, and then runs the page, whose hash is in the policy.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { constants, deflateRawSync } from "node:zlib";
import { build, transform } from "esbuild";

import { encode } from "./single/septets.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const WWW = join(ROOT, "www");
const STYLESHEETS = /\s*<link rel="stylesheet" href="([^"]+)">/g;
const STYLESHEET = /<link rel="stylesheet" href="[^"]+">/;
/** Files of www/ that the page never asks for at run time: its own code, and what is for people who read the repository. */
const NOT_ASKED = /\.(?:js|ts|css|html|svg)$|(?:^|\/)README\.md$/;

/**
 * @param {{ pkg?: string, out?: string, hosts?: string, write?: boolean, parts?: string }} [options]
 * @returns {Promise<{ out: string, html: string, bytes: number, sha256: string, parts: Record<string, number> }>}
 */
export async function single({
  pkg = join(ROOT, "pkg"),
  out = join(ROOT, "target/vitrine.html"),
  hosts = "self",
  write = true,
  parts: folder = "",
} = {}) {
  if (!/^[\w:/.\- ]+$/.test(hosts))
    throw new Error(`--hosts ${hosts}: give origins such as "self https://portal.example"`);
  const page = await bundle(join(WWW, "main.js"), pkg);
  const files = { "../pkg/vitrine_bg.wasm": readFileSync(join(pkg, "vitrine_bg.wasm")) };
  for (const name of workers())
    files[`worker:${name}`] = Buffer.from(await bundle(join(WWW, name), pkg, { banner: WORKER_START }));
  for (const name of asked()) files[name] = readFileSync(join(WWW, name));
  files["app"] = Buffer.from(page);

  const loader = (await transform(readFileSync(join(ROOT, "tools/single/loader.js"), "utf8"), { minify: true })).code;
  const index = readFileSync(join(WWW, "index.html"), "utf8");
  const style = await styleOf(index);
  const stream = packed(files);
  const guard = readFileSync(join(WWW, "guard.js"), "utf8");
  const html = assemble(index, { guard, style, loader: loader.trim(), payload: encode(stream), page, hosts });
  if (folder) {
    const empty = assemble(index, { guard, style, loader: loader.trim(), payload: "", page, hosts });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "page.html"), empty);
    writeFileSync(join(folder, "page.bin"), packed(withOneNetwork(files, index)));
  } else if (write) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, html);
  }
  const sha256 = createHash("sha256").update(html).digest("hex");
  const parts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.length]));
  return { out, html, bytes: Buffer.byteLength(html), sha256, parts };
}

/**
 * A page of one's own opens one's own network. Of the demo's it needs the first, which its self-test runs.
 * @param {Record<string, Buffer>} files @param {string} index
 */
function withOneNetwork(files, index) {
  const [, ...others] = (/<meta name="vitrine-network" content="([^"]+)">/.exec(index)?.[1] ?? "").split(" ");
  if (others.length === 0) throw new Error("www/index.html: names one network or none in vitrine-network");
  return Object.fromEntries(Object.entries(files).filter(([name]) => !others.includes(name)));
}

/** All style sheets that the page links, in their order, as one. */
export async function styleOf(index) {
  const names = [...index.matchAll(STYLESHEETS)].map(([, name]) => name);
  const text = names.map((name) => readFileSync(join(WWW, name), "utf8")).join("\n");
  return (await transform(text, { loader: "css", minify: true })).code.trim();
}

/**
 * A module and all that it imports as one script: a classic one for the single file, a module for the site.
 * @param {string} entry
 * @param {string} pkg
 * @param {{ banner?: string, format?: "iife" | "esm" }} [options]
 */
export async function bundle(entry, pkg, { banner = "", format = "iife" } = {}) {
  const inPkg = {
    name: "pkg",
    setup: ({ onResolve }) =>
      onResolve({ filter: /pkg\/vitrine\.js$/ }, () => ({ path: join(resolve(pkg), "vitrine.js") })),
  };
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    target: "es2022",
    minify: true,
    legalComments: "none",
    define: format === "iife" ? { "import.meta.url": "globalThis.vitrineBase" } : {},
    banner: { js: banner },
    plugins: [inPkg],
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/**
 * A worker from a blob has no files beside it. The page hands it the engine with the first message, and its one fetch
 * is answered with that.
 */
const WORKER_START = `(()=>{globalThis.vitrineBase="https://vitrine.invalid/www/x.js";let give;const got=new Promise(done=>give=done);
addEventListener("message",event=>{if(!event.data||!event.data.vitrineEngine)return;event.stopImmediatePropagation();give(event.data.vitrineEngine)});
globalThis.fetch=async()=>new Response(await got,{headers:{"Content-Type":"application/wasm"}})})();`;

/** The scripts that the page starts as workers: `new Worker(new URL("NAME", import.meta.url)`. */
export function workers() {
  const names = new Set();
  for (const file of scripts()) {
    const folder = dirname(file);
    for (const [, name] of readFileSync(file, "utf8").matchAll(
      /new Worker\(\s*new URL\(\s*"([^"]+)"\s*,\s*import\.meta\.url/g,
    )) {
      names.add(relative(WWW, join(folder, name)));
    }
  }
  if (names.size === 0)
    throw new Error('www/: no worker found; single.mjs looks for `new Worker(new URL("NAME", import.meta.url)`');
  return [...names];
}

function scripts() {
  const all = readdirSync(WWW, { recursive: true }).map(String);
  return all.filter((name) => name.endsWith(".js")).map((name) => join(WWW, name));
}

/** What the page may ask for at run time, beside its workers and the engine: demo networks and records, texts. */
export function asked() {
  const all = readdirSync(WWW, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  return all.filter((name) => !NOT_ASKED.test(name) && statSync(join(WWW, name)).isFile()).sort();
}

/** The files one after the other, behind a list of their names and lengths, deflated. */
function packed(files) {
  const list = Buffer.from(JSON.stringify(Object.entries(files).map(([name, bytes]) => [name, bytes.length])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(list.length);
  return deflateRawSync(Buffer.concat([length, list, ...Object.values(files)]), {
    level: 9,
    memLevel: 9,
    strategy: constants.Z_DEFAULT_STRATEGY,
  });
}

function hash(text) {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}

/** The page's HTML with everything outside in its place. */
function assemble(index, { guard, style, loader, payload, page, hosts }) {
  const policy = [
    "default-src 'none'",
    `script-src ${[guard, loader, page].map(hash).join(" ")} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "img-src data: blob:",
    "worker-src blob:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const replace = (text, pattern, by) => {
    if (!pattern.test(text)) throw new Error(`www/index.html: nothing matches ${pattern}`);
    return text.replace(pattern, () => by);
  };
  let html = index;
  html = replace(
    html,
    /<meta\s+http-equiv="Content-Security-Policy"\s+content="[^"]*"\s*>/,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
  html = replace(html, /<meta name="vitrine-hosts" content="[^"]*">/, `<meta name="vitrine-hosts" content="${hosts}">`);
  html = replace(html, /<script src="guard\.js"><\/script>/, `<script>${guard}</script>`);
  html = replace(html, STYLESHEET, `<style>${style}</style>`).replace(STYLESHEETS, "");
  html = html.replace(/\s*<link rel="manifest"[^>]*>/, "");
  for (const script of [
    /\s*<script type="module" src="main\.js"><\/script>/,
    /\s*<script type="module" src="early\.js" async><\/script>/,
  ])
    html = replace(html, script, "");
  html = html.replace(/\s*<script[^>]*src="offline\.js"[^>]*><\/script>/, "");
  const foreign = html.match(/\b(?:src|href)="(?!#|data:|https?:)[^"]+"/);
  if (foreign)
    throw new Error(`www/index.html: ${foreign[0]} would be asked of the network; teach tools/single.mjs to inline it`);
  // Nothing in it that the HTML parser would change.
  const tail = `<script type="application/octet-stream" id="vitrine-files">${payload}</script>\n<script>${loader}</script>\n`;
  return replace(html, /<\/body>/, `${tail}</body>`);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      pkg: { type: "string" },
      out: { type: "string" },
      hosts: { type: "string" },
      parts: { type: "string" },
    },
  });
  const made = await single({
    pkg: values.pkg && resolve(values.pkg),
    out: values.out && resolve(values.out),
    hosts: values.hosts,
    parts: values.parts && resolve(values.parts),
  });
  if (!values.parts) {
    console.log(`${made.sha256}  ${relative(process.cwd(), made.out)}`);
    console.error(`${(made.bytes / 1e6).toFixed(2)} MB; open it with a double click`);
  }
}
