// The tools themselves: the totals of `make test`, the static server, the stamp of pkg/, the bench's figures.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { median, quantile } from "../../benches/statistics.mjs";
import { serve } from "../../tools/serve.mjs";
import { withoutEntries } from "../../tools/pkg/link.mjs";
import { FORBIDDEN, encode } from "../../tools/single/septets.mjs";
import { stripWasm } from "../../tools/strip-wasm.mjs";
import { cargoTally, closingLine, nodeFailures, nodeTally, nodeTimes, sum, unittestTally } from "../../tools/tally.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function checkTally(read, text, [passed, failed, skipped]) {
  assert.deepEqual(read(text), { passed, failed, skipped }, text);
}

test("cargo test is summed over its binaries", () => {
  const line = (result, p, f, i) =>
    `test result: ${result}. ${p} passed; ${f} failed; ${i} ignored; 0 measured; 0 filtered out; finished in 0.1s\n`;
  checkTally(cargoTally, line("ok", 3, 0, 1) + line("FAILED", 2, 4, 0), [5, 4, 1]);
  checkTally(cargoTally, "error: could not compile `vitrine`", [0, 0, 0]);
});

test("unittest is counted", () => {
  checkTally(unittestTally, "Ran 5 tests in 0.1s\n\nOK\n", [5, 0, 0]);
  checkTally(unittestTally, "Ran 5 tests in 0.1s\n\nOK (skipped=2)\n", [3, 0, 2]);
  checkTally(unittestTally, "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n", [1, 3, 1]);
  checkTally(unittestTally, "Ran 0 tests in 0.0s\n\nFAILED (errors=1)\n", [0, 1, 0]);
  checkTally(unittestTally, "Traceback (most recent call last):", [0, 0, 0]);
});

test("node --test is counted, by either reporter", () => {
  const lines = ["tests 7", "suites 0", "pass 3", "fail 1", "cancelled 1", "skipped 1", "todo 1"];
  for (const mark of ["#", "ℹ"]) checkTally(nodeTally, lines.map((line) => `${mark} ${line}`).join("\n"), [3, 2, 2]);
});

test("the time of each test of Node's is read once", () => {
  const text =
    "▶ a suite\n  ✔ one (12.5ms)\n  ✖ two: with (brackets) (2000.25ms)\n▶ a suite (2020ms)\n﹣ left out (0.1ms) # SKIP\nℹ tests 2\n\n✖ two: with (brackets) (2000.25ms)\n";
  assert.deepEqual(nodeTimes(text), [
    { name: "one", seconds: 0.0125 },
    { name: "two: with (brackets)", seconds: 2.00025 },
  ]);
});

