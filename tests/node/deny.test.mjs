// What the crates may be and what is known against them, and that the page needs no npm package to run.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  asText,
  committed,
  compare,
  database,
  findings,
  isAffected,
  meets,
  readAdvisory,
  readClone,
} from "../../tools/advisories.mjs";
import { complaints, isAllowed } from "../../tools/deny.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const ALLOWED = new Set(["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]);

test("an expression is met by what is allowed, or not", () => {
  for (const met of [
    "MIT",
    "MIT OR GPL-3.0",
    "GPL-3.0/MIT",
    "(MIT OR GPL-3.0) AND Unicode-3.0",
    "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
  ])
    assert.ok(isAllowed(met, ALLOWED), met);
  for (const not of ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND LGPL-2.1", "", "MIT MIT"])
    assert.ok(!isAllowed(not, ALLOWED), not);
});

test("a crate of another licence, of another source, denied or there twice is named", () => {
  const source = "registry+https://github.com/rust-lang/crates.io-index";
  const crate = (name, more = {}) => ({ name, version: "1.0.0", license: "MIT", source, ...more });
  const lists = { allowed: ALLOWED, denied: new Set(["hyper"]), twice: new Set(["syn"]) };
  assert.deepEqual(complaints([crate("serde"), crate("syn"), crate("syn", { version: "2.0.0" })], lists), []);
  const wrong = [
    crate("a", { license: "GPL-3.0" }),
    crate("b", { license: null }),
    crate("c", { source: "git+https://example.org/c" }),
    crate("hyper"),
    crate("d"),
    crate("d"),
  ];
  assert.equal(complaints(wrong, lists).length, 5);
});

test("versions are in the order of semantic versions", () => {
  const order = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.10",
    "1.2.0",
    "1.10.0",
    "2.0.0",
  ];
  order.forEach((a, i) =>
    order.forEach((b, k) => assert.equal(Math.sign(compare(a, b)), Math.sign(i - k), `${a} and ${b}`)),
  );
  assert.equal(compare("1.1.3+spec-1.1.0", "1.1.3"), 0);
  assert.throws(() => compare("1.x", "1.0.0"), /"1.x" is no version/);
});

