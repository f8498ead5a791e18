// One life of the embedded page: a thread with `www/embed.js`, the worker's handlers and the engine. It is sent messages
// from a seed on, checks what comes back, and tells how many it survived.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { message, random } from "./messages.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const HANDLE = "secret";
/** A message that is not answered in this time is not answered. */
const PATIENCE_MS = 20_000;

register("./hooks.mjs", import.meta.url);
let offered;
globalThis.window = { parent: { postMessage: (handshake, _origin, [port]) => (offered = { handshake, port }) } };
globalThis.location = { hash: `#handle=${HANDLE}`, origin: "http://127.0.0.1" };
globalThis.document = { documentElement: { dataset: {} }, querySelector: () => null };
const { start } = await import("../../../www/embed.js");
const page = await import("./page.mjs");
start();
assert.equal(offered.handshake.messageType, "status.handshake");
const { port } = offered;
/** What came since the last question. */
let heard = [];
port.on("message", (data) => heard.push(data));

const text = (name) => readFileSync(join(ROOT, name), "utf8");
const sound = {
  handle: HANDLE,
  onnx: readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")),
  records: ["www/stays/stable_timeseries.csv", "www/stays/sparse-dirty_timeseries.csv"].map(text),
  resources: ["fhir-bundle", "fhir-list"].map((name) => JSON.parse(text(`fuzz/corpus/record/${name}`).slice(1))),
};

/** Asks, and gives the one answer. */
async function ask(messageType, payload) {
  const messageId = `q${Math.random()}`;
  return answerTo({ messagingHandle: HANDLE, messageId, messageType, payload });
}

async function answerTo(it) {
  heard = [];
  port.postMessage(it);
  const end = performance.now() + PATIENCE_MS;
  const answers = () => heard.filter((data) => "responseToMessageId" in data);
  while (answers().length === 0) {
    assert.ok(performance.now() < end, `no answer to ${inspect(it).slice(0, 300)}`);
    await new Promise((done) => setTimeout(done));
  }
  await new Promise((done) => setTimeout(done));
  assert.equal(answers().length, 1, "one answer a message");
  return answers()[0].payload;
}

/** The sound model and record: what a host sees of it. */
async function opened() {
  const load = () => ask("vitrine.model.load", { name: "m.onnx", onnx: Uint8Array.from(sound.onnx).buffer });
  // The method stays as it was set, and not every method can explain every stay: it is set between the two.
  await load();
  const method = {
    target: 0,
    epsilon: 0.01,
    biasFactor: 0,
    rule: "arras2017",
    gates: "all",
    explain: "paper",
    method: "lrp",
  };
  assert.equal((await ask("vitrine.method.set", method)).error, undefined);
  assert.equal((await load()).error, undefined);
  const { status, prediction } = await ask("vitrine.stay.load", { name: "s", text: sound.records[0], options: {} });
  assert.equal(status, "ok");
  return JSON.stringify(prediction);
}

// The first record opens with the page's own method; what was set before there was one comes with the second.
await opened();
const first = await opened();
const next = random(workerData.seed);
const counts = { messages: 0, ok: 0, refused: 0, ignored: 0, trap: undefined };
let state = first;
while (counts.messages < workerData.count && !page.trap) {
  const it = message(next, sound);
  counts.messages += 1;
  await check(it).catch((error) => {
    throw new Error(`message ${counts.messages} of seed ${workerData.seed}: ${error.message}`, { cause: error });
  });
}
/** A flood: each message is answered once, those that came first by what they ask for, and most are refused at once. */
async function flood(n) {
  heard = [];
  for (let k = 0; k < n; k++) {
    const payload = { name: `flood ${k}`, text: "no record", options: {} };
    port.postMessage({ messagingHandle: HANDLE, messageId: `f${k}`, messageType: "vitrine.stay.load", payload });
  }
  const end = performance.now() + PATIENCE_MS;
  const answers = () => heard.filter(({ responseToMessageId: to }) => /^f\d/.test(to ?? ""));
  while (answers().length < n) {
    assert.ok(performance.now() < end, `${answers().length} of ${n} messages were answered`);
    await new Promise((done) => setTimeout(done, 10));
  }
  const refused = answers().filter(({ payload }) => /requests wait/.test(payload.error?.message ?? ""));
  assert.equal(new Set(answers().map(({ responseToMessageId: to }) => to)).size, n);
  assert.ok(refused.length >= n - 2 * 64, `${refused.length} of ${n} refused`);
  assert.ok(refused.length < n, "those that came first were looked at");
}

if (!page.trap && workerData.seed === 1) await flood(3000);
if (page.trap) counts.trap = `${page.trap}`;
else assert.equal(await opened(), first, "after all that, the same stay has the same prediction");
parentPort.postMessage(counts);
port.close();

async function check(it) {
  const isAnswered = typeof it === "object" && it !== null && "messageId" in it && !("responseToMessageId" in it);
  if (!isAnswered) {
    heard = [];
    port.postMessage(it);
    await new Promise((done) => setTimeout(done, 1));
    counts.ignored += 1;
    return assert.deepEqual(
      heard.filter((data) => "responseToMessageId" in data),
      [],
    );
  }
  const payload = await answerTo(it);
  if (page.trap) return;
  const now = JSON.stringify((await ask("vitrine.prediction.get", {})).prediction);
  if (payload.status === "ok") {
    counts.ok += 1;
  } else {
    assert.equal(payload.status, "error");
    assert.ok(typeof payload.error.message === "string" && payload.error.message !== "", "a refusal says why");
    assert.equal(now, state, `what was refused changed what is shown: ${payload.error.message}`);
    counts.refused += 1;
  }
  state = now;
}
