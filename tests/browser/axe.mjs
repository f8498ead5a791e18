// What axe-core finds on a page, in words: rules of WCAG 2.0 to 2.2, A and AA, and its best practices.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { shoot } from "./browser.mjs";
import { ROOT } from "./server.mjs";

const AXE = await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The rules that ask for colours: another theme changes nothing that the others look at. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/**
 * @param {import("puppeteer-core").Page} page
 * @param {string[]} [only] tags or rules
 * @returns {Promise<string[]>}
 */
export async function findings(page, only = TAGS) {
  await page.evaluate(AXE);
  // What is dimmed while the page works comes back by and by; half-way its contrast is that of no state.
  await page.waitForFunction(() => document.body.dataset.state !== "busy" && document.getAnimations().length === 0, {
    polling: 50,
  });
  return page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
    );
  }, only);
}

/**
 * What axe-core finds of a page in the light and, of its colours, in the dark.
 * @param {import("puppeteer-core").Page} page
 * @param {string} [name] of a screenshot of each
 */
export async function findingsInBoth(page, name) {
  const light = await findings(page);
  if (name) await shoot(page, `${name}-light`, { fullPage: true });
  await inTheme(page, "dark");
  const dark = await findings(page, OF_COLOURS);
  if (name) await shoot(page, `${name}-dark`, { fullPage: true });
  await inTheme(page, "light");
  return [...light, ...dark.map((it) => `dark: ${it}`)];
}

/** @param {import("puppeteer-core").Page} page @param {string} theme */
function inTheme(page, theme) {
  return page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
}
