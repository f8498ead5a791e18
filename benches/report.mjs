// What the bench found, as docs/bench.md.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { VISITS } from "./chromium.mjs";
import { median, quantile } from "./statistics.mjs";

/** Stays of the cohort that is explained in one go. */
export const COHORT = 1000;
export const SLOW_ROUNDS = 5;
const MIB = 2 ** 20;

/** What each subject is called, with its version. @param {{ root: string, library?: { version: string } }} found */
function called({ root, library }) {
  const version = (/** @type {string} */ name) =>
    JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  const tract = /name = "tract-onnx"\nversion = "(.*)"/.exec(
    readFileSync(join(root, "benches/stock-tract/Cargo.lock"), "utf8"),
  )?.[1];
  return {
    engine: "Vitrine",
    tract: `tract ${tract} as it is, wasm`,
    web: `onnxruntime-web ${version("onnxruntime-web")}`,
    tf: `TensorFlow.js ${version("@tensorflow/tfjs-core")} wasm`,
    native: `onnxruntime ${library?.version}, native`,
  };
}

/** The same with what it does. @param {Record<string, string>} names */
function doing(names) {
  const { engine, ...peers } = names;
  const predict = Object.entries(peers).map(([key, name]) => [key, `${name}, predict`]);
  return {
    predict: `${engine}, predict`,
    explain: `${engine}, predict + LRP`,
    gradient: `${engine}, predict + gradient`,
    ...Object.fromEntries(predict),
  };
}

/** The rows of one run, each beside onnxruntime-web of the same run. */
function timeTable(times, names) {
  const peer = median(times.web);
  const rows = Object.entries(times).map(
    ([key, values]) =>
      `| ${names[key]} | ${median(values).toFixed(3)} | ${quantile(values, 0.1).toFixed(3)} to ${quantile(values, 0.9).toFixed(3)} | ${(median(values) / peer).toFixed(2)} |`,
  );
  return `| | ms per stay | 80 % of rounds | x onnxruntime-web |\n|---|---:|---:|---:|\n${rows.join("\n")}`;
}

/** The engine on networks of many sizes, each number beside onnxruntime-web's of the same turns. @param {import("./sizes.mjs").Timed[]} sizes */
function sizesTable(sizes) {
  const rows = sizes.map(({ name, web, predict, explain, gradient, opens, webOpens }) => {
    const per = [predict, explain, gradient].map((ms) => (ms / web).toFixed(2));
    return `| ${[name, web.toFixed(3), ...per, opens.toFixed(1), webOpens.toFixed(1)].join(" | ")} |`;
  });
  return `| network | onnxruntime-web, ms a stay | predict | + LRP | + gradient | opened, ms | by onnxruntime-web |
|---|---:|---:|---:|---:|---:|---:|
${rows.join("\n")}`;
}

function loadTable(loads, chromium, names) {
  const row = (name, start, [first, ...again]) =>
    `| ${name} | ${start === null ? "in the first load" : start.toFixed(0)} | ${first.toFixed(1)} | ${median(again).toFixed(1)} |`;
  const rows = [
    ...Object.entries(loads).map(([key, { start, loads }]) => row(names[key], start, loads)),
    ...Object.entries(chromium.loads).map(([key, [start, loads]]) => row(`${names[key]}, in Chromium`, start, loads)),
  ];
  return `| | start the engine | load the model, first | again |\n|---|---:|---:|---:|\n${rows.join("\n")}`;
}

function coldTable(cold, names) {
  const rows = Object.entries(cold).map(
    ([key, { first }]) => `| ${names[key]} | ${median(first).toFixed(0)} | ${Math.max(...first).toFixed(0)} |`,
  );
  return `| | ms, median | longest |\n|---|---:|---:|\n${rows.join("\n")}`;
}

function memoryTable({ alone, cold, library }, names) {
  const mib = (bytes) => (bytes === undefined ? "" : (bytes / MIB).toFixed(1));
  const rows = Object.entries(alone).map(
    ([key, { wasm, heap, most }]) =>
      `| ${names[key] ?? "Node without any"} | ${mib(key in names ? wasm : undefined)} | ${mib(heap)} | ${mib(most)} | ${mib(cold[key]?.wasm)} | ${mib(cold[key]?.heap)} |`,
  );
  if (library)
    rows.push(`| ${names.native} (Python with numpy: ${mib(library.before)}) | | | ${mib(library.most)} | | |`);
  return `| | WebAssembly | JavaScript heap | peak of the process | WebAssembly, Chromium | JavaScript heap, Chromium |\n|---|---:|---:|---:|---:|---:|\n${rows.join("\n")}`;
}

