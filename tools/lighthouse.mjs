// Measures the static site with Lighthouse, as a phone and as a desktop, and fails below 95 for accessibility, best
// practices or performance. Fetches Lighthouse from the npm registry by npx: a measuring tool, no dependency.
//
//   node tools/lighthouse.mjs [--pkg DIR]

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

import { site } from "./site.mjs";

const VERSION = "12.8.2";
const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const MIME = {
  ...JSON.parse(readFileSync(join(ROOT, "tools/mime.json"), "utf8")),
  ".webmanifest": "application/manifest+json",
};

const { values } = parseArgs({ options: { pkg: { type: "string", default: join(ROOT, "pkg") } } });
const { out } = await site({ pkg: resolve(values.pkg), out: join(ROOT, "target/site-lighthouse") });
const chrome = spawnSync(join(ROOT, "tools/chrome.sh"), { encoding: "utf8" }).stdout.trim();

/** As the sample headers have it: compressed. */
const packed = new Map();
const server = createServer((request, response) => {
  const name = new URL(request.url, "http://x").pathname.slice(1) || "index.html";
  const file = join(out, name);
  if (!existsSync(file)) return response.writeHead(404).end();
  if (!packed.has(name)) packed.set(name, gzipSync(readFileSync(file)));
  response.writeHead(200, {
    "Content-Type": MIME[extname(name)] ?? "application/octet-stream",
    "Content-Encoding": "gzip",
    "Cache-Control": "max-age=600",
  });
  response.end(packed.get(name));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${server.address().port}/`;

let isEnough = true;
for (const preset of ["mobile", "desktop"]) {
  const scores = await measure(preset);
  isEnough &&= Object.values(scores).every((score) => score >= LEAST);
  console.log(
    preset.padEnd(8),
    Object.entries(scores)
      .map(([name, score]) => `${name} ${score}`)
      .join(", "),
  );
}
server.closeAllConnections();
server.close();
process.exitCode = isEnough ? 0 : 1;

async function measure(preset) {
  const args = [
    "--yes",
    `lighthouse@${VERSION}`,
    url,
    "--quiet",
    "--output=json",
    `--only-categories=${CATEGORIES}`,
    "--chrome-flags=--headless=new --no-sandbox --disable-gpu --no-first-run",
  ];
  if (preset === "desktop") args.push("--preset=desktop");
  const report = JSON.parse(await text("npx", args));
  for (const audit of Object.values(report.audits)) {
    if (audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative")
      console.error(`  ${preset}: ${audit.id} ${audit.score} ${audit.displayValue ?? ""}`);
  }
  return Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(100 * report.categories[name].score)]));
}

function text(program, args) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      env: { ...process.env, CHROME_PATH: chrome },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let all = "";
    child.stdout.on("data", (chunk) => (all += chunk));
    child.on("error", fail);
    child.on("close", (status) => (status === 0 ? done(all) : fail(new Error(`${program} ended with ${status}`))));
  });
}
