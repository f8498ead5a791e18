// What the page hands over to be kept, as it arrives on the disk.

import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { PATIENCE, isFirefox } from "./browser.mjs";

/** Endings of files that are still being written. */
const UNFINISHED = /\.(crdownload|part)$/;

/**
 * Does what starts a download, and gives the file.
 *
 * @param {{ downloads: string }} launched what `launch` gave
 * @param {import("puppeteer-core").Page} page
 * @param {() => Promise<unknown>} start
 * @returns {Promise<{ name: string, content: Buffer }>}
 */
export async function download({ downloads }, page, start) {
  if (!isFirefox) {
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  }
  for (const name of await readdir(downloads)) await rm(join(downloads, name));
  await start();
  let before = "";
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    const names = await readdir(downloads);
    const [name] = names;
    if (!name || names.length > 1 || UNFINISHED.test(name)) continue;
    const content = await readFile(join(downloads, name)).catch(() => Buffer.alloc(0));
    // Firefox makes an empty file of the name first, and writes into one of a passing name: what is kept stays as it is.
    const now = content.length > 0 ? `${name} ${content.length}` : "";
    if (now && now === before) {
      await rm(join(downloads, name));
      return { name, content };
    }
    before = now;
  }
  throw new Error("nothing was downloaded");
}