/** @param {[string, import("./downloads.mjs").Sizes][]} rows */
function sizeTable(head, rows) {
  return `| ${head} | raw | gzip | brotli |\n|---|---:|---:|---:|\n${rows.map(([name, { raw, gzip, brotli }]) => `| ${name} | ${raw} | ${gzip} | ${brotli} |`).join("\n")}`;
}

function differenceLine({ differences, chromium, library }, names) {
  const said = (key, value) => `${names[key]} ${value.toExponential(1)}`;
  const { cold, ...here } = differences;
  const all = Object.entries(here).map(([key, value]) => said(key, value));
  if (!library) all.push("no Python with onnxruntime here, so no native peer");
  if (!("tract" in here)) all.push("tract as it is could not be built here");
  return `Largest difference of a probability from Vitrine's: ${all.join(", ")}; in Chromium ${Math.max(...Object.values(chromium.differences), cold).toExponential(1)}.`;
}

export function markdown(found) {
  const {
    root,
    pkg,
    inputs,
    steps,
    columns,
    rounds,
    warmUp,
    few,
    times,
    sizes,
    chromium,
    slow,
    cohort,
    memory,
    loads,
    engines,
    page,
  } = found;
  const build = JSON.parse(readFileSync(join(pkg, "BUILD.json"), "utf8"));
  const digest = spawnSync(join(root, "tools/pkg-digest"), ["print"], { encoding: "utf8" }).stdout.trim();
  const names = called(found);
  const tasks = doing(names);
  return `# Bench

Written by \`make bench\`. ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${platform()} ${arch()}, Node ${process.versions.node}; one thread.
\`pkg/\` by ${build.rustc.split(" (")[0]}, ${build.route} route, sources ${digest.slice(0, 16)}.
What the Python package takes, for one stay beside Captum, for 100,000 stays and in a notebook, stands in [python.md](python.md#measured), with the programs that measured it.

![milliseconds a stay of each program, in Node and in Chromium](peers.svg)

## Time per stay

${inputs.length} demo stays of ${steps} x ${columns}, ${rounds} rounds after ${warmUp} to warm up, the subjects taking turns; TensorFlow.js, on the same network rebuilt from its weights, runs ${few.tf === 1 ? "one of them" : `${few.tf} of them`} a turn. The middle of the rounds, and 80 % of them.

In Node:

${timeTable(times, tasks)}

In ${chromium.version}, headless:

${timeTable(chromium.times, tasks)}

${differenceLine(found, names)}

## By size of the network

Recurrent networks over 48 steps of 76 columns in both directions, unless said, with weights drawn as PyTorch draws them; the engine and onnxruntime-web in turns on the same bytes. Predict, with LRP and with a gradient as ratios to onnxruntime-web's predict; a network opened again.

![the engine's time as a ratio to onnxruntime-web's, by network](sizes.svg)

In Node:

${sizesTable(sizes.Node)}

In ${chromium.version}, headless:

${sizesTable(sizes.Chromium)}

## More of one stay, and many

In Node, the least of ${SLOW_ROUNDS} rounds.

| | |
|---|---:|
${slow.map(([name, time]) => `| ${name}, ms | ${time.toFixed(1)} |`).join("\n")}
| ${COHORT.toLocaleString("en")} stays explained in one call, stays a second on one core | ${((COHORT / cohort) * 1e3).toFixed(0)} |
| WebAssembly memory after all of this, MiB | ${(memory / MIB).toFixed(1)} |

## Loading, ms

${loadTable(loads, chromium, names)}

## Cold start

In Chromium: from the navigation to the first result of a bare page that loads the program, the model and one stay from the loopback; a new browser with an empty cache each time, ${VISITS} times each, taking turns. The whole page's first picture stands under "In the page".

${coldTable(found.cold, tasks)}

## Memory, MiB

Each alone in a process or page of its own: one model loaded, all ${inputs.length} stays run three times. Memory of WebAssembly never shrinks, so that its size is its peak; JavaScript's heap was collected first.

${memoryTable(found, tasks)}

## Engines, bytes

Without the model: scripts as minified, and WebAssembly.

${sizeTable(
  "",
  Object.entries(engines).map(([key, size]) => [names[key], size]),
)}

## What the page downloads, bytes

${sizeTable(
  "file",
  page.map((file) => [file.name, file]),
)}
`;
}
