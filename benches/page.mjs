// The page in a real browser: how long a reader waits for an edit, for an earlier hour and for the first picture, and what
// 1,000 stays take in time, in stillness of the page and in memory; and how long the checks of an explanation take. Prints the tables and puts them at the end of docs/bench.md.
//
//   node benches/page.mjs [--edits 200] [--stays 1000]

import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { drop, launch, settled, visit } from "../tests/browser/browser.mjs";
import { ROOT, serve } from "../tests/browser/server.mjs";
import { UNCLOCKED, timeChanges, timeFirst } from "./edits.mjs";
import { median, quantile } from "./statistics.mjs";

const REPORT = join(ROOT, "docs/bench.md");
const HEADING = "## In the page";
const FIRST_VISITS = 5;
/** How often the checks are asked for, of explanations by these methods, and how long they may take, in seconds. */
const [CHECKS, CHECKED, CHECKS_WITHIN] = [
  3,
  ["lrp", "gradient-x-input", "deep-shap", "occlusion", "smooth-grad", "integrated-gradients"],
  2,
];
/** What the targets allow: half a frame at 60 a second, and a whole one, in milliseconds. */
const [HALF, FRAME] = [8, 16];
const MIB = 2 ** 20;

const { values: options } = parseArgs({
  options: { edits: { type: "string", default: "200" }, stays: { type: "string", default: "1000" } },
});
const [n_edits, n_stays] = [Number(options.edits), Number(options.stays)];
if (!(n_edits > 0 && n_stays > 1)) throw new Error("--edits and --stays: give whole numbers above 0 and 1");

const server = await serve();
const chromium = await launch();
try {
  const waits = {
    version: await chromium.browser.version(),
    free: await timeChanges(server.page, n_edits, UNCLOCKED),
    clocked: await timeChanges(server.page, n_edits),
    ...(await timeFirst(server.page, FIRST_VISITS)),
  };
  const section = markdown(waits, await timeCohort(), await timeChecks());
  console.log(section);
  const report = existsSync(REPORT) ? readFileSync(REPORT, "utf8").split(`\n${HEADING}`)[0].trimEnd() : "# Bench";
  writeFileSync(REPORT, `${report}\n\n${section}`);
} finally {
  await chromium.close();
  await server.close();
}

/** Stays made of the demo stays, dropped at once. */
async function timeCohort() {
  const { page } = await visit(chromium.browser, server.page);
  const names = readdirSync(join(ROOT, "www/stays"))
    .filter((name) => name.endsWith("_timeseries.csv"))
    .sort();
  const texts = names.map((name) => readFileSync(join(ROOT, "www/stays", name)));
  const files = Array.from({ length: n_stays }, (_, n) => ({
    name: `${n}_timeseries.csv`,
    content: texts[n % texts.length],
  }));
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

/** From the press of "How far can I believe this?" to the word, and to the last detail, for each method, on the first demo stay: seconds. */
async function timeChecks() {
  const { page } = await visit(chromium.browser, server.page);
  const asked = async (/** @type {() => Promise<unknown>} */ run) => {
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    const start = performance.now();
    await run();
    await settled(page);
    return (performance.now() - start) / 1000;
  };
  const found = [];
  for (const method of CHECKED) {
    if (method !== CHECKED[0]) await asked(() => page.select("#method-kind", method));
    const [times, whole] = [[], []];
    for (let n = 0; n < CHECKS; n++) {
      const start = performance.now();
      times.push(await asked(() => page.$eval("#trust-ask", (it) => it.click())));
      await page.waitForSelector(".trust-numbers");
      whole.push((performance.now() - start) / 1000);
    }
    found.push({
      method,
      times,
      whole,
      measured: await page.$eval(".trust-found > p:last-of-type", (it) => it.textContent),
    });
  }
  await page.close();
  return found;
}

/** @param {string} name @param {number[]} times */
function row(name, times) {
  const within = (limit) => `${((100 * times.filter((time) => time <= limit).length) / times.length).toFixed(0)} %`;
  return `| ${name} | ${median(times).toFixed(1)} | ${quantile(times, 0.95).toFixed(1)} | ${within(HALF)} | ${within(FRAME)} |`;
}

function markdown({ version, free, clocked, first, memory }, { seconds, gaps, begun, ended }, checks) {
  return `${HEADING}

${version}, headless, without a graphics card.

From the key that changes a value, or moves the scrubber, to the frame that shows it: event, worker (recomputed, explained by relevance and gradient, painted), drawing, layout and painting of the page. ${free.keys.length} of each, in bursts as of a held key. A display of 60 frames a second adds the wait for its next frame, up to 17 ms.

| | median, ms | 95 % below, ms | within ${HALF} ms | within ${FRAME} ms |
|---|---:|---:|---:|---:|
${row("edit, frames made when there is something to show", free.keys)}
${row("edit, 60 frames a second", clocked.keys)}
${row("scrubber, frames made when there is something to show", free.hours)}
${row("scrubber, 60 frames a second", clocked.hours)}

From the address to the first picture of relevance, with an empty cache, on the loopback: median ${median(first).toFixed(0)} ms, longest ${Math.max(...first).toFixed(0)} ms of ${first.length}. The engine then holds ${(memory / MIB).toFixed(1)} MiB of memory, the demo open.

${n_stays.toLocaleString("en")} stays dropped at once, with labels: read, predicted, explained, summed up, and 1,000 resamples, in ${seconds.toFixed(1)} s. Frames were at most ${Math.max(...gaps).toFixed(0)} ms apart (95 % below ${quantile(gaps, 0.95).toFixed(0)} ms). The page's heap went from ${begun.toFixed(1)} to ${ended.toFixed(1)} MiB.

*How far can I believe this?* on the first demo stay (${checks[0].measured.match(/\d+/)[0]} measurements): from the press to the word, ${CHECKS} times each; the target is ${CHECKS_WITHIN} s. What decides nothing follows while the page is idle, which begins 0.3 s later.

| method | median, s | longest, s | within ${CHECKS_WITHIN} s | all details, median, s |
|---|---:|---:|---:|---:|
${checks.map(({ method, times, whole }) => `| ${method} | ${median(times).toFixed(2)} | ${Math.max(...times).toFixed(2)} | ${times.filter((time) => time <= CHECKS_WITHIN).length} of ${times.length} | ${median(whole).toFixed(2)} |`).join("\n")}
`;
}
