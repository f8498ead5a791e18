// What a reader waits for in the page: from a key or the scrubber to the frame that shows it, and from the address to the
// first picture. Times are taken in the page, from the event's own time stamp to the end of the frame after the picture
// changed: style, layout and painting are in it.

import { launch, visit } from "../tests/browser/browser.mjs";

const WARM_UP = 20;
/** Changes come in bursts as a held key makes them; in the pauses between, the rest of the view follows. */
const BURST = 20;
const BETWEEN = 33;
const PAUSE = 500;
/** Without the display's clock: a frame is made as soon as there is something to show. */
export const UNCLOCKED = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];

/**
 * Presses keys on one value and moves the scrubber.
 * @param {string} url
 * @param {number} count of each
 * @param {string[]} [args] of the browser
 * @returns {Promise<{ keys: number[], hours: number[] }>} milliseconds
 */
export async function timeChanges(url, count, args = []) {
  const chromium = await launch({ args });
  try {
    const { page } = await visit(chromium.browser, url);
    await page.evaluate(watch);
    const keys = await burst(page, "#whatif-value", count, (n) => (n % 20 < 10 ? "ArrowUp" : "ArrowDown"));
    const hours = await burst(page, "#replay-hour", count, (n) => (n % 80 < 40 ? "ArrowLeft" : "ArrowRight"));
    return { keys, hours };
  } finally {
    await chromium.close();
  }
}

/** In the page: notes for each change when its event came and when the frame that shows it was made. */
async function watch() {
  const { moveTo } = await import(new URL("page.js", document.baseURI).href);
  moveTo({ row: 5, step: 47 });
  window.changes = [];
  let asked = 0;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    window.changes.push(performance.now() - asked);
    window.changed?.();
  };
  // Told, not asked again and again: questions would take the time of what is measured.
  window.oneMore = (shown) => new Promise((done) => (window.changes.length > shown ? done() : (window.changed = done)));
  document.addEventListener("keydown", ({ timeStamp }) => (asked = timeStamp), true);
  // The picture, the risk and the numbers change together; the message comes after the frame.
  const seen = new MutationObserver(() => requestAnimationFrame(() => port2.postMessage(undefined)));
  seen.observe(document.querySelector("#probability"), { attributeFilter: ["data-value"] });
}

/**
 * @param {import("puppeteer-core").Page} page
 * @param {string} selector of what has the keyboard
 * @param {number} count
 * @param {(n: number) => string} key
 */
async function burst(page, selector, count, key) {
  await page.focus(selector);
  await page.evaluate(() => (window.changes.length = 0));
  for (let n = 0; n < count + WARM_UP; n++) {
    const shown = page.evaluate((shown) => window.oneMore(shown), n);
    await page.keyboard.press(key(n));
    await shown;
    await new Promise((done) => setTimeout(done, n % BURST === BURST - 1 ? PAUSE : BETWEEN * Math.random()));
    // What follows in the pause shows the same state once more: it is no answer to a key.
    if (n % BURST === BURST - 1) await page.evaluate((shown) => (window.changes.length = shown), n + 1);
  }
  return page.evaluate((warm) => window.changes.slice(warm), WARM_UP);
}

/**
 * Opens the page again and again in a new browser, with an empty cache.
 * @param {string} url
 * @param {number} count
 * @returns {Promise<{ first: number[], memory: number }>} milliseconds until the first picture of relevance is shown, and bytes of
 *   the engine's memory with the demo open
 */
export async function timeFirst(url, count) {
  const first = [];
  let memory = 0;
  for (let n = 0; n < count; n++) {
    const chromium = await launch();
    try {
      const page = await chromium.browser.newPage();
      await page.setViewport({ width: 1440, height: 900 });
      await page.evaluateOnNewDocument(() => {
        const seen = new MutationObserver(() => {
          if (!document.querySelector("#probability")?.dataset.value) return;
          seen.disconnect();
          requestAnimationFrame(() => setTimeout(() => (window.firstShown = performance.now())));
        });
        seen.observe(document, { subtree: true, attributes: true, attributeFilter: ["data-value"] });
      });
      await page.goto(url);
      await page.waitForFunction(() => window.firstShown, { polling: 20 });
      first.push(await page.evaluate(() => window.firstShown));
      const [worker] = page.workers();
      // The worker is of a blob, and says nothing of where its files are.
      memory = await worker.evaluate(async (module) => {
        const { default: init } = await import(module);
        return (await init()).memory.buffer.byteLength;
      }, new URL("../pkg/vitrine.js", page.url()).href);
    } finally {
      await chromium.close();
    }
  }
  return { first, memory };
}
