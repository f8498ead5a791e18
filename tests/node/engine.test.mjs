// The package as a host page uses it, in Node: VITRINE_PKG names the folder, pkg/ if not given.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const EXPORTERS = join(ROOT, "tests/fixtures/exporters");
const STAYS = join(ROOT, "tests/fixtures/stays");
const DEMO = join(ROOT, "www/models/in-hospital-mortality.onnx");

const { initSync, Model, Stay, occlusionTask, replayTask, trustTask, version } = await import(
  pathToFileURL(join(PKG, "vitrine.js")).href
);
const module = new WebAssembly.Module(readFileSync(join(PKG, "vitrine_bg.wasm")));
const { memory } = initSync({ module });

const reference = readJson(join(EXPORTERS, "channel_wise.json"));
const input = floats(join(EXPORTERS, "channel_wise.input.f32"), Float32Array);
const demo = new Model(readFileSync(DEMO));

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A file of little-endian numbers. */
function floats(file, Type) {
  const bytes = readFileSync(file);
  return new Type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function namesIn(folder, ending) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();
  assert.ok(names.length > 0, `${folder} holds files that end in ${ending}`);
  return names;
}

function open(name) {
  const data = "torch_dynamo_external.onnx.data";
  return new Model(readFileSync(join(EXPORTERS, name)), undefined, { [data]: readFileSync(join(EXPORTERS, data)) });
}

/** The largest difference, relative to the largest number wanted. */
function difference(got, want) {
  assert.equal(got.length, want.length);
  let [worst, largest] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    worst = Math.max(worst, Math.abs(got[i] - want[i]));
    largest = Math.max(largest, Math.abs(want[i]));
  }
  return worst / largest;
}

