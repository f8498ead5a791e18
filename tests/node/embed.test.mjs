// Messages of the embed protocol, made up from seeds: every one is answered once or is none, a refusal says why and
// changes nothing, and the page still works afterwards. EMBED_MESSAGES says how many (200); `make fuzz` sends more.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const HERE = dirname(fileURLToPath(import.meta.url));
const MESSAGES = Number(process.env.EMBED_MESSAGES ?? 200);
/** Messages to one life of the page. */
const A_LIFE = 200;

/** @returns {Promise<{ messages: number, ok: number, refused: number, ignored: number, trap?: string }>} */
function life(seed, count) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(join(HERE, "embed/life.mjs"), { workerData: { seed, count } });
    thread.on("message", resolve);
    thread.on("error", reject);
    thread.on("exit", (code) => code && reject(new Error(`the life of seed ${seed} ended with ${code}`)));
  });
}

test(`${MESSAGES} messages to the embedded page`, async () => {
  const total = { messages: 0, ok: 0, refused: 0, ignored: 0 };
  const traps = [];
  for (let seed = 1; total.messages < MESSAGES; seed++) {
    const counts = await life(seed, Math.min(A_LIFE, MESSAGES - total.messages));
    for (const key of Object.keys(total)) total[key] += counts[key];
    if (counts.trap) traps.push(`seed ${seed}: ${counts.trap}`);
  }
  console.log(`embed: ${JSON.stringify({ ...total, traps: traps.length })}`);
  assert.deepEqual(traps, []);
  // Messages of one kind alone would try little.
  for (const key of ["ok", "refused", "ignored"]) assert.ok(total[key] * 50 > MESSAGES, `${key}: ${total[key]}`);
});
