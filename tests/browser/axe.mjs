// What axe-core finds on a page, in words: rules of WCAG 2.0 to 2.2, A and AA, and its best practices.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./server.mjs";

const AXE = await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");

/**
 * @param {import("puppeteer-core").Page} page
 * @returns {Promise<string[]>}
 */
export async function findings(page) {
  await page.evaluate(AXE);
  // What is dimmed while the page works comes back by and by; half-way its contrast is that of no state.
  await page.waitForFunction(() => document.body.dataset.state !== "busy" && document.getAnimations().length === 0, {
    polling: 50,
  });
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
    );
  });
}
