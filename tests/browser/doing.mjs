// What readers do with the page, each in one place: an action, a button, fields of the form, a cell.

import { PATIENCE, isOneFile, settled } from "./browser.mjs";

/** @import { Page } from "puppeteer-core" */

/**
 * Does something that is an action of the page, and waits until it has ended.
 * @param {Page} page
 * @param {() => unknown} run
 * @param {string} [state] how it ends
 */
export async function acting(page, run, state = "ready") {
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await run();
  await settled(page, state);
}

/**
 * Presses a button as soon as the page is at rest, and waits until what it began has ended. It is pressed from inside: what
 * the page works out by itself moves things, and a pointer would miss.
 * @param {Page} page
 * @param {string} selector
 * @param {string} [state] how it ends
 */
export async function pressing(page, selector, state = "ready") {
  await page.waitForFunction(
    (wanted) => {
      const button = document.querySelector(wanted);
      if (!button || button.disabled || !["ready", "error"].includes(document.body.dataset.state)) return false;
      document.body.dataset.state = "asked";
      button.click();
      return true;
    },
    { timeout: PATIENCE, polling: 50 },
    selector,
  );
  await settled(page, state);
}

/**
 * Does something that is an action of the page, and gives it up as soon as it has begun. Cancel shows only after a second, which
 * is longer than most take: it is pressed from inside.
 * @param {Page} page
 * @param {() => unknown} run
 */
export function cancelling(page, run) {
  return acting(page, async () => {
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (document.body.dataset.state !== "busy") return;
        observer.disconnect();
        document.querySelector("#cancel").click();
      }).observe(document.body, { attributeFilter: ["data-state"] });
    });
    await run();
  });
}

/**
 * Presses the button that says these words.
 * @param {Page} page
 * @param {string} within a selector of the part of the page
 * @param {string} words
 */
export function press(page, within, words) {
  return page.evaluate(
    (selector, label) => {
      const button = [...document.querySelectorAll(`${selector} button`)].find((it) => it.textContent.trim() === label);
      if (!button) throw new Error(`no button "${label}" in ${selector}`);
      button.click();
    },
    within,
    words,
  );
}

/**
 * Clicks in the middle of the window, where the notice at the foot of the page covers nothing.
 * @param {Page} page
 * @param {string} selector
 */
export async function clickInSight(page, selector) {
  await page.$eval(selector, (it) => it.scrollIntoView({ block: "center" }));
  await page.click(selector);
}

/**
 * Sets fields of the form, one after the other, each an action of the page.
 * @param {Page} page
 * @param {Record<string, string>} fields by their selectors
 * @param {string} [state] how each ends
 */
export async function choose(page, fields, state = "ready") {
  for (const [selector, value] of Object.entries(fields)) await acting(page, () => set(page, selector, value), state);
}

/**
 * Sets a field as somebody would who then leaves it.
 * @param {Page} page
 * @param {string} selector
 * @param {string} value
 */
export function set(page, selector, value) {
  return page.$eval(
    selector,
    (field, wanted) => {
      field.value = wanted;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    },
    value,
  );
}

/**
 * Puts the cursor on a cell, where a value can then be typed.
 * @param {Page} page
 * @param {number} row
 * @param {number} step
 */
export async function point(page, row, step) {
  // The one file has no modules to ask; page.test.mjs holds the keys to what they are to do.
  if (isOneFile) await goByKeys(page, row, step);
  else
    await page.evaluate(async (at) => (await import(new URL("page.js", document.baseURI).href)).moveTo(at), {
      row,
      step,
    });
  await page.waitForFunction(
    (cell) => document.querySelector("#whatif-value").dataset.cell === cell,
    { timeout: PATIENCE },
    `${row} ${step}`,
  );
}

/** @param {Page} page @param {number} row @param {number} step */
async function goByKeys(page, row, step) {
  await page.focus('[data-cells="input"] [tabindex="0"], [data-cells="input"][tabindex="0"]');
  await page.keyboard.down("Control");
  await page.keyboard.press("Home");
  await page.keyboard.up("Control");
  for (let n = 0; n < row; n++) await page.keyboard.press("ArrowDown");
  for (let n = 0; n < step; n++) await page.keyboard.press("ArrowRight");
}
