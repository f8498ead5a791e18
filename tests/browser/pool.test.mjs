// Many stays while their workers are killed at random: every stay has its row exactly once, and the table and the pictures
// are what they are without.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { drop, file, isFirefox, launch, settled, text, visit } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

const N_STAYS = 160;
/** Each costs a start of the engine, seconds on a busy machine. */
const MOST_KILLED = 8;
/** Answers between two of them: a stay that ends three workers is given up by right, and one that was lost is answered by then. */
const BETWEEN = 2;
/** On a busy machine: 160 stays by two workers, and as many starts of the engine as workers are killed. */
const PATIENCE = 240_000;

let server, browser;
before(async () => {
  server = await serve({ isKept: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

async function records() {
  const names = (await readdir(join(ROOT, "www/stays"))).filter((name) => name.endsWith("_timeseries.csv")).sort();
  const texts = await Promise.all(names.map((name) => file(`www/stays/${name}`)));
  return Array.from({ length: N_STAYS }, (_, n) => ({ name: `${n}_timeseries.csv`, content: texts[n % texts.length] }));
}

/**
 * Drops the records, and says what the page then has. `chance`: that a worker of the pool dies when one has answered. One that
 * has not answered yet lives: it starts with the stay that was lost, and on a busy machine the others answer many times until then.
 */
async function cohort(chance) {
  const { page, complaints } = await visit(browser.browser, server.page);
  try {
    await page.evaluate(
      (chance, most, between) => {
        window.killed = 0;
        const answering = new Set();
        let answers = 0;
        let state = 7;
        const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
        // As a browser does with a worker that ran out of memory: it is gone, and the page hears of an error.
        const kill = () => {
          const worker = [...answering][Math.floor(random() * answering.size)];
          if (!worker || window.killed >= most || answers < between || random() >= chance) return;
          answers = 0;
          worker.terminate();
          worker.dispatchEvent(new ErrorEvent("error", { message: "killed" }));
          window.killed += 1;
        };
        const Native = window.Worker;
        window.Worker = function (...args) {
          const worker = new Native(...args);
          const { terminate } = worker;
          worker.terminate = () => {
            answering.delete(worker);
            terminate.call(worker);
          };
          worker.addEventListener("message", ({ data }) => {
            if (!Array.isArray(data.answer)) return;
            answering.add(worker);
            answers += 1;
            setTimeout(kill);
          });
          return worker;
        };
      },
      chance,
      MOST_KILLED,
      BETWEEN,
    );
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, await records());
    await settled(page, "ready", PATIENCE);
    const found = await page.evaluate(async () => {
      const { engine } = await import(new URL("page.js", document.baseURI).href);
      const picture = document.querySelector(".cohort-picture canvas");
      return { csv: await engine.request("cohortCsv", undefined), picture: picture.toDataURL(), killed: window.killed };
    });
    assert.match(await text(page, ".cohort [role=status]"), new RegExp(`${N_STAYS} stays, 0 not readable`));
    // Firefox says so of a module that a worker was fetching when it was killed.
    const isOfKilled = (said) => isFirefox && chance > 0 && said.includes("error loading dynamically imported module");
    assert.deepEqual(
      complaints.filter((said) => !isOfKilled(said)),
      [],
    );
    return found;
  } finally {
    await page.close();
  }
}

test("workers killed at random during a cohort: every stay gets its row exactly once", async () => {
  const calm = await cohort(0);
  const lines = calm.csv.split("\n").filter((line) => /^\d+_timeseries\.csv,/.test(line));
  assert.deepEqual(
    lines.map((line) => line.split(",")[0]),
    Array.from({ length: N_STAYS }, (_, n) => `${n}_timeseries.csv`),
  );
  const killed = await cohort(0.5);
  assert.ok(killed.killed >= 3, `${killed.killed} workers were killed`);
  console.log(`${killed.killed} workers killed over ${N_STAYS} stays`);
  assert.equal(killed.csv, calm.csv);
  assert.equal(killed.picture, calm.picture);
});