function total(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function near(got, want, allowed, what) {
  assert.ok(Math.abs(got - want) <= allowed, `${what}: ${got}, not ${want} within ${allowed}`);
}

/** @param {() => unknown} work @param {RegExp} message */
function refuses(work, message) {
  assert.throws(work, (error) => {
    assert.ok(error instanceof Error, `${error} is an Error`);
    assert.match(error.message, message);
    assert.match(error.kind, /^[a-z -]+$/);
    return true;
  });
  // After any error the engine goes on.
  near(demo.predict(input).length, 1, 0, "outputs after an error");
}

/** Everything that the module may ask of JavaScript: values, errors, typed arrays, canvases, the clock, random numbers. */
const IMPORTS = new Set(
  `
  Error Number String bigint_get_as_i64 boolean_get debug_string in is_bigint is_function is_object is_string is_undefined
  jsval_eq jsval_loose_eq number_get string_get throw init_externref_table generic
  call done entries fromEntries get get_unchecked get_with_ref_key isArray isSafeInteger iterator keys length new new_from_slice of
  next now parse prototypesetcall push set set_name stringify value getRandomValues
  instanceof_ArrayBuffer instanceof_Map instanceof_Object instanceof_Uint8Array
  instanceof_CanvasRenderingContext2d instanceof_HtmlCanvasElement instanceof_OffscreenCanvas instanceof_OffscreenCanvasRenderingContext2d
  getContext new_with_u8_clamped_array_and_sh putImageData set_height set_width
  byteLength new_with_length new_with_byte_offset_and_length instanceof_Float32Array
  isView instanceof_BigInt64Array instanceof_BigUint64Array instanceof_DataView
`
    .trim()
    .split(/\s+/),
);
/** Classes of the module's own. */
const OWN = new Set(["effects_new", "explanation_new", "model_new", "share"]);

test("the module asks its host for what is listed here, and for no way out", () => {
  const asked = WebAssembly.Module.imports(module).map(({ name }) =>
    name
      .replace(/_[0-9a-f]{16}$/, "")
      .replace(/^__wbg_/, "")
      .replace(/^_*wbindgen_/, ""),
  );
  assert.ok(asked.length > 40);
  const others = asked.filter((name) => !IMPORTS.has(name) && !OWN.has(name));
  assert.deepEqual(others, [], "not on the list: if it is no way out, add it");
  const outward = [...IMPORTS, ...asked].filter((name) =>
    /fetch|request|socket|storage|beacon|open|document|window|location|worker/i.test(name),
  );
  assert.deepEqual(outward, []);
});

test("several explanations of one run are those of a run each", () => {
  const options = [{ method: "lrp", epsilon: 0.001 }, { method: "gradient" }, { method: "gradient-x-input" }];
  const all = demo.explainAll(input, options);
  assert.equal(all.length, options.length);
  all.forEach((one, at) => {
    const alone = demo.explain(input, options[at]);
    assert.deepEqual(one.relevance, alone.relevance);
    assert.deepEqual([one.score, one.residual, one.probability], [alone.score, alone.residual, alone.probability]);
  });
  assert.deepEqual(demo.explainAll(input, []), []);
  refuses(() => demo.explainAll(input, [{}, { method: "none" }]), /method.*"none"/);
});

test("where a network reads any number of steps, what is known of a stay is explained as a stay that ended there", () => {
  const open = new Model(readFileSync(join(ROOT, "tests/fixtures/cases/inputs/gru-batch-first-a-b.onnx")));
  const names = open.manifest.channels.map(({ name }) => name);
  const row = (hour) => [hour + 0.5, ...names.map((_, column) => ((hour * 7 + column * 5) % 11) / 5 - 1)].join(",");
  const record = (hours) =>
    `${[["Hours", ...names].join(","), ...Array.from({ length: hours }, (_, hour) => row(hour))].join("\n")}\n`;
  const model = open.forRecord(record(6));
  const whole = Stay.parse(record(6), model);
  const finish = (task) => {
    while (task.advance(50) < 1);
    return task.result();
  };
  const { outputs } = finish(replayTask(model, whole));
  const options = [{ explain: "score" }];
  for (const steps of [1, 3, 6]) {
    const short = open.forRecord(record(steps));
    const { input } = Stay.parse(record(steps), short);
    const [expected] = short.explainAll(input, options);
    const known = whole.knownUntil(model, steps);
    const [got] = model.explainStay(known, options);
    assert.equal(got.probability, expected.probability);
    assert.equal(outputs[steps - 1], expected.probability);
    assert.deepEqual(got.relevance.slice(0, input.length), expected.relevance);
    assert.ok(got.relevance.slice(input.length).every((r) => r === 0));
    // What takes readings away is asked of these steps, too.
    const effects = finish(occlusionTask(model, known, { by: "channel" }));
    const alone = finish(occlusionTask(short, input, { by: "channel" }));
    assert.deepEqual(effects.groups, alone.groups);
    assert.equal(effects.explanation.relevance.length, whole.input.length);
    assert.deepEqual(effects.explanation.relevance.slice(0, input.length), alone.explanation.relevance);
    const [trust, ofAlone] = [
      finish(trustTask(model, known, options[0], got)),
      finish(trustTask(short, input, options[0], expected)),
    ];
    assert.deepEqual(trust, ofAlone);
  }
  assert.throws(() => occlusionTask(model, "stay"), /Float32Array or a Stay/);
  assert.throws(() => occlusionTask(model, [1, 2]), /has 2 numbers/);
  const groups = (given) => finish(occlusionTask(model, given, { by: "channel" })).groups;
  assert.deepEqual(groups([...whole.input]), groups(whole.input));
});

test("the version is the package's", () => {
  assert.equal(version(), readJson(join(PKG, "package.json")).version);
});

const explanations = {
  lrp: [undefined, { method: "lrp", explain: "paper", epsilon: 0.01, biasFactor: 0, rule: "arras2017", gates: "all" }],
  lrp_score: [{ explain: "score", biasFactor: 1 }],
  gradient: [{ method: "gradient" }, { method: "gradient", explain: "probability" }],
};

for (const name of namesIn(EXPORTERS, ".onnx")) {
  test(`${name} gives the reference's numbers`, () => {
    const model = open(name);
    assert.deepEqual([model.steps, model.columns, model.outputs.length], [48, 76, 1]);
    assert.equal(model.parameters, 26817);
    near(model.predict(input)[0], reference.probability, 2e-6, "probability");
    for (const [key, variants] of Object.entries(explanations)) {
      const want = floats(join(EXPORTERS, reference[key].file), Float64Array);
      for (const options of variants) {
        const explanation = model.explain(input, options);
        near(difference(explanation.relevance, want), 0, 1e-4, `${key} ${JSON.stringify(options)}`);
        near(explanation.probability, reference.probability, 2e-6, "probability");
        near(explanation.score, reference[key].score, 1e-5, "score");
        explanation.free();
      }
    }
    model.free();
  });
}

test("the ledger accounts for the score", () => {
  for (const options of [
    {},
    { rule: "arras2019" },
    { explain: "score", biasFactor: 1 },
    { explain: "score", gates: "half" },
    { explain: "score", gates: "abs" },
  ]) {
    const explanation = demo.explain(input, options);
    const { cells, masks, biases, initialStates, epsilon } = explanation.ledger;
    const what = JSON.stringify(options);
    near(cells + masks + biases + initialStates + epsilon + explanation.residual, explanation.score, 1e-9, what);
    near(explanation.residual / explanation.score, 0, 1e-6, `residual ${what}`);
    // Cells of single precision are each off by half a unit in their last place.
    const rounding = 2 ** -24 * total(explanation.relevance.map(Math.abs));
    near(total(explanation.relevance), cells + masks, 1e-4 + rounding, `sum ${what}`);
    explanation.free();
  }
});

test("the gradient is the slope of the probability", () => {
  const slope = demo.explain(input, { method: "gradient" }).relevance;
  const steepest = slope.reduce((best, s, i) => (Math.abs(s) > Math.abs(slope[best]) ? i : best), 0);
  const at = (change) => {
    const moved = input.slice();
    moved[steepest] += change;
    return demo.predict(moved)[0];
  };
  const measured = (at(1e-2) - at(-1e-2)) / 2e-2;
  near(measured / slope[steepest], 1, 0.02, `cell ${steepest}`);
});

for (const name of namesIn(STAYS, ".csv")) {
  test(`${name} becomes the reference's input`, () => {
    const model = open("tf_keras2.onnx");
    const stay = Stay.parse(readFileSync(join(STAYS, name), "utf8"), model, { name });
    assert.equal(stay.name, name);
    near(difference(stay.input, floats(join(STAYS, name.replace(".csv", ".input.f32")), Float32Array)), 0, 1e-6, name);
    assert.equal(stay.report.observed.length, model.manifest.channels.length);
  });
}

for (const name of namesIn(join(ROOT, "www/stays"), ".csv")) {
  test(`the demo stay ${name} is read and explained`, () => {
    const stay = Stay.parse(readFileSync(join(ROOT, "www/stays", name), "utf8"), demo, { format: "mimic3", name });
    assert.ok(stay.report.rowsRead > 0);
    const explanation = demo.explain(stay.input);
    // The probability shown is the one that the network gave, to the last bit.
    assert.equal(explanation.probability, demo.predict(stay.input)[0]);
    assert.ok(explanation.relevance.some((r) => r !== 0) && explanation.relevance.every(Number.isFinite));
    near(explanation.residual / explanation.score, 0, 1e-6, "residual");
  });
}

test("the same input gives the same numbers", () => {
  const [first, second] = [demo.explain(input), new Model(readFileSync(DEMO)).explain(input)];
  assert.deepEqual(first.relevance, second.relevance);
  assert.deepEqual([first.score, first.probability], [second.score, second.probability]);
});

test("what is freed is used again", () => {
  const round = () => {
    const model = new Model(readFileSync(DEMO));
    model.explain(input).free();
    model.free();
  };
  for (let n = 0; n < 5; n++) round();
  const before = memory.buffer.byteLength;
  for (let n = 0; n < 20; n++) round();
  assert.equal(memory.buffer.byteLength, before);
});

test("files that are no network are refused", () => {
  const bytes = readFileSync(DEMO);
  refuses(() => new Model(new Uint8Array()), /./);
  refuses(() => new Model(new TextEncoder().encode("Hours,Heart Rate\n0.5,80\n")), /onnx/i);
  refuses(() => new Model(bytes.subarray(0, bytes.length >> 1)), /./);
  refuses(() => new Model(bytes, "{"), /manifest/);
  refuses(
    () => new Model(readFileSync(join(ROOT, "tests/fixtures/families/refused-unknown.onnx"))),
    /det1.*Det has no rule/,
  );
  refuses(
    () => new Model(readFileSync(join(EXPORTERS, "torch_dynamo_external.onnx"))),
    /torch_dynamo_external\.onnx\.data/,
  );
});

test("inputs and options that make no sense are refused by name", () => {
  refuses(() => demo.predict(new Float32Array(7)), /7/);
  refuses(() => demo.predict(input.map((x, i) => (i === 5 ? NaN : x))), /./);
  const wrong = [
    [{ method: "guess" }, /method.*guess/],
    [{ target: 1 }, /target/],
    [{ epsilon: -1 }, /epsilon/],
    [{ biasFactor: 2 }, /bias/i],
    [{ rule: "arras" }, /rule.*arras/],
    [{ gates: "none" }, /gates.*none/],
    [{ epsilom: 1 }, /epsilom/],
  ];
  for (const [options, message] of wrong) refuses(() => demo.explain(input, options), message);
});

test("records that cannot be read are refused", () => {
  refuses(() => Stay.parse("", demo), /empty/);
  refuses(() => Stay.parse("this is no table", demo), /./);
  refuses(() => Stay.parse("Hours,Heart Rate\n0.5,80\n", demo, { format: "spreadsheet" }), /spreadsheet/);
});
