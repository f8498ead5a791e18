// Everything that the READMEs say to copy and paste, copied and pasted.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { BROWSER, eventually, launch } from "./browser.mjs";
import { DRIVE, addresses, clone, code, colours, commands, follow } from "./readme.mjs";

const DOCUMENT = "examples/README.md";
const CLIENT = "tools/fhirclient.sh";

describe(BROWSER, () => {
  let folder, followed, engine;
  before(async () => {
    folder = clone();
    followed = await follow(DOCUMENT, folder);
    engine = await launch();
  });
  after(async () => {
    await engine?.close();
    await followed?.close();
  });

  /** A page as something to go, run and wait with. */
  async function driven(run) {
    const page = await engine.browser.newPage();
    const complaints = [];
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    const evaluate = (script) => page.evaluate(`(() => {${script}})()`);
    try {
      await run({
        go: (url) => page.goto(url),
        run: evaluate,
        wait: (script) => eventually(page, `(() => {${script}})()`),
      });
      return complaints;
    } finally {
      await page.close();
    }
  }

  test("every command succeeds as it stands", () => {
    assert.ok(followed.said.size >= 5, [...followed.said.keys()].join("\n"));
    const failed = [...followed.failed].filter(([command]) => command !== CLIENT);
    assert.deepEqual(failed, []);
    assert.match(followed.said.get("make single"), /^[0-9a-f]{64} {2}target\/vitrine\.html$/m);
    assert.notEqual(followed.origin, "");
  });

  test("every example that a README names is driven, and the other documents' commands are among these", () => {
    assert.deepEqual([...addresses(DOCUMENT)].sort(), Object.keys(DRIVE).sort());
    const known = new Set([...commands(DOCUMENT), "make serve", "make test"]);
    for (const name of ["README.md", "docs/embedding.md"]) {
      for (const address of addresses(name)) assert.ok(address in DRIVE, `${name}: ${address}`);
      for (const command of commands(name).flatMap((line) => line.split(" && ")))
        assert.ok(known.has(command), `${name}: ${command}`);
    }
  });

  for (const [address, drive] of Object.entries(DRIVE)) {
    test(`${address} does what it shows`, async (context) => {
      const missing = address === "/examples/smart/" && followed.failed.get(CLIENT);
      if (missing) return context.skip(`the client cannot be fetched here: ${missing.trim().split("\n").at(-1)}`);
      assert.deepEqual(await driven((driver) => drive(driver, followed)), []);
    });
  }

  test("the README's code for a page runs as it stands", async () => {
    const [forPage] = code("README.md", "js").filter((text) => text.includes("document.querySelector"));
    const html = `<!doctype html><meta charset="utf-8"><title>pasted</title><link rel="icon" href="data:,"><canvas></canvas><script type="module">\n${forPage}\ndocument.body.dataset.state = "ready";</script>`;
    writeFileSync(join(folder, "pasted.html"), html);
    const complaints = await driven(async ({ go, run, wait }) => {
      await go(`${followed.origin}/pasted.html`);
      await wait("return document.body.dataset.state === 'ready'");
      assert.ok((await colours(run)) > 10);
    });
    assert.deepEqual(complaints, []);
  });

  test("the README's code for Node runs as it stands", () => {
    const [forNode] = code("README.md", "js").filter((text) => text.includes("node:fs"));
    writeFileSync(join(folder, "pasted.mjs"), forNode);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["pasted.mjs"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^0\.\d+ \d+\n$/);
  });
});