test("the runner of test files names those in which something failed, with what they count", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-runner-"));
  const file = (name, body) => {
    writeFileSync(join(folder, name), `import { describe, test } from "node:test";\n${body}`);
    return join(folder, name);
  };
  try {
    const files = [
      file("sound.test.mjs", "test('a', () => {});"),
      file(
        "half.test.mjs",
        "describe('s', () => { test('b', () => {}); test('c', () => { throw 1; }); test.skip('d'); });",
      ),
    ];
    const command = ["tools/check/tests.mjs", "--at-once", "2", ...files];
    // A runner inside a runner would speak another language.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    const { stdout, status } = spawnSync("node", command, { cwd: ROOT, encoding: "utf8", env });
    assert.equal(status, 1);
    checkTally(nodeTally, stdout, [2, 1, 1]);
    const [failure, ...others] = nodeFailures(stdout);
    assert.deepEqual(others, []);
    assert.equal(resolve(ROOT, failure.file), files[1]);
    assert.deepEqual(failure.tally, { passed: 1, failed: 1, skipped: 1 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what fails beside compilers is tried once more, and fails for good if it fails again", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-steps-"));
  const script = `
    import { Steps } from ${JSON.stringify(new URL("../../tools/check/steps.mjs", import.meta.url).href)};
    import { nodeTally } from ${JSON.stringify(new URL("../../tools/tally.mjs", import.meta.url).href)};
    const steps = new Steps({ root: ${JSON.stringify(ROOT)}, logs: ${JSON.stringify(folder)}, words: [], inCi: false });
    const says = (text, status) => ["node", "-e", "console.log(process.argv[1]); process.exit(Number(process.argv[2]))", text, status];
    const first = says("ℹ pass 5\\nℹ fail 1\\nfailed in a.mjs: 2 passed, 1 failed", "1");
    const again = (files) => files.join() === "a.mjs" ? says(...JSON.parse(process.argv[2])) : [];
    await steps.step("pages", first, { count: nodeTally, again });
    await steps.secondTries();
    steps.report.finish();
  `;
  try {
    for (const [second, total] of [
      [["ℹ pass 3", "0"], "6 passed, 0 failed"],
      [["ℹ pass 2\nℹ fail 1", "1"], "5 passed, 1 failed"],
    ]) {
      const { stdout } = spawnSync("node", ["--input-type=module", "-e", script, "-", JSON.stringify(second)], {
        encoding: "utf8",
      });
      assert.match(stdout, /^ {2}again +pages .* 3 passed, 0 failed$/m);
      assert.match(stdout, /^ {2}(ok|FAILED) +pages, second try of a\.mjs /m);
      assert.equal(stdout.trimEnd().split("\n").at(-1), total);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the closing line names what was skipped only if something was", () => {
  assert.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assert.equal(
    closingLine(
      sum([
        { passed: 1, failed: 0, skipped: 2 },
        { passed: 1, failed: 1, skipped: 0 },
      ]),
    ),
    "2 passed, 1 failed, 2 skipped",
  );
});

/** One request with the path as it is written, which fetch would tidy up. */
function get(port, path, method = "GET", headers = {}) {
  return new Promise((done, refuse) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on("error", refuse);
    asked.end();
  });
}

async function checkServer(port, pkg) {
  const types = {
    "/Cargo.toml": "application/octet-stream",
    "/package.json": "application/json; charset=utf-8",
    "/tools/serve.mjs": "text/javascript; charset=utf-8",
    "/pkg/vitrine_bg.wasm": "application/wasm",
    "/pkg/model.onnx": "application/octet-stream",
    "/pkg/stay.csv?a=b": "text/csv; charset=utf-8",
    "/pkg/picture.svg": "image/svg+xml",
  };
  for (const [path, type] of Object.entries(types)) {
    const { status, headers } = await get(port, path);
    assert.deepEqual([status, headers["content-type"], headers["cache-control"]], [200, type, "no-store"], path);
  }
  const whole = await get(port, "/package.json");
  assert.equal(whole.body, readFileSync(join(ROOT, "package.json"), "utf8"));
  assert.equal((await get(port, "/package.json", "HEAD")).body, "");
  assert.equal((await get(port, "/pkg/stay.csv")).body, readFileSync(join(pkg, "stay.csv"), "utf8"));
  const home = await get(port, "/");
  assert.deepEqual([home.status, home.headers.location], [302, "/www/"]);
  const refused = [
    "/absent",
    "/.git/HEAD",
    "/.git",
    "/pkg/../../secret",
    "/pkg/%2e%2e/%2e%2e/secret",
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/tools/",
    "//etc/passwd",
    "/pkg//etc/passwd",
  ];
  for (const path of refused) assert.equal((await get(port, path)).status, 404, path);
}

async function withPkg(check) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  const pkg = join(folder, "pkg");
  mkdirSync(pkg);
  writeFileSync(join(folder, "secret"), "secret");
  for (const name of ["vitrine_bg.wasm", "model.onnx", "stay.csv", "picture.svg"])
    writeFileSync(join(pkg, name), `${name}\n`);
  try {
    await check(pkg);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the Node server", () =>
  withPkg(async (pkg) => {
    const { port, close } = await serve({ pkg });
    try {
      await checkServer(port, pkg);
      assert.equal((await get(port, "/package.json", "POST")).status, 405);
      assert.equal((await get(port, "/%ff")).status, 400);
    } finally {
      await close();
    }
  }));

test("a request under a foreign name is refused, as a page of somebody else's would send it", async () => {
  const { port, close } = await serve();
  try {
    for (const host of [`127.0.0.1:${port}`, "127.0.0.1", `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      assert.equal((await get(port, "/package.json", "GET", { host })).status, 200, host);
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example:80",
      "127.0.0.1@evil.example",
    ]) {
      const { status, body } = await get(port, "/package.json", "GET", { host });
      assert.equal(status, 403, host);
      assert.doesNotMatch(body, /devDependencies/);
    }
  } finally {
    await close();
  }
});

test("the page's workers are told a policy: theirs is not the page's", async () => {
  const { port, close } = await serve();
  try {
    const { headers } = await get(port, "/www/worker/start.js");
    assert.equal(
      headers["content-security-policy"],
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    );
    assert.equal(
      (await get(port, "/www/index.html")).headers["content-security-policy"],
      undefined,
      "the page brings its own",
    );
  } finally {
    await close();
  }
});

test("a taken port is passed over", async () => {
  const first = await serve();
  const second = await serve({ port: first.port, tries: 5 });
  try {
    assert.notEqual(second.port, first.port);
    await assert.rejects(serve({ port: first.port }), { code: "EADDRINUSE" });
  } finally {
    await first.close();
    await second.close();
  }
});

test("the stamp of a package notices changed sources and changed files", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  const pkg = join(folder, "pkg");
  const source = join(folder, "a source.rs");
  const digest = (command, input) =>
    spawnSync(join(ROOT, "tools/pkg-digest"), [command, pkg], { encoding: "utf8", input });
  try {
    mkdirSync(pkg);
    writeFileSync(source, "fn a() {}");
    writeFileSync(join(pkg, "vitrine.js"), "export {};");
    assert.match(digest("check").stderr, /is not built/);
    assert.equal(digest("stamp", `${source}\nCargo.toml\n`).status, 0);
    assert.deepEqual([digest("check").status, digest("check").stderr], [0, ""]);
    const before = digest("print").stdout;
    writeFileSync(source, "fn b() {}");
    assert.match(digest("check").stderr, /is stale[^]*a source\.rs/);
    digest("stamp", `${source}\nCargo.toml\n`);
    assert.notEqual(digest("print").stdout, before);
    writeFileSync(join(pkg, "vitrine.js"), "export default 1;");
    assert.match(digest("check").stderr, /is damaged[^]*vitrine\.js/);
    rmSync(source);
    assert.equal(digest("check").status, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("stripping keeps the module and drops the names", () => {
  const custom = (name, body) => [0, name.length + 1 + body.length, name.length, ...Buffer.from(name), ...body];
  const head = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, 4, 1, 0x60, 0, 0];
  const features = custom("target_features", [0]);
  const module = Buffer.from([
    ...head,
    ...types,
    ...custom("name", [0, 1, 0]),
    ...features,
    ...custom("producers", [0]),
  ]);
  const stripped = stripWasm(module, "a.wasm");
  assert.deepEqual([...stripped], [...head, ...types, ...features]);
  assert.ok(WebAssembly.validate(stripped));
  assert.throws(() => stripWasm(Buffer.from("not a module"), "b.wasm"), /b\.wasm: not a WebAssembly module/);
});

test("a start-up entry is taken out of an object file by name, and nothing else", () => {
  const part = (kind, ...content) => [kind, content.length, ...content];
  const named = (name) => [name.length, ...Buffer.from(name)];
  const [FUNCTION, DATA, SECTION, UNDEFINED] = [0, 1, 3, 0x10];
  const symbols = [
    ...[FUNCTION, 0, 7, ...named("one::__ctor")],
    ...[FUNCTION, UNDEFINED, 3],
    ...[DATA, 0, ...named("table"), 0, 4, 8],
    ...[SECTION, 0, 2],
    ...[FUNCTION, 0, 200, 1, ...named("two::__ctor")],
  ];
  const object = (...entries) => {
    const linking = [...named("linking"), 2, ...part(8, 5, ...symbols), ...part(6, entries.length / 2, ...entries)];
    const head = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    return Buffer.from([...head, ...part(1, 1, 0x60, 0, 0), ...part(0, ...linking), ...part(0, ...named("other"), 9)]);
  };
  const both = object(50, 0, 60, 4);
  const one = withoutEntries(both, [/^two::/]);
  assert.deepEqual(one, { object: object(50, 0), leftOut: ["two::__ctor"] });
  assert.deepEqual(withoutEntries(both, [/^three::/]), { object: both, leftOut: [] });
  assert.deepEqual(withoutEntries(both, [/::__ctor$/]).object, object());
});

test("quantiles interpolate", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([0, 10], 0.1), 1);
  assert.throws(() => median([]), /no values/);
});

test("what the one file packs as text, its loader unpacks, and no character is one that a page changes", () => {
  const loader = readFileSync(join(ROOT, "tools/single/loader.js"), "utf8");
  const source = loader.slice(loader.indexOf("  function decode("), loader.indexOf("  async function inflate("));
  const decode = new Function("FORBIDDEN", `${source}; return decode`)(FORBIDDEN);
  const random = Uint8Array.from({ length: 1 << 16 }, (_, n) => (n * 2654435761) >>> 24);
  for (let length = 0; length < 64; length++) {
    for (const bytes of [
      random.subarray(0, length),
      new Uint8Array(length),
      new Uint8Array(length).fill(0x1a),
      new Uint8Array(length).fill(0xf0),
    ]) {
      const text = encode(bytes);
      assert.doesNotMatch(text, /[\0\r<]/);
      assert.deepEqual(decode(text), Uint8Array.from(bytes));
    }
  }
  const text = encode(random);
  assert.deepEqual(decode(text), random);
  assert.ok(Buffer.byteLength(text) < 1.144 * random.length, "an eighth more than the bytes");
  assert.throws(() => decode(text.slice(0, -10)), /cut off/);
  assert.match(
    loader,
    new RegExp(`FORBIDDEN = \\[${FORBIDDEN.map((it) => `0x${it.toString(16).padStart(2, "0")}`).join(", ")}\\]`),
  );
});
