// Pages of other houses that hold the explainer under their own rules: plain HTTP inside a hospital, Trusted Types.

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { before, test } from "node:test";

import { single } from "../../tools/single.mjs";
import { PATIENCE, isFirefox, text } from "./browser.mjs";
import { pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const CASE = "tests/fixtures/cases/hostile/trusted-types.html";
// Over plain HTTP a name that is not this machine's own is no secure context. Firefox takes no such rule.
const stage = pages({
  launching: { args: ["--host-resolver-rules=MAP portal.hospital 127.0.0.1"] },
});

before(async () => {
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  await single({ pkg, out: join(ROOT, "target/vitrine.html") });
});

test("a portal over plain HTTP reaches the explainer in its frame, and so does the element", { skip: isFirefox }, () =>
  stage.on(
    async (page) => {
      const origin = stage.server.origin.replace("127.0.0.1", "portal.hospital");
      await page.goto(`${origin}/examples/portal/index.html`);
      assert.equal(await page.evaluate(() => isSecureContext), false);
      await page.waitForFunction(() => document.body.dataset.state === "ready", { timeout: PATIENCE });
      await page.click('tr[data-file="stable_timeseries.csv"] button');
      await page.waitForFunction(() => document.body.dataset.shown === "stable_timeseries.csv", { timeout: PATIENCE });
      assert.match(await text(page, "tr[aria-current] td:last-child"), /^\d+(\.\d)?%$/);
      await page.goto(`${origin}/examples/element/`);
      await page.waitForFunction(
        () => /%/.test(document.querySelector("vitrine-explainer")?.shadowRoot?.textContent ?? ""),
        { timeout: PATIENCE },
      );
    },
    { isFresh: true },
  ),
);

test("under a policy of Trusted Types the element shows the stay or says why it cannot", { skip: isFirefox }, () =>
  stage.on(
    async (page, { complaints }) => {
      await page.evaluateOnNewDocument(() => {
        addEventListener(
          "vitrine-error",
          (event) => (globalThis.refused = String(event.detail?.message ?? event.detail)),
          true,
        );
      });
      await page.goto(`${stage.server.origin}/${CASE}`);
      await page.waitForFunction(
        () =>
          globalThis.refused ?? /%/.test(document.querySelector("vitrine-explainer")?.shadowRoot?.textContent ?? ""),
        { timeout: PATIENCE },
      );
      const shown = await page.$eval("vitrine-explainer", (element) => element.shadowRoot?.textContent ?? "");
      const refused = await page.evaluate(() => globalThis.refused);
      assert.ok(/%/.test(shown) || /TrustedScriptURL/.test(refused), `${refused}; ${shown}`);
      if (refused) assert.ok(shown.includes(refused), "the reason stands in the element, too");
      assert.deepEqual(
        complaints.filter((said) => /uncaught/i.test(said)),
        [],
      );
    },
    { isFresh: true },
  ),
);
