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
  await start();
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const names = await readdir(downloads);
    const [name] = names;
    if (!name || names.some((entry) => UNFINISHED.test(entry))) continue;
    const content = await readFile(join(downloads, name));
    // Firefox makes an empty file of the name first.
    if (content.length === 0) continue;
    await rm(join(downloads, name));
    return { name, content };
  }
  throw new Error("nothing was downloaded");
}
