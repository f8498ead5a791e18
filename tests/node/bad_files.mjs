// The bad files and the fuzz corpora in WebAssembly, where a panic is a trap that ends the engine: how many do, and does
// each file get the words that the table on the host has?
//
//   VITRINE_BAD_FILES=FOLDER cargo test --test records bad_files && node tests/node/bad_files.mjs FOLDER
//
// Prints one line of JSON; fails where a file traps or is answered otherwise than on the host.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const FOLDER = resolve(process.argv[2] ?? "target/bad-files");
/** A network without a manifest of its own: records are read by the built-in one. */
const NETWORK = readFileSync(join(ROOT, "tests/fixtures/exporters/torch_torchscript.onnx"));
const FORMATS = ["auto", "mimic3", "physionet2012", "long", "fhir"];

const wasm = readFileSync(join(PKG, "vitrine_bg.wasm"));
let engine,
  network,
  n_engines = 0;
await restart();

/** A new instance, as after a trap: nothing may be asked of the old one. */
async function restart() {
  n_engines += 1;
  engine = await import(`${pathToFileURL(join(PKG, "vitrine.js")).href}?${n_engines}`);
  engine.initSync({ module: wasm });
  network = new engine.Model(NETWORK);
}

const counts = { badFiles: 0, corpora: 0, refused: 0, read: 0, traps: 0, otherwise: 0 };
const complaints = [];

/** Runs one file: "" where it was read, else the error's words. */
async function run(what, work) {
  try {
    work();
    counts.read += 1;
    return "";
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      counts.traps += 1;
      complaints.push(`${what}: ${error.message}`);
      await restart();
      return undefined;
    }
    counts.refused += 1;
    return error.message;
  }
}

function model(bytes) {
  const model = new engine.Model(bytes);
  const input = new Float32Array(model.steps * model.columns).map((_, k) => (((k * 37) % 101) - 50) / 40);
  const explanation = model.explain(input);
  if (!explanation.relevance.every(Number.isFinite)) throw new Error("relevance that is no number");
  explanation.free();
  model.free();
}

function record(text, format) {
  const stay = engine.Stay.parse(text, network, { format, name: "bad" });
  if (!stay.input.every(Number.isFinite)) throw new Error("an input that is no number");
  stay.free();
}

/** An error as the table has it. */
const inTable = (text) =>
  `\`${[...text].slice(0, 220).join("").replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("`", "'")}\``;

for (const { file, what, format, outcome } of JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8"))) {
  const bytes = readFileSync(join(FOLDER, file));
  const words = await run(what, () => (format ? record(bytes.toString(), format) : model(bytes)));
  counts.badFiles += 1;
  const isAsOnTheHost = words === undefined || (words === "" ? !outcome.startsWith("`") : inTable(words) === outcome);
  if (!isAsOnTheHost) {
    counts.otherwise += 1;
    complaints.push(`${what}: ${words || "read"}\n  on the host: ${outcome}`);
  }
}
for (const kind of ["onnx", "record"]) {
  for (const name of readdirSync(join(ROOT, "fuzz/corpus", kind))) {
    const bytes = readFileSync(join(ROOT, "fuzz/corpus", kind, name));
    await run(name, () =>
      kind === "onnx" ? model(bytes) : record(bytes.subarray(1).toString(), FORMATS[bytes[0] % 7] ?? "long"),
    );
    counts.corpora += 1;
  }
}
console.log(JSON.stringify(counts));
for (const complaint of complaints) console.error(complaint);
process.exit(counts.traps + counts.otherwise > 0 ? 1 : 0);
