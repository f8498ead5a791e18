// Workers killed at random, trapping, silent or refusing: every item gets its outcome exactly once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { mock, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { Pool } from "../../www/pool.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const DEMO = join(ROOT, "www/models/in-hospital-mortality.onnx");
/** On the clock of its own, for what would never end. */
const MOST_MS = 60_000;
const STAYS = ["stable", "septic-shock", "late-arrest", "post-operative"];

/** The same numbers every time. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A worker in this thread that does what `behave` says with each request, after a moment. */
class Actor {
  #listeners = { message: [], error: [], messageerror: [] };
  isGone = false;

  constructor(behave) {
    this.behave = behave;
  }

  addEventListener(type, listener) {
    this.#listeners[type].push(listener);
  }

  postMessage(request) {
    const reply = (it) => this.#tell("message", { data: { id: request.id, ...it } });
    const fail = (message) => this.#tell("error", { message });
    setTimeout(() => this.isGone || this.behave(request, reply, fail), 1);
  }

  terminate() {
    this.isGone = true;
  }

  #tell(type, event) {
    if (!this.isGone) for (const listener of this.#listeners[type]) listener(event);
  }
}

const double = (items) => items.map((value) => ({ value: 2 * value }));
const ask = (items) => ({ type: "double", payload: items });

/** Awaits what `work` promises while a clock of its own runs: how long a busy machine takes changes nothing. */
async function onOwnClock(work) {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let isOver = false;
    const promise = work().finally(() => (isOver = true));
    // It may be refused while the clock still runs; who awaits it below hears of that.
    promise.catch(() => {});
    for (let ms = 0; !isOver && ms < MOST_MS; ms++) {
      mock.timers.tick(1);
      await new Promise((done) => setImmediate(done));
    }
    assert.ok(isOver, `not over after ${MOST_MS} ms`);
    return await promise;
  } finally {
    mock.timers.reset();
  }
}

/** Runs `n` numbers through a pool, and checks that each has had one outcome. */
async function outcomesOf(n, options) {
  const pool = new Pool({ patience: 40, ...options });
  const outcomes = new Map();
  const work = () =>
    pool.run(
      Array.from({ length: n }, (_, k) => k),
      {
        ask,
        onOutcome(index, outcome) {
          assert.ok(!outcomes.has(index), `item ${index} has a second outcome`);
          outcomes.set(index, outcome);
        },
      },
    );
  await onOwnClock(work);
  assert.equal(outcomes.size, n);
  return { outcomes, pool };
}

test("every item gets its outcome once, whatever its number", async () => {
  for (const n of [0, 1, 15, 16, 17, 100]) {
    const start = () => new Actor((request, reply) => reply({ answer: double(request.payload) }));
    const { outcomes, pool } = await outcomesOf(n, { start, size: 3 });
    for (const [index, { value }] of outcomes) assert.equal(value, 2 * index);
    assert.equal(pool.replaced, 0);
  }
});

test("workers that die, trap, fall silent or answer late lose nothing and repeat nothing", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const start = () =>
      new Actor((request, reply, fail) => {
        const fate = next();
        if (fate < 0.1) fail("gone");
        else if (fate < 0.2) reply({ error: "unreachable", fatal: true });
        else if (fate < 0.25) return;
        else if (fate < 0.3) setTimeout(() => reply({ answer: double(request.payload) }), 60);
        else if (fate < 0.35) (reply({ answer: double(request.payload) }), fail("gone after its answer"));
        else if (fate < 0.4) (reply({ answer: double(request.payload) }), reply({ answer: double(request.payload) }));
        else reply({ answer: double(request.payload) });
      });
    const { outcomes } = await outcomesOf(150, { start, size: 4, batch: 7 });
    for (const [index, outcome] of outcomes) if ("value" in outcome) assert.equal(outcome.value, 2 * index);
  }
});

test("an item that ends its worker each time is reported, and the others are computed", async () => {
  const start = () =>
    new Actor((request, reply, fail) =>
      request.payload.includes(13) ? fail("bad item") : reply({ answer: double(request.payload) }),
    );
  const { outcomes } = await outcomesOf(60, { start, size: 2 });
  assert.match(outcomes.get(13).error, /stopped over it 3 times: bad item/);
  assert.equal([...outcomes.values()].filter((outcome) => "error" in outcome).length, 1);
});

test("a pool that cannot work says so instead of trying for ever", async () => {
  const dead = { start: () => new Actor((_, __, fail) => fail("no such file")), size: 2, open: ask([]) };
  await assert.rejects(outcomesOf(5, dead), /no worker could be brought to answer: no such file/);
  const refusing = {
    start: () => new Actor((_, reply) => reply({ error: "not a model", fatal: false })),
    size: 2,
    open: ask([]),
  };
  await assert.rejects(outcomesOf(5, refusing), /not a model/);
});

test("cancelling ends the workers, and no outcome follows", async () => {
  const actors = [];
  const start = () => {
    const actor = new Actor((request, reply) => setTimeout(() => reply({ answer: double(request.payload) }), 5));
    actors.push(actor);
    return actor;
  };
  const controller = new AbortController();
  let n = 0;
  const running = new Pool({ start, size: 2, batch: 1 }).run([1, 2, 3, 4, 5, 6, 7, 8], {
    ask,
    onOutcome: () => ++n === 3 && controller.abort(),
    signal: controller.signal,
  });
  await assert.rejects(running, /cancelled/);
  await new Promise((done) => setTimeout(done, 30));
  assert.equal(n, 3);
  assert.ok(actors.every((actor) => actor.isGone));
});

/** A thread with the real engine, as the pool sees a Worker; a hidden hand may end it at any time. */
function thread(next, chance) {
  const it = new Thread(join(HERE, "pool.worker.mjs"), { workerData: { pkg: PKG } });
  return {
    postMessage(message) {
      it.postMessage(message);
      // Killed without a word, like a tab whose memory ran out: at a random moment of its work.
      if (next() < chance) setTimeout(() => it.terminate(), 30 * next());
    },
    terminate: () => void it.terminate(),
    addEventListener: (type, listener) => it.on(type, (data) => listener(type === "message" ? { data } : data)),
  };
}

test("threads with the real engine killed at random during a cohort explain every stay once, as one engine does", async () => {
  const { initSync, Model, Stay } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
  initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
  const model = new Model(readFileSync(DEMO));
  const inputs = STAYS.map((name) => {
    const text = readFileSync(join(ROOT, `www/stays/${name}_timeseries.csv`), "utf8");
    return Stay.parse(text, model, { name }).input;
  });
  const want = inputs.map((input) => Buffer.from(model.explain(input).relevance.buffer).toString("hex"));

  const next = random(5);
  const pool = new Pool({
    start: () => thread(next, 0.2),
    size: 2,
    batch: 5,
    // A thread that was killed is waited for in full. One that starts on a busy machine takes seconds, and says so half-way.
    patience: 8000,
    open: { type: "open", payload: readFileSync(DEMO) },
  });
  const seen = new Set();
  const stays = Array.from({ length: 80 }, (_, k) => inputs[k % inputs.length]);
  await pool.run(stays, {
    ask: (items) => ({ type: "explain", payload: items }),
    onOutcome(index, outcome) {
      assert.ok(!seen.has(index), `stay ${index} has a second outcome`);
      seen.add(index);
      assert.equal(Buffer.from(outcome.value.relevance.buffer).toString("hex"), want[index % inputs.length]);
    },
  });
  assert.equal(seen.size, stays.length);
  assert.ok(pool.replaced >= 2, `only ${pool.replaced} workers were killed`);
});
