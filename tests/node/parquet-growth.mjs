// How the time to read a table in Parquet grows with its rows: processor seconds for n, 4n and 16n, unpacked as on the page and
// read by the engine, the least of three. The last part of `make growth`; with VITRINE_BLESS it writes its table into
// docs/bad-files.md.
//
//   VITRINE_PYTHON=... node tests/node/parquet-growth.mjs     a Python with pyarrow, which writes the tables

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Model, Stay } from "../../pkg/node.js";
import { tableOf } from "../../www/worker/parquet.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const LEAST = 10_000;
/** As of the engine's own readers, in tests/records/bad_files/growth.rs. */
const [RATIO_MAX, LONG_ENOUGH] = [6, 0.1];
const HEADING = "Growth of Parquet";
/** Tables as MEDS has them: one subject, a heart rate a minute. */
const WRITER = `
import sys, pyarrow as pa, pyarrow.parquet as pq
folder, *sizes = sys.argv[1:]
for n in map(int, sizes):
    time = pa.array(range(0, n * 1_000_000, 1_000_000), pa.timestamp("us"))
    values = pa.array([60 + k % 60 for k in range(n)], pa.float32())
    columns = {"subject_id": pa.array([7] * n), "time": time, "code": ["LAB//220045//bpm"] * n, "numeric_value": values}
    pq.write_table(pa.table(columns), f"{folder}/{n}.parquet")
`;

const python = process.env.VITRINE_PYTHON;
if (!python) throw new Error("VITRINE_PYTHON: name a Python with pyarrow");
const model = new Model(readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")));
const folder = mkdtempSync(join(tmpdir(), "vitrine-parquet-"));
try {
  const sizes = [LEAST, 4 * LEAST, 16 * LEAST];
  execFileSync(python, ["-c", WRITER, folder, ...sizes.map(String)]);
  write(await table(sizes));
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {number[]} sizes */
async function table(sizes) {
  const lines = ["| rows | MB of file | seconds | times |", "|--:|--:|--:|--:|"];
  let last = 0;
  for (const n of sizes) {
    const bytes = readFileSync(join(folder, `${n}.parquet`));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const took = await seconds(async () => Stay.parse(await tableOf(file), model).free());
    const times = last ? took / last : 0;
    if (times > RATIO_MAX) throw new Error(`${n} rows take ${times.toFixed(1)} times as long as a quarter`);
    lines.push(`| ${n} | ${(bytes.length / 1e6).toFixed(2)} | ${took.toFixed(3)} | ${times ? times.toFixed(1) : ""} |`);
    last = took;
  }
  return lines.join("\n");
}

/** Processor seconds, the least of three. @param {() => Promise<void>} work */
async function seconds(work) {
  let least = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage();
    for (let times = 1, took = 0; took < LONG_ENOUGH; times++) {
      await work();
      const { user, system } = process.cpuUsage(start);
      took = (user + system) / 1e6;
      least = took < LONG_ENOUGH ? least : Math.min(least, took / times);
    }
  }
  return least;
}

/** @param {string} rows */
function write(rows) {
  const words =
    "The same for a table in Parquet as MEDS has it, unpacked by hyparquet as on the page and read by the engine in WebAssembly.";
  const section = `\n## ${HEADING}\n\n${words}\n\n${rows}\n`;
  console.log(section);
  if (!process.env.VITRINE_BLESS) return;
  const document = join(ROOT, "docs/bad-files.md");
  const [before, after = ""] = readFileSync(document, "utf8").split(`\n## ${HEADING}\n`);
  const rest = after.indexOf("\n## ") < 0 ? "" : after.slice(after.indexOf("\n## "));
  writeFileSync(document, before + section + rest);
  writeFileSync(join(ROOT, "tests/records/bad_files/growth_of_parquet.md"), section);
}
