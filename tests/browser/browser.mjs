// A real browser for the tests, and the few things that every test does with the page. BROWSER=firefox takes Firefox in
// place of Chromium; FIREFOX and CHROME say where the programs are.

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, inflateSync } from "node:zlib";
import puppeteer from "puppeteer-core";

import { ROOT } from "./server.mjs";

const CHROME = process.env.CHROME ?? "/usr/bin/chromium";
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
/** The engine under test. Firefox speaks WebDriver BiDi, which cannot do all that Chromium's own protocol can. */
export const BROWSER = process.env.BROWSER ?? "chromium";
export const isFirefox = BROWSER === "firefox";
/** Whether the tests run on the one file, as server.mjs says: it has no modules that a test could ask. */
export const isOneFile = Boolean(process.env.VITRINE_FILE);
const SHOTS = join(ROOT, "target/screenshots");
export const PATIENCE = 120_000;

/**
 * Starts a browser with an empty profile that asks the network for nothing by itself.
 * @param {{ args?: string[], prefs?: Record<string, unknown>, acceptInsecureCerts?: boolean }} [options] args: further ones for
 *   Chromium; prefs: for Firefox
 */
export async function launch({ args = [], prefs = {}, acceptInsecureCerts = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), `vitrine-${BROWSER}-`));
  const downloads = join(profile, "downloads");
  await mkdir(downloads);
  const browser = isFirefox
    ? await launchFirefox(profile, downloads, prefs, acceptInsecureCerts)
    : await launchChromium(profile, args);
  patient(browser);
  const newContext = browser.createBrowserContext.bind(browser);
  browser.createBrowserContext = async (...options) => patient(await newContext(...options));
  return {
    browser,
    /** Where `download` of download.mjs looks. */
    downloads,
    close: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Every page waits as long as the tests do: half a minute, which is puppeteer's, is little beside compilers.
 * @template {import("puppeteer-core").Browser | import("puppeteer-core").BrowserContext} T
 * @param {T} pages what opens them
 */
function patient(pages) {
  const newPage = pages.newPage.bind(pages);
  pages.newPage = async (...options) => {
    const page = await newPage(...options);
    page.setDefaultTimeout(PATIENCE);
    return page;
  };
  return pages;
}

/**
 * @param {string} profile
 * @param {string} downloads
 * @param {Record<string, unknown>} prefs
 * @param {boolean} acceptInsecureCerts
 */
function launchFirefox(profile, downloads, prefs, acceptInsecureCerts) {
  return puppeteer.launch({
    acceptInsecureCerts,
    browser: "firefox",
    executablePath: FIREFOX,
    userDataDir: profile,
    timeout: PATIENCE,
    headless: true,
    extraPrefsFirefox: {
      "app.update.enabled": false,
      "browser.download.alwaysOpenPanel": false,
      "browser.download.dir": downloads,
      "browser.download.folderList": 2,
      "browser.startup.page": 0,
      "datareporting.policy.dataSubmissionEnabled": false,
      "intl.accept_languages": "en-GB, en",
      // The canary of leak.test.mjs listens on the loopback alone, where Firefox would not look for a peer.
      "media.peerconnection.ice.loopback": true,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      // puppeteer's profile relaxes this; readers' browsers do not.
      "security.fileuri.strict_origin_policy": true,
      "services.settings.server": "",
      "toolkit.telemetry.enabled": false,
      ...prefs,
    },
  });
}

/**
 * @param {string} profile
 * @param {string[]} args
 */
function launchChromium(profile, args) {
  return puppeteer.launch({
    executablePath: CHROME,
    userDataDir: profile,
    timeout: PATIENCE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // The address bar's own pages, each in a process of its own: half of what the browser costs to start.
      "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
      ...args,
    ],
  });
}

/**
 * Opens a page and waits until it has settled. Collects what it says on the console and every address it asks for.
 *
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} url
 * @param {{ width?: number, height?: number, density?: number, dark?: boolean, state?: string }} [options]
 */
export async function visit(browser, url, options) {
  const page = await browser.newPage();
  const visited = { page, complaints: [], requests: [] };
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) visited.complaints.push(message.text());
  });
  page.on("pageerror", (error) => visited.complaints.push(String(error)));
  page.on("request", (request) => visited.requests.push(request.url()));
  clickAgain(page);
  await visitAgain(visited, url, options);
  return visited;
}

/**
 * Brings a page that was visited back to its first state, as a reader does: by loading it anew, which leaves nothing of what
 * was open. Its renderer, and what the browser has compiled of its files, stay.
 *
 * @param {Awaited<ReturnType<typeof visit>>} visited
 * @param {string} url
 * @param {Parameters<typeof visit>[2]} [options]
 */
