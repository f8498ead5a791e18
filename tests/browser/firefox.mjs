// A real Firefox for the tests that both engines have to pass; Chromium's is browser.mjs.

import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const FIREFOX = [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => path && existsSync(path));

/** Why there is none, if so. */
export const noFirefox = FIREFOX ? false : "no Firefox here: install one, or name it with FIREFOX";

/** Starts a Firefox with an empty profile that asks the network for nothing by itself. */
export async function launchFirefox() {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    extraPrefsFirefox: {
      // puppeteer's profile relaxes these; readers' browsers do not.
      "security.fileuri.strict_origin_policy": true,
      // The canary listens on the loopback alone, where Firefox would not look for a peer.
      "media.peerconnection.ice.loopback": true,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "browser.safebrowsing.malware.enabled": false,
      "services.settings.server": "data:,",
    },
  });
  return { browser, close: () => browser.close() };
}
