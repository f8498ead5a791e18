// Writes the page as a folder for any static host and any sub-path: bundled, under a strict policy, offline after the
// first visit, installable. Needs Node and esbuild (`tools/npm.sh`), a built pkg/, and seconds.
//
//   node tools/site.mjs [--pkg DIR] [--out DIR]
//
// sw.js keeps exactly the files of one build, by their hashes; a new build is a new list, fetched whole before it takes
// over, and the old one is thrown away.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { transform } from "esbuild";

import { asked, bundle, single, styleOf, workers } from "./single.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const WWW = join(ROOT, "www");
const HERE = join(ROOT, "tools/site");

/**
 * @param {{ pkg?: string, out?: string }} [options]
 * @returns {Promise<{ out: string, version: string, files: string[] }>}
 */
export async function site({ pkg = join(ROOT, "pkg"), out = join(ROOT, "target/site") } = {}) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const put = (name, content) => {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), content);
  };
  const index = readFileSync(join(WWW, "index.html"), "utf8");
  put("style.css", await styleOf(index));
  put("guard.js", (await transform(readFileSync(join(WWW, "guard.js"), "utf8"), { minify: true })).code);
  for (const name of ["early.js", "main.js", "element.js", ...workers()])
    put(name, await bundle(join(WWW, name), pkg, { format: "esm" }));
  // Beside the workers, where the bundled engine looks for it.
  for (const folder of new Set(workers().map((name) => dirname(name))))
    cpSync(join(pkg, "vitrine_bg.wasm"), join(out, folder, "vitrine_bg.wasm"));
  for (const name of asked()) put(name, readFileSync(join(WWW, name)));
  for (const name of ["offline.js", "manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"])
    put(name, readFileSync(join(HERE, name)));
  put("index.html", html(index));

  const kept = walk(out).sort();
  const list = kept.map((name) => [name === "index.html" ? "./" : name, hash(join(out, name))]);
  const version = createHash("sha256").update(JSON.stringify(list)).digest("hex").slice(0, 16);
  const worker = readFileSync(join(HERE, "sw.js"), "utf8");
  put("sw.js", worker.replace("VERSION_OF_BUILD", version).replace('["FILES_OF_BUILD"]', JSON.stringify(list)));
  // What is there for others, and not part of the page: the one file for embedding, and headers for servers.
  await single({ pkg, out: join(out, "vitrine.html") });
  put("_headers", readFileSync(join(ROOT, "examples/headers/_headers"), "utf8"));
  return { out, version, files: walk(out) };
}

function html(index) {
  const replace = (text, pattern, by) => {
    if (!pattern.test(text)) throw new Error(`www/index.html: nothing matches ${pattern}`);
    return text.replace(pattern, () => by);
  };
  let text = replace(
    index,
    /(?:\s*<link rel="stylesheet" href="[^"]+">)+/,
    '\n    <link rel="stylesheet" href="style.css">',
  );
  text = replace(
    text,
    /<link rel="icon" href="data:,">/,
    '<link rel="icon" href="icon.svg" type="image/svg+xml">\n    <link rel="apple-touch-icon" href="icon-192.png">\n    <link rel="manifest" href="manifest.webmanifest">\n    <meta name="theme-color" content="#fcfbf9">',
  );
  text = replace(
    text,
    /<script type="module" src="main\.js"><\/script>/,
    '<script type="module" src="main.js"></script>\n    <script src="offline.js" defer></script>',
  );
  return replace(text, /worker-src 'self' blob:;/, "worker-src 'self' blob:; manifest-src 'self';");
}

function walk(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => statSync(join(folder, name)).isFile()).map((name) => name.replaceAll("\\", "/"));
}

function hash(file) {
  return createHash("sha256").update(readFileSync(file)).digest("base64");
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { pkg: { type: "string" }, out: { type: "string" } } });
  const made = await site({ pkg: values.pkg && resolve(values.pkg), out: values.out && resolve(values.out) });
  console.log(
    `${relative(process.cwd(), made.out)}: ${made.files.length} files, version ${made.version}; put it anywhere on a static host`,
  );
}