export async function visitAgain(
  visited,
  url,
  { width = 1440, height = 900, density = 1, dark = false, state = "ready" } = {},
) {
  const { page } = visited;
  Object.assign(visited, { complaints: [], requests: [] });
  await page.setViewport({ width, height, deviceScaleFactor: density });
  const scheme = dark ? "dark" : "light";
  if (!isFirefox) {
    await page.emulateMediaType(undefined);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  }
  // Firefox is asked for a theme as a reader would: by the address.
  const asks = isFirefox && !url.includes("theme=");
  await load(page, asks ? `${url}${url.includes("#") ? "&" : "#"}theme=${scheme}` : url);
  await settled(page, state).catch((error) => {
    throw new Error(`${error.message}; the console says: ${visited.complaints.join(" | ") || "nothing"}`);
  });
}

/** Loads an address, also where that of the page differs from it by no more than what stands after the "#". */
async function load(page, url) {
  const bare = (/** @type {string} */ address) => address.split("#")[0];
  if (bare(page.url()) !== bare(url)) return page.goto(url);
  await page.evaluate((address) => history.replaceState(null, "", address), url);
  return page.reload();
}

/**
 * A button may be drawn anew between being found and being clicked: then it is found again.
 * @param {import("puppeteer-core").Page} page
 */
function clickAgain(page) {
  const click = page.click.bind(page);
  page.click = async (selector, options) => {
    for (let tries = 0; ; tries++) {
      try {
        return await click(selector, options);
      } catch (error) {
        if (tries === 5 || !/detached/.test(error.message)) throw error;
      }
    }
  };
}

/** Waits until the page's last action has ended, and makes sure how. */
export async function settled(page, state = "ready", timeout = PATIENCE) {
  // Firefox may run this before a page that is loaded again has a body.
  const ended = () => ["ready", "error"].includes(document.body?.dataset.state);
  await page.waitForFunction(ended, { timeout, polling: 50 });
  const [actual, alert] = await page.evaluate(() => [
    document.body.dataset.state,
    document.querySelector("[role=alert]").textContent,
  ]);
  if (actual !== state) throw new Error(`the page is in state "${actual}", not "${state}": ${alert}`);
}

/**
 * Waits until something holds in a page that may leave for other pages meanwhile: a question in the middle of a navigation
 * is lost with the page that it was put to.
 * @param {import("puppeteer-core").Page} page
 * @param {string | (() => unknown)} question
 */
export async function eventually(page, question) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    if (await page.evaluate(question).catch(() => false)) return;
  }
  throw new Error(`waited ${PATIENCE / 1000} s for ${question}`);
}

/** A digest of a picture's pixels, its size, and how many different colours it has. */
export function picture(page, name) {
  return page.evaluate(async (grid) => {
    const canvas = document.querySelector(`canvas[data-grid="${grid}"]`);
    // A copy made for reading: reading the page's own canvas again and again would move it off the graphics card.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    const colours = new Set(new Uint32Array(data.buffer));
    return {
      width: canvas.width,
      height: canvas.height,
      colours: colours.size,
      digest: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    };
  }, name);
}

/** All three pictures. */
export async function pictures(page) {
  return {
    input: await picture(page, "input"),
    lrp: await picture(page, "lrp"),
    gradient: await picture(page, "gradient"),
  };
}

/** Prints the page into a PDF, on A4 lying on its side, and counts the sheets. */
export async function sheets(page) {
  const pdf = Buffer.from(await page.pdf({ landscape: true, format: "a4", printBackground: true }));
  const text = pdf.toString("latin1");
  if (!text.startsWith("%PDF-")) throw new Error(`no PDF: ${text.slice(0, 20)}`);
  // Firefox packs what says so.
  const packed = [...text.matchAll(/stream\r?\n/g)].map(({ index, 0: { length } }) => pdf.subarray(index + length));
  const unpacked = packed.map((bytes) => {
    try {
      return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
    } catch {
      return "";
    }
  });
  return [text, ...unpacked].join("\n").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

/** What people read at a selector. */
export function text(page, selector) {
  return page.$eval(selector, (element) => element.textContent.replace(/\s+/g, " ").trim());
}

/**
 * Drops files on the page, as from the desktop.
 * @param {{ name: string, content: string | Uint8Array }[]} files
 */
export async function drop(page, files) {
  const sent = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString("base64") }));
  await page.evaluate((all) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of all) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, options));
  }, sent);
}

/** Drops files and waits until the page has taken or refused them. */
export async function dropAndWait(page, files, state) {
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await drop(page, files);
  await settled(page, state);
}

/** A file of the repository. */
export function file(path) {
  return readFile(join(ROOT, path));
}

/** Writes a screenshot into `target/screenshots`, for people to look at. */
export async function shoot(page, name, options = {}) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), ...options });
}
