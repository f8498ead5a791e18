// Many stays over several workers: explained wherever one is free, taken up one after another in the order of the files.

import { t } from "../messages.js";
import { engine } from "../page.js";
import { Pool } from "../pool.js";
import { startWorker } from "../starting.js";

/** @import { StayOptions } from "../../pkg/vitrine.js" */
/** @import { CohortRow, CohortStay, Method } from "../protocol.js" */

/** Stays that a worker gets at a time. */
const BATCH = 16;
/** More workers than this take memory and add little. */
const LARGEST_POOL = 8;

/**
 * Explains records and adds them to the cohort that was begun.
 * @param {File[]} files
 * @param {object} options
 * @param {Method} [options.method]
 * @param {StayOptions} [options.reading] of tables that have all columns which its mapping names
 * @param {(name: string) => void} [options.onMapped] called with each of these
 * @param {AbortSignal} [options.signal]
 * @param {(rows: CohortRow[], done: number) => void} options.onRows new rows, in the order of the files
 */
export async function explainAll(files, { method, reading, signal, onRows, onMapped }) {
  /** What was explained and waits for its turn. @type {Map<number, CohortStay>} */
  const waiting = new Map();
  let next = 0;
  let nDone = 0;
  /** @type {Promise<void>} */
  let taking = Promise.resolve();
  const takeUp = async () => {
    const stays = [];
    for (let stay = waiting.get(next); stay; stay = waiting.get(next)) {
      waiting.delete(next++);
      stays.push(stay);
    }
    if (stays.length === 0) return;
    const transfer = stays.flatMap(({ relevance }) => (relevance ? [relevance.buffer] : []));
    onRows(await engine.request("cohortTake", stays, { signal, transfer }), nDone);
  };
  await shared(files, {
    signal,
    ask: (some) => ({ type: "cohortExplain", payload: { files: some, method, reading } }),
    onOutcome(index, outcome) {
      nDone += 1;
      const name = files[index]?.name ?? "";
      if ("value" in outcome && outcome.value.isMapped) onMapped?.(name);
      waiting.set(index, "error" in outcome ? { row: failed(name, outcome.error) } : outcome.value);
      if (index !== next) return;
      taking = taking.then(takeUp);
      // Told below.
      taking.catch(() => {});
    },
  });
  await taking;
  await takeUp();
}

/**
 * The record with the most steps, of stays that a network reads at any length.
 * @param {File[]} files
 * @param {AbortSignal} [signal]
 * @param {StayOptions} [reading] of tables that have all columns which its mapping names
 * @returns {Promise<{ file: File, isMapped: boolean } | undefined>} nothing where none can be read
 */
export async function longestOf(files, signal, reading) {
  let most = 0;
  /** @type {{ file: File, isMapped: boolean } | undefined} */
  let longest;
  await shared(files, {
    signal,
    ask: (some) => ({ type: "cohortLengths", payload: { files: some, reading } }),
    onOutcome(index, /** @type {{ value: { steps: number, isMapped: boolean } } | { error: string }} */ outcome) {
      const file = files[index];
      if (!file || !("value" in outcome) || outcome.value.steps <= most) return;
      most = outcome.value.steps;
      longest = { file, isMapped: outcome.value.isMapped };
    },
  });
  return longest;
}

/**
 * Work on files over several workers, each with the open network.
 * @param {File[]} files
 * @param {import("../pool.js").Work<File, any>} work
 */
function shared(files, work) {
  const { model } = engine.opened;
  if (!model) throw new Error("no model is open; open an ONNX file first");
  const size = Math.min(navigator.hardwareConcurrency || 2, LARGEST_POOL);
  const pool = new Pool({ start: startWorker, size, batch: BATCH, patience: 30_000, open: { type: "open", payload: { model } } });
  return pool.run(files, work).catch((error) => {
    throw work.signal?.aborted ? new Error(t("cancelled")) : error;
  });
}

/**
 * The row of a stay that no worker could explain.
 * @param {string} name
 * @param {string} error
 * @returns {CohortRow}
 */
function failed(name, error) {
  return { name, raising: [], lowering: [], nSkipped: 0, nImplausible: 0, nNotes: 0, error };
}
