// The page in a real browser: how long an edit takes from asking to painted, and what 1,000 stays take in time, in
// stillness of the page and in memory. Prints the tables and puts them at the end of docs/bench.md.
//
//   node benches/page.mjs [--edits 200] [--stays 1000]

import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { drop, launch, settled, visit } from "../tests/browser/browser.mjs";
import { ROOT, serve } from "../tests/browser/server.mjs";
import { median, quantile } from "./statistics.mjs";

const REPORT = join(ROOT, "docs/bench.md");
const HEADING = "## In the page";
const WARM_UP_EDITS = 20;
/** A frame at 60 a second, in milliseconds. */
const FRAME = 16;
const MIB = 2 ** 20;

const { values: options } = parseArgs({ options: { edits: { type: "string", default: "200" }, stays: { type: "string", default: "1000" } } });
const [n_edits, n_stays] = [Number(options.edits), Number(options.stays)];
if (!(n_edits > 0 && n_stays > 1)) throw new Error("--edits and --stays: give whole numbers above 0 and 1");

const server = await serve();
const chromium = await launch();
try {
  const edits = await timeEdits();
  const cohort = await timeCohort();
  const section = markdown(edits, cohort);
  console.log(section);
  const report = existsSync(REPORT) ? readFileSync(REPORT, "utf8").split(`\n${HEADING}`)[0].trimEnd() : "# Bench";
  writeFileSync(REPORT, `${report}\n\n${section}`);
} finally {
  await chromium.close();
  await server.close();
}

/** Edits of one cell, one after another: from the page's asking to the worker's pictures drawn. */
async function timeEdits() {
  const { page } = await visit(chromium.browser, server.page);
  const times = await page.evaluate(async (count) => {
    const { engine, present } = await import(new URL("page.js", document.baseURI).href);
    const times = [];
    for (let n = 0; n < count; n++) {
      await new Promise((done) => requestAnimationFrame(done));
      const start = performance.now();
      const view = await engine.request("edit", { what: "nudge", row: 5, step: n % 48, by: n % 2 ? 1 : -1 });
      const answered = performance.now();
      present(view);
      times.push([answered - start, performance.now() - start]);
    }
    return times;
  }, n_edits + WARM_UP_EDITS);
  const version = await chromium.browser.version();
  await page.close();
  const counted = times.slice(WARM_UP_EDITS);
  return { version, engine: counted.map(([answered]) => answered), all: counted.map(([, shown]) => shown) };
}

/** Stays made of the demo stays, dropped at once. */
async function timeCohort() {
  const { page } = await visit(chromium.browser, server.page);
  const names = readdirSync(join(ROOT, "www/stays")).filter((name) => name.endsWith("_timeseries.csv")).sort();
  const texts = names.map((name) => readFileSync(join(ROOT, "www/stays", name)));
  const files = Array.from({ length: n_stays }, (_, n) => ({ name: `${n}_timeseries.csv`, content: texts[n % texts.length] }));
  const list = files.map(({ name }, n) => `${name},${n % 3 === 0 ? 1 : 0}`).join("\n");
  const begun = (await page.metrics()).JSHeapUsedSize / MIB;
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await drop(page, [...files, { name: "listfile.csv", content: `stay,y_true\n${list}\n` }]);
  await page.evaluate(() => {
    let last = performance.now();
    window.gaps = [];
    const tick = (now) => {
      window.gaps.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const start = performance.now();
  await settled(page);
  const seconds = (performance.now() - start) / 1000;
  const gaps = await page.evaluate(() => window.gaps);
  const ended = (await page.metrics()).JSHeapUsedSize / MIB;
  await page.close();
  return { seconds, gaps, begun, ended };
}

function markdown(edits, { seconds, gaps, begun, ended }) {
  const row = (name, values) => `| ${name} | ${median(values).toFixed(1)} | ${quantile(values, 0.95).toFixed(1)} |`;
  const within = edits.all.filter((time) => time <= FRAME).length / edits.all.length;
  return `${HEADING}

${edits.version}, headless, without a graphics card.

An edit of one value: recomputed, explained twice (relevance and gradient), all pictures painted and shown. ${edits.all.length} edits; ${(100 * within).toFixed(0)} % of them within ${FRAME} ms.

| | median, ms | 95 % below, ms |
|---|---:|---:|
${row("until the worker's answer", edits.engine)}
${row("until it is shown", edits.all)}

${n_stays.toLocaleString("en")} stays dropped at once, with labels: read, predicted, explained, summed up, and 1,000 resamples, in ${seconds.toFixed(1)} s. Frames were at most ${Math.max(...gaps).toFixed(0)} ms apart (95 % below ${quantile(gaps, 0.95).toFixed(0)} ms). The page's heap went from ${begun.toFixed(1)} to ${ended.toFixed(1)} MiB.
`;
}