test("a requirement lets in what cargo lets in", () => {
  for (const [requirement, inside, outside] of [
    [">= 0.8.4, < 0.9.0", ["0.8.4", "0.8.99"], ["0.8.3", "0.9.0"]],
    ["< 0.10.0, >= 0.9.3", ["0.9.3"], ["0.9.2", "0.10.0"]],
    ["^0.3.4", ["0.3.4", "0.3.9"], ["0.3.3", "0.4.0"]],
    ["^ 0.0.3", ["0.0.3"], ["0.0.4"]],
    ["1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]],
    ["^0", ["0.0.1", "0.9.0"], ["1.0.0"]],
    ["~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]],
    ["= 0.4.10", ["0.4.10"], ["0.4.11"]],
    ["<= 0.2.1", ["0.2.1"], ["0.2.2"]],
    ["> 0.2", ["0.2.1"], ["0.2.0"]],
  ]) {
    for (const version of inside) assert.ok(meets(version, requirement), `${version} meets ${requirement}`);
    for (const version of outside) assert.ok(!meets(version, requirement), `${version} does not meet ${requirement}`);
  }
  for (const bad of ["", ">= ", "1.0, ", "new"])
    assert.throws(() => meets("1.0.0", bad), /no part of a requirement/, bad);
});

test("a crate in an affected version, and one that nobody looked up, are named", () => {
  const source = "registry+https://github.com/rust-lang/crates.io-index";
  const rand = {
    id: "RUSTSEC-2026-0097",
    package: "rand",
    date: "2026-04-09",
    patched: [">= 0.10.1", "< 0.10.0, >= 0.9.3"],
    unaffected: ["< 0.7.0"],
    informational: "unsound",
  };
  const list = {
    source: "",
    asOf: "2026-10-09",
    lookedUp: ["rand", "serde"],
    advisories: [rand, { ...rand, id: "RUSTSEC-0000-0001", package: "serde", patched: [], unaffected: [] }],
  };
  const of = (name, version, ...more) =>
    findings(
      [
        { name, version, source },
        { name: "vitrine", version: "0.1.0", source: null },
      ],
      list,
      ...more,
    );
  for (const sound of ["0.10.1", "0.11.0", "0.9.3", "0.6.9"]) assert.deepEqual(of("rand", sound), []);
  for (const affected of ["0.10.0", "0.9.2", "0.7.0"])
    assert.match(
      of("rand", affected).join(),
      /^rand \S+: RUSTSEC-2026-0097 \(unsound\), mended in >= 0\.10\.1 or .*rustsec\.org/,
    );
  assert.match(of("serde", "1.0.0").join(), /not mended in any version/);
  assert.deepEqual(of("serde", "1.0.0", new Set(["RUSTSEC-0000-0001"])), []);
  assert.match(of("new-crate", "1.0.0").join(), /^new-crate 1\.0\.0: its advisories were not looked up on 2026-10-09/);
});

test("the committed advisories are whole, each can be met and missed, and they concern no crate of the lock file", () => {
  const list = committed();
  assert.match(list.asOf, /^20\d\d-\d\d-\d\d$/);
  assert.ok(list.advisories.length > 30);
  const locked = [
    ...readFileSync(join(ROOT, "Cargo.lock"), "utf8").matchAll(
      /^name = "(.*)"\nversion = "(.*)"(?:\nsource = "(.*)")?/gm,
    ),
  ];
  assert.ok(locked.length > 100);
  assert.deepEqual(
    findings(
      locked.map(([, name, version, source = null]) => ({ name, version, source })),
      list,
    ),
    [],
  );
  for (const advisory of list.advisories) {
    assert.match(advisory.id, /^RUSTSEC-20\d\d-\d{4}$/);
    assert.ok(list.lookedUp.includes(advisory.package) && advisory.date <= list.asOf, advisory.id);
    assert.ok(!isAffected("99.0.0", advisory), `${advisory.id} spares the future`);
    // A version just below one that was mended is affected, or was never.
    const numbers = advisory.patched
      .flatMap((it) => [.../>= ?(\d+\.\d+\.)(\d+)/g[Symbol.matchAll](it)])
      .filter(([, , patch]) => Number(patch) > 0);
    const below = numbers.map(([, start, patch]) => `${start}${Number(patch) - 1}`);
    assert.ok(
      numbers.length === 0 || below.some((version) => isAffected(version, advisory)),
      `${advisory.id} affects ${below}`,
    );
  }
});

test("advisories are read from the database's files, and written as files that read the same", (t) => {
  const clone = mkdtempSync(join(tmpdir(), "advisories-"));
  t.after(() => rmSync(clone, { recursive: true }));
  const write = (name, file, text) => {
    mkdirSync(join(clone, "crates", name), { recursive: true });
    writeFileSync(join(clone, "crates", name, file), text);
  };
  const toml = (head, versions) =>
    `\`\`\`toml\n[advisory]\n${head}\n\n[versions]\n${versions}\n\`\`\`\n\n# Title\n\npatched = ["> 9"]\n`;
  const head = (id) => `id = "${id}"\npackage = "a"\ndate = "2026-01-02"\nurl = "https://example.org/1"`;
  write(
    "a",
    "RUSTSEC-2026-9001.md",
    toml(
      `${head("RUSTSEC-2026-9001")}\ninformational = "unsound"`,
      'patched = [\n    ">= 1.2.0",\n    # none\n    "^0.9.1",\n]\nunaffected = ["< 0.3.0"]',
    ),
  );
  write("a", "RUSTSEC-2026-9002.md", toml(`${head("RUSTSEC-2026-9002")}\nwithdrawn = "2026-02-02"`, "patched = []"));
  write("a", "RUSTSEC-0000-0000.md", toml(head("RUSTSEC-0000-0000"), "patched = []"));
  write("b", "RUSTSEC-2026-9003.md", toml(head("RUSTSEC-2026-9003"), "patched = []"));
  const read = readClone(clone, ["a", "c"]);
  assert.deepEqual(read, [
    {
      id: "RUSTSEC-2026-9001",
      package: "a",
      date: "2026-01-02",
      patched: [">= 1.2.0", "^0.9.1"],
      unaffected: ["< 0.3.0"],
      informational: "unsound",
      url: "https://example.org/1",
    },
  ]);
  assert.throws(() => readAdvisory("no block"), /no block of TOML/);
  write("c", "RUSTSEC-2026-9004.md", toml('id = "RUSTSEC-2026-9004"', "patched = []"));
  assert.throws(() => readClone(clone, ["c"]), /RUSTSEC-2026-9004\.md: it lacks/);

  const list = committed();
  assert.deepEqual(JSON.parse(asText(list)), list);
  assert.equal(asText(list), readFileSync(join(ROOT, "tools/advisories.json"), "utf8"));
  database(clone, list);
  const [folder] = readdirSync(clone).filter((name) => name.startsWith("advisory-db-"));
  assert.deepEqual(
    readClone(join(clone, folder), [...new Set(list.advisories.map((it) => it.package))]),
    list.advisories,
  );
});

test("pkg/ has no npm dependency to run, the page only what lies in www/vendor, and neither loads from node_modules", () => {
  const needed = (file) => {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, file), "utf8"));
    return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  };
  assert.deepEqual(needed("pkg/package.json"), []);
  const vendored = readdirSync(join(ROOT, "www/vendor")).filter((name) => name.endsWith(".js"));
  assert.deepEqual(
    needed("package.json").map((name) => `${name}.js`),
    vendored,
  );
  const files = readdirSync(join(ROOT, "www"), { recursive: true })
    .map(String)
    .filter((name) => /\.(js|html|css)$/.test(name));
  assert.ok(files.length > 30);
  for (const file of files) {
    const text = readFileSync(join(ROOT, "www", file), "utf8");
    assert.ok(!text.includes("node_modules"), file);
    // A bare name is looked up in node_modules; the page's own files begin with a dot.
    for (const [, from] of text.matchAll(/^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"/gm))
      assert.match(from, /^\.{1,2}\//, `${file}: ${from}`);
  }
});
